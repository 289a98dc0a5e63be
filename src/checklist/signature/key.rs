//! Public keys of ssh, and signatures by them: ed25519, ECDSA over P-256 and P-384, RSA with SHA-2.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::Reader;

/// A key whose signatures can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The key.
    Ed25519(Vec<u8>),
    /// The point, uncompressed.
    P256(Vec<u8>),
    /// The point, uncompressed.
    P384(Vec<u8>),
    /// Modulus and exponent.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Key {
    /// Reads a key as ssh writes it.
    pub(super) fn read(blob: &[u8]) -> Option<Self> {
        let mut reader = Reader(blob);
        let kind = reader.string()?;
        let key = match kind {
            b"ssh-ed25519" => Key::Ed25519(reader.string()?.to_vec()).filter(|key| key.len() == 32),
            b"ecdsa-sha2-nistp256" if reader.string()? == b"nistp256" => {
                Key::P256(reader.string()?.to_vec()).filter(|point| point.len() == 65)
            }
            b"ecdsa-sha2-nistp384" if reader.string()? == b"nistp384" => {
                Key::P384(reader.string()?.to_vec()).filter(|point| point.len() == 97)
            }
            b"ssh-rsa" => {
                let (e, n) = (number(reader.string()?), number(reader.string()?));
                Some(Key::Rsa { n: n.to_vec(), e: e.to_vec() })
            }
            _ => None,
        };
        key.filter(|_| reader.0.is_empty())
    }

    fn filter(self, holds: impl Fn(&[u8]) -> bool) -> Option<Self> {
        let is_good = match &self {
            Key::Ed25519(bytes) | Key::P256(bytes) | Key::P384(bytes) => holds(bytes),
            Key::Rsa { n, .. } => holds(n),
        };
        is_good.then_some(self)
    }

    /// What the file of allowed signers calls a key of this kind.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Key::Ed25519(_) => "ssh-ed25519",
            Key::P256(_) => "ecdsa-sha2-nistp256",
            Key::P384(_) => "ecdsa-sha2-nistp384",
            Key::Rsa { .. } => "ssh-rsa",
        }
    }

    /// Whether `value`, of the algorithm that it names, is this key's signature over `message`.
    pub(super) fn has_signed(&self, algorithm: &[u8], value: &[u8], message: &[u8]) -> bool {
        let fixed = |key: &[u8], size: usize, way| {
            let value = joined(value, size)?;
            UnparsedPublicKey::new(way, key).verify(message, &value).ok()
        };
        let is_own = algorithm == self.name().as_bytes();
        match self {
            Key::Ed25519(key) => is_own && UnparsedPublicKey::new(&ED25519, key).verify(message, value).is_ok(),
            Key::P256(key) => is_own && fixed(key, 32, &ECDSA_P256_SHA256_FIXED).is_some(),
            Key::P384(key) => is_own && fixed(key, 48, &ECDSA_P384_SHA384_FIXED).is_some(),
            Key::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                match algorithm {
                    b"rsa-sha2-256" => key.verify(&RSA_PKCS1_2048_8192_SHA256, message, value).is_ok(),
                    b"rsa-sha2-512" => key.verify(&RSA_PKCS1_2048_8192_SHA512, message, value).is_ok(),
                    // `ssh-rsa` is a signature over SHA-1.
                    _ => false,
                }
            }
        }
    }
}

/// A number without the zeroes before it.
fn number(bytes: &[u8]) -> &[u8] {
    let zeroes = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeroes..).unwrap_or_default()
}

/// The two numbers of an ECDSA signature side by side, each of `size` bytes.
fn joined(value: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut reader = Reader(value);
    let mut out = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let number = number(reader.string()?);
        out.extend(std::iter::repeat_n(0, size.checked_sub(number.len())?));
        out.extend_from_slice(number);
    }
    reader.0.is_empty().then_some(out)
}
