//! The encryption of a key store: which it is, and undone with a password (RFC 7292 appendix B and C, RFC 8018).

use std::num::NonZeroU32;

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit, common::BlockSizeUser};
use ring::{digest, pbkdf2};

use super::super::der::{self, Element, INTEGER, OCTET_STRING, OID, SEQUENCE};
use super::super::key::identifier;
use super::password::Password;

/// How something is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scheme {
    /// As people call it: `AES-256`, `40-bit RC2`.
    pub(super) name: &'static str,
    /// The rounds that make a key of the password.
    pub(super) rounds: u32,
    salt: Vec<u8>,
    way: Way,
}

/// How the key is made, and with what it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    Pkcs12(Block),
    Pkcs5 { iv: Vec<u8>, hash: Hash, block: Block },
    NotRead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Aes128,
    Aes192,
    Aes256,
    TripleDes,
    TwoKeyDes,
    Rc2(usize),
}

/// A hash that keys are made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// What a key of [`pkcs12`] is for.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(super) enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

impl Hash {
    /// The hash behind an object identifier of a digest or of its HMAC.
    pub(super) fn of(id: &str) -> Option<Self> {
        Some(match id {
            "1.3.14.3.2.26" | "1.2.840.113549.2.7" => Hash::Sha1,
            "2.16.840.1.101.3.4.2.1" | "1.2.840.113549.2.9" => Hash::Sha256,
            "2.16.840.1.101.3.4.2.2" | "1.2.840.113549.2.10" => Hash::Sha384,
            "2.16.840.1.101.3.4.2.3" | "1.2.840.113549.2.11" => Hash::Sha512,
            _ => return None,
        })
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
            Hash::Sha384 => &digest::SHA384,
            Hash::Sha512 => &digest::SHA512,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }

    /// The HMAC with this hash.
    pub(super) fn hmac(self) -> ring::hmac::Algorithm {
        match self {
            Hash::Sha1 => ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => ring::hmac::HMAC_SHA256,
            Hash::Sha384 => ring::hmac::HMAC_SHA384,
            Hash::Sha512 => ring::hmac::HMAC_SHA512,
        }
    }

    /// The bytes of its output.
    pub(super) fn length(self) -> usize {
        self.digest().output_len()
    }
}

impl Block {
    fn key_length(self) -> usize {
        match self {
            Block::Aes128 | Block::TwoKeyDes => 16,
            Block::Aes192 | Block::TripleDes => 24,
            Block::Aes256 => 32,
            Block::Rc2(bits) => bits / 8,
        }
    }

    fn block_length(self) -> usize {
        match self {
            Block::Aes128 | Block::Aes192 | Block::Aes256 => 16,
            Block::TripleDes | Block::TwoKeyDes | Block::Rc2(_) => 8,
        }
    }

    fn decrypt(self, key: &[u8], iv: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Block::Aes128 => chained(&aes::Aes128Dec::new_from_slice(key).ok()?, iv, bytes),
            Block::Aes192 => chained(&aes::Aes192Dec::new_from_slice(key).ok()?, iv, bytes),
            Block::Aes256 => chained(&aes::Aes256Dec::new_from_slice(key).ok()?, iv, bytes),
            Block::TripleDes => chained(&des::TdesEde3::new_from_slice(key).ok()?, iv, bytes),
            Block::TwoKeyDes => chained(&des::TdesEde2::new_from_slice(key).ok()?, iv, bytes),
            Block::Rc2(bits) => chained(&rc2::Rc2::new_with_eff_key_len(key, bits), iv, bytes),
        }
    }
}

/// Cipher block chaining with the padding of PKCS#7, undone.
fn chained<C: BlockCipherDecrypt + BlockSizeUser>(cipher: &C, iv: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
    let size = C::block_size();
    if iv.len() != size || bytes.is_empty() || !bytes.len().is_multiple_of(size) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = iv;
    for chunk in bytes.chunks_exact(size) {
        let mut block = Array::<u8, C::BlockSize>::try_from(chunk).ok()?;
        cipher.decrypt_block(&mut block);
        out.extend(block.iter().zip(before).map(|(byte, mask)| byte ^ mask));
        before = chunk;
    }
    let padding = usize::from(*out.last()?);
    let kept = out.len().checked_sub(padding).filter(|_| (1..=size).contains(&padding))?;
    let is_padded = out.get(kept..)?.iter().all(|byte| usize::from(*byte) == padding);
    out.truncate(kept);
    is_padded.then_some(out)
}

