//! Dotenv files ↔ git and images: where the file itself goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::given::File;
use crate::detect::judge;
use crate::fact::{Data, Fact, Record, Role, Type, Value};
use crate::inspect::dockerfile::facts::schema::Copied;
use crate::inspect::env::{name, value};
use crate::path;
use crate::relate::compose::stands::{self, Stand};
use crate::relate::context::ignore_file;
use crate::relate::secrets::words;
use crate::source::{Inventory, Presence, Source, role_of_path};

crate::subject! {
    /// A dotenv file in a git repository. Stands at its beginning, or at the first secret in it.
    pub struct Placement: "env.placement" {
        /// Its name.
        name: Type::String,
        /// Whether it shows what to fill in.
        is_example: Type::Bool,
        /// Whether its values are encrypted, so that it may be committed.
        is_encrypted: Type::Bool,
        /// Whether it sets a variable whose name promises a secret, or a URL with a password, to a value that is no
        /// placeholder; points to the first name.
        holds_secrets: Type::Bool,
        /// Whether git tracks it; points to the first secret, if there is one.
        is_tracked: Type::Bool,
        /// The file that ought to be ignored: the file itself, for an example the file that is made from it.
        real_name: Type::String,
        /// Whether that file is there.
        real_exists: Type::Bool,
        /// Whether git ignores that file; points to the beginning.
        is_ignored: Type::Bool,
    }

    /// A dotenv file beside a Dockerfile that copies the whole folder. Stands at the source of that COPY.
    pub struct ImageCopy: "env.imageCopy" {
        /// The dotenv file, from the root.
        file: Type::String,
        /// Whether it sets a variable whose name promises a secret to a value.
        holds_secrets: Type::Bool,
        /// Whether a `.dockerignore` leaves it out; points to the source of the COPY.
        is_left_out: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(
    files: &[File<'s>],
    sources: &'s [Source],
    facts: &[Fact<'s>],
    inventory: &Inventory,
    found: &mut Vec<Fact<'s>>,
) {
    let ships_otherwise = stands::ships_otherwise(facts, inventory);
    if inventory.has_repository() {
        let holds = files.iter().any(|file| !file.is_example && first_secret(file, ships_otherwise).is_some());
        let stands = if holds { stands::stands(sources, facts, inventory) } else { Vec::new() };
        found.extend(files.iter().map(|file| placement(file, inventory, &stands, ships_otherwise)));
    }
    images(files, sources, facts, found);
}

/// Where the first secret stands.
fn first_secret(file: &File<'_>, ships_otherwise: bool) -> Option<std::ops::Range<usize>> {
    // What a developer's program signs with, where production has manifests of its own.
    let is_local = ships_otherwise && path::file_name(file.source.path()) == ".env";
    // Where some value asks to be replaced, all are to be.
    let is_sample = words::is_sample(file.source.text());
    file.document.assignments().find_map(|one| {
        let named =
            crate::detect::key::kind(one.key).is_some() && one.value.len() > 3 && !value::is_nothing(&one.value);
        let literal = one.references.is_empty() && !value::is_filled_in(&one.value);
        // What everybody guesses is a finding of its own: no secret is lost with it.
        let guessed = value::is_guessed(one.key, &one.value);
        let credential = named || value::is_credential(one.key, &one.value);
        let placeholder = value::is_placeholder(&one.value) || words::asks_to_be_replaced(&one.value) || is_sample;
        let local = is_local && judge::is_own_key(one.key);
        let secret = credential && !local && !guessed && !placeholder && judge::is_drawn(&one.value);
        (secret && literal && value::switch(&one.value).is_none()).then(|| one.key_place.clone())
    })
}

fn placement<'s>(file: &File<'s>, inventory: &Inventory, stands: &[Stand<'s>], ships_otherwise: bool) -> Fact<'s> {
    let source = file.source;
    let path = source.path();
    let folder = path::folder(path);
    let start = source.whole().at_start();
    let secret = first_secret(file, ships_otherwise);
    let place = secret.clone().map_or(start, |range| crate::span::Span::new(source.id, range));
    let real = if file.is_example { name::real_name(path) } else { path::file_name(path).to_owned() };
    let real_path = if folder.is_empty() { real.clone() } else { format!("{folder}/{real}") };
    let tracked = |path: &str| matches!(inventory.lookup(path), Presence::File { tracked: true });
    let values = file.document.assignments().count();
    let encrypted = file.document.assignments().filter(|one| one.value.starts_with("encrypted:")).count();
    let fact = Placement {
        name: Value::str(path::file_name(path), start),
        is_example: Value::bool(file.is_example, start),
        is_encrypted: Value::bool(encrypted * 2 > values, start),
        holds_secrets: Value::bool(secret.is_some(), place),
        is_tracked: Value::bool(tracked(path), place),
        real_exists: Value::bool(matches!(inventory.lookup(&real_path), Presence::File { .. }), start),
        is_ignored: Value::bool(inventory.ignored(&real_path), start),
        real_name: Value::str(real, start),
    };
    // What an example is for is no matter here: the file that is made from it counts.
    let role = if file.is_example && role_of_path(&real_path).0.is_shipped() {
        role_of_path(&real_path).0
    } else if source.role.is_shipped() && is_for_developers(path, stands) {
        Role::Development
    } else {
        source.role
    };
    fact.fact(start, path::file_name(path), role)
}

/// Whether only what sets up a developer's machine is given the file.
fn is_for_developers(path: &str, stands: &[Stand<'_>]) -> bool {
    let mut given = stands.iter().filter(|stand| stand.files.contains(path)).peekable();
    given.peek().is_some() && given.all(|stand| stand.is_development)
}

/// COPY of a whole folder ↔ dotenv files in it.
fn images<'s>(files: &[File<'s>], sources: &'s [Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    let mut by_folder: BTreeMap<&str, Vec<&File<'s>>> = BTreeMap::new();
    let used = |file: &&File<'s>| !file.is_example && !matches!(file.source.role, Role::Test | Role::Tool);
    for file in files.iter().filter(used) {
        by_folder.entry(path::folder(file.source.path())).or_default().push(file);
    }
    for fact in facts.iter().filter(|fact| fact.subject().name == Copied::SUBJECT.name) {
        let Some(dockerfile) = sources.get(fact.span.source.0 as usize) else { continue };
        let folder = path::folder(dockerfile.path());
        let Some(beside) = by_folder.get(folder) else { continue };
        if !copies_context_into_image(fact) {
            continue;
        }
        let ignored = ignore_file(sources, dockerfile.path(), folder);
        for file in beside {
            let left_out =
                ignored.as_ref().is_some_and(|document| document.excludes(path::file_name(file.source.path())));
            let copy = ImageCopy {
                file: Value::str(file.source.path(), fact.span),
                holds_secrets: Value::bool(first_secret(file, false).is_some(), fact.span),
                is_left_out: Value::bool(left_out, fact.span),
            };
            found.push(copy.fact(
                fact.span,
                format!("{}/{}", fact.path, path::file_name(file.source.path())),
                fact.role,
            ));
        }
    }
}

fn part<'s>(record: &Record<'s>, field: &str) -> Option<Arc<Record<'s>>> {
    match record.get(field).map(|value| &value.data) {
        Some(Data::Record(inner)) => Some(Arc::clone(inner)),
        _ => None,
    }
}

/// Whether the whole folder goes into the image that ships.
fn copies_context_into_image(fact: &Fact<'_>) -> bool {
    let yes = |record: &Record<'_>, field: &str| record.get(field).and_then(Value::as_bool) == Some(true);
    let Some(copy) = part(&fact.record, "copy") else { return false };
    let shipped = part(&copy, "stage").is_some_and(|stage| yes(&stage, "is_shipped"));
    yes(&fact.record, "is_context") && shipped && copy.get("from").and_then(Value::as_str).is_none()
}
