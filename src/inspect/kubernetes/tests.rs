//! What the inspector says of small manifests.

use super::*;
use crate::fact::{Data, Fact, Role, Value};
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(path: &str, text: &str) -> Source {
    Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text)
}

/// The facts and problems of a text, as short lines.
fn inspect(path: &str, text: &str, look: impl FnOnce(&[Fact<'_>], &[Problem])) {
    let source = source(path, text);
    let inspection = Kubernetes.inspect(&source);
    for fact in &inspection.facts {
        let range = fact.span.range();
        assert!(text.get(range).is_some(), "span out of bounds: {}", fact.path);
    }
    look(&inspection.facts, &inspection.problems);
}

fn of<'f, 's>(facts: &'f [Fact<'s>], subject: &str, path: &str) -> &'f Fact<'s> {
    facts
        .iter()
        .find(|fact| fact.subject().name == subject && &*fact.path == path)
        .unwrap_or_else(|| panic!("no {subject} {path} among {:?}", facts.iter().map(|f| &*f.path).collect::<Vec<_>>()))
}

fn value<'f, 's>(fact: &'f Fact<'s>, field: &str) -> &'f Value<'s> {
    fact.record.get(field).unwrap_or_else(|| panic!("no field {field}"))
}

fn flag(facts: &[Fact<'_>], subject: &str, path: &str, field: &str) -> Option<bool> {
    value(of(facts, subject, path), field).as_bool()
}

fn fields(facts: &[Fact<'_>]) -> Vec<String> {
    let wrong = facts.iter().filter(|fact| fact.subject().name == "kubernetes.field");
    let text = |fact: &Fact<'_>, name: &str| value(fact, name).as_str().unwrap_or_default().to_owned();
    wrong.map(|fact| format!("{} {}", text(fact, "path"), text(fact, "problem"))).collect()
}

const CONTAINER: &str = "kubernetes.container";

#[test]
fn inheritance_stops_where_kubernetes_stops() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, readOnlyRootFilesystem: true}\n  containers:\n  - {name: a, image: \"x:1\"}\n  - {name: b, image: \"x:1\", securityContext: {runAsNonRoot: false, seccompProfile: {type: Unconfined}}}\n  - {name: c, image: \"x:1\", securityContext: {runAsUser: 0}}\n  - {name: d, image: \"x:1\", securityContext: {runAsUser: 1000}}\n";
    inspect("pod.yaml", text, |facts, problems| {
        assert!(problems.is_empty(), "{problems:?}");
        let at = |name: &str| format!("Pod/shop/p/containers/{name}");
        assert_eq!(flag(facts, CONTAINER, &at("a"), "runs_as_non_root"), Some(true));
        assert_eq!(flag(facts, CONTAINER, &at("b"), "runs_as_non_root"), Some(false));
        assert_eq!(flag(facts, CONTAINER, &at("c"), "user_contradicts"), Some(true));
        assert_eq!(flag(facts, CONTAINER, &at("d"), "runs_as_non_root"), Some(true));
        assert_eq!(flag(facts, CONTAINER, &at("a"), "read_only_root"), Some(false));
        assert_eq!(value(of(facts, CONTAINER, &at("a")), "seccomp").as_str(), Some("RuntimeDefault"));
        assert_eq!(value(of(facts, CONTAINER, &at("b")), "seccomp").as_str(), Some("Unconfined"));
        assert_eq!(fields(facts), ["spec.securityContext.readOnlyRootFilesystem misplaced"]);
    });
}

#[test]
fn init_containers_sidecars_and_ephemeral_ones() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {matchLabels: {app: d}}\n  template:\n    metadata: {labels: {app: d}}\n    spec:\n      initContainers:\n      - {name: once, image: \"x:1\"}\n      - {name: side, image: \"x:1\", restartPolicy: Always}\n      containers: [{name: main, image: \"x:1\"}]\n      ephemeralContainers: [{name: look, image: \"x:1\"}]\n";
    inspect("d.yaml", text, |facts, _| {
        let forms: Vec<_> = facts
            .iter()
            .filter(|fact| fact.subject().name == CONTAINER)
            .map(|fact| (value(fact, "form").as_str().unwrap(), value(fact, "runs_forever").as_bool().unwrap()))
            .collect();
        assert_eq!(forms, [("init", false), ("sidecar", true), ("container", true), ("ephemeral", false)]);
        assert_eq!(flag(facts, "kubernetes.workload", "Deployment/d", "selector_matches"), Some(true));
    });
}

#[test]
fn lists_of_every_sort() {
    let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: x}]}}]}\n---\napiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: b}\n  spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}}\n";
    inspect("l.yaml", text, |facts, _| {
        of(facts, CONTAINER, "Pod/a/containers/c");
        of(facts, CONTAINER, "Deployment/b/containers/c");
    });
}

