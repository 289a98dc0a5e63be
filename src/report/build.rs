//! From the values of a run to a [`Report`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::hide;
use super::select::framed;
use super::{
    Entry, EntryFix, Files, Frame, Location, Needs, NotRun, RelatedPlace, Report, RuleInfo, Run, Skipped, Tool,
    UnknownEntry,
};
use crate::checklist::{Case, Gate, Item, judge};
use crate::finding::{Finding, Fix, Severity, Tally, Unknown};
use crate::mask::Masker;
use crate::score::{Weights, score};
use crate::source::Source;
use crate::span::Span;

/// What a report is made of.
#[derive(Debug)]
pub struct Inputs<'a> {
    /// Every source, at the index of its id.
    pub sources: &'a [Source],
    /// Who quotes them.
    pub masker: &'a Masker<'a>,
    /// The program.
    pub tool: Tool,
    /// The run.
    pub run: Run,
    /// Every finding, in the order that `check` gave them.
    pub findings: Vec<Finding>,
    /// Everything that could not be judged.
    pub unknown: Vec<Unknown>,
    /// What needs a flag.
    pub not_run: Vec<NotRun>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// The checklist, answered.
    pub checklist: Vec<Item>,
    /// What became of every rule.
    pub tallies: Vec<Tally>,
    /// The prose of the rules; those without findings are left out.
    pub rules: Vec<RuleInfo>,
    /// How many files an inspector claimed.
    pub inspected: usize,
    /// How many targets were asked.
    pub asked: usize,
    /// What the policy decides about the score.
    pub weights: &'a Weights,
    /// What stands between this and GO.
    pub gate: &'a Gate,
    /// The least severity that is shown; everything is judged all the same.
    pub min_severity: Severity,
    /// What the formats need.
    pub needs: Needs,
}

impl Report {
    /// Scores, judges and resolves every place.
    pub fn new(inputs: Inputs<'_>) -> Report {
        let Inputs { sources, masker, findings, mut unknown, mut skipped, mut not_run, tallies, .. } = inputs;
        unknown.sort_by(|a, b| unknown_key(a).cmp(&unknown_key(b)));
        skipped.sort();
        not_run.sort();
        let score = score(inputs.weights, &findings, &unknown, &tallies);
        let case = Case {
            findings: &findings,
            unknown: &unknown,
            items: &inputs.checklist,
            score: &score,
            empty: inputs.inspected + inputs.asked == 0,
        };
        let verdict = judge(inputs.gate, case);
        let shown = findings.iter().zip(&score.finding_points).filter(|(one, _)| one.severity >= inputs.min_severity);
        let shown: Vec<(&Finding, u32)> = shown.map(|(finding, points)| (finding, *points)).collect();
        let hashes = if inputs.needs.line_hashes { line_hashes(sources, masker, &shown) } else { HashMap::new() };
        let resolve = Resolve { sources, hashes, masker };
        let mut entries: Vec<Entry> = shown.iter().map(|(finding, points)| resolve.entry(finding, *points)).collect();
        for index in framed(&entries, inputs.needs) {
            entries[index].frame = Frame::new(shown[index].0, sources, masker);
        }
        let used: BTreeSet<&str> = entries.iter().map(|entry| &*entry.rule).collect();
        let rules = inputs.rules.into_iter().filter(|rule| used.contains(rule.id.as_str()));
        let rules: BTreeMap<Arc<str>, RuleInfo> = rules.map(|rule| (Arc::from(rule.id.as_str()), rule)).collect();
        let files = Files { inspected: count(inputs.inspected), skipped: count(skipped.len()) };
        let causes = unknown;
        let unknown = causes.iter().zip(&score.unknown_points).map(|(cause, points)| resolve.unknown(cause, *points));
        let words = hide::words(&findings, &causes, sources, masker);
        let mut report = Report {
            tool: inputs.tool,
            run: inputs.run,
            verdict,
            hidden: findings.len() - entries.len(),
            unknown: unknown.collect(),
            findings: entries,
            score,
            not_run,
            skipped,
            checklist: inputs.checklist,
            tallies,
            files,
            rules,
        };
        hide::hide(&mut report, &words);
        report
    }
}

