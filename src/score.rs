//! How fit a thing is, as one number that every finding can be traced in. Pure.
//!
//! A rule's findings, worst first, lose `base × (1, ½·log₂ 2, ½·log₂ 3/2, …)`, so that n equal findings lose
//! `base · (1 + ½·log₂ n)`; a thing that could not be checked loses [`UNKNOWN`]; the score is `floor(100 · e^(−L/100))`
//! of the sum L. Passing checks and the size of a repository play no part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::finding::{Category, Finding, Severity, Status, Tally, Unknown, inspector_of};

#[cfg(test)]
mod tests;

/// What a rule's worst finding loses, by severity; calibrated on real repositories (docs/decisions/0004).
pub const BASE: [(Severity, f64); 5] = [
    (Severity::Critical, 70.0),
    (Severity::High, 15.0),
    (Severity::Medium, 4.0),
    (Severity::Low, 1.0),
    (Severity::Info, 0.0),
];
/// What a finding of a rule that the policy calls `blocking` loses at least.
pub const BLOCKING: f64 = 70.0;
/// The share of the base that each doubling of a rule's findings loses again.
pub const REPEAT: f64 = 0.5;
/// What one thing that could not be checked loses.
pub const UNKNOWN: f64 = 5.0;
/// The same, when the policy requires the answer.
pub const UNKNOWN_REQUIRED: f64 = 20.0;
/// The loss at which a score has fallen to 100/e.
pub const DIVISOR: f64 = 100.0;

/// What a policy decides about the score.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// Rules whose findings lose [`BLOCKING`] at least.
    pub blocking: BTreeSet<Arc<str>>,
}

impl Weights {
    fn base(&self, rule: &str, severity: Severity) -> f64 {
        let base = BASE.iter().find(|(of, _)| *of == severity).map_or(0.0, |(_, base)| *base);
        if self.blocking.contains(rule) { base.max(BLOCKING) } else { base }
    }
}

/// A letter for a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
pub enum Grade {
    /// 90 and more.
    A,
    /// 80 and more.
    B,
    /// 65 and more.
    C,
    /// 50 and more.
    D,
    /// Less.
    F,
}

impl Grade {
    /// The letter for `score`.
    pub fn of(score: u32) -> Grade {
        match score {
            90.. => Grade::A,
            80.. => Grade::B,
            65.. => Grade::C,
            50.. => Grade::D,
            _ => Grade::F,
        }
    }

    /// The letter.
    pub fn name(self) -> &'static str {
        match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
            Grade::D => "D",
            Grade::F => "F",
        }
    }
}

/// The score of one category or one inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// Its own score; `None` when nothing of it was judged.
    pub value: Option<u32>,
    /// How many of the 100 points of the whole it lost.
    pub points: u32,
    /// How many open findings it has.
    pub open: u32,
    /// How many things of it could not be checked; a category has none, because a broken file names no rule.
    pub unknown: u32,
}

/// The score, and where every lost point went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scorecard {
    /// 0 to 100; `None` when nothing was judged.
    pub value: Option<u32>,
    /// The letter for it.
    pub grade: Option<Grade>,
    /// The score if nothing were waived and no baseline were in use.
    pub unwaived: Option<u32>,
    /// The score if everything that could not be checked passed.
    pub upper: Option<u32>,
    /// Every category of which something was judged, in the order of [`Category::ALL`].
    pub by_category: Vec<(Category, Part)>,
    /// Every inspector of which something was judged or unknown, by name.
    pub by_inspector: BTreeMap<Arc<str>, Part>,
    /// The points that each finding lost, in the order given; 0 for what is not open.
    pub finding_points: Vec<u32>,
    /// The points that each unknown lost, in the order given.
    pub unknown_points: Vec<u32>,
}

/// The score of `findings` and `unknown`. `tallies` say what was judged at all.
pub fn score(weights: &Weights, findings: &[Finding], unknown: &[Unknown], tallies: &[Tally]) -> Scorecard {
    let open = losses(weights, findings, Finding::is_open);
    let unasked: Vec<f64> = unknown.iter().map(unknown_loss).collect();
    if findings.is_empty() && !tallies.iter().any(Tally::judged) {
        return Scorecard {
            finding_points: vec![0; findings.len()],
            unknown_points: vec![0; unknown.len()],
            by_inspector: by_inspector(findings, unknown, tallies, &open, &unasked, &[]),
            ..Scorecard::default()
        };
    }
    let all: Vec<f64> = open.iter().chain(&unasked).copied().collect();
    let value = shown(total(&all));
    let points = attribute(&all, 100 - value);
    let accepted = losses(weights, findings, |_| true);
    let (finding_points, unknown_points) = points.split_at(open.len());
    Scorecard {
        value: Some(value),
        grade: Some(Grade::of(value)),
        unwaived: Some(shown(total(&accepted) + total(&unasked))),
        upper: Some(shown(total(&open))),
        by_category: by_category(findings, tallies, &open, finding_points),
        by_inspector: by_inspector(findings, unknown, tallies, &open, &unasked, &points),
        finding_points: finding_points.to_vec(),
        unknown_points: unknown_points.to_vec(),
    }
}

