//! Nothing of a secret in any text of a report, whatever a message, a reason or a path is made of.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Entry, Report};
use crate::finding::{Finding, Status, Unknown};
use crate::mask::{Masker, Words};
use crate::rule::catalog::Catalog;
use crate::source::Source;

/// The secrets of every source that a finding or an unknown stands in.
pub(super) fn words(findings: &[Finding], unknown: &[Unknown], sources: &[Source], masker: &Masker<'_>) -> Words {
    let mut ids: BTreeSet<u32> = findings.iter().map(|one| one.primary.source.0).collect();
    ids.extend(findings.iter().flat_map(|one| one.related.iter().map(|other| other.span.source.0)));
    ids.extend(unknown.iter().filter_map(|one| one.span).map(|span| span.source.0));
    let held = ids.into_iter().filter_map(|id| sources.get(id as usize));
    Words::new(held.flat_map(|source| masker.values(source)).collect::<Vec<_>>())
}

/// Masks them, and every other secret.
pub(super) fn hide(report: &mut Report, words: &Words) {
    let text = &|text: &mut String| {
        if let Cow::Owned(hidden) = words.hide(text) {
            *text = hidden;
        }
    };
    // Thousands of findings stand in the same few files.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut path = |path: &mut String| {
        let hidden = known.entry(std::mem::take(path)).or_insert_with_key(|path| words.hide(path).into_owned());
        path.clone_from(hidden);
    };
    report.findings.iter_mut().for_each(|entry| finding(entry, words, text, &mut path));
    for one in &mut report.unknown {
        text(&mut one.path);
        text(&mut one.reason);
        one.endpoint.iter_mut().for_each(text);
        one.location.iter_mut().for_each(|place| text(&mut place.path));
    }
    for one in &mut report.skipped {
        text(&mut one.path);
    }
    for item in &mut report.checklist {
        text(&mut item.title);
        for evidence in &mut item.by {
            text(&mut evidence.reference);
            text(&mut evidence.message);
        }
    }
    for reason in &mut report.verdict.reasons {
        text(&mut reason.message);
        text(&mut reason.reference);
    }
    // What comes with the program holds nobody's secret.
    let catalog = Catalog::builtin();
    for (_, rule) in report.rules.iter_mut().filter(|(id, _)| !catalog.has(id)) {
        text(&mut rule.title);
        text(&mut rule.why);
        text(&mut rule.fix);
    }
    report.run.paths.iter_mut().for_each(text);
    report.run.env.iter_mut().for_each(text);
    report.run.policy_path.iter_mut().for_each(text);
}

fn finding(entry: &mut Entry, words: &Words, text: &dyn Fn(&mut String), path: &mut dyn FnMut(&mut String)) {
    let shared = |text: &mut Arc<str>| {
        if let Cow::Owned(hidden) = words.hide(text) {
            *text = hidden.into();
        }
    };
    text(&mut entry.message);
    shared(&mut entry.subject);
    entry.group.iter_mut().for_each(shared);
    path(&mut entry.location.path);
    for other in &mut entry.related {
        text(&mut other.message);
        path(&mut other.location.path);
    }
    for snippet in &mut entry.frame.snippets {
        path(&mut snippet.path);
        let marks = snippet.lines.iter_mut().flat_map(|line| &mut line.marks);
        marks.filter_map(|mark| mark.label.as_mut()).for_each(text);
    }
    if let Some(fix) = &mut entry.fix {
        text(&mut fix.description);
        // A masked edit would write the mask; such a fix is only described.
        if fix.edits.iter().any(|(_, new)| matches!(words.hide(new), Cow::Owned(_))) {
            fix.edits.clear();
        }
        fix.edits.iter_mut().for_each(|(location, _)| path(&mut location.path));
    }
    if let Status::Waived(waiver) = &mut entry.status {
        text(&mut waiver.by);
        text(&mut waiver.reason);
    }
}