fn unknown_key(cause: &Unknown) -> (&str, &Option<String>, Option<Span>, &str, String) {
    (&cause.path, &cause.endpoint, cause.span, &cause.inspector, cause.reason.to_string())
}

struct Resolve<'a> {
    sources: &'a [Source],
    masker: &'a Masker<'a>,
    hashes: HashMap<(u32, u32), String>,
}

impl Resolve<'_> {
    fn entry(&self, finding: &Finding, points: u32) -> Entry {
        let location = self.location(finding.primary);
        let shown = self.source(finding.primary).map_or(finding.primary, |source| source.shown(finding.primary));
        let hash = self.hashes.get(&(shown.source.0, location.line)).cloned();
        let related = finding
            .related
            .iter()
            .map(|other| RelatedPlace { location: self.location(other.span), message: other.message.clone() });
        Entry {
            rule: finding.rule.clone(),
            format: finding.format.clone(),
            severity: finding.severity,
            category: finding.category,
            message: self.message(finding),
            status: finding.status.clone(),
            points,
            fingerprint: finding.fingerprint.clone(),
            group: finding.group.clone(),
            subject: finding.subject.clone(),
            role: finding.role.name(),
            related: related.collect(),
            frame: Frame::default(),
            fix: finding.fix.as_ref().filter(|_| finding.is_open()).map(|fix| self.fix(fix)),
            line_hash: hash.filter(|_| !finding.rule.starts_with("secrets/") && finding.format.is_none()),
            location,
        }
    }

    fn fix(&self, fix: &Fix) -> EntryFix {
        let edits = fix.edits.iter().map(|edit| (self.location(edit.span), edit.text.clone()));
        EntryFix { description: fix.description.clone(), safety: fix.safety, edits: edits.collect() }
    }

    /// What is said of an endpoint names it, and repeats no secret that a server told.
    fn message(&self, finding: &Finding) -> String {
        let Some((source, endpoint)) = self.source(finding.primary).and_then(|one| Some((one, one.endpoint()?))) else {
            return finding.message.clone();
        };
        let message = self.masker.hide(source, &finding.message);
        if message.contains(endpoint) { message } else { format!("{endpoint}: {message}") }
    }

    fn unknown(&self, cause: &Unknown, points: u32) -> UnknownEntry {
        UnknownEntry {
            inspector: cause.inspector.clone(),
            path: cause.path.clone(),
            endpoint: cause.endpoint.clone(),
            location: cause.span.map(|span| self.location(span)),
            reason: self.reason(cause),
            rules: cause.rules,
            required: cause.required,
            points,
        }
    }

    fn reason(&self, cause: &Unknown) -> String {
        let reason = cause.reason.to_string();
        match cause.span.filter(|_| cause.endpoint.is_some()).and_then(|span| self.source(span)) {
            Some(source) => self.masker.hide(source, &reason),
            None => reason,
        }
    }

    fn source(&self, span: Span) -> Option<&Source> {
        self.sources.get(span.source.0 as usize)
    }

    fn location(&self, span: Span) -> Location {
        let nowhere = Location { path: String::new(), endpoint: None, line: 1, column: 1, end_line: 1, end_column: 1 };
        let Some(origin) = self.source(span) else { return nowhere };
        let span = origin.shown(span);
        let Some(source) = self.source(span) else { return nowhere };
        let (start, end) = (source.position(span.start), source.position(span.end.max(span.start)));
        Location {
            path: source.path().to_owned(),
            endpoint: origin.endpoint().map(str::to_owned),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

fn line_hashes(sources: &[Source], masker: &Masker<'_>, shown: &[(&Finding, u32)]) -> HashMap<(u32, u32), String> {
    let mut wanted: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (finding, _) in shown {
        let Some(origin) = sources.get(finding.primary.source.0 as usize) else { continue };
        let shown = origin.shown(finding.primary);
        let Some(source) = sources.get(shown.source.0 as usize) else { continue };
        wanted.entry(shown.source.0).or_default().insert(source.position(shown.start).line);
    }
    let mut hashes = HashMap::new();
    for (id, lines) in wanted {
        let Some(source) = sources.get(id as usize) else { continue };
        hashes.extend(masker.line_hashes(source, &lines).into_iter().map(|(line, hash)| ((id, line), hash)));
    }
    hashes
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
