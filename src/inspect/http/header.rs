//! Values of headers, read as browsers read them.

use std::collections::HashSet;

/// `Strict-Transport-Security`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hsts {
    /// Seconds.
    pub max_age: Option<u64>,
    /// Whether subdomains are meant too.
    pub subdomains: bool,
    /// Whether it asks to be built into browsers.
    pub preload: bool,
    /// Why browsers ignore it.
    pub broken: Option<&'static str>,
}

/// Reads `Strict-Transport-Security` by RFC 6797.
pub fn hsts(value: &str) -> Hsts {
    let mut hsts = Hsts::default();
    let mut seen = HashSet::new();
    for part in value.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, given) = part.split_once('=').map_or((part, None), |(name, given)| (name, Some(given.trim())));
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            "max-age" => {
                let digits = given.unwrap_or_default().trim_matches('"');
                let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                hsts.max_age = is_number.then(|| digits.parse().unwrap_or(u64::MAX));
            }
            "includesubdomains" => hsts.subdomains = true,
            "preload" => hsts.preload = true,
            _ => {}
        }
        if !seen.insert(name) {
            hsts.broken = Some("a directive stands in it twice");
        }
    }
    if hsts.max_age.is_none() {
        hsts.broken = Some(if value.contains("max-age") { "`max-age` is no number" } else { "`max-age` is missing" });
    }
    if value.contains(',') {
        hsts.broken = Some("it holds the values of two headers");
    }
    hsts
}

/// A cookie as it is set; its value is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Only over TLS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// As written; empty when the attribute has no value.
    pub same_site: Option<String>,
    /// As written, without a leading dot.
    pub domain: Option<String>,
    /// As written.
    pub path: Option<String>,
    /// Bytes of name and value.
    pub size: usize,
    /// It is being deleted.
    pub deleted: bool,
}

/// Reads `Set-Cookie` as transcripts keep it: `name=(32 characters); Path=/`.
pub fn cookie(value: &str) -> Cookie {
    let mut parts = value.split(';').map(str::trim);
    let first = parts.next().unwrap_or_default();
    let (name, kept) = first.split_once('=').unwrap_or(("", first));
    let length = kept.strip_prefix('(').and_then(|kept| kept.split(' ').next()).and_then(|count| count.parse().ok());
    let mut cookie = Cookie { name: name.trim().to_owned(), ..Cookie::default() };
    cookie.size = cookie.name.len() + length.unwrap_or(kept.len());
    for part in parts {
        let (name, given) = part.split_once('=').map_or((part, ""), |(name, given)| (name.trim(), given.trim()));
        match name.to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "httponly" => cookie.http_only = true,
            "samesite" => cookie.same_site = Some(given.to_owned()),
            "domain" if !given.is_empty() => cookie.domain = Some(given.trim_start_matches('.').to_ascii_lowercase()),
            "path" => cookie.path = Some(given.to_owned()),
            "max-age" => cookie.deleted |= given.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            "expires" => cookie.deleted |= given.contains("1970") || given.contains("-70 "),
            _ => {}
        }
    }
    cookie
}

impl Cookie {
    /// Whether the name says that it holds a session or lets somebody in.
    pub fn is_session(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let name = name.trim_start_matches("__host-").trim_start_matches("__secure-");
        if self.is_csrf() || name.contains("affinity") {
            return false;
        }
        let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
        ["sess", "login", "jwt"].iter().any(|part| name.contains(part))
            || words.any(|word| matches!(word, "sid" | "auth" | "token" | "remember" | "access" | "refresh"))
            || name.ends_with("sid")
            || name.ends_with("authtoken")
    }

    /// Whether the name says that it guards against forged requests.
    pub fn is_csrf(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name.contains("csrf") || name.contains("xsrf")
    }

