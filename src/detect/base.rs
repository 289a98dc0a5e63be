//! Decoders of base 32, 58 and 64.

/// Which base 64 is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `+` and `/`.
    Standard,
    /// `-` and `_`.
    Url,
}

fn value64(byte: u8, alphabet: Alphabet) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' if alphabet != Alphabet::Url => 62,
        b'/' if alphabet != Alphabet::Url => 63,
        b'-' if alphabet != Alphabet::Standard => 62,
        b'_' if alphabet != Alphabet::Standard => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The bytes that `text` stands for; padding may be left out, line breaks and blanks are skipped.
pub(crate) fn decode64(text: &str, alphabet: Alphabet) -> Option<Vec<u8>> {
    let body = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in body.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        bits = bits << 6 | value64(byte, alphabet)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    (count < 6 && !out.is_empty()).then_some(out)
}

/// Base 64 in the standard alphabet, padded.
pub(crate) fn encode64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

/// Base 32 without padding.
pub(super) fn encode32(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            out.push(char::from(DIGITS[(bits >> count & 31) as usize]));
        }
    }
    if count > 0 {
        out.push(char::from(DIGITS[(bits << (5 - count) & 31) as usize]));
    }
    out
}

/// The bytes that base 32 `text` (upper case, no padding) stands for.
pub(super) fn decode32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    Some(out)
}

const BASE58: &str = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The bytes that base 58 `text` stands for; `None` beyond 128 characters, where no key is.
pub(super) fn decode58(text: &str) -> Option<Vec<u8>> {
    if text.len() > 128 {
        return None;
    }
    let mut out: Vec<u8> = Vec::new();
    for c in text.chars() {
        let mut carry = BASE58.find(c)?;
        for byte in &mut out {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            out.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    out.extend(text.chars().take_while(|c| *c == '1').map(|_| 0));
    out.reverse();
    Some(out)
}

/// Base 58 of up to 128 bytes.
pub(super) fn encode58(bytes: &[u8]) -> String {
    let mut digits: Vec<usize> = Vec::new();
    for byte in bytes.iter().take(128) {
        let mut carry = usize::from(*byte);
        for digit in &mut digits {
            carry += *digit << 8;
            *digit = carry % 58;
            carry /= 58;
        }
        while carry > 0 {
            digits.push(carry % 58);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| 0);
    digits.extend(zeros);
    digits.iter().rev().filter_map(|digit| BASE58.chars().nth(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_both_ways() {
        for text in ["f", "fo", "foo", "foob", "fooba", "foobar"] {
            let coded = encode64(text.as_bytes());
            assert_eq!(decode64(&coded, Alphabet::Standard).as_deref(), Some(text.as_bytes()), "{coded}");
        }
        assert_eq!(encode64(b"fooba"), "Zm9vYmE=");
        assert_eq!(decode64("-_", Alphabet::Standard), None);
        assert_eq!(decode64("A", Alphabet::Standard), None);
        assert_eq!(decode64("", Alphabet::Standard), None);
    }

    #[test]
    fn base32_and_58_both_ways() {
        assert_eq!(encode32(b"fooba"), "MZXW6YTB");
        assert_eq!(decode32("MZXW6YTB").as_deref(), Some(&b"fooba"[..]));
        let bytes = [0, 0, 1, 2, 250, 255];
        assert_eq!(decode58(&encode58(&bytes)).as_deref(), Some(&bytes[..]));
        assert_eq!(decode58("0"), None);
    }
}
