//! Where in a text could a keyword stand? A bitmap of the rarest four bytes of each keyword answers for every place
//! of a text with loads that do not wait for one another; only what it lets through is compared. `build.rs` compiles this
//! file too, to make the prefilter of the built-in formats.

use std::borrow::Cow;

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
        for (index, keyword) in keywords.iter().enumerate() {
            let Some((offset, gram)) = rarest(keyword.text.as_bytes()) else { continue };
            let bit = hash(gram);
            bitmap[bit >> 6] |= 1 << (bit & 63);
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

    /// Calls `found(keyword, start)` for every occurrence, ordered by the place of the keyword's rarest four bytes.
    pub(crate) fn scan(&self, bytes: &[u8], mut found: impl FnMut(usize, usize)) {
        let Ok(bitmap) = <&[u64; WORDS]>::try_from(&*self.bitmap) else { return };
        let mut at = 0;
        while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<12>()) {
            let (low, high) = words(block);
            let mut hits = 0u32;
            for place in 0..8 {
                let gram = if place < 4 { low >> (8 * place) } else { high >> (8 * (place - 4)) } as u32;
                let bit = hash(gram);
                hits |= ((bitmap[bit >> 6] >> (bit & 63)) as u32 & 1) << place;
            }
            while hits != 0 {
                let place = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                self.check(bytes, at + place, &mut found);
            }
            at += 8;
        }
        while at + 4 <= bytes.len() {
            self.check(bytes, at, &mut found);
            at += 1;
        }
    }

    fn check(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let Some(gram) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return };
        let gram = u32::from_le_bytes(*gram) | FOLD as u32;
        let bucket = bucket(gram);
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        for entry in self.entries.get(from..to).unwrap_or(&[]).iter().filter(|entry| entry.gram == gram) {
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

/// Bytes 0..8 and 4..12 of a block, case folded.
fn words(block: &[u8; 12]) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *block;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]) | FOLD, u64::from_le_bytes([e, f, g, h, i, j, k, l]) | FOLD)
}

fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

fn bucket(gram: u32) -> usize {
    hash(gram) >> (BITS - BUCKET_BITS)
}

/// The four bytes of a keyword that texts hold least often, with their place.
fn rarest(keyword: &[u8]) -> Option<(usize, u32)> {
    let grams = keyword.windows(4).filter_map(|window| window.first_chunk()).enumerate();
    let grams = grams.map(|(at, bytes)| (at, u32::from_le_bytes(*bytes) | FOLD as u32));
    grams.min_by_key(|(at, gram)| (commonness(*gram), *at))
}

/// Four bytes that source text is full of although their letters look rare.
const COMMON: [u32; 24] = folded([
    b"toke", b"oken", b"secr", b"ecre", b"cret", b"auth", b"pass", b"assw", b"word", b"http", b"ttps", b"tps:",
    b"_key", b"key_", b"api_", b"_api", b"live", b"test", b"serv", b"clie", b"acce", b"cces", b"goog", b"fact",
]);

const fn folded(words: [&[u8; 4]; 24]) -> [u32; 24] {
    let mut grams = [0; 24];
    let mut at = 0;
    while at < grams.len() {
        grams[at] = u32::from_le_bytes(*words[at]) | FOLD as u32;
        at += 1;
    }
    grams
}

/// How often four folded bytes stand in source text, in the logarithm: the sum of their letters'.
fn commonness(gram: u32) -> u32 {
    let letters: u32 = gram.to_le_bytes().iter().map(|byte| u32::from(FREQUENCY[usize::from(*byte)])).sum();
    letters + if COMMON.contains(&gram) { 40 } else { 0 }
}

/// [`frequency`] of every byte.
static FREQUENCY: [u8; 256] = {
    let mut all = [0; 256];
    let mut byte = 0;
    while byte < all.len() {
        all[byte] = frequency(byte as u8);
        byte += 1;
    }
    all
};

/// How often a folded byte stands in source text, in steps of about one and a half.
const fn frequency(byte: u8) -> u8 {
    match byte {
        b' ' => 14,
        b'e' | b't' => 12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 11,
        b'c' | b'd' | b'l' | b'u' | b'p' | b'm' => 10,
        b'f' | b'h' | b'g' | UNDERSCORE | b'0' | b'b' => 9,
        b'y' | b'v' | b'k' | b'w' | b'x' | b'1' | b'.' | b'-' | b'/' | b'=' | b':' | b'"' => 7,
        b'2'..=b'9' => 6,
        b'j' | b'q' | b'z' => 4,
        _ => 3,
    }
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
