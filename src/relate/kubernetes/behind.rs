//! What listens behind a port of a Service: the known product, and for whom it listens there.

use super::index::{Index, ItemId};
use super::service::serving_containers;
use crate::fact::{Data, Value};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::product::{self, ProductRole};
use crate::relate::product::{Given, word};
use crate::span::Span;
use crate::syntax::tree::Node;

/// A port of a product that is known.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    title: &'static str,
    role: String,
    purpose: String,
    /// Whether the product lets everybody in as it is set up here; nothing where that cannot be told.
    is_unguarded: Option<bool>,
}

/// What the fields of a fact say of it.
pub(super) struct Said<'s> {
    pub(super) product: Value<'s>,
    pub(super) role: Value<'s>,
    pub(super) purpose: Value<'s>,
    pub(super) is_unguarded: Value<'s>,
}

/// The product that listens on `target` in the pods of `workloads`, when all that is known agrees.
pub(super) fn find(index: &Index<'_>, workloads: &[ItemId], target: Node<'_>) -> Option<Behind> {
    workloads.iter().flat_map(|id| serving_containers(index.item(*id))).find_map(|container| of(container, target))
}

fn of(container: Node<'_>, target: Node<'_>) -> Option<Behind> {
    let image = container.get("image").map_or("", Node::text);
    let known = Some(image).filter(|image| !is_placeholder(image)).and_then(product::known)?;
    if matches!(known.product.role, ProductRole::Runtime | ProductRole::Os) {
        return None;
    }
    let number = target.as_int().or_else(|| target.text().parse().ok()).or_else(|| {
        let ports = container.get("ports").into_iter().flat_map(Node::items);
        let mut named = ports.filter(|port| port.get("name").is_some_and(|name| name.text() == target.text()));
        named.next()?.get("containerPort")?.as_int()
    })?;
    let port = known.ports().iter().find(|port| i64::from(port.port) == number)?;
    Some(Behind {
        title: &known.product.title,
        role: word(known.product.role),
        purpose: word(port.purpose),
        is_unguarded: Given { spec: container, known }.lets_everybody_in(),
    })
}

/// The fields of a fact that say what is behind.
pub(super) fn said<'s>(behind: Option<Behind>, place: Span) -> Said<'s> {
    let text = |text: Option<String>| Value::option(text.map(|text| Data::Str(text.into())), place);
    let open = behind.as_ref().and_then(|behind| behind.is_unguarded);
    Said {
        product: text(behind.as_ref().map(|behind| behind.title.to_owned())),
        role: text(behind.as_ref().map(|behind| behind.role.clone())),
        purpose: text(behind.map(|behind| behind.purpose)),
        is_unguarded: open.map_or(Value::absent(place), |open| Value::bool(open, place)),
    }
}
