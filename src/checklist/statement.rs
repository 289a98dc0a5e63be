//! What is to be said of the records themselves, as facts: rules under `rules/policy/` judge them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::chain::{Ledger, Link};
use super::identity::{Newest, People};
use super::person::voices;
use super::record::Filed;
use super::standing::{Against, Standing};
use crate::fact::{Data, Fact, Reason, Role, Value, policy};
use crate::span::{SourceId, Span};

/// What facts are stated from.
pub struct Stating<'a> {
    /// The records.
    pub ledger: &'a Ledger,
    /// How each stands, in the same order.
    pub standings: &'a [Standing<'a>],
    /// Where their files stand among the sources.
    pub places: &'a BTreeMap<String, SourceId>,
    /// The environment chosen.
    pub environment: Option<&'a str>,
    /// Who is who.
    pub people: &'a People,
}

impl Stating<'_> {
    /// One fact for each record, and one for each mistake in a file that is none.
    pub fn facts<'s>(&self) -> Vec<Fact<'s>> {
        let mut by_item: BTreeMap<&str, Vec<&Standing<'_>>> = BTreeMap::new();
        for one in self.standings {
            by_item.entry(&one.filed.record.item.value).or_default().push(one);
        }
        let mut facts = Vec::new();
        for (item, about) in &by_item {
            let said = Said::new(about, self.people);
            for one in about {
                let Some(source) = self.places.get(&one.filed.path) else { continue };
                let at = |span: Span| Span { source: *source, ..span };
                let id = at(one.filed.record.id.span);
                let fact = self.state(one, &said, &at);
                facts.push(fact.fact(id, format!("{item} {}", one.filed.record.id.value), Role::Production));
            }
        }
        facts.extend(self.broken());
        facts.sort_by_key(|fact| (fact.span.source, fact.span.start));
        facts
    }

    fn broken<'s>(&self) -> Vec<Fact<'s>> {
        let mut facts = Vec::new();
        for broken in &self.ledger.broken {
            let Some(source) = self.places.get(&broken.path) else { continue };
            for (message, span) in &broken.mistakes {
                let span = Span { source: *source, ..*span };
                let mut fact = nothing(span);
                fact.is_readable = Value::bool(false, span);
                fact.mistake = Value::str(message.clone(), span);
                facts.push(fact.fact(span, broken.path.as_str(), Role::Production));
            }
        }
        facts
    }

    fn state<'s>(
        &self,
        one: &Standing<'_>,
        said_of_it: &Said<'_>,
        at: &dyn Fn(Span) -> Span,
    ) -> policy::Attestation<'s> {
        let (filed, record) = (one.filed, &one.filed.record);
        let id = at(record.id.span);
        let told = Told { one, at };
        let (by, item) = (record.by.id.span, record.item.span);
        let is_newest = said_of_it.voices.first().is_some_and(|newest| std::ptr::eq(*newest, filed));
        let agreeing = said_of_it.agreeing.get(record.result.value.name()).copied().unwrap_or(0);
        let quorum = one.question.map_or(1, |question| question.quorum);
        let commit = record.subject.commit.as_ref().map_or(item, |commit| commit.span);
        let files = record.subject.paths_digest.as_ref().map_or(item, |digest| digest.span);
        let required =
            self.environment.zip(one.question).is_some_and(|(env, it)| it.required.iter().any(|it| it == env));
        let role = record.by.role.span;
        policy::Attestation {
            is_live: Value::bool(self.is_live(one, said_of_it), id),
            counts: Value::bool(one.counts(), id),
            id: Value::str(record.id.value.clone(), id),
            item: Value::str(record.item.value.clone(), at(item)),
            item_is_known: Value::bool(one.question.is_some(), at(item)),
            is_required: Value::bool(required, at(item)),
            item_is_same: told.is_free_of(Against::Item, record.item_digest.span),
            result: Value::str(record.result.value.name(), at(record.result.span)),
            answer_is_allowed: told.is_free_of(Against::Answer, record.result.span),
            by: Value::str(record.by.id.value.clone(), at(by)),
            role: Value::str(record.by.role.value.clone(), at(role)),
            role_is_allowed: told.unknown(role).unwrap_or_else(|| told.is_free_of(Against::Role, role)),
            is_by_author: told.unknown(by).unwrap_or_else(|| told.has(Against::Author, by)),
            is_of_other_commit: told.unknown(commit).unwrap_or_else(|| told.has(Against::Commit, commit)),
            is_of_other_files: told.has(Against::Files, files),
            evidence: told.proofs(id),
            lacks_evidence: told.has(Against::Bare, record.result.span),
            is_newest: Value::bool(is_newest, id),
            people: Value::int(i64::try_from(agreeing).unwrap_or(i64::MAX), id),
            quorum: Value::int(i64::from(quorum), at(item)),
            ..told.time_and_form()
        }
    }

    /// Whether anything may depend on it.
    fn is_live(&self, one: &Standing<'_>, said: &Said<'_>) -> bool {
        let is_elsewhere = one.against(Against::Environment).is_some() && self.environment.is_some();
        let is_replaced = || {
            let place = environment(one.filed);
            let later = |at: Option<Timestamp>| at.is_some_and(|at| at > one.filed.at);
            let by_itself = said.newest.get(place).and_then(|newest| newest.of(&one.filed.record.by.id));
            later(by_itself) || (!one.counts() && later(said.counting.get(place).copied()))
        };
        !is_elsewhere && one.against(Against::Revoked).is_none() && !is_replaced()
    }
}

