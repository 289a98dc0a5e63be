//! Facts about workloads and their pods.

use std::sync::Arc;

use super::cron;
use super::document::{Object, Pod};
use super::facts::{key_place, number, number_or, part, switch, text, truth, unresolved};
use super::image::is_placeholder;
use super::subjects;
use super::workload::{Life, WorkloadKind};
use crate::fact::{Data, Fact, Reason, Record, Value};
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// Sysctls that the baseline Pod Security Standard allows, as of 1.32.
const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];

/// Labels of a selector that are compared; no real one has a tenth of them.
pub(crate) const MOST_LABELS: usize = 256;

/// Whether pods of the kind are meant to run for ever.
pub(super) fn runs_forever(row: &WorkloadKind) -> bool {
    matches!(row.life, Life::Server | Life::Node | Life::Pod)
}

/// What an object that makes pods says of itself.
pub(super) fn workload_fact<'s>(object: &Object<'s>, row: &WorkloadKind) -> Fact<'s> {
    let place = object.place;
    let spec = object.spec();
    let get = |key: &str| spec.and_then(|spec| spec.get(key)).filter(|node| !node.is_null());
    let spec_at = key_place(Some(object.root), "spec", place);
    let (schedule, valid, problem) = schedule(object, get("schedule"), spec_at);
    subjects::Workload {
        kind: Value::str(object.kind, place),
        name: text(object.name(), place),
        namespace: text(object.namespace(), place),
        manifest: Value::node(object.root),
        spec: part(spec, place),
        runs_forever: Value::bool(runs_forever(row), place),
        replicas: if row.replicas { number_or(get("replicas"), 1, spec_at) } else { Value::absent(place) },
        strategy: strategy(object, row, spec_at),
        selector_matches: selector_matches(object, row, spec_at),
        has_selector: Value::bool(!needs_selector(object, row) || get("selector").is_some(), spec_at),
        restart_policy_fits: restart_policy_fits(object, row, place),
        schedule,
        schedule_is_valid: valid,
        schedule_problem: problem,
        is_managed: Value::bool(object.is_managed(), place),
        is_system: Value::bool(object.is_system(), place),
    }
    .fact(place, Arc::clone(&object.path), object.role)
}

/// `extensions/v1beta1` and `apps/v1beta1` filled a missing selector in; nothing served today does.
fn needs_selector(object: &Object<'_>, row: &WorkloadKind) -> bool {
    row.selector && object.api_version == "apps/v1"
}

fn strategy<'s>(object: &Object<'s>, row: &WorkloadKind, fallback: Span) -> Value<'s> {
    let key = match object.kind {
        "Deployment" | "DeploymentConfig" => "strategy",
        "StatefulSet" | "DaemonSet" => "updateStrategy",
        _ => return Value::absent(fallback),
    };
    if !row.selector && object.kind != "DeploymentConfig" {
        return Value::absent(fallback);
    }
    let written = object.spec().and_then(|spec| spec.at_path(&[key, "type"]));
    match written.filter(|node| !node.is_null()) {
        Some(node) if is_placeholder(node.text()) => Value::unknown(unresolved(), node.span()),
        Some(node) => Value::str(node.text(), node.span()),
        None => Value::str("RollingUpdate", key_place(object.spec(), key, fallback)),
    }
}

