//! The text into pieces and logical lines: continuations, comments, blank lines, directives, heredocs.

use std::collections::HashMap;
use std::ops::Range;

use super::heredoc;
use crate::inspect::dockerfile::document::{Directive, Heredoc, Line, Piece, PieceKind};
use crate::span::SourceId;

/// One instruction's text, before its words are looked at.
pub(super) struct Logical<'s> {
    pub(super) line: Line<'s>,
    pub(super) range: Range<usize>,
    pub(super) heredocs: Vec<Heredoc>,
    pub(super) blank_lines: Vec<Range<usize>>,
    /// The place of a heredoc word whose end is nowhere.
    pub(super) unterminated: Option<Range<usize>>,
}

/// What the text consists of.
pub(super) struct Split<'s> {
    pub(super) escape: u8,
    pub(super) directives: Vec<Directive>,
    pub(super) pieces: Vec<Piece>,
    pub(super) lines: Vec<Logical<'s>>,
}

/// A physical line: its content, and where the next one begins.
#[derive(Clone)]
struct Physical {
    content: Range<usize>,
    next: usize,
}

struct Splitter<'s> {
    source: SourceId,
    text: &'s str,
    at: usize,
    split: Split<'s>,
    /// Directives still count.
    at_top: bool,
    /// Made when the first heredoc is met.
    ends: Option<Ends<'s>>,
}

/// Splits `text`. Total and linear.
pub(super) fn split(source: SourceId, text: &str) -> Split<'_> {
    let split = Split { escape: b'\\', directives: Vec::new(), pieces: Vec::new(), lines: Vec::new() };
    let mut splitter = Splitter { source, text, at: 0, split, at_top: true, ends: None };
    while splitter.at < text.len() {
        splitter.step();
    }
    splitter.split
}

impl<'s> Splitter<'s> {
    fn physical(&self) -> Option<Physical> {
        physical(self.text, self.at)
    }

    fn piece(&mut self, kind: PieceKind, range: Range<usize>) {
        if !range.is_empty() {
            self.split.pieces.push(Piece { kind, range });
        }
    }

    /// Reads one line, or one instruction with all its lines.
    fn step(&mut self) {
        let Some(physical) = self.physical() else {
            self.at = self.text.len();
            return;
        };
        let content = &self.text[physical.content.clone()];
        let start = physical.content.start + (content.len() - content.trim_start().len());
        if start == physical.content.end {
            self.at_top = false;
            self.piece(PieceKind::Blank, physical.content.start..physical.next);
            self.at = physical.next;
        } else if self.text[start..].starts_with('#') {
            self.comment(&physical, start);
        } else {
            self.at_top = false;
            self.instruction(&physical, start);
        }
    }

    fn comment(&mut self, physical: &Physical, start: usize) {
        let range = start..physical.content.end;
        let directive = self.directive(range.clone());
        self.piece(PieceKind::Blank, physical.content.start..start);
        self.piece(if directive { PieceKind::Directive } else { PieceKind::Comment }, range);
        self.piece(PieceKind::Break, physical.content.end..physical.next);
        self.at = physical.next;
    }

    /// Reads a comment as a directive; whether it is one that counts. What only looks like one is kept, with the reason.
    fn directive(&mut self, range: Range<usize>) -> bool {
        let was_top = self.at_top;
        let shebang = self.split.pieces.is_empty() && self.text[range.clone()].starts_with("#!");
        self.at_top = was_top && shebang;
        let Some((key, value)) = directive_parts(self.text, range) else { return false };
        let name = self.text[key.clone()].to_ascii_lowercase();
        if !matches!(name.as_str(), "syntax" | "escape" | "check") {
            return false;
        }
        let repeated = self.split.directives.iter().any(|directive| {
            directive.ignored.is_none() && self.text[directive.key.clone()].eq_ignore_ascii_case(&name)
        });
        let text = &self.text[value.clone()];
        if !was_top && name == "check" {
            return false; // such a comment speaks of the instruction below it
        }
        let ignored = match () {
            () if !was_top => {
                Some("directives count only at the very top, before any comment, blank line or instruction")
            }
            () if repeated => Some("it is given twice, which the builder refuses"),
            () if name == "escape" && !matches!(text, "\\" | "`") => Some("the escape character must be \\ or `"),
            () => None,
        };
        if name == "escape" && ignored.is_none() {
            self.split.escape = text.as_bytes()[0];
        }
        self.at_top |= was_top;
        self.split.directives.push(Directive { key, value, ignored });
        ignored.is_none()
    }

