//! Text → [`Document`]. Total: whatever the text, every line is accounted for, and what is broken is said beside it.

use std::collections::HashMap;
use std::ops::Range;

use super::document::{
    Base, Body, Document, Flag, Instruction, Keyword, Line, Mistake, Stage, Undefined, WhyUndefined, Word,
};
use crate::span::SourceId;

mod body;
mod expand;
mod heredoc;
mod lines;
mod script;
mod words;

pub(super) use expand::{PLATFORM, shell_variables};
pub(super) use script::script;

#[cfg(test)]
mod tests;

/// Reads `text`.
pub fn read(source: SourceId, text: &str) -> Document<'_> {
    let split = lines::split(source, text);
    let mut reader = Reader {
        text,
        escape: split.escape,
        scopes: expand::Scopes::default(),
        instructions: Vec::with_capacity(split.lines.len()),
        stages: Vec::new(),
        names: HashMap::new(),
    };
    for logical in split.lines {
        reader.instruction(logical);
    }
    reader.finish();
    let Reader { instructions, stages, escape, .. } = reader;
    Document { text, source, escape, directives: split.directives, pieces: split.pieces, instructions, stages }
}

struct Reader<'s> {
    text: &'s str,
    escape: u8,
    scopes: expand::Scopes,
    instructions: Vec<Instruction<'s>>,
    stages: Vec<Stage<'s>>,
    /// The stages by lower-cased name; of several of one name the last.
    names: HashMap<String, usize>,
}

/// A keyword and what follows it.
struct Head {
    keyword: Keyword,
    place: Range<usize>,
    onbuild: Option<Range<usize>>,
    rest: usize,
    mistake: Option<Mistake>,
}

impl<'s> Reader<'s> {
    fn instruction(&mut self, logical: lines::Logical<'s>) {
        let lines::Logical { line, range, heredocs, blank_lines, unterminated } = logical;
        let Head { keyword, place, onbuild, rest, mistake } = head(&line);
        let (flags, rest) = self.flags(&line, keyword, rest);
        let whole = words::trim(line.text(), rest..line.text().len());
        let mut instruction = Instruction {
            line,
            range,
            keyword,
            keyword_place: place,
            onbuild,
            flags,
            body: Body::Broken,
            heredocs,
            undefined: Vec::new(),
            blank_lines,
            mistake,
            stage: self.stages.len().checked_sub(1),
        };
        if instruction.mistake.is_none() {
            match self.body(&instruction, whole) {
                Ok(body) => instruction.body = body,
                Err(mistake) => instruction.mistake = Some(mistake),
            }
        }
        if let (None, Some(word)) = (&instruction.mistake, unterminated) {
            let name = instruction.line.get(word.clone()).to_owned();
            let message = format!("no line ends the heredoc `{name}`");
            instruction.mistake = Some(Mistake { message, place: word });
        }
        if instruction.mistake.is_some() && instruction.keyword == Keyword::From && instruction.onbuild.is_none() {
            // A broken FROM begins a stage all the same: what follows it is no instruction before the first FROM.
            let place = words::plain(instruction.line.text(), rest..instruction.line.text().len()).into_iter().next();
            let place = place.unwrap_or(instruction.keyword_place.clone());
            let image = self.scopes.word(instruction.line.cow(place.clone()), place, self.escape, true);
            self.begin_stage(&mut instruction, image, None);
        }
        if instruction.keyword == Keyword::Run && instruction.onbuild.is_none() {
            instruction.undefined = self.undefined_in_shell(&instruction);
        }
        self.take_effect(&mut instruction);
        self.instructions.push(instruction);
    }

