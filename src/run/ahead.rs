//! Conditions compiled while facts are still being made: a rule needs no fact to be compiled, and on a small repository
//! both take as long.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::error::Error;
use crate::fact::Subject;
use crate::inspect::INSPECTORS;
use crate::relate;
use crate::rule::Rule;
use crate::rule::catalog::{Catalog, Entry};
use crate::settings::Settings;
use crate::source::Loaded;

/// The rules that will probably judge: those of inspectors that have something to read.
pub(super) struct Ahead<'c> {
    pub(super) settings: &'c Settings,
    subjects: Vec<&'static Subject>,
    /// Sorted by id.
    rules: Vec<Candidate<'c>>,
    is_enough: AtomicBool,
}

struct Candidate<'c> {
    id: &'c str,
    entry: Entry<'c>,
    rule: OnceLock<Rule>,
}

impl<'c> Ahead<'c> {
    /// Nothing ahead: every rule is compiled when it is asked for.
    pub(super) fn nothing(settings: &'c Settings) -> Self {
        Self { settings, subjects: relate::subjects(), rules: Vec::new(), is_enough: AtomicBool::new(true) }
    }

    /// The selected rules of the inspectors that claim something of `loaded`.
    fn new(settings: &'c Settings, catalog: &'c Catalog, loaded: &Loaded) -> Self {
        let mut claimed = [false; INSPECTORS.len()];
        for index in loaded.claims.iter().flatten() {
            claimed.get_mut(*index).into_iter().for_each(|one| *one = true);
        }
        let names: Vec<&str> =
            INSPECTORS.iter().zip(claimed).filter(|(_, claimed)| *claimed).map(|(one, _)| one.name()).collect();
        let is_likely = |subject: &str| subject.split_once('.').is_some_and(|(name, _)| names.contains(&name));
        let likely = catalog.judging(is_likely, |_| false);
        let selected = likely.filter(|(id, entry)| settings.selection.selects(id, entry));
        let rules = selected.map(|(id, entry)| Candidate { id, entry, rule: OnceLock::new() }).collect();
        Self { rules, is_enough: AtomicBool::new(false), ..Self::nothing(settings) }
    }

    /// Does `work` while rules are compiled beside it, on a thread of their own unless there is to be only one.
    pub(super) fn beside<T>(
        settings: &'c Settings,
        catalog: &'c Catalog,
        loaded: &Loaded,
        work: impl FnOnce() -> T,
    ) -> (Self, T) {
        if settings.jobs.is_some_and(|jobs| jobs.get() == 1) {
            return (Self::nothing(settings), work());
        }
        let ahead = Self::new(settings, catalog, loaded);
        let done = thread::scope(|scope| {
            // Without a thread the rules are compiled later.
            let _ = thread::Builder::new().spawn_scoped(scope, || ahead.compile());
            let done = work();
            ahead.is_enough.store(true, Ordering::Relaxed);
            done
        });
        (ahead, done)
    }

    fn compile(&self) {
        // They are asked last, and take a while to be read.
        let _ = self.settings.questions.len();
        for candidate in &self.rules {
            if self.is_enough.load(Ordering::Relaxed) {
                return;
            }
            if let Ok(rule) = self.prepare(candidate.id, candidate.entry) {
                let _ = candidate.rule.set(rule);
            }
        }
    }

    /// The rule, compiled by now or here.
    pub(super) fn rule(&mut self, id: &'c str, entry: Entry<'c>) -> Result<Rule, Error> {
        let place = self.rules.binary_search_by(|candidate| candidate.id.cmp(id)).ok();
        let ready = place.and_then(|at| self.rules.get_mut(at)).and_then(|candidate| candidate.rule.take());
        ready.map_or_else(|| self.prepare(id, entry), Ok)
    }

    fn prepare(&self, id: &str, entry: Entry<'_>) -> Result<Rule, Error> {
        let decided = self.settings.selection.decide(id, &entry);
        let mut rule = Rule::prepare(id, entry.file(), &self.subjects, &|name| decided.params.get(name).cloned())
            .map_err(|mistakes| crate::rule::load::broken(id, mistakes))?;
        rule.severity = decided.severity;
        Ok(rule)
    }
}
