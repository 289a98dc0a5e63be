//! What belongs together by its name.

use std::net::IpAddr;

use crate::fact::target::Target;
use crate::inspect::tls::names;

/// The domain that somebody registered, as far as a name shows: its last two labels, three below `co.uk` and its like.
pub(super) fn domain(host: &str) -> &str {
    let mut dots = host.char_indices().rev().filter(|(_, letter)| *letter == '.').map(|(at, _)| at);
    let (Some(last), second) = (dots.next(), dots.next()) else { return host };
    let Some(second) = second else { return host };
    let (middle, end) = (host.get(second + 1..last).unwrap_or_default(), host.get(last + 1..).unwrap_or_default());
    let cut = if end.len() == 2 && middle.len() <= 3 { dots.next() } else { Some(second) };
    cut.map_or(host, |at| host.get(at + 1..).unwrap_or(host))
}

/// The host of a target, and whether it is only asked for in the DNS; `None` for addresses.
pub(super) fn host_of(target: &Target) -> Option<(String, bool)> {
    let (host, is_dns) = match target {
        Target::Tls(target) => (target.host.as_str(), false),
        Target::Dns(target) => (target.name.as_str(), true),
        Target::Http(target) => (host_in(&target.url), false),
    };
    let host = host.trim_matches(['[', ']']);
    (host.contains('.') && host.parse::<IpAddr>().is_err()).then(|| (names::canonical(host), is_dns))
}

/// The host in a URL.
fn host_in(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let place = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    if place.starts_with('[') { place } else { place.split(':').next().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::target::HttpTarget;

    #[test]
    fn domains_are_what_somebody_registered() {
        for (host, expected) in [
            ("shop.example.com", "example.com"),
            ("example.com", "example.com"),
            ("a.b.shop.example.org", "example.org"),
            ("shop.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("localhost", "localhost"),
            ("", ""),
        ] {
            assert_eq!(domain(host), expected, "{host}");
        }
    }

    #[test]
    fn hosts_are_found_in_urls() {
        let host = |url: &str| host_of(&Target::Http(HttpTarget { url: url.into(), ..HttpTarget::default() }));
        assert_eq!(host("https://u:p@Shop.Example.com:8443/a@b"), Some(("shop.example.com".into(), false)));
        assert_eq!(host("http://[::1]:80/"), None);
        assert_eq!(host("http://192.0.2.1/"), None);
        assert_eq!(host("nonsense"), None);
    }
}
