//! Transcript → facts.

use super::chain;
use super::document::{Certificate, Field, Seen, Transcript};
use super::facts::{self, Bearing};
use super::subjects;
use crate::fact::{Data, Fact, Reason, Role, Value};
use crate::span::Span;

/// Why an endpoint could not be judged at all.
pub(super) fn failure(transcript: &Transcript) -> Option<(Reason, Span)> {
    let said = |words: &str, span| Some((Reason::Unreachable(words.into()), span));
    if let Some((words, span)) = &transcript.failure {
        return said(words, *span);
    }
    if transcript.addresses.iter().any(|seen| seen.failure.is_none()) || missing_upgrade(transcript).is_some() {
        return None;
    }
    match transcript.addresses.iter().find_map(|seen| seen.failure.as_ref()) {
        Some(failure) => said(&failure.value, failure.span),
        None => said("nothing was observed", transcript.span),
    }
}

fn missing_upgrade(transcript: &Transcript) -> Option<&Field<bool>> {
    transcript.addresses.iter().filter_map(|seen| seen.offers_starttls.as_ref()).find(|field| !field.value)
}

/// The facts of a transcript.
pub(super) fn state<'s>(transcript: &Transcript) -> Vec<Fact<'s>> {
    let mut facts = Vec::new();
    if let Some(protocol) = &transcript.starttls {
        let offers: Vec<&Field<bool>> =
            transcript.addresses.iter().filter_map(|seen| seen.offers_starttls.as_ref()).collect();
        if let Some(shown) = offers.iter().find(|field| !field.value).or(offers.first()) {
            let fact = subjects::Upgrade {
                name: Value::str(transcript.endpoint.clone(), shown.span),
                protocol: Value::str(protocol.clone(), shown.span),
                is_offered: Value::bool(shown.value, shown.span),
            };
            facts.push(fact.fact(shown.span, transcript.endpoint.clone(), Role::Production));
        }
    }
    let reached: Vec<&Seen> = transcript
        .addresses
        .iter()
        .filter(|seen| seen.failure.is_none() && seen.offers_starttls.as_ref().is_none_or(|field| field.value))
        .collect();
    let Some(first) = reached.first() else { return facts };
    facts.push(endpoint(transcript, &reached).fact(first.address.span, transcript.endpoint.clone(), Role::Production));
    let mut told: Vec<Vec<&[u8]>> = Vec::new();
    for seen in &reached {
        let sent: Vec<&[u8]> =
            seen.chain.iter().map(|(one, _)| one.as_ref().map_or(&[][..], |one| one.der.as_slice())).collect();
        // One chain, however many addresses send it.
        if !seen.chain.is_empty() && !told.contains(&sent) {
            certificates(transcript, seen, &mut facts);
            told.push(sent);
        }
    }
    facts
}

