//! PodDisruptionBudget ↔ workload: whether an eviction is ever allowed.

use std::collections::BTreeSet;

use super::index::{Index, Item, ItemId};
use super::selector::{Selected, Selector};
use crate::fact::{Fact, Type, Value};
use crate::span::Span;
use crate::syntax::tree::Node;

crate::subject! {
    /// A PodDisruptionBudget. Stands at its name.
    pub(super) struct DisruptionBudget: "kubernetes.disruptionBudget" {
        /// Its name.
        name: Type::String,
        /// Whether it never lets a pod be evicted, so that no node can be drained; points to the number. Absent where the
        /// workload's replicas are not known.
        blocks_eviction: Type::Bool,
        /// Whether it says exactly one of `minAvailable` and `maxUnavailable`.
        has_one_policy: Type::Bool,
        /// Whether its selector selects the pods of some workload; absent where the set does not show it.
        selects_pods: Type::Bool,
        /// How many pods the selected workloads have; absent when not known.
        replicas: Type::Int,
        /// Its `spec`.
        spec: Type::Dyn,
    }
}

/// Workloads that some budget selects.
pub(super) type Budgets = BTreeSet<ItemId>;

/// States the facts, and tells which workloads have a budget.
pub(super) fn relate<'s>(index: &Index<'s>, facts: &mut Vec<Fact<'s>>) -> Budgets {
    let mut budgets = Budgets::new();
    for id in index.of_kind("PodDisruptionBudget").iter().copied() {
        let Some(node) = index.item(id).get("selector") else { continue };
        let selected = Selector::of(node).select(index, id);
        facts.push(budget_fact(index, id, node, &selected));
        if let Selected::Workloads(workloads) = selected {
            budgets.extend(workloads);
        }
    }
    budgets
}

fn budget_fact<'s>(index: &Index<'s>, id: ItemId, selector: Node<'s>, selected: &Selected) -> Fact<'s> {
    let item = index.item(id);
    let place = item.span;
    let (least, most) = (item.get("minAvailable"), item.get("maxUnavailable"));
    let replicas = match selected {
        Selected::Workloads(workloads) => replicas(index, workloads),
        _ => None,
    };
    DisruptionBudget {
        name: Value::str(item.name, place),
        blocks_eviction: blocks(item, least, most, replicas),
        has_one_policy: Value::bool(least.is_some() != most.is_some(), place),
        selects_pods: match selected {
            Selected::Workloads(_) => Value::bool(true, selector.span()),
            Selected::Nothing => Value::bool(false, selector.span()),
            Selected::Unclear => Value::absent(selector.span()),
        },
        replicas: super::number(replicas, place),
        spec: item.spec().map_or(Value::absent(place), Value::node),
    }
    .fact(place, format!("{}/budget", item.path), item.role)
}

/// Pods of the selected workloads together: their replicas, unset is one; unknown when one of them has no fixed number.
fn replicas(index: &Index<'_>, workloads: &[ItemId]) -> Option<i64> {
    workloads.iter().try_fold(0i64, |sum, id| {
        let item = index.item(*id);
        if !item.workload.is_some_and(|row| row.replicas) || index.is_scaled(*id) {
            return None;
        }
        let count = match item.get("replicas") {
            None => 1,
            Some(node) => node.as_int()?,
        };
        sum.checked_add(count)
    })
}

fn blocks<'s>(item: &Item<'s>, least: Option<Node<'s>>, most: Option<Node<'s>>, replicas: Option<i64>) -> Value<'s> {
    let absent = |span: Span| Value::absent(span);
    match (least, most) {
        (None, Some(most)) => match amount(most) {
            Some(Amount::Count(0) | Amount::Percent(0)) => Value::bool(true, most.span()),
            Some(_) => Value::bool(false, most.span()),
            None => absent(most.span()),
        },
        (Some(least), None) => match (amount(least), replicas) {
            (Some(Amount::Percent(percent)), _) if percent >= 100 => Value::bool(true, least.span()),
            (Some(Amount::Count(0) | Amount::Percent(0)), _) => Value::bool(false, least.span()),
            (Some(amount), Some(replicas)) if replicas > 0 => {
                Value::bool(amount.of(replicas) >= replicas, least.span())
            }
            _ => absent(least.span()),
        },
        _ => absent(item.span),
    }
}

/// A number or a share of pods.
enum Amount {
    Count(i64),
    Percent(i64),
}

impl Amount {
    /// The pods that it means; a share is rounded up, as the eviction API does.
    fn of(&self, replicas: i64) -> i64 {
        match self {
            Amount::Count(count) => *count,
            Amount::Percent(percent) => percent.saturating_mul(replicas).saturating_add(99) / 100,
        }
    }
}

fn amount(node: Node<'_>) -> Option<Amount> {
    match node.as_int() {
        Some(count) => Some(Amount::Count(count)),
        None => node.text().strip_suffix('%')?.parse().ok().map(Amount::Percent),
    }
}
