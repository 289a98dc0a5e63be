//! The score of MDN's HTTP observatory (1.6), computed from what was seen: the same tests, outcomes and points.
//!
//! Compared with it over 3,000 pages made up at random (the outcomes of `docs/network-http.md`). Where we differ, and why: several content security policies all apply (theirs are merged source by source), a quoted
//! `max-age` is read, redirects to other hosts are not followed (no score then), nobody asks `/robots.txt` for more
//! cookies, and browsers' preload lists are not looked up.

use std::collections::HashSet;

use super::csp::Allowed;
use super::document::{Document, Exchange, Probe};
use super::header::{self, Cookie, Hsts};
use super::url::Parts;
use crate::span::Span;
use crate::syntax::tree::Node;

/// One test with its outcome, in the observatory's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What was tested.
    pub test: &'static str,
    /// How it came out.
    pub outcome: &'static str,
    /// Points.
    pub points: i64,
    /// What decided it.
    pub span: Span,
}

/// A score with all that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// 0 at least; more than 100 with bonuses.
    pub value: i64,
    /// `A+` to `F`.
    pub grade: &'static str,
    /// The tests.
    pub marks: Vec<Mark>,
}

/// Bonuses count from this score on.
const BONUS_FROM: i64 = 90;
/// About six months: 180 days, which is what sites use.
const SIX_MONTHS: u64 = 15_552_000;

/// The score, or why there is none.
pub fn score(document: &Document<'_>, page: &Exchange<'_>, csp: Option<&Allowed>) -> Result<Score, &'static str> {
    let status = page.code().ok_or("there is no answer to score")?;
    if status < 200 || (status >= 400 && !matches!(status, 401 | 403)) {
        return Err("the answer is an error");
    }
    let url = Parts::of(page.url_text()).ok_or("the URL cannot be read")?;
    if page.location().is_some() {
        return Err("the page is behind a redirect that was not followed");
    }
    let hsts = strict_transport(page, &url);
    let protected = hsts.outcome == "hsts-implemented-max-age-at-least-six-months";
    let marks = vec![
        policy(page, csp),
        cookies(document, page, protected),
        sharing(document)?,
        redirection(document, &url)?,
        referrer(page),
        hsts,
        integrity(page, &url),
        sniffing(page),
        framing(page, csp),
        resource(page),
        embedder(page),
        opener(page),
    ];
    let lost: i64 = marks.iter().map(|mark| mark.points.min(0)).sum();
    let all: i64 = marks.iter().map(|mark| mark.points).sum();
    let value = if 100 + lost >= BONUS_FROM { 100 + all } else { 100 + lost }.max(0);
    Ok(Score { value, grade: grade(value), marks })
}

fn grade(score: i64) -> &'static str {
    match score.min(100) / 5 * 5 {
        100 => "A+",
        90..=95 => "A",
        85 => "A-",
        80 => "B+",
        70..=75 => "B",
        65 => "B-",
        60 => "C+",
        50..=55 => "C",
        45 => "C-",
        40 => "D+",
        30..=35 => "D",
        25 => "D-",
        _ => "F",
    }
}

fn mark(test: &'static str, (outcome, points): (&'static str, i64), span: Span) -> Mark {
    Mark { test, outcome, points, span }
}

