//! A unified diff of two texts, as `git apply` takes it. Small on purpose: what the edits left alone is the same at both
//! ends of every change, so the changes are known and nothing has to be searched for.

use std::fmt::Write as _;
use std::ops::Range;

/// Lines that stay the same, shown around a change.
const CONTEXT: usize = 3;
/// The most lines that are compared pairwise to bring a change down to what differs.
const PAIRWISE: usize = 2_000;

/// How many lines, old and new together, are searched for the end of a change in a longer text.
const WINDOW: usize = 200;

/// A stretch of lines that differs: of the old text, and of the new one.
type Change = (Range<usize>, Range<usize>);

/// One side of a diff.
#[derive(Debug)]
pub struct Side<'t> {
    /// The text.
    pub text: &'t str,
    /// Its lines as people see them, each with its break: what may not be seen is masked.
    pub shown: Vec<String>,
}

impl Side<'_> {
    fn shown(&self, line: usize) -> &str {
        self.shown.get(line).map_or("", |text| text)
    }
}

/// The diff of one file; empty when nothing differs. A line that is not shown as it is stays out of the context where
/// that can be done, since a patch has to match.
pub fn unified(path: &str, before: &Side<'_>, after: &Side<'_>) -> String {
    let old: Vec<&str> = before.text.split_inclusive('\n').collect();
    let new: Vec<&str> = after.text.split_inclusive('\n').collect();
    let changes = changes(&old, &new);
    let mut out = String::new();
    if changes.is_empty() {
        return out;
    }
    let (shown, hidden): (Vec<Hunk>, Vec<Hunk>) =
        hunks(&changes, &old, before).into_iter().partition(|hunk| hunk.is_plain(&old, &new, before, after));
    let (a, b) = (quoted(&format!("a/{path}")), quoted(&format!("b/{path}")));
    for hunk in &hidden {
        // A patch that cannot apply would take the others with it; what stands before a heading is no part of it.
        let line = hunk.changes.first().map_or(0, |(old, _)| old.start) + 1;
        let _ = writeln!(out, "# {}:{line}: not shown, because of a secret; --fix changes it", quoted(path));
    }
    if !shown.is_empty() {
        let _ = write!(out, "diff --git {a} {b}\n--- {a}\n+++ {b}\n");
    }
    let mut shift = 0;
    for hunk in &shown {
        write_hunk(&mut out, hunk, before, after, &mut shift);
    }
    out
}

/// A path as git writes it: in quotes where it holds anything odd.
fn quoted(path: &str) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\') || !c.is_ascii();
    if !path.contains(odd) {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..0x7f => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "\\{other:03o}");
            }
        }
    }
    out + "\""
}

/// What differs, in order: common lines at both ends are taken off, and what is left is compared by its longest common
/// subsequence where it is short enough.
fn changes(old: &[&str], new: &[&str]) -> Vec<Change> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[start..], &new[start..]);
    let end = rest_old.iter().rev().zip(rest_new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&rest_old[..rest_old.len() - end], &rest_new[..rest_new.len() - end]);
    if left.is_empty() && right.is_empty() {
        return Vec::new();
    }
    let found =
        if left.len() > PAIRWISE || right.len() > PAIRWISE { nearest(left, right) } else { longest(left, right) };
    found.into_iter().map(|(a, b)| (a.start + start..a.end + start, b.start + start..b.end + start)).collect()
}

