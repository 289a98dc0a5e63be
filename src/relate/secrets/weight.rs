//! The scale. In order: what a program drew counts wherever it ships; what a person typed, or everybody guesses, counts
//! where it opens something that somebody reaches.

use super::around::{
    around, is_beside_localhost, is_beside_service, is_client, is_commented, is_edited, offers_secret, plain_text,
    speaks_of_own_machine, written,
};
use super::named::Holder;
use super::stake::Stake;
use super::{Found, Weighed, World, place, stake, words};
use crate::detect;
use crate::fact::Role;
use crate::inspect::env::name::environment;
use crate::path::{file_name, folder};
use crate::relate::compose::stands::Stand;

/// Why nobody has to act.
pub(super) mod because {
    pub(super) const NOTHING: &str = "";
    pub(super) const ROLE: &str = "what holds it does not ship";
    pub(super) const TRIED: &str = "what holds it is for trying things out";
    pub(in crate::relate::secrets) const REPLACED: &str = "it asks to be replaced";
    pub(super) const INSIDE: &str = "nothing beyond the services beside it reaches what it opens";
    pub(super) const SAID: &str = "whether it opens anything is decided where that account is made";
    pub(super) const UNREAD: &str = "nothing that ships reads its file";
    pub(super) const OLD: &str = "a newer version of its file is there";
    pub(super) const FILE: &str = "it only opens a file that lies beside it";
    pub(super) const SEALED: &str = "it is encrypted";
    pub(super) const VERSION: &str = "it is a version";
    pub(super) const NAME: &str = "it is the name of what holds the secret";
    pub(super) const HASH: &str = "it is a hash";
    pub(super) const PUBLIC: &str = "every visitor gets it";
    pub(super) const RUN: &str = "it serves a run of a script or a pipeline";
    pub(super) const STAND_IN: &str = "it only stands in where nothing is given";
    pub(super) const ELSEWHERE: &str = "another file gives what counts";
    pub(super) const LITERAL: &str = "a literal of a program seldom opens anything";
    pub(super) const LOCAL: &str = "it is for the machine that it runs on";
    pub(super) const SHOWN: &str = "it is shown to readers";
    pub(super) const OFFERED: &str = "a Secret can be given in its place";
    pub(super) const INSTALLED: &str = "whoever installs the chart gives his own values";
    pub(super) const FILLED: &str = "its file is to be filled in";
    pub(super) const PROFILE: &str = "nothing tells that its profile is one that is deployed";
    pub(super) const WAY: &str = "it is the way to a file";
    pub(super) const GIVEN: &str = "what ships gives another one in its place";
    pub(super) const MADE_UP: &str = "it is made up, and opens nothing at somebody else's service";
}

/// Weighs one credential.
pub(super) fn weigh<'s>(one: &Found<'_, 's>, world: &World<'_, 's>) -> Weighed {
    let stands = stands(one, world);
    let role = role(one, &stands);
    let because = if matches!(
        role,
        Role::Test | Role::Tool | Role::Development | Role::Example | Role::Template | Role::Vendored
    ) {
        because::ROLE
    } else if world.versions.is_old(one.path()) {
        because::OLD
    } else if one.kind == "private-key" {
        private_key(one, world)
    } else if one.place == "code" {
        literal(one, world)
    } else if one.is_drawn {
        drawn(one, &stands, world)
    } else {
        typed(one, &stands, world)
    };
    Weighed { role, because: because.into() }
}

/// The services that it is for.
fn stands<'w, 's>(one: &Found<'_, 's>, world: &'w World<'_, 's>) -> Vec<&'w Stand<'s>> {
    if world.stands.is_empty() {
        Vec::new()
    } else if place::is_compose(one) {
        place::written_for(one, world)
    } else if place::is_variables(one) {
        place::given_to(one, world)
    } else if one.place == "sql" || one.kind == "private-key" || place::is_data(one) {
        place::given_file(one.path(), world)
    } else {
        Vec::new()
    }
}

