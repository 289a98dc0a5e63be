//! What rustls does not speak: `openssl s_server` of the system, in its weakest settings. Without it the tests say so.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use seaworthy::fact::target::TlsTarget;
use seaworthy::inspect::tls::observe::observe;
use seaworthy::observe::{Net, Options, Writer};

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(args: &[&str]) -> bool {
    let quiet = Command::new("openssl").args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Starts a server; `None` when this build of OpenSSL does not know an option.
fn start(folder: &Path, key: &str, args: &[&str]) -> Option<(Server, SocketAddr)> {
    let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = |end: &str| folder.join(format!("{key}.{end}")).to_string_lossy().into_owned();
    let mut command = Command::new("openssl");
    command.args([
        "s_server",
        "-quiet",
        "-accept",
        &at.port().to_string(),
        "-cert",
        &file("crt"),
        "-key",
        &file("key"),
    ]);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = Server(command.spawn().ok()?);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        if server.0.try_wait().ok()?.is_some() {
            return None;
        }
        if TcpStream::connect(at).is_ok() {
            return Some((server, at));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

fn look(at: SocketAddr) -> String {
    let target = TlsTarget { host: "127.0.0.1".into(), port: Some(at.port()), days: None, starttls: None };
    let options = Options { timeout: Duration::from_secs(5), allow_private: true, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut out = Writer::new();
    runtime.block_on(observe(&target, &Net::new(options).for_target(), &mut out));
    out.finish()
}

/// Name, key, options of the server, lines that must stand in the transcript.
type Case = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const WEAKEST: &str = "ALL:eNULL:aNULL:@SECLEVEL=0";

const CASES: &[Case] = &[
    (
        "TLS 1.0 only",
        "rsa",
        &["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
        &["tls-1.0: true", "tls-1.1: false", "tls-1.2: false", "tls-1.3: false", "modern: false"],
    ),
    (
        "TLS 1.1 only",
        "rsa",
        &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        &["tls-1.0: false", "tls-1.1: true", "tls-1.2: false", "tls-1.3: false"],
    ),
    (
        "all versions",
        "rsa",
        &["-cipher", WEAKEST],
        &[
            "tls-1.0: true",
            "tls-1.1: true",
            "tls-1.2: true",
            "tls-1.3: true",
            "ssl-3: false",
            "unencrypted: true",
            "anonymous: true",
            "modern: true",
            "cbc: true",
            "static-rsa: true",
            "forward-secrecy: true",
            "weak: false",
        ],
    ),
    (
        "no encryption",
        "rsa",
        &["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"],
        &["unencrypted: true", "modern: false", "cbc: false", "anonymous: false"],
    ),
    ("no certificate", "rsa", &["-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"], &["anonymous: true", "static-rsa: false"]),
    (
        "CBC only",
        "rsa",
        &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA:AES128-SHA"],
        &["cbc: true", "modern: false", "forward-secrecy: true", "static-rsa: true"],
    ),
    (
        "RSA only",
        "rsa",
        &["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
        &["static-rsa: true", "forward-secrecy: false", "modern: true", "cbc: false"],
    ),
    (
        "a small group",
        "rsa",
        &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", "-dhparam", "dh1024.pem"],
        &["dh-bits: 1024", "forward-secrecy: true", "static-rsa: false"],
    ),
    (
        "a group of today",
        "rsa",
        &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"],
        &["dh-bits: 2048", "renegotiates-safely: true", "compresses: false"],
    ),
    (
        "today",
        "ec",
        &["-cipher", "ECDHE+AESGCM"],
        &[
            "version: TLS 1.3",
            "tls-1.2: true",
            "tls-1.1: false",
            "cbc: false",
            "static-rsa: false",
            "rc4: false",
            "small-blocks: false",
        ],
    ),
    ("Ed25519 and 1.3", "ed", &["-tls1_3"], &["tls-1.3: true", "tls-1.2: false", "version: TLS 1.3"]),
    (
        "a curve that nobody knows",
        "k1",
        &["-tls1_2", "-cipher", "ECDHE:@SECLEVEL=0"],
        &["tls-1.2: true", "forward-secrecy: true"],
    ),
];

#[test]
fn weak_servers_are_seen_as_they_are() {
    if !openssl(&["version"]) {
        eprintln!("SKIPPED: no openssl here, so nothing speaks the old versions");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    for (name, kind) in [("rsa", "rsa:2048"), ("ec", "ec:P-256"), ("ed", "ed25519"), ("k1", "ec:secp256k1")] {
        let mut args = vec!["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1", "-newkey"];
        let curve = kind.strip_prefix("ec:").map(|curve| format!("ec_paramgen_curve:{curve}"));
        args.push(if curve.is_some() { "ec" } else { kind });
        if let Some(curve) = &curve {
            args.extend(["-pkeyopt", curve.as_str()]);
        }
        let (key, certificate) = (path(&format!("{name}.key")), path(&format!("{name}.crt")));
        args.extend(["-keyout", &key, "-out", &certificate]);
        assert!(openssl(&args), "{args:?}");
    }
    std::fs::write(path("dh1024.pem"), DH1024).unwrap();
    let mut seen = 0;
    for (name, key, args, lines) in CASES {
        let args: Vec<String> =
            args.iter().map(|one| if one.ends_with(".pem") { path(one) } else { (*one).to_owned() }).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let Some((server, at)) = start(folder.path(), key, &args) else {
            eprintln!("SKIPPED: this OpenSSL does not serve {name}");
            continue;
        };
        let text = look(at);
        drop(server);
        for line in *lines {
            assert!(text.lines().any(|one| one.trim() == *line), "{name}: no `{line}` in\n{text}");
        }
        assert!(
            text.contains("BEGIN CERTIFICATE") || *name == "no certificate" || *name == "no encryption",
            "{name}: {text}"
        );
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} of {} servers could be started", CASES.len());
}

/// The second Oakley group (RFC 2409): 1024 bits.
const DH1024: &str = "\
-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
";
