//! Pipes: downloads that run as they come, and failures that nobody sees.

use super::command::At;
use super::layer::{Command, is_shell};

/// Programs that fetch something.
pub(super) fn downloads(name: &str) -> bool {
    matches!(name, "curl" | "wget" | "fetch" | "aria2c")
}

/// Whether a command compares a checksum or a signature.
pub(super) fn checks(command: &Command<'_>) -> bool {
    const SUMS: [&str; 8] =
        ["sha256sum", "sha512sum", "sha1sum", "sha384sum", "sha224sum", "md5sum", "b2sum", "shasum"];
    let name = command.name.as_str();
    let verifies = || command.args.iter().any(|word| word.text.contains("verify"));
    let compares = || command.short('c', "").is_some() || command.has("--check") || command.has("--status");
    match name {
        _ if SUMS.contains(&name) => compares(),
        "gpg" | "cosign" | "minisign" | "signify" => verifies(),
        "gpgv" => true,
        "openssl" => command.has("dgst") && verifies(),
        _ => false,
    }
}

/// Whether a program runs what it reads from its standard input.
fn runs_input(command: &Command<'_>) -> bool {
    let name = command.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if is_shell(name) {
        // `bash -s -- args` and `bash -` read it; `sh -c text` and `sh file` do not.
        let mut words = command.args.iter().map(|word| &*word.text);
        return match words.find(|word| !word.starts_with('-') || matches!(*word, "-c" | "-s" | "-" | "--")) {
            None | Some("-s" | "-") => true,
            Some("--") => words.next().is_none(),
            Some("/dev/stdin") => true,
            Some(_) => false,
        };
    }
    let interprets = matches!(name, "python" | "perl" | "ruby" | "node" | "php");
    interprets && command.args.first().is_none_or(|word| matches!(&*word.text, "-" | "--"))
}

/// What reads the output of the command at the end of its pipe, wrappers such as `sudo` seen through.
fn reader<'a, 's>(at: &At<'a, 's>) -> Option<&'a Command<'s>> {
    let index = at.command.writes_to?;
    let direct = at.layer.commands.get(index)?;
    let inner = at.layer.commands.iter().skip(index + 1).take_while(|it| it.wrapped_by.is_some()).last();
    Some(inner.unwrap_or(direct))
}

/// `curl … | sh`, `sh <(curl …)`, `sh -c "$(curl …)"`.
pub(super) fn feeds_shell(at: &At<'_, '_>) -> bool {
    if !downloads(&at.command.name) || at.layer.checks {
        return false;
    }
    let piped = reader(at).is_some_and(runs_input);
    let substituted = at.command.inside.and_then(|index| at.layer.commands.get(index)).is_some_and(|outer| {
        let evaluates = is_shell(&outer.name) || matches!(outer.name.as_str(), "eval" | "source" | ".");
        // `eval "$(tool init)"` runs a tool; here the tool is the download itself, alone in its substitution.
        evaluates && at.command.writes_to.is_none()
    });
    piped || substituted
}

/// Whether a failure on the left of a pipe goes unnoticed: no `pipefail`, something that fails for reasons outside the
/// build, and a reader that is content with nothing.
pub(super) fn fails_unseen(at: &At<'_, '_>) -> bool {
    let Some(reader) = reader(at) else { return false };
    // In the words of another command no option helps: that command's own exit code counts.
    let is_word =
        at.command.inside.and_then(|index| at.layer.commands.get(index)).is_some_and(|it| !it.name.is_empty());
    let shell = &at.now.shell;
    if is_word || shell.pipefail || !shell.is_posix || sets_pipefail(at) {
        return false;
    }
    can_fail(at.command) && is_content_with_nothing(reader)
}

/// Programs whose failure matters and does happen.
fn can_fail(command: &Command<'_>) -> bool {
    let version = command.args.iter().any(|word| {
        matches!(
            &*word.text,
            "--version" | "-V" | "version" | "env" | "config" | "list" | "ls" | "rev-parse" | "describe" | "log"
        )
    });
    reaches_out(&command.name, |word| command.has(word)) && !version
}

/// Whether a program asks other machines or compiles, so that it fails for reasons outside this file.
pub(super) fn reaches_out(name: &str, has: impl Fn(&str) -> bool) -> bool {
    const REMOTE: [&str; 24] = [
        "curl",
        "wget",
        "git",
        "aws",
        "gsutil",
        "gcloud",
        "az",
        "npm",
        "npx",
        "yarn",
        "pnpm",
        "pip",
        "pip3",
        "go",
        "cargo",
        "mvn",
        "gradle",
        "make",
        "cmake",
        "pytest",
        "openssl",
        "mysqldump",
        "pg_dump",
        "rsync",
    ];
    // Git asks another machine only to fetch; what it says of the working copy cannot fail for reasons outside.
    let local = name == "git" && !["clone", "fetch", "pull", "ls-remote", "archive"].iter().any(|word| has(word));
    REMOTE.contains(&name) && !local
}

/// Readers that end well on no input. `tar`, `gpg --dearmor`, `sha256sum -c` and their like do not.
fn is_content_with_nothing(command: &Command<'_>) -> bool {
    const CONTENT: [&str; 25] = [
        "sh", "bash", "ash", "dash", "zsh", "tee", "sed", "awk", "gawk", "cut", "head", "tail", "sort", "uniq", "tr",
        "xargs", "perl", "ruby", "node", "php", "jq", "cat", "mysql", "psql", "wc",
    ];
    let name = command.name.as_str();
    CONTENT.contains(&name)
        || name.strip_prefix("python").is_some_and(|rest| {
            rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && command.args.is_empty()
        })
}

/// `set -o pipefail` before the command, or `bash -o pipefail -c` around it.
fn sets_pipefail(at: &At<'_, '_>) -> bool {
    at.layer.pipefail.is_some_and(|first| first < at.index)
        || at.layer.interpreter.as_deref().is_some_and(|line| line.contains("pipefail"))
}

/// Whether a command gives its shell, or the shell that it starts, `pipefail`.
pub(super) fn turns_pipefail_on(command: &Command<'_>) -> bool {
    (matches!(command.name.as_str(), "set" | "shopt") || is_shell(&command.name)) && command.has("pipefail")
}
