//! The checklist of a run, from the policy to the verdict: who answers an item, and who may not.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use seaworthy::checklist::{Decision, Item, Phase, State};
use seaworthy::cli::{Cli, Command};
use seaworthy::report::Report;
use seaworthy::settings::Settings;

const NOW: &str = "2026-11-21T00:00:00Z";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn judge(folder: &Path, more: &[&str]) -> Result<Report, String> {
    let folder = folder.to_str().unwrap();
    let args = ["seaworthy", "check", folder, "--now", NOW];
    let args = args.iter().chain(more);
    let Command::Check(args) = Cli::try_parse_from(args).unwrap().command else { panic!("`check` was given") };
    let settings =
        Settings::new(&args, NOW.parse().unwrap()).map_err(|error| format!("{:?}", miette::Report::new(error)))?;
    seaworthy::run(&settings).map_err(|error| error.to_string())
}

fn attest(folder: &Path, words: &[&str]) -> Result<(), String> {
    let (item, rest) = words.split_first().unwrap();
    let args = ["seaworthy", "attest", item, folder.to_str().unwrap(), "--by", "ana@x.example", "--role", "sre"];
    let args = args.iter().chain(rest);
    let cli = Cli::try_parse_from(args).map_err(|told| told.to_string())?;
    seaworthy::command::dispatch(&cli.command).map(drop).map_err(|error| error.to_string())
}

/// A copy of the ready shop, outside of any repository.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&root().join("examples/shop-ready"), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)
        } else {
            let _ = fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn item<'r>(report: &'r Report, id: &str) -> &'r Item {
    report.checklist.iter().find(|item| item.id == id).unwrap()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let list = fs::read_dir(folder.join(".seaworthy/attestations")).unwrap();
    let mut files: Vec<PathBuf> = list.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn policy(folder: &Path, text: &str) {
    fs::write(folder.join("seaworthy.yaml"), format!("schema: seaworthy/policy/1\n{text}")).unwrap();
}

#[test]
fn the_ready_shop_is_go_with_every_required_box_answered() {
    let report = judge(&root().join("examples/shop-ready"), &["--env", "production"]).unwrap();
    assert_eq!(report.verdict.result, Decision::Go, "{:?}", report.verdict.reasons);
    assert!(report.score.value.unwrap() >= 80);
    let required: Vec<&Item> = report.checklist.iter().filter(|item| item.required).collect();
    assert_eq!(required.len(), 6);
    assert!(required.iter().all(|item| item.state == State::Pass), "{required:#?}");
    assert_eq!(item(&report, "mfa-available").state, State::NotApplicable);
    let plain = judge(&root().join("examples/shop-ready"), &[]).unwrap();
    assert_eq!(plain.verdict.result, Decision::Go, "{:?}", plain.verdict.reasons);
    assert_eq!(item(&plain, "backup-completed").state, State::Waiting, "what holds in production is not what holds");
}

#[test]
fn the_shop_is_no_go_and_every_box_says_what_decided_it() {
    let report = judge(&root().join("examples/shop"), &[]).unwrap();
    assert_eq!(report.verdict.result, Decision::NoGo);
    for phase in Phase::ALL {
        assert!(report.checklist.iter().any(|item| item.phase == phase));
    }
    let silent: Vec<&Item> = report.checklist.iter().filter(|item| item.by.is_empty()).collect();
    assert!(silent.is_empty(), "{silent:#?}");
    let secrets = item(&report, "secrets-stored-safely");
    assert_eq!(secrets.state, State::Fail);
    assert!(secrets.by.iter().any(|by| by.kind == "rule" && by.message.contains("examples/shop/")), "{secrets:#?}");
    assert!(judge(&root().join("examples/shop"), &["--only", "dockerfile/*"]).unwrap().checklist.is_empty());
}

#[test]
fn nobody_attests_a_finding_away() {
    let shop = shop();
    let words = ["secrets-stored-safely", "--result", "pass", "--env", "production", "--now", "2026-11-20"];
    policy(
        shop.path(),
        "environments: {production: {}}\nchecklist:\n  items:\n    - {id: secrets-stored-safely, required: [production], valid-for: 30d, bind: [environment]}\n",
    );
    fs::remove_dir_all(shop.path().join(".seaworthy/attestations")).unwrap();
    attest(shop.path(), &words).unwrap();
    fs::write(shop.path().join("notes.env"), "DB_PASSWORD=Xk29vRq81mTz\n").unwrap();
    let report = judge(shop.path(), &["--env", "production"]).unwrap();
    let item = item(&report, "secrets-stored-safely");
    assert_eq!(item.state, State::Fail, "{item:#?}");
    assert!(item.by.iter().any(|by| by.message.contains("does not overrule")), "{item:#?}");
    assert_eq!(report.verdict.result, Decision::NoGo);
    assert!(report.verdict.reasons.iter().any(|reason| reason.reference == "secrets-stored-safely"));
}

#[test]
fn an_altered_byte_or_a_missing_record_counts_for_nothing_and_is_told() {
    let shop = shop();
    let files = records(shop.path());
    let first = fs::read_to_string(&files[0]).unwrap();
    fs::write(&files[0], first.replace("two minutes", "one minute")).unwrap();
    let report = judge(shop.path(), &["--env", "production"]).unwrap();
    for id in ["rollback-rehearsed", "backup-completed", "alerts-configured"] {
        assert_eq!(item(&report, id).state, State::Waiting, "{id}");
    }
    assert_eq!(report.verdict.result, Decision::NoGo, "an altered record is no small thing");
    let told: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert!(told.iter().any(|rule| rule.starts_with("policy/attestation-")), "{told:?}");
    let error = attest(shop.path(), &["backup-completed", "--result", "pass", "--env", "production"]).unwrap_err();
    assert!(error.contains("needs --evidence") || error.contains("may attest"), "{error}");

    fs::write(&files[0], first).unwrap();
    fs::remove_file(&files[1]).unwrap();
    let report = judge(shop.path(), &["--env", "production"]).unwrap();
    assert_eq!(item(&report, "alerts-configured").state, State::Waiting);
    assert!(report.findings.iter().any(|finding| finding.message.contains("is missing")));
}

