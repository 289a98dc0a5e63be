//! An example of a rule on the policy, judged as a run would: every rule judges the files, then waiving is decided, and
//! what is to be said of that is judged by the one rule.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change;
use super::own::Places;
use super::side::{self, Side};
use crate::check::{Checked, Judging, Selection};
use crate::checklist::chain::Ledger;
use crate::checklist::identity::{Mailmap, OWNERS, Owners, People};
use crate::checklist::question::digest_of;
use crate::checklist::signature::Signers;
use crate::checklist::standing::{self, Here};
use crate::checklist::statement::Stating;
use crate::fact::Fact;
use crate::finding::Severity;
use crate::inspect::{self, Inspected, Problem};
use crate::relate;
use crate::rule::Rule;
use crate::rule::catalog::Catalog;
use crate::rule::file::{Checkout, RuleFile};
use crate::source::{self, Globs, Inventory, Person, Source};
use crate::span::SourceId;
use crate::waive;

/// Judges the files of an example; `before` is what they were before a change, empty when the example shows none.
///
/// # Errors
/// The example's policy or waiver file has mistakes.
pub fn judge(
    rule: &Rule,
    sources: &[Source],
    before: &BTreeMap<String, String>,
    checkout: Option<&Checkout>,
    now: i64,
) -> Result<(Checked, Vec<Problem>), String> {
    let told = |error: crate::error::Error| error.to_string();
    let here = |path: &str| sources.iter().find(|source| source.path() == path).map(|source| source.text().to_owned());
    let folders = [String::new()];
    let head = Side::read(&here, &folders, None).map_err(told)?;
    let then = |path: &str| before.get(path).cloned();
    let base = (!before.is_empty()).then(|| Side::read(&then, &folders, None)).transpose().map_err(told)?;
    let catalog = &Catalog::builtin();
    let selection = base.as_ref().unwrap_or(&head).selection();

    let claims: Vec<_> = sources.iter().map(|source| inspect::claimants(source.path(), source.text())).collect();
    let Inspected { mut facts, problems } = inspect::all(sources, &claims);
    let inventory = Inventory::of_texts(sources.iter().map(|source| (source.path(), source.text())));
    let demands = super::demand::of_example(sources, before);
    let around = relate::Around { inventory: &inventory, demands: &demands };
    relate::extend(sources, &mut facts, around);
    let mut checked = all(catalog, &selection, sources, &facts, now);

    let judges = |path: &str, id: &str, rule: &RuleFile| selection.decide_at(path, id, rule).on;
    let undecided = &checked.undecided;
    let not_run = std::collections::BTreeSet::new();
    let case = waive::Case { sources, catalog, judges: &judges, undecided, problems: &problems, not_run: &not_run };
    let earlier = base.as_ref().map(|side| Earlier { side, files: before });
    let number = |path: &str| sources.iter().find(|source| source.path() == path).map(|source| source.id);
    let time = jiff::Timestamp::from_second(now).unwrap_or_default();
    let terms = waive::Terms {
        waivers: head.waivers.as_ref().and_then(|waivers| Some((waivers, number(&waivers.path)?))),
        base: earlier.as_ref().map(|earlier| earlier as &dyn waive::Base),
        is_whole: true,
        ..side::terms(&base.as_ref().unwrap_or(&head).policy, None, time)
    };
    let mut facts = waive::decide(&terms, &case, &waive::in_place(sources), &mut checked.findings);
    if let Some(base) = &base {
        let layers = head.layers.list.iter().map(|layer| number(&layer.name)).collect();
        let start = head.name().and_then(number);
        let places = Places { layers, start, waivers: None };
        facts.extend(change::state(&change::all(base, &head, catalog, None), &places, sources));
        facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
    }
    facts.extend(attestations(sources, &head, checkout, time));
    let severity = |_: &str, rule: &Rule| Some(rule.severity);
    let judging = Judging { sources, rules: std::slice::from_ref(rule), severity: &severity, now };
    Ok((judging.check(&facts), problems))
}

