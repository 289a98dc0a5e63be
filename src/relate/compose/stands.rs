//! What other relations ask of the end states: for whom a service runs, whether anybody beyond the machine reaches it,
//! and which files it is given.

use std::collections::BTreeSet;

use super::beside::Beside;
use super::built::Dockerfiles;
use super::files::{Files, join};
use super::info::{Ctx, Info, World};
use super::mounts::Mount;
use super::{mounts, set, words};
use crate::fact::{Fact, Role};
use crate::inspect::compose::document::{Form, Part};
use crate::inspect::kubernetes::subjects::Container;
use crate::path::file_name;
use crate::product::ProductRole;
use crate::source::{Inventory, Source, role_of_path};
use crate::span::Span;

/// What lies beside the sources of a program, and names what it needs.
const MANIFESTS: [&str; 11] = [
    "package.json",
    "go.mod",
    "Gemfile",
    "composer.json",
    "pyproject.toml",
    "requirements.txt",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Cargo.toml",
    "mix.exs",
];

/// A service of an end state, as others see it.
#[derive(Debug)]
pub(in crate::relate) struct Stand<'s> {
    /// The end state that it belongs to.
    pub(in crate::relate) set: usize,
    /// Whether the end state sets up a developer's machine, or tests.
    pub(in crate::relate) is_development: bool,
    /// Whether anybody beyond the machine reaches it, so far as that can be told.
    pub(in crate::relate) is_published: bool,
    /// Whether it is started again by itself: somebody relies on it.
    pub(in crate::relate) is_kept: bool,
    /// Whether it keeps data for others: a database, a cache, a broker.
    pub(in crate::relate) is_store: bool,
    /// The folder whose `.env` fills in its variables.
    pub(in crate::relate) folder: &'s str,
    /// The variables that are passed on by name alone.
    pub(in crate::relate) passed: Vec<&'s str>,
    /// Every scalar of it, where it stands.
    pub(in crate::relate) scalars: Vec<(Span, &'s str)>,
    /// The files and folders that it is given: `env_file`, mounts, its Dockerfile; from the root.
    pub(in crate::relate) files: BTreeSet<String>,
}

/// Every service of every end state.
pub(in crate::relate) fn stands<'s>(
    sources: &'s [Source],
    facts: &[Fact<'s>],
    inventory: &Inventory,
) -> Vec<Stand<'s>> {
    let mut files = Files::new(sources, facts, inventory);
    if files.list.is_empty() {
        return Vec::new();
    }
    let sets = set::sets(&mut files);
    let world = World::new(sources, files, Dockerfiles::new(sources, facts));
    let by_platform = ships_by_platform(inventory);
    let ships_otherwise = by_platform || ships_otherwise(facts, inventory);
    let mut found = Vec::new();
    let all: Vec<Ctx<'_, '_, 's>> = sets.iter().map(|set| Ctx::new(set, &world)).collect();
    let beside = Beside::new(inventory, &all);
    for (index, ctx) in all.iter().enumerate() {
        let develops = ctx.develops() || is_for_developers(ctx, &beside, ships_otherwise, by_platform);
        found.extend(ctx.all().map(|info| stand(ctx, info, index, develops)));
    }
    found
}

fn stand<'s>(ctx: &Ctx<'_, '_, 's>, info: &Info<'_, 's>, set: usize, develops: bool) -> Stand<'s> {
    let part = &info.service.part;
    let folder = ctx.set.folder_of(info.service.name_at);
    let mut files: BTreeSet<String> = info.dockerfile_path.iter().cloned().collect();
    let env_files = part.get("env_file").into_iter().flat_map(Part::scalars);
    files.extend(env_files.filter_map(|one| join(folder, &ctx.set.scope.known(one)?)));
    // What only a layer for tests adds is no business of the others.
    let is_shipped = |at: Span| ctx.source(at.source).is_none_or(|source| source.role.is_shipped());
    let mounts = mounts(ctx, part).filter(|mount| is_shipped(mount.at));
    files.extend(mounts.filter_map(|mount| join(folder, &mount.source?)));
    Stand {
        set,
        is_development: develops || !ctx.role(info.service.name_at).is_shipped(),
        is_published: info.is_published() != Some(false),
        is_kept: ["restart", "deploy"].iter().any(|key| part.get(key).is_some_and(|value| value.raw != "no")),
        is_store: info.product_role().map_or_else(|| is_called_store(info), words::is_store),
        folder: ctx.set.folder,
        passed: passed(part),
        scalars: part.scalars().into_iter().map(|one| (one.at, one.raw)).collect(),
        files,
    }
}

/// The names in `environment` that have no value: the shell's, or that of the `.env` beside, is passed on.
fn passed<'s>(part: &Part<'s>) -> Vec<&'s str> {
    let entries = part.get("environment").map_or(&[][..], Part::entries).iter();
    entries.filter(|entry| entry.form == Form::Null).map(|entry| entry.key).collect()
}

