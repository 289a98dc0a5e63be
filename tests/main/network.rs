//! Targets of the policy from outside: what runs when, where findings stand, and that bad servers cost a timeout.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use seaworthy::checklist::Gate;
use seaworthy::fact::Role;
use seaworthy::fact::target::Protocol;
use seaworthy::finding::{Category, Finding, Severity, Status};
use seaworthy::mask::Masker;
use seaworthy::report::{Format, Inputs, Needs, Report, Run, Style, Tool, render};
use seaworthy::score::Weights;
use seaworthy::source::{Encoding, Endpoint, Origin, Source};
use seaworthy::span::{SourceId, Span};
use serde_json::Value;

use super::folder::Folder;

const POLICY: &str = "schema: seaworthy/policy/1
environments:
  production:
    targets:
      tls: [{host: shop.example.com}]
      dns:
        - name: shop.example.com
          expect: {A: [203.0.113.10]}
      http: [{url: \"https://user:hunter22@shop.example.com/health\", status: 200}]
";

fn command(folder: &Folder, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
    command.arg("check").args(["--now", "2026-11-21T00:00:00Z"]).args(args).current_dir(folder.0.path());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SEAWORTHY_")) {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Folder, args: &[&str]) -> Output {
    command(folder, args).output().unwrap()
}

fn json(folder: &Folder, args: &[&str]) -> Value {
    let output = run(folder, &[args, &["-f", "json", "--exit-zero"]].concat());
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

fn list<'v>(report: &'v Value, key: &str) -> &'v [Value] {
    report[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// What is said of every endpoint: the unknowns and the findings that name it.
fn said(report: &Value) -> BTreeSet<&str> {
    let unknown = list(report, "unknown").iter().map(|one| text(one, "endpoint"));
    unknown.chain(list(report, "findings").iter().map(|one| text(&one["location"], "endpoint"))).collect()
}

#[test]
fn without_online_targets_are_not_run_in_every_format() {
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", POLICY)]);
    let report = json(&folder, &["--env", "production"]);
    assert_eq!(report["run"]["online"], false);
    let not_run: Vec<_> =
        list(&report, "not_run").iter().map(|one| (text(one, "inspector"), text(one, "target"))).collect();
    assert_eq!(
        not_run,
        [("dns", "shop.example.com"), ("http", "https://shop.example.com/health"), ("tls", "shop.example.com:443"),]
    );
    assert!(list(&report, "not_run").iter().all(|one| text(one, "reason") == "needs `--online`"));
    assert!(said(&report).iter().all(|endpoint| endpoint.is_empty()));
    let free = json(&folder, &[]);
    assert_eq!(list(&free, "not_run"), [] as [Value; 0], "the environment was not chosen");
    assert_eq!(free["score"]["value"], report["score"]["value"]);
    for format in ["table", "markdown", "html"] {
        let page = run(&folder, &["--env", "production", "-f", format, "--exit-zero"]).stdout;
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("shop.example.com:443") && page.contains("--online"), "{format}: {page}");
        assert!(!page.contains("hunter22"), "{format}");
    }
}

#[test]
fn mistakes_of_the_flags_are_told_together() {
    let folder = Folder::new(&[("Dockerfile", "FROM node:22\n"), ("ca.pem", "no certificate\n")]);
    let flags =
        ["--timeout", "soon", "--resolver", "dns", "--proxy", "socks5://x", "--ca", "ca.pem", "--ca", "none.pem"];
    let output = run(&folder, &[&flags[..], &["--record", "r"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    for word in ["--timeout soon", "500ms", "--resolver dns", "socks5", "no certificate", "none.pem", "--record"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let nowhere = run(&folder, &["--replay", "nowhere"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8(nowhere.stderr).unwrap().contains("nowhere"));
}

/// A server on loopback that treats every connection the same way; counts them.
struct Server {
    address: SocketAddr,
    met: Arc<AtomicUsize>,
}

impl Server {
    fn new(treat: impl Fn(std::net::TcpStream) + Send + Clone + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let met = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&met);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let treat = treat.clone();
                std::thread::spawn(move || treat(stream));
            }
        });
        Server { address, met }
    }

    fn hangs() -> Self {
        Server::new(|stream| {
            std::thread::sleep(Duration::from_secs(20));
            drop(stream);
        })
    }

    fn closes() -> Self {
        Server::new(drop)
    }

    fn babbles() -> Self {
        Server::new(|mut stream| {
            let mut some = [0; 256];
            let _ = stream.read(&mut some);
            let _ = stream.write_all(&b"\x16\x03\x01 garbage \xff\x00 and more of it\r\n".repeat(50));
        })
    }

    /// Answers for ever, a bit at a time.
    fn drips() -> Self {
        Server::new(|mut stream| {
            while stream.write_all(b"HTTP/1.1 200 OK\r\nx: y\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    }

    fn dead() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }
}

fn policy_of(addresses: &[SocketAddr]) -> String {
    let mut policy = "schema: seaworthy/policy/1\ntargets:\n  tls:\n".to_owned();
    for address in addresses {
        policy += &format!("    - {{host: {}, port: {}}}\n", address.ip(), address.port());
    }
    policy += "  http:\n";
    for address in addresses {
        policy += &format!("    - {{url: \"http://{address}/health\", status: 200}}\n");
        policy += &format!("    - {{url: \"https://{address}/health\", status: 200}}\n");
    }
    policy
}

#[test]
fn bad_servers_are_unknown_or_found_within_their_time() {
    let servers = [Server::hangs(), Server::closes(), Server::babbles(), Server::drips()];
    let mut addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    addresses.push(Server::dead());
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy_of(&addresses))]);
    let started = Instant::now();
    let report = json(&folder, &["--online", "--allow-private", "--timeout", "300ms", "--record", "seen"]);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(report["run"]["online"], true);
    assert_eq!(list(&report, "not_run"), [] as [Value; 0]);
    let said = said(&report);
    for address in &addresses {
        for endpoint in [address.to_string(), format!("http://{address}/health"), format!("https://{address}/health")] {
            assert!(said.contains(endpoint.as_str()), "nothing is said of {endpoint}: {said:?}");
        }
    }
    for one in list(&report, "unknown").iter().filter(|one| !text(one, "endpoint").is_empty()) {
        assert_eq!((text(one, "path"), one["line"].as_u64().is_some()), ("seaworthy.yaml", true), "{one}");
    }

    // What was recorded is judged again to the same bytes, without a connection.
    let before: Vec<usize> = servers.iter().map(|server| server.met.load(Ordering::SeqCst)).collect();
    let again = json(&folder, &["--replay", "seen"]);
    let after: Vec<usize> = servers.iter().map(|server| server.met.load(Ordering::SeqCst)).collect();
    assert_eq!(before, after);
    for key in report.as_object().unwrap().keys() {
        assert_eq!(again[key], report[key], "{key}");
    }
    let files = std::fs::read_dir(folder.at("seen")).unwrap().count();
    assert_eq!(files, 3 * addresses.len());
}

#[test]
fn loopback_and_private_addresses_are_refused() {
    let server = Server::closes();
    let policy = policy_of(&[server.address])
        + "    - {url: \"http://169.254.169.254/latest/meta-data/\"}\n    - {url: \"http://[::ffff:127.0.0.1]/\"}\n    \
           - {url: \"http://localhost/\"}\n";
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy)]);
    // Nobody answers at the resolver, so that nothing leaves this machine.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = silent.local_addr().unwrap().to_string();
    let report = json(&folder, &["--online", "--timeout", "300ms", "--resolver", &resolver]);
    assert_eq!(server.met.load(Ordering::SeqCst), 0);
    let unknown: BTreeSet<&str> = list(&report, "unknown").iter().map(|one| text(one, "endpoint")).collect();
    assert!(unknown.contains(server.address.to_string().as_str()), "{unknown:?}");
    assert!(unknown.contains("http://169.254.169.254/latest/meta-data/"), "{unknown:?}");
    assert!(unknown.contains("http://[::ffff:127.0.0.1]/"), "{unknown:?}");
}

