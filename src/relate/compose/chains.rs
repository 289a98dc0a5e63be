//! Which files of a folder make an end state: what compose takes by itself, what `COMPOSE_FILE` names, and each layer
//! with the base that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{File, Files, join};
use super::scope::Scope;
use crate::inspect::compose::document::{Form, Part};

/// Layers that one layer needs, beside the base.
const LAYERS: usize = 6;

/// File → the services that it describes whole.
type Given<'s> = BTreeMap<usize, BTreeSet<&'s str>>;

/// The files that others include or extend, which are not judged by themselves.
pub(super) fn used(files: &mut Files<'_, '_>) -> BTreeSet<usize> {
    let mut named = Vec::new();
    for file in &files.list {
        for part in &file.document.parts {
            match part.key {
                "include" => {
                    let paths = part.scalars().into_iter().filter(|one| matches!(one.key, "" | "path"));
                    named.extend(paths.map(|one| (join(file.folder, one.raw), true)));
                }
                "services" => {
                    let extended = part.entries().iter().filter_map(|one| one.at_path(&["extends", "file"]));
                    named.extend(extended.map(|one| (join(file.folder, one.raw), false)));
                }
                _ => {}
            }
        }
    }
    let mut used = BTreeSet::new();
    for (path, is_included) in named {
        let Some(index) = path.and_then(|path| files.at(&path)) else { continue };
        if is_included || files.list.get(index).is_some_and(|file| !file.is_default()) {
            used.insert(index);
        }
    }
    used
}

