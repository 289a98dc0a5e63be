//! The checklist of a run: the built-in checklists, those of the repository and the policy's own items, as questions.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::Deserialize;

use super::layer::Layers;
use super::merge::{Policy, environments};
use super::policy::ItemSection;
use crate::checklist::Phase;
use crate::checklist::question::{Bind, Lasting, Question};
use crate::error::{Error, Mistake, Mistakes};
use crate::fact::Type;
use crate::path;
use crate::rule::catalog::Catalog;
use crate::rule::expr::{self, VarType, Variables};
use crate::rule::selector::Selector;
use crate::source::{Globs, Root, read_own};
use crate::span::SourceId;
use crate::syntax::de::{self, Spanned};
use crate::syntax::suggest::suggest;
use crate::syntax::tree::Dialect;

/// The value of `schema:` in a checklist file.
pub const SCHEMA: &str = "seaworthy/checklist/1";

/// Checklists that come with the program, in the order of time, as JSON: it is read several times faster, and every run
/// reads them. `build.rs` makes them from `policies/`.
pub static BUILTIN: [(&str, &str); 3] = include!(concat!(env!("OUT_DIR"), "/checklists.rs"));

/// A checklist file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "seaworthy checklist")]
pub struct ChecklistFile {
    /// `seaworthy/checklist/1`.
    pub schema: Option<Spanned<String>>,
    /// When its items are due, unless they say otherwise.
    pub phase: Option<Phase>,
    /// The items.
    pub items: Vec<Spanned<ItemSection>>,
}

/// Puts what `over` says over `item`.
pub(super) fn over(item: &mut ItemSection, over: ItemSection) {
    let list = |slot: &mut Vec<Spanned<String>>, over: Vec<Spanned<String>>| {
        if !over.is_empty() {
            *slot = over;
        }
    };
    item.title = over.title.or(item.title.take());
    item.phase = over.phase.or(item.phase);
    item.section = over.section.or(item.section.take());
    item.when = over.when.or(item.when.take());
    item.valid_for = over.valid_for.or(item.valid_for.take());
    item.quorum = over.quorum.or(item.quorum);
    item.independent = over.independent.or(item.independent);
    item.evidence = over.evidence.or(item.evidence);
    item.allow_not_applicable = over.allow_not_applicable.or(item.allow_not_applicable);
    item.command = over.command.or(item.command.take());
    item.signature = over.signature.or(item.signature);
    list(&mut item.required, over.required);
    list(&mut item.satisfied_by, over.satisfied_by);
    list(&mut item.paths, over.paths);
    if !over.bind.is_empty() {
        item.bind = over.bind;
    }
    if !over.roles.is_empty() {
        item.roles = over.roles;
    }
}

/// Where checklist files come from: a path from the root → its tidy path and its text, or what is wrong.
pub type Read<'r> = &'r dyn Fn(&str) -> Result<(String, String), String>;

/// Checklist files of the working tree.
pub fn on_disk(root: &Root, path: &str) -> Result<(String, String), String> {
    let real = root.path().join(path).canonicalize().map_err(|_| "does not exist".to_owned())?;
    let below = real.strip_prefix(root.path()).map_err(|_| "lies outside of the repository".to_owned())?;
    let text = read_own(&real).map_err(|error| format!("cannot be read: {error}"))?;
    Ok((below.to_string_lossy().replace('\\', "/"), text))
}

/// What the checklist asks. The built-in questions are read when somebody looks at them.
#[derive(Debug, Default, Clone)]
pub enum Questions {
    /// Those of the built-in checklists, with nothing added.
    #[default]
    Builtin,
    /// Those of this run.
    Own(Vec<Question>),
}

impl Deref for Questions {
    type Target = [Question];

    fn deref(&self) -> &[Question] {
        static BUILT_IN: LazyLock<Vec<Question>> =
            LazyLock::new(|| read(&mut Layers::default(), &Policy::default(), &|_| Err("does not exist".to_owned())));
        match self {
            Questions::Builtin => &BUILT_IN,
            Questions::Own(list) => list,
        }
    }
}

/// Every question of the run, in the order of its checklists; a mistake in a policy goes to its layer.
pub fn questions(layers: &mut Layers, policy: &Policy, of: Read<'_>) -> Questions {
    if policy.checklists.is_empty() && policy.items.is_empty() && policy.people.is_empty() {
        return Questions::Builtin;
    }
    Questions::Own(read(layers, policy, of))
}

