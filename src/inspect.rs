//! Inspectors: each reads one kind of artefact and states facts about it. They never judge; rules do.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use crate::fact::{Fact, Reason, Subject};
use crate::parallel;
use crate::source::{self, Claims, Source};
use crate::span::{SourceId, Span};
use crate::syntax::outline::{self, Piece};

pub mod compose;
pub mod dns;
pub mod dockerfile;
pub mod dockerignore;
pub mod env;
pub mod http;
pub mod kubernetes;
pub mod observe;
pub mod secrets;
pub mod tls;

/// An inspector: one folder under `inspect/`, one line in [`INSPECTORS`].
pub trait Inspector: Sync {
    /// Its name: the first part of its subjects' names and of its rules' ids.
    fn name(&self) -> &'static str;

    /// Every subject it states facts about.
    fn subjects(&self) -> &'static [&'static Subject];

    /// The path of an example without one: `Dockerfile`.
    fn usual_name(&self) -> &'static str;

    /// Whether a file of this name could be one of its artefacts. `path` is relative to the root, with `/`.
    /// Files that no inspector wants are not read.
    fn wants(&self, path: &str) -> bool;

    /// Whether this text is one of its artefacts. Called only when [`Inspector::wants`] said yes, or for a text whose
    /// name says nothing.
    fn claims(&self, path: &str, text: &str) -> bool;

    /// Whether it takes any text at all, whatever its name, so that a binary file is no loss to it.
    fn takes_any(&self) -> bool {
        false
    }

    /// Whether it reads files that are no text ([`Source::bytes`]), by name and content.
    fn claims_bytes(&self, _path: &str, _bytes: &[u8]) -> bool {
        false
    }

    /// States the facts. Total: whatever the text, it returns what could be read and a problem for what could not.
    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s>;

    /// The same, for a source that may take in others, or whose work is shared out.
    fn inspect_among<'s>(&self, source: &'s Source, _among: &Among<'s, '_>) -> Inspection<'s> {
        self.inspect(source)
    }

    /// What the text consists of, so that a fix can be told from damage; `None` when it cannot be read whole.
    fn outline(&self, source: &Source) -> Option<Vec<Piece>> {
        outline::of_tree(source.tree())
    }
}

/// What an inspector may ask beyond the source that it inspects.
#[derive(Debug)]
pub struct Among<'s, 'c> {
    /// Every source.
    pub sources: &'s [Source],
    claims: &'c [Vec<usize>],
    totals: Vec<OnceLock<usize>>,
    files: OnceLock<HashMap<&'s str, &'s Source>>,
    taken_in: OnceLock<HashSet<SourceId>>,
}

impl<'s, 'c> Among<'s, 'c> {
    /// All sources with the inspectors that claim each.
    pub fn new(sources: &'s [Source], claims: &'c [Vec<usize>]) -> Self {
        let totals = INSPECTORS.iter().map(|_| OnceLock::new()).collect();
        Self { sources, claims, totals, files: OnceLock::new(), taken_in: OnceLock::new() }
    }

    /// The text file at a path.
    pub fn file(&self, path: &str) -> Option<&'s Source> {
        let is_text = |source: &&Source| source.bytes().is_none() && source.endpoint().is_none();
        let index = || self.sources.iter().filter(is_text).map(|source| (source.path(), source)).collect();
        self.files.get_or_init(index).get(path).copied()
    }

    /// The sources that others take in, found by `look` once a run.
    pub fn taken_in(&self, look: impl FnOnce() -> HashSet<SourceId>) -> &HashSet<SourceId> {
        self.taken_in.get_or_init(look)
    }

    /// What `count` comes to over all sources that the inspector of that name claims, found once a run. Work that small
    /// files could multiply is shared out by it, so that it is bounded whatever they hold, and the same in any order.
    pub fn total(&self, inspector: &str, count: impl Fn(&Source) -> usize) -> usize {
        let Some(index) = INSPECTORS.iter().position(|one| one.name() == inspector) else { return 0 };
        let claimed = self.sources.iter().zip(self.claims).filter(|(_, claims)| claims.contains(&index));
        let total = || claimed.map(|(source, _)| count(source)).sum();
        self.totals.get(index).map_or(0, |slot| *slot.get_or_init(total))
    }
}

