//! The frame of a transcript: what every protocol's text begins with, and how it is told from other texts.

use sha2::{Digest, Sha256};

use super::Writer;
use crate::fact::target::{Protocol, Target};
use crate::source::TRANSCRIPT_ENDING;
use crate::span::SourceId;
use crate::syntax::tree::Dialect;
use crate::syntax::yaml;

/// The value of `seaworthy:` in a transcript.
pub const SCHEMA: &str = "transcript/1";
/// A larger transcript is not read, and not written.
pub const MAX_BYTES: usize = 4 << 20;

/// Whether `text` is a transcript of `protocol`, under a name that says so.
pub fn is_of(protocol: Protocol, path: &str, text: &str) -> bool {
    path.ends_with(TRANSCRIPT_ENDING) && protocol_of(text) == Some(protocol.name())
}

/// The protocol that a transcript's first lines name.
fn protocol_of(text: &str) -> Option<&str> {
    text.lines().take(HEAD_LINES).find_map(|line| line.strip_prefix("protocol:")).map(|rest| {
        let word = rest.split('#').next().unwrap_or_default();
        word.trim().trim_matches(['"', '\''])
    })
}

/// The key of what was seen: the last of a transcript.
pub const OBSERVED: &str = "observed";
/// The keys of a transcript, in their order.
const KEYS: [&str; 5] = ["seaworthy", "protocol", "endpoint", "target", OBSERVED];
/// In so many first lines a transcript says what it is.
const HEAD_LINES: usize = 20;
/// The longest readable part of a file's name.
const STEM: usize = 80;

/// The name of the file of a target without its ending: readable, safe on every file system, and unlike that of any
/// other endpoint.
pub fn file_stem(target: &Target) -> String {
    let endpoint = target.endpoint();
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let name: String = endpoint.chars().take(STEM).map(|c| if safe(c) { c } else { '_' }).collect();
    let protocol = target.protocol().name();
    let is_whole = name == endpoint && !name.contains("..");
    if is_whole {
        return format!("{protocol}-{name}");
    }
    let digest: String = Sha256::digest(endpoint.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{protocol}-{}-{digest}", name.replace("..", "__"))
}

/// A stored transcript, with what the policy asks of `target` today.
///
/// # Errors
/// In words: it is no transcript, of another version or endpoint, broken or too large.
pub fn renewed(target: &Target, stored: &str) -> Result<String, String> {
    if stored.len() > MAX_BYTES {
        return Err("it is too large".into());
    }
    let (schema, protocol, endpoint) = head(stored)?;
    if schema != SCHEMA {
        return Err(format!("it is of another version ({schema})"));
    }
    let wanted = target.endpoint();
    let written = super::writer::scalar(&wanted);
    if protocol != target.protocol().name() || endpoint != written.trim_matches('"') {
        return Err(format!("it is of {protocol} {endpoint}"));
    }
    let start = format!("\n{OBSERVED}:");
    let Some(at) = stored.find(&start) else { return Err("nothing was observed".into()) };
    let mut text = begin(target).finish();
    text.push_str(stored.get(at + 1..).unwrap_or_default());
    let tree = yaml::read(SourceId(0), text.as_str().into());
    if let Some(problem) = tree.problems.first() {
        return Err(format!("it is broken: {}", problem.message));
    }
    let mut documents = tree.documents(Dialect::Core);
    let root = documents.next();
    let keys: Vec<&str> = root.iter().flat_map(|root| root.entries()).map(|entry| entry.key.text()).collect();
    if keys != KEYS || documents.next().is_some() {
        return Err("it has other parts than a transcript".into());
    }
    let observed = root.and_then(|root| root.get(OBSERVED));
    match observed {
        Some(observed) if observed.entries().len() > 0 => Ok(text),
        _ => Err("nothing was observed".into()),
    }
}

/// Version, protocol and endpoint: the first lines, so that a text that breaks below them is still known.
fn head(stored: &str) -> Result<(&str, &str, &str), String> {
    let word = |key: &str| {
        let line = stored.lines().take(HEAD_LINES).find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        Some(line.trim().trim_matches('"'))
    };
    match (word("seaworthy"), word("protocol"), word("endpoint")) {
        (Some(schema), Some(protocol), Some(endpoint)) => Ok((schema, protocol, endpoint)),
        _ => Err("it is not a transcript".into()),
    }
}

/// Begins a transcript: everything above `observed:`.
pub fn begin(target: &Target) -> Writer {
    let mut out = Writer::new();
    for (secret, instead) in target.secrets() {
        out.hide(secret, instead);
    }
    out.text("seaworthy", SCHEMA);
    out.text("protocol", target.protocol().name());
    out.text("endpoint", &target.endpoint());
    write_target(&mut out, target);
    out
}

/// Writes the `target:` of a transcript.
pub fn write_target(out: &mut Writer, target: &Target) {
    // Plain types with text keys: this cannot fail.
    let mut value = serde_json::to_value(target).unwrap_or_default();
    if let Some(url) = value.get_mut("url") {
        *url = target.endpoint().into();
    }
    out.value("target", &value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::target::TlsTarget;

    #[test]
    fn a_transcript_is_known_by_name_and_first_lines() {
        let text = "# c\nseaworthy: transcript/1\nprotocol: tls\n";
        assert!(is_of(Protocol::Tls, "shop.transcript", text));
        assert!(!is_of(Protocol::Dns, "shop.transcript", text));
        assert!(!is_of(Protocol::Tls, "shop.yaml", text));
        assert!(!is_of(Protocol::Tls, "shop.transcript", "a: 1\n"));
    }

    #[test]
    fn the_frame_repeats_the_policy() {
        let target = TlsTarget { host: "shop.example.com".into(), port: None, days: Some(30), starttls: None };
        let text = begin(&Target::Tls(target)).finish();
        let frame = "seaworthy: transcript/1\nprotocol: tls\nendpoint: shop.example.com:443\ntarget:\n  days: 30\n  \
                     host: shop.example.com\n";
        assert_eq!(text, frame);
    }
}
