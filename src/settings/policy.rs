//! The shape of a policy file (`seaworthy.yaml`): plain types, every value with its place. See docs/policy.md.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::check::RuleSetting;
use crate::checklist::{Bind, EvidenceDemand, SignatureDemand};
use crate::fact::Role;
pub use crate::fact::target::{DnsTarget, HttpTarget, TlsTarget};
use crate::finding::Severity;
pub use crate::relate::demand::{Variable, VariableType};
use crate::rule::file::ParamValue;
use crate::syntax::de::Spanned;

/// The value of `schema:` in a policy file.
pub const SCHEMA: &str = "seaworthy/policy/1";

/// A policy file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "seaworthy policy")]
pub struct PolicyFile {
    /// `seaworthy/policy/1`.
    pub schema: Option<Spanned<String>>,
    /// Policies that this one builds on, weakest first: `builtin:recommended`, or a path from this file's folder that
    /// stays inside the repository.
    pub extends: Vec<Spanned<String>>,
    /// What is looked at.
    pub inputs: InputsSection,
    /// Folders with rules of one's own, from this file's folder.
    pub rule_dirs: Vec<Spanned<String>>,
    /// Rules by selector: an id, `inspector/*`, `tag:x`, `category:x`, a peer's id, `*`. The most specific wins.
    pub rules: Rules,
    /// Other rules for some paths.
    pub overrides: Vec<Override>,
    /// What files are for, where the guess is wrong: glob → role.
    pub roles: BTreeMap<Spanned<String>, Spanned<Role>>,
    /// Environments, picked by `--env`; each holds the same keys as the top level and goes over them.
    pub environments: BTreeMap<Spanned<String>, Environment>,
    /// The checklist.
    pub checklist: ChecklistSection,
    /// The file with the waivers, from this file's folder.
    pub waivers: Option<Spanned<String>>,
    /// Which suppressions in place count.
    pub suppressions: SuppressionsSection,
    /// The folder with the attestations, from this file's folder.
    pub attestations: Option<Spanned<String>>,
    /// Who has which role, by the role's name: addresses or accounts. Attestations of others in that role do not count.
    pub people: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// The file with the ssh keys whose signatures on attestations count (`man ssh-keygen`, ALLOWED SIGNERS), from this
    /// file's folder.
    pub allowed_signers: Option<Spanned<String>>,
    /// Commands that answer items; run only with `--allow-commands`.
    pub commands: BTreeMap<Spanned<String>, CommandSection>,
    /// What stands between an examination and GO.
    pub gate: GateSection,
    /// What is probed with `--online`.
    pub targets: TargetsSection,
    /// What the application needs to be told.
    pub variables: BTreeMap<Spanned<String>, Variable>,
    /// In a file given with `--policy`: sections that the repository's own policy may not change.
    pub lock: Vec<Spanned<Lock>>,
}

/// One environment: what it changes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Environment {
    /// Rules by selector.
    pub rules: Rules,
    /// Other rules for some paths.
    pub overrides: Vec<Override>,
    /// The checklist.
    pub checklist: ChecklistSection,
    /// What stands between an examination and GO.
    pub gate: GateSection,
    /// What is probed with `--online`.
    pub targets: TargetsSection,
    /// What the application needs to be told.
    pub variables: BTreeMap<Spanned<String>, Variable>,
}

/// Rules by selector.
pub type Rules = BTreeMap<Spanned<String>, Spanned<RuleSetting>>;

/// What is looked at; globs in the manner of `.gitignore`, from this file's folder.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct InputsSection {
    /// Only what one of these matches.
    pub include: Vec<Spanned<String>>,
    /// Nothing that one of these matches.
    pub exclude: Vec<Spanned<String>>,
}

/// Which suppressions in place count; those that do not are reported.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SuppressionsSection {
    /// Those in other tools' words (`# hadolint ignore=…`); they do by default.
    pub peers: Option<Spanned<bool>>,
    /// Those in our words (`# seaworthy: ignore[…]`); they do by default.
    pub in_place: Option<Spanned<bool>>,
}

/// Other rules for some paths.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Override {
    /// Globs in the manner of `.gitignore`, from this file's folder.
    pub paths: Vec<Spanned<String>>,
    /// Rules by selector.
    pub rules: Rules,
}

/// What stands between an examination and GO.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct GateSection {
    /// An open finding of this severity or worse is NO-GO; `none`: no finding is.
    pub fail_on: Option<Spanned<FailOn>>,
    /// A score under this is NO-GO.
    #[schemars(range(min = 0, max = 100))]
    pub min_score: Option<Spanned<u32>>,
    /// More things than this that could not be checked is INCOMPLETE.
    pub max_unknown: Option<Spanned<u32>>,
    /// The longest time in days that a waiver may hold.
    pub max_waiver_days: Option<Spanned<u32>>,
}

/// The least severity that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Critical.
    Critical,
    /// High and worse.
    High,
    /// Medium and worse.
    Medium,
    /// Low and worse.
    Low,
    /// Every finding.
    Info,
    /// None.
    None,
}

impl FailOn {
    /// The severity; `None` when no finding decides.
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Critical => Some(Severity::Critical),
            FailOn::High => Some(Severity::High),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::Low => Some(Severity::Low),
            FailOn::Info => Some(Severity::Info),
            FailOn::None => None,
        }
    }
}

