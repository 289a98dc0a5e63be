//! StatefulSet ↔ Service: whether the Service that gives its pods their names is there, and does.

use memchr::memmem;

use super::index::{Index, ItemId, folder_of};
use super::ingress::ought_to_be_here;
use crate::fact::{Fact, Type, Value};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::source::Source;

/// Files on each side that are looked through.
const MOST: usize = 64;

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
        /// Whether it is headless (`clusterIP: None`); absent when it is not there.
        is_headless: Type::Bool,
        /// Whether a file of the folder speaks to a pod by its name (`db-0.db`).
        is_addressed: Type::Bool,
    }
}

/// States the facts.
pub(super) fn relate<'s>(sources: &[Source], index: &Index<'s>, facts: &mut Vec<Fact<'s>>) {
    for id in index.of_kind("StatefulSet").iter().copied() {
        facts.extend(fact(sources, index, id));
    }
}

/// Whether a file beside speaks to the first pod of a StatefulSet by the name that its Service gives it.
fn is_addressed(sources: &[Source], index: &Index<'_>, id: ItemId, service: &str) -> bool {
    let item = index.item(id);
    let name = format!("{}-0.{service}", item.name);
    // Sources are sorted by path: those of a folder stand near to each other.
    let at = item.source.0 as usize;
    let near = sources.get(at.saturating_sub(MOST)..(at + MOST).min(sources.len())).unwrap_or_default();
    let beside = near.iter().filter(|source| folder_of(source) == item.folder);
    !item.name.is_empty()
        && beside.into_iter().any(|source| memmem::find(source.text().as_bytes(), name.as_bytes()).is_some())
}

fn fact<'s>(sources: &[Source], index: &Index<'s>, id: ItemId) -> Option<Fact<'s>> {
    let item = index.item(id);
    let name = item.get("serviceName").filter(|name| !name.text().is_empty() && !is_placeholder(name.text()))?;
    let place = name.span();
    let found = index.find(id, "Service", name.text());
    let headless = |id: &ItemId| index.item(*id).get("clusterIP").is_some_and(|ip| ip.text() == "None");
    let is_headless = found.iter().any(headless);
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
            false => Value::bool(is_headless, place),
        },
        is_addressed: Value::bool(!is_headless && is_addressed(sources, index, id, name.text()), place),
    };
    Some(statement.fact(place, format!("{}/governing", item.path), item.role))
}
