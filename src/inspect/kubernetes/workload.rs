//! Every kind that makes pods, as data: a new kind is one line.

/// How long the pods of a kind are meant to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// For ever, many copies of one template that replace one another.
    Server,
    /// One on each node.
    Node,
    /// Until the work is done.
    Task,
    /// A pod by itself.
    Pod,
    /// Only a template that others refer to.
    Template,
}

/// A kind with a pod template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WorkloadKind {
    /// API groups that have it; `""` is the core group.
    pub(crate) groups: &'static [&'static str],
    /// Its `kind`.
    pub(crate) kind: &'static str,
    /// The way to the pod template (which has `metadata` and `spec`); `[]` is every item of a list, `*` every value of a
    /// mapping.
    pub(crate) template: &'static [&'static str],
    /// How long its pods live.
    pub(crate) life: Life,
    /// Whether `spec.selector` has to match the template (`LabelSelector`).
    pub(crate) selector: bool,
    /// Whether `spec.replicas` counts pods.
    pub(crate) replicas: bool,
}

const APPS: &[&str] = &["apps", "extensions", "apps.kruise.io"];

const fn row(
    groups: &'static [&'static str],
    kind: &'static str,
    template: &'static [&'static str],
    life: Life,
    selector: bool,
    replicas: bool,
) -> WorkloadKind {
    WorkloadKind { groups, kind, template, life, selector, replicas }
}

/// The table.
pub(crate) static WORKLOADS: &[WorkloadKind] = &[
    row(&[""], "Pod", &[], Life::Pod, false, false),
    row(APPS, "Deployment", &["spec", "template"], Life::Server, true, true),
    row(APPS, "StatefulSet", &["spec", "template"], Life::Server, true, true),
    row(APPS, "DaemonSet", &["spec", "template"], Life::Node, true, false),
    row(APPS, "ReplicaSet", &["spec", "template"], Life::Server, true, true),
    row(&[""], "ReplicationController", &["spec", "template"], Life::Server, false, true),
    row(&["batch", "batch.volcano.sh"], "Job", &["spec", "template"], Life::Task, false, false),
    row(&["batch"], "CronJob", &["spec", "jobTemplate", "spec", "template"], Life::Task, false, false),
    row(&[""], "PodTemplate", &["template"], Life::Template, false, false),
    row(&["argoproj.io"], "Rollout", &["spec", "template"], Life::Server, true, true),
    row(&["", "apps.openshift.io"], "DeploymentConfig", &["spec", "template"], Life::Server, false, true),
    row(&["serving.knative.dev"], "Service", &["spec", "template"], Life::Server, false, false),
    row(&["serving.knative.dev"], "Configuration", &["spec", "template"], Life::Server, false, false),
    row(&["serving.knative.dev"], "Revision", &[], Life::Server, false, false),
    row(&["apps.kruise.io"], "CloneSet", &["spec", "template"], Life::Server, true, true),
    row(&["apps.kruise.io"], "BroadcastJob", &["spec", "template"], Life::Task, false, false),
    row(
        &["apps.kruise.io"],
        "AdvancedCronJob",
        &["spec", "template", "jobTemplate", "spec", "template"],
        Life::Task,
        false,
        false,
    ),
    row(&["batch.volcano.sh"], "Job", &["spec", "tasks", "[]", "template"], Life::Task, false, false),
    row(
        &["jobset.x-k8s.io"],
        "JobSet",
        &["spec", "replicatedJobs", "[]", "template", "spec", "template"],
        Life::Task,
        false,
        false,
    ),
    row(
        &["leaderworkerset.x-k8s.io"],
        "LeaderWorkerSet",
        &["spec", "leaderWorkerTemplate", "workerTemplate"],
        Life::Server,
        false,
        true,
    ),
    row(&["keda.sh"], "ScaledJob", &["spec", "jobTargetRef", "template"], Life::Task, false, false),
    row(&["kubeflow.org"], "PyTorchJob", &["spec", "pytorchReplicaSpecs", "*", "template"], Life::Task, false, false),
    row(&["kubeflow.org"], "TFJob", &["spec", "tfReplicaSpecs", "*", "template"], Life::Task, false, false),
    row(&["kubeflow.org"], "MPIJob", &["spec", "mpiReplicaSpecs", "*", "template"], Life::Task, false, false),
    row(
        &["ray.io"],
        "RayService",
        &["spec", "rayClusterConfig", "workerGroupSpecs", "[]", "template"],
        Life::Server,
        false,
        false,
    ),
    row(&["ray.io"], "RayCluster", &["spec", "workerGroupSpecs", "[]", "template"], Life::Server, false, false),
    row(&["agones.dev"], "Fleet", &["spec", "template", "spec", "template"], Life::Server, false, true),
    row(&["agones.dev"], "GameServer", &["spec", "template"], Life::Pod, false, false),
];

/// The API group of an `apiVersion`: `apps` of `apps/v1`, `""` of `v1`.
pub(crate) fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// The rows for an object; usually one, none for a kind without pods.
pub(crate) fn rows(api_version: &str, kind: &str) -> impl Iterator<Item = &'static WorkloadKind> {
    let group = group(api_version);
    WORKLOADS.iter().filter(move |row| row.kind == kind && row.groups.contains(&group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_group() {
        assert!(rows("apps/v1", "Deployment").next().is_some());
        assert!(rows("extensions/v1beta1", "Deployment").next().is_some());
        assert!(rows("v1", "Service").next().is_none());
        assert!(rows("serving.knative.dev/v1", "Service").next().is_some());
        assert_eq!(rows("batch.volcano.sh/v1alpha1", "Job").count(), 2);
    }
}
