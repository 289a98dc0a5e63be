//! Facts about objects that make no pods: roles, bindings, Ingresses, ConfigMaps.

use std::collections::HashSet;

use super::document::Object;
use super::facts::{key_place, part, text, texts};
use super::subjects;
use super::workload;
use crate::fact::{Data, Fact, Value};
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// Annotations by which a cloud's load balancer or a certificate manager brings TLS.
const TLS_ANNOTATIONS: [&str; 9] = [
    "alb.ingress.kubernetes.io/certificate-arn",
    "alb.ingress.kubernetes.io/listen-ports",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "networking.gke.io/certmap",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "traefik.ingress.kubernetes.io/router.tls",
    "ingress.cloud.ibm.com/tls",
    "haproxy.org/ssl-certificate",
];

/// The facts about one object.
pub(super) fn facts<'s>(object: &Object<'s>, facts: &mut Vec<Fact<'s>>) {
    match (workload::group(object.api_version), object.kind) {
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => permissions(object, facts),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => facts.push(binding(object)),
        ("networking.k8s.io" | "extensions", "Ingress") => facts.push(ingress(object)),
        _ => {}
    }
}

fn permissions<'s>(object: &Object<'s>, facts: &mut Vec<Fact<'s>>) {
    for (index, rule) in object.root.get("rules").into_iter().flat_map(Node::items).enumerate() {
        let place = rule.get("verbs").map_or_else(|| rule.span().at_start(), Node::span);
        facts.push(permission(object, rule, place).fact(place, format!("{}/rules/{index}", object.path), object.role));
    }
}

fn permission<'s>(object: &Object<'s>, rule: Node<'s>, place: Span) -> subjects::Permission<'s> {
    let items = |key: &str| rule.get(key).into_iter().flat_map(Node::items);
    let find = |key: &str, words: &[&str]| items(key).find(|item| words.contains(&item.text()));
    let name = object.name().map_or("", Node::text);
    let built_in = name.starts_with("system:")
        || (object.kind == "ClusterRole" && matches!(name, "cluster-admin" | "admin" | "edit" | "view"));
    let write = items("verbs").find(|verb| !matches!(verb.text(), "get" | "list" | "watch"));
    let own = items("apiGroups").all(|group| is_own_group(group.text()));
    let wildcard = ["verbs", "resources"].into_iter().find_map(|key| find(key, &["*"])).filter(|_| !own);
    let core = find("apiGroups", &["", "*"]).is_some();
    let secrets = find("resources", &["secrets", "*"]).filter(|_| core);
    let reads = find("verbs", &["get", "list", "watch", "*"]).is_some();
    let everything =
        find("verbs", &["*"]).and(find("resources", &["*"])).filter(|_| find("apiGroups", &["*"]).is_some());
    let narrowed = rule.get("resourceNames").filter(|names| names.items().len() > 0);
    subjects::Permission {
        kind: Value::str(object.kind, place),
        role: text(object.name(), place),
        verbs: texts(rule.get("verbs"), place),
        resources: texts(rule.get("resources"), place),
        api_groups: texts(rule.get("apiGroups"), place),
        is_narrowed: Value::bool(narrowed.is_some(), narrowed.map_or(place, Node::span)),
        can_write: Value::bool(write.is_some(), write.map_or(place, Node::span)),
        reads_secrets: Value::bool(secrets.is_some() && reads && narrowed.is_none(), secrets.map_or(place, Node::span)),
        allows_everything: Value::bool(everything.is_some(), everything.map_or(place, Node::span)),
        has_wildcard: Value::bool(wildcard.is_some() && write.is_some(), wildcard.map_or(place, Node::span)),
        is_built_in: Value::bool(built_in, object.place),
    }
}

/// Groups of custom resources and of metrics, which a wildcard may well cover.
fn is_own_group(group: &str) -> bool {
    group.contains('.') && (!group.ends_with(".k8s.io") || group.ends_with("metrics.k8s.io"))
}

