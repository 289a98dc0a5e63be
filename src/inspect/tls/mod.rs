//! TLS: certificates and keys in files and in Kubernetes Secrets, and what endpoints showed.

mod certificate;
mod chain;
mod der;
pub mod document;
mod endpoint;
mod facts;
mod judge;
mod key;
pub(crate) mod names;
pub mod observe;
mod pem;
mod read;
mod store;
pub mod subjects;
mod transcript;

use memchr::memmem;

use super::{Among, Inspection, Inspector, Problem};
use crate::fact::{Reason, Subject};
use crate::path;
use crate::source::Source;
use crate::span::Span;
use document::{Content, Document};
pub(crate) use facts::pair_of_files;

/// The inspector.
#[derive(Debug)]
pub struct Tls;

const NAME: &str = "tls";

/// Ends of names of files with certificates and keys.
const ENDINGS: &[&str] = &["ca-bundle", "cer", "cert", "crt", "csr", "der", "jks", "key", "p12", "p7b", "pem", "pfx"];

/// The end of the name of a transcript in an example.
const TRANSCRIPT: &str = "transcript";

impl Inspector for Tls {
    fn name(&self) -> &'static str {
        NAME
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            subjects::Broken::SUBJECT,
            subjects::Certificate::SUBJECT,
            subjects::Chain::SUBJECT,
            subjects::Endpoint::SUBJECT,
            subjects::File::SUBJECT,
            subjects::Key::SUBJECT,
            subjects::Pair::SUBJECT,
            subjects::Request::SUBJECT,
            subjects::Store::SUBJECT,
            subjects::Upgrade::SUBJECT,
        ]
    }

    fn usual_name(&self) -> &'static str {
        "server.crt"
    }

    fn wants(&self, path: &str) -> bool {
        let ending = ending(path);
        ENDINGS.contains(&ending.as_str()) || ending == TRANSCRIPT || read::is_manifest(path)
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        if transcript::is_one(path, text) {
            return true;
        }
        match ending(path).as_str() {
            TRANSCRIPT => false,
            "crt" | "cer" | "der" => true,
            _ if read::is_manifest(path) => holds_secret(text),
            _ => pem::is_in(text) && !memmem::find_iter(text.as_bytes(), b"OPENSSH PRIVATE KEY").any(|_| true),
        }
    }

    fn claims_bytes(&self, path: &str, _bytes: &[u8]) -> bool {
        ENDINGS.contains(&ending(path).as_str())
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        self.inspect_among(source, &Among::new(std::slice::from_ref(source), &[]))
    }

    fn inspect_among<'s>(&self, source: &'s Source, among: &Among<'s, '_>) -> Inspection<'s> {
        let problem = |reason, span| Problem { span, reason, inspector: NAME };
        let start = source.whole().at_start();
        if is_template(source) {
            let reason = Reason::Template("another tool fills in this template first".into());
            return Inspection { problems: vec![problem(reason, start)], ..Inspection::default() };
        }
        let document = read::read_with(source, || store::rounds(among.total(NAME, read::stores_in)));
        let mut problems = Vec::new();
        let facts = match &document {
            Document::File(file) => {
                problems
                    .extend(closed(file, source).map(|(words, span)| problem(Reason::Unreadable(words.into()), span)));
                if file.is_cut {
                    problems.push(problem(Reason::Limit("more blocks than one file is judged for".into()), start));
                }
                facts::state(file, source)
            }
            Document::Transcript(transcript) => {
                problems.extend(endpoint::failure(transcript).map(|(reason, span)| problem(reason, span)));
                endpoint::state(transcript)
            }
        };
        Inspection { facts, problems }
    }
}

/// What a file holds that was not opened, and why.
fn closed<'f>(file: &'f document::File, source: &Source) -> impl Iterator<Item = (String, Span)> + 'f {
    let (id, start) = (source.id, source.whole().at_start());
    let whole = file.container.and_then(|container| match container {
        "PKCS#12" => None,
        "PKCS#7" => Some("a PKCS#7 container is not opened".to_owned()),
        _ => Some(format!(
            "a {container} key store is not read; `keytool -importkeystore` makes PKCS#12 of it, which is"
        )),
    });
    let stores = file.items.iter().filter_map(move |item| match &item.content {
        Ok(Content::Store(store)) => Some((store.fault()?, Span::new(id, item.place.clone()))),
        _ => None,
    });
    whole.map(|words| (words, start)).into_iter().chain(stores)
}

/// Whether another tool fills the text in first. A PEM block holds no braces.
fn is_template(source: &Source) -> bool {
    if source.bytes().is_some() || transcript::is_one(source.path(), source.text()) {
        return false;
    }
    let text = source.text();
    !read::is_manifest(source.path())
        && !pem::is_in(text)
        && ["{{", "{%", "<%", "${"].iter().any(|mark| text.contains(mark))
}

/// The part of a path after its last `.`, in small letters.
fn ending(path: &str) -> String {
    let name = path::file_name(path);
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

/// Whether a manifest holds a Secret with a certificate, its key, or a key store.
fn holds_secret(text: &str) -> bool {
    let has = |needle: &str| memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
    ["tls.crt", "tls.key", ".p12", ".pfx"].iter().any(|key| has(key)) && has("Secret") && has("kind")
}

#[cfg(test)]
mod tests;
