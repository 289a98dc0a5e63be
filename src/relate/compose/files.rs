//! The compose files among the sources, each service with what it extends laid under it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::merge;
use super::scope::Scope;
use crate::fact::{Data, Fact, Reason, Role};
use crate::inspect::compose::document::{Document, Form, Part, Wish};
use crate::inspect::compose::{is_override, read, subjects};
use crate::inspect::env::name::is_dotenv;
use crate::path::{file_name, folder};
use crate::source::{Inventory, Presence, Source};
use crate::span::{SourceId, Span};

/// Services behind one another that extend each other.
const EXTENDS: usize = 64;

/// Values that `extends` copies, over all files.
const COPIES: usize = 1_000_000;

/// A compose file.
#[derive(Debug)]
pub(super) struct File<'s> {
    pub(super) source: &'s Source,
    /// Relative to the root; empty for the root.
    pub(super) folder: &'s str,
    pub(super) document: Document<'s>,
}

/// Every file that can be read, by path, and what else is asked of the repository.
#[derive(Debug)]
pub(super) struct Files<'s, 'a> {
    pub(super) list: Vec<File<'s>>,
    by_path: HashMap<&'s str, usize>,
    /// File and name → the service's place in the file.
    places: HashMap<(usize, &'s str), usize>,
    pub(super) sources: HashMap<&'s str, &'s Source>,
    /// The dotenv files, by folder.
    pub(super) dotenv: HashMap<&'s str, Vec<&'s Source>>,
    pub(super) inventory: &'a Inventory,
    /// Section and name of everything that any file describes.
    pub(super) names: HashSet<(&'s str, &'s str)>,
    /// Values that `extends` copied so far.
    copied: usize,
}

/// A service with what it extends.
#[derive(Debug, Clone)]
pub(super) struct Service<'s> {
    pub(super) name: &'s str,
    /// Where its name stands first.
    pub(super) name_at: Span,
    /// Its mapping.
    pub(super) part: Part<'s>,
    /// The files that say something of it, in order.
    pub(super) from: Vec<SourceId>,
    /// Names that `extends` does not find, and why.
    pub(super) lost: Vec<Lost<'s>>,
}

/// Something that is named and not found, or found in a circle.
#[derive(Debug, Clone)]
pub(super) struct Lost<'s> {
    pub(super) form: &'static str,
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) why: Why,
    pub(super) owner: &'s str,
}

/// Why a name leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// There is nothing of that name.
    Absent,
    /// It lies out of what was read, or a variable decides.
    Unseen(Reason),
    /// It leads back to where it began.
    Circle(String),
}

