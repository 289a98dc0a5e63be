//! From loaded sources to findings: facts, rules, waiving, and what is to be said of the policy itself.

use std::collections::BTreeSet;

use crate::check::{Checked, Judging, older, once};
use crate::error::Error;
use crate::fact::{self, Fact};
use crate::inspect::{self, Inspected, Problem};
use crate::relate;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use crate::rule::file::RuleFile;
use crate::settings::{Settings, own};
use crate::source::{Loaded, Source};
use crate::waive;

use super::ahead::Ahead;

/// The subject of the rules that have secret formats; its `rule` names the one whose format a value has.
const SECRETS: &str = inspect::secrets::Value::SUBJECT.name;

/// What stays the same whatever the sources say.
pub(super) struct Bench<'b> {
    pub(super) settings: &'b Settings,
    pub(super) catalog: &'b Catalog,
    /// The fingerprints of what was there before.
    pub(super) known: &'b BTreeSet<String>,
    pub(super) own: &'b own::Places,
    /// The inspectors of what was not run.
    pub(super) idle: &'b BTreeSet<String>,
    pub(super) demands: &'b relate::demand::Demands,
}

/// What came of judging.
pub(super) struct Judgement<'s> {
    pub(super) facts: Vec<Fact<'s>>,
    pub(super) problems: Vec<Problem>,
    pub(super) rules: Vec<Rule>,
    pub(super) checked: Checked,
}

impl Bench<'_> {
    /// Judges `loaded`; `stated` is what else is to be said of the policy.
    pub(super) fn judge<'s>(&self, loaded: &'s Loaded, stated: Vec<Fact<'s>>) -> Result<Judgement<'s>, Error> {
        let (settings, catalog) = (self.settings, self.catalog);
        let make = || facts(loaded, self.demands, &subjects(settings, catalog));
        let (mut ahead, Inspected { facts, problems }) = Ahead::beside(settings, catalog, loaded, make);
        let suppressions = waive::in_place(&loaded.sources);
        let (mut rules, mut checked) = judge(&mut ahead, catalog, &loaded.sources, &facts)?;
        let mut policy = {
            let judges = |path: &str, id: &str, rule: &RuleFile| settings.selection.decide_at(path, id, rule).on;
            let (sources, undecided) = (&*loaded.sources, &*checked.undecided);
            let (problems, not_run) = (&*problems, self.idle);
            let case = waive::Case { sources, catalog, judges: &judges, undecided, problems, not_run };
            waive::decide(&settings.terms(self.own), &case, &suppressions, &mut checked.findings)
        };
        policy.extend(settings.changes(catalog, self.own, &loaded.sources));
        policy.extend(stated);
        policy.sort_by_key(|fact| (fact.span.source, fact.span.start));
        // What is to be said of the policy itself is judged last, and nothing waives it.
        let (more, second) = judge(&mut ahead, catalog, &loaded.sources, &policy)?;
        rules.extend(more);
        checked.extend(second);
        settings.own.mark_known(self.known, &mut checked.findings);
        older::mark(&mut checked.findings, &loaded.sources);
        once::mark(&mut checked.findings, &rules, &loaded.sources);
        Ok(Judgement { facts, problems, rules, checked })
    }
}

/// The subjects of the rules that judge.
pub(super) enum Subjects<'c> {
    /// Whatever there is: the checklist asks what there is as well.
    All,
    /// Those of `--only`, where there is no checklist.
    These(BTreeSet<&'c str>),
}

/// What the run has to be told about.
pub(super) fn subjects<'c>(settings: &Settings, catalog: &'c Catalog) -> Subjects<'c> {
    if !settings.selection.is_partial() {
        return Subjects::All;
    }
    let judging = catalog.entries().filter(|(id, entry)| settings.selection.selects(id, entry));
    Subjects::These(judging.map(|(_, entry)| entry.subject()).collect())
}

/// Everything that inspectors and relations state about `subjects`, by source and place.
pub(super) fn facts<'s>(
    loaded: &'s Loaded,
    demands: &relate::demand::Demands,
    subjects: &Subjects<'_>,
) -> Inspected<'s> {
    let is_wanted = |name: &str| match subjects {
        Subjects::All => true,
        Subjects::These(names) => names.contains(name),
    };
    let around = relate::Around { inventory: &loaded.inventory, demands };
    let inspectors = relate::inspectors(&is_wanted);
    let needed = |index: &usize| inspect::INSPECTORS.get(*index).is_some_and(|one| inspectors.contains(one.name()));
    let narrowed = |claims: &Vec<usize>| claims.iter().copied().filter(needed).collect();
    let claims: Vec<Vec<usize>> = loaded.claims.iter().map(narrowed).collect();
    let mut inspected = inspect::all(&loaded.sources, &claims);
    relate::extend_wanted(&loaded.sources, &mut inspected.facts, around, &is_wanted);
    inspected
}

/// Judges `facts` by the selected rules on their subjects.
pub(super) fn judge<'c>(
    ahead: &mut Ahead<'c>,
    catalog: &'c Catalog,
    sources: &[Source],
    facts: &[Fact<'_>],
) -> Result<(Vec<Rule>, Checked), Error> {
    let settings = ahead.settings;
    let rules = rules(ahead, catalog, facts)?;
    let severity = |path: &str, rule: &Rule| settings.severity_at(path, rule, catalog);
    let judging = Judging { sources, rules: &rules, severity: &severity, now: settings.now.as_second() };
    let checked = judging.check(facts);
    Ok((rules, checked))
}

/// The selected rules whose subjects occur, compiled.
fn rules<'c>(ahead: &mut Ahead<'c>, catalog: &'c Catalog, facts: &[Fact<'_>]) -> Result<Vec<Rule>, Error> {
    let present = fact::subjects(facts);
    let values = facts.iter().filter(|fact| fact.subject().name == SECRETS);
    let found: BTreeSet<&str> = values.filter_map(|fact| fact.record.get("rule")?.as_str()).collect();
    let judging = catalog.judging(|subject| present.contains(subject), |id| found.contains(id));
    let selected = judging.filter(|(id, entry)| ahead.settings.selection.selects(id, entry)).collect::<Vec<_>>();
    selected.into_iter().map(|(id, entry)| ahead.rule(id, entry)).collect()
}
