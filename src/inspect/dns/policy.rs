//! MTA-STS policies (RFC 8461, section 3.2): a text of `key: value` lines, in a file of the repository or as a server gave it.

use super::document::Place;
use super::name::Name;

/// The name of the file.
pub const FILE: &str = "mta-sts.txt";
/// A year in seconds: the longest that a policy may be kept.
const LONGEST: i64 = 31_557_600;
/// More lines than this are not read.
const MOST_LINES: usize = 1_000;

/// A policy with the places of what it says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// `enforce`, `testing`, `none`.
    pub mode: Option<(String, Place)>,
    /// Seconds that it may be kept.
    pub max_age: Option<(i64, Place)>,
    /// Names of exchangers; `*.` stands for one label.
    pub exchangers: Vec<(String, Place)>,
    /// The first thing that is wrong with it.
    pub wrong: Option<(String, Place)>,
}

/// Whether a text looks like a policy.
pub fn is_one(text: &str) -> bool {
    text.lines()
        .take(20)
        .any(|line| line.split_once(':').is_some_and(|(key, value)| key.trim() == "version" && value.trim() == "STSv1"))
}

/// Reads a policy. Keys that are not known are passed over, as the standard wants it.
pub fn read(text: &str) -> Policy {
    let mut policy = Policy::default();
    let (mut has_version, mut at) = (false, 0);
    for line in text.split_inclusive('\n').take(MOST_LINES) {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let line = line.trim();
        let place = start..start + line.len();
        if line.is_empty() {
            continue;
        }
        let Some((key, value)) = line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) else {
            policy.fault("a line is not `key: value`", place);
            continue;
        };
        let value_at = place.end - value.len()..place.end;
        if !has_version && key != "version" {
            policy.fault("the first line is not `version: STSv1`", place.clone());
        }
        has_version = true;
        policy.line(key, value, place, value_at);
    }
    let end = text.trim_end().len();
    let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1)..end;
    let lacks = [
        (!has_version, "it is empty"),
        (policy.mode.is_none(), "there is no `mode`"),
        (policy.max_age.is_none(), "there is no `max_age`"),
        (
            policy.exchangers.is_empty() && policy.mode.as_ref().is_none_or(|(mode, _)| mode != "none"),
            "there is no `mx`",
        ),
    ];
    for (_, words) in lacks.into_iter().filter(|(lacks, _)| *lacks) {
        policy.fault(words, last.clone());
    }
    policy
}

impl Policy {
    fn fault(&mut self, words: &str, place: Place) {
        self.wrong.get_or_insert_with(|| (words.to_owned(), place));
    }

    fn line(&mut self, key: &str, value: &str, place: Place, value_at: Place) {
        match key {
            "version" if value != "STSv1" => self.fault("the version is not `STSv1`", place),
            "mode" if self.mode.is_none() => {
                if !matches!(value, "enforce" | "testing" | "none") {
                    self.fault("`mode` is none of `enforce`, `testing`, `none`", value_at.clone());
                }
                self.mode = Some((value.to_owned(), value_at));
            }
            "max_age" if self.max_age.is_none() => {
                let seconds = value.parse::<i64>().ok().filter(|seconds| (0..=LONGEST).contains(seconds));
                if seconds.is_none() {
                    self.fault("`max_age` is no number of seconds up to 31557600", value_at.clone());
                }
                self.max_age = Some((seconds.unwrap_or(0), value_at));
            }
            "mode" | "max_age" => self.fault("a key stands there twice", place),
            "mx" => {
                let bare = value.strip_prefix("*.").unwrap_or(value);
                if !bare.contains('.') || bare.contains(['*', ' ', '@', '/', ':']) || Name::absolute(bare).is_none() {
                    self.fault("`mx` is no name of a host", value_at.clone());
                }
                self.exchangers.push((value.trim_end_matches('.').to_ascii_lowercase(), value_at));
            }
            _ => {}
        }
    }

    /// Whether it names the exchanger; `*.` stands for exactly one label.
    pub fn names(&self, exchanger: &str) -> bool {
        let exchanger = exchanger.trim_end_matches('.').to_ascii_lowercase();
        self.exchangers.iter().any(|(pattern, _)| match pattern.strip_prefix("*.") {
            Some(parent) => exchanger.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == parent),
            None => *pattern == exchanger,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_with_its_places() {
        let text =
            "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";
        let policy = read(text);
        assert_eq!(policy.wrong, None);
        assert_eq!(
            policy.mode.as_ref().map(|(mode, place)| (mode.as_str(), &text[place.clone()])),
            Some(("enforce", "enforce"))
        );
        assert_eq!(policy.max_age, Some((604_800, 81..87)));
        assert!(
            policy.names("MAIL.example.com.") && policy.names("mx1.example.net") && !policy.names("a.b.example.net")
        );
        assert!(is_one(text) && !is_one("a: b\n"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let good = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n";
        for (from, to, words, at) in [
            ("version: STSv1\n", "", "the first line is not `version: STSv1`", "mode: enforce"),
            ("STSv1", "STSv2", "the version is not `STSv1`", "version: STSv2"),
            ("mode: enforce\n", "", "there is no `mode`", "max_age: 604800"),
            ("enforce", "enforced", "`mode` is none of `enforce`, `testing`, `none`", "enforced"),
            ("604800", "1w", "`max_age` is no number of seconds up to 31557600", "1w"),
            ("mx: mail.example.com\n", "", "there is no `mx`", "max_age: 604800"),
            ("mail.example.com", "mail@example.com", "`mx` is no name of a host", "mail@example.com"),
            ("mx: ", "mx ", "a line is not `key: value`", "mx mail.example.com"),
        ] {
            let text = good.replace(from, to);
            let (wrong, place) = read(&text).wrong.unwrap();
            assert_eq!((wrong.as_str(), &text[place]), (words, at));
        }
        assert_eq!(read("version: STSv1\nmode: none\nmax_age: 0\n").wrong, None);
        assert_eq!(read("").wrong, Some(("it is empty".into(), 0..0)));
    }
}
