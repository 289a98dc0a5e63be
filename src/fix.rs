//! Mending: which fixes of a round are applied, what the text becomes, and whether it still says what it said. Pure;
//! `run` goes round until nothing is left to do, and `command` writes.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::fact::Edit;
use crate::fact::Role;
use crate::finding::{Finding, Fix, Safety, inspector_of};
use crate::inspect;
use crate::source::{Origin, Source};
use crate::syntax::outline::Piece;

pub mod diff;

/// Which fixes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Those that somebody has to look at, too.
    pub and_unsafe: bool,
}

impl Wanted {
    /// Whether a fix of that safety is applied.
    pub fn takes(self, safety: Safety) -> bool {
        safety == Safety::Safe || self.and_unsafe
    }
}

/// A fix that is to be applied, with the finding it mends.
#[derive(Debug, Clone)]
pub struct Choice<'f> {
    /// The finding.
    pub finding: &'f Finding,
    /// Its fix.
    pub fix: &'f Fix,
}

/// Whether `source` may be changed at all: a file of somebody's own, or what came in on standard input.
pub fn is_open(source: &Source) -> bool {
    let ours = !matches!(source.role, Role::Generated | Role::Vendored);
    ours && source.bytes().is_none() && !matches!(source.origin, Origin::Endpoint(_))
}

/// The fix of a finding that counts, where it is wanted and may be applied.
pub fn fix_of<'f>(finding: &'f Finding, sources: &[Source], wanted: Wanted) -> Option<&'f Fix> {
    let fix = finding.fix.as_ref().filter(|fix| finding.is_open() && wanted.takes(fix.safety))?;
    let source = sources.get(finding.primary.source.0 as usize)?;
    let own = !matches!(finding.role, Role::Generated | Role::Vendored);
    (own && is_open(source) && fix.edits.iter().all(|edit| edit.span.source == source.id)).then_some(fix)
}

/// The fixes of one round, by source (its index): in the order of the findings, and of those that touch one another
/// only the first. `is_refused` says which are not to be tried.
pub fn choose<'f>(
    findings: &'f [Finding],
    sources: &[Source],
    wanted: Wanted,
    is_refused: &dyn Fn(&Finding, &Fix) -> bool,
) -> BTreeMap<usize, Vec<Choice<'f>>> {
    let mut chosen: BTreeMap<usize, Vec<Choice<'f>>> = BTreeMap::new();
    for finding in findings {
        let Some(fix) = fix_of(finding, sources, wanted).filter(|fix| !is_refused(finding, fix)) else { continue };
        let here = chosen.entry(finding.primary.source.0 as usize).or_default();
        let taken = here.iter().flat_map(|choice| &choice.fix.edits);
        if taken.flat_map(|one| fix.edits.iter().map(move |other| (one, other))).all(|(a, b)| apart(a, b)) {
            here.push(Choice { finding, fix });
        }
    }
    chosen
}

/// Whether two edits can be made in any order with one result.
fn apart(a: &Edit, b: &Edit) -> bool {
    a.span.end < b.span.start || b.span.end < a.span.start
}

/// The edits of several fixes, by place.
pub fn edits<'f>(choices: impl IntoIterator<Item = &'f Choice<'f>>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = choices.into_iter().flat_map(|choice| choice.fix.edits.iter().cloned()).collect();
    edits.sort();
    edits
}

/// `text` after `edits`, which are sorted and lie apart; `None` where they do not fit.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut new = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        new.push_str(text.get(at..range.start)?);
        new.push_str(&edit.text);
        at = range.end;
    }
    new.push_str(text.get(at..)?);
    Some(new)
}

/// Where places of the text stand after the edits.
pub struct Moved {
    /// Old start, old end, new start, new end of each edit.
    edits: Vec<(usize, usize, usize, usize)>,
}

impl Moved {
    /// By `edits`, which are sorted and lie apart.
    pub fn by(edits: &[Edit]) -> Self {
        let mut shift = 0isize;
        let place = |edit: &Edit| {
            let old = edit.span.range();
            let start = old.start.saturating_add_signed(shift);
            shift += edit.text.len() as isize - old.len() as isize;
            (old.start, old.end, start, start + edit.text.len())
        };
        Moved { edits: edits.iter().map(place).collect() }
    }

    /// Where the byte at `at` of the old text stands in the new one, when nothing replaced it.
    fn byte(&self, at: usize) -> usize {
        let before = self.edits.partition_point(|(_, end, ..)| *end <= at);
        match before.checked_sub(1).and_then(|last| self.edits.get(last)) {
            Some((_, end, _, new_end)) => new_end + (at - end),
            None => at,
        }
    }

