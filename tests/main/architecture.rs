//! The walls: who may use whom, the equal shape of inspector folders, the size budgets, and who may touch the world.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The flow, left to right: a module may use only those to its left (or on its own level).
const ORDER: &[&[&str]] = &[
    &["error", "exit", "cli", "parallel", "path"],
    &["span"],
    &["syntax"],
    &["finding", "fact"],
    &["source"],
    &["detect"],
    &["mask"],
    &["product"],
    &["observe"],
    &["inspect"],
    &["relate"],
    &["rule"],
    &["check"],
    &["waive"],
    &["score"],
    &["checklist"],
    &["explain"],
    &["report"],
    &["fix"],
    &["settings"],
    &["run"],
    &["command"],
    &["lib", "main"],
];

/// Pairs that never see one another, whatever the order says: facts on one side, judgement on the other.
const WALLS: &[(&str, &str)] = &[("inspect", "rule"), ("relate", "rule"), ("detect", "rule"), ("rule", "detect")];

/// (from, to, why): what stands outside the order for a reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("rule", "inspect", "rule/example.rs runs a rule's examples through the real inspectors"),
    ("rule", "relate", "rule/example.rs runs a rule's examples through the real relations"),
    ("rule", "check", "rule/example.rs judges a rule's examples as a run would"),
    ("rule", "settings", "rule/example.rs judges the examples of rules on the policy as a run would"),
    ("rule", "fix", "rule/example.rs mends a rule's examples as a run would"),
    ("source", "fact", "a source has a role"),
    ("finding", "fact", "a finding has a role"),
    ("fact", "span", "a value has a place"),
    ("cli", "checklist", "the answers and reasons that `attest` takes are one list"),
];

/// Files above the budget of 500 lines, with the reason.
const LARGE: &[(&str, &str)] = &[];

const FILE_BUDGET: usize = 500;

/// Functions above the budget of 60 lines, with the reason.
const LONG: &[(&str, &str, &str)] = &[
    ("inspect/dockerfile/facts/command.rs", "command", "one line a fact"),
    ("inspect/dockerfile/facts/flags.rs", "valued", "a table of flags"),
    ("inspect/dockerfile/facts/setting.rs", "names_secret", "two tables of words"),
    ("inspect/dns/facts/mail.rs", "domain", "one line a fact"),
    ("inspect/dns/facts/zone.rs", "zone", "one line a fact"),
    ("inspect/env/facts.rs", "variable", "one line a fact"),
    ("inspect/tls/facts.rs", "certificate", "one line a fact"),
    ("relate/compose/service.rs", "fact", "one line a fact"),
    ("rule/expr/properties.rs", "condition", "a table of shapes"),
    ("settings/items.rs", "question", "one step a key of the item, and the question they make"),
];

const FUNCTION_BUDGET: usize = 60;

/// Where sockets are opened.
const OBSERVE: &[&str] =
    &["observe", "inspect/observe", "inspect/tls/observe", "inspect/dns/observe", "inspect/http/observe"];

/// What only one module may do: (text that shows it, modules that may, why).
const EFFECTS: &[(&str, &[&str], &str)] = &[
    ("std::fs", &["source", "command"], "files are read by `source` and written by `command`"),
    ("fs::read", &["source"], "only `source` reads files"),
    ("File::open", &["source"], "only `source` reads files"),
    ("std::process::Command", &["command/run_allowed"], "only `command/run_allowed` starts a process"),
    ("TcpStream", OBSERVE, "only `observe` opens sockets"),
    ("UdpSocket", OBSERVE, "only `observe` opens sockets"),
    ("tokio::", OBSERVE, "only `observe` is asynchronous"),
    ("reqwest::", &["inspect/http/observe"], "only `observe` opens sockets"),
    ("Net::new", &["inspect/observe"], "the driver alone makes the way to the network, when targets are run"),
    ("new_current_thread", &["inspect/observe"], "there is one runtime"),
    ("TcpListener", &["inspect"], "nothing listens"),
    ("SystemTime::now", &["settings"], "the clock is read once"),
    ("Timestamp::now", &["settings"], "the clock is read once"),
];

