//! What is kept of a body: its length, its digest, what the target asks for, and what it looks like.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::html::{self, Page};
use crate::fact::target::HttpTarget;
use crate::inspect::http::health;

/// Components beyond this number are not kept.
const MOST_COMPONENTS: usize = 50;
/// How deep components may hold components.
const DEEPEST: usize = 3;
/// A value is kept to this many characters.
const LONGEST_VALUE: usize = 200;

/// A body.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) bytes: usize,
    pub(super) cut: bool,
    pub(super) digest: String,
    pub(super) json: Option<bool>,
    pub(super) health: Option<String>,
    pub(super) fields: Vec<(String, String)>,
    pub(super) components: Vec<(String, String)>,
    pub(super) texts: Vec<(String, bool)>,
    pub(super) shows: Vec<&'static str>,
    pub(super) page: Page,
    pub(super) own_integrity: bool,
}

/// What of a body is kept. `media` is its type, `host` that of the page.
pub(super) fn keep(bytes: &[u8], cut: bool, media: &str, target: &HttpTarget, host: &str, is_https: bool) -> Kept {
    let digest = Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let mut kept = Kept { bytes: bytes.len(), cut, digest, ..Kept::default() };
    let text = String::from_utf8_lossy(bytes);
    let is_json = crate::inspect::http::document::is_json(media);
    if !cut && (is_json && !bytes.is_empty() || !target.json.is_empty()) {
        match serde_json::from_slice::<Value>(bytes) {
            Ok(value) => {
                kept.json = Some(true);
                kept.read_json(&value, target);
            }
            Err(_) => kept.json = Some(false),
        }
    }
    for wanted in target.contains.iter().chain(&target.lacks) {
        let found = text.contains(wanted.as_str());
        // What was cut off may hold it.
        if found || !cut {
            kept.texts.push((wanted.clone(), found));
        }
    }
    kept.shows = marks(&text, media);
    if matches!(media, "text/html" | "application/xhtml+xml") {
        kept.page = html::read(&text);
        kept.own_integrity = kept.page.keep_foreign(host, is_https);
    }
    kept
}

impl Kept {
    fn read_json(&mut self, value: &Value, target: &HttpTarget) {
        for name in target.json.keys() {
            if let Some(found) = at(value, name) {
                self.fields.push((name.clone(), shown(found)));
            }
        }
        self.health = ["status", "state", "health", "healthy", "ok"].iter().find_map(|name| word(value.get(name)?));
        self.components(value, "", 0);
    }