fn binding<'s>(object: &Object<'s>) -> Fact<'s> {
    let place = object.place;
    let role = object.root.at_path(&["roleRef", "name"]);
    let items = || object.root.get("subjects").into_iter().flat_map(Node::items);
    let name_of = |item: Node<'s>| item.get("name").map_or("", Node::text);
    let kind_of = |item: Node<'s>| item.get("kind").map_or("", Node::text);
    let describe = |item: Node<'s>| match item.get("namespace") {
        Some(namespace) => format!("{}/{}/{}", kind_of(item), namespace.text(), name_of(item)),
        None => format!("{}/{}", kind_of(item), name_of(item)),
    };
    let everybody = items().find(|item| {
        kind_of(*item) == "Group" && matches!(name_of(*item), "system:unauthenticated" | "system:authenticated")
            || kind_of(*item) == "User" && name_of(*item) == "system:anonymous"
    });
    let default = items().find(|item| kind_of(*item) == "ServiceAccount" && name_of(*item) == "default");
    let at = |item: Option<Node<'s>>| item.and_then(|item| item.get("name")).map_or(place, Node::span);
    let subjects = items().map(|item| Value::str(describe(item), item.span())).collect();
    subjects::Binding {
        kind: Value::str(object.kind, place),
        name: text(object.name(), place),
        role: text(role, place),
        subjects: Value::list(subjects, object.root.get("subjects").map_or(place, Node::span)),
        is_for_everybody: Value::bool(everybody.is_some(), at(everybody)),
        is_for_default_account: Value::bool(default.is_some(), at(default)),
        is_system: Value::bool(object.is_system(), place),
    }
    .fact(place, format!("{}/binding", object.path), object.role)
}

fn ingress<'s>(object: &Object<'s>) -> Fact<'s> {
    let place = object.place;
    let tls = object.spec().and_then(|spec| spec.get("tls")).filter(|tls| tls.items().len() > 0);
    let annotation = TLS_ANNOTATIONS.iter().find_map(|key| object.annotation(key));
    let annotations = object.meta("annotations");
    let snippet = annotations.into_iter().flat_map(Node::entries).find(|entry| {
        let key = entry.key.text();
        key.starts_with("nginx.ingress.kubernetes.io/") && key.ends_with("-snippet")
    });
    let uncovered = uncovered_hosts(object, tls);
    let uncovered_at = uncovered.first().and_then(|value| value.span).unwrap_or(place);
    subjects::Ingress {
        name: text(object.name(), place),
        has_tls: Value::bool(
            tls.is_some() || annotation.is_some(),
            tls.or(annotation).map_or_else(|| key_place(Some(object.root), "spec", place), Node::span),
        ),
        uncovered_hosts: Value::new(Data::List(uncovered.into()), uncovered_at),
        has_snippet: Value::bool(snippet.is_some(), snippet.map_or(place, |entry| entry.key.span())),
        spec: part(object.spec(), place),
        annotations: part(annotations, place),
    }
    .fact(place, format!("{}/ingress", object.path), object.role)
}

/// Hosts of rules that no entry of `tls` names; an entry without hosts covers everything.
fn uncovered_hosts<'s>(object: &Object<'s>, tls: Option<Node<'s>>) -> Vec<Value<'s>> {
    let Some(tls) = tls else { return Vec::new() };
    let hosts_of = |entry: Node<'s>| entry.get("hosts").filter(|hosts| hosts.items().len() > 0);
    if tls.items().any(|entry| entry.kind() != Kind::Map || hosts_of(entry).is_none()) {
        return Vec::new();
    }
    let covered: HashSet<&str> = tls.items().filter_map(hosts_of).flat_map(Node::items).map(Node::text).collect();
    let rules = object.spec().and_then(|spec| spec.get("rules"));
    let hosts = rules.into_iter().flat_map(Node::items).filter_map(|rule| rule.get("host"));
    hosts
        .filter(|host| !host.text().is_empty() && !is_covered(&covered, host.text()))
        .map(|host| Value::str(host.text(), host.span()))
        .collect()
}

/// Whether a certificate's name covers a host; a wildcard stands for one label.
fn is_covered(names: &HashSet<&str>, host: &str) -> bool {
    let wildcard = || host.split_once('.').is_some_and(|(_, rest)| names.contains(format!("*.{rest}").as_str()));
    names.contains(host) || wildcard()
}
