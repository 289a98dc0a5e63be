//! As much of a page as is judged: what stands in for headers, and what it loads. One pass, whatever the text.

/// What a page says and loads.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// Name and content of what stands in for headers.
    pub(super) meta: Vec<(&'static str, String)>,
    /// What is loaded: kind, URL, whether its digest stands there.
    pub(super) loads: Vec<(&'static str, String, bool)>,
    /// How many script elements there are.
    pub(super) scripts: i64,
}

/// More of each than this is not kept.
const MOST: usize = 100;
/// An element with more attributes is not looked at further.
const MOST_ATTRIBUTES: usize = 64;
/// Longer URLs are cut; they are shown, not followed.
const LONGEST: usize = 1024;

/// Reads a page.
pub(super) fn read(text: &str) -> Page {
    let mut page = Page::default();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        let (attributes, after) = attributes(rest.get(end..).unwrap_or_default());
        rest = after;
        page.element(&name, &attributes);
        // What stands in them is no markup.
        if let "script" | "style" | "textarea" | "title" | "noscript" = name.as_str() {
            rest = raw(rest, &name);
        }
    }
    page
}

/// The text behind the end of an element whose content is no markup; a `noscript` is markup to those who read it.
fn raw<'t>(rest: &'t str, name: &str) -> &'t str {
    if name == "noscript" {
        return rest;
    }
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|rest| rest.find("</")) {
        let start = from + at + 2;
        let found = rest.get(start..start + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
        if found {
            return rest.get(start + name.len()..).unwrap_or_default();
        }
        from = start;
    }
    ""
}

/// The attributes of an element, with names in lower case, and what follows it.
fn attributes(text: &str) -> (Vec<(String, &str)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (found, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        let end = rest
            .char_indices()
            .find(|(at, c)| (*c == '=' && *at > 0) || matches!(c, '>' | '/') || c.is_ascii_whitespace())
            .map_or(rest.len(), |(at, _)| at);
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=') {
            None => ("", after),
            Some(after) => value(after.trim_start()),
        };
        rest = after;
        if found.len() < MOST_ATTRIBUTES {
            found.push((name.to_ascii_lowercase(), value));
        }
    }
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.split_once(quote).unwrap_or((inner, ""));
        }
    }
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '>').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

impl Page {
    fn element(&mut self, name: &str, attributes: &[(String, &str)]) {
        let get =
            |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| decode(value.trim()));
        match name {
            "meta" => self.meta(get),
            "script" => {
                self.scripts += 1;
                self.load("script", get("src"), get("integrity").is_some_and(|digest| !digest.is_empty()));
            }
            "link" => {
                let rel = get("rel").unwrap_or_default().to_ascii_lowercase();
                if rel.split_ascii_whitespace().any(|word| word == "stylesheet") {
                    self.load("style", get("href"), get("integrity").is_some());
                }
            }
            "iframe" | "frame" => self.load("frame", get("src"), false),
            "img" => self.load("image", get("src"), false),
            "audio" | "video" | "source" => self.load("media", get("src"), false),
            "form" => self.load("form", get("action"), false),
            _ => {}
        }
    }

    fn meta(&mut self, get: impl Fn(&str) -> Option<String>) {
        let equivalent = get("http-equiv").unwrap_or_default().to_ascii_lowercase();
        let name = get("name").unwrap_or_default().to_ascii_lowercase();
        let (name, content) = match (equivalent.trim(), name.trim(), get("charset")) {
            (_, _, Some(charset)) => ("charset", Some(charset)),
            ("content-security-policy", ..) => ("content-security-policy", get("content")),
            ("content-type", ..) => {
                let content = get("content").unwrap_or_default().to_ascii_lowercase();
                ("charset", content.split_once("charset=").map(|(_, charset)| charset.to_owned()))
            }
            (_, "referrer", _) => ("referrer", get("content")),
            (_, "robots", _) => ("robots", get("content")),
            _ => return,
        };
        if let Some(content) = content.filter(|content| !content.is_empty() && self.meta.len() < MOST) {
            self.meta.push((name, content));
        }
    }

    fn load(&mut self, kind: &'static str, url: Option<String>, integrity: bool) {
        let Some(url) = url.filter(|url| !url.is_empty()) else { return };
        let short: String = url.chars().take(LONGEST).collect();
        self.loads.push((kind, short, integrity));
    }

    /// Keeps of what it loads only what comes from elsewhere or without encryption; says whether a script of the own
    /// origin has a digest.
    pub(super) fn keep_foreign(&mut self, host: &str, is_https: bool) -> bool {
        let is_absolute = |url: &str| ["http://", "https://", "//"].iter().any(|start| starts(url, start));
        let own = |url: &str| {
            let rest = url.split_once("//").map_or("", |(_, rest)| rest);
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            authority.eq_ignore_ascii_case(host) && !starts(url, "//") && (starts(url, "https:") || !is_https)
        };
        let integrity = self.loads.iter().any(|(kind, url, integrity)| {
            *kind == "script" && *integrity && (!is_absolute(url) || own(url)) && is_https
        });
        self.loads.retain(|(_, url, _)| is_absolute(url) && !own(url));
        self.loads.dedup();
        self.loads.truncate(MOST);
        integrity
    }
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// The references that stand in attributes.
fn decode(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&apos;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read() {
        let mut page = read(
            "<!doctype html><!-- <script src='http://no.example/'> --><HTML><head><meta charset=utf-8>\
             <meta HTTP-EQUIV=' Content-Security-Policy ' content=\"default-src &#39;self&#39;\">\
             <meta name=robots content=noindex><title><script src=x></title>\
             <script src=\"https://cdn.example.net/a.js\" integrity='sha384-x' crossorigin></script>\
             <script>if (a</b/) { '<img src=\"http://no.example/\">' }</script>\
             <script async src=/own.js integrity=sha256-y></script><link rel='preload stylesheet' href=//c.example/x.css>\
             <img src=http://shop.example.com/p.png><form action='https://shop.example.com/x'>",
        );
        assert_eq!(
            page.meta,
            [
                ("charset", "utf-8".to_owned()),
                ("content-security-policy", "default-src 'self'".to_owned()),
                ("robots", "noindex".to_owned()),
            ]
        );
        assert_eq!(page.scripts, 3);
        assert!(page.keep_foreign("shop.example.com", true));
        let loads: Vec<String> =
            page.loads.iter().map(|(kind, url, digest)| format!("{kind} {url} {digest}")).collect();
        assert_eq!(
            loads,
            [
                "script https://cdn.example.net/a.js true",
                "style //c.example/x.css false",
                "image http://shop.example.com/p.png false",
            ]
        );
    }

    #[test]
    fn broken_pages_end() {
        for text in
            ["<", "<a", "<a b", "<a b=", "<a b='", "<!--", "<script", "<script>", "<script></", "<é", "<a =>", "</>"]
        {
            let long = text.repeat(20_000);
            assert!(read(&long).loads.is_empty(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[<>a-z!/=\"' -]{0,200}") {
            read(&text);
        }
    }
}