impl<'s, 'a> Files<'s, 'a> {
    pub(super) fn new(sources: &'s [Source], facts: &[Fact<'s>], inventory: &'a Inventory) -> Self {
        let mut files = Self {
            list: Vec::new(),
            by_path: HashMap::new(),
            places: HashMap::new(),
            sources: HashMap::new(),
            dotenv: HashMap::new(),
            inventory,
            names: HashSet::new(),
            copied: 0,
        };
        let mut last = None;
        for fact in facts.iter().filter(|fact| fact.subject().name == subjects::File::SUBJECT.name) {
            let Some(source) = sources.get(fact.span.source.0 as usize).filter(|_| last != Some(fact.span.source))
            else {
                continue;
            };
            last = Some(fact.span.source);
            files.add(source);
        }
        if !files.list.is_empty() {
            files.sources = sources.iter().map(|source| (source.path(), source)).collect();
            for source in sources.iter().filter(|source| is_dotenv(source.path())) {
                files.dotenv.entry(folder(source.path())).or_default().push(source);
            }
            files.add_neighbours(sources);
        }
        files
    }

    /// Names of networks, volumes and the like that a file beside describes which has no service, so that it was not
    /// taken for a compose file.
    fn add_neighbours(&mut self, sources: &'s [Source]) {
        let folders: HashSet<&str> = self.list.iter().map(|file| file.folder).collect();
        let is_yaml = |path: &str| path.ends_with(".yml") || path.ends_with(".yaml");
        let describes = |text: &str| {
            ["networks:", "volumes:", "secrets:", "configs:"]
                .iter()
                .any(|key| text.starts_with(key) || text.contains(&format!("\n{key}")))
        };
        for source in sources {
            let path = source.path();
            let is_beside = is_yaml(path) && folders.contains(folder(path)) && !self.by_path.contains_key(path);
            if is_beside && describes(source.text()) {
                let document = read::read(source, &mut Vec::new());
                for part in document.iter().flat_map(|document| &document.parts) {
                    self.names.extend(part.entries().iter().map(|entry| (part.key, entry.key)));
                }
            }
        }
    }

    fn add(&mut self, source: &'s Source) -> Option<usize> {
        let document = read::read(source, &mut Vec::new())?;
        let path = source.path();
        for part in document.parts.iter().filter(|part| part.key != "include") {
            self.names.extend(part.entries().iter().map(|entry| (part.key, entry.key)));
        }
        let index = self.list.len();
        self.places.extend(document.services().iter().enumerate().map(|(at, service)| ((index, service.key), at)));
        self.by_path.insert(path, index);
        self.list.push(File { source, folder: folder(path), document });
        Some(self.list.len() - 1)
    }

    /// The file at `path`, read now if it was not taken for a compose file by itself.
    pub(super) fn at(&mut self, path: &str) -> Option<usize> {
        match self.by_path.get(path) {
            Some(index) => Some(*index),
            None => {
                let source = self.sources.get(path).copied()?;
                self.add(source)
            }
        }
    }

    /// The file that `path` names from `folder`, or why it is not there.
    pub(super) fn find(&mut self, folder: &str, path: &str) -> Result<usize, Why> {
        let unseen = |why: &str| Why::Unseen(Reason::Unresolved(format!("`{path}` {why}").into()));
        if path.contains("://") || path.starts_with("git@") || path.starts_with("oci:") {
            return Err(unseen("lies in another repository"));
        }
        let Some(whole) = join(folder, path) else { return Err(unseen("lies outside of what is checked")) };
        if let Some(index) = self.at(&whole) {
            return Ok(index);
        }
        match self.inventory.lookup(&whole) {
            Presence::Absent => Err(Why::Absent),
            _ => Err(unseen("was not read")),
        }
    }

    /// The services of a file, each with what it extends laid under it.
    pub(super) fn services(&mut self, index: usize, scope: &Scope) -> Vec<Service<'s>> {
        let Some(file) = self.list.get(index) else { return Vec::new() };
        let Some(services) = file.document.parts.iter().find(|part| part.key == "services") else { return Vec::new() };
        let names: Vec<&'s str> = services.entries().iter().map(|entry| entry.key).collect();
        let mut memo = BTreeMap::new();
        names.into_iter().filter_map(|name| self.extended(index, name, scope, &mut Vec::new(), &mut memo)).collect()
    }

    fn extended(
        &mut self,
        index: usize,
        name: &'s str,
        scope: &Scope,
        way: &mut Vec<(usize, &'s str)>,
        memo: &mut BTreeMap<(usize, &'s str), Service<'s>>,
    ) -> Option<Service<'s>> {
        if let Some(known) = memo.get(&(index, name)) {
            return Some(known.clone());
        }
        let file = self.list.get(index)?;
        let own = file.written().get(*self.places.get(&(index, name))?)?.clone();
        let (folder, id) = (file.folder, file.source.id);
        let mut service = Service { name: own.key, name_at: own.key_at, part: own, from: vec![id], lost: Vec::new() };
        if let Some(extends) = service.part.get("extends").cloned() {
            way.push((index, name));
            match self.extended_by(&extends, index, folder, scope, way, memo) {
                Ok(base) => service = lay_over(base, service, scope),
                Err((why, said, at)) => {
                    service.lost.push(Lost { form: "extends", name: said, at, why, owner: service.name });
                }
            }
            way.pop();
        }
        if way.is_empty() || service.lost.is_empty() {
            memo.insert((index, name), service.clone());
        }
        Some(service)
    }

    /// The service that `extends` names.
    fn extended_by(
        &mut self,
        extends: &Part<'s>,
        index: usize,
        folder: &str,
        scope: &Scope,
        way: &mut Vec<(usize, &'s str)>,
        memo: &mut BTreeMap<(usize, &'s str), Service<'s>>,
    ) -> Result<Service<'s>, (Why, String, Span)> {
        let named = if extends.is_scalar() { Some(extends) } else { extends.get("service") };
        let Some(named) = named else { return Err((Why::Absent, String::new(), extends.at)) };
        let said = scope.text(named).text.into_owned();
        let lose = |why: Why| (why, said.clone(), named.at);
        let index = match extends.get("file") {
            None => index,
            Some(file) => {
                let Some(path) = scope.known(file) else {
                    return Err(lose(Why::Unseen(super::scope::reason(&scope.text(file).missing.unwrap_or_default()))));
                };
                self.find(folder, &path).map_err(|why| (why, path.into_owned(), file.at))?
            }
        };
        let place = self.places.get(&(index, said.as_str())).copied();
        let own = place.and_then(|place| self.list.get(index)?.written().get(place));
        let Some(name) = own.map(|entry| entry.key) else { return Err(lose(Why::Absent)) };
        if let Some(first) = way.iter().position(|step| *step == (index, name)) {
            let circle: Vec<&str> = way.iter().skip(first).map(|(_, name)| *name).chain([name]).collect();
            return Err(lose(Why::Circle(circle.join(" → "))));
        }
        let limit = |text: String| Err(lose(Why::Unseen(Reason::Limit(text.into()))));
        if way.len() >= EXTENDS {
            return limit(format!("more than {EXTENDS} services extend one another"));
        }
        if self.copied > COPIES {
            return limit(format!("services take more than {COPIES} values over from others"));
        }
        let base = self.extended(index, name, scope, way, memo).ok_or_else(|| lose(Why::Absent))?;
        self.copied += base.part.size();
        Ok(base)
    }
}

/// What `service` says, laid over `base`, which it extends.
fn lay_over<'s>(base: Service<'s>, service: Service<'s>, scope: &Scope) -> Service<'s> {
    let mut part = base.part;
    part.key = service.part.key;
    merge::merge(&mut part, Part { wish: Wish::Merge, ..service.part }, &[], scope);
    let from = base.from.into_iter().filter(|id| !service.from.contains(id)).chain(service.from.iter().copied());
    let lost = base.lost.into_iter().chain(service.lost).collect();
    Service { name: service.name, name_at: service.name_at, part, from: from.collect(), lost }
}

/// Lays `over` onto `base`: the same service in a later file.
pub(super) fn layer<'s>(base: &mut Service<'s>, over: Service<'s>, scope: &Scope) {
    let wish = over.part.wish;
    merge::merge(&mut base.part, over.part, &[], scope);
    if wish == Wish::Reset {
        base.part.form = Form::Null;
    }
    base.from.extend(over.from.into_iter().filter(|id| !base.from.contains(id)).collect::<Vec<_>>());
    base.lost.extend(over.lost);
}

