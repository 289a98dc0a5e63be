//! Whether a record counts, and everything that speaks against it: validity is computed, never read. One function
//! decides, for the items and for what is said of the records themselves.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::chain::{Ledger, Link};
use super::identity::{CODE_OWNER, Owns, People};
use super::question::{Bind, EvidenceDemand, Lasting, Question, SignatureDemand};
use super::record::{Answer, Filed};
use super::signature::{NAMESPACE, OF_COMMITS, Signers};
use crate::source::{Globs, Person, Sealed};
use crate::span::Span;

/// No record is older: the program was not there.
const FIRST: Timestamp = Timestamp::constant(1_577_836_800, 0);
/// How far two clocks may differ.
const DRIFT: i64 = 600;

/// Finds the commit that brought a file with that text; `None` when it is not committed.
pub type Seal<'a> = dyn Fn(&str, &str) -> Result<Option<Sealed>, String> + 'a;

/// Compares a commit with what is checked out, but for some paths.
pub type Same<'a> = dyn Fn(&str, &[&str]) -> Result<bool, String> + 'a;

/// What is true here and now, as far as it is known.
pub struct Here<'a> {
    /// The time of judgement.
    pub now: Timestamp,
    /// The commit; `None` outside of a repository.
    pub commit: Option<&'a str>,
    /// The environment chosen.
    pub environment: Option<&'a str>,
    /// Who made the change, or why nobody can tell.
    pub authors: &'a dyn Fn() -> Result<BTreeSet<Person>, String>,
    /// Whether a commit holds what is here, but for the records and the paths given.
    pub is_same: &'a Same<'a>,
    /// The commit that brought a record.
    pub sealed: &'a Seal<'a>,
    /// When a commit was made; `None` when it is not known.
    pub made: &'a dyn Fn(&str) -> Option<Timestamp>,
    /// The digest of the file at a path from the policy's folder; `None` when there is none.
    pub file: &'a dyn Fn(&str) -> Option<String>,
    /// The digest of all files that globs match, told from a folder; `None` when they match none.
    pub files: &'a dyn Fn(&Globs, &str) -> Option<String>,
    /// The files that globs match below a folder, from the root.
    pub paths: &'a dyn Fn(&Globs, &str) -> Vec<String>,
    /// What is known of people.
    pub people: &'a People,
    /// Whose signatures count.
    pub signers: &'a Signers,
}

/// What speaks against a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Against {
    /// The chain does not vouch for it.
    Chain,
    /// It was taken back.
    Revoked,
    /// The text of the item has changed.
    Item,
    /// It is dated after now.
    Early,
    /// It is dated before what it is about.
    Ancient,
    /// Its time is over.
    Expired,
    /// It is about another commit.
    Commit,
    /// It is about another environment.
    Environment,
    /// It is about other files.
    Files,
    /// Its author may not answer in that role.
    Role,
    /// Its author made the change.
    Author,
    /// It is not known whether its author made the change, or has the role.
    Unknown,
    /// It may not be answered so.
    Answer,
    /// It names no evidence.
    Bare,
    /// Its evidence is not there.
    Missing,
    /// Its evidence has changed.
    Changed,
    /// It is not signed.
    Unsigned,
    /// Its signature is wrong.
    Signature,
    /// It is not known whether its signature is right.
    Unchecked,
}

/// One thing that speaks against a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// What it is.
    pub kind: Against,
    /// In words.
    pub message: String,
    /// The part of the record that it is about.
    pub span: Span,
}

/// A record with the item that it is about and all that speaks against it.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The record.
    pub filed: &'a Filed,
    /// The item; `None` when the checklist does not ask it.
    pub question: Option<&'a Question>,
    /// What speaks against it, the weightiest first.
    pub objections: Vec<Objection>,
}

impl Standing<'_> {
    /// Whether it counts.
    pub fn counts(&self) -> bool {
        self.question.is_some() && self.objections.is_empty()
    }

    /// The objection of that kind.
    pub fn against(&self, kind: Against) -> Option<&Objection> {
        self.objections.iter().find(|one| one.kind == kind)
    }
}

