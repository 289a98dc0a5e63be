//! Text → document. Total and linear: every line is an assignment, a comment, blank, or something else.

use std::borrow::Cow;
use std::ops::Range;

use super::document::{Assignment, Document, Line, Reference, Separator};

/// Reads a dotenv file.
pub fn read(text: &str) -> Document<'_> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, unclosed: [usize::MAX; 3] };
    let mut document = Document::default();
    let carriage = memchr::memchr(b'\r', text.as_bytes());
    document.carriage_return = carriage.map(|at| at..at + 1);
    let mut blank = None;
    while reader.at < text.len() {
        let line = reader.line();
        let content = text.get(line.clone()).unwrap_or_default();
        let trimmed = content.trim();
        if trimmed.is_empty() {
            if blank.is_some() && document.blank_pair.is_none() {
                document.blank_pair = Some(line.clone());
            }
            blank = Some(());
            reader.at = next_line(text, line.end);
            continue;
        }
        blank = None;
        if let Some(comment) = trimmed.strip_prefix('#') {
            document.commented.extend(commented(comment));
            reader.at = next_line(text, line.end);
            continue;
        }
        document.lines.push(reader.statement(line));
    }
    document
}

/// The name in a comment such as `PORT=3000`.
fn commented(comment: &str) -> Option<&str> {
    let comment = comment.trim_start_matches('#').trim_start();
    let (name, _) = comment.split_once('=')?;
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    is_name(name).then_some(name)
}

/// Whether every loader takes it for a name.
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A longer default of a variable is taken for an open brace.
const LONGEST_DEFAULT: usize = 1024;

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// For each quote the place from which no closing one follows.
    unclosed: [usize; 3],
}

/// The byte after the line break at `end`.
fn next_line(text: &str, end: usize) -> usize {
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    end + match rest {
        [b'\r', b'\n', ..] => 2,
        [_, ..] => 1,
        [] => 0,
    }
}

/// The byte at which the line that holds `at` ends.
fn line_end(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', rest).map_or(text.len(), |length| at + length)
}

impl<'t> Reader<'t> {
    fn line(&self) -> Range<usize> {
        self.at..line_end(self.text, self.at)
    }

