//! Target of the policy ↔ host that a route serves: Ingress, Gateway, HTTPRoute and their like.

use std::collections::{BTreeMap, BTreeSet};

use super::domain::{domain, host_of};
use crate::fact::{Data, Fact, Role, Type, Value};
use crate::inspect::observe::Asked;
use crate::inspect::tls::names;
use crate::syntax::tree::Node;

crate::subject! {
    /// A host that an Ingress, a Gateway or a route serves. Stands at the host.
    pub(super) struct PublicHost: "kubernetes.publicHost" {
        /// The host.
        name: Type::String,
        /// What serves it: `Ingress shop`.
        object: Type::String,
        /// Whether a target of the policy looks at it; absent when the policy has no TLS and no HTTP target.
        is_watched: Type::Bool,
    }

    /// A TLS or HTTP target of the policy whose domain routes of these manifests serve. Stands where the policy names it.
    pub(super) struct Watched: "kubernetes.watched" {
        /// The host.
        name: Type::String,
        /// `tls` or `http`.
        protocol: Type::String,
        /// Whether a route serves it; absent where some routes cannot be known: templates, routes for any host.
        has_route: Type::Bool,
        /// The hosts of its domain that routes serve.
        routes: Type::List(&Type::String),
    }
}

/// A host that a route serves.
pub(super) struct Route<'s> {
    pub(super) host: Node<'s>,
    pub(super) name: String,
    object: String,
    path: String,
    pub(super) role: Role,
}

/// Every route, and whether there may be more of them than are seen.
#[derive(Default)]
pub(super) struct Routes<'s> {
    pub(super) list: Vec<Route<'s>>,
    has_gap: bool,
}

/// Kinds that name hosts in their own language.
const OTHERS: &[&str] =
    &["VirtualService", "IngressRoute", "IngressRouteTCP", "HTTPProxy", "Mapping", "Host", "ApisixRoute"];
/// Manifests with more hosts than this are not compared.
const MOST: usize = 20_000;

/// The routes among the facts.
pub(super) fn routes<'s>(facts: &[Fact<'s>]) -> Routes<'s> {
    let mut routes = Routes::default();
    for fact in facts.iter().filter(|fact| fact.role.is_shipped()) {
        match fact.subject().name {
            "kubernetes.object" => routes.add(fact),
            "kubernetes.gap" => {
                routes.has_gap |= fact.record.get("form").and_then(Value::as_str) != Some("patch");
            }
            _ => {}
        }
    }
    routes
}

impl<'s> Routes<'s> {
    fn add(&mut self, fact: &Fact<'s>) {
        let (Some(kind), Some(Data::Node(manifest))) =
            (fact.record.get("kind").and_then(Value::as_str), fact.record.get("manifest").map(|value| &value.data))
        else {
            return;
        };
        let spec = manifest.get("spec");
        let list = |key: &str| spec.and_then(|spec| spec.get(key)).into_iter().flat_map(Node::items);
        let hosts: Vec<Option<Node<'s>>> = match kind {
            "Ingress" => list("rules").map(|rule| rule.get("host")).collect(),
            "Gateway" => list("listeners").filter_map(|listener| listener.get("hostname")).map(Some).collect(),
            "HTTPRoute" | "GRPCRoute" | "TLSRoute" => list("hostnames").map(Some).collect(),
            "Route" => vec![spec.and_then(|spec| spec.get("host"))],
            _ => {
                self.has_gap |= OTHERS.contains(&kind);
                return;
            }
        };
        let object = format!("{kind} {}", fact.record.get("name").and_then(Value::as_str).unwrap_or_default());
        for host in hosts {
            match host.filter(|host| is_plain(host.text())) {
                Some(host) if self.list.len() < MOST => self.list.push(Route {
                    host,
                    name: names::canonical(host.text()),
                    object: object.clone(),
                    path: fact.path.to_string(),
                    role: fact.role,
                }),
                // It serves whatever comes, or something that is filled in later.
                _ => self.has_gap = true,
            }
        }
    }
}

/// Whether a host is written out.
fn is_plain(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let rest = host.strip_prefix("*.").unwrap_or(host);
    rest.contains('.') && rest.bytes().all(plain)
}

/// States the facts.
pub(super) fn relate<'s>(routes: &Routes<'s>, targets: &[Asked], found: &mut Vec<Fact<'s>>) {
    let watched: Vec<(&Asked, String)> =
        targets.iter().filter_map(|asked| Some((asked, host_of(&asked.target).filter(|(_, dns)| !dns)?.0))).collect();
    let hosts: BTreeSet<&str> = watched.iter().map(|(_, host)| host.as_str()).collect();
    let parents: BTreeSet<&str> =
        hosts.iter().filter_map(|host| host.split_once('.')).map(|(_, parent)| parent).collect();
    let mut by_domain: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for route in &routes.list {
        let bare = route.name.strip_prefix("*.").unwrap_or(&route.name);
        by_domain.entry(domain(bare)).or_default().insert(&route.name);
        let is_watched = match route.name.strip_prefix("*.") {
            Some(parent) => parents.contains(parent),
            None => hosts.contains(route.name.as_str()),
        };
        let span = route.host.span();
        let fact = PublicHost {
            name: Value::str(route.host.text(), span),
            object: Value::bare(Data::Str(route.object.clone().into())),
            is_watched: if watched.is_empty() { Value::absent(span) } else { Value::bool(is_watched, span) },
        };
        found.push(fact.fact(span, format!("{}/hosts/{}", route.path, route.name), route.role));
    }
    for (asked, host) in &watched {
        let Some(served) = by_domain.get(domain(host)) else { continue };
        let has_route = served.iter().any(|route| {
            names::covers(route, host) || route.strip_prefix('*').is_some_and(|parent| host.ends_with(parent))
        });
        let span = asked.place;
        let fact = Watched {
            name: Value::str(host.clone(), span),
            protocol: Value::str(asked.target.protocol().name(), span),
            has_route: if routes.has_gap && !has_route { Value::absent(span) } else { Value::bool(has_route, span) },
            routes: Value::list(served.iter().map(|route| Value::str((*route).to_owned(), span)).collect(), span),
        };
        let path = format!("target {}", asked.target.endpoint());
        found.push(fact.fact(span, path, Role::Production));
    }
}
