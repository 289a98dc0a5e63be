//! Which rules a word selects: an id, `inspector/*`, `tag:x`, `category:x`, `peer:ID`, or a bare peer's id.

use super::catalog::Catalog;
use super::file::RuleFile;
use crate::finding::{Category, Severity};

/// What selection asks of a rule. A built-in rule answers without being read.
pub trait Selectable {
    /// How bad it is, before policy and context.
    fn severity(&self) -> Severity;
    /// What it endangers.
    fn category(&self) -> Category;
    /// Whether it is on in the built-in profile of that name.
    fn is_on(&self, profile: &str) -> bool;
    /// Whether it has the tag `pss-restricted`, or one of the tags `pss`.
    fn has_tag(&self, tag: &str) -> bool;
    /// Whether a peer calls it so, in any case of its letters.
    fn has_alias(&self, word: &str) -> bool;
    /// Whether it had this id before.
    fn had_id(&self, id: &str) -> bool;
}

impl Selectable for RuleFile {
    fn severity(&self) -> Severity {
        self.severity
    }

    fn category(&self) -> Category {
        self.category
    }

    fn is_on(&self, profile: &str) -> bool {
        self.default.is_on(profile)
    }

    fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|(name, values)| names_tag(tag, name, values.0.iter().map(String::as_str)))
    }

    fn has_alias(&self, word: &str) -> bool {
        self.aliases.values().flat_map(|ids| &ids.0).any(|peer| peer.eq_ignore_ascii_case(word))
    }

    fn had_id(&self, id: &str) -> bool {
        self.formerly.iter().any(|former| former == id)
    }
}

/// Whether `tag` is the class `name` or one of its values.
pub(super) fn names_tag<'v>(tag: &str, name: &str, mut values: impl Iterator<Item = &'v str>) -> bool {
    let value = tag.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    tag == name || values.any(|one| value == Some(one))
}

/// A parsed selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// `*`
    All,
    /// `inspector/*`
    Inspector(String),
    /// `category:security`
    Category(String),
    /// `tag:pss-restricted`; `tag:pss` selects every rule that has such a tag.
    Tag(String),
    /// `peer:DL3006` or `DL3006`
    Peer(String),
    /// `dockerfile/image-untagged`
    Id(String),
}

impl Selector {
    /// The rank from which on a selector names single rules.
    pub const PEER_RANK: u8 = 4;

    /// How specific it is: `*` 0, an inspector 1, a category 2, a tag 3, a peer's id 4, an id 5.
    pub fn rank(&self) -> u8 {
        match self {
            Selector::All => 0,
            Selector::Inspector(_) => 1,
            Selector::Category(_) => 2,
            Selector::Tag(_) => 3,
            Selector::Peer(_) => 4,
            Selector::Id(_) => 5,
        }
    }

    /// Reads `word`; the word of a peer is not checked against the catalogue here.
    pub fn parse(word: &str) -> Selector {
        if word == "*" {
            return Selector::All;
        }
        if let Some(inspector) = word.strip_suffix("/*") {
            return Selector::Inspector(inspector.to_owned());
        }
        match word.split_once(':') {
            Some(("tag", tag)) => Selector::Tag(tag.to_owned()),
            Some(("category", category)) => Selector::Category(category.to_owned()),
            Some(("peer", id)) => Selector::Peer(id.to_owned()),
            _ if word.contains('/')
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/-".contains(c)) =>
            {
                Selector::Id(word.to_owned())
            }
            _ => Selector::Peer(word.to_owned()),
        }
    }

    /// The word that people know it by, without its prefix.
    pub fn word(&self) -> &str {
        match self {
            Selector::All => "*",
            Selector::Inspector(word)
            | Selector::Category(word)
            | Selector::Tag(word)
            | Selector::Peer(word)
            | Selector::Id(word) => word,
        }
    }

    /// The ids of the rules that it names one by one, sorted; `None` for a selector of a whole class.
    pub fn named<'c>(&self, catalog: &'c Catalog) -> Option<Vec<&'c str>> {
        match self {
            Selector::Id(word) | Selector::Peer(word) => Some(catalog.named(word)),
            _ => None,
        }
    }

    /// Whether it selects the rule.
    pub fn selects(&self, id: &str, rule: &(impl Selectable + ?Sized)) -> bool {
        match self {
            Selector::All => true,
            Selector::Inspector(name) => id.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')),
            Selector::Category(name) => rule.category().name() == name,
            Selector::Tag(tag) => rule.has_tag(tag),
            Selector::Peer(word) => rule.has_alias(word) || rule.had_id(word),
            Selector::Id(word) => word == id || rule.had_id(word),
        }
    }

    /// Whether it selects anything in the catalogue; a selector that does not is a mistake of the user's.
    pub fn is_known(&self, catalog: &Catalog) -> bool {
        match self {
            Selector::All => true,
            Selector::Inspector(name) => catalog.ids().any(|id| id.split('/').next() == Some(name)),
            Selector::Id(word) | Selector::Peer(word) => catalog.knows(word),
            Selector::Category(_) | Selector::Tag(_) => catalog.entries().any(|(id, rule)| self.selects(id, &rule)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        assert_eq!(Selector::parse("DL3006"), Selector::Peer("DL3006".into()));
        assert_eq!(Selector::parse("dockerfile/image-untagged"), Selector::Id("dockerfile/image-untagged".into()));
        assert_eq!(Selector::parse("secrets/*"), Selector::Inspector("secrets".into()));
        assert_eq!(Selector::parse("tag:cwe-250"), Selector::Tag("cwe-250".into()));
        assert_eq!(Selector::parse("hadolint/DL3006"), Selector::Peer("hadolint/DL3006".into()));
    }

    #[test]
    fn ids_are_more_specific_than_peers_than_tags() {
        let ranks: Vec<u8> =
            ["*", "a/*", "category:x", "tag:x", "DL1", "a/b"].map(|word| Selector::parse(word).rank()).to_vec();
        assert_eq!(ranks, [0, 1, 2, 3, Selector::PEER_RANK, 5]);
    }
}
