//! Plain values with their names, as each kind of file writes them.

use std::borrow::Cow;
use std::ops::Range;

use super::context;
use super::judge::Place;
use super::key::among;
use crate::path;
use crate::syntax::tree::Tree;

mod lines;
mod named;
mod tree;

/// A value with its name and place.
#[derive(Clone)]
pub(super) struct Plain<'t> {
    /// The name that says what it is: the last key, the variable.
    pub(super) key: Cow<'t, str>,
    /// The whole path to it, for people: `services.db.environment.POSTGRES_PASSWORD`.
    pub(super) path: String,
    /// The value, quotes resolved and base 64 decoded.
    pub(super) value: Cow<'t, str>,
    /// Where it stands.
    pub(super) range: Range<usize>,
    pub(super) place: Place,
}

/// How a file writes names and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dockerfile,
    Dotenv,
    /// A dotenv file that shows what to fill in.
    DotenvSample,
    Yaml,
    Json,
    Toml,
    Properties,
    /// Terraform and the like: only quoted values are literals.
    Hcl,
    Netrc,
    Pgpass,
    Shell,
    Sql,
    Xml,
    /// A program: only quoted values are literals.
    Code,
    /// Prose: nothing but known formats.
    Prose,
}

const CODE: &str = "\
    go py js mjs cjs ts tsx jsx java c h cpp cc hpp cs rb rs php scala swift kt kts m groovy gradle ex exs erl pl \
    lua dart vue svelte clj fs vb r jl hs nix bzl cmake";

/// The kind that the name of a file shows.
pub(super) fn kind_of(path: &str) -> Kind {
    let name = path::file_name(path).to_ascii_lowercase();
    if is_dockerfile(&name) {
        return Kind::Dockerfile;
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    // `env.ts` is a program, `.env.patch` speaks of a dotenv file.
    let other = among(CODE, ending) || among("yaml yml json toml xml md patch diff orig sh license", ending);
    let prefixed = (name.starts_with(".env.") || name.starts_with("env.")) && !other;
    if name == ".env" || name.ends_with(".env") || prefixed {
        let sample = ["example", "sample", "template", "dist", "tpl", "default", "schema"];
        return if sample.iter().any(|word| name.contains(word)) { Kind::DotenvSample } else { Kind::Dotenv };
    }
    match name.as_str() {
        ".npmrc" | ".pypirc" | ".yarnrc" | ".s3cfg" | ".my.cnf" | "credentials" | "config" | ".boto" => {
            return Kind::Properties;
        }
        ".netrc" | "_netrc" => return Kind::Netrc,
        ".pgpass" => return Kind::Pgpass,
        ".bashrc" | ".profile" | ".zshrc" | ".envrc" | "makefile" | "justfile" => return Kind::Shell,
        ".dockerconfigjson" | ".dockercfg" => return Kind::Json,
        _ => {}
    }
    match ending {
        "yaml" | "yml" => Kind::Yaml,
        "json" | "jsonc" | "tfstate" => Kind::Json,
        "toml" => Kind::Toml,
        "properties" | "ini" | "cfg" | "conf" | "cnf" | "config" => Kind::Properties,
        "tf" | "tfvars" | "hcl" => Kind::Hcl,
        "sh" | "bash" | "zsh" | "mk" | "ps1" | "bat" | "cmd" => Kind::Shell,
        "sql" => Kind::Sql,
        "xml" => Kind::Xml,
        _ if among(CODE, ending) => Kind::Code,
        _ => Kind::Prose,
    }
}

fn is_dockerfile(name: &str) -> bool {
    ["dockerfile", "containerfile"].iter().any(|word| {
        name == *word
            || name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '-']))
            || name.strip_suffix(word).is_some_and(|rest| rest.ends_with(['.', '-']))
    })
}

/// Whether what stands in such a file is what a service gets.
pub(super) fn is_deployed(kind: Kind) -> bool {
    matches!(kind, Kind::Dockerfile | Kind::Dotenv)
}

/// Whether a YAML text sets something up: an object of a cluster, or the services of a compose file.
fn is_manifest(text: &str) -> bool {
    let has = |key: &str| text.starts_with(key) || text.contains(&format!("\n{key}"));
    (has("apiVersion:") && has("kind:")) || has("services:")
}

/// The values of a text whose names could promise a secret. `names` says where words of such names stand; `tree` is
/// asked only for data formats.
pub(super) fn read<'t>(path: &str, text: &'t str, names: &[usize], tree: impl FnOnce() -> &'t Tree) -> Vec<Plain<'t>> {
    if names.is_empty() && !path.ends_with("pgpass") {
        return Vec::new();
    }
    let kind = kind_of(path);
    // A service may be called `messages`: what only it can have is read there, too.
    let is_own = matches!(kind, Kind::Dotenv | Kind::Dockerfile | Kind::Netrc | Kind::Pgpass | Kind::Hcl | Kind::Shell);
    let sets_up = || kind == Kind::Yaml && is_manifest(text);
    if !is_own && context::is_translation(path) && !sets_up() {
        return Vec::new();
    }
    match kind {
        Kind::Yaml | Kind::Json => tree::read(path, tree(), names),
        Kind::Toml => lines::assignments(text, names, Place::Data),
        Kind::Dotenv => lines::assignments(text, names, Place::Dotenv),
        Kind::DotenvSample => lines::assignments(text, names, Place::Data),
        Kind::Properties => lines::assignments(text, names, Place::Properties),
        Kind::Netrc => lines::netrc(text),
        Kind::Pgpass => lines::pgpass(text),
        Kind::Dockerfile => lines::dockerfile(text),
        Kind::Hcl | Kind::Code | Kind::Shell | Kind::Sql | Kind::Xml => named::read(kind, text, names),
        Kind::Prose => Vec::new(),
    }
}
