//! All that a format may show, as plain data, and the formats: one file each.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use camino::Utf8PathBuf;

use crate::checklist::{Item, Verdict};
use crate::finding::{Category, Safety, Severity, Status, Tally};
use crate::score::Scorecard;

mod build;
mod frame;
mod github;
mod gitlab;
mod hide;
mod html;
mod json;
mod junit;
mod markdown;
mod prose;
mod sarif;
mod select;
pub mod statement;
mod table;

pub use build::Inputs;
pub use frame::{Frame, FrameLine, Mark, Snippet};
pub use json::{SCHEMA, json_schema};
pub use prose::RuleInfo;

/// Every way a report can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Table,
    /// `seaworthy/report/1`.
    Json,
    /// SARIF 2.1.0, as code scanning takes it.
    Sarif,
    /// For a job summary or a comment.
    Markdown,
    /// One self-contained page.
    Html,
    /// A test case a rule.
    Junit,
    /// Workflow commands that become annotations.
    Github,
    /// GitLab's code quality report.
    Gitlab,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 8] = [
        Format::Table,
        Format::Json,
        Format::Sarif,
        Format::Markdown,
        Format::Html,
        Format::Junit,
        Format::Github,
        Format::Gitlab,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Junit => "junit",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
        }
    }

    /// The format of that name.
    pub fn by_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What it needs to be built into the report.
    pub fn needs(self) -> Needs {
        Needs {
            table_frames: self == Format::Table,
            page_frames: self == Format::Html,
            all_frames: false,
            line_hashes: self == Format::Sarif,
        }
    }
}

/// Parts of a report that cost time and that not every format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// The text around what a table shows.
    pub table_frames: bool,
    /// The text around what a page shows.
    pub page_frames: bool,
    /// The text around every finding: for a table with `-v`.
    pub all_frames: bool,
    /// GitHub's hash of each finding's line.
    pub line_hashes: bool,
}

impl Needs {
    /// What `self` or `other` needs.
    pub fn or(self, other: Needs) -> Needs {
        Needs {
            table_frames: self.table_frames || other.table_frames,
            page_frames: self.page_frames || other.page_frames,
            all_frames: self.all_frames || other.all_frames,
            line_hashes: self.line_hashes || other.line_hashes,
        }
    }

    /// The same when the table is to show everything.
    #[must_use]
    pub fn verbosely(self, verbose: bool) -> Needs {
        Needs { all_frames: self.all_frames || (verbose && self.table_frames), ..self }
    }
}

/// How a report is written, as the caller has decided it from flags, terminal and environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// How many cells a line has.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether to link places and rules (OSC 8).
    pub links: bool,
    /// Whether to show everything.
    pub verbose: bool,
    /// Whether to show no findings, only what they come to.
    pub quiet: bool,
    /// The absolute folder that paths in the report are relative to; empty when links and shown paths need none.
    pub root: Utf8PathBuf,
    /// The absolute working folder.
    pub cwd: Utf8PathBuf,
    /// The category under which code scanning files a SARIF report.
    pub sarif_category: String,
    /// Whether SARIF lists waived and baselined results, as suppressed.
    pub sarif_suppressions: bool,
}

impl Default for Style {
    /// What is right for a file or a pipe.
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            links: false,
            verbose: false,
            quiet: false,
            root: Utf8PathBuf::new(),
            cwd: Utf8PathBuf::new(),
            sarif_category: "seaworthy".into(),
            sarif_suppressions: false,
        }
    }
}

/// The program and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// Its version.
    pub version: String,
    /// The digest of the rule set; scores compare only within one.
    pub rules_digest: String,
}

impl Tool {
    /// Its name.
    pub fn name(&self) -> &'static str {
        env!("CARGO_PKG_NAME")
    }
}

/// How the program was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What was named on the command line, relative to the root.
    pub paths: Vec<String>,
    /// The time that was taken as now.
    pub now: String,
    /// The environment chosen.
    pub env: Option<String>,
    /// The built-in policy.
    pub profile: String,
    /// Whether the network was allowed.
    pub online: bool,
    /// Whether only a selection of rules ran.
    pub partial: bool,
    /// The policy file, relative to the root.
    pub policy_path: Option<String>,
    /// The digest of the policy.
    pub policy_digest: Option<String>,
}

