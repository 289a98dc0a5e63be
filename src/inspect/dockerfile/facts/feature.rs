//! Constructs that not every shell knows.

use std::collections::HashSet;

use super::dialect::Feature;
use super::variable::{Names, Variables};
use crate::span::Span;
use crate::syntax::shell::{Command, MarkKind, PartKind, Script, Word};

/// Calls `found` with every such construct of `script`.
pub(super) fn features(
    script: &Script<'_>,
    names: &Names<'_>,
    variables: &Variables<'_>,
    found: &mut impl FnMut(Feature, Span),
) {
    let mut functions = HashSet::new();
    for mark in &script.marks {
        let feature = match mark.kind {
            MarkKind::Function => {
                functions.insert(mark.name);
                continue;
            }
            MarkKind::FunctionKeyword => {
                functions.insert(mark.name);
                Feature::FunctionKeyword
            }
            MarkKind::Select => Feature::Select,
            MarkKind::ArithmeticCommand | MarkKind::ArithmeticFor => Feature::ArithmeticCommand,
            MarkKind::FallThrough => Feature::FallThrough,
            MarkKind::PipeBoth => Feature::PipeBoth,
            MarkKind::Array => Feature::Array,
            MarkKind::Append => Feature::Append,
            MarkKind::For => {
                mark.words.iter().for_each(|word| parts(word, names, variables, found));
                continue;
            }
            MarkKind::Case => continue,
        };
        found(feature, mark.span);
    }
    for command in script.all() {
        of_command(command, &functions, found);
        // curl expands braces itself.
        let expands = matches!(command.program(), "curl");
        let values = command.assignments.iter().map(|it| &it.value);
        let targets = command.redirections.iter().map(|it| &it.target);
        for word in command.words.iter().chain(targets) {
            parts(word, names, variables, &mut |feature, span| {
                if !(expands && feature == Feature::Braces) {
                    found(feature, span);
                }
            });
        }
        for word in values {
            // Nothing expands braces in an assignment.
            parts(word, names, variables, &mut |feature, span| {
                if feature != Feature::Braces {
                    found(feature, span);
                }
            });
        }
    }
}

fn of_command(command: &Command<'_>, functions: &HashSet<&str>, found: &mut impl FnMut(Feature, Span)) {
    for redirection in &command.redirections {
        let target = &*redirection.target.text;
        let descriptor = target == "-" || redirection.target.has_expansion;
        let descriptor = descriptor || target.trim_end_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        match redirection.operator {
            "&>" | "&>>" => found(Feature::RedirectBoth, redirection.span),
            ">&" if !descriptor => found(Feature::RedirectBoth, redirection.span),
            "<<<" => found(Feature::HereString, redirection.span),
            _ => {}
        }
    }
    let Some((name, args)) = command.words.split_first() else { return };
    if name.has_expansion || functions.contains(&*name.text) {
        return;
    }
    let mut one = |feature, word: &Word<'_>| found(feature, word.span);
    let arg = |test: &dyn Fn(&str) -> bool| args.iter().find(|word| test(&word.text));
    match &*name.text {
        "[[" => test_brackets(name, args, found),
        "[" | "test" => {
            if let Some(word) = args.iter().find(|word| word.text == "==" && !word.quoted) {
                one(Feature::TestDoubleEquals, word);
            }
            if let Some(word) = args.iter().take(2).find(|word| word.text == "-v") {
                one(Feature::TestVariable, word);
            }
        }
        "pushd" | "popd" | "dirs" | "shopt" | "declare" | "typeset" | "mapfile" | "readarray" | "disown"
        | "builtin" | "enable" | "compgen" | "complete" | "caller" => one(Feature::Builtin, name),
        "let" | "source" => one(Feature::LetOrSource, name),
        "set" => {
            if let Some(word) = arg(&|text| text == "pipefail") {
                one(Feature::Pipefail, word);
            }
        }
        "trap" => trap(args, &mut one),
        "read" => {
            if let Some(word) = arg(&|text| text == "-a" || text == "-ra" || text == "-ar") {
                one(Feature::BuiltinFlag, word);
            }
        }
        "printf" | "export" | "exec" => {
            let flag = match &*name.text {
                "printf" => "-v",
                "export" => "-f",
                _ => "-a",
            };
            if let Some(word) = args.first().filter(|word| word.text == flag) {
                one(Feature::BuiltinFlag, word);
            }
        }
        "echo" => echo(command, args, &mut one),
        _ => {}
    }
}

