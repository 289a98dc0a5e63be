use proptest::prelude::*;

use super::document::{Document, Problem};
use super::{Dns, read};
use crate::fact::Role;
use crate::inspect::{Among, Inspector};
use crate::source::{Encoding, Origin, Source};
use crate::span::SourceId;

const HEAD: &str =
    "$ORIGIN example.com.\n$TTL 1h\n@ IN SOA ns1 hostmaster (\n  2026010101 ; serial\n  4h 1h 2w 1h )\n  NS ns1\n";

fn zone(body: &str) -> Document {
    read::read(&format!("{HEAD}{body}"), "example.com.zone")
}

fn shown(document: &Document) -> Vec<String> {
    let line = |record: &super::document::Record| {
        format!("{} {} {} {}", record.owner, record.ttl.unwrap_or(0), record.kind, record.shown())
    };
    document.records.iter().skip(2).map(line).collect()
}

fn source(path: &str, text: &str) -> Source {
    Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text)
}

#[test]
fn what_rfc_1035_allows_is_read() {
    let document = zone(
        "www 300 IN A 198.51.100.1\n    IN 60 AAAA 2001:db8::1\n$ORIGIN sub\nmail MX 10 @\n@ A 198.51.100.2\n\
         a\\.b.example.com. TXT \"x y\" z\\;w\nt TYPE65280 \\# 2 0aFF\n$TTL 5\nlast CNAME .\n",
    );
    assert!(document.faults.is_empty(), "{:?}", document.faults);
    assert_eq!(
        shown(&document),
        [
            "www.example.com 300 A 198.51.100.1",
            "www.example.com 60 AAAA 2001:db8::1",
            "mail.sub.example.com 3600 MX 10 sub.example.com",
            "sub.example.com 3600 A 198.51.100.2",
            "a\\.b.example.com 3600 TXT x yz;w",
            "t.sub.example.com 3600 TYPE65280 \\# 2 0aFF",
            "last.sub.example.com 5 CNAME .",
        ]
    );
    assert_eq!(document.origin.map(|name| name.to_string()).as_deref(), Some("example.com"));
}

#[test]
fn generate_makes_records_with_one_place() {
    let document =
        zone("$GENERATE 1-5/2 host${10,3,d} A 10.0.0.$\n$GENERATE 1-2 x$ CNAME $.other\n$GENERATE x y A 1\n");
    assert_eq!(
        shown(&document),
        [
            "host011.example.com 3600 A 10.0.0.1",
            "host013.example.com 3600 A 10.0.0.3",
            "host015.example.com 3600 A 10.0.0.5",
            "x1.example.com 3600 CNAME 1.other.example.com",
            "x2.example.com 3600 CNAME 2.other.example.com",
        ]
    );
    let repeated: Vec<bool> = document.records.iter().skip(2).map(|record| record.is_repeated).collect();
    assert_eq!(repeated, [false, true, true, false, true]);
    assert_eq!(document.faults.len(), 1);
}

#[test]
fn a_broken_record_says_what_and_the_rest_is_read() {
    let document =
        zone("a A 1.2.3\nb AAAA 1.2.3.4\nc MX ten mail\nd FOO x\ne..f A 1.2.3.4\ng CAA 0 issue\nok A 192.0.2.1\n");
    let problems: Vec<Problem> = document.faults.iter().map(|fault| fault.problem).collect();
    use Problem::*;
    assert_eq!(problems, [Address, Address, Number, Type, Name, Syntax]);
    assert_eq!(shown(&document), ["ok.example.com 3600 A 192.0.2.1"]);
}

/// Sources of one tree.
fn tree(files: &[(&str, String)]) -> Vec<Source> {
    let one = |((path, text), id): (&(&str, String), u32)| {
        let origin = Origin::File((*path).into());
        Source::new(SourceId(id), origin, Encoding::Utf8, Role::Production, text.as_str())
    };
    files.iter().zip(0..).map(one).collect()
}

