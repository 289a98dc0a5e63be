//! A rule's examples, run: every failing one must be reported exactly where « » say, every passing one be silent.

use std::ops::Range;

use super::Rule;
use super::file::Example;
use crate::check::Judging;
use crate::inspect;
use crate::relate;
use crate::relate::demand::Demands;
use crate::source::{Encoding, Inventory, Origin, Source, role_of_path};
use crate::span::SourceId;

/// What came of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A passing example was silent.
    Validated,
    /// A failing example was reported where expected.
    Reported,
    /// A passing example fired.
    Noisy(Vec<String>),
    /// A failing example did not fire.
    Missing,
    /// It fired elsewhere than « » say.
    Misplaced {
        /// The places that « » mark.
        expected: Vec<String>,
        /// The places that were reported.
        found: Vec<String>,
    },
    /// It could not be decided.
    Undecided(String),
}

impl Outcome {
    /// Whether the example holds.
    pub fn is_good(&self) -> bool {
        matches!(self, Outcome::Validated | Outcome::Reported)
    }

    /// What a person needs beyond its name.
    pub fn details(&self) -> String {
        let list = |places: &[String]| places.iter().map(|place| format!("\n    {place}")).collect::<String>();
        match self {
            Outcome::Validated | Outcome::Reported | Outcome::Missing => String::new(),
            Outcome::Noisy(found) => list(found),
            Outcome::Misplaced { expected, found } => format!("\n  expected{}\n  found{}", list(expected), list(found)),
            Outcome::Undecided(reason) => format!("\n    {reason}"),
        }
    }

    /// Its name in the output of `rules test`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Validated => "validated",
            Outcome::Reported => "reported",
            Outcome::Noisy(_) => "noisy",
            Outcome::Missing => "missing",
            Outcome::Misplaced { .. } => "misplaced",
            Outcome::Undecided(_) => "undecided",
        }
    }
}

/// What examples are run with.
pub struct Bench<'b> {
    /// The path of a text without one.
    pub usual_name: &'b str,
    /// Fills in what an example must not hold as it is: samples of secrets.
    pub fill: &'b dyn Fn(&str) -> String,
    /// What the policy among the files of an example demands.
    pub demands: &'b dyn Fn(&[Source]) -> Demands,
}

/// Judges `example` by `rule` alone.
pub fn run(rule: &Rule, example: &Example, should_fail: bool, bench: &Bench<'_>) -> Outcome {
    let (sources, marks) = sources(example, bench);
    let now = moment(example);
    let claims: Vec<_> = sources.iter().map(|source| inspect::claimants(source.path(), source.text())).collect();
    let inspected = inspect::all(&sources, &claims);
    let mut facts = inspected.facts;
    let inventory = Inventory::of_texts(sources.iter().map(|source| (source.path(), source.text())));
    let around = relate::Around { inventory: &inventory, demands: &(bench.demands)(&sources) };
    facts.extend(relate::all(&sources, &facts, around));
    facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
    let severity = |_: &str, rule: &Rule| Some(rule.severity);
    let judging = Judging { sources: &sources, rules: std::slice::from_ref(rule), severity: &severity, now };
    let checked = judging.check(&facts);
    if let Some(undecided) = checked.undecided.first() {
        return Outcome::Undecided(undecided.reason.to_string());
    }
    let mut found: Vec<(SourceId, Range<usize>)> =
        checked.findings.iter().map(|finding| (finding.primary.source, finding.primary.range())).collect();
    found.sort_by_key(|(source, range)| (*source, range.start, range.end));
    let places =
        |list: &[(SourceId, Range<usize>)]| list.iter().map(|(id, range)| place(&sources, *id, range)).collect();
    match (should_fail, found.is_empty()) {
        (false, true) => Outcome::Validated,
        (false, false) => Outcome::Noisy(places(&found)),
        (true, true) => inspected
            .problems
            .first()
            .map_or(Outcome::Missing, |problem| Outcome::Undecided(problem.reason.to_string())),
        (true, false) if marks.is_empty() || marks == found => Outcome::Reported,
        (true, false) => Outcome::Misplaced { expected: places(&marks), found: places(&found) },
    }
}

/// The time at which the example is judged, in seconds since 1970; without one, 2026-01-01.
fn moment(example: &Example) -> i64 {
    let time = example.now.as_deref().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    time.map_or(1_767_225_600, |time| time.as_second())
}

fn sources(example: &Example, bench: &Bench<'_>) -> (Vec<Source>, Vec<(SourceId, Range<usize>)>) {
    let mut files: Vec<(String, &str)> =
        example.files.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    if let Some(text) = &example.text {
        files.push((example.path.clone().unwrap_or_else(|| bench.usual_name.to_owned()), text));
    }
    files.sort();
    let mut marks = Vec::new();
    let sources = files.into_iter().zip(0..).map(|((path, text), number)| {
        let id = SourceId(number);
        let marked = strip(&(bench.fill)(text));
        marks.extend(marked.1.into_iter().map(|range| (id, range)));
        let role = role_of_path(&path).0;
        Source::new(id, Origin::File(path.into()), Encoding::Utf8, role, marked.0)
    });
    let sources = sources.collect();
    marks.sort_by_key(|(source, range)| (*source, range.start, range.end));
    (sources, marks)
}

/// The text without its marks, and the ranges they stood around; marks may nest.
pub fn strip(text: &str) -> (String, Vec<Range<usize>>) {
    let mut plain = String::with_capacity(text.len());
    let (mut open, mut marks) = (Vec::new(), Vec::new());
    for c in text.chars() {
        match c {
            '«' => open.push(plain.len()),
            '»' => {
                if let Some(start) = open.pop() {
                    marks.push(start..plain.len());
                }
            }
            c => plain.push(c),
        }
    }
    marks.sort_by_key(|range| (range.start, range.end));
    (plain, marks)
}

fn place(sources: &[Source], id: SourceId, range: &Range<usize>) -> String {
    let Some(source) = sources.get(id.0 as usize) else { return String::new() };
    let text = source.text().get(range.clone()).unwrap_or_default();
    let at = source.position(u32::try_from(range.start).unwrap_or(u32::MAX));
    let shown: String = text.chars().take(60).collect();
    format!("{}:{}:{} `{}`", source.path(), at.line, at.column, shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_and_kept_as_ranges() {
        assert_eq!(strip("FROM «node»\n"), ("FROM node\n".into(), vec![5..9]));
        assert_eq!(strip("«a «b»»"), ("a b".into(), vec![0..3, 2..3]));
    }
}
