//! A byte cursor over shell text that sees through line continuations.

use super::{Lines, Place};
use crate::span::Span;
use crate::syntax::tree::SyntaxProblem;

/// The cursor stands between characters at `at`. All bytes it stops for are ASCII, so `at` is always a boundary.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    place: Place,
    lines: Lines,
    pub(super) problems: Vec<SyntaxProblem>,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, place: Place, lines: Lines) -> Self {
        Self { text, at: 0, place, lines, problems: Vec::new() }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        match self.place {
            Place::At(source, offset) => Span::new(source, start + offset as usize..end + offset as usize),
            Place::Within(span) => span,
        }
    }

    pub(super) fn problem(&mut self, start: usize, message: &str) {
        let first = self.text.get(start..).and_then(|rest| rest.chars().next());
        self.problem_of(start, first.map_or(0, char::len_utf8), message);
    }

    /// The same, shown by `length` bytes of ASCII.
    pub(super) fn problem_of(&mut self, start: usize, length: usize, message: &str) {
        let end = (start + length).min(self.text.len());
        let end = if self.text.is_char_boundary(end) { end } else { start };
        let span = self.span(start, end);
        self.problems.push(SyntaxProblem { span, message: message.to_owned() });
    }

    /// Gives up: everything behind is not read.
    pub(super) fn stop(&mut self) {
        self.at = self.text.len();
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The next byte, line continuations skipped.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_joins();
        self.byte(self.at)
    }

    /// The next byte inside single quotes, where only a Dockerfile joins lines.
    pub(super) fn peek_verbatim(&mut self) -> Option<u8> {
        if self.lines != Lines::Shell {
            self.skip_joins();
        }
        self.byte(self.at)
    }

    /// The byte after the next one, as written.
    pub(super) fn second(&self) -> Option<u8> {
        self.byte(self.at + 1)
    }

    pub(super) fn starts_with(&mut self, prefix: &str) -> bool {
        self.skip_joins();
        self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(prefix.as_bytes()))
    }

    /// Passes `prefix` if it is next.
    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        let found = self.starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// Passes one whole character.
    pub(super) fn bump(&mut self) {
        self.at += 1;
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    /// Passes blanks and comments, not line breaks.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'#') => {
                    while self.peek_verbatim().is_some_and(|byte| byte != b'\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// The end of the line that the cursor stands in, without its line break.
    fn line_end(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
    }

    /// Where the line after the current one begins; a continued line goes on.
    pub(super) fn next_line_start(&self) -> usize {
        let escape = match self.lines {
            Lines::Shell => b'\\',
            Lines::Dockerfile { escape } => escape,
        };
        let bytes = self.text.as_bytes();
        let breaks = memchr::memchr_iter(b'\n', bytes.get(self.at..).unwrap_or_default()).map(|at| self.at + at);
        for end in breaks {
            let line = bytes.get(self.at..end).unwrap_or_default().trim_ascii_end();
            if line.last() != Some(&escape) {
                return end + 1;
            }
        }
        self.text.len()
    }

    fn skip_joins(&mut self) {
        match self.lines {
            Lines::Shell => {
                while self.byte(self.at) == Some(b'\\') {
                    match self.text.as_bytes().get(self.at + 1..) {
                        Some([b'\n', ..]) => self.at += 2,
                        Some([b'\r', b'\n', ..]) => self.at += 3,
                        _ => return,
                    }
                }
            }
            Lines::Dockerfile { escape } => {
                while self.byte(self.at) == Some(escape) {
                    let Some(next) = self.next_line(self.at + 1) else { return };
                    self.at = next;
                    self.skip_dropped_lines();
                }
            }
        }
    }

    /// Where the next line begins if only blanks stand before it.
    fn next_line(&self, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..)?;
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        (rest.get(blanks) == Some(&b'\n')).then_some(from + blanks + 1)
    }

    /// Comment lines and empty lines after a continued line are no part of a Dockerfile's instruction.
    fn skip_dropped_lines(&mut self) {
        loop {
            if let Some(next) = self.next_line(self.at) {
                self.at = next;
                continue;
            }
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if rest.get(blanks) != Some(&b'#') {
                return;
            }
            self.at = (self.line_end() + 1).min(self.text.len());
        }
    }
}
