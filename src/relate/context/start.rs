//! What an image starts, and as whom: what the Dockerfile leaves open, its entry script, compose files and manifests say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::evidence::{Composed, Run};
use super::rights;
use crate::fact::{Data, Fact, Reason, Record, Role, Type, Value};
use crate::inspect::dockerfile::facts::run_schema::Command;
use crate::inspect::dockerfile::facts::schema::{Copied, Entry, Port, Stage};
use crate::path::folder;
use crate::product::{self, ProductRole};
use crate::source::Source;

crate::subject! {
    /// The last stage of a Dockerfile, with what it starts and as whom. Stands where the stage does.
    pub struct Start: "dockerfile.start" {
        /// The stage.
        stage: Type::Record(Stage::SUBJECT),
        /// Whether the process gives up root by itself, or everything here that runs the image says another user: a
        /// program that changes the user is installed or called, in the Dockerfile or in the script that it starts.
        /// Unknown when that script is not here.
        leaves_root: Type::Bool,
        /// Whether anything shows that it answers requests: EXPOSE, HEALTHCHECK, a published port, a well-known server.
        serves: Type::Bool,
        /// Whether it is built on a product that brings its own start and its own user (a database, a proxy), not on a
        /// system or a language.
        is_product: Type::Bool,
        /// Whether it is given the socket of the container engine, as compose files and instructions here say: who has
        /// that is root on the host whatever its user is.
        holds_socket: Type::Bool,
        /// Whether something shows that it wants to be root: compose files, manifests or instructions here give it
        /// devices, capabilities or all rights of the host, it listens where only routers and name servers do, or it
        /// installs what works on the machine (udev, iptables) or changes users (sudo); or that its user is of no matter,
        /// because AWS Lambda gives it another.
        wants_root: Type::Bool,
    }
}

/// Programs that change the user, or that are known to leave root to their first process.
const LEAVE: [&str; 20] = [
    "gosu",
    "su-exec",
    "setpriv",
    "runuser",
    "s6-setuidgid",
    "s6-svscan",
    "s6-applyuidgid",
    "chpst",
    "setuidgid",
    "start-stop-daemon",
    "chroot",
    "capsh",
    "su",
    "supervisord",
    "nginx",
    "httpd",
    "apache2ctl",
    "apache2-foreground",
    "php-fpm",
    "sshd",
];

/// Programs that answer requests.
const SERVERS: [&str; 22] = [
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "waitress-serve",
    "uwsgi",
    "puma",
    "unicorn",
    "thin",
    "rackup",
    "flask",
    "streamlit",
    "fastapi",
    "serve",
    "server",
    "runserver",
    "start-server",
    "http-server",
    "catalina.sh",
    "java",
    "dotnet",
    "nginx",
];

/// Scripts that are read for one image.
const MOST_SCRIPTS: usize = 20;
/// Scripts longer than this are not read.
const LONGEST: usize = 200_000;

/// What the rest of the repository says.
struct Around<'a> {
    scripts: &'a Scripts<'a>,
    /// How services run the image.
    runs: &'a [&'a Run],
    /// Images that manifests keep from root.
    kept: &'a BTreeSet<String>,
    /// The instructions at the top of the repository mount the engine's socket.
    holds_socket: bool,
    /// They give what they start rights of the host.
    is_trusted: bool,
    /// Images to which manifests give rights of the host.
    trusted: &'a BTreeSet<String>,
}

/// What the facts of one Dockerfile say.
#[derive(Default)]
struct Said<'f, 's> {
    last: Option<&'f Fact<'s>>,
    /// Words of CMD and ENTRYPOINT in stages that ship.
    words: Vec<&'s str>,
    exposes: bool,
    /// It installs or listens on what only root can use.
    works_as_root: bool,
    /// What a file of the context is called in the image.
    renamed: HashMap<String, String>,
}

/// States what every Dockerfile starts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], composed: &Composed, found: &mut Vec<Fact<'s>>) {
    let all = said(sources, facts);
    if all.is_empty() {
        return;
    }
    let scripts = Scripts::new(sources);
    let kept = not_root(facts);
    let trusted = rights::of_images(facts);
    let at_top = || sources.iter().filter(|source| is_main(source.path()) && is_said(source));
    let holds_socket = at_top().any(|source| source.text().contains("/var/run/docker.sock:"));
    let is_trusted = at_top().any(|source| rights::are_told(source.text()));
    for (id, said) in &all {
        let Some(source) = sources.get(*id as usize) else { continue };
        if let Some(last) = said.last {
            let runs = said.runs(source, composed);
            let around =
                Around { scripts: &scripts, runs: &runs, kept: &kept, holds_socket, is_trusted, trusted: &trusted };
            found.push(said.fact(last, source, &around));
        }
    }
}

