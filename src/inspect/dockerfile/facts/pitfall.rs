//! Commands that do something else than they seem to: forms that a shell or tool accepts and few people mean.

use super::command::At;
use super::layer::{Arg, Command};
use super::manager;
use super::state::State;
use super::variable::Variables;
use crate::span::Span;
use crate::syntax::shell::{Connector, Part, PartKind};

/// How far one looks back: a layer of thousands of commands would take quadratic time.
const FARTHEST: usize = 300;

/// Whether the layer ends at the first error from here on.
fn stops(at: &At<'_, '_>) -> bool {
    let shebang = at.layer.interpreter.as_deref().unwrap_or_default();
    let flagged = shebang.split_whitespace().skip(1).any(|word| word.starts_with('-') && word.contains('e'));
    let before = at.layer.commands.iter().take(at.index.min(FARTHEST));
    let set = before.filter(|it| it.name == "set").any(|it| it.short('e', "o").is_some() || it.has("errexit"));
    flagged || set || at.now.shell.errexit
}

/// The command that follows in the same list.
fn next<'a, 's>(at: &At<'a, 's>) -> Option<&'a Command<'s>> {
    let same = |it: &&Command<'_>| it.inside == at.command.inside && it.wrapped_by == at.command.wrapped_by;
    at.layer.after(at.index).find(same)
}

/// Folders that every image of a system has.
const OF_SYSTEM: [&str; 26] = [
    "/",
    "..",
    ".",
    "~",
    "-",
    "$HOME",
    "/tmp",
    "/root",
    "/usr/src",
    "/usr",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/src",
    "/usr/local/lib",
    "/usr/bin",
    "/usr/lib",
    "/usr/share",
    "/etc",
    "/opt",
    "/var",
    "/var/tmp",
    "/var/lib",
    "/home",
    "/srv",
    "/bin",
    "/lib",
];

/// The folders that a command makes.
pub(super) fn made(command: &Command<'_>) -> Vec<String> {
    let operands = || command.args.iter().filter(|word| !word.text.starts_with('-'));
    let paths: Vec<&Arg<'_>> = match command.name.as_str() {
        "mkdir" => operands().collect(),
        "git" if command.has("clone") => operands().next_back().into_iter().collect(),
        "tar" | "unzip" => command
            .args
            .windows(2)
            .find(|pair| pair[0].text == "-C" || pair[0].text == "-d")
            .map(|pair| &pair[1])
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    paths.into_iter().take(50).map(|word| word.text.trim_end_matches('/').to_owned()).collect()
}

/// `cd x; y`: y runs in the wrong folder when there is no x.
pub(super) fn ignores_failed_cd(at: &At<'_, '_>) -> bool {
    let command = at.command;
    if command.name != "cd" || command.is_condition || at.layer.is_heredoc || !at.now.shell.is_posix {
        return false;
    }
    let to = command.args.iter().find(|word| !word.text.starts_with('-'));
    let surely = to.is_none_or(|word| {
        let path = if word.text.len() > 1 { word.text.trim_end_matches('/') } else { &*word.text };
        let here =
            || at.layer.commands.iter().take(at.index.min(FARTHEST)).any(|it| made(it).iter().any(|made| made == path));
        OF_SYSTEM.contains(&path) || at.now.folders.contains(path) || here()
    });
    let goes_on = next(at).is_some_and(|it| it.connector == Connector::Sequence && it.depth >= command.depth);
    !surely && goes_on && !stops(at) && !matches!(command.connector, Connector::Or | Connector::Pipe)
}

/// `read` without `-r`, which takes backslashes out of what it reads.
pub(super) fn reads_escapes(command: &Command<'_>) -> bool {
    command.name == "read" && command.short('r', "adinNptu").is_none() && !command.args.is_empty()
}

