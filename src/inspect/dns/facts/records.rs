//! Facts about single records.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::About;
use crate::fact::{Fact, Value};
use crate::inspect::dns::document::{Data, Place, Record, Target};
use crate::inspect::dns::name::Name;
use crate::inspect::dns::{service, subjects};
use crate::observe::address;
use crate::span::Span;

/// Last labels of names that only a private network knows.
const INTERNAL: &str = "internal lan local home corp intranet localdomain private localhost arpa cluster consul";
/// Labels that say that what is below is for a private network.
const INTERNAL_LABELS: &str = "internal intern intranet lan corp priv private local vpn mgmt";
/// Last labels that are hardly ever meant to be below another name.
const TOP: &str =
    "com net org edu gov io dev app info biz co de uk fr nl eu ch at us ca au jp br it es se no fi dk pl be cloud";

fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

/// Whether the name is one of a private network.
pub(super) fn has_internal_name(name: &Name) -> bool {
    name.labels().last().is_some_and(|last| among(INTERNAL, last))
        || name.labels().any(|label| among(INTERNAL_LABELS, label))
}

/// Whether a zone file is for a private network: its name says so, or all its addresses are private ones.
pub(super) fn is_internal_zone(about: &About<'_, '_>) -> bool {
    let document = about.document;
    let path = about.source.path().to_ascii_lowercase();
    let named = path.split(['/', '.', '-', '_']).any(|word| among(INTERNAL_LABELS, word));
    let addresses = document.records.iter().filter_map(|record| match &record.data {
        Data::Address(address) => Some(*address),
        _ => None,
    });
    let mut addresses = addresses.peekable();
    let has_any = addresses.peek().is_some();
    named || has_internal_name(&document.base) || document.origin.is_none() || has_any && addresses.all(is_private)
}

fn is_private(address: IpAddr) -> bool {
    address::kind(address).is_some_and(|kind| !kind.contains("documentation"))
}

/// What earlier records of the zone say.
#[derive(Default)]
struct Before<'d> {
    records: HashSet<(&'d Name, &'d str, String)>,
    ttls: HashMap<(&'d Name, &'d str), Option<u32>>,
}