    /// Whether the value of `SameSite`, if any, is one that there is.
    pub fn has_known_same_site(&self) -> bool {
        let known = |given: &String| ["strict", "lax", "none"].iter().any(|word| given.eq_ignore_ascii_case(word));
        self.same_site.as_ref().is_none_or(known)
    }

    /// Whether `SameSite=None` is said.
    pub fn is_cross_site(&self) -> bool {
        self.same_site.as_deref().is_some_and(|given| given.eq_ignore_ascii_case("none"))
    }

    /// Whether it keeps what its prefix promises.
    pub fn keeps_prefix(&self) -> bool {
        let starts =
            |prefix: &str| self.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        match () {
            () if starts("__Host-") => self.secure && self.domain.is_none() && self.path.as_deref() == Some("/"),
            () if starts("__Secure-") => self.secure,
            () => true,
        }
    }
}

/// Referrer policies that keep the path from other origins.
const PRIVATE: [&str; 4] = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
/// Those that do not, or that send it without encryption.
const LEAKING: [&str; 4] = ["origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"];

/// The last known policy of the list, and whether it keeps paths private; `None` when no word is known.
pub fn referrer<'v>(values: impl DoubleEndedIterator<Item = &'v str>) -> Option<(String, bool)> {
    values.rev().flat_map(|value| value.rsplit(',')).find_map(|word| {
        let word = word.trim().to_ascii_lowercase();
        let private = PRIVATE.contains(&word.as_str());
        (private || LEAKING.contains(&word.as_str())).then_some((word, private))
    })
}

/// The token that a structured field holds (RFC 9651); parameters may follow.
pub fn token(value: &str) -> Option<&str> {
    let value = value.trim();
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.*:/!#$%&'+^`|~".contains(c)));
    let (token, rest) = value.split_at_checked(end.unwrap_or(value.len()))?;
    let starts = token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '*');
    (starts && parameters_hold(rest)).then_some(token)
}

fn parameters_hold(mut rest: &str) -> bool {
    while !rest.is_empty() {
        let Some(after) = rest.strip_prefix(';') else { return false };
        let after = after.trim_start_matches(' ');
        let key = after.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.*".contains(c)));
        let (key, after) = after.split_at_checked(key.unwrap_or(after.len())).unwrap_or_default();
        if !key.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') {
            return false;
        }
        rest = match after.strip_prefix('=') {
            None => after,
            Some(value) => match value.strip_prefix('"') {
                Some(text) => match text.find('"') {
                    Some(end) => text.get(end + 1..).unwrap_or_default(),
                    None => return false,
                },
                None => {
                    let end = value.find([';', ' ', '"']).unwrap_or(value.len());
                    if end == 0 {
                        return false;
                    }
                    value.get(end..).unwrap_or_default()
                }
            },
        };
    }
    true
}

/// Whether `Cache-Control` lets a cache that many share keep the answer, when nothing else is said of it.
pub fn is_shared_cacheable(control: &str) -> bool {
    let words: Vec<String> = control.split(',').map(|word| word.trim().to_ascii_lowercase()).collect();
    let has = |name: &str| words.iter().any(|word| word == name || word.starts_with(&format!("{name}=")));
    if has("no-store") || has("private") || has("no-cache") {
        return false;
    }
    let age = |name: &str| {
        let given = words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        given.and_then(|age| age.trim_matches('"').parse::<u64>().ok())
    };
    match age("s-maxage").or(age("max-age")) {
        Some(age) => age > 0,
        None => has("public"),
    }
}

/// `500ms`, `2s`, `1.5s`, `1m` in milliseconds.
pub fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    let scale = match unit.trim() {
        "ms" => 1.0,
        "s" => 1000.0,
        "m" | "min" => 60_000.0,
        _ => return None,
    };
    let value = (number * scale).round();
    (value.is_finite() && value < 1e12).then_some(value as i64)
}

