//! Suppressions in place: which of them count, what each covers, and what is to be said of them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::directive::{Dialect, Directive, Meaning, Name};
use super::place::{self, Placed};
use super::{Case, Terms, accept, annotation};
use crate::fact::{Fact, Value, policy};
use crate::finding::Finding;
use crate::rule::file::RuleFile;
use crate::rule::selector::Selector;
use crate::source::{Encoding, Origin, Source};
use crate::span::{SourceId, Span};

/// A directive in a source.
#[derive(Debug, Clone)]
pub struct Suppression {
    source: SourceId,
    placed: Placed,
    /// The directive as it is written, blanks folded: what tells it from others.
    words: String,
}

/// The suppressions of a source, comments first.
pub(super) fn of(source: &Source) -> Vec<Suppression> {
    let markers = place::markers(source.text());
    // Every annotation that counts holds one, too.
    if markers.is_empty() {
        return Vec::new();
    }
    let mut all = place::comments(source, markers);
    all.extend(annotation::of(source));
    let words = |placed: &Placed| {
        let text = source.text().get(placed.directive.range.clone()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    all.into_iter().map(|placed| Suppression { source: source.id, words: words(&placed), placed }).collect()
}

/// Why a suppression does not count, or that it does.
struct Standing {
    is_allowed: bool,
    is_expired: bool,
    is_too_long: bool,
    is_added: bool,
}

impl Standing {
    fn counts(&self, directive: &Directive) -> bool {
        directive.mistake.is_none() && self.is_allowed && !self.is_expired && !self.is_too_long && !self.is_added
    }
}

pub(super) fn decide<'s>(
    terms: &Terms<'_>,
    case: &Case<'_, 's>,
    suppressions: &[Suppression],
    findings: &mut [Finding],
) -> Vec<Fact<'s>> {
    let by_source = by_source(case, findings);
    let mut known = Known { terms, files: BTreeMap::new() };
    let mut facts = Vec::new();
    for one in suppressions {
        let Some(source) = case.sources.get(one.source.0 as usize) else { continue };
        let directive = &one.placed.directive;
        let standing = Standing {
            is_allowed: if directive.dialect.is_peers() { terms.peers } else { terms.in_place },
            is_expired: directive.until.is_some_and(|until| until < terms.today),
            is_too_long: is_too_long(directive.until, terms),
            is_added: !known.was_there(source, &one.words),
        };
        let here = by_source.get(&one.source).map_or(&[][..], |list| list);
        for name in &directive.names {
            let matches = matches(case, one, name, here, findings);
            if standing.counts(directive) {
                for index in &matches {
                    let by = if directive.dialect.is_peers() { directive.dialect.name() } else { "inline" };
                    let reason = directive.reason.as_deref().unwrap_or_default();
                    if let Some(finding) = findings.get_mut(*index) {
                        accept(finding, by, reason, directive.until);
                    }
                }
            }
            facts.push(state((terms, case), (source, one), name, &standing, matches.len()));
        }
        if directive.names.is_empty() {
            let range = directive.range.clone();
            let none = Name { word: String::new(), range, meaning: Meaning::Selector };
            facts.push(state((terms, case), (source, one), &none, &standing, 0));
        }
    }
    facts
}

/// The numbers of the findings of each source, by the byte at which they begin.
fn by_source(case: &Case<'_, '_>, findings: &[Finding]) -> BTreeMap<SourceId, Vec<usize>> {
    let mut map: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        map.entry(case.shown(finding.primary).source).or_default().push(index);
    }
    for list in map.values_mut() {
        list.sort_by_key(|index| findings.get(*index).map(|finding| case.shown(finding.primary).start));
    }
    map
}

fn is_too_long(until: Option<Date>, terms: &Terms<'_>) -> bool {
    let last = terms.max_days.and_then(|days| terms.today.checked_add(i64::from(days).days()).ok());
    matches!((until, last), (Some(until), Some(last)) if until > last)
}

/// Which directives stood in a file at the commit of `--policy-from`, and how often.
struct Known<'a> {
    terms: &'a Terms<'a>,
    files: BTreeMap<SourceId, BTreeMap<String, u32>>,
}

