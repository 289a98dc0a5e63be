//! Variables that are production by their place: what the image that ships sets, and what manifests that ship set. A dotenv
//! file says nothing of the kind unless its name, or a mode in it, does.

use std::collections::{BTreeMap, HashMap};

use crate::fact::{Data, Fact, Type, Value};
use crate::inspect::dockerfile::facts::schema::Setting;
use crate::inspect::env::{name, value};
use crate::inspect::kubernetes::subjects::{Container, Env};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::Node;

crate::subject! {
    /// A variable with a value written out, that an image which is run, or a container of a manifest, gets. Stands at its
    /// name.
    pub struct Deployed: "env.deployed" {
        /// Its name.
        name: Type::String,
        /// `image` or `manifest`.
        place: Type::String,
        /// What a variable such as NODE_ENV says; absent for any other; points to the value.
        mode: Type::String,
        /// Whether that is development or test; points to the value.
        is_development: Type::Bool,
        /// Whether it turns a debug mode on; points to the value.
        turns_on_debug: Type::Bool,
        /// Whether it turns the check of certificates off; points to the value.
        turns_off_tls_checks: Type::Bool,
        /// Whether it turns encryption to a host outside of the own network off; points to the value.
        turns_off_tls: Type::Bool,
        /// Whether it sends the program to its own machine, where nothing else runs; points to the value.
        is_local_address: Type::Bool,
        /// Whether it is a key, or an address, for trying out; points to the value.
        is_test_key: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(sources: &[Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    // A stage may be for development by nothing but the mode that is judged here: then its file says whether it ships.
    let file = |fact: &Fact<'_>| sources.get(fact.span.source.0 as usize).is_some_and(|one| one.role.is_shipped());
    // The last ENV of a name in a file is the one that counts.
    let mut images: BTreeMap<(u32, String), (&Fact<'s>, String, Span)> = BTreeMap::new();
    let mut beside: HashMap<&str, usize> = HashMap::new();
    for fact in facts.iter().filter(|fact| fact.role.is_shipped() || fact.subject().name == Setting::SUBJECT.name) {
        if fact.subject().name == Container::SUBJECT.name {
            *beside.entry(pod(&fact.path)).or_default() += 1;
        } else if fact.subject().name == Setting::SUBJECT.name
            && file(fact)
            && let Some((key, text, span)) = setting(fact)
        {
            images.insert((fact.span.source.0, key), (fact, text, span));
        }
    }
    for ((_, key), (fact, text, span)) in images {
        found.push(state(&key, &text, fact, span, "image", false));
    }
    for fact in facts.iter().filter(|fact| fact.role.is_shipped() && fact.subject().name == Env::SUBJECT.name) {
        let Some((key, node)) = entry(fact) else { continue };
        let alone = beside.get(pod(&fact.path)).is_none_or(|count| *count == 1);
        found.push(state(key, node.text(), fact, node.span(), "manifest", alone));
    }
}

/// The pod in the path of something inside it.
fn pod(path: &str) -> &str {
    let end = path.find("/containers/").or_else(|| path.find("/initContainers/")).unwrap_or(path.len());
    path.get(..end).unwrap_or(path)
}

/// A variable of an image that runs something.
fn setting(fact: &Fact<'_>) -> Option<(String, String, Span)> {
    let text = |field| fact.record.get(field).and_then(Value::as_str);
    let Some(Data::Record(stage)) = fact.record.get("stage").map(|value| &value.data) else { return None };
    let yes = |value: Option<&Value<'_>>| value.and_then(Value::as_bool) == Some(true);
    let counts = text("keyword") == Some("ENV") && yes(stage.get("is_run")) && yes(fact.record.get("is_literal"));
    let held = fact.record.get("value").filter(|_| counts)?;
    Some((text("key")?.to_owned(), held.as_str()?.to_owned(), held.span.unwrap_or(fact.span)))
}

/// A variable of a container with its value.
fn entry<'f, 's>(fact: &'f Fact<'s>) -> Option<(&'f str, Node<'s>)> {
    let Data::Node(spec) = fact.record.get("spec")?.data else { return None };
    let held = spec.get("value").filter(|held| !value::is_filled_in(held.text()))?;
    Some((fact.record.get("name")?.as_str()?, held))
}

fn state<'s>(key: &str, text: &str, fact: &Fact<'s>, held: Span, place: &'static str, alone: bool) -> Fact<'s> {
    let says = |yes: bool| Value::bool(yes, held);
    let mode = value::mode(key, text);
    let development = mode.and_then(name::canonical) == Some("development");
    let deployed = Deployed {
        name: Value::str(key.to_owned(), fact.span),
        place: Value::str(place, fact.span),
        mode: Value::option(mode.map(|mode| Data::Str(mode.to_owned().into())), held),
        is_development: says(development && key != "ENV"),
        turns_on_debug: says(value::turns_on_debug(key, text)),
        turns_off_tls_checks: says(value::turns_off_tls_checks(key, text)),
        turns_off_tls: says(value::turns_off_tls(text)),
        is_local_address: says(alone && value::url_host(text).is_some() && value::is_local_address(key, text)),
        is_test_key: says(value::is_test_key(text)),
    };
    deployed.fact(fact.span, fact.path.clone(), fact.role)
}
