//! What one address shows.

use std::net::SocketAddr;

use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::handshake::{self, Manner, Shake};
use super::hello::{self, Answer, MOST_CERTIFICATES, VERSIONS, Version};
use super::raw::{self, Reply, Until};
use super::staple::{self, Staple};
use super::trust::{self, Trust};
use super::{starttls, suites, together};
use crate::fact::target::TlsTarget;
use crate::inspect::tls::{judge, pem};
use crate::observe::{Failure, Net, Writer, limits};

/// Ports of protocols that know nothing of HTTP, so that none is offered.
const OTHER_PORTS: &[u16] =
    &[465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 3269, 5061, 5432, 5671, 6379, 6697, 8883];

/// What was seen; whatever was not is absent.
#[derive(Debug, Default)]
pub(super) struct Shown {
    address: String,
    /// Why nothing was.
    pub(super) failure: Option<String>,
    offers_starttls: Option<bool>,
    shake: Shake,
    versions: Vec<(&'static str, bool)>,
    ciphers: Vec<(&'static str, bool)>,
    old: Option<Answer>,
    dh_bits: Option<u32>,
    without_name: Option<&'static str>,
    chain: Vec<CertificateDer<'static>>,
    staple: Option<Staple>,
    trust: Option<Trust>,
}

/// So many connections are open at a time, whatever the number of targets.
#[derive(Debug)]
struct Slots(Semaphore);

impl Default for Slots {
    fn default() -> Self {
        Self(Semaphore::new(limits().tls))
    }
}

/// The endpoint as every question needs it.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    target: &'a TlsTarget,
    net: &'a Net,
    address: SocketAddr,
}

impl Asked<'_> {
    /// A connection at the place where TLS begins; `None` when the upgrade is not offered.
    async fn open(&self) -> Result<Option<TcpStream>, Failure> {
        let mut stream = self.net.connect(&self.target.host, self.address).await?;
        match self.target.starttls {
            None => Ok(Some(stream)),
            Some(protocol) => {
                let offered = self.net.within("STARTTLS", starttls::upgrade(protocol, &mut stream)).await??;
                Ok(offered.then_some(stream))
            }
        }
    }

    /// One first message, on a connection of its own.
    async fn ask(&self, version: Version, suites: &[u16], until: Until) -> Result<Reply, Failure> {
        let slots = self.net.share::<Slots>();
        let _slot = slots.0.acquire().await;
        let Some(mut stream) = self.open().await? else {
            return Err(Failure::Protocol("STARTTLS is offered once and not again".into()));
        };
        let host = self.server_name().ok().filter(|name| matches!(name, ServerName::DnsName(_)));
        let host = host.as_ref().map(|name| name.to_str());
        let message = hello::write(version, suites, host.as_deref());
        let mut chosen = None;
        let asked = raw::ask(&mut stream, &message, until, &mut chosen);
        let reply = self.net.within("TLS first message", asked).await.and_then(|reply| reply);
        match (reply, chosen) {
            (Ok(Reply::Refused) | Err(_), Some(choice)) if until == Until::Possible => {
                Ok(Reply::Chose(Box::new(Answer { is_broken: true, ..choice })))
            }
            (reply, _) => reply,
        }
    }

    /// Whether a suite of the list is accepted; nothing where the question failed.
    async fn accepts(&self, version: Version, list: &[u16]) -> Option<bool> {
        let reply = self.ask(version, list, Until::Choice).await.ok()?;
        Some(matches!(reply, Reply::Chose(answer) if list.contains(&answer.suite)))
    }

    fn server_name(&self) -> Result<ServerName<'static>, Failure> {
        let host = self.target.host.trim_matches(['[', ']']).trim_end_matches('.');
        ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::Protocol("the host is neither a name nor an address".into()))
    }

    async fn shake(&self, stream: TcpStream, names_server: bool) -> Result<Shake, Failure> {
        let offers_http = self.target.starttls.is_none() && !OTHER_PORTS.contains(&self.address.port());
        let manner = Manner { names_server, offers_http };
        self.net.within("TLS handshake", handshake::shake(stream, self.server_name()?, manner)).await?
    }
}

/// Observes one address: first as a client of today, then, when that came to anything, all questions at once.
pub(super) async fn observe(target: &TlsTarget, net: &Net, address: SocketAddr) -> Shown {
    let asked = Asked { target, net, address };
    let mut shown = Shown { address: address.ip().to_string(), ..Shown::default() };
    if let Err(failure) = greet(&mut shown, asked).await {
        shown.failure = Some(failure.to_string());
        return shown;
    }
    if shown.offers_starttls == Some(false) {
        return shown;
    }
    let everything = suites::anything();
    // What the first connection spoke needs no question.
    let asked_for = VERSIONS.iter().filter(|(_, version)| !spoke_thirteen(&shown, *version));
    let questions = asked_for.map(|(_, version)| {
        let suites = if *version == hello::THIRTEEN { suites::THIRTEEN } else { &everything };
        asked.ask(*version, suites, Until::Possible)
    });
    let replies = together(questions.collect()).await;
    versions(&mut shown, &replies);
    if shown.shake.version.is_none()
        && shown.shake.chain.is_empty()
        && !shown.versions.iter().any(|(_, spoken)| *spoken)
    {
        shown.failure = Some(nothing(&shown, &replies));
        return shown;
    }
    old_versions(&mut shown, asked, replies).await;
    conclude(&mut shown, net);
    shown
}