impl<'d, 's> About<'d, 's> {
    pub(super) fn records(&self, judged: &[&'d Record]) -> Vec<Fact<'s>> {
        let mut before = Before::default();
        judged.iter().map(|record| self.record(record, &mut before)).collect()
    }

    fn record(&self, record: &'d Record, before: &mut Before<'d>) -> Fact<'s> {
        let kind = self.span(&record.kind_place);
        let owner = self.span(&record.owner_place);
        let data = self.span(&record.data_place());
        let ttl_span = record.ttl_place.as_ref().map_or(kind, |place| self.span(place));
        let is_double = !before.records.insert((&record.owner, &record.kind, record.shown()));
        let first_ttl = *before.ttls.entry((&record.owner, &record.kind)).or_insert(record.ttl);
        let target = record.target();
        let target_span = target.map_or(data, |target| self.span(&target.place));
        let cut = record.cut.as_ref().map_or(data, |place| self.span(place));
        let (caa_problem, caa_span) = self.caa_problem(record);
        let (hidden_by, is_outside) = (self.hidden_by(record), self.is_outside(&record.owner));
        let dot = self.lacking_dot(record);
        let allowed =
            self.transcript.and_then(|transcript| transcript.target.max_ttl.as_ref()).map(|(ttl, _)| i64::from(*ttl));
        let fact = subjects::Record {
            name: Value::str(record.owner.to_string(), owner),
            kind: Value::str(record.kind.to_string(), kind),
            data: Value::str(shorten(&record.shown()), data),
            ttl: self.maybe_int(
                self.longest.get(&(&record.owner, &*record.kind)).copied().or(record.ttl).map(i64::from),
                ttl_span,
            ),
            is_in_file: Value::bool(self.is_file(), kind),
            is_at_apex: Value::bool(record.owner == *self.world.apex, owner),
            reach: self.reach(record, data),
            is_internal: Value::bool(self.is_internal || has_internal_name(&record.owner), owner),
            target: self.maybe_text(target.map(|target| target.name.to_string()), target_span),
            target_is_address: Value::bool(target.is_some_and(is_address), target_span),
            target_exists: self.about_target(target, target_span, |name| self.world.exists(name)),
            target_is_alias: self
                .about_target(target, target_span, |name| self.world.of(name, "CNAME").map(|found| !found.is_empty())),
            target_has_address: self.about_target(target, target_span, |name| self.world.has_address(name)),
            service: self
                .maybe_text(target.and_then(|target| service::of(&target.name)).map(str::to_owned), target_span),
            lacks_final_dot: Value::bool(dot.is_some(), dot.map_or(target_span, |place| self.span(&place))),
            is_cut: Value::bool(record.cut.is_some(), cut),
            is_double: Value::bool(is_double && self.is_file(), kind),
            has_other_ttl: Value::bool(self.is_file() && first_ttl != record.ttl && record.kind != "RRSIG", ttl_span),
            is_outside: Value::bool(is_outside, owner),
            hidden_by: Value::str(hidden_by, owner),
            has_bad_host_name: Value::bool(has_bad_host_name(record), owner),
            is_wildcard: Value::bool(record.owner.is_wildcard(), owner),
            has_servers: Value::bool(self.has_servers(record), kind),
            has_glue: Value::bool(self.has_glue(record), target_span),
            has_service_name: Value::bool(has_service_name(record), owner),
            caa_problem: Value::str(caa_problem, caa_span.unwrap_or(data)),
            tlsa_problem: Value::str(tlsa_problem(record), data),
            is_challenge: Value::bool(
                record.kind == "TXT" && record.owner.as_str().starts_with("_acme-challenge"),
                owner,
            ),
            allowed_ttl: self.maybe_int(allowed, ttl_span),
            is_of_target: Value::bool(self.is_of_target(record), owner),
        };
        fact.fact(kind, format!("{}/{}", record.owner, record.kind), self.source.role)
    }

    fn is_of_target(&self, record: &Record) -> bool {
        self.transcript.is_some_and(|transcript| {
            let target = &transcript.target.name;
            record.owner == *target || self.world.chain(target).names.contains(&record.owner)
        })
    }

    fn about_target(&self, target: Option<&Target>, span: Span, ask: impl Fn(&Name) -> Option<bool>) -> Value<'s> {
        match target {
            Some(target) if !target.name.is_root() && !is_address(target) => {
                self.known(ask(&target.name), &target.name, span)
            }
            _ => Value::absent(span),
        }
    }

