//! `waive`: adds an entry to the waiver file. The entry is read back before the file is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::Utf8Path;
use clap::Parser;
use jiff::civil::Date;

use crate::cli::{CheckArgs, Cli, Command, WaiveArgs};
use crate::error::{Error, Mistakes};
use crate::exit::ExitCode;
use crate::rule::catalog::Catalog;
use crate::rule::selector::Selector;
use crate::settings::{self, Settings};
use crate::source::read_own;
use crate::span::SourceId;
use crate::syntax::suggest::suggest;
use crate::syntax::tree::{Dialect, Kind};
use crate::waive::file;

/// Where waivers lie when the policy names no file.
const USUAL: &str = ".seaworthy/waivers.yaml";

/// Adds the entry.
///
/// # Errors
/// The rule or the finding is not known, something is missing, or the file cannot be read, extended or written.
pub fn run(args: &WaiveArgs) -> Result<ExitCode, Error> {
    let check = check_args()?;
    let clock = args.now.as_deref().map_or(Ok(settings::clock()), settings::time);
    let clock = clock.map_err(|mistake| Error::usage(mistake, None))?;
    let settings = Settings::new(&check, clock)?;
    let today = clock.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (rule, fingerprint) = target(args, &settings)?;
    verify(args, fingerprint.is_some(), today, &settings)?;

    let named = settings.policy.waivers.as_ref().map(|path| settings.root.path().join(&path.value));
    let path: PathBuf = match &args.file {
        Some(file) => settings.inputs.folder.join(file),
        None => named.clone().unwrap_or_else(|| settings.root.path().join(USUAL)),
    };
    let shown = path.strip_prefix(settings.root.path()).unwrap_or(&path).to_string_lossy().into_owned();
    let before = if path.exists() { Some(read_own(&path)?) } else { None };
    let id = free_id(&rule, before.as_deref().unwrap_or_default());
    let entry = entry(args, &settings, &id, &rule, fingerprint.as_deref(), today);
    let text = extended(&shown, before.as_deref(), &entry)?;
    write(&path, &text)?;

    let mut told = format!("{id}: `{rule}` is waived until {} in {shown}\n", args.until);
    if named.as_deref() != Some(&path) {
        told +=
            &format!("The policy does not name this file, so it does not count yet: add `waivers: {shown}` to it.\n");
    }
    super::put_masked(&told).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

/// The arguments of a `check` of the working folder.
fn check_args() -> Result<Box<CheckArgs>, Error> {
    match Cli::try_parse_from(["seaworthy", "check"]).map(|cli| cli.command) {
        Ok(Command::Check(args)) => Ok(args),
        Ok(_) => Err(Error::usage("`check` is not understood", None)),
        Err(told) => Err(Error::usage(told.to_string(), None)),
    }
}

/// The rule, and the fingerprint when one was given.
fn target(args: &WaiveArgs, settings: &Settings) -> Result<(String, Option<String>), Error> {
    let word = args.target.as_str();
    let is_hex = word.len() >= 8 && word.len() <= 32 && word.chars().all(|c| c.is_ascii_hexdigit());
    if !is_hex {
        let catalog = Catalog::builtin();
        let selector = Selector::parse(word);
        if selector.rank() >= Selector::PEER_RANK && selector.is_known(&catalog) {
            return Ok((word.to_owned(), None));
        }
        let close = suggest(word, catalog.ids()).map(|close| format!("did you mean `{close}`?"));
        return Err(Error::usage(format!("`{word}` is neither a rule nor a fingerprint"), close));
    }
    let word = word.to_ascii_lowercase();
    let report = crate::run(settings)?;
    let mut found = report.findings.iter().filter(|entry| entry.fingerprint.starts_with(&word));
    match (found.next(), found.next()) {
        (Some(entry), None) => Ok((entry.rule.to_string(), Some(entry.fingerprint.clone()))),
        (Some(_), Some(_)) => Err(Error::usage(format!("`{word}` is the beginning of several fingerprints"), None)),
        (None, _) => Err(Error::usage(
            format!("no finding has the fingerprint `{word}`"),
            Some("`seaworthy check -f json` shows the fingerprints".into()),
        )),
    }
}

/// Everything that is missing or makes no sense, together.
fn verify(args: &WaiveArgs, has_fingerprint: bool, today: Date, settings: &Settings) -> Result<(), Error> {
    let mut mistakes = Vec::new();
    if !has_fingerprint && args.path.is_empty() && args.object.is_empty() {
        mistakes.push("a rule is waived for some files or objects: `--path`, `--object`".to_owned());
    }
    if args.reason.trim().chars().count() < file::MIN_REASON {
        mistakes.push(format!("`--reason` has fewer than {} characters: say why it is safe", file::MIN_REASON));
    }
    for (flag, value) in [("--owner", &args.owner), ("--approved-by", &args.approved_by)] {
        if value.trim().is_empty() {
            mistakes.push(format!("`{flag}` is empty"));
        }
    }
    let most = settings.policy.gate.max_waiver_days.map(|days| days.value);
    match args.until.parse::<Date>() {
        Err(_) => mistakes.push(format!("`--until {}` is not a day; write 2027-01-31", args.until)),
        Ok(until) if until < today => mistakes.push(format!("`--until {until}` has passed")),
        Ok(until) => {
            let days = (until - today).get_days();
            if let Some(most) = most.filter(|most| i64::from(days) > i64::from(*most)) {
                mistakes.push(format!("`--until {until}` is {days} days away, and the policy allows {most}"));
            }
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Error::usage(mistakes.join("\n"), None)) }
}

/// `w-image-untagged`, or with a number when that is taken.
fn free_id(rule: &str, text: &str) -> String {
    let plain: String = rule
        .rsplit('/')
        .next()
        .unwrap_or(rule)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let (waivers, _) = file::read("waivers.yaml", Arc::from(text), "");
    let is_free = |id: &String| !waivers.list.iter().any(|waiver| waiver.id.value == *id);
    let numbered = (2..).map(|number| format!("w-{plain}-{number}"));
    std::iter::once(format!("w-{plain}")).chain(numbered).find(is_free).unwrap_or_default()
}

/// The entry as YAML, its lines without indentation.
fn entry(
    args: &WaiveArgs,
    settings: &Settings,
    id: &str,
    rule: &str,
    fingerprint: Option<&str>,
    today: Date,
) -> Vec<String> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let list =
        |words: Vec<String>| format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "));
    let mut scope = Vec::new();
    let mut key = |name: &str, words: Vec<String>| {
        if !words.is_empty() {
            scope.push(format!("{name}: {}", list(words)));
        }
    };
    key("fingerprints", fingerprint.map(str::to_owned).into_iter().collect());
    key("paths", args.path.iter().map(|path| glob(settings, path)).collect());
    key("objects", args.object.clone());
    key("environments", args.env.clone());
    let mut lines = vec![
        format!("- id: {id}"),
        format!("  rule: {rule}"),
        format!("  scope: {{{}}}", scope.join(", ")),
        format!("  owner: {}", quoted(args.owner.trim())),
        format!("  approved-by: {}", quoted(args.approved_by.trim())),
        format!("  reason: {}", quoted(args.reason.trim())),
        format!("  created: \"{today}\""),
        format!("  expires: \"{}\"", args.until),
    ];
    lines.extend(args.max_findings.map(|most| format!("  max-findings: {most}")));
    lines.extend(args.ticket.as_ref().map(|ticket| format!("  ticket: {}", quoted(ticket))));
    lines
}

