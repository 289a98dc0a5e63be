//! Service ↔ `products/`: whether a volume holds the data, who is let in, how long the version is supported.

use std::borrow::Cow;

use super::info::{Ctx, Info};
use super::limits;
use super::mounts;
use super::subjects::{Insecure, Product};
use super::words;
use crate::fact::{Data, Fact, Reason, Value};
use crate::inspect::compose::document::Part;
use crate::product::{AuthenticationDefault, Known, Setting, State};
use crate::span::Span;

/// What is known of the product in `info`'s service.
pub(super) fn relate<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, found: &mut Vec<Fact<'s>>) {
    let Some(known) = info.known.as_ref().filter(|_| info.product_role().is_some()) else { return };
    let used = Used { ctx, info, known };
    let path = format!("services/{}", info.service.name);
    let fact = used.product();
    found.push(ctx.state(used.image(), path.clone(), |at, path, role| fact.fact(at, path, role)));
    for (statement, at) in used.insecure() {
        found.push(ctx.state(at, path.clone(), |at, path, role| statement.fact(at, path, role)));
    }
}

/// Whether everybody is let in as the product is shipped; nothing when that is not known, or a setting decides.
pub(super) fn is_open(ctx: &Ctx<'_, '_, '_>, info: &Info<'_, '_>) -> Option<bool> {
    let known = info.known.as_ref().filter(|_| info.product_role().is_some())?;
    let used = Used { ctx, info, known };
    if used.is_made_open() { None } else { used.is_open() }
}

/// A product in use.
struct Used<'u, 'c, 'a, 's> {
    ctx: &'u Ctx<'c, 'a, 's>,
    info: &'u Info<'c, 's>,
    known: &'u Known<'static>,
}

