//! Text that is no quotation, and may hold a secret all the same: messages, reasons, paths, words of the user.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::MASK;
use crate::detect;
use crate::span::SourceId;
use crate::syntax::tree::Tree;

/// A shorter value is a word that stands for itself.
const SHORTEST: usize = 6;

/// Secrets that are known word for word.
#[derive(Debug, Default)]
pub struct Words {
    finder: Option<AhoCorasick>,
}

impl Words {
    /// Those among `values` that are no everyday words.
    pub fn new<'v>(values: impl IntoIterator<Item = &'v str>) -> Self {
        let lines = values.into_iter().flat_map(str::lines).map(str::trim);
        let mut words: Vec<&str> = lines.filter(|line| line.len() >= SHORTEST && is_no_word(line)).collect();
        words.sort_unstable();
        words.dedup();
        // The texts are short, so that the finder must be quick to make.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let build = || AhoCorasick::builder().kind(kind).ascii_case_insensitive(true).build(&words).ok();
        Self { finder: (!words.is_empty()).then(build).flatten() }
    }

    /// `text` with a mask in place of each of them, and of every other secret in it.
    pub fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut found = spans(text);
        if let Some(finder) = &self.finder {
            found.extend(finder.try_find_overlapping_iter(text).into_iter().flatten().map(|hit| hit.range()));
        }
        covered(text, found)
    }
}

/// Letters and something else: what stands in no sentence.
fn is_no_word(value: &str) -> bool {
    value.bytes().any(|byte| !byte.is_ascii_alphabetic())
}

/// `text` with a mask in place of every secret that can be told without knowing where it comes from.
pub fn plain(text: &str) -> Cow<'_, str> {
    covered(text, spans(text))
}

/// `text` with stars in place of every secret in it, byte for byte, so that places in it stay where they are; and the
/// secrets.
pub fn stars(path: &str, text: &str) -> (String, Words) {
    let tree = LazyLock::new(|| crate::syntax::read(SourceId(0), path, text.into()));
    let found = detect::secret_spans(detect::formats(), path, text, || &tree);
    let words = Words::new(found.iter().filter_map(|range| text.get(range.clone())));
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in merged(found) {
        shown.push_str(text.get(at..range.start).unwrap_or_default());
        let secret = text.get(range.clone()).unwrap_or_default();
        shown.extend(secret.chars().flat_map(|c| std::iter::repeat_n(if c == '\n' { c } else { '*' }, c.len_utf8())));
        at = range.end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    (shown, words)
}

/// The lines of a file, each with its break, as they may stand in a patch: every secret masked, and what would act on a
/// terminal made visible.
pub fn lines(path: &str, text: &str) -> Vec<String> {
    let (starred, words) = stars(path, text);
    let shown = |line: &str| {
        let body = line.trim_end_matches(['\n', '\r']);
        let end = line.get(body.len()..).unwrap_or_default();
        words.hide(body).chars().map(super::visible).chain(end.chars()).collect()
    };
    starred.split_inclusive('\n').map(shown).collect()
}

fn spans(text: &str) -> Vec<Range<usize>> {
    static NONE: LazyLock<Tree> = LazyLock::new(|| Tree::empty(SourceId(0), "".into()));
    detect::secret_spans(detect::formats(), "", text, || &NONE)
}

fn merged(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in found.into_iter().filter(|range| !range.is_empty()) {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn covered(text: &str, found: Vec<Range<usize>>) -> Cow<'_, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for range in merged(found) {
        shown.push_str(text.get(at..range.start).unwrap_or_default());
        shown.push_str(MASK);
        at = range.end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}
