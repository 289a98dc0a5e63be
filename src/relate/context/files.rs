//! What COPY and ADD take from the context, held against the files that are there and against the ignore file.

use super::said::Taken;
use super::{Build, ContextSource, FolderCopy, IgnoreFiles};
use crate::fact::{Fact, Value};
use crate::inspect::dockerfile::facts::copy::names_secret_file;
use crate::inspect::dockerignore::document::{Document, Verdict};
use crate::inspect::dockerignore::glob::Glob;
use crate::path::{self, below, within};
use crate::source::{Inventory, Presence, Source, role_of_path};

mod missing;

/// Files of one folder that are looked at.
const MOST_FILES: usize = 50_000;
/// Files with secrets that are named.
const MOST_NAMED: usize = 5;

/// Whether what is copied is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    There,
    /// It is not, and nothing makes it; with what was probably meant.
    Missing(Option<String>),
    /// It may be made before the build.
    Unseen,
}

/// Whether `path` (tidy, with wildcards) is in `context`.
pub(super) fn look(context: &str, path: &str, inventory: &Inventory) -> Found {
    if path.is_empty() {
        return Found::There;
    }
    let Some(wild) = path.find(['*', '?', '[']) else {
        return match inventory.lookup(&within(context, path)) {
            Presence::File { .. } | Presence::Folder => Found::There,
            Presence::Absent => missing::judge(context, path, inventory),
            Presence::Unseen => Found::Unseen,
        };
    };
    let start = path.get(..wild).and_then(|start| start.rsplit_once('/')).map_or("", |(folder, _)| folder);
    let Ok(glob) = Glob::new(path) else { return Found::Unseen };
    let start = within(context, start);
    let matched = |path: &str| below(path, context).is_some_and(|path| glob.matches_at_or_above(path));
    let entries = inventory.in_dir(start.trim_end_matches('/'));
    let there = entries.iter().take(MOST_FILES).any(|entry| matched(&entry.path));
    if there { Found::There } else { Found::Unseen }
}

/// States the facts of one build.
pub(super) fn relate<'s>(
    build: &Build<'s>,
    ignores: &IgnoreFiles<'s>,
    inventory: &Inventory,
    found: &mut Vec<Fact<'s>>,
) {
    let dockerfile = build.said.source.path();
    for taken in &build.said.taken {
        let Some(tidy) = taken.tidy() else { continue };
        let seen: Vec<Seen<'_, 's>> = build
            .contexts
            .iter()
            .map(|context| Seen { context, ignore: ignores.that_counts(dockerfile, context), inventory })
            .collect();
        if taken.is_specific() && !seen.is_empty() {
            found.push(source_fact(taken, &tidy, &seen));
        }
        // Several contexts are several images: of the first that is named, what it copies is told.
        if let Some(first) = seen.first() {
            found.extend(first.folder_fact(build, taken, &tidy));
        }
    }
}

/// A context with what keeps files from it.
struct Seen<'a, 's> {
    context: &'a str,
    ignore: Option<&'a (&'s Source, Document<'s>)>,
    inventory: &'a Inventory,
}

fn source_fact<'s>(taken: &Taken, tidy: &str, seen: &[Seen<'_, 's>]) -> Fact<'s> {
    let span = taken.span;
    let looked: Vec<Found> = seen.iter().map(|one| look(one.context, tidy, one.inventory)).collect();
    let missing = looked.iter().all(|one| matches!(one, Found::Missing(_)));
    let near = looked.iter().find_map(|one| match one {
        Found::Missing(near) => near.clone(),
        _ => None,
    });
    let patterns: Vec<Option<&str>> = seen.iter().map(|one| one.pattern(tidy)).collect();
    let ignored = !patterns.is_empty() && patterns.iter().all(Option::is_some);
    let pattern = patterns.into_iter().flatten().next().filter(|_| ignored);
    let first = seen.first();
    let text = |text: Option<String>| text.map_or(Value::absent(span), |text| Value::str(text, span));
    let fact = ContextSource {
        path: text(taken.path.clone()),
        keyword: Value::str(taken.keyword, span),
        context: text(first.map(|one| if one.context.is_empty() { "." } else { one.context }.to_owned())),
        is_missing: Value::bool(missing, span),
        near: text(near),
        is_ignored: Value::bool(ignored, span),
        pattern: text(pattern.map(str::to_owned)),
        ignore_file: text(first.and_then(|one| one.ignore).map(|(source, _)| source.path().to_owned())),
    };
    fact.fact(span, taken.object.clone(), taken.role)
}

