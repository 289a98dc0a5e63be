//! One cause, shown once: findings about keys that are missing from one and the same block share a group, and so do
//! those about one and the same written secret.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::{Category, Finding};
use crate::span::Span;

/// Names the group of every finding whose `group` holds a missing key and that shares its place with others, and of
/// every finding on the value that a rule of `secrets` reports; clears the rest.
pub(super) fn assign(findings: &mut [Finding]) {
    let mut sizes: BTreeMap<Span, u32> = BTreeMap::new();
    let mut secrets: BTreeMap<Span, (u32, bool)> = BTreeMap::new();
    for finding in findings.iter() {
        if finding.group.is_some() {
            *sizes.entry(finding.primary).or_insert(0) += 1;
        } else if finding.category == Category::Security {
            let (size, written) = secrets.entry(finding.primary).or_insert((0, false));
            *size += 1;
            *written |= finding.rule.starts_with("secrets/");
        }
    }
    for finding in findings {
        let shared = finding.group.is_some() && sizes.get(&finding.primary).is_some_and(|size| *size > 1);
        let is_secret = finding.group.is_none()
            && finding.category == Category::Security
            && secrets.get(&finding.primary).is_some_and(|(size, written)| *size > 1 && *written);
        let Span { source, start, .. } = finding.primary;
        finding.group = match (shared, is_secret) {
            (true, _) => Some(Arc::from(format!("{}@{start}", finding.subject))),
            (_, true) => Some(Arc::from(format!("secret@{}:{start}", source.0))),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Role;
    use crate::finding::{Severity, Status};
    use crate::span::SourceId;

    fn finding(rule: &str, start: usize, missing: Option<&str>) -> Finding {
        Finding {
            rule: rule.into(),
            format: None,
            severity: Severity::High,
            category: Category::Security,
            message: String::new(),
            subject: "ENV 1".into(),
            role: Role::Production,
            primary: Span::new(SourceId(3), start..start + 4),
            related: Vec::new(),
            fingerprint: String::new(),
            group: missing.map(Arc::from),
            fix: None,
            status: Status::Open,
        }
    }

    fn groups(mut findings: Vec<Finding>) -> Vec<Option<String>> {
        assign(&mut findings);
        findings.into_iter().map(|finding| finding.group.map(|group| group.to_string())).collect()
    }

    #[test]
    fn what_is_said_of_one_written_secret_is_one_cause() {
        let both = vec![
            finding("dockerfile/secret-in-env", 8, None),
            finding("secrets/plain-credential", 8, None),
            finding("secrets/plain-credential", 40, None),
        ];
        let group = Some("secret@3:8".to_owned());
        assert_eq!(groups(both), [group.clone(), group, None]);
    }

    #[test]
    fn two_rules_at_one_place_without_a_secret_are_two_causes() {
        let both = vec![finding("dockerfile/user-root", 8, None), finding("dockerfile/sudo", 8, None)];
        assert_eq!(groups(both), [None, None]);
    }

    #[test]
    fn keys_that_are_missing_from_one_block() {
        let both = vec![finding("kubernetes/a", 8, Some("x")), finding("kubernetes/b", 8, Some("y"))];
        assert_eq!(groups(both), [Some("ENV 1@8".to_owned()), Some("ENV 1@8".to_owned())]);
        assert_eq!(groups(vec![finding("kubernetes/a", 8, Some("x"))]), [None]);
    }
}
