//! Images that a build pulls, and whether the repository makes them itself.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fact::{Data, Fact, Type, Value};
use crate::inspect::dockerfile::facts::schema::Image;
use crate::source::Source;

crate::subject! {
    /// An image from outside that the build uses, with what the rest of the repository says of it. Stands on its name.
    pub struct Pull: "dockerfile.pull" {
        /// The image.
        image: Type::Record(Image::SUBJECT),
        /// Whether a Dockerfile here makes it, as far as names tell: one in a folder of its name, or named after it.
        is_own: Type::Bool,
        /// Whether its publisher gives it tags that name a version: distroless and Chainguard's free images have none.
        has_versions: Type::Bool,
        /// Whether only files are taken out of it (COPY, RUN), so that nothing is built on it.
        is_only_read: Type::Bool,
    }
}

/// Where images have no tags that name a version.
const WITHOUT_VERSIONS: [&str; 3] = ["gcr.io/distroless/", "cgr.dev/chainguard/", "docker.io/chainguard/"];

/// States what is pulled.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    let images: Vec<&Fact<'s>> = facts.iter().filter(|fact| fact.subject().name == Image::SUBJECT.name).collect();
    let mut readers: Vec<u32> = images.iter().map(|fact| fact.span.source.0).collect();
    readers.dedup();
    let made = Made::new(readers.iter().filter_map(|id| Some((*id, sources.get(*id as usize)?.path()))));
    for fact in images {
        let text = |field| fact.record.get(field).and_then(Value::as_str);
        let name = text("name").unwrap_or_default();
        let is_own = made.by_another(name, fact.span.source.0);
        let pull = Pull {
            image: Value::new(Data::Record(Arc::clone(&fact.record)), fact.span),
            is_own: Value::bool(is_own, fact.span),
            has_versions: Value::bool(!WITHOUT_VERSIONS.iter().any(|start| name.starts_with(start)), fact.span),
            is_only_read: Value::bool(text("keyword") != Some("FROM"), fact.span),
        };
        found.push(pull.fact(fact.span, fact.path.clone(), fact.role));
    }
}

/// The names that Dockerfiles give what they make, with the Dockerfiles: their folder, and what their own name adds.
#[derive(Default)]
struct Made {
    names: HashMap<String, Vec<u32>>,
    suffixes: HashMap<String, Vec<u32>>,
}

impl Made {
    fn new<'p>(paths: impl Iterator<Item = (u32, &'p str)>) -> Self {
        let mut made = Self::default();
        for (id, path) in paths {
            let lower = path.to_ascii_lowercase();
            let mut parts = lower.rsplit('/');
            let file = parts.next().unwrap_or_default();
            if let Some(folder) = parts.next() {
                made.names.entry(folder.to_owned()).or_default().push(id);
            }
            if let Some(suffix) = file.strip_prefix("dockerfile.").or(file.strip_suffix(".dockerfile")) {
                made.names.entry(suffix.to_owned()).or_default().push(id);
                made.suffixes.entry(suffix.to_owned()).or_default().push(id);
            }
        }
        made
    }

    /// Whether a Dockerfile other than `reader` makes the image. An official image has no namespace: `postgres` is not
    /// made by a folder of that name.
    fn by_another(&self, image: &str, reader: u32) -> bool {
        let Some((_, last)) = image.rsplit_once('/') else { return false };
        let last = last.to_ascii_lowercase();
        let others = |ids: Option<&Vec<u32>>| ids.is_some_and(|ids| ids.iter().any(|id| *id != reader));
        // `outline-base` beside `Dockerfile.base`.
        let end = last.rsplit_once('-').map(|(_, end)| end);
        others(self.names.get(&last)) || end.is_some_and(|end| others(self.suffixes.get(end)))
    }
}
