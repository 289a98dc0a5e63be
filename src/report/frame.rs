//! The text around a finding: which lines, and what is marked in them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::Finding;
use crate::mask::{Masker, Quoted};
use crate::source::Source;
use crate::span::Span;

/// How many lines of a long place are shown before it is cut.
const PLACE_LINES: u32 = 4;
/// How many other places of a finding are shown.
const RELATED: usize = 4;

/// The text around a finding: the snippet that holds the place itself, then those of related places elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// One a file, in the order in which they are worth reading.
    pub snippets: Vec<Snippet>,
}

/// Some lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The file, from the root.
    pub path: String,
    /// The first marked line and column.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// The lines, in order; numbers may jump.
    pub lines: Vec<FrameLine>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameLine {
    /// 1-based.
    pub number: u32,
    /// Its text, masked, without its line break; may be cut at either end.
    pub text: String,
    /// Whether it was cut before the text.
    pub cut_before: bool,
    /// Whether it was cut after it.
    pub cut_after: bool,
    /// What is marked, the finding's own place first.
    pub marks: Vec<Mark>,
}

/// A marked part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// In code points of the line's text; may be empty.
    pub range: Range<usize>,
    /// Whether it is the finding's own place.
    pub primary: bool,
    /// What it shows; on the last line of the place only.
    pub label: Option<String>,
}

/// A part of a line to be marked, in bytes of the source.
struct Wanted {
    range: Range<usize>,
    primary: bool,
    label: Option<String>,
}

impl Frame {
    /// The frame of `finding`.
    pub(super) fn new(finding: &Finding, sources: &[Source], masker: &Masker<'_>) -> Frame {
        let shown = |span: Span| sources.get(span.source.0 as usize).map_or(span, |source| source.shown(span));
        let primary = shown(finding.primary);
        let mut places = vec![(primary, true, None)];
        let others = finding.related.iter().filter(|other| shown(other.span) != primary);
        places.extend(others.take(RELATED).map(|other| (shown(other.span), false, Some(other.message.clone()))));
        let mut order: Vec<u32> = Vec::new();
        let mut by_source: BTreeMap<u32, Vec<(Span, bool, Option<String>)>> = BTreeMap::new();
        for place in places {
            let id = place.0.source.0;
            if !order.contains(&id) {
                order.push(id);
            }
            by_source.entry(id).or_default().push(place);
        }
        let snippet = |id: u32| {
            let source = sources.get(id as usize)?;
            snippet(source, by_source.get(&id)?, masker)
        };
        Frame { snippets: order.into_iter().filter_map(snippet).collect() }
    }
}

fn snippet(source: &Source, places: &[(Span, bool, Option<String>)], masker: &Masker<'_>) -> Option<Snippet> {
    let mut wanted: BTreeMap<u32, Vec<Wanted>> = BTreeMap::new();
    for (span, primary, label) in places {
        mark_lines(source, *span, *primary, label.clone(), &mut wanted);
        if *primary {
            let line = source.position(span.start).line;
            wanted.entry(line.saturating_sub(1).max(1)).or_default();
        }
    }
    let lines = wanted.into_iter().filter_map(|(number, marks)| line(source, number, marks, masker)).collect();
    let at = source.position(places.first()?.0.start);
    Some(Snippet { path: source.path().into(), line: at.line, column: at.column, lines })
}

/// Adds the lines of `span`: all of a short place; of a long one the first lines and the last.
fn mark_lines(
    source: &Source,
    span: Span,
    primary: bool,
    label: Option<String>,
    wanted: &mut BTreeMap<u32, Vec<Wanted>>,
) {
    let first = source.position(span.start).line;
    // A place that ends right after a line break ends on the line before.
    let last = source.position(span.end.saturating_sub(1).max(span.start)).line.max(first);
    let lines = (first..=last).filter(|line| *line < first + PLACE_LINES - 1 || *line == last);
    let lines: Vec<u32> = if primary { lines.collect() } else { vec![first] };
    let labelled = lines.last().copied();
    for number in lines {
        let label = label.clone().filter(|_| Some(number) == labelled);
        wanted.entry(number).or_default().push(Wanted { range: span.range(), primary, label });
    }
}

fn line(source: &Source, number: u32, mut wanted: Vec<Wanted>, masker: &Masker<'_>) -> Option<FrameLine> {
    wanted.sort_by_key(|mark| !mark.primary);
    let ranges: Vec<Range<usize>> = wanted.iter().map(|mark| mark.range.clone()).collect();
    let quoted = masker.line(source, number, &ranges)?;
    let indent = quoted.text.chars().take_while(|c| c.is_whitespace()).count();
    let length = quoted.text.trim_end().chars().count();
    let mark = |(wanted, range): (Wanted, Range<usize>)| {
        // The blanks around a line belong to nobody, though a place of several lines covers them.
        let begins = source.position(wanted.range.start as u32).line == number;
        let start = if begins { range.start } else { range.start.max(indent) };
        let end = range.end.min(length.max(start)).max(start);
        Mark { range: start..end, primary: wanted.primary, label: wanted.label }
    };
    let marks = wanted.into_iter().zip(quoted.marks).map(mark).collect();
    let Quoted { text, cut_before, cut_after, .. } = quoted;
    Some(FrameLine { number, text, cut_before, cut_after, marks })
}
