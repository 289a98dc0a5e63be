//! For a job summary or a comment: the verdict first, then why, then the rest, the worst findings first.

use std::io::{self, Write};

use super::{Entry, Report};
use crate::checklist::{Decision, Item, Phase, State, counted, sections};
use crate::finding::Status;
use crate::score::Part;

/// How many findings are listed: a job summary may have one megabyte.
const FINDINGS: usize = 200;
/// How many lines any other list has.
const LINES: usize = 100;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    verdict(report, out)?;
    scores(report, out)?;
    checklist(&report.checklist, out)?;
    findings(report, out)?;
    rest(report, out)?;
    let policy = report.run.policy_digest.as_deref().map(|digest| format!(" · policy `{digest}`")).unwrap_or_default();
    let partial = if report.run.partial { " · only a selection of rules" } else { "" };
    writeln!(
        out,
        "\n<sub>seaworthy {} · profile {} · rules `{}`{policy}{partial} · {} examined</sub>",
        report.tool.version,
        prose(&report.run.profile),
        report.tool.rules_digest,
        counted(report.files.inspected as usize, "file", "files")
    )
}

fn verdict(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let sign = match report.verdict.result {
        Decision::Go => "✅",
        Decision::NoGo => "❌",
        Decision::Incomplete => "⚠️",
    };
    let score = match (report.score.value, report.score.grade) {
        (Some(value), Some(grade)) => format!("score {value} ({})", grade.name()),
        _ => "no score".into(),
    };
    writeln!(out, "## {sign} {} · {score}\n", report.verdict.result.title())?;
    for reason in report.verdict.reasons.iter().take(LINES) {
        writeln!(out, "- {}", prose(&reason.message))?;
    }
    let mut beside = Vec::new();
    let other = |score: Option<u32>| score.filter(|score| Some(*score) != report.score.value);
    beside.extend(other(report.score.upper).map(|upper| format!("{upper} if everything unknown passed")));
    beside.extend(other(report.score.unwaived).map(|unwaived| format!("{unwaived} without waivers")));
    if beside.is_empty() { Ok(()) } else { writeln!(out, "\nThe score would be {}.", beside.join(" and ")) }
}

fn scores(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.score.value.is_none() {
        return Ok(());
    }
    writeln!(out, "\n| | | score | lost | open | unknown |\n|---|---|--:|--:|--:|--:|")?;
    let mut row = |name: &str, part: &Part| {
        let bar = part.value.map_or_else(|| "░".repeat(10), |value| bar(value as usize));
        let value = part.value.map_or_else(|| "–".into(), |value| value.to_string());
        writeln!(out, "| {name} | `{bar}` | {value} | {} | {} | {} |", part.points, part.open, part.unknown)
    };
    for (category, part) in &report.score.by_category {
        row(category.name(), part)?;
    }
    for (name, part) in &report.score.by_inspector {
        row(&format!("**{}**", prose(name)), part)?;
    }
    Ok(())
}

fn bar(value: usize) -> String {
    let filled = if value >= 100 { 10 } else { (value / 10).clamp(usize::from(value > 0), 9) };
    format!("{}{}", "█".repeat(filled), "░".repeat(10 - filled))
}

/// The checklist as a page of its own: what it comes to, then every box.
pub(super) fn write_checklist(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let items = &report.checklist;
    let n = |state: State| items.iter().filter(|item| item.state == state).count();
    let environment = report.run.env.as_ref().map(|env| format!(" for {}", prose(env))).unwrap_or_default();
    writeln!(out, "## Checklist{environment}: {}\n", report.verdict.result.title())?;
    writeln!(
        out,
        "{} of {} hold · {} fail · {} wait for a person · {} unknown · {} do not apply · {} accepted · as of {}",
        n(State::Pass),
        items.len(),
        n(State::Fail),
        n(State::Waiting),
        n(State::Unknown),
        n(State::NotApplicable),
        n(State::Waived),
        prose(&report.run.now)
    )?;
    checklist(items, out)
}

fn checklist(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    for phase in Phase::ALL {
        let due = sections(items.iter().filter(|item| item.phase == phase));
        if due.is_empty() {
            continue;
        }
        writeln!(out, "\n### {}", phase.title())?;
        for (heading, list) in due {
            match heading {
                Some(heading) => writeln!(out, "\n#### {}\n", prose(heading))?,
                None => writeln!(out)?,
            }
            boxes(&list, out)?;
        }
    }
    Ok(())
}

