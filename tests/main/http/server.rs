//! A server on loopback that says what a test wants, right or wrong.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// A request as it came.
pub(super) struct Request {
    pub(super) path: String,
    headers: BTreeMap<String, String>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).cloned()
    }
}

/// What to answer.
#[derive(Clone)]
pub(super) enum Reply {
    /// These bytes, then the end.
    Bytes { status: u16, headers: Vec<(String, String)>, body: Vec<u8>, after: Duration },
    /// Bytes as they are.
    Raw(Vec<u8>),
    /// A beginning, then the same again until the other side has enough.
    Endless(String, String),
    /// A beginning, and nothing more.
    Late(String),
    /// Nothing.
    Silent,
}

impl Reply {
    pub(super) fn bytes(media: &str, body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media.to_owned())];
        Reply::Bytes { status: 200, headers, body, after: Duration::ZERO }
    }

    pub(super) fn ok(media: &str, body: &str) -> Self {
        Self::bytes(media, body.as_bytes().to_vec())
    }

    pub(super) fn redirect(to: u16, location: &str) -> Self {
        Self::ok("text/html", "moved").with_status(to).with("Location", location)
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        if let Reply::Bytes { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(super) fn with_status(mut self, code: u16) -> Self {
        if let Reply::Bytes { status, .. } = &mut self {
            *status = code;
        }
        self
    }

    pub(super) fn after(mut self, time: Duration) -> Self {
        if let Reply::Bytes { after, .. } = &mut self {
            *after = time;
        }
        self
    }

    pub(super) fn raw(self, bytes: Vec<u8>) -> Self {
        Reply::Raw(bytes)
    }

    /// Not found, unless `found`.
    pub(super) fn unless(self, found: bool) -> Self {
        if found { self } else { Self::ok("text/plain", "not found").with_status(404) }
    }
}

type Answer = Arc<dyn Fn(&Request) -> Reply + Send + Sync>;

pub(super) struct Server {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    authority: Option<CertificateDer<'static>>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(answer), None)
    }

    /// One server for each of the two loopback addresses, on one port; `None` without IPv6.
    pub(super) fn pair(
        v4: impl Fn(&Request) -> Reply + Send + Sync + 'static,
        v6: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Option<(Self, Self)> {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let second = TcpListener::bind(("::1", first.local_addr().unwrap().port())).ok()?;
        Some((Self::on(first, Arc::new(v4), None), Self::on(second, Arc::new(v6), None)))
    }

    /// TLS with a certificate for 127.0.0.1 from an authority of its own.
    pub(super) fn start_tls(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = rcgen::KeyPair::generate().unwrap();
        let authority = params.self_signed(&key).unwrap().der().clone();
        let issuer = rcgen::Issuer::new(params, key);
        let key = rcgen::KeyPair::generate().unwrap();
        let names = vec!["127.0.0.1".to_owned()];
        let leaf = rcgen::CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = Self::on(listener, Arc::new(answer), Some(Arc::new(config)));
        server.authority = Some(authority);
        server
    }

    fn on(listener: TcpListener, answer: Answer, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, tls, count) = (Arc::clone(&answer), tls.clone(), Arc::clone(&count));
                thread::spawn(move || {
                    count.fetch_add(1, Ordering::SeqCst);
                    serve(stream, tls, &answer);
                });
            }
        });
        Self { address, asked, authority: None }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn url(&self, path: &str) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// How many connections there were.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(super) fn authority(&self) -> CertificateDer<'static> {
        self.authority.clone().unwrap()
    }
}

fn serve(stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>, answer: &Answer) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    match tls {
        None => talk(stream, answer),
        Some(config) => {
            let connection = rustls::ServerConnection::new(config).unwrap();
            talk(rustls::StreamOwned::new(connection, stream), answer);
        }
    }
}

fn talk(mut stream: impl Read + Write, answer: &Answer) {
    while let Some(request) = read(&mut stream) {
        match answer(&request) {
            Reply::Bytes { status, headers, body, after } => {
                thread::sleep(after);
                let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
                headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
                head.push_str("\r\n");
                let bytes = [head.into_bytes(), body].concat();
                if stream.write_all(&bytes).and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
                return;
            }
            Reply::Endless(head, again) => {
                let _ = stream.write_all(head.as_bytes());
                while stream.write_all(again.as_bytes()).is_ok() {}
                return;
            }
            Reply::Late(head) => {
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.flush());
                let _ = stream.read(&mut [0; 1]);
                return;
            }
            Reply::Silent => {
                let _ = stream.read(&mut [0; 1]);
                return;
            }
        }
    }
}

fn read(stream: &mut impl Read) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 || head.len() > 64 << 10 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Some(Request { path, headers })
}

/// Bytes as gzip, not compressed: stored blocks need no other code.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut chunks = bytes.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap();
        out.push(u8::from(chunks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(chunk);
    }
    out.extend(crc(bytes).to_le_bytes());
    out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    out
}

/// The checksum of gzip.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// Some 240 KB of gzip that stand for 39 MB of zeros: one literal, then copies of the longest length, each of which
/// takes two bits of length (fixed codes: 258 is `11000101`, distance 1 is `00000`).
pub(super) fn bomb() -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut put = |value: u32, count: u32, most_first: bool| {
        for at in 0..count {
            let at = if most_first { count - 1 - at } else { at };
            bits.push(value >> at & 1 == 1);
        }
    };
    put(1, 1, false); // the last block
    put(1, 2, false); // fixed codes
    put(0x30, 8, true); // the byte 0
    for _ in 0..150_000 {
        put(0b1100_0101, 8, true);
        put(0, 5, true);
    }
    put(0, 7, true); // the end
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum << 1 | u8::from(*bit))));
    // Nobody gets as far as the checksum.
    out.extend([0; 8]);
    out
}
