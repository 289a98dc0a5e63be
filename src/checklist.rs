//! The verdict: GO, NO-GO or INCOMPLETE, and why; and the checklist: what it asks ([`question`]), and who answers it
//! ([`answer`]): rules, commands, other tools, people ([`record`], [`chain`], [`standing`], [`person`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::exit::ExitCode;
use crate::finding::{Finding, Severity, Unknown};
use crate::score::Scorecard;

pub mod answer;
pub mod chain;
pub mod command;
pub mod identity;
pub mod outside;
pub mod person;
pub mod question;
pub mod record;
pub mod signature;
pub mod standing;
pub mod statement;
#[cfg(test)]
mod tests;

pub use question::{Bind, EvidenceDemand, SignatureDemand};

/// What stands between an examination and GO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// An open finding of this severity or worse is NO-GO; `None`: no finding is.
    pub fail_on: Option<Severity>,
    /// A score under this is NO-GO.
    pub min_score: Option<u32>,
    /// More unknowns than this is INCOMPLETE.
    pub max_unknown: Option<u32>,
    /// Exit 3 when something is unknown and nothing is NO-GO.
    pub strict: bool,
    /// Exit 0 whatever the verdict.
    pub exit_zero: bool,
    /// A baseline is in use: what was there before does not count, and the score does not gate.
    pub baseline: bool,
    /// Nothing to examine is GO.
    pub allow_empty: bool,
}

impl Default for Gate {
    /// Without a policy: high and critical findings are NO-GO, nothing else is.
    fn default() -> Self {
        Self {
            fail_on: Some(Severity::High),
            min_score: None,
            max_unknown: None,
            strict: false,
            exit_zero: false,
            baseline: false,
            allow_empty: false,
        }
    }
}

/// When an item is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before the deployment.
    Pre,
    /// While it happens.
    During,
    /// After it.
    Post,
}

impl Phase {
    /// All of them, in the order of time.
    pub const ALL: [Phase; 3] = [Phase::Pre, Phase::During, Phase::Post];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Phase::Pre => "Before the deployment",
            Phase::During => "During the deployment",
            Phase::Post => "After the deployment",
        }
    }
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// Nothing has answered it.
    Unknown,
    /// A person has to answer it.
    Waiting,
    /// It does not apply here; the evidence says why.
    NotApplicable,
    /// Somebody accepted that it does not hold.
    Waived,
}

impl State {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            State::Pass => "pass",
            State::Fail => "fail",
            State::Unknown => "unknown",
            State::Waiting => "waiting",
            State::NotApplicable => "not-applicable",
            State::Waived => "waived",
        }
    }

    /// Whether it is still to be answered.
    pub fn is_unanswered(self) -> bool {
        matches!(self, State::Unknown | State::Waiting)
    }
}

/// What answered an item, or could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Evidence {
    /// `rule`, `attestation`, `command`, `sarif`, `junit`, …
    pub kind: String,
    /// Which one: the rule's id, the record's id, the file.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it shows, in one sentence; masked.
    pub message: String,
}

/// One box of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// What has to hold.
    pub title: String,
    /// When it is due.
    pub phase: Phase,
    /// The heading under which it stands; headings are for readers and stay out of what programs read.
    #[serde(skip)]
    pub section: Option<String>,
    /// Whether it gates in the chosen environment.
    pub required: bool,
    /// Where it stands.
    pub state: State,
    /// What decided that.
    pub by: Vec<Evidence>,
    /// The ids of the attestations that count for it.
    #[serde(skip)]
    pub records: Vec<String>,
}

/// `items` under their headings, in the order in which the headings first occur; those without one come last.
pub fn sections<'i>(items: impl Iterator<Item = &'i Item>) -> Vec<(Option<&'i str>, Vec<&'i Item>)> {
    let mut sections: Vec<(Option<&str>, Vec<&Item>)> = Vec::new();
    for item in items {
        let heading = item.section.as_deref();
        match sections.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, list)) => list.push(item),
            None => sections.push((heading, vec![item])),
        }
    }
    sections.sort_by_key(|(heading, _)| heading.is_none());
    sections
}

/// GO or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Ship it.
    Go,
    /// Do not.
    NoGo,
    /// Nobody can say yet.
    Incomplete,
}

impl Decision {
    /// As people read it.
    pub fn title(self) -> &'static str {
        match self {
            Decision::Go => "GO",
            Decision::NoGo => "NO-GO",
            Decision::Incomplete => "INCOMPLETE",
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Go => "go",
            Decision::NoGo => "no-go",
            Decision::Incomplete => "incomplete",
        }
    }
}

/// What kind of reason stands against GO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Open findings of one rule; the reference is the rule.
    Finding,
    /// A required item; the reference is the item.
    Item,
    /// The score.
    Score,
    /// Something could not be judged; the reference is its path, if it is one thing.
    Unknown,
}

