//! DER → [`Certificate`] and [`Request`]: x509-parser reads, this keeps what rules ask about.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{SubjectPublicKeyInfo, X509Name};

use super::der;
use super::document::{Certificate, Name, PublicKey, Request};

/// A longer certificate is not read.
const LONGEST: usize = 1 << 20;
/// More names or addresses than this are not kept.
const MOST_NAMES: usize = 10_000;

/// Signature algorithms: identifier, name, whether the hash is broken.
const SIGNATURES: &[(&str, &str, bool)] = &[
    ("1.2.840.10040.4.3", "SHA1-DSA", true),
    ("1.2.840.10045.4.1", "SHA1-ECDSA", true),
    ("1.2.840.10045.4.3.1", "SHA224-ECDSA", false),
    ("1.2.840.10045.4.3.2", "SHA256-ECDSA", false),
    ("1.2.840.10045.4.3.3", "SHA384-ECDSA", false),
    ("1.2.840.10045.4.3.4", "SHA512-ECDSA", false),
    ("1.2.840.113549.1.1.10", "RSA-PSS", false),
    ("1.2.840.113549.1.1.11", "SHA256-RSA", false),
    ("1.2.840.113549.1.1.12", "SHA384-RSA", false),
    ("1.2.840.113549.1.1.13", "SHA512-RSA", false),
    ("1.2.840.113549.1.1.14", "SHA224-RSA", false),
    ("1.2.840.113549.1.1.2", "MD2-RSA", true),
    ("1.2.840.113549.1.1.4", "MD5-RSA", true),
    ("1.2.840.113549.1.1.5", "SHA1-RSA", true),
    ("1.3.101.112", "Ed25519", false),
    ("1.3.101.113", "Ed448", false),
    ("1.3.14.3.2.29", "SHA1-RSA", true),
    ("2.16.840.1.101.3.4.3.2", "SHA256-DSA", false),
];

/// Curves: identifier, name, bits.
pub(super) const CURVES: &[(&str, &str, u32)] = &[
    ("1.2.840.10045.3.1.1", "P-192", 192),
    ("1.2.840.10045.3.1.7", "P-256", 256),
    ("1.3.132.0.10", "secp256k1", 256),
    ("1.3.132.0.33", "P-224", 224),
    ("1.3.132.0.34", "P-384", 384),
    ("1.3.132.0.35", "P-521", 521),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1", 512),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
];

const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const EC: &str = "1.2.840.10045.2.1";
/// Keys without parameters: identifier, name, bits.
const PLAIN: &[(&str, &str, u32)] =
    &[("1.3.101.112", "Ed25519", 256), ("1.3.101.113", "Ed448", 456), ("1.2.840.10040.4.1", "DSA", 0)];

/// Purposes: the last number below id-kp, name.
const PURPOSES: &[(&str, &str)] = &[
    ("1.3.6.1.5.5.7.3.1", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "emailProtection"),
    ("1.3.6.1.5.5.7.3.8", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "ocspSigning"),
    ("2.5.29.37.0", "any"),
];

const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";
const SCT_LIST: &str = "1.3.6.1.4.1.11129.2.4.2";
const CT_POISON: &str = "1.3.6.1.4.1.11129.2.4.3";
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// Policies of the CA/Browser Forum for servers.
const PUBLIC_POLICIES: &str = "2.23.140.1.";
/// Extensions that everybody knows, though x509-parser does not read them.
const KNOWN: &[&str] = &[TLS_FEATURE, SCT_LIST, CT_POISON];

/// Reads a certificate.
pub(super) fn read(der: &[u8]) -> Result<Certificate, String> {
    if der.len() > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST >> 10));
    }
    let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| wrong(&error))?;
    // An editor may have ended the file with a line break.
    if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return Err("something follows the end of the certificate".into());
    }
    let tbs = &parsed.tbs_certificate;
    let (signature, is_weakly_signed) = signature(&parsed.signature_algorithm.algorithm.to_id_string());
    let weak_pss = parsed.signature_algorithm.algorithm.to_id_string() == RSA_PSS && pss_is_sha1(&parsed);
    let mut certificate = Certificate {
        der: der.get(..der.len() - rest.len()).unwrap_or(der).to_vec(),
        subject: shown(&tbs.subject),
        issuer: shown(&tbs.issuer),
        issuer_organization: text(tbs.issuer.iter_organization().next().and_then(|one| one.as_str().ok())),
        raw_subject: tbs.subject.as_raw().to_vec(),
        raw_issuer: tbs.issuer.as_raw().to_vec(),
        common_names: tbs.subject.iter_common_name().filter_map(|one| text(one.as_str().ok())).collect(),
        not_before: tbs.validity.not_before.timestamp(),
        not_after: tbs.validity.not_after.timestamp(),
        serial: tbs.raw_serial().to_vec(),
        version: tbs.version.0.saturating_add(1),
        signature,
        is_weakly_signed: is_weakly_signed || weak_pss,
        key: public_key(&tbs.subject_pki),
        ..Certificate::default()
    };
    for extension in tbs.extensions() {
        let id = extension.oid.to_id_string();
        note(&mut certificate, &id, extension.critical, extension.parsed_extension(), extension.value);
    }
    let is_self_issued = certificate.raw_subject == certificate.raw_issuer;
    // Of a key whose signatures are not checked here (RSA with 1024 bits, say) the equal names have to do.
    let is_own = is_self_issued && signed_by(&parsed, &tbs.subject_pki).unwrap_or(true);
    certificate.is_self_signed = Some(is_own);
    Ok(certificate)
}

