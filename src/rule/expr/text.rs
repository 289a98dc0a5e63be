//! Functions on text; positions count characters.

use super::access;
use super::function::Function;
use super::value::{Fault, Fuel, Res, Val, mismatch};

/// Calls a function on text (or `size`) with flat values.
pub(super) fn call<'v>(function: Function, args: &[Val<'v>], fuel: &mut Fuel) -> Res<'v> {
    let wrong = || Err(mismatch(name(function), &args.iter().collect::<Vec<_>>()));
    match function {
        Function::Size => match args.first().and_then(access::size) {
            Some(size) => fuel
                .spend(args.first().map_or(0, access::weight))
                .map(|()| Val::Int(i64::try_from(size).unwrap_or(i64::MAX))),
            None => wrong(),
        },
        Function::Join => join(args, fuel),
        _ => {
            let Some(text) = args.first().and_then(Val::str) else { return wrong() };
            fuel.spend(text.len() / 32)?;
            let done = match args {
                [_] => alone(function, text),
                [_, other] => match other {
                    Val::Int(number) => with_number(function, text, *number),
                    _ => other.str().and_then(|other| with_text(function, text, other, fuel)),
                },
                _ => with_more(function, text, &args[1..], fuel),
            };
            done.unwrap_or_else(wrong)
        }
    }
}

fn name(function: Function) -> &'static str {
    super::function::OVERLOADS.iter().find(|row| row.function == function).map_or("this function", |row| row.name)
}

fn alone<'v>(function: Function, text: &str) -> Option<Res<'v>> {
    Some(Ok(Val::text(match function {
        Function::LowerAscii => text.to_ascii_lowercase(),
        Function::UpperAscii => text.to_ascii_uppercase(),
        Function::Trim => text.trim().to_owned(),
        Function::Quote => quote(text),
        _ => return None,
    })))
}

fn with_text<'v>(function: Function, text: &str, other: &str, fuel: &mut Fuel) -> Option<Res<'v>> {
    Some(match function {
        Function::Contains => Ok(Val::Bool(text.contains(other))),
        Function::StartsWith => Ok(Val::Bool(text.starts_with(other))),
        Function::EndsWith => Ok(Val::Bool(text.ends_with(other))),
        Function::IndexOf => index_of(text, other, 0),
        Function::LastIndexOf => {
            let last = text.rfind(other).map_or(-1, |at| count(&text[..at]));
            Ok(Val::Int(last))
        }
        Function::Split => split(text, other, -1, fuel),
        _ => return None,
    })
}

fn with_number<'v>(function: Function, text: &str, number: i64) -> Option<Res<'v>> {
    Some(match function {
        Function::CharAt => {
            byte_at(text, number).map(|at| Val::text(text[at..].chars().next().map_or(String::new(), String::from)))
        }
        Function::Substring => byte_at(text, number).map(|at| Val::text(&text[at..])),
        _ => return None,
    })
}

fn with_more<'v>(function: Function, text: &str, args: &[Val<'v>], fuel: &mut Fuel) -> Option<Res<'v>> {
    Some(match (function, args) {
        (Function::IndexOf, [other, Val::Int(from)]) => index_of(text, other.str()?, *from),
        (Function::LastIndexOf, [other, Val::Int(from)]) => last_index_of(text, other.str()?, *from),
        (Function::Substring, [Val::Int(from), Val::Int(to)]) => substring(text, *from, *to),
        (Function::Split, [separator, Val::Int(limit)]) => split(text, separator.str()?, *limit, fuel),
        (Function::Replace, [from, to]) => replace(text, from.str()?, to.str()?, -1, fuel),
        (Function::Replace, [from, to, Val::Int(limit)]) => replace(text, from.str()?, to.str()?, *limit, fuel),
        _ => return None,
    })
}

fn count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

fn out_of_range<'v>(index: i64) -> Fault<'v> {
    Fault::Text(format!("the position {index} lies outside the text").into())
}

/// The byte at which character `index` begins; the end of the text is a position too.
fn byte_at<'v>(text: &str, index: i64) -> Res<'v, usize> {
    let position = usize::try_from(index).map_err(|_| out_of_range(index))?;
    let starts = text.char_indices().map(|(at, _)| at).chain(std::iter::once(text.len()));
    starts.into_iter().nth(position).ok_or_else(|| out_of_range(index))
}

fn index_of<'v>(text: &str, other: &str, from: i64) -> Res<'v> {
    let at = byte_at(text, from)?;
    Ok(Val::Int(text[at..].find(other).map_or(-1, |found| count(&text[..at + found]))))
}

fn last_index_of<'v>(text: &str, other: &str, from: i64) -> Res<'v> {
    let at = byte_at(text, from)?;
    // A match may begin at `from` at the latest.
    let end = at.saturating_add(other.len()).min(text.len());
    let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
    let found = text[..end].rmatch_indices(other).map(|(found, _)| found).find(|found| *found <= at);
    Ok(Val::Int(found.map_or(-1, |found| count(&text[..found]))))
}

fn substring<'v>(text: &str, from: i64, to: i64) -> Res<'v> {
    let (start, end) = (byte_at(text, from)?, byte_at(text, to)?);
    match text.get(start..end) {
        Some(part) if start <= end => Ok(Val::text(part)),
        _ => Err(Fault::Text(format!("the part from {from} to {to} of a text is none").into())),
    }
}

fn split<'v>(text: &str, separator: &str, limit: i64, fuel: &mut Fuel) -> Res<'v> {
    fuel.spend(text.len())?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: Vec<Val<'v>> = if separator.is_empty() {
        // Like Go: every character is a part, without empty ones at the ends; the last part holds the rest.
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(limit).chain([text.len()]).collect();
        let end = |next: usize, index: usize| if index + 1 == limit { text.len() } else { next };
        let pairs = starts.windows(2).enumerate();
        pairs.map(|(index, pair)| Val::text(&text[pair[0]..end(pair[1], index)])).collect()
    } else if limit == 0 {
        Vec::new()
    } else {
        text.splitn(limit, separator).map(Val::text).collect()
    };
    Ok(Val::List(parts.into()))
}

fn replace<'v>(text: &str, from: &str, to: &str, limit: i64, fuel: &mut Fuel) -> Res<'v> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let times = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() }.min(limit);
    fuel.spend(times.saturating_mul(to.len()).saturating_add(text.len()) / 4)?;
    Ok(Val::text(text.replacen(from, to, limit)))
}

fn join<'v>(args: &[Val<'v>], fuel: &mut Fuel) -> Res<'v> {
    let separator = args.get(1).map_or(Some(""), Val::str);
    let items = args.first().and_then(access::elements);
    let (Some(separator), Some(items)) = (separator, items) else {
        return Err(mismatch("join", &args.iter().collect::<Vec<_>>()));
    };
    let mut out = String::new();
    for (index, item) in items.into_iter().enumerate() {
        let item = item.flat()?;
        let Some(text) = item.str() else { return Err(mismatch("join", &[&item])) };
        fuel.spend((text.len() + separator.len()) / 4 + 1)?;
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(text);
    }
    Ok(Val::text(out))
}

/// The text as a literal of CEL.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
