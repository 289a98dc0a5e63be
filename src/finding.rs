//! What a rule found wrong: plain data, no lifetimes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::{Edit, Reason, Role};
use crate::span::Span;

/// How bad a finding is. Ordered: [`Severity::Info`] is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Worth mending when one is there anyway.
    Low,
    /// Worth mending before the next release.
    Medium,
    /// Should not be shipped.
    High,
    /// Takes the service down, or hands it to an attacker, as it stands.
    Critical,
}

impl Severity {
    /// All of them, worst first.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    /// Its name in reports and policies.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Info => "info",
        }
    }

    /// One step milder; info stays info.
    pub fn milder(self) -> Severity {
        match self {
            Severity::Critical => Severity::High,
            Severity::High => Severity::Medium,
            Severity::Medium => Severity::Low,
            Severity::Low | Severity::Info => Severity::Info,
        }
    }
}

/// What a finding endangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// An attacker gains something.
    Security,
    /// It fails under conditions that will occur.
    Reliability,
    /// Users lose the service.
    Availability,
    /// It does not do what it says.
    Correctness,
    /// It costs more than it needs to.
    Efficiency,
    /// Nobody would see it fail.
    Observability,
    /// It is hard to run or to change.
    Operability,
}

impl Category {
    /// All of them, in the order reports show.
    pub const ALL: [Category; 7] = [
        Category::Security,
        Category::Reliability,
        Category::Availability,
        Category::Correctness,
        Category::Efficiency,
        Category::Observability,
        Category::Operability,
    ];

    /// Its name in reports and policies.
    pub fn name(self) -> &'static str {
        match self {
            Category::Security => "security",
            Category::Reliability => "reliability",
            Category::Availability => "availability",
            Category::Correctness => "correctness",
            Category::Efficiency => "efficiency",
            Category::Observability => "observability",
            Category::Operability => "operability",
        }
    }
}

/// Another place that belongs to a finding, with what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What it shows.
    pub message: String,
}

/// Whether a fix can be applied without being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// What is built or run behaves as before, but for what the finding is about.
    Safe,
    /// It may behave otherwise: somebody has to look.
    Unsafe,
}

impl Safety {
    /// Its name in reports and rules.
    pub fn name(self) -> &'static str {
        match self {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        }
    }
}

/// How a finding can be mended: edits of one source that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub description: String,
    /// Whether it can be applied without being read.
    pub safety: Safety,
    /// The edits, by place; none overlaps another.
    pub edits: Vec<Edit>,
}

/// Something wrong with an artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The secret format, when the rule has several.
    pub format: Option<Arc<str>>,
    /// After policy, role and exposure.
    pub severity: Severity,
    /// From the rule.
    pub category: Category,
    /// What is wrong, in one sentence; masked.
    pub message: String,
    /// The object path of the fact.
    pub subject: Arc<str>,
    /// What the thing is for.
    pub role: Role,
    /// Where.
    pub primary: Span,
    /// Where else.
    pub related: Vec<Related>,
    /// 32 hex digits; see interfaces.md, "Fingerprint".
    pub fingerprint: String,
    /// Findings of one cause share a group.
    pub group: Option<Arc<str>>,
    /// How it can be mended.
    pub fix: Option<Fix>,
    /// Whether it counts.
    pub status: Status,
}

/// Whether a finding counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Open,
    /// Somebody accepted it.
    Waived(Waiver),
    /// It was there before.
    Baseline,
}

impl Finding {
    /// Whether it counts.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }
}

/// Who accepted a finding, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// Where it was written: `inline`, a peer's dialect, or the id in the waiver file.
    pub by: String,
    /// The reason given; empty for a peer's suppression that has none.
    pub reason: String,
    /// The last day on which it holds (`2027-01-31`).
    pub until: Option<String>,
}

/// Something that was claimed and could not be judged: one a cause (source or endpoint × reason).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Whose rules it kept from judging.
    pub inspector: Arc<str>,
    /// The path from the root; for an endpoint that of the policy which names it.
    pub path: String,
    /// The endpoint, when it is not a file that could not be judged.
    pub endpoint: Option<String>,
    /// Where in the file, when a place is known; always in the source that `path` names.
    pub span: Option<Span>,
    /// Why.
    pub reason: Reason,
    /// How many rules it kept from judging.
    pub rules: u32,
    /// Whether the policy requires the answer.
    pub required: bool,
}

/// How often a rule was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// The rule's id.
    pub rule: Arc<str>,
    /// From the rule.
    pub category: Category,
    /// Facts that passed.
    pub pass: u32,
    /// Findings that are open.
    pub fail: u32,
    /// Findings that somebody accepted, a baseline among them.
    pub waived: u32,
    /// Facts for which it came out unknown.
    pub unknown: u32,
    /// Facts that its `when` left out.
    pub not_applicable: u32,
}

impl Tally {
    /// The inspector that the rule belongs to: the first part of its id.
    pub fn inspector(&self) -> &str {
        inspector_of(&self.rule)
    }

    /// Whether it judged anything.
    pub fn judged(&self) -> bool {
        self.pass > 0 || self.fail > 0 || self.waived > 0
    }
}

/// The first part of a rule's id.
pub fn inspector_of(rule: &str) -> &str {
    rule.bytes().position(|byte| byte == b'/').and_then(|end| rule.get(..end)).unwrap_or(rule)
}
