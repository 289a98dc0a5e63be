//! Shell texts: whether they can be read, which shell reads them, what stands in them.

use std::cell::RefCell;

use super::dialect::{Dialect, Reader};
use super::expansion::Text;
use super::feature::features;
use super::layer::Layer;
use super::shell_schema::{Feature, ShellText};
use super::state::State;
use super::variable::Names;
use super::{Out, entry, optional};
use crate::fact::{Reason, Value};
use crate::inspect::dockerfile::document::{Body, Instruction};
use crate::span::Span;

impl<'s> Out<'_, 's> {
    /// What the shell texts of an instruction show.
    pub(super) fn shells(&mut self, instruction: &Instruction<'s>, layer: &Layer<'s>, now: &State<'s>) {
        if let Body::Command(command) = &instruction.body
            && entry::shell_text(instruction, command).is_some_and(|text| entry::meant_as_list(command, text).is_some())
        {
            // One mistake, said once: a list that is none.
            return;
        }
        for script in &layer.scripts {
            let sh = now.shell.sh;
            let reader = match &script.program {
                Some((program, span)) => Reader { dialect: Dialect::of_program(program, sh), evidence: Some(*span) },
                None => Reader { dialect: now.shell.dialect, evidence: now.shell.evidence },
            };
            if reader.dialect == Dialect::Foreign || (!now.shell.is_posix && script.program.is_none()) {
                continue;
            }
            let span = instruction.keyword_span();
            let problem = script.script.problems.first();
            let fact = ShellText {
                keyword: Value::str(instruction.keyword.name(), span),
                dialect: dialect(reader, span),
                is_readable: Value::bool(problem.is_none(), problem.map_or(span, |problem| problem.span)),
                problem: optional(problem.map(|problem| problem.message.clone()), span),
                is_heredoc: Value::bool(script.is_heredoc, span),
                stage: self.stage_of(instruction),
            };
            let path = self.path();
            self.facts.push(fact.fact(span, path, self.role));
            if problem.is_some() {
                // What follows a mistake is read in the wrong way.
                continue;
            }
            let names = Names::of(&script.script);
            let mut found = Vec::new();
            features(&script.script, &names, &now.variables, &mut |feature, span| found.push((feature, span)));
            for (feature, place) in found {
                self.feature(instruction, reader, feature, place);
            }
            let text =
                Text { instruction, layer, now, names: &names, script: &script.script, said: RefCell::default() };
            self.text(&text);
        }
    }

    fn feature(
        &mut self,
        instruction: &Instruction<'s>,
        reader: Reader,
        feature: super::dialect::Feature,
        place: Span,
    ) {
        let is_known = match reader.dialect.knows(feature) {
            Some(known) => Value::bool(known, place),
            None => Value::unknown(unknown_shell(), place),
        };
        let text = self.document.text.get(place.range()).unwrap_or_default();
        let fact = Feature {
            name: Value::str(feature.name(), place),
            text: Value::str(text, place),
            keyword: Value::str(instruction.keyword.name(), instruction.keyword_span()),
            is_known,
            shell: dialect(reader, place),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(place, path, self.role));
    }
}

fn dialect<'s>(reader: Reader, span: Span) -> Value<'s> {
    let span = reader.evidence.unwrap_or(span);
    match reader.dialect.name() {
        Some(name) => Value::str(name, span),
        None => Value::unknown(unknown_shell(), span),
    }
}

fn unknown_shell() -> Reason {
    Reason::Unresolved("it is not known which shell the base image has as `/bin/sh`".into())
}
