//! `seaworthy/report/1`: what programs read. `schemas/report.schema.json` is generated from these types.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Entry, Location, Report, UnknownEntry};
use crate::checklist::{Item, Verdict};
use crate::finding::{Category, Safety, Severity, Status};
use crate::score::Grade;

/// The name and version of the format.
pub const SCHEMA: &str = "seaworthy/report/1";

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document::new(report))?;
    out.write_all(b"\n")
}

/// The JSON Schema of the format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Document<'static>).to_value()
}

/// What seaworthy found, and what follows from it.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "seaworthy/report/1", deny_unknown_fields)]
struct Document<'r> {
    /// The name and version of this format.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The program.
    tool: ToolPart<'r>,
    /// How it was run.
    run: RunPart<'r>,
    /// GO or not, and why.
    verdict: &'r Verdict,
    /// The score.
    score: ScorePart<'r>,
    /// Everything that is wrong, by place and rule.
    findings: Vec<FindingPart<'r>>,
    /// Everything that could not be judged: one record a cause.
    unknown: Vec<UnknownPart<'r>>,
    /// What needs a flag to be examined.
    not_run: Vec<NotRunPart<'r>>,
    /// What was passed over.
    skipped: Vec<SkippedPart<'r>>,
    /// The checklist, answered.
    checklist: &'r [Item],
    /// What became of every rule that was on.
    rules: Vec<RulePart<'r>>,
    /// How many files there were.
    files: FilesPart,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tool")]
struct ToolPart<'r> {
    /// `seaworthy`.
    name: &'static str,
    /// Its version.
    version: &'r str,
    /// The digest of the rule set; scores compare only within one.
    rules_digest: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Run")]
struct RunPart<'r> {
    /// What was named on the command line, relative to the root.
    paths: &'r [String],
    /// The time that was taken as now.
    now: &'r str,
    /// The environment chosen.
    env: Option<&'r str>,
    /// The built-in policy.
    profile: &'r str,
    /// Whether the network was allowed.
    online: bool,
    /// Whether only a selection of rules ran.
    partial: bool,
    /// The policy file.
    policy: PolicyPart<'r>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
struct PolicyPart<'r> {
    /// Relative to the root.
    path: Option<&'r str>,
    /// The digest of all that the policy decides.
    digest: Option<&'r str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Score")]
struct ScorePart<'r> {
    /// 0 to 100; null when nothing was judged.
    #[schemars(range(max = 100))]
    value: Option<u32>,
    /// The letter for it.
    grade: Option<Grade>,
    /// The score if nothing were waived and no baseline were in use.
    #[schemars(range(max = 100))]
    unwaived: Option<u32>,
    /// The score if everything unknown passed.
    #[schemars(range(max = 100))]
    upper: Option<u32>,
    /// The score of each category of which something was judged.
    by_category: BTreeMap<&'static str, Option<u32>>,
    /// The score of each inspector; null when all of it was unknown.
    by_inspector: BTreeMap<&'r str, Option<u32>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingPart<'r> {
    /// The rule's id.
    rule: &'r str,
    /// The secret format, when the rule has several.
    format: Option<&'r str>,
    /// After policy, role and exposure.
    severity: Severity,
    /// What it endangers.
    category: Category,
    /// What is wrong, in one sentence.
    message: &'r str,
    /// Whether it counts.
    status: StatusPart,
    /// How many of the 100 points it lost.
    #[schemars(range(max = 100))]
    points: u32,
    /// The same for the same offence, wherever it moves within its object.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    fingerprint: &'r str,
    /// Findings of one cause share a group.
    group: Option<&'r str>,
    /// The object path.
    subject: &'r str,
    /// What the thing is for.
    role: &'static str,
    /// Where.
    location: LocationPart<'r>,
    /// Where else.
    related: Vec<RelatedPart<'r>>,
    /// Who accepted it, and why; null unless it is waived.
    waiver: Option<WaiverPart<'r>>,
    /// Edits that mend it; null when there are none, and unless it counts.
    fix: Option<FixPart<'r>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fix")]
struct FixPart<'r> {
    /// What it does.
    description: &'r str,
    /// Whether `--fix` alone makes it.
    safety: Safety,
    /// All of them belong together; none when they would show a secret.
    edits: Vec<EditPart<'r>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Edit")]
struct EditPart<'r> {
    /// What is replaced; an empty stretch is a place to insert at.
    location: LocationPart<'r>,
    /// What is written there instead.
    text: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Status")]
enum StatusPart {
    /// It counts.
    Open,
    /// Somebody accepted it.
    Waived,
    /// It was there before.
    Baseline,
}

/// Lines and columns are 1-based; columns count code points; the end is exclusive.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Location")]
struct LocationPart<'r> {
    /// From the root, with `/`.
    path: &'r str,
    /// The endpoint, when the text came from one.
    endpoint: Option<&'r str>,
    #[schemars(range(min = 1))]
    line: u32,
    #[schemars(range(min = 1))]
    column: u32,
    #[schemars(range(min = 1))]
    end_line: u32,
    #[schemars(range(min = 1))]
    end_column: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Related")]
struct RelatedPart<'r> {
    /// The place.
    location: LocationPart<'r>,
    /// What it shows.
    message: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Waiver")]
struct WaiverPart<'r> {
    /// Where it was written: `inline`, a peer's dialect, or the id in the waiver file.
    by: &'r str,
    /// The reason given.
    reason: &'r str,
    /// The last day on which it holds.
    until: Option<&'r str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unknown")]
struct UnknownPart<'r> {
    /// Whose rules it kept from judging.
    inspector: &'r str,
    /// From the root.
    path: &'r str,
    /// The endpoint, when it is not a file.
    endpoint: Option<&'r str>,
    /// 1-based, when a place is known.
    line: Option<u32>,
    /// Why.
    reason: &'r str,
    /// How many rules it kept from judging.
    rules: u32,
    /// Whether the policy requires the answer.
    required: bool,
    /// How many of the 100 points it lost.
    #[schemars(range(max = 100))]
    points: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NotRun")]
struct NotRunPart<'r> {
    /// Who would examine it.
    inspector: &'r str,
    /// What.
    target: &'r str,
    /// What it needs.
    reason: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Skipped")]
struct SkippedPart<'r> {
    /// From the root.
    path: &'r str,
    /// Why.
    reason: &'r str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Rule")]
struct RulePart<'r> {
    /// The rule's id.
    id: &'r str,
    /// Facts that passed.
    pass: u32,
    /// Findings that are open.
    fail: u32,
    /// Findings that somebody accepted.
    waived: u32,
    /// Facts for which it came out unknown.
    unknown: u32,
    /// Facts that it does not apply to.
    not_applicable: u32,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Files")]
struct FilesPart {
    /// Claimed by an inspector and read.
    inspected: u32,
    /// Passed over.
    skipped: u32,
}

impl<'r> Document<'r> {
    fn new(report: &'r Report) -> Self {
        let score = &report.score;
        let by_inspector = score.by_inspector.iter().map(|(name, part)| (&**name, part.value));
        let rule = |tally: &'r crate::finding::Tally| RulePart {
            id: &tally.rule,
            pass: tally.pass,
            fail: tally.fail,
            waived: tally.waived,
            unknown: tally.unknown,
            not_applicable: tally.not_applicable,
        };
        Document {
            schema: SCHEMA,
            tool: ToolPart {
                name: "seaworthy",
                version: &report.tool.version,
                rules_digest: &report.tool.rules_digest,
            },
            run: run(report),
            verdict: &report.verdict,
            score: ScorePart {
                value: score.value,
                grade: score.grade,
                unwaived: score.unwaived,
                upper: score.upper,
                by_category: score.by_category.iter().map(|(name, part)| (name.name(), part.value)).collect(),
                by_inspector: by_inspector.collect(),
            },
            findings: report.findings.iter().map(finding).collect(),
            unknown: report.unknown.iter().map(unknown).collect(),
            not_run: report.not_run.iter().map(not_run).collect(),
            skipped: report.skipped.iter().map(skipped).collect(),
            checklist: &report.checklist,
            rules: report.tallies.iter().map(rule).collect(),
            files: FilesPart { inspected: report.files.inspected, skipped: report.files.skipped },
        }
    }
}

