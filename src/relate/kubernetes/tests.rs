//! What the relations say of small sets.

use super::*;
use crate::fact::Role;
use crate::inspect::Inspector;
use crate::inspect::kubernetes::Kubernetes as Reader;
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

/// Facts of the relations over some files, as `subject path field=value`.
fn relate(files: &[(&str, &str)], fields: &[&str]) -> Vec<String> {
    let sources: Vec<Source> = (0u32..)
        .zip(files)
        .map(|(id, (path, text))| {
            let origin = Origin::File((*path).into());
            Source::new(SourceId(id), origin, Encoding::Utf8, Role::Production, *text)
        })
        .collect();
    let facts: Vec<Fact<'_>> = sources.iter().flat_map(|source| Reader.inspect(source).facts).collect();
    let mut lines = Vec::new();
    let around = Around { inventory: &Default::default(), demands: &Default::default() };
    for fact in Kubernetes.relate(&sources, &facts, around) {
        for field in fields {
            let Some(value) = fact.record.get(field) else { continue };
            let shown = match &value.data {
                Data::Bool(value) => value.to_string(),
                Data::Int(value) => value.to_string(),
                Data::Str(value) => value.to_string(),
                Data::List(values) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                Data::Absent => continue,
                other => format!("{other:?}"),
            };
            lines.push(format!("{} {field}={shown}", fact.path));
        }
    }
    lines
}

fn deployment(name: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: {name}}}}}\n  template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: a, image: \"x.example/a:1\"}}]{more}}}}}\n"
    )
}

fn service(app: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: {app}}}, ports: [{{port: 80}}]}}\n"
    )
}

#[test]
fn one_application_in_three_folders() {
    let (service, deployment) = (service("web"), deployment("web", ""));
    let files = [
        ("app/deploy/d.yaml", &*deployment),
        ("app/svc/s.yaml", &*service),
        ("other/d.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"),
    ];
    assert_eq!(relate(&files, &["selects_pods"]), ["Service/web/service selects_pods=true"]);
}

#[test]
fn a_selector_with_a_slip() {
    let (service, deployment) = (service("wbe"), deployment("web", ""));
    let files = [("app/d.yaml", &*deployment), ("app/s.yaml", &*service)];
    assert_eq!(relate(&files, &["selects_pods"]), ["Service/web/service selects_pods=false"]);
    let alone = [("app/s.yaml", &*service)];
    assert!(relate(&alone, &["selects_pods"]).is_empty());
}

