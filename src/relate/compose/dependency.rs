//! Who waits for whom, and names that are described elsewhere.

use std::collections::{HashMap, HashSet};

use super::files::{Lost, Why};
use super::info::{Ctx, Info};
use super::scope::Scope;
use super::subjects::{Dependency, Reference, Resource};
use super::words;
use super::{limits, mounts};
use crate::fact::{Data, Fact, Reason, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::span::Span;

/// The facts of what `info`'s service waits for.
pub(super) fn relate<'s>(
    ctx: &Ctx<'_, '_, 's>,
    info: &Info<'_, 's>,
    circles: &HashMap<&'s str, String>,
    found: &mut Vec<Fact<'s>>,
) {
    for entry in info.service.part.get("depends_on").map_or(&[][..], Part::entries) {
        let path = format!("services/{}/depends_on/{}", info.service.name, entry.key);
        let fact = one(ctx, info, entry, circles);
        found.push(ctx.state(entry.key_at, path, |at, path, role| fact.fact(at, path, role)));
    }
}

fn one<'s>(
    ctx: &Ctx<'_, '_, 's>,
    info: &Info<'_, 's>,
    entry: &Part<'s>,
    circles: &HashMap<&'s str, String>,
) -> Dependency<'s> {
    let (at, scope, name) = (entry.key_at, &ctx.set.scope, entry.key);
    let target = ctx.info(name);
    let condition = entry.get("condition");
    let required = entry.get("required").and_then(|part| scope.truth(part)).unwrap_or(true);
    let role = target.and_then(Info::product_role);
    let image = target.and_then(|target| target.reference.as_deref()).unwrap_or_default();
    let is_active = target.is_none_or(|target| {
        target.profiles.is_empty()
            || !info.profiles.is_empty() && info.profiles.iter().all(|profile| target.profiles.contains(profile))
    });
    let checked = match target.map(Info::is_checked) {
        Some(Some(checked)) => Data::Bool(checked),
        Some(None) => {
            Data::unknown(Reason::Unresolved("whether an image of another repository checks its own health".into()))
        }
        None => Data::Absent,
    };
    // Members of a cluster are healthy together or not at all.
    let is_peer = info.reference.is_some() && target.is_some_and(|target| target.reference == info.reference);
    let closes = target.is_some().then(|| circles.get(info.service.name)).flatten();
    Dependency {
        service: Value::str(info.service.name, at),
        target: Value::str(name, at),
        condition: match condition {
            Some(part) => scope.value(Some(part), at),
            None => Value::str("service_started", at),
        },
        is_required: Value::bool(required, at),
        is_defined: Value::new(defined(ctx, "services", name, target.is_some()), at),
        is_active: Value::bool(is_active, at),
        has_check: Value::bool(target.and_then(Info::is_checked) == Some(true), at),
        is_checked: Value::new(checked, at),
        target_role: Value::option(role.map(|role| Data::Str(words::role_name(role).into())), at),
        is_store: Value::bool(role.is_some_and(words::is_store), at),
        is_lenient: Value::bool(words::is_lenient(role, name, image) || waits_by_itself(info) || is_peer, at),
        circle: Value::option(
            closes
                .filter(|circle| circle.contains(&format!("{} → {name}", info.service.name)))
                .map(|circle| Data::Str(circle.clone().into())),
            at,
        ),
        prepares: Value::bool(target.is_some_and(|target| is_preparing(target, scope)), at),
        is_for_job: Value::bool(info.is_job, at),
        restarts: Value::bool(limits::restarts(&info.service.part, scope) == Some(true), at),
    }
}

fn is_preparing(target: &Info<'_, '_>, scope: &Scope) -> bool {
    let part = &target.service.part;
    words::prepares(target.service.name, part, limits::restarts(part, scope))
}

/// Whether the start command waits for others before it begins, with one of the scripts that do.
fn waits_by_itself(info: &Info<'_, '_>) -> bool {
    let commands = ["entrypoint", "command"].into_iter().filter_map(|key| info.service.part.get(key));
    let mut texts = commands.flat_map(|command| command.scalars()).map(|one| one.raw);
    texts.any(|text| ["wait-for", "wait_for", "waitfor", "dockerize"].iter().any(|script| text.contains(script)))
}

/// That a name is there; in a set that is not whole, its absence says nothing.
fn defined<'d>(ctx: &Ctx<'_, '_, '_>, section: &str, name: &str, is_there: bool) -> Data<'d> {
    if !is_there && ctx.world.names.contains(&(section, name)) {
        return Data::unknown(Reason::Unresolved(
            format!("`{name}` is described in a compose file that may belong to this one").into(),
        ));
    }
    if !is_there && ctx.set.is_partial {
        return Data::unknown(Reason::Unresolved("a layer of this project, or what it includes, was not seen".into()));
    }
    Data::Bool(is_there)
}

/// The circles among the dependencies: each is told once, at the service of it that comes first.
pub(super) fn circles<'s>(ctx: &Ctx<'_, '_, 's>) -> HashMap<&'s str, String> {
    let mut found = HashMap::new();
    let mut done: HashSet<&'s str> = HashSet::new();
    for service in &ctx.set.services {
        if done.contains(service.name) {
            continue;
        }
        // Depth first, without recursion: the way, and at each step how many dependencies were followed.
        let mut way: Vec<(&'s str, usize)> = vec![(service.name, 0)];
        let mut on_way: HashSet<&'s str> = [service.name].into();
        while let Some((name, next)) = way.last_mut() {
            let entries = ctx.set.service(name).and_then(|service| service.part.get("depends_on"));
            let Some(entry) = entries.map_or(&[][..], Part::entries).get(*next) else {
                let (name, _) = way.pop().unwrap_or_default();
                on_way.remove(name);
                done.insert(name);
                continue;
            };
            *next += 1;
            let Some(target) = ctx.set.service(entry.key).map(|service| service.name) else { continue };
            if on_way.contains(target) {
                let from = way.iter().position(|(name, _)| *name == target).unwrap_or_default();
                let steps = way.iter().skip(from).take(12).map(|(name, _)| *name).chain([target]);
                let circle = steps.collect::<Vec<_>>().join(" → ");
                let last = way.last().map_or(target, |(name, _)| *name);
                found.entry(last).or_insert(circle);
            } else if !done.contains(target) {
                way.push((target, 0));
                on_way.insert(target);
            }
        }
    }
    found
}

