//! Policies, waivers, attestations and environment files that are broken: all mistakes are told, with their places;
//! nothing passes, nothing is executed.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser as _;
use seaworthy::checklist::State;
use seaworthy::cli::{Cli, Command};
use seaworthy::report::Report;
use seaworthy::settings::{Settings, show};

const NOW: &str = "2026-11-21T00:00:00Z";

fn settings(folder: &Path, more: &[&str]) -> Result<Settings, String> {
    let args = ["seaworthy", "check", folder.to_str().unwrap()].into_iter().chain(more.iter().copied());
    let Command::Check(args) = Cli::try_parse_from(args).unwrap().command else { panic!("`check` was given") };
    Settings::new(&args, NOW.parse().unwrap()).map_err(|error| format!("{:?}", miette::Report::new(error)))
}

fn judge(folder: &Path, more: &[&str]) -> Result<Report, String> {
    seaworthy::run(&settings(folder, more)?).map_err(|error| error.to_string())
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files.iter().chain(&[("Dockerfile", "FROM node:24.1\n")]) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Whether every word stands in `told`, whatever the lines that it was broken into.
fn holds(told: &str, words: &[&str]) {
    let flat: String = told.chars().filter(|c| !c.is_whitespace() && *c != '│').collect();
    for word in words {
        let word: String = word.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(flat.contains(&word), "{word}\n{told}");
    }
}

const TEN: &str = "schema: seaworthy/policy/2
extends: [builtin:recommnded]
rules:
  kubernetes/privilegd: off
  dockerfile/image-untagged: sometimes
gate: {fail-on: severe, min-scor: 70}
waivers: nowhere.yaml
roles: {\"tools/**\": tolls}
commands: {slow: {run: []}}
checklist: {items: [{id: a, title: A thing, phase: pre, valid-for: 3w}]}
";

const TEN_TOML: &str = "schema = \"seaworthy/policy/2\"
extends = [\"builtin:recommnded\"]
waivers = \"nowhere.yaml\"
roles = {\"tools/**\" = \"tolls\"}
gate = {fail-on = \"severe\", min-scor = 70}
commands = {slow = {run = []}}
checklist = {items = [{id = \"a\", title = \"A thing\", phase = \"pre\", valid-for = \"3w\"}]}
[rules]
\"kubernetes/privilegd\" = \"off\"
\"dockerfile/image-untagged\" = \"sometimes\"
";

/// What is said of each of the ten.
const SAID: [&str; 10] = [
    "not a policy of the schema",
    "there is no built-in policy `recommnded`",
    "`kubernetes/privilegd` selects no rule",
    "sometimes",
    "severe",
    "min-scor",
    "`nowhere.yaml` does not exist",
    "tolls",
    "the command `slow` names no program",
    "`3w` is no time",
];

#[test]
fn ten_mistakes_are_told_at_once_each_at_its_place() {
    let told = settings(folder(&[("seaworthy.yaml", TEN)]).path(), &[]).unwrap_err();
    holds(&told, &SAID);
    holds(&told, &["did you mean `builtin:recommended`?", "did you mean `kubernetes/privileged`?"]);
    for line in [1, 2, 4, 5, 6, 7, 8, 9, 10] {
        assert!(
            told.contains(&format!("seaworthy.yaml:{line}:"))
                || told.lines().any(|text| text.trim_start().starts_with(&format!("{line} │"))),
            "line {line}\n{told}"
        );
    }
    let toml = settings(folder(&[("seaworthy.toml", TEN_TOML)]).path(), &[]).unwrap_err();
    holds(&toml, &SAID);
    for line in 1..=10 {
        let shown = toml.lines().any(|text| text.trim_start().starts_with(&format!("{line} │")));
        assert!(line == 8 || shown, "line {line}\n{toml}");
    }
}

#[test]
fn a_policy_in_toml_says_the_same_as_in_yaml() {
    let yaml = "schema: seaworthy/policy/1
extends: [builtin:production]
inputs: {include: [\"deploy/**\", Dockerfile], exclude: [\"**/testdata/**\"]}
rules:
  kubernetes/replicas-single: {severity: low, params: {minimum: 3}}
  DL3018: off
  tag:pss-restricted: on
overrides: [{paths: [\"tools/**\"], rules: {\"*\": off}}]
roles: {\"deploy/dev/**\": development}
environments:
  production:
    gate: {fail-on: medium, max-unknown: 0}
    variables: {DATABASE_URL: {type: url, schemes: [postgresql], required: true}}
people: {sre: [ana@x.example]}
commands: {reachable: {run: [\"true\"], timeout: 5}}
checklist:
  extends: builtin:pre-deployment
  items:
    - {id: own, title: Our own, phase: pre, required: [production], quorum: 2, command: reachable, valid-for: 12h}
gate: {fail-on: high, min-score: 70, max-waiver-days: 180}
";
    let toml = "schema = \"seaworthy/policy/1\"
extends = [\"builtin:production\"]
inputs = {include = [\"deploy/**\", \"Dockerfile\"], exclude = [\"**/testdata/**\"]}
roles = {\"deploy/dev/**\" = \"development\"}
people = {sre = [\"ana@x.example\"]}
gate = {fail-on = \"high\", min-score = 70, max-waiver-days = 180}
[rules]
\"kubernetes/replicas-single\" = {severity = \"low\", params = {minimum = 3}}
DL3018 = \"off\"
\"tag:pss-restricted\" = true
[[overrides]]
paths = [\"tools/**\"]
rules = {\"*\" = false}
[environments.production.gate]
fail-on = \"medium\"
max-unknown = 0
[environments.production.variables.DATABASE_URL]
type = \"url\"
schemes = [\"postgresql\"]
required = true
[commands.reachable]
run = [\"true\"]
timeout = 5
[checklist]
extends = \"builtin:pre-deployment\"
[[checklist.items]]
id = \"own\"
title = \"Our own\"
phase = \"pre\"
required = [\"production\"]
quorum = 2
command = \"reachable\"
valid-for = \"12h\"
";
    let page = |name: &str, text: &str, more: &[&str]| {
        let folder = folder(&[(name, text)]);
        let settings = settings(folder.path(), more).unwrap();
        let asked: Vec<String> = settings.questions.iter().map(|question| question.digest()).collect();
        let page = show::page(&settings);
        // The last column is the place.
        let rows = page.lines().map(|line| line.rsplit_once("  ").map_or(line, |(row, _)| row.trim_end()).to_owned());
        let places: Vec<String> = page.lines().filter_map(|line| Some(line.rsplit_once("  ")?.1.to_owned())).collect();
        (rows.collect::<Vec<_>>(), asked, places, format!("{:?}", settings.policy.gate.min_score.map(|one| one.value)))
    };
    // Where `70` stands in a text.
    let place = |name: &str, text: &str| {
        let (nth, line) = text.lines().enumerate().find(|(_, line)| line.contains("min-score")).unwrap();
        format!("{name}:{}:{}", nth + 1, line.find("70").unwrap() + 1)
    };
    let wanted = [place("seaworthy.yaml", yaml), place("seaworthy.toml", toml)];
    for more in [&[][..], &["--env", "production"]] {
        let (yaml, toml) = (page("seaworthy.yaml", yaml, more), page("seaworthy.toml", toml, more));
        assert_eq!((&yaml.0, &yaml.1, &yaml.3), (&toml.0, &toml.1, &toml.3));
        assert!(yaml.2.contains(&wanted[0]) && toml.2.contains(&wanted[1]), "{wanted:?}: {:#?}", toml.2);
    }
}

#[test]
fn policies_build_on_one_another_only_within_the_repository_and_never_in_a_circle() {
    let told = |files: &[(&str, &str)]| settings(folder(files).path(), &[]).map(drop).unwrap_err();
    let circle = [
        ("seaworthy.yaml", "extends: [a.yaml]\n"),
        ("a.yaml", "extends: [b.yaml]\n"),
        ("b.yaml", "extends: [./a.yaml]\n"),
    ];
    holds(&told(&circle), &["`./a.yaml` builds on this file: a circle", "b.yaml"]);
    holds(&told(&[("seaworthy.yaml", "extends: [./seaworthy.yaml]\n")]), &["a circle"]);
    for remote in ["https://policies.example/strict.yaml", "git://x.example/a", "file:///etc/passwd"] {
        let policy = format!("extends: [\"{remote}\"]\n");
        holds(&told(&[("seaworthy.yaml", &policy)]), &["builds only on files of the repository"]);
        let items = format!("checklist: {{extends: [\"{remote}\"]}}\n");
        holds(&told(&[("seaworthy.yaml", &items)]), &["builds only on files of the repository"]);
    }
    // The folder above is outside, directly and through a link.
    let outer = folder(&[("outside.yaml", "gate: {fail-on: none}\n"), ("in/Dockerfile", "FROM node:24.1\n")]);
    let inner = outer.path().join("in");
    fs::create_dir_all(inner.join(".git")).unwrap();
    fs::write(inner.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let judged = |text: &str| {
        fs::write(inner.join("seaworthy.yaml"), text).unwrap();
        settings(&inner, &[]).map(drop).unwrap_err()
    };
    holds(
        &judged("extends: [../outside.yaml]\n"),
        &["`../outside.yaml` lies outside of the repository", "seaworthy.yaml"],
    );
    holds(&judged("checklist: {extends: [../outside.yaml]}\n"), &["`../outside.yaml` lies outside of the repository"]);
    holds(&judged("waivers: ../outside.yaml\n"), &["lies outside of the repository"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../outside.yaml", inner.join("link.yaml")).unwrap();
        holds(&judged("extends: [link.yaml]\n"), &["`link.yaml` lies outside of the repository"]);
    }
}

#[test]
fn a_waiver_without_end_waives_nothing_and_is_told() {
    let waiver = "schema: seaworthy/waivers/1\nwaivers:\n  - id: w\n    rule: dockerfile/image-untagged\n    scope: {paths: [Dockerfile]}\n    \
                  owner: a\n    approved-by: b\n    reason: it is pinned somewhere else\n    created: \"2026-11-01\"\n";
    let files = [("seaworthy.yaml", "waivers: waivers.yaml\n"), ("waivers.yaml", waiver)];
    let told = settings(folder(&files).path(), &[]).map(drop).unwrap_err();
    holds(&told, &["expires", "waivers.yaml"]);
    let never = format!("{waiver}    expires: never\n");
    let files = [("seaworthy.yaml", "waivers: waivers.yaml\n"), ("waivers.yaml", never.as_str())];
    holds(&settings(folder(&files).path(), &[]).map(drop).unwrap_err(), &["never", "waivers.yaml"]);
}

/// A folder with two records about the same item.
fn attested() -> (tempfile::TempDir, Vec<std::path::PathBuf>) {
    let policy = "checklist: {items: [{id: tried, title: It was tried, phase: pre, valid-for: 90d}]}\n";
    let folder = folder(&[("seaworthy.yaml", policy)]);
    for (who, day) in [("ana", "2026-11-18"), ("bo", "2026-11-19"), ("cy", "2026-11-20")] {
        let path = folder.path().to_str().unwrap();
        let args =
            ["seaworthy", "attest", "tried", path, "--by", who, "--role", "sre", "--result", "pass", "--now", day];
        seaworthy::command::dispatch(&Cli::try_parse_from(args).unwrap().command).unwrap();
    }
    let list = fs::read_dir(folder.path().join(".seaworthy/attestations")).unwrap();
    let mut files: Vec<_> = list.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    (folder, files)
}

fn state(report: &Report) -> State {
    report.checklist.iter().find(|item| item.id == "tried").unwrap().state
}

#[test]
fn every_altered_byte_of_every_record_is_found() {
    let (folder, files) = attested();
    let clean = judge(folder.path(), &[]).unwrap();
    assert_eq!(state(&clean), State::Pass);
    let told = |report: &Report, rule: &str| report.findings.iter().filter(|one| &*one.rule == rule).count();
    assert_eq!(clean.findings.iter().filter(|one| one.rule.starts_with("policy/attestation")).count(), 0);
    for (nth, file) in files.iter().enumerate() {
        let text = fs::read(file).unwrap();
        for at in (0..text.len()).step_by(37).chain([text.len() - 1]) {
            let mut altered = text.clone();
            altered[at] = if altered[at] == b'0' { b'1' } else { b'0' };
            fs::write(file, &altered).unwrap();
            let report = judge(folder.path(), &[]).unwrap();
            let found: Vec<String> = report
                .findings
                .iter()
                .filter(|one| one.rule.starts_with("policy/attestation"))
                .map(|one| format!("{} {}", one.rule, one.location.path))
                .collect();
            assert!(!found.is_empty(), "byte {at} of record {nth}: {}", String::from_utf8_lossy(&altered));
            // What stands before the altered record still counts, the altered one and what follows it never.
            let counting = report.checklist.iter().find(|item| item.id == "tried").unwrap().records.len();
            assert!(counting <= nth, "byte {at} of record {nth}: {counting} count");
        }
        fs::write(file, [&text[..20], &b"\xff"[..], &text[20..]].concat()).unwrap();
        let report = judge(folder.path(), &[]).unwrap();
        assert!(report.unknown.iter().any(|one| one.path.contains("attestations")), "no text at all is no pass");
        fs::write(file, &text).unwrap();
    }
    let altered = fs::read_to_string(&files[2]).unwrap().replace("\"cy\"", "\"di\"");
    fs::write(&files[2], altered).unwrap();
    let report = judge(folder.path(), &[]).unwrap();
    assert_eq!(told(&report, "policy/attestation-altered"), 1, "the last one too");
    assert_eq!(state(&report), State::Pass, "the two before it still say so");
}

#[test]
fn a_chain_with_a_missing_link_is_told_where_it_breaks() {
    let (folder, files) = attested();
    fs::remove_file(&files[1]).unwrap();
    let report = judge(folder.path(), &[]).unwrap();
    let told: Vec<_> = report.findings.iter().filter(|one| &*one.rule == "policy/attestation-chain-broken").collect();
    assert_eq!(told.len(), 1);
    assert!(folder.path().join(&told[0].location.path).ends_with(files[2].file_name().unwrap()));
    assert!(told[0].message.contains("is missing"), "{}", told[0].message);
    assert_eq!(state(&report), State::Waiting, "nothing vouches for what is left");
}

#[test]
fn by_a_clock_far_in_the_past_nothing_holds() {
    let (folder, files) = attested();
    for now in ["1970-01-01", "0001-01-01T00:00:00Z", "2026-11-17"] {
        let report = judge(folder.path(), &["--now", now]).unwrap();
        assert_eq!(state(&report), State::Waiting, "{now}");
        let early = report.findings.iter().filter(|one| &*one.rule == "policy/attestation-in-the-future").count();
        assert_eq!(early, files.len(), "{now}");
    }
    let late = judge(folder.path(), &["--now", "9998-12-31"]).unwrap();
    assert_eq!(state(&late), State::Waiting);
    assert_eq!(late.findings.iter().filter(|one| &*one.rule == "policy/attestation-expired").count(), 3);
}

#[test]
fn an_environment_file_of_a_hundred_megabytes_is_unknown_and_quick() {
    let folder = folder(&[("seaworthy.yaml", "gate: {max-unknown: 0}\n")]);
    let mut out = std::io::BufWriter::new(fs::File::create(folder.path().join(".env")).unwrap());
    let line = b"SOME_RATHER_LONG_NAME=and-a-value-that-says-nothing-at-all\n".repeat(1024);
    for _ in 0..(100 << 20) / line.len() + 1 {
        out.write_all(&line).unwrap();
    }
    out.flush().unwrap();
    let before = Instant::now();
    let report = judge(folder.path(), &[]).unwrap();
    assert!(before.elapsed() < Duration::from_secs(20), "{:?}", before.elapsed());
    let told: Vec<_> = report.unknown.iter().filter(|one| one.path == ".env").collect();
    assert!(!told.is_empty(), "{:?}", report.unknown);
    assert_eq!(report.verdict.result, seaworthy::checklist::Decision::Incomplete);
}

#[test]
fn mistakes_in_people_keys_and_commands_are_told_with_their_places() {
    let policy = "commands:\n  reachable: {run: [curl, -f, x], timeout: 0}\n  empty: {run: [\"\"]}\nchecklist:\n  items:\n    \
                  - {id: a, title: A, phase: pre, command: reachabel}\n    - {id: b, title: B, phase: pre, signature: gpg}\n";
    let told = settings(folder(&[("seaworthy.yaml", policy)]).path(), &[]).map(drop).unwrap_err();
    holds(&told, &["number of seconds from 1 to 3600", "`empty` names no program", "did you mean `reachable`?", "gpg"]);
}
