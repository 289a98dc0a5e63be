//! What is not a finding: accepted, unknown, not run, passed over, and the checklist.

use std::collections::BTreeMap;
use std::io;

use super::Page;
use super::paint::{Ink, cells, clean, cut, pad, wrap};
use crate::checklist::{Item, Phase, State, counted, sections};
use crate::finding::{Severity, Status};
use crate::report::Entry;

/// A phase with no more items than this is shown whole.
const ITEMS: usize = 8;
/// How many lines a section has before the rest is folded.
const LINES: usize = 10;

pub(super) fn write(page: &mut Page<'_>) -> io::Result<()> {
    accepted(page)?;
    unknown(page)?;
    not_run(page)?;
    skipped(page)?;
    checklist(page)
}

fn accepted(page: &mut Page<'_>) -> io::Result<()> {
    let waived: Vec<&Entry> =
        page.report.findings.iter().filter(|entry| matches!(entry.status, Status::Waived(_))).collect();
    let before = page.report.findings.iter().filter(|entry| entry.status == Status::Baseline).count();
    if before > 0 {
        page.heading(&counted(before, "finding of the baseline", "findings of the baseline"), "not counted")?;
    }
    if waived.is_empty() {
        return Ok(());
    }
    page.heading(&format!("{} waived", waived.len()), "accepted, not counted")?;
    let lines: Vec<String> = waived.iter().map(|entry| waiver(page, entry)).collect();
    listed(page, &lines)
}

fn waiver(page: &Page<'_>, entry: &Entry) -> String {
    let Status::Waived(waiver) = &entry.status else { return String::new() };
    let until = waiver.until.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
    let reason = if waiver.reason.is_empty() { "no reason given" } else { &waiver.reason };
    let place = format!("{}:{}", page.paint.path(&entry.location.path), entry.location.line);
    format!("{place} {} · {reason} ({}{until})", entry.rule, waiver.by)
}

fn unknown(page: &mut Page<'_>) -> io::Result<()> {
    let unknown = &page.report.unknown;
    if unknown.is_empty() {
        return Ok(());
    }
    let points: u32 = unknown.iter().map(|cause| cause.points).sum();
    let beside = if points > 0 { format!("counted as lost: −{points}") } else { "no pass".into() };
    page.heading(&format!("{} could not be checked", counted(unknown.len(), "thing", "things")), &beside)?;
    let lines: Vec<String> = unknown
        .iter()
        .map(|cause| {
            let place = match (&cause.endpoint, &cause.location) {
                (Some(endpoint), _) => endpoint.clone(),
                (None, Some(at)) => format!("{}:{}:{}", page.paint.path(&cause.path), at.line, at.column),
                (None, None) => page.paint.path(&cause.path),
            };
            let required = if cause.required { ", required" } else { "" };
            let rules = counted(cause.rules as usize, "rule", "rules");
            format!("{place} {} · {} ({rules}{required})", cause.inspector, cause.reason)
        })
        .collect();
    listed(page, &lines)
}

fn not_run(page: &mut Page<'_>) -> io::Result<()> {
    let targets = &page.report.not_run;
    if targets.is_empty() {
        return Ok(());
    }
    page.heading(&format!("{} not run", counted(targets.len(), "target", "targets")), "not asked for, not counted")?;
    let line = |target: &crate::report::NotRun| format!("{} {} · {}", target.inspector, target.target, target.reason);
    let lines: Vec<String> = targets.iter().map(line).collect();
    listed(page, &lines)
}

/// Counts by reason; with `-v` every path.
fn skipped(page: &mut Page<'_>) -> io::Result<()> {
    let skipped = &page.report.skipped;
    if skipped.is_empty() {
        return Ok(());
    }
    page.heading(&format!("{} passed over", counted(skipped.len(), "file", "files")), "not counted")?;
    if page.verbose {
        let line = |one: &crate::report::Skipped| format!("{} · {}", page.paint.path(&one.path), one.reason);
        let lines: Vec<String> = skipped.iter().map(line).collect();
        return listed(page, &lines);
    }
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in skipped {
        *reasons.entry(&one.reason).or_insert(0) += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(reason, n)| (std::cmp::Reverse(*n), *reason));
    let lines: Vec<String> = reasons.iter().map(|(reason, n)| format!("{n:>5} {reason}")).collect();
    listed(page, &lines)
}

