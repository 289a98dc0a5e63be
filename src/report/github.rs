//! Workflow commands that become annotations. A step may have ten of each level and the rest is dropped without a
//! word, so the worst come first and the last one says how many are missing.

use std::io::{self, Write};

use super::prose::level;
use super::{Entry, Report};
use crate::checklist::{Decision, counted};

/// How many annotations of one level a step may have.
const OF_LEVEL: usize = 10;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut open: Vec<&Entry> = report.findings.iter().filter(|entry| entry.is_open()).collect();
    open.sort_by_key(|entry| std::cmp::Reverse((entry.severity, entry.points)));
    let mut left = 0;
    // The verdict takes one notice.
    for (name, command, most) in
        [("error", "error", OF_LEVEL), ("warning", "warning", OF_LEVEL), ("note", "notice", OF_LEVEL - 1)]
    {
        let of_level: Vec<&&Entry> = open.iter().filter(|entry| level(entry.severity) == name).collect();
        left += of_level.len().saturating_sub(most);
        for entry in of_level.iter().take(most) {
            writeln!(out, "::{command} {}::{}", properties(entry), data(&message(report, entry)))?;
        }
    }
    writeln!(out, "::notice title=seaworthy::{}", data(&summary(report, left)))
}

fn properties(entry: &Entry) -> String {
    let place = &entry.location;
    let mut properties = format!("file={},line={},endLine={}", property(&place.path), place.line, place.end_line);
    if place.line == place.end_line {
        // The last column itself, not the one after it.
        let last = place.end_column.saturating_sub(1).max(place.column);
        properties += &format!(",col={},endColumn={last}", place.column);
    }
    properties + &format!(",title={}", property(&format!("{} ({})", entry.rule, entry.severity.name())))
}

fn message(report: &Report, entry: &Entry) -> String {
    match report.rules.get(&entry.rule).map(|rule| rule.remedy()).filter(|remedy| !remedy.is_empty()) {
        Some(remedy) => format!("{}\nTo mend it: {remedy}", entry.message),
        None => entry.message.clone(),
    }
}

fn summary(report: &Report, left: usize) -> String {
    let mut parts = vec![match report.score.value {
        Some(score) => format!("{}, score {score}", report.verdict.result.title()),
        None => report.verdict.result.title().to_owned(),
    }];
    if left > 0 {
        parts.push(format!("{} not annotated here; see the summary", counted(left, "finding", "findings")));
    }
    if !report.unknown.is_empty() {
        parts.push(format!("{} could not be checked", counted(report.unknown.len(), "thing", "things")));
    }
    if report.verdict.result != Decision::Go {
        parts.extend(report.verdict.reasons.first().map(|reason| reason.message.clone()));
    }
    parts.join(". ")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
