//! What else is to be said of any instruction: what stands above it, what Windows does not know, what a volume hides.

use super::state::State;
use super::{Out, later, reference};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Body, Instruction, Keyword};
use crate::span::Span;

/// More fields of an instruction.
pub(super) struct About<'s> {
    pub(super) comment: Value<'s>,
    pub(super) names: Value<'s>,
    pub(super) unsupported: Value<'s>,
    pub(super) volume_written: Value<'s>,
}

impl<'s> Out<'_, 's> {
    pub(super) fn about(&self, index: usize, instruction: &Instruction<'s>, now: &State<'s>) -> About<'s> {
        let span = instruction.keyword_span();
        let described = matches!(instruction.keyword, Keyword::Arg | Keyword::From);
        let comment = described.then(|| later::comment_above(self.document, instruction)).flatten();
        let text = |found: Option<(String, Span)>| match found {
            Some((text, place)) => Value::str(text, place),
            None => Value::absent(span),
        };
        About {
            comment: comment.map_or(Value::absent(span), |comment| Value::str(comment, span)),
            names: Value::list(self.names(instruction, span), span),
            unsupported: text(self.unsupported(instruction, now)),
            volume_written: text(self.volume_written(index, instruction, now)),
        }
    }

    fn names(&self, instruction: &Instruction<'s>, span: Span) -> Vec<Value<'s>> {
        match (&instruction.body, instruction.keyword) {
            (Body::Pairs { pairs, .. }, Keyword::Arg) => {
                pairs.iter().map(|pair| Value::str(pair.key.clone(), span)).collect()
            }
            (Body::From { name: Some(name), .. }, _) => vec![Value::str(instruction.line.cow(name.clone()), span)],
            _ => Vec::new(),
        }
    }

    /// A flag or an instruction that Windows images do not know.
    fn unsupported(&self, instruction: &Instruction<'s>, now: &State<'s>) -> Option<(String, Span)> {
        let root = now.root.and_then(|root| self.document.stages.get(root))?;
        let parts = reference::parts(&root.image.value.text);
        if reference::family(parts.name, parts.tag) != Some("windows") {
            return None;
        }
        let name = match instruction.keyword {
            Keyword::Stopsignal => return Some(("STOPSIGNAL".into(), instruction.keyword_span())),
            Keyword::Copy | Keyword::Add => {
                ["chown", "chmod"].into_iter().find(|name| instruction.flag(name).is_some())?
            }
            Keyword::Run => "mount",
            _ => return None,
        };
        let flag = instruction.flag(name)?;
        Some((format!("--{name}"), instruction.line.span(flag.place.clone())))
    }

    /// The volume that an instruction writes into after it was declared.
    fn volume_written(&self, index: usize, instruction: &Instruction<'s>, now: &State<'s>) -> Option<(String, Span)> {
        if now.flow.volumes.is_empty() || instruction.onbuild.is_some() {
            return None;
        }
        match (&instruction.body, instruction.keyword) {
            (Body::Words { words, .. }, Keyword::Copy | Keyword::Add) => {
                let target = words.last()?;
                let path = now.flow.resolve(target)?;
                let volume = now.flow.volume_of(&path)?;
                Some((volume.to_owned(), instruction.line.span(target.place.clone())))
            }
            (Body::Command(_), Keyword::Run) => {
                let layer = self.layers.get(index)?;
                if layer.commands.iter().any(|command| command.name == "cd") {
                    return None;
                }
                const WRITERS: [&str; 9] = ["chown", "chmod", "mkdir", "touch", "cp", "mv", "tar", "ln", "chgrp"];
                let writers = layer.commands.iter().filter(|command| WRITERS.contains(&command.name.as_str()));
                let targets =
                    writers.filter_map(|command| command.args.iter().rfind(|word| !word.text.starts_with('-')));
                targets.into_iter().find_map(|word| {
                    let path = now.flow.absolute(&word.text).filter(|_| !word.has_expansion)?;
                    Some((now.flow.volume_of(&path)?.to_owned(), word.span))
                })
            }
            _ => None,
        }
    }
}