/// The role of what holds it: what only developers' services get is theirs.
fn role(one: &Found<'_, '_>, stands: &[&Stand<'_>]) -> Role {
    let own = one.fact.role;
    if own.is_shipped() && !stands.is_empty() && stands.iter().all(|stand| stand.is_development) {
        return Role::Development;
    }
    own
}

/// A value that a program drew: somebody uses it, unless its name or its file says otherwise.
fn drawn<'s>(one: &Found<'_, 's>, stands: &[&Stand<'s>], world: &World<'_, 's>) -> &'static str {
    let key = stake::of(one.key);
    let name = file_name(one.path());
    let is_read = !stands.is_empty()
        || world.named.ships(one.path())
        || name == ".env"
        || matches!(environment(one.path()).as_deref(), Some("production" | "staging"));
    match one.place {
        _ if words::is_of_pipeline(one.path()) && one.place != "pipeline" => because::RUN,
        _ if one.source.text().contains("kmsKeyName") => because::SEALED,
        _ if words::is_version(one.text()) => because::VERSION,
        _ if words::is_runs(one.text()) => because::MADE_UP,
        _ if words::is_mark(one.text()) => because::REPLACED,
        _ if words::is_way(one.text()) => because::WAY,
        _ if one.text().contains('\\') => because::LITERAL,
        _ if stake::is_hash(one.key) => because::HASH,
        "sql" if words::is_digest(one.text()) => because::HASH,
        _ if one.text().starts_with("{AQAAABAAAA") => because::SEALED,
        // What uploads reports can do nothing else, and is written into pipelines on purpose.
        "pipeline" if ["codecov", "fossa"].iter().any(|word| around(one).contains(word)) => because::PUBLIC,
        _ if file_name(one.path()).contains("codecov") => because::PUBLIC,
        _ if stake::is_public(one.key) => because::PUBLIC,
        _ if detect::is_for_tries(one.path()) => because::TRIED,
        _ if words::denies_itself(one.text()) => because::REPLACED,
        _ if words::is_template(one.path()) => because::FILLED,
        "dotenv" if words::disclaims(one.source.text()) => because::FILLED,
        "dotenv" if stands.is_empty() && words::says_development(one.source.text()) => because::LOCAL,
        _ if words::is_to_be_set(one.source.text(), &one.span().range()) => because::REPLACED,
        _ if place::is_realm(one) && stands.is_empty() && !world.named.ships(one.path()) => because::UNREAD,
        _ if words::is_description(one.path()) && matches!(one.place, "data" | "text" | "prose" | "url") => {
            because::SHOWN
        }
        "data" | "properties" | "text" => drawn_setting(one, stands, world),
        "sql" if stands.is_empty() && !world.named.ships_beyond(one.path()) => because::UNREAD,
        "chart-values" if offers_secret(one) => because::OFFERED,
        "chart-values" if is_of_subchart(folder(one.path()), world) => because::INSTALLED,
        // What a developer's program signs with, where production has manifests of its own.
        "dotenv" if name == ".env" && stands.is_empty() && key == Stake::OwnKey && world.ships_otherwise => {
            because::UNREAD
        }
        "prose" => because::SHOWN,
        "shell" if is_commented(one) => because::SHOWN,
        "shell" if speaks_of_own_machine(one.source.text()) => because::LOCAL,
        // A script that nothing deploys with tries something, or edits a text.
        "shell" if is_edited(one) || !words::is_deployed(one.path()) => because::RUN,
        "pipeline" if key == Stake::OwnKey || one.text().len() < 20 || words::is_of_checks(one.path()) => because::RUN,
        "shell" if one.text().contains(['$', '*']) || one.text().len() < 16 => because::RUN,
        _ if place::is_variables(one) && !is_read => because::UNREAD,
        _ => because::NOTHING,
    }
}

/// A value that a program drew, in a file of settings: it counts where the program starts with it.
fn drawn_setting<'s>(one: &Found<'_, 's>, stands: &[&Stand<'s>], world: &World<'_, 's>) -> &'static str {
    let path = one.path();
    let is_given = || !stands.is_empty() || world.named.ships(path);
    let counts = match stake::of_path(one.key, one.key_path) {
        Stake::OwnKey | Stake::Foreign => !is_client(one) || !is_beside_localhost(one),
        _ => !is_beside_localhost(one) && !is_beside_service(one),
    };
    if written(one.text()).1 {
        because::STAND_IN
    } else if is_given_otherwise(one, world) {
        because::GIVEN
    } else if words::is_of_profile(path) {
        because::PROFILE
    } else if words::is_deployed(path) || is_manifest(one.source.text()) {
        because::NOTHING
    } else if !words::is_settings(path) && !is_given() {
        because::UNREAD
    } else if !counts {
        because::LOCAL
    } else {
        because::NOTHING
    }
}

