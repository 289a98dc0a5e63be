//! Paths that must be there, images that are built, variables that are filled in, and the end state as a whole.

use super::files::join;
use super::info::{Ctx, Info};
use super::limits;
use super::subjects::{Build, Path, Set, Variable};
use crate::fact::{Data, Fact, Reason, Value};
use crate::inspect::compose::document::Part;
use crate::inspect::compose::interpolate::{Otherwise, Piece, pieces};
use crate::path::file_name;
use crate::source::Presence;
use crate::span::Span;

/// Arguments that the builder knows by itself.
const PREDEFINED: &str = "\
    HTTP_PROXY http_proxy HTTPS_PROXY https_proxy FTP_PROXY ftp_proxy NO_PROXY no_proxy ALL_PROXY all_proxy TARGETPLATFORM \
    TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT SOURCE_DATE_EPOCH BUILDKIT_INLINE_CACHE \
    BUILDKIT_CONTEXT_KEEP_GIT_DIR BUILDKIT_MULTI_PLATFORM BUILDKIT_SANDBOX_HOSTNAME BUILDKIT_SYNTAX BUILDKIT_DOCKERFILE_CHECK \
    BUILDKIT_CACHE_MOUNT_NS BUILDKIT_BUILD_NAME";

/// Whether a path is there; nothing when a variable decides.
fn presence<'s>(ctx: &Ctx<'_, '_, 's>, part: &Part<'s>) -> Value<'s> {
    let Some(path) = ctx.set.scope.known(part) else { return ctx.set.scope.unknown(part) };
    let outside = || Data::unknown(Reason::Unresolved(format!("`{path}` lies outside of what is checked").into()));
    let folder = ctx.set.folder_of(part.at);
    let data = match join(folder, &path).map(|path| ctx.world.inventory.lookup(&path)) {
        Some(Presence::File { .. } | Presence::Folder) => Data::Bool(true),
        // A command with `--project-directory`, or a base in another folder, gives paths another start.
        Some(Presence::Absent) if ctx.set.is_partial || is_above(ctx, folder, &path) => {
            Data::unknown(Reason::Unresolved(format!("`{path}` may be there for a project in another folder").into()))
        }
        Some(Presence::Absent) => Data::Bool(false),
        Some(Presence::Unseen) | None => outside(),
    };
    Value::new(data, part.at)
}

/// Whether a path is there when it starts from a folder above.
fn is_above(ctx: &Ctx<'_, '_, '_>, folder: &str, path: &str) -> bool {
    let above = |folder: &str| folder.rfind('/').map_or("", |at| folder.get(..at).unwrap_or_default()).to_owned();
    let first = (!folder.is_empty()).then(|| above(folder));
    let mut folders = std::iter::successors(first, |folder| (!folder.is_empty()).then(|| above(folder)));
    // A single name says much only of a folder; a script puts it beside the compose file, or names the project's folder.
    let is_long = path.trim_matches(['.', '/']).contains('/');
    folders.any(|folder| {
        let found = join(&folder, path).map(|path| ctx.world.inventory.lookup(&path));
        matches!(found, Some(Presence::Folder)) || is_long && matches!(found, Some(Presence::File { .. }))
    })
}

/// Whether people make a file of that name themselves: a dotenv file, or one beside an example of it.
fn is_made_by_hand(ctx: &Ctx<'_, '_, '_>, part: &Part<'_>) -> bool {
    let Some(path) = ctx.set.scope.known(part) else { return false };
    if file_name(&path).starts_with(".env") {
        return true;
    }
    let beside = |ending: &str| join(ctx.set.folder_of(part.at), &format!("{path}{ending}"));
    [".example", ".sample", ".dist", ".template", "-example", "-sample"]
        .iter()
        .filter_map(|ending| beside(ending))
        .any(|path| ctx.world.inventory.contains(&path))
}

fn path<'s>(
    ctx: &Ctx<'_, '_, 's>,
    form: &'static str,
    part: &Part<'s>,
    owner: &'s str,
    required: bool,
    found: &mut Vec<Fact<'s>>,
) {
    let at = part.at;
    let fact = Path {
        form: Value::str(form, at),
        path: ctx.set.scope.value(Some(part), at),
        exists: presence(ctx, part),
        is_made_by_hand: Value::bool(is_made_by_hand(ctx, part), at),
        is_required: Value::bool(required, at),
        owner: Value::str(owner, at),
    };
    let name = format!("{owner}/{form}/{}", part.raw);
    found.push(ctx.state(at, name, |at, path, role| fact.fact(at, path, role)));
}

/// The files that a service names.
pub(super) fn paths<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, found: &mut Vec<Fact<'s>>) {
    for entry in info.service.part.get("env_file").map_or(&[][..], Part::items) {
        let place = entry.get("path").unwrap_or(entry);
        let required = entry.get("required").and_then(|part| ctx.set.scope.truth(part)).unwrap_or(true);
        if place.is_scalar() {
            path(ctx, "env_file", place, info.service.name, required, found);
        }
    }
}

