//! Spanned parsers shared by the inspectors. Each is total: whatever the text, it returns a tree and a list of
//! problems, never an error and never a panic.

use std::ops::Range;

use crate::path;
use crate::span::{SourceId, Span};
use shared::SharedText;

pub mod de;
pub mod json;
pub mod outline;
pub(crate) mod quantity;
pub mod shared;
pub mod shell;
pub mod suggest;
pub mod template;
pub mod toml;
pub mod tree;
pub mod yaml;

/// A format that is read into a [`tree::Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, and what is written as YAML 1.1.
    Yaml,
    /// JSON, also several values in a row.
    Json,
    /// JSON whose readers allow comments and trailing commas.
    CommentedJson,
    /// TOML.
    Toml,
}

/// Files that end in `.json` although their readers allow comments.
const COMMENTED_JSON: [&str; 8] = [
    "tsconfig.json",
    "jsconfig.json",
    "devcontainer.json",
    ".devcontainer.json",
    ".eslintrc.json",
    "renovate.json",
    "nx.json",
    "turbo.json",
];

/// TOML files without the ending.
const TOML_NAMES: [&str; 6] = ["Pipfile", "Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock", "Gopkg.lock"];

/// The format that the name of a file promises; whatever has no other is YAML.
pub fn format_of(path: &str) -> Format {
    let name = path::file_name(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    match ending.as_str() {
        _ if TOML_NAMES.contains(&name) => Format::Toml,
        "json" if COMMENTED_JSON.contains(&name) || path.contains(".vscode/") => Format::CommentedJson,
        "json" if name.starts_with("tsconfig.") => Format::CommentedJson,
        "json" | "jsonl" | "ndjson" | "geojson" | "webmanifest" => Format::Json,
        "jsonc" | "json5" | "code-workspace" => Format::CommentedJson,
        "toml" => Format::Toml,
        _ => Format::Yaml,
    }
}

/// Reads `text` as the format that the name `path` promises. A template of another tool is recognised and not read
/// ([`tree::Tree::template`]).
pub fn read(source: SourceId, path: &str, text: SharedText) -> tree::Tree {
    let format = format_of(path);
    if format == Format::Yaml {
        return match template::in_yaml(&text) {
            Some(marker) => template_tree(source, text, marker),
            None => yaml::read(source, text),
        };
    }
    let tree = match format {
        Format::Toml => toml::read(source, text.clone()),
        Format::CommentedJson => json::read(source, text.clone(), json::Flavour::Commented),
        Format::Json | Format::Yaml => json::read(source, text.clone(), json::Flavour::Json),
    };
    // A template is neither JSON nor TOML, so only a broken text needs a second look.
    let marker = if tree.problems.is_empty() { None } else { template::outside_strings(&text) };
    match marker {
        Some(marker) => template_tree(source, text, marker),
        None => tree,
    }
}

fn template_tree(source: SourceId, text: SharedText, marker: Range<usize>) -> tree::Tree {
    let mut tree = tree::Tree::empty(source, text);
    tree.template = Some(Span::new(source, marker));
    tree
}

#[cfg(test)]
mod tests {
    use super::*;
    use tree::Dialect;

    #[test]
    fn formats_by_name() {
        for (path, format) in [
            ("a/b.yaml", Format::Yaml),
            ("a/b.yml", Format::Yaml),
            ("a.json/values", Format::Yaml),
            ("a/b.JSON", Format::Json),
            ("tsconfig.build.json", Format::CommentedJson),
            (".vscode/settings.json", Format::CommentedJson),
            ("x.jsonc", Format::CommentedJson),
            ("Cargo.toml", Format::Toml),
            ("app/Pipfile", Format::Toml),
        ] {
            assert_eq!(format_of(path), format, "{path}");
        }
    }

    #[test]
    fn templates_are_not_read() {
        for (path, text, marker) in [
            ("a.yaml", "a: {{ x }}", Some("{{ x }}")),
            ("a.json", "{\"a\": {{ x }}}", Some("{{ x }}")),
            ("a.toml", "a = {{ x }}", Some("{{ x }}")),
            ("a.yaml", "a: \"{{ x }}\"", None),
            ("a.json", "{\"a\": \"{{ x }}\"}", None),
            ("a.toml", "a = \"{{ x }}\"", None),
        ] {
            let tree = read(SourceId(0), path, text.into());
            assert_eq!(tree.template.map(|span| &text[span.range()]), marker, "{path}");
            assert_eq!(tree.documents(Dialect::Core).count(), usize::from(marker.is_none()), "{path}");
            assert_eq!(tree.problems, []);
        }
    }
}
