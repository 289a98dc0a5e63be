//! Canonical YAML for transcripts: one way to write every value, so that the same observation gives the same bytes.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::Failure;

/// A longer text is cut, and says so.
pub const MAX_VALUE_BYTES: usize = 64 << 10;

/// Writes block-style YAML. Keys come in the order of the calls. Whatever was opened and not closed is closed at the
/// end, so a text that a probe left half written is still whole YAML.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    text: String,
    open: Vec<Level>,
    secrets: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    /// The length of the text when it was opened: nothing written since means that it is empty.
    since: usize,
    is_list: bool,
    /// The next line starts with the item's dash.
    dash: bool,
}

impl Writer {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// From here on `secret` is never written: `instead` stands in its place.
    pub fn hide(&mut self, secret: impl Into<String>, instead: impl Into<String>) {
        let secret = secret.into();
        if !secret.is_empty() {
            self.secrets.push((secret, instead.into()));
        }
    }

    /// `text` as it is written, without what must not be.
    fn scalar<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.secrets.iter().any(|(secret, _)| text.contains(secret)) {
            return scalar(text);
        }
        let hidden = self.secrets.iter().fold(text.to_owned(), |text, (secret, instead)| text.replace(secret, instead));
        scalar(&hidden).into_owned().into()
    }

    /// `key: text`.
    pub fn text(&mut self, key: &str, value: &str) {
        let value = self.scalar(value);
        self.line(key, &value);
    }

    /// `key: number`.
    pub fn number(&mut self, key: &str, value: impl Into<i64>) {
        let value: i64 = value.into();
        self.line(key, &value.to_string());
    }

    /// `key: true` or `key: false`.
    pub fn flag(&mut self, key: &str, value: bool) {
        self.line(key, if value { "true" } else { "false" });
    }

    /// `failure: …`: why something was not observed.
    pub fn failure(&mut self, failure: &Failure) {
        self.text("failure", &failure.to_string());
    }

    /// A list of texts.
    pub fn texts<I: IntoIterator<Item = impl AsRef<str>>>(&mut self, key: &str, values: I) {
        self.open_list(key);
        for value in values {
            let value = self.scalar(value.as_ref());
            self.indent();
            self.text.push_str("- ");
            self.text.push_str(&value);
            self.text.push('\n');
        }
        self.close();
    }

    /// What `write` writes into the map that is open: taken from `kept`, which keeps it for others who write the same at
    /// the same depth. With secrets to hide, nothing is kept.
    pub fn kept(&mut self, kept: &OnceLock<Box<str>>, write: impl FnOnce(&mut Writer)) {
        if !self.secrets.is_empty() || self.open.last().is_none_or(|level| level.dash) {
            return write(self);
        }
        if let Some(text) = kept.get() {
            return self.text.push_str(text);
        }
        let before = self.text.len();
        write(self);
        let _ = kept.set(self.text.get(before..).unwrap_or_default().into());
    }

    /// A map that `write` fills.
    pub fn map(&mut self, key: &str, write: impl FnOnce(&mut Writer)) {
        self.open(key);
        write(self);
        self.close();
    }

    /// A list of maps: `write` fills one for each item.
    pub fn list<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Writer, T)) {
        self.open_list(key);
        for item in items {
            self.item();
            write(self, item);
            self.close();
        }
        self.close();
    }

    /// Opens a map under `key`; what follows goes into it until [`Writer::close`].
    pub fn open(&mut self, key: &str) {
        self.enter(key, false);
    }

    /// Opens a list of maps under `key`: [`Writer::item`] starts each.
    pub fn open_list(&mut self, key: &str) {
        self.enter(key, true);
    }

    /// Starts an item of the list that was opened last; ends with [`Writer::close`].
    pub fn item(&mut self) {
        self.open.push(Level { since: self.text.len(), is_list: false, dash: true });
    }

    /// Ends what was opened last.
    pub fn close(&mut self) {
        let Some(level) = self.open.pop() else { return };
        if self.text.len() > level.since {
            return;
        }
        if level.dash {
            self.indent();
            self.text.push_str("- {}\n");
        } else {
            self.text.pop();
            self.text.push_str(if level.is_list { " []\n" } else { " {}\n" });
        }
    }

    /// A JSON value, maps sorted by key.
    pub fn value(&mut self, key: &str, value: &serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::Null => self.line(key, "null"),
            Value::Bool(value) => self.flag(key, *value),
            Value::Number(number) => self.line(key, &number.to_string()),
            Value::String(text) => self.text(key, text),
            Value::Array(items) => self.values(key, items),
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| *key);
                self.map(key, |out| entries.into_iter().for_each(|(key, value)| out.value(key, value)));
            }
        }
    }

    fn values(&mut self, key: &str, items: &[serde_json::Value]) {
        use serde_json::Value;
        self.open_list(key);
        for item in items {
            match item {
                Value::Object(map) => {
                    self.item();
                    let mut entries: Vec<_> = map.iter().collect();
                    entries.sort_by_key(|(key, _)| *key);
                    entries.into_iter().for_each(|(key, value)| self.value(key, value));
                    self.close();
                }
                // A list in a list has no key: its JSON is YAML.
                other => {
                    let text = match other {
                        Value::String(text) => self.scalar(text),
                        other => other.to_string().into(),
                    };
                    self.indent();
                    self.text.push_str("- ");
                    self.text.push_str(&text);
                    self.text.push('\n');
                }
            }
        }
        self.close();
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The text, whole.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.text
    }

    fn enter(&mut self, key: &str, is_list: bool) {
        self.key(key);
        self.text.push('\n');
        self.open.push(Level { since: self.text.len(), is_list, dash: false });
    }

    fn line(&mut self, key: &str, value: &str) {
        self.key(key);
        self.text.push(' ');
        self.text.push_str(value);
        self.text.push('\n');
    }

    fn key(&mut self, key: &str) {
        self.indent();
        let key = self.scalar(key);
        self.text.push_str(&key);
        self.text.push(':');
    }

    /// The indentation of a new line, with the dash when the line is the first of an item.
    fn indent(&mut self) {
        let first = self.open.last_mut().is_some_and(|level| std::mem::take(&mut level.dash));
        let depth = self.open.len() - usize::from(first);
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        if first {
            self.text.push_str("- ");
        }
    }
}

