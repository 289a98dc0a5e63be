//! Requests through a proxy: a tunnel to the address that was checked, so that the proxy resolves no name and leads nowhere
//! else. reqwest asks proxies for names, hence its parts are put together here.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use reqwest::header::{HOST, HeaderMap, HeaderValue};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use super::ask::{Answer, MAX_BODY_BYTES, MAX_HEAD_BYTES, Request, failure, named};
use crate::observe::{Failure, Net};

/// A connection of its own for each request.
pub(super) struct Tunnel {
    pub(super) tls: TlsConnector,
}

/// Ends the connection with the exchange, whatever becomes of it.
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Tunnel {
    /// Makes a request at exactly this address.
    pub(super) async fn ask(
        &self,
        net: &Net,
        address: IpAddr,
        request: &Request,
        headers: HeaderMap,
    ) -> Result<Answer, Failure> {
        let url = &request.url;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let stream = net.connect(&host, SocketAddr::new(address, port)).await?;
        if url.scheme() != "https" {
            return send(net, stream, false, request, headers).await;
        }
        let name = ServerName::try_from(host).map_err(|_| Failure::Protocol("this is no name of a host".into()))?;
        let shaken = net.within("TLS handshake", self.tls.connect(name, stream)).await?;
        let stream = shaken.map_err(|error| failure(&error))?;
        let is_second = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        send(net, stream, is_second, request, headers).await
    }
}

async fn send<I>(net: &Net, io: I, is_second: bool, request: &Request, headers: HeaderMap) -> Result<Answer, Failure>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let start = Instant::now();
    let asked = built(request, headers, is_second)?;
    let exchange = async {
        let io = TokioIo::new(io);
        if is_second {
            let mut builder = http2::Builder::new(TokioExecutor::new());
            let (mut sender, connection) = builder.max_header_list_size(MAX_HEAD_BYTES).handshake(io).await?;
            let driver = Driver(tokio::spawn(async { drop(connection.await) }));
            sender.send_request(asked).await.map(|response| (response, driver))
        } else {
            let (mut sender, connection) = http1::handshake(io).await?;
            let driver = Driver(tokio::spawn(async { drop(connection.await) }));
            sender.send_request(asked).await.map(|response| (response, driver))
        }
    };
    let (response, _driver) = net.within("answer", exchange).await?.map_err(|error| failure(&error))?;
    let time = start.elapsed();
    let (head, body) = response.into_parts();
    let (body, cut) = read(net, body, &head.headers).await;
    Ok(Answer { version: named(head.version), status: head.status.as_u16(), time, headers: head.headers, body, cut })
}

fn built(request: &Request, mut headers: HeaderMap, is_second: bool) -> Result<hyper::Request<Empty<Bytes>>, Failure> {
    let wrong = |_| Failure::Io("the request cannot be written".into());
    let url = &request.url;
    let uri = if is_second { url.as_str().split('#').next().unwrap_or_default().to_owned() } else { path(url) };
    if !is_second {
        let host = url.host_str().unwrap_or_default();
        let place = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        headers.insert(HOST, HeaderValue::from_str(&place).map_err(|_| wrong(()))?);
    }
    let mut asked =
        hyper::Request::builder().method(request.method.clone()).uri(uri).body(Empty::new()).map_err(|_| wrong(()))?;
    *asked.headers_mut() = headers;
    Ok(asked)
}

fn path(url: &reqwest::Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |asked| format!("{}?{asked}", url.path()))
}

/// As much of the body as fits, or comes in time. Nothing is unpacked here: what is packed is as good as cut off.
async fn read(net: &Net, mut incoming: Incoming, headers: &HeaderMap) -> (Vec<u8>, bool) {
    let is_plain = headers.get("content-encoding").is_none_or(|coding| coding == "identity");
    let mut body = Vec::new();
    let reading = net.within("body", async {
        while let Some(frame) = incoming.frame().await {
            // It broke off: what is there is a part.
            let Ok(frame) = frame else { return true };
            let Ok(chunk) = frame.into_data() else { continue };
            let room = MAX_BODY_BYTES - body.len();
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() >= room {
                return true;
            }
        }
        false
    });
    let cut = reading.await.unwrap_or(true);
    if is_plain { (body, cut) } else { (Vec::new(), true) }
}