/// Whether `issuer`'s key made the signature of `der`; `None` when the algorithm is not one that can be checked.
pub(super) fn is_signed_by(der: &[u8], issuer: &[u8]) -> Option<bool> {
    let (_, child) = X509Certificate::from_der(der).ok()?;
    let (_, parent) = X509Certificate::from_der(issuer).ok()?;
    signed_by(&child, &parent.tbs_certificate.subject_pki)
}

fn signed_by(child: &X509Certificate<'_>, key: &SubjectPublicKeyInfo<'_>) -> Option<bool> {
    use x509_parser::error::X509Error;
    let small_rsa = public_key(key);
    if small_rsa.algorithm == "RSA" && small_rsa.bits < 2048 {
        return None;
    }
    match child.verify_signature(Some(key)) {
        Ok(()) => Some(true),
        Err(X509Error::SignatureVerificationError) => Some(false),
        Err(_) => None,
    }
}

/// Reads a request.
pub(super) fn read_request(der: &[u8]) -> Result<Request, String> {
    if der.len() > LONGEST {
        return Err(format!("it is longer than {} KiB", LONGEST >> 10));
    }
    let (_, parsed) = X509CertificationRequest::from_der(der).map_err(|error| wrong(&error))?;
    let info = &parsed.certification_request_info;
    let has_names = parsed
        .requested_extensions()
        .is_some_and(|mut list| list.any(|one| matches!(one, ParsedExtension::SubjectAlternativeName(_))));
    Ok(Request {
        subject: shown(&info.subject),
        key: public_key(&info.subject_pki),
        is_weakly_signed: signature(&parsed.signature_algorithm.algorithm.to_id_string()).1,
        has_names,
    })
}

fn wrong(error: &x509_parser::nom::Err<x509_parser::error::X509Error>) -> String {
    match error {
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
        x509_parser::nom::Err::Incomplete(_) => "it ends too early".into(),
    }
}

fn shown(name: &X509Name<'_>) -> String {
    name.to_string().chars().filter(|c| !c.is_control()).take(500).collect()
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(|text| text.chars().filter(|c| !c.is_control()).take(300).collect())
}

fn signature(id: &str) -> (String, bool) {
    let known = SIGNATURES.iter().find(|(known, ..)| *known == id);
    known.map_or_else(|| (id.to_owned(), false), |(_, name, broken)| ((*name).to_owned(), *broken))
}

/// RSA-PSS without parameters means SHA-1; with them, the first is the hash.
fn pss_is_sha1(parsed: &X509Certificate<'_>) -> bool {
    const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
    let Some(parameters) = parsed.signature_algorithm.parameters.as_ref() else { return true };
    let Some((hash, _)) = der::element(parameters.data).filter(|(one, _)| one.tag == 0xa0) else { return true };
    let id = der::sequence(hash.content).and_then(|inner| der::element(inner)).map(|(one, _)| one.content);
    id == Some(SHA1)
}

fn public_key(info: &SubjectPublicKeyInfo<'_>) -> PublicKey {
    let id = info.algorithm.algorithm.to_id_string();
    let bits = &info.subject_public_key.data;
    if id == RSA || id == RSA_PSS {
        return rsa(bits).unwrap_or_else(|| PublicKey { algorithm: "RSA".into(), ..PublicKey::default() });
    }
    if id == EC {
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
        return elliptic(curve.as_deref(), bits);
    }
    let plain = PLAIN.iter().find(|(known, ..)| *known == id);
    let (algorithm, size) = plain.map_or((id.as_str(), 0), |(_, name, bits)| (name, *bits));
    PublicKey { algorithm: algorithm.into(), bits: size, material: bits.to_vec(), ..PublicKey::default() }
}

