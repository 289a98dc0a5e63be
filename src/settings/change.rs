//! What a change does to the policy: two policies compared, in every environment.

use std::collections::{BTreeMap, BTreeSet};

use super::layer::Layer;
use super::merge::{Policy, environments};
use super::own::Places;
use super::policy::{FailOn, Override};
use super::selection_of;
use super::side::Side;
use crate::check::{Decided, Selection};
use crate::fact::{Fact, Role, Value, policy};
use crate::finding::Severity;
use crate::rule::catalog::Catalog;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::de::Spanned;

mod questions;

/// One thing that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// See `policy.change` in docs/facts.md.
    pub kind: &'static str,
    /// What was changed.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Whether less is demanded.
    pub loosens: bool,
    /// The environment; empty for all.
    pub environment: String,
    /// The place in the policy of the change; its source is the number of a layer.
    pub place: Option<Span>,
}

/// Every change from `base` to `head`; one that shows in every environment is told once.
pub fn all(base: &Side, head: &Side, catalog: &Catalog, chosen: Option<&str>) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Some(name), None) = (base.name(), head.name()) {
        changes.push(Change { place: None, ..change("policy", name, "a policy", "none", true) });
    }
    let names: BTreeSet<&str> = environments(&base.layers).into_iter().chain(chosen).collect();
    for environment in std::iter::once(None).chain(names.into_iter().map(Some)) {
        let (before, after) = (base.policy_for(environment), head.policy_for(environment));
        let two = Two { before: &before, after: &after, base, head, catalog };
        for mut one in two.changes() {
            let known = |other: &Change| {
                let same = (other.kind, &other.what, &other.before, &other.after);
                same == (one.kind, &one.what, &one.before, &one.after)
            };
            if !changes.iter().any(known) {
                one.environment = environment.unwrap_or_default().to_owned();
                changes.push(one);
            }
        }
    }
    changes
}

fn change(kind: &'static str, what: &str, before: &str, after: &str, loosens: bool) -> Change {
    let (what, before, after) = (what.to_owned(), before.to_owned(), after.to_owned());
    Change { kind, what, before, after, loosens, environment: String::new(), place: None }
}

struct Two<'a> {
    before: &'a Policy,
    after: &'a Policy,
    base: &'a Side,
    head: &'a Side,
    catalog: &'a Catalog,
}