fn policy(page: &Exchange<'_>, csp: Option<&Allowed>) -> Mark {
    let place = page.place().span();
    let Some(csp) = csp else {
        let outcome = match page.header("content-security-policy-report-only") {
            Some(header) => (("csp-not-implemented-but-reporting-enabled", -25), header.span()),
            None => (("csp-not-implemented", -25), place),
        };
        return mark("content-security-policy", outcome.0, outcome.1);
    };
    let at = |sources: &[super::csp::Source]| sources.first().map(|source| source.span);
    let allowed_twice = |name: &str| matches!(name, "report-uri" | "report-to");
    let twice = csp.repeated.iter().find(|source| !allowed_twice(&source.text));
    let (outcome, span) = if let Some(source) = twice {
        (("csp-header-invalid", -25), Some(source.span))
    } else if let Some((_, span)) = csp.broken {
        (("csp-header-invalid", -25), Some(span))
    } else if let Some(span) = at(&csp.scripts) {
        (("csp-implemented-with-unsafe-inline", -20), Some(span))
    } else if let Some(span) = at(&csp.insecure).filter(|_| is_https(page)) {
        (("csp-implemented-with-insecure-scheme", -20), Some(span))
    } else if let Some(span) = at(&csp.evals) {
        (("csp-implemented-with-unsafe-eval", -10), Some(span))
    } else if let Some(span) = at(&csp.insecure_passive).filter(|_| is_https(page)) {
        (("csp-implemented-with-insecure-scheme-in-passive-content-only", -10), Some(span))
    } else if !csp.repeated.is_empty() {
        (("csp-implemented-but-duplicate-directives", 0), at(&csp.repeated))
    } else if let Some(span) = at(&csp.styles) {
        (("csp-implemented-with-unsafe-inline-in-style-src-only", 0), Some(span))
    } else if csp.is_default_none {
        (("csp-implemented-with-no-unsafe-default-src-none", 10), None)
    } else {
        (("csp-implemented-with-no-unsafe", 5), None)
    };
    let header = page.header("content-security-policy").map(|value| value.span());
    mark("content-security-policy", outcome, span.or(header).unwrap_or(place))
}

fn is_https(page: &Exchange<'_>) -> bool {
    Parts::of(page.url_text()).is_some_and(|url| url.is_https())
}

/// What is said of a cookie, the worst last.
const COOKIES: [(&str, i64); 7] = [
    ("cookies-without-secure-flag-but-protected-by-hsts", -5),
    ("cookies-without-secure-flag", -20),
    ("cookies-session-without-secure-flag-but-protected-by-hsts", -10),
    ("cookies-samesite-flag-invalid", -20),
    ("cookies-anticsrf-without-samesite-flag", -20),
    ("cookies-session-without-httponly-flag", -30),
    ("cookies-session-without-secure-flag", -40),
];

/// The rank of a `SameSite` that browsers do not take.
const MISSPELT: usize = 3;

fn cookies(document: &Document<'_>, page: &Exchange<'_>, protected: bool) -> Mark {
    let chain = document.of(&[Probe::Main, Probe::Follow]).flat_map(|exchange| exchange.all("set-cookie"));
    let sent: Vec<(Cookie, Span)> = chain.map(|value| (header::cookie(value.text()), value.span())).collect();
    // What a browser keeps: the last of each name, and none that breaks what its prefix promises.
    let mut seen = HashSet::new();
    let mut kept: Vec<&(Cookie, Span)> = sent
        .iter()
        .rev()
        .filter(|(cookie, _)| !cookie.name.is_empty() && cookie.keeps_prefix())
        .filter(|(cookie, _)| seen.insert((cookie.name.as_str(), cookie.domain.as_deref())))
        .filter(|(cookie, _)| cookie.name != "heroku-session-affinity")
        .collect();
    kept.reverse();
    let Some((_, first)) = kept.first() else {
        return mark("cookies", ("cookies-not-found", 0), page.place().span());
    };
    let misspelt = sent.iter().find(|(cookie, _)| !cookie.has_known_same_site()).map(|(_, span)| (MISSPELT, *span));
    let judged = kept.iter().filter_map(|(cookie, span)| Some((worst_of(cookie, protected)?, *span)));
    // The first of the worst.
    let worst = misspelt.into_iter().chain(judged).fold(None, |kept: Option<(usize, Span)>, next| match kept {
        Some(kept) if kept.0 >= next.0 => Some(kept),
        _ => Some(next),
    });
    match worst.and_then(|(rank, span)| Some((*COOKIES.get(rank)?, span))) {
        Some((outcome, span)) => mark("cookies", outcome, span),
        None if kept.iter().all(|(cookie, _)| cookie.same_site.is_some()) => {
            mark("cookies", ("cookies-secure-with-httponly-sessions-and-samesite", 5), *first)
        }
        None => mark("cookies", ("cookies-secure-with-httponly-sessions", 0), *first),
    }
}

