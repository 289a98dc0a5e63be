//! What a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs: its simple commands, wrappers (`sudo`, `env`, `sh -c`) seen through.

use std::borrow::Cow;
use std::ops::Range;

use super::{MOST_COMMANDS, inner, pipe};
use crate::inspect::dockerfile::document::{Body, Command as Written, Document, Instruction};
use crate::inspect::dockerfile::read;
use crate::path;
use crate::span::{SourceId, Span};
use crate::syntax::shell::{self, Connector, Lines, Place};

/// How many wrappers and nested shells are seen through.
const DEEPEST: usize = 8;
/// How many commands one looks ahead: a layer of thousands would take quadratic time.
const FARTHEST: usize = 300;

/// A word of a command.
#[derive(Debug, Clone)]
pub(super) struct Arg<'s> {
    pub(super) text: Cow<'s, str>,
    pub(super) span: Span,
    /// It holds a variable or a substitution.
    pub(super) has_expansion: bool,
    /// Its quotes, expansions and patterns; none where the text was put together.
    pub(super) parts: Vec<shell::Part<'s>>,
}

/// A simple command.
#[derive(Debug, Clone)]
pub(super) struct Command<'s> {
    /// The program without its folder; empty for an assignment or redirection alone.
    pub(super) name: String,
    pub(super) name_span: Span,
    /// What follows the name.
    pub(super) args: Vec<Arg<'s>>,
    /// `NAME=value` before it, or alone.
    pub(super) assignments: Vec<(String, Arg<'s>)>,
    /// Operators and targets.
    pub(super) redirections: Vec<(String, Arg<'s>)>,
    /// Which command's output it reads.
    pub(super) reads_from: Option<usize>,
    /// Which command reads its output.
    pub(super) writes_to: Option<usize>,
    /// The command in whose words it stands, in a substitution.
    pub(super) inside: Option<usize>,
    /// The wrapper (`sudo`, `sh -c`) that it was seen through.
    pub(super) wrapped_by: Option<usize>,
    pub(super) connector: Connector,
    pub(super) depth: u16,
    /// Its exit code decides what runs.
    pub(super) is_condition: bool,
}

/// A shell text of an instruction as it was read.
#[derive(Debug, Clone)]
pub(super) struct Text<'s> {
    pub(super) script: shell::Script<'s>,
    /// The program that reads it, where that is not the shell in force, and where it is named.
    pub(super) program: Option<(String, Span)>,
    pub(super) is_heredoc: bool,
}

/// The commands of one instruction, in the order of the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer<'s> {
    pub(super) commands: Vec<Command<'s>>,
    /// The values of `--mount`.
    pub(super) mounts: Vec<String>,
    /// Its body is a heredoc, run as a script.
    pub(super) is_heredoc: bool,
    /// A device is given to it: `--device`.
    pub(super) has_device: bool,
    /// The interpreter that the script's first line names.
    pub(super) interpreter: Option<String>,
    /// The whole file, for the bodies of heredocs that a shell reads.
    file: Option<(SourceId, &'s str)>,
    /// How lines go on in the text at hand.
    lines: Lines,
    /// The character that continues a line of the Dockerfile.
    escape: u8,
    /// It is a JSON list: no shell text stands around what `sh -c` runs.
    is_exec: bool,
    /// It has more commands than are read.
    pub(super) is_cut: bool,
    /// A checksum or a signature is compared.
    pub(super) checks: bool,
    /// The first command that turns `pipefail` on.
    pub(super) pipefail: Option<usize>,
    /// Where its text begins, when that is read by a shell and stands in no heredoc.
    pub(super) start: Option<usize>,
    /// A pipe stands in a text that another shell is handed.
    pub(super) has_inner_pipe: bool,
    /// Its text, and those of heredocs that a shell reads.
    pub(super) scripts: Vec<Text<'s>>,
}

