//! HorizontalPodAutoscaler ↔ workload: whether it has a target, and whether it can measure it.

use std::collections::{BTreeMap, BTreeSet};

use super::index::{Index, ItemId};
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::container::{Form, containers};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::span::Span;
use crate::syntax::tree::Node;

/// Metrics of one autoscaler that are looked at.
const MOST_METRICS: usize = 64;

crate::subject! {
    /// A HorizontalPodAutoscaler. Stands at its name.
    pub(super) struct Autoscaler: "kubernetes.autoscaler" {
        /// Its name.
        name: Type::String,
        /// `Kind/name` of its target; points to the name.
        target: Type::String,
        /// Whether the target is there; absent where the set does not show that it ought to be.
        target_exists: Type::Bool,
        /// Containers of the target without a request for a resource whose share of use it watches, as
        /// `container: resource`; it can never work out that share. Points to the resource's metric.
        unmeasured: Type::List(&Type::String),
        /// Least number of pods (1 when unset).
        min_replicas: Type::Int,
        /// Most pods; absent when unset.
        max_replicas: Type::Int,
        /// Whether the target also fixes its number of pods, so that each deployment undoes the autoscaler; points to
        /// that number.
        competes_with_replicas: Type::Bool,
        /// Whether another autoscaler has the same target.
        shares_target: Type::Bool,
        /// Its `spec`.
        spec: Type::Dyn,
    }
}

/// Workloads that an autoscaler scales, with the least number of pods.
pub(super) type Scaled = BTreeMap<ItemId, i64>;

/// States the facts, and tells which workloads are scaled.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) -> Scaled {
    let mut scaled = Scaled::new();
    let mut seen = BTreeSet::new();
    for id in index.of_kind("HorizontalPodAutoscaler").iter().copied() {
        let Some(target) = index.item(id).get("scaleTargetRef") else { continue };
        let found = targets(index, id, target);
        let least = index.item(id).get("minReplicas").map_or(Some(1), Node::as_int).unwrap_or(1);
        // Autoscalers in two files of a folder are as often a choice of one as a pair.
        let shared = found.iter().any(|workload| !seen.insert((index.item(id).source, *workload)));
        // Told once, however many autoscalers there are to choose from.
        let fixed = found.iter().filter(|workload| !scaled.contains_key(workload));
        let fixed = fixed.filter_map(|workload| index.item(*workload).get("replicas").map(Node::span)).next();
        facts.push(autoscaler_fact(index, (id, target), &found, shared, fixed));
        for workload in found {
            scaled.entry(workload).or_insert(least);
        }
    }
    for id in index.of_kind("ScaledObject").iter().copied() {
        let Some(target) = index.item(id).get("scaleTargetRef") else { continue };
        let least = index.item(id).get("minReplicaCount").and_then(Node::as_int).unwrap_or(0);
        for workload in targets(index, id, target) {
            scaled.entry(workload).or_insert(least);
        }
    }
    scaled
}

/// Every workload that an autoscaler of any sort names.
pub(super) fn scaled_ids(index: &Index<'_>) -> BTreeSet<ItemId> {
    let scalers = ["HorizontalPodAutoscaler", "ScaledObject"].into_iter().flat_map(|kind| index.of_kind(kind));
    scalers
        .flat_map(|id| {
            index.item(*id).get("scaleTargetRef").map(|target| targets(index, *id, target)).unwrap_or_default()
        })
        .collect()
}

fn targets(index: &Index<'_>, id: ItemId, target: Node<'_>) -> Vec<ItemId> {
    let name = target.get("name").map_or("", Node::text);
    let kind = target.get("kind").map_or("Deployment", Node::text);
    index.find(id, kind, name)
}

fn autoscaler_fact<'s>(
    index: &Index<'s>,
    (id, target): (ItemId, Node<'s>),
    found: &[ItemId],
    shared: bool,
    fixed: Option<Span>,
) -> Fact<'s> {
    let item = index.item(id);
    let place = item.span;
    let name = target.get("name");
    let (kind, named) = (target.get("kind").map_or("Deployment", Node::text), name.map_or("", Node::text));
    let at = name.map_or(place, Node::span);
    let beside = !index.in_folder(kind, item.folder).is_empty() && !index.has_gap(item.folder);
    let exists = if !found.is_empty() {
        Value::bool(true, at)
    } else if beside && !named.is_empty() && !is_placeholder(named) {
        Value::bool(false, at)
    } else {
        Value::absent(at)
    };
    let number = |key: &str, default: Option<i64>| {
        let node = item.get(key);
        super::number(node.map_or(default, Node::as_int), node.map_or(place, Node::span))
    };
    Autoscaler {
        name: Value::str(item.name, place),
        target: Value::str(format!("{kind}/{named}"), at),
        target_exists: exists,
        unmeasured: unmeasured(index, id, found),
        min_replicas: number("minReplicas", Some(1)),
        max_replicas: number("maxReplicas", None),
        competes_with_replicas: Value::bool(fixed.is_some(), fixed.unwrap_or(place)),
        shares_target: Value::bool(shared, at),
        spec: item.spec().map_or(Value::absent(place), Value::node),
    }
    .fact(place, format!("{}/autoscaler", item.path), item.role)
}

/// The resources whose share of the request an autoscaler watches, with the place that says so.
fn watched<'s>(spec: Node<'s>) -> Vec<(&'s str, Option<&'s str>, Span)> {
    let mut found = Vec::new();
    if let Some(share) = spec.get("targetCPUUtilizationPercentage") {
        found.push(("cpu", None, share.span()));
    }
    for metric in spec.get("metrics").into_iter().flat_map(Node::items) {
        for key in ["resource", "containerResource"] {
            let Some(resource) = metric.get(key) else { continue };
            let share = resource
                .at_path(&["target", "averageUtilization"])
                .or_else(|| resource.get("targetAverageUtilization"));
            if let (Some(name), true) = (resource.get("name"), share.is_some_and(|share| !share.is_null())) {
                found.push((name.text(), resource.get("container").map(Node::text), name.span()));
            }
        }
    }
    found
}

fn unmeasured<'s>(index: &Index<'s>, id: ItemId, found: &[ItemId]) -> Value<'s> {
    let item = index.item(id);
    let mut missing = Vec::new();
    // A LimitRange may give every container a request.
    let defaults = !index.of_kind("LimitRange").is_empty();
    for (resource, container, span) in item.spec().map(watched).unwrap_or_default().into_iter().take(MOST_METRICS) {
        if defaults || !matches!(resource, "cpu" | "memory") {
            continue;
        }
        for workload in found {
            for pod in &index.item(*workload).pods {
                for (_, node) in containers(pod.spec).filter(|(form, _)| matches!(form, Form::Regular | Form::Sidecar))
                {
                    let name = node.get("name").map_or("", Node::text);
                    if container.is_none_or(|wanted| wanted == name) && !has_request(pod.spec, node, resource) {
                        missing.push(Value::str(format!("{name}: {resource}"), span));
                    }
                }
            }
        }
    }
    let at = missing.first().and_then(|value| value.span).unwrap_or(item.span);
    Value::list(missing, at)
}

fn has_request(pod: Node<'_>, container: Node<'_>, resource: &str) -> bool {
    [container, pod].iter().any(|node| {
        ["requests", "limits"]
            .iter()
            .any(|side| node.at_path(&["resources", side, resource]).is_some_and(|value| !value.is_null()))
    })
}
