//! Embeds `rules/` so that a run loads nothing that it does not need: each rule as a JSON text of its own, with its id,
//! its subject, its other names and its prose beside it; `products/` and the built-in checklists as JSON too. Examples are left out;
//! `rules test` reads them from the files. Why so: docs/decisions/0002-rules-are-embedded-as-json.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

#[path = "src/span.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the crate uses the rest")]
mod span;
#[path = "src/syntax"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the crate uses the rest")]
mod syntax {
    pub mod shared;
    pub mod tree;
    pub mod yaml;
}

#[path = "src/detect"]
#[allow(dead_code, reason = "the crate uses the rest")]
mod detect {
    pub(crate) mod keyword;
    pub(crate) mod prefilter;
    pub(crate) mod shape;
}

use detect::{keyword, prefilter, prefilter::Prefilter};
use syntax::tree::{Dialect, Kind, Node};

/// The built-in checklists, in the order of time.
const CHECKLISTS: [&str; 3] = ["pre-deployment", "during-deployment", "post-deployment"];
/// Keys that only `explain` and reports with prose need.
const PROSE: [&str; 3] = ["why", "fix", "references"];

/// A release is linked to stand at a fixed address: relocating 27,000 pointers is a third of the time in which a small
/// repository is judged (docs/decisions/0011-no-pie.md). Elsewhere than with gcc or clang the default stays.
fn link_at_fixed_address() {
    let is = |key: &str, value: &str| env::var(key).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn main() -> io::Result<()> {
    link_at_fixed_address();
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    for watched in ["rules", "products", "policies", "src/span.rs", "src/syntax", "src/detect"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let (mut rules, mut formats) = (BTreeMap::new(), Vec::new());
    for folder in sorted(&root.join("rules"))?.iter().filter(|path| path.is_dir()) {
        let inspector = name(folder);
        for file in sorted(folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
            let id = format!("{inspector}/{}", name(file));
            let (rule, about) = read(file)?;
            let head = head(&rule);
            let own = rule.get("formats").and_then(Value::as_array).cloned().unwrap_or_default();
            formats.extend(own.into_iter().map(|format| (id.clone(), format)));
            rules.insert(id, (head, rule.to_string(), about.to_string()));
        }
    }
    let mut digest = Sha256::new();
    let mut table = String::from("[\n");
    for (id, (head, rule, prose)) in &rules {
        digest.update(id);
        digest.update(rule);
        let _ =
            writeln!(table, "Embedded {{ id: {id:?}, {head}, json: {rule:?}, prose: {prose:?}, file: Lazy::new() }},");
    }
    table = format!("static EMBEDDED: [Embedded; {}] = {table}];\n", rules.len());
    fs::write(out.join("rules.rs"), table)?;
    let digest = digest.finalize().iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    println!("cargo::rustc-env=SEAWORTHY_RULES_DIGEST={digest}");
    fs::write(out.join("formats.rs"), secret_formats(&formats)?)?;
    fs::write(out.join("products.rs"), products(&root.join("products"))?)?;
    fs::write(out.join("checklists.rs"), checklists(&root.join("policies"))?)
}

/// The entries of a folder in the order of their names; an absent folder has none.
fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A rule file as (what judging needs, prose).
fn read(file: &Path) -> io::Result<(Value, Value)> {
    let (mut rule, mut prose) = (Map::new(), Map::new());
    if let Value::Object(whole) = parse(file)? {
        for (key, value) in whole {
            match key.as_str() {
                "examples" => {}
                key if PROSE.contains(&key) => drop(prose.insert(key.into(), value)),
                _ => drop(rule.insert(key, value)),
            }
        }
    }
    Ok((Value::Object(rule), Value::Object(prose)))
}

/// What selection asks of a rule, as the fields of `rule::catalog::Embedded`.
fn head(rule: &Value) -> String {
    let text = |key: &str| rule.get(key).and_then(Value::as_str).unwrap_or_default();
    let variant =
        |word: &str| word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect();
    let (severity, category): (String, String) = (variant(text("severity")), variant(text("category")));
    let default = match rule.get("default") {
        None | Some(Value::Bool(true)) => "On".to_owned(),
        Some(Value::String(word)) if word == "on" => "On".to_owned(),
        Some(Value::Array(_)) => format!("In(&{:?})", words(rule.get("default"))),
        _ => "Off".to_owned(),
    };
    let map = |key: &str| rule.get(key).and_then(Value::as_object).into_iter().flatten();
    let tags: Vec<String> = map("tags").map(|(name, list)| format!("({name:?}, &{:?})", words(Some(list)))).collect();
    let aliases: Vec<String> = map("aliases").flat_map(|(_, list)| words(Some(list))).collect();
    let formerly = words(rule.get("formerly"));
    let has_formats = rule.get("formats").is_some();
    format!(
        "subject: {:?}, severity: Severity::{severity}, category: Category::{category}, default: Profiled::{default}, \
         tags: &[{}], aliases: &{aliases:?}, formerly: &{formerly:?}, has_formats: {has_formats}",
        text("subject"),
        tags.join(", ")
    )
}

/// One word or a list of them; a number is a word.
fn words(value: Option<&Value>) -> Vec<String> {
    let single = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Some(Value::Array(items)) => items.iter().map(single).collect(),
        Some(one) => vec![single(one)],
        None => Vec::new(),
    }
}

/// One YAML document as JSON; a broken file fails the build with its place.
fn parse(file: &Path) -> io::Result<Value> {
    let text: syntax::shared::SharedText = fs::read_to_string(file)?.into();
    let tree = syntax::yaml::read(span::SourceId(0), text.clone());
    if let Some(problem) = tree.problems.first() {
        let at = span::LineIndex::new(&text).position(&text, problem.span.start);
        let place = format!("{}:{}:{}: {}", file.display(), at.line, at.column, problem.message);
        return Err(io::Error::other(place));
    }
    Ok(tree.documents(Dialect::Core).next().map_or(Value::Null, json))
}

fn json(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => node.as_bool().into(),
        Kind::Int => node.as_int().into(),
        Kind::Float => node.as_float().into(),
        Kind::Str => node.text().into(),
        Kind::List => node.items().map(json).collect(),
        Kind::Map => node.entries().map(|entry| (entry.key.text().to_owned(), json(entry.value))).collect(),
    }
}

