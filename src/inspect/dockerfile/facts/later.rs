//! What later instructions of the same stage, or other stages, do with what an instruction brings.

use std::collections::BTreeSet;

use super::Out;
use super::layer::Command;
use super::state::State;
use crate::inspect::dockerfile::document::{Base, Body, Document, Instruction, Keyword, Word};
use crate::inspect::dockerfile::read;

/// How many instructions one looks ahead.
const FARTHEST: usize = 100;

impl<'s> Out<'_, 's> {
    /// The commands of the RUNs after the instruction of number `index`, in its stage.
    fn commands_after(&self, index: usize) -> impl Iterator<Item = &Command<'s>> {
        let stage = self.document.instructions.get(index).and_then(|it| it.stage);
        let end = stage.and_then(|stage| self.document.stages.get(stage)).map_or(0, |stage| stage.instructions.end);
        let later = (index + 1..end).take(FARTHEST).filter_map(|at| self.layers.get(at));
        later.flat_map(|layer| layer.commands.iter().take(FARTHEST))
    }

    /// Whether an archive that COPY brings is unpacked by a later RUN, where ADD would have done it.
    pub(super) fn is_unpacked_later(&self, index: usize, instruction: &Instruction<'s>, source: &Word<'s>) -> bool {
        // What ADD unpacks; a zip it does not.
        const ARCHIVES: [&str; 12] = [
            ".tar",
            ".tar.gz",
            ".tgz",
            ".tar.bz2",
            ".tbz2",
            ".tbz",
            ".tb2",
            ".tar.xz",
            ".txz",
            ".tar.zst",
            ".tzst",
            ".tar.lzma",
        ];
        if instruction.keyword != Keyword::Copy || instruction.flag("from").is_some() || instruction.onbuild.is_some() {
            return false;
        }
        let base =
            |text: &str| text.rsplit(['/', '\\']).next().unwrap_or_default().trim_matches(['"', '\'']).to_owned();
        let name = base(&source.value.text);
        if !ARCHIVES.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending)) {
            return false;
        }
        let renamed = match &instruction.body {
            Body::Words { words, .. } => words.last().map(|word| base(&word.value.text)).unwrap_or_default(),
            _ => String::new(),
        };
        let names = |text: &str| {
            let last = base(text);
            last == name || (!renamed.is_empty() && renamed.contains('.') && last == renamed)
        };
        self.commands_after(index).any(|command| {
            let unpacks = match command.name.as_str() {
                "tar" | "bsdtar" => {
                    let first = command.args.first().map(|word| word.text.trim_start_matches('-')).unwrap_or_default();
                    command.has("--extract")
                        || command.has("--get")
                        || first.contains('x')
                        || command.short('x', "fC").is_some()
                }
                "untar" | "unlzma" | "unxz" | "gunzip" | "bunzip2" => true,
                _ => false,
            };
            unpacks && command.args.iter().any(|word| names(&word.text))
        })
    }

    /// Whether what `--from` names is a stage from scratch into which nothing was ever put.
    pub(super) fn copies_from_empty(&self, instruction: &Instruction<'s>, name: &str, ends: &[State<'s>]) -> bool {
        let index = match name.parse::<usize>() {
            Ok(index) => Some(index),
            Err(_) => self.first_of_name.get(&name.to_lowercase()).copied(),
        };
        let Some(index) = index.filter(|index| Some(*index) != instruction.stage) else { return false };
        let (Some(end), Some(stage)) = (ends.get(index), self.document.stages.get(index)) else { return false };
        let root = end.root.and_then(|root| self.document.stages.get(root)).map_or(stage.base, |root| root.base);
        // Nothing but a name: it holds the place of a folder that `--build-context` brings.
        let own = self.document.instructions.get(stage.instructions.clone()).unwrap_or_default();
        let is_placeholder = stage.name.is_some() && own.iter().all(|it| it.keyword == Keyword::From);
        root == Base::Scratch && !end.flow.holds_files && !is_placeholder
    }

    /// Whether a COPY after USER brings files that a later installer of that user has to write to.
    pub(super) fn lacks_owner(&self, index: usize, instruction: &Instruction<'s>, now: &State<'s>) -> bool {
        let user = now.user.as_ref().and_then(|(user, _)| user.known());
        let Some(user) = user.filter(|user| !super::stage::is_root(user)) else { return false };
        let Body::Words { words, .. } = &instruction.body else { return false };
        let Some(target) = words.last().and_then(|word| now.flow.resolve(word)) else { return false };
        let marked = ["chown", "chmod", "link"].iter().any(|flag| instruction.flag(flag).is_some());
        let home =
            target.starts_with("/home/") || target.starts_with(&format!("/{user}")) || target.starts_with("/tmp");
        if marked
            || home
            || now.has_changed_owner
            || instruction.onbuild.is_some()
            || now.flow.folder.as_deref() != Some(&*target)
        {
            return false;
        }
        let own = |at: &usize| self.document.instructions.get(*at).is_some_and(|it| it.keyword != Keyword::User);
        let stage = instruction.stage.and_then(|stage| self.document.stages.get(stage));
        let end = stage.map_or(0, |stage| stage.instructions.end);
        let later = (index + 1..end).take(FARTHEST).take_while(own).filter_map(|at| self.layers.get(at));
        later.flat_map(|layer| &layer.commands).any(|command| {
            let installs = matches!(command.name.as_str(), "npm" | "yarn" | "pnpm");
            let into = command.args.first().is_none_or(|word| matches!(&*word.text, "install" | "ci" | "i"));
            installs && into && !command.has("-g") && !command.has("--global")
        })
    }
}

