//! Text → [`Document`]: merge keys and anchors resolved, short forms written out.

use super::document::{Document, Form, Gap, Part, Wish};
use crate::fact::Reason;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::{Dialect, Kind, Node, Style};

/// Levels that are read; compose files have about eight.
const DEPTH: u8 = 24;

/// Parts of a file that are merged with those of others.
pub(crate) const MERGED: [&str; 6] = ["services", "networks", "volumes", "secrets", "configs", "include"];

/// Reads `source`, as far as it can be read.
pub(crate) fn read<'s>(source: &'s Source, gaps: &mut Vec<Gap>) -> Option<Document<'s>> {
    let tree = source.tree();
    if let Some(span) = tree.template {
        let reason = Reason::Template("the file is a template that another tool fills in".into());
        gaps.push(Gap { span, reason });
        return None;
    }
    for problem in &tree.problems {
        gaps.push(Gap { span: problem.span, reason: Reason::Syntax(problem.message.as_str().into()) });
    }
    let root = tree.documents(Dialect::Core).find(|root| root.kind() == Kind::Map)?;
    let mut parts = Vec::new();
    for entry in root.merged_entries() {
        if MERGED.contains(&entry.key.text()) {
            parts.push(part(entry.key.text(), entry.key.span(), entry.value, DEPTH));
        }
    }
    if let Some(services) = parts.iter_mut().find(|part| part.key == "services") {
        normalize_services(services, gaps);
    }
    Some(Document { root, parts })
}

fn part<'s>(key: &'s str, key_at: Span, node: Node<'s>, depth: u8) -> Part<'s> {
    let wish = match node.tag() {
        Some("!reset") => Wish::Reset,
        Some("!override") => Wish::Override,
        _ => Wish::Merge,
    };
    let form = match node.kind() {
        _ if depth == 0 => Form::Null,
        Kind::Null => Form::Null,
        Kind::Map => Form::Map(
            node.merged_entries()
                .into_iter()
                .map(|entry| part(entry.key.text(), entry.key.span(), entry.value, depth - 1))
                .collect(),
        ),
        Kind::List => Form::List(node.items().map(|item| part("", item.span(), item, depth - 1)).collect()),
        Kind::Bool => Form::Bool(node.as_bool().unwrap_or_default()),
        _ => Form::Scalar { is_settled: node.style() != Style::Plain },
    };
    Part { key, key_at, at: node.span(), raw: node.text(), form, wish }
}

fn normalize_services(services: &mut Part<'_>, gaps: &mut Vec<Gap>) {
    let Form::Map(entries) = &mut services.form else { return };
    entries.retain_mut(|service| match service.form {
        Form::Map(_) => {
            normalize_service(service);
            true
        }
        _ if service.wish == Wish::Reset => true,
        _ => {
            let reason = Reason::Syntax(format!("the service `{}` is no mapping", service.key).into());
            gaps.push(Gap { span: service.key_at, reason });
            false
        }
    });
}

/// Short forms are written out, so that files merge and rules read one form only.
fn normalize_service(service: &mut Part<'_>) {
    let Form::Map(entries) = &mut service.form else { return };
    for entry in entries {
        match entry.key {
            "environment" | "labels" | "annotations" | "sysctls" => pairs(entry, &['=']),
            "extra_hosts" => pairs(entry, &['=', ':']),
            "depends_on" | "networks" => names(entry),
            "env_file" | "profiles" | "dns" | "tmpfs" => listed(entry),
            "build" => build(entry),
            _ => {}
        }
    }
}

fn build(part: &mut Part<'_>) {
    if part.is_scalar() {
        let context = Part { key: "context", ..part.clone() };
        part.form = Form::Map(vec![context]);
        part.raw = "";
    }
    if let Form::Map(entries) = &mut part.form {
        for entry in entries.iter_mut().filter(|entry| matches!(entry.key, "args" | "labels")) {
            pairs(entry, &['=']);
        }
    }
}

/// `[A=b, C]` → `{A: b, C: }`. What is written twice counts as it is written last.
fn pairs(part: &mut Part<'_>, separators: &[char]) {
    let Form::List(items) = &mut part.form else { return };
    let mut entries: Vec<Part<'_>> = Vec::with_capacity(items.len());
    let mut places: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for item in std::mem::take(items) {
        if !item.is_scalar() {
            continue;
        }
        let entry = pair(item, separators);
        match places.get(entry.key) {
            Some(place) => {
                if let Some(earlier) = entries.get_mut(*place) {
                    *earlier = entry;
                }
            }
            None => {
                places.insert(entry.key, entries.len());
                entries.push(entry);
            }
        }
    }
    part.form = Form::Map(entries);
}

fn pair<'s>(item: Part<'s>, separators: &[char]) -> Part<'s> {
    let Some(cut) = item.raw.find(separators) else {
        return Part { key: item.raw, raw: "", form: Form::Null, ..item };
    };
    let (key, value) = (item.raw.get(..cut).unwrap_or_default(), item.raw.get(cut + 1..).unwrap_or_default());
    // Places within the text hold only where it is written without escapes.
    let width = (item.at.end - item.at.start) as usize;
    let quotes = width.checked_sub(item.raw.len());
    let shift = match quotes {
        Some(0) => Some(0),
        Some(2) => Some(1),
        _ => None,
    };
    let place = |from: usize, to: usize| match shift {
        Some(shift) if from < to => {
            let start = item.at.start as usize + shift;
            Span::new(item.at.source, start + from..start + to)
        }
        _ => item.at,
    };
    let (key_at, at) = (place(0, cut), place(cut + 1, item.raw.len()));
    Part { key, key_at, at, raw: value, form: Form::Scalar { is_settled: true }, wish: item.wish }
}

/// `[a, b]` → `{a: , b: }`.
fn names(part: &mut Part<'_>) {
    let Form::List(items) = &mut part.form else { return };
    let items = std::mem::take(items).into_iter().filter(|item| item.is_scalar());
    part.form = Form::Map(items.map(|item| Part { key: item.raw, raw: "", form: Form::Null, ..item }).collect());
}

/// `a` → `[a]`.
fn listed(part: &mut Part<'_>) {
    if part.is_scalar() {
        let item = Part { key: "", key_at: part.at, ..part.clone() };
        part.form = Form::List(vec![item]);
        part.raw = "";
    }
}
