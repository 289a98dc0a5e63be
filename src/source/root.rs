//! PATHs → the one folder that every path is told from.

use std::fs;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;

use super::git::Git;
use super::{Inputs, Limits};
use crate::error::Error;

/// The folder that every path is relative to: the git root, outside a repository the deepest common folder of the
/// PATHs.
#[derive(Debug, Clone)]
pub struct Root {
    path: PathBuf,
    pub(super) git: Option<Git>,
    named: Vec<Named>,
    stdin: Option<Utf8PathBuf>,
    /// The working folder below the root, where the name of standard input starts.
    folder: Option<String>,
}

/// A file or folder that was named on the command line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Relative to the root; the root itself is empty.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// A PATH that is there.
struct Place {
    given: String,
    real: PathBuf,
    is_folder: bool,
}

impl Root {
    /// Resolves the PATHs of `inputs`; without any, the working folder. Every mistake is told.
    pub fn of(inputs: &Inputs) -> Result<Self, Error> {
        let mut places = Vec::new();
        let mut errors = Vec::new();
        let mut stdin = false;
        let here = [PathBuf::from(".")];
        for path in if inputs.paths.is_empty() { &here[..] } else { &inputs.paths } {
            if path.as_os_str() == "-" {
                stdin = true;
                continue;
            }
            match place(&inputs.folder, path) {
                Ok(place) => places.push(place),
                Err(error) => errors.push(error),
            }
        }
        if stdin && inputs.stdin_name.is_none() {
            errors.push(Error::StdinUnnamed);
        }
        if let Some(error) = Error::from_many(errors) {
            return Err(error);
        }
        let folder = place(&inputs.folder, Path::new("."))?;
        let (path, git) = common(if places.is_empty() { std::slice::from_ref(&folder) } else { &places })?;
        let mut named = places.iter().map(|place| below(&path, place)).collect::<Result<Vec<Named>, Error>>()?;
        named.sort();
        named.dedup();
        let name = inputs.stdin_name.as_deref().filter(|_| stdin);
        let stdin = name.map(|name| stdin_path(&path, &folder.real, name));
        let folder = relative(&path, &folder.real);
        Ok(Self { path, git, named, stdin, folder })
    }

    /// Its real path on this machine: for reading, never for reports.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a repository.
    pub fn is_repository(&self) -> bool {
        self.git.is_some()
    }

    /// What was named on the command line, sorted.
    pub fn named(&self) -> &[Named] {
        &self.named
    }

    /// The name of standard input, if it was asked for.
    pub fn stdin(&self) -> Option<&Utf8PathBuf> {
        self.stdin.as_ref()
    }

    /// Whether `path` is one of the PATHs or lies below one.
    pub fn covers(&self, path: &str) -> bool {
        self.named.iter().any(|named| if named.is_folder { under(path, &named.path) } else { path == named.path })
    }

    /// The part of `path` below the deepest PATH that names it: what was named is meant, so only this part shows a
    /// role. Of a file that was named itself, its name; of standard input, the part below the working folder.
    pub fn below_named<'p>(&self, path: &'p str) -> &'p str {
        let name = path.rfind('/').map_or(0, |slash| slash + 1);
        if self.stdin.as_ref().is_some_and(|stdin| stdin == path) {
            let folder = self.folder.as_deref().filter(|folder| !folder.is_empty() && under(path, folder));
            return path.get(folder.map_or(0, |folder| folder.len() + 1)..).unwrap_or(path);
        }
        let starts = self.named.iter().filter_map(|named| match named.is_folder {
            true if named.path.is_empty() => Some(0),
            true => under(path, &named.path).then(|| (named.path.len() + 1).min(path.len())),
            false => (named.path == path).then_some(name),
        });
        path.get(starts.max().unwrap_or(0)..).unwrap_or(path)
    }
}

/// Whether `path` is `folder` or lies below it; the root (`""`) holds everything.
pub(super) fn under(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A path of the file system as reports write it; `None` when a name is not UTF-8.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    let mut text = String::new();
    for part in path.strip_prefix(root).ok()?.components() {
        if !text.is_empty() {
            text.push('/');
        }
        text.push_str(part.as_os_str().to_str()?);
    }
    Some(text)
}

