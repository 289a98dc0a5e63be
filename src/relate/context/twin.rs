//! Dockerfiles that are for less than their paths say: one beside another that is for production by its name, and one
//! that makes a place to work in.

use std::collections::BTreeSet;

use super::start::{is_true, names};
use super::{evidence, folder, within};
use crate::fact::{Data, Fact, Role, Value};
use crate::inspect::dockerfile::facts::schema::{Copied, Image, Port, Stage};
use crate::product::{self, ProductRole};
use crate::source::{Inventory, Presence, Source};

/// What the file for production is called, beside a plain `Dockerfile`.
const TWINS: [&str; 8] = [
    "Dockerfile.prod",
    "Dockerfile.production",
    "Dockerfile-prod",
    "Dockerfile-production",
    "Dockerfile_prod",
    "prod.Dockerfile",
    "production.Dockerfile",
    "Containerfile.prod",
];

/// Gives the facts of such files their role.
pub fn settle(sources: &[Source], inventory: &Inventory, facts: &mut [Fact<'_>]) {
    let is_plain = |path: &str| matches!(path.rsplit('/').next(), Some("Dockerfile" | "Containerfile"));
    let has_twin = |path: &str| {
        let is_there = |name| matches!(inventory.lookup(&within(folder(path), name)), Presence::File { .. });
        TWINS.iter().any(|name| is_there(name))
    };
    let plain = sources.iter().filter(|source| is_plain(source.path()) && has_twin(source.path()));
    let twins: BTreeSet<u32> = plain.map(|source| source.id.0).collect();
    let is_mock = |path: &str| folder(path).split('/').any(|part| part.starts_with("mock"));
    let mocks: BTreeSet<u32> =
        sources.iter().filter(|source| is_mock(source.path())).map(|source| source.id.0).collect();
    let workplaces = workplaces(sources, inventory, facts);
    let is_docker = |fact: &&mut Fact<'_>| fact.role.is_shipped() && fact.subject().inspector() == "dockerfile";
    for fact in facts.iter_mut().filter(is_docker) {
        let source = fact.span.source.0;
        if twins.contains(&source) {
            fact.role = Role::Development;
        } else if mocks.contains(&source) {
            fact.role = Role::Test;
        } else if workplaces.contains(&source) && fact.subject().name == Image::SUBJECT.name {
            // What it is built on matters less; what is done in it is judged as ever.
            fact.role = Role::Tool;
        }
    }
}

/// Dockerfiles that start nothing on a plain system or language, listen nowhere and hold nothing of the repository, where
/// nothing here runs them or builds on them.
fn workplaces(sources: &[Source], inventory: &Inventory, facts: &[Fact<'_>]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut used = BTreeSet::new();
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    for fact in facts {
        let name = fact.subject().name;
        if name == Stage::SUBJECT.name && is_true(&fact.record, "is_final") && starts_nothing(fact) {
            found.insert(fact.span.source.0);
        } else if name == Image::SUBJECT.name {
            used.extend(fact.record.get("name").and_then(Value::as_str).map(last));
        } else if name == "kubernetes.container"
            && let Some(Data::Record(image)) = fact.record.get("image").map(|image| &image.data)
        {
            used.extend(image.get("repository").and_then(Value::as_str).map(last));
        }
    }
    for fact in facts.iter().filter(|fact| found.contains(&fact.span.source.0)).collect::<Vec<_>>() {
        if is_taken(fact) || fact.subject().name == Port::SUBJECT.name {
            found.remove(&fact.span.source.0);
        }
    }
    if !found.is_empty() {
        let composed = evidence::composed(sources, inventory);
        found.retain(|id| {
            sources.get(*id as usize).is_some_and(|source| {
                !composed.runs.contains_key(source.path()) && !names(source.path()).any(|name| used.contains(&name))
            })
        });
    }
    found
}

/// Whether a stage says nothing that is started, on an image that would only open a shell.
fn starts_nothing(stage: &Fact<'_>) -> bool {
    let image = stage.record.get("base_image").and_then(Value::as_str).unwrap_or_default();
    let serves = image.ends_with("php");
    let is_plain = product::known(image)
        .is_some_and(|known| matches!(known.product.role, ProductRole::Os | ProductRole::Runtime) && !serves);
    is_plain && stage.record.get("starts_process").and_then(Value::as_bool) == Some(false)
}

/// Whether a fact is a file taken from the build context.
fn is_taken(fact: &Fact<'_>) -> bool {
    let Some(Data::Record(copy)) = fact.record.get("copy").map(|copy| &copy.data) else { return false };
    fact.subject().name == Copied::SUBJECT.name
        && matches!(copy.get("from").map(|from| &from.data), None | Some(Data::Absent))
}
