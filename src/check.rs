//! Rules × facts → findings, unknowns and counts: the heart, pure.

mod fingerprint;
mod group;
pub(crate) mod older;
pub(crate) mod once;
mod repeated;
mod selection;

pub use selection::{Decided, PathRules, RuleSetting, Selection};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::{Data, Fact, Reason, Record, Role, Subject, Value};
use crate::finding::{Finding, Related, Severity, Status, Unknown};
use crate::parallel;
use crate::rule::Rule;
use crate::rule::compile::source_record;
use crate::rule::expr::{Place, Program, Scope, Witness};
use crate::source::{self, Source};
use crate::span::{SourceId, Span};

/// Where a rule's parameters stand among the values of its variables.
const PARAMS: usize = 4;

/// What came of judging all facts.
#[derive(Debug, Default)]
pub struct Checked {
    /// Sorted by source, place and rule.
    pub findings: Vec<Finding>,
    /// What rules could not decide: one record a source and reason.
    pub undecided: Vec<Undecided>,
    /// Outcomes, one entry a rule in the order of the rules; of a rule that applied to nothing all are zero.
    pub counts: Vec<Counts>,
}

/// A reason that kept rules from judging something in a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The source.
    pub source: SourceId,
    /// Why.
    pub reason: Reason,
    /// The first byte of the first fact concerned.
    pub at: u32,
    /// The inspector whose rules could not judge.
    pub inspector: &'static str,
    /// The rules that could not judge, sorted.
    pub rules: Vec<Arc<str>>,
}

/// How often a rule came out how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The condition held.
    pub pass: u32,
    /// It did not.
    pub fail: u32,
    /// It could not be decided.
    pub unknown: u32,
    /// `when` was false.
    pub not_applicable: u32,
}

