//! Facts about every instruction, its variables and the images it uses.

use std::borrow::Cow;

use super::about::About;
use super::schema::Instruction as Subject;
use super::state::State;
use super::{Directive, Image, Out, Reference, gapped, optional, reference, word_value};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Base, Body, Instruction, Keyword, WhyUndefined, Word};
use crate::inspect::dockerfile::read;
use crate::span::Span;

impl<'s> Out<'_, 's> {
    /// What can be said of any instruction.
    pub(super) fn general(&mut self, index: usize, instruction: &Instruction<'s>, now: &State<'s>, more: About<'s>) {
        let span = instruction.keyword_span();
        let written = instruction.line.cow(instruction.keyword_place.clone());
        let known = instruction.keyword != Keyword::Unknown;
        let problem = instruction.mistake.as_ref();
        let problem_span = problem.map_or(span, |mistake| instruction.line.span(mistake.place.clone()));
        let previous = index.checked_sub(1).and_then(|index| self.document.instructions.get(index));
        let broken = |other: &Instruction<'_>| other.keyword == Keyword::Unknown;
        let blank = instruction.blank_lines.first().map(|range| Span::new(self.document.source, range.clone()));
        let in_place = instruction.stage.is_some()
            || self.document.stages.is_empty()
            || matches!(instruction.keyword, Keyword::Arg | Keyword::Unknown);
        let text = match &instruction.body {
            Body::Text(word) => word_value(instruction, word),
            _ => Value::absent(span),
        };
        let fact = Subject {
            keyword: Value::str(if known { Cow::Borrowed(instruction.keyword.name()) } else { written.clone() }, span),
            written: Value::str(written.clone(), span),
            is_known: Value::bool(known, span),
            is_readable: Value::bool(problem.is_none(), problem_span),
            problem: optional(problem.map(|mistake| mistake.message.clone()), problem_span),
            follows_broken: Value::bool(previous.is_some_and(broken), span),
            is_onbuild: Value::bool(instruction.onbuild.is_some(), span),
            has_stage: Value::bool(in_place, span),
            blank_lines: Value::int(instruction.blank_lines.len() as i64, blank.unwrap_or(span)),
            matches_case: Value::bool(self.matches_case(&written), span),
            is_legacy: self.is_legacy(instruction, span),
            text,
            is_anchored: self.is_anchored(instruction, now, span),
            in_file_case: self.in_file_case(instruction),
            as_assignment: self.as_assignment(instruction),
            as_label: self.as_label(instruction),
            without_blank_lines: self.without_blank_lines(instruction),
            from_root: self.rooted(instruction),
            names_user_in_scratch: self.names_user_in_scratch(instruction, now, span),
            comment: more.comment,
            names: more.names,
            unsupported: more.unsupported,
            volume_written: more.volume_written,
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }

    fn matches_case(&self, written: &str) -> bool {
        let upper = |text: &str| text.chars().all(|c| c.is_ascii_uppercase());
        let lower = |text: &str| text.chars().all(|c| c.is_ascii_lowercase());
        (upper(written) && !self.is_lower_file) || (lower(written) && self.is_lower_file)
    }

    fn is_legacy(&self, instruction: &Instruction<'s>, span: Span) -> Value<'s> {
        match &instruction.body {
            Body::Pairs { pairs, legacy } => {
                let key = pairs.first().map_or(span, |pair| instruction.line.span(pair.key_place.clone()));
                Value::bool(*legacy, key)
            }
            _ => Value::bool(false, span),
        }
    }

    fn is_anchored(&self, instruction: &Instruction<'s>, now: &State<'s>, span: Span) -> Value<'s> {
        match &instruction.body {
            Body::Text(word) if instruction.keyword == Keyword::Workdir => {
                let place = instruction.line.span(word.place.clone());
                let known = now.has_workdir || self.base_workdir(now).is_some();
                Value::bool(known || is_absolute(word), place)
            }
            _ => Value::bool(true, span),
        }
    }

    fn names_user_in_scratch(&self, instruction: &Instruction<'s>, now: &State<'s>, span: Span) -> Value<'s> {
        let Body::Text(word) = &instruction.body else { return Value::bool(false, span) };
        let root = now.root.and_then(|root| self.document.stages.get(root)).map(|stage| stage.base);
        let name = word.value.text.split(':').next().unwrap_or_default();
        let named = word.value.known().is_some() && !name.bytes().all(|byte| byte.is_ascii_digit()) && name != "root";
        // A copied /etc/passwd, or a copied file system, may know the name.
        let is_bare = root == Some(Base::Scratch) && !now.may_know_users;
        Value::bool(instruction.keyword == Keyword::User && named && is_bare, instruction.line.span(word.place.clone()))
    }

    /// Directives, and comments meant as such.
    pub(super) fn directives(&mut self) {
        for directive in &self.document.directives {
            let span = Span::new(self.document.source, directive.key.clone());
            let key = self.document.text.get(directive.key.clone()).unwrap_or_default().to_ascii_lowercase();
            let fact = Directive {
                key: Value::str(key.clone(), span),
                counts: Value::bool(directive.ignored.is_none(), span),
                problem: optional(directive.ignored, span),
                late_syntax: self.late_syntax(&key, &directive.value, span),
            };
            self.facts.push(fact.fact(span, format!("directive {key}"), self.role));
        }
    }

    /// Uses of variables that nothing sets. FROM has its own field (`stage.undeclared`).
    pub(super) fn references(&mut self, instruction: &Instruction<'s>) {
        if instruction.keyword == Keyword::From || instruction.onbuild.is_some() {
            return;
        }
        for undefined in words(instruction).into_iter().flat_map(|word| &word.undefined) {
            self.reference(instruction, &undefined.name, undefined.why, instruction.line.span(undefined.place.clone()));
        }
        for undefined in &instruction.undefined {
            let span = Span::new(self.document.source, undefined.place.clone());
            self.reference(instruction, &undefined.name, undefined.why, span);
        }
    }

    fn reference(&mut self, instruction: &Instruction<'s>, name: &str, why: WhyUndefined, span: Span) {
        let near = self.near(name);
        let fact = Reference {
            name: Value::str(name.to_owned(), span),
            keyword: Value::str(instruction.keyword.name(), span),
            is_declared_outside: Value::bool(why == WhyUndefined::OnlyBeforeFrom, span),
            is_surely_empty: Value::bool(why == WhyUndefined::NotDeclared, span),
            is_only_shown: Value::bool(only_shows(instruction), span),
            near: optional(near, span),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }

    /// A name set by an ENV or ARG of this file that was probably meant.
    fn near(&self, name: &str) -> Option<String> {
        if name.len() < 4 {
            return None;
        }
        self.names.iter().find(|known| *known != name && is_near(known, name)).cloned()
    }

    /// The images from outside that `instruction` uses.
    pub(super) fn images(&mut self, instruction: &Instruction<'s>) {
        if let (Body::From { image, .. }, Some(stage)) = (&instruction.body, instruction.stage) {
            let stage = self.document.stages.get(stage);
            // That a variable is empty is a fact of its own.
            let named = !image.value.text.is_empty();
            if named && stage.is_some_and(|stage| matches!(stage.base, Base::Image | Base::Unknown)) {
                let reason = image.value.unknown.clone();
                self.image(instruction, &image.value.text, reason, instruction.line.span(image.place.clone()));
            }
        }
        for flag in &instruction.flags {
            let Some((name, place)) = read::reference(instruction, flag) else { continue };
            if self.kind_of_reference(instruction, &name) == "image" {
                self.image(instruction, &name, None, instruction.line.span(place));
            }
        }
    }

    fn image(&mut self, instruction: &Instruction<'s>, text: &str, reason: Option<std::sync::Arc<str>>, span: Span) {
        let reference::Parts { name, tag, digest } = reference::parts(text);
        let reason = reason.as_ref();
        let moves = tag.is_some_and(|tag| !tag.contains(|c: char| c.is_ascii_digit())) && digest.is_none();
        let value = |text: Option<&str>| gapped(text, reason, span);
        // A variable at the end may bring a tag along; before a slash it cannot.
        let open = digest.is_none() && tag.is_none() && name.ends_with(super::GAP);
        let has_version = if open { value(Some(name)) } else { Value::bool(tag.or(digest).is_some(), span) };
        let fact = Image {
            reference: value(Some(text)),
            name: value(Some(name)),
            registry: value(Some(reference::registry(name))),
            tag: if open { value(Some(name)) } else { value(tag) },
            digest: if open { value(Some(name)) } else { value(digest) },
            has_version,
            has_digest: if open { value(Some(name)) } else { Value::bool(digest.is_some(), span) },
            tag_moves: match (open, tag) {
                (true, _) => value(Some(name)),
                (_, Some(tag)) if tag.contains(super::GAP) && moves => value(Some(tag)),
                _ => Value::bool(moves, span),
            },
            is_given: Value::bool(self.is_given(span), span),
            keyword: Value::str(instruction.keyword.name(), span),
            stage: self.stage_of(instruction),
        };
        let path = self.path();
        self.facts.push(fact.fact(span, path, self.role));
    }

    fn is_given(&self, span: Span) -> bool {
        self.document.text.get(span.range()).is_some_and(|text| text.matches('$').count() > 1)
    }
}