/// The secret formats, each with the id of its rule, as static tables for `detect::embedded`: the records as JSON, and the
/// finished prefilter over their keywords.
fn secret_formats(formats: &[(String, Value)]) -> io::Result<String> {
    let mut table = format!("pub(super) static FORMATS: [Embedded; {}] = [\n", formats.len());
    let mut keywords = Vec::new();
    for (rule, format) in formats {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let words = format.get("keywords").and_then(Value::as_array).into_iter().flatten().map(text);
        let shape = format.get("shape").and_then(Value::as_str);
        let own = keyword::of(shape, &words.collect::<Vec<_>>());
        keywords.push(own.map_err(|error| io::Error::other(format!("{rule}: {error}")))?);
        let _ = writeln!(table, "Embedded::new({rule:?}, {:?}),", format.to_string());
    }
    table.push_str("];\n");
    let (keywords, targets) = keyword::table(keywords);
    let made = Prefilter::new(keywords);
    let mut list = |name: &str, kind: &str, items: Vec<String>| {
        let _ = writeln!(table, "static {name}: [{kind}; {}] = [{}];", items.len(), items.join(", "));
    };
    let numbers = |all: &[u32]| all.iter().map(u32::to_string).collect::<Vec<_>>();
    list("BITMAP", "u64", made.bitmap.iter().map(u64::to_string).collect());
    list("BUCKETS", "u32", numbers(&made.buckets));
    list("ENTRIES", "Entry", made.entries.iter().map(|entry| format!("{entry:?}")).collect());
    let keyword = |word: &prefilter::Keyword| {
        format!("Keyword {{ text: Cow::Borrowed({:?}), exact: {} }}", word.text, word.exact)
    };
    list("KEYWORDS", "Keyword", made.keywords.iter().map(keyword).collect());
    list("TARGETS", "u32", numbers(&targets.all));
    list("STARTS", "u32", numbers(&targets.starts));
    Ok(table)
}

/// `products/*.yaml` as one static list of (name, the names of its images, JSON).
fn products(folder: &Path) -> io::Result<String> {
    let mut table = String::from("&[\n");
    for file in sorted(folder)?.iter().filter(|path| path.extension().is_some_and(|e| e == "yaml")) {
        let product = parse(file)?;
        let images = product.get("images").and_then(Value::as_array).into_iter().flatten();
        let names = images.filter_map(|image| image.get("names")?.as_array()).flatten().filter_map(Value::as_str);
        let names: Vec<&str> = names.collect();
        let _ = writeln!(table, "({:?}, &{names:?}, {:?}),", name(file), product.to_string());
    }
    table.push_str("]\n");
    Ok(table)
}

/// The built-in checklists as an array of (name, JSON).
fn checklists(folder: &Path) -> io::Result<String> {
    let mut table = String::from("[\n");
    for name in CHECKLISTS {
        let _ = writeln!(table, "({name:?}, {:?}),", parse(&folder.join(format!("{name}.yaml")))?.to_string());
    }
    table.push_str("]\n");
    Ok(table)
}