#[test]
fn included_files_are_read_where_they_stand() {
    let sources = tree(&[
        (
            "dns/example.com.zone",
            format!("{HEAD}$INCLUDE parts/hosts.inc\n$INCLUDE \"/etc/bind/dns/mail.inc\" mail\nafter A 192.0.2.9\n"),
        ),
        ("dns/mail.inc", "mx A 192.0.2.300\n".into()),
        ("dns/parts/hosts.inc", "www A 192.0.2.1\n$INCLUDE more.inc\n".into()),
        ("dns/parts/more.inc", "deep CNAME nowhere\n".into()),
    ]);
    let inspection = Dns.inspect_among(&sources[0], &Among::new(&sources, &[]));
    assert!(inspection.problems.is_empty(), "{:?}", inspection.problems);
    let place = |path: &str| {
        let fact = inspection.facts.iter().find(|fact| &*fact.path == path).unwrap_or_else(|| panic!("{path}"));
        let source = &sources[fact.span.source.0 as usize];
        (source.path(), &source.text()[fact.span.range()])
    };
    assert_eq!(place("www.example.com/A"), ("dns/parts/hosts.inc", "A"));
    assert_eq!(place("deep.example.com/CNAME"), ("dns/parts/more.inc", "CNAME"));
    assert_eq!(place("after.example.com/A"), ("dns/example.com.zone", "A"), "the origin is the file's own again");
    let broken = inspection.facts.iter().find(|fact| fact.subject().name == "dns.line").unwrap();
    assert_eq!(sources[broken.span.source.0 as usize].path(), "dns/mail.inc");
    let alias = inspection.facts.iter().find(|fact| &*fact.path == "deep.example.com/CNAME").unwrap();
    let known = alias.record.get("target_exists").unwrap();
    assert_eq!(known.as_bool(), Some(false), "all of the zone was read");
    for part in &sources[1..] {
        let alone = Dns.inspect_among(part, &Among::new(&sources, &[]));
        assert!(alone.facts.is_empty() && alone.problems.is_empty(), "{}", part.path());
    }
    assert!(Dns.wants("dns/hosts.inc") && Dns.claims("dns/hosts.inc", "www A 192.0.2.1\n"));
    assert!(!Dns.claims("lib/config.inc", "<?php echo 1;\n") && !Dns.claims("a.inc", "; nothing\n"));
    assert!(Dns.claims("Kexample.com.+013+12345.key", "example.com. IN DNSKEY 257 3 13 aGVsbG8=\n"));
}

#[test]
fn circles_and_files_elsewhere_are_said() {
    let sources = tree(&[
        ("a/example.com.zone", format!("{HEAD}$INCLUDE one.inc\n$INCLUDE ../../secret\n$INCLUDE\n")),
        ("a/one.inc", "x A 192.0.2.1\n$INCLUDE two.inc\n".into()),
        ("a/two.inc", "y A 192.0.2.2\n$INCLUDE one.inc\n".into()),
    ]);
    let inspection = Dns.inspect_among(&sources[0], &Among::new(&sources, &[]));
    let told: Vec<(String, &str)> = inspection
        .problems
        .iter()
        .map(|problem| (problem.reason.to_string(), sources[problem.span.source.0 as usize].path()))
        .collect();
    let expected = [
        ("`$INCLUDE one.inc` is not followed: it includes itself".to_owned(), "a/two.inc"),
        (
            "`$INCLUDE ../../secret` is not followed: it lies outside of what is examined".to_owned(),
            "a/example.com.zone",
        ),
    ];
    assert_eq!(told, expected);
    assert!(inspection.facts.iter().any(|fact| &*fact.path == "y.example.com/A"));
}

#[test]
fn what_many_zones_may_multiply_is_shared_out() {
    let text = format!("{HEAD}$INCLUDE big\n$generate 1-600 h$ A 192.0.2.1\n");
    let big = format!("www A 192.0.2.1\n{}", "; nothing\n".repeat(2_000));
    let opened = super::include::Opened { source: SourceId(1), path: "big", text: &big };
    let open = |_: &str, _: &str| Ok(opened);
    let among = |zones| read::read_with(&text, "example.com.zone", read::Share::among(zones), &open);
    assert!(read::multiplies(&text) && read::multiplies("  $Include x") && !read::multiplies("$TTL 5\nx A 192.0.2.1"));
    let (few, many) = (among(1), among(1_000_000));
    assert_eq!((few.records.len(), few.includes.len(), few.is_cut), (603, 0, false));
    assert_eq!((many.records.len(), many.includes.len(), many.is_cut), (2 + 256, 1, true));
    assert!(many.includes[0].1.contains("more is included than is read of all zones together"));
}

#[test]
fn includes_and_templates_that_are_not_followed_are_said() {
    let include = source("example.com.zone", &format!("{HEAD}$INCLUDE ../../etc/passwd\nwww CNAME nowhere\n"));
    let inspection = Dns.inspect(&include);
    assert_eq!(inspection.problems.len(), 1);
    assert!(inspection.problems[0].reason.to_string().contains("`$INCLUDE ../../etc/passwd` is not followed"));
    let alias = inspection.facts.iter().find(|fact| &*fact.path == "www.example.com/CNAME").unwrap();
    let known = alias.record.get("target_exists").unwrap();
    assert!(matches!(known.data, crate::fact::Data::Absent), "what another file may hold is not missing");
    let template = source("example.com.zone", &format!("{HEAD}www A {{{{ ip }}}}\n"));
    let inspection = Dns.inspect(&template);
    assert!(inspection.facts.is_empty() && inspection.problems.len() == 1);
}

