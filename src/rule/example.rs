//! A rule's examples, run: every failing one must be reported exactly where « » say, every passing one be silent.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Rule;
use super::file::{Example, Fixed};
use crate::check::{Checked, Judging};
use crate::fix::{self, Wanted};
use crate::inspect::{self, Inspected, Problem};
use crate::relate;
use crate::source::{Encoding, Inventory, Origin, Source, role_of_path};
use crate::span::SourceId;

/// The first part of the ids of rules that judge waiving and the policy.
const POLICY_RULES: &str = "policy";
/// The policy of an example, its waiver file, and the policy that names it when the example gives none.
const POLICY: &str = "seaworthy.yaml";
const WAIVERS: &str = "waivers.yaml";
const NAMES_WAIVERS: &str = "waivers: waivers.yaml\n";

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
    /// It was reported where expected, and the fix does not do what it should.
    Unmended(String),
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
            Outcome::Undecided(reason) | Outcome::Unmended(reason) => {
                format!("\n    {}", reason.replace('\n', "\n    "))
            }
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
            Outcome::Unmended(_) => "unmended",
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
}

/// Judges `example` by `rule` alone.
pub fn run(rule: &Rule, example: &Example, should_fail: bool, bench: &Bench<'_>) -> Outcome {
    let (sources, marks) = sources(example, bench);
    let now = moment(example);
    let judged = if rule.subject.inspector() == POLICY_RULES {
        crate::settings::rehearsal::judge(rule, &sources, &before(example), example.checkout.as_ref(), now)
    } else {
        Ok(judge(rule, &sources, &before(example), now))
    };
    let (checked, problems) = match judged {
        Ok(judged) => judged,
        Err(message) => return Outcome::Undecided(message),
    };
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
        (true, true) => {
            problems.first().map_or(Outcome::Missing, |problem| Outcome::Undecided(problem.reason.to_string()))
        }
        (true, false) if marks.is_empty() || marks == found => match misjudged(example, &checked) {
            Some(why) => Outcome::Undecided(why),
            None => unmended(rule, example, sources, now),
        },
        (true, false) => Outcome::Misplaced { expected: places(&marks), found: places(&found) },
    }
}

/// Which finding is not as bad as the example says.
fn misjudged(example: &Example, checked: &Checked) -> Option<String> {
    let expected = example.severity?;
    let other = checked.findings.iter().map(|finding| finding.severity).find(|severity| *severity != expected)?;
    Some(format!("it is {}, not {}", other.name(), expected.name()))
}

/// The rounds that an example is mended in.
const ROUNDS: usize = 50;

/// Whether the rule's fix does with an example what it says.
fn unmended(rule: &Rule, example: &Example, sources: Vec<Source>, now: i64) -> Outcome {
    if rule.telling().edit.is_none() || rule.subject.inspector() == POLICY_RULES {
        return Outcome::Reported;
    }
    let expected = match &example.fixed {
        None => None,
        Some(fixed) => match expected(example, fixed, &sources) {
            Ok(expected) => Some(expected),
            Err(why) => return Outcome::Unmended(why),
        },
    };
    let after = match mended(rule, sources, now) {
        Err(why) => return Outcome::Unmended(why),
        Ok(after) => after,
    };
    let wrong = expected.and_then(|expected| {
        let pairs = after.into_iter().zip(expected);
        pairs.into_iter().find(|(found, expected)| found.text() != expected)
    });
    match wrong {
        None => Outcome::Reported,
        Some((found, expected)) => {
            Outcome::Unmended(format!("{}: expected\n{expected}found\n{}", found.path(), found.text()))
        }
    }
}

/// The text of every file after the fix.
///
/// # Errors
/// In words: `fixed` does not say which file it means.
fn expected(example: &Example, fixed: &Fixed, sources: &[Source]) -> Result<Vec<String>, String> {
    let files = match fixed {
        Fixed::Files(files) => files,
        Fixed::Text(text) if example.text.is_some() && sources.len() == 1 => return Ok(vec![strip(text).0]),
        Fixed::Text(_) => return Err("of several files, `fixed` names each that changes".to_owned()),
    };
    let paths: Vec<&str> = sources.iter().map(Source::path).collect();
    if let Some(unknown) = files.keys().find(|path| !paths.contains(&path.as_str())) {
        return Err(format!("`fixed` names `{unknown}`, which is no file of the example"));
    }
    let text =
        |source: &Source| files.get(source.path()).map_or_else(|| source.text().to_owned(), |text| strip(text).0);
    Ok(sources.iter().map(text).collect())
}

