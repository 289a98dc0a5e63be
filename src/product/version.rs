//! What a tag says of a version, and how long that version is supported.

use std::borrow::Cow;

use super::{Cycle, Day, Product, products};

/// What a tag says of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// No tag and no digest, or `latest`: the newest one.
    Newest,
    /// The leading numbers of the tag: `16.2-alpine` is 16.2.
    Numbers(Vec<u32>),
    /// Nothing (`alpine`, only a digest).
    Unknown,
}

/// The version line that a tag belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'p> {
    /// How it is called: `16`, or `before 2.36` for what is older than the oldest line that is listed.
    pub name: Cow<'p, str>,
    /// Its last day with security updates, if one is announced; of what is older than every line, the last day of the
    /// oldest one, which it did not outlive.
    pub ends: Option<Day>,
}

impl<'p> Line<'p> {
    fn of(cycle: &'p Cycle) -> Self {
        Self { name: Cow::Borrowed(&cycle.name), ends: cycle.ends }
    }

    /// Whether it gets no more updates on the day `now`; the last day still counts.
    pub fn has_ended(&self, now: Day) -> bool {
        self.ends.is_some_and(|ends| ends < now)
    }
}

impl Version {
    /// What `tag` says; `digest`: whether the reference has one.
    pub fn of(tag: Option<&str>, digest: bool) -> Self {
        match tag {
            None if digest => Version::Unknown,
            None => Version::Newest,
            Some("latest") if digest => Version::Unknown,
            Some("latest") => Version::Newest,
            Some(tag) => numbers(tag).map_or(Version::Unknown, Version::Numbers),
        }
    }

    /// Whether it is `from` or later and earlier than `before`; `None` when that is not known.
    pub fn within(&self, from: Option<&str>, before: Option<&str>) -> Option<bool> {
        if from.is_none() && before.is_none() {
            return Some(true);
        }
        match self {
            Version::Newest => Some(before.is_none()),
            Version::Unknown => None,
            Version::Numbers(numbers) => {
                let late_enough = from.map_or(Some(true), |from| at_least(numbers, from))?;
                let early_enough = before.map_or(Some(true), |before| Some(!at_least(numbers, before)?))?;
                Some(late_enough && early_enough)
            }
        }
    }
}

/// Whether a version that begins with `numbers` is `bound` or later; `None` when a moving tag could be either (`2`
/// against `2.12`).
fn at_least(version: &[u32], bound: &str) -> Option<bool> {
    let bound = numbers(bound)?;
    let common = version.len().min(bound.len());
    match version[..common].cmp(&bound[..common]) {
        std::cmp::Ordering::Greater => Some(true),
        std::cmp::Ordering::Less => Some(false),
        std::cmp::Ordering::Equal if version.len() >= bound.len() => Some(true),
        std::cmp::Ordering::Equal => None,
    }
}

/// The leading numbers of `tag`, after an optional `v`.
fn numbers(tag: &str) -> Option<Vec<u32>> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let parts: Option<Vec<u32>> = tag[..end].trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect();
    parts.filter(|parts| !parts.is_empty())
}

/// The line that `version` belongs to.
pub(super) fn line<'p>(product: &'p Product, version: &Version) -> Option<Line<'p>> {
    let Version::Numbers(version) = version else { return None };
    cycle(&product.cycles, version).map(Line::of).or_else(|| before_all(&product.cycles, version))
}

/// The line that is called `word` in tags.
pub(super) fn line_of_codename<'p>(product: &'p Product, word: &str) -> Option<Line<'p>> {
    product.cycles.iter().find(|cycle| cycle.codename.as_deref() == Some(word)).map(Line::of)
}

/// The operating system that `word` of a tag names, and its line.
pub(super) fn base_line(word: &str) -> Option<(&'static Product, Line<'static>)> {
    ["debian", "ubuntu", "alpine"].into_iter().find_map(|id| {
        let product = products().get(id)?;
        let numbered = word.strip_prefix(id).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let line = match numbered {
            Some(version) => line(product, &Version::of(Some(version), false)),
            None => line_of_codename(product, word),
        };
        Some((product, line?))
    })
}

/// The line that a version belongs to: the longest name that begins it (`9.6` for 9.6.24), or, for a moving tag, the
/// newest line that it can mean (`7` is 7.4 while that is the newest 7).
fn cycle<'p>(cycles: &'p [Cycle], version: &[u32]) -> Option<&'p Cycle> {
    let named = || cycles.iter().filter_map(|cycle| Some((cycle, numbers(&cycle.name)?)));
    let own = named().filter(|(_, name)| version.starts_with(name)).max_by_key(|(_, name)| name.len());
    let newest = || named().filter(|(_, name)| name.starts_with(version)).max_by(|(_, a), (_, b)| a.cmp(b));
    own.or_else(newest).map(|(cycle, _)| cycle)
}

