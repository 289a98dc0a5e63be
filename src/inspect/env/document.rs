//! A dotenv file as it is written: its lines, each with its places. Offsets are bytes of the source's text.

use std::borrow::Cow;
use std::ops::Range;

/// A dotenv file.
#[derive(Debug, Default)]
pub struct Document<'t> {
    /// What is neither blank nor a comment, in order.
    pub lines: Vec<Line<'t>>,
    /// Names in comments that are written like assignments (`# PORT=3000`).
    pub commented: Vec<&'t str>,
    /// The first line break that is not a lone LF.
    pub carriage_return: Option<Range<usize>>,
    /// The first of two blank lines in a row.
    pub blank_pair: Option<Range<usize>>,
}

/// A line, or several when a quoted value goes on.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly every line is an assignment")]
pub enum Line<'t> {
    /// A name, and usually a value.
    Assignment(Assignment<'t>),
    /// Anything else.
    Other(Range<usize>),
}

/// What stands between name and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `=`
    Equals,
    /// `: `
    Colon,
    /// Nothing: there is no value.
    None,
}

/// A name with its value.
#[derive(Debug)]
pub struct Assignment<'t> {
    /// The name.
    pub key: &'t str,
    /// Where the name stands.
    pub key_place: Range<usize>,
    /// Where `export` stands.
    pub export: Option<Range<usize>>,
    /// Blanks before the first word of the line.
    pub indent: Range<usize>,
    /// What stands between name and value.
    pub separator: Separator,
    /// Where it stands, blanks around it included.
    pub separator_place: Range<usize>,
    /// Where the value stands, quotes included; empty at its place when there is none.
    pub value_place: Range<usize>,
    /// The value without quotes, escapes resolved.
    pub value: Cow<'t, str>,
    /// The quote around the value: `'`, `"` or a backtick.
    pub quote: Option<char>,
    /// Whether the quote is closed.
    pub is_closed: bool,
    /// What follows the closing quote and is no comment.
    pub tail: Option<Range<usize>>,
    /// Blanks at the end of the line.
    pub trailing: Range<usize>,
    /// Uses of other variables; none in single quotes.
    pub references: Vec<Reference<'t>>,
    /// The first `$(…)` or backtick outside of single quotes.
    pub command: Option<Range<usize>>,
    /// The first `${` without a name or without its `}`.
    pub broken: Option<Range<usize>>,
}

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference<'t> {
    /// Its name.
    pub name: &'t str,
    /// Where it stands, `$` included.
    pub place: Range<usize>,
    /// Whether something stands in for it when it is not set, or the start fails by intent.
    pub has_fallback: bool,
    /// Whether it is written with braces.
    pub is_braced: bool,
}

impl<'t> Document<'t> {
    /// The assignments, in order.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment<'t>> {
        self.lines.iter().filter_map(|line| match line {
            Line::Assignment(assignment) => Some(assignment),
            Line::Other(_) => None,
        })
    }
}
