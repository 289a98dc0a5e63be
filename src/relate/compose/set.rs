//! End states: what comes of the files that belong together.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::chains::{chains, used};
use super::files::{Files, Lost, Service, Why, layer};
use super::merge;
use super::scope::{Scope, reason};
use crate::fact::Reason;
use crate::inspect::compose::document::{Form, Part};
use crate::path::{file_name, folder};
use crate::source::Source;
use crate::span::Span;

/// Files that include one another.
const INCLUDES: usize = 256;

/// Values in all end states together, variables included; a service alone is worth as much as so many of them.
const VALUES: usize = 2_000_000;
const OF_A_SERVICE: usize = 20;

/// An end state.
#[derive(Debug)]
pub(super) struct Set<'s> {
    /// The files, as people would name them.
    pub(super) label: String,
    /// The folder of the project.
    pub(super) folder: &'s str,
    pub(super) scope: Scope,
    pub(super) services: Vec<Service<'s>>,
    by_name: HashMap<&'s str, usize>,
    /// Networks, volumes, secrets and configs of the top level.
    pub(super) tops: Vec<Part<'s>>,
    top_names: HashSet<(&'s str, &'s str)>,
    /// Where `services` stands in the first file that has it.
    pub(super) services_at: Option<Span>,
    /// Includes that lead nowhere.
    pub(super) lost: Vec<Lost<'s>>,
    /// Whether something belongs to it that was not seen.
    pub(super) is_partial: bool,
    /// The files that are laid over one another.
    pub(super) files: Vec<&'s Source>,
    /// The folder of every file that says something, by source.
    folders: HashMap<u32, &'s str>,
}

/// All end states.
pub(super) fn sets<'s>(files: &mut Files<'s, '_>) -> Vec<Set<'s>> {
    let mut folders: BTreeMap<&'s str, Vec<usize>> = BTreeMap::new();
    for (index, file) in files.list.iter().enumerate() {
        folders.entry(file.folder).or_default().push(index);
    }
    let used = used(files);
    let mut found = Vec::new();
    let mut total = 0;
    for (folder, own) in folders {
        let scope = scope(files, folder);
        for chain in chains(files, &own, &used, &scope) {
            let set = build(files, folder, &chain);
            total += set.size();
            if total > VALUES && !found.is_empty() {
                give_up(&mut found, &set);
                return found;
            }
            found.push(set);
        }
    }
    left_over(files, &used, &mut found);
    found
}

/// Files that include one another in a circle, so that none of them is the first.
fn left_over<'s>(files: &mut Files<'s, '_>, used: &BTreeSet<usize>, found: &mut Vec<Set<'s>>) {
    let mut seen: HashSet<u32> = found.iter().flat_map(|set| set.folders.keys().copied()).collect();
    for index in used {
        let Some((source, folder)) = files.list.get(*index).map(|file| (file.source, file.folder)) else { continue };
        if !seen.contains(&source.id.0) {
            let set = build(files, folder, &[*index]);
            seen.extend(set.folders.keys().copied());
            found.push(set);
        }
    }
}

/// Says that the end states from `left` on are not judged.
fn give_up<'s>(found: &mut [Set<'s>], left: &Set<'s>) {
    let reason = Reason::Limit(format!("the compose files hold more than {VALUES} values together").into());
    let Some((last, at)) = found.last_mut().zip(left.services_at) else { return };
    let name = left.label.clone();
    last.lost.push(Lost { form: "include", name, at, why: Why::Unseen(reason), owner: "" });
}

fn scope(files: &Files<'_, '_>, folder: &str) -> Scope {
    let dotenv = files.dotenv.get(folder).map_or(&[][..], Vec::as_slice);
    let env: Vec<&Source> = dotenv.iter().copied().filter(|source| file_name(source.path()) == ".env").collect();
    Scope::new(&env, dotenv.iter().copied().filter(|source| file_name(source.path()) != ".env"))
}

fn build<'s>(files: &mut Files<'s, '_>, folder: &'s str, chain: &[usize]) -> Set<'s> {
    let sources: Vec<&'s Source> =
        chain.iter().filter_map(|index| files.list.get(*index)).map(|it| it.source).collect();
    let names: Vec<&str> = sources.iter().map(|source| source.path()).collect();
    let mut set = Set {
        label: names.join(" + "),
        folder,
        scope: scope(files, folder),
        services: Vec::new(),
        by_name: HashMap::new(),
        tops: Vec::new(),
        top_names: HashSet::new(),
        services_at: None,
        lost: Vec::new(),
        is_partial: false,
        files: sources,
        folders: HashMap::new(),
    };
    let mut seen = 0;
    for index in chain {
        set.add(files, *index, &mut vec![*index], &mut seen);
    }
    set.services.retain(|service| service.part.form != Form::Null);
    set.by_name = set.services.iter().enumerate().map(|(at, service)| (service.name, at)).collect();
    let tops = set.tops.iter().flat_map(|part| part.entries().iter().map(|entry| (part.key, entry.key)));
    set.top_names = tops.collect();
    let is_whole =
        |service: &Service<'_>| ["image", "build", "provider"].iter().any(|key| service.part.get(key).is_some());
    set.is_partial |= set.services.iter().any(|service| !is_whole(service)) || !set.lost.is_empty();
    set.is_partial |= set.services.iter().any(|service| !service.lost.is_empty());
    set
}