fn selector_matches<'s>(object: &Object<'s>, row: &WorkloadKind, fallback: Span) -> Value<'s> {
    let selector = object.spec().and_then(|spec| spec.get("selector")).filter(|node| node.kind() == Kind::Map);
    let (Some(selector), true) = (selector, row.selector) else { return Value::absent(fallback) };
    let labels = object.pods.first().and_then(|pod| pod.metadata).and_then(|metadata| metadata.get("labels"));
    let wanted = selector.get("matchLabels");
    if wanted.is_some_and(|labels| labels.entries().len() > MOST_LABELS) {
        return Value::unknown(Reason::Limit("a selector has too many labels".into()), selector.span());
    }
    for entry in wanted.into_iter().flat_map(Node::entries) {
        let written = labels.and_then(|labels| labels.get(entry.key.text()));
        if is_placeholder(entry.value.text()) || written.is_some_and(|node| is_placeholder(node.text())) {
            return Value::unknown(unresolved(), entry.value.span());
        }
        if written.map(Node::text) != Some(entry.value.text()) {
            return Value::bool(false, entry.value.span());
        }
    }
    for expression in selector.get("matchExpressions").into_iter().flat_map(Node::items) {
        if !expression_matches(expression, labels) {
            return Value::bool(false, expression.span());
        }
    }
    Value::bool(true, selector.span())
}

/// Whether one entry of `matchExpressions` holds for `labels`; an operator that does not exist holds.
pub(crate) fn expression_matches(expression: Node<'_>, labels: Option<Node<'_>>) -> bool {
    let key = expression.get("key").map_or("", Node::text);
    let label = labels.and_then(|labels| labels.get(key)).map(Node::text);
    let among = || {
        let values = expression.get("values");
        values.is_some_and(|values| values.items().any(|value| Some(value.text()) == label))
    };
    match expression.get("operator").map_or("", Node::text) {
        "In" => among(),
        "NotIn" => !among(),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        _ => true,
    }
}

fn restart_policy_fits<'s>(object: &Object<'s>, row: &WorkloadKind, fallback: Span) -> Value<'s> {
    let Some(pod) = object.pods.first() else { return Value::absent(fallback) };
    let spec_at = pod.spec.key().map_or(fallback, Node::span);
    let written = pod.spec.get("restartPolicy").filter(|node| !node.is_null());
    let policy = written.map_or("Always", Node::text);
    let span = written.map_or(spec_at, Node::span);
    if is_placeholder(policy) {
        return Value::unknown(unresolved(), span);
    }
    let fits = match (row.life, object.kind) {
        (Life::Task, "Job" | "CronJob") if row.groups.contains(&"batch") => matches!(policy, "OnFailure" | "Never"),
        (Life::Server | Life::Node, _) => policy == "Always",
        _ => return Value::absent(fallback),
    };
    Value::bool(fits, span)
}

fn schedule<'s>(object: &Object<'s>, node: Option<Node<'s>>, fallback: Span) -> (Value<'s>, Value<'s>, Value<'s>) {
    let Some(node) = node.filter(|_| object.kind == "CronJob") else {
        return (Value::absent(fallback), Value::absent(fallback), Value::absent(fallback));
    };
    let span = node.span();
    let text = node.text();
    if text.contains(['{', '$', '<']) {
        let unknown = || Value::unknown(unresolved(), span);
        return (unknown(), unknown(), unknown());
    }
    let problem = cron::problem(text);
    (
        Value::str(text, span),
        Value::bool(problem.is_none(), span),
        Value::option(problem.map(|text| Data::Str(text.into())), span),
    )
}

