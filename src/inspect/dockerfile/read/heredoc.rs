//! Which words of a line open a heredoc. The builder's own rules: a whole word `[digits]<<[-]name`, outside quotes, with
//! `\` as the escape whatever the escape directive says.

use std::ops::Range;

use super::words;
use crate::inspect::dockerfile::document::Keyword;

/// A word that opens a heredoc.
pub(super) struct Opening {
    pub(super) word: Range<usize>,
    pub(super) name: String,
    pub(super) chomp: bool,
    pub(super) expand: bool,
}

/// The heredocs that `line` opens, if its instruction may have any.
pub(super) fn openings(line: &str) -> Vec<Opening> {
    if memchr::memmem::find(line.as_bytes(), b"<<").is_none() || !may_have_heredocs(line) {
        return Vec::new();
    }
    words::quoted(line, 0..line.len(), b'\\').into_iter().filter_map(|word| opening(line, word)).collect()
}

fn may_have_heredocs(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().map(Keyword::of);
    let first = words.next();
    let keyword = if first == Some(Keyword::Onbuild) { words.next() } else { first };
    matches!(keyword, Some(Keyword::Run | Keyword::Copy | Keyword::Add))
}

fn opening(line: &str, word: Range<usize>) -> Option<Opening> {
    let text = line.get(word.clone())?;
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (chomp, raw) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    if raw.is_empty() || raw.contains('<') {
        return None;
    }
    let name = unquote(raw)?;
    let expand = name == raw;
    (!name.is_empty()).then_some(Opening { word, name, chomp, expand })
}

/// The name without quotes and escapes; `None` when a quote is left open.
fn unquote(raw: &str) -> Option<String> {
    let mut name = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (Some('\''), c) => name.push(c),
            (_, '\\') => name.extend(chars.next()),
            (_, c) => name.push(c),
        }
    }
    quote.is_none().then_some(name)
}
