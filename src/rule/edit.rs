//! A rule's fix as data: `edit:` in its file says what is done where; compiled, it makes the edits for one finding.
//!
//! Places are CEL expressions over the same subject as the condition; they mean the text that the value points to. New
//! text is a template like a message. A place that is not there, or a text that is not known, means that this finding
//! has no fix: nothing is guessed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compile::{RuleMistake, within};
use super::expr::{self, Program, Scope, Variables};
use super::file::Words;
use super::message::Message;
use crate::fact::Edit;
use crate::finding::{Fix, Safety};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::Node;

mod lines;
mod mapping;

/// A fix as data.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EditFile {
    /// Whether it can be applied without being read.
    pub safety: Safety,
    /// What it does, in a few words; `{…}` holds CEL expressions.
    pub description: String,
    /// A CEL condition: where it is false or unknown, the finding has no fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What is done; all of it, or nothing.
    pub changes: Vec<Change>,
}

/// One thing that a fix does: `replace` and `with`, `before` or `after` and `insert`, `remove`, `remove-lines`,
/// `remove-entry`, or `set`, `key` and `to`. Places are CEL expressions; texts are templates, with CEL expressions in
/// braces; a line break in them becomes the file's.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Change {
    /// The place whose text is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    /// What is written there instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// The place before which text is inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The place after which text is inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// The text that is inserted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert: Option<String>,
    /// The place whose text is taken out; of a list, every item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove: Option<String>,
    /// The place whose lines are taken out, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_lines: Option<String>,
    /// The key, value or item of a mapping or list whose whole entry is taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_entry: Option<String>,
    /// The mapping in which a key is set; its key will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// The key, or the keys from the mapping down; those that are missing are made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Words>,
    /// The value, as JSON writes it (which YAML reads too).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A compiled fix.
#[derive(Debug)]
pub struct Mending {
    safety: Safety,
    description: Message,
    when: Option<Program>,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Replace(Program, Message),
    Before(Program, Message),
    After(Program, Message),
    Remove(Program),
    RemoveLines(Program),
    RemoveEntry(Program),
    Set(Program, Vec<String>, Message),
}

impl Mending {
    /// Compiles `file`.
    ///
    /// # Errors
    /// Every mistake in it.
    pub(super) fn compile(file: &EditFile, variables: &Variables) -> Result<Mending, Vec<RuleMistake>> {
        let mut compiler = Compiler { variables, mistakes: Vec::new() };
        let description = compiler.text("edit.description", &file.description);
        let when = file.when.as_ref().and_then(|text| compiler.program("edit.when", text));
        if when.as_ref().is_some_and(|program| !program.is_condition()) {
            compiler.say("edit.when", "`when` must be true or false");
        }
        if file.changes.is_empty() {
            compiler.say("edit.changes", "an edit changes something");
        }
        let number = |(index, change)| compiler.step(&format!("edit.changes.{index}"), change);
        let steps: Vec<Option<Step>> = file.changes.iter().enumerate().map(number).collect();
        match (description, steps.into_iter().collect::<Option<Vec<Step>>>()) {
            (Some(description), Some(steps)) if compiler.mistakes.is_empty() => {
                Ok(Mending { safety: file.safety, description, when, steps })
            }
            _ => Err(compiler.mistakes),
        }
    }

    /// The fix for the finding on the fact in `scope`, which stands in `source`.
    pub fn make(&self, scope: Scope<'_, '_>, source: &Source) -> Option<Fix> {
        if self.when.as_ref().is_some_and(|when| when.test(scope) != Ok(true)) {
            return None;
        }
        let maker = Maker { scope, source };
        let mut edits = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            match step {
                Step::Remove(at) => edits.extend(maker.removed(at)?),
                step => edits.push(maker.edit(step)?),
            }
        }
        edits.sort();
        edits.dedup();
        let apart = edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
        let text = |edit: &Edit| source.text().get(edit.span.range());
        let fits = edits.iter().all(|edit| edit.span.source == source.id && text(edit).is_some());
        let changes = edits.iter().any(|edit| text(edit) != Some(&edit.text));
        let description = self.description.fill(scope).ok()?;
        (apart && fits && changes).then_some(Fix { description, safety: self.safety, edits })
    }
}

/// Compiles the parts of a fix and keeps the mistakes.
struct Compiler<'a> {
    variables: &'a Variables,
    mistakes: Vec<RuleMistake>,
}

