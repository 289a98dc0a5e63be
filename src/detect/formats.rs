//! All secret formats: one prefilter, then a matcher by hand where the keyword stands, a regular expression only for the
//! odd one. The prefilter of the built-in ones was made by `build.rs`; each of them is compiled at its first keyword.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::keyword::{self, KEY, NAME, Targets};
use super::prefilter::Prefilter;
use super::shape::{Part, Shape};
use super::{Certainty, assigned, checksum, embedded, key, plausible};
use crate::fact::format::{Boundary, Checksum, FormatRecord};

/// A value in a text that has a known format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where in the text the value stands.
    pub range: Range<usize>,
    /// The rule whose file describes the format: `secrets/github`.
    pub rule: Arc<str>,
    /// The format's name: `github-pat-classic`.
    pub format: Arc<str>,
    /// What a person calls it.
    pub title: Arc<str>,
    /// How sure it is that the value is what it looks like.
    pub certainty: Certainty,
}

/// The compiled formats. Immutable; share it freely between threads.
#[derive(Debug)]
pub struct Formats {
    prefilter: Prefilter,
    /// For every keyword of the prefilter, the formats that it may begin.
    targets: Targets,
    formats: Store,
}

/// Where the formats are.
#[derive(Debug)]
enum Store {
    /// In the program, each compiled when it is first needed.
    Embedded(&'static [embedded::Embedded]),
    /// Compiled.
    Compiled(Vec<Format>),
}

/// A format that can be recognised.
#[derive(Debug)]
pub(super) struct Format {
    rule: Arc<str>,
    name: Arc<str>,
    title: Arc<str>,
    matcher: Matcher,
    checksum: Option<Checksum>,
    boundary: Boundary,
}

#[derive(Debug)]
enum Matcher {
    /// Walk from a literal of the shape.
    Anchored { shape: Shape, anchor: usize },
    /// The value that is assigned to a name which holds a keyword.
    Assigned { shape: Shape },
    /// A regular expression from the keyword on, compiled on the first hit.
    Pattern { source: Box<str>, regex: OnceLock<Option<Regex>> },
}

/// What one pass over a text finds.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Values of known formats, look-alikes included.
    pub(super) hits: Vec<Hit>,
    /// Where words of secret names stand, in order.
    pub(super) names: Vec<usize>,
    /// Where private keys may begin, in order.
    pub(super) keys: Vec<usize>,
}

/// A pattern is tried on this many bytes.
const WINDOW: usize = 2048;

impl Format {
    /// Compiles `record`; the error says what is wrong with it.
    pub(super) fn new(rule: Arc<str>, record: &FormatRecord) -> Result<Self, String> {
        let matcher = match (&record.shape, &record.pattern) {
            (Some(shape), None) => shaped(shape, &record.keywords)?,
            (None, Some(pattern)) => Matcher::Pattern { source: pattern.as_str().into(), regex: OnceLock::new() },
            _ => return Err("a format has a `shape` or a `pattern`, not both".to_owned()),
        };
        let title = if record.title.is_empty() { record.name.as_str() } else { record.title.as_str() };
        Ok(Self {
            rule,
            name: record.name.as_str().into(),
            title: title.into(),
            matcher,
            checksum: record.checksum,
            boundary: record.boundary,
        })
    }

    /// The value that this format has at the keyword in `place`.
    fn at(&self, text: &str, place: Range<usize>) -> Option<(Range<usize>, Certainty)> {
        let bytes = text.as_bytes();
        let range = match &self.matcher {
            Matcher::Anchored { shape, anchor } => {
                if *anchor == 0 && !self.free_before(bytes, place.start, shape) {
                    return None;
                }
                let range = shape.around(bytes, *anchor, place.start)?;
                (self.free_before(bytes, range.start, shape) && self.free_after(bytes, range.end, shape))
                    .then_some(range)?
            }
            Matcher::Assigned { shape } => {
                let start = assigned::value_of(bytes, place.clone())?;
                let range = shape.around(bytes, 0, start)?;
                if self.checksum.is_none() {
                    key::kind(assigned::name_at(text, place.start))?;
                }
                self.free_after(bytes, range.end, shape).then_some(range)?
            }
            Matcher::Pattern { source, regex } => {
                if self.boundary == Boundary::Word && is_word_before(bytes, place.start) {
                    return None;
                }
                let regex = regex.get_or_init(|| compile(source).ok()).as_ref()?;
                let window = text.get(place.start..floor(text, place.start + WINDOW))?;
                let captures = regex.captures(window)?;
                let value = captures.name("secret").or_else(|| captures.get(0))?;
                place.start + value.start()..place.start + value.end()
            }
        };
        let value = text.get(range.clone())?;
        Some((range, self.certainty(value)?))
    }

