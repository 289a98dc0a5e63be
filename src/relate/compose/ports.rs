//! Entries of `ports`, short and long.

use std::borrow::Cow;

use super::scope::Scope;
use crate::inspect::compose::document::{Form, Part};

/// An entry that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Port {
    /// The address of the host, brackets taken off.
    pub(super) host_ip: Option<String>,
    /// First and last port of the host.
    pub(super) published: Option<(u16, u16)>,
    /// First and last port of the container.
    pub(super) target: (u16, u16),
    /// `tcp`, `udp` or `sctp`.
    pub(super) protocol: String,
}

impl Port {
    /// What two entries that are the same have in common.
    pub(super) fn identity(&self) -> String {
        format!("{:?}/{:?}/{:?}/{}", self.host_ip, self.published, self.target, self.protocol)
    }

    /// Whether only the host itself reaches it.
    pub(super) fn is_loopback(&self) -> bool {
        let ip = self.host_ip.as_deref().unwrap_or_default();
        ip.starts_with("127.") || ip == "::1" || ip == "localhost"
    }

    /// Whether every interface of the host offers it.
    pub(super) fn is_everywhere(&self) -> bool {
        matches!(self.host_ip.as_deref(), None | Some("" | "0.0.0.0" | "::" | "*"))
    }
}

/// Why an entry cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// A variable decides.
    Unknown,
    /// It is none.
    Invalid,
}

/// The entry `part`; nothing when it cannot be read.
pub(super) fn read(part: &Part<'_>, scope: &Scope) -> Option<Port> {
    entry(part, scope).ok()
}

/// The entry `part`, or why it cannot be read.
pub(super) fn entry(part: &Part<'_>, scope: &Scope) -> Result<Port, Broken> {
    if let Form::Map(_) = part.form {
        return long(part, scope);
    }
    let text = scope.known(part).ok_or(Broken::Unknown)?;
    short(&text).ok_or(Broken::Invalid)
}

fn long(part: &Part<'_>, scope: &Scope) -> Result<Port, Broken> {
    let field = |key: &str| -> Result<Option<Cow<'_, str>>, Broken> {
        part.get(key).map(|part| scope.known(part).ok_or(Broken::Unknown)).transpose()
    };
    let range = |text: Cow<'_, str>| range(&text).ok_or(Broken::Invalid);
    let target = field("target")?.ok_or(Broken::Invalid)?;
    Ok(Port {
        host_ip: field("host_ip")?.map(|ip| ip.trim_matches(['[', ']']).to_owned()),
        published: field("published")?.filter(|text| !text.is_empty() && text != "0").map(range).transpose()?,
        target: range(target)?,
        protocol: field("protocol")?.map_or_else(|| "tcp".to_owned(), |text| text.to_ascii_lowercase()),
    })
}

/// `[[ip:]published:]target[/protocol]`.
pub(super) fn short(text: &str) -> Option<Port> {
    let (rest, protocol) = text.trim().split_once('/').unwrap_or((text.trim(), "tcp"));
    if !matches!(protocol, "tcp" | "udp" | "sctp" | "TCP" | "UDP" | "SCTP") {
        return None;
    }
    let (host, target) = match rest.rsplit_once(':') {
        Some((host, target)) => (Some(host), target),
        None => (None, rest),
    };
    let (host_ip, published) = match host {
        None => (None, ""),
        Some(host) => match host.rsplit_once(':') {
            // A lone address without a port: `[::1]:80` and `::1:80` are not written like that.
            Some((ip, published)) => (Some(ip.trim_matches(['[', ']']).to_owned()), published),
            None => (None, host),
        },
    };
    // 0 is whatever port is free, as none is.
    let published = if matches!(published, "" | "0") { None } else { Some(range(published)?) };
    let is_address = |ip: &str| ip.parse::<std::net::IpAddr>().is_ok() || ip == "localhost";
    if host_ip.as_deref().is_some_and(|ip| !is_address(ip)) {
        return None;
    }
    Some(Port { host_ip, published, target: range(target)?, protocol: protocol.to_ascii_lowercase() })
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (first, last) = (number(first)?, number(last)?);
    (first <= last).then_some((first, last))
}

/// Whether a plain scalar of this text was a number to the base 60 for readers of YAML 1.1: `22:22`, `1:30`.
pub(super) fn is_sexagesimal(part: &Part<'_>) -> bool {
    let is_plain = part.form == Form::Scalar { is_settled: false };
    let mut pieces = part.raw.split(':');
    let first = pieces.next().unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let small = |text: &str| digits(text) && text.len() <= 2 && text.parse::<u8>().is_ok_and(|number| number < 60);
    let rest: Vec<&str> = pieces.collect();
    is_plain && digits(first) && !rest.is_empty() && rest.iter().all(|piece| small(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Address, published, target, protocol.
    type Short = (Option<String>, Option<(u16, u16)>, (u16, u16), String);

    fn port(text: &str) -> Option<Short> {
        short(text).map(|port| (port.host_ip, port.published, port.target, port.protocol))
    }

    #[test]
    fn short_forms() {
        let tcp = || "tcp".to_owned();
        assert_eq!(port("80"), Some((None, None, (80, 80), tcp())));
        assert_eq!(port("8080:80/udp"), Some((None, Some((8080, 8080)), (80, 80), "udp".into())));
        assert_eq!(port("127.0.0.1:8080:80"), Some((Some("127.0.0.1".into()), Some((8080, 8080)), (80, 80), tcp())));
        assert_eq!(port("0:80"), port("80"));
        assert_eq!(port("127.0.0.1::80"), Some((Some("127.0.0.1".into()), None, (80, 80), tcp())));
        assert_eq!(port("[::1]:80:80"), Some((Some("::1".into()), Some((80, 80)), (80, 80), tcp())));
        assert_eq!(port("3000-3005:4000-4005"), Some((None, Some((3000, 3005)), (4000, 4005), tcp())));
        for text in ["", "a", "80:", "80:80:80:x", "70000", "9-3", "80/http", "host:80:80", "+80"] {
            assert_eq!(port(text), None, "{text}");
        }
    }
}
