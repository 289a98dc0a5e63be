//! PATHs → every file that may be judged, and everything that was passed over before a file was opened.

use super::git::{Tracked, below};
use super::ignores::{Ignores, Patterns};
use super::inventory::{Entry, Inventory};
use super::root::Root;
use super::walk::{Candidate, Found, Walk};
use super::{Inputs, Skip, Skipped, Unread};
use crate::fact::Reason;

/// What there is.
#[derive(Debug)]
pub(super) struct Discovered {
    /// Sorted by path.
    pub(super) candidates: Vec<Candidate>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) unread: Vec<Unread>,
    pub(super) inventory: Inventory,
}

/// Lists what lies below the PATHs of `root`: what git tracks and what it does not ignore; outside a repository,
/// everything.
pub(super) fn discover(root: &Root, inputs: &Inputs) -> Discovered {
    let (tracked, unread) = tracked(root);
    let exclude = root.git.as_ref().and_then(|git| Patterns::read(&git.common.join("info/exclude")));
    let walk = Walk { root, inputs, tracked: &tracked, exclude: exclude.clone() };
    let mut found = walk.run();
    found.unread.extend(unread);
    name_files(root, &tracked, &mut found);
    for list in [&mut found.folders, &mut found.closed] {
        list.sort_unstable();
        list.dedup();
    }
    found.entries.sort(); // mostly in order: the walk goes folder by folder
    found.entries.dedup();
    let ignores = Ignores { exclude, folders: found.ignores.drain(..).collect() };
    let inventory = Inventory {
        entries: std::mem::take(&mut found.entries),
        folders: std::mem::take(&mut found.folders),
        closed: std::mem::take(&mut found.closed),
        ignores,
        cut_short: found.cut_short,
    };
    settle(root, &tracked, found, inventory)
}

fn tracked(root: &Root) -> (Tracked, Option<Unread>) {
    let Some(git) = &root.git else { return (Tracked::default(), None) };
    match Tracked::read(git) {
        Ok(tracked) => (tracked, None),
        Err(message) => {
            let reason = format!(
                "the git index cannot be read ({message}), so files that are tracked though `.gitignore` names them \
                 were not looked at"
            );
            (Tracked::default(), Some(Unread::new(".git/index".to_owned(), Reason::Unreadable(reason.into()))))
        }
    }
}

/// Files that were named on the command line are meant, whatever ignores them.
fn name_files(root: &Root, tracked: &Tracked, found: &mut Found) {
    for named in root.named().iter().filter(|named| !named.is_folder) {
        let path = named.path.clone();
        found.entries.push(Entry { path: path.clone(), tracked: tracked.has(&path) });
        found.candidates.push(Candidate { path, target: None, named: true });
    }
}

/// Adds what only the index knows, and lets nothing stand in two lists.
fn settle(root: &Root, tracked: &Tracked, found: Found, mut inventory: Inventory) -> Discovered {
    let Found { mut candidates, mut skipped, mut unread, .. } = found;
    let open = |path: &str, inventory: &Inventory| root.covers(path) && !inventory.is_closed(path);
    for path in &tracked.submodules {
        if open(path, &inventory) {
            skipped.push(Skipped { path: format!("{path}/"), reason: Skip::Submodule });
        }
    }
    for path in &tracked.absent {
        let bare = path.trim_end_matches('/');
        let is_there = has(&inventory.entries, bare) || !below(&inventory.entries, bare).is_empty();
        if !is_there && open(bare, &inventory) {
            skipped.push(Skipped { path: path.clone(), reason: Skip::NotCheckedOut });
        }
    }
    let unseen = tracked.files.iter().filter(|path| !open(path, &inventory) && !has(&inventory.entries, path));
    let absent = tracked.absent.iter().filter(|path| !path.ends_with('/') && !has(&inventory.entries, path));
    let more: Vec<Entry> = unseen.chain(absent).map(|path| Entry { path: path.clone(), tracked: true }).collect();
    if !more.is_empty() {
        inventory.entries.extend(more);
        inventory.entries.sort();
    }
    let sparse = tracked.absent.iter().filter_map(|path| path.strip_suffix('/'));
    inventory.closed.extend(sparse.chain(tracked.submodules.iter().map(String::as_str)).map(str::to_owned));
    inventory.closed.sort_unstable();
    inventory.closed.dedup();

    // A file that was named and met on a walk is one file; named wins, and takes it out of the other list.
    candidates.sort_by(|a, b| (&a.path, !a.named).cmp(&(&b.path, !b.named)));
    candidates.dedup_by(|later, first| later.path == first.path);
    skipped.sort();
    skipped.dedup_by(|later, first| later.path == first.path);
    let judged = |path: &str| candidates.binary_search_by(|candidate| candidate.path.as_str().cmp(path)).is_ok();
    skipped.retain(|skipped| !judged(&skipped.path));
    unread.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    unread.dedup();
    Discovered { candidates, skipped, unread, inventory }
}

fn has(entries: &[Entry], path: &str) -> bool {
    entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).is_ok()
}
