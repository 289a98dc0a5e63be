//! The types of the fields of whole objects; their pods' are in `schema`.

use super::schema::Ty::{
    Amount, Any, Bool, Int, Items, List, Object, OneOf, Port, PortOrName, PortOrNone, SomeOf, Str, StringMap, Strings,
};
use super::schema::{METADATA, POD, RESOURCES, SELECTOR, Schema, TEMPLATE, Ty};

const ACCESS_MODES: Ty = SomeOf(&["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]);

static ROLLING: Schema =
    Schema { fields: &[("maxSurge", Amount), ("maxUnavailable", Amount), ("partition", Int)], elsewhere: &[] };

static STRATEGY: Schema = Schema {
    fields: &[("type", OneOf(&["RollingUpdate", "Recreate", "OnDelete"])), ("rollingUpdate", Object(&ROLLING))],
    elsewhere: &[(&ROLLING, "`rollingUpdate`")],
};

const IN_TEMPLATE: &[(&Schema, &str)] = &[(&POD, "`template.spec`")];

static DEPLOYMENT: Schema = Schema {
    fields: &[
        ("minReadySeconds", Int),
        ("paused", Bool),
        ("progressDeadlineSeconds", Int),
        ("replicas", Int),
        ("revisionHistoryLimit", Int),
        ("rollbackTo", Any),
        ("selector", Object(&SELECTOR)),
        ("strategy", Object(&STRATEGY)),
        ("template", Object(&TEMPLATE)),
    ],
    elsewhere: IN_TEMPLATE,
};

static STATEFUL_SET: Schema = Schema {
    fields: &[
        ("minReadySeconds", Int),
        ("ordinals", Any),
        ("persistentVolumeClaimRetentionPolicy", Any),
        ("podManagementPolicy", OneOf(&["OrderedReady", "Parallel"])),
        ("replicas", Int),
        ("revisionHistoryLimit", Int),
        ("selector", Object(&SELECTOR)),
        ("serviceName", Str),
        ("template", Object(&TEMPLATE)),
        ("updateStrategy", Object(&STRATEGY)),
        ("volumeClaimTemplates", Items),
    ],
    elsewhere: IN_TEMPLATE,
};

static DAEMON_SET: Schema = Schema {
    fields: &[
        ("minReadySeconds", Int),
        ("revisionHistoryLimit", Int),
        ("selector", Object(&SELECTOR)),
        ("template", Object(&TEMPLATE)),
        ("templateGeneration", Any),
        ("updateStrategy", Object(&STRATEGY)),
    ],
    elsewhere: IN_TEMPLATE,
};

static REPLICA_SET: Schema = Schema {
    fields: &[("minReadySeconds", Int), ("replicas", Int), ("selector", Any), ("template", Object(&TEMPLATE))],
    elsewhere: IN_TEMPLATE,
};

static JOB: Schema = Schema {
    fields: &[
        ("activeDeadlineSeconds", Int),
        ("backoffLimit", Int),
        ("backoffLimitPerIndex", Int),
        ("completionMode", OneOf(&["NonIndexed", "Indexed"])),
        ("completions", Int),
        ("managedBy", Str),
        ("manualSelector", Bool),
        ("maxFailedIndexes", Int),
        ("parallelism", Int),
        ("podFailurePolicy", Any),
        ("podReplacementPolicy", Any),
        ("scheduling", Any),
        ("selector", Object(&SELECTOR)),
        ("successPolicy", Any),
        ("suspend", Bool),
        ("template", Object(&TEMPLATE)),
        ("ttlSecondsAfterFinished", Int),
    ],
    elsewhere: IN_TEMPLATE,
};

static JOB_TEMPLATE: Schema = Schema {
    fields: &[("metadata", Object(&METADATA)), ("spec", Object(&JOB))],
    elsewhere: &[(&JOB, "`jobTemplate.spec`")],
};

static CRON_JOB: Schema = Schema {
    fields: &[
        ("concurrencyPolicy", OneOf(&["Allow", "Forbid", "Replace"])),
        ("failedJobsHistoryLimit", Int),
        ("jobTemplate", Object(&JOB_TEMPLATE)),
        ("schedule", Str),
        ("startingDeadlineSeconds", Int),
        ("successfulJobsHistoryLimit", Int),
        ("suspend", Bool),
        ("timeZone", Str),
    ],
    elsewhere: &[(&JOB, "`jobTemplate.spec`")],
};

pub(super) static SERVICE_PORT: Schema = Schema {
    fields: &[
        ("appProtocol", Str),
        ("name", Str),
        ("nodePort", PortOrNone),
        ("port", Port),
        ("protocol", super::schema::PROTOCOL),
        ("targetPort", PortOrName),
    ],
    elsewhere: &[],
};

static SERVICE: Schema = Schema {
    fields: &[
        ("allocateLoadBalancerNodePorts", Bool),
        ("clusterIP", Str),
        ("clusterIPs", Strings),
        ("externalIPs", Strings),
        ("externalName", Str),
        ("externalTrafficPolicy", OneOf(&["Cluster", "Local", ""])),
        ("healthCheckNodePort", Int),
        ("internalTrafficPolicy", OneOf(&["Cluster", "Local", ""])),
        ("ipFamilies", Strings),
        ("ipFamilyPolicy", Any),
        ("ipFamily", Any),
        ("loadBalancerClass", Str),
        ("loadBalancerIP", Str),
        ("loadBalancerSourceRanges", Strings),
        ("ports", List(&SERVICE_PORT)),
        ("publishNotReadyAddresses", Bool),
        ("selector", StringMap),
        ("sessionAffinity", OneOf(&["None", "ClientIP", ""])),
        ("sessionAffinityConfig", Any),
        ("topologyKeys", Any),
        ("trafficDistribution", Any),
        ("type", OneOf(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"])),
    ],
    elsewhere: &[(&SERVICE_PORT, "an entry of `ports`")],
};

static CLAIM: Schema = Schema {
    fields: &[
        ("accessModes", ACCESS_MODES),
        ("dataSource", Any),
        ("dataSourceRef", Any),
        ("resources", Object(&RESOURCES)),
        ("selector", Any),
        ("storageClassName", Str),
        ("volumeAttributesClassName", Str),
        ("volumeMode", OneOf(&["Filesystem", "Block"])),
        ("volumeName", Str),
    ],
    elsewhere: &[],
};

static DISRUPTION_BUDGET: Schema = Schema {
    fields: &[
        ("maxUnavailable", Amount),
        ("minAvailable", Amount),
        ("selector", Object(&SELECTOR)),
        ("unhealthyPodEvictionPolicy", OneOf(&["IfHealthyBudget", "AlwaysAllow"])),
    ],
    elsewhere: &[],
};

/// `spec` of a kind, with its API group.
pub(super) static SPECS: &[(&str, &str, &Schema)] = &[
    ("", "Pod", &POD),
    ("apps", "Deployment", &DEPLOYMENT),
    ("apps", "StatefulSet", &STATEFUL_SET),
    ("apps", "DaemonSet", &DAEMON_SET),
    ("apps", "ReplicaSet", &REPLICA_SET),
    ("", "ReplicationController", &REPLICA_SET),
    ("batch", "Job", &JOB),
    ("batch", "CronJob", &CRON_JOB),
    ("", "Service", &SERVICE),
    ("", "PersistentVolumeClaim", &CLAIM),
    ("policy", "PodDisruptionBudget", &DISRUPTION_BUDGET),
];
