//! Service ↔ workload: which pods a Service selects, whether its ports reach a container, and what a workload owes to
//! those who call it.

use std::collections::{BTreeMap, BTreeSet};

use super::autoscaler::Scaled;
use super::behind;
use super::budget::Budgets;
use super::index::{Index, Item, ItemId};
use super::selector::{Selected, Selector};
use crate::fact::{Data, Fact, Type, Value};
use crate::inspect::kubernetes::container::{Form, containers};
use crate::inspect::kubernetes::image::is_placeholder;
use crate::inspect::kubernetes::probe::mentions;
use crate::inspect::kubernetes::workload::Life;
use crate::product;
use crate::span::Span;
use crate::syntax::tree::Node;

/// Ports of one Service, and containers with their ports of one workload, that are looked at.
const MOST: usize = 256;

crate::subject! {
    /// A Service. Stands at its name.
    pub(super) struct Service: "kubernetes.service" {
        /// Its name.
        name: Type::String,
        /// `ClusterIP` (also when unset), `NodePort`, `LoadBalancer` or `ExternalName`.
        form: Type::String,
        /// Whether it has a selector.
        has_selector: Type::Bool,
        /// Whether its selector selects the pods of some workload; points to the selector. Absent without a selector,
        /// and where the set does not show it.
        selects_pods: Type::Bool,
        /// Whether it asks a cloud for a public address: type LoadBalancer, no annotation for an internal one and no
        /// list of those who may call.
        is_open: Type::Bool,
        /// Addresses outside the cluster that it claims (`externalIPs`).
        external_ips: Type::List(&Type::String),
        /// Its `spec`.
        spec: Type::Dyn,
    }

    /// A port of a Service that selects pods. Stands at the target port, else at the port.
    pub(super) struct ServicePort: "kubernetes.servicePort" {
        /// Name of the Service.
        service: Type::String,
        /// Number or name of the port of the pods.
        target: Type::String,
        /// Whether a named target is the name of a port of the selected pods; absent for a number, and where no pod of
        /// the Service's folder is selected. Points to it.
        names_known_port: Type::Bool,
        /// Whether something in the selected pods listens on a numbered target: a container declares it, mentions it, or
        /// is a known product that does. Absent where that cannot be told. Points to it.
        reaches_container: Type::Bool,
        /// The known product that listens there; absent when none is known.
        product: Type::String,
        /// What the product is deployed for; absent when unknown.
        product_role: Type::String,
        /// Who talks to that port of it: `data`, `admin`, `metrics`, `cluster`; absent when unknown.
        purpose: Type::String,
        /// Whether the product lets everybody in as it is set up here; absent where that cannot be told.
        is_unguarded: Type::Bool,
        /// Whether the Service asks a cloud for a public address.
        is_open: Type::Bool,
    }

    /// A workload whose pods a Service selects. Stands at the workload's name.
    pub(super) struct Serving: "kubernetes.serving" {
        /// Kind of the workload.
        kind: Type::String,
        /// Its name.
        name: Type::String,
        /// Name of the first Service.
        service: Type::String,
        /// How many pods it has at least: its replicas, or the least that an autoscaler keeps; points to the number.
        least_replicas: Type::Int,
        /// Whether an autoscaler decides how many pods there are.
        is_autoscaled: Type::Bool,
        /// Whether a PodDisruptionBudget selects its pods.
        has_budget: Type::Bool,
        /// Whether all pods are stopped before new ones start (`Recreate`) though nothing demands it; points to it.
        stops_all: Type::Bool,
        /// Whether its pods keep data in a persistent volume, so that it may not be able to run twice.
        keeps_data: Type::Bool,
        /// Whether pods are kept apart by `podAntiAffinity` or `topologySpreadConstraints`.
        is_spread: Type::Bool,
    }

    /// The container of a pod that answers for it to a Service: the one with a readiness probe, else the first that
    /// declares the target port, else the first. Stands at the container's name.
    pub(super) struct Backend: "kubernetes.backend" {
        /// Name of the container.
        container: Type::String,
        /// Name of the Service.
        service: Type::String,
        /// Whether it has a readiness probe; without one no container of the pod has.
        has_readiness_probe: Type::Bool,
        /// Whether it has a liveness probe.
        has_liveness_probe: Type::Bool,
        /// Kind of the workload.
        kind: Type::String,
        /// Whether there are two pods of it or more, so that a new one is meant to replace an old one unseen.
        is_replicated: Type::Bool,
    }
}

