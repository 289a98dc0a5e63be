//! For a terminal: findings with the text around them, worst files first, then what was not judged, the scores, and
//! at the very end, where the eye rests, the verdict.

use std::io::{self, Write};

use self::paint::{Ink, Paint};
use super::{Report, Style};
use crate::checklist::counted;
use crate::finding::Safety;

mod findings;
mod frames;
mod paint;
mod rest;
mod scores;

/// How many reasons stand below the verdict before the rest is folded.
const REASONS: usize = 12;

/// Writes the report.
pub(super) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { report, paint: Paint::new(style), verbose: style.verbose, out };
    if !style.quiet {
        findings::write(&mut page)?;
        rest::write(&mut page)?;
        scores::write(&mut page)?;
    }
    verdict(&mut page)
}

/// What is being written, and how.
struct Page<'p> {
    report: &'p Report,
    paint: Paint<'p>,
    verbose: bool,
    out: &'p mut dyn Write,
}

impl Page<'_> {
    /// One line; blanks at its end are nobody's.
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    /// A heading with an empty line before it.
    fn heading(&mut self, text: &str, beside: &str) -> io::Result<()> {
        let heading = format!("{}  {}", self.paint.ink(text, Ink::Bold), self.paint.ink(beside, Ink::Dim));
        writeln!(self.out)?;
        self.line(&heading)
    }
}

fn verdict(page: &mut Page<'_>) -> io::Result<()> {
    let report = page.report;
    let result = report.verdict.result;
    writeln!(page.out)?;
    let badge = page.paint.badge(&format!(" {} ", result.title()), result);
    let beside = scores::beside(report);
    let fits = paint::cells(&beside) + result.title().len() + 27 <= page.paint.width;
    let beside = if beside.is_empty() || !fits { String::new() } else { format!(" ({beside})") };
    let line = format!("{badge}  {}{beside}", scores::in_words(report, &page.paint));
    page.line(&line)?;
    let width = page.paint.width;
    let reasons = &report.verdict.reasons;
    let most = if page.verbose || reasons.len() == REASONS + 1 { reasons.len() } else { REASONS };
    for reason in reasons.iter().take(most) {
        for (nth, text) in paint::wrap(&paint::clean(&reason.message), width.saturating_sub(4)).iter().enumerate() {
            let mark = if nth == 0 { "•" } else { " " };
            page.line(&format!("  {mark} {text}"))?;
        }
    }
    if reasons.len() > most {
        page.line(&format!("  • … and {} more (-v)", reasons.len() - most))?;
    }
    if let Some(hint) = mending(report) {
        page.line(&hint)?;
    }
    for text in paint::wrap(&footer(report), width) {
        let line = page.paint.ink(&text, Ink::Dim);
        page.line(&line)?;
    }
    Ok(())
}

/// How many findings a program can mend.
fn mending(report: &Report) -> Option<String> {
    let count = |safety: Safety| {
        let fixes = report.findings.iter().filter_map(|entry| entry.fix.as_ref());
        fixes.filter(|fix| fix.safety == safety).count()
    };
    let findings = |n| counted(n, "finding", "findings");
    match (count(Safety::Safe), count(Safety::Unsafe)) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{} can be mended with --fix", findings(safe))),
        (0, n) => Some(format!("{} can be mended with --fix --unsafe-fixes", findings(n))),
        (safe, n) => Some(format!("{} can be mended with --fix, {n} more with --unsafe-fixes", findings(safe))),
    }
}

/// With what the score may be compared.
fn footer(report: &Report) -> String {
    let mut parts = vec![
        format!("{} examined", counted(report.files.inspected as usize, "file", "files")),
        format!("{} passed over", report.files.skipped),
        match &report.run.env {
            Some(env) => format!("profile {} · environment {env}", report.run.profile),
            None => format!("profile {}", report.run.profile),
        },
        format!("rules {}", short(&report.tool.rules_digest)),
    ];
    parts.extend(report.run.policy_digest.as_ref().map(|digest| format!("policy {}", short(digest))));
    if report.run.partial {
        parts.push("only a selection of rules".into());
    }
    parts.push(format!("seaworthy {}", report.tool.version));
    paint::clean(&parts.join(" · "))
}

/// Enough of a digest to tell it from others.
fn short(digest: &str) -> &str {
    let digest = digest.strip_prefix("sha256:").unwrap_or(digest);
    digest.get(..12).unwrap_or(digest)
}