/// The words of an instruction that the builder fills in.
fn words<'i, 's>(instruction: &'i Instruction<'s>) -> Vec<&'i Word<'s>> {
    let flags = instruction.flags.iter().filter_map(|flag| flag.value.as_ref());
    match &instruction.body {
        Body::Words { words, .. } if instruction.keyword != Keyword::Shell => flags.chain(words).collect(),
        Body::Text(word) if instruction.keyword != Keyword::Maintainer => flags.chain([word]).collect(),
        Body::Pairs { pairs, .. } => flags.chain(pairs.iter().filter_map(|pair| pair.value.as_ref())).collect(),
        _ => flags.collect(),
    }
}

/// Whether a path begins at the root, or with something that is not known.
pub(super) fn is_absolute(word: &Word<'_>) -> bool {
    let path = &*word.value.text;
    let bytes = path.as_bytes();
    let drive = bytes.get(1) == Some(&b':') && bytes.first().is_some_and(u8::is_ascii_alphabetic);
    path.starts_with(['/', '\\', super::GAP]) || drive || (word.has_variable && path.is_empty())
}

/// One letter more, less, other or swapped, or another case.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let start = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let end = short[start..].iter().rev().zip(long[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let rest = (short.len() - start - end, long.len() - start - end);
    // Numbers are no slips of the pen: `JAVA_8` and `JAVA_9` are two things.
    let digits = |bytes: &[u8]| bytes.iter().any(u8::is_ascii_digit);
    let differs = digits(&short[start..short.len() - end]) || digits(&long[start..long.len() - end]);
    let swapped = rest == (2, 2) && short[start] == long[start + 1] && short[start + 1] == long[start];
    !differs && (rest.0.max(rest.1) <= 1 || swapped)
}
/// `RUN echo "…"`, whose output goes nowhere.
fn only_shows(instruction: &Instruction<'_>) -> bool {
    let text = instruction.line.text();
    let words = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    instruction.keyword == Keyword::Run && words.starts_with("echo ") && !words.contains(['>', '|', '&', ';', '`'])
}
