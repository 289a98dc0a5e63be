//! Facts that need several sources: one file per relation, one line in [`RELATIONS`].

use std::collections::BTreeSet;

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

    /// The inspectors whose facts it reads, by their names.
    fn reads(&self) -> &'static [&'static str];

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

/// Adds to the `facts` of inspectors what follows from them, relation by relation, and sorts all by source and place.
pub fn extend<'s>(sources: &'s [Source], facts: &mut Vec<Fact<'s>>, around: Around<'_>) {
    extend_wanted(sources, facts, around, &|_| true);
}

/// As [`extend`], from those relations that state something about a subject that is `wanted`.
pub fn extend_wanted<'s>(
    sources: &'s [Source],
    facts: &mut Vec<Fact<'s>>,
    around: Around<'_>,
    wanted: &dyn Fn(&str) -> bool,
) {
    context::settle(sources, around.inventory, facts);
    let states = |relation: &&&dyn Relation| relation.subjects().iter().any(|subject| wanted(subject.name));
    let related: Vec<Fact<'s>> =
        RELATIONS.iter().filter(states).flat_map(|relation| relation.relate(sources, facts, around)).collect();
    facts.extend(related);
    facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
}

/// The inspectors without which nothing could be said about the subjects that are `wanted`.
pub fn inspectors(wanted: &dyn Fn(&str) -> bool) -> BTreeSet<&'static str> {
    let states = |subjects: &[&Subject]| subjects.iter().any(|subject| wanted(subject.name));
    let own = crate::inspect::INSPECTORS.iter().filter(|one| states(one.subjects())).map(|one| one.name());
    let read = RELATIONS.iter().filter(|one| states(one.subjects())).flat_map(|one| one.reads().iter().copied());
    own.chain(read).collect()
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

#[cfg(test)]
mod tests;
