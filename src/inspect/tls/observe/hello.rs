//! The first message of a client, written by hand, and what a server answers in the clear: for versions and suites that
//! rustls does not speak.

/// A version of the protocol, as it stands in messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u16);

/// Every version that is asked for, with its name in transcripts.
pub(super) const VERSIONS: [(&str, Version); 5] = [
    ("ssl-3", Version(0x0300)),
    ("tls-1.0", Version(0x0301)),
    ("tls-1.1", Version(0x0302)),
    ("tls-1.2", Version(0x0303)),
    ("tls-1.3", Version(0x0304)),
];

/// TLS 1.3.
pub(super) const THIRTEEN: Version = Version(0x0304);

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const SERVER_HELLO_DONE: u8 = 14;

/// A longer record is none.
const LONGEST_RECORD: usize = (1 << 14) + 2048;
/// More of an answer is not read.
pub(super) const MOST_BYTES: usize = 256 << 10;
/// More certificates of one chain are not kept.
pub(super) const MOST_CERTIFICATES: usize = 32;

/// What a server answered in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    /// The version that it chose.
    pub(super) version: Option<Version>,
    /// The suite that it chose.
    pub(super) suite: u16,
    /// Whether it compresses.
    pub(super) compresses: bool,
    /// Whether it binds renegotiation to the connection.
    pub(super) renegotiates_safely: bool,
    /// Its certificates in DER; none in TLS 1.3, where they are encrypted.
    pub(super) chain: Vec<Vec<u8>>,
    /// Whether it sent more than are kept.
    pub(super) chain_is_cut: bool,
    /// The bits of the prime of a finite-field exchange.
    pub(super) dh_bits: Option<u32>,
    /// Whether it asks for a client certificate.
    pub(super) asks_client: bool,
    /// Whether there is no more to come in the clear.
    pub(super) is_done: bool,
    /// Whether it broke off after the choice.
    pub(super) is_broken: bool,
    /// The number of the alert that it sent.
    pub(super) alert: Option<u8>,
}

/// A first message. `host` is the server's name; none for an address.
pub(super) fn write(version: Version, suites: &[u16], host: Option<&str>) -> Vec<u8> {
    let legacy = version.0.min(0x0303);
    let mut body = legacy.to_be_bytes().to_vec();
    // A fixed number is as good as a random one here: no key is ever made.
    body.extend([0x5e; 32]);
    body.push(0);
    body.extend(sized16(&suites.iter().flat_map(|suite| suite.to_be_bytes()).collect::<Vec<u8>>()));
    // Compression does not exist in TLS 1.3.
    body.extend_from_slice(if version == THIRTEEN { &[1, 0] } else { &[2, 1, 0] });
    if version.0 > 0x0300 {
        body.extend(sized16(&extensions(version, host)));
    }
    let mut message = vec![CLIENT_HELLO, 0];
    message.extend(sized16(&body));
    let mut record = vec![HANDSHAKE];
    record.extend(legacy.min(0x0301).to_be_bytes());
    record.extend(sized16(&message));
    record
}

fn sized16(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [length.to_be_bytes().as_slice(), bytes].concat()
}

fn extensions(version: Version, host: Option<&str>) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |number: u16, content: &[u8]| {
        all.extend(number.to_be_bytes());
        all.extend(sized16(content));
    };
    if let Some(host) = host.filter(|host| host.len() < 256) {
        let name = [&[0][..], &sized16(host.as_bytes())].concat();
        add(0, &sized16(&name));
    }
    // x25519, P-256, P-384, P-521, x448, P-224, P-192, secp256k1, brainpool, ffdhe2048…4096
    let groups: [u16; 14] = [29, 23, 24, 25, 30, 21, 19, 22, 26, 27, 28, 256, 257, 258];
    add(10, &sized16(&groups.iter().flat_map(|group| group.to_be_bytes()).collect::<Vec<u8>>()));
    add(11, &[1, 0]);
    if version.0 >= 0x0303 {
        // Ed25519 and Ed448 among them: a server that has only such a certificate refuses otherwise.
        let signatures: [u16; 17] = [
            0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501,
            0x0601, 0x0301, 0x0203, 0x0201,
        ];
        add(13, &sized16(&signatures.iter().flat_map(|one| one.to_be_bytes()).collect::<Vec<u8>>()));
    }
    if version == THIRTEEN {
        add(43, &[2, 0x03, 0x04]);
        // A share of x25519: every 32 bytes are one. A server that wants another group asks again, which answers too.
        let share = [&[0x00, 0x1d][..], &sized16(&[0x09; 32])].concat();
        add(51, &sized16(&share));
        add(45, &[1, 1]);
    } else {
        add(0xff01, &[0]);
    }
    all
}