    /// The first edit that reaches into `range` of the old text.
    fn within(&self, range: &Range<usize>) -> Option<&(usize, usize, usize, usize)> {
        let first = self.edits.partition_point(|(_, end, ..)| *end <= range.start);
        self.edits.get(first).filter(|(start, ..)| *start < range.end)
    }

    /// The new place of `range`: what stands there now, new text included.
    pub fn place(&self, range: Range<usize>) -> Range<usize> {
        let start = match self.within(&range) {
            Some((start, _, new, _)) if *start <= range.start => *new,
            _ => self.byte(range.start),
        };
        let last = self.edits.iter().rev().find(|(start, end, ..)| *start < range.end && *end > range.start);
        let end = match last {
            Some((_, end, _, new)) if *end >= range.end => *new,
            _ => self.byte(range.start.max(range.end.saturating_sub(1))) + usize::from(!range.is_empty()),
        };
        start..end.max(start)
    }

    /// Whether an edit's new text reaches into `range` of the new text.
    fn is_new(&self, range: &Range<usize>) -> bool {
        let first = self.edits.partition_point(|(_, _, _, end)| *end <= range.start);
        self.edits.get(first).is_some_and(|(_, _, start, _)| *start < range.end)
    }
}

/// Whether `after` says what `before` says but where the edits are: every piece that they do not touch is there, in the
/// same order, with the same meaning, and there is no other.
pub fn only_there(before: &[Piece], after: &[Piece], edits: &[Edit]) -> bool {
    let moved = Moved::by(edits);
    if before.iter().any(|piece| piece.is_sealed && moved.within(&piece.range).is_some()) {
        return false;
    }
    let kept = before.iter().filter(|piece| moved.within(&piece.range).is_none()).map(|piece| {
        let start = moved.byte(piece.range.start);
        (start..start + piece.range.len(), &piece.what)
    });
    let found =
        after.iter().filter(|piece| !moved.is_new(&piece.range)).map(|piece| (piece.range.clone(), &piece.what));
    kept.eq(found)
}

/// `source` with another text, everything else the same.
pub fn with_text(source: &Source, text: String) -> Source {
    Source::new(source.id, source.origin.clone(), source.encoding, source.role, text)
}

/// Why fixes cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsound {
    /// The file could not be read whole, so nobody can tell what a change of it does.
    Unreadable,
    /// More than the edited place would read otherwise.
    More,
}

impl std::fmt::Display for Unsound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unsound::Unreadable => "the file cannot be read whole",
            Unsound::More => "more than the place itself would change",
        })
    }
}

/// `source` after `choices`.
///
/// # Errors
/// The text would not read as before everywhere else.
pub fn mended(source: &Source, choices: &[Choice<'_>]) -> Result<Source, Unsound> {
    let edits = edits(choices);
    let new = with_text(source, apply(source.text(), &edits).ok_or(Unsound::More)?);
    let mut readers: Vec<&str> = choices.iter().map(|choice| inspector_of(&choice.finding.rule)).collect();
    readers.sort_unstable();
    readers.dedup();
    for name in readers {
        let reader = inspect::by_name(name).ok_or(Unsound::Unreadable)?;
        let before = reader.outline(source).ok_or(Unsound::Unreadable)?;
        let after = reader.outline(&new).ok_or(Unsound::More)?;
        if !only_there(&before, &after, &edits) {
            return Err(Unsound::More);
        }
    }
    Ok(new)
}

/// Whether the same rule still finds something where `finding` stood: more of them than were not meant to go.
pub fn is_gone(finding: &Finding, before: &[Finding], after: &[Finding], mended: &[Choice<'_>]) -> bool {
    let same = |other: &&Finding| other.rule == finding.rule && other.primary.source == finding.primary.source;
    let moved = Moved::by(&edits(mended));
    let place = moved.place(finding.primary.range());
    let touches = |range: &Range<usize>| {
        range.start < place.end.max(place.start + 1) && place.start < range.end.max(range.start + 1)
    };
    let left = after.iter().filter(same).filter(|other| other.is_open() && touches(&other.primary.range())).count();
    let here = before.iter().filter(same).filter(|other| touches(&moved.place(other.primary.range())));
    let kept =
        here.filter(|other| other.is_open() && !mended.iter().any(|choice| std::ptr::eq(choice.finding, *other)));
    left <= kept.count()
}

#[cfg(test)]
mod tests;
