//! The shape of a rule file. Prose lives only here: `explain`, the rule pages, SARIF help and JSON all come from it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::edit::EditFile;
use crate::fact::format::FormatRecord;
use crate::finding::{Category, Severity};

/// A rule file. The embedded form has no prose and no examples: a normal run does not read them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleFile {
    /// What is wrong, as a headline of at most eighty characters.
    pub title: String,
    /// How bad it is in production, before policy and context.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// Whether it is on without a policy, or the built-in profiles in which it is.
    #[serde(default)]
    pub default: Switch,
    /// Which facts it judges (`docs/facts.md` lists them).
    pub subject: String,
    /// A CEL condition that narrows the subject; false means not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// A CEL condition that is true when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assert: Option<String>,
    /// A CEL expression for the place of the finding, where the place that made the assertion false is not the best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// A CEL condition that is true where the evidence is weak or little depends on it: the finding counts one step less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milder: Option<String>,
    /// A CEL condition that is true where hardly anybody would act: the finding is low, whatever the severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<String>,
    /// Which findings have one cause: the worst of them that counts is reported with the places of the others, which
    /// are low.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Once>,
    /// What is wrong here: one sentence; `{…}` holds CEL expressions.
    pub message: String,
    /// What a policy may set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Param>,
    /// How a finding is mended: edits that a program can make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit: Option<EditFile>,
    /// Classifications, selected as `tag:pss-restricted`, `tag:cwe-250`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Words>,
    /// What other tools call it; their ids select it and their suppressions count.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Words>,
    /// Ids it had before, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formerly: Vec<String>,
    /// The secret formats that it knows, in place of `assert`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<FormatRecord>,
    /// For the person who has to act: what goes wrong, and when it does not matter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What to write instead.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fix: String,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Texts that show what it means; the last key of the file.
    #[serde(default)]
    pub examples: Examples,
}

/// Which findings of a rule have one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Once {
    /// All of them: somebody who leaves it out leaves it out everywhere.
    Rule,
    /// Those that stand on the same text.
    Text,
}

/// The prose of a rule.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Prose {
    /// For the person who has to act: what goes wrong, and when it does not matter.
    pub why: String,
    /// What to write instead.
    pub fix: String,
    /// Where to read more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// Texts that show what the rule means; every one is a test.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Examples {
    /// Texts on which it fires, with « » around each place it names.
    #[serde(default)]
    pub fails: Vec<Example>,
    /// Texts on which it is silent.
    #[serde(default)]
    pub passes: Vec<Example>,
}

/// One example.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The text of its only file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of a failing example of a rule with an `edit`: the text of that file after the fix; of one with `files`, the path and
    /// the text of every file that the fix changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Fixed>,
    /// The name of that file; by default the inspector's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Of a failing example: how bad its findings are, where the rule is `milder` for some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Its files, where it needs several: path → text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// The text of its policy, `seaworthy.yaml`; with a `waivers.yaml` among the files, by default one that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// For rules on what a change does: the files as they were before it, where they differ.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub base: BTreeMap<String, String>,
    /// For rules on attestations: what is checked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<Checkout>,
    /// The time at which it is judged (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// Parameters other than the defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, ParamValue>,
}

/// What a fix makes of an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Fixed {
    /// Of its only file.
    Text(String),
    /// Of its files, by path; the others stay as they are.
    Files(BTreeMap<String, String>),
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FixedVisitor)
    }
}

/// By hand, as for [`Words`].
struct FixedVisitor;

impl<'de> Visitor<'de> for FixedVisitor {
    type Value = Fixed;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the text of a file, or texts by path")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fixed, E> {
        Ok(Fixed::Text(text.to_owned()))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Fixed, A::Error> {
        let mut files = BTreeMap::new();
        while let Some((path, text)) = map.next_entry()? {
            files.insert(path, text);
        }
        Ok(Fixed::Files(files))
    }
}

/// What is checked out in an example.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Checkout {
    /// The commit.
    pub commit: String,
    /// Who made the change: `Name <address>`.
    #[serde(default)]
    pub authors: Vec<String>,
}

/// When a rule is on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Switch {
    /// Always, unless a policy turns it off.
    #[default]
    On,
    /// Only when selected or turned on by a policy.
    Off,
    /// In these built-in profiles.
    Profiles(Vec<String>),
}

impl Switch {
    /// Whether it is on in the profile of that name.
    pub fn is_on(&self, profile: &str) -> bool {
        match self {
            Switch::On => true,
            Switch::Off => false,
            Switch::Profiles(names) => names.iter().any(|name| name == profile),
        }
    }
}

/// A parameter: its type, its default and what it means.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Param {
    /// Its type; by default that of `default`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub ty: Option<String>,
    /// Its value when a policy says nothing.
    pub default: ParamValue,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParamValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any number.
    Float(f64),
    /// Text.
    String(String),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Texts.
    Strings(Vec<String>),
}

/// One word or several: `pss: restricted`, `cwe: 250`, `hadolint: [DL3006]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Words(pub Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

/// By hand: an untagged enum makes an error message for every form that a word has not, a sixth of a small run.
struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a word or a list of words")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Words, E> {
        Ok(Words(vec![word.to_owned()]))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Words, E> {
        Ok(Words(vec![number.to_string()]))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Words, E> {
        Ok(Words(vec![number.to_string()]))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Words, E> {
        Ok(Words(vec![number.to_string()]))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
        let mut words = Vec::new();
        while let Some(Words(more)) = list.next_element()? {
            words.extend(more);
        }
        Ok(Words(words))
    }
}

impl Serialize for Switch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Switch::On => serializer.serialize_bool(true),
            Switch::Off => serializer.serialize_bool(false),
            Switch::Profiles(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SwitchVisitor)
    }
}

struct SwitchVisitor;

impl<'de> Visitor<'de> for SwitchVisitor {
    type Value = Switch;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`on`, `off` or a list of profiles")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<Switch, E> {
        Ok(if on { Switch::On } else { Switch::Off })
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Switch, E> {
        match word {
            "on" => Ok(Switch::On),
            "off" => Ok(Switch::Off),
            other => Err(E::custom(format!("`{other}` is neither `on` nor `off` nor a list of profiles"))),
        }
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Switch, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        Ok(Switch::Profiles(names))
    }
}

impl JsonSchema for Switch {
    fn schema_name() -> Cow<'static, str> {
        "Switch".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Whether it is on without a policy, or the built-in profiles in which it is.",
            "oneOf": [
                {"type": "boolean"},
                {"enum": ["on", "off"]},
                {"type": "array", "items": {"type": "string"}}
            ]
        })
    }
}

/// The JSON Schema of a rule file, for editors.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(RuleFile).to_value()
}
