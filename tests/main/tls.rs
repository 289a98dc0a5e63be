//! Endpoints on loopback: what real servers, and broken ones, show.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use seaworthy::fact::target::{StartTls, TlsTarget};
use seaworthy::inspect::tls::observe::observe;
use seaworthy::observe::{Net, Options, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const HOST: &str = "localhost";
const TIMEOUT: Duration = Duration::from_millis(600);

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(rcgen::DnType::CommonName, "Harbour Root");
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    fn issue(&self, names: &[&str]) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = rcgen::date_time_ymd(2026, 10, 1);
        params.not_after = rcgen::date_time_ymd(2026, 12, 30);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &*self.0).unwrap();
        (vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
    }
}

fn config(authority: &Authority, versions: &[&'static rustls::SupportedProtocolVersion]) -> ServerConfig {
    let (chain, key) = authority.issue(&[HOST, "127.0.0.1"]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    builder.with_no_client_auth().with_single_cert(chain, key).unwrap()
}

/// Serves every connection by `serve`, each on its own.
async fn serve<F, S>(handle: S) -> SocketAddr
where
    S: Fn(TcpStream) -> F + 'static,
    F: Future<Output = ()> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(handle(stream));
        }
    });
    address
}

async fn serve_tls(config: ServerConfig) -> SocketAddr {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read_u8().await;
            }
        }
    })
    .await
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, future)
}

fn options(authorities: Vec<CertificateDer<'static>>) -> Options {
    Options { timeout: TIMEOUT, allow_private: true, authorities, ..Options::default() }
}

async fn look(at: SocketAddr, host: &str, starttls: Option<StartTls>, options: Options) -> String {
    let target = TlsTarget { host: host.into(), port: Some(at.port()), days: None, starttls };
    let mut out = Writer::new();
    observe(&target, &Net::new(options).for_target(), &mut out).await;
    out.finish()
}

async fn see(at: SocketAddr, authorities: Vec<CertificateDer<'static>>) -> String {
    look(at, "127.0.0.1", None, options(authorities)).await
}

fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|one| one.trim().trim_start_matches("- ") == *line), "no `{line}` in\n{text}");
    }
}

#[test]
fn a_server_of_today_is_seen_whole() {
    run(async {
        let authority = Authority::new();
        let mut config = config(&authority, rustls::ALL_VERSIONS);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let at = serve_tls(config).await;
        let text = see(at, vec![authority.der()]).await;
        has(&text, &["version: TLS 1.3", "alpn: h2", "asks-client-certificate: false", "staple: none", "trust: own"]);
        has(&text, &["trusted-until: \"2026-12-30T00:00:00Z\"", "tls-1.3: true", "tls-1.2: true", "tls-1.1: false"]);
        has(&text, &["ssl-3: false", "cbc: false", "static-rsa: false", "modern: true", "forward-secrecy: true"]);
        has(&text, &["renegotiates-safely: true", "compresses: false"]);
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 1, "{text}");
        let alone = see(at, Vec::new()).await;
        has(&alone, &["trust: nobody", "distrust: UnknownIssuer"]);
    });
}

/// What one answer shows is not asked for again.
#[test]
fn a_server_of_today_gets_nine_connections() {
    let authority = Authority::new();
    for (versions, most) in [(rustls::ALL_VERSIONS, 9), (&[&rustls::version::TLS13][..], 5)] {
        let count = std::rc::Rc::new(std::cell::Cell::new(0));
        let counted = std::rc::Rc::clone(&count);
        let acceptor = TlsAcceptor::from(Arc::new(config(&authority, versions)));
        let text = run(async {
            let at = serve(move |stream| {
                counted.set(counted.get() + 1);
                let acceptor = acceptor.clone();
                async move { drop(acceptor.accept(stream).await) }
            });
            see(at.await, vec![authority.der()]).await
        });
        has(&text, &["version: TLS 1.3", "tls-1.3: true", "modern: true", "forward-secrecy: true", "rc4: false"]);
        assert_eq!(count.get(), most, "{text}");
    }
}