fn certificates<'s>(transcript: &Transcript, seen: &Seen, facts: &mut Vec<Fact<'s>>) {
    let path = |what: &str| format!("{}/{}/{what}", transcript.endpoint, seen.address.value);
    let mut readable: Vec<(&Certificate, Span)> = Vec::new();
    for (number, (one, span)) in seen.chain.iter().enumerate() {
        match one {
            Ok(one) => readable.push((one, *span)),
            Err(wrong) => {
                let fact = facts::broken("CERTIFICATE", wrong, *span, true, true);
                facts.push(fact.fact(*span, path(&format!("certificate {}", number + 1)), Role::Production));
            }
        }
    }
    let all: Vec<&Certificate> = readable.iter().map(|(one, _)| *one).collect();
    let spans: Vec<Span> = readable.iter().map(|(_, span)| *span).collect();
    let Some(first) = spans.first().copied() else { return };
    // What an endpoint sends first is its own, whatever it says of itself.
    let chain = chain::examine(&all, 0);
    let bearing = |index: usize, span: Span| {
        let position = facts::place_in(&chain, index);
        let (host, days) =
            if position == "leaf" { (Some(transcript.host.as_str()), transcript.days) } else { (None, None) };
        Bearing { span, position, is_served: true, is_deployed: true, is_in_secret: false, host, days }
    };
    for (index, (one, span)) in readable.iter().enumerate() {
        let fact = facts::certificate(one, bearing(index, *span));
        facts.push(fact.fact(*span, path(&format!("certificate {}", index + 1)), Role::Production));
    }
    let mut fact = facts::bundle(&all, &spans, &chain, bearing(0, first));
    if let Some(trust) = &seen.trust {
        fact.is_trusted = Value::bool(trust.value != "nobody", first);
        fact.is_public =
            Value::bool(trust.value == "public" || all.first().is_some_and(|one| chain::is_public(one)), first);
    }
    if let (Some(until), Some(leaf)) = (&seen.trusted_until, all.first())
        && let Ok(end) = until.value.parse::<jiff::Timestamp>()
    {
        fact.ends_early = Value::bool(end.as_second() < leaf.not_after, until.span);
    }
    fact.distrust = text(seen.distrust.as_ref());
    fact.trusted_until = text(seen.trusted_until.as_ref());
    facts.push(fact.fact(first, path("chain"), Role::Production));
}

fn text<'s>(field: Option<&Field<String>>) -> Value<'s> {
    field.map_or_else(|| Value::bare(Data::Absent), |field| Value::str(field.value.clone(), field.span))
}

/// Of what the addresses showed, the first that is `bad`; else the first at all; else unknown.
fn worst<'s, 'f>(fields: impl Iterator<Item = &'f Field<bool>>, bad: bool, what: &str) -> Value<'s> {
    let all: Vec<&Field<bool>> = fields.collect();
    match all.iter().find(|field| field.value == bad).or(all.first()) {
        Some(field) => Value::bool(field.value, field.span),
        None => Value::bare(Data::unknown(Reason::Unresolved(format!("{what} was not seen").into()))),
    }
}

/// As [`worst`], but absent when nothing was seen.
fn seen_worst<'s, 'f>(fields: impl Iterator<Item = &'f Field<bool>>, bad: bool) -> Value<'s> {
    let value = worst(fields, bad, "");
    if matches!(value.data, Data::Unknown(_)) { Value::bare(Data::Absent) } else { value }
}

fn named<'f>(list: &'f [(String, Field<bool>)], name: &str) -> Option<&'f Field<bool>> {
    list.iter().find(|(known, _)| known == name).map(|(_, field)| field)
}

