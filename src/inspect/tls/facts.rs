//! File → facts.

use std::collections::BTreeMap;

use super::chain::{self, Chain};
use super::document::{Certificate, Content, Document, File, Item, Key, Name, Request, Store};
use super::subjects;
use super::{ending, judge, key, names, read};
use crate::fact::{Data, Fact, Reason, Value};
use crate::path;
use crate::source::{Encoding, Source};
use crate::span::Span;

/// Words in a path that say a certificate is for trying out, whatever folder it lies in.
const TRIAL_WORDS: &[&str] =
    &["dummy", "fake", "insecure", "localhost", "selfsigned", "self-signed", "snakeoil", "snake-oil"];

/// What a certificate is where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bearing<'a> {
    /// Where it stands.
    pub(super) span: Span,
    /// `leaf`, `intermediate`, `root` or `other`.
    pub(super) position: &'static str,
    /// Whether an endpoint sent it.
    pub(super) is_served: bool,
    /// Whether users meet it.
    pub(super) is_deployed: bool,
    /// Whether it lies in a Secret.
    pub(super) is_in_secret: bool,
    /// The host that it should cover.
    pub(super) host: Option<&'a str>,
    /// The days that the policy asks for.
    pub(super) days: Option<i64>,
}

/// The facts of a file.
pub(super) fn state<'s>(file: &File, source: &'s Source) -> Vec<Fact<'s>> {
    let mut facts = Vec::new();
    let is_manifest = read::is_manifest(source.path());
    let shipped = source.role.is_shipped() && !is_trial(source.path());
    let promises = matches!(ending(source.path()).as_str(), "crt" | "cer" | "der");
    if !is_manifest && file.container.is_none() && (promises || !file.items.is_empty()) {
        facts.push(whole(file, source, shipped));
    }
    let mut last = (usize::MAX, 0);
    for items in lists(file).into_values() {
        let Some((first, _)) = items.first() else { continue };
        // The lists of a key store stand at one place: their numbers go on.
        let before = if last.0 == first.place.start { last.1 } else { 0 };
        certificates(&items, source, shipped, before, &mut facts);
        last = (first.place.start, before + items.len());
    }
    for (number, item) in file.items.iter().enumerate() {
        let span = Span::new(source.id, item.place.clone());
        match &item.content {
            Ok(Content::Key(key)) => {
                facts.push(private(item, key, shipped, span).fact(span, format!("key {}", number + 1), source.role));
                facts.extend(pair(file, item, key, source, shipped, span));
            }
            Ok(Content::Request(request)) => {
                facts.push(asked(request, shipped, span).fact(span, format!("request {}", number + 1), source.role));
            }
            Ok(Content::Store(store)) => {
                let fact = kept(file, item, store, source, shipped, span);
                facts.push(fact.fact(span, format!("store {}", number + 1), source.role));
            }
            Err(wrong) => {
                let fact = broken(&item.label, wrong, span, false, shipped);
                facts.push(fact.fact(span, format!("{} {}", item.label, number + 1), source.role));
            }
            Ok(_) => {}
        }
    }
    facts
}

fn is_trial(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    TRIAL_WORDS.iter().any(|word| path.contains(word))
}

type List<'f> = Vec<(&'f Item, &'f Certificate)>;

fn lists(file: &File) -> BTreeMap<usize, List<'_>> {
    let mut lists: BTreeMap<usize, List<'_>> = BTreeMap::new();
    for item in &file.items {
        if let Ok(Content::Certificate(one)) = &item.content {
            lists.entry(item.list).or_default().push((item, one));
        }
    }
    lists
}

