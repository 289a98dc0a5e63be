//! What the inspector says of single files.

use super::document::{Document, Form, Gap, Part};
use super::*;
use crate::fact::{Fact, Reason, Role, Value};
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(text: &str) -> Source {
    Source::new(SourceId(0), Origin::File("compose.yaml".into()), Encoding::Utf8, Role::Production, text)
}

fn document(text: &str, look: impl FnOnce(&Document<'_>, &[Gap], &str)) {
    let source = source(text);
    let mut gaps = Vec::new();
    let document = read::read(&source, &mut gaps).unwrap();
    look(&document, &gaps, source.text());
}

fn service<'d, 's>(document: &'d Document<'s>, name: &str) -> &'d Part<'s> {
    let services = document.parts.iter().find(|part| part.key == "services").unwrap();
    services.get(name).unwrap()
}

fn pairs<'d>(part: &'d Part<'_>) -> Vec<(&'d str, &'d str)> {
    part.entries().iter().map(|entry| (entry.key, entry.raw)).collect()
}

#[test]
fn short_and_long_forms_are_one() {
    let short = "services:\n  a:\n    build: ./a\n    environment: [A=1, B, 'C=x=y']\n    depends_on: [b]\n    env_file: .env\n";
    let long = "services:\n  a:\n    build: {context: ./a}\n    environment: {A: 1, B: , C: x=y}\n    depends_on: {b: }\n    env_file: [.env]\n";
    for text in [short, long] {
        document(text, |document, gaps, _| {
            let service = service(document, "a");
            assert!(gaps.is_empty());
            assert_eq!(service.at_path(&["build", "context"]).unwrap().raw, "./a");
            assert_eq!(pairs(service.get("environment").unwrap()), [("A", "1"), ("B", ""), ("C", "x=y")]);
            assert_eq!(service.get("depends_on").unwrap().entries()[0].key, "b");
            assert_eq!(service.get("env_file").unwrap().items()[0].raw, ".env");
        });
    }
}

#[test]
fn places_within_list_entries_are_exact() {
    let text =
        "services:\n  a:\n    image: x\n    environment:\n      - KEY=value\n      - \"Q=quoted\"\n      - 'E=it''s'\n";
    document(text, |document, _, text| {
        let environment = service(document, "a").get("environment").unwrap();
        let shown: Vec<_> =
            environment.entries().iter().map(|one| (&text[one.key_at.range()], &text[one.at.range()])).collect();
        // A text with escapes has no exact places within.
        assert_eq!(shown, [("KEY", "value"), ("Q", "quoted"), ("'E=it''s'", "'E=it''s'")]);
    });
}

#[test]
fn merge_keys_and_anchors_are_resolved() {
    let text = "x-a: &a\n  restart: always\n  image: old\nservices:\n  a:\n    <<: *a\n    image: new\n  b: *a\n";
    document(text, |document, _, _| {
        assert_eq!(service(document, "a").get("image").unwrap().raw, "new");
        assert_eq!(service(document, "a").get("restart").unwrap().raw, "always");
        assert_eq!(service(document, "b").get("image").unwrap().raw, "old");
    });
}

#[test]
fn what_is_no_service_is_told() {
    document("services:\n  a: text\n  b:\n    image: x\n  c:\n", |document, gaps, text| {
        let told: Vec<&str> = gaps.iter().map(|gap| &text[gap.span.range()]).collect();
        assert_eq!(told, ["a", "c"]);
        assert!(matches!(&gaps[0].reason, Reason::Syntax(why) if why.contains("no mapping")));
        assert_eq!(document.parts[0].entries().len(), 1);
    });
}

#[test]
fn an_entry_written_twice_counts_once() {
    document("services:\n  a:\n    environment: [A=1, A=2]\n", |document, _, _| {
        assert_eq!(pairs(service(document, "a").get("environment").unwrap()), [("A", "2")]);
    });
}

#[test]
fn null_is_not_there() {
    document("services:\n  a:\n    image: x\n    ports:\n", |document, _, _| {
        let service = service(document, "a");
        assert!(service.get("ports").is_none());
        assert!(service.entries().iter().any(|entry| entry.key == "ports" && entry.form == Form::Null));
    });
}

fn wrong(text: &str) -> Vec<String> {
    let source = source(text);
    let facts = Compose.inspect(&source).facts;
    let shown = |fact: &Fact<'_>| {
        let text = |field: &str| fact.record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{} ({})", text("path"), text("instead"))
    };
    facts.iter().filter(|fact| fact.subject().name == "compose.field").map(shown).collect()
}

#[test]
fn unknown_keys_have_proposals() {
    assert_eq!(wrong("services:\n  a:\n    imagee: x\n"), ["services.a.imagee (image)"]);
    assert_eq!(
        wrong("services:\n  a:\n    image: x\n    dockerfile: D\n"),
        ["services.a.dockerfile (build.dockerfile)"]
    );
    assert_eq!(wrong("service:\n  a:\n    image: x\n"), ["service (services)"]);
    assert_eq!(
        wrong("services:\n  a:\n    image: x\n    healthcheck: {tests: x}\n"),
        ["services.a.healthcheck.tests (test)"]
    );
}

#[test]
fn what_the_specification_has_is_not_told() {
    let text = "name: a\nx-b: {}\nservices:\n  a:\n    image: 1.2\n    restart: on-failure:3\n    ports:\n      - {target: 80, published: '80', app_protocol: http}\n    volumes:\n      - {type: image, source: x, target: /y, image: {subpath: a}}\n    depends_on:\n      b: {condition: service_completed_successfully, restart: true, required: false}\n    deploy: {resources: {limits: {memory: 1g}}}\n    provider: {type: x}\n  b:\n    image: x\n    restart: no\nvolumes:\n  v:\n    driver_opts: {}\n";
    assert!(wrong(text).is_empty(), "{:?}", wrong(text));
}

#[test]
fn broken_text_is_a_problem_and_a_fact() {
    let source = source("services:\n  a: [\n");
    let inspection = Compose.inspect(&source);
    assert_eq!(inspection.problems.len(), 1);
    let file = inspection.facts.iter().find(|fact| fact.subject().name == "compose.file").unwrap();
    assert_eq!(file.record.get("is_yaml").and_then(Value::as_bool), Some(false));
}

#[test]
fn a_template_is_left_to_its_tool() {
    let source = source("services:\n{% for a in b %}\n  a:\n    image: x\n{% endfor %}\n");
    let inspection = Compose.inspect(&source);
    assert!(inspection.facts.is_empty());
    assert!(matches!(&inspection.problems[..], [Problem { reason: Reason::Template(_), .. }]));
}