impl Compiler<'_> {
    fn say(&mut self, key: &str, message: &str) {
        self.mistakes.push(RuleMistake { key: key.into(), range: None, message: message.into(), help: None });
    }

    fn program(&mut self, key: &str, text: &str) -> Option<Program> {
        let compiled = expr::compile(text, self.variables);
        compiled.map_err(|found| self.mistakes.extend(found.into_iter().map(|one| within(key, one)))).ok()
    }

    fn text(&mut self, key: &str, text: &str) -> Option<Message> {
        let compiled = Message::compile(text, self.variables);
        compiled.map_err(|found| self.mistakes.extend(found.into_iter().map(|one| within(key, one)))).ok()
    }

    fn step(&mut self, key: &str, change: &Change) -> Option<Step> {
        let place = |compiler: &mut Self, name: &str, text: &str| compiler.program(&format!("{key}.{name}"), text);
        let words = |compiler: &mut Self, name: &str, text: &str| compiler.text(&format!("{key}.{name}"), text);
        match parts(change).as_slice() {
            [("replace", at), ("with", text)] => {
                place(self, "replace", at).zip(words(self, "with", text)).map(|(at, text)| Step::Replace(at, text))
            }
            [("before", at), ("insert", text)] => {
                place(self, "before", at).zip(words(self, "insert", text)).map(|(at, text)| Step::Before(at, text))
            }
            [("after", at), ("insert", text)] => {
                place(self, "after", at).zip(words(self, "insert", text)).map(|(at, text)| Step::After(at, text))
            }
            [("remove", at)] => place(self, "remove", at).map(Step::Remove),
            [("remove-lines", at)] => place(self, "remove-lines", at).map(Step::RemoveLines),
            [("remove-entry", at)] => place(self, "remove-entry", at).map(Step::RemoveEntry),
            [("set", at), ("to", value)] if change.key.as_ref().is_some_and(|key| !key.0.is_empty()) => {
                let path = change.key.as_ref().map(|key| key.0.clone()).unwrap_or_default();
                place(self, "set", at).zip(words(self, "to", value)).map(|(at, value)| Step::Set(at, path, value))
            }
            _ => {
                self.say(
                    key,
                    "a change is one of: `replace` and `with`; `before` or `after` and `insert`; `remove`; \
                     `remove-lines`; `remove-entry`; `set`, `key` and `to`",
                );
                None
            }
        }
    }
}

/// The expressions and templates of a change, named.
fn parts(change: &Change) -> Vec<(&'static str, &str)> {
    let all = [
        ("replace", &change.replace),
        ("with", &change.with),
        ("before", &change.before),
        ("after", &change.after),
        ("insert", &change.insert),
        ("remove", &change.remove),
        ("remove-lines", &change.remove_lines),
        ("remove-entry", &change.remove_entry),
        ("set", &change.set),
        ("to", &change.to),
    ];
    all.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?))).collect()
}

/// Makes edits from values.
struct Maker<'a, 'v> {
    scope: Scope<'v, 'v>,
    source: &'a Source,
}

impl Maker<'_, '_> {
    fn edit(&self, step: &Step) -> Option<Edit> {
        let text = self.source.text();
        match step {
            Step::Replace(at, new) => self.replaced(self.place(at)?, new),
            Step::Before(at, new) => self.replaced(self.place(at)?.at_start(), new),
            Step::After(at, new) => {
                let span = self.place(at)?;
                self.replaced(Span { start: span.end, ..span }, new)
            }
            Step::Remove(at) => self.removed(at)?.pop(),
            Step::RemoveLines(at) => {
                let range = lines::whole(text, self.place(at)?.range())?;
                Some(Edit { span: Span::new(self.source.id, range), text: String::new() })
            }
            Step::RemoveEntry(at) => mapping::remove(text, self.node(at)?),
            Step::Set(at, path, value) => {
                let value = value.fill(self.scope).ok()?;
                mapping::set(text, mapping::value_of(self.node(at)?), path, &value)
            }
        }
    }

    /// What is taken out: the text of a value, or of every item of a list.
    fn removed(&self, at: &Program) -> Option<Vec<Edit>> {
        let places = at.places(self.scope).or_else(|| self.place(at).map(|place| vec![place]))?;
        Some(places.into_iter().map(|span| Edit { span, text: String::new() }).collect())
    }

    /// The part of the artefact's tree that the value is, else the one that stands where the value does.
    fn node<'n>(&'n self, at: &'n Program) -> Option<Node<'n>> {
        at.node(self.scope).or_else(|| mapping::at(self.source.tree(), self.place(at)?))
    }

    /// Where the value stands; not where it would.
    fn place(&self, at: &Program) -> Option<Span> {
        at.text(self.scope).ok()?;
        at.place(self.scope).filter(|place| place.missing.is_none()).map(|place| place.span)
    }

    fn replaced(&self, span: Span, new: &Message) -> Option<Edit> {
        let text = new.fill(self.scope).ok()?;
        Some(Edit { span, text: lines::broken_as(self.source.text(), span.start as usize, &text) })
    }
}

#[cfg(test)]
mod tests;
