//! Requests through a proxy: a tunnel to the address that was checked, so that the proxy resolves no name and leads nowhere
//! else. reqwest tells proxies names, hence this is not its business. HTTP/1.1 only.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::ask::{Answer, MAX_BODY_BYTES, Request, failure};
use crate::observe::plain::{self, Stream};
use crate::observe::{Failure, Net};

/// A connection of its own for each request.
pub(super) struct Tunnel {
    tls: TlsConnector,
}

impl Tunnel {
    /// Under the same settings as without a proxy.
    pub(super) fn new(config: &ClientConfig) -> Self {
        let mut config = config.clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { tls: TlsConnector::from(Arc::new(config)) }
    }

    /// Makes a request at exactly this address.
    pub(super) async fn ask(
        &self,
        net: &Net,
        address: IpAddr,
        request: &Request,
        headers: &HeaderMap,
    ) -> Result<Answer, Failure> {
        let url = &request.url;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let mut stream = net.connect(&host, SocketAddr::new(address, port)).await?;
        if url.scheme() != "https" {
            return send(net, &mut stream, request, headers).await;
        }
        let name = ServerName::try_from(host).map_err(|_| Failure::Protocol("this is no name of a host".into()))?;
        let shaken = net.within("TLS handshake", self.tls.connect(name, stream)).await?;
        let mut stream = shaken.map_err(|error| failure(&error))?;
        send(net, &mut stream, request, headers).await
    }
}

async fn send(net: &Net, io: &mut dyn Stream, request: &Request, headers: &HeaderMap) -> Result<Answer, Failure> {
    let answer = plain::exchange(net, io, &written(request, headers), MAX_BODY_BYTES).await?;
    let is_plain = answer.header("content-encoding").is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    let mut headers = HeaderMap::new();
    for (name, value) in &answer.headers {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value));
        let (Ok(name), Ok(value)) = pair else {
            return Err(Failure::Protocol("a header of the answer cannot be read".into()));
        };
        headers.append(name, value);
    }
    let version = if answer.is_old { "HTTP/1.0" } else { "HTTP/1.1" };
    // Nothing is unpacked here: what is packed is as good as cut off.
    let (body, cut) = if is_plain { (answer.body, answer.is_cut) } else { (Vec::new(), true) };
    Ok(Answer { version, status: answer.status, time: answer.time, headers, body, cut })
}

/// The request's head. A URL holds no blanks and no ends of lines, and the headers are this program's own.
fn written(request: &Request, headers: &HeaderMap) -> String {
    let url = &request.url;
    let path = url.query().map_or_else(|| url.path().to_owned(), |asked| format!("{}?{asked}", url.path()));
    let host = url.host_str().unwrap_or_default();
    let place = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let mut head = format!("{} {path} HTTP/1.1\r\nHost: {place}\r\n", request.method);
    for (name, value) in headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    head.push_str("Connection: close\r\n\r\n");
    head
}
