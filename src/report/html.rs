//! One self-contained page for whoever releases: nothing is loaded from elsewhere, and its own script only filters.

use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{Entry, Report};
use crate::checklist::{Item, Phase, counted, sections};
use crate::finding::Status;
use crate::score::{Grade, Part};

mod findings;
mod prose;

use prose::{escape, inline};

const CSS: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    summary(report, out)?;
    scores(report, out)?;
    checklist(&report.checklist, out)?;
    findings::write(report, out)?;
    rest(report, out)?;
    footer(report, out)?;
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let title = match report.score.value {
        Some(score) => format!("{} · {score} of 100", report.verdict.result.title()),
        None => report.verdict.result.title().to_owned(),
    };
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>",
        digest(CSS),
        digest(SCRIPT)
    )
}

/// What a content security policy calls `text`.
fn digest(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for sextet in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * sextet) & 63) as usize];
            text.push(if sextet <= chunk.len() { letter.into() } else { '=' });
        }
    }
    text
}

fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let result = report.verdict.result;
    writeln!(out, "<header class=\"verdict {}\">", result.name())?;
    writeln!(out, "<h1>{}</h1>", result.title())?;
    match (report.score.value, report.score.grade) {
        (Some(value), Some(grade)) => {
            writeln!(out, "<p class=\"score\"><b>{value}</b><span>of 100 · grade {}</span></p>", grade.name())?;
        }
        _ => writeln!(out, "<p class=\"score\"><b>–</b><span>nothing was judged</span></p>")?,
    }
    writeln!(out, "</header>")?;
    let other = |score: Option<u32>| score.filter(|score| Some(*score) != report.score.value);
    let mut beside = Vec::new();
    beside.extend(other(report.score.upper).map(|upper| format!("{upper} if everything unknown passed")));
    beside.extend(other(report.score.unwaived).map(|unwaived| format!("{unwaived} without waivers")));
    if !beside.is_empty() {
        writeln!(out, "<p class=\"beside\">The score would be {}.</p>", beside.join(" and "))?;
    }
    if !report.verdict.reasons.is_empty() {
        writeln!(out, "<section><h2>Why</h2>\n<ol class=\"reasons\">")?;
        for reason in &report.verdict.reasons {
            writeln!(out, "<li>{}</li>", inline(&reason.message))?;
        }
        writeln!(out, "</ol></section>")?;
    }
    Ok(())
}

fn scores(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.score.value.is_none() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Scores</h2>\n<div class=\"scores\">")?;
    let categories = report.score.by_category.iter().map(|(category, part)| (category.name(), *part));
    table("By category", categories, out)?;
    table("By inspector", report.score.by_inspector.iter().map(|(name, part)| (&**name, *part)), out)?;
    writeln!(out, "</div></section>")
}

fn table<'r>(title: &str, parts: impl Iterator<Item = (&'r str, Part)>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<table><caption>{title}</caption><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Score</th>\
         <th scope=\"col\" class=\"num\"></th><th scope=\"col\" class=\"num\">Lost</th>\
         <th scope=\"col\">Open</th></tr></thead><tbody>"
    )?;
    for (name, part) in parts {
        let mut open = Vec::new();
        if part.open > 0 {
            open.push(counted(part.open as usize, "finding", "findings"));
        }
        if part.unknown > 0 {
            open.push(format!("{} unknown", part.unknown));
        }
        let points = if part.points > 0 { format!("−{}", part.points) } else { String::new() };
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{points}</td><td>{}</td></tr>",
            escape(name),
            bar(part.value),
            part.value.map_or_else(|| "–".into(), |value| value.to_string()),
            open.join(", ")
        )?;
    }
    writeln!(out, "</tbody></table>")
}

fn bar(value: Option<u32>) -> String {
    let class = match value.map(Grade::of) {
        Some(Grade::A | Grade::B) => "good",
        Some(Grade::C) => "fair",
        Some(Grade::D) => "poor",
        Some(Grade::F) => "bad",
        None => "none",
    };
    let width = value.unwrap_or(0);
    format!(
        "<svg class=\"bar {class}\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"rail\" width=\"100\" height=\"8\"/><rect class=\"fill\" width=\"{width}\" height=\"8\"/></svg>"
    )
}

