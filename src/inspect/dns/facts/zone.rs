//! The fact about a zone as a whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use super::About;
use crate::fact::{Fact, Value};
use crate::inspect::dns::document::{Authority, Data, Record};
use crate::inspect::dns::name::Name;
use crate::inspect::dns::subjects;
use crate::inspect::dns::transcript::{Asked, Exchange};
use crate::source::Encoding;
use crate::span::Span;

impl<'d, 's> About<'d, 's> {
    pub(super) fn zone(&self) -> Option<Fact<'s>> {
        let own = self.authorities();
        let record = own.first().copied();
        if record.is_none() && !self.is_file() {
            return None;
        }
        let first = self.world.records.first()?;
        let span = self.span(record.map_or(&first.kind_place, |record| &record.kind_place));
        let authority = record.and_then(|record| match &record.data {
            Data::Authority(authority) => Some((&**authority, record)),
            _ => None,
        });
        let contact = authority.and_then(|(_, record)| record.fields.get(1)).map(|field| field.text.clone());
        let servers = self.world.of(self.world.apex, "NS");
        let last = servers.iter().flatten().last().map_or(span, |record| self.span(&record.data_place()));
        let has_ttl = !self.is_file() || self.document.has_default_ttl || first.ttl_place.is_some();
        let whole_at =
            self.world.seen(self.world.apex, "NS").first().map_or(span, |record| self.span(&record.kind_place));
        let named = self.document.origin.as_ref().map(Name::to_string);
        let seen = self.seen_of_zone(span);
        let hashed = self.hashed();
        let fact = subjects::Zone {
            name: self.maybe_text(named, span),
            is_file: Value::bool(self.is_file(), span),
            has_byte_order_mark: Value::bool(self.has_mark(), self.span(&first.kind_place)),
            authorities: self.count(own.len(), own.get(1).map_or(span, |record| self.span(&record.kind_place))),
            is_whole: Value::bool(record.is_some() || !self.world.seen(self.world.apex, "NS").is_empty(), whole_at),
            has_ttl: Value::bool(has_ttl, self.span(&first.kind_place)),
            serial: self.number(authority, 2, |one| one.serial),
            refresh: self.number(authority, 3, |one| one.refresh),
            retry: self.number(authority, 4, |one| one.retry),
            expire: self.number(authority, 5, |one| one.expire),
            minimum: self.number(authority, 6, |one| one.minimum),
            primary: self
                .maybe_text(authority.map(|(one, _)| one.primary.name.to_string()), self.field(authority, 0, span)),
            contact: self.maybe_text(contact.clone(), self.field(authority, 1, span)),
            has_mailbox: Value::bool(has_mailbox(authority, contact.as_deref()), self.field(authority, 1, span)),
            servers: self.named_servers(servers.as_deref(), last),
            has_one_network: self.one_network(servers.as_deref().unwrap_or_default(), last),
            doubled: self.texts(self.doubled(servers.as_deref().unwrap_or_default()), span),
            only_above: seen.only_above,
            only_here: seen.only_here,
            serials: seen.serials,
            is_signed: Value::bool(!self.world.seen(self.world.apex, "DNSKEY").is_empty(), span),
            has_digest: seen.has_digest,
            digest_matches: seen.digest_matches,
            validation: seen.validation,
            explanation: seen.explanation,
            is_signature_demanded: Value::bool(self.transcript.is_some_and(|one| one.target.dnssec.is_some()), span),
            hash_rounds: self.maybe_int(hashed.map(|(rounds, _)| i64::from(rounds)), span),
            salt_length: self.maybe_int(hashed.and_then(|(_, salt)| i64::try_from(salt).ok()), span),
            answers_anything: seen.answers_anything,
        };
        Some(fact.fact(span, format!("zone {}", self.document.base), self.source.role))
    }

    /// The SOA records of a file; of the zone that answers are about its own one.
    fn authorities(&self) -> Vec<&'d Record> {
        match self.transcript {
            None => self.world.records.iter().filter(|record| record.kind == "SOA").collect(),
            Some(_) => self.world.seen(self.world.apex, "SOA").into_iter().take(1).collect(),
        }
    }

    fn named_servers(&self, records: Option<&[&Record]>, span: Span) -> Value<'s> {
        match records {
            Some(found) => Value::list(self.server_names(found), span),
            None => self.unseen(self.world.apex, span),
        }
    }

    fn one_network(&self, records: &[&Record], span: Span) -> Value<'s> {
        match self.networks(records) {
            Some(networks) => Value::bool(networks == 1, span),
            None => Value::absent(span),
        }
    }

    fn has_mark(&self) -> bool {
        self.is_file() && (self.source.encoding != Encoding::Utf8 || self.source.text().starts_with('\u{feff}'))
    }

    fn number(
        &self,
        authority: Option<(&Authority, &Record)>,
        field: usize,
        get: impl Fn(&Authority) -> u32,
    ) -> Value<'s> {
        let Some((authority, record)) = authority else { return Value::bare(crate::fact::Data::Absent) };
        let span = self.field(Some((authority, record)), field, self.span(&record.kind_place));
        Value::int(i64::from(get(authority)), span)
    }

    fn field(&self, authority: Option<(&Authority, &Record)>, index: usize, otherwise: Span) -> Span {
        let field = authority.and_then(|(_, record)| record.fields.get(index));
        field.map_or(otherwise, |field| self.span(&field.place))
    }

    fn server_names(&self, records: &[&Record]) -> Vec<Value<'s>> {
        let mut names: Vec<Value<'s>> = Vec::new();
        for record in records {
            let Some(target) = record.target() else { continue };
            let text = target.name.to_string();
            if !names.iter().any(|other| other.as_str() == Some(&text)) {
                names.push(Value::str(text, self.span(&target.place)));
            }
        }
        names
    }

    fn addresses(&self, name: &Name) -> Vec<IpAddr> {
        let both = ["A", "AAAA"].into_iter().flat_map(|kind| self.world.seen(name, kind));
        both.filter_map(|record| match record.data {
            Data::Address(address) => Some(address),
            _ => None,
        })
        .collect()
    }

    /// How many networks the servers stand in; `None` unless the addresses of all, and of two at least, are known.
    fn networks(&self, records: &[&Record]) -> Option<usize> {
        let mut networks = BTreeSet::new();
        let mut known = 0;
        for record in records {
            let addresses = self.addresses(&record.target()?.name);
            if addresses.is_empty() {
                return None;
            }
            known += 1;
            networks.extend(addresses.iter().filter(|address| address.is_ipv4()).map(|address| network(*address)));
            if addresses.iter().all(IpAddr::is_ipv6) {
                networks.extend(addresses.iter().map(|address| network(*address)));
            }
        }
        (known > 1).then_some(networks.len())
    }

    /// Servers that share an address with an earlier one.
    fn doubled(&self, records: &[&Record]) -> Vec<(String, Span)> {
        let mut holder: HashMap<IpAddr, &Name> = HashMap::new();
        let mut found = Vec::new();
        for target in records.iter().filter_map(|record| record.target()) {
            let others = self.addresses(&target.name);
            let is_shared =
                others.iter().any(|address| **holder.entry(*address).or_insert(&target.name) != target.name);
            if is_shared {
                found.push((target.name.to_string(), self.span(&target.place)));
            }
        }
        found
    }

    fn hashed(&self) -> Option<(u16, usize)> {
        let parameters = self.world.seen(self.world.apex, "NSEC3PARAM");
        parameters.iter().find_map(|record| match record.data {
            Data::Hashed(rounds, salt) => Some((rounds, salt)),
            _ => None,
        })
    }

    /// What only questions to servers tell.
    fn seen_of_zone(&self, span: Span) -> Seen<'s> {
        let absent = || Value::absent(span);
        let none = || self.texts(Vec::new(), span);
        let Some(transcript) = self.transcript else {
            return Seen {
                only_above: none(),
                only_here: none(),
                serials: none(),
                has_digest: absent(),
                digest_matches: absent(),
                validation: absent(),
                explanation: absent(),
                answers_anything: absent(),
            };
        };
        let apex = self.world.apex;
        let above = self.delegated(&transcript.exchanges);
        let here: Option<BTreeSet<String>> = self.world.of(apex, "NS").filter(|found| !found.is_empty()).map(names_of);
        let difference = |one: &Option<BTreeSet<String>>, other: &Option<BTreeSet<String>>| match (one, other) {
            (Some(one), Some(other)) => one.difference(other).map(|name| (name.clone(), span)).collect(),
            _ => Vec::new(),
        };
        let digests = self.world.of(apex, "DS");
        let keys = self.world.of(apex, "DNSKEY");
        let matches = digests.as_ref().filter(|found| !found.is_empty()).zip(keys.as_ref());
        let (validation, explanation) = self.validation(&transcript.exchanges);
        Seen {
            only_above: self.texts(difference(&above, &here), span),
            only_here: self.texts(difference(&here, &above), span),
            serials: self.texts(self.serials(&transcript.exchanges, span), span),
            has_digest: self.known(digests.as_ref().map(|found| !found.is_empty()), apex, span),
            digest_matches: match matches {
                Some((digests, keys)) => Value::bool(digests.iter().any(|one| has_key(one, keys)), span),
                None => absent(),
            },
            validation: self.maybe_text(validation.map(str::to_owned), span),
            explanation: Value::str(explanation, span),
            answers_anything: self.answers_anything(&transcript.exchanges, span),
        }
    }

    /// The servers that the zone above names.
    fn delegated(&self, exchanges: &[Exchange]) -> Option<BTreeSet<String>> {
        let asked = exchanges.iter().filter(|one| one.asked == Asked::Parent && one.is_answered() && one.kind == "NS");
        let indices = asked.flat_map(|one| one.answer.iter().chain(&one.authority));
        let records = indices.filter_map(|index| self.document.records.get(*index));
        let found: Vec<&Record> =
            records.filter(|record| record.kind == "NS" && record.owner == *self.world.apex).collect();
        (!found.is_empty()).then(|| names_of(found))
    }

    /// The serials that servers gave, with who gave them, when they differ.
    fn serials(&self, exchanges: &[Exchange], span: Span) -> Vec<(String, Span)> {
        let mut by_serial: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        for one in exchanges.iter().filter(|one| one.asked == Asked::Server && one.kind == "SOA") {
            let Some(serial) = serial(one, &self.document.records) else { continue };
            let host = one.host.as_ref().map_or_else(|| one.server.clone(), Name::to_string);
            by_serial.entry(serial).or_default().insert(host);
        }
        if by_serial.len() < 2 {
            return Vec::new();
        }
        let shown = |(serial, hosts): (u32, BTreeSet<String>)| {
            (format!("{serial} at {}", hosts.into_iter().collect::<Vec<_>>().join(", ")), span)
        };
        by_serial.into_iter().map(shown).collect()
    }

    /// What validating resolvers say: an answer only without validation is bogus, one with `ad` is secure.
    fn validation(&self, exchanges: &[Exchange]) -> (Option<&'static str>, String) {
        let resolved = || exchanges.iter().filter(|one| one.asked == Asked::Resolver);
        let failed = resolved().find(|one| {
            let works_unchecked = || {
                resolved().any(|other| {
                    other.is_unchecked
                        && other.name == one.name
                        && other.kind == one.kind
                        && other.server == one.server
                        && other.is_answered()
                })
            };
            !one.is_unchecked && one.status.as_deref() == Ok("SERVFAIL") && works_unchecked()
        });
        if let Some(failed) = failed {
            return (Some("bogus"), failed.errors.join("; "));
        }
        let mut answered =
            resolved().filter(|one| !one.is_unchecked && one.is_answered() && one.name == *self.world.apex);
        match answered.clone().next() {
            None => (None, String::new()),
            Some(_) if answered.any(|one| one.has("ad")) => (Some("secure"), String::new()),
            Some(_) => (Some("unknown"), String::new()),
        }
    }

    fn answers_anything(&self, exchanges: &[Exchange], span: Span) -> Value<'s> {
        let made_up = |one: &&Exchange| {
            one.asked == Asked::Resolver && one.name.as_str().starts_with("seaworthy-") && one.is_answered()
        };
        match exchanges.iter().find(made_up) {
            Some(one) => Value::bool(!one.answer.is_empty(), span),
            None => Value::absent(span),
        }
    }
}

