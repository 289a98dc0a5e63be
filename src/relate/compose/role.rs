//! What an end state is for, where it says so as a whole. Many compose files only set up a developer's machine: no path
//! says it, their content does.

use super::info::Ctx;
use super::words;
use crate::fact::Role;
use crate::inspect::compose::document::Part;
use crate::product::ProductRole;

/// The role of an end state whose files do not say; nothing when it may well be what is shipped.
pub(super) fn role(ctx: &Ctx<'_, '_, '_>) -> Option<Role> {
    let says = |word: &str| ctx.set.files.iter().any(|source| source.path().contains(word));
    if says("prod") || ctx.set.services.is_empty() {
        return None;
    }
    (mounts_its_source(ctx) || is_set_to_development(ctx) || only_stores(ctx)).then_some(Role::Development)
}

/// A service that is built here gets the folder that it is built from mounted over itself.
fn mounts_its_source(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| {
        let part = &info.service.part;
        let Some(build) = part.get("build") else { return false };
        let context = build.get("context").map_or(".", |context| context.raw);
        let plain = |path: &str| path.trim_start_matches("./").trim_end_matches('/').to_owned();
        let context = plain(context);
        part.get("volumes").map_or(&[][..], Part::items).iter().any(|volume| {
            let source = match volume.get("source") {
                Some(source) => source.raw,
                None => super::mounts::split(volume.raw).0,
            };
            let is_config = source.contains("conf") || source.contains("init") || source.contains('$');
            let inner = plain(source);
            let below = inner == context
                || (context == "." || context.is_empty()) && matches!(&*inner, "." | "" | "src" | "app" | "lib")
                || inner.strip_prefix(&*context).is_some_and(|rest| matches!(rest, "/src" | "/app" | "/lib"));
            source.starts_with('.') && !is_config && below
        })
    })
}

/// A variable or a stage says that services run in development.
fn is_set_to_development(ctx: &Ctx<'_, '_, '_>) -> bool {
    const NAMES: [&str; 9] = [
        "NODE_ENV",
        "RAILS_ENV",
        "RACK_ENV",
        "FLASK_ENV",
        "APP_ENV",
        "ASPNETCORE_ENVIRONMENT",
        "DOTNET_ENVIRONMENT",
        "MIX_ENV",
        "DJANGO_ENV",
    ];
    ctx.all().any(|info| {
        let entries = info.service.part.get("environment").map_or(&[][..], Part::entries);
        let is_dev = |text: &str| matches!(&*text.to_ascii_lowercase(), "dev" | "development" | "local" | "test");
        let by_variable = entries
            .iter()
            .any(|entry| NAMES.contains(&entry.key) && ctx.set.scope.known(entry).is_some_and(|value| is_dev(&value)));
        by_variable || info.target.as_deref().is_some_and(is_dev)
    })
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