/// The first address of a private network in the text.
pub fn private_address(text: &str) -> Option<std::ops::Range<usize>> {
    let mut start = 0;
    for part in text.split(|c: char| !(c.is_ascii_digit() || c == '.')) {
        let trimmed = part.trim_matches('.');
        if trimmed.bytes().filter(|byte| *byte == b'.').count() == 3
            && trimmed.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_private())
        {
            let at = start + (part.len() - part.trim_start_matches('.').len());
            return Some(at..at + trimmed.len());
        }
        start += part.len();
        start += text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsts_is_read_as_browsers_do() {
        let good = hsts("max-age=\"63072000\" ; includeSubDomains;preload");
        assert_eq!(good, Hsts { max_age: Some(63_072_000), subdomains: true, preload: true, broken: None });
        assert_eq!(hsts("MAX-AGE=1").max_age, Some(1));
        for text in ["", "includeSubDomains", "max-age=x", "max-age=", "max-age=1; max-age=2", "max-age=1, max-age=1"] {
            assert!(hsts(text).broken.is_some(), "{text}");
        }
        assert_eq!(hsts("max-age=99999999999999999999999").max_age, Some(u64::MAX));
    }

    #[test]
    fn cookies_are_read_without_their_values() {
        let one = cookie("__Host-sid=(32 characters); Path=/; Secure; HttpOnly; SameSite=Lax");
        assert!(one.secure && one.http_only && one.is_session() && one.keeps_prefix() && !one.deleted);
        assert_eq!((one.size, one.same_site.as_deref()), (42, Some("Lax")));
        assert!(!cookie("__Host-sid=(3 characters); Path=/x; Secure").keeps_prefix());
        assert!(!cookie("__Secure-a=(3 characters)").keeps_prefix());
        assert!(cookie("a=(0 characters); Max-Age=0").deleted);
        assert!(!cookie("a=b; SameSite").has_known_same_site());
        for name in ["sid", "PHPSESSID", "connect.sid", "JSESSIONID", "auth_token", "access_token", "laravel_session"] {
            assert!(cookie(&format!("{name}=x")).is_session(), "{name}");
        }
        for name in ["theme", "XSRF-TOKEN", "_ga", "session-affinity", "consent", "csrf_session"] {
            assert!(!cookie(&format!("{name}=x")).is_session(), "{name}");
        }
    }

    #[test]
    fn structured_tokens() {
        assert_eq!(token("require-corp; report-to=\"x\""), Some("require-corp"));
        assert_eq!(token("require-corp; report-to"), Some("require-corp"));
        for text in ["\"require-corp\"", "require-corp; report-to=coep endpoint", "a b", "", "require-corp, x"] {
            assert_eq!(token(text), None, "{text}");
        }
    }

    #[test]
    fn caching_by_others() {
        for (control, shared) in [
            ("no-store", false),
            ("private, max-age=60", false),
            ("max-age=0", false),
            ("no-cache", false),
            ("public", true),
            ("max-age=60", true),
            ("max-age=0, s-maxage=5", true),
            ("", false),
        ] {
            assert_eq!(is_shared_cacheable(control), shared, "{control}");
        }
    }

    #[test]
    fn durations_referrers_and_addresses() {
        assert_eq!(milliseconds("500ms"), Some(500));
        assert_eq!(milliseconds("1.5s"), Some(1500));
        assert_eq!(milliseconds("5"), None);
        assert_eq!(referrer(["unsafe-url, no-referrer"].into_iter()), Some(("no-referrer".into(), true)));
        assert_eq!(referrer(["no-referrer", "origin, x"].into_iter()), Some(("origin".into(), false)));
        assert_eq!(referrer(["whimsy"].into_iter()), None);
        assert_eq!(private_address("1.1 vegur (10.0.3.7:80)"), Some(11..19));
        assert_eq!(private_address("nginx/1.10.0.3"), None);
        assert_eq!(private_address("é 8.8.8.8"), None);
        assert_eq!(private_address("é 192.168.1.1."), Some(3..14));
    }
}
