//! What people have attested of an item, and whether it still holds: validity is computed, never read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::question::{Bind, EvidenceDemand, Lasting, Question};
use super::record::{Answer, Filed, Ledger};
use super::{Evidence, State};
use crate::source::Globs;

/// What is true here and now, as far as it is known.
pub struct Here<'a> {
    /// The time of judgement.
    pub now: Timestamp,
    /// The commit; `None` outside of a repository.
    pub commit: Option<&'a str>,
    /// Who made the commit; `None` when nobody can tell.
    pub authors: Option<&'a [String]>,
    /// The environment chosen.
    pub environment: Option<&'a str>,
    /// The digest of the file at a path from the policy's folder; `None` when there is none.
    pub file: &'a dyn Fn(&str) -> Option<String>,
    /// The digest of all files that globs match, told from a folder; `None` when they match none.
    pub files: &'a dyn Fn(&Globs, &str) -> Option<String>,
}

/// What people say of `question`, if enough of them say anything that holds, and what was looked at.
pub fn attested(question: &Question, ledger: &Ledger, here: &Here<'_>) -> (Option<State>, Vec<Evidence>) {
    let about: Vec<&Filed> = ledger.records.iter().filter(|filed| filed.record.item == question.id).collect();
    if about.is_empty() {
        return (None, Vec::new());
    }
    let revoked: BTreeSet<&str> = ledger
        .records
        .iter()
        .filter(|filed| filed.is_vouched)
        .filter_map(|filed| filed.record.revokes.as_deref())
        .collect();
    let digest = question.digest();
    let mut newest: BTreeMap<&str, &Filed> = BTreeMap::new();
    let mut notes: Vec<(&Filed, String)> = Vec::new();
    for filed in about {
        let stale = if revoked.contains(filed.record.id.as_str()) {
            Some("it was taken back".to_owned())
        } else {
            objection(question, &digest, filed, here)
        };
        match stale {
            Some(why) => notes.push((filed, why)),
            None => {
                let slot = newest.entry(&filed.record.by.id).or_insert(filed);
                if filed.at >= slot.at {
                    *slot = filed;
                }
            }
        }
    }
    decide(question, newest.into_values().collect(), &notes)
}

fn decide(question: &Question, mut valid: Vec<&Filed>, notes: &[(&Filed, String)]) -> (Option<State>, Vec<Evidence>) {
    valid.sort_by_key(|filed| std::cmp::Reverse(filed.at));
    let stale = notes.iter().max_by_key(|(filed, _)| filed.at);
    let stale = stale.map(|(filed, why)| evidence(filed, &format!("does not count: {why}")));
    let Some(first) = valid.first() else { return (None, stale.into_iter().collect()) };
    let answer = first.record.result;
    let agreeing: Vec<&&Filed> = valid.iter().filter(|filed| filed.record.result == answer).collect();
    let by: Vec<Evidence> = agreeing.iter().map(|filed| evidence(filed, "")).collect();
    if answer == Answer::Fail {
        return (Some(State::Fail), by);
    }
    if (agreeing.len() as u64) < u64::from(question.quorum) {
        let mut by = by;
        by.push(Evidence {
            kind: "attestation".into(),
            reference: question.id.clone(),
            message: format!("{} of {} people have attested it", agreeing.len(), question.quorum),
        });
        by.extend(stale);
        return (None, by);
    }
    (Some(if answer == Answer::Pass { State::Pass } else { State::NotApplicable }), by)
}

/// Why a record does not count; `None` when it does.
fn objection(question: &Question, digest: &str, filed: &Filed, here: &Here<'_>) -> Option<String> {
    let record = &filed.record;
    if !filed.is_vouched {
        return Some("the chain of records does not reach it".into());
    }
    if record.item_digest.value != digest {
        return Some("the text of the item has changed since".into());
    }
    if filed.at > here.now {
        return Some(format!("it is dated after {}", here.now));
    }
    age(question, filed.at, here.now)
        .or_else(|| binding(question, filed, here))
        .or_else(|| author(question, filed, here))
        .or_else(|| proof(question, filed, here))
}

