//! The findings: by file, the worst first; one cause once; what repeats too often folded.

use std::collections::BTreeMap;
use std::io;

use super::Page;
use super::frames;
use super::paint::{Ink, cells, clean, cut, pad, wrap};
use crate::checklist::counted;
use crate::finding::{Safety, Severity};
use crate::report::select::{Cause, causes, fold};

/// How many findings of one cause are named below its first.
const OF_CAUSE: usize = 4;

pub(super) fn write(page: &mut Page<'_>) -> io::Result<()> {
    let causes = causes(&page.report.findings);
    let (shown, folded) = if page.verbose { (causes, Vec::new()) } else { fold(causes) };
    for (path, causes) in by_file(shown) {
        file(page, path, &causes)?;
    }
    rest(page, &folded)?;
    if page.report.hidden > 0 {
        let hidden = counted(page.report.hidden, "milder finding", "milder findings");
        let line = page.paint.ink(&format!("{hidden} not shown (--min-severity)."), Ink::Dim);
        page.line("")?;
        page.line(&line)?;
    }
    Ok(())
}

/// Files with their causes: the file with the worst finding first, within a file the worst finding first.
fn by_file(causes: Vec<Cause<'_>>) -> Vec<(&str, Vec<Cause<'_>>)> {
    let mut files: BTreeMap<&str, Vec<Cause<'_>>> = BTreeMap::new();
    for cause in causes {
        files.entry(&cause.head.location.path).or_default().push(cause);
    }
    let mut files: Vec<_> = files.into_iter().collect();
    for (_, causes) in &mut files {
        causes.sort_by_key(|cause| (std::cmp::Reverse(cause.head.severity), cause.index));
    }
    let weight = |causes: &[Cause<'_>]| {
        let worst = causes.iter().map(|cause| cause.head.severity).max();
        (worst, causes.iter().map(Cause::points).sum::<u32>())
    };
    files.sort_by_key(|(path, causes)| (std::cmp::Reverse(weight(causes)), *path));
    files
}

fn file(page: &mut Page<'_>, path: &str, causes: &[Cause<'_>]) -> io::Result<()> {
    let shown = page.paint.path(path);
    let mut by_severity: BTreeMap<Severity, usize> = BTreeMap::new();
    for entry in causes.iter().flat_map(|cause| std::iter::once(cause.head).chain(cause.also.iter().copied())) {
        *by_severity.entry(entry.severity).or_insert(0) += 1;
    }
    let counts: Vec<(Severity, String)> =
        by_severity.into_iter().rev().map(|(severity, n)| (severity, format!("{n} {}", severity.name()))).collect();
    let mut painted: Vec<String> =
        counts.iter().map(|(severity, text)| page.paint.ink(text, Ink::Of(*severity))).collect();
    // Between two counts stand three cells, before the first and around the name two more.
    let mut used: usize = counts.iter().map(|(_, text)| cells(text) + 3).sum::<usize>() + 2;
    if used + cells(&shown) + 6 > page.paint.width {
        (painted, used) = (Vec::new(), 4);
    }
    let shown = cut(&shown, page.paint.width.saturating_sub(used + 4));
    let line = "━".repeat(page.paint.width.saturating_sub(cells(&shown) + used).max(2));
    let name = page.paint.link(&page.paint.ink(&shown, Ink::Bold), page.paint.file_url(path).as_deref());
    let line = format!(
        "{} {name} {} {}",
        page.paint.ink("━━", Ink::Dim),
        page.paint.ink(&line, Ink::Dim),
        painted.join(" · ")
    );
    page.line("")?;
    page.line(&line)?;
    for cause in causes {
        page.line("")?;
        finding(page, cause)?;
    }
    Ok(())
}

fn finding(page: &mut Page<'_>, cause: &Cause<'_>) -> io::Result<()> {
    let entry = cause.head;
    let label = pad(entry.severity.name(), 8);
    for (nth, text) in wrap(&clean(&entry.message), page.paint.width.saturating_sub(10)).iter().enumerate() {
        let label = if nth == 0 { page.paint.ink(&label, Ink::Of(entry.severity)) } else { " ".repeat(8) };
        let line = format!(" {label} {}", page.paint.ink(text, Ink::Bold));
        page.line(&line)?;
    }
    let mut notes = Vec::new();
    if let Some(remedy) = page.report.rules.get(&entry.rule).map(|rule| rule.remedy()).filter(|text| !text.is_empty()) {
        let mark = match entry.fix.as_ref().map(|fix| fix.safety) {
            Some(Safety::Safe) => " [fixable]",
            Some(Safety::Unsafe) => " [fixable, unsafe]",
            None => "",
        };
        notes.push(("fix", format!("{remedy}{mark}")));
    }
    if !matches!(entry.role, "production" | "staging") {
        notes.push(("role", format!("judged as {}", entry.role)));
    }
    for other in cause.also.iter().take(if page.verbose { usize::MAX } else { OF_CAUSE }) {
        let (at, head) = (&other.location, &entry.location);
        let place = match (at.path == head.path, at.line == head.line) {
            (true, true) => String::new(),
            (true, false) => format!(" on line {}", at.line),
            (false, _) => format!(" at {}:{}:{}", page.paint.path(&at.path), at.line, at.column),
        };
        notes.push(("also", format!("{} {}{place}: {}", other.severity.name(), other.rule, other.message)));
    }
    if !page.verbose && cause.also.len() > OF_CAUSE {
        notes.push(("also", format!("{} more of the same cause", cause.also.len() - OF_CAUSE)));
    }
    frames::write(page, entry, &notes)
}

/// One line for each rule that was folded.
fn rest(page: &mut Page<'_>, folded: &[Cause<'_>]) -> io::Result<()> {
    if folded.is_empty() {
        return Ok(());
    }
    let n = folded.iter().map(|cause| 1 + cause.also.len()).sum();
    page.heading(&format!("{} folded", counted(n, "more finding", "more findings")), "-v shows all of them")?;
    let mut rules: Vec<(&str, Vec<&Cause<'_>>)> = Vec::new();
    for cause in folded {
        match rules.iter_mut().find(|(rule, _)| **rule == *cause.head.rule) {
            Some((_, causes)) => causes.push(cause),
            None => rules.push((&cause.head.rule, vec![cause])),
        }
    }
    let widest = rules.iter().map(|(rule, _)| cells(rule)).max().unwrap_or(0);
    for (rule, causes) in rules {
        let severity = causes[0].head.severity;
        let mut files: Vec<&str> = causes.iter().map(|cause| cause.head.location.path.as_str()).collect();
        files.sort_unstable();
        files.dedup();
        let label = page.paint.ink(&pad(severity.name(), 8), Ink::Of(severity));
        let name = page.paint.link(&clean(rule), url(page, rule).as_deref());
        let fill = " ".repeat(widest.saturating_sub(cells(rule)));
        let line = format!(" {label} {name}{fill}  {:>5} in {}", causes.len(), counted(files.len(), "file", "files"));
        page.line(&line)?;
    }
    Ok(())
}

/// The page that documents `rule`.
pub(super) fn url(page: &Page<'_>, rule: &str) -> Option<String> {
    page.report.rules.get(rule)?.url.clone()
}
