//! Accepting findings, and judging against another commit: in temporary folders, through `seaworthy::run`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use seaworthy::cli::{Cli, Command as Sub};
use seaworthy::error::Error;
use seaworthy::finding::Status;
use seaworthy::report::Report;
use seaworthy::settings::Settings;

const NOW: &str = "2026-11-21T00:00:00Z";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    /// A repository with one commit.
    fn repository(files: &[(&str, &str)]) -> Self {
        let folder = Self::new(files);
        folder.git(&["init", "-q", "-b", "main"]);
        folder.commit();
        folder
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("written");
    }

    fn git(&self, args: &[&str]) {
        git(self.0.path(), args);
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x", "--allow-empty"]);
    }

    fn run(&self, args: &[&str]) -> Result<Report, Error> {
        run(self.0.path(), args)
    }

    fn report(&self, args: &[&str]) -> Report {
        self.run(args).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Statuses of the findings of one rule, in order.
    fn statuses(&self, rule: &str, args: &[&str]) -> Vec<String> {
        let report = self.report(args);
        report.findings.iter().filter(|one| &*one.rule == rule).map(|one| word(&one.status)).collect()
    }

    fn rules(&self, args: &[&str]) -> Vec<String> {
        self.report(args).findings.iter().map(|one| one.rule.to_string()).collect()
    }
}

fn git(folder: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").arg("-C").arg(folder).args(identity).args(args).output().expect("git runs");
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn run(folder: &Path, args: &[&str]) -> Result<Report, Error> {
    let folder = folder.to_str().expect("UTF-8");
    let line = ["seaworthy", "check", folder, "--now", NOW].into_iter().chain(args.iter().copied());
    let Sub::Check(args) = Cli::try_parse_from(line).unwrap_or_else(|told| panic!("{told}")).command else {
        panic!("not a check")
    };
    seaworthy::run(&Settings::new(&args, NOW.parse().expect("a time"))?)
}

fn word(status: &Status) -> String {
    match status {
        Status::Open => "open".to_owned(),
        Status::Waived(waiver) => format!("waived by {}", waiver.by),
        Status::Baseline => "baseline".to_owned(),
    }
}

const UNTAGGED: &str = "dockerfile/image-untagged";
const IGNORE: &str = "# seaworthy: ignore[dockerfile/image-untagged] reason=\"shown in a demo\" until=2027-01-01\n";

fn waiver(expires: &str, more: &str) -> String {
    format!(
        "waivers:\n  - id: w1\n    rule: dockerfile/image-untagged\n    scope: {{paths: [Dockerfile]}}\n    owner: team\n    \
         approved-by: lead\n    reason: replaced in the next release\n    created: \"2026-11-01\"\n    expires: \"{expires}\"\n{more}"
    )
}

#[test]
fn a_comment_covers_the_next_instruction_and_no_other() {
    let text = format!("{IGNORE}FROM node AS a\nFROM redis AS b\n");
    let policy = "rules: {dockerfile/image-untagged: high}\n";
    let folder = Folder::new(&[("Dockerfile", &text), ("seaworthy.yaml", policy)]);
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["waived by inline", "open"]);
    let report = folder.report(&[]);
    let tally = report.tallies.iter().find(|tally| &*tally.rule == UNTAGGED).expect("it judged");
    assert_eq!((tally.fail, tally.waived), (1, 1));
    assert!(report.score.unwaived < report.score.value, "{:?}", report.score);
    let waived = report.findings.iter().find(|one| matches!(one.status, Status::Waived(_))).expect("one");
    assert_eq!(waived.points, 0);
}

#[test]
fn what_is_expired_or_incomplete_waives_nothing_and_is_told() {
    for (comment, rule) in [
        ("# seaworthy: ignore[DL3006] reason=\"shown in a demo\" until=2026-01-01", "policy/suppression-expired"),
        ("# seaworthy: ignore[DL3006] reason=\"shown in a demo\"", "policy/suppression-malformed"),
        ("# seaworthy: ignore[DL3006] until=2027-01-01", "policy/suppression-malformed"),
        ("# seaworthy: ignore DL3006", "policy/suppression-malformed"),
        ("# seaworthy: ignore[DL3006", "policy/suppression-malformed"),
        ("# seaworthy: ignore[DL30O6] reason=\"shown in a demo\" until=2027-01-01", "policy/suppression-rule-unknown"),
        ("# seaworthy: ignore[DL3006] reason=\"shown in a demo\" until=2036-01-01", "policy/suppression-too-long"),
    ] {
        let folder = Folder::new(&[("Dockerfile", &format!("{comment}\nFROM node\n"))]);
        assert_eq!(folder.statuses(UNTAGGED, &[]), ["open"], "{comment}");
        assert!(folder.rules(&[]).iter().any(|one| one == rule), "{comment}: {:?}", folder.rules(&[]));
    }
}

