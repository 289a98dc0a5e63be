//! Tells compose files from the many other YAML files: by name, else by content.

use crate::path::file_name;
use crate::span::SourceId;
use crate::syntax::suggest::suggest;
use crate::syntax::yaml;

/// Keys that a compose file may have at its top level.
const TOP: [&str; 9] =
    ["version", "name", "services", "networks", "volumes", "configs", "secrets", "include", "models"];

/// What a file is by its name, if that says so.
pub(crate) fn is_named(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else { return false };
    let begins = |word: &str| stem.strip_prefix(word).is_some_and(|rest| rest.is_empty() || starts_piece(rest));
    let ends = |word: &str| stem.strip_suffix(word).is_some_and(|rest| rest.ends_with(['.', '-', '_']));
    begins("compose")
        || begins("docker-compose")
        || begins("podman-compose")
        || ends("docker-compose")
        || stem.ends_with(".compose")
}

fn starts_piece(rest: &str) -> bool {
    rest.starts_with(['.', '-', '_'])
}

/// Whether `text` has services with an image or a build at its top level, and nothing there that no compose file has.
pub(super) fn claims(path: &str, text: &str) -> bool {
    let mut seen = Seen::default();
    for line in text.lines() {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        if line.is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        seen.line(line);
        if seen.is_foreign {
            return false;
        }
    }
    if is_named(path) {
        let is_ours = seen.services || seen.include || seen.known > 0 || text.contains("{{");
        return is_ours || seen.is_misspelt || is_broken(text);
    }
    seen.services && seen.service_is_one && !seen.has_other
}

/// Whether `text` cannot be read: what has the name of a compose file is meant to be one, until it says otherwise.
fn is_broken(text: &str) -> bool {
    !yaml::read(SourceId(0), text.into()).problems.is_empty()
}

#[derive(Default)]
struct Seen {
    services: bool,
    include: bool,
    known: u32,
    /// Whether a mapping below `services` has `image`, `build` or `extends`.
    service_is_one: bool,
    /// Whether something at the top level belongs to another format.
    is_foreign: bool,
    /// Whether a key at the top level is none of a compose file.
    has_other: bool,
    /// Whether one is nearly `services`.
    is_misspelt: bool,
    within_services: bool,
    /// The indentation of the names of services.
    indent: Option<usize>,
}

impl Seen {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if indent == 0 && !line.starts_with(['-', '}', ']', '\t']) {
            self.top(line);
            return;
        }
        if !self.within_services {
            return;
        }
        let word = line.trim_start();
        let first = *self.indent.get_or_insert(indent);
        let is_list = word.starts_with("- ") && indent == first;
        if is_list {
            // GitLab's and others' `services:` are lists.
            self.is_foreign = true;
        }
        if indent > first && ["image:", "build:", "extends:", "<<:"].iter().any(|key| word.starts_with(key)) {
            self.service_is_one = true;
        }
    }

    fn top(&mut self, line: &str) {
        let key = line.split(':').next().unwrap_or(line).trim_matches(['"', '\'', ' ']);
        self.within_services = key == "services";
        match key {
            "apiVersion" | "kind" => self.is_foreign = true,
            "services" => {
                self.services = true;
                let rest = line.split_once(':').map_or("", |(_, rest)| rest.trim());
                self.service_is_one |= rest.starts_with('{') && (rest.contains("image") || rest.contains("build"));
                self.is_foreign |= rest.starts_with('[');
            }
            "include" => self.include = true,
            "---" | "..." => {}
            key if key.starts_with("x-") || key.starts_with('{') || key.starts_with('%') => {}
            key if TOP.contains(&key) => self.known += 1,
            key => {
                self.has_other = true;
                self.is_misspelt |= key.len() > 4 && suggest(key, ["services"]).is_some();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_say_it() {
        for path in [
            "compose.yaml",
            "a/docker-compose.yml",
            "docker-compose.prod.yml",
            "docker-compose-dev.yaml",
            "compose.override.yaml",
            "base.compose.yaml",
            "local-docker-compose.yml",
        ] {
            assert!(is_named(path), "{path}");
        }
        for path in ["composer.yaml", "compose.json", "composed.yml", "decompose.yaml", "docker.yaml"] {
            assert!(!is_named(path), "{path}");
        }
    }

    #[test]
    fn content_that_says_it() {
        let ours = [
            "services:\n  a:\n    image: b\n",
            "x-a: &a {}\nservices:\n  a:\n    build: .\n",
            "services: {a: {image: b}}\n",
        ];
        for text in ours {
            assert!(claims("deploy/stack.yml", text), "{text}");
        }
        let others = [
            "services:\n  App\\Foo:\n    class: App\\Foo\n",
            "image: a\nservices:\n  - postgres\n",
            "apiVersion: v1\nkind: ConfigMap\nservices:\n  a:\n    image: b\n",
            "steps:\n  a:\n    image: b\nservices:\n  db:\n    image: b\n",
            "jobs:\n  a:\n    services:\n      db:\n        image: b\n",
        ];
        for text in others {
            assert!(!claims("config/services.yaml", text), "{text}");
        }
    }

    #[test]
    fn a_name_alone_is_not_enough() {
        assert!(!claims("compose.yaml", "a: b\n"));
        assert!(!claims("compose.yaml", "apiVersion: v1\nkind: Pod\n"));
        assert!(claims("compose.yaml", "include:\n  - a.yaml\n"));
        assert!(claims("compose.yaml", "volumes: {}\n"));
    }

    #[test]
    fn what_is_called_so_and_cannot_be_read_is_not_lost() {
        for text in ["web:\n  image: [nginx\n", "serivces:\n  web:\n    image: nginx\n", "a: b: c\n", "service: {}\n"] {
            assert!(claims("deploy/docker-compose.yml", text), "{text}");
            assert!(!claims("deploy/web.yml", text), "{text}");
        }
        for other in ["- hosts: all\n  tasks: []\n", "on: push\njobs: {}\n", "en:\n  title: Compose\n", "", "# later\n"]
        {
            assert!(!claims("compose.yml", other), "{other}");
        }
    }
}
