//! The scores: a bar for each category and each inspector.

use std::io;

use comfy_table::{CellAlignment, Table};

use super::Page;
use super::paint::{Ink, Paint};
use crate::checklist::counted;
use crate::finding::Severity;
use crate::report::Report;
use crate::score::{Grade, Part};

/// The cells of a bar at 80 columns and more.
const BAR: usize = 20;

/// Narrower terminals have no room for the counts.
const COUNTED: usize = 72;

pub(super) fn write(page: &mut Page<'_>) -> io::Result<()> {
    let score = &page.report.score;
    if score.value.is_none() || page.report.findings.is_empty() && page.report.unknown.is_empty() {
        return Ok(());
    }
    let bar = if page.paint.width < 80 { BAR / 2 } else { BAR };
    let mut rows: Vec<[String; 5]> = Vec::new();
    rows.extend(score.by_category.iter().map(|(category, part)| row(category.name(), *part, bar)));
    let categories = rows.len();
    rows.extend(score.by_inspector.iter().map(|(name, part)| row(name, *part, bar)));
    if page.paint.width < COUNTED {
        rows.iter_mut().for_each(|row| row[4].clear());
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    for row in &rows {
        table.add_row(row.iter());
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if index == 0 { 2 } else { 0 }, 2));
        if index == 2 || index == 3 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    page.heading("Scores", "of 100; what each lost of the whole")?;
    let lines: Vec<String> = table.lines().collect();
    let values = score.by_category.iter().map(|(_, part)| part.value);
    let values: Vec<Option<u32>> = values.chain(score.by_inspector.values().map(|part| part.value)).collect();
    for (index, (line, value)) in lines.iter().zip(values).enumerate() {
        if index == categories {
            page.line("")?;
        }
        let line = painted(line, value, &page.paint);
        page.line(&line)?;
    }
    Ok(())
}

fn row(name: &str, part: Part, bar: usize) -> [String; 5] {
    let mut left = Vec::new();
    if part.open > 0 {
        left.push(counted(part.open as usize, "finding", "findings"));
    }
    if part.unknown > 0 {
        left.push(format!("{} unknown", part.unknown));
    }
    [
        name.to_owned(),
        part.value.map_or_else(|| "·".repeat(bar), |value| drawn(value, bar)),
        part.value.map_or_else(|| "–".into(), |value| value.to_string()),
        if part.points > 0 { format!("−{}", part.points) } else { String::new() },
        left.join(", "),
    ]
}

/// A bar: full only at 100, empty only at 0.
fn drawn(value: u32, bar: usize) -> String {
    let filled = match value {
        0 => 0,
        100.. => bar,
        _ => (value as usize * bar / 100).clamp(1, bar - 1),
    };
    format!("{}{}", "█".repeat(filled), "░".repeat(bar - filled))
}

/// The bar of a row in the colour of its grade.
fn painted(line: &str, value: Option<u32>, paint: &Paint<'_>) -> String {
    let is_bar = |c: char| matches!(c, '█' | '░' | '·');
    let (Some(from), Some(to)) = (line.find(is_bar), line.rfind(is_bar)) else { return line.to_owned() };
    let to = to + line[to..].chars().next().map_or(0, char::len_utf8);
    let ink = value.map_or(Ink::Dim, |value| ink(Grade::of(value)));
    format!("{}{}{}", &line[..from], paint.ink(&line[from..to], ink), &line[to..])
}

fn ink(grade: Grade) -> Ink {
    match grade {
        Grade::A | Grade::B => Ink::Good,
        Grade::C => Ink::Of(Severity::Low),
        Grade::D => Ink::Of(Severity::Medium),
        Grade::F => Ink::Of(Severity::High),
    }
}

/// `score 43, grade F`.
pub(super) fn in_words(report: &Report, paint: &Paint<'_>) -> String {
    let (Some(value), Some(grade)) = (report.score.value, report.score.grade) else {
        return "no score: nothing was judged".into();
    };
    let ink = ink(grade);
    format!("score {}, grade {}", paint.ink(&value.to_string(), ink), paint.ink(grade.name(), ink))
}

/// `61 if what is unknown passed, 40 without waivers`; empty when neither differs.
pub(super) fn beside(report: &Report) -> String {
    let score = &report.score;
    let value = score.value;
    let mut beside = Vec::new();
    if let Some(upper) = score.upper.filter(|upper| Some(*upper) != value) {
        beside.push(format!("{upper} if all that is unknown passed"));
    }
    if let Some(unwaived) = score.unwaived.filter(|unwaived| Some(*unwaived) != value) {
        beside.push(format!("{unwaived} without waivers"));
    }
    beside.join(", ")
}
