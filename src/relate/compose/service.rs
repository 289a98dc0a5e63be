//! Services of an end state, and their images.

use std::collections::{HashMap, HashSet};

use super::info::{Ctx, Info};
use super::scope::Scope;
use super::subjects::{Image, Service};
use super::{limits, needs, security, words};
use crate::fact::{Data, Fact, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::inspect::compose::interpolate::{Otherwise, Piece, pieces};
use crate::inspect::kubernetes::image::Reference;
use crate::span::Span;

/// Names that several services of an end state share.
pub(super) struct Shared {
    /// Fixed names of containers.
    containers: HashMap<String, Vec<String>>,
    /// Image names that are built here.
    built: HashSet<String>,
    /// Services that run for ever, and those of them that are started again.
    staying: usize,
    restarting: usize,
}

impl Shared {
    pub(super) fn new(ctx: &Ctx<'_, '_, '_>) -> Self {
        let mut shared = Self { containers: HashMap::new(), built: HashSet::new(), staying: 0, restarting: 0 };
        for info in ctx.all() {
            let part = &info.service.part;
            if info.runs_forever() {
                shared.staying += 1;
                shared.restarting += usize::from(limits::restarts(part, &ctx.set.scope) == Some(true));
            }
            if let Some(name) = part.get("container_name").and_then(|part| ctx.set.scope.known(part)) {
                shared.containers.entry(name.into_owned()).or_default().push(info.service.name.to_owned());
            }
            if let (Some(reference), true) = (&info.reference, part.get("build").is_some()) {
                shared.built.insert(reference.to_string());
            }
        }
        shared
    }
}

/// The order in which most people write the keys of a service.
const ORDER: [&str; 14] = [
    "image",
    "build",
    "container_name",
    "depends_on",
    "volumes",
    "env_file",
    "environment",
    "ports",
    "networks",
    "command",
    "restart",
    "healthcheck",
    "deploy",
    "logging",
];

/// The fact of a service.
pub(super) fn fact<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, shared: &Shared) -> Fact<'s> {
    let (scope, part, at) = (&ctx.set.scope, &info.service.part, info.service.name_at);
    let key = |key: &str| part.get(key).map_or(at, |part| part.key_at);
    let security = security::of(ctx, info);
    let limits = limits::of(ctx, info);
    let image_text = info.reference.as_deref().unwrap_or_else(|| part.get("image").map_or("", |image| image.raw));
    let container = scope.value(part.get("container_name"), at);
    let checked = match info.is_checked() {
        Some(checked) => Value::bool(checked, key("healthcheck")),
        None => Value::absent(at),
    };
    let texts = |names: Vec<String>| Value::list(names.into_iter().map(|name| Value::str(name, at)).collect(), at);
    let service = Service {
        name: Value::str(info.service.name, at),
        files: Value::str(ctx.set.label.clone(), at),
        image: image(ctx, info, shared),
        has_image: Value::bool(part.get("image").is_some(), key("image")),
        is_built: Value::bool(part.get("build").is_some(), key("build")),
        product: Value::option(
            info.product_role().and(info.known.as_ref()).map(|known| Data::Str(known.product.title.as_str().into())),
            key("image"),
        ),
        product_role: Value::option(
            info.product_role().map(|role| Data::Str(words::role_name(role).into())),
            key("image"),
        ),
        same_container_name: texts(same_container(ctx, info, shared)),
        container_name_is_valid: container_is_valid(&container),
        container_name: container,
        is_privileged: security.is_privileged,
        dangerous_capabilities: security.dangerous,
        strong_capabilities: security.strong,
        drops_capabilities: Value::bool(!scope.list(part.get("cap_drop")).is_empty(), key("cap_drop")),
        forbids_escalation: security.forbids_escalation,
        unconfined: security.unconfined,
        is_read_only: scope.switch(part.get("read_only"), at),
        user: scope.value(part.get("user"), at),
        sets_root: security.sets_root,
        uses_host_network: Value::bool(info.uses_host_network, part.get("network_mode").map_or(at, |part| part.at)),
        host_namespaces: security.namespaces,
        dangerous_devices: security.devices,
        is_host_tool: Value::bool(words::is_host_tool(image_text) || words::is_host_tool(info.service.name), at),
        runs_forever: Value::bool(info.runs_forever(), at),
        is_optional: Value::bool(!info.profiles.is_empty() || limits.has_no_replicas, at),
        is_added: Value::bool(ctx.set.is_added(info.service.name_at), at),
        restart: limits.restart,
        restarts: limits.restarts,
        restart_is_bounded: limits.restart_is_bounded,
        restart_is_usual: Value::bool(shared.restarting >= 3 && shared.restarting * 4 >= shared.staying * 3, at),
        memory_limit: limits.memory,
        has_limits: limits.has_limits,
        has_pids_limit: limits.has_pids,
        has_healthcheck: checked,
        disables_healthcheck: {
            let check = part.get("healthcheck").filter(|check| super::health::is_off(check));
            Value::bool(check.is_some(), check.map_or(at, |check| check.at))
        },
        dependants: texts(info.dependants.iter().map(|name| (*name).to_owned()).collect()),
        log_driver: limits.log_driver,
        log_is_bounded: limits.log_is_bounded,
        has_networks: Value::bool(part.get("networks").is_some(), key("networks")),
        cgroup_parent: scope.value(part.get("cgroup_parent"), at),
        executable_tmpfs: security.executable_tmpfs,
        is_published: match info.is_published() {
            Some(published) => Value::bool(published, key("ports")),
            None => Value::absent(at),
        },
        is_test_client: Value::bool(words::is_test_client(info.service.name, image_text), at),
        downloads: needs::downloads(ctx, info),
        undeclared_needs: needs::undeclared(ctx, info),
        excessive_heaps: limits::heaps(ctx, info),
        unverified: needs::unverified(ctx, info),
        has_dependencies: Value::bool(part.get("depends_on").is_some(), key("depends_on")),
        is_ordered: is_ordered(part, at),
    };
    ctx.state(at, format!("services/{}", info.service.name), |at, path, role| service.fact(at, path, role))
}

