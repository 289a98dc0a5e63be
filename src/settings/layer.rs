//! Policy files as they are found, named and built on one another: each a [`Layer`], weakest first.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::policy::{PolicyFile, SCHEMA};
use crate::error::{Error, Mistake, Mistakes};
use crate::path;
use crate::source::{Root, find_upwards, read_own};
use crate::span::SourceId;
use crate::syntax::de::{self, Spanned};
use crate::syntax::suggest::suggest;
use crate::syntax::tree::Dialect;

/// The names under which a policy is found.
pub const NAMES: [&str; 3] = ["seaworthy.yaml", "seaworthy.yml", "seaworthy.toml"];

/// Policies that come with the program.
pub const BUILTIN: [(&str, &str); 3] = [
    ("recommended", include_str!("../../policies/recommended.yaml")),
    ("production", include_str!("../../policies/production.yaml")),
    ("strict", include_str!("../../policies/strict.yaml")),
];

/// How many files may build on one another.
const MAX_LAYERS: usize = 32;

/// One policy file.
#[derive(Debug, Clone)]
pub struct Layer {
    /// How people know it: its path from the root, or `builtin:strict`.
    pub name: String,
    /// Its text.
    pub text: Arc<str>,
    /// What it says; what is wrong in it is left out.
    pub file: PolicyFile,
    /// The folder that its paths start from, relative to the root, with `/`; empty for the root.
    pub folder: String,
    /// Whether the operator named it (`--policy`), so that its locks count.
    pub is_operators: bool,
}

/// All layers of a run, and everything wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// The layers as they were read; the source of a [`Spanned`] value is an index into this list.
    pub list: Vec<Layer>,
    /// The layers from the weakest to the strongest.
    pub order: Vec<usize>,
    /// Mistakes by layer.
    pub mistakes: Vec<(usize, Mistake)>,
    /// Files that could not be read at all.
    pub errors: Vec<Error>,
    stack: Vec<PathBuf>,
}

impl Layer {
    /// Its name in reports: a path outside of the root is shown by its last part, as reports name no folder of the
    /// machine.
    pub fn shown(&self) -> &str {
        let inside = !self.name.starts_with('/') && !self.name.contains(":\\");
        if inside { &self.name } else { self.name.rsplit(['/', '\\']).next().unwrap_or_default() }
    }

    /// Whether it switches any rule.
    pub fn has_rules(&self) -> bool {
        let file = &self.file;
        !file.rules.is_empty() || !file.overrides.is_empty() || !file.environments.is_empty()
    }
}

impl Layers {
    /// The strongest policy that is not built in.
    pub fn own(&self) -> Option<&Layer> {
        self.order
            .iter()
            .rev()
            .filter_map(|index| self.list.get(*index))
            .find(|layer| !layer.name.starts_with("builtin:"))
    }

    /// The name of the strongest policy.
    pub fn strongest(&self) -> &str {
        self.own()
            .map_or_else(|| self.list.first().map_or("", |layer| layer.name.as_str()), |layer| layer.name.as_str())
    }

    /// Identifies the policy: the first 16 hex digits of the SHA-256 of all its files, weakest first.
    pub fn digest(&self) -> String {
        self.whole_digest().chars().take(16).collect()
    }

