//! Takes image references apart.

/// The parts of `registry:5000/team/app:1.2@sha256:…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference<'t> {
    pub(crate) registry: Option<&'t str>,
    pub(crate) repository: &'t str,
    pub(crate) tag: Option<&'t str>,
    pub(crate) digest: Option<&'t str>,
}

impl<'t> Reference<'t> {
    /// Splits without judging. The text after the last `:` is a tag only when no `/` follows: a registry has a port.
    pub(crate) fn split(text: &'t str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
            _ => (None, name),
        };
        Self { registry, repository, tag, digest }
    }

    /// Whether nothing says which of many images is meant.
    pub(crate) fn is_floating(&self) -> bool {
        self.digest.is_none() && self.tag.is_none_or(|tag| tag == "latest")
    }

    /// Whether a container runtime can read it.
    pub(crate) fn is_valid(&self) -> bool {
        let path = |part: &str| {
            !part.is_empty()
                && !part.starts_with(['.', '_', '-'])
                && !part.ends_with(['.', '_', '-'])
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        };
        let host = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        let tag = |tag: &str| {
            (1..=128).contains(&tag.len())
                && !tag.starts_with(['.', '-'])
                && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        let digest = |digest: &str| {
            digest.split_once(':').is_some_and(|(algorithm, hex)| {
                !algorithm.is_empty() && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
            })
        };
        self.repository.split('/').all(path)
            && self.registry.is_none_or(host)
            && self.tag.is_none_or(tag)
            && self.digest.is_none_or(digest)
    }
}

/// Whether `text` waits for another tool to fill it in: a template, a variable, a word in angle brackets, a shouted
/// name.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let (mut before, mut is_upper) = (0, false);
    for byte in text.bytes() {
        match byte {
            b'$' | b'<' | b'>' | b'%' | b'{' | b'}' => return true,
            b'_' | b'@' | b'[' if before == byte => return true,
            b'A'..=b'Z' => is_upper = true,
            _ => {}
        }
        before = byte;
    }
    (is_upper && is_shouted(text)) || text.starts_with("ko://")
}

fn is_shouted(text: &str) -> bool {
    text.split(['/', ':', '@']).any(|part| {
        part.len() > 3
            && part.bytes().any(|b| b.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-".contains(&b))
            && !part.bytes().all(|b| b.is_ascii_hexdigit())
            && (part.contains('_')
                || matches!(part, "IMAGE" | "TAG" | "VERSION" | "REGISTRY" | "REPLACEME" | "PLACEHOLDER"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        let port = Reference::split("registry.example.com:5000/a");
        assert_eq!((port.registry, port.repository, port.tag), (Some("registry.example.com:5000"), "a", None));
        assert!(port.is_floating() && port.is_valid());
        assert_eq!(Reference::split("localhost:5000/a:1").tag, Some("1"));
    }

    #[test]
    fn a_digest_pins_whatever_the_tag() {
        let digest = format!("r.example.com/a:latest@sha256:{}", "0123456789012345".repeat(4));
        let image = Reference::split(&digest);
        assert!(!image.is_floating() && image.is_valid());
        assert_eq!(image.tag, Some("latest"));
        assert!(!Reference::split("nginx:latest-alpine").is_floating());
    }

    #[test]
    fn placeholders_are_not_images() {
        for text in [
            "{{ image }}",
            "${REGISTRY}/app:1",
            "<image>",
            "IMAGE_NAME",
            "app:PLACEHOLDER",
            "$IMAGE",
            "docker.io/{user}/app",
            "ko://example.com/app",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["nginx", "gcr.io/a/b:V1.2", "app:ABCDEF", "app:1.0-SNAPSHOT"] {
            assert!(!is_placeholder(text), "{text}");
        }
        assert!(!Reference::split("Nginx:1").is_valid());
        assert!(!Reference::split("ngi nx").is_valid());
    }
}
