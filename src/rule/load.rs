//! Rule files of the user's (and, in tests, the built-in ones): read with every mistake at its place.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::compile::RuleMistake;
use super::file::RuleFile;
use crate::error::{Error, Mistake, Mistakes};
use crate::source::{read_below, read_own};
use crate::span::SourceId;
use crate::syntax::tree::{Dialect, Node, Style, Tree};
use crate::syntax::{de, yaml};

/// A rule file that has the right shape.
#[derive(Debug)]
pub struct Loaded {
    /// Its id: the last folder and the name of the file.
    pub id: String,
    /// Where it is, as it was given.
    pub path: String,
    /// What it says.
    pub file: RuleFile,
    tree: Tree,
    text: Arc<str>,
}

/// The rule files at `path`: one file, or all `.yaml` files of a folder, each with its own mistakes.
///
/// # Errors
/// The folder cannot be read.
pub fn each(path: &Path) -> Result<Vec<Result<Loaded, Error>>, Error> {
    let shown = path.to_string_lossy();
    if path.is_dir() {
        let folder = shown.trim_end_matches('/');
        let name = path.canonicalize().ok().and_then(|real| Some(real.file_name()?.to_string_lossy().into_owned()));
        let texts = read_below(path, &[".yaml", ".yml"])?;
        let load = |(below, text): (String, String)| {
            let id = if below.contains('/') {
                below.clone()
            } else {
                format!("{}/{below}", name.as_deref().unwrap_or("own"))
            };
            parse(&id_of(&id), &format!("{folder}/{below}"), text.into())
        };
        Ok(texts.into_iter().map(load).collect())
    } else {
        let text = read_own(path)?;
        Ok(vec![parse(&id_of(&shown), &shown, text.into())])
    }
}

/// All rule files of a folder.
///
/// # Errors
/// Every mistake in any of them.
pub fn folder(path: &Path) -> Result<Vec<Loaded>, Error> {
    let (mut loaded, mut errors) = (Vec::new(), Vec::new());
    for one in each(path)? {
        match one {
            Ok(rule) => loaded.push(rule),
            Err(error) => errors.push(error),
        }
    }
    Error::from_many(errors).map_or(Ok(loaded), Err)
}

/// `…/dockerfile/image-untagged.yaml` → `dockerfile/image-untagged`.
fn id_of(path: &str) -> String {
    let stem = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    let parts: Vec<&str> = stem.rsplit('/').take(2).collect();
    parts.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// Reads the text of one rule file.
///
/// # Errors
/// Every mistake in it, with its place.
pub fn parse(id: &str, path: &str, text: Arc<str>) -> Result<Loaded, Error> {
    let tree = yaml::read(SourceId(0), (&*text).into());
    let mut mistakes: Vec<Mistake> =
        tree.problems.iter().map(|problem| Mistake::new(&*problem.message, problem.span.range())).collect();
    let root = tree.documents(Dialect::Core).next();
    let file = match root.map(de::from_node::<RuleFile>) {
        None => {
            if mistakes.is_empty() {
                mistakes.push(Mistake::new("the file is empty", 0..0));
            }
            None
        }
        Some(Ok(file)) => Some(file),
        Some(Err(errors)) => {
            mistakes.extend(
                errors
                    .into_iter()
                    .map(|error| Mistake { help: error.help, ..Mistake::new(error.message, error.span.range()) }),
            );
            None
        }
    };
    if let Some(file) = &file {
        mistakes.extend(demands(file));
    }
    match (file, Mistakes::new(path, Arc::clone(&text), mistakes)) {
        (Some(file), None) => Ok(Loaded { id: id.to_owned(), path: path.to_owned(), file, tree, text }),
        (_, Some(mistakes)) => Err(mistakes.into()),
        (None, None) => Err(Error::usage(format!("{path} holds no rule"), None)),
    }
}

/// What the type alone does not say.
fn demands(file: &RuleFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut demand = |holds: bool, message: &str| {
        if !holds {
            mistakes.push(Mistake::new(message, 0..0));
        }
    };
    demand(file.assert.is_some() == file.formats.is_empty(), "a rule has either `assert` or `formats`");
    demand(!file.why.trim().is_empty(), "`why` is missing: say what goes wrong, for the person who has to act");
    demand(!file.fix.trim().is_empty(), "`fix` is missing: say what to write instead");
    let shows_fix = file.examples.fails.iter().chain(&file.examples.passes).any(|one| one.fixed.is_some());
    demand(file.edit.is_some() || !shows_fix, "an example says what is `fixed`, and the rule has no `edit`");
    demand(
        !file.title.trim().is_empty() && file.title.chars().count() <= 80,
        "`title` is a headline of at most 80 characters",
    );
    mistakes
}

/// The mistakes of a rule that has no file at hand.
pub fn broken(id: &str, mistakes: Vec<RuleMistake>) -> Error {
    let told = mistakes
        .into_iter()
        .map(|mistake| Error::usage(format!("{id}: `{}`: {}", mistake.key, mistake.message), mistake.help));
    Error::from_many(told.collect()).unwrap_or_else(|| Error::usage(format!("{id} does not load"), None))
}

impl Loaded {
    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mistakes that compiling found, at their places in the file.
    pub fn error(&self, mistakes: Vec<RuleMistake>) -> Error {
        let root = self.tree.documents(Dialect::Core).next();
        let list = mistakes.into_iter().map(|mistake| {
            let span = root.map_or(0..0, |root| place(root, &self.text, &mistake));
            Mistake { help: mistake.help, ..Mistake::new(mistake.message, span) }
        });
        match Mistakes::new(&self.path, Arc::clone(&self.text), list.collect()) {
            Some(mistakes) => mistakes.into(),
            None => Error::usage(format!("{} does not load", self.path), None),
        }
    }
}

/// The bytes that a mistake means: within the value of its key when that stands verbatim in the file.
fn place(root: Node<'_>, text: &str, mistake: &RuleMistake) -> Range<usize> {
    let Some(node) = at_key(root, &mistake.key) else { return 0..0 };
    let whole = node.span().range();
    let Some(range) = &mistake.range else { return whole };
    let value = node.text();
    let quote = usize::from(node.style() == Style::Quoted);
    let start = whole.start + quote;
    match text.get(start..start + value.len()) {
        Some(verbatim) if verbatim == value => {
            start + range.start..start + range.end.max(range.start + 1).min(value.len())
        }
        _ => in_block(text, &whole, value, range).unwrap_or(whole),
    }
}

/// The node at `edit.changes.0.with`, else the nearest one above it that is there.
fn at_key<'t>(root: Node<'t>, key: &str) -> Option<Node<'t>> {
    let step = |node: Node<'t>, part: &str| match part.parse::<usize>() {
        Ok(index) => node.items().nth(index),
        Err(_) => node.get(part),
    };
    let mut found = None;
    for part in key.split('.') {
        match step(found.unwrap_or(root), part) {
            Some(node) => found = Some(node),
            None => break,
        }
    }
    found
}

/// The place of a range of a block scalar's value: its line is looked up among the lines of the block.
fn in_block(text: &str, whole: &Range<usize>, value: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let line_start = value.get(..range.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = value.get(line_start..)?.lines().next()?;
    let found = text.get(whole.clone())?.find(line)?;
    let start = whole.start + found + range.start - line_start;
    Some(start..(start + range.len().max(1)).min(whole.end.max(start)))
}
