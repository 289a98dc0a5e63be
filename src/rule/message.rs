//! A rule's message: text with CEL expressions in braces. `{{` and `}}` are literal braces.

use std::ops::Range;

use super::expr::{self, Mistake, Program, Scope, Variables};
use crate::fact::Reason;

/// A compiled message.
#[derive(Debug, Default)]
pub struct Message {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Program),
}

impl Message {
    /// Compiles `text`. The ranges of mistakes are in `text`.
    pub fn compile(text: &str, variables: &Variables) -> Result<Message, Vec<Mistake>> {
        let mut parts = Vec::new();
        let mut mistakes = Vec::new();
        for piece in split(text)? {
            match piece {
                Piece::Text(text) => parts.push(Part::Text(text)),
                Piece::Code(range) => match expr::compile(&text[range.clone()], variables) {
                    Ok(program) => parts.push(Part::Value(program)),
                    Err(found) => mistakes.extend(found.into_iter().map(|mistake| shift(mistake, range.start))),
                },
            }
        }
        if mistakes.is_empty() { Ok(Message { parts }) } else { Err(mistakes) }
    }

    /// The message with the values of `scope` filled in.
    pub fn fill(&self, scope: Scope<'_, '_>) -> Result<String, Reason> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(program) => out.push_str(&program.text(scope)?),
            }
        }
        Ok(out)
    }
}

fn shift(mistake: Mistake, by: usize) -> Mistake {
    Mistake { range: mistake.range.start + by..mistake.range.end + by, ..mistake }
}

enum Piece {
    Text(String),
    Code(Range<usize>),
}

fn split(text: &str) -> Result<Vec<Piece>, Vec<Mistake>> {
    let mistake = |range, message: &str| Err(vec![Mistake { range, message: message.into(), help: None }]);
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = 0;
    while let Some(found) = text[rest..].find(['{', '}']) {
        let at = rest + found;
        plain.push_str(&text[rest..at]);
        let brace = &text[at..at + 1];
        if text[at + 1..].starts_with(brace) {
            plain.push_str(brace);
            rest = at + 2;
        } else if brace == "}" {
            return mistake(at..at + 1, "this `}` closes nothing; write `}}` for a brace");
        } else {
            let Some(length) = closing(&text[at + 1..]) else {
                return mistake(at..at + 1, "this `{` is not closed; write `{{` for a brace");
            };
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Code(at + 1..at + 1 + length));
            rest = at + length + 2;
        }
    }
    plain.push_str(&text[rest..]);
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

/// The offset of the brace that closes the expression: quotes and inner braces are stepped over.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(at),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}
