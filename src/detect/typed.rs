//! What a person typed and what a program drew: the looks of values that are no secret, or a weak one.

use super::base::{self, Alphabet};
use super::key::among;
use super::plausible;

/// Names of things that hold digits: `font-char-width-0.7rem`, `admin.oauth2.token`, `etcd-cluster-k8s`.
pub(super) fn is_slug(value: &str) -> bool {
    let pieces: Vec<&str> = value.split(['-', '_', '.', ':', '/']).filter(|piece| !piece.is_empty()).collect();
    let words = pieces.iter().filter(|piece| is_word(piece)).count();
    let small = |piece: &&&str| piece.len() <= 8 && piece.bytes().filter(u8::is_ascii_digit).count() <= 2;
    let rest = pieces.iter().filter(|piece| !is_word(piece));
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte))
        && pieces.len() >= 2
        && words * 2 >= pieces.len()
        && rest.into_iter().all(|piece| small(&piece) && !has_both_cases(piece))
}

/// `VisitedAppsV2`: words with capitals, and a number of a version at most.
pub(super) fn is_camel(value: &str) -> bool {
    let words = super::key::words(value);
    let numbers = value.bytes().filter(u8::is_ascii_digit).count();
    let long = words.iter().filter(|word| word.len() >= 4 && is_word(word)).count();
    let short = words.iter().all(|word| is_word(word) || word.len() <= 3);
    value.bytes().all(|byte| byte.is_ascii_alphanumeric()) && numbers <= 2 && long >= 2 && short && words.len() <= 6
}

/// Letters of one case, or with a capital at the start, and a vowel among them as language has.
fn is_word(piece: &str) -> bool {
    let tail = piece.get(1..).unwrap_or_default();
    let one_case = tail.bytes().all(|b| b.is_ascii_lowercase()) || piece.bytes().all(|b| b.is_ascii_uppercase());
    let vowels = piece.bytes().filter(|b| b"aeiouyAEIOUY".contains(b)).count();
    piece.len() >= 2
        && piece.bytes().all(|b| b.is_ascii_alphabetic())
        && one_case
        && (piece.len() <= 3 || vowels * 6 >= piece.len())
}

fn has_both_cases(piece: &str) -> bool {
    piece.bytes().any(|b| b.is_ascii_uppercase()) && piece.bytes().any(|b| b.is_ascii_lowercase())
}

/// What a form demands of a field: `required|string|min:16`, or a type: `list<ApiKey>`.
pub(super) fn is_rules(value: &str) -> bool {
    const RULES: &str = "required string nullable confirmed sometimes filled integer array present bail";
    let field = value.contains('|') && value.split('|').any(|rule| among(RULES, rule.trim()));
    let generic = value.split_once('<').is_some_and(|(outer, inner)| {
        let name = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        name(outer) && inner.strip_suffix('>').is_some_and(name)
    });
    // `1/m/user`: how often something may be done.
    let rate = value.split_once('/').is_some_and(|(count, per)| {
        let unit = per.split('/').next().unwrap_or_default();
        count.bytes().all(|b| b.is_ascii_digit()) && among("s m h d sec min second minute hour day", unit)
    });
    field || generic || rate || value.starts_with("#/")
}

/// The word that is left when the digits and signs behind it are taken off and `0`, `3`, `$` are read as letters.
pub(super) fn root(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let word = lower.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    word.chars().map(letter).filter(char::is_ascii_alphabetic).collect()
}

/// The letter that a digit or sign is written for.
fn letter(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// The words that base 64 hides: everybody can read them.
pub(super) fn unwrapped(value: &str) -> Option<String> {
    if value.len() < 16 {
        return None;
    }
    let bytes = base::decode64(value, Alphabet::Standard)?;
    let text = String::from_utf8(bytes).ok()?;
    let printed = text.trim_end().bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    printed.then(|| text.trim_end().to_owned())
}

/// Whether a program drew it, as far as its looks say: long, of mixed characters, without a word that people type.
pub(super) fn is_drawn(value: &str) -> bool {
    const WORDS: [&str; 8] = ["secret", "passw", "token", "testing", "example", "default", "admin", "devel"];
    const DISGUISED: [&str; 8] = ["pass", "word", "secret", "admin", "strong", "complex", "awesome", "something"];
    let lower = value.to_ascii_lowercase();
    let read: String = lower.chars().map(letter).collect();
    let is_typed = value.len() < 32 && DISGUISED.iter().any(|word| read.contains(word));
    let has = |wanted: fn(&u8) -> bool| value.bytes().any(|byte| wanted(&byte));
    let letters = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
    let long = value.len() >= 20 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let mixed = (value.len() >= 12 && letters) || long || (value.len() >= 32 && has(u8::is_ascii_alphabetic));
    mixed
        && !is_typed
        && plausible::is_random(value)
        && !is_slug(value)
        && !WORDS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_digits_are_no_secrets() {
        for name in [
            "font-mono-char-width-0.7rem",
            "trace2-expansion:tools",
            "ory/keysetpagination_v2/page_token",
            "admin.oauth2.update-access-token",
            "etcd-cluster-k8s",
            "e2e-builder-sa-key",
            "some-Name-2",
        ] {
            assert!(is_slug(name), "{name}");
        }
        assert!(is_camel("VisitedAppsV2"));
        assert!(!is_camel("GhkbBJcbCsFzBRrnGgqweRtYuIoPAsDf") && !is_camel("k9Vt2rXq7Lp4"));
        for secret in ["k9Vt2rXq7Lp4", "k9vt-2rxq-7lp4", "bada5566-a7aa-401f-bd96-45619a55120d", "password", "a"] {
            assert!(!is_slug(secret), "{secret}");
        }
    }

    #[test]
    fn what_a_field_must_be_is_no_secret() {
        for text in ["required|string|min:16", "required|confirmed", "list<ApiKey>", "1/m/user", "#/components/x"] {
            assert!(is_rules(text), "{text}");
        }
        for text in ["k9Vt2rXq7Lp4", "a|b", "<k9Vt2r>", "1/k9Vt2rXq7Lp4", "7/m9x"] {
            assert!(!is_rules(text), "{text}");
        }
    }

    #[test]
    fn the_word_in_a_password() {
        for (value, word) in [("Password#123", "password"), ("T0pS3cr3t", "topsecret"), ("P@$$w0rd!", "password")] {
            assert_eq!(root(value), word);
        }
    }

    #[test]
    fn what_base_64_hides() {
        assert_eq!(unwrapped("ZXhhbXBsZS1jb29raWUtc2VjcmV0enp6").as_deref(), Some("example-cookie-secretzzz"));
        assert_eq!(unwrapped("azlWdDJy"), None);
        assert_eq!(unwrapped("WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm"), None);
    }

    #[test]
    fn drawn_and_typed() {
        for drawn in ["k9Vt2rXq7Lp4", "J5brHrAXFLQSif0K", "9f86d081884c7d659a2feaa0c55ad015", "H733Kdjndks81"] {
            assert!(is_drawn(drawn), "{drawn}");
        }
        for typed in
            ["devrustfs123", "averyLongSecretToSe33dtheDB", "hunter2000", "Pass123$", "db-57xsl", "myAwEsOm3pa55@w0rd"]
        {
            assert!(!is_drawn(typed), "{typed}");
        }
    }
}
