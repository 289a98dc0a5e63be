//! What follows from a certificate alone: facts with a name, so that rules stay one line.

use super::document::{Certificate, Name, PublicKey};
use super::names;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Programs renew when a third of the life is left, and try again every day: what has less than a quarter left, and less
/// than this many days, was forgotten or failed.
const RENEWAL_DAYS: i64 = 21;
/// What lives no longer needs no revocation (CA/Browser Forum: short-lived subscriber certificates).
const SHORT_LIVED_DAYS: i64 = 10;

/// The longest life of a public server certificate by its first second (CA/Browser Forum, ballots 193, SC31, SC081).
const LIMITS: &[(i64, i64)] = &[
    (1_868_227_200, 47),
    (1_805_068_800, 100),
    (1_773_532_800, 200),
    (1_598_918_400, 398),
    (1_519_948_800, 825),
    (i64::MIN, 1_188),
];

/// A point in time as rules read it.
pub(super) fn moment(seconds: i64) -> String {
    const LAST: i64 = 253_402_207_200;
    match jiff::Timestamp::from_second(seconds) {
        Ok(time) => time.to_string(),
        Err(_) if seconds > LAST => "9999-12-31T23:59:59Z".into(),
        Err(_) => "0001-01-01T00:00:00Z".into(),
    }
}

/// When it should have been renewed.
pub(super) fn renew_by(one: &Certificate) -> i64 {
    one.not_after.saturating_sub((one.lifetime() / 4).clamp(0, RENEWAL_DAYS * DAY))
}

/// The life that browsers accept, in days.
pub(super) fn allowed_days(not_before: i64) -> i64 {
    LIMITS.iter().find(|(from, _)| not_before >= *from).map_or(0, |(_, days)| *days)
}

/// Whether it lives no longer than browsers accept.
pub(super) fn is_within_allowed(one: &Certificate) -> bool {
    one.lifetime() <= allowed_days(one.not_before) * DAY
}

/// Its life in whole days.
pub(super) fn lifetime_days(one: &Certificate) -> i64 {
    one.lifetime().div_euclid(DAY)
}

/// Whether the key can be broken.
pub(super) fn is_weak(key: &PublicKey) -> bool {
    match key.algorithm.as_str() {
        "RSA" => (1..2048).contains(&key.bits),
        "EC" => (1..224).contains(&key.bits),
        "DSA" => true,
        _ => false,
    }
}

/// Whether browsers know the kind of key.
pub(super) fn is_common(key: &PublicKey) -> bool {
    match key.algorithm.as_str() {
        "RSA" => true,
        "EC" => matches!(key.curve.as_deref(), Some("P-256" | "P-384" | "P-521")),
        _ => false,
    }
}

/// Whether an RSA exponent is odd and not small; absent for other keys.
pub(super) fn exponent_is_sound(key: &PublicKey) -> Option<bool> {
    (key.algorithm == "RSA" && !key.material.is_empty())
        .then(|| key.exponent.is_none_or(|exponent| exponent >= 65_537 && exponent % 2 == 1))
}

/// Whether an RSA modulus is odd and has no factor that anybody finds at once; absent for other keys.
pub(super) fn modulus_is_sound(key: &PublicKey) -> Option<bool> {
    if key.algorithm != "RSA" || key.material.is_empty() {
        return None;
    }
    let rest = |factor: u32| key.material.iter().fold(0u32, |rest, byte| (rest << 8 | u32::from(*byte)) % factor);
    Some((2..752).all(|factor| rest(factor) != 0))
}

/// Whether it is good for a server, as far as its purposes say.
pub(super) fn is_for_servers(one: &Certificate) -> bool {
    one.purposes.as_ref().is_none_or(|list| list.iter().any(|one| one == "serverAuth" || one == "any"))
}

/// Whether anything shows that it is a server's: a name of a host, or the purpose.
pub(super) fn looks_like_server(one: &Certificate) -> bool {
    let named = one.names.iter().flatten().any(|name| !matches!(name, Name::Other(_)));
    let purpose = one.purposes.iter().flatten().any(|purpose| purpose == "serverAuth");
    let host = |name: &String| (name.contains('.') || name == "localhost") && names::defect(name).is_none();
    is_for_servers(one) && (named || purpose || one.common_names.iter().any(host))
}

