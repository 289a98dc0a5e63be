//! Facts of single answers: what they are, their headers, their cookies.

use std::collections::HashSet;

use super::document::{Exchange, Probe};
use super::facts::{About, int_or, listed, text, text_or, unseen};
use super::header;
use super::subjects::{Address, Cookie, Header, Response};
use super::url::Parts;
use crate::fact::{Fact, Value};
use crate::span::Span;
use crate::syntax::tree::Node;

/// Bodies of text from this length on gain from compression.
const WORTH_COMPRESSING: i64 = 2048;

/// Headers that only tell what a service is made with.
const BANNERS: [&str; 20] = [
    "x-powered-by",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-generator",
    "x-drupal-dynamic-cache",
    "x-litespeed-tag",
    "x-php-version",
    "x-powered-cms",
    "x-redirect-by",
    "x-server-powered-by",
    "x-sourcefiles",
    "x-sourcemap",
    "x-turbo-charged-by",
    "x-varnish-backend",
    "x-backend-server",
    "x-b3-parentspanid",
    "x-cf-powered-by",
    "x-cms",
    "x-envoy-upstream-service-time",
    "microsoftsharepointteamservices",
];

/// Headers that browsers no longer heed.
const OBSOLETE: [&str; 8] = [
    "x-xss-protection",
    "public-key-pins",
    "public-key-pins-report-only",
    "expect-ct",
    "feature-policy",
    "p3p",
    "x-webkit-csp",
    "x-content-security-policy",
];

/// Headers of which only one counts.
const SINGLE: [&str; 9] = [
    "strict-transport-security",
    "x-frame-options",
    "x-content-type-options",
    "content-type",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
];

/// What single answers show.
pub(super) fn state<'s>(about: &About<'_, 's>) -> Vec<Fact<'s>> {
    let mut facts = Vec::new();
    for exchange in &about.document.exchanges {
        if exchange.probe == Probe::Address {
            facts.extend(about.address(exchange));
        }
        // What guards against others is unknown when it was not seen; the rest is only not judged.
        let is_guard = matches!(exchange.probe, Probe::Cors | Probe::CorsGet | Probe::CorsNull | Probe::Closed);
        if exchange.status.is_none() && !is_guard {
            continue;
        }
        facts.push(about.response(exchange));
        if matches!(exchange.probe, Probe::Main | Probe::Follow) {
            facts.extend(about.headers(exchange));
        }
    }
    facts.extend(about.cookies());
    facts
}

