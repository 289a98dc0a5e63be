//! What an end state is for, where it says so as a whole. Many compose files only set up a developer's machine, or let
//! people try something out on their own: no path says it, their content does. Whatever is found here counts for every
//! rule: what serves one person on one machine is not judged as what is shipped.

use super::info::{Ctx, Info};
use super::{mounts, words};
use crate::fact::Role;
use crate::inspect::compose::document::Part;
use crate::inspect::env::value::mode;
use crate::product::ProductRole;
use crate::source::{Source, role_of_path};

/// The role of an end state whose files do not say; nothing when it may well be what is shipped.
pub(super) fn role(ctx: &Ctx<'_, '_, '_>) -> Option<Role> {
    let is_shipped = |source: &&Source| {
        let mut words = source.path().split(|c: char| !c.is_ascii_alphanumeric());
        words.any(|word| matches!(word, "prod" | "production"))
    };
    if ctx.set.files.iter().any(is_shipped) || ctx.set.services.is_empty() {
        return None;
    }
    let signs = [
        is_of_a_framework,
        mounts_its_source,
        is_set_to_development,
        follows_changes,
        only_stores,
        is_made_of_development_files,
        is_told_to_come_from_here,
        says_so,
    ];
    signs.iter().any(|sign| sign(ctx)).then_some(Role::Development)
}

/// A service that is built here gets the folder that it is built from mounted over itself.
fn mounts_its_source(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| {
        let Some(build) = info.service.part.get("build") else { return false };
        let context = build.get("context").map_or(".", |context| context.raw);
        let plain = |path: &str| path.trim_start_matches("./").trim_end_matches('/').to_owned();
        let context = plain(context);
        sources(ctx, info).any(|source| {
            let is_config = source.contains("conf") || source.contains("init");
            let inner = plain(&source);
            let below = inner == context
                || (context == "." || context.is_empty()) && matches!(&*inner, "." | "" | "src" | "app" | "lib")
                || inner.strip_prefix(&*context).is_some_and(|rest| matches!(rest, "/src" | "/app" | "/lib"));
            !is_config && below
        })
    })
}

/// The folders and files beside the compose file that a service mounts.
fn sources<'x>(ctx: &'x Ctx<'_, '_, '_>, info: &'x Info<'_, '_>) -> impl Iterator<Item = String> + 'x {
    let volumes = info.service.part.get("volumes").map_or(&[][..], Part::items).iter();
    let mounts = volumes.filter_map(|volume| mounts::read(volume, &ctx.set.scope).ok().flatten());
    mounts.filter_map(|mount| mount.source).filter(|source| source.starts_with('.'))
}

/// A service is built by a Dockerfile for developers, or mounts what lies in their folder.
fn is_made_of_development_files(ctx: &Ctx<'_, '_, '_>) -> bool {
    let folders = |path: &str| {
        let path = path.trim_start_matches("./").to_owned();
        let starts: Vec<usize> = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1)).collect();
        // `hack/dev/x` is a tool's by its first folder, a developer's by its second.
        starts.into_iter().any(|at| path.get(at..).is_some_and(|rest| role_of_path(rest).0 == Role::Development))
    };
    // What is called local often only stays on the host.
    let stays = |source: &str| source.split(['/', '.', '-', '_']).any(|word| word.starts_with("local"));
    ctx.all().any(|info| {
        let named = |path: &[&str]| info.service.part.at_path(path).and_then(|part| ctx.set.scope.known(part));
        named(&["build", "dockerfile"]).is_some_and(|path| folders(&path))
            || sources(ctx, info).any(|source| !stays(&source) && folders(&source))
    })
}

/// A service tells its clients to come to a published port at `localhost`: they sit on the same machine.
fn is_told_to_come_from_here(ctx: &Ctx<'_, '_, '_>) -> bool {
    let mut published: Vec<(u16, u16, &str)> = Vec::new();
    for info in ctx.all() {
        let ports = info.ports.iter().filter_map(|(_, port)| port.as_ref().ok());
        published.extend(ports.filter_map(|port| Some((port.published?.0, port.target.0, info.service.name))));
    }
    ctx.all().filter(|info| !published.is_empty() && !info.uses_host_network).any(|info| {
        let entries = info.service.part.get("environment").map_or(&[][..], Part::entries).iter();
        entries.filter(|entry| entry.is_scalar() && !entry.raw.contains('$')).any(|entry| {
            local_ports(entry.raw).iter().any(|port| {
                published.iter().any(|(host, target, service)| {
                    // Within its own container, only a port that it does not listen on is surely meant for others.
                    host == port && (*service != info.service.name || host != target || is_for_clients(entry.key))
                })
            })
        })
    })
}

