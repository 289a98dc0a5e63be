//! What is known of all rules: the embedded ones, each read when it is first asked for, and those of users.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::fact::format::FormatRecord;

use super::file::{Prose, RuleFile};

/// A built-in rule: what finds it, and its text, read once.
struct Embedded {
    id: &'static str,
    subject: &'static str,
    /// Peers' ids for it, and its former ids.
    names: &'static [&'static str],
    json: &'static str,
    /// Its [`Prose`] as JSON, read by who shows it.
    prose: &'static str,
    file: OnceLock<RuleFile>,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Identifies the embedded rule set: the first 16 hex digits of the SHA-256 of its rules.
pub const DIGEST: &str = env!("SEAWORTHY_RULES_DIGEST");

/// The subject of the rules that have formats.
const SECRETS: &str = "secrets.value";

impl Embedded {
    const fn new(
        id: &'static str,
        subject: &'static str,
        names: &'static [&'static str],
        json: &'static str,
        prose: &'static str,
    ) -> Embedded {
        Embedded { id, subject, names, json, prose, file: OnceLock::new() }
    }

    fn file(&self) -> &RuleFile {
        self.file.get_or_init(|| {
            serde_json::from_str(self.json)
                .unwrap_or_else(|error| panic!("the embedded rule {} does not load: {error}", self.id))
        })
    }

    fn of(id: &str) -> Option<&'static Embedded> {
        EMBEDDED.get(EMBEDDED.binary_search_by(|one| one.id.cmp(id)).ok()?)
    }
}

/// Rules by id: all built-in ones, and those of users over them.
#[derive(Debug, Default, Clone)]
pub struct Catalog {
    own: BTreeMap<String, RuleFile>,
    own_prose: BTreeMap<String, Prose>,
}

impl Catalog {
    /// The built-in rules.
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds a rule of the user's; one of the same id is replaced.
    pub fn add(&mut self, id: String, mut rule: RuleFile) {
        let prose = Prose {
            why: std::mem::take(&mut rule.why),
            fix: std::mem::take(&mut rule.fix),
            references: std::mem::take(&mut rule.references),
        };
        rule.examples = Default::default();
        self.own_prose.insert(id.clone(), prose);
        self.own.insert(id, rule);
    }

    /// Every id, sorted. Reads no rule.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.places().map(|(id, _)| id)
    }

    /// Every rule, sorted by id. Reads them all.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleFile)> {
        self.places().map(|(id, place)| (id, place.file()))
    }

    /// The rules on subjects that `wanted` accepts, sorted by id. Reads only these.
    pub fn about(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &RuleFile)> {
        let chosen = self.places().filter(move |(_, place)| wanted(place.subject()));
        chosen.map(|(id, place)| (id, place.file()))
    }

    fn places(&self) -> impl Iterator<Item = (&str, Place<'_>)> {
        let builtin = EMBEDDED.iter().filter(|one| !self.own.contains_key(one.id));
        let mut builtin = builtin.map(|one| (one.id, Place::Embedded(one))).peekable();
        let mut own = self.own.iter().map(|(id, file)| (id.as_str(), Place::Own(file))).peekable();
        std::iter::from_fn(move || match (builtin.peek(), own.peek()) {
            (Some((ours, _)), Some((theirs, _))) if theirs < ours => own.next(),
            (None, _) => own.next(),
            _ => builtin.next(),
        })
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&RuleFile> {
        self.own.get(id).or_else(|| Embedded::of(id).map(Embedded::file))
    }

    /// Every secret format with the rule it belongs to.
    pub fn formats(&self) -> Vec<(Arc<str>, FormatRecord)> {
        let of = |(id, rule): (&str, &RuleFile)| {
            let id: Arc<str> = id.into();
            rule.formats.clone().into_iter().map(move |format| (Arc::clone(&id), format)).collect::<Vec<_>>()
        };
        self.about(|subject| subject == SECRETS).flat_map(of).collect()
    }

    /// The secret formats of the user's rules, as [`Catalog::formats`] gives all.
    pub fn own_formats(&self) -> Vec<(Arc<str>, FormatRecord)> {
        let of = |(id, rule): (&String, &RuleFile)| {
            let id: Arc<str> = id.as_str().into();
            rule.formats.clone().into_iter().map(move |format| (Arc::clone(&id), format)).collect::<Vec<_>>()
        };
        self.own.iter().flat_map(of).collect()
    }

    /// The ids of the rules that a word names: an id, a former id, or a peer's id (in any case of its letters).
    pub fn named(&self, word: &str) -> Vec<&str> {
        if let Some((id, _)) = self.own.get_key_value(word) {
            return vec![id];
        }
        if let Some(one) = Embedded::of(word) {
            return vec![one.id];
        }
        self.places().filter(|(_, place)| place.is_called(word)).map(|(id, _)| id).collect()
    }

    /// Whether a rule has this id now.
    pub fn has(&self, id: &str) -> bool {
        self.own.contains_key(id) || Embedded::of(id).is_some()
    }

    /// Whether a rule has this id, had it before, or is called so by a peer.
    pub fn knows(&self, word: &str) -> bool {
        self.own.contains_key(word)
            || Embedded::of(word).is_some()
            || self.places().any(|(_, place)| place.is_called(word))
    }

    /// The prose of the rule of that id.
    pub fn prose(&self, id: &str) -> Option<Prose> {
        if let Some(prose) = self.own_prose.get(id) {
            return Some(prose.clone());
        }
        serde_json::from_str(Embedded::of(id)?.prose).ok()
    }
}

/// Where a rule stands.
#[derive(Clone, Copy)]
enum Place<'c> {
    Embedded(&'static Embedded),
    Own(&'c RuleFile),
}

impl<'c> Place<'c> {
    fn file(self) -> &'c RuleFile {
        match self {
            Place::Embedded(one) => one.file(),
            Place::Own(file) => file,
        }
    }

    fn subject(self) -> &'c str {
        match self {
            Place::Embedded(one) => one.subject,
            Place::Own(file) => &file.subject,
        }
    }

    /// Whether a peer calls it so (in any case of its letters), or it was called so before.
    fn is_called(self, word: &str) -> bool {
        match self {
            Place::Embedded(one) => one.names.iter().any(|name| name.eq_ignore_ascii_case(word)),
            Place::Own(file) => {
                let mut peers = file.aliases.values().flat_map(|ids| &ids.0);
                peers.any(|peer| peer.eq_ignore_ascii_case(word)) || file.formerly.iter().any(|id| id == word)
            }
        }
    }
}
