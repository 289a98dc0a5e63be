//! What a pod declares, collected once, so that nothing inside it is looked for twice.

use std::collections::{BTreeMap, BTreeSet};

use super::container::containers;
use super::document::{Object, Pod};
use super::facts::truth;
use crate::span::Span;
use crate::syntax::tree::Node;

/// How a volume is used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Use {
    /// The first mount that lets its container write.
    pub(super) writable: Option<Span>,
}

/// The names of a pod.
#[derive(Debug, Default)]
pub(super) struct Names<'s> {
    /// Volumes, those of claim templates too.
    pub(super) volumes: BTreeSet<&'s str>,
    /// Ports that some container declares.
    pub(super) ports: BTreeSet<i64>,
    /// Volumes that some container mounts.
    pub(super) used: BTreeMap<&'s str, Use>,
}

impl<'s> Names<'s> {
    /// Those of `pod`, a part of `object`.
    pub(super) fn new(object: &Object<'s>, pod: Pod<'s>) -> Self {
        let mut names = Self::default();
        let list = |node: Option<Node<'s>>| node.into_iter().flat_map(Node::items);
        let claims = object.spec().and_then(|spec| spec.get("volumeClaimTemplates"));
        names.volumes.extend(list(pod.spec.get("volumes")).filter_map(|volume| volume.get("name")).map(Node::text));
        names.volumes.extend(list(claims).filter_map(|claim| claim.at_path(&["metadata", "name"])).map(Node::text));
        for (_, container) in containers(pod.spec) {
            let ports = list(container.get("ports")).filter_map(|port| port.get("containerPort"));
            names.ports.extend(ports.filter_map(Node::as_int));
            for mount in list(container.get("volumeMounts")) {
                let used = names.used.entry(mount.get("name").map_or("", Node::text)).or_default();
                if used.writable.is_none() && truth(mount.get("readOnly")) != Some(true) {
                    let path = mount.get("mountPath");
                    used.writable = Some(path.map_or_else(|| mount.span().at_start(), Node::span));
                }
            }
            for device in list(container.get("volumeDevices")) {
                names.used.entry(device.get("name").map_or("", Node::text)).or_default();
            }
        }
        names
    }
}
