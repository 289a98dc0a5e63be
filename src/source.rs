//! Texts under examination, and where they come from. The only module that reads files.
//!
//! PATHs → [`Root`] → discovered files → [`Loaded`]. What is passed over is said: [`Skipped`] is free, [`Unread`] is
//! something an inspector would have judged and could not.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use camino::Utf8PathBuf;

use crate::fact::target::Protocol;
use crate::fact::{Reason, Role};
use crate::span::{LineIndex, Position, SourceId, Span};
use crate::syntax::shared::SharedText;
use crate::syntax::tree::Tree;

mod decode;
mod digest;
mod discover;
mod git;
mod globs;
mod ignores;
mod inventory;
mod load;
mod names;
mod own;
mod role;
mod root;
mod transcripts;
mod walk;

pub use digest::{combined, file_digest, files_digest, head};
pub use git::commit::Commit;
pub use git::history::{History, Person};
pub use git::sealed::Sealed;
pub use git::staged::Staged;
pub use globs::{GlobError, Globs};
pub use inventory::{Entry, Inventory, Presence};
pub use load::{load, load_commit, load_from};
pub use own::{find_upwards, folders_upwards, read_below, read_each, read_own, read_plain};
pub use role::{Evidence, role_of_path};
pub use root::{Named, Root};
pub use transcripts::Transcripts;

/// A larger file is not read: what is judged here is written by people.
pub const MAX_FILE_BYTES: u64 = 32 << 20;
/// More files than this are not looked at.
pub const MAX_FILES: usize = 500_000;
/// Folders nested deeper than this are not entered.
pub const MAX_DEPTH: usize = 100;
/// The ending of transcripts in examples of rules. A file of the repository under such a name is no evidence.
pub const TRANSCRIPT_ENDING: &str = ".transcript";

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The size of a file in bytes.
    pub file_bytes: u64,
    /// The number of files.
    pub files: usize,
    /// The number of folders above a file, counted from the root.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: MAX_FILE_BYTES, files: MAX_FILES, depth: MAX_DEPTH }
    }
}

/// What a run is asked to look at.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The working folder: relative PATHs start here.
    pub folder: PathBuf,
    /// The PATHs; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// The name of standard input, relative to the working folder.
    pub stdin_name: Option<String>,
    /// Only what one of these matches is judged; no glob at all means everything.
    pub include: Globs,
    /// What one of these matches is not judged.
    pub exclude: Globs,
    /// Roles where the path's own words are wrong; the last that matches wins.
    pub roles: Vec<(Globs, Role)>,
    /// What is staged, when that is to be judged in place of the working tree's files.
    pub staged: Option<Staged>,
    /// The folder of transcripts, relative to the root: what servers showed is no file of the repository, so that a run
    /// that records and one that replays judge the same files.
    pub transcripts: Option<String>,
    /// How much is looked at.
    pub limits: Limits,
}

/// Who reads what: the inspectors, as `source` sees them. They are numbered.
pub trait Claims: Sync {
    /// The inspectors that could judge a file of this name. `path` is relative to the root, with `/`.
    fn wants(&self, path: &str) -> Vec<usize>;

    /// Whether `inspector`, which wants this path, claims this text.
    fn claims(&self, inspector: usize, path: &str, text: &str) -> bool;

    /// Its name.
    fn name(&self, inspector: usize) -> &'static str;

    /// Whether `inspector`, which wants this path, reads this content, which is no text.
    fn claims_bytes(&self, _inspector: usize, _path: &str, _bytes: &[u8]) -> bool {
        false
    }

    /// Whether it takes any text at all, whatever its name, so that a binary file is no loss to it.
    fn takes_any(&self, _inspector: usize) -> bool {
        false
    }
}

