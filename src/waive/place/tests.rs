use super::*;
use crate::fact::Role;
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn placed(path: &str, text: &str) -> Vec<(String, String)> {
    let source = Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text);
    comments(&source, markers(source.text()))
        .into_iter()
        .map(|one| {
            let covers = one.covers.start.min(text.len())..one.covers.end.min(text.len());
            let words = one.directive.names.iter().map(|name| name.word.clone()).collect::<Vec<_>>().join(" ");
            (words, text[covers].to_owned())
        })
        .collect()
}

fn covers(path: &str, text: &str) -> Vec<String> {
    placed(path, text).into_iter().map(|(_, covers)| covers).collect()
}

const NOTE: &str = "# seaworthy: ignore[a/b] reason=\"because of it\" until=2027-01-01";

#[test]
fn an_instruction_with_its_continuation_lines() {
    let text = format!("FROM a\n{NOTE}\nRUN x \\\n    y\nUSER 1\n");
    assert_eq!(covers("Dockerfile", &text), ["RUN x \\\n    y\n"]);
    let inside = format!("RUN x && \\\n    {NOTE}\n    y && \\\n    z\n");
    assert_eq!(covers("Dockerfile", &inside), ["    y && \\\n"]);
    assert_eq!(covers("Dockerfile", &format!("FROM a\n{NOTE}\n")), [""]);
    assert_eq!(covers("Dockerfile", &format!("FROM a {NOTE}\n")), Vec::<String>::new(), "not a comment there");
}

#[test]
fn an_entry_with_its_block_and_an_item() {
    let block = "b:\n  c:\n    d: 1\n  e: 2\n";
    assert_eq!(covers("a.yaml", &format!("a: 1\n{NOTE}\n{block}f: 3\n")), [block]);
    assert_eq!(covers("a.yaml", &format!("a: 1 {NOTE}\nb: 2\n")), [format!("a: 1 {NOTE}\n")]);
    let nested = format!("b: {NOTE}\n  c: 1\n  d: 2\ne: 3\n");
    assert_eq!(covers("a.yaml", &nested), [format!("b: {NOTE}\n  c: 1\n  d: 2\n")]);
    let items = format!("l:\n  {NOTE}\n  - name: x\n    y: 1\n  - name: z\n");
    assert_eq!(covers("a.yaml", &items), ["  - name: x\n    y: 1\n"]);
    let item = format!("l:\n  - name: x {NOTE}\n    y: 1\n  - name: z\n");
    assert_eq!(covers("a.yaml", &item), [format!("  - name: x {NOTE}\n    y: 1\n")]);
    assert_eq!(covers("a.toml", &format!("{NOTE}\na = 1\nb = 2\n")), ["a = 1\n"]);
}

#[test]
fn lines_where_no_reader_knows_the_format() {
    assert_eq!(covers(".env", &format!("A=1\n\n{NOTE}\n\n# x\nB=2\nC=3\n")), ["B=2\n"]);
    assert_eq!(covers("a.js", &format!("let a = 1; //{}\n", &NOTE[1..])), [format!("let a = 1; //{}\n", &NOTE[1..])]);
    assert!(covers("a.js", &format!("let a = \"{NOTE}\";\n")).is_empty(), "in quotes it is no comment");
    assert!(covers("a.md", &format!("    {NOTE}\n    FROM x\n")).is_empty(), "in prose it is an example");
    assert_eq!(
        covers(".env", "A=1\n# dotenv-linter:off X\nB=2\n# dotenv-linter:on X\nC=3\n"),
        ["# dotenv-linter:off X\nB=2\n# "]
    );
    assert_eq!(covers("a.js", "k = 'x'; // gitleaks:allow\nb\n"), ["k = 'x'; // gitleaks:allow\n"]);
    assert_eq!(covers("a.json", "{\"k\": \"gitleaks:allow\"}\n").len(), 1);
}

#[test]
fn every_place_in_a_dockerfile() {
    let two = "FROM a\nEXPOSE 1\nFROM b\nEXPOSE 2\n";
    assert_eq!(
        covers("Dockerfile", &format!("# hadolint stage ignore=DL3011\n{two}")),
        ["FROM a\nEXPOSE 1\n"],
        "the stage that begins below"
    );
    assert_eq!(
        covers("Dockerfile", "FROM a\n# hadolint stage ignore=DL3011\nEXPOSE 1\nFROM b\n"),
        ["FROM a\nEXPOSE 1\n".replace("EXPOSE", "# hadolint stage ignore=DL3011\nEXPOSE")]
    );
    let global = format!("# hadolint global ignore=DL3011\n{two}");
    assert_eq!(covers("Dockerfile", &global), [global.as_str()]);
    let top = format!("# check=skip=A,B;error=true\n{two}");
    assert_eq!(placed("Dockerfile", &top), [("A B".to_owned(), top.clone())]);
    assert_eq!(
        placed("Dockerfile", "FROM a\n# check=skip=A\nEXPOSE 1\nEXPOSE 2\n"),
        [("A".to_owned(), "EXPOSE 1\n".to_owned())],
        "above one instruction"
    );
    let here = "RUN <<EOF\n  # hadolint ignore=DL3004\n  sudo a\n  sudo b\nEOF\n";
    assert_eq!(covers("Dockerfile", &format!("FROM a\n{here}")), ["  sudo a\n"], "in a heredoc");
    let around = format!("# hadolint ignore=DL3004\n{}", here.replace("  # hadolint ignore=DL3004\n", ""));
    assert_eq!(covers("Dockerfile", &format!("FROM a\n{around}")), [&around["# hadolint ignore=DL3004\n".len()..]]);
    let both = "FROM a\n# hadolint ignore=DL3001\n# tally ignore=hadolint/DL3002;reason=x\n\n# words\n# trivy:ignore:AVD-DS-0002\nUSER root\n";
    assert_eq!(covers("Dockerfile", both), ["USER root\n"; 3], "several in a row, blank lines and words between");
}

#[test]
fn what_is_meant_as_a_directive_and_is_none() {
    let mistakes =
        |text: &str| -> Vec<bool> { directive::read(text).into_iter().map(|one| one.mistake.is_some()).collect() };
    for wrong in
        ["# hadolint ignore DL3008", "# hadolint: ignore=DL3008", "# hadolint ignore: DL3008,DL3009", "# check=skp=A"]
    {
        assert_eq!(mistakes(wrong), [true], "{wrong}");
    }
    for right in [
        "# hadolint ignore=DL3008",
        "# hadolint ignore = DL3008 # why",
        "# tally global ignore=x/y;reason=z",
        "# check=skip=all",
    ] {
        assert_eq!(mistakes(right), [false], "{right}");
    }
    for words in ["# hadolint ignores what it cannot read", "# we tried hadolint, see DL3008", "# check=none of it"] {
        assert!(mistakes(words).is_empty() || words.contains("check"), "{words}");
    }
}

#[test]
fn any_bytes_are_read_without_a_panic() {
    let words = [
        "seaworthy: ignore[",
        "]",
        "reason=\"",
        "until=",
        "ä",
        "\r\n",
        "# ",
        "check=",
        "trivy:ignore:",
        ",",
        "exp:2",
        "\0",
        "«",
        "- ",
        ": ",
    ];
    let mut state = 7_u64;
    for path in ["Dockerfile", "a.yaml", "a.toml", ".env", "a.json"] {
        for _ in 0..400 {
            let mut text = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text += words[(state >> 33) as usize % words.len()];
            }
            for one in placed(path, &text) {
                assert!(one.0.len() <= text.len());
            }
        }
    }
}
