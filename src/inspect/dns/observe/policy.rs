//! The MTA-STS policy of a domain, fetched as mail servers do (RFC 8461, section 3.3): over HTTPS from `mta-sts.DOMAIN`, with
//! a certificate that counts, and without following redirects.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use crate::observe::plain::{self, Answer};
use crate::observe::{Failure, Net, Writer};

/// No more of an answer is read; a policy has some hundred bytes.
const MAX_BYTES: usize = 64 << 10;
/// So many addresses are tried.
const MOST_ADDRESSES: usize = 3;

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    address: Option<IpAddr>,
    /// What keeps mail servers from taking it, though somebody answered.
    obstacle: Option<String>,
    status: Option<u16>,
    media_type: Option<String>,
    text: Option<String>,
    failure: Option<Failure>,
}

/// Asks for the policy of `domain`.
pub(super) async fn fetch(domain: &str, net: &Net, port: u16) -> Fetched {
    let host = format!("mta-sts.{}", domain.trim_end_matches('.'));
    let addresses = match net.addresses(&host).await {
        Ok(addresses) => addresses,
        Err(failure) => return Fetched { failure: Some(failure), ..Fetched::default() },
    };
    let mut last = Fetched::default();
    for address in addresses.into_iter().take(MOST_ADDRESSES) {
        last = Fetched { address: Some(address), ..Fetched::default() };
        match at(&host, SocketAddr::new(address, port), net).await {
            Ok(answer) => {
                last.read(answer);
                return last;
            }
            Err(Failed::Refused(words)) => {
                last.obstacle = Some(words);
                return last;
            }
            Err(Failed::Unreached(failure)) => last.failure = Some(failure),
        }
    }
    last
}

/// Why there is no answer.
enum Failed {
    /// Nobody could be asked.
    Unreached(Failure),
    /// Somebody answered whom mail servers do not trust.
    Refused(String),
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Failed::Unreached(failure)
    }
}

async fn at(host: &str, address: SocketAddr, net: &Net) -> Result<Answer, Failed> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Io(error.to_string()))?
        .with_root_certificates(net.roots())
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::Protocol("this is no name".into()))?;
    let stream = net.connect(host, address).await?;
    let shake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let mut stream = net.within("TLS handshake", shake).await?.map_err(|error| refused(&error))?;
    let request = format!(
        "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nUser-Agent: seaworthy/{}\r\nAccept: text/plain\r\n\
         Connection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    Ok(plain::exchange(net, &mut stream, &request, MAX_BYTES).await?)
}

/// What the certificate lacks, or why there was no handshake.
fn refused(error: &std::io::Error) -> Failed {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(why)) => {
            // Some of these name times and hosts: the word before them is enough.
            let word = format!("{why:?}");
            let word = word.split([' ', '(', '{']).next().unwrap_or_default().trim_end_matches("Context").to_owned();
            Failed::Refused(format!("its certificate is not accepted ({word})"))
        }
        Some(other) => Failed::Unreached(Failure::Protocol(format!("TLS: {other}"))),
        None => Failed::Unreached(Failure::from(std::io::Error::from(error.kind()))),
    }
}

impl Fetched {
    fn read(&mut self, answer: Answer) {
        let status = answer.status;
        self.status = Some(status);
        self.media_type = answer
            .header("content-type")
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if (300..400).contains(&status) {
            self.obstacle = Some(format!("it is sent elsewhere (status {status}), and mail servers do not follow"));
        } else if status != 200 {
            self.obstacle = Some(format!("the answer has the status {status}"));
        } else {
            match String::from_utf8(answer.body) {
                Ok(text) => self.text = Some(text),
                Err(_) => self.obstacle = Some("the answer is no text".into()),
            }
        }
    }

    /// Writes what was seen.
    pub(super) fn write(&self, out: &mut Writer) {
        if let Some(address) = self.address {
            out.text("address", &address.to_string());
        }
        if let Some(status) = self.status {
            out.number("status", i64::from(status));
        }
        if let Some(kind) = &self.media_type {
            out.text("content-type", kind);
        }
        if let Some(obstacle) = &self.obstacle {
            out.text("obstacle", obstacle);
        }
        if let Some(text) = &self.text {
            // A line each, so that a finding stands on the one it is about.
            out.texts("text", text.lines());
        }
        if let Some(failure) = &self.failure {
            out.failure(failure);
        }
    }
}
