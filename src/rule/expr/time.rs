//! Points in time and spans of time.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::value::{Fault, Res, Val, mismatch};

/// A part of a date, a time of day or a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    FullYear,
    /// From 0.
    Month,
    /// Day of the month from 1.
    Date,
    /// Day of the month from 0.
    DayOfMonth,
    /// From 0, Sunday.
    DayOfWeek,
    /// From 0.
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

/// A point in time within the years 1 to 9999. (`jiff::Timestamp` ends a day earlier.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    seconds: i64,
    /// From 0 to 999,999,999.
    nanos: i32,
}

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds.
const FIRST_SECOND: i64 = -62_135_596_800;
const LAST_SECOND: i64 = 253_402_300_799;

const NANOS: i128 = 1_000_000_000;
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Time {
    fn new<'v>(nanos: i128) -> Res<'v, Time> {
        let (Ok(seconds), Ok(rest)) = (i64::try_from(nanos.div_euclid(NANOS)), i32::try_from(nanos.rem_euclid(NANOS)))
        else {
            return Err(TIME_RANGE);
        };
        let inside = (FIRST_SECOND..=LAST_SECOND).contains(&seconds);
        if inside { Ok(Time { seconds, nanos: rest }) } else { Err(TIME_RANGE) }
    }

    /// Whole seconds since 1970.
    pub(super) fn seconds(self) -> i64 {
        self.seconds
    }

    fn nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    /// The date and time of day where the clock shows `offset` seconds more than UTC.
    fn civil<'v>(self, offset: i32) -> Res<'v, DateTime> {
        let seconds = self.seconds + i64::from(offset);
        EPOCH.checked_add(SignedDuration::new(seconds, self.nanos)).map_err(|_| TIME_RANGE)
    }

    fn parse<'v>(text: &str) -> Res<'v, Time> {
        const BAD: Fault<'static> = Fault::Static("a point in time is written like `2027-01-31T00:00:00Z`");
        let (civil, offset) = match text.strip_suffix(['Z', 'z']) {
            Some(civil) => (civil, 0),
            None => {
                let at = text.rfind(['+', '-']).filter(|at| *at > 10).ok_or(BAD)?;
                let (civil, zone) = text.split_at(at);
                (civil, offset_seconds(zone).ok_or(BAD)?)
            }
        };
        if !civil.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't')) {
            return Err(BAD);
        }
        let since = civil.parse::<DateTime>().map_err(|_| BAD)?.duration_since(EPOCH);
        Time::new(since.as_nanos() - i128::from(offset) * NANOS)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil(0) {
            Ok(civil) => write!(f, "{civil}Z"),
            Err(_) => write!(f, "{}s", self.seconds),
        }
    }
}

const TIME_RANGE: Fault<'static> = Fault::Static("the time lies outside the years 1 to 9999");
const DURATION_RANGE: Fault<'static> = Fault::Static("the duration is longer than 292 years");
const BAD_DURATION: Fault<'static> = Fault::Static("a duration is written like `72h` or `1h30m`");

/// `timestamp(x)`.
pub(super) fn timestamp<'v>(value: Val<'v>) -> Res<'v> {
    match &value {
        Val::Timestamp(_) => Ok(value),
        Val::Int(seconds) => Time::new(i128::from(*seconds) * NANOS).map(Val::Timestamp),
        _ => match value.str() {
            Some(text) => Time::parse(text).map(Val::Timestamp),
            None => Err(mismatch("timestamp", &[&value])),
        },
    }
}

/// `duration(x)`: Go's notation, or whole seconds.
pub(super) fn duration<'v>(value: Val<'v>) -> Res<'v> {
    match &value {
        Val::Duration(_) => Ok(value),
        Val::Int(seconds) => seconds.checked_mul(1_000_000_000).map(Val::Duration).ok_or(DURATION_RANGE),
        _ => match value.str() {
            Some(text) => parse_duration(text),
            None => Err(mismatch("duration", &[&value])),
        },
    }
}

fn parse_duration<'v>(text: &str) -> Res<'v> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(Val::Duration(0));
    }
    if rest.is_empty() {
        return Err(BAD_DURATION);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(BAD_DURATION)?;
        let (number, tail) = rest.split_at(end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        total = total.saturating_add(scaled(number, unit).ok_or(BAD_DURATION)?);
        rest = tail;
    }
    let nanos = if negative { -total } else { total };
    i64::try_from(nanos).map(Val::Duration).map_err(|_| DURATION_RANGE)
}

fn scaled(number: &str, unit: &str) -> Option<i128> {
    let scale: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') || whole.len() > 19 {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole * scale;
    let mut unit = scale;
    for digit in fraction.bytes() {
        unit /= 10;
        total += i128::from(digit - b'0') * unit;
    }
    Some(total)
}

/// A duration as text, in seconds.
pub(super) fn duration_text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    if rest == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{rest:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}

/// `left + right` where one is a time or a span of time.
pub(super) fn add<'v>(left: &Val<'v>, right: &Val<'v>) -> Option<Res<'v>> {
    Some(match (left, right) {
        (Val::Timestamp(time), Val::Duration(nanos)) | (Val::Duration(nanos), Val::Timestamp(time)) => {
            shifted(*time, i128::from(*nanos))
        }
        (Val::Duration(left), Val::Duration(right)) => {
            left.checked_add(*right).map(Val::Duration).ok_or(DURATION_RANGE)
        }
        _ => return None,
    })
}

