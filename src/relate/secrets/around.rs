//! What the text around a credential says, and what of it is the value.

use super::Found;
use crate::detect::base::{self, Alphabet};

/// Whether it is what a client shows to a server of accounts.
pub(super) fn is_client(one: &Found<'_, '_>) -> bool {
    one.key_path.to_ascii_lowercase().contains("client")
}

/// Whether a comment begins its line.
pub(super) fn is_commented(one: &Found<'_, '_>) -> bool {
    let before = one.source.text().get(..one.span().range().start).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default().trim_start().starts_with('#')
}

/// Whether its line edits a text: what `sed` looks for is in another file.
pub(super) fn is_edited(one: &Found<'_, '_>) -> bool {
    let before = one.source.text().get(..one.span().range().start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "sed")
}

/// Whether a script works on the machine that it runs on.
pub(super) fn speaks_of_own_machine(text: &str) -> bool {
    let text = text.get(..text.floor_char_boundary(100_000)).unwrap_or_default();
    ["localhost", "127.0.0.1", ".local\n", ".local:", ".local/", "minikube", "host.docker.internal"]
        .iter()
        .any(|word| text.contains(word))
}

/// Whether the few lines around speak of the own machine.
pub(super) fn is_beside_localhost(one: &Found<'_, '_>) -> bool {
    let around = around(one);
    around.contains("localhost") || around.contains("127.0.0.1")
}

/// Whether the few lines around name the host of a URL as only services beside do: `jdbc:postgresql://db:5432`.
pub(super) fn is_beside_service(one: &Found<'_, '_>) -> bool {
    around(one).split("://").skip(1).any(|rest| {
        let authority =
            rest.split(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'')).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = host.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))).next();
        host.is_some_and(|host| !host.is_empty() && !host.contains('.'))
    })
}

/// The few lines around.
pub(super) fn around<'s>(one: &Found<'_, 's>) -> &'s str {
    let text = one.source.text();
    let range = one.span().range();
    let start = text.floor_char_boundary(range.start.saturating_sub(400));
    let end = text.floor_char_boundary((range.end + 200).min(text.len()));
    text.get(start..end).unwrap_or_default()
}

/// Whether the chart takes a Secret of the user's in place of the value.
pub(super) fn offers_secret(one: &Found<'_, '_>) -> bool {
    let text = one.source.text();
    let range = one.span().range();
    let start = text.floor_char_boundary(range.start.saturating_sub(600));
    let end = text.floor_char_boundary((range.end + 600).min(text.len()));
    let around = text.get(start..end).unwrap_or_default().to_ascii_lowercase();
    ["existingsecret", "secretname", "secretref", "secretkeyref", "existing_secret", "fromsecret"]
        .iter()
        .any(|word| around.contains(word))
}

/// The literal that counts, and whether it only stands in for a variable: `${NAME:-literal}`.
pub(super) fn written(value: &str) -> (&str, bool) {
    let Some(inner) = value.strip_prefix("${") else { return (value, false) };
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    match inner.split_once(":-").or_else(|| inner.split_once('-')).or_else(|| inner.split_once(':')) {
        Some((_, literal)) => (literal, true),
        None => (value, false),
    }
}

/// The value with the base 64 of a Secret taken off.
pub(super) fn plain_text<'t>(one: &Found<'_, 't>) -> std::borrow::Cow<'t, str> {
    let text = one.text();
    if one.place == "secret-object"
        && let Some(Ok(decoded)) = base::decode64(text, Alphabet::Standard).map(String::from_utf8)
    {
        return decoded.into();
    }
    text.into()
}
