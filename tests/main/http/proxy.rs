//! Through a proxy: it is told addresses that were checked, and no name.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::*;

/// A proxy that notes the first line of every request, and makes tunnels.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let noted = Arc::clone(&noted);
            thread::spawn(move || tunnel(stream, &noted));
        }
    });
    (at, told)
}

fn tunnel(mut stream: TcpStream, noted: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&head).lines().next()?.to_owned();
    noted.lock().unwrap().push(line.clone());
    let mut onward = TcpStream::connect(line.split(' ').nth(1)?).ok()?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from, mut to) = (stream.try_clone().ok()?, onward.try_clone().ok()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = std::io::copy(&mut onward, &mut stream);
    stream.shutdown(Shutdown::Both).ok()
}

#[test]
fn a_proxy_is_told_the_address_and_the_server_the_name() {
    let server = Server::start(|request| {
        let host = request.header("host").unwrap_or_default();
        Reply::ok("application/json", &format!(r#"{{"status":"UP","host":"{host}"}}"#))
            .unless(request.path == "/health?a=b")
    });
    let (proxy, told) = proxy();
    let mut target = target(&format!("http://localhost:{}/health?a=b", server.port()));
    target.json.insert("host".into(), format!("localhost:{}", server.port()).into());
    let text = seen_under(&target, Options { proxy: Some(proxy), ..options() });
    has(&fields(&text, "http.endpoint"), &["status=200", "kind=health", "samples=5"]);
    has(&fields(&text, "http.field"), &["is_expected=true"]);
    let told = told.lock().unwrap();
    assert!(told.len() > 5 && server.asked() >= told.len() - 8, "{told:?}");
    let is_address = |line: &String| {
        line == &format!("CONNECT 127.0.0.1:{} HTTP/1.1", server.port()) || line.starts_with("CONNECT [::1]:")
    };
    assert!(told.iter().all(is_address), "no name is told: {told:?}");
}

#[test]
fn tls_goes_through_the_tunnel() {
    let server = Server::start_tls(|request| Reply::ok("text/plain", "fine").unless(request.path == "/"));
    let (proxy, told) = proxy();
    let with = Options { proxy: Some(proxy), authorities: vec![server.authority()], ..options() };
    let text = seen_under(&target(&server.url("/")), with);
    assert!(text.contains("certificate: trusted") && text.contains("status: 200"), "{text}");
    assert!(told.lock().unwrap().iter().all(|line| line.starts_with("CONNECT 127.0.0.1:")));
}

#[test]
fn what_may_not_be_reached_is_not_asked_of_a_proxy() {
    let server = Server::start(|_| Reply::ok("text/plain", "internal"));
    let (proxy, told) = proxy();
    let target = target(&format!("http://localhost:{}/", server.port()));
    let closed = Options { proxy: Some(proxy), allow_private: false, ..options() };
    let why = problem(&seen_under(&target, closed));
    assert!(why.contains("needs --allow-private"), "{why}");
    assert_eq!((server.asked(), told.lock().unwrap().len()), (0, 0));
}

#[test]
fn a_proxy_that_makes_no_tunnel_leaves_the_target_unknown() {
    let refusing = Server::start(|_| Reply::ok("text/plain", "no").with_status(403));
    let with = Options { proxy: Some(refusing.url("")), ..options() };
    let why = problem(&seen_under(&target("http://127.0.0.1:1/"), with));
    assert!(why.contains("the proxy answered 403"), "{why}");
}
