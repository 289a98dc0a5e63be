//! PKCS#12 key stores (RFC 7292): what they show closed, and what is in them when a password that everybody tries first
//! opens them. No other password is tried, and no private key is kept.

mod ber;
mod cipher;
mod password;

use ring::hmac;

use super::der::{self, Element, OCTET_STRING, OID, SEQUENCE};
use super::document::{Certificate, Content, Key, Store};
use super::key::{self, identifier};
use super::{certificate, chain};
use cipher::{Hash, Purpose, Scheme};
use password::Password;

/// A larger store is not opened.
const MAX_BYTES: usize = 4 << 20;
/// More things than this in one store are not read.
const MOST: usize = 1_000;
/// Rounds of hashing that are spent on one store: a quarter of a second.
const MOST_ROUNDS: u64 = 2_000_000;
/// And on all stores of a run: five seconds.
const RUN_ROUNDS: u64 = 40_000_000;
/// Safes within safes are followed this far.
const DEEPEST: usize = 4;

const DATA: &str = "1.2.840.113549.1.7.1";
const SIGNED: &str = "1.2.840.113549.1.7.2";
const ENCRYPTED: &str = "1.2.840.113549.1.7.6";
const BAG: &str = "1.2.840.113549.1.12.10.1.";
const X509: &str = "1.2.840.113549.1.9.22.1";
const PBMAC1: &str = "1.2.840.113549.1.5.14";

/// What a store holds, as far as it opened: things with the number of the list that each belongs to.
pub(super) struct Opened {
    /// The store itself.
    pub(super) store: Store,
    /// Certificates and keys, each chain a list of its own.
    pub(super) items: Vec<(Content, usize)>,
}

/// The rounds that may be spent on each of so many stores.
pub(super) fn rounds(stores: usize) -> u64 {
    (RUN_ROUNDS / (stores.max(1) as u64)).min(MOST_ROUNDS)
}

/// Reads a store, and spends so many rounds of hashing on it; whatever is wrong with it is said in [`Store::closed`].
pub(super) fn read(bytes: &[u8], rounds: u64) -> Opened {
    let mut reader =
        Reader { store: Store::default(), certificates: Vec::new(), keys: Vec::new(), left: rounds, password: None };
    if let Err(why) = reader.file(bytes) {
        reader.close(why);
    }
    reader.finish()
}

struct Reader {
    store: Store,
    certificates: Vec<Result<Certificate, String>>,
    keys: Vec<Key>,
    /// Rounds of hashing that may still be spent.
    left: u64,
    password: Option<Password>,
}

type Step<T> = Result<T, &'static str>;

const BROKEN: &str = "it is broken";
const TOO_MANY_ROUNDS: &str = "it demands more rounds for a password than are spent here";
const OTHER_PASSWORD: &str = "its password is none of those that everybody tries first";

/// Something encrypted that no password has opened yet.
struct Locked {
    scheme: Scheme,
    bytes: Vec<u8>,
    is_key: bool,
}

impl Reader {
    fn close(&mut self, why: &'static str) {
        self.store.closed.get_or_insert_with(|| why.to_owned());
    }

    fn file(&mut self, bytes: &[u8]) -> Step<()> {
        if bytes.len() > MAX_BYTES {
            return Err("it is larger than those that are opened");
        }
        let whole = ber::definite(bytes).ok_or(BROKEN)?;
        let mut parts = der::elements(der::sequence(&whole).ok_or(BROKEN)?);
        let (_version, safe) = (parts.next().ok_or(BROKEN)?, parts.next().ok_or(BROKEN)?);
        let (id, content) = typed(safe).ok_or(BROKEN)?;
        if id == SIGNED {
            return Err("it is protected by a key pair, not by a password");
        }
        let content = content.filter(|one| id == DATA && one.tag == OCTET_STRING).ok_or(BROKEN)?.content;
        let mut locked = Vec::new();
        for part in der::elements(der::sequence(content).ok_or(BROKEN)?).take(MOST) {
            self.part(part, &mut locked)?;
        }
        let mac = parts.next().filter(|one| one.tag == SEQUENCE);
        self.unlock(mac.map(|one| one.content), content, &locked)?;
        let password = self.password.clone();
        for one in &locked {
            self.open(one, password.as_ref())?;
        }
        Ok(())
    }

