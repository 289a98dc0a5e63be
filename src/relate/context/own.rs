//! Images that a build pulls, and whether the repository makes them itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::start::is_true;
use crate::fact::{Data, Fact, Role, Type, Value};
use crate::inspect::dockerfile::facts::run_schema::Command;
use crate::inspect::dockerfile::facts::schema::Image;
use crate::path;
use crate::product::{self, ProductRole};
use crate::source::Source;

crate::subject! {
    /// An image from outside that the build uses, with what the rest of the repository says of it. Stands on its name.
    pub struct Pull: "dockerfile.pull" {
        /// The image.
        image: Type::Record(Image::SUBJECT),
        /// Whether a Dockerfile here makes it, as far as names tell: one in a folder of its name, or named after it; or it
        /// comes from whoever the repository belongs to.
        is_own: Type::Bool,
        /// Whether a bake file, a pipeline or a command gives a build context that name, or it only holds the place of one, so
        /// that no image of that name is pulled.
        is_context: Type::Bool,
        /// Whether its publisher gives it tags that name a version and stay of use: distroless and Chainguard's free images
        /// have none, and distributions that roll want the newest.
        has_versions: Type::Bool,
        /// Whether a build argument says the tag, so that what stands here is only its default.
        tag_is_argument: Type::Bool,
        /// Whether only files are taken out of it (COPY, RUN, a stage of nothing but FROM), so that nothing is built on it.
        is_only_read: Type::Bool,
        /// Whether it is a product whose tags are known to name versions: of what others publish, or somebody builds on
        /// the same machine, that cannot be told.
        is_known: Type::Bool,
        /// Whether little of what is built on it hangs on its version: it is a plain system into which files are copied,
        /// and no language, compiler or server is installed.
        carries_little: Type::Bool,
    }
}

/// Distributions that roll: an old tag of theirs cannot install anything any more.
const ROLLING: [&str; 7] = [
    "archlinux",
    "archlinux/archlinux",
    "opensuse/tumbleweed",
    "kalilinux/kali-rolling",
    "gentoo/stage3",
    "gentoo/portage",
    "voidlinux/voidlinux",
];

/// Where images have no tags that name a version.
const WITHOUT_VERSIONS: [&str; 4] =
    ["gcr.io/distroless/", "cgr.dev/chainguard/", "docker.io/chainguard/", "quay.io/prometheus/busybox"];

/// States what is pulled; `composed` are the names that compose files give what they build.
pub(super) fn relate<'s>(
    sources: &'s [Source],
    facts: &[Fact<'s>],
    composed: &BTreeSet<String>,
    found: &mut Vec<Fact<'s>>,
) {
    let images: Vec<&Fact<'s>> = facts.iter().filter(|fact| fact.subject().name == Image::SUBJECT.name).collect();
    let mut readers: Vec<u32> = images.iter().map(|fact| fact.span.source.0).collect();
    readers.dedup();
    let made = Made::new(readers.iter().filter_map(|id| Some((*id, sources.get(*id as usize)?.path()))));
    let mut contexts = Contexts::default();
    let heavy = heavy(facts);
    let owner = owner(sources);
    for fact in images {
        let text = |field| fact.record.get(field).and_then(Value::as_str);
        let name = text("name").unwrap_or_default();
        let written = sources.get(fact.span.source.0 as usize).and_then(|source| source.text().get(fact.span.range()));
        let tag = written.and_then(|text| text.rsplit('/').next()?.split_once(':')).map(|(_, tag)| tag);
        let source = sources.get(fact.span.source.0 as usize);
        let is_source = source.is_some_and(|source| is_bare_stage(source.text(), fact.span.end as usize));
        let is_own =
            made.by_another(name, fact.span.source.0) || composed.contains(name) || is_of(name, owner.as_deref());
        let is_bare = !name.contains(['/', '.', ':']) && !is_true(&fact.record, "has_version");
        let pull = Pull {
            image: Value::new(Data::Record(Arc::clone(&fact.record)), fact.span),
            is_own: Value::bool(is_own, fact.span),
            is_context: Value::bool(is_bare && (is_slot(name) || contexts.name(name, sources)), fact.span),
            has_versions: Value::bool(has_versions(name), fact.span),
            tag_is_argument: Value::bool(is_argument(written.unwrap_or_default(), tag), fact.span),
            is_only_read: Value::bool(text("keyword") != Some("FROM") || is_source, fact.span),
            is_known: Value::bool(product::known(name).is_some(), fact.span),
            carries_little: Value::bool(
                text("keyword") == Some("FROM") && is_system(name) && !heavy.contains(&(fact.span.source.0, name)),
                fact.span,
            ),
        };
        // That nothing shows the image to answer anybody says nothing of what is pulled.
        let role = match (fact.role, source) {
            (Role::Tool, Some(source)) => source.role,
            (role, _) => role,
        };
        found.push(pull.fact(fact.span, fact.path.clone(), role));
    }
}

