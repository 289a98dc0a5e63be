//! Places in text: [`Span`] (bytes) and [`LineIndex`] (bytes → line and column, computed only when shown).

use std::ops::Range;

/// Identifies a [`Source`](crate::source::Source) within one run: its index in the sorted list of sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open byte range of one source's decoded text. `start <= end <= text.len()`, both on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the text belongs to.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range` in `source`. Sources are limited to less than 4 GiB, so offsets fit in 32 bits.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        Self { source, start: offset(range.start), end: offset(range.end) }
    }

    /// The span as a range for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether `other` lies wholly within this span.
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both; both must be of one source.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.source, other.source);
        Span { source: self.source, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// An empty span at the start of this one.
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A place as people count it: 1-based; columns count Unicode code points, a tab is one, a BOM is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in code points.
    pub column: u32,
}

/// Where the lines of a text begin. `\n`, `\r\n` and a lone `\r` end a line.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// The code points before every [`STEP`]th byte, so that a column far into a line of megabytes costs no more than
    /// any other.
    points: Vec<u32>,
}

/// How many bytes lie between two counts of code points.
const STEP: usize = 1 << 12;

impl LineIndex {
    /// Indexes `text` in one pass.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(offset(at + 1));
            }
        }
        let points = bytes.chunks(STEP).scan(0, |sum, chunk| Some(std::mem::replace(sum, *sum + count_points(chunk))));
        Self { starts, points: points.collect() }
    }

    /// The code points that begin before byte `at`.
    fn points_before(&self, text: &str, at: usize) -> u32 {
        let step = (at / STEP).min(self.points.len().saturating_sub(1));
        let counted = self.points.get(step).copied().unwrap_or(0);
        counted + count_points(text.as_bytes().get(step * STEP..at).unwrap_or_default())
    }

    /// The line and column of byte `at`; an offset past the end is the end.
    pub fn position(&self, text: &str, at: u32) -> Position {
        let at = (at as usize).min(text.len());
        let line = self.starts.partition_point(|start| *start as usize <= at).saturating_sub(1);
        let start = self.starts[line] as usize;
        // Lines are short as a rule: then counting along the line reads less than two steps of the index.
        let column = match text.as_bytes().get(start..at) {
            Some(short) if short.len() <= STEP => count_points(short),
            _ => self.points_before(text, at) - self.points_before(text, start),
        };
        Position { line: offset(line + 1), column: column + 1 }
    }

    /// The number of lines; a text that ends in a line break has an empty last line.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: a text has at least one line.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bytes of 1-based `line` without its line break; `None` past the last line.
    pub fn line(&self, text: &str, line: u32) -> Option<Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)? as usize;
        let end = self.starts.get(index + 1).map_or(text.len(), |next| *next as usize);
        let kept = text[start..end].trim_end_matches(['\n', '\r']).len();
        Some(start..start + kept)
    }
}

/// How many code points begin in `bytes`.
fn count_points(bytes: &[u8]) -> u32 {
    offset(bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        let text = "a\nbb\r\nc\rd";
        let lines = LineIndex::new(text);
        let found: Vec<&str> = (1..=4).filter_map(|n| lines.line(text, n)).map(|range| &text[range]).collect();
        assert_eq!(found, ["a", "bb", "c", "d"]);
        assert_eq!(lines.line(text, 5), None);
    }

    #[test]
    fn columns_far_into_a_long_line_are_exact() {
        let text = format!("x\n{}", "aä😀".repeat(5000));
        let lines = LineIndex::new(&text);
        for (column, (at, _)) in text[2..].char_indices().enumerate() {
            assert_eq!(lines.position(&text, offset(at + 2)), Position { line: 2, column: offset(column + 1) });
        }
        assert_eq!(lines.position(&text, u32::MAX).column, 15_001);
    }

    #[test]
    fn columns_count_code_points() {
        let text = "ä€😀x\ty";
        let lines = LineIndex::new(text);
        let at = |needle: &str| lines.position(text, text.find(needle).map_or(0, offset));
        assert_eq!(at("x"), Position { line: 1, column: 4 });
        assert_eq!(at("y"), Position { line: 1, column: 6 });
        assert_eq!(lines.position(text, 999), Position { line: 1, column: 7 });
    }
}
