//! Records that are lists of tags: DMARC (RFC 9989), DKIM keys, MTA-STS, TLS-RPT, BIMI.

use std::ops::Range;

use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::data;

/// A list of tags.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tags<'t> {
    /// The tags in order: name, value, place in the text.
    pub tags: Vec<(&'t str, &'t str, Range<usize>)>,
    /// The first piece that is no tag, or stands there twice.
    pub broken: Option<Range<usize>>,
}

/// What is wrong with a record, and where in its text.
pub type Wrong = Option<(String, Range<usize>)>;

/// Reads `a=b; c=d`.
pub fn read(text: &str) -> Tags<'_> {
    let mut found = Tags::default();
    let mut at = 0;
    for piece in text.split(';') {
        let start = at + (piece.len() - piece.trim_start().len());
        let trimmed = piece.trim();
        let place = start..start + trimmed.len();
        at += piece.len() + 1;
        if trimmed.is_empty() {
            continue;
        }
        match trimmed.split_once('=') {
            Some((name, value)) if is_name(name.trim()) => {
                if found.get(name.trim()).is_some() {
                    found.broken.get_or_insert(place.clone());
                }
                found.tags.push((name.trim(), value.trim(), place));
            }
            _ => {
                found.broken.get_or_insert(place);
            }
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

impl<'t> Tags<'t> {
    /// The value of a tag.
    pub fn get(&self, name: &str) -> Option<&'t str> {
        self.tags.iter().find(|(one, _, _)| *one == name).map(|(_, value, _)| *value)
    }

    /// Where a tag stands.
    pub fn place(&self, name: &str) -> Option<Range<usize>> {
        self.tags.iter().find(|(one, _, _)| *one == name).map(|(_, _, place)| place.clone())
    }

    fn broken(&self, text: &str) -> Wrong {
        let place = self.broken.clone()?;
        let piece: String = text.get(place.clone()).unwrap_or_default().chars().take(40).collect();
        Some((format!("`{piece}` is no `tag=value`, or stands there twice"), place))
    }
}

/// What is wrong with a DMARC record.
pub fn dmarc(text: &str) -> Wrong {
    let tags = read(text);
    let start = tags.tags.first().map_or(0..text.len(), |(_, _, place)| place.clone());
    if tags.tags.first().is_none_or(|(name, value, _)| *name != "v" || *value != "DMARC1") {
        return Some(("it must begin with `v=DMARC1;`".into(), start));
    }
    if let Some(broken) = tags.broken(text) {
        return Some(broken);
    }
    for (name, value, place) in &tags.tags {
        let is_right = match *name {
            "p" | "sp" | "np" => matches!(value.to_ascii_lowercase().as_str(), "none" | "quarantine" | "reject"),
            "rua" | "ruf" => value.split(',').all(|uri| is_report_uri(uri.trim())),
            _ => true,
        };
        if !is_right {
            return Some((format!("`{name}` cannot be `{value}`"), place.clone()));
        }
    }
    None
}

/// The first tag whose value receivers pass over, as if the tag were not there, and where it stands.
pub fn dmarc_ignored(tags: &Tags<'_>) -> Wrong {
    let found = tags.tags.iter().find(|(name, value, _)| match *name {
        "adkim" | "aspf" => !matches!(*value, "r" | "s" | "R" | "S"),
        "fo" => !value.split(':').all(|one| matches!(one.trim(), "0" | "1" | "d" | "s")),
        "psd" => !matches!(*value, "y" | "n" | "u"),
        "t" => !matches!(*value, "y" | "n"),
        _ => false,
    })?;
    Some((format!("`{}` cannot be `{}`", found.0, found.1), found.2.clone()))
}

/// Whether reports can go there: `mailto:` with an address, or another scheme with something behind.
pub fn is_report_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    match scheme.to_ascii_lowercase().as_str() {
        "mailto" => mailbox_domain(uri).is_some(),
        "https" | "http" => rest.starts_with("//") && rest.len() > 3,
        _ => false,
    }
}

/// The domain of a `mailto:`.
pub fn mailbox_domain(uri: &str) -> Option<&str> {
    let rest = uri.get(7..).filter(|_| uri.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("mailto:")))?;
    let rest = rest.split(['!', '?']).next()?;
    let (user, domain) = rest.rsplit_once('@')?;
    (!user.is_empty() && domain.contains('.') && !domain.contains([' ', '/', '@'])).then_some(domain)
}

