//! Variables and substitutions in shell texts: what becomes of their values.

use std::cell::RefCell;
use std::collections::HashSet;

use super::layer::Layer;
use super::shell_schema::{Expansion, Substitution};
use super::state::State;
use super::variable::{Known, Names, Set, is_one_word};
use super::{GAP, Out, optional, pipe};
use crate::fact::{Reason, Value};
use crate::inspect::dockerfile::document::{Instruction, Keyword};
use crate::inspect::dockerfile::read::PLATFORM;
use crate::product::{ProductRole, by_image};
use crate::span::Span;
use crate::syntax::shell::{Command, Part, PartKind, Script, Word};

/// What the builder gives beside platforms to stages that declare it.
const GIVEN: [&str; 2] = ["TARGETSTAGE", "SOURCE_DATE_EPOCH"];

/// Whether the builder gives the variable to a stage that declares it.
fn is_given(name: &str) -> bool {
    PLATFORM.contains(&name) || GIVEN.contains(&name)
}

/// What a shell sets itself, or finds in every container.
const OF_SHELL: [&str; 42] = [
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "IFS",
    "PPID",
    "OPTIND",
    "OPTARG",
    "OPTERR",
    "LINENO",
    "PS1",
    "PS2",
    "PS4",
    "SHELL",
    "TERM",
    "USER",
    "LOGNAME",
    "HOSTNAME",
    "LANG",
    "LC_ALL",
    "TZ",
    "UID",
    "EUID",
    "GROUPS",
    "RANDOM",
    "SECONDS",
    "SHLVL",
    "OSTYPE",
    "MACHTYPE",
    "HOSTTYPE",
    "REPLY",
    "PIPESTATUS",
    "FUNCNAME",
    "DIRSTACK",
    "COLUMNS",
    "LINES",
    "MAIL",
    "EDITOR",
    "TMPDIR",
    "MANPATH",
    "DEBIAN_FRONTEND",
    "container",
];

/// A shell text with all that is known around it.
pub(super) struct Text<'a, 's> {
    pub(super) instruction: &'a Instruction<'s>,
    pub(super) layer: &'a Layer<'s>,
    pub(super) now: &'a State<'s>,
    pub(super) names: &'a Names<'a>,
    pub(super) script: &'a Script<'s>,
    /// Variables that were said to be set by nothing: one mistake, however often they are used.
    pub(super) said: RefCell<HashSet<&'s str>>,
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An argument of a program.
    Argument,
    /// An operand of `[` or `test`.
    Test,
    Redirection,
    /// Where the shell takes nothing apart.
    Whole,
}

