//! Is a value what its variable has to be? The answer names the mistake, never the value.

use crate::inspect::env::value::{switch, url_host};
use crate::relate::demand::{Variable, VariableType};
use crate::syntax::tree::Dialect;

/// What is wrong with a value that is not empty; empty when nothing is.
pub(super) fn problem(variable: &Variable, value: &str) -> &'static str {
    let wrong = match variable.ty {
        VariableType::String => None,
        VariableType::Url => (!is_url(value)).then_some("url"),
        VariableType::Port => (!is_port(value)).then_some("port"),
        VariableType::Int => match value.parse::<i64>() {
            Err(_) => Some("integer"),
            Ok(number) => {
                let outside =
                    variable.min.is_some_and(|min| number < min) || variable.max.is_some_and(|max| number > max);
                outside.then_some("range")
            }
        },
        VariableType::Bool => switch(value).is_none().then_some("boolean"),
        VariableType::Host => (!is_host(value)).then_some("host"),
        VariableType::Email => (!is_email(value)).then_some("email"),
        VariableType::Enum => (!variable.values.iter().any(|one| one == value)).then_some("enum"),
        VariableType::Json => (!is_json(value)).then_some("json"),
        VariableType::Duration => (!is_duration(value)).then_some("duration"),
    };
    let scheme = || {
        let scheme = value.split("://").next().unwrap_or_default();
        !variable.schemes.is_empty() && !variable.schemes.iter().any(|one| one.eq_ignore_ascii_case(scheme))
    };
    let short = || variable.min_length.is_some_and(|least| value.chars().count() < least as usize);
    let pattern = || variable.pattern.as_deref().is_some_and(|pattern| !matches(pattern, value));
    wrong
        .or_else(|| scheme().then_some("scheme"))
        .or_else(|| short().then_some("length"))
        .or_else(|| pattern().then_some("pattern"))
        .unwrap_or_default()
}

/// What is wrong with a value whose name alone says what it is: only what can be nothing else than a mistake.
pub(super) fn problem_by_name(name: &str, value: &str) -> &'static str {
    let name = name.to_ascii_uppercase();
    let number = value.bytes().all(|byte| byte.is_ascii_digit());
    if (name == "PORT" || name.ends_with("_PORT")) && number && !value.is_empty() {
        let port = value.parse::<u64>().unwrap_or(u64::MAX);
        return if port > 65_535 { "port" } else { "" };
    }
    let is_url = name == "URL" || name.ends_with("_URL") || name.ends_with("_URI");
    let scheme = value.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let meant = matches!(scheme.as_str(), "http" | "https" | "postgres" | "postgresql" | "mysql" | "redis" | "amqp");
    // `amqp://`: the client's own default host.
    let bare = value.ends_with("://") && !scheme.starts_with("http");
    if is_url && meant && !bare && value.contains(':') && (!value.contains("://") || url_host(value) == Some("")) {
        return "url";
    }
    ""
}

fn is_port(value: &str) -> bool {
    value.parse::<u16>().is_ok_and(|port| port > 0) && !value.starts_with('+')
}

/// An absolute URL: a scheme, and a host or (for `sqlite:///x`, `file:///x`) a path.
fn is_url(value: &str) -> bool {
    let value = value.strip_prefix("jdbc:").unwrap_or(value);
    let Some(host) = url_host(value) else { return false };
    let path = value.split_once("://").is_some_and(|(_, rest)| rest.len() > 1 && rest.starts_with('/'));
    !value.contains(char::is_whitespace) && (!host.is_empty() || path) && has_sound_port(value)
}

/// Whether the port of a URL with one host is a port.
fn has_sound_port(value: &str) -> bool {
    let rest = value.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.contains(',') {
        return true;
    }
    let after = host.rsplit_once(']').map_or(host, |(_, after)| after);
    after.rsplit_once(':').is_none_or(|(_, port)| port.is_empty() || is_port(port))
}

fn is_host(value: &str) -> bool {
    let bare = value.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(value);
    if bare.parse::<Address>().is_ok() {
        return true;
    }
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        !label.is_empty() && label.len() <= 63 && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    value.len() <= 253 && value.trim_end_matches('.').split('.').all(label)
}

/// An IPv4 or IPv6 address; opens nothing.
type Address = core::net::IpAddr;

fn is_email(value: &str) -> bool {
    let address = value.rsplit_once('<').map_or(value, |(_, rest)| rest.trim_end_matches('>'));
    address.rsplit_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !user.contains(char::is_whitespace) && !user.contains('@') && is_host(host)
    })
}

fn is_json(value: &str) -> bool {
    let tree = crate::syntax::read(crate::span::SourceId(0), "value.json", value.into());
    tree.problems.is_empty() && tree.documents(Dialect::Core).next().is_some()
}

/// `30s`, `1h30m`, `500ms`.
fn is_duration(value: &str) -> bool {
    let mut rest = value;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !(c.is_ascii_alphabetic() || c == 'µ')).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let known = matches!(unit, "ns" | "us" | "µs" | "ms" | "s" | "m" | "h" | "d" | "w");
        if number.parse::<f64>().is_err() || !known {
            return false;
        }
        rest = after;
    }
    !value.is_empty()
}

/// Whether the whole value matches; a pattern that is none matches nothing.
fn matches(pattern: &str, value: &str) -> bool {
    regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ty: VariableType, value: &str) -> &'static str {
        problem(&Variable { ty, ..Variable::default() }, value)
    }

    #[test]
    fn types() {
        use VariableType::{Bool, Duration, Email, Host, Int, Json, Port, Url};
        for (ty, good, bad, word) in [
            (Port, "8080", "99999", "port"),
            (Port, "1", "0", "port"),
            (Url, "postgres://u:p@a,b:5432/x", "localhost:5432", "url"),
            (Url, "sqlite:///data.db", "http://", "url"),
            (Url, "http://a:80/x", "http://a:99999/", "url"),
            (Int, "-5", "1e5", "integer"),
            (Bool, "off", "maybe", "boolean"),
            (Host, "db-1.internal", "db/1", "host"),
            (Host, "::1", "-a", "host"),
            (Email, "a@b.example", "a@", "email"),
            (Json, "{\"a\": [1]}", "{a", "json"),
            (Duration, "1h30m", "30", "duration"),
        ] {
            assert_eq!(of(ty, good), "", "{good}");
            assert_eq!(of(ty, bad), word, "{bad}");
        }
    }

    #[test]
    fn limits() {
        let variable = Variable { min_length: Some(4), pattern: Some("[a-z]+".into()), ..Variable::default() };
        assert_eq!(problem(&variable, "abc"), "length");
        assert_eq!(problem(&variable, "abcd1"), "pattern");
        assert_eq!(problem(&variable, "abcd"), "");
        let url = Variable { ty: VariableType::Url, schemes: vec!["https".into()], ..Variable::default() };
        assert_eq!(problem(&url, "http://a"), "scheme");
        let int = Variable { ty: VariableType::Int, max: Some(9), ..Variable::default() };
        assert_eq!(problem(&int, "10"), "range");
    }

    #[test]
    fn names_alone() {
        assert_eq!(problem_by_name("DB_PORT", "70000"), "port");
        assert_eq!(problem_by_name("DB_PORT", "tcp://10.0.0.1:80"), "");
        assert_eq!(problem_by_name("API_URL", "https:/api.internal"), "url");
        assert_eq!(problem_by_name("AMQP_URL", "amqp://"), "");
        assert_eq!(problem_by_name("API_URL", "/api"), "");
    }
}