/// What differs in a long text: after a difference the two go on where the nearest three lines are the same again.
fn nearest(old: &[&str], new: &[&str]) -> Vec<Change> {
    let (mut a, mut b) = (0, 0);
    let mut changes: Vec<Change> = Vec::new();
    while a < old.len() || b < new.len() {
        if old.get(a) == new.get(b) {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let same = |i: usize, j: usize| {
            let (one, other) = (old.get(i..i + 3), new.get(j..j + 3));
            one.is_some() && one == other
        };
        let steps = (1..WINDOW).flat_map(|sum| (0..=sum).map(move |i| (i, sum - i)));
        let next = steps.map(|(i, j)| (a + i, b + j)).find(|(i, j)| same(*i, *j));
        let (to_a, to_b) = next.unwrap_or((old.len(), new.len()));
        changes.push((a..to_a, b..to_b));
        (a, b) = (to_a, to_b);
    }
    changes
}

/// What is not in the longest common subsequence of lines.
fn longest(old: &[&str], new: &[&str]) -> Vec<Change> {
    let width = new.len() + 1;
    let mut table = vec![0u32; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            table[a * width + b] = if old[a] == new[b] {
                table[(a + 1) * width + b + 1] + 1
            } else {
                table[(a + 1) * width + b].max(table[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    let mut changes: Vec<Change> = Vec::new();
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let (from, to) = (a, b);
        while a < old.len() || b < new.len() {
            if a < old.len() && b < new.len() && old[a] == new[b] {
                break;
            }
            let down = if a < old.len() { Some(table[(a + 1) * width + b]) } else { None };
            let right = if b < new.len() { Some(table[a * width + b + 1]) } else { None };
            if down >= right { a += 1 } else { b += 1 }
        }
        changes.push((from..a, to..b));
    }
    changes
}

/// Changes that are shown together, with the lines of the old text that stand around them.
struct Hunk {
    changes: Vec<Change>,
    lines: Range<usize>,
}

impl Hunk {
    /// Whether all of it is shown as it is, so that it applies. Without a line behind the change, git takes a hunk for
    /// the end of the file.
    fn is_plain(&self, old: &[&str], new: &[&str], before: &Side<'_>, after: &Side<'_>) -> bool {
        let stays = |index: usize| old.get(index).is_some_and(|line| before.shown(index) == *line);
        let comes = |index: usize| new.get(index).is_some_and(|line| after.shown(index) == *line);
        let last = self.changes.last().map_or(0, |(gone, _)| gone.end);
        let ends = last < self.lines.end || last == old.len();
        ends && self.lines.clone().all(stays) && self.changes.iter().flat_map(|(_, come)| come.clone()).all(comes)
    }
}

fn hunks(changes: &[Change], old: &[&str], before: &Side<'_>) -> Vec<Hunk> {
    let is_plain = |index: &usize| old.get(*index).is_some_and(|line| before.shown(*index) == *line);
    let mut hunks: Vec<Hunk> = Vec::new();
    for change in changes {
        let floor = hunks.last().map_or(0, |hunk| hunk.changes.last().map_or(0, |(range, _)| range.end));
        let lead = (floor..change.0.start).rev().take(CONTEXT).take_while(is_plain).count();
        let tail = (change.0.end..old.len()).take(CONTEXT).take_while(is_plain).count();
        let lines = change.0.start - lead..change.0.end + tail;
        match hunks.last_mut() {
            Some(last) if lines.start <= last.lines.end => {
                last.lines.end = lines.end;
                last.changes.push(change.clone());
            }
            _ => hunks.push(Hunk { changes: vec![change.clone()], lines }),
        }
    }
    hunks
}

/// Writes a hunk; `shift` is by how many lines those before it have moved the text.
fn write_hunk(out: &mut String, hunk: &Hunk, before: &Side<'_>, after: &Side<'_>, shift: &mut isize) {
    let start = hunk.lines.start.saturating_add_signed(*shift);
    let added: usize = hunk.changes.iter().map(|(_, b)| b.len()).sum();
    let gone: usize = hunk.changes.iter().map(|(a, _)| a.len()).sum();
    let side = |start: usize, length: usize| format!("{},{length}", if length == 0 { start } else { start + 1 });
    let length = hunk.lines.len();
    let _ = writeln!(out, "@@ -{} +{} @@", side(hunk.lines.start, length), side(start, length - gone + added));
    *shift += added as isize - gone as isize;
    let mut line = |mark: char, text: &str| {
        out.push(mark);
        out.push_str(text);
        if !text.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    };
    let mut at = hunk.lines.start;
    for (gone, come) in &hunk.changes {
        (at..gone.start).for_each(|index| line(' ', before.shown(index)));
        gone.clone().for_each(|index| line('-', before.shown(index)));
        come.clone().for_each(|index| line('+', after.shown(index)));
        at = gone.end;
    }
    (at..hunk.lines.end).for_each(|index| line(' ', before.shown(index)));
}