/// A file that is there, from the folder of the policy; what holds a `*` is a glob already.
fn glob(settings: &Settings, path: &str) -> String {
    let real = settings.inputs.folder.join(path).canonicalize().ok();
    let folder = settings.layers.own().map_or("", |layer| &layer.folder);
    let base = settings.root.path().join(folder);
    let below = real.and_then(|real| Some(real.strip_prefix(&base).ok()?.to_string_lossy().replace('\\', "/")));
    match below {
        Some(below) if !path.contains('*') && !below.is_empty() => format!("/{below}"),
        _ => path.to_owned(),
    }
}

/// The file's text with the entry at its end.
fn extended(name: &str, before: Option<&str>, entry: &[String]) -> Result<String, Error> {
    let block = |indent: &str| entry.iter().map(|line| format!("{indent}{line}\n")).collect::<String>();
    let Some(before) = before.filter(|text| !text.trim().is_empty()) else {
        return Ok(format!("schema: {}\nwaivers:\n{}", file::SCHEMA, block("  ")));
    };
    let known = file::read(name, Arc::from(before), "");
    if let Some(mistakes) = Mistakes::new(name, before, known.1) {
        return Err(mistakes.into());
    }
    let text = appended(name, before, &block).unwrap_or_default();
    let (waivers, mistakes) = file::read(name, Arc::from(text.as_str()), "");
    if mistakes.is_empty() && waivers.list.len() == known.0.list.len() + 1 {
        return Ok(text);
    }
    let help = format!("add it by hand:\n{}", block("  "));
    Err(Error::usage(format!("the entry cannot be added to {name} without rewriting it"), Some(help)))
}

/// The entry after the last item of `waivers`, when that list is the last thing in the file and written as a block.
fn appended(name: &str, before: &str, block: &dyn Fn(&str) -> String) -> Option<String> {
    let tree = crate::syntax::read(SourceId(0), name, before.into());
    let root = tree.documents(Dialect::Core).next()?;
    let last = root.entries().next_back().filter(|last| last.key.text() == "waivers")?;
    let break_before = if before.ends_with('\n') { "" } else { "\n" };
    if last.value.is_null() {
        return Some(format!("{before}{break_before}{}", block("  ")));
    }
    if last.value.kind() != Kind::List {
        return None;
    }
    let Some(item) = last.value.items().next() else {
        let range = last.value.span().range();
        let head = before.get(..range.start)?.trim_end();
        return Some(format!("{head}\n{}{}", block("  "), before.get(range.end..)?.trim_start_matches('\n')));
    };
    let start = item.span().range().start;
    let line = before.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let indent: String = before.get(line..start)?.chars().take_while(|c| *c == ' ').collect();
    Some(format!("{before}{break_before}{}", block(&indent)))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::usage(format!("cannot write {}: {error}", path.display()), None);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let path = Utf8Path::from_path(path).ok_or_else(|| Error::NotUtf8 { path: path.to_string_lossy().into_owned() })?;
    super::check::replace(path, text.as_bytes()).map_err(failed)
}