#[test]
fn peers_words_count_in_dockerfiles() {
    for (text, by) in [
        ("# hadolint ignore=DL3006\nFROM node\n", "hadolint"),
        ("# hadolint ignore=SC2046, DL3006\nFROM node\n", "hadolint"),
        ("# hadolint global ignore=DL3006\n\nFROM node\n", "hadolint"),
        ("FROM scratch AS a\n# tally ignore=hadolint/DL3006\nFROM node\n", "tally"),
        ("FROM node\n# checkov:skip=CKV_DOCKER_7: pinned elsewhere\n", "checkov"),
        ("# trivy:ignore:AVD-DS-0001\nFROM node\n", "trivy"),
        ("# kics-scan ignore\nFROM node\n", "kics"),
    ] {
        let folder = Folder::new(&[("Dockerfile", text)]);
        assert_eq!(folder.statuses(UNTAGGED, &[]), [format!("waived by {by}")], "{text}");
    }
    let expired = Folder::new(&[("Dockerfile", "# trivy:ignore:DS-0001:exp:2025-01-01\nFROM node\n")]);
    assert_eq!(expired.statuses(UNTAGGED, &[]), ["open"]);
}

#[test]
fn buildkits_skips_count_at_the_top_and_right_above_an_instruction() {
    let casing = "dockerfile/stage-name-uppercase";
    let skip = |head: &str| Folder::new(&[("Dockerfile", &format!("{head}FROM node:24.1 AS Base\nFROM Base\n"))]);
    let known = skip("").rules(&["--only", "StageNameCasing"]);
    assert!(!known.is_empty(), "a rule bears the alias StageNameCasing");
    let statuses = |head: &str| -> Vec<String> {
        skip(head).report(&["--only", "StageNameCasing"]).findings.iter().map(|one| word(&one.status)).collect()
    };
    let waived = vec!["waived by buildkit".to_owned(); known.len()];
    assert_eq!(statuses("# check=skip=StageNameCasing\n"), waived, "{casing}");
    assert_eq!(statuses("# check=skip=JSONArgsRecommended,StageNameCasing;error=true\n"), waived);
    assert_eq!(statuses("# check=skip=all\n"), waived);
    // Further down it counts for the instruction right below it only.
    assert_eq!(
        statuses("ARG A=1\n# check=skip=StageNameCasing\n").first().map(String::as_str),
        Some("waived by buildkit")
    );
    assert!(statuses("\n# check=skip=StageNameCasing\nARG A=1\n").iter().all(|status| status == "open"));
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\nspec:\n  containers:\n    - name: c\n      image: a:1\n      securityContext:\n        privileged: true\n";

#[test]
fn in_yaml_a_comment_covers_an_entry_an_item_or_the_object() {
    let rule = "kubernetes/privileged";
    assert_eq!(Folder::new(&[("pod.yaml", POD)]).statuses(rule, &[]), ["open"]);
    let note = "# seaworthy: ignore[kubernetes/privileged] reason=\"a driver of ours\" until=2027-01-01";
    for (from, to) in [
        ("privileged: true\n", format!("privileged: true  {note}\n")),
        ("        privileged: true\n", format!("        {note}\n        privileged: true\n")),
        ("      securityContext:\n", format!("      securityContext:  {note}\n")),
        ("    - name: c\n", format!("    {note}\n    - name: c\n")),
        ("spec:\n", format!("{note}\nspec:\n")),
        (
            "  name: x\n",
            "  name: x\n  annotations: {ignore-check.kube-linter.io/privileged-container: a driver}\n".into(),
        ),
        (
            "  name: x\n",
            "  name: x\n  annotations:\n    kube-score/ignore: container-security-context-privileged\n".into(),
        ),
        ("  name: x\n", "  name: x\n  annotations: {polaris.fairwinds.com/runAsPrivileged-exempt: \"true\"}\n".into()),
    ] {
        let folder = Folder::new(&[("pod.yaml", &POD.replace(from, &to))]);
        let statuses = folder.statuses(rule, &[]);
        assert!(statuses.len() == 1 && statuses[0].starts_with("waived"), "{to}: {statuses:?}");
    }
    for (from, to) in [
        ("  name: x\n", format!("  name: x  {note}\n")),
        ("      image: a:1\n", format!("      {note}\n      image: a:1\n")),
        ("  name: x\n", "  name: x\n  annotations: {polaris.fairwinds.com/runAsPrivileged-exempt: \"false\"}\n".into()),
    ] {
        let folder = Folder::new(&[("pod.yaml", &POD.replace(from, &to))]);
        assert_eq!(folder.statuses(rule, &[]), ["open"], "{to}");
    }
}

#[test]
fn a_waiver_file_waives_until_its_day() {
    let policy = ("seaworthy.yaml", "schema: seaworthy/policy/1\nwaivers: waivers.yaml\n");
    let folder = Folder::new(&[("Dockerfile", "FROM node\n"), policy, ("waivers.yaml", &waiver("2026-12-01", ""))]);
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["waived by w1"]);
    assert!(!folder.rules(&[]).iter().any(|rule| rule.starts_with("policy/")), "{:?}", folder.rules(&[]));
    folder.write("waivers.yaml", &waiver("2026-11-10", ""));
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["open"]);
    let report = folder.report(&[]);
    let expired = report.findings.iter().find(|one| &*one.rule == "policy/waiver-expired").expect("it is told");
    assert_eq!((&*expired.location.path, expired.location.line), ("waivers.yaml", 9));
    folder.write("waivers.yaml", &waiver("2026-11-21", ""));
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["waived by w1"], "the last day counts");
    folder.write("waivers.yaml", &waiver("2026-12-01", "    max-findings: 1\n"));
    folder.write("Dockerfile", "FROM node AS a\nFROM redis\n");
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["open", "open"], "over the limit it covers none");
    folder.write("Dockerfile", "FROM node:24.1\n");
    assert!(folder.rules(&[]).iter().any(|rule| rule == "policy/waiver-unused"));
    assert!(!folder.rules(&["--only", "DL3007"]).iter().any(|rule| rule == "policy/waiver-unused"));
}

