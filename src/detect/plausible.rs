//! Does the body of a token look drawn at random, or is it filler that a person typed?

use sha2::{Digest, Sha256};

/// Words that stand in examples and never, but for a chance in thousands, in random text.
const FILLER: &str = "\
    example dummy placeholder changeme change_me redacted your fake xxxx sample foobar deadbeef goeshere insert \
    testtest testkey test_key mytoken mysecret .... ****";

/// The first eight bytes of the SHA-256 of values that providers print in their manuals or ship in emulators.
const PUBLISHED: &[u64] = &[
    0x0011_cc25_eb43_2071, // Azure storage emulator
    0xaa65_4743_9583_c3a2, // Azure Cosmos DB emulator
    0x2caf_c097_0149_a84f, // Stripe manual
    0xf2d6_ca16_5150_33e5, // Stripe manual
    0x1021_ad46_3a16_1d69, // Google Maps manual
    0x2ddc_147f_3a3b_5a17, // Slack manual
];

/// Whether `value` is one of the values that everybody has read in a manual.
pub(super) fn is_published(value: &str) -> bool {
    let digest = Sha256::digest(value.as_bytes());
    digest.first_chunk::<8>().is_some_and(|head| PUBLISHED.contains(&u64::from_be_bytes(*head)))
}

/// Whether `body` could have been drawn at random from its charset.
pub(super) fn is_random(body: &str) -> bool {
    let bytes = body.as_bytes();
    if longest_run(bytes) >= 6 || longest_staircase(bytes) >= 7 || is_periodic(bytes) || has_filler(body) {
        return false;
    }
    let distinct = distinct(bytes);
    match bytes.len() {
        0..=7 => distinct >= 3,
        8..=15 => distinct >= 5,
        16..=23 => distinct >= 7,
        _ => distinct >= 8 && !is_wordy(bytes),
    }
}

/// Whether a word that only examples hold stands in it.
pub(super) fn has_filler(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    FILLER.split(' ').any(|word| lower.contains(word))
}

/// Longest run of one byte.
fn longest_run(bytes: &[u8]) -> usize {
    longest(bytes, |before, after| before == after)
}

/// Longest run in which each byte is the one before plus one, or minus one.
fn longest_staircase(bytes: &[u8]) -> usize {
    let up = longest(bytes, |before, after| before.checked_add(1) == Some(after));
    up.max(longest(bytes, |before, after| after.checked_add(1) == Some(before)))
}

fn longest(bytes: &[u8], goes_on: impl Fn(u8, u8) -> bool) -> usize {
    let (mut best, mut current) = (usize::from(!bytes.is_empty()), 1);
    for pair in bytes.windows(2) {
        current = if goes_on(pair[0], pair[1]) { current + 1 } else { 1 };
        best = best.max(current);
    }
    best
}

/// Whether it repeats a piece of at most twelve bytes three times or more.
fn is_periodic(bytes: &[u8]) -> bool {
    let longest = (bytes.len() / 3).min(12);
    (1..=longest).any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(one, other)| one == other))
}

fn distinct(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u128, |set, byte| set | 1 << (byte & 0x7f)).count_ones()
}

/// Whether it reads like an identifier: no digit, and one case, or as many vowels as language has.
fn is_wordy(bytes: &[u8]) -> bool {
    let count = |wanted: fn(&u8) -> bool| bytes.iter().filter(|byte| wanted(byte)).count();
    let mixed = count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
    let vowels = count(|byte| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u'));
    let humps = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    count(u8::is_ascii_digit) == 0 && (!mixed || (vowels * 3 >= bytes.len() && humps * 4 <= bytes.len() + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_is_not_random() {
        for body in [
            "xxxxxxxxxxxxxxxxxxxxxxxx",
            "IOSFODNN7EXAMPLE",
            "0123456789abcdef0123456789abcdef",
            "abcabcabcabcabcabc",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "some_function_name_that_is_long",
            "someFunctionNameThatIsLongEnough",
            "1a1a1a1a1a1a1a1a",
            "",
        ] {
            assert!(!is_random(body), "{body}");
        }
    }

    #[test]
    fn random_is_random() {
        for body in ["k9Vt2rXq7Lp4", "d234f878a7d587d6d455d768e25cacd9", "GhkbBJcbCsFzBRrnGgqweRtYuIoPAsDf"] {
            assert!(is_random(body), "{body}");
        }
    }
}