/// An RSA key: SEQUENCE of modulus and exponent.
pub(super) fn rsa(bytes: &[u8]) -> Option<PublicKey> {
    let mut parts = der::elements(der::sequence(bytes)?).filter(|one| one.tag == der::INTEGER);
    let modulus = der::magnitude(parts.next()?.content);
    let exponent = der::magnitude(parts.next()?.content);
    let value = (exponent.len() <= 8).then(|| exponent.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte)));
    Some(PublicKey {
        algorithm: "RSA".into(),
        bits: der::bits(modulus),
        curve: None,
        exponent: value,
        material: modulus.to_vec(),
    })
}

/// A point on a curve that an identifier names.
pub(super) fn elliptic(curve: Option<&str>, point: &[u8]) -> PublicKey {
    let known = curve.and_then(|id| CURVES.iter().find(|(known, ..)| *known == id));
    let name = known.map(|(_, name, _)| (*name).to_owned()).or_else(|| curve.map(str::to_owned));
    let size = u32::try_from(point.len().saturating_sub(1) / 2 * 8).unwrap_or(0);
    PublicKey {
        algorithm: "EC".into(),
        bits: known.map_or(size, |(.., bits)| *bits),
        curve: name,
        exponent: None,
        material: point.to_vec(),
    }
}

fn note(into: &mut Certificate, id: &str, critical: bool, parsed: &ParsedExtension<'_>, value: &[u8]) {
    match parsed {
        ParsedExtension::SubjectAlternativeName(names) => {
            into.names_are_critical = critical;
            into.names = Some(names.general_names.iter().take(MOST_NAMES).map(name).collect());
        }
        ParsedExtension::BasicConstraints(limits) => {
            into.is_ca = Some(limits.ca);
            into.path_length = limits.path_len_constraint;
        }
        ParsedExtension::KeyUsage(usage) => into.key_usage = Some(usage.flags),
        ParsedExtension::ExtendedKeyUsage(_) => into.purposes = Some(purposes(value)),
        ParsedExtension::AuthorityKeyIdentifier(key) => {
            into.authority_key = key.key_identifier.as_ref().map(|id| id.0.to_vec());
        }
        ParsedExtension::SubjectKeyIdentifier(key) => into.subject_key = Some(key.0.to_vec()),
        ParsedExtension::AuthorityInfoAccess(access) => {
            for one in access.iter() {
                match (one.access_method.to_id_string().as_str(), &one.access_location) {
                    (OCSP, GeneralName::URI(uri)) => into.ocsp.extend(text(Some(uri))),
                    (CA_ISSUERS, GeneralName::URI(uri)) => into.issuers_at.extend(text(Some(uri))),
                    _ => {}
                }
            }
        }
        ParsedExtension::CRLDistributionPoints(points) => {
            for point in points.iter() {
                if let Some(DistributionPointName::FullName(names)) = &point.distribution_point {
                    let uris = names.iter().filter_map(|name| match name {
                        GeneralName::URI(uri) => text(Some(uri)),
                        _ => None,
                    });
                    into.revocation_lists.extend(uris);
                }
            }
        }
        ParsedExtension::CertificatePolicies(policies) => {
            into.names_public_policy =
                policies.iter().any(|policy| policy.policy_id.to_id_string().starts_with(PUBLIC_POLICIES));
        }
        ParsedExtension::NameConstraints(_) => into.has_name_constraints = true,
        ParsedExtension::SCT(list) => into.log_promises = list.len(),
        ParsedExtension::ParseError { .. } => into.broken_extensions.push(id.to_owned()),
        _ if id == TLS_FEATURE => into.must_staple = true,
        ParsedExtension::UnsupportedExtension { .. } if critical && !KNOWN.contains(&id) => {
            into.unknown_critical.push(id.to_owned());
        }
        _ => {}
    }
}

/// Every purpose, in order: x509-parser sorts some of them away.
fn purposes(value: &[u8]) -> Vec<String> {
    let list = der::sequence(value).unwrap_or_default();
    let ids = der::elements(list).filter(|one| one.tag == der::OID).map(|one| super::key::identifier(one.content));
    ids.map(|id| PURPOSES.iter().find(|(known, _)| *known == id).map_or(id, |(_, name)| (*name).to_owned())).collect()
}

fn name(name: &GeneralName<'_>) -> Name {
    match name {
        GeneralName::DNSName(name) => Name::Dns(name.chars().take(300).collect()),
        GeneralName::IPAddress(bytes) => match (<[u8; 4]>::try_from(*bytes), <[u8; 16]>::try_from(*bytes)) {
            (Ok(four), _) => Name::Ip(IpAddr::from(four)),
            (_, Ok(sixteen)) => Name::Ip(IpAddr::from(sixteen)),
            _ => Name::Other("an address that is none".into()),
        },
        GeneralName::RFC822Name(_) => Name::Other("a mail address".into()),
        GeneralName::URI(_) => Name::Other("a URI".into()),
        GeneralName::Invalid(..) => Name::Other("a name that cannot be read".into()),
        _ => Name::Other("a name of another kind".into()),
    }
}
