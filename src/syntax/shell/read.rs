//! Lists of commands: operators, keywords, groups, here documents.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::word::is_meta;
use super::{Assignment, Command, Connector, Lines, Place, Redirection, Script, Word};
use crate::span::Span;

/// Substitutions nested deeper than this are a problem of the script.
const MAX_DEPTH: u16 = 32;

pub(super) fn read(text: &str, place: Place, lines: Lines) -> Script<'_> {
    let mut reader = Reader { cursor: Cursor::new(text, place, lines), depth: 0, bodies_end: None };
    let commands = reader.list(None);
    Script { commands, problems: reader.cursor.problems }
}

pub(super) struct Reader<'t> {
    pub(super) cursor: Cursor<'t>,
    depth: u16,
    /// Where the bodies of the current line's here documents end.
    bodies_end: Option<usize>,
}

/// A list of commands as it grows.
#[derive(Default)]
struct List<'t> {
    commands: Vec<Command<'t>>,
    connector: Connector,
    brackets: u16,
    braces: u16,
    cases: u16,
}

impl List<'_> {
    fn join(&mut self, connector: Connector) {
        if !self.commands.is_empty() {
            self.connector = connector;
        }
    }
}

/// What a word in the place of a command turned out to be.
enum Keyword {
    /// No keyword.
    None,
    /// A keyword, passed with what belongs to it.
    Passed,
    /// `[[`: its words go up to `]]`.
    Test,
}

impl<'t> Reader<'t> {
    /// Runs `f` one level deeper, or gives up.
    pub(super) fn deeper<R: Default>(&mut self, open: usize, f: impl FnOnce(&mut Self) -> R) -> R {
        if self.depth >= MAX_DEPTH {
            self.cursor.problem(open, "substitutions nested too deeply");
            self.cursor.stop();
            return R::default();
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    /// Commands up to `until` (a closing bracket, which is not passed) or the end.
    pub(super) fn list(&mut self, until: Option<u8>) -> Vec<Command<'t>> {
        let mut list = List::default();
        loop {
            self.cursor.skip_blanks();
            match self.cursor.peek() {
                None => break,
                Some(b')') if list.brackets == 0 && until == Some(b')') => break,
                Some(byte) => self.step(byte, &mut list),
            }
        }
        list.commands
    }

    fn step(&mut self, byte: u8, list: &mut List<'t>) {
        match byte {
            b'\n' => {
                self.line_break();
                list.join(Connector::Sequence);
            }
            b';' => {
                let next_case = self.cursor.eat(";;&") || self.cursor.eat(";;") || self.cursor.eat(";&");
                if !next_case {
                    self.cursor.at += 1;
                }
                list.join(Connector::Sequence);
                if next_case && list.cases > 0 {
                    self.pattern(list);
                }
            }
            b'&' if !self.cursor.starts_with("&>") => {
                let and = self.cursor.eat("&&") || !self.cursor.eat("&");
                list.join(if and { Connector::And } else { Connector::Background });
            }
            b'|' => {
                let or = self.cursor.eat("||") || !(self.cursor.eat("|&") || self.cursor.eat("|"));
                list.join(if or { Connector::Or } else { Connector::Pipe });
            }
            b'(' => {
                let open = self.cursor.at;
                if self.cursor.eat("((") {
                    let mut nested = Vec::new();
                    self.arithmetic(open, &mut nested);
                    list.commands.append(&mut nested);
                } else {
                    self.cursor.at += 1;
                    list.brackets = list.brackets.saturating_add(1);
                }
            }
            b')' => {
                if list.brackets == 0 {
                    self.cursor.problem(self.cursor.at, "a `)` without its `(`");
                }
                self.cursor.at += 1;
                list.brackets = list.brackets.saturating_sub(1);
            }
            _ => self.command(list),
        }
    }

    fn line_break(&mut self) {
        self.cursor.at += 1;
        if let Some(end) = self.bodies_end.take() {
            self.cursor.at = self.cursor.at.max(end).min(self.cursor.text.len());
        }
    }

    /// A simple command, or a keyword.
    fn command(&mut self, list: &mut List<'t>) {
        let mut command = Command {
            connector: list.connector,
            depth: list.brackets.saturating_add(list.braces),
            ..Command::default()
        };
        let mut bounds: Option<(usize, usize)> = None;
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.at;
            let Some(byte) = self.cursor.peek() else { break };
            if self.at_redirection(byte) {
                let redirection = self.redirection(&mut command.nested);
                command.redirections.push(redirection);
            } else if byte == b'(' && command.words.len() == 1 && self.function_brackets() {
                // What stands before `()` is the name of a function, whose body follows.
                command.words.clear();
                bounds = None;
                break;
            } else if is_meta(byte) && !matches!(byte, b'<' | b'>') {
                break;
            } else if command.words.is_empty() && self.at_assignment() {
                let assignment = self.assignment(&mut command.nested);
                command.assignments.push(assignment);
            } else {
                let word = self.word(&mut command.nested);
                if bounds.is_none() {
                    match self.keyword(&word, list, &mut command.nested) {
                        Keyword::None => {}
                        Keyword::Passed => break,
                        Keyword::Test => {
                            command.words.push(word);
                            self.test_words(&mut command);
                            bounds = Some((start, self.cursor.at));
                            continue;
                        }
                    }
                }
                command.words.push(word);
            }
            bounds = Some((bounds.map_or(start, |(first, _)| first), self.cursor.at.max(start)));
        }
        let Some((start, end)) = bounds else {
            // A keyword's header may still run something.
            list.commands.append(&mut command.nested);
            return;
        };
        command.span = Some(self.cursor.span(start, end));
        list.commands.push(command);
        list.connector = Connector::Sequence;
    }

