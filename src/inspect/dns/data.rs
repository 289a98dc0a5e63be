//! A record's fields → what they say, or what is wrong with them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::document::{Authority, Data, Fault, Field, Place, Problem, Signature, Target};
use super::name::{self, Name};

/// The types whose data has no form that is checked here beyond being there.
const FREE: &str = "HINFO RP NAPTR LOC SSHFP HTTPS SVCB URI AFSDB OPENPGPKEY CERT IPSECKEY DHCID EUI48 EUI64 APL KX \
    X25 ISDN RT PX GPOS HIP NID L32 L64 LP CSYNC ZONEMD AMTRELAY RESINFO WALLET NSEC NSEC3 KEY SIG DLV TALINK NINFO RKEY \
    TSIG TKEY WKS MINFO MB MG MR NSAP DSYNC CLA IPN";
/// The types whose data is checked.
const KNOWN: &str = "A AAAA NS CNAME DNAME PTR ALIAS ANAME MX SRV SOA TXT SPF CAA DS CDS DNSKEY CDNSKEY RRSIG \
    NSEC3PARAM TLSA SMIMEA";

/// The type in capitals, if it is one.
pub fn kind(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let numbered = upper.strip_prefix("TYPE").is_some_and(|number| number.parse::<u16>().is_ok());
    let known = || KNOWN.split_whitespace().chain(FREE.split_whitespace()).any(|known| known == upper);
    (numbered || (upper.len() <= 10 && known())).then_some(upper)
}

/// Reads the fields of a record of `kind`; `whole` is where the record stands.
pub fn read(kind: &str, fields: &[Field], origin: &Name, whole: &Place) -> Result<Data, Fault> {
    let form = Form { kind, fields, origin, whole };
    if let [mark, length, rest @ ..] = fields
        && mark.text == "\\#"
        && !mark.is_quoted
    {
        return form.unknown(length, rest);
    }
    match kind {
        "A" => form.exactly(1).and_then(|()| form.ipv4()),
        "AAAA" => form.exactly(1).and_then(|()| form.ipv6()),
        "NS" | "CNAME" | "DNAME" | "PTR" | "ALIAS" | "ANAME" => {
            form.exactly(1)?;
            Ok(Data::Name(form.name(0)?))
        }
        "MX" => {
            form.exactly(2)?;
            Ok(Data::Mail(form.number(0)?, form.name(1)?))
        }
        "SRV" => {
            form.exactly(4)?;
            Ok(Data::Service(form.number(0)?, form.number(1)?, form.number(2)?, form.name(3)?))
        }
        "SOA" => form.authority(),
        "TXT" | "SPF" => form.text(),
        "CAA" => form.issuance(),
        "DS" | "CDS" => form.digest(),
        "DNSKEY" | "CDNSKEY" => form.key(),
        "RRSIG" => form.signature(),
        "NSEC3PARAM" => {
            form.exactly(4)?;
            Ok(form.hashed()?)
        }
        "NSEC3" if fields.len() >= 5 => form.hashed(),
        "TLSA" | "SMIMEA" => {
            form.at_least(4)?;
            let bytes = form.hex(3)?.len();
            Ok(Data::Association(form.number(0)?, form.number(1)?, form.number(2)?, bytes))
        }
        _ => form.at_least(1).map(|()| Data::Other),
    }
}

/// Seconds from `300` or `1h30m`.
pub fn ttl(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 20 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (mut total, mut number) = (0_u64, None::<u64>);
    for byte in text.bytes() {
        let factor = match byte.to_ascii_lowercase() {
            digit @ b'0'..=b'9' => {
                number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit - b'0'))?);
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(factor)?)?;
    }
    u32::try_from(total.checked_add(number.unwrap_or(0))?).ok()
}

/// The bytes of a text, escapes resolved.
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (byte, length) = name::escape(rest)?;
        out.push(byte);
        rest = rest.get(length..).unwrap_or_default();
    }
    Some(out)
}

struct Form<'f> {
    kind: &'f str,
    fields: &'f [Field],
    origin: &'f Name,
    whole: &'f Place,
}

