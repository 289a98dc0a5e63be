//! Transcript → document: what was asked of whom, and what the answers were. The grammar stands in `docs/network-dns.md`.

use std::collections::BTreeMap;

use super::document::{Document, Place};
use super::name::Name;
use super::read::{self, MOST_RECORDS};
use crate::source::Source;
use crate::syntax::tree::{Dialect, Node};

/// More questions than this in one transcript are not looked at.
const MOST_EXCHANGES: usize = 5000;

/// What was seen of a name from outside.
#[derive(Debug, Default)]
pub struct Transcript {
    /// What the policy asks of it.
    pub target: Target,
    /// Every question with its answer, in order.
    pub exchanges: Vec<Exchange>,
    /// The records of all answers.
    pub document: Document,
    /// The mail policy, when the target asks for it.
    pub policy: Option<Sent>,
    /// Why nothing at all was seen.
    pub failure: Option<(String, Place)>,
}

/// A mail policy (MTA-STS) as a server gave it.
#[derive(Debug, Default)]
pub struct Sent {
    /// Where it stands.
    pub place: Place,
    /// Its lines, each with its place.
    pub lines: Vec<(String, Place)>,
    /// What keeps mail servers from taking it.
    pub obstacle: Option<(String, Place)>,
    /// Why nobody could be asked.
    pub failure: Option<(String, Place)>,
}

/// What the policy asks of a name.
#[derive(Debug, Default)]
pub struct Target {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub place: Place,
    /// The records that it must have: type, values, where.
    pub expect: Vec<(String, Vec<String>, Place)>,
    /// The longest time that its addresses may be kept, and where that stands.
    pub max_ttl: Option<(u32, Place)>,
    /// The selectors whose DKIM keys must be there.
    pub selectors: Vec<(String, Place)>,
    /// The issuers that must be allowed to issue for it, as CAA names them.
    pub issuers: Vec<(String, Place)>,
    /// Whether it is meant for a private network.
    pub is_internal: bool,
    /// Whether its zone has to be signed.
    pub dnssec: Option<Place>,
}

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// A resolver, which finds out for itself.
    Resolver,
    /// A name server of the zone above, about the delegation.
    Parent,
    /// A name server of the zone.
    Server,
}

/// A question with its answer.
#[derive(Debug)]
pub struct Exchange {
    /// The name that was asked for.
    pub name: Name,
    /// The type that was asked for.
    pub kind: String,
    /// Who was asked.
    pub asked: Asked,
    /// The address and port that were asked.
    pub server: String,
    /// The name of that server.
    pub host: Option<Name>,
    /// Whether it was asked over TCP only.
    pub is_tcp: bool,
    /// Whether the resolver was told not to validate.
    pub is_unchecked: bool,
    /// `NOERROR`, `NXDOMAIN`, …; or why there is no answer.
    pub status: Result<String, String>,
    /// `aa`, `tc`, `ra`, `ad` …
    pub flags: Vec<String>,
    /// Extended errors as the server said them.
    pub errors: Vec<String>,
    /// The answer's records: indices into the document's.
    pub answer: Vec<usize>,
    /// Those of the authority section.
    pub authority: Vec<usize>,
    /// Those of the additional section.
    pub additional: Vec<usize>,
    /// Where the question stands.
    pub place: Place,
}

impl Exchange {
    /// Whether the server said something that counts: there is such a name, or there is none.
    pub fn is_answered(&self) -> bool {
        matches!(self.status.as_deref(), Ok("NOERROR" | "NXDOMAIN"))
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one == flag)
    }

    /// The status, or why there is none.
    pub fn outcome(&self) -> &str {
        match &self.status {
            Ok(status) => status,
            Err(failure) => failure,
        }
    }
}

/// Reads a transcript.
pub fn read(source: &Source) -> Transcript {
    let mut transcript = Transcript::default();
    let Some(root) = source.tree().documents(Dialect::Core).next() else { return transcript };
    let endpoint = root.get("endpoint").map(|node| (node.text().to_owned(), node.span().range()));
    let target = root.get("target");
    transcript.target = read_target(target, endpoint);
    let Some(observed) = root.get("observed") else { return transcript };
    if let Some(failure) = observed.get("failure") {
        transcript.failure = Some((failure.text().to_owned(), failure.span().range()));
    }
    transcript.policy = observed.entry("mail-policy").map(|entry| sent(entry.key.span().range(), entry.value));
    let mut seen = BTreeMap::new();
    let text = source.text();
    for node in observed.get("questions").into_iter().flat_map(|list| list.items()).take(MOST_EXCHANGES) {
        if let Some(exchange) = exchange(node, text, &mut transcript.document, &mut seen) {
            transcript.exchanges.push(exchange);
        }
    }
    transcript.document.origin = apex(&transcript);
    transcript.document.base = transcript.document.origin.clone().unwrap_or_else(|| transcript.target.name.clone());
    transcript
}

