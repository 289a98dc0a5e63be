//! Who may answer what: independence against the commits of a real repository, commands that run only when they may,
//! statements about a commit.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

mod sealed;

const NOW: &str = "2026-11-21T12:00:00Z";

struct Repository(tempfile::TempDir);

impl Repository {
    fn new(policy: &str) -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git("Ana", &["init", "-q", "-b", "main"]);
        repository.write("Dockerfile", "FROM node:24.1\n");
        repository.policy(policy);
        repository.commit("Ana");
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.path().join(path)).expect("a file")
    }

    fn policy(&self, text: &str) {
        self.write("seaworthy.yaml", &format!("schema: seaworthy/policy/1\n{text}"));
    }

    fn git(&self, who: &str, args: &[&str]) {
        let email = format!("user.email={}@x.example", who.to_lowercase());
        let identity = ["-c", &format!("user.name={who}"), "-c", &email, "-c", "commit.gpgsign=false"];
        let done = Command::new("git")
            .arg("-C")
            .arg(self.0.path())
            .args(identity)
            .args(args)
            .env("GIT_COMMITTER_DATE", "2026-11-20T10:00:00Z")
            .env("GIT_AUTHOR_DATE", "2026-11-20T10:00:00Z")
            .output()
            .expect("git runs");
        assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn commit(&self, who: &str) {
        self.git(who, &["add", "-A"]);
        self.git(who, &["commit", "-q", "-m", "x", "--allow-empty"]);
    }

    /// The program itself, in an environment that says nothing of a pipeline.
    fn program(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", path)
            .envs(variables.iter().copied())
            .args(args)
            .output()
            .expect("the program runs")
    }

    fn report(&self, args: &[&str], variables: &[(&str, &str)]) -> Value {
        let all = [&["check", "--now", NOW, "-f", "json"], args].concat();
        let done = self.program(&all, variables);
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)))
    }

    /// The path of the record.
    fn attest(&self, item: &str, who: &str) -> Result<String, String> {
        let by = format!("{who}@x.example");
        let args = ["attest", item, "--by", &by, "--role", "sre", "--result", "pass", "--now", "2026-11-20T12:00:00Z"];
        let done = self.program(&args, &[]);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
        if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
    }
}

fn item<'r>(report: &'r Value, id: &str) -> (&'r str, String) {
    let items = report["checklist"].as_array().expect("a checklist");
    let item = items.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("{id}"));
    (item["state"].as_str().expect("a state"), item["by"].to_string())
}

fn findings<'r>(report: &'r Value, rule: &str) -> Vec<&'r Value> {
    report["findings"].as_array().expect("findings").iter().filter(|one| one["rule"] == rule).collect()
}

const INDEPENDENT: &str = "checklist:\n  items:\n    - {id: change-read, title: Somebody else has read the change, \
                           phase: pre, independent: true, valid-for: 30d}\n";

#[test]
fn who_made_the_change_does_not_attest_it() {
    let repository = Repository::new(INDEPENDENT);
    let told = repository.attest("change-read", "ana").expect_err("she made it");
    assert!(told.contains("made the change"), "{told}");
    let path = repository.attest("change-read", "bo").expect("he did not");
    let record = repository.read(&path);
    repository.commit("Bo");
    let report = repository.report(&[], &[]);
    assert_eq!(item(&report, "change-read").0, "pass", "{report:#}");
    // A commit of records alone is no change; but this one is Ana's in Bo's file.
    let body = record.replace("bo@x.example", "ana@x.example");
    repository
        .write(&path, &body[..body.find("digest: \"sha256").and_then(|_| body.rfind("digest:")).expect("a digest")]);
    let report = repository.report(&[], &[]);
    assert_eq!(item(&report, "change-read").0, "waiting");
    let told = findings(&report, "policy/attestation-by-author");
    assert_eq!(told.len(), 1, "{report:#}");
    assert_eq!(told[0]["location"]["path"], path.as_str());
    let line = record.lines().position(|line| line.starts_with("by:")).expect("a line") + 1;
    assert_eq!(told[0]["location"]["line"], line);
    assert_eq!(told[0]["location"]["column"], 10, "the name itself");
}