#[test]
fn what_it_was_bound_to_has_changed() {
    let shop = shop();
    let state = |id: &str, more: &[&str]| item(&judge(shop.path(), more).unwrap(), id).state;
    let production = ["--env", "production"];
    assert_eq!(state("rollback-rehearsed", &production), State::Pass);
    let late = ["--env", "production", "--now", "2028-01-01"];
    let report = {
        let args = ["seaworthy", "check", shop.path().to_str().unwrap()];
        let args = args.iter().chain(&late);
        let Command::Check(args) = Cli::try_parse_from(args).unwrap().command else { panic!("`check` was given") };
        seaworthy::run(&Settings::new(&args, NOW.parse().unwrap()).unwrap()).unwrap()
    };
    assert_eq!(item(&report, "alerts-configured").state, State::Waiting, "its time is over");
    fs::write(shop.path().join("migrations/003_more.sql"), "SELECT 1;\n").unwrap();
    assert_eq!(state("rollback-rehearsed", &production), State::Waiting, "its files have changed");
    assert_eq!(state("backup-completed", &production), State::Pass);
    fs::write(shop.path().join("evidence/restore-2026-11-19.log"), "all well\n").unwrap();
    assert_eq!(state("backup-completed", &production), State::Waiting, "its evidence has changed");
}

#[test]
fn a_quorum_needs_different_people() {
    let shop = shop();
    fs::remove_dir_all(shop.path().join(".seaworthy/attestations")).unwrap();
    let once = ["alerts-configured", "--result", "pass", "--env", "production", "--now"];
    for day in ["2026-11-18", "2026-11-19"] {
        attest(shop.path(), &[&once[..], &[day]].concat()).unwrap();
    }
    let report = judge(shop.path(), &["--env", "production"]).unwrap();
    let alerts = item(&report, "alerts-configured");
    assert_eq!(alerts.state, State::Waiting);
    assert!(alerts.by.iter().any(|by| by.message.contains("1 of 2 people")), "{alerts:#?}");
}

#[test]
fn mistakes_in_items_are_told_together_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("Dockerfile"), "FROM node:22\n").unwrap();
    policy(
        folder.path(),
        "checklist:\n  extends: builtin:pre-deploymet\n  items:\n    - {id: Wrong Name, title: T, phase: pre}\n    \
         - {id: a, title: A thing, phase: pre, valid-for: 3w}\n    - {id: b, phase: pre}\n    \
         - {id: c, title: C, phase: pre, required: [prod]}\n    - {id: d, title: D, phase: pre, when: 'environment =='}\n    \
         - {id: e, title: E, phase: pre, satisfied-by: [kubernetes/privilegd]}\n",
    );
    let told = judge(folder.path(), &[]).unwrap_err();
    for word in ["pre-deployment", "no id", "3w", "needs `title`", "`prod`", "`when`", "kubernetes/privileged"] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_condition_leaves_an_item_out_and_a_report_answers_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    let commit = "1".repeat(40);
    fs::create_dir_all(at(".git")).unwrap();
    fs::write(at(".git/HEAD"), &commit).unwrap();
    fs::write(at("Dockerfile"), "FROM node:22\n").unwrap();
    policy(
        folder.path(),
        "checklist:\n  items:\n    - {id: cluster-ready, title: The cluster is ready, phase: pre, when: '\"kubernetes.container\" in subjects'}\n  \
         evidence: [{item: tests-pass, path: junit.xml}]\n",
    );
    let report = judge(folder.path(), &[]).unwrap();
    assert_eq!(item(&report, "cluster-ready").state, State::NotApplicable);
    assert_eq!(item(&report, "tests-pass").state, State::Waiting, "the report is not there yet");
    let xml = |inner: &str, commit: &str| {
        let property = format!("<properties><property name=\"git.commit\" value=\"{commit}\"/></properties>");
        fs::write(at("junit.xml"), format!("<testsuite>{property}<testcase name=\"a\">{inner}</testcase></testsuite>"))
    };
    for (inner, about, want) in [
        ("", commit.as_str(), State::Pass),
        ("<failure/>", commit.as_str(), State::Fail),
        ("", "2222222222222222222222222222222222222222", State::Waiting),
    ] {
        xml(inner, about).unwrap();
        assert_eq!(item(&judge(folder.path(), &[]).unwrap(), "tests-pass").state, want, "{inner} {about}");
    }
}

#[test]
fn init_writes_a_policy_that_loads_and_never_over_another() {
    let shop = shop();
    fs::remove_file(shop.path().join("seaworthy.yaml")).unwrap();
    let init = || {
        let cli = Cli::try_parse_from(["seaworthy", "init", shop.path().to_str().unwrap()]).unwrap();
        seaworthy::command::dispatch(&cli.command)
    };
    init().unwrap();
    let text = fs::read_to_string(shop.path().join("seaworthy.yaml")).unwrap();
    assert!(text.starts_with("# yaml-language-server: $schema="), "{text}");
    assert!(text.contains("DATABASE_URL: {type: url"), "{text}");
    assert!(init().is_err());
    let report = judge(shop.path(), &["--env", "production"]).unwrap();
    assert!(item(&report, "secrets-stored-safely").required);
}