/// (reason, inspector) → (the first byte of the first fact concerned, the rules).
type Causes = BTreeMap<(Reason, &'static str), (u32, Vec<Arc<str>>)>;

/// The outcome of one rule for one fact.
enum Outcome {
    Pass,
    Fail(Vec<Witness>),
    Unknown(Reason),
    NotApplicable,
}

/// The facts of one run, rules that may judge them and the time.
pub struct Judging<'r, 's> {
    /// All sources; a fact's source is found by its id.
    pub sources: &'s [Source],
    /// Compiled rules, sorted by id.
    pub rules: &'r [Rule],
    /// The severity of each rule in the source at a path, or that it does not judge there.
    pub severity: &'r (dyn Fn(&str, &Rule) -> Option<Severity> + Sync),
    /// Seconds since 1970-01-01, for conditions on dates.
    pub now: i64,
}

impl Judging<'_, '_> {
    /// Judges every fact by every rule of its subject, in parallel; the result does not depend on the order of work.
    pub fn check(&self, facts: &[Fact<'_>]) -> Checked {
        let by_subject = self.by_subject();
        let by_source = facts.chunk_by(|a, b| a.span.source == b.span.source).collect();
        let bytes = source::bytes(self.sources);
        let mut parts = parallel::map(by_source, bytes, |facts| self.check_source(facts, &by_subject));
        let mut checked = Checked { counts: vec![Counts::default(); self.rules.len()], ..Checked::default() };
        for part in &mut parts {
            checked.findings.append(&mut part.findings);
            checked.undecided.append(&mut part.undecided);
            for (total, counts) in checked.counts.iter_mut().zip(&part.counts) {
                total.add(*counts);
            }
        }
        checked.findings.sort_by(|a, b| (a.primary, &a.rule, &a.subject).cmp(&(b.primary, &b.rule, &b.subject)));
        // What several end states of the same files show alike is said once.
        checked.findings.dedup_by(|a, b| (a.primary, &a.rule, &a.message) == (b.primary, &b.rule, &b.message));
        repeated::mark(&mut checked.findings, self.sources);
        fingerprint::number_equals(&mut checked.findings);
        group::assign(&mut checked.findings);
        checked
    }

    fn by_subject(&self) -> Vec<(&'static Subject, Vec<usize>)> {
        let mut map: BTreeMap<&'static str, (&'static Subject, Vec<usize>)> = BTreeMap::new();
        for (index, rule) in self.rules.iter().enumerate() {
            map.entry(rule.subject.name).or_insert_with(|| (rule.subject, Vec::new())).1.push(index);
        }
        map.into_values().collect()
    }

    fn check_source(&self, facts: &[Fact<'_>], by_subject: &[(&'static Subject, Vec<usize>)]) -> Part {
        let mut part = Part { counts: vec![Counts::default(); self.rules.len()], ..Part::default() };
        let Some(source) = facts.first().and_then(|fact| self.sources.get(fact.span.source.0 as usize)) else {
            return part;
        };
        let record = source_record(source);
        // Asked only for rules on what this source shows.
        let mut severities: Vec<Option<Option<Severity>>> = vec![None; self.rules.len()];
        let mut undecided: Causes = BTreeMap::new();
        let mut judges = Judges { by_subject, met: Vec::new() };
        for fact in facts {
            let subject = fact.subject();
            let rules = judges.of(subject);
            if rules.is_empty() {
                continue;
            }
            let mut values = self.scope_of(fact, &record);
            for index in rules {
                let rule = &self.rules[*index];
                let severity = severities[*index].get_or_insert_with(|| (self.severity)(source.path(), rule));
                let Some(severity) = *severity else { continue };
                values[PARAMS].clone_from(&rule.params);
                let scope = Scope { values: &values };
                let outcome = judge(rule, scope);
                part.counts[*index].count(&outcome);
                match outcome {
                    Outcome::Pass | Outcome::NotApplicable => {}
                    Outcome::Fail(witnesses) => part.findings.extend(witnesses.into_iter().map(|witness| {
                        // A layer may say what decides of a fact that stands in its base.
                        let place = witness.primary.span.source.0 as usize;
                        let own = self.sources.get(place).unwrap_or(source);
                        finding((rule, severity), fact, own, scope, witness)
                    })),
                    Outcome::Unknown(reason) => {
                        let entry =
                            undecided.entry((reason, subject.inspector())).or_insert((fact.span.start, Vec::new()));
                        if entry.1.last() != Some(&rule.id) {
                            entry.1.push(Arc::clone(&rule.id));
                        }
                    }
                }
            }
        }
        part.undecided = undecided
            .into_iter()
            .map(|((reason, inspector), (at, mut rules))| {
                rules.sort();
                rules.dedup();
                Undecided { source: source.id, reason, at, inspector, rules }
            })
            .collect();
        part
    }

    /// The values of the variables of `rule`, in the order in which `rule::compile` names them.
    pub fn scope<'f>(&self, fact: &Fact<'f>, source: &Arc<Record<'f>>, rule: &Rule) -> [Value<'f>; PARAMS + 1] {
        let mut values = self.scope_of(fact, source);
        values[PARAMS].clone_from(&rule.params);
        values
    }

    /// The values that all rules on the fact have in common.
    fn scope_of<'f>(&self, fact: &Fact<'f>, source: &Arc<Record<'f>>) -> [Value<'f>; PARAMS + 1] {
        [
            Value::new(Data::Record(Arc::clone(&fact.record)), fact.span),
            Value::bare(Data::Record(Arc::clone(source))),
            Value::bare(Data::Str(fact.role.name().into())),
            Value::bare(Data::Int(self.now)),
            Value::bare(Data::Absent),
        ]
    }
}

/// The rules on each subject, and those asked for already: a source shows few subjects, but many times.
struct Judges<'j> {
    by_subject: &'j [(&'static Subject, Vec<usize>)],
    met: Vec<(&'static Subject, &'j [usize])>,
}

impl<'j> Judges<'j> {
    fn of(&mut self, subject: &'static Subject) -> &'j [usize] {
        if let Some((_, rules)) = self.met.iter().find(|(met, _)| std::ptr::eq(*met, subject)) {
            return rules;
        }
        let at = self.by_subject.binary_search_by(|(known, _)| known.name.cmp(subject.name));
        let rules = at.ok().and_then(|at| self.by_subject.get(at)).map_or(&[][..], |(_, rules)| rules);
        self.met.push((subject, rules));
        rules
    }
}

#[derive(Default)]
struct Part {
    findings: Vec<Finding>,
    undecided: Vec<Undecided>,
    counts: Vec<Counts>,
}

impl Checked {
    /// Adds what another check by other rules gave, and keeps the order; its counts follow.
    pub fn extend(&mut self, other: Checked) {
        self.findings.extend(other.findings);
        self.findings.sort_by(|a, b| (a.primary, &a.rule, &a.subject).cmp(&(b.primary, &b.rule, &b.subject)));
        self.undecided.extend(other.undecided);
        self.counts.extend(other.counts);
    }
}

/// How reports name the source of `span`: the file, for a transcript the policy and its endpoint.
pub fn shown(sources: &[Source], span: Span) -> (String, Option<String>) {
    let source = |span: Span| sources.get(span.source.0 as usize);
    let Some(origin) = source(span) else { return (String::new(), None) };
    let path = source(origin.shown(span)).map_or_else(String::new, |source| source.path().to_owned());
    (path, origin.endpoint().map(str::to_owned))
}

impl Undecided {
    /// As reports count it.
    pub fn unknown(&self, sources: &[Source]) -> Unknown {
        let span = Span { source: self.source, start: self.at, end: self.at };
        let (path, endpoint) = shown(sources, span);
        let rules = u32::try_from(self.rules.len()).unwrap_or(u32::MAX);
        let inspector = self.inspector.into();
        Unknown { inspector, path, endpoint, span: Some(span), reason: self.reason.clone(), rules, required: false }
    }
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.pass += other.pass;
        self.fail += other.fail;
        self.unknown += other.unknown;
        self.not_applicable += other.not_applicable;
    }

    fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail(_) => self.fail += 1,
            Outcome::Unknown(_) => self.unknown += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }
}

fn judge(rule: &Rule, scope: Scope<'_, '_>) -> Outcome {
    match rule.when.as_ref().map(|when| when.test(scope)) {
        Some(Ok(false)) => return Outcome::NotApplicable,
        Some(Err(reason)) => return Outcome::Unknown(reason),
        Some(Ok(true)) | None => {}
    }
    match rule.assert.test(scope) {
        Ok(true) => Outcome::Pass,
        Ok(false) => Outcome::Fail(witnesses(rule, scope)),
        Err(reason) => Outcome::Unknown(reason),
    }
}

/// The places of a failure: what `at` says, else what made the assertion false, else the fact's own place.
fn witnesses(rule: &Rule, scope: Scope<'_, '_>) -> Vec<Witness> {
    if let Some(place) = rule.telling().at.as_ref().and_then(|at| at.place(scope)) {
        return vec![Witness { primary: place, related: Vec::new() }];
    }
    let found = rule.assert.blame(scope);
    if !found.is_empty() {
        return found;
    }
    let span = scope.values.first().and_then(|value| value.span);
    span.map(|span| Witness { primary: Place { span, missing: None }, related: Vec::new() }).into_iter().collect()
}

fn finding(
    (rule, severity): (&Rule, Severity),
    fact: &Fact<'_>,
    source: &Source,
    scope: Scope<'_, '_>,
    witness: Witness,
) -> Finding {
    let message = rule.telling().message.fill(scope).unwrap_or_else(|_| rule.id.to_string());
    let severity = if fact.role.is_shipped() { severity } else { severity.milder() };
    let holds = |said: &Option<Program>| said.as_ref().is_some_and(|said| said.test(scope) == Ok(true));
    let severity = if holds(&rule.telling().milder) { severity.milder() } else { severity };
    let is_low = holds(&rule.telling().low) || is_for_nobody(rule, fact.role);
    let severity = if is_low { severity.min(Severity::Low) } else { severity };
    let related = witness
        .related
        .into_iter()
        .filter(|place| place.span != witness.primary.span)
        .map(|place| Related { span: place.span, message: related_message(&place) })
        .collect();
    Finding {
        rule: Arc::clone(&rule.id),
        format: format_of(fact),
        severity,
        category: rule.category,
        message,
        subject: Arc::clone(&fact.path),
        role: fact.role,
        primary: witness.primary.span,
        related,
        fingerprint: fingerprint::of(rule, fact, source, &witness.primary),
        group: witness.primary.missing.map(Arc::from),
        fix: rule.telling().edit.as_ref().and_then(|edit| edit.make(scope, source)),
        status: Status::Open,
    }
}

/// Whether a manifest or a compose set is only tried out, shown or worked with: nobody mends it before a release.
fn is_for_nobody(rule: &Rule, role: Role) -> bool {
    matches!(role, Role::Development | Role::Test | Role::Example | Role::Tool | Role::Vendored)
        && matches!(rule.subject.inspector(), "kubernetes" | "compose")
}

/// The secret format that the fact names, if it is about one.
fn format_of(fact: &Fact<'_>) -> Option<Arc<str>> {
    let format = (fact.subject().name == "secrets.value").then(|| fact.record.get("format"))??;
    format.as_str().filter(|name| !name.is_empty()).map(Arc::from)
}

fn related_message(place: &Place) -> String {
    match &place.missing {
        Some(key) => format!("`{key}` is not set here"),
        None => "decided here as well".to_owned(),
    }
}
