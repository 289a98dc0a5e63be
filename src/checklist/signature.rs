//! ssh signatures over records and commits: the format of `ssh-keygen -Y sign`, checked against a file of allowed signers.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use sha2::{Digest, Sha256, Sha512};

use super::identity::People;
use crate::detect::base::{Alphabet, decode64};
use key::Key;

mod key;

/// What `ssh-keygen -Y sign -n …` must be given.
pub const NAMESPACE: &str = "seaworthy";
/// What git gives it for a commit.
pub const OF_COMMITS: &str = "git";

const MAGIC: &[u8; 6] = b"SSHSIG";
/// Types of keys that can stand in the file of allowed signers.
const TYPES: [&str; 4] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ssh-rsa"];

/// Whose signatures count; `None` where the policy names no file.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    list: Option<Vec<Signer>>,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Signer {
    principals: Vec<String>,
    namespaces: Option<Vec<String>>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    key: Key,
}

impl Signers {
    /// Reads a file in the manner of `ssh-keygen`'s ALLOWED SIGNERS: `principals [options] type key [comment]`. Lines
    /// with other types, certificate authorities and unknown options let nobody sign.
    pub fn read(text: &str) -> Self {
        Self { list: Some(text.lines().filter_map(Signer::read).collect()) }
    }

    /// Whether there is a file at all.
    pub fn is_named(&self) -> bool {
        self.list.is_some()
    }

    /// Whether `armoured` is `id`'s signature, made at `at`, over `message`, for that purpose: [`NAMESPACE`] or
    /// [`OF_COMMITS`].
    ///
    /// # Errors
    /// In words: why it is not.
    pub fn verify(
        &self,
        (id, at): (&str, Timestamp),
        (message, purpose): (&[u8], &str),
        armoured: &str,
        people: &People,
    ) -> Result<(), String> {
        let signature = Signature::read(armoured)?;
        if signature.namespace != purpose.as_bytes() {
            return Err(format!("its signature is not for `{purpose}`: sign with `-n {purpose}`"));
        }
        let signed = signature.signed(message)?;
        if !signature.key.has_signed(&signature.algorithm, &signature.value, &signed) {
            return Err("its signature is not over this text".into());
        }
        let by_key = self.list.iter().flatten().filter(|signer| signer.key == signature.key && signer.is_for(purpose));
        let mut known = false;
        for signer in by_key {
            known = true;
            if signer.is(id, people) {
                return signer.may(at);
            }
        }
        Err(match known {
            true => format!("its signature is not that of {id}, by the file of allowed signers"),
            false => "its key is not among the allowed signers".into(),
        })
    }
}

impl Signer {
    fn read(line: &str) -> Option<Signer> {
        let mut words = words(line.trim()).into_iter();
        let principals = words.next().filter(|word| !word.starts_with('#'))?;
        let mut word = words.next()?;
        let mut signer = Signer {
            principals: principals.trim_matches('"').split(',').map(str::to_lowercase).collect(),
            namespaces: None,
            after: None,
            before: None,
            key: Key::Ed25519(Vec::new()),
        };
        if !TYPES.contains(&word.as_str()) {
            for option in options(&word) {
                signer.option(&option)?;
            }
            word = words.next()?;
        }
        signer.key = Key::read(&decode64(&words.next()?, Alphabet::Standard)?)?;
        (word == signer.key.name()).then_some(signer)
    }

    fn is_for(&self, purpose: &str) -> bool {
        self.namespaces.as_ref().is_none_or(|names| names.iter().any(|name| matches(name, purpose)))
    }

