//! What people have attested of an item.

use super::identity::{Newest, People};
use super::question::Question;
use super::record::{Answer, Filed};
use super::standing::{Standing, date};
use super::{Evidence, State};

/// What people say of `question`, if enough of them say anything that holds, what was looked at, and the ids of the
/// records that count.
pub fn attested(
    question: &Question,
    standings: &[Standing<'_>],
    people: &People,
) -> (Option<State>, Vec<Evidence>, Vec<String>) {
    let about: Vec<&Standing<'_>> =
        standings.iter().filter(|one| one.question.is_some_and(|asked| asked.id == question.id)).collect();
    if about.is_empty() {
        return (None, Vec::new(), Vec::new());
    }
    let stale = about.iter().filter(|one| !one.counts()).max_by_key(|one| one.filed.at);
    let stale = stale.and_then(|one| {
        let why = one.objections.first()?;
        Some(evidence(one.filed, &format!("does not count: {}", why.message)))
    });
    let valid = voices(&about, people);
    let Some(first) = valid.first() else { return (None, stale.into_iter().collect(), Vec::new()) };
    let answer = first.record.result.value;
    let agreeing: Vec<&&Filed> = valid.iter().filter(|filed| filed.record.result.value == answer).collect();
    let mut by: Vec<Evidence> = agreeing.iter().map(|filed| evidence(filed, "")).collect();
    let records = agreeing.iter().map(|filed| filed.record.id.value.clone()).collect();
    if answer == Answer::Fail {
        return (Some(State::Fail), by, records);
    }
    if (agreeing.len() as u64) < u64::from(question.quorum) {
        by.push(Evidence {
            kind: "attestation".into(),
            reference: question.id.clone(),
            message: format!("{} of {} people have attested it", agreeing.len(), question.quorum),
        });
        by.extend(stale);
        return (None, by, records);
    }
    (Some(if answer == Answer::Pass { State::Pass } else { State::NotApplicable }), by, records)
}

/// The newest record that counts of each person, newest first.
pub fn voices<'a>(about: &[&Standing<'a>], people: &People) -> Vec<&'a Filed> {
    let mut counting: Vec<&'a Filed> = about.iter().filter(|one| one.counts()).map(|one| one.filed).collect();
    // Of two records of one moment the later in the chain is the newer.
    counting.reverse();
    counting.sort_by_key(|filed| std::cmp::Reverse(filed.at));
    let mut seen = Newest::new(people);
    counting.retain(|filed| {
        let is_new = seen.of(&filed.record.by.id).is_none();
        seen.add(&filed.record.by.id, ());
        is_new
    });
    counting
}

fn evidence(filed: &Filed, beside: &str) -> Evidence {
    let record = &filed.record;
    let mut message = format!("{} ({}) on {}", record.by.id.value, record.by.role.value, date(filed.at));
    message += match record.result.value {
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
    let shown = record
        .evidence
        .iter()
        .filter_map(|proof| proof.path.as_ref().map(|path| path.as_str()).or(proof.uri.as_deref()));
    let shown: Vec<&str> = shown.collect();
    if !shown.is_empty() {
        message += &format!(" [{}]", shown.join(", "));
    }
    if !beside.is_empty() {
        message += &format!(" ({beside})");
    }
    Evidence { kind: "attestation".into(), reference: record.id.value.clone(), message }
}