    fn components(&mut self, value: &Value, above: &str, depth: usize) {
        const HOLDERS: [&str; 8] =
            ["components", "checks", "dependencies", "services", "details", "entries", "results", "health_checks"];
        if depth >= DEEPEST {
            return;
        }
        for holder in HOLDERS.iter().filter_map(|name| value.get(name)) {
            match holder {
                Value::Object(map) => map.iter().for_each(|(name, one)| self.component(name, one, above, depth)),
                Value::Array(list) => {
                    for one in list {
                        let name = ["name", "componentName", "id"].iter().find_map(|key| one.get(key)?.as_str());
                        if let Some(name) = name {
                            self.component(name, one, above, depth);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn component(&mut self, name: &str, value: &Value, above: &str, depth: usize) {
        let short: String = name.chars().take(LONGEST_VALUE).collect();
        let name = if above.is_empty() { short } else { format!("{above}.{short}") };
        let first = match value {
            Value::Array(list) => list.first().unwrap_or(value),
            value => value,
        };
        let inner = ["status", "state", "health", "healthy", "ok", "up"].iter().find_map(|key| word(first.get(key)?));
        if let Some(state) = word(first).or(inner)
            && self.components.len() < MOST_COMPONENTS
        {
            self.components.push((name.clone(), state));
        }
        self.components(value, &name, depth + 1);
    }
}

/// The value at a path with dots; a key that holds dots counts too.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    let path = path.strip_prefix("$.").unwrap_or(path);
    path.split('.').try_fold(value, |value, key| match value {
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        value => value.get(key),
    })
}

/// A value as text, bounded.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A word for health; nothing else of a body is kept unasked.
fn word(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    };
    health::is_well(&text).map(|_| text)
}

/// Marks of pages that nobody meant to show: the mark, texts that must all be there.
const MARKS: [(&str, &[&str]); 29] = [
    ("directory-listing", &["<title>Index of /"]),
    ("directory-listing", &["<h1>Index of /"]),
    ("directory-listing", &["<title>Directory listing for "]),
    ("directory-listing", &["[To Parent Directory]"]),
    ("default-page", &["<title>Welcome to nginx!</title>"]),
    ("default-page", &["<title>Welcome to OpenResty!</title>"]),
    ("default-page", &["Default Page: It works</title>"]),
    ("default-page", &["<html><body><h1>It works!</h1></body></html>"]),
    ("default-page", &["<title>IIS Windows"]),
    ("default-page", &["Test Page for the HTTP Server on"]),
    ("default-page", &["Test Page for the Apache HTTP Server"]),
    ("default-page", &["<title>Caddy works!</title>"]),
    ("default-page", &["<title>Apache Tomcat/", "successfully installed Tomcat"]),
    ("default-page", &["<title>The install worked successfully! Congratulations!</title>"]),
    ("stack-trace", &["Traceback (most recent call last)"]),
    ("stack-trace", &["Exception", "\tat ", ".java:"]),
    ("stack-trace", &["goroutine ", " [running]:"]),
    ("stack-trace", &["Error", "    at ", "/node_modules/"]),
    ("stack-trace", &["   at System.", "Exception"]),
    ("stack-trace", &["   at Microsoft.", "Exception"]),
    ("stack-trace", &["Fatal error", "Stack trace:", "#0 /"]),
    ("stack-trace", &[".rb:", ":in `", "Error"]),
    ("stack-trace", &["thread '", "' panicked at "]),
    ("debug-page", &["The debugger caught an exception in your WSGI application"]),
    ("debug-page", &["<code>DEBUG = True</code>"]),
    ("debug-page", &["Action Controller: Exception caught"]),
    ("debug-page", &["window.ignite("]),
    ("debug-page", &["An unhandled exception occurred while processing the request", "Stack"]),
    ("debug-page", &["<title>phpinfo()</title>"]),
];

/// What a text looks like, each mark once.
fn marks(text: &str, media: &str) -> Vec<&'static str> {
    let is_page = media == "text/html";
    let mut found: Vec<&'static str> = Vec::new();
    for (mark, parts) in MARKS {
        let fits = is_page || mark == "stack-trace";
        if fits && !found.contains(&mark) && parts.iter().all(|part| text.contains(part)) {
            found.push(mark);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(yaml: &[(&str, &str)]) -> HttpTarget {
        let mut target: HttpTarget = serde_json::from_str("{\"url\": \"https://a.example/\"}").expect("a target");
        target.json = yaml.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        target
    }

    #[test]
    fn only_what_is_asked_for_is_kept_of_json() {
        let body = br#"{"status":"UP","token":"s3cret","build":{"commit":"abc","n":[1,2]},
            "components":{"db":{"status":"DOWN","details":{"password":{"status":"x"}}},"disk":{"status":"UP"},"x":{"status":"s3cret"}}}"#;
        let kept =
            keep(body, false, "application/json", &target(&[("build.commit", "abc"), ("build.n.1", "2")]), "a", true);
        assert_eq!(kept.json, Some(true));
        assert_eq!(kept.health.as_deref(), Some("UP"));
        let pairs = |list: &[(String, String)]| list.iter().map(|(a, b)| format!("{a}={b}")).collect::<Vec<_>>();
        assert_eq!(pairs(&kept.fields), ["build.commit=abc", "build.n.1=2"]);
        assert_eq!(pairs(&kept.components), ["db=DOWN", "disk=UP"]);
        assert!(!format!("{kept:?}").contains("s3cret"));
    }

    #[test]
    fn health_of_other_makes() {
        let draft = br#"{"status":"pass","checks":{"db:time":[{"status":"fail"}]}}"#;
        let kept = keep(draft, false, "application/health+json", &target(&[]), "a", true);
        assert_eq!(kept.components, [("db:time".to_owned(), "fail".to_owned())]);
        let dotnet = br#"{"status":"Healthy","entries":{"redis":{"status":"Unhealthy"}}}"#;
        let kept = keep(dotnet, false, "application/json", &target(&[]), "a", true);
        assert_eq!((kept.health.as_deref(), kept.components.len()), (Some("Healthy"), 1));
        let list = br#"{"ok":true,"checks":[{"name":"db","healthy":false}]}"#;
        let kept = keep(list, false, "application/json", &target(&[]), "a", true);
        assert_eq!(kept.components, [("db".to_owned(), "false".to_owned())]);
    }

    #[test]
    fn broken_and_cut_json() {
        assert_eq!(keep(b"{", false, "application/json", &target(&[]), "a", true).json, Some(false));
        assert_eq!(keep(b"{", true, "application/json", &target(&[]), "a", true).json, None);
        let deep = "[".repeat(100_000);
        assert_eq!(keep(deep.as_bytes(), false, "application/json", &target(&[]), "a", true).json, Some(false));
    }

    #[test]
    fn what_a_page_looks_like() {
        for (text, media, mark) in [
            ("<html><head><title>Index of /pub</title>", "text/html", Some("directory-listing")),
            ("<title>Welcome to nginx!</title>", "text/html", Some("default-page")),
            ("Traceback (most recent call last):\n", "text/plain", Some("stack-trace")),
            ("java.lang.Exception: x\n\tat a.B.c(B.java:1)", "text/html", Some("stack-trace")),
            ("an article on Index of /", "text/html", None),
            ("{\"error\": \"not found\"}", "application/json", None),
        ] {
            assert_eq!(
                keep(text.as_bytes(), false, media, &target(&[]), "a", true).shows.first().copied(),
                mark,
                "{text}"
            );
        }
    }
}