#[test]
fn namespaces_keep_apart() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: a}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: b, labels: {app: web}}\nspec: {containers: [{name: c, image: \"x:1\"}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: external, namespace: a}\nspec: {ports: [{port: 5432}]}\n";
    assert_eq!(relate(&[("n.yaml", text)], &["selects_pods"]), ["Service/a/s/service selects_pods=false"]);
}

#[test]
fn environments_side_by_side_are_not_merged() {
    let (one, other) = (deployment("web", ", automountServiceAccountToken: false"), deployment("web", ""));
    let service = service("web");
    let files = [("dev/d.yaml", &*one), ("prod/d.yaml", &*other), ("prod/s.yaml", &*service)];
    let serving: Vec<String> = relate(&files, &["least_replicas"]);
    assert_eq!(serving, ["Deployment/web/serving least_replicas=1"]);
    assert!(relate(&files, &["is_repeated"]).iter().all(|line| line.ends_with("false")));
}

#[test]
fn ports_by_name_reach_native_sidecars() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      initContainers: [{name: proxy, image: \"x:1\", restartPolicy: Always, ports: [{name: http, containerPort: 8080}]}]\n      containers: [{name: app, image: \"x:1\"}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: http}, {port: 81, targetPort: htp}]}\n";
    let lines = relate(&[("w.yaml", text)], &["names_known_port", "has_readiness_probe"]);
    assert_eq!(
        lines,
        [
            "Service/web/ports/http names_known_port=true",
            "Service/web/ports/htp names_known_port=false",
            "Deployment/web/backend/proxy has_readiness_probe=false"
        ]
    );
}

#[test]
fn a_known_product_listens_where_it_listens() {
    let text = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: web}\nspec: {selector: {matchLabels: {t: w}}, template: {metadata: {labels: {t: w}}, spec: {containers: [{name: m, image: \"nginx:1.27\"}]}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {t: w}, ports: [{port: 8080}, {port: 80}]}\n";
    let lines = relate(&[("w.yaml", text)], &["reaches_container"]);
    assert_eq!(
        lines,
        ["Service/web/ports/8080 reaches_container=false", "Service/web/ports/80 reaches_container=true"]
    );
}

#[test]
fn budgets_that_block() {
    let blocks = |policy: &str| {
        let text = format!(
            "{}---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: b}}\nspec: {{{policy}, selector: {{matchLabels: {{app: web}}}}}}\n",
            deployment("web", "").replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector")
        );
        relate(&[("b.yaml", &text)], &["blocks_eviction"])
    };
    for policy in
        ["maxUnavailable: 0", "maxUnavailable: 0%", "minAvailable: 2", "minAvailable: 100%", "minAvailable: 51%"]
    {
        assert_eq!(blocks(policy), ["PodDisruptionBudget/b/budget blocks_eviction=true"], "{policy}");
    }
    for policy in ["maxUnavailable: 1", "minAvailable: 1", "minAvailable: 50%", "minAvailable: 0"] {
        assert_eq!(blocks(policy), ["PodDisruptionBudget/b/budget blocks_eviction=false"], "{policy}");
    }
}

#[test]
fn autoscalers_need_requests_and_a_target() {
    let scaler = |name: &str| {
        format!(
            "{}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: h}}\nspec:\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n  minReplicas: 2\n  maxReplicas: 4\n  metrics: [{{type: Resource, resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 70}}}}}}]\n",
            deployment("web", "")
        )
    };
    assert_eq!(
        relate(&[("h.yaml", &scaler("web"))], &["target_exists", "unmeasured"]),
        [
            "HorizontalPodAutoscaler/h/autoscaler target_exists=true",
            "HorizontalPodAutoscaler/h/autoscaler unmeasured=a: cpu"
        ]
    );
    assert_eq!(
        relate(&[("h.yaml", &scaler("wbe"))], &["target_exists"]),
        ["HorizontalPodAutoscaler/h/autoscaler target_exists=false"]
    );
}

#[test]
fn ingress_backends() {
    let text = format!(
        "{}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i}}\nspec:\n  defaultBackend: {{service: {{name: gone, port: {{number: 80}}}}}}\n  rules: [{{http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 81}}}}}}}}]}}}}]\n",
        service("web")
    );
    assert_eq!(
        relate(&[("i.yaml", &text)], &["service_exists", "port_exists"]),
        [
            "Ingress/i/backends/gone service_exists=false",
            "Ingress/i/backends/web service_exists=true",
            "Ingress/i/backends/web port_exists=false"
        ]
    );
}

#[test]
fn keys_of_config_maps() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {A: \"1\"}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: x:1\n    env:\n    - {name: A, valueFrom: {configMapKeyRef: {name: settings, key: A}}}\n    - {name: B, valueFrom: {configMapKeyRef: {name: settings, key: B}}}\n    - {name: C, valueFrom: {configMapKeyRef: {name: setings, key: A}}}\n    - {name: D, valueFrom: {secretKeyRef: {name: elsewhere, key: A}}}\n";
    assert_eq!(
        relate(&[("c.yaml", text)], &["exists", "key_exists"]),
        [
            "Pod/p/references/ConfigMap/settings/A exists=true",
            "Pod/p/references/ConfigMap/settings/A key_exists=true",
            "Pod/p/references/ConfigMap/settings/B exists=true",
            "Pod/p/references/ConfigMap/settings/B key_exists=false",
            "Pod/p/references/ConfigMap/setings/A exists=false",
        ]
    );
}

#[test]
fn a_volume_for_one_node_and_a_rolling_update() {
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce]}\n---\n";
    let volumes = ", volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]";
    let text = format!("{claim}{}", deployment("web", volumes));
    assert_eq!(
        relate(&[("c.yaml", &text)], &["is_single_node", "overlaps"]),
        ["Deployment/web/claims/data is_single_node=true", "Deployment/web/claims/data overlaps=true"]
    );
    let recreate = text.replace("spec:\n  selector", "spec:\n  strategy: {type: Recreate}\n  selector");
    assert_eq!(relate(&[("c.yaml", &recreate)], &["overlaps"]), ["Deployment/web/claims/data overlaps=false"]);
}

#[test]
fn many_like_named_objects_cost_little() {
    let texts: Vec<(String, String)> = (0..600)
        .map(|n| (format!("apps/a{n}/all.yaml"), format!("{}---\n{}", deployment("web", ""), service("web"))))
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let lines = relate(&files, &["selects_pods"]);
    assert_eq!(lines.len(), 600);
    assert!(lines.iter().all(|line| line.ends_with("true")));
}
