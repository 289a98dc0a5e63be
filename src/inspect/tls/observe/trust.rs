//! Who trusts a chain, and until when. Apart from time: whether it is valid now, rules ask.

use std::time::Duration;

use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::super::certificate;
use super::super::document::Certificate;

/// Who trusts a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Mozilla's roots.
    Public {
        /// The last second at which they do.
        until: i64,
    },
    /// Those of `--ca`.
    Own {
        /// The last second at which they do.
        until: i64,
    },
    /// Nobody; says why.
    Nobody(String),
}

/// Asks Mozilla's roots, then all of `roots`.
pub(super) fn ask(chain: &[CertificateDer<'_>], roots: &RootCertStore) -> Trust {
    let public = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    match until(chain, &public) {
        Ok(until) => Trust::Public { until },
        Err(why) => match until(chain, roots) {
            Ok(until) => Trust::Own { until },
            Err(_) if roots.len() == public.len() => Trust::Nobody(why),
            Err(why) => Trust::Nobody(why),
        },
    }
}

/// The last second at which some path leads from the first certificate to a root. Every way is tried: an issuer that
/// ends early does not matter when there is another.
fn until(chain: &[CertificateDer<'_>], roots: &RootCertStore) -> Result<i64, String> {
    let (leaf, issuers) = chain.split_first().ok_or("no certificate was sent")?;
    let parsed = ParsedCertificate::try_from(leaf).map_err(|error| word(&error))?;
    let own = certificate::read(leaf)?;
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    let at = |second: i64| {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(second).unwrap_or(0)));
        verify_server_cert_signed_by_trust_anchor(&parsed, roots, issuers, now, algorithms)
    };
    // The path can end only where one of its certificates does.
    let readable: Vec<Certificate> = issuers.iter().filter_map(|one| certificate::read(one).ok()).collect();
    let within = |second: &i64| (own.not_before..own.not_after).contains(second);
    let mut ends: Vec<i64> = readable.iter().map(|one| one.not_after).filter(within).collect();
    ends.push(own.not_after);
    ends.sort_unstable();
    ends.dedup();
    let mut first = None;
    for end in ends.iter().rev() {
        match at(*end) {
            Ok(()) => return Ok(*end),
            Err(error) => first = first.or(Some(word(&error))),
        }
    }
    Err(first.unwrap_or_default())
}

/// One word for why a chain is refused.
fn word(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::Other(other)) => first_word(&format!("{:?}", other.0)),
        Error::InvalidCertificate(error) => first_word(&format!("{error:?}")),
        other => other.to_string(),
    }
}

fn first_word(text: &str) -> String {
    text.chars().take_while(char::is_ascii_alphanumeric).collect()
}
