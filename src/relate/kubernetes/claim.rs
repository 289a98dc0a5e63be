//! Workload ↔ PersistentVolumeClaim: a volume that only one node can mount, and a rollout that needs it on two.

use super::index::{Index, Item, ItemId};
use crate::fact::{Fact, Type, Value};
use crate::syntax::tree::Node;

crate::subject! {
    /// A claim that a workload's pods mount. Stands at the claim's name in the pod.
    pub(super) struct Claim: "kubernetes.claim" {
        /// Name of the claim.
        name: Type::String,
        /// Kind of the workload.
        kind: Type::String,
        /// Name of the workload.
        workload: Type::String,
        /// Whether only one node at a time can mount it (`ReadWriteOnce`, `ReadWriteOncePod`); absent when the claim is
        /// not in the set.
        is_single_node: Type::Bool,
        /// Whether a rollout starts a new pod before the old one gives the volume back; points to what decides it.
        overlaps: Type::Bool,
        /// How many pods share it.
        replicas: Type::Int,
    }
}

/// States the facts.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    for id in index.of_kind("Deployment").iter().copied() {
        for pod in &index.item(id).pods {
            for volume in pod.spec.get("volumes").into_iter().flat_map(Node::items) {
                if let Some(name) = volume.at_path(&["persistentVolumeClaim", "claimName"]) {
                    facts.push(claim_fact(index, id, name));
                }
            }
        }
    }
}

fn claim_fact<'s>(index: &Index<'s>, id: ItemId, name: Node<'s>) -> Fact<'s> {
    let item = index.item(id);
    let place = name.span();
    let found = index.find(id, "PersistentVolumeClaim", name.text());
    let single = found.first().map(|claim| is_single_node(index.item(*claim)));
    let replicas = item.get("replicas");
    Claim {
        name: Value::str(name.text(), place),
        kind: Value::str(item.kind, place),
        workload: Value::str(item.name, item.span),
        is_single_node: single.map_or(Value::absent(place), |single| Value::bool(single, place)),
        overlaps: overlaps(item),
        replicas: super::number(replicas.map_or(Some(1), Node::as_int), replicas.map_or(place, Node::span)),
    }
    .fact(place, format!("{}/claims/{}", item.path, name.text()), item.role)
}

fn is_single_node(claim: &Item<'_>) -> bool {
    let modes: Vec<&str> = claim.get("accessModes").into_iter().flat_map(Node::items).map(Node::text).collect();
    !modes.is_empty() && modes.iter().all(|mode| matches!(*mode, "ReadWriteOnce" | "ReadWriteOncePod"))
}

/// A rolling update runs old and new side by side unless it may add none (`maxSurge: 0`).
fn overlaps<'s>(item: &Item<'s>) -> Value<'s> {
    let strategy = item.get("strategy");
    let form = strategy.and_then(|strategy| strategy.get("type")).filter(|form| !form.is_null());
    let surge = strategy.and_then(|strategy| strategy.at_path(&["rollingUpdate", "maxSurge"]));
    if let Some(form) = form.filter(|form| form.text() != "RollingUpdate") {
        return Value::bool(false, form.span());
    }
    if let Some(surge) = surge.filter(|surge| matches!(surge.text(), "0" | "0%")) {
        return Value::bool(false, surge.span());
    }
    let stopped = item.get("replicas").filter(|replicas| replicas.as_int() == Some(0));
    match stopped {
        Some(replicas) => Value::bool(false, replicas.span()),
        None => Value::bool(true, form.map_or(item.span, Node::span)),
    }
}
