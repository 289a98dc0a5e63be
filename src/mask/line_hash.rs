//! The hash by which GitHub knows a line again after others have moved it (`primaryLocationLineHash`).
//!
//! It covers the line and what follows it, a hundred characters in all without blanks, so it would let one guess a
//! secret: a line whose characters touch one gets no hash.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Masker;
use crate::source::{Encoding, Source};

/// How many characters a hash covers.
const WINDOW: usize = 100;
/// The base of the rolling hash.
const BASE: u64 = 37;
/// What GitHub appends at the end of a file.
const END: u16 = 0xffff;

impl Masker<'_> {
    /// The hashes of those of `wanted` (1-based lines) that give nothing away.
    pub fn line_hashes(&self, source: &Source, wanted: &BTreeSet<u32>) -> BTreeMap<u32, String> {
        let mark = match source.encoding {
            Encoding::Utf8 => None,
            Encoding::Utf8Bom => Some('\u{feff}'),
            // GitHub reads every file as UTF-8; what it makes of these cannot be matched.
            Encoding::Utf16Le | Encoding::Utf16Be => return BTreeMap::new(),
        };
        let mut rolling = Rolling::new();
        let mut hashes = BTreeMap::new();
        let mut found = |line: Option<Line>, hash: String, end: usize| {
            let Some(line) = line.filter(|line| wanted.contains(&line.number)) else { return };
            if !self.touches_secret(source, &(line.start..end)) {
                hashes.insert(line.number, hash);
            }
        };
        let text = source.text();
        if let Some(mark) = mark {
            rolling.push(mark, 0, &mut found);
        }
        for (at, c) in text.char_indices() {
            rolling.push(c, at, &mut found);
        }
        rolling.finish(text.len(), &mut found);
        hashes
    }
}

/// A line whose hash is being collected.
#[derive(Debug, Clone, Copy)]
struct Line {
    number: u32,
    start: usize,
}

struct Rolling {
    window: [u16; WINDOW],
    lines: [Option<Line>; WINDOW],
    index: usize,
    hash: u64,
    /// `BASE` to the power of [`WINDOW`]: what the unit that leaves the window weighs.
    oldest: u64,
    seen: HashMap<u64, u32>,
    number: u32,
    at_start: bool,
    after_cr: bool,
}

impl Rolling {
    fn new() -> Self {
        Self {
            window: [0; WINDOW],
            lines: [None; WINDOW],
            index: 0,
            hash: 0,
            oldest: (0..WINDOW).fold(1_u64, |power, _| power.wrapping_mul(BASE)),
            seen: HashMap::new(),
            number: 0,
            at_start: true,
            after_cr: false,
        }
    }

    fn push(&mut self, c: char, at: usize, found: &mut impl FnMut(Option<Line>, String, usize)) {
        if matches!(c, ' ' | '\t') || (c == '\n' && self.after_cr) {
            self.after_cr = false;
            return;
        }
        self.after_cr = c == '\r';
        let c = if c == '\r' { '\n' } else { c };
        let mut units = [0_u16; 2];
        for unit in c.encode_utf16(&mut units) {
            self.push_unit(*unit, at, found);
        }
    }

    fn push_unit(&mut self, unit: u16, at: usize, found: &mut impl FnMut(Option<Line>, String, usize)) {
        self.emit(at, found);
        if std::mem::take(&mut self.at_start) {
            self.number += 1;
            self.lines[self.index] = Some(Line { number: self.number, start: at });
        }
        self.at_start = unit == u16::from(b'\n');
        self.roll(unit);
    }

    fn roll(&mut self, unit: u16) {
        let leaving = u64::from(std::mem::replace(&mut self.window[self.index], unit));
        let entered = self.hash.wrapping_mul(BASE).wrapping_add(u64::from(unit));
        self.hash = entered.wrapping_sub(self.oldest.wrapping_mul(leaving));
        self.index = (self.index + 1) % WINDOW;
    }

    /// Gives out the line whose hundred characters are complete.
    fn emit(&mut self, end: usize, found: &mut impl FnMut(Option<Line>, String, usize)) {
        if let Some(line) = self.lines[self.index].take() {
            let nth = self.seen.entry(self.hash).or_insert(0);
            *nth += 1;
            found(Some(line), format!("{:x}:{nth}", self.hash), end);
        }
    }

    fn finish(mut self, end: usize, found: &mut impl FnMut(Option<Line>, String, usize)) {
        self.push_unit(END, end, found);
        for _ in 0..WINDOW {
            self.emit(end, found);
            self.roll(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Role;
    use crate::source::Origin;
    use crate::span::SourceId;

    fn hashes(text: &str, secrets: Vec<std::ops::Range<usize>>) -> BTreeMap<u32, String> {
        let source = Source::new(SourceId(0), Origin::File("f".into()), Encoding::Utf8, Role::Production, text);
        Masker::new(1, move |_| secrets.clone()).line_hashes(&source, &(1..1000).collect())
    }

    fn values(text: &str) -> Vec<String> {
        hashes(text, Vec::new()).into_values().collect()
    }

    // The values are those that GitHub's own uploader is tested with.
    #[test]
    fn hashes_as_github_does() {
        assert_eq!(values(""), ["c129715d7a2bc9a3:1"]);
        let four = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(values(" a\nb\n  \t\tc\n d"), four);
        let greeting = [
            "e9496ae3ebfced30:1",
            "fb7c023a8b9ccb3f:1",
            "ce8ba1a563dcdaca:1",
            "e20e36e16fcb0cc8:1",
            "b3edc88f2938467e:1",
            "c8e28b0b4002a3a0:1",
            "c129715d7a2bc9a3:1",
        ];
        for text in [
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n",
            " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r",
            " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n",
        ] {
            assert_eq!(values(text), greeting);
        }
    }

    #[test]
    fn equal_lines_are_numbered() {
        let found = values(&"Lorem ipsum dolor sit amet.\n".repeat(10));
        assert_eq!(found[0], "a7f2ff13bc495cf2:1");
        assert_eq!(found[5], "a7f2ff13bc495cf2:6");
        assert_eq!(found[6], "a7f2ff1481e87703:1");
        assert_eq!(found.len(), 11);
    }

    #[test]
    fn a_line_near_a_secret_has_no_hash() {
        let filler = "x".repeat(120);
        let text = format!("first\nsecond hunter2\nthird\n{filler}\nlast\n");
        let at = text.find("hunter2").unwrap();
        let found = hashes(&text, std::iter::once(at..at + 7).collect());
        assert_eq!(found.keys().copied().collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