fn place(folder: &Path, path: &Path) -> Result<Place, Error> {
    let given = path.to_string_lossy().into_owned();
    let failed = |given: String, error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Error::Missing { path: given },
        _ => Error::Unreadable { path: given, reason: error.to_string() },
    };
    let real = fs::canonicalize(folder.join(path)).map_err(|error| failed(given.clone(), error))?;
    let kind = fs::metadata(&real).map_err(|error| failed(given.clone(), error))?;
    if !kind.is_dir() && !kind.is_file() {
        return Err(Error::Special { path: given });
    }
    Ok(Place { given, real, is_folder: kind.is_dir() })
}

impl Place {
    fn folder(&self) -> &Path {
        if self.is_folder { &self.real } else { self.real.parent().unwrap_or(&self.real) }
    }

    fn repository(&self) -> Option<(PathBuf, Git)> {
        // Nobody nests deeper than a PATH can be long; the limit only keeps the loop visibly finite.
        let above = self.folder().ancestors().take(8 * Limits::default().depth);
        above.into_iter().find_map(|folder| Some((folder.to_owned(), Git::at(folder)?)))
    }
}

fn common(places: &[Place]) -> Result<(PathBuf, Option<Git>), Error> {
    let Some((first, others)) = places.split_first() else { return Ok((PathBuf::from("."), None)) };
    let repository = first.repository();
    let mut path = first.folder();
    for place in others {
        if place.repository() != repository {
            return Err(Error::TwoRoots { first: first.given.clone(), second: place.given.clone() });
        }
        while !place.folder().starts_with(path) {
            path = path.parent().unwrap_or(path);
        }
    }
    Ok(match repository {
        Some((path, git)) => (path, Some(git)),
        None => (path.to_owned(), None),
    })
}

fn below(root: &Path, place: &Place) -> Result<Named, Error> {
    let path = relative(root, &place.real).ok_or_else(|| Error::NotUtf8 { path: place.given.clone() })?;
    Ok(Named { path, is_folder: place.is_folder })
}

/// The name of standard input from the root, when it lies below it; nothing needs to be there.
fn stdin_path(root: &Path, folder: &Path, name: &str) -> Utf8PathBuf {
    let mut parts: Vec<&str> = Vec::new();
    let full = folder.join(name);
    let text = full.to_string_lossy();
    for part in text.split(['/', std::path::MAIN_SEPARATOR]) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let tidy: PathBuf = full.components().take_while(|part| !matches!(part, std::path::Component::Normal(_))).collect();
    let tidy = parts.iter().fold(tidy, |path, part| path.join(part));
    let below = relative(root, &tidy).filter(|path| !path.is_empty());
    below.unwrap_or_else(|| name.trim_start_matches(['/', '.']).to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(named: &[(&str, bool)]) -> Root {
        let named = named.iter().map(|(path, is_folder)| Named { path: (*path).into(), is_folder: *is_folder });
        Root { path: "/r".into(), git: None, named: named.collect(), stdin: None, folder: None }
    }

    #[test]
    fn the_deepest_path_that_was_named_counts() {
        let root = root(&[("", true), ("examples/shop", true), ("test/Dockerfile.dev", false)]);
        assert_eq!(root.below_named("examples/shop/api/Dockerfile"), "api/Dockerfile");
        assert_eq!(root.below_named("examples/shopping/Dockerfile"), "examples/shopping/Dockerfile");
        assert_eq!(root.below_named("test/Dockerfile.dev"), "Dockerfile.dev");
        assert_eq!(root.below_named("a"), "a");
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        let root = root(&[("a", true), ("b/f", false)]);
        assert!(root.covers("a/x/y") && root.covers("a") && root.covers("b/f"));
        assert!(!root.covers("ab/x") && !root.covers("b/g") && !root.covers("b/f/g"));
    }

    #[test]
    fn standard_input_is_named_from_the_root() {
        let path = |folder: &str, name: &str| stdin_path(Path::new("/r"), Path::new(folder), name);
        assert_eq!(path("/r", "Dockerfile"), "Dockerfile");
        assert_eq!(path("/r/a", "./b/../Dockerfile"), "a/Dockerfile");
        assert_eq!(path("/r/a", "../Dockerfile"), "Dockerfile");
        assert_eq!(path("/r", "/r/x/y"), "x/y");
        assert_eq!(path("/r", "../../etc/y"), "etc/y");
    }
}