/// What is older than every line that is listed: sources stop listing lines that ended long ago.
fn before_all<'p>(cycles: &'p [Cycle], version: &[u32]) -> Option<Line<'p>> {
    let named = cycles.iter().filter_map(|cycle| Some((cycle, numbers(&cycle.name)?)));
    let (oldest, first) = named.min_by(|(_, a), (_, b)| a.cmp(b))?;
    // Where lines are called by their years, 15.0 is another way of counting.
    let is_year = |numbers: &[u32]| numbers.first().is_some_and(|first| *first >= 1_000);
    let is_alike = is_year(&first) == is_year(version);
    let is_older = is_alike && oldest.ends.is_some() && at_least(version, &oldest.name) == Some(false);
    is_older.then(|| Line { name: Cow::Owned(format!("before {}", oldest.name)), ends: oldest.ends })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(tag: &str) -> Version {
        Version::of(Some(tag), false)
    }

    #[test]
    fn a_tag_begins_with_its_version() {
        for (tag, expected) in [
            ("16", &[16][..]),
            ("v2.45.0", &[2, 45, 0]),
            ("3.12-slim-bookworm", &[3, 12]),
            ("8u392-b08-jre", &[8]),
            ("17.0.9_9-jre", &[17, 0, 9]),
            ("2022-latest", &[2022]),
            ("1.", &[1]),
        ] {
            assert_eq!(version(tag), Version::Numbers(expected.to_vec()), "{tag}");
        }
        for tag in ["alpine", "", "v", ".5", "99999999999999999999", "RELEASE.2025-09-07", "1..2"] {
            assert_eq!(version(tag), Version::Unknown, "{tag}");
        }
        assert_eq!(Version::of(None, false), Version::Newest);
        assert_eq!(Version::of(None, true), Version::Unknown);
    }

    #[test]
    fn a_moving_tag_is_not_compared_beyond_what_it_says() {
        assert_eq!(version("2").within(None, Some("2.12")), None);
        assert_eq!(version("2.11").within(None, Some("2.12")), Some(true));
        assert_eq!(version("3").within(None, Some("2.12")), Some(false));
        assert_eq!(version("18.1").within(Some("18"), None), Some(true));
        assert_eq!(Version::Newest.within(Some("18"), None), Some(true));
        assert_eq!(Version::Newest.within(None, Some("18")), Some(false));
        assert_eq!(Version::Unknown.within(None, Some("18")), None);
        assert_eq!(Version::Unknown.within(None, None), Some(true));
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let line = |name: &str| Cycle { name: name.to_owned(), codename: None, ends: None };
        let cycles = [line("3.20"), line("3.9"), line("3.2"), line("2.7")];
        let name = |version: &[u32]| cycle(&cycles, version).map(|cycle| cycle.name.as_str());
        assert_eq!(name(&[3, 20, 1]), Some("3.20"));
        assert_eq!(name(&[3, 2]), Some("3.2"));
        assert_eq!(name(&[3]), Some("3.20"));
        assert_eq!(name(&[3, 1]), None);
    }

    #[test]
    fn what_is_older_than_every_line_ended_with_the_oldest_at_the_latest() {
        let ends = |day: &str| Some(day.parse().unwrap());
        let line = |name: &str, ends| Cycle { name: name.to_owned(), codename: None, ends };
        let cycles = [line("3.9", None), line("2.7", ends("2020-01-01")), line("2.10", ends("2021-01-01"))];
        let before = |cycles: &[Cycle], version: &[u32]| {
            before_all(cycles, version).map(|line| (line.name.into_owned(), line.ends))
        };
        assert_eq!(before(&cycles, &[2, 6, 9]), Some(("before 2.7".to_owned(), ends("2020-01-01"))));
        assert_eq!(before(&cycles, &[1]), Some(("before 2.7".to_owned(), ends("2020-01-01"))));
        for not_older in [&[2][..], &[2, 7], &[2, 8], &[4]] {
            assert_eq!(before(&cycles, not_older), None, "{not_older:?}");
        }
        assert_eq!(before(&cycles[..1], &[2]), None, "no end is announced");
        assert_eq!(before(&[line("2017", ends("2027-10-12"))], &[15, 0]), None, "another way of counting");
        assert_eq!(before(&[], &[2]), None);
    }
}