    /// The SHA-256 of all its files, weakest first, in hex.
    pub fn whole_digest(&self) -> String {
        let mut digest = Sha256::new();
        for layer in self.order.iter().filter_map(|index| self.list.get(*index)) {
            digest.update(layer.name.as_bytes());
            digest.update([0]);
            digest.update(layer.text.as_bytes());
            digest.update([0]);
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The built-in profile: the strongest built-in policy.
    pub fn profile(&self) -> &str {
        let names = self.order.iter().rev().filter_map(|index| self.list.get(*index)?.name.strip_prefix("builtin:"));
        names.into_iter().next().unwrap_or("recommended")
    }

    /// The built-in profile.
    pub fn add_builtin(&mut self, name: &str) -> bool {
        let Some((_, text)) = BUILTIN.iter().find(|(known, _)| *known == name) else { return false };
        let index = self.read(format!("builtin:{name}"), (*text).into(), String::new(), false);
        self.order.push(index);
        true
    }

    /// The file at `path` after everything that it extends. `root` bounds what it may name.
    pub fn add_file(&mut self, root: &Root, path: &Path, is_operators: bool) {
        match read_own(path) {
            Ok(text) => self.add_text(root, path, text.into(), is_operators),
            Err(error) => self.errors.push(error),
        }
    }

    /// [`Layers::add_file`] with its text at hand.
    pub fn add_text(&mut self, root: &Root, path: &Path, text: Arc<str>, is_operators: bool) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let below = path.strip_prefix(root.path()).ok().map(slashed);
        let folder =
            below.as_deref().and_then(|below| below.rsplit_once('/')).map_or("", |(folder, _)| folder).to_owned();
        let name = below.unwrap_or_else(|| path.to_string_lossy().into_owned());
        let index = self.read(name, text, folder, is_operators);
        self.stack.push(path.clone());
        for extended in self.list[index].file.extends.clone() {
            if let Err(mistake) = self.extend(root, &path, &extended) {
                self.mistakes.push((index, mistake));
            }
        }
        self.stack.pop();
        self.order.push(index);
    }

    /// A policy whose text is at hand, without what it builds on.
    pub(super) fn add_alone(&mut self, name: &str, text: Arc<str>) {
        let index = self.read(name.to_owned(), text, String::new(), false);
        self.order.push(index);
    }

    /// Reads a layer without what it builds on; its number.
    fn read(&mut self, name: String, text: Arc<str>, folder: String, is_operators: bool) -> usize {
        let index = self.list.len();
        let (file, mistakes) = parse(&name, Arc::clone(&text), index);
        self.mistakes.extend(mistakes.into_iter().map(|mistake| (index, mistake)));
        self.list.push(Layer { name, text, file, folder, is_operators });
        index
    }

    /// [`Layers::add_text`] for files that do not lie on a disk: `read` knows them by their path from the root.
    pub fn add_virtual(&mut self, read: &dyn Fn(&str) -> Option<String>, path: String, text: Arc<str>) {
        let folder = path::folder(&path).to_owned();
        let index = self.read(path.clone(), text, folder.clone(), false);
        self.stack.push(PathBuf::from(&path));
        for word in self.list[index].file.extends.clone() {
            if let Err(message) = self.extend_virtual(read, &folder, &word) {
                self.mistakes.push((index, Mistake::new(message, word.span.range())));
            }
        }
        self.stack.pop();
        self.order.push(index);
    }

    fn extend_virtual(
        &mut self,
        read: &dyn Fn(&str) -> Option<String>,
        folder: &str,
        word: &str,
    ) -> Result<(), String> {
        if let Some(name) = word.strip_prefix("builtin:") {
            return if self.add_builtin(name) { Ok(()) } else { Err(format!("there is no built-in policy `{name}`")) };
        }
        let path = crate::path::join(folder, word).ok_or_else(|| format!("`{word}` lies outside of the repository"))?;
        if self.stack.contains(&PathBuf::from(&path)) || self.list.len() + self.stack.len() >= MAX_LAYERS {
            return Err(format!("`{word}` builds on this file, or too many files on one another"));
        }
        let text = read(&path).ok_or_else(|| format!("`{word}` does not exist"))?;
        self.add_virtual(read, path, text.into());
        Ok(())
    }

    fn extend(&mut self, root: &Root, from: &Path, word: &Spanned<String>) -> Result<(), Mistake> {
        let mistake = |message: String| Mistake::new(message, word.span.range());
        if let Some(name) = word.strip_prefix("builtin:") {
            if self.add_builtin(name) {
                return Ok(());
            }
            let names = BUILTIN.iter().map(|(name, _)| *name);
            let close = suggest(name, names).map(|close| format!("did you mean `builtin:{close}`?"));
            let help =
                close.unwrap_or_else(|| "there are builtin:recommended, builtin:production and builtin:strict".into());
            return Err(mistake(format!("there is no built-in policy `{name}`")).help(help));
        }
        if word.contains("://") {
            return Err(mistake("a policy builds only on files of the repository".into()));
        }
        let path = from.parent().unwrap_or(Path::new("")).join(word.as_str());
        let real = path.canonicalize().map_err(|_| mistake(format!("`{}` does not exist", word.value)))?;
        if !real.starts_with(root.path()) {
            return Err(mistake(format!("`{}` lies outside of the repository", word.value)));
        }
        if self.stack.contains(&real) {
            return Err(mistake(format!("`{}` builds on this file: a circle", word.value)));
        }
        if self.list.len() + self.stack.len() >= MAX_LAYERS {
            return Err(mistake(format!("more than {MAX_LAYERS} policies build on one another")));
        }
        self.add_file(root, &real, false);
        Ok(())
    }

    /// Everything that is wrong, as one error.
    pub fn error(&self) -> Option<Error> {
        let mut errors = self.errors.clone();
        for (index, layer) in self.list.iter().enumerate() {
            let list =
                self.mistakes.iter().filter(|(at, _)| *at == index).map(|(_, mistake)| mistake.clone()).collect();
            errors.extend(Mistakes::new(&layer.name, Arc::clone(&layer.text), list).map(Error::from));
        }
        Error::from_many(errors)
    }
}

/// The policy of the repository: in the nearest folder that has one, from the PATHs up to the root.
///
/// # Errors
/// Two policies in one folder.
pub fn find(root: &Root) -> Result<Option<PathBuf>, Error> {
    let mut found = find_upwards(root, &NAMES);
    if found.len() > 1 {
        let names: Vec<String> = found.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Error::usage(
            format!("there are two policies: {}", names.join(" and ")),
            Some("keep one of them".into()),
        ));
    }
    Ok(found.pop())
}

/// Reads layer `number`; what is wrong is left out of it and told.
fn parse(name: &str, text: Arc<str>, number: usize) -> (PolicyFile, Vec<Mistake>) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    let tree = crate::syntax::read(SourceId(number), name, (&*text).into());
    let mut mistakes: Vec<Mistake> =
        tree.problems.iter().map(|problem| Mistake::new(&*problem.message, problem.span.range())).collect();
    let Some(root) = tree.documents(Dialect::Core).next() else { return (PolicyFile::default(), mistakes) };
    if root.is_null() {
        return (PolicyFile::default(), mistakes);
    }
    let (file, errors) = de::read_node::<PolicyFile>(root);
    mistakes.extend(
        errors.into_iter().map(|error| Mistake { help: error.help, ..Mistake::new(error.message, error.span.range()) }),
    );
    let file = file.unwrap_or_default();
    match &file.schema {
        Some(schema) if schema.value != SCHEMA => {
            mistakes.push(Mistake::new(format!("this is not a policy of the schema `{SCHEMA}`"), schema.span.range()));
        }
        _ => {}
    }
    (file, mistakes)
}

/// A relative path with `/`.
fn slashed(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}