/// The stages that, through others, need themselves.
pub(super) fn circles(document: &Document<'_>) -> BTreeSet<usize> {
    let count = document.stages.len();
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    let by_name = |name: &str, here: usize| -> Option<usize> {
        if let Ok(number) = name.parse::<usize>() {
            return Some(number).filter(|number| *number < count);
        }
        let lower = name.to_lowercase();
        let mut named = document.stages.iter().enumerate().filter(|(_, stage)| stage.name.as_deref() == Some(&*lower));
        named.find(|(at, _)| *at != here).map(|(at, _)| at)
    };
    for instruction in &document.instructions {
        let Some(here) = instruction.stage.filter(|_| instruction.onbuild.is_none()) else { continue };
        let named = instruction.flags.iter().filter_map(|flag| read::reference(instruction, flag));
        let used: Vec<usize> = named.filter_map(|(name, _)| by_name(&name, here)).collect();
        if let Some(list) = needs.get_mut(here) {
            list.extend(used.into_iter().filter(|other| *other != here));
        }
    }
    for (here, stage) in document.stages.iter().enumerate() {
        if let (Base::Stage(base), Some(list)) = (stage.base, needs.get_mut(here)) {
            list.insert(base);
        }
    }
    in_circles(&needs)
}

/// The nodes that can be reached from themselves. What nobody needs, and what needs nobody, is taken away until nothing
/// changes; of the rest, those on a way back to themselves.
fn in_circles(needs: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut left: BTreeSet<usize> = (0..needs.len()).collect();
    loop {
        let open = |at: &usize| needs.get(*at).is_some_and(|list| list.iter().any(|to| left.contains(to)));
        let needed: BTreeSet<usize> = left.iter().filter_map(|at| needs.get(*at)).flatten().copied().collect();
        let next: BTreeSet<usize> = left.iter().copied().filter(|at| open(at) && needed.contains(at)).collect();
        if next == left || next.is_empty() {
            return next;
        }
        left = next;
    }
}

/// The comment directly above an instruction: its first line, without `#`.
pub(super) fn comment_above<'s>(document: &Document<'s>, instruction: &Instruction<'s>) -> Option<&'s str> {
    let before = document.text.get(..instruction.range.start)?;
    let mut lines = before.rsplit('\n').skip(1).map(str::trim);
    let mut first = None;
    while let Some(comment) = lines.next().and_then(|line| line.strip_prefix('#')).map(str::trim) {
        if comment.is_empty()
            || document.directives.iter().any(|one| {
                comment.starts_with(document.text.get(one.key.clone()).unwrap_or("\n")) && one.ignored.is_none()
            })
        {
            break;
        }
        first = Some(comment);
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found() {
        let graph = |edges: &[(usize, usize)], count: usize| {
            let mut needs = vec![BTreeSet::new(); count];
            for (from, to) in edges {
                needs[*from].insert(*to);
            }
            in_circles(&needs).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(graph(&[(0, 1), (1, 0), (2, 0)], 3), [0, 1]);
        assert!(graph(&[(2, 1), (1, 0), (2, 0)], 3).is_empty());
        assert_eq!(graph(&[(0, 1), (1, 2), (2, 0)], 3), [0, 1, 2]);
    }
}
