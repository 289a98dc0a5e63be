//! Transcript → [`Transcript`]: see docs/network.md for the grammar. Whatever is absent was not seen.

use super::certificate;
use super::document::{Certificate, Field, Seen, Transcript};
use super::pem;
use crate::fact::target::Protocol;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::{Dialect, Node};

/// More addresses than this are not judged.
const MOST_ADDRESSES: usize = 64;
/// More certificates of one chain than this are not judged.
const MOST_CERTIFICATES: usize = 64;
/// Whether `text` is a transcript of this protocol.
pub(super) fn is_one(path: &str, text: &str) -> bool {
    crate::observe::transcript::is_of(Protocol::Tls, path, text)
}

/// Reads a transcript.
pub(super) fn read(source: &Source) -> Transcript {
    let root = source.tree().documents(Dialect::Core).next();
    let target = root.and_then(|root| root.get("target"));
    let observed = root.and_then(|root| root.entry("observed"));
    let text = |node: Option<Node<'_>>| node.map(|node| node.text().to_owned()).filter(|text| !text.is_empty());
    let endpoint = text(root.and_then(|root| root.get("endpoint"))).unwrap_or_default();
    let host = text(target.and_then(|target| target.get("host")));
    let failure = observed.and_then(|observed| observed.value.get("failure"));
    let list = observed.and_then(|observed| observed.value.get("addresses"));
    let addresses = list.into_iter().flat_map(|list| list.items().take(MOST_ADDRESSES).collect::<Vec<_>>());
    Transcript {
        span: observed.map_or_else(|| source.whole().at_start(), |observed| observed.key.span()),
        host: host.unwrap_or_else(|| endpoint.rsplit_once(':').map_or(endpoint.as_str(), |(host, _)| host).to_owned()),
        endpoint,
        days: target.and_then(|target| target.get("days")).and_then(Node::as_int),
        starttls: text(target.and_then(|target| target.get("starttls"))),
        failure: failure.map(|node| (node.text().to_owned(), node.span())),
        addresses: addresses.map(|node| seen(node, source)).collect(),
    }
}

fn seen(node: Node<'_>, source: &Source) -> Seen {
    let text = |key: &str| string(node.get(key)?);
    let flag = |key: &str| boolean(node.get(key)?);
    let chain = node.get("chain");
    let sent = chain.map_or(0, |chain| chain.items().len());
    Seen {
        address: text("address").unwrap_or_else(|| Field { value: String::new(), span: node.span().at_start() }),
        failure: text("failure"),
        offers_starttls: flag("offers-starttls"),
        version: text("version"),
        cipher: text("cipher"),
        alpn: text("alpn"),
        handshake_failure: text("handshake-failure"),
        asks_client: flag("asks-client-certificate"),
        staple: text("staple"),
        staple_until: text("staple-until"),
        versions: flags(node.get("versions")),
        ciphers: flags(node.get("ciphers")),
        dh_bits: node.get("dh-bits").and_then(|node| Some(Field { value: node.as_int()?, span: node.span() })),
        compresses: flag("compresses"),
        renegotiates_safely: flag("renegotiates-safely"),
        without_name: text("without-name"),
        trust: text("trust"),
        trusted_until: text("trusted-until"),
        distrust: text("distrust"),
        chain: chain
            .into_iter()
            .flat_map(|chain| chain.items().take(MOST_CERTIFICATES).collect::<Vec<_>>())
            .map(|one| sent_certificate(one, source))
            .collect(),
        chain_is_cut: sent > MOST_CERTIFICATES || flag("chain-is-cut").is_some_and(|field| field.value),
    }
}

fn string(node: Node<'_>) -> Option<Field<String>> {
    (!node.is_null()).then(|| Field { value: node.text().to_owned(), span: node.span() })
}

fn boolean(node: Node<'_>) -> Option<Field<bool>> {
    Some(Field { value: node.as_bool()?, span: node.span() })
}

fn flags(map: Option<Node<'_>>) -> Vec<(String, Field<bool>)> {
    let entries = map.into_iter().flat_map(|map| map.entries().collect::<Vec<_>>());
    entries.filter_map(|entry| Some((entry.key.text().to_owned(), boolean(entry.value)?))).collect()
}

/// A certificate of a chain; it stands at the first line of its block.
fn sent_certificate(node: Node<'_>, source: &Source) -> (Result<Certificate, String>, Span) {
    let whole = node.span().range();
    let own = source.text().get(whole.clone()).unwrap_or_default();
    let place = pem::blocks(own, 1).first().map(|block| whole.start + block.place.start..whole.start + block.place.end);
    let span = place.map_or(node.span(), |place| Span::new(source.id, place));
    let read = match pem::blocks(node.text(), 1).first().map(|block| &block.body) {
        Some(Ok(bytes)) => certificate::read(bytes),
        Some(Err(wrong)) => Err((*wrong).to_owned()),
        None => Err("it is no PEM block".into()),
    };
    (read, span)
}
