//! An ignore file as it is written: patterns with their places, in the order in which they count.

use std::borrow::Cow;
use std::ops::Range;

use super::glob::Glob;

/// An ignore file.
#[derive(Debug, Default)]
pub struct Document<'s> {
    /// The patterns, in order.
    pub patterns: Vec<Pattern<'s>>,
}

/// A pattern, on a line of its own.
#[derive(Debug)]
pub struct Pattern<'s> {
    /// Where it stands: without blanks around it, with its `!`.
    pub place: Range<usize>,
    /// As written.
    pub text: &'s str,
    /// Whether it takes back what patterns before it exclude (`!`).
    pub is_exception: bool,
    /// As the builder uses it: without `!`, blanks, slashes at the ends and dots in between.
    pub path: Cow<'s, str>,
    /// Blanks stand before it on its line.
    pub is_indented: bool,
    /// The pattern compiled, or why the builder refuses it.
    pub glob: Result<Glob, &'static str>,
}

/// What an ignore file says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No pattern matches.
    Untouched,
    /// Excluded by the pattern of that number.
    Excluded(usize),
    /// Excluded first and then taken back by the pattern of that number.
    TakenBack(usize),
}

impl Document<'_> {
    /// Whether the builder can use the file: it refuses it whole when one pattern is broken.
    pub fn is_usable(&self) -> bool {
        self.patterns.iter().all(|pattern| pattern.glob.is_ok())
    }

    /// What becomes of `path`, relative to the context, with `/`: the last pattern that matches it or a folder above
    /// it decides. The context itself is never excluded.
    pub fn verdict(&self, path: &str) -> Verdict {
        let path = path.trim_matches('/');
        let mut verdict = Verdict::Untouched;
        if path.is_empty() || path == "." {
            return verdict;
        }
        for (index, pattern) in self.patterns.iter().enumerate() {
            // What is not excluded cannot be taken back, and what is excluded needs no second pattern.
            let excluded = matches!(verdict, Verdict::Excluded(_));
            if pattern.is_exception != excluded {
                continue;
            }
            if pattern.matches_at_or_above(path) {
                verdict = if excluded { Verdict::TakenBack(index) } else { Verdict::Excluded(index) };
            }
        }
        verdict
    }

    /// Whether `path` is kept from the builder.
    pub fn excludes(&self, path: &str) -> bool {
        matches!(self.verdict(path), Verdict::Excluded(_))
    }

    /// Whether a pattern after the one of number `index` could take back something below `folder`.
    pub fn may_take_back_below(&self, folder: &str, index: usize) -> bool {
        let later = self.patterns.iter().skip(index + 1).filter(|pattern| pattern.is_exception);
        let literal = |path: &str| path.split(['*', '?', '[', '\\']).next().unwrap_or_default().to_owned();
        later.into_iter().any(|pattern| {
            let start = literal(&pattern.path);
            let folder = format!("{}/", folder.trim_matches('/'));
            start.starts_with(&folder) || (start.len() < pattern.path.len() && folder.starts_with(&start))
        })
    }
}

impl Pattern<'_> {
    /// Whether it matches `path` or a folder above it.
    pub fn matches_at_or_above(&self, path: &str) -> bool {
        self.glob.as_ref().is_ok_and(|glob| glob.matches_at_or_above(path))
    }

    /// Whether its text is a plain path, without anything that stands for something else.
    pub fn is_plain(&self) -> bool {
        !self.path.contains(['*', '?', '[', '\\'])
    }
}
