//! Dockerfile ↔ build context ↔ ignore file: which files a build sees, what it copies of them, and what it leaves out.
//! Where it cannot be told which folder is the context, nothing is said.

mod bake;
mod evidence;
mod files;
mod ignored;
pub mod own;
mod place;
mod rights;
mod said;
mod secrets;
mod series;
pub mod start;
mod twin;

use std::collections::BTreeMap;

use crate::fact::{Fact, Subject, Type};
use crate::inspect::dockerignore::document::Document;
use crate::inspect::dockerignore::read;
use crate::path::within;
use crate::relate::{Around, Relation};
use crate::source::{Inventory, Source};

use said::Said;
pub(super) use twin::settle;

crate::subject! {
    /// A source of COPY or ADD that comes from the build context, where it can be told which folder that is; stands on it.
    pub struct ContextSource: "dockerfile.contextSource" {
        /// As written, variables filled in.
        path: Type::String,
        /// COPY or ADD.
        keyword: Type::String,
        /// The folder that the build sees, from the root; `.` is the root.
        context: Type::String,
        /// Whether it is surely not there: nothing of that name, and nothing that may be made before the build; points to it.
        is_missing: Type::Bool,
        /// What was probably meant; absent when nothing is like it.
        near: Type::String,
        /// Whether the ignore file keeps it from the builder; points to it.
        is_ignored: Type::Bool,
        /// The pattern that does; absent when none does.
        pattern: Type::String,
        /// The ignore file; absent without one.
        ignore_file: Type::String,
    }

    /// A source of COPY or ADD whose name says that it holds secrets; stands on it.
    pub struct SecretFile: "dockerfile.secretFile" {
        /// As written, variables filled in.
        path: Type::String,
        /// Whether the layers of its stage ship.
        is_shipped: Type::Bool,
        /// Whether it may: it is not here to be read, is no dotenv file, or sets a password, a token or a key; points to it.
        may_hold_secrets: Type::Bool,
    }

    /// A COPY or ADD of a whole folder of the build context; stands on that source.
    pub struct FolderCopy: "dockerignore.copy" {
        /// As written, variables filled in.
        path: Type::String,
        /// Whether it is the whole context.
        is_whole: Type::Bool,
        /// The Dockerfile.
        dockerfile: Type::String,
        /// Whether an ignore file counts for the build.
        has_ignore_file: Type::Bool,
        /// Where it is, or where one should be.
        ignore_file: Type::String,
        /// Whether the layers ship.
        is_shipped: Type::Bool,
        /// Files with keys, tokens and passwords by their names, dotenv files apart, that are copied along; each points to
        /// the source.
        secrets: Type::List(&Type::String),
        /// Folders that no image needs and that are copied along: `.git`, installed packages, caches.
        carries: Type::List(&Type::String),
        /// Whether the ignore file leaves anything of it; points to the source.
        leaves_something: Type::Bool,
        /// The pattern that leaves nothing; absent when something is left.
        pattern: Type::String,
    }

    /// An ignore file; stands at its beginning.
    pub struct IgnoreFile: "dockerignore.file" {
        /// Its path, from the root.
        path: Type::String,
        /// Whether any build reads it; points to its beginning.
        is_read: Type::Bool,
        /// What is read in its place; absent when nothing is.
        read_instead: Type::String,
    }

    /// A pattern of an ignore file, held against the files of its context; stands on it.
    pub struct Match: "dockerignore.match" {
        /// As written.
        text: Type::String,
        /// Whether it matches anything that is there; points to it.
        matches: Type::Bool,
        /// What is copied along because the pattern only holds at the top of the context; absent when nothing is.
        misses: Type::String,
    }
}

/// What Dockerfiles, contexts and ignore files are to one another.
#[derive(Debug)]
pub struct Contexts;

impl Relation for Contexts {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            ContextSource::SUBJECT,
            SecretFile::SUBJECT,
            FolderCopy::SUBJECT,
            IgnoreFile::SUBJECT,
            Match::SUBJECT,
            start::Start::SUBJECT,
            own::Pull::SUBJECT,
        ]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["compose", "dockerfile", "dockerignore", "env", "kubernetes", "secrets"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let dockerfiles = said::dockerfiles(sources, facts);
        let ignores = IgnoreFiles::of(sources);
        if dockerfiles.is_empty() && ignores.by_path.is_empty() {
            return Vec::new();
        }
        let builds = builds(sources, dockerfiles, around.inventory);
        let mut found = Vec::new();
        for build in &builds {
            files::relate(build, &ignores, around.inventory, &mut found);
        }
        secrets::relate(sources, facts, &builds, &mut found);
        let composed = evidence::composed(sources, around.inventory);
        start::relate(sources, facts, &composed, &mut found);
        own::relate(sources, facts, &composed.images, &mut found);
        ignored::relate(&builds, &ignores, around.inventory, &mut found);
        found
    }
}

/// A Dockerfile with the folders that it is built from.
struct Build<'s> {
    said: Said<'s>,
    /// From the root; `""` is the root. Empty when it cannot be told.
    contexts: Vec<String>,
}

/// Every Dockerfile with its contexts.
fn builds<'s>(sources: &'s [Source], dockerfiles: Vec<Said<'s>>, inventory: &Inventory) -> Vec<Build<'s>> {
    let evidence = evidence::of(sources, inventory);
    let build = |said: Said<'s>| {
        let contexts = place::contexts(&said, evidence.get(said.source.path()), inventory);
        Build { said, contexts }
    };
    dockerfiles.into_iter().map(build).collect()
}

/// The ignore files, by path.
struct IgnoreFiles<'s> {
    by_path: BTreeMap<&'s str, (&'s Source, Document<'s>)>,
}

impl<'s> IgnoreFiles<'s> {
    fn of(sources: &'s [Source]) -> Self {
        let mut by_path = BTreeMap::new();
        for source in sources {
            let path = source.path();
            if path.ends_with(".dockerignore") || path.ends_with(".containerignore") {
                by_path.insert(path, (source, read::read(source.text())));
            }
        }
        Self { by_path }
    }

    /// The one that counts for `dockerfile` in `context`.
    fn that_counts(&self, dockerfile: &str, context: &str) -> Option<&(&'s Source, Document<'s>)> {
        candidates(dockerfile, context).iter().find_map(|path| self.by_path.get(path.as_str()))
    }
}

/// The ignore file that counts for a Dockerfile in a folder: its text understood.
pub(super) fn ignore_file<'s>(sources: &'s [Source], dockerfile: &str, context: &str) -> Option<Document<'s>> {
    let find = |path: &String| {
        let index = sources.binary_search_by(|source| source.path().cmp(path)).ok();
        index.and_then(|index| sources.get(index)).or_else(|| sources.iter().rev().take(8).find(|s| s.path() == path))
    };
    candidates(dockerfile, context).iter().find_map(find).map(|source| read::read(source.text()))
}

/// Where the ignore file of a Dockerfile in a context may lie, the one that counts first: its own, else the common one.
fn candidates(dockerfile: &str, context: &str) -> [String; 3] {
    let common = |name| within(context, name);
    [format!("{dockerfile}.dockerignore"), common(".dockerignore"), common(".containerignore")]
}

#[cfg(test)]
mod tests;
