//! Versions of APIs that Kubernetes has stopped serving or will stop serving. Facts: deprecation guide, the lifecycle
//! files of the API types and a comparison of the published OpenAPI documents from 1.25 to 1.37.

/// One version of an API.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lifecycle {
    /// `apiVersion`.
    pub(super) api_version: &'static str,
    /// Its kinds that share the fate.
    pub(super) kinds: &'static [&'static str],
    /// Minor version of Kubernetes 1 that deprecated it; 0 when not recorded.
    pub(super) deprecated: u8,
    /// Minor version that stopped serving it; 0 while it is served.
    pub(super) removed: u8,
    /// What to write instead; empty when there is nothing.
    pub(super) replacement: &'static str,
}

/// The oldest minor version that somebody still maintains (1.35 to 1.37 are); what it does not serve is gone.
pub(super) const OLDEST_SUPPORTED: u8 = 35;

/// The record for an object; nothing for a version that is alive and well.
pub(super) fn lifecycle(api_version: &str, kind: &str) -> Option<&'static Lifecycle> {
    if !api_version.contains("alpha") && !api_version.contains("beta") && api_version != "v1" {
        return None;
    }
    LIFECYCLES.iter().find(|row| row.api_version == api_version && row.kinds.contains(&kind))
}

const fn row(
    api_version: &'static str,
    kinds: &'static [&'static str],
    deprecated: u8,
    removed: u8,
    replacement: &'static str,
) -> Lifecycle {
    Lifecycle { api_version, kinds, deprecated, removed, replacement }
}

