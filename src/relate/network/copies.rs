//! Certificate ↔ certificate for the same names: in a Secret, in a file, at an endpoint. And the certificates of the
//! repository ↔ the targets of the policy.

use std::collections::{BTreeMap, BTreeSet};

use super::domain::{domain, host_of};
use crate::fact::target::Target;
use crate::fact::{Data, Fact, Role, Type, Value};
use crate::inspect::observe::Asked;
use crate::inspect::tls::names;
use crate::source::Source;

crate::subject! {
    /// A certificate in a Kubernetes Secret or at an endpoint, and another for the same names in a file of the repository.
    /// Stands at the former.
    pub(super) struct Copy: "tls.copy" {
        /// What a person calls the certificate.
        name: Type::String,
        /// Where it was found: `secret` or `endpoint`.
        place: Type::String,
        /// The last second of its validity.
        not_after: Type::String,
        /// The file of the other one.
        file: Type::String,
        /// The last second of the validity of the other one.
        file_not_after: Type::String,
        /// Whether both are the same certificate.
        is_same: Type::Bool,
        /// Whether the one in the file begins and ends later.
        is_older: Type::Bool,
    }

    /// A target of the policy that speaks TLS, and for whose domain the repository holds certificates. Stands where the
    /// policy names it.
    pub(super) struct Watched: "tls.watched" {
        /// The host.
        name: Type::String,
        /// Whether one of these certificates covers it.
        is_covered: Type::Bool,
        /// The names of these certificates in its domain.
        names: Type::List(&Type::String),
    }
}

/// A server's certificate as its fact shows it.
struct Known<'f, 's> {
    fact: &'f Fact<'s>,
    names: Vec<String>,
    path: &'s str,
    place: &'static str,
}

impl Known<'_, '_> {
    fn text(&self, field: &str) -> &str {
        self.fact.record.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], targets: &[Asked], found: &mut Vec<Fact<'s>>) {
    let known: Vec<Known<'_, 's>> = facts.iter().filter_map(|fact| certificate(sources, fact)).collect();
    let mut by_names: BTreeMap<&[String], Vec<&Known<'_, 's>>> = BTreeMap::new();
    for one in &known {
        by_names.entry(&one.names).or_default().push(one);
    }
    for same in by_names.values() {
        let mut files = same.iter().filter(|one| one.place == "file");
        // With several files nobody can tell which one is meant.
        let (Some(file), None) = (files.next(), files.next()) else { continue };
        found.extend(same.iter().filter(|one| one.place != "file").map(|one| copy(one, file)));
    }
    watched(&known, targets, found);
}

fn certificate<'f, 's>(sources: &'s [Source], fact: &'f Fact<'s>) -> Option<Known<'f, 's>> {
    let yes = |field: &str| fact.record.get(field).and_then(Value::as_bool) == Some(true);
    if fact.subject().name != "tls.certificate" || !yes("is_leaf") || !yes("is_deployed") {
        return None;
    }
    let Some(Data::List(list)) = fact.record.get("names").map(|value| &value.data) else { return None };
    let names: BTreeSet<String> = list.iter().filter_map(Value::as_str).map(names::canonical).collect();
    let place = match (yes("is_served"), yes("is_in_secret")) {
        (true, _) => "endpoint",
        (_, true) => "secret",
        _ => "file",
    };
    let path = sources.get(fact.span.source.0 as usize)?.path();
    (!names.is_empty()).then(|| Known { fact, names: names.into_iter().collect(), path, place })
}

fn copy<'s>(one: &Known<'_, 's>, file: &Known<'_, 's>) -> Fact<'s> {
    let span = one.fact.span;
    let text = |known: &Known<'_, 's>, field| Value::str(known.text(field).to_owned(), span);
    // Written alike, so that text sorts as time does.
    let is_older = one.text("not_before") < file.text("not_before") && one.text("not_after") < file.text("not_after");
    let fact = Copy {
        name: text(one, "name"),
        place: Value::str(one.place, span),
        not_after: text(one, "not_after"),
        file: Value::str(file.path, span),
        file_not_after: text(file, "not_after"),
        is_same: Value::bool(one.text("fingerprint") == file.text("fingerprint"), span),
        is_older: Value::bool(is_older, span),
    };
    fact.fact(span, format!("copy {}", one.fact.path), one.fact.role)
}

fn watched<'s>(known: &[Known<'_, 's>], targets: &[Asked], found: &mut Vec<Fact<'s>>) {
    let mut by_domain: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in known.iter().filter(|one| one.place != "endpoint").flat_map(|one| &one.names) {
        by_domain.entry(domain(name.strip_prefix("*.").unwrap_or(name))).or_default().insert(name);
    }
    for asked in targets {
        let speaks_tls = match &asked.target {
            Target::Tls(_) => true,
            Target::Http(target) => target.url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")),
            Target::Dns(_) => false,
        };
        let Some((host, _)) = host_of(&asked.target).filter(|_| speaks_tls) else { continue };
        let Some(listed) = by_domain.get(domain(&host)) else { continue };
        let span = asked.place;
        let fact = Watched {
            name: Value::str(host.clone(), span),
            is_covered: Value::bool(listed.iter().any(|name| names::covers(name, &host)), span),
            names: Value::list(listed.iter().map(|name| Value::str((*name).to_owned(), span)).collect(), span),
        };
        found.push(fact.fact(span, format!("watched {}", asked.target.endpoint()), Role::Production));
    }
}
