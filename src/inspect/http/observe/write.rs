//! What was seen → transcript. Only what is judged, and nothing secret, is written.

use super::ask::{Answer, Exchange, MAX_HEADERS};
use super::body::{self, Kept};
use super::{Seen, redact};
use crate::fact::target::HttpTarget;
use crate::inspect::http::document::Probe;
use crate::observe::Writer;

/// Writes all of it.
pub(super) fn write(seen: &Seen, target: &HttpTarget, out: &mut Writer) {
    out.texts("addresses", seen.addresses.iter().map(ToString::to_string));
    out.list("exchanges", &seen.exchanges, |out, one| exchange(one, &seen.host, target, out));
}

fn exchange(one: &Exchange, host: &str, target: &HttpTarget, out: &mut Writer) {
    let url = &one.request.url;
    let is_asked = url.as_str() == target.url || url.as_str().trim_end_matches('/') == target.url;
    out.text("probe", one.request.probe.word());
    // The policy's own words are no secret of the server; others are kept without what their queries hold.
    let shown = if is_asked { url.to_string() } else { redact::query(url.as_str()) };
    out.text("url", &shown);
    out.text("address", &one.address.to_string());
    if let Some(origin) = one.request.origin {
        out.text("origin", origin);
    }
    if let Some(certificate) = &one.certificate {
        out.text("certificate", certificate);
    }
    let answer = match &one.outcome {
        Ok(answer) => answer,
        Err(failure) => {
            out.failure(failure);
            if !one.reached {
                out.flag("reached", false);
            }
            return;
        }
    };
    out.text("version", answer.version);
    out.number("status", answer.status);
    out.number("milliseconds", i64::try_from(answer.time.as_millis()).unwrap_or(i64::MAX));
    headers(one.request.probe, answer, out);
    if keeps_body(one.request.probe) {
        let is_https = url.scheme() == "https";
        let kept = body::keep(&answer.body, answer.cut, &answer.media_type(), target, host, is_https);
        out.map("body", |out| write_body(&kept, one.request.probe, out));
    }
}

fn keeps_body(probe: Probe) -> bool {
    matches!(probe, Probe::Main | Probe::Follow | Probe::Missing | Probe::Address | Probe::Closed)
}

/// Whether a header is kept of an answer to this probe; what no rule asks of it would only differ from run to run.
fn keeps(probe: Probe, name: &str) -> bool {
    match probe {
        Probe::Main | Probe::Follow | Probe::Missing => true,
        Probe::Again => false,
        Probe::Compressed => matches!(name, "content-encoding" | "content-type" | "vary" | "content-length"),
        Probe::Cors | Probe::CorsGet | Probe::CorsNull => name.starts_with("access-control-") || name == "vary",
        Probe::Plain | Probe::PlainFollow => matches!(name, "location" | "strict-transport-security" | "content-type"),
        Probe::Trace | Probe::Closed => matches!(name, "content-type" | "location"),
        Probe::Address => matches!(name, "content-type" | "location"),
    }
}

fn headers(probe: Probe, answer: &Answer, out: &mut Writer) {
    let kept: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| keeps(probe, name.as_str()))
        .take(MAX_HEADERS)
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), redact::header(name.as_str(), &value))
        })
        .collect();
    if !kept.is_empty() {
        out.list("headers", kept, |out, (name, value)| out.text(&name, &value));
    }
}

pub(super) fn write_body(kept: &Kept, probe: Probe, out: &mut Writer) {
    out.number("bytes", i64::try_from(kept.bytes).unwrap_or(i64::MAX));
    if kept.cut {
        out.flag("cut", true);
    }
    if matches!(probe, Probe::Main | Probe::Follow) {
        out.text("digest", &kept.digest);
    }
    if let Some(valid) = kept.json {
        out.text("json", if valid { "valid" } else { "invalid" });
    }
    if let Some(health) = &kept.health {
        out.text("health", health);
    }
    if !kept.fields.is_empty() {
        out.map("fields", |out| kept.fields.iter().for_each(|(name, value)| out.text(name, value)));
    }
    if !kept.components.is_empty() {
        out.map("components", |out| kept.components.iter().for_each(|(name, state)| out.text(name, state)));
    }
    if !kept.texts.is_empty() {
        out.list("texts", &kept.texts, |out, (text, found)| {
            out.text("text", text);
            out.flag("found", *found);
        });
    }
    if !kept.shows.is_empty() {
        out.texts("shows", &kept.shows);
    }
    if !matches!(probe, Probe::Main | Probe::Follow) {
        return;
    }
    let page = &kept.page;
    if !page.meta.is_empty() {
        out.list("meta", &page.meta, |out, (name, value)| out.text(name, &redact::header(name, value)));
    }
    if page.scripts > 0 {
        out.number("scripts", page.scripts);
    }
    if kept.own_integrity {
        out.flag("own-integrity", true);
    }
    if !page.loads.is_empty() {
        out.list("loads", &page.loads, |out, (kind, url, integrity)| {
            out.text("kind", kind);
            out.text("url", &redact::query(url));
            out.flag("integrity", *integrity);
        });
    }
}
