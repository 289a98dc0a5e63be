//! Dockerfiles beside another that is for production by its name: they are for developers.

use std::collections::BTreeSet;

use super::{folder, within};
use crate::fact::{Fact, Role};
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

/// Gives the facts of such files the role of development.
pub fn settle(sources: &[Source], inventory: &Inventory, facts: &mut [Fact<'_>]) {
    let is_plain = |path: &str| matches!(path.rsplit('/').next(), Some("Dockerfile" | "Containerfile"));
    let has_twin = |path: &str| {
        let is_there = |name| matches!(inventory.lookup(&within(folder(path), name)), Presence::File { .. });
        TWINS.iter().any(|name| is_there(name))
    };
    let plain = sources.iter().filter(|source| is_plain(source.path()) && has_twin(source.path()));
    let settled: BTreeSet<u32> = plain.map(|source| source.id.0).collect();
    for fact in facts.iter_mut().filter(|fact| fact.role.is_shipped() && settled.contains(&fact.span.source.0)) {
        fact.role = Role::Development;
    }
}
