//! Ingress ↔ Service: whether the Service and its port are there.

use super::behind::{self, Behind};
use super::index::{Index, Item, ItemId};
use super::selector::Selected;
use super::service::select;
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::syntax::tree::Node;

/// Services beside an Ingress, and ports of one Service, that are looked at.
const MOST: usize = 256;

crate::subject! {
    /// A Service that an Ingress sends requests to. Stands at the Service's name.
    pub(super) struct IngressBackend: "kubernetes.ingressBackend" {
        /// Name of the Ingress.
        ingress: Type::String,
        /// Name of the Service; points to it.
        service: Type::String,
        /// Port of the Service, number or name; absent when it names none. Points to it.
        port: Type::String,
        /// Whether the Service is there; absent where the set does not show that it ought to be.
        service_exists: Type::Bool,
        /// Whether the Service has the port; absent when the Service is not there.
        port_exists: Type::Bool,
        /// The known product that listens behind it; absent when none is known. Points to the Service.
        product: Type::String,
        /// What the product is deployed for; absent when unknown.
        product_role: Type::String,
        /// Who talks to that port of it: `data`, `admin`, `metrics`, `cluster`; absent when unknown.
        purpose: Type::String,
        /// Whether the product lets everybody in as it is set up here; absent where that cannot be told.
        is_unguarded: Type::Bool,
        /// Whether the Ingress asks for a log-in, lists who may come, or serves an internal network, as its annotations
        /// and its class say.
        is_guarded: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    for id in index.of_kind("Ingress").iter().copied() {
        let item = index.item(id);
        if !matches!(item.group, "networking.k8s.io" | "extensions") {
            continue;
        }
        for backend in backends(item) {
            facts.extend(backend_fact(index, id, backend));
        }
    }
}

fn backends<'s>(item: &Item<'s>) -> impl Iterator<Item = Node<'s>> {
    let default = ["defaultBackend", "backend"].into_iter().filter_map(|key| item.get(key)).collect::<Vec<_>>();
    let rules = item.get("rules").into_iter().flat_map(Node::items);
    let paths = rules.filter_map(|rule| rule.at_path(&["http", "paths"])).flat_map(Node::items);
    default.into_iter().chain(paths.filter_map(|path| path.get("backend")))
}

fn backend_fact<'s>(index: &Index<'s>, id: ItemId, backend: Node<'s>) -> Option<Fact<'s>> {
    let item = index.item(id);
    let service = backend.at_path(&["service", "name"]).or_else(|| backend.get("serviceName"))?;
    let port = backend
        .at_path(&["service", "port", "number"])
        .or_else(|| backend.at_path(&["service", "port", "name"]))
        .or_else(|| backend.get("servicePort"));
    let name = service.text();
    // A controller's own action stands in the place of a Service.
    let action = port.is_some_and(|port| port.text() == "use-annotation");
    if name.is_empty() || is_placeholder(name) || action {
        return None;
    }
    let found = index.find(id, "Service", name);
    let exists = match found.is_empty() {
        false => Value::bool(true, service.span()),
        true if ought_to_be_here(index, item) => Value::bool(false, service.span()),
        true => Value::absent(service.span()),
    };
    let port_exists = match port.filter(|port| !is_placeholder(port.text()) || port.as_int().is_some()) {
        Some(port) if !found.is_empty() => {
            let known = found.iter().any(|service| has_port(index.item(*service), port));
            Value::bool(known, port.span())
        }
        _ => Value::absent(service.span()),
    };
    let said = behind::said(port.and_then(|port| behind(index, &found, port)), service.span());
    let fact = IngressBackend {
        ingress: Value::str(item.name, item.span),
        service: Value::str(name, service.span()),
        port: port.map_or(Value::absent(service.span()), |port| Value::str(port.text(), port.span())),
        service_exists: exists,
        port_exists,
        product: said.product,
        product_role: said.role,
        purpose: said.purpose,
        is_unguarded: said.is_unguarded,
        is_guarded: Value::bool(is_guarded(item), item.span),
    };
    Some(fact.fact(service.span(), format!("{}/backends/{name}", item.path), item.role))
}

/// What listens behind a port of one of the Services.
fn behind(index: &Index<'_>, services: &[ItemId], port: Node<'_>) -> Option<Behind> {
    services.iter().find_map(|id| {
        let ports = index.item(*id).get("ports").into_iter().flat_map(Node::items).take(MOST);
        let mut named = ports.filter(|entry| {
            ["port", "name"].iter().any(|key| entry.get(key).is_some_and(|node| node.text() == port.text()))
        });
        let entry = named.next()?;
        let target = entry.get("targetPort").or_else(|| entry.get("port"))?;
        match select(index, *id) {
            Selected::Workloads(workloads) => behind::find(index, &workloads, target),
            _ => None,
        }
    })
}

/// Whether annotations or the class keep strangers out: a log-in, a list of addresses, an internal network.
fn is_guarded(item: &Item<'_>) -> bool {
    const WORDS: [&str; 9] =
        ["auth", "whitelist", "allowlist", "allow-list", "middleware", "policy", "internal", "private", "iap"];
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        WORDS.iter().any(|word| text.contains(word))
    };
    let annotations = item.manifest.at_path(&["metadata", "annotations"]).into_iter().flat_map(Node::entries);
    let mut annotations = annotations.take(MOST);
    annotations.any(|entry| says(entry.key.text()) || says(entry.value.text()))
        || item.get("ingressClassName").is_some_and(|class| says(class.text()))
}

/// Services of the namespace stand in the same folder, so that one that does not is amiss.
pub(super) fn ought_to_be_here(index: &Index<'_>, item: &Item<'_>) -> bool {
    !index.has_gap(item.folder)
        && index.in_folder("Service", item.folder).iter().take(MOST).any(|id| item.may_share_namespace(index.item(*id)))
}

fn has_port(service: &Item<'_>, port: Node<'_>) -> bool {
    let count = service.get("ports").map_or(0, |ports| ports.items().len());
    if service.get("externalName").is_some() || count == 0 || count > MOST {
        return true;
    }
    let ports = service.get("ports").into_iter().flat_map(Node::items);
    ports
        .into_iter()
        .any(|item| ["port", "name"].iter().any(|key| item.get(key).is_some_and(|node| node.text() == port.text())))
}