/// What is in the records that have come so far; `Err` when they are none, or break the rules.
pub(super) fn read(bytes: &[u8]) -> Result<Answer, &'static str> {
    let mut answer = Answer::default();
    let mut messages = Vec::new();
    let mut rest = bytes;
    while let Some((kind, content, after)) = record(rest)? {
        match kind {
            HANDSHAKE => messages.extend_from_slice(content),
            ALERT => {
                answer.alert = content.get(1).copied().or(Some(0));
                // A warning (an unknown name, say) is followed by the answer.
                answer.is_done |= content.first() != Some(&1);
            }
            // Change of ciphers, encrypted data: nothing more to be seen.
            20 | 23 => answer.is_done = true,
            _ => return Err("it is no record of TLS"),
        }
        rest = after;
    }
    let mut rest = messages.as_slice();
    while let Some((kind, content, after)) = message(rest)? {
        note(&mut answer, kind, content)?;
        rest = after;
    }
    Ok(answer)
}

type Part<'b> = Option<(u8, &'b [u8], &'b [u8])>;

/// The first record, when it is whole.
fn record(bytes: &[u8]) -> Result<Part<'_>, &'static str> {
    let Some(kind) = bytes.first() else { return Ok(None) };
    if !(20..=23).contains(kind) || bytes.get(1).is_some_and(|major| *major != 3) {
        return Err("it does not speak TLS");
    }
    let Some(&[high, low]) = bytes.get(3..5) else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > LONGEST_RECORD {
        return Err("a record is longer than allowed");
    }
    Ok(bytes.get(5..5 + length).map(|content| (*kind, content, bytes.get(5 + length..).unwrap_or_default())))
}

/// The first message, when it is whole.
fn message(bytes: &[u8]) -> Result<Part<'_>, &'static str> {
    let Some(&[kind, high, middle, low]) = bytes.get(..4) else { return Ok(None) };
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    if length > MOST_BYTES {
        return Err("a message is longer than 256 KiB");
    }
    Ok(bytes.get(4..4 + length).map(|content| (kind, content, bytes.get(4 + length..).unwrap_or_default())))
}

fn note(answer: &mut Answer, kind: u8, content: &[u8]) -> Result<(), &'static str> {
    match kind {
        SERVER_HELLO => server_hello(answer, content).ok_or("its first message is broken"),
        CERTIFICATE => {
            certificates(answer, content);
            Ok(())
        }
        SERVER_KEY_EXCHANGE => {
            answer.dh_bits = super::suites::FINITE.contains(&answer.suite).then(|| prime_bits(content)).flatten();
            Ok(())
        }
        CERTIFICATE_REQUEST => {
            answer.asks_client = true;
            Ok(())
        }
        SERVER_HELLO_DONE => {
            answer.is_done = true;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn server_hello(answer: &mut Answer, content: &[u8]) -> Option<()> {
    let mut version = u16_at(content, 0)?;
    let session = usize::from(*content.get(34)?);
    let rest = content.get(35 + session..)?;
    answer.suite = u16_at(rest, 0)?;
    answer.compresses = *rest.get(2)? != 0;
    let mut extensions = rest.get(5..).unwrap_or_default();
    while let (Some(number), Some(length)) = (u16_at(extensions, 0), u16_at(extensions, 2)) {
        let value = extensions.get(4..4 + usize::from(length))?;
        match number {
            43 => version = u16_at(value, 0)?,
            0xff01 => answer.renegotiates_safely = true,
            _ => {}
        }
        extensions = extensions.get(4 + usize::from(length)..)?;
    }
    answer.version = Some(Version(version));
    answer.is_done |= version == THIRTEEN.0;
    Some(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]))
}