/// Whether an image that nobody knows is called like a store, or its service is.
fn is_called_store(info: &Info<'_, '_>) -> bool {
    const NAMES: &str = "\
        postgres postgresql postgis timescaledb mysql mariadb percona mongo mongodb mssql sqlserver redis valkey keydb \
        memcached rabbitmq kafka redpanda nats clickhouse elasticsearch opensearch minio influxdb couchdb cassandra neo4j db \
        database";
    let image = info.reference.as_deref().unwrap_or_default().to_ascii_lowercase();
    let image = image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
    let name = info.service.name.to_ascii_lowercase();
    let mut words = image.split(['-', '_', '.']).chain(name.split(['-', '_', '.']));
    words.any(|word| NAMES.split_whitespace().any(|one| one == word))
}

/// The files and folders of the machine that are mounted.
fn mounts<'p, 's>(ctx: &'p Ctx<'_, '_, 's>, part: &'p Part<'s>) -> impl Iterator<Item = Mount<'s>> + 'p {
    let entries = part.get("volumes").map_or(&[][..], Part::items).iter();
    let read = entries.filter_map(|entry| mounts::read(entry, &ctx.set.scope).ok().flatten());
    read.filter(|mount| mount.source.as_deref().is_some_and(mounts::is_path))
}

/// Whether the end state sets up a machine for developers, by what only they need. A weak password in it is theirs.
fn is_for_developers(ctx: &Ctx<'_, '_, '_>, beside: &Beside, ships_otherwise: bool, by_platform: bool) -> bool {
    let says = |word: &str| ctx.set.files.iter().any(|source| source.path().contains(word));
    if says("prod") {
        return false;
    }
    let is_script = |folder: &str| matches!(folder, "scripts" | "script");
    by_platform
        || ctx.set.folder.split('/').any(is_script)
        || has_aids(ctx)
        || has_no_program(ctx)
        || is_watched(ctx)
        || is_switched(ctx)
        || mounts_project(ctx)
        || belongs_to_library(ctx)
        || is_built(ctx) && (ships_otherwise || is_open(ctx))
        || (is_built(ctx) || has_nothing_own(ctx)) && beside.has_production(ctx.set.folder)
        || beside.is_built_from_above(ctx.set.folder)
}

