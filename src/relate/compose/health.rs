//! Health checks: what they prove, and how long they wait.

use super::info::{Ctx, Info};
use super::scope::Scope;
use super::subjects::Health;
use crate::fact::{Data, Fact, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::span::Span;

/// Whether a check is switched off.
pub(super) fn is_off(check: &Part<'_>) -> bool {
    let none = check.get("test").is_some_and(|test| {
        let first = test.items().first().unwrap_or(test);
        first.raw == "NONE"
    });
    none || super::limits::is_on(check.get("disable"))
}

/// The fact of the check of `info`'s service, if it has one of its own.
pub(super) fn relate<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, found: &mut Vec<Fact<'s>>) {
    let Some(check) = info.service.part.get("healthcheck").filter(|check| !is_off(check)) else { return };
    let Some(test) = check.get("test") else { return };
    let (at, scope) = (test.at, &ctx.set.scope);
    let text = command(test, scope);
    let flaw = text.as_deref().and_then(flaw);
    let waiting: Vec<Value<'s>> = waiting(ctx, info).into_iter().map(|name| Value::str(name, at)).collect();
    let setup = text.as_deref().is_some_and(|text| passes_during_setup(info, text));
    let patience = patience(check, scope);
    let fact = Health {
        service: Value::str(info.service.name, at),
        accepts_anything: match &text {
            Some(_) => Value::bool(flaw.is_some(), at),
            None => scope.unknown(test.scalars().into_iter().find(|one| one.raw.contains('$')).unwrap_or(test)),
        },
        flaw: Value::option(flaw.map(|flaw| Data::Str(flaw.into())), at),
        passes_during_setup: Value::bool(setup, at),
        is_valid: Value::bool(is_valid(test), at),
        patience: Value::option(patience.map(Data::Int), place(check)),
        has_start_period: Value::bool(check.get("start_period").is_some(), place(check)),
        is_slow_starter: Value::bool(is_slow_starter(info), at),
        waiting: Value::list(waiting, at),
    };
    let path = format!("services/{}/healthcheck", info.service.name);
    found.push(ctx.state(at, path, |at, path, role| fact.fact(at, path, role)));
}

fn place(check: &Part<'_>) -> Span {
    check.get("retries").or_else(|| check.get("interval")).map_or(check.key_at, |part| part.at)
}

/// A list must begin with how it is run.
fn is_valid(test: &Part<'_>) -> bool {
    match (&test.form, test.items().first()) {
        (Form::List(_), Some(first)) => matches!(first.raw, "CMD" | "CMD-SHELL" | "NONE") || first.raw.contains('$'),
        (Form::List(_), None) => false,
        _ => true,
    }
}

/// The command as one text, where all of it is known.
fn command(test: &Part<'_>, scope: &Scope) -> Option<String> {
    if test.is_scalar() {
        return scope.known(test).map(std::borrow::Cow::into_owned);
    }
    let words: Option<Vec<_>> = test.items().iter().skip(1).map(|one| scope.known(one)).collect();
    words.map(|words| words.join(" "))
}

/// Why a command always succeeds, if it does.
fn flaw(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let (before, last) = text.rsplit_once("||").map_or(("", text), |(before, last)| (before, last.trim()));
    // `exit 1` on the way ends it there.
    let may_fail = before.split("exit ").skip(1).any(|rest| rest.starts_with(|c: char| matches!(c, '1'..='9' | '$')));
    if !before.is_empty() && !may_fail && matches!(last, "true" | "exit 0" | ":") {
        return Some("what follows `||` succeeds");
    }
    // A pipe, a comparison or a test decides by what is in the answer.
    if text.contains(['|', '<', '>', '[']) || text.contains("$(") || text.contains("&&") {
        return None;
    }
    if matches!(text, "true" | "exit 0" | ":" | "/bin/true") || text.starts_with("echo ") && !text.contains("/dev/tcp")
    {
        return Some("it asks nothing");
    }
    let mut words = text.split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    if program != "curl" {
        return None;
    }
    let fails = words.any(|word| {
        let short = word.starts_with('-') && !word.starts_with("--") && word.contains('f');
        short || word == "--fail" || word == "--fail-with-body"
    });
    (!fails).then_some("curl without --fail takes an error page for success")
}

