//! All objects, found by kind and name or by a label of their pods, nearest first.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::fact::{Data, Fact, Role, Text, Value};
use crate::inspect::kubernetes::document::Pod;
use crate::inspect::kubernetes::read::pods;
use crate::inspect::kubernetes::subjects::{Gap, Object};
use crate::inspect::kubernetes::workload::{self, WorkloadKind};
use crate::path;
use crate::source::Source;
use crate::span::{SourceId, Span};
use crate::syntax::tree::{Kind, Node};

/// Neighbours looked at on each side of an object in a list of candidates. The list is sorted by path, so that the
/// nearest candidate is among the neighbours; the limit keeps a thousand like-named objects from costing a million looks.
const WINDOW: usize = 32;

/// Where an object stands in [`Index::items`].
pub(super) type ItemId = usize;

/// One object.
#[derive(Debug)]
pub(super) struct Item<'s> {
    pub(super) manifest: Node<'s>,
    pub(super) group: &'s str,
    pub(super) kind: &'s str,
    /// Empty with `generateName`.
    pub(super) name: &'s str,
    pub(super) namespace: Option<&'s str>,
    pub(super) folder: &'s str,
    pub(super) source: SourceId,
    pub(super) span: Span,
    pub(super) path: Arc<str>,
    pub(super) role: Role,
    pub(super) workload: Option<&'static WorkloadKind>,
    pub(super) pods: Vec<Pod<'s>>,
}

impl<'s> Item<'s> {
    /// `spec`.
    pub(super) fn spec(&self) -> Option<Node<'s>> {
        self.manifest.get("spec").filter(|spec| spec.kind() == Kind::Map)
    }

    /// A field of `spec` that is not null.
    pub(super) fn get(&self, key: &str) -> Option<Node<'s>> {
        self.spec()?.get(key).filter(|node| !node.is_null())
    }

    /// Labels of its pods.
    pub(super) fn pod_labels(&self) -> impl Iterator<Item = Node<'s>> {
        self.pods.iter().filter_map(|pod| pod.metadata).filter_map(|metadata| metadata.get("labels"))
    }

    /// Whether both may be in one namespace: unset is whatever the other one's is.
    pub(super) fn may_share_namespace(&self, other: &Item<'_>) -> bool {
        match (self.namespace, other.namespace) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// How near two objects are: larger is nearer; one file is nearest, then one folder, then a shared folder above.
    pub(super) fn nearness(&self, other: &Item<'_>) -> usize {
        if self.source == other.source {
            return usize::MAX;
        }
        if self.folder == other.folder {
            return usize::MAX - 1;
        }
        let parts = self.folder.split('/').zip(other.folder.split('/'));
        parts.take_while(|(one, other)| one == other && !one.is_empty()).count()
    }
}

/// Objects with the ways to find them.
#[derive(Debug, Default)]
pub(super) struct Index<'s> {
    pub(super) items: Vec<Item<'s>>,
    names: HashMap<(&'s str, &'s str), Vec<ItemId>>,
    spaces: HashMap<(&'s str, &'s str, Option<&'s str>), Vec<ItemId>>,
    labels: HashMap<(&'s str, &'s str), Vec<ItemId>>,
    /// Label keys that some pod has.
    keys: HashSet<&'s str>,
    kinds: HashMap<&'s str, Vec<ItemId>>,
    folders: HashMap<(&'s str, &'s str), Vec<ItemId>>,
    /// Names of custom resources without pods of their own, by folder: an operator may make pods from them.
    custom: HashSet<(&'s str, &'s str)>,
    /// Folders with documents that could not be judged and may hold anything.
    gaps: HashSet<&'s str>,
    /// Workloads that an autoscaler scales.
    scaled: BTreeSet<ItemId>,
}

