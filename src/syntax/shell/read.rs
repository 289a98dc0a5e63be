//! Lists of commands: operators, keywords, groups, here documents.

use std::borrow::Cow;

use super::compound::Compounds;
use super::cursor::Cursor;
use super::word::is_meta;
use super::{Assignment, Command, Connector, Lines, Mark, MarkKind, Part, Place, Script, Word};
use crate::span::Span;

/// Substitutions nested deeper than this are a problem of the script.
const MAX_DEPTH: u16 = 32;

pub(super) fn read(text: &str, place: Place, lines: Lines) -> Script<'_> {
    let mut reader = Reader {
        cursor: Cursor::new(text, place, lines),
        depth: 0,
        bodies_end: None,
        parts: Vec::new(),
        in_quotes: false,
        marks: Vec::new(),
    };
    let commands = reader.list(None);
    Script { commands, problems: reader.cursor.problems, marks: reader.marks }
}

pub(super) struct Reader<'t> {
    pub(super) cursor: Cursor<'t>,
    depth: u16,
    /// Where the bodies of the current line's here documents end.
    pub(super) bodies_end: Option<usize>,
    /// What the word at hand consists of so far.
    pub(super) parts: Vec<Part<'t>>,
    /// The cursor stands in double quotes, or in arithmetic.
    pub(super) in_quotes: bool,
    marks: Vec<Mark<'t>>,
}

