//! Shapes: literals and runs of a charset, matched by hand in one pass. `build.rs` compiles this file too.

/// A set of ASCII bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charset {
    bits: u128,
    /// Its members, for samples.
    pub(crate) alphabet: &'static str,
}

const DIGIT: &str = "0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const UPPER_ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER_ALNUM: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE64: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
const BASE64URL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const HEX: &str = "0123456789abcdef";
const HEX_UPPER: &str = "0123456789ABCDEF";
const HEX_ANY: &str = "0123456789abcdefABCDEF";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE32_LOWER: &str = "abcdefghijklmnopqrstuvwxyz234567";
const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &str = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
const HOST: &str = "abcdefghijklmnopqrstuvwxyz0123456789-.";

/// The names that a shape may use, with their members.
const NAMES: &[(&str, &str)] = &[
    ("digit", DIGIT),
    ("upper", UPPER),
    ("letter", LETTER),
    ("alnum", ALNUM),
    ("upper-alnum", UPPER_ALNUM),
    ("lower-alnum", LOWER_ALNUM),
    ("base64", BASE64),
    ("base64url", BASE64URL),
    ("hex", HEX),
    ("hex-upper", HEX_UPPER),
    ("hex-any", HEX_ANY),
    ("base32", BASE32),
    ("base32-lower", BASE32_LOWER),
    ("base58", BASE58),
    ("bech32", BECH32),
    ("host", HOST),
];

impl Charset {
    const fn new(alphabet: &'static str) -> Self {
        let bytes = alphabet.as_bytes();
        let mut bits = 0u128;
        let mut at = 0;
        while at < bytes.len() {
            bits |= 1 << (bytes[at] & 0x7f);
            at += 1;
        }
        Self { bits, alphabet }
    }

    fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, alphabet)| Self::new(alphabet))
    }

    pub(crate) fn has(self, byte: u8) -> bool {
        byte < 128 && self.bits >> byte & 1 == 1
    }
}

/// One part of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Exactly this text.
    Literal(Box<str>),
    /// Between `min` and `max` characters of a charset.
    Run { charset: Charset, min: usize, max: usize },
}

/// What a value looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) parts: Vec<Part>,
}

impl Shape {
    /// Reads a shape; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                literal.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let end = brace.find('}').ok_or_else(|| format!("`{text}`: a brace is not closed"))?;
            let inner = brace.get(1..end).ok_or_else(|| format!("`{text}`: a brace is not opened"))?;
            push_literal(&mut parts, &mut literal);
            parts.extend(run(inner)?);
            rest = &brace[end + 1..];
        }
        literal.push_str(rest);
        push_literal(&mut parts, &mut literal);
        if parts.is_empty() { Err("a shape must not be empty".to_owned()) } else { Ok(Self { parts: joined(parts) }) }
    }

    /// The longest literal, as the index of its part, that can be found in a text and walked from.
    pub(crate) fn anchor(&self) -> Option<usize> {
        let literals = self.parts.iter().enumerate().filter_map(|(index, part)| match part {
            Part::Literal(text) => Some((index, text.len())),
            Part::Run { .. } => None,
        });
        literals.max_by_key(|(index, len)| (*len, usize::MAX - index)).map(|(index, _)| index)
    }

    /// The range of the value whose part `anchor` is a literal that begins at `at`.
    pub(crate) fn around(&self, bytes: &[u8], anchor: usize, at: usize) -> Option<std::ops::Range<usize>> {
        let mut start = at;
        for part in self.parts.get(..anchor)?.iter().rev() {
            start = part.backward(bytes, start)?;
        }
        let mut end = at;
        for part in self.parts.get(anchor..)? {
            end = part.forward(bytes, end)?;
        }
        Some(start..end)
    }

    /// The charset of the last run, when a run is the last part.
    pub(crate) fn last_charset(&self) -> Option<Charset> {
        match self.parts.last()? {
            Part::Run { charset, .. } => Some(*charset),
            Part::Literal(_) => None,
        }
    }

    /// The charset of the first run, when a run is the first part.
    pub(crate) fn first_charset(&self) -> Option<Charset> {
        match self.parts.first()? {
            Part::Run { charset, .. } => Some(*charset),
            Part::Literal(_) => None,
        }
    }
}