impl Scheme {
    /// Reads an algorithm; `None` when it is broken.
    pub(super) fn read(algorithm: &[u8]) -> Option<Self> {
        let mut parts = der::elements(algorithm);
        let id = identifier(parts.next().filter(|one| one.tag == OID)?.content);
        let parameters = parts.next().map(|one| one.content).unwrap_or_default();
        if id == "1.2.840.113549.1.5.13" {
            return pkcs5(parameters);
        }
        let (name, way) = match id.as_str() {
            "1.2.840.113549.1.12.1.1" | "1.2.840.113549.1.12.1.2" => ("RC4", Way::NotRead),
            "1.2.840.113549.1.12.1.3" => ("3DES", Way::Pkcs12(Block::TripleDes)),
            "1.2.840.113549.1.12.1.4" => ("two-key 3DES", Way::Pkcs12(Block::TwoKeyDes)),
            "1.2.840.113549.1.12.1.5" => ("128-bit RC2", Way::Pkcs12(Block::Rc2(128))),
            "1.2.840.113549.1.12.1.6" => ("40-bit RC2", Way::Pkcs12(Block::Rc2(40))),
            "1.2.840.113549.1.5.1" | "1.2.840.113549.1.5.3" | "1.2.840.113549.1.5.10" => ("DES", Way::NotRead),
            "1.2.840.113549.1.5.4" | "1.2.840.113549.1.5.6" | "1.2.840.113549.1.5.11" => ("64-bit RC2", Way::NotRead),
            _ => ("an unknown cipher", Way::NotRead),
        };
        let mut inside = der::elements(parameters);
        let salt = inside.next().filter(|one| one.tag == OCTET_STRING).map(|one| one.content.to_vec());
        let rounds = inside.next().and_then(number);
        match &way {
            Way::NotRead => Some(Self { name, rounds: rounds.unwrap_or(0), salt: salt.unwrap_or_default(), way }),
            _ => Some(Self { name, rounds: rounds?, salt: salt?, way }),
        }
    }

    /// Whether anybody with a computer undoes it without the password.
    pub(super) fn is_weak(&self) -> bool {
        matches!(self.name, "DES" | "RC4" | "40-bit RC2" | "64-bit RC2")
    }

    /// Whether it is of a kind that can be undone here.
    pub(super) fn is_read(&self) -> bool {
        self.way != Way::NotRead
    }

    /// What `bytes` were; `None` when the password is another, or they are broken.
    pub(super) fn decrypt(&self, bytes: &[u8], password: &Password) -> Option<Vec<u8>> {
        match &self.way {
            Way::NotRead => None,
            Way::Pkcs12(block) => {
                let made =
                    |purpose, length| pkcs12(Hash::Sha1, purpose, password.wide(), &self.salt, self.rounds, length);
                block.decrypt(&made(Purpose::Key, block.key_length()), &made(Purpose::Iv, block.block_length()), bytes)
            }
            Way::Pkcs5 { iv, hash, block } => {
                block.decrypt(&stretched(*hash, password, &self.salt, self.rounds, block.key_length())?, iv, bytes)
            }
        }
    }
}

