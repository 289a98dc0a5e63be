//! Who says from which folder a Dockerfile is built: compose files, pipelines, scripts and instructions for people.

use std::collections::{BTreeMap, BTreeSet};

use super::{bake, rights};
use crate::path::{file_name, folder, join, within};
use crate::source::{Inventory, Presence, Source};
use crate::syntax::tree::{Dialect, Kind, Node};

/// Dockerfile → the folders that it is said to be built from.
pub(super) type Evidence = BTreeMap<String, BTreeSet<String>>;

/// Texts longer than this are no instructions for a build.
const LONGEST: usize = 400_000;
/// Files of a folder that are looked at.
const MOST_ENTRIES: usize = 200;
/// Lines of a command that goes over several.
const MOST_LINES: usize = 12;

/// What all sources say.
pub(super) fn of(sources: &[Source], inventory: &Inventory) -> Evidence {
    let mut evidence = Evidence::new();
    for source in sources {
        let path = source.path();
        let name = file_name(path).to_ascii_lowercase();
        let text = source.text();
        if text.len() > LONGEST {
            continue;
        }
        let is_yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        if is_yaml && text.contains("build:") && text.contains("services:") {
            compose(source, inventory, &mut evidence);
        }
        if bake::is_bake(&name) {
            for (context, file) in bake::builds(source) {
                for base in bases(path) {
                    place(&base, &context, Some(&file), true, inventory, &mut evidence);
                }
            }
        }
        if is_yaml && text.contains("build-push-action") {
            let roots = source.tree().documents(Dialect::Core);
            roots.for_each(|root| pipeline(root, 0, inventory, &mut evidence));
        }
        if speaks_of_builds(&name) && text.contains("build") {
            script(source, inventory, &mut evidence);
        }
    }
    evidence
}

/// How a service runs an image that it builds.
#[derive(Debug)]
pub(super) struct Run {
    /// The stage that it builds, where it names one.
    pub(super) target: Option<String>,
    /// It names a user that is not root.
    pub(super) says_user: bool,
    /// It publishes a port.
    pub(super) is_published: bool,
    /// It mounts folders with the sources over what was built.
    pub(super) mounts_sources: bool,
    /// It mounts the socket of the container engine.
    pub(super) holds_socket: bool,
    /// It is given devices, capabilities or all rights of the host.
    pub(super) is_trusted: bool,
}

/// What compose files say of what they build.
#[derive(Debug, Default)]
pub(super) struct Composed {
    /// Dockerfile → how services run it.
    pub(super) runs: BTreeMap<String, Vec<Run>>,
    /// The names, without tag, that services give what they build.
    pub(super) images: BTreeSet<String>,
}

/// What all compose files say of what they build.
pub(super) fn composed(sources: &[Source], inventory: &Inventory) -> Composed {
    let mut composed = Composed::default();
    for source in sources.iter().filter(|source| source.path().ends_with(".yml") || source.path().ends_with(".yaml")) {
        let text = source.text();
        if text.len() > LONGEST || !text.contains("build:") || !text.contains("services:") {
            continue;
        }
        let Some(services) = source.tree().documents(Dialect::Core).next().and_then(|root| root.get("services")) else {
            continue;
        };
        for service in services.entries().map(|service| service.value) {
            let Some(build) = service.get("build") else { continue };
            if let Some(image) = service.get("image").map(Node::text).filter(|image| is_plain(image)) {
                let last = image.rfind('/').map_or(0, |slash| slash + 1);
                let end = image[last..].find([':', '@']).map_or(image.len(), |at| last + at);
                composed.images.insert(image[..end].to_owned());
            }
            if let Some(dockerfile) = built(source, build).0
                && matches!(inventory.lookup(&dockerfile), Presence::File { .. })
            {
                composed.runs.entry(dockerfile).or_default().push(run(source, service, inventory));
            }
        }
    }
    composed
}

