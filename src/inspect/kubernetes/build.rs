//! Files of tools that rewrite manifests before they are applied: kustomizations and skaffold. Read only for what they
//! change in other files: images, and which folders they build from.

use memchr::memmem;

use super::facts::text;
use super::subjects;
use crate::fact::{Fact, Value};
use crate::path;
use crate::source::Source;
use crate::syntax::tree::{Dialect, Node};

/// The tool whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    Kustomize,
    Skaffold,
}

/// Whether a file belongs to one of the tools, by its name and first lines.
pub(super) fn claims(path: &str, text: &str) -> bool {
    tool(path, text).is_some()
}

fn tool(path: &str, text: &str) -> Option<Tool> {
    let name = path::file_name(path);
    let line = |start: &str| {
        let mut found = memmem::find_iter(text.as_bytes(), start);
        found.any(|at| at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))
    };
    if matches!(name, "kustomization.yaml" | "kustomization.yml") || line("apiVersion: kustomize.config.k8s.io/") {
        return Some(Tool::Kustomize);
    }
    line("apiVersion: skaffold/").then_some(Tool::Skaffold)
}

/// The facts of such a file.
pub(super) fn facts(source: &Source) -> Vec<Fact<'_>> {
    let Some(tool) = tool(source.path(), source.text()) else { return Vec::new() };
    let folder = path::folder(source.path());
    let roots = source.tree().documents(Dialect::Yaml11);
    roots.map(|root| build_fact(source, root, tool, folder)).collect()
}

fn build_fact<'s>(source: &'s Source, root: Node<'s>, tool: Tool, folder: &str) -> Fact<'s> {
    let place = root.span().at_start();
    let images = match tool {
        Tool::Kustomize => list(root.get("images")),
        Tool::Skaffold => list(root.at_path(&["build", "artifacts"])),
    };
    let key = if tool == Tool::Kustomize { "name" } else { "image" };
    let images = images.filter_map(|image| image.get(key)).map(|name| text(Some(name), place)).collect();
    let mut folders = vec![Value::str(folder.to_owned(), place)];
    for key in ["resources", "bases", "components"] {
        for resource in list(root.get(key)) {
            folders.push(Value::str(resolve(folder, resource.text()), resource.span()));
        }
    }
    subjects::Build {
        tool: Value::str(if tool == Tool::Kustomize { "kustomize" } else { "skaffold" }, place),
        images: Value::list(images, place),
        folders: Value::list(folders, place),
    }
    .fact(place, source.path(), source.role)
}

fn list<'s>(node: Option<Node<'s>>) -> impl Iterator<Item = Node<'s>> {
    node.into_iter().flat_map(Node::items)
}

/// The folder of a resource: the folder itself, or the one its file is in.
fn resolve(folder: &str, resource: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in resource.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            file if file.ends_with(".yaml") || file.ends_with(".yml") => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_found_from_where_they_are_named() {
        assert_eq!(resolve("app/overlays/prod", "../../base"), "app/base");
        assert_eq!(resolve("app", "./deploy/web.yaml"), "app/deploy");
        assert_eq!(resolve("", "../outside"), "outside");
    }
}
