//! What a value says, given its name. Only literal values are asked; what comes from elsewhere is not known here.

use super::name::among;
use crate::detect::judge::{Candidate, Place, Verdict, judge};

/// Whether another tool or the process environment fills the value in.
pub fn is_filled_in(value: &str) -> bool {
    // Every sign has one of these, and most values have none.
    if !value.bytes().any(|byte| matches!(byte, b'{' | b'%' | b'$' | b'(' | b':' | b'+')) {
        return false;
    }
    ["{{", "<%", "${", "$(", "%(", "#{", "op://", "vault:", "ref+", "arn:aws:secretsmanager"]
        .iter()
        .any(|sign| value.contains(sign))
        || (value.starts_with('$') && value.bytes().skip(1).all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// Whether another tool fills in the value before anybody loads it.
pub fn is_template(value: &str) -> bool {
    ["{{", "{%", "<%"].iter().any(|sign| value.contains(sign))
}

/// `1`, `true`, `yes`, `on`: that it is on; `0`, `false`, `no`, `off`: that it is off.
pub fn switch(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "t" | "y" | "enabled" => Some(true),
        "0" | "false" | "no" | "off" | "f" | "n" | "disabled" => Some(false),
        _ => None,
    }
}

/// Whether the rules of `secrets` have it: a credential, or one that everybody guesses.
pub fn is_credential(key: &str, value: &str) -> bool {
    !matches!(judge(Candidate { key, value, place: Place::Dotenv }), Verdict::No(_))
}

/// Whether it is a credential that everybody guesses.
pub fn is_guessed(key: &str, value: &str) -> bool {
    judge(Candidate { key, value, place: Place::Dotenv }) == Verdict::DefaultCredential
}

/// Whether it asks to be replaced.
pub fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bracketed = lower.len() > 2 && lower.starts_with('<') && lower.ends_with('>') && !lower.contains('/');
    let crossed = lower.len() >= 3 && lower.bytes().all(|byte| matches!(byte, b'x' | b'*' | b'.' | b'-' | b'?'));
    const WHOLE: &str = "todo tbd fixme xxx placeholder dummy replaceme replace changeit changeme fill-me fillme n/a";
    const PARTS: &str = "\
        changeme change-me change_me change-this change_this changethis replace-me replace_me replaceme \
        replace-with replace_with your- your_ yourdomain yoursecret yourpassword your.domain -here _here goeshere \
        placeholder to-be-set to_be_set set-me set_me insert- insert_ <your fixme put-your put_your";
    bracketed
        || (crossed && lower.contains(['x', '*', '?']) && !lower.contains("-x-"))
        || among(WHOLE, &lower)
        || PARTS.split(' ').any(|part| lower.contains(part))
}

/// Whether its host is one that only manuals use.
pub fn has_sample_host(value: &str) -> bool {
    let host = match url_host(value) {
        Some(host) => host,
        None => match value.split_once('@') {
            Some((user, domain)) if !user.is_empty() && !value.contains(['/', ' ']) => domain,
            _ => value,
        },
    };
    let host = host.to_ascii_lowercase();
    ["example.com", "example.org", "example.net", "domain.tld", "yourdomain.com", "mydomain.com"]
        .iter()
        .any(|sample| host == *sample || host.strip_suffix(sample).is_some_and(|rest| rest.ends_with('.')))
}

/// The host of a URL, without user and port.
pub fn url_host(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once("://")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    if scheme.is_empty() || !scheme.bytes().all(plain) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next();
    }
    host.split([':', ',']).next()
}

fn is_loopback(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(host.as_str(), "localhost" | "::1" | "0.0.0.0" | "host.docker.internal" | "docker.for.mac.localhost")
        || host.ends_with(".localhost")
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Names whose value is an address on the same machine by design: what to listen on, an agent beside the program.
const BESIDE: &str = "bind listen otel statsd agent sidecar proxy healthcheck health allowed trusted cors origins dapr";

/// Whether it sends the program to its own machine.
pub fn is_local_address(key: &str, value: &str) -> bool {
    let words: Vec<String> = key.split(['_', '.', '-']).map(str::to_ascii_lowercase).collect();
    if words.iter().any(|word| among(BESIDE, word)) || value.contains(',') && url_host(value).is_none() {
        return false;
    }
    if let Some(host) = url_host(value) {
        return is_loopback(host);
    }
    let last = words.last().map_or("", String::as_str);
    let names_peer = words.len() > 1
        && matches!(last, "host" | "hostname" | "server" | "servers" | "endpoint" | "addr" | "address" | "url" | "uri");
    let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
    names_peer && !matches!(host, "0.0.0.0" | "::") && is_loopback(host)
}

/// Whether it talks over a network that others may read, to a host outside of the own one.
pub fn is_plain_text_url(key: &str, value: &str) -> bool {
    let scheme = value.split("://").next().unwrap_or_default().to_ascii_lowercase();
    let own = key.to_ascii_lowercase();
    let excused = own.ends_with("proxy") || own.contains("namespace") || own.contains("origin");
    matches!(scheme.as_str(), "http" | "ws" | "ftp" | "smtp" | "ldap")
        && !excused
        && url_host(value).is_some_and(|host| is_public_host(host) && host != "www.w3.org")
}

/// Whether a host can lie outside of the own network.
fn is_public_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    const INTERNAL: [&str; 9] =
        [".svc", ".local", ".internal", ".lan", ".localhost", ".cluster", ".consul", ".home.arpa", ".intranet"];
    if host.is_empty() || is_loopback(&host) {
        return false;
    }
    match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => !(address.is_private() || address.is_link_local()),
        Ok(std::net::IpAddr::V6(_)) => false,
        Err(_) => host.contains('.') && !INTERNAL.iter().any(|end| host.ends_with(end)) && !host.contains(".svc."),
    }
}

