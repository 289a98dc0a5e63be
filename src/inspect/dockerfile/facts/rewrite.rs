//! Facts that say what a text would be without its defect, and point to the text that it would replace: what fixes are
//! made of. Absent where that cannot be said without a doubt.

use super::command::At;
use super::layer::{Command, Layer};
use super::{Out, manager};
use crate::fact::Value;
use crate::inspect::dockerfile::document::{Body, Instruction, Keyword, Word};
use crate::span::Span;
use crate::syntax::shell::Connector;

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

    /// ENV as ARG, where it sets one name and ARG can be written so.
    pub(super) fn as_arg(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        match &instruction.body {
            Body::Pairs { pairs, legacy: false } if pairs.len() == 1 && instruction.keyword == Keyword::Env => {
                Value::str(self.cased("ARG"), span)
            }
            _ => Value::absent(span),
        }
    }

    /// A relative WORKDIR from the root on.
    pub(super) fn rooted(&self, instruction: &Instruction<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        let Body::Text(word) = &instruction.body else { return Value::absent(span) };
        let raw = instruction.line.get(word.place.clone());
        let is_plain = raw.starts_with(|c: char| c.is_alphanumeric()) && !raw.contains(['"', '\'', '\\', '$', ' ']);
        if instruction.keyword != Keyword::Workdir || !is_plain || instruction.line.is_joined() {
            return Value::absent(span);
        }
        Value::str(format!("/{raw}"), instruction.line.span(word.place.clone()))
    }

    /// The first line of a script in a heredoc.
    pub(super) fn first_line(&self, instruction: &Instruction<'s>, layer: &Layer<'s>) -> Value<'s> {
        let span = instruction.keyword_span();
        let [heredoc] = instruction.heredocs.as_slice() else { return Value::absent(span) };
        let line = self.document.text.get(heredoc.body.clone()).and_then(|body| body.lines().next());
        match line {
            Some(line) if layer.is_heredoc && layer.interpreter.is_none() && !heredoc.chomp => {
                let start = heredoc.body.start;
                Value::str(line.to_owned(), Span::new(self.document.source, start..start + line.len()))
            }
            _ => Value::absent(span),
        }
    }

    /// What joins one more command to a RUN that is a chain of `&&`.
    pub(super) fn chain_end(&self, at: &At<'_, 's>) -> Value<'s> {
        let absent = Value::absent(at.command.name_span);
        let text = self.document.text;
        let top = || at.layer.commands.iter().filter(|it| it.inside.is_none() && it.wrapped_by.is_none());
        let chained = |it: &Command<'_>| it.depth == 0 && matches!(it.connector, Connector::Start | Connector::And);
        let (Some(first), Some(last)) = (top().next(), top().next_back()) else { return absent };
        let is_outer = at.command.inside.is_none() && at.command.wrapped_by.is_none();
        if at.layer.is_heredoc || !is_outer || !top().all(chained) || !last.redirections.is_empty() {
            return absent;
        }
        let last_word = last.args.last().map_or(last.name_span, |word| word.span);
        let written = text.get(last_word.range()).unwrap_or_default();
        let is_bare = last.args.last().map_or(&*last.name, |word| &*word.text) == written;
        let begins = text.get(last.name_span.range()).is_some_and(|name| name.ends_with(&last.name));
        let (from, to) = (first.name_span.start as usize, last_word.start as usize);
        let (Some(before), true) = (text.get(from..to), is_bare && begins) else { return absent };
        let escape = char::from(self.document.escape);
        let separator = match before.rsplit_once('\n') {
            None => " && ".to_owned(),
            Some((_, line)) => {
                let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
                let code = |line: &str| line.trim_end().trim_end_matches(escape).trim_end().ends_with("&&");
                match before.lines().any(code) {
                    true => format!(" && {escape}\n{indent}"),
                    false => format!(" {escape}\n{indent}&& "),
                }
            }
        };
        Value::str(separator, last_word)
    }
}

/// `--platform=…` with the blanks behind it.
pub(super) fn platform_flag<'s>(from: &Instruction<'s>, span: Span) -> Value<'s> {
    let Some(flag) = from.flag("platform").filter(|_| !from.line.is_joined()) else { return Value::absent(span) };
    let rest = from.line.get(flag.place.end..from.line.text().len());
    let blanks = rest.len() - rest.trim_start().len();
    let place = flag.place.start..flag.place.end + blanks;
    Value::str(from.line.get(place.clone()).to_owned(), from.line.span(place))
}

/// Shell text that is one plain command, as a JSON list.
pub(super) fn as_list<'s>(instruction: &Instruction<'s>, text: Option<&str>, place: Span) -> Value<'s> {
    const BUILTINS: [&str; 12] =
        ["cd", "export", "source", ".", "exec", "set", "ulimit", "eval", "trap", "umask", "exit", "true"];
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | ':' | ',' | '@' | '+' | '=' | '%');
    let Some(text) = text.filter(|text| text.chars().all(plain) && !instruction.line.is_joined()) else {
        return Value::absent(place);
    };
    let words: Vec<String> = text.split(' ').filter(|word| !word.is_empty()).map(|word| format!("{word:?}")).collect();
    let first = text.split(' ').find(|word| !word.is_empty()).unwrap_or_default();
    if first.is_empty()
        || first.contains('=')
        || BUILTINS.contains(&first)
        || instruction.keyword == Keyword::Healthcheck
    {
        return Value::absent(place);
    }
    Value::str(format!("[{}]", words.join(", ")), place)
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
