//! Mending in rounds: fixes that do not touch one another are made together, everything is judged anew, and a fix stays
//! only when its finding is gone and no rule finds more than before in that file. What does not hold is taken back and
//! not tried again. It ends when nothing is left to try: mending twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::judge::Bench;
use crate::check::Checked;
use crate::error::Error;
use crate::finding::{Finding, Fix};
use crate::fix::{self, Choice, Wanted};
use crate::source::{Loaded, Origin, Source};
use crate::span::SourceId;

/// A run stops here, mended or not; each round that is kept leaves fewer findings.
const ROUNDS: usize = 100;

/// A file that was mended.
#[derive(Debug)]
pub struct Mended<'m> {
    /// As it was.
    pub before: &'m Source,
    /// As it is to be.
    pub after: &'m Source,
    /// How many findings that mends.
    pub fixes: usize,
}

/// What became of all fixes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Findings mended.
    pub fixed: usize,
    /// Files that changed.
    pub files: usize,
    /// Findings that only `--unsafe-fixes` would mend.
    pub held_back: usize,
    /// Fixes that were tried and taken back: where, by which rule, and why.
    pub dropped: Vec<Dropped>,
}

/// A fix that was not made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    /// The file.
    pub path: String,
    /// The rule.
    pub rule: Arc<str>,
    /// Why.
    pub why: String,
}

/// Takes what was mended.
pub type Mender<'m> = &'m mut dyn MendsFiles;

/// Who writes, or shows, what was mended.
pub trait MendsFiles {
    /// Takes one file. What is not taken is left as it was; so is everything when this is a rehearsal.
    ///
    /// # Errors
    /// In words, why it could not be written.
    fn take(&mut self, mended: Mended<'_>) -> Result<Kept, String>;

    /// Hears at the end what became of everything.
    fn end(&mut self, outcome: Outcome);
}

/// Whether what was mended counts as mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was written.
    Yes,
    /// It was only shown.
    Shown,
}

/// What tells a fix that failed from others.
type Key = (SourceId, Arc<str>, Arc<str>, Vec<String>);

fn key(finding: &Finding, fix: &Fix) -> Key {
    let texts = fix.edits.iter().map(|edit| format!("{}:{}", edit.span.range().len(), edit.text)).collect();
    (finding.primary.source, Arc::clone(&finding.rule), Arc::clone(&finding.subject), texts)
}

/// Mends what the settings ask for, hands it to `mender`, and leaves in `loaded` what is true afterwards.
pub(super) fn all(wanted: Wanted, bench: &Bench<'_>, loaded: &mut Loaded, mender: Mender<'_>) -> Result<(), Error> {
    let mut work = Work::new(wanted, bench);
    let mut now = bench.judge(loaded, Vec::new())?.checked;
    for _ in 0..ROUNDS {
        match work.round(loaded, &now)? {
            Some(next) => now = next,
            None => break,
        }
    }
    let held_back = held_back(&now.findings, &loaded.sources, wanted);
    work.hand_over(loaded, mender, held_back);
    Ok(())
}

/// Open findings whose fix is not wanted because somebody has to look at it.
fn held_back(findings: &[Finding], sources: &[Source], wanted: Wanted) -> usize {
    let all = Wanted { and_unsafe: true };
    let held = |finding: &&Finding| {
        fix::fix_of(finding, sources, all).is_some() && fix::fix_of(finding, sources, wanted).is_none()
    };
    findings.iter().filter(held).count()
}

struct Work<'w, 'b> {
    wanted: Wanted,
    bench: &'w Bench<'b>,
    /// Fixes that were tried in vain.
    refused: BTreeMap<Key, Dropped>,
    /// Sources (by index) in which fixes are tried one by one.
    careful: BTreeSet<usize>,
    /// The texts that files had at first.
    first: BTreeMap<usize, Source>,
    /// How many findings are mended in each of them.
    fixed: BTreeMap<usize, usize>,
}

impl<'w, 'b> Work<'w, 'b> {
    fn new(wanted: Wanted, bench: &'w Bench<'b>) -> Self {
        let (refused, careful) = (BTreeMap::new(), BTreeSet::new());
        Work { wanted, bench, refused, careful, first: BTreeMap::new(), fixed: BTreeMap::new() }
    }