#[test]
fn no_password_of_a_url_is_recorded_or_reported() {
    let server = Server::new(|mut stream| {
        let mut asked = Vec::new();
        let mut byte = [0];
        while stream.read(&mut byte).is_ok_and(|n| n == 1) {
            asked.push(byte[0]);
            if asked.ends_with(b"\r\n\r\n") {
                let body = String::from_utf8_lossy(&asked).into_owned();
                let head = format!("HTTP/1.1 200 OK\r\nx-echo: hunter22pass\r\ncontent-length: {}\r\n\r\n", body.len());
                if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
                    return;
                }
                asked.clear();
            }
        }
    });
    let url = format!("http://user:hunter22pass@{}/health?check=db&token=abcd1234efgh", server.address);
    let policy = format!("schema: seaworthy/policy/1\ntargets:\n  http:\n    - url: \"{url}\"\n      status: 201\n");
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy)]);
    let report = json(&folder, &["--online", "--allow-private", "--timeout", "2s", "--record", "seen"]);
    let endpoint = format!("http://{}/health?check=db&token=(12 characters)", server.address);
    assert!(said(&report).contains(endpoint.as_str()), "{:?}", said(&report));
    let stored: String = std::fs::read_dir(folder.at("seen"))
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(stored.contains("status: 200"), "{stored}");
    for secret in ["hunter22", "abcd1234"] {
        assert!(!stored.contains(secret), "{secret}: {stored}");
        assert!(!report.to_string().contains(secret), "{secret} in the report");
    }
    let again = json(&folder, &["--replay", "seen"]);
    assert_eq!(again, report);
}