impl<'s> Seen<'_, 's> {
    /// The files of the context below `folder` (tidy), each from the context on.
    fn files(&self, folder: &str) -> impl Iterator<Item = &str> {
        let entries = self.inventory.in_dir(&within(self.context, folder));
        entries.iter().take(MOST_FILES).filter_map(|entry| below(&entry.path, self.context))
    }

    /// The pattern that keeps all of `path` (tidy, with wildcards) from the builder.
    fn pattern(&self, path: &str) -> Option<&str> {
        let (_, document) = self.ignore?;
        if !document.is_usable() {
            return None;
        }
        let text = |index: usize| document.patterns.get(index).map(|pattern| pattern.text);
        if path.contains(['*', '?', '[']) {
            let glob = Glob::new(path).ok()?;
            let mut matched = self.files("").filter(|file| glob.matches(file)).peekable();
            let Verdict::Excluded(first) = document.verdict(matched.peek()?) else { return None };
            return if matched.all(|file| document.excludes(file)) { text(first) } else { None };
        }
        let Verdict::Excluded(index) = document.verdict(path) else { return None };
        let mut inside = self.files(path).filter(|file| *file != path).peekable();
        let all = if inside.peek().is_some() {
            inside.all(|file| document.excludes(file))
        } else {
            !document.may_take_back_below(path, index)
        };
        if all { text(index) } else { None }
    }

    /// What a copied folder brings along; `None` for what is no folder, or not known.
    fn folder_fact(&self, build: &Build<'s>, taken: &Taken, tidy: &str) -> Option<Fact<'s>> {
        let is_whole = tidy.is_empty();
        let folder = within(self.context, tidy);
        let folder = folder.trim_end_matches('/');
        if tidy.contains(['*', '?', '[']) || (!is_whole && self.inventory.lookup(folder) != Presence::Folder) {
            return None;
        }
        let document = self.ignore.map(|(_, document)| document).filter(|document| document.is_usable());
        let excluded = |path: &str| document.is_some_and(|document| document.excludes(path));
        let span = taken.span;
        let secret = |file: &&str| holds_secrets(file) && !excluded(file) && role_of_path(file).0.is_shipped();
        let secrets: Vec<Value<'s>> =
            self.files(tidy).filter(secret).take(MOST_NAMED).map(|file| Value::str(file.to_owned(), span)).collect();
        let mut files = self.files(tidy).peekable();
        let emptied = document.filter(|_| files.peek().is_some() && self.files(tidy).all(excluded));
        let pattern = emptied.and_then(|document| {
            let first = self.files(tidy).next()?;
            let Verdict::Excluded(index) = document.verdict(first) else { return None };
            document.patterns.get(index).map(|pattern| pattern.text.to_owned())
        });
        let path = |value: String| Value::str(value, span);
        let fact = FolderCopy {
            path: path(taken.path.clone().unwrap_or_default()),
            is_whole: Value::bool(is_whole, span),
            dockerfile: path(build.said.source.path().to_owned()),
            has_ignore_file: Value::bool(self.ignore.is_some(), span),
            ignore_file: path(match self.ignore {
                Some((source, _)) => source.path().to_owned(),
                None => within(self.context, ".dockerignore"),
            }),
            is_shipped: Value::bool(taken.is_shipped, span),
            secrets: Value::list(secrets, span),
            carries: Value::list(self.carries(build, tidy, &excluded, span), span),
            leaves_something: Value::bool(pattern.is_none(), span),
            pattern: pattern.map_or(Value::absent(span), path),
        };
        Some(fact.fact(span, taken.object.clone(), taken.role))
    }

    /// Folders that no image needs, present or sure to be there on the machine of whoever works with the sources.
    fn carries(
        &self,
        build: &Build<'s>,
        tidy: &str,
        excluded: &dyn Fn(&str) -> bool,
        span: crate::span::Span,
    ) -> Vec<Value<'s>> {
        // A folder that git ignores is there on the machine of whoever works with what lies beside it.
        const MADE: [(&str, &[&str]); 5] = [
            ("node_modules", &["package.json"]),
            ("target", &["Cargo.toml", "pom.xml"]),
            (".venv", &["uv.lock", "poetry.lock"]),
            (".next", &["next.config.js", "next.config.mjs", "next.config.ts"]),
            ("venv", &[]),
        ];
        let at = |name: &str| within(tidy, name);
        let there = |name: &str| self.inventory.contains(&within(self.context, name));
        let git = tidy.is_empty()
            && self.context.is_empty()
            && self.inventory.has_repository()
            && !build.said.uses_git
            && !excluded(".git");
        let made = MADE.iter().filter(|(name, beside)| {
            let path = at(name);
            let whole = within(self.context, &path);
            let tracked = self.inventory.in_dir(&whole).iter().any(|entry| entry.tracked);
            let comes = self.inventory.ignored(&whole) && beside.iter().any(|file| there(&at(file)));
            !excluded(&path) && !tracked && (there(&path) || comes)
        });
        let names = git.then_some(".git").into_iter().map(str::to_owned).chain(made.map(|(name, _)| at(name)));
        names.map(|name| Value::str(name, span)).collect()
    }
}

/// Files with secrets by their names; what a dotenv file holds is read and judged elsewhere.
fn holds_secrets(path: &str) -> bool {
    let name = path::file_name(path);
    names_secret_file(path) && !name.starts_with(".env")
}