/// What is left of 100 after losing `loss`, before it is rounded down for people.
pub fn exact(loss: f64) -> f64 {
    100.0 * (-loss / DIVISOR).exp()
}

/// [`exact`], rounded down; the margin keeps a sum that differs in its last bit from losing a point.
fn shown(loss: f64) -> u32 {
    (exact(loss) + 1e-9).floor().clamp(0.0, 100.0) as u32
}

/// The sum, worst losses first, so that it does not depend on the order of sources.
fn total(losses: &[f64]) -> f64 {
    let mut sorted = losses.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    sorted.iter().sum()
}

fn unknown_loss(unknown: &Unknown) -> f64 {
    if unknown.required { UNKNOWN_REQUIRED } else { UNKNOWN }
}

/// The weight of a rule's finding of index `nth`, worst first.
fn weight(nth: usize) -> f64 {
    if nth == 0 { 1.0 } else { REPEAT * ((nth + 1) as f64 / nth as f64).log2() }
}

/// What each finding loses, of those that `counts` accepts; 0 for the others.
fn losses(weights: &Weights, findings: &[Finding], counts: impl Fn(&Finding) -> bool) -> Vec<f64> {
    let mut by_rule: BTreeMap<&str, Vec<(usize, f64)>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| counts(finding)) {
        by_rule.entry(&finding.rule).or_default().push((index, weights.base(&finding.rule, finding.severity)));
    }
    let mut losses = vec![0.0; findings.len()];
    for of_rule in by_rule.values_mut() {
        of_rule.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (nth, (index, base)) in of_rule.iter().enumerate() {
            losses[*index] = base * weight(nth);
        }
    }
    losses
}

/// `points` shared out in proportion to the losses, by the largest remainder; the first of equals gets the odd point.
fn attribute(losses: &[f64], points: u32) -> Vec<u32> {
    let sum = total(losses);
    if sum <= 0.0 {
        return vec![0; losses.len()];
    }
    let quotas: Vec<f64> = losses.iter().map(|loss| f64::from(points) * loss / sum).collect();
    let mut shares: Vec<u32> = quotas.iter().map(|quota| quota.floor() as u32).collect();
    let left = points.saturating_sub(shares.iter().sum());
    let mut order: Vec<usize> = (0..losses.len()).filter(|index| losses[*index] > 0.0).collect();
    order.sort_by(|a, b| quotas[*b].fract().total_cmp(&quotas[*a].fract()));
    for index in order.iter().cycle().take(left as usize) {
        shares[*index] += 1;
    }
    shares
}

fn by_category(findings: &[Finding], tallies: &[Tally], losses: &[f64], points: &[u32]) -> Vec<(Category, Part)> {
    let part = |category: Category| {
        let own: Vec<usize> = (0..findings.len()).filter(|index| findings[*index].category == category).collect();
        let judged = !own.is_empty() || tallies.iter().any(|tally| tally.category == category && tally.judged());
        let lost: Vec<f64> = own.iter().map(|index| losses[*index]).collect();
        judged.then(|| Part {
            value: Some(shown(total(&lost))),
            points: own.iter().map(|index| points[*index]).sum(),
            open: count(own.iter().filter(|index| findings[**index].is_open()).count()),
            unknown: 0,
        })
    };
    Category::ALL.iter().filter_map(|category| Some((*category, part(*category)?))).collect()
}

/// `points` are those of the findings, then those of the unknowns; empty when nothing was judged.
fn by_inspector(
    findings: &[Finding],
    unknown: &[Unknown],
    tallies: &[Tally],
    open: &[f64],
    unasked: &[f64],
    points: &[u32],
) -> BTreeMap<Arc<str>, Part> {
    let mut lost: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    let mut judged: BTreeSet<&str> = tallies.iter().filter(|tally| tally.judged()).map(Tally::inspector).collect();
    let point = |index: usize| points.get(index).copied().unwrap_or(0);
    for (index, finding) in findings.iter().enumerate() {
        let name = inspector_of(&finding.rule);
        judged.insert(name);
        lost.entry(name).or_default().push(open[index]);
        let part = parts.entry(name).or_default();
        part.points += point(index);
        part.open += u32::from(finding.status == Status::Open);
    }
    for (index, cause) in unknown.iter().enumerate() {
        lost.entry(&cause.inspector).or_default().push(unasked[index]);
        let part = parts.entry(&cause.inspector).or_default();
        part.points += point(findings.len() + index);
        part.unknown += 1;
    }
    for name in &judged {
        let loss = lost.get(name).map_or(0.0, |losses| total(losses));
        parts.entry(name).or_default().value = Some(shown(loss));
    }
    parts.into_iter().map(|(name, part)| (Arc::from(name), part)).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