/// Whether it turns a debug mode on.
pub fn turns_on_debug(key: &str, value: &str) -> bool {
    let key = key.to_ascii_uppercase();
    // A product's switch (`OLLAMA_DEBUG`) makes it talk; a framework's shows its inside to visitors.
    const OWN: &str = "\
        APP API WEB SITE SERVER SERVICE BACKEND FRONTEND PHP FLASK DJANGO WP WORDPRESS LARAVEL SYMFONY YII CAKE CODEIGNITER \
        RAILS FASTAPI STARLETTE SANIC QUART BOTTLE TORNADO";
    let rest = key.strip_suffix("_MODE").unwrap_or(&key).strip_suffix("DEBUG");
    let named = rest.is_some_and(|rest| {
        let last = rest.trim_end_matches('_').rsplit('_').next().unwrap_or_default();
        rest.is_empty() || rest.ends_with('_') && OWN.split_whitespace().any(|word| word == last)
    });
    named && (switch(value) == Some(true) || (key == "DEBUG" && value.contains('*')))
}

/// Whether it makes logs tell everything.
pub fn logs_everything(key: &str, value: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let named = matches!(key.as_str(), "LOG_LEVEL" | "LOGLEVEL" | "RUST_LOG" | "LOGGING_LEVEL")
        || key.ends_with("_LOG_LEVEL")
        || key.ends_with("_LOGLEVEL");
    named && matches!(value.to_ascii_lowercase().as_str(), "debug" | "trace" | "verbose" | "silly" | "all")
}

/// The environment that a mode variable names; `None` for any other variable.
pub fn mode<'v>(key: &str, value: &'v str) -> Option<&'v str> {
    const KEYS: [&str; 13] = [
        "NODE_ENV",
        "APP_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "FLASK_ENV",
        "DJANGO_ENV",
        "ENVIRONMENT",
        "ENV",
        "GO_ENV",
        "ASPNETCORE_ENVIRONMENT",
        "DOTNET_ENVIRONMENT",
        "SPRING_PROFILES_ACTIVE",
        "MIX_ENV",
    ];
    (KEYS.contains(&key) && !value.is_empty()).then_some(value)
}

/// Whether it turns the check of certificates off.
pub fn turns_off_tls_checks(key: &str, value: &str) -> bool {
    let Some(on) = switch(value) else { return false };
    let key = key.to_ascii_uppercase();
    let ends = |list: &[&str]| list.iter().any(|end| key.ends_with(end));
    let checks = ends(&["REJECT_UNAUTHORIZED", "SSL_VERIFY", "TLS_VERIFY", "VERIFY_SSL", "VERIFY_TLS", "HTTPSVERIFY"])
        || ends(&["VERIFY_CERTS", "VERIFY_CERTIFICATE", "VERIFY_CERTIFICATES", "VERIFY_PEER", "SSL_VERIFYPEER"]);
    let skips = ends(&["SSL_NO_VERIFY", "SKIP_VERIFY", "SKIP_TLS_VERIFY", "SKIP_SSL_VERIFY", "TLS_INSECURE"])
        || ends(&["CURL_INSECURE", "SSL_INSECURE", "ALLOW_INSECURE_TLS", "TRUST_ALL_CERTS", "INSECURE_SKIP_VERIFY"]);
    // `INSECURE_SKIP_TLS_VERIFY=false` checks.
    let reversed = ["SKIP", "INSECURE", "NO_VERIFY", "DISABLE"].iter().any(|word| key.contains(word));
    (checks && !on && !reversed) || ((skips || (checks && reversed)) && on)
}

/// Whether it lets a connection to a database go without encryption: `sslmode=disable` and its kin.
pub fn turns_off_tls(value: &str) -> bool {
    let said = ["sslmode=disable", "usessl=false", "ssl=false", "tls=false", "encrypt=false", "ssl-mode=disabled"];
    let says = |lower: String| said.iter().any(|word| lower.contains(word));
    url_host(value.strip_prefix("jdbc:").unwrap_or(value)).is_some_and(is_public_host)
        && says(value.to_ascii_lowercase())
}