/// One reason against GO.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Reason {
    /// What kind.
    pub kind: Kind,
    /// In one sentence.
    pub message: String,
    /// What it is about; may be empty.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Verdict {
    /// GO or not.
    pub result: Decision,
    /// What stands against GO, the weightiest first; empty for GO.
    pub reasons: Vec<Reason>,
}

/// All that a verdict is made of.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Every finding.
    pub findings: &'a [Finding],
    /// Everything that could not be judged.
    pub unknown: &'a [Unknown],
    /// The checklist.
    pub items: &'a [Item],
    /// The score.
    pub score: &'a Scorecard,
    /// Whether nothing was there that any inspector claims.
    pub empty: bool,
}

/// The verdict on `case`. What makes it NO-GO comes first, then what leaves it INCOMPLETE.
pub fn judge(gate: &Gate, case: Case<'_>) -> Verdict {
    let mut reasons = findings_at(gate, case.findings);
    reasons.extend(failing_items(case.items));
    reasons.extend(low_score(gate, case.score));
    let against = !reasons.is_empty();
    reasons.extend(missing(gate, case));
    let result = match (against, reasons.is_empty()) {
        (true, _) => Decision::NoGo,
        (false, true) => Decision::Go,
        (false, false) => Decision::Incomplete,
    };
    Verdict { result, reasons }
}

/// 0 ready · 1 not ready · 3 not NO-GO, but something is unknown, when that was asked for (`strict`).
pub fn exit_code(verdict: &Verdict, gate: &Gate, unknown: usize) -> ExitCode {
    match verdict.result {
        _ if gate.exit_zero => ExitCode::Ready,
        Decision::NoGo => ExitCode::NotReady,
        _ if gate.strict && unknown > 0 => ExitCode::NotEverythingChecked,
        Decision::Incomplete => ExitCode::NotReady,
        Decision::Go => ExitCode::Ready,
    }
}

/// One reason a rule, the worst first, then the most frequent.
fn findings_at(gate: &Gate, findings: &[Finding]) -> Vec<Reason> {
    let Some(least) = gate.fail_on else { return Vec::new() };
    let mut by_rule: BTreeMap<&Arc<str>, (Severity, u32)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.is_open() && finding.severity >= least) {
        let entry = by_rule.entry(&finding.rule).or_insert((finding.severity, 0));
        *entry = (entry.0.max(finding.severity), entry.1 + 1);
    }
    let mut rules: Vec<_> = by_rule.into_iter().collect();
    rules.sort_by_key(|(rule, (severity, n))| (std::cmp::Reverse((*severity, *n)), *rule));
    let reason = |(rule, (severity, n)): (&Arc<str>, (Severity, u32))| Reason {
        kind: Kind::Finding,
        message: format!("{n} {} {}: {rule}", severity.name(), if n == 1 { "finding" } else { "findings" }),
        reference: rule.to_string(),
    };
    rules.into_iter().map(reason).collect()
}

fn failing_items(items: &[Item]) -> impl Iterator<Item = Reason> {
    items.iter().filter(|item| item.required && item.state == State::Fail).map(|item| Reason {
        kind: Kind::Item,
        message: format!("required and not fulfilled: {}", item.title),
        reference: item.id.clone(),
    })
}

fn low_score(gate: &Gate, score: &Scorecard) -> Option<Reason> {
    let (value, least) = (score.value?, gate.min_score?);
    (value < least && !gate.baseline).then(|| Reason {
        kind: Kind::Score,
        message: format!("score {value} is under {least}"),
        reference: String::new(),
    })
}

/// What leaves a case INCOMPLETE.
fn missing(gate: &Gate, case: Case<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut unknown = |message: String, reference: &str| {
        reasons.push(Reason { kind: Kind::Unknown, message, reference: reference.into() });
    };
    if case.score.value.is_none() && !(case.empty && gate.allow_empty) {
        unknown("nothing could be judged".into(), "");
    }
    for cause in case.unknown.iter().filter(|cause| cause.required) {
        unknown(format!("required and not known: {}", cause.reason), cause.endpoint.as_ref().unwrap_or(&cause.path));
    }
    let (n, most) = (case.unknown.len(), gate.max_unknown.map_or(usize::MAX, |most| most as usize));
    if n > most {
        let things = counted(n, "thing", "things");
        unknown(format!("{things} could not be checked, {most} allowed"), "");
    }
    let open = case.items.iter().filter(|item| item.required && item.state.is_unanswered()).map(|item| Reason {
        kind: Kind::Item,
        message: format!("required and not answered: {}", item.title),
        reference: item.id.clone(),
    });
    open.chain(reasons).collect()
}

/// `1 finding`, `2 findings`.
pub fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