/// The first connection. A server that does not answer it in time is not asked again.
async fn greet(shown: &mut Shown, asked: Asked<'_>) -> Result<(), Failure> {
    let slots = asked.net.share::<Slots>();
    let _slot = slots.0.acquire().await;
    let Some(stream) = asked.open().await? else {
        shown.offers_starttls = Some(false);
        return Ok(());
    };
    shown.offers_starttls = asked.target.starttls.map(|_| true);
    shown.shake = asked.shake(stream, true).await?;
    Ok(())
}

/// Why TLS was not spoken at all: what did not come in time, or was not understood, says more than a refusal.
fn nothing(shown: &Shown, replies: &[Result<Reply, Failure>]) -> String {
    let failed = replies.iter().find_map(|reply| reply.as_ref().err());
    let told = shown.shake.failure.clone().unwrap_or_else(|| "no version was accepted".into());
    failed.map_or(told, ToString::to_string)
}

/// Whether it is TLS 1.3, and the first connection spoke that.
fn spoke_thirteen(shown: &Shown, version: Version) -> bool {
    version == hello::THIRTEEN && shown.shake.version == Some("TLS 1.3")
}

/// Which versions are spoken: a question that failed leaves its own unknown.
fn versions(shown: &mut Shown, replies: &[Result<Reply, Failure>]) {
    // The newest comes last, and may not have been asked for.
    for (index, (name, version)) in VERSIONS.iter().enumerate() {
        if spoke_thirteen(shown, *version) {
            shown.versions.push((name, true));
        } else if let Some(Ok(reply)) = replies.get(index) {
            shown.versions.push((name, raw::speaks(reply, *version)));
        }
    }
}

/// What TLS 1.2 and older show in the clear: suites, groups, certificates. `replies` are those to the versions.
async fn old_versions(shown: &mut Shown, asked: Asked<'_>, replies: Vec<Result<Reply, Failure>>) {
    let spoken = |name: &str| shown.versions.iter().any(|(known, spoken)| *known == name && *spoken);
    let thirteen = spoken("tls-1.3") || shown.shake.version == Some("TLS 1.3");
    let mut old = VERSIONS.iter().zip(replies).filter(|((_, version), _)| *version != hello::THIRTEEN);
    let newest = old.rfind(|((name, _), _)| spoken(name));
    let Some(((_, version), Ok(Reply::Chose(choice)))) = newest else {
        // Every old version was refused, so every old suite was.
        let known = VERSIONS.iter().filter(|(_, version)| *version != hello::THIRTEEN);
        if known.into_iter().all(|(name, _)| shown.versions.iter().any(|(seen, _)| seen == name)) {
            shown.ciphers = KINDS.iter().map(|(name, _)| (*name, false)).collect();
            shown.ciphers.extend([("modern", thirteen), ("forward-secrecy", thirteen)]);
        }
        shown.without_name = nameless(shown, asked).await;
        return;
    };
    let finite = asked.ask(*version, suites::FINITE, Until::Done);
    let kinds = kinds(asked, *version, choice.suite, thirteen);
    let whole = whole(asked, *version, choice);
    let (kinds, whole, finite, without) = tokio::join!(kinds, whole, finite, nameless(shown, asked));
    (shown.ciphers, shown.old, shown.without_name) = (kinds, whole, without);
    if let Ok(Reply::Chose(answer)) = finite {
        shown.dh_bits = answer.dh_bits;
    }
}

/// What a server says that is asked for every suite which has a certificate and encrypts. It has said so already when it
/// chose one of them when it was asked for anything at all.
async fn whole(asked: Asked<'_>, version: Version, choice: Box<Answer>) -> Option<Answer> {
    let all = suites::all();
    if all.contains(&choice.suite) {
        return (!choice.is_broken).then_some(*choice);
    }
    match asked.ask(version, &all, Until::Done).await {
        Ok(Reply::Chose(answer)) => Some(*answer),
        _ => None,
    }
}

/// Which kinds of suites are accepted. Those that servers of today refuse are asked for together, and one by one only
/// when that was not refused; what is known of a kind, from TLS 1.3 or from the suite that was chosen, is not asked.
async fn kinds(asked: Asked<'_>, version: Version, chosen: u16, thirteen: bool) -> Vec<(&'static str, bool)> {
    let (bad, forward) = (suites::bad(), suites::forward_secret());
    let last = [("modern", suites::MODERN), ("forward-secrecy", forward.as_slice())];
    let one = async |name, list: &[u16]| match list.contains(&chosen) || (thirteen && is_last(name)) {
        true => Some((name, true)),
        false => asked.accepts(version, list).await.map(|accepted| (name, accepted)),
    };
    let refused = async {
        let reply = asked.ask(version, &bad, Until::Choice).await;
        if matches!(reply, Ok(Reply::Refused)) {
            return KINDS[..BAD].iter().map(|(name, _)| Some((*name, false))).collect();
        }
        together(KINDS[..BAD].iter().map(|(name, list)| one(*name, list)).collect()).await
    };
    let others = together(KINDS[BAD..].iter().chain(&last).map(|(name, list)| one(*name, list)).collect());
    let (refused, others): (Vec<_>, Vec<_>) = tokio::join!(refused, others);
    refused.into_iter().chain(others).flatten().collect()
}

