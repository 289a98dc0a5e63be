//! Container ↔ kustomization, skaffold: an image that a tool replaces before the manifest is applied is judged where the
//! tool sets it, not where its name stands for it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::fact::{Data, Fact, Record, Type, Value};
use crate::inspect::kubernetes::subjects::{Build, Container, Image};
use crate::path;
use crate::product::{self, ProductRole, State};

crate::subject! {
    /// The image of a container. Stands at the reference.
    pub(super) struct ImageUse: "kubernetes.imageUse" {
        /// The image, taken apart.
        image: Type::Record(Image::SUBJECT),
        /// The container.
        container: Type::String,
        /// Whether kustomize or skaffold gives it another name, tag or digest.
        is_replaced: Type::Bool,
        /// Whether the known product in it keeps data that a newer version may not read any more.
        keeps_data: Type::Bool,
    }
}

/// Images that tools replace, by name, with the folders whose manifests they take.
#[derive(Debug, Default)]
struct Replaced<'f> {
    folders: HashMap<&'f str, HashSet<&'f str>>,
    /// Images that skaffold builds, with its folder: everything below it.
    below: HashMap<&'f str, Vec<&'f str>>,
}

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [crate::source::Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    let replaced = Replaced::new(facts);
    for fact in facts.iter().filter(|fact| fact.record.subject.name == Container::SUBJECT.name) {
        let Some(Value { data: Data::Record(image), span: Some(span) }) = fact.record.get("image") else { continue };
        let path = sources.get(span.source.0 as usize).map_or("", crate::source::Source::path);
        let folder = path::folder(path);
        let container = fact.record.get("name").cloned().unwrap_or(Value::absent(*span));
        let name = name(image);
        let statement = ImageUse {
            image: Value::new(Data::Record(Arc::clone(image)), *span),
            container,
            is_replaced: Value::bool(replaced.holds(&name, folder), *span),
            keeps_data: Value::bool(keeps_data(image), *span),
        };
        found.push(statement.fact(*span, Arc::clone(&fact.path), fact.role));
    }
}

/// Whether a known product keeps business data.
fn keeps_data(image: &Record<'_>) -> bool {
    let reference = image.get("reference").and_then(Value::as_str);
    let known = reference.and_then(product::known).map(|known| known.product);
    known.is_some_and(|known| known.state == State::Durable && known.role == ProductRole::Database)
}

/// The reference without tag and digest.
fn name(image: &Record<'_>) -> String {
    let text = |field: &str| image.get(field).and_then(Value::as_str);
    let repository = text("repository").unwrap_or("");
    text("registry").map_or_else(|| repository.to_owned(), |registry| format!("{registry}/{repository}"))
}

fn texts<'f>(fact: &'f Fact<'_>, field: &str) -> impl Iterator<Item = &'f str> {
    let list = match fact.record.get(field).map(|value| &value.data) {
        Some(Data::List(list)) => &list[..],
        _ => &[],
    };
    list.iter().filter_map(Value::as_str)
}

impl<'f> Replaced<'f> {
    fn new(facts: &'f [Fact<'_>]) -> Self {
        let builds = || facts.iter().filter(|fact| fact.record.subject.name == Build::SUBJECT.name);
        // A kustomization takes the folders of its resources, which may hold kustomizations that take others.
        let mut takes: HashMap<&str, Vec<&str>> = HashMap::new();
        for build in builds() {
            if let Some(own) = texts(build, "folders").next() {
                takes.entry(own).or_default().extend(texts(build, "folders").skip(1));
            }
        }
        let mut replaced = Self::default();
        for build in builds().filter(|build| texts(build, "images").next().is_some()) {
            let Some(own) = texts(build, "folders").next() else { continue };
            let skaffold = build.record.get("tool").and_then(Value::as_str) == Some("skaffold");
            let reached = reach(own, &takes);
            for image in texts(build, "images") {
                if skaffold {
                    replaced.below.entry(image).or_default().push(own);
                } else {
                    replaced.folders.entry(image).or_default().extend(&reached);
                }
            }
        }
        replaced
    }

    fn holds(&self, image: &str, folder: &str) -> bool {
        let below = |root: &&'f str| {
            root.is_empty() || folder.strip_prefix(*root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.folders.get(image).is_some_and(|folders| folders.contains(folder))
            || self.below.get(image).is_some_and(|roots| roots.iter().any(below))
    }
}

/// Every folder that is reached from `start`.
fn reach<'f>(start: &'f str, takes: &HashMap<&'f str, Vec<&'f str>>) -> Vec<&'f str> {
    let (mut seen, mut open) = (HashSet::from([start]), vec![start]);
    let mut reached = Vec::new();
    while let Some(folder) = open.pop() {
        reached.push(folder);
        for next in takes.get(folder).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}