/// Whether the stage whose FROM ends behind `at` has no other instruction, and another stage follows.
fn is_bare_stage(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let lines = rest.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.into_iter().next().and_then(|line| line.get(..5)).is_some_and(|word| word.eq_ignore_ascii_case("from "))
}

fn has_versions(name: &str) -> bool {
    let short = name.strip_prefix("docker.io/").unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    // `ubi9/ubi-minimal`: the release stands in the name, and `latest` stays within it.
    let is_release = |segment: &str| {
        let digits = segment.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        digits.bytes().all(|byte| byte.is_ascii_digit())
            && matches!(segment.strip_suffix(digits), Some("ubi" | "rhel" | "sle" | "el"))
            && !digits.is_empty()
    };
    !WITHOUT_VERSIONS.iter().any(|start| name.starts_with(start))
        && !ROLLING.contains(&short)
        && !name.split('/').any(is_release)
}

/// Whether a build argument gives the tag, or the whole name.
fn is_argument(written: &str, tag: Option<&str>) -> bool {
    tag.is_some_and(|tag| tag.contains('$')) || written.starts_with('$') && !written.contains('/')
}

fn is_system(name: &str) -> bool {
    product::known(name).is_some_and(|known| known.product.role == ProductRole::Os)
}

/// Images, by the file that builds on them, in whose stages something is compiled, or installed that differs from release
/// to release.
fn heavy<'f>(facts: &'f [Fact<'_>]) -> BTreeSet<(u32, &'f str)> {
    let mut heavy = BTreeSet::new();
    for fact in facts.iter().filter(|fact| fact.subject().name == Command::SUBJECT.name) {
        let Some(Data::Record(stage)) = fact.record.get("stage").map(|stage| &stage.data) else { continue };
        if let Some(image) = stage.get("base_image").and_then(Value::as_str)
            && is_heavy(fact)
        {
            heavy.insert((fact.span.source.0, image));
        }
    }
    heavy
}

/// Beginnings of packages that are another language, compiler or server in every release.
const HEAVY: [&str; 46] = [
    "ansible",
    "apache2",
    "asterisk",
    "autoconf",
    "bind9",
    "build-base",
    "build-essential",
    "cargo",
    "chromium",
    "clang",
    "cmake",
    "composer",
    "cuda",
    "default-jdk",
    "default-jre",
    "dotnet",
    "elixir",
    "erlang",
    "ffmpeg",
    "firefox",
    "g++",
    "gcc",
    "ghc",
    "golang",
    "httpd",
    "imagemagick",
    "java-",
    "llvm",
    "lua",
    "make",
    "mariadb",
    "mono-",
    "mysql",
    "nginx",
    "nodejs",
    "npm",
    "openjdk",
    "perl",
    "php",
    "postfix",
    "postgresql",
    "python",
    "py3-",
    "r-base",
    "redis",
    "ruby",
];

/// Whether a command compiles, or installs what differs from release to release.
fn is_heavy(command: &Fact<'_>) -> bool {
    const BUILDS: [&str; 10] = ["make", "cmake", "gcc", "g++", "mvn", "gradle", "python", "python3", "node", "java"];
    let text = |field| command.record.get(field).and_then(Value::as_str);
    let Some(manager) = text("manager") else {
        let name = text("name").unwrap_or_default();
        return BUILDS.contains(&name) || is_true(&command.record, "feeds_shell");
    };
    if !matches!(manager, "apt" | "apk" | "dnf" | "yum" | "zypper") {
        return true;
    }
    let Some(Data::List(packages)) = command.record.get("packages").map(|packages| &packages.data) else {
        return false;
    };
    let is_heavy = |name: &str| {
        HEAVY.iter().any(|start| name.starts_with(start)) || ["-dev", "-devel"].iter().any(|end| name.ends_with(end))
    };
    text("action") == Some("install")
        && packages.iter().any(|package| match &package.data {
            Data::Record(package) => package.get("name").and_then(Value::as_str).is_none_or(is_heavy),
            _ => true,
        })
}