impl<'s> Used<'_, '_, '_, 's> {
    fn part(&self) -> &Part<'s> {
        &self.info.service.part
    }

    /// Where the image is named; a build for want of one.
    fn image(&self) -> Span {
        let part = self.part();
        let image = part.get("image").filter(|_| part.get("build").is_none()).map(|image| image.at);
        image.or_else(|| part.get("build").map(|build| build.key_at)).unwrap_or(self.info.service.name_at)
    }

    fn product(&self) -> Product<'s> {
        let (at, product) = (self.image(), self.known.product);
        // Of a Dockerfile's base, its own rules say how old it is.
        let life = (!self.info.is_based).then(|| self.known.line()).flatten();
        let (cycle, ends) = life.map_or((None, None), |line| (Some(line.name), line.ends));
        let deprecated = self.known.image.deprecated.as_ref().filter(|_| !self.info.is_based);
        let text = |text: Option<&'static str>| Value::option(text.map(|text| Data::Str(text.into())), at);
        Product {
            title: Value::str(product.title.as_str(), at),
            role: Value::str(words::role_name(product.role), at),
            service: Value::str(self.info.service.name, at),
            runs_forever: Value::bool(self.info.runs_forever(), at),
            cycle: Value::option(cycle.map(Data::Str), at),
            ends: Value::option(ends.map(|day| Data::Str(String::from(day).into())), at),
            is_rolling: Value::bool(product.rolling, at),
            deprecated: text(deprecated.map(|one| one.reason.as_str())),
            keeps_data: Value::bool(self.keeps_data(), at),
            may_keep_data: Value::bool(
                product.state == State::Optional && self.known.data().next().is_some() && !self.keeps_data(),
                at,
            ),
            is_persisted: self.is_persisted(),
            data_folder: text(self.known.data().next().map(|data| data.path.as_str())),
            default_accounts: self.default_accounts(),
            is_open: self.is_open().map_or(Value::absent(at), |open| Value::bool(open, at)),
            is_published: self.info.is_published().map_or(Value::absent(at), |published| {
                Value::bool(published, self.part().get("ports").map_or(at, |ports| ports.key_at))
            }),
            memory_is_unbounded: self.memory_is_unbounded(),
            memory_conflict: self.memory_conflict(),
        }
    }

    fn keeps_data(&self) -> bool {
        match self.known.product.state {
            State::Durable => self.known.data().next().is_some(),
            State::Optional => {
                let asked =
                    |setting: &Setting| self.value(setting).is_some_and(|(value, _)| setting.takes_effect(&value));
                self.known.product.durable_when.iter().any(asked)
            }
            State::Memory | State::None => false,
        }
    }

    /// Whether a mount that lasts covers the data, or lies within it.
    fn is_persisted(&self) -> Value<'s> {
        let volumes = self.part().get("volumes");
        let fallback = volumes.map_or(self.image(), |volumes| volumes.key_at);
        let mut temporary = None;
        let mut unclear = None;
        for data in self.known.data() {
            let moved = data.moved_by.iter().find(|setting| self.moves(setting));
            let folder = match moved {
                None => Cow::Borrowed(data.path.as_str()),
                Some(setting) => match self.value(setting).filter(|(value, _)| value.starts_with('/')) {
                    Some((value, _)) => value,
                    None => {
                        let reason = Reason::Unresolved("a setting moves the data folder".into());
                        return Value::unknown(reason, fallback);
                    }
                },
            };
            for entry in volumes.map_or(&[][..], Part::items) {
                match mounts::read(entry, &self.ctx.set.scope) {
                    // Over a folder that the image declares, the engine lays a nameless volume of its own.
                    Ok(Some(mount)) if data.declared && moved.is_none() && is_above(&mount.target, &folder) => {
                        temporary = temporary.or(Some(mount.at));
                    }
                    Ok(Some(mount)) if covers(&mount.target, &folder) || within_data(&folder, &mount.target) => {
                        if matches!(&*mount.form, "bind" | "volume" | "cluster" | "npipe") {
                            return Value::bool(true, mount.at);
                        }
                        temporary = Some(mount.at);
                    }
                    Ok(_) => {}
                    Err(part) => unclear = Some(part),
                }
            }
        }
        if self.part().get("volumes_from").is_some()
            || self.part().get("extends").is_some_and(|_| !self.info.service.lost.is_empty())
        {
            return Value::unknown(Reason::Unresolved("another service or file brings mounts".into()), fallback);
        }
        let may_be_moved = self.known.data().flat_map(|data| &data.moved_by).any(|setting| setting.env.is_some());
        match unclear {
            Some(part) => self.ctx.set.scope.unknown(&part),
            None if may_be_moved && !super::rest::env_files_are_seen(self.ctx, self.info) => {
                let reason = Reason::Unresolved("an `env_file` that was not read may move the data folder".into());
                Value::unknown(reason, fallback)
            }
            None => Value::bool(false, temporary.unwrap_or(fallback)),
        }
    }

    /// Whether a variable or a flag of that name is there, whatever its value.
    fn is_given(&self, setting: &Setting) -> bool {
        if setting.env.is_some() {
            return self.part().get("env_file").is_some() || self.env(setting.name()).is_some();
        }
        match &setting.flag {
            Some(flag) => self.flag(flag).is_some(),
            None => self.configuration_is_given(),
        }
    }

    /// Whether a setting may move the data: one of the configuration only where it is mounted. What a Dockerfile copies
    /// into an image hardly ever moves the data.
    fn moves(&self, setting: &Setting) -> bool {
        match (&setting.env, &setting.flag) {
            (Some(name), _) => self.env(name).is_some(),
            (None, None) => self.configuration_is_mounted(),
            _ => self.is_given(setting),
        }
    }

    fn env(&self, name: &str) -> Option<&Part<'s>> {
        self.part().get("environment")?.entries().iter().find(|entry| entry.key == name)
    }

    /// The value that a variable or a flag has here, where it is known.
    fn value(&self, setting: &Setting) -> Option<(Cow<'s, str>, Span)> {
        if setting.env.is_some() {
            let entry = self.env(setting.name())?;
            return Some((self.ctx.set.scope.known(entry)?, entry.at));
        }
        let (value, at) = self.flag(setting.flag.as_deref()?)?;
        Some((Cow::Owned(value?), at))
    }

    /// A flag of the start command, its value and its place.
    fn flag(&self, flag: &str) -> Option<(Option<String>, Span)> {
        let scope = &self.ctx.set.scope;
        let commands = ["entrypoint", "command"].into_iter().filter_map(|key| self.part().get(key));
        let scalars: Vec<&Part<'s>> = commands.flat_map(Part::scalars).collect();
        let words: Vec<(String, Span)> = scalars
            .into_iter()
            .flat_map(|one| {
                let text = scope.text(one).text.into_owned();
                text.split_whitespace().map(|word| (word.to_owned(), one.at)).collect::<Vec<_>>()
            })
            .collect();
        let mut words = words.into_iter().peekable();
        while let Some((word, at)) = words.next() {
            match word.split_once('=') {
                Some((name, value)) if name == flag => return Some((Some(value.to_owned()), at)),
                None if word == flag => {
                    let next = words.peek().filter(|(next, _)| !next.starts_with('-'));
                    return Some((next.map(|(next, _)| next.clone()), at));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether something is mounted, or built in, where the product's configuration lies.
    fn configuration_is_given(&self) -> bool {
        self.info.is_based || self.configuration_is_mounted()
    }

    fn configuration_is_mounted(&self) -> bool {
        let entries = self.part().get("volumes").map_or(&[][..], Part::items);
        let mounted = |place: &str| {
            entries.iter().any(|entry| match mounts::read(entry, &self.ctx.set.scope) {
                Ok(Some(mount)) => covers(&mount.target, place) || covers(place, &mount.target),
                Ok(None) => false,
                Err(_) => true,
            })
        };
        self.part().get("configs").is_some() || self.known.product.configuration.iter().any(|place| mounted(place))
    }

    /// Whether the variables of the service can all be seen.
    fn is_closed(&self) -> bool {
        self.part().get("env_file").is_none() && !self.configuration_is_given()
    }

    fn default_accounts(&self) -> Value<'s> {
        let at = self.image();
        if !self.is_closed() {
            return Value::list(Vec::new(), at);
        }
        let left =
            self.known.accounts().filter(|account| !account.replaced_by.iter().any(|setting| self.is_given(setting)));
        Value::list(left.map(|account| Value::str(account.name.as_str(), at)).collect(), at)
    }

    /// Whether a setting turns a protection off.
    fn is_made_open(&self) -> bool {
        let takes_effect =
            |setting: &Setting| self.value(setting).is_some_and(|(value, _)| setting.takes_effect(&value));
        self.known.insecure().any(takes_effect)
    }

    fn is_open(&self) -> Option<bool> {
        if self.is_made_open() {
            return Some(true);
        }
        if !self.is_closed() {
            return None;
        }
        let authentication = self.known.authentication()?;
        match authentication.default {
            AuthenticationDefault::None => {
                Some(!authentication.enabled_by.iter().any(|setting| self.is_given(setting)))
            }
            AuthenticationDefault::Account | AuthenticationDefault::Required | AuthenticationDefault::Random => {
                Some(false)
            }
        }
    }

    /// Whether a product that asks nobody who he is was told to ask after all.
    fn is_guarded(&self) -> bool {
        let asks = self.known.authentication().filter(|one| one.default == AuthenticationDefault::None);
        asks.is_some_and(|one| one.enabled_by.iter().any(|setting| self.is_given(setting)))
    }

    fn insecure(&self) -> Vec<(Insecure<'s>, Span)> {
        let is_guarded = self.is_guarded();
        let state = |setting: &'static Setting| {
            let (value, at) = match setting.flag.as_deref() {
                // A flag alone is a switch that is on.
                Some(flag) => self.flag(flag).map(|(value, at)| (value.unwrap_or_else(|| "true".into()).into(), at))?,
                None => self.value(setting)?,
            };
            let statement = Insecure {
                title: Value::str(self.known.product.title.as_str(), at),
                name: Value::str(setting.name(), at),
                takes_effect: Value::bool(!is_guarded && setting.takes_effect(&value), at),
                effect: Value::option(setting.effect.as_deref().map(|text| Data::Str(text.into())), at),
                service: Value::str(self.info.service.name, at),
                is_published: Value::bool(self.info.is_published() == Some(true), at),
                only_shows: Value::bool(setting.only_shows, at),
            };
            Some((statement, at))
        };
        self.known.insecure().filter_map(state).collect()
    }

    /// A cache with a limit from outside and none of its own is killed when it is full.
    fn memory_is_unbounded(&self) -> Value<'s> {
        let at = self.image();
        let Some(limit) = limits::memory(self.part()) else { return Value::absent(at) };
        let is_cache = words::role_name(self.known.product.role) == "cache";
        if !is_cache || self.known.product.memory.is_empty() || !self.is_closed() {
            return Value::absent(at);
        }
        // What the file and the command line call the same: `maxmemory`, `--maxmemory`.
        let is_set = self
            .known
            .product
            .memory
            .iter()
            .any(|setting| self.is_given_exactly(setting) || self.flag(&format!("--{}", setting.name())).is_some());
        Value::bool(!is_set, limit.at)
    }

    fn is_given_exactly(&self, setting: &Setting) -> bool {
        match (&setting.env, &setting.flag) {
            (Some(name), _) => self.env(name).is_some(),
            (_, Some(flag)) => self.flag(flag).is_some(),
            _ => false,
        }
    }

    /// PostgreSQL takes 128 MB of shared memory as it is shipped.
    fn memory_conflict(&self) -> Value<'s> {
        const SHARED_BUFFERS: i64 = 128 << 20;
        let at = self.image();
        let Some(limit) = limits::memory(self.part()) else { return Value::absent(at) };
        let bytes = self.ctx.set.scope.known(limit).and_then(|text| limits::bytes(&text));
        let is_postgres = self.known.product.id == "postgres" && self.is_closed();
        let command = self.part().get("command").map(Part::scalars).unwrap_or_default();
        let is_tuned = command.iter().any(|one| one.raw.contains("shared_buffers") || one.raw.contains("config_file"));
        match bytes {
            Some(bytes) if is_postgres && !is_tuned && bytes < SHARED_BUFFERS => {
                Value::str("it reserves 128 MB of shared memory by default", limit.at)
            }
            _ => Value::absent(at),
        }
    }
}

/// Whether `target` is a folder above `folder`, and not the same.
fn is_above(target: &str, folder: &str) -> bool {
    covers(target, folder) && !covers(folder, target)
}

/// Whether `folder` is `path` or a folder above it.
fn covers(folder: &str, path: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.trim_end_matches('/').strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a mount lies within the data folder; a single file there is configuration.
fn within_data(folder: &str, target: &str) -> bool {
    let last = target.rsplit('/').next().unwrap_or_default();
    covers(folder, target) && (!last.contains('.') || last.ends_with(".d") || last.ends_with(".db"))
}
