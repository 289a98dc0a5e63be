//! One credential that stands in many places is replaced once: where it is decided it is judged, the others say so.

use std::collections::BTreeMap;

use super::{Found, Weighed, World, around, place, weight, words};
use crate::path::folder;

/// Of the same values that count, leaves the one that decides.
pub(super) fn count(found: &[Found<'_, '_>], weighed: &mut [Weighed], world: &World<'_, '_>) {
    follow(found, weighed);
    let mut groups: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (index, one) in found.iter().enumerate() {
        if weighed.get(index).is_none_or(|weighed| !weighed.because.is_empty()) {
            continue;
        }
        let value = around::plain_text(one);
        let (inner, _) = around::written(&value);
        // What everybody guesses was chosen by everybody for himself: only side by side it is one.
        let is_chosen = !one.is_drawn && one.kind != "plain" && one.kind != "private-key";
        let beside = if is_chosen { folder(one.path()) } else { "" };
        groups.entry((inner.to_owned(), beside)).or_default().push(index);
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let rank = |index: &usize| {
            found.get(*index).map(|one| (rank(one, world), one.path().len(), one.path(), one.span().start))
        };
        let first = group.iter().copied().min_by_key(|index| rank(index));
        let Some(path) = first.and_then(|first| found.get(first)).map(|one| one.path()) else { continue };
        // Side by side in one file each of them is to be replaced, but for the URLs of the clients.
        let has_other = |one: &Found<'_, '_>| one.path() == path && !is_url(one);
        let has_other = group.iter().filter_map(|index| found.get(*index)).any(has_other);
        let is_copy = |one: &Found<'_, '_>| one.path() != path || has_other && is_url(one);
        for index in group.into_iter().filter(|index| found.get(*index).is_some_and(is_copy)) {
            if let Some(weighed) = weighed.get_mut(index) {
                weighed.because = format!("the same value is judged in `{path}`").into();
            }
        }
    }
}

/// Whether it is the password within a URL.
fn is_url(one: &Found<'_, '_>) -> bool {
    one.kind == "url" || one.place == "url" || {
        let before = one.source.text().get(..one.span().range().start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.rsplit([' ', '"', '\'', '=']).next().is_some_and(|word| word.contains("://"))
    }
}

/// What a comment of one file asks to replace asks so in the variants beside it: `compose.yaml`, `compose.build.yaml`.
fn follow(found: &[Found<'_, '_>], weighed: &mut [Weighed]) {
    let mut asks: BTreeMap<(&str, &str, &str), &str> = BTreeMap::new();
    for (one, weighed) in found.iter().zip(weighed.iter()) {
        let told = || words::is_to_be_set(one.source.text(), &one.span().range());
        if weighed.because == weight::because::REPLACED && told() {
            asks.entry((folder(one.path()), one.key, one.text())).or_insert(one.path());
        }
    }
    for (one, weighed) in found.iter().zip(weighed.iter_mut()).filter(|(_, weighed)| weighed.because.is_empty()) {
        if let Some(path) = asks.get(&(folder(one.path()), one.key, one.text())).filter(|path| **path != one.path()) {
            weighed.because = format!("in `{path}` it asks to be replaced").into();
        }
    }
}

/// What decides comes first: the store, then what is deployed, then files of variables and settings.
fn rank(one: &Found<'_, '_>, world: &World<'_, '_>) -> u8 {
    let is_store = || place::written_for(one, world).iter().any(|stand| stand.is_store);
    match one.place {
        "secret-object" => 0,
        _ if place::is_compose(one) => u8::from(!is_store()),
        "manifest-env" | "config-map" | "sql" => 1,
        _ if place::is_variables(one) && place::given_to(one, world).iter().any(|stand| stand.is_store) => 1,
        "image-env" | "dotenv" | "chart-values" => 2,
        _ => 3,
    }
}
