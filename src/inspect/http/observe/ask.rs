//! One request and what came of it. Nothing is followed here, and nothing is read without end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, ORIGIN, USER_AGENT};
use reqwest::{Client, ClientBuilder, Method, Url, Version};
use tokio_rustls::TlsConnector;

use super::tunnel::Tunnel;
use super::verify::{self, Verdict};
use crate::inspect::http::document::Probe;
use crate::observe::{Failure, Net};

/// No more of a body is read.
pub(super) const MAX_BODY_BYTES: usize = 1 << 20;
/// No more headers are kept.
pub(super) const MAX_HEADERS: usize = 100;
/// More of the head of an answer over HTTP/2 is refused; over HTTP/1 the client's own limit is near it.
pub(super) const MAX_HEAD_BYTES: u32 = 256 << 10;

/// One of the host's addresses, and how to ask it.
pub(super) struct Door<'n> {
    net: &'n Net,
    /// The address.
    pub(super) address: IpAddr,
    client: Client,
    /// The same, taking compressed answers apart.
    decoding: Client,
    /// In place of both, where there is a proxy.
    tunnel: Option<Tunnel>,
    verdict: Verdict,
    accept: &'static str,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) probe: Probe,
    pub(super) method: Method,
    pub(super) url: Url,
    /// An `Origin` to send.
    pub(super) origin: Option<&'static str>,
    /// Whether to offer to take a compressed answer.
    pub(super) compressed: bool,
}

impl Request {
    /// A GET.
    pub(super) fn get(probe: Probe, url: Url) -> Self {
        Self { probe, method: Method::GET, url, origin: None, compressed: false }
    }
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) request: Request,
    pub(super) address: IpAddr,
    pub(super) certificate: Option<String>,
    pub(super) outcome: Result<Answer, Failure>,
    /// Whether there was a connection.
    pub(super) reached: bool,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) version: &'static str,
    pub(super) status: u16,
    pub(super) time: Duration,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// There was more.
    pub(super) cut: bool,
}

impl Answer {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The type of the body without parameters, in lower case.
    pub(super) fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Where it sends on to, from `url`.
    pub(super) fn onward(&self, url: &Url) -> Option<Url> {
        let location = self.header("location").filter(|_| matches!(self.status, 301 | 302 | 303 | 307 | 308))?;
        let onward = url.join(location).ok()?;
        matches!(onward.scheme(), "http" | "https").then_some(onward)
    }
}

impl<'n> Door<'n> {
    /// A way to `host` at exactly this address, where `accept` is asked for.
    pub(super) fn open(net: &'n Net, host: &str, address: IpAddr, accept: &'static str) -> Result<Self, Failure> {
        net.permit(address)?;
        // reqwest asks for a provider of the process in places; that there is one already is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (config, verdict) = verify::config(net)?;
        let builder = |decode: bool| -> Result<Client, Failure> {
            let mut builder = ClientBuilder::new()
                .tls_backend_preconfigured(config.clone())
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .gzip(decode)
                .brotli(decode)
                .http2_max_header_list_size(MAX_HEAD_BYTES)
                .pool_max_idle_per_host(2);
            // An address in the URL is asked as it is.
            if host.parse::<IpAddr>().is_err() {
                builder = builder.resolve(host, SocketAddr::new(address, 0));
            }
            builder.build().map_err(|error| failure(&error))
        };
        let (client, decoding) = (builder(false)?, builder(true)?);
        let is_proxied = net.options().proxy.is_some();
        let tunnel = is_proxied.then(|| Tunnel { tls: TlsConnector::from(Arc::new(config.clone())) });
        Ok(Self { net, address, client, decoding, tunnel, verdict, accept })
    }

    /// Makes a request; whatever happens is in what it gives.
    pub(super) async fn ask(&self, request: Request) -> Exchange {
        let is_https = request.url.scheme() == "https";
        let outcome = self.answer(&request).await;
        let certificate = self.verdict.lock().ok().and_then(|found| found.clone()).filter(|_| is_https);
        let reached = !matches!(&outcome, Err(Failure::Refused)) && !is_unreachable(&outcome);
        Exchange { request, address: self.address, certificate, outcome, reached }
    }

