//! `+ - * / %` on numbers of one type, text, bytes, lists and times. Overflow is a fault.

use super::access;
use super::parse::Binary;
use super::time;
use super::value::{Fault, Fuel, Res, Val, mismatch};

const OVERFLOW: Fault<'static> = Fault::Static("the result does not fit in 64 bits");
const BY_ZERO: Fault<'static> = Fault::Static("division by zero");

/// `-x`.
pub(super) fn negate<'v>(value: Val<'v>) -> Res<'v> {
    match value {
        Val::Int(int) => int.checked_neg().map(Val::Int).ok_or(OVERFLOW),
        Val::Double(double) => Ok(Val::Double(-double)),
        other => Err(mismatch("-", &[&other])),
    }
}

/// `left operator right` on flat values.
pub(super) fn binary<'v>(operator: Binary, left: &Val<'v>, right: &Val<'v>, fuel: &mut Fuel) -> Res<'v> {
    let wrong = || Err(mismatch(operator.text(), &[left, right]));
    match (left, right) {
        (Val::Int(left), Val::Int(right)) => integer(operator, *left, *right),
        (Val::Uint(left), Val::Uint(right)) => unsigned(operator, *left, *right),
        (Val::Double(left), Val::Double(right)) => match operator {
            Binary::Add => Ok(Val::Double(left + right)),
            Binary::Subtract => Ok(Val::Double(left - right)),
            Binary::Multiply => Ok(Val::Double(left * right)),
            Binary::Divide => Ok(Val::Double(left / right)),
            _ => wrong(),
        },
        _ => match operator {
            Binary::Add => match time::add(left, right) {
                Some(sum) => sum,
                None => concatenated(left, right, fuel)?.map_or_else(wrong, Ok),
            },
            Binary::Subtract => time::subtract(left, right).unwrap_or_else(wrong),
            _ => wrong(),
        },
    }
}

fn integer<'v>(operator: Binary, left: i64, right: i64) -> Res<'v> {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        _ if right == 0 => return Err(BY_ZERO),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.map(Val::Int).ok_or(OVERFLOW)
}

fn unsigned<'v>(operator: Binary, left: u64, right: u64) -> Res<'v> {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        _ if right == 0 => return Err(BY_ZERO),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    result.map(Val::Uint).ok_or(OVERFLOW)
}

/// Text, bytes or lists one after the other; `None` if they are something else.
fn concatenated<'v>(left: &Val<'v>, right: &Val<'v>, fuel: &mut Fuel) -> Res<'v, Option<Val<'v>>> {
    if let (Some(left), Some(right)) = (left.str(), right.str()) {
        fuel.spend((left.len() + right.len()) / 4)?;
        return Ok(Some(Val::text(format!("{left}{right}"))));
    }
    if let (Val::Bytes(left), Val::Bytes(right)) = (left, right) {
        fuel.spend((left.len() + right.len()) / 4)?;
        return Ok(Some(Val::Bytes([&**left, &**right].concat().into())));
    }
    if let (Some(mut left), Some(right)) = (access::elements(left), access::elements(right)) {
        fuel.spend(left.len() + right.len())?;
        left.extend(right);
        return Ok(Some(Val::List(left.into())));
    }
    Ok(None)
}
