//! Images that are built here: which Dockerfile, from which folder, with which code in it.

use std::collections::{BTreeMap, BTreeSet};

use super::Around;
use crate::fact::{Data, Fact, Value};
use crate::inspect::dockerfile::facts::schema::{Copied, Setting, Stage};
use crate::inspect::dockerignore::document::Document;
use crate::path;
use crate::product;
use crate::relate::context::ignore_file;
use crate::source::Source;

/// An image that users get.
pub(super) struct Image<'s> {
    pub(super) dockerfile: &'s Source,
    /// The build context, from the root.
    pub(super) context: String,
    /// What is copied from there, from the root; sorted.
    copied: BTreeSet<String>,
    ignored: Option<Document<'s>>,
    /// The variables that it sets.
    pub(super) env: BTreeSet<String>,
    /// Whether its base is known, so that it sets nothing else.
    pub(super) is_closed: bool,
}

/// The files that make a folder a program of its own.
const MANIFESTS: [&str; 8] = [
    "package.json",
    "go.mod",
    "pyproject.toml",
    "requirements.txt",
    "Cargo.toml",
    "Gemfile",
    "pom.xml",
    "build.gradle",
];

/// What facts say of one Dockerfile.
#[derive(Default)]
struct Said {
    copied: BTreeSet<String>,
    env: BTreeSet<String>,
    is_closed: bool,
    unclear: bool,
}

/// The images of all Dockerfiles that ship. `contexts`: Dockerfile → build context, where somebody says it.
pub(super) fn images<'s>(
    facts: &[Fact<'s>],
    around: &Around<'_, 's>,
    contexts: &BTreeMap<String, String>,
) -> Vec<Image<'s>> {
    let mut said: BTreeMap<u32, Said> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.role.is_shipped()) {
        match fact.subject().name {
            name if name == Copied::SUBJECT.name => copied(fact, said.entry(fact.span.source.0).or_default()),
            name if name == Setting::SUBJECT.name => {
                let text = |field| fact.record.get(field).and_then(Value::as_str);
                if text("keyword") == Some("ENV") {
                    said.entry(fact.span.source.0).or_default().env.extend(text("key").map(str::to_owned));
                }
            }
            name if name == Stage::SUBJECT.name => {
                let final_stage = fact.record.get("is_final").and_then(Value::as_bool) == Some(true);
                let base = fact.record.get("base_image").and_then(Value::as_str).filter(|_| final_stage);
                let closed = base.is_some_and(|base| base == "scratch" || product::known(base).is_some());
                said.entry(fact.span.source.0).or_default().is_closed |= closed;
            }
            _ => {}
        }
    }
    let image = |(id, said): (u32, Said)| {
        let dockerfile = around.sources.get(id as usize)?;
        let path = dockerfile.path();
        let context = match contexts.get(path) {
            Some(context) => context.clone(),
            None => guess(path::folder(path), &said, around)?,
        };
        let copied = said.copied.iter().filter_map(|path| path::join(&context, path)).collect();
        let ignored = ignore_file(around.sources, path, &context);
        Some(Image { dockerfile, context, copied, ignored, env: said.env, is_closed: said.is_closed && !said.unclear })
    };
    said.into_iter().filter_map(image).collect()
}

fn copied(fact: &Fact<'_>, said: &mut Said) {
    let Some(Data::Record(copy)) = fact.record.get("copy").map(|value| &value.data) else { return };
    if copy.get("from").is_some_and(|from| !matches!(from.data, Data::Absent)) {
        return;
    }
    let stage = match copy.get("stage").map(|value| &value.data) {
        Some(Data::Record(stage)) => stage,
        _ => return,
    };
    let yes = |field| stage.get(field).and_then(Value::as_bool) == Some(true);
    if !(yes("is_shipped") || yes("is_used")) || fact.record.get("is_remote").and_then(Value::as_bool) == Some(true) {
        return;
    }
    match fact.record.get("path").and_then(Value::as_str) {
        Some(path) => drop(said.copied.insert(path.split(['*', '?', '[']).next().unwrap_or_default().to_owned())),
        None => said.unclear = true,
    }
}

/// The folder of the Dockerfile when everything that is copied is there, else the root when it is there.
fn guess(folder: &str, said: &Said, around: &Around<'_, '_>) -> Option<String> {
    let all = |context: &str| {
        said.copied.iter().all(|path| path::join(context, path).is_some_and(|path| around.inventory.contains(&path)))
    };
    [folder, ""].into_iter().find(|context| !said.copied.is_empty() && all(context)).map(str::to_owned)
}

impl Image<'_> {
    /// Whether the file goes into the image.
    pub(super) fn holds(&self, path: &str) -> bool {
        let Some(inside) = path::below(path, &self.context) else { return false };
        let copied = self.copied.iter().any(|copied| copied == path || path::below(path, copied).is_some());
        copied && !self.ignored.as_ref().is_some_and(|document| document.excludes(inside))
    }

    /// Whether the file belongs to the program of the image: no program of its own, no other command, stands in between.
    pub(super) fn runs(&self, path: &str, around: &Around<'_, '_>) -> bool {
        let Some(inside) = path::below(path, &self.context) else { return false };
        let text = self.dockerfile.text();
        let folders = inside.match_indices('/').map(|(at, _)| &inside[..at]);
        for folder in folders {
            let whole = path::join(&self.context, folder).unwrap_or_default();
            let own = MANIFESTS.iter().any(|name| around.inventory.contains(&format!("{whole}/{name}")));
            let last = path::file_name(folder);
            let parent = path::folder(folder);
            let command = parent == "cmd" || parent.ends_with("/cmd");
            let script = matches!(
                last,
                "scripts" | "script" | "bin" | "tools" | "migrations" | "seeds" | "benchmarks" | "db" | "config"
            );
            if ((own || script) && !text.contains(folder)) || (command && !text.contains(&format!("cmd/{last}"))) {
                return false;
            }
        }
        true
    }
}
