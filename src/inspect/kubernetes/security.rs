//! What a container may do, after it has inherited from its pod what Kubernetes lets it inherit: user, group, seccomp,
//! SELinux, AppArmor and Windows options. Everything else exists on the container alone.

use super::document::Pod;
use super::facts::{truth, unresolved};
use crate::fact::{Data, Value};
use crate::product;
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// Capabilities that the baseline Pod Security Standard lets a container add.
const BASELINE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Capabilities that give power over the node, its kernel or other pods.
const DANGEROUS: [&str; 21] = [
    "ALL",
    "AUDIT_CONTROL",
    "BPF",
    "CHECKPOINT_RESTORE",
    "DAC_READ_SEARCH",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "NET_ADMIN",
    "NET_RAW",
    "PERFMON",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

/// Which added capabilities are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// All of them.
    Any,
    /// Those in [`DANGEROUS`].
    Dangerous,
    /// Those that are neither there nor in [`BASELINE`].
    Unusual,
}

/// The security settings of a container with those of its pod.
#[derive(Clone, Copy)]
pub(super) struct Security<'s> {
    own: Option<Node<'s>>,
    pod: Option<Node<'s>>,
    /// Where something missing belongs.
    pub(super) missing: Span,
}

impl<'s> Security<'s> {
    /// The settings of `container`, whose place is `place`.
    pub(super) fn new(container: Node<'s>, pod: Pod<'s>, place: Span) -> Self {
        let own = container.entry("securityContext").filter(|entry| entry.value.kind() == Kind::Map);
        let inherited = pod.spec.get("securityContext").filter(|node| node.kind() == Kind::Map);
        Self { own: own.map(|entry| entry.value), pod: inherited, missing: own.map_or(place, |entry| entry.key.span()) }
    }

