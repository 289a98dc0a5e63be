//! Which workloads a label selector selects.

use super::index::{Index, Item, ItemId};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::inspect::kubernetes::pod::{MOST_LABELS, expression_matches};
use crate::syntax::tree::{Kind, Node};

/// Labels that controllers add to pods while they run; no template has them.
const RUNTIME_LABELS: [&str; 12] = [
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "pod-template-hash",
    "rollouts-pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "pod-template-generation",
    "deployment",
    "deploymentconfig",
];

/// More selected workloads than these are not told one by one.
const MOST: usize = 64;

/// Workloads of a kind in one folder that are looked at to see whether the namespace has any.
const MOST_BESIDE: usize = 256;

/// A selector taken apart.
#[derive(Debug)]
pub(super) struct Selector<'s> {
    /// Labels that a pod must have.
    pub(super) pairs: Vec<(&'s str, &'s str)>,
    expressions: Vec<Node<'s>>,
    /// Whether labels that only exist at run time, or values filled in later, were left out.
    pub(super) is_partial: bool,
}

/// What a selector selects.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selected {
    /// The nearest workloads that match.
    Workloads(Vec<ItemId>),
    /// None of all the workloads matches, and one ought to.
    Nothing,
    /// The set does not show it.
    Unclear,
}

impl<'s> Selector<'s> {
    /// A Service's selector: labels only.
    pub(super) fn of_labels(node: Node<'s>) -> Self {
        let mut selector = Self { pairs: Vec::new(), expressions: Vec::new(), is_partial: false };
        if node.entries().len() > MOST_LABELS {
            selector.is_partial = true;
            return selector;
        }
        for entry in node.entries() {
            let (key, value) = (entry.key.text(), entry.value.text());
            if RUNTIME_LABELS.contains(&key) || is_placeholder(value) || entry.value.kind() == Kind::Map {
                selector.is_partial = true;
            } else {
                selector.pairs.push((key, value));
            }
        }
        selector
    }

    /// A `LabelSelector`: labels and expressions.
    pub(super) fn of(node: Node<'s>) -> Self {
        let labels = node.get("matchLabels").map(Self::of_labels);
        let mut selector = labels.unwrap_or(Self { pairs: Vec::new(), expressions: Vec::new(), is_partial: false });
        selector.expressions =
            node.get("matchExpressions").into_iter().flat_map(Node::items).take(MOST_LABELS).collect();
        selector
    }

    fn matches(&self, labels: Node<'_>) -> bool {
        self.pairs.iter().all(|(key, value)| labels.get(key).is_some_and(|label| label.text() == *value))
            && self.expressions.iter().all(|expression| expression_matches(*expression, Some(labels)))
    }

    /// The nearest workloads that `from`, which bears this selector, selects.
    pub(super) fn select(&self, index: &Index<'s>, from: ItemId) -> Selected {
        let lists = self.pairs.iter().map(|(key, value)| index.labelled(key, value));
        let Some(candidates) = lists.min_by_key(|list| list.len()) else { return Selected::Unclear };
        let origin = index.item(from);
        let near = Index::window(from, candidates);
        let mut found = self.matching(index, near);
        found.retain(|id| origin.may_share_namespace(index.item(*id)));
        index.keep_nearest(from, &mut found);
        found.truncate(MOST);
        if !found.is_empty() {
            return Selected::Workloads(found);
        }
        let exhaustive = near.len() == candidates.len();
        if exhaustive && !self.is_partial && self.ought_to_be_here(index, from, near) {
            return Selected::Nothing;
        }
        Selected::Unclear
    }

    fn matching(&self, index: &Index<'s>, candidates: &[ItemId]) -> Vec<ItemId> {
        let matches = |id: &ItemId| index.item(*id).pod_labels().any(|labels| self.matches(labels));
        candidates.iter().copied().filter(matches).collect()
    }

    /// Whether the set is such that the pods ought to be in it: pods with these labels stand in the same file but in
    /// another namespace; or workloads stand in the same folder, the labels are of a sort that they use, and nothing
    /// beside them (an operator's resource, a kustomization's prefix) may make the pods.
    fn ought_to_be_here(&self, index: &Index<'s>, from: ItemId, candidates: &[ItemId]) -> bool {
        let origin = index.item(from);
        // The pods of the control plane are made by the nodes themselves.
        if matches!(origin.namespace, Some("kube-system" | "kube-public")) {
            return false;
        }
        let elsewhere = self.matching(index, candidates);
        if elsewhere.iter().any(|id| index.item(*id).source == origin.source) {
            return true;
        }
        let workloads =
            ["Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Pod", "ReplicationController"];
        let beside = workloads.iter().flat_map(|kind| index.in_folder(kind, origin.folder).iter().take(MOST_BESIDE));
        let mut beside = beside.filter(|id| origin.may_share_namespace(index.item(**id))).peekable();
        // No name has capitals: somebody fills it in, and the labels with it.
        let is_open = |item: &Item<'_>| is_placeholder(item.name) || item.name.bytes().any(|b| b.is_ascii_uppercase());
        let is_first_open = beside.peek().is_some_and(|id| is_open(index.item(**id)));
        beside.peek().is_some()
            && !is_first_open
            && !is_open(origin)
            && !index.has_gap(origin.folder)
            && self.pairs.iter().all(|(key, _)| index.knows_key(key))
            && !self.pairs.iter().any(|(_, value)| index.is_made_by_operator(origin.folder, value))
            && self.expressions.is_empty()
    }
}
