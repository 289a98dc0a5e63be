//! Stored transcripts: files that `--record` wrote, read by name.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A larger file is not read.
const MAX_BYTES: u64 = 8 << 20;

/// A folder of stored transcripts.
#[derive(Debug)]
pub struct Transcripts {
    folder: PathBuf,
}

impl Transcripts {
    /// The folder at `path`.
    ///
    /// # Errors
    /// It is not there, or no folder.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let shown = || path.to_string_lossy().into_owned();
        match fs::metadata(path) {
            Ok(kind) if kind.is_dir() => Ok(Self { folder: path.to_owned() }),
            Ok(_) => Err(Error::Unreadable { path: shown(), reason: "it is not a folder".into() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::Missing { path: shown() }),
            Err(error) => Err(Error::Unreadable { path: shown(), reason: error.to_string() }),
        }
    }

    /// The text of the file called `name`; `None` when it is not there, words when it cannot be read. Links are not
    /// followed.
    pub fn read(&self, name: &str) -> Option<Result<String, String>> {
        let path = self.folder.join(name);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(error.kind().to_string())),
            Ok(kind) if !kind.is_file() => Some(Err("it is not a file".into())),
            Ok(kind) if kind.len() > MAX_BYTES => Some(Err("it is too large".into())),
            Ok(_) => Some(read(&path)),
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.kind().to_string())?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.kind().to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".into())
}
