//! Dockerfiles that are for less than their paths say: one beside another that is for production by its name, one in a
//! folder of mocks or lessons, one that answers nobody, and the older ones of a series.

use std::collections::{BTreeMap, BTreeSet};

use super::start::{self, names};
use super::{evidence, folder, series, within};
use crate::fact::{Data, Fact, Role, Value};
use crate::inspect::dockerfile::facts::schema::{Image, Stage};
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
pub fn settle(sources: &[Source], inventory: &Inventory, facts: &mut [Fact<'_>]) {
    let is_plain = |path: &str| matches!(path.rsplit('/').next(), Some("Dockerfile" | "Containerfile"));
    let has_twin = |path: &str| {
        let is_there = |name| matches!(inventory.lookup(&within(folder(path), name)), Presence::File { .. });
        TWINS.iter().any(|name| is_there(name))
    };
    let plain = sources.iter().filter(|source| is_plain(source.path()) && has_twin(source.path()));
    let twins: BTreeSet<u32> = plain.map(|source| source.id.0).collect();
    let aside: BTreeMap<u32, Role> =
        sources.iter().filter_map(|source| Some((source.id.0, aside(source.path())?))).collect();
    let apart = set_apart(sources, inventory, facts);
    let is_docker = |fact: &&mut Fact<'_>| fact.role.is_shipped() && fact.subject().inspector() == "dockerfile";
    for fact in facts.iter_mut().filter(is_docker) {
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

/// What the folders of a Dockerfile, and what its name adds, say of it: made for tests or readers, or kept for the record.
/// These words tell that of Dockerfiles only.
fn aside(path: &str) -> Option<Role> {
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(['/', '-', '_', '.']).map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let is_mock = folder(&lower).split('/').any(|part| part.starts_with("mock"));
    words
        .find_map(|word| match word {
            "fake" | "fakes" | "stub" | "simulator" | "dummies" => Some(Role::Test),
            "archive" | "attic" | "chapter" | "deprecated" | "exercise" | "exercises" | "homework" | "lab" | "labs"
            | "legacy" | "lesson" | "lessons" | "workshops" => Some(Role::Example),
            _ => None,
        })
        .or(is_mock.then_some(Role::Test))
}

/// Dockerfiles whose base matters less: nothing shows that what they make answers anybody, and nothing here deploys it or
/// builds on it; or they are of a series.
fn set_apart(sources: &[Source], inventory: &Inventory, facts: &[Fact<'_>]) -> BTreeSet<u32> {
    let mut used = BTreeSet::new();
    let mut all = BTreeSet::new();
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    for fact in facts {
        let name = fact.subject().name;
        if name == Stage::SUBJECT.name {
            all.insert(fact.span.source.0);
        } else if name == Image::SUBJECT.name {
            let name = fact.record.get("name").and_then(Value::as_str);
            used.extend(name.filter(|name| product::known(name).is_none()).map(last));
        } else if name == "kubernetes.container"
            && let Some(Data::Record(image)) = fact.record.get("image").map(|image| &image.data)
        {
            used.extend(image.get("repository").and_then(Value::as_str).map(last));
        }
    }
    if all.is_empty() {
        return all;
    }
    let path = |id: u32| sources.get(id as usize).map_or("", Source::path);
    let (ids, paths): (Vec<u32>, Vec<&str>) = all.iter().map(|id| (*id, path(*id))).unzip();
    let older = series::members(&paths).into_iter().filter_map(|index| ids.get(index).copied());
    let answering = start::answering(sources, facts, &evidence::composed(sources, inventory));
    all.retain(|id| !answering.contains(id) && !names(path(*id)).any(|name| used.contains(&name)));
    all.extend(older);
    all
}