/// A value that a person typed, or that everybody guesses.
fn typed<'s>(one: &Found<'_, 's>, stands: &[&Stand<'s>], world: &World<'_, 's>) -> &'static str {
    // Whatever it says of itself, it is what a store that the network reaches starts with.
    if is_open(stands)
        && !detect::is_for_tries(one.path())
        && !one.text().to_ascii_lowercase().contains("dev")
        && (place::is_compose(one) || place::is_variables(one))
    {
        return because::NOTHING;
    }
    if let Some(because) = lesser(one) {
        return because;
    }
    match one.place {
        "prose" => because::SHOWN,
        "pipeline" | "shell" if !place::is_compose(one) => because::RUN,
        "build-arg" | "image-env" | "shell" if is_of_builder(one) => because::RUN,
        "build-arg" if one.kind == "default" => because::MADE_UP,
        "build-arg" => because::NOTHING,
        "sql" if stands.is_empty() && !world.named.ships_beyond(one.path()) => because::UNREAD,
        "manifest-env" | "config-map" | "secret-object" if is_made_up(one) => because::MADE_UP,
        "image-env" => image(one),
        "sql" | "manifest-env" | "config-map" | "secret-object" => because::NOTHING,
        // A URL or a connection string in a manifest is deployed as it stands.
        "url" if is_manifest(one.source.text()) => because::NOTHING,
        "chart-values" if offers_secret(one) => because::OFFERED,
        "chart-values" if is_of_chart(one, world) => because::INSTALLED,
        "chart-values" => because::NOTHING,
        _ if place::is_compose(one) => given(one, stands, world),
        _ if place::is_variables(one) => variable(one, stands, world),
        _ => setting(one, world),
    }
}

/// What makes light of it wherever it stands.
fn lesser(one: &Found<'_, '_>) -> Option<&'static str> {
    let value = plain_text(one);
    let (inner, _) = written(&value);
    let replaced = words::asks_to_be_replaced(inner) || words::is_to_be_set(one.source.text(), &one.span().range());
    let why = [
        (stake::is_hash(one.key), because::HASH),
        (words::is_version(inner), because::VERSION),
        (one.place == "manifest-env" && words::names_holder(inner), because::NAME),
        (stake::of(one.key) == Stake::File, because::FILE),
        (words::is_of_pipeline(one.path()), because::RUN),
        (stake::is_public(one.key), because::PUBLIC),
        (detect::is_for_tries(one.path()), because::TRIED),
        (replaced || words::is_mark(inner), because::REPLACED),
        (words::is_way(inner), because::WAY),
        (words::is_sample(one.source.text()) || words::is_template(one.path()), because::FILLED),
    ];
    why.into_iter().find(|(yes, _)| *yes).map(|(_, because)| because)
}

/// Whether it is a guess at the password of somebody else's service.
fn is_made_up(one: &Found<'_, '_>) -> bool {
    one.kind == "default" && stake::of(one.key) == Stake::Foreign
}

/// Whether it stands in a stage of a Dockerfile that no later stage is built on: what ships does not have it.
fn is_of_builder(one: &Found<'_, '_>) -> bool {
    let range = one.span().range();
    let text = one.source.text();
    let froms = |text: &'_ str| -> Vec<Vec<String>> {
        let is_from = |line: &&str| line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("from "));
        let words = |line: &str| line.split_whitespace().skip(1).map(str::to_ascii_lowercase).collect();
        text.lines().filter(is_from).map(words).collect()
    };
    let before = froms(text.get(..range.start).unwrap_or_default());
    let after = froms(text.get(range.end..).unwrap_or_default());
    let Some(stage) = before.last().filter(|_| !after.is_empty()) else { return false };
    let name = stage.iter().skip_while(|word| *word != "as").nth(1);
    !after.iter().any(|from| name.is_some_and(|name| from.contains(name)))
}

/// A value that an image falls back to: whoever runs the image gives his own, but for stores, which start with it.
fn image(one: &Found<'_, '_>) -> &'static str {
    match stake::of(one.key) {
        Stake::OwnKey => because::NOTHING,
        Stake::Store if is_image_of_store(one) => because::NOTHING,
        Stake::Store => because::SAID,
        _ => because::MADE_UP,
    }
}

/// Whether a Dockerfile makes the image of a store, by its base or its folder.
fn is_image_of_store(one: &Found<'_, '_>) -> bool {
    const NAMES: [&str; 14] = [
        "postgres",
        "postgis",
        "mysql",
        "mariadb",
        "percona",
        "mongo",
        "mssql",
        "sqlserver",
        "redis",
        "rabbit",
        "clickhouse",
        "oracle",
        "influx",
        "minio",
    ];
    let names = |text: &str| NAMES.iter().any(|name| text.to_ascii_lowercase().contains(name));
    let is_base = |line: &str| line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("from ")) && names(line);
    names(one.path()) || one.source.text().lines().any(is_base)
}

