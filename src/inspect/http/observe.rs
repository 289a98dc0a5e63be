//! Asks an HTTP target: the only part of the inspector that reaches the network. What was seen is written as a
//! transcript, and judged from there.
//!
//! All addresses of the host are asked at once, so that a dead target costs one timeout; the first that answers, in
//! their order, is asked the rest. Redirects are followed by hand, on the same host and the same address only.

use reqwest::{Method, Url};

use self::ask::{Door, Exchange, Request};
use super::document::Probe;
use super::health;
use crate::fact::target::{HttpKind, HttpTarget};
use crate::observe::{Failure, Net, Writer};

mod ask;
mod body;
mod html;
mod redact;
mod tunnel;
mod verify;
mod write;

/// How often the target is asked once more, for its latency.
pub const SAMPLES: usize = 4;
/// So many redirects are followed.
pub const MAX_REDIRECTS: usize = 10;
/// So many addresses are asked.
pub const MAX_ADDRESSES: usize = 8;
/// So many paths that must be closed are asked for.
pub const MAX_CLOSED: usize = 20;
/// An origin that nobody has, to see what other sites may do.
pub const FOREIGN_ORIGIN: &str = "https://seaworthy.invalid";
/// A path that nobody has, to see the page for errors.
pub const UNLIKELY_PATH: &str = "/seaworthy-asks-for-what-is-not-there";

/// Writes the `observed:` part of the target's transcript. Never fails: what failed is written.
pub async fn observe(target: &HttpTarget, net: &Net, out: &mut Writer) {
    match seen(target, net).await {
        Ok(seen) => write::write(&seen, target, out),
        Err(failure) => out.failure(&failure),
    }
}

/// What was seen of a target.
struct Seen {
    host: String,
    addresses: Vec<std::net::IpAddr>,
    exchanges: Vec<Exchange>,
}

async fn seen(target: &HttpTarget, net: &Net) -> Result<Seen, Failure> {
    let url = Url::parse(&target.url).map_err(|error| Failure::Io(format!("`{}` is no URL: {error}", target.url)))?;
    let host = match url.host_str() {
        Some(host) if matches!(url.scheme(), "http" | "https") => host.trim_matches(['[', ']']).to_owned(),
        _ => return Err(Failure::Io(format!("`{}` is no URL of the web", target.url))),
    };
    let mut addresses = net.addresses(&host).await?;
    addresses.truncate(MAX_ADDRESSES);
    let accept = accept(target, &url);
    let (doors, first) =
        knock_everywhere(net, &host, &addresses, &Request::get(Probe::Main, url.clone()), accept).await?;
    let Some(answering) = first.iter().position(|exchange| exchange.outcome.is_ok()) else {
        let why = first.into_iter().find_map(|exchange| exchange.outcome.err());
        return Err(why.unwrap_or_else(|| Failure::Unresolved("the name has no address".into())));
    };
    let mut exchanges = Vec::new();
    let mut others = Vec::new();
    for (index, mut exchange) in first.into_iter().enumerate() {
        if index == answering {
            exchanges.push(exchange);
        } else {
            exchange.request.probe = Probe::Address;
            others.push(exchange);
        }
    }
    if let Some(door) = doors.get(answering) {
        rest(door, &host, &url, target, &mut exchanges).await;
    }
    exchanges.extend(others);
    Ok(Seen { host, addresses, exchanges })
}

/// What to ask for: a page as browsers do, and JSON where a program would.
fn accept(target: &HttpTarget, url: &Url) -> &'static str {
    let is_page = match target.kind {
        Some(kind) => kind == HttpKind::Page,
        None => target.json.is_empty() && !health::is_path(url.path()),
    };
    match is_page {
        true => "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
        false => "application/json,text/html;q=0.9,*/*;q=0.8",
    }
}

/// The first request at every address, all at once.
async fn knock_everywhere<'n>(
    net: &'n Net,
    host: &str,
    addresses: &[std::net::IpAddr],
    request: &Request,
    accept: &'static str,
) -> Result<(Vec<Door<'n>>, Vec<Exchange>), Failure> {
    let doors: Vec<Door<'n>> =
        addresses.iter().map(|address| Door::open(net, host, *address, accept)).collect::<Result<_, _>>()?;
    let asked: Vec<_> = doors.iter().map(|door| Box::pin(door.ask(request.clone()))).collect();
    let first = all(asked).await;
    Ok((doors, first))
}

