//! Who gives a program its variables: dotenv files, images, compose services, manifests.

use std::borrow::Cow;

use crate::fact::{Data, Fact, Role, Value};
use crate::inspect::compose::document::Part;
use crate::inspect::compose::{is_named, read as compose_file};
use crate::inspect::dockerfile::facts::schema::Setting;
use crate::inspect::env::document::Document;
use crate::inspect::env::{name, read, value};
use crate::inspect::kubernetes::subjects::{Env, Object};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::Node;

/// A dotenv file, read.
pub(super) struct File<'s> {
    pub(super) source: &'s Source,
    pub(super) document: Document<'s>,
    pub(super) is_example: bool,
    /// The environment that its name says.
    pub(super) environment: Option<String>,
}

/// A variable that something sets. The value never becomes part of a fact.
pub(super) struct Given<'s> {
    pub(super) name: Cow<'s, str>,
    /// The literal value; `None` when it comes from elsewhere.
    pub(super) value: Option<Cow<'s, str>>,
    pub(super) key_span: Span,
    pub(super) value_span: Span,
    /// `dotenv`, `image`, `compose`, `manifest`, `config-map` or `secret`.
    pub(super) place: &'static str,
    pub(super) role: Role,
    /// The environment that the name of its file says.
    pub(super) environment: Option<String>,
}

/// The dotenv files among the sources.
pub(super) fn files(sources: &[Source]) -> Vec<File<'_>> {
    let dotenv = sources.iter().filter(|source| name::is_dotenv(source.path()));
    dotenv
        .map(|source| File {
            source,
            document: read::read(source.text()),
            is_example: name::is_example(source.path()),
            environment: name::environment(source.path()),
        })
        .collect()
}

/// The literal value, if it is one.
fn literal(text: &str) -> Option<&str> {
    (!value::is_filled_in(text)).then_some(text)
}

/// What dotenv files give; examples give nothing.
pub(super) fn by_files<'s>(files: &[File<'s>]) -> Vec<Given<'s>> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.is_example) {
        for one in file.document.assignments() {
            let is_literal = one.references.is_empty() && literal(&one.value).is_some();
            let span = |range: &std::ops::Range<usize>| Span::new(file.source.id, range.clone());
            found.push(Given {
                name: Cow::Borrowed(one.key),
                value: is_literal.then(|| one.value.clone()),
                key_span: span(&one.key_place),
                value_span: if one.value_place.is_empty() { span(&one.key_place) } else { span(&one.value_place) },
                place: "dotenv",
                role: file.source.role,
                environment: file.environment.clone(),
            });
        }
    }
    found
}

/// What images, compose services and manifests give.
pub(super) fn by_others<'s>(sources: &'s [Source], facts: &[Fact<'s>], found: &mut Vec<Given<'s>>) {
    for fact in facts {
        match fact.subject().name {
            name if name == Setting::SUBJECT.name => found.extend(setting(fact)),
            name if name == Env::SUBJECT.name => found.extend(manifest(fact)),
            name if name == Object::SUBJECT.name => object(fact, found),
            _ => {}
        }
    }
    for source in sources.iter().filter(|source| is_named(source.path())) {
        compose(source, found);
    }
}

/// `ENV` of a Dockerfile.
fn setting<'s>(fact: &Fact<'s>) -> Option<Given<'s>> {
    let text = |field| fact.record.get(field).and_then(Value::as_str);
    if text("keyword")? != "ENV" {
        return None;
    }
    let is_literal = fact.record.get("is_literal").and_then(Value::as_bool) == Some(true);
    let held = fact.record.get("value")?;
    let value = held.as_str().filter(|_| is_literal).and_then(literal);
    Some(Given {
        name: Cow::Owned(text("key")?.to_owned()),
        value: value.map(|value| Cow::Owned(value.to_owned())),
        key_span: fact.span,
        value_span: held.span.unwrap_or(fact.span),
        place: "image",
        role: fact.role,
        environment: None,
    })
}

/// An entry of a container's `env`.
fn manifest<'s>(fact: &Fact<'s>) -> Option<Given<'s>> {
    let Data::Node(spec) = fact.record.get("spec")?.data else { return None };
    let name = fact.record.get("name")?.as_str()?.to_owned();
    let held = spec.get("value");
    let value = match held {
        Some(node) => literal(node.text()),
        None if spec.get("valueFrom").is_some() => None,
        None => Some(""),
    };
    Some(Given {
        name: Cow::Owned(name),
        value: value.map(|value| Cow::Owned(value.to_owned())),
        key_span: fact.span,
        value_span: held.map_or(fact.span, Node::span),
        place: "manifest",
        role: fact.role,
        environment: None,
    })
}

/// The keys of a ConfigMap or Secret.
fn object<'s>(fact: &Fact<'s>, found: &mut Vec<Given<'s>>) {
    let kind = fact.record.get("kind").and_then(Value::as_str);
    let place = match kind {
        Some("ConfigMap") => "config-map",
        Some("Secret") => "secret",
        _ => return,
    };
    let Some(Data::Node(manifest)) = fact.record.get("manifest").map(|value| &value.data) else { return };
    for part in ["data", "stringData"].into_iter().filter_map(|part| manifest.get(part)) {
        for entry in part.entries() {
            let value = (place == "config-map").then(|| entry.value.text()).and_then(literal);
            found.push(Given {
                name: Cow::Borrowed(entry.key.text()),
                value: value.map(Cow::Borrowed),
                key_span: entry.key.span(),
                value_span: entry.value.span(),
                place,
                role: fact.role,
                environment: None,
            });
        }
    }
}

/// `environment` of the services of a compose file.
fn compose<'s>(source: &'s Source, found: &mut Vec<Given<'s>>) {
    let Some(document) = compose_file::read(source, &mut Vec::new()) else { return };
    for entry in document.services().iter().filter_map(|service| service.get("environment")).flat_map(Part::entries) {
        let value = entry.is_scalar().then_some(entry.raw);
        found.push(Given {
            name: Cow::Borrowed(entry.key),
            value: value.and_then(literal).map(Cow::Borrowed),
            key_span: entry.key_at,
            value_span: entry.at,
            place: "compose",
            role: source.role,
            environment: None,
        });
    }
}