/// Reads what `instruction` runs.
pub(super) fn read<'s>(document: &Document<'s>, instruction: &Instruction<'s>) -> Layer<'s> {
    let Body::Command(command) = &instruction.body else { return Layer::default() };
    let lines = Lines::Dockerfile { escape: document.escape };
    let is_exec = matches!(command, Written::Exec { .. });
    let file = Some((document.source, document.text));
    let mut layer = Layer { file, lines, escape: document.escape, is_exec, ..Layer::default() };
    let mounts = instruction.flags.iter().filter(|flag| flag.name.eq_ignore_ascii_case("mount"));
    layer.has_device = instruction.flag("device").is_some();
    layer.mounts = mounts.filter_map(|flag| Some(flag.value.as_ref()?.value.text.to_string())).collect();
    match command {
        Written::Exec { args, .. } => {
            let words: Vec<Arg<'s>> = args
                .iter()
                .map(|word| Arg {
                    text: word.value.text.clone(),
                    span: instruction.line.span(word.place.clone()),
                    has_expansion: false,
                    parts: Vec::new(),
                })
                .collect();
            if let Some(command) = Command::of_words(words) {
                layer.push(command, 0);
            }
        }
        Written::Shell { .. } => layer.shell(document, instruction),
    }
    layer.has_inner_pipe = layer.commands.iter().any(|it| it.wrapped_by.is_some() && it.writes_to.is_some());
    layer.checks = layer.commands.iter().any(pipe::checks);
    layer.pipefail = layer.commands.iter().position(pipe::turns_pipefail_on);
    layer
}

impl<'s> Layer<'s> {
    fn shell(&mut self, document: &Document<'s>, instruction: &Instruction<'s>) {
        let Some(script) = read::script(instruction, document.text) else { return };
        self.is_heredoc = script.is_heredoc;
        self.interpreter = script.interpreter;
        if self.interpreter.as_deref().is_some_and(|name| !is_shell(interpreter_name(name))) {
            return;
        }
        let range: Range<usize> = script.range;
        let lines = if script.is_joined { Lines::Dockerfile { escape: document.escape } } else { Lines::Shell };
        self.lines = lines;
        self.start = (!script.is_heredoc).then_some(range.start);
        let text = document.text.get(range.clone()).unwrap_or_default();
        let place = Place::At(document.source, u32::try_from(range.start).unwrap_or(u32::MAX));
        let read = shell::read(text, place, lines);
        self.list(&read.commands, 0, None, None);
        let program = self.interpreter.as_deref().map(|line| {
            let first = text.split('\n').next().unwrap_or_default();
            (interpreter_name(line).to_owned(), Span::new(document.source, range.start..range.start + first.len()))
        });
        self.scripts.insert(0, Text { script: read, program, is_heredoc: self.is_heredoc });
    }

    /// Adds the commands of a list and those nested in their words.
    fn list<'t: 's>(
        &mut self,
        commands: &[shell::Command<'t>],
        depth: usize,
        inside: Option<usize>,
        wrapped_by: Option<usize>,
    ) {
        let mut previous: Option<usize> = None;
        for command in commands {
            self.is_cut |= self.commands.len() >= MOST_COMMANDS;
            if self.is_cut {
                return;
            }
            let Some(mut taken) = Command::of(command) else { continue };
            taken.inside = inside;
            taken.wrapped_by = wrapped_by;
            if command.connector == Connector::Pipe {
                taken.reads_from = previous;
            }
            let body = command.redirections.iter().find_map(|it| it.body).filter(|_| reads_script(&taken));
            let index = self.push(taken, depth);
            if let (Some(body), Some((source, file))) = (body, self.file)
                && depth < DEEPEST
            {
                let text = file.get(body.range()).unwrap_or_default();
                let script = shell::read(text, Place::At(source, body.start), Lines::Shell);
                self.list(&script.commands, depth + 1, None, Some(index));
                let program = self.commands.get(index).map(|it| (it.name.clone(), it.name_span));
                self.scripts.push(Text { script, program, is_heredoc: true });
            }
            if let (Connector::Pipe, Some(previous)) = (command.connector, previous)
                && let Some(writer) = self.commands.get_mut(previous)
            {
                writer.writes_to = Some(index);
            }
            previous = Some(index);
            if depth < DEEPEST {
                self.list(&command.nested, depth + 1, Some(index), None);
            }
        }
    }

    /// Adds a command, and what it wraps.
    fn push(&mut self, command: Command<'s>, depth: usize) -> usize {
        let index = self.commands.len();
        let inner = command.unwrapped();
        let text = command.shell_text();
        self.commands.push(command);
        if depth >= DEEPEST {
            return index;
        }
        if let Some(mut inner) = inner {
            inner.wrapped_by = Some(index);
            self.push(inner, depth + 1);
        } else if let Some((text, span)) = text {
            self.inner(index, &text, span, depth);
        }
        index
    }

    /// Adds what the shell that command `index` calls runs.
    fn inner(&mut self, index: usize, text: &str, span: Span, depth: usize) {
        let literal =
            self.file.and_then(|(source, file)| Some((source, inner::literal(file, span, text, self.escape)?)));
        let Some((source, (text, at))) = literal else {
            let script = shell::read(text, Place::Within(span), Lines::Shell);
            let owned: Vec<shell::Command<'static>> = script.commands.iter().map(owned).collect();
            return self.list(&owned, depth + 1, None, Some(index));
        };
        let script = shell::read(text, Place::At(source, at), self.lines);
        self.list(&script.commands, depth + 1, None, Some(index));
        if self.is_exec && depth == 0 {
            let program = self.commands.get(index).map(|it| (it.name.clone(), it.name_span));
            self.scripts.push(Text { script, program, is_heredoc: false });
        }
    }

    /// The commands after `index` that run in the same layer, as far as one looks ahead.
    pub(super) fn after(&self, index: usize) -> impl Iterator<Item = &Command<'s>> {
        self.commands.get(index + 1..).unwrap_or_default().iter().take(FARTHEST)
    }

