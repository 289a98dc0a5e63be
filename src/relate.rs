//! Facts that need several sources: one file per relation, one line in [`RELATIONS`].

use crate::fact::{Fact, Subject};
use crate::source::Source;

/// A relation between facts of several sources. Joins go through indexes, never over all pairs.
pub trait Relation: Sync {
    /// Every subject it states facts about.
    fn subjects(&self) -> &'static [&'static Subject];

    /// The facts that follow from `facts`, which are sorted by source and place.
    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>]) -> Vec<Fact<'s>>;
}

/// Every relation: the one list in the program.
pub static RELATIONS: &[&dyn Relation] = &[];