#[test]
fn nothing_waives_what_is_said_of_waivers() {
    let text = "# seaworthy: ignore[*] reason=\"shown in a demo\" until=2026-01-01\nFROM node\n";
    let all = waiver("2026-12-01", "").replace("dockerfile/image-untagged", "policy/suppression-expired");
    let policy = ("seaworthy.yaml", "waivers: waivers.yaml\n");
    let folder = Folder::new(&[("Dockerfile", text), policy, ("waivers.yaml", &all)]);
    assert_eq!(folder.statuses("policy/suppression-expired", &[]), ["open"]);
}

#[test]
fn mistakes_in_a_waiver_file_are_told_together_with_their_places() {
    let text = "waivers:\n  - id: a\n    rule: x/y\n    scope: {}\n    owner: o\n    reason: short\n    created: yesterday\n    expires: \"2026-12-01\"\n  - id: b\n    rul: x\n";
    let folder =
        Folder::new(&[("Dockerfile", "FROM node\n"), ("seaworthy.yaml", "waivers: w.yaml\n"), ("w.yaml", text)]);
    let error = folder.run(&[]).expect_err("mistakes").to_string();
    for part in ["w.yaml:2:", "`approved-by`", "w.yaml:6:", "w.yaml:7:", "is not a day", "w.yaml:10:"] {
        assert!(error.contains(part), "{part} is missing from\n{error}");
    }
    for (policy, part) in [("waivers: nowhere.yaml\n", "does not exist"), ("waivers: ../w.yaml\n", "seaworthy.yaml:1:")]
    {
        folder.write("seaworthy.yaml", policy);
        let error = folder.run(&[]).expect_err("a mistake").to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_policy_may_refuse_suppressions_and_an_operator_may_lock_them() {
    let text = format!("# hadolint ignore=DL3006\nFROM node AS a\n{IGNORE}FROM redis\n");
    let folder = Folder::new(&[("Dockerfile", &text)]);
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["waived by hadolint", "waived by inline"]);
    folder.write("seaworthy.yaml", "suppressions: {peers: false}\n");
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["open", "waived by inline"]);
    assert!(folder.rules(&[]).iter().any(|rule| rule == "policy/suppression-refused"));
    folder.write("seaworthy.yaml", "suppressions: {peers: true, in-place: true}\n");
    let operator = Folder::new(&[("operator.yaml", "lock: [waivers]\n")]);
    let path = operator.at("operator.yaml");
    let args = ["--policy", path.to_str().expect("UTF-8")];
    assert_eq!(folder.statuses(UNTAGGED, &args), ["open", "open"]);
}

