//! Text → [`Document`]: finds the objects, takes lists apart, tells templates and patches from whole objects.

use std::sync::Arc;

use memchr::memmem;

use super::document::{Document, Gap, Object, Pod};
use super::workload::{self, Life, WorkloadKind};
use crate::fact::{Reason, Role};
use crate::source::Source;
use crate::span::Span;
use crate::syntax::tree::{Content, Dialect, Kind, Node, Tree};

/// Lists inside lists that are still followed.
const LIST_DEPTH: u8 = 8;

/// Groups whose objects are no objects of a cluster but files of a tool, with `apiVersion` and `kind` all the same.
const LEFT_ALONE: [&str; 16] = [
    "kustomize.config.k8s.io",
    "skaffold",
    "kind.x-k8s.io",
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "kubescheduler.config.k8s.io",
    "apiserver.config.k8s.io",
    "apiserver.k8s.io",
    "audit.k8s.io",
    "client.authentication.k8s.io",
    "backstage.io",
    "eksctl.io",
    "k3d.io",
    "ctlptl.dev",
    "krew.googlecontainertools.github.com",
];

/// Whether `path` lies in the `templates` folder of a Helm chart; then the chart's folder.
pub(super) fn chart_of(path: &str) -> Option<&str> {
    if let Some(at) = path.find("/templates/") {
        return path.get(..at);
    }
    path.starts_with("templates/").then_some(".")
}

/// Whether an `apiVersion` and a `kind` name an object of a cluster.
pub(super) fn is_object(api_version: &str, kind: &str) -> bool {
    let version_like = api_version.rsplit('/').next().is_some_and(|version| {
        let mut bytes = version.bytes();
        bytes.next() == Some(b'v') && bytes.next().is_some_and(|b| b.is_ascii_digit())
    });
    let kind_like =
        kind.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    version_like
        && kind_like
        && !LEFT_ALONE.contains(&workload::group(api_version))
        && !(api_version == "v1" && kind == "Config")
}

/// Reads the objects of `source`.
pub(super) fn read(source: &Source) -> Document<'_> {
    let mut document = Document::default();
    let tree = source.tree();
    if let Some((span, reason)) = template(source) {
        document.gaps.push(Gap { span, reason, is_patch: false });
        return document;
    }
    for problem in &tree.problems {
        let reason = Reason::Syntax(problem.message.as_str().into());
        document.gaps.push(Gap { span: problem.span, reason, is_patch: false });
    }
    for root in tree.documents(Dialect::Yaml11) {
        read_object(source, root, None, LIST_DEPTH, &mut document);
    }
    document
}

/// Where and why the whole text waits for another tool: braces of a template that are not inside a value. Everything
/// with braces in a chart's `templates` folder does.
fn template(source: &Source) -> Option<(Span, Reason)> {
    let text = source.text();
    if let Some(span) = source.tree().template.filter(|_| chart_of(source.path()).is_none()) {
        return Some((span, Reason::Template("the file is a template that another tool fills in".into())));
    }
    let finder = memmem::Finder::new("{{");
    let first = finder.find(text.as_bytes())?;
    let place = |at: usize| Span::new(source.id, at..at + 2);
    if let Some(chart) = chart_of(source.path()) {
        let reason = format!("the templates of the chart `{chart}` are filled in by Helm, which was not run");
        return Some((place(first), Reason::Template(reason.into())));
    }
    let tree = source.tree();
    let outside = finder.find_iter(text.as_bytes()).find(|at| !is_within_value(tree, *at))?;
    Some((place(outside), Reason::Template("the file is a template that another tool fills in".into())))
}

/// Whether the byte at `at` is inside the text of a scalar or a comment, where braces are data.
fn is_within_value(tree: &Tree, at: usize) -> bool {
    let within = |start: u32, end: u32| (start as usize..end as usize).contains(&at);
    let after = tree.nodes.partition_point(|node| node.start as usize <= at);
    let node = tree.nodes[..after].last();
    let comments = tree.comments.partition_point(|comment| comment.span.start as usize <= at);
    let comment = tree.comments[..comments].last();
    node.is_some_and(|node| node.content() == Content::Str && within(node.start, node.end))
        || comment.is_some_and(|comment| within(comment.span.start, comment.span.end))
}

