//! The one tree that every data format is read into: an arena of nodes in document order, each with its byte span.
//!
//! A [`Node`] is a copyable handle (16 bytes). Aliases are followed and merge keys (`<<`) are seen through by
//! [`Node::get`]; [`Node::entries`] yields what is written. Comments and duplicate keys are kept beside the nodes.

use std::sync::Arc;

use crate::span::{SourceId, Span};

/// What a node is, once its scalar has been resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean of the node's [`Dialect`].
    Bool,
    /// An integer that fits in 64 bits.
    Int,
    /// Any other number.
    Float,
    /// Text.
    Str,
    /// A list.
    List,
    /// A mapping.
    Map,
}

/// Which plain scalars are booleans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// YAML 1.2 core schema, JSON, TOML: `true` and `false`.
    #[default]
    Core,
    /// YAML 1.1, as Kubernetes reads it: `yes`, `no`, `on`, `off` and their capitalised forms too.
    Yaml11,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Without quotes.
    #[default]
    Plain,
    /// In single or double quotes.
    Quoted,
    /// A literal (`|`) or folded (`>`) block.
    Block,
}

/// Index of a node in its tree; nodes are numbered in document order (a parent before its children).
pub type NodeId = u32;

/// A text of the tree: a range of the source where the value stands there verbatim, else a stored string.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Text {
    Source(u32, u32),
    Stored(u32),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Content {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str,
    /// Range of `Tree::children`: item ids.
    List(u32, u32),
    /// Range of `Tree::children`: key id, value id, key id, value id …
    Map(u32, u32),
    Alias(NodeId),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeData {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The node that contains this one; a document's root is its own parent.
    pub(crate) parent: NodeId,
    pub(crate) content: Content,
    pub(crate) style: Style,
    /// The scalar as text (also of numbers and booleans: `1.10` stays `1.10`).
    pub(crate) text: Text,
}

/// A comment with its marker (`# …`), in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The whole comment, marker included, line break excluded.
    pub span: Span,
    /// Nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// A key that occurs twice in one mapping; the last one counts, as in most readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate {
    /// The earlier key.
    pub first: Span,
    /// The later key.
    pub second: Span,
}

/// Why a part of a text could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong, for the person who wrote it; no trailing period, no source text quoted.
    pub message: String,
}

/// One parsed text: its documents, comments, duplicates and problems.
#[derive(Debug)]
pub struct Tree {
    pub(crate) source: SourceId,
    pub(crate) text: Arc<str>,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) children: Vec<NodeId>,
    pub(crate) stored: Vec<Box<str>>,
    pub(crate) documents: Vec<NodeId>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// Duplicate keys, in order.
    pub duplicates: Vec<Duplicate>,
    /// What could not be read; the documents that could are still there.
    pub problems: Vec<SyntaxProblem>,
}

impl Tree {
    /// A tree without documents.
    pub fn empty(source: SourceId, text: Arc<str>) -> Self {
        Self {
            source,
            text,
            nodes: Vec::new(),
            children: Vec::new(),
            stored: Vec::new(),
            documents: Vec::new(),
            comments: Vec::new(),
            duplicates: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The root of every readable document, in order; their scalars are read in `dialect`.
    pub fn documents(&self, dialect: Dialect) -> impl Iterator<Item = Node<'_>> {
        self.documents.iter().map(move |id| Node { tree: self, id: *id, dialect })
    }
}

/// A handle to one node.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: NodeId,
    dialect: Dialect,
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
    fn at(self, id: NodeId) -> Node<'t> {
        Node { id, ..self }
    }

    fn data(self) -> &'t NodeData {
        &self.tree.nodes[self.id as usize]
    }

    /// The node an alias stands for, else the node itself. An alias never points to another alias.
    fn resolved(self) -> Node<'t> {
        match self.data().content {
            Content::Alias(target) => self.at(target),
            _ => self,
        }
    }

    /// Its number in document order.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The text that the node covers (for an alias: the `*name` itself).
    pub fn span(self) -> Span {
        let data = self.data();
        Span { source: self.tree.source, start: data.start, end: data.end }
    }

    /// What kind of value it is.
    pub fn kind(self) -> Kind {
        let data = self.resolved().data();
        match data.content {
            Content::Null => Kind::Null,
            Content::Bool(_) => Kind::Bool,
            Content::Int(_) => Kind::Int,
            Content::Float(_) => Kind::Float,
            Content::Str if self.legacy_bool().is_some() => Kind::Bool,
            Content::Str | Content::Alias(_) => Kind::Str,
            Content::List(..) => Kind::List,
            Content::Map(..) => Kind::Map,
        }
    }

    fn legacy_bool(self) -> Option<bool> {
        let node = self.resolved();
        if node.dialect != Dialect::Yaml11 || node.data().style != Style::Plain {
            return None;
        }
        match node.text() {
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => Some(true),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => Some(false),
            _ => None,
        }
    }

    /// How it was written.
    pub fn style(self) -> Style {
        self.resolved().data().style
    }

    /// Whether it is null or empty.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The boolean, if it is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.resolved().data().content {
            Content::Bool(value) => Some(value),
            Content::Str => self.legacy_bool(),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(self) -> Option<i64> {
        match self.resolved().data().content {
            Content::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The number, if it is one; integers too.
    pub fn as_float(self) -> Option<f64> {
        match self.resolved().data().content {
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

    fn raw_text(self) -> &'t str {
        let data = self.data();
        match (data.content, data.text) {
            (Content::List(..) | Content::Map(..) | Content::Null | Content::Alias(_), _) => "",
            (_, Text::Source(start, end)) => &self.tree.text[start as usize..end as usize],
            (_, Text::Stored(index)) => &self.tree.stored[index as usize],
        }
    }

    /// The items of a list; nothing for any other kind.
    pub fn items(self) -> impl DoubleEndedIterator<Item = Node<'t>> + ExactSizeIterator {
        let range = match self.resolved().data().content {
            Content::List(start, end) => start as usize..end as usize,
            _ => 0..0,
        };
        self.tree.children[range].iter().map(move |id| self.at(*id))
    }

    /// The entries of a mapping as written, merge keys and duplicates included; nothing for any other kind.
    pub fn entries(self) -> impl DoubleEndedIterator<Item = Entry<'t>> + ExactSizeIterator {
        let range = match self.resolved().data().content {
            Content::Map(start, end) => start as usize..end as usize,
            _ => 0..0,
        };
        self.tree.children[range]
            .chunks_exact(2)
            .map(move |pair| Entry { key: self.at(pair[0]), value: self.at(pair[1]) })
    }

    /// The entry for `key`: the last one written, else one that a merge key brings in.
    pub fn entry(self, key: &str) -> Option<Entry<'t>> {
        self.entry_within(key, 16)
    }

    fn entry_within(self, key: &str, depth: u8) -> Option<Entry<'t>> {
        let own = self.entries().rev().find(|entry| entry.key.text() == key);
        if own.is_some() || depth == 0 {
            return own;
        }
        self.entries().filter(|entry| entry.key.is_merge()).find_map(|merge| match merge.value.kind() {
            Kind::List => merge.value.items().find_map(|map| map.entry_within(key, depth - 1)),
            _ => merge.value.entry_within(key, depth - 1),
        })
    }

    fn is_merge(self) -> bool {
        self.style() == Style::Plain && self.text() == "<<"
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
        self.parent()?.entries().find(|entry| entry.value.id == self.id).map(|entry| entry.key)
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
