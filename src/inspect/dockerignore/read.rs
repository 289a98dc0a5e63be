//! Text → [`Document`]. Total: whatever the text, each line is a comment, blank, or a pattern.

use std::borrow::Cow;

use super::document::{Document, Pattern};
use super::glob::Glob;

/// Reads an ignore file as the builder does: `#` begins a comment in the first column only, blanks around a pattern are
/// not part of it, a byte order mark is passed over.
pub fn read(text: &str) -> Document<'_> {
    let mut patterns = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        patterns.extend(pattern(line, start));
        start += length + 1;
    }
    Document { patterns }
}

fn pattern(line: &str, start: usize) -> Option<Pattern<'_>> {
    if line.starts_with('#') {
        return None;
    }
    let text = line.trim();
    if text.is_empty() {
        return None;
    }
    let from = start + (line.len() - line.trim_start().len());
    let is_exception = text.starts_with('!');
    let path = if is_exception { text.get(1..).unwrap_or_default().trim() } else { text };
    let path = tidy(path);
    let glob = if path.is_empty() { Err("`!` alone takes nothing back") } else { Glob::new(&path) };
    Some(Pattern { place: from..from + text.len(), text, is_exception, path, is_indented: from > start, glob })
}

/// Dots, doubled slashes and slashes at the ends taken out, as the builder does it before it compares.
pub fn tidy(path: &str) -> Cow<'_, str> {
    let plain = !path.split('/').any(|part| matches!(part, "" | "." | ".."));
    if plain || path.is_empty() {
        return Cow::Borrowed(path);
    }
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if matches!(parts.last(), Some(last) if *last != "..") => drop(parts.pop()),
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (parts.is_empty(), rooted) {
        (true, true) => Cow::Borrowed("/"),
        (true, false) => Cow::Borrowed("."),
        _ => Cow::Owned(parts.join("/")),
    }
}