/// What each Dockerfile says.
fn said<'f, 's>(sources: &'s [Source], facts: &'f [Fact<'s>]) -> BTreeMap<u32, Said<'f, 's>> {
    let mut all: BTreeMap<u32, Said<'f, 's>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.subject().inspector() == "dockerfile") {
        if let Some(source) = sources.get(fact.span.source.0 as usize) {
            all.entry(fact.span.source.0).or_default().add(fact, source);
        }
    }
    all
}

/// The Dockerfiles whose last stage shows that it answers requests, or is a product with the start that it brings.
pub(super) fn answering<'s>(sources: &'s [Source], facts: &[Fact<'s>], composed: &Composed) -> BTreeSet<u32> {
    let answers = |(id, said): (u32, Said<'_, 's>)| {
        let source = sources.get(id as usize)?;
        let runs = said.runs(source, composed);
        let brings = said.last.is_some_and(|last| is_product(last) || starts_itself(last, source));
        (!is_developed(&runs) && (brings || said.answers(source, &runs))).then_some(id)
    };
    said(sources, facts).into_iter().filter_map(answers).collect()
}

/// Whether it is only run with the sources mounted into it.
fn is_developed(runs: &[&Run]) -> bool {
    !runs.is_empty() && runs.iter().all(|run| run.mounts_sources)
}

/// Whether a platform runs it that gives every program a user of its own.
fn is_for_lambda(text: &str) -> bool {
    ["aws-lambda-rie", "awslambdaric", "ecr.aws/lambda/"].iter().any(|name| text.contains(name))
}

/// Whether a stage is built on a product, not on a system or a language.
fn is_product(stage: &Fact<'_>) -> bool {
    let image = stage.record.get("base_image").and_then(Value::as_str).unwrap_or_default();
    let role = product::known(image).map(|known| known.product.role);
    role.is_some_and(|role| !matches!(role, ProductRole::Os | ProductRole::Runtime))
}

/// Whether its FROM names a language with a server in it: `php:8.4-fpm`.
fn starts_itself(stage: &Fact<'_>, source: &Source) -> bool {
    let line = source.text().get(stage.span.start as usize..).and_then(|text| text.lines().next()).unwrap_or_default();
    line.contains("-fpm") || line.contains("-apache")
}

