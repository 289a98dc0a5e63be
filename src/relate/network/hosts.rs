//! Host of an Ingress or a Gateway ↔ certificate in the Secret that it names for it.

use std::collections::BTreeMap;

use crate::fact::{Data, Fact, Type, Value};
use crate::inspect::tls::names;
use crate::path::folder;
use crate::source::Source;
use crate::span::{SourceId, Span};
use crate::syntax::tree::{Dialect, Node};

crate::subject! {
    /// A host that an Ingress or a listener of a Gateway serves with a certificate from a Secret that lies in the repository.
    /// Stands at the host.
    pub(super) struct IngressHost: "tls.ingressHost" {
        /// The host.
        host: Type::String,
        /// The Ingress or Gateway.
        ingress: Type::String,
        /// The Secret.
        secret: Type::String,
        /// Whether the certificate in the Secret covers the host; points to the host.
        is_covered: Type::Bool,
        /// The names of the certificate.
        names: Type::List(&Type::String),
    }
}

/// A Secret with a certificate.
struct Held<'s> {
    folder: &'s str,
    namespace: String,
    names: Vec<String>,
}

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    let is_one = |fact: &&Fact<'s>| {
        let kind = fact.record.get("kind").and_then(Value::as_str);
        fact.subject().name == "kubernetes.object" && matches!(kind, Some("Ingress" | "Gateway"))
    };
    let ingresses: Vec<&Fact<'s>> = facts.iter().filter(is_one).collect();
    if ingresses.is_empty() {
        return;
    }
    let secrets = secrets(sources, facts);
    for ingress in ingresses.iter().filter(|_| !secrets.is_empty()) {
        let (Some(object), Some(source)) = (node(ingress, "manifest"), sources.get(ingress.span.source.0 as usize))
        else {
            continue;
        };
        let name = ingress.record.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let namespace = object.at_path(&["metadata", "namespace"]).map_or("", Node::text);
        for (host, secret) in served(object) {
            let all = secrets.get(secret).map_or(&[][..], Vec::as_slice);
            let Some(held) = nearest(all, folder(source.path()), namespace) else { continue };
            let fact = host_fact(host, &name, secret, held);
            found.push(fact.fact(host.span(), format!("{}/tls/{}", ingress.path, host.text()), ingress.role));
        }
    }
}

/// Hosts, each with the name of the Secret that is to serve it. Secrets of another namespace are not looked for.
fn served(object: Node<'_>) -> Vec<(Node<'_>, &str)> {
    let list = |key: &str| object.at_path(&["spec", key]).into_iter().flat_map(Node::items);
    let of_ingress = list("tls").flat_map(|entry| {
        let secret = entry.get("secretName").map(Node::text);
        let hosts = entry.get("hosts").into_iter().flat_map(Node::items);
        hosts.filter_map(move |host| Some((host, secret?)))
    });
    let of_gateway = list("listeners").filter_map(|listener| {
        let host = listener.get("hostname")?;
        let mut references = listener.at_path(&["tls", "certificateRefs"]).into_iter().flat_map(Node::items);
        // Of several certificates the one that fits is served.
        let (Some(only), None) = (references.next(), references.next()) else { return None };
        let is_secret = only.get("kind").is_none_or(|kind| kind.text() == "Secret") && only.get("namespace").is_none();
        Some((host, only.get("name").filter(|_| is_secret)?.text()))
    });
    of_ingress.chain(of_gateway).collect()
}

fn host_fact<'s>(host: Node<'s>, ingress: &str, secret: &'s str, held: &Held<'_>) -> IngressHost<'s> {
    let canonical = names::canonical(host.text());
    let covered = held.names.iter().any(|name| names::covers(name, &canonical));
    IngressHost {
        host: Value::str(host.text(), host.span()),
        ingress: Value::bare(Data::Str(ingress.to_owned().into())),
        secret: Value::bare(Data::Str(secret.into())),
        is_covered: Value::bool(covered, host.span()),
        names: Value::bare_list(held.names.iter().map(|name| Value::bare(Data::Str(name.clone().into()))).collect()),
    }
}

fn node<'s>(fact: &Fact<'s>, field: &str) -> Option<Node<'s>> {
    match fact.record.get(field).map(|value| &value.data) {
        Some(Data::Node(node)) => Some(*node),
        _ => None,
    }
}

/// The Secret that is meant: one of the same folder, else the only one of that name.
fn nearest<'h, 's>(all: &'h [Held<'s>], folder: &str, namespace: &str) -> Option<&'h Held<'s>> {
    let fits = |held: &&&Held<'_>| namespace.is_empty() || held.namespace.is_empty() || held.namespace == namespace;
    let fitting: Vec<&Held<'s>> = all.iter().filter(|held| fits(&held)).collect();
    let mut beside = fitting.iter().filter(|held| held.folder == folder);
    match (beside.next(), beside.next(), fitting.as_slice()) {
        (Some(one), None, _) => Some(one),
        (None, _, [one]) => Some(one),
        _ => None,
    }
}

/// Secrets whose server certificate is at hand, by name.
fn secrets<'s>(sources: &'s [Source], facts: &[Fact<'s>]) -> BTreeMap<&'s str, Vec<Held<'s>>> {
    let mut names: BTreeMap<(SourceId, u32), Vec<String>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.subject().name == "tls.certificate") {
        let yes = |field: &str| fact.record.get(field).and_then(Value::as_bool) == Some(true);
        if yes("is_in_secret") && yes("is_leaf") {
            names.entry((fact.span.source, fact.span.start)).or_insert_with(|| listed(fact));
        }
    }
    let mut found: BTreeMap<&'s str, Vec<Held<'s>>> = BTreeMap::new();
    let mut ids: Vec<SourceId> = names.keys().map(|(source, _)| *source).collect();
    ids.dedup();
    for source in ids.into_iter().filter_map(|id| sources.get(id.0 as usize)) {
        for document in source.tree().documents(Dialect::Yaml11) {
            let items = document.get("items").map(|items| items.items().collect::<Vec<_>>()).unwrap_or_default();
            for object in std::iter::once(document).chain(items) {
                let Some(name) = object.at_path(&["metadata", "name"]) else { continue };
                let place = |field: &str| object.get(field)?.entry("tls.crt").map(|entry| entry.key.span());
                let at: Option<Span> = place("data").or_else(|| place("stringData"));
                let Some(names) = at.and_then(|span| names.get(&(source.id, span.start))) else { continue };
                let namespace = object.at_path(&["metadata", "namespace"]).map_or("", Node::text).to_owned();
                let held = Held { folder: folder(source.path()), namespace, names: names.clone() };
                found.entry(name.text()).or_default().push(held);
            }
        }
    }
    found
}

fn listed(fact: &Fact<'_>) -> Vec<String> {
    match fact.record.get("names").map(|value| &value.data) {
        Some(Data::List(list)) => list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}
