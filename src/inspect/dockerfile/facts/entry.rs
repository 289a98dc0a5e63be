//! CMD, ENTRYPOINT and HEALTHCHECK.

use super::stage::State;
use super::{Entry, Out, optional};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Base, Body, Command, Instruction, Keyword};

impl<'s> Out<'_, 's> {
    /// The command that an image runs, or checks itself with.
    pub(super) fn entry(
        &mut self,
        index: usize,
        instruction: &Instruction<'s>,
        command: &Command<'s>,
        now: &State<'s>,
        ends: &[State<'s>],
    ) {
        let keyword = instruction.keyword;
        if keyword == Keyword::Run {
            return;
        }
        let span = instruction.keyword_span();
        let end = instruction.stage.and_then(|stage| ends.get(stage)).unwrap_or(now);
        let (Command::Exec { place, .. } | Command::Shell { place, .. }) = command;
        let place = instruction.line.span(place.clone());
        let onbuild = instruction.onbuild.is_some();
        let last = match keyword {
            Keyword::Cmd => end.cmd,
            Keyword::Entrypoint => end.entrypoint,
            _ => end.last_healthcheck,
        };
        let shell = shell_text(instruction, command);
        let problem = meant_as_list(command, shell.unwrap_or_default());
        let is_argument = keyword == Keyword::Cmd && end.entrypoint.is_some();
        let signals = shell.is_none_or(hands_over) || keyword == Keyword::Healthcheck || end.sets_shell || is_argument;
        let root = now.root.and_then(|root| self.document.stages.get(root)).map(|stage| stage.base);
        let lacks_shell = shell.is_some() && root == Some(Base::Scratch) && !end.may_have_shell && !is_argument;
        let program = match command {
            Command::Exec { args, .. } => args.first().map(|word| word.value.text.to_string()),
            Command::Shell { .. } => shell.and_then(|text| text.split_whitespace().next()).map(str::to_owned),
        };
        let entry = Entry {
            keyword: Value::str(keyword.name(), span),
            is_exec: Value::bool(shell.is_none(), place),
            is_broken_list: Value::bool(problem.is_some(), place),
            problem: optional(problem, place),
            receives_signals: Value::bool(signals, place),
            is_shadowed: Value::bool(!onbuild && last.is_some_and(|last| last > index), span),
            drops_cmd: Value::bool(
                keyword == Keyword::Entrypoint && shell.is_some() && self.has_arguments(end.cmd) && !onbuild,
                span,
            ),
            lacks_shell: Value::bool(lacks_shell && !onbuild, place),
            program: optional(program, place),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(entry.fact(span, path, self.role));
    }
}

impl Out<'_, '_> {
    /// Whether the CMD of that index says anything: `CMD []` does not.
    fn has_arguments(&self, cmd: Option<usize>) -> bool {
        let body = cmd.and_then(|index| self.document.instructions.get(index)).map(|it| &it.body);
        match body {
            Some(Body::Command(Command::Exec { args, .. })) => !args.is_empty(),
            Some(Body::Command(Command::Shell { .. })) => true,
            _ => false,
        }
    }
}

fn shell_text<'i>(instruction: &'i Instruction<'_>, command: &Command<'_>) -> Option<&'i str> {
    match command {
        Command::Shell { place, .. } => Some(instruction.line.get(place.clone())),
        Command::Exec { .. } => None,
    }
}

/// What is wrong with a text that was meant as a JSON list. `[ -f x ] && y` is a test, and meant as shell.
fn meant_as_list(command: &Command<'_>, text: &str) -> Option<&'static str> {
    let Command::Shell { failed_json: Some(why), .. } = command else { return None };
    let first = text.trim_start_matches('[').trim_start();
    let quoted = first.starts_with(['"', '\'', '\u{201c}']) || text.starts_with("[]");
    let is_test = text.starts_with("[ ") && text.contains(" ]") && (text.contains("&&") || text.contains("||"));
    (quoted && !is_test).then_some(why)
}

/// Whether the shell gives its process to the last command of the text: `exec nginx`, `cd x && exec node y`.
fn hands_over(text: &str) -> bool {
    let last = text.rsplit(['&', ';', '|', '\n']).next().unwrap_or(text);
    last.trim_start().starts_with("exec ") || text.trim_start().starts_with("exec ")
}
