//! HEALTHCHECK: whether what it calls is in the image. Of an image that is not known, nothing is said.

use super::reference;
use super::state::State;
use super::{Out, layer};
use crate::inspect::dockerfile::document::{Base, Command, Instruction, Keyword};
use crate::span::{SourceId, Span};
use crate::syntax::shell;

/// What is in an image, of the tools that checks call.
fn tools_of(name: &str, tag: Option<&str>) -> Option<&'static [&'static str]> {
    let tag = tag.unwrap_or_default();
    let short = reference::short_name(name);
    if name.starts_with("gcr.io/distroless/") && !tag.contains("debug") {
        return Some(&[]);
    }
    let alpine = tag.contains("alpine") || short == "alpine";
    let slim = tag.contains("slim");
    match short {
        "alpine" => Some(&["wget", "nc"]),
        "busybox" => Some(&["wget", "nc"]),
        "node" | "python" | "golang" | "ruby" | "rust" if alpine => Some(&["wget", "nc"]),
        "debian" | "ubuntu" => Some(&[]),
        "node" | "python" | "ruby" | "rust" | "perl" if slim => Some(&[]),
        _ if short.starts_with("mcr.microsoft.com/dotnet/") && !short.ends_with("/sdk") => {
            Some(if alpine { &["wget", "nc"] } else { &[] })
        }
        _ => None,
    }
}

impl<'s> Out<'_, 's> {
    /// The program that the check calls and that the image does not have.
    pub(super) fn missing_tool(
        &self,
        instruction: &Instruction<'s>,
        command: &Command<'s>,
        end: &State<'s>,
    ) -> Option<(String, Span)> {
        if instruction.keyword != Keyword::Healthcheck || instruction.onbuild.is_some() || end.flow.may_have_more {
            return None;
        }
        let (program, span) = program(instruction, command)?;
        let root = end.root.and_then(|root| self.document.stages.get(root))?;
        let has: &[&str] = match root.base {
            Base::Scratch => &[],
            Base::Image if root.image.value.unknown.is_none() => {
                let parts = reference::parts(&root.image.value.text);
                tools_of(parts.name, parts.tag)?
            }
            _ => return None,
        };
        let installed = end.flow.tools.iter().any(|tool| tool == &program || tool.starts_with(&program));
        (!installed && !has.contains(&program.as_str())).then_some((program, span))
    }
}

/// `curl` or `wget`, the first thing that the check calls.
fn program(instruction: &Instruction<'_>, command: &Command<'_>) -> Option<(String, Span)> {
    let known = |name: &str| matches!(name, "curl" | "wget").then(|| name.to_owned());
    let base = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    match command {
        Command::Exec { args, .. } => {
            let first = args.first()?;
            let span = instruction.line.span(first.place.clone());
            if layer::is_shell(&base(&first.value.text)) {
                let text = args.get(2)?;
                let name = first_of(&text.value.text)?;
                return Some((known(&name)?, instruction.line.span(text.place.clone())));
            }
            Some((known(&base(&first.value.text))?, span))
        }
        Command::Shell { place, .. } => {
            let text = instruction.line.get(place.clone());
            let start = place.start + (text.len() - text.trim_start().len());
            let name = first_of(text)?;
            Some((known(&name)?, instruction.line.span(start..start + name.len())))
        }
    }
}

/// The first program of a shell text, when nothing is asked before.
fn first_of(text: &str) -> Option<String> {
    let nowhere = Span::new(SourceId(0), 0..0);
    let script = shell::read(text, shell::Place::Within(nowhere), shell::Lines::Shell);
    Some(script.commands.first()?.words.first()?.text.to_string())
}