/// The sources of an example after all fixes of `rule`, the unsafe ones too.
///
/// # Errors
/// In words: a fix changes more than it should, or its finding stays.
pub fn mended(rule: &Rule, mut sources: Vec<Source>, now: i64) -> Result<Vec<Source>, String> {
    let (wanted, none) = (Wanted { and_unsafe: true }, BTreeMap::new());
    for _ in 0..ROUNDS {
        let before = judge(rule, &sources, &none, now).0.findings;
        let chosen = fix::choose(&before, &sources, wanted, &|_, _| false);
        if chosen.is_empty() {
            return Ok(sources);
        }
        for (index, choices) in &chosen {
            let Some(source) = sources.get_mut(*index) else { continue };
            match fix::mended(source, choices) {
                Ok(new) => *source = new,
                Err(why) => {
                    let text = fix::apply(source.text(), &fix::edits(choices)).unwrap_or_default();
                    return Err(format!("{why}:\n{text}"));
                }
            }
        }
        let after = judge(rule, &sources, &none, now).0;
        let stays = chosen.iter().find(|(_, choices)| {
            choices.iter().any(|choice| !fix::is_gone(choice.finding, &before, &after.findings, choices))
        });
        if let Some((index, _)) = stays {
            let text = sources.get(*index).map_or("", |source| source.text());
            return Err(format!("the finding would still be there:\n{text}"));
        }
        if let Some(undecided) = after.undecided.first() {
            return Err(format!("it could not be decided any more: {}", undecided.reason));
        }
    }
    Err(format!("there is still something to mend after {ROUNDS} rounds"))
}

/// What inspectors and relations state about an example's sources, in order.
pub fn facts(sources: &[Source]) -> Inspected<'_> {
    facts_after(sources, &BTreeMap::new())
}

/// The same, of files that were others `before`.
fn facts_after<'s>(sources: &'s [Source], before: &BTreeMap<String, String>) -> Inspected<'s> {
    let claims: Vec<_> = sources.iter().map(|source| inspect::claimants(source.path(), source.text())).collect();
    let mut inspected = inspect::all(sources, &claims);
    let inventory = Inventory::of_texts(sources.iter().map(|source| (source.path(), source.text())));
    let demands = crate::settings::demand::of_example(sources, before);
    let around = relate::Around { inventory: &inventory, demands: &demands };
    relate::extend(sources, &mut inspected.facts, around);
    inspected
}

fn judge(rule: &Rule, sources: &[Source], before: &BTreeMap<String, String>, now: i64) -> (Checked, Vec<Problem>) {
    let inspected = facts_after(sources, before);
    let severity = |_: &str, rule: &Rule| Some(rule.severity);
    let judging = Judging { sources, rules: std::slice::from_ref(rule), severity: &severity, now };
    (judging.check(&inspected.facts), inspected.problems)
}

/// The files as they were before the change that the example shows.
fn before(example: &Example) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> =
        example.base.iter().map(|(path, text)| (path.clone(), strip(text).0)).collect();
    if files.contains_key(WAIVERS) {
        files.entry(POLICY.to_owned()).or_insert_with(|| NAMES_WAIVERS.to_owned());
    }
    files
}

/// The time at which the example is judged, in seconds since 1970; without one, 2026-01-01.
pub fn moment(example: &Example) -> i64 {
    let time = example.now.as_deref().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    time.map_or(1_767_225_600, |time| time.as_second())
}

/// An example's files, and the ranges that « » mark in them.
pub fn sources(example: &Example, bench: &Bench<'_>) -> (Vec<Source>, Vec<(SourceId, Range<usize>)>) {
    let mut files: Vec<(String, &str)> =
        example.files.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    if let Some(text) = &example.text {
        files.push((example.path.clone().unwrap_or_else(|| bench.usual_name.to_owned()), text));
    }
    let names_waivers = example.files.contains_key(WAIVERS).then_some(NAMES_WAIVERS);
    let policy = example.policy.as_deref().or(names_waivers).filter(|_| !example.files.contains_key(POLICY));
    files.extend(policy.map(|text| (POLICY.to_owned(), text)));
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
        let (text, marks) = strip("FROM «node»\n");
        assert_eq!((text.as_str(), &marks[..]), ("FROM node\n", std::slice::from_ref(&(5..9))));
        assert_eq!(strip("«a «b»»"), ("a b".into(), vec![0..3, 2..3]));
    }
}
