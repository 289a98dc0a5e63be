//! The walk: folder by folder, level by level, each level in parallel. It lists; it reads no file but `.gitignore`.

use std::cell::OnceCell;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::git::{Git, Tracked};
use super::ignores::{Chain, Patterns};
use super::inventory::Entry;
use super::root::{Root, relative};
use super::{Inputs, Skip, Skipped, Unread, names};
use crate::fact::Reason;
use crate::parallel;

/// A file that may be judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Relative to the root.
    pub(super) path: String,
    /// Where its text lies, when the path is a link.
    pub(super) target: Option<PathBuf>,
    /// Whether it was named on the command line, so that no table leaves it out.
    pub(super) named: bool,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) entries: Vec<Entry>,
    /// Walked.
    pub(super) folders: Vec<String>,
    /// Passed over whole.
    pub(super) closed: Vec<String>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) unread: Vec<Unread>,
    pub(super) ignores: Vec<(String, Arc<Patterns>)>,
    pub(super) cut_short: bool,
    next: Vec<Folder>,
}

/// A folder to walk.
#[derive(Debug)]
struct Folder {
    /// Relative to the root, which is empty.
    path: String,
    depth: usize,
    /// The length of the PATH that led here: what was named is meant, whatever it is called and whatever ignores it.
    named: usize,
    chain: Option<Arc<Chain>>,
}

/// What a walk needs to know.
pub(super) struct Walk<'a> {
    pub(super) root: &'a Root,
    pub(super) inputs: &'a Inputs,
    pub(super) tracked: &'a Tracked,
    /// `.git/info/exclude`.
    pub(super) exclude: Option<Arc<Patterns>>,
}

