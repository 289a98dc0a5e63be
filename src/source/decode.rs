//! Bytes → text. Spans refer to the decoded text, without a byte order mark.

use std::ops::Range;
use std::string::FromUtf8Error;

use super::Encoding;
use crate::syntax::shared::SharedText;

/// The byte order mark in UTF-8.
const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// A text, and what was wrong with its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text; bytes that are no text are `U+FFFD`.
    pub(super) text: SharedText,
    /// What it was written in.
    pub(super) encoding: Encoding,
    /// The first bytes that are no text.
    pub(super) fault: Option<Fault>,
}

/// The first bytes of a file that do not decode.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The replacement character that stands for them in the text.
    pub(super) span: Range<usize>,
    /// What is wrong, with the offset in the file.
    pub(super) message: String,
}

/// The content is not text: it holds a NUL at this byte of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binary {
    /// The offset in the file.
    pub(super) at: usize,
}

/// The text of plain UTF-8, which nearly every file is: what was read is kept, not copied. Anything else is given back.
pub(super) fn plain(bytes: Vec<u8>) -> Result<Decoded, Vec<u8>> {
    if bytes.starts_with(UTF8_MARK) || memchr::memchr(0, &bytes).is_some() {
        return Err(bytes);
    }
    let text = String::from_utf8(bytes).map_err(FromUtf8Error::into_bytes)?;
    Ok(Decoded { text: text.into(), encoding: Encoding::Utf8, fault: None })
}

/// Decodes UTF-8 with or without a mark and UTF-16 with one. Total: what does not decode is replaced and said.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Binary> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest, 3, Encoding::Utf8Bom),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes, Encoding::Utf16Le),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes, Encoding::Utf16Be),
        _ => utf8(bytes, 0, Encoding::Utf8),
    }
}

fn utf8(bytes: &[u8], mark: usize, encoding: Encoding) -> Result<Decoded, Binary> {
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(Binary { at: at + mark });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: text.into(), encoding, fault: None }),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("not valid UTF-8 at byte {}", at + mark);
            let fault = Fault { span: at..at + char::REPLACEMENT_CHARACTER.len_utf8(), message };
            Ok(Decoded { text: String::from_utf8_lossy(bytes).into_owned().into(), encoding, fault: Some(fault) })
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, encoding: Encoding) -> Result<Decoded, Binary> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut fault = None;
    let mut at = 2; // the mark
    let broken = |text: &String, at: usize| Fault {
        span: text.len()..text.len() + char::REPLACEMENT_CHARACTER.len_utf8(),
        message: format!("not valid UTF-16 at byte {at}"),
    };
    for item in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match item {
            Ok('\0') => return Err(Binary { at }),
            Ok(c) => {
                text.push(c);
                at += 2 * c.len_utf16();
            }
            Err(_) => {
                fault.get_or_insert_with(|| broken(&text, at));
                text.push(char::REPLACEMENT_CHARACTER);
                at += 2;
            }
        }
    }
    if !odd.is_empty() {
        fault.get_or_insert_with(|| broken(&text, at));
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Ok(Decoded { text: text.into(), encoding, fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, Encoding, Option<String>) {
        let decoded = decode(bytes).expect("text");
        if let Some(fault) = &decoded.fault {
            assert_eq!(&decoded.text[fault.span.clone()], "\u{fffd}");
        }
        (decoded.text.to_string(), decoded.encoding, decoded.fault.map(|fault| fault.message))
    }

    #[test]
    fn marks_are_removed_and_line_ends_kept() {
        assert_eq!(text(b""), (String::new(), Encoding::Utf8, None));
        assert_eq!(text(b"a\r\nb"), ("a\r\nb".into(), Encoding::Utf8, None));
        assert_eq!(text(b"\xEF\xBB\xBFFROM x\r\n"), ("FROM x\r\n".into(), Encoding::Utf8Bom, None));
        assert_eq!(text(b"\xFF\xFEa\0\xAC\x20\x3D\xD8\x00\xDE"), ("a€😀".into(), Encoding::Utf16Le, None));
        assert_eq!(text(b"\xFE\xFF\0a\x20\xAC"), ("a€".into(), Encoding::Utf16Be, None));
    }

    #[test]
    fn what_does_not_decode_is_replaced_and_said() {
        assert_eq!(
            text(b"ok \xC3\x28"),
            ("ok \u{fffd}(".into(), Encoding::Utf8, Some("not valid UTF-8 at byte 3".into()))
        );
        assert_eq!(text(b"\xEF\xBB\xBF\xFF").2, Some("not valid UTF-8 at byte 3".into()));
        assert_eq!(
            text(b"\xFF\xFEa\0\x00\xD8b\0"),
            ("a\u{fffd}b".into(), Encoding::Utf16Le, Some("not valid UTF-16 at byte 4".into()))
        );
        assert_eq!(
            text(b"\xFF\xFEa\0b"),
            ("a\u{fffd}".into(), Encoding::Utf16Le, Some("not valid UTF-16 at byte 4".into()))
        );
    }

    #[test]
    fn nul_is_binary_wherever_it_stands() {
        assert_eq!(decode(b"FROM x\0"), Err(Binary { at: 6 }));
        assert_eq!(decode(b"\xEF\xBB\xBF\0"), Err(Binary { at: 3 }));
        assert_eq!(decode(b"\xFF\xFEa\0\0\0"), Err(Binary { at: 4 }));
    }
}
