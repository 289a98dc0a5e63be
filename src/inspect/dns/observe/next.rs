//! What to ask next, as it follows from what was answered.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use hickory_proto::rr::{Name, RData, RecordType};

use super::exchange::Question;
use super::{Probe, absolute, has_failed, show};
use crate::inspect::dns::transcript::Asked;
use crate::inspect::dns::{spf, tags};

/// More name servers, exchangers, included names than this are not asked for.
const MOST_SERVERS: usize = 13;
const MOST_EXCHANGERS: usize = 10;
const MOST_POLICIES: usize = 40;
/// So many addresses of one name server are asked.
const MOST_ADDRESSES: usize = 2;
/// So many servers of the zone above are asked.
const MOST_ABOVE: usize = 2;
/// So many names a search for a DMARC record asks (RFC 9989).
const WALK: usize = 8;

impl Probe<'_> {
    /// Every question that what is known so far calls for; those that were put before are put by nobody again.
    pub(super) fn next(&self, primary: SocketAddr) -> Vec<Question> {
        let mut names: Vec<(Name, RecordType)> = Vec::new();
        let apex = self.apex(primary);
        if let Some(apex) = &apex {
            for kind in [RecordType::SOA, RecordType::NS, RecordType::DNSKEY, RecordType::DS, RecordType::A] {
                names.push((apex.clone(), kind));
            }
            names.extend(self.made_up.get_or_init(|| made_up(apex)).clone().map(|name| (name, RecordType::A)));
            names.extend(upwards(&self.name).into_iter().map(|name| (name, RecordType::CAA)));
            names.extend(self.servers(primary, apex).into_iter().flat_map(both));
            if let Some(above) = self.above(primary, apex) {
                names.push((above.clone(), RecordType::NS));
                names.extend(
                    self.servers(primary, &above).into_iter().take(MOST_ABOVE).map(|name| (name, RecordType::A)),
                );
            }
        }
        if apex.is_none() {
            names.extend(self.next_authority(primary).map(|name| (name, RecordType::SOA)));
        }
        self.aliases(primary, &mut names);
        self.mail(primary, &mut names);
        let mut questions: Vec<Question> =
            names.into_iter().map(|(name, kind)| self.question(name, kind, primary)).collect();
        // Whether a failure is one of validation shows when the resolver is told not to validate.
        let failed = self
            .exchanges
            .iter()
            .filter(|one| one.question.server == primary && one.question.asked == Asked::Resolver && has_failed(one));
        questions.extend(failed.map(|one| Question { is_unchecked: true, ..one.question.clone() }));
        if let Some(apex) = &apex {
            questions.extend(self.direct(primary, apex));
        }
        questions
    }

    /// The zone of the target: the owner of the SOA that a question for one brought. A top-level domain is not looked at:
    /// then there is no zone.
    fn apex(&self, primary: SocketAddr) -> Option<Name> {
        let asked =
            self.exchanges.iter().filter(|one| one.question.server == primary && one.question.kind == RecordType::SOA);
        let found = asked.filter_map(|one| one.result.as_ref().ok()).find_map(|message| {
            let mut records = message.answers.iter().chain(&message.authorities);
            records.find(|record| matches!(record.data, RData::SOA(_)) && record.name.zone_of(&self.name))
        })?;
        let apex = fully(&found.name);
        (apex.num_labels() > 1).then_some(apex)
    }

    /// An alias hides the zone that it stands in behind that of its target: then the names above are asked.
    fn next_authority(&self, primary: SocketAddr) -> Option<Name> {
        upwards(&self.name).into_iter().find(|name| {
            let asked = self.put_to(primary, name, RecordType::SOA).next();
            let is_alias = |one: &super::Exchange| {
                one.is_answered()
                    && self.answers(primary, name, RecordType::SOA).iter().any(|data| matches!(data, RData::CNAME(_)))
            };
            !asked.is_some_and(is_alias)
        })
    }

    /// The nearest name above the zone that has servers, as far as it is known; else the next one to ask.
    fn above(&self, primary: SocketAddr, apex: &Name) -> Option<Name> {
        let mut at = apex.base_name();
        loop {
            let is_asked = self.put_to(primary, &at, RecordType::NS).next().is_some();
            if !is_asked || !self.servers(primary, &at).is_empty() || at.is_root() {
                return Some(at);
            }
            at = at.base_name();
        }
    }

    fn servers(&self, primary: SocketAddr, zone: &Name) -> Vec<Name> {
        let found = self.answers(primary, zone, RecordType::NS).into_iter().filter_map(|data| match data {
            RData::NS(server) => Some(fully(&server.0)),
            _ => None,
        });
        sorted(found, MOST_SERVERS)
    }

    /// Where a chain of aliases cannot be followed by the resolver, it is followed here.
    fn aliases(&self, primary: SocketAddr, names: &mut Vec<(Name, RecordType)>) {
        let of_target =
            self.exchanges.iter().filter(|one| one.question.name == self.name && one.question.server == primary);
        if of_target.clone().any(|one| has_failed(one) && one.question.kind == RecordType::A) {
            names.push((self.name.clone(), RecordType::CNAME));
        }
        for one in
            self.exchanges.iter().filter(|one| one.question.kind == RecordType::CNAME && one.question.server == primary)
        {
            for data in self.answers(primary, &one.question.name, RecordType::CNAME) {
                if let RData::CNAME(target) = data {
                    names.push((fully(&target.0), RecordType::CNAME));
                }
            }
        }
    }

    fn mail(&self, primary: SocketAddr, names: &mut Vec<(Name, RecordType)>) {
        let domain = &self.name;
        let exchangers = self.answers(primary, domain, RecordType::MX).into_iter().filter_map(|data| match data {
            RData::MX(mx) if !mx.exchange.is_root() => Some(fully(&mx.exchange)),
            _ => None,
        });
        let exchangers = sorted(exchangers, MOST_EXCHANGERS);
        let is_apex = self.apex(primary).as_ref() == Some(domain);
        let has_mail = !exchangers.is_empty() || is_apex || !self.target.selectors.is_empty();
        names.extend(exchangers.into_iter().flat_map(both));
        let below = |label: &str, of: &Name| {
            absolute(&format!("{label}.{}", show::name(of))).map(|name| (name, RecordType::TXT))
        };
        names.extend(
            self.target.selectors.iter().filter_map(|selector| below(&format!("{selector}._domainkey"), domain)),
        );
        if has_mail {
            names.extend(walk(domain).iter().filter_map(|name| below("_dmarc", name)));
            names.extend(["_mta-sts", "_smtp._tls", "default._bimi"].iter().filter_map(|label| below(label, domain)));
        }
        self.policies(primary, names);
    }

    /// What SPF and DMARC records that were seen lead to.
    fn policies(&self, primary: SocketAddr, names: &mut Vec<(Name, RecordType)>) {
        let texts: Vec<(Name, String)> = self.texts(primary);
        let mut found: Vec<(Name, RecordType)> = Vec::new();
        for (owner, text) in &texts {
            if spf::is_spf(text) {
                for term in spf::read(text).terms.iter().filter(|term| !term.value.contains('%')) {
                    let target = if term.value.is_empty() { Some(owner.clone()) } else { absolute(&term.value) };
                    let Some(target) = target else { continue };
                    match term.name.as_str() {
                        "include" | "redirect" => found.push((target, RecordType::TXT)),
                        "a" | "exists" => found.extend(both(target)),
                        "mx" => found.push((target, RecordType::MX)),
                        _ => {}
                    }
                }
            } else if text.starts_with("v=DMARC1") && show::name(owner).starts_with("_dmarc.") {
                let domain = show::name(owner).split_off("_dmarc.".len());
                let read = tags::read(text);
                let others = tags::report_domains(&read).into_iter().filter(|(to, _)| !within(to, &domain));
                let agreements = others.filter_map(|(to, _)| absolute(&format!("{domain}._report._dmarc.{to}")));
                found.extend(agreements.map(|name| (name, RecordType::TXT)));
            }
        }
        found.truncate(MOST_POLICIES);
        names.extend(found);
    }

    /// The texts that the primary resolver gave, each with the name that was asked for.
    fn texts(&self, primary: SocketAddr) -> Vec<(Name, String)> {
        let asked = self.exchanges.iter().filter(|one| {
            one.question.kind == RecordType::TXT
                && one.question.server == primary
                && one.question.asked == Asked::Resolver
        });
        let records = asked.filter_map(|one| Some((&one.question.name, one.result.as_ref().ok()?)));
        records
            .flat_map(|(name, message)| message.answers.iter().map(move |record| (name, &record.data)))
            .filter_map(|(name, data)| match data {
                RData::TXT(text) => Some((name.clone(), String::from_utf8_lossy(&text.txt_data.concat()).into_owned())),
                _ => None,
            })
            .collect()
    }

    fn addresses(&self, primary: SocketAddr, host: &Name) -> Vec<IpAddr> {
        let both = [RecordType::A, RecordType::AAAA];
        let found = both.iter().flat_map(|kind| self.answers(primary, host, *kind)).filter_map(|data| match data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        });
        let mut found: Vec<IpAddr> = found.collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|address| self.net.permit(*address).is_ok());
        found.truncate(MOST_ADDRESSES);
        found
    }

    /// Questions to the zone's servers, and to those of the zone above.
    fn direct(&self, primary: SocketAddr, apex: &Name) -> Vec<Question> {
        let mut by_server: BTreeMap<SocketAddr, String> = BTreeMap::new();
        for host in self.servers(primary, apex) {
            for address in self.addresses(primary, &host) {
                by_server.entry(SocketAddr::new(address, self.port)).or_insert_with(|| show::name(&host));
            }
        }
        let mut questions = Vec::new();
        for (server, host) in by_server {
            let question = |name: &Name, kind, is_tcp| Question {
                asked: Asked::Server,
                host: Some(host.clone()),
                is_tcp,
                ..self.question(name.clone(), kind, server)
            };
            questions.push(question(apex, RecordType::SOA, false));
            questions.push(question(&self.name, RecordType::A, false));
            questions.push(question(apex, RecordType::SOA, true));
            if self.target.transfer.is_some() {
                questions.push(question(apex, RecordType::AXFR, true));
            }
        }
        let above = self.above(primary, apex).map(|above| self.servers(primary, &above)).unwrap_or_default();
        let hosts = above.into_iter().filter_map(|host| Some((self.addresses(primary, &host).first().copied()?, host)));
        questions.extend(hosts.take(MOST_ABOVE).map(|(address, host)| Question {
            asked: Asked::Parent,
            host: Some(show::name(&host)),
            ..self.question(apex.clone(), RecordType::NS, SocketAddr::new(address, self.port))
        }));
        questions
    }
}