/// `rm *`: the first operand that a file named `-rf` could turn into a flag.
pub(super) fn glob_as_flag(command: &Command<'_>) -> Option<Span> {
    const TAKING: [&str; 12] =
        ["rm", "cp", "mv", "chmod", "chown", "chgrp", "cat", "tar", "ls", "touch", "rsync", "zip"];
    if !TAKING.contains(&command.name.as_str()) {
        return None;
    }
    let args = command.args.iter().take_while(|word| word.text != "--");
    args.clone().find(|word| begins_with_glob(word)).map(|word| word.span)
}

fn begins_with_glob(word: &Arg<'_>) -> bool {
    word.text.starts_with(['*', '?'])
        && word.parts.first().is_some_and(|part| part.kind == PartKind::Glob && part.span.start == word.span.start)
}

/// `pip install name[extra]`: brackets outside quotes are a pattern.
pub(super) fn bracket_pattern(command: &Command<'_>) -> Option<Span> {
    if matches!(command.name.as_str(), "[[" | "[" | "test") {
        return None;
    }
    let word = command.args.iter().find(|word| {
        let Some((_, rest)) = word.text.split_once('[') else { return false };
        let Some((set, _)) = rest.split_once(']') else { return false };
        let is_pattern = word.parts.iter().any(|part| part.kind == PartKind::Glob && part.span.range().len() == 1);
        let repeats = set.chars().enumerate().any(|(at, c)| set.chars().take(at.min(40)).any(|other| other == c));
        is_pattern && !word.has_expansion && repeats && !set.starts_with(':')
    });
    word.map(|word| word.span)
}

/// `[ a -a b ]`, whose meaning depends on the number of words.
pub(super) fn joins_tests(command: &Command<'_>) -> Option<Span> {
    let words = matches!(command.name.as_str(), "[" | "test").then_some(&command.args)?;
    let joined = words.iter().enumerate().find(|(at, word)| *at > 0 && matches!(&*word.text, "-a" | "-o"));
    joined.map(|(_, word)| word.span)
}

/// `find | xargs` without zero bytes between the names.
pub(super) fn splits_names(at: &At<'_, '_>) -> bool {
    let command = at.command;
    let from = command.reads_from.and_then(|index| at.layer.commands.get(index));
    let zero = |it: &Command<'_>, flags: &[&str]| flags.iter().any(|flag| it.flag(flag).is_some());
    command.name == "xargs"
        && from.is_some_and(|it| it.name == "find" && !zero(it, &["-print0", "-printf"]))
        && !zero(command, &["-0", "--null", "-d", "--delimiter"])
        && command.short('0', "dEIJLlnPRSs").is_none()
}

/// `ln -s x`, which links into whatever folder is the current one.
pub(super) fn lacks_target(command: &Command<'_>) -> bool {
    let operands = command.args.iter().filter(|word| !word.text.starts_with('-')).count();
    let single = command.args.iter().all(|word| !word.has_expansion && word.parts.is_empty());
    command.name == "ln" && operands == 1 && single && command.short('t', "S").is_none()
}

/// `mkdir -p -m 700 a/b`: the mode is that of b alone.
pub(super) fn mode_of_last(command: &Command<'_>) -> Option<Span> {
    let parents = command.short('p', "m").is_some() || command.has("--parents");
    let mode = command.short('m', "").or_else(|| command.flag("--mode"))?;
    let nested =
        command.args.iter().any(|word| word.text.trim_matches('/').contains('/') && !word.text.starts_with('-'));
    (command.name == "mkdir" && parents && nested).then_some(mode.span)
}

/// `printf "$X"`: the format of a `printf` when nothing but variables says what it is.
pub(super) fn format_of_variable(command: &Command<'_>) -> Option<Span> {
    let mut words = command.args.iter();
    let mut first = words.next().filter(|_| command.name == "printf")?;
    if first.text == "-v" {
        first = words.nth(1)?;
    }
    if first.text == "--" {
        first = words.next()?;
    }
    let is_plain = first.parts.iter().any(|part| part.kind == PartKind::Variable);
    (is_plain && !first.text.contains('%')).then_some(first.span)
}