    fn get(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// Reads the statement on `line`, and goes behind it.
    fn statement(&mut self, line: Range<usize>) -> Line<'t> {
        let content = self.get(line.clone());
        let indent = line.start..line.start + (content.len() - content.trim_start().len());
        let mut start = indent.end;
        let words = self.get(start..line.end);
        let export = words.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).map(|rest| {
            let blanks = rest.len() - rest.trim_start().len();
            let place = start..start + "export".len();
            start = place.end + blanks;
            place
        });
        let Some((key_place, separator, separator_place)) = self.name(start..line.end) else {
            self.at = next_line(self.text, line.end);
            return Line::Other(indent.end..indent.start + content.trim_end().len());
        };
        let mut assignment = Assignment {
            key: self.get(key_place.clone()),
            key_place,
            export,
            indent,
            separator,
            value_place: separator_place.end..separator_place.end,
            separator_place,
            value: Cow::Borrowed(""),
            quote: None,
            is_closed: true,
            tail: None,
            trailing: line.end..line.end,
            references: Vec::new(),
            command: None,
            broken: None,
        };
        self.value(&mut assignment, line.end);
        if assignment.quote != Some('\'') {
            self.references(&mut assignment);
        }
        Line::Assignment(assignment)
    }

    /// The places of the name and of what follows it; `None` when this is no assignment.
    fn name(&self, rest: Range<usize>) -> Option<(Range<usize>, Separator, Range<usize>)> {
        let content = self.get(rest.clone());
        let length = content.find(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | '#' | '"' | '\'' | '`'));
        let length = length.unwrap_or(content.len());
        let after = content.get(length..)?;
        let blanks = after.len() - after.trim_start().len();
        let key = rest.start..rest.start + length;
        if length == 0 {
            return None;
        }
        let at = key.end + blanks;
        let sign = self.get(at..rest.end);
        let separator = match sign.as_bytes() {
            [b'=', ..] => Separator::Equals,
            [b':', b' ' | b'\t', ..] | [b':'] => Separator::Colon,
            [] => return Some((key.clone(), Separator::None, key.end..key.end)),
            _ => return None,
        };
        let value = self.get(at + 1..rest.end);
        let end = at + 1 + (value.len() - value.trim_start().len());
        Some((key.clone(), separator, key.end..end))
    }

    fn value(&mut self, assignment: &mut Assignment<'t>, end: usize) {
        let start = assignment.separator_place.end;
        let content = self.get(start..end);
        let quote = content.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        if assignment.separator != Separator::None
            && let Some(quote) = quote
        {
            assignment.quote = Some(quote);
            if let Some(close) = self.closing(start + 1, quote) {
                return self.quoted(assignment, start, close);
            }
            assignment.is_closed = false;
        }
        let kept = if assignment.separator_place.end > assignment.separator_place.start { content } else { "" };
        let blank_before = self.get(assignment.separator_place.clone()).ends_with([' ', '\t']);
        let kept = kept.get(..comment(kept, blank_before)).unwrap_or(kept);
        let value = kept.trim_end();
        assignment.value_place = start..start + value.len();
        assignment.value = Cow::Borrowed(value);
        let whole = self.get(start..end);
        assignment.trailing = start + whole.trim_end().len()..end;
        self.at = next_line(self.text, end);
    }

    fn quoted(&mut self, assignment: &mut Assignment<'t>, start: usize, close: usize) {
        let inner = self.get(start + 1..close);
        assignment.value = if assignment.quote == Some('"') { unescape(inner) } else { Cow::Borrowed(inner) };
        assignment.value_place = start..close + 1;
        // To some loaders a backtick is a quote, to a shell it is a command.
        assignment.command = (assignment.quote == Some('`')).then_some(start..close + 1);
        let end = line_end(self.text, close);
        let rest = self.get(close + 1..end);
        let tail = rest.trim();
        if !tail.is_empty() && !tail.starts_with('#') {
            let from = close + 1 + (rest.len() - rest.trim_start().len());
            assignment.tail = Some(from..from + tail.len());
        }
        assignment.trailing = close + 1 + rest.trim_end().len()..end;
        self.at = next_line(self.text, end);
    }

    /// Where the quote that was opened before `from` is closed: on its line, or on a later one unless that quote
    /// belongs to the next assignment.
    fn closing(&mut self, from: usize, quote: char) -> Option<usize> {
        let slot = self.unclosed.get_mut(match quote {
            '"' => 0,
            '\'' => 1,
            _ => 2,
        })?;
        if from >= *slot {
            return None;
        }
        let bytes = self.text.as_bytes();
        let mut at = from;
        let close = loop {
            match memchr::memchr2(quote as u8, b'\\', bytes.get(at..).unwrap_or_default()) {
                None => {
                    *slot = from;
                    return None;
                }
                Some(length) if bytes.get(at + length) == Some(&b'\\') && quote == '"' => at += length + 2,
                Some(length) if bytes.get(at + length) == Some(&b'\\') => at += length + 1,
                Some(length) => break at + length,
            }
        };
        let before = self.text.get(from..close)?;
        let last = before.rfind(['\n', '\r']).map(|at| before.get(at + 1..).unwrap_or_default());
        let opens_next = last.is_some_and(|last| last.trim().strip_suffix('=').is_some_and(is_assigned));
        (!opens_next).then_some(close)
    }

    fn references(&self, assignment: &mut Assignment<'t>) {
        let (start, end) = (assignment.value_place.start, assignment.value_place.end);
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(length) = memchr::memchr3(b'$', b'\\', b'`', bytes.get(at..end).unwrap_or_default()) {
            let found = at + length;
            let rest = self.get(found..end);
            at = found + 1;
            match rest.as_bytes() {
                [b'\\', next, ..] if next.is_ascii() => at = found + 2,
                [b'`', tail @ ..] if assignment.quote != Some('`') && assignment.command.is_none() => {
                    if let Some(length) = memchr::memchr(b'`', tail) {
                        assignment.command = Some(found..found + length + 2);
                        at = found + length + 2;
                    }
                }
                [b'$', b'(', ..] if assignment.command.is_some() => {}
                [b'$', b'(', ..] => {
                    let length = rest.find(')').map_or(2, |length| length + 1);
                    assignment.command = Some(found..found + length);
                }
                [b'$', b'$', ..] => at = found + 2,
                [b'$', b'{', ..] => match braced(rest) {
                    Some((name, length, has_fallback)) => {
                        let place = found..found + length;
                        assignment.references.push(Reference { name, place, has_fallback, is_braced: true });
                    }
                    None => drop(assignment.broken.get_or_insert(found..found + 2)),
                },
                [b'$', next, ..] if next.is_ascii_alphabetic() || *next == b'_' => {
                    let name = rest.get(1..).unwrap_or_default();
                    let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
                    let name = name.get(..length).unwrap_or_default();
                    let place = found..found + 1 + length;
                    assignment.references.push(Reference { name, place, has_fallback: false, is_braced: false });
                }
                _ => {}
            }
        }
    }
}

/// Whether the line up to `=` is the begin of an assignment.
fn is_assigned(line: &str) -> bool {
    let name = line.strip_prefix("export ").unwrap_or(line).trim();
    is_name(name)
}

/// How long the value is before its comment.
fn comment(value: &str, mut blank: bool) -> usize {
    for (at, byte) in value.bytes().enumerate() {
        if byte == b'#' && blank {
            return at;
        }
        blank = matches!(byte, b' ' | b'\t');
    }
    value.len()
}

/// `${NAME}`, `${NAME:-x}` at the start of `rest`: the name, the whole length, whether something stands in for it.
fn braced(rest: &str) -> Option<(&str, usize, bool)> {
    let inner = rest.get(2..)?;
    let length = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
    let name = inner.get(..length).filter(|name| is_name(name))?;
    let after = inner.get(length..)?;
    // A default may hold braces of its own; it ends on the same line.
    let mut depth = 1_u32;
    for (at, byte) in after.bytes().enumerate().take(LONGEST_DEFAULT) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'\n' | b'\r' => return None,
            _ => {}
        }
        if depth == 0 {
            let form = after.get(..at)?;
            let known = form.is_empty() || form.starts_with([':', '-', '=', '?', '+', '#', '%', '/', '^', ',', '@']);
            return known.then_some((name, 2 + length + at + 1, !form.is_empty()));
        }
    }
    None
}

/// The escapes of double quotes.
fn unescape(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c @ ('"' | '\\' | '$' | '`')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    Cow::Owned(out)
}
