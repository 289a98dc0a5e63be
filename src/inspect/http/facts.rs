//! Document → facts: the target as a whole, what it must have, and its redirects.

use super::document::{Document, Exchange, Probe};
use super::subjects::{Component, Endpoint, Expected, Field, Redirect};
use super::url::Parts;
use super::{csp, header, health, page, response, score};
use crate::fact::{Data, Fact, Reason, Role, Value};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// What all facts of a transcript share.
pub(super) struct About<'d, 's> {
    pub(super) document: &'d Document<'s>,
    /// The first answer.
    pub(super) main: &'d Exchange<'s>,
    /// The answer after all redirects that were followed.
    pub(super) page: &'d Exchange<'s>,
    /// The target's URL.
    pub(super) url: Parts,
    pub(super) kind: &'static str,
    pub(super) is_strict: bool,
    /// What the policies of the page allow.
    pub(super) csp: Option<csp::Allowed>,
    pub(super) role: Role,
}

/// The facts of a transcript whose target answered.
pub(super) fn state<'s>(document: &Document<'s>, main: &Exchange<'s>, source: &'s Source) -> Vec<Fact<'s>> {
    let about = About::new(document, main, source.role);
    let mut facts = vec![about.endpoint()];
    facts.extend(document.target.json.iter().map(|(name, wanted)| about.field(*name, *wanted)));
    facts.extend(about.page.body.components.iter().filter_map(|(name, state)| about.component(*name, *state)));
    facts.extend(document.target.expect_headers.iter().map(|(name, wanted)| about.expected(*name, *wanted)));
    facts.extend(about.redirects());
    facts.extend(response::state(&about));
    facts.extend(page::state(&about));
    facts
}

/// `value` with its text, at its place.
pub(super) fn text<'s>(node: Node<'s>) -> Value<'s> {
    Value::str(node.text(), node.span())
}

/// The text if it is there; `place` is where it would be.
pub(super) fn text_or<'s>(node: Option<Node<'s>>, place: Span) -> Value<'s> {
    node.map_or_else(|| Value::absent(place), text)
}

/// The integer if it is there.
pub(super) fn int_or<'s>(node: Option<Node<'s>>, place: Span) -> Value<'s> {
    let found = node.and_then(|node| Some((node.as_int()?, node.span())));
    found.map_or_else(|| Value::absent(place), |(value, span)| Value::int(value, span))
}

/// Whether a word says `yes`; absent when there is none.
fn says<'s>(word: Option<Node<'s>>, yes: &str, place: Span) -> Value<'s> {
    word.map_or_else(|| Value::absent(place), |word| Value::bool(word.text() == yes, word.span()))
}

fn count<'s>(number: usize, place: Span) -> Value<'s> {
    Value::int(i64::try_from(number).unwrap_or(i64::MAX), place)
}

/// A value that was not seen.
pub(super) fn unseen<'s>(why: &str, place: Span) -> Value<'s> {
    Value::unknown(Reason::Unresolved(why.into()), place)
}

/// Whether `text` is as `pattern` says; `*` stands for anything.
pub(super) fn fits(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A list that stands at its first value, else at `place`.
pub(super) fn listed<'s>(values: Vec<Value<'s>>, place: Span) -> Value<'s> {
    let span = values.first().and_then(|first| first.span).unwrap_or(place);
    Value::list(values, span)
}

/// What is asked for, as one text and as a test.
fn wanted(node: Node<'_>) -> (String, Vec<&str>) {
    let words: Vec<&str> = match node.kind() {
        Kind::List => node.items().map(Node::text).collect(),
        _ => vec![node.text()],
    };
    (words.join(" or "), words)
}

/// Whether a redirect leads to a program on the user's machine: `shop://cart`.
fn leads_to_program(location: &str) -> bool {
    let scheme = location.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    !scheme.is_empty() && !matches!(scheme.as_str(), "http" | "https") && !scheme.contains(['/', '?'])
}

