//! Dockerfiles that are for less than their paths say: one beside another that is for production by its name, one in a
//! folder of stand-ins or lessons, one that answers nobody, and the older ones of a series.

use std::collections::{BTreeMap, BTreeSet};

use super::start::{self, names};
use super::{evidence, series, within};
use crate::fact::{Data, Fact, Role};
use crate::inspect::dockerfile::facts::schema::{Image, Stage};
use crate::path::{file_name, folder};
use crate::product;
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
    let aside: BTreeMap<u32, Role> =
        sources.iter().filter_map(|source| Some((source.id.0, aside(source.path())?))).collect();
    let apart = set_apart(sources, inventory, facts);
    for fact in facts.iter_mut().filter(|fact| fact.role.is_shipped() && is_docker(fact)) {
        let source = fact.span.source.0;
        if twins.contains(&source) {
            fact.role = Role::Development;
        } else if let Some(role) = aside.get(&source) {
            fact.role = *role;
        } else if apart.contains(&source) && fact.subject().name == Image::SUBJECT.name {
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

/// What the folders of a Dockerfile, and what its name adds, say of it: made for tests or readers, or kept for the record.
/// These words tell that of Dockerfiles only.
fn aside(path: &str) -> Option<Role> {
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(['/', '-', '_', '.']).map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    words.find_map(|word| match word {
        "fake" | "fakes" | "stub" | "simulator" | "dummies" => Some(Role::Test),
        "archive" | "attic" | "chapter" | "deprecated" | "exercise" | "exercises" | "homework" | "lab" | "labs"
        | "legacy" | "lesson" | "lessons" | "workshops" => Some(Role::Example),
        _ => None,
    })
}

/// Dockerfiles whose base matters less: nothing shows that what they make answers anybody, and nothing here deploys it or
/// builds on it; or they are of a series.
fn set_apart(sources: &[Source], inventory: &Inventory, facts: &[Fact<'_>]) -> BTreeSet<u32> {
    let stages = facts.iter().filter(|fact| fact.subject().name == Stage::SUBJECT.name);
    let mut all: BTreeSet<u32> = stages.map(|stage| stage.span.source.0).collect();
    let path = |id: u32| sources.get(id as usize).map_or("", Source::path);
    let (ids, paths): (Vec<u32>, Vec<&str>) = all.iter().map(|id| (*id, path(*id))).unzip();
    let older = series::members(&paths).into_iter().filter_map(|index| ids.get(index).copied());
    let answering = start::answering(sources, facts, &evidence::composed(sources, inventory));
    let used = used(facts);
    all.retain(|id| !answering.contains(id) && !names(path(*id)).any(|name| used.contains(&name)));
    all.extend(older);
    all
}

/// The last words of the names of images that a manifest runs, or that something here is built on and others do not
/// publish.
fn used(facts: &[Fact<'_>]) -> BTreeSet<String> {
    let name = |fact: &Fact<'_>| {
        let image = match fact.subject().name {
            "kubernetes.container" => match &fact.record.get("image")?.data {
                Data::Record(image) => image.get("repository")?.as_str(),
                _ => None,
            },
            name if name == Image::SUBJECT.name => {
                fact.record.get("name")?.as_str().filter(|name| product::known(name).is_none())
            }
            _ => None,
        };
        image.map(|image| file_name(image).to_ascii_lowercase())
    };
    facts.iter().filter_map(name).collect()
}