impl<'s> Set<'s> {
    /// How many values it holds, the variables included.
    fn size(&self) -> usize {
        self.scope.len() + self.services.iter().map(|service| OF_A_SERVICE + service.part.size()).sum::<usize>()
    }

    /// The service of that name.
    pub(super) fn service(&self, name: &str) -> Option<&Service<'s>> {
        self.by_name.get(name).and_then(|index| self.services.get(*index))
    }

    /// The folder that relative paths written at `at` start from: the project's, or that of an included or extended
    /// file.
    pub(super) fn folder_of(&self, at: Span) -> &'s str {
        let is_own = self.files.iter().any(|source| source.id == at.source);
        if is_own { self.folder } else { self.folders.get(&at.source.0).copied().unwrap_or(self.folder) }
    }

    /// Whether what is written at `at` stands in a file that has to be asked for: a layer on top of the base.
    pub(super) fn is_added(&self, at: Span) -> bool {
        let is_layer = |source: &&'s Source| {
            let name = file_name(source.path());
            source.id == at.source && !name.contains("override") && !name.contains("prod")
        };
        self.files.iter().skip(1).any(is_layer)
    }

    /// Whether a section of the top level describes that name.
    pub(super) fn describes(&self, section: &str, name: &str) -> bool {
        self.top_names.contains(&(section, name))
    }

    /// A section of the top level.
    pub(super) fn top(&self, key: &str) -> &[Part<'s>] {
        self.tops.iter().find(|part| part.key == key).map_or(&[], |part| part.entries())
    }

    /// Lays a file over what is there, what it includes first.
    fn add(&mut self, files: &mut Files<'s, '_>, index: usize, way: &mut Vec<usize>, seen: &mut usize) {
        let Some(file) = files.list.get(index) else { return };
        let (id, own) = (file.source.id, file.folder);
        self.folders.insert(id.0, own);
        let parts = file.document.parts.clone();
        if let Some(include) = parts.iter().find(|part| part.key == "include") {
            self.include(files, include, own, way, seen);
        }
        for service in files.services(index, &self.scope) {
            for from in &service.from {
                self.folders.entry(from.0).or_insert_with(|| {
                    files.list.iter().find(|file| file.source.id == *from).map_or(own, |file| file.folder)
                });
            }
            match self.by_name.get(service.name).and_then(|at| self.services.get_mut(*at)) {
                Some(base) => layer(base, service, &self.scope),
                None => {
                    self.by_name.insert(service.name, self.services.len());
                    self.services.push(service);
                }
            }
        }
        for part in parts {
            match part.key {
                "services" => self.services_at = self.services_at.or(Some(part.key_at)),
                "include" => {}
                _ => match self.tops.iter_mut().find(|known| known.key == part.key) {
                    Some(base) => merge::merge(base, part, &[], &self.scope),
                    None => self.tops.push(part),
                },
            }
        }
    }

    fn include(
        &mut self,
        files: &mut Files<'s, '_>,
        include: &Part<'s>,
        own: &'s str,
        way: &mut Vec<usize>,
        seen: &mut usize,
    ) {
        let mut paths: Vec<&Part<'s>> = Vec::new();
        for item in include.items() {
            match item.get("path") {
                Some(path) if path.is_scalar() => paths.push(path),
                Some(path) => paths.extend(path.items()),
                None => paths.push(item),
            }
        }
        for path in paths.into_iter().filter(|path| path.is_scalar()) {
            let resolved = self.scope.text(path);
            let mut lose = |name: &str, why: Why| {
                self.lost.push(Lost { form: "include", name: name.to_owned(), at: path.at, why, owner: "" });
            };
            if let Some(name) = resolved.missing {
                lose(path.raw, Why::Unseen(reason(&name)));
                continue;
            }
            let index = match files.find(own, &resolved.text) {
                Ok(index) => index,
                Err(why) => {
                    lose(&resolved.text, why);
                    continue;
                }
            };
            let circle = way.iter().position(|step| *step == index);
            if let Some(first) = circle {
                let steps = way.iter().skip(first).chain([&index]);
                let steps: Vec<&str> = steps.filter_map(|step| files.list.get(*step)).map(|file| file.name()).collect();
                lose(&resolved.text, Why::Circle(steps.join(" → ")));
                continue;
            }
            *seen += 1;
            if *seen > INCLUDES || way.len() > 32 {
                let text = format!("more than {INCLUDES} files are included");
                lose(&resolved.text, Why::Unseen(Reason::Limit(text.into())));
                continue;
            }
            self.add_env(files, index);
            way.push(index);
            self.add(files, index, way, seen);
            way.pop();
        }
    }

    /// An included project brings the `.env` of its own folder.
    fn add_env(&mut self, files: &Files<'s, '_>, index: usize) {
        let Some(file) = files.list.get(index).filter(|file| file.folder != self.folder) else { return };
        let dotenv = files.dotenv.get(folder(file.source.path())).map_or(&[][..], Vec::as_slice);
        for source in dotenv.iter().filter(|source| file_name(source.path()) == ".env") {
            self.scope.add_missing(source);
        }
    }
}