fn read(layers: &mut Layers, policy: &Policy, read: Read<'_>) -> Vec<Question> {
    let mut reading = Reading { layers, policy, read, items: Vec::new() };
    if policy.checklists.is_empty() {
        for (name, text) in BUILTIN {
            reading.file(&format!("builtin:{name}"), text, "");
        }
    }
    for word in &policy.checklists {
        reading.extend(word);
    }
    for own in &policy.items {
        reading.own(own);
    }
    reading.questions()
}

/// An item with the layer that its places point into (`None`: a checklist file, whose places were checked) and the
/// folder that its paths start from.
struct Collected {
    item: ItemSection,
    layer: Option<usize>,
    at: std::ops::Range<usize>,
    folder: String,
}

struct Reading<'a> {
    layers: &'a mut Layers,
    policy: &'a Policy,
    read: Read<'a>,
    items: Vec<Collected>,
}

impl Reading<'_> {
    fn wrong(&mut self, layer: Option<usize>, mistake: Mistake) {
        match layer {
            Some(layer) => self.layers.mistakes.push((layer, mistake)),
            None => self.layers.errors.push(Error::usage(mistake.message, mistake.help)),
        }
    }

    fn extend(&mut self, word: &Spanned<String>) {
        let layer = word.span.source.0 as usize;
        let mistake = |message: String| Mistake::new(message, word.span.range());
        if let Some(name) = word.strip_prefix("builtin:") {
            match BUILTIN.iter().find(|(known, _)| *known == name) {
                Some((_, text)) => self.file(word, text, ""),
                None => {
                    let names = BUILTIN.map(|(name, _)| name);
                    let close = suggest(name, names).map(|close| format!("did you mean `builtin:{close}`?"));
                    let help = close.unwrap_or_else(|| format!("there are {}", names.join(", ")));
                    self.wrong(Some(layer), mistake(format!("there is no built-in checklist `{name}`")).help(help));
                }
            }
            return;
        }
        let folder = self.layers.list.get(layer).map_or_else(String::new, |layer| layer.folder.clone());
        if word.contains("://") {
            let mistake = mistake("a checklist builds only on files of the repository".into());
            return self.wrong(Some(layer), mistake);
        }
        let path = if folder.is_empty() { word.value.clone() } else { format!("{folder}/{}", word.value) };
        match (self.read)(&path) {
            Err(why) => self.wrong(Some(layer), mistake(format!("`{}` {why}", word.value))),
            Ok((name, text)) => {
                let folder = path::folder(&name).to_owned();
                self.file(&name, &text, &folder);
            }
        }
    }

    fn file(&mut self, name: &str, text: &str, folder: &str) {
        let (file, mut mistakes) = parse(name, text);
        for item in &file.items {
            let mut item = item.clone();
            item.value.phase = item.value.phase.or(file.phase);
            let at = item.span.range();
            if !name.starts_with("builtin:") {
                mistakes.extend(question(&item.value, &at, folder).1);
            }
            self.items.push(Collected { item: item.value, layer: None, at, folder: folder.to_owned() });
        }
        let errors = Mistakes::new(name, Arc::from(text), mistakes).map(Error::from);
        self.layers.errors.extend(errors);
    }

    fn own(&mut self, own: &Spanned<ItemSection>) {
        let layer = own.span.source.0 as usize;
        let folder = self.layers.list.get(layer).map_or_else(String::new, |layer| layer.folder.clone());
        let id = own.id.as_ref().map(|id| id.value.clone());
        match self
            .items
            .iter_mut()
            .find(|known| id.is_some() && known.item.id.as_ref().map(|id| &id.value) == id.as_ref())
        {
            Some(known) => {
                over(&mut known.item, own.value.clone());
                known.layer = Some(layer);
                known.at = own.span.range();
                known.folder = folder;
            }
            None => {
                let (item, at) = (own.value.clone(), own.span.range());
                self.items.push(Collected { item, layer: Some(layer), at, folder });
            }
        }
    }

    fn questions(mut self) -> Vec<Question> {
        let known: BTreeSet<String> = environments(self.layers).into_iter().map(str::to_owned).collect();
        let catalog = self.policy.items.iter().any(|item| !item.satisfied_by.is_empty()).then(Catalog::builtin);
        let mut questions = Vec::new();
        let mut ids = BTreeSet::new();
        let holders = Arc::new(self.policy.people.clone());
        for Collected { item, layer, at, folder } in std::mem::take(&mut self.items) {
            let (question, mut wrong) = question(&item, &at, &folder);
            let question = question.map(|question| Question { holders: Arc::clone(&holders), ..question });
            let unknown = self.unknown_command(&item, layer);
            if let Some(layer) = layer {
                wrong.extend(unknown_environments(&item, layer, &known));
                wrong.extend(
                    catalog.as_ref().map(|catalog| self.unknown_rules(&item, layer, catalog)).unwrap_or_default(),
                );
            } else {
                wrong.clear();
            }
            wrong.extend(unknown);
            if let Some(question) = &question
                && !ids.insert(question.id.clone())
            {
                wrong.push(Mistake::new(format!("`{}` is asked twice", question.id), at.clone()));
            }
            for mistake in wrong {
                self.wrong(layer, mistake);
            }
            questions.extend(question);
        }
        questions
    }

    /// A command that the policy does not have.
    fn unknown_command(&self, item: &ItemSection, layer: Option<usize>) -> Option<Mistake> {
        let name = item.command.as_ref().filter(|name| !self.policy.commands.contains_key(&name.value))?;
        let known = self.policy.commands.keys().map(String::as_str);
        let help = suggest(name, known).map(|close| format!("did you mean `{close}`?"));
        let span = if layer.is_some() { name.span.range() } else { 0..0 };
        let mistake = Mistake::new(format!("the policy has no command `{}`", name.value), span);
        Some(mistake.help(help.unwrap_or_else(|| "name it under `commands`".into())))
    }

    fn unknown_rules(&self, item: &ItemSection, layer: usize, catalog: &Catalog) -> Vec<Mistake> {
        if !self.policy.rule_dirs.is_empty() {
            return Vec::new();
        }
        let own = item.satisfied_by.iter().filter(|word| word.span.source.0 as usize == layer);
        let unknown = own.filter(|word| {
            let selector = Selector::parse(word);
            matches!(selector, Selector::Id(_) | Selector::Peer(_)) && !selector.is_known(catalog)
        });
        let mistake = |word: &Spanned<String>| {
            let close = suggest(word, catalog.ids()).map(|close| format!("did you mean `{close}`?"));
            let mistake = Mistake::new(format!("`{}` selects no rule", word.value), word.span.range());
            mistake.help(close.unwrap_or_else(|| "`seaworthy rules list` lists them all".into()))
        };
        unknown.map(mistake).collect()
    }
}