/// `path` from `folder`; nothing when it leaves the root or is absolute.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with(['/', '~', '\\']) || path.get(1..2) == Some(":") {
        return None;
    }
    crate::path::join(folder, path)
}

impl<'s> File<'s> {
    /// The services as written.
    pub(super) fn written(&self) -> &[Part<'s>] {
        self.document.services()
    }

    /// Its name without its folder.
    pub(super) fn name(&self) -> &'s str {
        file_name(self.source.path())
    }

    /// Whether compose takes it without being told.
    pub(super) fn is_default(&self) -> bool {
        matches!(self.name(), "compose.yaml" | "compose.yml" | "docker-compose.yml" | "docker-compose.yaml")
    }

    /// Whether compose lays it over the default file without being told.
    pub(super) fn is_automatic(&self) -> bool {
        is_override(self.source.path())
            && matches!(
                self.name(),
                "compose.override.yaml"
                    | "compose.override.yml"
                    | "docker-compose.override.yml"
                    | "docker-compose.override.yaml"
            )
    }

    /// What it is for.
    pub(super) fn role(&self) -> Role {
        self.source.role
    }
}

impl Why {
    /// As a value for `is_defined`.
    pub(super) fn data<'d>(&self) -> Data<'d> {
        match self {
            Why::Absent => Data::Bool(false),
            Why::Circle(_) => Data::Bool(true),
            Why::Unseen(reason) => Data::unknown(reason.clone()),
        }
    }
}
