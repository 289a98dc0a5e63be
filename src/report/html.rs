//! One self-contained page.

use std::io::{self, Write};

use super::Report;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!doctype html><title>{}</title>", report.verdict.result.title())
}