fn run(source: &Source, service: Node<'_>, inventory: &Inventory) -> Run {
    let user = service.get("user").map_or("", Node::text);
    let volumes = || service.get("volumes").into_iter().flat_map(Node::items);
    let host = |volume: Node<'_>| match volume.kind() {
        Kind::Map => volume.get("source").map(|source| source.text().to_owned()),
        _ => volume.text().split_once(':').map(|(host, _)| host.to_owned()),
    };
    let hosts: Vec<String> = volumes().filter_map(host).collect();
    let is_source = |host: &String| {
        let path = joined(folder(source.path()), host).filter(|_| host.starts_with('.'));
        path.is_some_and(|path| holds_sources(&path, inventory))
    };
    Run {
        target: service.get("build").and_then(|build| build.get("target")).map(|target| target.text().to_owned()),
        // A variable is there to name somebody.
        says_user: !user.is_empty() && !user.starts_with('0') && !user.starts_with("root"),
        is_published: service.get("ports").is_some_and(|ports| ports.items().next().is_some()),
        mounts_sources: hosts.iter().any(is_source),
        holds_socket: hosts.iter().any(|host| host.ends_with("docker.sock") || host.ends_with("podman.sock")),
        is_trusted: rights::of_service(service),
    }
}

/// Whether program text lies in a folder itself, or a manifest of a project.
fn holds_sources(path: &str, inventory: &Inventory) -> bool {
    const ENDS: [&str; 12] =
        [".py", ".js", ".ts", ".tsx", ".go", ".rb", ".php", ".rs", ".java", ".ex", "package.json", "go.mod"];
    let entries = inventory.in_dir(path);
    entries.iter().take(MOST_ENTRIES).any(|entry| ENDS.iter().any(|end| entry.path.ends_with(end)))
}

/// The Dockerfile and the context that `build:` of a service names.
fn built(source: &Source, build: Node<'_>) -> (Option<String>, Option<String>) {
    let says = |key| build.get(key).map(Node::text);
    let context = if build.kind() == Kind::Map { says("context").unwrap_or(".") } else { build.text() };
    let Some(context) = joined(folder(source.path()), context) else { return (None, None) };
    let file = says("dockerfile").unwrap_or("Dockerfile");
    (joined(&context, file), Some(context))
}

fn speaks_of_builds(name: &str) -> bool {
    const ENDS: [&str; 9] = [".sh", ".md", ".yml", ".yaml", ".mk", ".bash", ".rst", ".txt", ".json"];
    const NAMES: [&str; 5] = ["makefile", "justfile", "jenkinsfile", "taskfile", "readme"];
    ENDS.iter().any(|end| name.ends_with(end)) || NAMES.contains(&name) || name.starts_with("dockerfile")
}

fn add(evidence: &mut Evidence, dockerfile: Option<String>, context: Option<String>, inventory: &Inventory) {
    let (Some(dockerfile), Some(context)) = (dockerfile, context) else { return };
    if matches!(inventory.lookup(&dockerfile), Presence::File { .. }) {
        evidence.entry(dockerfile).or_default().insert(context);
    }
}

/// Whether a path can be taken as it is written.
fn is_plain(path: &str) -> bool {
    !path.is_empty() && !path.contains(['$', '{', '<', '`', '|', '(', '*', '"', '\'', '#']) && !path.contains("://")
}

fn joined(folder: &str, path: &str) -> Option<String> {
    join(folder, path).filter(|_| is_plain(path) && !path.starts_with(['/', '~']))
}

/// `build:` of the services of a compose file.
fn compose(source: &Source, inventory: &Inventory, evidence: &mut Evidence) {
    let Some(root) = source.tree().documents(Dialect::Core).next() else { return };
    let Some(services) = root.get("services") else { return };
    for service in services.merged_entries() {
        let merged = service.value.merged_entries();
        let Some(build) = merged.iter().find(|entry| entry.key.text() == "build").map(|entry| entry.value) else {
            continue;
        };
        let (dockerfile, context) = built(source, build);
        add(evidence, dockerfile, context, inventory);
    }
}

/// Steps of a workflow that build by an action. Without a context it is the root of the repository.
fn pipeline(node: Node<'_>, depth: usize, inventory: &Inventory, evidence: &mut Evidence) {
    if depth > 12 {
        return;
    }
    let uses = node.get("uses").map_or("", Node::text);
    if uses.starts_with("docker/build-push-action")
        && let Some(with) = node.get("with")
    {
        let context = with.get("context").map_or(".", Node::text);
        let context = context.strip_prefix("${{ github.workspace }}/").unwrap_or(context);
        if let Some(context) = joined("", context) {
            let file = match with.get("file") {
                Some(file) => joined("", file.text()),
                None => Some(within(&context, "Dockerfile")),
            };
            add(evidence, file, Some(context), inventory);
        }
    }
    for child in node.items().chain(node.entries().map(|entry| entry.value)) {
        if matches!(child.kind(), Kind::Map | Kind::List) {
            pipeline(child, depth + 1, inventory, evidence);
        }
    }
}