/// A section that an operator's policy may lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// `rules` and `overrides`.
    Rules,
    /// `gate`.
    Gate,
    /// `roles`.
    Roles,
    /// `inputs`.
    Inputs,
    /// `waivers`, and suppressions in place.
    Waivers,
    /// `checklist`, `attestations`, `people` and `allowed-signers`.
    Checklist,
    /// `variables`.
    Variables,
    /// `targets`.
    Targets,
}

/// The checklist: a built-in one, and items of one's own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ChecklistSection {
    /// Checklists that this one builds on: `builtin:pre-deployment`, `builtin:during-deployment`,
    /// `builtin:post-deployment`, or a file.
    pub extends: OneOrMany,
    /// Items of one's own; one with the id of a built-in item goes over it, key by key.
    pub items: Vec<Spanned<ItemSection>>,
    /// Reports of other tools that answer items.
    pub evidence: Vec<Spanned<OutsideSection>>,
}

/// A report of another tool that answers an item.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OutsideSection {
    /// The item.
    pub item: String,
    /// The file, from this file's folder: SARIF or JUnit XML.
    pub path: Spanned<String>,
}

/// An item of the checklist.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ItemSection {
    /// Its id.
    pub id: Option<Spanned<String>>,
    /// What has to hold.
    pub title: Option<String>,
    /// `pre`, `during` or `post`.
    pub phase: Option<crate::checklist::Phase>,
    /// The heading under which it stands.
    pub section: Option<String>,
    /// A condition (CEL) that says where it applies: `environment` is the chosen environment (empty: none),
    /// `subjects` what there is to judge (`kubernetes.workload`).
    pub when: Option<Spanned<String>>,
    /// The environments in which it gates.
    pub required: Vec<Spanned<String>>,
    /// Rules that answer it: selectors. Their findings fail it, whatever anybody attests.
    pub satisfied_by: Vec<Spanned<String>>,
    /// How long an attestation holds: `30d`, `12h`, `release` or `commit`.
    pub valid_for: Option<Spanned<String>>,
    /// What an attestation is bound to.
    pub bind: Vec<Bind>,
    /// For `bind: [paths]`: the files meant.
    pub paths: Vec<Spanned<String>>,
    /// Who may attest; empty: anybody.
    pub roles: Vec<String>,
    /// How many must attest.
    pub quorum: Option<u32>,
    /// The attester may not be an author of the change.
    pub independent: Option<bool>,
    /// Whether an attestation must name evidence.
    pub evidence: Option<EvidenceDemand>,
    /// Whether it may be answered with "does not apply".
    pub allow_not_applicable: Option<bool>,
    /// Whether an attestation must be signed: `ssh`, by a key of `allowed-signers`; `commit`, by such a key in the commit that
    /// brought it.
    pub signature: Option<SignatureDemand>,
    /// A command of `commands:` that answers it.
    pub command: Option<Spanned<String>>,
}

/// A command that answers an item.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CommandSection {
    /// The program and its arguments; no shell.
    pub run: Vec<Spanned<String>>,
    /// Seconds after which it is ended.
    #[serde(default)]
    pub timeout: Option<Spanned<u32>>,
}

/// What is probed with `--online`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TargetsSection {
    /// TLS endpoints.
    pub tls: Vec<Spanned<TlsTarget>>,
    /// Names.
    pub dns: Vec<Spanned<DnsTarget>>,
    /// URLs.
    pub http: Vec<Spanned<HttpTarget>>,
}

/// One text or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            One(String),
            Many(Vec<String>),
        }
        let written = Spanned::<Written>::deserialize(deserializer)?;
        let span = written.span;
        Ok(OneOrMany(match written.value {
            Written::One(word) => vec![Spanned::new(word, span)],
            Written::Many(words) => words.into_iter().map(|word| Spanned::new(word, span)).collect(),
        }))
    }
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Detailed {
    #[serde(default)]
    on: Option<bool>,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default)]
    params: BTreeMap<String, ParamValue>,
    #[serde(default)]
    blocking: bool,
}

impl<'de> Deserialize<'de> for RuleSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SettingVisitor)
    }
}

struct SettingVisitor;

impl<'de> Visitor<'de> for SettingVisitor {
    type Value = RuleSetting;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`on`, `off`, a severity, or a map with `severity`, `params`, `blocking`")
    }

    fn visit_bool<E: de::Error>(self, on: bool) -> Result<RuleSetting, E> {
        Ok(RuleSetting { on: Some(on), ..RuleSetting::default() })
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<RuleSetting, E> {
        match word {
            "on" => self.visit_bool(true),
            "off" => self.visit_bool(false),
            word => match Severity::ALL.into_iter().find(|severity| severity.name() == word) {
                Some(severity) => Ok(RuleSetting { severity: Some(severity), ..RuleSetting::default() }),
                None => Err(E::unknown_variant(word, &["on", "off", "critical", "high", "medium", "low", "info"])),
            },
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RuleSetting, A::Error> {
        let Detailed { on, severity, params, blocking } =
            Detailed::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(RuleSetting { on, severity, params, blocking })
    }
}

impl JsonSchema for RuleSetting {
    fn schema_name() -> Cow<'static, str> {
        "RuleSetting".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "How a rule is switched.",
            "oneOf": [
                {"type": "boolean"},
                {"enum": ["on", "off", "critical", "high", "medium", "low", "info"]},
                {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "on": {"type": "boolean"},
                        "severity": {"enum": ["critical", "high", "medium", "low", "info"]},
                        "params": {"type": "object"},
                        "blocking": {"type": "boolean"}
                    }
                }
            ]
        })
    }
}