fn read_object<'s>(
    source: &Source,
    root: Node<'s>,
    list: Option<(&'s str, &'s str, Span)>,
    depth: u8,
    document: &mut Document<'s>,
) {
    if root.kind() != Kind::Map {
        return;
    }
    let written = (root.get("apiVersion"), root.get("kind"));
    let (api_version, kind, api_version_at) = match (written, list) {
        ((Some(api_version), Some(kind)), _) => (api_version.text(), kind.text(), api_version.span()),
        ((None, None), Some(list)) => list,
        ((Some(_), None), _) if root.get("metadata").is_some() => {
            return document.gap(root, Reason::Syntax("the object has no `kind`".into()));
        }
        ((None, Some(_)), _) if root.get("metadata").is_some() => {
            return document.gap(root, Reason::Syntax("the object has no `apiVersion`".into()));
        }
        _ => return,
    };
    if !is_object(api_version, kind) {
        return;
    }
    if let Some(item_kind) = kind.strip_suffix("List")
        && let Some(items) = root.get("items").filter(|items| items.kind() == Kind::List)
    {
        if depth == 0 {
            return document.gap(root, Reason::Limit("lists are nested too deeply".into()));
        }
        for item in items.items() {
            let inherited = (!item_kind.is_empty()).then_some((api_version, item_kind, api_version_at));
            read_object(source, item, inherited, depth - 1, document);
        }
        return;
    }
    if kind == "Template" && root.get("objects").is_some() {
        let reason = "the objects of an OpenShift template are filled in by `oc process`, which was not run";
        return document.gap(root, Reason::Template(reason.into()));
    }
    let object = object(source, root, api_version, api_version_at, kind);
    if is_partial(&object) || is_overlay(source.path(), &object) {
        let reason = "a part of an object (a patch) can be judged only where it is applied";
        document.gaps.push(Gap { span: object.place, reason: Reason::Template(reason.into()), is_patch: true });
        return;
    }
    document.objects.push(object);
}

fn object<'s>(
    source: &Source,
    root: Node<'s>,
    api_version: &'s str,
    api_version_at: Span,
    kind: &'s str,
) -> Object<'s> {
    let metadata = root.get("metadata").filter(|node| node.kind() == Kind::Map);
    let meta = |key: &str| metadata.and_then(|metadata| metadata.get(key)).filter(|node| !node.text().is_empty());
    let (name, namespace) = (meta("name").or_else(|| meta("generateName")), meta("namespace"));
    let place = name.or_else(|| root.get("kind")).map_or_else(|| root.span().at_start(), Node::span);
    let name = name.map_or("-", Node::text);
    let path: Arc<str> = match namespace {
        Some(namespace) => format!("{kind}/{}/{name}", namespace.text()).into(),
        None => format!("{kind}/{name}").into(),
    };
    let (workload, pods) = pods(root, metadata, api_version, kind);
    let mut object =
        Object { root, api_version, api_version_at, kind, metadata, place, path, role: source.role, pods, workload };
    object.role = role(&object, source.role);
    object
}

/// The pod templates of an object, by the first row of the table that finds any.
pub(crate) fn pods<'s>(
    root: Node<'s>,
    metadata: Option<Node<'s>>,
    api_version: &str,
    kind: &str,
) -> (Option<&'static WorkloadKind>, Vec<Pod<'s>>) {
    let mut first = None;
    for row in workload::rows(api_version, kind) {
        first = first.or(Some(row));
        let mut found = Vec::new();
        if row.template.is_empty() {
            found.extend(root.get("spec").map(|spec| Pod { metadata, spec }));
        } else {
            collect(root, row.template, &mut found);
        }
        found.retain(|pod| pod.spec.kind() == Kind::Map);
        if !found.is_empty() {
            return (Some(row), found);
        }
    }
    (first, Vec::new())
}