    fn flags(&self, line: &Line<'s>, keyword: Keyword, rest: usize) -> (Vec<Flag<'s>>, usize) {
        use Keyword::{Add, Copy, From, Healthcheck, Run};
        if !matches!(keyword, Add | Copy | From | Healthcheck | Run) {
            return (Vec::new(), rest);
        }
        let (places, rest) = words::flags(line.text(), rest..line.text().len(), self.escape);
        let in_from = keyword == From;
        let read = |place: Range<usize>| {
            let text = line.get(place.clone());
            let equals = text.find('=');
            let name = line.cow(place.start + 2..place.start + equals.unwrap_or(text.len()));
            let value = equals.map(|at| {
                let value = place.start + at + 1..place.end;
                self.scopes.word(line.cow(value.clone()), value, self.escape, in_from)
            });
            Flag { place, name, value }
        };
        (places.into_iter().map(read).collect(), rest)
    }

    fn undefined_in_shell(&self, instruction: &Instruction<'s>) -> Vec<Undefined> {
        let Some(script) = script(instruction, self.text) else { return Vec::new() };
        let text = script.line.text();
        let mut found = Vec::new();
        shell_variables(text, |name, place| {
            if self.scopes.undefined(name) == Some(WhyUndefined::OnlyBeforeFrom) {
                let place = script.line.place(place);
                found.push(Undefined { name: name.to_owned(), place, why: WhyUndefined::OnlyBeforeFrom });
            }
        });
        let mut assigned: HashMap<String, bool> = HashMap::new();
        found.retain(|undefined| {
            !*assigned.entry(undefined.name.clone()).or_insert_with(|| is_assigned(text, &undefined.name))
        });
        found
    }

    /// What the instruction changes for those after it.
    fn take_effect(&mut self, instruction: &mut Instruction<'s>) {
        if instruction.onbuild.is_some() {
            return;
        }
        match (&instruction.body, instruction.keyword) {
            (Body::From { image, name, .. }, _) => {
                let (image, name) = (image.clone(), name.clone());
                self.begin_stage(instruction, image, name);
            }
            (Body::Pairs { pairs, .. }, Keyword::Env) => {
                for pair in pairs {
                    if let Some(value) = &pair.value {
                        self.scopes.set(&pair.key, &value.value);
                    }
                }
            }
            (Body::Pairs { pairs, .. }, Keyword::Arg) => {
                for pair in pairs {
                    match &pair.value {
                        Some(value) => self.scopes.set(&pair.key, &value.value),
                        None => self.scopes.declare(&pair.key),
                    }
                }
            }
            _ => {}
        }
    }

    fn begin_stage(&mut self, instruction: &mut Instruction<'s>, image: Word<'s>, name_place: Option<Range<usize>>) {
        let index = self.stages.len();
        let reference = image.value.text.to_lowercase();
        let base = match self.names.get(&reference) {
            _ if image.value.known().is_none() => Base::Unknown,
            Some(stage) => Base::Stage(*stage),
            None if reference == "scratch" => Base::Scratch,
            None => Base::Image,
        };
        let name = name_place.clone().map(|place| instruction.line.get(place).to_lowercase());
        let at = self.instructions.len();
        instruction.stage = Some(index);
        if let Some(name) = &name {
            self.names.insert(name.clone(), index);
        }
        self.scopes.begin_stage(base);
        let instructions = at..at + 1;
        self.stages.push(Stage {
            name,
            name_place,
            from: at,
            base,
            image,
            instructions,
            is_used: false,
            is_shipped: false,
        });
    }

    /// Completes the stages: their extent, who uses whom, which ship.
    fn finish(&mut self) {
        let mut ends: Vec<usize> = self.stages.iter().skip(1).map(|stage| stage.from).collect();
        ends.push(self.instructions.len());
        for (stage, end) in self.stages.iter_mut().zip(ends) {
            stage.instructions.end = end;
        }
        for index in self.used() {
            if let Some(stage) = self.stages.get_mut(index) {
                stage.is_used = true;
            }
        }
        let mut shipped = self.stages.len().checked_sub(1);
        while let Some(stage) = shipped.and_then(|index| self.stages.get_mut(index)) {
            stage.is_shipped = true;
            // A base is always an earlier stage, so this ends.
            shipped = if let Base::Stage(base) = stage.base { Some(base) } else { None };
        }
    }

