//! Names in certificates: which hosts they cover, and which nobody outside can own.

use std::net::IpAddr;

use super::document::Name;

/// Ends of names that are no part of the public DNS.
const PRIVATE_ENDS: &[&str] = &[
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Names that only manuals, tests and the own machine use.
const STAND_INS: &[&str] =
    &["example", "example.com", "example.net", "example.org", "invalid", "localdomain", "localhost", "test"];

/// Second-level names under which anybody registers: `*.co.uk` belongs to everybody.
const SHARED_SECOND_LEVEL: &[&str] =
    &["ac", "co", "com", "edu", "gob", "gov", "go", "gouv", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "plc"];

/// A host as it is compared: no trailing dot, small letters.
pub(crate) fn canonical(host: &str) -> String {
    host.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// Whether one of `names` covers `host`: a wildcard stands for exactly one label, an address only for itself.
pub(crate) fn cover(names: &[Name], host: &str) -> bool {
    let host = canonical(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return names.contains(&Name::Ip(address));
    }
    names.iter().any(|name| matches!(name, Name::Dns(pattern) if covers(pattern, &host)))
}

/// Whether `pattern` covers the canonical `host`.
pub(crate) fn covers(pattern: &str, host: &str) -> bool {
    let pattern = canonical(pattern);
    match pattern.strip_prefix("*.") {
        Some(parent) => host
            .split_once('.')
            .is_some_and(|(first, rest)| !first.is_empty() && rest == parent && parent.contains('.')),
        None => !pattern.is_empty() && pattern == host,
    }
}

/// Whether nobody can own the name in public: one label, an end that the public DNS has not, a private address.
pub(super) fn is_internal(name: &Name) -> bool {
    match name {
        Name::Ip(IpAddr::V4(four)) => {
            four.is_private() || four.is_loopback() || four.is_link_local() || four.is_unspecified()
        }
        Name::Ip(IpAddr::V6(six)) => six.is_loopback() || six.is_unique_local() || six.is_unicast_link_local(),
        Name::Dns(name) => {
            let name = canonical(name);
            let last = name.rsplit('.').next().unwrap_or(&name);
            !name.contains('.') || PRIVATE_ENDS.contains(&last)
        }
        Name::Other(_) => false,
    }
}

/// Whether it is a name for tests and manuals.
pub(super) fn is_stand_in(name: &Name) -> bool {
    match name {
        Name::Ip(address) => address.is_loopback(),
        Name::Dns(name) => {
            let name = canonical(name);
            STAND_INS.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|head| head.ends_with('.')))
        }
        Name::Other(_) => false,
    }
}

/// Whether a wildcard covers what belongs to many, or stands where none may stand.
pub(super) fn is_broad(name: &str) -> bool {
    let name = canonical(name);
    if !name.contains('*') {
        return false;
    }
    let Some(parent) = name.strip_prefix("*.") else { return true };
    let labels: Vec<&str> = parent.split('.').collect();
    match labels.as_slice() {
        _ if parent.contains('*') => true,
        [] | [_] => true,
        [second, top] => top.len() == 2 && SHARED_SECOND_LEVEL.contains(second),
        _ => false,
    }
}

/// What makes a name one that no host can have.
pub(super) fn defect(name: &str) -> Option<&'static str> {
    let bare = name.strip_prefix("*.").unwrap_or(name);
    let has = |test: fn(char) -> bool| name.chars().any(test);
    if name.is_empty() {
        Some("it is empty")
    } else if has(char::is_whitespace) {
        Some("it has a blank in it")
    } else if has(char::is_control) {
        Some("it has an invisible character in it")
    } else if !name.is_ascii() {
        Some("it is not written in ASCII (an international name begins with `xn--`)")
    } else if name.contains("://") || name.contains('/') {
        Some("it is a URL")
    } else if name.parse::<IpAddr>().is_ok() {
        Some("it is an address, which belongs into an entry of type IP")
    } else if has(|c| c == '_') {
        Some("it has an underscore in it")
    } else if bare.split('.').any(str::is_empty) {
        Some("a label of it is empty")
    } else if name.len() > 253 || bare.split('.').any(|label| label.len() > 63) {
        Some("it is too long")
    } else if bare.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        Some("a label of it begins or ends with a hyphen")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_covers_one_label() {
        let dns = |name: &str| Name::Dns(name.into());
        for (pattern, host, expected) in [
            ("shop.example.com", "shop.example.com", true),
            ("Shop.Example.com", "shop.example.com.", true),
            ("*.example.com", "shop.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.shop.example.com", false),
            ("*.com", "example.com", false),
            ("*", "shop", false),
            ("s*.example.com", "shop.example.com", false),
            ("", "", false),
            ("192.0.2.1", "192.0.2.1", false),
        ] {
            assert_eq!(cover(&[dns(pattern)], host), expected, "{pattern} {host}");
        }
        assert!(cover(&[Name::Ip("192.0.2.1".parse().unwrap())], "192.0.2.1"));
        assert!(cover(&[Name::Ip("2001:db8::1".parse().unwrap())], "[2001:db8:0::1]"));
    }

    #[test]
    fn names_are_told_apart() {
        let dns = |name: &str| Name::Dns(name.into());
        assert!(["db", "db.internal", "x.local", "localhost"].iter().all(|name| is_internal(&dns(name))));
        assert!(!is_internal(&dns("shop.example.com")) && is_internal(&Name::Ip("10.0.0.1".parse().unwrap())));
        assert!(["localhost", "api.localhost", "www.example.com", "a.test"].iter().all(|name| is_stand_in(&dns(name))));
        assert!(!is_stand_in(&dns("myexample.com")) && !is_stand_in(&dns("latest")));
        assert!(
            ["*", "*.com", "*.co.uk", "a.*.example.com", "w*.example.com", "*.*.example.com"]
                .iter()
                .all(|n| is_broad(n))
        );
        assert!(!is_broad("*.example.com") && !is_broad("*.example.co.uk") && !is_broad("example.com"));
    }

    #[test]
    fn defects_are_named() {
        let long = "a".repeat(64);
        for bad in [
            "",
            "a b.example",
            "a_b.example",
            ".example",
            "a..b",
            "https://a.example",
            "192.0.2.1",
            "bücher.example",
            "-a.example",
            &long,
        ] {
            assert!(defect(bad).is_some(), "{bad}");
        }
        for good in ["a.example", "*.a.example", "xn--bcher-kva.example", "A.Example", "a-b.c"] {
            assert_eq!(defect(good), None, "{good}");
        }
    }
}
