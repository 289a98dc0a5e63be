//! Redirections and here documents.

use super::read::Reader;
use super::{Command, Redirection, Word};
use crate::span::Span;

impl<'t> Reader<'t> {
    pub(super) fn at_redirection(&mut self, byte: u8) -> bool {
        let rest = self.cursor.text.as_bytes().get(self.cursor.at..).unwrap_or_default();
        match byte {
            b'<' | b'>' => rest.get(1) != Some(&b'('),
            b'&' => rest.get(1) == Some(&b'>'),
            b'0'..=b'9' => {
                // Descriptors are short; a longer number is a word.
                let digits = rest.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
                matches!(rest.get(digits), Some(b'<' | b'>'))
            }
            _ => false,
        }
    }

    pub(super) fn redirection(&mut self, nested: &mut Vec<Command<'t>>) -> Redirection<'t> {
        const OPERATORS: [&str; 12] = ["<<<", "<<-", "&>>", "<<", "<>", "<&", ">>", ">&", ">|", "&>", "<", ">"];
        let start = self.cursor.at;
        while self.cursor.text.as_bytes().get(self.cursor.at).is_some_and(u8::is_ascii_digit) {
            self.cursor.at += 1;
        }
        let fd = Some(self.cursor.slice(start, self.cursor.at)).filter(|fd| !fd.is_empty());
        let operator = OPERATORS.into_iter().find(|operator| self.cursor.eat(operator)).unwrap_or("<");
        self.cursor.skip_blanks();
        let from = self.cursor.at;
        let target = self.word(nested);
        if target.text.is_empty() && !target.quoted {
            self.cursor.problem(start, "a redirection without its target");
        }
        let end = self.cursor.at.max(from);
        let body = if matches!(operator, "<<" | "<<-") { self.body(&target, operator == "<<-", start) } else { None };
        Redirection { fd, operator, target, body, span: self.cursor.span(start, end) }
    }

    /// The lines of a here document: behind the current line and the bodies already found there.
    fn body(&mut self, delimiter: &Word<'t>, strip_tabs: bool, open: usize) -> Option<Span> {
        let start =
            self.bodies_end.filter(|end| *end > self.cursor.at).unwrap_or_else(|| self.cursor.next_line_start());
        let mut at = start;
        while at < self.cursor.text.len() {
            let rest = self.cursor.text.as_bytes().get(at..).unwrap_or_default();
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = self.cursor.slice(at, at + length);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = if strip_tabs { line.trim_start_matches('\t') } else { line };
            let next = (at + length + 1).min(self.cursor.text.len());
            if line == delimiter.text {
                self.bodies_end = Some(next);
                return Some(self.cursor.span(start, at));
            }
            at = next;
        }
        self.bodies_end = Some(self.cursor.text.len());
        if start >= self.cursor.text.len() {
            return None;
        }
        self.cursor.problem(open, "the here document never ends");
        Some(self.cursor.span(start, self.cursor.text.len()))
    }
}
