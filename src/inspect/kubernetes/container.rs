//! Facts about containers and what stands inside a pod: volumes, mounts, ports, variables.

use std::sync::Arc;

use super::document::{Object, Pod};
use super::facts::{key_place, switch, truth, unresolved};
use super::image::{self, Reference};
use super::names::Names;
use super::pod::{pod_fact, pod_record, runs_forever};
use super::resources::Resources;
use super::security::{Added, Security};
use super::subjects;
use super::workload::WorkloadKind;
use super::{inside, probe};
use crate::fact::{Data, Fact, Record, Value};
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// What a container is within its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Regular,
    Init,
    Sidecar,
    Ephemeral,
}

impl Form {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Regular => "container",
            Form::Init => "init",
            Form::Sidecar => "sidecar",
            Form::Ephemeral => "ephemeral",
        }
    }
}

/// A container with what is around it.
pub(super) struct Around<'a, 's> {
    pub(super) object: &'a Object<'s>,
    pub(super) pod: Pod<'s>,
    pub(super) record: Arc<Record<'s>>,
    pub(super) names: &'a Names<'s>,
    pub(super) node: Node<'s>,
    pub(super) form: Form,
    /// Runs for ever.
    pub(super) forever: bool,
    pub(super) place: Span,
    /// `Deployment/shop/api/containers/web`.
    pub(super) path: Arc<str>,
}

impl<'s> Around<'_, 's> {
    /// The container's name, empty when it has none.
    pub(super) fn name(&self) -> &'s str {
        self.node.get("name").map_or("", Node::text)
    }

    /// What the container is called for a person: its name, else its image.
    pub(super) fn shown_name(&self) -> &'s str {
        let image = || self.node.get("image").map_or("", Node::text);
        [self.name(), image()].into_iter().find(|text| !text.is_empty()).unwrap_or("without a name")
    }

    /// A field of the container that is not null.
    pub(super) fn get(&self, key: &str) -> Option<Node<'s>> {
        self.node.get(key).filter(|node| !node.is_null())
    }
}

/// Every container of a pod with its form, in the order: init containers, containers, ephemeral ones.
pub(crate) fn containers(spec: Node<'_>) -> impl Iterator<Item = (Form, Node<'_>)> {
    let list = move |key: &str| spec.get(key).into_iter().flat_map(Node::items).filter(|node| node.kind() == Kind::Map);
    let init = list("initContainers").map(|node| {
        let always = node.get("restartPolicy").is_some_and(|policy| policy.text() == "Always");
        (if always { Form::Sidecar } else { Form::Init }, node)
    });
    init.chain(list("containers").map(|node| (Form::Regular, node)))
        .chain(list("ephemeralContainers").map(|node| (Form::Ephemeral, node)))
}

/// The facts about a pod and everything inside it.
pub(super) fn pod_facts<'s>(object: &Object<'s>, row: &WorkloadKind, pod: Pod<'s>, facts: &mut Vec<Fact<'s>>) {
    let record = pod_record(object, row, pod);
    facts.push(pod_fact(object, &record));
    let names = Names::new(object, pod);
    inside::volumes(object, pod, &record, &names, facts);
    for (form, node) in containers(pod.spec) {
        let name = node.get("name").filter(|name| !name.text().is_empty());
        let place = name.or_else(|| node.get("image")).map_or_else(|| node.span().at_start(), Node::span);
        let folder = match form {
            Form::Regular => "containers",
            Form::Init | Form::Sidecar => "initContainers",
            Form::Ephemeral => "ephemeralContainers",
        };
        let path = format!("{}/{folder}/{}", object.path, name.map_or("-", Node::text)).into();
        let forever = runs_forever(row) && matches!(form, Form::Regular | Form::Sidecar);
        let record = Arc::clone(&record);
        let around = Around { object, pod, record, names: &names, node, form, forever, place, path };
        facts.push(container_fact(&around));
        probe::facts(&around, facts);
        inside::facts(&around, facts);
    }
}