    fn function_brackets(&mut self) -> bool {
        let before = self.cursor.at;
        self.cursor.at += 1;
        self.cursor.skip_blanks();
        let found = self.cursor.eat(")");
        if !found {
            self.cursor.at = before;
        }
        found
    }

    /// Passes a keyword and its header.
    fn keyword(&mut self, word: &Word<'t>, list: &mut List<'t>, nested: &mut Vec<Command<'t>>) -> Keyword {
        if word.quoted || word.has_expansion {
            return Keyword::None;
        }
        match &*word.text {
            "if" | "then" | "else" | "elif" | "fi" | "while" | "until" | "do" | "done" | "!" | "time" | "coproc" => {}
            "{" => list.braces = list.braces.saturating_add(1),
            "}" => list.braces = list.braces.saturating_sub(1),
            "esac" => list.cases = list.cases.saturating_sub(1),
            "for" | "select" => self.for_header(nested),
            "function" => {
                self.cursor.skip_blanks();
                self.word(nested);
                self.cursor.skip_blanks();
                if self.cursor.peek() == Some(b'(') {
                    self.function_brackets();
                }
            }
            "case" => {
                self.cursor.skip_blanks();
                self.word(nested);
                self.skip_lines();
                if self.cursor.starts_with("in") {
                    self.word(nested);
                }
                list.cases = list.cases.saturating_add(1);
                self.pattern(list);
            }
            "[[" => return Keyword::Test,
            _ => return Keyword::None,
        }
        Keyword::Passed
    }

    /// `for NAME [in WORD…]` up to the separator.
    fn for_header(&mut self, nested: &mut Vec<Command<'t>>) {
        loop {
            self.cursor.skip_blanks();
            let open = self.cursor.at;
            if self.cursor.eat("((") {
                self.arithmetic(open, nested);
                continue;
            }
            match self.cursor.peek() {
                Some(byte) if is_meta(byte) => return,
                None => return,
                Some(_) => self.word(nested),
            };
        }
    }

    fn skip_lines(&mut self) {
        self.cursor.skip_blanks();
        while self.cursor.peek() == Some(b'\n') {
            self.line_break();
            self.cursor.skip_blanks();
        }
    }

