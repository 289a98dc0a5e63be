//! Facts of a page as browsers take it.

use super::csp::{Allowed, Source};
use super::document::{Exchange, Load, Probe};
use super::facts::{About, int_or, listed, text, text_or};
use super::header;
use super::score::{referrer_values, site};
use super::subjects;
use super::url::Parts;
use crate::fact::{Fact, Value};
use crate::span::Span;

/// Headers that protect the page for errors as much as any other.
const ON_ERRORS: [&str; 4] =
    ["strict-transport-security", "content-security-policy", "x-content-type-options", "x-frame-options"];

/// Words of `Cross-Origin-Resource-Policy`.
const CORP: [&str; 3] = ["same-origin", "same-site", "cross-origin"];
/// Words of `Cross-Origin-Embedder-Policy`.
const COEP: [&str; 3] = ["require-corp", "credentialless", "unsafe-none"];
/// Words of `Cross-Origin-Opener-Policy`.
const COOP: [&str; 4] = ["same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"];

/// What browsers see, when it is theirs to see.
pub(super) fn state<'s>(about: &About<'_, 's>) -> Vec<Fact<'s>> {
    let page = about.page;
    let is_off = about.document.target.headers.is_some_and(|how| how.text() == "off");
    let is_error = page.code().is_none_or(|code| code >= 400);
    if is_off || !(about.is_strict || page.is_html() && !is_error) {
        return Vec::new();
    }
    let mut facts = vec![about.page_fact()];
    facts.extend(page.body.loads.iter().filter_map(|load| about.load(*load)));
    facts
}

fn words<'s>(sources: Option<&[Source]>, place: Span) -> Value<'s> {
    let named = sources.unwrap_or_default().iter().filter(|source| !source.text.is_empty());
    listed(named.map(|source| Value::str(source.text.clone(), source.span)).collect(), place)
}

impl<'s> About<'_, 's> {
    fn page_fact(&self) -> Fact<'s> {
        let page = self.page;
        let place = page.place().span();
        let url = Parts::of(page.url_text()).unwrap_or_default();
        let csp = self.csp.as_ref();
        let reports = page.header("content-security-policy-report-only");
        let reports_at = reports.map_or(place, |value| value.span());
        let header_at = page.header("content-security-policy").map_or(place, |value| value.span());
        let lists = |of: fn(&Allowed) -> &Vec<Source>| words(csp.map(|csp| of(csp).as_slice()), header_at);
        let broken = csp.and_then(|csp| csp.broken);
        let unlimited = csp.and_then(|csp| csp.scripts.iter().find(|source| source.text.is_empty()));
        let [hsts, hsts_problem, hsts_max_age, hsts_subdomains, hsts_preload] = hsts(page, place);
        let [has_frame_limit, frame_options, has_known_frame_options, is_allow_from] = frames(page, csp, place);
        let options = page.header("x-content-type-options");
        let [has_referrer_policy, referrer_policy, is_private_referrer] = referrers(page, place);
        let yes = |name: &str| Value::bool(page.header(name).is_some(), place);
        subjects::Page {
            url: text_or(page.url, place),
            status: int_or(page.status, place),
            is_https: Value::bool(url.is_https(), place),
            is_public: Value::bool(!url.is_local(), place),
            is_html: Value::bool(page.is_html(), place),
            is_redirect: Value::bool(page.location().is_some(), place),
            hsts,
            hsts_problem,
            hsts_max_age,
            hsts_subdomains,
            hsts_preload,
            has_csp: Value::bool(csp.is_some(), place),
            is_csp_report_only: Value::bool(csp.is_none() && reports.is_some(), reports_at),
            csp_problem: broken.map_or_else(|| Value::absent(header_at), |(why, span)| Value::str(why, span)),
            csp_open_scripts: lists(|csp| &csp.scripts),
            csp_lacks_scripts: Value::bool(unlimited.is_some(), unlimited.map_or(header_at, |source| source.span)),
            csp_evals: lists(|csp| &csp.evals),
            csp_insecure: lists(|csp| &csp.insecure),
            csp_insecure_passive: lists(|csp| &csp.insecure_passive),
            csp_open_styles: lists(|csp| &csp.styles),
            csp_repeated: lists(|csp| &csp.repeated),
            csp_unknown: lists(|csp| &csp.unknown),
            csp_limits_base: Value::bool(csp.is_some_and(|csp| csp.limits_base), header_at),
            has_frame_limit,
            frame_options,
            has_known_frame_options,
            is_allow_from,
            content_type_options: text_or(options, place),
            is_nosniff: options
                .map_or_else(|| Value::absent(place), |value| Value::bool(is_nosniff(value.text()), value.span())),
            has_referrer_policy,
            referrer_policy,
            is_private_referrer,
            has_known_corp: known(page, "cross-origin-resource-policy", &CORP),
            has_known_coep: known(page, "cross-origin-embedder-policy", &COEP),
            has_known_coop: known(page, "cross-origin-opener-policy", &COOP),
            has_permissions_policy: yes("permissions-policy"),
            has_cross_domain_policy: yes("x-permitted-cross-domain-policies"),
            missing_on_errors: self.missing_on_errors(place),
        }
        .fact(place, format!("{}/page", self.url_text()), self.role)
    }

    fn missing_on_errors(&self, place: Span) -> Value<'s> {
        let Some(error) = self.document.first(Probe::Missing).filter(|error| error.status.is_some()) else {
            return Value::absent(place);
        };
        let lost = ON_ERRORS.iter().filter(|name| self.page.header(name).is_some() && error.header(name).is_none());
        let lost: Vec<_> = lost.map(|name| Value::str(*name, error.place().span())).collect();
        Value::list(lost, error.place().span())
    }

    fn load(&self, load: Load<'s>) -> Option<Fact<'s>> {
        let url = Parts::of(self.page.url_text())?;
        let from = url.join(load.url.text())?;
        let span = load.url.span();
        let fact = subjects::Load {
            kind: Value::str(load.kind, span),
            url: text(load.url),
            is_mixed: Value::bool(url.is_https() && !from.is_https(), span),
            is_foreign: Value::bool(site(&from.host) != site(&url.host), span),
            has_integrity: Value::bool(load.integrity, span),
        };
        Some(fact.fact(span, format!("{}/load/{}", self.url_text(), load.url.text()), self.role))
    }
}

