//! Which names call their value a secret, and which values are one written out.

/// Words that make a name a secret's, as they stand between `_`, `-`, `.` or a change of case.
const SECRET: [&str; 8] = ["password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential"];

/// A name that ends in one of these speaks *about* a secret.
const ABOUT: [&str; 58] = [
    "path",
    "file",
    "dir",
    "directory",
    "folder",
    "name",
    "names",
    "ttl",
    "url",
    "uri",
    "host",
    "port",
    "enabled",
    "disabled",
    "timeout",
    "expiry",
    "expiration",
    "expires",
    "lifetime",
    "length",
    "ref",
    "type",
    "kind",
    "count",
    "limit",
    "size",
    "issuer",
    "audience",
    "endpoint",
    "header",
    "prefix",
    "suffix",
    "mount",
    "policy",
    "algorithm",
    "version",
    "user",
    "username",
    "min",
    "max",
    "duration",
    "interval",
    "required",
    "validation",
    "rotation",
    "store",
    "provider",
    "region",
    "id",
    "scope",
    "scopes",
    "format",
    "field",
    "mode",
    "seconds",
    "minutes",
    "hours",
    "days",
];

/// Whether `name` says that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    if name.len() > 128 {
        return false;
    }
    // `spring.datasource.password` is told by its last part; `password_rules.py` is a file.
    let words = words(name.rsplit('.').next().unwrap_or(name));
    let Some(last) = words.last() else { return false };
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    let pair = |first: &str, second: &str| words.windows(2).any(|two| two[0] == first && two[1] == second);
    words
        .iter()
        .any(|word| SECRET.contains(&word.as_str()) || word.strip_suffix('s').is_some_and(|one| SECRET.contains(&one)))
        || words.iter().any(|word| SECRET[..3].iter().any(|secret| word.ends_with(secret) && word.len() > secret.len()))
        || pair("api", "key")
        || pair("access", "key")
        || pair("private", "key")
        || pair("encryption", "key")
        || pair("signing", "key")
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        let split = !c.is_alphanumeric();
        if (split || (c.is_uppercase() && lower)) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if !split && let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase() || c.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `value` is written out: not empty, not a reference, a placeholder, a path, a switch or a small number.
pub(crate) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let small_number = value.len() < 6 && value.bytes().all(|b| b.is_ascii_digit());
    let reference = value.contains("$(")
        || value.contains("${")
        || value.contains("{{")
        || value.starts_with(['/', '<', '$', '%', '@'])
        || value.contains("://") && !value.contains('@')
        || ["vault:", "ref+", "op://", "ssm:", "secret:", "env:", "file:"]
            .iter()
            .any(|prefix| value.starts_with(prefix));
    let word = value.to_ascii_lowercase();
    let empty = matches!(
        word.as_str(),
        "" | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "none"
            | "null"
            | "nil"
            | "enabled"
            | "disabled"
            | "redacted"
            | "todo"
    ) || word.bytes().all(|b| b"*x.-".contains(&b));
    !small_number && !reference && !empty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "API_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "github-token",
            "API_KEY",
            "PGPASSWORD",
            "STRIPE_SECRET_KEY",
            "credentials",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_about_secrets() {
        for name in [
            "SECRET_PATH",
            "API_TOKEN_TTL",
            "PASSWORD_FILE",
            "password_validation.py",
            "SECRET_NAME",
            "KEYSPACE",
            "TOKENIZER",
            "PASSWORD_MIN_LENGTH",
            "MONKEY",
            "TOKEN_URL",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values() {
        assert!(is_literal("hunter2hunter2") && is_literal("postgres://u:p@h/d"));
        for value in
            ["", "$(OTHER)", "/var/run/x", "3600", "true", "{{ x }}", "https://a.example/token", "xxxx", "<token>"]
        {
            assert!(!is_literal(value), "{value}");
        }
    }
}