fn checklist(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section><h2>Checklist</h2>")?;
    for phase in Phase::ALL {
        let due = sections(items.iter().filter(|item| item.phase == phase));
        if due.is_empty() {
            continue;
        }
        writeln!(out, "<h3>{}</h3>", phase.title())?;
        for (heading, list) in due {
            if let Some(heading) = heading {
                writeln!(out, "<h4>{}</h4>", inline(heading))?;
            }
            boxes(&list, out)?;
        }
    }
    writeln!(out, "</section>")
}

fn boxes(items: &[&Item], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"checklist\">")?;
    for item in items {
        let state = item.state.name();
        let required = if item.required { " <span class=\"required\">required</span>" } else { "" };
        let title = inline(&item.title);
        write!(
            out,
            "<li class=\"{state}\"><span class=\"state\">{}</span> <div>{title}{required}",
            state.replace('-', " ")
        )?;
        for by in &item.by {
            let (kind, reference, message) = (escape(&by.kind), escape(&by.reference), inline(&by.message));
            write!(out, "<p class=\"evidence\">{kind} <code>{reference}</code> {message}</p>")?;
        }
        writeln!(out, "</div></li>")?;
    }
    writeln!(out, "</ul>")
}

fn rest(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let unknown = report.unknown.iter().map(|cause| {
        let at = cause.location.as_ref().filter(|_| cause.endpoint.is_none());
        let line = at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        let place = format!("{}{line}", cause.endpoint.as_ref().unwrap_or(&cause.path));
        let rules = counted(cause.rules as usize, "rule", "rules");
        let required = if cause.required { ", required" } else { "" };
        let points = if cause.points > 0 { format!(", −{}", cause.points) } else { String::new() };
        let (name, place) = (escape(&cause.inspector), escape(&place));
        format!("<code>{place}</code> {name}: {} <small>({rules}{required}{points})</small>", inline(&cause.reason))
    });
    section("Could not be checked", true, unknown.collect(), out)?;
    section("Waived", false, report.findings.iter().filter_map(waived).collect(), out)?;
    let before = report.findings.iter().filter(|entry| entry.status == Status::Baseline);
    let before = before.map(|entry| format!("{} {}", findings::place(entry), inline(&entry.message)));
    section("In the baseline", false, before.collect(), out)?;
    let not_run = report.not_run.iter().map(|target| {
        format!("{} <code>{}</code> {}", escape(&target.inspector), escape(&target.target), inline(&target.reason))
    });
    section("Not run", false, not_run.collect(), out)?;
    let skipped =
        report.skipped.iter().map(|one| format!("<code>{}</code> {}", escape(&one.path), inline(&one.reason)));
    section("Passed over", false, skipped.collect(), out)
}

fn waived(entry: &Entry) -> Option<String> {
    let Status::Waived(waiver) = &entry.status else { return None };
    let until = waiver.until.as_ref().map(|day| format!(" until {}", escape(day))).unwrap_or_default();
    let reason = if waiver.reason.is_empty() { "no reason given".into() } else { inline(&waiver.reason) };
    let by = escape(&waiver.by);
    Some(format!(
        "{} <code>{}</code> {reason} <small>({by}{until})</small>",
        findings::place(entry),
        escape(&entry.rule)
    ))
}

fn section(title: &str, open: bool, lines: Vec<String>, out: &mut dyn Write) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let open = if open { " open" } else { "" };
    writeln!(out, "<section><details{open}><summary><h2>{title} <small>{}</small></h2></summary>\n<ul>", lines.len())?;
    for line in lines {
        writeln!(out, "<li>{line}</li>")?;
    }
    writeln!(out, "</ul></details></section>")
}

fn footer(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let run = &report.run;
    let mut facts = String::new();
    let mut fact = |name: &str, value: &str| {
        // Writing to a string cannot fail.
        let _ = write!(facts, "<dt>{name}</dt><dd>{}</dd>", escape(value));
    };
    fact("Paths", &run.paths.join(", "));
    fact("Time", &run.now);
    fact("Profile", &run.profile);
    fact("Environment", run.env.as_deref().unwrap_or("none chosen"));
    fact("Files", &format!("{} examined, {} passed over", report.files.inspected, report.files.skipped));
    fact("Network", if run.online { "allowed" } else { "not allowed" });
    fact("Rules", &report.tool.rules_digest);
    fact("Policy", run.policy_digest.as_deref().unwrap_or("none"));
    fact("Program", &format!("seaworthy {}", report.tool.version));
    if run.partial {
        fact("Selection", "only some of the rules ran");
    }
    writeln!(out, "<footer><dl>{facts}</dl></footer>")
}
