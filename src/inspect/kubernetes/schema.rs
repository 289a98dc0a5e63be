//! The types of the fields that people write by hand, as of Kubernetes 1.37. Data only; `fields` walks it.

/// What may stand in a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ty {
    /// Anything: the field is known, its content is not looked into.
    Any,
    Bool,
    Int,
    Str,
    /// A list of anything.
    Items,
    /// A list of text.
    Strings,
    /// Keys to text.
    StringMap,
    /// One quantity.
    Quantity,
    /// Keys to quantities.
    Quantities,
    /// A number or a percentage.
    Amount,
    /// 1 to 65535.
    Port,
    /// 0 to 65535: 0 means none.
    PortOrNone,
    /// A port's number or its name.
    PortOrName,
    /// One word of a closed set.
    OneOf(&'static [&'static str]),
    /// A list of words of a closed set.
    SomeOf(&'static [&'static str]),
    /// Capability names.
    Capabilities,
    Object(&'static Schema),
    List(&'static Schema),
}

/// The fields of one kind of mapping.
#[derive(Debug)]
pub(super) struct Schema {
    /// Every field there is.
    pub(super) fields: &'static [(&'static str, Ty)],
    /// Where fields that do not exist here may have been meant to go, with words for that place.
    pub(super) elsewhere: &'static [(&'static Schema, &'static str)],
}

use Ty::{
    Amount, Any, Bool, Capabilities, Int, Items, List, Object, OneOf, Port, PortOrName, PortOrNone, Quantities,
    Quantity, SomeOf, Str, StringMap, Strings,
};

