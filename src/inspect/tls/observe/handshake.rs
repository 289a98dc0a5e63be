//! A handshake as a client of today makes it: rustls, with a verifier that keeps what it sees and accepts everything, for
//! observation only. Nothing is ever sent over such a connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::observe::Failure;

/// What a client of today saw.
#[derive(Debug, Clone, Default)]
pub(super) struct Shake {
    /// `TLS 1.3`, when the handshake came to its end.
    pub(super) version: Option<&'static str>,
    /// The suite.
    pub(super) suite: String,
    /// The group of the key exchange.
    pub(super) group: Option<String>,
    /// The protocol agreed by ALPN.
    pub(super) alpn: Option<String>,
    /// Why it did not.
    pub(super) failure: Option<String>,
    /// The certificates, as far as the handshake came.
    pub(super) chain: Vec<CertificateDer<'static>>,
    /// The stapled status.
    pub(super) staple: Vec<u8>,
    /// Whether a client certificate was asked for.
    pub(super) asks_client: bool,
}

#[derive(Debug)]
struct Watch {
    provider: Arc<CryptoProvider>,
    seen: Mutex<(Vec<CertificateDer<'static>>, Vec<u8>)>,
    asked: AtomicBool,
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned()).collect();
        if let Ok(mut seen) = self.seen.lock() {
            *seen = (chain, ocsp_response.to_vec());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tolerant(verify_tls12_signature(message, cert, signature, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        tolerant(verify_tls13_signature(message, cert, signature, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate that webpki does not read (version 1, say) is judged by rules; the handshake goes on. A signature that is
/// wrong is not tolerated.
fn tolerant(result: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
    use rustls::CertificateError::{BadSignature, UnhandledCriticalExtension};
    match result {
        Err(Error::InvalidCertificate(BadSignature)) => Err(Error::InvalidCertificate(BadSignature)),
        Err(Error::InvalidCertificate(UnhandledCriticalExtension)) | Ok(_) => Ok(HandshakeSignatureValid::assertion()),
        Err(Error::InvalidCertificate(_)) => Ok(HandshakeSignatureValid::assertion()),
        Err(other) => Err(other),
    }
}

impl ResolvesClientCert for Watch {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// How the client behaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Whether it names the server.
    pub(super) names_server: bool,
    /// Whether it speaks HTTP.
    pub(super) offers_http: bool,
}

/// Shakes hands.
pub(super) async fn shake(stream: TcpStream, name: ServerName<'static>, manner: Manner) -> Result<Shake, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let watch =
        Arc::new(Watch { provider: Arc::clone(&provider), seen: Mutex::default(), asked: AtomicBool::new(false) });
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Failure::Io(error.to_string()))?;
    let verified = builder.dangerous().with_custom_certificate_verifier(Arc::<Watch>::clone(&watch));
    let mut config = verified.with_client_cert_resolver(Arc::<Watch>::clone(&watch));
    config.enable_sni = manner.names_server;
    config.resumption = Resumption::disabled();
    if manner.offers_http {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    let result = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let (chain, staple) = watch.seen.lock().map(|mut seen| std::mem::take(&mut *seen)).unwrap_or_default();
    let asks_client = watch.asked.load(Ordering::Relaxed);
    let mut shake = Shake { chain, staple, asks_client, ..Shake::default() };
    match result {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            shake.version = session.protocol_version().map(version_name);
            shake.suite =
                session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default();
            shake.group = session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()));
            shake.alpn = session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        }
        Err(error) => shake.failure = Some(why(&error)),
    }
    Ok(shake)
}

fn version_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        _ => "another version",
    }
}

/// What rustls says, else the system's word for it.
fn why(error: &std::io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => error.to_string(),
        None => match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "the connection was closed".into(),
            kind => Failure::from(std::io::Error::from(kind)).to_string(),
        },
    }
}