/// Everything there is to judge, and everything that was passed over.
#[derive(Debug)]
pub struct Loaded {
    /// Where the paths start.
    pub root: Root,
    /// The texts, sorted by path; a [`SourceId`] is an index into this list.
    pub sources: Vec<Source>,
    /// For each source the inspectors that claim it, at least one.
    pub claims: Vec<Vec<usize>>,
    /// For each source what shows its role; nothing shows production.
    pub evidence: Vec<Option<Evidence>>,
    /// What is not judged, and need not be; sorted by path.
    pub skipped: Vec<Skipped>,
    /// What should have been judged and could not be read, sorted by path.
    pub unread: Vec<Unread>,
    /// Which files there are, read or not.
    pub inventory: Inventory,
}

impl Loaded {
    /// Adds what a target showed; `claims` are the inspectors that read it.
    pub fn add_transcript(&mut self, endpoint: Endpoint, text: impl Into<SharedText>, claims: Vec<usize>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let origin = Origin::Endpoint(endpoint);
        self.sources.push(Source::new(id, origin, Encoding::Utf8, Role::Production, text));
        self.claims.push(claims);
        self.evidence.push(None);
        id
    }

    /// Adds one of seaworthy's own files, so that findings can stand in it; nobody claims it. A file that is judged
    /// anyway stays as it is.
    pub fn add_own(&mut self, path: &str, text: &str) -> SourceId {
        if let Some(source) = self.sources.iter().find(|source| source.path() == path) {
            return source.id;
        }
        self.append_own(path, text)
    }

    /// [`Loaded::add_own`] for a file that is not among the sources.
    pub fn append_own(&mut self, path: &str, text: &str) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let origin = Origin::File(path.into());
        self.sources.push(Source::new(id, origin, Encoding::Utf8, Role::Production, text));
        self.claims.push(Vec::new());
        self.evidence.push(None);
        id
    }
}

/// A file, or a whole folder (its path ends in `/`), that is not judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Relative to the root.
    pub path: String,
    /// Why.
    pub reason: Skip,
}

/// Why something is not judged. None of these costs points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// No inspector reads this kind of file.
    NoInspector,
    /// Somebody else's, copied in.
    Vendored,
    /// Another repository.
    Submodule,
    /// Written by a program.
    Generated,
    /// Not text.
    Binary,
    /// The policy leaves it out.
    Excluded,
    /// `.gitignore` names it, and git does not track it.
    Ignored,
    /// A link to something that is looked at, or passed over, where it lies.
    Link,
    /// A link to something outside the root.
    LinkOutside,
    /// A link that leads nowhere, or in a circle.
    LinkBroken,
    /// Tracked, but not in the working tree (a sparse checkout).
    NotCheckedOut,
    /// A pipe, a socket or a device.
    NotAFile,
    /// Standard input was given under its name.
    Stdin,
    /// What servers showed, stored.
    Transcripts,
}

impl Skip {
    /// Its words in reports.
    pub fn name(self) -> &'static str {
        match self {
            Skip::NoInspector => "no inspector",
            Skip::Vendored => "vendored",
            Skip::Submodule => "submodule",
            Skip::Generated => "generated",
            Skip::Binary => "binary",
            Skip::Excluded => "excluded",
            Skip::Ignored => "ignored by git",
            Skip::Link => "symlink",
            Skip::LinkOutside => "symlink out of the root",
            Skip::LinkBroken => "broken symlink",
            Skip::NotCheckedOut => "not checked out",
            Skip::NotAFile => "not a file",
            Skip::Stdin => "given on standard input",
            Skip::Transcripts => "transcripts",
        }
    }
}

/// Something that should have been judged, wholly or in part, and could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Relative to the root; a folder ends in `/`.
    pub path: String,
    /// Why.
    pub reason: Reason,
    /// The inspectors that would have judged it; empty when nobody can know (a folder that cannot be listed).
    pub inspectors: Vec<&'static str>,
    /// The place, when the file was read in part: the rest of it is judged.
    pub span: Option<Span>,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file, relative to the root, with `/`.
    File(Utf8PathBuf),
    /// Standard input, under the name that `--stdin-filename` gave it.
    Stdin(Utf8PathBuf),
    /// What a target of the policy showed: a transcript.
    Endpoint(Endpoint),
}