    fn used(&self) -> Vec<usize> {
        let bases = self.stages.iter().filter_map(|stage| match stage.base {
            Base::Stage(index) => Some(index),
            _ => None,
        });
        let references = self.instructions.iter().flat_map(|instruction| {
            let flags = instruction.flags.iter().filter_map(|flag| reference(instruction, flag));
            flags.filter_map(|(name, _)| stage_of(&self.stages, &self.names, &name))
        });
        bases.chain(references).collect()
    }
}

/// What a `--from=` or a `--mount=…,from=` refers to, and where that stands in the line.
pub(super) fn reference(instruction: &Instruction<'_>, flag: &Flag<'_>) -> Option<(String, Range<usize>)> {
    let value = flag.value.as_ref()?;
    let text = instruction.line.get(value.place.clone());
    match (&*flag.name.to_ascii_lowercase(), instruction.keyword) {
        ("from", Keyword::Copy | Keyword::Add) => {
            let trimmed = text.trim_matches(['"', '\'']);
            let start = value.place.start + usize::from(trimmed.len() < text.len());
            Some((trimmed.to_owned(), start..start + trimmed.len()))
        }
        ("mount", Keyword::Run) => {
            let at = text.split(',').position(|part| part.trim_start().starts_with("from="))?;
            let before: usize = text.split(',').take(at).map(|part| part.len() + 1).sum();
            let part = text.split(',').nth(at)?;
            let start = value.place.start + before + part.find('=')? + 1;
            let name = part.split_once('=')?.1;
            Some((name.trim_matches(['"', '\'']).to_owned(), start..start + name.len()))
        }
        _ => None,
    }
}

/// The stage that `name` refers to: by name, else by number.
pub(super) fn stage_of(stages: &[Stage<'_>], names: &HashMap<String, usize>, name: &str) -> Option<usize> {
    names.get(&name.to_lowercase()).copied().or_else(|| name.parse().ok().filter(|index| *index < stages.len()))
}

/// Whether the shell text `script` itself gives `name` a value.
fn is_assigned(script: &str, name: &str) -> bool {
    let mut rest = script;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].bytes().next_back();
        let after = rest[at + name.len()..].trim_start_matches('+');
        let whole = !before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'{'));
        let loops = ["for ", "read ", "read -r "].iter().any(|word| rest[..at].ends_with(word));
        if whole && (after.starts_with('=') || loops) {
            return true;
        }
        rest = &rest[at + name.len()..];
    }
    false
}

fn head(line: &Line<'_>) -> Head {
    let text = line.text();
    let place = first_word(text, 0);
    let keyword = Keyword::of(&text[place.clone()]);
    let rest = place.end;
    match keyword {
        Keyword::Unknown => Head { keyword, place, onbuild: None, rest, mistake: None },
        Keyword::Onbuild => {
            let inner = first_word(text, rest);
            let triggered = Keyword::of(&text[inner.clone()]);
            let refused = match triggered {
                Keyword::From | Keyword::Maintainer | Keyword::Onbuild => {
                    Some("ONBUILD may not trigger this instruction")
                }
                Keyword::Unknown => Some("ONBUILD is followed by no instruction"),
                _ => None,
            };
            match refused {
                Some(message) => {
                    let wrong = if inner.is_empty() { place.clone() } else { inner };
                    let mistake = Some(Mistake { message: message.to_owned(), place: wrong });
                    Head { keyword, place, onbuild: None, rest, mistake }
                }
                None => Head { keyword: triggered, rest: inner.end, place: inner, onbuild: Some(place), mistake: None },
            }
        }
        _ => Head { keyword, place, onbuild: None, rest, mistake: None },
    }
}

fn first_word(text: &str, from: usize) -> Range<usize> {
    let rest = text.get(from..).unwrap_or_default();
    let start = from + (rest.len() - rest.trim_start().len());
    let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
    start..start + length
}