impl<'s> About<'_, 's> {
    fn response(&self, exchange: &Exchange<'s>) -> Fact<'s> {
        let place = exchange.place().span();
        let is_final = std::ptr::eq(exchange, self.page);
        let media = exchange.media_type();
        let media_at = exchange.header("content-type").map_or(place, |value| value.span());
        let body = &exchange.body;
        let length = body.bytes.and_then(Node::as_int).unwrap_or(0);
        let [shared, cacheable] = caching(exchange);
        let session = exchange.all("set-cookie").find(|value| header::cookie(value.text()).is_session());
        let [agrees, difference] = self.agreement(exchange);
        let [reflects, any, credentials, varies] = sharing(exchange);
        let noindex = noindex(exchange);
        let which = if exchange.probe == Probe::Address { exchange.address } else { exchange.url };
        let path = format!("{}/{}/{}", self.url_text(), exchange.probe.word(), which.map_or("", Node::text));
        Response {
            probe: text(exchange.at),
            url: text_or(exchange.url, place),
            address: text_or(exchange.address, place),
            status: match exchange.failure {
                Some(failure) => unseen(failure.text(), place),
                None => int_or(exchange.status, place),
            },
            kind: Value::str(self.kind, place),
            is_final: Value::bool(is_final, place),
            is_html: Value::bool(exchange.is_html(), media_at),
            is_json: Value::bool(exchange.is_json(), media_at),
            has_untyped_body: Value::bool(
                media.is_none() && length > 0,
                body.bytes.map_or(place, |bytes| bytes.span()),
            ),
            has_charset: charset(exchange, media.as_deref(), media_at),
            content_type: media.map_or_else(|| Value::absent(place), |media| Value::str(media, media_at)),
            bytes: int_or(body.bytes, place),
            is_compressed: if is_final { self.compression() } else { Value::absent(place) },
            cache_control: text_or(exchange.header("cache-control"), place),
            is_shared_cacheable: shared,
            is_cacheable: cacheable,
            sets_session: Value::bool(session.is_some(), session.map_or(place, |value| value.span())),
            shows: listed(body.shows.iter().map(|shown| text(*shown)).collect(), place),
            is_noindex: Value::bool(noindex.is_some(), noindex.unwrap_or(place)),
            is_rehearsal: Value::bool(is_rehearsal(&self.url.host), place),
            agrees,
            difference,
            echoes_request: echo(exchange, place),
            repeats_options: Value::bool(self.repeats_options(exchange), place),
            reflects_origin: reflects,
            allows_any_origin: any,
            allows_credentials: credentials,
            varies_by_origin: varies,
        }
        .fact(place, path, self.role)
    }

    /// Whether GET gives another origin what OPTIONS has promised.
    fn repeats_options(&self, exchange: &Exchange<'s>) -> bool {
        let names = ["access-control-allow-origin", "access-control-allow-credentials"];
        let options = self.document.first(Probe::Cors).filter(|_| exchange.probe == Probe::CorsGet);
        options.is_some_and(|options| {
            names.iter().all(|name| options.header(name).map(Node::text) == exchange.header(name).map(Node::text))
        })
    }

    /// Whether the page was compressed for who offered to take it so.
    fn compression(&self) -> Value<'s> {
        let at = self.page.place().span();
        let Some(asked) = self.document.first(Probe::Compressed).filter(|asked| asked.code() == self.page.code())
        else {
            return Value::absent(at);
        };
        let media = self.page.media_type().unwrap_or_default();
        let is_text = media.starts_with("text/")
            || super::document::is_json(&media)
            || media.ends_with("+xml")
            || matches!(media.as_str(), "application/javascript" | "application/xml" | "application/wasm");
        let bytes = self.page.body.bytes;
        let length = bytes.and_then(Node::as_int).unwrap_or(0);
        if !is_text || length < WORTH_COMPRESSING {
            return Value::absent(at);
        }
        let coded = asked.header("content-encoding").is_some_and(|coding| coding.text().trim() != "identity");
        Value::bool(coded, bytes.map_or(at, |bytes| bytes.span()))
    }

    /// Another address of the host; nothing when it is this machine that cannot reach it.
    fn address(&self, exchange: &Exchange<'s>) -> Option<Fact<'s>> {
        let place = exchange.place().span();
        let why = exchange.failure.map_or("", Node::text);
        if why.contains("unreachable") {
            return None;
        }
        let fact = Address {
            address: text_or(exchange.address, place),
            is_reached: match exchange.failure {
                Some(failure) if exchange.reached || !why.contains("refused") => unseen(failure.text(), place),
                Some(_) => Value::bool(false, place),
                None => Value::bool(true, place),
            },
            failure: text_or(exchange.failure, place),
        };
        let path = format!("{}/address/{}", self.url_text(), exchange.address.map_or("", Node::text));
        Some(fact.fact(place, path, self.role))
    }

    /// Whether another address answers as the first did.
    fn agreement(&self, exchange: &Exchange<'s>) -> [Value<'s>; 2] {
        let place = exchange.place().span();
        if exchange.probe != Probe::Address {
            return [Value::absent(place), Value::absent(place)];
        }
        let (main, other) = (self.main, exchange);
        let location = |one: &Exchange<'s>| one.location().map(Node::text);
        let status = |one: &Exchange<'s>| one.status.map_or("", Node::text);
        let difference = if status(main) != status(other) {
            Some((format!("status {} instead of {}", status(other), status(main)), place))
        } else if location(main) != location(other) {
            Some(("it leads elsewhere".to_owned(), other.header("location").map_or(place, |value| value.span())))
        } else if main.media_type() != other.media_type() {
            Some((
                "another type of content".to_owned(),
                other.header("content-type").map_or(place, |value| value.span()),
            ))
        } else {
            let kept = |one: &Exchange<'s>, name: &str| {
                one.body.fields.iter().find(|(key, _)| key.text() == name).map(|(_, value)| *value)
            };
            main.body.fields.iter().find_map(|(name, value)| {
                let seen = kept(other, name.text());
                let seen_text = seen.map_or("nothing", Node::text);
                (seen_text != value.text()).then(|| {
                    let difference = format!("{} is {seen_text} instead of {}", name.text(), value.text());
                    (difference, seen.map_or(place, |seen| seen.span()))
                })
            })
        };
        match difference {
            Some((words, span)) => [Value::bool(false, span), Value::str(words, span)],
            None => [Value::bool(true, place), Value::absent(place)],
        }
    }

    fn headers(&self, exchange: &Exchange<'s>) -> Vec<Fact<'s>> {
        let mut seen = HashSet::new();
        let mut facts = Vec::new();
        // What all answers of a server say is said once, of the last one.
        let is_final = std::ptr::eq(exchange, self.page);
        for header in exchange.headers.iter().filter(|header| is_final || header.name.text() == "location") {
            let (name, value) = (header.name.text(), header.value.text());
            let span = header.value.span();
            let is_repeated = !seen.insert(name) && SINGLE.contains(&name);
            let private =
                header::private_address(value).filter(|_| !name.starts_with("x-real") && name != "set-cookie");
            let private_at = private.clone().map_or(span, |range| super::csp::within(header.value, range));
            let is_obsolete =
                OBSOLETE.contains(&name) && !(name == "x-xss-protection" && value.trim().starts_with('0'));
            let path = format!("{}/{}/{name}", exchange.url_text(), exchange.probe.word());
            facts.push(
                Header {
                    probe: text(exchange.at),
                    kind: Value::str(self.kind, span),
                    name: text(header.name),
                    value: text(header.value),
                    names_version: Value::bool(names_version(name, value), span),
                    is_banner: Value::bool(BANNERS.contains(&name), span),
                    is_obsolete: Value::bool(is_obsolete, header.name.span()),
                    has_private_address: Value::bool(private.is_some(), private_at),
                    is_repeated: Value::bool(is_repeated, span),
                }
                .fact(span, path, self.role),
            );
        }
        facts
    }

    /// The cookies that are set on the way to the page; of one that is set again the last counts.
    fn cookies(&self) -> Vec<Fact<'s>> {
        let probes = [Probe::Main, Probe::Follow];
        let set = self
            .document
            .of(&probes)
            .flat_map(|exchange| exchange.all("set-cookie").map(move |value| (exchange, value)));
        let mut facts: Vec<Fact<'s>> = set.filter_map(|(exchange, value)| self.cookie(exchange, value)).collect();
        let mut seen = HashSet::new();
        facts.reverse();
        facts.retain(|fact| seen.insert(fact.path.clone()));
        facts.reverse();
        facts
    }

    fn cookie(&self, exchange: &Exchange<'s>, value: Node<'s>) -> Option<Fact<'s>> {
        let cookie = header::cookie(value.text());
        if cookie.name.is_empty() || cookie.deleted {
            return None;
        }
        let span = value.span();
        let url = Parts::of(exchange.url_text()).unwrap_or_default();
        let is_for_parent =
            cookie.domain.as_ref().is_some_and(|domain| *domain != url.host && url.host.ends_with(domain.as_str()));
        let path = format!("{}/cookie/{}", self.url_text(), cookie.name);
        let text = |given: &Option<String>| match given {
            Some(given) => Value::str(given.clone(), span),
            None => Value::absent(span),
        };
        let known = cookie.same_site.as_ref().map(|_| cookie.has_known_same_site());
        let fact = Cookie {
            name: Value::str(cookie.name.clone(), span),
            is_session: Value::bool(cookie.is_session(), span),
            is_csrf: Value::bool(cookie.is_csrf(), span),
            is_https: Value::bool(url.is_https(), span),
            is_secure: Value::bool(cookie.secure, span),
            is_http_only: Value::bool(cookie.http_only, span),
            same_site: text(&cookie.same_site),
            has_known_same_site: known.map_or_else(|| Value::absent(span), |known| Value::bool(known, span)),
            is_cross_site: Value::bool(cookie.is_cross_site(), span),
            keeps_prefix: Value::bool(cookie.keeps_prefix(), span),
            is_for_parent: Value::bool(is_for_parent, span),
            domain: text(&cookie.domain),
            size: Value::int(i64::try_from(cookie.size).unwrap_or(i64::MAX), span),
        };
        Some(fact.fact(span, path, self.role))
    }
}

