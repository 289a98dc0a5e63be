use super::*;
use crate::detect::{record_tests as records, sample};
use crate::fact::Role;
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(path: &str, text: &str) -> Source {
    Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Test, text)
}

#[test]
fn facts_name_everything_but_the_value() {
    let all = records::all();
    let (rule, record) = all.iter().find(|(_, record)| record.name == "github-pat-classic").expect("record");
    let token = sample(record, 4);
    let text =
        format!("services:\n  a:\n    environment:\n      GITHUB_TOKEN: {token}\n      DB_PASSWORD: k9Vt2rXq7Lp4\n");
    let source = source("compose.yaml", &text);
    let inspection = Secrets.inspect(&source);
    assert_eq!(inspection.problems, []);
    let show = |name: &str| -> Vec<String> {
        let values = inspection.facts.iter().map(|fact| fact.record.get(name).and_then(|value| value.as_str()));
        values.map(|value| value.unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(show("rule"), [&**rule, ""]);
    assert_eq!(show("kind"), ["format", "plain"]);
    assert_eq!(show("place"), ["compose-env", "compose-env"]);
    assert_eq!(show("certainty"), ["certain", "likely"]);
    assert_eq!(show("key_path")[1], "services.a.environment.DB_PASSWORD");
    assert_eq!(inspection.facts[0].role, Role::Test);
    assert_eq!(&text[inspection.facts[0].span.range()], token);
    let shown = format!("{:?}", inspection.facts);
    assert!(!shown.contains(&token[8..]) && !shown.contains("k9Vt2rXq7Lp4"), "{shown}");
}

#[test]
fn too_many_are_said_to_be_too_many() {
    let text: String = (0..1100).map(|n| format!("DB_PASSWORD_{n}=k9Vt2rXq7Lp4{n}\n")).collect();
    let source = source(".env", &text);
    let inspection = Secrets.inspect(&source);
    assert_eq!(inspection.facts.len(), 1000);
    assert!(matches!(inspection.problems[0].reason, Reason::Limit(_)));
}

#[test]
fn pictures_locks_and_maps_are_not_read() {
    assert!(OTHERS.is_sorted() && LOCKS.is_sorted());
    for path in ["a/logo.PNG", "yarn.lock", "web/package-lock.json", "dist/app.min.js", "app.js.map", "go.sum"] {
        assert!(!Secrets.wants(path), "{path}");
    }
    for path in ["Dockerfile", ".env", "src/a.rs", "README", "id_rsa", "a.b/config"] {
        assert!(Secrets.wants(path), "{path}");
    }
}