/// How every record of `ledger` stands.
pub fn all<'a>(questions: &'a [Question], ledger: &'a Ledger, here: &Here<'_>) -> Vec<Standing<'a>> {
    let vouched = ledger.records.iter().filter(|filed| filed.link == Link::Vouched);
    let revoked: BTreeSet<&str> =
        vouched.filter_map(|filed| Some(filed.record.revokes.as_ref()?.value.as_str())).collect();
    let stand = |filed: &'a Filed| {
        let question = questions.iter().find(|question| question.id == filed.record.item.value);
        let mut judging = Judging { filed, here, found: Vec::new() };
        judging.form(&revoked);
        judging.signature(question.map_or(SignatureDemand::None, |question| question.signature));
        if let Some(question) = question {
            judging.about(question);
            if question.signature == SignatureDemand::Commit {
                judging.seal();
            }
        }
        Standing { filed, question, objections: judging.found }
    };
    ledger.records.iter().map(stand).collect()
}

struct Judging<'a> {
    filed: &'a Filed,
    here: &'a Here<'a>,
    found: Vec<Objection>,
}

impl Judging<'_> {
    fn no(&mut self, kind: Against, span: Span, message: impl Into<String>) {
        self.found.push(Objection { kind, message: message.into(), span });
    }

    /// What can be said whatever the item asks.
    fn form(&mut self, revoked: &BTreeSet<&str>) {
        let record = &self.filed.record;
        if self.filed.link != Link::Vouched {
            let message = match &self.filed.link {
                Link::Altered => "it was altered: its `digest` is not that of its text",
                _ => "the chain of records does not reach it",
            };
            self.no(Against::Chain, record.prev.span, message);
        }
        if revoked.contains(record.id.value.as_str()) {
            self.no(Against::Revoked, record.id.span, "it was taken back");
        }
    }

    fn about(&mut self, question: &Question) {
        let record = &self.filed.record;
        if record.item_digest.value != question.digest() {
            self.no(Against::Item, record.item_digest.span, "the text of the item has changed since");
        }
        self.time(question);
        self.binding(question);
        self.author(question);
        self.proof(question);
    }

    fn time(&mut self, question: &Question) {
        let (at, now, span) = (self.filed.at, self.here.now, self.filed.record.at.span);
        if at > now {
            self.no(Against::Early, span, format!("it is dated after {now}"));
        }
        let commit = self.filed.record.subject.commit.as_ref().filter(|_| question.is_bound_to(Bind::Commit));
        let made = commit.and_then(|commit| (self.here.made)(commit));
        let drift = SignedDuration::from_secs(DRIFT);
        if at < FIRST {
            self.no(Against::Ancient, span, format!("it is dated {}, before there were records", date(at)));
        } else if let Some(made) = made.filter(|made| at.checked_add(drift).is_ok_and(|at| at < *made)) {
            self.no(Against::Ancient, span, format!("it is dated before the commit that it is about, of {made}"));
        }
        let Lasting::Hours(hours) = question.lasting else { return };
        let until = at.checked_add(SignedDuration::from_hours(i64::from(hours))).ok();
        if let Some(until) = until.filter(|until| *until < now) {
            self.no(Against::Expired, span, format!("it held for {} until {until}", question.valid_for));
        }
    }

    fn binding(&mut self, question: &Question) {
        let subject = &self.filed.record.subject;
        let here = self.here;
        let item = self.filed.record.item.span;
        if question.is_bound_to(Bind::Commit) {
            match (here.commit, subject.commit.as_ref()) {
                (_, None) => self.no(Against::Commit, item, "it names no commit"),
                (None, Some(then)) => self.no(Against::Unknown, then.span, "the commit here is not known"),
                (Some(now), Some(then)) if now != then.value => self.commit(then),
                _ => {}
            }
        }
        if question.is_bound_to(Bind::Environment) {
            let message = match (here.environment, subject.environment.as_deref()) {
                (Some(now), Some(then)) if now == then.as_str() => None,
                (None, Some(then)) => Some(format!("it is about `{then}`: choose that with `--env {then}`")),
                (_, None) => Some("it names no environment".to_owned()),
                (Some(_), Some(then)) => Some(format!("it is about the environment `{then}`")),
            };
            if let Some(message) = message {
                let span = subject.environment.as_ref().map_or(item, |one| one.span);
                self.no(Against::Environment, span, message);
            }
        }
        if question.is_bound_to(Bind::Paths) {
            let now = (here.files)(&question.paths, &question.folder);
            if now.is_none() || now.as_deref() != subject.paths_digest.as_ref().map(|one| one.value.as_str()) {
                let span = subject.paths_digest.as_ref().map_or(item, |one| one.span);
                self.no(Against::Files, span, "the files that it is about have changed");
            }
        }
    }

    /// Another commit that holds the same is as good: records are committed after what they are about.
    fn commit(&mut self, then: &crate::syntax::de::Spanned<String>) {
        let proofs = self.filed.record.evidence.iter().filter_map(|proof| Some(proof.path.as_ref()?.value.as_str()));
        let aside: Vec<&str> = proofs.collect();
        let (kind, message) = match (self.here.is_same)(then, &aside) {
            Ok(true) => return,
            Ok(false) => (Against::Commit, format!("it is about commit {}, and files have changed since", short(then))),
            Err(why) => {
                (Against::Unknown, format!("it is about commit {}, which cannot be compared: {why}", short(then)))
            }
        };
        self.no(kind, then.span, message);
    }

    fn author(&mut self, question: &Question) {
        let (by, result) = (&self.filed.record.by, self.filed.record.result);
        if !question.roles.is_empty() && !question.roles.contains(&by.role) {
            let message = format!("{} may attest it, not {}", question.roles.join(", "), by.role.value);
            self.no(Against::Role, by.role.span, message);
        } else if let Some((kind, message)) = self.role(question) {
            self.no(kind, by.role.span, message);
        }
        if question.independent {
            match (self.here.authors)() {
                Err(why) => {
                    let message = format!("its author may not have made the change, and who did is not known: {why}");
                    self.no(Against::Unknown, by.id.span, message);
                }
                Ok(authors) if authors.iter().any(|author| self.here.people.is_person(&by.id, author)) => {
                    self.no(Against::Author, by.id.span, "its author made the change");
                }
                Ok(_) => {}
            }
        }
        if result.value == Answer::NotApplicable && !question.allow_not_applicable {
            self.no(Against::Answer, result.span, "the item may not be answered with `not-applicable`");
        }
    }

    /// Whether somebody has the role in which they attest, as far as that is written down anywhere.
    fn role(&self, question: &Question) -> Option<(Against, String)> {
        let by = &self.filed.record.by;
        if let Some(people) = question.holders.get(&by.role.value) {
            let is_one = people.iter().any(|id| self.here.people.is_same(id, &by.id));
            return (!is_one).then(|| (Against::Role, format!("the policy does not name them as {}", by.role.value)));
        }
        if by.role.value != CODE_OWNER || !question.roles.iter().any(|role| role == CODE_OWNER) {
            return None;
        }
        let Some(owners) = &self.here.people.owners else {
            return Some((Against::Unknown, "there is no CODEOWNERS that says who owns the files".into()));
        };
        let paths = (self.here.paths)(&question.paths, &question.folder);
        match owners.owns(self.here.people, &by.id, paths.iter().map(String::as_str)) {
            Owns::Yes => None,
            Owns::No => Some((Against::Role, "CODEOWNERS names others for the files that it is about".into())),
            Owns::Nobody => Some((Against::Role, "CODEOWNERS names nobody for the files that it is about".into())),
            Owns::Team(team) => {
                let message = format!("CODEOWNERS names the team {team}, and who is in it is not told here");
                Some((Against::Unknown, message))
            }
        }
    }

    fn proof(&mut self, question: &Question) {
        let record = &self.filed.record;
        let is_due = question.evidence == EvidenceDemand::Required && record.result.value != Answer::NotApplicable;
        if is_due && record.evidence.is_empty() {
            self.no(Against::Bare, record.result.span, "it names no evidence");
        }
        for proof in &record.evidence {
            let Some(path) = &proof.path else { continue };
            match (self.here.file)(path) {
                None => self.no(Against::Missing, path.span, format!("its evidence `{}` is not there", path.value)),
                Some(now) if Some(now.as_str()) != proof.digest.as_ref().map(|one| one.value.as_str()) => {
                    let span = proof.digest.as_ref().map_or(path.span, |one| one.span);
                    self.no(Against::Changed, span, format!("its evidence `{}` has changed", path.value));
                }
                Some(_) => {}
            }
        }
    }

    /// What its signatures come to. Where the policy names no allowed signers and the item asks for no signature, one
    /// that is there is kept and not checked.
    fn signature(&mut self, demand: SignatureDemand) {
        let filed = self.filed;
        let record = &filed.record;
        let within = record.signature.as_ref().filter(|one| one.ty == "ssh");
        let within = within.map(|one| (one.value.as_str(), one.value.span, filed.signed()));
        let beside = filed.beside.as_deref().map(|text| (text, record.by.id.span, &*filed.text));
        let mut found: Vec<_> = within.into_iter().chain(beside).collect();
        if found.is_empty() && demand == SignatureDemand::Ssh {
            self.no(Against::Unsigned, record.by.id.span, "it is not signed, and the item asks for that");
        }
        if !self.here.signers.is_named() {
            if demand == SignatureDemand::Ssh && !found.is_empty() {
                let message = "its signature cannot be checked: the policy names no `allowed-signers`";
                self.no(Against::Unsigned, record.by.id.span, message);
            }
            found.clear();
        }
        for (armoured, span, text) in found {
            let (who, what) = ((record.by.id.value.as_str(), filed.at), (text.as_bytes(), NAMESPACE));
            let told = self.here.signers.verify(who, what, armoured, self.here.people);
            if let Err(why) = told {
                self.no(Against::Signature, span, why);
            }
        }
    }

    /// What the signature of the commit that brought it comes to.
    fn seal(&mut self) {
        let (filed, by) = (self.filed, self.filed.record.by.id.span);
        if !self.here.signers.is_named() {
            let message = "the signature of its commit cannot be checked: the policy names no `allowed-signers`";
            return self.no(Against::Unsigned, by, message);
        }
        let sealed = match (self.here.sealed)(&filed.path, &filed.text) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => {
                return self.no(Against::Unsigned, by, "it is not committed, and the item asks for a signed commit");
            }
            Err(why) => {
                return self.no(Against::Unchecked, by, format!("the commit that brought it is not known: {why}"));
            }
        };
        let commit = short(&sealed.id);
        let Some(armoured) = &sealed.signature else {
            let message = format!("the commit {commit} that brought it is not signed, and the item asks for that");
            return self.no(Against::Unsigned, by, message);
        };
        if !armoured.starts_with("-----BEGIN SSH SIGNATURE-----") {
            let message =
                format!("the commit {commit} that brought it is signed with GPG or X.509, which is not checked here");
            return self.no(Against::Unchecked, by, message);
        }
        let at = Timestamp::from_second(sealed.time).unwrap_or(filed.at);
        let (who, what) = ((filed.record.by.id.value.as_str(), at), (sealed.content.as_slice(), OF_COMMITS));
        if let Err(why) = self.here.signers.verify(who, what, armoured, self.here.people) {
            self.no(Against::Signature, by, format!("of the commit {commit} that brought it: {why}"));
        }
    }
}

/// `2026-11-21`
pub(super) fn date(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
