//! For tests: the records of the rule files, read from the folder.

use std::sync::Arc;

use crate::fact::format::FormatRecord;
use crate::span::SourceId;
use crate::syntax::tree::{Dialect, Kind, Node};

/// All records of `rules/secrets`, with their rules' ids, in the order of the files.
pub(crate) fn all() -> Vec<(Arc<str>, FormatRecord)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/secrets");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("folder").map(|file| file.expect("file").path()).collect();
    files.sort();
    files.iter().flat_map(|file| of(file)).collect()
}

fn of(file: &std::path::Path) -> Vec<(Arc<str>, FormatRecord)> {
    let text = std::fs::read_to_string(file).expect("text");
    let id: Arc<str> = format!("secrets/{}", file.file_stem().expect("name").to_string_lossy()).into();
    let tree = crate::syntax::read(SourceId(0), "rule.yaml", text.into());
    assert!(tree.problems.is_empty(), "{id}: {:?}", tree.problems);
    let root = tree.documents(Dialect::Core).next().expect("document");
    let Some(formats) = root.get("formats") else { return Vec::new() };
    let record = |node| serde_json::from_value(json(node)).unwrap_or_else(|error| panic!("{id}: {error}"));
    formats.items().map(|node| (Arc::clone(&id), record(node))).collect()
}

fn json(node: Node<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::List => node.items().map(json).collect(),
        Kind::Map => node.entries().map(|entry| (entry.key.text().to_owned(), json(entry.value))).collect(),
        Kind::Null => serde_json::Value::Null,
        _ => node.text().into(),
    }
}
