//! Ports of the services of an end state: who can reach them, and what is behind.

use std::collections::HashMap;

use super::info::{Ctx, Info};
use super::ports::{Broken, Port, is_sexagesimal};
use super::subjects;
use super::words;
use crate::fact::{Data, Fact, Value};
use crate::inspect::compose::document::{Form, Part};
use crate::product::{self, ProductRole, Purpose};

/// Ports of one entry that are compared one by one.
const WIDEST: u16 = 256;

/// Services with the address of the host that they publish on.
type Users<'s> = Vec<(&'s str, Option<String>)>;

/// Who publishes which port of the host.
pub(super) struct Published<'s> {
    by_port: HashMap<(u16, String), Users<'s>>,
    /// How many services publish anything.
    services: usize,
}

impl<'s> Published<'s> {
    pub(super) fn new(ctx: &Ctx<'_, '_, 's>) -> Self {
        let mut published = Self { by_port: HashMap::new(), services: 0 };
        for info in ctx.all().filter(|info| !info.uses_host_network) {
            let mut any = false;
            for (_, port) in &info.ports {
                let Ok(port) = port else { continue };
                any |= !port.is_loopback();
                let Some((first, last)) = port.published else { continue };
                for number in first..=last.min(first.saturating_add(WIDEST)) {
                    let users = published.by_port.entry((number, port.protocol.clone())).or_default();
                    users.push((info.service.name, port.host_ip.clone()));
                }
            }
            published.services += usize::from(any);
        }
        published
    }

    /// Other services that publish the same port on an address that overlaps.
    fn clashes(&self, ctx: &Ctx<'_, '_, 's>, own: &str, port: &Port) -> Vec<&'s str> {
        // Of a range the engine may take what is left.
        let Some((number, _)) = port.published.filter(|(first, last)| first == last) else { return Vec::new() };
        let everywhere = |ip: Option<&str>| matches!(ip, None | Some("" | "0.0.0.0" | "::"));
        let users = self.by_port.get(&(number, port.protocol.clone())).map_or(&[][..], Vec::as_slice);
        let others = users.iter().filter(|(name, ip)| {
            let overlaps = everywhere(ip.as_deref()) || everywhere(port.host_ip.as_deref()) || *ip == port.host_ip;
            *name != own && overlaps && ctx.may_meet(own, name)
        });
        let mut found: Vec<&'s str> = others.map(|(name, _)| *name).take(8).collect();
        found.dedup();
        found
    }
}

/// The facts of the ports of `info`'s service.
pub(super) fn relate<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, all: &Published<'s>, found: &mut Vec<Fact<'s>>) {
    let is_open = super::product::is_open(ctx, info);
    for (number, (entry, port)) in info.ports.iter().enumerate() {
        let place = entry.get("published").or_else(|| entry.get("target")).unwrap_or(entry);
        let fact = one(ctx, info, all, entry, port.as_ref(), is_open, place);
        let path = format!("services/{}/ports/{number}", info.service.name);
        found.push(ctx.state(place.at, path, |at, path, role| fact.fact(at, path, role)));
    }
}

