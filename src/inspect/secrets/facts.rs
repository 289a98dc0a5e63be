//! Credentials → facts. No value of a credential becomes part of a fact.

use std::sync::Arc;

use super::document::Document;
use crate::detect::judge::Place;
use crate::detect::{self, Certainty, Credential, Nature, judge};
use crate::fact::{self, Fact, Role, Type};
use crate::source::Source;
use crate::span::Span;

crate::subject! {
    /// A credential that stands readable in a text.
    pub struct Value: "secrets.value" {
        /// The rule that describes its format (`secrets/github`); empty for a value without a known format.
        rule: Type::String,
        /// The name of its format (`github-pat-classic`); empty for a value without one.
        format: Type::String,
        /// What a person calls it.
        title: Type::String,
        /// `format`, `private-key`, `url` (the password in a URL or a connection string), `plain` (its name says so) or `default` (everybody guesses it).
        kind: Type::String,
        /// The name it has: a variable, a key, the user of a URL; empty when it has none.
        key: Type::String,
        /// The whole path to it, as far as its file has one.
        key_path: Type::String,
        /// Where it stands: `image-env`, `build-arg`, `manifest-env`, `secret-object`, `config-map`, `compose-env`, `dotenv`, `properties`, `pipeline`, `chart-values`, `sql`, `data`, `url`, `private-key`, `code`, `shell`, `prose` (a page or a manual) or `text`.
        place: Type::String,
        /// `certain` (its checksum is right, or nothing else can stand there) or `likely`.
        certainty: Type::String,
        /// Whether everybody guesses it.
        is_default: Type::Bool,
        /// Whether it looks as if a program drew it: long, mixed, without a word that people type.
        is_drawn: Type::Bool,
        /// Whether a value of a known format is only shown: nothing but its looks speaks for it, and it stands in a test, an
        /// example or a manual, or in a program among many of other formats.
        is_sample: Type::Bool,
    }
}

/// One fact a credential.
pub(super) fn state<'s>(document: &Document, source: &'s Source) -> Vec<Fact<'s>> {
    let is_list = lists_formats(document);
    document.credentials.iter().map(|credential| fact_of(credential, source, is_list)).collect()
}

/// Whether so many formats stand there that it must be a list for trying out.
fn lists_formats(document: &Document) -> bool {
    const MANY: usize = 5;
    let format = |credential: &Credential| match &credential.nature {
        Nature::Format { format, .. } => Some(Arc::clone(format)),
        _ => None,
    };
    let mut formats: Vec<Arc<str>> = document.credentials.iter().filter_map(format).collect();
    formats.sort();
    formats.dedup();
    let set = |credential: &Credential| !matches!(credential.place, Place::Text | Place::Code | Place::Prose);
    formats.len() >= MANY && !document.credentials.iter().any(set)
}

/// Whether a value of a known format is only shown.
fn is_sample(credential: &Credential, source: &Source, is_list: bool) -> bool {
    // Anybody makes a valid key of these by himself; of the others, only who issues them.
    const OWN: [&str; 4] = ["secrets/age", "secrets/bitcoin", "secrets/nats", "secrets/stellar"];
    let Nature::Format { rule, .. } = &credential.nature else { return false };
    let is_issued = credential.certainty == Certainty::Certain && !OWN.contains(&&**rule);
    let role = source.role;
    let is_shown = credential.place == Place::Prose
        || detect::is_for_tries(source.path())
        || matches!(role, Role::Example | Role::Template | Role::Vendored);
    is_list || role == Role::Test || (is_shown && !is_issued)
}

fn fact_of<'s>(credential: &Credential, source: &'s Source, is_list: bool) -> Fact<'s> {
    let span = Span::new(source.id, credential.range.clone());
    let (rule, format) = match &credential.nature {
        Nature::Format { rule, format, .. } => (rule.to_string(), format.to_string()),
        _ => (String::new(), String::new()),
    };
    let path = match (credential.path.as_str(), format.as_str()) {
        ("", "") => credential.nature.name().to_owned(),
        ("", format) => format.to_owned(),
        (path, _) => path.to_owned(),
    };
    let text = |text: String| fact::Value::str(text, span);
    let value = Value {
        rule: text(rule),
        format: text(format),
        title: text(title(credential)),
        kind: text(credential.nature.name().to_owned()),
        key: text(credential.key.clone()),
        key_path: text(credential.path.clone()),
        place: text(credential.place.name().to_owned()),
        certainty: text(credential.certainty.name().to_owned()),
        is_default: fact::Value::bool(credential.nature == Nature::Default, span),
        is_drawn: fact::Value::bool(source.text().get(credential.range.clone()).is_some_and(judge::is_drawn), span),
        is_sample: fact::Value::bool(is_sample(credential, source, is_list), span),
    };
    value.fact(span, path, source.role)
}

fn title(credential: &Credential) -> String {
    let key = &credential.key;
    match &credential.nature {
        Nature::Format { title, .. } => title.to_string(),
        Nature::PrivateKey => "private key".to_owned(),
        Nature::UrlPassword if key.is_empty() => "password in a URL".to_owned(),
        Nature::ConnectionPassword if key.is_empty() => "password in a connection string".to_owned(),
        Nature::ConnectionPassword => format!("password of `{key}` in a connection string"),
        Nature::UrlPassword => format!("password of `{key}` in a URL"),
        Nature::Plain | Nature::Default => format!("value of `{key}`"),
    }
}
