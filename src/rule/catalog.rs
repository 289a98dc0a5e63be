//! What is known of all rules: the embedded ones, each read when it is first asked for, and those of users.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::fact::format::FormatRecord;

use super::file::{Prose, RuleFile};
use super::selector::{Selectable, names_tag};
use crate::finding::{Category, Severity};

/// A built-in rule: what finds and selects it, and its text, read once.
struct Embedded {
    id: &'static str,
    subject: &'static str,
    severity: Severity,
    category: Category,
    default: Profiled,
    tags: &'static [(&'static str, &'static [&'static str])],
    /// Peers' ids for it.
    aliases: &'static [&'static str],
    /// Ids it had before.
    formerly: &'static [&'static str],
    /// Whether it has secret formats in place of an assertion.
    has_formats: bool,
    json: &'static str,
    /// Its [`Prose`] as JSON, read by who shows it.
    prose: &'static str,
    file: Lazy,
}

/// In which profiles it is on: a [`Switch`](super::file::Switch) that is not read.
enum Profiled {
    On,
    Off,
    In(&'static [&'static str]),
}

type Lazy = OnceLock<Box<RuleFile>>;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Identifies the embedded rule set: the first 16 hex digits of the SHA-256 of its rules.
pub const DIGEST: &str = env!("SEAWORTHY_RULES_DIGEST");

impl Embedded {
    fn file(&self) -> &RuleFile {
        self.file.get_or_init(|| {
            let file = serde_json::from_str(self.json);
            Box::new(file.unwrap_or_else(|error| panic!("the embedded rule {} does not load: {error}", self.id)))
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
        self.entries().map(|(id, _)| id)
    }

    /// Every rule, sorted by id. Reads them all.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleFile)> {
        self.entries().map(|(id, entry)| (id, entry.file()))
    }

    /// The rules on subjects that `wanted` accepts, sorted by id. Reads none.
    pub fn about(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, Entry<'_>)> {
        self.entries().filter(move |(_, entry)| wanted(entry.subject()))
    }

    /// As [`Catalog::about`]; of the rules that have secret formats only those that `found` accepts by their ids, since
    /// such a rule judges nothing but values of its own formats. Reads none.
    pub fn judging(
        &self,
        wanted: impl Fn(&str) -> bool,
        found: impl Fn(&str) -> bool,
    ) -> impl Iterator<Item = (&str, Entry<'_>)> {
        self.about(wanted).filter(move |(id, entry)| !entry.has_formats() || found(id))
    }

    /// Every rule, sorted by id. Reads none.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Entry<'_>)> {
        let builtin = EMBEDDED.iter().filter(|one| !self.own.contains_key(one.id));
        let mut builtin = builtin.map(|one| (one.id, Entry(Place::Embedded(one)))).peekable();
        let mut own = self.own.iter().map(|(id, file)| (id.as_str(), Entry(Place::Own(file)))).peekable();
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

    /// The secret formats of the user's rules, each with the rule it belongs to.
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
        self.entries().filter(|(_, entry)| entry.is_called(word)).map(|(id, _)| id).collect()
    }

    /// Whether a rule has this id now.
    pub fn has(&self, id: &str) -> bool {
        self.own.contains_key(id) || Embedded::of(id).is_some()
    }

    /// Whether a rule has this id, had it before, or is called so by a peer.
    pub fn knows(&self, word: &str) -> bool {
        self.own.contains_key(word)
            || Embedded::of(word).is_some()
            || self.entries().any(|(_, entry)| entry.is_called(word))
    }

    /// The prose of the rule of that id.
    pub fn prose(&self, id: &str) -> Option<Prose> {
        if let Some(prose) = self.own_prose.get(id) {
            return Some(prose.clone());
        }
        serde_json::from_str(Embedded::of(id)?.prose).ok()
    }
}

/// A rule of a catalogue, perhaps not yet read.
#[derive(Clone, Copy)]
pub struct Entry<'c>(Place<'c>);

/// Where a rule stands.
#[derive(Clone, Copy)]
enum Place<'c> {
    Embedded(&'static Embedded),
    Own(&'c RuleFile),
}

impl<'c> Entry<'c> {
    /// The rule, read.
    pub fn file(self) -> &'c RuleFile {
        match self.0 {
            Place::Embedded(one) => one.file(),
            Place::Own(file) => file,
        }
    }

    /// The name of the facts it judges.
    pub fn subject(self) -> &'c str {
        match self.0 {
            Place::Embedded(one) => one.subject,
            Place::Own(file) => &file.subject,
        }
    }

    fn has_formats(self) -> bool {
        match self.0 {
            Place::Embedded(one) => one.has_formats,
            Place::Own(file) => !file.formats.is_empty(),
        }
    }

    /// Whether a peer calls it so, or it was called so before.
    fn is_called(self, word: &str) -> bool {
        self.has_alias(word) || self.had_id(word)
    }
}

impl Selectable for Entry<'_> {
    fn severity(&self) -> Severity {
        match self.0 {
            Place::Embedded(one) => one.severity,
            Place::Own(file) => file.severity,
        }
    }

    fn category(&self) -> Category {
        match self.0 {
            Place::Embedded(one) => one.category,
            Place::Own(file) => file.category,
        }
    }

    fn is_on(&self, profile: &str) -> bool {
        match self.0 {
            Place::Embedded(one) => match one.default {
                Profiled::On => true,
                Profiled::Off => false,
                Profiled::In(names) => names.contains(&profile),
            },
            Place::Own(file) => file.is_on(profile),
        }
    }

    fn has_tag(&self, tag: &str) -> bool {
        match self.0 {
            Place::Embedded(one) => one.tags.iter().any(|(name, values)| names_tag(tag, name, values.iter().copied())),
            Place::Own(file) => file.has_tag(tag),
        }
    }

    fn has_alias(&self, word: &str) -> bool {
        match self.0 {
            Place::Embedded(one) => one.aliases.iter().any(|name| name.eq_ignore_ascii_case(word)),
            Place::Own(file) => file.has_alias(word),
        }
    }

    fn had_id(&self, id: &str) -> bool {
        match self.0 {
            Place::Embedded(one) => one.formerly.contains(&id),
            Place::Own(file) => file.had_id(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_selects_a_built_in_rule_is_what_its_text_says() {
        for (id, entry) in Catalog::builtin().entries() {
            let file = entry.file();
            assert_eq!((entry.severity(), entry.category()), (file.severity, file.category), "{id}");
            assert_eq!((entry.subject(), entry.has_formats()), (&*file.subject, !file.formats.is_empty()), "{id}");
            for profile in ["recommended", "production", "strict"] {
                assert_eq!(entry.is_on(profile), file.is_on(profile), "{id} {profile}");
            }
            for (name, values) in &file.tags {
                assert!(entry.has_tag(name), "{id} {name}");
                assert!(values.0.iter().all(|value| entry.has_tag(&format!("{name}-{value}"))), "{id} {name}");
            }
            let peers: Vec<&String> = file.aliases.values().flat_map(|ids| &ids.0).collect();
            assert!(peers.iter().all(|peer| entry.has_alias(peer)), "{id} {peers:?}");
            assert!(file.formerly.iter().all(|former| entry.had_id(former)), "{id}");
            if let Place::Embedded(one) = entry.0 {
                assert_eq!((one.tags.len(), one.aliases.len()), (file.tags.len(), peers.len()), "{id}");
            }
        }
    }
}
