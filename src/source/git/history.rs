//! Who made a change, and whether two commits hold the same: read from git's objects; no `git` program is run.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use gix_hash::ObjectId;
use gix_object::{Kind, TreeRefIter};
use gix_odb::HandleArc;

use super::Git;
use super::commit::{Names, header, headers, object, store};
use crate::source::Root;

/// How many commits are looked at for one answer.
pub(super) const MAX_COMMITS: usize = 20_000;

/// Somebody who made a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Person {
    /// `Name <address> …`
    pub fn read(text: &str) -> Option<Person> {
        let (name, rest) = text.split_once('<')?;
        let (email, _) = rest.split_once('>')?;
        Some(Person { name: name.trim().to_owned(), email: email.trim().to_owned() })
    }
}

/// The commits of a repository, from the one that is checked out backwards.
pub struct History {
    git: Git,
    pub(super) store: HandleArc,
    pub(super) head: ObjectId,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "History({})", self.head)
    }
}

/// Entries of a folder: name → (mode, id, whether it is a folder).
type Entries = BTreeMap<Vec<u8>, (u16, ObjectId, bool)>;

impl History {
    /// The history of what is checked out in `root`.
    ///
    /// # Errors
    /// In words: there is no repository, no commit yet, or it cannot be read.
    pub fn open(root: &Root) -> Result<Self, String> {
        let git = root.git.clone().ok_or("this is not a git repository")?;
        let store = store(&git)?;
        let head = Names { git: &git, store: &store }.reference("HEAD", 0)?.ok_or("nothing was committed yet")?;
        Ok(Self { git, store, head })
    }

    /// Who made the change that is checked out: every author, co-author and committer of the commits since `base`, or,
    /// without one, of the last commit; for a merge, of everything that it brings in. Commits that touch nothing but
    /// the folder `aside` are passed over.
    ///
    /// # Errors
    /// In words: a commit is not here (a shallow clone), or there are too many.
    pub fn authors(&self, base: Option<&str>, aside: &str) -> Result<BTreeSet<Person>, String> {
        let mut people = BTreeSet::new();
        if let Some(name) = base {
            let base = Names { git: &self.git, store: &self.store }.resolve(name)?;
            for id in self.between(&[self.head], &[base])? {
                if !self.touches_only(id, aside)? {
                    people.extend(people_of(&self.commit(id)?));
                }
            }
        }
        if people.is_empty() {
            for id in self.last_change(aside)? {
                people.extend(people_of(&self.commit(id)?));
            }
        }
        if people.is_empty() { Err("no commit says who made the change".into()) } else { Ok(people) }
    }

    /// Whether `commit` holds the same files as what is checked out, but for what lies at or below the paths `aside`.
    ///
    /// # Errors
    /// In words: the commit is not here.
    pub fn is_same(&self, commit: &str, aside: &[&str]) -> Result<bool, String> {
        let id = ObjectId::from_hex(commit.as_bytes()).map_err(|_| format!("`{commit}` is no id of a commit"))?;
        let aside: Vec<Vec<&str>> = aside.iter().map(|path| path.split('/').collect()).collect();
        self.same_but(self.tree(self.head)?, self.tree(id)?, &aside, 0)
    }

    /// When `commit` was made, in seconds since 1970.
    ///
    /// # Errors
    /// In words: the commit is not here.
    pub fn time(&self, commit: &str) -> Result<i64, String> {
        let id = ObjectId::from_hex(commit.as_bytes()).map_err(|_| format!("`{commit}` is no id of a commit"))?;
        time_of(&self.commit(id)?).ok_or_else(|| format!("the commit {commit} has no time"))
    }

    pub(super) fn commit(&self, id: ObjectId) -> Result<Vec<u8>, String> {
        Names { git: &self.git, store: &self.store }.commit(id)
    }

    fn tree(&self, id: ObjectId) -> Result<Option<ObjectId>, String> {
        Ok(header(&self.commit(id)?, "tree"))
    }

    /// The last commit that touches anything but `aside`, with all that it merges.
    fn last_change(&self, aside: &str) -> Result<Vec<ObjectId>, String> {
        let mut id = self.head;
        for _ in 0..MAX_COMMITS {
            let parents: Vec<ObjectId> = headers(&self.commit(id)?, "parent").collect();
            let [first, merged @ ..] = parents.as_slice() else { return Ok(vec![id]) };
            if merged.is_empty() && self.touches_only(id, aside)? {
                id = *first;
                continue;
            }
            let mut all = if merged.is_empty() { Vec::new() } else { self.between(merged, &[*first])? };
            all.push(id);
            return Ok(all);
        }
        Err(format!("the last {MAX_COMMITS} commits change nothing"))
    }

    /// Whether a commit changes something, and nothing but what lies below `aside`.
    fn touches_only(&self, id: ObjectId, aside: &str) -> Result<bool, String> {
        let data = self.commit(id)?;
        let mut parents = headers(&data, "parent");
        let (Some(parent), None) = (parents.next(), parents.next()) else { return Ok(false) };
        let before = self.tree(parent).map_err(|_| "the commit before is not here: is this a shallow clone?")?;
        let after = header(&data, "tree");
        Ok(before != after && self.same_but(before, after, &[aside.split('/').collect()], 0)?)
    }

