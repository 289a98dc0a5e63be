//! What of an answer must not be kept.

/// A header's value is kept to this length.
const LONGEST: usize = 4096;

/// How the length of something secret is written.
fn length(text: &str) -> String {
    format!("({} characters)", text.chars().count())
}

/// A header's value without what is secret in it. `name` is in lower case.
pub(super) fn header(name: &str, value: &str) -> String {
    const SECRET: [&str; 7] = ["authorization", "token", "secret", "api-key", "apikey", "password", "session"];
    let kept = match name {
        "set-cookie" => cookie(value),
        "location" | "content-location" | "refresh" | "link" => query(value),
        _ if SECRET.iter().any(|word| name.contains(word)) && !name.starts_with("access-control-") => length(value),
        _ => value.to_owned(),
    };
    match kept.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", kept.get(..at).unwrap_or_default()),
        None => kept,
    }
}

fn cookie(value: &str) -> String {
    let (pair, rest) = value.split_at_checked(value.find(';').unwrap_or(value.len())).unwrap_or((value, ""));
    match pair.split_once('=') {
        Some((name, value)) => format!("{}={}{rest}", name.trim(), length(value.trim())),
        None => format!("{}{rest}", length(pair.trim())),
    }
}

/// A URL whose query holds names without values, and no user.
pub(super) fn query(url: &str) -> String {
    let (url, fragment) = url.split_once('#').map_or((url, ""), |(url, _)| (url, "#…"));
    let url = match url.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let host = authority.rsplit('@').next().unwrap_or(authority);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    };
    let Some((path, asked)) = url.split_once('?') else { return format!("{url}{fragment}") };
    let pairs: Vec<String> = asked
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, "")) => format!("{name}="),
            Some((name, value)) => format!("{name}={}", length(value)),
            None => pair.to_owned(),
        })
        .collect();
    format!("{path}?{}{fragment}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_their_length() {
        for (name, value, kept) in [
            ("set-cookie", "sid=abc=; Path=/; Secure", "sid=(4 characters); Path=/; Secure"),
            ("set-cookie", "lonely; Path=/", "(6 characters); Path=/"),
            ("location", "https://u:p@a.example/x?code=ab&y=#t", "https://a.example/x?code=(2 characters)&y=#…"),
            ("location", "/login?next", "/login?next"),
            ("x-auth-token", "abcd", "(4 characters)"),
            ("www-authenticate", "Basic realm=x", "Basic realm=x"),
            ("access-control-allow-headers", "authorization", "authorization"),
            ("server", "nginx", "nginx"),
        ] {
            assert_eq!(header(name, value), kept, "{name}");
        }
        assert_eq!(header("x", &"é".repeat(5000)).chars().count(), LONGEST + 1);
    }
}
