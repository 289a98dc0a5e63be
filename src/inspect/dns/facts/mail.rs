//! Facts about mail: what a domain says about who may send in its name.

use super::About;
use crate::fact::{Fact, Value};
use crate::inspect::dns::document::{Data, Place, Record};
use crate::inspect::dns::name::Name;
use crate::inspect::dns::{spf, subjects, tags};

/// How many names a search for a DMARC record asks at most (RFC 9989, section 4.10).
const WALK: usize = 8;

impl<'d, 's> About<'d, 's> {
    pub(super) fn mail(&self, judged: &[&'d Record]) -> Vec<Fact<'s>> {
        let mut facts: Vec<Fact<'s>> = self.domain().into_iter().collect();
        for record in judged.iter().filter(|record| matches!(record.data, Data::Text(_)) && record.cut.is_none()) {
            let text = record.text().unwrap_or_default();
            let mut labels = record.owner.labels();
            let (first, second) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
            let is = |start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
            let above =
                |count: usize| (0..count).try_fold(record.owner.clone(), |name, _| name.parent()).unwrap_or_default();
            if spf::is_spf(&text) && !first.starts_with('_') || spf::is_spf(&text) && self.is_file() {
                facts.push(self.spf(record, &text));
            } else if first == "_dmarc" && text.to_ascii_uppercase().contains("DMARC1") {
                facts.push(self.dmarc(record, &text, &above(1)));
            } else if second == "_domainkey" && (is("v=DKIM") || text.contains("p=")) {
                facts.push(self.dkim(record, &text, (first, &above(2))));
            } else if let Some((kind, domain, wrong)) = notice(first, second, &text, &above) {
                facts.push(self.notice(record, (kind, domain), wrong));
            }
        }
        facts.extend(self.selectors());
        facts
    }

    /// The domain whose mail is judged: the zone's own name, or a target that was asked for its exchangers.
    fn domain(&self) -> Option<Fact<'s>> {
        let world = &self.world;
        let domain = match self.transcript {
            Some(transcript) => {
                world.of(&transcript.target.name, "MX")?;
                world.of(&transcript.target.name, "TXT")?;
                transcript.target.name.clone()
            }
            None => self.document.origin.clone().filter(|name| !is_reverse(name))?,
        };
        let any = world.at(&domain).next();
        let span = match self.transcript {
            Some(transcript) => self.span(&transcript.target.place),
            None => self.span(&any?.kind_place),
        };
        let exchangers = world.of(&domain, "MX").unwrap_or_default();
        let is_null = |record: &&Record| record.target().is_some_and(|target| target.name.is_root());
        let takes_mail = exchangers.iter().any(|record| !is_null(record));
        let used = takes_mail || ["A", "AAAA"].iter().any(|kind| !world.seen(&domain, kind).is_empty());
        let mut spf = world.texts(&domain, "v=spf1");
        spf.iter_mut().for_each(|found| found.retain(|record| spf::is_spf(&record.text().unwrap_or_default())));
        let own = world.texts(&domain.child("_dmarc"), "v=DMARC1");
        let applies = self.find_dmarc(&domain);
        let policy = match &applies {
            Some(Some((record, found_at))) => Some(policy_of(record, *found_at == domain)),
            _ => None,
        };
        let misplaced = world.texts(&domain, "v=DMARC1").and_then(|found| found.first().copied());
        let second = |records: &Option<Vec<&'d Record>>| {
            records.as_ref().and_then(|found| found.get(1)).map_or(span, |record| self.span(&record.data_place()))
        };
        let number = |records: &Option<Vec<&'d Record>>, name: &Name| match records {
            Some(found) => self.count(found.len(), second(records)),
            None => self.unseen(name, span),
        };
        let has =
            |name: Name, start: &str| self.known(world.texts(&name, start).map(|found| !found.is_empty()), &name, span);
        let fact = subjects::Mail {
            domain: Value::str(domain.to_string(), span),
            takes_mail: Value::bool(takes_mail, span),
            refuses_mail: Value::bool(exchangers.iter().any(is_null), span),
            is_used: Value::bool(used, span),
            spf_records: number(&spf, &domain),
            dmarc_records: number(&own, &domain.child("_dmarc")),
            has_dmarc: self.known(applies.as_ref().map(Option::is_some), &domain.child("_dmarc"), span),
            policy: self.maybe_text(policy, span),
            has_mta_sts: has(domain.child("_mta-sts"), "v=STSv1"),
            has_tls_reports: has(domain.child("_tls").child("_smtp"), "v=TLSRPTv1"),
            has_misplaced_dmarc: Value::bool(
                misplaced.is_some(),
                misplaced.map_or(span, |record| self.span(&record.data_place())),
            ),
        };
        Some(fact.fact(span, format!("mail {domain}"), self.source.role))
    }

    /// The DMARC record that applies, found from the domain upwards, and where; `None` when that cannot be known.
    fn find_dmarc(&self, domain: &Name) -> Option<Option<(&'d Record, Name)>> {
        let mut at = domain.clone();
        for _ in 0..WALK {
            // A zone of the second level has only a top-level domain above, which says nothing about its customers.
            if at.labels().count() < 2 {
                return Some(None);
            }
            match self.world.texts(&at.child("_dmarc"), "v=DMARC1") {
                Some(found) if found.len() == 1 => return Some(found.first().map(|record| (*record, at))),
                Some(_) => {}
                None => return None,
            }
            let labels = at.labels().count();
            // From far below, the walk jumps to the names of seven labels.
            at = if labels > WALK {
                (0..labels - (WALK - 1)).try_fold(at, |name, _| name.parent())?
            } else {
                at.parent()?
            };
        }
        Some(None)
    }

    fn problem(&self, record: &Record, wrong: Option<(String, Place)>) -> Value<'s> {
        match wrong {
            Some((message, place)) => Value::str(message, self.within_text(record, &place)),
            None => Value::str("", self.span(&record.data_place())),
        }
    }

    fn spf(&self, record: &'d Record, text: &str) -> Fact<'s> {
        let span = self.span(&record.data_place());
        let read = spf::read(text);
        let cost = spf::cost(&read, &record.owner, &self.world);
        let term = |term: Option<&spf::Term>, shown: &dyn Fn(&spf::Term) -> String| match term {
            Some(term) => Value::str(shown(term), self.within_text(record, &term.place)),
            None => Value::str("", span),
        };
        let written = |term: &spf::Term| text.get(term.place.clone()).unwrap_or_default().to_owned();
        let pointer = read.terms.iter().find(|term| term.name == "ptr");
        let names = |is_wanted: &dyn Fn(bool) -> bool| {
            let found = cost.broken.iter().filter(|(_, is_there)| is_wanted(*is_there));
            self.texts(found.map(|(name, _)| (name.to_string(), span)).collect(), span)
        };
        let fact = subjects::Spf {
            domain: Value::str(record.owner.to_string(), span),
            text: Value::str(text.to_owned(), span),
            problem: self.problem(record, read.problem.clone()),
            all: term(read.all(), &|term| term.qualifier.to_string()),
            has_redirect: Value::bool(read.redirect().is_some(), span),
            lookups: Value::int(i64::from(cost.lookups), span),
            void_lookups: Value::int(i64::from(cost.void), span),
            is_complete: Value::bool(cost.is_complete, span),
            repeats: Value::str(cost.repeats.as_ref().map(Name::to_string).unwrap_or_default(), span),
            broken_includes: names(&|is_there| is_there),
            missing_includes: names(&|is_there| !is_there),
            uses_ptr: Value::bool(
                pointer.is_some(),
                pointer.map_or(span, |term| self.within_text(record, &term.place)),
            ),
            behind_all: term(read.behind_all(), &written),
            wide_range: term(read.wide(), &written),
            is_old_type: Value::bool(record.kind == "SPF", self.span(&record.kind_place)),
        };
        fact.fact(span, format!("spf {}", record.owner), self.source.role)
    }

    fn dmarc(&self, record: &'d Record, text: &str, domain: &Name) -> Fact<'s> {
        let span = self.span(&record.data_place());
        let read = tags::read(text);
        let place = |name: &str| read.place(name).map_or(span, |place| self.within_text(record, &place));
        let policy = policy_of(record, true);
        let below =
            ["sp", "np"].iter().find(|tag| read.get(tag).is_some_and(|value| strength(value) < strength(&policy)));
        let old = read.tags.iter().filter(|(name, _, _)| ["pct", "rf", "ri"].contains(name));
        let old = old.map(|(name, _, place)| ((*name).to_owned(), self.within_text(record, place))).collect();
        let unverified = tags::report_domains(&read).into_iter().filter_map(|(to, place)| {
            let to = Name::absolute(to)?;
            let agreement = Name::absolute(&format!("{domain}._report._dmarc.{to}"))?;
            let is_own = to.is_within(&organization(domain)) || domain.is_within(&to);
            let is_missing = !is_own && self.world.texts(&agreement, "v=DMARC1").is_some_and(|found| found.is_empty());
            is_missing.then(|| (to.to_string(), self.within_text(record, &place)))
        });
        let fact = subjects::Dmarc {
            domain: Value::str(domain.to_string(), span),
            text: Value::str(text.to_owned(), span),
            problem: self.problem(record, tags::dmarc(text)),
            ignored: self.problem(record, tags::dmarc_ignored(&read)),
            policy: Value::str(policy, place("p")),
            has_policy: Value::bool(read.get("p").is_some(), span),
            is_milder_below: Value::bool(below.is_some(), below.map_or(span, |tag| place(tag))),
            has_reports: Value::bool(read.get("rua").is_some_and(|value| !value.is_empty()), span),
            is_test: Value::bool(read.get("t") == Some("y"), place("t")),
            old_tags: self.texts(old, span),
            unverified: self.texts(unverified.collect(), span),
        };
        fact.fact(span, format!("dmarc {domain}"), self.source.role)
    }

    fn dkim(&self, record: &Record, text: &str, (selector, domain): (&str, &Name)) -> Fact<'s> {
        let span = self.span(&record.data_place());
        let key = tags::dkim(text);
        let fact = subjects::Dkim {
            selector: Value::str(selector.to_owned(), span),
            domain: Value::str(domain.to_string(), span),
            is_there: Value::bool(true, span),
            problem: self.problem(record, key.problem),
            key_type: Value::str(key.kind, span),
            bits: self.maybe_int(key.bits.map(i64::from), span),
            is_revoked: Value::bool(key.is_revoked, span),
            is_test: Value::bool(key.is_test, span),
            is_sha1: Value::bool(key.is_sha1, span),
        };
        fact.fact(span, format!("dkim {selector}._domainkey.{domain}"), self.source.role)
    }

    /// Selectors of the policy that have no key.
    fn selectors(&self) -> Vec<Fact<'s>> {
        let Some(transcript) = self.transcript else { return Vec::new() };
        let domain = &transcript.target.name;
        let lacking = transcript.target.selectors.iter().filter_map(|(selector, place)| {
            let name = Name::absolute(&format!("{selector}._domainkey.{domain}"))?;
            let end = self.world.chain(&name).names.last().cloned().unwrap_or(name.clone());
            let found = self.world.of(&end, "TXT");
            let span = self.span(place);
            if found.as_ref().is_some_and(|found| !found.is_empty()) {
                return None;
            }
            let is_there = if found.is_some() { Value::bool(false, span) } else { self.unseen(&name, span) };
            let fact = subjects::Dkim {
                selector: Value::str(selector.clone(), span),
                domain: Value::str(domain.to_string(), span),
                is_there,
                problem: Value::str("", span),
                key_type: Value::absent(span),
                bits: Value::absent(span),
                is_revoked: Value::bool(false, span),
                is_test: Value::bool(false, span),
                is_sha1: Value::bool(false, span),
            };
            Some(fact.fact(span, format!("dkim {name}"), self.source.role))
        });
        lacking.collect()
    }

    fn notice(&self, record: &Record, (kind, domain): (&'static str, Name), wrong: tags::Wrong) -> Fact<'s> {
        let span = self.span(&record.data_place());
        let start = if kind == "mta-sts" { "v=STSv1" } else { "v=TLSRPTv1" };
        let count =
            if kind == "bimi" { 1 } else { self.world.texts(&record.owner, start).map_or(1, |found| found.len()) };
        let fact = subjects::Notice {
            kind: Value::str(kind, span),
            domain: Value::str(domain.to_string(), span),
            problem: self.problem(record, wrong),
            count: self.count(count, span),
        };
        fact.fact(span, format!("{kind} {domain}"), self.source.role)
    }
}

fn notice(
    first: &str,
    second: &str,
    text: &str,
    above: &dyn Fn(usize) -> Name,
) -> Option<(&'static str, Name, tags::Wrong)> {
    let is = |start: &str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    match (first, second) {
        ("_mta-sts", _) if is("v=STSv1") => Some(("mta-sts", above(1), tags::mta_sts(text))),
        ("_smtp", "_tls") if is("v=TLSRPTv1") => Some(("tls-rpt", above(2), tags::tls_rpt(text))),
        (_, "_bimi") if is("v=BIMI1") => Some(("bimi", above(2), tags::bimi(text))),
        _ => None,
    }
}

fn is_reverse(name: &Name) -> bool {
    name.as_str().ends_with("in-addr.arpa") || name.as_str().ends_with("ip6.arpa")
}

/// The last two labels: where the list of public suffixes is not asked, a report within them counts as one's own.
fn organization(name: &Name) -> Name {
    let labels = name.labels().count();
    (2..labels).try_fold(name.clone(), |name, _| name.parent()).unwrap_or_else(|| name.clone())
}

fn strength(policy: &str) -> u8 {
    match policy.to_ascii_lowercase().as_str() {
        "reject" => 2,
        "quarantine" => 1,
        _ => 0,
    }
}

/// The policy for the domain itself, or for names below it.
fn policy_of(record: &Record, is_own: bool) -> String {
    let text = record.text().unwrap_or_default();
    let read = tags::read(&text);
    let tag = if is_own { read.get("p") } else { read.get("sp").or(read.get("p")) };
    let value = tag.unwrap_or("none").to_ascii_lowercase();
    if matches!(value.as_str(), "quarantine" | "reject") { value } else { "none".to_owned() }
}
