//! The one door through which text of a source reaches a person: every secret in it is masked, whatever rules are
//! selected.

use std::ops::Range;
use std::sync::OnceLock;

use crate::source::Source;
use crate::span::Span;

pub mod line_hash;
mod words;

pub use words::{Words, lines, plain, stars};

#[cfg(test)]
mod tests;

/// What stands where a secret was. Always of one length, so that it says nothing about the secret's.
pub const MASK: &str = "********";

/// A shorter secret is not looked for in other texts: it would be found in words.
const SHORTEST: usize = 6;

/// The most code points of one line that are quoted.
pub const WIDEST: usize = 240;
/// How many of them may stand before the place that is pointed at.
const BEFORE: usize = 60;

/// Finds the secrets of a source.
pub type Finder<'f> = Box<dyn Fn(&Source) -> Vec<Range<usize>> + Sync + 'f>;

/// Quotes sources. The secrets of a source are looked for when it is first quoted.
pub struct Masker<'f> {
    find: Finder<'f>,
    found: Vec<OnceLock<Vec<Range<usize>>>>,
}

impl std::fmt::Debug for Masker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masker").field("sources", &self.found.len()).finish_non_exhaustive()
    }
}

/// Part of a line, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quoted {
    /// The text, masked; control characters are made visible. Tabs are tabs.
    pub text: String,
    /// The places asked for, in code points of `text`.
    pub marks: Vec<Range<usize>>,
    /// Whether the line begins before `text` does.
    pub cut_before: bool,
    /// Whether the line goes on after it.
    pub cut_after: bool,
}

impl<'f> Masker<'f> {
    /// A masker for the `sources` of one run; `find` names the byte ranges of a source's secrets.
    pub fn new(sources: usize, find: impl Fn(&Source) -> Vec<Range<usize>> + Sync + 'f) -> Self {
        Self { find: Box::new(find), found: std::iter::repeat_with(OnceLock::new).take(sources).collect() }
    }

    /// The text of `span`, every secret in it masked, control characters made visible, line breaks and tabs kept.
    pub fn quote(&self, source: &Source, span: Span) -> String {
        let range = within(source.text(), span.range());
        let mut shown = String::new();
        self.pieces(source, range, |text, secret| match secret {
            false => shown.extend(text.chars().map(visible)),
            true => shown.push_str(&masked(text)),
        });
        shown
    }

    /// `text`, which repeats words of `source`, with every secret of the source masked in it and control characters
    /// made visible.
    pub fn hide(&self, source: &Source, text: &str) -> String {
        let secret = |range: &Range<usize>| source.text().get(range.clone()).filter(|secret| secret.len() >= SHORTEST);
        let mut secrets: Vec<&str> = self.secrets(source).iter().filter_map(secret).collect();
        secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
        let hidden = secrets.iter().fold(text.to_owned(), |text, secret| match text.contains(secret) {
            true => text.replace(secret, MASK),
            false => text,
        });
        harmless(&hidden)
    }

    /// What is worth seeing of 1-based `line`: at most [`WIDEST`] code points around the first of `marks` (bytes of the
    /// source; marks outside the line are cut to it). `None` past the last line.
    pub fn line(&self, source: &Source, line: u32, marks: &[Range<usize>]) -> Option<Quoted> {
        let text = source.text();
        let whole = source.lines().line(text, line)?;
        let first = marks.iter().map(|mark| mark.start.clamp(whole.start, whole.end)).min().unwrap_or(whole.start);
        let window = window(text, whole.clone(), first);
        let mut quoted =
            Quoted { cut_before: window.start > whole.start, cut_after: window.end < whole.end, ..Quoted::default() };
        let mut places = Places::default();
        self.pieces(source, window.clone(), |piece, secret| {
            places.push(piece, secret);
            match secret {
                false => quoted.text.extend(piece.chars().map(visible)),
                true => quoted.text.push_str(MASK),
            }
        });
        let shown = |at: usize| places.shown(at.clamp(window.start, window.end) - window.start);
        quoted.marks = marks.iter().map(|mark| shown(mark.start)..shown(mark.end.max(mark.start))).collect();
        Some(quoted)
    }

