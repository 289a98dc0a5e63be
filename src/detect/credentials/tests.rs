use std::sync::OnceLock;

use super::super::record_tests as records;
use super::*;
use crate::span::SourceId;

fn formats() -> &'static Formats {
    static FORMATS: OnceLock<Formats> = OnceLock::new();
    FORMATS.get_or_init(|| Formats::new(records::all().into_iter()).0)
}

/// `nature place value` of every credential that is not doubtful.
fn found(path: &str, text: &str) -> Vec<String> {
    let tree = crate::syntax::read(SourceId(0), path, text.into());
    let all = credentials(formats(), path, text, || &tree);
    let sure = all.into_iter().filter(|one| one.certainty != Certainty::Doubtful);
    sure.map(|one| format!("{} {} {}", one.nature.name(), one.place.name(), &text[one.range])).collect()
}

mod planted;
mod silent;

#[test]
fn a_value_is_named_by_its_path() {
    let text = "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: k9Vt2rXq7Lp4\n";
    let tree = crate::syntax::read(SourceId(0), "compose.yaml", text.into());
    let all = credentials(formats(), "compose.yaml", text, || &tree);
    assert_eq!(all[0].path, "services.db.environment.POSTGRES_PASSWORD");
    assert_eq!(all[0].key, "POSTGRES_PASSWORD");
}

#[test]
fn nothing_is_parsed_where_no_name_stands() {
    let text = "services:\n  db:\n    image: postgres\n";
    let all = credentials(formats(), "compose.yaml", text, || panic!("the tree was asked for"));
    assert_eq!(all, []);
}

/// Whatever is repeated, time grows with the text, not with its square: this test would not end otherwise.
#[test]
fn repeated_traps_are_read_in_linear_time() {
    let traps = [
        "-----BEGIN PRIVATE KEY-----",
        "PRIVATE KEY ",
        "LS0tLS1CRUdJTi",
        "-eyJh",
        "PASSWORD=",
        "PASSWORD=\"",
        "token: ",
        "://a:b@",
        "a://",
        "AccountKey=",
        "ghp_aaaa",
        "glpat-aaaaaaaaaaaaaaaaaaaaaaaaaaa.01.",
        "PuTTY-User-Key-File-",
        "<password>",
        "identified by '",
        "ENV A=b \\\n",
        "datadog_key: ",
    ];
    for trap in traps {
        let text = trap.repeat(40_000 / trap.len());
        for path in ["a.py", "a.sh", "a.sql", "a.xml", ".env", "Dockerfile", "a.properties", ".netrc", ".pgpass"] {
            let tree = crate::syntax::tree::Tree::empty(SourceId(0), "".into());
            for one in credentials(formats(), path, &text, || &tree) {
                assert!(text.get(one.range).is_some(), "{path} {trap}");
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "(\\PC|\n|PASSWORD=|://a:|@b|-----BEGIN PRIVATE KEY-----|token: |\"|ENV |\\\\){0,60}", file in 0usize..9) {
        let path = ["a.yaml", "a.json", "a.toml", ".env", "Dockerfile", "a.sql", "a.sh", "a.py", "pom.xml"][file];
        let tree = crate::syntax::read(SourceId(0), path, text.as_str().into());
        let mut last = 0;
        for one in credentials(formats(), path, &text, || &tree) {
            proptest::prop_assert!(text.get(one.range.clone()).is_some());
            proptest::prop_assert!(one.range.start >= last);
            last = one.range.end;
        }
    }
}
