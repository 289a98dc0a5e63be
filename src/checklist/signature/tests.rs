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
    Signers::read(signers).verify((id, at), (message.as_bytes(), NAMESPACE), armoured, &People::default())
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

/// Keys of other kinds, each with its signature over the record.
const OTHERS: [(&str, &str); 3] = [
    (
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHdNbnZv+bmzZI2fMIQFXS678/bWztvRutyVM+3J6vq3+dMs3404BQzONpWdhjBpjzf7VasnnBaAP5Tq6kNaopA=",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\nEEd01udm/5ubNkjZ8whAVdLrvz9tbO29G63JUz7cnq+rf50yzfjTgFDM42lZ2GMGmPN/tV\nqyecFoA/lOrqQ1qikAAAAAlzZWF3b3J0aHkAAAAAAAAABnNoYTUxMgAAAGUAAAATZWNkc2\nEtc2hhMi1uaXN0cDI1NgAAAEoAAAAhAIFvNeLPlodLb0Fm1MwUW5ozLZGDNqNVBDj/qPt6\n+7itAAAAIQDLkrOuKX3RtOHjryRuBQb3iacJJRKTP+GCCACrfhLILA==\n-----END SSH SIGNATURE-----\n",
    ),
    (
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBK1Ov4axOSNP5MJAf3IW2BUCJhNvwlU4Zgn7sqCtoDxnwGJbbMLkoWvTDz7L/KWgoQApIo/i7MWLqXJZxY/QML7uAdOX/ajlTNrKbgyA/21ajfK/z1bETSxJ823P79pFAg==",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAIgAAAATZWNkc2Etc2hhMi1uaXN0cDM4NAAAAAhuaXN0cDM4NAAAAG\nEErU6/hrE5I0/kwkB/chbYFQImE2/CVThmCfuyoK2gPGfAYltswuSha9MPPsv8paChACki\nj+LsxYupclnFj9Awvu4B05f9qOVM2spuDID/bVqN8r/PVsRNLEnzbc/v2kUCAAAACXNlYX\ndvcnRoeQAAAAAAAAAGc2hhNTEyAAAAhAAAABNlY2RzYS1zaGEyLW5pc3RwMzg0AAAAaQAA\nADAPdShJoKvvLUFgPt6szKC5MwtS2nj30OoLyL4Ut+9LBlx8fqpew31qv+vz+TgfdocAAA\nAxAOcKh8sIwekH7pi++EZ4T2MBun5SXxSglsL7BDM82PS9gLdCImr79dhMBLQFrUYnew==\n-----END SSH SIGNATURE-----\n",
    ),
    (
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCdDJCmmXiE1TDQeq4TZiPufS4jdy1tA5jibYxaPNQ5OTvXoX3bnY/saNc8cynnT50TsPv8r1vOZVlACUoqpUfldjlYX49Ql8ixkesYPrEJ0eH/gohdKsn53EHeU/HB9rdmS3PkVL42Cdb1I0rZJHk/82DDI43psNBjEPfuVbbsgkbuJp8+wQajYeE2zR/U7g6X0WOS4vW87Axr/QoRqk4mQX7AjyBnQMp2Sw6iVWU7T5C40uKQZO0wINRJj1UT7c7Xjye58chhMo0Tb1weOLSdTmYio1yHZh7YF+WsiHMvBkL0tKbI/COXwMmTXiWPanpxTCi3mh47CFcF6S1X4FU3",
        "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJ0MkKaZeITVMNB6rhNmI+\n59LiN3LW0DmOJtjFo81Dk5O9ehfdudj+xo1zxzKedPnROw+/yvW85lWUAJSiqlR+V2OVhf\nj1CXyLGR6xg+sQnR4f+CiF0qyfncQd5T8cH2t2ZLc+RUvjYJ1vUjStkkeT/zYMMjjemw0G\nMQ9+5VtuyCRu4mnz7BBqNh4TbNH9TuDpfRY5Li9bzsDGv9ChGqTiZBfsCPIGdAynZLDqJV\nZTtPkLjS4pBk7TAg1EmPVRPtztePJ7nxyGEyjRNvXB44tJ1OZiKjXIdmHtgX5ayIcy8GQv\nS0psj8I5fAyZNeJY9qenFMKLeaHjsIVwXpLVfgVTcAAAAJc2Vhd29ydGh5AAAAAAAAAAZz\naGE1MTIAAAEUAAAADHJzYS1zaGEyLTUxMgAAAQCacnlkAaySs28iFTq+4Ny/jgG7MK2OFW\nb4TbTP1quhLb+gfdNOBs8bOXWxtkz7U+hQU/4DtMT/j9b2h79W1RlDLjTdLn40ZqhDf877\ndRbIZzi6hTdJj0nedr80N7yF5GjLhcEMY66/fatbbM7CSpQ/TzbCVFmdaMGaqoMvcjZ7YK\nsUypEM2mpntgG5PpbvI5icuNg2ZcZy6CgQy3zHRbRLH1qhzs4PH4EehS9EreKWkv/cGNBj\nloiATbzUY/9y27vm2dUq5gUjECoXxTp600lxW50M6e4WRlGk0hSRXMqNmzUYDwVWKLUoe/\nGdABVxnprHOjoMU3C2wkUF+PtGvsHQ\n-----END SSH SIGNATURE-----\n",
    ),
];

