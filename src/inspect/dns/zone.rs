//! Zone file → the names in it, for those who ask whether a host is there; and what became of its serial.

use std::collections::BTreeSet;

use super::document::{Data, Document, Record};
use super::include;
use super::name::Name;
use super::read;
use crate::inspect::Among;
use crate::source::Source;
use crate::span::Span;

/// Types that give a host an address, or an alias for one.
const HOSTS: &[&str] = &["A", "AAAA", "CNAME", "ALIAS", "ANAME", "DNAME", "HTTPS", "SVCB"];

/// The names of a zone.
#[derive(Debug)]
pub(crate) struct Zone {
    apex: Name,
    hosts: BTreeSet<Name>,
    names: BTreeSet<Name>,
    cuts: BTreeSet<Name>,
    is_whole: bool,
}

/// Whether a zone file asks for more records than it holds.
pub(crate) fn multiplies(source: &Source) -> bool {
    read::multiplies(source.text())
}

/// The names of a zone file that says which zone it is; one of so many that multiply.
pub(crate) fn of_file(source: &Source, among: &Among<'_, '_>, zones: usize) -> Option<Zone> {
    if source.bytes().is_some() || source.endpoint().is_some() {
        return None;
    }
    let open = |from: &str, file: &str| include::find(among, from, file);
    let document = read::read_with(source.text(), source.path(), read::Share::among(zones), &open);
    let apex = document.origin.clone()?;
    let mut zone = Zone {
        is_whole: is_whole(&document),
        apex,
        hosts: BTreeSet::new(),
        names: BTreeSet::new(),
        cuts: BTreeSet::new(),
    };
    for record in &document.records {
        zone.names.insert(record.owner.clone());
        if HOSTS.contains(&&*record.kind) {
            zone.hosts.insert(record.owner.clone());
        }
        if record.kind == "DNAME" || (record.kind == "NS" && record.owner != zone.apex) {
            zone.cuts.insert(record.owner.clone());
        }
    }
    Some(zone)
}

fn is_whole(document: &Document) -> bool {
    document.template.is_none() && !document.is_cut && document.includes.is_empty() && document.faults.is_empty()
}

impl Zone {
    /// Its name.
    pub(crate) fn apex(&self) -> &str {
        self.apex.as_str()
    }

    /// Whether it has the host, or a wildcard stands for it; with `needs_address` only what leads to an address counts.
    /// `None` when it has not, and not all of it was read.
    pub(crate) fn has(&self, host: &str, needs_address: bool) -> Option<bool> {
        let name = Name::absolute(host)?;
        let known = if needs_address { &self.hosts } else { &self.names };
        let is_there = known.contains(&name)
            || above(&name).take_while(|one| one.is_within(&self.apex)).any(|one| known.contains(&one.child("*")));
        match is_there {
            true => Some(true),
            false => self.is_whole.then_some(false),
        }
    }

    /// Whether other servers answer for the host.
    pub(crate) fn is_delegated(&self, host: &str) -> bool {
        let Some(name) = Name::absolute(host) else { return false };
        std::iter::once(name.clone())
            .chain(above(&name))
            .take_while(|one| one.is_within(&self.apex))
            .any(|one| self.cuts.contains(&one))
    }
}

fn above(name: &Name) -> impl Iterator<Item = Name> {
    let mut at = name.clone();
    std::iter::from_fn(move || {
        at = at.parent()?;
        Some(at.clone())
    })
}

/// What became of the serial of a zone file whose records changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// The serial now.
    pub(crate) serial: u32,
    /// The serial before.
    pub(crate) before: u32,
    /// Where it is written.
    pub(crate) span: Span,
}

impl Change {
    /// Whether secondary servers take the zone for a newer one (RFC 1982).
    pub(crate) fn is_newer(self) -> bool {
        (1..=0x7fff_ffff).contains(&self.serial.wrapping_sub(self.before))
    }
}

/// What became of the serial, when records are not what they were in `before`. Serials that a program fills in say nothing:
/// those below 2.
pub(crate) fn change(source: &Source, before: &str) -> Option<Change> {
    if source.bytes().is_some() || source.text() == before {
        return None;
    }
    let (now, then) = (read::read(source.text(), source.path()), read::read(before, source.path()));
    if now.template.is_some() || then.template.is_some() || contents(&now) == contents(&then) {
        return None;
    }
    let (serial, place) = serial(&now)?;
    let (before, _) = self::serial(&then)?;
    let span = Span::new(source.id, place);
    (serial > 1 && before > 1).then_some(Change { serial, before, span })
}

fn serial(document: &Document) -> Option<(u32, std::ops::Range<usize>)> {
    document.records.iter().find_map(|record| match &record.data {
        Data::Authority(authority) => Some((authority.serial, record.fields.get(2)?.place.clone())),
        _ => None,
    })
}

/// Everything that is served, but for the serial, whatever order it stands in.
fn contents<'d>(document: &'d Document) -> BTreeSet<(String, &'d str, Option<u32>, Vec<&'d str>)> {
    let one = |record: &'d Record| {
        let Record { owner, kind, ttl, fields, .. } = record;
        let is_served = |index: usize| kind != "SOA" || index != 2;
        let texts = fields.iter().enumerate().filter(|(index, _)| is_served(*index)).map(|(_, field)| &*field.text);
        (owner.to_string(), &**kind, *ttl, texts.collect())
    };
    document.records.iter().map(one).collect()
}
