//! Transcripts → facts, and the observatory's score case by case.

use super::document::Probe;
use super::score::{self, Score};
use super::*;
use crate::fact::{Data, Role};
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(text: &str) -> Source {
    Source::new(SourceId(0), Origin::File("x.transcript".into()), Encoding::Utf8, Role::Production, text)
}

/// A quoted YAML text.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The transcript of a page with these headers, and what else was seen: exchanges as YAML.
fn transcript(headers: &[(&str, &str)], body: &str, more: &str) -> String {
    let list: String = headers.iter().map(|(name, value)| format!("        - {name}: {}\n", quoted(value))).collect();
    let body = if body.is_empty() { String::new() } else { format!("      body:\n{body}") };
    format!(
        "seaworthy: transcript/1\nprotocol: http\nendpoint: https://shop.example.com/\nobserved:\n  exchanges:\n    - probe: \
         main\n      url: https://shop.example.com/\n      status: 200\n      headers:\n        - content-type: \
         text/html\n{list}{body}{more}"
    )
}

const PLAIN: &str = "    - probe: plain\n      url: http://shop.example.com/\n      status: 301\n      headers:\n        - \
                     location: https://shop.example.com/\n";
const CORS: &str = "    - probe: cors\n      url: https://shop.example.com/\n      origin: https://seaworthy.invalid\n      status: 200\n";

fn scored(text: &str) -> Result<Score, &'static str> {
    let source = source(text);
    let document = read::read(source.tree()).expect("a transcript");
    let page = document.of(&[Probe::Main, Probe::Follow]).next_back().expect("an answer");
    let headers = page.headers.iter().filter(|header| header.name.text() == "content-security-policy").copied();
    let meta = page.body.meta.iter().filter(|header| header.name.text() == "content-security-policy").copied();
    let mut policies = csp::read(headers, false);
    policies.extend(csp::read(meta, true));
    score::score(&document, page, csp::allowed(&policies).as_ref())
}

/// The outcome of one test.
fn outcome(text: &str, test: &str) -> &'static str {
    let score = scored(text).expect("a score");
    score.marks.iter().find(|mark| mark.test == test).map_or("", |mark| mark.outcome)
}

