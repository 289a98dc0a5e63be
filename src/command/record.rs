//! `--record`: transcripts into a folder, each written whole and renamed into place.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A folder that transcripts are written into.
pub(super) struct Recorder {
    folder: PathBuf,
}

impl Recorder {
    /// The folder at `path`, made when it is not there. Below `root` no link may lead out of it: a change to the
    /// repository must not say where files are written.
    ///
    /// # Errors
    /// It cannot be made, or a link leads out.
    pub(super) fn new(path: &Path, root: &Path, cwd: &Path) -> Result<Self, Error> {
        let whole = cwd.join(path);
        let is_below = whole.starts_with(root) || cwd.starts_with(root) && path.is_relative();
        let there = whole.ancestors().find_map(|folder| fs::canonicalize(folder).ok());
        if is_below && there.is_some_and(|real| !real.starts_with(root) && !root.starts_with(&real)) {
            return Err(wrong(path, "a link leads out of the repository"));
        }
        fs::create_dir_all(&whole).map_err(|error| wrong(path, error))?;
        let folder = fs::canonicalize(&whole).map_err(|error| wrong(path, error))?;
        Ok(Self { folder })
    }

    /// Writes one transcript.
    ///
    /// # Errors
    /// It cannot be written, or something that is no file has its name.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Error> {
        let path = self.folder.join(name);
        if fs::symlink_metadata(&path).is_ok_and(|kind| !kind.is_file()) {
            return Err(wrong(&path, "it is there and is not a file"));
        }
        self.replace(&path, name, text).map_err(|error| wrong(&path, error))
    }

    fn replace(&self, path: &Path, name: &str, text: &str) -> io::Result<()> {
        let beside = self.folder.join(format!(".{name}.{}.part", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&beside, path));
        written.inspect_err(|_| drop(fs::remove_file(&beside)))
    }
}

fn wrong(path: &Path, why: impl ToString) -> Error {
    Error::usage(format!("cannot record into `{}`: {}", path.display(), why.to_string()), None)
}