impl Form<'_> {
    fn fault<T>(&self, place: &Place, problem: Problem, message: String) -> Result<T, Fault> {
        Err(Fault { place: place.clone(), problem, message, owner: None })
    }

    fn exactly(&self, count: usize) -> Result<(), Fault> {
        self.at_least(count)?;
        match self.fields.get(count) {
            Some(extra) => {
                let message = format!("{} takes {count} field{}, this is one more", self.kind, plural(count));
                self.fault(&extra.place, Problem::Syntax, message)
            }
            None => Ok(()),
        }
    }

    fn at_least(&self, count: usize) -> Result<(), Fault> {
        if self.fields.len() >= count {
            return Ok(());
        }
        let message = format!("{} needs {count} field{}, here are {}", self.kind, plural(count), self.fields.len());
        self.fault(self.whole, Problem::Syntax, message)
    }

    fn get(&self, index: usize) -> Result<&Field, Fault> {
        match self.fields.get(index) {
            Some(field) => Ok(field),
            None => self.fault(self.whole, Problem::Syntax, format!("{} needs more fields", self.kind)),
        }
    }

    fn number<N: std::str::FromStr>(&self, index: usize) -> Result<N, Fault> {
        let field = self.get(index)?;
        let digits = field.text.bytes().all(|byte| byte.is_ascii_digit());
        match field.text.parse::<N>() {
            Ok(number) if digits => Ok(number),
            _ => {
                let (nth, kind) = (index + 1, self.kind);
                self.fault(&field.place, Problem::Number, format!("field {nth} of {kind} must be a number in range"))
            }
        }
    }

    fn name(&self, index: usize) -> Result<Target, Fault> {
        let field = self.get(index)?;
        match Name::read(&field.text, self.origin) {
            Ok((name, is_relative)) => Ok(Target { name, place: field.place.clone(), is_relative }),
            Err(fault) => {
                self.fault(&field.place, name_problem(fault), format!("the name in {} {}", self.kind, fault.phrase()))
            }
        }
    }

    fn ipv4(&self) -> Result<Data, Fault> {
        let field = self.get(0)?;
        match field.text.parse::<Ipv4Addr>() {
            Ok(address) => Ok(Data::Address(address.into())),
            Err(_) => self.fault(&field.place, Problem::Address, "A needs an IPv4 address".into()),
        }
    }

    fn ipv6(&self) -> Result<Data, Fault> {
        let field = self.get(0)?;
        match field.text.parse::<Ipv6Addr>() {
            Ok(address) => Ok(Data::Address(address.into())),
            Err(_) => self.fault(&field.place, Problem::Address, "AAAA needs an IPv6 address".into()),
        }
    }

    fn seconds(&self, index: usize) -> Result<u32, Fault> {
        let field = self.get(index)?;
        match ttl(&field.text) {
            Some(seconds) => Ok(seconds),
            None => self.fault(&field.place, Problem::Number, format!("field {} of SOA must be a time", index + 1)),
        }
    }

    fn authority(&self) -> Result<Data, Fault> {
        self.exactly(7)?;
        Ok(Data::Authority(Box::new(Authority {
            primary: self.name(0)?,
            contact: self.contact()?,
            serial: self.number(2)?,
            refresh: self.seconds(3)?,
            retry: self.seconds(4)?,
            expire: self.seconds(5)?,
            minimum: self.seconds(6)?,
        })))
    }

    fn contact(&self) -> Result<Target, Fault> {
        self.name(1)
    }

    fn text(&self) -> Result<Data, Fault> {
        self.at_least(1)?;
        let mut strings = Vec::with_capacity(self.fields.len());
        for field in self.fields {
            match bytes(&field.text) {
                Some(bytes) if bytes.len() > 255 => {
                    let message = format!("a text of {} bytes; one string holds 255", bytes.len());
                    return self.fault(&field.place, Problem::Text, message);
                }
                Some(bytes) => strings.push(bytes),
                None => return self.fault(&field.place, Problem::Text, "an escape that means nothing".into()),
            }
        }
        Ok(Data::Text(strings))
    }

    fn issuance(&self) -> Result<Data, Fault> {
        self.exactly(3)?;
        let value = self.get(2)?;
        let Some(bytes) = bytes(&value.text) else {
            return self.fault(&value.place, Problem::Text, "an escape that means nothing".into());
        };
        let tag = self.get(1)?.text.to_ascii_lowercase();
        Ok(Data::Issuance(self.number(0)?, tag, String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn digest(&self) -> Result<Data, Fault> {
        self.at_least(4)?;
        Ok(Data::Digest(self.number(0)?, self.algorithm(1)?, self.number(2)?, self.hex(3)?))
    }

    fn key(&self) -> Result<Data, Fault> {
        self.at_least(4)?;
        self.number::<u8>(2)?;
        Ok(Data::Key(self.number(0)?, self.algorithm(2)?, self.base64(3)?))
    }

    fn signature(&self) -> Result<Data, Fault> {
        self.at_least(9)?;
        let signer = self.name(7)?.name;
        self.base64(8)?;
        Ok(Data::Signature(Box::new(Signature {
            covered: self.get(0)?.text.to_ascii_uppercase(),
            algorithm: self.algorithm(1)?,
            expires: self.moment(4)?,
            begins: self.moment(5)?,
            tag: self.number(6)?,
            signer,
        })))
    }

    fn hashed(&self) -> Result<Data, Fault> {
        let salt = self.get(3)?;
        let length = if salt.text == "-" { 0 } else { salt.text.len() / 2 };
        Ok(Data::Hashed(self.number(2)?, length))
    }

    /// An algorithm as a number or by its mnemonic.
    fn algorithm(&self, index: usize) -> Result<u8, Fault> {
        let field = self.get(index)?;
        let named = match field.text.to_ascii_uppercase().as_str() {
            "RSAMD5" => 1,
            "DSA" => 3,
            "RSASHA1" => 5,
            "NSEC3DSA" => 6,
            "NSEC3RSASHA1" => 7,
            "RSASHA256" => 8,
            "RSASHA512" => 10,
            "ECDSAP256SHA256" => 13,
            "ECDSAP384SHA384" => 14,
            "ED25519" => 15,
            "ED448" => 16,
            _ => return self.number(index),
        };
        Ok(named)
    }

    /// `20260131120000`, or seconds since 1970.
    fn moment(&self, index: usize) -> Result<i64, Fault> {
        let field = self.get(index)?;
        let seconds = match field.text.len() {
            14 => jiff::fmt::strtime::parse("%Y%m%d%H%M%S", &field.text)
                .and_then(|time| time.to_datetime())
                .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC))
                .ok()
                .map(|time| time.timestamp().as_second()),
            _ => field.text.parse::<u32>().ok().map(i64::from),
        };
        match seconds {
            Some(seconds) => Ok(seconds),
            None => self.fault(&field.place, Problem::Time, "a time is written as YYYYMMDDHHMMSS".into()),
        }
    }

    fn joined(&self, from: usize) -> (String, Place) {
        let fields = self.fields.get(from..).unwrap_or_default();
        let text = fields.iter().map(|field| field.text.as_str()).collect();
        let place = match (fields.first(), fields.last()) {
            (Some(first), Some(last)) => first.place.start..last.place.end,
            _ => self.whole.clone(),
        };
        (text, place)
    }

    fn hex(&self, from: usize) -> Result<Vec<u8>, Fault> {
        let (text, place) = self.joined(from);
        match hex(&text) {
            Some(bytes) => Ok(bytes),
            None => self.fault(&place, Problem::Encoding, format!("{} needs hexadecimal digits in pairs", self.kind)),
        }
    }

    fn base64(&self, from: usize) -> Result<Vec<u8>, Fault> {
        let (text, place) = self.joined(from);
        match base64(&text) {
            Some(bytes) => Ok(bytes),
            None => self.fault(&place, Problem::Encoding, format!("{} needs base64", self.kind)),
        }
    }

    /// RFC 3597: `\# length hex`.
    fn unknown(&self, length: &Field, rest: &[Field]) -> Result<Data, Fault> {
        let text: String = rest.iter().map(|field| field.text.as_str()).collect();
        let Ok(expected) = length.text.parse::<u16>() else {
            return self.fault(&length.place, Problem::Number, "the length after `\\#` must be a number".into());
        };
        match hex(&text) {
            Some(bytes) if bytes.len() == usize::from(expected) => Ok(Data::Other),
            Some(bytes) => {
                let message = format!("`\\#` says {expected} bytes, here are {}", bytes.len());
                self.fault(&length.place, Problem::Encoding, message)
            }
            None => self.fault(self.whole, Problem::Encoding, "`\\#` needs hexadecimal digits in pairs".into()),
        }
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Under which head a broken name is reported.
pub fn name_problem(fault: name::Fault) -> Problem {
    match fault {
        name::Fault::LongLabel | name::Fault::LongName => Problem::Length,
        name::Fault::EmptyLabel | name::Fault::Escape => Problem::Name,
    }
}

/// The bytes of hexadecimal digits.
pub fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

/// The bytes of base64; `None` when it is none.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let body = text.trim_end_matches('=');
    if text.len() - body.len() > 2 || body.len() % 4 == 1 || body.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in body.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = (held << 6 | u32::from(value)) & 0x00ff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(((held >> bits) & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!([ttl("300"), ttl("1h30m"), ttl("1W"), ttl("0")], [Some(300), Some(5400), Some(604_800), Some(0)]);
        assert_eq!([ttl(""), ttl("h"), ttl("1x"), ttl("99999999999"), ttl("IN")], [None; 5]);
    }

    #[test]
    fn encodings() {
        assert_eq!(base64("aGk="), Some(b"hi".to_vec()));
        assert_eq!([base64("a"), base64("a*=="), base64("")], [None, None, None]);
        assert_eq!(hex("0aFF"), Some(vec![10, 255]));
        assert_eq!([hex("0"), hex("0g"), hex("ää")], [None, None, None]);
        assert_eq!(bytes("a\\059b\\\"c"), Some(b"a;b\"c".to_vec()));
        assert_eq!(bytes("a\\"), None);
    }

    #[test]
    fn types() {
        assert_eq!(kind("aaaa").as_deref(), Some("AAAA"));
        assert_eq!(kind("TYPE65280").as_deref(), Some("TYPE65280"));
        assert_eq!([kind("TYPE70000"), kind("WWW"), kind("")], [None, None, None]);
    }
}