/// Indented lines, wrapped; without `-v` no more than [`LINES`].
fn listed(page: &mut Page<'_>, lines: &[String]) -> io::Result<()> {
    let most = if page.verbose || lines.len() == LINES + 1 { lines.len() } else { LINES };
    for line in lines.iter().take(most) {
        let indent = line.chars().take_while(|c| *c == ' ').count();
        for (nth, text) in wrap(&clean(line), page.paint.width.saturating_sub(4 + indent)).iter().enumerate() {
            let lead = if nth == 0 { 2 } else { 4 };
            page.line(&format!("{}{text}", " ".repeat(lead + indent)))?;
        }
    }
    if lines.len() > most {
        let line = page.paint.ink(&format!("… and {} more (-v)", lines.len() - most), Ink::Dim);
        page.line(&format!("  {line}"))?;
    }
    Ok(())
}

/// Without `-v` only what fails or is required and open; the rest is counted.
fn checklist(page: &mut Page<'_>) -> io::Result<()> {
    let items = &page.report.checklist;
    for phase in Phase::ALL {
        let due: Vec<_> = items.iter().filter(|item| item.phase == phase).collect();
        if due.is_empty() {
            continue;
        }
        let done = due.iter().filter(|item| item.state == State::Pass).count();
        page.heading(phase.title(), &format!("{done} of {}", due.len()))?;
        let is_shown = |item: &Item| {
            item.state == State::Fail || (item.required && item.state.is_unanswered()) || due.len() <= ITEMS
        };
        let (shown, folded): (Vec<&Item>, Vec<&Item>) =
            due.iter().copied().partition(|item| page.verbose || is_shown(item));
        for (heading, list) in sections(shown.into_iter()) {
            if let Some(heading) = heading {
                let line = page.paint.ink(&clean(heading), Ink::Dim);
                page.line(&format!("  {line}"))?;
            }
            for item in list {
                one_item(page, item)?;
            }
        }
        if !folded.is_empty() {
            let states = [State::Pass, State::Waived, State::NotApplicable, State::Unknown, State::Waiting];
            let counts = states.into_iter().filter_map(|state| {
                let n = folded.iter().filter(|item| item.state == state).count();
                (n > 0).then(|| format!("{n} {}", state.name()))
            });
            let line = page.paint.ink(&format!("{} (-v)", counts.collect::<Vec<_>>().join(" · ")), Ink::Dim);
            page.line(&format!("  {line}"))?;
        }
    }
    Ok(())
}

fn one_item(page: &mut Page<'_>, item: &Item) -> io::Result<()> {
    let required = if item.required { page.paint.ink(" required", Ink::Of(Severity::Medium)) } else { String::new() };
    let mark = page.paint.state(item.state);
    let room = page.paint.width.saturating_sub(4 + if item.required { 9 } else { 0 });
    let texts = wrap(&clean(&item.title), room);
    for (nth, text) in texts.iter().enumerate() {
        let mark = if nth == 0 { mark.as_str() } else { " " };
        let tail = if nth + 1 == texts.len() { required.as_str() } else { "" };
        page.line(&format!("  {mark} {text}{tail}"))?;
    }
    evidence(page, item)
}

/// What decided an item: without `-v` only where it does not pass.
fn evidence(page: &mut Page<'_>, item: &Item) -> io::Result<()> {
    if item.state == State::Pass && !page.verbose {
        return Ok(());
    }
    let widest = item.by.iter().map(|by| cells(&by.reference)).max().unwrap_or(0).min(36);
    for by in &item.by {
        let name = pad(&cut(&clean(&by.reference), widest), widest);
        let room = page.paint.width.saturating_sub(6 + widest + 2);
        for (nth, text) in wrap(&clean(&by.message), room).iter().enumerate() {
            let name = if nth == 0 { name.clone() } else { " ".repeat(widest) };
            let line = page.paint.ink(&format!("{name}  {text}"), Ink::Dim);
            page.line(&format!("      {line}"))?;
        }
    }
    Ok(())
}