/// A variable that a compose file writes for a service.
fn given<'s>(one: &Found<'_, 's>, stands: &[&Stand<'s>], world: &World<'_, 's>) -> &'static str {
    let is_url = one.kind == "url" || one.place == "url";
    let what = if is_url { Stake::Store } else { stake::of(one.key) };
    match what {
        Stake::OwnKey => because::NOTHING,
        _ if stands.iter().any(|stand| stand.is_store && stand.is_published) => because::LOCAL,
        _ if stands.iter().any(|stand| stand.is_store) => because::INSIDE,
        _ if stands_at_store(one, stands, world) => because::SAID,
        // The store itself is judged where its account is made; one that is not here is somebody else's.
        Stake::Store if has_store(stands, world) || stands.is_empty() => because::SAID,
        Stake::Store if one.kind == "default" => because::MADE_UP,
        Stake::Account => {
            let reached = stands.is_empty() || stands.iter().any(|stand| !stand.is_development && stand.is_published);
            if reached { because::NOTHING } else { because::INSIDE }
        }
        Stake::Foreign | Stake::Unknown if one.kind == "default" => because::MADE_UP,
        _ => because::NOTHING,
    }
}

/// Whether one of the services is a store that the network reaches.
fn is_open(stands: &[&Stand<'_>]) -> bool {
    stands.iter().any(|stand| stand.is_store && !stand.is_development && stand.is_published && stand.is_kept)
}

/// Whether a store beside the services is given the same value.
fn stands_at_store(one: &Found<'_, '_>, stands: &[&Stand<'_>], world: &World<'_, '_>) -> bool {
    let value = one.text();
    let beside = |other: &&Stand<'_>| other.is_store && stands.iter().any(|stand| stand.set == other.set);
    let has = |store: &Stand<'_>| store.scalars.iter().any(|(_, text)| text.contains(value));
    value.len() >= 4 && world.stands.iter().filter(beside).any(has)
}

/// Whether a store runs beside the services.
fn has_store(stands: &[&Stand<'_>], world: &World<'_, '_>) -> bool {
    stands.iter().any(|one| world.stands.iter().any(|other| other.set == one.set && other.is_store))
}

/// A variable of a dotenv file.
fn variable<'s>(one: &Found<'_, 's>, stands: &[&Stand<'s>], world: &World<'_, 's>) -> &'static str {
    if !stands.is_empty() {
        return given(one, stands, world);
    }
    let is_production = environment(one.path()).as_deref() == Some("production");
    let counts = matches!(stake::of(one.key), Stake::OwnKey | Stake::Account);
    if is_production || (counts && file_name(one.path()) != ".env" && world.named.ships(one.path())) {
        return because::NOTHING;
    }
    because::UNREAD
}

/// A setting in a file of a program: properties, JSON, YAML.
fn setting(one: &Found<'_, '_>, world: &World<'_, '_>) -> &'static str {
    let (_, stands_in) = written(one.text());
    let own = stake::of_path(one.key, one.key_path) == Stake::OwnKey;
    let is_told = one.key_path.to_ascii_lowercase().contains("example") || stake::is_told(one.key);
    if words::is_description(one.path()) || is_told {
        because::SHOWN
    } else if is_given_otherwise(one, world) {
        because::GIVEN
    } else if words::is_of_profile(one.path()) {
        because::PROFILE
    } else if stands_in && !own {
        because::STAND_IN
    } else if !own && is_beside_localhost(one) {
        because::LOCAL
    } else if !own && is_beside_service(one) {
        because::SAID
    } else if !own && (one.kind == "default" || !words::is_settings(one.path())) {
        because::MADE_UP
    } else {
        because::NOTHING
    }
}

/// Whether something that ships sets the variable that frameworks read in place of the setting: `JWT_KEYSTORE_PASSWORD`.
fn is_given_otherwise(one: &Found<'_, '_>, world: &World<'_, '_>) -> bool {
    place::variables_of(one).iter().any(|name| world.named.holders(name, one.path()).any(Holder::deploys))
}

/// Whether these are the values that a chart for others begins with: templates of its own lie beside them.
fn is_of_chart(one: &Found<'_, '_>, world: &World<'_, '_>) -> bool {
    let folder = folder(one.path());
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let is_chart = world.inventory.contains(&beside("Chart.yaml")) && world.inventory.contains(&beside("templates"));
    is_chart && (matches!(file_name(one.path()), "values.yaml" | "values.yml") || is_of_subchart(folder, world))
}

/// Whether a folder holds a chart that another chart brings along.
fn is_of_subchart(folder: &str, world: &World<'_, '_>) -> bool {
    let above = folder.rsplit_once("/charts/").map(|(above, _)| above);
    above.is_some_and(|above| world.inventory.contains(&format!("{above}/Chart.yaml")))
}