#[test]
fn sarif_leaves_waived_findings_out() {
    let folder = Folder::new(&[("Dockerfile", &format!("{IGNORE}FROM node\n"))]);
    let report = folder.report(&["--only", "DL3006", "-f", "sarif"]);
    let mut text = Vec::new();
    seaworthy::report::render(&report, seaworthy::report::Format::Sarif, &Default::default(), &mut text).expect("text");
    let sarif: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_baseline_counts_only_what_is_new() {
    let folder = Folder::new(&[("Dockerfile", "FROM node\n")]);
    let binary = env!("CARGO_BIN_EXE_seaworthy");
    let done = Command::new(binary)
        .args(["baseline", "-o", "base.json", "--now", NOW])
        .current_dir(folder.0.path())
        .output()
        .expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let path = folder.at("base.json");
    let args = ["--baseline", path.to_str().expect("UTF-8")];
    assert_eq!(folder.statuses(UNTAGGED, &args), ["baseline"]);
    folder.write("Dockerfile", "# moved\n\nFROM node AS a\nFROM redis\n");
    let statuses = folder.statuses(UNTAGGED, &args);
    assert!(statuses.contains(&"open".to_owned()), "{statuses:?}");
    folder.write("base.json", "{\"schema\": \"other/1\", \"findings\": []}");
    assert!(folder.run(&args).is_err());
}

#[test]
fn a_commit_is_compared_with_loose_and_packed() {
    let folder = Folder::repository(&[("a/Dockerfile", "FROM node\n"), ("b/Dockerfile", "FROM redis:7.4\n")]);
    folder.git(&["tag", "-a", "v1", "-m", "x"]);
    folder.write("b/Dockerfile", "FROM redis\n");
    folder.commit();
    for packed in [false, true] {
        if packed {
            folder.git(&["gc", "-q"]);
        }
        let head = Command::new("git").arg("-C").arg(folder.0.path()).args(["rev-parse", "HEAD~1"]).output();
        let id = String::from_utf8(head.expect("git runs").stdout).expect("UTF-8").trim().to_owned();
        for name in ["HEAD~1", "HEAD^", "v1", "main~1", "refs/tags/v1", &id, &id[..9]] {
            assert_eq!(folder.statuses(UNTAGGED, &["--diff", name]), ["baseline", "open"], "{name} {packed}");
        }
        assert_eq!(folder.statuses(UNTAGGED, &["--diff", "HEAD"]), ["baseline", "baseline"]);
        for name in ["nowhere", "HEAD~9", "HEAD^2", "../../etc/passwd", "0000000", "HEAD~x", "HEAD~é", "main@{1}"] {
            assert!(folder.run(&["--diff", name]).is_err(), "{name}");
        }
    }
    let tree = tempfile::tempdir().expect("a folder");
    let path = tree.path().join("tree");
    folder.git(&["worktree", "add", "-q", path.to_str().expect("UTF-8"), "HEAD"]);
    let report = run(&path, &["--diff", "HEAD~1"]).expect("a report");
    let statuses: Vec<String> =
        report.findings.iter().filter(|one| &*one.rule == UNTAGGED).map(|one| word(&one.status)).collect();
    assert_eq!(statuses, ["baseline", "open"], "a worktree");
}

#[test]
fn a_change_cannot_accept_its_own_findings() {
    let files = [("Dockerfile", "FROM node\n"), ("seaworthy.yaml", "gate: {fail-on: high}\n")];
    let folder = Folder::repository(&files);
    folder.write("Dockerfile", &format!("{IGNORE}FROM node\n"));
    folder.write("waivers.yaml", &waiver("2026-12-01", ""));
    folder.write("seaworthy.yaml", "gate: {fail-on: none}\nwaivers: waivers.yaml\nrules: {dockerfile/*: off}\n");
    assert!(folder.statuses(UNTAGGED, &[]).is_empty(), "by its own policy the rule is off");
    let report = folder.report(&["--policy-from", "HEAD"]);
    let of = |rule: &str| report.findings.iter().find(|one| &*one.rule == rule);
    assert_eq!(of(UNTAGGED).map(|one| word(&one.status)).as_deref(), Some("open"));
    for (rule, path, line) in [
        ("policy/suppression-added", "Dockerfile", 1),
        ("policy/waiver-added", "waivers.yaml", 2),
        ("policy/gate-loosened", "seaworthy.yaml", 1),
        ("policy/rule-turned-off", "seaworthy.yaml", 3),
    ] {
        let found = of(rule).unwrap_or_else(|| panic!("{rule} is missing"));
        assert_eq!((&*found.location.path, found.location.line), (path, line), "{rule}");
    }
    folder.commit();
    assert!(folder.rules(&["--policy-from", "HEAD"]).iter().all(|rule| !rule.ends_with("-added")), "merged, it counts");
}

#[test]
fn a_deleted_policy_is_told() {
    let folder = Folder::repository(&[("Dockerfile", "FROM node\n"), ("seaworthy.yaml", "gate: {fail-on: low}\n")]);
    fs::remove_file(folder.at("seaworthy.yaml")).expect("removed");
    assert!(folder.rules(&["--policy-from", "HEAD"]).iter().any(|rule| rule == "policy/policy-removed"));
}

#[test]
fn a_commit_that_cannot_be_read_leaves_it_unknown() {
    let folder = Folder::repository(&[("Dockerfile", "FROM node:24.1\n")]);
    let report = folder.report(&["--policy-from", "origin/nowhere"]);
    assert!(
        report.unknown.iter().any(|one| one.required && one.reason.contains("origin/nowhere")),
        "{:?}",
        report.unknown
    );
    let plain = Folder::new(&[("Dockerfile", "FROM node:24.1\n")]);
    assert_eq!(plain.report(&["--policy-from", "HEAD"]).unknown.len(), 1);
    let broken = Folder::repository(&[("Dockerfile", "FROM node:24.1\n"), ("seaworthy.yaml", "gates: 3\n")]);
    broken.write("seaworthy.yaml", "gate: {fail-on: high}\n");
    assert!(broken.report(&["--policy-from", "HEAD"]).unknown.iter().any(|one| one.required));
}

#[test]
fn staged_means_the_index_and_only_what_it_changes() {
    let folder = Folder::repository(&[("a/Dockerfile", "FROM node\n"), ("b/Dockerfile", "FROM redis:7.4\n")]);
    folder.write("b/Dockerfile", "FROM redis\n");
    assert!(folder.rules(&["--staged", "--allow-empty"]).is_empty(), "nothing is staged");
    folder.git(&["add", "b/Dockerfile"]);
    folder.write("b/Dockerfile", "FROM redis:7.4\n");
    let report = folder.report(&["--staged"]);
    let paths: Vec<&str> = report.findings.iter().map(|one| &*one.location.path).collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| *path == "b/Dockerfile"), "{paths:?}");
    assert!(report.findings.iter().any(|one| &*one.rule == UNTAGGED) && report.run.partial);
    let fresh = Folder::new(&[("Dockerfile", "FROM node\n")]);
    fresh.git(&["init", "-q"]);
    fresh.git(&["add", "-A"]);
    assert_eq!(fresh.statuses(UNTAGGED, &["--staged"]), ["open"], "before the first commit");
}