fn unknown_environments(item: &ItemSection, layer: usize, known: &BTreeSet<String>) -> Vec<Mistake> {
    let own = item.required.iter().filter(|name| name.span.source.0 as usize == layer);
    let mistake = |name: &Spanned<String>| {
        let close = suggest(name, known.iter().map(String::as_str)).map(|close| format!("did you mean `{close}`?"));
        let help = close.unwrap_or_else(|| "name it under `environments`".into());
        Mistake::new(format!("the policy has no environment `{}`", name.value), name.span.range()).help(help)
    };
    own.filter(|name| !known.contains(&name.value)).map(mistake).collect()
}

fn parse(name: &str, text: &str) -> (ChecklistFile, Vec<Mistake>) {
    let tree =
        crate::syntax::read(SourceId(0), name.strip_prefix("builtin:").map_or(name, |_| "builtin.json"), text.into());
    let mut mistakes: Vec<Mistake> =
        tree.problems.iter().map(|problem| Mistake::new(&*problem.message, problem.span.range())).collect();
    let Some(root) = tree.documents(Dialect::Core).next().filter(|root| !root.is_null()) else {
        mistakes.push(Mistake::new("the checklist is empty", 0..0));
        return (ChecklistFile::default(), mistakes);
    };
    let (file, errors) = de::read_node::<ChecklistFile>(root);
    mistakes.extend(
        errors.into_iter().map(|error| Mistake { help: error.help, ..Mistake::new(error.message, error.span.range()) }),
    );
    let file = file.unwrap_or_default();
    if let Some(schema) = file.schema.as_ref().filter(|schema| schema.value != SCHEMA) {
        mistakes.push(Mistake::new(format!("this is not a checklist of the schema `{SCHEMA}`"), schema.span.range()));
    }
    (file, mistakes)
}