/// `docker build -f FILE CONTEXT` in whatever text.
fn script(source: &Source, inventory: &Inventory, evidence: &mut Evidence) {
    let lines: Vec<&str> = source.text().lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some(first) = command(line) else { continue };
        let mut text = (*line).to_owned();
        for next in lines.iter().skip(at + 1).take(MOST_LINES) {
            let Some(open) = text.trim_end().strip_suffix('\\') else { break };
            text = format!("{open} {}", next.trim());
        }
        let mut from = Some(first);
        while let Some(start) = from {
            let (before, arguments) = text.split_at_checked(start).unwrap_or((&text, ""));
            for base in bases(source.path()) {
                if let Some(base) = entered(before, &base) {
                    build(arguments, &base, inventory, evidence);
                }
            }
            from = command(arguments).map(|next| start + next);
        }
    }
}

/// Where the arguments of the first build command begin.
fn command(line: &str) -> Option<usize> {
    const COMMANDS: [&str; 5] =
        ["docker build ", "docker buildx build ", "podman build ", "docker image build ", "nerdctl build "];
    COMMANDS.iter().filter_map(|command| line.find(command).map(|at| at + command.len())).min()
}

/// The folders in which a script may be started: its own and the root.
fn bases(path: &str) -> Vec<String> {
    let own = folder(path).to_owned();
    if own.is_empty() || own.starts_with(".github") { vec![String::new()] } else { vec![String::new(), own] }
}

/// The folder that the commands before a build have gone to, from `base`; nothing when they do not say it plainly.
fn entered(before: &str, base: &str) -> Option<String> {
    let mut here = base.to_owned();
    let mut words =
        before.split(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '&')).filter(|it| !it.is_empty());
    while let Some(word) = words.next() {
        if matches!(word, "cd" | "pushd") {
            here = joined(&here, words.next()?.trim_matches(['"', '\'']))?;
        }
    }
    Some(here)
}

/// Flags of build commands whose value is the next word.
const VALUED: [&str; 32] = [
    "-t",
    "--tag",
    "--build-arg",
    "--target",
    "--platform",
    "--label",
    "--cache-from",
    "--cache-to",
    "--network",
    "--secret",
    "--ssh",
    "--progress",
    "-o",
    "--output",
    "--iidfile",
    "--builder",
    "--add-host",
    "--memory",
    "--build-context",
    "--shm-size",
    "-m",
    "-c",
    "--annotation",
    "--attest",
    "--cpu-shares",
    "--format",
    "--jobs",
    "--metadata-file",
    "--no-cache-filter",
    "--ulimit",
    "--volume",
    "-v",
];

fn build(text: &str, base: &str, inventory: &Inventory, evidence: &mut Evidence) {
    let (mut file, mut context) = (None, None);
    let mut words = text.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`', ',']));
    while let Some(word) = words.next() {
        if matches!(word, "&&" | ";" | "||" | "|" | ">" | "2>&1" | ">>" | "#") {
            break;
        }
        let ends = word.ends_with([';', ')']);
        let word = word.trim_end_matches([';', ')']);
        if let Some((_, value)) = word.split_once('=').filter(|(flag, _)| matches!(*flag, "-f" | "--file")) {
            file = Some(value.to_owned());
        } else if matches!(word, "-f" | "--file") {
            file = words.next().map(str::to_owned);
        } else if VALUED.contains(&word) {
            words.next();
        } else if !word.starts_with('-') && !word.is_empty() {
            context = Some(word.to_owned());
            break;
        }
        if ends {
            break;
        }
    }
    if let Some(context) = context {
        place(base, &context, file.as_deref(), false, inventory, evidence);
    }
}

/// A build that somebody starts in `base`; of a bake file the Dockerfile is looked for in the context.
fn place(
    base: &str,
    context: &str,
    file: Option<&str>,
    from_context: bool,
    inventory: &Inventory,
    evidence: &mut Evidence,
) {
    let Some(context) = joined(base, context) else { return };
    if inventory.lookup(&context) != Presence::Folder && !context.is_empty() {
        return;
    }
    let dockerfile = match file {
        Some(file) => joined(if from_context { &context } else { base }, file),
        None => Some(within(&context, "Dockerfile")),
    };
    add(evidence, dockerfile, Some(context), inventory);
}