/// A key that is not checked.
const P521: &str = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHCTKQm51+2k9NMCQm6REWa4ECV/EThFJY3ryciBmz7/IdJDTHIUQTQYVzkqthkbhpiWDxJJoptl48qTRgxl8M3IAGrZYHBOFjURmPXU6f2nyGQA0fnjOINipSAkeI4xuEG1+qV/h3zKa12lJOnnACmejxt5jPEE+vfOoG5UuGOoGyTPA==";
const BY_P521: &str = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAKwAAAATZWNkc2Etc2hhMi1uaXN0cDUyMQAAAAhuaXN0cDUyMQAAAI\nUEAcJMpCbnX7aT00wJCbpERZrgQJX8ROEUljevJyIGbPv8h0kNMchRBNBhXOSq2GRuGmJY\nPEkmim2XjypNGDGXwzcgAatlgcE4WNRGY9dTp/afIZADR+eM4g2KlICR4jjG4QbX6pX+Hf\nMprXaUk6ecAKZ6PG3mM8QT6986gblS4Y6gbJM8AAAACXNlYXdvcnRoeQAAAAAAAAAGc2hh\nNTEyAAAApwAAABNlY2RzYS1zaGEyLW5pc3RwNTIxAAAAjAAAAEIAiXcKQRHqAcTX0DThoA\nGqDsNr8+nu7U6NIhn9O58AeLAlVozXxlQSQHqBmCN6kHCBqiFxNxvxTG8L4Rb0fDY4EpUA\nAABCAP78kvHQvg2Thqe/wJkOdhhuJ1rb9sWVM3audphxi8OcmHntaeFYUQElbEvw3XDS3O\niRwDDfNRtKJnTUAiK8XkSN\n-----END SSH SIGNATURE-----\n";

#[test]
fn keys_of_other_kinds_count_as_well() {
    for (key, armoured) in OTHERS {
        let signers = by("ana@x.example", key);
        assert_eq!(told(&signers, "ana@x.example", AT, RECORD, armoured), Ok(()), "{key}");
        assert!(told(&signers, "ana@x.example", AT, &format!("{RECORD} "), armoured).is_err(), "{key}");
        assert!(told(&by("ana@x.example", ANA), "ana@x.example", AT, RECORD, armoured).is_err(), "{key}");
        let body = armoured.find('\n').expect("a line") + 1..armoured.rfind("-----END").expect("an end");
        for at in body.step_by(7).filter(|at| !matches!(armoured.as_bytes()[*at], b'\n' | b'=')) {
            let now = if armoured.as_bytes()[at] == b'A' { "B" } else { "A" };
            let altered = format!("{}{now}{}", &armoured[..at], &armoured[at + 1..]);
            assert!(told(&signers, "ana@x.example", AT, RECORD, &altered).is_err(), "{key} {at}");
        }
    }
    let refused = told(&by("ana@x.example", P521), "ana@x.example", AT, RECORD, BY_P521);
    assert!(refused.is_err_and(|why| why.contains("none of ed25519")));
}

/// A commit that git has signed, and the one that it was before.
const COMMIT: &str = "tree 3c97aaa030aa7fc82a0690dd3e9a1608bf4d781f\nauthor Ana <ana@x.example> 1766188800 +0000\ncommitter Ana <ana@x.example> 1766188800 +0000\n\nAttest\n\u{0}-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\nEEd01udm/5ubNkjZ8whAVdLrvz9tbO29G63JUz7cnq+rf50yzfjTgFDM42lZ2GMGmPN/tV\nqyecFoA/lOrqQ1qikAAAAANnaXQAAAAAAAAABnNoYTUxMgAAAGQAAAATZWNkc2Etc2hhMi\n1uaXN0cDI1NgAAAEkAAAAhAOcSKeL6KBlU6mNfiGZ7XHGoSDoxyo1E9zzLY48Xlfg6AAAA\nIGMgPe25AzzUzwBKri/cEWXFHWUg92hjCa3nAKPxSfXc\n-----END SSH SIGNATURE-----\n";

#[test]
fn a_commit_is_signed_for_git_and_not_for_records() {
    let (content, armoured) = COMMIT.split_once('\u{0}').expect("two parts");
    let at = AT.parse().expect("a time");
    let signers = |options: &str| {
        Signers::read(&by(
            &format!("ana@x.example{options}"),
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHdNbnZv+bmzZI2fMIQFXS678/bWztvRutyVM+3J6vq3+dMs3404BQzONpWdhjBpjzf7VasnnBaAP5Tq6kNaopA=",
        ))
    };
    let told = |options: &str, purpose: &str| {
        signers(options).verify(("ana@x.example", at), (content.as_bytes(), purpose), armoured, &People::default())
    };
    assert_eq!(told("", OF_COMMITS), Ok(()));
    assert_eq!(told(" namespaces=\"git\"", OF_COMMITS), Ok(()));
    assert!(told(" namespaces=\"seaworthy\"", OF_COMMITS).is_err());
    assert!(told("", NAMESPACE).is_err_and(|why| why.contains("not for `seaworthy`")));
}