static LIFECYCLES: &[Lifecycle] = &[
    row("apps/v1beta1", &["ControllerRevision", "Deployment", "DeploymentRollback", "StatefulSet"], 8, 16, "apps/v1"),
    row("apps/v1beta1", &["ReplicaSet"], 0, 16, "apps/v1"),
    row("apps/v1beta1", &["Scale"], 8, 16, "autoscaling/v1"),
    row(
        "apps/v1beta2",
        &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        9,
        16,
        "apps/v1",
    ),
    row("apps/v1beta2", &["Scale"], 9, 16, "autoscaling/v1"),
    row("extensions/v1beta1", &["DaemonSet", "Deployment", "ReplicaSet"], 8, 16, "apps/v1"),
    row("extensions/v1beta1", &["DeploymentRollback"], 8, 16, ""),
    row("extensions/v1beta1", &["NetworkPolicy"], 9, 16, "networking.k8s.io/v1"),
    row("extensions/v1beta1", &["PodSecurityPolicy"], 10, 16, "policy/v1beta1"),
    row("extensions/v1beta1", &["Scale"], 2, 16, ""),
    row("scheduling.k8s.io/v1alpha1", &["PriorityClass"], 14, 17, "scheduling.k8s.io/v1"),
    row("admission.k8s.io/v1beta1", &["AdmissionReview"], 19, 22, "admission.k8s.io/v1"),
    row(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    row("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 16, 22, "apiextensions.k8s.io/v1"),
    row("apiregistration.k8s.io/v1beta1", &["APIService"], 10, 22, "apiregistration.k8s.io/v1"),
    row("authentication.k8s.io/v1beta1", &["TokenReview"], 19, 22, "authentication.k8s.io/v1"),
    row(
        "authorization.k8s.io/v1beta1",
        &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
        19,
        22,
        "authorization.k8s.io/v1",
    ),
    row("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 19, 22, "certificates.k8s.io/v1"),
    row("coordination.k8s.io/v1beta1", &["Lease"], 19, 22, "coordination.k8s.io/v1"),
    row("extensions/v1beta1", &["Ingress"], 14, 22, "networking.k8s.io/v1"),
    row("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 19, 22, "networking.k8s.io/v1"),
    row(
        "rbac.authorization.k8s.io/v1alpha1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    row(
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        17,
        22,
        "rbac.authorization.k8s.io/v1",
    ),
    row("scheduling.k8s.io/v1beta1", &["PriorityClass"], 14, 22, "scheduling.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSIDriver", "StorageClass", "VolumeAttachment"], 19, 22, "storage.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSINode"], 17, 22, "storage.k8s.io/v1"),
    row("storage.k8s.io/v1alpha1", &["CSIStorageCapacity"], 21, 24, "storage.k8s.io/v1beta1"),
    row("storage.k8s.io/v1alpha1", &["VolumeAttachment"], 21, 24, "storage.k8s.io/v1"),
    row("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 22, 25, "autoscaling/v2"),
    row("batch/v1beta1", &["CronJob"], 21, 25, "batch/v1"),
    row("discovery.k8s.io/v1beta1", &["EndpointSlice"], 21, 25, "discovery.k8s.io/v1"),
    row("events.k8s.io/v1beta1", &["Event"], 22, 25, "events.k8s.io/v1"),
    row("node.k8s.io/v1beta1", &["RuntimeClass"], 22, 25, "node.k8s.io/v1"),
    row("policy/v1beta1", &["Eviction"], 22, 25, "policy/v1"),
    row("policy/v1beta1", &["PodDisruptionBudget"], 21, 25, "policy/v1"),
    row("policy/v1beta1", &["PodSecurityPolicy"], 21, 25, ""),
    row("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 23, 26, "autoscaling/v2"),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
        23,
        26,
        "flowcontrol.apiserver.k8s.io/v1beta3",
    ),
    row("resource.k8s.io/v1alpha1", &["PodScheduling", "ResourceClass"], 0, 27, ""),
    row("resource.k8s.io/v1alpha1", &["ResourceClaim", "ResourceClaimTemplate"], 0, 27, "resource.k8s.io/v1"),
    row("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 24, 27, "storage.k8s.io/v1"),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &["FlowSchema", "PriorityLevelConfiguration"],
        26,
        29,
        "flowcontrol.apiserver.k8s.io/v1beta3",
    ),
    row("networking.k8s.io/v1alpha1", &["ClusterCIDR"], 0, 29, ""),
    row("networking.k8s.io/v1alpha1", &["IPAddress", "ServiceCIDR"], 30, 31, "networking.k8s.io/v1"),
    row(
        "resource.k8s.io/v1alpha2",
        &["PodSchedulingContext", "ResourceClaimParameters", "ResourceClass", "ResourceClassParameters"],
        0,
        31,
        "",
    ),
    row(
        "resource.k8s.io/v1alpha2",
        &["ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        0,
        31,
        "resource.k8s.io/v1",
    ),
    row(
        "admissionregistration.k8s.io/v1alpha1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        0,
        32,
        "admissionregistration.k8s.io/v1",
    ),
    row("authentication.k8s.io/v1alpha1", &["SelfSubjectReview"], 29, 32, "authentication.k8s.io/v1"),
    row("coordination.k8s.io/v1alpha1", &["LeaseCandidate"], 0, 32, "coordination.k8s.io/v1beta1"),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &["FlowSchema", "PriorityLevelConfiguration"],
        29,
        32,
        "flowcontrol.apiserver.k8s.io/v1",
    ),
    row("resource.k8s.io/v1alpha3", &["PodSchedulingContext"], 0, 32, ""),
    row("authentication.k8s.io/v1beta1", &["SelfSubjectReview"], 30, 33, "authentication.k8s.io/v1"),
    row(
        "admissionregistration.k8s.io/v1beta1",
        &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
        31,
        34,
        "admissionregistration.k8s.io/v1",
    ),
    row(
        "resource.k8s.io/v1alpha3",
        &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        0,
        34,
        "resource.k8s.io/v1",
    ),
    row("apidiscovery.k8s.io/v2beta1", &["APIGroupDiscovery"], 32, 35, ""),
    row("certificates.k8s.io/v1alpha1", &["PodCertificateRequest"], 0, 35, "certificates.k8s.io/v1"),
    row("storage.k8s.io/v1alpha1", &["VolumeAttributesClass"], 32, 35, "storage.k8s.io/v1"),
    row("storagemigration.k8s.io/v1alpha1", &["StorageVersionMigration"], 0, 35, "storagemigration.k8s.io/v1"),
    row("scheduling.k8s.io/v1alpha1", &["Workload"], 0, 36, "scheduling.k8s.io/v1beta1"),
    row("certificates.k8s.io/v1alpha1", &["ClusterTrustBundle"], 29, 37, "certificates.k8s.io/v1"),
    row("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"], 0, 37, "networking.k8s.io/v1"),
    row("scheduling.k8s.io/v1alpha2", &["PodGroup", "Workload"], 0, 37, "scheduling.k8s.io/v1beta1"),
    row("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], 0, 37, "storage.k8s.io/v1"),
    row("v1", &["ComponentStatus"], 19, 0, ""),
    row("v1", &["Endpoints"], 33, 0, "discovery.k8s.io/v1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gone_and_going() {
        assert_eq!(lifecycle("extensions/v1beta1", "Deployment").map(|row| row.removed), Some(16));
        assert_eq!(lifecycle("policy/v1beta1", "PodDisruptionBudget").map(|row| row.replacement), Some("policy/v1"));
        assert_eq!(lifecycle("v1", "Endpoints").map(|row| row.removed), Some(0));
        assert_eq!(lifecycle("apps/v1", "Deployment"), None);
        assert_eq!(lifecycle("monitoring.coreos.com/v1beta1", "Deployment"), None);
    }
}