fn is_nosniff(value: &str) -> bool {
    // The first of a list counts (WHATWG Fetch).
    value.split(',').next().unwrap_or(value).trim().eq_ignore_ascii_case("nosniff")
}

fn known<'s>(page: &Exchange<'s>, name: &str, words: &[&str]) -> Value<'s> {
    match page.header(name) {
        Some(value) => {
            let word = header::token(value.text());
            Value::bool(word.is_some_and(|word| words.contains(&word)), value.span())
        }
        None => Value::absent(page.place().span()),
    }
}

fn hsts<'s>(page: &Exchange<'s>, place: Span) -> [Value<'s>; 5] {
    let none = || Value::absent(place);
    let Some(value) = page.header("strict-transport-security") else { return [none(), none(), none(), none(), none()] };
    let read = header::hsts(value.text());
    let span = value.span();
    let age = read.max_age.map(|age| i64::try_from(age).unwrap_or(i64::MAX));
    [
        text(value),
        read.broken.map_or_else(|| Value::absent(span), |why| Value::str(why, span)),
        age.map_or_else(|| Value::absent(span), |age| Value::int(age, span)),
        Value::bool(read.subdomains, span),
        Value::bool(read.preload, span),
    ]
}

fn referrers<'s>(page: &Exchange<'s>, place: Span) -> [Value<'s>; 3] {
    let values = referrer_values(page);
    let at = values.last().map_or(place, |value| value.span());
    let has = Value::bool(!values.is_empty(), at);
    match header::referrer(values.iter().map(|value| value.text())) {
        Some((policy, private)) => [has, Value::str(policy, at), Value::bool(private, at)],
        None => [has, Value::absent(at), Value::absent(at)],
    }
}

fn frames<'s>(page: &Exchange<'s>, csp: Option<&Allowed>, place: Span) -> [Value<'s>; 4] {
    let none = || Value::absent(place);
    let by_policy = csp.is_some_and(|csp| csp.limits_frames);
    let Some(value) = page.header("x-frame-options").filter(|_| !by_policy) else {
        return [Value::bool(by_policy, place), none(), none(), none()];
    };
    let span = value.span();
    // Of several values one that is known is enough: several known ones forbid every frame (HTML, section 7.6).
    let values: Vec<String> = page
        .all("x-frame-options")
        .flat_map(|value| value.text().split(','))
        .map(|word| word.trim().to_ascii_lowercase())
        .collect();
    let known = values.iter().any(|word| matches!(word.as_str(), "deny" | "sameorigin"));
    let obsolete = !known && values.iter().any(|word| word.starts_with("allow-from"));
    [Value::bool(true, span), text(value), Value::bool(known, span), Value::bool(obsolete, span)]
}
