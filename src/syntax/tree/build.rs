//! Builds a [`Tree`] in document order; shared by the readers of every format.

use std::collections::HashMap;

use super::{Comment, Content, Dialect, Duplicate, Node, NodeData, NodeId, Style, SyntaxProblem, Text, Tree, scalar};
use crate::span::{SourceId, Span};
use crate::syntax::shared::SharedText;

/// Collections nested deeper than this are a problem of the text.
pub(crate) const MAX_DEPTH: usize = 255;
/// More nodes than this in one text are a problem; about 600 MB of tree.
pub(crate) const MAX_NODES: usize = 20_000_000;
/// Room for the nodes of a text of so many bytes is made at once.
const LONG: usize = 4 << 10;
/// Texts that people write have hardly more nodes than one for so many bytes.
const BYTES_A_NODE: usize = 12;
/// Up to this many keys are compared pairwise, more through a hash table.
const PAIRWISE_KEYS: usize = 12;

/// A scalar about to be added.
pub(crate) struct Scalar<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) content: Content,
    pub(crate) style: Style,
    pub(crate) settled: bool,
    /// Its value; stored apart only where the source does not show it verbatim.
    pub(crate) value: &'a str,
}

/// A limit that the text exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Depth,
    Nodes,
}

impl Limit {
    pub(crate) fn message(self) -> String {
        match self {
            Limit::Depth => format!("nested deeper than {MAX_DEPTH} levels"),
            Limit::Nodes => format!("more than {MAX_NODES} values in one text"),
        }
    }
}

struct Open {
    id: NodeId,
    /// Where its children begin in `pending`.
    first: usize,
    is_map: bool,
    below: Extent,
}

/// What a node stands for, aliases expanded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    /// How many nodes.
    pub(crate) size: u64,
    /// How many levels of collections.
    pub(crate) height: usize,
}

impl Extent {
    /// A scalar.
    pub(crate) const ONE: Extent = Extent { size: 1, height: 0 };
}

#[derive(Default)]
struct Mark {
    nodes: usize,
    children: usize,
    stored: usize,
    tags: usize,
    duplicates: usize,
}

/// Adds nodes in document order. Every `open` needs its `close` before `end_document`; `drop_document` forgets all
/// since `begin_document`.
pub(crate) struct Builder {
    pub(crate) tree: Tree,
    pending: Vec<NodeId>,
    open: Vec<Open>,
    mark: Mark,
    /// The duplicates of one collection, on their way.
    twice: Vec<Duplicate>,
}

impl Builder {
    pub(crate) fn new(source: SourceId, text: SharedText) -> Self {
        let mut tree = Tree::empty(source, text);
        // Growing a long list copies it again and again; room that is never written to costs nothing there.
        if tree.text.len() >= LONG {
            let nodes = tree.text.len() / BYTES_A_NODE;
            tree.nodes.reserve(nodes);
            tree.children.reserve(nodes);
        }
        Self { tree, pending: Vec::new(), open: Vec::new(), mark: Mark::default(), twice: Vec::new() }
    }

    pub(crate) fn begin_document(&mut self) {
        self.pending.clear();
        self.open.clear();
        self.mark = Mark {
            nodes: self.tree.nodes.len(),
            children: self.tree.children.len(),
            stored: self.tree.stored.len(),
            tags: self.tree.tags.len(),
            duplicates: self.tree.duplicates.len(),
        };
    }

    /// Keeps the document; one without any node is not one.
    pub(crate) fn end_document(&mut self) {
        if self.tree.nodes.len() > self.mark.nodes {
            self.tree.documents.push(index(self.mark.nodes));
        }
    }

    /// Forgets the document begun last, also when it has already ended.
    pub(crate) fn drop_document(&mut self) {
        self.tree.nodes.truncate(self.mark.nodes);
        self.tree.children.truncate(self.mark.children);
        self.tree.stored.truncate(self.mark.stored);
        self.tree.tags.truncate(self.mark.tags);
        self.tree.duplicates.truncate(self.mark.duplicates);
        self.tree.documents.pop_if(|root| *root as usize >= self.mark.nodes);
        self.pending.clear();
        self.open.clear();
    }

