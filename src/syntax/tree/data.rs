//! What a tree keeps of each node, packed: large manifests have millions of them.

use super::{Content, NodeId, Style, Text};

/// One node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeData {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The node that contains this one; a document's root is its own parent.
    pub(crate) parent: NodeId,
    /// What of the content does not follow from its kind.
    words: [u32; 2],
    /// Where the text stands: [`WHOLE`], [`INNER`] or the index of what is stored.
    text: u32,
    kind: Packed,
    pub(crate) style: Style,
    /// Its type is settled (quotes, a tag, or a format without dialects), whatever the dialect.
    pub(crate) settled: bool,
    /// A reader of YAML 1.1 takes it for something else: its content depends on the dialect.
    pub(crate) legacy: bool,
}

/// The kind of a [`Content`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packed {
    Null,
    Bool,
    Int,
    Float,
    Str,
    List,
    Map,
    Alias,
}

/// [`Text::Whole`].
const WHOLE: u32 = u32::MAX;
/// [`Text::Inner`].
const INNER: u32 = u32::MAX - 1;

impl NodeData {
    /// A node of a settled type, not quoted.
    pub(crate) fn new(start: u32, end: u32, parent: NodeId, content: Content, text: Text) -> Self {
        let text = match text {
            Text::Whole => WHOLE,
            Text::Inner => INNER,
            Text::Stored(index) => index,
        };
        let (style, settled, legacy) = (Style::Plain, true, false);
        let mut data = Self { start, end, parent, words: [0; 2], text, kind: Packed::Null, style, settled, legacy };
        data.set(content);
        data
    }

    /// Makes it something else.
    pub(crate) fn set(&mut self, content: Content) {
        let halves = |bits: u64| [(bits >> 32) as u32, bits as u32];
        (self.kind, self.words) = match content {
            Content::Null => (Packed::Null, [0; 2]),
            Content::Bool(value) => (Packed::Bool, [u32::from(value), 0]),
            Content::Int(value) => (Packed::Int, halves(value.cast_unsigned())),
            Content::Float(value) => (Packed::Float, halves(value.to_bits())),
            Content::Str => (Packed::Str, [0; 2]),
            Content::List(first, past) => (Packed::List, [first, past]),
            Content::Map(first, past) => (Packed::Map, [first, past]),
            Content::Alias(target) => (Packed::Alias, [target, 0]),
        };
    }

    /// What it is.
    #[inline]
    pub(crate) fn content(&self) -> Content {
        let [first, second] = self.words;
        let bits = || u64::from(first) << 32 | u64::from(second);
        match self.kind {
            Packed::Null => Content::Null,
            Packed::Bool => Content::Bool(first != 0),
            Packed::Int => Content::Int(bits().cast_signed()),
            Packed::Float => Content::Float(f64::from_bits(bits())),
            Packed::Str => Content::Str,
            Packed::List => Content::List(first, second),
            Packed::Map => Content::Map(first, second),
            Packed::Alias => Content::Alias(first),
        }
    }

    /// The scalar as text (also of numbers and booleans: `1.10` stays `1.10`).
    #[inline]
    pub(crate) fn text(&self) -> Text {
        match self.text {
            WHOLE => Text::Whole,
            INNER => Text::Inner,
            index => Text::Stored(index),
        }
    }

    /// Neither a collection nor an alias.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self.kind, Packed::List | Packed::Map | Packed::Alias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let contents = [
            Content::Null,
            Content::Bool(true),
            Content::Bool(false),
            Content::Int(0),
            Content::Int(-1),
            Content::Int(i64::MIN),
            Content::Int(i64::MAX),
            Content::Float(-0.5),
            Content::Float(f64::INFINITY),
            Content::Str,
            Content::List(3, 70_000),
            Content::Map(u32::MAX, 1),
            Content::Alias(9),
        ];
        for content in contents {
            for text in [Text::Whole, Text::Inner, Text::Stored(0), Text::Stored(20_000_000)] {
                let data = NodeData::new(1, 2, 3, content, text);
                assert_eq!((data.content(), data.text()), (content, text));
            }
        }
        assert_eq!(size_of::<NodeData>(), 28);
    }
}