impl<'s> Out<'_, 's> {
    /// The variables and substitutions of a text.
    pub(super) fn text(&mut self, text: &Text<'_, 's>) {
        for mark in &text.script.marks {
            for part in mark.words.iter().flat_map(|word| &word.parts) {
                self.variable(text, None, part, (Place::Whole, true));
            }
        }
        for command in text.script.all() {
            let place = match command.program() {
                "[[" => Place::Whole,
                "[" | "test" => Place::Test,
                _ => Place::Argument,
            };
            for (index, word) in command.words.iter().enumerate() {
                // A variable that names the program holds its arguments as well.
                let place = if index == 0 || is_assignment(command, index) { Place::Whole } else { place };
                self.word(text, command, word, place);
            }
            for assignment in &command.assignments {
                let place = if assignment.is_array { Place::Argument } else { Place::Whole };
                self.word(text, command, &assignment.value, place);
            }
            for redirection in &command.redirections {
                let place = if redirection.operator.starts_with("<<") { Place::Whole } else { Place::Redirection };
                self.word(text, command, &redirection.target, place);
            }
        }
    }

    fn word(&mut self, text: &Text<'_, 's>, command: &Command<'s>, word: &Word<'s>, place: Place) {
        for part in &word.parts {
            let alone = part.span == word.span;
            match part.kind {
                PartKind::Variable => self.variable(text, Some((command, word)), part, (place, alone)),
                PartKind::Substitution | PartKind::Backticks => self.substitution(text, command, part, (place, alone)),
                _ => {}
            }
        }
    }

    fn variable(
        &mut self,
        text: &Text<'_, 's>,
        around: Option<(&Command<'s>, &Word<'s>)>,
        part: &Part<'s>,
        (place, alone): (Place, bool),
    ) {
        let is_name = part.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && part.name != "_";
        if part.kind != PartKind::Variable || !is_name {
            return;
        }
        let quoted = part.quoted || place == Place::Whole || part.prefix == "#";
        let set = text.now.variables.get(part.name);
        let (may_split, splits) = if quoted { (false, false) } else { text.splitting(part, set) };
        let command = around.map(|(command, _)| command);
        let one = wants_one(command, place, alone);
        let empty = set.is_some_and(|set| set.value.text.is_empty() || (set.has_no_default && !is_given(part.name)));
        let own = text.names.get(part.name).is_some();
        let misleads = !quoted
            && alone
            && part.operator.is_empty()
            && empty
            && !own
            && around.is_some_and(|(command, word)| place == Place::Test && misleads_when_empty(command, word));
        let instruction = text.instruction;
        let span = part.span;
        let known =
            text.is_set(part, set, self.document.stages.as_slice()) || !text.said.borrow_mut().insert(part.name);
        let fact = Expansion {
            name: Value::str(part.name, span),
            keyword: Value::str(instruction.keyword.name(), instruction.keyword_span()),
            program: optional(program(command), span),
            is_quoted: Value::bool(quoted, span),
            value: value(set, span),
            may_split: Value::bool(may_split, span),
            splits: Value::bool(splits, span),
            wants_one_word: Value::bool(one, span),
            misleads_when_empty: Value::bool(misleads, span),
            is_between_quotes: Value::bool(!part.quoted && self.is_between_quotes(span), span),
            is_set: Value::bool(known, span),
            was_set_before: Value::bool(!known && text.now.variables.lost(part.name).is_some(), span),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }

    /// Whether quotes that were opened before a place end there, and others begin behind it.
    fn is_between_quotes(&self, span: Span) -> bool {
        let text = &self.document.text;
        let range = span.range();
        let before = text.get(..range.start).unwrap_or_default();
        let after = text.get(range.end..).unwrap_or_default();
        before.ends_with('"') && !before.ends_with("\\\"") && after.starts_with('"')
    }

    fn substitution(
        &mut self,
        text: &Text<'_, 's>,
        command: &Command<'s>,
        part: &Part<'s>,
        (place, alone): (Place, bool),
    ) {
        let quoted = part.quoted || place == Place::Whole;
        let runs = command.nested.get(part.commands.clone()).unwrap_or_default();
        let instruction = text.instruction;
        let span = part.span;
        let hides = matches!(command.program(), "export" | "local" | "readonly" | "declare" | "typeset");
        let fact = Substitution {
            keyword: Value::str(instruction.keyword.name(), instruction.keyword_span()),
            program: optional(program(runs.first()), span),
            is_quoted: Value::bool(quoted, span),
            may_split: Value::bool(!quoted && !is_one_word(part, command), span),
            wants_one_word: Value::bool(wants_one(Some(command), place, alone), span),
            // An empty one is the only comment that a long command can hold.
            is_backticks: Value::bool(part.kind == PartKind::Backticks && !runs.is_empty(), span),
            hides_failure: Value::bool(hides, span),
            may_fail: Value::bool(runs.iter().any(|it| pipe::reaches_out(it.program(), |word| has(it, word))), span),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }
}

fn has(command: &Command<'_>, word: &str) -> bool {
    command.words.iter().any(|it| it.text == word)
}

fn program(command: Option<&Command<'_>>) -> Option<String> {
    command.map(Command::program).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// `export A=…`: the value is not taken apart by any shell of today.
fn is_assignment(command: &Command<'_>, index: usize) -> bool {
    let assigns = matches!(command.program(), "export" | "local" | "readonly" | "declare" | "typeset");
    assigns
        && command
            .words
            .get(index)
            .is_some_and(|word| word.text.split_once('=').is_some_and(|(name, _)| !name.contains('$')))
}

fn wants_one(command: Option<&Command<'_>>, place: Place, alone: bool) -> bool {
    let cd = command.is_some_and(|command| matches!(command.program(), "cd" | "pushd"));
    !alone || matches!(place, Place::Test | Place::Redirection) || cd
}

/// Whether a test with nothing in the place of `word` answers the opposite of what it is asked.
fn misleads_when_empty(command: &Command<'_>, word: &Word<'_>) -> bool {
    let Some(at) = command.words.iter().position(|it| it.span == word.span) else { return false };
    let text = |at: usize| command.words.get(at).map(|word| &*word.text).unwrap_or_default();
    let unequal = |text: &str| matches!(text, "!=" | "-ne");
    // `[ -n ]` is true, as is every test of one word.
    text(at.wrapping_sub(1)) == "-n" || unequal(text(at + 1)) || (at > 2 && unequal(text(at - 1)))
}

fn value<'s>(set: Option<&Set<'s>>, span: Span) -> Value<'s> {
    match set {
        None => Value::absent(span),
        Some(set) => match &set.value.unknown {
            None => Value::str(set.value.text.clone(), set.span),
            Some(reason) => Value::unknown(Reason::Unresolved(reason.clone()), set.span),
        },
    }
}

