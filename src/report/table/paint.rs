//! Cells, colours and links.

use camino::{Utf8Component, Utf8Path};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::checklist::{Decision, State};
use crate::finding::Severity;
use crate::mask::harmless;
use crate::report::Style;

/// Narrower terminals get lines of this many cells all the same.
const NARROWEST: usize = 60;
/// Wider ones are not filled: long lines are hard to read.
const WIDEST: usize = 160;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Bold,
    Dim,
    Good,
    Link,
    Of(Severity),
}

/// Colours and links, or neither.
#[derive(Debug)]
pub(super) struct Paint<'p> {
    pub(super) width: usize,
    style: &'p Style,
}

impl<'p> Paint<'p> {
    pub(super) fn new(style: &'p Style) -> Self {
        Self { width: style.width.clamp(NARROWEST, WIDEST), style }
    }

    /// `text` in `ink`.
    pub(super) fn ink(&self, text: &str, ink: Ink) -> String {
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Good => "32",
            Ink::Link => "36",
            Ink::Of(Severity::Critical) => "1;95",
            Ink::Of(Severity::High) => "1;31",
            Ink::Of(Severity::Medium) => "33",
            Ink::Of(Severity::Low) => "34",
            Ink::Of(Severity::Info) => "2",
        };
        self.coded(text, code)
    }

    /// The verdict, so that nobody overlooks it.
    pub(super) fn badge(&self, text: &str, decision: Decision) -> String {
        let code = match decision {
            Decision::Go => "1;97;42",
            Decision::NoGo => "1;97;41",
            Decision::Incomplete => "1;30;43",
        };
        self.coded(text, code)
    }

    /// A box of the checklist.
    pub(super) fn state(&self, state: State) -> String {
        match state {
            State::Pass => self.ink("✔", Ink::Good),
            State::Fail => self.ink("✘", Ink::Of(Severity::High)),
            State::Unknown => self.ink("?", Ink::Of(Severity::Medium)),
            State::Waiting => self.ink("○", Ink::Of(Severity::Medium)),
            State::NotApplicable => self.ink("–", Ink::Dim),
            State::Waived => self.ink("~", Ink::Dim),
        }
    }

    fn coded(&self, text: &str, code: &str) -> String {
        if self.style.color && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// `text`, leading to `url` where terminals follow links.
    pub(super) fn link(&self, text: &str, url: Option<&str>) -> String {
        let harmless = |url: &&str| !url.chars().any(char::is_control);
        match url.filter(harmless) {
            Some(url) if self.style.links => format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\"),
            _ => text.to_owned(),
        }
    }

    /// The address of the file at `path`.
    pub(super) fn file_url(&self, path: &str) -> Option<String> {
        let root = &self.style.root;
        (self.style.links && root.is_absolute()).then(|| {
            let mut url = String::from("file://");
            for byte in root.join(path).as_str().bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                        url.push(byte.into());
                    }
                    _ => url += &format!("%{byte:02X}"),
                }
            }
            url
        })
    }

    /// `path`, which is relative to the root, as seen from the working folder.
    pub(super) fn path(&self, path: &str) -> String {
        clean(&seen_from(&self.style.root.join(path), &self.style.cwd).unwrap_or_else(|| path.to_owned()))
    }
}

/// `path` relative to `folder`, both absolute.
fn seen_from(path: &Utf8Path, folder: &Utf8Path) -> Option<String> {
    if !path.is_absolute() || !folder.is_absolute() {
        return None;
    }
    let path: Vec<Utf8Component<'_>> = path.components().collect();
    let folder: Vec<Utf8Component<'_>> = folder.components().collect();
    let shared = path.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folder.len() - shared);
    let parts: Vec<&str> = up.chain(path[shared..].iter().map(|part| part.as_str())).collect();
    Some(parts.join("/"))
}

/// How many cells `text` takes.
pub(super) fn cells(text: &str) -> usize {
    text.width()
}

/// How many cells `c` takes.
pub(super) fn cell(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Text of anybody's making, on one line, without what acts on a terminal.
pub(super) fn clean(text: &str) -> String {
    harmless(&text.split(['\n', '\t']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

/// `text` cut to `width` cells.
pub(super) fn cut(text: &str, width: usize) -> String {
    if cells(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += cell(c);
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// `text` with blanks up to `width` cells.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(cells(text))))
}

/// `text` in lines of at most `width` cells, broken at blanks; a longer word is broken where it must be.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let needed = cells(word);
        if used > 0 && used + 1 + needed > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if used > 0 {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used + cell(c) > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += cell(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_by_cells() {
        assert_eq!(wrap("aa bb cc dd ee", 8), ["aa bb cc", "dd ee"]);
        assert_eq!(wrap("日本語日本語", 8), ["日本語日", "本語"]);
        assert_eq!(wrap("", 8), [""]);
        assert!(wrap(&"word ".repeat(50), 20).iter().all(|line| cells(line) <= 20));
    }

    #[test]
    fn paths_are_seen_from_the_working_folder() {
        let see = |path: &str, folder: &str| seen_from(Utf8Path::new(path), Utf8Path::new(folder));
        assert_eq!(see("/r/a/b", "/r").as_deref(), Some("a/b"));
        assert_eq!(see("/r/a/b", "/r/a").as_deref(), Some("b"));
        assert_eq!(see("/r/a/b", "/r/c/d").as_deref(), Some("../../a/b"));
        assert_eq!(see("a/b", "/r"), None);
    }

    #[test]
    fn cut_keeps_to_the_width() {
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(pad("日", 4), "日  ");
    }
}
