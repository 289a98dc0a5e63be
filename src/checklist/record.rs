//! Attestations: what a person has written down, one file each (`seaworthy/attestation/1`), and the chain that they
//! form, so that an altered or missing record shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::question::digest_of;
use crate::span::SourceId;
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
    pub id: String,
    /// The item.
    pub item: String,
    /// The digest of the item's text as its author has read it.
    pub item_digest: Spanned<String>,
    /// What came out.
    pub result: Answer,
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
    pub revokes: Option<String>,
    /// The digest of the record before this one; `none` in the first.
    pub prev: Spanned<String>,
    /// A signature, kept as it is.
    #[serde(default)]
    pub signature: Option<Signature>,
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
    pub commit: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The name of the release, for readers.
    pub release: Option<String>,
    /// The digest of the files that the item names.
    pub paths_digest: Option<String>,
}

/// Who attests.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct By {
    /// An address or an account.
    pub id: String,
    /// In which role.
    pub role: String,
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
    pub path: Option<String>,
    /// An address.
    #[serde(default)]
    pub uri: Option<String>,
    /// The digest of the file.
    #[serde(default)]
    pub digest: Option<String>,
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

/// A signature over the record; kept, not checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    /// `ssh` or `dsse`.
    #[serde(rename = "type")]
    pub ty: String,
    /// The key.
    #[serde(default)]
    pub key: Option<String>,
    /// The signature.
    pub value: String,
}

/// A record in its file.
#[derive(Debug, Clone)]
pub struct Filed {
    /// The file's path from the root.
    pub path: String,
    /// The digest of its bytes.
    pub digest: String,
    /// What it says.
    pub record: Record,
    /// When it was made.
    pub at: Timestamp,
    /// Whether the chain vouches for it.
    pub is_vouched: bool,
}

/// Something wrong with the records, with the file that shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's path from the root.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// All records, in the order of the chain, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Those that the chain vouches for come first, oldest first; then the others by path.
    pub records: Vec<Filed>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

impl Ledger {
    /// Reads `files` (path from the root, text).
    pub fn read(files: &[(String, String)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (path, text) in files {
            match parse(path, text) {
                Ok(filed) => ledger.records.push(filed),
                Err(messages) => {
                    ledger.faults.extend(messages.into_iter().map(|message| Fault { path: path.clone(), message }));
                }
            }
        }
        ledger.chain();
        ledger
    }

    /// The digest that the next record names as `prev`; an error when nobody can say which record is the last.
    pub fn next_prev(&self) -> Result<String, Fault> {
        if let Some(fault) = self.faults.first() {
            return Err(fault.clone());
        }
        Ok(self.records.last().map_or_else(|| NONE.to_owned(), |last| last.digest.clone()))
    }

    /// Follows the chain from its first record. Where it forks or breaks off, nothing after that counts, nor does the
    /// record before the break: nothing vouches for it any more.
    fn chain(&mut self) {
        self.records.sort_by(|a, b| a.path.cmp(&b.path));
        let mut rest: Vec<Option<Filed>> = std::mem::take(&mut self.records).into_iter().map(Some).collect();
        let mut after: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, filed) in rest.iter().enumerate() {
            if let Some(filed) = filed {
                after.entry(filed.record.prev.value.clone()).or_default().push(index);
            }
        }
        let mut done: Vec<Filed> = Vec::new();
        let mut forks = false;
        while let Some(next) = after.remove(done.last().map_or(NONE, |last| last.digest.as_str())) {
            let one = if next.len() == 1 { next.first().and_then(|at| rest.get_mut(*at)?.take()) } else { None };
            let Some(mut filed) = one else {
                self.faults.extend(fork(&rest, &next));
                forks = true;
                break;
            };
            filed.is_vouched = true;
            done.push(filed);
        }
        let rest: Vec<Filed> = rest.into_iter().flatten().collect();
        if !forks {
            self.faults.extend(broken(&mut done, &rest));
        }
        done.extend(rest);
        self.records = done;
    }
}

fn fork(rest: &[Option<Filed>], next: &[usize]) -> Option<Fault> {
    let mut paths = next.iter().filter_map(|at| Some(rest.get(*at)?.as_ref()?.path.clone()));
    let (first, second) = (paths.next()?, paths.next()?);
    let message = format!(
        "the chain of attestations forks: this and `{first}` follow the same record; neither they nor what follows count"
    );
    Some(Fault { path: second, message })
}

fn broken(done: &mut [Filed], rest: &[Filed]) -> Option<Fault> {
    let oldest = rest.iter().min_by_key(|filed| (filed.at, &filed.path))?;
    let altered = done.last_mut().map(|last| {
        last.is_vouched = false;
        format!(", or `{}` was altered", last.path)
    });
    Some(Fault {
        path: oldest.path.clone(),
        message: format!(
            "the chain of attestations is broken: the record before this one is missing{}; what follows the break does \
             not count",
            altered.unwrap_or_default()
        ),
    })
}

