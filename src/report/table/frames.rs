//! One code frame: the lines around a finding, exactly underlined.

use std::io;

use super::Page;
use super::findings::url;
use super::paint::{Ink, cell, cells, clean, cut, wrap};
use crate::finding::Severity;
use crate::report::{Entry, FrameLine, Mark, Snippet};

/// How many cells a tab takes at most.
const TAB: usize = 4;

/// Writes the frame of `entry` with `notes` (a word and a text each) at its foot.
pub(super) fn write(page: &mut Page<'_>, entry: &Entry, notes: &[(&str, String)]) -> io::Result<()> {
    let last = entry.frame.snippets.iter().flat_map(|snippet| &snippet.lines).map(|line| line.number).max();
    let gutter = last.unwrap_or(entry.location.line).to_string().len().max(4);
    head(page, entry, gutter)?;
    for (nth, snippet) in entry.frame.snippets.iter().enumerate() {
        if nth > 0 {
            let place = format!("{}:{}:{}", page.paint.path(&snippet.path), snippet.line, snippet.column);
            let place = page.paint.link(&place, page.paint.file_url(&snippet.path).as_deref());
            let line = format!("{} {} {place}", " ".repeat(gutter), page.paint.ink("├─", Ink::Dim));
            page.line(&line)?;
        }
        lines(page, snippet, gutter, entry.severity)?;
    }
    foot(page, notes, gutter)
}

/// `╭─ path:line:column ─── rule −points`.
fn head(page: &mut Page<'_>, entry: &Entry, gutter: usize) -> io::Result<()> {
    let place = &entry.location;
    let shown = format!("{}:{}:{}", page.paint.path(&place.path), place.line, place.column);
    let rule = match &entry.format {
        Some(format) => clean(&format!("{} ({format})", entry.rule)),
        None => clean(&entry.rule),
    };
    let points = if entry.points > 0 { format!(" −{}", entry.points) } else { String::new() };
    let room = page.paint.width.saturating_sub(gutter + 6 + cells(&shown) + cells(&rule) + cells(&points));
    let shown = cut(&shown, page.paint.width.saturating_sub(gutter + 4));
    let rule = cut(&rule, page.paint.width.saturating_sub(gutter + 4 + cells(&points)));
    let linked = page.paint.link(&page.paint.ink(&shown, Ink::Link), page.paint.file_url(&place.path).as_deref());
    let corner = page.paint.ink("╭─", Ink::Dim);
    let rule = page.paint.link(&page.paint.ink(&rule, Ink::Dim), url(page, &entry.rule).as_deref());
    let points = page.paint.ink(&points, Ink::Of(entry.severity));
    let blanks = " ".repeat(gutter);
    if room >= 2 {
        let dashes = page.paint.ink(&"─".repeat(room), Ink::Dim);
        return page.line(&format!("{blanks} {corner} {linked} {dashes} {rule}{points}"));
    }
    page.line(&format!("{blanks} {corner} {linked}"))?;
    let side = page.paint.ink("│", Ink::Dim);
    page.line(&format!("{blanks} {side}  {rule}{points}"))
}

fn lines(page: &mut Page<'_>, snippet: &Snippet, gutter: usize, severity: Severity) -> io::Result<()> {
    let own = |line: &&FrameLine| line.marks.iter().any(|mark| mark.primary);
    let long = snippet.lines.iter().filter(own).count() > 1;
    let ends = snippet.lines.iter().filter(own).map(|line| line.number);
    let (first, last) = (ends.clone().min().unwrap_or(0), ends.max().unwrap_or(0));
    let width = page.paint.width.saturating_sub(gutter + 3 + if long { 2 } else { 0 }).max(20);
    let mut before: Option<u32> = None;
    for line in &snippet.lines {
        let inside = long && (first..=last).contains(&line.number);
        let bar = match (long, inside) {
            (false, _) => String::new(),
            (true, true) => page.paint.ink("┃ ", Ink::Of(severity)),
            (true, false) => "  ".into(),
        };
        if before.is_some_and(|before| before + 1 < line.number) {
            let gap = page.paint.ink(&format!("{:>gutter$} ┆ ", "⋮"), Ink::Dim);
            let within = if long && line.number > first && line.number <= last { bar.as_str() } else { "" };
            page.line(&format!("{gap}{within}"))?;
        }
        before = Some(line.number);
        let shown = Shown::new(line, width);
        let number = page.paint.ink(&format!("{:>gutter$} │", line.number), Ink::Dim);
        page.line(&format!("{number} {bar}{}", shown.text))?;
        for mark in line.marks.iter().filter(|mark| !(mark.primary && long)) {
            underline(page, mark, &shown, (gutter, &bar, width), severity)?;
        }
    }
    Ok(())
}

