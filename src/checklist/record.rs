//! Attestations: what a person has written down, one file each (`seaworthy/attestation/1`).

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::Link;
use super::question::digest_of;
use crate::span::{SourceId, Span};
use crate::syntax::de::{self, Spanned};
use crate::syntax::tree::Dialect;

/// The value of `schema:` in an attestation.
pub const SCHEMA: &str = "seaworthy/attestation/1";

/// The value of `prev:` in the first record.
pub const NONE: &str = "none";

/// What somebody attests of an item.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "seaworthy attestation")]
pub struct Record {
    /// `seaworthy/attestation/1`.
    pub schema: Spanned<String>,
    /// Its own id.
    pub id: Spanned<String>,
    /// The item.
    pub item: Spanned<String>,
    /// The digest of the item's text as its author has read it.
    pub item_digest: Spanned<String>,
    /// What came out.
    pub result: Spanned<Answer>,
    /// For `not-applicable`: why.
    #[serde(default)]
    pub reason: Option<Inapplicable>,
    /// What a reader should know.
    #[serde(default)]
    pub comment: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// Who says so.
    pub by: By,
    /// When (RFC 3339).
    pub at: Spanned<String>,
    /// What shows it.
    #[serde(default)]
    pub evidence: Vec<Proof>,
    /// The id of a record that this one takes back.
    #[serde(default)]
    pub revokes: Option<Spanned<String>>,
    /// The digest of the record before this one; `none` in the first.
    pub prev: Spanned<String>,
    /// An ssh signature over everything that stands before this key.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// The digest of everything that stands before this key, which is the last: an altered byte shows.
    #[serde(default)]
    pub digest: Option<Spanned<String>>,
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// It does not apply here.
    NotApplicable,
}

impl Answer {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Pass => "pass",
            Answer::Fail => "fail",
            Answer::NotApplicable => "not-applicable",
        }
    }
}

/// Why an item does not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Inapplicable {
    /// It is not part of what is released.
    OutOfScope,
    /// The architecture leaves no place for it.
    Architecture,
    /// Somebody who may decide it has decided so.
    BusinessDecision,
    /// Something else answers it.
    CoveredElsewhere,
    /// The comment says why.
    Other,
}

impl Inapplicable {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Inapplicable::OutOfScope => "out-of-scope",
            Inapplicable::Architecture => "architecture",
            Inapplicable::BusinessDecision => "business-decision",
            Inapplicable::CoveredElsewhere => "covered-elsewhere",
            Inapplicable::Other => "other",
        }
    }
}

/// What an attestation is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Subject {
    /// The commit; absent outside of a repository.
    pub commit: Option<Spanned<String>>,
    /// The environment.
    pub environment: Option<Spanned<String>>,
    /// The name of the release, for readers.
    pub release: Option<String>,
    /// The digest of the files that the item names.
    pub paths_digest: Option<Spanned<String>>,
}

/// Who attests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct By {
    /// An address or an account.
    pub id: Spanned<String>,
    /// In which role.
    pub role: Spanned<String>,
    /// For whom.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
}

/// Something that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Proof {
    /// What it is: `log`, `sarif`, `junit`, `link`, `screenshot`, `report`, `ticket`.
    pub kind: ProofKind,
    /// A file, from the policy's folder; `digest` says what it held.
    #[serde(default)]
    pub path: Option<Spanned<String>>,
    /// An address.
    #[serde(default)]
    pub uri: Option<String>,
    /// The digest of the file.
    #[serde(default)]
    pub digest: Option<Spanned<String>>,
    /// When it was made.
    #[serde(default)]
    pub produced_at: Option<String>,
    /// What a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProofKind {
    /// SARIF.
    Sarif,
    /// JUnit XML.
    Junit,
    /// The output of a program.
    Log,
    /// An address.
    Link,
    /// A picture.
    Screenshot,
    /// Any other document.
    Report,
    /// An entry of a tracker.
    Ticket,
}

impl ProofKind {
    /// What a file or an address most likely is.
    pub fn of(path: &str) -> ProofKind {
        let lower = path.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
        match () {
            () if lower.contains("://") => ProofKind::Link,
            () if ends(&[".sarif", ".sarif.json"]) => ProofKind::Sarif,
            () if ends(&[".xml"]) => ProofKind::Junit,
            () if ends(&[".log", ".txt"]) => ProofKind::Log,
            () if ends(&[".png", ".jpg", ".jpeg", ".webp"]) => ProofKind::Screenshot,
            () => ProofKind::Report,
        }
    }

    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            ProofKind::Sarif => "sarif",
            ProofKind::Junit => "junit",
            ProofKind::Log => "log",
            ProofKind::Link => "link",
            ProofKind::Screenshot => "screenshot",
            ProofKind::Report => "report",
            ProofKind::Ticket => "ticket",
        }
    }
}

