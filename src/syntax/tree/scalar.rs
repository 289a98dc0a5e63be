//! What a plain scalar means: YAML 1.2 core schema, and the forms that only a YAML 1.1 reader knows.

use super::Content;

/// The value of a plain scalar in the YAML 1.2 core schema.
pub(crate) fn core(text: &str) -> Content {
    let Some(first) = text.bytes().next() else { return Content::Null };
    match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => word(text),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text).unwrap_or(Content::Str),
        _ => Content::Str,
    }
}

fn word(text: &str) -> Content {
    match text {
        "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ => Content::Str,
    }
}

/// A number of the core schema: decimal (leading zeros allowed), `0x…`, `0o…`, a float, `.inf`, `.nan`.
pub(crate) fn number(text: &str) -> Option<Content> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" if text.len() <= 5 => {
            return Some(Content::Float(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }));
        }
        ".nan" | ".NaN" | ".NAN" if text.len() == 4 => return Some(Content::Float(f64::NAN)),
        _ => {}
    }
    if !is_decimal(text) {
        return None;
    }
    match text.parse() {
        Ok(value) => Some(Content::Int(value)),
        Err(_) => text.parse().ok().map(Content::Float),
    }
}

fn radix(digits: &str, radix: u32) -> Option<Content> {
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    match i64::from_str_radix(digits, radix) {
        Ok(value) => Some(Content::Int(value)),
        Err(_) => Some(Content::Float(
            digits
                .chars()
                .filter_map(|c| c.to_digit(radix))
                .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit)),
        )),
    }
}

/// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits(sign);
    let mut at = sign + whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if whole + fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    } else if whole == 0 {
        return false;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

/// Whether [`legacy`] could see something in `text`; most texts begin otherwise.
#[inline]
pub(crate) fn may_be_legacy(text: &str) -> bool {
    matches!(text.bytes().next(), Some(b'y' | b'Y' | b'n' | b'N' | b'o' | b'O' | b'0'..=b'9' | b'+' | b'-'))
}

/// What Kubernetes makes of a plain scalar where it differs from the core schema. Its reader resolves as YAML 1.1:
/// `y`, `yes`, `on`, `n`, `no`, `off` in three cases each are booleans, `0644` is octal, `0b101` binary, and `_` may
/// stand between digits. Base 60 it does not know: `1:30` is text.
pub(crate) fn legacy(text: &str) -> Option<Content> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(Content::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(Content::Bool(false)),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let bytes = unsigned.as_bytes();
    if !bytes.first().is_some_and(u8::is_ascii_digit) || !(bytes[0] == b'0' && bytes.len() > 1 || text.contains('_')) {
        return None;
    }
    legacy_number(&text.replace('_', ""))
}

fn legacy_number(text: &str) -> Option<Content> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let base = match unsigned.get(..2) {
        Some("0x" | "0X") => Some((16, &unsigned[2..])),
        Some("0o" | "0O") => Some((8, &unsigned[2..])),
        Some("0b" | "0B") => Some((2, &unsigned[2..])),
        _ => unsigned.strip_prefix('0').filter(|rest| !rest.is_empty()).map(|rest| (8, rest)),
    };
    match base.and_then(|(base, digits)| radix(digits, base)) {
        Some(Content::Int(value)) => Some(Content::Int(if negative { -value } else { value })),
        Some(Content::Float(value)) => Some(Content::Float(if negative { -value } else { value })),
        // `089` is no octal number but still a float.
        _ if is_decimal(text) => match text.parse::<i64>() {
            Ok(value) if base.is_none() => Some(Content::Int(value)),
            _ => text.parse().ok().map(Content::Float),
        },
        _ => Some(Content::Str),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema() {
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(core(text), Content::Null, "{text}");
        }
        for (text, value) in [("0", 0), ("-12", -12), ("+7", 7), ("0644", 644), ("0x1F", 31), ("0o17", 15)] {
            assert_eq!(core(text), Content::Int(value), "{text}");
        }
        for (text, value) in [("1.10", 1.1), ("-.5", -0.5), ("3.", 3.0), ("1e3", 1000.0), ("6.02E+23", 6.02e23)] {
            assert_eq!(core(text), Content::Float(value), "{text}");
        }
        assert_eq!(core("18446744073709551615"), Content::Float(18446744073709551615.0));
        assert_eq!(core("-.Inf"), Content::Float(f64::NEG_INFINITY));
        for text in [
            "yes", "on", "nullify", "1.2.3", "1_000", "0b1", "1e", ".", "-", "+-1", "inf", "nan", "0x", "--.inf",
            "1:30",
        ] {
            assert_eq!(core(text), Content::Str, "{text}");
        }
    }

    #[test]
    fn what_kubernetes_reads_differently() {
        assert_eq!(legacy("on"), Some(Content::Bool(true)));
        assert_eq!(legacy("N"), Some(Content::Bool(false)));
        for (text, value) in
            [("0644", 0o644), ("-0b101", -5), ("0b101", 5), ("1_000", 1000), ("0x1_F", 31), ("0o17", 15), ("+010", 8)]
        {
            assert_eq!(legacy(text), Some(Content::Int(value)), "{text}");
        }
        assert_eq!(legacy("0899"), Some(Content::Float(899.0)));
        assert_eq!(legacy("0.5"), Some(Content::Float(0.5)));
        assert_eq!(legacy("0a"), Some(Content::Str));
        for text in ["yEs", "12", "1.5", "1:30", "oN", "_1", "0", ""] {
            assert_eq!(legacy(text), None, "{text}");
        }
    }
}