/// Whether it lets anybody in.
pub fn turns_off_authentication(key: &str, value: &str) -> bool {
    let key = key.to_ascii_uppercase();
    let ends = |list: &[&str]| list.iter().any(|end| key.ends_with(end));
    let opens = ends(&["ALLOW_EMPTY_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD", "ALLOW_ANONYMOUS_LOGIN"])
        || ends(&["AUTH_ANONYMOUS_ENABLED", "DISABLE_AUTH", "AUTH_DISABLED", "SKIP_AUTH", "NO_AUTH"]);
    let guards = ends(&["AUTH_ENABLED", "ENABLE_AUTH", "AUTHENTICATION_ENABLED", "SECURITY_ENABLED"]);
    // Without the login of one provider there are others.
    let is_provider = key.contains("OAUTH");
    (opens && switch(value) == Some(true))
        || (guards && !is_provider && switch(value) == Some(false))
        || (key == "POSTGRES_HOST_AUTH_METHOD" && value == "trust")
}

/// Whether it is a key for trying out.
pub fn is_test_key(value: &str) -> bool {
    ["sk_test_", "pk_test_", "rk_test_"].iter().any(|start| value.starts_with(start))
        || url_host(value).is_some_and(|host| host.split(['.', '-']).any(|label| label.eq_ignore_ascii_case("sandbox")))
}

/// Whether it is a path that is there on one machine only.
pub fn is_machine_path(value: &str) -> bool {
    let drive = matches!(value.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let home = ["/home/", "/Users/", "~/"].iter().any(|start| value.starts_with(start));
    drive || home
}

/// Prefixes of variables that build tools write into what every visitor downloads.
const PUBLIC: [&str; 9] = [
    "NEXT_PUBLIC_",
    "VITE_",
    "REACT_APP_",
    "EXPO_PUBLIC_",
    "NUXT_PUBLIC_",
    "GATSBY_",
    "VUE_APP_",
    "PUBLIC_",
    "NG_APP_",
];

/// Whether it says that there is no value.
pub fn is_nothing(value: &str) -> bool {
    matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "null" | "none" | "nil" | "undefined" | "not-set" | "notset" | "not_set" | "unset"
    )
}

/// Whether the name promises a secret and yet makes the value public.
pub fn publishes_secret(key: &str) -> bool {
    let Some(rest) = PUBLIC.iter().find_map(|prefix| key.strip_prefix(prefix)) else { return false };
    let words: Vec<&str> = rest.split('_').collect();
    let secret = ["SECRET", "PASSWORD", "PASSWD", "PRIVATE"].iter().any(|word| words.contains(word));
    let harmless = ["PUBLIC", "PUBLISHABLE", "RESET", "FORGOT", "POLICY", "URL", "MIN", "LENGTH"];
    (secret && !harmless.iter().any(|word| words.contains(word))) || rest.contains("SERVICE_ROLE_KEY")
}

/// The first character that nobody sees: a no-break space, one of no width, a control character.
pub fn invisible(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, c)| {
        let control = c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        control || matches!(c, '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for yes in ["changeme", "<token>", "your-api-key", "XXXX", "TODO", "put_your_key_here", "replace-me"] {
            assert!(is_placeholder(yes), "{yes}");
        }
        for no in ["", "prod", "example-bucket", "10", "max", "v1.x", "---", "todo-service", "https://a.b/<id>/x"] {
            assert!(!is_placeholder(no), "{no}");
        }
    }

    #[test]
    fn hosts_of_urls() {
        assert_eq!(url_host("postgres://u:p@db.internal:5432/x"), Some("db.internal"));
        assert_eq!(url_host("http://[::1]:80/"), Some("::1"));
        assert_eq!(url_host("no url"), None);
        assert!(is_local_address("API_URL", "http://localhost:3000"));
        assert!(is_local_address("REDIS_HOST", "127.0.0.1"));
        assert!(!is_local_address("BIND_HOST", "127.0.0.1"));
        assert!(!is_local_address("HOST", "0.0.0.0"));
        assert!(is_plain_text_url("API_URL", "http://api.shop.example/v1"));
        assert!(!is_plain_text_url("API_URL", "http://api:8080"));
        assert!(!is_plain_text_url("API_URL", "http://api.shop.svc.cluster.local"));
        assert!(!is_plain_text_url("HTTP_PROXY", "http://proxy.corp.com:3128"));
    }

    #[test]
    fn switches_in_the_wrong_position() {
        assert!(turns_on_debug("APP_DEBUG", "true") && turns_on_debug("DEBUG", "app:*"));
        assert!(!turns_on_debug("DEBUG", "false") && !turns_on_debug("DEBUGGER", "true"));
        assert!(turns_off_tls_checks("NODE_TLS_REJECT_UNAUTHORIZED", "0"));
        assert!(!turns_off_tls_checks("NODE_TLS_REJECT_UNAUTHORIZED", "1"));
        assert!(turns_off_tls_checks("VAULT_SKIP_VERIFY", "true"));
        assert!(turns_off_authentication("POSTGRES_HOST_AUTH_METHOD", "trust"));
        assert!(publishes_secret("NEXT_PUBLIC_JWT_SECRET") && !publishes_secret("NEXT_PUBLIC_API_KEY"));
    }
}
