//! Inspectors: each reads one kind of artefact and states facts about it. They never judge; rules do.

use crate::fact::{Fact, Reason, Subject};
use crate::source::Source;
use crate::span::Span;

pub mod dockerfile;

/// An inspector: one folder under `inspect/`, one line in [`INSPECTORS`].
pub trait Inspector: Sync {
    /// Its name: the first part of its subjects' names and of its rules' ids.
    fn name(&self) -> &'static str;

    /// Every subject it states facts about.
    fn subjects(&self) -> &'static [&'static Subject];

    /// Whether a file of this name could be one of its artefacts. `path` is relative to the root, with `/`.
    /// Files that no inspector wants are not read.
    fn wants(&self, path: &str) -> bool;

    /// Whether this text is one of its artefacts. Called only when [`Inspector::wants`] said yes, or for a text whose
    /// name says nothing.
    fn claims(&self, path: &str, text: &str) -> bool;

    /// States the facts. Total: whatever the text, it returns what could be read and a problem for what could not.
    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s>;
}

/// What an inspector has to say of one source.
#[derive(Debug, Default)]
pub struct Inspection<'s> {
    /// What is there.
    pub facts: Vec<Fact<'s>>,
    /// What could not be judged, and why.
    pub problems: Vec<Problem>,
}

/// Something that could not be judged. One a cause: one for a template, not one for each of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: Reason,
}

/// Every inspector: the one list in the program, sorted by name.
pub static INSPECTORS: &[&dyn Inspector] = &[];

/// The inspector of that name.
pub fn by_name(name: &str) -> Option<&'static dyn Inspector> {
    INSPECTORS.iter().copied().find(|inspector| inspector.name() == name)
}
