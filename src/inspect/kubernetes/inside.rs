//! Facts about what stands inside a pod: volumes, mounts, ports, variables.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::container::Around;
use super::document::{Object, Pod};
use super::facts::{part, text};
use super::names::Names;
use super::pod::int;
use super::subjects;
use crate::fact::{Data, Fact, Record, Value};
use crate::syntax::tree::Node;

/// Folders of the node that give power over it, or over other pods.
const SENSITIVE: [&str; 17] = [
    "/etc",
    "/proc",
    "/dev",
    "/boot",
    "/lib",
    "/lib64",
    "/usr",
    "/bin",
    "/sbin",
    "/root",
    "/home",
    "/var/lib/kubelet",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/etcd",
    "/var/run",
    "/run",
];

const SOCKETS: [&str; 6] =
    ["docker.sock", "containerd.sock", "crio.sock", "cri-dockerd.sock", "dockershim.sock", "podman.sock"];

/// Facts about the volumes of a pod.
pub(super) fn volumes<'s>(
    object: &Object<'s>,
    pod: Pod<'s>,
    record: &Arc<Record<'s>>,
    names: &Names<'s>,
    facts: &mut Vec<Fact<'s>>,
) {
    for volume in pod.spec.get("volumes").into_iter().flat_map(Node::items) {
        let name = volume.get("name");
        let place = name.map_or_else(|| volume.span().at_start(), Node::span);
        let form = volume.entries().find(|entry| entry.key.text() != "name");
        let host_path = volume.at_path(&["hostPath", "path"]);
        let host = host_path.map_or("", Node::text);
        let host_at = host_path.map_or(place, Node::span);
        let used = names.used.get(name.map_or("", Node::text));
        let writable = used.and_then(|used| used.writable);
        facts.push(
            subjects::Volume {
                name: text(name, place),
                form: Value::option(
                    form.map(|entry| Data::Str(entry.key.text().into())),
                    form.map_or(place, |entry| entry.key.span()),
                ),
                spec: part(Some(volume), place),
                pod: Value::new(Data::Record(Arc::clone(record)), place),
                host_path: text(host_path, place),
                is_sensitive: Value::bool(is_sensitive(host), host_at),
                is_runtime_socket: Value::bool(is_runtime_socket(host), host_at),
                is_writable: Value::bool(writable.is_some(), writable.unwrap_or(place)),
                is_used: Value::bool(used.is_some(), place),
            }
            .fact(place, format!("{}/volumes/{}", object.path, name.map_or("-", Node::text)), object.role),
        );
    }
}

/// A folder of the node without doubled and trailing slashes.
fn normal(path: &str) -> String {
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    if parts.peek().is_none() {
        return if path.is_empty() { String::new() } else { "/".to_owned() };
    }
    parts.fold(String::with_capacity(path.len()), |path, part| path + "/" + part)
}

/// Time zones and certificates are read by many and give no power.
fn is_sensitive(path: &str) -> bool {
    const HARMLESS: [&str; 9] = [
        "/etc/localtime",
        "/etc/timezone",
        "/etc/ssl",
        "/etc/pki",
        "/etc/ca-certificates",
        "/etc/os-release",
        "/usr/share",
        "/usr/lib/os-release",
        "/etc/machine-id",
    ];
    if path.is_empty() {
        return false;
    }
    let path = normal(path);
    let below = |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    path == "/" || (SENSITIVE.iter().any(|folder| below(folder)) && !HARMLESS.iter().any(|folder| below(folder)))
}

fn is_runtime_socket(path: &str) -> bool {
    if path.is_empty() {
        return false;
    }
    let path = normal(path);
    matches!(
        path.as_str(),
        "/run" | "/var/run" | "/run/containerd" | "/var/run/containerd" | "/run/crio" | "/var/run/crio"
    ) || SOCKETS.iter().any(|socket| path.ends_with(socket))
}

