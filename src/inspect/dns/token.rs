//! Zone file text → entries of tokens. Total and linear: a broken line costs that line, not the rest.

use super::document::{Fault, Place, Problem};

/// A piece of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    /// Its text without quotes, escapes as written.
    pub text: &'t str,
    /// Where it stands, quotes included.
    pub place: Place,
    /// Whether it stands in quotes.
    pub is_quoted: bool,
}

/// A line, or several that parentheses join.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry<'t> {
    /// Whether it begins with a blank, so that it has no owner of its own.
    pub is_indented: bool,
    /// Its tokens, at least one.
    pub tokens: Vec<Token<'t>>,
    /// The comment that begins right behind its last token, without a blank between, or that goes on like a list of tags.
    pub comment: Option<Place>,
}

/// How often reading starts again behind an open parenthesis before parentheses stop joining lines.
const RETRIES: usize = 8;

/// Reads entries one by one.
#[derive(Debug)]
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
    retries: usize,
    /// What was wrong so far.
    pub faults: Vec<Fault>,
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b';' | b'(' | b')' | b'"')
}

impl<'t> Lexer<'t> {
    /// Begins at the start of `text`, behind a byte order mark.
    pub fn new(text: &'t str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, retries: 0, faults: Vec::new() }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The next entry that holds anything.
    pub fn entry(&mut self) -> Option<Entry<'t>> {
        while self.at < self.text.len() {
            if let Some(entry) = self.line() {
                return Some(entry);
            }
        }
        None
    }

    /// Reads to the end of a line, or of the last line that a parenthesis joins; `None` when it is empty or broken.
    fn line(&mut self) -> Option<Entry<'t>> {
        let mut entry = Entry { is_indented: matches!(self.byte(self.at), Some(b' ' | b'\t')), ..Entry::default() };
        let mut open: Vec<usize> = Vec::new();
        let joins = self.retries < RETRIES;
        let mut is_broken = false;
        loop {
            match self.byte(self.at) {
                None => break,
                Some(b'\n' | b'\r') => {
                    self.at += 1;
                    if open.is_empty() || !joins {
                        break;
                    }
                }
                Some(b' ' | b'\t') => self.at += 1,
                Some(b';') => self.comment(&mut entry),
                Some(b'(') => {
                    open.push(self.at);
                    self.at += 1;
                }
                Some(b')') => {
                    if open.pop().is_none() && joins {
                        self.fault(self.at..self.at + 1, "this parenthesis closes nothing");
                        is_broken = true;
                    }
                    self.at += 1;
                }
                Some(b'"') => is_broken |= !self.quoted(&mut entry),
                Some(_) => self.plain(&mut entry),
            }
        }
        if let (Some(first), true) = (open.first(), joins) {
            self.fault(*first..*first + 1, "this parenthesis is not closed");
            self.retries += 1;
            self.at = self.line_end(*first);
            return None;
        }
        (!is_broken && !entry.tokens.is_empty()).then_some(entry)
    }

    fn fault(&mut self, place: Place, message: &str) {
        self.faults.push(Fault { place, problem: Problem::Syntax, message: message.into(), owner: None });
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        memchr::memchr2(b'\n', b'\r', rest).map_or(self.text.len(), |length| from + length)
    }

    fn comment(&mut self, entry: &mut Entry<'t>) {
        let end = self.line_end(self.at);
        let words = self.text.get(self.at + 1..end).unwrap_or_default().trim_start();
        let is_near = entry.tokens.last().is_some_and(|token| token.place.end == self.at);
        let name = words.bytes().take_while(u8::is_ascii_lowercase).count();
        let is_tag = (1..=5).contains(&name) && words.as_bytes().get(name) == Some(&b'=');
        if entry.comment.is_none() && (is_near || is_tag) && !entry.tokens.is_empty() {
            entry.comment = Some(self.at..end);
        }
        self.at = end;
    }

    /// A text in quotes; false when the line ends before they close.
    fn quoted(&mut self, entry: &mut Entry<'t>) -> bool {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.byte(at) {
                Some(b'\\') if !matches!(self.byte(at + 1), None | Some(b'\n' | b'\r')) => at += 2,
                Some(b'"') => break,
                None | Some(b'\n' | b'\r') => {
                    self.fault(start..start + 1, "this quote is not closed on its line");
                    self.at = at;
                    return false;
                }
                Some(_) => at += 1,
            }
        }
        let text = self.text.get(start + 1..at).unwrap_or_default();
        entry.tokens.push(Token { text, place: start..at + 1, is_quoted: true });
        self.at = at + 1;
        true
    }

    fn plain(&mut self, entry: &mut Entry<'t>) {
        let start = self.at;
        let mut at = start;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' if !matches!(self.byte(at + 1), None | Some(b'\n' | b'\r')) => at += 2,
                byte if is_end(byte) => break,
                _ => at += 1,
            }
        }
        // An escape may have stepped into a character of several bytes.
        while !self.text.is_char_boundary(at) {
            at += 1;
        }
        let text = self.text.get(start..at).unwrap_or_default();
        entry.tokens.push(Token { text, place: start..at, is_quoted: false });
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> (Vec<String>, Vec<String>) {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        while let Some(entry) = lexer.entry() {
            let words: Vec<&str> = entry.tokens.iter().map(|token| token.text).collect();
            found.push(format!("{}{}", if entry.is_indented { ">" } else { "" }, words.join("|")));
        }
        let faults = lexer.faults.iter().map(|fault| format!("{:?} {}", fault.place, fault.message)).collect();
        (found, faults)
    }

    #[test]
    fn parentheses_join_lines_and_comments_end_them() {
        let text = "@ SOA a b ( 1 ; serial )\r\n 2\n3 ) ; done\n\n; only a comment\n  NS x\nt TXT \"a;b\" c\\;d;e\n";
        assert_eq!(entries(text).0, ["@|SOA|a|b|1|2|3", ">NS|x", "t|TXT|a;b|c\\;d"]);
        assert!(entries(text).1.is_empty());
    }

    #[test]
    fn a_broken_line_does_not_take_the_rest_along() {
        let (found, faults) = entries("a TXT \"open\nb A 1\nc A 2 )\nd SOA (\ne A 3\nf MX ( 1 x )\n");
        assert_eq!(found, ["b|A|1", "e|A|3", "f|MX|1|x"]);
        assert_eq!(faults.len(), 3, "{faults:?}");
    }

    #[test]
    fn twenty_thousand_parentheses_take_no_time() {
        let text = "a A (\n".repeat(20_000);
        assert_eq!(entries(&text).1.len(), RETRIES);
        assert_eq!(entries(&"(".repeat(200_000)).1.len(), 1);
    }
}
