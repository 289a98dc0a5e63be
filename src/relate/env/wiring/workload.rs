//! What runs images, and which variables it gives them: containers of Kubernetes, services of compose.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Around;
use crate::fact::{Data, Fact, Role, Value};
use crate::inspect::compose::document::Part;
use crate::inspect::compose::{is_named, read as compose_file};
use crate::inspect::env::read;
use crate::inspect::kubernetes::container::containers;
use crate::inspect::kubernetes::read::pods;
use crate::inspect::kubernetes::subjects::Object;
use crate::path;
use crate::source::Source;
use crate::syntax::tree::Node;

/// A container or a service.
#[derive(Debug, Default)]
pub(super) struct Workload<'s> {
    /// What people call it: `Deployment api in deploy/api.yaml`.
    pub(super) label: String,
    /// The image without tag and digest.
    pub(super) image: Option<String>,
    /// The Dockerfile that it is built from, where it says so.
    pub(super) dockerfile: Option<String>,
    /// The build context, where it says so.
    pub(super) context: Option<String>,
    pub(super) is_compose: bool,
    pub(super) role: Role,
    pub(super) gives: BTreeSet<String>,
    /// Whether it may be given more than can be seen.
    pub(super) is_open: bool,
    /// All of it, as written.
    pub(super) text: &'s str,
}

/// The reference without tag and digest.
pub(super) fn bare(reference: &str) -> String {
    let reference = reference.split('@').next().unwrap_or(reference);
    match reference.rsplit_once(':') {
        Some((bare, tag)) if !tag.contains('/') => bare.to_owned(),
        _ => reference.to_owned(),
    }
}

/// Everything that runs something, sorted by label.
pub(super) fn workloads<'s>(facts: &[Fact<'s>], around: &Around<'_, 's>) -> Vec<Workload<'s>> {
    let mut found = Vec::new();
    kubernetes(facts, around, &mut found);
    let mut services: BTreeMap<(&str, &str), Workload<'s>> = BTreeMap::new();
    for source in around.sources.iter().filter(|source| is_named(source.path())) {
        compose(source, around, &mut services);
    }
    found.extend(services.into_values());
    found.sort_by(|one, other| one.label.cmp(&other.label));
    found
}

fn kubernetes<'s>(facts: &[Fact<'s>], around: &Around<'_, 's>, found: &mut Vec<Workload<'s>>) {
    let objects = || facts.iter().filter(|fact| fact.subject().name == Object::SUBJECT.name);
    let mut keys: HashMap<(&str, &str), Vec<Node<'s>>> = HashMap::new();
    for fact in objects() {
        let text = |field| fact.record.get(field).and_then(Value::as_str);
        if let (Some(kind @ ("ConfigMap" | "Secret")), Some(name), Some(Data::Node(root))) =
            (text("kind"), text("name"), fact.record.get("manifest").map(|value| &value.data))
        {
            keys.entry((kind, name)).or_default().push(*root);
        }
    }
    for fact in objects().filter(|fact| fact.role.is_shipped()) {
        let text = |field| fact.record.get(field).and_then(Value::as_str);
        let Some(Data::Node(root)) = fact.record.get("manifest").map(|value| &value.data) else { continue };
        let (Some(kind), Some(source)) = (text("kind"), around.sources.get(fact.span.source.0 as usize)) else {
            continue;
        };
        let (_, pods) = pods(*root, root.get("metadata"), text("api_version").unwrap_or_default(), kind);
        for pod in pods {
            let annotations = pod.metadata.and_then(|metadata| metadata.get("annotations"));
            let injected = annotations.is_some_and(|map| map.entries().any(|one| one.key.text().contains("inject")));
            for (_, node) in containers(pod.spec) {
                let Some(image) = node.get("image").map(Node::text).filter(|image| !image.contains(['{', '$'])) else {
                    continue;
                };
                let mut one = Workload {
                    label: format!("{kind} `{}` in {}", text("name").unwrap_or("-"), source.path()),
                    image: Some(bare(image)),
                    role: fact.role,
                    is_open: injected,
                    text: source.text().get(node.span().range()).unwrap_or_default(),
                    ..Workload::default()
                };
                container(node, &keys, &mut one);
                found.push(one);
            }
        }
    }
}

fn container<'s>(node: Node<'s>, keys: &HashMap<(&str, &str), Vec<Node<'s>>>, one: &mut Workload<'s>) {
    let env = node.get("env").into_iter().flat_map(Node::items);
    one.gives.extend(env.filter_map(|entry| Some(entry.get("name")?.text().to_owned())));
    for from in node.get("envFrom").into_iter().flat_map(Node::items) {
        let prefix = from.get("prefix").map_or("", Node::text);
        let named = [("configMapRef", "ConfigMap"), ("secretRef", "Secret")]
            .into_iter()
            .find_map(|(key, kind)| Some((kind, from.get(key)?.get("name")?.text())));
        let held = named.and_then(|named| keys.get(&named));
        one.is_open |= held.is_none();
        for root in held.into_iter().flatten() {
            let parts = ["data", "stringData"].into_iter().filter_map(|part| root.get(part));
            one.gives.extend(parts.flat_map(Node::entries).map(|entry| format!("{prefix}{}", entry.key.text())));
        }
    }
}

/// The services of a compose file; files of one folder are layers of one another.
fn compose<'s>(source: &'s Source, around: &Around<'_, 's>, services: &mut BTreeMap<(&'s str, &'s str), Workload<'s>>) {
    let path = source.path();
    let folder = path::folder(path);
    let Some(document) = compose_file::read(source, &mut Vec::new()) else { return };
    for service in document.services() {
        let one = services.entry((folder, service.key)).or_insert_with(|| Workload {
            label: format!("compose service `{}` in {path}", service.key),
            is_compose: true,
            role: source.role,
            ..Workload::default()
        });
        if source.role.is_shipped() && !one.role.is_shipped() {
            one.role = source.role;
            one.label = format!("compose service `{}` in {path}", service.key);
        }
        one.text = source.text().get(service.at.range()).unwrap_or_default();
        one.is_open |= service.get("extends").is_some();
        let says = |path: &[&str]| service.at_path(path).map(|part| part.raw);
        if let Some(image) = says(&["image"]).filter(|image| !image.contains('$')) {
            one.image = Some(bare(image));
        }
        if service.get("build").is_some() {
            let context = says(&["build", "context"]).unwrap_or(".");
            if let Some(context) = path::join(folder, context).filter(|_| !context.contains(['$', ':'])) {
                one.dockerfile = path::join(&context, says(&["build", "dockerfile"]).unwrap_or("Dockerfile"));
                one.context = Some(context);
            }
        }
        let environment = service.get("environment").map_or(&[][..], Part::entries);
        one.gives.extend(environment.iter().map(|entry| entry.key.trim().to_owned()));
        env_files(service, folder, around, one);
    }
}

fn env_files(service: &Part<'_>, folder: &str, around: &Around<'_, '_>, one: &mut Workload<'_>) {
    for file in service.get("env_file").map_or(&[][..], Part::items) {
        let path = file.get("path").unwrap_or(file).raw;
        let source = path::join(folder, path).and_then(|path| around.source(&path));
        match source {
            Some(source) => {
                one.gives.extend(read::read(source.text()).assignments().map(|assignment| assignment.key.to_owned()));
            }
            None => one.is_open = true,
        }
    }
}