#[test]
fn zones_are_claimed_and_their_namesakes_are_not() {
    for path in [
        "example.com.zone",
        "db.example.com",
        "zones/example.com.db",
        "db.127",
        "example.com.zone.signed",
        "10.in-addr.arpa.rev",
    ] {
        assert!(Dns.wants(path) && Dns.claims(path, HEAD), "{path}");
    }
    for (path, text) in [
        ("app.db", "SQLite format 3\0"),
        ("users.db", "id,name\n1,SOA\n"),
        ("db.ts", "export const A = 1;\nexport const NS = 'SOA';\n"),
        ("named.conf", "zone \"example.com\" { type master; file \"db.example.com\"; };\n"),
        ("climate.zone", "name: alpine\nheight: 2000\n"),
        ("x.transcript", "seaworthy: transcript/1\nprotocol: tls\n"),
        ("db.yaml", "a: IN\nb: MX\n"),
    ] {
        assert!(!Dns.claims(path, text), "{path}");
    }
    for path in
        ["app.db", "data/shop.sqlite.db3", "db.ts", "db.sql", "src/db.go", "db.sqlite3", "named.conf", "Thumbs.db"]
    {
        assert!(!Dns.wants(path), "{path}");
    }
    assert!(Dns.claims("part.zone", "$TTL 60\nwww A 192.0.2.1\n"));
    assert!(Dns.claims("x.transcript", "seaworthy: transcript/1\nprotocol: dns\nendpoint: a.example\n"));
}

#[test]
fn a_failure_of_the_probe_is_a_problem_and_no_fact() {
    let text = "seaworthy: transcript/1\nprotocol: dns\nendpoint: a.example\ntarget:\n  name: a.example\nobserved:\n  failure: \"timed out: answer\"\n";
    let unreachable = source("a.transcript", text);
    let inspection = Dns.inspect(&unreachable);
    assert!(inspection.facts.is_empty());
    assert_eq!(inspection.problems[0].reason.to_string(), "timed out: answer");
}

#[test]
fn large_and_hostile_texts_take_no_time() {
    let start = std::time::Instant::now();
    let many = format!("{HEAD}{}", "www A 192.0.2.1\n".repeat(60_000));
    assert!(read::read(&many, "example.com.zone").is_cut);
    for text in [
        "(\n".repeat(100_000),
        "\"".repeat(200_000),
        "a A 1 (\n".repeat(50_000),
        "\\".repeat(100_000),
        format!("{HEAD}$GENERATE 0-4294967295 a$ A 1.2.3.$\n"),
    ] {
        read::read(&text, "example.com.zone");
    }
    let chain: String = (0..4000).map(|n| format!("a{n} CNAME a{}\n", n + 1)).collect();
    let long = source("example.com.zone", &format!("{HEAD}{chain}"));
    assert!(!Dns.inspect(&long).facts.is_empty());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

const PIECES: [&str; 44] = [
    "@",
    "www",
    " ",
    "\t",
    "\n",
    "\r\n",
    "IN ",
    "A ",
    "AAAA ",
    "CNAME ",
    "MX ",
    "TXT ",
    "SOA ",
    "NS ",
    "CAA ",
    "SRV ",
    "DS ",
    "DNSKEY ",
    "RRSIG ",
    "192.0.2.1",
    "2001:db8::1",
    "example.com.",
    "10 ",
    "300 ",
    "(",
    ")",
    ";",
    "\"",
    "\\",
    "\\059",
    "$ORIGIN ",
    "$TTL ",
    "$INCLUDE ",
    "$GENERATE ",
    "1-3 ",
    "v=spf1 include:a.b -all",
    "v=DMARC1; p=none",
    "_dmarc ",
    "*.",
    ".",
    "é",
    "😀",
    "\0",
    "\u{feff}",
];

proptest! {
    #[test]
    fn whatever_is_read_lies_within_the_text(pieces in prop::collection::vec(0..PIECES.len(), 0..60), with_head in any::<bool>()) {
        let mut text: String = if with_head { HEAD.into() } else { String::new() };
        text.extend(pieces.iter().map(|index| PIECES[*index]));
        let source = source("example.com.zone", &text);
        let document = read::read(&text, "example.com.zone");
        for fault in &document.faults {
            prop_assert!(text.get(fault.place.clone()).is_some(), "{fault:?}");
        }
        let inspection = Dns.inspect(&source);
        let again = Dns.inspect(&source);
        prop_assert_eq!(format!("{:?}", inspection.facts), format!("{:?}", again.facts));
        for fact in &inspection.facts {
            prop_assert!(text.get(fact.span.range()).is_some());
            for span in fact.record.values.iter().filter_map(|value| value.span) {
                prop_assert!(text.get(span.range()).is_some(), "{span:?}");
            }
        }
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        let _ = read::read(&text, "x.zone");
        let _ = read::record(&text);
    }
}
