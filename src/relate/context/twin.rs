//! Dockerfiles that are for less than their paths say: one beside another that is for production by its name, and one
//! that makes a place to work in.

use std::collections::BTreeSet;

use super::secrets::comes_from_a_stage;
use super::start::{is_true, names};
use super::{evidence, within};
use crate::fact::{Data, Fact, Role, Value};
use crate::inspect::dockerfile::facts::schema::{Copied, Image, Port, Stage};
use crate::path::{file_name, folder};
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
pub(in crate::relate) fn settle(sources: &[Source], inventory: &Inventory, facts: &mut [Fact<'_>]) {
    if !facts.iter().any(is_docker) {
        return;
    }
    let twins = twins(sources, inventory);
    let workplaces = workplaces(sources, inventory, facts);
    for fact in facts.iter_mut().filter(|fact| fact.role.is_shipped() && is_docker(fact)) {
        let source = fact.span.source.0;
        if twins.contains(&source) {
            fact.role = Role::Development;
        } else if workplaces.contains(&source) && fact.subject().name == Image::SUBJECT.name {
            // What it is built on matters less; what is done in it is judged as ever.
            fact.role = Role::Tool;
        }
    }
}

fn is_docker(fact: &Fact<'_>) -> bool {
    fact.subject().inspector() == "dockerfile"
}

/// Plain Dockerfiles beside one for production.
fn twins(sources: &[Source], inventory: &Inventory) -> BTreeSet<u32> {
    let has_twin = |path: &str| {
        let is_there = |name| matches!(inventory.lookup(&within(folder(path), name)), Presence::File { .. });
        matches!(file_name(path), "Dockerfile" | "Containerfile") && TWINS.iter().any(|name| is_there(name))
    };
    sources.iter().filter(|source| has_twin(source.path())).map(|source| source.id.0).collect()
}

/// Dockerfiles that start nothing on a plain system or language, listen nowhere and hold nothing of the repository, where
/// nothing here runs them or builds on them.
fn workplaces(sources: &[Source], inventory: &Inventory, facts: &[Fact<'_>]) -> BTreeSet<u32> {
    let is_idle = |fact: &&Fact<'_>| {
        fact.subject().name == Stage::SUBJECT.name && is_true(&fact.record, "is_final") && starts_nothing(fact)
    };
    let mut found: BTreeSet<u32> = facts.iter().filter(is_idle).map(|fact| fact.span.source.0).collect();
    for fact in facts.iter().filter(|fact| is_docker(fact)) {
        let name = fact.subject().name;
        if name == Port::SUBJECT.name || name == Copied::SUBJECT.name && !comes_from_a_stage(fact) {
            found.remove(&fact.span.source.0);
        }
    }
    if found.is_empty() {
        return found;
    }
    let used = used(facts);
    let composed = evidence::composed(sources, inventory);
    found.retain(|id| {
        sources.get(*id as usize).is_some_and(|source| {
            !composed.runs.contains_key(source.path()) && !names(source.path()).any(|name| used.contains(&name))
        })
    });
    found
}

/// The last words of the names of images that something here is built on or runs.
fn used(facts: &[Fact<'_>]) -> BTreeSet<String> {
    let name = |fact: &Fact<'_>| {
        let image = match fact.subject().name {
            "kubernetes.container" => match &fact.record.get("image")?.data {
                Data::Record(image) => image.get("repository")?.as_str(),
                _ => None,
            },
            name if name == Image::SUBJECT.name => fact.record.get("name")?.as_str(),
            _ => None,
        };
        image.map(|image| file_name(image).to_ascii_lowercase())
    };
    facts.iter().filter_map(name).collect()
}

/// Whether a stage says nothing that is started, on an image that would only open a shell.
fn starts_nothing(stage: &Fact<'_>) -> bool {
    let image = stage.record.get("base_image").and_then(Value::as_str).unwrap_or_default();
    let serves = image.ends_with("php");
    let is_plain = product::known(image)
        .is_some_and(|known| matches!(known.product.role, ProductRole::Os | ProductRole::Runtime) && !serves);
    is_plain && stage.record.get("starts_process").and_then(Value::as_bool) == Some(false)
}