/// The system calls of a run that concern the network, or `None` where strace cannot work.
fn sockets(folder: &Folder, args: &[&str]) -> Option<Vec<String>> {
    let log = folder.at("strace.log");
    let plain = command(folder, args);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", "trace=network", "-o"]).arg(&log).arg(plain.get_program()).args(plain.get_args());
    traced.current_dir(folder.0.path());
    let runs = Command::new("strace").args(["-o", "/dev/null", "true"]).output().is_ok_and(|run| run.status.success());
    if !runs {
        return None;
    }
    let status = traced.output().unwrap();
    assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    let text = std::fs::read_to_string(&log).unwrap_or_default();
    let is_call = |line: &&str| line.contains('(') && !line.contains("resumed>");
    Some(text.lines().filter(is_call).map(str::to_owned).collect())
}

#[test]
fn an_offline_run_opens_no_socket() {
    let server = Server::closes();
    let folder =
        Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy_of(&[server.address]))]);
    let Some(offline) = sockets(&folder, &["--exit-zero"]) else {
        eprintln!("SKIPPED: strace does not run here, so nothing shows that an offline run opens no socket");
        return;
    };
    assert_eq!(offline, [] as [String; 0]);
    let online = sockets(&folder, &["--exit-zero", "--online", "--allow-private", "--timeout", "1s", "--record", "r"]);
    assert!(online.is_some_and(|calls| calls.iter().any(|call| call.contains("connect("))), "strace sees nothing");
    let replay = sockets(&folder, &["--exit-zero", "--replay", "r"]).unwrap_or_default();
    // The event queue of the runtime is not even made.
    assert_eq!(replay, [] as [String; 0]);
}

#[test]
fn a_change_does_not_say_where_to_connect() {
    let (asked, injected) = (Server::closes(), Server::closes());
    let base = policy_of(&[asked.address]);
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &base)]);
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-q", "-m", "base"]);
    folder.write("seaworthy.yaml", format!("# moved\n{}", policy_of(&[injected.address])).as_bytes());
    let online = ["--online", "--allow-private", "--timeout", "300ms"];
    let report = json(&folder, &[&online[..], &["--policy-from", "HEAD"]].concat());
    assert_eq!(injected.met.load(Ordering::SeqCst), 0);
    assert!(asked.met.load(Ordering::SeqCst) > 0);
    assert!(said(&report).contains(asked.address.to_string().as_str()));
    // The file as it is now does not name the target: what is said of it stands at its start.
    let place = list(&report, "unknown").iter().chain(list(&report, "findings")).find(|one| {
        [&one["endpoint"], &one["location"]["endpoint"]].iter().any(|name| **name == asked.address.to_string())
    });
    let place = place.expect("something is said of the target");
    assert!(place["line"] == 1 || place["location"]["line"] == 1, "{place}");

    let asked_before = asked.met.load(Ordering::SeqCst);
    let lost = json(&folder, &[&online[..], &["--policy-from", "nowhere"]].concat());
    assert_eq!(injected.met.load(Ordering::SeqCst), 0, "a base that cannot be read opens no door");
    assert_eq!(asked.met.load(Ordering::SeqCst), asked_before);
    assert_eq!(list(&lost, "not_run").len(), 3, "{lost}");
}

#[test]
fn a_policy_outside_of_the_root_is_shown_by_its_name() {
    let server = Server::closes();
    let operators = Folder::new(&[("ops.yaml", &policy_of(&[server.address]))]);
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n")]);
    let policy = operators.at("ops.yaml");
    let policy = policy.to_str().unwrap();
    let report = json(&folder, &["--online", "--allow-private", "--timeout", "300ms", "--policy", policy]);
    let unknown = list(&report, "unknown").iter().find(|one| text(one, "endpoint") == server.address.to_string());
    let finding =
        list(&report, "findings").iter().find(|one| text(&one["location"], "endpoint") == server.address.to_string());
    let path = unknown.map(|one| text(one, "path")).or(finding.map(|one| text(&one["location"], "path")));
    assert_eq!(path, Some("ops.yaml"));
    let shown = serde_json::to_string(&report).unwrap();
    assert!(!shown.contains(operators.0.path().to_str().unwrap()), "a report names no folder of the machine");
}

#[test]
fn suppressions_for_targets_that_were_not_run_are_not_dead() {
    let policy = POLICY.replace(
        "      tls: [{host: shop.example.com}]\n",
        "      # seaworthy: ignore[tls/*] reason=\"the certificate is renewed by hand\" until=2026-12-31\n      tls: \
         [{host: shop.example.com}]\n",
    );
    let folder = Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy)]);
    let report = json(&folder, &["--env", "production"]);
    let dead: Vec<_> = list(&report, "findings").iter().filter(|one| text(one, "rule").contains("unused")).collect();
    assert_eq!(dead, [] as [&Value; 0]);
}