/// Policies and what the observatory makes of them (its version 1.6.3).
const POLICIES: &[(&[&str], &str)] = &[
    (&[], "csp-not-implemented"),
    (&[""], "csp-header-invalid"),
    (&["defa"], "csp-header-invalid"),
    (&["default-src 'none'; default-src 'none'"], "csp-header-invalid"),
    (&["default-src 'none'; script-src 'strict-dynamic'"], "csp-header-invalid"),
    (&["default-src 'none'; script-src https://*"], "csp-implemented-with-unsafe-inline"),
    (&["default-src 'none'; script-src 'unsafe-inline'"], "csp-implemented-with-unsafe-inline"),
    (&["script-src data:"], "csp-implemented-with-unsafe-inline"),
    (&["default-src 'UNSAFE-INLINE'"], "csp-implemented-with-unsafe-inline"),
    (&["upgrade-insecure-requests"], "csp-implemented-with-unsafe-inline"),
    (&["script-src 'none'"], "csp-implemented-with-unsafe-inline"),
    (&["default-src https://a.example https:"], "csp-implemented-with-unsafe-inline"),
    (&["default-src *; script-src *; object-src 'none'"], "csp-implemented-with-unsafe-inline"),
    (&["default-src 'none'; script-src 'none'; object-src *"], "csp-implemented-with-unsafe-inline"),
    (&["object-src https:; script-src 'none'"], "csp-implemented-with-unsafe-inline"),
    (&["default-src http://a.example"], "csp-implemented-with-insecure-scheme"),
    (&["default-src 'none'; script-src ftp://a.example"], "csp-implemented-with-insecure-scheme"),
    (&["default-src 'none'; script-src 'unsafe-eval'"], "csp-implemented-with-unsafe-eval"),
    (&["default-src 'none'; img-src http://a.example"], "csp-implemented-with-insecure-scheme-in-passive-content-only"),
    (
        &["default-src 'none'; img-src 'none'; media-src http:; style-src 'unsafe-inline'"],
        "csp-implemented-with-insecure-scheme-in-passive-content-only",
    ),
    (
        &["object-src 'none'; script-src 'none'; style-src 'unsafe-inline'"],
        "csp-implemented-with-unsafe-inline-in-style-src-only",
    ),
    (
        &["default-src 'none';;; ;;;style-src 'self' 'unsafe-inline'"],
        "csp-implemented-with-unsafe-inline-in-style-src-only",
    ),
    (&["default-src 'none'; style-src https:"], "csp-implemented-with-unsafe-inline-in-style-src-only"),
    (&["default-src https://a.example"], "csp-implemented-with-no-unsafe"),
    (
        &["object-src 'none'; script-src 'strict-dynamic' 'nonce-abc' 'unsafe-inline' https:; style-src 'none'"],
        "csp-implemented-with-no-unsafe",
    ),
    (&["default-src 'self'; style-src 'unsafe-inline' 'nonce-abc'"], "csp-implemented-with-no-unsafe"),
    (&["default-src"], "csp-implemented-with-no-unsafe-default-src-none"),
    (&["default-src 'none'; object-src https://a.example"], "csp-implemented-with-no-unsafe-default-src-none"),
    (&["default-src 'self'; report-uri /a; report-uri /b"], "csp-implemented-but-duplicate-directives"),
    (&["default-src 'none'", "default-src https://a.example"], "csp-implemented-with-no-unsafe-default-src-none"),
    (
        &["default-src 'self' 'unsafe-inline'", "script-src 'self'; object-src 'none'"],
        "csp-implemented-with-unsafe-inline-in-style-src-only",
    ),
];

#[test]
fn policies_come_out_as_at_the_observatory() {
    for (policies, expected) in POLICIES {
        let headers: Vec<_> = policies.iter().map(|policy| ("content-security-policy", *policy)).collect();
        let text = transcript(&headers, "", &format!("{PLAIN}{CORS}"));
        assert_eq!(outcome(&text, "content-security-policy"), *expected, "{policies:?}");
    }
}

