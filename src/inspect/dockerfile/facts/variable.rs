//! Variables as a shell text sees them: set by ENV and ARG, by the text itself, or by nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::GAP;
use crate::inspect::dockerfile::document::{Body, Document, Instruction, Keyword, Pair, Resolved};
use crate::span::Span;
use crate::syntax::shell::{Command, Mark, MarkKind, Part, PartKind, Script, Word};

/// How many variables of a stage are followed.
const MOST: usize = 2_000;

/// A variable that ENV or ARG sets.
#[derive(Debug, Clone)]
pub(super) struct Set<'s> {
    pub(super) value: Resolved<'s>,
    /// Set by ENV, so that processes of the image see it too.
    pub(super) is_env: bool,
    /// An ARG without a default: a build that gives none leaves it empty.
    pub(super) has_no_default: bool,
    pub(super) span: Span,
}

/// What ENV and ARG set so far, and what shells of earlier RUNs set and took with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables<'s> {
    set: Arc<HashMap<String, Set<'s>>>,
    lost: Arc<HashMap<String, Span>>,
}

impl<'s> Variables<'s> {
    /// What `instruction` sets.
    pub(super) fn step(&mut self, document: &Document<'s>, instruction: &Instruction<'s>) {
        let Body::Pairs { pairs, .. } = &instruction.body else { return };
        if !matches!(instruction.keyword, Keyword::Env | Keyword::Arg) {
            return;
        }
        let is_env = instruction.keyword == Keyword::Env;
        for pair in pairs {
            let known = self.set.contains_key(&*pair.key);
            if !known && self.set.len() >= MOST {
                return;
            }
            let span = instruction.line.span(pair.key_place.clone());
            let set = match &pair.value {
                Some(word) => Set { value: word.value.clone(), is_env, has_no_default: false, span },
                // `ARG x` does not undo an earlier `ENV x=…` of the stage; one before the first FROM gives the default.
                None if known => continue,
                None => match default(document, instruction, &pair.key) {
                    Some(value) => Set { value, is_env, has_no_default: false, span },
                    None => {
                        let unknown = Some("it has no default".into());
                        let value = Resolved { text: String::from(GAP).into(), unknown };
                        // One that FROM needs as well is given by everybody who builds.
                        Set { value, is_env, has_no_default: !is_declared_before(document, &pair.key), span }
                    }
                },
            };
            Arc::make_mut(&mut self.set).insert(pair.key.to_string(), set);
        }
    }

    /// Takes note of what the shell of a RUN set.
    pub(super) fn forget(&mut self, names: &Names<'_>) {
        for (name, (_, span)) in &names.assigned {
            if self.lost.len() < MOST && !self.lost.contains_key(*name) {
                Arc::make_mut(&mut self.lost).insert((*name).to_owned(), *span);
            }
        }
    }

    /// How many are known.
    pub(super) fn len(&self) -> usize {
        self.set.len() + self.lost.len()
    }

    /// What ENV or ARG set `name` to.
    pub(super) fn get(&self, name: &str) -> Option<&Set<'s>> {
        self.set.get(name)
    }

    /// Where an earlier RUN set it, for nobody but itself.
    pub(super) fn lost(&self, name: &str) -> Option<Span> {
        self.lost.get(name).copied()
    }
}

/// What ARGs before the first FROM declare, as far as one looks: each ARG of a stage asks for it.
fn before_from<'d, 's>(document: &'d Document<'s>) -> impl Iterator<Item = &'d Pair<'s>> {
    const MOST: usize = 200;
    let before = document.instructions.iter().take_while(|it| it.stage.is_none()).take(MOST);
    let arguments = before.filter(|it| it.keyword == Keyword::Arg).filter_map(|it| match &it.body {
        Body::Pairs { pairs, .. } => Some(pairs),
        _ => None,
    });
    arguments.flatten().take(MOST)
}

fn is_declared_before(document: &Document<'_>, name: &str) -> bool {
    before_from(document).any(|pair| pair.key == name)
}

/// The default that an ARG before the first FROM gives.
fn default<'s>(document: &Document<'s>, instruction: &Instruction<'s>, name: &str) -> Option<Resolved<'s>> {
    instruction.stage?;
    let named = before_from(document).filter(|pair| pair.key == name);
    named.filter_map(|pair| pair.value.as_ref()).last().map(|word| word.value.clone())
}

/// A value as far as it can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known<'t> {
    Text(&'t str),
    /// It is a number or a word that no shell takes apart.
    OneWord,
    Unsure,
}

/// What a shell text sets itself.
#[derive(Debug, Default)]
pub(super) struct Names<'t> {
    /// Every value that a name gets, with the first place.
    assigned: BTreeMap<&'t str, (Vec<Known<'t>>, Span)>,
    /// Something is read in (`. file`, `eval`) that may set anything.
    pub(super) is_open: bool,
}

impl<'t> Names<'t> {
    /// What `script` sets.
    pub(super) fn of(script: &'t Script<'_>) -> Self {
        let mut names = Self::default();
        for command in script.all() {
            names.command(command);
        }
        for mark in &script.marks {
            names.mark(mark);
        }
        names
    }

    /// The values that the text gives `name`; `None` when it gives none.
    pub(super) fn get(&self, name: &str) -> Option<&[Known<'t>]> {
        self.assigned.get(name).map(|(values, _)| values.as_slice())
    }