/// A list of commands as it grows.
#[derive(Default)]
struct List<'t> {
    commands: Vec<Command<'t>>,
    connector: Connector,
    brackets: u16,
    braces: u16,
    cases: u16,
    compounds: Compounds,
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
        list.compounds.end(&mut self.cursor);
        list.commands
    }

    fn step(&mut self, byte: u8, list: &mut List<'t>) {
        let at = self.cursor.at;
        match byte {
            b'\n' => {
                self.line_break();
                list.compounds.line_break();
                list.join(Connector::Sequence);
            }
            b';' => self.semicolon(list),
            b'&' if !self.cursor.starts_with("&>") => {
                let and = self.cursor.eat("&&") || !self.cursor.eat("&");
                if and {
                    list.compounds.operator(&mut self.cursor, at, "&&");
                } else {
                    list.compounds.separator(&mut self.cursor, at, "&");
                }
                list.join(if and { Connector::And } else { Connector::Background });
            }
            b'|' => {
                let both = !self.cursor.starts_with("||") && self.cursor.starts_with("|&");
                let or = self.cursor.eat("||") || !(self.cursor.eat("|&") || self.cursor.eat("|"));
                list.compounds.operator(&mut self.cursor, at, if or { "||" } else { "|" });
                if both {
                    self.mark(MarkKind::PipeBoth, at, "");
                }
                list.join(if or { Connector::Or } else { Connector::Pipe });
            }
            b'(' => {
                if self.cursor.eat("((") {
                    let mut nested = Vec::new();
                    self.arithmetic(at, &mut nested);
                    self.parts.clear();
                    list.commands.append(&mut nested);
                    list.compounds.command();
                    self.mark(MarkKind::ArithmeticCommand, at, "");
                } else {
                    self.cursor.at += 1;
                    list.compounds.bracket(at);
                    list.brackets = list.brackets.saturating_add(1);
                }
            }
            b')' => {
                list.compounds.close_bracket(&mut self.cursor, at);
                self.cursor.at += 1;
                list.brackets = list.brackets.saturating_sub(1);
            }
            _ => self.command(list),
        }
    }

    fn semicolon(&mut self, list: &mut List<'t>) {
        let at = self.cursor.at;
        let falls = self.cursor.starts_with(";;&") || self.cursor.starts_with(";&");
        let next_case = self.cursor.eat(";;&") || self.cursor.eat(";;") || self.cursor.eat(";&");
        if next_case {
            list.compounds.next_case(&mut self.cursor, at);
        } else {
            self.cursor.at += 1;
            list.compounds.separator(&mut self.cursor, at, ";");
        }
        if falls {
            self.mark(MarkKind::FallThrough, at, "");
        }
        list.join(Connector::Sequence);
        if next_case && list.cases > 0 {
            self.pattern(list);
        }
    }

    /// Notes a construct, from `start` to the cursor.
    fn mark(&mut self, kind: MarkKind, start: usize, name: &'t str) {
        let span = self.cursor.span(start, self.cursor.at);
        self.marks.push(Mark { kind, span, name, words: Vec::new() });
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
            is_condition: list.compounds.in_condition(),
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
                if let (Some(word), Some((first, _))) = (command.words.first(), bounds) {
                    let name = self.cursor.slice(first, first + word.text.len());
                    self.marks.push(Mark { kind: MarkKind::Function, span: word.span, name, words: Vec::new() });
                }
                command.words.clear();
                bounds = None;
                list.compounds.function();
                break;
            } else if is_meta(byte) && !matches!(byte, b'<' | b'>') {
                break;
            } else if command.words.is_empty() && self.at_assignment() {
                let assignment = self.assignment(&mut command.nested);
                self.mark_assignment(&assignment);
                command.assignments.push(assignment);
            } else {
                let word = self.word(&mut command.nested);
                if bounds.is_none() {
                    match self.keyword(&word, start, list, &mut command.nested) {
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
        list.compounds.command();
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
    fn keyword(
        &mut self,
        word: &Word<'t>,
        start: usize,
        list: &mut List<'t>,
        nested: &mut Vec<Command<'t>>,
    ) -> Keyword {
        if word.quoted || word.has_expansion {
            return Keyword::None;
        }
        let text = &*word.text;
        list.compounds.keyword(&mut self.cursor, start, text);
        match text {
            "if" | "then" | "else" | "elif" | "fi" | "while" | "until" | "do" | "done" | "!" | "time" | "coproc" => {}
            "{" => list.braces = list.braces.saturating_add(1),
            "}" => list.braces = list.braces.saturating_sub(1),
            "esac" => list.cases = list.cases.saturating_sub(1),
            "for" => self.for_header(MarkKind::For, nested),
            "select" => self.for_header(MarkKind::Select, nested),
            "function" => {
                self.cursor.skip_blanks();
                let from = self.cursor.at;
                let name = self.word(nested);
                let name = self.cursor.slice(from, from + name.text.len());
                self.marks.push(Mark { kind: MarkKind::FunctionKeyword, span: word.span, name, words: Vec::new() });
                list.compounds.function();
                self.cursor.skip_blanks();
                if self.cursor.peek() == Some(b'(') {
                    self.function_brackets();
                }
            }
            "case" => self.case_header(word.span, list, nested),
            "[[" => return Keyword::Test,
            _ => return Keyword::None,
        }
        Keyword::Passed
    }

    /// `case WORD in` and the first pattern, behind `case`.
    fn case_header(&mut self, keyword: Span, list: &mut List<'t>, nested: &mut Vec<Command<'t>>) {
        self.cursor.skip_blanks();
        let looked_at = self.word(nested);
        self.marks.push(Mark { kind: MarkKind::Case, span: keyword, name: "", words: vec![looked_at] });
        self.skip_lines();
        if self.cursor.starts_with("in") {
            self.word(nested);
        }
        list.cases = list.cases.saturating_add(1);
        self.pattern(list);
    }

    /// `for NAME [in WORD…]` up to the separator.
    fn for_header(&mut self, kind: MarkKind, nested: &mut Vec<Command<'t>>) {
        let (mut name, mut words) = ("", Vec::new());
        self.cursor.skip_blanks();
        let start = self.cursor.at;
        loop {
            self.cursor.skip_blanks();
            let open = self.cursor.at;
            if self.cursor.eat("((") {
                self.arithmetic(open, nested);
                self.parts.clear();
                self.mark(MarkKind::ArithmeticFor, open, "");
                continue;
            }
            match self.cursor.peek() {
                Some(byte) if is_meta(byte) => break,
                None => break,
                Some(_) => words.push(self.word(nested)),
            };
            if open == start {
                name = self.cursor.slice(open, self.cursor.at);
            }
        }
        let Some(first) = words.first() else { return };
        let span = first.span;
        words.drain(..words.len().min(2));
        self.marks.push(Mark { kind, span, name, words });
    }

    fn mark_assignment(&mut self, assignment: &Assignment<'t>) {
        let (name, span) = (assignment.name, assignment.span);
        if assignment.is_array {
            self.marks.push(Mark { kind: MarkKind::Array, span, name, words: Vec::new() });
        } else if assignment.appends {
            self.marks.push(Mark { kind: MarkKind::Append, span, name, words: Vec::new() });
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
            let at = self.cursor.at;
            if is_meta(byte) {
                self.cursor.at += 1;
                if byte == b')' {
                    return;
                }
            } else {
                let word = self.word(&mut Vec::new());
                if is_first && word.text == "esac" {
                    list.compounds.keyword(&mut self.cursor, at, "esac");
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
                        command.words.push(Word { text, span, has_expansion: false, quoted: false, parts: Vec::new() });
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
        let is_array = self.cursor.peek() == Some(b'(');
        let value = if is_array { self.array(nested) } else { self.word(nested) };
        let end = self.cursor.at.max(from);
        let appends = self.cursor.slice(start, from).ends_with("+=");
        Assignment { name, value, span: self.cursor.span(start, end), appends, is_array }
    }

    /// `(a b c)` behind `NAME=`, as one word.
    fn array(&mut self, nested: &mut Vec<Command<'t>>) -> Word<'t> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        let (mut has_expansion, mut quoted, mut parts) = (false, false, Vec::new());
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
                    parts.extend(word.parts);
                }
            }
        }
        let end = self.cursor.at;
        let text = Cow::Borrowed(self.cursor.slice(start, end));
        Word { text, span: self.cursor.span(start, end), has_expansion, quoted, parts }
    }
}