#[test]
fn a_merge_is_the_work_of_all_whose_commits_it_brings_in() {
    let repository = Repository::new(INDEPENDENT);
    repository.git("Cy", &["checkout", "-q", "-b", "topic"]);
    repository.write("a.txt", "a\n");
    repository.commit("Cy");
    repository.write("b.txt", "b\n");
    repository.git("Di", &["add", "-A"]);
    repository.git("Di", &["commit", "-q", "-m", "x\n\nCo-authored-by: Ed <ed@x.example>"]);
    repository.git("Bo", &["checkout", "-q", "main"]);
    repository.write("c.txt", "c\n");
    repository.commit("Fay");
    repository.git("Bo", &["merge", "-q", "--no-ff", "-m", "merge", "topic"]);
    for author in ["bo", "cy", "di", "ed"] {
        assert!(repository.attest("change-read", author).is_err(), "{author}");
    }
    assert!(repository.attest("change-read", "fay").is_ok(), "her commit was there before");
    // Since a base, every commit counts.
    repository.commit("Gil");
    assert_eq!(item(&repository.report(&[], &[]), "change-read").0, "pass");
    assert_eq!(item(&repository.report(&["--policy-from", "main~3"], &[]), "change-read").0, "waiting");
}

#[test]
fn in_a_shallow_clone_nobody_knows_and_nothing_passes() {
    let repository = Repository::new(INDEPENDENT);
    repository.attest("change-read", "bo").expect("a record");
    repository.commit("Bo");
    let clone = Repository(tempfile::tempdir().expect("a folder"));
    let from = format!("file://{}", repository.0.path().display());
    clone.git("Bo", &["clone", "-q", "--depth", "1", &from, "."]);
    let report = clone.report(&[], &[]);
    let (state, by) = item(&report, "change-read");
    assert_eq!(state, "waiting");
    assert!(by.contains("shallow clone"), "{by}");
    assert!(report["unknown"].to_string().contains("shallow clone"), "{}", report["unknown"]);
}

#[test]
fn a_record_of_a_commit_holds_when_only_records_were_added_since() {
    let repository = Repository::new(
        "checklist:\n  items:\n    - {id: build-tried, title: The build was tried, phase: pre, bind: [commit]}\n",
    );
    repository.attest("build-tried", "bo").expect("a record");
    assert_eq!(item(&repository.report(&[], &[]), "build-tried").0, "pass");
    repository.commit("Bo");
    assert_eq!(item(&repository.report(&[], &[]), "build-tried").0, "pass", "the commit adds the record alone");
    repository.write("Dockerfile", "FROM node:24.2\n");
    repository.commit("Ana");
    let report = repository.report(&["--profile", "strict"], &[]);
    assert_eq!(item(&report, "build-tried").0, "waiting");
    assert_eq!(findings(&report, "policy/attestation-commit-changed").len(), 1, "{report:#}");
}

#[cfg(unix)]
const COMMANDS: &str =
    "checklist:\n  items:\n    - {id: touched, title: It can be touched, phase: pre, command: touch}\n";

#[cfg(unix)]
#[test]
fn nothing_is_executed_without_the_flag() {
    let run = "commands: {touch: {run: [sh, -c, 'echo ran > ran; exit ${CODE:-0}'], timeout: 20}}\n";
    let repository = Repository::new(&format!("{run}{COMMANDS}"));
    let ran = || repository.0.path().join("ran").exists();
    for variables in [&[][..], &[("SEAWORTHY_ALLOW_COMMANDS", "true"), ("SEAWORTHY_ALLOW_COMMAND", "1")]] {
        let report = repository.report(&[], variables);
        let (state, by) = item(&report, "touched");
        assert_eq!(state, "waiting");
        assert!(by.contains("not run: `--allow-commands` was not given"), "{by}");
        assert_eq!(report["not_run"][0]["target"], "touch", "{}", report["not_run"]);
        assert!(!ran(), "something was executed");
    }
    for args in [&["checklist"][..], &["explain", "touched"], &["check", "--show-settings"]] {
        assert!(repository.program(args, &[]).status.success(), "{args:?}");
        assert!(!ran(), "{args:?} executed something");
    }
    assert!(repository.attest("touched", "bo").is_ok() && !ran());
    fs::remove_dir_all(repository.0.path().join(".seaworthy")).expect("removed");

    let report = repository.report(&["--allow-commands"], &[]);
    assert_eq!(item(&report, "touched").0, "pass");
    assert!(ran() && report["not_run"].as_array().is_some_and(Vec::is_empty));
    let report = repository.report(&["--allow-commands"], &[("CODE", "3")]);
    let (state, by) = item(&report, "touched");
    assert_eq!(state, "fail");
    assert!(by.contains("ended with 3"), "{by}");
    let page = repository.program(&["checklist", "--allow-commands"], &[]);
    assert!(String::from_utf8_lossy(&page.stdout).contains("- [x] It can be touched"));
}

