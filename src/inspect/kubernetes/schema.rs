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

use super::specs::SERVICE_PORT;
use Ty::{
    Any, Bool, Capabilities, Int, Items, List, Object, OneOf, Port, PortOrName, PortOrNone, Quantities, Quantity, Str,
    StringMap, Strings,
};

pub(super) const PROTOCOL: Ty = OneOf(&["TCP", "UDP", "SCTP"]);

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

pub(super) static RESOURCES: Schema =
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

impl Schema {
    /// The type of a field.
    pub(super) fn field(&self, name: &str) -> Option<Ty> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, ty)| *ty)
    }
}