/// What is to be said of the attestations among an example's files.
fn attestations<'s>(sources: &[Source], head: &Side, checkout: Option<&Checkout>, now: Timestamp) -> Vec<Fact<'s>> {
    let said = head.policy.attestations.as_ref().map(|folder| folder.value.as_str());
    let folder = format!("{}/", said.unwrap_or(super::DEFAULT_ATTESTATIONS).trim_end_matches('/'));
    let records = sources.iter().filter(|source| source.path().starts_with(&folder));
    let places: BTreeMap<String, SourceId> = records.map(|source| (source.path().to_owned(), source.id)).collect();
    if places.is_empty() {
        return Vec::new();
    }
    let text = |path: &str| sources.iter().find(|source| source.path() == path).map(Source::text);
    let files = places.keys().map(|path| (path.clone(), Ok(text(path).unwrap_or_default().to_owned())));
    let ledger = Ledger::read(files.collect());
    let owners = OWNERS.iter().find_map(|path| text(path)).map(Owners::read);
    let people = People { mailmap: Mailmap::read(text(".mailmap").unwrap_or_default()), owners };
    let signers = head.policy.allowed_signers.as_ref();
    let signers = signers.map_or_else(Signers::default, |path| Signers::read(text(path).unwrap_or_default()));
    let unseen = || "the example shows no commit".to_owned();
    let matched = |globs: &Globs| -> Vec<&Source> {
        sources.iter().filter(|source| globs.is_empty() || globs.matches(source.path(), false)).collect()
    };
    let here = Here {
        now,
        commit: checkout.map(|checkout| checkout.commit.as_str()),
        environment: None,
        authors: &|| {
            let authors = &checkout.ok_or_else(unseen)?.authors;
            Ok(authors.iter().filter_map(|author| Person::read(author)).collect())
        },
        is_same: &|_, _| checkout.map(|_| false).ok_or_else(unseen),
        sealed: &|_, _| Err(unseen()),
        made: &|_| None,
        file: &|path| text(path).map(|text| digest_of(text.as_bytes())),
        files: &|globs, folder| {
            let digests = matched(globs).into_iter().map(|source| (source.path(), digest_of(source.text().as_bytes())));
            source::combined(folder, &digests.collect::<Vec<_>>())
        },
        paths: &|globs, _| matched(globs).into_iter().map(|source| source.path().to_owned()).collect(),
        people: &people,
        signers: &signers,
    };
    let standings = standing::all(&head.questions, &ledger, &here);
    let stating =
        Stating { ledger: &ledger, standings: &standings, places: &places, environment: None, people: &people };
    stating.facts()
}

/// Judges by every rule that is on.
fn all(catalog: &Catalog, selection: &Selection, sources: &[Source], facts: &[Fact<'_>], now: i64) -> Checked {
    let subjects = relate::subjects();
    let present = |name: &str| facts.iter().any(|fact| fact.subject().name == name);
    let on = catalog.about(present).filter(|(id, entry)| selection.selects(id, entry));
    let compiled = on.filter_map(|(id, entry)| Rule::compile(id, entry.file(), &subjects, &|_| None).ok());
    let rules: Vec<Rule> = compiled.collect();
    let severity = |path: &str, rule: &Rule| -> Option<Severity> {
        let decided = selection.decide_at(path, &rule.id, catalog.get(&rule.id)?);
        decided.on.then_some(decided.severity)
    };
    Judging { sources, rules: &rules, severity: &severity, now }.check(facts)
}

struct Earlier<'a> {
    side: &'a Side,
    files: &'a BTreeMap<String, String>,
}

impl waive::Base for Earlier<'_> {
    fn waivers(&self) -> &[waive::file::Waiver] {
        self.side.waivers.as_ref().map_or(&[], |waivers| &waivers.list)
    }

    fn text(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }
}
