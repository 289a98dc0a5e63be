//! Commands of the policy: which may be run, and why the others may not. A change never runs what it brings along.

use super::layer::{Layer, Layers};
use super::merge::Policy;
use super::own::Own;
use super::policy::CommandSection;
use crate::checklist::command::{LONGEST, Order, Orders, TIMEOUT};
use crate::error::Mistake;
use crate::source::{Root, read_own};

/// Variables that say that a pipeline runs for a pull request, with the values that say that it does not.
const PULL_REQUEST: [(&str, &[&str]); 9] = [
    ("GITHUB_BASE_REF", &[]),
    ("GITHUB_HEAD_REF", &[]),
    ("CI_MERGE_REQUEST_IID", &[]),
    ("BITBUCKET_PR_ID", &[]),
    ("SYSTEM_PULLREQUEST_PULLREQUESTID", &[]),
    ("CHANGE_ID", &[]),
    ("BUILDKITE_PULL_REQUEST", &["false"]),
    ("TRAVIS_PULL_REQUEST", &["false"]),
    ("CIRCLE_PULL_REQUEST", &[]),
];

/// Whether this run is one for a pull request, by what the pipeline says of itself.
pub fn is_pull_request(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    let says = |(name, not): &(&str, &[&str])| {
        variable(name).is_some_and(|value| !value.is_empty() && !not.contains(&value.as_str()))
    };
    PULL_REQUEST.iter().any(says) || variable("GITHUB_EVENT_NAME").is_some_and(|name| name.starts_with("pull_request"))
}

/// Every command of the policy, with why it may not be run.
pub(super) fn orders(
    policy: &Policy,
    layers: &Layers,
    own: &Own,
    root: &Root,
    allowed: bool,
    pull_request: bool,
) -> Orders {
    let one = |(name, section): (&String, &CommandSection)| {
        let layer = section.run.first().and_then(|word| layers.list.get(word.span.source.0 as usize));
        let order = Order {
            name: name.clone(),
            words: section.run.iter().map(|word| word.value.clone()).collect(),
            timeout: section.timeout.as_ref().map_or(TIMEOUT, |timeout| timeout.value),
            folder: layer.map_or_else(String::new, |layer| layer.folder.clone()),
        };
        let told = match refused(layer, own, allowed, pull_request).or_else(|| altered(&order, layer, own, root)) {
            None => Ok(order),
            Some(why) => Err(why),
        };
        (name.clone(), told)
    };
    policy.commands.iter().map(one).collect()
}

fn refused(layer: Option<&Layer>, own: &Own, allowed: bool, pull_request: bool) -> Option<String> {
    if !allowed {
        return Some("`--allow-commands` was not given".into());
    }
    if layer.is_some_and(|layer| layer.is_operators) || own.earlier.is_some() {
        return None;
    }
    if own.unreadable.is_some() {
        return Some(
            "the commit of `--policy-from` could not be read, and a change does not run its own commands".into(),
        );
    }
    pull_request.then(|| {
        "this is a pull request, and it does not run its own commands: give its base with `--policy-from`".into()
    })
}

/// With `--policy-from`: a file of the repository that the command names must be what it was at that commit.
fn altered(order: &Order, layer: Option<&Layer>, own: &Own, root: &Root) -> Option<String> {
    let earlier = own.earlier.as_ref().filter(|_| !layer.is_some_and(|layer| layer.is_operators))?;
    let folder = root.path().join(&order.folder).canonicalize().ok()?;
    order.words.iter().find_map(|word| {
        let real = folder.join(word).canonicalize().ok().filter(|real| real.is_file())?;
        let below = real.strip_prefix(root.path()).ok()?.to_string_lossy().replace('\\', "/");
        let is_same = earlier.text(&below).is_some_and(|then| read_own(&real).is_ok_and(|now| now == then));
        (!is_same).then(|| format!("the change alters `{below}`, which it would run"))
    })
}

/// What is wrong with the commands of the policy files.
pub(super) fn mistakes(layers: &mut Layers) {
    let mut wrong = Vec::new();
    for (index, layer) in layers.list.iter().enumerate() {
        for (name, section) in &layer.file.commands {
            if section.run.first().is_none_or(|word| word.trim().is_empty()) {
                wrong.push((
                    index,
                    Mistake::new(format!("the command `{}` names no program", name.value), name.span.range()),
                ));
            }
            if let Some(timeout) = section.timeout.as_ref().filter(|it| it.value == 0 || it.value > LONGEST) {
                let message = format!("`timeout` is a number of seconds from 1 to {LONGEST}");
                wrong.push((index, Mistake::new(message, timeout.span.range())));
            }
            if let Some(word) = section.run.iter().find(|word| word.contains('\0')) {
                wrong.push((index, Mistake::new("a word of a command holds a NUL", word.span.range())));
            }
        }
    }
    layers.mistakes.extend(wrong);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_pipeline_says_whether_it_runs_for_a_pull_request() {
        let is = |list: &[(&str, &str)]| {
            let list: BTreeMap<String, String> = list.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
            is_pull_request(&|name| list.get(name).cloned())
        };
        for yes in [
            ("GITHUB_EVENT_NAME", "pull_request_target"),
            ("GITHUB_BASE_REF", "main"),
            ("CI_MERGE_REQUEST_IID", "7"),
            ("TRAVIS_PULL_REQUEST", "12"),
        ] {
            assert!(is(&[yes]), "{yes:?}");
        }
        assert!(!is(&[("GITHUB_EVENT_NAME", "push"), ("GITHUB_BASE_REF", ""), ("BUILDKITE_PULL_REQUEST", "false")]));
        assert!(!is(&[]));
    }
}
