//! SARIF 2.1.0, as code scanning takes it: only open findings are results, unknowns are notifications of the
//! invocation, and there is exactly one run, also when it is empty, so that old alerts close.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::prose::{first_sentence, level};
use super::{Entry, EntryFix, Location, Report, RuleInfo, Style, UnknownEntry};
use crate::finding::{Category, Severity, Status};

/// Code scanning keeps the first 5,000 results of a run, shows 1,000 places of one, and refuses 25,000 results.
const RESULTS: usize = 25_000;
/// The most related places of one result.
const RELATED: usize = 100;
/// Longer descriptions are refused.
const DESCRIPTION: usize = 1024;
/// Code scanning shows ten tags and refuses more than twenty.
const TAGS: usize = 10;

/// Writes the report.
pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report, style))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [RunPart<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunPart<'r> {
    tool: ToolPart<'r>,
    automation_details: Id,
    column_kind: &'static str,
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    invocations: [Invocation; 1],
    results: Vec<ResultPart<'r>>,
    properties: RunProperties<'r>,
}

#[derive(Serialize)]
struct Id {
    id: String,
}

#[derive(Serialize)]
struct Base {
    description: Text<'static>,
}

#[derive(Serialize)]
struct ToolPart<'r> {
    driver: Driver<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'r> {
    name: &'static str,
    semantic_version: &'r str,
    rules: Vec<RulePart<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RulePart<'r> {
    id: &'r str,
    name: &'r str,
    short_description: Text<'r>,
    full_description: Text<'r>,
    help: Text<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'r str>,
    default_configuration: Configuration,
    properties: RuleProperties<'r>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties<'r> {
    tags: Vec<&'r str>,
    precision: &'r str,
    #[serde(rename = "problem.severity")]
    problem: &'static str,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security: Option<&'static str>,
}

/// A `message` or a `multiformatMessageString`.
#[derive(Serialize)]
struct Text<'r> {
    text: std::borrow::Cow<'r, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text<'static>,
    locations: Vec<LocationPart>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultPart<'r> {
    rule_id: &'r str,
    rule_index: usize,
    level: &'static str,
    message: Text<'r>,
    locations: [LocationPart; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationPart>,
    partial_fingerprints: BTreeMap<&'static str, &'r str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixPart<'r>>,
    properties: ResultProperties<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixPart<'r> {
    description: Text<'r>,
    artifact_changes: [Changes<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changes<'r> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'r> {
    deleted_region: Region,
    inserted_content: Text<'r>,
}

#[derive(Serialize)]
struct Suppression<'r> {
    kind: &'static str,
    status: &'static str,
    justification: &'r str,
}

#[derive(Serialize)]
struct ResultProperties<'r> {
    severity: &'static str,
    category: &'static str,
    subject: &'r str,
    role: &'static str,
    points: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'static>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
struct RunProperties<'r> {
    verdict: &'static str,
    score: Option<u32>,
    rules_digest: &'r str,
    policy_digest: Option<&'r str>,
    omitted_results: usize,
}

const ROOT: &str = "%SRCROOT%";

fn log<'r>(report: &'r Report, style: &Style) -> Log<'r> {
    let listed = |entry: &&Entry| entry.is_open() || style.sarif_suppressions;
    let entries: Vec<&Entry> = report.findings.iter().filter(listed).collect();
    let (entries, omitted) = within_limit(entries);
    let rules = rules(report, &entries);
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let result = |entry: &&'r Entry| result(entry, index.get(&*entry.rule).copied().unwrap_or_default());
    let results = entries.iter().map(result).collect();
    let root = Text { text: "The root of the repository.".into(), markdown: None };
    let run = RunPart {
        tool: ToolPart { driver: Driver { name: "seaworthy", semantic_version: &report.tool.version, rules } },
        automation_details: Id { id: format!("{}/", style.sarif_category.trim_end_matches('/')) },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BTreeMap::from([(ROOT, Base { description: root })]),
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: report.unknown.iter().map(notification).collect(),
        }],
        results,
        properties: RunProperties {
            verdict: report.verdict.result.name(),
            score: report.score.value,
            rules_digest: &report.tool.rules_digest,
            policy_digest: report.run.policy_digest.as_deref(),
            omitted_results: omitted,
        },
    };
    Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
}

/// The worst of too many, in the order given, and how many were left out.
fn within_limit(entries: Vec<&Entry>) -> (Vec<&Entry>, usize) {
    let omitted = entries.len().saturating_sub(RESULTS);
    if omitted == 0 {
        return (entries, 0);
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(entries[*index].severity));
    order.truncate(RESULTS);
    order.sort_unstable();
    (order.into_iter().map(|index| entries[index]).collect(), omitted)
}

