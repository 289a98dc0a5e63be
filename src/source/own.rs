//! seaworthy's own files (policy, rules, attestations): the same door as every other read.

use std::fs;
use std::path::{Path, PathBuf};

use super::root::Root;
use super::{MAX_FILE_BYTES, decode};
use crate::error::Error;
use crate::path;

/// How deep a folder of rules may nest.
const MAX_OWN_DEPTH: usize = 16;

fn unreadable(path: &Path, reason: impl ToString) -> Error {
    Error::Unreadable { path: path.to_string_lossy().into_owned(), reason: reason.to_string() }
}

/// The text of one of seaworthy's own files: valid, or the run cannot happen.
pub fn read_own(path: &Path) -> Result<String, Error> {
    let kind = fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::Missing { path: path.to_string_lossy().into_owned() },
        _ => unreadable(path, error),
    })?;
    if kind.is_dir() {
        return Err(unreadable(path, "it is a folder"));
    }
    if kind.len() > MAX_FILE_BYTES {
        return Err(unreadable(path, "it is too large"));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, error))?;
    let decoded = decode::decode(&bytes).map_err(|binary| unreadable(path, format!("NUL at byte {}", binary.at)))?;
    match decoded.fault {
        Some(fault) => Err(unreadable(path, fault.message)),
        None => Ok(String::from(&*decoded.text)),
    }
}

/// The bytes that the plain file at `path`, from `root`, has now. No link is followed, and nothing is read outside of
/// `root`.
///
/// # Errors
/// In words, why it cannot be read.
pub fn read_plain(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let file = root.join(path);
    let folder = file.parent().unwrap_or(root);
    let real = |path: &Path| path.canonicalize().map_err(|error| error.to_string());
    let straight = Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let below = folder.strip_prefix(root).map_err(|_| "it lies outside of the repository".to_owned())?;
    if !straight || real(folder)? != real(root)?.join(below) {
        return Err("a link leads to it".to_owned());
    }
    let kind = fs::symlink_metadata(&file).map_err(|error| error.to_string())?;
    if !kind.is_file() {
        return Err("it is a link, or no plain file".to_owned());
    }
    if kind.len() > MAX_FILE_BYTES {
        return Err("it is too large".to_owned());
    }
    fs::read(&file).map_err(|error| error.to_string())
}

/// Every file below `folder` whose name ends in one of `endings`, with its path from there (with `/`) and its text, or
/// why there is none, sorted. Links are not followed; no folder is no file.
pub fn read_each(folder: &Path, endings: &[&str]) -> Vec<(String, Result<String, String>)> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let list = match fs::read_dir(&folder) {
            Ok(list) => list,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                found.push((prefix.trim_end_matches('/').to_owned(), Err(error.to_string())));
                continue;
            }
        };
        for entry in list.flatten() {
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MAX_OWN_DEPTH => {
                    folders.push((entry.path(), format!("{path}/"), depth + 1));
                }
                Ok(kind) if kind.is_dir() => found.push((path, Err("it is nested too deep".to_owned()))),
                Ok(kind) if kind.is_file() && endings.iter().any(|end| path.ends_with(end)) => {
                    let text = read_own(&entry.path()).map_err(|error| match error {
                        Error::Unreadable { reason, .. } => reason,
                        other => other.to_string(),
                    });
                    found.push((path, text));
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

/// Every file below `folder` whose name ends in one of `endings` (`.yaml`), with its path from there (with `/`) and
/// its text, sorted. Links are not followed; what cannot be read is an error, all of them together.
pub fn read_below(folder: &Path, endings: &[&str]) -> Result<Vec<(String, String)>, Error> {
    let mut texts = Vec::new();
    let mut errors = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let list = match fs::read_dir(&folder) {
            Ok(list) => list,
            Err(error) if prefix.is_empty() && error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::Missing { path: folder.to_string_lossy().into_owned() });
            }
            Err(error) => {
                errors.push(unreadable(&folder, error));
                continue;
            }
        };
        for entry in list.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < MAX_OWN_DEPTH => {
                    folders.push((entry.path(), format!("{path}/"), depth + 1));
                }
                Ok(kind) if kind.is_dir() => errors.push(unreadable(&entry.path(), "it is nested too deep")),
                Ok(kind) if kind.is_file() && endings.iter().any(|end| name.ends_with(end)) => {
                    match read_own(&entry.path()) {
                        Ok(text) => texts.push((path, text)),
                        Err(error) => errors.push(error),
                    }
                }
                Ok(_) => {}
                Err(error) => errors.push(unreadable(&entry.path(), error)),
            }
        }
    }
    texts.sort();
    errors.sort_by_key(ToString::to_string);
    Error::from_many(errors).map_or(Ok(texts), Err)
}

