//! Files laid over one another, by the rules of the Compose specification: scalars are replaced, mappings merged, lists
//! appended, and lists whose entries have an identity (ports, mounts, secrets, devices) merged by it.

use std::collections::HashMap;

use super::ports;
use super::scope::Scope;
use crate::inspect::compose::document::{Form, Part, Wish};

/// Lays `over` onto `base`; `path` are the keys from the service (or the top level) to both.
pub(super) fn merge<'s>(base: &mut Part<'s>, over: Part<'s>, path: &[&str], scope: &Scope) {
    match over.wish {
        Wish::Reset => {
            base.form = Form::Null;
            (base.raw, base.at) = ("", over.at);
            return;
        }
        Wish::Override => return replace(base, over),
        Wish::Merge => {}
    }
    if replaces(base, &over, path, scope) {
        return replace(base, over);
    }
    match (&mut base.form, over.form) {
        (Form::Map(entries), Form::Map(others)) => merge_maps(entries, others, path, scope),
        (Form::List(items), Form::List(others)) => merge_lists(items, others, path, scope),
        // An entry of `environment` without a value takes it from the shell; elsewhere nothing replaces nothing.
        (Form::Map(_) | Form::List(_), Form::Null) => {}
        (_, form) => {
            base.form = form;
            (base.raw, base.at, base.key_at) = (over.raw, over.at, over.key_at);
        }
    }
}

fn replace<'s>(base: &mut Part<'s>, over: Part<'s>) {
    *base = Part { key: base.key, wish: Wish::Merge, ..over };
}

/// Whether the later file's value stands alone.
fn replaces(base: &Part<'_>, over: &Part<'_>, path: &[&str], scope: &Scope) -> bool {
    match path {
        ["command" | "entrypoint"] | ["healthcheck", "test"] => over.form != Form::Null,
        ["ulimits", _] => true,
        // Options belong to their driver.
        ["logging"] => {
            let driver = |part: &Part<'_>| Some(scope.known(part.get("driver")?)?.into_owned());
            let (one, other) = (driver(base), driver(over));
            one.is_some() && other.is_some() && one != other
        }
        _ => false,
    }
}

fn merge_maps<'s>(entries: &mut Vec<Part<'s>>, others: Vec<Part<'s>>, path: &[&str], scope: &Scope) {
    let mut places: HashMap<&str, usize> = entries.iter().enumerate().map(|(at, entry)| (entry.key, at)).collect();
    for other in others {
        match places.get(other.key).and_then(|at| entries.get_mut(*at)) {
            Some(entry) => {
                let path: Vec<&str> = path.iter().copied().chain([other.key]).collect();
                merge(entry, other, &path, scope);
            }
            None if other.wish == Wish::Reset => {}
            None => {
                places.insert(other.key, entries.len());
                entries.push(other);
            }
        }
    }
}

fn merge_lists<'s>(items: &mut Vec<Part<'s>>, others: Vec<Part<'s>>, path: &[&str], scope: &Scope) {
    let mut places: HashMap<String, usize> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        places.entry(identity(item, path, scope)).or_insert(at);
    }
    for other in others {
        let identity = identity(&other, path, scope);
        match places.get(&identity).and_then(|at| items.get_mut(*at)) {
            Some(item) => *item = other,
            None => {
                places.insert(identity, items.len());
                items.push(other);
            }
        }
    }
}

/// What two entries of a list have in common when the later one takes the place of the earlier.
fn identity(item: &Part<'_>, path: &[&str], scope: &Scope) -> String {
    let text = || scope.text(item).text.into_owned();
    let field = |key: &str| item.get(key).map(|part| scope.text(part).text.into_owned()).unwrap_or_default();
    let is_map = matches!(item.form, Form::Map(_));
    match path {
        ["ports"] => ports::read(item, scope).map_or_else(text, |port| port.identity()),
        ["volumes"] if is_map => field("target"),
        ["volumes" | "devices"] => {
            let text = text();
            super::mounts::split(&text).1.to_owned()
        }
        ["secrets" | "configs"] if is_map => {
            let target = field("target");
            if target.is_empty() { field("source") } else { target }
        }
        _ if is_map => {
            item.scalars().into_iter().map(|part| format!("{}={}\n", part.key, scope.text(part).text)).collect()
        }
        _ => text(),
    }
}