#[rustfmt::skip]
fn endpoint<'s>(transcript: &Transcript, reached: &[&Seen]) -> subjects::Endpoint<'s> {
    let all = || reached.iter().copied();
    let speaks = |name: &str, bad: bool| worst(all().filter_map(|seen| named(&seen.versions, name)), bad, name);
    let accepts = |name: &str, bad: bool| worst(all().filter_map(|seen| named(&seen.ciphers, name)), bad, "which suites it accepts");
    let leaves: Vec<&Certificate> = all().filter_map(|seen| seen.chain.first()).filter_map(|(one, _)| one.as_ref().ok()).collect();
    let refusal = all().find_map(|seen| seen.handshake_failure.as_ref());
    let served = match refusal {
        Some(field) => Value::bool(false, field.span),
        None if all().any(|seen| seen.version.is_some()) => Value::bare(Data::Bool(true)),
        None => Value::bare(Data::unknown(Reason::Unresolved("no client of today was tried".into()))),
    };
    let staples = || all().filter_map(|seen| seen.staple.as_ref());
    let stapled = staples().find(|field| field.value == "none").map(|field| (false, field.span)).or_else(|| staples().next().map(|field| (true, field.span)));
    let dh = all().filter_map(|seen| seen.dh_bits.as_ref()).min_by_key(|field| field.value);
    let failed = transcript.addresses.iter().filter_map(|seen| Some((&seen.address.value, seen.failure.as_ref()?)));
    let name = transcript.endpoint.clone();
    let port = name.rsplit_once(':').and_then(|(_, port)| port.parse::<i64>().ok());
    subjects::Endpoint {
        name: Value::bare(Data::Str(name.into())),
        host: Value::bare(Data::Str(transcript.host.clone().into())),
        port: Value::bare(port.map_or(Data::Absent, Data::Int)),
        starttls: Value::bare(transcript.starttls.clone().map_or(Data::Absent, |protocol| Data::Str(protocol.into()))),
        speaks_ssl3: speaks("ssl-3", true),
        speaks_tls10: speaks("tls-1.0", true),
        speaks_tls11: speaks("tls-1.1", true),
        speaks_tls12: speaks("tls-1.2", false),
        speaks_tls13: speaks("tls-1.3", false),
        accepts_null: accepts("unencrypted", true),
        accepts_anonymous: accepts("anonymous", true),
        accepts_weak: accepts("weak", true),
        accepts_rc4: accepts("rc4", true),
        accepts_small_blocks: accepts("small-blocks", true),
        accepts_cbc: accepts("cbc", true),
        accepts_modern: accepts("modern", false),
        accepts_static_rsa: accepts("static-rsa", true),
        accepts_forward_secrecy: accepts("forward-secrecy", false),
        dh_bits: dh.map_or_else(|| Value::bare(Data::Absent), |field| Value::int(field.value, field.span)),
        compresses: seen_worst(all().filter_map(|seen| seen.compresses.as_ref()), true),
        renegotiates_safely: seen_worst(all().filter_map(|seen| seen.renegotiates_safely.as_ref()), false),
        serves_modern_clients: served,
        refusal: text(refusal),
        version: text(all().find_map(|seen| seen.version.as_ref())),
        alpn: text(all().find_map(|seen| seen.alpn.as_ref())),
        asks_for_client: seen_worst(all().filter_map(|seen| seen.asks_client.as_ref()), true),
        demands_staple: Value::bare(Data::Bool(leaves.iter().any(|one| one.must_staple))),
        has_ocsp: Value::bare(Data::Bool(leaves.iter().any(|one| !one.ocsp.is_empty()))),
        has_staple: stapled.map_or_else(|| Value::bare(Data::Absent), |(value, span)| Value::bool(value, span)),
        staple: text(staples().find(|field| field.value != "none")),
        staple_until: text(all().find_map(|seen| seen.staple_until.as_ref())),
        without_name: text(all().find_map(|seen| seen.without_name.as_ref())),
        agrees_on_certificate: agreement(reached, |seen| seen.chain.first().and_then(|(one, _)| Some(one.as_ref().ok()?.der.clone()))),
        agrees_on_versions: agreement(reached, |seen| (!seen.versions.is_empty()).then(|| seen.versions.iter().map(|(name, field)| (name.clone(), field.value)).collect::<Vec<_>>())),
        unreachable: Value::bare_list(failed.map(|(address, failure)| Value::str(format!("{address}: {}", failure.value), failure.span)).collect()),
        addresses: Value::bare(Data::Int(i64::try_from(transcript.addresses.len()).unwrap_or(i64::MAX))),
    }
}

/// Whether all addresses that showed something showed the same; points to the first that did not.
fn agreement<'s, T: PartialEq>(reached: &[&Seen], of: impl Fn(&Seen) -> Option<T>) -> Value<'s> {
    let shown: Vec<(T, Span)> = reached.iter().filter_map(|seen| Some((of(seen)?, seen.address.span))).collect();
    let differing = shown.iter().find(|(value, _)| Some(value) != shown.first().map(|(first, _)| first));
    match differing {
        Some((_, span)) => Value::bool(false, *span),
        None => Value::bare(Data::Bool(true)),
    }
}
