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

    /// How reports name it: `shop.example.com:443`, a name, a URL.
    pub fn endpoint(&self) -> Cow<'_, str> {
        match self {
            Target::Tls(target) => target.endpoint().into(),
            Target::Dns(target) => target.name.as_str().into(),
            Target::Http(target) => target.url.as_str().into(),
        }
    }
}

/// A TLS endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DnsTarget {
    /// The name.
    pub name: String,
    /// The records that it must have, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expect: BTreeMap<String, Vec<String>>,
}

/// A URL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    pub headers: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_names_host_and_port() {
        let target = |host: &str, port, starttls| TlsTarget { host: host.into(), port, days: None, starttls };
        assert_eq!(target("shop.example.com", None, None).endpoint(), "shop.example.com:443");
        assert_eq!(target("mx.example.com", None, Some(StartTls::Smtp)).endpoint(), "mx.example.com:25");
        assert_eq!(target("::1", Some(8443), None).endpoint(), "[::1]:8443");
        assert_eq!(target("[::1]", Some(8443), None).endpoint(), "[::1]:8443");
    }
}