/// States the facts about Services and what stands behind them.
pub(super) fn relate<'s>(index: &Index<'s>, budgets: &Budgets, scaled: &Scaled, facts: &mut Vec<Fact<'s>>) {
    let mut serving: BTreeMap<ItemId, ItemId> = BTreeMap::new();
    let mut backends = BTreeSet::new();
    for id in index.of_kind("Service").iter().copied().filter(|id| index.item(*id).group.is_empty()) {
        let selected = select(index, id);
        facts.push(service_fact(index.item(id), &selected));
        let Selected::Workloads(mut workloads) = selected else { continue };
        workloads.retain(|workload| !is_huge(index.item(*workload)));
        if workloads.is_empty() || index.item(id).get("ports").is_some_and(|ports| ports.items().len() > MOST) {
            continue;
        }
        ports(index, id, &workloads, facts);
        for workload in workloads {
            serving.entry(workload).or_insert(id);
            let is_replicated = matches!(least(index, workload, scaled), Data::Int(least) if least > 1);
            backend_facts(index, (id, workload), is_replicated, &mut backends, facts);
        }
    }
    for (workload, service) in serving {
        if matches!(index.item(workload).workload, Some(row) if row.life == Life::Server) {
            facts.push(serving_fact(index, workload, service, budgets, scaled));
        }
    }
}

/// Whether a workload has more containers, or one of them more ports, than any real one.
fn is_huge(item: &Item<'_>) -> bool {
    item.pods.len() > MOST
        || item.pods.iter().any(|pod| {
            let mut count = 0;
            containers(pod.spec).any(|(_, container)| {
                count += 1 + declared(container).take(MOST).count();
                count > MOST
            })
        })
}

/// What the selector of a Service selects.
pub(super) fn select(index: &Index<'_>, id: ItemId) -> Selected {
    match index.item(id).get("selector") {
        Some(node) => Selector::of_labels(node).select(index, id),
        None => Selected::Unclear,
    }
}

fn service_fact<'s>(item: &Item<'s>, selected: &Selected) -> Fact<'s> {
    let place = item.span;
    let selector = item.get("selector").filter(|node| node.entries().len() > 0);
    let form = item.get("type");
    let external: Vec<Value<'s>> = item
        .get("externalIPs")
        .into_iter()
        .flat_map(Node::items)
        .map(|address| Value::str(address.text(), address.span()))
        .collect();
    let external_at = external.first().and_then(|value| value.span).unwrap_or(place);
    let selector_at = selector.map_or(place, Node::span);
    Service {
        name: Value::str(item.name, place),
        form: Value::str(form.map_or("ClusterIP", Node::text), form.map_or(place, Node::span)),
        has_selector: Value::bool(selector.is_some(), selector_at),
        selects_pods: match selected {
            Selected::Unclear => Value::absent(selector_at),
            Selected::Nothing => Value::bool(false, selector_at),
            Selected::Workloads(_) => Value::bool(true, selector_at),
        },
        is_open: Value::bool(is_open(item), form.map_or(place, Node::span)),
        external_ips: Value::list(external, external_at),
        spec: item.spec().map_or(Value::absent(place), Value::node),
    }
    .fact(place, format!("{}/service", item.path), item.role)
}

fn is_open(item: &Item<'_>) -> bool {
    let annotations = item.manifest.at_path(&["metadata", "annotations"]);
    let internal = annotations.into_iter().flat_map(Node::entries).any(|entry| {
        let (key, value) = (entry.key.text(), entry.value.text());
        key.contains("internal") && !matches!(value, "false" | "0.0.0.0/0")
            || key.ends_with("load-balancer-scheme") && value == "internal"
            || key.ends_with("load-balancer-type") && value.eq_ignore_ascii_case("internal")
            || key.ends_with("load-balancer-source-ranges")
    });
    item.get("type").is_some_and(|form| form.text() == "LoadBalancer")
        && !internal
        && item.get("loadBalancerSourceRanges").is_none()
        && item.get("loadBalancerClass").is_none()
}

