//! Conversions between types, and optionals made and opened.

use std::sync::Arc;

use super::access;
use super::function::Function;
use super::time;
use super::value::{Fault, Res, Val, mismatch};

/// Calls a conversion with flat values.
pub(super) fn call<'v>(function: Function, args: &[Val<'v>]) -> Res<'v> {
    let value = args.first().cloned().unwrap_or(Val::Null);
    match function {
        Function::Bool => bool(value),
        Function::Int => int(value),
        Function::Uint => uint(value),
        Function::Double => double(value),
        Function::String => string(value),
        Function::Bytes => match value.str() {
            Some(text) => Ok(Val::Bytes(text.as_bytes().into())),
            None if matches!(value, Val::Bytes(_)) => Ok(value),
            None => Err(mismatch("bytes", &[&value])),
        },
        Function::Timestamp => time::timestamp(value),
        Function::Duration => time::duration(value),
        Function::Type => Ok(Val::Type(value.type_name())),
        Function::OptionalOf => Ok(Val::Optional(Some(Arc::new(value)))),
        Function::OptionalOfNonZero if is_zero(&value) => Ok(Val::Optional(None)),
        Function::OptionalOfNonZero => Ok(Val::Optional(Some(Arc::new(value)))),
        Function::OptionalNone => Ok(Val::Optional(None)),
        Function::OptionalValue => match value {
            Val::Optional(Some(inner)) => Ok((*inner).clone()),
            Val::Optional(None) => Err(Fault::Static("an optional that is needed holds nothing")),
            other => Err(mismatch("value", &[&other])),
        },
        _ => Ok(value),
    }
}

fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null | Val::Optional(None) => true,
        Val::Bool(bool) => !bool,
        Val::Int(int) => *int == 0,
        Val::Uint(uint) => *uint == 0,
        Val::Double(double) => *double == 0.0,
        Val::Duration(nanos) => *nanos == 0,
        other => access::size(other) == Some(0),
    }
}

fn not_readable<'v>(what: &str, text: &str) -> Fault<'v> {
    // The text may be a secret: only its kind is told.
    let kind = if text.is_empty() { "an empty text" } else { "this text" };
    Fault::Text(format!("{kind} is not {what}").into())
}

fn bool<'v>(value: Val<'v>) -> Res<'v> {
    match value.str() {
        Some("1" | "t" | "true" | "TRUE" | "True") => Ok(Val::Bool(true)),
        Some("0" | "f" | "false" | "FALSE" | "False") => Ok(Val::Bool(false)),
        Some(text) => Err(not_readable("a boolean", text)),
        None if matches!(value, Val::Bool(_)) => Ok(value),
        None => Err(mismatch("bool", &[&value])),
    }
}

/// The least double above every signed and every unsigned integer.
const INT_END: f64 = 9_223_372_036_854_775_808.0;
const UINT_END: f64 = 18_446_744_073_709_551_616.0;

fn int<'v>(value: Val<'v>) -> Res<'v> {
    const RANGE: Fault<'_> = Fault::Static("the number does not fit in a 64-bit integer");
    match &value {
        Val::Int(_) => Ok(value),
        Val::Uint(uint) => i64::try_from(*uint).map(Val::Int).map_err(|_| RANGE),
        Val::Double(double) if *double > -INT_END && *double < INT_END => Ok(Val::Int(*double as i64)),
        Val::Double(_) => Err(RANGE),
        Val::Timestamp(timestamp) => Ok(Val::Int(timestamp.seconds())),
        _ => match value.str() {
            Some(text) => text.parse().map(Val::Int).map_err(|_| not_readable("an integer", text)),
            None => Err(mismatch("int", &[&value])),
        },
    }
}

fn uint<'v>(value: Val<'v>) -> Res<'v> {
    const RANGE: Fault<'_> = Fault::Static("the number does not fit in an unsigned 64-bit integer");
    match &value {
        Val::Uint(_) => Ok(value),
        Val::Int(int) => u64::try_from(*int).map(Val::Uint).map_err(|_| RANGE),
        Val::Double(double) if *double > -1.0 && *double < UINT_END => Ok(Val::Uint(*double as u64)),
        Val::Double(_) => Err(RANGE),
        _ => match value.str() {
            Some(text) => text.parse().map(Val::Uint).map_err(|_| not_readable("an unsigned integer", text)),
            None => Err(mismatch("uint", &[&value])),
        },
    }
}

fn double<'v>(value: Val<'v>) -> Res<'v> {
    match &value {
        Val::Double(_) => Ok(value),
        Val::Int(int) => Ok(Val::Double(*int as f64)),
        Val::Uint(uint) => Ok(Val::Double(*uint as f64)),
        _ => match value.str() {
            Some(text) => text.parse().map(Val::Double).map_err(|_| not_readable("a number", text)),
            None => Err(mismatch("double", &[&value])),
        },
    }
}

fn string<'v>(value: Val<'v>) -> Res<'v> {
    match &value {
        Val::Str(_) | Val::Text(_) => Ok(value),
        Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Val::text(text)),
            Err(_) => Err(Fault::Static("these bytes are not UTF-8")),
        },
        _ => match scalar(&value) {
            Some(text) => Ok(Val::text(text)),
            None => Err(mismatch("string", &[&value])),
        },
    }
}

/// A boolean, number, time or type as text.
pub(super) fn scalar(value: &Val<'_>) -> Option<String> {
    Some(match value {
        Val::Bool(bool) => bool.to_string(),
        Val::Int(int) => int.to_string(),
        Val::Uint(uint) => uint.to_string(),
        Val::Double(double) => number(*double),
        Val::Timestamp(timestamp) => timestamp.to_string(),
        Val::Duration(nanos) => time::duration_text(*nanos),
        Val::Type(name) => (*name).to_owned(),
        _ => return None,
    })
}

/// A double as people write it: `4`, `0.25`, `1e30`.
pub(super) fn number(double: f64) -> String {
    let size = double.abs();
    if double.is_nan() {
        "NaN".to_owned()
    } else if double.is_infinite() {
        if double > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if size != 0.0 && !(1e-6..1e21).contains(&size) {
        format!("{double:e}")
    } else {
        format!("{double}")
    }
}