    fn add(&mut self, name: &'t str, value: Known<'t>, span: Span) {
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            let values = &mut self.assigned.entry(name).or_insert_with(|| (Vec::new(), span)).0;
            if values.len() < 32 {
                values.push(value);
            } else if let Some(last) = values.last_mut() {
                *last = Known::Unsure;
            }
        }
    }

    fn mark(&mut self, mark: &'t Mark<'_>) {
        if matches!(mark.kind, MarkKind::For | MarkKind::Select) {
            for word in &mark.words {
                self.add(mark.name, literal(word), mark.span);
                self.word(word);
            }
            self.add(mark.name, if mark.words.is_empty() { Known::Unsure } else { Known::OneWord }, mark.span);
        }
        if mark.kind == MarkKind::ArithmeticFor || mark.kind == MarkKind::ArithmeticCommand {
            self.is_open = true;
        }
    }

    fn command(&mut self, command: &'t Command<'_>) {
        for assignment in &command.assignments {
            let whole = !assignment.appends && !assignment.is_array;
            let value = if whole { value(&assignment.value, command) } else { Known::Unsure };
            self.add(assignment.name, value, assignment.span);
        }
        for word in command.words.iter().chain(command.assignments.iter().map(|it| &it.value)) {
            self.word(word);
        }
        let operands = || command.words.iter().skip(1).filter(|word| !word.text.starts_with('-'));
        match command.program() {
            "export" | "local" | "declare" | "typeset" | "readonly" => {
                for word in operands() {
                    self.declared(word, command);
                }
            }
            "read" | "mapfile" | "readarray" | "unset" | "let" => {
                for word in operands() {
                    let name = word.text.split(['=', '+', '-', '[']).next().unwrap_or_default();
                    self.add(name, Known::Unsure, word.span);
                }
                self.is_open |= command.program() == "let";
            }
            "getopts" => {
                if let Some(word) = operands().nth(1) {
                    self.add(&word.text, Known::Unsure, word.span);
                }
            }
            "printf" => {
                if let Some(("-v", name)) = command.words.get(1).zip(command.words.get(2)).map(|(a, b)| (&*a.text, b)) {
                    self.add(&name.text, Known::Unsure, name.span);
                }
            }
            "." | "source" | "eval" | "set" | "wait" | "coproc" => {
                self.is_open |= command.program() != "set" && command.program() != "wait";
            }
            _ => {}
        }
    }

    /// `NAME=value` as an argument of `export` and its like; `NAME` alone gives what it had before.
    fn declared(&mut self, word: &'t Word<'_>, command: &'t Command<'_>) {
        let Some((name, text)) = word.text.split_once('=') else { return };
        let appends = name.ends_with('+');
        let of_text = || if word.has_expansion { value(word, command) } else { Known::Text(text) };
        let value = if appends || text.starts_with('(') { Known::Unsure } else { of_text() };
        self.add(name.trim_end_matches('+'), value, word.span);
    }

    /// `${NAME:=value}` and `$((NAME=…))` set a variable as well.
    fn word(&mut self, word: &'t Word<'_>) {
        for part in &word.parts {
            if part.operator.starts_with(":=") || part.operator.starts_with('=') {
                self.add(part.name, Known::Unsure, part.span);
            }
            self.is_open |=
                part.kind == PartKind::Arithmetic && word.text.contains(['=', '+', '-']) && has_assignment(word);
        }
    }
}

fn has_assignment(word: &Word<'_>) -> bool {
    let text = word.text.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "");
    text.contains('=') || text.contains("++") || text.contains("--")
}

fn literal<'t>(word: &'t Word<'_>) -> Known<'t> {
    let globs = word.parts.iter().any(|part| part.kind == PartKind::Glob);
    if word.has_expansion || globs { Known::Unsure } else { Known::Text(&word.text) }
}

/// What a word that is assigned says.
fn value<'t>(word: &'t Word<'_>, command: &'t Command<'_>) -> Known<'t> {
    if !word.has_expansion {
        return Known::Text(&word.text);
    }
    let harmless = |part: &Part<'_>| match part.kind {
        PartKind::Arithmetic => true,
        // Numbers: the last exit code, a process, how many arguments.
        PartKind::Variable => matches!(part.name, "?" | "!" | "$" | "#") || part.prefix == "#",
        PartKind::Substitution | PartKind::Backticks => is_one_word(part, command),
        _ => false,
    };
    let plain = word.text.chars().all(|c| !c.is_whitespace() && !matches!(c, '*' | '?' | '['));
    match word.parts.as_slice() {
        [only] if harmless(only) && (plain || only.span == word.span) => Known::OneWord,
        _ => Known::Unsure,
    }
}

/// Whether what a substitution runs is known to write a single word.
pub(super) fn is_one_word(part: &Part<'_>, command: &Command<'_>) -> bool {
    const SINGLE: [&str; 10] =
        ["uname", "nproc", "arch", "whoami", "hostname", "mktemp", "basename", "pwd", "wc", "getconf"];
    let Some([first, rest @ ..]) = command.nested.get(part.commands.clone()) else { return false };
    let last = rest.last().unwrap_or(first);
    let arg =
        |command: &Command<'_>, at: usize| command.words.get(at).map(|word| word.text.to_string()).unwrap_or_default();
    match last.program() {
        "dpkg" => arg(last, 1) == "--print-architecture",
        "id" => matches!(&*arg(last, 1), "-u" | "-g" | "-un" | "-gn"),
        "rpm" => matches!(&*arg(last, 1), "-E" | "--eval"),
        "lsb_release" => arg(last, 1).starts_with('-') && arg(last, 1).contains('s') && !arg(last, 1).contains('d'),
        "date" => {
            last.words.iter().all(|word| !word.text.contains(' '))
                && last.words.iter().any(|word| word.text.starts_with('+'))
        }
        "apk" => arg(last, 1) == "--print-arch",
        "sha256sum" | "md5sum" | "sha1sum" => false,
        // `pwd` and `basename` say what a path says; a path with a blank in it does not occur in an image by itself.
        name => SINGLE.contains(&name) && !(name == "uname" && last.words.iter().any(|word| word.text == "-a")),
    }
}
