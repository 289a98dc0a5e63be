use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn net(options: Options) -> Net {
    Net::new(Options { timeout: Duration::from_millis(300), ..options })
}

fn open() -> Options {
    Options { allow_private: true, ..Options::default() }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn private_addresses_are_refused_before_a_packet_is_sent() {
    block(async {
        let (listener, address) = listener().await;
        let net = net(Options::default());
        let failure = net.connect("shop", address).await.unwrap_err();
        assert_eq!(failure, Failure::Private(address.ip()));
        assert_eq!(failure.to_string(), "127.0.0.1 is a loopback address, which needs --allow-private");
        assert_eq!(net.addresses("127.0.0.1").await, Err(Failure::Private(address.ip())));
        assert_eq!(net.addresses("[::1]").await.unwrap_err(), Failure::Private("::1".parse().unwrap()));
        assert!(tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_err());
    });
}

#[test]
fn an_address_is_its_own_look_up() {
    block(async {
        let net = net(open());
        assert_eq!(net.addresses("127.0.0.1").await.unwrap(), [IpAddr::from(Ipv4Addr::LOCALHOST)]);
        assert_eq!(net.addresses("[::1]").await.unwrap(), ["::1".parse::<IpAddr>().unwrap()]);
    });
}

#[test]
fn a_dead_port_is_refused_and_a_silent_name_server_times_out() {
    block(async {
        let (dead, address) = listener().await;
        drop(dead);
        assert_eq!(net(open()).connect("shop", address).await.unwrap_err(), Failure::Refused);

        let silent = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let net = net(Options { resolver: Some(silent.local_addr().unwrap()), ..open() });
        let started = Instant::now();
        let failure = net.addresses("shop.example").await.unwrap_err();
        assert!(matches!(failure, Failure::TimedOut(_) | Failure::Unresolved(_)), "{failure}");
        assert!(started.elapsed() < Duration::from_secs(1));
    });
}

#[test]
fn a_target_has_a_budget() {
    block(async {
        let net = net(open()).for_target();
        let started = Instant::now();
        let mut tries = 0;
        while !net.is_over() {
            net.within("waiting", std::future::pending::<()>()).await.unwrap_err();
            tries += 1;
        }
        assert_eq!(tries, BUDGET);
        assert!(started.elapsed() < Duration::from_millis(1500));
        let failure = net.within("waiting", std::future::pending::<()>()).await.unwrap_err();
        assert_eq!(failure.to_string(), "timed out: waiting");
    });
}

#[test]
fn a_proxy_is_asked_for_the_address() {
    block(async {
        let (proxy, at) = listener().await;
        let server = tokio::spawn(async move {
            let (mut stream, _) = proxy.accept().await.unwrap();
            let mut asked = vec![0; 1024];
            let n = stream.read(&mut asked).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello").await.unwrap();
            String::from_utf8(asked[..n].to_vec()).unwrap()
        });
        // The target must be permitted although the proxy may be anywhere.
        let options = Options { proxy: Some(format!("http://u:p@{at}")), ..Options::default() };
        let net = net(options);
        let target: SocketAddr = "1.1.1.1:443".parse().unwrap();
        let mut stream = net.connect("one.example", target).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "hello");
        let asked = server.await.unwrap();
        assert!(asked.starts_with("CONNECT 1.1.1.1:443 HTTP/1.1\r\nHost: 1.1.1.1:443\r\n"), "{asked}");
        assert!(asked.contains("Proxy-Authorization: Basic dTpw\r\n"), "{asked}");
        let inner: SocketAddr = "10.0.0.1:443".parse().unwrap();
        assert_eq!(net.connect("inner.example", inner).await.unwrap_err(), Failure::Private(inner.ip()));
    });
}

#[test]
fn a_proxy_that_refuses_or_babbles_is_a_failure() {
    block(async {
        for (answer, told) in [
            ("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy answered 403"),
            ("garbage\r\n\r\n", "not understood: the proxy does not speak HTTP"),
            ("HTTP/1.1 200", "the connection was closed"),
        ] {
            let (proxy, at) = listener().await;
            tokio::spawn(async move {
                let (mut stream, _) = proxy.accept().await.unwrap();
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            });
            let net = net(Options { proxy: Some(at.to_string()), ..open() });
            assert_eq!(net.connect("x", "1.1.1.1:443".parse().unwrap()).await.unwrap_err().to_string(), told);
        }
    });
}

#[test]
fn the_roots_are_there() {
    assert!(Net::new(Options::default()).roots().len() > 100);
}
