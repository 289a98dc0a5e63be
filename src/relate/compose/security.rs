//! What a service may do to the host.

use super::info::{Ctx, Info};
use super::scope::Scope;
use crate::fact::Value;
use crate::inspect::compose::document::Part;
use crate::span::Span;

/// The values of a service's fact that speak of rights.
pub(super) struct Security<'s> {
    pub(super) is_privileged: Value<'s>,
    pub(super) dangerous: Value<'s>,
    pub(super) strong: Value<'s>,
    pub(super) forbids_escalation: Value<'s>,
    pub(super) unconfined: Value<'s>,
    pub(super) sets_root: Value<'s>,
    pub(super) namespaces: Value<'s>,
    pub(super) devices: Value<'s>,
    pub(super) executable_tmpfs: Value<'s>,
}

/// Capabilities that are as good as root on the host.
const DANGEROUS: [&str; 6] = ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "MAC_ADMIN"];

/// Others that reach beyond the container.
const STRONG: [&str; 11] = [
    "NET_ADMIN",
    "BPF",
    "SYS_PTRACE",
    "SYS_TIME",
    "SYSLOG",
    "SYS_BOOT",
    "PERFMON",
    "MAC_OVERRIDE",
    "LINUX_IMMUTABLE",
    "AUDIT_CONTROL",
    "WAKE_ALARM",
];

/// What `info`'s service may do.
pub(super) fn of<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Security<'s> {
    let (scope, part, at) = (&ctx.set.scope, &info.service.part, info.service.name_at);
    let user = part.get("user").and_then(|user| Some((user, scope.known(user)?)));
    let is_root = |user: &str| matches!(user.split(':').next(), Some("0" | "root"));
    let options = scope.list(part.get("security_opt"));
    let escalation = options.iter().find(|(_, text)| {
        text.strip_prefix("no-new-privileges").is_some_and(|rest| matches!(rest, "" | ":true" | "=true"))
    });
    let unconfined: Vec<Value<'s>> = options
        .iter()
        .filter(|(_, text)| {
            let (name, value) = text.split_once([':', '=']).unwrap_or((text, ""));
            matches!((name, value), ("seccomp" | "apparmor", "unconfined") | ("label", "disable"))
        })
        .map(|(entry, text)| Value::str(text.to_string(), entry.at))
        .collect();
    Security {
        is_privileged: scope.switch(part.get("privileged"), at),
        dangerous: capabilities(part, scope, at, &DANGEROUS),
        strong: capabilities(part, scope, at, &STRONG),
        forbids_escalation: Value::bool(escalation.is_some(), escalation.map_or(at, |(entry, _)| entry.at)),
        unconfined: scope.found(part.get("security_opt"), unconfined, at),
        sets_root: match (part.get("user"), &user) {
            (Some(entry), Some((_, text))) => Value::bool(is_root(text), entry.at),
            (Some(entry), None) => scope.unknown(entry),
            (None, _) => Value::bool(false, at),
        },
        namespaces: namespaces(part, scope, at),
        devices: devices(part, scope, at),
        executable_tmpfs: executable_tmpfs(part, scope, at),
    }
}

fn capabilities<'s>(part: &Part<'s>, scope: &Scope, at: Span, known: &[&str]) -> Value<'s> {
    let added = scope.list(part.get("cap_add")).into_iter().filter_map(|(entry, text)| {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned();
        known.contains(&&*name).then(|| Value::str(name, entry.at))
    });
    scope.found(part.get("cap_add"), added.collect(), at)
}

fn namespaces<'s>(part: &Part<'s>, scope: &Scope, at: Span) -> Value<'s> {
    let keys = [("pid", "pid"), ("ipc", "ipc"), ("uts", "uts"), ("userns_mode", "userns"), ("cgroup", "cgroup")];
    let shared = keys.into_iter().filter_map(|(key, name)| {
        let entry = part.get(key)?;
        (scope.known(entry)? == "host").then(|| Value::str(name, entry.at))
    });
    Value::list(shared.collect(), at)
}

/// Devices that show the memory or the disks of the host.
fn devices<'s>(part: &Part<'s>, scope: &Scope, at: Span) -> Value<'s> {
    let is_dangerous = |device: &str| {
        let Some(name) = device.strip_prefix("/dev/") else { return device == "/dev" };
        let disk = ["sd", "hd", "vd", "xvd", "nvme", "dm-", "md"].iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()) && !rest.contains("net")
            })
        });
        matches!(name, "mem" | "kmem" | "kmsg" | "port" | "mapper" | "disk") || name.starts_with("mapper/") || disk
    };
    let shown = part.get("devices").map_or(&[][..], Part::items).iter().filter_map(|entry| {
        let place = entry.get("source").unwrap_or(entry);
        let text = scope.known(place)?;
        let device = text.split(':').next().unwrap_or(&text).to_owned();
        is_dangerous(&device).then(|| Value::str(device, place.at))
    });
    scope.found(part.get("devices"), shown.collect(), at)
}

fn executable_tmpfs<'s>(part: &Part<'s>, scope: &Scope, at: Span) -> Value<'s> {
    let found = scope.list(part.get("tmpfs")).into_iter().filter_map(|(entry, text)| {
        let (path, options) = text.split_once(':')?;
        let risky = options.split(',').any(|option| matches!(option, "exec" | "suid"));
        risky.then(|| Value::str(path.to_owned(), entry.at))
    });
    Value::list(found.collect(), at)
}