/// A header, its value and what the observatory makes of it.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "strict-transport-security",
        "max-age=15768000; includeSubDomains",
        "hsts-implemented-max-age-at-least-six-months",
    ),
    ("strict-transport-security", "max-age=15552000", "hsts-implemented-max-age-at-least-six-months"),
    ("strict-transport-security", "max-age=86400", "hsts-implemented-max-age-less-than-six-months"),
    ("strict-transport-security", "max-age=0", "hsts-implemented-max-age-less-than-six-months"),
    ("strict-transport-security", "includeSubDomains; preload", "hsts-header-invalid"),
    ("strict-transport-security", "max-age=15768000, max-age=15768000", "hsts-header-invalid"),
    ("x-frame-options", "DENY", "x-frame-options-sameorigin-or-deny"),
    ("x-frame-options", " sameorigin ", "x-frame-options-sameorigin-or-deny"),
    ("x-frame-options", "ALLOW-FROM https://a.example", "x-frame-options-allow-from-origin"),
    ("x-frame-options", "SAMEORIGIN, SAMEORIGIN", "x-frame-options-header-invalid"),
    ("x-frame-options", "whimsy", "x-frame-options-header-invalid"),
    ("x-content-type-options", "NoSniff ", "x-content-type-options-nosniff"),
    ("x-content-type-options", "whimsy", "x-content-type-options-header-invalid"),
    ("referrer-policy", "no-referrer", "referrer-policy-private"),
    ("referrer-policy", "unsafe-url, strict-origin", "referrer-policy-private"),
    ("referrer-policy", "no-referrer, unsafe-url", "referrer-policy-unsafe"),
    ("referrer-policy", "no-referrer-when-downgrade", "referrer-policy-unsafe"),
    ("referrer-policy", "whimsy", "referrer-policy-header-invalid"),
    ("cross-origin-embedder-policy", "require-corp; report-to=\"x\"", "coep-implemented-with-require-corp"),
    ("cross-origin-embedder-policy", "credentialless", "coep-implemented-with-credentialless"),
    ("cross-origin-embedder-policy", "unsafe-none", "coep-implemented-with-unsafe-none"),
    ("cross-origin-embedder-policy", "\"require-corp\"", "coep-header-invalid"),
    ("cross-origin-embedder-policy", "Require-Corp", "coep-header-invalid"),
    ("cross-origin-embedder-policy", "require-corp; report-to=coep endpoint", "coep-header-invalid"),
    ("cross-origin-embedder-policy", "require-corp; report-to", "coep-implemented-with-require-corp"),
    ("cross-origin-opener-policy", "noopener-allow-popups", "coop-implemented-with-noopener-allow-popups"),
    ("cross-origin-opener-policy", "same-origin-allow-popups", "coop-implemented-with-same-origin-allow-popups"),
    ("cross-origin-opener-policy", "whimsy", "coop-header-invalid"),
    ("cross-origin-resource-policy", "Same-Site", "corp-implemented-with-same-site"),
    ("cross-origin-resource-policy", "cross-origin", "corp-implemented-with-cross-origin"),
    ("cross-origin-resource-policy", "whimsy", "corp-header-invalid"),
    ("set-cookie", "a=(1 characters); Secure; HttpOnly", "cookies-secure-with-httponly-sessions"),
    ("set-cookie", "heroku-session-affinity=(1 characters)", "cookies-not-found"),
    (
        "set-cookie",
        "SESSIONID=(1 characters); Secure; HttpOnly; SameSite=Strict",
        "cookies-secure-with-httponly-sessions-and-samesite",
    ),
    ("set-cookie", "SESSIONID=(1 characters); Secure; HttpOnly; SameSite=", "cookies-samesite-flag-invalid"),
    ("set-cookie", "a=(1 characters); Secure; SameSite=True", "cookies-samesite-flag-invalid"),
    ("set-cookie", "a=(1 characters); SameSite=None", "cookies-samesite-flag-invalid"),
    ("set-cookie", "CSRFTOKEN=(1 characters); Secure; HttpOnly", "cookies-anticsrf-without-samesite-flag"),
    ("set-cookie", "a=(1 characters)", "cookies-without-secure-flag"),
    ("set-cookie", "SESSIONID=(1 characters); Secure", "cookies-session-without-httponly-flag"),
    ("set-cookie", "SESSIONID=(1 characters); HttpOnly", "cookies-session-without-secure-flag"),
    ("set-cookie", "login=(1 characters)", "cookies-session-without-secure-flag"),
];

#[test]
fn headers_come_out_as_at_the_observatory() {
    for (name, value, expected) in HEADERS {
        let text = transcript(&[(name, value)], "", &format!("{PLAIN}{CORS}"));
        let test = if *name == "set-cookie" { "cookies" } else { name };
        assert_eq!(outcome(&text, test), *expected, "{name}: {value}");
    }
    let protected =
        [("strict-transport-security", "max-age=15768000"), ("set-cookie", "SESSIONID=(1 characters); HttpOnly")];
    let text = transcript(&protected, "", &format!("{PLAIN}{CORS}"));
    assert_eq!(outcome(&text, "cookies"), "cookies-session-without-secure-flag-but-protected-by-hsts");
    let framed = [("content-security-policy", "frame-ancestors 'none'"), ("x-frame-options", "whimsy")];
    let text = transcript(&framed, "", &format!("{PLAIN}{CORS}"));
    assert_eq!(outcome(&text, "x-frame-options"), "x-frame-options-implemented-via-csp");
}

