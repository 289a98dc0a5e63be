//! A verifier that notes what is wrong with a certificate and goes on: headers are seen all the same.

use std::sync::{Arc, Mutex};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::observe::{Failure, Net};

/// What was found of the last certificate: `trusted`, or why not.
pub(super) type Verdict = Arc<Mutex<Option<String>>>;

/// TLS settings under which every certificate is taken, and what was found of it.
pub(super) fn config(net: &Net) -> Result<(ClientConfig, Verdict), Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let wrong = |what: &dyn std::fmt::Display| Failure::Io(format!("TLS cannot be set up: {what}"));
    let judge = WebPkiServerVerifier::builder_with_provider(net.roots(), Arc::clone(&provider))
        .build()
        .map_err(|error| wrong(&error))?;
    let verdict = Verdict::default();
    let noting = Noting { judge, verdict: Arc::clone(&verdict), provider: Arc::clone(&provider) };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(noting))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok((config, verdict))
}

#[derive(Debug)]
struct Noting {
    judge: Arc<WebPkiServerVerifier>,
    verdict: Verdict,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = self.judge.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let word = found.err().map_or_else(|| "trusted".to_owned(), |error| told(&error));
        if let Ok(mut verdict) = self.verdict.lock() {
            *verdict = Some(word);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with a certificate, in words that stay.
fn told(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "it has expired".into()
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "it is not valid yet".into()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "it is for another name".into(),
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => "its issuer is not known".into(),
        Error::InvalidCertificate(CertificateError::Revoked) => "it has been revoked".into(),
        Error::InvalidCertificate(CertificateError::BadEncoding) => "it cannot be read".into(),
        Error::InvalidCertificate(CertificateError::BadSignature) => "its signature is wrong".into(),
        _ => "it is not accepted".into(),
    }
}
