//! What a policy asks to be probed, as plain types: written in a policy, carried into a transcript, read by the
//! inspectors of the network.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a target is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// A handshake.
    Tls,
    /// Look-ups.
    Dns,
    /// Requests.
    Http,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 3] = [Protocol::Tls, Protocol::Dns, Protocol::Http];

    /// Its name: that of its inspector, and of its key under `targets:`.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Tls => "tls",
            Protocol::Dns => "dns",
            Protocol::Http => "http",
        }
    }
}

/// A target of any protocol.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// A TLS endpoint.
    Tls(TlsTarget),
    /// A name.
    Dns(DnsTarget),
    /// A URL.
    Http(HttpTarget),
}

impl Target {
    /// How it is spoken to.
    pub fn protocol(&self) -> Protocol {
        match self {
            Target::Tls(_) => Protocol::Tls,
            Target::Dns(_) => Protocol::Dns,
            Target::Http(_) => Protocol::Http,
        }
    }

    /// What of it must not be written, with what stands in its place.
    pub fn secrets(&self) -> Vec<(String, String)> {
        match self {
            Target::Tls(_) | Target::Dns(_) => Vec::new(),
            Target::Http(target) => target.secrets(),
        }
    }

    /// How reports name it: `shop.example.com:443`, a name, a URL.
    pub fn endpoint(&self) -> Cow<'_, str> {
        match self {
            Target::Tls(target) => target.endpoint().into(),
            Target::Dns(target) => target.name.as_str().into(),
            Target::Http(target) => target.endpoint(),
        }
    }
}

/// A TLS endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TlsTarget {
    /// A name or an address.
    pub host: String,
    /// 443 when absent, or the usual port of the protocol that upgrades to TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The least days that the certificate must hold on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The protocol that upgrades to TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starttls: Option<StartTls>,
}

impl TlsTarget {
    /// The port that is meant.
    pub fn port_number(&self) -> u16 {
        self.port.unwrap_or_else(|| self.starttls.map_or(443, StartTls::port))
    }

    /// `host:port`, an IPv6 address in brackets.
    pub fn endpoint(&self) -> String {
        let host = self.host.trim_matches(['[', ']']);
        let port = self.port_number();
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

/// A protocol that begins in the clear and upgrades to TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StartTls {
    /// RFC 3207.
    Smtp,
    /// RFC 9051.
    Imap,
    /// RFC 2595.
    Pop3,
    /// RFC 4511.
    Ldap,
    /// PostgreSQL's `SSLRequest`.
    Postgres,
    /// MySQL's `CLIENT_SSL`.
    Mysql,
}

impl StartTls {
    /// The port that is usual for it.
    pub fn port(self) -> u16 {
        match self {
            StartTls::Smtp => 25,
            StartTls::Imap => 143,
            StartTls::Pop3 => 110,
            StartTls::Ldap => 389,
            StartTls::Postgres => 5432,
            StartTls::Mysql => 3306,
        }
    }
}

/// A name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DnsTarget {
    /// The name.
    pub name: String,
    /// The records that it must have, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect: BTreeMap<String, Vec<String>>,
    /// Further resolvers whose answers are compared: an address each, with a port where it is not 53.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
    /// The selectors under which its DKIM keys must be found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<String>,
    /// The authorities that issue its certificates, as CAA names them: `letsencrypt.org`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<String>,
    /// The most seconds that its addresses may be kept, before a planned move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ttl: Option<u32>,
    /// Whether it is meant for a private network, so that private addresses are right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// Whether its zone has to be signed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dnssec: bool,
    /// Whether its mail policy (MTA-STS) is fetched from `mta-sts.NAME` and judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mta_sts: bool,
    /// Whether the servers of its zone are asked to hand out the whole zone, which strangers must not get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
}

/// What servers must answer to a stranger who asks for the whole zone (AXFR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transfer {
    /// No.
    Refused,
}

/// A URL.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpTarget {
    /// The URL.
    pub url: String,
    /// The status that it must answer with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Fields that the JSON answer must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub json: BTreeMap<String, serde_json::Value>,
    /// The longest time to answer: `500ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_latency: Option<String>,
    /// How strictly its headers are judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<HeaderJudging>,
    /// What it is; without it, path and answer tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<HttpKind>,
    /// The type that the answer must have; `*` stands for anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Headers that the answer must have; `*` in a value stands for anything.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect_headers: BTreeMap<String, String>,
    /// Texts that must be in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Texts that must not be in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// Paths of the same host that must not be open to anybody: `/actuator/env`, `/.git/HEAD`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
}