/// Drives all futures together and gives their values in order.
async fn all<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut values: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (future, value) in futures.iter_mut().zip(&mut values) {
            if value.is_none() {
                match std::pin::Pin::new(future).poll(context) {
                    std::task::Poll::Ready(done) => *value = Some(done),
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        if waiting { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    values.into_iter().flatten().collect()
}

/// All that is asked beyond the first request: the times first, on their own, then the rest at once.
async fn rest(door: &Door<'_>, host: &str, url: &Url, target: &HttpTarget, exchanges: &mut Vec<Exchange>) {
    for _ in 0..SAMPLES {
        exchanges.push(door.ask(Request::get(Probe::Again, url.clone())).await);
    }
    let onward = exchanges.first().and_then(|main| main.outcome.as_ref().ok()?.onward(url));
    let followed = follow(door, host, url, onward, Probe::Follow, &|_| true);
    let (followed, plain, probes) = tokio::join!(followed, plain(door, host, url), probes(door, url, target));
    exchanges.extend(followed.into_iter().chain(plain).chain(probes));
}

/// Follows redirects as long as they stay on the host, `goes_on` says so and nothing comes round again.
async fn follow(
    door: &Door<'_>,
    host: &str,
    from: &Url,
    mut onward: Option<Url>,
    probe: Probe,
    goes_on: &dyn Fn(&Url) -> bool,
) -> Vec<Exchange> {
    let mut been = vec![from.clone()];
    let mut exchanges = Vec::new();
    while let Some(next) = onward.take() {
        let on_host = next.host_str().is_some_and(|next| next.trim_matches(['[', ']']) == host);
        if !on_host || !goes_on(&next) || been.contains(&next) || been.len() > MAX_REDIRECTS {
            break;
        }
        let exchange = door.ask(Request::get(probe, next.clone())).await;
        onward = exchange.outcome.as_ref().ok().and_then(|answer| answer.onward(&next));
        been.push(next);
        exchanges.push(exchange);
    }
    exchanges
}

/// The same host and path without TLS, where that has its usual port; redirects up to the first that leads to TLS.
async fn plain(door: &Door<'_>, host: &str, url: &Url) -> Vec<Exchange> {
    let mut plain = url.clone();
    if url.scheme() != "https" || url.port_or_known_default() != Some(443) || plain.set_scheme("http").is_err() {
        return Vec::new();
    }
    let request = Request::get(Probe::Plain, plain.clone());
    if let Err(failure) = door.knock(host, 80).await {
        // Nobody listens, or a wall swallows it: there is nothing without TLS.
        return vec![Exchange {
            request,
            address: door.address,
            certificate: None,
            outcome: Err(failure),
            reached: false,
        }];
    }
    let first = door.ask(request).await;
    let onward = first.outcome.as_ref().ok().and_then(|answer| answer.onward(&plain));
    let mut exchanges = vec![first];
    exchanges.extend(follow(door, host, &plain, onward, Probe::PlainFollow, &|next| next.scheme() == "http").await);
    exchanges
}

/// What is not there, what others may do, what must be closed, one after the other.
async fn probes(door: &Door<'_>, url: &Url, target: &HttpTarget) -> Vec<Exchange> {
    let at = |probe, path: &str| url.join(path).ok().map(|url| Request::get(probe, url));
    let foreign =
        |probe, origin| Request { method: Method::OPTIONS, origin: Some(origin), ..Request::get(probe, url.clone()) };
    let mut requests = vec![Request { compressed: true, ..Request::get(Probe::Compressed, url.clone()) }];
    requests.extend(at(Probe::Missing, UNLIKELY_PATH));
    requests.push(foreign(Probe::Cors, FOREIGN_ORIGIN));
    requests.push(Request { method: Method::GET, ..foreign(Probe::CorsGet, FOREIGN_ORIGIN) });
    requests.push(foreign(Probe::CorsNull, "null"));
    requests.push(Request { method: Method::TRACE, ..Request::get(Probe::Trace, url.clone()) });
    let host = url.host_str();
    let closed = target.closed.iter().take(MAX_CLOSED).filter_map(|path| at(Probe::Closed, path));
    requests.extend(closed.filter(|request| request.url.host_str() == host));
    let mut exchanges = Vec::new();
    for request in requests {
        exchanges.push(door.ask(request).await);
    }
    exchanges
}
