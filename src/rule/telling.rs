//! What is said of a failure: its place, its message and its fix. Compiled with the first failure of a rule, for most
//! rules of a run never fail.

use std::sync::OnceLock;

use super::compile::{RuleMistake, within};
use super::edit::{EditFile, Mending};
use super::expr::{self, Program, Variables};
use super::file::RuleFile;
use super::message::Message;

/// The compiled form.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    /// The place, where the one that made the assertion false is not the best.
    pub(crate) at: Option<Program>,
    /// Whether the evidence is weak here: one step less.
    pub(crate) milder: Option<Program>,
    /// Whether hardly anybody would act here: low.
    pub(crate) low: Option<Program>,
    pub(crate) message: Message,
    pub(crate) edit: Option<Mending>,
}

impl Telling {
    fn compile(said: &Said, variables: &Variables) -> Result<Telling, Vec<RuleMistake>> {
        let mut mistakes = Vec::new();
        let mut all = |key: &str, found: Vec<expr::Mistake>| mistakes.extend(found.into_iter().map(|m| within(key, m)));
        let at = said.at.as_deref().map(|text| expr::compile(text, variables)).transpose();
        let at = at.map_err(|found| all("at", found)).ok().flatten();
        let mut condition = |key: &str, text: &Option<String>| {
            let program = text.as_deref().map(|text| expr::compile(text, variables)).transpose();
            program.map_err(|found| all(key, found)).ok().flatten()
        };
        let [milder, low] = [condition("milder", &said.milder), condition("low", &said.low)];
        let message = Message::compile(&said.message, variables).map_err(|found| all("message", found));
        let edit = said.edit.as_ref().map(|edit| Mending::compile(edit, variables)).transpose();
        let edit = edit.map_err(|found| mistakes.extend(found)).ok().flatten();
        for (key, program) in [("milder", &milder), ("low", &low)] {
            if program.as_ref().is_some_and(|program| !program.is_condition()) {
                let message = format!("`{key}` must be true or false");
                mistakes.push(RuleMistake { key: key.into(), range: None, message, help: None });
            }
        }
        match message {
            Ok(message) if mistakes.is_empty() => Ok(Telling { at, milder, low, message, edit }),
            _ => Err(mistakes),
        }
    }
}

/// The texts that it is compiled from.
#[derive(Debug)]
struct Said {
    at: Option<String>,
    milder: Option<String>,
    low: Option<String>,
    message: String,
    edit: Option<EditFile>,
}

/// A [`Telling`] that is compiled when it is first asked for.
#[derive(Debug)]
pub(super) struct Late {
    said: Box<Said>,
    variables: Variables,
    compiled: OnceLock<Box<Telling>>,
}

impl Late {
    pub(super) fn new(file: &RuleFile, variables: Variables) -> Late {
        let said = Said {
            at: file.at.clone(),
            milder: file.milder.clone(),
            low: file.low.clone(),
            message: file.message.clone(),
            edit: file.edit.clone(),
        };
        Late { said: Box::new(said), variables, compiled: OnceLock::new() }
    }

    /// Compiles it now.
    pub(super) fn check(&self) -> Result<(), Vec<RuleMistake>> {
        let compiled = Telling::compile(&self.said, &self.variables)?;
        let _ = self.compiled.set(Box::new(compiled));
        Ok(())
    }

    /// The compiled form; of a rule that was never checked and has a mistake, nothing.
    pub(super) fn get(&self) -> &Telling {
        self.compiled.get_or_init(|| Box::new(Telling::compile(&self.said, &self.variables).unwrap_or_default()))
    }
}