/// How strictly the headers of an HTTP target are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HeaderJudging {
    /// As if every answer were shown by a browser.
    Strict,
    /// Not at all.
    Off,
}

/// What an HTTP target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum HttpKind {
    /// Shown by browsers.
    Page,
    /// Asked by programs.
    Api,
    /// Tells how the service is.
    Health,
}

/// Endings of the names of parameters whose values open doors.
const SECRET_PARAMETERS: [&str; 9] =
    ["token", "secret", "password", "passwd", "key", "signature", "sig", "auth", "credential"];
/// A shorter secret is hidden only where it stands: it would be found in words.
const SHORTEST_SECRET: usize = 6;

impl HttpTarget {
    /// The URL without user and password, and without the values of parameters that open doors: no report repeats
    /// them.
    pub fn endpoint(&self) -> Cow<'_, str> {
        let plain =
            self.in_place().iter().fold(self.url.clone(), |url, (secret, instead)| url.replace(secret, instead));
        if plain == self.url { self.url.as_str().into() } else { plain.into() }
    }

    /// Parts of the URL that are secret, with what stands in their place.
    fn in_place(&self) -> Vec<(String, String)> {
        let mut parts = Vec::new();
        if let Some((_, rest)) = self.url.split_once("://") {
            let place = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
            parts.extend(place.rsplit_once('@').map(|(user, _)| (format!("{user}@"), String::new())));
        }
        let asked = self.url.split_once('?').map_or("", |(_, asked)| asked.split('#').next().unwrap_or_default());
        for (name, value) in asked.split('&').filter_map(|pair| pair.split_once('=')) {
            let word = name.to_ascii_lowercase();
            if !value.is_empty() && SECRET_PARAMETERS.iter().any(|ending| word.ends_with(ending)) {
                parts.push((format!("{name}={value}"), format!("{name}=({} characters)", value.chars().count())));
            }
        }
        parts
    }

    /// What of the URL must not be written wherever it comes up, with what stands in its place.
    fn secrets(&self) -> Vec<(String, String)> {
        let mut secrets = self.in_place();
        let values: Vec<&str> = secrets
            .iter()
            .filter_map(|(part, _)| part.split_once(['=', ':']).map(|(_, value)| value.trim_end_matches('@')))
            .filter(|value| value.len() >= SHORTEST_SECRET)
            .collect();
        let alone: Vec<(String, String)> = values
            .into_iter()
            .map(|value| (value.to_owned(), format!("({} characters)", value.chars().count())))
            .collect();
        secrets.extend(alone);
        secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_names_no_password() {
        let endpoint = |url: &str| HttpTarget { url: url.into(), ..HttpTarget::default() }.endpoint().into_owned();
        assert_eq!(endpoint("https://shop.example.com/a@b?c@d"), "https://shop.example.com/a@b?c@d");
        assert_eq!(endpoint("https://user:pa@ss@shop.example.com:1/health"), "https://shop.example.com:1/health");
        assert_eq!(endpoint("https://user@shop.example.com"), "https://shop.example.com");
        assert_eq!(endpoint("nonsense"), "nonsense");
        assert_eq!(endpoint("http://a/?check=db&api_key=12345678#x"), "http://a/?check=db&api_key=(8 characters)#x");
        assert_eq!(endpoint("http://a/?X-Token=1&keyboard=us"), "http://a/?X-Token=(1 characters)&keyboard=us");
    }

    #[test]
    fn an_endpoint_names_host_and_port() {
        let target = |host: &str, port, starttls| TlsTarget { host: host.into(), port, days: None, starttls };
        assert_eq!(target("shop.example.com", None, None).endpoint(), "shop.example.com:443");
        assert_eq!(target("mx.example.com", None, Some(StartTls::Smtp)).endpoint(), "mx.example.com:25");
        assert_eq!(target("::1", Some(8443), None).endpoint(), "[::1]:8443");
        assert_eq!(target("[::1]", Some(8443), None).endpoint(), "[::1]:8443");
    }
}
