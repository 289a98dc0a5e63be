//! `.gitignore` as git reads it: a file in each folder, the deepest decides first; then `.git/info/exclude`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A larger file of patterns is not read.
const MAX_BYTES: u64 = 4 << 20;

/// The patterns in one file, compiled when a path is first held against them: where everything is tracked, never.
#[derive(Debug)]
pub(super) struct Patterns {
    text: String,
    compiled: OnceLock<Gitignore>,
}

impl Patterns {
    /// The patterns in `text`; `None` when there are none.
    fn new(text: &str) -> Option<Arc<Self>> {
        let text = text.trim_start_matches('\u{feff}');
        let has_any = text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
        has_any.then(|| Arc::new(Self { text: text.to_owned(), compiled: OnceLock::new() }))
    }

    /// The patterns in a file; `None` when there are none.
    pub(super) fn read(path: &Path) -> Option<Arc<Self>> {
        // Git does not follow a link here either, and a pipe would never end.
        let kind = fs::symlink_metadata(path).ok()?;
        if !kind.is_file() || kind.len() > MAX_BYTES {
            return None;
        }
        Self::new(&String::from_utf8_lossy(&fs::read(path).ok()?))
    }

    /// What the last pattern that matches says. One that cannot be understood matches nothing, as in git.
    fn matched(&self, path: &str, is_folder: bool) -> Match<()> {
        let compiled = self.compiled.get_or_init(|| {
            let mut builder = GitignoreBuilder::new("");
            for line in self.text.lines() {
                let _ = builder.add_line(None, line);
            }
            builder.build().unwrap_or_else(|_| Gitignore::empty())
        });
        compiled.matched(path, is_folder).map(|_| ())
    }
}

/// The patterns of a folder and of those above it.
#[derive(Debug)]
pub(super) struct Chain {
    patterns: Arc<Patterns>,
    /// The length of the folder's path with its `/`.
    prefix: usize,
    above: Option<Arc<Chain>>,
}

impl Chain {
    /// `patterns`, which stand in `folder`, before those `above`.
    pub(super) fn new(folder: &str, patterns: Arc<Patterns>, above: Option<Arc<Chain>>) -> Arc<Self> {
        Arc::new(Self { patterns, prefix: if folder.is_empty() { 0 } else { folder.len() + 1 }, above })
    }

    /// Whether `path` itself, not a folder above it, is ignored. Patterns below `path` say nothing.
    pub(super) fn ignores(&self, path: &str, is_folder: bool) -> bool {
        let mut link = Some(self);
        while let Some(chain) = link {
            let rest = path.get(chain.prefix..).filter(|rest| !rest.is_empty());
            match rest.map_or(Match::None, |rest| chain.patterns.matched(rest, is_folder)) {
                Match::Ignore(()) => return true,
                Match::Whitelist(()) => return false,
                Match::None => link = chain.above.as_deref(),
            }
        }
        false
    }
}

/// Every pattern of a repository that was met, for questions about files that are not there.
#[derive(Debug, Default)]
pub(super) struct Ignores {
    /// `.git/info/exclude`.
    pub(super) exclude: Option<Arc<Patterns>>,
    /// By folder; the root is `""`.
    pub(super) folders: BTreeMap<String, Arc<Patterns>>,
}

impl Ignores {
    /// Adds the patterns of a file in `folder`.
    pub(super) fn add(&mut self, folder: &str, text: &str) {
        if let Some(patterns) = Patterns::new(text) {
            self.folders.insert(folder.to_owned(), patterns);
        }
    }

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

    fn patterns(lines: &[&str]) -> Arc<Patterns> {
        Patterns::new(&lines.join("\r\n")).expect("patterns")
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
        assert!(Patterns::new("\u{feff}# only words\n\n").is_none());
    }
}
