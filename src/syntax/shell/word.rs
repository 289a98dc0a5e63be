//! Words: quotes, escapes and expansions.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::read::Reader;
use super::{Command, Part, PartKind, Word};
use crate::span::Span;

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
        let outer = std::mem::take(&mut self.parts);
        let in_quotes = std::mem::take(&mut self.in_quotes);
        loop {
            let before = self.cursor.at;
            let Some(byte) = self.cursor.peek() else { break };
            if is_meta(byte) && !is_process_substitution(&self.cursor) {
                break;
            }
            pieces.cut(before, self.cursor.at);
            let at = self.cursor.at;
            match byte {
                b'\'' => {
                    quoted = true;
                    self.single_quoted(&mut pieces);
                    self.part(PartKind::Single, at);
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
                    self.part(PartKind::Ansi, at);
                }
                b'$' | b'`' | b'<' | b'>' => has_expansion |= self.expansion(nested),
                _ => self.plain(byte),
            }
            end = self.cursor.at;
        }
        let text = pieces.finish(end);
        let parts = std::mem::replace(&mut self.parts, outer);
        self.in_quotes = in_quotes;
        Word { text, span: self.cursor.span(start, end), has_expansion, quoted, parts }
    }

    /// Passes a character that stands for itself, or begins a pattern.
    fn plain(&mut self, byte: u8) {
        let start = self.cursor.at;
        self.cursor.bump();
        match byte {
            b'*' | b'?' | b'[' => self.part(PartKind::Glob, start),
            b'{' if let Some(length) = self.braces_length(start) => {
                let span = self.cursor.span(start, start + length);
                self.parts.push(Part::new(PartKind::Braces, span, false));
            }
            _ => {}
        }
    }

    /// The length of `{a,b}` or `{1..3}` at `start`. What is longer than a line of text is not looked for.
    fn braces_length(&self, start: usize) -> Option<usize> {
        const LONGEST: usize = 200;
        let rest = self.cursor.text.as_bytes().get(start..)?;
        let end = rest
            .iter()
            .take(LONGEST)
            .position(|byte| *byte == b'}' || (is_meta(*byte) || matches!(byte, b'\'' | b'"' | b'`' | b'\\')))?;
        let inside = rest.get(1..end)?;
        let expands = inside.contains(&b',') || inside.windows(2).any(|pair| pair == b"..");
        (rest.get(end) == Some(&b'}') && expands).then_some(end + 1)
    }

    /// Notes a part of the word at hand, from `start` to the cursor.
    fn part(&mut self, kind: PartKind, start: usize) {
        let span = self.cursor.span(start, self.cursor.at);
        self.parts.push(Part::new(kind, span, self.in_quotes));
    }

    /// Notes a substitution that added to `nested` what it runs.
    fn substituted(&mut self, kind: PartKind, start: usize, before: usize, nested: &[Command<'t>]) {
        let span = self.cursor.span(start, self.cursor.at);
        let part = Part { commands: before..nested.len(), ..Part::new(kind, span, self.in_quotes) };
        self.parts.push(part);
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
        let in_quotes = std::mem::replace(&mut self.in_quotes, true);
        let has_expansion = self.in_double_quotes(pieces, nested);
        self.in_quotes = in_quotes;
        has_expansion
    }

    fn in_double_quotes(&mut self, pieces: &mut Pieces<'t>, nested: &mut Vec<Command<'t>>) -> bool {
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
        let (start, before) = (self.cursor.at, nested.len());
        if self.cursor.eat("`") {
            self.backticks(start, nested);
            self.substituted(PartKind::Backticks, start, before, nested);
        } else if self.cursor.eat("$((") {
            let in_quotes = std::mem::replace(&mut self.in_quotes, true);
            self.arithmetic(start, nested);
            self.in_quotes = in_quotes;
            self.part(PartKind::Arithmetic, start);
        } else if self.cursor.eat("$(") {
            self.substitution(start, nested);
            self.substituted(PartKind::Substitution, start, before, nested);
        } else if self.cursor.eat("<(") || self.cursor.eat(">(") {
            self.substitution(start, nested);
            self.substituted(PartKind::Process, start, before, nested);
        } else if self.cursor.eat("${") {
            self.braced(start, nested);
        } else {
            self.cursor.at += 1;
            let from = self.cursor.at;
            self.cursor.at += name_length(self.cursor.text.as_bytes().get(from..).unwrap_or_default());
            if self.cursor.at == from {
                return false;
            }
            let name = self.cursor.slice(from, self.cursor.at);
            let span = self.cursor.span(start, self.cursor.at);
            self.parts.push(Part { name, ..Part::new(PartKind::Variable, span, self.in_quotes) });
        }
        true
    }

    /// `${…}`, behind the opening brace.
    fn braced(&mut self, start: usize, nested: &mut Vec<Command<'t>>) {
        let inside = self.cursor.at;
        let place = self.parts.len();
        self.braces(start, nested);
        let end = self.cursor.at;
        let text = self.cursor.slice(inside, end);
        let text = text.strip_suffix('}').unwrap_or(text);
        let has_prefix = text.len() > 1 && (text.starts_with('#') || text.starts_with('!'));
        let (prefix, rest) = text.split_at(usize::from(has_prefix));
        let (name, operator) = rest.split_at(name_length(rest.as_bytes()));
        let span = self.cursor.span(start, end);
        let part = Part { name, prefix, operator, ..Part::new(PartKind::Variable, span, self.in_quotes) };
        self.parts.insert(place.min(self.parts.len()), part);
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

impl Part<'_> {
    fn new(kind: PartKind, span: Span, quoted: bool) -> Self {
        Self { kind, span, name: "", prefix: "", operator: "", quoted, commands: 0..0 }
    }
}

/// The length of the variable name that `rest` begins with; a positional or special one is a single character.
fn name_length(rest: &[u8]) -> usize {
    match rest.first() {
        Some(b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
        _ => rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count(),
    }
}

fn is_process_substitution(cursor: &Cursor<'_>) -> bool {
    let rest = cursor.text.as_bytes().get(cursor.at..).unwrap_or_default();
    matches!(rest, [b'<' | b'>', b'(', ..])
}
