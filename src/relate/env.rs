//! Facts about variables that follow from several files: where they are set, where they are missing, and where the
//! files that hold them go.

use crate::fact::{Fact, Subject};
use crate::relate::{Around, Relation};
use crate::source::Source;

mod check;
mod deployed;
mod drift;
mod given;
mod placement;
mod requirement;
mod wiring;

/// Every relation between dotenv files and what is around them.
#[derive(Debug)]
pub struct Env;

impl Relation for Env {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            deployed::Deployed::SUBJECT,
            drift::Counterpart::SUBJECT,
            placement::Placement::SUBJECT,
            placement::ImageCopy::SUBJECT,
            requirement::Requirement::SUBJECT,
            requirement::Given::SUBJECT,
            wiring::Reading::SUBJECT,
        ]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["compose", "dockerfile", "dockerignore", "env", "kubernetes"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let files = given::files(sources);
        let mut found = Vec::new();
        deployed::relate(sources, facts, &mut found);
        wiring::relate(&files, sources, facts, around.inventory, &mut found);
        if files.is_empty() && around.demands.list.is_empty() {
            return found;
        }
        drift::relate(&files, &mut found);
        placement::relate(&files, sources, facts, around.inventory, &mut found);
        requirement::relate(&files, sources, facts, around.demands, &mut found);
        found
    }
}

#[cfg(test)]
mod tests;
