//! seaworthy's own files besides the policy: the waiver file and the baseline, and where they and the policy stand
//! among the sources, so that findings can point into them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::earlier::Earlier;
use super::layer::{Layer, Layers};
use super::merge::Policy;
use super::side::Side;
use crate::cli::CheckArgs;
use crate::error::{Error, Mistake, Mistakes};
use crate::finding::{Finding, Status};
use crate::settings::items::Questions;
use crate::source::{Commit, Loaded, Root, read_own};
use crate::span::{SourceId, Span};
use crate::waive::{Waivers, file};

/// The value of `schema` in a baseline file.
pub const BASELINE: &str = "seaworthy/baseline/1";

/// What was read.
#[derive(Debug, Default)]
pub struct Own {
    /// The waiver file.
    pub waivers: Option<Waivers>,
    /// The fingerprints of findings that were there before.
    pub baseline: Option<BTreeSet<String>>,
    /// The commit of `--policy-from`.
    pub earlier: Option<Earlier>,
    /// Why the commit of `--policy-from` could not be read.
    pub unreadable: Option<String>,
    /// The commit of `--diff`.
    pub diff: Option<Commit>,
}

/// Where seaworthy's own files stand among the sources.
#[derive(Debug, Default)]
pub struct Places {
    /// Each layer of the policy; `None` for what is built in or lies outside of the root.
    pub layers: Vec<Option<SourceId>>,
    /// The strongest policy of the repository, or the one that a change deletes.
    pub start: Option<SourceId>,
    /// The waiver file.
    pub waivers: Option<SourceId>,
}

impl Own {
    /// Whether any rule may be named.
    pub fn is_there(&self) -> bool {
        self.waivers.is_some() || self.earlier.is_some()
    }

    /// Adds the policy files and the waiver file to the sources, where anything may be said of them.
    pub fn add_to(&self, layers: &Layers, loaded: &mut Loaded) -> Places {
        let mut places = Places::default();
        if let Some(earlier) = &self.earlier {
            places.layers = add(&earlier.head.layers, loaded);
            places.start = places.layers.iter().rev().flatten().next().copied();
            if places.start.is_none() {
                places.start = add(&earlier.base.layers, loaded).into_iter().rev().flatten().next();
            }
        } else if self.waivers.is_some() {
            places.layers = add(layers, loaded);
        }
        let waivers = self.waivers.as_ref();
        places.waivers = waivers.map(|waivers| loaded.add_own(&waivers.path, &waivers.text));
        places
    }

    /// Reads the commit of `--policy-from`: the policy that counts is its own, with the operator's over it. When it
    /// cannot be read the change's own policy counts, and that this is so is unknown, at a price.
    pub(super) fn compare(
        &mut self,
        args: &CheckArgs,
        root: &Root,
        reference: &str,
        head: Side,
        questions: Questions,
    ) -> Result<(Layers, Policy, String, Questions), Error> {
        let environment = args.environment.as_deref();
        let operator = args.policy.as_ref().map(|path| path.as_std_path());
        match Earlier::read(root, reference, head, environment) {
            Ok(earlier) => {
                let mut layers = earlier.base.layers.clone();
                if let Some(path) = operator {
                    layers.add_file(root, path, true);
                }
                let policy = super::merge::merge(&mut layers, environment);
                // What is asked is what the base asks: a change does not take an item off its own checklist.
                let asked = |layers: &mut Layers| super::items::questions(layers, &policy, &|path| earlier.file(path));
                let questions = if args.only.is_empty() { asked(&mut layers) } else { Questions::Own(Vec::new()) };
                if let Some(error) = layers.error() {
                    return Err(error);
                }
                let profile = args.profile.clone().unwrap_or_else(|| earlier.base.profile.clone());
                self.earlier = Some(earlier);
                Ok((layers, policy, profile, questions))
            }
            Err(failed) => {
                let (message, head) = *failed;
                self.unreadable = Some(format!("what the change loosens is not known: `{reference}`: {message}"));
                Ok((head.layers, head.policy, head.profile, questions))
            }
        }
    }