/// A small number.
pub(super) fn number(one: Element<'_>) -> Option<u32> {
    let digits = der::magnitude(one.content);
    let positive = one.tag == INTEGER && one.content.first().is_some_and(|byte| byte & 0x80 == 0);
    (positive && digits.len() <= 4).then(|| digits.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// What PBKDF2 makes of a password.
pub(super) fn stretched(hash: Hash, password: &Password, salt: &[u8], rounds: u32, length: usize) -> Option<Vec<u8>> {
    let mut key = vec![0; length];
    pbkdf2::derive(hash.pbkdf2(), NonZeroU32::new(rounds)?, salt, password.text().as_bytes(), &mut key);
    Some(key)
}

/// The parameters of PBKDF2: hash, salt, rounds.
pub(super) fn pbkdf2_parameters(derivation: &[u8]) -> Option<(Option<Hash>, Vec<u8>, u32)> {
    let mut parts = der::elements(derivation);
    let id = identifier(parts.next().filter(|one| one.tag == OID)?.content);
    if id != "1.2.840.113549.1.5.12" {
        return Some((None, Vec::new(), 0));
    }
    let mut inside = der::elements(parts.next()?.content);
    let salt = inside.next().filter(|one| one.tag == OCTET_STRING)?.content.to_vec();
    let rounds = inside.next().and_then(number)?;
    let function = inside.find(|one| one.tag == SEQUENCE);
    let hash = match function.and_then(|one| der::elements(one.content).next()) {
        None => Some(Hash::Sha1),
        Some(id) => Hash::of(&identifier(id.content)),
    };
    Some((hash, salt, rounds))
}

fn pkcs5(parameters: &[u8]) -> Option<Scheme> {
    let mut parts = der::elements(parameters);
    let (derivation, encryption) = (parts.next()?, parts.next()?);
    let (hash, salt, rounds) = pbkdf2_parameters(derivation.content)?;
    let mut inside = der::elements(encryption.content);
    let id = identifier(inside.next().filter(|one| one.tag == OID)?.content);
    let iv = inside.next().filter(|one| one.tag == OCTET_STRING).map(|one| one.content.to_vec());
    let (name, block) = match id.as_str() {
        "2.16.840.1.101.3.4.1.2" => ("AES-128", Some(Block::Aes128)),
        "2.16.840.1.101.3.4.1.22" => ("AES-192", Some(Block::Aes192)),
        "2.16.840.1.101.3.4.1.42" => ("AES-256", Some(Block::Aes256)),
        "1.2.840.113549.3.7" => ("3DES", Some(Block::TripleDes)),
        "1.3.14.3.2.7" => ("DES", None),
        "1.2.840.113549.3.2" => ("RC2", None),
        _ => ("an unknown cipher", None),
    };
    let way = match (block, hash, iv) {
        (Some(block), Some(hash), Some(iv)) => Way::Pkcs5 { iv, hash, block },
        _ => Way::NotRead,
    };
    Some(Scheme { name, rounds, salt, way })
}

/// The key derivation of PKCS#12 (RFC 7292, B.2).
pub(super) fn pkcs12(
    hash: Hash,
    purpose: Purpose,
    password: &[u8],
    salt: &[u8],
    rounds: u32,
    length: usize,
) -> Vec<u8> {
    let size = hash.digest().block_len();
    let filled =
        |part: &[u8]| -> Vec<u8> { part.iter().copied().cycle().take(part.len().div_ceil(size) * size).collect() };
    let mut input = [filled(salt), filled(password)].concat();
    let mut out = Vec::with_capacity(length + hash.length());
    loop {
        let mut context = digest::Context::new(hash.digest());
        context.update(&vec![purpose as u8; size]);
        context.update(&input);
        let mut made = context.finish();
        for _ in 1..rounds {
            made = digest::digest(hash.digest(), made.as_ref());
        }
        out.extend_from_slice(made.as_ref());
        if out.len() >= length {
            out.truncate(length);
            return out;
        }
        let added: Vec<u8> = made.as_ref().iter().copied().cycle().take(size).collect();
        for block in input.chunks_exact_mut(size) {
            let mut carry = 1u16;
            for (byte, more) in block.iter_mut().zip(&added).rev() {
                carry += u16::from(*byte) + u16::from(*more);
                *byte = (carry & 0xff) as u8;
                carry >>= 8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_as_others_make_them() {
        // The vectors that implementations share.
        let password: Vec<u8> = "smeg\0".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        let key = pkcs12(Hash::Sha1, Purpose::Key, &password, &salt, 1, 24);
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3");
        let iv = pkcs12(Hash::Sha1, Purpose::Iv, &password, &salt, 1, 8);
        assert_eq!(iv, [0x79, 0x99, 0x3d, 0xfe, 0x04, 0x8d, 0x3b, 0x76]);
    }

    #[test]
    fn padding_is_checked() {
        let cipher = aes::Aes128Dec::new_from_slice(&[1; 16]).unwrap();
        assert_eq!(chained(&cipher, &[0; 16], &[2; 16]), None);
        for bytes in [&[][..], &[2; 15]] {
            assert_eq!(chained(&cipher, &[0; 16], bytes), None);
        }
        assert_eq!(chained(&cipher, &[0; 8], &[2; 16]), None);
    }
}