fn worst_of(cookie: &Cookie, protected: bool) -> Option<usize> {
    let name = cookie.name.to_ascii_lowercase();
    let session = name.contains("login") || name.contains("sess");
    [
        (session && !cookie.secure && !protected, 6),
        (session && !cookie.http_only, 5),
        (name.contains("csrf") && (cookie.same_site.is_none() || !cookie.has_known_same_site()), 4),
        (cookie.is_cross_site() && !cookie.secure, MISSPELT),
        (session && !cookie.secure, 2),
        (!cookie.secure && !protected, 1),
        (!cookie.secure, 0),
    ]
    .into_iter()
    .find_map(|(holds, rank)| holds.then_some(rank))
}

fn sharing(document: &Document<'_>) -> Result<Mark, &'static str> {
    let asked = document.first(Probe::Cors).ok_or("other origins were not tried")?;
    if asked.status.is_none() {
        return Err("trying other origins got no answer");
    }
    let name = "cross-origin-resource-sharing";
    let Some(allowed) = asked.header("access-control-allow-origin") else {
        return Ok(mark(name, ("cross-origin-resource-sharing-not-implemented", 0), asked.place().span()));
    };
    let credentials = asked.header("access-control-allow-credentials");
    let with_credentials = credentials.is_some_and(|value| value.text().trim().eq_ignore_ascii_case("true"));
    let outcome = if allowed.text().trim() == "*" {
        ("cross-origin-resource-sharing-implemented-with-public-access", 0)
    } else if with_credentials && asked.origin.is_some_and(|origin| origin.text() == allowed.text().trim()) {
        ("cross-origin-resource-sharing-implemented-with-universal-access", -50)
    } else {
        ("cross-origin-resource-sharing-implemented-with-restricted-access", 0)
    };
    Ok(mark(name, outcome, allowed.span()))
}

fn redirection(document: &Document<'_>, page: &Parts) -> Result<Mark, &'static str> {
    let probes: [Probe; 2] = match document.endpoint.and_then(|url| Parts::of(url.text())) {
        Some(url) if !url.is_https() => [Probe::Main, Probe::Follow],
        _ => [Probe::Plain, Probe::PlainFollow],
    };
    let chain: Vec<&Exchange<'_>> = document.of(&probes).collect();
    let first = *chain.first().ok_or("the host was not asked without TLS")?;
    let done = |outcome| Ok(mark("redirection", outcome, first.place().span()));
    if first.status.is_none() {
        return match first.reached {
            false => done(("redirection-not-needed-no-http", 0)),
            true => Err("asked without TLS, the host did not answer"),
        };
    }
    let mut route: Vec<Parts> = chain.iter().filter_map(|exchange| Parts::of(exchange.url_text())).collect();
    let onward = chain.last().and_then(|last| route.last()?.join(last.location()?.text()));
    route.extend(onward);
    let untrusted = |exchange: &&Exchange<'_>| exchange.certificate.is_some_and(|found| found.text() != "trusted");
    if chain.iter().any(untrusted) {
        return done(("redirection-invalid-cert", -20));
    }
    let (second, last) = (route.get(1), route.last().unwrap_or(page));
    match second {
        None => done(("redirection-missing", -20)),
        Some(_) if !last.is_https() => done(("redirection-not-to-https", -20)),
        Some(second) if !second.is_https() => done(("redirection-not-to-https-on-initial-redirection", -10)),
        Some(second) if route.first().is_some_and(|first| first.host != second.host) => {
            done(("redirection-off-host-from-http", -5))
        }
        Some(_) => done(("redirection-to-https", 0)),
    }
}

/// The header, else what a `meta` element says in its place.
fn referrer(page: &Exchange<'_>) -> Mark {
    let values: Vec<_> = referrer_values(page);
    let Some(last) = values.last() else {
        return mark("referrer-policy", ("referrer-policy-not-implemented", 0), page.place().span());
    };
    let outcome = match header::referrer(values.iter().map(|value| value.text())) {
        Some((_, true)) => ("referrer-policy-private", 5),
        Some((_, false)) => ("referrer-policy-unsafe", -5),
        None => ("referrer-policy-header-invalid", -5),
    };
    mark("referrer-policy", outcome, last.span())
}

/// What is said of referrers; the last counts.
pub fn referrer_values<'t>(page: &Exchange<'t>) -> Vec<Node<'t>> {
    let meta = page.body.meta.iter().filter(|meta| meta.name.text() == "referrer").map(|meta| meta.value);
    page.all("referrer-policy").chain(meta).collect()
}