/// Judges every port of a Service against the pods it selects.
fn ports<'s>(index: &Index<'s>, id: ItemId, workloads: &[ItemId], facts: &mut Vec<Fact<'s>>) {
    let item = index.item(id);
    for port in item.get("ports").into_iter().flat_map(Node::items) {
        let written = port.get("targetPort").filter(|target| !target.is_null() && target.text() != "0");
        let Some(target) = written.or_else(|| port.get("port")) else { continue };
        if target.text().is_empty() || (target.as_int().is_none() && is_placeholder(target.text())) {
            continue;
        }
        let number = target.as_int().or_else(|| target.text().parse().ok());
        let pods = || workloads.iter().map(|id| index.item(*id));
        let (named, reached) = match number {
            None => {
                let is_known = pods().any(|pod| has_port_named(pod, target.text()));
                // Of a workload of another folder only a part may stand there: an overlay adds the container.
                let is_whole = is_known || pods().any(|pod| pod.folder == item.folder);
                let value = if is_whole { Data::Bool(is_known) } else { Data::Absent };
                (Value::new(value, target.span()), Value::absent(target.span()))
            }
            Some(number) => {
                let reached = pods().map(|pod| listens(pod, number)).max().unwrap_or(Listens::Maybe);
                let value = match reached {
                    Listens::No => Value::bool(false, target.span()),
                    Listens::Maybe => Value::absent(target.span()),
                    Listens::Yes => Value::bool(true, target.span()),
                };
                (Value::absent(target.span()), value)
            }
        };
        let said = behind::said(behind::find(index, workloads, target), target.span());
        let fact = ServicePort {
            service: Value::str(item.name, item.span),
            target: Value::str(target.text(), target.span()),
            names_known_port: named,
            reaches_container: reached,
            product: said.product,
            product_role: said.role,
            purpose: said.purpose,
            is_unguarded: said.is_unguarded,
            is_open: Value::bool(is_open(item), target.span()),
        };
        facts.push(fact.fact(target.span(), format!("{}/ports/{}", item.path, target.text()), item.role));
    }
}

/// The containers of its pods that may listen.
pub(super) fn serving_containers<'s>(item: &Item<'s>) -> impl Iterator<Item = Node<'s>> {
    let forms = |form: &Form| matches!(form, Form::Regular | Form::Sidecar);
    item.pods
        .iter()
        .flat_map(move |pod| containers(pod.spec).filter(move |(form, _)| forms(form)).map(|(_, node)| node))
}

fn declared(container: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    container.get("ports").into_iter().flat_map(Node::items)
}

fn has_port_named(item: &Item<'_>, name: &str) -> bool {
    serving_containers(item).flat_map(declared).any(|port| port.get("name").is_some_and(|node| node.text() == name))
}

/// Whether something listens on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Listens {
    No,
    Maybe,
    Yes,
}

/// Declared ports are only information: a container that declares others may listen here as well, unless it is a known
/// product that does not. So `No` needs every container of the pod to be known.
fn listens(item: &Item<'_>, number: i64) -> Listens {
    let mut worst = Listens::No;
    for container in serving_containers(item) {
        let declares = declared(container).any(|port| port.get("containerPort").and_then(Node::as_int) == Some(number));
        if declares {
            return Listens::Yes;
        }
        let own_command = container.get("command").is_some() || container.get("args").is_some();
        let configured = container.get("volumeMounts").is_some() || container.get("envFrom").is_some();
        let image = container.get("image").map_or("", Node::text);
        let known = product::known(image).filter(|known| !known.ports().is_empty());
        match known {
            Some(known) if known.ports().iter().any(|port| i64::from(port.port) == number) => return Listens::Yes,
            Some(_) if !own_command && !configured && !mentions(container, &number.to_string()) => {}
            _ => worst = Listens::Maybe,
        }
    }
    worst
}

