//! The dns probe against servers on loopback: good ones, and every bad one that was met or can be thought of. No test
//! needs the internet.

#![cfg(target_os = "linux")] // further loopback addresses are there without being set up

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use seaworthy::fact::target::{DnsTarget, Target};
use seaworthy::fact::{Data, Role};
use seaworthy::inspect::Inspector;
use seaworthy::inspect::dns::{Dns, observe};
use seaworthy::observe::{Net, Options, limits, transcript};
use seaworthy::source::{Encoding, Origin, Source};
use seaworthy::span::SourceId;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

mod lab;
mod policy;

/// What a server does with a request: packets, each after a while.
type Behaviour = Arc<dyn Fn(&Message, bool) -> Vec<(Duration, Vec<u8>)> + Send + Sync>;

const NOW: Duration = Duration::ZERO;
const TIMEOUT: Duration = Duration::from_millis(800);

/// The zone that most tests ask about.
const ZONE: &str = "\
example.com. SOA ns1.example.com. hostmaster.example.com. 7
example.com. NS ns1.example.com.
example.com. NS ns2.example.com.
ns1.example.com. A 127.0.0.2
ns2.example.com. A 127.0.0.3
shop.example.com. CNAME lb.example.com.
lb.example.com. A 127.0.0.9
example.com. MX 10 mail.example.com.
mail.example.com. A 127.0.0.8
example.com. TXT v=spf1 include:_spf.example.com -all
_spf.example.com. TXT v=spf1 ip4:192.0.2.0/24 -all
_dmarc.example.com. TXT v=DMARC1; p=reject
com. NS a.com.
a.com. A 127.0.0.4
loop.example.com. CNAME pool.example.com.
pool.example.com. CNAME loop.example.com.
";

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn records(zone: &str) -> Vec<Record> {
    let record = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (owner, kind, data) = (words.next()?, words.next()?, words.next()?);
        let mut parts = data.split(' ');
        let data = match kind {
            "A" => RData::A(A(data.parse().unwrap())),
            "AAAA" => RData::AAAA(AAAA(data.parse().unwrap())),
            "NS" => RData::NS(NS(name(data))),
            "CNAME" => RData::CNAME(CNAME(name(data))),
            "MX" => RData::MX(MX::new(parts.next()?.parse().unwrap(), name(parts.next()?))),
            "TXT" => RData::TXT(TXT::new(vec![data.to_owned()])),
            "SOA" => {
                let (primary, contact) = (name(parts.next()?), name(parts.next()?));
                RData::SOA(SOA::new(primary, contact, parts.next()?.parse().unwrap(), 14400, 3600, 1_209_600, 3600))
            }
            other => panic!("{other}"),
        };
        Some(Record::from_rdata(name(owner), 300, data))
    };
    zone.lines().filter_map(record).collect()
}

/// The answer of a server that knows all of `zone`.
fn answer(request: &Message, zone: &[Record]) -> Message {
    let mut message = Message::response(request.metadata.id, request.metadata.op_code);
    message.add_queries(request.queries.clone());
    message.metadata.message_type = MessageType::Response;
    message.metadata.authoritative = true;
    let Some(query) = request.queries.first() else { return message };
    let mut at = query.name().clone();
    for _ in 0..8 {
        let here = || zone.iter().filter(|record| record.name == at);
        let found: Vec<Record> = here().filter(|record| record.record_type() == query.query_type()).cloned().collect();
        let alias = here().find(|record| record.record_type() == RecordType::CNAME).cloned();
        let exists = zone.iter().any(|record| at.zone_of(&record.name));
        match (found.is_empty(), alias) {
            (false, _) => {
                message.add_answers(found);
                return message;
            }
            (true, Some(alias)) => {
                if let RData::CNAME(target) = &alias.data {
                    at = target.0.clone();
                }
                message.add_answer(alias);
            }
            (true, None) => {
                if !exists {
                    message.metadata.response_code = ResponseCode::NXDomain;
                }
                message.add_authorities(zone.iter().filter(|one| one.record_type() == RecordType::SOA).cloned());
                return message;
            }
        }
    }
    message.answers.clear();
    message.metadata.response_code = ResponseCode::ServFail;
    message
}

fn good(zone: &str) -> Behaviour {
    let zone = records(zone);
    Arc::new(move |request, _| vec![(NOW, answer(request, &zone).to_vec().unwrap())])
}

fn silent() -> Behaviour {
    Arc::new(|_, _| Vec::new())
}

/// Servers on one port of several loopback addresses.
struct Fleet {
    port: u16,
    /// Where mail policies are served.
    policies: u16,
}