fn one<'s>(
    ctx: &Ctx<'_, '_, 's>,
    info: &Info<'_, 's>,
    all: &Published<'s>,
    entry: &Part<'s>,
    port: Result<&Port, &Broken>,
    is_open: Option<bool>,
    place: &Part<'s>,
) -> subjects::Port<'s> {
    let (at, scope) = (place.at, &ctx.set.scope);
    let known = port.ok();
    let some = |data: Option<Data<'s>>| Value::option(data, at);
    let unless_unknown = |value: Option<Data<'s>>| match port {
        Err(Broken::Unknown) => {
            scope.unknown(entry.scalars().into_iter().find(|one| one.raw.contains('$')).unwrap_or(entry))
        }
        _ => some(value),
    };
    let exposure = known.map(|port| match () {
        () if info.uses_host_network => "none",
        () if port.is_loopback() => "loopback",
        () if port.is_everywhere() => "all",
        () => "address",
    });
    let purpose = known.and_then(|port| purpose(info, port, entry));
    let role = info.product_role();
    let front = ctx.is_front(info.service.name);
    let is_entry = front || known.is_some_and(is_web) || all.services == 1;
    let clashes = known.map(|port| all.clashes(ctx, info.service.name, port)).unwrap_or_default();
    let exposed = known.and_then(|port| exposed(info, port));
    let is_plain = entry.form == Form::Scalar { is_settled: false };
    let title = info.known.as_ref().filter(|_| role.is_some()).map(|known| known.product.title.as_str());
    subjects::Port {
        service: Value::str(info.service.name, at),
        host_ip: some(known.and_then(|port| port.host_ip.clone()).map(|ip| Data::Str(ip.into()))),
        published: some(known.and_then(|port| port.published).map(|(first, _)| Data::Int(first.into()))),
        target: unless_unknown(known.map(|port| Data::Int(port.target.0.into()))),
        protocol: unless_unknown(known.map(|port| Data::Str(port.protocol.clone().into()))),
        exposure: unless_unknown(exposure.map(|exposure| Data::Str(exposure.into()))),
        is_valid: Value::bool(port != Err(&Broken::Invalid), at),
        is_sexagesimal: Value::bool(is_sexagesimal(entry), at),
        is_unquoted: Value::bool(is_plain && entry.raw.contains(':'), at),
        clashes: Value::list(clashes.into_iter().map(|name| Value::str(name, at)).collect(), at),
        purpose: some(purpose.map(|purpose| Data::Str(purpose.into()))),
        product: some(title.map(|title| Data::Str(title.into()))),
        product_role: some(role.map(|role| Data::Str(words::role_name(role).into()))),
        is_entry: Value::bool(is_entry, at),
        is_behind_entry: Value::bool(ctx.has_front && !front, at),
        is_open: is_open.map_or(Value::absent(at), |open| Value::bool(open, at)),
        is_exposed: exposed.as_ref().map_or(Value::absent(at), |(exposed, _)| Value::bool(*exposed, at)),
        exposed: Value::list(
            exposed.map(|(_, list)| list).unwrap_or_default().into_iter().map(|port| Value::str(port, at)).collect(),
            at,
        ),
        listens_instead: some(known.filter(|port| is_left_by_dotnet(info, port)).map(|_| Data::Int(8080))),
        is_ignored: Value::bool(info.uses_host_network, at),
    }
}

/// HTTP and HTTPS where browsers look for them.
fn is_web(port: &Port) -> bool {
    port.published.is_some_and(|(first, last)| first == last && matches!(first, 80 | 443))
}

/// Who talks to a port: as the product's file says, or as the variable in it is called.
fn purpose(info: &Info<'_, '_>, port: &Port, entry: &Part<'_>) -> Option<&'static str> {
    let names_admin = entry.scalars().iter().any(|one| one.raw.contains("ADMIN_PORT") || one.raw.contains("_ADMIN}"));
    if names_admin && info.product_role() == Some(ProductRole::Proxy) {
        return Some("admin");
    }
    let known = info.known.as_ref().filter(|_| info.product_role().is_some());
    let listed = known.and_then(|known| known.ports().iter().find(|known| known.port == port.target.0));
    listed.map(|listed| match listed.purpose {
        Purpose::Data => "data",
        Purpose::Admin => "admin",
        Purpose::Metrics => "metrics",
        Purpose::Cluster => "cluster",
    })
}

/// Whether the image built for the service exposes the port, and what it exposes.
fn exposed(info: &Info<'_, '_>, port: &Port) -> Option<(bool, Vec<String>)> {
    let ports = info.dockerfile?.exposed(info.target.as_deref())?;
    let number = i64::from(port.target.0);
    let is_exposed = ports.iter().any(|(first, last)| (*first..=*last).contains(&number));
    Some((is_exposed, ports.iter().map(|(first, _)| first.to_string()).collect()))
}

/// Whether it is port 80 of an image on a base of .NET, which listens on 8080 since version 8 unless a variable or a flag
/// says otherwise.
fn is_left_by_dotnet(info: &Info<'_, '_>, port: &Port) -> bool {
    let moves = |name: &str| {
        const NAMES: [&str; 3] = ["URLS", "HTTP_PORTS", "HTTPS_PORTS"];
        let upper = name.to_ascii_uppercase();
        let bare = upper.trim_start_matches("ASPNETCORE_").trim_start_matches("DOTNET_");
        NAMES.contains(&bare) || bare.starts_with("KESTREL")
    };
    let part = &info.service.part;
    let variables = part.get("environment").map_or(&[][..], Part::entries);
    let Some(dockerfile) = info.dockerfile.filter(|_| port.target == (80, 80) && port.protocol == "tcp") else {
        return false;
    };
    let Some(base) = dockerfile.base(info.target.as_deref()) else { return false };
    let is_left = product::known(&base).is_some_and(|known| {
        known.repository.ends_with("dotnet/aspnet") && known.version.within(Some("8"), None) == Some(true)
    });
    is_left
        && part.get("env_file").is_none()
        && part.get("command").is_none()
        && part.get("entrypoint").is_none()
        && !variables.iter().any(|variable| moves(variable.key))
        && !dockerfile.variables.iter().any(|name| moves(name))
}
