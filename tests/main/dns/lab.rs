//! What a person runs: a measurement, and a real BIND with its signatures.

use super::*;

/// `cargo test --release --test main dns -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
#[allow(clippy::print_stdout, reason = "a person runs it, to measure")]
fn five_hundred_names_with_latency() {
    run(async {
        let base = records(ZONE);
        let slow: Behaviour = Arc::new(move |request, _| {
            let mut zone = base.clone();
            let asked = request.queries.first().map(|query| query.name().clone()).unwrap_or_default();
            if asked.to_ascii().starts_with('n') && asked.num_labels() == 3 && !asked.to_ascii().starts_with("ns") {
                zone.push(Record::from_rdata(asked, 300, RData::A(A(Ipv4Addr::new(127, 0, 0, 9)))));
            }
            vec![(Duration::from_millis(50), answer(request, &zone).to_vec().unwrap())]
        });
        let fleet =
            Arc::new(Fleet::start(vec![(1, slow.clone()), (2, slow.clone()), (3, slow.clone()), (4, slow)]).await);
        let resolver = Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), fleet.port));
        let options = Options { timeout: Duration::from_secs(10), resolver, allow_private: true, ..Options::default() };
        let net = Net::new(options.clone());
        let start = Instant::now();
        let one = fleet.see_by(target("n0.example.com"), &net).await;
        let alone = start.elapsed();
        let net = Net::new(options);
        let start = Instant::now();
        let mut running = tokio::task::JoinSet::new();
        for n in 0..500 {
            let (fleet, net) = (Arc::clone(&fleet), net.clone());
            running.spawn(async move { fleet.see_by(target(&format!("n{n}.example.com")), &net).await });
        }
        let mut failed = 0;
        while let Some(text) = running.join_next().await {
            failed += usize::from(text.unwrap().contains("failure:"));
        }
        println!(
            "one: {alone:?} ({} questions), 500: {:?}, failed {failed}",
            one.matches("- name:").count(),
            start.elapsed()
        );
        assert_eq!(failed, 0);
    });
}

/// `tests/fixtures/dns/lab.sh FOLDER`, then `cargo test --test main dns -- --ignored bind`
#[test]
#[ignore = "needs the servers of tests/fixtures/dns/lab.sh"]
#[allow(clippy::print_stdout, reason = "a person runs it")]
fn bind_and_its_signatures_are_understood() {
    run(async {
        let resolver = Some(SocketAddr::from(([127, 0, 0, 10], 53)));
        let options = Options { timeout: Duration::from_secs(2), resolver, allow_private: true, ..Options::default() };
        let (net, fleet) = (Net::new(options), Fleet { port: 53, policies: 443 });
        let text = fleet.see_by(target("shop.test"), &net).await;
        println!("{text}");
        assert_eq!(field(&text, "dns.zone", "validation"), ["secure"]);
        assert_eq!(field(&text, "dns.zone", "digest_matches"), ["true"]);
        assert_eq!(field(&text, "dns.zone", "answers_anything"), ["false"]);
        assert_eq!(field(&text, "dns.zone", "only_above"), [""]);
        assert_eq!(field(&text, "dns.server", "is_authoritative"), ["true", "true"]);
        assert_eq!(field(&text, "dns.server", "offers_recursion"), ["false", "false"]);
        assert_eq!(field(&text, "dns.mail", "policy"), ["reject"]);
        assert!(!field(&text, "dns.signature", "expires").is_empty());
        assert!(field(&text, "dns.line", "message").is_empty(), "{text}");
        let text = fleet.see_by(target("x.wild.shop.test"), &net).await;
        assert_eq!(field(&text, "dns.zone", "validation"), ["secure"], "hickory took a wildcard's answer for bogus");
        let text = fleet.see_by(target("broken.test"), &net).await;
        assert_eq!(field(&text, "dns.zone", "validation"), ["bogus"], "{text}");
        println!("{text}");
        let text = fleet.see_by(target("www.shop.test"), &net).await;
        assert!(field(&text, "dns.name", "chain").contains(&"www.shop.test → shop.test".to_owned()), "{text}");
        let text = fleet.see_by(target("nothing.shop.test"), &net).await;
        assert!(text.contains("NXDOMAIN"), "{text}");
    });
}
