//! One function decides waiving for everything: [`decide`]. Waivers come from the waiver file and from comments and
//! annotations in place, ours and every peer's. Every failure of a waiver falls to the side of reporting: what is
//! expired, too broad, over its limit or not trusted waives nothing, and is stated as a fact that rules under
//! `rules/policy/` judge in a second check that nothing waives.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::check::Undecided;
use crate::fact::Fact;
use crate::finding::{Finding, Status, Waiver as Accepted};
use crate::inspect::Problem;
use crate::parallel;
use crate::rule::catalog::Catalog;
use crate::rule::file::RuleFile;
use crate::source::{self, Source};
use crate::span::{SourceId, Span};

mod annotation;
pub mod directive;
mod entry;
pub mod file;
mod in_place;
mod place;

pub use file::Waivers;
pub use in_place::Suppression;

/// What the policy and the flags say about waiving.
pub struct Terms<'a> {
    /// The waivers of the waiver file, with the number of its source.
    pub waivers: Option<(&'a Waivers, SourceId)>,
    /// What counted at the commit of `--policy-from`; nothing that is newer counts.
    pub base: Option<&'a dyn Base>,
    /// Whether suppressions in other tools' words count.
    pub peers: bool,
    /// Whether suppressions in our words count.
    pub in_place: bool,
    /// The longest time in days that a waiver may hold.
    pub max_days: Option<u32>,
    /// The environment chosen.
    pub environment: Option<&'a str>,
    /// The day of judgement.
    pub today: Date,
    /// Whether all that the waiver file may cover was judged by every rule that is on.
    pub is_whole: bool,
}

/// What counted at an earlier commit.
pub trait Base {
    /// Its waivers.
    fn waivers(&self) -> &[file::Waiver];

    /// The text that the file at `path` had; `None` when it was not there.
    fn text(&self, path: &str) -> Option<String>;
}

/// What was judged.
pub struct Case<'a, 's> {
    /// Every source, at the index of its id.
    pub sources: &'s [Source],
    /// Every rule.
    pub catalog: &'a Catalog,
    /// Whether a rule judges the source at a path.
    pub judges: &'a (dyn Fn(&str, &str, &RuleFile) -> bool + Sync),
    /// What rules could not decide.
    pub undecided: &'a [Undecided],
    /// What could not be judged.
    pub problems: &'a [Problem],
    /// The inspectors whose targets were not run.
    pub not_run: &'a BTreeSet<String>,
}

impl Case<'_, '_> {
    /// Whether something of the source could not be judged.
    fn is_broken(&self, source: SourceId) -> bool {
        self.problems.iter().any(|problem| self.shown(problem.span).source == source)
    }

    /// Where people see it: what a target shows stands on the line of the policy that names it.
    fn shown(&self, span: Span) -> Span {
        self.sources.get(span.source.0 as usize).map_or(span, |source| source.shown(span))
    }

    /// Whether a rule that `wanted` names judges targets that were not run.
    fn is_not_run(&self, wanted: impl Fn(&str) -> bool) -> bool {
        let waits = |id: &str| id.split_once('/').is_some_and(|(inspector, _)| self.not_run.contains(inspector));
        !self.not_run.is_empty() && self.catalog.ids().any(|id| waits(id) && wanted(id))
    }

    /// Whether one of the rules that `wanted` names came out unknown in a source that `here` names.
    fn is_undecided(&self, here: impl Fn(SourceId) -> bool, wanted: impl Fn(&str) -> bool) -> bool {
        let source = |one: &Undecided| self.shown(Span { source: one.source, start: one.at, end: one.at }).source;
        self.undecided.iter().any(|one| here(source(one)) && one.rules.iter().any(|rule| wanted(rule)))
    }
}

/// The suppressions in place of all sources, in their order. What a server says suppresses nothing.
pub fn in_place(sources: &[Source]) -> Vec<Suppression> {
    let files = sources.iter().filter(|source| source.endpoint().is_none()).collect();
    parallel::map(files, source::bytes(sources), in_place::of).into_iter().flatten().collect()
}

/// Marks what is waived among `findings`, and states what is to be said of the waivers themselves, sorted by place.
pub fn decide<'s>(
    terms: &Terms<'_>,
    case: &Case<'_, 's>,
    suppressions: &[Suppression],
    findings: &mut [Finding],
) -> Vec<Fact<'s>> {
    let mut facts = entry::decide(terms, case, findings);
    facts.extend(in_place::decide(terms, case, suppressions, findings));
    facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
    facts
}

/// Whether what waived a finding ([`Accepted::by`]) stands beside the code: our words, or a peer's.
pub fn is_in_place(by: &str) -> bool {
    by == "inline" || directive::PEERS.contains(&by)
}

/// Waives `finding` unless something else did.
fn accept(finding: &mut Finding, by: &str, reason: &str, until: Option<Date>) {
    if finding.is_open() {
        let until = until.map(|day| day.to_string());
        finding.status = Status::Waived(Accepted { by: by.to_owned(), reason: reason.to_owned(), until });
    }
}

#[cfg(test)]
#[path = "waive/tests.rs"]
mod tests;
