//! Whether what is not there is missing, or made before the build.

use super::Found;
use crate::path::{self, below, folder, within};
use crate::source::{Inventory, Presence};

/// Folders and files that builds make, by name or by the beginning of it.
const MADE: [&str; 34] = [
    "dist",
    "build",
    "target",
    "out",
    "output",
    "outputs",
    "bin",
    "binaries",
    "release",
    "releases",
    "publish",
    "artifact",
    "artifacts",
    "node_modules",
    "vendor",
    "wheels",
    "wheelhouse",
    "_output",
    "public",
    "static",
    ".next",
    "obj",
    "pkg",
    "staging",
    "rootfs",
    "generated",
    "gen",
    "tmp",
    "cache",
    ".cache",
    "certs",
    "secrets",
    "ssl",
    "tls",
];
/// Endings of files that a person writes, or that a package manager writes and a person commits.
const WRITTEN: [&str; 43] = [
    "json",
    "toml",
    "lock",
    "yaml",
    "yml",
    "txt",
    "cfg",
    "conf",
    "ini",
    "py",
    "rb",
    "js",
    "mjs",
    "cjs",
    "ts",
    "tsx",
    "go",
    "rs",
    "java",
    "kt",
    "cs",
    "csproj",
    "fsproj",
    "sln",
    "sh",
    "bash",
    "php",
    "sql",
    "xml",
    "gradle",
    "kts",
    "properties",
    "mod",
    "sum",
    "ru",
    "exs",
    "cabal",
    "gemspec",
    "service",
    "template",
    "tmpl",
    "j2",
    "ps1",
];
/// Files without an ending that a person writes.
const NAMED: [&str; 12] = [
    "Gemfile",
    "Gemfile.lock",
    "Makefile",
    "Pipfile",
    "Pipfile.lock",
    "Procfile",
    "Rakefile",
    "gradlew",
    "mvnw",
    "artisan",
    "go.mod",
    "go.sum",
];
/// Files of a folder that are compared.
const MOST: usize = 2_000;

/// What is to be said of `path` (tidy, plain), which is not in `context`.
pub(super) fn judge(context: &str, path: &str, inventory: &Inventory) -> Found {
    let name = path::file_name(path);
    let made = |part: &str| {
        let part = part.to_ascii_lowercase();
        MADE.contains(&part.as_str()) || part.contains("build-") || part.contains("generated")
    };
    if path.split('/').any(made) || inventory.ignored(&within(context, path)) {
        return Found::Unseen;
    }
    if let Some(near) = near(context, path, inventory) {
        return Found::Missing(Some(near));
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let written = WRITTEN.contains(&ending) || NAMED.contains(&name);
    // Who brings a folder along brings what is in it: only a file whose folder is there is surely missing.
    let parent = folder(path);
    let has_parent = parent.is_empty() || inventory.lookup(&within(context, parent)) == Presence::Folder;
    if written && has_parent { Found::Missing(elsewhere(context, name, inventory)) } else { Found::Unseen }
}

/// Something in the same folder whose name differs in its case or one letter.
fn near(context: &str, path: &str, inventory: &Inventory) -> Option<String> {
    let parent = within(context, folder(path));
    let parent = parent.trim_end_matches('/');
    let name = path::file_name(path);
    let entries = inventory.in_dir(parent).iter().take(MOST).filter_map(|entry| below(&entry.path, parent));
    let mut seen = "";
    for entry in entries {
        let first = entry.split('/').next().unwrap_or(entry);
        if first == seen {
            continue;
        }
        seen = first;
        if first != name && is_near(first, name) {
            return Some(within(folder(path), first));
        }
    }
    None
}

/// Another case, or one letter of a long name added, left out or swapped with its neighbour.
fn is_near(one: &str, other: &str) -> bool {
    if one.eq_ignore_ascii_case(other) {
        return true;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    if short.len() < 6 || long.len() - short.len() > 1 {
        return false;
    }
    let start = short.iter().zip(long.iter()).take_while(|(a, b)| a == b).count();
    let rest = |list: &[char]| list.get(start..).map(<[char]>::to_vec).unwrap_or_default();
    let (short, long) = (rest(short), rest(long));
    if short.len() == long.len() {
        let swapped = short.first() == long.get(1) && short.get(1) == long.first();
        return swapped && short.get(2..) == long.get(2..);
    }
    // A digit more is another version, an `s` more another thing.
    long.first().is_some_and(char::is_ascii_alphabetic)
        && long.first() != Some(&'s')
        && long.get(1..) == Some(short.as_slice())
}

/// The only file of that name elsewhere in the context.
fn elsewhere(context: &str, name: &str, inventory: &Inventory) -> Option<String> {
    let files = inventory.in_dir(context).iter().filter_map(|entry| below(&entry.path, context));
    let mut same = files.filter(|path| path.rsplit('/').next() == Some(name));
    same.next().filter(|_| same.next().is_none()).map(str::to_owned)
}