#[cfg(unix)]
#[test]
fn a_command_that_takes_too_long_is_unknown_and_its_output_is_masked() {
    let run = "commands: {touch: {run: [sh, -c, 'sleep 60'], timeout: 1}}\n";
    let repository = Repository::new(&format!("{run}{COMMANDS}"));
    let report = repository.report(&["--allow-commands"], &[]);
    let (state, by) = item(&report, "touched");
    assert_eq!(state, "unknown");
    assert!(by.contains("was ended after 1 seconds"), "{by}");
    let run = "commands: {touch: {run: [sh, -c, 'echo DB_PASSWORD=Xk29vRq81mTz; echo $DEPLOY_TOKEN; exit 1']}}\n";
    repository.policy(&format!("{run}{COMMANDS}"));
    let report = repository.report(&["--allow-commands"], &[("DEPLOY_TOKEN", "zq81-opaque-value")]);
    let (state, by) = item(&report, "touched");
    assert_eq!(state, "fail");
    assert!(by.contains("********") && !by.contains("Xk29vRq81mTz") && !by.contains("opaque"), "{by}");
}

#[cfg(unix)]
#[test]
fn a_pull_request_does_not_run_its_own_commands() {
    let run = |words: &str| format!("commands: {{touch: {{run: {words}}}}}\n{COMMANDS}");
    let repository = Repository::new(&run("[sh, script.sh]"));
    repository.write("script.sh", "echo base > ran\n");
    repository.commit("Ana");
    let ran = || fs::read_to_string(repository.0.path().join("ran")).ok();
    let pull = [("GITHUB_EVENT_NAME", "pull_request")];
    let why = |report: &Value| report["not_run"][0]["reason"].as_str().unwrap_or_default().to_owned();

    let report = repository.report(&["--allow-commands"], &pull);
    assert!(why(&report).contains("pull request") && ran().is_none(), "{}", report["not_run"]);

    repository.policy(&run("[sh, -c, 'echo head > ran']"));
    repository.commit("Eve");
    let report = repository.report(&["--allow-commands", "--policy-from", "HEAD~1"], &pull);
    assert_eq!(ran().as_deref(), Some("base\n"), "the base's command was run");
    assert_eq!(item(&report, "touched").0, "pass");
    assert_eq!(findings(&report, "policy/command-added").len(), 1, "{report:#}");

    fs::remove_file(repository.0.path().join("ran")).expect("removed");
    repository.write("script.sh", "echo changed > ran\n");
    repository.commit("Eve");
    let report = repository.report(&["--allow-commands", "--policy-from", "HEAD~2"], &pull);
    assert!(why(&report).contains("alters `script.sh`") && ran().is_none(), "{}", report["not_run"]);
    let report = repository.report(&["--allow-commands", "--policy-from", "nowhere"], &[]);
    assert!(why(&report).contains("could not be read") && ran().is_none(), "{}", report["not_run"]);

    // What the operator brings is the operator's.
    let operators = tempfile::tempdir().expect("a folder");
    let path = operators.path().join("policy.yaml");
    fs::write(&path, "commands: {touch: {run: [sh, -c, 'echo operator > ran']}}\n").expect("written");
    repository.report(&["--allow-commands", "--policy", path.to_str().expect("UTF-8")], &pull);
    assert_eq!(ran().as_deref(), Some("operator\n"));
}

