//! JUnit XML: a suite an inspector, a case a rule; what could not be checked is a skipped case, never a passed one.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Entry, Report, UnknownEntry};
use crate::checklist::{Item, State};
use crate::finding::Tally;

/// A case, and what became of it.
struct Case {
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Pass,
    Fail { kind: String, message: String, text: String },
    Skip(String),
}

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let (tests, failures, skipped) = counts(suites.values().flatten());
    writeln!(out, "<testsuites name=\"seaworthy\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\">")?;
    for (name, cases) in &suites {
        let (tests, failures, skipped) = counts(cases.iter());
        let name = escape(name);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">"
        )?;
        for case in cases {
            write_case(&name, case, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suites(report: &Report) -> BTreeMap<&str, Vec<Case>> {
    let mut open: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in report.findings.iter().filter(|entry| entry.is_open()) {
        open.entry(&entry.rule).or_default().push(entry);
    }
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for tally in &report.tallies {
        if let Some(case) = rule(tally, &open.remove(&*tally.rule).unwrap_or_default()) {
            suites.entry(tally.inspector()).or_default().push(case);
        }
    }
    // Findings of rules that nobody counted.
    for (id, entries) in open {
        let suite = suites.entry(crate::finding::inspector_of(id)).or_default();
        suite.push(Case { name: id.into(), outcome: failed(&entries) });
    }
    for cause in &report.unknown {
        suites.entry(&cause.inspector).or_default().push(unknown(cause));
    }
    if !report.checklist.is_empty() {
        suites.insert("checklist", report.checklist.iter().map(item).collect());
    }
    suites
}

fn rule(tally: &Tally, entries: &[&Entry]) -> Option<Case> {
    let outcome = match (entries.is_empty(), tally.judged(), tally.unknown) {
        (false, ..) => failed(entries),
        (true, ..) if tally.waived > 0 => Outcome::Skip(format!("waived {} times", tally.waived)),
        (true, _, 1..) => Outcome::Skip(format!("unknown for {} of its subjects", tally.unknown)),
        (true, true, 0) => Outcome::Pass,
        (true, false, 0) => return None,
    };
    Some(Case { name: tally.rule.to_string(), outcome })
}

fn failed(entries: &[&Entry]) -> Outcome {
    let line = |entry: &&Entry| {
        let place = &entry.location;
        let (path, severity) = (&place.path, entry.severity.name());
        format!("{path}:{}:{}: {severity}: {}", place.line, place.column, entry.message)
    };
    let worst = entries.iter().map(|entry| entry.severity).max();
    Outcome::Fail {
        kind: worst.map_or("info", |severity| severity.name()).into(),
        message: match entries {
            [one] => one.message.clone(),
            more => format!("{} findings", more.len()),
        },
        text: entries.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

fn unknown(cause: &UnknownEntry) -> Case {
    let name = cause.endpoint.as_ref().unwrap_or(&cause.path);
    Case { name: format!("could be checked: {name}"), outcome: Outcome::Skip(cause.reason.clone()) }
}

fn item(item: &Item) -> Case {
    let said = item.by.iter().map(|by| format!("{} {}: {}", by.kind, by.reference, by.message));
    let said = said.collect::<Vec<_>>().join("\n");
    let outcome = match item.state {
        State::Pass => Outcome::Pass,
        State::Fail if item.required => Outcome::Fail { kind: "item".into(), message: item.title.clone(), text: said },
        state => Outcome::Skip(format!("{}{}{said}", state.name(), if said.is_empty() { "" } else { ": " })),
    };
    Case { name: item.id.clone(), outcome }
}

fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> (usize, usize, usize) {
    cases.fold((0, 0, 0), |(tests, failures, skipped), case| match case.outcome {
        Outcome::Pass => (tests + 1, failures, skipped),
        Outcome::Fail { .. } => (tests + 1, failures + 1, skipped),
        Outcome::Skip(_) => (tests + 1, failures, skipped + 1),
    })
}

fn write_case(suite: &str, case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let name = escape(&case.name);
    write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"")?;
    match &case.outcome {
        Outcome::Pass => writeln!(out, "/>"),
        Outcome::Fail { kind, message, text } => {
            let (kind, message, text) = (escape(kind), escape(message), escape(text));
            writeln!(out, ">\n      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>\n    </testcase>")
        }
        Outcome::Skip(reason) => {
            writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escape(reason))
        }
    }
}

/// Text for an element or an attribute; characters that XML cannot hold are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\t' => escaped += "&#9;",
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
