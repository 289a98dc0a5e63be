//! Image references.

/// The parts of an image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'r> {
    /// The repository in short form: without the default registry, its mirrors and `library/`.
    pub repository: &'r str,
    /// After the colon.
    pub tag: Option<&'r str>,
    /// After the `@`.
    pub digest: Option<&'r str>,
}

/// Names of the default registry, and mirrors that carry its repositories under the same names.
const DEFAULT_REGISTRY: [&str; 5] =
    ["docker.io/", "index.docker.io/", "registry-1.docker.io/", "mirror.gcr.io/", "public.ecr.aws/docker/"];

impl<'r> Reference<'r> {
    /// The parts of `text`; `None` when it is empty or has variables in it.
    pub fn parse(text: &'r str) -> Option<Self> {
        if text.contains(['$', '{', '}', ' ']) {
            return None;
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the registry's port.
        let (path, tag) = match name.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag).filter(|tag| !tag.is_empty())),
            _ => (name, None),
        };
        let short = DEFAULT_REGISTRY.iter().find_map(|registry| path.strip_prefix(registry));
        let path = short.unwrap_or(path);
        let repository = match path.strip_prefix("library/") {
            Some(official) => official,
            None => path,
        };
        (!repository.is_empty()).then_some(Self { repository, tag, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> &str {
        Reference::parse(text).map_or("", |reference| reference.repository)
    }

    #[test]
    fn the_default_registry_and_its_mirrors_have_short_names() {
        for text in [
            "postgres",
            "postgres:16",
            "library/postgres",
            "docker.io/postgres:16",
            "docker.io/library/postgres@sha256:00",
            "index.docker.io/library/postgres:16@sha256:00",
            "public.ecr.aws/docker/library/postgres:16",
            "mirror.gcr.io/library/postgres",
        ] {
            assert_eq!(short(text), "postgres", "{text}");
        }
        assert_eq!(short("localhost:5000/postgres:16"), "localhost:5000/postgres");
        assert_eq!(short("ghcr.io/me/postgres"), "ghcr.io/me/postgres");
        assert_eq!(short("public.ecr.aws/opensearchproject/opensearch"), "public.ecr.aws/opensearchproject/opensearch");
    }

    #[test]
    fn a_port_is_not_a_tag() {
        assert_eq!(
            Reference::parse("localhost:5000/a/b:1@sha256:00"),
            Some(Reference { repository: "localhost:5000/a/b", tag: Some("1"), digest: Some("sha256:00") })
        );
        assert_eq!(Reference::parse("localhost:5000/a").and_then(|reference| reference.tag), None);
    }

    #[test]
    fn what_is_not_a_reference_yet_gives_nothing() {
        for text in ["", "${IMAGE}", "postgres:$TAG", "{{ .Values.image }}", ":1", "docker.io/library/"] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