fn test_brackets(name: &Word<'_>, args: &[Word<'_>], found: &mut impl FnMut(Feature, Span)) {
    found(Feature::TestBrackets, name.span);
    let compares = |text: &str| matches!(text, "==" | "=" | "!=");
    for pair in args.windows(2) {
        let pattern = pair[1].parts.iter().any(|part| part.kind == PartKind::Glob);
        if compares(&pair[0].text) && pattern {
            found(Feature::TestPattern, pair[1].span);
        }
    }
}

fn trap(args: &[Word<'_>], one: &mut impl FnMut(Feature, &Word<'_>)) {
    for word in args.iter().skip(1) {
        match &*word.text {
            "ERR" | "DEBUG" | "RETURN" => one(Feature::Trap, word),
            text if text.starts_with("SIG") && text.len() > 3 => one(Feature::TrapPrefix, word),
            _ => {}
        }
    }
}

fn echo(command: &Command<'_>, args: &[Word<'_>], one: &mut impl FnMut(Feature, &Word<'_>)) {
    let is_flag = |word: &&Word<'_>| {
        let letters = word.text.strip_prefix('-').unwrap_or_default();
        !letters.is_empty() && letters.bytes().all(|byte| matches!(byte, b'n' | b'e' | b'E'))
    };
    let flags = args.iter().take_while(is_flag).count();
    let (flags, texts) = args.split_at(flags);
    if let Some(flag) = flags.iter().find(|word| word.text.contains(['e', 'E'])) {
        return one(Feature::EchoFlag, flag);
    }
    // Text that another program interprets again keeps its backslashes on purpose.
    let again = ["printf", "echo", "sed", "awk", "grep", "PS1", "PROMPT", "\\\\", "$'", "regex", "logformat", "perl"];
    let kept = |text: &str| again.iter().any(|word| text.contains(word));
    let written = command.redirections.iter().any(|it| it.operator.starts_with('>'));
    let escape = |word: &&Word<'_>| word.text.contains("\\n") && !kept(&word.text) && !is_path(&word.text);
    if let Some(word) = texts.iter().find(escape).filter(|_| written) {
        one(Feature::EchoEscape, word);
    }
}

/// `C:\new` holds a backslash for another reason.
fn is_path(text: &str) -> bool {
    text.get(1..3) == Some(":\\") || text.contains(":\\n")
}

fn parts(word: &Word<'_>, names: &Names<'_>, variables: &Variables<'_>, found: &mut impl FnMut(Feature, Span)) {
    for part in &word.parts {
        let feature = match part.kind {
            PartKind::Ansi => Feature::AnsiQuotes,
            PartKind::Process => Feature::ProcessSubstitution,
            PartKind::Braces => Feature::Braces,
            PartKind::Variable => {
                let operator = part.operator.as_bytes();
                match (part.prefix, operator) {
                    ("!", _) if !part.name.is_empty() => Feature::Indirect,
                    (_, [b'[', ..]) => Feature::Array,
                    (_, [b'/', ..]) => Feature::Replacement,
                    (_, [b'^' | b',' | b'@', ..]) => Feature::CaseChange,
                    (_, [b':', next, ..]) if !matches!(next, b'-' | b'=' | b'+' | b'?') => Feature::Substring,
                    (_, [])
                        if !names.is_open && names.get(part.name).is_none() && variables.get(part.name).is_none() =>
                    {
                        match part.name {
                            "RANDOM" | "HOSTNAME" => Feature::RandomOrHostname,
                            "UID" | "EUID" | "OSTYPE" | "MACHTYPE" | "HOSTTYPE" | "PIPESTATUS" | "DIRSTACK"
                            | "SECONDS" | "FUNCNAME" | "GROUPS" | "BASH_SOURCE" | "BASH_VERSION" | "BASH_REMATCH"
                            | "EPOCHSECONDS" => Feature::Variable,
                            _ => continue,
                        }
                    }
                    _ => continue,
                }
            }
            _ => continue,
        };
        found(feature, part.span);
    }
}
