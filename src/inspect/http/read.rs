//! Transcript → [`Document`]. Total: what is not there, or is no such thing, is left out.

use super::document::{Body, Document, Exchange, Header, Load, Probe, Target};
use crate::syntax::tree::{Dialect, Kind, Node, Tree};

/// What the transcript says; nothing when it is none.
pub fn read(tree: &Tree) -> Option<Document<'_>> {
    let root = tree.documents(Dialect::Core).next()?;
    let version = root.get("seaworthy").map(Node::text);
    if version != Some("transcript/1") || root.get("protocol").map(Node::text) != Some("http") {
        return None;
    }
    let mut document = Document { endpoint: scalar(root, "endpoint"), ..Document::default() };
    if let Some(asked) = root.get("target") {
        document.target = target(asked);
    }
    if let Some(observed) = root.get("observed") {
        document.failure = scalar(observed, "failure");
        document.addresses = items(observed, "addresses");
        let exchanges = observed.get("exchanges").into_iter().flat_map(Node::items);
        document.exchanges = exchanges.filter_map(exchange).collect();
    }
    Some(document)
}

fn target(node: Node<'_>) -> Target<'_> {
    Target {
        status: scalar(node, "status"),
        max_latency: scalar(node, "max-latency"),
        content_type: scalar(node, "content-type"),
        kind: scalar(node, "kind"),
        headers: scalar(node, "headers"),
        json: pairs(node, "json"),
        expect_headers: pairs(node, "expect-headers"),
        contains: items(node, "contains"),
        lacks: items(node, "lacks"),
    }
}

fn exchange(node: Node<'_>) -> Option<Exchange<'_>> {
    let at = scalar(node, "probe")?;
    Some(Exchange {
        probe: Probe::of(at.text())?,
        at,
        url: scalar(node, "url"),
        address: scalar(node, "address"),
        origin: scalar(node, "origin"),
        certificate: scalar(node, "certificate"),
        failure: scalar(node, "failure"),
        reached: node.get("reached").and_then(Node::as_bool).unwrap_or(true),
        version: scalar(node, "version"),
        status: scalar(node, "status").filter(|status| status.as_int().is_some()),
        milliseconds: scalar(node, "milliseconds").filter(|time| time.as_int().is_some()),
        headers: headers(node, "headers"),
        body: node.get("body").map_or_else(Body::default, body),
    })
}

fn body(node: Node<'_>) -> Body<'_> {
    let yes = |node: Node<'_>, key| node.get(key).and_then(Node::as_bool).unwrap_or(false);
    let texts = node.get("texts").into_iter().flat_map(Node::items);
    let loads = node.get("loads").into_iter().flat_map(Node::items);
    Body {
        bytes: scalar(node, "bytes").filter(|bytes| bytes.as_int().is_some()),
        cut: yes(node, "cut"),
        digest: scalar(node, "digest"),
        json: scalar(node, "json"),
        health: scalar(node, "health"),
        fields: pairs(node, "fields"),
        components: pairs(node, "components"),
        texts: texts.filter_map(|item| Some((scalar(item, "text")?, yes(item, "found")))).collect(),
        shows: items(node, "shows"),
        meta: headers(node, "meta"),
        loads: loads
            .filter_map(|item| {
                let (kind, url) = (scalar(item, "kind")?.text(), scalar(item, "url")?);
                Some(Load { kind, url, integrity: yes(item, "integrity") })
            })
            .collect(),
        scripts: node.get("scripts").and_then(Node::as_int),
        own_integrity: yes(node, "own-integrity"),
    }
}

fn is_scalar(node: Node<'_>) -> bool {
    !matches!(node.kind(), Kind::List | Kind::Map)
}

fn scalar<'t>(node: Node<'t>, key: &str) -> Option<Node<'t>> {
    node.get(key).filter(|value| is_scalar(*value) && !value.is_null())
}

fn items<'t>(node: Node<'t>, key: &str) -> Vec<Node<'t>> {
    node.get(key).into_iter().flat_map(Node::items).filter(|item| is_scalar(*item)).collect()
}

fn pairs<'t>(node: Node<'t>, key: &str) -> Vec<(Node<'t>, Node<'t>)> {
    let entries = node.get(key).into_iter().flat_map(Node::entries);
    entries.filter(|entry| is_scalar(entry.key)).map(|entry| (entry.key, entry.value)).collect()
}

/// A list of mappings with one key each.
fn headers<'t>(node: Node<'t>, key: &str) -> Vec<Header<'t>> {
    let entries = node.get(key).into_iter().flat_map(Node::items).flat_map(Node::entries);
    let scalars = entries.filter(|entry| is_scalar(entry.key) && is_scalar(entry.value));
    scalars.map(|entry| Header { name: entry.key, value: entry.value }).collect()
}
