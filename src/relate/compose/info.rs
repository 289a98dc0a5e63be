//! What several relations ask of a service: its image, the product in it, its ports, who depends on it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::built::{Dockerfile, Dockerfiles};
use super::files::{Files, Service, join};
use super::ports::{self, Broken, Port};
use super::set::Set;
use super::words;
use crate::fact::{Fact, Role};
use crate::inspect::compose::document::Part;
use crate::inspect::env::read;
use crate::product::{self, Known, ProductRole};
use crate::source::{Inventory, Source};
use crate::span::{SourceId, Span};

/// What lies around the end states.
pub(super) struct World<'a, 's> {
    sources: &'s [Source],
    pub(super) inventory: &'a Inventory,
    pub(super) dockerfiles: Dockerfiles<'s>,
    by_path: HashMap<&'s str, &'s Source>,
    /// Section and name of everything that any file describes.
    pub(super) names: HashSet<(&'s str, &'s str)>,
    /// The names that dotenv files set, each read when it is first asked for.
    dotenv: RefCell<HashMap<String, HashSet<String>>>,
}

impl<'a, 's> World<'a, 's> {
    pub(super) fn new(sources: &'s [Source], files: Files<'s, 'a>, dockerfiles: Dockerfiles<'s>) -> Self {
        let (inventory, names) = (files.inventory, files.names);
        let by_path = sources.iter().map(|source| (source.path(), source)).collect();
        Self { sources, inventory, dockerfiles, by_path, names, dotenv: RefCell::default() }
    }

    /// Whether the dotenv file at `path` sets `name`.
    pub(super) fn dotenv_sets(&self, path: &str, name: &str) -> bool {
        let Some(source) = self.source(path) else { return false };
        let mut known = self.dotenv.borrow_mut();
        let names = known
            .entry(path.to_owned())
            .or_insert_with(|| read::read(source.text()).assignments().map(|one| one.key.to_owned()).collect());
        names.contains(name)
    }

    /// The source at `path`.
    pub(super) fn source(&self, path: &str) -> Option<&'s Source> {
        self.by_path.get(path).copied()
    }
}

/// An end state with what is known of its services.
pub(super) struct Ctx<'c, 'a, 's> {
    pub(super) set: &'c Set<'s>,
    pub(super) world: &'c World<'a, 's>,
    infos: HashMap<&'s str, Info<'c, 's>>,
    /// The role that everything shipped in it has: a machine of a developer, where the whole set says so.
    role: Option<Role>,
    /// Whether a proxy or gateway stands in front of the others.
    pub(super) has_front: bool,
}

/// What is known of a service.
pub(super) struct Info<'c, 's> {
    pub(super) service: &'c Service<'s>,
    /// The image's reference, where all of it is known.
    pub(super) reference: Option<Cow<'s, str>>,
    /// The product in its image, or in the image that its Dockerfile begins with.
    pub(super) known: Option<Known<'static>>,
    /// Whether the product is that of the Dockerfile's base.
    pub(super) is_based: bool,
    pub(super) dockerfile: Option<&'c Dockerfile>,
    pub(super) dockerfile_path: Option<String>,
    pub(super) target: Option<Cow<'s, str>>,
    pub(super) ports: Vec<(&'c Part<'s>, Result<Port, Broken>)>,
    pub(super) dependants: BTreeSet<&'s str>,
    pub(super) profiles: Vec<Cow<'s, str>>,
    pub(super) uses_host_network: bool,
    pub(super) is_job: bool,
}

impl<'c, 'a, 's> Ctx<'c, 'a, 's> {
    pub(super) fn new(set: &'c Set<'s>, world: &'c World<'a, 's>) -> Self {
        let mut ctx = Self { set, world, infos: HashMap::new(), role: None, has_front: false };
        for service in &set.services {
            let info = ctx.read(service);
            ctx.infos.insert(service.name, info);
        }
        let mut jobs: Vec<&'s str> = Vec::new();
        for service in &set.services {
            for entry in service.part.get("depends_on").map_or(&[][..], Part::entries) {
                if entry.get("condition").is_some_and(|part| part.raw == "service_completed_successfully") {
                    jobs.push(entry.key);
                }
                if let Some(target) = ctx.infos.get_mut(entry.key) {
                    target.dependants.insert(service.name);
                }
            }
        }
        for name in jobs {
            if let Some(info) = ctx.infos.get_mut(name) {
                info.is_job = true;
            }
        }
        ctx.has_front = set.services.iter().any(|service| ctx.is_front(service.name));
        ctx.role = super::role::role(&ctx);
        ctx
    }

    /// What is known of the service of that name.
    pub(super) fn info(&self, name: &str) -> Option<&Info<'c, 's>> {
        self.infos.get(name)
    }