fn underline(
    page: &mut Page<'_>,
    mark: &Mark,
    shown: &Shown,
    (gutter, bar, width): (usize, &str, usize),
    severity: Severity,
) -> io::Result<()> {
    let (start, end) = (shown.cell(mark.range.start), shown.cell(mark.range.end));
    let (stroke, ink) = if mark.primary { ("━", Ink::Of(severity)) } else { ("─", Ink::Link) };
    // An empty place at the end of a line that fills the frame is pointed at from its last cell.
    let start = if end > start { start } else { start.min(width.saturating_sub(1)) };
    let strokes = if end > start { stroke.repeat(end - start) } else { "^".into() };
    let used = start + cells(&strokes) + 1;
    let side = page.paint.ink(&format!("{} │", " ".repeat(gutter)), Ink::Dim);
    let label = mark.label.as_deref().map(clean).unwrap_or_default();
    let (beside, below) = if used + cells(&label) <= width { (label, None) } else { (String::new(), Some(label)) };
    let gap = if beside.is_empty() { "" } else { " " };
    let (indent, strokes) = (" ".repeat(start), page.paint.ink(&strokes, ink));
    page.line(&format!("{side} {bar}{indent}{strokes}{gap}{}", page.paint.ink(&beside, ink)))?;
    for text in below.iter().flat_map(|label| wrap(label, width)) {
        let indent = " ".repeat(start.min(width.saturating_sub(cells(&text))));
        let line = format!("{side} {bar}{indent}{}", page.paint.ink(&text, ink));
        page.line(&line)?;
    }
    Ok(())
}

fn foot(page: &mut Page<'_>, notes: &[(&str, String)], gutter: usize) -> io::Result<()> {
    let blanks = " ".repeat(gutter);
    if notes.is_empty() {
        let corner = page.paint.ink("╰─", Ink::Dim);
        return page.line(&format!("{blanks} {corner}"));
    }
    for (nth, (word, text)) in notes.iter().enumerate() {
        let last = nth + 1 == notes.len();
        let indent = cells(word) + 2;
        let room = page.paint.width.saturating_sub(gutter + 4 + indent);
        for (row, text) in wrap(&clean(text), room).iter().enumerate() {
            let corner = match (row, last) {
                (0, true) => "╰─ ",
                (0, false) => "├─ ",
                (_, true) => "   ",
                (_, false) => "│  ",
            };
            let corner = page.paint.ink(corner, Ink::Dim);
            let ink = if *word == "fix" { Ink::Good } else { Ink::Dim };
            let word = if row == 0 { page.paint.ink(&format!("{word}: "), ink) } else { " ".repeat(indent) };
            page.line(&format!("{blanks} {corner}{word}{text}"))?;
        }
    }
    Ok(())
}

/// A line as it fits into the width, and where its characters stand.
struct Shown {
    text: String,
    /// The cell at which each code point of the line begins, and that after the last; what was cut off stands at an end.
    cells: Vec<usize>,
}

impl Shown {
    fn new(line: &FrameLine, width: usize) -> Shown {
        let mut at = 0;
        let mut cells = vec![0];
        let mut expanded: Vec<(String, usize)> = Vec::new();
        for c in line.text.chars() {
            let wide = if c == '\t' { TAB - at % TAB } else { cell(c) };
            expanded.push((if c == '\t' { " ".repeat(wide) } else { c.into() }, wide));
            at += wide;
            cells.push(at);
        }
        let first = line.marks.first().map_or(0, |mark| cells.get(mark.range.start).copied().unwrap_or(at));
        // A line that is too long begins a little before what is marked, but shows no less than fits.
        let from = if first + 1 < width * 3 / 4 { 0 } else { (first - width / 4).min((at + 2).saturating_sub(width)) };
        let from = if at <= width { 0 } else { from };
        let (before, after) = (from > 0 || line.cut_before, at > from + width || line.cut_after);
        let (left, right) = (usize::from(before), usize::from(after));
        let mut text = if before { String::from("…") } else { String::new() };
        for ((piece, wide), start) in expanded.iter().zip(&cells) {
            if *start >= from && start + wide + left + right <= from + width {
                text += piece;
            }
        }
        if after {
            text.push('…');
        }
        let place = |cell: usize| (cell.max(from) - from + left).min(width - right);
        Shown { text, cells: cells.into_iter().map(place).collect() }
    }

    fn cell(&self, point: usize) -> usize {
        self.cells.get(point).or(self.cells.last()).copied().unwrap_or(0)
    }
}
