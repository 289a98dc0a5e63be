//! What is known of the product in an image, put beside how a manifest or a Dockerfile uses it. A product that is not
//! known gives silence.

mod container;
mod given;
mod stage;

use std::borrow::Cow;

use crate::fact::{Data, Fact, Record, Subject, Type, Value};
use crate::product::{Day, Known};
use crate::relate::{Around, Relation};
use crate::source::Source;
use crate::span::Span;

pub(super) use given::{Given, word};

crate::subject! {
    /// A container that runs a known product. Stands at the image.
    pub struct Product: "kubernetes.product" {
        /// Its name for people: PostgreSQL.
        title: Type::String,
        /// What it is deployed for: `database`, `broker`, `cache`, …
        role: Type::String,
        /// The container; points to its name.
        container: Type::String,
        /// Kind of the workload.
        kind: Type::String,
        /// Whether the pod is meant to stay (no Job).
        runs_forever: Type::Bool,
        /// The version line (`16`; `before 2.36` for what is older than every line that is listed); absent when the tag does
        /// not say.
        cycle: Type::String,
        /// The last day with security updates (`2026-11-12`); absent when unknown or not announced.
        ends: Type::String,
        /// Whether a line ends as soon as the next one is out, so that being behind is no news.
        is_rolling: Type::Bool,
        /// Why nobody should start with these images any more; absent when they are fine.
        deprecated: Type::String,
        /// Whether data that somebody will miss is lost with the container unless a volume holds it.
        keeps_data: Type::Bool,
        /// Whether a volume that outlives the pod holds its data; unknown when settings may have moved it. Points to
        /// the mount that does not last, else to the image.
        is_persisted: Type::Bool,
        /// The folder that should be on a volume.
        data_folder: Type::String,
        /// Accounts that everybody knows and nothing here replaces.
        default_accounts: Type::List(&Type::String),
    }
    /// A port that a container with a known product declares. Stands at the number.
    pub struct ProductPort: "kubernetes.productPort" {
        /// The product.
        title: Type::String,
        /// The number.
        number: Type::Int,
        /// Whether the product listens there.
        is_listened: Type::Bool,
        /// The ports that it listens on.
        listens: Type::List(&Type::Int),
        /// The container.
        container: Type::String,
    }
    /// A variable that turns off what protects a known product. Stands at its value.
    pub struct Insecure: "kubernetes.insecure" {
        /// The product.
        title: Type::String,
        /// The variable.
        name: Type::String,
        /// Whether its value turns the protection off.
        takes_effect: Type::Bool,
        /// What it does, as the end of "with this setting …".
        effect: Type::String,
        /// The container.
        container: Type::String,
    }
    /// A stage whose image is known. Stands at the image.
    pub struct Base: "dockerfile.base" {
        /// Its name for people: Node.js.
        title: Type::String,
        /// The version line (`16`; `before 2.36` for what is older than every line that is listed); absent when the tag does
        /// not say.
        cycle: Type::String,
        /// The last day with security updates; absent when unknown or not announced.
        ends: Type::String,
        /// The operating system below that the tag names: Debian 10; absent when it names none.
        system: Type::String,
        /// The last day of that system.
        system_ends: Type::String,
        /// Whether a line ends as soon as the next one is out.
        is_rolling: Type::Bool,
        /// Why nobody should start with these images any more; absent when they are fine.
        deprecated: Type::String,
        /// Whether the layers of the stage ship.
        is_shipped: Type::Bool,
    }
}

/// Images ↔ `products/`.
#[derive(Debug)]
pub struct Products;

impl Relation for Products {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[Product::SUBJECT, ProductPort::SUBJECT, Insecure::SUBJECT, Base::SUBJECT]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["compose", "dockerfile", "kubernetes"]
    }

    fn relate<'s>(&self, _sources: &'s [Source], facts: &[Fact<'s>], _: Around<'_>) -> Vec<Fact<'s>> {
        let mut found = Vec::new();
        for fact in facts {
            match fact.subject().name {
                "kubernetes.container" => container::relate(fact, &mut found),
                "dockerfile.image" => stage::relate(fact, &mut found),
                _ => {}
            }
        }
        found
    }
}

/// The version line and its last day, as the tag says them.
fn life(known: &Known<'static>) -> (Option<Cow<'static, str>>, Option<Day>) {
    known.line().map_or((None, None), |line| (Some(line.name), line.ends))
}

/// The system below that the tag names, and its last day.
fn system(known: &Known<'static>) -> (Option<String>, Option<Day>) {
    let Some((product, line)) = known.base_line() else { return (None, None) };
    (Some(format!("{} {}", product.title, line.name)), line.ends)
}

fn text<'s>(text: Option<impl Into<Cow<'static, str>>>, span: Span) -> Value<'s> {
    Value::option(text.map(|text| Data::Str(text.into())), span)
}

fn day<'s>(day: Option<Day>, span: Span) -> Value<'s> {
    text(day.map(String::from), span)
}

/// A record's field that holds text.
fn field<'r>(record: &'r Record<'_>, name: &str) -> Option<&'r str> {
    record.get(name).and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
