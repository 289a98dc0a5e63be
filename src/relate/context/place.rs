//! Which folder a Dockerfile is built from: what somebody says, else where what it copies lies.

use std::collections::BTreeSet;

use super::files::{self, Found};
use super::said::Said;
use crate::path::{file_name, folder, within};
use crate::source::{Inventory, Presence};

/// Folders that only hold what builds: what is built lies elsewhere.
const ASIDE: [&str; 16] = [
    "docker",
    "dockerfiles",
    "dockerfile",
    "build",
    "builds",
    "deploy",
    "deployment",
    "deployments",
    ".docker",
    ".devcontainer",
    "ci",
    ".ci",
    "container",
    "containers",
    "images",
    "packaging",
];
/// Sources that are looked up at most.
const MOST: usize = 200;

/// The contexts, from the root; none when it cannot be told.
pub(super) fn contexts(said: &Said<'_>, evidence: Option<&BTreeSet<String>>, inventory: &Inventory) -> Vec<String> {
    let named: BTreeSet<String> =
        said.taken.iter().filter(|one| one.is_specific()).filter_map(|one| one.tidy()).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).take(MOST).collect();
    let there = |context: &str| {
        named.iter().filter(|path| matches!(files::look(context, path, inventory), Found::There)).count()
    };
    if let Some(evidence) = evidence {
        // A text that speaks of another checkout names folders that hold nothing of this.
        return evidence.iter().filter(|context| named.is_empty() || there(context) > 0).cloned().collect();
    }
    let own = folder(said.source.path());
    let mut candidates = vec![own];
    while let Some(last) = candidates.last().filter(|last| !last.is_empty()) {
        candidates.push(folder(last));
    }
    if named.is_empty() {
        return if is_aside(own, inventory) { Vec::new() } else { vec![own.to_owned()] };
    }
    let counts: Vec<(usize, &str)> = candidates.iter().map(|context| (there(context), *context)).collect();
    let most = counts.iter().map(|(count, _)| *count).max().unwrap_or_default();
    let mut best = counts.iter().filter(|(count, _)| *count == most && most > 0);
    match (best.next(), best.next()) {
        // What is complete nearest to the Dockerfile is it; of incomplete ones, only one that has more than all others.
        (Some((_, context)), _) if most == named.len() => vec![(*context).to_owned()],
        (Some((_, context)), None) => vec![(*context).to_owned()],
        _ => Vec::new(),
    }
}

/// Whether a folder holds only what builds, by its name or because nothing else lies in it.
fn is_aside(own: &str, inventory: &Inventory) -> bool {
    let name = file_name(own).to_ascii_lowercase();
    if own.is_empty() {
        return false;
    }
    let entries = inventory.in_dir(own);
    let others = entries.iter().filter(|entry| !entry.path.to_ascii_lowercase().contains("dockerfile")).count();
    let manifests =
        ["package.json", "go.mod", "Cargo.toml", "pom.xml", "requirements.txt", "pyproject.toml", "Gemfile"];
    let own_project =
        manifests.iter().any(|file| matches!(inventory.lookup(&within(own, file)), Presence::File { .. }));
    !own_project && (ASIDE.contains(&name.as_str()) || others < 2)
}