/// The one way to write a text: plain where nothing can be misread, else in double quotes.
pub(super) fn scalar(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return text.into();
    }
    let (kept, cut) = match text.len() > MAX_VALUE_BYTES {
        true => (text.get(..text.floor_char_boundary(MAX_VALUE_BYTES)).unwrap_or_default(), true),
        false => (text, false),
    };
    let mut quoted = String::with_capacity(kept.len() + 2);
    quoted.push('"');
    for c in kept.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if matches!(u32::from(c), 0xfffe..=0xffff) => quoted.push_str("\\ufffd"),
            c => quoted.push(c),
        }
    }
    if cut {
        quoted.push_str(&format!(" … (cut: {} bytes)", text.len()));
    }
    quoted.push('"');
    quoted.into()
}

/// Whether every reader of YAML takes the text for itself.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    let inner =
        |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'/' | b'-' | b':' | b'@' | b'+' | b'=' | b' ');
    text.len() <= MAX_VALUE_BYTES
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(inner)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer)) -> String {
        let mut out = Writer::new();
        write(&mut out);
        out.finish()
    }

    #[test]
    fn maps_and_lists_nest() {
        let text = written(|out| {
            out.map("observed", |out| {
                out.list("addresses", ["10.0.0.1", "::1"], |out, address| {
                    out.text("address", address);
                    out.number("latency", 3);
                    out.texts("versions", ["TLSv1.2", "1.3"]);
                });
                out.list("none", [(); 0], |_, ()| {});
                out.list("hollow", [()], |_, ()| {});
                out.map("empty", |_| {});
                out.list("deep", [()], |out, ()| {
                    out.list("in", [1, 2], |out, n| out.number("v", n));
                    out.flag("last", true);
                });
            });
        });
        let expected = "observed:\n  addresses:\n    - address: \"10.0.0.1\"\n      latency: 3\n      versions:\n        \
                        - TLSv1.2\n        - \"1.3\"\n    - address: \"::1\"\n      latency: 3\n      versions:\n        \
                        - TLSv1.2\n        - \"1.3\"\n  none: []\n  hollow:\n    - {}\n  empty: {}\n  deep:\n    - \
                        in:\n        - v: 1\n        - v: 2\n      last: true\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn whatever_is_written_is_read_back() {
        let long = "é".repeat(MAX_VALUE_BYTES);
        let hard = [
            "",
            " ",
            "a: b",
            "a #b",
            "- x",
            "true",
            "No",
            "1",
            "0x10",
            "~",
            "{{ x }}",
            "a\nb",
            "\u{0}\u{7f}\u{85}",
            "«»",
            "\u{feff}x",
            "\u{2028}",
            "'",
            "\"",
            "\\",
            "a:",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "| a",
            "é",
            "\u{ffff}",
        ];
        let text = written(|out| {
            out.texts("all", hard);
            out.map("keys", |out| hard.iter().skip(1).for_each(|key| out.text(key, key)));
            out.text("long", &long);
        });
        let tree = crate::syntax::read(crate::span::SourceId(0), "x.transcript", text.as_str().into());
        assert_eq!(tree.problems, [], "{text}");
        assert!(tree.template.is_none());
        let root = tree.documents(crate::syntax::tree::Dialect::Core).next().unwrap();
        let all: Vec<_> = root.get("all").unwrap().items().map(|item| item.as_str().unwrap().to_owned()).collect();
        let expected: Vec<String> = hard.iter().map(|text| text.replace('\u{ffff}', "\u{fffd}")).collect();
        assert_eq!(all, expected);
        let long = root.get("long").unwrap().as_str().unwrap().to_owned();
        assert!(long.ends_with(&format!("(cut: {} bytes)", 2 * MAX_VALUE_BYTES)), "{}", &long[long.len() - 40..]);
        assert!(long.len() < MAX_VALUE_BYTES + 40);
    }

    #[test]
    fn what_is_hidden_is_written_nowhere() {
        let text = written(|out| {
            out.hide("user:hunter2@", "");
            out.hide("abcdefgh", "(8 characters)");
            out.text("url", "http://user:hunter2@shop/?t=abcdefgh&u=abcdefgh");
            out.texts("abcdefgh", ["abcdefgh", "x"]);
        });
        let expected = "url: \"http://shop/?t=(8 characters)&u=(8 characters)\"\n\"(8 characters)\":\n  - \"(8 \
                        characters)\"\n  - x\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_left_open_is_closed() {
        let text = written(|out| {
            out.open("observed");
            out.open_list("addresses");
            out.item();
            out.text("a", "b");
            out.open("c");
        });
        assert_eq!(text, "observed:\n  addresses:\n    - a: b\n      c: {}\n");
    }
}
