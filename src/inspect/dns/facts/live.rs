//! Facts that only questions to servers give.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, zone};
use crate::fact::{Fact, Reason, Value};
use crate::inspect::dns::document::{Data, Record};
use crate::inspect::dns::name::Name;
use crate::inspect::dns::subjects;
use crate::inspect::dns::transcript::{Asked, Exchange, Transcript};
use crate::observe::Failure;
use crate::span::Span;

impl<'d, 's> About<'d, 's> {
    pub(super) fn live(&self) -> Vec<Fact<'s>> {
        let Some(transcript) = self.transcript else { return Vec::new() };
        let mut facts: Vec<Fact<'s>> = vec![self.target(transcript)];
        facts.extend(transcript.target.expect.iter().map(|one| self.expectation(transcript, one)));
        facts.extend(self.servers(transcript));
        facts
    }

    fn resolved<'t>(&self, transcript: &'t Transcript) -> impl Iterator<Item = &'t Exchange> + use<'t> {
        transcript.exchanges.iter().filter(|one| one.asked == Asked::Resolver && !one.is_unchecked)
    }

    fn target(&self, transcript: &'d Transcript) -> Fact<'s> {
        let span = self.span(&transcript.target.place);
        let answering: BTreeSet<&str> =
            self.resolved(transcript).filter(|one| one.is_answered()).map(|one| one.server.as_str()).collect();
        let fact = subjects::Target {
            name: Value::str(transcript.target.name.to_string(), span),
            resolvers: self.count(answering.len(), span),
            disagreements: self.texts(self.disagreements(transcript, span), span),
            failures: self.texts(self.failures(transcript, span), span),
        };
        fact.fact(span, format!("target {}", transcript.target.name), self.source.role)
    }

    /// What resolvers say differently about the target, a type each.
    fn disagreements(&self, transcript: &Transcript, span: Span) -> Vec<(String, Span)> {
        let mut by_kind: BTreeMap<&str, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
        let asked = self.resolved(transcript).filter(|one| one.name == transcript.target.name && one.is_answered());
        // Behind an alias of somebody else's name, who answers by where one asks from does so on purpose.
        let chain = self.world.chain(&transcript.target.name).names;
        let leaves = chain.last().is_some_and(|end| !end.is_within(self.world.apex));
        for one in asked {
            let said = match self.said(one) {
                said if leaves && matches!(&*one.kind, "A" | "AAAA") && said.contains(['.', ':']) => {
                    "addresses".to_owned()
                }
                said => said,
            };
            by_kind.entry(&one.kind).or_default().entry(said).or_default().insert(&one.server);
        }
        by_kind.retain(|_, said| said.len() > 1);
        let shown = |(kind, said): (&str, BTreeMap<String, BTreeSet<&str>>)| {
            let parts = said
                .iter()
                .map(|(what, who)| format!("{what} at {}", who.iter().copied().collect::<Vec<_>>().join(", ")));
            (format!("{kind}: {}", parts.collect::<Vec<_>>().join("; ")), span)
        };
        by_kind.into_iter().map(shown).collect()
    }

    /// An answer as one line, without TTLs and in one order.
    fn said(&self, exchange: &Exchange) -> String {
        let records = exchange.answer.iter().filter_map(|index| self.document.records.get(*index));
        let lines: BTreeSet<String> = records
            .filter(|record| record.kind == exchange.kind)
            .map(|record| record.shown().to_ascii_lowercase())
            .collect();
        match (lines.is_empty(), exchange.outcome()) {
            (true, "NOERROR") => "nothing".to_owned(),
            (true, outcome) => outcome.to_owned(),
            (false, _) => lines.into_iter().collect::<Vec<_>>().join(" "),
        }
    }

    /// Questions about the target that no resolver answered although one of them said something.
    fn failures(&self, transcript: &Transcript, span: Span) -> Vec<(String, Span)> {
        let mut by_kind: BTreeMap<&str, Vec<&Exchange>> = BTreeMap::new();
        for one in self.resolved(transcript).filter(|one| one.name == transcript.target.name) {
            by_kind.entry(&one.kind).or_default().push(one);
        }
        let failed = by_kind.into_iter().filter(|(_, all)| !all.iter().any(|one| one.is_answered()));
        failed
            .filter_map(|(kind, all)| {
                let said = all.iter().find_map(|one| one.status.as_deref().ok())?;
                Some((format!("{kind}: {said}"), span))
            })
            .collect()
    }

    fn expectation(
        &self,
        transcript: &'d Transcript,
        (kind, expected, place): &(String, Vec<String>, std::ops::Range<usize>),
    ) -> Fact<'s> {
        let span = self.span(place);
        let name = &transcript.target.name;
        let answer = self.resolved(transcript).find(|one| one.name == *name && one.kind == *kind && one.is_answered());
        let found: Option<Vec<String>> = answer.map(|one| {
            let records = one.answer.iter().filter_map(|index| self.document.records.get(*index));
            records.filter(|record| record.kind == *kind).map(Record::shown).collect()
        });
        let wanted: BTreeSet<String> = expected.iter().map(|text| canonical(kind, text)).collect();
        let there: BTreeSet<String> = found.iter().flatten().map(|text| canonical(kind, text)).collect();
        let list = |texts: Vec<String>| self.texts(texts.into_iter().map(|text| (text, span)).collect(), span);
        let status = match answer.map(|one| one.outcome()) {
            Some("NOERROR") if there.is_empty() => Value::str("NODATA", span),
            Some(status) => Value::str(status.to_owned(), span),
            None => self.unanswered(transcript, kind, span),
        };
        let seen = |value: Vec<String>| match answer {
            Some(_) => list(value),
            None => self.unanswered(transcript, kind, span),
        };
        let fact = subjects::Expectation {
            name: Value::str(name.to_string(), span),
            kind: Value::str(kind.clone(), span),
            expected: list(expected.clone()),
            found: seen(found.clone().unwrap_or_default()),
            status,
            missing: seen(wanted.difference(&there).cloned().collect()),
            extra: seen(there.difference(&wanted).cloned().collect()),
        };
        fact.fact(span, format!("expect {name}/{kind}"), self.source.role)
    }

    fn unanswered(&self, transcript: &Transcript, kind: &str, span: Span) -> Value<'s> {
        let failed = self.resolved(transcript).find(|one| one.name == transcript.target.name && one.kind == kind);
        let why = failed
            .map_or_else(|| format!("{kind} was not asked"), |one| format!("{} {kind}: {}", one.name, one.outcome()));
        Value::unknown(Reason::Unreachable(why.into()), span)
    }

    /// Whether a server hands out its zone. One that hangs up when it is asked does not.
    fn transfer(&self, one: &Exchange) -> Value<'s> {
        let span = self.span(&one.place);
        match &one.status {
            Ok(status) => Value::bool(status == "NOERROR" && !one.answer.is_empty(), span),
            Err(why) if *why == Failure::Closed.to_string() => Value::bool(false, span),
            Err(why) => Value::unknown(Reason::Unreachable(format!("AXFR: {why}").into()), span),
        }
    }

    /// The name servers that were asked themselves, an address each.
    fn servers(&self, transcript: &'d Transcript) -> Vec<Fact<'s>> {
        let asked: Vec<&Exchange> = transcript.exchanges.iter().filter(|one| one.asked == Asked::Server).collect();
        let is_soa = |one: &&&Exchange| one.kind == "SOA" && !one.is_tcp;
        let all_fail = asked.iter().filter(is_soa).all(|one| !is_good(one));
        let about_target = |server: &str| {
            let mut found = asked
                .iter()
                .filter(|one| one.server == server && one.name == transcript.target.name && one.is_answered());
            found.find(|one| matches!(&*one.kind, "A" | "AAAA")).map(|one| self.said(one))
        };
        let tcp_works = asked.iter().any(|one| one.is_tcp && one.kind == "SOA" && one.status.is_ok());
        // Networks that answer for everybody: then nothing is known of the servers themselves.
        let answered = || asked.iter().filter(is_soa).filter(|one| one.is_answered());
        let is_intercepted = answered().next().is_some() && answered().all(|one| one.has("ra") && !one.has("aa"));
        let first = asked.iter().filter(is_soa).find_map(|one| about_target(&one.server));
        let state = |one: &&Exchange| {
            let span = self.span(&one.place);
            let answers = one.status.is_ok();
            let only = |value: bool| match answers {
                true if is_intercepted && one.is_answered() => {
                    let why = "every name server answers like a resolver: something on the way answers in their place";
                    Value::unknown(Reason::Unreachable(why.into()), span)
                }
                true => Value::bool(value, span),
                false => Value::absent(span),
            };
            let over_tcp = |kind: &str| {
                asked.iter().find(|other| other.server == one.server && other.is_tcp && other.kind == kind)
            };
            let tcp = over_tcp("SOA");
            let serial = zone::serial(one, &self.document.records);
            let own = about_target(&one.server);
            let host = one.host.as_ref().map_or_else(|| one.server.clone(), Name::to_string);
            let fact = subjects::Server {
                host: Value::str(host.clone(), span),
                address: Value::str(one.server.clone(), span),
                zone: Value::str(self.world.apex.to_string(), span),
                outcome: Value::str(one.outcome().to_owned(), span),
                answers: Value::bool(answers, span),
                is_authoritative: only(is_good(one)),
                answers_tcp: match tcp {
                    Some(tcp) if tcp_works => Value::bool(tcp.status.is_ok(), span),
                    _ => Value::absent(span),
                },
                offers_recursion: only(one.has("ra")),
                serial: self.maybe_int(serial.map(i64::from), span),
                differs: match (&own, &first) {
                    (Some(own), Some(first)) => Value::bool(own != first, span),
                    _ => Value::absent(span),
                },
                is_alone: Value::bool(all_fail, span),
                allows_transfer: over_tcp("AXFR").map_or(Value::absent(span), |one| self.transfer(one)),
            };
            fact.fact(span, format!("server {host} {}", one.server), self.source.role)
        };
        asked.iter().filter(is_soa).map(state).collect()
    }
}

/// Whether a server speaks for the zone: it says so, and gives the SOA.
fn is_good(exchange: &Exchange) -> bool {
    exchange.status.as_deref() == Ok("NOERROR") && exchange.has("aa") && !exchange.answer.is_empty()
}

/// A record's data in the one spelling that it is compared in.
fn canonical(kind: &str, text: &str) -> String {
    if kind == "TXT" {
        return text.trim().trim_matches('"').replace("\" \"", "");
    }
    let line = format!(". 0 IN {kind} {}", text.trim());
    match crate::inspect::dns::read::record(&line) {
        Ok(record) if !matches!(record.data, Data::Other) => record.shown().to_ascii_lowercase(),
        _ => text.trim().trim_end_matches('.').to_ascii_lowercase(),
    }
}