fn container_fact<'s>(around: &Around<'_, 's>) -> Fact<'s> {
    let (place, pod, node) = (around.place, around.pod, around.node);
    let security = Security::new(node, pod, place);
    let missing = security.missing;
    let resources = Resources::new(around);
    let os = around.record.get("os").cloned().unwrap_or_else(|| Value::str("linux", place));
    let windows = security.inherited("windowsOptions").and_then(|options| options.get("hostProcess"));
    let proc_mount = security.own("procMount");
    subjects::Container {
        name: Value::str(around.shown_name(), place),
        form: Value::str(around.form.name(), place),
        is_init: Value::bool(around.form == Form::Init, place),
        is_sidecar: Value::bool(around.form == Form::Sidecar, place),
        runs_forever: Value::bool(around.forever, place),
        kind: Value::str(around.object.kind, place),
        pod: Value::new(Data::Record(Arc::clone(&around.record)), place),
        spec: Value::node(node),
        os,
        image: image_value(around.get("image"), place),
        runs_as_non_root: security.runs_as_non_root(around.get("image")),
        user_is_stated: security.user_is_stated(),
        runs_as_root: security.runs_as_root(),
        user_contradicts: security.user_contradicts(),
        run_as_user: security.run_as_user(),
        privileged: switch(security.own("privileged"), false, missing),
        allows_escalation: switch(security.own("allowPrivilegeEscalation"), true, missing),
        escalation_contradicts: security.escalation_contradicts(),
        read_only_root: switch(security.own("readOnlyRootFilesystem"), false, missing),
        drops_all_capabilities: security.drops_all(),
        added_capabilities: security.added(Added::Any),
        dangerous_capabilities: security.added(Added::Dangerous),
        unusual_capabilities: security.added(Added::Unusual),
        seccomp: security.seccomp(pod, around.name()),
        apparmor_off: security.apparmor_off(pod, around.name()),
        proc_unmasked: Value::bool(
            proc_mount.is_some_and(|node| node.text() == "Unmasked"),
            proc_mount.map_or(missing, Node::span),
        ),
        is_host_process: Value::bool(truth(windows) == Some(true), windows.map_or(missing, Node::span)),
        has_cpu_request: resources.reserved("cpu"),
        has_cpu_limit: resources.limited("cpu"),
        has_memory_request: resources.reserved("memory"),
        has_memory_limit: resources.limited("memory"),
        excessive_requests: resources.excessive(),
        odd_quantities: resources.odd(),
        has_readiness_probe: present(around, "readinessProbe"),
        has_liveness_probe: present(around, "livenessProbe"),
        has_startup_probe: present(around, "startupProbe"),
        probes_are_identical: probe::identical(around),
        repeated_env: inside::repeated_env(around),
        pulls_always: pulls_always(around),
    }
    .fact(place, Arc::clone(&around.path), around.object.role)
}

fn present<'s>(around: &Around<'_, 's>, key: &str) -> Value<'s> {
    let found = around.get(key);
    Value::bool(found.is_some(), key_place(Some(around.node), key, around.place))
}

/// An image reference taken apart; absent when there is none, unknown when another tool fills it in.
pub(crate) fn image_value<'s>(node: Option<Node<'s>>, fallback: Span) -> Value<'s> {
    let Some(node) = node.filter(|node| !node.text().is_empty()) else { return Value::absent(fallback) };
    let (text, span) = (node.text(), node.span());
    if image::is_placeholder(text) {
        return Value::unknown(unresolved(), span);
    }
    let image = Reference::split(text);
    let some = |part: Option<&'s str>| Value::option(part.map(|part| Data::Str(part.into())), span);
    let record = subjects::Image {
        reference: Value::str(text, span),
        registry: some(image.registry),
        repository: Value::str(image.repository, span),
        tag: some(image.tag),
        digest: some(image.digest),
        is_floating: Value::bool(image.is_floating(), span),
        is_valid: Value::bool(image.is_valid(), span),
    };
    Value::new(Data::Record(record.record()), span)
}

fn pulls_always<'s>(around: &Around<'_, 's>) -> Value<'s> {
    if let Some(policy) = around.get("imagePullPolicy") {
        return Value::bool(policy.text() == "Always", policy.span());
    }
    let image = around.get("image");
    let floating = image.is_some_and(|image| Reference::split(image.text()).is_floating());
    Value::bool(floating, image.map_or(around.place, Node::span))
}
