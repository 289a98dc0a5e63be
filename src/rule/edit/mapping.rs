//! Setting keys of mappings and taking entries out, in YAML's block and flow style and in JSON. What already stands
//! there stays as it is: indentation, quotes, order and comments.

use std::ops::Range;

use super::lines;
use crate::fact::Edit;
use crate::span::Span;
use crate::syntax::tree::{Dialect, Kind, Node, Style, Tree};

/// How much further a new level is indented.
const STEP: usize = 2;

/// Sets the key at the end of `path` below `map` to `value`; levels that are missing are made. `None` where that cannot
/// be done without touching something else: an alias, a list or text on the way.
pub(super) fn set(text: &str, map: Node<'_>, path: &[String], value: &str) -> Option<Edit> {
    let (mut map, mut path) = (map, path);
    loop {
        if is_alias(map) || map.kind() != Kind::Map {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let Some(entry) = map.entries().rev().find(|entry| entry.key.text() == first) else {
            return insert(text, map, path, value);
        };
        if is_alias(entry.value) {
            return None;
        }
        if rest.is_empty() {
            return replace(text, map, entry.key, entry.value, value);
        }
        match entry.value.kind() {
            Kind::Map => (map, path) = (entry.value, rest),
            Kind::Null if !is_flow(text, map) => {
                let column = column(text, entry.key)?;
                return below(text, entry.key, entry.value, column + STEP, rest, value);
            }
            Kind::Null => return replace(text, map, entry.key, entry.value, &flow(rest, value, is_json(text))),
            _ => return None,
        }
    }
}

/// The node of exactly that place, a key or a value.
pub(super) fn at(tree: &Tree, place: Span) -> Option<Node<'_>> {
    let mut found = tree.documents(Dialect::Core).find(|root| root.span().contains(place))?;
    while found.span() != place {
        let entries = found.entries().flat_map(|entry| [entry.key, entry.value]);
        found = found.items().chain(entries).find(|node| node.span().contains(place))?;
    }
    Some(found)
}

