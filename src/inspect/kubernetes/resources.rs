//! Requests and limits of a container, with what its pod reserves for all.

use super::container::Around;
use super::image::is_placeholder;
use crate::fact::Value;
use crate::span::Span;
use crate::syntax::quantity;
use crate::syntax::tree::Node;

/// Memory below this many bytes cannot hold any process.
const LEAST_MEMORY: f64 = 1_048_576.0;

/// No container gets more cores than this.
const MOST_CORES: f64 = 1000.0;

/// Resources of one container that are compared.
const MOST_RESOURCES: usize = 256;

/// The `resources` of a container and of its pod.
pub(super) struct Resources<'s> {
    own: Option<Node<'s>>,
    pod: Option<Node<'s>>,
    missing: Span,
}

impl<'s> Resources<'s> {
    /// Those of `around`.
    pub(super) fn new(around: &Around<'_, 's>) -> Self {
        let entry = around.node.entry("resources").filter(|entry| !entry.value.is_null());
        Self {
            own: entry.map(|entry| entry.value),
            pod: around.pod.spec.get("resources"),
            missing: entry.map_or(around.place, |entry| entry.key.span()),
        }
    }

    fn find(&self, side: &str, name: &str) -> Option<Node<'s>> {
        let within =
            |node: Option<Node<'s>>| node.and_then(|node| node.at_path(&[side, name])).filter(|n| !n.is_null());
        within(self.own).or_else(|| within(self.pod))
    }

    /// Whether there is a limit.
    pub(super) fn limited(&self, name: &str) -> Value<'s> {
        let limit = self.find("limits", name);
        Value::bool(limit.is_some(), limit.map_or(self.missing, Node::span))
    }

    /// Whether there is a request; a limit alone is one.
    pub(super) fn reserved(&self, name: &str) -> Value<'s> {
        let request = self.find("requests", name).or_else(|| self.find("limits", name));
        Value::bool(request.is_some(), request.map_or(self.missing, Node::span))
    }

    fn written(&self, side: &str) -> impl Iterator<Item = (Node<'s>, Node<'s>)> {
        let map = self.own.and_then(|own| own.get(side));
        map.into_iter().flat_map(Node::entries).take(MOST_RESOURCES).map(|entry| (entry.key, entry.value))
    }

    /// Requests above their limit.
    pub(super) fn excessive(&self) -> Value<'s> {
        let mut found = Vec::new();
        for (key, request) in self.written("requests") {
            let limit = self.own.and_then(|own| own.at_path(&["limits", key.text()]));
            let Some(limit) = limit else { continue };
            if let (Some(request_value), Some(limit_value)) =
                (quantity::parse(request.text()), quantity::parse(limit.text()))
                && request_value > limit_value
            {
                found.push(Value::str(key.text(), request.span()));
            }
        }
        let span = found.first().and_then(|value| value.span).unwrap_or(self.missing);
        Value::list(found, span)
    }

    /// Quantities that mean something else than was meant.
    pub(super) fn odd(&self) -> Value<'s> {
        let mut found = Vec::new();
        for (key, value) in self.written("requests").chain(self.written("limits")) {
            if is_placeholder(value.text()) {
                continue;
            }
            let Some(amount) = quantity::parse(value.text()) else { continue };
            let odd = match key.text() {
                "memory" | "ephemeral-storage" => amount > 0.0 && amount < LEAST_MEMORY,
                "cpu" => amount > MOST_CORES,
                _ => false,
            };
            if odd {
                found.push(Value::str(key.text(), value.span()));
            }
        }
        let span = found.first().and_then(|value| value.span).unwrap_or(self.missing);
        Value::list(found, span)
    }
}
