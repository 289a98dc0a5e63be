//! Answers as text: records in the form of a zone file, every name absolute.

use std::fmt::Write;

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{RData, Record, RecordType};

use super::exchange::Exchange;
use crate::inspect::dns::transcript::Asked;
use crate::observe::Writer;

/// More records of a section are counted, not told.
const MOST_SHOWN: usize = 100;
/// An error's own words are cut here.
const LONGEST_ERROR: usize = 200;
/// The option that holds an extended error (RFC 8914).
const EXTENDED_ERROR: u16 = 15;

/// What extended errors are called (RFC 8914, section 4).
const ERRORS: [&str; 25] = [
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDOMAIN Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
];

/// Writes a question with its answer.
pub(super) fn write(out: &mut Writer, exchange: &Exchange) {
    let question = &exchange.question;
    out.text("name", &name(&question.name));
    out.text("type", &question.kind.to_string());
    out.text(
        "asked",
        match question.asked {
            Asked::Resolver => "resolver",
            Asked::Parent => "parent",
            Asked::Server => "server",
        },
    );
    out.text("server", &question.server.to_string());
    if let Some(host) = &question.host {
        out.text("host", host);
    }
    if question.is_tcp {
        out.text("transport", "tcp");
    }
    if question.is_unchecked {
        out.text("checking", "off");
    }
    match &exchange.result {
        Ok(answer) => out.kept(&answer.text, |out| write_answer(out, answer, question.kind)),
        Err(failure) => out.failure(failure),
    }
}

fn write_answer(out: &mut Writer, answer: &Message, kind: RecordType) {
    let metadata = &answer.metadata;
    out.text("status", &status(answer));
    let flags = [
        ("aa", metadata.authoritative),
        ("tc", metadata.truncation),
        ("ra", metadata.recursion_available),
        ("ad", metadata.authentic_data),
    ];
    let set: Vec<&str> = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).collect();
    if !set.is_empty() {
        out.texts("flags", set);
    }
    let errors = errors(answer);
    if !errors.is_empty() {
        out.texts("errors", errors);
    }
    let mut omitted = 0;
    for (key, records) in [("answer", &answer.answers), ("authority", &answer.authorities)] {
        // In one order, so that servers that deal them out in turn give the same text.
        // Of the authority section only what names a zone: proofs of absence are the resolver's business.
        let names_zone = |record: &&Record| {
            key == "answer" || matches!(record.record_type(), RecordType::SOA | RecordType::NS | RecordType::DS)
        };
        let mut lines: Vec<String> = records.iter().filter(names_zone).filter_map(line).collect();
        lines.sort_unstable();
        lines.dedup();
        // That a whole zone was handed out is told, and not what is in it.
        if kind == RecordType::AXFR {
            lines.truncate(1);
        }
        omitted += lines.len().saturating_sub(MOST_SHOWN);
        lines.truncate(MOST_SHOWN);
        if !lines.is_empty() {
            out.texts(key, lines);
        }
    }
    if omitted > 0 {
        out.number("omitted", i64::try_from(omitted).unwrap_or(i64::MAX));
    }
}

/// The status as everybody writes it.
fn status(answer: &Message) -> String {
    use hickory_proto::op::ResponseCode as Code;
    match answer.metadata.response_code {
        Code::NoError => "NOERROR".into(),
        Code::FormErr => "FORMERR".into(),
        Code::ServFail => "SERVFAIL".into(),
        Code::NXDomain => "NXDOMAIN".into(),
        Code::NotImp => "NOTIMP".into(),
        Code::Refused => "REFUSED".into(),
        Code::NotAuth => "NOTAUTH".into(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

fn errors(answer: &Message) -> Vec<String> {
    let Some(edns) = &answer.edns else { return Vec::new() };
    let Some(EdnsOption::Unknown(_, bytes)) = edns.option(EdnsCode::Unknown(EXTENDED_ERROR)) else { return Vec::new() };
    let [high, low, text @ ..] = bytes.as_slice() else { return Vec::new() };
    let code = u16::from_be_bytes([*high, *low]);
    let mut shown = code.to_string();
    if let Some(known) = ERRORS.get(usize::from(code)) {
        let _ = write!(shown, " {known}");
    }
    let text: String = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(LONGEST_ERROR).collect();
    if !text.trim().is_empty() {
        let _ = write!(shown, ": {}", text.trim());
    }
    vec![shown]
}

/// A name in lower case without its final dot.
pub(super) fn name(name: &hickory_proto::rr::Name) -> String {
    let text = name.to_ascii().to_ascii_lowercase();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(short) => short.to_owned(),
    }
}

/// A record as one line; `None` for what only carries the message.
pub(super) fn line(record: &Record) -> Option<String> {
    let data = match &record.data {
        RData::OPT(_) | RData::Update0(_) => return None,
        RData::TXT(text) => text.txt_data.iter().map(|part| quoted(part)).collect::<Vec<_>>().join(" "),
        RData::CAA(caa) => format!("{} {} {}", caa.flags(), caa.tag, quoted(&caa.value)),
        RData::NULL(data) => unknown(&data.anything),
        RData::Unknown { rdata, .. } => unknown(&rdata.anything),
        other => other.to_string(),
    };
    let owner = record.name.to_ascii().to_ascii_lowercase();
    Some(format!("{owner} {} {} {} {data}", record.ttl, record.dns_class, record.data.record_type()))
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*byte));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            other => {
                let _ = write!(out, "\\{other:03}");
            }
        }
    }
    out.push('"');
    out
}

/// RFC 3597.
fn unknown(bytes: &[u8]) -> String {
    let mut out = format!("\\# {} ", bytes.len());
    bytes.iter().for_each(|byte| {
        let _ = write!(out, "{byte:02x}");
    });
    out.trim_end().to_owned()
}