/// Facts about the mounts, ports and variables of a container.
pub(super) fn facts<'s>(around: &Around<'_, 's>, facts: &mut Vec<Fact<'s>>) {
    mounts(around, facts);
    ports(around, facts);
    for (index, variable) in around.get("env").into_iter().flat_map(Node::items).enumerate() {
        facts.push(env_fact(around, index, variable));
    }
}

fn mounts<'s>(around: &Around<'_, 's>, facts: &mut Vec<Fact<'s>>) {
    let mut paths = BTreeSet::new();
    let lists = ["volumeMounts", "volumeDevices"].into_iter().filter_map(|key| around.get(key));
    for mount in lists.flat_map(Node::items) {
        let name = mount.get("name");
        let place = name.map_or_else(|| mount.span().at_start(), Node::span);
        let path = mount.get("mountPath");
        let repeated = path.is_some_and(|path| !paths.insert(path.text()));
        facts.push(
            subjects::Mount {
                name: text(name, place),
                path: text(path, place),
                exists: Value::bool(has_volume(around, name.map_or("", Node::text)), place),
                is_repeated: Value::bool(repeated, path.map_or(place, Node::span)),
                container: Value::str(around.shown_name(), around.place),
            }
            .fact(
                place,
                format!("{}/volumeMounts/{}", around.path, path.map_or("-", Node::text)),
                around.object.role,
            ),
        );
    }
}

/// A name that another tool fills in may be any.
fn has_volume(around: &Around<'_, '_>, name: &str) -> bool {
    name.contains(['{', '$']) || around.names.volumes.contains(name)
}

fn ports<'s>(around: &Around<'_, 's>, facts: &mut Vec<Fact<'s>>) {
    for port in around.get("ports").into_iter().flat_map(Node::items) {
        let number = port.get("containerPort");
        let place = number.map_or_else(|| port.span().at_start(), Node::span);
        let host = port.get("hostPort").filter(|node| node.as_int() != Some(0));
        let protocol = port.get("protocol").filter(|node| !node.is_null());
        facts.push(
            subjects::Port {
                number: int(number, place),
                name: text(port.get("name"), place),
                protocol: Value::str(protocol.map_or("TCP", Node::text), protocol.map_or(place, Node::span)),
                host_port: int(host, place),
                container: Value::str(around.shown_name(), around.place),
                pod: Value::new(Data::Record(Arc::clone(&around.record)), place),
            }
            .fact(
                place,
                format!("{}/ports/{}", around.path, number.map_or("-", Node::text)),
                around.object.role,
            ),
        );
    }
}

fn env_fact<'s>(around: &Around<'_, 's>, index: usize, variable: Node<'s>) -> Fact<'s> {
    let name = variable.get("name").filter(|name| !name.text().is_empty());
    let place = name.map_or_else(|| variable.span().at_start(), Node::span);
    let key = name.map_or("", Node::text);
    let reference = variable.at_path(&["valueFrom", "secretKeyRef"]);
    let path =
        if key.is_empty() { format!("{}/env/{index}", around.path) } else { format!("{}/env/{key}", around.path) };
    subjects::Env {
        name: text(name, place),
        is_from_secret: Value::bool(reference.is_some(), reference.map_or(place, Node::span)),
        container: Value::str(around.shown_name(), around.place),
        spec: part(Some(variable), place),
    }
    .fact(place, path, around.object.role)
}

/// Names of variables that are set more than once.
pub(super) fn repeated_env<'s>(around: &Around<'_, 's>) -> Value<'s> {
    let mut seen = BTreeSet::new();
    let names = around.get("env").into_iter().flat_map(Node::items).filter_map(|item| item.get("name"));
    let repeated: Vec<_> = names
        .filter(|name| !name.text().is_empty() && !seen.insert(name.text()))
        .map(|name| Value::str(name.text(), name.span()))
        .collect();
    let span = repeated.first().and_then(|value| value.span).unwrap_or(around.place);
    Value::list(repeated, span)
}
