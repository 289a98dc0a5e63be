//! `CONTRIBUTING.md` promises that a rule is one new file. What its section shows is written to an empty folder and
//! its commands are run there.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The text of each fenced block of `language`, in order.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("\n```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

/// Runs `seaworthy …` in `folder` and returns what it prints.
fn run(line: &str, folder: &Path) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[0], "seaworthy", "{line}");
    let output = Command::new(env!("CARGO_BIN_EXE_seaworthy")).args(&words[1..]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_rule_is_one_new_file() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [rule] = blocks(&page, "yaml")[..] else { panic!("the page shows one rule") };
    let path = rule.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap();
    let file = folder.path().join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, rule).unwrap();

    let transcripts = blocks(&page, "console");
    assert!(!transcripts.is_empty());
    for transcript in transcripts {
        let mut commands = transcript.split("$ ").skip(1).map(|part| part.split_once('\n').unwrap_or((part, "")));
        assert!(
            commands.all(|(line, expected)| run(line, folder.path()).trim_end() == expected.trim_end()),
            "{transcript}"
        );
    }
}

#[test]
fn the_shown_rule_judges_a_repository() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules/kubernetes");
    fs::create_dir_all(&rules).unwrap();
    fs::write(rules.join("owner-missing.yaml"), blocks(&page, "yaml")[0]).unwrap();
    fs::write(
        folder.path().join("pod.yaml"),
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: api\nspec:\n  containers:\n    - {name: api, image: \"a:1\"}\n",
    )
    .unwrap();
    let report = run(
        "seaworthy check pod.yaml --rule-dir rules --only kubernetes/owner-missing --fail-on none -f json",
        folder.path(),
    );
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let [finding] = &report["findings"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!(finding["rule"], "kubernetes/owner-missing");
    assert_eq!((&finding["location"]["line"], &finding["location"]["column"]), (&4.into(), &9.into()));
}
