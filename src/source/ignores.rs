//! `.gitignore` as git reads it: a file in each folder, the deepest decides first; then `.git/info/exclude`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A larger file of patterns is not read.
const MAX_BYTES: u64 = 4 << 20;

/// The patterns of a folder and of those above it.
#[derive(Debug)]
pub(super) struct Chain {
    patterns: Arc<Gitignore>,
    /// The length of the folder's path with its `/`.
    prefix: usize,
    above: Option<Arc<Chain>>,
}

impl Chain {
    /// `patterns`, which stand in `folder`, before those `above`.
    pub(super) fn new(folder: &str, patterns: Arc<Gitignore>, above: Option<Arc<Chain>>) -> Arc<Self> {
        Arc::new(Self { patterns, prefix: if folder.is_empty() { 0 } else { folder.len() + 1 }, above })
    }

    /// Whether `path` itself, not a folder above it, is ignored.
    pub(super) fn ignores(&self, path: &str, is_folder: bool) -> bool {
        let mut link = Some(self);
        while let Some(chain) = link {
            match chain.patterns.matched(path.get(chain.prefix..).unwrap_or_default(), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => link = chain.above.as_deref(),
            }
        }
        false
    }
}

/// The patterns in a file; `None` when there are none. Patterns that cannot be understood match nothing, as in git.
pub(super) fn read(path: &Path) -> Option<Arc<Gitignore>> {
    // Git does not follow a link here either, and a pipe would never end.
    let kind = fs::symlink_metadata(path).ok()?;
    if !kind.is_file() || kind.len() > MAX_BYTES {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new("");
    for line in text.trim_start_matches('\u{feff}').lines() {
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|patterns| !patterns.is_empty()).map(Arc::new)
}

/// Every pattern of a repository that was met, for questions about files that are not there.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    /// `.git/info/exclude`.
    pub(super) exclude: Option<Arc<Gitignore>>,
    /// By folder; the root is `""`.
    pub(super) folders: BTreeMap<String, Arc<Gitignore>>,
}

impl Ignores {
    /// Whether git would ignore `path` if it were there.
    pub(super) fn ignores(&self, path: &str) -> bool {
        if self.folders.is_empty() && self.exclude.is_none() {
            return false;
        }
        let mut chain = self.exclude.clone().map(|patterns| Chain::new("", patterns, None));
        let mut folder = "";
        loop {
            if let Some(patterns) = self.folders.get(folder) {
                chain = Some(Chain::new(folder, Arc::clone(patterns), chain));
            }
            let start = if folder.is_empty() { 0 } else { folder.len() + 1 };
            let next = path.get(start..).and_then(|rest| rest.find('/')).map(|slash| start + slash);
            let ignores = |path: &str, is_folder| chain.as_ref().is_some_and(|chain| chain.ignores(path, is_folder));
            match next {
                Some(end) if ignores(&path[..end], true) => return true,
                Some(end) => folder = &path[..end],
                None => return ignores(path, false) || ignores(path, true),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(lines: &[&str]) -> Arc<Gitignore> {
        let mut builder = GitignoreBuilder::new("");
        for line in lines {
            builder.add_line(None, line).expect("a pattern");
        }
        Arc::new(builder.build().expect("patterns"))
    }

    #[test]
    fn the_deepest_file_decides() {
        let mut ignores = Ignores { exclude: Some(patterns(&["*.log", "secret"])), ..Ignores::default() };
        ignores.folders.insert(String::new(), patterns(&["*.env", "/target/", "!keep.log"]));
        ignores.folders.insert("a".into(), patterns(&["!b.env", "c/d"]));
        for yes in ["x.log", "a/secret", "x.env", "a/x.env", "target/debug/x", "target", "a/c/d", "a/c/d/e"] {
            assert!(ignores.ignores(yes), "{yes}");
        }
        for no in ["keep.log", "a/b.env", "a/target", "c/d", "a", ""] {
            assert!(!ignores.ignores(no), "{no}");
        }
        assert!(!Ignores::default().ignores("a"));
    }
}
