//! A value that must never be printed.

use sha2::{Digest, Sha256};

/// A secret value: nothing here shows, compares in order or serialises it. What a fingerprint or a join needs is
/// [`Secret::digest`]; readers that decide something about it borrow it with [`Secret::expose`].
#[derive(Clone)]
pub struct Secret {
    value: Box<str>,
}

impl Secret {
    /// Takes the value in.
    pub fn new(value: impl Into<Box<str>>) -> Self {
        Self { value: value.into() }
    }

    /// The value, for code that judges it. What it returns must not reach a person.
    pub fn expose(&self) -> &str {
        &self.value
    }

    /// 16 bits under `key` (the rule and the path, so that equal secrets in two places differ): enough to notice that
    /// a value was exchanged, too few to confirm a guess.
    pub fn digest(&self, key: &str) -> u16 {
        let inner = keyed(key.as_bytes(), 0x36, self.value.as_bytes());
        let outer = keyed(key.as_bytes(), 0x5c, &inner);
        u16::from_be_bytes([outer[0], outer[1]])
    }

    /// Its length in characters.
    pub fn chars(&self) -> usize {
        self.value.chars().count()
    }
}

/// One half of an HMAC: the hash of the padded key and the message.
fn keyed(key: &[u8], pad: u8, message: &[u8]) -> [u8; 32] {
    let short: [u8; 32];
    let key = if key.len() > 64 {
        short = Sha256::digest(key).into();
        &short[..]
    } else {
        key
    };
    let mut block = [pad; 64];
    for (byte, with) in block.iter_mut().zip(key) {
        *byte ^= with;
    }
    let mut hash = Sha256::new();
    hash.update(block);
    hash.update(message);
    hash.finalize().into()
}

impl std::fmt::Debug for Secret {
    /// That there is one, nothing of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let shown = format!("{:?}", Secret::new("correct-horse"));
        assert_eq!(shown, "Secret(…)");
    }

    #[test]
    fn digest_depends_on_value_and_key() {
        let one = Secret::new("correct-horse");
        assert_eq!(one.digest("a"), Secret::new("correct-horse").digest("a"));
        assert_ne!(one.digest("a"), one.digest("b"));
        assert_ne!(one.digest("a"), Secret::new("battery-staple").digest("a"));
        assert_ne!(one.digest(&"k".repeat(65)), one.digest(&"k".repeat(66)));
    }

    /// The inner and outer halves make HMAC-SHA-256 (RFC 4231, case 2: key "Jefe").
    #[test]
    fn digest_is_the_head_of_an_hmac() {
        let head = Secret::new("what do ya want for nothing?").digest("Jefe");
        assert_eq!(head, 0x5bdc);
    }
}