    /// Whether a cache or temporary file system is mounted over `path` or a folder above it.
    pub(super) fn mounts_over(&self, path: &str) -> bool {
        self.mounts.iter().any(|mount| {
            let parts = || mount.split(',').map(|part| part.split_once('=').unwrap_or((part, "")));
            let kept = parts().any(|(key, value)| key == "type" && matches!(value, "cache" | "tmpfs"));
            let mut targets = parts().filter(|(key, _)| matches!(*key, "target" | "dst" | "destination"));
            kept && targets.any(|(_, value)| {
                let folder = value.trim_end_matches('/');
                !folder.is_empty() && (path.starts_with(folder) || folder.contains(path))
            })
        })
    }

    /// The files that mounted secrets are read from.
    pub(super) fn secret_files(&self) -> Vec<String> {
        let secret = self.mounts.iter().filter(|mount| mount.split(',').any(|part| part == "type=secret"));
        let file = |mount: &String| {
            let part = |keys: &[&str]| {
                let mut parts = mount.split(',').filter_map(|part| part.split_once('='));
                parts.find(|(key, _)| keys.contains(key)).map(|(_, value)| value.to_owned())
            };
            match part(&["target", "dst", "destination"]) {
                Some(target) if target.starts_with('/') => Some(target),
                Some(target) => Some(format!("/run/secrets/{target}")),
                None => Some(format!("/run/secrets/{}", part(&["id"])?)),
            }
        };
        secret.filter_map(file).collect()
    }

    /// Whether a cache is mounted.
    pub(super) fn mounts_cache(&self) -> bool {
        self.mounts.iter().any(|mount| mount.contains("type=cache"))
    }

    /// Whether a secret is mounted.
    pub(super) fn mounts_secret(&self) -> bool {
        self.mounts.iter().any(|mount| mount.contains("type=secret") || mount.contains("type=ssh"))
    }
}

impl<'s> Command<'s> {
    fn of<'t: 's>(command: &shell::Command<'t>) -> Option<Self> {
        let words = command.words.iter().map(arg).collect();
        let assignments: Vec<(String, Arg<'s>)> =
            command.assignments.iter().map(|it| (it.name.to_owned(), arg(&it.value))).collect();
        let redirections = command.redirections.iter().map(|it| (it.operator.to_owned(), arg(&it.target))).collect();
        let mut taken = match Command::of_words(words) {
            Some(taken) => taken,
            None => Command::nameless(command.span?),
        };
        taken.assignments = assignments;
        taken.redirections = redirections;
        taken.connector = command.connector;
        taken.depth = command.depth;
        taken.is_condition = command.is_condition;
        Some(taken)
    }

    fn nameless(span: Span) -> Self {
        Self {
            name: String::new(),
            name_span: span,
            args: Vec::new(),
            assignments: Vec::new(),
            redirections: Vec::new(),
            reads_from: None,
            writes_to: None,
            inside: None,
            wrapped_by: None,
            connector: Connector::Start,
            depth: 0,
            is_condition: false,
        }
    }

    /// A program with its arguments.
    fn of_words(words: Vec<Arg<'s>>) -> Option<Self> {
        let mut words = words.into_iter();
        let first = words.next()?;
        let name = first.text.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe").to_owned();
        Some(Self { name, args: words.collect(), ..Self::nameless(first.span) })
    }

    /// What `sudo`, `env` and the like run in turn.
    fn unwrapped(&self) -> Option<Command<'s>> {
        let valued: &[&str] = match self.name.as_str() {
            "sudo" | "doas" => &["-u", "-g", "-h", "-p", "-C", "-U", "-D", "-R", "-T", "--user", "--group"],
            "env" => &["-u", "--unset", "-C", "--chdir"],
            "xargs" => &["-n", "-P", "-I", "-L", "-d", "-a", "-s", "-E"],
            "nice" => &["-n"],
            "exec" => &["-a"],
            "timeout" => &["-s", "-k", "--signal", "--kill-after"],
            "time" | "nohup" | "command" | "builtin" | "eatmydata" | "ionice" | "stdbuf" | "then" | "gosu"
            | "su-exec" => &[],
            _ => return None,
        };
        let mut skip = usize::from(matches!(self.name.as_str(), "timeout" | "gosu" | "su-exec"));
        let mut args = self.args.iter().peekable();
        let mut assignments = Vec::new();
        while let Some(word) = args.peek() {
            let text = &*word.text;
            if text.starts_with('-') && text.len() > 1 {
                let takes = valued.contains(&text);
                args.next();
                if takes {
                    args.next();
                }
            } else if let (true, Some((name, _))) = (self.name != "xargs", assigned(text)) {
                assignments.push((name.to_owned(), (*word).clone()));
                args.next();
            } else if skip > 0 {
                skip -= 1;
                args.next();
            } else {
                break;
            }
        }
        let words: Vec<Arg<'s>> = args.cloned().collect();
        let inner = Command::of_words(words)?;
        Some(Command {
            assignments,
            redirections: self.redirections.clone(),
            reads_from: self.reads_from,
            inside: self.inside,
            connector: self.connector,
            depth: self.depth,
            ..inner
        })
    }

