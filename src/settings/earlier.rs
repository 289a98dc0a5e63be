//! `--policy-from REF`: the policy, the waivers and the suppressions that count are those of a commit, so that a change
//! cannot accept its own findings.

use super::change::{self, Change};
use super::side::Side;
use crate::rule::catalog::Catalog;
use crate::source::{Commit, Root, folders_upwards};
use crate::waive;

/// The commit that a change is compared with.
#[derive(Debug)]
pub struct Earlier {
    /// Its files.
    commit: Commit,
    /// Its policy.
    pub base: Side,
    /// The policy of the change.
    pub head: Side,
}

impl Earlier {
    /// Reads the policy at `reference`.
    ///
    /// # Errors
    /// In words, with the policy of the change: the commit cannot be read, or its policy has mistakes.
    pub fn read(
        root: &Root,
        reference: &str,
        head: Side,
        environment: Option<&str>,
    ) -> Result<Self, Box<(String, Side)>> {
        let commit = match Commit::open(root, reference) {
            Ok(commit) => commit,
            Err(message) => return Err(Box::new((message, head))),
        };
        let read = |path: &str| commit.text(path);
        match Side::read(&read, &folders_upwards(root), environment) {
            Ok(base) => Ok(Self { commit, base, head }),
            Err(error) => Err(Box::new((format!("its policy has mistakes: {error}"), head))),
        }
    }

    /// The text of the file at `path` from the root, as it was; `None` when there was none.
    pub fn text(&self, path: &str) -> Option<String> {
        self.commit.text(path)
    }

    /// A file that its policy names: the tidy path and the text.
    ///
    /// # Errors
    /// In words.
    pub fn file(&self, path: &str) -> Result<(String, String), String> {
        let path = crate::path::tidy(path).ok_or("lies outside of the repository")?;
        let text = self.commit.text(&path).ok_or("does not exist there")?;
        Ok((path, text))
    }

    /// What the change does to the policy.
    pub fn changes(&self, catalog: &Catalog, environment: Option<&str>) -> Vec<Change> {
        change::all(&self.base, &self.head, catalog, environment)
    }
}

impl waive::Base for Earlier {
    fn waivers(&self) -> &[waive::file::Waiver] {
        self.base.waivers.as_ref().map_or(&[], |waivers| &waivers.list)
    }

    fn text(&self, path: &str) -> Option<String> {
        self.commit.text(path)
    }
}
