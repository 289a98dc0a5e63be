//! Everything secret in a text: known formats, private keys, URLs with passwords, plain values.

use std::ops::Range;
use std::sync::Arc;

use super::assigned;
use super::formats::{Formats, Hit, Scan};
use super::judge::{self, Candidate, Place, Verdict};
use super::key::{self, KeyKind};
use super::url::UserInfo;
use super::values::{self, Kind, Plain};
use super::{Certainty, connection, context, pem, url};
use crate::path;
use crate::syntax::tree::Tree;

/// A credential in a text. Its value is not here: only where it stands and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Where the value stands.
    pub range: Range<usize>,
    /// What it is.
    pub nature: Nature,
    /// The name that it has: a variable, a key, the user of a URL; empty when it has none.
    pub key: String,
    /// The whole path to it, for people.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// How sure it is.
    pub certainty: Certainty,
}

/// What kind of thing a credential is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nature {
    /// A value of a known format.
    Format {
        /// The rule that describes it.
        rule: Arc<str>,
        /// The format's name.
        format: Arc<str>,
        /// What a person calls it.
        title: Arc<str>,
    },
    /// A private key.
    PrivateKey,
    /// The password in the user part of a URL.
    UrlPassword,
    /// The password in a connection string.
    ConnectionPassword,
    /// A plain value whose name promises a secret.
    Plain,
    /// A value that everybody guesses, at a place where it is deployed.
    Default,
}

impl Nature {
    /// Its name in conditions.
    pub fn name(&self) -> &'static str {
        match self {
            Nature::Format { .. } => "format",
            Nature::PrivateKey => "private-key",
            Nature::UrlPassword | Nature::ConnectionPassword => "url",
            Nature::Plain => "plain",
            Nature::Default => "default",
        }
    }

    /// The one to keep where two overlap: the more telling.
    fn rank(&self) -> u8 {
        match self {
            Nature::PrivateKey => 0,
            Nature::Format { .. } => 1,
            Nature::UrlPassword | Nature::ConnectionPassword => 2,
            Nature::Plain => 3,
            Nature::Default => 4,
        }
    }
}

/// Every credential of `text`, in order and without overlaps, the doubtful ones included. `tree` is asked only for a
/// data format in which the name of a secret stands.
pub fn credentials<'t>(
    formats: &Formats,
    path: &str,
    text: &'t str,
    tree: impl FnOnce() -> &'t Tree,
) -> Vec<Credential> {
    let Scan { hits, names, keys } = formats.scan(text);
    let mut plains = Vec::new();
    let mut found: Vec<Credential> = hits.into_iter().map(of_hit).collect();
    found.extend(keys.into_iter().filter_map(|at| of_key(text, at)));
    found.extend(of_addresses(path, text, &names));
    let mut found = resolve(found);
    for plain in values::read(path, text, &names, tree) {
        name_inside(&plain, &mut found);
        plains.extend(of_plain(formats, plain));
    }
    found.extend(plains);
    let kind = values::kind_of(path);
    let mut found = resolve(found);
    for one in found.iter_mut().filter(|one| one.place == Place::Text && is_manual(path)) {
        one.place = Place::Prose;
    }
    found.retain(|one| !context::is_sample(kind, text, one));
    found
}

/// Whether people read the file: a manual, a page, a letter.
fn is_manual(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    key::among("md mdx rst adoc asciidoc html htm mjml eml http rest", &ending.to_ascii_lowercase())
}

/// Everything in `text` that must never be printed, in order; ranges may overlap. More than what is reported: also what
/// stands beside the name of a secret in a comment, in prose, or in a text that is broken there.
pub fn secret_spans<'t>(
    formats: &Formats,
    path: &str,
    text: &'t str,
    tree: impl FnOnce() -> &'t Tree,
) -> Vec<Range<usize>> {
    let Scan { hits, names, keys } = formats.scan(text);
    let mut found: Vec<Range<usize>> = names.iter().filter_map(|at| loosely(text, *at)).collect();
    found.extend(hits.into_iter().map(|hit| hit.range));
    found.extend(keys.into_iter().filter_map(|at| of_key(text, at)).map(|one| one.range));
    found.extend(of_addresses(path, text, &names).into_iter().map(|one| one.range));
    let plains = values::read(path, text, &names, tree);
    found.extend(plains.into_iter().filter_map(|plain| of_plain(formats, plain)).map(|one| one.range));
    found.sort_by_key(|range| (range.start, range.end));
    found
}

/// What is assigned, in whatever way, to the name in which a word of secret names stands at `at`.
fn loosely(text: &str, at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 512;
    let kind = key::kind(assigned::name_at(text, at))?;
    let start = assigned::value_of(text.as_bytes(), at..at)?;
    let rest = text.get(start..text.floor_char_boundary(start.saturating_add(LONGEST)))?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | ')' | ']' | '}' | '<' | '\\');
    let value = rest.split(ends).next().filter(|value| value.len() >= 6)?;
    let verdict = judge::judge_as(kind, Candidate { key: "", value, place: Place::Text });
    matches!(verdict, Verdict::Secret(_)).then(|| start..start + value.len())
}

fn of_hit(hit: Hit) -> Credential {
    Credential {
        range: hit.range,
        nature: Nature::Format { rule: hit.rule, format: hit.format, title: hit.title },
        key: String::new(),
        path: String::new(),
        place: Place::Text,
        certainty: hit.certainty,
    }
}

