//! Pod ↔ ConfigMap, Secret, ServiceAccount, claim: whether what a pod names is there, and has the key.
//!
//! Any of these may be made elsewhere (by an operator, a pipeline, Terraform), so that a missing object is said to be
//! missing only when a nearly equal name stands in the same folder. A missing *key* of an object that is here is sure.

use std::collections::{HashMap, HashSet};

use super::index::{Index, Item, ItemId};
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::container::containers;
use crate::inspect::kubernetes::fields::distance;
use crate::inspect::kubernetes::image::is_placeholder;
use crate::syntax::tree::Node;

/// Names compared at most for one missing object.
const MOST_COMPARED: usize = 128;

crate::subject! {
    /// What a pod says about an object that it needs. Stands at the name.
    pub(super) struct Reference: "kubernetes.reference" {
        /// Kind of the object that is named: `ConfigMap`, `Secret`, `ServiceAccount`, `PersistentVolumeClaim`, `Service`.
        kind: Type::String,
        /// Its name; points to it.
        name: Type::String,
        /// The key that is asked for; absent when the whole object is.
        key: Type::String,
        /// Whether the pod starts without it.
        is_optional: Type::Bool,
        /// Whether the object is there; absent where nothing shows that it ought to be.
        exists: Type::Bool,
        /// A name that is nearly the same and there; absent when none is.
        suggestion: Type::String,
        /// Whether the object has the key; absent when the object is not there or makes its keys elsewhere.
        key_exists: Type::Bool,
        /// The workload.
        workload: Type::String,
    }
}

/// Keys of the objects that were asked for one.
type Keys<'s> = HashMap<ItemId, HashSet<&'s str>>;

struct Named<'s> {
    kind: &'static str,
    name: Node<'s>,
    key: Option<Node<'s>>,
    optional: bool,
}

/// States the facts.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    let mut keys = Keys::default();
    for (id, item) in index.items.iter().enumerate() {
        let mut named = Vec::new();
        for pod in &item.pods {
            pod_names(pod.spec, &mut named);
        }
        if item.kind == "StatefulSet" {
            named.extend(item.get("serviceName").map(|name| whole("Service", name)));
        }
        for reference in named {
            facts.extend(reference_fact(index, id, &reference, &mut keys));
        }
    }
}

fn whole<'s>(kind: &'static str, name: Node<'s>) -> Named<'s> {
    Named { kind, name, key: None, optional: false }
}

fn named<'s>(kind: &'static str, node: Node<'s>, name: &str) -> Option<Named<'s>> {
    let optional = node.get("optional").and_then(Node::as_bool) == Some(true);
    Some(Named { kind, name: node.get(name)?, key: node.get("key"), optional })
}

fn pod_names<'s>(spec: Node<'s>, found: &mut Vec<Named<'s>>) {
    found.extend(
        spec.get("serviceAccountName")
            .filter(|name| name.text() != "default")
            .map(|name| whole("ServiceAccount", name)),
    );
    for (_, container) in containers(spec) {
        for variable in container.get("env").into_iter().flat_map(Node::items) {
            let Some(from) = variable.get("valueFrom") else { continue };
            found.extend(from.get("configMapKeyRef").and_then(|node| named("ConfigMap", node, "name")));
            found.extend(from.get("secretKeyRef").and_then(|node| named("Secret", node, "name")));
        }
        for from in container.get("envFrom").into_iter().flat_map(Node::items) {
            found.extend(from.get("configMapRef").and_then(|node| named("ConfigMap", node, "name")));
            found.extend(from.get("secretRef").and_then(|node| named("Secret", node, "name")));
        }
    }
    for volume in spec.get("volumes").into_iter().flat_map(Node::items) {
        volume_names(volume, found);
        for source in volume.at_path(&["projected", "sources"]).into_iter().flat_map(Node::items) {
            projected_names(source, found);
        }
    }
}

fn volume_names<'s>(volume: Node<'s>, found: &mut Vec<Named<'s>>) {
    for (kind, key, name) in [("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")] {
        if let Some(node) = volume.get(key) {
            found.extend(named(kind, node, name));
            items(kind, node, name, found);
        }
    }
    let claim = volume.at_path(&["persistentVolumeClaim", "claimName"]);
    found.extend(claim.map(|name| whole("PersistentVolumeClaim", name)));
}

