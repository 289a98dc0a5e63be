//! Words: quotes, escapes and expansions.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::read::Reader;
use super::{Command, Word};

/// The text of a word as it is put together: a slice of the source until something has to be left out.
struct Pieces<'t> {
    text: Option<String>,
    /// Where the part that is not yet in `text` began.
    from: usize,
    source: &'t str,
}

impl<'t> Pieces<'t> {
    fn new(source: &'t str, from: usize) -> Self {
        Self { text: None, from, source }
    }

    /// Takes over what was read up to `end` and goes on at `next`.
    fn cut(&mut self, end: usize, next: usize) {
        if end != next || self.text.is_some() {
            self.text.get_or_insert_default().push_str(self.source.get(self.from..end).unwrap_or_default());
            self.from = next;
        }
    }

    fn push(&mut self, text: &str) {
        self.text.get_or_insert_default().push_str(text);
    }

    fn finish(mut self, end: usize) -> Cow<'t, str> {
        if self.text.is_none() {
            return Cow::Borrowed(self.source.get(self.from..end).unwrap_or_default());
        }
        self.cut(end, end);
        Cow::Owned(self.text.unwrap_or_default())
    }
}

/// Whether the byte ends an unquoted word.
pub(super) fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'|' | b'&' | b';' | b'(' | b')' | b'<' | b'>')
}

