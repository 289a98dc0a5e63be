//! The MTA-STS policy of a domain, fetched as mail servers do (RFC 8461, section 3.3): over HTTPS from `mta-sts.DOMAIN`, with
//! a certificate that counts, and without following redirects.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

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
                last.read(&answer);
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

async fn at(host: &str, address: SocketAddr, net: &Net) -> Result<Vec<u8>, Failed> {
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
    let exchange = async {
        stream.write_all(request.as_bytes()).await?;
        Ok::<_, std::io::Error>(read(&mut stream).await)
    };
    Ok(net.within("answer", exchange).await?.map_err(Failure::from)?)
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

/// Reads to the end, or as much as is kept. Servers that hang up without a word have said what they had to say.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while answer.len() < MAX_BYTES && !is_whole(&answer) {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(length) => answer.extend_from_slice(chunk.get(..length).unwrap_or_default()),
        }
    }
    answer
}

/// Head and body, once the head has ended.
fn split(answer: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n")?;
    Some((std::str::from_utf8(answer.get(..end)?).ok()?, answer.get(end + 4..)?))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn is_whole(answer: &[u8]) -> bool {
    let Some((head, body)) = split(answer) else { return false };
    let length = header(head, "content-length").and_then(|length| length.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length) || (is_chunked(head) && body.ends_with(b"0\r\n\r\n"))
}

fn is_chunked(head: &str) -> bool {
    header(head, "transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"))
}

/// The body without its chunks; what is broken ends it.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = memchr::memmem::find(body, b"\r\n") {
        let size = body.get(..end).and_then(|size| std::str::from_utf8(size).ok()).unwrap_or_default();
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or(0);
        let Some(chunk) = body.get(end + 2..).and_then(|rest| rest.get(..size)).filter(|_| size > 0) else { break };
        whole.extend_from_slice(chunk);
        body = body.get(end + 2 + size + 2..).unwrap_or_default();
    }
    whole
}

impl Fetched {
    fn read(&mut self, answer: &[u8]) {
        let Some((head, body)) = split(answer) else {
            self.failure = Some(Failure::Protocol("the answer is not HTTP".into()));
            return;
        };
        let Some(status) = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()) else {
            self.failure = Some(Failure::Protocol("the answer has no status".into()));
            return;
        };
        self.status = Some(status);
        self.media_type = header(head, "content-type")
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        if (300..400).contains(&status) {
            self.obstacle = Some(format!("it is sent elsewhere (status {status}), and mail servers do not follow"));
        } else if status != 200 {
            self.obstacle = Some(format!("the answer has the status {status}"));
        } else {
            let body = if is_chunked(head) { unchunked(body) } else { body.to_vec() };
            match String::from_utf8(body) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Fetched {
        let mut fetched = Fetched::default();
        fetched.read(answer.as_bytes());
        fetched
    }

    #[test]
    fn answers_are_taken_apart() {
        let plain = read("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\na\nb");
        assert_eq!((plain.text.as_deref(), plain.media_type.as_deref()), (Some("a\nb"), Some("text/plain")));
        let chunked = read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n1;x=y\r\nb\r\n0\r\n\r\n");
        assert_eq!(chunked.text.as_deref(), Some("a\nb"));
        assert!(read("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n").obstacle.unwrap().contains("301"));
        assert!(read("HTTP/1.1 404 Not Found\r\n\r\n").obstacle.unwrap().contains("404"));
        assert!(read("220 mail ESMTP\r\n").failure.is_some());
        assert!(read("HTTP/1.1\r\n\r\n").failure.is_some());
        assert_eq!(unchunked(b"ffffffffffffffff\r\na"), b"");
        assert!(is_whole(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na") && !is_whole(b"HTTP/1.1 200 OK\r\n\r\na"));
    }
}