    fn instruction(&mut self, first: &Physical, start: usize) {
        self.piece(PieceKind::Blank, first.content.start..start);
        let mut line = Line::verbatim(self.source, self.text, start..start);
        let mut blank_lines = Vec::new();
        let mut physical = first.clone();
        let mut from = start;
        let end = loop {
            let content = from..physical.content.end;
            let continued = continuation(&self.text[content.clone()], self.split.escape).map(|at| content.start + at);
            let code = content.start..continued.unwrap_or(content.end);
            line.push(code.clone());
            self.piece(PieceKind::Code, code.clone());
            self.at = physical.next;
            let Some(escape) = continued else {
                break physical;
            };
            self.piece(PieceKind::Continuation, escape..physical.next);
            match self.next_code(&mut blank_lines) {
                Some(next) => {
                    from = next.content.start;
                    physical = next;
                }
                None => break Physical { content: escape..escape, next: self.at },
            }
        };
        self.piece(PieceKind::Break, end.content.end.max(self.pieces_end())..end.next);
        let mut range = start..end.content.end;
        let (heredocs, unterminated) = self.heredocs(&line);
        if let Some(last) = heredocs.last() {
            range.end = last.terminator.end;
        }
        self.split.lines.push(Logical { line, range, heredocs, blank_lines, unterminated });
    }

    fn pieces_end(&self) -> usize {
        self.split.pieces.last().map_or(0, |piece| piece.range.end)
    }

    /// The next line of a continued instruction; comments and blank lines before it are passed over.
    fn next_code(&mut self, blank_lines: &mut Vec<Range<usize>>) -> Option<Physical> {
        loop {
            let physical = self.physical()?;
            let content = &self.text[physical.content.clone()];
            let start = physical.content.start + (content.len() - content.trim_start().len());
            if start == physical.content.end {
                self.piece(PieceKind::Blank, physical.content.start..physical.next);
                blank_lines.push(physical.content.start..physical.next);
            } else if self.text[start..].starts_with('#') {
                self.piece(PieceKind::Blank, physical.content.start..start);
                self.piece(PieceKind::Comment, start..physical.content.end);
                self.piece(PieceKind::Break, physical.content.end..physical.next);
            } else {
                return Some(physical);
            }
            self.at = physical.next;
        }
    }

    /// Reads the bodies of the heredocs that `line` opens. One whose end is nowhere is not read, so that the lines after
    /// it are still judged.
    fn heredocs(&mut self, line: &Line<'s>) -> (Vec<Heredoc>, Option<Range<usize>>) {
        let mut found = Vec::new();
        for opening in heredoc::openings(line.text()) {
            let Some(terminator) = self.terminator(&opening.name, opening.chomp) else {
                return (found, Some(opening.word));
            };
            let body = self.at..terminator.content.start;
            self.piece(PieceKind::Body, body.clone());
            self.piece(PieceKind::Terminator, terminator.content.clone());
            self.piece(PieceKind::Break, terminator.content.end..terminator.next);
            self.at = terminator.next;
            let heredoc::Opening { word, name, chomp, expand } = opening;
            found.push(Heredoc { word, name, chomp, expand, body, terminator: terminator.content });
        }
        (found, None)
    }

    fn terminator(&mut self, name: &str, chomp: bool) -> Option<Physical> {
        let (text, from) = (self.text, self.at);
        let ends = self.ends.get_or_insert_with(|| Ends::new(text, from));
        let starts = if chomp { ends.trimmed.get(name) } else { ends.exact.get(name) }?;
        let first = starts.partition_point(|start| *start < from);
        physical(text, *starts.get(first)?)
    }
}

/// The physical line at `at`: it ends at `\n`; carriage returns before that belong to the break.
fn physical(text: &str, at: usize) -> Option<Physical> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let next = at + memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |length| length + 1);
    let content = text[at..next].trim_end_matches(['\n', '\r']).len();
    Some(Physical { content: at..at + content, next })
}

/// Where the lines begin that consist of a given text, so that no heredoc searches the rest of the file.
struct Ends<'s> {
    exact: HashMap<&'s str, Vec<usize>>,
    /// Without leading tabs, which `<<-` ignores.
    trimmed: HashMap<&'s str, Vec<usize>>,
}

impl<'s> Ends<'s> {
    fn new(text: &'s str, from: usize) -> Self {
        let mut ends = Ends { exact: HashMap::new(), trimmed: HashMap::new() };
        let mut at = from;
        for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
            let content = line.trim_end_matches(['\n', '\r']);
            ends.exact.entry(content).or_default().push(at);
            ends.trimmed.entry(content.trim_start_matches('\t')).or_default().push(at);
            at += line.len();
        }
        ends
    }
}

/// The key and value of a comment of the form `# key = value`.
fn directive_parts(text: &str, range: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let comment = &text[range.clone()];
    let equals = comment.find('=')?;
    let key = comment[1..equals].trim();
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric());
    let value = comment[equals + 1..].trim();
    if !plain || value.is_empty() {
        return None;
    }
    let key_start = range.start + 1 + (comment[1..equals].len() - comment[1..equals].trim_start().len());
    let after = &comment[equals + 1..];
    let value_start = range.start + equals + 1 + (after.len() - after.trim_start().len());
    Some((key_start..key_start + key.len(), value_start..value_start + value.len()))
}

/// Where the escape character stands that continues this line: the last thing but blanks, not itself escaped.
fn continuation(content: &str, escape: u8) -> Option<usize> {
    let bytes = content.trim_end_matches([' ', '\t']).as_bytes();
    let (last, before) = bytes.split_last()?;
    (*last == escape && before.last() != Some(&escape)).then_some(before.len())
}
