//! The checklist of a run: its questions, answered by what the run has found, by records and by reports of other tools.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::checklist::Item;
use crate::checklist::answer::Answers;
use crate::checklist::outside::Outside;
use crate::checklist::person::Here;
use crate::checklist::record::{Fault, Ledger};
use crate::error::Error;
use crate::fact::{Fact, Reason};
use crate::finding::{Finding, Tally, Unknown};
use crate::inspect::Inspectors;
use crate::rule::catalog::Catalog;
use crate::rule::file::RuleFile;
use crate::settings::Settings;
use crate::source::{self, Claims, Loaded};

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

/// The names of the subjects that facts are about.
pub(super) fn subjects<'f>(facts: &'f [Fact<'_>]) -> BTreeSet<&'f str> {
    facts.iter().map(|fact| fact.subject().name).collect()
}

/// The items, answered, and what is wrong with the records. A run by a selection of rules has no checklist: most items
/// could not be answered.
pub(super) fn fill(settings: &Settings, found: &Found<'_>) -> Result<(Vec<Item>, Vec<Unknown>), Error> {
    if settings.selection.is_partial() {
        return Ok((Vec::new(), Vec::new()));
    }
    let ledger = settings.ledger()?;
    let outside = settings.outside()?;
    let commit = source::head(&settings.root);
    let folder = settings.folder();
    let root = &settings.root;
    let below = |path: &str| Utf8Path::new(&folder).join(path).into_string();
    let searches = searches(found.loaded);
    let judges = |id: &str, file: &RuleFile| settings.selection.selects(id, file);
    let answers = Answers {
        catalog: found.catalog,
        tallies: found.tallies,
        findings: found.findings,
        sources: &found.loaded.sources,
        blind: &found.blind,
        searches: &searches,
        judges: &judges,
        subjects: &found.subjects,
        ledger: &ledger,
        outside: &outside,
        here: Here {
            now: settings.now,
            commit: commit.as_deref(),
            authors: None,
            environment: settings.environment.as_deref(),
            file: &|path| source::file_digest(root, &below(path)),
            files: &|globs, folder| source::files_digest(root, &found.loaded.inventory, globs, folder),
        },
    };
    let mut unknown: Vec<Unknown> = ledger.faults.iter().map(fault).collect();
    unknown.extend(unasked(settings, &ledger, &outside));
    Ok((answers.items(&settings.questions), unknown))
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

/// Records and reports about an item that the checklist does not ask.
fn unasked(settings: &Settings, ledger: &Ledger, outside: &[Outside]) -> Vec<Unknown> {
    let asked: BTreeSet<&str> = settings.questions.iter().map(|question| question.id.as_str()).collect();
    let records = ledger.records.iter().map(|filed| (&filed.path, &filed.record.item));
    let reports = outside.iter().map(|outside| (&outside.path, &outside.item));
    let strange = records.chain(reports).filter(|(_, item)| !asked.contains(item.as_str()));
    strange
        .map(|(path, item)| {
            fault(&Fault { path: path.clone(), message: format!("the checklist has no item `{item}`") })
        })
        .collect()
}
