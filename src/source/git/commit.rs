//! Files as they were in a commit, read from git's objects, loose or packed; no `git` program is run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use gix_hash::ObjectId;
use gix_object::{Find as _, Kind, TreeRefIter};
use gix_odb::HandleArc;

use super::Git;
use crate::source::{MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, Root};

/// No object is decoded that is larger: what is judged here is written by people.
const MAX_OBJECT_BYTES: usize = 4 * MAX_FILE_BYTES as usize;
/// A larger file of references is not read.
const MAX_REFS_BYTES: u64 = 64 << 20;
/// How many references may point to one another, and tags to tags.
const MAX_HOPS: usize = 8;
/// How far back `~N` may lead.
const MAX_STEPS: usize = 10_000;

/// The files of a commit.
pub struct Commit {
    store: Mutex<HandleArc>,
    tree: Option<ObjectId>,
}

/// A file of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) struct Blob(pub(in crate::source) ObjectId);

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Commit({:?})", self.tree)
    }
}

impl Commit {
    /// The commit that `name` names: a branch, a tag, `HEAD`, an id or its beginning, each with `~N` and `^N`.
    ///
    /// # Errors
    /// In words: there is no repository, no such commit, or it is not here (a shallow clone).
    pub fn open(root: &Root, name: &str) -> Result<Self, String> {
        let git = root.git.as_ref().ok_or("this is not a git repository")?;
        let store = store(git)?;
        let names = Names { git, store: &store };
        let id = names.resolve(name)?;
        let tree = header(&names.commit(id)?, "tree").ok_or("the commit has no tree")?;
        Ok(Self { store: Mutex::new(store), tree: Some(tree) })
    }

    /// The commit that the working tree is based on; one without files before the first commit.
    pub(in crate::source) fn head(git: &Git) -> Result<Self, String> {
        let store = store(git)?;
        let names = Names { git, store: &store };
        let tree = match names.reference("HEAD", 0)? {
            Some(id) => header(&names.commit(id)?, "tree"),
            None => None,
        };
        Ok(Self { store: Mutex::new(store), tree })
    }

    /// The text of the file at `path`, from the root; `None` when there is none, or it is not text.
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = self.bytes(self.find(path)?).ok()?;
        let decoded = crate::source::decode::decode(&bytes).ok()?;
        Some(String::from(&*decoded.text))
    }

    /// The content of a file.
    pub(in crate::source) fn bytes(&self, blob: Blob) -> Result<Vec<u8>, String> {
        self.object(&blob.0, Kind::Blob)
    }

    fn object(&self, id: &ObjectId, kind: Kind) -> Result<Vec<u8>, String> {
        object(&self.store.lock().unwrap_or_else(PoisonError::into_inner), id, kind)
    }

    fn find(&self, path: &str) -> Option<Blob> {
        let mut id = self.tree?;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let data = self.object(&id, Kind::Tree).ok()?;
            let mut entries = TreeRefIter::from_bytes(&data, gix_hash::Kind::Sha1).filter_map(Result::ok);
            let entry = entries.find(|entry| entry.filename == part.as_bytes())?;
            id = entry.oid.to_owned();
            match parts.peek() {
                None if entry.mode.is_blob() => return Some(Blob(id)),
                Some(_) if entry.mode.is_tree() => {}
                _ => return None,
            }
        }
        None
    }

    /// Every file, links and submodules not among them, by path.
    pub(in crate::source) fn files(&self) -> Result<BTreeMap<String, Blob>, String> {
        let mut files = BTreeMap::new();
        let mut open: Vec<(String, ObjectId, usize)> = self.tree.iter().map(|tree| (String::new(), *tree, 0)).collect();
        while let Some((prefix, id, depth)) = open.pop() {
            let data = self.object(&id, Kind::Tree)?;
            for entry in TreeRefIter::from_bytes(&data, gix_hash::Kind::Sha1) {
                let entry = entry.map_err(|error| error.to_string())?;
                let Ok(name) = std::str::from_utf8(entry.filename.as_ref()) else { continue };
                let path = format!("{prefix}{name}");
                if entry.mode.is_tree() && depth < MAX_DEPTH {
                    open.push((format!("{path}/"), entry.oid.to_owned(), depth + 1));
                } else if entry.mode.is_blob() {
                    files.insert(path, Blob(entry.oid.to_owned()));
                }
                if files.len() > MAX_FILES {
                    return Err(format!("the commit has more than {MAX_FILES} files"));
                }
            }
        }
        Ok(files)
    }
}

