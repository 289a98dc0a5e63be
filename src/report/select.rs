//! Which findings are worth showing first.

use std::collections::BTreeMap;

use super::{Entry, Needs};

/// How many findings of one rule a table shows before it folds the rest.
const OF_RULE: usize = 3;
/// How many causes it shows in all.
const IN_ALL: usize = 50;
/// How many findings a page shows with the text around them.
pub(super) const ON_PAGE: usize = 1000;

/// One cause: its worst finding, and the others that share its group.
pub(super) struct Cause<'r> {
    pub(super) head: &'r Entry,
    pub(super) also: Vec<&'r Entry>,
    /// The place of `head` in the report.
    pub(super) index: usize,
}

impl Cause<'_> {
    pub(super) fn points(&self) -> u32 {
        self.head.points + self.also.iter().map(|entry| entry.points).sum::<u32>()
    }
}

/// The causes of open findings, the worst first.
pub(super) fn causes(findings: &[Entry]) -> Vec<Cause<'_>> {
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    let mut causes: Vec<Cause<'_>> = Vec::new();
    for (index, entry) in findings.iter().enumerate().filter(|(_, entry)| entry.is_open()) {
        match entry.group.as_deref().and_then(|group| groups.get(group)) {
            Some(cause) => {
                let cause = &mut causes[*cause];
                if entry.severity > cause.head.severity {
                    cause.also.push(std::mem::replace(&mut cause.head, entry));
                    cause.index = index;
                } else {
                    cause.also.push(entry);
                }
            }
            None => {
                groups.extend(entry.group.as_deref().map(|group| (group, causes.len())));
                causes.push(Cause { head: entry, also: Vec::new(), index });
            }
        }
    }
    causes.sort_by_key(|cause| (std::cmp::Reverse((cause.head.severity, cause.points())), cause.index));
    causes
}

/// What a table shows, and what it folds.
pub(super) fn fold(causes: Vec<Cause<'_>>) -> (Vec<Cause<'_>>, Vec<Cause<'_>>) {
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    for cause in &causes {
        *of_rule.entry(&cause.head.rule).or_insert(0) += 1;
    }
    // Folding a single one would save nothing.
    let most = |n: usize| if n <= OF_RULE + 1 { n } else { OF_RULE };
    let mut left: BTreeMap<&str, usize> = of_rule.into_iter().map(|(rule, n)| (rule, most(n))).collect();
    let (mut shown, mut folded) = (Vec::new(), Vec::new());
    for cause in causes {
        let left = left.entry(&cause.head.rule).or_insert(0);
        if *left > 0 && shown.len() < IN_ALL {
            *left -= 1;
            shown.push(cause);
        } else {
            folded.push(cause);
        }
    }
    (shown, folded)
}

/// The open findings, the worst first, with their places in the report.
pub(super) fn worst(findings: &[Entry]) -> Vec<(usize, &Entry)> {
    let mut open: Vec<(usize, &Entry)> = findings.iter().enumerate().filter(|(_, entry)| entry.is_open()).collect();
    open.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.severity));
    open
}

/// The findings whose frames `needs` asks for, by their places in the report.
pub(super) fn framed(findings: &[Entry], needs: Needs) -> Vec<usize> {
    if needs.all_frames {
        return (0..findings.len()).collect();
    }
    let mut wanted = Vec::new();
    if needs.table_frames {
        wanted.extend(fold(causes(findings)).0.iter().map(|cause| cause.index));
    }
    if needs.page_frames {
        wanted.extend(worst(findings).iter().take(ON_PAGE).map(|(index, _)| *index));
    }
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}
