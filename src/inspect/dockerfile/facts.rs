//! [`Document`] → facts. Pure: what the text shows, each with the place that shows it.

use std::collections::HashMap;
use std::sync::Arc;

use super::document::{Body, Document, Instruction, Keyword, Word};
use crate::fact::{Data, Fact, Reason, Record, Role, Value};
use crate::span::Span;

mod about;
mod command;
pub mod copy;
mod dialect;
mod entry;
mod expansion;
mod feature;
mod flags;
mod flow;
mod habit;
mod health;
mod inner;
mod instruction;
mod later;
mod layer;
mod manager;
mod pipe;
mod pitfall;
mod port;
mod purpose;
mod reference;
mod rewrite;
mod risk;
pub mod run_schema;
pub mod schema;
mod setting;
mod shell;
pub mod shell_schema;
mod shell_state;
mod stage;
mod state;
mod undo;
mod variable;

use run_schema::{Command as CommandFact, Package, Run};
use schema::{Copied, Copy, Directive, Entry, File, Image, Port, Reference, Setting, Stage};

use layer::Layer;
use state::State;

/// Stands for a part of a text that is not known.
const GAP: char = super::document::Resolved::GAP;
/// How many names are searched for one that was probably meant.
const MOST_NAMES: usize = 200;

/// How many commands of an instruction are read: what is asked of each looks through all of them.
pub(super) const MOST_COMMANDS: usize = 2_000;

/// What a document shows.
pub(super) struct Stated<'s> {
    /// In no particular order.
    pub(super) facts: Vec<Fact<'s>>,
    /// Instructions with more than [`MOST_COMMANDS`] commands: no more of them is judged.
    pub(super) cut: Vec<Span>,
}

/// Every fact that `document` shows; `role` is what the file is for.
pub(super) fn state<'s>(document: &Document<'s>, role: Role) -> Stated<'s> {
    let layers: Vec<Layer<'s>> = document.instructions.iter().map(|it| layer::read(document, it)).collect();
    let ends = state::ends(document, &layers);
    let stages = stage::records(document, &ends);
    let mut out = Out::new(document, &layers, role, stages);
    out.whole(&ends);
    out.directives();
    let mut counts = HashMap::new();
    let stale = layers.iter().rposition(command::installs_from_earlier);
    let mut now = State::before_from();
    let file_role = role;
    for (index, (instruction, layer)) in document.instructions.iter().zip(&layers).enumerate() {
        if instruction.stage.is_some_and(|stage| document.stages.get(stage).is_some_and(|stage| stage.from == index)) {
            counts.clear();
            now = state::start(document, &ends, instruction.stage);
        }
        out.role = out.role_of(instruction.stage, file_role);
        let name = instruction.line.get(instruction.keyword_place.clone()).to_ascii_uppercase();
        let count: &mut usize = counts.entry(name.clone()).or_default();
        *count += 1;
        out.path = path(document, instruction, &name, *count);
        out.feeds_later = stale.is_some_and(|last| last > index);
        out.instruction(index, instruction, &now, &ends);
        out.run(index, instruction, layer, &now);
        out.shells(instruction, layer, &now);
        now.step(document, index, instruction, layer);
    }
    let cut = document.instructions.iter().zip(&layers).filter(|(_, layer)| layer.is_cut);
    Stated { facts: out.facts, cut: cut.map(|(instruction, _)| instruction.keyword_span()).collect() }
}

/// `stage build/RUN 3`: stable when lines move.
fn path(document: &Document<'_>, instruction: &Instruction<'_>, name: &str, count: usize) -> Arc<str> {
    let stage = instruction.stage.and_then(|index| Some((index, document.stages.get(index)?)));
    match stage {
        Some((_, super::document::Stage { name: Some(stage), .. })) => format!("stage {stage}/{name} {count}").into(),
        Some((index, _)) => format!("stage {index}/{name} {count}").into(),
        None => format!("{name} {count}").into(),
    }
}

/// What has been stated so far, and what every statement needs.
struct Out<'d, 's> {
    document: &'d Document<'s>,
    /// What each instruction runs.
    layers: &'d [Layer<'s>],
    role: Role,
    stages: Vec<Arc<Record<'s>>>,
    /// What each stage is for.
    roles: Vec<Role>,
    facts: Vec<Fact<'s>>,
    /// The object path of the instruction at hand.
    path: Arc<str>,
    /// Whether an instruction further down installs from an index of packages that it does not fetch itself.
    feeds_later: bool,
    /// Whether most keywords are written in lower case.
    is_lower_file: bool,
    /// What ENV and ARG of the file set, the first of them.
    names: Vec<String>,
    /// The first stage of each name.
    first_of_name: HashMap<String, usize>,
}