    /// Marks what was there before, in the baseline or `earlier`, unless somebody waived it.
    pub fn mark_known(&self, earlier: &BTreeSet<String>, findings: &mut [Finding]) {
        let baseline = self.baseline.as_ref();
        for finding in findings.iter_mut().filter(|finding| finding.is_open()) {
            let mark = &finding.fingerprint;
            if earlier.contains(mark) || baseline.is_some_and(|known| known.contains(mark)) {
                finding.status = Status::Baseline;
            }
        }
    }
}

/// Where a policy file stands among the sources.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    source: SourceId,
    /// Whether the source has the text that the policy was read from.
    is_same: bool,
}

impl Standing {
    /// Makes the layer a source, so that findings can stand in it.
    pub(super) fn of(layer: &Layer, loaded: &mut Loaded) -> Option<Self> {
        let source = loaded.add_own(layer.shown(), &layer.text);
        let is_same = loaded.sources.get(source.0 as usize)?.text() == &*layer.text;
        Some(Self { source, is_same })
    }

    /// Where `span` of the layer is seen. When the policy that counts is that of an earlier commit, the place is that
    /// of the same words in the file as it is now, else its start.
    pub(super) fn place(self, layer: &Layer, span: Span, loaded: &Loaded) -> Span {
        let Some(now) = loaded.sources.get(self.source.0 as usize).filter(|_| !self.is_same) else {
            return Span { source: self.source, ..span };
        };
        let words = layer.text.get(span.range()).filter(|words| !words.is_empty());
        let found = words.and_then(|words| Some((now.text().find(words)?, words.len())));
        found.map_or(now.whole().at_start(), |(at, len)| Span::new(self.source, at..at + len))
    }
}

/// Adds the layers that lie in the repository to the sources.
fn add(layers: &Layers, loaded: &mut Loaded) -> Vec<Option<SourceId>> {
    let one = |layer: &Layer| {
        let is_inside = !layer.name.starts_with("builtin:") && !Path::new(&layer.name).is_absolute();
        is_inside.then(|| loaded.add_own(&layer.name, &layer.text))
    };
    layers.list.iter().map(one).collect()
}

/// The waiver file that the policy names, read; mistakes join those of the policy.
pub(super) fn waivers(layers: &mut Layers, policy: &Policy, root: &Root) -> Option<Waivers> {
    let named = policy.waivers.as_ref()?;
    let index = named.span.source.0 as usize;
    let folder = layers.list.get(index).map_or_else(String::new, |layer| layer.folder.clone());
    let mut wrong = |message: String| layers.mistakes.push((index, Mistake::new(message, named.span.range())));
    let Ok(real) = root.path().join(&named.value).canonicalize() else {
        wrong(format!("`{}` does not exist", named.value));
        return None;
    };
    if !real.starts_with(root.path()) {
        wrong(format!("`{}` lies outside of the repository", named.value));
        return None;
    }
    match read_own(&real) {
        Ok(text) => {
            let (waivers, mistakes) = file::read(&named.value, text.into(), &folder);
            let text = Arc::clone(&waivers.text);
            layers.errors.extend(Mistakes::new(&waivers.path, text, mistakes).map(Error::from));
            Some(waivers)
        }
        Err(error) => {
            layers.errors.push(error);
            None
        }
    }
}

/// A baseline file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BaselineFile {
    /// `seaworthy/baseline/1`.
    pub schema: String,
    /// Findings by fingerprint, sorted.
    pub findings: Vec<BaselineEntry>,
}

/// A finding of a baseline.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// What it is known by.
    pub fingerprint: String,
    /// Its rule, for readers.
    pub rule: String,
    /// Its file, for readers.
    pub path: String,
}

/// The fingerprints of the baseline at `path`.
pub(super) fn baseline(path: &Path) -> Result<BTreeSet<String>, Error> {
    let text = read_own(path)?;
    let wrong = |message: String| Error::usage(format!("`{}` is not a baseline: {message}", path.display()), None);
    let file: BaselineFile = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if file.schema != BASELINE {
        return Err(wrong(format!("its schema is not `{BASELINE}`")));
    }
    Ok(file.findings.into_iter().map(|entry| entry.fingerprint).collect())
}
