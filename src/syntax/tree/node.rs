//! Handles to nodes: what others see of a tree.

use std::collections::HashSet;

use super::{Content, Dialect, Kind, MERGE_DEPTH, NodeData, NodeId, Style, Text, Tree, scalar};
use crate::span::Span;

/// A handle to one node.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    pub(super) tree: &'t Tree,
    pub(super) id: NodeId,
    pub(super) dialect: Dialect,
}

/// A key with its value, as written.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'t> {
    /// The key.
    pub key: Node<'t>,
    /// The value.
    pub value: Node<'t>,
}

impl<'t> Node<'t> {
    #[inline(always)]
    fn at(self, id: NodeId) -> Node<'t> {
        Node { id, ..self }
    }

    #[inline(always)]
    fn data(self) -> &'t NodeData {
        &self.tree.nodes[self.id as usize]
    }

    /// The node an alias stands for, else the node itself. An alias never points to another alias.
    #[inline(always)]
    fn resolved(self) -> Node<'t> {
        match self.data().content() {
            Content::Alias(target) => self.at(target),
            _ => self,
        }
    }

    /// The tree it belongs to.
    pub(crate) fn tree(self) -> &'t Tree {
        self.tree
    }

    /// Another node of the same tree; an unknown number is the node itself.
    pub(crate) fn with_id(self, id: NodeId) -> Node<'t> {
        if (id as usize) < self.tree.nodes.len() { self.at(id) } else { self }
    }

    /// Its number in document order.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The number of the node that it is or, for an alias, stands for.
    pub(crate) fn target_id(self) -> NodeId {
        self.resolved().id
    }

    /// The text that the node covers (for an alias: the `*name` itself).
    pub fn span(self) -> Span {
        let data = self.data();
        Span { source: self.tree.source, start: data.start, end: data.end }
    }

    /// What it is in its dialect; never an alias.
    #[inline]
    fn content(self) -> Content {
        let node = self.resolved();
        let data = node.data();
        match data.content() {
            Content::Str | Content::Int(_) | Content::Float(_) if data.legacy && node.dialect == Dialect::Yaml11 => {
                scalar::legacy(node.raw_text()).unwrap_or(data.content())
            }
            content => content,
        }
    }

    /// What kind of value it is.
    pub fn kind(self) -> Kind {
        match self.content() {
            Content::Null => Kind::Null,
            Content::Bool(_) => Kind::Bool,
            Content::Int(_) => Kind::Int,
            Content::Float(_) => Kind::Float,
            Content::Str | Content::Alias(_) => Kind::Str,
            Content::List(..) => Kind::List,
            Content::Map(..) => Kind::Map,
        }
    }

    /// How it was written.
    pub fn style(self) -> Style {
        self.resolved().data().style
    }

    /// The explicit tag as written (`!Ref`, `!!str`).
    pub fn tag(self) -> Option<&'t str> {
        let tags = &self.tree.tags;
        let at = tags.binary_search_by_key(&self.resolved().id, |(id, _)| *id).ok()?;
        tags.get(at).map(|(_, tag)| &**tag)
    }

    /// Whether it is null or empty.
    pub fn is_null(self) -> bool {
        matches!(self.resolved().data().content(), Content::Null)
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.content() {
            Content::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(self) -> Option<i64> {
        match self.content() {
            Content::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if it is one; integers too.
    pub fn as_float(self) -> Option<f64> {
        match self.content() {
            Content::Int(value) => Some(value as f64),
            Content::Float(value) => Some(value),
            _ => None,
        }
    }

    /// The text, if the node is text (not a number or a boolean).
    pub fn as_str(self) -> Option<&'t str> {
        (self.kind() == Kind::Str).then(|| self.resolved().raw_text())
    }

    /// Any scalar as it is written, quotes and escapes resolved; empty for lists, mappings and null.
    pub fn text(self) -> &'t str {
        self.resolved().raw_text()
    }

    #[inline]
    fn raw_text(self) -> &'t str {
        let data = self.data();
        let (start, end) = (data.start as usize, data.end as usize);
        match (data.content(), data.text()) {
            (Content::List(..) | Content::Map(..) | Content::Null | Content::Alias(_), _) => "",
            (_, Text::Whole) => self.tree.text.get(start..end).unwrap_or_default(),
            (_, Text::Inner) => self.tree.text.get(start + 1..end.saturating_sub(1)).unwrap_or_default(),
            (_, Text::Stored(index)) => self.tree.stored.get(index as usize).map_or("", |text| text),
        }
    }

    /// The items of a list; nothing for any other kind.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Node<'t>> + ExactSizeIterator {
        let range = match self.resolved().data().content() {
            Content::List(start, end) => start as usize..end as usize,
            _ => 0..0,
        };
        self.tree.children[range].iter().map(move |id| self.at(*id))
    }

    /// The entries of a mapping as written, merge keys and duplicates included; nothing for any other kind.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = Entry<'t>> + ExactSizeIterator {
        let range = match self.resolved().data().content() {
            Content::Map(start, end) => start as usize..end as usize,
            _ => 0..0,
        };
        self.tree.children[range]
            .chunks_exact(2)
            .map(move |pair| Entry { key: self.at(pair[0]), value: self.at(pair[1]) })
    }

    /// The entry for `key`: the last one written, else one that a merge key brings in.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entry_within(key, MERGE_DEPTH)
    }

    fn entry_within(self, key: &str, depth: u8) -> Option<Entry<'t>> {
        // Facts and conditions ask for keys all the time, and mostly for ones that are not there: one pass, lengths first.
        let Content::Map(first, past) = self.resolved().data().content() else { return None };
        for pair in self.tree.children.get(first as usize..past as usize)?.rchunks_exact(2) {
            let [name, value] = *pair else { continue };
            if self.at(name).reads(key) {
                return Some(Entry { key: self.at(name), value: self.at(value) });
            }
        }
        if self.tree.merges && depth > 0 { self.merged_maps(|map| map.entry_within(key, depth - 1)) } else { None }
    }

    /// Whether its text is `text`; most keys differ in length already.
    #[inline]
    pub(super) fn reads(self, text: &str) -> bool {
        let data = self.data();
        let length = (data.end - data.start) as usize;
        match (data.content(), data.text()) {
            (Content::Str, Text::Whole) if length != text.len() => false,
            (Content::Str, Text::Whole) => {
                self.tree.text.as_bytes().get(data.start as usize..data.end as usize) == Some(text.as_bytes())
            }
            (_, Text::Inner) if length != text.len() + 2 => false,
            _ => self.text() == text,
        }
    }

    /// Whether it can be told from other keys by its text: a scalar, neither null nor a merge key.
    pub(super) fn is_key(self) -> bool {
        let content = self.resolved().data().content();
        !matches!(content, Content::Null | Content::List(..) | Content::Map(..)) && !self.is_merge()
    }

    /// Whether it is the key `<<`, which brings in the entries of other mappings.
    pub fn is_merge(self) -> bool {
        let data = self.data();
        data.content() == Content::Str && !data.settled && data.end == data.start + 2 && self.raw_text() == "<<"
    }

    /// The entries that count: the last of each key, then what merge keys bring in that is not written here.
    pub fn merged_entries(self) -> Vec<Entry<'t>> {
        let mut found = Vec::new();
        self.merge_into(&mut found, &mut HashSet::new(), MERGE_DEPTH);
        found
    }

    fn merge_into(self, found: &mut Vec<Entry<'t>>, seen: &mut HashSet<&'t str>, depth: u8) {
        let from = found.len();
        let written = self.entries().rev().filter(|entry| !entry.key.is_merge());
        found.extend(written.filter(|entry| !entry.key.is_key() || seen.insert(entry.key.text())));
        found[from..].reverse();
        if depth > 0 {
            self.merged_maps(|map| {
                map.merge_into(found, seen, depth - 1);
                None::<()>
            });
        }
    }

    /// Calls `visit` for each mapping that a merge key names, in order, until it yields something.
    fn merged_maps<R>(self, mut visit: impl FnMut(Node<'t>) -> Option<R>) -> Option<R> {
        self.entries().filter(|entry| entry.key.is_merge()).find_map(|merge| match merge.value.kind() {
            Kind::List => merge.value.items().find_map(&mut visit),
            _ => visit(merge.value),
        })
    }

    /// The value for `key`, merge keys seen through.
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The value at the end of a path of keys.
    pub fn at_path(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The containing mapping or list; `None` for a document's root.
    pub fn parent(self) -> Option<Node<'t>> {
        let parent = self.data().parent;
        (parent != self.id).then(|| self.at(parent))
    }

    /// The key under which this node stands in its parent mapping.
    pub fn key(self) -> Option<Node<'t>> {
        let Content::Map(start, end) = self.parent()?.data().content() else { return None };
        let children = &self.tree.children[start as usize..end as usize];
        // Children are numbered in order, so the node is found by bisection.
        let at = children.binary_search(&self.id).ok()?;
        (at % 2 == 1).then(|| self.at(children[at - 1]))
    }

    /// Whether `other` is this node or lies below it, as written.
    pub fn contains(self, other: Node<'_>) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.span().contains(other.span())
    }

    /// The dialect its scalars are read in.
    pub fn dialect(self) -> Dialect {
        self.dialect
    }
}

impl PartialEq for Node<'_> {
    /// The same node of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl std::fmt::Debug for Node<'_> {
    /// Kind and place only: a tree may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let data = self.data();
        write!(f, "{:?}@{}..{}", self.kind(), data.start, data.end)
    }
}
