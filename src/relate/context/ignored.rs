//! Ignore files: whether a build reads them, and what their patterns do to the files of their context.

use std::collections::BTreeMap;

use super::{Build, IgnoreFile, IgnoreFiles, Match};
use crate::fact::{Fact, Value};
use crate::inspect::dockerignore::document::{Document, Pattern};
use crate::inspect::dockerignore::glob::Glob;
use crate::path::{below, file_name, folder, within};
use crate::source::{Inventory, Presence, Source};
use crate::span::Span;

/// Files of a context that are looked at.
const MOST_FILES: usize = 20_000;
/// Patterns of a file that are held against them.
const MOST_PATTERNS: usize = 200;

/// States the facts.
pub(super) fn relate<'s>(
    builds: &[Build<'s>],
    ignores: &IgnoreFiles<'s>,
    inventory: &Inventory,
    found: &mut Vec<Fact<'s>>,
) {
    // (ignore file, context) → whether a build copies the whole context.
    let mut used: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    for build in builds {
        for context in &build.contexts {
            if let Some((source, _)) = ignores.that_counts(build.said.source.path(), context) {
                let whole = build.said.taken.iter().any(|taken| taken.tidy().is_some_and(|path| path.is_empty()));
                *used.entry((source.path(), context)).or_default() |= whole;
            }
        }
    }
    for (path, (source, document)) in &ignores.by_path {
        found.push(file(path, source, &used, builds, inventory));
        let mut contexts = used.range((*path, "")..).take_while(|((used, _), _)| used == path);
        if let (Some(((_, context), whole)), None) = (contexts.next(), contexts.next()) {
            let paths: Vec<&str> = inventory
                .in_dir(context)
                .iter()
                .take(MOST_FILES)
                .filter_map(|entry| below(&entry.path, context))
                .collect();
            let held = Held { source, document, context, paths: &paths, inventory, whole: *whole };
            found.extend(document.patterns.iter().take(MOST_PATTERNS).filter_map(|pattern| held.pattern(pattern)));
        }
    }
}

/// Whether a build reads the file at `path`.
fn file<'s>(
    path: &str,
    source: &'s Source,
    used: &BTreeMap<(&str, &str), bool>,
    builds: &[Build<'s>],
    inventory: &Inventory,
) -> Fact<'s> {
    let start = source.whole().at_start();
    let is_used = used.range((path, "")..).next().is_some_and(|((used, _), _)| *used == path);
    let name = file_name(path);
    let own = path.strip_suffix(".dockerignore").filter(|_| name != ".dockerignore");
    // The Dockerfiles that would read it, and what they read.
    let instead = match own {
        Some(dockerfile) => match inventory.lookup(dockerfile) {
            Presence::Absent if !dockerfile.ends_with('/') => Some(String::new()),
            _ => None,
        },
        None => {
            let here = folder(path);
            let mut theirs = builds.iter().filter(|build| build.contexts.iter().any(|context| context == here));
            let unsure = builds.iter().any(|build| build.contexts.is_empty());
            let own = |build: &Build<'_>| format!("{}.dockerignore", build.said.source.path());
            theirs.next().filter(|_| !unsure && !is_used).map(own)
        }
    };
    let read_instead = instead.clone().filter(|path| !path.is_empty());
    let fact = IgnoreFile {
        path: Value::str(path.to_owned(), start),
        is_read: Value::bool(is_used || instead.is_none(), start),
        read_instead: read_instead.map_or(Value::absent(start), |path| Value::str(path, start)),
    };
    fact.fact(start, "file", source.role)
}

/// An ignore file beside the files of its context.
struct Held<'a, 's> {
    source: &'s Source,
    document: &'a Document<'s>,
    context: &'a str,
    paths: &'a [&'a str],
    inventory: &'a Inventory,
    /// Whether a build copies the whole context.
    whole: bool,
}

impl<'s> Held<'_, 's> {
    fn pattern(&self, pattern: &Pattern<'s>) -> Option<Fact<'s>> {
        if pattern.glob.is_err() || pattern.is_exception {
            return None;
        }
        let span = Span::new(self.source.id, pattern.place.clone());
        let matches = self.paths.iter().any(|path| pattern.matches_at_or_above(path));
        let unseen =
            pattern.is_plain() && self.inventory.lookup(&within(self.context, &pattern.path)) != Presence::Absent;
        let misses = if self.whole { self.misses(pattern) } else { None };
        let fact = Match {
            text: Value::str(pattern.text, span),
            matches: Value::bool(matches || unseen || !pattern.is_plain() || pattern.path.starts_with(".git"), span),
            misses: misses.map_or(Value::absent(span), |path| Value::str(path, span)),
        };
        Some(fact.fact(span, format!("pattern {}", pattern.text), self.source.role))
    }

    /// What the pattern would match at any depth and does not, of things that are meant at any depth.
    fn misses(&self, pattern: &Pattern<'s>) -> Option<String> {
        const ANYWHERE: [&str; 16] = [
            "node_modules",
            "__pycache__",
            "*.pyc",
            "*.pyo",
            "*.py[cod]",
            ".env",
            ".env.*",
            ".env*",
            "*.log",
            ".venv",
            ".DS_Store",
            "*.pem",
            "*.key",
            "npm-debug.log",
            "*.sqlite3",
            "*.env",
        ];
        if !ANYWHERE.contains(&&*pattern.path) {
            return None;
        }
        let (wanted, made_beside) = match &*pattern.path {
            // Installed packages are seldom there when a checkout is read; where they will be, is.
            "node_modules" => ("package.json".to_owned(), true),
            path => (path.to_owned(), false),
        };
        let glob = Glob::new(&wanted).ok()?;
        let missed = |path: &&&str| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let sample = ["example", "sample", "template", "dist"].iter().any(|word| name.contains(word));
            !folder.is_empty() && glob.matches(name) && !sample && !path.contains("node_modules")
        };
        let shown = |path: &&str| match made_beside {
            true => within(folder(path), "node_modules"),
            false => (**path).to_owned(),
        };
        self.paths.iter().filter(missed).map(shown).find(|path| !self.document.excludes(path))
    }
}
