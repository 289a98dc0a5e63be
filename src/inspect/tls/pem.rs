//! PEM: blocks between `-----BEGIN X-----` and `-----END X-----`, whatever stands around them (RFC 7468, and what
//! programs accept beyond it).

use std::ops::Range;

/// One block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Armour<'t> {
    /// What it says it is: `CERTIFICATE`.
    pub(super) label: &'t str,
    /// Its first line.
    pub(super) place: Range<usize>,
    /// Header lines such as `Proc-Type: 4,ENCRYPTED`.
    pub(super) headers: Vec<(&'t str, &'t str)>,
    /// The bytes in it, or what is wrong with it.
    pub(super) body: Result<Vec<u8>, &'static str>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// A longer label is no label.
const LONGEST_LABEL: usize = 60;

/// Whether a block begins anywhere in `text`.
pub(super) fn is_in(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), BEGIN.as_bytes()).is_some()
}

/// The blocks of `text`, in order, at most `most`.
pub(super) fn blocks(text: &str, most: usize) -> Vec<Armour<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < most
        && let Some(start) = text.get(at..).and_then(|rest| rest.find(BEGIN)).map(|offset| at + offset)
    {
        let rest = text.get(start + BEGIN.len()..).unwrap_or_default();
        let line = rest.get(..rest.find(['\n', '\r']).unwrap_or(rest.len())).unwrap_or_default();
        let label = line.split(DASHES).next().unwrap_or_default();
        at = start + BEGIN.len();
        if label.len() == line.len() || label.len() > LONGEST_LABEL || label.contains(['<', '.', '{']) {
            continue;
        }
        let head = BEGIN.len() + label.len() + DASHES.len();
        let inside = text.get(start + head..).unwrap_or_default();
        let (body, length) = inner(inside, label);
        at = start + head + length;
        let (headers, body) = match body {
            Ok(body) => split_headers(body),
            Err(wrong) => (Vec::new(), Err(wrong)),
        };
        found.push(Armour { label, place: start..start + head, headers, body });
    }
    found
}

/// What stands between the first line and the last, and how far the block reaches.
fn inner<'t>(inside: &'t str, label: &str) -> (Result<&'t str, &'static str>, usize) {
    let next = inside.find(BEGIN).unwrap_or(inside.len());
    let Some(end) = inside.get(..next).and_then(|own| own.find(END)) else {
        return (Err("its last line is missing"), next);
    };
    let body = inside.get(..end).unwrap_or_default();
    let closing = inside.get(end + END.len()..).unwrap_or_default();
    if closing.starts_with(label) { (Ok(body), end) } else { (Err("its last line names something else"), end) }
}

type Split<'t> = (Vec<(&'t str, &'t str)>, Result<Vec<u8>, &'static str>);

fn split_headers(body: &str) -> Split<'_> {
    let mut headers = Vec::new();
    let mut text = String::with_capacity(body.len());
    let mut continued = false;
    for line in body.lines().flat_map(|line| line.split('\r')).map(str::trim) {
        match line.split_once(": ").or_else(|| line.split_once(':')) {
            Some((name, value)) if text.is_empty() => {
                headers.push((name, value));
                continued = value.ends_with('\\');
            }
            _ if std::mem::take(&mut continued) => continued = line.ends_with('\\'),
            _ => text.push_str(line),
        }
    }
    (headers, decode(&text).ok_or("it is not base 64"))
}

/// The bytes that base 64 stands for: standard alphabet, blanks skipped, padding required only where it is used.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut word, mut count, mut padding) = (0u32, 0u32, 0usize);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        word = word << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((word >> count & 0xff) as u8);
        }
    }
    (count < 6 && padding <= 2).then_some(out)
}

/// A block as people write it, each line ended.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = format!("{BEGIN}{label}{DASHES}\n");
    for line in bytes.chunks(48) {
        for chunk in line.chunks(3) {
            let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for place in 0..4 {
                let digit = DIGITS.get((word >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
                out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
            }
        }
        out.push('\n');
    }
    out.push_str(&format!("{END}{label}{DASHES}\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<(&str, Result<Vec<u8>, &'static str>)> {
        blocks(text, 9).into_iter().map(|block| (block.label, block.body)).collect()
    }

    #[test]
    fn blocks_are_found_whatever_stands_around_them() {
        let plain = "-----BEGIN X-----\naGk=\n-----END X-----\n";
        for text in [
            plain.to_owned(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            format!("\u{feff}{plain}"),
            format!("Subject: CN=x\n    words\n{plain}more"),
            plain.replace("aGk=", "  aGk="),
            plain.replace("aGk=", "aG\nk="),
            plain.trim_end().to_owned(),
        ] {
            assert_eq!(bodies(&text), vec![("X", Ok(b"hi".to_vec()))], "{text:?}");
            let block = &blocks(&text, 9)[0];
            assert_eq!(&text[block.place.clone()], "-----BEGIN X-----");
        }
        assert_eq!(bodies(&plain.repeat(3)).len(), 3);
        assert_eq!(blocks(&plain.repeat(30), 9).len(), 9);
    }

    #[test]
    fn what_is_broken_is_said() {
        let text =
            "-----BEGIN X-----\naGk=\n-----BEGIN Y-----\na*k=\n-----END Y-----\n-----BEGIN Z-----\n\n-----END Q-----";
        let wrong: Vec<_> = bodies(text).into_iter().map(|(label, body)| (label, body.unwrap_err())).collect();
        let expected = [
            ("X", "its last line is missing"),
            ("Y", "it is not base 64"),
            ("Z", "its last line names something else"),
        ];
        assert_eq!(wrong, expected);
        assert!(blocks("a line with -----BEGIN and no end\n-----BEGIN <what>-----\n", 9).is_empty());
    }

    #[test]
    fn headers_are_no_base_64() {
        let text = "-----BEGIN K-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,00\n\naGk=\n-----END K-----";
        let block = &blocks(text, 1)[0];
        assert_eq!(block.headers, vec![("Proc-Type", "4,ENCRYPTED"), ("DEK-Info", "DES-CBC,00")]);
        assert_eq!(block.body, Ok(b"hi".to_vec()));
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in 0..200u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            assert_eq!(bodies(&encode("X", &bytes)), vec![("X", Ok(bytes))]);
        }
    }
}
