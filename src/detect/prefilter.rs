//! Where in a text could a keyword stand? Of the rarest four bytes of each keyword the first three and the last three are
//! marked in a bitmap. Wherever the four stand, one of the two stands at an even place: so only these are asked, with
//! loads that do not wait for one another, and only what the bitmap lets through is compared. `build.rs` compiles this file
//! too, to make the prefilter of the built-in formats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use common::Frequencies;

mod common;

/// Bits of the bitmap's index: 16 KiB, which stays in the first-level cache.
const BITS: u32 = 17;
const WORDS: usize = 1 << (BITS - 6);
/// Bits of the index into the entries.
const BUCKET_BITS: u32 = 12;
/// `_`, folded.
const UNDERSCORE: u8 = b'_' | FOLD as u8;
const FOLD: u64 = 0x2020_2020_2020_2020;

/// A keyword: at least four ASCII bytes.
#[derive(Debug, Clone)]
pub(crate) struct Keyword {
    pub(crate) text: Cow<'static, str>,
    /// Whether case matters.
    pub(crate) exact: bool,
}

/// The rarest four bytes of a keyword.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) gram: u32,
    pub(crate) keyword: u32,
    /// Where in the keyword they stand.
    pub(crate) offset: u32,
}

/// The compiled set.
#[derive(Debug)]
pub(crate) struct Prefilter {
    pub(crate) bitmap: Cow<'static, [u64]>,
    /// Start in `entries` of each bucket, with one more for the end.
    pub(crate) buckets: Cow<'static, [u32]>,
    pub(crate) entries: Cow<'static, [Entry]>,
    pub(crate) keywords: Cow<'static, [Keyword]>,
}

impl Prefilter {
    /// Compiles `keywords`; shorter ones than four bytes are never found.
    pub(crate) fn new(keywords: Vec<Keyword>) -> Self {
        let mut bitmap = vec![0u64; WORDS];
        let mut entries = Vec::with_capacity(keywords.len());
        for (index, place) in chosen(&keywords).into_iter().enumerate() {
            let Some((offset, gram)) = place else { continue };
            for three in threes(gram) {
                let bit = hash_of_three(three);
                bitmap[bit >> 6] |= 1 << (bit & 63);
            }
            entries.push(Entry { gram, keyword: index as u32, offset: offset as u32 });
        }
        entries.sort_by_key(|entry| (bucket(entry.gram), entry.gram, entry.keyword));
        let mut buckets = vec![0; (1 << BUCKET_BITS) + 1];
        for entry in &entries {
            buckets[bucket(entry.gram) + 1] += 1;
        }
        for at in 1..buckets.len() {
            buckets[at] += buckets[at - 1];
        }
        Self { bitmap: bitmap.into(), buckets: buckets.into(), entries: entries.into(), keywords: keywords.into() }
    }

    /// One that was compiled before.
    pub(crate) const fn made(
        bitmap: &'static [u64; WORDS],
        buckets: &'static [u32],
        entries: &'static [Entry],
        keywords: &'static [Keyword],
    ) -> Self {
        Self {
            bitmap: Cow::Borrowed(bitmap),
            buckets: Cow::Borrowed(buckets),
            entries: Cow::Borrowed(entries),
            keywords: Cow::Borrowed(keywords),
        }
    }

    /// Calls `found(keyword, start)` once for every occurrence, ordered by the place of the keyword's rarest four bytes.
    pub(crate) fn scan(&self, bytes: &[u8], mut found: impl FnMut(usize, usize)) {
        let Ok(bitmap) = <&[u64; WORDS]>::try_from(&*self.bitmap) else { return };
        let probe = |three: u64, place: u32| {
            let bit = hash_of_three(three as u32);
            ((bitmap[bit >> 6] >> (bit & 63)) as u32 & 1) << place
        };
        let mut at = 0;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let (low, high) = rest.first_chunk().map_or_else(|| words(&padded(rest)), words);
            // Written out: a loop is not unrolled where the program is optimised for size.
            let mut hits = probe(low, 0) | probe(low >> 16, 2) | probe(low >> 32, 4);
            hits |= probe(high, 6) | probe(high >> 16, 8) | probe(high >> 32, 10);
            while hits != 0 {
                self.check_around(bytes, at + hits.trailing_zeros() as usize, &mut found);
                hits &= hits - 1;
            }
            at += 12;
        }
    }

    /// Looks at both places where four bytes may begin, three of which stand at `at`.
    fn check_around(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        if let Some(before) = at.checked_sub(1) {
            self.check(bytes, before, found);
        }
        self.check(bytes, at, found);
    }

    fn check(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let Some(gram) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return };
        let gram = u32::from_le_bytes(*gram) | FOLD as u32;
        let bucket = bucket(gram);
        let Some([from, to]) = self.buckets.get(bucket..bucket + 2) else { return };
        if from == to {
            return;
        }
        let entries = self.entries.get(*from as usize..*to as usize);
        for entry in entries.unwrap_or_default().iter().filter(|entry| entry.gram == gram) {
            let Some(keyword) = self.keywords.get(entry.keyword as usize) else { continue };
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let Some(text) = bytes.get(start..start + keyword.text.len()) else { continue };
            let wanted = keyword.text.as_bytes();
            if if keyword.exact { text == wanted } else { text.eq_ignore_ascii_case(wanted) } {
                found(entry.keyword as usize, start);
            }
        }
    }

    /// The keyword of that number.
    pub(crate) fn keyword(&self, index: usize) -> &Keyword {
        &self.keywords[index]
    }
}

