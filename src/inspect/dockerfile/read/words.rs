//! Words of a line: by blanks, by blanks outside quotes, as a JSON list, and flags.

use std::borrow::Cow;
use std::ops::Range;

/// A builder separates words by these.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{b}' | '\u{c}' | '\r')
}

/// `range` without blanks at its ends.
pub(super) fn trim(line: &str, range: Range<usize>) -> Range<usize> {
    let text = line.get(range.clone()).unwrap_or_default();
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

/// Words separated by blanks, whatever the quotes.
pub(super) fn plain(line: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let text = line.get(range.clone()).unwrap_or_default();
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (start, is_blank(c)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push(range.start + from..range.start + at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| range.start + from..range.start + text.len()));
    words
}

/// Words separated by blanks outside quotes; the quotes stay.
pub(super) fn quoted(line: &str, range: Range<usize>, escape: u8) -> Vec<Range<usize>> {
    let text = line.get(range.clone()).unwrap_or_default();
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (start, quote) {
            (None, _) if c.is_whitespace() => continue,
            (None, _) => start = Some(at),
            (Some(from), None) if c.is_whitespace() => {
                words.push(range.start + from..range.start + at);
                start = None;
                continue;
            }
            _ => {}
        }
        match quote {
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if open == c => quote = None,
            Some('\'') => {}
            _ if c == escape as char => drop(chars.next()),
            _ => {}
        }
    }
    words.extend(start.map(|from| range.start + from..range.start + text.len()));
    words
}

/// The flags at the beginning of `range`, and where the rest begins. A quoted value may hold blanks.
pub(super) fn flags(line: &str, range: Range<usize>, escape: u8) -> (Vec<Range<usize>>, usize) {
    let mut flags = Vec::new();
    let mut at = trim(line, range.clone()).start;
    while line.get(at..range.end).is_some_and(|rest| rest.starts_with("--")) {
        let Some(word) = first_quoted(line, at..range.end, escape) else { break };
        at = trim(line, word.end..range.end).start;
        if line.get(word.clone()) == Some("--") {
            break;
        }
        flags.push(word);
    }
    (flags, at)
}

/// The first of [`quoted`], without reading the others.
fn first_quoted(line: &str, range: Range<usize>, escape: u8) -> Option<Range<usize>> {
    let text = line.get(range.clone())?;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            None if c.is_whitespace() => return Some(range.start..range.start + at),
            None if matches!(c, '\'' | '"') => quote = Some(c),
            Some(open) if open == c => quote = None,
            Some('\'') => {}
            _ if c == escape as char => drop(chars.next()),
            _ => {}
        }
    }
    Some(range)
}

/// A string of a JSON list: where it stands, quotes included, and what it says.
pub(super) type JsonString<'l> = (Range<usize>, Cow<'l, str>);

/// Reads `range` as a JSON list of strings and nothing else; what is wrong with it otherwise.
pub(super) fn json(line: &str, range: Range<usize>) -> Result<Vec<JsonString<'_>>, &'static str> {
    let range = trim(line, range);
    let text = &line[range.clone()];
    let mut at = 1;
    let mut strings = Vec::new();
    loop {
        at = skip(text, at);
        match text.as_bytes().get(at) {
            Some(b']') if strings.is_empty() => break,
            Some(b'"') => {
                let length = string_length(&text[at..]).ok_or("a string has no closing quote")?;
                let said = serde_json::from_str::<String>(&text[at..at + length]);
                let said = said.map_err(|_| "a string holds an escape that JSON does not know")?;
                strings.push((range.start + at..range.start + at + length, Cow::Owned(said)));
                at = skip(text, at + length);
            }
            Some(b'\'') => return Err("JSON wants double quotes"),
            Some(b']') => return Err("a comma stands before the closing bracket"),
            None => return Err("the closing bracket is missing"),
            Some(_) => return Err("an item is not a string in double quotes"),
        }
        match text.as_bytes().get(at) {
            Some(b',') => at += 1,
            Some(b']') => break,
            None => return Err("the closing bracket is missing"),
            Some(_) => return Err("a comma is missing between two items"),
        }
    }
    if at + 1 == text.len() { Ok(strings) } else { Err("text follows the closing bracket") }
}

fn skip(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The length of the JSON string that `text` begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str, words: Vec<Range<usize>>) -> Vec<&str> {
        words.into_iter().map(|word| &line[word]).collect()
    }

    #[test]
    fn quotes_hold_words_together() {
        let line = r#"a="b c" 'd e'=f g\ h "i"#;
        assert_eq!(texts(line, quoted(line, 0..line.len(), b'\\')), [r#"a="b c""#, "'d e'=f", r"g\ h", "\"i"]);
        assert_eq!(texts("a  'b c' ", plain("a  'b c' ", 0..9)), ["a", "'b", "c'"]);
    }

    #[test]
    fn flags_end_at_the_first_word_without_dashes() {
        let line = "--a=1 --b='x y' -- --c d";
        let (found, rest) = flags(line, 0..line.len(), b'\\');
        assert_eq!(texts(line, found), ["--a=1", "--b='x y'"]);
        assert_eq!(&line[rest..], "--c d");
    }

    #[test]
    fn json_is_strict() {
        let read =
            |text: &str| json(text, 0..text.len()).map(|list| list.into_iter().map(|(_, s)| s.into_owned()).collect());
        assert_eq!(read(r#"[ "a", "b\n\u0041" ]"#), Ok(vec!["a".to_owned(), "b\nA".to_owned()]));
        assert_eq!(read("[]"), Ok(Vec::new()));
        assert_eq!(read("['a']"), Err("JSON wants double quotes"));
        assert_eq!(read(r#"["a",]"#), Err("a comma stands before the closing bracket"));
        assert_eq!(read(r#"["a""#), Err("the closing bracket is missing"));
        assert_eq!(read(r#"["a"] b"#), Err("text follows the closing bracket"));
        assert_eq!(read(r#"["c:\x"]"#), Err("a string holds an escape that JSON does not know"));
        assert_eq!(read(r#"["a" "b"]"#), Err("a comma is missing between two items"));
    }
}