/// The files that secrets and configs of the top level name.
pub(super) fn top_paths<'s>(ctx: &Ctx<'_, '_, 's>, found: &mut Vec<Fact<'s>>) {
    for (section, form) in [("secrets", "secret"), ("configs", "config")] {
        for entry in ctx.set.top(section) {
            if let Some(file) = entry.get("file").filter(|file| file.is_scalar()) {
                path(ctx, form, file, entry.key, true, found);
            }
        }
    }
}

/// The image that a service builds.
pub(super) fn build<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, found: &mut Vec<Fact<'s>>) {
    let Some(build) = info.service.part.get("build") else { return };
    let at = build.key_at;
    if let Some(context) = build.get("context").filter(|part| !part.raw.contains("://") && !part.raw.contains("git@")) {
        // An image with a home of its own is pulled; its context is asked for by those who build.
        let is_pulled = info.reference.as_deref().is_some_and(|image| image.contains('/'));
        path(ctx, "context", context, info.service.name, !is_pulled, found);
    }
    if let (Some(file), Some(whole)) = (build.get("dockerfile"), &info.dockerfile_path) {
        let exists = match ctx.world.inventory.lookup(whole) {
            // The context is judged by itself: where it is not there, neither is this. One that is found from another
            // folder is meant for a project there.
            Presence::Absent
                if ctx.set.is_partial
                    || !ctx.world.inventory.contains(context_of(whole, file.raw))
                    || is_above(ctx, ctx.set.folder_of(file.at), &format!("./{}", file.raw)) =>
            {
                Data::unknown(Reason::Unresolved(format!("the folder of `{whole}` is not there").into()))
            }
            Presence::Absent => Data::Bool(false),
            Presence::File { .. } | Presence::Folder => Data::Bool(true),
            Presence::Unseen => Data::unknown(Reason::Unresolved(format!("`{whole}` was not read").into())),
        };
        let fact = Path {
            form: Value::str("dockerfile", file.at),
            path: Value::str(whole.clone(), file.at),
            exists: Value::new(exists, file.at),
            is_made_by_hand: Value::bool(false, file.at),
            is_required: Value::bool(true, file.at),
            owner: Value::str(info.service.name, file.at),
        };
        let name = format!("{}/dockerfile", info.service.name);
        found.push(ctx.state(file.at, name, |at, path, role| fact.fact(at, path, role)));
    }
    let target = build.get("target");
    let has_stage = info.dockerfile.zip(info.target.as_deref()).map(|(file, target)| file.has_stage(target));
    let arguments = info.dockerfile.map(|file| {
        let given = build.get("args").map_or(&[][..], Part::entries).iter();
        let is_known = |name: &str| {
            file.arguments.contains(name)
                || PREDEFINED.split_whitespace().any(|known| known == name)
                || name.contains('$')
        };
        given.filter(|entry| !is_known(entry.key)).map(|entry| Value::str(entry.key, entry.key_at)).collect()
    });
    let fact = Build {
        service: Value::str(info.service.name, at),
        dockerfile: Value::option(
            info.dockerfile.and(info.dockerfile_path.clone()).map(|path| Data::Str(path.into())),
            at,
        ),
        target: ctx.set.scope.value(target, at),
        target_exists: Value::option(has_stage.map(Data::Bool), target.map_or(at, |target| target.at)),
        unknown_arguments: Value::list(arguments.unwrap_or_default(), at),
        has_image: Value::bool(info.service.part.get("image").is_some(), at),
    };
    let name = format!("services/{}/build", info.service.name);
    found.push(ctx.state(at, name, |at, path, role| fact.fact(at, path, role)));
}

/// The variables in a service.
pub(super) fn variables<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, found: &mut Vec<Fact<'s>>) {
    let part = &info.service.part;
    for scalar in part.scalars().into_iter().filter(|scalar| scalar.raw.contains('$')) {
        for piece in pieces(scalar.raw) {
            let (name, has_fallback, range, is_valid) = match piece {
                Piece::Text(_) => continue,
                Piece::Broken(range) => ("$", false, range, false),
                Piece::Use(one) => (one.name, one.otherwise != Otherwise::Empty, one.place, true),
            };
            let at = within(scalar, &range);
            let fact = Variable {
                name: Value::str(name, at),
                is_valid: Value::bool(is_valid, at),
                has_fallback: Value::bool(has_fallback, at),
                is_set: Value::bool(ctx.set.scope.sets(name), at),
                has_env_file: Value::bool(ctx.set.scope.has_file, at),
                is_documented: Value::bool(ctx.set.scope.documents(name), at),
                is_passed_on: Value::bool(is_passed_on(part, scalar), at),
                is_in_env_file: Value::bool(env_file_sets(ctx, info, name), at),
                service: Value::str(info.service.name, at),
            };
            let path = format!("services/{}/{}/${name}", info.service.name, scalar.key);
            found.push(ctx.state(at, path, |at, path, role| fact.fact(at, path, role)));
        }
    }
}