    /// Every service with what is known of it, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Info<'c, 's>> {
        self.set.services.iter().filter_map(|service| self.infos.get(service.name))
    }

    /// The role of what stands at `at`.
    pub(super) fn role(&self, at: Span) -> Role {
        let own = self.source(at.source).map_or(Role::Production, |source| source.role);
        match self.role {
            Some(role) if own.is_shipped() => role,
            _ => own,
        }
    }

    /// The file of that number.
    pub(super) fn source(&self, id: SourceId) -> Option<&'s Source> {
        self.world.sources.get(id.0 as usize)
    }

    /// `fact` at `at`, named by `path`.
    pub(super) fn state(&self, at: Span, path: String, make: impl FnOnce(Span, String, Role) -> Fact<'s>) -> Fact<'s> {
        let role = self.role(at);
        let owner = path.strip_prefix("services/").and_then(|rest| self.infos.get(rest.split('/').next()?));
        // What a layer for tests makes of a service of the base is there for tests only.
        let layers = || owner.into_iter().flat_map(|info| &info.service.from).filter_map(|id| self.source(*id));
        let of_layer = || layers().map(|source| source.role).find(|role| !role.is_shipped());
        let role = if role.is_shipped() { of_layer().unwrap_or(role) } else { role };
        make(at, path, role)
    }

    /// Whether users come in there: a proxy, by its product or its name.
    pub(super) fn is_front(&self, name: &str) -> bool {
        let Some(info) = self.infos.get(name) else { return false };
        let is_proxy = info.known.as_ref().is_some_and(|known| known.product.role == ProductRole::Proxy);
        let publishes = info.ports.iter().any(|(_, port)| !port.as_ref().is_ok_and(Port::is_loopback));
        publishes && (is_proxy || words::names_front(name))
    }

    /// Whether two services may run at the same time: no profiles, or one in common.
    pub(super) fn may_meet(&self, one: &str, other: &str) -> bool {
        let (Some(one), Some(other)) = (self.infos.get(one), self.infos.get(other)) else { return false };
        one.profiles.is_empty()
            || other.profiles.is_empty()
            || one.profiles.iter().any(|profile| other.profiles.contains(profile))
    }

    fn read(&self, service: &'c Service<'s>) -> Info<'c, 's> {
        let scope = &self.set.scope;
        let part = &service.part;
        let reference = part.get("image").and_then(|image| scope.known(image));
        let target = part.at_path(&["build", "target"]).and_then(|target| scope.known(target));
        let path = self.dockerfile_path(part);
        let dockerfile = path.as_deref().and_then(|path| self.world.dockerfiles.get(path));
        let base = dockerfile.and_then(|file| file.base(target.as_deref()));
        let from_base = base.as_deref().and_then(product::known);
        let is_based = from_base.is_some();
        let known = match part.get("build") {
            Some(_) => from_base,
            None => reference.as_deref().and_then(product::known),
        };
        let entries = part.get("ports").map_or(&[][..], Part::items);
        let ports: Vec<_> = entries.iter().map(|entry| (entry, ports::entry(entry, scope))).collect();
        let network = part.get("network_mode").and_then(|part| scope.known(part));
        let profiles = scope.list(part.get("profiles")).into_iter().map(|(_, text)| text).collect();
        Info {
            service,
            reference,
            known,
            is_based,
            dockerfile,
            dockerfile_path: path,
            target,
            ports,
            dependants: BTreeSet::new(),
            profiles,
            uses_host_network: network.is_some_and(|mode| mode == "host"),
            is_job: words::is_job(service.name, part),
        }
    }

    /// Where the Dockerfile of a service is, if it is below the root.
    fn dockerfile_path(&self, service: &Part<'s>) -> Option<String> {
        let scope = &self.set.scope;
        let build = service.get("build")?;
        if build.get("dockerfile_inline").is_some() {
            return None;
        }
        let context = build.get("context");
        let said = context.map_or(Some(Cow::Borrowed(".")), |context| scope.known(context))?;
        if said.contains("://") || said.starts_with("git@") {
            return None;
        }
        let folder = self.set.folder_of(context.unwrap_or(build).at);
        let context = join(folder, &said)?;
        let file = build.get("dockerfile").map_or(Some(Cow::Borrowed("Dockerfile")), |file| scope.known(file))?;
        join(&context, &file)
    }
}

impl<'s> Info<'_, 's> {
    /// The product's role.
    pub(super) fn product_role(&self) -> Option<ProductRole> {
        let role = self.known.as_ref().map(|known| known.product.role)?;
        let says_nothing = matches!(role, ProductRole::Runtime | ProductRole::Os);
        (!says_nothing).then_some(role)
    }

    /// Whether it is meant to run for ever.
    pub(super) fn runs_forever(&self) -> bool {
        !self.is_job
    }

    /// Whether a port is published beyond the host itself; nothing when a variable decides.
    pub(super) fn is_published(&self) -> Option<bool> {
        if self.uses_host_network {
            return Some(true);
        }
        let beyond = self.ports.iter().any(|(_, port)| port.as_ref().is_ok_and(|port| !port.is_loopback()));
        let unclear = self.ports.iter().any(|(_, port)| *port == Err(Broken::Unknown));
        if beyond { Some(true) } else { (!unclear).then_some(false) }
    }

    /// Whether anything checks its health; nothing for an image of which nothing is known.
    pub(super) fn is_checked(&self) -> Option<bool> {
        if let Some(check) = self.service.part.get("healthcheck") {
            if super::health::is_off(check) {
                return Some(false);
            }
            if check.get("test").is_some() {
                return Some(true);
            }
        }
        if self.service.part.get("build").is_some() {
            let own = self.dockerfile.and_then(|file| file.checks(self.target.as_deref()));
            return match own {
                // An image that nobody here knows may check itself.
                Some(false) if self.known.as_ref().is_none_or(|known| !is_official(known)) => None,
                own => own,
            };
        }
        // Official images have no check, by their own rules.
        self.known.as_ref().filter(|known| is_official(known)).map(|_| false)
    }
}

/// Products whose own images have no HEALTHCHECK.
const UNCHECKED: [&str; 5] = ["grafana", "jaeger", "opentelemetry-collector", "prometheus", "valkey"];

/// Whether it is one of the images of the library, which have no HEALTHCHECK, another that is known to have none, or holds
/// no more than a system or runtime.
fn is_official(known: &Known<'_>) -> bool {
    !known.repository.contains('/')
        || UNCHECKED.contains(&known.product.id.as_str()) && known.image.deprecated.is_none()
        || matches!(known.product.role, ProductRole::Runtime | ProductRole::Os)
}
