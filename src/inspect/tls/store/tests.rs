//! Stores as openssl and keytool write them, and as they must not hurt.

use proptest::prelude::*;

use super::*;

fn store(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/tls/stores/{name}.p12", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

/// What opened it, what is in it, how its keys are kept, and why not more of it was read.
fn told(bytes: &[u8]) -> String {
    let Opened { store, items } = read(bytes, rounds(1));
    let mut certificates = Vec::new();
    let mut keys = Vec::new();
    for (content, list) in &items {
        match content {
            Content::Certificate(one) => certificates.push(format!("{}:{}", list, one.common_names.concat())),
            Content::Key(key) => keys.push(key.public.as_ref().map_or("?", |public| public.algorithm.as_str())),
            _ => unreachable!(),
        }
    }
    let key = format!(
        "{} {}{}",
        store.key_cipher.as_deref().unwrap_or(if store.has_bare_key { "bare" } else { "none" }),
        store.rounds.unwrap_or(0),
        if store.has_weak_cipher { " weak" } else { "" },
    );
    let opened = store.opens_with.unwrap_or(if store.was_tried { "closed" } else { "not tried" });
    format!("{opened} | {} | {} | {key} | {}", certificates.join(" "), keys.join(" "), store.closed.unwrap_or_default())
}

const CHAIN: &str = "0:shop.seaworthy-demo.com 0:Harbour Issuing 1";
const FIRST: &str = "a password that everybody tries first";

#[test]
fn stores_open_with_what_everybody_tries() {
    for (name, key, how) in [
        ("aes", "AES-256 2048", FIRST),
        ("aes128", "AES-128 2048", FIRST),
        ("aes192sha1", "AES-192 5000", FIRST),
        ("desmac", "3DES 2048", FIRST),
        ("legacy", "3DES 2048", FIRST),
        ("nomac", "AES-256 2048", FIRST),
        ("rc2key-open", "128-bit RC2 2048", FIRST),
        ("empty", "AES-256 2048", "no password"),
    ] {
        assert_eq!(told(&store(name)), format!("{how} | {CHAIN} | EC | {key} | "), "{name}");
    }
    assert_eq!(told(&store("kt")), format!("{FIRST} | 0:shop.seaworthy-demo.com | EC | AES-256 10000 | "));
    assert_eq!(told(&store("trust")), format!("{FIRST} | {CHAIN} |  | none 0 | "));
}

#[test]
fn what_stays_closed_says_why_and_what_it_shows() {
    let closed = |key: &str| format!("closed |  |  | {key} | {OTHER_PASSWORD}");
    assert_eq!(told(&store("secret")), closed("AES-256 2048"));
    assert_eq!(told(&store("rc2key")), closed("40-bit RC2 2048 weak"));
    assert_eq!(told(&store("iter1")), closed("3DES 1"));
    assert_eq!(told(&store("rounds")), format!("not tried |  |  | AES-256 5000000 | {TOO_MANY_ROUNDS}"));
    assert_eq!(told(&store("bare")), format!("closed | {CHAIN} | EC | bare 0 | {OTHER_PASSWORD}"));
    assert_eq!(told(&store("bare-nomac")), format!("closed | {CHAIN} | EC | bare 0 | "));
    assert_eq!(read(&store("secret"), rounds(1)).store.holds_key, Some(true));
    assert_eq!(read(&store("trust"), rounds(1)).store.holds_key, Some(false));
}

#[test]
fn lengths_need_not_be_told_in_advance() {
    let bytes = store("aes");
    let whole = der::sequence(&bytes).unwrap();
    let inside: Vec<Vec<u8>> = der::elements(whole).map(|one| one.whole.to_vec()).collect();
    let open = [&[0x30, 0x80][..], &inside.concat(), &[0, 0]].concat();
    assert_eq!(told(&open), told(&bytes));
}

#[test]
fn many_stores_share_what_is_spent() {
    assert_eq!((rounds(0), rounds(1), rounds(1_000)), (MOST_ROUNDS, MOST_ROUNDS, RUN_ROUNDS / 1_000));
    let Opened { store: one, items } = read(&store("aes"), 1_000);
    assert_eq!((one.closed.as_deref(), items.len()), (Some(TOO_MANY_ROUNDS), 0));
}

#[test]
fn broken_stores_say_so() {
    let bytes = store("legacy");
    assert_eq!(told(&bytes[..700]), format!("not tried |  |  | none 0 | {BROKEN}"));
    assert_eq!(told(b"\x30\x03\x02\x01\x03"), format!("not tried |  |  | none 0 | {BROKEN}"));
    let changed: Vec<u8> = bytes.iter().enumerate().map(|(at, byte)| if at == 300 { !byte } else { *byte }).collect();
    assert!(told(&changed).starts_with("closed"), "{}", told(&changed));
}

#[test]
fn no_private_key_is_kept() {
    let shown = format!("{:?} {:?}", read(&store("aes"), rounds(1)).store, read(&store("bare"), rounds(1)).items.len());
    assert!(!shown.contains("changeit"), "{shown}");
    // The private half of the key of all these stores; its public half stands in the certificate.
    let bare = store("bare");
    let at = bare.windows(4).position(|four| four == [0x02, 0x01, 0x01, 0x04]).unwrap() + 5;
    let private = format!("{:?}", &bare[at..at + 32]);
    let items = read(&bare, rounds(1)).items.into_iter().map(|(content, _)| format!("{content:?}")).collect::<String>();
    assert!(!items.contains(private.trim_matches(['[', ']'])), "{private}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn nothing_hurts(at in 0..1400_usize, byte: u8, cut in 0..1470_usize) {
        let mut bytes = store("legacy");
        bytes[at] = byte;
        let _ = read(&bytes, rounds(1));
        let _ = read(&bytes[..cut], rounds(1));
    }
}