impl<'f, 's> Said<'f, 's> {
    /// How services run the last stage.
    fn runs<'c>(&self, source: &Source, composed: &'c Composed) -> Vec<&'c Run> {
        composed.runs.get(source.path()).into_iter().flatten().filter(|run| self.is_meant(run)).collect()
    }

    /// Whether anything shows that it answers requests.
    fn answers(&self, source: &Source, runs: &[&Run]) -> bool {
        self.exposes || runs.iter().any(|run| run.is_published) || self.starts_server(source.path())
    }

    fn add(&mut self, fact: &'f Fact<'s>, source: &'s Source) {
        let name = fact.subject().name;
        let text = |field| fact.record.get(field).and_then(Value::as_str);
        if name == Stage::SUBJECT.name {
            if is_true(&fact.record, "is_final") {
                self.last = Some(fact);
            }
        } else if name == Port::SUBJECT.name {
            self.exposes |= ships(fact);
            self.works_as_root |= ships(fact) && rights::is_port_of_root(fact);
        } else if name == Command::SUBJECT.name {
            self.works_as_root |= ships(fact) && rights::installs_tool_of_root(fact);
        } else if name == Entry::SUBJECT.name {
            let whole = fact.record.get("whole").and_then(|whole| whole.span).filter(|_| ships(fact));
            let Some(whole) = whole.and_then(|span| source.text().get(span.range())) else { return };
            if text("keyword") == Some("HEALTHCHECK") {
                self.exposes |= ["localhost", "127.0.0.1", "0.0.0.0"].iter().any(|host| whole.contains(host));
            } else if !is_true(&fact.record, "is_shadowed") {
                let ends = |c: char| c.is_whitespace() || "\"'[],;&|()".contains(c);
                self.words.extend(whole.split(ends).filter(|word| !word.is_empty()).skip(1));
            }
        } else if name == Copied::SUBJECT.name
            && let Some(Data::Record(copy)) = fact.record.get("copy").map(|copy| &copy.data)
            && let (Some(path), Some(destination)) = (text("path"), copy.get("destination").and_then(Value::as_str))
        {
            let (from, to) = (base(path), base(destination));
            if from != to && !to.is_empty() {
                self.renamed.insert(to.to_owned(), from.to_owned());
            }
        }
    }

    /// Whether a program is started that answers requests, and no name says that it ends when its work is done.
    fn starts_server(&self, path: &str) -> bool {
        const ENDING: [&str; 7] = ["migrat", "job", "worker", "seed", "-init", "cronjob", "-cli"];
        let mut words = self.words.iter().copied().chain(path.split('/')).map(str::to_ascii_lowercase);
        let ends = words.any(|word| ENDING.iter().any(|end| word.contains(end)));
        !ends && self.words.iter().any(|word| SERVERS.contains(&base(word)))
    }

    /// Whether a service runs the last stage: it names no other.
    fn is_meant(&self, run: &Run) -> bool {
        let name = self.last.and_then(|last| last.record.get("name")).and_then(Value::as_str);
        run.target.as_deref().is_none_or(|target| name.is_some_and(|name| name.eq_ignore_ascii_case(target)))
    }

    fn fact(&self, last: &Fact<'s>, source: &Source, around: &Around<'_>) -> Fact<'s> {
        let Around { scripts, runs, kept, holds_socket, is_trusted, trusted } = around;
        let span = last.span;
        let record = &last.record;
        let given = !runs.is_empty() && runs.iter().all(|run| run.says_user)
            || names(source.path()).any(|name| kept.contains(&*name));
        let known = given || is_true(record, "drops_privileges");
        let is_main = is_main(source.path());
        // Only root starts the services of a system.
        let starts_services = self.words.windows(3).any(|words| starts_service(words.iter().copied()))
            || scripts.start_services(source, self)
            || self.words.iter().any(|word| word.starts_with("/etc/init.d/"));
        let trusts = self.works_as_root
            || is_for_lambda(source.text())
            || starts_services
            || runs.iter().any(|run| run.is_trusted)
            || *is_trusted && is_main
            || names(source.path()).any(|name| trusted.contains(&*name));
        let socket = runs.iter().any(|run| run.holds_socket) || *holds_socket && is_main;
        let leaves_root = match known || self.words.iter().any(|word| LEAVE.contains(&base(word))) {
            true => Value::bool(true, span),
            false => match scripts.leave_root(source, self) {
                Some(leaves) => Value::bool(leaves, span),
                None => Value::unknown(Reason::Unresolved("the script that the image starts is not here".into()), span),
            },
        };
        let start = Start {
            stage: Value::new(Data::Record(std::sync::Arc::clone(record)), span),
            leaves_root,
            serves: Value::bool(self.answers(source, runs), span),
            is_product: Value::bool(is_product(last), span),
            holds_socket: Value::bool(socket, span),
            wants_root: Value::bool(trusts, span),
        };
        let is_developed = is_developed(runs);
        let role = if is_developed && last.role.is_shipped() { Role::Development } else { last.role };
        start.fact(span, last.path.clone(), role)
    }
}

/// Scripts by the name of their file.
struct Scripts<'s> {
    by_name: HashMap<&'s str, Vec<&'s Source>>,
}

impl<'s> Scripts<'s> {
    fn new(sources: &'s [Source]) -> Self {
        let mut by_name: HashMap<&'s str, Vec<&'s Source>> = HashMap::new();
        for source in sources.iter().filter(|source| is_script(source)) {
            by_name.entry(base(source.path())).or_default().push(source);
        }
        Self { by_name }
    }

    /// Whether a script that is started leaves root; nothing when one is started that is not here.
    fn leave_root(&self, dockerfile: &Source, said: &Said<'_, '_>) -> Option<bool> {
        let mut is_lost = false;
        for word in said.words.iter().take(MOST_SCRIPTS) {
            let started = self.started(word, dockerfile, said);
            is_lost |= started.is_empty() && looks_like_script(word);
            if started.iter().any(|source| leaves_root(source.text())) {
                return Some(true);
            }
        }
        (!is_lost).then_some(false)
    }