impl Fleet {
    /// The first one is the resolver, at 127.0.0.1.
    async fn start(servers: Vec<(u8, Behaviour)>) -> Fleet {
        for _ in 0..20 {
            let probe = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let port = probe.local_addr().unwrap().port();
            drop(probe);
            let mut sockets = Vec::new();
            for (last, behaviour) in &servers {
                let address = SocketAddr::from(([127, 0, 0, *last], port));
                match (UdpSocket::bind(address).await, TcpListener::bind(address).await) {
                    (Ok(udp), Ok(tcp)) => sockets.push((udp, tcp, Arc::clone(behaviour))),
                    _ => break,
                }
            }
            if sockets.len() == servers.len() {
                for (udp, tcp, behaviour) in sockets {
                    tokio::spawn(serve_udp(Arc::new(udp), Arc::clone(&behaviour)));
                    tokio::spawn(serve_tcp(tcp, behaviour));
                }
                return Fleet { port, policies: 1 };
            }
        }
        panic!("no port is free on all addresses");
    }

    fn net(&self, allow_private: bool) -> Net {
        let resolver = Some(SocketAddr::from(([127, 0, 0, 1], self.port)));
        Net::new(Options { timeout: TIMEOUT, resolver, allow_private, ..Options::default() })
    }

    /// The transcript of a target.
    async fn see(&self, target: DnsTarget) -> String {
        self.see_by(target, &self.net(true)).await
    }

    async fn see_by(&self, target: DnsTarget, net: &Net) -> String {
        let mut out = transcript::begin(&Target::Dns(target.clone()));
        out.open("observed");
        let ports = observe::Ports { names: self.port, policies: self.policies };
        observe::observe_at(&target, &net.for_target(), &mut out, ports).await;
        out.finish()
    }
}

async fn serve_udp(socket: Arc<UdpSocket>, behaviour: Behaviour) {
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Ok(request) = Message::from_vec(&buffer[..length]) else { continue };
        for (after, packet) in behaviour(&request, false) {
            let socket = Arc::clone(&socket);
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                let _ = socket.send_to(&packet, from).await;
            });
        }
    }
}

async fn serve_tcp(listener: TcpListener, behaviour: Behaviour) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let behaviour = Arc::clone(&behaviour);
        tokio::spawn(async move {
            let length = stream.read_u16().await.ok()?;
            let mut buffer = vec![0; usize::from(length)];
            stream.read_exact(&mut buffer).await.ok()?;
            let request = Message::from_vec(&buffer).ok()?;
            for (after, packet) in behaviour(&request, true) {
                tokio::time::sleep(after).await;
                stream.write_u16(u16::try_from(packet.len()).ok()?).await.ok()?;
                stream.write_all(&packet).await.ok()?;
            }
            let _ = stream.read_u8().await;
            Some(())
        });
    }
}