/// `left - right` where one is a time or a span of time.
pub(super) fn subtract<'v>(left: &Val<'v>, right: &Val<'v>) -> Option<Res<'v>> {
    Some(match (left, right) {
        (Val::Timestamp(time), Val::Duration(nanos)) => shifted(*time, -i128::from(*nanos)),
        (Val::Timestamp(left), Val::Timestamp(right)) => {
            let nanos = left.nanos() - right.nanos();
            i64::try_from(nanos).map(Val::Duration).map_err(|_| DURATION_RANGE)
        }
        (Val::Duration(left), Val::Duration(right)) => {
            left.checked_sub(*right).map(Val::Duration).ok_or(DURATION_RANGE)
        }
        _ => return None,
    })
}

fn shifted<'v>(time: Time, nanos: i128) -> Res<'v> {
    Time::new(time.nanos() + nanos).map(Val::Timestamp)
}

/// `x.getHours()` and its kin; a second argument names the time zone.
pub(super) fn part<'v>(part: Part, args: &[Val<'v>]) -> Res<'v> {
    match args {
        [Val::Duration(nanos)] => of_duration(part, *nanos, &args[0]),
        [Val::Timestamp(time)] => of_time(part, time.civil(0)?),
        [Val::Timestamp(time), zone] => match zone.str() {
            Some(zone) => of_time(part, time.civil(offset(zone, *time)?)?),
            None => Err(mismatch("a time zone", &[zone])),
        },
        _ => Err(mismatch("a part of a time", &args.iter().collect::<Vec<_>>())),
    }
}

fn of_duration<'v>(part: Part, nanos: i64, value: &Val<'v>) -> Res<'v> {
    Ok(Val::Int(match part {
        Part::Hours => nanos / 3_600_000_000_000,
        Part::Minutes => nanos / 60_000_000_000,
        Part::Seconds => nanos / 1_000_000_000,
        Part::Milliseconds => nanos / 1_000_000,
        _ => return Err(mismatch("a part of a date", &[value])),
    }))
}

fn of_time<'v>(part: Part, time: DateTime) -> Res<'v> {
    Ok(Val::Int(match part {
        Part::FullYear => time.year().into(),
        Part::Month => i64::from(time.month()) - 1,
        Part::Date => time.day().into(),
        Part::DayOfMonth => i64::from(time.day()) - 1,
        Part::DayOfWeek => time.weekday().to_sunday_zero_offset().into(),
        Part::DayOfYear => i64::from(time.day_of_year()) - 1,
        Part::Hours => time.hour().into(),
        Part::Minutes => time.minute().into(),
        Part::Seconds => time.second().into(),
        Part::Milliseconds => time.millisecond().into(),
    }))
}

/// `+02:00`, `02:00` or `-02:30` in seconds.
fn offset_seconds(text: &str) -> Option<i32> {
    let negative = text.starts_with('-');
    let (hours, minutes) = text.strip_prefix(['+', '-']).unwrap_or(text).split_once(':')?;
    let number = |digits: &str| digits.parse::<i32>().ok().filter(|_| digits.len() == 2 && digits != "-0");
    let seconds = number(hours)? * 3600 + number(minutes)? * 60;
    let offset = Offset::from_seconds(if negative { -seconds } else { seconds }).ok()?;
    Some(offset.seconds())
}

/// What a time zone's clock shows more than UTC: `Europe/Berlin` (from the table in the binary), `UTC` or `+02:00`.
fn offset<'v>(zone: &str, time: Time) -> Res<'v, i32> {
    const UNKNOWN: Fault<'static> = Fault::Static("there is no such time zone");
    if zone.contains(':') {
        return offset_seconds(zone).ok_or(UNKNOWN);
    }
    let zone = TimeZone::get(zone).map_err(|_| UNKNOWN)?;
    let time = Timestamp::new(time.seconds, time.nanos).unwrap_or(Timestamp::MAX);
    Ok(zone.to_offset(time).seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_any_offset() {
        let shown = |text| Time::parse(text).map(|time| time.to_string()).ok();
        assert_eq!(shown("2027-01-31T01:00:00+02:00").as_deref(), Some("2027-01-30T23:00:00Z"));
        assert_eq!(shown("9999-12-31T23:59:59.999999999Z").as_deref(), Some("9999-12-31T23:59:59.999999999Z"));
        assert_eq!(shown("2024-02-29T00:00:00z").as_deref(), Some("2024-02-29T00:00:00Z"));
        for text in ["", "2027-01-31", "2027-01-31T00:00:00", "2023-02-29T00:00:00Z", "0001-01-01T00:00:00+01:00", "Z"]
        {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }

    #[test]
    fn durations_are_read_and_written() {
        let shown = |text| match parse_duration(text) {
            Ok(Val::Duration(nanos)) => Some(duration_text(nanos)),
            _ => None,
        };
        assert_eq!(shown("1h30m").as_deref(), Some("5400s"));
        assert_eq!(shown("-1.5s").as_deref(), Some("-1.5s"));
        assert_eq!(shown("250ms").as_deref(), Some("0.25s"));
        for text in ["", "-", "1", "h", "1.2.3s", "1 h", "9999999999h", "１s"] {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }
}
