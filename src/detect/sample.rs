//! Values made up from a format's own description, checksum included: no real token stands in a rule or a test.

use super::base;
use super::checksum;
use super::plausible;
use super::shape::{Charset, Part, Shape};
use crate::fact::format::{Checksum, FormatRecord};

/// A small generator (SplitMix64): the same seed gives the same values on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit.max(1) as u64) as usize
    }

    fn text(&mut self, charset: Charset, length: usize) -> String {
        let alphabet = charset.alphabet.as_bytes();
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}

/// A value of the format, valid as far as can be told offline; for a pattern, a text that holds one.
pub fn sample(record: &FormatRecord, seed: u64) -> String {
    marked(record, seed).replace(['«', '»'], "")
}

/// As [`sample`]; « » stand around the value where a pattern's example says so.
fn marked(record: &FormatRecord, seed: u64) -> String {
    let source = record.shape.as_deref().or(record.example.as_deref()).unwrap_or_default();
    let Ok(shape) = Shape::parse(source) else { return String::new() };
    let mut random = Random(seed);
    let mut value = String::new();
    for _ in 0..64 {
        value = drawn(&shape, &mut random);
        if plausible::is_random(&runs(&shape, &value)) {
            break;
        }
    }
    match record.checksum {
        Some(checksum) if record.shape.is_some() => completed(checksum, &shape, value),
        _ => value,
    }
}

/// A line in which the format is found: the sample, behind an assignment where the format asks for one.
pub fn sample_text(record: &FormatRecord, seed: u64) -> String {
    match (record.shape.is_some(), record.keywords.first()) {
        (true, Some(keyword)) => format!("{keyword}_token = \"{}\"", sample(record, seed)),
        (true, None) => format!("value = \"{}\"", sample(record, seed)),
        _ => sample(record, seed),
    }
}

/// `text` with every `{{name}}` of a format replaced by a sample of it: how rule files write their examples.
pub fn fill(text: &str, records: &[FormatRecord]) -> String {
    let mut out = text.to_owned();
    for (index, record) in records.iter().enumerate() {
        let marker = format!("{{{{{}}}}}", record.name);
        if out.contains(&marker) {
            out = out.replace(&marker, &marked(record, 7 + index as u64));
        }
    }
    out
}

fn drawn(shape: &Shape, random: &mut Random) -> String {
    let mut value = String::new();
    for part in &shape.parts {
        match part {
            Part::Literal(text) => value.push_str(text),
            Part::Run { charset, min, max } => {
                let length = min + random.below(max - min + 1);
                value.push_str(&random.text(*charset, length));
            }
        }
    }
    value
}

/// The value without its leading literal.
fn runs(shape: &Shape, value: &str) -> String {
    match shape.parts.first() {
        Some(Part::Literal(text)) => value.get(text.len()..).unwrap_or_default().to_owned(),
        _ => value.to_owned(),
    }
}

/// `value` with its checksum made right.
fn completed(kind: Checksum, shape: &Shape, value: String) -> String {
    let prefix = match shape.parts.first() {
        Some(Part::Literal(text)) => &**text,
        _ => "",
    };
    let keep = |tail: usize| value.get(..value.len().saturating_sub(tail)).unwrap_or_default().to_owned();
    match kind {
        Checksum::Crc32Base62 => {
            let head = keep(6);
            let check = checksum::crc32_base62(head.get(prefix.len()..).unwrap_or_default().as_bytes());
            head + &check
        }
        Checksum::Crc32Base36 => {
            let head = keep(7);
            let check = checksum::crc32_base36(head.as_bytes());
            head + &check
        }
        Checksum::Sha256Base32 => match checksum::sha256_place(prefix, &value) {
            Some(at) => {
                let check = checksum::sha256_base32(&value[..at]);
                format!("{}{check}{}", &value[..at], value.get(at + 8..).unwrap_or_default())
            }
            None => value,
        },
        Checksum::Crc16Nkey => base32_checked(&value, None),
        Checksum::Crc16Stellar => base32_checked(&value, Some(0x90)),
        Checksum::Bech32 => {
            let head = keep(6).to_ascii_lowercase();
            let (human, data) = head.rsplit_once('1').unwrap_or((&head, ""));
            format!("{head}{}", checksum::bech32_check(human, data)).to_ascii_uppercase()
        }
        Checksum::Base58check => {
            let mut body = vec![0x80];
            body.extend(value.bytes().cycle().take(32).map(|byte| byte.wrapping_mul(37)));
            body.push(1);
            let check = checksum::base58_check(&body);
            body.extend(check);
            base::encode58(&body)
        }
        Checksum::Jwt => value,
    }
}

/// Base 32 whose last two bytes are made the CRC-16 of the others.
fn base32_checked(value: &str, version: Option<u8>) -> String {
    let Some(mut bytes) = base::decode32(value) else { return value.to_owned() };
    if let (Some(version), Some(first)) = (version, bytes.first_mut()) {
        *first = version;
    }
    let body = bytes.len().saturating_sub(2);
    let check = checksum::crc16(bytes.get(..body).unwrap_or_default()).to_le_bytes();
    bytes.truncate(body);
    bytes.extend(check);
    base::encode32(&bytes)
}
