//! Mail policies and whole zones, asked for from real servers.

use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use seaworthy::fact::target::Transfer;
use tokio_rustls::TlsAcceptor;

use super::*;

const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

/// A server that gives every connection that answer; its port and its certificate.
async fn serve(names: &[&str], answer: String) -> (u16, CertificateDer<'static>) {
    let params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.ok()?;
                let mut request = [0; 2048];
                let length = stream.read(&mut request).await.ok()?;
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                assert!(request.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.com\r\n"));
                stream.write_all(answer.as_bytes()).await.ok()?;
                stream.shutdown().await.ok()
            });
        }
    });
    (port, certificate)
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The transcript of a domain whose policy is served so; `trusted` says whether the authority counts.
async fn seen(names: &[&str], answer: String, trusted: bool) -> String {
    let zone = format!("{ZONE}mta-sts.example.com. A 127.0.0.1\n_mta-sts.example.com. TXT v=STSv1; id=1\n");
    let mut fleet = Fleet::start(whole_fleet(good(&zone))).await;
    let (port, certificate) = serve(names, answer).await;
    fleet.policies = port;
    let resolver = Some(SocketAddr::from(([127, 0, 0, 1], fleet.port)));
    let authorities = if trusted { vec![certificate] } else { Vec::new() };
    let options = Options { timeout: TIMEOUT, resolver, allow_private: true, authorities, ..Options::default() };
    fleet.see_by(DnsTarget { mta_sts: true, ..target("example.com") }, &Net::new(options)).await
}

const HOST: &[&str] = &["mta-sts.example.com"];

#[test]
fn a_mail_policy_is_fetched_as_mail_servers_do() {
    run(async {
        let told = |text: &str| {
            ["obstacle", "problem", "mode", "max_age", "uncovered"]
                .map(|name| field(text, "dns.mailPolicy", name).concat())
        };
        let good = seen(HOST, http("200 OK", POLICY), true).await;
        assert_eq!(told(&good), ["", "", "enforce", "604800", ""], "{good}");
        let other = seen(HOST, http("200 OK", &POLICY.replace("mail.", "mx.")), true).await;
        assert_eq!(told(&other), ["", "", "enforce", "604800", "mail.example.com"], "{other}");
        let broken = seen(HOST, http("200 OK", "mode: enforce\n"), true).await;
        assert_eq!(told(&broken)[1], "the first line is not `version: STSv1`", "{broken}");
        for (names, answer, trusted, word) in [
            (HOST, http("200 OK", POLICY), false, "certificate"),
            (&["www.example.com"], http("200 OK", POLICY), true, "NotValidForName"),
            (HOST, http("404 Not Found", ""), true, "404"),
            (HOST, "HTTP/1.1 302 Found\r\nLocation: /other\r\n\r\n".into(), true, "302"),
        ] {
            let text = seen(names, answer, trusted).await;
            assert!(told(&text)[0].contains(word) && told(&text)[1].is_empty(), "{word}: {text}");
        }
        let endless = seen(HOST, format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1 << 20)), true).await;
        assert!(endless.len() < 256 << 10 && !told(&endless)[1].is_empty());
    });
}

#[test]
fn a_mail_policy_that_nobody_serves_is_unknown() {
    run(async {
        let fleet = Fleet::start(whole_fleet(good(&format!("{ZONE}mta-sts.example.com. A 127.0.0.1\n")))).await;
        let text = fleet.see(DnsTarget { mta_sts: true, ..target("example.com") }).await;
        let origin = Origin::File("x.transcript".into());
        let source = Source::new(SourceId(0), origin, Encoding::Utf8, Role::Production, text.as_str());
        let problems: Vec<String> = Dns.inspect(&source).problems.iter().map(|one| one.reason.to_string()).collect();
        assert!(
            problems.len() == 1 && problems[0].contains("its mail policy: the connection was refused"),
            "{problems:?}"
        );
        assert!(field(&text, "dns.mailPolicy", "mode").is_empty());
        let text = fleet.see(target("example.com")).await;
        assert!(!text.contains("mail-policy"), "nobody asked for it");
    });
}

#[test]
fn servers_that_hand_out_the_whole_zone_are_seen() {
    run(async {
        let zone = records(ZONE);
        let by = |open: bool, closes: bool| -> Behaviour {
            let zone = zone.clone();
            Arc::new(move |request, _| {
                let is_whole = request.queries.first().is_some_and(|query| query.query_type() == RecordType::AXFR);
                let mut message = answer(request, &zone);
                if is_whole && closes {
                    return Vec::new();
                }
                if is_whole {
                    message.answers.clear();
                    message.authorities.clear();
                    if open {
                        message.add_answers(zone.clone());
                    } else {
                        message.metadata.response_code = ResponseCode::Refused;
                    }
                }
                vec![(NOW, message.to_vec().unwrap())]
            })
        };
        let asked = || DnsTarget { transfer: Some(Transfer::Refused), ..target("example.com") };
        let servers = vec![(1, good(ZONE)), (2, by(true, false)), (3, by(false, false)), (4, good(ZONE))];
        let text = Fleet::start(servers).await.see(asked()).await;
        assert_eq!(field(&text, "dns.server", "allows_transfer"), ["true", "false"], "{text}");
        assert_eq!(field(&text, "dns.server", "answers_tcp"), ["true", "true"]);
        assert_eq!(text.matches("type: AXFR").count(), 2);
        assert!(!text.contains("loop.example.com"), "what is in the zone is nobody's business: {text}");
        let text = Fleet::start(whole_fleet(good(ZONE))).await.see(target("example.com")).await;
        assert_eq!(field(&text, "dns.server", "allows_transfer"), ["-", "-"], "nobody asked");
    });
}
