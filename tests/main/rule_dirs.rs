//! `--rule-dir`: rules of the user's count like the built-in ones, and their mistakes are told at their places.

use std::fs;
use std::process::{Command, Output};

/// Judges one file by the rules of one folder.
fn check(rule: &str, text: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    fs::create_dir_all(at("rules/own")).unwrap();
    fs::create_dir_all(at("service")).unwrap();
    fs::write(at("rules/own/token.yaml"), rule).unwrap();
    fs::write(at("service/values.yaml"), text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_seaworthy"))
        .args(["check", "service", "--rule-dir", "rules/own", "--format", "json", "--now", "2026-11-21"])
        .current_dir(folder.path())
        .output()
        .unwrap()
}

const RULE: &str = "\
title: ACME token
severity: high
category: security
subject: secrets.value
message: a token of ACME
formats:
  - name: acme-token
    shape: \"acme_{alnum:24}\"
why: It opens ACME.
fix: Revoke it.
";

#[test]
fn formats_of_the_users_rules_are_found_and_masked() {
    let output = check(RULE, "notes: acme_Zk39dlQpx71mVbn4RtYwUe2A\n");
    let text = String::from_utf8(output.stdout).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["rule"].as_str()).collect();
    assert_eq!(found, ["own/token"]);
    assert_eq!(report["findings"][0]["location"]["column"], 8, "{text}");
    assert!(!text.contains("tYwUe2A"), "{text}");
}

#[test]
fn a_rule_that_does_not_compile_is_told_with_its_line() {
    for (wrong, right, told) in [
        ("{alnmu:24}", "{alnum:24}", "token.yaml:7:3: format `acme-token`: `alnmu` is no charset"),
        ("subject: secrets.valeu", "subject: secrets.value", "token.yaml:4:10"),
        ("message: \"{value.nmae}\"", "message: a token of ACME", "token.yaml:5:"),
    ] {
        let output = check(&RULE.replace(right, wrong), "a: 1\n");
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(told), "{wrong}: {text}");
    }
}