fn both(name: Name) -> [(Name, RecordType); 2] {
    [(name.clone(), RecordType::A), (name, RecordType::AAAA)]
}

fn fully(name: &Name) -> Name {
    let mut name = name.to_lowercase();
    name.set_fqdn(true);
    name
}

fn sorted(names: impl Iterator<Item = Name>, most: usize) -> Vec<Name> {
    let mut names: Vec<Name> = names.collect();
    names.sort();
    names.dedup();
    names.truncate(most);
    names
}

/// The name and those above it, but for top-level domains.
fn upwards(name: &Name) -> Vec<Name> {
    let mut found = Vec::new();
    let mut at = name.clone();
    while at.num_labels() > 1 && found.len() < 32 {
        found.push(at.clone());
        at = at.base_name();
    }
    found
}

/// The names whose DMARC records a search looks at (RFC 9989, section 4.10).
fn walk(domain: &Name) -> Vec<Name> {
    let mut found = vec![domain.clone()];
    let mut at = domain.base_name();
    while usize::from(at.num_labels()) >= WALK {
        at = at.base_name();
    }
    while at.num_labels() >= 2 && found.len() < WALK {
        found.push(at.clone());
        at = at.base_name();
    }
    found
}

/// A name that nobody made: the same one each time, so that the same zone gives the same text.
fn made_up(apex: &Name) -> Option<Name> {
    use sha2::Digest;
    let zone = show::name(apex);
    let digest = sha2::Sha256::digest(zone.as_bytes());
    let label: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    absolute(&format!("seaworthy-{label}.{zone}"))
}

fn within(name: &str, domain: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == domain || name.strip_suffix(domain).is_some_and(|head| head.ends_with('.'))
}
