//! What a rule file says of a secret format: plain data that `rule` reads and `detect` builds its matchers from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One secret format: an entry of `formats:` in `rules/secrets/<provider>.yaml`.
///
/// A format has a `shape` (literals and runs of a charset) or, for the odd one, a `pattern`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FormatRecord {
    /// Its name, unique among all formats: `github-pat-classic`.
    pub name: String,
    /// What it is, as a person calls it: `GitHub personal access token (classic)`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Literal text with runs in braces: `ghp_{alnum:36}`, `sk_live_{alnum:24-99}`, `{uuid}`. `{{` is a brace.
    /// Prefix, charset, lengths and boundary all follow from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<String>,
    /// A regular expression that matches from the place of a keyword on; the group `secret` is the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// With a shape: words one of which the name of the assigned variable or key must hold, in any case.
    /// With a pattern: the texts that it begins with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What can be computed offline to tell a real one from a look-alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// What may stand beside it.
    #[serde(default, skip_serializing_if = "Boundary::is_word")]
    pub boundary: Boundary,
    /// Names that other tools have for it, by tool.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// For a pattern, which no value can be generated from: a text in which it is found, with `{charset:n}` runs
    /// filled in as in a shape and « » around the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// A check that needs no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// The last six characters are the CRC-32 of the rest after the prefix, in base 62.
    Crc32Base62,
    /// The last seven characters are the CRC-32 of all before them, in base 36; two more give the payload's length.
    Crc32Base36,
    /// Eight characters after the 43rd of the second part are the first of the base 32 of a SHA-256 of all before.
    Sha256Base32,
    /// Base 32 whose last two bytes are the CRC-16 of the others (NATS keys).
    Crc16Nkey,
    /// Base 32 with a version byte, whose last two bytes are the CRC-16 of the others (Stellar seeds).
    Crc16Stellar,
    /// Bech32: the last six characters.
    Bech32,
    /// Base58Check: the last four bytes are of a double SHA-256.
    Base58check,
    /// The first part is the base64url of a JSON object that names an algorithm.
    Jwt,
}

/// What may stand beside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// Nothing that could belong to it: no letter, digit or `_` before, none of its last charset after.
    #[default]
    Word,
    /// Anything before; none of its last charset after.
    Right,
    /// Anything.
    None,
}

impl Boundary {
    fn is_word(&self) -> bool {
        *self == Boundary::Word
    }
}
