//! Source → [`Document`]. Total.

use std::ops::Range;

use memchr::memmem;

use super::document::{Content, Document, File, Item};
use super::pem::{self, Armour};
use super::{certificate, der, key, store, transcript};
use crate::source::Source;
use crate::syntax::tree::{Dialect, Node};

/// More things than this in one file are a store of something else.
const MOST: usize = 2_000;
/// Lists of one key store, as a power of two.
const LIST_BITS: u32 = 12;

/// Reads a source alone.
pub(super) fn read(source: &Source) -> Document {
    read_with(source, || store::rounds(1))
}

/// Reads a source. `rounds` says how many rounds of hashing may be spent on each key store; asked only where there is one.
pub(super) fn read_with(source: &Source, rounds: impl FnOnce() -> u64) -> Document {
    let rounds = if stores_in(source) > 0 { rounds() } else { 0 };
    if let Some(bytes) = source.bytes() {
        return Document::File(binary(bytes, source.text().trim_end().len(), rounds));
    }
    if transcript::is_one(source.path(), source.text()) {
        return Document::Transcript(Box::new(transcript::read(source)));
    }
    if is_manifest(source.path()) {
        return Document::File(manifest(source, rounds));
    }
    let mut file = File { rounds, ..File::default() };
    add(&mut file, source.text(), &Where::default());
    Document::File(file)
}

/// How many key stores a source holds at most.
pub(super) fn stores_in(source: &Source) -> usize {
    if let Some(bytes) = source.bytes() {
        return usize::from(container(bytes) == Some("PKCS#12"));
    }
    let text = source.text().as_bytes();
    [&b"-----BEGIN PKCS12"[..], b".p12", b".pfx"].iter().map(|mark| memmem::find_iter(text, mark).count()).sum()
}

/// Whether a path is that of a file with Kubernetes objects.
pub(super) fn is_manifest(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// What the things of one text share.
#[derive(Debug, Clone, Default)]
struct Where {
    group: usize,
    list: usize,
    /// Where all of it stands, when the text is not the source's own.
    place: Option<Range<usize>>,
}

/// Adds what a PEM text holds.
fn add(file: &mut File, text: &str, at: &Where) -> usize {
    let left = MOST.saturating_sub(file.items.len());
    let mut blocks = pem::blocks(text, left + 1);
    file.is_cut |= blocks.len() > left;
    blocks.truncate(left);
    let found = blocks.len();
    for block in blocks {
        let place = at.place.clone().unwrap_or_else(|| block.place.clone());
        if let ("PKCS12", Ok(bytes)) = (block.label, &block.body) {
            add_store(file, bytes, place, at.group);
            continue;
        }
        let content = content(&block);
        file.items.push(Item { place, label: block.label.to_owned(), group: at.group, list: at.list, content });
    }
    found
}

/// Adds a key store and what is in it. Its certificates stand in no order, so each chain is a list.
fn add_store(file: &mut File, bytes: &[u8], place: Range<usize>, group: usize) {
    let opened = store::read(bytes, file.rounds);
    let first = (place.start + 1) << LIST_BITS;
    let one = |label: &str, content, list| Item { place: place.clone(), label: label.to_owned(), group, list, content };
    let broken: Vec<Item> =
        opened.store.broken.iter().map(|wrong| one("CERTIFICATE", Err(wrong.clone()), first)).collect();
    file.items.push(one("PKCS12", Ok(Content::Store(Box::new(opened.store))), first));
    file.items.extend(broken);
    for (content, list) in opened.items {
        let label = if matches!(content, Content::Key(_)) { "PRIVATE KEY" } else { "CERTIFICATE" };
        file.items.push(one(label, Ok(content), first + list));
    }
}

fn content(block: &Armour<'_>) -> Result<Content, String> {
    let bytes = match &block.body {
        Ok(bytes) => bytes,
        Err(wrong) => return Err((*wrong).to_owned()),
    };
    match block.label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            // OpenSSL's trusted form has a second element behind the certificate.
            let own = match (block.label, der::element(bytes)) {
                ("TRUSTED CERTIFICATE", Some((first, _))) => first.whole,
                _ => bytes.as_slice(),
            };
            certificate::read(own).map(|one| Content::Certificate(Box::new(one)))
        }
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => {
            certificate::read_request(bytes).map(|one| Content::Request(Box::new(one)))
        }
        label if key::is_label(label) => Ok(Content::Key(key::read(block, bytes))),
        _ => Ok(Content::Other),
    }
}