impl<'d, 's> About<'d, 's> {
    fn new(document: &'d Document<'s>, main: &'d Exchange<'s>, role: Role) -> Self {
        let followed = document.of(&[Probe::Follow]).rfind(|exchange| exchange.status.is_some());
        let page = followed.unwrap_or(main);
        let endpoint = document.endpoint.or(main.url).map_or("", Node::text);
        let url = Parts::of(endpoint).unwrap_or_default();
        let said = document.target.kind.map(Node::text);
        let kind = match said {
            Some("page") => "page",
            Some("api") => "api",
            Some("health") => "health",
            _ if !document.target.json.is_empty() || health::is_path(&url.path) => "health",
            _ if page.is_html() => "page",
            _ => "api",
        };
        let is_strict = document.target.headers.is_some_and(|how| how.text() == "strict");
        let named = |name: &'static str| page.headers.iter().filter(move |header| header.name.text() == name).copied();
        let meta = page.body.meta.iter().filter(|header| header.name.text() == "content-security-policy").copied();
        let mut policies = csp::read(named("content-security-policy"), false);
        policies.extend(csp::read(meta, true));
        let csp = csp::allowed(&policies);
        Self { document, main, page, url, kind, is_strict, csp, role }
    }

    /// Where the target's name stands.
    pub(super) fn place(&self) -> Span {
        self.document.endpoint.or(self.main.url).unwrap_or(self.main.at).span()
    }