    fn option(&mut self, option: &str) -> Option<()> {
        let (name, value) = option.split_once('=')?;
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => self.namespaces = Some(value.split(',').map(str::to_owned).collect()),
            "valid-after" => self.after = Some(time(value)?),
            "valid-before" => self.before = Some(time(value)?),
            _ => return None,
        }
        Some(())
    }

    fn is(&self, id: &str, people: &People) -> bool {
        let id = id.trim().to_lowercase();
        let refused = self.principals.iter().filter_map(|one| one.strip_prefix('!')).any(|one| matches(one, &id));
        !refused
            && self.principals.iter().any(|one| matches(one, &id) || (!one.contains('*') && people.is_same(one, &id)))
    }

    fn may(&self, at: Timestamp) -> Result<(), String> {
        match (self.after, self.before) {
            (Some(after), _) if at < after => Err(format!("its key counts only from {after} on")),
            (_, Some(before)) if at >= before => Err(format!("its key counted only until {before}")),
            _ => Ok(()),
        }
    }
}

/// A signature taken apart.
struct Signature {
    key: Key,
    /// What made it: the type of the key, or with RSA the hash.
    algorithm: Vec<u8>,
    namespace: Vec<u8>,
    reserved: Vec<u8>,
    hash: Vec<u8>,
    value: Vec<u8>,
}

impl Signature {
    fn read(armoured: &str) -> Result<Signature, String> {
        let inner = armoured.trim().strip_prefix("-----BEGIN SSH SIGNATURE-----");
        let inner = inner.and_then(|text| text.trim_end().strip_suffix("-----END SSH SIGNATURE-----"));
        let blob = inner.and_then(|text| decode64(text, Alphabet::Standard));
        let blob = blob.ok_or("its signature is no ssh signature")?;
        Self::parse(&blob).ok_or_else(|| {
            "its signature is broken, or its key is none of ed25519, ecdsa (nistp256, nistp384) and rsa".into()
        })
    }

    fn parse(blob: &[u8]) -> Option<Signature> {
        let mut reader = Reader(blob.strip_prefix(MAGIC)?.strip_prefix(&[0, 0, 0, 1])?);
        let key = Key::read(reader.string()?)?;
        let (namespace, reserved, hash) = (reader.string()?, reader.string()?, reader.string()?);
        let mut value = Reader(reader.string()?);
        let signature = Signature {
            key,
            algorithm: value.string()?.to_vec(),
            namespace: namespace.to_vec(),
            reserved: reserved.to_vec(),
            hash: hash.to_vec(),
            value: value.string()?.to_vec(),
        };
        (reader.0.is_empty() && value.0.is_empty()).then_some(signature)
    }

    /// The bytes that were signed.
    fn signed(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let hash = match self.hash.as_slice() {
            b"sha512" => Sha512::digest(message).to_vec(),
            b"sha256" => Sha256::digest(message).to_vec(),
            _ => return Err("its signature uses a hash that is not known".into()),
        };
        let mut all = MAGIC.to_vec();
        for part in [&self.namespace, &self.reserved, &self.hash, &hash] {
            all.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            all.extend(part);
        }
        Ok(all)
    }
}

/// Strings with their length before them.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn string(&mut self) -> Option<&'b [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let text = rest.get(..length)?;
        self.0 = rest.get(length..)?;
        Some(text)
    }
}

/// Words between blanks; what stands in quotes is one.
fn words(line: &str) -> Vec<String> {
    split(line, |c| c.is_ascii_whitespace())
}

fn options(word: &str) -> Vec<String> {
    split(word, |c| c == ',')
}

fn split(text: &str, at: impl Fn(char) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        quoted ^= c == '"';
        if at(c) && !quoted {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// `20270131`, `20270131Z`, `202701311200[00][Z]`; without a zone UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim_end_matches('Z');
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i8>().ok();
    let date = Date::new(text.get(..4)?.parse().ok()?, part(4..6)?, part(6..8)?).ok()?;
    let (hour, minute, second) = match text.len() {
        8 => (0, 0, 0),
        12 => (part(8..10)?, part(10..12)?, 0),
        14 => (part(8..10)?, part(10..12)?, part(12..14)?),
        _ => return None,
    };
    let moment = DateTime::new(date.year(), date.month(), date.day(), hour, minute, second, 0).ok()?;
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
}

/// A pattern with `*` and `?`.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
#[path = "signature/tests.rs"]
mod tests;
