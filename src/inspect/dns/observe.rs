//! Asking: resolvers about the target and what belongs to it, then the zone's servers and those above, each for itself.
//!
//! What is asked next follows from what was answered, round by round, until nothing is left to ask. All questions of a
//! round are under way at once; a server that did not answer in one is not asked in the next.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::task::JoinSet;

use super::transcript::Asked;
use crate::fact::target::DnsTarget;
use crate::observe::{Failure, Net, Writer};

mod exchange;
mod next;
mod policy;
mod show;

use exchange::{Exchange, Lower, Memory, Question, ask};

/// Where name servers listen.
const PORT: u16 = 53;
/// Where servers of mail policies listen.
const POLICY_PORT: u16 = 443;
/// More questions than this are not asked for one target.
const MOST_QUESTIONS: usize = 240;
/// Further rounds are not begun.
const MOST_ROUNDS: usize = 12;
/// More resolvers than this are not compared.
const MOST_RESOLVERS: usize = 6;

/// Writes what is seen of the target. What cannot be seen is written as a failure.
pub async fn observe(target: &DnsTarget, net: &Net, out: &mut Writer) {
    observe_at(target, net, out, Ports { names: PORT, policies: POLICY_PORT }).await;
}

/// Where servers listen.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Name servers.
    pub names: u16,
    /// Servers of mail policies.
    pub policies: u16,
}

/// The same, with servers listening at other ports.
pub async fn observe_at(target: &DnsTarget, net: &Net, out: &mut Writer, ports: Ports) {
    let (name, servers) = match (absolute(&target.name), net.name_servers()) {
        (Some(name), Ok(servers)) if !servers.is_empty() => (name, servers),
        (None, _) => return out.failure(&Failure::Protocol("this is no name".into())),
        (_, Ok(_)) => return out.failure(&Failure::Io("there is no resolver to ask".into())),
        (_, Err(failure)) => return out.failure(&failure),
    };
    let mut probe = Probe::new(target, name, net, ports.names);
    probe.first(servers).await;
    let Some(primary) = probe.primary() else {
        let failures = probe.exchanges.iter().filter_map(|one| one.result.as_ref().err());
        let failure = failures.min_by_key(|failure| matches!(failure, Failure::Private(_)));
        return out.failure(failure.unwrap_or(&Failure::TimedOut("answer")));
    };
    for _ in 1..MOST_ROUNDS {
        if net.is_over() || !probe.round(primary).await {
            break;
        }
    }
    out.list("questions", &probe.exchanges, show::write);
    if target.mta_sts {
        let fetched = policy::fetch(&show::name(&probe.name), net, ports.policies).await;
        out.map("mail-policy", |out| fetched.write(out));
    }
}

/// What is known so far.
struct Probe<'p> {
    target: &'p DnsTarget,
    name: Name,
    net: &'p Net,
    port: u16,
    exchanges: Vec<Exchange>,
    asked: HashSet<exchange::Key>,
    /// What resolvers were asked: indices into the exchanges.
    resolved: HashMap<(Lower, RecordType), Vec<usize>>,
    /// A name in its zone that nobody made.
    made_up: OnceCell<Option<Name>>,
    silent: HashSet<SocketAddr>,
}

impl<'p> Probe<'p> {
    fn new(target: &'p DnsTarget, name: Name, net: &'p Net, port: u16) -> Self {
        Self {
            target,
            name,
            net,
            port,
            exchanges: Vec::new(),
            asked: HashSet::new(),
            resolved: HashMap::new(),
            made_up: OnceCell::new(),
            silent: HashSet::new(),
        }
    }

    /// Asks every resolver about the target itself.
    async fn first(&mut self, servers: Vec<SocketAddr>) {
        let mut resolvers: Vec<SocketAddr> = Vec::new();
        let own: HashSet<SocketAddr> = servers.iter().copied().collect();
        let further = self.target.resolvers.iter().filter_map(|text| resolver_address(text));
        for server in servers.into_iter().take(MOST_RESOLVERS / 2).chain(further).take(MOST_RESOLVERS) {
            if !resolvers.contains(&server) {
                resolvers.push(server);
            }
        }
        let mut kinds = vec![RecordType::A, RecordType::AAAA];
        let expected =
            self.target.expect.keys().filter_map(|kind| RecordType::from_str(&kind.to_ascii_uppercase()).ok());
        kinds.extend(expected.filter(|kind| !matches!(kind, RecordType::ANY | RecordType::AXFR | RecordType::IXFR)));
        let mut questions = Vec::new();
        for (index, server) in resolvers.into_iter().enumerate() {
            // The operator's own resolvers may stand anywhere; those that a policy names may not.
            if !own.contains(&server)
                && let Err(failure) = self.net.permit(server.ip())
            {
                let question = self.question(self.name.clone(), RecordType::A, server);
                self.exchanges.push(Exchange { question, result: Err(failure) });
                continue;
            }
            questions.extend(kinds.iter().map(|kind| self.question(self.name.clone(), *kind, server)));
            if index == 0 {
                let more = [RecordType::SOA, RecordType::MX, RecordType::TXT, RecordType::CAA];
                questions.extend(more.iter().map(|kind| self.question(self.name.clone(), *kind, server)));
            }
        }
        self.put(questions).await;
    }

