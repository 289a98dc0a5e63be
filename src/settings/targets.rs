//! The targets of the policy: what is asked of the network, and why some of it is not.

use std::collections::BTreeMap;

use super::Settings;
use super::layer::Layers;
use super::merge::Policy;
use super::own::Standing;
use crate::fact::target::Target;
use crate::inspect::observe::Asked;
use crate::source::Loaded;
use crate::span::Span;
use crate::syntax::de::Spanned;

/// More targets than these are not run in one go.
pub const MAX_TARGETS: usize = 5_000;

/// Why the targets of a run are not run; `None` when they are.
pub fn held_back(settings: &Settings) -> Option<&'static str> {
    if !settings.network.is_used() {
        Some("needs `--online`")
    } else if settings.own.unreadable.is_some() {
        // A change must not say where to connect.
        Some("the policy of the `--policy-from` commit could not be read")
    } else if settings.inputs.staged.is_some() {
        Some("`--staged` judges files only")
    } else {
        None
    }
}

/// Every target of the policy, by protocol.
pub fn all(policy: &Policy) -> Vec<(Target, Span)> {
    fn each<T: Clone>(list: &[Spanned<T>], make: fn(T) -> Target) -> impl Iterator<Item = (Target, Span)> {
        list.iter().map(move |one| (make(one.value.clone()), one.span))
    }
    let targets = &policy.targets;
    let tls = each(&targets.tls, Target::Tls);
    tls.chain(each(&targets.dns, Target::Dns)).chain(each(&targets.http, Target::Http)).collect()
}

/// The targets with the places where findings about them stand, in the order of these places; and those that are too
/// many.
pub fn of_run(policy: &Policy, layers: &Layers, loaded: &mut Loaded) -> (Vec<Asked>, Vec<Target>) {
    let mut targets = all(policy);
    let over = targets.split_off(targets.len().min(MAX_TARGETS));
    let mut known: BTreeMap<u32, Option<Standing>> = BTreeMap::new();
    let mut asked = Vec::with_capacity(targets.len());
    for (target, span) in targets {
        let number = span.source.0;
        let Some(layer) = layers.list.get(number as usize) else { continue };
        let standing = *known.entry(number).or_insert_with(|| Standing::of(layer, loaded));
        let Some(standing) = standing else { continue };
        asked.push(Asked { target, place: standing.place(layer, span, loaded) });
    }
    asked.sort_by_key(|one| one.place);
    (asked, over.into_iter().map(|(target, _)| target).collect())
}
