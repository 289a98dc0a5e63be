//! GitLab's code quality report: one entry an open finding; fingerprints must differ.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Entry, Report};
use crate::finding::Severity;

#[derive(Serialize)]
struct Issue<'r> {
    description: &'r str,
    check_name: &'r str,
    fingerprint: String,
    severity: &'static str,
    location: Place<'r>,
}

#[derive(Serialize)]
struct Place<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut issues = Vec::new();
    for entry in report.findings.iter().filter(|entry| entry.is_open()) {
        let nth = seen.entry(&entry.fingerprint).or_insert(0);
        *nth += 1;
        issues.push(issue(entry, *nth));
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    out.write_all(b"\n")
}

fn issue(entry: &Entry, nth: u32) -> Issue<'_> {
    Issue {
        description: &entry.message,
        check_name: &entry.rule,
        fingerprint: if nth == 1 { entry.fingerprint.clone() } else { format!("{}-{nth}", entry.fingerprint) },
        severity: match entry.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
            Severity::Info => "info",
        },
        location: Place {
            path: &entry.location.path,
            lines: Lines { begin: entry.location.line, end: entry.location.end_line },
        },
    }
}
