//! Private keys: PEM blocks, PuTTY files, and PEM in base 64.

use std::ops::Range;

use super::Certainty;
use super::base::{self, Alphabet};

/// A longer block is cut here.
const LONGEST: usize = 16 << 10;
/// Fewer characters than this are no key: `…`, `<key>`, `MIIE...`.
const SHORTEST: usize = 60;
/// A line of a key has at least so many characters.
const LINE: usize = 24;

/// The key that begins about `at`, where a keyword stands, with how sure it is. An encrypted one is doubtful: nobody
/// can use it without its passphrase.
pub(super) fn key_at(text: &str, at: usize) -> Option<(Range<usize>, Certainty)> {
    let rest = text.get(at..)?;
    if rest.starts_with("PuTTY") {
        return putty(rest).map(|(len, certainty)| (at..at + len, certainty));
    }
    if rest.starts_with("LS0t") {
        // Within a longer run it is part of something else.
        if text.as_bytes().get(..at)?.last().is_some_and(u8::is_ascii_alphanumeric) {
            return None;
        }
        return coded(rest).map(|(len, certainty)| (at..at + len, certainty));
    }
    let before = text.as_bytes().get(at.saturating_sub(40)..at)?;
    let back = before.windows(11).rev().position(|window| window == b"-----BEGIN ")? + 11;
    let line = at - back;
    if text.get(line..at)?.contains('\n') {
        return None;
    }
    let (len, certainty) = block(text.get(line..)?)?;
    Some((line..line + len, certainty))
}

/// A block that begins at the start of `text`: its length.
fn block(text: &str) -> Option<(usize, Certainty)> {
    let window = text.get(..floor(text, LONGEST))?;
    let header = 11 + window.get(11..)?.find("-----").filter(|at| *at < 40)? + 5;
    let next = window.get(header..)?.find("-----BEGIN ").map_or(window.len(), |at| header + at);
    let window = window.get(..next)?;
    let end = window.get(header..)?.find("-----END ").map(|at| header + at);
    let body = window.get(header..end.unwrap_or(window.len()))?;
    let body = &body[..body.find(|c: char| !is_body(c)).unwrap_or(body.len())];
    // Words of a sentence are shorter than a line of a key.
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    if !body.split(|c: char| !is_key(c)).any(|run| run.len() >= LINE) {
        return None;
    }
    let drawn = body.bytes().filter(|byte| byte.is_ascii_alphanumeric()).count();
    if drawn < SHORTEST || super::plausible::has_filler(body.get(..200).unwrap_or(body)) || body.contains("...") {
        return None;
    }
    let encrypted = window[..header].contains("ENCRYPTED") || body.contains("ENCRYPTED");
    let close = end.and_then(|end| window.get(end + 9..)?.find("-----").map(|at| end + 9 + at + 5));
    let length = close.unwrap_or(header + body.len());
    Some((length, if encrypted { Certainty::Doubtful } else { Certainty::Certain }))
}

/// What may stand in a block: base 64, headers, line breaks, and both written as escapes or in quotes.
fn is_body(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/=\\:,-\"'.()|>+;".contains(c)
}

fn putty(text: &str) -> Option<(usize, Certainty)> {
    let window = text.get(..floor(text, LONGEST))?;
    let next = window.get(8..)?.find("PuTTY-User").map_or(window.len(), |at| 8 + at);
    let window = window.get(..next)?;
    let private = window.find("Private-Lines:")?;
    let open = window.get(..private)?.contains("Encryption: none");
    let rest = window.get(private..)?;
    let length = private + rest.find("Private-MAC").unwrap_or(rest.len());
    (length - private > SHORTEST).then_some((length, if open { Certainty::Certain } else { Certainty::Doubtful }))
}

/// A PEM block in base 64, as Kubernetes and kubeconfig files hold it.
fn coded(text: &str) -> Option<(usize, Certainty)> {
    let length = text
        .bytes()
        .take(2 * LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
        .count();
    let head = text.get(..length.min(LONGEST) / 4 * 4)?;
    let decoded = String::from_utf8(base::decode64(head, Alphabet::Standard)?).ok()?;
    if !decoded.get(..60)?.contains("PRIVATE KEY") {
        return None;
    }
    block(&decoded).map(|(_, certainty)| (length, certainty))
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}
