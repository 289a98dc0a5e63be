//! Domain names: lower case, absolute, escapes in one spelling.

use std::fmt;

/// The longest label in bytes.
const LONGEST_LABEL: usize = 63;
/// The longest name in bytes, as it is sent.
const LONGEST_NAME: usize = 255;
/// No text longer than this is a name, however it is escaped.
const LONGEST_TEXT: usize = LONGEST_NAME * 4;

/// An absolute name in lower case without its final dot; the root is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Name(String);

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Two dots in a row, or nothing at all.
    EmptyLabel,
    /// More than 63 bytes between dots.
    LongLabel,
    /// More than 255 bytes in all.
    LongName,
    /// A backslash at the end, or one before a number above 255.
    Escape,
}

impl Fault {
    /// What it says of the name, as a phrase.
    pub fn phrase(self) -> &'static str {
        match self {
            Fault::EmptyLabel => "has an empty label",
            Fault::LongLabel => "has a label of more than 63 bytes",
            Fault::LongName => "is longer than 255 bytes",
            Fault::Escape => "has an escape that means nothing",
        }
    }
}

impl Name {
    /// The root.
    pub fn root() -> Self {
        Self(String::new())
    }

    /// The name that `text` means below `origin`, and whether the origin was appended.
    pub fn read(text: &str, origin: &Name) -> Result<(Name, bool), Fault> {
        match text {
            "@" => return Ok((origin.clone(), false)),
            "." => return Ok((Name::root(), false)),
            "" => return Err(Fault::EmptyLabel),
            _ if text.len() > LONGEST_TEXT => return Err(Fault::LongName),
            _ => {}
        }
        let mut out = String::with_capacity(text.len() + origin.0.len() + 1);
        let bytes = text.as_bytes();
        let (mut at, mut label, mut whole) = (0, 0, 0);
        let mut is_absolute = false;
        while let Some(byte) = bytes.get(at) {
            is_absolute = false;
            match byte {
                b'.' if label == 0 => return Err(Fault::EmptyLabel),
                b'.' => {
                    whole += label + 1;
                    (label, is_absolute) = (0, true);
                    at += 1;
                    if at < bytes.len() {
                        out.push('.');
                    }
                    continue;
                }
                b'\\' => {
                    let (value, length) = escape(bytes.get(at..).unwrap_or_default()).ok_or(Fault::Escape)?;
                    push(&mut out, value);
                    at += length;
                }
                _ => {
                    push(&mut out, *byte);
                    at += 1;
                }
            }
            label += 1;
            if label > LONGEST_LABEL {
                return Err(Fault::LongLabel);
            }
        }
        if !is_absolute {
            whole += label + 1;
            if !origin.is_root() {
                out.push('.');
                out.push_str(&origin.0);
                whole += origin.wire_length().saturating_sub(1);
            }
        }
        if whole + 1 > LONGEST_NAME { Err(Fault::LongName) } else { Ok((Name(out), !is_absolute)) }
    }

    /// The name that an absolute text means, with or without its final dot.
    pub fn absolute(text: &str) -> Option<Name> {
        Name::read(text, &Name::root()).ok().map(|(name, _)| name)
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Its text without the final dot; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its labels, the first one first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let mut rest = (!self.0.is_empty()).then_some(self.0.as_str());
        std::iter::from_fn(move || {
            let text = rest?;
            let (label, after) = split(text);
            rest = after;
            Some(label)
        })
    }

    /// The name without its first label; the root has none.
    pub fn parent(&self) -> Option<Name> {
        if self.is_root() {
            return None;
        }
        Some(Name(split(&self.0).1.unwrap_or_default().to_owned()))
    }

    /// Whether it is `other` or lies below it.
    pub fn is_within(&self, other: &Name) -> bool {
        if other.is_root() || self == other {
            return true;
        }
        let Some(head) = self.0.strip_suffix(other.0.as_str()).and_then(|head| head.strip_suffix('.')) else {
            return false;
        };
        head.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0
    }

    /// Whether it lies below `other` and is not it.
    pub fn is_below(&self, other: &Name) -> bool {
        self != other && self.is_within(other)
    }

