//! Dockerfiles that are for less than their paths say: one beside another that is for production by its name, one in a
//! folder of stand-ins or lessons, one that answers nobody, and the older ones of a series.

use std::collections::{BTreeMap, BTreeSet};

use super::start::{self, names};
use super::{evidence, series};
use crate::fact::{Data, Fact, Role};
use crate::inspect::dockerfile::facts::schema::Image;
use crate::path::{file_name, folder, within};
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
    let all: BTreeSet<u32> = facts.iter().filter(|fact| is_docker(fact)).map(|fact| fact.span.source.0).collect();
    if all.is_empty() {
        return;
    }
    let path = |id: u32| sources.get(id as usize).map_or("", Source::path);
    let role = |id: u32| if has_twin(path(id), inventory) { Some(Role::Development) } else { aside(path(id)) };
    let roles: BTreeMap<u32, Role> = all.iter().filter_map(|id| Some((*id, role(*id)?))).collect();
    let apart = set_apart(sources, inventory, facts, all);
    for fact in facts.iter_mut().filter(|fact| fact.role.is_shipped() && is_docker(fact)) {
        let source = fact.span.source.0;
        if let Some(role) = roles.get(&source) {
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

/// Whether it is a plain Dockerfile beside one for production.
fn has_twin(path: &str, inventory: &Inventory) -> bool {
    let is_there = |name| matches!(inventory.lookup(&within(folder(path), name)), Presence::File { .. });
    matches!(file_name(path), "Dockerfile" | "Containerfile") && TWINS.iter().any(|name| is_there(name))
}

/// What a folder of a Dockerfile, or what its name adds, says of it: made for tests or readers, or kept for the record.
/// These words tell that of Dockerfiles only, and only as whole names: `jupyter-lab` is no lesson.
fn aside(path: &str) -> Option<Role> {
    let lower = path.to_ascii_lowercase();
    let name = file_name(&lower);
    let added = name.strip_prefix("dockerfile.").or(name.strip_suffix(".dockerfile"));
    folder(&lower).split('/').chain(added).find_map(|part| {
        match part.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '_')) {
            "fake" | "fakes" | "stub" | "simulator" | "dummies" => Some(Role::Test),
            "archive" | "attic" | "chapter" | "deprecated" | "exercise" | "exercises" | "homework" | "lab" | "labs"
            | "legacy" | "lesson" | "lessons" | "workshops" => Some(Role::Example),
            _ => None,
        }
    })
}

/// Of Dockerfiles those whose base matters less: nothing shows that what they make answers anybody, and nothing here deploys
/// it or builds on it; or they are of a series.
fn set_apart(sources: &[Source], inventory: &Inventory, facts: &[Fact<'_>], mut all: BTreeSet<u32>) -> BTreeSet<u32> {
    let path = |id: u32| sources.get(id as usize).map_or("", Source::path);
    let (ids, paths): (Vec<u32>, Vec<&str>) = all.iter().map(|id| (*id, path(*id))).unzip();
    let older = series::members(&paths).into_iter().filter_map(|index| ids.get(index).copied());
    let answering = start::answering(sources, facts, &evidence::composed(sources, inventory));
    let used = used(facts);
    all.retain(|id| !answering.contains(id) && !names(path(*id)).any(|name| used.contains(&name)));
    all.extend(older);
    all
}

/// The last words of the names of images that something here is built on or runs, and that nobody else is known to make.
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
