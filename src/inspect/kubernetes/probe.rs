//! Facts about probes.

use super::container::{Around, Form};
use super::facts::{number_or, part};
use super::subjects;
use crate::fact::{Fact, Value};
use crate::product;
use crate::span::Span;
use crate::syntax::tree::Node;

/// The keys of probes with the words for them.
const PROBES: [(&str, &str); 3] =
    [("livenessProbe", "liveness"), ("readinessProbe", "readiness"), ("startupProbe", "startup")];

/// A fact for each probe of a container.
pub(super) fn facts<'s>(around: &Around<'_, 's>, facts: &mut Vec<Fact<'s>>) {
    for (key, form) in PROBES {
        if let Some(entry) = around.node.entry(key).filter(|entry| !entry.value.is_null()) {
            facts.push(probe_fact(around, form, entry.value, entry.key.span()));
        }
    }
}

fn probe_fact<'s>(around: &Around<'_, 's>, form: &'static str, node: Node<'s>, place: Span) -> Fact<'s> {
    let get = |key: &str| node.get(key).filter(|value| !value.is_null());
    let handler = ["httpGet", "tcpSocket", "grpc"].into_iter().find_map(get);
    let port = handler.and_then(|handler| handler.get("port")).filter(|port| !port.text().is_empty());
    let host = handler.and_then(|handler| handler.get("host")).filter(|host| !host.text().is_empty());
    let period = get("periodSeconds").and_then(Node::as_int).unwrap_or(10);
    let failures = get("failureThreshold").and_then(Node::as_int).unwrap_or(3);
    let (named, numbered) = port_known(around, port, host.is_some(), place);
    subjects::Probe {
        form: Value::str(form, place),
        container: Value::str(around.shown_name(), around.place),
        is_on_init: Value::bool(around.form == Form::Init, place),
        names_known_port: named,
        asks_known_port: numbered,
        port: super::facts::text(port, place),
        names_host: Value::bool(host.is_some(), host.map_or(place, Node::span)),
        initial_delay: number_or(get("initialDelaySeconds"), 0, place),
        period: number_or(get("periodSeconds"), 10, place),
        timeout: number_or(get("timeoutSeconds"), 1, place),
        failure_threshold: number_or(get("failureThreshold"), 3, place),
        success_threshold: number_or(get("successThreshold"), 1, place),
        patience: Value::int(period.saturating_mul(failures), place),
        has_startup: Value::bool(around.get("startupProbe").is_some(), place),
        runs_forever: Value::bool(around.forever, place),
        spec: part(Some(node), place),
    }
    .fact(place, format!("{}/{form}", around.path), around.object.role)
}

/// Whether a named and whether a numbered port is one that something listens on.
fn port_known<'s>(
    around: &Around<'_, 's>,
    port: Option<Node<'s>>,
    elsewhere: bool,
    fallback: Span,
) -> (Value<'s>, Value<'s>) {
    let absent = || Value::absent(fallback);
    let Some(port) = port.filter(|_| !elsewhere) else { return (absent(), absent()) };
    let own = || around.node.get("ports").into_iter().flat_map(Node::items);
    match port.as_int().or_else(|| port.text().parse().ok()) {
        None if super::image::is_placeholder(port.text()) => (absent(), absent()),
        None => {
            let known = own().any(|item| item.get("name").is_some_and(|name| name.text() == port.text()));
            (Value::bool(known, port.span()), absent())
        }
        Some(number) => {
            if own().next().is_none() {
                return (absent(), absent());
            }
            let known = around.names.ports.contains(&number)
                || mentions(around.node, port.text())
                || is_of_product(around.node, number);
            // A second probe that asks it too is a second witness: whoever wrote both knew of a port of its own.
            match known || asked(around.node, number) < 2 {
                true => (absent(), Value::bool(known, port.span())),
                false => (absent(), absent()),
            }
        }
    }
}

/// Whether the product in the container is known to listen on that port, if only when asked to.
fn is_of_product(container: Node<'_>, number: i64) -> bool {
    let known = container.get("image").and_then(|image| product::known(image.text()));
    known.is_some_and(|known| known.ports().iter().any(|port| i64::from(port.port) == number))
}

/// How many probes of a container ask that port.
fn asked(container: Node<'_>, number: i64) -> usize {
    let asks = |key: &str| {
        let probe = container.get(key)?;
        let handler = ["httpGet", "tcpSocket", "grpc"].into_iter().find_map(|form| probe.get(form))?;
        let port = handler.get("port")?;
        Some(port.as_int().or_else(|| port.text().parse().ok())? == number)
    };
    PROBES.iter().filter(|(key, _)| asks(key) == Some(true)).count()
}

/// Whether the command, the arguments or a variable of a container mention a port, so that it may well listen there;
/// variables taken from elsewhere may say anything.
pub(crate) fn mentions(container: Node<'_>, port: &str) -> bool {
    let has = |text: &str| {
        text.match_indices(port).any(|(at, _)| {
            let before = text[..at].bytes().next_back();
            let after = text[at + port.len()..].bytes().next();
            !before.is_some_and(|b| b.is_ascii_digit()) && !after.is_some_and(|b| b.is_ascii_digit())
        })
    };
    let words = |key: &str| container.get(key).into_iter().flat_map(Node::items).any(|item| has(item.text()));
    let variables = container.get("env").into_iter().flat_map(Node::items);
    words("command")
        || words("args")
        || variables.filter_map(|item| item.get("value")).any(|value| has(value.text()))
        || container.get("envFrom").is_some_and(|list| list.items().len() > 0)
}

/// Whether liveness and readiness ask the same thing with the same patience: then every slow spell that should only take
/// the pod out of service restarts it.
pub(super) fn identical<'s>(around: &Around<'_, 's>) -> Value<'s> {
    let (live, ready) = (around.get("livenessProbe"), around.get("readinessProbe"));
    let (Some(live), Some(ready)) = (live, ready) else { return Value::bool(false, around.place) };
    let threshold = |probe: Node<'s>, key: &str, default: i64| probe.get(key).and_then(Node::as_int).unwrap_or(default);
    let patience = |probe: Node<'s>| threshold(probe, "periodSeconds", 10) * threshold(probe, "failureThreshold", 3);
    let handler =
        ["httpGet", "tcpSocket", "grpc", "exec"].into_iter().all(|key| match (live.get(key), ready.get(key)) {
            (Some(one), Some(other)) => same(one, other),
            (None, None) => true,
            _ => false,
        });
    let place = around.node.entry("livenessProbe").map_or(around.place, |entry| entry.key.span());
    Value::bool(handler && patience(live) <= patience(ready), place)
}

/// Whether two small trees say the same.
fn same(one: Node<'_>, other: Node<'_>) -> bool {
    if one.kind() != other.kind() || one.text() != other.text() {
        return false;
    }
    let items = one.items().len() == other.items().len() && one.items().zip(other.items()).all(|(a, b)| same(a, b));
    items
        && one.entries().len() == other.entries().len()
        && one.entries().all(|entry| other.get(entry.key.text()).is_some_and(|value| same(entry.value, value)))
}