fn boxes(items: &[&Item], out: &mut dyn Write) -> io::Result<()> {
    for item in items {
        let mark = if item.state == State::Pass { "x" } else { " " };
        let required = if item.required { " **required**" } else { "" };
        let state = if item.state == State::Pass { String::new() } else { format!(" — {}", item.state.name()) };
        writeln!(out, "- [{mark}] {}{required}{state}", prose(&item.title))?;
        for by in &item.by {
            writeln!(out, "  - {} `{}`: {}", prose(&by.kind), code(&by.reference), prose(&by.message))?;
        }
    }
    Ok(())
}

fn findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut open: Vec<&Entry> = report.findings.iter().filter(|entry| entry.is_open()).collect();
    if open.is_empty() {
        return Ok(());
    }
    open.sort_by_key(|entry| std::cmp::Reverse((entry.severity, entry.points)));
    writeln!(out, "\n### {}\n", counted(open.len(), "finding", "findings"))?;
    writeln!(out, "| severity | lost | where | what | rule |\n|---|--:|---|---|---|")?;
    for entry in open.iter().take(FINDINGS) {
        let place = format!("{}:{}:{}", entry.location.path, entry.location.line, entry.location.column);
        let rule = match report.rules.get(&entry.rule).and_then(|rule| rule.url.as_deref()) {
            Some(url) => format!("[`{}`]({url})", code(&entry.rule)),
            None => format!("`{}`", code(&entry.rule)),
        };
        let points = if entry.points > 0 { format!("−{}", entry.points) } else { String::new() };
        writeln!(
            out,
            "| {} | {points} | `{}` | {} | {rule} |",
            entry.severity.name(),
            code(&place),
            prose(&entry.message)
        )?;
    }
    more(open.len(), FINDINGS, out)
}

fn rest(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let unknown = report.unknown.iter().map(|cause| {
        let place = cause.endpoint.as_ref().unwrap_or(&cause.path);
        let at = cause.location.as_ref().filter(|_| cause.endpoint.is_none());
        let line = at.map(|at| format!(":{}", at.line)).unwrap_or_default();
        let points = if cause.points > 0 { format!(" (−{})", cause.points) } else { String::new() };
        format!("`{}{line}` {}: {}{points}", code(place), prose(&cause.inspector), prose(&cause.reason))
    });
    section("Could not be checked", unknown.collect(), out)?;
    let not_run = report
        .not_run
        .iter()
        .map(|target| format!("{} `{}`: {}", prose(&target.inspector), code(&target.target), prose(&target.reason)));
    section("Not run", not_run.collect(), out)?;
    let waived = report.findings.iter().filter_map(|entry| match &entry.status {
        Status::Waived(waiver) => Some((entry, waiver)),
        _ => None,
    });
    let waived = waived.map(|(entry, waiver)| {
        let until = waiver.until.as_ref().map(|day| format!(" until {}", prose(day))).unwrap_or_default();
        let place = format!("{}:{}", entry.location.path, entry.location.line);
        let (rule, reason, by) = (code(&entry.rule), prose(&waiver.reason), prose(&waiver.by));
        format!("`{}` `{rule}`: {reason} ({by}{until})", code(&place))
    });
    section("Waived", waived.collect(), out)
}

fn section(title: &str, lines: Vec<String>, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>{title} ({})</summary>\n", lines.len())?;
    for line in lines.iter().take(LINES) {
        writeln!(out, "- {line}")?;
    }
    more(lines.len(), LINES, out)?;
    writeln!(out, "\n</details>")
}

fn more(all: usize, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    if all > shown { writeln!(out, "\n… and {} more.", all - shown) } else { Ok(()) }
}

/// Text of anybody's making as Markdown text: its code stays code, everything else means itself.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let balanced = parts.len() % 2 == 1;
    let mut escaped = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        if balanced && index % 2 == 1 && !part.is_empty() {
            escaped += &format!("`{}`", code(part));
        } else {
            if !balanced && index > 0 {
                escaped += "\\`";
            }
            plain(part, &mut escaped);
        }
    }
    escaped
}

fn plain(text: &str, escaped: &mut String) {
    for c in text.chars() {
        match c {
            '\\' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => *escaped += "&lt;",
            '>' => *escaped += "&gt;",
            '&' => *escaped += "&amp;",
            // Nobody is to be called by a finding.
            '@' => *escaped += "&#64;",
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
}

/// The inside of a code span in a table.
fn code(text: &str) -> String {
    let one_line = |c: char| if c.is_control() || c == '`' { ' ' } else { c };
    text.chars().map(one_line).collect::<String>().replace('|', "\\|")
}
