//! Whether keywords, brackets and operators of a list fit together: what opens is closed, and every operator has a
//! command on both sides. Shells refuse the whole text otherwise.

use super::cursor::Cursor;

/// What waits for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `if`, up to `then`
    If,
    /// `then`, `else`, up to `fi`
    Then,
    Else,
    /// `while`, `until`, `for`, `select`, up to `do`
    Loop,
    /// `do`, up to `done`
    Do,
    Case,
    Brace,
    Bracket,
}

/// Something open, with where it began.
#[derive(Debug, Clone, Copy)]
struct Open {
    kind: Kind,
    at: usize,
    word: &'static str,
}

/// What a list has open, and what it waits for.
#[derive(Debug, Default)]
pub(super) struct Compounds {
    open: Vec<Open>,
    /// The operator that waits for a command.
    wants: Option<(&'static str, usize)>,
    /// A command was read that an operator may follow.
    has_command: bool,
    /// What was opened and has no command yet.
    fresh: Option<(&'static str, usize)>,
    /// A mistake was found; what follows from it is not said.
    failed: bool,
}

impl Compounds {
    /// `shown` is the word or operator at `at`.
    fn fail(&mut self, cursor: &mut Cursor<'_>, at: usize, shown: &str, message: &str) {
        if !self.failed {
            cursor.problem_of(at, shown.len(), message);
        }
        self.failed = true;
    }

    fn begin(&mut self, kind: Kind, at: usize, word: &'static str) {
        self.open.push(Open { kind, at, word });
        self.fresh = Some((word, at));
        self.wants = None;
        self.has_command = false;
    }

    /// A command stands here.
    pub(super) fn command(&mut self) {
        self.wants = None;
        self.fresh = None;
        self.has_command = true;
    }

    /// A function's name: its body has to follow.
    pub(super) fn function(&mut self) {
        self.wants = None;
        self.fresh = None;
        self.has_command = false;
    }

    /// `&&`, `||` or `|` at `at`.
    pub(super) fn operator(&mut self, cursor: &mut Cursor<'_>, at: usize, operator: &'static str) {
        if !self.has_command {
            self.fail(cursor, at, operator, &format!("`{operator}` has no command before it"));
        }
        self.wants = Some((operator, at));
        self.has_command = false;
    }

    /// `;` or `&` at `at`.
    pub(super) fn separator(&mut self, cursor: &mut Cursor<'_>, at: usize, separator: &'static str) {
        self.nothing_wanted(cursor);
        if !self.has_command {
            self.fail(cursor, at, separator, &format!("`{separator}` has no command before it"));
        }
        self.has_command = false;
    }

    /// A line break.
    pub(super) fn line_break(&mut self) {
        self.has_command = false;
    }

    fn nothing_wanted(&mut self, cursor: &mut Cursor<'_>) {
        if let Some((operator, at)) = self.wants.take() {
            self.fail(cursor, at, operator, &format!("`{operator}` has no command behind it"));
        }
    }

    /// Everything between an opening and a closing word must hold a command.
    fn not_empty(&mut self, cursor: &mut Cursor<'_>) {
        self.nothing_wanted(cursor);
        if let Some((word, at)) = self.fresh.take() {
            self.fail(cursor, at, word, &format!("no command follows `{word}`"));
        }
    }

    /// `;;`, `;&` or `;;&` at `at`.
    pub(super) fn next_case(&mut self, cursor: &mut Cursor<'_>, at: usize) {
        self.nothing_wanted(cursor);
        self.fresh = None;
        self.has_command = false;
        if self.open.last().map(|open| open.kind) != Some(Kind::Case) {
            self.fail(cursor, at, ";;", "`;;` outside of `case`");
        }
    }

    /// `(` at `at`.
    pub(super) fn bracket(&mut self, at: usize) {
        self.begin(Kind::Bracket, at, "(");
    }

    /// `)` at `at`.
    pub(super) fn close_bracket(&mut self, cursor: &mut Cursor<'_>, at: usize) {
        self.not_empty(cursor);
        self.close(cursor, at, ")", "(", &[Kind::Bracket]);
    }

    fn close(&mut self, cursor: &mut Cursor<'_>, at: usize, word: &str, opener: &str, kinds: &[Kind]) {
        match self.open.last() {
            Some(open) if kinds.contains(&open.kind) => {
                self.open.pop();
            }
            _ => self.fail(cursor, at, word, &format!("a `{word}` without its `{opener}`")),
        }
        self.command();
    }

    /// `then` takes the place of `if`, `do` that of `while`.
    fn turn(&mut self, cursor: &mut Cursor<'_>, at: usize, kinds: &[Kind], to: Open, opener: &str) {
        self.not_empty(cursor);
        match self.open.last().copied() {
            Some(open) if kinds.contains(&open.kind) => {
                self.open.pop();
                self.begin(to.kind, open.at, open.word);
                self.fresh = Some((to.word, at));
            }
            _ => self.fail(cursor, at, to.word, &format!("a `{}` without its `{opener}`", to.word)),
        }
    }

    /// A keyword at `at`. `for` and `case` have their header still before them.
    pub(super) fn keyword(&mut self, cursor: &mut Cursor<'_>, at: usize, word: &str) {
        let to = |kind, word| Open { kind, at, word };
        match word {
            "if" => self.begin(Kind::If, at, "if"),
            "while" => self.begin(Kind::Loop, at, "while"),
            "until" => self.begin(Kind::Loop, at, "until"),
            "for" | "select" => {
                self.begin(Kind::Loop, at, if word == "for" { "for" } else { "select" });
                self.command();
            }
            "case" => {
                self.begin(Kind::Case, at, "case");
                self.fresh = None;
            }
            "{" => self.begin(Kind::Brace, at, "{"),
            "then" => self.turn(cursor, at, &[Kind::If], to(Kind::Then, "then"), "if"),
            "else" => self.turn(cursor, at, &[Kind::Then], to(Kind::Else, "else"), "then"),
            "elif" => self.turn(cursor, at, &[Kind::Then], to(Kind::If, "elif"), "then"),
            "do" => self.turn(cursor, at, &[Kind::Loop], to(Kind::Do, "do"), "while` or `for"),
            "fi" => {
                self.not_empty(cursor);
                self.close(cursor, at, "fi", "then", &[Kind::Then, Kind::Else]);
            }
            "done" => {
                self.not_empty(cursor);
                self.close(cursor, at, "done", "do", &[Kind::Do]);
            }
            "esac" => {
                self.nothing_wanted(cursor);
                self.close(cursor, at, "esac", "case", &[Kind::Case]);
            }
            "}" => {
                self.not_empty(cursor);
                self.close(cursor, at, "}", "{", &[Kind::Brace]);
            }
            _ => {}
        }
    }

    /// Whether the next command's exit code decides what runs.
    pub(super) fn in_condition(&self) -> bool {
        self.open.iter().rev().take(4).any(|open| matches!(open.kind, Kind::If | Kind::Loop))
    }

    /// The end of the list.
    pub(super) fn end(&mut self, cursor: &mut Cursor<'_>) {
        self.nothing_wanted(cursor);
        if let Some(open) = self.open.last().copied() {
            let closing = match open.kind {
                Kind::If => "then",
                Kind::Then | Kind::Else => "fi",
                Kind::Loop => "do",
                Kind::Do => "done",
                Kind::Case => "esac",
                Kind::Brace => "}",
                Kind::Bracket => ")",
            };
            self.fail(cursor, open.at, open.word, &format!("`{}` without its `{closing}`", open.word));
        }
    }
}