/// The files called one of `names` in the nearest folder that has any: from the deepest folder that holds every PATH
/// up to the root, never above it. Several in one folder are all returned, so that the caller can object.
pub fn find_upwards(root: &Root, names: &[&str]) -> Vec<PathBuf> {
    for folder in folders_upwards(root) {
        let folder = root.path().join(folder);
        let found: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// The folders from the deepest one that holds every PATH up to the root, which is empty; relative to it, with `/`.
pub fn folders_upwards(root: &Root) -> Vec<String> {
    let mut common: Option<&str> = None;
    for named in root.named() {
        let path = named.path.as_str();
        let folder = if named.is_folder { path } else { path::folder(path) };
        let mut start = common.unwrap_or(folder);
        while !super::root::under(folder, start) {
            start = path::folder(start);
        }
        common = Some(start);
    }
    let mut folders = Vec::new();
    let mut folder = common.unwrap_or("");
    while !folder.is_empty() {
        folders.push(folder.to_owned());
        folder = path::folder(folder);
    }
    folders.push(String::new());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Inputs;

    #[test]
    fn own_files_are_read_sorted_and_their_mistakes_told_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("b/c")).expect("folders");
        for (path, text) in [("z.yaml", &b"z"[..]), ("b/c/a.yaml", b"\xEF\xBB\xBFa"), ("b/x.txt", b"\0")] {
            fs::write(at(path), text).expect("written");
        }
        let texts = read_below(folder.path(), &[".yaml"]).expect("two files");
        assert_eq!(texts, [("b/c/a.yaml".to_owned(), "a".to_owned()), ("z.yaml".to_owned(), "z".to_owned())]);
        fs::write(at("n.yaml"), b"a\0").expect("written");
        fs::write(at("u.yaml"), b"\xff").expect("written");
        let error = read_below(folder.path(), &[".yaml"]).expect_err("two mistakes");
        assert!(matches!(&error, Error::Several(list) if list.len() == 2), "{error:?}");
        assert!(matches!(read_below(&at("nowhere"), &[]), Err(Error::Missing { .. })));
        assert!(matches!(read_own(folder.path()), Err(Error::Unreadable { .. })));
    }

    #[test]
    fn a_policy_is_found_from_the_common_folder_up_to_the_root() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("r/.git")).expect("folders");
        fs::write(at("r/.git/HEAD"), "ref: refs/heads/main\n").expect("written");
        fs::create_dir_all(at("r/a/b")).expect("folders");
        fs::create_dir_all(at("r/a/c")).expect("folders");
        fs::write(at("p.yaml"), "").expect("written");
        let find = |paths: &[&str]| {
            let inputs =
                Inputs { folder: at("r"), paths: paths.iter().map(PathBuf::from).collect(), ..Inputs::default() };
            let root = Root::of(&inputs).expect("a root");
            let found = find_upwards(&root, &["p.yaml", "p.toml"]);
            found.iter().map(|path| path.strip_prefix(root.path()).expect("below").to_owned()).collect::<Vec<_>>()
        };
        assert!(find(&["a/b"]).is_empty(), "the search never leaves the root");
        fs::write(at("r/a/p.yaml"), "").expect("written");
        fs::write(at("r/a/b/p.toml"), "").expect("written");
        assert_eq!(find(&["a/b"]), [PathBuf::from("a/b/p.toml")]);
        assert_eq!(find(&["a/b", "a/c"]), [PathBuf::from("a/p.yaml")]);
        assert!(find(&["."]).is_empty());
    }
}
