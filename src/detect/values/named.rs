//! Programs, scripts, SQL and XML: a value stands right of a name that holds a word of secret names.

use std::borrow::Cow;
use std::ops::Range;

use super::{Kind, Plain};
use crate::detect::assigned;
use crate::detect::judge::Place;

/// A longer literal is no credential.
const LONGEST: usize = 300;

/// The values at the places `names`.
pub(super) fn read<'t>(kind: Kind, text: &'t str, names: &[usize]) -> Vec<Plain<'t>> {
    let mut out: Vec<Plain<'t>> = Vec::new();
    for at in names.iter().copied() {
        let found = match kind {
            Kind::Sql => sql(text, at).or_else(|| quoted(text, at)),
            Kind::Xml => xml(text, at),
            Kind::Shell => bare(text, at).or_else(|| quoted(text, at)),
            _ => quoted(text, at),
        };
        let Some((key, range)) = found else { continue };
        if out.last().is_some_and(|last| range.start < last.range.end) {
            continue;
        }
        let place = match kind {
            // JSON in a literal is a setting, no account.
            Kind::Sql if text.get(at..range.start).is_some_and(|gap| gap.contains("\":")) => Place::Data,
            Kind::Sql => Place::Sql,
            Kind::Xml | Kind::Hcl => Place::Properties,
            Kind::Shell => Place::Shell,
            _ => Place::Code,
        };
        let Some(value) = text.get(range.clone()) else { continue };
        out.push(Plain { key: Cow::Borrowed(key), path: key.to_owned(), value: Cow::Borrowed(value), range, place });
    }
    out
}

/// `name = "value"`, `name: 'value'`, `name => "value"`.
fn quoted(text: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let name = assigned::name_at(text, at);
    let start = assigned::value_of(text.as_bytes(), at..at)?;
    let quote = text.as_bytes().get(start.checked_sub(1)?).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    // A list of arguments names nothing: `f("password", "value")`.
    if text.get(at..start)?.contains(',') {
        return None;
    }
    let escaped = text.as_bytes().get(start.checked_sub(2)?) == Some(&b'\\');
    let rest = text.as_bytes().get(start..)?;
    let length = rest.iter().take(LONGEST).position(|byte| *byte == quote || *byte == b'\n')?;
    let length = if escaped { length.checked_sub(1)? } else { length };
    (rest.get(length) != Some(&b'\n') && length > 0).then_some((name, start..start + length))
}

/// `NAME=value`, `--name=value`, `--name value` of a shell command.
fn bare(text: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let name = assigned::name_at(text, at);
    let bytes = text.as_bytes();
    let end =
        at + bytes.get(at..)?.iter().take(80).take_while(|b| b.is_ascii_alphanumeric() || b"_-".contains(b)).count();
    let option = name.starts_with("--");
    let gap = match bytes.get(end)? {
        b'=' => 1,
        b' ' if option => 1,
        _ => return None,
    };
    let rest = bytes.get(end + gap..)?;
    let quote = usize::from(matches!(rest.first(), Some(b'"' | b'\'')));
    let is_value = |byte: &&u8| !byte.is_ascii_whitespace() && !b"\"';|&<>()`,".contains(byte);
    let length = rest.iter().skip(quote).take(LONGEST).take_while(is_value).count();
    let start = end + gap + quote;
    (length > 0 && bytes.get(start) != Some(&b'-')).then_some((name.trim_start_matches('-'), start..start + length))
}

/// `PASSWORD 'value'`, `IDENTIFIED BY 'value'`.
fn sql(text: &str, at: usize) -> Option<(&'static str, Range<usize>)> {
    let rest = text.get(at..)?;
    let lower = rest.get(..13).or_else(|| rest.get(..8))?.to_ascii_lowercase();
    let word = if lower.starts_with("identified by") { 13 } else { 0 };
    let before = text.as_bytes().get(..at)?.last().copied().unwrap_or(b' ');
    let word = if lower.starts_with("pass") && !before.is_ascii_alphanumeric() && before != b'_' {
        rest.bytes().take(9).take_while(u8::is_ascii_alphabetic).count()
    } else {
        word
    };
    let blanks = rest.get(word..)?.bytes().take(8).take_while(u8::is_ascii_whitespace).count();
    if word == 0 || blanks == 0 || rest.as_bytes().get(word + blanks) != Some(&b'\'') {
        return None;
    }
    let start = at + word + blanks + 1;
    let length = text.get(start..)?.bytes().take(LONGEST).position(|byte| byte == b'\'' || byte == b'\n')?;
    Some(("password", start..start + length))
}

/// `<password>value</password>`.
fn xml(text: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let name = assigned::name_at(text, at);
    let end = name.as_ptr() as usize - text.as_ptr() as usize + name.len();
    let open = text.as_bytes().get(end.checked_sub(name.len() + 1)?) == Some(&b'<');
    let rest = text.get(end..)?.strip_prefix('>').filter(|_| open)?;
    let length = rest.bytes().take(LONGEST).position(|byte| byte == b'<' || byte == b'\n')?;
    (rest.get(length..)?.starts_with("</")).then_some((name, end + 1..end + 1 + length))
}