fn certificates(answer: &mut Answer, content: &[u8]) {
    let mut rest = content.get(3..).unwrap_or_default();
    while let Some(&[high, middle, low]) = rest.get(..3) {
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let Some(one) = rest.get(3..3 + length) else { return };
        if answer.chain.len() == MOST_CERTIFICATES {
            answer.chain_is_cut = true;
            return;
        }
        answer.chain.push(one.to_vec());
        rest = rest.get(3 + length..).unwrap_or_default();
    }
}

/// ServerKeyExchange of a finite field begins with its prime.
fn prime_bits(content: &[u8]) -> Option<u32> {
    let length = usize::from(u16_at(content, 0)?);
    let prime = super::super::der::magnitude(content.get(2..2 + length)?);
    Some(super::super::der::bits(prime))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut record = vec![kind, 3, 3];
        record.extend(sized16(content));
        record
    }

    fn hello(version: u16, suite: u16, extensions: &[u8]) -> Vec<u8> {
        let mut body = version.to_be_bytes().to_vec();
        body.extend([7; 32]);
        body.push(0);
        body.extend(suite.to_be_bytes());
        body.push(0);
        body.extend(sized16(extensions));
        [&[SERVER_HELLO, 0][..], &sized16(&body)].concat()
    }

    #[test]
    fn a_first_message_says_its_lengths() {
        for (_, version) in VERSIONS {
            let bytes = write(version, &[0xc02f, 0x1301], Some("shop.example.com"));
            assert_eq!(usize::from(u16_at(&bytes, 3).unwrap()), bytes.len() - 5);
            assert_eq!(usize::from(u16_at(&bytes, 7).unwrap()), bytes.len() - 9);
            assert_eq!(bytes.windows(16).any(|part| part == b"shop.example.com"), version.0 > 0x0300);
        }
    }

    #[test]
    fn answers_are_read_in_parts() {
        let mut messages = hello(0x0303, 0x0033, &[0xff, 0x01, 0, 1, 0]);
        messages.extend([CERTIFICATE, 0, 0, 9, 0, 0, 6, 0, 0, 3, 0x30, 1, 0]);
        messages.extend([SERVER_KEY_EXCHANGE, 0, 0, 4, 0, 2, 0x80, 0x01]);
        messages.extend([SERVER_HELLO_DONE, 0, 0, 0]);
        let mut bytes = wrapped(HANDSHAKE, &messages[..20]);
        bytes.extend(wrapped(HANDSHAKE, &messages[20..]));
        let whole = read(&bytes).unwrap();
        assert_eq!((whole.version, whole.suite, whole.dh_bits), (Some(Version(0x0303)), 0x33, Some(16)));
        assert!(whole.renegotiates_safely && whole.is_done && !whole.compresses);
        assert_eq!(whole.chain, vec![vec![0x30, 1, 0]]);
        for end in 0..bytes.len() {
            let part = read(&bytes[..end]).unwrap();
            assert!(!part.is_done, "{end}");
        }
    }

    #[test]
    fn thirteen_stands_in_an_extension() {
        let answer = read(&wrapped(HANDSHAKE, &hello(0x0303, 0x1301, &[0, 43, 0, 2, 3, 4]))).unwrap();
        assert_eq!(answer.version, Some(THIRTEEN));
    }

    #[test]
    fn alerts_and_nonsense_are_told_apart() {
        assert_eq!(read(&wrapped(ALERT, &[2, 70])).unwrap().alert, Some(70));
        assert!(!read(&wrapped(ALERT, &[1, 112])).unwrap().is_done);
        assert!(read(b"HTTP/1.1 400 Bad Request\r\n").is_err());
        assert!(read(&[22, 3, 3, 0xff, 0xff]).is_err());
        assert!(read(&wrapped(HANDSHAKE, &[CERTIFICATE, 0xff, 0xff, 0xff])).is_err());
        assert!(read(&wrapped(HANDSHAKE, &[SERVER_HELLO, 0, 0, 2, 3, 3])).is_err());
    }

    proptest! {
        #[test]
        fn reading_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes);
            let _ = read(&wrapped(HANDSHAKE, &bytes));
            let mut framed = vec![SERVER_HELLO, 0];
            framed.extend(sized16(&bytes));
            let _ = read(&wrapped(HANDSHAKE, &framed));
        }
    }
}