/// The rules of the results, by id. What a caller gave no prose for is described by its findings.
fn rules<'r>(report: &'r Report, entries: &[&'r Entry]) -> Vec<RulePart<'r>> {
    let mut worst: BTreeMap<&'r str, &'r Entry> = BTreeMap::new();
    for entry in entries {
        worst.entry(&entry.rule).or_insert(entry);
    }
    worst.into_iter().map(|(id, entry)| rule(id, report.rules.get(id), entry)).collect()
}

fn rule<'r>(id: &'r str, info: Option<&'r RuleInfo>, entry: &'r Entry) -> RulePart<'r> {
    let severity = info.map_or(entry.severity, |info| info.severity);
    let category = info.map_or(entry.category, |info| info.category);
    let title = info.map_or(entry.message.as_str(), |info| &info.title);
    let why = info.map(|info| first_sentence(&info.why)).filter(|why| !why.is_empty());
    let help = info.map_or_else(|| entry.message.clone(), RuleInfo::help_markdown);
    let plain = |text: std::borrow::Cow<'r, str>| Text { text: cut(text), markdown: None };
    let mut tags = vec![category.name()];
    tags.extend(info.into_iter().flat_map(|info| &info.tags).map(String::as_str).take(TAGS - 1));
    RulePart {
        id,
        name: id,
        short_description: plain(title.into()),
        full_description: plain(why.map_or(title.into(), Into::into)),
        help: Text { text: help.clone().into(), markdown: Some(help) },
        help_uri: info.and_then(|info| info.url.as_deref()),
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties {
            tags,
            precision: info.map_or("high", |info| &info.precision),
            problem: match level(severity) {
                "note" => "recommendation",
                level => level,
            },
            security: if category == Category::Security { security_severity(severity) } else { None },
        },
    }
}

fn result(entry: &Entry, rule_index: usize) -> ResultPart<'_> {
    let mut fingerprints = BTreeMap::from([("seaworthy/v1", entry.fingerprint.as_str())]);
    fingerprints.extend(entry.line_hash.as_deref().map(|hash| ("primaryLocationLineHash", hash)));
    let related = entry.related.iter().take(RELATED).enumerate().map(|(index, other)| LocationPart {
        id: Some(index + 1),
        physical_location: physical(&other.location),
        message: Some(Text { text: filled(&other.message).to_owned().into(), markdown: None }),
    });
    let suppressions = match &entry.status {
        Status::Open => Vec::new(),
        Status::Waived(waiver) => {
            let kind = if crate::waive::is_in_place(&waiver.by) { "inSource" } else { "external" };
            vec![Suppression { kind, status: "accepted", justification: filled(&waiver.reason) }]
        }
        Status::Baseline => {
            vec![Suppression { kind: "external", status: "accepted", justification: "in the baseline" }]
        }
    };
    ResultPart {
        rule_id: &entry.rule,
        rule_index,
        level: level(entry.severity),
        message: Text { text: filled(&entry.message).into(), markdown: None },
        locations: [LocationPart { id: None, physical_location: physical(&entry.location), message: None }],
        related_locations: related.collect(),
        partial_fingerprints: fingerprints,
        suppressions,
        fixes: entry.fix.as_ref().and_then(fix).into_iter().collect(),
        properties: ResultProperties {
            severity: entry.severity.name(),
            category: entry.category.name(),
            subject: &entry.subject,
            role: entry.role,
            points: entry.points,
        },
    }
}

/// A fix that can be shown; all its edits are of one file.
fn fix(fix: &EntryFix) -> Option<FixPart<'_>> {
    let (first, _) = fix.edits.first()?;
    let replacements = fix.edits.iter().map(|(place, text)| Replacement {
        deleted_region: region(place),
        inserted_content: Text { text: text.into(), markdown: None },
    });
    Some(FixPart {
        description: Text { text: filled(&fix.description).into(), markdown: None },
        artifact_changes: [Changes { artifact_location: artifact(&first.path), replacements: replacements.collect() }],
    })
}

fn notification(cause: &UnknownEntry) -> Notification {
    let target = cause.endpoint.as_ref().map(|endpoint| format!("{endpoint}: ")).unwrap_or_default();
    let text = format!("{}: could not be checked: {target}{}", cause.inspector, cause.reason);
    let place = match &cause.location {
        Some(location) => physical(location),
        None => Physical { artifact_location: artifact(&cause.path), region: None },
    };
    let location = LocationPart { id: None, physical_location: place, message: None };
    let locations = if cause.path.is_empty() { Vec::new() } else { vec![location] };
    Notification { level: "warning", message: Text { text: text.into(), markdown: None }, locations }
}

fn physical(place: &Location) -> Physical {
    Physical { artifact_location: artifact(&place.path), region: Some(region(place)) }
}

fn region(place: &Location) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn artifact(path: &str) -> Artifact {
    Artifact { uri: uri(path), uri_base_id: ROOT }
}

/// A relative path as a URI reference; a colon in the first segment would read as a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b'=' | b',' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

/// Empty strings are refused.
fn filled(text: &str) -> &str {
    if text.is_empty() { "(nothing said)" } else { text }
}

fn cut(text: std::borrow::Cow<'_, str>) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(DESCRIPTION - 1) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None if text.is_empty() => "(no description)".into(),
        None => text,
    }
}

/// Where code scanning draws its own lines: over 9.0 critical, from 7.0 high, from 4.0 medium, under that low.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("3.0"),
        Severity::Info => None,
    }
}