/// Whether the repository reaches production by another way than compose: manifests, a chart, a platform's own file.
pub(in crate::relate) fn ships_otherwise(facts: &[Fact<'_>], inventory: &Inventory) -> bool {
    const FILES: [&str; 6] =
        ["Chart.yaml", "serverless.yml", "skaffold.yaml", "cloudbuild.yaml", "Pulumi.yaml", "cdk.json"];
    let workload = Container::SUBJECT.name;
    facts.iter().any(|fact| fact.subject().name == workload && fact.role.is_shipped())
        || inventory.entries().iter().any(|entry| {
            let name = file_name(&entry.path);
            (FILES.contains(&name) || name.ends_with(".tf")) && role_of_path(&entry.path).0.is_shipped()
        })
}

/// Whether a platform runs the program as it is, so that compose can only be for a developer.
fn ships_by_platform(inventory: &Inventory) -> bool {
    const FILES: [&str; 6] = ["Procfile", "fly.toml", "render.yaml", "app.yaml", "vercel.json", "netlify.toml"];
    FILES.iter().any(|file| inventory.contains(file))
}

/// Mail that goes nowhere, consoles of databases, clouds that are played.
fn has_aids(ctx: &Ctx<'_, '_, '_>) -> bool {
    const IMAGES: &str = "\
        mailhog mailpit mailcatcher maildev smtp4dev fakesmtp fake-smtp mailslurper inbucket greenmail adminer \
        phpmyadmin pgadmin mongo-express redis-commander redisinsight rediscommander cloudbeaver ngrok localstack \
        azurite fake-gcs wiremock mockserver mock-server moto_server motoserver dynamodb-local dynamodb-admin \
        storybook selenium browserless swagger-ui swagger-editor elasticmq pubsub-emulator emulator xdebug blackfire \
        pact-broker pact_broker stripe-mock stripe-cli fake-sms kafdrop akhq kafka-ui";
    ctx.all().any(|info| {
        let image = info.reference.as_deref().unwrap_or_default().to_ascii_lowercase();
        let name = info.service.name.to_ascii_lowercase();
        IMAGES.split_whitespace().any(|aid| image.contains(aid) || name.contains(aid))
    })
}

/// Nothing but the products of others, in the repository of a program: it runs on the developer's machine beside them.
fn has_no_program(ctx: &Ctx<'_, '_, '_>) -> bool {
    let is_foreign = |info: &Info<'_, '_>| {
        info.service.part.get("build").is_none() && (info.known.is_some() || is_called_store(info) || info.is_job)
    };
    let is_program = |name: &str| MANIFESTS.contains(&name) || name == "Dockerfile" || name.ends_with(".csproj");
    ctx.all().all(is_foreign) && ctx.world.inventory.entries().iter().any(|entry| is_program(file_name(&entry.path)))
}

/// Nothing but the products of others.
fn has_nothing_own(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().all(|info| info.service.part.get("build").is_none() && info.known.is_some())
}

/// A switch of the product itself says so: `PS_DEV_MODE=1`.
fn is_switched(ctx: &Ctx<'_, '_, '_>) -> bool {
    ctx.all().any(|info| {
        let entries = info.service.part.get("environment").map_or(&[][..], Part::entries).iter();
        let mut named = entries.filter(|entry| entry.key.to_ascii_uppercase().ends_with("DEV_MODE"));
        named
            .any(|entry| ctx.set.scope.known(entry).is_some_and(|value| matches!(&*value, "1" | "true" | "on" | "yes")))
    })
}

/// Something starts anew whenever a source changes.
fn is_watched(ctx: &Ctx<'_, '_, '_>) -> bool {
    const COMMANDS: [&str; 26] = [
        "--reload",
        "--watch",
        "--hot",
        "--debug",
        "nodemon",
        "run dev",
        "yarn dev",
        "pnpm dev",
        "run start:dev",
        "start:dev",
        "run watch",
        "yarn watch",
        "run serve",
        "runserver",
        "flask run",
        "artisan serve",
        "dotnet watch",
        "bin/dev",
        "cargo watch",
        "mix phx.server",
        "rails s",
        "rails server",
        "spring-boot:run",
        "bootRun",
        "go run",
        "webpack",
    ];
    ctx.all().any(|info| {
        let part = &info.service.part;
        let lists = ["command", "entrypoint"].iter().filter_map(|key| part.get(key));
        let mut texts = lists.map(|list| list.scalars().iter().map(|one| one.raw).collect::<Vec<_>>().join(" "));
        texts.any(|text| COMMANDS.iter().any(|command| text.contains(command)))
    })
}

/// The sources of a program are mounted over it.
fn mounts_project(ctx: &Ctx<'_, '_, '_>) -> bool {
    const OTHERS: [&str; 4] = ["manage.py", "tsconfig.json", ".git", "artisan"];
    ctx.all().any(|info| {
        let folder = ctx.set.folder_of(info.service.name_at);
        mounts(ctx, &info.service.part).any(|mount| {
            let Some(source) = mount.source.and_then(|source| join(folder, &source)) else { return false };
            let inside = |name: &str| if source.is_empty() { name.to_owned() } else { format!("{source}/{name}") };
            MANIFESTS.iter().chain(&OTHERS).any(|name| ctx.world.inventory.contains(&inside(name)))
        })
    })
}

/// Beside what is published for other programs to use, a set of services is for its tests.
fn belongs_to_library(ctx: &Ctx<'_, '_, '_>) -> bool {
    let folder = ctx.set.folder;
    let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let has = |name: &str| ctx.world.inventory.contains(&at(name));
    let beside = ctx.world.inventory.in_dir(folder).iter().filter_map(|entry| {
        let rest = if folder.is_empty() { &entry.path } else { entry.path.strip_prefix(folder)?.strip_prefix('/')? };
        (!rest.contains('/')).then_some(rest)
    });
    let mut beside = beside.take(2_000);
    let is_gem = beside.any(|name| name.ends_with(".gemspec"));
    let is_crate = has("Cargo.toml") && has("src/lib.rs") && !has("src/main.rs");
    let is_package = ctx.world.source(&at("package.json")).is_some_and(|source| {
        let text = source.text();
        let says = |key: &str| text.contains(key);
        !says("\"private\": true") && says("\"files\"") && (says("\"main\"") || says("\"exports\""))
    });
    // What runs is pulled, and made elsewhere: beside a package of Python it is what its tests talk to.
    let is_built = ctx.all().any(|info| info.service.part.get("build").is_some());
    let is_client = !folder.is_empty() && has("pyproject.toml") && !has("Dockerfile") && !is_built;
    is_gem || is_crate || is_package || is_client
}

/// Whether a store is open to the machine, and nothing is started again by itself: what developers need to look into it.
fn is_open(ctx: &Ctx<'_, '_, '_>) -> bool {
    let is_store = |info: &Info<'_, '_>| {
        let role = info.product_role();
        role.is_some_and(|role| words::is_store(role) || role == ProductRole::Console)
    };
    let open = ctx.all().any(|info| is_store(info) && info.is_published() == Some(true));
    let kept =
        ctx.all().any(|info| info.service.part.get("restart").is_some() || info.service.part.get("deploy").is_some());
    open && !kept
}

/// Whether every program is built from its sources here, and none is pulled or pushed.
fn is_built(ctx: &Ctx<'_, '_, '_>) -> bool {
    let own =
        || ctx.all().filter(|info| info.known.is_none() || info.is_based || info.service.part.get("build").is_some());
    // A name without a registry is one that the build gives, for nobody else to pull.
    let is_pulled = |info: &Info<'_, '_>| info.reference.as_deref().is_some_and(|name| name.contains('/'));
    let built = own().all(|info| {
        let part = &info.service.part;
        part.get("build").is_some() && (part.get("image").is_none() || !is_pulled(info))
    });
    built && own().next().is_some()
}

impl Ctx<'_, '_, '_> {
    /// Whether the end state as a whole says that it is a developer's.
    fn develops(&self) -> bool {
        super::role::role(self) == Some(Role::Development)
    }
}