/// What an inspector has to say of one source.
#[derive(Debug, Default)]
pub struct Inspection<'s> {
    /// What is there.
    pub facts: Vec<Fact<'s>>,
    /// What could not be judged, and why.
    pub problems: Vec<Problem>,
}

/// What all inspectors have to say of all sources, in the order of the sources.
#[derive(Debug, Default)]
pub struct Inspected<'s> {
    /// What is there, sorted by source and place.
    pub facts: Vec<Fact<'s>>,
    /// What could not be judged, with the inspector that would have.
    pub problems: Vec<Problem>,
}

/// Something that could not be judged. One a cause: one for a template, not one for each of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: Reason,
    /// The inspector that would have judged it.
    pub inspector: &'static str,
}

/// Every inspector: the one list in the program, sorted by name.
pub static INSPECTORS: &[&dyn Inspector] = &[
    &compose::Compose,
    &dns::Dns,
    &dockerfile::Dockerfile,
    &dockerignore::Dockerignore,
    &env::Env,
    &http::Http,
    &kubernetes::Kubernetes,
    &secrets::Secrets,
    &tls::Tls,
];

/// The inspector of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Inspector> {
    INSPECTORS.iter().copied().find(|inspector| inspector.name() == name)
}

/// The inspectors as `source` sees them: by their place in [`INSPECTORS`].
#[derive(Debug, Clone, Copy)]
pub struct Inspectors;

impl Claims for Inspectors {
    fn wants(&self, path: &str) -> Vec<usize> {
        (0..INSPECTORS.len()).filter(|index| INSPECTORS[*index].wants(path)).collect()
    }

    fn claims(&self, inspector: usize, path: &str, text: &str) -> bool {
        INSPECTORS.get(inspector).is_some_and(|inspector| inspector.claims(path, text))
    }

    fn name(&self, inspector: usize) -> &'static str {
        INSPECTORS.get(inspector).map_or("", |inspector| inspector.name())
    }

    fn claims_bytes(&self, inspector: usize, path: &str, bytes: &[u8]) -> bool {
        INSPECTORS.get(inspector).is_some_and(|inspector| inspector.claims_bytes(path, bytes))
    }

    fn takes_any(&self, inspector: usize) -> bool {
        INSPECTORS.get(inspector).is_some_and(|inspector| inspector.takes_any())
    }
}

/// The inspectors that claim the text.
pub fn claimants(path: &str, text: &str) -> Vec<usize> {
    Inspectors.wants(path).into_iter().filter(|index| Inspectors.claims(*index, path, text)).collect()
}

/// Inspects every source by the inspectors that claim it, in parallel. A defect in one inspection is a problem of that
/// source; the others go on.
pub fn all<'s>(sources: &'s [Source], claims: &[Vec<usize>]) -> Inspected<'s> {
    let among = Among::new(sources, claims);
    let work: Vec<(&Source, &Vec<usize>)> = sources.iter().zip(claims).collect();
    let parts = parallel::map(work, source::bytes(sources), |(source, claims)| inspect_source(source, claims, &among));
    let mut all = Inspected::default();
    for part in parts {
        all.facts.extend(part.facts);
        all.problems.extend(part.problems);
    }
    all.facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
    all
}

fn inspect_source<'s>(source: &'s Source, claims: &[usize], among: &Among<'s, '_>) -> Inspection<'s> {
    let mut whole = Inspection::default();
    for inspector in claims.iter().filter_map(|index| INSPECTORS.get(*index)) {
        let part = catch_unwind(AssertUnwindSafe(|| inspector.inspect_among(source, among))).unwrap_or_else(|panic| {
            let text =
                panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let reason = Reason::Bug(text.unwrap_or("it panicked").into());
            let problem = Problem { span: source.whole().at_start(), reason, inspector: inspector.name() };
            Inspection { facts: Vec::new(), problems: vec![problem] }
        });
        whole.facts.extend(part.facts);
        whole.problems.extend(part.problems);
    }
    whole
}
