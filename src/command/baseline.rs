//! `baseline`: today's findings, so that `check --baseline` judges only what is new.

use crate::cli::BaselineArgs;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::finding::Status;
use crate::report::Report;
use crate::settings::own::{BASELINE, BaselineEntry, BaselineFile};
use crate::settings::{self, Settings};

/// Judges, and writes what was found.
///
/// # Errors
/// The run could not happen, or the file could not be written.
pub fn run(args: &BaselineArgs) -> Result<ExitCode, Error> {
    let settings = Settings::new(&args.check, settings::clock())?;
    let report = super::check::judge(&settings)?;
    let text = text(&report);
    match &args.output {
        None => super::put(&text).map_err(Error::output)?,
        Some(file) => super::check::replace(file, text.as_bytes())
            .map_err(|error| Error::usage(format!("cannot write {file}: {error}"), None))?,
    }
    Ok(ExitCode::Ready)
}

/// The findings that nobody waived, sorted by file and rule, one a line.
fn text(report: &Report) -> String {
    let open = report.findings.iter().filter(|entry| !matches!(entry.status, Status::Waived(_)));
    let mut findings: Vec<BaselineEntry> = open
        .map(|entry| BaselineEntry {
            fingerprint: entry.fingerprint.clone(),
            rule: entry.rule.to_string(),
            path: entry.location.path.clone(),
        })
        .collect();
    findings.sort_by(|a, b| (&a.path, &a.rule, &a.fingerprint).cmp(&(&b.path, &b.rule, &b.fingerprint)));
    let file = BaselineFile { schema: BASELINE.to_owned(), findings };
    let lines: Vec<String> = file
        .findings
        .iter()
        .filter_map(|entry| serde_json::to_string(entry).ok())
        .map(|line| format!("  {line}"))
        .collect();
    format!("{{\"schema\": \"{}\", \"findings\": [\n{}\n]}}\n", file.schema, lines.join(",\n"))
}