    /// Tries what can be tried at once. `None` when there was nothing; else what is true now.
    fn round(&mut self, loaded: &mut Loaded, now: &Checked) -> Result<Option<Checked>, Error> {
        let (mut chosen, mut old) = (BTreeMap::new(), BTreeMap::new());
        // What is refused may have stood in the way of others; nothing has changed, so nothing is judged anew.
        while old.is_empty() {
            let is_refused = |finding: &Finding, fix: &Fix| self.refused.contains_key(&key(finding, fix));
            chosen = fix::choose(&now.findings, &loaded.sources, self.wanted, &is_refused);
            if chosen.is_empty() {
                return Ok(None);
            }
            for (index, choices) in &mut chosen {
                if self.careful.contains(index) {
                    choices.truncate(1);
                }
                let Some(source) = loaded.sources.get_mut(*index) else { continue };
                if let Some(new) = self.sound(source, choices) {
                    old.insert(*index, std::mem::replace(source, new));
                }
            }
        }
        let next = self.bench.judge(loaded, Vec::new())?.checked;
        let mut is_undone = false;
        for (index, before) in old {
            let choices = chosen.get(&index).map(Vec::as_slice).unwrap_or_default();
            if self.holds(index, choices, now, &next, &before) {
                *self.fixed.entry(index).or_default() += choices.len();
                self.first.entry(index).or_insert(before);
            } else if let Some(source) = loaded.sources.get_mut(index) {
                *source = before;
                is_undone = true;
            }
        }
        Ok(Some(if is_undone { self.bench.judge(loaded, Vec::new())?.checked } else { next }))
    }

    /// The source with all of `choices` that leave everything else as it reads; the others are refused and taken out.
    fn sound(&mut self, source: &Source, choices: &mut Vec<Choice<'_>>) -> Option<Source> {
        if let Ok(new) = fix::mended(source, choices) {
            return Some(new);
        }
        let mut kept: Vec<Choice<'_>> = Vec::new();
        let mut last = None;
        for choice in choices.drain(..) {
            kept.push(choice);
            match fix::mended(source, &kept) {
                Ok(new) => last = Some(new),
                Err(why) => {
                    let refused = kept.pop();
                    refused.iter().for_each(|choice| self.refuse(choice, source, &why.to_string()));
                }
            }
        }
        *choices = kept;
        last
    }

    fn refuse(&mut self, choice: &Choice<'_>, source: &Source, why: &str) {
        let rule = Arc::clone(&choice.finding.rule);
        let dropped = Dropped { path: source.path().to_owned(), rule, why: why.to_owned() };
        self.refused.insert(key(choice.finding, choice.fix), dropped);
    }

    /// Whether every finding is gone, and no rule finds more in the file than before.
    fn holds(&mut self, index: usize, choices: &[Choice<'_>], now: &Checked, next: &Checked, before: &Source) -> bool {
        let stays: Vec<&Choice<'_>> = choices
            .iter()
            .filter(|choice| !fix::is_gone(choice.finding, &now.findings, &next.findings, choices))
            .collect();
        stays.iter().for_each(|choice| self.refuse(choice, before, "the finding would still be there"));
        if !stays.is_empty() {
            return false;
        }
        let id = before.id;
        match worse(id, now, next) {
            None => true,
            Some(rule) => {
                match choices {
                    [only] => self.refuse(only, before, &format!("{rule} would find something else")),
                    _ => drop(self.careful.insert(index)),
                }
                false
            }
        }
    }

    /// Gives every changed file away. What is not written is as it was.
    fn hand_over(self, loaded: &mut Loaded, mender: Mender<'_>, held_back: usize) {
        let mut outcome = Outcome { held_back, dropped: self.refused.into_values().collect(), ..Outcome::default() };
        let (mut first, fixed) = (self.first, self.fixed);
        for (index, source) in loaded.sources.iter().enumerate() {
            // What came in on standard input goes out again, mended or not.
            if let Origin::Stdin(_) = source.origin {
                first.entry(index).or_insert_with(|| fix::with_text(source, source.text().to_owned()));
            }
        }
        for (index, before) in first {
            let Some(source) = loaded.sources.get_mut(index) else { continue };
            let fixes = fixed.get(&index).copied().unwrap_or_default();
            let taken = mender.take(Mended { before: &before, after: source, fixes });
            match &taken {
                Ok(_) if fixes == 0 => {}
                Ok(_) => (outcome.fixed, outcome.files) = (outcome.fixed + fixes, outcome.files + 1),
                Err(why) => {
                    let (path, why) = (before.path().to_owned(), why.clone());
                    outcome.dropped.push(Dropped { path, rule: "".into(), why });
                }
            }
            if taken != Ok(Kept::Yes) {
                *source = before;
            }
        }
        outcome.dropped.sort();
        mender.end(outcome);
    }
}

/// The first rule that has more open findings in the source than before, or cannot judge what it could.
fn worse(id: SourceId, now: &Checked, next: &Checked) -> Option<Arc<str>> {
    let count = |checked: &Checked| {
        let mut counts: BTreeMap<Arc<str>, usize> = BTreeMap::new();
        for finding in checked.findings.iter().filter(|one| one.is_open() && one.primary.source == id) {
            *counts.entry(Arc::clone(&finding.rule)).or_default() += 1;
        }
        for undecided in checked.undecided.iter().filter(|one| one.source == id) {
            undecided.rules.iter().for_each(|rule| *counts.entry(Arc::clone(rule)).or_default() += 1);
        }
        counts
    };
    let before = count(now);
    count(next).into_iter().find(|(rule, n)| *n > before.get(rule).copied().unwrap_or_default()).map(|(rule, _)| rule)
}