    async fn answer(&self, request: &Request) -> Result<Answer, Failure> {
        let mut answer = self.once(&self.client, request, !request.compressed).await?;
        if self.tunnel.is_some() {
            return Ok(answer);
        }
        // Some have only the compressed form, whatever is asked for.
        let coding = answer.header("content-encoding").unwrap_or("identity").to_ascii_lowercase();
        if matches!(coding.as_str(), "gzip" | "x-gzip" | "br") && !request.compressed && request.method == Method::GET {
            let plain = self.once(&self.decoding, request, false).await?;
            (answer.body, answer.cut) = (plain.body, plain.cut);
        }
        Ok(answer)
    }

    async fn once(&self, client: &Client, request: &Request, identity: bool) -> Result<Answer, Failure> {
        let headers = self.headers(request, identity);
        if let Some(tunnel) = &self.tunnel {
            return tunnel.ask(self.net, self.address, request, headers).await;
        }
        let asked = client.request(request.method.clone(), request.url.clone()).headers(headers);
        let start = Instant::now();
        let response = self.net.within("answer", asked.send()).await?.map_err(|error| failure(&error))?;
        let time = start.elapsed();
        let (version, status) = (named(response.version()), response.status().as_u16());
        let headers = response.headers().clone();
        let (body, cut) = self.body(response).await;
        Ok(Answer { version, status, time, headers, body, cut })
    }

    fn headers(&self, request: &Request, identity: bool) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut put = |name, value| headers.insert(name, HeaderValue::from_static(value));
        put(USER_AGENT, concat!("seaworthy/", env!("CARGO_PKG_VERSION")));
        put(ACCEPT, self.accept);
        if identity {
            put(ACCEPT_ENCODING, "identity");
        } else if request.compressed {
            put(ACCEPT_ENCODING, "gzip, br");
        }
        if let Some(origin) = request.origin {
            put(ORIGIN, origin);
        }
        if request.method == Method::OPTIONS {
            put(HeaderName::from_static("access-control-request-method"), "GET");
        }
        headers
    }

    /// As much of the body as fits, or comes in time.
    async fn body(&self, mut response: reqwest::Response) -> (Vec<u8>, bool) {
        let mut body = Vec::new();
        let read = self.net.within("body", async {
            loop {
                match response.chunk().await {
                    Ok(None) => return false,
                    // It broke off: what is there is a part.
                    Err(_) => return true,
                    Ok(Some(chunk)) => {
                        let room = MAX_BODY_BYTES - body.len();
                        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                        if chunk.len() >= room {
                            return true;
                        }
                    }
                }
            }
        });
        let cut = read.await.unwrap_or(true);
        (body, cut)
    }

    /// Whether the port takes connections at all.
    pub(super) async fn knock(&self, host: &str, port: u16) -> Result<(), Failure> {
        self.net.connect(host, SocketAddr::new(self.address, port)).await.map(drop)
    }
}

fn is_unreachable<T>(outcome: &Result<T, Failure>) -> bool {
    matches!(outcome, Err(Failure::Io(why)) if why.contains("unreachable"))
}

pub(super) fn named(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

/// Why there is no answer: what the system said, else what the innermost error says.
pub(super) fn failure(error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut inner = error;
    loop {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && io.get_ref().is_none()
        {
            return Failure::from(std::io::Error::from(io.kind()));
        }
        match inner.source() {
            Some(next) => inner = next,
            None => break,
        }
    }
    if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
        return Failure::Protocol(format!("TLS: {tls}"));
    }
    let words = inner.to_string();
    match words.as_str() {
        words if words.contains("connection closed") || words.contains("unexpected eof") => Failure::Closed,
        _ => Failure::Protocol(words),
    }
}
