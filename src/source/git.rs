//! What git tracks, read from `.git/index`; no `git` program is run.

use std::fs;
use std::path::{Path, PathBuf};

use gix_index::entry::{Flags, Mode};

pub(super) mod commit;
pub(super) mod history;
pub(super) mod sealed;
pub(super) mod staged;

/// A larger index is not read: it would be a million files.
const MAX_INDEX_BYTES: usize = 1 << 30;
/// A larger pointer file (`.git`, `commondir`) is none.
const MAX_POINTER_BYTES: u64 = 1 << 16;

/// Where a repository keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Git {
    /// The folder of this worktree's index.
    pub(super) folder: PathBuf,
    /// The folder that all worktrees share.
    pub(super) common: PathBuf,
}

impl Git {
    /// The data of the repository whose working tree is `folder`; `None` when there is none right here.
    pub(super) fn at(folder: &Path) -> Option<Self> {
        let dot = folder.join(".git");
        let kind = fs::metadata(&dot).ok()?;
        let folder = if kind.is_dir() {
            fs::symlink_metadata(dot.join("HEAD")).ok()?;
            dot
        } else {
            folder.join(pointer(&dot)?.strip_prefix("gitdir:")?.trim())
        };
        let common = pointer(&folder.join("commondir")).map_or_else(|| folder.clone(), |path| folder.join(path.trim()));
        Some(Self { folder, common })
    }
}

fn pointer(path: &Path) -> Option<String> {
    let kind = fs::metadata(path).ok()?;
    (kind.is_file() && kind.len() <= MAX_POINTER_BYTES).then(|| fs::read_to_string(path).ok())?
}

/// The index of `git`; `None` when there is none yet.
fn open_index(git: &Git) -> Result<Option<gix_index::File>, String> {
    let path = git.folder.join("index");
    if fs::symlink_metadata(&git.folder).is_err() {
        return Err("the folder that `.git` points to does not exist".to_owned());
    }
    match fs::metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(kind) if !kind.is_file() => return Err("it is not a file".to_owned()),
        Ok(_) => {}
    }
    let options = gix_index::decode::Options { alloc_limit_bytes: Some(MAX_INDEX_BYTES), ..Default::default() };
    gix_index::File::at(path, gix_hash::Kind::Sha1, true, options).map(Some).map_err(|error| error.to_string())
}

/// The paths that git tracks, relative to the root, sorted by their bytes.
#[derive(Debug, Default)]
pub(super) struct Tracked {
    /// Files and links.
    pub(super) files: Vec<String>,
    /// Other repositories.
    pub(super) submodules: Vec<String>,
    /// Files, and folders with a `/` at the end, that a sparse checkout leaves out.
    pub(super) absent: Vec<String>,
}

impl Tracked {
    /// Reads the index of `git`. A repository without one tracks nothing yet.
    pub(super) fn read(git: &Git) -> Result<Self, String> {
        Ok(open_index(git)?.map_or_else(Self::default, |index| Self::of(&index)))
    }

    fn of(index: &gix_index::State) -> Self {
        let mut tracked = Self::default();
        for entry in index.entries() {
            // A name that is not UTF-8 is met, and told, where the folder is walked.
            let Ok(path) = std::str::from_utf8(entry.path(index)) else { continue };
            let path = path.to_owned();
            if entry.mode.contains(Mode::COMMIT) {
                tracked.submodules.push(path);
            } else if entry.mode == Mode::DIR || entry.flags.contains(Flags::SKIP_WORKTREE) {
                tracked.absent.push(path);
            } else {
                tracked.files.push(path);
            }
        }
        for list in [&mut tracked.files, &mut tracked.submodules, &mut tracked.absent] {
            list.sort_unstable();
            list.dedup();
        }
        tracked
    }

    /// Whether git tracks this file.
    pub(super) fn has(&self, path: &str) -> bool {
        has(&self.files, path) || has(&self.absent, path)
    }

    /// Whether git tracks a file below this folder.
    pub(super) fn has_below(&self, folder: &str) -> bool {
        !below(&self.files, folder).is_empty()
    }

    /// Whether this folder is another repository.
    pub(super) fn is_submodule(&self, folder: &str) -> bool {
        has(&self.submodules, folder)
    }
}

fn has(sorted: &[String], path: &str) -> bool {
    sorted.binary_search_by(|entry| entry.as_str().cmp(path)).is_ok()
}

/// The part of `sorted` that lies below `folder`; all of it for the root (`""`).
pub(super) fn below<'a, T: AsRef<str>>(sorted: &'a [T], folder: &str) -> &'a [T] {
    if folder.is_empty() {
        return sorted;
    }
    let prefix = folder.as_bytes();
    // `folder/…` compared without building the text.
    let order = |entry: &T| {
        let path = entry.as_ref().as_bytes();
        let head = &path[..path.len().min(prefix.len())];
        head.cmp(prefix).then_with(|| path.get(prefix.len()).copied().unwrap_or(0).cmp(&b'/'))
    };
    let start = sorted.partition_point(|entry| order(entry).is_lt());
    let rest = sorted.get(start..).unwrap_or_default();
    &rest[..rest.partition_point(|entry| order(entry).is_eq())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_a_folder_not_a_prefix() {
        let list = ["a", "a-b/x", "a.b", "a/b", "a/c/d", "a0", "b/a"];
        assert_eq!(below(&list, "a"), ["a/b", "a/c/d"]);
        assert_eq!(below(&list, "a/c"), ["a/c/d"]);
        assert_eq!(below(&list, "a-b"), ["a-b/x"]);
        assert!(below(&list, "c").is_empty() && below(&list, "a/b").is_empty() && below(&list, "0").is_empty());
        assert_eq!(below(&list, "").len(), list.len());
    }

    #[test]
    fn a_broken_index_is_an_error_and_never_a_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = Git { folder: folder.path().into(), common: folder.path().into() };
        assert!(Tracked::read(&git).expect("no index").files.is_empty());
        for bytes in
            [&b""[..], b"DIRC", b"DIRC\0\0\0\x02\xff\xff\xff\xff", &[0; 64], b"not an index at all, but long enough"]
        {
            fs::write(folder.path().join("index"), bytes).expect("written");
            assert!(Tracked::read(&git).is_err(), "{bytes:?}");
        }
    }
}