/// The last bytes of a text, as a block.
fn padded(rest: &[u8]) -> [u8; 14] {
    let mut block = [0; 14];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    block
}

/// Bytes 0..8 and 6..14 of a block, case folded.
#[inline(always)]
fn words(block: &[u8; 14]) -> (u64, u64) {
    let word = |at: usize| block.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u64::from_le_bytes(*word));
    (word(0) | FOLD, word(6) | FOLD)
}

/// The place in the bitmap of the three lower bytes.
#[inline(always)]
fn hash_of_three(three: u32) -> usize {
    // The factor's lowest byte is empty, so that the fourth byte falls out at the top.
    (three.wrapping_mul(0xea15_5d00) >> (32 - BITS)) as usize
}

fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

fn bucket(gram: u32) -> usize {
    hash(gram) >> (BITS - BUCKET_BITS)
}

/// For every keyword the four bytes that are looked for, with their place: those whose threes stand least often in texts,
/// where a three that is looked for anyway costs nothing.
fn chosen(keywords: &[Keyword]) -> Vec<Option<(usize, u32)>> {
    let frequencies = Frequencies::new();
    let mut marked: BTreeMap<u32, u32> = BTreeMap::new();
    let mut chosen: Vec<Option<(usize, u32)>> = vec![None; keywords.len()];
    // What the later ones chose may make another choice of the first ones cheaper.
    for _ in 0..3 {
        for (slot, keyword) in chosen.iter_mut().zip(keywords) {
            for three in slot.iter().flat_map(|(_, gram)| threes(*gram)) {
                marked.entry(three).and_modify(|count| *count -= 1);
            }
            let is_free = |three: &u32| marked.get(three).is_some_and(|count| *count > 0);
            let cost = |three: u32| if is_free(&three) { 0 } else { frequencies.of(three) };
            let grams = keyword.text.as_bytes().windows(4).filter_map(|window| window.first_chunk()).enumerate();
            let grams = grams.map(|(at, bytes)| (at, u32::from_le_bytes(*bytes) | FOLD as u32));
            let often = |gram: u32| threes(gram).map(|three| frequencies.of(three)).iter().sum::<u32>();
            *slot = grams.min_by_key(|(at, gram)| (threes(*gram).map(cost).iter().sum::<u32>(), often(*gram), *at));
            for three in slot.iter().flat_map(|(_, gram)| threes(*gram)) {
                *marked.entry(three).or_default() += 1;
            }
        }
    }
    chosen
}

/// The first three and the last three of four bytes.
fn threes(gram: u32) -> [u32; 2] {
    [gram & 0x00ff_ffff, gram >> 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(keywords: &[(&str, bool)], text: &str) -> Vec<(usize, usize)> {
        let keywords =
            keywords.iter().map(|(text, exact)| Keyword { text: (*text).to_owned().into(), exact: *exact }).collect();
        let mut found = Vec::new();
        Prefilter::new(keywords).scan(text.as_bytes(), |keyword, start| found.push((keyword, start)));
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_at_every_place_and_in_the_tail() {
        for before in 0..20 {
            for after in 0..14 {
                let text = format!("{}ghp_{}", ".".repeat(before), "-".repeat(after));
                assert_eq!(scan(&[("ghp_", true)], &text), [(0, before)], "{text}");
            }
        }
    }

    #[test]
    fn case_matters_only_where_asked() {
        assert_eq!(scan(&[("ghp_", true), ("datadog", false)], "GHP_ DataDog datadog"), [(1, 5), (1, 13)]);
    }

    #[test]
    fn keywords_that_share_four_bytes() {
        let found = scan(&[("sk_live_", true), ("rk_live_", true), ("pk_live_", true)], "rk_live_ sk_live_");
        assert_eq!(found, [(0, 9), (1, 0)]);
    }

    #[test]
    fn short_texts_and_short_keywords_find_nothing() {
        assert_eq!(scan(&[("abc", true), ("abcd", true)], "abc"), []);
        assert_eq!(scan(&[], "abcd efgh ijkl"), []);
    }
}
