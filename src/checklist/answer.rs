//! Items answered: rules first, then reports of other tools, then people. Nobody overrules a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{self, Order, Orders, Ran, Runner};
use super::identity::People;
use super::outside::{Outside, Told};
use super::person::attested;
use super::question::Question;
use super::standing::Standing;
use super::{Evidence, Item, State, counted};
use crate::fact::{Data, Value};
use crate::finding::{Finding, Status, Tally, inspector_of};
use crate::rule::catalog::{Catalog, Entry};
use crate::rule::expr::Scope;
use crate::rule::selector::Selector;
use crate::source::Source;
use crate::span::Span;

/// How many rules that fail are named beside an item.
const NAMED: usize = 5;

/// All that answers items.
pub struct Answers<'a> {
    /// The rules that may be named.
    pub catalog: &'a Catalog,
    /// What became of every rule, sorted by its id.
    pub tallies: &'a [Tally],
    /// Every finding.
    pub findings: &'a [Finding],
    /// The sources that findings point into.
    pub sources: &'a [Source],
    /// Inspectors that could not judge everything that they claim.
    pub blind: &'a BTreeSet<String>,
    /// Inspectors that search every text and state only what they find, with how many texts each has searched: finding
    /// nothing is their pass.
    pub searches: &'a BTreeMap<&'static str, usize>,
    /// Whether a rule judges in this run.
    pub judges: &'a dyn Fn(&str, Entry<'_>) -> bool,
    /// What there is to judge: names of subjects.
    pub subjects: &'a BTreeSet<&'a str>,
    /// What people have attested.
    pub standings: &'a [Standing<'a>],
    /// Who is who.
    pub people: &'a People,
    /// The policy's commands.
    pub orders: &'a Orders,
    /// Runs them.
    pub runner: &'a Runner<'a>,
    /// What other tools have reported.
    pub outside: &'a [Outside],
    /// The environment chosen.
    pub environment: Option<&'a str>,
    /// The commit; `None` outside of a repository.
    pub commit: Option<&'a str>,
}

/// What became of commands, by name; each is run once.
pub type Runs = BTreeMap<String, command::Result>;