impl<'d, 's> Out<'d, 's> {
    fn new(document: &'d Document<'s>, layers: &'d [Layer<'s>], role: Role, stages: Vec<Arc<Record<'s>>>) -> Self {
        let mut lower = 0;
        let mut upper = 0;
        let mut names = Vec::new();
        for instruction in document.instructions.iter().filter(|it| it.keyword != Keyword::Unknown) {
            let written = instruction.line.get(instruction.keyword_place.clone());
            lower += usize::from(written.bytes().all(|byte| byte.is_ascii_lowercase()));
            upper += usize::from(written.bytes().all(|byte| byte.is_ascii_uppercase()));
            if let (Body::Pairs { pairs, .. }, Keyword::Env | Keyword::Arg) = (&instruction.body, instruction.keyword) {
                names.extend(pairs.iter().map(|pair| pair.key.to_string()));
            }
        }
        names.truncate(MOST_NAMES);
        let mut first_of_name = HashMap::new();
        for (index, stage) in document.stages.iter().enumerate() {
            if let Some(name) = &stage.name {
                first_of_name.entry(name.clone()).or_insert(index);
            }
        }
        let path = Arc::from("");
        Self {
            document,
            layers,
            role,
            stages,
            roles: purpose::roles(document, role),
            facts: Vec::new(),
            path,
            feeds_later: false,
            is_lower_file: lower > upper,
            names,
            first_of_name,
        }
    }

    /// What a stage is for; what stands before the first is for what the file is for.
    fn role_of(&self, stage: Option<usize>, file: Role) -> Role {
        stage.and_then(|index| self.roles.get(index)).copied().unwrap_or(file)
    }

    fn whole(&mut self, ends: &[State<'s>]) {
        let document = self.document;
        let first = document.instructions.first().map(Instruction::keyword_span);
        let span = first.unwrap_or(Span::new(document.source, 0..0));
        let healthy = ends.last().and_then(|end| end.healthcheck);
        let file = File {
            is_dockerfile: Value::bool(
                document.instructions.is_empty()
                    || document.instructions.iter().any(|it| it.keyword != Keyword::Unknown),
                span,
            ),
            is_blank: Value::bool(document.instructions.is_empty(), span),
            has_stage: Value::bool(!document.stages.is_empty(), span),
            stages: Value::int(document.stages.len() as i64, span),
            has_healthcheck: Value::bool(healthy.is_some(), healthy.unwrap_or(span)),
            final_stage: self.stage_value(document.stages.len().checked_sub(1), span),
        };
        self.facts.push(file.fact(span, "file", self.role));
        for index in 0..self.stages.len() {
            self.stage(index);
        }
    }

    fn stage(&mut self, index: usize) {
        let (Some(stage), Some(record)) = (self.document.stages.get(index), self.stages.get(index)) else { return };
        let Some(from) = self.document.instructions.get(stage.from) else { return };
        let span = from.line.span(stage.name_place.clone().unwrap_or(stage.image.place.clone()));
        let path = format!("stage {}", stage.name.clone().unwrap_or_else(|| index.to_string()));
        let role = self.role_of(Some(index), self.role);
        self.facts.push(Fact { span, path: path.into(), role, record: Arc::clone(record) });
    }

    fn instruction(&mut self, index: usize, instruction: &Instruction<'s>, now: &State<'s>, ends: &[State<'s>]) {
        let more = self.about(index, instruction, now);
        self.general(index, instruction, now, more);
        self.references(instruction);
        self.images(instruction);
        match &instruction.body {
            Body::Pairs { pairs, .. } => self.settings(instruction, pairs),
            Body::Words { words, .. } => match instruction.keyword.name() {
                "COPY" | "ADD" => self.copy(index, instruction, words, now, ends),
                "EXPOSE" => self.ports(instruction, words),
                _ => {}
            },
            Body::Command(command) => self.entry(index, instruction, command, now, ends),
            _ => {}
        }
    }

    /// The record of a stage; `span` shows its absence.
    fn stage_value(&self, index: Option<usize>, span: Span) -> Value<'s> {
        match index.and_then(|index| self.stages.get(index)) {
            Some(record) => Value::bare(Data::Record(Arc::clone(record))),
            None => Value::absent(span),
        }
    }

    fn stage_of(&self, instruction: &Instruction<'s>) -> Value<'s> {
        self.stage_value(instruction.stage, instruction.keyword_span())
    }

    fn path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }
}

/// What `word` says, or why that is not known.
fn word_value<'s>(instruction: &Instruction<'s>, word: &Word<'s>) -> Value<'s> {
    let span = instruction.line.span(word.place.clone());
    match &word.value.unknown {
        None => Value::str(word.value.text.clone(), span),
        Some(reason) => Value::unknown(Reason::Unresolved(Arc::clone(reason)), span),
    }
}

/// Text if there is any.
fn optional<'s>(text: Option<impl Into<std::borrow::Cow<'s, str>>>, span: Span) -> Value<'s> {
    text.map_or_else(|| Value::absent(span), |text| Value::str(text, span))
}

/// Text if there is any, unknown where it holds a gap.
fn gapped<'s>(text: Option<&str>, reason: Option<&Arc<str>>, span: Span) -> Value<'s> {
    match (text, reason) {
        (Some(text), Some(reason)) if text.contains(GAP) => {
            Value::unknown(Reason::Unresolved(Arc::clone(reason)), span)
        }
        (text, _) => optional(text.map(str::to_owned), span),
    }
}