fn collect<'s>(node: Node<'s>, path: &[&str], found: &mut Vec<Pod<'s>>) {
    match path.split_first() {
        None => found.extend(node.get("spec").map(|spec| Pod { metadata: node.get("metadata"), spec })),
        Some((&"[]", rest)) => node.items().for_each(|item| collect(item, rest, found)),
        Some((&"*", rest)) => node.entries().for_each(|entry| collect(entry.value, rest, found)),
        Some((key, rest)) => {
            if let Some(value) = node.get(key) {
                collect(value, rest, found);
            }
        }
    }
}

/// Whether the object is only a part of one, to be laid over another.
fn is_partial(object: &Object<'_>) -> bool {
    if object.root.get("$patch").is_some() {
        return true;
    }
    if let Some(row) = object.workload {
        return is_partial_workload(object, row);
    }
    let lacks = |keys: &[&str]| keys.iter().all(|key| object.spec().is_none_or(|spec| spec.get(key).is_none()));
    match (workload::group(object.api_version), object.kind) {
        ("", "Service") => lacks(&["ports", "selector", "externalName", "clusterIP"]),
        ("networking.k8s.io" | "extensions", "Ingress") => lacks(&["rules", "defaultBackend", "backend"]),
        ("autoscaling", "HorizontalPodAutoscaler") => lacks(&["scaleTargetRef"]),
        ("policy", "PodDisruptionBudget") => lacks(&["selector"]),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => lacks(&["names", "group"]),
        _ => false,
    }
}

/// Whether what makes pods in a folder of overlays lacks what no whole one may leave out: the restart policy of a job, an
/// image.
fn is_overlay(path: &str, object: &Object<'_>) -> bool {
    let is_job = matches!(object.kind, "Job" | "CronJob");
    let lacks = |pod: &Pod<'_>| {
        let mut containers = pod.spec.get("containers").into_iter().flat_map(Node::items);
        is_job && pod.spec.get("restartPolicy").is_none() || containers.any(|one| one.get("image").is_none())
    };
    path.split('/').any(|folder| folder == "overlays") && object.pods.iter().any(lacks)
}

fn is_partial_workload(object: &Object<'_>, row: &WorkloadKind) -> bool {
    let spec = object.spec();
    let has = |key: &str| spec.is_some_and(|spec| spec.get(key).is_some_and(|node| !node.is_null()));
    if object.pods.is_empty() {
        return !has("workloadRef");
    }
    let containers =
        object.pods.iter().all(|pod| pod.spec.get("containers").is_some_and(|list| list.items().len() > 0));
    if !containers {
        return true;
    }
    let images = object.pods.iter().all(|pod| {
        pod.spec.get("containers").is_some_and(|list| list.items().all(|container| container.get("image").is_some()))
    });
    let labelled = object.pods.iter().any(|pod| pod.metadata.is_some_and(|metadata| metadata.get("labels").is_some()));
    match row.life {
        Life::Server | Life::Node if row.selector => !has("selector") && (!images || !labelled),
        Life::Pod | Life::Template => !images,
        _ => !images && !has("selector"),
    }
}

/// What the object is for: the source's role, unless namespace, labels or a hook say otherwise beyond doubt.
fn role(object: &Object<'_>, source: Role) -> Role {
    if source != Role::Production {
        return source;
    }
    if object.annotation("helm.sh/hook").is_some_and(|hook| hook.text().starts_with("test")) {
        return Role::Test;
    }
    let label = |key: &str| object.meta("labels").and_then(|labels| labels.get(key)).map(Node::text);
    let environment =
        ["app.kubernetes.io/environment", "environment", "env", "stage"].iter().find_map(|key| label(key));
    if let Some(role) = environment.and_then(role_of) {
        return role;
    }
    let Some(namespace) = object.namespace().map(Node::text) else { return source };
    let last = namespace.rsplit('-').next().unwrap_or(namespace);
    role_of(last).unwrap_or(source)
}

fn role_of(word: &str) -> Option<Role> {
    Some(match word.to_ascii_lowercase().as_str() {
        "dev" | "development" | "local" | "sandbox" => Role::Development,
        "test" | "testing" | "qa" | "ci" | "e2e" => Role::Test,
        "staging" | "stage" | "uat" | "preprod" => Role::Staging,
        _ => return None,
    })
}
