//! Facts about names: everything that their records say together.

use std::collections::{BTreeSet, HashMap};

use super::About;
use crate::fact::{Fact, Value};
use crate::inspect::dns::document::{Data, Record};
use crate::inspect::dns::name::Name;
use crate::inspect::dns::subjects;
use crate::span::Span;

impl<'d, 's> About<'d, 's> {
    pub(super) fn names(&self, judged: &[&'d Record]) -> Vec<Fact<'s>> {
        let mut order: Vec<&Name> = Vec::new();
        let mut of: HashMap<&Name, Vec<&'d Record>> = HashMap::new();
        for record in judged {
            let list = of.entry(&record.owner).or_default();
            if list.is_empty() {
                order.push(&record.owner);
            }
            list.push(record);
        }
        let is_signed = !self.world.seen(self.world.apex, "DNSKEY").is_empty()
            && judged.iter().any(|record| record.kind == "RRSIG");
        order.into_iter().filter_map(|name| self.name(name, of.get(name)?, is_signed)).collect()
    }

    fn name(&self, name: &Name, records: &[&'d Record], is_signed: bool) -> Option<Fact<'s>> {
        let first = records.first()?;
        let span = self.span(&first.owner_place);
        let kinds: BTreeSet<&str> = records.iter().map(|record| &*record.kind).collect();
        let aliases: Vec<&Record> = distinct(records.iter().copied().filter(|record| record.kind == "CNAME"));
        let alias = aliases.first().map_or(span, |record| self.span(&record.kind_place));
        let beside = |kind: &&str| !["CNAME", "RRSIG", "NSEC", "NSEC3", "KEY", "SIG"].contains(kind);
        let chain = self.world.chain(name);
        let end = chain.names.last().unwrap_or(name);
        let target = self.transcript.map(|transcript| &transcript.target.name);
        let is_front = name == self.world.apex || target == Some(name) || *name == self.world.apex.child("www");
        let arrows: Vec<String> = std::iter::once(name).chain(&chain.names).map(Name::to_string).collect();
        let (odd, odd_span) = odd_null(records).map_or((false, span), |record| (true, self.span(&record.data_place())));
        let fact = subjects::Name {
            name: Value::str(name.to_string(), span),
            kinds: self.texts(kinds.iter().map(|kind| ((*kind).to_owned(), span)).collect(), span),
            is_apex: Value::bool(name == self.world.apex && (self.document.origin.is_some() || self.is_file()), span),
            aliases: self.count(aliases.len(), aliases.get(1).map_or(alias, |record| self.span(&record.kind_place))),
            has_alias_beside: Value::bool(!aliases.is_empty() && kinds.iter().any(beside), alias),
            loops: Value::bool(chain.is_loop, alias),
            chain_length: self.count(chain.names.len(), alias),
            chain: Value::str(arrows.join(" → "), alias),
            leaves_zone: Value::bool(!aliases.is_empty() && !end.is_within(self.world.apex), alias),
            has_ipv4: self.known(self.world.of(end, "A").map(|found| !found.is_empty()), end, span),
            has_ipv6: self.known(self.world.of(end, "AAAA").map(|found| !found.is_empty()), end, span),
            is_front: Value::bool(is_front, span),
            unsigned: self.texts(self.unsigned(name, records, is_signed), span),
            has_issuers: self.known(self.issuers(name).map(|found| !found.is_empty()), name, span),
            refused_issuers: self.texts(self.refused_issuers(name), span),
            has_null_beside: Value::bool(has_null_beside(records), span),
            has_odd_null: Value::bool(odd, odd_span),
        };
        Some(fact.fact(span, name.to_string(), self.source.role))
    }

    /// Types of the name that nobody signed, in a zone that is signed.
    fn unsigned(&self, name: &Name, records: &[&'d Record], is_signed: bool) -> Vec<(String, Span)> {
        let cut = self.world.cut(name);
        let is_ours = cut.as_ref().is_none_or(|(cut, by)| cut == name && *by == "delegation");
        if !is_signed || !self.is_file() || !is_ours || !name.is_within(self.world.apex) {
            return Vec::new();
        }
        let covers = |record: &&Record, kind: &str| matches!(&record.data, Data::Signature(one) if one.covered == kind);
        let mut found: Vec<(String, Span)> = Vec::new();
        for record in records.iter().filter(|record| record.kind != "RRSIG") {
            let is_given_away = cut.is_some() && !["DS", "NSEC"].contains(&&*record.kind);
            let is_signed = records.iter().any(|other| covers(other, &record.kind));
            if !is_given_away && !is_signed && !found.iter().any(|(kind, _)| *kind == record.kind) {
                found.push((record.kind.to_string(), self.span(&record.kind_place)));
            }
        }
        found
    }

    /// The CAA records that count for the name: its own, or the nearest ones above. `None` when that is not known.
    fn issuers(&self, name: &Name) -> Option<Vec<&'d Record>> {
        let mut at = Some(name.clone());
        while let Some(one) = at.filter(|one| !one.is_root()) {
            let end = self.world.chain(&one).names.last().cloned().unwrap_or_else(|| one.clone());
            let found = self.world.of(&end, "CAA");
            match found {
                Some(found) if !found.is_empty() => return Some(found),
                // Nobody asks a top-level domain, and none has them.
                None if one.labels().count() > 1 => return None,
                _ => {}
            }
            at = one.parent();
        }
        Some(Vec::new())
    }

    fn refused_issuers(&self, name: &Name) -> Vec<(String, Span)> {
        let Some(transcript) = self.transcript.filter(|transcript| transcript.target.name == *name) else {
            return Vec::new();
        };
        let Some(found) = self.issuers(name).filter(|found| !found.is_empty()) else { return Vec::new() };
        let values = |wanted: &str| -> Vec<String> {
            let issuers = found.iter().filter_map(|record| match &record.data {
                Data::Issuance(_, tag, value) if tag == wanted => Some(value),
                _ => None,
            });
            issuers.map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()).collect()
        };
        let (plain, wild) = (values("issue"), values("issuewild"));
        let allowed = if name.is_wildcard() && !wild.is_empty() { wild } else { plain };
        if allowed.is_empty() {
            return Vec::new();
        }
        let refused =
            transcript.target.issuers.iter().filter(|(issuer, _)| !allowed.contains(&issuer.to_ascii_lowercase()));
        refused.map(|(issuer, place)| (issuer.clone(), self.span(place))).collect()
    }
}

fn distinct<'d>(records: impl Iterator<Item = &'d Record>) -> Vec<&'d Record> {
    let mut found: Vec<&Record> = Vec::new();
    for record in records {
        if found.len() < 4 && !found.iter().any(|other| other.data == record.data || other.shown() == record.shown()) {
            found.push(record);
        }
    }
    found
}

fn is_null(record: &Record) -> bool {
    matches!(&record.data, Data::Mail(_, target) if target.name.is_root())
}

fn has_null_beside(records: &[&Record]) -> bool {
    let mut exchangers = records.iter().filter(|record| record.kind == "MX");
    records.iter().any(|record| is_null(record)) && exchangers.any(|record| !is_null(record))
}

fn odd_null<'d>(records: &[&'d Record]) -> Option<&'d Record> {
    records.iter().copied().find(|record| matches!(&record.data, Data::Mail(1.., target) if target.name.is_root()))
}