/// The question that an item asks, and what is wrong with it.
fn question(item: &ItemSection, at: &std::ops::Range<usize>, folder: &str) -> (Option<Question>, Vec<Mistake>) {
    let mut wrong = Vec::new();
    let mut need = |what: &str| wrong.push(Mistake::new(format!("the item needs `{what}`"), at.clone()));
    let (id, title, phase) = (item.id.as_ref(), item.title.as_ref(), item.phase);
    if id.is_none() {
        need("id");
    }
    if title.is_none() {
        need("title");
    }
    if phase.is_none() {
        need("phase");
    }
    if let Some(id) = id.filter(|id| !is_name(id)) {
        wrong.push(Mistake::new(
            format!("`{}` is no id: write small letters, digits and `-`", id.value),
            id.span.range(),
        ));
    }
    let valid_for = item.valid_for.as_ref().map_or("release", |word| word.as_str());
    let lasting = Lasting::parse(valid_for).unwrap_or_else(|| {
        let span = item.valid_for.as_ref().map_or(0..0, |word| word.span.range());
        wrong.push(
            Mistake::new(format!("`{valid_for}` is no time"), span).help("write `30d`, `12h`, `release` or `commit`"),
        );
        Lasting::Commit
    });
    if item.quorum == Some(0) {
        wrong.push(Mistake::new("`quorum` is at least 1", at.clone()));
    }
    if item.bind.contains(&Bind::Paths) && item.paths.is_empty() {
        wrong.push(Mistake::new("`bind: [paths]` needs `paths`", at.clone()));
    }
    let paths = Globs::new(item.paths.iter().map(|path| Globs::from_folder(folder, path))).unwrap_or_else(|errors| {
        wrong.extend(errors.iter().map(|error| {
            let span = item.paths.get(error.index).map_or(0..0, |path| path.span.range());
            Mistake::new(error.to_string(), span)
        }));
        Globs::default()
    });
    let when = item.when.as_ref().and_then(|text| condition(text, &mut wrong));
    let (Some(id), Some(title), Some(phase)) = (id, title, phase) else { return (None, wrong) };
    let question = Question {
        id: id.value.clone(),
        title: title.clone(),
        phase,
        section: item.section.clone(),
        required: item.required.iter().map(|name| name.value.clone()).collect(),
        when,
        rules: item.satisfied_by.iter().map(|word| (word.value.clone(), Selector::parse(word))).collect(),
        valid_for: valid_for.to_owned(),
        lasting,
        bind: item.bind.clone(),
        paths,
        patterns: item.paths.iter().map(|path| path.value.clone()).collect(),
        folder: folder.to_owned(),
        roles: item.roles.clone(),
        quorum: item.quorum.unwrap_or(1).max(1),
        independent: item.independent.unwrap_or(false),
        evidence: item.evidence.unwrap_or_default(),
        allow_not_applicable: item.allow_not_applicable.unwrap_or(true),
        signature: item.signature.unwrap_or_default(),
        holders: Arc::new(BTreeMap::new()),
        command: item.command.as_ref().map(|name| name.value.clone()),
    };
    (Some(question), wrong)
}

fn condition(text: &Spanned<String>, wrong: &mut Vec<Mistake>) -> Option<(String, Arc<expr::Program>)> {
    let variables = Variables {
        list: vec![
            ("environment".into(), VarType::Field(Type::String)),
            ("subjects".into(), VarType::Field(Type::List(&Type::String))),
        ],
    };
    match expr::compile(text, &variables) {
        Ok(program) if program.is_condition() => Some((text.value.clone(), Arc::new(program))),
        Ok(_) => {
            wrong.push(Mistake::new("`when` is no condition: it is neither true nor false", text.span.range()));
            None
        }
        Err(mistakes) => {
            wrong.extend(mistakes.into_iter().map(|mistake| Mistake {
                help: mistake.help,
                ..Mistake::new(format!("`when`: {}", mistake.message), text.span.range())
            }));
            None
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
