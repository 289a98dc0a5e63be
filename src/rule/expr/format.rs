//! `"%s of %d".format([x, y])`, and values as text.

use super::MAX_DEPTH;
use super::access;
use super::convert;
use super::value::{Fault, Fuel, Res, Val};

/// The most digits after the point that may be asked for.
const MAX_PRECISION: usize = 100;

/// `format`: the receiver and the list of its arguments.
pub(super) fn format<'v>(args: &[Val<'v>], fuel: &mut Fuel) -> Res<'v> {
    let [pattern, list] = args else { return Err(Fault::Static("format() needs one list")) };
    let (Some(pattern), Some(items)) = (pattern.str(), access::elements(list)) else {
        return Err(super::value::mismatch("format", &[pattern, list]));
    };
    fuel.spend(pattern.len() / 4)?;
    let mut items = items.into_iter();
    let mut out = String::new();
    let mut parts = pattern.split('%');
    out.push_str(parts.next().unwrap_or(""));
    let mut escaped = false;
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if std::mem::take(&mut escaped) {
            out.push_str(part);
            continue;
        }
        if part.is_empty() && parts.peek().is_some() {
            out.push('%');
            escaped = true;
            continue;
        }
        let (precision, rest) = precision(part)?;
        let Some(verb) = rest.chars().next() else { return Err(Fault::Static("`%` needs a letter after it")) };
        let Some(item) = items.next() else { return Err(Fault::Static("format() has too few values")) };
        clause(verb, precision, item.flat()?, &mut out, fuel)?;
        out.push_str(&rest[verb.len_utf8()..]);
    }
    Ok(Val::text(out))
}

fn precision<'v>(part: &str) -> Res<'v, (Option<usize>, &str)> {
    let Some(digits) = part.strip_prefix('.') else { return Ok((None, part)) };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    match digits.parse() {
        Ok(number) if number <= MAX_PRECISION => Ok((Some(number), rest)),
        _ => Err(Fault::Static("the precision must be a number up to 100")),
    }
}

fn clause<'v>(verb: char, precision: Option<usize>, value: Val<'v>, out: &mut String, fuel: &mut Fuel) -> Res<'v, ()> {
    let wrong = || Err(Fault::Text(format!("`%{verb}` cannot show {}", value.type_name()).into()));
    let special = match &value {
        Val::Double(double) if !double.is_finite() && matches!(verb, 'd' | 'e' | 'f') => Some(convert::number(*double)),
        _ => None,
    };
    let text = match (verb, &value) {
        (_, _) if special.is_some() => special.unwrap_or_default(),
        ('s', _) => return write(&value, out, fuel, Style::Cel, 0),
        ('d', Val::Int(_) | Val::Uint(_)) => convert::scalar(&value).unwrap_or_default(),
        ('b', Val::Bool(bool)) => u8::from(*bool).to_string(),
        ('b', Val::Int(int)) => signed(*int, |size| format!("{size:b}")),
        ('b', Val::Uint(uint)) => format!("{uint:b}"),
        ('o', Val::Int(int)) => signed(*int, |size| format!("{size:o}")),
        ('o', Val::Uint(uint)) => format!("{uint:o}"),
        ('x', Val::Int(int)) => signed(*int, |size| format!("{size:x}")),
        ('X', Val::Int(int)) => signed(*int, |size| format!("{size:X}")),
        ('x', Val::Uint(uint)) => format!("{uint:x}"),
        ('X', Val::Uint(uint)) => format!("{uint:X}"),
        ('x' | 'X', Val::Bytes(bytes)) => hex(bytes, verb == 'X', fuel)?,
        ('x' | 'X', _) => match value.str() {
            Some(text) => hex(text.as_bytes(), verb == 'X', fuel)?,
            None => return wrong(),
        },
        ('f', Val::Double(_) | Val::Int(_) | Val::Uint(_)) => {
            format!("{:.*}", precision.unwrap_or(6), as_double(&value))
        }
        ('e', Val::Double(_) | Val::Int(_) | Val::Uint(_)) => exponent(as_double(&value), precision.unwrap_or(6)),
        ('d' | 'b' | 'o' | 'e' | 'f', _) => return wrong(),
        _ => return Err(Fault::Text(format!("there is no `%{verb}` in a format").into())),
    };
    out.push_str(&text);
    Ok(())
}