/// Whether TLS 1.3 is proof of it.
fn is_last(name: &str) -> bool {
    matches!(name, "modern" | "forward-secrecy")
}

/// So many kinds of suites are bad ones.
const BAD: usize = 5;
/// Kinds of suites that are asked for, with their names in transcripts; the bad ones first.
const KINDS: [(&str, &[u16]); 7] = [
    ("unencrypted", suites::UNENCRYPTED),
    ("anonymous", suites::ANONYMOUS),
    ("weak", suites::WEAK),
    ("rc4", suites::RC4),
    ("small-blocks", suites::SMALL_BLOCKS),
    ("cbc", suites::CBC),
    ("static-rsa", suites::STATIC_RSA),
];

/// Which certificate comes when no server is named.
async fn nameless(shown: &Shown, asked: Asked<'_>) -> Option<&'static str> {
    let own = shown.shake.chain.first()?;
    if !matches!(asked.server_name(), Ok(ServerName::DnsName(_))) {
        return None;
    }
    let slots = asked.net.share::<Slots>();
    let _slot = slots.0.acquire().await;
    let stream = asked.open().await.ok()??;
    let shake = asked.shake(stream, false).await.ok()?;
    Some(match shake.chain.first() {
        Some(one) if one == own => "same",
        Some(_) => "other",
        None => "none",
    })
}

/// What follows from all that was seen.
fn conclude(shown: &mut Shown, net: &Net) {
    shown.chain = std::mem::take(&mut shown.shake.chain);
    if let Some(old) = shown.old.as_mut().filter(|_| shown.chain.is_empty()) {
        shown.chain = std::mem::take(&mut old.chain).into_iter().map(CertificateDer::from).collect();
    }
    if !shown.chain.is_empty() {
        shown.trust = Some(trust::ask(&shown.chain, &net.roots()));
    }
    if !shown.shake.staple.is_empty() {
        shown.staple = Some(staple::read(&shown.shake.staple));
    }
}

impl Shown {
    /// Writes what was seen, keys in a fixed order.
    pub(super) fn write(&self, out: &mut Writer) {
        out.text("address", &self.address);
        if let Some(failure) = &self.failure {
            out.text("failure", failure);
            return;
        }
        if let Some(offers) = self.offers_starttls {
            out.flag("offers-starttls", offers);
            if !offers {
                return;
            }
        }
        self.write_handshake(out);
        out.map("versions", |out| self.versions.iter().for_each(|(name, spoken)| out.flag(name, *spoken)));
        out.map("ciphers", |out| self.ciphers.iter().for_each(|(name, accepted)| out.flag(name, *accepted)));
        if let Some(bits) = self.dh_bits {
            out.number("dh-bits", bits);
        }
        if let Some(old) = &self.old {
            out.flag("compresses", old.compresses);
            out.flag("renegotiates-safely", old.renegotiates_safely);
        }
        if let Some(without) = self.without_name {
            out.text("without-name", without);
        }
        self.write_chain(out);
    }

    fn write_handshake(&self, out: &mut Writer) {
        let shake = &self.shake;
        match (&shake.version, &shake.failure) {
            (Some(version), _) => {
                out.text("version", version);
                out.text("cipher", &shake.suite);
                if let Some(group) = &shake.group {
                    out.text("group", group);
                }
                out.text("alpn", shake.alpn.as_deref().unwrap_or("none"));
                out.flag("asks-client-certificate", shake.asks_client);
                out.text("staple", self.staple.as_ref().map_or("none", |staple| staple.status));
                if let Some(until) = self.staple.as_ref().and_then(|staple| staple.until.as_ref()) {
                    out.text("staple-until", until);
                }
            }
            (None, Some(failure)) => out.text("handshake-failure", failure),
            (None, None) => {}
        }
    }

    fn write_chain(&self, out: &mut Writer) {
        match &self.trust {
            Some(Trust::Public { until }) => trusted(out, "public", *until),
            Some(Trust::Own { until }) => trusted(out, "own", *until),
            Some(Trust::Nobody(why)) => {
                out.text("trust", "nobody");
                out.text("distrust", why);
            }
            None => {}
        }
        if self.chain.is_empty() {
            return;
        }
        out.texts("chain", self.chain.iter().take(MOST_CERTIFICATES).map(|one| pem::encode("CERTIFICATE", one)));
        if self.chain.len() > MOST_CERTIFICATES || self.old.as_ref().is_some_and(|old| old.chain_is_cut) {
            out.flag("chain-is-cut", true);
        }
    }
}

fn trusted(out: &mut Writer, who: &str, until: i64) {
    out.text("trust", who);
    out.text("trusted-until", &judge::moment(until));
}