/// What the pods of an object have in common, shared by everything inside them.
pub(super) fn pod_record<'s>(object: &Object<'s>, row: &WorkloadKind, pod: Pod<'s>) -> Arc<Record<'s>> {
    let place = object.place;
    let spec = pod.spec;
    let spec_at = spec.key().map_or(place, Node::span);
    let get = |key: &str| spec.get(key).filter(|node| !node.is_null());
    let meta = |key: &str| pod.metadata.and_then(|metadata| metadata.get(key));
    let security = get("securityContext");
    let os = spec.at_path(&["os", "name"]).or_else(|| spec.at_path(&["nodeSelector", "kubernetes.io/os"]));
    let mounts_token = match get("automountServiceAccountToken") {
        None => Value::absent(spec_at),
        node => switch(node, true, spec_at),
    };
    let host_users = get("hostUsers");
    subjects::Pod {
        kind: Value::str(object.kind, place),
        name: text(object.name(), place),
        namespace: text(object.namespace(), place),
        labels: part(meta("labels"), place),
        annotations: part(meta("annotations"), place),
        spec: Value::node(spec),
        os: Value::str(os.map_or("linux", Node::text), os.map_or(spec_at, Node::span)),
        runs_forever: Value::bool(runs_forever(row), place),
        host_network: switch(get("hostNetwork"), false, spec_at),
        host_pid: switch(get("hostPID"), false, spec_at),
        host_ipc: switch(get("hostIPC"), false, spec_at),
        has_user_namespace: Value::bool(truth(host_users) == Some(false), host_users.map_or(spec_at, Node::span)),
        service_account: text(get("serviceAccountName").or_else(|| get("serviceAccount")), spec_at),
        mounts_token,
        grace_period: number_or(get("terminationGracePeriodSeconds"), 30, spec_at),
        unsafe_sysctls: unsafe_sysctls(security, spec_at),
        has_root_group: has_root_group(security, spec_at),
        is_spread: is_spread(spec, spec_at),
        is_system: Value::bool(object.is_system(), place),
        is_node_agent: Value::bool(is_node_agent(object, row, spec), place),
    }
    .record()
}

/// Whether the node is what the pods work on: what runs on each node, the cluster's own, drivers of the kubelet.
fn is_node_agent(object: &Object<'_>, row: &WorkloadKind, spec: Node<'_>) -> bool {
    let volumes = || spec.get("volumes").into_iter().flat_map(Node::items);
    let is_kubelets = |path: Node<'_>| path.text().starts_with("/var/lib/kubelet");
    matches!(row.life, Life::Node)
        || object.is_system()
        || volumes().any(|volume| volume.at_path(&["hostPath", "path"]).is_some_and(is_kubelets))
        || spec.get("priorityClassName").is_some_and(|name| name.text().starts_with("system-"))
}

fn unsafe_sysctls<'s>(security: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    let sysctls = security.and_then(|security| security.get("sysctls"));
    let names = sysctls.into_iter().flat_map(Node::items).filter_map(|item| item.get("name"));
    let unsafe_ones: Vec<_> = names
        .filter(|name| !SAFE_SYSCTLS.contains(&name.text()) && !is_placeholder(name.text()))
        .map(|name| Value::str(name.text(), name.span()))
        .collect();
    let span = unsafe_ones.first().and_then(|value| value.span).unwrap_or(fallback);
    Value::list(unsafe_ones, span)
}

fn has_root_group<'s>(security: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    let Some(security) = security else { return Value::bool(false, fallback) };
    let single = ["fsGroup", "runAsGroup"].into_iter().filter_map(|key| security.get(key));
    let several = security.get("supplementalGroups").into_iter().flat_map(Node::items);
    let root = single.chain(several).find(|node| node.as_int() == Some(0));
    Value::bool(root.is_some(), root.map_or(fallback, Node::span))
}

fn is_spread<'s>(spec: Node<'s>, fallback: Span) -> Value<'s> {
    let apart = spec.at_path(&["affinity", "podAntiAffinity"]);
    let spread = spec.get("topologySpreadConstraints");
    let found = apart.or(spread).filter(|node| !node.is_null());
    Value::bool(found.is_some(), found.map_or(fallback, Node::span))
}

/// The fact that a record of a pod states.
pub(super) fn pod_fact<'s>(object: &Object<'s>, record: &Arc<Record<'s>>) -> Fact<'s> {
    Fact {
        span: object.place,
        path: format!("{}/pod", object.path).into(),
        role: object.role,
        record: Arc::clone(record),
    }
}

/// A number of the tree, if it is one.
pub(super) fn int<'s>(node: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    let node = node.filter(|node| !node.is_null());
    number(node.and_then(Node::as_int), node.map_or(fallback, Node::span))
}
