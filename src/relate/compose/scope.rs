//! What variables stand for: the `.env` beside the files, else the default that is written, else it is unknown. The
//! shell that runs compose may set others; what it sets is not seen, and never taken for empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::fact::{Data, Reason, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::inspect::compose::interpolate::{Otherwise, Piece, Use, pieces};
use crate::inspect::env::read;
use crate::source::Source;
use crate::span::Span;

/// Defaults within defaults that are followed.
const DEPTH: u8 = 8;

/// Bytes that a value may grow to.
const LONGEST: usize = 16 << 10;

/// The variables of a project.
#[derive(Debug, Default)]
pub(super) struct Scope {
    values: HashMap<String, Option<String>>,
    /// Names that files beside tell people of.
    documented: HashSet<String>,
    pub(super) has_file: bool,
}

/// A text with its variables filled in, as far as they are known.
#[derive(Debug, Clone)]
pub(super) struct Resolved<'s> {
    pub(super) text: Cow<'s, str>,
    /// The first variable that no file sets.
    pub(super) missing: Option<String>,
}

impl Scope {
    /// The variables of `.env`, and the names that `others` (examples, other dotenv files beside) tell of.
    pub(super) fn new<'s>(env: &[&'s Source], others: impl Iterator<Item = &'s Source>) -> Self {
        let mut scope = Self { has_file: !env.is_empty(), ..Self::default() };
        for source in env {
            scope.add(source, true);
        }
        for source in others {
            let document = read::read(source.text());
            scope.documented.extend(document.assignments().map(|one| one.key.to_owned()));
            scope.documented.extend(document.commented.iter().map(|name| (*name).to_owned()));
        }
        scope
    }

    /// Adds what a `.env` sets that is not set yet.
    pub(super) fn add_missing(&mut self, source: &Source) {
        self.add(source, false);
    }

    fn add(&mut self, source: &Source, replaces: bool) {
        let document = read::read(source.text());
        for one in document.assignments() {
            if !replaces && self.values.contains_key(one.key) {
                continue;
            }
            let value = match one.quote {
                Some('\'') => Some(one.value.to_string()),
                _ if one.command.is_some() => None,
                _ => {
                    let resolved = self.resolve(&one.value, DEPTH);
                    resolved.missing.is_none().then(|| resolved.text.into_owned())
                }
            };
            self.values.insert(one.key.to_owned(), value);
        }
        self.documented.extend(document.commented.iter().map(|name| (*name).to_owned()));
    }

    /// How many names are known.
    pub(super) fn len(&self) -> usize {
        self.values.len() + self.documented.len()
    }

    /// Whether a file sets `name`.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What `name` stands for, where a file says so.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    /// Whether an example, or a comment, tells of `name`.
    pub(super) fn documents(&self, name: &str) -> bool {
        self.documented.contains(name)
    }

    /// `part`'s text with its variables filled in.
    pub(super) fn text<'s>(&self, part: &Part<'s>) -> Resolved<'s> {
        if !part.raw.contains('$') {
            return Resolved { text: Cow::Borrowed(part.raw), missing: None };
        }
        let resolved = self.resolve(part.raw, DEPTH);
        Resolved { text: Cow::Owned(resolved.text.into_owned()), missing: resolved.missing }
    }

    /// `part`'s text, where all of it is known.
    pub(super) fn known<'s>(&self, part: &Part<'s>) -> Option<Cow<'s, str>> {
        let resolved = self.text(part);
        resolved.missing.is_none().then_some(resolved.text)
    }

    /// The texts of a list's items, or of one scalar, that are known.
    pub(super) fn list<'p, 's>(&self, part: Option<&'p Part<'s>>) -> Vec<(&'p Part<'s>, Cow<'s, str>)> {
        let Some(part) = part else { return Vec::new() };
        let single = part.is_scalar().then_some(part);
        let all = part.items().iter().filter(|item| item.is_scalar()).chain(single);
        all.filter_map(|item| Some((item, self.known(item)?))).collect()
    }

    /// A list of what was found among the items of `part`; where nothing was, and a variable decides an item, unknown.
    pub(super) fn found<'s>(&self, part: Option<&Part<'s>>, found: Vec<Value<'s>>, at: Span) -> Value<'s> {
        let unclear = || {
            let scalars = part.map(Part::scalars).unwrap_or_default();
            scalars.into_iter().find(|one| self.known(one).is_none())
        };
        match found.is_empty().then(unclear).flatten() {
            Some(unclear) => self.unknown(unclear),
            None => Value::list(found, at),
        }
    }

    /// A switch, shown by its value.
    pub(super) fn truth(&self, part: &Part<'_>) -> Option<bool> {
        match &part.form {
            Form::Bool(value) => Some(*value),
            Form::Scalar { .. } => match &*self.known(part)?.to_ascii_lowercase() {
                "true" | "yes" | "on" | "y" | "1" => Some(true),
                "false" | "no" | "off" | "n" | "0" | "" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A switch as a value; `fallback` shows one that is not there, which is off.
    pub(super) fn switch<'s>(&self, part: Option<&Part<'s>>, fallback: Span) -> Value<'s> {
        match part {
            None => Value::bool(false, fallback),
            Some(part) => match self.truth(part) {
                Some(value) => Value::bool(value, part.at),
                None => self.unknown(part),
            },
        }
    }

    /// A text as a value: absent when it is not there, unknown when a variable of it is.
    pub(super) fn value<'s>(&self, part: Option<&Part<'s>>, fallback: Span) -> Value<'s> {
        let Some(part) = part.filter(|part| part.is_scalar()) else { return Value::absent(fallback) };
        match self.known(part) {
            Some(text) => Value::str(text, part.at),
            None => self.unknown(part),
        }
    }

    /// Why `part` is not known.
    pub(super) fn unknown<'s>(&self, part: &Part<'s>) -> Value<'s> {
        let name = self.text(part).missing;
        Value::new(Data::unknown(reason(name.as_deref().unwrap_or_default())), part.at)
    }

    fn resolve(&self, text: &str, depth: u8) -> Resolved<'static> {
        let mut found = String::new();
        let mut missing = None;
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => found.push_str(text),
                Piece::Broken(_) => missing = missing.or_else(|| Some("$".to_owned())),
                Piece::Use(one) => {
                    let resolved = self.fill(&one, depth);
                    found.push_str(&resolved.text);
                    missing = missing.or(resolved.missing);
                }
            }
            if found.len() > LONGEST {
                return Resolved { text: Cow::Borrowed(""), missing: Some("$".to_owned()) };
            }
        }
        Resolved { text: Cow::Owned(found), missing }
    }

    fn fill(&self, one: &Use<'_>, depth: u8) -> Resolved<'static> {
        let empty = |missing: Option<String>| Resolved { text: Cow::Borrowed(""), missing };
        let Some(depth) = depth.checked_sub(1) else { return empty(Some(one.name.to_owned())) };
        let value = self.values.get(one.name);
        let set = match value {
            Some(None) => return empty(Some(one.name.to_owned())),
            Some(Some(value)) => Some(value.as_str()),
            None => None,
        };
        let counts = |also_empty: bool| set.filter(|value| !also_empty || !value.is_empty());
        let full = |text: &str| Resolved { text: Cow::Owned(text.to_owned()), missing: None };
        match one.otherwise {
            Otherwise::Empty => set.map_or_else(|| empty(Some(one.name.to_owned())), full),
            Otherwise::Stop(also_empty) => counts(also_empty).map_or_else(|| empty(Some(one.name.to_owned())), full),
            Otherwise::Default(text, also_empty) => counts(also_empty).map_or_else(|| self.resolve(text, depth), full),
            Otherwise::Alternative(text, also_empty) => match counts(also_empty) {
                Some(_) => self.resolve(text, depth),
                None => empty(None),
            },
        }
    }
}

/// Why a value is unknown that hangs on the variable `name`.
pub(super) fn reason(name: &str) -> Reason {
    match name {
        "" | "$" => Reason::Unresolved("a value cannot be read".into()),
        name => Reason::Unresolved(format!("no file here sets the variable `{name}`").into()),
    }
}
