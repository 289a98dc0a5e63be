//! Passwords in the user part of URLs: `scheme://user:password@host`.

use std::ops::Range;

/// A longer user part is not looked at.
const LONGEST: usize = 256;

/// A URL with a password.
pub(super) struct UserInfo<'t> {
    pub(super) user: &'t str,
    /// Where the password stands.
    pub(super) password: Range<usize>,
    pub(super) host: &'t str,
}

/// All of them, in order.
pub(super) fn find(text: &str) -> impl Iterator<Item = UserInfo<'_>> {
    memchr::memchr_iter(b'@', text.as_bytes()).filter_map(|at| before(text, at))
}

fn before(text: &str, at: usize) -> Option<UserInfo<'_>> {
    let bytes = text.as_bytes();
    let from = at.saturating_sub(LONGEST);
    let run = bytes.get(from..at)?.iter().rev().take_while(|byte| is_url(**byte)).count();
    let url = text.get(at - run..at)?;
    let begin = url.rfind("://")?;
    let info = &url[begin + 3..];
    let (user, password) = info.split_once(':')?;
    let scheme = url[..begin].bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || b"+.-".contains(b)).count();
    if scheme < 2 || password.is_empty() || info.contains(['/', '?', '#']) {
        return None;
    }
    let rest = text.get(at + 1..)?;
    let host_len = rest.bytes().take(128).take_while(|b| b.is_ascii_alphanumeric() || b".-_$%{}[]".contains(b)).count();
    Some(UserInfo { user, password: at - password.len()..at, host: rest.get(..host_len).unwrap_or_default() })
}

/// What may stand in the part before `@`: no blanks, quotes, brackets.
fn is_url(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'@' | b'\\' | b',')
        && byte >= 0x20
}

/// Whether the host is one that only samples use.
pub(super) fn is_sample_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let ends = ["example.com", "example.org", "example.net", ".example", ".invalid", ".test"];
    let plain = [
        "host",
        "hostname",
        "localhost",
        "127.0.0.1",
        "server",
        "domain.com",
        "foo",
        "bar",
        "0.0.0.0",
        "myhost",
        "host.docker.internal",
    ];
    host.is_empty()
        || ends.iter().any(|end| host.ends_with(end))
        || plain.contains(&host.as_str())
        || host.contains(['$', '{', '%'])
}