impl Text<'_, '_> {
    /// Whether an unquoted variable may be taken apart, and whether it is known to be.
    fn splitting(&self, part: &Part<'_>, set: Option<&Set<'_>>) -> (bool, bool) {
        let unsure = (true, false);
        let length = part.prefix == "#";
        if length || matches!(part.name, "UID" | "EUID" | "PPID" | "RANDOM" | "LINENO" | "SECONDS" | "OPTIND") {
            return (false, false);
        }
        let alternative = part.operator.trim_start_matches(':').strip_prefix('+');
        if alternative.is_some_and(|text| !text.contains(['$', '`']) && !has_blank(text) && !has_glob(text)) {
            return (false, false);
        }
        let is_changed = !part.operator.is_empty() || !part.prefix.is_empty() || self.names.get("IFS").is_some();
        if let Some(values) = self.names.get(part.name) {
            let texts = values.iter().all(|value| matches!(value, Known::Text(_) | Known::OneWord));
            let blank = values.iter().any(|value| matches!(value, Known::Text(text) if has_blank(text)));
            let glob = values.iter().any(|value| matches!(value, Known::Text(text) if has_glob(text)));
            return match (texts, is_changed) {
                (true, false) => (blank || glob, blank),
                (true, true) if !(blank || glob) => (part.operator.contains(['*', '?', ' ']), false),
                _ => unsure,
            };
        }
        let Some(set) = set else { return (!matches!(part.name, "TARGETARCH" | "HOSTNAME"), false) };
        let text = &*set.value.text;
        if is_given(part.name) || set.value.known().is_some_and(|text| !has_blank(text) && !has_glob(text)) {
            return (part.operator.contains(['*', '?', ' ']), false);
        }
        let blank = has_blank(text) && set.value.unknown.is_none() && !is_changed;
        (true, blank)
    }

    /// Whether something sets the variable; also true where that cannot be told.
    fn is_set(
        &self,
        part: &Part<'_>,
        set: Option<&Set<'_>>,
        stages: &[crate::inspect::dockerfile::document::Stage<'_>],
    ) -> bool {
        let name = part.name;
        let operator = part.operator.strip_prefix(':').unwrap_or(part.operator);
        let has_default = operator.starts_with(['-', '=', '+', '?']) || part.prefix == "!";
        let shell = &self.now.shell;
        let onbuild = self.instruction.onbuild.is_some();
        if set.is_some()
            || self.names.is_open
            || self.names.get(name).is_some()
            || has_default
            || onbuild
            || shell.reads_profile
        {
            return true;
        }
        let lower = name.to_ascii_lowercase();
        let given = OF_SHELL.contains(&name)
            || lower.ends_with("_proxy")
            || name.starts_with("BASH")
            || name.starts_with("LC_");
        let mounted =
            self.layer.mounts.iter().any(|mount| mount.split(',').any(|part| part.strip_prefix("env=") == Some(name)));
        let elsewhere = self.instruction.undefined.iter().any(|it| it.name == name);
        if given || mounted || elsewhere || is_given(name) || self.now.variables.get("BASH_ENV").is_some() {
            return true;
        }
        // Whoever runs the image sets what its start and its checks use.
        if self.instruction.keyword != Keyword::Run {
            return true;
        }
        if name.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return false;
        }
        // What an image sets for those who build on it is in capitals. Systems set nothing but PATH.
        let root = self.now.root.and_then(|root| stages.get(root));
        let image = root.map(|stage| &stage.image.value).filter(|value| !value.text.contains(GAP));
        !image.is_some_and(|image| by_image(&image.text).is_some_and(|product| product.role == ProductRole::Os))
    }
}

fn has_blank(text: &str) -> bool {
    text.trim().contains([' ', '\t', '\n'])
}

fn has_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
