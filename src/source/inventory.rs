//! Which files there are, read or not: for rules that ask whether something exists.

use super::git::below;
use super::ignores::Ignores;
use crate::path;

/// Every file that was discovered below the PATHs and every file that git tracks anywhere below the root.
#[derive(Debug, Default)]
pub struct Inventory {
    /// Sorted by path.
    pub(super) entries: Vec<Entry>,
    /// Folders that were walked, sorted.
    pub(super) folders: Vec<String>,
    /// Folders that were passed over whole, sorted: what lies in them is not known.
    pub(super) closed: Vec<String>,
    /// What git would ignore.
    pub(super) ignores: Ignores,
    /// A limit or an error ended the search early.
    pub(super) cut_short: bool,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Relative to the root.
    pub path: String,
    /// Whether git tracks it; never outside a repository.
    pub tracked: bool,
}

impl AsRef<str> for Entry {
    fn as_ref(&self) -> &str {
        &self.path
    }
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file, or a link.
    File {
        /// Whether git tracks it.
        tracked: bool,
    },
    /// A folder.
    Folder,
    /// Nothing of that name.
    Absent,
    /// Nobody looked, or nobody can know: out of the root, in a folder that was passed over, or ignored by git, so
    /// that another program may put it there.
    Unseen,
}

impl Inventory {
    /// That of a small repository whose files are at hand: every file that its `.gitignore` files do not name is
    /// tracked.
    pub fn of_texts<'t>(files: impl Iterator<Item = (&'t str, &'t str)>) -> Self {
        let mut inventory = Self::default();
        for (path, text) in files {
            let name = path::file_name(path);
            if name == ".gitignore" {
                inventory.ignores.add(ancestors(path).next().unwrap_or_default(), text);
            }
            inventory.folders.extend(ancestors(path).map(str::to_owned));
            inventory.entries.push(Entry { path: path.to_owned(), tracked: true });
        }
        inventory.entries.sort();
        inventory.folders.sort();
        inventory.folders.dedup();
        for entry in &mut inventory.entries {
            entry.tracked = !inventory.ignores.ignores(&entry.path);
        }
        inventory
    }

    /// That of a commit: everything is tracked; `ignores` are its `.gitignore` files with their texts.
    pub(super) fn of_commit<'p>(paths: impl Iterator<Item = &'p String>, ignores: &[(String, String)]) -> Self {
        let mut inventory = Self::default();
        for path in paths {
            inventory.folders.extend(ancestors(path).map(str::to_owned));
            inventory.entries.push(Entry { path: path.clone(), tracked: true });
        }
        for (path, text) in ignores {
            inventory.ignores.add(ancestors(path).next().unwrap_or_default(), text);
        }
        inventory.entries.sort();
        inventory.folders.sort();
        inventory.folders.dedup();
        inventory
    }

    /// Whether there is a repository at all.
    pub fn has_repository(&self) -> bool {
        self.entries.iter().any(|entry| entry.tracked)
    }

    /// What is at `path`, relative to the root; `.`, `..` and a `/` at the end are understood.
    pub fn lookup(&self, path: &str) -> Presence {
        let Some(path) = path::tidy(path) else { return Presence::Unseen };
        if let Ok(index) = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(&path)) {
            return Presence::File { tracked: self.entries[index].tracked };
        }
        let known = |list: &[String]| list.binary_search_by(|folder| folder.as_str().cmp(&path)).is_ok();
        if known(&self.folders) || known(&self.closed) || !below(&self.entries, &path).is_empty() {
            return Presence::Folder;
        }
        // The whole answer is known only where a walked folder would have shown it.
        let walked = ancestors(&path).any(|folder| self.walked(folder));
        if !walked || self.cut_short || self.is_closed(&path) || self.ignores.ignores(&path) {
            return Presence::Unseen;
        }
        Presence::Absent
    }

    /// Whether a file or folder is certainly there.
    pub fn contains(&self, path: &str) -> bool {
        matches!(self.lookup(path), Presence::File { .. } | Presence::Folder)
    }

    /// Every file below `folder`, at any depth, sorted; `""` and `.` are the root.
    pub fn in_dir(&self, folder: &str) -> &[Entry] {
        path::tidy(folder).map_or(&[], |folder| below(&self.entries, &folder))
    }

    /// Every file, sorted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Whether git would ignore `path`, there or not: it may be made by another program.
    pub fn ignored(&self, path: &str) -> bool {
        path::tidy(path).is_some_and(|path| self.ignores.ignores(&path))
    }

    fn walked(&self, folder: &str) -> bool {
        self.folders.binary_search_by(|entry| entry.as_str().cmp(folder)).is_ok()
    }

    /// Whether `path` lies in a folder that was passed over.
    pub(super) fn is_closed(&self, path: &str) -> bool {
        ancestors(path).any(|folder| self.closed.binary_search_by(|entry| entry.as_str().cmp(folder)).is_ok())
    }
}

/// The folders above `path`, the root (`""`) last.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let above = |path: &str| path.rfind('/').unwrap_or(0);
    let first = (!path.is_empty()).then(|| &path[..above(path)]);
    std::iter::successors(first, move |folder| (!folder.is_empty()).then(|| &folder[..above(folder)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory() -> Inventory {
        let entry = |(path, tracked): (&str, bool)| Entry { path: path.into(), tracked };
        Inventory {
            entries: [("a/b", true), ("a/c/d", false), ("vendor/x", true), ("z", true)].map(entry).into(),
            folders: ["", "a", "a/c", "a/empty"].map(String::from).into(),
            closed: ["link", "vendor"].map(String::from).into(),
            ..Inventory::default()
        }
    }

    #[test]
    fn lookup_says_what_is_known() {
        let inventory = inventory();
        assert_eq!(inventory.lookup("a/b"), Presence::File { tracked: true });
        assert_eq!(inventory.lookup("./a/x/../c/d"), Presence::File { tracked: false });
        for folder in ["a", "a/c/", "a/empty", "vendor", "link", "", "."] {
            assert_eq!(inventory.lookup(folder), Presence::Folder, "{folder}");
        }
        for unseen in ["vendor/y", "link/x/y", "../x", "a/../../x"] {
            assert_eq!(inventory.lookup(unseen), Presence::Unseen, "{unseen}");
        }
        for absent in ["a/x", "b", "a/empty/x", "a/x/y/z"] {
            assert_eq!(inventory.lookup(absent), Presence::Absent, "{absent}");
        }
        assert_eq!(inventory.lookup("vendor/x"), Presence::File { tracked: true });
    }

    #[test]
    fn nothing_is_absent_where_nobody_looked() {
        let narrow = Inventory { folders: vec!["a".into()], ..inventory() };
        assert_eq!(narrow.lookup("b"), Presence::Unseen);
        assert_eq!(narrow.lookup("a/x"), Presence::Absent);
        let cut = Inventory { cut_short: true, ..inventory() };
        assert_eq!(cut.lookup("a/x"), Presence::Unseen);
    }

    #[test]
    fn in_dir_lists_at_any_depth() {
        let inventory = inventory();
        let list = |folder| inventory.in_dir(folder).iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>();
        assert_eq!(list("a"), ["a/b", "a/c/d"]);
        assert_eq!(list("./"), ["a/b", "a/c/d", "vendor/x", "z"]);
        assert!(list("..").is_empty());
    }
}
