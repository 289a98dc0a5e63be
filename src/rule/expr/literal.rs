//! String and bytes literals: quotes, prefixes and escapes.

use std::ops::Range;

use super::value::Val;

/// How a literal is quoted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quotes {
    prefix: usize,
    raw: bool,
    bytes: bool,
    quote: u8,
    triple: bool,
}

impl Quotes {
    /// The quotes that open at the start of `text`, if a literal does.
    pub(super) fn at(text: &str) -> Option<Quotes> {
        let all = text.as_bytes();
        let prefix = all.iter().take(2).take_while(|byte| matches!(byte, b'r' | b'R' | b'b' | b'B')).count();
        let (letters, rest) = all.split_at(prefix);
        let quote = *rest.first().filter(|byte| matches!(byte, b'\'' | b'"'))?;
        let count = |upper: u8| letters.iter().filter(|letter| letter.to_ascii_uppercase() == upper).count();
        let (raw, bytes) = (count(b'R'), count(b'B'));
        let triple = rest.starts_with(&[quote; 3]);
        (raw < 2 && bytes < 2).then_some(Quotes { prefix, raw: raw == 1, bytes: bytes == 1, quote, triple })
    }

    fn width(self) -> usize {
        if self.triple { 3 } else { 1 }
    }

    fn closes(self, rest: &[u8]) -> bool {
        if self.triple { rest.starts_with(&[self.quote; 3]) } else { rest.first() == Some(&self.quote) }
    }
}

type Bad = (Range<usize>, &'static str);

/// Reads the literal at the start of `text`: its value and its length in bytes.
pub(super) fn string(text: &str, quotes: Quotes) -> Result<(Val<'static>, usize), Bad> {
    let mut at = quotes.prefix + quotes.width();
    let mut out: Vec<u8> = Vec::new();
    loop {
        let plain = |byte: &u8| !matches!(byte, b'\\' | b'\n' | b'\r') && *byte != quotes.quote;
        let run = text.as_bytes().get(at..).unwrap_or_default().iter().take_while(|byte| plain(byte)).count();
        out.extend_from_slice(&text.as_bytes()[at..at + run]);
        at += run;
        let rest = text.get(at..).unwrap_or("");
        let Some(c) = rest.chars().next() else {
            return Err((0..text.len(), "this text has no closing quote"));
        };
        if quotes.closes(rest.as_bytes()) {
            return finish(out, quotes, at + quotes.width());
        }
        if c == '\\' && !quotes.raw {
            at += escape(rest, quotes.bytes, &mut out).map_err(|message| (at..at + escape_width(rest), message))?;
            continue;
        }
        if matches!(c, '\n' | '\r') && !quotes.triple {
            return Err((0..at, "this text has no closing quote on its line; use three quotes for several lines"));
        }
        let width = c.len_utf8();
        // A raw literal keeps its backslashes, and what follows one does not close it in the grammar of CEL either.
        out.extend_from_slice(&rest.as_bytes()[..width]);
        at += width;
    }
}

fn escape_width(rest: &str) -> usize {
    rest.chars().take(2).map(char::len_utf8).sum()
}

fn finish(out: Vec<u8>, quotes: Quotes, length: usize) -> Result<(Val<'static>, usize), Bad> {
    if quotes.bytes {
        return Ok((Val::Bytes(out.into()), length));
    }
    match String::from_utf8(out) {
        Ok(text) => Ok((Val::Text(text.into()), length)),
        Err(_) => Err((0..length, "this text is not Unicode; use a bytes literal (b'…')")),
    }
}

/// Appends what the escape at the start of `rest` stands for; its length in bytes.
fn escape(rest: &str, bytes: bool, out: &mut Vec<u8>) -> Result<usize, &'static str> {
    let letter = rest.as_bytes().get(1).copied().unwrap_or(0);
    let simple = match letter {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'\\' | b'?' | b'"' | b'\'' | b'`' => letter,
        b'x' | b'X' => return coded(rest, 2, 2, 16, bytes, out),
        b'u' if !bytes => return coded(rest, 2, 4, 16, false, out),
        b'U' if !bytes => return coded(rest, 2, 8, 16, false, out),
        b'0'..=b'3' => return coded(rest, 1, 3, 8, bytes, out),
        _ => return Err("unknown escape; write `\\\\` for a backslash, or use a raw literal (r'…')"),
    };
    out.push(simple);
    Ok(2)
}

fn coded(
    rest: &str,
    skip: usize,
    digits: usize,
    radix: u32,
    bytes: bool,
    out: &mut Vec<u8>,
) -> Result<usize, &'static str> {
    const BAD: &str = "this escape is not a character";
    let text = rest.get(skip..skip + digits).ok_or(BAD)?;
    if !text.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return Err(BAD);
    }
    let code = u32::from_str_radix(text, radix).map_err(|_| BAD)?;
    if bytes {
        out.push(u8::try_from(code).map_err(|_| BAD)?);
    } else {
        let c = char::from_u32(code).ok_or(BAD)?;
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(skip + digits)
}