#[test]
fn a_change_does_not_take_an_item_off_its_own_checklist() {
    let asks = "environments: {production: {}}\nchecklist:\n  items:\n    - {id: change-read, title: Somebody has read it, \
                phase: pre, required: [production], quorum: 2}\n";
    let repository = Repository::new(asks);
    repository.policy("environments: {production: {}}\n");
    repository.commit("Eve");
    let report = repository.report(&["--env", "production", "--policy-from", "HEAD~1"], &[]);
    assert_eq!(item(&report, "change-read").0, "waiting");
    assert_eq!(report["verdict"]["result"], "incomplete");
    assert_eq!(findings(&report, "policy/demand-dropped").len(), 1, "{report:#}");
    repository.policy(&asks.replace("quorum: 2", "quorum: 1"));
    repository.commit("Eve");
    let report = repository.report(&["--env", "production", "--policy-from", "HEAD~2"], &[]);
    let told = findings(&report, "policy/demand-dropped");
    assert!(
        told.iter().any(|one| one["message"].as_str().is_some_and(|it| it.contains("asked of 2 people"))),
        "{told:#?}"
    );
}

#[test]
fn a_statement_is_about_the_commit_and_names_what_it_was_made_from() {
    let repository = Repository::new(INDEPENDENT);
    let path = repository.attest("change-read", "bo").expect("a record");
    repository.commit("Bo");
    let json = |args: &[&str]| -> Value {
        let done = repository.program(args, &[]);
        serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&done.stderr)))
    };
    let head = repository.read(".git/refs/heads/main").trim().to_owned();
    let summary = json(&["checklist", "-f", "vsa", "--now", NOW]);
    assert_eq!(summary["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(summary["subject"][0]["digest"]["gitCommit"], head.as_str());
    assert_eq!(summary["predicateType"], "https://slsa.dev/verification_summary/v1");
    let predicate = &summary["predicate"];
    assert_eq!(predicate["resourceUri"], format!("gitoid:commit:sha1:{head}"));
    assert_eq!(predicate["timeVerified"], NOW);
    assert_eq!(predicate["policy"]["uri"], "seaworthy.yaml");
    assert_eq!(predicate["inputAttestations"][0]["uri"], path.as_str());
    assert_eq!(predicate["inputAttestations"][0]["digest"]["sha256"].as_str().map(str::len), Some(64));
    assert!(predicate["verificationResult"] == "PASSED" || predicate["verificationResult"] == "FAILED");
    let passed = repository.report(&[], &[])["verdict"]["result"] == "go";
    assert_eq!(predicate["verificationResult"] == "PASSED", passed);

    let statement = json(&["checklist", "-f", "in-toto", "--now", NOW]);
    let items = statement["predicate"]["items"].as_array().expect("items");
    assert!(items.iter().any(|item| item["id"] == "change-read" && item["state"] == "pass"));
    let key = Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output();
    if let Some(key) = key.ok().filter(|done| done.status.success()) {
        let outside = tempfile::tempdir().expect("a folder");
        let file = outside.path().join("key.pem");
        fs::write(&file, key.stdout).expect("written");
        let envelope = json(&["checklist", "-f", "vsa", "--key", file.to_str().expect("UTF-8"), "--now", NOW]);
        assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
        assert_eq!(envelope["signatures"][0]["sig"].as_str().map(str::len), Some(88));
    }
    let bare = tempfile::tempdir().expect("a folder");
    fs::write(bare.path().join("Dockerfile"), "FROM node:24.1\n").expect("written");
    let folder = Path::new(bare.path()).to_str().expect("UTF-8");
    assert_eq!(repository.program(&["checklist", folder, "-f", "vsa"], &[]).status.code(), Some(2));
}

#[test]
fn an_item_is_explained_as_a_rule_is() {
    let repository = Repository::new(INDEPENDENT);
    let page = |word: &str| {
        let done = repository.program(&["explain", word], &[]);
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (found, text) = page("change-read");
    assert!(
        found && text.contains("Somebody else has read the change") && text.contains("not the author of the change")
    );
    let (found, text) = page("backup-completed");
    assert!(found && text.contains("with evidence") && text.contains("seaworthy attest backup-completed"), "{text}");
    let (found, text) = page("secrets-stored-safely");
    assert!(found && text.contains("`secrets/*`"), "{text}");
    assert!(page("dockerfile/image-untagged").1.starts_with("# "));
    let (found, text) = page("backup-complete");
    assert!(!found && text.contains("did you mean `backup-completed`?"), "{text}");
}