    fn question(&self, name: Name, kind: RecordType, server: SocketAddr) -> Question {
        Question { name, kind, server, asked: Asked::Resolver, host: None, is_tcp: false, is_unchecked: false }
    }

    /// The resolver that is asked for everything else: the first that says anything.
    fn primary(&self) -> Option<SocketAddr> {
        let said = self.exchanges.iter().find(|one| one.is_answered());
        said.or_else(|| self.exchanges.iter().find(|one| one.result.is_ok())).map(|one| one.question.server)
    }

    /// Asks what is left to ask; whether there was anything.
    async fn round(&mut self, primary: SocketAddr) -> bool {
        let wanted = self.next(primary);
        self.put(wanted).await
    }

    /// Puts the questions that were not put before, all at once; keeps their order.
    async fn put(&mut self, questions: Vec<Question>) -> bool {
        let (memory, begins) = (self.net.share::<Memory>(), self.exchanges.is_empty());
        let mut running = JoinSet::new();
        let mut slots: Vec<Option<Exchange>> = Vec::new();
        for question in questions {
            let is_spent = self.exchanges.len() + slots.len() >= MOST_QUESTIONS;
            let key = question.key();
            if is_spent || self.silent.contains(&question.server) || !self.asked.insert(key.clone()) {
                continue;
            }
            let cell = memory.cell(key);
            if let Some(result) = cell.get().cloned() {
                slots.push(Some(Exchange { question, result }));
                continue;
            }
            let (index, net) = (slots.len(), self.net.clone());
            running.spawn(async move { (index, ask(question, cell, &net, begins).await) });
            slots.push(None);
        }
        while let Some(result) = running.join_next().await {
            let Ok((index, exchange)) = result else { continue };
            if let Some(slot) = slots.get_mut(index) {
                *slot = Some(exchange);
            }
        }
        let count = slots.len();
        let done: Vec<Exchange> = slots.into_iter().flatten().collect();
        // Who has answered before may be slow about one name, and is asked on.
        let known: HashSet<SocketAddr> =
            self.exchanges.iter().filter(|one| one.result.is_ok()).map(|one| one.question.server).collect();
        let servers: BTreeSet<SocketAddr> = done.iter().map(|one| one.question.server).collect();
        for server in servers.into_iter().filter(|server| !known.contains(server)) {
            let mut of_server = done.iter().filter(|one| one.question.server == server && !one.question.is_tcp);
            let is_silent = |one: &Exchange| matches!(one.result, Err(Failure::TimedOut(_) | Failure::Refused));
            if of_server.clone().next().is_some() && of_server.all(is_silent) {
                self.silent.insert(server);
            }
        }
        // That this machine has no way to IPv6 says nothing about the server.
        let has_way = |one: &Exchange| {
            let is_ours = matches!(&one.result, Err(Failure::Io(why)) if why.contains("unreachable"));
            !(is_ours && one.question.server.is_ipv6() && one.question.asked != Asked::Resolver)
        };
        for one in done.into_iter().filter(has_way) {
            if one.question.asked == Asked::Resolver {
                let key = (Lower(one.question.name.clone()), one.question.kind);
                self.resolved.entry(key).or_default().push(self.exchanges.len());
            }
            self.exchanges.push(one);
        }
        count > 0
    }

    /// What the primary resolver was asked of that name and type.
    fn put_to(&self, primary: SocketAddr, name: &Name, kind: RecordType) -> impl Iterator<Item = &Exchange> {
        let indices = self.resolved.get(&(Lower(name.clone()), kind)).map_or(&[][..], Vec::as_slice);
        let exchanges = indices.iter().filter_map(|index| self.exchanges.get(*index));
        exchanges.filter(move |one| one.question.server == primary)
    }

    /// The answers of the primary resolver to one question, whatever their type.
    fn answers(&self, primary: SocketAddr, name: &Name, kind: RecordType) -> Vec<&RData> {
        let messages = self.put_to(primary, name, kind).filter_map(|one| one.result.as_ref().ok());
        messages.flat_map(|message| message.answers.iter()).map(|record| &record.data).collect()
    }
}

/// The name with its final dot.
fn absolute(text: &str) -> Option<Name> {
    let text = text.trim_end_matches('.');
    if text.is_empty() || text.len() > 1000 {
        return None;
    }
    let mut name = Name::from_ascii(text.to_ascii_lowercase()).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// `9.9.9.9`, `9.9.9.9:5353`, `[2620:fe::fe]:53`.
fn resolver_address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, PORT));
    text.parse::<SocketAddr>().ok().or_else(bare)
}

/// Whether a resolver gave up on a question.
fn has_failed(exchange: &Exchange) -> bool {
    exchange.status() == Some(ResponseCode::ServFail)
}
