//! What the kubernetes inspector states facts about.

use crate::fact::Type;

crate::subject! {
    /// A Kubernetes object of any kind, also one inside a `List`. Stands at its name.
    pub struct Object: "kubernetes.object" {
        /// `apiVersion` as written.
        api_version: Type::String,
        /// `kind` as written.
        kind: Type::String,
        /// `metadata.name`; absent when the cluster makes one from `generateName`.
        name: Type::String,
        /// `metadata.namespace`; absent when unset, then whoever applies the object decides.
        namespace: Type::String,
        /// `metadata.labels`.
        labels: Type::Dyn,
        /// `metadata.annotations`.
        annotations: Type::Dyn,
        /// The whole object as written.
        manifest: Type::Dyn,
        /// Its `spec`.
        spec: Type::Dyn,
        /// Whether no supported Kubernetes serves this `apiVersion` of this `kind` any more; points to `apiVersion`.
        is_removed: Type::Bool,
        /// Whether a supported Kubernetes still serves it but says that it will go; points to `apiVersion`.
        is_deprecated: Type::Bool,
        /// The minor version that stopped serving it (`1.22`); absent when it is still served.
        removed_in: Type::String,
        /// The `apiVersion` to write instead; absent when there is none.
        replacement: Type::String,
        /// Whether it belongs to the cluster itself: namespace `kube-system` and its kin.
        is_system: Type::Bool,
    }

    /// A field that the API server would refuse, drop or read otherwise than it looks. Stands at the value, for a field
    /// out of place at its key.
    pub struct Field: "kubernetes.field" {
        /// Where in the object: `spec.containers[0].securityContext.privileged`.
        path: Type::String,
        /// `type`, `value`, `case`, `quantity`, `port`, `unknown`, `misplaced` or `duplicate`; points to the field.
        problem: Type::String,
        /// What belongs there, as a phrase that follows "expects": `true or false without quotes`.
        expected: Type::String,
        /// Kind of the object.
        kind: Type::String,
    }

    /// An object that makes pods: every kind with a pod template, and a bare pod. Stands at its name.
    pub struct Workload: "kubernetes.workload" {
        /// `kind` as written.
        kind: Type::String,
        /// `metadata.name`; absent with `generateName`.
        name: Type::String,
        /// `metadata.namespace`; absent when unset.
        namespace: Type::String,
        /// The whole object as written.
        manifest: Type::Dyn,
        /// Its `spec`.
        spec: Type::Dyn,
        /// Whether its pods are meant to run for ever: not a job, a cron job or a mere pod template.
        runs_forever: Type::Bool,
        /// How many pods it asks for (1 when unset); absent for kinds that have no count.
        replicas: Type::Int,
        /// How it replaces pods: `RollingUpdate` (also when unset), `Recreate`, `OnDelete`; absent for kinds that do not.
        strategy: Type::String,
        /// Whether `selector` matches the labels of the pod template; absent when the kind has no selector of its own.
        selector_matches: Type::Bool,
        /// Whether a selector that the API demands is there.
        has_selector: Type::Bool,
        /// Whether the restart policy is one that this kind accepts; points to it.
        restart_policy_fits: Type::Bool,
        /// The schedule of a cron job.
        schedule: Type::String,
        /// Whether the schedule can be read; absent for other kinds.
        schedule_is_valid: Type::Bool,
        /// What is wrong with the schedule; absent when nothing is.
        schedule_problem: Type::String,
        /// Whether another object owns it (`ownerReferences`) or a deploy tool runs it once as a hook.
        is_managed: Type::Bool,
        /// Whether it belongs to the cluster itself: namespace `kube-system` and its kin.
        is_system: Type::Bool,
    }

    /// The pods of a workload. Stands at the workload's name.
    pub struct Pod: "kubernetes.pod" {
        /// Kind of the workload.
        kind: Type::String,
        /// Name of the workload; absent with `generateName`.
        name: Type::String,
        /// Namespace of the workload; absent when unset.
        namespace: Type::String,
        /// Labels of the pods.
        labels: Type::Dyn,
        /// Annotations of the pods.
        annotations: Type::Dyn,
        /// The pod's `spec` as written.
        spec: Type::Dyn,
        /// `linux` or `windows`; linux unless the pod says otherwise.
        os: Type::String,
        /// Whether the pods are meant to run for ever.
        runs_forever: Type::Bool,
        /// Whether it shares the node's network; points to the field.
        host_network: Type::Bool,
        /// Whether it sees the node's processes; points to the field.
        host_pid: Type::Bool,
        /// Whether it shares the node's shared memory and semaphores; points to the field.
        host_ipc: Type::Bool,
        /// Whether root in the pod is an ordinary user of the node (`hostUsers: false`).
        has_user_namespace: Type::Bool,
        /// `serviceAccountName`, or the older `serviceAccount`; absent when unset.
        service_account: Type::String,
        /// Whether the pod itself says yes or no to a mounted API token; absent when it leaves that to its account.
        mounts_token: Type::Bool,
        /// Seconds between the request to stop and the kill; 30 when unset.
        grace_period: Type::Int,
        /// Added sysctls outside the set that the baseline Pod Security Standard allows.
        unsafe_sysctls: Type::List(&Type::String),
        /// Group ids the pod runs with that are 0 (`fsGroup`, `supplementalGroups`, `runAsGroup`); points to the first.
        has_root_group: Type::Bool,
        /// Whether copies are kept apart by `podAntiAffinity` or `topologySpreadConstraints`.
        is_spread: Type::Bool,
        /// Whether it belongs to the cluster itself: namespace `kube-system` and its kin.
        is_system: Type::Bool,
        /// Whether the node itself is what it works on: one on each node (a DaemonSet), part of the cluster (its
        /// namespace or priority class says so), or a driver that the kubelet talks to.
        is_node_agent: Type::Bool,
    }

    /// A reference to a container image, taken apart.
    pub struct Image: "kubernetes.image" {
        /// As written; points to it.
        reference: Type::String,
        /// Registry host; absent for Docker Hub's short form.
        registry: Type::String,
        /// Repository without registry, tag and digest: `library/nginx` stays as written, `nginx`.
        repository: Type::String,
        /// Tag; absent when there is none. A registry's port is not a tag.
        tag: Type::String,
        /// Digest (`sha256:…`); absent when there is none.
        digest: Type::String,
        /// Whether neither a digest nor a tag other than `latest` says which image is meant.
        is_floating: Type::Bool,
        /// Whether the reference can be read; `false` for upper case in the repository, blanks and the like.
        is_valid: Type::Bool,
    }

    /// A container of a pod: regular, init, native sidecar or ephemeral. Stands at its name. What containers inherit
    /// from the pod (user, group, seccomp, …) is already taken into account, and nothing else is.
    pub struct Container: "kubernetes.container" {
        /// Its name; its image where it has none.
        name: Type::String,
        /// `container`, `init`, `sidecar` (an init container that restarts always) or `ephemeral`.
        form: Type::String,
        /// Whether it is an init container that ends before the others start; native sidecars are not.
        is_init: Type::Bool,
        /// Whether it is a native sidecar.
        is_sidecar: Type::Bool,
        /// Whether it is meant to run for ever: its workload is, and it is neither an init nor an ephemeral container.
        runs_forever: Type::Bool,
        /// Kind of the workload.
        kind: Type::String,
        /// The pod around it.
        pod: Type::Record(Pod::SUBJECT),
        /// The container as written.
        spec: Type::Dyn,
        /// `linux` or `windows`.
        os: Type::String,
        /// Its image; unknown when a template or variable stands there.
        image: Type::Record(Image::SUBJECT),
        /// Whether anything guarantees another user than root: `runAsNonRoot`, a `runAsUser` other than 0, or an image
        /// that is known to run as another user.
        runs_as_non_root: Type::Bool,
        /// Whether the container or its pod says anything about the user: `runAsNonRoot` or `runAsUser`.
        user_is_stated: Type::Bool,
        /// Whether `runAsUser: 0` is in force; points to it.
        runs_as_root: Type::Bool,
        /// Whether `runAsNonRoot: true` and `runAsUser: 0` are both in force, so that it can never start.
        user_contradicts: Type::Bool,
        /// The user id in force; absent when none is set.
        run_as_user: Type::Int,
        /// Whether it is privileged; points to the field.
        privileged: Type::Bool,
        /// Whether a process may gain more privileges than its parent: yes unless the container says no.
        allows_escalation: Type::Bool,
        /// Whether `allowPrivilegeEscalation: false` stands beside something that needs it, which the API refuses.
        escalation_contradicts: Type::Bool,
        /// Whether the root file system is read-only.
        read_only_root: Type::Bool,
        /// Whether all capabilities are dropped.
        drops_all_capabilities: Type::Bool,
        /// Capabilities added, in upper case, without `CAP_`.
        added_capabilities: Type::List(&Type::String),
        /// Those that give power over the node or over other pods.
        dangerous_capabilities: Type::List(&Type::String),
        /// The others that the baseline Pod Security Standard does not allow.
        unusual_capabilities: Type::List(&Type::String),
        /// The seccomp profile in force: `RuntimeDefault`, `Localhost`, `Unconfined`; absent when none is set.
        seccomp: Type::String,
        /// Whether AppArmor is switched off for it; points to the setting.
        apparmor_off: Type::Bool,
        /// Whether `/proc` is shown unmasked; points to the field.
        proc_unmasked: Type::Bool,
        /// Whether it is a Windows HostProcess container.
        is_host_process: Type::Bool,
        /// Whether CPU is reserved for it, by a request, a limit or the pod's own resources.
        has_cpu_request: Type::Bool,
        /// Whether its CPU is limited.
        has_cpu_limit: Type::Bool,
        /// Whether memory is reserved for it, by a request, a limit or the pod's own resources.
        has_memory_request: Type::Bool,
        /// Whether its memory is limited.
        has_memory_limit: Type::Bool,
        /// Names of resources whose request exceeds the limit; points to the first such request.
        excessive_requests: Type::List(&Type::String),
        /// Quantities that can be read but cannot be meant: `memory: 128m`, `memory: 512`; points to the first.
        odd_quantities: Type::List(&Type::String),
        /// Whether it has a readiness probe.
        has_readiness_probe: Type::Bool,
        /// Whether it has a liveness probe.
        has_liveness_probe: Type::Bool,
        /// Whether it has a startup probe.
        has_startup_probe: Type::Bool,
        /// Whether liveness and readiness ask the same with the same thresholds; points to the liveness probe.
        probes_are_identical: Type::Bool,
        /// Names of variables set more than once; points to the second.
        repeated_env: Type::List(&Type::String),
        /// Whether the image is pulled at each start (`imagePullPolicy`, or its default for the tag).
        pulls_always: Type::Bool,
    }

    /// A variable in a container's `env`. Stands at its name.
    pub struct Env: "kubernetes.env" {
        /// Its name.
        name: Type::String,
        /// Whether the value comes from a Secret.
        is_from_secret: Type::Bool,
        /// The container.
        container: Type::String,
        /// The entry as written.
        spec: Type::Dyn,
    }

    /// A volume of a pod. Stands at its name.
    pub struct Volume: "kubernetes.volume" {
        /// Its name.
        name: Type::String,
        /// What it is made of: `hostPath`, `emptyDir`, `configMap`, `secret`, `persistentVolumeClaim`, …
        form: Type::String,
        /// The volume as written.
        spec: Type::Dyn,
        /// The pod around it.
        pod: Type::Record(Pod::SUBJECT),
        /// The folder of the node; absent for other volumes.
        host_path: Type::String,
        /// Whether the folder of the node gives power over the node: `/`, `/etc`, `/var/lib/kubelet`, …
        is_sensitive: Type::Bool,
        /// Whether it is the socket of the container runtime, or a folder that holds it.
        is_runtime_socket: Type::Bool,
        /// Whether a container mounts it without `readOnly: true`; points to that mount.
        is_writable: Type::Bool,
        /// Whether a container mounts it.
        is_used: Type::Bool,
    }

    /// A mount of a container. Stands at its name.
    pub struct Mount: "kubernetes.mount" {
        /// Name of the volume.
        name: Type::String,
        /// Where it appears in the container; absent for a block device.
        path: Type::String,
        /// Whether the pod (or the workload's claim templates) has a volume of that name.
        exists: Type::Bool,
        /// Whether an earlier mount of the container has the same path.
        is_repeated: Type::Bool,
        /// The container.
        container: Type::String,
    }

    /// A port that a container declares. Stands at its number.
    pub struct Port: "kubernetes.port" {
        /// Its number; absent when it is not one.
        number: Type::Int,
        /// Its name; absent when unset.
        name: Type::String,
        /// `TCP` (also when unset), `UDP` or `SCTP`.
        protocol: Type::String,
        /// The port of the node it takes; absent when it takes none.
        host_port: Type::Int,
        /// The container.
        container: Type::String,
        /// The pod around it.
        pod: Type::Record(Pod::SUBJECT),
    }

    /// A probe of a container. Stands at the key of the probe.
    pub struct Probe: "kubernetes.probe" {
        /// `liveness`, `readiness` or `startup`.
        form: Type::String,
        /// The container.
        container: Type::String,
        /// Whether it is on an init container that ends, where the API refuses it.
        is_on_init: Type::Bool,
        /// Whether the named port is a port of the container; absent for a number. Points to the port.
        names_known_port: Type::Bool,
        /// Whether the numbered port is declared by a container of the pod or mentioned in its command, arguments or
        /// variables; absent for a named port and where no container declares any port. Points to the port.
        asks_known_port: Type::Bool,
        /// The port as written; absent when it asks none.
        port: Type::String,
        /// Whether it is sent to a host that it names, not to the pod; points to the host.
        names_host: Type::Bool,
        /// Seconds before the first try; 0 when unset.
        initial_delay: Type::Int,
        /// Seconds between tries; 10 when unset.
        period: Type::Int,
        /// Seconds a try may take; 1 when unset.
        timeout: Type::Int,
        /// Failures in a row that count; 3 when unset.
        failure_threshold: Type::Int,
        /// Successes in a row that count; 1 when unset.
        success_threshold: Type::Int,
        /// Seconds of silence after which it has failed: period × failures.
        patience: Type::Int,
        /// Whether the container also has a startup probe.
        has_startup: Type::Bool,
        /// Whether the container is meant to run for ever.
        runs_forever: Type::Bool,
        /// The probe as written.
        spec: Type::Dyn,
    }

    /// One rule of a Role or ClusterRole. Stands at its verbs.
    pub struct Permission: "kubernetes.permission" {
        /// `Role` or `ClusterRole`.
        kind: Type::String,
        /// Name of the role.
        role: Type::String,
        /// Verbs.
        verbs: Type::List(&Type::String),
        /// Resources, subresources as `pods/exec`.
        resources: Type::List(&Type::String),
        /// API groups; `""` is the core group.
        api_groups: Type::List(&Type::String),
        /// Whether it is narrowed to named objects.
        is_narrowed: Type::Bool,
        /// Whether any of its verbs changes something: not only get, list and watch.
        can_write: Type::Bool,
        /// Whether it allows reading Secrets, wildcards counted in; points to the resource.
        reads_secrets: Type::Bool,
        /// Whether it allows any verb on any resource.
        allows_everything: Type::Bool,
        /// Whether verbs or resources are `*` and the rule can change something of Kubernetes' own API groups; points to the
        /// `*`.
        has_wildcard: Type::Bool,
        /// Whether the role is one that Kubernetes itself ships (`system:…`, `admin`, …).
        is_built_in: Type::Bool,
    }

    /// A RoleBinding or ClusterRoleBinding. Stands at its name.
    pub struct Binding: "kubernetes.binding" {
        /// `RoleBinding` or `ClusterRoleBinding`.
        kind: Type::String,
        /// Its name.
        name: Type::String,
        /// Name of the role; points to it.
        role: Type::String,
        /// Names of those who get it: `User/jane`, `Group/ops`, `ServiceAccount/shop/api`.
        subjects: Type::List(&Type::String),
        /// Whether everybody, also the unknown, gets it; points to the group.
        is_for_everybody: Type::Bool,
        /// Whether a namespace's `default` account gets it; points to its name.
        is_for_default_account: Type::Bool,
        /// Whether it belongs to the cluster itself.
        is_system: Type::Bool,
    }

    /// An Ingress. Stands at its name.
    pub struct Ingress: "kubernetes.ingress" {
        /// Its name.
        name: Type::String,
        /// Whether it says where TLS comes from: `spec.tls`, or a known annotation of a cloud's load balancer.
        has_tls: Type::Bool,
        /// Hosts of rules that `spec.tls` does not cover; points to the first.
        uncovered_hosts: Type::List(&Type::String),
        /// Whether an annotation injects configuration text into the controller; points to it.
        has_snippet: Type::Bool,
        /// Its `spec`.
        spec: Type::Dyn,
        /// `metadata.annotations`.
        annotations: Type::Dyn,
    }

    /// A kustomization, or a module of skaffold: it rewrites manifests before they are applied. Stands at its start.
    pub struct Build: "kubernetes.build" {
        /// `kustomize` or `skaffold`.
        tool: Type::String,
        /// Images that it gives another name, tag or digest.
        images: Type::List(&Type::String),
        /// Folders whose manifests it takes: its own, and those of its resources.
        folders: Type::List(&Type::String),
    }

    /// A document that cannot be judged here: relations do not call something missing that it may hold. Stands where the
    /// report says so.
    pub struct Gap: "kubernetes.gap" {
        /// `template`, `patch` or `syntax`.
        form: Type::String,
    }
}