/// The domains that the reports of a DMARC record go to, with their places.
pub fn report_domains<'t>(tags: &Tags<'t>) -> Vec<(&'t str, Range<usize>)> {
    let both = ["rua", "ruf"].into_iter().filter_map(|name| Some((tags.get(name)?, tags.place(name)?)));
    both.flat_map(|(value, place)| value.split(',').map(move |uri| (uri.trim(), place.clone())))
        .filter_map(|(uri, place)| Some((mailbox_domain(uri)?, place)))
        .collect()
}

/// A DKIM key.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// `rsa`, `ed25519`.
    pub kind: String,
    /// Its size in bits, when it can be read.
    pub bits: Option<u32>,
    /// Whether it is taken back: `p=`.
    pub is_revoked: bool,
    /// Whether it is for tests: `t=y`.
    pub is_test: bool,
    /// Whether it allows SHA-1 only.
    pub is_sha1: bool,
    /// What is wrong.
    pub problem: Wrong,
}

/// Reads a DKIM key record.
pub fn dkim(text: &str) -> Key {
    let tags = read(text);
    let mut key = Key { kind: tags.get("k").unwrap_or("rsa").to_ascii_lowercase(), ..Key::default() };
    let whole = 0..text.len();
    key.is_test = tags.get("t").is_some_and(|value| value.split(':').any(|flag| flag.trim() == "y"));
    key.is_sha1 = tags.get("h").is_some_and(|value| value.split(':').all(|hash| hash.trim() == "sha1"));
    key.problem = tags.broken(text);
    if let Some(version) = tags.get("v").filter(|version| *version != "DKIM1") {
        let place = tags.place("v").unwrap_or(whole.clone());
        key.problem = Some((format!("the version is `DKIM1`, not `{version}`"), place));
    }
    let Some(value) = tags.get("p") else {
        key.problem = key.problem.or(Some(("there is no key: `p=` is missing".into(), whole)));
        return key;
    };
    let place = tags.place("p").unwrap_or(whole);
    let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    key.is_revoked = compact.is_empty();
    if key.is_revoked {
        return key;
    }
    let bytes = data::base64(&compact);
    key.bits = match (key.kind.as_str(), &bytes) {
        ("rsa", Some(bytes)) => rsa_bits(bytes),
        ("ed25519", Some(bytes)) if bytes.len() == 32 => Some(256),
        _ => None,
    };
    let is_known = matches!(key.kind.as_str(), "rsa" | "ed25519");
    if key.problem.is_none() && is_known && key.bits.is_none() {
        let what = if bytes.is_none() { "is no base64" } else { "holds no such key" };
        key.problem = Some((format!("`p=` {what}"), place));
    }
    key
}

fn rsa_bits(bytes: &[u8]) -> Option<u32> {
    let (_, info) = SubjectPublicKeyInfo::from_der(bytes).ok()?;
    match info.parsed().ok()? {
        PublicKey::RSA(key) => u32::try_from(key.key_size()).ok(),
        _ => None,
    }
}

