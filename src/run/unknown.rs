//! What could not be judged, told once a cause.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::Reason;
use crate::finding::Unknown;
use crate::inspect::Problem;
use crate::source::{Inventory, Source, Unread};

/// `unknown` with one record for each source and reason, at its first place.
pub(super) fn by_cause(unknown: Vec<Unknown>) -> Vec<Unknown> {
    let mut kept: Vec<Unknown> = Vec::with_capacity(unknown.len());
    let mut known: BTreeMap<(Arc<str>, String, Option<String>, String), usize> = BTreeMap::new();
    for one in unknown {
        let cause = (Arc::clone(&one.inspector), one.path.clone(), one.endpoint.clone(), one.reason.to_string());
        let at = *known.entry(cause).or_insert(kept.len());
        match kept.get_mut(at) {
            Some(first) => {
                first.rules = first.rules.max(one.rules);
                first.required |= one.required;
            }
            None => kept.push(one),
        }
    }
    kept
}

/// The file that makes a folder a chart.
const CHART: &str = "Chart.yaml";

/// A file that could not be read.
pub(super) fn unread(unread: &Unread) -> Unknown {
    Unknown {
        inspector: unread.inspectors.first().copied().unwrap_or("source").into(),
        path: unread.path.clone(),
        endpoint: None,
        span: None,
        reason: unread.reason.clone(),
        rules: 0,
        required: false,
    }
}

/// Something in a file that its inspector could not judge.
pub(super) fn unjudged(problem: &Problem, sources: &[Source]) -> Unknown {
    let (path, endpoint) = crate::check::shown(sources, problem.span);
    Unknown {
        inspector: problem.inspector.into(),
        path,
        endpoint,
        span: Some(problem.span),
        reason: problem.reason.clone(),
        rules: 0,
        required: false,
    }
}

/// The commit of `--policy-from` could not be read.
pub(super) fn not_compared(reason: &str) -> Unknown {
    Unknown {
        inspector: "policy".into(),
        path: ".git".into(),
        endpoint: None,
        span: None,
        reason: Reason::Unreadable(reason.into()),
        rules: 0,
        required: true,
    }
}

/// `unknown` with one record for each chart in place of one for each of its templates: only helm can fill them in, and
/// that is one thing to do.
pub(super) fn by_chart(unknown: Vec<Unknown>, inventory: &Inventory) -> Vec<Unknown> {
    let mut kept = Vec::with_capacity(unknown.len());
    let mut charts: BTreeMap<(String, Arc<str>), Vec<Unknown>> = BTreeMap::new();
    for one in unknown {
        let chart = matches!(one.reason, Reason::Template(_)).then(|| chart_of(&one.path, inventory)).flatten();
        match chart {
            Some(chart) => charts.entry((chart, one.inspector.clone())).or_default().push(one),
            None => kept.push(one),
        }
    }
    for ((path, inspector), list) in charts {
        if list.len() == 1 {
            kept.extend(list);
        } else {
            kept.push(of_chart(path, inspector, &list));
        }
    }
    kept
}

fn of_chart(path: String, inspector: Arc<str>, list: &[Unknown]) -> Unknown {
    let mut files: Vec<&str> = list.iter().map(|one| one.path.as_str()).collect();
    files.dedup();
    let reason = format!("the {} templates of this chart are filled in by Helm", files.len());
    Unknown {
        inspector,
        path,
        endpoint: None,
        span: None,
        reason: Reason::Template(reason.into()),
        rules: list.iter().map(|one| one.rules).max().unwrap_or(0),
        required: list.iter().any(|one| one.required),
    }
}

/// The `Chart.yaml` of the chart that `path` is a template of.
fn chart_of(path: &str, inventory: &Inventory) -> Option<String> {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        folder = above;
        let chart = format!("{folder}/{CHART}");
        if inventory.contains(&chart) {
            return Some(chart);
        }
    }
    inventory.contains(CHART).then(|| CHART.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(path: &str, rules: u32) -> Unknown {
        Unknown { path: path.into(), reason: Reason::Template("a template".into()), rules, ..not_compared("") }
    }

    #[test]
    fn a_chart_is_one_cause() {
        let files =
            ["a/Chart.yaml", "a/templates/x.yaml", "a/templates/y.yaml", "b/Chart.yaml", "b/t.yaml", "c/t.yaml"];
        let inventory = Inventory::of_texts(files.iter().map(|path| (*path, "")));
        let list = vec![
            template("a/templates/x.yaml", 1),
            template("a/templates/x.yaml", 3),
            template("a/templates/y.yaml", 0),
            template("b/t.yaml", 0),
            template("c/t.yaml", 0),
            Unknown { reason: Reason::Syntax("broken".into()), ..template("a/templates/y.yaml", 0) },
        ];
        let told: Vec<_> =
            by_chart(list, &inventory).into_iter().map(|one| (one.path, one.rules, one.reason.to_string())).collect();
        let is = |path: &str, rules: u32, reason: &str| (path.to_owned(), rules, reason.to_owned());
        assert_eq!(
            told,
            [
                is("c/t.yaml", 0, "a template"),
                is("a/templates/y.yaml", 0, "broken"),
                is("a/Chart.yaml", 3, "the 2 templates of this chart are filled in by Helm"),
                is("b/t.yaml", 0, "a template"),
            ]
        );
    }
}
