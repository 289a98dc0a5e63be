//! Fixes: every rule that has one keeps what it promises, whatever the line breaks; and the program mends files as it
//! says.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use seaworthy::rule::Rule;
use seaworthy::rule::example::{Bench, mended, moment, sources};
use seaworthy::rule::load::{Loaded, folder};
use seaworthy::source::Source;
use seaworthy::{detect, fix, inspect, relate};

/// Every built-in rule with a fix.
fn rules() -> Vec<Loaded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let mut rules: Vec<Loaded> = folders.flat_map(|path| folder(&path).unwrap()).collect();
    rules.retain(|rule| rule.file.edit.is_some());
    rules
}

fn texts(sources: &[Source]) -> Vec<String> {
    sources.iter().map(|source| source.text().to_owned()).collect()
}

/// The rule on line breaks themselves: its examples mean nothing with others.
const CARRIAGE_RETURN: &str = "env/carriage-return";

#[test]
fn fixes_hold_whatever_the_line_breaks() {
    let rules = rules();
    assert!(rules.len() > 20, "{} rules with a fix", rules.len());
    let mut wrong = Vec::new();
    for loaded in &rules {
        let inspector = loaded.id.split('/').next().and_then(inspect::by_name).unwrap();
        let bench =
            Bench { usual_name: inspector.usual_name(), fill: &|text| detect::fill(text, &loaded.file.formats) };
        for example in &loaded.file.examples.fails {
            let rule =
                Rule::compile(&loaded.id, &loaded.file, &relate::subjects(), &|name| example.params.get(name).cloned());
            let (rule, now) = (rule.unwrap(), moment(example));
            let plain = match mended(&rule, sources(example, &bench).0, now) {
                Ok(plain) => plain,
                Err(why) => {
                    wrong.push(format!("{}: {}: {why}", loaded.id, example.name));
                    continue;
                }
            };
            // Mended once, there is nothing left to mend.
            let again =
                mended(&rule, plain.iter().map(|one| fix::with_text(one, one.text().to_owned())).collect(), now);
            if again.as_deref().map(texts) != Ok(texts(&plain)) {
                wrong.push(format!("{}: {}: a second time changes something", loaded.id, example.name));
            }
            let crlf = |one: &Source| fix::with_text(one, one.text().replace('\n', "\r\n"));
            let windows = mended(&rule, sources(example, &bench).0.iter().map(crlf).collect(), now);
            // A file without a line break does not say how it breaks lines.
            let breaks = plain.iter().any(|one| one.text().trim_end().contains('\n')) && loaded.id != CARRIAGE_RETURN;
            let expected: Vec<String> = plain.iter().map(|one| one.text().replace('\n', "\r\n")).collect();
            if breaks && windows.as_deref().map(texts) != Ok(expected) {
                let got = windows.map(|after| texts(&after));
                wrong.push(format!("{}: {}: with CRLF: {got:?}", loaded.id, example.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A folder of its own, with files in it.
fn place(name: &str, files: &[(&str, &[u8])]) -> std::path::PathBuf {
    // Outside of any repository: paths start at the folder itself.
    let place = std::env::temp_dir().join(format!("seaworthy-fixes-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&place);
    for (path, bytes) in files {
        fs::create_dir_all(place.join(path).parent().unwrap()).unwrap();
        fs::write(place.join(path), bytes).unwrap();
    }
    place
}

fn check(place: &Path, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.current_dir(place).arg("check").args(flags).args(["--now", "2026-11-21", "--no-config"]);
    command.output().unwrap()
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const OLD: &[u8] = b"\xEF\xBB\xBF# keep  me\r\nFROM alpine:3.24\r\nMAINTAINER someone\r\nRUN  echo hi";

#[test]
fn files_are_mended_once_and_keep_the_rest() {
    let place = place("once", &[("Dockerfile", OLD)]);
    let output = check(&place, &["--fix", "-q"]);
    assert!(said(&output.stderr).contains("1 finding mended in 1 file"), "{}", said(&output.stderr));
    let once = fs::read(place.join("Dockerfile")).unwrap();
    let label =
        "\u{feff}# keep  me\r\nFROM alpine:3.24\r\nLABEL org.opencontainers.image.authors=\"someone\"\r\nRUN  echo hi";
    assert_eq!(said(&once), label);
    let output = check(&place, &["--fix", "-q"]);
    assert!(said(&output.stderr).contains("nothing mended"), "{}", said(&output.stderr));
    assert_eq!(fs::read(place.join("Dockerfile")).unwrap(), once);
}

#[test]
fn a_rehearsal_prints_a_patch_and_writes_nothing() {
    let place = place("rehearsal", &[("a/Dockerfile", OLD)]);
    let output = check(&place, &["--dry-run"]);
    assert_eq!(fs::read(place.join("a/Dockerfile")).unwrap(), OLD);
    let patch = said(&output.stdout);
    assert!(patch.starts_with("diff --git a/a/Dockerfile b/a/Dockerfile\n--- a/a/Dockerfile\n"), "{patch}");
    assert!(patch.contains("\n-MAINTAINER someone\r\n+LABEL "), "{patch}");
    assert!(patch.ends_with(" RUN  echo hi\n\\ No newline at end of file\n"), "{patch}");
}

#[test]
fn what_was_accepted_or_is_not_ones_own_stays() {
    let waived = b"FROM alpine:3.24\n# hadolint ignore=DL4000\nMAINTAINER someone\n";
    let generated = b"# Code generated by x. DO NOT EDIT.\nFROM alpine:3.24\nMAINTAINER someone\n";
    let broken = b"FROM alpine:3.24\nMAINTAINER someone\nRUNN true\n";
    let files: [(&str, &[u8]); 4] =
        [("a/Dockerfile", waived), ("b/Dockerfile", generated), ("c/Dockerfile", broken), ("vendor/d/Dockerfile", OLD)];
    let place = place("accepted", &files);
    let output = check(&place, &["--fix", "-q"]);
    for (path, bytes) in files {
        assert_eq!(said(&fs::read(place.join(path)).unwrap()), said(bytes), "{path}");
    }
    assert!(
        said(&output.stderr).contains("c/Dockerfile: the file cannot be read whole: dockerfile/maintainer-deprecated"),
        "{}",
        said(&output.stderr)
    );
}

#[test]
fn unsafe_fixes_wait_to_be_asked_for() {
    let text = b"FROM debian:13\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n";
    let place = place("unsafe", &[("Dockerfile", text)]);
    let only = ["--only", "dockerfile/apt-recommends"];
    let output = check(&place, &[&only[..], &["--fix", "-q"]].concat());
    assert_eq!(fs::read(place.join("Dockerfile")).unwrap(), text);
    assert!(said(&output.stderr).contains("1 more with --unsafe-fixes"), "{}", said(&output.stderr));
    check(&place, &[&only[..], &["--fix", "--unsafe-fixes"]].concat());
    assert!(said(&fs::read(place.join("Dockerfile")).unwrap()).contains("install --no-install-recommends -y curl"));
    let alone = check(&place, &["--unsafe-fixes"]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(said(&alone.stderr).contains("add `--fix`"), "{}", said(&alone.stderr));
}

#[test]
fn reports_carry_the_edits() {
    let place = place("reports", &[("Dockerfile", OLD)]);
    let json: serde_json::Value = serde_json::from_slice(&check(&place, &["-f", "json"]).stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["rule"] == "dockerfile/maintainer-deprecated").unwrap();
    assert_eq!(found["fix"]["safety"], "safe");
    let edit = &found["fix"]["edits"][0];
    assert_eq!((&edit["location"]["line"], &edit["location"]["end_column"]), (&3.into(), &19.into()));
    assert_eq!(edit["text"], "LABEL org.opencontainers.image.authors=\"someone\"");
    let sarif: serde_json::Value = serde_json::from_slice(&check(&place, &["-f", "sarif"]).stdout).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let change = results.iter().find_map(|one| one.pointer("/fixes/0/artifactChanges/0")).unwrap();
    assert_eq!(change["artifactLocation"]["uri"], "Dockerfile");
    assert_eq!(change["replacements"][0]["deletedRegion"]["startLine"], 3);
    assert!(said(&check(&place, &[]).stdout).contains("1 finding can be mended with --fix"));
}
