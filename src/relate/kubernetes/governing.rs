//! StatefulSet ↔ Service: whether the Service that gives its pods their names is there, and does.

use super::index::{Index, ItemId};
use super::ingress::ought_to_be_here;
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::image::is_placeholder;

crate::subject! {
    /// The Service that a StatefulSet names for its pods (`serviceName`). Stands at that name.
    pub(super) struct Governing: "kubernetes.governing" {
        /// Name of the StatefulSet.
        workload: Type::String,
        /// Name of the Service.
        service: Type::String,
        /// How many pods it asks for (1 when unset).
        replicas: Type::Int,
        /// Whether the Service is there; absent where the set does not show that it ought to be.
        exists: Type::Bool,
        /// Whether it is headless (`clusterIP: None`); absent when it is not there. Points to the name of the StatefulSet's Service.
        is_headless: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    for id in index.of_kind("StatefulSet").iter().copied() {
        facts.extend(fact(index, id));
    }
}

fn fact<'s>(index: &Index<'s>, id: ItemId) -> Option<Fact<'s>> {
    let item = index.item(id);
    let name = item.get("serviceName").filter(|name| !name.text().is_empty() && !is_placeholder(name.text()))?;
    let place = name.span();
    let found = index.find(id, "Service", name.text());
    let headless = |id: &ItemId| index.item(*id).get("clusterIP").is_some_and(|ip| ip.text() == "None");
    let exists = match found.is_empty() {
        false => Value::bool(true, place),
        true if ought_to_be_here(index, item) => Value::bool(false, place),
        true => Value::absent(place),
    };
    let statement = Governing {
        workload: Value::str(item.name, item.span),
        service: Value::str(name.text(), place),
        replicas: super::number(item.get("replicas").map_or(Some(1), |count| count.as_int()), place),
        exists,
        is_headless: match found.is_empty() {
            true => Value::absent(place),
            false => Value::bool(found.iter().any(headless), place),
        },
    };
    Some(statement.fact(place, format!("{}/governing", item.path), item.role))
}
