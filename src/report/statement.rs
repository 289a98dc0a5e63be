//! What a run comes to as an in-toto statement or a SLSA verification summary, about the commit that was judged, and
//! the DSSE envelope around either.

use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use super::Report;
use crate::checklist::Decision;
use crate::checklist::chain::Ledger;
use crate::checklist::question::digest_of;
use crate::detect::base::{Alphabet, decode64, encode64};

/// The type of the predicate with the checklist.
pub const CHECKLIST: &str = "https://github.com/seaworthy-dev/seaworthy/checklist/v1";
/// The type of a verification summary.
pub const SUMMARY: &str = "https://slsa.dev/verification_summary/v1";
/// What an envelope holds.
pub const PAYLOAD: &str = "application/vnd.in-toto+json";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const VERIFIER: &str = "https://github.com/seaworthy-dev/seaworthy";

/// What a statement needs beside the report.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The commit that was judged.
    pub commit: &'a str,
    /// The policy: its name, and the digest of all its files.
    pub policy: (&'a str, &'a str),
    /// The records.
    pub ledger: &'a Ledger,
}

/// The checklist, with who and what decided each item.
pub fn checklist(report: &Report, about: About<'_>) -> Value {
    let items: Vec<Value> = report.checklist.iter().filter_map(|item| serde_json::to_value(item).ok()).collect();
    let predicate = json!({
        "tool": {"name": report.tool.name(), "version": report.tool.version, "rules_digest": report.tool.rules_digest},
        "time": report.run.now,
        "environment": report.run.env,
        "policy": {"uri": about.policy.0, "digest": sha256(about.policy.1)},
        "verdict": report.verdict,
        "score": report.score.value,
        "items": items,
        "records": records(report, about.ledger),
    });
    statement(about.commit, CHECKLIST, predicate)
}

/// Whether the commit may be shipped, for who asks nothing else.
pub fn summary(report: &Report, about: About<'_>) -> Value {
    let passed = report.verdict.result == Decision::Go;
    let predicate = json!({
        "verifier": {"id": VERIFIER, "version": {report.tool.name(): report.tool.version}},
        "timeVerified": report.run.now,
        "resourceUri": format!("gitoid:commit:{}:{}", algorithm(about.commit), about.commit),
        "policy": {"uri": about.policy.0, "digest": sha256(about.policy.1)},
        "inputAttestations": records(report, about.ledger),
        "verificationResult": if passed { "PASSED" } else { "FAILED" },
        "verifiedLevels": [if passed { "SEAWORTHY_GO" } else { "FAILED" }],
    });
    statement(about.commit, SUMMARY, predicate)
}

fn statement(commit: &str, kind: &str, predicate: Value) -> Value {
    json!({
        "_type": STATEMENT,
        "subject": [{"name": "commit", "digest": {"gitCommit": commit}}],
        "predicateType": kind,
        "predicate": predicate,
    })
}

fn algorithm(commit: &str) -> &'static str {
    if commit.len() == 64 { "sha256" } else { "sha1" }
}

/// The records that decided an item.
fn records(report: &Report, ledger: &Ledger) -> Vec<Value> {
    let decided = |id: &str| report.checklist.iter().any(|item| item.records.iter().any(|one| one == id));
    let used = ledger.records.iter().filter(|filed| decided(&filed.record.id));
    used.map(|filed| json!({"uri": filed.path, "digest": sha256(&filed.digest)})).collect()
}

fn sha256(digest: &str) -> Value {
    json!({"sha256": digest.strip_prefix("sha256:").unwrap_or(digest)})
}

/// A DSSE envelope around `statement`, signed with an ed25519 key (PKCS #8, PEM).
///
/// # Errors
/// In words: it is no such key.
pub fn envelope(statement: &Value, key: &str) -> Result<Value, String> {
    let body = key.trim().strip_prefix("-----BEGIN PRIVATE KEY-----");
    let body = body.and_then(|text| text.trim_end().strip_suffix("-----END PRIVATE KEY-----"));
    let der = body.and_then(|text| decode64(text, Alphabet::Standard));
    let der = der.ok_or("it is not a PEM file with a PRIVATE KEY (PKCS #8)")?;
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map_err(|_| "it holds no ed25519 key")?;
    let payload = statement.to_string();
    let id = digest_of(pair.public_key().as_ref());
    Ok(json!({
        "payloadType": PAYLOAD,
        "payload": encode64(payload.as_bytes()),
        "signatures": [{
            "keyid": id.strip_prefix("sha256:").unwrap_or(&id),
            "sig": encode64(pair.sign(&encoded(payload.as_bytes())).as_ref()),
        }],
    }))
}

/// What is signed: the type and the payload, each with its length before it.
fn encoded(payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn an_envelope_is_signed_over_its_type_and_its_payload() {
        let random = ring::rand::SystemRandom::new();
        let der = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", encode64(der.as_ref()));
        let envelope = envelope(&json!({"a": "b"}), &pem).expect("an envelope");
        let text = |value: &Value| decode64(value.as_str().expect("text"), Alphabet::Standard).expect("base 64");
        let payload = text(&envelope["payload"]);
        assert_eq!(payload, br#"{"a":"b"}"#);
        let pair = Ed25519KeyPair::from_pkcs8(der.as_ref()).expect("a pair");
        let signed = b"DSSEv1 28 application/vnd.in-toto+json 9 {\"a\":\"b\"}";
        let key = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
        assert!(key.verify(signed, &text(&envelope["signatures"][0]["sig"])).is_ok());
        for wrong in
            ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"]
        {
            assert!(super::envelope(&json!({}), wrong).is_err(), "{wrong}");
        }
    }
}
