//! Image names taken apart.

use crate::inspect::dockerfile::document::Resolved;
use crate::path;

/// An image reference with its parts; a part that is not known holds [`Resolved::GAP`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'t> {
    pub(super) name: &'t str,
    pub(super) tag: Option<&'t str>,
    pub(super) digest: Option<&'t str>,
}

/// `host:5000/name:tag@digest` into its parts.
pub(super) fn parts(reference: &str) -> Parts<'_> {
    let (rest, digest) = reference.split_once('@').map_or((reference, None), |(rest, digest)| (rest, Some(digest)));
    let last = rest.rfind('/').map_or(0, |slash| slash + 1);
    match rest[last..].split_once(':') {
        Some((short, tag)) => Parts { name: &rest[..last + short.len()], tag: Some(tag), digest },
        None => Parts { name: rest, tag: None, digest },
    }
}

/// The registry that an image without tag and digest comes from.
pub(super) fn registry(name: &str) -> &str {
    match name.split_once('/') {
        Some((host, _)) if host.contains(['.', ':', Resolved::GAP]) || host == "localhost" => host,
        _ => "docker.io",
    }
}

/// Whether a build that gives no arguments has a name here: gaps taken out, every part still says something.
pub(super) fn is_valid_without_gaps(reference: &Resolved<'_>) -> bool {
    let text = reference.text.replace(Resolved::GAP, "");
    let Parts { name, tag, digest } = parts(&text);
    let named = !name.is_empty() && !name.starts_with('/') && !name.ends_with('/') && !name.contains("//");
    named && tag != Some("") && digest != Some("")
}

/// Without Docker Hub's host and folder, as images are looked up: `docker.io/library/node` is `node`.
pub(super) fn short_name(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/")).unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

/// Which family of systems an image is of, by its name and tag; `None` when that is not known.
pub(super) fn family(name: &str, tag: Option<&str>) -> Option<&'static str> {
    let name = short_name(name).to_ascii_lowercase();
    let tag = tag.unwrap_or_default();
    if name.contains("windows")
        || name.contains("nanoserver")
        || tag.contains("nanoserver")
        || tag.contains("windowsservercore")
    {
        return Some("windows");
    }
    let last = path::file_name(&name);
    let word = |wanted: &str| {
        tag.split('-').any(|part| part.starts_with(wanted)) || last.split('-').any(|part| part.starts_with(wanted))
    };
    if word("alpine") {
        return Some("alpine");
    }
    let debian = [
        "bookworm", "bullseye", "buster", "stretch", "trixie", "slim", "jammy", "noble", "focal", "bionic", "debian",
        "ubuntu",
    ];
    if debian.iter().any(|release| word(release)) {
        return Some("debian");
    }
    match &*name {
        "node" | "python" | "ruby" | "golang" | "rust" | "php" | "perl" | "gcc" | "buildpack-deps" | "openjdk" => {
            Some("debian")
        }
        "fedora" | "centos" | "rockylinux" | "almalinux" | "amazonlinux" | "oraclelinux" => Some("rpm"),
        _ if last.starts_with("ubi") && name.contains("redhat") || name.starts_with("quay.io/centos/") => Some("rpm"),
        _ if name.contains("opensuse") || name.contains("suse/") => Some("suse"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Resolved<'_> {
        Resolved { text: text.into(), unknown: None }
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(parts("host:5000/a/b"), Parts { name: "host:5000/a/b", tag: None, digest: None });
        assert_eq!(
            parts("host:5000/a:1@sha256:x"),
            Parts { name: "host:5000/a", tag: Some("1"), digest: Some("sha256:x") }
        );
        assert_eq!(parts("a"), Parts { name: "a", tag: None, digest: None });
    }

    #[test]
    fn registries() {
        for (name, registry_) in
            [("node", "docker.io"), ("a/b", "docker.io"), ("ghcr.io/a/b", "ghcr.io"), ("h:5000/a", "h:5000")]
        {
            assert_eq!(registry(name), registry_);
        }
    }

    #[test]
    fn an_empty_part_is_no_name() {
        assert!(is_valid_without_gaps(&resolved("busybox:stable\u{fffc}")));
        assert!(!is_valid_without_gaps(&resolved("busybox:\u{fffc}")));
        assert!(!is_valid_without_gaps(&resolved("\u{fffc}")));
        assert!(!is_valid_without_gaps(&resolved("\u{fffc}/app:1")));
    }

    #[test]
    fn families() {
        assert_eq!(family("docker.io/library/node", Some("22-alpine3.20")), Some("alpine"));
        assert_eq!(family("node", Some("22")), Some("debian"));
        assert_eq!(family("mcr.microsoft.com/windows/servercore", Some("ltsc2025")), Some("windows"));
        assert_eq!(family("ghcr.io/a/b", Some("1")), None);
        assert_eq!(family("eclipse-temurin", Some("21-jre-jammy")), Some("debian"));
    }
}