/// Folders that nobody removes by intent, each also with all that is in it.
const SYSTEM: [&str; 9] = ["", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/usr", "/var"];

/// `rm -rf "$X/"*`: a word that is a folder of the system when the variable that it begins with is empty.
pub(super) fn removes_root(at: &At<'_, '_>) -> Option<Span> {
    let command = at.command;
    let recursive = ['r', 'R'].iter().any(|flag| command.short(*flag, "").is_some());
    if command.name != "rm" || !(recursive || command.has("--recursive")) {
        return None;
    }
    let word = command.args.iter().find(|word| {
        let only_variables = word.parts.iter().all(|part| matches!(part.kind, PartKind::Variable | PartKind::Glob));
        let first = word.parts.first().filter(|first| first.kind == PartKind::Variable && word.text.starts_with('$'));
        let Some(left) = first.filter(|_| only_variables).and_then(|_| without_variables(&word.text)) else {
            return false;
        };
        let left = left.strip_suffix("/*").or_else(|| left.strip_suffix('/')).unwrap_or(&left);
        let rooted = word.text.contains('/') && SYSTEM.contains(&left);
        rooted && word.parts.iter().filter(|part| part.kind == PartKind::Variable).all(|part| may_be_empty(at, part))
    });
    word.map(|word| word.span)
}

/// Packages without hashes after packages with.
pub(super) fn bypasses_hashes(at: &At<'_, '_>) -> Option<Span> {
    let word = manager::installs_unhashed(at.command)?;
    let before = at.layer.commands.iter().take(at.index.min(FARTHEST)).any(manager::checks_hashes);
    (before || at.now.flow.checks_hashes).then_some(word.span)
}

/// A text without its variables; nothing where one does not end.
fn without_variables(text: &str) -> Option<String> {
    let mut pieces = text.split('$');
    let mut left = pieces.next()?.to_owned();
    for piece in pieces {
        left.push_str(match piece.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?.1,
            None => piece.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        });
    }
    Some(left)
}

/// Whether nothing stands in for a variable that may be empty.
fn may_be_empty(at: &At<'_, '_>, part: &Part<'_>) -> bool {
    const NEVER: [&str; 6] = ["HOME", "PWD", "OLDPWD", "TMPDIR", "TARGETARCH", "TARGETPLATFORM"];
    let guarded = part.operator.trim_start_matches(':').starts_with(['?', '-', '=']);
    let known =
        at.now.variables.get(part.name).is_some_and(|set| set.value.unknown.is_none() && !set.value.text.is_empty());
    let here = at.layer.commands.iter().take(at.index.min(FARTHEST)).any(|it| {
        it.assignments.iter().any(|(name, word)| *name == part.name && !word.text.ends_with('=') && !word.has_expansion)
    });
    !(guarded || known || here || NEVER.contains(&part.name))
}

/// A build argument in single quotes, which keep the `$` as it stands.
pub(super) fn keeps_dollar<'s>(command: &Command<'s>, now: &State<'s>) -> Option<Span> {
    const PLAIN: [&str; 13] =
        ["echo", "printf", "mkdir", "rm", "cp", "mv", "ln", "curl", "wget", "tar", "touch", "chown", "chmod"];
    if !PLAIN.contains(&command.name.as_str()) {
        return None;
    }
    let word = command.args.iter().find(|word| {
        let single = word.parts.iter().any(|part| part.kind == PartKind::Single);
        single && !word.has_expansion && names_argument(&word.text, &now.variables)
    });
    word.map(|word| word.span)
}

/// Whether a text uses `$NAME` of an ARG that no ENV hands on to those who run the image.
fn names_argument(text: &str, variables: &Variables<'_>) -> bool {
    text.split('$').skip(1).take(64).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let name = rest.get(..end).unwrap_or_default();
        variables.get(name).is_some_and(|set| !set.is_env)
    })
}
