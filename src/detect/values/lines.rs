//! Files of one value a line, and Dockerfiles.

use std::borrow::Cow;
use std::ops::Range;

use super::Plain;
use crate::detect::judge::Place;

/// `KEY=value`, `key = value`, `key: value`, on the lines where a word of a secret name stands.
pub(super) fn assignments<'t>(text: &'t str, names: &[usize], place: Place) -> Vec<Plain<'t>> {
    let mut out = Vec::new();
    let mut done = 0;
    for at in names.iter().copied() {
        if at < done {
            continue;
        }
        let line = line_around(text, at);
        done = line.end.max(at + 1);
        out.extend(assignment(text, line, place));
    }
    out
}

fn line_around(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = bytes.get(..at).and_then(|b| memchr::memrchr2(b'\n', b'\r', b)).map_or(0, |at| at + 1);
    let end = bytes.get(at..).and_then(|b| memchr::memchr2(b'\n', b'\r', b)).map_or(text.len(), |len| at + len);
    start..end
}

fn assignment<'t>(text: &'t str, line: Range<usize>, place: Place) -> Option<Plain<'t>> {
    let whole = text.get(line.clone())?;
    let trimmed = whole.trim_start();
    if trimmed.starts_with(['#', ';', '!']) || trimmed.starts_with("//") && !trimmed.contains(":_") {
        return None;
    }
    let trimmed = trimmed.strip_prefix("export ").unwrap_or(trimmed);
    // `//registry/:_authToken=…` of npm: the name is what follows the last colon before `=`.
    let sign = match (trimmed.find('='), trimmed.find([':', ' '])) {
        (Some(equals), _) => equals,
        (None, Some(other)) if place == Place::Properties => other,
        _ => return None,
    };
    if trimmed[..sign].ends_with(['<', '>', '~', '!']) {
        return None; // what is compared is not assigned: `"rest-api-key>=2.2",`
    }
    let name = trimmed[..sign].trim();
    let name = name.rsplit(['/', ':', ' ']).next().unwrap_or(name);
    let start = line.end - (trimmed.len() - sign - 1);
    let value = unquoted(text, start..line.end)?;
    plain(text, name.trim_matches(['"', '\'']), value, place)
}

/// The range of the value in `range`: without blanks, quotes and a comment behind it.
fn unquoted(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let whole = text.get(range.clone())?;
    let value = whole.trim_start_matches([' ', '\t', '=', ':']);
    let start = range.end - value.len();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let length = value.get(1..)?.find(quote)?;
        return Some(start + 1..start + 1 + length);
    }
    let end = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
    let end = value.get(..end)?.trim_end().len();
    Some(start..start + end)
}

fn plain<'t>(text: &'t str, key: &'t str, range: Range<usize>, place: Place) -> Option<Plain<'t>> {
    let value = text.get(range.clone())?;
    let key = if key == "_auth" { "auth_token" } else { key };
    Some(Plain { key: Cow::Borrowed(key), path: key.to_owned(), value: Cow::Borrowed(value), range, place })
}

/// `machine host login name password value`.
pub(super) fn netrc(text: &str) -> Vec<Plain<'_>> {
    let mut out = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        if text.get(word) == Some("password") {
            out.extend(words.next().and_then(|value| plain(text, "password", value, Place::Properties)));
        }
    }
    out
}

fn words(text: &str) -> Vec<Range<usize>> {
    let start = text.as_ptr() as usize;
    let place = |word: &str| word.as_ptr() as usize - start;
    text.split_whitespace().map(|word| place(word)..place(word) + word.len()).collect()
}

/// `host:port:database:user:password`.
pub(super) fn pgpass(text: &str) -> Vec<Plain<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.trim_end().len();
        let field = line.match_indices(':').nth(3).map(|(at, _)| start + at + 1);
        if let Some(field) = field.filter(|_| !line.starts_with('#')) {
            out.extend(plain(text, "password", field..end.max(field), Place::Properties));
        }
        start += line.len() + 1;
    }
    out
}

/// `ENV` and `ARG` of a Dockerfile, and assignments and options in its `RUN`.
pub(super) fn dockerfile(text: &str) -> Vec<Plain<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut instruction = Instruction::Other;
    let mut goes_on = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = start + (line.len() - trimmed.len());
        let end = start + line.trim_end().len();
        start += line.len();
        if trimmed.starts_with('#') {
            continue;
        }
        let mut from = at;
        if !goes_on {
            let word = trimmed.split_whitespace().next().unwrap_or_default();
            instruction = Instruction::named(word);
            from = at + word.len();
        }
        goes_on = text.get(from..end).is_some_and(|rest| rest.ends_with('\\'));
        let end = if goes_on { end - 1 } else { end };
        instruction.values(text, from.min(end)..end, &mut out);
    }
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Instruction {
    Env,
    Arg,
    Run,
    Other,
}

impl Instruction {
    fn named(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "ENV" => Instruction::Env,
            "ARG" => Instruction::Arg,
            "RUN" => Instruction::Run,
            _ => Instruction::Other,
        }
    }

    fn values<'t>(self, text: &'t str, line: Range<usize>, out: &mut Vec<Plain<'t>>) {
        let place = match self {
            Instruction::Env => Place::ImageEnv,
            Instruction::Arg => Place::BuildArg,
            Instruction::Run => Place::Shell,
            Instruction::Other => return,
        };
        let pairs = pairs(text, line.clone());
        if pairs.is_empty() && self == Instruction::Env {
            // The old form: `ENV NAME value`.
            let rest = text.get(line.clone()).unwrap_or_default();
            let body = rest.trim_start();
            let at = line.end - body.len();
            if let Some(blank) = body.find([' ', '\t']) {
                let value = unquoted(text, at + blank..line.end);
                out.extend(value.and_then(|value| plain(text, &text[at..at + blank], value, place)));
            }
        }
        for (key, value) in pairs {
            let key = text.get(key).unwrap_or_default().trim_start_matches('-');
            out.extend(plain(text, key, value, place));
        }
    }
}

/// Every `name=value` of a line, quotes respected.
pub(super) fn pairs(text: &str, line: Range<usize>) -> Vec<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = line.start;
    while at < line.end {
        let word = word_end(bytes, at, line.end);
        let equals = bytes.get(at..word).and_then(|word| memchr::memchr(b'=', word));
        if let Some(equals) = equals.filter(|equals| *equals > 0) {
            let (mut start, mut end) = (at + equals + 1, word);
            let quote = |at: usize| bytes.get(at).filter(|byte| matches!(byte, b'"' | b'\''));
            if start + 1 < end && quote(start).is_some() && quote(start) == quote(end - 1) {
                (start, end) = (start + 1, end - 1);
            }
            out.push((at..at + equals, start..end));
        }
        at = word + 1;
    }
    out
}

/// Where the word that begins at `at` ends: at a blank, outside quotes.
fn word_end(bytes: &[u8], at: usize, end: usize) -> usize {
    let mut quote = None;
    let mut index = at;
    while index < end {
        let byte = bytes[index];
        match quote {
            Some(open) if byte == open => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None if matches!(byte, b' ' | b'\t' | b';' | b'&' | b'|' | b'\n' | b'\r') => return index,
            _ => {}
        }
        index += 1 + usize::from(byte == b'\\');
    }
    end
}