/// A target of the policy, as the origin of a transcript.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// How it was spoken to.
    pub protocol: Protocol,
    /// How reports name it: `shop.example.com:443`, a name, a URL.
    pub name: String,
    /// The line of the policy that names it: where people see what is said of it.
    pub place: Span,
    /// Stands where a file has its path: `tls/shop.example.com:443.transcript`. In fingerprints, so never the policy's
    /// line.
    path: String,
}

impl Endpoint {
    /// The endpoint of that name, which `place` in the policy names.
    pub fn new(protocol: Protocol, name: impl Into<String>, place: Span) -> Self {
        let name = name.into();
        Self { protocol, path: format!("{}/{name}.transcript", protocol.name()), name, place }
    }
}

impl Origin {
    /// The path that names it within the run.
    pub fn path(&self) -> &str {
        match self {
            Origin::File(path) | Origin::Stdin(path) => path.as_str(),
            Origin::Endpoint(endpoint) => &endpoint.path,
        }
    }
}

/// How the bytes of a file became text; spans refer to the decoded text, without a byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8 without a mark.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

impl Encoding {
    /// The bytes of a file with that text.
    pub fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf8Bom => ["\u{feff}", text].concat().into_bytes(),
            Encoding::Utf16Le => {
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
            Encoding::Utf16Be => {
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
            }
        }
    }
}

/// One text. Read once; parsed once, by whoever asks first.
#[derive(Debug)]
pub struct Source {
    /// Its number within the run.
    pub id: SourceId,
    /// Where it comes from.
    pub origin: Origin,
    /// How it was decoded.
    pub encoding: Encoding,
    /// What it is for, as its path and name show.
    pub role: Role,
    text: SharedText,
    bytes: Option<Arc<[u8]>>,
    lines: OnceLock<LineIndex>,
    tree: OnceLock<Tree>,
}

/// How many bytes of text they hold altogether.
pub fn bytes(sources: &[Source]) -> usize {
    sources.iter().map(|source| source.text.len()).sum()
}

impl Source {
    /// A source with `text` already decoded and free of a byte order mark.
    pub fn new(id: SourceId, origin: Origin, encoding: Encoding, role: Role, text: impl Into<SharedText>) -> Self {
        let text = text.into();
        Self { id, origin, encoding, role, text, bytes: None, lines: OnceLock::new(), tree: OnceLock::new() }
    }

    /// A source whose content is no text: what people see of it says only how long it is.
    pub fn binary(id: SourceId, origin: Origin, role: Role, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let text = format!("(binary, {} bytes)\n", bytes.len());
        Self { bytes: Some(bytes), ..Self::new(id, origin, Encoding::Utf8, role, text) }
    }

    /// The content of a file that is no text; `None` for a text.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_deref()
    }

    /// The decoded text: for readers (`syntax`, `detect`, `inspect`, `mask`) only; people see it through `mask::quote`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The path that names it within the run.
    pub fn path(&self) -> &str {
        self.origin.path()
    }

    /// The endpoint that it shows, when it is a transcript.
    pub fn endpoint(&self) -> Option<&str> {
        match &self.origin {
            Origin::Endpoint(endpoint) => Some(&endpoint.name),
            Origin::File(_) | Origin::Stdin(_) => None,
        }
    }

    /// Where people see `span`: there, and for a transcript on the line of the policy that names its target.
    pub fn shown(&self, span: Span) -> Span {
        match &self.origin {
            Origin::Endpoint(endpoint) => endpoint.place,
            Origin::File(_) | Origin::Stdin(_) => span,
        }
    }

    /// The whole text's span.
    pub fn whole(&self) -> Span {
        Span::new(self.id, 0..self.text.len())
    }

    /// The line index, made on first use.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of the byte at `offset`.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }

    /// The text as a data tree (YAML, JSON or TOML by its name), parsed on first use.
    pub fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| crate::syntax::read(self.id, self.path(), self.text.clone()))
    }
}
