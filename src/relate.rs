//! Facts that need several sources: one file per relation, one line in [`RELATIONS`].

use crate::fact::{Fact, Subject};
use crate::source::{Inventory, Source};

pub mod compose;
pub mod context;
pub mod demand;
pub mod env;
pub mod kubernetes;
pub mod network;
pub mod product;
pub mod secrets;

use demand::Demands;

/// What relations see beside sources and facts.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Which files there are, read or not.
    pub inventory: &'a Inventory,
    /// What the policy demands.
    pub demands: &'a Demands,
}

/// A relation between facts of several sources. Joins go through indexes, never over all pairs.
pub trait Relation: Sync {
    /// Every subject it states facts about.
    fn subjects(&self) -> &'static [&'static Subject];

    /// The facts that follow from `facts`, which are sorted by source and place.
    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>>;
}

/// Every relation: the one list in the program.
pub static RELATIONS: &[&dyn Relation] = &[
    &compose::Compose,
    &context::Contexts,
    &env::Env,
    &kubernetes::Kubernetes,
    &network::Network,
    &product::Products,
    &secrets::Secrets,
];

/// What follows from `facts`, relation by relation.
pub fn all<'s>(sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
    RELATIONS.iter().flat_map(|relation| relation.relate(sources, facts, around)).collect()
}

/// Every subject that anybody states facts about, sorted by name: inspectors, relations, and what judges the policy.
pub fn subjects() -> Vec<&'static Subject> {
    let inspectors = crate::inspect::INSPECTORS.iter().flat_map(|inspector| inspector.subjects());
    let relations = RELATIONS.iter().flat_map(|relation| relation.subjects());
    let mut subjects: Vec<&'static Subject> =
        inspectors.chain(relations).chain(&crate::fact::policy::SUBJECTS).copied().collect();
    subjects.sort_by_key(|subject| subject.name);
    subjects.dedup_by_key(|subject| subject.name);
    subjects
}
