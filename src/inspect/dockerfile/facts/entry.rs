//! CMD, ENTRYPOINT and HEALTHCHECK.

use super::state::State;
use super::{Entry, Out, layer, optional};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Base, Body, Command, Instruction, Keyword, Word};
use crate::span::{SourceId, Span};
use crate::syntax::shell;

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
        let is_argument = keyword == Keyword::Cmd && end.entrypoint.is_some() && !self.is_open_shell(end.entrypoint);
        let wrapped = self.wrapped_chain(command, keyword, end);
        let signals = (shell.is_none_or(hands_over) && wrapped.is_none_or(hands_over))
            || keyword == Keyword::Healthcheck
            || end.sets_shell
            || is_argument;
        let root = now.root.and_then(|root| self.document.stages.get(root)).map(|stage| stage.base);
        let lacks_shell = shell.is_some() && root == Some(Base::Scratch) && !end.may_have_shell && !is_argument;
        let program = match command {
            Command::Exec { args, .. } => args.first().map(|word| word.value.text.to_string()),
            Command::Shell { .. } => shell.and_then(|text| text.split_whitespace().next()).map(str::to_owned),
        };
        let missing = self.missing_tool(instruction, command, end);
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
            missing_tool: missing.map_or(Value::absent(place), |(name, span)| Value::str(name, span)),
            program: optional(program, place),
            as_list: super::rewrite::as_list(instruction, shell, place),
            whole: Value::str(keyword.name(), Span::new(self.document.source, instruction.range.clone())),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(entry.fact(span, path, self.role));
    }
}

impl Out<'_, '_> {
    /// Whether the ENTRYPOINT of that index is a shell that waits for its text: `["/bin/sh", "-c"]`.
    fn is_open_shell(&self, entrypoint: Option<usize>) -> bool {
        let body = entrypoint.and_then(|index| self.document.instructions.get(index)).map(|it| &it.body);
        matches!(body, Some(Body::Command(Command::Exec { args, .. })) if args.len() == 2 && is_shell_call(args))
    }

    /// The text of several commands that a list hands to a shell: `["sh", "-c", "a && b"]`. A single command needs no
    /// help: shells give it their process.
    fn wrapped_chain<'c>(&self, command: &'c Command<'_>, keyword: Keyword, end: &State<'_>) -> Option<&'c str> {
        let Command::Exec { args, .. } = command else { return None };
        let text = match args.as_slice() {
            [only] if keyword == Keyword::Cmd && self.is_open_shell(end.entrypoint) => only,
            [_, _, text] if is_shell_call(args) => text,
            _ => return None,
        };
        let text = text.value.text.trim().trim_end_matches(';');
        (text.contains("&&") || text.contains(';') || text.contains('\n')).then_some(text)
    }

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

/// `sh -c …`, `bash -lc …`.
fn is_shell_call(args: &[Word<'_>]) -> bool {
    let name = args.first().map(|word| word.value.text.rsplit('/').next().unwrap_or_default());
    let flag = args.get(1).is_some_and(|word| word.value.text.starts_with('-') && word.value.text.ends_with('c'));
    name.is_some_and(layer::is_shell) && flag
}

pub(super) fn shell_text<'i>(instruction: &'i Instruction<'_>, command: &Command<'_>) -> Option<&'i str> {
    match command {
        Command::Shell { place, .. } => Some(instruction.line.get(place.clone())),
        Command::Exec { .. } => None,
    }
}

/// What is wrong with a text that was meant as a JSON list. `[ -f x ] && y` is a test, and meant as shell.
pub(super) fn meant_as_list(command: &Command<'_>, text: &str) -> Option<&'static str> {
    let Command::Shell { failed_json: Some(why), .. } = command else { return None };
    let first = text.trim_start_matches('[').trim_start();
    let quoted = first.starts_with(['"', '\'', '\u{201c}']) || text.starts_with("[]");
    let is_test = text.starts_with("[ ") && text.contains(" ]") && (text.contains("&&") || text.contains("||"));
    (quoted && !is_test).then_some(why)
}

/// Whether the shell gives its process to the last command of the text: `exec nginx`, `cd x && exec node y`.
fn hands_over(text: &str) -> bool {
    let nowhere = Span::new(SourceId(0), 0..0);
    let script = shell::read(text, shell::Place::Within(nowhere), shell::Lines::Shell);
    let runs_exec = |command: &shell::Command<'_>| command.words.first().is_some_and(|word| word.text == "exec");
    script.commands.last().is_some_and(runs_exec) || script.commands.first().is_some_and(runs_exec)
}