impl Known<'_> {
    /// Whether the directive was there; each can be taken once.
    fn was_there(&mut self, source: &Source, words: &str) -> bool {
        let Some(base) = self.terms.base else { return true };
        let known = self.files.entry(source.id).or_insert_with(|| {
            let mut counts = BTreeMap::new();
            let Some(text) = base.text(source.path()) else { return counts };
            let origin = Origin::File(source.path().into());
            let earlier = Source::new(source.id, origin, Encoding::Utf8, source.role, text);
            for one in of(&earlier) {
                *counts.entry(one.words).or_insert(0) += 1;
            }
            counts
        });
        match known.get_mut(words) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }
}

/// Whether the word means the rule.
fn means(dialect: Dialect, name: &Name, id: &str, rule: &RuleFile) -> bool {
    let bears = |tool: &str, word: &str| {
        rule.aliases.get(tool).is_some_and(|ids| ids.0.iter().any(|alias| alias.eq_ignore_ascii_case(word)))
    };
    match &name.meaning {
        Meaning::Selector => Selector::parse(&name.word).selects(id, rule),
        Meaning::Secrets => id.starts_with("secrets/"),
        Meaning::Peer => rule.aliases.contains_key(dialect.name()),
        Meaning::Alias(word) if dialect == Dialect::Peer("tally") => match word.split_once('/') {
            Some((tool, id)) => bears(tool, id) || bears("tally", word),
            None => ["tally", "hadolint", "buildkit"].iter().any(|tool| bears(tool, word)),
        },
        Meaning::Alias(word) => bears(dialect.name(), word),
    }
}

/// The findings that the word covers, by number.
fn matches(case: &Case<'_, '_>, one: &Suppression, name: &Name, here: &[usize], findings: &[Finding]) -> Vec<usize> {
    let covers = &one.placed.covers;
    let starts = |index: &usize| findings.get(*index).map_or(usize::MAX, |one| case.shown(one.primary).start as usize);
    let from = here.partition_point(|index| starts(index) < covers.start);
    let until = here.partition_point(|index| starts(index) < covers.end);
    let covered = here.get(from..until.max(from)).unwrap_or_default().iter().copied();
    let means = |index: &usize| {
        let rule = findings.get(*index).map(|finding| &*finding.rule);
        let file = rule.and_then(|rule| Some((rule, case.catalog.get(rule)?)));
        file.is_some_and(|(id, rule)| means(one.placed.directive.dialect, name, id, rule))
    };
    covered.filter(means).collect()
}

fn state<'s>(
    (terms, case): (&Terms<'_>, &Case<'_, '_>),
    (source, one): (&Source, &Suppression),
    name: &Name,
    standing: &Standing,
    findings: usize,
) -> Fact<'s> {
    let directive = &one.placed.directive;
    let dialect = directive.dialect;
    let meant: Vec<(&str, &RuleFile)> =
        case.catalog.iter().filter(|(id, rule)| means(dialect, name, id, rule)).collect();
    let wanted = |id: &str| meant.iter().any(|(other, _)| *other == id);
    let judged = meant.iter().any(|(id, rule)| (case.judges)(source.path(), id, rule));
    let is_examined = one.placed.is_meant
        && judged
        && !case.is_broken(source.id)
        && !case.is_undecided(|id| id == source.id, wanted)
        && !case.is_not_run(wanted);
    let (whole, word) = (Span::new(source.id, directive.range.clone()), Span::new(source.id, name.range.clone()));
    let option = |text: Option<String>| text.map_or(Value::absent(whole), |text| Value::str(text, whole));
    let max_days = terms.max_days.map_or(Value::absent(whole), |days| Value::int(i64::from(days), whole));
    policy::Suppression {
        dialect: Value::str(dialect.name(), whole),
        is_first: Value::bool(directive.names.first().is_none_or(|first| first == name), whole),
        is_peers: Value::bool(dialect.is_peers(), whole),
        rule: Value::str(name.word.clone(), word),
        rule_is_known: Value::bool(!meant.is_empty(), word),
        is_well_formed: Value::bool(directive.mistake.is_none(), whole),
        mistake: Value::str(directive.mistake.clone().unwrap_or_default(), whole),
        reason: option(directive.reason.clone()),
        until: option(directive.until.map(|day| day.to_string())),
        is_expired: Value::bool(standing.is_expired, whole),
        max_days,
        is_too_long: Value::bool(standing.is_too_long, whole),
        is_allowed: Value::bool(standing.is_allowed, whole),
        is_added: Value::bool(standing.is_added, whole),
        is_examined: Value::bool(is_examined, word),
        findings: Value::int(i64::try_from(findings).unwrap_or(i64::MAX), word),
    }
    .fact(word, format!("{} {}", dialect.name(), name.word), source.role)
}