fn backend_facts<'s>(
    index: &Index<'s>,
    (service, workload): (ItemId, ItemId),
    is_replicated: bool,
    seen: &mut BTreeSet<ItemId>,
    facts: &mut Vec<Fact<'s>>,
) {
    let (service, item) = (index.item(service), index.item(workload));
    if !matches!(item.workload, Some(row) if matches!(row.life, Life::Server | Life::Node | Life::Pod)) {
        return;
    }
    let targets: Vec<&str> = service
        .get("ports")
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|port| port.get("targetPort").or_else(|| port.get("port")))
        .map(Node::text)
        .collect();
    let serves = |container: &Node<'s>| {
        declared(*container).any(|port| {
            ["name", "containerPort"].iter().any(|key| port.get(key).is_some_and(|node| targets.contains(&node.text())))
        })
    };
    let mapped: Vec<Node<'s>> = serving_containers(item).filter(serves).collect();
    let regular = |spec: Node<'s>| containers(spec).filter(|(form, _)| *form == Form::Regular).map(|(_, node)| node);
    let all = || item.pods.iter().flat_map(|pod| regular(pod.spec)).collect();
    let chosen = if mapped.is_empty() { all() } else { mapped };
    // A pod is ready when all its probes say so: one is enough, and a pod without any is told once.
    let probed = serving_containers(item).find(|container| has(*container, "readinessProbe"));
    if let Some(container) = probed.or_else(|| chosen.first().copied())
        && seen.insert(workload)
    {
        facts.push(backend_fact(service, item, container, is_replicated));
    }
}

fn has(container: Node<'_>, key: &str) -> bool {
    container.get(key).is_some_and(|node| !node.is_null())
}

fn backend_fact<'s>(service: &Item<'s>, item: &Item<'s>, container: Node<'s>, is_replicated: bool) -> Fact<'s> {
    let name = container.get("name").filter(|name| !name.text().is_empty());
    let place = name.map_or_else(|| container.span().at_start(), Node::span);
    let flag = |key: &str| {
        let entry = container.entry(key).filter(|entry| !entry.value.is_null());
        Value::bool(entry.is_some(), entry.map_or(place, |entry| entry.key.span()))
    };
    Backend {
        container: Value::str(name.or_else(|| container.get("image")).map_or("", Node::text), place),
        service: Value::str(service.name, place),
        has_readiness_probe: flag("readinessProbe"),
        has_liveness_probe: flag("livenessProbe"),
        kind: Value::str(item.kind, place),
        is_replicated: Value::bool(is_replicated, place),
    }
    .fact(place, format!("{}/backend/{}", item.path, name.map_or("-", Node::text)), item.role)
}

fn serving_fact<'s>(
    index: &Index<'s>,
    workload: ItemId,
    service: ItemId,
    budgets: &Budgets,
    scaled: &Scaled,
) -> Fact<'s> {
    let (item, service) = (index.item(workload), index.item(service));
    let place = item.span;
    let replicas = item.get("replicas");
    let strategy = item.spec().and_then(|spec| spec.at_path(&["strategy", "type"]));
    let stateful = item.pods.iter().any(|pod| has_claim(pod.spec));
    let keeps_data = stateful || item.get("volumeClaimTemplates").is_some();
    let recreate = strategy.is_some_and(|node| node.text() == "Recreate") && !stateful;
    let spread = item.pods.iter().any(|pod| {
        pod.spec.at_path(&["affinity", "podAntiAffinity"]).is_some()
            || pod.spec.get("topologySpreadConstraints").is_some()
    });
    Serving {
        kind: Value::str(item.kind, place),
        name: Value::str(item.name, place),
        service: Value::str(service.name, place),
        least_replicas: Value::new(least(index, workload, scaled), replicas_place(item, replicas)),
        is_autoscaled: Value::bool(scaled.contains_key(&workload), place),
        has_budget: Value::bool(budgets.contains(&workload), place),
        stops_all: Value::bool(recreate, strategy.map_or(place, Node::span)),
        keeps_data: Value::bool(keeps_data, place),
        is_spread: Value::bool(spread, place),
    }
    .fact(place, format!("{}/serving", item.path), item.role)
}

/// How many pods it has at least.
fn least<'s>(index: &Index<'s>, workload: ItemId, scaled: &Scaled) -> Data<'s> {
    match (scaled.get(&workload), index.item(workload).get("replicas")) {
        (Some(least), _) => Data::Int(*least),
        (None, None) => Data::Int(1),
        (None, Some(node)) => node.as_int().map_or(Data::Absent, Data::Int),
    }
}

fn replicas_place(item: &Item<'_>, replicas: Option<Node<'_>>) -> Span {
    replicas.map_or(item.span, Node::span)
}

/// Whether the pod keeps data in a claim, which two pods can seldom share.
fn has_claim(spec: Node<'_>) -> bool {
    spec.get("volumes").into_iter().flat_map(Node::items).any(|volume| volume.get("persistentVolumeClaim").is_some())
}
