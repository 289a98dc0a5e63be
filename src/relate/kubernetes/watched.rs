//! HTTP target of the policy ↔ probes of the containers that answer it: through Ingress, Service and pods.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Index, Item, ItemId};
use super::selector::{Selected, Selector};
use crate::fact::target::{HttpKind, HttpTarget, Target};
use crate::fact::{Fact, Role, Type, Value};
use crate::inspect::kubernetes::container::containers;
use crate::inspect::observe::Asked;
use crate::syntax::tree::Node;

crate::subject! {
    /// A health endpoint that the policy looks at, and that containers of these manifests answer: an Ingress sends it to
    /// their Service as it came. Stands where the policy names it.
    pub(super) struct WatchedHealth: "kubernetes.watchedHealth" {
        /// The path of the target.
        path: Type::String,
        /// The Service.
        service: Type::String,
        /// The paths that HTTP probes of these containers ask for, readiness probes first.
        probes: Type::List(&Type::String),
        /// Whether one of them is the path of the target; absent without HTTP probes.
        is_probed: Type::Bool,
    }
}

/// Last parts of paths that tell how a service is.
const WORDS: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "live",
    "livez",
    "liveness",
    "ready",
    "readyz",
    "readiness",
    "status",
    "ping",
];
/// Probes in the order in which they decide whether somebody is sent there.
const PROBES: [&str; 3] = ["readinessProbe", "livenessProbe", "startupProbe"];
/// Annotations that send another path on than the one that came.
const REWRITES: [&str; 3] = ["rewrite-target", "app-root", "strip"];

/// States the facts.
pub(super) fn relate<'s>(index: &Index<'s>, targets: &[Asked], facts: &mut Vec<Fact<'s>>) {
    let health = targets.iter().filter_map(|asked| match &asked.target {
        Target::Http(target) => place(target).map(|place| (asked, place)),
        _ => None,
    });
    let health: Vec<(&Asked, (String, String))> = health.collect();
    if health.is_empty() {
        return;
    }
    let ways = ways(index);
    for (asked, (host, path)) in health {
        let own = ways.get(&host).map_or(&[][..], Vec::as_slice);
        let Some((ingress, service)) = route(own, &path) else { continue };
        let found = index.find(ingress, "Service", service);
        let [service] = found.as_slice() else { continue };
        let Some(selector) = index.item(*service).get("selector") else { continue };
        let Selected::Workloads(workloads) = Selector::of_labels(selector).select(index, *service) else { continue };
        let mut probes: Vec<&str> = Vec::new();
        for probe in PROBES {
            let asked = workloads.iter().flat_map(|id| paths(index.item(*id), probe)).collect::<BTreeSet<_>>();
            probes.extend(asked.into_iter().filter(|path| !probes.contains(path)).collect::<Vec<_>>());
        }
        let span = asked.place;
        let fact = WatchedHealth {
            path: Value::str(path.clone(), span),
            service: Value::str(index.item(*service).name, span),
            is_probed: match probes.is_empty() {
                true => Value::absent(span),
                false => Value::bool(probes.iter().any(|probe| plain(probe) == plain(&path)), span),
            },
            probes: Value::list(probes.into_iter().map(|path| Value::str(path, span)).collect(), span),
        };
        facts.push(fact.fact(span, format!("health {}", asked.target.endpoint()), Role::Production));
    }
}

/// A path without its last stroke and without what is asked for.
fn plain(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

/// Host and path of a target that tells how a service is.
fn place(target: &HttpTarget) -> Option<(String, String)> {
    let (_, rest) = target.url.split_once("://")?;
    let (place, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host).split(':').next()?.to_ascii_lowercase();
    let last = plain(path).rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_health = match target.kind {
        Some(kind) => kind == HttpKind::Health,
        None => WORDS.contains(&last.as_str()),
    };
    (is_health && !host.is_empty()).then(|| (host, plain(path).to_owned()))
}

/// Paths of Ingresses by host, each with its Ingress, where they are sent on as they came.
type Ways<'s> = BTreeMap<String, Vec<(ItemId, Node<'s>)>>;

fn ways<'s>(index: &Index<'s>) -> Ways<'s> {
    let mut ways: Ways<'s> = BTreeMap::new();
    for id in index.of_kind("Ingress").iter().copied() {
        let item = index.item(id);
        let annotations = item.manifest.at_path(&["metadata", "annotations"]).into_iter().flat_map(Node::entries);
        let mut keys = annotations.map(|entry| entry.key.text());
        if !item.role.is_shipped() || keys.any(|key| REWRITES.iter().any(|word| key.contains(word))) {
            continue;
        }
        for rule in item.get("rules").into_iter().flat_map(Node::items) {
            let Some(host) = rule.get("host") else { continue };
            let list = ways.entry(host.text().to_ascii_lowercase()).or_default();
            list.extend(rule.at_path(&["http", "paths"]).into_iter().flat_map(Node::items).map(|way| (id, way)));
        }
    }
    ways
}

/// The Ingress that takes the path as it came, and the Service it sends it to. Nothing when two could.
fn route<'s>(ways: &[(ItemId, Node<'s>)], path: &str) -> Option<(ItemId, &'s str)> {
    let mut best: Option<(usize, ItemId, &'s str)> = None;
    for (id, way) in ways {
        let prefix = way.get("path").map_or("/", Node::text);
        let service = way.at_path(&["backend", "service", "name"]).or_else(|| way.at_path(&["backend", "serviceName"]));
        let Some(service) = service.filter(|_| is_below(path, prefix)) else { continue };
        let known = (plain(prefix).len(), *id, service.text());
        match best {
            Some((length, _, other)) if length == known.0 && other != known.2 => return None,
            Some((length, ..)) if length >= known.0 => {}
            _ => best = Some(known),
        }
    }
    best.map(|(_, id, service)| (id, service))
}

fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = plain(prefix);
    path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}

/// The paths that probes of that kind ask for.
fn paths<'s>(item: &Item<'s>, probe: &str) -> Vec<&'s str> {
    let of_pods = item.pods.iter().flat_map(|pod| containers(pod.spec));
    of_pods.filter_map(|(_, container)| container.at_path(&[probe, "httpGet", "path"])).map(Node::text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_endpoints_are_known_by_path_or_kind() {
        let place = |url: &str, kind| place(&HttpTarget { url: url.into(), kind, ..HttpTarget::default() });
        let found = Some(("shop.example.com".to_owned(), "/api/healthz".to_owned()));
        assert_eq!(place("https://u@Shop.example.com:8443/api/healthz/?x=1", None), found);
        assert_eq!(place("https://shop.example.com/login", None), None);
        assert!(place("https://shop.example.com/login", Some(HttpKind::Health)).is_some());
        assert_eq!(place("https://shop.example.com/health", Some(HttpKind::Page)), None);
        assert!(is_below("/api/healthz", "/api") && is_below("/healthz", "/") && !is_below("/apixyz", "/api"));
    }
}
