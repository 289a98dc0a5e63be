//! By which words a secret format is looked for. `build.rs` compiles this file too, to make the table of the built-in
//! formats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::prefilter::Keyword;
use super::shape::{Part, Shape};

/// Words that names of secrets are made of; where none stands, no plain value has to be looked for. In any case.
const NAME_WORDS: &[&str] = &[
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "cred",
    "_key",
    "-key",
    ".key",
    "accesskey",
    "privatekey",
    "authkey",
    "secretkey",
    "signingkey",
    "encryptionkey",
    "jwtkey",
    "hmackey",
    "aeskey",
    "appkey",
    "masterkey",
    "accountkey",
    "sharedkey",
    "servicekey",
    "sessionkey",
    "deploykey",
    "adminkey",
    "storagekey",
    "subscriptionkey",
    "cryptokey",
    "cipherkey",
    "serverkey",
    "pwd=",
    "pwd:",
    "pwd\"",
    "pwd'",
    "pwd ",
    "_pwd",
    "_psk",
    "psk=",
    "psk:",
    "psk\"",
    "_pw=",
    "_pw:",
    "_pat",
    "pswd",
    "rootpw",
    "_auth",
    "bindpw",
    "cookie",
    "key_base",
    "identified by",
];

/// Where a private key begins, in the clear and in base 64.
const KEY_WORDS: &[&str] = &["PRIVATE KEY", "PuTTY-User-Key-File-", "LS0tLS1CRUdJTi"];

/// Targets that are no formats.
pub(crate) const NAME: u32 = u32::MAX;
pub(crate) const KEY: u32 = u32::MAX - 1;

/// For every keyword the formats that it may begin, by their places in the list of formats.
#[derive(Debug)]
pub(crate) struct Targets {
    /// The targets of all keywords, one after the other.
    pub(crate) all: Cow<'static, [u32]>,
    /// Where in `all` those of each keyword begin, with one more for the end.
    pub(crate) starts: Cow<'static, [u32]>,
}

impl Targets {
    /// The targets of the keyword of that number.
    pub(crate) fn of(&self, keyword: usize) -> &[u32] {
        match self.starts.get(keyword..keyword + 2) {
            Some([from, to]) => self.all.get(*from as usize..*to as usize).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// The keywords of one format, from its shape (none: it has a pattern) and the words that it names.
pub(crate) fn of(shape: Option<&str>, words: &[String]) -> Result<Vec<Keyword>, String> {
    let (Some(shape), true) = (shape, words.is_empty()) else { return named(words) };
    let shape = Shape::parse(shape)?;
    let anchor = shape.anchor().ok_or("a shape without literal text needs `keywords`")?;
    let Some(Part::Literal(literal)) = shape.parts.get(anchor) else { return Err("no literal".to_owned()) };
    let exact = |text: String| Keyword { text: text.into(), exact: true };
    match (literal.len(), shape.parts.get(anchor + 1)) {
        (4.., _) => Ok(vec![exact(literal.to_string())]),
        (3, Some(Part::Run { charset, .. })) => {
            Ok(charset.alphabet.chars().map(|next| exact(format!("{literal}{next}"))).collect())
        }
        _ => Err(format!("`{literal}` is too short to be looked for: add `keywords`")),
    }
}

/// The keywords of all formats, given in the order of the formats, and of names and private keys.
pub(crate) fn table(formats: Vec<Vec<Keyword>>) -> (Vec<Keyword>, Targets) {
    let mut keywords: BTreeMap<(Cow<'static, str>, bool), Vec<u32>> = BTreeMap::new();
    for (index, own) in formats.into_iter().enumerate() {
        for keyword in own {
            keywords.entry((keyword.text, keyword.exact)).or_default().push(index as u32);
        }
    }
    for (words, exact, target) in [(NAME_WORDS, false, NAME), (KEY_WORDS, true, KEY)] {
        for word in words {
            keywords.entry(((*word).into(), exact)).or_default().push(target);
        }
    }
    let (mut all, mut starts) = (Vec::new(), vec![0]);
    for targets in keywords.values() {
        all.extend(targets);
        starts.push(all.len() as u32);
    }
    let keywords = keywords.into_keys().map(|(text, exact)| Keyword { text, exact }).collect();
    (keywords, Targets { all: all.into(), starts: starts.into() })
}

fn named(words: &[String]) -> Result<Vec<Keyword>, String> {
    if words.is_empty() {
        return Err("a pattern needs `keywords`".to_owned());
    }
    let keyword = |word: &String| match word.len() {
        4.. if word.is_ascii() => Ok(Keyword { text: word.clone().into(), exact: false }),
        _ => Err(format!("the keyword `{word}` must be four ASCII characters or more")),
    };
    words.iter().map(keyword).collect()
}