impl Two<'_> {
    fn changes(&self) -> Vec<Change> {
        let mut changes = self.gate();
        changes.extend(self.suppressions());
        changes.extend(self.rules());
        changes.extend(self.overrides());
        changes.extend(self.roles());
        changes.extend(self.inputs());
        changes.extend(self.demands());
        changes.extend(questions::changes(self.base, self.head));
        changes
    }

    fn gate(&self) -> Vec<Change> {
        let (before, after) = (&self.before.gate, &self.after.gate);
        let mut changes = Vec::new();
        let level = |said: &Option<Spanned<FailOn>>| said.as_ref().map_or(Some(Severity::High), |one| one.severity());
        let shown = |level: Option<Severity>| level.map_or("none", Severity::name);
        let (was, is) = (level(&before.fail_on), level(&after.fail_on));
        if was != is {
            let loosens = is.is_none() || was.is_some_and(|was| is > Some(was));
            let place = after.fail_on.as_ref().map(|one| one.span);
            changes.push(Change { place, ..change("gate", "gate.fail-on", shown(was), shown(is), loosens) });
        }
        // (key, before, after, whether more is stricter)
        let numbers = [
            ("gate.min-score", &before.min_score, &after.min_score, true),
            ("gate.max-unknown", &before.max_unknown, &after.max_unknown, false),
            ("gate.max-waiver-days", &before.max_waiver_days, &after.max_waiver_days, false),
        ];
        for (key, was, is, more_is_stricter) in numbers {
            let value = |one: &Option<Spanned<u32>>| one.as_ref().map(|one| one.value);
            if value(was) == value(is) {
                continue;
            }
            let strictness = |value: Option<u32>| match (more_is_stricter, value) {
                (true, value) => i64::from(value.unwrap_or(0)),
                (false, Some(value)) => -i64::from(value),
                (false, None) => i64::MIN,
            };
            let shown = |value: Option<u32>| value.map_or("none".to_owned(), |value| value.to_string());
            let loosens = strictness(value(is)) < strictness(value(was));
            let place = is.as_ref().map(|one| one.span);
            changes.push(Change { place, ..change("gate", key, &shown(value(was)), &shown(value(is)), loosens) });
        }
        changes
    }

    fn suppressions(&self) -> Vec<Change> {
        let (before, after) = (&self.before.suppressions, &self.after.suppressions);
        let two = [
            ("suppressions.peers", &before.peers, &after.peers),
            ("suppressions.in-place", &before.in_place, &after.in_place),
        ];
        let counts = |one: &Option<Spanned<bool>>| one.as_ref().is_none_or(|one| one.value);
        let differ = two.into_iter().filter(|(_, was, is)| counts(was) != counts(is));
        let tell = |(key, was, is): (&str, &Option<Spanned<bool>>, &Option<Spanned<bool>>)| {
            let (was, now) = (counts(was), counts(is));
            let place = is.as_ref().map(|one| one.span);
            Change { place, ..change("suppressions", key, &was.to_string(), &now.to_string(), now) }
        };
        differ.map(tell).collect()
    }

    /// Rules that are off, milder, no longer blocking or given other parameters; one change for each cause.
    fn rules(&self) -> Vec<Change> {
        let then = selection_of(self.before, &self.base.profile);
        let now = selection_of(self.after, &self.head.profile);
        let mut groups: BTreeMap<(&'static str, String), (Vec<String>, Change)> = BTreeMap::new();
        for (id, file) in self.catalog.iter() {
            let (was, is) = (then.decide(id, file), now.decide(id, file));
            let Some((kind, before, after, loosens)) = differs(&was, &is) else { continue };
            let cause = self.cause(id);
            let what = cause.as_ref().map_or_else(|| self.absent_cause(id, &then), |(word, _)| word.clone());
            let place = cause.map(|(_, span)| span);
            let new = || (Vec::new(), Change { place, ..change(kind, &what, &before, &after, loosens) });
            let group = groups.entry((kind, what.clone())).or_insert_with(new);
            group.1.loosens |= loosens;
            group.0.push(id.to_owned());
        }
        let tell = |(ids, one): (Vec<String>, Change)| match ids.as_slice() {
            [_] | [] => one,
            [first, rest @ ..] => Change { after: format!("{}: {first} and {} more", one.after, rest.len()), ..one },
        };
        groups.into_values().map(tell).collect()
    }

    /// The entry of the new policy that decides about the rule, with its place.
    fn cause(&self, id: &str) -> Option<(String, Span)> {
        let file = self.catalog.get(id)?;
        let entries = self.after.rules.iter().filter(|(selector, _)| selector.selects(id, file));
        let strongest = entries.max_by_key(|(selector, _)| selector.rank())?;
        let word = self.word_at(strongest.1.span).unwrap_or_else(|| strongest.0.word().to_owned());
        Some((word, strongest.1.span))
    }

    /// The word before the setting at `span`, as it is written.
    fn word_at(&self, span: Span) -> Option<String> {
        let layer = self.head.layers.list.get(span.source.0 as usize)?;
        let sections = layer.file.environments.values().map(|one| &one.rules);
        let mut all = std::iter::once(&layer.file.rules).chain(sections).flat_map(|rules| rules.iter());
        all.find(|(_, setting)| setting.span == span).map(|(word, _)| word.value.clone())
    }

    /// What to call the cause when the new policy says nothing of the rule any more.
    fn absent_cause(&self, id: &str, then: &Selection) -> String {
        let said = self.catalog.get(id).and_then(|file| {
            let entries = then.rules.iter().filter(|(selector, _)| selector.selects(id, file));
            entries.max_by_key(|(selector, _)| selector.rank()).map(|(selector, _)| selector.word().to_owned())
        });
        match said {
            Some(word) => word,
            None if self.base.profile != self.head.profile => format!("builtin:{}", self.head.profile),
            None => id.to_owned(),
        }
    }

    /// Rules for some paths that were not there before, and that turn something off or milder.
    fn overrides(&self) -> Vec<Change> {
        let mut known: Vec<String> = overrides(self.base).map(|(_, one)| written(one)).collect();
        let mut changes = Vec::new();
        for (_, one) in overrides(self.head) {
            let text = written(one);
            if let Some(index) = known.iter().position(|other| *other == text) {
                known.swap_remove(index);
                continue;
            }
            let loosens = one.rules.values().any(|setting| !setting.turns_on() || setting.severity.is_some());
            let place = one.paths.first().map(|path| path.span);
            let paths = one.paths.iter().map(|path| path.value.as_str()).collect::<Vec<_>>().join(", ");
            let rules = one.rules.keys().map(|word| word.value.as_str()).collect::<Vec<_>>().join(", ");
            changes.push(Change { place, ..change("override", &paths, "nothing", &rules, loosens) });
        }
        changes
    }

    fn roles(&self) -> Vec<Change> {
        let list = |policy: &Policy| -> Vec<(String, Role)> {
            policy.roles.iter().map(|(globs, role)| (globs.patterns().join(" "), *role)).collect()
        };
        let (before, after) = (list(self.before), list(self.after));
        let mut changes = Vec::new();
        for (glob, role) in after.iter().filter(|one| !before.contains(one)) {
            let was = before.iter().find(|(other, _)| other == glob).map_or("as guessed", |(_, role)| role.name());
            let place = layers(self.head).find_map(|layer| {
                let key = layer.file.roles.keys().find(|key| glob.ends_with(key.trim_start_matches('/')))?;
                Some(key.span)
            });
            changes.push(Change { place, ..change("role", glob, was, role.name(), !role.is_shipped()) });
        }
        for (glob, role) in before.iter().filter(|(glob, _)| !after.iter().any(|(other, _)| other == glob)) {
            changes.push(change("role", glob, role.name(), "as guessed", role.is_shipped()));
        }
        changes
    }

    fn inputs(&self) -> Vec<Change> {
        let (before, after) = (self.before, self.after);
        let mut changes = Vec::new();
        let place = |pattern: &str| {
            layers(self.head).find_map(|layer| {
                let inputs = &layer.file.inputs;
                let mut all = inputs.exclude.iter().chain(&inputs.include);
                all.find(|one| pattern.ends_with(one.trim_start_matches('/'))).map(|one| one.span)
            })
        };
        for pattern in after.exclude.patterns().iter().filter(|one| !before.exclude.patterns().contains(one)) {
            let one = change("inputs", "inputs.exclude", "judged", pattern, true);
            changes.push(Change { place: place(pattern), ..one });
        }
        let (was, is) = (before.include.patterns(), after.include.patterns());
        let narrower = !is.is_empty() && (was.is_empty() || was.iter().any(|one| !is.contains(one)));
        if narrower {
            let shown = |list: &[String]| if list.is_empty() { "everything".to_owned() } else { list.join(", ") };
            let one = change("inputs", "inputs.include", &shown(was), &shown(is), true);
            changes.push(Change { place: is.first().and_then(|one| place(one)), ..one });
        }
        changes
    }

    /// Items, variables, targets and folders of rules that are no longer demanded.
    fn demands(&self) -> Vec<Change> {
        let (before, after) = (self.before, self.after);
        let mut changes = Vec::new();
        let mut gone = |kind: &'static str, what: String, was: &str| {
            changes.push(change(kind, &what, was, "not", true));
        };
        for (name, _) in before.variables.iter().filter(|(_, one)| one.value.required) {
            if after.variables.get(name).is_none_or(|other| !other.value.required) {
                gone("variable", format!("variables.{name}"), "required");
            }
        }
        let id = |item: &super::policy::ItemSection| item.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
        for item in &before.items {
            let now = after.items.iter().find(|other| id(other) == id(item));
            let built_in = self.head.questions.iter().any(|question| question.id == id(item));
            if now.is_none() && !built_in {
                gone("checklist", id(item), "asked for");
            }
        }
        for list in before.checklists.iter().filter(|list| !after.checklists.contains(list)) {
            gone("checklist", list.value.clone(), "asked for");
        }
        for dir in before.rule_dirs.iter().filter(|dir| !after.rule_dirs.contains(dir)) {
            gone("rule-dir", dir.clone(), "judged by");
        }
        for name in targets(before).difference(&targets(after)) {
            gone("target", name.clone(), "probed");
        }
        changes
    }
}