    fn reach(&self, record: &Record, span: Span) -> Value<'s> {
        match record.data {
            Data::Address(address) => Value::str(address::kind(address).unwrap_or(""), span),
            _ => Value::absent(span),
        }
    }

    fn is_outside(&self, name: &Name) -> bool {
        self.is_file() && self.document.origin.is_some() && !name.is_within(self.world.apex)
    }

    /// What keeps the record from being served.
    fn hidden_by(&self, record: &Record) -> &'static str {
        if !self.is_file() {
            return "";
        }
        let Some((cut, by)) = self.world.cut(&record.owner) else { return "" };
        let is_address = matches!(record.data, Data::Address(_));
        let stays = ["NS", "DS", "RRSIG", "NSEC", "NSEC3"].contains(&&*record.kind);
        let is_glue = || {
            self.world
                .seen(&cut, "NS")
                .iter()
                .any(|server| server.target().is_some_and(|target| target.name == record.owner))
        };
        match by {
            "delegation" if cut == record.owner && stays => "",
            "delegation" if is_address && is_glue() => "",
            by => by,
        }
    }

    /// The name that was meant to be absolute and is not.
    fn lacking_dot(&self, record: &Record) -> Option<Place> {
        if !self.is_file() {
            return None;
        }
        let apex = self.world.apex;
        let is_doubled = |name: &Name| {
            let head = name.as_str().strip_suffix(apex.as_str()).and_then(|head| head.strip_suffix('.'));
            head.is_some_and(|head| Name::absolute(head).is_some_and(|head| head.is_within(apex)))
        };
        let is_named = self.document.origin.is_some();
        if record.is_owner_relative && is_named && is_doubled(&record.owner) {
            return Some(record.owner_place.clone());
        }
        let authority = match &record.data {
            Data::Authority(authority) => vec![&authority.primary, &authority.contact],
            _ => Vec::new(),
        };
        let found = record.target().into_iter().chain(authority).find(|target| {
            let head = target.name.as_str().strip_suffix(apex.as_str()).map(|head| head.trim_end_matches('.'));
            let head = head.and_then(Name::absolute).unwrap_or_default();
            let ends_on_top = head.labels().count() > 1 && head.labels().last().is_some_and(|last| among(TOP, last));
            target.is_relative
                && (is_named && is_doubled(&target.name)
                    || ends_on_top && self.world.exists(&target.name) != Some(true))
        })?;
        Some(found.place.clone())
    }

    fn has_servers(&self, record: &Record) -> bool {
        let is_asked = record.kind == "DS" && self.is_file() && record.owner != *self.world.apex;
        !is_asked || !self.world.seen(&record.owner, "NS").is_empty()
    }

    fn has_glue(&self, record: &Record) -> bool {
        let Some(target) = record.target() else { return true };
        let needs = record.kind == "NS"
            && self.is_file()
            && record.owner != *self.world.apex
            && target.name.is_within(&record.owner)
            && self.document.includes.is_empty();
        !needs || self.world.at(&target.name).any(|record| matches!(record.data, Data::Address(_)))
    }

    fn caa_problem(&self, record: &Record) -> (String, Option<Span>) {
        let Data::Issuance(flags, tag, value) = &record.data else { return (String::new(), None) };
        let at = |index: usize| record.fields.get(index).map(|field| self.span(&field.place));
        let is_known = ["issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"]
            .contains(&tag.as_str());
        if !matches!(flags, 0 | 128) {
            return (format!("the flags are 0 or 128, not {flags}"), at(0));
        }
        if !is_known {
            return (format!("no issuer knows the tag `{tag}`"), at(1));
        }
        let issuer = value.split(';').next().unwrap_or_default().trim();
        let is_name = issuer.is_empty() || issuer.contains('.') && !issuer.contains([' ', '/', ':', '@']);
        if tag.starts_with("issue") && !is_name {
            return (format!("`{issuer}` is no name of an issuer"), at(2));
        }
        let lower = value.to_ascii_lowercase();
        if tag == "iodef" && !["mailto:", "http://", "https://"].iter().any(|scheme| lower.starts_with(scheme)) {
            return ("`iodef` needs a mailto: or http(s): URL".to_owned(), at(2));
        }
        (String::new(), None)
    }
}

/// A long value is told from its beginning.
fn shorten(text: &str) -> String {
    if text.chars().count() <= 120 { text.to_owned() } else { text.chars().take(117).chain("...".chars()).collect() }
}

/// Whether a name is written like an address: four numbers, the origin perhaps appended.
fn is_address(target: &Target) -> bool {
    let first: Vec<&str> = target.name.labels().take(4).collect();
    let is_byte = |label: &&str| label.parse::<u8>().is_ok();
    let is_reverse = target.name.as_str().ends_with("in-addr.arpa");
    first.len() == 4 && first.iter().all(is_byte) && !is_reverse || target.name.as_str().contains(':')
}

fn has_bad_host_name(record: &Record) -> bool {
    let is_host = matches!(&*record.kind, "A" | "AAAA" | "MX");
    let is_bad = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        label != "*" && (!plain || label.starts_with('-') || label.ends_with('-'))
    };
    // A name below an underscore is no host by intent: services, policies, keys.
    is_host && record.owner.labels().any(is_bad) && !record.owner.labels().any(|label| label.starts_with('_'))
}

fn has_service_name(record: &Record) -> bool {
    let mut labels = record.owner.labels().filter(|label| *label != "*");
    let is_marked = |label: Option<&str>| label.is_some_and(|label| label.starts_with('_') && label.len() > 1);
    record.kind != "SRV" || is_marked(labels.next()) && (record.owner.is_wildcard() || is_marked(labels.next()))
}

fn tlsa_problem(record: &Record) -> String {
    let Data::Association(usage, selector, matching, bytes) = record.data else { return String::new() };
    let expected = match matching {
        1 => Some(32),
        2 => Some(64),
        _ => None,
    };
    match expected {
        _ if record.kind != "TLSA" => String::new(),
        _ if usage > 3 => format!("there is no usage {usage}"),
        _ if selector > 1 => format!("there is no selector {selector}"),
        _ if matching > 2 => format!("there is no matching type {matching}"),
        Some(expected) if expected != bytes => format!("the digest has {bytes} bytes, not {expected}"),
        _ => String::new(),
    }
}
