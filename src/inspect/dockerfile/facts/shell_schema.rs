//! The subjects of shell texts: RUN, CMD, ENTRYPOINT and HEALTHCHECK in shell form, and heredocs.

use super::schema::Stage;
use crate::fact::Type;

crate::subject! {
    /// A text that a POSIX shell reads: RUN, CMD, ENTRYPOINT or HEALTHCHECK in shell form, a heredoc that is run or given
    /// to a shell; stands on the keyword. Texts for PowerShell, cmd and other interpreters are none.
    pub struct ShellText: "dockerfile.shell" {
        /// The instruction.
        keyword: Type::String,
        /// The shell that reads it: `bash`, `dash`, `busybox`, `zsh` or `ksh`; unknown where `/bin/sh` of the base image
        /// is not known; points to the SHELL, FROM, `#!` line or command that shows it.
        dialect: Type::String,
        /// Whether a shell can read it: quotes, brackets and keywords have their ends, operators a command on both sides;
        /// points to what has not.
        is_readable: Type::Bool,
        /// Why it cannot be read; absent when it can.
        problem: Type::String,
        /// Whether it is the body of a heredoc.
        is_heredoc: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A variable that a shell text uses; stands on the use.
    pub struct Expansion: "dockerfile.expansion" {
        /// The variable.
        name: Type::String,
        /// The instruction.
        keyword: Type::String,
        /// The program in whose words it stands; absent when there is none, or a variable names it.
        program: Type::String,
        /// Whether it stands in quotes, or where the shell takes nothing apart: an assignment, `[[ … ]]`, arithmetic.
        is_quoted: Type::Bool,
        /// What ENV or ARG set it to; absent when they do not; points to the name there.
        value: Type::String,
        /// Whether its value may be taken apart at blanks or stand for file names: it is not quoted, and its value is not
        /// known to be one plain word.
        may_split: Type::Bool,
        /// Whether its value is known and is taken apart at blanks here.
        splits: Type::Bool,
        /// Whether only one word makes sense here: it is part of a longer word, an operand of `[` or `cd`, the target of a
        /// redirection.
        wants_one_word: Type::Bool,
        /// Whether it stands unquoted in a test that gives the wrong answer when the variable is empty (`!=`, `-n`, `-ne`),
        /// and it is empty unless whoever builds gives a value.
        misleads_when_empty: Type::Bool,
        /// Whether double quotes end right before it and begin again right behind it (`"a "$B" c"`), so that the quotes around
        /// it leave it without.
        is_between_quotes: Type::Bool,
        /// Whether something sets it: ENV, ARG, the text itself, the shell, or the base image, as far as that can be told; also
        /// true for all but the first use in a text.
        is_set: Type::Bool,
        /// Whether the shell of an earlier RUN set it, which does not outlive that RUN.
        was_set_before: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A substitution `$(…)` or `` `…` `` in a shell text; stands on all of it.
    pub struct Substitution: "dockerfile.substitution" {
        /// The instruction.
        keyword: Type::String,
        /// The first program that it runs; absent when a variable names it.
        program: Type::String,
        /// Whether it stands in quotes, or where the shell takes nothing apart.
        is_quoted: Type::Bool,
        /// Whether its output may be taken apart at blanks or stand for file names: it is not quoted, and not known to be
        /// a single word (`$(uname -m)`).
        may_split: Type::Bool,
        /// Whether only one word makes sense here: it is part of a longer word, an operand of `[` or `cd`, the target of a
        /// redirection.
        wants_one_word: Type::Bool,
        /// Whether it is written in backticks.
        is_backticks: Type::Bool,
        /// Whether its failure is lost because `export`, `local`, `readonly` or `declare` succeeds around it, where a plain
        /// assignment would fail with it.
        hides_failure: Type::Bool,
        /// Whether what it runs fails for reasons outside the build: a download, a package manager, git.
        may_fail: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A construct of a shell text that not every shell knows; stands on it.
    pub struct Feature: "dockerfile.feature" {
        /// Which one: `test-brackets` (`[[ ]]`), `test-pattern` (`[[ x == a* ]]`), `test-double-equals`, `test-variable`
        /// (`[ -v x ]`), `array`, `append` (`x+=y`), `redirect-both` (`&>`), `pipe-both` (`|&`), `here-string`,
        /// `process-substitution`, `ansi-quotes` (`$'…'`), `braces` (`{a,b}`), `substring`, `replacement`, `case-change`,
        /// `indirect`, `pipefail`, `builtin`, `builtin-flag`, `trap`, `arithmetic-command`, `function-keyword`, `select`,
        /// `fall-through`, `variable`, `echo-flag`, `echo-escape`.
        name: Type::String,
        /// As written.
        text: Type::String,
        /// The instruction.
        keyword: Type::String,
        /// Whether the shell that reads it knows it; unknown where the shell is not known; points to it.
        is_known: Type::Bool,
        /// The shell that reads it; unknown where that is not known; points to what shows it.
        shell: Type::String,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }
}
