//! Lines of a file: where they begin and end, and how they are broken.

use std::ops::Range;

/// `new` with the line breaks that the file has around byte `at`.
pub(super) fn broken_as(text: &str, at: usize, new: &str) -> String {
    if new.contains('\n') { new.replace('\n', line_break(text, at)) } else { new.to_owned() }
}

/// The line break that ends the line of byte `at`, else the one before it.
pub(super) fn line_break(text: &str, at: usize) -> &'static str {
    let bytes = text.as_bytes();
    let after = bytes.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)).map(|found| at + found);
    let found = after.or_else(|| bytes.get(..at).and_then(|before| memchr::memrchr(b'\n', before)));
    let is_crlf = found.and_then(|at| bytes.get(at.checked_sub(1)?)) == Some(&b'\r');
    if is_crlf { "\r\n" } else { "\n" }
}

/// The first byte of the line that holds byte `at`.
pub(super) fn start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1)
}

/// The end of the line that holds byte `at`, its break left out.
pub(super) fn end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.find('\n').unwrap_or(rest.len());
    at + rest.get(..end).unwrap_or_default().trim_end_matches('\r').len()
}

/// The first byte of the line after the one that holds byte `at`.
pub(super) fn next(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').map_or(rest.len(), |found| found + 1)
}

/// The lines that `range` touches, with their break; of the last lines of a file that ends without one, with the break
/// before them, so that the file still does.
pub(super) fn whole(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let last = range.end.max(range.start + 1).min(text.len());
    let from = start(text, range.start);
    // A range that ends with a line break does not touch the next line.
    let to = if text.get(..last)?.ends_with('\n') { last } else { next(text, last) };
    if to == text.len() && !text.ends_with('\n') && from > 0 {
        let before = text.get(..from)?.strip_suffix('\n')?;
        return Some(before.strip_suffix('\r').unwrap_or(before).len()..to);
    }
    Some(from..to)
}