    /// The secrets of the source, as they are written there.
    pub fn values<'s>(&self, source: &'s Source) -> Vec<&'s str> {
        self.secrets(source).iter().filter_map(|range| source.text().get(range.clone())).collect()
    }

    /// The ranges of the source's secrets, sorted, none touching another.
    fn secrets(&self, source: &Source) -> std::borrow::Cow<'_, [Range<usize>]> {
        match self.found.get(source.id.0 as usize) {
            Some(slot) => slot.get_or_init(|| self.look(source)).as_slice().into(),
            None => self.look(source).into(),
        }
    }

    fn look(&self, source: &Source) -> Vec<Range<usize>> {
        let mut found: Vec<_> = (self.find)(source).into_iter().map(|range| within(source.text(), range)).collect();
        found.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found.into_iter().filter(|range| !range.is_empty()) {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// Whether a secret of `source` touches `range`.
    fn touches_secret(&self, source: &Source, range: &Range<usize>) -> bool {
        let secrets = self.secrets(source);
        let next = secrets.partition_point(|secret| secret.end <= range.start);
        secrets.get(next).is_some_and(|secret| secret.start < range.end)
    }

    /// Hands over the text of `range` in order, each piece with whether it is secret.
    fn pieces<'s>(&self, source: &'s Source, range: Range<usize>, mut each: impl FnMut(&'s str, bool)) {
        let text = source.text();
        let mut give = |from: usize, to: usize, secret: bool| match text.get(from..to) {
            Some(piece) if !piece.is_empty() => each(piece, secret),
            _ => {}
        };
        let secrets = self.secrets(source);
        let mut at = range.start;
        for secret in &secrets[secrets.partition_point(|secret| secret.end <= range.start)..] {
            if secret.start >= range.end {
                break;
            }
            give(at, secret.start.max(at), false);
            at = secret.end.min(range.end);
            give(secret.start.max(range.start), at, true);
        }
        give(at, range.end, false);
    }
}

/// Where the bytes of a quoted window are shown, in code points.
#[derive(Default)]
struct Places<'s> {
    /// Each piece: its text, whether it is secret, the byte and the code point at which it begins.
    pieces: Vec<(&'s str, bool, usize, usize)>,
    bytes: usize,
    points: usize,
}

impl<'s> Places<'s> {
    fn push(&mut self, piece: &'s str, secret: bool) {
        self.pieces.push((piece, secret, self.bytes, self.points));
        self.bytes += piece.len();
        self.points += if secret { MASK.len() } else { piece.chars().count() };
    }

    /// The code point that shows byte `at` of the window; a place within a secret is its nearer end.
    fn shown(&self, at: usize) -> usize {
        let after = self.pieces.partition_point(|(_, _, byte, _)| *byte <= at);
        let Some((piece, secret, byte, point)) = after.checked_sub(1).and_then(|index| self.pieces.get(index)) else {
            return 0;
        };
        let into = at - byte;
        match secret {
            false => point + piece.char_indices().take_while(|(index, _)| *index < into).count(),
            true if into * 2 < piece.len() => *point,
            true => point + MASK.len(),
        }
    }
}

/// The bytes of `line` around `at` that are shown.
fn window(text: &str, line: Range<usize>, at: usize) -> Range<usize> {
    let Some((before, after)) = text.get(line.start..at).zip(text.get(at..line.end)) else {
        return line.start..line.start;
    };
    let nth_back = |n: usize| before.char_indices().rev().take(n).last().map_or(at, |(index, _)| line.start + index);
    let nth_on = |n: usize| after.char_indices().nth(n).map_or(line.end, |(index, _)| at + index);
    if nth_back(WIDEST) == line.start && text[line.clone()].chars().take(WIDEST + 1).count() <= WIDEST {
        return line;
    }
    let start = nth_back(BEFORE);
    let start = if start - line.start <= 3 { line.start } else { start };
    let kept = text.get(start..at).map_or(0, |kept| kept.chars().count());
    start..nth_on(WIDEST.saturating_sub(kept))
}

/// `range` cut to the text and widened to character boundaries.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = range.start.min(text.len());
    let mut end = range.end.clamp(start, text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// A mask for `secret`, one a line.
fn masked(secret: &str) -> String {
    let line = |line: &str| if line.is_empty() { "" } else { MASK };
    secret.split('\n').map(|text| line(text.trim_end_matches('\r'))).collect::<Vec<_>>().join("\n")
}

/// What stands for a character that would move the cursor, colour the terminal or turn the reading direction.
fn visible(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

/// `text` with everything that could act on a terminal made visible; line breaks too.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\u{240a}' } else { visible(c) }).collect()
}