pub(super) fn store(git: &Git) -> Result<HandleArc, String> {
    let objects = git.common.join("objects");
    let options = gix_odb::store::init::Options { alloc_limit_bytes: Some(MAX_OBJECT_BYTES), ..Default::default() };
    let store = gix_odb::Store::at_opts(objects, gix_hash::Kind::Sha1, &mut std::iter::empty(), options);
    Ok(Arc::new(store.map_err(|error| error.to_string())?).to_cache_arc())
}

/// The content of the object `id`, which is a `kind`.
pub(super) fn object(store: &HandleArc, id: &ObjectId, kind: Kind) -> Result<Vec<u8>, String> {
    let mut buffer = Vec::new();
    let found = store.try_find(id, &mut buffer).map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| format!("the object {id} is not here: is this a shallow clone?"))?;
    if found.kind != kind {
        return Err(format!("the object {id} is a {}, not a {kind}", found.kind));
    }
    Ok(found.data.to_vec())
}

/// The id behind `key` in the head of a commit or a tag.
pub(super) fn header(data: &[u8], key: &str) -> Option<ObjectId> {
    headers(data, key).next()
}

pub(super) fn headers<'d>(data: &'d [u8], key: &'d str) -> impl Iterator<Item = ObjectId> + 'd {
    let lines = data.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    lines.filter_map(move |line| {
        let rest = line.strip_prefix(key.as_bytes())?.strip_prefix(b" ")?;
        ObjectId::from_hex(rest).ok()
    })
}

/// Names of commits.
pub(super) struct Names<'g> {
    pub(super) git: &'g Git,
    pub(super) store: &'g HandleArc,
}

impl Names<'_> {
    pub(super) fn resolve(&self, name: &str) -> Result<ObjectId, String> {
        let base = name.find(['~', '^']).map_or(name, |at| &name[..at]);
        let mut id = self.base(if base.is_empty() || base == "@" { "HEAD" } else { base })?;
        let mut rest = &name[base.len()..];
        while let Some(sign) = rest.chars().next() {
            if !matches!(sign, '~' | '^') {
                return Err(format!("`{name}` is not the name of a commit"));
            }
            let digits = rest[1..].chars().take_while(char::is_ascii_digit).count();
            let count: usize = rest[1..=digits].parse().unwrap_or(1);
            rest = &rest[1 + digits..];
            id = self.step(id, sign, count).ok_or_else(|| format!("`{name}` leads to no commit that is here"))?;
        }
        Ok(id)
    }

    /// `~N`: N commits back along the first parents; `^N`: the Nth parent.
    fn step(&self, id: ObjectId, sign: char, count: usize) -> Option<ObjectId> {
        let parent = |id: ObjectId, number: usize| headers(&self.commit(id).ok()?, "parent").nth(number);
        match sign {
            '~' if count <= MAX_STEPS => (0..count).try_fold(id, |id, _| parent(id, 0)),
            '^' if count == 0 => Some(id),
            '^' => parent(id, count - 1),
            _ => None,
        }
    }

    fn base(&self, name: &str) -> Result<ObjectId, String> {
        let is_hex = name.chars().all(|c| c.is_ascii_hexdigit());
        if let (40, Ok(id)) = (name.len(), ObjectId::from_hex(name.as_bytes())) {
            return Ok(id);
        }
        if !is_safe(name) {
            return Err(format!("`{name}` is not the name of a commit"));
        }
        let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        for place in places {
            if let Some(id) = self.reference(&format!("{place}{name}"), 0)? {
                return Ok(id);
            }
        }
        if let Some(id) = self.reference(&format!("refs/remotes/{name}/HEAD"), 0)? {
            return Ok(id);
        }
        let prefix = gix_hash::Prefix::from_hex(name).ok().filter(|_| is_hex);
        match prefix.map(|prefix| self.store.lookup_prefix(prefix, None)) {
            Some(Ok(Some(Ok(id)))) => Ok(id),
            Some(Ok(Some(Err(())))) => Err(format!("`{name}` is the beginning of several ids")),
            _ if self.git.common.join("reftable").exists() => {
                Err("the repository keeps its references in the reftable format, which is not read; give an id".into())
            }
            _ => Err(format!("there is no commit `{name}` here")),
        }
    }

    /// The id that a reference leads to, if there is such a reference.
    pub(super) fn reference(&self, name: &str, hops: usize) -> Result<Option<ObjectId>, String> {
        if hops > MAX_HOPS {
            return Err(format!("`{name}` leads in a circle"));
        }
        let own = [&self.git.folder, &self.git.common];
        let Some(text) = own.iter().find_map(|folder| small(&folder.join(name))) else {
            return Ok(self.packed(name));
        };
        let text = text.trim();
        match text.strip_prefix("ref:") {
            Some(other) if is_safe(other.trim()) => self.reference(other.trim(), hops + 1),
            Some(_) => Err(format!("`{name}` is broken")),
            None => Ok(ObjectId::from_hex(text.as_bytes()).ok()),
        }
    }

    fn packed(&self, name: &str) -> Option<ObjectId> {
        let text = small(&self.git.common.join("packed-refs"))?;
        let line = text.lines().find(|line| line.get(41..) == Some(name) && !line.starts_with('#'))?;
        ObjectId::from_hex(line.get(..40)?.as_bytes()).ok()
    }

    /// The commit `id`, or the one that the tag `id` is for.
    pub(super) fn commit(&self, id: ObjectId) -> Result<Vec<u8>, String> {
        let mut id = id;
        for _ in 0..MAX_HOPS {
            match object(self.store, &id, Kind::Commit) {
                Ok(data) => return Ok(data),
                Err(message) => {
                    let tag = object(self.store, &id, Kind::Tag).map_err(|_| message)?;
                    id = header(&tag, "object").ok_or("the tag is for nothing")?;
                }
            }
        }
        Err("tags upon tags".into())
    }
}

