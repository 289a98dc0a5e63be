//! [`Document`] → facts. Pure; each kind of fact has its own file.

use std::sync::Arc;

use super::document::{Document, Gap, Object};
use super::fields;
use super::removed;
use super::subjects;
use super::{access, container, pod};
use crate::fact::{Data, Fact, Reason, Value};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// Every fact of a document.
pub(super) fn facts<'s>(document: &Document<'s>, source: &'s Source) -> Vec<Fact<'s>> {
    let mut facts = Vec::with_capacity(document.objects.len() * 8);
    for object in &document.objects {
        let from = facts.len();
        facts.push(object_fact(object));
        for wrong in fields::wrong(object) {
            facts.push(field_fact(object, wrong));
        }
        if let Some(row) = object.workload {
            facts.push(pod::workload_fact(object, row));
            for found in &object.pods {
                container::pod_facts(object, row, *found, &mut facts);
            }
        }
        access::facts(object, &mut facts);
        // Sorted in small pieces, so that sorting all of them finds little to do.
        facts[from..].sort_by_key(|fact| fact.span.start);
    }
    duplicates(document, source, &mut facts);
    facts.extend(document.gaps.iter().map(|gap| gap_fact(gap, source)));
    facts
}

/// A field of `metadata` and the like as text; absent when it is not there or empty.
pub(super) fn text<'s>(node: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    match node {
        Some(node) if !node.text().is_empty() => Value::str(node.text(), node.span()),
        _ => Value::absent(fallback),
    }
}

/// A part of the tree; absent when it is not there or null.
pub(super) fn part<'s>(node: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    match node {
        Some(node) if !node.is_null() => Value::node(node),
        _ => Value::absent(fallback),
    }
}

/// A number; absent when it is none.
pub(super) fn number<'s>(value: Option<i64>, span: Span) -> Value<'s> {
    Value::option(value.map(Data::Int), span)
}

/// A number in the tree, `default` when it is not there, unknown when something else stands in its place.
pub(super) fn number_or<'s>(node: Option<Node<'s>>, default: i64, fallback: Span) -> Value<'s> {
    match node.filter(|node| !node.is_null()) {
        None => Value::int(default, fallback),
        Some(node) => match node.as_int().or_else(|| node.text().parse().ok()) {
            Some(value) => Value::int(value, node.span()),
            None => Value::unknown(unresolved(), node.span()),
        },
    }
}

/// Why a value that another tool fills in is unknown.
pub(super) fn unresolved() -> Reason {
    Reason::Unresolved("a value is filled in by another tool".into())
}

/// A boolean in the tree; text that looks like one counts as it was meant (the wrong type is a fact of its own).
pub(super) fn truth(node: Option<Node<'_>>) -> Option<bool> {
    let node = node?;
    node.as_bool().or_else(|| match node.text() {
        "true" | "True" => Some(true),
        "false" | "False" => Some(false),
        _ => None,
    })
}

/// Whether a field is switched on, shown by the field, else by `fallback`.
pub(super) fn switch<'s>(node: Option<Node<'s>>, default: bool, fallback: Span) -> Value<'s> {
    match node.filter(|node| !node.is_null()) {
        None => Value::bool(default, fallback),
        Some(node) => match truth(Some(node)) {
            Some(value) => Value::bool(value, node.span()),
            None => Value::unknown(unresolved(), node.span()),
        },
    }
}

/// The texts of a list.
pub(super) fn texts<'s>(node: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    let Some(node) = node else { return Value::list(Vec::new(), fallback) };
    let values = node.items().map(|item| Value::str(item.text(), item.span())).collect();
    Value::list(values, node.span())
}

fn object_fact<'s>(object: &Object<'s>) -> Fact<'s> {
    let place = object.place;
    let lifecycle = removed::lifecycle(object.api_version, object.kind);
    let minor = lifecycle.map_or(0, |row| row.removed);
    let is_removed = minor > 0 && minor <= removed::OLDEST_SUPPORTED;
    let version = (minor > 0).then(|| Data::Str(format!("1.{minor}").into()));
    let replacement = lifecycle.map(|row| row.replacement).filter(|text| !text.is_empty());
    subjects::Object {
        api_version: Value::str(object.api_version, object.api_version_at),
        kind: Value::str(object.kind, object.root.get("kind").map_or(place, Node::span)),
        name: text(object.name(), place),
        namespace: text(object.namespace(), place),
        labels: part(object.meta("labels"), place),
        annotations: part(object.meta("annotations"), place),
        manifest: Value::node(object.root),
        spec: part(object.spec(), place),
        is_removed: Value::bool(is_removed, object.api_version_at),
        is_deprecated: Value::bool(lifecycle.is_some() && !is_removed, object.api_version_at),
        removed_in: Value::option(version, object.api_version_at),
        replacement: Value::option(replacement.map(|text| Data::Str(text.into())), object.api_version_at),
        is_system: Value::bool(object.is_system(), object.namespace().map_or(place, Node::span)),
    }
    .fact(place, Arc::clone(&object.path), object.role)
}

fn gap_fact<'s>(gap: &Gap, source: &'s Source) -> Fact<'s> {
    let form = match gap.reason {
        _ if gap.is_patch => "patch",
        Reason::Template(_) => "template",
        _ => "syntax",
    };
    subjects::Gap { form: Value::str(form, gap.span) }.fact(gap.span, source.path(), source.role)
}

fn field_fact<'s>(object: &Object<'s>, wrong: fields::Wrong) -> Fact<'s> {
    let path = format!("{}/{}", object.path, wrong.path);
    subjects::Field {
        path: Value::str(wrong.path, wrong.span),
        problem: Value::str(wrong.problem, wrong.span),
        expected: Value::str(wrong.expected, wrong.span),
        kind: Value::str(object.kind, wrong.span),
    }
    .fact(wrong.span, path, object.role)
}

/// Keys written twice, each with the object it is in.
fn duplicates<'s>(document: &Document<'s>, source: &'s Source, facts: &mut Vec<Fact<'s>>) {
    let mut objects = document.objects.iter().peekable();
    for duplicate in &source.tree().duplicates {
        while objects.peek().is_some_and(|object| object.root.span().end < duplicate.second.end) {
            objects.next();
        }
        let Some(object) = objects.peek().filter(|object| object.root.span().contains(duplicate.second)) else {
            continue;
        };
        let key = source.text().get(duplicate.second.range()).unwrap_or_default().trim_matches(['"', '\'']).to_owned();
        let wrong = fields::Wrong {
            span: duplicate.second,
            path: key,
            problem: "duplicate",
            expected: "one value for each key".to_owned(),
        };
        facts.push(field_fact(object, wrong));
    }
}

/// The key's place of an entry that is there, else `fallback`: where something missing belongs.
pub(super) fn key_place(parent: Option<Node<'_>>, key: &str, fallback: Span) -> Span {
    parent
        .filter(|parent| parent.kind() == Kind::Map)
        .and_then(|parent| parent.entry(key))
        .map_or(fallback, |entry| entry.key.span())
}
