//! Manifests on which other tools fail: each with what a user needs to be told, and what not. The same table holds for
//! `tests/fixtures/kubernetes` and for the folder of shared traps, when that lies beside the project.

use std::fs;
use std::path::{Path, PathBuf};

use seaworthy::check::Judging;
use seaworthy::rule::{Rule, load};
use seaworthy::source::{Encoding, Origin, Source};
use seaworthy::{fact::Role, inspect, relate, span::SourceId};

/// What is expected of a file or folder: findings as `rule|text at its place`, rules that must be silent as
/// `rule|part of the object's path`, and how many documents cannot be judged.
struct Trap {
    path: &'static str,
    told: &'static [&'static str],
    silent: &'static [&'static str],
    gaps: usize,
}

const fn trap(path: &'static str, told: &'static [&'static str], silent: &'static [&'static str], gaps: usize) -> Trap {
    Trap { path, told, silent, gaps }
}

const TRAPS: &[Trap] = &[
    trap(
        "broken-middle.yaml",
        &["privileged|true", "privileged|true", "host-network|true", "image-floating|\"nginx:latest\""],
        &[],
        1,
    ),
    trap("braces-in-label.yaml", &["privileged|true"], &[], 0),
    trap("wrong-type.yaml", &["field-type-wrong|\"3\"", "privileged|true", "host-network|true"], &[], 0),
    trap(
        "wrong-types-mixed.yaml",
        &[
            "field-type-wrong|\"false\"",
            "quantity-invalid|1g",
            "port-invalid|99999",
            "field-value-invalid|tcp",
            "capability-lowercase|all",
        ],
        &["field-type-wrong|hostAliases", "privileged|"],
        0,
    ),
    trap("list.yaml", &["privileged|true", "host-network|true"], &[], 0),
    trap("typed-list.yaml", &["privileged|true", "host-network|true"], &[], 0),
    trap("generate-name.yaml", &["privileged|true", "host-network|true"], &["restart-policy-invalid|"], 0),
    trap("yaml11-boolean.yaml", &["privileged|on"], &["runs-as-root|", "field-type-wrong|"], 0),
    trap("same-name", &["privileged|true"], &["object-repeated|"], 0),
    trap(
        "inherit.yaml",
        &["user-is-root|0", "seccomp-unconfined|Unconfined"],
        &["runs-as-root|inherits", "user-is-root|inherits", "seccomp-unset|", "seccomp-unconfined|inherits"],
        0,
    ),
    trap(
        "pod-level-misplaced.yaml",
        &[
            "field-misplaced|readOnlyRootFilesystem",
            "field-misplaced|allowPrivilegeEscalation",
            "field-misplaced|privileged",
            "field-misplaced|capabilities",
            "root-filesystem-writable|name",
            "privilege-escalation|name",
            "capabilities-kept|name",
        ],
        &[],
        0,
    ),
    trap(
        "registry-port.yaml",
        &["image-floating|\"registry.example.com:5000/"],
        &["image-floating|digest", "image-floating|tagdigest", "image-unpinned|digest"],
        0,
    ),
    trap(
        "cron.yaml",
        &["schedule-invalid|\"61 25 * * *\"", "restart-policy-invalid|Always", "privileged|true", "host-network|true"],
        &["readiness-probe-missing|"],
        0,
    ),
    trap(
        "sidecar.yaml",
        &["sidecar-probe-missing|badproxy"],
        &[
            "service-port-name-unknown|",
            "sidecar-probe-missing|/proxy",
            "readiness-probe-missing|",
            "probe-on-init|",
            "probe-port-unknown|proxy",
        ],
        0,
    ),
    trap("dupkey.yaml", &["key-duplicate|image", "key-duplicate|securityContext"], &["privileged|"], 0),
    trap(
        "many-kinds.yaml",
        &[
            "privileged|true",
            "privileged|true",
            "privileged|true",
            "privileged|true",
            "host-network|true",
            "host-network|true",
            "host-network|true",
            "host-network|true",
            "api-removed|extensions/v1beta1",
        ],
        &["service-selects-nothing|"],
        0,
    ),
    trap("secretenv.yaml", &["plain-credential|", "plain-credential|"], &["hardcoded|", "image-floating|"], 0),
    trap("namespaces.yaml", &["service-selects-nothing|{app: "], &["service-selects-nothing|a/headless"], 0),
    trap("folders", &[], &["service-selects-nothing|", "reference-misspelt|"], 0),
];

fn rules() -> Vec<Rule> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let subjects = relate::subjects();
    let loaded = load::folder(&folder).unwrap();
    let ours = loaded.iter().filter(|rule| rule.id.starts_with("kubernetes/") || rule.id == "secrets/plain-credential");
    let compile = |rule: &load::Loaded| Rule::compile(&rule.id, &rule.file, &subjects, &|_| None).ok().unwrap();
    ours.map(compile).collect()
}

fn sources(root: &Path, path: &str) -> Vec<Source> {
    let mut files = Vec::new();
    let mut open = vec![root.join(path)];
    while let Some(next) = open.pop() {
        if next.is_dir() {
            open.extend(fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(next);
        }
    }
    files.sort();
    let source = |(id, file): (u32, &PathBuf)| {
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(file).unwrap();
        Source::new(SourceId(id), Origin::File(name.into()), Encoding::Utf8, Role::Production, text)
    };
    (0..).zip(&files).map(source).collect()
}

/// What is wrong with the answer to one trap.
fn judge(rules: &[Rule], root: &Path, trap: &Trap) -> Vec<String> {
    let sources = sources(root, trap.path);
    let claims: Vec<_> = sources.iter().map(|source| inspect::claimants(source.path(), source.text())).collect();
    let inspected = inspect::all(&sources, &claims);
    let mut facts = inspected.facts;
    let around = relate::Around { inventory: &Default::default(), demands: &Default::default() };
    relate::extend(&sources, &mut facts, around);
    let checked = Judging { sources: &sources, rules, now: 0, severity: &|_, rule| Some(rule.severity) }.check(&facts);
    let text = |span: seaworthy::span::Span| sources[span.source.0 as usize].text()[span.range()].to_owned();
    let mut found: Vec<(String, String, String)> = checked
        .findings
        .iter()
        .map(|finding| {
            let rule = finding.rule.rsplit('/').next().unwrap().to_owned();
            (rule, text(finding.primary), finding.subject.to_string())
        })
        .collect();
    let mut wrong = Vec::new();
    for silent in trap.silent {
        let (rule, subject) = silent.split_once('|').unwrap();
        if found.iter().any(|(found, _, at)| found == rule && at.contains(subject)) {
            wrong.push(format!("{}: {silent} ought to be silent", trap.path));
        }
    }
    for told in trap.told {
        let (rule, place) = told.split_once('|').unwrap();
        match found.iter().position(|(found, at, _)| found == rule && at.starts_with(place)) {
            Some(at) => drop(found.swap_remove(at)),
            None => wrong.push(format!("{}: {told} is missing among {found:?}", trap.path)),
        }
    }
    let gaps = inspected.problems.len();
    if gaps != trap.gaps {
        wrong.push(format!("{}: {gaps} gaps instead of {}: {:?}", trap.path, trap.gaps, inspected.problems));
    }
    wrong
}

fn all(root: &Path) {
    let rules = rules();
    let wrong: Vec<String> = TRAPS.iter().flat_map(|trap| judge(&rules, root, trap)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn own_fixtures() {
    all(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kubernetes"));
}

#[test]
fn shared_traps() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let places = [here.join("../shared/data/kubernetes-traps"), here.join("../../shared/data/kubernetes-traps")];
    match places.iter().find(|place| place.is_dir()) {
        Some(place) => all(&place.canonicalize().unwrap()),
        None => eprintln!("the shared traps are not beside the project: skipped"),
    }
}

#[test]
fn passing_examples_can_be_read() {
    // A passing example that cannot be read passes for the wrong reason.
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut wrong = Vec::new();
    for rule in load::folder(&folder).unwrap().iter().filter(|rule| rule.id.starts_with("kubernetes/")) {
        for example in &rule.file.examples.passes {
            for text in example.text.iter().chain(example.files.values()) {
                let source = Source::new(
                    SourceId(0),
                    Origin::File("x.yaml".into()),
                    Encoding::Utf8,
                    Role::Production,
                    text.as_str(),
                );
                if !source.tree().problems.is_empty() {
                    wrong.push(format!("{}: {}: {:?}", rule.id, example.name, source.tree().problems));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
