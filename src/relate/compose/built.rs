//! The Dockerfiles of the repository, as far as a service that builds one asks.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::fact::{Data, Fact, Record, Value};
use crate::inspect::dockerfile::facts::schema;
use crate::source::Source;

/// A Dockerfile.
#[derive(Debug, Default)]
pub(super) struct Dockerfile {
    stages: BTreeMap<i64, Stage>,
    /// Every ARG that it declares.
    pub(super) arguments: HashSet<String>,
    /// Every variable that it sets for its containers.
    pub(super) variables: HashSet<String>,
    has_healthcheck: bool,
}

#[derive(Debug, Default)]
struct Stage {
    name: Option<String>,
    /// `image`, `stage` or `scratch`.
    base: String,
    /// The image at the bottom, without tag.
    base_image: Option<String>,
    /// What its own FROM names, with tag.
    reference: Option<String>,
    exposed: Vec<(i64, i64)>,
    /// Whether EXPOSE holds what cannot be read.
    exposes_unknown: bool,
    checks: bool,
}

/// The Dockerfiles by path.
#[derive(Debug, Default)]
pub(super) struct Dockerfiles<'s> {
    by_path: HashMap<&'s str, Dockerfile>,
}

impl<'s> Dockerfiles<'s> {
    pub(super) fn new(sources: &'s [Source], facts: &[Fact<'s>]) -> Self {
        let mut found = Self::default();
        for fact in facts.iter().filter(|fact| fact.subject().inspector() == "dockerfile") {
            let Some(source) = sources.get(fact.span.source.0 as usize) else { continue };
            found.by_path.entry(source.path()).or_default().add(fact);
        }
        found
    }

    pub(super) fn get(&self, path: &str) -> Option<&Dockerfile> {
        self.by_path.get(path)
    }
}

fn text(record: &Record<'_>, field: &str) -> Option<String> {
    record.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn truth(record: &Record<'_>, field: &str) -> bool {
    record.get(field).and_then(Value::as_bool).unwrap_or_default()
}

fn number(record: &Record<'_>, field: &str) -> Option<i64> {
    match record.get(field)?.data {
        Data::Int(number) => Some(number),
        _ => None,
    }
}

impl Dockerfile {
    fn add(&mut self, fact: &Fact<'_>) {
        let record = &*fact.record;
        let name = fact.subject().name;
        if name == schema::File::SUBJECT.name {
            self.has_healthcheck = truth(record, "has_healthcheck");
        } else if name == schema::Stage::SUBJECT.name {
            let Some(index) = number(record, "index") else { return };
            let stage = self.stages.entry(index).or_default();
            (stage.name, stage.base_image) = (text(record, "name"), text(record, "base_image"));
            stage.base = text(record, "base").unwrap_or_default();
        } else if name == schema::Setting::SUBJECT.name && text(record, "keyword").as_deref() == Some("ARG") {
            self.arguments.extend(text(record, "key"));
        } else if name == schema::Setting::SUBJECT.name && text(record, "keyword").as_deref() == Some("ENV") {
            self.variables.extend(text(record, "key"));
        } else if name == schema::Image::SUBJECT.name && text(record, "keyword").as_deref() == Some("FROM") {
            if let Some(stage) = self.stage_of(record) {
                stage.reference = text(record, "reference");
            }
        } else if name == schema::Port::SUBJECT.name {
            let range = number(record, "number").zip(number(record, "last"));
            if let Some(stage) = self.stage_of(record) {
                stage.exposed.extend(range);
                stage.exposes_unknown |= range.is_none();
            }
        } else if name == schema::Entry::SUBJECT.name
            && text(record, "keyword").as_deref() == Some("HEALTHCHECK")
            && let Some(stage) = self.stage_of(record)
        {
            stage.checks = true;
        }
    }

    fn stage_of(&mut self, record: &Record<'_>) -> Option<&mut Stage> {
        let Some(Data::Record(stage)) = record.get("stage").map(|stage| &stage.data) else { return None };
        Some(self.stages.entry(number(stage, "index")?).or_default())
    }

    /// Whether a stage of that name or number is there.
    pub(super) fn has_stage(&self, target: &str) -> bool {
        let lower = target.to_ascii_lowercase();
        self.stages.values().any(|stage| stage.name.as_deref() == Some(&*lower))
            || target.parse::<i64>().is_ok_and(|number| self.stages.contains_key(&number))
    }

    fn stage(&self, target: Option<&str>) -> Option<&Stage> {
        match target {
            None => self.stages.values().next_back(),
            Some(target) => {
                let lower = target.to_ascii_lowercase();
                let named = self.stages.values().find(|stage| stage.name.as_deref() == Some(&*lower));
                named.or_else(|| self.stages.get(&target.parse().ok()?))
            }
        }
    }

    /// Whether the image checks its own health; nothing where that cannot be told.
    pub(super) fn checks(&self, target: Option<&str>) -> Option<bool> {
        match target {
            None => Some(self.has_healthcheck),
            Some(_) => {
                let stage = self.stage(target)?;
                (stage.checks || stage.base != "stage").then_some(stage.checks)
            }
        }
    }

    /// The image that the stage is built on, with its tag where that is known.
    pub(super) fn base(&self, target: Option<&str>) -> Option<String> {
        let stage = self.stage(target)?;
        let image = stage.base_image.clone()?;
        let whole = self.stages.values().filter_map(|stage| stage.reference.as_ref()).find(|reference| {
            reference.strip_prefix(&image).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
        });
        Some(whole.cloned().unwrap_or(image))
    }

    /// The ports that the stage says it listens on; nothing where it says none, or a variable does.
    pub(super) fn exposed(&self, target: Option<&str>) -> Option<&[(i64, i64)]> {
        let stage = self.stage(target)?;
        let is_whole = stage.base != "stage" && !stage.exposes_unknown && !stage.exposed.is_empty();
        is_whole.then_some(&stage.exposed)
    }
}
