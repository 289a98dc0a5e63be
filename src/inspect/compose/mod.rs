//! Compose files: told by their name, else by services with an image or a build at the top level.
//!
//! A file alone shows little: whether it can be read, and keys that no specification has. Files are layered, extended
//! and included, so that what services are like is told of *end states*, by `relate::compose`, which reads the same
//! `document::Document`s.

mod claim;
pub(crate) mod document;
mod facts;
pub(crate) mod interpolate;
pub(crate) mod read;
mod schema;
pub mod subjects;

pub(crate) use claim::is_named;
pub(crate) use facts::is_override;

use super::{Inspection, Inspector, Problem};
use crate::fact::Subject;
use crate::source::Source;

/// The inspector.
#[derive(Debug)]
pub struct Compose;

const NAME: &str = "compose";

impl Inspector for Compose {
    fn name(&self) -> &'static str {
        NAME
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[subjects::File::SUBJECT, subjects::Field::SUBJECT]
    }

    fn usual_name(&self) -> &'static str {
        "compose.yaml"
    }

    fn wants(&self, path: &str) -> bool {
        path.ends_with(".yaml") || path.ends_with(".yml")
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        claim::claims(path, text)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let mut gaps = Vec::new();
        let document = read::read(source, &mut gaps);
        let is_template = source.tree().template.is_some();
        let facts = if is_template { Vec::new() } else { facts::facts(document.as_ref(), source) };
        let problems =
            gaps.into_iter().map(|gap| Problem { span: gap.span, reason: gap.reason, inspector: NAME }).collect();
        Inspection { facts, problems }
    }
}

#[cfg(test)]
mod tests;
