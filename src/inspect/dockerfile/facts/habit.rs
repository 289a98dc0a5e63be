//! What a command does that a build has no use for, or that comes too late.

use super::command::At;
use super::flow::is_within;
use super::layer::{Arg, Command};
use super::pipe;
use crate::span::Span;
use crate::syntax::shell::Connector;

/// Whether one of curl and wget runs where the other one ran before.
pub(super) fn repeats_downloader(at: &At<'_, '_>) -> bool {
    let other = match at.command.name.as_str() {
        "curl" => "wget",
        "wget" => "curl",
        _ => return false,
    };
    at.now.flow.downloaders.contains(other) || at.layer.commands.iter().take(at.index).any(|it| it.name == other)
}

/// A command that asks for a graphics card, which a build does not have.
pub(super) fn asks_gpu(at: &At<'_, '_>) -> bool {
    let command = at.command;
    let forgiven = at.layer.commands.get(at.index + 1).is_some_and(|next| next.connector == Connector::Or);
    let inside = command.inside.is_some() || command.writes_to.is_some();
    let program = command.name == "nvidia-smi" && !command.has("--help") && !command.has("--version");
    let text = command.args.windows(2).find(|pair| pair[0].text == "-c").map(|pair| &*pair[1].text);
    let asserts = text.is_some_and(|text| {
        let asks = ["torch.cuda.is_available()", "tf.config.list_physical_devices", "torch.cuda.current_device()"];
        asks.iter().any(|ask| text.contains(ask)) && (text.contains("assert") || text.contains("exit"))
    });
    (program && !inside || asserts) && !forgiven && !at.layer.has_device
}

/// What `chmod` and `chown` change that an earlier COPY of the same stage brought, so that its bytes ship twice.
pub(super) fn changes_copied(at: &At<'_, '_>) -> Option<Span> {
    let command = at.command;
    if !matches!(command.name.as_str(), "chmod" | "chown" | "chgrp") {
        return None;
    }
    let recursive = command.short('R', "").is_some() || command.has("--recursive");
    let target = operands(command).skip(1).find(|word| {
        let Some(path) = at.path(word) else { return false };
        let brought = at.now.flow.brought.iter().filter(|one| one.is_copied && one.stage == at.now.stage);
        brought.into_iter().any(|one| one.path == path || (recursive && is_within(&one.path, &path)))
    })?;
    Some(target.span)
}

/// What `rm` removes that an earlier instruction of the same stage brought: its layer keeps it.
pub(super) fn removes_earlier(at: &At<'_, '_>) -> Option<Span> {
    if at.command.name != "rm" {
        return None;
    }
    let recursive = at.command.short('r', "").is_some() || at.command.short('R', "").is_some();
    let target = operands(at.command).find(|word| {
        let Some(path) = at.path(word).filter(|path| path != "/") else { return false };
        let brought = at.now.flow.brought.iter().filter(|one| one.stage == at.now.stage);
        brought.into_iter().any(|one| one.path == path || (recursive && is_within(&one.path, &path)))
    })?;
    Some(target.span)
}

/// Where a mounted secret is written down or shown.
pub(super) fn leaks_secret(at: &At<'_, '_>) -> Option<Span> {
    let secrets = at.layer.secret_files();
    if secrets.is_empty() {
        return None;
    }
    let command = at.command;
    let names = |text: &str| secrets.iter().any(|file| text.contains(file.as_str()));
    let word = command.args.iter().find(|word| names(&word.text))?;
    let kept =
        |path: &str| !(path.starts_with("/dev/") || path.starts_with("/tmp") || path.starts_with('&') || names(path));
    let removed =
        |path: &str| at.layer.after(at.index).any(|it| it.name == "rm" && it.args.iter().any(|word| word.text == path));
    match command.name.as_str() {
        "cp" | "install" | "mv" => {
            let target = command.args.last().filter(|last| last.span != word.span)?;
            (kept(&target.text) && !removed(&target.text)).then_some(target.span)
        }
        "cat" => {
            let writes = command.redirections.iter().find(|(operator, _)| operator.starts_with('>'));
            match writes {
                Some((_, target)) => (kept(&target.text) && !removed(&target.text)).then_some(target.span),
                None if command.inside.is_none() && command.writes_to.is_none() => Some(word.span),
                None => {
                    let next = at.layer.commands.get(command.writes_to?)?;
                    let target = next.args.iter().rfind(|word| !word.text.starts_with('-'))?;
                    (next.name == "tee" && kept(&target.text)).then_some(target.span)
                }
            }
        }
        _ => None,
    }
}

/// Whether composer is told to install nothing that only development needs.
pub(super) fn leaves_out_development(at: &At<'_, '_>) -> bool {
    let on = |value: &str| !matches!(value, "" | "0" | "false");
    let set = at
        .command
        .assignments
        .iter()
        .any(|(name, word)| name == "COMPOSER_NO_DEV" && on(word.text.rsplit('=').next().unwrap_or_default()));
    at.command.has("--no-dev") || set || at.now.flow.env.get("COMPOSER_NO_DEV").is_some_and(|value| on(value))
}

/// A download that is kept although nothing in the layer checks it.
pub(super) fn is_unverified(at: &At<'_, '_>) -> bool {
    let command = at.command;
    let address = command.args.iter().any(|word| word.text.contains("://") && !is_local(&word.text));
    let listens = command.has("--head") || command.has("-I") || command.has("--spider");
    pipe::downloads(&command.name) && address && !at.layer.checks && !listens && !pipe::feeds_shell(at)
}

fn is_local(text: &str) -> bool {
    text.contains("://localhost") || text.contains("://127.0.0.1")
}

/// Words after the name that are no flags.
fn operands<'c, 's>(command: &'c Command<'s>) -> impl Iterator<Item = &'c Arg<'s>> {
    command.args.iter().filter(|word| !word.text.starts_with('-') && word.text != "--")
}

impl At<'_, '_> {
    /// The absolute path that a word means, if it is plain and the layer does not change folders.
    fn path(&self, word: &Arg<'_>) -> Option<String> {
        let text = word.text.trim_end_matches("/*").trim_end_matches('/');
        let moved = !text.starts_with('/') && self.layer.commands.iter().take(self.index).any(|it| it.name == "cd");
        if text.is_empty() || word.has_expansion || text.contains(['*', '?', '{', '$', '~']) || moved {
            return None;
        }
        self.now.flow.absolute(text)
    }
}
