//! Cron schedules as the CronJob controller reads them.

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

struct Unit {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const UNITS: [Unit; 5] = [
    Unit { name: "minute", least: 0, most: 59, names: &[] },
    Unit { name: "hour", least: 0, most: 23, names: &[] },
    Unit { name: "day of the month", least: 1, most: 31, names: &[] },
    Unit { name: "month", least: 1, most: 12, names: &MONTHS },
    Unit { name: "day of the week", least: 0, most: 6, names: &DAYS },
];

/// What is wrong with a schedule.
pub(crate) fn problem(schedule: &str) -> Option<String> {
    let text = schedule.trim();
    if text.contains("TZ=") {
        return Some("a time zone belongs into `timeZone`".to_owned());
    }
    if let Some(name) = text.strip_prefix('@') {
        let known = matches!(name, "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly");
        let every = name.strip_prefix("every ").is_some_and(is_duration);
        return (!known && !every).then(|| "no such shorthand".to_owned());
    }
    let fields: Vec<&str> = text.split_whitespace().take(7).collect();
    if fields.len() != UNITS.len() {
        return Some(format!("five fields are needed, {} are there", fields.len()));
    }
    UNITS.iter().zip(fields).find_map(|(unit, field)| field.split(',').find_map(|part| part_problem(unit, part)))
}

fn part_problem(unit: &Unit, part: &str) -> Option<String> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    if let Some(step) = step
        && !step.parse::<u32>().is_ok_and(|step| step > 0)
    {
        return Some(format!("the step of the {} is no number above 0", unit.name));
    }
    if range == "*" || range == "?" {
        return None;
    }
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    match (value(unit, first), value(unit, last)) {
        (Some(first), Some(last)) if first <= last => None,
        (Some(_), Some(_)) => Some(format!("the range of the {} runs backwards", unit.name)),
        _ => Some(format!("the {} goes from {} to {}", unit.name, unit.least, unit.most)),
    }
}

fn value(unit: &Unit, text: &str) -> Option<u32> {
    if let Some(index) = unit.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
        return u32::try_from(index).ok().map(|index| index + unit.least);
    }
    let number = text.parse::<u32>().ok()?;
    (unit.least..=unit.most).contains(&number).then_some(number)
}

fn is_duration(text: &str) -> bool {
    let mut rest = text.trim();
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit = &rest[digits..];
        let known = ["ms", "us", "ns", "h", "m", "s"].iter().find(|known| unit.starts_with(**known));
        match known {
            Some(known) if digits > 0 => rest = &unit[known.len()..],
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_controller_accepts() {
        for schedule in [
            "*/5 * * * *",
            "0 0 1 1 ?",
            "0 9-17 * * mon-FRI",
            "@daily",
            "@every 1h30m",
            "0 0 * JAN,jul 0",
            "5/15 * * * *",
        ] {
            assert_eq!(problem(schedule), None, "{schedule}");
        }
    }

    #[test]
    fn what_it_refuses() {
        for schedule in [
            "61 25 * * *",
            "* * * *",
            "0 0 0 * *",
            "* * * * 7",
            "TZ=UTC 0 0 * * *",
            "@fortnightly",
            "*/0 * * * *",
            "5-1 * * * *",
            "@every x",
            "a * * * *",
            "",
        ] {
            assert!(problem(schedule).is_some(), "{schedule}");
        }
    }
}
