//! As much of a URL as judging needs. Total: a text that is none has no scheme.

use crate::path;

/// A URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// `http`, `https`, in lower case; empty when it has none.
    pub scheme: String,
    /// In lower case, an IPv6 address without brackets.
    pub host: String,
    /// The one written, or the scheme's.
    pub port: u16,
    /// With its leading `/`, without query and fragment.
    pub path: String,
    /// With its `?`; empty when there is none.
    pub query: String,
}

impl Parts {
    /// Takes an absolute URL apart.
    pub fn of(text: &str) -> Option<Parts> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let usual = if scheme == "https" { 443 } else { 80 };
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (host, port.strip_prefix(':').unwrap_or_default()),
            None => authority.split_once(':').unwrap_or((authority, "")),
        };
        let port = if port.is_empty() { usual } else { port.parse().ok()? };
        if host.is_empty() {
            return None;
        }
        let (path, query) = path_and_query(rest);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        Some(Parts { scheme, host, port, path, query })
    }

    /// Where `location` leads from here.
    pub fn join(&self, location: &str) -> Option<Parts> {
        let location = location.trim();
        if let Some(rest) = location.strip_prefix("//") {
            return Parts::of(&format!("{}://{rest}", self.scheme));
        }
        let names_scheme = location.split_once(':').is_some_and(|(scheme, _)| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        if names_scheme {
            return Parts::of(location);
        }
        let (mut path, query) = path_and_query(location);
        if !location.starts_with('/') {
            let folder = path::folder(&self.path);
            path = match location.starts_with(['?', '#']) || location.is_empty() {
                true => self.path.clone(),
                false => format!("{folder}{path}"),
            };
        }
        Some(Parts { path, query, ..self.clone() })
    }

    /// Whether it is encrypted.
    pub fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// Whether only the own network reaches the host: an address of it, or a name that no public name server knows.
    pub fn is_local(&self) -> bool {
        if let Ok(address) = self.host.parse::<std::net::Ipv4Addr>() {
            return address.is_private() || address.is_loopback() || address.is_link_local();
        }
        if let Ok(address) = self.host.parse::<std::net::Ipv6Addr>() {
            return address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local();
        }
        let endings = [".local", ".localhost", ".internal", ".svc", ".lan", ".home.arpa", ".cluster.local"];
        !self.host.contains('.') || endings.iter().any(|ending| self.host.ends_with(ending))
    }
}

fn path_and_query(rest: &str) -> (String, String) {
    let rest = rest.split('#').next().unwrap_or(rest);
    let (path, query) = rest.split_at_checked(rest.find('?').unwrap_or(rest.len())).unwrap_or((rest, ""));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    (path, query.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(parts: Option<Parts>) -> String {
        parts.map_or_else(
            || "-".into(),
            |url| format!("{} {} {} {}{}", url.scheme, url.host, url.port, url.path, url.query),
        )
    }

    #[test]
    fn urls_are_taken_apart() {
        for (text, parts) in [
            ("https://Shop.example.com", "https shop.example.com 443 /"),
            ("http://a.example:8080/x/y?z=1#f", "http a.example 8080 /x/y?z=1"),
            ("https://[2001:db8::1]:8443/x", "https 2001:db8::1 8443 /x"),
            ("https://user:pw@a.example?x", "https a.example 443 /?x"),
            ("ftp://a.example/", "-"),
            ("https://", "-"),
            ("https://a:99999/", "-"),
            ("nonsense", "-"),
        ] {
            assert_eq!(shown(Parts::of(text)), parts, "{text}");
        }
    }

    #[test]
    fn locations_lead_on() {
        let from = Parts::of("https://a.example/x/y?q").expect("a URL");
        for (location, to) in [
            ("/z", "https a.example 443 /z"),
            ("z", "https a.example 443 /x/z"),
            ("?r", "https a.example 443 /x/y?r"),
            ("//b.example/c", "https b.example 443 /c"),
            ("http://a.example/", "http a.example 80 /"),
            ("javascript:alert(1)", "-"),
            ("", "https a.example 443 /x/y"),
        ] {
            assert_eq!(shown(from.join(location)), to, "{location}");
        }
    }

    #[test]
    fn hosts_of_the_own_network() {
        for (host, local) in [
            ("shop", true),
            ("10.0.0.1", true),
            ("api.shop.svc", true),
            ("[::1]", true),
            ("a.example", false),
            ("8.8.8.8", false),
        ] {
            assert_eq!(Parts::of(&format!("http://{host}/")).map(|url| url.is_local()), Some(local), "{host}");
        }
    }
}