#[test]
fn templates_and_patches_are_not_judged() {
    let cases = [
        (
            "chart/templates/d.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .x }}\"}\nspec: {containers: [{name: a, image: x}]}\n",
        ),
        (
            "d.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ name }}\nspec: {containers: [{name: a, image: x}]}\n",
        ),
        (
            "patch.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3, template: {spec: {containers: [{name: app, resources: {}}]}}}\n",
        ),
        ("svc.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n"),
        ("t.yaml", "apiVersion: template.openshift.io/v1\nkind: Template\nobjects: []\n"),
    ];
    for (path, text) in cases {
        inspect(path, text, |facts, problems| {
            assert!(facts.iter().all(|fact| fact.subject().name == "kubernetes.gap"), "{path}");
            assert!(
                matches!(problems, [Problem { reason: crate::fact::Reason::Template(_), .. }]),
                "{path}: {problems:?}"
            );
        });
    }
}

#[test]
fn braces_inside_values_are_data() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {keyspace: \"{{keyspace}}\"}}\nspec:\n  containers: [{name: a, image: \"{{ image }}\", securityContext: {privileged: true}}]\n";
    inspect("p.yaml", text, |facts, problems| {
        assert!(problems.is_empty(), "{problems:?}");
        let container = of(facts, CONTAINER, "Pod/p/containers/a");
        assert_eq!(value(container, "privileged").as_bool(), Some(true));
        assert!(matches!(value(container, "image").data, Data::Unknown(_)));
    });
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: first}\nspec: {containers: [{name: a, image: x}]}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: second\n spec: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: third}\nspec: {containers: [{name: c, image: x}]}\n";
    inspect("p.yaml", text, |facts, problems| {
        of(facts, CONTAINER, "Pod/first/containers/a");
        of(facts, CONTAINER, "Pod/third/containers/c");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(text[..problems[0].span.start as usize].contains("second"), "{problems:?}");
    });
}

#[test]
fn wrong_types_are_facts_and_hide_nothing() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: q, labels: {version: 1.0}}\nspec:\n  hostAliases: []\n  hostNetwork: yes\n  containers:\n  - name: app\n    image: registry.example.com/app:v1\n    imagePulPolicy: Always\n    readinesProbe: {}\n    runAsUser: 1\n    env: [{name: A, value: 1}]\n    securityContext: {capabilities: {drop: [all]}, privileged: \"false\"}\n    resources: {limits: {memory: 1g}, requests: {memory: 64Mi, cpu: 0.5}}\n    ports: [{containerPort: 99999, protocol: tcp}]\n";
    inspect("p.yaml", text, |facts, _| {
        assert_eq!(
            fields(facts),
            [
                "metadata.labels.version type",
                "spec.containers[0].imagePulPolicy unknown",
                "spec.containers[0].readinesProbe unknown",
                "spec.containers[0].runAsUser misplaced",
                "spec.containers[0].env[0].value type",
                "spec.containers[0].securityContext.capabilities.drop[0] case",
                "spec.containers[0].securityContext.privileged type",
                "spec.containers[0].resources.limits.memory quantity",
                "spec.containers[0].ports[0].containerPort port",
                "spec.containers[0].ports[0].protocol value",
            ]
        );
        assert_eq!(flag(facts, "kubernetes.pod", "Pod/q/pod", "host_network"), Some(true));
        assert_eq!(flag(facts, CONTAINER, "Pod/q/containers/app", "privileged"), Some(false));
    });
}

