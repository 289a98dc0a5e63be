//! Manifests that are kept for every release: only the newest is what somebody will deploy from now on.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::source::Source;

/// Makes what stands in an older release beside a newer one low, where a manifest or a compose file says it.
pub(crate) fn mark(findings: &mut [Finding], sources: &[Source]) {
    let is_meant = |finding: &Finding| {
        finding.severity > Severity::Low
            && (finding.rule.starts_with("kubernetes/") || finding.rule.starts_with("compose/"))
    };
    if !findings.iter().any(is_meant) {
        return;
    }
    let mut newest: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (shape, version) in sources.iter().filter_map(|source| release(source.path())) {
        let known = newest.entry(shape).or_default();
        *known = std::mem::take(known).max(version);
    }
    for finding in findings.iter_mut().filter(|finding| is_meant(finding)) {
        let source = sources.get(finding.primary.source.0 as usize);
        let own = source.and_then(|source| release(source.path()));
        if own.is_some_and(|(shape, version)| newest.get(shape).is_some_and(|newest| *newest > version)) {
            finding.severity = Severity::Low;
        }
    }
}

/// What stands before the first version in `path`, and the version: `deploy/v` and 4.1.0 of `deploy/v4.1.0/driver.yaml`.
/// A number without a dot is no release.
fn release(path: &str) -> Option<(&str, Vec<u64>)> {
    let mut at = 0;
    while let Some(start) = path.get(at..)?.find(|c: char| c.is_ascii_digit()).map(|found| at + found) {
        let rest = path.get(start..)?;
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let text = rest.get(..end)?.trim_end_matches('.');
        let before = path.get(..start)?.trim_end_matches('v');
        if text.contains('.') && before.ends_with(['/', '-', '_']) {
            return Some((path.get(..start)?, text.split('.').map(|part| part.parse().unwrap_or(0)).collect()));
        }
        at = start + end.max(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn versions_in_paths() {
        assert_eq!(release("deploy/v4.1.0/node.yaml"), Some(("deploy/v", vec![4, 1, 0])));
        assert_eq!(release("releases/csi-v0.3.0.yaml"), Some(("releases/csi-v", vec![0, 3, 0])));
        assert_eq!(release("releases/csi-v4.16.0/driver.yaml"), Some(("releases/csi-v", vec![4, 16, 0])));
        assert_eq!(release("k8s/v1/2/api.yaml"), None);
        assert_eq!(release("k8s/10.yaml"), None);
        assert_eq!(release("a1.2/x.yaml"), None);
    }
}