/// For a key its value, for everything else itself.
pub(super) fn value_of(node: Node<'_>) -> Node<'_> {
    let entry = node.parent().and_then(|parent| parent.entries().find(|entry| entry.key == node));
    entry.map_or(node, |entry| entry.value)
}

fn is_alias(node: Node<'_>) -> bool {
    node.target_id() != node.id()
}

fn is_flow(text: &str, node: Node<'_>) -> bool {
    text.get(node.span().range()).is_some_and(|text| text.starts_with(['{', '[']))
}

/// Another value for a key that is there.
fn replace(text: &str, map: Node<'_>, key: Node<'_>, old: Node<'_>, value: &str) -> Option<Edit> {
    let range = old.span().range();
    let written = text.get(range.clone())?;
    if old.style() == Style::Block || (matches!(old.kind(), Kind::Map | Kind::List) && !is_flow(text, old)) {
        return None;
    }
    if !written.is_empty() {
        return Some(Edit { span: old.span(), text: value.to_owned() });
    }
    // `key:` and nothing: behind the colon.
    let end = key.span().range().end;
    let colon =
        text.get(end..)?.find(':').filter(|at| text.get(end..end + at).is_some_and(|gap| gap.trim().is_empty()))?;
    let at = end + colon + 1;
    Some(Edit { span: Span::new(map.span().source, at..at), text: format!(" {value}") })
}

/// A new entry at the end of a mapping.
fn insert(text: &str, map: Node<'_>, path: &[String], value: &str) -> Option<Edit> {
    let source = map.span().source;
    let Some(last) = map.entries().last() else {
        let range = map.span().range();
        let inner = range.start + 1..range.end.checked_sub(1)?;
        let quoted = is_json(text);
        return is_flow(text, map).then(|| Edit { span: Span::new(source, inner), text: pair(path, value, quoted) });
    };
    if !is_flow(text, map) {
        let first = map.entries().next()?;
        return below(text, last.key, last.value, column(text, first.key)?, path, value);
    }
    let quoted = text.get(last.key.span().range())?.starts_with('"');
    let end = last.value.span().range().end.max(last.key.span().range().end);
    let from = lines::start(text, last.key.span().range().start);
    let before = text.get(from..last.key.span().range().start)?;
    let alone = before.trim().is_empty() && from > map.span().range().start;
    let gap = if alone { format!("{}{before}", lines::line_break(text, end)) } else { " ".to_owned() };
    Some(Edit { span: Span::new(source, end..end), text: format!(",{gap}{}", pair(path, value, quoted)) })
}

/// Whether keys have to be quoted: the whole text is one JSON value.
fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// A new entry in block style on the line after an entry, at `column`.
fn below(text: &str, key: Node<'_>, last: Node<'_>, column: usize, path: &[String], value: &str) -> Option<Edit> {
    let end = last.span().range().end.max(key.span().range().end);
    // A block of text ends with the break of its last line, and blank lines may follow.
    let kept = text.get(..end)?.trim_end_matches(['\n', '\r', ' ']).len();
    let at = lines::end(text, kept.max(key.span().range().end));
    let mut new = String::new();
    for (depth, key) in path.iter().enumerate() {
        new += lines::line_break(text, at);
        new += &" ".repeat(column + depth * STEP);
        new += &plain(key);
        new.push(':');
    }
    Some(Edit { span: Span::new(key.span().source, at..at), text: format!("{new} {value}") })
}

/// The cells before a key of a block mapping; `None` where something else than blanks and list marks stands there.
fn column(text: &str, key: Node<'_>) -> Option<usize> {
    let at = key.span().range().start;
    let before = text.get(lines::start(text, at)..at)?;
    before.bytes().all(|byte| matches!(byte, b' ' | b'-')).then_some(before.len())
}

/// `key: {key: value}` in flow style.
fn pair(path: &[String], value: &str, quoted: bool) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    let key = if quoted { format!("{first:?}") } else { plain(first) };
    let value = if rest.is_empty() { value.to_owned() } else { format!("{{{}}}", pair(rest, value, quoted)) };
    format!("{key}: {value}")
}

fn flow(path: &[String], value: &str, quoted: bool) -> String {
    format!("{{{}}}", pair(path, value, quoted))
}

/// A key as YAML takes it.
fn plain(key: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(harmless) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}

/// Takes out the entry that `node` is the key or the value of, or the item of a list that it is.
pub(super) fn remove(text: &str, node: Node<'_>) -> Option<Edit> {
    let parent = node.parent()?;
    let siblings: Vec<Range<usize>> = match parent.kind() {
        Kind::List => parent.items().map(|item| item.span().range()).collect(),
        _ => parent.entries().map(|entry| entry.key.span().range().start..end_of(entry.key, entry.value)).collect(),
    };
    let index = siblings.iter().position(|range| range.contains(&(node.span().start as usize)))?;
    let own = siblings.get(index)?.clone();
    let range = match (is_flow(text, parent), siblings.get(index + 1), index.checked_sub(1)) {
        // The only item of a list goes with its key: an empty list says nothing more than none.
        (_, None, None) if parent.kind() == Kind::List && parent.key().is_some() => return remove(text, parent.key()?),
        // The only entry: a mapping without entries is something else.
        (_, None, None) => return None,
        (true, Some(next), _) => own.start..next.start,
        (true, None, Some(before)) => siblings.get(before)?.end..own.end,
        (false, ..) => {
            let start = lines::start(text, own.start);
            let before = text.get(start..own.start)?;
            // In `- key: value` the mark belongs to the whole item.
            let marks = if parent.kind() == Kind::List { "-" } else { "" };
            let alone = before.trim() == marks;
            let kept = text.get(..own.end)?.trim_end_matches(['\n', '\r', ' ']).len().max(own.start);
            alone.then(|| lines::whole(text, start..kept)).flatten()?
        }
    };
    Some(Edit { span: Span::new(node.span().source, range), text: String::new() })
}

fn end_of(key: Node<'_>, value: Node<'_>) -> usize {
    (value.span().end as usize).max(key.span().end as usize)
}
