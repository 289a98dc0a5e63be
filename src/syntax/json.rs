//! JSON, read into a [`Tree`] with recovery: comments and trailing commas are tolerated and, in plain JSON, reported; a
//! missing comma or bracket is reported and the rest still read; only what makes no sense at all ends the reading.

use std::borrow::Cow;

use super::tree::build::{Builder, Limit, Scalar};
use super::tree::{Content, Style, Tree, scalar};
use crate::span::SourceId;
use crate::syntax::shared::SharedText;

/// After so many problems the text is not JSON, and nothing of it is kept.
const MAX_PROBLEMS: usize = 50;

/// What the format allows beyond JSON itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// Nothing.
    Json,
    /// Comments and trailing commas, as in `.jsonc`, `tsconfig.json`, `devcontainer.json`.
    Commented,
}

/// Reads `text` as JSON. Several values in a row (JSON lines) are several documents.
pub fn read(source: SourceId, text: SharedText, flavour: Flavour) -> Tree {
    if u32::try_from(text.len()).is_err() {
        let mut builder = Builder::new(source, "".into());
        builder.problem(0, 0, "longer than 4 GiB");
        return builder.finish();
    }
    let builder = Builder::new(source, text.clone());
    let mut reader = Reader { builder, text: &text, at: 0, flavour, open: Vec::new() };
    if let Err(Stop { start, message }) = reader.documents() {
        reader.builder.drop_document();
        reader.builder.problem(start, start + 1, message);
    }
    reader.builder.finish()
}

/// Why the reading ended; the document is dropped.
struct Stop {
    start: usize,
    message: String,
}

/// An open bracket.
struct Open {
    at: usize,
    is_map: bool,
}

struct Reader<'t> {
    builder: Builder,
    text: &'t str,
    at: usize,
    flavour: Flavour,
    open: Vec<Open>,
}