/// Whether a name stays below the folder of references.
fn is_safe(name: &str) -> bool {
    let parts = || name.split('/');
    !name.is_empty()
        && !name.starts_with('-')
        && !name.contains(|c: char| c.is_control() || c == '\\' || c == ':')
        && parts().all(|part| !part.is_empty() && part != "." && part != ".." && !part.ends_with(".lock"))
}

fn small(path: &Path) -> Option<String> {
    let kind = fs::metadata(path).ok()?;
    (kind.is_file() && kind.len() <= MAX_REFS_BYTES).then(|| fs::read_to_string(path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_among_the_references() {
        for good in ["HEAD", "main", "feature/x", "v1.0", "refs/remotes/origin/main"] {
            assert!(is_safe(good), "{good}");
        }
        for bad in ["", "../config", "a/../b", "/etc/passwd", "-x", "a\\b", "a\nb", "c:d", "a//b", "x.lock"] {
            assert!(!is_safe(bad), "{bad}");
        }
    }

    #[test]
    fn heads_of_objects_are_read_up_to_the_blank_line() {
        let id = "1111111111111111111111111111111111111111";
        let data = format!("tree {id}\nparent {id}\nparent {id}\nauthor a\n\nparent {id}\n");
        assert_eq!(headers(data.as_bytes(), "parent").count(), 2);
        assert!(header(data.as_bytes(), "tree").is_some() && header(b"tree x\n", "tree").is_none());
    }

    #[test]
    fn a_broken_repository_is_an_error_and_never_a_panic() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = Git { folder: folder.path().into(), common: folder.path().into() };
        assert!(store(&git).is_err() || Commit::head(&git).is_ok_and(|commit| commit.tree.is_none()));
        fs::create_dir_all(folder.path().join("objects/11")).expect("a folder");
        fs::write(folder.path().join("HEAD"), "ref: refs/heads/main\n").expect("written");
        assert!(Commit::head(&git).expect("nothing was committed yet").files().expect("no files").is_empty());
        fs::write(folder.path().join("HEAD"), "ref: HEAD\n").expect("written");
        assert!(Commit::head(&git).is_err());
        fs::write(folder.path().join("HEAD"), format!("{}\n", "1".repeat(40))).expect("written");
        assert!(Commit::head(&git).is_err_and(|message| message.contains("not here")));
        fs::write(folder.path().join("objects/11").join("1".repeat(38)), b"no zlib").expect("written");
        assert!(Commit::head(&git).is_err());
    }
}
