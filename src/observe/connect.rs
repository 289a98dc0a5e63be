//! Connections: direct, and through a proxy.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Failure, Net, resolve};

/// A proxy's answer to CONNECT is not read further than this.
const MAX_ANSWER_BYTES: usize = 16 << 10;
/// How long to wait for a descriptor when the process has none left; the caller's timeout bounds the waiting.
const WAIT_FOR_DESCRIPTOR: Duration = Duration::from_millis(20);
/// `EMFILE`: this process has no descriptor left.
const NO_DESCRIPTOR: i32 = 24;

/// A connection to `address`.
pub(super) async fn direct(address: SocketAddr) -> Result<TcpStream, Failure> {
    loop {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            // Others hold them and give them back; the time for this exchange bounds the wait.
            Err(error) if cfg!(unix) && error.raw_os_error() == Some(NO_DESCRIPTOR) => {
                tokio::time::sleep(WAIT_FOR_DESCRIPTOR).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// A connection to `address` through `proxy`: CONNECT with the address that was checked, so that the proxy resolves
/// nothing anew. The operator named the proxy, so its own address may be private.
pub(super) async fn through(net: &Net, proxy: &str, address: SocketAddr) -> Result<TcpStream, Failure> {
    let proxy = Proxy::parse(proxy).map_err(Failure::Io)?;
    let addresses = match proxy.host.parse() {
        Ok(address) => vec![address],
        Err(_) => resolve::addresses(net, &proxy.host).await?,
    };
    let mut last = Failure::Unresolved("the proxy's name has no address".into());
    for one in addresses {
        match direct(SocketAddr::new(one, proxy.port)).await {
            Ok(mut stream) => {
                ask(&mut stream, &proxy, address).await?;
                return Ok(stream);
            }
            Err(failure) => last = failure,
        }
    }
    Err(Failure::Io(format!("the proxy: {last}")))
}

/// Asks for the tunnel; reads byte by byte to the empty line, so that nothing of what follows is swallowed.
async fn ask(stream: &mut TcpStream, proxy: &Proxy, address: SocketAddr) -> Result<(), Failure> {
    let mut request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n");
    if let Some(credentials) = &proxy.credentials {
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", base64(credentials.as_bytes())));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MAX_ANSWER_BYTES {
            return Err(Failure::Protocol("the proxy's answer does not end".into()));
        }
        answer.push(stream.read_u8().await?);
    }
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    match line.split_whitespace().nth(1) {
        Some(status) if status.len() == 3 && status.starts_with('2') => Ok(()),
        Some(status) => Err(Failure::Io(format!("the proxy answered {}", status.chars().take(3).collect::<String>()))),
        None => Err(Failure::Protocol("the proxy does not speak HTTP".into())),
    }
}

/// `http://[user:password@]host:port`.
#[derive(PartialEq, Eq)]
pub struct Proxy {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `user:password`, decoded.
    credentials: Option<String>,
}

impl Proxy {
    /// Reads the URL; the message is for the person who typed it and repeats no password.
    pub fn parse(url: &str) -> Result<Proxy, String> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(format!("a proxy is spoken to in HTTP, not `{scheme}`; write http://HOST:PORT"));
        }
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(decode(credentials)), place),
            None => (None, rest),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => place.rsplit_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Ok(3128), str::parse).map_err(|_| "the proxy's port is not a number".to_owned())?;
        if host.is_empty() || port == 0 || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("the proxy has no host; write http://HOST:PORT".into());
        }
        Ok(Proxy { host: host.to_owned(), port, credentials })
    }
}

/// `%41` → `A`; whatever is no such code stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                plain.push(decoded);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Base64 with padding (RFC 4648).
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (word >> (18 - 6 * place)) & 63;
            let is_there = place <= chunk.len();
            text.push(if is_there { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn a_proxy_is_read() {
        let read = |url| Proxy::parse(url).map(|proxy| (proxy.host, proxy.port, proxy.credentials));
        assert_eq!(read("http://proxy:8080"), Ok(("proxy".into(), 8080, None)));
        assert_eq!(read("proxy"), Ok(("proxy".into(), 3128, None)));
        assert_eq!(read("http://a:b%40c@[::1]:1/"), Ok(("::1".into(), 1, Some("a:b@c".into()))));
        for wrong in ["socks5://x:1", "http://:80", "http://x:y", "", "http://a b:1", "http://x:0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