#[test]
fn versions_are_told_apart() {
    run(async {
        let authority = Authority::new();
        let twelve = serve_tls(config(&authority, &[&rustls::version::TLS12])).await;
        has(&see(twelve, Vec::new()).await, &["version: TLS 1.2", "tls-1.2: true", "tls-1.3: false", "tls-1.0: false"]);
        let thirteen = serve_tls(config(&authority, &[&rustls::version::TLS13])).await;
        let text = see(thirteen, Vec::new()).await;
        has(&text, &["version: TLS 1.3", "tls-1.2: false", "tls-1.3: true", "modern: true", "rc4: false"]);
    });
}

#[test]
fn without_a_name_another_certificate_comes() {
    run(async {
        let authority = Authority::new();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut resolver = rustls::server::ResolvesServerCertUsingSni::new();
        let (chain, key) = authority.issue(&[HOST]);
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        resolver.add(HOST, rustls::sign::CertifiedKey::new(chain, key)).unwrap();
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let at = serve_tls(builder.with_no_client_auth().with_cert_resolver(Arc::new(resolver))).await;
        let text = look(at, HOST, None, options(vec![authority.der()])).await;
        assert!(text.contains("without-name: none"), "{text}");
    });
}

#[test]
fn client_certificates_are_noticed() {
    run(async {
        let authority = Authority::new();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.der()).unwrap();
        let verifier =
            rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        let (chain, key) = authority.issue(&["127.0.0.1"]);
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_client_cert_verifier(verifier.unwrap()).with_single_cert(chain, key).unwrap();
        let at = serve_tls(config).await;
        has(&see(at, vec![authority.der()]).await, &["asks-client-certificate: true", "version: TLS 1.3"]);
    });
}

