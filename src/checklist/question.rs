//! What a checklist asks: items after all policies were merged, ready to be answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Phase;
use crate::rule::expr::Program;
use crate::rule::selector::Selector;
use crate::source::Globs;

/// What an attestation is bound to: when that changes, it no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Bind {
    /// The commit.
    Commit,
    /// The environment.
    Environment,
    /// The content of `paths`.
    Paths,
}

/// Whether an attestation must name evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceDemand {
    /// It has none.
    None,
    /// It may.
    #[default]
    Optional,
    /// It must.
    Required,
}

/// Whether an attestation must be signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureDemand {
    /// It need not.
    #[default]
    None,
    /// With an ssh key of the file of allowed signers.
    Ssh,
    /// By the commit that brought it, with an ssh key of its author among the allowed signers.
    Commit,
}

/// How long an attestation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// As long as the commit stays the same.
    Commit,
    /// As long as what it is bound to stays the same; the commit when it is bound to nothing.
    Release,
    /// That many hours.
    Hours(u32),
}

impl Lasting {
    /// `30d`, `12h`, `release` or `commit`.
    pub fn parse(text: &str) -> Option<Lasting> {
        let number = |unit: char| text.strip_suffix(unit)?.parse::<u32>().ok().filter(|n| (1..=100_000).contains(n));
        match text {
            "commit" => Some(Lasting::Commit),
            "release" => Some(Lasting::Release),
            _ => number('h').or_else(|| number('d')?.checked_mul(24)).map(Lasting::Hours),
        }
    }
}

/// An item that is to be answered.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// What has to hold.
    pub title: String,
    /// When it is due.
    pub phase: Phase,
    /// The heading under which it stands.
    pub section: Option<String>,
    /// The environments in which it gates.
    pub required: Vec<String>,
    /// Where it applies; everywhere when absent. Its text and the compiled condition.
    pub when: Option<(String, Arc<Program>)>,
    /// Rules that answer it, as they are written and as they select.
    pub rules: Vec<(String, Selector)>,
    /// How long an attestation holds, as it is written.
    pub valid_for: String,
    /// The same, read.
    pub lasting: Lasting,
    /// What an attestation is bound to.
    pub bind: Vec<Bind>,
    /// For [`Bind::Paths`]: the files meant.
    pub paths: Globs,
    /// The same as they are written.
    pub patterns: Vec<String>,
    /// The folder that they start from, relative to the root.
    pub folder: String,
    /// Who may attest; empty: anybody.
    pub roles: Vec<String>,
    /// How many must attest.
    pub quorum: u32,
    /// The attester may not be an author of the change.
    pub independent: bool,
    /// Whether an attestation must name evidence.
    pub evidence: EvidenceDemand,
    /// Whether it may be answered with "does not apply".
    pub allow_not_applicable: bool,
    /// Whether an attestation must be signed.
    pub signature: SignatureDemand,
    /// Who has which role, where the policy says so.
    pub holders: Arc<BTreeMap<String, Vec<String>>>,
    /// The command of the policy that answers it.
    pub command: Option<String>,
}

impl Question {
    /// Whether rules alone may answer it: not where evidence or certain people are asked for. Rules fail it even then.
    pub fn rules_suffice(&self) -> bool {
        self.evidence != EvidenceDemand::Required && self.asks_nobody()
    }

    /// Whether it may be answered without certain people.
    pub fn asks_nobody(&self) -> bool {
        self.roles.is_empty() && self.quorum <= 1 && !self.independent
    }

    /// Whether an attestation of it is bound to `what`.
    pub fn is_bound_to(&self, what: Bind) -> bool {
        let by_time = match self.lasting {
            Lasting::Commit => true,
            Lasting::Release => self.bind.is_empty(),
            Lasting::Hours(_) => false,
        };
        self.bind.contains(&what) || (what == Bind::Commit && by_time)
    }

    /// Identifies what was asked: an attestation counts only for the text that its author has read.
    pub fn digest(&self) -> String {
        let rules: Vec<&str> = self.rules.iter().map(|(word, _)| word.as_str()).collect();
        let asked = serde_json::json!([
            self.id,
            self.title,
            self.when.as_ref().map(|(text, _)| text),
            rules,
            self.valid_for,
            self.bind,
            self.patterns,
            self.roles,
            self.quorum,
            self.independent,
            self.evidence,
            self.allow_not_applicable,
        ]);
        digest_of(asked.to_string().as_bytes())
    }
}

/// `sha256:` and 64 hex digits.
pub fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_read() {
        assert_eq!(Lasting::parse("30d"), Some(Lasting::Hours(720)));
        assert_eq!(Lasting::parse("12h"), Some(Lasting::Hours(12)));
        assert_eq!(Lasting::parse("release"), Some(Lasting::Release));
        for wrong in ["", "0d", "-1d", "30", "d", "30w", "99999999999d", "Commit", "1 d"] {
            assert_eq!(Lasting::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_digest_is_that_of_its_bytes() {
        assert_eq!(digest_of(b""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