    /// The current document's first node.
    pub(crate) fn first_node(&self) -> usize {
        self.mark.nodes
    }

    pub(crate) fn is_open(&self, id: NodeId) -> bool {
        self.open.binary_search_by_key(&id, |open| open.id).is_ok()
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.tree.source, start..end)
    }

    pub(crate) fn comment(&mut self, start: usize, end: usize, own_line: bool) {
        let span = self.span(start, end);
        self.tree.comments.push(Comment { span, own_line });
    }

    /// A problem at `start..end`, moved onto character boundaries of the text.
    pub(crate) fn problem(&mut self, start: usize, end: usize, message: impl Into<String>) {
        let text = &self.tree.text;
        let start = text.floor_char_boundary(start.min(text.len()));
        let end = text.ceil_char_boundary(end.clamp(start, text.len()));
        let span = self.span(start, end);
        self.tree.problems.push(SyntaxProblem { span, message: message.into() });
    }

    pub(crate) fn scalar(&mut self, scalar: Scalar<'_>) -> Result<NodeId, Limit> {
        let (start, end) = (scalar.start, scalar.end);
        let source = &self.tree.text;
        // What the reader cut out of the text itself need not be compared.
        let is_cut = |from: usize, to: usize| {
            let begins = std::ptr::eq(scalar.value.as_ptr(), source.as_ptr().wrapping_add(from));
            begins && scalar.value.len() == to.saturating_sub(from)
        };
        let is_here = |from: usize, to: usize| is_cut(from, to) || source.get(from..to) == Some(scalar.value);
        let text = if is_here(start, end) {
            Text::Whole
        } else if scalar.style == Style::Quoted && is_here(start + 1, end.saturating_sub(1)) {
            Text::Inner
        } else {
            self.tree.stored.push(scalar.value.into());
            Text::Stored(index(self.tree.stored.len() - 1))
        };
        let legacy = !scalar.settled && scalar::may_be_legacy(scalar.value) && scalar::legacy(scalar.value).is_some();
        let id = self.add(start, end, scalar.content, text)?;
        if let Some(data) = self.tree.nodes.last_mut() {
            (data.style, data.settled, data.legacy) = (scalar.style, scalar.settled, legacy);
        }
        Ok(id)
    }

    /// An alias of `target`, which stands for `extent`.
    pub(crate) fn alias(&mut self, start: usize, end: usize, target: NodeId, extent: Extent) -> Result<NodeId, Limit> {
        if self.open.len() + extent.height > MAX_DEPTH {
            return Err(Limit::Depth);
        }
        let id = self.add(start, end, Content::Alias(target), Text::Whole)?;
        self.grow(extent);
        Ok(id)
    }

    pub(crate) fn open(&mut self, is_map: bool, start: usize) -> Result<NodeId, Limit> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Limit::Depth);
        }
        let content = if is_map { Content::Map(0, 0) } else { Content::List(0, 0) };
        let id = self.add(start, start, content, Text::Whole)?;
        // `add` has counted the collection itself in its parent; closing it adds the rest.
        self.open.push(Open { id, first: self.pending.len(), is_map, below: Extent::default() });
        Ok(id)
    }

    /// Closes the innermost collection. Without `end` it ends where its last child ends. Yields its id and
    /// what it stands for.
    pub(crate) fn close(&mut self, end: Option<usize>) -> Option<(NodeId, Extent)> {
        let open = self.open.pop()?;
        let children = self.pending.get(open.first..).unwrap_or_default();
        if open.is_map {
            duplicates(&self.tree, children, &mut self.twice);
            self.tree.duplicates.append(&mut self.twice);
        }
        let last = children.last().and_then(|id| self.tree.nodes.get(*id as usize)).map(|data| data.end);
        let first = index(self.tree.children.len());
        self.tree.children.extend_from_slice(children);
        self.pending.truncate(open.first);
        let past = index(self.tree.children.len());
        if let Some(data) = self.tree.nodes.get_mut(open.id as usize) {
            data.set(if open.is_map { Content::Map(first, past) } else { Content::List(first, past) });
            data.end = end.map(index).or(last).unwrap_or(data.end).max(data.start);
        }
        let Extent { size, height } = open.below;
        self.grow(Extent { size, height: height + 1 });
        Some((open.id, Extent { size: size.saturating_add(1), height: height + 1 }))
    }

    /// Closes the innermost collection, whose children may stand anywhere: it covers them all and ends at `end` or
    /// later.
    pub(crate) fn close_around(&mut self, end: usize) {
        let Some((id, _)) = self.close(None) else { return };
        let node = self.node(id);
        let children = node.items().chain(node.entries().flat_map(|entry| [entry.key, entry.value]));
        let cover = children.map(Node::span).reduce(Span::to);
        if let Some(data) = self.tree.nodes.get_mut(id as usize) {
            data.start = data.start.min(cover.map_or(data.start, |cover| cover.start));
            data.end = data.end.max(index(end)).max(cover.map_or(data.end, |cover| cover.end));
        }
    }

    pub(crate) fn tag(&mut self, id: NodeId, tag: &str) {
        self.tree.tags.push((id, tag.into()));
    }

    /// The node without its handle's dialect, for looking at what was built.
    pub(crate) fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: &self.tree, id, dialect: Dialect::Core }
    }

    /// Whether the innermost open collection is a mapping whose next child is a value; yields its key.
    pub(crate) fn awaited_key(&self) -> Option<NodeId> {
        let open = self.open.last()?;
        let count = self.pending.len() - open.first;
        (open.is_map && count % 2 == 1).then(|| self.pending.last().copied())?
    }

    /// Whether the innermost open collection has no child yet.
    pub(crate) fn is_last_empty(&self) -> bool {
        self.open.last().is_some_and(|open| open.first == self.pending.len())
    }

    #[inline]
    fn add(&mut self, start: usize, end: usize, content: Content, text: Text) -> Result<NodeId, Limit> {
        if self.tree.nodes.len() >= MAX_NODES {
            return Err(Limit::Nodes);
        }
        let id = index(self.tree.nodes.len());
        let parent = self.open.last().map_or(id, |open| open.id);
        let (start, end) = (index(start), index(end.max(start)));
        self.tree.nodes.push(NodeData::new(start, end, parent, content, text));
        self.pending.push(id);
        self.grow(Extent::ONE);
        Ok(id)
    }

    fn grow(&mut self, by: Extent) {
        if let Some(Open { below, .. }) = self.open.last_mut() {
            below.size = below.size.saturating_add(by.size);
            below.height = below.height.max(by.height);
        }
    }

    pub(crate) fn finish(mut self) -> Tree {
        self.tree.duplicates.sort_by_key(|duplicate| duplicate.second.start);
        self.tree.problems.sort_by_key(|problem| problem.span.start);
        self.tree
    }
}

/// Adds the keys among `children` that were there before.
fn duplicates(tree: &Tree, children: &[NodeId], found: &mut Vec<Duplicate>) {
    let node = |id: &NodeId| Node { tree, id: *id, dialect: Dialect::Core };
    let twice = |first: Node<'_>, second: Node<'_>| Duplicate { first: first.span(), second: second.span() };
    if children.len() <= 2 * PAIRWISE_KEYS {
        for (at, key) in children.iter().enumerate().step_by(2).skip(1) {
            let key = node(key);
            let text = key.text();
            let mut earlier = children.get(..at).unwrap_or_default().rchunks(2).filter_map(<[_]>::first).map(node);
            if let Some(first) = earlier.find(|one| one.reads(text) && one.is_key() && key.is_key()) {
                found.push(twice(first, key));
            }
        }
    } else {
        let keys = children.iter().step_by(2).map(node).filter(|key| key.is_key());
        let mut seen: HashMap<&str, Node<'_>> = HashMap::with_capacity(children.len() / 2);
        for key in keys {
            found.extend(seen.insert(key.text(), key).map(|first| twice(first, key)));
        }
    }
}

/// Texts of 4 GiB and more are refused before they come here.
fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