/// What was said of one item, and when last.
struct Said<'a> {
    /// The newest record that counts of each person.
    voices: Vec<&'a Filed>,
    /// How many of those say the same.
    agreeing: BTreeMap<&'static str, usize>,
    /// By environment: when each person last said anything.
    newest: BTreeMap<&'a str, Newest<'a, Timestamp>>,
    /// By environment: the newest record that counts.
    counting: BTreeMap<&'a str, Timestamp>,
}

impl<'a> Said<'a> {
    fn new(about: &[&Standing<'a>], people: &'a People) -> Self {
        let voices = voices(about, people);
        let mut said = Said { agreeing: BTreeMap::new(), newest: BTreeMap::new(), counting: BTreeMap::new(), voices };
        for filed in &said.voices {
            *said.agreeing.entry(filed.record.result.value.name()).or_default() += 1;
            let slot = said.counting.entry(environment(filed)).or_insert(filed.at);
            *slot = filed.at.max(*slot);
        }
        for one in about {
            let newest = said.newest.entry(environment(one.filed)).or_insert_with(|| Newest::new(people));
            newest.add(&one.filed.record.by.id, one.filed.at);
        }
        said
    }
}

/// The environment that a record is about; empty for none.
fn environment(filed: &Filed) -> &str {
    filed.record.subject.environment.as_ref().map_or("", |name| name.value.as_str())
}

/// What speaks against one record, as values.
struct Told<'a> {
    one: &'a Standing<'a>,
    at: &'a dyn Fn(Span) -> Span,
}