    /// A field that only containers have.
    pub(super) fn own(&self, key: &str) -> Option<Node<'s>> {
        self.own.and_then(|own| own.get(key)).filter(|node| !node.is_null())
    }

    /// A field that containers inherit.
    pub(super) fn inherited(&self, key: &str) -> Option<Node<'s>> {
        let pod = || self.pod.and_then(|pod| pod.get(key)).filter(|node| !node.is_null());
        self.own(key).or_else(pod)
    }

    fn user(&self) -> Option<Node<'s>> {
        self.inherited("runAsUser")
    }

    /// The user id in force.
    pub(super) fn run_as_user(&self) -> Value<'s> {
        let user = self.user();
        Value::option(user.and_then(Node::as_int).map(Data::Int), user.map_or(self.missing, Node::span))
    }

    /// Whether anything is said about the user.
    pub(super) fn user_is_stated(&self) -> Value<'s> {
        let stated = self.user().or_else(|| self.inherited("runAsNonRoot"));
        Value::bool(stated.is_some(), stated.map_or(self.missing, Node::span))
    }

    /// Whether anything guarantees another user than root.
    pub(super) fn runs_as_non_root(&self, image: Option<Node<'s>>) -> Value<'s> {
        let claim = self.inherited("runAsNonRoot");
        if let Some(user) = self.user() {
            let Some(id) = user.as_int() else { return Value::unknown(unresolved(), user.span()) };
            return Value::bool(id != 0, user.span());
        }
        match claim {
            None => {
                let known = image.filter(|image| {
                    product::known(image.text()).is_some_and(|known| known.runs_as_non_root() == Some(true))
                });
                Value::bool(known.is_some(), known.map_or(self.missing, Node::span))
            }
            Some(claim) => match truth(Some(claim)) {
                Some(value) => Value::bool(value, claim.span()),
                None => Value::unknown(unresolved(), claim.span()),
            },
        }
    }

    /// Whether root is demanded by number.
    pub(super) fn runs_as_root(&self) -> Value<'s> {
        let user = self.user();
        let root = user.and_then(Node::as_int) == Some(0);
        Value::bool(root, user.map_or(self.missing, Node::span))
    }

    /// Whether root is demanded and forbidden at once.
    pub(super) fn user_contradicts(&self) -> Value<'s> {
        let user = self.user();
        let root = user.and_then(Node::as_int) == Some(0);
        let forbidden = truth(self.inherited("runAsNonRoot")) == Some(true);
        Value::bool(root && forbidden, user.map_or(self.missing, Node::span))
    }

    /// The entries of `capabilities.add` or `.drop`.
    fn capabilities(&self, key: &str) -> impl Iterator<Item = Node<'s>> {
        self.own("capabilities").and_then(|node| node.get(key)).into_iter().flat_map(Node::items)
    }

    /// Whether `drop` holds `ALL`; the runtimes do not mind its case, and its wrong case is a fact of its own.
    pub(super) fn drops_all(&self) -> Value<'s> {
        let all = self.capabilities("drop").find(|node| node.text().eq_ignore_ascii_case("ALL"));
        let capabilities = self.own.and_then(|own| own.entry("capabilities")).map(|entry| entry.key.span());
        Value::bool(all.is_some(), all.map(Node::span).or(capabilities).unwrap_or(self.missing))
    }

    /// Capabilities added.
    pub(super) fn added(&self, which: Added) -> Value<'s> {
        let values: Vec<_> = self
            .capabilities("add")
            .map(|node| (node, capability(node.text())))
            .filter(|(_, name)| match which {
                Added::Any => true,
                Added::Dangerous => DANGEROUS.contains(&name.as_str()),
                Added::Unusual => !DANGEROUS.contains(&name.as_str()) && !BASELINE.contains(&name.as_str()),
            })
            .map(|(node, name)| Value::str(name, node.span()))
            .collect();
        let span = values.first().and_then(|value| value.span).unwrap_or(self.missing);
        Value::list(values, span)
    }

    /// Whether `allowPrivilegeEscalation: false` cannot be kept.
    pub(super) fn escalation_contradicts(&self) -> Value<'s> {
        let escalation = self.own("allowPrivilegeEscalation");
        let forbidden = truth(escalation) == Some(false);
        let privileged = truth(self.own("privileged")) == Some(true);
        // The API looks for this very spelling; the runtimes know both.
        let admin = || self.capabilities("add").any(|node| node.text() == "CAP_SYS_ADMIN");
        let contradicts = forbidden && (privileged || admin());
        Value::bool(contradicts, escalation.map_or(self.missing, Node::span))
    }

    /// The seccomp profile in force, also from the annotations that came before the field.
    pub(super) fn seccomp(&self, pod: Pod<'s>, container: &str) -> Value<'s> {
        if let Some(profile) = self.inherited("seccompProfile") {
            let kind = profile.get("type");
            return Value::option(
                kind.map(|kind| Data::Str(kind.text().into())),
                kind.map_or(profile.span(), Node::span),
            );
        }
        let annotations = pod.metadata.and_then(|metadata| metadata.get("annotations"));
        let annotation = annotations.and_then(|annotations| {
            let of_container = annotations
                .entries()
                .find(|entry| {
                    entry.key.text().strip_prefix("container.seccomp.security.alpha.kubernetes.io/") == Some(container)
                })
                .map(|entry| entry.value);
            of_container.or_else(|| annotations.get("seccomp.security.alpha.kubernetes.io/pod"))
        });
        let Some(annotation) = annotation else { return Value::absent(self.missing) };
        let profile = match annotation.text() {
            "unconfined" => "Unconfined",
            text if text.starts_with("localhost/") => "Localhost",
            _ => "RuntimeDefault",
        };
        Value::str(profile, annotation.span())
    }

    /// Whether AppArmor is switched off.
    pub(super) fn apparmor_off(&self, pod: Pod<'s>, container: &str) -> Value<'s> {
        if let Some(profile) = self.inherited("appArmorProfile") {
            let kind = profile.get("type");
            let off = kind.is_some_and(|kind| kind.text() == "Unconfined");
            return Value::bool(off, kind.map_or(profile.span(), Node::span));
        }
        let annotations = pod.metadata.and_then(|metadata| metadata.get("annotations"));
        let entry = annotations.into_iter().flat_map(Node::entries).find(|entry| {
            entry.key.text().strip_prefix("container.apparmor.security.beta.kubernetes.io/") == Some(container)
        });
        let off = entry.is_some_and(|entry| entry.value.text() == "unconfined");
        Value::bool(off, entry.map_or(self.missing, |entry| entry.value.span()))
    }
}

/// The name of a capability as the kernel's tables have it.
fn capability(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    upper.strip_prefix("CAP_").map_or_else(|| upper.clone(), str::to_owned)
}
