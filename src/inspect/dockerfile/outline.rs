//! [`Document`] → pieces: keywords, flags, words, and the words of commands, so that a fix can be told from damage.

use std::ops::Range;

use super::document::{Body, Command, Document, Instruction, Keyword, Place};
use super::read;
use crate::syntax::outline::Piece;
use crate::syntax::shell::{self, Connector, Lines};

/// What the document consists of; `None` when any of it could not be read.
pub(super) fn of(document: &Document<'_>) -> Option<Vec<Piece>> {
    let broken = |it: &Instruction<'_>| it.mistake.is_some() || it.keyword == Keyword::Unknown;
    if document.instructions.iter().any(broken) {
        return None;
    }
    let mut out = Out { document, pieces: Vec::new() };
    for directive in &document.directives {
        out.push(directive.key.clone(), format!("directive key, ignored: {:?}", directive.ignored));
        out.push(directive.value.clone(), "directive value");
    }
    for comment in document.comments() {
        out.push(comment.range(), "comment");
    }
    for instruction in &document.instructions {
        out.instruction(instruction);
    }
    out.pieces.retain(|piece| !piece.range.is_empty());
    Some(out.pieces)
}

struct Out<'d, 's> {
    document: &'d Document<'s>,
    pieces: Vec<Piece>,
}

impl Out<'_, '_> {
    fn push(&mut self, range: Range<usize>, what: impl Into<String>) {
        self.pieces.push(Piece::new(range, what));
    }

    /// A part of an instruction's line.
    fn part(&mut self, instruction: &Instruction<'_>, place: &Place, role: &str) {
        let text = instruction.line.get(place.clone());
        self.push(instruction.line.place(place.clone()), format!("{role} {text}"));
    }

    fn instruction(&mut self, instruction: &Instruction<'_>) {
        let stage = instruction.stage;
        let written = instruction.line.get(instruction.keyword_place.clone());
        let keyword = instruction.line.place(instruction.keyword_place.clone());
        self.push(keyword, format!("{stage:?} keyword {written}"));
        if let Some(place) = &instruction.onbuild {
            self.part(instruction, place, "onbuild");
        }
        for flag in &instruction.flags {
            self.part(instruction, &flag.place, "flag");
        }
        match &instruction.body {
            Body::From { image, as_place, name } => {
                self.part(instruction, &image.place, "image");
                for place in as_place.iter().chain(name) {
                    self.part(instruction, place, "stage");
                }
            }
            Body::Pairs { pairs, .. } => {
                for pair in pairs {
                    self.part(instruction, &pair.key_place, "key");
                    pair.value.iter().for_each(|value| self.part(instruction, &value.place, "value"));
                }
            }
            Body::Words { words, json } => {
                words
                    .iter()
                    .for_each(|word| self.part(instruction, &word.place, if *json { "string" } else { "word" }));
            }
            Body::Text(word) => self.part(instruction, &word.place, "text"),
            Body::Command(Command::Exec { args, .. }) => {
                args.iter().for_each(|word| self.part(instruction, &word.place, "argument"));
            }
            Body::Command(Command::Shell { .. }) => self.script(instruction),
            Body::Nothing | Body::Broken => {}
        }
        for heredoc in &instruction.heredocs {
            self.part(instruction, &heredoc.word, "heredoc");
            self.lines(heredoc.body.clone());
            self.push(heredoc.terminator.clone(), "end of heredoc");
        }
    }

    fn lines(&mut self, body: Range<usize>) {
        let text = self.document.text.get(body.clone()).unwrap_or_default();
        let mut at = body.start;
        for line in text.split_inclusive('\n') {
            self.push(at..at + line.trim_end().len(), format!("line {}", line.trim_end()));
            at += line.len();
        }
    }

    fn script(&mut self, instruction: &Instruction<'_>) {
        let document = self.document;
        let Some(script) = read::script(instruction, document.text) else { return };
        let text = document.text.get(script.range.clone()).unwrap_or_default();
        let lines = if script.is_joined { Lines::Dockerfile { escape: document.escape } } else { Lines::Shell };
        let start = u32::try_from(script.range.start).unwrap_or(u32::MAX);
        let read = shell::read(text, shell::Place::At(document.source, start), lines);
        if !read.problems.is_empty() {
            return self.pieces.push(Piece::sealed(script.range, "script that cannot be read"));
        }
        for command in read.all() {
            let join = match command.connector {
                Connector::Start | Connector::Sequence => "then",
                Connector::And => "and",
                Connector::Or => "or",
                Connector::Pipe => "pipe",
                Connector::Background => "beside",
            };
            for assignment in &command.assignments {
                self.push(assignment.span.range(), format!("assignment {}={}", assignment.name, assignment.value.text));
            }
            for (index, word) in command.words.iter().enumerate() {
                let join = if index == 0 { join } else { "" };
                let quoted = word.quoted;
                self.push(word.span.range(), format!("shell word {join} {} {quoted} {}", command.depth, word.text));
            }
            for redirection in &command.redirections {
                let (operator, target) = (redirection.operator, &redirection.target.text);
                self.push(redirection.span.range(), format!("redirection {operator} {target}"));
            }
        }
    }
}
