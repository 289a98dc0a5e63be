//! Against what `ssh-keygen -Y sign` of OpenSSH has written; the private keys were thrown away.

use super::*;

const RECORD: &str = r#"schema: seaworthy/attestation/1
id: 31631d64c63df604f68d
item: rollback-tried
item-digest: "sha256:b56a1291b4020f7ee9493e8931086a35835fcd80e84a91a49378a8adbff4b588"
result: pass
subject: {}
by: {id: "ana@x.example", role: "sre"}
at: "2025-12-20T00:00:00Z"
prev: "none"
"#;

/// Ana's signature.
const SIGNED: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg8/Go9mTWty83CF2sekRkus3eYj\nbWP7xBNdj4/S3zFFkAAAAJc2Vhd29ydGh5AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1l\nZDI1NTE5AAAAQGRjewd6F+f9COWOAggqcacyspr6jJMe+3BnlafPnw2VbGWNxlUQ4mtfEb\n5YBJjWqLrqy6UTgXGinojOKiLNGAM=\n-----END SSH SIGNATURE-----\n";

/// Eve's signature over the same text.
const BY_EVE: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgRP0TywqH/1FT9GWsOCPRu83NsW\ny/tERkV0n6L5KXZaUAAAAJc2Vhd29ydGh5AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1l\nZDI1NTE5AAAAQChyVLwzhJOnB2YiQ1ZJ160xqE3YOlpoCKTX+kNKzJXH5Z8Y/DDHwa9ZBO\nv0RPffjgS5v0AGpfjlNQzEK500qgI=\n-----END SSH SIGNATURE-----\n";

const ANA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPPxqPZk1rcvNwhdrHpEZLrN3mI21j+8QTXY+P0t8xRZ";
const EVE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIET9E8sKh/9RU/RlrDgj0bvNzbFsv7REZFdJ+i+Sl2Wl";
const AT: &str = "2025-12-20T00:00:00Z";

fn told(signers: &str, id: &str, at: &str, message: &str, armoured: &str) -> Result<(), String> {
    let at = at.parse().expect("a time");
    Signers::read(signers).verify(id, at, message.as_bytes(), armoured, &People::default())
}

fn by(principals: &str, key: &str) -> String {
    format!("# who may sign\n\n{principals} {key} comment here\n")
}

#[test]
fn a_signature_of_ssh_keygen_is_accepted_for_its_person_and_text_alone() {
    let good = |signers: &str| told(signers, "ana@x.example", AT, RECORD, SIGNED);
    assert_eq!(good(&by("ana@x.example", ANA)), Ok(()));
    for principals in ["bo@x.example,ANA@x.example", "*@x.example", "a?a@x.example", "\"ana@x.example\""] {
        assert_eq!(good(&by(principals, ANA)), Ok(()), "{principals}");
    }
    assert_eq!(good(&by("ana@x.example namespaces=\"git,seaworthy\"", ANA)), Ok(()));
    assert_eq!(told(&by("ana@x.example", ANA), "Ana <ana@x.example>", AT, RECORD, SIGNED), Ok(()));
    for (principals, key) in [
        ("bo@x.example", ANA),
        ("ana@x.example", EVE),
        ("*@x.example,!ana@x.example", ANA),
        ("ana@x.example namespaces=\"git\"", ANA),
        ("ana@x.example cert-authority", ANA),
        ("ana@x.example valid-before=\"20251201\"", ANA),
        ("ana@x.example valid-after=\"202601011200Z\"", ANA),
        ("ana@x.example valid-after=\"soon\"", ANA),
    ] {
        assert!(good(&by(principals, key)).is_err(), "{principals}");
    }
    assert!(good("").is_err() && good("ana@x.example").is_err() && good("ana@x.example ssh-ed25519 !!!").is_err());
}

#[test]
fn another_text_another_person_or_an_altered_byte_is_told() {
    let signers = format!("{}{}", by("ana@x.example", ANA), by("eve@x.example", EVE));
    let told = |id: &str, message: &str, armoured: &str| told(&signers, id, AT, message, armoured);
    assert_eq!(told("ana@x.example", RECORD, SIGNED), Ok(()));
    assert_eq!(told("eve@x.example", RECORD, BY_EVE), Ok(()));
    assert!(told("ana@x.example", RECORD, BY_EVE).is_err_and(|why| why.contains("not that of ana")));
    assert!(told("ana@x.example", &format!("{RECORD} "), SIGNED).is_err_and(|why| why.contains("not over this text")));
    let body = SIGNED.find('\n').expect("a line") + 1..SIGNED.rfind("-----END").expect("an end");
    for at in body.clone() {
        let was = SIGNED.as_bytes()[at];
        if was == b'\n' || was == b'=' {
            continue;
        }
        let now = if was == b'A' { "B" } else { "A" };
        let altered = format!("{}{now}{}", &SIGNED[..at], &SIGNED[at + 1..]);
        assert!(told("ana@x.example", RECORD, &altered).is_err(), "{at}");
    }
    for cut in 0..SIGNED.trim_end().len() {
        assert!(told("ana@x.example", RECORD, &SIGNED[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn patterns_and_times_are_read() {
    assert!(matches("*", "") && matches("a*c*", "abcd") && matches("a?c", "abc") && !matches("a?c", "ac"));
    assert!(!matches("", "a") && matches(&"*".repeat(500), &"a".repeat(5000)));
    assert!(time("20270131").is_some() && time("20270131Z") == time("202701310000") && time("20271331").is_none());
    assert!(time("é2270131").is_none() && time("").is_none() && time("202701").is_none());
}
