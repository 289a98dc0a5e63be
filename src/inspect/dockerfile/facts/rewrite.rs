//! Facts that say what a text would be without its defect, and point to the text that it would replace: what fixes are
//! made of. Absent where that cannot be said without a doubt.

use super::command::At;
use super::{Out, manager};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Body, Instruction, Keyword, Word};
use crate::span::Span;

impl<'s> Out<'_, 's> {
    /// The keyword in the case of the others.
    pub(super) fn in_file_case(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        match instruction.keyword {
            Keyword::Unknown => Value::absent(span),
            keyword => Value::str(self.cased(keyword.name()), span),
        }
    }

    /// A keyword as this file writes them.
    fn cased(&self, keyword: &'static str) -> String {
        if self.is_lower_file { keyword.to_ascii_lowercase() } else { keyword.to_owned() }
    }

    /// `NAME value` as `NAME=value`.
    pub(super) fn as_assignment(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        let Body::Pairs { pairs, legacy: true } = &instruction.body else { return Value::absent(span) };
        let [pair] = pairs.as_slice() else { return Value::absent(span) };
        let Some(value) = pair.value.as_ref().filter(|_| !instruction.line.is_joined()) else {
            return Value::absent(span);
        };
        let (key, raw) =
            (instruction.line.get(pair.key_place.clone()), instruction.line.get(value.place.clone()).trim_end());
        let whole = instruction.line.span(pair.key_place.start..value.place.start + raw.len());
        let is_quoted = raw.len() > 1
            && ['"', '\'']
                .iter()
                .any(|quote| raw.starts_with(*quote) && raw.ends_with(*quote) && raw.matches(*quote).count() == 2);
        let odd = |c: char| matches!(c, '"' | '\'') || c == char::from(self.document.escape);
        let text = match raw.contains(char::is_whitespace) {
            false => raw.to_owned(),
            true if is_quoted && !raw.contains(char::from(self.document.escape)) => raw.to_owned(),
            true if raw.contains(odd) => return Value::absent(span),
            true => format!("\"{raw}\""),
        };
        if raw.is_empty() { Value::absent(span) } else { Value::str(format!("{key}={text}"), whole) }
    }

    /// MAINTAINER as the label that replaced it.
    pub(super) fn as_label(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        let Body::Text(word) = &instruction.body else { return Value::absent(span) };
        let raw = instruction.line.get(word.place.clone()).trim();
        let unquoted = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
        let odd = |c: char| matches!(c, '"' | '$' | '\\' | '`');
        let is_maintainer = instruction.keyword == Keyword::Maintainer && instruction.stage.is_some();
        if !is_maintainer || instruction.line.is_joined() || unquoted.contains(odd) || unquoted.is_empty() {
            return Value::absent(span);
        }
        let text = format!("{} org.opencontainers.image.authors=\"{unquoted}\"", self.cased("LABEL"));
        let whole = instruction.line.span(instruction.keyword_place.start..word.place.start + raw.len());
        Value::str(text, whole)
    }

    /// From the first blank line of an instruction to its last, without them.
    pub(super) fn without_blank_lines(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let (Some(first), Some(last)) = (instruction.blank_lines.first(), instruction.blank_lines.last()) else {
            return Value::absent(instruction.keyword_span());
        };
        let mut text = String::new();
        let mut at = first.start;
        for blank in &instruction.blank_lines {
            text.push_str(self.document.text.get(at..blank.start).unwrap_or_default());
            at = blank.end;
        }
        Value::str(text, Span::new(self.document.source, first.start..last.end))
    }

    /// The last word of a COPY, ending in a slash.
    pub(super) fn as_folder(&self, instruction: &Instruction<'s>, word: &Word<'s>) -> Value<'s> {
        let span = instruction.line.span(word.place.clone());
        let raw = instruction.line.get(word.place.clone());
        let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
        let text = match quote.and_then(|quote| raw.strip_suffix(quote)) {
            Some(open) if open.len() > 1 => format!("{open}/{}", quote.unwrap_or_default()),
            None if quote.is_none() => format!("{raw}/"),
            _ => return Value::absent(span),
        };
        if word.has_variable { Value::absent(span) } else { Value::str(text, span) }
    }

    /// Whether the command stands in the file word for word, so that words can be added to it.
    pub(super) fn is_verbatim(&self, at: &At<'_, 's>) -> Value<'s> {
        let text = |span: Span| self.document.text.get(span.range()).unwrap_or_default();
        let name = &at.command.name;
        let named = text(at.command.name_span).strip_suffix(name.as_str());
        let is_name = named.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'));
        let is_action =
            manager::call(at.command).is_none_or(|call| text(call.action_word.span) == call.action_word.text);
        Value::bool(is_name && is_action, at.command.name_span)
    }
}

/// AS in the case of FROM.
pub(super) fn as_like_from<'s>(from: &Instruction<'s>, span: Span) -> Value<'s> {
    let Body::From { as_place: Some(place), .. } = &from.body else { return Value::absent(span) };
    let keyword = from.line.get(from.keyword_place.clone());
    let upper = keyword.bytes().all(|byte| byte.is_ascii_uppercase());
    let lower = keyword.bytes().all(|byte| byte.is_ascii_lowercase());
    match (upper, lower) {
        (true, _) => Value::str("AS", from.line.span(place.clone())),
        (_, true) => Value::str("as", from.line.span(place.clone())),
        _ => Value::absent(span),
    }
}
