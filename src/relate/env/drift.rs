//! Dotenv files of one folder: what one sets and the other does not.

use std::collections::{BTreeMap, BTreeSet};

use super::given::File;
use crate::fact::{Fact, Role, Type, Value};
use crate::inspect::env::name;
use crate::path;
use crate::span::Span;
use crate::syntax::suggest::suggest;

crate::subject! {
    /// A variable of a dotenv file that has a counterpart in its folder: an example and the file that is made from it, or
    /// the files of production and staging. Stands at its name.
    pub struct Counterpart: "env.counterpart" {
        /// The variable.
        key: Type::String,
        /// The file at whose side it is looked for, by its name.
        other: Type::String,
        /// What the two are to one another: `example` (this file shows what `other` has to set), `filled` (this file is
        /// made from the example `other`), `environment` (both are for environments that users reach).
        relation: Type::String,
        /// Whether the other file sets it, or, if that is an example, mentions it; points to the name.
        is_in_other: Type::Bool,
        /// A name in the other file that is almost the same and stands in that one only; empty when there is none.
        similar: Type::String,
    }
}

/// The names of a file.
struct Keys<'f, 's> {
    file: &'f File<'s>,
    set: BTreeSet<&'s str>,
}

/// States the facts.
pub(super) fn relate<'s>(files: &[File<'s>], found: &mut Vec<Fact<'s>>) {
    let mut folders: BTreeMap<&str, BTreeMap<String, Keys<'_, 's>>> = BTreeMap::new();
    for file in files {
        let path = file.source.path();
        let set = file.document.assignments().map(|one| one.key).collect();
        folders.entry(path::folder(path)).or_default().insert(path::file_name(path).to_owned(), Keys { file, set });
    }
    for folder in folders.values() {
        for (called, keys) in folder {
            if let Some(real) = real_name(called, keys).and_then(|real| folder.get(&real)) {
                compare(keys, real, "example", found);
                compare(real, keys, "filled", found);
            }
        }
        let of = |environment: &str| {
            let mut those = folder
                .values()
                .filter(move |keys| !keys.file.is_example && keys.file.environment.as_deref() == Some(environment));
            those.next().filter(|_| those.next().is_none())
        };
        if let (Some(production), Some(staging)) = (of("production"), of("staging")) {
            compare(production, staging, "environment", found);
            compare(staging, production, "environment", found);
        }
    }
}

/// The name of the file that is made from this example.
fn real_name(called: &str, keys: &Keys<'_, '_>) -> Option<String> {
    if !keys.file.is_example {
        return None;
    }
    Some(name::real_name(called))
}

fn compare<'s>(one: &Keys<'_, 's>, other: &Keys<'_, 's>, relation: &'static str, found: &mut Vec<Fact<'s>>) {
    let mentioned: BTreeSet<&str> = other.file.document.commented.iter().copied().collect();
    let called = path::file_name(other.file.source.path());
    let mut seen = BTreeSet::new();
    for assignment in one.file.document.assignments().filter(|assignment| seen.insert(assignment.key)) {
        let key = assignment.key;
        let span = Span::new(one.file.source.id, assignment.key_place.clone());
        let there = other.set.contains(key) || (relation == "filled" && mentioned.contains(key));
        let alone = || other.set.iter().filter(|name| !one.set.contains(*name)).copied();
        let similar = if there { None } else { suggest(key, alone()) };
        let role = if relation == "example" {
            role(one.file.source.role, other.file.source.role)
        } else {
            one.file.source.role
        };
        let fact = Counterpart {
            key: Value::str(key, span),
            other: Value::str(called, span),
            relation: Value::str(relation, span),
            is_in_other: Value::bool(there, span),
            similar: Value::str(similar.unwrap_or_default(), span),
        };
        found.push(fact.fact(span, key, role));
    }
}

/// What is missing in a file is as bad as that file is important, although the finding stands in its example.
fn role(example: Role, real: Role) -> Role {
    if real.is_shipped() { real } else { example }
}