impl<'s> Index<'s> {
    /// Indexes the objects among `facts`.
    pub(super) fn new(sources: &'s [Source], facts: &[Fact<'s>]) -> Self {
        let mut index = Index::default();
        for fact in facts.iter().filter(|fact| fact.record.subject.name == Object::SUBJECT.name) {
            index.items.extend(item(sources, fact));
        }
        for fact in facts.iter().filter(|fact| fact.record.subject.name == Gap::SUBJECT.name) {
            let is_patch = fact.record.get("form").and_then(Value::as_str) == Some("patch");
            if let Some(source) = sources.get(fact.span.source.0 as usize).filter(|_| !is_patch) {
                index.gaps.insert(folder_of(source));
            }
        }
        for id in 0..index.items.len() {
            index.enter(id);
        }
        index.scaled = super::autoscaler::scaled_ids(&index);
        index
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn enter(&mut self, id: ItemId) {
        let Some(item) = self.items.get(id) else { return };
        let (kind, name, namespace, folder) = (item.kind, item.name, item.namespace, item.folder);
        self.kinds.entry(kind).or_default().push(id);
        self.folders.entry((kind, folder)).or_default().push(id);
        if item.workload.is_none() && is_custom(item.group) {
            self.custom.insert((folder, name));
        }
        if !name.is_empty() {
            self.names.entry((kind, name)).or_default().push(id);
            self.spaces.entry((kind, name, namespace)).or_default().push(id);
        }
        for pod in &item.pods {
            let labels = pod.metadata.and_then(|metadata| metadata.get("labels"));
            for entry in labels.into_iter().flat_map(Node::entries) {
                self.keys.insert(entry.key.text());
                let list = self.labels.entry((entry.key.text(), entry.value.text())).or_default();
                if list.last() != Some(&id) {
                    list.push(id);
                }
            }
        }
    }

    /// The object of that number.
    pub(super) fn item(&self, id: ItemId) -> &Item<'s> {
        &self.items[id]
    }

    /// Whether an autoscaler decides how many pods a workload has.
    pub(super) fn is_scaled(&self, id: ItemId) -> bool {
        self.scaled.contains(&id)
    }

    /// Every object of a kind in order.
    pub(super) fn of_kind(&self, kind: &str) -> &[ItemId] {
        self.kinds.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Every object of a kind in a folder.
    pub(super) fn in_folder<'l>(&'l self, kind: &'l str, folder: &'l str) -> &'l [ItemId] {
        self.folders.get(&(kind, folder)).map_or(&[], Vec::as_slice)
    }

    /// Whether some pod has a label of that key.
    pub(super) fn knows_key(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Whether something in the folder could not be judged, so that it may hold what seems to be missing.
    pub(super) fn has_gap(&self, folder: &str) -> bool {
        self.gaps.contains(folder)
    }

    /// Whether a custom resource of that name stands in the folder.
    pub(super) fn is_made_by_operator(&self, folder: &str, name: &str) -> bool {
        self.custom.contains(&(folder, name))
    }

    /// Objects whose pods have a label.
    pub(super) fn labelled<'l>(&'l self, key: &'l str, value: &'l str) -> &'l [ItemId] {
        self.labels.get(&(key, value)).map_or(&[], Vec::as_slice)
    }

    /// The nearest objects of that kind and name that may be in the namespace of `from`.
    pub(super) fn find(&self, from: ItemId, kind: &str, name: &str) -> Vec<ItemId> {
        match self.item(from).namespace {
            None => self.nearest(from, self.names.get(&(kind, name)).map_or(&[], Vec::as_slice)),
            Some(namespace) => self.find_in(from, kind, name, namespace),
        }
    }

    /// The nearest objects of that kind and name that may be in `namespace`.
    fn find_in(&self, from: ItemId, kind: &str, name: &str, namespace: &str) -> Vec<ItemId> {
        let list = |namespace| self.spaces.get(&(kind, name, namespace)).map_or(&[][..], Vec::as_slice);
        let (same, unset) = (list(Some(namespace)), list(None));
        let mut found = self.nearest(from, same);
        found.extend(self.nearest(from, unset));
        self.keep_nearest(from, &mut found);
        found
    }

    /// The candidates next to `from` in the order of paths.
    pub(super) fn window(from: ItemId, list: &[ItemId]) -> &[ItemId] {
        let at = list.partition_point(|id| *id < from);
        &list[at.saturating_sub(WINDOW)..(at + WINDOW).min(list.len())]
    }

    fn nearest(&self, from: ItemId, list: &[ItemId]) -> Vec<ItemId> {
        let mut found = Self::window(from, list).to_vec();
        self.keep_nearest(from, &mut found);
        found
    }

    /// Leaves only those that are nearest to `from`.
    pub(super) fn keep_nearest(&self, from: ItemId, found: &mut Vec<ItemId>) {
        let origin = self.item(from);
        let best = found.iter().map(|id| origin.nearness(self.item(*id))).max();
        found.retain(|id| Some(origin.nearness(self.item(*id))) == best);
    }
}

/// The folder of a source.
pub(super) fn folder_of(source: &Source) -> &str {
    path::folder(source.path())
}

/// Whether a group is not one of Kubernetes itself.
fn is_custom(group: &str) -> bool {
    group.contains('.') && !group.ends_with(".k8s.io")
}

fn item<'s>(sources: &'s [Source], fact: &Fact<'s>) -> Option<Item<'s>> {
    let text = |field: &str| match &fact.record.get(field)?.data {
        Data::Str(Text::Borrowed(text)) => Some(*text),
        _ => None,
    };
    let Data::Node(manifest) = fact.record.get("manifest")?.data else { return None };
    let (api_version, kind) = (text("api_version")?, text("kind")?);
    let source = sources.get(fact.span.source.0 as usize)?;
    let folder = folder_of(source);
    let metadata = manifest.get("metadata").filter(|node| node.kind() == Kind::Map);
    let (workload, pods) = pods(manifest, metadata, api_version, kind);
    Some(Item {
        manifest,
        group: workload::group(api_version),
        kind,
        name: text("name").unwrap_or(""),
        namespace: text("namespace"),
        folder,
        source: fact.span.source,
        span: fact.span,
        path: Arc::clone(&fact.path),
        role: fact.role,
        workload,
        pods,
    })
}