#[test]
fn links_lead_no_record_out_of_the_repository() {
    let outside = Folder::new(&[]);
    let server = Server::closes();
    let folder =
        Folder::repository(&[("Dockerfile", "FROM node:22\n"), ("seaworthy.yaml", &policy_of(&[server.address]))]);
    std::os::unix::fs::symlink(outside.0.path(), folder.at("out")).unwrap();
    let online = ["--online", "--allow-private", "--timeout", "300ms", "--exit-zero", "--record"];
    for dir in ["out", "out/deep"] {
        let output = run(&folder, &[&online[..], &[dir]].concat());
        assert_eq!(output.status.code(), Some(2), "{dir}");
        assert_eq!(std::fs::read_dir(outside.0.path()).unwrap().count(), 0, "{dir}");
    }
    assert_eq!(run(&folder, &[&online[..], &["in/deep"]].concat()).status.code(), Some(0));
    let written: Vec<_> = std::fs::read_dir(folder.at("in/deep")).unwrap().flatten().collect();
    let one = written.first().expect("a transcript").path();
    std::fs::remove_file(&one).unwrap();
    std::os::unix::fs::symlink(outside.at("prey"), &one).unwrap();
    assert_eq!(run(&folder, &[&online[..], &["in/deep"]].concat()).status.code(), Some(2));
    assert!(!outside.at("prey").exists());
}

#[test]
fn a_finding_of_an_endpoint_stands_on_its_line_of_the_policy_in_every_format() {
    let policy = Source::new(
        SourceId(0),
        Origin::File("seaworthy.yaml".into()),
        Encoding::Utf8,
        Role::Production,
        "targets:\n  tls:\n    - {host: shop.example.com}\n",
    );
    let at = policy.text().find('{').unwrap();
    let place = Span::new(SourceId(0), at..policy.text().len() - 1);
    let endpoint = Endpoint::new(Protocol::Tls, "shop.example.com:443", place);
    let transcript = "observed:\n  banner: hunter2hunter2\n";
    let seen = Source::new(SourceId(1), Origin::Endpoint(endpoint), Encoding::Utf8, Role::Production, transcript);
    let banner = Span::new(SourceId(1), 20..34);
    let finding = Finding {
        rule: "tls/banner".into(),
        format: None,
        severity: Severity::High,
        category: Category::Security,
        message: "the banner says `hunter2hunter2`".into(),
        subject: "banner".into(),
        role: Role::Production,
        primary: banner,
        related: Vec::new(),
        fingerprint: "0123456789abcdef0123456789abcdef".into(),
        group: None,
        fix: None,
        status: Status::Open,
    };
    let sources = [policy, seen];
    let masker = Masker::new(2, |source| {
        source.text().match_indices("hunter2hunter2").map(|(at, s)| at..at + s.len()).collect()
    });
    let report = Report::new(Inputs {
        sources: &sources,
        masker: &masker,
        tool: Tool { version: "0".into(), rules_digest: "0".into() },
        run: Run {
            paths: vec![".".into()],
            now: "2026-11-21T00:00:00Z".into(),
            env: None,
            profile: "recommended".into(),
            online: true,
            partial: false,
            policy_path: None,
            policy_digest: None,
        },
        findings: vec![finding],
        unknown: Vec::new(),
        not_run: Vec::new(),
        skipped: Vec::new(),
        checklist: Vec::new(),
        tallies: Vec::new(),
        rules: Vec::new(),
        inspected: 0,
        asked: 1,
        weights: &Weights::default(),
        gate: &Gate::default(),
        min_severity: Severity::Info,
        needs: Needs { table_frames: true, page_frames: true, all_frames: true, line_hashes: true },
    });
    for format in Format::ALL {
        let mut page = Vec::new();
        render(&report, format, &Style::default(), &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        let name = format.name();
        assert!(page.contains("seaworthy.yaml"), "{name}: {page}");
        assert!(page.contains("shop.example.com:443"), "{name}: {page}");
        assert!(!page.contains("hunter2"), "{name}: {page}");
        assert!(!page.contains(".transcript"), "{name}: {page}");
    }
    let mut page = Vec::new();
    render(&report, Format::Json, &Style::default(), &mut page).unwrap();
    let json: Value = serde_json::from_slice(&page).unwrap();
    let location = &json["findings"][0]["location"];
    assert_eq!((text(location, "path"), text(location, "endpoint")), ("seaworthy.yaml", "shop.example.com:443"));
    assert_eq!((&location["line"], &location["column"]), (&Value::from(3), &Value::from(7)));
}