    /// The commits that `from` leads to and `without` does not, by time, newest first.
    fn between(&self, from: &[ObjectId], without: &[ObjectId]) -> Result<Vec<ObjectId>, String> {
        let mut seen: BTreeMap<ObjectId, bool> = BTreeMap::new();
        let mut open: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        for (list, known) in [(from, false), (without, true)] {
            for id in list {
                let time = time_of(&self.commit(*id)?).unwrap_or(0);
                *seen.entry(*id).or_insert(known) |= known;
                open.push((time, *id));
            }
        }
        // Enough is known when everything that is still open is known.
        while let Some((_, id)) = open.pop() {
            let is_known = seen.get(&id).copied().unwrap_or(false);
            for parent in headers(&self.commit(id)?, "parent") {
                let known = seen.get(&parent).copied();
                if known.is_none() || (is_known && known == Some(false)) {
                    seen.insert(parent, is_known);
                    open.push((time_of(&self.commit(parent)?).unwrap_or(0), parent));
                }
            }
            if seen.len() > MAX_COMMITS {
                return Err(format!("the change has more than {MAX_COMMITS} commits"));
            }
            if open.iter().all(|(_, id)| seen.get(id).copied().unwrap_or(false)) {
                break;
            }
        }
        Ok(seen.into_iter().filter(|(_, known)| !known).map(|(id, _)| id).collect())
    }

    /// Whether two folders hold the same but for the paths `aside`, each told from here.
    fn same_but(
        &self,
        one: Option<ObjectId>,
        other: Option<ObjectId>,
        aside: &[Vec<&str>],
        depth: usize,
    ) -> Result<bool, String> {
        if one == other {
            return Ok(true);
        }
        let (mut one, mut other) = (self.entries(one)?, self.entries(other)?);
        let mut names: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
        for path in aside {
            if let Some(name) = path.get(depth) {
                names.entry(name).or_default().push(path.clone());
            }
        }
        for (name, paths) in names {
            let (a, b) = (one.remove(name.as_bytes()), other.remove(name.as_bytes()));
            if a == b || paths.iter().any(|path| path.len() == depth + 1) {
                continue;
            }
            let folder = |entry: Option<(u16, ObjectId, bool)>| match entry {
                None => Some(None),
                Some((_, id, true)) => Some(Some(id)),
                Some(_) => None,
            };
            let (Some(a), Some(b)) = (folder(a), folder(b)) else { return Ok(false) };
            if !self.same_but(a, b, &paths, depth + 1)? {
                return Ok(false);
            }
        }
        Ok(one == other)
    }

    fn entries(&self, tree: Option<ObjectId>) -> Result<Entries, String> {
        let Some(tree) = tree else { return Ok(Entries::new()) };
        let data = object(&self.store, &tree, Kind::Tree)?;
        let mut entries = Entries::new();
        for entry in TreeRefIter::from_bytes(&data, gix_hash::Kind::Sha1) {
            let entry = entry.map_err(|error| error.to_string())?;
            let what = (entry.mode.value(), entry.oid.to_owned(), entry.mode.is_tree());
            entries.insert(<[u8]>::to_vec(entry.filename.as_ref()), what);
        }
        Ok(entries)
    }
}

/// Authors, committers and co-authors of a commit.
fn people_of(data: &[u8]) -> Vec<Person> {
    let text = String::from_utf8_lossy(data);
    let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
    let lines =
        head.lines().filter_map(|line| line.strip_prefix("author ").or_else(|| line.strip_prefix("committer ")));
    let trailer = |line: &str| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("co-authored-by").then(|| Person::read(value))?
    };
    lines.filter_map(Person::read).chain(message.lines().filter_map(trailer)).collect()
}

/// When a commit was made, in seconds since 1970.
pub(super) fn time_of(data: &[u8]) -> Option<i64> {
    let text = String::from_utf8_lossy(data);
    let head = text.split("\n\n").next()?;
    let line = head.lines().find_map(|line| line.strip_prefix("committer "))?;
    line.rsplit_once('>')?.1.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_made_a_commit_is_read() {
        let data = b"tree 0\nauthor Ana Li <ana@x.example> 1700000000 +0100\ncommitter GitHub <noreply@github.com> \
            1700000100 +0000\n\nTitle\n\nCo-Authored-By: Bo <bo@x.example>\nauthor Eve <eve@x.example>\n";
        let names: Vec<String> = people_of(data).into_iter().map(|person| person.email).collect();
        assert_eq!(names, ["ana@x.example", "noreply@github.com", "bo@x.example"]);
        assert_eq!(time_of(data), Some(1_700_000_100));
        assert!(
            people_of(b"").is_empty() && people_of(b"author \xff <\n\n").is_empty() && time_of(b"committer").is_none()
        );
    }
}