/// A signature over the record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    /// `ssh`; another kind is kept, not checked.
    #[serde(rename = "type")]
    pub ty: String,
    /// The key, for readers.
    #[serde(default)]
    pub key: Option<String>,
    /// The signature: what `ssh-keygen -Y sign -n seaworthy` writes.
    pub value: Spanned<String>,
}

/// A record in its file.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The file's path from the root.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The digest of its bytes.
    pub digest: String,
    /// What it says.
    pub record: Record,
    /// When it was made.
    pub at: Timestamp,
    /// Where the chain of records leaves it.
    pub link: Link,
    /// The signature that stands in a file of its own beside it (`RECORD.yaml.sig`).
    pub beside: Option<String>,
}

/// A file among the records that holds none.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The file's path from the root.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// What is wrong, with its place.
    pub mistakes: Vec<(String, Span)>,
}

impl Filed {
    /// What stands before the line of the value at `span`.
    fn before(&self, span: Span) -> &str {
        let start = (span.start as usize).min(self.text.len());
        let line = self.text.get(..start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        self.text.get(..line).unwrap_or_default()
    }

    /// Whether its own digest, where it has one, is that of its text.
    pub fn is_whole(&self) -> bool {
        self.record.digest.as_ref().is_none_or(|digest| digest.value == digest_of(self.before(digest.span).as_bytes()))
    }

    /// What its signature is over: everything before the key `signature`.
    pub fn signed(&self) -> &str {
        let end = self.text.match_indices("signature:").filter(|(at, _)| *at == 0 || self.text[..*at].ends_with('\n'));
        end.last().map_or(&*self.text, |(at, _)| &self.text[..at])
    }
}

/// Reads one record.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn parse(path: &str, text: &Arc<str>) -> Result<Filed, Vec<(String, Span)>> {
    let tree = crate::syntax::read(SourceId(0), path, (&**text).into());
    let mut wrong: Vec<(String, Span)> =
        tree.problems.iter().map(|problem| (problem.message.to_string(), problem.span)).collect();
    let start = Span::new(SourceId(0), 0..0);
    let mut documents = tree.documents(Dialect::Core);
    let Some(root) = documents.next() else { return Err(vec![("the file is empty".into(), start)]) };
    if let Some(second) = documents.next() {
        wrong.push(("one file holds one attestation".into(), second.span().at_start()));
    }
    let (record, errors) = de::read_node::<Record>(root);
    wrong.extend(errors.into_iter().map(|error| (error.message, error.span)));
    let Some(record) = record.filter(|_| wrong.is_empty()) else {
        return Err(if wrong.is_empty() { vec![("this is no attestation".into(), start)] } else { wrong });
    };
    wrong.extend(mistakes(&record, text));
    let at = record.at.parse::<Timestamp>();
    match at {
        Ok(at) if wrong.is_empty() => Ok(Filed {
            path: path.to_owned(),
            text: Arc::clone(text),
            digest: digest_of(text.as_bytes()),
            record,
            at,
            link: Link::Behind,
            beside: None,
        }),
        Ok(_) => Err(wrong),
        Err(_) => {
            wrong.push((format!("`{}` is not a time such as 2026-11-21T12:00:00Z", record.at.value), record.at.span));
            Err(wrong)
        }
    }
}

/// What no type can say.
fn mistakes(record: &Record, text: &str) -> Vec<(String, Span)> {
    let mut wrong = Vec::new();
    if record.schema.value != SCHEMA {
        wrong.push((format!("this is not an attestation of the schema `{SCHEMA}`"), record.schema.span));
    }
    let is_bare = record.reason.is_none() || is_blank(record.comment.as_deref());
    if record.result.value == Answer::NotApplicable && is_bare {
        wrong.push(("`not-applicable` needs a `reason` and a `comment`".into(), record.result.span));
    }
    if is_blank(Some(&record.by.id)) {
        wrong.push(("somebody has to say so: `by.id` is empty".into(), record.by.id.span));
    }
    for proof in &record.evidence {
        if proof.uri.is_none() && (proof.path.is_none() || proof.digest.is_none()) {
            let span = proof.path.as_ref().map_or(record.item.span, |path| path.span);
            wrong.push(("evidence needs `path` and `digest`, or `uri`".into(), span));
        }
    }
    if let Some(digest) = &record.digest {
        let after = text.get(digest.span.end as usize..).unwrap_or_default().trim_start_matches(['"', '\'']);
        if !after.trim().is_empty() {
            wrong.push(("`digest` is the last key of a record".into(), digest.span));
        }
    }
    wrong
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}
