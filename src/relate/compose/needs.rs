//! What a service needs at its start: other services that its variables point to, and downloads.

use std::collections::BTreeSet;

use super::info::{Ctx, Info};
use super::words;
use crate::fact::Value;
use crate::inspect::compose::document::Part;

/// Services further down that are still followed.
const DEPTH: usize = 1_000;

/// Stores whose address is among the variables, and that the service does not wait for in any way.
pub(super) fn undeclared<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Value<'s> {
    let at = info.service.part.get("depends_on").map_or(info.service.name_at, |part| part.key_at);
    let entries = info.service.part.get("environment").map_or(&[][..], Part::entries);
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    let mut waits: Option<BTreeSet<String>> = None;
    let image = info.reference.as_deref().unwrap_or_default();
    let asks_again = words::is_lenient(info.product_role(), info.service.name, image);
    for entry in entries.iter().filter(|_| !info.is_job && !asks_again) {
        // A variable without a value has that of `.env`, when compose passes it on.
        let value = match entry.is_scalar() {
            true => ctx.set.scope.known(entry).map(std::borrow::Cow::into_owned),
            false => ctx.set.scope.get(entry.key).map(str::to_owned),
        };
        let Some(value) = value else { continue };
        for word in hosts(&value) {
            let Some(target) = ctx.info(word).filter(|_| word != info.service.name) else { continue };
            let is_store = target.product_role().is_some_and(words::is_store);
            if !is_store || !target.profiles.is_empty() || !named.insert(target.service.name) {
                continue;
            }
            let waits = waits.get_or_insert_with(|| reached(ctx, info.service.name));
            if !waits.contains(target.service.name) {
                found.push(Value::str(target.service.name, at));
            }
        }
    }
    Value::list(found, at)
}

/// The words of a value that may be the name of a host: between `//`, `@`, `=`, `,`, `;` and what ends a host.
fn hosts(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .filter(|word| !word.is_empty() && word.len() <= 63)
        .take(64)
}

/// The services that start before `name`, through any number of steps.
fn reached(ctx: &Ctx<'_, '_, '_>, name: &str) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(next) = open.pop().filter(|_| seen.len() < DEPTH) {
        let Some(info) = ctx.info(&next) else { continue };
        let entries = info.service.part.get("depends_on").map_or(&[][..], Part::entries).iter().map(|entry| entry.key);
        let links = info.service.part.get("links").map_or(&[][..], Part::items);
        let links = links.iter().map(|link| link.raw.split(':').next().unwrap_or(link.raw));
        for target in entries.chain(links) {
            if seen.insert(target.to_owned()) {
                open.push(target.to_owned());
            }
        }
    }
    seen
}

/// What the start command installs, and plugins that the product fetches by itself, without a version.
pub(super) fn downloads<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>) -> Value<'s> {
    let part = &info.service.part;
    let mut found = Vec::new();
    for command in ["entrypoint", "command"].into_iter().filter_map(|key| part.get(key)) {
        for one in command.scalars() {
            if installs(&ctx.set.scope.text(one).text) && !info.is_job {
                found.push(Value::str("a package", one.at));
            }
        }
    }
    const PLUGINS: [&str; 4] = ["GF_INSTALL_PLUGINS", "GF_PLUGINS_PREINSTALL", "NEO4J_PLUGINS", "NEO4JLABS_PLUGINS"];
    for entry in part.get("environment").map_or(&[][..], Part::entries) {
        let Some(text) = PLUGINS.contains(&entry.key).then(|| ctx.set.scope.known(entry)).flatten() else { continue };
        // `name version`, `name@version` or an address of one file.
        let is_pinned = |plugin: &str| plugin.trim().contains([' ', '@']) || plugin.contains("://");
        if text.split([',', ';']).any(|plugin| !plugin.trim().is_empty() && !is_pinned(plugin)) {
            found.push(Value::str("a plugin without a version", entry.at));
        }
    }
    Value::list(found, info.service.name_at)
}

fn installs(text: &str) -> bool {
    const COMMANDS: [&str; 14] = [
        "apt-get install",
        "apt install",
        "apk add",
        "yum install",
        "dnf install",
        "pip install",
        "pip3 install",
        "npm install",
        "npm i ",
        "yarn install",
        "go install",
        "gem install",
        "curl -",
        "npx -y",
    ];
    let is_download = |text: &str| {
        text.contains("curl -")
            && text.contains("http")
            && (text.contains("| sh") || text.contains("| bash") || text.contains(" -o "))
            && !text.contains("localhost")
    };
    COMMANDS.iter().filter(|known| **known != "curl -").any(|known| text.contains(known)) || is_download(text)
}
