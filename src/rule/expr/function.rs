//! The functions that conditions may call, one row an overload.

use super::types::{ANY, BOOL, BYTES, DURATION, INT, LIST, MAP, Mask, NUMBER, STRING, TIMESTAMP, Ty};
use super::value::{Fuel, Res, Val};
use super::{convert, domain, format, text, time};

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Type,
    Dyn,
    Time(time::Part),
    CharAt,
    IndexOf,
    LastIndexOf,
    LowerAscii,
    UpperAscii,
    Replace,
    Split,
    Substring,
    Trim,
    Join,
    Format,
    Quote,
    Quantity,
    Glob,
    VersionAtLeast,
    IsIp,
    IpIsLoopback,
    IpIsPrivate,
    OptionalOf,
    OptionalOfNonZero,
    OptionalNone,
    OptionalValue,
}

/// How a function is called, and what it takes and gives.
pub(super) struct Overload {
    pub(super) name: &'static str,
    /// `x.name(…)`: the first parameter is what stands before the dot.
    pub(super) method: bool,
    pub(super) params: &'static [Mask],
    pub(super) result: fn() -> Ty,
    pub(super) function: Function,
}

const fn function(name: &'static str, params: &'static [Mask], result: fn() -> Ty, function: Function) -> Overload {
    Overload { name, method: false, params, result, function }
}

const fn method(name: &'static str, params: &'static [Mask], result: fn() -> Ty, function: Function) -> Overload {
    Overload { name, method: true, params, result, function }
}

fn strings() -> Ty {
    Ty::String.list()
}

const SIZED: Mask = STRING | BYTES | LIST | MAP;
const B: fn() -> Ty = || Ty::Bool;
const I: fn() -> Ty = || Ty::Int;
const S: fn() -> Ty = || Ty::String;