#[test]
fn redirects_come_out_as_at_the_observatory() {
    let at = |url: &str, status: u16, to: &str| {
        let location =
            if to.is_empty() { String::new() } else { format!("      headers:\n        - location: {to}\n") };
        format!("      url: {url}\n      status: {status}\n{location}")
    };
    let (own, first, next) = ("http://shop.example.com/", "    - probe: plain\n", "    - probe: plain-follow\n");
    for (chain, expected) in [
        (format!("{first}{}", at(own, 200, "")), "redirection-missing"),
        (format!("{first}{}", at(own, 301, "https://shop.example.com/")), "redirection-to-https"),
        (format!("{first}{}", at(own, 301, "https://shop.example.com:8443/")), "redirection-to-https"),
        (format!("{first}{}", at(own, 301, "https://www.shop.example.com/")), "redirection-off-host-from-http"),
        (
            format!("{first}{}{next}{}", at(own, 301, "/x"), at("http://shop.example.com/x", 200, "")),
            "redirection-not-to-https",
        ),
        (
            format!(
                "{first}{}{next}{}",
                at(own, 301, "/x"),
                at("http://shop.example.com/x", 301, "https://shop.example.com/x")
            ),
            "redirection-not-to-https-on-initial-redirection",
        ),
        (
            format!("{first}      url: {own}\n      failure: the connection was refused\n      reached: false\n"),
            "redirection-not-needed-no-http",
        ),
    ] {
        assert_eq!(outcome(&transcript(&[], "", &format!("{chain}{CORS}")), "redirection"), expected, "{chain}");
    }
}

#[test]
fn sharing_and_scripts_come_out_as_at_the_observatory() {
    let shared = |headers: &str| transcript(&[], "", &format!("{PLAIN}{CORS}      headers:\n{headers}"));
    let test = "cross-origin-resource-sharing";
    let (allow, with) =
        ("        - access-control-allow-origin: ", "        - access-control-allow-credentials: \"true\"\n");
    for (headers, expected) in [
        (format!("{allow}\"*\"\n"), "cross-origin-resource-sharing-implemented-with-public-access"),
        (
            format!("{allow}https://seaworthy.invalid\n"),
            "cross-origin-resource-sharing-implemented-with-restricted-access",
        ),
        (
            format!("{allow}https://seaworthy.invalid\n{with}"),
            "cross-origin-resource-sharing-implemented-with-universal-access",
        ),
        (
            format!("{allow}https://a.example\n{with}"),
            "cross-origin-resource-sharing-implemented-with-restricted-access",
        ),
    ] {
        assert_eq!(outcome(&shared(&headers), test), expected, "{headers}");
    }
    let script = |url: &str, digest: bool| {
        let body = format!(
            "        scripts: 1\n        loads:\n          - kind: script\n            url: {url}\n            integrity: {digest}\n"
        );
        transcript(&[], &body, &format!("{PLAIN}{CORS}"))
    };
    for (url, digest, expected) in [
        ("https://cdn.example.net/x.js", true, "sri-implemented-and-external-scripts-loaded-securely"),
        ("https://cdn.example.net/x.js", false, "sri-not-implemented-but-external-scripts-loaded-securely"),
        ("http://cdn.example.net/x.js", true, "sri-implemented-but-external-scripts-not-loaded-securely"),
        ("http://cdn.example.net/x.js", false, "sri-not-implemented-and-external-scripts-not-loaded-securely"),
        ("//cdn.example.net/x.js", false, "sri-not-implemented-and-external-scripts-not-loaded-securely"),
        ("https://static.example.com/x.js", false, "sri-not-implemented-but-all-scripts-loaded-from-secure-origin"),
    ] {
        assert_eq!(outcome(&script(url, digest), "subresource-integrity"), expected, "{url} {digest}");
    }
}