/// PostgreSQL and MySQL run a first server, on the socket only, that sets them up; a check by the socket finds it.
fn passes_during_setup(info: &Info<'_, '_>, text: &str) -> bool {
    let Some(known) = info.known.as_ref() else { return false };
    let mounts = info.service.part.get("volumes").map_or(&[][..], Part::items);
    let has_scripts =
        mounts.iter().any(|entry| entry.scalars().iter().any(|one| one.raw.contains("/docker-entrypoint-initdb.d")));
    let words: Vec<&str> = text.split_whitespace().collect();
    let names_host = words.iter().any(|word| {
        word.starts_with("-h") || word.starts_with("--host") || word.contains("127.0.0.1") || word.contains("protocol")
    });
    let asks = match known.product.id.as_str() {
        "postgres" => text.contains("pg_isready"),
        "mysql" | "mariadb" => text.contains("mysqladmin ping") || text.contains("mysqladmin  ping"),
        _ => false,
    };
    has_scripts && asks && !names_host
}

/// Seconds after the start before the service counts as unhealthy.
fn patience(check: &Part<'_>, scope: &Scope) -> Option<i64> {
    let time = |key: &str, default: i64| match check.get(key) {
        Some(part) => seconds(&scope.known(part)?),
        None => Some(default),
    };
    let retries = match check.get("retries") {
        Some(part) => scope.known(part)?.trim().parse().ok()?,
        None => 3_i64,
    };
    let window = time("interval", 30)?.checked_mul(retries)?;
    time("start_period", 0)?.checked_add(window)
}

/// `1m30s`, `500ms`, `10s` in whole seconds.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0.0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|at| *at > 0)?;
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match rest.get(..unit)? {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * factor;
        rest = rest.get(unit..)?;
    }
    (total.is_finite() && total < 1e12).then_some(total as i64)
}

/// A JVM, by the image, the product, or the variables.
fn is_slow_starter(info: &Info<'_, '_>) -> bool {
    let image = info.reference.as_deref().unwrap_or_default().to_ascii_lowercase();
    let base = info.known.as_ref().map_or("", |known| known.product.id.as_str());
    let entries = info.service.part.get("environment").map_or(&[][..], Part::entries);
    let by_variable = entries.iter().any(|entry| {
        entry.key.starts_with("SPRING_") || matches!(entry.key, "JAVA_OPTS" | "JAVA_TOOL_OPTIONS" | "_JAVA_OPTIONS")
    });
    by_variable
        || image.contains("spring")
        || image.contains("java")
        || matches!(base, "keycloak" | "elasticsearch" | "opensearch" | "cassandra" | "eclipse-temurin" | "openjdk")
}

/// Services that wait until the check passes.
fn waiting<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Vec<&'s str> {
    let waits = |name: &&&str| {
        let entry = ctx.info(name).and_then(|other| other.service.part.at_path(&["depends_on", info.service.name]));
        entry.and_then(|entry| entry.get("condition")).is_some_and(|condition| condition.raw == "service_healthy")
    };
    info.dependants.iter().filter(waits).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::{flaw, seconds};

    #[test]
    fn commands_that_cannot_fail() {
        for text in [
            "curl http://localhost",
            "curl -I http://a:8888",
            "curl -s http://a",
            "true",
            "wget a || exit 0",
            "echo ok",
        ] {
            assert!(flaw(text).is_some(), "{text}");
        }
        for text in [
            "curl -f http://localhost",
            "status | grep -q 'not running' && exit 1 || exit 0",
            "curl -sSf http://a || exit 1",
            "curl --fail http://a",
            "curl -s http://a/_cluster/health | grep -E '\"status\":\"(green|yellow)\"'",
            "wget -q --spider http://a",
            "echo > /dev/tcp/localhost/80",
            "echo ruok | nc localhost 2181",
            "pg_isready",
            "[ \"$(curl -s http://a)\" = ok ]",
        ] {
            assert_eq!(flaw(text), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(seconds("1m30s"), Some(90));
        assert_eq!(seconds("1500ms"), Some(1));
        assert_eq!(seconds("2h"), Some(7200));
        for text in ["", "s", "5", "5x", "-1s", "1.2.3s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