    /// Whether a script that is started starts services of the system, which only root can.
    fn start_services(&self, dockerfile: &Source, said: &Said<'_, '_>) -> bool {
        let words = said.words.iter().take(MOST_SCRIPTS);
        words.flat_map(|word| self.started(word, dockerfile, said)).any(|source| {
            let lines = source.text().lines().map(str::trim_start);
            lines.into_iter().any(|line| line.starts_with("/etc/init.d/") || starts_service(line.split_whitespace()))
        })
    }

    /// The scripts here that `word` may mean, those beside the Dockerfile first.
    fn started(&self, word: &str, dockerfile: &Source, said: &Said<'_, '_>) -> Vec<&'s Source> {
        let name = base(word);
        let name = said.renamed.get(name).map_or(name, String::as_str);
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let own = folder(dockerfile.path());
        let near: Vec<&Source> =
            named.iter().copied().filter(|source| source.path().starts_with(own)).take(MOST_SCRIPTS).collect();
        if near.is_empty() { named.iter().copied().take(MOST_SCRIPTS).collect() } else { near }
    }
}

/// `service NAME start`.
fn starts_service<'w>(mut words: impl Iterator<Item = &'w str>) -> bool {
    words.next() == Some("service") && words.next().is_some() && words.next() == Some("start")
}

fn is_script(source: &Source) -> bool {
    let name = base(source.path());
    source.text().len() < LONGEST && (name.ends_with(".sh") || source.text().starts_with("#!"))
}

fn looks_like_script(word: &str) -> bool {
    let name = base(word);
    name.ends_with(".sh") || name.contains("entrypoint") || word == "/init"
}

/// Whether a script calls a program that changes the user.
fn leaves_root(text: &str) -> bool {
    let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
    lines.into_iter().any(|line| {
        let mut words = line.split(|c: char| c.is_whitespace() || ";&|()\"'`$".contains(c));
        words.any(|word| LEAVE.contains(&base(word)) || matches!(word, "--chuid" | "--reuid"))
            || (line.contains("sudo ") && (line.contains(" -u") || line.contains("--user")))
    })
}

/// The names under which manifests may know the image of a Dockerfile: its folder, and what its own name adds.
pub(super) fn names(path: &str) -> impl Iterator<Item = String> {
    const PLAIN: [&str; 6] = ["docker", "build", "deploy", "src", "app", "."];
    let own = base(folder(path)).to_ascii_lowercase();
    let file = base(path).to_ascii_lowercase();
    let suffix = file.strip_prefix("dockerfile.").or(file.strip_suffix(".dockerfile")).map(str::to_owned);
    [Some(own), suffix].into_iter().flatten().filter(|name| !name.is_empty() && !PLAIN.contains(&name.as_str()))
}

/// The names of images that every manifest here runs as another user than root.
fn not_root(facts: &[Fact<'_>]) -> BTreeSet<String> {
    let mut images: BTreeMap<String, bool> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.subject().name == "kubernetes.container") {
        let Some(Data::Record(image)) = fact.record.get("image").map(|image| &image.data) else { continue };
        let Some(repository) = image.get("repository").and_then(Value::as_str) else { continue };
        let keeps = is_true(&fact.record, "runs_as_non_root");
        let all = images.entry(base(repository).to_ascii_lowercase()).or_insert(true);
        *all &= keeps;
    }
    images.into_iter().filter(|(_, keeps)| *keeps).map(|(name, _)| name).collect()
}

/// Whether a Dockerfile makes what the repository is about: it lies at its top, or in a folder there that only builds.
fn is_main(path: &str) -> bool {
    const ASIDE: [&str; 8] =
        ["docker", "dockerfiles", ".docker", "build", "deploy", "container", "containers", "packaging"];
    is_at_top(path) || ASIDE.contains(&folder(path).to_ascii_lowercase().as_str())
}

fn is_at_top(path: &str) -> bool {
    !path.contains('/')
}

/// Whether a source tells people or compose how to start something.
fn is_said(source: &Source) -> bool {
    let path = source.path();
    [".md", ".yml", ".yaml"].iter().any(|end| path.ends_with(end)) && source.text().len() < LONGEST
}

fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

pub(super) fn is_true(record: &Record<'_>, field: &str) -> bool {
    record.get(field).and_then(Value::as_bool) == Some(true)
}

/// Whether the stage of an instruction ships.
fn ships(fact: &Fact<'_>) -> bool {
    match fact.record.get("stage").map(|stage| &stage.data) {
        Some(Data::Record(stage)) => is_true(stage, "is_shipped"),
        _ => false,
    }
}