/// The certificates of one list, and what they are to one another.
fn certificates<'s>(items: &List<'_>, source: &'s Source, shipped: bool, before: usize, facts: &mut Vec<Fact<'s>>) {
    let is_in_secret = items.first().is_some_and(|(item, _)| item.group > 0);
    let all: Vec<&Certificate> = items.iter().map(|(_, one)| *one).collect();
    let spans: Vec<Span> = items.iter().map(|(item, _)| Span::new(source.id, item.place.clone())).collect();
    let leaf = chain::leaf(&all).filter(|index| all.get(*index).is_some_and(|one| judge::looks_like_server(one)));
    let chain = leaf.map(|leaf| chain::examine(&all, leaf));
    let stand_in = leaf.and_then(|leaf| all.get(leaf)).is_some_and(|one| judge::is_stand_in(one));
    let bearing = |index: usize, span: Span| Bearing {
        span,
        position: position(index, &all, chain.as_ref()),
        is_served: false,
        is_deployed: shipped && !stand_in && !all.get(index).is_some_and(|one| judge::is_stand_in(one)),
        is_in_secret,
        host: None,
        days: None,
    };
    for (index, one) in all.iter().enumerate() {
        let Some(span) = spans.get(index).copied() else { continue };
        let path = format!("certificate {}", before + index + 1);
        facts.push(certificate(one, bearing(index, span)).fact(span, path, source.role));
    }
    if let (Some(chain), Some(first)) = (&chain, spans.first().copied()) {
        let about = bearing(chain.leaf, first);
        let path = if before > 0 { format!("chain {}", before + 1) } else { "chain".to_owned() };
        facts.push(bundle(&all, &spans, chain, about).fact(first, path, source.role));
    }
}

fn position(index: usize, all: &[&Certificate], chain: Option<&Chain>) -> &'static str {
    match chain {
        Some(chain) => place_in(chain, index),
        None if all.get(index).is_some_and(|one| !one.may_sign() && judge::looks_like_server(one)) => "leaf",
        None => "other",
    }
}

/// What the certificate of that index is to the server's.
pub(super) fn place_in(chain: &Chain, index: usize) -> &'static str {
    match chain.path.iter().position(|one| *one == index) {
        Some(0) => "leaf",
        Some(_) if chain.root == Some(index) => "root",
        Some(_) => "intermediate",
        None => "other",
    }
}

fn texts<'s>(list: impl IntoIterator<Item = String>, span: Span) -> Value<'s> {
    Value::list(list.into_iter().map(|text| Value::str(text, span)).collect(), span)
}

fn optional<'s>(text: Option<String>, span: Span) -> Value<'s> {
    Value::option(text.map(|text| Data::Str(text.into())), span)
}

fn flag<'s>(value: Option<bool>, span: Span) -> Value<'s> {
    Value::option(value.map(Data::Bool), span)
}

fn count<'s>(number: usize, span: Span) -> Value<'s> {
    Value::int(i64::try_from(number).unwrap_or(i64::MAX), span)
}

/// What is known of a signature, or that it is not.
fn checked<'s>(value: Option<bool>, span: Span) -> Value<'s> {
    let reason = || Reason::Unresolved("its signature is of a kind that is not checked here".into());
    value.map_or_else(|| Value::unknown(reason(), span), |value| Value::bool(value, span))
}

