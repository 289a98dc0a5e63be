//! Host ↔ zone file: hosts that the policy, routes and certificates name, and whether their zone has them.

use std::collections::BTreeMap;

use super::domain::host_of;
use super::routes::Routes;
use crate::fact::{Data, Fact, Reason, Role, Type, Value};
use crate::inspect::Among;
use crate::inspect::dns::zone::{self, Zone};
use crate::inspect::observe::Asked;
use crate::inspect::tls::names;
use crate::source::Source;
use crate::span::{SourceId, Span};

crate::subject! {
    /// A host that the policy, a route or a certificate names, and whose zone lies in the repository as a file. Stands where
    /// it is named.
    pub(super) struct Host: "dns.host" {
        /// The host.
        name: Type::String,
        /// What names it: `target`, `route` or `certificate`.
        named_by: Type::String,
        /// The zone.
        zone: Type::String,
        /// The zone file.
        file: Type::String,
        /// Whether the zone has it: an address, an alias, or a wildcard above it; for a DNS target any record. Unknown when
        /// not all of the zone was read.
        is_in_zone: Type::Bool,
    }
}

/// A host with what names it.
struct Named {
    name: String,
    by: &'static str,
    span: Span,
    path: String,
    role: Role,
    needs_address: bool,
}

/// Zones of the repository, by name; a zone may have several files, one for each view.
type Zones<'s> = BTreeMap<String, Vec<(&'s str, Zone)>>;

/// States the facts.
pub(super) fn relate<'s>(
    sources: &'s [Source],
    facts: &[Fact<'s>],
    routes: &Routes<'s>,
    targets: &[Asked],
    found: &mut Vec<Fact<'s>>,
) {
    let mut named = of_targets(targets);
    named.extend(routes.list.iter().map(|route| Named {
        name: route.name.clone(),
        by: "route",
        span: route.host.span(),
        path: format!("route {}", route.name),
        role: route.role,
        needs_address: true,
    }));
    named.extend(facts.iter().filter(|fact| is_server(fact)).flat_map(of_certificate));
    named.sort_by(|one, other| (one.span, &one.name).cmp(&(other.span, &other.name)));
    named.dedup_by(|one, other| one.span == other.span && one.name == other.name);
    if named.is_empty() {
        return;
    }
    let zones = zones(sources, facts);
    found.extend(named.iter().filter_map(|one| judged(one, &zones)));
}

fn zones<'s>(sources: &'s [Source], facts: &[Fact<'s>]) -> Zones<'s> {
    let mut zones: Zones<'s> = BTreeMap::new();
    let is_zone = |fact: &&Fact<'s>| {
        let yes = |field: &str| fact.record.get(field).and_then(Value::as_bool) == Some(true);
        fact.subject().name == "dns.zone" && fact.role.is_shipped() && yes("is_file") && yes("is_whole")
    };
    let mut ids: Vec<SourceId> = facts.iter().filter(is_zone).map(|fact| fact.span.source).collect();
    ids.dedup();
    let files: Vec<&Source> = ids.into_iter().filter_map(|id| sources.get(id.0 as usize)).collect();
    let (among, multiplying) = (Among::new(sources, &[]), files.iter().filter(|file| zone::multiplies(file)).count());
    for source in files {
        if let Some(zone) = zone::of_file(source, &among, multiplying) {
            zones.entry(zone.apex().to_owned()).or_default().push((source.path(), zone));
        }
    }
    zones
}

fn of_targets(targets: &[Asked]) -> Vec<Named> {
    let one = |asked: &Asked| {
        let (name, is_dns) = host_of(&asked.target)?;
        let path = format!("target {}", asked.target.endpoint());
        Some(Named { name, by: "target", span: asked.place, path, role: Role::Production, needs_address: !is_dns })
    };
    targets.iter().filter_map(one).collect()
}

fn is_server(fact: &Fact<'_>) -> bool {
    let yes = |field: &str| fact.record.get(field).and_then(Value::as_bool) == Some(true);
    fact.subject().name == "tls.certificate" && yes("is_leaf") && yes("is_deployed")
}

fn of_certificate(fact: &Fact<'_>) -> Vec<Named> {
    let one = |name: &str| Named {
        name: names::canonical(name),
        by: "certificate",
        span: fact.span,
        path: format!("{} {name}", fact.path),
        role: fact.role,
        needs_address: true,
    };
    match fact.record.get("names").map(|value| &value.data) {
        Some(Data::List(list)) => list.iter().filter_map(Value::as_str).map(one).collect(),
        _ => Vec::new(),
    }
}

fn judged<'s>(one: &Named, zones: &Zones<'s>) -> Option<Fact<'s>> {
    if one.name.contains('*') {
        return None;
    }
    let mut at = one.name.as_str();
    let views = loop {
        if let Some(views) = zones.get(at) {
            break views;
        }
        at = at.split_once('.')?.1;
    };
    let answers: Vec<Option<bool>> = views.iter().map(|(_, zone)| zone.has(&one.name, one.needs_address)).collect();
    let is_in_zone = if answers.contains(&Some(true)) {
        Value::bool(true, one.span)
    } else if views.iter().all(|(_, zone)| zone.is_delegated(&one.name)) {
        // Another zone has it, whose servers know.
        return None;
    } else if answers.contains(&None) {
        Value::unknown(Reason::Unresolved("not all of the zone was read".into()), one.span)
    } else {
        Value::bool(false, one.span)
    };
    let fact = Host {
        name: Value::str(one.name.clone(), one.span),
        named_by: Value::str(one.by, one.span),
        zone: Value::bare(Data::Str(at.to_owned().into())),
        file: Value::bare(Data::Str(views.first()?.0.to_owned().into())),
        is_in_zone,
    };
    Some(fact.fact(one.span, format!("host {}", one.path), one.role))
}