fn target(text: &str) -> DnsTarget {
    serde_json::from_value(serde_json::json!({ "name": text })).unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The values of a field of every fact of a subject.
fn field(text: &str, subject: &str, field: &str) -> Vec<String> {
    let source = Source::new(SourceId(0), Origin::File("x.transcript".into()), Encoding::Utf8, Role::Production, text);
    assert!(Dns.claims("x.transcript", text));
    let facts = Dns.inspect(&source).facts;
    let of_subject = facts.iter().filter(|fact| fact.subject().name == subject);
    of_subject
        .map(|fact| match &fact.record.get(field).unwrap().data {
            Data::Bool(value) => value.to_string(),
            Data::Int(value) => value.to_string(),
            Data::Str(value) => value.to_string(),
            Data::List(values) => values.iter().filter_map(|value| value.as_str()).collect::<Vec<_>>().join(","),
            Data::Absent => "-".to_owned(),
            other => format!("{other:?}"),
        })
        .collect()
}

fn whole_fleet(resolver: Behaviour) -> Vec<(u8, Behaviour)> {
    vec![(1, resolver), (2, good(ZONE)), (3, good(ZONE)), (4, good(ZONE))]
}

#[test]
fn a_zone_in_order_is_seen_as_it_is() {
    run(async {
        let fleet = Fleet::start(whole_fleet(good(ZONE))).await;
        let mut asked = target("example.com");
        asked.expect.insert("MX".into(), vec!["10 mail.example.com".into()]);
        let text = fleet.see(asked.clone()).await;
        assert_eq!(text, fleet.see(asked).await, "the same answers give the same bytes");
        assert!(text.contains("example.com. 300 IN MX 10 mail.example.com."), "{text}");
        assert_eq!(field(&text, "dns.server", "is_authoritative"), ["true", "true"], "{text}");
        assert_eq!(field(&text, "dns.server", "answers_tcp"), ["true", "true"]);
        assert_eq!(field(&text, "dns.zone", "servers"), ["ns1.example.com,ns2.example.com"]);
        assert_eq!(field(&text, "dns.zone", "answers_anything"), ["false"]);
        assert_eq!(field(&text, "dns.spf", "lookups"), ["1"], "what others include is not judged for itself");
        assert_eq!(field(&text, "dns.spf", "is_complete"), ["true"]);
        assert_eq!(field(&text, "dns.mail", "has_dmarc"), ["true"]);
        assert_eq!(field(&text, "dns.expectation", "missing"), [""]);
        assert_eq!(field(&text, "dns.expectation", "status"), ["NOERROR"]);
        assert!(text.contains("asked: parent"), "{text}");
    });
}

#[test]
fn an_alias_is_followed_and_a_loop_is_seen() {
    run(async {
        let fleet = Fleet::start(whole_fleet(good(ZONE))).await;
        let text = fleet.see(target("shop.example.com")).await;
        assert!(field(&text, "dns.name", "chain").contains(&"shop.example.com → lb.example.com".to_owned()), "{text}");
        assert!(field(&text, "dns.mail", "has_dmarc").is_empty(), "an alias has no mail policy of its own");
        assert_eq!(field(&text, "dns.zone", "name"), ["example.com"]);
        let text = fleet.see(target("loop.example.com")).await;
        assert!(field(&text, "dns.name", "loops").contains(&"true".to_owned()), "{text}");
    });
}

#[test]
fn a_silent_resolver_costs_one_timeout() {
    run(async {
        let fleet = Fleet::start(vec![(1, silent())]).await;
        let start = Instant::now();
        let text = fleet.see(target("example.com")).await;
        assert!(
            text.ends_with("observed:\n  failure: \"timed out: answer\"\n")
                || text.contains("failure: timed out: answer")
                || text.contains("timed out"),
            "{text}"
        );
        assert!(!text.contains("questions:"), "{text}");
        assert!(start.elapsed() < TIMEOUT * 2, "{:?}", start.elapsed());
    });
}

/// Who waits for a turn does not find out anew: the questions that were under way show that nobody answers.
#[test]
fn a_silent_resolver_costs_one_timeout_for_many_names() {
    run(async {
        let packets = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&packets);
        let silent: Behaviour = Arc::new(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
            Vec::new()
        });
        let fleet = Arc::new(Fleet::start(vec![(1, silent)]).await);
        let net = fleet.net(true);
        let mut running = tokio::task::JoinSet::new();
        for n in 0..300 {
            let (fleet, net) = (Arc::clone(&fleet), net.clone());
            running.spawn(async move { fleet.see_by(target(&format!("n{n}.example.com")), &net).await });
        }
        while let Some(text) = running.join_next().await {
            let text = text.unwrap();
            assert!(text.contains("timed out: answer") && !text.contains("questions:"), "{text}");
        }
        let sent = packets.load(Ordering::Relaxed);
        assert!(sent <= 2 * (limits().dns + limits().dns / 20), "{sent} packets for 1,800 questions");
    });
}

#[test]
fn a_late_answer_counts_and_a_too_late_one_does_not() {
    run(async {
        let zone = records(ZONE);
        let late = |after: Duration| -> Behaviour {
            let zone = zone.clone();
            Arc::new(move |request, _| vec![(after, answer(request, &zone).to_vec().unwrap())])
        };
        let fleet = Fleet::start(whole_fleet(late(TIMEOUT / 4))).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("lb.example.com. 300 IN A 127.0.0.9"), "{text}");
        let fleet = Fleet::start(whole_fleet(late(TIMEOUT * 2))).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("timed out") && !text.contains("questions:"), "{text}");
    });
}

#[test]
fn a_lie_is_not_believed() {
    run(async {
        let zone = records(ZONE);
        let forged = records("lb.example.com. A 6.6.6.6\nevil.example.com. A 6.6.6.6\n");
        let with_truth: Behaviour = Arc::new(move |request, _| {
            let mut other_number = answer(request, &forged);
            other_number.metadata.id = request.metadata.id.wrapping_add(1);
            let mut other_name = answer(request, &forged);
            other_name.queries.iter_mut().for_each(|query| {
                query.set_name(name("evil.example.com."));
            });
            let truth = answer(request, &zone).to_vec().unwrap();
            let later = Duration::from_millis(20);
            vec![(NOW, other_number.to_vec().unwrap()), (NOW, other_name.to_vec().unwrap()), (later, truth)]
        });
        let fleet = Fleet::start(whole_fleet(with_truth)).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("127.0.0.9") && !text.contains("6.6.6.6"), "{text}");
    });
}

#[test]
fn garbage_is_a_failure() {
    run(async {
        let garbage: Behaviour = Arc::new(|request, _| {
            let [high, low] = request.metadata.id.to_be_bytes();
            vec![(NOW, vec![high, low, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])]
        });
        let fleet = Fleet::start(vec![(1, garbage)]).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("an answer that cannot be read"), "{text}");
    });
}