    fn certainty(&self, value: &str) -> Option<Certainty> {
        if plausible::is_published(value) {
            return None;
        }
        match self.checksum {
            Some(Checksum::Jwt) if checksum::holds(Checksum::Jwt, "", value) => {
                (!is_demo_token(value)).then_some(Certainty::Likely)
            }
            Some(Checksum::Jwt) => None,
            Some(kind) if checksum::holds(kind, self.prefix(), value) => Some(Certainty::Certain),
            Some(_) => Some(Certainty::Doubtful),
            None => plausible::is_random(&self.body(value)).then_some(Certainty::Likely),
        }
    }

    /// The shape's leading literal.
    fn prefix(&self) -> &str {
        match &self.matcher {
            Matcher::Anchored { shape, .. } | Matcher::Assigned { shape } => match shape.parts.first() {
                Some(Part::Literal(text)) => text,
                _ => "",
            },
            Matcher::Pattern { .. } => "",
        }
    }

    /// What was drawn at random: the value without the shape's literals.
    fn body(&self, value: &str) -> String {
        let (Matcher::Anchored { shape, .. } | Matcher::Assigned { shape }) = &self.matcher else {
            return value.to_owned();
        };
        let literals = shape.parts.iter().filter_map(|part| match part {
            Part::Literal(text) if text.len() > 1 => Some(&**text),
            _ => None,
        });
        literals.fold(value.to_owned(), |body, literal| body.replacen(literal, "", 1))
    }

    fn free_before(&self, bytes: &[u8], start: usize, shape: &Shape) -> bool {
        match (self.boundary, shape.first_charset()) {
            (Boundary::Right | Boundary::None, _) => true,
            (Boundary::Word, None) => !is_word_before(bytes, start),
            (Boundary::Word, Some(charset)) => {
                !start.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|byte| charset.has(*byte))
            }
        }
    }

    fn free_after(&self, bytes: &[u8], end: usize, shape: &Shape) -> bool {
        let next = bytes.get(end).copied();
        let own = |byte: u8| shape.last_charset().is_some_and(|charset| charset.has(byte));
        match self.boundary {
            Boundary::None => true,
            Boundary::Right => !next.is_some_and(own),
            Boundary::Word => !next.is_some_and(|byte| own(byte) || byte.is_ascii_alphanumeric() || byte == b'_'),
        }
    }
}

impl Formats {
    /// The built-in formats.
    pub(super) fn builtin() -> Self {
        let (prefilter, targets) = embedded::table();
        Self { prefilter, targets, formats: Store::Embedded(&embedded::FORMATS) }
    }