#[test]
fn broken_servers_are_told_within_the_timeout() {
    type Serve = fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()>>>;
    let cases: [(&str, Serve, &str); 8] = [
        ("hangs at once", |stream| Box::pin(async move { hold(stream).await }), "timed out"),
        (
            "hangs after the hello",
            |stream| Box::pin(async move { hang(stream, &[22, 3, 3, 0x20, 0]).await }),
            "timed out",
        ),
        (
            "speaks HTTP",
            |stream| Box::pin(async move { hang(stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await }),
            "does not speak TLS",
        ),
        ("zeroes", |stream| Box::pin(async move { hang(stream, &[0; 4096]).await }), "does not speak TLS"),
        ("closes", |stream| Box::pin(async move { drop(stream) }), "closed"),
        ("an alert", |stream| Box::pin(async move { hang(stream, &[21, 3, 3, 0, 2, 2, 40]).await }), "fatal alert"),
        ("an endless header", |stream| Box::pin(async move { endless(stream).await }), "not understood"),
        ("20,000 certificates", |stream| Box::pin(async move { many(stream).await }), ""),
    ];
    for (name, serve_one, words) in cases {
        let started = Instant::now();
        let text = run(async { see(serve(serve_one).await, Vec::new()).await });
        assert!(started.elapsed() < TIMEOUT * 3, "{name}: {:?}", started.elapsed());
        assert!(text.contains(words), "{name}: {text}");
        assert!(text.contains("failure: ") || text.contains("handshake-failure: "), "{name}: {text}");
    }
}

async fn hold(mut stream: TcpStream) {
    let mut bytes = [0; 1024];
    while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
}

async fn hang(mut stream: TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
    hold(stream).await;
}

/// Records of nothing, for ever.
async fn endless(mut stream: TcpStream) {
    while stream.write_all(&[22, 3, 3, 0, 1, 14]).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

/// A choice of TLS 1.2, and a chain of 20,000 certificates of 1,000 bytes behind it.
async fn many(mut stream: TcpStream) {
    let mut hello = vec![2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let total: u32 = 20_000 * 1_003;
    hello.push(11);
    hello.extend(&(total + 3).to_be_bytes()[1..]);
    hello.extend(&total.to_be_bytes()[1..]);
    let one = [&[0, 3, 0xe8][..], &[0x30; 1000]].concat();
    let mut body = hello;
    for _ in 0..20_000 {
        body.extend_from_slice(&one);
        while body.len() >= 16_000 {
            let rest = body.split_off(16_000);
            let record = [&[22, 3, 3, 0x3e, 0x80][..], &body].concat();
            if stream.write_all(&record).await.is_err() {
                return;
            }
            body = rest;
        }
    }
    hold(stream).await;
}

#[test]
fn nobody_listens() {
    let text = run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        drop(listener);
        see(at, Vec::new()).await
    });
    assert_eq!(text, "failure: the connection was refused\n");
    let text = run(async { look("127.0.0.1:1".parse().unwrap(), "127.0.0.1", None, Options::default()).await });
    assert!(text.contains("--allow-private"), "{text}");
}

/// What a server says before TLS; `None` when the other side does not do what it should.
async fn prelude(protocol: StartTls, stream: &mut TcpStream, offers: bool) -> Option<()> {
    match protocol {
        StartTls::Smtp => {
            stream.write_all(b"220-mx ready\r\n220 really\r\n").await.ok()?;
            expect(stream, b"EHLO seaworthy.invalid\r\n").await?;
            let offer: &[u8] =
                if offers { b"250-mx\r\n250-STARTTLS\r\n250 SIZE 1\r\n" } else { b"250-mx\r\n250 SIZE 1\r\n" };
            stream.write_all(offer).await.ok()?;
            expect(stream, b"STARTTLS\r\n").await?;
            stream.write_all(b"220 go ahead\r\n").await.ok()
        }
        StartTls::Imap => {
            stream.write_all(b"* OK [CAPABILITY IMAP4rev1] ready\r\n").await.ok()?;
            expect(stream, b"a1 STARTTLS\r\n").await?;
            let answer: &[u8] = if offers { b"* NOTE x\r\na1 OK begin\r\n" } else { b"a1 BAD unknown\r\n" };
            stream.write_all(answer).await.ok()
        }
        StartTls::Pop3 => {
            stream.write_all(b"+OK ready\r\n").await.ok()?;
            expect(stream, b"STLS\r\n").await?;
            stream.write_all(if offers { b"+OK begin\r\n" } else { b"-ERR what\r\n" }).await.ok()
        }
        StartTls::Ldap => {
            let mut request = [0; 31];
            stream.read_exact(&mut request).await.ok()?;
            assert_eq!(&request[..9], &[0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16]);
            let code = if offers { 0 } else { 2 };
            stream.write_all(&[0x30, 12, 2, 1, 1, 0x78, 7, 0x0a, 1, code, 4, 0, 4, 0]).await.ok()
        }
        StartTls::Postgres => {
            expect(stream, &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await?;
            stream.write_all(if offers { b"S" } else { b"N" }).await.ok()
        }
        StartTls::Mysql => {
            let mut greeting = vec![10];
            greeting.extend_from_slice(b"8.4.0\0");
            greeting.extend([1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
            greeting.extend(if offers { [0xff, 0xff] } else { [0xff, 0xf7] });
            greeting.extend([0; 18]);
            let length = u8::try_from(greeting.len()).unwrap();
            stream.write_all(&[&[length, 0, 0, 0][..], &greeting].concat()).await.ok()?;
            let mut request = [0; 36];
            stream.read_exact(&mut request).await.ok()?;
            assert_eq!(&request[..4], &[32, 0, 0, 1]);
            Some(())
        }
    }
}

async fn expect(stream: &mut TcpStream, wanted: &[u8]) -> Option<()> {
    let mut bytes = vec![0; wanted.len()];
    stream.read_exact(&mut bytes).await.ok()?;
    assert_eq!(bytes, wanted, "{}", String::from_utf8_lossy(&bytes));
    Some(())
}

#[test]
fn starttls_leads_to_tls_or_is_missing() {
    use StartTls::{Imap, Ldap, Mysql, Pop3, Postgres, Smtp};
    run(async {
        let authority = Authority::new();
        for protocol in [Smtp, Imap, Pop3, Ldap, Postgres, Mysql] {
            let acceptor = TlsAcceptor::from(Arc::new(config(&authority, rustls::ALL_VERSIONS)));
            let at = serve(move |mut stream| {
                let acceptor = acceptor.clone();
                async move {
                    if prelude(protocol, &mut stream, true).await.is_some()
                        && let Ok(mut stream) = acceptor.accept(stream).await
                    {
                        let _ = stream.read_u8().await;
                    }
                }
            });
            let at = at.await;
            let text = look(at, "127.0.0.1", Some(protocol), options(vec![authority.der()])).await;
            has(&text, &["offers-starttls: true", "version: TLS 1.3", "trust: own", "tls-1.2: true", "alpn: none"]);
            let none = serve(move |mut stream| async move {
                prelude(protocol, &mut stream, false).await;
                hold(stream).await;
            });
            let text = look(none.await, "127.0.0.1", Some(protocol), options(Vec::new())).await;
            assert_eq!(text, "addresses:\n  - address: \"127.0.0.1\"\n    offers-starttls: false\n", "{protocol:?}");
            let other = serve(|stream| async move { hang(stream, b"\x15garbage that is no protocol\r\n").await }).await;
            let text = look(other, "127.0.0.1", Some(protocol), options(Vec::new())).await;
            assert!(text.starts_with("failure: ") && !text.contains("offers"), "{protocol:?}: {text}");
        }
    });
}

/// 100 endpoints that each answer 50 ms late: in all not much longer than one of them.
#[test]
fn a_hundred_endpoints_cost_little_more_than_one() {
    run(async {
        let authority = Authority::new();
        let acceptor = TlsAcceptor::from(Arc::new(config(&authority, rustls::ALL_VERSIONS)));
        let at = serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.read_u8().await;
                }
            }
        });
        let at = at.await;
        let roots = vec![authority.der()];
        let patient = Options { timeout: Duration::from_secs(20), ..options(roots) };
        let mut tasks = tokio::task::JoinSet::new();
        let started = Instant::now();
        for _ in 0..100 {
            let options = patient.clone();
            tasks.spawn_local(async move { look(at, "127.0.0.1", None, options).await });
        }
        while let Some(text) = tasks.join_next().await {
            has(&text.unwrap(), &["trust: own", "version: TLS 1.3"]);
        }
        eprintln!("100 endpoints with 50 ms each: {:?}", started.elapsed());
    });
}

