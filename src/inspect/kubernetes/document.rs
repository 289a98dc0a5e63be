//! Kubernetes objects as they stand in a text.

use std::sync::Arc;

use super::workload::WorkloadKind;
use crate::fact::{Reason, Role};
use crate::span::Span;
use crate::syntax::tree::Node;

/// Everything that one source holds.
#[derive(Debug, Default)]
pub(crate) struct Document<'s> {
    /// Whole objects, in order; the items of lists one by one.
    pub(crate) objects: Vec<Object<'s>>,
    /// What could not be judged.
    pub(crate) gaps: Vec<Gap>,
}

/// A document that could not be judged.
#[derive(Debug)]
pub(crate) struct Gap {
    /// Where.
    pub(crate) span: Span,
    /// Why.
    pub(crate) reason: Reason,
    /// Whether it is only a part of an object, which may well stand whole elsewhere.
    pub(crate) is_patch: bool,
}

/// One object.
#[derive(Debug)]
pub(crate) struct Object<'s> {
    /// All of it.
    pub(crate) root: Node<'s>,
    /// `apiVersion`; for an item of a typed list the list's.
    pub(crate) api_version: &'s str,
    /// Where `apiVersion` is written.
    pub(crate) api_version_at: Span,
    /// `kind`; for an item of a typed list the list's without `List`.
    pub(crate) kind: &'s str,
    /// `metadata`.
    pub(crate) metadata: Option<Node<'s>>,
    /// Its name's text, else the nearest thing to it.
    pub(crate) place: Span,
    /// `Kind/namespace/name`.
    pub(crate) path: Arc<str>,
    /// What it is for.
    pub(crate) role: Role,
    /// Its pods, if it makes any.
    pub(crate) pods: Vec<Pod<'s>>,
    /// The row of the workload table, if it makes pods.
    pub(crate) workload: Option<&'static WorkloadKind>,
}

/// A pod template.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pod<'s> {
    /// The `metadata` of the template.
    pub(crate) metadata: Option<Node<'s>>,
    /// Its `spec`.
    pub(crate) spec: Node<'s>,
}

impl<'s> Document<'s> {
    /// Notes that the object at `root` could not be judged.
    pub(crate) fn gap(&mut self, root: Node<'s>, reason: Reason) {
        self.gaps.push(Gap { span: root.span().at_start(), reason, is_patch: false });
    }
}

impl<'s> Object<'s> {
    /// A part of `metadata`.
    pub(crate) fn meta(&self, key: &str) -> Option<Node<'s>> {
        self.metadata.and_then(|metadata| metadata.get(key)).filter(|node| !node.is_null())
    }

    /// `metadata.name`.
    pub(crate) fn name(&self) -> Option<Node<'s>> {
        self.meta("name")
    }

    /// `metadata.namespace`.
    pub(crate) fn namespace(&self) -> Option<Node<'s>> {
        self.meta("namespace").filter(|node| !node.text().is_empty())
    }

    /// The annotation of that name.
    pub(crate) fn annotation(&self, key: &str) -> Option<Node<'s>> {
        self.meta("annotations").and_then(|map| map.get(key))
    }

    /// `spec`.
    pub(crate) fn spec(&self) -> Option<Node<'s>> {
        self.root.get("spec").filter(|node| !node.is_null())
    }

    /// Whether it is part of the cluster itself.
    pub(crate) fn is_system(&self) -> bool {
        self.namespace().is_some_and(|node| matches!(node.text(), "kube-system" | "kube-public" | "kube-node-lease"))
    }

    /// Whether a deploy tool runs it once, or another object owns it.
    pub(crate) fn is_managed(&self) -> bool {
        self.meta("ownerReferences").is_some_and(|owners| owners.items().len() > 0)
            || ["helm.sh/hook", "argocd.argoproj.io/hook", "kubernetes.io/config.mirror"]
                .iter()
                .any(|key| self.annotation(key).is_some())
    }
}