/// The folder that `file` was looked for in.
fn context_of<'p>(whole: &'p str, file: &str) -> &'p str {
    let file = file.trim_start_matches("./");
    whole.strip_suffix(file).map_or("", |folder| folder.trim_end_matches('/'))
}

/// Whether a scalar is no more than `$NAME`, as a value of `environment` or a build argument.
fn is_passed_on(service: &Part<'_>, scalar: &Part<'_>) -> bool {
    let sections = [service.get("environment"), service.at_path(&["build", "args"])];
    let is_within = sections.into_iter().flatten().flat_map(Part::entries).any(|entry| entry.at == scalar.at);
    is_within && matches!(pieces(scalar.raw).as_slice(), [Piece::Use(_)])
}

/// A place within a scalar, where it is written without escapes; else all of it.
fn within(scalar: &Part<'_>, range: &std::ops::Range<usize>) -> Span {
    let width = (scalar.at.end - scalar.at.start) as usize;
    let shift = match width.checked_sub(scalar.raw.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return scalar.at,
    };
    let start = scalar.at.start as usize + shift;
    Span::new(scalar.at.source, start + range.start..start + range.end)
}

/// Whether the variables that files bring can all be read.
pub(super) fn env_files_are_seen(ctx: &Ctx<'_, '_, '_>, info: &Info<'_, '_>) -> bool {
    let entries = info.service.part.get("env_file").map_or(&[][..], Part::items);
    entries.iter().all(|entry| {
        let place = entry.get("path").unwrap_or(entry);
        let path = ctx.set.scope.known(place).and_then(|path| join(ctx.set.folder_of(place.at), &path));
        path.is_some_and(|path| ctx.world.source(&path).is_some())
    })
}

fn env_file_sets(ctx: &Ctx<'_, '_, '_>, info: &Info<'_, '_>, name: &str) -> bool {
    let entries = info.service.part.get("env_file").map_or(&[][..], Part::items);
    entries.iter().any(|entry| {
        let place = entry.get("path").unwrap_or(entry);
        let path = ctx.set.scope.known(place).and_then(|path| join(ctx.set.folder_of(place.at), &path));
        path.is_some_and(|path| ctx.world.dotenv_sets(&path, name))
    })
}

/// All services of an end state together.
pub(super) fn whole<'s>(ctx: &Ctx<'_, '_, 's>, found: &mut Vec<Fact<'s>>) {
    let Some(at) = ctx.set.services_at else { return };
    let staying: Vec<&Info<'_, 's>> = ctx.all().filter(|info| info.runs_forever()).collect();
    let count = |test: &dyn Fn(&Info<'_, 's>) -> bool| {
        let number = staying.iter().filter(|info| test(info)).count();
        Value::int(i64::try_from(number).unwrap_or(i64::MAX), at)
    };
    let has =
        |info: &Info<'_, '_>, paths: &[&[&str]]| paths.iter().any(|path| info.service.part.at_path(path).is_some());
    let fact = Set {
        files: Value::str(ctx.set.label.clone(), at),
        services: count(&|_| true),
        // One that a variable decides may well be one.
        restarting: count(&|info| limits::restarts(&info.service.part, &ctx.set.scope) != Some(false)),
        limited: count(&|info| limits::memory(&info.service.part).is_some()),
        rotated: count(&|info| {
            has(info, &[&["logging", "options", "max-size"]]) || {
                let driver = info.service.part.at_path(&["logging", "driver"]);
                driver.is_some_and(|driver| driver.raw != "json-file")
            }
        }),
        checked: count(&|info| info.is_checked() != Some(false)),
        is_for_swarm: Value::bool(is_for_swarm(ctx), at),
        is_partial: Value::bool(ctx.set.is_partial, at),
    };
    found.push(ctx.state(at, "services".to_owned(), |at, path, role| fact.fact(at, path, role)));
}

/// Whether the files are made for Swarm, by their names or by what only it reads.
fn is_for_swarm(ctx: &Ctx<'_, '_, '_>) -> bool {
    let is_swarm = |word: &str| matches!(word, "stack" | "swarm");
    let named = ctx.set.files.iter().any(|source| {
        let (folder, name) = source.path().rsplit_once('/').unwrap_or(("", source.path()));
        name.split(['.', '-', '_']).any(is_swarm) || folder.split(['/', '-', '_']).any(|word| word == "swarm")
    });
    let keys = ["placement", "update_config", "rollback_config", "endpoint_mode", "mode"];
    named || ctx.all().any(|info| keys.iter().any(|key| info.service.part.at_path(&["deploy", key]).is_some()))
}
