//! What of a program text is no program: comments, and in some languages strings. One pass, never back.

use std::ops::Range;

use super::Language;

/// The ranges that hold no program, in order.
pub(super) fn hidden(language: Language, text: &str) -> Vec<Range<usize>> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, language, found: Vec::new() };
    while reader.at < reader.bytes.len() {
        reader.step();
    }
    reader.found
}

/// Whether `at` lies in one of them.
pub(super) fn holds(hidden: &[Range<usize>], at: usize) -> bool {
    let next = hidden.partition_point(|range| range.start <= at);
    next.checked_sub(1).and_then(|last| hidden.get(last)).is_some_and(|range| range.contains(&at))
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    language: Language,
    found: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn starts(&self, with: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(with))
    }

    fn step(&mut self) {
        let hashes = matches!(self.language, Language::Python | Language::Ruby | Language::Shell);
        let start = self.at;
        let triple = self.language == Language::Python && (self.starts(b"\"\"\"") || self.starts(b"'''"));
        let after_hash = self.starts(b"#") && (self.language == Language::Python || self.begins_word());
        if (hashes && after_hash) || (!hashes && self.starts(b"//")) {
            self.skip_line();
            self.found.push(start..self.at);
        } else if !hashes && self.starts(b"/*") {
            self.skip_past(b"*/", 2);
            self.found.push(start..self.at);
        } else if triple {
            let quote = self.bytes.get(start..start + 3).unwrap_or_default().to_vec();
            self.skip_past(&quote, 3);
            self.found.push(start..self.at);
        } else if let Some(quote @ (b'"' | b'\'' | b'`')) = self.bytes.get(start).copied() {
            self.string(quote);
            if self.language == Language::JavaScript && quote != b'`' {
                self.found.push(start..self.at);
            }
        } else {
            self.at += 1;
        }
    }

    fn begins_word(&self) -> bool {
        self.at
            .checked_sub(1)
            .and_then(|at| self.bytes.get(at))
            .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b';')
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn skip_past(&mut self, end: &[u8], from: usize) {
        let rest = self.bytes.get(self.at + from..).unwrap_or_default();
        let length = memchr::memmem::find(rest, end).map_or(rest.len(), |at| at + end.len());
        self.at += from + length;
    }

    /// A string ends at its line's end at the latest; only backticks of Go and JavaScript go on.
    fn string(&mut self, quote: u8) {
        let goes_on = quote == b'`';
        let known = match quote {
            b'\'' => !matches!(self.language, Language::Rust),
            b'`' => matches!(self.language, Language::Go | Language::JavaScript),
            _ => true,
        };
        self.at += 1;
        while known && let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'\\' if self.language != Language::Go || !goes_on => self.at += 1,
                b'\n' if !goes_on => return,
                byte if byte == quote => {
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.bytes.len());
    }
}