#[test]
fn a_key_written_twice_is_a_fact_of_its_object() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: x:1\n    image: y:2\n";
    inspect("p.yaml", text, |facts, _| assert_eq!(fields(facts), ["image duplicate"]));
}

#[test]
fn cron_jobs() {
    let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: n}\nspec:\n  schedule: \"61 25 * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Always\n          containers: [{name: a, image: x}]\n";
    inspect("c.yaml", text, |facts, _| {
        assert_eq!(flag(facts, "kubernetes.workload", "CronJob/n", "schedule_is_valid"), Some(false));
        assert_eq!(flag(facts, "kubernetes.workload", "CronJob/n", "restart_policy_fits"), Some(false));
        assert_eq!(flag(facts, CONTAINER, "CronJob/n/containers/a", "runs_forever"), Some(false));
    });
}

#[test]
fn namespaces_labels_and_hooks_show_the_role() {
    let role = |meta: &str| {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, {meta}}}\n");
        let source = source("c.yaml", &text);
        Kubernetes.inspect(&source).facts[0].role
    };
    assert_eq!(role("namespace: shop-staging"), Role::Staging);
    assert_eq!(role("namespace: devices"), Role::Production);
    assert_eq!(role("labels: {env: dev}"), Role::Development);
    assert_eq!(role("annotations: {helm.sh/hook: test}"), Role::Test);
}

#[test]
fn anything_at_all_is_survived() {
    let deep = format!("apiVersion: v1\nkind: Pod\nspec: {}", "[".repeat(20_000));
    let texts = [
        "",
        "apiVersion: v1\nkind: Pod\n",
        "apiVersion: v1\nkind: Pod\nmetadata: []\nspec: 1\n",
        "apiVersion: v1\nkind: Pod\nspec: {containers: {a: b}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: [a]}\nspec: {containers: [a, [b], {name: {}}], volumes: [1, {}]}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: [], template: {metadata: 1, spec: {containers: [{image: 1, ports: [{}], env: [{}], livenessProbe: 1}]}}}\n",
        "apiVersion: v1\nkind: PodList\nitems: [1, {}, {spec: 1}]\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules: [1, {verbs: a}]\n",
        deep.as_str(),
    ];
    for text in texts {
        inspect("x.yaml", text, |_, _| {});
    }
}

#[test]
fn a_pod_of_many_parts_takes_no_quadratic_time() {
    let mut text = String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n");
    for n in 0..3000 {
        text += &format!(
            "  - {{name: c{n}, image: \"x:1\", ports: [{{containerPort: {}}}], livenessProbe: {{tcpSocket: {{port: 1}}}}, volumeMounts: [{{name: v{n}, mountPath: /v}}]}}\n",
            n + 2
        );
    }
    text += "  volumes:\n";
    for n in 0..3000 {
        text += &format!("  - {{name: v{n}, emptyDir: {{}}}}\n");
    }
    inspect("p.yaml", &text, |facts, _| {
        let mounts = facts.iter().filter(|fact| fact.subject().name == "kubernetes.mount");
        assert!(mounts.clone().all(|fact| value(fact, "exists").as_bool() == Some(true)));
        assert_eq!(mounts.count(), 3000);
        let volumes = facts.iter().filter(|fact| fact.subject().name == "kubernetes.volume");
        assert!(volumes.clone().all(|fact| value(fact, "is_used").as_bool() == Some(true)));
    });
}
