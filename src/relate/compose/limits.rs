//! Restarts, resources and logs of a service.

use super::info::{Ctx, Info};
use super::scope::Scope;
use crate::fact::{Data, Value};
use crate::inspect::compose::document::{Form, Part};

/// The values of a service's fact that speak of how it is run.
pub(super) struct Limits<'s> {
    pub(super) restart: Value<'s>,
    pub(super) restarts: Value<'s>,
    pub(super) restart_is_bounded: Value<'s>,
    pub(super) memory: Value<'s>,
    pub(super) has_limits: Value<'s>,
    pub(super) has_pids: Value<'s>,
    pub(super) log_driver: Value<'s>,
    pub(super) log_is_bounded: Value<'s>,
    pub(super) has_no_replicas: bool,
}

/// How `info`'s service is run.
pub(super) fn of<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Limits<'s> {
    let (scope, part, at) = (&ctx.set.scope, &info.service.part, info.service.name_at);
    let restart = restart(part);
    let policy = restart.and_then(|restart| scope.known(restart));
    let restarts = match (restart, restarts(part, scope)) {
        (None, known) => Value::bool(known == Some(true), at),
        (Some(entry), Some(known)) => Value::bool(known, entry.at),
        (Some(entry), None) => scope.unknown(entry),
    };
    let bounded = policy.as_deref().is_some_and(|text| text.starts_with("on-failure:"))
        || part.at_path(&["deploy", "restart_policy", "max_attempts"]).is_some();
    let memory = memory(part);
    let bytes = memory.and_then(|memory| bytes(&scope.known(memory)?));
    let cpu = part.get("cpus").or_else(|| part.at_path(&["deploy", "resources", "limits", "cpus"]));
    let cpu = cpu.or_else(|| part.get("cpu_quota"));
    let pids = part.get("pids_limit").or_else(|| part.at_path(&["deploy", "resources", "limits", "pids"]));
    let driver = part.at_path(&["logging", "driver"]);
    let driver_name = driver.and_then(|driver| scope.known(driver));
    let logging = part.get("logging");
    let replicas = part.get("scale").or_else(|| part.at_path(&["deploy", "replicas"]));
    Limits {
        restart: Value::option(policy.map(Data::Str), restart.map_or(at, |entry| entry.at)),
        restarts,
        restart_is_bounded: Value::bool(bounded, restart.map_or(at, |entry| entry.at)),
        memory: match (memory, bytes) {
            (Some(entry), Some(bytes)) => Value::int(bytes, entry.at),
            (Some(entry), None) if scope.known(entry).is_none() => scope.unknown(entry),
            _ => Value::absent(at),
        },
        has_limits: Value::bool(memory.is_some() || cpu.is_some(), at),
        has_pids: Value::bool(pids.is_some(), at),
        log_is_bounded: Value::bool(is_bounded(part, driver_name.as_deref()), logging.map_or(at, |one| one.key_at)),
        log_driver: scope.value(driver, at),
        has_no_replicas: replicas.is_some_and(|replicas| scope.known(replicas).is_some_and(|count| count == "0")),
    }
}

/// When a service is started again, as it is written.
fn restart<'p, 's>(part: &'p Part<'s>) -> Option<&'p Part<'s>> {
    part.get("restart").or_else(|| part.at_path(&["deploy", "restart_policy", "condition"]))
}

/// Whether a service is started again after it ended; nothing when a variable decides.
pub(super) fn restarts(part: &Part<'_>, scope: &Scope) -> Option<bool> {
    match restart(part) {
        None => Some(part.at_path(&["deploy", "restart_policy"]).is_some()),
        Some(entry) => scope.known(entry).map(|text| !matches!(&*text, "no" | "none" | "false" | "")),
    }
}

/// The memory limit as it is written.
pub(super) fn memory<'p, 's>(part: &'p Part<'s>) -> Option<&'p Part<'s>> {
    part.get("mem_limit").or_else(|| part.at_path(&["deploy", "resources", "limits", "memory"]))
}

/// Heaps that are told to grow to the memory limit or beyond, each as it is written.
pub(super) fn heaps<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Value<'s> {
    let (scope, part, at) = (&ctx.set.scope, &info.service.part, info.service.name_at);
    let limit = memory(part).and_then(|memory| bytes(&scope.known(memory)?));
    let Some(limit) = limit else { return Value::list(Vec::new(), at) };
    let environment = part.get("environment").map_or(&[][..], Part::entries).iter();
    let commands = ["entrypoint", "command"].into_iter().filter_map(|key| part.get(key)).flat_map(Part::scalars);
    let mut found = Vec::new();
    for one in environment.chain(commands) {
        let Some(text) = scope.known(one).filter(|_| one.is_scalar()) else { continue };
        for word in text.split(|c: char| c.is_whitespace() || c == ',') {
            let size = match one.key {
                "GOMEMLIMIT" => bytes(word),
                _ => heap(word.trim_matches(['"', '\''])),
            };
            if size.is_some_and(|size| size >= limit) {
                found.push(Value::str(word.to_owned(), one.at));
            }
        }
    }
    Value::list(found, at)
}

/// The size of a heap that a flag of a runtime sets.
pub(in crate::relate) fn heap(word: &str) -> Option<i64> {
    if let Some(size) = word.strip_prefix("-Xmx").or_else(|| word.strip_prefix("-XX:MaxHeapSize=")) {
        return bytes(size);
    }
    let megabytes =
        word.strip_prefix("--max-old-space-size=").or_else(|| word.strip_prefix("--max_old_space_size="))?;
    megabytes.parse::<i64>().ok()?.checked_mul(1 << 20)
}

/// Whether the log has a greatest size: options say so, the driver bounds it by itself, or it goes elsewhere.
fn is_bounded(part: &Part<'_>, driver: Option<&str>) -> bool {
    match driver {
        None | Some("json-file") => part.at_path(&["logging", "options", "max-size"]).is_some(),
        Some(_) => true,
    }
}

/// `512m`, `1.5GB`, `1073741824` as bytes, by the rules of the engine: powers of 1024.
pub(in crate::relate) fn bytes(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor = match unit.trim().trim_end_matches("ib").trim_end_matches('b') {
        "" => 1_i64,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        _ => return None,
    };
    let value = number * factor as f64;
    (0.0..9e18).contains(&value).then_some(value as i64)
}

/// Whether a switch of a service is on.
pub(super) fn is_on(part: Option<&Part<'_>>) -> bool {
    part.is_some_and(|part| part.form == Form::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::{bytes, heap};

    #[test]
    fn heaps_are_read() {
        assert_eq!(heap("-Xmx2g"), Some(2 << 30));
        assert_eq!(heap("--max-old-space-size=512"), Some(512 << 20));
        for word in ["-Xms1g", "-Xmx", "-XX:MaxRAMPercentage=75", "--max-old-space-size=9223372036854775807"] {
            assert_eq!(heap(word), None, "{word}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("512m"), Some(512 << 20));
        assert_eq!(bytes("1.5GB"), Some(3 << 29));
        assert_eq!(bytes("60MiB"), Some(60 << 20));
        assert_eq!(bytes("1073741824"), Some(1 << 30));
        for text in ["", "m", "5x", "1.2.3m", "1e400g"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
