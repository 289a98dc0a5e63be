//! What stays the same when a file is edited elsewhere: see interfaces.md, "Fingerprint".

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::fact::Fact;
use crate::fact::secret::Secret;
use crate::finding::Finding;
use crate::rule::Rule;
use crate::rule::expr::Place;
use crate::source::Source;

/// SHA-256 over the rule's first id, the path, the object path and the missing key or the offending text with its
/// white space folded; 64 hex digits until [`number_equals`] has made it final. Never a line number.
pub(super) fn of(rule: &Rule, fact: &Fact<'_>, source: &Source, place: &Place) -> String {
    let mut digest = Sha256::new();
    for part in [&*rule.first_id, source.path(), &*fact.path] {
        digest.update(part);
        digest.update([0]);
    }
    match &place.missing {
        Some(key) => digest.update(key),
        None if matches!(fact.subject().name, "secrets.value" | "secrets.credential") => {
            // 16 keyed bits: an exchanged secret is noticed, a guess cannot be confirmed.
            let value = Secret::new(source.text().get(place.span.range()).unwrap_or_default());
            digest.update(value.digest(&format!("{}\0{}", rule.first_id, source.path())).to_be_bytes());
        }
        // What a server says changes from day to day; the fact's path says what the finding is about.
        None if source.endpoint().is_some() => {}
        None => {
            let text = source.text().get(place.span.range()).unwrap_or_default();
            for word in text.split_whitespace() {
                digest.update(word);
                digest.update(b" ");
            }
        }
    }
    hex(&digest.finalize())
}

/// Makes equal fingerprints unique by their ordinal, in the order of the findings.
pub(super) fn number_equals(findings: &mut [Finding]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_insert(0);
        let mut digest = Sha256::new();
        digest.update(&finding.fingerprint);
        digest.update([0]);
        digest.update(count.to_string());
        *count += 1;
        finding.fingerprint = hex(&digest.finalize())[..32].to_owned();
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[(byte >> 4) as usize] as char);
        text.push(DIGITS[(byte & 15) as usize] as char);
    }
    text
}