/// The fact about a certificate.
#[rustfmt::skip]
pub(super) fn certificate<'s>(one: &Certificate, at: Bearing<'_>) -> subjects::Certificate<'s> {
    let span = at.span;
    let yes = |value: bool| Value::bool(value, span);
    let text = |value: String| Value::str(value, span);
    let dns: Vec<&str> = one.dns_names().collect();
    let is_public = chain::is_public(one);
    let (serial_bits, has_valid_serial) = judge::serial(one);
    let common = one.common_names.first().cloned();
    let listed = common.as_ref().map(|common| names::cover(one.names.as_deref().unwrap_or_default(), common) || dns.iter().any(|name| name.eq_ignore_ascii_case(common)));
    let is_leaf = at.position == "leaf" && (at.is_served || judge::is_for_servers(one));
    subjects::Certificate {
        name: text(judge::title(one)),
        subject: text(one.subject.clone()),
        fingerprint: text(judge::fingerprint(one)),
        issuer: text(one.issuer_organization.clone().unwrap_or_else(|| one.issuer.clone())),
        position: Value::str(at.position, span),
        is_leaf: yes(is_leaf),
        is_served: yes(at.is_served),
        is_deployed: yes(at.is_deployed),
        is_in_secret: yes(at.is_in_secret),
        is_public: yes(is_public),
        not_before: text(judge::moment(one.not_before)),
        not_after: text(judge::moment(one.not_after)),
        renew_by: text(judge::moment(judge::renew_by(one))),
        days_demanded: Value::option(at.days.map(Data::Int), span),
        lifetime_days: Value::int(judge::lifetime_days(one), span),
        allowed_days: Value::option(is_public.then(|| Data::Int(judge::allowed_days(one.not_before))), span),
        is_within_allowed: yes(judge::is_within_allowed(one)),
        has_lifetime: yes(one.not_after > one.not_before),
        is_self_signed: checked(one.is_self_signed, span),
        is_authority: yes(one.is_ca == Some(true)),
        may_sign: yes(one.may_sign() && one.key_usage.is_none_or(|bits| bits & 0x20 != 0)),
        key_algorithm: text(one.key.algorithm.clone()),
        key_bits: Value::int(i64::from(one.key.bits), span),
        key_curve: optional(one.key.curve.clone(), span),
        has_weak_key: yes(judge::is_weak(&one.key)),
        has_common_key: yes(judge::is_common(&one.key)),
        has_sound_exponent: flag(judge::exponent_is_sound(&one.key), span),
        has_sound_modulus: flag(judge::modulus_is_sound(&one.key), span),
        signature: text(one.signature.clone()),
        is_weakly_signed: yes(one.is_weakly_signed),
        names: texts(one.names.iter().flatten().map(shown), span),
        name_count: count(one.names.as_ref().map_or(0, Vec::len), span),
        has_names: yes(one.names.as_ref().is_some_and(|names| !names.is_empty())),
        common_name: optional(common, span),
        common_name_is_listed: flag(listed, span),
        has_wildcard: yes(dns.iter().any(|name| name.starts_with("*."))),
        broad_wildcards: texts(dns.iter().filter(|name| names::is_broad(name)).map(|name| (*name).to_owned()), span),
        internal_names: texts(one.names.iter().flatten().filter(|name| names::is_internal(name)).map(shown), span),
        impossible_names: texts(dns.iter().filter_map(|name| Some(format!("`{name}`: {}", names::defect(name).filter(|_| !names::is_broad(name))?))), span),
        repeated_names: texts(repeated(&dns), span),
        marks_names_critical: yes(!one.subject.is_empty() || one.names_are_critical),
        covers_host: flag(at.host.map(|host| names::cover(one.names.as_deref().unwrap_or_default(), host)), span),
        host: optional(at.host.map(str::to_owned), span),
        version: Value::int(i64::from(one.version), span),
        serial_bits: Value::int(i64::from(serial_bits), span),
        has_valid_serial: yes(has_valid_serial),
        has_key_usage: yes(one.key_usage.is_some()),
        may_sign_handshakes: yes(one.key_usage.is_none_or(|bits| bits & 1 != 0)),
        may_sign_certificates: yes(one.key_usage.is_some_and(|bits| bits & 0x20 != 0)),
        purposes: Value::option(one.purposes.as_ref().map(|list| Data::List(list.iter().map(|one| Value::str(one.clone(), span)).collect())), span),
        has_purposes: yes(one.purposes.is_some()),
        is_for_servers: yes(judge::is_for_servers(one)),
        is_for_clients: yes(one.purposes.iter().flatten().any(|one| one == "clientAuth")),
        unknown_extensions: texts(one.unknown_critical.iter().cloned(), span),
        broken_extensions: texts(one.broken_extensions.iter().cloned(), span),
        names_issuer_key: yes(one.authority_key.is_some() || one.raw_subject == one.raw_issuer),
        has_revocation: yes(judge::has_revocation(one)),
        ocsp: texts(one.ocsp.iter().cloned(), span),
        has_issuer_address: yes(!one.issuers_at.is_empty()),
        odd_addresses: texts(one.ocsp.iter().chain(&one.revocation_lists).chain(&one.issuers_at).filter(|uri| !uri.starts_with("http://")).cloned(), span),
        demands_staple: yes(one.must_staple),
        has_log_promises: yes(one.log_promises > 0),
    }
}