fn strict_transport(page: &Exchange<'_>, url: &Parts) -> Mark {
    let name = "strict-transport-security";
    let place = page.place().span();
    if !url.is_https() {
        return mark(name, ("hsts-not-implemented-no-https", -20), place);
    }
    if let Some(certificate) = page.certificate.filter(|found| found.text() != "trusted") {
        return mark(name, ("hsts-invalid-cert", -20), certificate.span());
    }
    let Some(header) = page.header(name) else { return mark(name, ("hsts-not-implemented", -20), place) };
    let outcome = match header::hsts(header.text()) {
        Hsts { broken: Some(_), .. } | Hsts { max_age: None, .. } => ("hsts-header-invalid", -20),
        Hsts { max_age: Some(age), .. } if age < SIX_MONTHS => ("hsts-implemented-max-age-less-than-six-months", -10),
        _ => ("hsts-implemented-max-age-at-least-six-months", 0),
    };
    mark(name, outcome, header.span())
}

fn integrity(page: &Exchange<'_>, url: &Parts) -> Mark {
    let name = "subresource-integrity";
    let place = page.place().span();
    if page.media_type().is_some() && !page.is_html() {
        return mark(name, ("sri-not-implemented-response-not-html", 0), place);
    }
    if page.body.scripts.unwrap_or(0) == 0 {
        return mark(name, ("sri-not-implemented-but-no-scripts-loaded", 0), place);
    }
    const RANKS: [(&str, i64); 3] = [
        ("sri-implemented-but-external-scripts-not-loaded-securely", -20),
        ("sri-not-implemented-but-external-scripts-loaded-securely", -5),
        ("sri-not-implemented-and-external-scripts-not-loaded-securely", -50),
    ];
    let mut worst: Option<(usize, Span)> = None;
    let mut foreign = false;
    let mut own = page.body.own_integrity;
    for load in page.body.loads.iter().filter(|load| load.kind == "script") {
        let text = load.url.text();
        let Some(from) = url.join(text) else { continue };
        let relative = text.starts_with("//");
        if !relative && site(&from.host) == site(&url.host) {
            own |= load.integrity && from.is_https();
            continue;
        }
        foreign = true;
        let secure = text.starts_with("https:");
        let rank = match (load.integrity, secure) {
            (true, true) => continue,
            (true, false) => 0,
            (false, true) => 1,
            (false, false) => 2,
        };
        if worst.is_none_or(|(kept, _)| kept < rank) {
            worst = Some((rank, load.url.span()));
        }
    }
    match worst.and_then(|(rank, span)| Some((*RANKS.get(rank)?, span))) {
        Some((outcome, span)) => mark(name, outcome, span),
        None if own => mark(name, ("sri-implemented-and-all-scripts-loaded-securely", 5), place),
        None if foreign => mark(name, ("sri-implemented-and-external-scripts-loaded-securely", 5), place),
        None => mark(name, ("sri-not-implemented-but-all-scripts-loaded-from-secure-origin", 0), place),
    }
}

/// The name that somebody registered, as far as that can be told without a list: the last two labels, three below
/// `co.uk` and the like.
pub fn site(host: &str) -> &str {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    let dots: Vec<usize> = host.match_indices('.').map(|(at, _)| at).collect();
    let labels: Vec<&str> = host.split('.').collect();
    let second = labels.len().checked_sub(2).and_then(|index| labels.get(index)).copied().unwrap_or_default();
    let top = labels.last().copied().unwrap_or_default();
    let is_shared =
        top.len() == 2 && matches!(second, "co" | "com" | "net" | "org" | "gov" | "ac" | "edu" | "or" | "ne");
    let keep = if is_shared { 3 } else { 2 };
    let cut = dots.len().checked_sub(keep).and_then(|index| dots.get(index));
    cut.and_then(|at| host.get(at + 1..)).unwrap_or(host)
}