/// The size of an RSA key as DNSKEY holds it (RFC 3110).
pub fn dnskey_bits(key: &[u8]) -> Option<u32> {
    let (exponent, rest) = match key {
        [0, high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
        [length, rest @ ..] => (usize::from(*length), rest),
        [] => return None,
    };
    let modulus = rest.get(exponent..)?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    u32::try_from((modulus.len() - zeros) * 8).ok().map(|bits| bits - first.leading_zeros())
}

/// What is wrong with a record that announces an MTA-STS policy.
pub fn mta_sts(text: &str) -> Wrong {
    let tags = read(text);
    if let Some(broken) = tags.broken(text) {
        return Some(broken);
    }
    let id = tags.get("id").unwrap_or_default();
    let is_id = (1..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_id {
        true => None,
        false => {
            let place = tags.place("id").unwrap_or(0..text.len());
            Some(("`id` must be 1 to 32 letters and digits".into(), place))
        }
    }
}

/// What is wrong with a record that asks for TLS reports.
pub fn tls_rpt(text: &str) -> Wrong {
    let tags = read(text);
    if let Some(broken) = tags.broken(text) {
        return Some(broken);
    }
    let is_right = |uri: &str| {
        let lower = uri.trim().to_ascii_lowercase();
        (lower.starts_with("mailto:") || lower.starts_with("https:")) && is_report_uri(uri.trim())
    };
    match tags.get("rua") {
        Some(value) if value.split(',').all(is_right) => None,
        _ => Some(("`rua` must name where reports go".into(), tags.place("rua").unwrap_or(0..text.len()))),
    }
}

/// What is wrong with a record that names a logo.
pub fn bimi(text: &str) -> Wrong {
    let tags = read(text);
    if let Some(broken) = tags.broken(text) {
        return Some(broken);
    }
    let location = tags.get("l").unwrap_or_default();
    let place = tags.place("l").unwrap_or(0..text.len());
    let is_right = location.is_empty() && tags.get("l").is_some() || location.starts_with("https://");
    (!is_right).then(|| ("`l` must be an https URL".into(), place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dmarc_records() {
        for text in [
            "v=DMARC1; p=none",
            "v=DMARC1;p=reject;rua=mailto:d@example.com,mailto:x@y.example!10m;",
            "v=DMARC1; p=quarantine; sp=none; np=reject; psd=n; t=y; adkim=s; aspf=r; fo=1:d; pct=50; foo=bar",
            "v=DMARC1",
        ] {
            assert_eq!(dmarc(text), None, "{text}");
        }
        for text in [
            "v=dmarc1; p=none",
            "p=none; v=DMARC1",
            "v=DMARC1; p=monitor",
            "v=DMARC1; p=none; p=reject",
            "v=DMARC1; p=none; rua=d@example.com",
            "v=DMARC1; p=none; rua=mailto:",
            "v=DMARC1 p=none",
            "v=DMARC1; none",
        ] {
            assert!(dmarc(text).is_some(), "{text}");
        }
        assert!(
            dmarc_ignored(&read("v=DMARC1; fo=2")).is_some() && dmarc_ignored(&read("v=DMARC1; adkim=x")).is_some()
        );
        assert_eq!(dmarc_ignored(&read("v=DMARC1; fo=1:d; t=y; psd=u; aspf=r")), None);
        let tags = read("v=DMARC1; rua=mailto:a@b.example,mailto:c@d.example");
        assert_eq!(
            report_domains(&tags).iter().map(|(domain, _)| *domain).collect::<Vec<_>>(),
            ["b.example", "d.example"]
        );
    }

    #[test]
    fn dkim_keys() {
        let ed = dkim("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        assert_eq!((ed.bits, ed.problem), (Some(256), None));
        assert!(dkim("v=DKIM1; p=").is_revoked && dkim("v=DKIM1; t=y:s; p=").is_test);
        assert!(dkim("v=DKIM1; k=rsa").problem.is_some() && dkim("v=DKIM1; p=%%%").problem.is_some());
        let short = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANDiE2+Xi/WnO+s120NiiJhNyIButVu6zxqlVzz0wy2j4kQVUC4ZRZD80IY+4wIiX2YxKBZKGnd2TtPkcJ/ljkUCAwEAAQ==";
        assert_eq!(dkim(&format!("k=rsa; p={short}")).bits, Some(512));
    }

    #[test]
    fn other_records() {
        assert_eq!(mta_sts("v=STSv1; id=20260101T000000;"), None);
        assert!(mta_sts("v=STSv1;").is_some() && mta_sts("v=STSv1; id=a-b").is_some());
        assert_eq!(tls_rpt("v=TLSRPTv1; rua=mailto:t@example.com"), None);
        assert!(tls_rpt("v=TLSRPTv1").is_some() && tls_rpt("v=TLSRPTv1; rua=t@example.com").is_some());
        assert_eq!(bimi("v=BIMI1; l=https://example.com/l.svg; a=;"), None);
        assert!(bimi("v=BIMI1; l=http://example.com/l.svg").is_some());
        assert_eq!(dnskey_bits(&[1, 3, 0x80, 0, 0]), Some(24));
        assert_eq!(dnskey_bits(&[]), None);
    }
}
