//! The entries of the waiver file: what each covers, whether it counts, and what is to be said of it.

use jiff::ToSpan;
use jiff::civil::Date;

use super::file::{Waiver, Waivers};
use super::{Case, Terms, accept};
use crate::fact::{Fact, Role, Value, policy};
use crate::finding::Finding;
use crate::rule::selector::Selector;
use crate::span::{SourceId, Span};

/// Globs that match every file.
const EVERYTHING: [&str; 8] = ["**", "*", "/**", "**/*", "/", ".", "./", "./**"];

/// An entry with what became of it.
struct Verdict<'w> {
    /// As the waiver file has it.
    waiver: &'w Waiver,
    /// As it counts: that of the commit of `--policy-from`, where one is given.
    counts: &'w Waiver,
    is_added: bool,
    is_silently_moved: bool,
    matches: Vec<usize>,
}

pub(super) fn decide<'s>(terms: &Terms<'_>, case: &Case<'_, 's>, findings: &mut [Finding]) -> Vec<Fact<'s>> {
    let Some((waivers, source)) = terms.waivers else { return Vec::new() };
    let Waivers { list, .. } = waivers;
    let mut facts = Vec::new();
    for waiver in list {
        let mut verdict = Verdict::of(terms, waiver);
        verdict.matches = matches(terms, case, verdict.counts, findings);
        if verdict.holds(terms) {
            let counts = verdict.counts;
            for index in &verdict.matches {
                if let Some(finding) = findings.get_mut(*index) {
                    accept(finding, &counts.id, &counts.reason, Some(counts.expires.value));
                }
            }
        }
        facts.push(verdict.state(terms, case, source));
    }
    facts
}

impl<'w> Verdict<'w> {
    fn of(terms: &Terms<'w>, waiver: &'w Waiver) -> Self {
        let mut verdict =
            Verdict { waiver, counts: waiver, is_added: false, is_silently_moved: false, matches: Vec::new() };
        let Some(base) = terms.base else { return verdict };
        match base.waivers().iter().find(|one| one.id == waiver.id) {
            Some(earlier) => {
                verdict.is_added = is_wider(waiver, earlier);
                let moved = waiver.expires.value > earlier.expires.value;
                verdict.is_silently_moved = moved && waiver.renewals <= earlier.renewals;
                // What the change shortens or narrows holds at once.
                let narrower = !verdict.is_added && !moved;
                verdict.counts = if narrower { waiver } else { earlier };
            }
            None => verdict.is_added = true,
        }
        verdict
    }

    /// Whether it waives.
    fn holds(&self, terms: &Terms<'_>) -> bool {
        let one = self.counts;
        let is_new = self.is_added && std::ptr::eq(self.waiver, one);
        let days = last_day(one, terms.max_days);
        !is_new && one.created.value <= terms.today && terms.today <= days && !is_too_broad(one) && !self.is_over(one)
    }

    fn is_over(&self, one: &Waiver) -> bool {
        one.max_findings.is_some_and(|most| self.matches.len() > most.value as usize)
    }