/// The values of a header; one without a value is none.
fn values<'t>(page: &Exchange<'t>, name: &str) -> Vec<Node<'t>> {
    page.all(name).filter(|value| !value.text().trim().is_empty()).collect()
}

fn sniffing(page: &Exchange<'_>) -> Mark {
    let name = "x-content-type-options";
    match values(page, name).first() {
        None => mark(name, ("x-content-type-options-not-implemented", -5), page.place().span()),
        Some(value) if value.text().trim().eq_ignore_ascii_case("nosniff") => {
            mark(name, ("x-content-type-options-nosniff", 0), value.span())
        }
        Some(value) => mark(name, ("x-content-type-options-header-invalid", -5), value.span()),
    }
}

fn framing(page: &Exchange<'_>, csp: Option<&Allowed>) -> Mark {
    let name = "x-frame-options";
    let values = values(page, name);
    let span = values.first().map_or(page.place().span(), |value| value.span());
    if csp.is_some_and(|csp| csp.limits_frames) {
        return mark(name, ("x-frame-options-implemented-via-csp", 5), span);
    }
    let Some(value) = values.first() else { return mark(name, ("x-frame-options-not-implemented", -20), span) };
    match value.text().trim().to_ascii_lowercase().as_str() {
        "deny" | "sameorigin" if values.len() == 1 => mark(name, ("x-frame-options-sameorigin-or-deny", 5), span),
        text if text.starts_with("allow-from") => mark(name, ("x-frame-options-allow-from-origin", 0), span),
        _ => mark(name, ("x-frame-options-header-invalid", -20), span),
    }
}

fn resource(page: &Exchange<'_>) -> Mark {
    let name = "cross-origin-resource-policy";
    let values = values(page, name);
    let Some(first) = values.first() else {
        return mark(name, ("corp-not-implemented", 0), page.place().span());
    };
    let outcome = match (values.len(), first.text().trim().to_ascii_lowercase().as_str()) {
        (1, "same-site") => ("corp-implemented-with-same-site", 10),
        (1, "same-origin") => ("corp-implemented-with-same-origin", 10),
        (1, "cross-origin") => ("corp-implemented-with-cross-origin", 0),
        _ => ("corp-header-invalid", -5),
    };
    mark(name, outcome, first.span())
}

fn embedder(page: &Exchange<'_>) -> Mark {
    let outcomes = [
        ("require-corp", "coep-implemented-with-require-corp", 10),
        ("credentialless", "coep-implemented-with-credentialless", 10),
        ("unsafe-none", "coep-implemented-with-unsafe-none", 0),
    ];
    isolated(page, "cross-origin-embedder-policy", &outcomes, ("coep-not-implemented", "coep-header-invalid"))
}

fn opener(page: &Exchange<'_>) -> Mark {
    let outcomes = [
        ("same-origin", "coop-implemented-with-same-origin", 10),
        ("same-origin-allow-popups", "coop-implemented-with-same-origin-allow-popups", 10),
        ("noopener-allow-popups", "coop-implemented-with-noopener-allow-popups", 10),
        ("unsafe-none", "coop-implemented-with-unsafe-none", 0),
    ];
    isolated(page, "cross-origin-opener-policy", &outcomes, ("coop-not-implemented", "coop-header-invalid"))
}

fn isolated(
    page: &Exchange<'_>,
    name: &'static str,
    outcomes: &[(&str, &'static str, i64)],
    (missing, invalid): (&'static str, &'static str),
) -> Mark {
    let values = values(page, name);
    let Some(first) = values.first() else { return mark(name, (missing, 0), page.place().span()) };
    let token = header::token(first.text()).filter(|_| values.len() == 1);
    let known = outcomes.iter().find(|(word, ..)| Some(*word) == token);
    let outcome = known.map_or((invalid, -5), |(_, outcome, points)| (*outcome, *points));
    mark(name, outcome, first.span())
}
