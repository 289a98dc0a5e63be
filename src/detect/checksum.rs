//! Checks that need no provider: checksums and structures, computed from the value alone.

use sha2::{Digest, Sha256};

use super::base::{self, Alphabet};
use crate::fact::format::Checksum;

/// Whether `value`, whose leading literal is `prefix`, passes.
pub(super) fn holds(checksum: Checksum, prefix: &str, value: &str) -> bool {
    match checksum {
        Checksum::Crc32Base62 => split(value, 6).is_some_and(|(head, tail)| {
            head.strip_prefix(prefix).is_some_and(|body| crc32_base62(body.as_bytes()) == tail)
        }),
        Checksum::Crc32Base36 => split(value, 7).is_some_and(|(head, tail)| crc32_base36(head.as_bytes()) == tail),
        Checksum::Sha256Base32 => sha256_place(prefix, value)
            .is_some_and(|at| value.get(at..at + 8).is_some_and(|found| found == sha256_base32(&value[..at]))),
        Checksum::Crc16Nkey => base::decode32(value).is_some_and(|bytes| crc16_holds(&bytes)),
        Checksum::Crc16Stellar => base::decode32(value)
            .is_some_and(|bytes| bytes.len() == 35 && bytes.first() == Some(&0x90) && crc16_holds(&bytes)),
        Checksum::Bech32 => bech32_holds(value),
        Checksum::Base58check => base58check_holds(value),
        Checksum::Jwt => jwt_header(value).is_some_and(|header| header.contains("\"alg\"")),
    }
}

/// Splits `tail` bytes off the end.
fn split(value: &str, tail: usize) -> Option<(&str, &str)> {
    value.split_at_checked(value.len().checked_sub(tail)?)
}

/// Where the eight check characters of a GitHub fine-grained token begin.
pub(super) fn sha256_place(prefix: &str, value: &str) -> Option<usize> {
    let second = value.get(prefix.len()..)?.find('_')? + prefix.len() + 1;
    value.is_char_boundary(second + 43).then_some(second + 43)
}

/// The first eight characters of the base 32 of the hash of `text`.
pub(super) fn sha256_base32(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    base::encode32(digest.get(..5).unwrap_or(&[]))
}

/// CRC-32 (IEEE) in base 62, six characters.
pub(super) fn crc32_base62(bytes: &[u8]) -> String {
    in_base(crc32(bytes), b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 6)
}

/// CRC-32 (IEEE) in base 36, seven characters.
pub(super) fn crc32_base36(bytes: &[u8]) -> String {
    in_base(crc32(bytes), b"0123456789abcdefghijklmnopqrstuvwxyz", 7)
}

fn in_base(mut number: u32, digits: &[u8], width: usize) -> String {
    let base = digits.len() as u32;
    let mut out = vec![digits[0]; width];
    for place in out.iter_mut().rev() {
        *place = digits[(number % base) as usize];
        number /= base;
    }
    out.into_iter().map(char::from).collect()
}

const CRC32: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| crc >> 8 ^ CRC32[((crc ^ u32::from(*byte)) & 0xff) as usize])
}

/// CRC-16/XMODEM.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0u16, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 })
    })
}

/// The last two bytes, little endian, are the CRC-16 of the others.
fn crc16_holds(bytes: &[u8]) -> bool {
    let Some((body, check)) = bytes.split_last_chunk::<2>() else { return false };
    !body.is_empty() && crc16(body) == u16::from_le_bytes(*check)
}

const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn bech32_polymod(values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1u32, |check, value| {
        let top = check >> 25;
        let shifted = (check & 0x01ff_ffff) << 5 ^ u32::from(value);
        GENERATOR.iter().enumerate().fold(
            shifted,
            |sum, (bit, generator)| {
                if top >> bit & 1 == 1 { sum ^ generator } else { sum }
            },
        )
    })
}

fn bech32_expand(prefix: &str) -> impl Iterator<Item = u8> + '_ {
    prefix.bytes().map(|byte| byte >> 5).chain([0]).chain(prefix.bytes().map(|byte| byte & 31))
}

fn bech32_holds(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let Some((prefix, data)) = value.rsplit_once('1') else { return false };
    let digits: Option<Vec<u8>> = data.chars().map(|c| BECH32.find(c).and_then(|at| u8::try_from(at).ok())).collect();
    digits.is_some_and(|digits| bech32_polymod(bech32_expand(prefix).chain(digits)) == 1)
}

/// The six check characters for `data` (lower case) under `prefix`.
pub(super) fn bech32_check(prefix: &str, data: &str) -> String {
    let digits = data.chars().filter_map(|c| BECH32.find(c)).filter_map(|at| u8::try_from(at).ok());
    let sum = bech32_polymod(bech32_expand(prefix).chain(digits).chain([0; 6])) ^ 1;
    (0..6).filter_map(|place| BECH32.chars().nth((sum >> (5 * (5 - place)) & 31) as usize)).collect()
}

fn base58check_holds(value: &str) -> bool {
    let Some(bytes) = base::decode58(value) else { return false };
    let Some((body, check)) = bytes.split_last_chunk::<4>() else { return false };
    let version = matches!(body.first(), Some(0x80 | 0xef));
    version && matches!(body.len(), 33 | 34) && Sha256::digest(Sha256::digest(body)).starts_with(check)
}

/// The four check bytes for `body`.
pub(super) fn base58_check(body: &[u8]) -> Vec<u8> {
    Sha256::digest(Sha256::digest(body)).iter().take(4).copied().collect()
}

/// The decoded header of a JSON web token.
pub(super) fn jwt_header(value: &str) -> Option<String> {
    let head = value.split('.').next()?;
    String::from_utf8(base::decode64(head, Alphabet::Url)?).ok().filter(|text| text.starts_with('{'))
}

/// The decoded claims of a JSON web token.
pub(super) fn jwt_claims(value: &str) -> Option<String> {
    let claims = value.split('.').nth(1)?;
    String::from_utf8(base::decode64(claims, Alphabet::Url)?).ok().filter(|text| text.starts_with('{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_algorithms() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(in_base(61, b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 6), "00000z");
    }

    /// The shortest valid strings of the Bech32 specification.
    #[test]
    fn bech32_vectors() {
        assert!(bech32_holds("A12UEL5L"));
        assert!(bech32_holds("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        assert!(!bech32_holds("A12UEL5Q"));
        assert_eq!(bech32_check("a", ""), "2uel5l");
    }

    #[test]
    fn broken_values_do_not_hold() {
        use Checksum::*;
        let all = [Crc32Base62, Crc32Base36, Sha256Base32, Crc16Nkey, Crc16Stellar, Bech32, Base58check, Jwt];
        for checksum in all {
            for value in ["", "x", "ä", "€€€€€€€", "ghp_", "1", "_", "a_b_c", "..", "=====", "github_pat_a_ü"]
            {
                assert!(!holds(checksum, "ghp_", value), "{checksum:?} {value}");
            }
        }
    }
}
