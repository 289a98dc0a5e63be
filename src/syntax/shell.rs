//! Shell text (`RUN`, `CMD`, `command: [sh, -c, …]`, CI steps) as a list of simple commands with spans.
//!
//! It is enough to see which programs run with which words: lists, pipes, groups and control structures are flattened
//! into one list in the order of the text, keywords are left out, and what `$(…)`, backticks and `<(…)` run is listed
//! in [`Command::nested`] of the command whose word holds it. Nothing is expanded: a word that depends on a variable
//! keeps it as written and says so ([`Word::has_expansion`]).

use std::borrow::Cow;

use super::tree::SyntaxProblem;
use crate::span::{SourceId, Span};

mod command;
mod compound;
mod cursor;
mod read;
mod redirect;
mod word;

/// Where the text of a script stands in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The text is a verbatim part of the source that begins at this byte.
    At(SourceId, u32),
    /// The text was unescaped or put together, so every part of it is shown by this span.
    Within(Span),
}

/// How line continuations are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lines {
    /// As a shell reads them: a backslash before the line break, not within single quotes.
    #[default]
    Shell,
    /// As a Dockerfile joins them before the shell runs: everywhere, also with blanks behind the escape character,
    /// and comment lines and empty lines in between are dropped.
    Dockerfile {
        /// The escape character: a backslash or a backtick.
        escape: u8,
    },
}

/// A script: its commands in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Script<'t> {
    /// The commands; those inside substitutions are in [`Command::nested`].
    pub commands: Vec<Command<'t>>,
    /// What could not be read: a missing quote, bracket or keyword. The commands before it are there.
    pub problems: Vec<SyntaxProblem>,
    /// Loops, branches, functions and other constructs that are no simple command, in the order of the text; those inside
    /// substitutions are among them.
    pub marks: Vec<Mark<'t>>,
}

/// A construct that is no simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark<'t> {
    /// What it is.
    pub kind: MarkKind,
    /// The keyword, operator or name that shows it.
    pub span: Span,
    /// The variable of a loop, the name of a function or array.
    pub name: &'t str,
    /// The words behind `in` of a loop; the word that `case` looks at.
    pub words: Vec<Word<'t>>,
}

/// Which construct a [`Mark`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// `for NAME in …`
    For,
    /// `select NAME in …`
    Select,
    /// `case WORD in`
    Case,
    /// `NAME() …`
    Function,
    /// `function NAME …`
    FunctionKeyword,
    /// `((…))`
    ArithmeticCommand,
    /// `for ((…))`
    ArithmeticFor,
    /// `;&` or `;;&`
    FallThrough,
    /// `|&`
    PipeBoth,
    /// `NAME=(…)`
    Array,
    /// `NAME+=…`
    Append,
}

/// A piece of a word that is more than plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'t> {
    /// What it is.
    pub kind: PartKind,
    /// From its first byte to its last, quotes and braces included.
    pub span: Span,
    /// The variable of `$NAME`, `${NAME…}`, `${#NAME}`, `${!NAME}`.
    pub name: &'t str,
    /// What stands before the name within braces (`#`, `!`).
    pub prefix: &'t str,
    /// What follows the name within braces: `:-x`, `//a/b`, `[1]`.
    pub operator: &'t str,
    /// It stands in double quotes, or where nothing is split: in arithmetic.
    pub quoted: bool,
    /// Which of the command's nested commands a substitution runs.
    pub commands: std::ops::Range<usize>,
}

/// What a [`Part`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// `'…'`
    Single,
    /// `$'…'`
    Ansi,
    /// `$NAME`, `${…}`
    Variable,
    /// `$(…)`
    Substitution,
    /// `` `…` ``
    Backticks,
    /// `$((…))`
    Arithmetic,
    /// `<(…)`, `>(…)`
    Process,
    /// `*`, `?` or `[` outside quotes.
    Glob,
    /// `{a,b}`, `{1..3}` outside quotes.
    Braces,
}

/// A word after quote removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'t> {
    /// Its text; expansions stand in it as written (`$HOME`, `${X:-y}`, `$(date)`).
    pub text: Cow<'t, str>,
    /// The word as written, quotes included.
    pub span: Span,
    /// It holds a variable or a substitution, so its text is not what the command will see.
    pub has_expansion: bool,
    /// Some part of it stands in quotes.
    pub quoted: bool,
    /// Its quotes, expansions and patterns, in the order of the text.
    pub parts: Vec<Part<'t>>,
}

/// How a command is joined to the one before it in the same list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connector {
    /// It is the first.
    #[default]
    Start,
    /// `;`, a line break, or a keyword such as `then`.
    Sequence,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|` or `|&`: it reads what the one before writes.
    Pipe,
    /// `&`: the one before runs in the background.
    Background,
}

/// `NAME=value` before a command or alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment<'t> {
    /// The variable.
    pub name: &'t str,
    /// What it is set to.
    pub value: Word<'t>,
    /// The whole assignment.
    pub span: Span,
    /// `NAME+=value`
    pub appends: bool,
    /// `NAME=(…)`
    pub is_array: bool,
}

/// `> file`, `2>&1`, `<<EOF` …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirection<'t> {
    /// The number before the operator.
    pub fd: Option<&'t str>,
    /// The operator: `<`, `>`, `>>`, `<<`, `<<-`, `<<<`, `>&`, `<&`, `&>`, `&>>`, `<>`, `>|`.
    pub operator: &'t str,
    /// The file, descriptor, text or delimiter.
    pub target: Word<'t>,
    /// The lines of a here document, without the line of the delimiter, when they follow in the same text.
    pub body: Option<Span>,
    /// The whole redirection, without the body.
    pub span: Span,
}

/// A simple command.
#[derive(Debug, Clone, Default)]
pub struct Command<'t> {
    /// The program and its arguments; empty for an assignment or a redirection alone.
    pub words: Vec<Word<'t>>,
    /// Assignments before it.
    pub assignments: Vec<Assignment<'t>>,
    /// Its redirections.
    pub redirections: Vec<Redirection<'t>>,
    /// What runs inside its words: `$(…)`, backticks, `<(…)`.
    pub nested: Vec<Command<'t>>,
    /// From its first word, assignment or redirection to its last.
    pub span: Option<Span>,
    /// How it is joined to the command before it.
    pub connector: Connector,
    /// How many subshells `( … )` and groups `{ … }` enclose it.
    pub depth: u16,
    /// Its exit code decides what runs: it stands between `if`, `elif`, `while` or `until` and `then` or `do`.
    pub is_condition: bool,
}

/// Reads `text` as a script.
pub fn read(text: &str, place: Place, lines: Lines) -> Script<'_> {
    read::read(text, place, lines)
}

impl<'t> Script<'t> {
    /// All commands, each before those nested in its words.
    pub fn all(&self) -> impl Iterator<Item = &Command<'t>> {
        let mut waiting: Vec<&Command<'t>> = self.commands.iter().rev().collect();
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.nested.iter().rev());
            Some(next)
        })
    }
}

#[cfg(test)]
mod tests;