fn projected_names<'s>(source: Node<'s>, found: &mut Vec<Named<'s>>) {
    for (kind, key) in [("ConfigMap", "configMap"), ("Secret", "secret")] {
        if let Some(node) = source.get(key) {
            found.extend(named(kind, node, "name"));
            items(kind, node, "name", found);
        }
    }
}

/// The keys that a volume picks out of its object.
fn items<'s>(kind: &'static str, node: Node<'s>, name: &str, found: &mut Vec<Named<'s>>) {
    let optional = node.get("optional").and_then(Node::as_bool) == Some(true);
    let Some(name) = node.get(name) else { return };
    for item in node.get("items").into_iter().flat_map(Node::items) {
        found.extend(item.get("key").map(|key| Named { kind, name, key: Some(key), optional }));
    }
}

fn reference_fact<'s>(index: &Index<'s>, id: ItemId, reference: &Named<'s>, keys: &mut Keys<'s>) -> Option<Fact<'s>> {
    let item = index.item(id);
    let (name, kind) = (reference.name, reference.kind);
    let text = name.text();
    if text.is_empty() || is_placeholder(text) || reference.key.is_some_and(|key| is_placeholder(key.text())) {
        return None;
    }
    let found = index.find(id, kind, text);
    let suggestion = if found.is_empty() { near(index, item, kind, text) } else { None };
    let exists = match (found.is_empty(), suggestion) {
        (false, _) => Value::bool(true, name.span()),
        (true, Some(_)) => Value::bool(false, name.span()),
        (true, None) => Value::absent(name.span()),
    };
    let path = match reference.key {
        Some(key) => format!("{}/references/{kind}/{text}/{}", item.path, key.text()),
        None => format!("{}/references/{kind}/{text}", item.path),
    };
    let fact = Reference {
        kind: Value::str(kind, name.span()),
        name: Value::str(text, name.span()),
        key: reference.key.map_or(Value::absent(name.span()), |key| Value::str(key.text(), key.span())),
        is_optional: Value::bool(reference.optional, name.span()),
        exists,
        suggestion: suggestion.map_or(Value::absent(name.span()), |near| Value::str(near, name.span())),
        key_exists: key_exists(index, &found, reference, keys),
        workload: Value::str(item.name, item.span),
    };
    Some(fact.fact(reference.key.map_or(name.span(), Node::span), path, item.role))
}

fn key_exists<'s>(index: &Index<'s>, found: &[ItemId], reference: &Named<'s>, keys: &mut Keys<'s>) -> Value<'s> {
    let Some(key) = reference.key else { return Value::absent(reference.name.span()) };
    for id in found {
        keys.entry(*id).or_insert_with(|| keys_of(index.item(*id)));
    }
    let sets = || found.iter().filter_map(|id| keys.get(id));
    // An object without data gets its keys at run time.
    if found.is_empty() || sets().any(HashSet::is_empty) {
        return Value::absent(key.span());
    }
    Value::bool(sets().any(|set| set.contains(key.text())), key.span())
}

fn keys_of<'s>(item: &Item<'s>) -> HashSet<&'s str> {
    let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|part| item.manifest.get(part));
    maps.flat_map(Node::entries).map(|entry| entry.key.text()).collect()
}

/// A name of the same kind in the same folder that differs by a slip of the finger.
fn near<'s>(index: &Index<'s>, item: &Item<'s>, kind: &'static str, name: &str) -> Option<&'s str> {
    let list = index.in_folder(kind, item.folder);
    let far = if name.len() < 6 { 1 } else { 2 };
    let numbered = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    list.iter()
        .take(MOST_COMPARED)
        .map(|id| index.item(*id))
        .filter(|other| item.may_share_namespace(other))
        .map(|other| (distance(other.name, name), other.name))
        .filter(|(distance, other)| *distance <= far && other[..numbered(other)] != name[..numbered(name)])
        .min()
        .map(|(_, other)| other)
}