/// What only questions to servers tell of a zone.
struct Seen<'s> {
    only_above: Value<'s>,
    only_here: Value<'s>,
    serials: Value<'s>,
    has_digest: Value<'s>,
    digest_matches: Value<'s>,
    validation: Value<'s>,
    explanation: Value<'s>,
    answers_anything: Value<'s>,
}

/// The serial that a server gave.
pub(super) fn serial(exchange: &Exchange, records: &[Record]) -> Option<u32> {
    exchange.answer.iter().find_map(|index| match &records.get(*index)?.data {
        Data::Authority(authority) => Some(authority.serial),
        _ => None,
    })
}

fn names_of(records: Vec<&Record>) -> BTreeSet<String> {
    records.iter().filter_map(|record| record.target()).map(|target| target.name.to_string()).collect()
}

/// Whether one of the keys has the number and the algorithm that the digest names.
fn has_key(digest: &Record, keys: &[&Record]) -> bool {
    let Data::Digest(tag, algorithm, ..) = digest.data else { return false };
    keys.iter().any(|key| match &key.data {
        Data::Key(flags, of_key, bytes) => *of_key == algorithm && key_tag(*flags, *of_key, bytes) == tag,
        _ => false,
    })
}

/// The number of a key (RFC 4034, appendix B).
pub(super) fn key_tag(flags: u16, algorithm: u8, key: &[u8]) -> u16 {
    let [high, low] = flags.to_be_bytes();
    let all = [high, low, 3, algorithm].into_iter().chain(key.iter().copied());
    let sum = all.enumerate().fold(0_u32, |sum, (at, byte)| {
        sum.wrapping_add(if at % 2 == 0 { u32::from(byte) << 8 } else { u32::from(byte) })
    });
    ((sum + (sum >> 16)) & 0xffff) as u16
}

/// The first 24 bits of an IPv4 address, the first 48 of an IPv6 address.
fn network(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets()[..3].to_vec(),
        IpAddr::V6(address) => address.octets()[..6].to_vec(),
    }
}

/// Whether the contact reads as a mailbox: a name before a domain, without an `@`.
fn has_mailbox(authority: Option<(&Authority, &Record)>, written: Option<&str>) -> bool {
    let has_at = written.is_some_and(|written| written.contains('@'));
    authority.is_none_or(|(authority, _)| !has_at && authority.contact.name.labels().count() > 1)
}
