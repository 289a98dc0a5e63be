//! Digests of files, and the commit that is checked out: what attestations are bound to.

use std::fs;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Globs, Inventory, Root};

/// A larger file is no evidence.
const MAX_BYTES: u64 = 1 << 30;
/// A longer chain of symbolic references is a circle.
const MAX_LINKS: usize = 5;

/// The digest (`sha256:…`) of the file at `path` from the root; `None` when there is no such file, or when it lies
/// outside of the root.
pub fn file_digest(root: &Root, path: &str) -> Option<String> {
    let real = root.path().join(path).canonicalize().ok()?;
    if !real.starts_with(root.path()) {
        return None;
    }
    let file = fs::File::open(real).ok()?;
    let kind = file.metadata().ok()?;
    (kind.is_file() && kind.len() <= MAX_BYTES).then_some(())?;
    let mut digest = Sha256::new();
    let mut reader = file.take(MAX_BYTES);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => digest.update(buffer.get(..n)?),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    Some(written(digest))
}

/// The digest of every file that `globs` match below `folder`: their paths from there and their contents, in order.
/// `None` when they match none, or when one cannot be read.
pub fn files_digest(root: &Root, inventory: &Inventory, globs: &Globs, folder: &str) -> Option<String> {
    let meant = inventory.in_dir(folder).iter().filter(|entry| globs.matches(&entry.path, false));
    let mut files = Vec::new();
    for entry in meant {
        files.push((entry.path.as_str(), file_digest(root, &entry.path)?));
    }
    combined(folder, &files)
}

/// [`files_digest`] of files whose paths (from the root, in order) and digests are at hand.
pub fn combined(folder: &str, files: &[(&str, String)]) -> Option<String> {
    let mut digest = Sha256::new();
    for (path, of) in files {
        let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
        digest.update(below.as_bytes());
        digest.update([0]);
        digest.update(of.as_bytes());
        digest.update([0]);
    }
    (!files.is_empty()).then(|| written(digest))
}

fn written(digest: Sha256) -> String {
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// The commit that is checked out; `None` outside of a repository, or before its first commit.
pub fn head(root: &Root) -> Option<String> {
    let git = root.git.as_ref()?;
    let mut text = small(&git.folder.join("HEAD"))?;
    for _ in 0..MAX_LINKS {
        let Some(name) = text.trim().strip_prefix("ref:").map(|name| name.trim().to_owned()) else {
            let id = text.trim();
            return is_id(id).then(|| id.to_owned());
        };
        if !name.starts_with("refs/") || name.split('/').any(|part| part == "..") {
            return None;
        }
        let loose = small(&git.folder.join(&name)).or_else(|| small(&git.common.join(&name)));
        text = match loose {
            Some(text) => text,
            None => return packed(&git.common.join("packed-refs"), &name),
        };
    }
    None
}

fn packed(path: &Path, name: &str) -> Option<String> {
    let kind = fs::metadata(path).ok()?;
    (kind.is_file() && kind.len() <= super::MAX_FILE_BYTES).then_some(())?;
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.split_once(' ').is_some_and(|(_, known)| known.trim() == name))?;
    let (id, _) = line.split_once(' ')?;
    is_id(id).then(|| id.to_owned())
}

fn small(path: &Path) -> Option<String> {
    let kind = fs::metadata(path).ok()?;
    (kind.is_file() && kind.len() <= 4096).then(|| fs::read_to_string(path).ok())?
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Inputs;

    fn root(folder: &Path) -> Root {
        Root::of(&Inputs { folder: folder.to_owned(), ..Inputs::default() }).expect("a root")
    }

    #[test]
    fn the_commit_is_read_loose_packed_or_detached() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("written");
        };
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        write(".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(head(&root(folder.path())), None, "no commit yet");
        write(".git/packed-refs", &format!("# pack-refs\n{one} refs/heads/main\n^{two}\n"));
        assert_eq!(head(&root(folder.path())), Some(one.clone()));
        write(".git/refs/heads/main", &format!("{two}\n"));
        assert_eq!(head(&root(folder.path())), Some(two));
        write(".git/HEAD", &one);
        assert_eq!(head(&root(folder.path())), Some(one));
        write(".git/HEAD", "ref: refs/../../secret\n");
        assert_eq!(head(&root(folder.path())), None);
    }

    #[test]
    fn a_file_outside_of_the_root_has_no_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("r/.git")).expect("folders");
        fs::write(folder.path().join("r/.git/HEAD"), "ref: refs/heads/main\n").expect("written");
        fs::write(folder.path().join("r/in"), "").expect("written");
        fs::write(folder.path().join("out"), "").expect("written");
        let root = root(&folder.path().join("r"));
        assert!(file_digest(&root, "in").is_some_and(|digest| digest.starts_with("sha256:e3b0c442")));
        assert_eq!(file_digest(&root, "../out"), None);
        assert_eq!(file_digest(&root, "nowhere"), None);
        assert_eq!(file_digest(&root, ""), None, "a folder is no file");
    }
}