fn sent(place: Place, node: Node<'_>) -> Sent {
    let told = |key: &str| node.get(key).map(|node| (node.text().to_owned(), node.span().range()));
    Sent { place, lines: texts(node.get("text")), obstacle: told("obstacle"), failure: told("failure") }
}

/// The zone of the target: the owner of the SOA that a question for one brought.
fn apex(transcript: &Transcript) -> Option<Name> {
    let of = |exchange: &Exchange| {
        exchange.answer.iter().chain(&exchange.authority).find_map(|index| {
            let record = transcript.document.records.get(*index)?;
            let is_above = transcript.target.name.is_within(&record.owner) && record.owner.labels().count() > 1;
            (record.kind == "SOA" && is_above).then(|| record.owner.clone())
        })
    };
    transcript.exchanges.iter().filter(|one| one.asked == Asked::Resolver).find_map(of)
}

fn texts(node: Option<Node<'_>>) -> Vec<(String, Place)> {
    let Some(node) = node else { return Vec::new() };
    let one = |node: Node<'_>| (node.text().to_owned(), node.span().range());
    let items: Vec<_> = node.items().map(one).collect();
    if items.is_empty() && !node.text().is_empty() { vec![one(node)] } else { items }
}

fn read_target(node: Option<Node<'_>>, endpoint: Option<(String, Place)>) -> Target {
    let get = |key: &str| node.and_then(|node| node.get(key));
    let named = get("name").map(|node| (node.text().to_owned(), node.span().range())).or(endpoint);
    let (text, place) = named.unwrap_or_default();
    let expect = get("expect").into_iter().flat_map(|node| node.entries()).map(|entry| {
        let values = texts(Some(entry.value)).into_iter().map(|(value, _)| value).collect();
        (entry.key.text().to_ascii_uppercase(), values, entry.key.span().range())
    });
    Target {
        name: Name::absolute(&text).unwrap_or_default(),
        place,
        expect: expect.collect(),
        max_ttl: get("max-ttl").and_then(|node| Some((u32::try_from(node.as_int()?).ok()?, node.span().range()))),
        selectors: texts(get("selectors")),
        issuers: texts(get("issuers")),
        is_internal: get("internal").and_then(|node| node.as_bool()).unwrap_or(false),
        dnssec: get("dnssec").filter(|node| node.as_bool() == Some(true)).map(|node| node.span().range()),
    }
}

/// The records that were read so far, by the text they stand in.
type Seen = BTreeMap<String, usize>;

fn exchange(node: Node<'_>, text: &str, document: &mut Document, seen: &mut Seen) -> Option<Exchange> {
    let word = |key: &str| node.get(key).map(|node| node.text().to_owned());
    let name = node.get("name")?;
    let status = match (word("status"), word("failure")) {
        (Some(status), _) => Ok(status),
        (None, Some(failure)) => Err(failure),
        (None, None) => Err("no answer was noted".to_owned()),
    };
    Some(Exchange {
        name: Name::absolute(name.text())?,
        kind: word("type")?.to_ascii_uppercase(),
        asked: match word("asked").as_deref() {
            Some("parent") => Asked::Parent,
            Some("server") => Asked::Server,
            _ => Asked::Resolver,
        },
        server: word("server").unwrap_or_default(),
        host: word("host").and_then(|host| Name::absolute(&host)),
        is_tcp: word("transport").as_deref() == Some("tcp"),
        is_unchecked: word("checking").as_deref() == Some("off"),
        status,
        flags: texts(node.get("flags")).into_iter().map(|(flag, _)| flag).collect(),
        errors: texts(node.get("errors")).into_iter().map(|(error, _)| error).collect(),
        answer: records(node.get("answer"), text, document, seen),
        authority: records(node.get("authority"), text, document, seen),
        additional: records(node.get("additional"), text, document, seen),
        place: name.span().range(),
    })
}

/// The records of a section; one that was read before, from another answer, is the same record.
fn records(list: Option<Node<'_>>, text: &str, document: &mut Document, seen: &mut Seen) -> Vec<usize> {
    let mut found = Vec::new();
    for node in list.into_iter().flat_map(|list| list.items()) {
        let line = node.text();
        if let Some(index) = seen.get(line) {
            found.push(*index);
            continue;
        }
        if document.records.len() >= MOST_RECORDS {
            document.is_cut = true;
            break;
        }
        let span = node.span().range();
        // Quotes and escapes of YAML make places within the text differ: then the whole text is the place.
        let is_verbatim = text.get(span.clone()) == Some(line);
        let place = |inner: &Place| match is_verbatim {
            true => span.start + inner.start..span.start + inner.end,
            false => span.clone(),
        };
        match read::record(line) {
            Ok(mut record) => {
                record.relocate(&place);
                seen.insert(line.to_owned(), document.records.len());
                found.push(document.records.len());
                document.records.push(record);
            }
            Err(mut fault) => {
                fault.place = place(&fault.place);
                if document.faults.len() < 100 {
                    document.faults.push(fault);
                }
            }
        }
    }
    found
}
