//! Reaching into values: fields, keys, items, entries.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::ir::Key;
use super::value::{Fault, Fuel, Res, Val, equal, mismatch};
use crate::fact::{Data, Value};
use crate::syntax::tree::{Entry, Kind, Node, Style};

/// How often a merge key may lead to another one.
const MAX_MERGES: u8 = 16;

/// What `value` is for a selection: nothing when absent, a fault when unknown.
#[inline]
fn present<'v>(value: &'v Value<'v>) -> Res<'v, Option<Val<'v>>> {
    match &value.data {
        Data::Absent => Ok(None),
        Data::Unknown(reason) => Err(Fault::Unknown(reason)),
        _ => Ok(Some(Val::Value(value))),
    }
}

fn node_get<'v>(node: Node<'v>, key: &str, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    match node.kind() {
        Kind::Map => {
            fuel.spend(node.entries().len() / 8)?;
            Ok(node.get(key).map(Val::Node))
        }
        Kind::Null => Ok(None),
        _ => Err(mismatch(&format!(".{key}"), &[&Val::Node(node)])),
    }
}

/// `base.key`: `None` when it is not there.
pub(super) fn select<'v>(base: &Val<'v>, key: &Key, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    match base {
        Val::Node(node) => node_get(*node, &key.name, fuel),
        Val::Value(value) => match (&value.data, key.index) {
            (Data::Node(node), _) => node_get(*node, &key.name, fuel),
            (Data::Record(record), Some(index)) => record.values.get(index as usize).map_or(Ok(None), present),
            (Data::List(values), Some(index)) => values.get(index as usize).map_or(Ok(None), present),
            (Data::Record(record), None) => match record.subject.field(&key.name) {
                Some(index) => record.values.get(index).map_or(Ok(None), present),
                None => Ok(None),
            },
            (Data::Null | Data::Absent, _) => Ok(None),
            (Data::Unknown(reason), _) => Err(Fault::Unknown(reason)),
            _ => Err(mismatch(&format!(".{}", key.name), &[base])),
        },
        Val::Map(_) => lookup(base, &Val::Text(key.name.clone()), fuel),
        _ => Err(mismatch(&format!(".{}", key.name), &[base])),
    }
}

fn lookup<'v>(base: &Val<'v>, key: &Val<'v>, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    let Val::Map(entries) = base else { return Ok(None) };
    for (other, value) in entries.iter() {
        if equal(other, key, fuel, 0)? {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

/// `base[index]`: `None` when it is not there.
pub(super) fn index<'v>(base: &Val<'v>, index: &Val<'v>, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    let index = index.clone().flat()?;
    match base {
        Val::List(items) => Ok(position(&index, base)?.and_then(|at| items.get(at).cloned())),
        Val::Map(_) => lookup(base, &index, fuel),
        Val::Node(node) => node_index(*node, &index, fuel),
        Val::Value(value) => match &value.data {
            Data::Node(node) => node_index(*node, &index, fuel),
            Data::List(values) => {
                position(&index, base)?.and_then(|at| values.get(at)).map_or(Ok(None), |value| present(value))
            }
            Data::Record(record) => match index.str().and_then(|name| record.subject.field(name)) {
                Some(at) => record.values.get(at).map_or(Ok(None), present),
                None => Ok(None),
            },
            Data::Null | Data::Absent => Ok(None),
            Data::Unknown(reason) => Err(Fault::Unknown(reason)),
            _ => Err(mismatch("[…]", &[base, &index])),
        },
        _ => Err(mismatch("[…]", &[base, &index])),
    }
}

fn node_index<'v>(node: Node<'v>, index: &Val<'v>, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    match (node.kind(), index) {
        (Kind::List, _) => {
            let at = position(index, &Val::Node(node))?;
            fuel.spend(at.unwrap_or(0) / 16)?;
            Ok(at.and_then(|at| node.items().nth(at)).map(Val::Node))
        }
        (Kind::Map, Val::Int(number)) => node_get(node, &number.to_string(), fuel),
        (Kind::Map, _) => match index.str() {
            Some(key) => node_get(node, key, fuel),
            None => Ok(None),
        },
        (Kind::Null, _) => Ok(None),
        _ => Err(mismatch("[…]", &[&Val::Node(node), index])),
    }
}

/// An index into a list: any whole number. A negative one is out of range, that is, not there.
fn position<'v>(index: &Val<'_>, base: &Val<'_>) -> Res<'v, Option<usize>> {
    match index {
        Val::Int(index) => Ok(usize::try_from(*index).ok()),
        Val::Uint(index) => Ok(usize::try_from(*index).ok()),
        Val::Double(index) if index.fract() == 0.0 && index.abs() < 1e15 => Ok(usize::try_from(*index as i64).ok()),
        _ => Err(mismatch("[…]", &[base, index])),
    }
}

/// One step through a list or a mapping.
pub(super) struct Item<'v> {
    /// The index in a list, the key of a mapping.
    pub(super) key: Val<'v>,
    /// The item, the key's value.
    pub(super) value: Val<'v>,
    of_map: bool,
}

impl<'v> Item<'v> {
    /// The key's node, for an entry of a mapping in the artefact's tree.
    pub(super) fn entry(&self) -> Option<Entry<'v>> {
        match (&self.key, &self.value) {
            (Val::Key(key), Val::Node(value)) => Some(Entry { key: *key, value: *value }),
            _ => None,
        }
    }

    /// What a macro with one variable binds: the items of a list, the keys of a mapping.
    pub(super) fn single(self) -> Val<'v> {
        if self.of_map { self.key } else { self.value }
    }
}