fn of_key(text: &str, at: usize) -> Option<Credential> {
    let (range, certainty) = pem::key_at(text, at)?;
    let (key, path) = (String::new(), String::new());
    Some(Credential { range, nature: Nature::PrivateKey, key, path, place: Place::PrivateKey, certainty })
}

/// Passwords in URLs and in connection strings; `names` is where words of secret names stand. In files that are deployed a
/// weak one counts; elsewhere it is a sample.
fn of_addresses(path: &str, text: &str, names: &[usize]) -> Vec<Credential> {
    let urls = url::find(text).map(|info| (info, Nature::UrlPassword));
    let strings = names.iter().filter_map(|at| connection::password_at(text, *at));
    let mut infos = urls.chain(strings.map(|info| (info, Nature::ConnectionPassword))).peekable();
    if infos.peek().is_none() {
        return Vec::new();
    }
    let kind = values::kind_of(path);
    let deployed = values::is_deployed(kind) || path::file_name(path).contains("compose");
    infos.filter_map(|(info, nature)| of_address(info, nature, text, kind, deployed)).collect()
}

fn of_address(info: UserInfo<'_>, nature: Nature, text: &str, kind: Kind, deployed: bool) -> Option<Credential> {
    let password = text.get(info.password.clone())?;
    if password.starts_with(['$', '%', '{', '<', '[', '*', '#', ':'])
        || info.user.contains("${")
        || password.contains('$')
    {
        return None;
    }
    let sample = url::is_sample_host(info.host);
    let weak = password.eq_ignore_ascii_case(info.user) || password.len() < 4;
    let place = if deployed { Place::Url } else { Place::Text };
    let candidate = Candidate { key: "password", value: password, place };
    let verdict = match judge::judge_as(KeyKind::Password, candidate) {
        Verdict::Secret(_) if weak && deployed => Verdict::DefaultCredential,
        Verdict::Secret(_) if weak || sample || is_typed(info.user, password, kind) => return None,
        verdict => verdict,
    };
    let nature = match verdict {
        Verdict::Secret(_) => nature,
        Verdict::DefaultCredential if !sample => Nature::Default,
        _ => return None,
    };
    let (range, key) = (info.password, info.user.to_owned());
    let path = key.clone();
    Some(Credential { range, nature, path, key, place: Place::Url, certainty: Certainty::Likely })
}

/// In programs and prose a URL with words for its parts is an example.
fn is_typed(user: &str, password: &str, kind: Kind) -> bool {
    let prose = matches!(kind, Kind::Prose | Kind::Code | Kind::Sql);
    let generic =
        ["user", "username", "foo", "usr", "me", "login", "myuser", "admin", "test", "a", "u", "x", "alice", "bob"];
    let words = !password.bytes().any(|byte| byte.is_ascii_digit()) || password.len() < 8;
    prose && (generic.contains(&user.to_ascii_lowercase().as_str()) || words)
}

/// Gives the name and the place of a plain value to whatever was found inside it. `found` is sorted.
fn name_inside(plain: &Plain<'_>, found: &mut [Credential]) {
    let first = found.partition_point(|one| one.range.start < plain.range.start);
    for inside in found.iter_mut().skip(first).take_while(|one| one.range.end <= plain.range.end) {
        inside.key = plain.key.clone().into_owned();
        inside.path.clone_from(&plain.path);
        inside.place = plain.place;
    }
}

fn of_plain(formats: &Formats, plain: Plain<'_>) -> Option<Credential> {
    // A value that was decoded does not stand in the text: look for formats here.
    let decoded = matches!(plain.value, std::borrow::Cow::Owned(_));
    let inner = if decoded { formats.find(&plain.value) } else { Vec::new() };
    let (nature, certainty) = match inner.into_iter().next().map(of_hit) {
        Some(hit) => (hit.nature, hit.certainty),
        None => match judge::judge(Candidate { key: &plain.key, value: &plain.value, place: plain.place }) {
            Verdict::Secret(_) if plain.place == Place::Code && !is_drawn(&plain.value) => {
                (Nature::Plain, Certainty::Doubtful)
            }
            Verdict::Secret(certainty) => (Nature::Plain, certainty),
            Verdict::DefaultCredential => (Nature::Default, Certainty::Likely),
            Verdict::No(_) => return None,
        },
    };
    let Plain { key, path, range, place, .. } = plain;
    Some(Credential { range, nature, key: key.into_owned(), path, place, certainty })
}

/// In a program most literals beside a secret name are names; what counts mixes letters and digits.
fn is_drawn(value: &str) -> bool {
    let has = |wanted: fn(&u8) -> bool| value.bytes().any(|byte| wanted(&byte));
    value.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

/// One credential a place.
fn resolve(mut found: Vec<Credential>) -> Vec<Credential> {
    found.retain(|one| !one.range.is_empty());
    found.sort_by_key(|one| {
        (one.range.start, one.certainty == Certainty::Doubtful, one.nature.rank(), usize::MAX - one.range.end)
    });
    let mut kept: Vec<Credential> = Vec::with_capacity(found.len());
    for new in found {
        let rank = |one: &Credential| (one.certainty == Certainty::Doubtful, one.nature.rank());
        match kept.last_mut() {
            Some(last) if new.range.start < last.range.end => {
                if rank(&new) < rank(last) {
                    *last = new;
                }
            }
            _ => kept.push(new),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