/// Every function and method but the macros, `matches` and those of optionals, which the lowering knows itself.
pub(super) static OVERLOADS: &[Overload] = &[
    function("size", &[SIZED], I, Function::Size),
    method("size", &[SIZED], I, Function::Size),
    method("contains", &[STRING, STRING], B, Function::Contains),
    method("startsWith", &[STRING, STRING], B, Function::StartsWith),
    method("endsWith", &[STRING, STRING], B, Function::EndsWith),
    function("bool", &[BOOL | STRING], B, Function::Bool),
    function("int", &[NUMBER | STRING | TIMESTAMP], I, Function::Int),
    function("uint", &[NUMBER | STRING], || Ty::Uint, Function::Uint),
    function("double", &[NUMBER | STRING], || Ty::Double, Function::Double),
    function("string", &[NUMBER | STRING | BOOL | BYTES | TIMESTAMP | DURATION], S, Function::String),
    function("bytes", &[STRING | BYTES], || Ty::Bytes, Function::Bytes),
    function("timestamp", &[STRING | INT | TIMESTAMP], || Ty::Timestamp, Function::Timestamp),
    function("duration", &[STRING | INT | DURATION], || Ty::Duration, Function::Duration),
    function("type", &[ANY], || Ty::Type, Function::Type),
    function("dyn", &[ANY], || Ty::Dyn, Function::Dyn),
    method("getFullYear", &[TIMESTAMP], I, Function::Time(time::Part::FullYear)),
    method("getFullYear", &[TIMESTAMP, STRING], I, Function::Time(time::Part::FullYear)),
    method("getMonth", &[TIMESTAMP], I, Function::Time(time::Part::Month)),
    method("getMonth", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Month)),
    method("getDate", &[TIMESTAMP], I, Function::Time(time::Part::Date)),
    method("getDate", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Date)),
    method("getDayOfMonth", &[TIMESTAMP], I, Function::Time(time::Part::DayOfMonth)),
    method("getDayOfMonth", &[TIMESTAMP, STRING], I, Function::Time(time::Part::DayOfMonth)),
    method("getDayOfWeek", &[TIMESTAMP], I, Function::Time(time::Part::DayOfWeek)),
    method("getDayOfWeek", &[TIMESTAMP, STRING], I, Function::Time(time::Part::DayOfWeek)),
    method("getDayOfYear", &[TIMESTAMP], I, Function::Time(time::Part::DayOfYear)),
    method("getDayOfYear", &[TIMESTAMP, STRING], I, Function::Time(time::Part::DayOfYear)),
    method("getHours", &[TIMESTAMP | DURATION], I, Function::Time(time::Part::Hours)),
    method("getHours", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Hours)),
    method("getMinutes", &[TIMESTAMP | DURATION], I, Function::Time(time::Part::Minutes)),
    method("getMinutes", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Minutes)),
    method("getSeconds", &[TIMESTAMP | DURATION], I, Function::Time(time::Part::Seconds)),
    method("getSeconds", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Seconds)),
    method("getMilliseconds", &[TIMESTAMP | DURATION], I, Function::Time(time::Part::Milliseconds)),
    method("getMilliseconds", &[TIMESTAMP, STRING], I, Function::Time(time::Part::Milliseconds)),
    method("charAt", &[STRING, INT], S, Function::CharAt),
    method("indexOf", &[STRING, STRING], I, Function::IndexOf),
    method("indexOf", &[STRING, STRING, INT], I, Function::IndexOf),
    method("lastIndexOf", &[STRING, STRING], I, Function::LastIndexOf),
    method("lastIndexOf", &[STRING, STRING, INT], I, Function::LastIndexOf),
    method("lowerAscii", &[STRING], S, Function::LowerAscii),
    method("upperAscii", &[STRING], S, Function::UpperAscii),
    method("replace", &[STRING, STRING, STRING], S, Function::Replace),
    method("replace", &[STRING, STRING, STRING, INT], S, Function::Replace),
    method("split", &[STRING, STRING], strings, Function::Split),
    method("split", &[STRING, STRING, INT], strings, Function::Split),
    method("substring", &[STRING, INT], S, Function::Substring),
    method("substring", &[STRING, INT, INT], S, Function::Substring),
    method("trim", &[STRING], S, Function::Trim),
    method("join", &[LIST], S, Function::Join),
    method("join", &[LIST, STRING], S, Function::Join),
    method("format", &[STRING, LIST], S, Function::Format),
    function("strings.quote", &[STRING], S, Function::Quote),
    function("quantity", &[NUMBER | STRING], || Ty::Double, Function::Quantity),
    function("glob", &[STRING, STRING], B, Function::Glob),
    function("versionAtLeast", &[STRING, STRING], B, Function::VersionAtLeast),
    function("isIP", &[STRING], B, Function::IsIp),
    function("ipIsLoopback", &[STRING], B, Function::IpIsLoopback),
    function("ipIsPrivate", &[STRING], B, Function::IpIsPrivate),
];

/// The types that have a name in conditions: `type(x) == string`.
pub(super) const TYPE_NAMES: [(&str, &str); 11] = [
    ("bool", "bool"),
    ("bytes", "bytes"),
    ("double", "double"),
    ("int", "int"),
    ("list", "list"),
    ("map", "map"),
    ("null_type", "null_type"),
    ("optional_type", "optional_type"),
    ("string", "string"),
    ("type", "type"),
    ("uint", "uint"),
];

/// Calls `function` with flat values.
pub(super) fn call<'v>(function: Function, args: &[Val<'v>], fuel: &mut Fuel) -> Res<'v> {
    match function {
        Function::Bool
        | Function::Int
        | Function::Uint
        | Function::Double
        | Function::String
        | Function::Bytes
        | Function::Timestamp
        | Function::Duration
        | Function::Type
        | Function::Dyn
        | Function::OptionalOf
        | Function::OptionalOfNonZero
        | Function::OptionalNone
        | Function::OptionalValue => convert::call(function, args),
        Function::Time(part) => time::part(part, args),
        Function::Format => format::format(args, fuel),
        Function::Quantity
        | Function::Glob
        | Function::VersionAtLeast
        | Function::IsIp
        | Function::IpIsLoopback
        | Function::IpIsPrivate => domain::call(function, args, fuel),
        _ => text::call(function, args, fuel),
    }
}

/// Which parameters must not be flattened: those that only a place-keeping value makes sense for.
pub(super) fn keeps_place(function: Function) -> bool {
    matches!(function, Function::Dyn | Function::OptionalOf)
}
