//! Object ↔ object: two definitions of one object in one file, of which the later wins.

use std::collections::HashMap;

use super::index::{Index, ItemId};
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::span::SourceId;

crate::subject! {
    /// An object as the cluster knows it: API group, kind, namespace and name. Stands at its name.
    pub(super) struct Identity: "kubernetes.identity" {
        /// Its name.
        name: Type::String,
        /// Its kind.
        kind: Type::String,
        /// Whether an earlier object of the same file has the same identity; it is overwritten.
        is_repeated: Type::Bool,
    }
}

/// States the facts. Other folders and files are other environments, bases or samples as often as not, so that only one
/// file is sure to be applied together.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    let mut seen: HashMap<(SourceId, &str, &str, Option<&str>, &str), ItemId> = HashMap::new();
    for (id, item) in index.items.iter().enumerate() {
        if item.name.is_empty() || is_placeholder(item.name) {
            continue;
        }
        let key = (item.source, item.group, item.kind, item.namespace, item.name);
        let repeated = seen.insert(key, id).is_some();
        let fact = Identity {
            name: Value::str(item.name, item.span),
            kind: Value::str(item.kind, item.span),
            is_repeated: Value::bool(repeated, item.span),
        };
        facts.push(fact.fact(item.span, format!("{}/identity", item.path), item.role));
    }
}