fn parse(path: &str, text: &str) -> Result<Filed, Vec<String>> {
    let tree = crate::syntax::read(SourceId(0), path, text.into());
    let mut wrong: Vec<String> = tree.problems.iter().map(|problem| problem.message.to_string()).collect();
    let mut documents = tree.documents(Dialect::Core);
    let Some(root) = documents.next() else { return Err(vec!["the file is empty".into()]) };
    if documents.next().is_some() {
        wrong.push("one file holds one attestation".into());
    }
    let (record, errors) = de::read_node::<Record>(root);
    wrong.extend(errors.into_iter().map(|error| error.message));
    let Some(record) = record.filter(|_| wrong.is_empty()) else {
        return Err(if wrong.is_empty() { vec!["this is no attestation".into()] } else { wrong });
    };
    if record.schema.value != SCHEMA {
        wrong.push(format!("this is not an attestation of the schema `{SCHEMA}`"));
    }
    if record.result == Answer::NotApplicable && (record.reason.is_none() || is_blank(record.comment.as_deref())) {
        wrong.push("`not-applicable` needs a `reason` and a `comment`".into());
    }
    if record.evidence.iter().any(|proof| proof.uri.is_none() && (proof.path.is_none() || proof.digest.is_none())) {
        wrong.push("evidence needs `path` and `digest`, or `uri`".into());
    }
    let at = record.at.parse::<Timestamp>();
    match at {
        Ok(at) if wrong.is_empty() => {
            Ok(Filed { path: path.to_owned(), digest: digest_of(text.as_bytes()), record, at, is_vouched: false })
        }
        Ok(_) => Err(wrong),
        Err(_) => {
            wrong.push(format!("`{}` is not a time such as 2026-11-21T12:00:00Z", record.at.value));
            Err(wrong)
        }
    }
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(id: &str, prev: &str, more: &str) -> String {
        format!(
            "schema: seaworthy/attestation/1\nid: \"{id}\"\nitem: a\nitem-digest: \"sha256:0\"\nresult: pass\n\
             subject: {{environment: production}}\nby: {{id: x, role: y}}\nat: \"2026-11-20T00:00:00Z\"\n{more}prev: \"{prev}\"\n"
        )
    }

    fn chain(n: usize) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        for nth in 0..n {
            let prev = files.last().map_or(NONE.to_owned(), |(_, text)| digest_of(text.as_bytes()));
            files.push((format!("{nth}.yaml"), text(&nth.to_string(), &prev, "")));
        }
        files
    }

    fn vouched(files: &[(String, String)]) -> (Vec<String>, usize) {
        let ledger = Ledger::read(files);
        let vouched = ledger.records.iter().filter(|filed| filed.is_vouched).map(|filed| filed.record.id.clone());
        (vouched.collect(), ledger.faults.len())
    }

    #[test]
    fn a_whole_chain_counts() {
        assert_eq!(vouched(&chain(3)), (vec!["0".into(), "1".into(), "2".into()], 0));
        assert_eq!(vouched(&[]), (vec![], 0));
        let last = chain(3).pop().expect("three records").1;
        assert_eq!(Ledger::read(&chain(3)).next_prev(), Ok(digest_of(last.as_bytes())));
    }

    #[test]
    fn after_a_missing_or_altered_record_nothing_counts_nor_does_the_one_before() {
        let mut files = chain(4);
        files.remove(2);
        assert_eq!(vouched(&files), (vec!["0".into()], 1));
        assert!(Ledger::read(&files).next_prev().is_err());
        for nth in 0..3 {
            let mut files = chain(4);
            files[nth].1.push(' ');
            let want: Vec<String> = (0..nth).map(|nth| nth.to_string()).collect();
            assert_eq!(vouched(&files), (want, 1), "{nth}");
        }
    }

    #[test]
    fn where_it_forks_neither_branch_counts() {
        let mut files = chain(2);
        let prev = digest_of(files[0].1.as_bytes());
        files.push(("z.yaml".into(), text("z", &prev, "")));
        assert_eq!(vouched(&files), (vec!["0".into()], 1));
        let two_first = [("a.yaml".to_owned(), text("a", NONE, "")), ("b.yaml".to_owned(), text("b", NONE, ""))];
        assert_eq!(vouched(&two_first), (vec![], 1));
    }

    #[test]
    fn what_is_no_record_is_a_fault_and_never_a_panic() {
        let good = text("a", NONE, "");
        for wrong in [
            String::new(),
            "[".into(),
            "\u{feff}a: 1".into(),
            good.replace("2026-11-20", "yesterday "),
            good.replace("attestation/1", "attestation/2"),
            good.replace("result: pass", "result: not-applicable"),
            good.replace("result: pass", "result: maybe"),
            text("a", NONE, "evidence: [{kind: log, path: x}]\n"),
            text("a", NONE, "extra: 1\n"),
            format!("{good}---\n{good}"),
        ] {
            let (vouched, faults) = vouched(&[("a.yaml".into(), wrong.clone())]);
            assert!(vouched.is_empty() && faults > 0, "{wrong}");
        }
    }
}
