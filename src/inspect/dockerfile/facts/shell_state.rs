//! The shell in force: what SHELL, the base image and earlier RUNs make of it.

use std::sync::Arc;

use super::dialect::Dialect;
use super::layer::{self, Layer};
use super::state::State;
use super::variable::Names;
use crate::inspect::dockerfile::document::{Document, Word};
use crate::span::Span;

/// The shell that reads a RUN, as far as it matters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shell {
    /// It reads POSIX text.
    pub(super) is_posix: bool,
    /// It was started with `-o pipefail`.
    pub(super) pipefail: bool,
    /// It was started with `-e`.
    pub(super) errexit: bool,
    /// Its language.
    pub(super) dialect: Dialect,
    /// What shows that it is this one.
    pub(super) evidence: Option<Span>,
    /// What `/bin/sh` is in the image.
    pub(super) sh: Dialect,
    /// It is a login shell or an interactive one, which reads a profile that may set anything.
    pub(super) reads_profile: bool,
}

impl Shell {
    pub(super) fn of(words: &[Word<'_>], sh: Dialect, span: Span) -> Self {
        let name = words.first().map(|word| &*word.value.text).unwrap_or_default();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let short = |letter: char| {
            words.iter().any(|word| {
                word.value.text.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(letter))
            })
        };
        let said = |option: &str| words.iter().any(|word| word.value.text == option);
        Self {
            is_posix: layer::is_shell(name),
            pipefail: said("pipefail"),
            errexit: short('e') || said("errexit"),
            dialect: Dialect::of_program(name, sh),
            evidence: Some(span),
            sh,
            reads_profile: short('l') || short('i') || said("--login"),
        }
    }
}

impl State<'_> {
    /// Takes note of a folder that is there from now on.
    pub(super) fn folder(&mut self, path: &str) {
        const MOST: usize = 200;
        let path = path.trim_end_matches('/');
        if self.folders.len() < MOST && !path.is_empty() && !self.folders.contains(path) {
            Arc::make_mut(&mut self.folders).insert(path.to_owned());
        }
    }

    /// What a RUN does to the shell of those that follow.
    pub(super) fn shell_changes(&mut self, layer: &Layer<'_>) {
        for script in &layer.scripts {
            self.variables.forget(&Names::of(&script.script));
        }
        let replacing = layer.commands.iter().find_map(|command| {
            let unsure =
                matches!(command.name.as_str(), "dpkg-reconfigure" | "debconf-set-selections" | "update-alternatives")
                    || command.args.iter().any(|word| word.text.ends_with("-binsh"));
            if super::risk::replaces_sh(command) {
                let shell = command.args.iter().find(|word| !word.text.starts_with('-'))?;
                return Some((Dialect::of_program(&shell.text, Dialect::Unknown), command.name_span));
            }
            unsure.then_some((Dialect::Unknown, command.name_span))
        });
        if let Some((sh, span)) = replacing {
            let is_sh = self.shell.dialect == self.shell.sh && !self.sets_shell;
            self.shell.sh = sh;
            if is_sh {
                self.shell.dialect = sh;
                self.shell.evidence = Some(span);
            }
        }
    }
}

/// Whether a stage speaks of what only Windows has. It decides where the base image says nothing.
pub(super) fn speaks_of_windows(document: &Document<'_>, stage: Option<usize>) -> bool {
    const SIGNS: [&str; 6] = ["C:/", "C:\\", "powershell", "pwsh", ".ps1", "$env:"];
    let range = stage.and_then(|stage| document.stages.get(stage)).map(|stage| stage.instructions.clone());
    let own = document.instructions.get(range.unwrap_or_default()).unwrap_or_default();
    let Some((first, last)) = own.first().zip(own.last()) else { return false };
    let text = document.text.get(first.range.start..last.range.end).unwrap_or_default();
    SIGNS.iter().any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}