    /// One ContentInfo.
    fn part(&mut self, part: Element<'_>, locked: &mut Vec<Locked>) -> Step<()> {
        let (id, content) = typed(part).ok_or(BROKEN)?;
        let content = content.ok_or(BROKEN)?;
        match id.as_str() {
            DATA => self.bags(content.content, locked, DEEPEST, false),
            ENCRYPTED => {
                let info = der::elements(content.content).nth(1).ok_or(BROKEN)?;
                let mut inside = der::elements(info.content).skip(1);
                let (algorithm, body) = (inside.next().ok_or(BROKEN)?, inside.next().ok_or(BROKEN)?);
                let scheme = Scheme::read(algorithm.content).ok_or(BROKEN)?;
                locked.push(Locked { scheme, bytes: ber::string(body), is_key: false });
                Ok(())
            }
            _ => {
                self.close("a part of it is encrypted for a key pair");
                Ok(())
            }
        }
    }

    /// SafeContents.
    fn bags(&mut self, bytes: &[u8], locked: &mut Vec<Locked>, depth: usize, is_sealed: bool) -> Step<()> {
        for bag in der::elements(der::sequence(bytes).ok_or(BROKEN)?) {
            if self.certificates.len() + self.keys.len() + locked.len() >= MOST {
                return Err("it holds more than is read");
            }
            let (id, value) = typed(bag).ok_or(BROKEN)?;
            let (Some(kind), Some(value)) = (id.strip_prefix(BAG), value) else { continue };
            match kind {
                "1" => {
                    self.store.has_bare_key |= !is_sealed;
                    self.keys.push(plain(value.whole));
                }
                "2" => {
                    let mut inside = der::elements(value.content);
                    let (algorithm, body) = (inside.next().ok_or(BROKEN)?, inside.next().ok_or(BROKEN)?);
                    let scheme = Scheme::read(algorithm.content).ok_or(BROKEN)?;
                    self.store.key_cipher.get_or_insert_with(|| scheme.name.to_owned());
                    self.store.has_weak_cipher |= scheme.is_weak();
                    let fewest = self.store.rounds.map_or(scheme.rounds, |known| known.min(scheme.rounds));
                    self.store.rounds = Some(fewest);
                    locked.push(Locked { scheme, bytes: ber::string(body), is_key: true });
                }
                "3" => self.certificate(value),
                "6" if depth > 0 => self.bags(value.whole, locked, depth - 1, is_sealed)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn certificate(&mut self, value: Element<'_>) {
        let mut inside = der::elements(value.content);
        let (Some(id), Some(body)) = (inside.next(), inside.next()) else { return };
        if let Some((body, _)) = der::element(body.content).filter(|_| identifier(id.content) == X509) {
            self.certificates.push(certificate::read(&ber::string(body)));
        }
    }

    fn spend(&mut self, rounds: u32, times: u64) -> Step<()> {
        let wanted = u64::from(rounds).saturating_mul(times);
        self.left = self.left.checked_sub(wanted).ok_or(TOO_MANY_ROUNDS)?;
        Ok(())
    }

    /// Finds the password, by the store's own check or by what is encrypted.
    fn unlock(&mut self, mac: Option<&[u8]>, content: &[u8], locked: &[Locked]) -> Step<()> {
        let Some(mac) = mac else {
            return self.try_all(locked);
        };
        let mac = Mac::read(mac).ok_or(BROKEN)?;
        self.store.has_mac = true;
        let Some(way) = mac.way else { return self.try_all(locked) };
        self.is_tried(mac.rounds)?;
        for password in Password::all() {
            self.spend(mac.rounds, 1)?;
            if way.fits(&mac, content, &password) {
                self.accept(password);
                return Ok(());
            }
        }
        self.store.was_tried = true;
        Err(OTHER_PASSWORD)
    }

    /// No round at all makes no key; so many that not every password can be tried are not begun.
    fn is_tried(&self, rounds: u32) -> Step<()> {
        let all = u64::from(rounds).saturating_mul(Password::all().count() as u64);
        match rounds {
            0 => Err(BROKEN),
            _ if all > self.left => Err(TOO_MANY_ROUNDS),
            _ => Ok(()),
        }
    }

    fn accept(&mut self, password: Password) {
        self.store.was_tried = true;
        self.store.opens_with = Some(password.kind());
        self.password = Some(password);
    }

    /// Without a check of its own: the first thing that is encrypted tells.
    fn try_all(&mut self, locked: &[Locked]) -> Step<()> {
        let Some(first) = locked.first() else {
            self.store.was_tried = true;
            return Ok(());
        };
        if !first.scheme.is_read() {
            return Err("it is encrypted in a way that is not read");
        }
        self.is_tried(first.scheme.rounds)?;
        for password in Password::all() {
            self.spend(first.scheme.rounds, 2)?;
            let opened = first.scheme.decrypt(&first.bytes, &password);
            if opened.is_some_and(|bytes| {
                der::element(&bytes).is_some_and(|(one, after)| one.tag == SEQUENCE && after.is_empty())
            }) {
                self.accept(password);
                return Ok(());
            }
        }
        self.store.was_tried = true;
        Err(OTHER_PASSWORD)
    }

    fn open(&mut self, one: &Locked, password: Option<&Password>) -> Step<()> {
        let Some(password) = password else { return Ok(()) };
        if !one.scheme.is_read() {
            self.store.hides_more |= !one.is_key;
            self.close("a part of it is encrypted in a way that is not read");
            return Ok(());
        }
        self.spend(one.scheme.rounds, 2)?;
        let Some(bytes) = one.scheme.decrypt(&one.bytes, password) else {
            self.store.hides_more |= !one.is_key;
            self.close("a part of it has another password, or is broken");
            return Ok(());
        };
        if one.is_key {
            self.keys.push(plain(&bytes));
            return Ok(());
        }
        let (mut more, bytes) = (Vec::new(), ber::definite(&bytes).ok_or(BROKEN)?);
        self.bags(&bytes, &mut more, DEEPEST, true)?;
        more.iter().filter(|inner| inner.is_key).try_for_each(|inner| self.open(inner, Some(password)))
    }

    /// Puts what was found into lists: the chain of each key, and the rest.
    fn finish(mut self) -> Opened {
        let visible = self.store.key_cipher.is_some() || !self.keys.is_empty();
        let is_all_seen = self.store.closed.is_none() || (self.password.is_some() && !self.store.hides_more);
        self.store.holds_key = if visible { Some(true) } else { is_all_seen.then_some(false) };
        let mut items = Vec::new();
        let (mut found, mut broken) = (Vec::new(), Vec::new());
        for one in self.certificates {
            match one {
                Ok(one) => found.push(one),
                Err(wrong) => broken.push(wrong),
            }
        }
        self.store.broken = broken;
        let order = order(&found, &self.keys);
        let mut found: Vec<Option<Certificate>> = found.into_iter().map(Some).collect();
        for (index, list) in order {
            if let Some(one) = found.get_mut(index).and_then(Option::take) {
                items.push((Content::Certificate(Box::new(one)), list));
            }
        }
        items.extend(self.keys.into_iter().map(|key| (Content::Key(key), 0)));
        Opened { store: self.store, items }
    }
}

/// Certificates in the order in which a server would send them, each with the number of its list.
fn order(found: &[Certificate], keys: &[Key]) -> Vec<(usize, usize)> {
    let all: Vec<&Certificate> = found.iter().collect();
    let belongs = |one: &Certificate| {
        keys.iter().filter_map(|key| key.public.as_ref()).any(|public| key::are_equal(&one.key, public) == Some(true))
    };
    let mut leaves: Vec<usize> = (0..found.len()).filter(|index| found.get(*index).is_some_and(belongs)).collect();
    if leaves.is_empty() {
        leaves.extend(chain::leaf(&all));
    }
    let (mut placed, mut order) = (vec![false; found.len()], Vec::new());
    for (list, leaf) in leaves.iter().enumerate() {
        for index in chain::path(&all, *leaf) {
            if let Some(seen) = placed.get_mut(index).filter(|seen| !**seen) {
                *seen = true;
                order.push((index, list));
            }
        }
    }
    let rest = placed.iter().enumerate().filter(|(_, placed)| !**placed).map(|(index, _)| (index, leaves.len()));
    order.extend(rest);
    order
}

/// A private key that lies open.
fn plain(bytes: &[u8]) -> Key {
    key::of_der(bytes).unwrap_or(Key { is_encrypted: false, old_cipher: None, public: None })
}

/// `SEQUENCE { OID, [0] value, … }`.
fn typed(one: Element<'_>) -> Option<(String, Option<Element<'_>>)> {
    let mut parts = der::elements(one.content);
    let id = parts.next().filter(|id| one.tag == SEQUENCE && id.tag == OID)?;
    let value = parts.next().filter(|value| value.tag == 0xa0).and_then(|value| der::element(value.content));
    Some((identifier(id.content), value.map(|(value, _)| value)))
}

/// The store's own check of its password.
struct Mac {
    way: Option<Check>,
    digest: Vec<u8>,
    salt: Vec<u8>,
    rounds: u32,
}

#[derive(Clone, Copy)]
enum Check {
    Pkcs12(Hash),
    Pbmac1 { stretch: Hash, hash: Hash },
}

impl Mac {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut parts = der::elements(bytes);
        let (info, salt) = (parts.next()?, parts.next().filter(|one| one.tag == OCTET_STRING)?);
        let rounds = parts.next().map_or(Some(1), cipher::number)?;
        let mut info = der::elements(info.content);
        let (algorithm, digest) = (info.next()?, info.next()?);
        let mut algorithm = der::elements(algorithm.content);
        let id = identifier(algorithm.next().filter(|one| one.tag == OID)?.content);
        let digest = ber::string(digest);
        if id != PBMAC1 {
            return Some(Self { way: Hash::of(&id).map(Check::Pkcs12), digest, salt: salt.content.to_vec(), rounds });
        }
        let mut parameters = der::elements(algorithm.next()?.content);
        let (derivation, scheme) = (parameters.next()?, parameters.next()?);
        let (stretch, salt, rounds) = cipher::pbkdf2_parameters(derivation.content)?;
        let hash = der::elements(scheme.content).next().and_then(|one| Hash::of(&identifier(one.content)));
        let way = stretch.zip(hash).map(|(stretch, hash)| Check::Pbmac1 { stretch, hash });
        Some(Self { way, digest, salt, rounds })
    }
}

impl Check {
    fn fits(self, mac: &Mac, content: &[u8], password: &Password) -> bool {
        let (key, hash) = match self {
            Check::Pkcs12(hash) => {
                let wide = password.wide();
                (Some(cipher::pkcs12(hash, Purpose::Mac, wide, &mac.salt, mac.rounds, hash.length())), hash)
            }
            Check::Pbmac1 { stretch, hash } => {
                (cipher::stretched(stretch, password, &mac.salt, mac.rounds, hash.length()), hash)
            }
        };
        key.is_some_and(|key| hmac::verify(&hmac::Key::new(hash.hmac(), &key), content, &mac.digest).is_ok())
    }
}

#[cfg(test)]
mod tests;
