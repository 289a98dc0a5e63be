//! [`Document`] → facts that the file alone shows. Pure. What services are like is told of end states, in `relate`.

use super::claim;
use super::document::Document;
use super::schema::{self, Wrong};
use super::subjects::{Field, File};
use crate::fact::{Data, Fact, Value};
use crate::path::file_name;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::Node;

/// The usual order of the outermost keys.
const ORDER: [&str; 9] =
    ["version", "name", "include", "services", "networks", "volumes", "secrets", "configs", "models"];

/// Every fact of a file.
pub(super) fn facts<'s>(document: Option<&Document<'s>>, source: &'s Source) -> Vec<Fact<'s>> {
    let root = document.map(|document| document.root);
    let mut facts = vec![file(source, root)];
    if let Some(root) = root {
        facts.extend(schema::wrong(root).into_iter().map(|wrong| field(wrong, source)));
    }
    facts
}

fn file<'s>(source: &'s Source, root: Option<Node<'s>>) -> Fact<'s> {
    let tree = source.tree();
    let problem = tree.problems.first();
    let first = root.and_then(|root| root.entries().next()).map(|entry| entry.key.span());
    let place = problem.map(|problem| problem.span).or(first).unwrap_or(source.whole().at_start());
    let entry = |key| root.and_then(|root| root.entry(key));
    let version = entry("version").map(|entry| Value::str(entry.value.text(), entry.key.span()));
    let name = entry("name").map_or(Value::bool(false, place), |entry| Value::bool(true, entry.value.span()));
    let services = entry("services").map(|entry| entry.value);
    let count = services.map_or(0, |services| services.entries().len());
    let repeated: Vec<Value<'s>> = tree
        .duplicates
        .iter()
        .map(|pair| Value::str(source.text().get(pair.second.range()).unwrap_or_default(), pair.second))
        .collect();
    let unsorted = services.and_then(first_unsorted);
    let unordered = root.and_then(first_unordered);
    let fact = File {
        is_yaml: Value::bool(problem.is_none() && root.is_some(), place),
        problem: Value::option(problem.map(|problem| Data::Str(problem.message.as_str().into())), place),
        version: version.unwrap_or(Value::absent(place)),
        has_name: name,
        services: Value::int(i64::try_from(count).unwrap_or(i64::MAX), place),
        is_override: Value::bool(is_override(source.path()), place),
        repeated_keys: Value::list(repeated, place),
        is_sorted: Value::bool(unsorted.is_none(), unsorted.unwrap_or(place)),
        is_ordered: Value::bool(unordered.is_none(), unordered.unwrap_or(place)),
    };
    fact.fact(place, "file", source.role)
}

/// Whether the name says that the file only changes others.
pub(crate) fn is_override(path: &str) -> bool {
    claim::is_named(path) && file_name(path).split(['.', '-', '_']).any(|word| word == "override")
}

fn first_unsorted(services: Node<'_>) -> Option<Span> {
    let names: Vec<Node<'_>> = services.entries().map(|entry| entry.key).collect();
    names.windows(2).find(|pair| pair[0].text() > pair[1].text()).map(|pair| pair[1].span())
}

fn first_unordered(root: Node<'_>) -> Option<Span> {
    let mut highest = 0;
    root.entries().find_map(|entry| {
        let rank = ORDER.iter().position(|key| *key == entry.key.text())?;
        let is_late = rank < highest;
        highest = highest.max(rank);
        is_late.then(|| entry.key.span())
    })
}

fn field<'s>(wrong: Wrong<'s>, source: &Source) -> Fact<'s> {
    let key = wrong.entry.key.span();
    let value = wrong.entry.value.span();
    let place = if wrong.is_unknown_key || value.start == value.end { key } else { value };
    let path = wrong.path.clone();
    let fact = Field {
        path: Value::str(wrong.path, key),
        is_known: Value::bool(!wrong.is_unknown_key, key),
        is_valid: Value::bool(wrong.is_unknown_key, place),
        problem: Value::str(wrong.problem, key),
        instead: Value::option(wrong.instead.map(|text| Data::Str(text.into())), key),
    };
    fact.fact(key, path, source.role)
}
