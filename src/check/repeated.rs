//! A token that stands in many places is revoked once: it counts at the worst of them, which shows the others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Finding, Related, Severity};
use crate::source::Source;

/// Of the findings on one token of a known format, leaves the first of the worst as it is; the others are low.
pub(super) fn mark(findings: &mut [Finding], sources: &[Source]) {
    let mut groups: BTreeMap<(Arc<str>, &str), Vec<usize>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        let source = sources.get(finding.primary.source.0 as usize);
        let text = source.and_then(|source| source.text().get(finding.primary.range()));
        let Some(text) = text.filter(|_| finding.format.is_some() && finding.severity > Severity::Low) else {
            continue;
        };
        groups.entry((Arc::clone(&finding.rule), text.trim_matches(['"', '\'']))).or_default().push(index);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let worst = group.iter().filter_map(|index| findings.get(*index)).map(|finding| finding.severity).max();
        let first = group.iter().copied().find(|index| findings.get(*index).map(|one| one.severity) == worst);
        let mut related = Vec::new();
        for index in group.iter().copied().filter(|index| Some(*index) != first) {
            let Some(finding) = findings.get_mut(index) else { continue };
            finding.severity = Severity::Low;
            related.push(Related { span: finding.primary, message: "the same token stands here".to_owned() });
        }
        if let Some(finding) = first.and_then(|first| findings.get_mut(first)) {
            finding.related.extend(related);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Role;
    use crate::finding::{Category, Status};
    use crate::source::{Encoding, Origin};
    use crate::span::{SourceId, Span};

    fn found(source: u32, severity: Severity) -> Finding {
        Finding {
            rule: Arc::from("secrets/github"),
            format: Some(Arc::from("github-pat")),
            severity,
            category: Category::Security,
            message: String::new(),
            subject: Arc::from(""),
            role: Role::Production,
            primary: Span { source: SourceId(source), start: 2, end: 7 },
            related: Vec::new(),
            fingerprint: String::new(),
            group: None,
            fix: None,
            status: Status::Open,
        }
    }

    #[test]
    fn a_token_counts_once() {
        let source = |(id, text): (u32, &str)| {
            Source::new(SourceId(id), Origin::File(format!("{id}").into()), Encoding::Utf8, Role::Production, text)
        };
        let texts = ["T=abcde", "T=abcde", "T=other", "T=abcde"];
        let sources: Vec<Source> = (0..).zip(texts).map(source).collect();
        let severities = [Severity::High, Severity::Critical, Severity::Critical, Severity::Low];
        let mut findings: Vec<Finding> = (0..).zip(severities).map(|(id, severity)| found(id, severity)).collect();
        mark(&mut findings, &sources);
        let severities: Vec<Severity> = findings.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, [Severity::Low, Severity::Critical, Severity::Critical, Severity::Low]);
        let related: Vec<usize> = findings.iter().map(|finding| finding.related.len()).collect();
        assert_eq!(related, [0, 1, 0, 0]);
    }
}
