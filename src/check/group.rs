//! One cause, shown once: findings about keys that are missing from one and the same block share a group.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::finding::Finding;
use crate::span::Span;

/// Names the group of every finding whose `group` holds a missing key and that shares its place with others; clears
/// the rest.
pub(super) fn assign(findings: &mut [Finding]) {
    let mut sizes: BTreeMap<Span, u32> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.group.is_some()) {
        *sizes.entry(finding.primary).or_insert(0) += 1;
    }
    for finding in findings {
        let shared = finding.group.is_some() && sizes.get(&finding.primary).is_some_and(|size| *size > 1);
        finding.group = shared.then(|| Arc::from(format!("{}@{}", finding.subject, finding.primary.start)));
    }
}