#[test]
fn modules_use_only_what_is_left_of_them() {
    let rank: BTreeMap<&str, usize> =
        ORDER.iter().enumerate().flat_map(|(rank, names)| names.iter().map(move |name| (*name, rank))).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let from = module(&path);
        for to in uses(&text) {
            let excepted = from == to || EXCEPTIONS.iter().any(|(a, b, _)| (*a, *b) == (from.as_str(), to.as_str()));
            let walled = WALLS.contains(&(from.as_str(), to.as_str()));
            let (Some(left), Some(right)) = (rank.get(to.as_str()), rank.get(from.as_str())) else { continue };
            if !excepted && (left > right || walled) {
                wrong.push(format!("{}: `{from}` uses `{to}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "against the flow:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_place_in_the_order() {
    let known: Vec<&str> = ORDER.iter().flat_map(|names| names.iter().copied()).collect();
    let missing: Vec<String> =
        sources().iter().map(|(path, _)| module(path)).filter(|name| !known.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "modules that ORDER does not name: {missing:?}");
}

#[test]
fn files_stay_within_the_budget() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        let excepted = LARGE.iter().any(|(name, _)| path.ends_with(name));
        if lines > FILE_BUDGET && !excepted {
            wrong.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(wrong.is_empty(), "more than {FILE_BUDGET} lines:\n{}", wrong.join("\n"));
}

#[test]
fn functions_stay_within_the_budget() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        for (at, name) in lines.iter().enumerate().filter_map(|(at, line)| Some((at, function(line)?))) {
            let close = lines[at].chars().take_while(|c| *c == ' ').collect::<String>() + "}";
            let length = lines[at..].iter().position(|line| *line == close).map_or(0, |end| end + 1);
            let excepted = LONG.iter().any(|(file, function, _)| path.ends_with(file) && *function == name);
            if length > FUNCTION_BUDGET && !excepted {
                wrong.push(format!("{}:{}: `{name}` has {length} lines", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "more than {FUNCTION_BUDGET} lines:\n{}", wrong.join("\n"));
}

/// The name of the function whose body this line opens or announces.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe"];
    let declared = before.split_whitespace().all(|word| qualifiers.contains(&word)) && !line.ends_with(';');
    let opens = declared && !line.ends_with('}');
    opens.then(|| after.split(['(', '<']).next().unwrap_or(after))
}

#[test]
fn inspector_folders_have_one_shape() {
    let folder = root().join("src/inspect");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for part in ["mod.rs", "document.rs", "read.rs", "facts.rs"] {
            if !entry.join(part).is_file() {
                wrong.push(format!("{} has no {part}", entry.display()));
            }
        }
        let name = entry.file_name().unwrap().to_string_lossy().into_owned();
        if !root().join("rules").join(&name).is_dir() {
            wrong.push(format!("{name} has no folder in rules/"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn effects_have_their_homes() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let relative = path.strip_prefix(root().join("src")).unwrap().with_extension("");
        let relative = relative.to_string_lossy().into_owned();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (shown, homes, why) in EFFECTS {
            let at_home = homes.iter().any(|home| relative == *home || relative.starts_with(&format!("{home}/")));
            if !at_home && code.contains(shown) && !relative.ends_with("tests") {
                wrong.push(format!("{relative}: `{shown}` — {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The top-level module a file belongs to.
fn module(path: &Path) -> String {
    let relative = path.strip_prefix(root().join("src")).unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The top-level modules that code outside of tests names as `crate::NAME`.
fn uses(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut names: Vec<String> = code
        .split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>())
        .filter(|name| !name.is_empty() && name.starts_with(|c: char| c.is_ascii_lowercase()) && name != "subject")
        .collect();
    names.sort();
    names.dedup();
    names
}