impl Part {
    /// Where this part ends when it begins at `at`: as long as it can be.
    fn forward(&self, bytes: &[u8], at: usize) -> Option<usize> {
        match self {
            Part::Literal(text) => bytes.get(at..)?.starts_with(text.as_bytes()).then(|| at + text.len()),
            Part::Run { charset, min, max } => {
                let run = bytes.get(at..)?.iter().take(*max).take_while(|byte| charset.has(**byte)).count();
                (run >= *min).then_some(at + run)
            }
        }
    }

    /// Where this part begins when it ends at `end`.
    fn backward(&self, bytes: &[u8], end: usize) -> Option<usize> {
        match self {
            Part::Literal(text) => bytes.get(..end)?.ends_with(text.as_bytes()).then(|| end - text.len()),
            Part::Run { charset, min, max } => {
                let run = bytes.get(..end)?.iter().rev().take(*max).take_while(|byte| charset.has(**byte)).count();
                (run >= *min).then_some(end - run)
            }
        }
    }
}

fn push_literal(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Literal(std::mem::take(literal).into()));
    }
}

/// The parts that `charset:length` stands for; a UUID is nine of them.
fn run(inner: &str) -> Result<Vec<Part>, String> {
    if inner == "uuid" {
        // Read in any case, written in small letters.
        let charset = Charset { alphabet: HEX, ..Charset::new(HEX_ANY) };
        let dash = || Part::Literal("-".into());
        let hex = |n| Part::Run { charset, min: n, max: n };
        return Ok(vec![hex(8), dash(), hex(4), dash(), hex(4), dash(), hex(4), dash(), hex(12)]);
    }
    let (name, length) =
        inner.split_once(':').ok_or_else(|| format!("`{{{inner}}}`: expected `{{charset:length}}`"))?;
    let charset = Charset::named(name).ok_or_else(|| format!("`{name}` is no charset"))?;
    let (min, max) = length.split_once('-').unwrap_or((length, length));
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| (1..=4096).contains(n));
    match (number(min), number(max)) {
        (Some(min), Some(max)) if min <= max => Ok(vec![Part::Run { charset, min, max }]),
        _ => Err(format!("`{length}` is no length: a number or a range within 1-4096")),
    }
}

/// Neighbouring literals as one: the dashes of a UUID and what surrounds them.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (out.last_mut(), part) {
            (Some(Part::Literal(before)), Part::Literal(after)) => *before = format!("{before}{after}").into(),
            (_, part) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(shape: &str, text: &str) -> Option<std::ops::Range<usize>> {
        let shape = Shape::parse(shape).expect("shape");
        let anchor = shape.anchor().expect("anchor");
        let Part::Literal(literal) = &shape.parts[anchor] else { panic!("no literal") };
        shape.around(text.as_bytes(), anchor, text.find(&**literal)?)
    }

    #[test]
    fn walks_forward_and_backward_from_the_anchor() {
        assert_eq!(find("ghp_{alnum:4}", "x ghp_aB3d "), Some(2..10));
        assert_eq!(find("{hex:4}NRAL", "=12afNRAL"), Some(1..9));
        assert_eq!(find("{digit:2}.long.{hex:1-3}", "42.long.abcd"), Some(0..11));
        assert_eq!(find("ghp_{alnum:4}", "ghp_aB3"), None);
    }

    #[test]
    fn mistakes_are_named() {
        for (shape, word) in [
            ("a{nope:3}", "no charset"),
            ("a{hex:0}", "no length"),
            ("a{hex:9-3}", "no length"),
            ("a{hex", "not closed"),
            ("a}b", "not opened"),
            ("", "empty"),
        ] {
            let message = Shape::parse(shape).expect_err(shape);
            assert!(message.contains(word), "{shape}: {message}");
        }
    }

    #[test]
    fn doubled_braces_are_braces() {
        assert_eq!(find("{{AQ{base64:2}}}", "{AQab}"), Some(0..6));
    }
}