impl Answers<'_> {
    /// Every question answered, in the same order, and what became of the commands.
    pub fn items(&self, questions: &[Question]) -> (Vec<Item>, Runs) {
        let mut runs = Runs::new();
        let text = |text: &str| Value::bare(Data::Str(text.to_owned().into()));
        let subjects = Value::bare_list(self.subjects.iter().map(|name| text(name)).collect());
        let values = [text(self.environment.unwrap_or("")), subjects];
        let items = questions.iter().map(|question| self.item(question, &values, &mut runs)).collect();
        (items, runs)
    }

    fn item(&self, question: &Question, values: &[Value<'_>], runs: &mut Runs) -> Item {
        let mut records = Vec::new();
        let (state, by) = match applies(question, values) {
            Ok(true) => self.answer(question, runs, &mut records),
            Ok(false) => (State::NotApplicable, vec![self.condition(question, "it is false here")]),
            Err(reason) => (State::Unknown, vec![self.condition(question, &reason)]),
        };
        let required = self.environment.is_some_and(|env| question.required.iter().any(|name| name == env));
        Item {
            id: question.id.clone(),
            title: question.title.clone(),
            phase: question.phase,
            section: question.section.clone(),
            required,
            state,
            by,
            records,
        }
    }

    fn condition(&self, question: &Question, message: &str) -> Evidence {
        let text = question.when.as_ref().map_or("", |(text, _)| text.as_str());
        Evidence { kind: "when".into(), reference: text.to_owned(), message: message.to_owned() }
    }

    fn answer(&self, question: &Question, runs: &mut Runs, records: &mut Vec<String>) -> (State, Vec<Evidence>) {
        let (by_rules, mut by) = self.by_rules(question);
        let (by_command, ran) = self.by_command(question, runs);
        let (by_tools, told) = self.by_tools(question);
        let (by_people, attested, counting) = attested(question, self.standings, self.people);
        *records = counting;
        let nobody = attested.is_empty() && told.is_empty();
        by.extend(ran);
        by.extend(told);
        by.extend(attested);
        let decided = [by_people, by_tools, by_command];
        let state = match by_rules {
            Some(State::Fail) => {
                if by_people.is_some_and(|state| state != State::Fail) {
                    by.push(note(question, "an attestation does not overrule a finding"));
                }
                State::Fail
            }
            _ if decided.contains(&Some(State::Fail)) => State::Fail,
            Some(state @ (State::Pass | State::Waived)) if question.rules_suffice() => state,
            _ => match by_people.or(by_tools).or(by_command.filter(|state| {
                // A command is evidence; it is not the people that the item asks for.
                *state != State::Pass || question.asks_nobody()
            })) {
                Some(state) => state,
                None if by_rules == Some(State::Unknown) => State::Unknown,
                None => State::Waiting,
            },
        };
        if state == State::Waiting && nobody {
            by.push(note(question, "a person has to answer it; nobody has yet"));
        }
        (state, by)
    }

    /// What the rules come to; `None` when none of them applied.
    fn by_rules(&self, question: &Question) -> (Option<State>, Vec<Evidence>) {
        let mut all = Vec::new();
        let mut by = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for (word, selector) in &question.rules {
            let selected: Vec<&Tally> =
                self.selected(selector).into_iter().filter(|tally| seen.insert(&tally.rule)).collect();
            let (mut states, told) = self.by_selector(word, &selected);
            by.extend(told);
            let searched = self.searched(selector).filter(|_| states.is_empty());
            if let Some((_, message)) = &searched {
                states.push(State::Pass);
                by.push(rule(word, message.clone()));
            }
            let asked = selected.iter().map(|tally| tally.inspector()).chain(searched.map(|(name, _)| name));
            if let Some(name) = asked.into_iter().find(|name| self.blind.contains(*name)) {
                states.push(State::Unknown);
                by.push(rule(word, format!("some of what `{name}` judges could not be read")));
            }
            all.extend(states);
        }
        let worst = [State::Fail, State::Unknown, State::Waived, State::Pass].into_iter().find(|it| all.contains(it));
        if worst.is_none() && !question.rules.is_empty() {
            let words: Vec<&str> = question.rules.iter().map(|(word, _)| word.as_str()).collect();
            by = vec![rule(&words.join(", "), "nothing here is judged by it".into())];
        }
        by.dedup();
        (worst, by)
    }

    /// What became of the rules that `selector` selects.
    fn selected(&self, selector: &Selector) -> Vec<&Tally> {
        if let Some(ids) = selector.named(self.catalog) {
            let tally = |id: &&str| self.tallies.binary_search_by(|tally| (*tally.rule).cmp(id)).ok();
            return ids.iter().filter_map(tally).filter_map(|at| self.tallies.get(at)).collect();
        }
        if let Selector::Inspector(name) = selector {
            return self.tallies.iter().filter(|tally| tally.inspector() == name).collect();
        }
        let file = |tally: &Tally| self.catalog.get(&tally.rule);
        self.tallies
            .iter()
            .filter(|tally| file(tally).is_some_and(|file| selector.selects(&tally.rule, file)))
            .collect()
    }

    /// What a search that found nothing comes to; `None` when no rule of a search is selected.
    fn searched(&self, selector: &Selector) -> Option<(&'static str, String)> {
        let mut found: Option<(&'static str, usize, usize)> = None;
        if matches!(selector, Selector::Inspector(name) if !self.searches.contains_key(name.as_str())) {
            return None;
        }
        let searching = |subject: &str| self.searches.contains_key(subject.split('.').next().unwrap_or(subject));
        let named = selector.named(self.catalog);
        if named.as_ref().is_some_and(|ids| !ids.iter().any(|id| self.searches.contains_key(inspector_of(id)))) {
            return None;
        }
        // The selector first: most rules are not even of the inspector.
        let judging = |(id, rule): &(&str, Entry<'_>)| {
            selector.selects(id, rule) && searching(rule.subject()) && (self.judges)(id, *rule)
        };
        for (id, _) in self.catalog.entries().filter(judging) {
            let (name, texts) = self.searches.get_key_value(inspector_of(id)).filter(|(_, n)| **n > 0)?;
            found = Some((name, *texts, found.map_or(0, |(_, _, n)| n) + 1));
        }
        let (name, texts, rules) = found?;
        let (texts, rules) = (counted(texts, "file", "files"), counted(rules, "rule", "rules"));
        Some((name, format!("{texts} searched by {rules}: nothing found")))
    }

    fn by_selector(&self, word: &str, tallies: &[&Tally]) -> (Vec<State>, Vec<Evidence>) {
        let (mut states, mut by, mut passed, mut rules) = (Vec::new(), Vec::new(), 0_usize, 0_usize);
        let mut failing = 0;
        for tally in tallies {
            let found: Vec<&Finding> = self.findings.iter().filter(|one| one.rule == tally.rule).collect();
            let open: Vec<&&Finding> = found.iter().filter(|one| one.is_open()).collect();
            if !open.is_empty() {
                states.push(State::Fail);
                failing += 1;
                if failing <= NAMED {
                    by.push(rule(&tally.rule, self.open(&open)));
                }
            } else if !found.is_empty() {
                states.push(State::Waived);
                by.push(rule(&tally.rule, accepted(&found)));
            }
            if tally.unknown > 0 {
                states.push(State::Unknown);
                let times = counted(tally.unknown as usize, "place", "places");
                by.push(rule(&tally.rule, format!("could not be decided in {times}")));
            }
            if tally.pass > 0 {
                states.push(State::Pass);
                passed += tally.pass as usize;
                rules += 1;
            }
        }
        if failing > NAMED {
            by.push(rule(word, format!("{} more have findings", counted(failing - NAMED, "rule", "rules"))));
        }
        if passed > 0 && failing == 0 {
            let checks = counted(passed, "check", "checks");
            let message =
                if rules > 1 { format!("{rules} rules, {checks}: nothing found") } else { format!("{checks} passed") };
            by.push(rule(word, message));
        }
        (states, by)
    }

    fn open(&self, open: &[&&Finding]) -> String {
        let first = open.first().and_then(|first| {
            let source = |span: Span| self.sources.get(span.source.0 as usize);
            let place = source(first.primary)?.shown(first.primary);
            let shown = source(place)?;
            Some(format!("{}:{}", shown.path(), shown.position(place.start).line))
        });
        let place = first.unwrap_or_default();
        match open.len() {
            1 => format!("1 open finding: {place}"),
            n => format!("{n} open findings, the first at {place}"),
        }
    }

    /// What the item's command comes to.
    fn by_command(&self, question: &Question, runs: &mut Runs) -> (Option<State>, Option<Evidence>) {
        let Some(name) = &question.command else { return (None, None) };
        let order = self.orders.get(name);
        let why = |why: &str| command::Result { ran: Ran::NotRun(why.to_owned()), output: String::new() };
        let run = || match order {
            Some(Ok(order)) => (self.runner)(order),
            Some(Err(reason)) => why(reason),
            None => why("the policy has no such command"),
        };
        let result = runs.entry(name.clone()).or_insert_with(run);
        let timeout = order.and_then(|order| order.as_ref().ok()).map_or(0, |order: &Order| order.timeout);
        let (state, evidence) = command::answer(name, timeout, result);
        (state, Some(evidence))
    }

    fn by_tools(&self, question: &Question) -> (Option<State>, Vec<Evidence>) {
        let mut state = None;
        let mut by = Vec::new();
        for outside in self.outside.iter().filter(|outside| outside.item == question.id) {
            let (one, evidence) = outside.answer(self.commit);
            by.push(evidence);
            state = match (state, one) {
                (_, Some(Told::Fails)) | (Some(State::Fail), _) => Some(State::Fail),
                (_, Some(Told::Passes)) => Some(State::Pass),
                (state, None) => state,
            };
        }
        (state, by)
    }
}

/// Whether the question is asked at all, given the values of its condition's variables.
fn applies(question: &Question, values: &[Value<'_>]) -> Result<bool, String> {
    let Some((_, program)) = &question.when else { return Ok(true) };
    program.test(Scope { values }).map_err(|reason| reason.to_string())
}

fn accepted(found: &[&Finding]) -> String {
    let waiver = found.iter().find_map(|one| match &one.status {
        Status::Waived(waiver) => Some(match &waiver.until {
            Some(until) => format!(" by `{}` until {until}", waiver.by),
            None => format!(" by `{}`", waiver.by),
        }),
        _ => None,
    });
    let findings = counted(found.len(), "finding", "findings");
    match waiver {
        Some(waiver) => format!("{findings} accepted{waiver}"),
        None => format!("{findings} of the baseline"),
    }
}

fn rule(reference: &str, message: String) -> Evidence {
    Evidence { kind: "rule".into(), reference: reference.to_owned(), message }
}

fn note(question: &Question, message: &str) -> Evidence {
    Evidence { kind: "attestation".into(), reference: question.id.clone(), message: message.to_owned() }
}