    fn state<'s>(&self, terms: &Terms<'_>, case: &Case<'_, '_>, source: SourceId) -> Fact<'s> {
        let one = self.waiver;
        let at = |span: Span| Span { source, ..span };
        let text = |text: &crate::syntax::de::Spanned<String>| Value::str(text.value.clone(), at(text.span));
        let (id, expires) = (at(one.id.span), at(one.expires.span));
        let days = (one.expires.value - one.created.value).get_days();
        let renewal = one.silent_renewal.map_or(expires, at);
        let max_days = terms.max_days.map_or(Value::absent(expires), |most| Value::int(i64::from(most), expires));
        let most = one.max_findings.map_or(Value::absent(id), |most| Value::int(i64::from(most.value), at(most.span)));
        let limit = one.max_findings.map_or(id, |most| at(most.span));
        policy::Waiver {
            id: text(&one.id),
            rule: text(&one.rule),
            rule_is_known: Value::bool(one.selector.is_known(case.catalog), at(one.rule.span)),
            owner: text(&one.owner),
            approved_by: text(&one.approved_by),
            approves_itself: Value::bool(
                one.owner.trim().eq_ignore_ascii_case(one.approved_by.trim()),
                at(one.approved_by.span),
            ),
            expires: Value::str(one.expires.value.to_string(), expires),
            is_expired: Value::bool(one.expires.value < terms.today, expires),
            is_early: Value::bool(one.created.value > terms.today, at(one.created.span)),
            days: Value::int(i64::from(days), expires),
            max_days,
            is_too_long: Value::bool(terms.max_days.is_some_and(|most| i64::from(days) > i64::from(most)), expires),
            is_too_broad: Value::bool(is_too_broad(one), at(one.rule.span)),
            is_renewed_without_reason: Value::bool(self.is_silently_moved || one.silent_renewal.is_some(), renewal),
            is_examined: Value::bool(self.is_examined(terms, case), id),
            findings: Value::int(i64::try_from(self.matches.len()).unwrap_or(i64::MAX), id),
            max_findings: most,
            is_over_limit: Value::bool(self.is_over(one), limit),
            is_added: Value::bool(self.is_added, id),
        }
        .fact(id, &*one.id.value, Role::Production)
    }

    /// Whether finding nothing means that there is nothing.
    fn is_examined(&self, terms: &Terms<'_>, case: &Case<'_, '_>) -> bool {
        let one = self.counts;
        let in_scope = |source: SourceId| {
            let path = case.sources.get(source.0 as usize).map_or("", |source| source.path());
            one.paths.is_empty() || one.paths.matches(path, false)
        };
        let wanted = |id: &str| case.catalog.get(id).is_some_and(|rule| one.selector.selects(id, rule));
        let judged = || case.catalog.iter().any(|(id, rule)| wanted(id) && (case.judges)("", id, rule));
        terms.is_whole
            && applies(one, terms)
            && judged()
            && !case.problems.iter().any(|problem| in_scope(case.shown(problem.span).source))
            && !case.is_undecided(in_scope, wanted)
            && !case.is_not_run(wanted)
    }
}

/// Whether `waiver` covers anything that `earlier` did not.
fn is_wider(waiver: &Waiver, earlier: &Waiver) -> bool {
    let limit = |one: &Waiver| one.max_findings.map_or(u32::MAX, |most| most.value);
    waiver.rule != earlier.rule
        || waiver.patterns != earlier.patterns
        || waiver.fingerprints != earlier.fingerprints
        || waiver.objects.patterns() != earlier.objects.patterns()
        || waiver.environments != earlier.environments
        || limit(waiver) > limit(earlier)
}

/// The last day on which it holds, whatever it says itself.
fn last_day(waiver: &Waiver, max_days: Option<u32>) -> Date {
    let most = max_days.and_then(|days| waiver.created.value.checked_add(i64::from(days).days()).ok());
    most.map_or(waiver.expires.value, |most| most.min(waiver.expires.value))
}

/// Whether it names many rules and every file.
fn is_too_broad(waiver: &Waiver) -> bool {
    let everywhere =
        waiver.patterns.is_empty() || waiver.patterns.iter().any(|pattern| EVERYTHING.contains(&pattern.as_str()));
    waiver.selector.rank() < Selector::PEER_RANK
        && waiver.fingerprints.is_empty()
        && waiver.objects.is_empty()
        && everywhere
}

fn applies(waiver: &Waiver, terms: &Terms<'_>) -> bool {
    let environments = &waiver.environments;
    environments.is_empty() || environments.iter().any(|name| Some(name.as_str()) == terms.environment)
}

/// The findings that it covers, by number.
fn matches(terms: &Terms<'_>, case: &Case<'_, '_>, waiver: &Waiver, findings: &[Finding]) -> Vec<usize> {
    if !applies(waiver, terms) {
        return Vec::new();
    }
    let covered = |finding: &Finding| {
        let place = case.shown(finding.primary).source;
        let path = case.sources.get(place.0 as usize).map_or("", |source| source.path());
        let rule = case.catalog.get(&finding.rule);
        let mark = finding.fingerprint.as_str();
        rule.is_some_and(|rule| waiver.selector.selects(&finding.rule, rule))
            && (waiver.paths.is_empty() || waiver.paths.matches(path, false))
            && (waiver.objects.is_empty() || waiver.objects.matches(&finding.subject, false))
            && (waiver.fingerprints.is_empty() || waiver.fingerprints.iter().any(|prefix| mark.starts_with(prefix)))
    };
    (0..findings.len()).filter(|index| findings.get(*index).is_some_and(covered)).collect()
}