    fn endpoint(&self) -> Fact<'s> {
        let (at, main, page) = (self.place(), self.main, self.page);
        let place = main.place().span();
        let name = self.document.endpoint.or(main.url);
        let target = &self.document.target;
        let status = if target.status.is_some() { main } else { page }.status;
        let [is_loop, is_endless] = self.endings();
        let [latency, max_latency, is_within_latency] = self.latency();
        let [has_plain, plain_url, plain_status, ends, straight, stays, keeps, permanent] = self.plain();
        let [score, grade, lost] = self.score();
        let followed = self.document.of(&[Probe::Follow]).count();
        let [content_type, has_expected_type] = self.media();
        let body = &page.body;
        let well = body.health.and_then(|word| Some((health::is_well(word.text())?, word.span())));
        Endpoint {
            url: text_or(name, at),
            host: Value::str(self.url.host.clone(), at),
            is_https: Value::bool(self.url.is_https(), at),
            is_public: Value::bool(!self.url.is_local(), at),
            kind: Value::str(self.kind, at),
            is_strict: Value::bool(self.is_strict, target.headers.map_or(at, |how| how.span())),
            status: int_or(status, at),
            expected_status: int_or(target.status, at),
            is_expected_status: self.expected_status(status),
            is_redirect: Value::bool(main.location().is_some(), place),
            ends_encrypted: Value::bool(self.ends().is_some_and(|end| end.is_https()), place),
            redirects: count(followed, place),
            is_loop,
            is_endless,
            latency,
            samples: count(self.samples().len(), at),
            max_latency,
            is_within_latency,
            is_steady: self.steady(),
            version: text_or(main.version, place),
            has_trusted_certificate: says(main.certificate, "trusted", at),
            certificate: text_or(main.certificate, at),
            has_plain,
            plain_url,
            plain_status,
            plain_ends_encrypted: ends,
            plain_goes_straight: straight,
            plain_stays_on_host: stays,
            plain_keeps_path: keeps,
            plain_is_permanent: permanent,
            wanted_texts_missing: self.texts(false, &target.contains),
            forbidden_texts: self.texts(true, &target.lacks),
            expected_type: text_or(target.content_type, at),
            content_type,
            has_expected_type,
            is_valid_json: says(body.json, "valid", at),
            health: text_or(body.health, at),
            is_healthy: well.map_or_else(|| Value::absent(at), |(well, span)| Value::bool(well, span)),
            names_health: Value::bool(!target.json.is_empty(), at),
            score,
            grade,
            lost,
        }
        .fact(at, self.url_text(), self.role)
    }

    /// The texts among `wanted` that were found, or not.
    fn texts(&self, found: bool, wanted: &[Node<'s>]) -> Value<'s> {
        let seen = &self.page.body.texts;
        if wanted.iter().any(|one| !seen.iter().any(|(text, _)| text.text() == one.text())) {
            return unseen("the answer was not read to its end", self.place());
        }
        let is_meant = |text: &Node<'s>| wanted.iter().any(|one| one.text() == text.text());
        let hits = seen.iter().filter(|(text, is)| *is == found && is_meant(text));
        listed(hits.map(|(node, _)| text(*node)).collect(), self.place())
    }

    /// The type of the answer, and whether it is the one asked for.
    fn media(&self) -> [Value<'s>; 2] {
        let header = self.page.header("content-type");
        let place = header.unwrap_or(self.page.place()).span();
        let media = self.page.media_type();
        let right = self.document.target.content_type.map(|wanted| {
            let wanted = wanted.text().to_ascii_lowercase();
            let whole = header.map_or("", Node::text).to_ascii_lowercase();
            fits(media.as_deref().unwrap_or_default(), &wanted) || fits(&whole, &wanted)
        });
        let right = right.map_or_else(|| Value::absent(place), |right| Value::bool(right, place));
        [media.map_or_else(|| Value::absent(place), |media| Value::str(media, place)), right]
    }

    /// The URL, which names the facts.
    pub(super) fn url_text(&self) -> &'s str {
        self.document.endpoint.or(self.main.url).map_or("", Node::text)
    }

    fn expected_status(&self, status: Option<Node<'s>>) -> Value<'s> {
        let Some((code, span)) = status.and_then(|status| Some((status.as_int()?, status.span()))) else {
            return unseen("there was no answer", self.place());
        };
        let right = match self.document.target.status.map(wanted) {
            Some((_, words)) => words.iter().any(|word| word.parse() == Ok(code)),
            None if self.lost_redirect().is_some() => return unseen("where it sends on to did not answer", span),
            None => code < 400 || matches!(code, 401 | 403),
        };
        Value::bool(right, span)
    }

    /// Why a redirect that was followed led to no answer.
    fn lost_redirect(&self) -> Option<Node<'s>> {
        self.document.of(&[Probe::Follow]).find_map(|exchange| exchange.failure)
    }

    /// Whether the redirects go round, and whether they do not end.
    fn endings(&self) -> [Value<'s>; 2] {
        if let Some(failure) = self.lost_redirect() {
            return [(); 2].map(|()| unseen(failure.text(), failure.span()));
        }
        let chain: Vec<&Exchange<'_>> = self.document.of(&[Probe::Main, Probe::Follow]).collect();
        let place = self.main.place().span();
        let onward = self.page.location().and_then(|location| {
            let from = Parts::of(self.page.url_text())?;
            Some((from.join(location.text())?, location.span()))
        });
        let Some((onward, span)) = onward.filter(|(onward, _)| onward.host == self.url.host) else {
            return [Value::bool(false, place), Value::bool(false, place)];
        };
        let is_loop = chain.iter().any(|exchange| Parts::of(exchange.url_text()).as_ref() == Some(&onward));
        [Value::bool(is_loop, span), Value::bool(!is_loop && chain.len() > 1, span)]
    }

    fn samples(&self) -> Vec<(i64, Span)> {
        let all = self.document.of(&[Probe::Main, Probe::Again]);
        let mut times: Vec<(i64, Span)> =
            all.filter_map(|one| one.milliseconds.and_then(|time| Some((time.as_int()?, time.span())))).collect();
        times.sort();
        times
    }

    fn latency(&self) -> [Value<'s>; 3] {
        let at = self.place();
        let times = self.samples();
        let median = times.get(times.len() / 2).copied();
        let latency = match median {
            Some((time, span)) => Value::int(time, span),
            None => unseen("no time was measured", at),
        };
        let most = self.document.target.max_latency;
        let limit = most.and_then(|node| Some((header::milliseconds(node.text())?, node.span())));
        match (limit, median) {
            (None, _) if most.is_some() => {
                let unread = || unseen("`max-latency` is no duration such as `500ms`", at);
                [latency, unread(), unread()]
            }
            (None, _) => [latency, Value::absent(at), Value::absent(at)],
            (Some((limit, place)), Some((time, span))) => {
                [latency, Value::int(limit, place), Value::bool(time <= limit, span)]
            }
            (Some((limit, place)), None) => [latency, Value::int(limit, place), unseen("no time was measured", at)],
        }
    }

    /// Whether all requests were answered alike. One whose connection was closed may have met the end of a kept-alive
    /// one, which says nothing.
    fn steady(&self) -> Value<'s> {
        let status = self.main.code();
        let answers: Vec<_> = self.document.of(&[Probe::Again]).collect();
        if let Some(other) = answers.iter().find(|one| one.status.is_some() && one.code() != status) {
            return Value::bool(false, other.place().span());
        }
        let failure = answers.iter().find_map(|one| one.failure).filter(|why| !why.text().contains("closed"));
        match failure {
            Some(failure) => unseen(failure.text(), failure.span()),
            None => Value::bool(true, self.main.place().span()),
        }
    }

    /// Where the redirects lead in the end, followed or not.
    fn ends(&self) -> Option<Parts> {
        let from = Parts::of(self.page.url_text())?;
        self.page.location().map_or(Some(from.clone()), |location| from.join(location.text()))
    }

    /// What is seen of the host without TLS: whether it answers; the URL; the status; whether it leads to TLS; at once;
    /// on the host; with its path; for good.
    fn plain(&self) -> [Value<'s>; 8] {
        let at = self.place();
        let mut found = [(); 8].map(|()| Value::absent(at));
        let [has, url, status, ends, straight, stays, keeps, permanent] = &mut found;
        if !self.url.is_https() || self.url.port != 443 {
            return found;
        }
        let Some(first) = self.document.first(Probe::Plain) else {
            *has = unseen("it was not asked without TLS", at);
            return found;
        };
        let place = first.place().span();
        *url = text_or(first.url, place);
        *status = int_or(first.status, place);
        let Some(code) = first.code() else {
            let why = first.failure.map_or("it did not answer without TLS", Node::text);
            *has = if first.reached { unseen(why, place) } else { Value::bool(false, place) };
            return found;
        };
        *has = Value::bool(true, place);
        let from = Parts::of(first.url_text()).unwrap_or_default();
        let Some((second, span)) =
            first.location().and_then(|location| Some((from.join(location.text())?, location.span())))
        else {
            // An error shows nothing that could be read on the way.
            if code < 400 {
                *ends = Value::bool(false, place);
            }
            return found;
        };
        let last = self.document.of(&[Probe::Plain, Probe::PlainFollow]).next_back();
        let onward = last.and_then(|last| Parts::of(last.url_text())?.join(last.location()?.text()));
        // Where it goes on another host without TLS was not looked at.
        if onward.as_ref().is_none_or(|onward| onward.is_https() || onward.host == from.host) {
            *ends = Value::bool(onward.is_some_and(|onward| onward.is_https()), span);
        }
        *straight = Value::bool(second.is_https(), span);
        if second.is_https() {
            let same = second.host == from.host;
            *stays = Value::bool(same, span);
            *permanent = Value::bool(matches!(code, 301 | 308), place);
            if same {
                *keeps = Value::bool(second.path == from.path, span);
            }
        }
        found
    }

    fn score(&self) -> [Value<'s>; 3] {
        let place = self.page.place().span();
        match score::score(self.document, self.page, self.csp.as_ref()) {
            Ok(score) => {
                let lost = score.marks.iter().filter(|mark| mark.points < 0);
                let lost = lost.map(|mark| Value::str(format!("{} ({})", mark.outcome, mark.points), mark.span));
                [Value::int(score.value, place), Value::str(score.grade, place), listed(lost.collect(), place)]
            }
            Err(why) => [unseen(why, place), unseen(why, place), Value::list(Vec::new(), place)],
        }
    }

    fn field(&self, name: Node<'s>, asked: Node<'s>) -> Fact<'s> {
        let body = &self.page.body;
        let place = body.json.unwrap_or(self.page.place()).span();
        let found = body.fields.iter().find(|(key, _)| key.text() == name.text()).map(|(_, value)| *value);
        let (expected, words) = wanted(asked);
        let span = found.map_or(place, |value| value.span());
        let right = found.is_some_and(|value| words.iter().any(|word| fits(value.text(), word)));
        let is_expected = match body.json {
            None if found.is_none() => unseen("the answer was not read to its end", place),
            _ => Value::bool(right, span),
        };
        let last = name.text().rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        const VERSIONS: [&str; 12] = [
            "version",
            "appversion",
            "app_version",
            "commit",
            "commitid",
            "gitcommit",
            "git_commit",
            "revision",
            "sha",
            "build",
            "release",
            "tag",
        ];
        let path = format!("{}/json/{}", self.url_text(), name.text());
        Field {
            name: text(name),
            expected: Value::str(expected, asked.span()),
            value: text_or(found, place),
            is_expected,
            is_version: Value::bool(VERSIONS.contains(&last.as_str()), name.span()),
        }
        .fact(span, path, self.role)
    }

    fn component(&self, name: Node<'s>, state: Node<'s>) -> Option<Fact<'s>> {
        let well = health::is_well(state.text())?;
        let fact = Component { name: text(name), state: text(state), is_healthy: Value::bool(well, state.span()) };
        Some(fact.fact(state.span(), format!("{}/component/{}", self.url_text(), name.text()), self.role))
    }

    fn expected(&self, name: Node<'s>, asked: Node<'s>) -> Fact<'s> {
        let lower = name.text().to_ascii_lowercase();
        let values: Vec<Node<'_>> = self.page.all(&lower).collect();
        let place = values.first().copied().unwrap_or(self.page.place()).span();
        let (expected, words) = wanted(asked);
        let right = values.iter().find(|value| words.iter().any(|word| fits(value.text(), word)));
        let value = match values.as_slice() {
            [] => Value::new(Data::Absent, place),
            values => {
                let joined: Vec<&str> = values.iter().map(|value| value.text()).collect();
                Value::str(joined.join(", "), place)
            }
        };
        let path = format!("{}/header/{lower}", self.url_text());
        let span = right.map_or(place, |value| value.span());
        Expected {
            name: Value::str(lower, name.span()),
            expected: Value::str(expected, asked.span()),
            value,
            is_expected: Value::bool(right.is_some(), span),
        }
        .fact(span, path, self.role)
    }

    fn redirects(&self) -> Vec<Fact<'s>> {
        let chain = self.document.of(&[Probe::Main, Probe::Follow, Probe::Plain, Probe::PlainFollow]);
        let hops = chain.filter_map(|exchange| Some((exchange, exchange.location()?)));
        let hops = hops.map(|(exchange, location)| {
            let from = Parts::of(exchange.url_text()).unwrap_or_default();
            let to = from.join(location.text());
            let span = location.span();
            let path = format!("{}/{}/{}", self.url_text(), exchange.probe.word(), location.text());
            let is_downgrade = to.as_ref().is_some_and(|to| from.is_https() && !to.is_https());
            Redirect {
                from: text_or(exchange.url, span),
                to: text(location),
                status: int_or(exchange.status, span),
                is_readable: Value::bool(to.is_some() || leads_to_program(location.text()), span),
                is_downgrade: Value::bool(is_downgrade, span),
                leaves_host: Value::bool(to.is_some_and(|to| to.host != from.host), span),
                is_from_target: Value::bool(matches!(exchange.probe, Probe::Main | Probe::Follow), span),
            }
            .fact(span, path, self.role)
        });
        hops.collect()
    }
}
