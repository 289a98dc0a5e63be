//! What is left out once is mostly left out everywhere: of the findings of a rule that have one cause, the worst counts
//! and shows the others, which are low. Only what nobody has accepted is looked at, so that the next one takes its place.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::finding::{Finding, Related, Severity};
use crate::rule::Rule;
use crate::rule::file::Once;
use crate::source::Source;

/// Places that are shown beside the finding that counts.
const SHOWN: usize = 5;

/// Leaves the first of the worst open findings of each cause as it is; the others are low, also where a policy chose the
/// severity: what it gates on is the one that counts.
pub(crate) fn mark(findings: &mut [Finding], rules: &[Rule], sources: &[Source]) {
    let said = rules.iter().filter_map(|rule| Some((&*rule.id, rule.once?))).collect();
    collapse(findings, &said, sources);
}

fn collapse(findings: &mut [Finding], said: &BTreeMap<&str, Once>, sources: &[Source]) {
    let mut causes: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some((rule, once)) = said.get_key_value(&*finding.rule) else { continue };
        if !finding.is_open() || finding.severity <= Severity::Low {
            continue;
        }
        let source = sources.get(finding.primary.source.0 as usize);
        let text = source.and_then(|source| source.text().get(finding.primary.range())).unwrap_or_default();
        let text = if *once == Once::Text { text.trim_matches(['"', '\'']) } else { "" };
        causes.entry((*rule, text)).or_default().push(index);
    }
    for all in causes.into_values().filter(|all| all.len() > 1) {
        let severity = |index: &usize| findings.get(*index).map(|one| one.severity);
        let worst = all.iter().filter_map(severity).max();
        let Some(first) = all.iter().copied().find(|index| severity(index) == worst) else { continue };
        let mut related = Vec::new();
        for index in all.iter().copied().filter(|index| *index != first) {
            let Some(finding) = findings.get_mut(index) else { continue };
            finding.severity = Severity::Low;
            related.push(Related { span: finding.primary, message: "the same here".to_owned() });
        }
        if let Some(finding) = findings.get_mut(first) {
            let (count, places) = (related.len(), if related.len() == 1 { "place" } else { "places" });
            let _ = write!(finding.message, " (and in {count} more {places})");
            finding.related.extend(related.into_iter().take(SHOWN));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fact::Role;
    use crate::finding::{Category, Status};
    use crate::source::{Encoding, Origin};
    use crate::span::{SourceId, Span};

    fn found(rule: &str, source: u32, severity: Severity, status: Status) -> Finding {
        Finding {
            rule: Arc::from(rule),
            format: None,
            severity,
            category: Category::Reliability,
            message: "no limit".to_owned(),
            subject: Arc::from(""),
            role: Role::Production,
            primary: Span { source: SourceId(source), start: 0, end: 1 },
            related: Vec::new(),
            fingerprint: String::new(),
            group: None,
            fix: None,
            status,
        }
    }

    fn collapsed(mut findings: Vec<Finding>, once: Once) -> Vec<(Severity, String, usize)> {
        let text = |id| if id == 2 { "b" } else { "a" };
        let source = |id: u32| {
            Source::new(SourceId(id), Origin::File(format!("{id}").into()), Encoding::Utf8, Role::Production, text(id))
        };
        let sources: Vec<Source> = (0..4).map(source).collect();
        collapse(&mut findings, &BTreeMap::from([("k/limit", once)]), &sources);
        findings.into_iter().map(|one| (one.severity, one.message, one.related.len())).collect()
    }

    #[test]
    fn the_worst_open_one_counts() {
        let waived = Status::Baseline;
        let all = vec![
            found("k/limit", 0, Severity::High, waived),
            found("k/limit", 1, Severity::Medium, Status::Open),
            found("k/limit", 2, Severity::High, Status::Open),
            found("k/limit", 3, Severity::High, Status::Open),
            found("k/other", 3, Severity::High, Status::Open),
        ];
        let said = collapsed(all, Once::Rule);
        let expected = [Severity::High, Severity::Low, Severity::High, Severity::Low, Severity::High];
        assert_eq!(said.iter().map(|one| one.0).collect::<Vec<_>>(), expected);
        assert_eq!((&*said[2].1, said[2].2), ("no limit (and in 2 more places)", 2));
        assert_eq!((&*said[0].1, &*said[4].1), ("no limit", "no limit"));
    }

    #[test]
    fn one_text_is_one_cause() {
        let all = (0..4).map(|id| found("k/limit", id, Severity::Medium, Status::Open)).collect();
        let said = collapsed(all, Once::Text);
        let expected = [Severity::Medium, Severity::Low, Severity::Medium, Severity::Low];
        assert_eq!(said.iter().map(|one| one.0).collect::<Vec<_>>(), expected);
        assert_eq!(said[0].1, "no limit (and in 2 more places)");
    }

    #[test]
    fn one_alone_stays_as_it_is() {
        let said = collapsed(vec![found("k/limit", 0, Severity::Low, Status::Open)], Once::Rule);
        assert_eq!(said, [(Severity::Low, "no limit".to_owned(), 0)]);
    }
}
