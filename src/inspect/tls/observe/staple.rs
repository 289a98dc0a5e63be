//! A stapled status (RFC 6960), as far as it speaks of one certificate. Its signature is not checked: what the server
//! says is observed.

use super::super::der;

/// A status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staple {
    /// `good`, `revoked`, `unknown` or `unreadable`.
    pub(super) status: &'static str,
    /// Until when it counts, as rules read it.
    pub(super) until: Option<String>,
}

const ENUMERATED: u8 = 0x0a;
const GENERALIZED_TIME: u8 = 0x18;

/// Reads a response.
pub(super) fn read(response: &[u8]) -> Staple {
    single(response).unwrap_or(Staple { status: "unreadable", until: None })
}

/// SEQUENCE { status, [0] { SEQUENCE { type, OCTET STRING { BasicOCSPResponse } } } }
fn single(response: &[u8]) -> Option<Staple> {
    let mut parts = der::elements(der::sequence(response)?);
    let status = parts.next().filter(|one| one.tag == ENUMERATED && one.content == [0]);
    status?;
    let bytes = der::sequence(parts.next().filter(|one| one.tag == 0xa0)?.content)?;
    let basic = der::elements(bytes).find(|one| one.tag == der::OCTET_STRING)?;
    let data = der::sequence(der::sequence(basic.content)?)?;
    // [0] version, responder, time, then the list of answers.
    let answers = der::elements(data).find(|one| one.tag == der::SEQUENCE)?;
    let answer: Vec<der::Element<'_>> = der::elements(der::sequence(answers.content)?).take(8).collect();
    let status = match answer.get(1)?.tag {
        0x80 => "good",
        0xa1 => "revoked",
        _ => "unknown",
    };
    let next = answer.iter().skip(2).find(|one| one.tag == 0xa0).and_then(|one| der::element(one.content));
    let until = next.filter(|(one, _)| one.tag == GENERALIZED_TIME).and_then(|(one, _)| moment(one.content));
    Some(Staple { status, until })
}

/// `20261128000000Z`.
fn moment(digits: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(digits).ok()?.strip_suffix('Z')?;
    if text.len() < 14 || !text.bytes().take(14).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let written =
        format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14));
    written.parse::<jiff::Timestamp>().is_ok().then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        let mut out = vec![tag, 0x82];
        out.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        out.extend(body);
        out
    }

    fn response(status: u8, until: Option<&[u8]>) -> Vec<u8> {
        let next = until.map(|time| wrap(0xa0, &[&wrap(GENERALIZED_TIME, &[time])])).unwrap_or_default();
        let this = wrap(GENERALIZED_TIME, &[b"20261121000000Z"]);
        let answer = wrap(0x30, &[&wrap(0x30, &[]), &wrap(status, &[]), &this, &next]);
        let data = wrap(0x30, &[&wrap(0xa2, &[b"key"]), &this, &wrap(0x30, &[&answer])]);
        let basic = wrap(0x30, &[&data, &wrap(0x30, &[])]);
        let bytes = wrap(0x30, &[&[6, 1, 1], &wrap(der::OCTET_STRING, &[&basic])]);
        wrap(0x30, &[&[ENUMERATED, 1, 0], &wrap(0xa0, &[&bytes])])
    }

    #[test]
    fn a_status_is_read() {
        let good = read(&response(0x80, Some(b"20261128000000Z")));
        assert_eq!(good, Staple { status: "good", until: Some("2026-11-28T00:00:00Z".into()) });
        assert_eq!(read(&response(0xa1, None)), Staple { status: "revoked", until: None });
        assert_eq!(read(&response(0x82, Some(b"2026"))).until, None);
        for broken in [&[][..], &[0x30, 3, ENUMERATED, 1, 6], b"junk", &response(0x80, None)[..20]] {
            assert_eq!(read(broken).status, "unreadable");
        }
    }
}