    /// Compiles the formats of all rules, given with the rule's id. The errors name the format and what is wrong.
    pub fn new(records: impl Iterator<Item = (Arc<str>, FormatRecord)>) -> (Self, Vec<String>) {
        let (mut formats, mut keywords, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (rule, record) in records {
            let own = keyword::of(record.shape.as_deref(), &record.keywords);
            match Format::new(rule, &record).and_then(|format| Ok((format, own?))) {
                Ok((format, own)) => {
                    formats.push(format);
                    keywords.push(own);
                }
                Err(error) => errors.push(format!("format `{}`: {error}", record.name)),
            }
        }
        let (keywords, targets) = keyword::table(keywords);
        (Self { prefilter: Prefilter::new(keywords), targets, formats: Store::Compiled(formats) }, errors)
    }

    /// How many formats there are.
    pub fn len(&self) -> usize {
        match &self.formats {
            Store::Embedded(formats) => formats.len(),
            Store::Compiled(formats) => formats.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn format(&self, index: u32) -> Option<&Format> {
        match &self.formats {
            Store::Embedded(formats) => formats.get(index as usize)?.format(),
            Store::Compiled(formats) => formats.get(index as usize),
        }
    }

    /// Every value of a known format, in the order of the text, without overlaps and without look-alikes whose
    /// checksum is wrong.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut hits = self.find_all(text);
        hits.retain(|hit| hit.certainty != Certainty::Doubtful);
        hits
    }

    /// As [`Formats::find`], with the look-alikes: what must be masked.
    pub fn find_all(&self, text: &str) -> Vec<Hit> {
        self.scan(text).hits
    }

    /// One pass: formats, and the places where the slower readers have to look.
    pub(super) fn scan(&self, text: &str) -> Scan {
        let mut found: Vec<(Range<usize>, Certainty, u32)> = Vec::new();
        let mut scan = Scan::default();
        self.prefilter.scan(text.as_bytes(), |keyword, start| {
            let place = start..start + self.prefilter.keyword(keyword).text.len();
            for index in self.targets.of(keyword) {
                match *index {
                    NAME => scan.names.push(start),
                    KEY => scan.keys.push(start),
                    index => {
                        let at = self.format(index).and_then(|format| format.at(text, place.clone()));
                        found.extend(at.map(|(range, certainty)| (range, certainty, index)));
                    }
                }
            }
        });
        let hits = resolve(found).into_iter();
        scan.hits = hits.filter_map(|(range, certainty, index)| self.hit(range, certainty, index)).collect();
        scan.names.sort_unstable();
        scan.names.dedup();
        scan.keys.sort_unstable();
        scan
    }

    fn hit(&self, range: Range<usize>, certainty: Certainty, index: u32) -> Option<Hit> {
        let format = self.format(index)?;
        Some(Hit {
            range,
            rule: Arc::clone(&format.rule),
            format: Arc::clone(&format.name),
            title: Arc::clone(&format.title),
            certainty,
        })
    }
}

/// What is wrong with a record, if anything: its shape, its pattern, its keywords.
pub fn validate(record: &FormatRecord) -> Result<(), String> {
    if let Some(pattern) = &record.pattern {
        compile(pattern)?;
    }
    keyword::of(record.shape.as_deref(), &record.keywords)?;
    Format::new("".into(), record).map(|_| ())
}

/// One value a place: the surest, then the longest, then the first format.
fn resolve(mut found: Vec<(Range<usize>, Certainty, u32)>) -> Vec<(Range<usize>, Certainty, u32)> {
    found.sort_by_key(|(range, certainty, index)| (range.start, *certainty, usize::MAX - range.len(), *index));
    let mut kept: Vec<(Range<usize>, Certainty, u32)> = Vec::with_capacity(found.len());
    for new in found {
        match kept.last_mut() {
            Some(last) if new.0.start < last.0.end => {
                let rank = |hit: &(Range<usize>, Certainty, u32)| (hit.1, usize::MAX - hit.0.len());
                if rank(&new) < rank(last) {
                    *last = new;
                }
            }
            _ => kept.push(new),
        }
    }
    kept
}

fn shaped(shape: &str, words: &[String]) -> Result<Matcher, String> {
    let shape = Shape::parse(shape)?;
    if !words.is_empty() {
        return Ok(Matcher::Assigned { shape });
    }
    let anchor = shape.anchor().ok_or("a shape without literal text needs `keywords`")?;
    Ok(Matcher::Anchored { shape, anchor })
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(|error| error.to_string())
}

/// Whether what stands before `start` belongs to the same word. An escape (`\n`, `%22`) does not.
fn is_word_before(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(3)..start).unwrap_or(&[]);
    match before {
        [.., b'\\', b'n' | b't' | b'r'] => false,
        [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => false,
        [.., last] => last.is_ascii_alphanumeric() || *last == b'_',
        [] => false,
    }
}

/// The claims that everybody's first token holds.
fn is_demo_token(value: &str) -> bool {
    checksum::jwt_claims(value).is_some_and(|claims| {
        // The accounts and users of NATS are public: their secret is the seed.
        claims.contains("John Doe")
            || claims.contains("\"nats\":")
            || claims.contains("1234567890\"")
            || claims.contains("supabase-demo")
            || is_run_out(&claims)
    })
}

/// Whether it ran out before this program was written.
fn is_run_out(claims: &str) -> bool {
    const WRITTEN: u64 = 1_767_225_600; // 2026-01-01
    let rest = claims.split_once("\"exp\":").map(|(_, rest)| rest.trim_start());
    let digits = rest.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
    digits.and_then(|digits| digits.parse::<u64>().ok()).is_some_and(|end| end > 0 && end < WRITTEN)
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