    /// `label` below this name; `label` must be plain.
    pub fn child(&self, label: &str) -> Name {
        let label = label.to_ascii_lowercase();
        Name(if self.is_root() { label } else { format!("{label}.{}", self.0) })
    }

    /// Whether its first label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.0 == "*" || self.0.starts_with("*.")
    }

    /// How many bytes it takes in a message.
    pub fn wire_length(&self) -> usize {
        let of_label = |label: &str| {
            let (mut bytes, mut count) = (label.as_bytes(), 1);
            while let Some(first) = bytes.first() {
                let length = if *first == b'\\' { escape(bytes).map_or(1, |(_, length)| length) } else { 1 };
                bytes = bytes.get(length..).unwrap_or_default();
                count += 1;
            }
            count
        };
        self.labels().map(of_label).sum::<usize>() + 1
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

/// The first label and what follows its dot.
fn split(text: &str) -> (&str, Option<&str>) {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'.' => return (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
            _ => {}
        }
    }
    (text, None)
}

/// The byte that an escape at the start of `bytes` means, and its length.
pub fn escape(bytes: &[u8]) -> Option<(u8, usize)> {
    match bytes {
        [b'\\', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let value = u32::from(a - b'0') * 100 + u32::from(b - b'0') * 10 + u32::from(c - b'0');
            Some((u8::try_from(value).ok()?, 4))
        }
        [b'\\', b'0'..=b'9', ..] | [b'\\'] | [] => None,
        [b'\\', other, ..] => Some((*other, 2)),
        [first, ..] => Some((*first, 1)),
    }
}

/// Appends a byte of a label in the one spelling that names are compared in.
fn push(out: &mut String, byte: u8) {
    match byte {
        b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        b'!'..=b'~' => out.push(char::from(byte.to_ascii_lowercase())),
        _ => out.push_str(&format!("\\{byte:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        let origin = Name::absolute("Example.COM.").unwrap();
        Name::read(text, &origin).map_or_else(|fault| format!("{fault:?}"), |(name, _)| name.to_string())
    }

    #[test]
    fn relative_names_get_the_origin() {
        assert_eq!(name("www"), "www.example.com");
        assert_eq!(name("@"), "example.com");
        assert_eq!(name("WWW.other.org."), "www.other.org");
        assert_eq!(name("."), ".");
        assert_eq!(name("a\\.b"), "a\\.b.example.com");
        assert_eq!(name("\\097"), "a.example.com");
        assert_eq!(name("ä"), "\\195\\164.example.com");
    }

    #[test]
    fn broken_names_say_how() {
        assert_eq!(name("a..b"), "EmptyLabel");
        assert_eq!(name(".a"), "EmptyLabel");
        assert_eq!(name("a\\"), "Escape");
        assert_eq!(name("a\\256"), "Escape");
        assert_eq!(name(&"x".repeat(64)), "LongLabel");
        assert_eq!(name(&"x".repeat(63)), format!("{}.example.com", "x".repeat(63)));
        assert_eq!(
            name(&format!("{}.", "x.".repeat(127).trim_end_matches('.'))),
            "x.".repeat(127).trim_end_matches('.')
        );
        assert_eq!(name(&"x.".repeat(128)), "LongName");
        assert_eq!(name(&"x".repeat(100_000)), "LongName");
    }

    #[test]
    fn below_and_within() {
        let name = |text: &str| Name::absolute(text).unwrap();
        assert!(name("a.b.c").is_below(&name("b.c")) && !name("ab.c").is_below(&name("b.c")));
        assert!(!name("a\\.b.c").is_below(&name("b.c")) && name("a\\.b.c").is_below(&name("c")));
        assert!(name("a").is_below(&Name::root()) && !Name::root().is_below(&Name::root()));
        assert_eq!(name("a\\.b.c").labels().collect::<Vec<_>>(), ["a\\.b", "c"]);
        assert_eq!(name("a\\.b.c").parent(), Some(name("c")));
        assert_eq!(name("c").parent(), Some(Name::root()));
        assert_eq!(name("a\\.b.c").wire_length(), 7);
        assert!(name("*.c").is_wildcard() && !name("x*.c").is_wildcard());
    }
}
