//! `serde` over the tree: policy and rule files are plain Rust types whose mistakes name their place.
//!
//! [`from_node`] reports every mistake of a file at once: an entry that cannot be read is reported, left out, and the
//! rest is tried again. [`Spanned`] keeps the place of a value; it does not work inside `#[serde(flatten)]` and
//! untagged or internally tagged enums, because serde buffers those.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, U32Deserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Unexpected, Visitor};

use super::tree::{Entry, Kind, Node, NodeId};
use crate::span::Span;

mod error;
mod spanned;

use error::Error;
pub use spanned::Spanned;
use spanned::{FIELDS, NAME};

/// After so many mistakes the rest is not looked at.
const MAX_MISTAKES: usize = 100;

/// A mistake in a file, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeError {
    /// The offending key or value; for something missing, the key of what should have it.
    pub span: Span,
    /// What is wrong; no trailing period.
    pub message: String,
    /// What to write instead, where that can be said.
    pub help: Option<String>,
}

/// Reads a value, or reports every mistake in it with its place, in the order of the text. A key that is given twice
/// is a mistake too. Of the keys missing in one mapping only the first is reported.
pub fn from_node<'t, T: Deserialize<'t>>(node: Node<'t>) -> Result<T, Vec<DeError>> {
    match read_node(node) {
        (Some(value), mistakes) if mistakes.is_empty() => Ok(value),
        (_, mistakes) => Err(mistakes),
    }
}

/// Reads what is right of a value, and reports every mistake as [`from_node`] does.
pub fn read_node<'t, T: Deserialize<'t>>(node: Node<'t>) -> (Option<T>, Vec<DeError>) {
    let mut right = None;
    let mut mistakes = duplicates(node);
    let mut skipped: HashSet<NodeId> = HashSet::new();
    // What is wrong with keys left out so far: a missing key may only be a misspelt one.
    let mut explained: HashSet<(NodeId, String)> = HashSet::new();
    while mistakes.len() < MAX_MISTAKES {
        let error = match T::deserialize(De { node, skipped: &skipped, is_key: false }) {
            Ok(value) => {
                right = Some(value);
                break;
            }
            Err(error) => error,
        };
        let blamed = error.node(node);
        explained.extend(error.explains().map(|name| (parent_id(blamed), name)));
        if !error.is_explained(blamed, &explained, &skipped) {
            mistakes.push(error.into_mistake(node));
        }
        let Some(left_out) = leave_out(blamed, node, &mut skipped) else { break };
        explained.extend(left_out.key().map(|key| (parent_id(left_out), key.text().to_owned())));
    }
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    mistakes.dedup();
    (right, mistakes)
}

fn parent_id(node: Node<'_>) -> NodeId {
    node.parent().map_or(node.id(), Node::id)
}

/// Leaves `blamed` out, or the nearest thing around it that is not left out yet; `None` when that is everything.
fn leave_out<'t>(blamed: Node<'t>, root: Node<'t>, skipped: &mut HashSet<NodeId>) -> Option<Node<'t>> {
    let mut node = blamed;
    while node != root {
        if skipped.insert(node.id()) {
            return Some(node);
        }
        node = node.parent()?;
    }
    None
}

fn duplicates(node: Node<'_>) -> Vec<DeError> {
    let within = node.tree().duplicates.iter().filter(|duplicate| node.span().contains(duplicate.second));
    within
        .take(MAX_MISTAKES)
        .map(|duplicate| DeError {
            span: duplicate.second,
            message: "this key is given twice".to_owned(),
            help: Some("keep one of the two".to_owned()),
        })
        .collect()
}

/// Deserialises one node.
#[derive(Clone, Copy)]
struct De<'t, 's> {
    node: Node<'t>,
    /// Entries and items that have been reported and are left out.
    skipped: &'s HashSet<NodeId>,
    /// A key is text whatever it looks like.
    is_key: bool,
}

impl<'t> De<'t, '_> {
    fn kind(self) -> Kind {
        if self.is_key && !matches!(self.node.kind(), Kind::List | Kind::Map) { Kind::Str } else { self.node.kind() }
    }

    fn scalar<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node;
        match self.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool => visitor.visit_bool(node.as_bool().unwrap_or_default()),
            Kind::Int => match node.as_int().unwrap_or_default() {
                value @ 0.. => visitor.visit_u64(value.unsigned_abs()),
                value => visitor.visit_i64(value),
            },
            Kind::Float => visitor.visit_f64(node.as_float().unwrap_or_default()),
            Kind::Str => visitor.visit_borrowed_str(node.text()),
            Kind::List => visitor.visit_seq(Items { items: self.items().into_iter(), skipped: self.skipped }),
            Kind::Map => visitor.visit_map(Entries::new(self)),
        }
    }

    /// serde would also fill a struct from a list.
    fn mapping<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind() {
            Kind::List => Err(de::Error::invalid_type(Unexpected::Seq, &"a map")),
            _ => self.scalar(visitor),
        }
        .map_err(|error: Error| error.at(self.node))
    }

    fn items(self) -> Vec<Node<'t>> {
        self.node.items().filter(|item| !self.skipped.contains(&item.id())).collect()
    }

    fn entries(self) -> Vec<Entry<'t>> {
        let is_kept = |node: Node<'_>| !self.skipped.contains(&node.id());
        let mut entries = self.node.merged_entries();
        entries.retain(|entry| is_kept(entry.key) && is_kept(entry.value));
        entries
    }

    fn at(self, node: Node<'t>) -> Self {
        De { node, is_key: false, ..self }
    }
}