fn age(question: &Question, at: Timestamp, now: Timestamp) -> Option<String> {
    let Lasting::Hours(hours) = question.lasting else { return None };
    let until = at.checked_add(SignedDuration::from_hours(i64::from(hours))).ok();
    until.filter(|until| *until < now).map(|until| format!("it held for {} until {until}", question.valid_for))
}

fn binding(question: &Question, filed: &Filed, here: &Here<'_>) -> Option<String> {
    let subject = &filed.record.subject;
    if question.is_bound_to(Bind::Commit) {
        match (here.commit, subject.commit.as_deref()) {
            (Some(now), Some(then)) if now == then => {}
            (Some(_), Some(then)) => return Some(format!("it is about commit {}", short(then))),
            (_, None) => return Some("it names no commit".into()),
            (None, _) => return Some("the commit here is not known".into()),
        }
    }
    if question.is_bound_to(Bind::Environment) {
        match (here.environment, subject.environment.as_deref()) {
            (Some(now), Some(then)) if now == then => {}
            (None, Some(then)) => return Some(format!("it is about `{then}`: choose that with `--env {then}`")),
            (_, None) => return Some("it names no environment".into()),
            (Some(_), Some(then)) => return Some(format!("it is about the environment `{then}`")),
        }
    }
    if question.is_bound_to(Bind::Paths) {
        let now = (here.files)(&question.paths, &question.folder);
        if now.is_none() || now != subject.paths_digest {
            return Some("the files that it is about have changed".into());
        }
    }
    None
}

fn author(question: &Question, filed: &Filed, here: &Here<'_>) -> Option<String> {
    let by = &filed.record.by;
    if !question.roles.is_empty() && !question.roles.contains(&by.role) {
        return Some(format!("{} may attest it, not {}", question.roles.join(", "), by.role));
    }
    if question.independent {
        match here.authors {
            None => return Some("it is not known who made the commit, and its author may not attest it".into()),
            Some(authors) if authors.iter().any(|author| author.eq_ignore_ascii_case(&by.id)) => {
                return Some("its author made the commit".into());
            }
            Some(_) => {}
        }
    }
    if filed.record.result == Answer::NotApplicable && !question.allow_not_applicable {
        return Some("the item may not be answered with `not-applicable`".into());
    }
    None
}

fn proof(question: &Question, filed: &Filed, here: &Here<'_>) -> Option<String> {
    let evidence = &filed.record.evidence;
    if question.evidence == EvidenceDemand::Required
        && evidence.is_empty()
        && filed.record.result != Answer::NotApplicable
    {
        return Some("it names no evidence".into());
    }
    let file = |path: &str, digest: Option<&str>| match (here.file)(path) {
        None => Some(format!("its evidence `{path}` is not there")),
        Some(now) => (Some(now.as_str()) != digest).then(|| format!("its evidence `{path}` has changed")),
    };
    evidence.iter().find_map(|proof| file(proof.path.as_deref()?, proof.digest.as_deref()))
}

fn evidence(filed: &Filed, beside: &str) -> Evidence {
    let record = &filed.record;
    let mut message = format!("{} ({}) on {}", record.by.id, record.by.role, date(filed.at));
    message += match record.result {
        Answer::Pass => ": it holds",
        Answer::Fail => ": it does not hold",
        Answer::NotApplicable => ": it does not apply",
    };
    if let Some(reason) = record.reason {
        message += &format!(" ({})", reason.name());
    }
    if let Some(comment) = &record.comment {
        message += &format!(". {}", comment.trim());
    }
    let shown = record.evidence.iter().filter_map(|proof| proof.path.as_deref().or(proof.uri.as_deref()));
    let shown: Vec<&str> = shown.collect();
    if !shown.is_empty() {
        message += &format!(" [{}]", shown.join(", "));
    }
    if !beside.is_empty() {
        message += &format!(" ({beside})");
    }
    Evidence { kind: "attestation".into(), reference: record.id.clone(), message }
}

/// `2026-11-21`
fn date(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}
