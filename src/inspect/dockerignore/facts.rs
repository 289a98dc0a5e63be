//! [`Document`] → facts: each pattern, put beside the others of its file.

use std::collections::HashMap;

use super::document::{Document, Pattern as Written};
use crate::fact::{Fact, Type, Value};
use crate::source::Source;
use crate::span::Span;

crate::subject! {
    /// A pattern of an ignore file; stands on it, its `!` included.
    pub struct Pattern: "dockerignore.pattern" {
        /// As written.
        text: Type::String,
        /// As the builder uses it: without `!`, blanks, slashes at the ends and dots in between.
        path: Type::String,
        /// Whether it takes back what patterns before it exclude.
        is_exception: Type::Bool,
        /// Whether the builder understands it; points to it.
        is_valid: Type::Bool,
        /// Why it does not; absent when it does.
        problem: Type::String,
        /// Whether it holds what is meant as a comment: a `#` after blanks; points to it.
        holds_comment: Type::Bool,
        /// An earlier pattern that says the same, or more; absent when there is none.
        repeats: Type::String,
        /// Whether an exception has something before it to take back; points to it.
        has_something_to_take_back: Type::Bool,
        /// An exception: a later pattern that excludes everything again; absent when there is none.
        undone_by: Type::String,
    }
}

/// Patterns that are compared with one another at most: a list of thousands would take quadratic time.
const MOST: usize = 400;

/// States the facts.
pub(super) fn state<'s>(document: &Document<'s>, source: &'s Source) -> Vec<Fact<'s>> {
    let patterns = &document.patterns;
    let mut first: HashMap<(bool, &str), usize> = HashMap::new();
    let mut facts = Vec::with_capacity(patterns.len());
    let mut last_exception: Option<usize> = None;
    for (index, pattern) in patterns.iter().enumerate() {
        let span = Span::new(source.id, pattern.place.clone());
        // What stands between decides again: only what follows the last exception can repeat.
        let since = if pattern.is_exception { 0 } else { last_exception.map_or(0, |at| at + 1) };
        let same = first.get(&(pattern.is_exception, &*pattern.path)).copied().filter(|at| *at >= since);
        let before = patterns.get(since..index).unwrap_or_default().iter().take(MOST);
        let wider = before.filter(|one| one.is_exception == pattern.is_exception).find(|one| covers(one, pattern));
        let repeats = match (pattern.is_exception, same) {
            (false, Some(at)) => patterns.get(at),
            (false, None) => wider,
            (true, _) => None,
        };
        let undone = (pattern.is_exception && index < MOST).then(|| undone_by(patterns, index)).flatten();
        let fact = Pattern {
            text: Value::str(pattern.text, span),
            path: Value::str(pattern.path.clone(), span),
            is_exception: Value::bool(pattern.is_exception, span),
            is_valid: Value::bool(pattern.glob.is_ok(), span),
            problem: pattern.glob.as_ref().err().map_or(Value::absent(span), |why| Value::str(*why, span)),
            holds_comment: Value::bool(holds_comment(pattern), span),
            repeats: repeats.map_or(Value::absent(span), |one| Value::str(one.text, span)),
            has_something_to_take_back: Value::bool(takes_back(patterns, index), span),
            undone_by: undone.map_or(Value::absent(span), |one| Value::str(one.text, span)),
        };
        facts.push(fact.fact(span, format!("pattern {}", pattern.text), source.role));
        first.insert((pattern.is_exception, &pattern.path), index);
        if pattern.is_exception {
            last_exception = Some(index);
        }
    }
    facts
}

/// `dist # output`, or an indented `# words`.
fn holds_comment(pattern: &Written<'_>) -> bool {
    let meant = |at: usize| pattern.text.get(..at).is_some_and(|before| before.ends_with([' ', '\t']));
    (pattern.is_indented && pattern.text.starts_with('#')) || pattern.text.match_indices('#').any(|(at, _)| meant(at))
}

/// Whether everything that `narrow` matches is matched by `wide` as well; says no when it is not sure.
fn covers(wide: &Written<'_>, narrow: &Written<'_>) -> bool {
    if wide.glob.is_err() || narrow.glob.is_err() || wide.path.contains(['?', '[', '\\']) {
        return false;
    }
    if narrow.is_plain() {
        return wide.matches_at_or_above(&narrow.path);
    }
    let everything = matches!(&*wide.path, "*" | "**");
    let below = narrow.path.strip_prefix(&*wide.path).is_some_and(|rest| rest.starts_with('/') || rest.is_empty());
    let anywhere = wide.path.strip_prefix("**/").is_some_and(|rest| rest == narrow.path);
    everything || (wide.is_plain() && below) || wide.path == narrow.path || anywhere
}

/// A later pattern, after which no exception follows for it, that excludes all that the exception took back.
fn undone_by<'d, 's>(patterns: &'d [Written<'s>], index: usize) -> Option<&'d Written<'s>> {
    let exception = patterns.get(index)?;
    let later = patterns.get(index + 1..).unwrap_or_default().iter().take(MOST);
    let last = later.clone().rposition(|one| !one.is_exception && covers(one, exception))?;
    let again = patterns.get(index + 2 + last..).unwrap_or_default();
    let taken_back = again.iter().take(MOST).any(|one| one.is_exception && covers(one, exception));
    if taken_back { None } else { patterns.get(index + 1 + last) }
}

/// Whether anything before an exception could exclude what it takes back; true for what is none.
fn takes_back(patterns: &[Written<'_>], index: usize) -> bool {
    let Some(exception) = patterns.get(index).filter(|one| one.is_exception) else { return true };
    let mut before = patterns.iter().take(index).take(MOST).filter(|one| !one.is_exception);
    if !exception.is_plain() {
        return before.next().is_some();
    }
    let folder = format!("{}/", exception.path);
    before.any(|one| {
        // A pattern with wildcards, or one for something in the folder, may exclude parts of it.
        let inside = one.path.starts_with(&folder) || (!one.is_plain() && may_reach(&one.path, &folder));
        inside || one.matches_at_or_above(&exception.path)
    })
}

/// Whether a pattern with wildcards may match something below `folder`.
fn may_reach(pattern: &str, folder: &str) -> bool {
    let start = pattern.split(['*', '?', '[', '\\']).next().unwrap_or_default();
    let deep = pattern.contains("**") || pattern.matches('/').count() >= folder.matches('/').count();
    deep && (folder.starts_with(start) || start.starts_with(folder))
}
