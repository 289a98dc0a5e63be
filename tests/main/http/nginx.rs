//! nginx as its packages install it, configured as people do.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{fields, has, options, seen, seen_under, target};
use seaworthy::observe::Options;

struct Nginx {
    child: Child,
    tls: u16,
    plain: u16,
    authority: rustls_pki_types::CertificateDer<'static>,
    _folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// nginx on two free ports; `None` where it is not installed.
fn start() -> Option<Nginx> {
    let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"];
    let Some(program) = program.iter().find(|path| Path::new(path).is_file()) else {
        eprintln!("nginx is not installed: not tried");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let issued = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    fs::write(at("cert.pem"), issued.cert.pem()).unwrap();
    fs::write(at("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    fs::create_dir_all(at("www/files")).unwrap();
    fs::write(at("www/index.html"), format!("<!doctype html><p>{}", "shop ".repeat(2000))).unwrap();
    fs::write(at("www/files/backup.sql"), "x").unwrap();
    let (tls, plain) = (free_port(), free_port());
    let root = folder.path().display();
    let configuration = format!(
        "daemon off; master_process off; pid {root}/pid; error_log {root}/error.log; events {{}}\n\
         http {{ access_log off; client_body_temp_path {root}/a; proxy_temp_path {root}/b; fastcgi_temp_path {root}/c;\n\
         uwsgi_temp_path {root}/d; scgi_temp_path {root}/e; types {{ text/html html; }} gzip on; root {root}/www;\n\
         server {{ listen 127.0.0.1:{tls} ssl http2; ssl_certificate {root}/cert.pem; ssl_certificate_key {root}/key.pem;\n\
         add_header Strict-Transport-Security \"max-age=63072000\"; add_header X-Frame-Options DENY;\n\
         location /files/ {{ autoindex on; }} location /old {{ return 301 /; }} location /twice {{ add_header X-Frame-Options DENY always;\n\
         add_header X-Frame-Options SAMEORIGIN; default_type text/html; return 200 ok; }} }}\n\
         server {{ listen 127.0.0.1:{plain}; server_tokens off; location / {{ return 301 https://127.0.0.1:{tls}$request_uri; }} }} }}\n"
    );
    fs::write(at("nginx.conf"), configuration).unwrap();
    let child = Command::new(program)
        .args(["-c", &at("nginx.conf").display().to_string(), "-p", &root.to_string()])
        .args(["-e", &at("error.log").display().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let authority = issued.cert.der().clone();
    let nginx = Nginx { child, tls, plain, authority, _folder: folder };
    let up = |port: u16| {
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(15));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })
    };
    assert!(up(tls) && up(plain), "nginx did not start");
    Some(nginx)
}

#[test]
fn nginx_is_seen_as_it_is() {
    let Some(nginx) = start() else { return };
    let options = Options { authorities: vec![nginx.authority.clone()], ..options() };
    let at = |path: &str| seen_under(&target(&format!("https://127.0.0.1:{}{path}", nginx.tls)), options.clone());
    let front = at("/");
    has(
        &fields(&front, "http.endpoint"),
        &["status=200", "version=HTTP/2", "has_trusted_certificate=true", "kind=page"],
    );
    // `add_header` without `always` leaves errors out.
    has(
        &fields(&front, "http.page"),
        &[
            "hsts_max_age=63072000",
            "frame_options=DENY",
            "missing_on_errors=[\"strict-transport-security\", \"x-frame-options\"]",
        ],
    );
    assert!(fields(&front, "http.response").contains(&"is_compressed=true".to_owned()), "{front}");
    assert!(front.contains("server: nginx/"), "{front}");
    assert!(at("/files/").contains("- directory-listing"));
    has(&fields(&at("/old"), "http.endpoint"), &["status=200", "redirects=1", "is_redirect=true"]);
    assert_eq!(at("/twice").matches("x-frame-options: ").count(), 2);
    let plain = seen(&target(&format!("http://127.0.0.1:{}/", nginx.plain)));
    has(&fields(&plain, "http.endpoint"), &["is_https=false", "ends_encrypted=true", "redirects=1"]);
}