fn same_container(ctx: &Ctx<'_, '_, '_>, info: &Info<'_, '_>, shared: &Shared) -> Vec<String> {
    let Some(part) = info.service.part.get("container_name") else { return Vec::new() };
    let Some(name) = ctx.set.scope.known(part) else { return Vec::new() };
    let others = shared.containers.get(&*name).map_or(&[][..], Vec::as_slice);
    let own = info.service.name;
    // Beyond a handful, which of them it is does not matter.
    others.iter().filter(|other| **other != own && ctx.may_meet(own, other)).take(8).cloned().collect()
}

/// The engine takes letters, digits, `_`, `.` and `-`, and a letter or digit first.
fn container_is_valid<'s>(name: &Value<'s>) -> Value<'s> {
    let Some(text) = name.as_str() else { return name.clone() };
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    Value { data: Data::Bool(first && rest), span: name.span }
}

/// The image with its parts; absent when there is none, unknown when a variable decides.
fn image<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, shared: &Shared) -> Value<'s> {
    let Some(part) = info.service.part.get("image").filter(|part| part.is_scalar()) else {
        return Value::absent(info.service.name_at);
    };
    let at = part.at;
    let Some(text) = &info.reference else { return ctx.set.scope.unknown(part) };
    let split = Reference::split(text);
    let digest = split.digest;
    let name = text.split('@').next().unwrap_or(text);
    let name = split.tag.and_then(|tag| name.strip_suffix(tag)).map_or(name, |name| name.trim_end_matches(':'));
    let some = |part: Option<&str>| Value::option(part.map(|part| Data::Str(part.to_owned().into())), at);
    let image = Image {
        reference: Value::str(text.to_string(), at),
        name: Value::str(name.to_owned(), at),
        tag: some(split.tag),
        digest: some(digest),
        has_version: Value::bool(split.tag.is_some() || digest.is_some(), at),
        is_latest: Value::bool(split.tag == Some("latest") && digest.is_none(), at),
        tag_moves: Value::bool(digest.is_none() && split.tag.is_some_and(tag_moves), at),
        is_built_here: Value::bool(shared.built.contains(text.as_ref()), at),
        is_fallback: Value::bool(is_fallback(part.raw, &ctx.set.scope), at),
    };
    Value::new(Data::Record(image.record()), at)
}

/// Whether a text ends in what stands in for a variable that no file sets.
fn is_fallback(raw: &str, scope: &Scope) -> bool {
    match pieces(raw).last() {
        Some(Piece::Use(one)) => matches!(one.otherwise, Otherwise::Default(..)) && !scope.sets(one.name),
        _ => false,
    }
}

/// Whether a tag is a channel or a flavour without a number.
fn tag_moves(tag: &str) -> bool {
    const CHANNELS: [&str; 14] = [
        "stable", "edge", "nightly", "dev", "develop", "beta", "canary", "lts", "main", "master", "next", "rolling",
        "alpine", "slim",
    ];
    let has_number = tag.bytes().any(|byte| byte.is_ascii_digit());
    let mut words = tag.split(['-', '_', '.']);
    !has_number && tag != "latest" && words.any(|word| CHANNELS.contains(&&*word.to_ascii_lowercase()))
        || tag.starts_with("latest-")
}

fn is_ordered<'s>(part: &Part<'s>, at: Span) -> Value<'s> {
    let mut highest = 0;
    let late = part.entries().iter().filter(|entry| entry.form != Form::Null).find(|entry| {
        let Some(rank) = ORDER.iter().position(|key| *key == entry.key) else { return false };
        let is_late = rank < highest;
        highest = highest.max(rank);
        is_late
    });
    Value::bool(late.is_none(), late.map_or(at, |entry| entry.key_at))
}

#[cfg(test)]
mod tests {
    use super::tag_moves;

    #[test]
    fn tags_without_a_number_move() {
        for tag in ["stable", "alpine", "main", "latest-alpine", "lts-slim", "nightly-debian"] {
            assert!(tag_moves(tag), "{tag}");
        }
        for tag in ["16-alpine", "v1", "bookworm-20240101", "latest", "community", "production"] {
            assert!(!tag_moves(tag), "{tag}");
        }
    }
}
