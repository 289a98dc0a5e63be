//! The checklist of a run: its questions, answered by what the run has found, by records, by commands and by reports of
//! other tools.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use jiff::Timestamp;

use crate::checklist::Item;
use crate::checklist::answer::Answers;
use crate::checklist::chain::{Fault, Ledger};
use crate::checklist::command::{Ran, Runner};
use crate::checklist::identity::People;
use crate::checklist::outside::Outside;
use crate::checklist::standing::{self, Here, Standing};
use crate::checklist::statement::Stating;
use crate::error::Error;
use crate::fact::{Fact, Reason};
use crate::finding::{Finding, Tally, Unknown};
use crate::inspect::Inspectors;
use crate::report::NotRun;
use crate::rule::catalog::Catalog;
use crate::rule::catalog::Entry;
use crate::settings::Settings;
use crate::source::{self, Claims, History, Inventory, Loaded};
use crate::span::SourceId;

/// What the run has found.
pub(super) struct Found<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) catalog: &'a Catalog,
    pub(super) subjects: BTreeSet<&'a str>,
    pub(super) findings: &'a [Finding],
    pub(super) tallies: &'a [Tally],
    /// Inspectors that could not judge everything that they claim.
    pub(super) blind: BTreeSet<String>,
}

/// Digests of files, by the globs that match them and the folder that those start from.
type Digests = BTreeMap<(Vec<String>, String), Option<String>>;

/// The checklist filled in.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) items: Vec<Item>,
    /// What could not be read.
    pub(super) unknown: Vec<Unknown>,
    /// Commands that nobody ran.
    pub(super) not_run: Vec<NotRun>,
}

/// The records, and where they stand among the sources.
pub(super) struct Records {
    pub(super) ledger: Ledger,
    pub(super) places: BTreeMap<String, SourceId>,
    pub(super) people: People,
}

/// Reads the records. A run by a selection of rules has no checklist: most items could not be answered.
pub(super) fn records(settings: &Settings, loaded: &mut Loaded) -> Result<Records, Error> {
    let ledger = if settings.selection.is_partial() { Ledger::default() } else { settings.ledger()? };
    let people = if ledger.records.is_empty() { People::default() } else { settings.people() };
    let places =
        if ledger.records.is_empty() && ledger.broken.is_empty() { BTreeMap::new() } else { ledger.add_to(loaded) };
    Ok(Records { ledger, places, people })
}

impl Records {
    /// How every record stands.
    pub(super) fn standings<'a>(&'a self, settings: &'a Settings, inventory: &Inventory) -> Vec<Standing<'a>> {
        let root = &settings.root;
        let folder = settings.folder();
        let (aside, below) = (settings.attestations(), |path: &str| Utf8Path::new(&folder).join(path).into_string());
        let (history, authors) = (OnceCell::new(), OnceCell::new());
        let history = || history.get_or_init(|| History::open(root)).as_ref().map_err(Clone::clone);
        // Many records are about the same files.
        let digests: RefCell<Digests> = RefCell::default();
        let (commit, signers) = (source::head(root), settings.signers());
        let here = Here {
            now: settings.now,
            commit: commit.as_deref(),
            environment: settings.environment.as_deref(),
            authors: &|| authors.get_or_init(|| history()?.authors(settings.base.as_deref(), &aside)).clone(),
            is_same: &|commit, proofs| {
                let proofs: Vec<String> = proofs.iter().map(|path| below(path)).collect();
                let paths: Vec<&str> = proofs.iter().map(String::as_str).chain([aside.as_str()]).collect();
                history()?.is_same(commit, &paths)
            },
            sealed: &|path, text| history()?.introduced(path, text),
            made: &|commit| Timestamp::from_second(history().ok()?.time(commit).ok()?).ok(),
            file: &|path| source::file_digest(root, &below(path)),
            files: &|globs, folder| {
                let key = (globs.patterns().to_vec(), folder.to_owned());
                let known = digests.borrow().get(&key).cloned();
                known.unwrap_or_else(|| {
                    let digest = source::files_digest(root, inventory, globs, folder);
                    digests.borrow_mut().insert(key, digest.clone());
                    digest
                })
            },
            paths: &|globs, folder| {
                let all = inventory.in_dir(folder).iter();
                let meant = all.filter(|entry| globs.is_empty() || globs.matches(&entry.path, false));
                meant.map(|entry| entry.path.clone()).collect()
            },
            people: &self.people,
            signers: &signers,
        };
        standing::all(&settings.questions, &self.ledger, &here)
    }

    /// What is to be said of the records themselves.
    pub(super) fn facts<'s>(&self, settings: &Settings, standings: &[Standing<'_>]) -> Vec<Fact<'s>> {
        let stating = Stating {
            ledger: &self.ledger,
            standings,
            places: &self.places,
            environment: settings.environment.as_deref(),
            people: &self.people,
        };
        stating.facts()
    }
}

/// The items, answered.
pub(super) fn fill(
    settings: &Settings,
    found: &Found<'_>,
    records: &Records,
    standings: &[Standing<'_>],
    runner: &Runner<'_>,
) -> Result<Filled, Error> {
    if settings.selection.is_partial() {
        return Ok(Filled::default());
    }
    let outside = settings.outside()?;
    let commit = source::head(&settings.root);
    let searches = searches(found.loaded);
    let judges = |id: &str, rule: Entry<'_>| settings.selection.selects(id, &rule);
    let answers = Answers {
        catalog: found.catalog,
        tallies: found.tallies,
        findings: found.findings,
        sources: &found.loaded.sources,
        blind: &found.blind,
        searches: &searches,
        judges: &judges,
        subjects: &found.subjects,
        standings,
        people: &records.people,
        orders: &settings.orders,
        runner,
        outside: &outside,
        environment: settings.environment.as_deref(),
        commit: commit.as_deref(),
    };
    let (items, runs) = answers.items(&settings.questions);
    let not_run = runs.into_iter().filter_map(|(name, result)| match result.ran {
        Ran::NotRun(reason) => Some(NotRun { inspector: "command".into(), target: name, reason }),
        _ => None,
    });
    let mut unknown: Vec<Unknown> = records.ledger.unread.iter().map(fault).collect();
    unknown.extend(unasked(settings, &outside));
    Ok(Filled { items, unknown, not_run: not_run.collect() })
}

/// Who searched every text, and how many.
fn searches(loaded: &Loaded) -> BTreeMap<&'static str, usize> {
    let mut texts = BTreeMap::new();
    for inspector in loaded.claims.iter().flatten().filter(|inspector| Inspectors.takes_any(**inspector)) {
        *texts.entry(Inspectors.name(*inspector)).or_default() += 1;
    }
    texts
}

fn fault(fault: &Fault) -> Unknown {
    Unknown {
        inspector: "policy".into(),
        path: fault.path.clone(),
        endpoint: None,
        span: None,
        reason: Reason::Unreadable(fault.message.as_str().into()),
        rules: 0,
        required: false,
    }
}

/// Reports about an item that the checklist does not ask.
fn unasked(settings: &Settings, outside: &[Outside]) -> Vec<Unknown> {
    let asked: BTreeSet<&str> = settings.questions.iter().map(|question| question.id.as_str()).collect();
    let strange = outside.iter().filter(|outside| !asked.contains(outside.item.as_str()));
    let tell = |outside: &Outside| {
        let message = format!("the checklist has no item `{}`", outside.item);
        fault(&Fault { path: outside.path.clone(), message })
    };
    strange.map(tell).collect()
}
