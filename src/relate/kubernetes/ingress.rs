//! Ingress ↔ Service: whether the Service and its port are there.

use super::index::{Index, Item, ItemId};
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
    let fact = IngressBackend {
        ingress: Value::str(item.name, item.span),
        service: Value::str(name, service.span()),
        port: port.map_or(Value::absent(service.span()), |port| Value::str(port.text(), port.span())),
        service_exists: exists,
        port_exists,
    };
    Some(fact.fact(service.span(), format!("{}/backends/{name}", item.path), item.role))
}

/// Services of the namespace stand in the same folder, so that one that does not is amiss.
fn ought_to_be_here(index: &Index<'_>, item: &Item<'_>) -> bool {
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