/// Whether a host's name says that it is not production.
fn is_rehearsal(host: &str) -> bool {
    const WORDS: [&str; 12] =
        ["staging", "stage", "stg", "test", "testing", "qa", "uat", "dev", "preview", "demo", "sandbox", "preprod"];
    // `.dev` is a name that anybody may have.
    let above = host.rsplit_once('.').map_or(host, |(above, _)| above);
    above.split(['.', '-']).any(|word| WORDS.contains(&word))
}

/// Whether a header names a version of what answers: a digit behind a slash or a blank.
fn names_version(name: &str, value: &str) -> bool {
    let names =
        ["server", "via", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-php-version", "x-generator"];
    if !names.contains(&name) {
        return false;
    }
    if name.ends_with("-version") {
        return true;
    }
    // `Via: 1.1 varnish` begins with the version of the protocol.
    let value = if name == "via" { value.split_once(' ').map_or("", |(_, rest)| rest) } else { value };
    value
        .split(['/', ' ', '(', ','])
        .skip(1)
        .any(|part| part.starts_with(|c: char| c.is_ascii_digit()) && part.contains('.'))
}

/// Whether a shared cache, and whether any cache, may keep it.
fn caching<'s>(exchange: &Exchange<'s>) -> [Value<'s>; 2] {
    let place = exchange.place().span();
    match exchange.header("cache-control") {
        Some(control) => {
            let words: Vec<String> =
                exchange.all("cache-control").map(|value| value.text().to_ascii_lowercase()).collect();
            let words = words.join(",");
            let forbidden = ["no-store", "no-cache", "max-age=0"].iter().any(|word| words.contains(word));
            [Value::bool(header::is_shared_cacheable(&words), control.span()), Value::bool(!forbidden, control.span())]
        }
        None => {
            let pragma = exchange.header("pragma").is_some_and(|value| value.text().contains("no-cache"));
            let past = exchange.header("expires").is_some_and(|value| matches!(value.text().trim(), "0" | "-1"));
            [Value::bool(false, place), Value::bool(!(pragma || past), place)]
        }
    }
}