/// The end states of a folder, each a list of files in the order in which they are laid over one another.
pub(super) fn chains(files: &Files<'_, '_>, own: &[usize], used: &BTreeSet<usize>, scope: &Scope) -> Vec<Vec<usize>> {
    let own: Vec<usize> = own.iter().copied().filter(|index| !used.contains(index)).collect();
    let file = |index: &usize| files.list.get(*index);
    let is = |index: &usize, test: fn(&File<'_>) -> bool| file(index).is_some_and(test);
    let mut found: Vec<Vec<usize>> = Vec::new();
    found.extend(named(files, &own, scope));
    let bases: Vec<usize> = own.iter().copied().filter(|index| is(index, |file| file.is_default())).collect();
    let automatic: Vec<usize> = own.iter().copied().filter(|index| is(index, |file| file.is_automatic())).collect();
    let given: Given<'_> = own.iter().filter_map(|index| Some((*index, provides(files.list.get(*index)?)))).collect();
    let mut layered = BTreeSet::new();
    for index in own.iter().filter(|index| !bases.contains(index) && !automatic.contains(index)) {
        let chain = layer_chain(files, &own, &bases, &given, *index);
        if is(index, |file| file.role().is_shipped()) {
            layered.extend(chain.iter().copied().filter(|one| one != index));
        }
        found.push(chain);
    }
    for base in bases {
        // Without a base of its own, an override belongs to whatever base there is.
        let own_override: Vec<usize> = automatic.iter().copied().take(1).collect();
        if !own_override.is_empty() || !layered.contains(&base) {
            found.push([base].into_iter().chain(own_override).collect());
        }
    }
    if !own.iter().any(|index| is(index, |file| file.is_default())) {
        found.extend(automatic.into_iter().map(|one| vec![one]));
    }
    // What a layer builds on is judged with it, unless compose takes it by itself.
    let is_base = |chain: &[usize]| matches!(chain, [one] if layered.contains(one));
    found.retain(|chain| !is_base(chain) || chain.iter().any(|index| is(index, |file| file.is_default())));
    let mut seen = BTreeSet::new();
    found.retain(|chain| !chain.is_empty() && seen.insert(chain.clone()));
    found
}

/// What `COMPOSE_FILE` in `.env` names.
fn named(files: &Files<'_, '_>, own: &[usize], scope: &Scope) -> Option<Vec<usize>> {
    let said = scope.get("COMPOSE_FILE")?;
    let separator = scope.get("COMPOSE_PATH_SEPARATOR").unwrap_or(if said.contains(';') { ";" } else { ":" });
    let find = |name: &str| {
        let name = name.trim_start_matches("./");
        own.iter().copied().find(|index| files.list.get(*index).is_some_and(|file| file.name() == name))
    };
    said.split(separator).filter(|name| !name.is_empty()).map(find).collect()
}

/// A layer with its base, and with further layers that it needs.
fn layer_chain(files: &Files<'_, '_>, own: &[usize], bases: &[usize], given: &Given<'_>, index: usize) -> Vec<usize> {
    let Some(file) = files.list.get(index) else { return Vec::new() };
    let mut missing = needs(file);
    if missing.is_empty() {
        return vec![index];
    }
    let gives = |index: &usize| given.get(index);
    let helps = |index: &usize, missing: &BTreeSet<&str>| {
        gives(index).map_or(0, |given| missing.iter().filter(|name| given.contains(*name)).count())
    };
    let best = |from: &[usize], missing: &BTreeSet<&str>| {
        let others = from.iter().copied().filter(|one| *one != index);
        others.map(|one| (helps(&one, missing), std::cmp::Reverse(one))).max().filter(|(count, _)| *count > 0)
    };
    let called: Vec<usize> = own
        .iter()
        .copied()
        .filter(|one| files.list.get(*one).is_some_and(|other| names_base(other.name(), file.name())))
        .collect();
    let found = best(&called, &missing).or_else(|| best(bases, &missing)).or_else(|| best(own, &missing));
    let Some((_, std::cmp::Reverse(base))) = found else {
        return vec![index];
    };
    let mut chain = vec![base];
    let settle = |missing: &mut BTreeSet<&str>, one: usize| {
        missing.retain(|name| !gives(&one).is_some_and(|given| given.contains(name)));
    };
    settle(&mut missing, base);
    let others: Vec<usize> = own.iter().copied().filter(|one| *one != base && !bases.contains(one)).collect();
    while !missing.is_empty() && chain.len() <= LAYERS {
        let Some((_, std::cmp::Reverse(next))) = best(&others, &missing) else { break };
        if chain.contains(&next) {
            break;
        }
        chain.push(next);
        settle(&mut missing, next);
    }
    chain.push(index);
    chain
}

/// Whether `other` is called like the base of `file`: `a.base.yml` of `a.prod.yml`.
fn names_base(other: &str, file: &str) -> bool {
    let other: BTreeSet<&str> = other.split(['.', '-', '_']).collect();
    let file: BTreeSet<&str> = file.split(['.', '-', '_']).collect();
    let is_base = |word: &str| matches!(word, "base" | "common");
    other.iter().any(|word| is_base(word)) && other.iter().all(|word| is_base(word) || file.contains(word))
}

/// The services that a file describes whole.
fn provides<'s>(file: &File<'s>) -> BTreeSet<&'s str> {
    file.written().iter().filter(|service| is_whole(service)).map(|service| service.key).collect()
}

fn is_whole(service: &Part<'_>) -> bool {
    ["image", "build", "extends", "provider"].iter().any(|key| service.get(key).is_some())
}

/// The services that a file changes, or whose names it uses, without describing them.
fn needs<'s>(file: &File<'s>) -> BTreeSet<&'s str> {
    if file.document.parts.iter().any(|part| part.key == "include" && part.form != Form::Null) {
        return BTreeSet::new();
    }
    let own: BTreeSet<&str> = provides(file);
    let mut needed = BTreeSet::new();
    for service in file.written() {
        needed.insert(service.key);
        let entries = service.get("depends_on").map_or(&[][..], Part::entries);
        needed.extend(entries.iter().map(|entry| entry.key));
        for key in ["network_mode", "pid", "ipc"] {
            needed.extend(service.get(key).and_then(|part| part.raw.strip_prefix("service:")));
        }
    }
    needed.retain(|name| !own.contains(name));
    needed
}