impl Reader<'_> {
    fn documents(&mut self) -> Result<(), Stop> {
        loop {
            self.skip()?;
            if self.peek().is_none() {
                return Ok(());
            }
            self.builder.begin_document();
            self.value()?;
            while !self.open.is_empty() {
                self.step()?;
            }
            self.builder.end_document();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn stop(&self, start: usize, message: impl Into<String>) -> Stop {
        Stop { start, message: message.into() }
    }

    fn report(&mut self, start: usize, end: usize, message: &str) -> Result<(), Stop> {
        self.builder.problem(start, end, message);
        if self.builder.tree.problems.len() >= MAX_PROBLEMS {
            return Err(self.stop(start, "too many mistakes for JSON"));
        }
        Ok(())
    }

    /// Passes blanks and comments.
    fn skip(&mut self) -> Result<(), Stop> {
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            match rest {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => self.at += 1,
                [b'/', b'/' | b'*', ..] => self.comment(rest)?,
                [b'#', ..] => self.comment(rest)?,
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self, rest: &[u8]) -> Result<(), Stop> {
        let start = self.at;
        let length = if rest.starts_with(b"/*") {
            match memchr::memmem::find(rest, b"*/") {
                Some(at) => at + 2,
                None => return Err(self.stop(start, "the comment is never closed")),
            }
        } else {
            let line = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            rest.get(..line).unwrap_or_default().trim_ascii_end().len()
        };
        self.at += length;
        let before = self.text.as_bytes().get(..start).unwrap_or_default();
        let own_line = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        let own_line = own_line.is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
        self.builder.comment(start, self.at, own_line);
        match self.flavour {
            // One is enough to say so.
            Flavour::Json if self.builder.tree.comments.len() == 1 => {
                self.report(start, start + length, "JSON has no comments")
            }
            _ => Ok(()),
        }
    }

    /// What comes next in the innermost open collection: its end, or an entry behind a comma.
    fn step(&mut self) -> Result<(), Stop> {
        let Some(&Open { at: opened, is_map }) = self.open.last() else { return Ok(()) };
        let is_first = self.builder.is_last_empty();
        let mut comma = None;
        self.skip()?;
        if !is_first && self.peek() == Some(b',') {
            comma = Some(self.at);
            self.at += 1;
            self.skip()?;
        }
        match self.peek() {
            None => return Err(self.stop(opened, "this bracket is never closed")),
            Some(b'}' | b']') => return self.close(is_map, comma),
            Some(_) => {}
        }
        if !is_first && comma.is_none() {
            self.report(self.at, self.at + 1, "a comma is missing before this")?;
        }
        if !is_map {
            return self.value();
        }
        if self.peek() != Some(b'"') {
            return Err(self.stop(self.at, "a key in double quotes was expected here"));
        }
        self.string()?;
        self.skip()?;
        if self.peek() == Some(b':') {
            self.at += 1;
            self.skip()?;
        } else {
            self.report(self.at, self.at + 1, "a `:` was expected here")?;
        }
        match self.peek() {
            Some(b',' | b'}' | b']') | None => {
                let at = self.at;
                self.report(at, at + 1, "a value was expected here")?;
                self.add(at, at, Content::Null, Style::Plain, "")
            }
            Some(_) => self.value(),
        }
    }

    fn close(&mut self, is_map: bool, comma: Option<usize>) -> Result<(), Stop> {
        let closes_map = self.peek() == Some(b'}');
        if closes_map != is_map {
            let wanted = if is_map { "a `}` was expected here" } else { "a `]` was expected here" };
            return Err(self.stop(self.at, wanted));
        }
        if let (Some(comma), Flavour::Json) = (comma, self.flavour) {
            self.report(comma, comma + 1, "JSON has no comma before a closing bracket")?;
        }
        self.at += 1;
        self.open.pop();
        self.builder.close(Some(self.at));
        Ok(())
    }

    fn value(&mut self) -> Result<(), Stop> {
        let start = self.at;
        match self.peek() {
            Some(byte @ (b'{' | b'[')) => {
                let is_map = byte == b'{';
                self.builder.open(is_map, start).map_err(|limit| self.limit(limit))?;
                self.open.push(Open { at: start, is_map });
                self.at += 1;
                Ok(())
            }
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => self.word(),
            _ => Err(self.stop(start, "a value was expected here")),
        }
    }

    fn limit(&self, limit: Limit) -> Stop {
        self.stop(self.at, limit.message())
    }

    fn add(&mut self, start: usize, end: usize, content: Content, style: Style, value: &str) -> Result<(), Stop> {
        let scalar = Scalar { start, end, content, style, settled: true, value };
        self.builder.scalar(scalar).map(drop).map_err(|limit| self.limit(limit))
    }

    /// A number, `true`, `false`, `null`.
    fn word(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_');
        let end = start + rest.iter().take_while(is_part).count();
        let word = self.text.get(start..end).unwrap_or_default();
        self.at = end;
        let content = match word {
            "null" => Content::Null,
            "true" => Content::Bool(true),
            "false" => Content::Bool(false),
            _ => scalar::number(word).filter(|_| is_json_number(word)).unwrap_or(Content::Str),
        };
        if content == Content::Str {
            self.report(start, end, "neither a number nor `true`, `false` or `null`; text needs double quotes")?;
        }
        self.add(start, end, content, Style::Plain, word)
    }

    fn string(&mut self) -> Result<(), Stop> {
        let start = self.at;
        let text = self.text;
        let mut value = Cow::Borrowed("");
        let mut from = start + 1;
        loop {
            let rest = text.as_bytes().get(from..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\') || *byte < b' ') else {
                return Err(self.stop(start, "the closing quote is missing"));
            };
            let piece = text.get(from..from + length).unwrap_or_default();
            if value.is_empty() {
                value = Cow::Borrowed(piece);
            } else {
                value.to_mut().push_str(piece);
            }
            from += length;
            match rest.get(length) {
                Some(b'"') => {
                    self.at = from + 1;
                    return self.add(start, self.at, Content::Str, Style::Quoted, &value);
                }
                Some(b'\\') => from = self.escape(from, value.to_mut())?,
                Some(b'\n' | b'\r') => return Err(self.stop(start, "the closing quote is missing on this line")),
                control => {
                    self.report(from, from + 1, "a control character must be escaped in JSON")?;
                    value.to_mut().push(char::from(control.copied().unwrap_or_default()));
                    from += 1;
                }
            }
        }
    }

    /// Resolves the escape at `at`; yields where the text goes on.
    fn escape(&mut self, at: usize, value: &mut String) -> Result<usize, Stop> {
        let simple = match self.text.as_bytes().get(at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(at, value),
            _ => {
                self.report(at, at + 1, "an unknown escape; write `\\\\` for a backslash")?;
                value.push('\\');
                return Ok(at + 1);
            }
        };
        value.push(simple);
        Ok(at + 2)
    }

    fn unicode(&mut self, at: usize, value: &mut String) -> Result<usize, Stop> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
        };
        let Some(first) = unit(at) else {
            self.report(at, at + 2, "`\\u` needs four hexadecimal digits")?;
            value.push('\\');
            return Ok(at + 1);
        };
        let second = unit(at + 6).filter(|unit| (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(unit));
        let units = [first, second.unwrap_or_default()];
        let used = if second.is_some() { 2 } else { 1 };
        for decoded in char::decode_utf16(units.into_iter().take(used)) {
            match decoded {
                Ok(c) => value.push(c),
                Err(_) => {
                    self.report(at, at + 6, "half of a surrogate pair")?;
                    value.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
        Ok(at + 6 * used)
    }
}

/// JSON knows neither leading zeros nor `+`, `0x`, `1.` and `.5`.
fn is_json_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let bytes = digits.as_bytes();
    let starts_well = match bytes {
        [b'0'] => true,
        [b'0', next, ..] => matches!(next, b'.' | b'e' | b'E'),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    };
    let dot = bytes.iter().position(|byte| *byte == b'.');
    starts_well && dot.is_none_or(|at| bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests;