impl Walk<'_> {
    /// Walks every PATH that is a folder.
    pub(super) fn run(&self) -> Found {
        let mut found = Found::default();
        let mut level: Vec<Folder> = Vec::new();
        for named in self.root.named().iter().filter(|named| named.is_folder) {
            let chain = self.chain_above(&named.path, &mut found);
            let depth = named.path.split('/').filter(|part| !part.is_empty()).count();
            level.push(Folder { path: named.path.clone(), depth, named: named.path.len(), chain });
        }
        while !level.is_empty() {
            let parts: Vec<Found> = parallel::map(level, 0, |folder| self.folder(&folder));
            level = Vec::new();
            for mut part in parts {
                level.append(&mut part.next);
                found.append(part);
            }
            if found.candidates.len() > self.inputs.limits.files {
                self.cut(&mut found);
                break;
            }
        }
        found
    }

    /// The patterns of the folders above a PATH.
    fn chain_above(&self, path: &str, found: &mut Found) -> Option<Arc<Chain>> {
        self.root.git.as_ref()?;
        let mut chain = self.exclude.clone().map(|patterns| Chain::new("", patterns, None));
        let parents = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        for folder in std::iter::once("").chain(parents).filter(|folder| folder.len() < path.len()) {
            if let Some(patterns) = Patterns::read(&self.root.path().join(folder).join(".gitignore")) {
                found.ignores.push((folder.to_owned(), Arc::clone(&patterns)));
                chain = Some(Chain::new(folder, patterns, chain));
            }
        }
        chain
    }

    fn cut(&self, found: &mut Found) {
        let limit = self.inputs.limits.files;
        found.candidates.sort_unstable();
        found.candidates.truncate(limit);
        found.cut_short = true;
        let reason = format!("there are more than {limit} files; the others were not looked at");
        found.unread.push(Unread::folder("", Reason::Limit(reason.into())));
    }

    fn folder(&self, folder: &Folder) -> Found {
        let mut found = Found::default();
        let list = match entries(&self.root.path().join(&folder.path)) {
            Ok(list) => list,
            Err(error) => {
                found.closed.push(folder.path.clone());
                found.unread.push(Unread::folder(&folder.path, Reason::Unreadable(error.to_string().into())));
                return found;
            }
        };
        if let Some(reason) = self.whole(folder, |name| list.iter().any(|(file, _)| file.as_os_str() == name)) {
            found.pass_over(&folder.path, reason);
            return found;
        }
        let is_file = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
        let has_patterns = list.iter().any(|(name, entry)| name == ".gitignore" && is_file(entry));
        let chain = if has_patterns { self.chain(folder, &mut found) } else { folder.chain.clone() };
        let here = Here {
            folder,
            chain,
            ignored: OnceCell::new(),
            siblings: list.iter().filter_map(|(name, _)| name.to_str()).collect(),
        };
        found.folders.push(folder.path.clone());
        for (name, entry) in &list {
            self.entry(&here, name, entry, &mut found);
        }
        found
    }

    /// Why the whole folder is passed over, as its content shows.
    fn whole(&self, folder: &Folder, has: impl Fn(&str) -> bool) -> Option<Skip> {
        if folder.is_named() || self.tracked.has_below(&folder.path) {
            return None;
        }
        match () {
            () if self.root.git.is_some() && has(".git") && self.is_repository(folder) => Some(Skip::Submodule),
            () if has(names::CACHE_TAG) => Some(Skip::Generated),
            () => None,
        }
    }

    fn is_repository(&self, folder: &Folder) -> bool {
        Git::at(&self.root.path().join(&folder.path)).is_some()
    }

    /// The patterns of this folder before those above it.
    fn chain(&self, folder: &Folder, found: &mut Found) -> Option<Arc<Chain>> {
        let path = self.root.path().join(&folder.path).join(".gitignore");
        let own = self.root.git.as_ref().and_then(|_| Patterns::read(&path));
        let Some(patterns) = own else { return folder.chain.clone() };
        found.ignores.push((folder.path.clone(), Arc::clone(&patterns)));
        Some(Chain::new(&folder.path, patterns, folder.chain.clone()))
    }

    fn entry(&self, here: &Here, os_name: &OsStr, entry: &DirEntry, found: &mut Found) {
        let Some(name) = os_name.to_str() else {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let path = here.path(&format!("{}{}", os_name.to_string_lossy(), if is_folder { "/" } else { "" }));
            return found.unread.push(Unread::new(path, Reason::Unreadable("its name is not UTF-8".into())));
        };
        if name == ".git" {
            return;
        }
        let path = here.path(name);
        match entry.file_type() {
            Err(error) => found.unread.push(Unread::new(path, Reason::Unreadable(error.to_string().into()))),
            Ok(kind) if kind.is_dir() => self.enter(here, name, path, found),
            Ok(kind) if kind.is_symlink() => self.link(here, path, found),
            Ok(kind) if kind.is_file() => self.file(here, path, None, found),
            Ok(_) => found.skipped.push(Skipped { path, reason: Skip::NotAFile }),
        }
    }

    fn enter(&self, here: &Here, name: &str, path: String, found: &mut Found) {
        let depth = here.folder.depth + 1;
        let reason = if self.tracked.is_submodule(&path) {
            Some(Skip::Submodule)
        } else if self.inputs.transcripts.as_deref() == Some(&*path) {
            Some(Skip::Transcripts)
        } else if self.inputs.exclude.matches(&path, true) {
            Some(Skip::Excluded)
        } else if names::is_vendored(name) {
            Some(Skip::Vendored)
        } else if names::is_generated_folder(name, here.siblings.iter().copied()) {
            Some(Skip::Generated)
        } else {
            (!self.tracked.has_below(&path) && here.ignores(&path, true)).then_some(Skip::Ignored)
        };
        if let Some(reason) = reason {
            found.pass_over(&path, reason);
        } else if depth > self.inputs.limits.depth {
            let reason = format!("folders are nested deeper than {}; it was not entered", self.inputs.limits.depth);
            found.unread.push(Unread::folder(&path, Reason::Limit(reason.into())));
            found.closed.push(path);
        } else {
            found.next.push(Folder { path, depth, named: here.folder.named, chain: here.chain.clone() });
        }
    }

    /// A link is never followed out of the root, nor into a folder; a file that is looked at anyway is judged once.
    fn link(&self, here: &Here, path: String, found: &mut Found) {
        if !self.tracked.has(&path) && here.ignores(&path, false) {
            return found.skipped.push(Skipped { path, reason: Skip::Ignored });
        }
        let real = self.root.path().join(&path);
        let Ok(target) = fs::canonicalize(&real) else {
            return found.skipped.push(Skipped { path, reason: Skip::LinkBroken });
        };
        let is_file = fs::metadata(&target).is_ok_and(|kind| kind.is_file());
        let inside = target.starts_with(self.root.path());
        let name = relative(self.root.path(), &target);
        if is_file && inside && name.is_some_and(|name| !self.root.covers(&name)) {
            return self.file(here, path, Some(target), found);
        }
        if is_file {
            found.entries.push(Entry { path: path.clone(), tracked: self.tracked.has(&path) });
        } else {
            found.closed.push(path.clone());
        }
        found.skipped.push(Skipped { path, reason: if inside { Skip::Link } else { Skip::LinkOutside } });
    }

    fn file(&self, here: &Here, path: String, target: Option<PathBuf>, found: &mut Found) {
        let tracked = self.tracked.has(&path);
        if !tracked && here.ignores(&path, false) {
            return found.skipped.push(Skipped { path, reason: Skip::Ignored });
        }
        found.entries.push(Entry { path: path.clone(), tracked });
        if self.inputs.leaves_out(&path) {
            found.skipped.push(Skipped { path, reason: Skip::Excluded });
        } else {
            found.candidates.push(Candidate { path, target, named: false });
        }
    }
}

