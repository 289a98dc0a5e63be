//! Mounts of the services of an end state.

use std::collections::HashMap;

use super::info::{Ctx, Info};
use super::mounts::{self, Mount};
use super::subjects;
use super::words;
use crate::fact::{Data, Fact, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::span::Span;

/// Who writes to which named volume.
pub(super) struct Writers<'s> {
    by_volume: HashMap<String, Vec<&'s str>>,
}

impl<'s> Writers<'s> {
    pub(super) fn new(ctx: &Ctx<'_, '_, 's>) -> Self {
        let mut by_volume: HashMap<String, Vec<&'s str>> = HashMap::new();
        for info in ctx.all() {
            for entry in info.service.part.get("volumes").map_or(&[][..], Part::items) {
                let Ok(Some(mount)) = mounts::read(entry, &ctx.set.scope) else { continue };
                if let (Some(source), "volume", false) = (mount.source, &*mount.form, mount.is_read_only) {
                    by_volume.entry(source).or_default().push(info.service.name);
                }
            }
        }
        Self { by_volume }
    }
}

/// Sockets of container runtimes.
const SOCKETS: [&str; 8] = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/var/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/var/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/systemd/private",
];

/// Folders of the host: whoever writes there owns it.
const ROOT_EQUIVALENT: [&str; 9] =
    ["/", "/etc", "/root", "/boot", "/proc", "/usr", "/var/lib/docker", "/var/lib/containerd", "/lib"];

/// Folders that show what others should not see.
const SENSITIVE: [&str; 8] = ["/sys", "/dev", "/home", "/var", "/root", "/etc", "/proc", "/"];

/// The facts of the mounts of `info`'s service.
pub(super) fn relate<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, all: &Writers<'s>, found: &mut Vec<Fact<'s>>) {
    let entries = info.service.part.get("volumes").map_or(&[][..], Part::items);
    for entry in entries {
        let Ok(Some(mount)) = mounts::read(entry, &ctx.set.scope) else { continue };
        let path = format!("services/{}/volumes/{}", info.service.name, mount.target);
        let at = mount.at;
        let fact = one(ctx, info, all, mount, entry.form == Form::Scalar { is_settled: true });
        found.push(ctx.state(at, path, |at, path, role| fact.fact(at, path, role)));
    }
}

fn one<'s>(
    ctx: &Ctx<'_, '_, 's>,
    info: &Info<'_, 's>,
    all: &Writers<'s>,
    mount: Mount<'s>,
    is_quoted: bool,
) -> subjects::Mount<'s> {
    let at = mount.at;
    let source = mount.source.as_deref().unwrap_or_default().to_owned();
    let is_bind = mount.form == "bind";
    let host = host_path(&source).filter(|_| is_bind).map(str::to_owned);
    let host = host.as_deref();
    let image = info.reference.as_deref().unwrap_or_default().to_owned();
    let is_socket = host.is_some_and(|host| SOCKETS.contains(&host))
        || host.is_some_and(|host| matches!(host, "/run" | "/var/run")) && is_bind
        || SOCKETS.contains(&&*mount.target) && is_bind;
    let is_root = host.is_some_and(|host| ROOT_EQUIVALENT.contains(&host));
    let is_home = matches!(&*source, "~" | "$HOME" | "~/" | "~/.ssh" | "~/.aws" | "~/.kube" | "~/.docker" | "~/.gnupg");
    let writers = all.by_volume.get(&source).filter(|_| mount.form == "volume" && !mount.is_read_only);
    let writers = writers.into_iter().flatten().filter(|name| **name != info.service.name).take(8);
    let writers: Vec<Value<'s>> = writers.map(|name| Value::str(*name, at)).collect();
    let bool = |value: bool| Value::bool(value, at);
    subjects::Mount {
        service: Value::str(info.service.name, at),
        is_configuration: bool(is_bind && is_configuration(&source)),
        hides_build: bool(is_bind && hides_build(ctx, info, &source, &mount.target, at)),
        source: Value::option((!source.is_empty()).then_some(Data::Str(source.into())), at),
        target: Value::str(mount.target, at),
        is_read_only: bool(mount.is_read_only),
        is_quoted: bool(is_quoted),
        is_runtime_socket: bool(is_socket),
        is_for_host_tool: bool(
            words::guards_socket(&image) || words::is_host_tool(&image) || words::is_host_tool(info.service.name),
        ),
        is_root_equivalent: bool(is_root),
        is_sensitive: bool(host.is_some_and(|host| SENSITIVE.contains(&host)) || is_home),
        is_shared: Value::bool(mount.shared.is_some(), mount.shared.unwrap_or(at)),
        other_writers: Value::list(writers, at),
        form: Value::str(mount.form, at),
    }
}

/// An absolute path without a `/` at its end.
fn host_path(source: &str) -> Option<&str> {
    let trimmed = source.trim_end_matches('/');
    source.starts_with('/').then_some(if trimmed.is_empty() { "/" } else { trimmed })
}

/// A file, or a folder, that services read: by its name.
fn is_configuration(source: &str) -> bool {
    let last = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    const ENDINGS: [&str; 12] =
        [".conf", ".yml", ".yaml", ".toml", ".ini", ".cfg", ".sql", ".pem", ".crt", ".properties", ".xml", ".template"];
    let is_file = ENDINGS.iter().any(|ending| last.ends_with(ending));
    is_file || matches!(&*last, "conf" | "conf.d" | "config" | "provisioning" | "initdb" | "certs" | "templates")
}

/// Whether a folder is mounted over what the build put into the image.
fn hides_build(ctx: &Ctx<'_, '_, '_>, info: &Info<'_, '_>, source: &str, target: &str, at: Span) -> bool {
    let Some(build) = info.service.part.get("build") else { return false };
    let context =
        build.get("context").map_or(".", |context| context.raw).trim_start_matches("./").trim_end_matches('/');
    let inner = source.trim_start_matches("./").trim_end_matches('/');
    let is_whole = matches!(inner, "" | ".") && matches!(context, "" | ".") || inner == context;
    source.starts_with('.') && is_whole && target.matches('/').count() <= 3 && !ctx.set.folder_of(at).contains("..")
}