/// A quoted literal of a program: the own key of a framework counts where nothing replaces it.
fn literal(one: &Found<'_, '_>, world: &World<'_, '_>) -> &'static str {
    let text = one.source.text();
    let start = one.span().range().start;
    let before = text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let asks = ["env", "getenv", "config(", "||", "??", "get("].iter().any(|sign| line.contains(sign));
    if stake::of(one.key) != Stake::OwnKey || !one.is_drawn {
        return because::LITERAL;
    }
    if detect::is_for_tries(one.path()) || words::speaks_of_tries(line) {
        return because::TRIED;
    }
    if asks {
        return because::STAND_IN;
    }
    if world.named.holders(one.key, one.path()).next().is_some() || text.matches(one.key).nth(1).is_some() {
        return because::ELSEWHERE;
    }
    because::NOTHING
}

/// A private key: a file of its own counts when not only tests name it; in a program it counts when nothing says that
/// it is for tries.
fn private_key(one: &Found<'_, '_>, world: &World<'_, '_>) -> &'static str {
    let path = one.path();
    let name = file_name(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let text = one.source.text();
    let start = one.span().range().start;
    let is_code = !matches!(ending, "yaml" | "yml" | "env" | "json" | "pem" | "key" | "");
    let near = text
        .get(text.floor_char_boundary(start.saturating_sub(if is_code { 1500 } else { 200 }))..start)
        .unwrap_or_default();
    let keys = text.matches("PRIVATE KEY-----").take(7).count();
    let lower = path.to_ascii_lowercase();
    let is_local = ["localhost", "self-signed", "self_signed"].iter().any(|word| lower.contains(word))
        || lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word, "dev" | "development" | "local" | "minikube"));
    if detect::is_for_tries(path) || is_local {
        return because::TRIED;
    }
    if text.contains("client-key-data:") && is_of_own_cluster(text) {
        return because::LOCAL;
    }
    match ending {
        "md" | "mdx" | "rst" | "html" | "adoc" | "txt" | "tsx" | "jsx" | "vue" | "svelte" => because::SHOWN,
        "json" | "jsonc" if words::is_description(path) || near.to_ascii_lowercase().contains("example") => {
            because::SHOWN
        }
        "yaml" | "yml" | "env" | "json" if words::speaks_of_tries(near) => because::TRIED,
        // Settings of a program, unlike a manifest, go nowhere by themselves.
        "yaml" | "yml" | "json" if !is_manifest(text) && !words::is_deployed(path) && !world.named.ships(path) => {
            because::UNREAD
        }
        "yaml" | "yml" | "env" | "json" => because::NOTHING,
        "pem" | "key" | "" | "crt" | "cert" | "ppk" | "p8" | "pk8" | "rsa" => {
            let holders: Vec<bool> = world.named.files(path).map(|holder| holder.is_shipped).collect();
            // What a server's own tests begin with, nobody is given, whatever settings beside name it.
            if world.named.files(path).any(|holder| holder.is_test) && !world.named.files(path).any(Holder::deploys) {
                return because::TRIED;
            }
            let is_person = name.starts_with("id_") || ending == "ppk";
            match holders.iter().any(|ships| *ships) {
                true => because::NOTHING,
                // The certificate beside it says that a server would be given both by their names.
                false if holders.is_empty() && !is_person && has_certificate(path, world) => because::UNREAD,
                false if holders.is_empty() && (is_person || words::is_deployed(path)) => because::NOTHING,
                false if holders.is_empty() => because::UNREAD,
                false => because::TRIED,
            }
        }
        _ if words::speaks_of_tries(near) || keys > 4 => because::TRIED,
        _ => because::NOTHING,
    }
}

/// Whether every cluster of what `kubectl` connects with runs on the own machine.
fn is_of_own_cluster(text: &str) -> bool {
    let is_own = |host: &str| {
        ["localhost", "127.0.0.1", "0.0.0.0", "docker.internal", "minikube"].iter().any(|own| host.contains(own))
    };
    let mut servers = text.lines().filter_map(|line| line.trim_start().strip_prefix("server:")).peekable();
    servers.peek().is_some() && servers.all(is_own)
}

/// Whether a certificate lies beside a key, by its name.
fn has_certificate(path: &str, world: &World<'_, '_>) -> bool {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    ["crt", "cert", "cer"].iter().any(|ending| world.inventory.contains(&format!("{stem}.{ending}")))
}

/// Whether a text is an object of Kubernetes, or of something that is like it.
fn is_manifest(text: &str) -> bool {
    text.contains("apiVersion") && text.contains("kind")
}
