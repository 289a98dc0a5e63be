//! Files and transcripts as they come, and as they must not hurt.

use std::sync::Arc;

use proptest::prelude::*;
use rcgen::{CertificateParams, CertifiedKey, DnType, KeyPair};

use super::document::{Content, Document};
use super::*;
use crate::fact::{Data, Fact, Role};
use crate::source::{Encoding, Origin, role_of_path};
use crate::span::{SourceId, Span};

fn source(path: &str, text: &str) -> Source {
    Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, role_of_path(path).0, text)
}

fn binary(path: &str, bytes: &[u8]) -> Source {
    Source::binary(SourceId(0), Origin::File(path.into()), Role::Production, bytes)
}

fn made(names: &[&str]) -> CertifiedKey<KeyPair> {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, names[0]);
    params.not_before = rcgen::date_time_ymd(2026, 10, 1);
    params.not_after = rcgen::date_time_ymd(2026, 12, 30);
    let signing_key = KeyPair::generate().unwrap();
    CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key }
}

/// `subject/position name`, in order.
fn told(source: &Source) -> Vec<String> {
    let Inspection { mut facts, problems } = Tls.inspect(source);
    facts.sort_by_key(|fact| (fact.span.start, fact.subject().name));
    let word = |fact: &Fact<'_>, field: &str| {
        fact.record.get(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let one = |fact: &Fact<'_>| format!("{} {}", fact.subject().name, word(fact, "name")).trim().to_owned();
    let problems = problems.iter().map(|problem| format!("problem: {}", problem.reason));
    facts.iter().map(one).chain(problems).collect()
}

#[test]
fn blocks_are_read_whatever_stands_around_them() {
    let made = made(&["shop.seaworthy-demo.com"]);
    let pem = made.cert.pem();
    let whole = ["tls.certificate shop.seaworthy-demo.com", "tls.chain shop.seaworthy-demo.com", "tls.file server.crt"];
    for text in [pem.clone(), pem.replace('\n', "\r\n"), format!("Bag Attributes\n  x: y\n{pem}\n# end")] {
        let mut found = told(&source("server.crt", &text));
        found.sort();
        assert_eq!(found, whole, "{text}");
    }
    let three = told(&source("deploy/all.pem", &format!("{pem}{}{pem}", made.signing_key.serialize_pem())));
    assert_eq!(three.iter().filter(|one| one.starts_with("tls.certificate")).count(), 2);
    assert!(three.contains(&"tls.key".to_owned()) && three.iter().any(|one| one.starts_with("tls.pair")), "{three:?}");
}

#[test]
fn binary_files_are_read_or_said() {
    let made = made(&["shop.seaworthy-demo.com"]);
    let der = binary("deploy/server.der", made.cert.der());
    assert_eq!(told(&der)[0], "tls.certificate shop.seaworthy-demo.com");
    assert_eq!(der.text(), format!("(binary, {} bytes)\n", made.cert.der().len()));
    assert_eq!(
        told(&binary("deploy/server.key", &made.signing_key.serialize_der())),
        ["tls.file server.key", "tls.key"]
    );
    let store = include_bytes!("../../../tests/fixtures/tls/key-store.p12");
    let found = told(&binary("a.p12", store));
    assert!(found.iter().any(|one| one == "tls.store a.p12"), "{found:?}");
    assert_eq!(
        told(&binary("a.jks", b"\xfe\xed\xfe\xed\0\0")),
        ["problem: a JKS key store is not read; `keytool -importkeystore` makes PKCS#12 of it, which is"]
    );
    assert_eq!(told(&binary("talk.key", b"PK\x03\x04\0")), [""; 0]);
    assert_eq!(told(&binary("a.crt", b"\0\0\0")), ["tls.broken", "tls.file a.crt"]);
    assert!(Tls.claims_bytes("a.cer", b"\x30") && !Tls.claims_bytes("a.yaml", b"\x30"));
}

#[test]
fn a_private_key_is_in_no_fact() {
    let made = made(&["shop.seaworthy-demo.com"]);
    let key = made.signing_key.serialize_pem();
    let body: String = key.lines().nth(1).unwrap().chars().take(24).collect();
    let text = format!("{}{key}", made.cert.pem());
    let source = source("deploy/server.pem", &text);
    let shown = format!("{:?} {:?}", Tls.inspect(&source), read::read(&source));
    assert!(text.contains(&body) && !shown.contains(&body), "{shown}");
}

#[test]
fn secrets_are_read_and_placeholders_left_alone() {
    let made = made(&["shop.seaworthy-demo.com"]);
    let coded = |text: &str| {
        let block = pem::encode("X", text.as_bytes());
        block.lines().filter(|line| !line.starts_with('-')).collect::<String>()
    };
    let (certificate, key) = (coded(&made.cert.pem()), coded(&made.signing_key.serialize_pem()));
    let manifest = |certificate: &str, key: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  tls.crt: {certificate}\n  tls.key: {key}\n"
        )
    };
    let text = manifest(&certificate, &key);
    assert!(Tls.claims("deploy/secret.yaml", &text) && !Tls.claims("deploy/a.yaml", "kind: Secret\n"));
    let found = told(&source("deploy/secret.yaml", &text));
    let expected = ["tls.certificate", "tls.chain", "tls.key", "tls.pair"];
    assert_eq!(found.iter().map(|one| one.split(' ').next().unwrap()).collect::<Vec<_>>(), expected);
    assert_eq!(told(&source("a.yaml", &manifest("<base64>", "''"))), [""; 0]);
    assert_eq!(told(&source("a.yaml", &manifest("bm90aGluZw==", "''"))), ["tls.broken"]);
    assert_eq!(told(&source("a.yaml", &manifest("{{ .Values.crt }}", "''"))), [""; 0]);
    let list = format!("kind: List\nitems:\n- {}", text.replace('\n', "\n  "));
    assert_eq!(told(&source("a.yaml", &list)).len(), 4);
}

