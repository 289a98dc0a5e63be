//! Files that hold secrets by their names, and by their text where that is here.

use std::collections::{BTreeMap, BTreeSet};

use super::start::is_true;
use super::{Build, SecretFile};
use crate::fact::{Data, Fact, Value};
use crate::inspect::dockerfile::facts::schema::Copied;
use crate::inspect::env::{name, read, value};
use crate::path::{file_name, join};
use crate::source::Source;

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], builds: &[Build<'s>], found: &mut Vec<Fact<'s>>) {
    let named = |fact: &&Fact<'s>| {
        fact.subject().name == Copied::SUBJECT.name
            && fact.record.get("names_secret").and_then(Value::as_bool) == Some(true)
    };
    let contexts: BTreeMap<u32, &[String]> =
        builds.iter().map(|build| (build.said.source.id.0, build.contexts.as_slice())).collect();
    let taken = taken(facts);
    for fact in facts.iter().filter(named) {
        let Some(path) = fact.record.get("path").and_then(Value::as_str) else { continue };
        let contexts = contexts.get(&fact.span.source.0).copied().unwrap_or_default();
        let text = contexts.iter().find_map(|context| {
            let path = join(context, path)?;
            sources.iter().find(|source| source.path() == path).map(Source::text)
        });
        let source = fact.span.source.0;
        let is_taken = || taken.contains(&(source, None)) || taken.contains(&(source, Some(file_name(path))));
        let made = comes_from_a_stage(fact) && !is_taken();
        let harmless = made || text.filter(|_| name::is_dotenv(path)).is_some_and(|text| !holds_secret(text));
        let statement = SecretFile {
            path: Value::str(path.to_owned(), fact.span),
            is_shipped: Value::bool(ships(fact), fact.span),
            may_hold_secrets: Value::bool(!harmless, fact.span),
        };
        found.push(statement.fact(fact.span, fact.path.clone(), fact.role));
    }
}

/// Whether it is copied out of another stage or image.
pub(super) fn comes_from_a_stage(copied: &Fact<'_>) -> bool {
    let Some(Data::Record(copy)) = copied.record.get("copy").map(|copy| &copy.data) else { return false };
    !matches!(copy.get("from").map(|from| &from.data), None | Some(Data::Absent))
}

/// What Dockerfiles take from their contexts: the names of files, `None` where it is everything.
fn taken<'f>(facts: &'f [Fact<'_>]) -> BTreeSet<(u32, Option<&'f str>)> {
    let copied = facts.iter().filter(|fact| fact.subject().name == Copied::SUBJECT.name && !comes_from_a_stage(fact));
    let name = |fact: &'f Fact<'_>| match is_true(&fact.record, "is_context") {
        true => None,
        false => fact.record.get("path").and_then(Value::as_str).map(file_name),
    };
    copied.map(|fact| (fact.span.source.0, name(fact))).collect()
}

/// Whether the layers of the stage that copies it ship.
fn ships(copied: &Fact<'_>) -> bool {
    let Some(Data::Record(copy)) = copied.record.get("copy").map(|copy| &copy.data) else { return false };
    let Some(Data::Record(stage)) = copy.get("stage").map(|stage| &stage.data) else { return false };
    is_true(stage, "is_shipped")
}

/// Whether a dotenv file sets anything that is to be kept secret.
fn holds_secret(text: &str) -> bool {
    read::read(text).assignments().any(|one| {
        let named = crate::detect::key::kind(one.key).is_some() && one.value.len() > 3;
        let told = !value::is_filled_in(&one.value) && !value::is_placeholder(&one.value);
        (named || value::is_credential(one.key, &one.value)) && told && value::switch(&one.value).is_none()
    })
}