    /// The text of `sh -c TEXT` or `su -c TEXT`.
    fn shell_text(&self) -> Option<(String, Span)> {
        let takes_text = is_shell(&self.name) || matches!(self.name.as_str(), "su" | "runuser" | "eval");
        if !takes_text {
            return None;
        }
        if self.name == "eval" {
            let [only] = self.args.as_slice() else { return None };
            return (!only.has_expansion).then(|| (only.text.to_string(), only.span));
        }
        let is_c = |text: &str| {
            text == "--command"
                || text.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.ends_with('c'))
        };
        let at = self.args.iter().position(|word| is_c(&word.text))?;
        let word = self.args.get(at + 1)?;
        Some((word.text.to_string(), word.span))
    }

    /// Whether an argument is exactly `flag`.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.args.iter().any(|word| word.text == flag)
    }

    /// The argument that is `flag`, or `flag=…`.
    pub(super) fn flag(&self, flag: &str) -> Option<&Arg<'s>> {
        self.args
            .iter()
            .find(|word| word.text.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    }

    /// The argument that is the short flag `letter`, alone or among others (`-fsSL`); letters after one of `valued` are
    /// its value.
    pub(super) fn short(&self, letter: char, valued: &str) -> Option<&Arg<'s>> {
        self.args.iter().find(|word| {
            let Some(letters) = word.text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
            for c in letters.chars() {
                if c == letter {
                    return true;
                }
                if valued.contains(c) || !c.is_ascii_alphabetic() {
                    return false;
                }
            }
            false
        })
    }
}

/// Whether a shell is called without a file or text: `bash <<EOF`, `bash -e <<EOF`.
fn reads_script(command: &Command<'_>) -> bool {
    let flags = command.args.iter().all(|word| word.text.starts_with('-') && !word.text.ends_with('c'));
    is_shell(&command.name) && flags
}

fn arg<'s, 't: 's>(word: &shell::Word<'t>) -> Arg<'s> {
    Arg { text: word.text.clone(), span: word.span, has_expansion: word.has_expansion, parts: word.parts.clone() }
}

/// A copy that borrows nothing: the text that a nested shell reads is not the file's.
fn owned(command: &shell::Command<'_>) -> shell::Command<'static> {
    let word = |word: &shell::Word<'_>| shell::Word {
        text: Cow::Owned(word.text.to_string()),
        span: word.span,
        has_expansion: word.has_expansion,
        quoted: word.quoted,
        parts: Vec::new(),
    };
    shell::Command {
        words: command.words.iter().map(word).collect(),
        // Names of assignments would borrow; what a nested shell assigns is not asked for.
        assignments: Vec::new(),
        redirections: Vec::new(),
        nested: command.nested.iter().map(owned).collect(),
        span: command.span,
        connector: command.connector,
        depth: command.depth,
        is_condition: command.is_condition,
    }
}

fn assigned(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then_some((name, value))
}

/// Whether a program is a shell that reads POSIX text.
pub(super) fn is_shell(name: &str) -> bool {
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
}

/// The program of a `#!` line: `/usr/bin/env bash -e` is bash.
pub(super) fn interpreter_name(line: &str) -> &str {
    let mut words = line.split_whitespace().map(path::file_name);
    match words.next() {
        Some("env") => words.find(|word| !word.starts_with('-')).unwrap_or_default(),
        other => other.unwrap_or_default(),
    }
}
