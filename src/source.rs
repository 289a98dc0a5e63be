//! Texts under examination, and where they come from. The only module that reads files.

use std::sync::{Arc, OnceLock};

use camino::Utf8PathBuf;

use crate::fact::Role;
use crate::span::{LineIndex, Position, SourceId, Span};
use crate::syntax::tree::Tree;

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A file, relative to the root, with `/`.
    File(Utf8PathBuf),
    /// Standard input, under the name that `--stdin-filename` gave it.
    Stdin(Utf8PathBuf),
}

impl Origin {
    /// The path that reports show.
    pub fn path(&self) -> &str {
        match self {
            Origin::File(path) | Origin::Stdin(path) => path.as_str(),
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
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
    tree: OnceLock<Tree>,
}

impl Source {
    /// A source with `text` already decoded and free of a byte order mark.
    pub fn new(id: SourceId, origin: Origin, encoding: Encoding, role: Role, text: impl Into<Arc<str>>) -> Self {
        Self { id, origin, encoding, role, text: text.into(), lines: OnceLock::new(), tree: OnceLock::new() }
    }

    /// The decoded text: for readers (`syntax`, `detect`, `inspect`, `mask`) only; people see it through `mask::quote`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The path that reports show.
    pub fn path(&self) -> &str {
        self.origin.path()
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
        self.tree.get_or_init(|| crate::syntax::read(self.id, self.path(), Arc::clone(&self.text)))
    }
}
