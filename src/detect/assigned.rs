//! The value that stands right of a name: `name = "value"`, `"name": value`, `name => 'value'`, `name:value`.

use std::ops::Range;

/// At most this many bytes of a name may follow the keyword in it.
const NAME: usize = 40;

/// Where the value begins that is assigned to the name in which the keyword at `place` stands, quotes left out.
pub(super) fn value_of(bytes: &[u8], place: Range<usize>) -> Option<usize> {
    let rest = bytes.get(place.end..)?;
    let name = rest.iter().take(NAME).take_while(|byte| is_name(**byte)).count();
    let mut at = place.end + name;
    at += closing(bytes.get(at..)?);
    at += blanks(bytes.get(at..)?);
    at += separator(bytes.get(at..)?)?;
    at += blanks(bytes.get(at..)?);
    at += opening(bytes.get(at..)?);
    Some(at)
}

/// The whole name in which the byte at `at` stands.
pub(super) fn name_at(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let before = bytes.get(..at).unwrap_or_default();
    let start = at - before.iter().rev().take(NAME).take_while(|byte| is_name(**byte)).count();
    let after = bytes.get(at..).unwrap_or_default();
    let end = at + after.iter().take(2 * NAME).take_while(|byte| is_name(**byte)).count();
    text.get(start..end).unwrap_or_default()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// A quote or bracket that ends the name.
fn closing(rest: &[u8]) -> usize {
    rest.iter().take(3).take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\' | b')')).count()
}

fn blanks(rest: &[u8]) -> usize {
    rest.iter().take(32).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn separator(rest: &[u8]) -> Option<usize> {
    [&b":="[..], b"=>", b"==", b"=", b":", b","].iter().find(|text| rest.starts_with(text)).map(|text| text.len())
}

/// Quotes, and the word before a token in a header.
fn opening(rest: &[u8]) -> usize {
    let quotes = rest.iter().take(3).take_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\')).count();
    let word = rest.get(quotes..).filter(|rest| rest.starts_with(b"Bearer ")).map_or(0, |_| 7);
    quotes + word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_assign() {
        for text in [
            "datadog_key = \"V",
            "DATADOG_KEY=V",
            "\"datadog-key\": \"V",
            "datadog.key => 'V",
            "datadogKey := `V",
            "env['DATADOG_KEY'] = 'V",
            "{\\\"datadog_key\\\": \\\"V",
            "datadog: Bearer V",
        ] {
            let at = text.to_ascii_lowercase().find("datadog").expect("keyword");
            assert_eq!(value_of(text.as_bytes(), at..at + 7), text.find('V'), "{text}");
        }
    }

    #[test]
    fn nothing_assigned() {
        for text in ["datadog", "datadog key is abc", "datadog(abc)", "datadog\n= abc"] {
            assert_eq!(value_of(text.as_bytes(), 0..7), None, "{text}");
        }
    }
}