/// (kind, before, after, whether it loosens)
fn differs(was: &Decided, is: &Decided) -> Option<(&'static str, String, String, bool)> {
    let word = |on: bool| if on { "on" } else { "off" }.to_owned();
    if was.on != is.on {
        return Some((if is.on { "rule-on" } else { "rule-off" }, word(was.on), word(is.on), was.on));
    }
    if !is.on || was == is {
        return None;
    }
    if was.severity != is.severity {
        let loosens = is.severity < was.severity;
        return Some(("rule-milder", was.severity.name().into(), is.severity.name().into(), loosens));
    }
    if was.blocking != is.blocking {
        let word = |blocks: bool| if blocks { "blocking" } else { "not blocking" }.to_owned();
        return Some(("rule-milder", word(was.blocking), word(is.blocking), was.blocking));
    }
    let shown = |one: &Decided| serde_json::to_string(&one.params).unwrap_or_default();
    Some(("rule-parameters", shown(was), shown(is), true))
}

fn targets(policy: &Policy) -> BTreeSet<String> {
    let targets = &policy.targets;
    let tls = targets.tls.iter().map(|one| format!("tls {}:{}", one.host, one.port.unwrap_or(443)));
    let dns = targets.dns.iter().map(|one| format!("dns {}", one.name));
    let http = targets.http.iter().map(|one| format!("http {}", one.url));
    tls.chain(dns).chain(http).collect()
}