#[test]
fn waive_adds_an_entry_that_counts() {
    let folder = Folder::new(&[
        ("Dockerfile", "FROM node\n"),
        ("seaworthy.yaml", "waivers: waivers.yaml\n"),
        ("waivers.yaml", "waivers: []\n"),
    ]);
    let waive = |args: &[&str]| {
        let flags = ["--owner", "team", "--approved-by", "lead", "--until", "2026-12-31", "--now", NOW];
        let binary = env!("CARGO_BIN_EXE_seaworthy");
        Command::new(binary).arg("waive").args(args).args(flags).current_dir(folder.0.path()).output().expect("it runs")
    };
    let reason = ["--reason", "replaced in the next release"];
    let said = |out: &std::process::Output| String::from_utf8_lossy(&out.stderr).into_owned();
    for args in [
        vec!["dockerfile/image-untaged", "--path", "Dockerfile", reason[0], reason[1]],
        vec![UNTAGGED, reason[0], reason[1]],
        vec![UNTAGGED, "--path", "Dockerfile", "--reason", "short"],
        vec!["0123456789abcdef", reason[0], reason[1]],
    ] {
        let out = waive(&args);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {}", said(&out));
    }
    let out = waive(&[UNTAGGED, "--path", "Dockerfile", reason[0], reason[1]]);
    assert!(out.status.success(), "{}", said(&out));
    assert_eq!(folder.statuses(UNTAGGED, &[]), ["waived by w-image-untagged"]);
    folder.write("b/Dockerfile", "FROM redis\n");
    let open = folder.report(&[]);
    let open = open.findings.iter().find(|one| &*one.rule == UNTAGGED && one.status == Status::Open).expect("one");
    let out = waive(&[&open.fingerprint[..10], reason[0], reason[1]]);
    assert!(out.status.success(), "{}", said(&out));
    let statuses = folder.statuses(UNTAGGED, &[]);
    assert!(statuses.contains(&"waived by w-image-untagged-2".to_owned()), "{statuses:?}");
}