#[test]
fn what_does_not_fit_is_asked_for_over_tcp() {
    run(async {
        let zone = records(ZONE);
        let truncating: Behaviour = Arc::new(move |request, is_tcp| {
            let mut message = answer(request, &zone);
            if !is_tcp {
                message.answers.clear();
                message.metadata.truncation = true;
            }
            vec![(NOW, message.to_vec().unwrap())]
        });
        let fleet = Fleet::start(whole_fleet(truncating)).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("lb.example.com. 300 IN A 127.0.0.9"), "{text}");
    });
}

#[test]
fn a_flood_of_records_is_cut() {
    run(async {
        let flood: Vec<Record> = (0..300_u32)
            .map(|n| Record::from_rdata(name("lb.example.com."), 300, RData::A(A(Ipv4Addr::from(0x7f01_0000 + n)))))
            .chain(records(ZONE).into_iter().filter(|record| record.name != name("lb.example.com.")))
            .collect();
        let flooding: Behaviour = Arc::new(move |request, is_tcp| {
            let mut message = answer(request, &flood);
            if !is_tcp && message.answers.len() > 20 {
                message.answers.clear();
                message.metadata.truncation = true;
            }
            vec![(NOW, message.to_vec().unwrap())]
        });
        let fleet = Fleet::start(whole_fleet(flooding)).await;
        let text = fleet.see(target("lb.example.com")).await;
        assert!(text.contains("omitted: 200") && text.len() < 50_000, "{} bytes", text.len());
    });
}

#[test]
fn each_name_server_is_judged_for_itself() {
    run(async {
        let behind = good(&ZONE.replace("hostmaster.example.com. 7", "hostmaster.example.com. 6"));
        let fleet = Fleet::start(vec![(1, good(ZONE)), (2, good(ZONE)), (3, behind), (4, good(ZONE))]).await;
        let text = fleet.see(target("example.com")).await;
        assert_eq!(field(&text, "dns.zone", "serials"), ["6 at ns2.example.com,7 at ns1.example.com"]);

        let refusing: Behaviour = Arc::new(|request, _| {
            let mut message = Message::response(request.metadata.id, request.metadata.op_code);
            message.add_queries(request.queries.clone());
            message.metadata.response_code = ResponseCode::Refused;
            vec![(NOW, message.to_vec().unwrap())]
        });
        let fleet = Fleet::start(vec![(1, good(ZONE)), (2, good(ZONE)), (3, refusing), (4, good(ZONE))]).await;
        let text = fleet.see(target("example.com")).await;
        assert_eq!(field(&text, "dns.server", "is_authoritative"), ["true", "false"]);
        assert_eq!(field(&text, "dns.server", "outcome"), ["NOERROR", "REFUSED"]);

        let fleet = Fleet::start(vec![(1, good(ZONE)), (2, good(ZONE)), (3, silent()), (4, good(ZONE))]).await;
        let start = Instant::now();
        let text = fleet.see(target("example.com")).await;
        assert_eq!(field(&text, "dns.server", "answers"), ["true", "false"]);
        assert!(start.elapsed() < TIMEOUT * 3, "{:?}", start.elapsed());
    });
}

#[test]
fn resolvers_are_compared() {
    run(async {
        let other = good(&ZONE.replace("127.0.0.9", "127.0.0.99"));
        let fleet = Fleet::start(vec![(1, good(ZONE)), (5, other), (6, silent())]).await;
        let mut asked = target("lb.example.com");
        asked.resolvers = vec![format!("127.0.0.5:{}", fleet.port), format!("127.0.0.6:{}", fleet.port)];
        let text = fleet.see(asked).await;
        let said = field(&text, "dns.target", "disagreements");
        assert!(said[0].starts_with("A: 127.0.0.9 at 127.0.0.1"), "{said:?}\n{text}");
        assert_eq!(field(&text, "dns.target", "resolvers"), ["2"]);
    });
}

#[test]
fn servers_at_private_addresses_are_left_alone() {
    run(async {
        let fleet = Fleet::start(whole_fleet(good(ZONE))).await;
        let mut asked = target("example.com");
        asked.resolvers = vec![format!("127.0.0.2:{}", fleet.port), "127.0.0.2".into()];
        let text = fleet.see_by(asked, &fleet.net(false)).await;
        assert!(text.contains("needs --allow-private"), "{text}");
        assert!(!text.contains("asked: server") && !text.contains("asked: parent"), "{text}");
        assert!(text.contains("ns1.example.com. 300 IN A 127.0.0.2"), "what was answered is told: {text}");
    });
}