#[test]
fn what_is_for_trying_out_is_not_deployed() {
    let deployed = |path: &str, names: &[&str]| {
        let pem = made(names).cert.pem();
        let source = source(path, &pem);
        let facts = Tls.inspect(&source).facts;
        let fact = facts.iter().find(|fact| fact.subject().name == "tls.certificate").unwrap();
        fact.record.get("is_deployed").and_then(|value| value.as_bool())
    };
    assert_eq!(deployed("deploy/server.crt", &["shop.seaworthy-demo.com"]), Some(true));
    for path in ["testdata/server.crt", "examples/server.crt", "dev/server.crt", "deploy/snakeoil.crt"] {
        assert_eq!(deployed(path, &["shop.seaworthy-demo.com"]), Some(false), "{path}");
    }
    for name in ["localhost", "shop.example.com", "127.0.0.1"] {
        assert_eq!(deployed("deploy/server.crt", &[name]), Some(false), "{name}");
    }
}

#[test]
fn templates_and_other_files_are_left_alone() {
    assert_eq!(
        told(&source("server.crt", "{{ .Values.crt }}")),
        ["problem: another tool fills in this template first"]
    );
    assert!(!Tls.claims("id.key", "-----BEGIN OPENSSH PRIVATE KEY-----\n") && !Tls.claims("a.key", "words"));
    assert!(Tls.claims("a.crt", "") && !Tls.wants("a.rs"));
    assert!(!Tls.claims("stored.yaml", "seaworthy: transcript/1\nprotocol: tls\n"));
    assert!(!Tls.claims("a.transcript", "seaworthy: transcript/1\nprotocol: dns\n"));
}

#[test]
fn an_endpoint_that_showed_nothing_is_one_problem() {
    let head = "seaworthy: transcript/1\nprotocol: tls\nendpoint: a.b:443\ntarget:\n  host: a.b\n";
    for (observed, words) in [
        ("observed:\n  failure: the connection was refused\n", "problem: the connection was refused"),
        ("observed:\n  addresses:\n    - address: x\n      failure: no\n", "problem: no"),
        ("observed: {}\n", "problem: nothing was observed"),
        ("", "problem: nothing was observed"),
    ] {
        assert_eq!(told(&source("a.transcript", &format!("{head}{observed}"))), [words], "{observed}");
    }
}

#[test]
fn many_certificates_are_cut_and_take_no_time() {
    let pem = made(&["shop.seaworthy-demo.com"]).cert.pem();
    let started = std::time::Instant::now();
    let found = told(&source("all.pem", &pem.repeat(20_000)));
    assert_eq!(found.last().map(String::as_str), Some("problem: more blocks than one file is judged for"));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

fn sound(source: &Source) {
    let Inspection { facts, problems } = Tls.inspect(source);
    let text = source.text();
    let check = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?}");
    problems.iter().for_each(|problem| check(problem.span));
    for fact in &facts {
        check(fact.span);
        for value in &fact.record.values {
            value.span.into_iter().for_each(check);
            if let Data::List(list) = &value.data {
                list.iter().filter_map(|one| one.span).for_each(check);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn reading_is_total(text in "(-----(BEGIN|END) (CERTIFICATE|PRIVATE KEY|X)-----|[A-Za-z0-9+/=\r\n]{0,40}|«é\u{0}|: |\\PC{0,9}){0,24}") {
        for path in ["a.crt", "a.key", "a.yaml", "a.transcript"] {
            sound(&source(path, &text));
        }
        let transcript = format!("seaworthy: transcript/1\nprotocol: tls\nobserved:\n  addresses:\n  - chain:\n    - |\n      {text}\n");
        sound(&source("a.transcript", &transcript));
    }

    #[test]
    fn broken_certificates_are_read(at in 0usize..600, byte: u8, cut in 0usize..600) {
        static DER: std::sync::OnceLock<Arc<[u8]>> = std::sync::OnceLock::new();
        let der = DER.get_or_init(|| made(&["shop.seaworthy-demo.com"]).cert.der().as_ref().into());
        let mut bytes = der.to_vec();
        if let Some(one) = bytes.get_mut(at) {
            *one = byte;
        }
        sound(&binary("a.der", &bytes));
        bytes.truncate(cut);
        sound(&binary("a.der", &bytes));
        sound(&source("a.crt", &pem::encode("CERTIFICATE", &bytes)));
        sound(&source("a.key", &pem::encode("PRIVATE KEY", &bytes)));
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for path in ["a.der", "a.key", "a.p12"] {
            sound(&binary(path, &bytes));
        }
    }
}

#[test]
fn a_document_says_what_it_is() {
    let request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
    let read = read::read(&source("a.csr", request));
    let Document::File(file) = read else { panic!("a file") };
    assert!(file.items[0].content.is_err());
    let other = read::read(&source("a.pem", &request.replace("CERTIFICATE REQUEST", "DH PARAMETERS")));
    let Document::File(file) = other else { panic!("a file") };
    assert!(matches!(file.items[0].content, Ok(Content::Other)));
}