fn as_double(value: &Val<'_>) -> f64 {
    match value {
        Val::Double(double) => *double,
        Val::Int(int) => *int as f64,
        Val::Uint(uint) => *uint as f64,
        _ => f64::NAN,
    }
}

fn signed(int: i64, digits: impl Fn(u64) -> String) -> String {
    let sign = if int < 0 { "-" } else { "" };
    format!("{sign}{}", digits(int.unsigned_abs()))
}

fn exponent(double: f64, precision: usize) -> String {
    let text = format!("{double:.precision$e}");
    let Some((number, power)) = text.split_once('e') else { return text };
    let (sign, digits) = power.strip_prefix('-').map_or(('+', power), |digits| ('-', digits));
    format!("{number}e{sign}{digits:0>2}")
}

fn hex<'v>(bytes: &[u8], upper: bool, fuel: &mut Fuel) -> Res<'v, String> {
    fuel.spend(bytes.len())?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(if upper { digits.to_ascii_uppercase() } else { digits })
}

/// How lists and mappings look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As CEL's `%s`: brackets, and keys in order.
    Cel,
    /// As a literal of CEL, keys in order.
    Literal,
    /// As people read it in a message: items with commas between them; scalars as they are written.
    Prose,
}

/// Appends `value` as text.
pub(super) fn write<'v>(value: &Val<'v>, out: &mut String, fuel: &mut Fuel, style: Style, depth: usize) -> Res<'v, ()> {
    fuel.spend(1)?;
    if depth > MAX_DEPTH {
        return Err(Fault::Static("the value is nested too deeply to be shown"));
    }
    let raw = value.node().filter(|_| style == Style::Prose).map(|node| node.text()).filter(|text| !text.is_empty());
    let flat = value.clone().flat()?;
    if style == Style::Literal && literal(&flat, out) {
        return Ok(());
    }
    if let Some(text) = raw.or(flat.str()) {
        fuel.spend(text.len() / 4)?;
        out.push_str(text);
    } else if let Some(text) = convert::scalar(&flat) {
        out.push_str(&text);
    } else if let Some(items) = access::elements(&flat) {
        bracket(out, style, depth, '[');
        for (index, item) in items.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            write(item, out, fuel, style, depth + 1)?;
        }
        bracket(out, style, depth, ']');
    } else if let Some(entries) = access::entries(&flat) {
        let mut shown = Vec::with_capacity(entries.len());
        for (key, value) in &entries {
            let (mut key_text, mut text) = (String::new(), String::new());
            write(key, &mut key_text, fuel, style, depth + 1)?;
            write(value, &mut text, fuel, style, depth + 1)?;
            shown.push((key_text, text));
        }
        if style != Style::Prose {
            shown.sort();
        }
        bracket(out, style, depth, '{');
        let shown: Vec<String> = shown.into_iter().map(|(key, text)| format!("{key}: {text}")).collect();
        out.push_str(&shown.join(", "));
        bracket(out, style, depth, '}');
    } else {
        match flat {
            Val::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(&bytes)),
            Val::Optional(Some(inner)) => write(&inner, out, fuel, style, depth + 1)?,
            Val::Optional(None) => {}
            _ => out.push_str("null"),
        }
    }
    Ok(())
}

/// Appends what a literal shows and plain text does not: quotes, and the types of numbers.
fn literal(flat: &Val<'_>, out: &mut String) -> bool {
    match flat {
        Val::Uint(uint) => out.push_str(&format!("{uint}u")),
        Val::Double(double) if double.is_finite() => out.push_str(&format!("{double:?}")),
        Val::Bytes(bytes) => {
            let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            out.push_str(&format!("b\"{escaped}\""));
        }
        Val::Timestamp(time) => out.push_str(&format!("timestamp(\"{time}\")")),
        Val::Duration(nanos) => out.push_str(&format!("duration(\"{}\")", super::time::duration_text(*nanos))),
        _ => match flat.str() {
            Some(text) => out.push_str(&super::text::quote(text)),
            None => return false,
        },
    }
    true
}

fn bracket(out: &mut String, style: Style, depth: usize, bracket: char) {
    if style != Style::Prose || depth > 0 {
        out.push(bracket);
    }
}