/// Whose the repository is: the name that its README at the top names most often on GitHub.
fn owner(sources: &[Source]) -> Option<String> {
    const HOST: &str = "github.com/";
    let readme = sources.iter().find(|source| source.path().eq_ignore_ascii_case("readme.md"))?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (at, _) in readme.text().match_indices(HOST).take(MOST_NAMES) {
        let rest = &readme.text()[at + HOST.len()..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
        *counts.entry(rest[..end].to_ascii_lowercase()).or_default() += 1;
    }
    counts.into_iter().filter(|(name, _)| !name.is_empty()).max_by_key(|(_, count)| *count).map(|(name, _)| name)
}

/// Whether an image lies in the namespace of `owner`, on Docker Hub or elsewhere.
fn is_of(name: &str, owner: Option<&str>) -> bool {
    let mut folders = path::folder(name).split('/');
    folders.any(|folder| owner.is_some_and(|owner| folder.eq_ignore_ascii_case(owner)))
}

/// Whether a default holds the place of a name that every build gives.
fn is_slot(name: &str) -> bool {
    matches!(name, "placeholder" | "unset" | "undefined" | "none" | "invalid" | "changeme" | "override-me")
}

/// What bake files, pipelines and commands call build contexts, asked for name by name.
#[derive(Default)]
struct Contexts {
    known: HashMap<String, bool>,
}

impl Contexts {
    fn name(&mut self, name: &str, sources: &[Source]) -> bool {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        if self.known.len() >= MOST_NAMES {
            return false;
        }
        let mut builds = sources.iter().filter(|source| builds(source.path()) && source.text().len() < LONGEST);
        let given = !name.is_empty() && builds.any(|source| gives(source.text(), name));
        self.known.insert(name.to_owned(), given);
        given
    }
}

/// Names of contexts that are looked for.
const MOST_NAMES: usize = 200;
/// Texts longer than this are not read.
const LONGEST: usize = 400_000;

fn builds(path: &str) -> bool {
    const ENDS: [&str; 7] = [".hcl", ".json", ".yml", ".yaml", ".sh", ".mk", ".md"];
    let name = path::file_name(path);
    ENDS.iter().any(|end| name.ends_with(end)) || matches!(name, "Makefile" | "justfile" | "Taskfile")
}

/// Whether a text calls a build context `name`: `name = "target:…"` in a bake file, `--build-context name=…`.
fn gives(text: &str, name: &str) -> bool {
    let is_edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'));
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if !is_edge(before.chars().next_back()) || !is_edge(after.chars().next()) {
            return false;
        }
        let blank = |c: char| matches!(c, '"' | '\'' | ' ' | '\t');
        let Some(value) = after.trim_start_matches(blank).strip_prefix(['=', ':']) else { return false };
        let value = value.trim_start_matches(blank);
        let flagged = before.trim_end_matches(blank).trim_end_matches('=').ends_with("--build-context");
        flagged || ["target:", "docker-image:", "oci-layout:", "service:"].iter().any(|kind| value.starts_with(kind))
    })
}

/// The names that Dockerfiles give what they make, with the Dockerfiles: their folder, and what their own name adds.
#[derive(Default)]
struct Made {
    names: HashMap<String, Vec<u32>>,
    suffixes: HashMap<String, Vec<u32>>,
}

impl Made {
    fn new<'p>(paths: impl Iterator<Item = (u32, &'p str)>) -> Self {
        let mut made = Self::default();
        for (id, path) in paths {
            let lower = path.to_ascii_lowercase();
            let mut parts = lower.rsplit('/');
            let file = parts.next().unwrap_or_default();
            if let Some(folder) = parts.next() {
                made.names.entry(folder.to_owned()).or_default().push(id);
            }
            let file = file.strip_prefix("dockerfile.").or(file.strip_prefix("containerfile."));
            if let Some(suffix) = file.or(lower.rsplit('/').next().and_then(|file| file.strip_suffix(".dockerfile"))) {
                made.names.entry(suffix.to_owned()).or_default().push(id);
                made.suffixes.entry(suffix.to_owned()).or_default().push(id);
            }
        }
        made
    }

    /// Whether a Dockerfile other than `reader` makes the image. An official image has no namespace: `postgres` is not
    /// made by a folder of that name.
    fn by_another(&self, image: &str, reader: u32) -> bool {
        let last = match image.rsplit_once('/') {
            Some((_, last)) => last,
            None if product::known(image).is_none() && image.contains('-') => image,
            None => return false,
        };
        let last = last.to_ascii_lowercase();
        let others = |ids: Option<&Vec<u32>>| ids.is_some_and(|ids| ids.iter().any(|id| *id != reader));
        // `shop-base-java` beside `base-java/Dockerfile`.
        let mut ends = last.match_indices('-').filter_map(|(at, _)| last.get(at + 1..)).filter(|end| end.contains('-'));
        if ends.any(|end| others(self.names.get(end))) {
            return true;
        }
        // `outline-base` beside `Dockerfile.base`.
        let end = last.rsplit_once('-').map(|(_, end)| end);
        others(self.names.get(&last)) || end.is_some_and(|end| others(self.suffixes.get(end)))
    }
}