#[test]
fn the_score_adds_up() {
    let score = |headers: &[(&str, &str)]| {
        let score = scored(&transcript(headers, "", &format!("{PLAIN}{CORS}"))).expect("a score");
        (score.value, score.grade)
    };
    // No policy −25, no HSTS −20, no frame limit −20, no nosniff −5.
    assert_eq!(score(&[]), (30, "D"));
    let sound = [
        ("strict-transport-security", "max-age=63072000"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
    ];
    // Bonuses: policy 10, frames 5.
    assert_eq!(score(&sound), (115, "A+"));
    // Without HSTS: below 90 no bonus counts.
    assert_eq!(score(&sound[1..]), (80, "B+"));
    assert!(scored(&transcript(&[], "", PLAIN)).is_err(), "other origins were not tried");
    assert!(scored(&transcript(&[], "", CORS)).is_err(), "the host was not asked without TLS");
}

#[test]
fn what_was_not_seen_is_unknown() {
    let text = transcript(&[], "", "");
    let source = source(&text);
    let inspection = Http.inspect(&source);
    assert_eq!(inspection.problems, []);
    let endpoint = inspection.facts.iter().find(|fact| fact.subject().name == "http.endpoint").expect("an endpoint");
    for field in ["has_plain", "score", "latency"] {
        let value = endpoint.record.get(field).map(|value| &value.data);
        assert!(matches!(value, Some(Data::Unknown(_))), "{field}: {value:?}");
    }
}

#[test]
fn a_target_that_showed_nothing_is_one_unknown() {
    let begin = "seaworthy: transcript/1\nprotocol: http\nendpoint: https://shop.example.com/\n";
    for (rest, why) in [
        ("observed:\n  failure: the connection was refused\n", "the connection was refused"),
        ("observed:\n  exchanges:\n    - probe: main\n      failure: \"timed out: answer\"\n", "timed out: answer"),
        ("observed:\n  exchanges: []\n", "nothing was seen of it"),
        ("observed: [\n", ""),
        ("", "nothing was seen of it"),
    ] {
        let text = format!("{begin}{rest}");
        let source = source(&text);
        let inspection = Http.inspect(&source);
        assert!(inspection.facts.is_empty() && inspection.problems.len() == 1, "{rest}");
        assert!(inspection.problems[0].reason.to_string().contains(why), "{rest}: {}", inspection.problems[0].reason);
    }
}

#[test]
fn only_transcripts_of_this_protocol_are_claimed() {
    assert!(Http.claims("x.transcript", "seaworthy: transcript/1\nprotocol: http\n"));
    assert!(!Http.claims("x.transcript", "seaworthy: transcript/1\nprotocol: tls\n"));
    assert!(!Http.claims("x.yaml", "seaworthy: transcript/1\nprotocol: http\n"));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(lines in proptest::collection::vec("[ -]{0,8}(probe|url|status|headers|body|loads|kind|endpoint|observed|exchanges|target|json|set-cookie|content-security-policy|main|cors|plain)?:? ?[!-~é]{0,12}", 0..30)) {
        let text = format!("seaworthy: transcript/1\nprotocol: http\n{}", lines.join("\n"));
        check(&text);
    }

    #[test]
    fn any_value_is_judged(values in proptest::collection::vec("[ -~é]{0,60}", 12), cut in 0_usize..1200) {
        let names = ["content-security-policy", "strict-transport-security", "set-cookie", "location", "content-type", "cache-control",
            "referrer-policy", "x-frame-options", "via", "access-control-allow-origin", "vary", "server"];
        let headers: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        let text = transcript(&headers, "", &format!("{PLAIN}{CORS}"));
        check(&text);
        check(text.get(..cut).unwrap_or(&text));
        check(&text.replace("status: 200", "status: 302"));
    }
}

/// Whatever the text: no panic, and every place lies in it.
fn check(text: &str) {
    let source = source(text);
    let inspection = Http.inspect(&source);
    let inside = |span: crate::span::Span| assert!(text.get(span.range()).is_some(), "{span:?} {text}");
    for fact in &inspection.facts {
        inside(fact.span);
        fact.record.values.iter().filter_map(|value| value.span).for_each(inside);
    }
    inspection.problems.iter().for_each(|problem| inside(problem.span));
}