/// A place as people count it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// From the root, with `/`.
    pub path: String,
    /// The endpoint, when the text came from one.
    pub endpoint: Option<String>,
    /// 1-based.
    pub line: u32,
    /// 1-based, in code points.
    pub column: u32,
    /// The line of the end.
    pub end_line: u32,
    /// The column of the end, exclusive.
    pub end_column: u32,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedPlace {
    /// The place.
    pub location: Location,
    /// What it shows.
    pub message: String,
}

/// How a finding can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFix {
    /// What it does.
    pub description: String,
    /// Whether it can be applied without being read.
    pub safety: Safety,
    /// What is replaced, and by what; empty where that would show a secret.
    pub edits: Vec<(Location, String)>,
}

/// A finding with everything resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The secret format, when the rule has several.
    pub format: Option<Arc<str>>,
    /// How bad.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// What is wrong.
    pub message: String,
    /// Whether it counts.
    pub status: Status,
    /// How many of the 100 points it lost.
    pub points: u32,
    /// 32 hex digits.
    pub fingerprint: String,
    /// Findings of one cause share a group.
    pub group: Option<Arc<str>>,
    /// The object path.
    pub subject: Arc<str>,
    /// What the thing is for.
    pub role: &'static str,
    /// Where.
    pub location: Location,
    /// Where else.
    pub related: Vec<RelatedPlace>,
    /// The text around it; empty when no format needs it.
    pub frame: Frame,
    /// How it can be mended, when it counts.
    pub fix: Option<EntryFix>,
    /// GitHub's hash of its line, unless that would let one guess a secret.
    pub line_hash: Option<String>,
}

impl Entry {
    /// Whether it counts.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEntry {
    /// Whose rules it kept from judging.
    pub inspector: Arc<str>,
    /// The path from the root.
    pub path: String,
    /// The endpoint, when it is not a file.
    pub endpoint: Option<String>,
    /// Where in the file, when that is known.
    pub location: Option<Location>,
    /// Why.
    pub reason: String,
    /// How many rules it kept from judging.
    pub rules: u32,
    /// Whether the policy requires the answer.
    pub required: bool,
    /// How many of the 100 points it lost.
    pub points: u32,
}

/// Something that needs a flag to be examined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotRun {
    /// Who would examine it.
    pub inspector: String,
    /// What.
    pub target: String,
    /// What it needs.
    pub reason: String,
}

/// A path that was passed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// From the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// How many files there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Files {
    /// Claimed by an inspector and read.
    pub inspected: u32,
    /// Passed over.
    pub skipped: u32,
}

/// All that a format may show. Plain data; its order is the order of every format.
#[derive(Debug, Clone)]
pub struct Report {
    /// The program.
    pub tool: Tool,
    /// The run.
    pub run: Run,
    /// The answer.
    pub verdict: Verdict,
    /// The score.
    pub score: Scorecard,
    /// The findings, by place and rule.
    pub findings: Vec<Entry>,
    /// How many findings are milder than what was asked to be shown.
    pub hidden: usize,
    /// What could not be judged.
    pub unknown: Vec<UnknownEntry>,
    /// What needs a flag.
    pub not_run: Vec<NotRun>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// The checklist.
    pub checklist: Vec<Item>,
    /// What became of every rule.
    pub tallies: Vec<Tally>,
    /// How many files.
    pub files: Files,
    /// The prose of every rule that has a finding.
    pub rules: BTreeMap<Arc<str>, RuleInfo>,
}

/// Writes the checklist of `report` alone, as Markdown.
pub fn checklist(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    markdown::write_checklist(report, out)
}

/// Writes `report` in `format`.
pub fn render(report: &Report, format: Format, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, style, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, style, out),
        Format::Markdown => markdown::write(report, out),
        Format::Html => html::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
    }
}