/// Whether a text says how it is encoded.
fn charset<'s>(exchange: &Exchange<'s>, media: Option<&str>, at: Span) -> Value<'s> {
    let is_text = media.is_some_and(|media| media == "text/html" || media == "text/plain");
    if !is_text || exchange.body.bytes.and_then(Node::as_int).unwrap_or(0) == 0 {
        return Value::absent(at);
    }
    let said =
        exchange.header("content-type").is_some_and(|value| value.text().to_ascii_lowercase().contains("charset="));
    let meta = exchange.body.meta.iter().any(|meta| meta.name.text() == "charset");
    Value::bool(said || meta, at)
}

/// What asks search engines to leave it out.
fn noindex(exchange: &Exchange<'_>) -> Option<Span> {
    let meta = exchange.body.meta.iter().filter(|meta| meta.name.text() == "robots").map(|meta| meta.value);
    let mut all = exchange.all("x-robots-tag").chain(meta);
    let says = |text: &str| {
        text.split([',', ':']).any(|word| ["noindex", "none"].iter().any(|no| word.trim().eq_ignore_ascii_case(no)))
    };
    all.find(|value| says(value.text())).map(|value| value.span())
}

/// Whether it is the request that came back.
fn echo<'s>(exchange: &Exchange<'s>, place: Span) -> Value<'s> {
    let is_request = exchange.media_type().as_deref() == Some("message/http");
    match exchange.probe {
        Probe::Trace => Value::bool(exchange.code() == Some(200) && is_request, place),
        _ => Value::absent(place),
    }
}

/// What an answer to a foreign origin allows.
fn sharing<'s>(exchange: &Exchange<'s>) -> [Value<'s>; 4] {
    let place = exchange.place().span();
    let Some(origin) = exchange.origin else {
        return [Value::absent(place), Value::absent(place), Value::absent(place), Value::absent(place)];
    };
    if let Some(failure) = exchange.failure {
        return [(); 4].map(|()| unseen(failure.text(), place));
    }
    let allowed = exchange.header("access-control-allow-origin");
    let at = allowed.map_or(place, |value| value.span());
    let is = |text: &str| allowed.is_some_and(|value| value.text().trim() == text);
    let credentials = exchange.header("access-control-allow-credentials");
    let with = credentials.is_some_and(|value| value.text().trim().eq_ignore_ascii_case("true"));
    let varies = exchange.all("vary").any(|value| {
        value.text().split(',').any(|word| matches!(word.trim().to_ascii_lowercase().as_str(), "origin" | "*"))
    });
    [
        Value::bool(is(origin.text()), at),
        Value::bool(is("*"), at),
        Value::bool(with, credentials.map_or(at, |value| value.span())),
        Value::bool(varies, at),
    ]
}
