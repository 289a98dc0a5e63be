//! Ignore files of builders (`.dockerignore`, `Dockerfile.dockerignore`): what a build does not get to see.

use crate::fact::Subject;
use crate::inspect::{Inspection, Inspector};
use crate::path;
use crate::source::Source;
use crate::syntax::outline::Piece;

pub mod document;
pub mod facts;
pub mod glob;
pub mod read;

/// The inspector of ignore files.
#[derive(Debug)]
pub struct Dockerignore;

impl Inspector for Dockerignore {
    fn name(&self) -> &'static str {
        "dockerignore"
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[facts::Pattern::SUBJECT]
    }

    fn usual_name(&self) -> &'static str {
        ".dockerignore"
    }

    fn wants(&self, path: &str) -> bool {
        let name = path::file_name(path).to_ascii_lowercase();
        name.ends_with(".dockerignore") || name.ends_with(".containerignore")
    }

    fn claims(&self, path: &str, _text: &str) -> bool {
        self.wants(path)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let document = read::read(source.text());
        Inspection { facts: facts::state(&document, source), ..Inspection::default() }
    }

    fn outline(&self, source: &Source) -> Option<Vec<Piece>> {
        let document = read::read(source.text());
        Some(document.patterns.iter().map(|one| Piece::new(one.place.clone(), one.text)).collect())
    }
}

#[cfg(test)]
mod tests;