/// From the disk to facts: what is no text is read where an inspector reads such files, and stays a loss elsewhere.
#[cfg(unix)]
#[test]
fn binary_files_are_read_from_the_disk() {
    use seaworthy::inspect::{self, Inspectors};
    use seaworthy::source::{Root, load_from};
    let authority = Authority::new();
    let (chain, key) = authority.issue(&["shop.seaworthy-demo.com"]);
    let folder = crate::folder::Folder::new(&[]);
    folder.write("deploy/server.der", &chain[0]);
    folder.write("deploy/server.key", key.secret_der());
    folder.write("deploy/talk.key", b"PK\x03\x04\0\0");
    folder.write("deploy/store.p12", include_bytes!("../fixtures/tls/key-store.p12"));
    folder.write("deploy/a.yaml", b"a: b\0");
    folder.write("deploy/tool.exe", b"MZ\0");
    let inputs = folder.inputs(&["."]);
    let loaded = load_from(Root::of(&inputs).unwrap(), &inputs, &Inspectors, &b""[..]);
    assert_eq!(crate::folder::unread(&loaded), [("deploy/a.yaml", "it is not text: NUL at byte 4".into())]);
    let inspected = inspect::all(&loaded.sources, &loaded.claims);
    let mut subjects: Vec<&str> = inspected.facts.iter().map(|fact| fact.subject().name).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["tls.certificate", "tls.chain", "tls.file", "tls.file", "tls.key", "tls.store"]);
    let problems: Vec<String> = inspected.problems.iter().map(|problem| problem.reason.to_string()).collect();
    let closed = "the PKCS#12 key store was not opened, or not all of it: its password is none of those that everybody tries first";
    assert_eq!(problems, [closed]);
}
