//! Dotenv files: the variables that a program is started with.

use super::{Inspection, Inspector, Problem};
use crate::fact::{Reason, Role, Subject};
use crate::source::Source;
use crate::syntax::outline::Piece;

pub mod code;
pub mod document;
pub mod facts;
pub mod name;
mod outline;
pub mod read;
pub mod value;

/// The inspector.
#[derive(Debug)]
pub struct Env;

/// More variables than this in one file are a list of something else.
const MOST: usize = 10_000;

impl Inspector for Env {
    fn name(&self) -> &'static str {
        "env"
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[facts::File::SUBJECT, facts::Junk::SUBJECT, facts::Variable::SUBJECT]
    }

    fn usual_name(&self) -> &'static str {
        ".env"
    }

    fn wants(&self, path: &str) -> bool {
        name::is_dotenv(path)
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        self.wants(path) && !name::is_script(text)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let document = read::read(source.text());
        let problem = |reason| {
            let problem = Problem { span: source.whole().at_start(), reason, inspector: self.name() };
            Inspection { problems: vec![problem], ..Inspection::default() }
        };
        if document.lines.len() > MOST {
            return problem(Reason::Limit(format!("more than {MOST} lines of variables").into()));
        }
        if source.role == Role::Template && ["{{", "{%", "<%"].iter().any(|mark| source.text().contains(mark)) {
            return problem(Reason::Template("another tool fills in this template first".into()));
        }
        Inspection { facts: facts::state(&document, source), ..Inspection::default() }
    }

    fn outline(&self, source: &Source) -> Option<Vec<Piece>> {
        outline::of(&read::read(source.text()))
    }
}

#[cfg(test)]
mod tests;