fn shown(name: &Name) -> String {
    match name {
        Name::Dns(name) | Name::Other(name) => name.clone(),
        Name::Ip(address) => address.to_string(),
    }
}

fn repeated(names: &[&str]) -> Vec<String> {
    let mut sorted: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    sorted.sort();
    let mut twice: Vec<String> = sorted.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].clone()).collect();
    twice.dedup();
    twice
}

/// The fact about a list; what an endpoint's trust is, the caller fills in.
pub(super) fn bundle<'s>(all: &[&Certificate], spans: &[Span], chain: &Chain, at: Bearing<'_>) -> subjects::Chain<'s> {
    let span_of = |index: &usize| spans.get(*index).copied().unwrap_or(at.span);
    let titles = |list: &[usize]| {
        let one = |index: &usize| {
            Value::str(all.get(*index).map(|one| judge::title(one)).unwrap_or_default(), span_of(index))
        };
        Value::list(list.iter().map(one).collect(), at.span)
    };
    let last = chain.path.last().unwrap_or(&chain.leaf);
    let leaf = all.get(chain.leaf);
    let missing = all.get(*last).map(|one| one.issuer.clone()).unwrap_or_default();
    let begins = chain.leaf == 0;
    // Where the server's certificate comes late, that is one mistake, not one a certificate.
    let misplaced: &[usize] = if begins { &chain.misplaced } else { &[] };
    subjects::Chain {
        name: Value::str(leaf.map(|one| judge::title(one)).unwrap_or_default(), at.span),
        is_served: Value::bool(at.is_served, at.span),
        is_deployed: Value::bool(at.is_deployed, at.span),
        is_in_secret: Value::bool(at.is_in_secret, at.span),
        is_public: Value::bool(leaf.is_some_and(|one| chain::is_public(one)), at.span),
        length: count(all.len(), at.span),
        begins_with_leaf: Value::bool(begins, at.span),
        misplaced: titles(misplaced),
        repeated: titles(&chain.repeated),
        unrelated: titles(&chain.unrelated),
        wrongly_signed: titles(&chain.wrongly_signed),
        outliving: titles(&chain.outliving),
        unfit: titles(&chain.unfit),
        too_deep: titles(&chain.too_deep),
        has_root: Value::bool(chain.root.is_some(), chain.root.as_ref().map_or(at.span, span_of)),
        is_complete: Value::bool(chain.is_complete, span_of(last)),
        is_self_signed: checked(leaf.and_then(|one| one.is_self_signed), at.span),
        missing: Value::str(missing, at.span),
        is_trusted: Value::absent(at.span),
        distrust: Value::absent(at.span),
        trusted_until: Value::absent(at.span),
        ends_early: Value::absent(at.span),
    }
}

fn private<'s>(item: &Item, key: &Key, is_deployed: bool, span: Span) -> subjects::Key<'s> {
    let unknown =
        || Value::unknown(Reason::Unreadable("the key is encrypted, or of a kind that is not read".into()), span);
    let public = key.public.as_ref().filter(|public| public.bits > 0);
    subjects::Key {
        algorithm: public.map_or_else(unknown, |public| Value::str(public.algorithm.clone(), span)),
        bits: public.map_or_else(unknown, |public| Value::int(i64::from(public.bits), span)),
        is_weak: public.map_or_else(unknown, |public| Value::bool(judge::is_weak(public), span)),
        is_encrypted: Value::bool(key.is_encrypted, span),
        is_encrypted_badly: Value::bool(key.old_cipher.is_some(), span),
        is_pkcs8: Value::bool(matches!(item.label.as_str(), "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY"), span),
        is_deployed: Value::bool(is_deployed, span),
    }
}

