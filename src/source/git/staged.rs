//! What the next commit changes: files of the index that differ from those of HEAD.

use std::collections::{BTreeMap, BTreeSet};

use gix_index::entry::{Flags, Mode};

use super::commit::{Blob, Commit};
use super::open_index;
use crate::source::Root;

/// What is staged.
#[derive(Debug, Clone, Default)]
pub struct Staged {
    /// The content that each staged file will have.
    pub texts: BTreeMap<String, Result<Vec<u8>, String>>,
    /// Files that will be gone.
    pub gone: BTreeSet<String>,
}

impl Staged {
    /// Reads what is staged in the repository of `root`.
    ///
    /// # Errors
    /// In words: there is no repository, or its index or HEAD cannot be read.
    pub fn read(root: &Root) -> Result<Self, String> {
        let git = root.git.as_ref().ok_or("this is not a git repository")?;
        let head = Commit::head(git)?;
        let mut before = head.files()?;
        let mut staged = Self::default();
        let Some(index) = open_index(git)? else { return Ok(staged) };
        for entry in index.entries() {
            let Ok(path) = std::str::from_utf8(entry.path(&index)) else { continue };
            let blob = Blob(entry.id);
            let same = before.remove(path) == Some(blob);
            let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
            // Only announced (`git add -N`): nothing of it will be committed.
            if is_file && !same && !entry.flags.contains(Flags::INTENT_TO_ADD) {
                staged.texts.insert(path.to_owned(), head.bytes(blob));
            }
        }
        staged.gone = before.into_keys().collect();
        Ok(staged)
    }
}
