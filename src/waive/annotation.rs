//! Annotations of Kubernetes objects by which peers are told to keep still about the object.

use std::ops::Range;

use super::directive::{Dialect, Directive, Meaning, Name, Reach};
use super::place::Placed;
use crate::source::Source;
use crate::syntax::tree::{Dialect as Scalars, Entry, Kind, Node};

/// Prefixes, so that a text without any is not read.
const MARKERS: [&str; 5] =
    ["checkov.io/skip", "ignore-check.kube-linter.io/", "kube-linter.io/ignore-all", "kube-score/ignore", POLARIS];
const POLARIS: &str = "polaris.fairwinds.com/";

/// How deep lists of objects may nest.
const LIST_DEPTH: u8 = 4;

/// Every suppression in the annotations of the source's objects.
pub(super) fn of(source: &Source) -> Vec<Placed> {
    let text = source.text().as_bytes();
    if !MARKERS.iter().any(|marker| memchr::memmem::find(text, marker.as_bytes()).is_some()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for root in source.tree().documents(Scalars::Yaml11) {
        object(root, LIST_DEPTH, &mut found);
    }
    found
}

fn object(root: Node<'_>, depth: u8, found: &mut Vec<Placed>) {
    let is_list = root.get("kind").and_then(Node::as_str).is_some_and(|kind| kind.ends_with("List"));
    if let Some(items) = root.get("items").filter(|items| is_list && items.kind() == Kind::List && depth > 0) {
        items.items().for_each(|item| object(item, depth - 1, found));
    }
    let Some(annotations) = root.at_path(&["metadata", "annotations"]) else { return };
    let covers = root.span().range();
    let directives = annotations.entries().filter_map(directive);
    found.extend(directives.map(|directive| Placed {
        directive,
        covers: covers.start..covers.end + 1,
        is_meant: true,
    }));
}

fn directive(entry: Entry<'_>) -> Option<Directive> {
    let (key, value) = (entry.key.text(), entry.value.text());
    let (key_at, value_at) = (entry.key.span().range(), entry.value.span().range());
    let alias = |word: &str, range: Range<usize>| Name {
        word: word.to_owned(),
        range,
        meaning: Meaning::Alias(word.to_owned()),
    };
    let all = |word: &str| Name { word: word.to_owned(), range: key_at.clone(), meaning: Meaning::Peer };
    let one = |tool: &'static str, names: Vec<Name>, reason: &str| {
        let reason = Some(reason.trim()).filter(|reason| !reason.is_empty()).map(str::to_owned);
        let range = key_at.start..value_at.end.max(key_at.end);
        let dialect = Dialect::Peer(tool);
        Some(Directive { dialect, range, names, reach: Reach::Node, reason, until: None, mistake: None })
    };
    if key.starts_with("checkov.io/skip") {
        let (id, reason) = value.split_once('=').unwrap_or((value, ""));
        return one("checkov", vec![alias(id.trim(), value_at.clone())], reason);
    }
    if let Some(check) = key.strip_prefix("ignore-check.kube-linter.io/") {
        return one("kube-linter", vec![alias(check, key_at.clone())], value);
    }
    if key == "kube-linter.io/ignore-all" {
        return one("kube-linter", vec![all("ignore-all")], value);
    }
    if key == "kube-score/ignore" {
        let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
        let meaning = |word: &str| if word == "*" { all(word) } else { alias(word, value_at.clone()) };
        return one("kube-score", words.map(meaning).collect(), "");
    }
    let check = key.strip_prefix(POLARIS)?;
    if !value.eq_ignore_ascii_case("true") {
        return None;
    }
    match check.strip_suffix("-exempt") {
        // `check.container-exempt` names one container; the object is the least that we can tell.
        Some(name) => one("polaris", vec![alias(name.split('.').next().unwrap_or(name), key_at.clone())], ""),
        None if check == "exempt" => one("polaris", vec![all("exempt")], ""),
        None => None,
    }
}