const PROTOCOL: Ty = OneOf(&["TCP", "UDP", "SCTP"]);
const ACCESS_MODES: Ty = SomeOf(&["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]);

pub(super) static SELECTOR: Schema =
    Schema { fields: &[("matchLabels", StringMap), ("matchExpressions", Items)], elsewhere: &[] };

pub(super) static METADATA: Schema = Schema {
    fields: &[
        ("name", Str),
        ("generateName", Str),
        ("namespace", Str),
        ("labels", StringMap),
        ("annotations", StringMap),
        ("finalizers", Strings),
        ("ownerReferences", Items),
        ("uid", Any),
        ("resourceVersion", Any),
        ("generation", Any),
        ("creationTimestamp", Any),
        ("deletionTimestamp", Any),
        ("deletionGracePeriodSeconds", Any),
        ("selfLink", Any),
        ("managedFields", Any),
        ("clusterName", Any),
    ],
    elsewhere: &[],
};

static SECCOMP: Schema = Schema {
    fields: &[("type", OneOf(&["RuntimeDefault", "Localhost", "Unconfined"])), ("localhostProfile", Str)],
    elsewhere: &[],
};

pub(super) static SECURITY: Schema = Schema {
    fields: &[
        ("allowPrivilegeEscalation", Bool),
        ("appArmorProfile", Object(&SECCOMP)),
        ("capabilities", Object(&CAPABILITIES)),
        ("privileged", Bool),
        ("procMount", OneOf(&["Default", "Unmasked"])),
        ("readOnlyRootFilesystem", Bool),
        ("runAsGroup", Int),
        ("runAsNonRoot", Bool),
        ("runAsUser", Int),
        ("seLinuxOptions", Any),
        ("seccompProfile", Object(&SECCOMP)),
        ("windowsOptions", Any),
    ],
    elsewhere: &[(&POD_SECURITY, "the pod's `securityContext`"), (&CONTAINER, "the container itself")],
};

static CAPABILITIES: Schema = Schema { fields: &[("add", Capabilities), ("drop", Capabilities)], elsewhere: &[] };

pub(super) static POD_SECURITY: Schema = Schema {
    fields: &[
        ("appArmorProfile", Object(&SECCOMP)),
        ("fsGroup", Int),
        ("fsGroupChangePolicy", OneOf(&["OnRootMismatch", "Always"])),
        ("runAsGroup", Int),
        ("runAsNonRoot", Bool),
        ("runAsUser", Int),
        ("seLinuxChangePolicy", Any),
        ("seLinuxOptions", Any),
        ("seccompProfile", Object(&SECCOMP)),
        ("supplementalGroups", Items),
        ("supplementalGroupsPolicy", Any),
        ("sysctls", Items),
        ("windowsOptions", Any),
    ],
    elsewhere: &[(&SECURITY, "the `securityContext` of each container"), (&POD, "the pod's `spec`")],
};

static RESOURCES: Schema =
    Schema { fields: &[("limits", Quantities), ("requests", Quantities), ("claims", Items)], elsewhere: &[] };

static CONTAINER_PORT: Schema = Schema {
    fields: &[
        ("containerPort", Port),
        ("hostIP", Str),
        ("hostPort", PortOrNone),
        ("name", Str),
        ("protocol", PROTOCOL),
    ],
    elsewhere: &[(&SERVICE_PORT, "the ports of a Service")],
};

static HTTP_GET: Schema = Schema {
    fields: &[
        ("host", Str),
        ("httpHeaders", Items),
        ("path", Str),
        ("port", PortOrName),
        ("protocol", Any),
        ("scheme", OneOf(&["HTTP", "HTTPS"])),
    ],
    elsewhere: &[(&PROBE, "the probe itself")],
};

static TCP: Schema =
    Schema { fields: &[("host", Str), ("port", PortOrName)], elsewhere: &[(&PROBE, "the probe itself")] };

static GRPC: Schema = Schema { fields: &[("port", Port), ("service", Str), ("mode", Any)], elsewhere: &[] };

static EXEC: Schema = Schema { fields: &[("command", Strings)], elsewhere: &[(&PROBE, "the probe itself")] };

static PROBE: Schema = Schema {
    fields: &[
        ("exec", Object(&EXEC)),
        ("failureThreshold", Int),
        ("grpc", Object(&GRPC)),
        ("httpGet", Object(&HTTP_GET)),
        ("initialDelaySeconds", Int),
        ("periodSeconds", Int),
        ("successThreshold", Int),
        ("tcpSocket", Object(&TCP)),
        ("terminationGracePeriodSeconds", Int),
        ("timeoutSeconds", Int),
    ],
    elsewhere: &[(&HTTP_GET, "`httpGet`")],
};

static ENV: Schema = Schema { fields: &[("name", Str), ("value", Str), ("valueFrom", Any)], elsewhere: &[] };

static MOUNT: Schema = Schema {
    fields: &[
        ("bindMountOptions", Any),
        ("mountPath", Str),
        ("mountPropagation", OneOf(&["None", "HostToContainer", "Bidirectional"])),
        ("name", Str),
        ("readOnly", Bool),
        ("recursiveReadOnly", Any),
        ("subPath", Str),
        ("subPathExpr", Str),
    ],
    elsewhere: &[],
};

pub(super) static CONTAINER: Schema = Schema {
    fields: &[
        ("args", Strings),
        ("command", Strings),
        ("env", List(&ENV)),
        ("envFrom", Items),
        ("image", Str),
        ("imagePullPolicy", OneOf(&["Always", "IfNotPresent", "Never"])),
        ("lifecycle", Any),
        ("livenessProbe", Object(&PROBE)),
        ("name", Str),
        ("ports", List(&CONTAINER_PORT)),
        ("readinessProbe", Object(&PROBE)),
        ("resizePolicy", Any),
        ("resources", Object(&RESOURCES)),
        ("restartPolicy", OneOf(&["Always", "OnFailure", "Never"])),
        ("restartPolicyRules", Any),
        ("securityContext", Object(&SECURITY)),
        ("startupProbe", Object(&PROBE)),
        ("stdin", Bool),
        ("stdinOnce", Bool),
        ("targetContainerName", Str),
        ("terminationMessagePath", Str),
        ("terminationMessagePolicy", OneOf(&["File", "FallbackToLogsOnError"])),
        ("tty", Bool),
        ("volumeDevices", Items),
        ("volumeMounts", List(&MOUNT)),
        ("workingDir", Str),
    ],
    elsewhere: &[(&SECURITY, "`securityContext`"), (&POD, "the pod's `spec`"), (&RESOURCES, "`resources`")],
};

static EMPTY_DIR: Schema = Schema {
    fields: &[("medium", OneOf(&["", "Memory", "HugePages"])), ("sizeLimit", Quantity), ("mode", Any)],
    elsewhere: &[],
};

static HOST_PATH: Schema = Schema {
    fields: &[
        ("path", Str),
        (
            "type",
            OneOf(&[
                "",
                "DirectoryOrCreate",
                "Directory",
                "FileOrCreate",
                "File",
                "Socket",
                "CharDevice",
                "BlockDevice",
            ]),
        ),
    ],
    elsewhere: &[],
};

static VOLUME: Schema = Schema {
    fields: &[
        ("name", Str),
        ("awsElasticBlockStore", Any),
        ("azureDisk", Any),
        ("azureFile", Any),
        ("cephfs", Any),
        ("cinder", Any),
        ("configMap", Any),
        ("csi", Any),
        ("downwardAPI", Any),
        ("emptyDir", Object(&EMPTY_DIR)),
        ("ephemeral", Any),
        ("fc", Any),
        ("flexVolume", Any),
        ("flocker", Any),
        ("gcePersistentDisk", Any),
        ("gitRepo", Any),
        ("glusterfs", Any),
        ("hostPath", Object(&HOST_PATH)),
        ("image", Any),
        ("iscsi", Any),
        ("nfs", Any),
        ("persistentVolumeClaim", Any),
        ("photonPersistentDisk", Any),
        ("portworxVolume", Any),
        ("projected", Any),
        ("quobyte", Any),
        ("rbd", Any),
        ("scaleIO", Any),
        ("secret", Any),
        ("storageos", Any),
        ("vsphereVolume", Any),
    ],
    elsewhere: &[],
};

static SPREAD: Schema = Schema {
    fields: &[
        ("labelSelector", Object(&SELECTOR)),
        ("matchLabelKeys", Strings),
        ("maxSkew", Int),
        ("minDomains", Int),
        ("nodeAffinityPolicy", Any),
        ("nodeTaintsPolicy", Any),
        ("topologyKey", Str),
        ("whenUnsatisfiable", OneOf(&["DoNotSchedule", "ScheduleAnyway"])),
    ],
    elsewhere: &[],
};

pub(super) static POD: Schema = Schema {
    fields: &[
        ("activeDeadlineSeconds", Int),
        ("affinity", Any),
        ("automountServiceAccountToken", Bool),
        ("containers", List(&CONTAINER)),
        ("dnsConfig", Any),
        ("dnsPolicy", OneOf(&["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])),
        ("enableServiceLinks", Bool),
        ("ephemeralContainers", List(&CONTAINER)),
        ("evictionResponders", Any),
        ("hostAliases", Items),
        ("hostIPC", Bool),
        ("hostNetwork", Bool),
        ("hostPID", Bool),
        ("hostUsers", Bool),
        ("hostname", Str),
        ("hostnameOverride", Str),
        ("imagePullSecrets", Items),
        ("initContainers", List(&CONTAINER)),
        ("nodeName", Str),
        ("nodeSelector", StringMap),
        ("os", Any),
        ("overhead", Any),
        ("preemptionPolicy", OneOf(&["PreemptLowerPriority", "Never"])),
        ("priority", Int),
        ("priorityClassName", Str),
        ("readinessGates", Items),
        ("resourceClaims", Items),
        ("resources", Object(&RESOURCES)),
        ("restartPolicy", OneOf(&["Always", "OnFailure", "Never"])),
        ("runtimeClassName", Str),
        ("schedulerName", Str),
        ("schedulingGates", Items),
        ("schedulingGroup", Any),
        ("securityContext", Object(&POD_SECURITY)),
        ("serviceAccount", Str),
        ("serviceAccountName", Str),
        ("setHostnameAsFQDN", Bool),
        ("shareProcessNamespace", Bool),
        ("subdomain", Str),
        ("terminationGracePeriodSeconds", Int),
        ("tolerations", Items),
        ("topologySpreadConstraints", List(&SPREAD)),
        ("volumes", List(&VOLUME)),
        ("workloadRef", Any),
    ],
    elsewhere: &[(&CONTAINER, "each container"), (&POD_SECURITY, "`securityContext`")],
};

pub(super) static TEMPLATE: Schema = Schema {
    fields: &[("metadata", Object(&METADATA)), ("spec", Object(&POD))],
    elsewhere: &[(&POD, "the template's `spec`")],
};

static ROLLING: Schema =
    Schema { fields: &[("maxSurge", Amount), ("maxUnavailable", Amount), ("partition", Int)], elsewhere: &[] };

static STRATEGY: Schema = Schema {
    fields: &[("type", OneOf(&["RollingUpdate", "Recreate", "OnDelete"])), ("rollingUpdate", Object(&ROLLING))],
    elsewhere: &[(&ROLLING, "`rollingUpdate`")],
};

const IN_TEMPLATE: &[(&Schema, &str)] = &[(&POD, "`template.spec`")];

pub(super) static DEPLOYMENT: Schema = Schema {
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

pub(super) static STATEFUL_SET: Schema = Schema {
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

pub(super) static DAEMON_SET: Schema = Schema {
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

pub(super) static REPLICA_SET: Schema = Schema {
    fields: &[("minReadySeconds", Int), ("replicas", Int), ("selector", Any), ("template", Object(&TEMPLATE))],
    elsewhere: IN_TEMPLATE,
};

pub(super) static JOB: Schema = Schema {
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

pub(super) static CRON_JOB: Schema = Schema {
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

static SERVICE_PORT: Schema = Schema {
    fields: &[
        ("appProtocol", Str),
        ("name", Str),
        ("nodePort", PortOrNone),
        ("port", Port),
        ("protocol", PROTOCOL),
        ("targetPort", PortOrName),
    ],
    elsewhere: &[],
};

pub(super) static SERVICE: Schema = Schema {
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

pub(super) static CLAIM: Schema = Schema {
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

pub(super) static DISRUPTION_BUDGET: Schema = Schema {
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

impl Schema {
    /// The type of a field.
    pub(super) fn field(&self, name: &str) -> Option<Ty> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, ty)| *ty)
    }
}