/// Whether a variable of that name holds an address for those who come from outside.
fn is_for_clients(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "ADVERTISED",
        "PUBLIC",
        "EXTERNAL",
        "FRONTEND",
        "ORIGIN",
        "ORIGINS",
        "CORS",
        "REDIRECT",
        "CALLBACK",
        "SITE",
        "BROWSER",
        "DOMAIN",
    ];
    const NAMES: [&str; 5] = ["APP_URL", "BASE_URL", "MAIN_URL", "ROOT_URL", "WEB_URL"];
    let name = name.to_ascii_uppercase();
    let ends = |known: &&str| name.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    name.split(['_', '.', '-']).any(|word| WORDS.contains(&word)) || NAMES.iter().any(ends)
}

/// The ports after `localhost:` in a value; none when it also names a host of the network.
fn local_ports(value: &str) -> Vec<u16> {
    let mut found = Vec::new();
    for address in value.split([',', ' ', ';']).map(|item| item.rsplit("//").next().unwrap_or(item)) {
        let (host, rest) = address.split_once(':').unwrap_or((address, ""));
        if matches!(host, "localhost" | "127.0.0.1") {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            found.extend(rest.get(..digits).and_then(|port| port.parse::<u16>().ok()));
        } else if host.split('/').next().is_some_and(|host| host.contains('.')) {
            return Vec::new();
        }
    }
    found
}

/// A comment within the file says that this set-up serves development.
fn says_so(ctx: &Ctx<'_, '_, '_>) -> bool {
    const OF_THE_WHOLE: [&str; 7] =
        ["this is ", "this setup", "this set-up", "this file", "this compose", "this stack", "this configuration"];
    const PURPOSES: [&str; 5] = [
        "meant for development",
        "intended for development",
        "for development only",
        "for development purpose",
        "for local development",
    ];
    ctx.set.files.iter().any(|source| {
        let comments = source.text().lines().filter_map(|line| line.trim_start().strip_prefix('#'));
        comments.map(str::to_ascii_lowercase).any(|comment| {
            OF_THE_WHOLE.iter().any(|words| comment.contains(words))
                && PURPOSES.iter().any(|words| comment.contains(words))
        })
    })
}

/// What a framework writes for developers: Laravel's Sail.
fn is_of_a_framework(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| {
        let context = info.service.part.at_path(&["build", "context"]);
        context.is_some_and(|context| context.raw.contains("laravel/sail"))
    })
}

/// A variable or a stage says that services run in development.
fn is_set_to_development(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| {
        let entries = info.service.part.get("environment").map_or(&[][..], Part::entries);
        let is_dev = |text: &str| matches!(&*text.to_ascii_lowercase(), "dev" | "development" | "local" | "test");
        let is_set = |entry: &Part<'_>| {
            let value = ctx.set.scope.known(entry);
            value.is_some_and(|value| mode(entry.key, &value).is_some_and(is_dev))
        };
        entries.iter().any(is_set) || info.target.as_deref().is_some_and(is_dev)
    })
}

/// Compose is to watch the sources and change what runs along with them.
fn follows_changes(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| info.service.part.at_path(&["develop", "watch"]).is_some())
}

/// Nothing but stores and their consoles: the program that uses them runs on the developer's machine.
fn only_stores(ctx: &Ctx<'_, '_, '_>) -> bool {
    let is_aid =
        |role: ProductRole| words::is_store(role) && role != ProductRole::Secrets || role == ProductRole::Console;
    let mut count = 0;
    let all = ctx.all().all(|info| {
        count += 1;
        let helper = info.is_job || words::is_lenient(None, info.service.name, "");
        helper || info.product_role().is_some_and(is_aid)
    });
    all && count > 0 && ctx.all().any(|info| info.product_role().is_some_and(is_aid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_this_machine_are_read_out_of_a_value() {
        assert_eq!(local_ports("http://localhost:4007/api"), [4007]);
        assert_eq!(local_ports("PLAINTEXT://broker:29092,PLAINTEXT_HOST://localhost:9092"), [9092]);
        assert_eq!(local_ports("127.0.0.1:80"), [80]);
        for none in ["", "localhost", "http://localhost:99999", "http://localhost:3000,https://shop.example.com", "a:1"]
        {
            assert!(local_ports(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn names_tell_whom_an_address_is_for() {
        assert!(is_for_clients("KAFKA_ADVERTISED_LISTENERS") && is_for_clients("NEXT_PUBLIC_URL"));
        assert!(
            is_for_clients("MAIN_URL") && !is_for_clients("BACKEND_INTERNAL_URL") && !is_for_clients("DATABASE_URL")
        );
    }
}