/// The layers that the repository wrote.
fn layers(side: &Side) -> impl Iterator<Item = &Layer> {
    side.layers.list.iter().filter(|layer| !layer.name.starts_with("builtin:"))
}

fn overrides(side: &Side) -> impl Iterator<Item = (&Layer, &Override)> {
    layers(side).flat_map(|layer| {
        let inner = layer.file.environments.values().flat_map(|one| &one.overrides);
        layer.file.overrides.iter().chain(inner).map(move |one| (layer, one))
    })
}

fn written(one: &Override) -> String {
    let paths: Vec<&str> = one.paths.iter().map(|path| path.value.as_str()).collect();
    let rules: Vec<String> =
        one.rules.iter().map(|(word, setting)| format!("{} {:?}", word.value, setting.value)).collect();
    format!("{paths:?} {rules:?}")
}

/// The changes as facts; each stands where the policy of the change says it, else at the start of that policy.
pub fn state<'s>(changes: &[Change], places: &Places, sources: &[Source]) -> Vec<Fact<'s>> {
    let mut facts: Vec<Fact<'s>> = Vec::new();
    for one in changes {
        let exact = one.place.and_then(|span| {
            let source = (*places.layers.get(span.source.0 as usize)?)?;
            Some(Span { source, ..span })
        });
        let start = places.start.and_then(|id| sources.get(id.0 as usize)).or(sources.first());
        let Some(span) = exact.or(start.map(|source| source.whole().at_start())) else { continue };
        let text = |text: &str| Value::str(text.to_owned(), span);
        let fact = policy::Change {
            kind: text(one.kind),
            what: text(&one.what),
            before: text(&one.before),
            after: text(&one.after),
            loosens: Value::bool(one.loosens, span),
            environment: text(&one.environment),
        };
        facts.push(fact.fact(span, format!("{} {}", one.kind, one.what), Role::Production));
    }
    facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
    facts
}