/// Goes through a list or a mapping until `step` breaks.
pub(super) fn each<'v>(range: &Val<'v>, mut step: impl FnMut(Item<'v>) -> Res<'v, ControlFlow<()>>) -> Res<'v, ()> {
    let mut count = 0;
    let mut item = |value: Val<'v>| {
        count += 1;
        step(Item { key: Val::Int(count - 1), value, of_map: false })
    };
    match range {
        Val::List(items) => walk(items.iter().cloned(), item),
        Val::Value(value) => match &value.data {
            Data::List(values) => walk(values.iter().map(Val::Value), item),
            Data::Node(node) => each(&Val::Node(*node), step),
            Data::Unknown(reason) => Err(Fault::Unknown(reason)),
            _ => Err(not_iterable(range)),
        },
        Val::Node(node) if node.kind() == Kind::List => walk(node.items().map(Val::Node), &mut item),
        Val::Node(node) if node.kind() == Kind::Map => walk(node_entries(*node).into_iter(), |entry| {
            step(Item { key: Val::Key(entry.key), value: Val::Node(entry.value), of_map: true })
        }),
        Val::Map(entries) => walk(entries.iter().cloned(), |(key, value)| step(Item { key, value, of_map: true })),
        _ => Err(not_iterable(range)),
    }
}

fn walk<'v, T>(items: impl Iterator<Item = T>, mut step: impl FnMut(T) -> Res<'v, ControlFlow<()>>) -> Res<'v, ()> {
    for item in items {
        if step(item)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn not_iterable<'v>(range: &Val<'_>) -> Fault<'v> {
    Fault::Text(format!("a list or a mapping is needed here, not {}", range.type_name()).into())
}

/// The steps that going through a mapping costs before its first entry.
pub(super) fn weight(range: &Val<'_>) -> usize {
    range.node().map_or(0, |node| node.entries().len() / 8)
}

/// Whether `value` has keys and is not made by the expression itself.
pub(super) fn is_mapping(value: &Val<'_>) -> bool {
    match value {
        Val::Value(Value { data: Data::Record(_), .. }) => true,
        Val::Key(_) => false,
        _ => value.node().is_some_and(|node| node.kind() == Kind::Map),
    }
}

/// The items of a list; `None` for anything else.
pub(super) fn elements<'v>(list: &Val<'v>) -> Option<Vec<Val<'v>>> {
    match list {
        Val::List(items) => Some(items.to_vec()),
        Val::Value(Value { data: Data::List(values), .. }) => Some(values.iter().map(Val::Value).collect()),
        _ => {
            let node = list.node().filter(|node| node.kind() == Kind::List && !matches!(list, Val::Key(_)))?;
            Some(node.items().map(Val::Node).collect())
        }
    }
}

/// The entries of a mapping; `None` for anything else.
pub(super) fn entries<'v>(map: &Val<'v>) -> Option<Vec<(Val<'v>, Val<'v>)>> {
    match map {
        Val::Map(entries) => Some(entries.to_vec()),
        Val::Value(Value { data: Data::Record(record), .. }) => {
            let fields = record.subject.fields.iter().zip(&record.values);
            let present = fields.filter(|(_, value)| !matches!(value.data, Data::Absent));
            Some(present.map(|(field, value)| (Val::text(field.name()), Val::Value(value))).collect())
        }
        _ => {
            let node = map.node().filter(|node| node.kind() == Kind::Map && !matches!(map, Val::Key(_)))?;
            let entries = node_entries(node).into_iter();
            Some(entries.map(|entry| (Val::Key(entry.key), Val::Node(entry.value))).collect())
        }
    }
}

/// How many items, entries or characters; `None` for what has no size.
pub(super) fn size(value: &Val<'_>) -> Option<usize> {
    match value {
        Val::Bytes(bytes) => Some(bytes.len()),
        Val::List(items) => Some(items.len()),
        Val::Map(entries) => Some(entries.len()),
        Val::Value(Value { data: Data::List(values), .. }) => Some(values.len()),
        Val::Value(Value { data: Data::Record(_), .. }) => entries(value).map(|entries| entries.len()),
        Val::Node(node) if node.kind() == Kind::List => Some(node.items().len()),
        Val::Node(node) if node.kind() == Kind::Map => Some(node_entries(*node).len()),
        _ => value.str().map(|text| text.chars().count()),
    }
}

/// The entries of a mapping with merge keys seen through: own ones first, each key once.
pub(super) fn node_entries(node: Node<'_>) -> Vec<Entry<'_>> {
    let is_merge = |entry: &Entry<'_>| entry.key.style() == Style::Plain && entry.key.text() == "<<";
    if !node.entries().any(|entry| is_merge(&entry)) {
        return node.entries().collect();
    }
    let mut seen = HashSet::new();
    let mut out = Vec::new();
    let mut maps = vec![(node, 0)];
    while let Some((map, depth)) = maps.pop() {
        out.extend(map.entries().filter(|entry| !is_merge(entry) && seen.insert(entry.key.text())));
        let merges = map.entries().filter(is_merge).filter(|_| depth < MAX_MERGES);
        let merged: Vec<Node<'_>> =
            merges
                .flat_map(|merge| {
                    if merge.value.kind() == Kind::List { merge.value.items().collect() } else { vec![merge.value] }
                })
                .collect();
        // The first one named wins, so it has to be on top of the stack.
        maps.extend(merged.into_iter().rev().map(|map| (map, depth + 1)));
    }
    out
}
