//! Private keys: what they are and which public key belongs to them. Nothing of the private half is kept.

use rustls_pki_types::PrivatePkcs8KeyDer;

use super::certificate::{elliptic, rsa};
use super::der;
use super::document::{Key, PublicKey};
use super::pem::Armour;

/// Whether a label is that of a private key.
pub(super) fn is_label(label: &str) -> bool {
    label.ends_with("PRIVATE KEY") && !label.contains("OPENSSH") && !label.contains("PGP") && !label.contains("SSH2")
}

/// Reads the key of a block.
pub(super) fn read(block: &Armour<'_>, bytes: &[u8]) -> Key {
    let header = |wanted: &str| block.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let is_encrypted = block.label == "ENCRYPTED PRIVATE KEY" || header("Proc-Type").is_some_and(is_encrypting);
    let old_cipher = header("DEK-Info").and_then(|info| info.split(',').next()).map(|name| name.trim().to_owned());
    let public = if is_encrypted { None } else { public_half(bytes) };
    Key { is_encrypted, old_cipher: old_cipher.filter(|_| is_encrypted), public }
}

fn is_encrypting(value: &str) -> bool {
    value.contains("ENCRYPTED")
}

/// Whether DER looks like a private key, for files without armour: encrypted or not.
pub(super) fn of_der(bytes: &[u8]) -> Option<Key> {
    if let Some(public) = public_half(bytes) {
        return Some(Key { is_encrypted: false, old_cipher: None, public: Some(public) });
    }
    let mut parts = der::elements(der::sequence(bytes)?);
    let (first, second) = (parts.next()?, parts.next()?);
    let wraps = first.tag == der::SEQUENCE && second.tag == der::OCTET_STRING && parts.next().is_none();
    // EncryptedPrivateKeyInfo: the algorithm is one of PKCS#5 or PKCS#12.
    let id =
        der::element(first.content).filter(|(one, _)| one.tag == der::OID).map(|(one, _)| identifier(one.content))?;
    let encrypts = id.starts_with("1.2.840.113549.1.5.") || id.starts_with("1.2.840.113549.1.12.1.");
    (wraps && encrypts).then_some(Key { is_encrypted: true, old_cipher: None, public: None })
}

/// The public key that belongs to a private one in PKCS#1, SEC 1 or PKCS#8.
fn public_half(bytes: &[u8]) -> Option<PublicKey> {
    let inner = der::sequence(bytes)?;
    let parts: Vec<der::Element<'_>> = der::elements(inner).take(12).collect();
    let tags: Vec<u8> = parts.iter().map(|part| part.tag).collect();
    match tags.as_slice() {
        [der::INTEGER, der::INTEGER, der::INTEGER, ..] if parts.len() >= 9 => pkcs1(&parts),
        [der::INTEGER, der::SEQUENCE, der::OCTET_STRING, ..] => pkcs8(bytes, &parts),
        [der::INTEGER, der::OCTET_STRING, ..] => sec1(&parts, None),
        _ => None,
    }
}

/// version, modulus, publicExponent, …
fn pkcs1(parts: &[der::Element<'_>]) -> Option<PublicKey> {
    let (modulus, exponent) = (parts.get(1)?, parts.get(2)?);
    let mut public = vec![der::SEQUENCE, 0x84];
    let body = [modulus.whole, exponent.whole].concat();
    public.extend(u32::try_from(body.len()).ok()?.to_be_bytes());
    public.extend(body);
    rsa(&public)
}

/// version, privateKey, [0] curve, [1] public point.
fn sec1(parts: &[der::Element<'_>], outer: Option<&str>) -> Option<PublicKey> {
    let tagged = |tag: u8| parts.iter().find(|part| part.tag == tag).and_then(|part| der::element(part.content));
    let own = tagged(0xa0).filter(|(one, _)| one.tag == der::OID).map(|(one, _)| identifier(one.content));
    let curve = own.as_deref().or(outer);
    let point = tagged(0xa1).filter(|(one, _)| one.tag == der::BIT_STRING).and_then(|(one, _)| one.content.get(1..));
    curve.is_some().then(|| elliptic(curve, point.unwrap_or_default()))
}

/// version, algorithm, privateKey.
fn pkcs8(bytes: &[u8], parts: &[der::Element<'_>]) -> Option<PublicKey> {
    let algorithm: Vec<der::Element<'_>> = der::elements(parts.get(1)?.content).take(2).collect();
    let id = identifier(algorithm.first().filter(|one| one.tag == der::OID)?.content);
    let inner = parts.get(2)?.content;
    match id.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            pkcs1(&der::elements(der::sequence(inner)?).take(12).collect::<Vec<_>>())
        }
        "1.2.840.10045.2.1" => {
            let curve = algorithm.get(1).filter(|one| one.tag == der::OID).map(|one| identifier(one.content));
            sec1(&der::elements(der::sequence(inner)?).take(12).collect::<Vec<_>>(), curve.as_deref())
        }
        "1.3.101.112" => Some(PublicKey {
            algorithm: "Ed25519".into(),
            bits: 256,
            material: edwards(bytes).unwrap_or_default(),
            ..PublicKey::default()
        }),
        "1.3.101.113" => Some(PublicKey { algorithm: "Ed448".into(), bits: 456, ..PublicKey::default() }),
        _ => None,
    }
}

/// The public key of an Ed25519 key: computed, because the file need not hold it.
fn edwards(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let key = PrivatePkcs8KeyDer::from(pkcs8);
    let info = rustls::crypto::ring::sign::any_eddsa_type(&key).ok()?.public_key()?.to_vec();
    let parts: Vec<der::Element<'_>> = der::elements(der::sequence(&info)?).take(2).collect();
    parts.get(1).filter(|one| one.tag == der::BIT_STRING)?.content.get(1..).map(<[u8]>::to_vec)
}

/// An object identifier in numbers; one that is broken is cut where it breaks.
pub(super) fn identifier(content: &[u8]) -> String {
    let mut text = String::new();
    let mut value = 0u64;
    for byte in content.iter().take(64) {
        value = value.checked_shl(7).unwrap_or(0) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            let first = (value / 40).min(2);
            text = format!("{first}.{}", value - 40 * first);
        } else {
            text.push_str(&format!(".{value}"));
        }
        value = 0;
    }
    text
}

/// Whether two public keys are the same; `None` when one of them is not known.
pub(super) fn are_equal(one: &PublicKey, other: &PublicKey) -> Option<bool> {
    if one.algorithm != other.algorithm || (one.curve.is_some() && other.curve.is_some() && one.curve != other.curve) {
        return Some(false);
    }
    // A point may be written in two lengths.
    if one.material.is_empty()
        || other.material.is_empty()
        || (one.algorithm == "EC" && one.material.len() != other.material.len())
    {
        return None;
    }
    Some(one.material == other.material)
}
