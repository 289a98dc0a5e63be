//! Functions that rules about releases need and CEL does not have.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::function::Function;
use super::value::{Fault, Fuel, Res, Val, mismatch};
use crate::syntax::quantity;

/// Calls a domain function with flat values.
pub(super) fn call<'v>(function: Function, args: &[Val<'v>], fuel: &mut Fuel) -> Res<'v> {
    match (function, args) {
        (Function::Quantity, [value]) => quantity(value),
        (Function::Glob, [text, pattern]) => match (text.str(), pattern.str()) {
            (Some(text), Some(pattern)) => {
                fuel.spend(text.len().saturating_mul(pattern.len()) / 16)?;
                Ok(Val::Bool(glob(text, pattern)))
            }
            _ => Err(mismatch("glob", &[text, pattern])),
        },
        (Function::VersionAtLeast, [version, least]) => match (version.str(), least.str()) {
            (Some(version), Some(least)) => Ok(Val::Bool(compare_versions(version, least)? != Ordering::Less)),
            _ => Err(mismatch("versionAtLeast", &[version, least])),
        },
        (_, [text]) => match text.str() {
            Some(text) => address(function, text),
            None => Err(mismatch("an address", &[text])),
        },
        _ => Err(mismatch("this function", &args.iter().collect::<Vec<_>>())),
    }
}

/// `quantity(x)`: a Kubernetes quantity (`500m`, `1Gi`, `2e3`, or a plain number) as a number.
fn quantity<'v>(value: &Val<'v>) -> Res<'v> {
    match value {
        Val::Int(int) => Ok(Val::Double(*int as f64)),
        Val::Uint(uint) => Ok(Val::Double(*uint as f64)),
        Val::Double(_) => Ok(value.clone()),
        _ => match value.str() {
            Some(text) => match quantity::parse(text) {
                Some(number) => Ok(Val::Double(number)),
                None => Err(Fault::Static("this is not a quantity such as `500m` or `1Gi`")),
            },
            None => Err(mismatch("quantity", &[value])),
        },
    }
}

/// `glob(text, pattern)`: `*` stands for any characters but `/`, `**` for any at all, `?` for one that is not `/`.
fn glob(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the pattern read so far matches the first i characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let (step, stars) = (c.len_utf8(), rest.starts_with("**"));
        rest = &rest[if stars { 2 } else { step }..];
        if c == '*' {
            for at in 0..text.len() {
                reached[at + 1] |= reached[at] && (stars || text[at] != '/');
            }
        } else {
            for at in (0..text.len()).rev() {
                reached[at + 1] = reached[at] && (text[at] == c || (c == '?' && text[at] != '/'));
            }
            reached[0] = false;
        }
    }
    reached.last().copied().unwrap_or(false)
}

/// Compares versions such as `1.25`, `v2.0.3`, `17-alpine` or `3.0.0-rc.1` number by number; a pre-release comes
/// before its release.
fn compare_versions<'v>(left: &str, right: &str) -> Res<'v, Ordering> {
    const BAD: Fault<'static> = Fault::Static("this is not a version such as `1.25.3`");
    let parse = |text: &str| -> Option<(Vec<u64>, bool)> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (numbers, tail) = text.split_at(end);
        let numbers = numbers.trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let tail = tail.trim_start_matches(['-', '.', '_', '~']);
        let early = ["rc", "alpha", "beta", "pre", "dev", "snapshot", "preview", "m"];
        let is_early = early.iter().any(|word| {
            tail.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
                && !tail[word.len()..].starts_with(|c: char| c.is_ascii_alphabetic())
        });
        Some((numbers, is_early))
    };
    let ((left, left_early), (right, right_early)) = (parse(left).ok_or(BAD)?, parse(right).ok_or(BAD)?);
    let part = |parts: &[u64], at: usize| parts.get(at).copied().unwrap_or(0);
    let order = (0..left.len().max(right.len())).map(|at| part(&left, at).cmp(&part(&right, at)));
    Ok(order.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| right_early.cmp(&left_early)))
}

fn address<'v>(function: Function, text: &str) -> Res<'v> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address: Option<IpAddr> = bare.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    if function == Function::IsIp {
        return Ok(Val::Bool(address.is_some()));
    }
    let Some(address) = address else { return Err(Fault::Static("this is not an IP address")) };
    Ok(Val::Bool(match (function, address) {
        (Function::IpIsLoopback, address) => address.is_loopback(),
        (_, IpAddr::V4(address)) => address.is_private() || address.is_loopback() || address.is_link_local(),
        (_, IpAddr::V6(address)) => {
            address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local()
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        let cases =
            [("500m", 0.5), ("1Gi", 1_073_741_824.0), ("2e3", 2000.0), ("-1k", -1000.0), ("1.5", 1.5), ("1E", 1e18)];
        for (text, number) in cases {
            assert_eq!(quantity::parse(text), Some(number), "{text}");
        }
        for text in ["", "m", "1g", "1 Gi", "1..2", "e3", "1Gi "] {
            assert_eq!(quantity::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn globs() {
        for (text, pattern) in [
            ("a/b", "a/*"),
            ("a/b/c", "a/**"),
            ("abc", "a?c"),
            ("", "**"),
            ("ghcr.io/x/y:1", "ghcr.io/**"),
            ("äö", "?*"),
        ] {
            assert!(glob(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("a/b/c", "a/*"), ("a/c", "a?c"), ("x", ""), ("", "?"), ("abc", "ab")] {
            assert!(!glob(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn versions() {
        let least = |version, least| compare_versions(version, least).map(Ordering::is_ge).ok();
        assert_eq!(least("1.25.3", "1.25"), Some(true));
        assert_eq!(least("v1.9", "1.10"), Some(false));
        assert_eq!(least("17-alpine", "17"), Some(true));
        assert_eq!(least("3.0.0-rc.1", "3.0.0"), Some(false));
        assert_eq!(least("latest", "1"), None);
    }
}
