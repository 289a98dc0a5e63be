//! Passwords that everybody tries first: those that manuals, programs and examples use for key stores.

/// A password in the two forms that key stores want it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Password {
    text: &'static str,
    wide: Vec<u8>,
}

/// In the order in which they are tried.
const KNOWN: &[&str] = &[
    "changeit",
    "password",
    "changeme",
    "secret",
    "123456",
    "1234",
    "12345678",
    "test",
    "admin",
    "root",
    "notasecret",
    "android",
    "default",
    "mypass",
    "storepass",
    "keystore",
    "pass",
];

impl Password {
    /// Every password that is tried. What is empty is written in two ways.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let none = Self { text: "", wide: Vec::new() };
        std::iter::once(none).chain(std::iter::once("").chain(KNOWN.iter().copied()).map(Self::new))
    }

    fn new(text: &'static str) -> Self {
        let wide = text.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { text, wide }
    }

    /// As it is typed.
    pub(super) fn text(&self) -> &'static str {
        self.text
    }

    /// In two bytes a letter, ended by two zeroes.
    pub(super) fn wide(&self) -> &[u8] {
        &self.wide
    }

    /// What a report calls it; never the password.
    pub(super) fn kind(&self) -> &'static str {
        if self.text.is_empty() { "no password" } else { "a password that everybody tries first" }
    }
}