/// What lies in a folder, sorted by name.
fn entries(folder: &Path) -> io::Result<Vec<(OsString, DirEntry)>> {
    let mut list = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| (entry.file_name(), entry)))
        .collect::<io::Result<Vec<(OsString, DirEntry)>>>()?;
    list.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    Ok(list)
}

/// The folder whose entries are looked at.
struct Here<'a> {
    folder: &'a Folder,
    chain: Option<Arc<Chain>>,
    /// Git ignores the folder, though it tracks something in it; asked only for what is not tracked.
    ignored: OnceCell<bool>,
    siblings: Vec<&'a str>,
}

impl Folder {
    fn is_named(&self) -> bool {
        self.named == self.path.len()
    }

    /// Whether `chain` ignores this folder or one between the PATH and it.
    fn is_ignored(&self, chain: &Chain) -> bool {
        let ends = self.path.match_indices('/').map(|(slash, _)| slash).chain([self.path.len()]);
        ends.filter(|end| *end > self.named).any(|end| chain.ignores(&self.path[..end], true))
    }
}

impl Here<'_> {
    fn path(&self, name: &str) -> String {
        if self.folder.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.folder.path) }
    }

    fn ignores(&self, path: &str, is_folder: bool) -> bool {
        self.chain.as_ref().is_some_and(|chain| {
            *self.ignored.get_or_init(|| self.folder.is_ignored(chain)) || chain.ignores(path, is_folder)
        })
    }
}

impl Found {
    fn pass_over(&mut self, folder: &str, reason: Skip) {
        self.closed.push(folder.to_owned());
        self.skipped.push(Skipped { path: format!("{folder}/"), reason });
    }

    fn append(&mut self, mut other: Found) {
        self.candidates.append(&mut other.candidates);
        self.entries.append(&mut other.entries);
        self.folders.append(&mut other.folders);
        self.closed.append(&mut other.closed);
        self.skipped.append(&mut other.skipped);
        self.unread.append(&mut other.unread);
        self.ignores.append(&mut other.ignores);
    }
}

impl Inputs {
    /// Whether the globs leave this file out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        (!self.include.is_empty() && !self.include.matches(path, false)) || self.exclude.matches(path, false)
    }
}

impl Unread {
    /// Something that was not read at all.
    pub(super) fn new(path: String, reason: Reason) -> Self {
        Self { path, reason, inspectors: Vec::new(), span: None }
    }

    /// A folder that was not looked into, wholly.
    fn folder(path: &str, reason: Reason) -> Self {
        Self::new(if path.is_empty() { ".".to_owned() } else { format!("{path}/") }, reason)
    }
}
