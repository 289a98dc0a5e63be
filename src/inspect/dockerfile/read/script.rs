//! The text that a shell gets to see, with the way back to the file.

use crate::inspect::dockerfile::document::{Body, Command, Instruction, Line};

/// The shell text of a RUN, CMD, ENTRYPOINT or HEALTHCHECK.
pub(in crate::inspect::dockerfile) struct Script<'s> {
    /// The bytes of the file that hold it, continuations and comments included.
    pub(in crate::inspect::dockerfile) range: std::ops::Range<usize>,
    /// It is put together from several lines.
    pub(in crate::inspect::dockerfile) is_joined: bool,
    /// The text as the shell gets it.
    pub(in crate::inspect::dockerfile) line: Line<'s>,
    /// It is the body of a heredoc, run as a script of its own.
    pub(in crate::inspect::dockerfile) is_heredoc: bool,
    /// The interpreter that the body's `#!` line names.
    pub(in crate::inspect::dockerfile) interpreter: Option<String>,
}

/// What the shell gets to see; `None` for exec form and for what could not be read. `text` is the whole file.
pub(in crate::inspect::dockerfile) fn script<'s>(instruction: &Instruction<'s>, text: &'s str) -> Option<Script<'s>> {
    let Body::Command(Command::Shell { place, .. }) = &instruction.body else { return None };
    if let [heredoc] = instruction.heredocs.as_slice()
        && heredoc.word == *place
    {
        let line = body(instruction, text, heredoc.chomp, heredoc.body.clone());
        let first = line.text().lines().next().unwrap_or_default();
        let interpreter = first.strip_prefix("#!").map(|rest| rest.trim().to_owned());
        return Some(Script { range: heredoc.body.clone(), is_joined: false, line, is_heredoc: true, interpreter });
    }
    let mut line = instruction.line.slice(place.clone());
    let mut range = instruction.line.place(place.clone());
    let is_joined = line.is_joined();
    if let (Some(first), Some(last)) = (instruction.heredocs.first(), instruction.heredocs.last()) {
        // The shell itself reads the heredocs; the break before the first body is the one before it in the file.
        let newline = text[..first.body.start].rfind('\n').unwrap_or(first.body.start);
        line.push(newline..last.terminator.end);
        range.end = range.end.max(last.terminator.end);
    }
    Some(Script { range, is_joined, line, is_heredoc: false, interpreter: None })
}

fn body<'s>(instruction: &Instruction<'s>, text: &'s str, chomp: bool, range: std::ops::Range<usize>) -> Line<'s> {
    let source = instruction.line.source();
    if !chomp {
        return Line::verbatim(source, text, range);
    }
    let mut line = Line::verbatim(source, text, range.start..range.start);
    let mut at = range.start;
    for physical in text[range].split_inclusive('\n') {
        let start = at + (physical.len() - physical.trim_start_matches('\t').len());
        at += physical.len();
        line.push(start..at);
    }
    line
}
