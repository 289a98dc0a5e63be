//! The one tree that every data format is read into: an arena of nodes in document order, each with its byte span.
//!
//! A [`Node`] is a copyable handle (16 bytes). Aliases are followed and merge keys (`<<`) are seen through by
//! [`Node::get`]; [`Node::entries`] yields what is written. Comments and duplicate keys are kept beside the nodes.

use crate::span::{SourceId, Span};
use crate::syntax::shared::SharedText;

pub(crate) mod build;
mod data;
mod node;
pub(crate) mod scalar;

use data::NodeData;
pub use node::{Entry, Node};

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
    /// YAML 1.1, as Kubernetes reads it: `yes`, `no`, `on`, `off`, `y`, `n` are booleans too, `0644` is octal.
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

/// How many merge keys may stand behind one another.
pub(crate) const MERGE_DEPTH: u8 = 16;

/// Index of a node in its tree; nodes are numbered in document order (a parent before its children).
pub type NodeId = u32;

/// Where the text of a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// The node's span, verbatim.
    Whole,
    /// The node's span without its first and last byte, the quotes.
    Inner,
    /// Index into `Tree::stored`: escapes or folded lines made it differ from the source.
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
pub struct Tree {
    pub(crate) source: SourceId,
    pub(crate) text: SharedText,
    pub(crate) nodes: Vec<NodeData>,
    pub(crate) children: Vec<NodeId>,
    pub(crate) stored: Vec<Box<str>>,
    /// Explicit tags (`!Ref`), by node.
    pub(crate) tags: Vec<(NodeId, Box<str>)>,
    pub(crate) documents: Vec<NodeId>,
    /// Whether a plain `<<` stands anywhere, so that lookups may have to see through merge keys.
    pub(crate) merges: bool,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// Duplicate keys, in order.
    pub duplicates: Vec<Duplicate>,
    /// What could not be read; the documents that could are still there.
    pub problems: Vec<SyntaxProblem>,
    /// The first marker of another tool's template (`{{ … }}`, `{% … %}`, `<% … %>`): the text is not data before that
    /// tool has filled it in, and was not read.
    pub template: Option<Span>,
}

impl Tree {
    /// A tree without documents.
    pub fn empty(source: SourceId, text: SharedText) -> Self {
        Self {
            source,
            text,
            nodes: Vec::new(),
            children: Vec::new(),
            stored: Vec::new(),
            tags: Vec::new(),
            documents: Vec::new(),
            merges: false,
            comments: Vec::new(),
            duplicates: Vec::new(),
            problems: Vec::new(),
            template: None,
        }
    }

    /// The source it was read from.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// The root of every readable document, in order; their scalars are read in `dialect`.
    pub fn documents(&self, dialect: Dialect) -> impl Iterator<Item = Node<'_>> {
        self.documents.iter().map(move |id| Node { tree: self, id: *id, dialect })
    }
}

impl std::fmt::Debug for Tree {
    /// Sizes only: a tree may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (nodes, documents, problems) = (self.nodes.len(), self.documents.len(), &self.problems);
        write!(f, "Tree({documents} documents, {nodes} nodes, {problems:?})")
    }
}
