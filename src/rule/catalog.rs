//! What is known of all rules: the embedded ones, read by inspector and only when asked for, and those of users.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::format::FormatRecord;

use super::file::{Prose, RuleFile};

/// (inspector, rules as a JSON object by id, prose as a JSON object by id), sorted by inspector; made by `build.rs`.
static EMBEDDED: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Identifies the embedded rule set: the first 16 hex digits of the SHA-256 of its rules.
pub const DIGEST: &str = env!("SEAWORTHY_RULES_DIGEST");

/// Rules by id.
#[derive(Debug, Default, Clone)]
pub struct Catalog {
    rules: BTreeMap<String, RuleFile>,
    own_prose: BTreeMap<String, Prose>,
}

impl Catalog {
    /// The built-in rules of all inspectors.
    pub fn builtin() -> Self {
        Self::of(EMBEDDED.iter())
    }

    /// The built-in rules of the inspectors that `wanted` names.
    pub fn builtin_of(wanted: impl Fn(&str) -> bool) -> Self {
        Self::of(EMBEDDED.iter().filter(|(inspector, ..)| wanted(inspector)))
    }

    fn of<'e>(parts: impl Iterator<Item = &'e (&'static str, &'static str, &'static str)>) -> Self {
        let mut rules = BTreeMap::new();
        for (inspector, json, _) in parts {
            let part: BTreeMap<String, RuleFile> = serde_json::from_str(json)
                .unwrap_or_else(|error| panic!("the embedded rules of {inspector} do not load: {error}"));
            rules.extend(part);
        }
        Self { rules, own_prose: BTreeMap::new() }
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
        self.rules.insert(id, rule);
    }

    /// Adds all of `other`, replacing what has the same id.
    pub fn extend(&mut self, other: &Catalog) {
        self.rules.extend(other.rules.clone());
        self.own_prose.extend(other.own_prose.clone());
    }

    /// Every rule, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RuleFile)> {
        self.rules.iter().map(|(id, rule)| (id.as_str(), rule))
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&RuleFile> {
        self.rules.get(id)
    }

    /// Every secret format with the rule it belongs to.
    pub fn formats(&self) -> Vec<(Arc<str>, FormatRecord)> {
        let of = |(id, rule): (&String, &RuleFile)| {
            let id: Arc<str> = id.as_str().into();
            rule.formats.clone().into_iter().map(move |format| (Arc::clone(&id), format)).collect::<Vec<_>>()
        };
        self.rules.iter().flat_map(of).collect()
    }

    /// The ids of the rules that a word names: an id, a former id, or a peer's id (in any case of its letters).
    pub fn named(&self, word: &str) -> Vec<&str> {
        if let Some((id, _)) = self.rules.get_key_value(word) {
            return vec![id];
        }
        let bears = |rule: &RuleFile| {
            let mut peers = rule.aliases.values().flat_map(|ids| &ids.0);
            peers.any(|peer| peer.eq_ignore_ascii_case(word)) || rule.formerly.iter().any(|id| id == word)
        };
        self.iter().filter(|(_, rule)| bears(rule)).map(|(id, _)| id).collect()
    }

    /// The prose of the rule of that id.
    pub fn prose(&self, id: &str) -> Option<Prose> {
        if let Some(prose) = self.own_prose.get(id) {
            return Some(prose.clone());
        }
        let inspector = id.split('/').next()?;
        let (.., json) = EMBEDDED.iter().find(|(name, ..)| *name == inspector)?;
        let mut all: BTreeMap<String, Prose> = serde_json::from_str(json).ok()?;
        all.remove(id)
    }

    /// The prose of all `ids`, each inspector's read once.
    pub fn prose_of<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> BTreeMap<String, Prose> {
        let mut parts: BTreeMap<&str, BTreeMap<String, Prose>> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for id in ids {
            let inspector = id.split('/').next().unwrap_or(id);
            let part = parts.entry(inspector).or_insert_with(|| {
                let json = EMBEDDED.iter().find(|(name, ..)| *name == inspector).map_or("{}", |(.., json)| json);
                serde_json::from_str(json).unwrap_or_default()
            });
            if let Some(prose) = self.own_prose.get(id).cloned().or_else(|| part.remove(id)) {
                found.insert(id.to_owned(), prose);
            }
        }
        found
    }
}
