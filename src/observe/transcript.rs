//! The frame of a transcript: what every protocol's text begins with, and how it is told from other texts.

use super::Writer;
use crate::fact::target::{Protocol, Target};
use crate::source::TRANSCRIPT_ENDING;

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
    text.lines().take(20).find_map(|line| line.strip_prefix("protocol:")).map(|rest| {
        let word = rest.split('#').next().unwrap_or_default();
        word.trim().trim_matches(['"', '\''])
    })
}

/// Begins a transcript: everything above `observed:`.
pub fn begin(target: &Target) -> Writer {
    let mut out = Writer::new();
    out.text("seaworthy", SCHEMA);
    out.text("protocol", target.protocol().name());
    out.text("endpoint", &target.endpoint());
    write_target(&mut out, target);
    out
}

/// Writes the `target:` of a transcript.
pub fn write_target(out: &mut Writer, target: &Target) {
    // Plain types with text keys: this cannot fail.
    out.value("target", &serde_json::to_value(target).unwrap_or_default());
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
