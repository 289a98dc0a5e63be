//! How much a credential without a format of its own weighs. What a value looks like tells that it is a password; what
//! it opens, who reaches that, and whether its file ships at all tell whether somebody has to act. The reasons for this
//! scale are written down in `docs/decisions/0014-what-a-credential-weighs.md`.

use std::borrow::Cow;

use crate::fact::{Fact, Role, Subject, Type, Value as Stated};
use crate::inspect::secrets::Value;
use crate::relate::compose::stands::{self, Stand};
use crate::relate::{Around, Relation};
use crate::source::{Inventory, Source};
use crate::span::Span;

mod around;
mod named;
mod once;
mod place;
mod stake;
mod versions;
mod weight;
pub(super) mod words;

use named::Named;
use stake::Stake;
use versions::Versions;

crate::subject! {
    /// A credential that has no format of its own: a plain value, one that everybody guesses, the password of a URL, a
    /// private key. Its role is that of what holds it: a compose file that sets up a developer's machine is `development`,
    /// and so is what only such a file reads.
    pub struct Credential: "secrets.credential" {
        /// `private-key`, `url` (the password in a URL), `plain` (its name says so) or `default` (everybody guesses it).
        kind: Type::String,
        /// What a person calls it.
        title: Type::String,
        /// The name it has: a variable, a key, the user of a URL; empty when it has none.
        key: Type::String,
        /// Where it stands, as in `secrets.value`.
        place: Type::String,
        /// Whether a program drew it, by its looks: wherever such a value stands, it was made to be used.
        is_drawn: Type::Bool,
        /// Whether somebody who answers for a release has to act: what it opens counts, somebody may reach that, and what
        /// holds it ships.
        is_weighty: Type::Bool,
        /// Why nobody has to; empty when somebody has.
        because: Type::String,
    }
}

/// Credentials, weighed.
#[derive(Debug)]
pub struct Secrets;

impl Relation for Secrets {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[Credential::SUBJECT]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["compose", "dockerfile", "env", "kubernetes", "secrets"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let found: Vec<Found<'_, 's>> = facts.iter().filter_map(|fact| Found::of(fact, sources)).collect();
        if found.is_empty() {
            return Vec::new();
        }
        let asks = |one: &Found<'_, '_>| place::asks_for_stands(one);
        let stands = if found.iter().any(asks) { stands::stands(sources, facts, around.inventory) } else { Vec::new() };
        let named = named::of(&found, sources);
        let versions = Versions::of(found.iter().map(Found::path));
        let world = World {
            stands: &stands,
            named: &named,
            versions: &versions,
            inventory: around.inventory,
            ships_otherwise: stands::ships_otherwise(facts, around.inventory),
        };
        let mut weighed: Vec<Weighed> = found.iter().map(|one| weight::weigh(one, &world)).collect();
        once::count(&found, &mut weighed, &world);
        found.iter().zip(weighed).map(|(one, weighed)| one.state(weighed)).collect()
    }
}

/// What all of them are weighed against.
struct World<'a, 's> {
    stands: &'a [Stand<'s>],
    named: &'a Named,
    versions: &'a Versions<'s>,
    inventory: &'a Inventory,
    /// Whether it reaches production by another way than compose.
    ships_otherwise: bool,
}

/// A credential with its text.
struct Found<'f, 's> {
    fact: &'f Fact<'s>,
    source: &'s Source,
    kind: &'f str,
    key: &'f str,
    key_path: &'f str,
    place: &'f str,
    is_drawn: bool,
}

impl<'f, 's> Found<'f, 's> {
    fn of(fact: &'f Fact<'s>, sources: &'s [Source]) -> Option<Self> {
        if fact.subject().name != Value::SUBJECT.name {
            return None;
        }
        let text = |field| fact.record.get(field).and_then(Stated::as_str).unwrap_or_default();
        let kind = text("kind");
        if kind == "format" {
            return None;
        }
        let source = sources.get(fact.span.source.0 as usize)?;
        let is_drawn = fact.record.get("is_drawn").and_then(Stated::as_bool) == Some(true);
        let (key, key_path, place) = (text("key"), text("key_path"), text("place"));
        Some(Self { fact, source, kind, key, key_path, place, is_drawn: is_drawn && kind != "default" })
    }

    fn span(&self) -> Span {
        self.fact.span
    }

    fn path(&self) -> &'s str {
        self.source.path()
    }

    /// The value as written, without quotes.
    fn text(&self) -> &'s str {
        let text = self.source.text().get(self.span().range()).unwrap_or_default();
        text.trim_matches(['"', '\'', '`'])
    }

    fn state(&self, weighed: Weighed) -> Fact<'s> {
        let span = self.span();
        let text = |text: &str| Stated::str(text.to_owned(), span);
        let title = self.fact.record.get("title").and_then(Stated::as_str).unwrap_or_default();
        let stated = Credential {
            kind: text(self.kind),
            title: text(title),
            key: text(self.key),
            place: text(self.place),
            is_drawn: Stated::bool(self.is_drawn, span),
            is_weighty: Stated::bool(weighed.because.is_empty(), span),
            because: text(&weighed.because),
        };
        stated.fact(span, self.fact.path.clone(), weighed.role)
    }
}

/// What came of weighing.
struct Weighed {
    role: Role,
    /// Empty when somebody has to act.
    because: Cow<'static, str>,
}

#[cfg(test)]
mod tests;