macro_rules! like_any {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
            self.deserialize_any(visitor)
        }
    )*};
}

macro_rules! number_of_key {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
            De { is_key: false, ..self }.deserialize_any(visitor)
        }
    )*};
}

impl<'t> Deserializer<'t> for De<'t, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.scalar(visitor).map_err(|error| error.at(self.node))
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        let result = if self.kind() == Kind::Null { visitor.visit_none() } else { visitor.visit_some(self) };
        result.map_err(|error| error.at(self.node))
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self).map_err(|error| error.at(self.node))
    }

    fn deserialize_struct<V: Visitor<'t>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == NAME && fields == FIELDS {
            return visitor.visit_map(SpannedParts { de: self, at: 0 });
        }
        self.mapping(visitor)
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let result = match self.kind() {
            Kind::Map => match self.entries().as_slice() {
                [entry] => visitor.visit_enum(Variant { de: self, name: entry.key, value: Some(entry.value) }),
                _ => Err(Error::new("expected one key that names the choice".to_owned())),
            },
            Kind::List | Kind::Null => return self.deserialize_any(visitor),
            _ => visitor.visit_enum(Variant { de: self, name: self.node, value: None }),
        };
        result.map_err(|error| error.at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'t>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'t>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    like_any! {
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_seq deserialize_map deserialize_identifier
    }

    number_of_key! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }
}

struct Items<'t, 's> {
    items: std::vec::IntoIter<Node<'t>>,
    skipped: &'s HashSet<NodeId>,
}

impl<'t> de::SeqAccess<'t> for Items<'t, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'t>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let de = De { node, skipped: self.skipped, is_key: false };
        seed.deserialize(de).map(Some).map_err(|error| error.at(node))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'t, 's> {
    de: De<'t, 's>,
    entries: std::vec::IntoIter<Entry<'t>>,
    current: Option<Entry<'t>>,
}

impl<'t, 's> Entries<'t, 's> {
    fn new(de: De<'t, 's>) -> Self {
        Self { de, entries: de.entries().into_iter(), current: None }
    }
}

impl<'t> de::MapAccess<'t> for Entries<'t, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.current = self.entries.next();
        let Some(entry) = self.current else { return Ok(None) };
        let key = De { is_key: true, ..self.de.at(entry.key) };
        seed.deserialize(key).map(Some).map_err(|error| error.at(entry.key))
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(entry) = self.current else { return Err(Error::new("a value without its key".to_owned())) };
        seed.deserialize(self.de.at(entry.value)).map_err(|error| error.at(entry.value))
    }
}

/// The parts of a [`Spanned`], in the order of its fields.
struct SpannedParts<'t, 's> {
    de: De<'t, 's>,
    at: usize,
}

impl<'t> de::MapAccess<'t> for SpannedParts<'t, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = FIELDS.get(self.at) else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let span = self.de.node.span();
        let number = |n: u32| -> U32Deserializer<Error> { n.into_deserializer() };
        self.at += 1;
        match self.at {
            1 => seed.deserialize(number(span.source.0)),
            2 => seed.deserialize(number(span.start)),
            3 => seed.deserialize(number(span.end)),
            _ => seed.deserialize(self.de),
        }
    }
}

struct Variant<'t, 's> {
    de: De<'t, 's>,
    name: Node<'t>,
    value: Option<Node<'t>>,
}

impl<'t, 's> de::EnumAccess<'t> for Variant<'t, 's> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'t>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = De { is_key: true, ..self.de.at(self.name) };
        let value = seed.deserialize(name).map_err(|error| error.at(self.name))?;
        Ok((value, self))
    }
}

impl<'t> Variant<'t, '_> {
    fn content(&self) -> Result<De<'t, '_>, Error> {
        let value = self.value.ok_or_else(|| Error::new(format!("`{}` needs a value", self.name.text())));
        value.map(|value| self.de.at(value)).map_err(|error| error.at(self.name))
    }
}

impl<'t> de::VariantAccess<'t> for Variant<'t, '_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.value {
            Some(value) if !value.is_null() => {
                Err(Error::new(format!("`{}` takes no value", self.name.text())).at(value))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'t>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'t>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'t>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.content()?.mapping(visitor)
    }
}

#[cfg(test)]
mod tests;