/// Names of networks, volumes, secrets, configs and services that are described elsewhere.
pub(super) fn references<'s>(
    ctx: &Ctx<'_, '_, 's>,
    info: &Info<'_, 's>,
    used: &mut Used<'s>,
    found: &mut Vec<Fact<'s>>,
) {
    let part = &info.service.part;
    let mut state = |form: &'static str, name: &str, at: Span, is_there: bool| {
        used.names.insert((ctx.set.folder, form, name.to_owned()));
        let section = match form {
            "network" => "networks",
            "volume" => "volumes",
            "secret" => "secrets",
            "config" => "configs",
            _ => "services",
        };
        let fact = reference(form, name, info.service.name, defined(ctx, section, name, is_there), None, at);
        let path = format!("services/{}/{form}/{name}", info.service.name);
        found.push(ctx.state(at, path, |at, path, role| fact.fact(at, path, role)));
    };
    let has = |section: &str, name: &str| ctx.set.describes(section, name);
    for entry in part.get("networks").map_or(&[][..], Part::entries) {
        state("network", entry.key, entry.key_at, entry.key == "default" || has("networks", entry.key));
    }
    for entry in part.get("volumes").map_or(&[][..], Part::items) {
        let Ok(Some(mount)) = mounts::read(entry, &ctx.set.scope) else { continue };
        if let (Some(source), "volume") = (&mount.source, &*mount.form) {
            state("volume", source, mount.at, has("volumes", source));
        }
    }
    for (section, form) in [("secrets", "secret"), ("configs", "config")] {
        for entry in part.get(section).map_or(&[][..], Part::items) {
            let place = entry.get("source").unwrap_or(entry);
            let Some(name) = ctx.set.scope.known(place).filter(|_| place.is_scalar()) else { continue };
            state(form, &name, place.at, has(section, &name));
        }
    }
    for (key, form) in [("links", "link"), ("volumes_from", "volumes_from")] {
        for (entry, text) in ctx.set.scope.list(part.get(key)) {
            let name = text.split(':').next().unwrap_or(&text);
            if name != "container" {
                state(form, name, entry.at, ctx.info(name).is_some());
            }
        }
    }
    found.extend(info.service.lost.iter().map(|lost| self::lost(ctx, lost)));
}

/// The fact of a name that leads nowhere.
pub(super) fn lost<'s>(ctx: &Ctx<'_, '_, 's>, lost: &Lost<'s>) -> Fact<'s> {
    let circle = match &lost.why {
        Why::Circle(circle) => Some(circle.clone()),
        Why::Absent | Why::Unseen(_) => None,
    };
    let fact = reference(lost.form, &lost.name, lost.owner, lost.why.data(), circle, lost.at);
    let path = format!("{}/{}/{}", lost.form, lost.owner, lost.name);
    ctx.state(lost.at, path, |at, path, role| fact.fact(at, path, role))
}

fn reference<'s>(
    form: &'static str,
    name: &str,
    service: &'s str,
    is_defined: Data<'s>,
    circle: Option<String>,
    at: Span,
) -> Reference<'s> {
    Reference {
        form: Value::str(form, at),
        name: Value::str(name.to_owned(), at),
        service: Value::str(service, at),
        is_defined: Value::new(is_defined, at),
        circle: Value::option(circle.map(|circle| Data::Str(circle.into())), at),
    }
}

/// What the services of an end state name.
#[derive(Debug, Default)]
pub(super) struct Used<'s> {
    /// Folder, form and name.
    names: HashSet<(&'s str, &'static str, String)>,
}

/// The networks, volumes, secrets and configs of the top level. `used` holds what all end states name.
pub(super) fn resources<'s>(ctx: &Ctx<'_, '_, 's>, used: &Used<'s>, found: &mut Vec<Fact<'s>>) {
    let built = |name: &str| {
        let secrets = ctx.all().filter_map(|info| info.service.part.at_path(&["build", "secrets"]));
        secrets.flat_map(Part::scalars).any(|one| one.raw == name)
    };
    let sections = [("networks", "network"), ("volumes", "volume"), ("secrets", "secret"), ("configs", "config")];
    for (section, form) in sections {
        for entry in ctx.set.top(section) {
            let is_used = used.names.contains(&(ctx.set.folder, form, entry.key.to_owned()))
                || form == "network" && entry.key == "default"
                || form == "secret" && built(entry.key)
                // What only drivers or other projects know by its own name.
                || entry.get("external").is_some_and(|part| part.form != Form::Bool(false)) && form == "network";
            let at = entry.key_at;
            let fact = Resource {
                form: Value::str(form, at),
                name: Value::str(entry.key, at),
                is_used: match ctx.set.is_partial && !is_used {
                    true => Value::absent(at),
                    false => Value::bool(is_used, at),
                },
            };
            let path = format!("{section}/{}", entry.key);
            found.push(ctx.state(at, path, |at, path, role| fact.fact(at, path, role)));
        }
    }
}