impl Told<'_> {
    /// Whether that speaks against it; shown by `span` where nothing does.
    fn has<'s>(&self, kind: Against, span: Span) -> Value<'s> {
        let found = self.one.against(kind);
        Value::bool(found.is_some(), (self.at)(found.map_or(span, |objection| objection.span)))
    }

    fn is_free_of<'s>(&self, kind: Against, span: Span) -> Value<'s> {
        let found = self.one.against(kind);
        Value::bool(found.is_none(), (self.at)(found.map_or(span, |objection| objection.span)))
    }

    /// The first of what speaks against it, in words; empty when nothing does.
    fn words<'s>(&self, kinds: &[Against], span: Span) -> Value<'s> {
        let found = kinds.iter().find_map(|kind| self.one.against(*kind));
        let message = found.map_or(String::new(), |objection| objection.message.clone());
        Value::str(message, (self.at)(found.map_or(span, |objection| objection.span)))
    }

    /// Not known, where that is what speaks against `span`.
    fn unknown<'s>(&self, span: Span) -> Option<Value<'s>> {
        let mut all = self.one.objections.iter();
        let found = all.find(|objection| objection.kind == Against::Unknown && objection.span == span)?;
        Some(Value::unknown(Reason::Unresolved(found.message.as_str().into()), (self.at)(span)))
    }

    /// Not known, where that is what is said of its signature.
    fn unchecked<'s>(&self, span: Span) -> Option<Value<'s>> {
        let found = self.one.against(Against::Unchecked)?;
        Some(Value::unknown(Reason::Unresolved(found.message.as_str().into()), (self.at)(span)))
    }

    /// What its time, its chain and its signature come to.
    fn time_and_form<'s>(&self) -> policy::Attestation<'s> {
        let (filed, record, at) = (self.one.filed, &self.one.filed.record, self.at);
        let (by, time, prev) = (record.by.id.span, record.at.span, record.prev.span);
        let digest = record.digest.as_ref().map_or(record.id.span, |digest| digest.span);
        let is_altered = filed.link == Link::Altered;
        policy::Attestation {
            at: Value::str(record.at.value.clone(), at(time)),
            is_early: self.has(Against::Early, time),
            is_ancient: self.has(Against::Ancient, time),
            is_expired: self.has(Against::Expired, time),
            time_fault: self.words(&[Against::Early, Against::Ancient, Against::Expired], time),
            is_altered: Value::bool(is_altered, at(digest)),
            is_linked: Value::bool(is_altered || filed.link.fault().is_none(), at(prev)),
            chain_fault: Value::str(filed.link.fault().unwrap_or_default(), at(prev)),
            lacks_signature: self.unchecked(by).unwrap_or_else(|| self.has(Against::Unsigned, by)),
            signature_fault: self.words(&[Against::Signature], by),
            ..nothing(at(record.id.span))
        }
    }

    fn proofs<'s>(&self, whole: Span) -> Value<'s> {
        let said = |kind: Against, span: Span| self.one.objections.iter().any(|it| it.kind == kind && it.span == span);
        let files =
            self.one.filed.record.evidence.iter().filter_map(|proof| Some((proof.path.as_ref()?, &proof.digest)));
        let proofs = files.map(|(path, digest)| {
            let digest = digest.as_ref().map_or(path.span, |digest| digest.span);
            let record = policy::Proof {
                path: Value::str(path.value.clone(), (self.at)(path.span)),
                is_there: Value::bool(!said(Against::Missing, path.span), (self.at)(path.span)),
                is_changed: Value::bool(said(Against::Changed, digest), (self.at)(digest)),
            };
            Value::new(Data::Record(record.record()), (self.at)(path.span))
        });
        Value::list(proofs.collect(), whole)
    }
}

/// A file of which nothing is known.
fn nothing<'s>(span: Span) -> policy::Attestation<'s> {
    let (no, yes, empty) = (Value::bool(false, span), Value::bool(true, span), Value::str("", span));
    policy::Attestation {
        id: empty.clone(),
        is_readable: yes.clone(),
        mistake: empty.clone(),
        is_live: no.clone(),
        counts: no.clone(),
        item: empty.clone(),
        item_is_known: yes.clone(),
        is_required: no.clone(),
        item_is_same: yes.clone(),
        result: empty.clone(),
        answer_is_allowed: yes.clone(),
        by: empty.clone(),
        role: empty.clone(),
        role_is_allowed: yes.clone(),
        is_by_author: no.clone(),
        at: empty.clone(),
        is_early: no.clone(),
        is_ancient: no.clone(),
        is_expired: no.clone(),
        time_fault: empty.clone(),
        is_of_other_commit: no.clone(),
        is_of_other_files: no.clone(),
        evidence: Value::list(Vec::new(), span),
        lacks_evidence: no.clone(),
        is_altered: no.clone(),
        is_linked: yes,
        chain_fault: empty.clone(),
        lacks_signature: no.clone(),
        signature_fault: empty,
        is_newest: no,
        people: Value::int(0, span),
        quorum: Value::int(1, span),
    }
}