    /// The patterns of a `case` branch up to their `)`, or `esac`.
    fn pattern(&mut self, list: &mut List<'t>) {
        self.skip_lines();
        let mut is_first = true;
        while let Some(byte) = self.cursor.peek() {
            if is_meta(byte) {
                self.cursor.at += 1;
                if byte == b')' {
                    return;
                }
            } else {
                let word = self.word(&mut Vec::new());
                if is_first && word.text == "esac" {
                    list.cases = list.cases.saturating_sub(1);
                    return;
                }
                is_first = false;
            }
            self.cursor.skip_blanks();
        }
    }

    /// The words of `[[ … ]]` behind `[[`, where `<`, `&&`, brackets and line breaks are words too.
    fn test_words(&mut self, command: &mut Command<'t>) {
        let open = self.cursor.at;
        loop {
            self.cursor.skip_blanks();
            let start = self.cursor.at;
            match self.cursor.peek() {
                None => return self.cursor.problem(open, "the closing `]]` is missing"),
                Some(byte) if is_meta(byte) => {
                    self.cursor.at += 1;
                    if byte != b'\n' {
                        let text = Cow::Borrowed(self.cursor.slice(start, start + 1));
                        let span = self.cursor.span(start, start + 1);
                        command.words.push(Word { text, span, has_expansion: false, quoted: false });
                    }
                }
                Some(_) => {
                    let word = self.word(&mut command.nested);
                    let is_end = word.text == "]]" && !word.quoted;
                    command.words.push(word);
                    if is_end {
                        return;
                    }
                }
            }
        }
    }

    fn at_redirection(&mut self, byte: u8) -> bool {
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

    fn redirection(&mut self, nested: &mut Vec<Command<'t>>) -> Redirection<'t> {
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

    /// The length of `NAME`, `NAME[…]` before `=` or `+=`, if the text goes on like this.
    fn assigned_name(&self) -> Option<(usize, usize)> {
        let rest = self.cursor.text.as_bytes().get(self.cursor.at..)?;
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if name == 0 || rest.first()?.is_ascii_digit() {
            return None;
        }
        let mut at = name;
        if rest.get(at) == Some(&b'[') {
            // An index is short; what is not closed soon is no assignment.
            at += rest.iter().skip(at).take(64).position(|byte| *byte == b']')? + 1;
        }
        at += usize::from(rest.get(at) == Some(&b'+'));
        (rest.get(at) == Some(&b'=')).then_some((name, at + 1))
    }

    fn at_assignment(&self) -> bool {
        self.assigned_name().is_some()
    }

    fn assignment(&mut self, nested: &mut Vec<Command<'t>>) -> Assignment<'t> {
        let start = self.cursor.at;
        let (name, length) = self.assigned_name().unwrap_or_default();
        let name = self.cursor.slice(start, start + name);
        self.cursor.at += length;
        let from = self.cursor.at;
        let value = if self.cursor.peek() == Some(b'(') { self.array(nested) } else { self.word(nested) };
        let end = self.cursor.at.max(from);
        Assignment { name, value, span: self.cursor.span(start, end) }
    }

    /// `(a b c)` behind `NAME=`, as one word.
    fn array(&mut self, nested: &mut Vec<Command<'t>>) -> Word<'t> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        let (mut has_expansion, mut quoted) = (false, false);
        loop {
            self.skip_lines();
            match self.cursor.peek() {
                None => {
                    self.cursor.problem(start, "the closing `)` is missing");
                    break;
                }
                Some(b')') => {
                    self.cursor.at += 1;
                    break;
                }
                Some(byte) if is_meta(byte) => self.cursor.at += 1,
                Some(_) => {
                    let word = self.word(nested);
                    has_expansion |= word.has_expansion;
                    quoted |= word.quoted;
                }
            }
        }
        let end = self.cursor.at;
        let text = Cow::Borrowed(self.cursor.slice(start, end));
        Word { text, span: self.cursor.span(start, end), has_expansion, quoted }
    }
}