/// The key with the first certificate of its group: where many lie together, the one that it matches.
fn pair<'s>(file: &File, item: &Item, key: &Key, source: &'s Source, shipped: bool, span: Span) -> Option<Fact<'s>> {
    let beside = file.items.iter().filter(|one| one.group == item.group);
    let servers: Vec<&Certificate> =
        beside.filter_map(|one| certificate_of(one)).filter(|one| !one.may_sign() || chain::serves(one)).collect();
    let first = servers.first()?;
    let matches = match &key.public {
        Some(public) => matching(&servers, public),
        None => None,
    };
    let matches = matched(matches, span);
    let fact = subjects::Pair {
        name: Value::str(judge::title(first), span),
        certificate_file: Value::str(source.path(), span),
        matches,
        is_in_secret: Value::bool(item.group > 0, span),
        is_deployed: Value::bool(shipped && !judge::is_stand_in(first), span),
    };
    Some(fact.fact(span, "pair", source.role))
}

/// Whether the key belongs to one of the certificates; `None` when that cannot be told.
fn matching(certificates: &[&Certificate], public: &super::document::PublicKey) -> Option<bool> {
    let answers: Vec<Option<bool>> = certificates.iter().map(|one| key::are_equal(&one.key, public)).collect();
    if answers.contains(&Some(true)) {
        Some(true)
    } else if answers.contains(&None) {
        None
    } else {
        Some(false)
    }
}

/// The pair of a key file and the certificate file that its name belongs to; stands at the first key.
pub(crate) fn pair_of_files<'s>(key: &'s Source, certificate: &'s Source) -> Option<Fact<'s>> {
    let (Document::File(keys), Document::File(held)) = (read::read(key), read::read(certificate)) else { return None };
    let private = keys.items.iter().find_map(|item| match &item.content {
        Ok(Content::Key(key)) => Some((key, item.place.clone())),
        _ => None,
    });
    let (private, place) = private?;
    let span = Span::new(key.id, place);
    let certificates: Vec<&Certificate> = held.items.iter().filter_map(certificate_of).collect();
    let first = certificates.iter().find(|one| !one.may_sign() || chain::serves(one)).or(certificates.first())?;
    let matches = private.public.as_ref().and_then(|public| matching(&certificates, public));
    let shipped = |source: &Source| source.role.is_shipped() && !is_trial(source.path());
    let fact = subjects::Pair {
        name: Value::str(judge::title(first), span),
        certificate_file: Value::str(certificate.path(), span),
        matches: matched(matches, span),
        is_in_secret: Value::bool(false, span),
        is_deployed: Value::bool(shipped(key) && shipped(certificate) && !judge::is_stand_in(first), span),
    };
    Some(fact.fact(span, format!("pair/{}", certificate.path()), key.role))
}

fn matched<'s>(matches: Option<bool>, span: Span) -> Value<'s> {
    let reason = || Reason::Unreadable("the key is encrypted, or of a kind that is not read".into());
    matches.map_or_else(|| Value::unknown(reason(), span), |matches| Value::bool(matches, span))
}

fn certificate_of(item: &Item) -> Option<&Certificate> {
    match &item.content {
        Ok(Content::Certificate(one)) => Some(one),
        _ => None,
    }
}