/// A file that is no text: one certificate, key or request in DER, or a container.
fn binary(bytes: &[u8], shown: usize, rounds: u64) -> File {
    let mut file = File { container: container(bytes), rounds, ..File::default() };
    if file.container == Some("PKCS#12") {
        add_store(&mut file, bytes, 0..shown, 0);
    }
    if file.container.is_some() || bytes.starts_with(b"PK") {
        return file;
    }
    let (label, content) = match certificate::read(bytes) {
        Ok(one) => ("CERTIFICATE", Ok(Content::Certificate(Box::new(one)))),
        Err(wrong) => match (key::of_der(bytes), certificate::read_request(bytes)) {
            (Some(key), _) => ("PRIVATE KEY", Ok(Content::Key(key))),
            (None, Ok(request)) => ("CERTIFICATE REQUEST", Ok(Content::Request(Box::new(request)))),
            (None, Err(_)) => ("CERTIFICATE", Err(wrong)),
        },
    };
    file.items.push(Item { place: 0..shown, label: label.into(), group: 0, list: 0, content });
    file
}

/// Which container the first bytes are of.
fn container(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xfe, 0xed, 0xfe, 0xed, ..] => return Some("JKS"),
        [0xce, 0xce, 0xce, 0xce, ..] => return Some("JCEKS"),
        // Its length is not told in advance.
        [der::SEQUENCE, 0x80, der::INTEGER, 1, 3, ..] => return Some("PKCS#12"),
        _ => {}
    }
    let mut parts = der::elements(der::sequence(bytes)?);
    let first = parts.next()?;
    if first.tag == der::OID && key::identifier(first.content).starts_with("1.2.840.113549.1.7.") {
        return Some("PKCS#7");
    }
    let second = parts.next()?;
    let holds = der::element(second.content)
        .filter(|(one, _)| one.tag == der::OID)
        .map(|(one, _)| key::identifier(one.content));
    let version = first.tag == der::INTEGER && first.content == [3];
    (version && holds.is_some_and(|id| id.starts_with("1.2.840.113549.1.7."))).then_some("PKCS#12")
}

/// The keys of a Secret that hold PEM.
const SECRET_KEYS: [&str; 3] = ["tls.crt", "tls.key", "ca.crt"];

/// Kubernetes Secrets with certificates. A list of objects is looked through as well.
fn manifest(source: &Source, rounds: u64) -> File {
    let mut file = File { rounds, ..File::default() };
    let mut group = 0;
    for document in source.tree().documents(Dialect::Yaml11) {
        let items = document.get("items").filter(|_| document.get("kind").is_some_and(|kind| kind.text() == "List"));
        for object in items.map_or_else(|| vec![document], |items| items.items().collect()) {
            if object.get("kind").is_some_and(|kind| kind.text() == "Secret") {
                group += 1;
                secret(&mut file, object, group);
            }
        }
    }
    file
}

fn secret(file: &mut File, object: Node<'_>, group: usize) {
    stores(file, object, group);
    let is_tls = object.get("type").is_some_and(|kind| kind.text() == "kubernetes.io/tls");
    for (field, coded) in [("data", true), ("stringData", false)] {
        let Some(map) = object.get(field) else { continue };
        for entry in map.entries().filter(|entry| SECRET_KEYS.contains(&entry.key.text())) {
            let (name, value) = (entry.key.text(), entry.value.text().trim());
            let place = entry.key.span().range();
            // What is empty or a placeholder is filled in by another program.
            if value.is_empty() || value.contains(['<', '$', '{', '*', '%']) || value.contains("...") {
                continue;
            }
            let decoded = if coded {
                pem::decode(value).and_then(|bytes| String::from_utf8(bytes).ok())
            } else {
                Some(value.to_owned())
            };
            let at = Where { group, list: place.start + 1, place: Some(place.clone()) };
            let found = decoded.as_deref().map_or(0, |text| add(file, text, &at));
            if found == 0 && is_tls {
                let wrong =
                    if coded && decoded.is_none() { "it is not base 64 of a text" } else { "it holds no PEM block" };
                let label = if name == "tls.key" { "PRIVATE KEY" } else { "CERTIFICATE" };
                file.items.push(Item {
                    place,
                    label: label.into(),
                    group,
                    list: at.list,
                    content: Err(wrong.to_owned()),
                });
            }
        }
    }
}

/// Key stores in a Secret.
fn stores(file: &mut File, object: Node<'_>, group: usize) {
    let entries = object.get("data").into_iter().flat_map(Node::entries);
    for entry in entries.filter(|entry| [".p12", ".pfx"].iter().any(|end| entry.key.text().ends_with(end))) {
        let bytes = pem::decode(entry.value.text().trim()).filter(|bytes| container(bytes) == Some("PKCS#12"));
        if let Some(bytes) = bytes.filter(|_| file.items.len() < MOST) {
            add_store(file, &bytes, entry.key.span().range(), group);
        }
    }
}