/// Whether its names are those of tests and manuals.
pub(super) fn is_stand_in(one: &Certificate) -> bool {
    let mut names: Vec<Name> = one.names.clone().unwrap_or_default();
    if names.is_empty() {
        names = one.common_names.iter().map(|name| Name::Dns(name.clone())).collect();
    }
    !names.is_empty() && names.iter().all(names::is_stand_in)
}

/// What a person calls it.
pub(super) fn title(one: &Certificate) -> String {
    let named = one.names.iter().flatten().find_map(|name| match name {
        Name::Dns(name) => Some(name.clone()),
        Name::Ip(address) => Some(address.to_string()),
        Name::Other(_) => None,
    });
    named.or_else(|| one.common_names.first().cloned()).unwrap_or_else(|| match one.subject.as_str() {
        "" => "a certificate without a name".into(),
        subject => subject.to_owned(),
    })
}

/// SHA-256 of all of it.
pub(super) fn fingerprint(one: &Certificate) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(&one.der).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether its revocation can be seen, or need not be.
pub(super) fn has_revocation(one: &Certificate) -> bool {
    !one.ocsp.is_empty() || !one.revocation_lists.is_empty() || one.lifetime() <= SHORT_LIVED_DAYS * DAY
}

/// The bits of its serial number, and whether it is positive and short enough.
pub(super) fn serial(one: &Certificate) -> (u32, bool) {
    let magnitude = super::der::magnitude(&one.serial);
    let negative = one.serial.first().is_some_and(|byte| byte & 0x80 != 0);
    (
        super::der::bits(magnitude),
        !negative && !magnitude.is_empty() && one.serial.len() <= 20 + usize::from(one.serial.first() == Some(&0)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str) -> i64 {
        date.parse::<jiff::Timestamp>().unwrap().as_second()
    }

    fn living(from: &str, days: i64) -> Certificate {
        let not_before = at(from);
        Certificate { not_before, not_after: not_before + days * DAY - 1, ..Certificate::default() }
    }

    #[test]
    fn the_limit_follows_the_day_of_issue() {
        for (from, days) in [
            ("2017-01-01T00:00:00Z", 1_188),
            ("2018-03-02T00:00:00Z", 825),
            ("2020-08-31T23:59:59Z", 825),
            ("2020-09-01T00:00:00Z", 398),
            ("2026-03-14T23:59:59Z", 398),
            ("2026-03-15T00:00:00Z", 200),
            ("2027-03-15T00:00:00Z", 100),
            ("2029-03-14T23:59:59Z", 100),
            ("2029-03-15T00:00:00Z", 47),
        ] {
            assert_eq!(allowed_days(at(from)), days, "{from}");
            assert!(is_within_allowed(&living(from, days)), "{from}");
            assert!(!is_within_allowed(&living(from, days + 1)), "{from}");
        }
    }

    #[test]
    fn renewal_is_relative_to_the_life() {
        let left = |days| {
            (living("2026-04-01T00:00:00Z", days).not_after - renew_by(&living("2026-04-01T00:00:00Z", days))) / DAY
        };
        assert_eq!((left(398), left(90), left(47), left(6)), (21, 21, 11, 1));
        let negative = Certificate { not_before: 10, not_after: 5, ..Certificate::default() };
        assert_eq!(renew_by(&negative), 5);
    }

    #[test]
    fn moments_stay_in_the_range_of_conditions() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(i64::MAX), "9999-12-31T23:59:59Z");
        assert_eq!(moment(i64::MIN), "0001-01-01T00:00:00Z");
    }

    #[test]
    fn rsa_numbers_are_looked_at() {
        let rsa = |material: &[u8], exponent| PublicKey {
            algorithm: "RSA".into(),
            bits: 2048,
            exponent: Some(exponent),
            material: material.to_vec(),
            curve: None,
        };
        assert_eq!(exponent_is_sound(&rsa(&[1], 65_537)), Some(true));
        assert_eq!(exponent_is_sound(&rsa(&[1], 3)), Some(false));
        assert_eq!(modulus_is_sound(&rsa(&[0x80, 0x00], 3)), Some(false));
        assert_eq!(modulus_is_sound(&rsa(&[0x0d, 0xff], 3)), Some(true)); // 3583 is a prime
        assert_eq!(modulus_is_sound(&PublicKey::default()), None);
    }
}