impl<'t> Reader<'t> {
    /// The word that begins at the cursor. Commands that run inside it go to `nested`.
    pub(super) fn word(&mut self, nested: &mut Vec<Command<'t>>) -> Word<'t> {
        // A continuation before the word is no part of it.
        self.cursor.peek();
        let start = self.cursor.at;
        let mut pieces = Pieces::new(self.cursor.text, start);
        let (mut has_expansion, mut quoted) = (false, false);
        let mut end = start;
        loop {
            let before = self.cursor.at;
            let Some(byte) = self.cursor.peek() else { break };
            if is_meta(byte) && !is_process_substitution(&self.cursor) {
                break;
            }
            pieces.cut(before, self.cursor.at);
            match byte {
                b'\'' => {
                    quoted = true;
                    self.single_quoted(&mut pieces);
                }
                b'"' => {
                    quoted = true;
                    has_expansion |= self.double_quoted(&mut pieces, nested);
                }
                b'\\' => {
                    pieces.cut(self.cursor.at, self.cursor.at + 1);
                    self.cursor.at += 1;
                    if self.cursor.at < self.cursor.text.len() {
                        self.cursor.bump();
                    }
                }
                b'$' if matches!(self.cursor.second(), Some(b'\'')) => {
                    quoted = true;
                    pieces.cut(self.cursor.at, self.cursor.at + 1);
                    self.cursor.at += 1;
                    self.ansi_quoted(&mut pieces);
                }
                b'$' | b'`' | b'<' | b'>' => has_expansion |= self.expansion(nested),
                _ => self.cursor.bump(),
            }
            end = self.cursor.at;
        }
        let text = pieces.finish(end);
        Word { text, span: self.cursor.span(start, end), has_expansion, quoted }
    }

    fn single_quoted(&mut self, pieces: &mut Pieces<'t>) {
        let open = self.cursor.at;
        pieces.cut(open, open + 1);
        self.cursor.at += 1;
        loop {
            let before = self.cursor.at;
            let Some(byte) = self.cursor.peek_verbatim() else {
                return self.cursor.problem(open, "the closing single quote is missing");
            };
            pieces.cut(before, self.cursor.at);
            if byte == b'\'' {
                pieces.cut(self.cursor.at, self.cursor.at + 1);
                self.cursor.at += 1;
                return;
            }
            self.cursor.bump();
        }
    }

    /// `$'…'`: the usual escapes are resolved, others kept.
    fn ansi_quoted(&mut self, pieces: &mut Pieces<'t>) {
        let open = self.cursor.at;
        pieces.cut(open, open + 1);
        self.cursor.at += 1;
        loop {
            let at = self.cursor.at;
            match self.cursor.peek_verbatim() {
                None => return self.cursor.problem(open, "the closing single quote is missing"),
                Some(b'\'') => {
                    pieces.cut(self.cursor.at, self.cursor.at + 1);
                    self.cursor.at += 1;
                    return;
                }
                Some(b'\\') if at == self.cursor.at => {
                    let resolved = match self.cursor.second() {
                        Some(b'n') => "\n",
                        Some(b't') => "\t",
                        Some(b'\\') => "\\",
                        Some(b'\'') => "'",
                        Some(b'"') => "\"",
                        _ => {
                            self.cursor.at += 1;
                            continue;
                        }
                    };
                    pieces.cut(at, at + 2);
                    pieces.push(resolved);
                    self.cursor.at += 2;
                }
                Some(_) => {
                    pieces.cut(at, self.cursor.at);
                    self.cursor.bump();
                }
            }
        }
    }

    /// Yields whether something expands in it.
    fn double_quoted(&mut self, pieces: &mut Pieces<'t>, nested: &mut Vec<Command<'t>>) -> bool {
        let open = self.cursor.at;
        pieces.cut(open, open + 1);
        self.cursor.at += 1;
        let mut has_expansion = false;
        loop {
            let before = self.cursor.at;
            let Some(byte) = self.cursor.peek() else {
                self.cursor.problem(open, "the closing double quote is missing");
                return has_expansion;
            };
            pieces.cut(before, self.cursor.at);
            match byte {
                b'"' => {
                    pieces.cut(self.cursor.at, self.cursor.at + 1);
                    self.cursor.at += 1;
                    return has_expansion;
                }
                b'\\' => {
                    if matches!(self.cursor.second(), Some(b'$' | b'`' | b'"' | b'\\')) {
                        pieces.cut(self.cursor.at, self.cursor.at + 1);
                        self.cursor.at += 1;
                    }
                    self.cursor.bump();
                }
                b'$' | b'`' => has_expansion |= self.expansion(nested),
                _ => self.cursor.bump(),
            }
        }
    }

    /// Passes what begins with `$`, a backtick or `<(`. Yields whether it expands; a lone `$` does not.
    fn expansion(&mut self, nested: &mut Vec<Command<'t>>) -> bool {
        let start = self.cursor.at;
        if self.cursor.eat("`") {
            self.backticks(start, nested);
            return true;
        }
        if self.cursor.eat("$((") {
            self.arithmetic(start, nested);
            return true;
        }
        if self.cursor.eat("$(") || self.cursor.eat("<(") || self.cursor.eat(">(") {
            self.substitution(start, nested);
            return true;
        }
        if self.cursor.eat("${") {
            self.braces(start, nested);
            return true;
        }
        self.cursor.at += 1;
        let rest = self.cursor.text.as_bytes().get(self.cursor.at..).unwrap_or_default();
        let length = match rest.first() {
            Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            _ => rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count(),
        };
        self.cursor.at += length;
        length > 0
    }

    /// `$((…))` and `((…))`, behind the opening brackets.
    pub(super) fn arithmetic(&mut self, open: usize, nested: &mut Vec<Command<'t>>) {
        let mut depth = 2_usize;
        while depth > 0 {
            match self.cursor.peek() {
                None => return self.cursor.problem(open, "the closing `))` is missing"),
                Some(b'(') => {
                    depth += 1;
                    self.cursor.at += 1;
                }
                Some(b')') => {
                    depth -= 1;
                    self.cursor.at += 1;
                }
                Some(b'$' | b'`') => {
                    self.deeper(open, |reader| reader.expansion(nested));
                }
                Some(_) => self.cursor.bump(),
            }
        }
    }

    /// `${…}`, behind the opening brace.
    fn braces(&mut self, open: usize, nested: &mut Vec<Command<'t>>) {
        loop {
            match self.cursor.peek() {
                None => return self.cursor.problem(open, "the closing `}` is missing"),
                Some(b'}') => {
                    self.cursor.at += 1;
                    return;
                }
                Some(b'\\') => {
                    self.cursor.at += 1;
                    if self.cursor.at < self.cursor.text.len() {
                        self.cursor.bump();
                    }
                }
                Some(b'\'') => {
                    let mut unused = Pieces::new(self.cursor.text, self.cursor.at);
                    self.single_quoted(&mut unused);
                }
                Some(b'"') => {
                    let mut unused = Pieces::new(self.cursor.text, self.cursor.at);
                    self.deeper(open, |reader| reader.double_quoted(&mut unused, nested));
                }
                Some(b'$' | b'`') => {
                    self.deeper(open, |reader| reader.expansion(nested));
                }
                Some(_) => self.cursor.bump(),
            }
        }
    }

    /// `` `…` ``, behind the opening backtick.
    fn backticks(&mut self, open: usize, nested: &mut Vec<Command<'t>>) {
        let start = self.cursor.at;
        loop {
            match self.cursor.peek() {
                None => return self.cursor.problem(open, "the closing backtick is missing"),
                Some(b'`') => break,
                Some(b'\\') => {
                    self.cursor.at += 1;
                    if self.cursor.at < self.cursor.text.len() {
                        self.cursor.bump();
                    }
                }
                Some(_) => self.cursor.bump(),
            }
        }
        let end = self.cursor.at;
        self.cursor.at += 1;
        let whole = self.cursor.text;
        self.deeper(open, |reader| {
            // Read the inside as if the text ended before the closing backtick.
            let after = reader.cursor.at;
            reader.cursor.text = whole.get(..end).unwrap_or_default();
            reader.cursor.at = start;
            nested.extend(reader.list(None));
            reader.cursor.text = whole;
            reader.cursor.at = after;
            true
        });
    }

    /// `$(…)`, `<(…)`, behind the opening bracket.
    fn substitution(&mut self, open: usize, nested: &mut Vec<Command<'t>>) {
        self.deeper(open, |reader| {
            nested.extend(reader.list(Some(b')')));
            if !reader.cursor.eat(")") {
                reader.cursor.problem(open, "the closing `)` is missing");
            }
            true
        });
    }
}

fn is_process_substitution(cursor: &Cursor<'_>) -> bool {
    let rest = cursor.text.as_bytes().get(cursor.at..).unwrap_or_default();
    matches!(rest, [b'<' | b'>', b'(', ..])
}
