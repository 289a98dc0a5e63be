//! `init`: write a policy that fits what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;

use crate::cli::InitArgs;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::inspect::Inspectors;
use crate::path;
use crate::settings::layer::NAMES;
use crate::source::{self, Claims, Inputs, Loaded, Root};

/// Where the schema of a policy is found, for editors.
const SCHEMA_URL: &str = "https://raw.githubusercontent.com/seaworthy-dev/seaworthy/main/schemas/policy.schema.json";

/// Writes `seaworthy.yaml`.
///
/// # Errors
/// There is a policy already, or the file cannot be written.
pub fn run(args: &InitArgs) -> Result<ExitCode, Error> {
    let inputs = Inputs {
        folder: std::env::current_dir().unwrap_or_default(),
        paths: vec![args.path.clone().into_std_path_buf()],
        ..Inputs::default()
    };
    let root = Root::of(&inputs)?;
    let folder = root.named().first().map_or_else(String::new, |named| named.path.clone());
    let place = root.path().join(&folder);
    if !place.is_dir() {
        return Err(Error::usage(format!("`{}` is not a folder", args.path), None));
    }
    if let Some(name) = NAMES.iter().find(|name| fs::symlink_metadata(place.join(name)).is_ok()) {
        let help = Some("change that one, or take it away first".to_owned());
        return Err(Error::usage(format!("there is a policy already: `{name}`"), help));
    }
    let loaded = source::load(root, &inputs, &Inspectors);
    let text = policy(&loaded, &folder);
    let file = place.join(NAMES[0]);
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&file);
    written
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .map_err(|error| Error::usage(format!("cannot write {}: {error}", file.display()), None))?;
    let name = if folder.is_empty() { NAMES[0].to_owned() } else { format!("{folder}/{}", NAMES[0]) };
    super::put_masked(&format!("{name}\n")).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

/// What was found, in one line each.
fn found(loaded: &Loaded) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for inspector in loaded.claims.iter().flatten() {
        *counts.entry(Inspectors.name(*inspector)).or_default() += 1;
    }
    counts.iter().map(|(name, n)| format!("{name}: {n}")).collect()
}

fn policy(loaded: &Loaded, folder: &str) -> String {
    let below = |path: &str| path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/').to_owned();
    let mut text = format!("# yaml-language-server: $schema={SCHEMA_URL}\nschema: seaworthy/policy/1\n");
    let found = found(loaded);
    if !found.is_empty() {
        text += &format!("# Files found, by inspector: {}.\n", found.join(", "));
    }
    text += "extends: [builtin:recommended]\n";
    text += &roles(loaded, &below);
    text += "\nenvironments:\n  production:\n    gate: {fail-on: high, min-score: 70}\n";
    text += &variables(loaded, &below);
    text += "\n# Items gate where they say so. `seaworthy checklist` shows all; `seaworthy attest ITEM` answers one.\n";
    text += "checklist:\n  extends: [builtin:pre-deployment, builtin:during-deployment, builtin:post-deployment]\n";
    text += "  items:\n    - {id: secrets-stored-safely, required: [production]}\n";
    let has = |name: &str| loaded.claims.iter().flatten().any(|inspector| Inspectors.name(*inspector) == name);
    if has("kubernetes") {
        text += "    - {id: least-privilege, required: [production]}\n";
        text += "    - {id: load-balancer-configured, required: [production]}\n";
    }
    text += "attestations: .seaworthy/attestations\n";
    text
}

/// The roles that the names of folders show, so that a wrong guess can be put right.
fn roles(loaded: &Loaded, below: &dyn Fn(&str) -> String) -> String {
    let mut lines = BTreeSet::new();
    for (source, evidence) in loaded.sources.iter().zip(&loaded.evidence) {
        let path = below(source.path());
        if let (Some(_), Some((top, _))) = (evidence, path.split_once('/')) {
            lines.insert((top.to_owned(), source.role.name()));
        }
    }
    let mut by_folder: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (folder, role) in lines {
        by_folder.entry(folder).or_default().push(role);
    }
    let sure = by_folder.iter().filter(|(_, roles)| roles.len() == 1);
    let lines: Vec<String> =
        sure.map(|(folder, roles)| format!("  # {}: {}\n", quoted(&format!("{folder}/**")), roles.join(""))).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "\n# What files are for, as it was guessed; state it where the guess is wrong.\n# roles:\n{}",
        lines.concat()
    )
}

/// Names from `.env.example` and the like, so that a missing one is found before the release. Never a value.
fn variables(loaded: &Loaded, below: &dyn Fn(&str) -> String) -> String {
    let mut names = BTreeSet::new();
    let mut files = BTreeSet::new();
    let is_sample = |path: &str| {
        let name = path::file_name(path);
        [".env.example", ".env.sample", ".env.template", ".env.dist"].contains(&name)
    };
    for source in loaded.sources.iter().filter(|source| is_sample(source.path())) {
        files.insert(below(source.path()));
        for line in source.text().lines().take(200) {
            let line = line.trim().trim_start_matches("export ").trim_start();
            let Some((name, _)) = line.split_once('=') else { continue };
            let name = name.trim();
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if is_name && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                names.insert(name.to_owned());
            }
        }
    }
    if names.is_empty() {
        return String::new();
    }
    let files = files.into_iter().collect::<Vec<_>>().join(", ");
    let mut text =
        format!("    # From {files}: say what each is, and uncomment those that must be set.\n    # variables:\n");
    for name in names {
        text += &format!("    #   {name}: {{type: {}, required: true}}\n", kind(&name));
    }
    text
}

/// What a variable of that name usually is.
fn kind(name: &str) -> &'static str {
    match () {
        () if name.ends_with("PORT") => "port",
        () if name.ends_with("URL") || name.ends_with("URI") => "url",
        () if name.ends_with("HOST") => "host",
        () if name.ends_with("EMAIL") => "email",
        () => "string",
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
