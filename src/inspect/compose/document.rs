//! Compose files as they stand in a text, every value in the long form of the specification.

use crate::fact::Reason;
use crate::span::Span;
use crate::syntax::tree::Node;

/// One compose file.
#[derive(Debug)]
pub(crate) struct Document<'s> {
    /// Its outermost mapping.
    pub(crate) root: Node<'s>,
    /// `services` and the other parts that are merged, brought into one form.
    pub(crate) parts: Vec<Part<'s>>,
}

/// Something that could not be read.
#[derive(Debug)]
pub(crate) struct Gap {
    pub(crate) span: Span,
    pub(crate) reason: Reason,
}

/// A value in the long form of the specification.
#[derive(Debug, Clone)]
pub(crate) struct Part<'s> {
    /// Its key in the mapping around it; empty for an item of a list.
    pub(crate) key: &'s str,
    /// Where the key is written; the value's own place for an item of a list.
    pub(crate) key_at: Span,
    /// Where the value is written.
    pub(crate) at: Span,
    /// The text of a scalar, as written.
    pub(crate) raw: &'s str,
    /// What it is.
    pub(crate) form: Form<'s>,
    /// What its tag asks for when files are merged.
    pub(crate) wish: Wish,
}

/// What a [`Part`] is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form<'s> {
    /// Nothing, or nothing but a key.
    Null,
    /// Text or a number; quoted or not.
    Scalar {
        /// Whether quotes, or a block, settle that it is text.
        is_settled: bool,
    },
    /// `true` or `false`.
    Bool(bool),
    /// Names with values.
    Map(Vec<Part<'s>>),
    /// A list.
    List(Vec<Part<'s>>),
}

/// What a tag asks for when files are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Wish {
    /// The rules of the specification.
    #[default]
    Merge,
    /// `!reset`: what earlier files say goes, and this too.
    Reset,
    /// `!override`: what earlier files say goes.
    Override,
}

impl<'s> Document<'s> {
    /// Its services, as written.
    pub(crate) fn services(&self) -> &[Part<'s>] {
        self.parts.iter().find(|part| part.key == "services").map_or(&[], |part| part.entries())
    }
}

impl PartialEq for Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.raw == other.raw && self.form == other.form
    }
}

impl<'s> Part<'s> {
    /// The entries of a mapping.
    pub(crate) fn entries(&self) -> &[Part<'s>] {
        match &self.form {
            Form::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Part<'s>] {
        match &self.form {
            Form::List(items) => items,
            _ => &[],
        }
    }

    /// The value under `key`; nothing when it is null.
    pub(crate) fn get(&self, key: &str) -> Option<&Part<'s>> {
        self.entries().iter().find(|entry| entry.key == key).filter(|entry| entry.form != Form::Null)
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at_path(&self, path: &[&str]) -> Option<&Part<'s>> {
        path.iter().try_fold(self, |part, key| part.get(key))
    }

    /// How many values it holds, itself included.
    pub(crate) fn size(&self) -> usize {
        1 + self.entries().iter().chain(self.items()).map(Part::size).sum::<usize>()
    }

    /// Whether it is a scalar.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(self.form, Form::Scalar { .. } | Form::Bool(_))
    }

    /// Every scalar in it, itself included, in order.
    pub(crate) fn scalars(&self) -> Vec<&Part<'s>> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'p>(&'p self, found: &mut Vec<&'p Part<'s>>) {
        match &self.form {
            Form::Map(parts) | Form::List(parts) => parts.iter().for_each(|part| part.collect(found)),
            Form::Scalar { .. } | Form::Bool(_) => found.push(self),
            Form::Null => {}
        }
    }
}