fn kept<'s>(
    file: &File,
    item: &Item,
    store: &Store,
    source: &'s Source,
    shipped: bool,
    span: Span,
) -> subjects::Store<'s> {
    // In the words of the problem, so that one cause is told once.
    let closed = || Value::unknown(Reason::Unreadable(store.fault().unwrap_or_default().into()), span);
    let path = source.path();
    let beside = file.items.iter().filter(|one| one.group == item.group && one.place == item.place);
    let held: Vec<&Certificate> = beside.filter_map(certificate_of).collect();
    let stand_in = held.first().is_some_and(|one| judge::is_stand_in(one));
    let is_self_made = held.iter().all(|one| one.is_self_signed == Some(true));
    subjects::Store {
        name: match (item.group, span.start) {
            (0, _) => Value::str(path::file_name(path), span),
            _ => Value::str(source.text().get(item.place.clone()).unwrap_or_default().trim_matches(['"', '\'']), span),
        },
        is_known_password: if store.was_tried { Value::bool(store.opens_with.is_some(), span) } else { closed() },
        opens_with: Value::option(store.opens_with.map(|text| Data::Str(text.into())), span),
        holds_key: store.holds_key.map_or_else(closed, |holds| Value::bool(holds, span)),
        is_self_made: flag((!held.is_empty()).then_some(is_self_made), span),
        has_bare_key: Value::bool(store.has_bare_key, span),
        key_cipher: optional(store.key_cipher.clone(), span),
        has_weak_cipher: Value::bool(store.has_weak_cipher, span),
        rounds: Value::option(store.rounds.map(|rounds| Data::Int(i64::from(rounds))), span),
        has_mac: Value::bool(store.has_mac, span),
        is_in_secret: Value::bool(item.group > 0, span),
        is_deployed: Value::bool(shipped && !stand_in, span),
    }
}

fn asked<'s>(request: &Request, is_deployed: bool, span: Span) -> subjects::Request<'s> {
    subjects::Request {
        subject: Value::str(request.subject.clone(), span),
        has_weak_key: Value::bool(judge::is_weak(&request.key), span),
        key_bits: Value::int(i64::from(request.key.bits), span),
        is_weakly_signed: Value::bool(request.is_weakly_signed, span),
        has_names: Value::bool(request.has_names, span),
        is_deployed: Value::bool(is_deployed, span),
    }
}

/// The fact about a block that cannot be read.
pub(super) fn broken<'s>(
    label: &str,
    wrong: &str,
    span: Span,
    is_served: bool,
    is_deployed: bool,
) -> subjects::Broken<'s> {
    subjects::Broken {
        label: Value::str(label.to_owned(), span),
        mistake: Value::str(wrong.to_owned(), span),
        is_readable: Value::bool(false, span),
        is_served: Value::bool(is_served, span),
        is_deployed: Value::bool(is_deployed, span),
    }
}

fn whole<'s>(file: &File, source: &'s Source, shipped: bool) -> Fact<'s> {
    let start = source.whole().at_start();
    let is = |item: &&Item, test: fn(&Content) -> bool| item.content.as_ref().is_ok_and(test);
    let certificates: Vec<&Certificate> = file.items.iter().filter_map(certificate_of).collect();
    // One that cannot be read is reported where it stands.
    let holds = |item: &&Item| match item.label.as_str() {
        // A container for certificates, which is not opened.
        "PKCS7" | "CMS" => true,
        label => item.content.is_err() && label.ends_with("CERTIFICATE"),
    };
    let broken = file.items.iter().filter(holds).count();
    let keys = file.items.iter().filter(|item| is(item, |one| matches!(one, Content::Key(_)))).count();
    let others = file
        .items
        .iter()
        .filter(|item| is(item, |one| matches!(one, Content::Other | Content::Request(_) | Content::Store(_))));
    let path = source.path();
    let fact = subjects::File {
        name: Value::str(path::file_name(path), start),
        promises_certificate: Value::bool(matches!(ending(path).as_str(), "crt" | "cer" | "der"), start),
        certificates: count(certificates.len() + broken, start),
        keys: count(keys, start),
        others: texts(others.map(|item| item.label.clone()), start),
        has_byte_order_mark: Value::bool(
            source.encoding != Encoding::Utf8 || source.text().starts_with('\u{feff}'),
            start,
        ),
        is_store: Value::bool(certificates.len() > 1 && certificates.iter().all(|one| one.may_sign()), start),
        is_deployed: Value::bool(shipped && !certificates.first().is_some_and(|one| judge::is_stand_in(one)), start),
    };
    fact.fact(start, path::file_name(path).to_owned(), source.role)
}