fn run(report: &Report) -> RunPart<'_> {
    let run = &report.run;
    RunPart {
        paths: &run.paths,
        now: &run.now,
        env: run.env.as_deref(),
        profile: &run.profile,
        online: run.online,
        partial: run.partial,
        policy: PolicyPart { path: run.policy_path.as_deref(), digest: run.policy_digest.as_deref() },
    }
}

fn finding(entry: &Entry) -> FindingPart<'_> {
    let (status, waiver) = match &entry.status {
        Status::Open => (StatusPart::Open, None),
        Status::Baseline => (StatusPart::Baseline, None),
        Status::Waived(waiver) => {
            let until = waiver.until.as_deref();
            (StatusPart::Waived, Some(WaiverPart { by: &waiver.by, reason: &waiver.reason, until }))
        }
    };
    FindingPart {
        rule: &entry.rule,
        format: entry.format.as_deref(),
        severity: entry.severity,
        category: entry.category,
        message: &entry.message,
        status,
        points: entry.points,
        fingerprint: &entry.fingerprint,
        group: entry.group.as_deref(),
        subject: &entry.subject,
        role: entry.role,
        location: location(&entry.location),
        related: entry.related.iter().map(related).collect(),
        waiver,
        fix: entry.fix.as_ref().map(fix),
    }
}

fn fix(fix: &super::EntryFix) -> FixPart<'_> {
    let edits = fix.edits.iter().map(|(place, text)| EditPart { location: location(place), text });
    FixPart { description: &fix.description, safety: fix.safety, edits: edits.collect() }
}

fn related(other: &super::RelatedPlace) -> RelatedPart<'_> {
    RelatedPart { location: location(&other.location), message: &other.message }
}

fn location(place: &Location) -> LocationPart<'_> {
    LocationPart {
        path: &place.path,
        endpoint: place.endpoint.as_deref(),
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn unknown(cause: &UnknownEntry) -> UnknownPart<'_> {
    UnknownPart {
        inspector: &cause.inspector,
        path: &cause.path,
        endpoint: cause.endpoint.as_deref(),
        line: cause.location.as_ref().map(|place| place.line),
        reason: &cause.reason,
        rules: cause.rules,
        required: cause.required,
        points: cause.points,
    }
}

fn not_run(target: &super::NotRun) -> NotRunPart<'_> {
    NotRunPart { inspector: &target.inspector, target: &target.target, reason: &target.reason }
}

fn skipped(one: &super::Skipped) -> SkippedPart<'_> {
    SkippedPart { path: &one.path, reason: &one.reason }
}
