//! What package managers are told on their command lines: data and small readers, no judgement.

use super::flags::{comes_with_php, valued};
use super::layer::{Arg, Command};

/// A package manager's command, understood.
#[derive(Debug)]
pub(super) struct Call<'c, 's> {
    pub(super) manager: &'static str,
    /// The action in one vocabulary (`install`, `update`, `upgrade`, `remove` …), and its word.
    pub(super) action: &'static str,
    pub(super) action_word: &'c Arg<'s>,
    /// The words after it that are neither flags nor their values.
    pub(super) operands: Vec<&'c Arg<'s>>,
}

/// A package that is named, with its version.
pub(super) struct Named<'t> {
    pub(super) name: &'t str,
    pub(super) version: Option<&'t str>,
    pub(super) pinned: bool,
}

/// The package manager that `command` is.
pub(super) fn manager(command: &Command<'_>) -> Option<&'static str> {
    let name = command.name.as_str();
    let module = |name: &str| command.args.windows(2).any(|pair| pair[0].text == "-m" && pair[1].text == name);
    Some(match name {
        "apt" | "apt-get" | "aptitude" => "apt",
        "apk" => "apk",
        "dnf" | "microdnf" | "tdnf" | "dnf5" => "dnf",
        "yum" => "yum",
        "zypper" => "zypper",
        "npm" => "npm",
        "yarn" | "yarnpkg" => "yarn",
        "pnpm" => "pnpm",
        "gem" => "gem",
        "bundle" | "bundler" => "bundle",
        "go" => "go",
        "cargo" => "cargo",
        "composer" | "composer.phar" => "composer",
        "pecl" | "install-php-extensions" => "pecl",
        "uv" => "uv",
        "pipx" => "pipx",
        _ if is_versioned(name, "pip") => "pip",
        _ if is_versioned(name, "python") && module("pip") => "pip",
        _ => return None,
    })
}

/// Whether a command installs nothing but what has one of the hashes that a file lists.
pub(super) fn checks_hashes(command: &Command<'_>) -> bool {
    matches!(manager(command), Some("pip" | "uv")) && command.has("--require-hashes")
}

/// What a command installs from an index of Python packages without looking at hashes.
pub(super) fn installs_unhashed<'c, 's>(command: &'c Command<'s>) -> Option<&'c Arg<'s>> {
    if command.name == "opentelemetry-bootstrap" {
        return command.args.iter().find(|word| matches!(&*word.text, "install" | "--action=install" | "-ainstall"));
    }
    let call = call(command).filter(|call| matches!(call.manager, "pip" | "uv") && call.action == "install")?;
    let is_local = |word: &&Arg<'_>| {
        let text = &*word.text;
        text.starts_with(['.', '/']) || text.ends_with(".whl") || text.ends_with(".tar.gz") || word.has_expansion
    };
    let told = ["--require-hashes", "--no-index", "--no-deps"].iter().any(|flag| command.has(flag));
    let itself = |word: &&Arg<'_>| matches!(&*word.text, "pip" | "setuptools" | "wheel" | "uv");
    let packages = call.operands.iter().find(|word| !is_local(word) && !itself(word)).copied();
    packages.filter(|_| !told)
}

/// `pip`, `pip3`, `pip3.12`.
fn is_versioned(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// The action in the common vocabulary.
fn action(manager: &str, word: &str) -> &'static str {
    match (manager, word) {
        ("apt", "install" | "reinstall")
        | ("apk", "add")
        | ("gem" | "pip" | "pipx" | "pecl" | "go" | "cargo", "install")
        | ("gem", "i") => "install",
        ("apt", "dist-upgrade" | "full-upgrade") | ("zypper", "dist-upgrade" | "dup") => "dist-upgrade",
        ("apt", "build-dep" | "satisfy") => "build-dep",
        (
            "dnf" | "yum",
            "install" | "groupinstall" | "localinstall" | "reinstall" | "in" | "rei" | "group" | "module",
        ) => "install",
        ("dnf" | "yum", "update" | "upgrade" | "up" | "upgrade-minimal" | "update-minimal" | "up-min") => "upgrade",
        ("dnf" | "yum", "makecache" | "check-update") => "update",
        ("zypper", "install" | "in" | "source-install" | "si") => "install",
        ("zypper", "update" | "up" | "patch") => "upgrade",
        ("zypper", "refresh" | "ref") => "update",
        ("npm", "install" | "i" | "add" | "isntall")
        | ("pnpm", "install" | "i" | "add")
        | ("yarn", "install" | "add") => "install",
        ("npm", "ci" | "clean-install") => "ci",
        ("composer", "install") | ("bundle", "install") => "install",
        ("composer", "require") => "require",
        ("go", "get") => "get",
        ("go", "run") => "run",
        ("apt" | "apk", "upgrade") => "upgrade",
        ("apt" | "apk", "update") => "update",
        (_, "remove" | "purge" | "autoremove" | "del" | "erase" | "rm" | "uninstall" | "delete") => "remove",
        (_, "clean" | "autoclean" | "distclean" | "dist-clean" | "cc") => "clean",
        ("uv", "sync") => "sync",
        _ => "other",
    }
}

/// What `command` tells its package manager.
pub(super) fn call<'c, 's>(command: &'c Command<'s>) -> Option<Call<'c, 's>> {
    let manager = manager(command)?;
    let flags = valued(manager);
    let mut words = Vec::new();
    let mut args = command.args.iter();
    // `python -m pip`, `uv pip` and `yarn global` come before the action.
    let mut leading = matches!(manager, "pip" | "uv");
    while let Some(word) = args.next() {
        let text = &*word.text;
        if text == "--" {
            // What follows are flags for the compiler.
            if manager == "gem" {
                break;
            }
            continue;
        }
        if text.starts_with('-') {
            if flags.contains(&text) {
                let value = args.next();
                if text == "-m" && value.is_some_and(|value| value.text == "pip") {
                    leading = false;
                }
            }
            continue;
        }
        if leading && text == "pip" {
            leading = false;
            continue;
        }
        words.push(word);
    }
    if manager == "yarn" && words.first().is_some_and(|word| word.text == "global") {
        words.remove(0);
    }
    if command.name == "install-php-extensions" {
        words.retain(|word| !comes_with_php(&word.text));
        let first = *words.first()?;
        return Some(Call { manager, action: "install", action_word: first, operands: words });
    }
    let bare_yarn = manager == "yarn" && words.is_empty();
    let first = if bare_yarn { return bare(command, manager) } else { *words.first()? };
    let pip_of_uv = manager == "uv" && command.args.iter().any(|word| word.text == "pip");
    let action = match (manager, &*first.text) {
        ("uv", word) if pip_of_uv => action("pip", word),
        (manager, word) => action(manager, word),
    };
    Some(Call { manager, action, action_word: first, operands: words.into_iter().skip(1).collect() })
}

/// `yarn` alone installs.
fn bare<'c, 's>(command: &'c Command<'s>, manager: &'static str) -> Option<Call<'c, 's>> {
    let word = command.args.first()?;
    let asks = ["--version", "-v", "--help", "-h"].contains(&&*word.text);
    (!asks).then_some(Call { manager, action: "install", action_word: word, operands: Vec::new() })
}

/// An operand as a package.
pub(super) fn package<'t>(call: &Call<'_, '_>, command: &Command<'_>, text: &'t str) -> Named<'t> {
    let (name, version) = match call.manager {
        "apt" | "zypper" => split(text, &["=", "/", ">", "<"]),
        "apk" => split(text, &["~=", "=~", "=", "~", ">", "<", "@"]),
        "pip" | "pipx" | "uv" if text.contains("://") => (text, after_reference(text)),
        "npm" | "yarn" | "pnpm" if text.contains("://") => (text, text.split_once('#').map(|(_, at)| at)),
        "pip" | "pipx" | "uv" => split(text, &["===", "==", "~=", ">=", "<=", "!=", ">", "<", "@"]),
        "npm" | "yarn" | "pnpm" => after_scope(text),
        "gem" => split(text, &[":"]),
        "go" | "cargo" => split(text, &["@"]),
        "composer" => split(text, &[":", "="]),
        "pecl" => version_after_dash(text),
        "dnf" | "yum" if call.action_word.text == "module" => split(text, &[":"]),
        "dnf" | "yum" => version_after_dash(text),
        _ => (text, None),
    };
    let flagged = match call.manager {
        "gem" | "cargo" => {
            command.flag("--version").is_some()
                || command.flag("-v").is_some()
                || command.flag("--tag").is_some()
                || command.flag("--rev").is_some()
        }
        _ => false,
    };
    let is_channel = matches!(version, Some("latest" | "next" | "none" | "upgrade" | "stable" | ""));
    let moving = is_channel && call.manager != "apt"; // `git/stable` names a release of Debian
    Named { name, version, pinned: (version.is_some() && !moving) || flagged || is_file(call.manager, text) }
}

fn split<'t>(text: &'t str, separators: &[&str]) -> (&'t str, Option<&'t str>) {
    let found = separators.iter().filter_map(|separator| Some((text.find(separator)?, separator.len())));
    // The first place; there, the longest: `>=`, not `>`.
    let at = found.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length)));
    at.map_or((text, None), |(at, length)| (&text[..at], Some(&text[at + length..])))
}

fn after_scope(text: &str) -> (&str, Option<&str>) {
    let scope = usize::from(text.starts_with('@'));
    match text[scope..].find('@') {
        Some(at) => (&text[..scope + at], Some(&text[scope + at + 1..])),
        None => (text, None),
    }
}

/// `name-1.2`: a dash before a digit begins the version.
fn version_after_dash(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let at = text.match_indices('-').find(|(at, _)| {
        let next = bytes.get(at + 1);
        next.is_some_and(u8::is_ascii_digit) || next == Some(&b'$')
    });
    at.map_or((text, None), |(at, _)| (&text[..at], Some(&text[at + 1..])))
}

/// The `@v1` of `git+https://host/a.git@v1#egg=a`.
fn after_reference(text: &str) -> Option<&str> {
    let path = text.split_once("://").map(|(_, rest)| rest)?;
    let path = path.split(['#', '?']).next().unwrap_or(path);
    path.split_once('/').and_then(|(_, path)| path.rsplit_once('@')).map(|(_, reference)| reference)
}

/// Whether an address is one of a repository, which moves, not of an archive.
fn is_repository(manager: &str, text: &str) -> bool {
    let starts = ["git+", "git://", "git@", "hg+", "svn+", "bzr+"].iter().any(|start| text.starts_with(start));
    starts && matches!(manager, "pip" | "pipx" | "uv" | "npm" | "yarn" | "pnpm")
}

/// A local file, a folder, or an address: what it is stands there.
fn is_file(manager: &str, text: &str) -> bool {
    let endings = [".deb", ".apk", ".rpm", ".whl", ".tar.gz", ".tgz", ".zip", ".gem", ".tar"];
    text.starts_with(['.', '/', '~', '$', '-', '*'])
        || endings.iter().any(|ending| text.ends_with(ending))
        || (manager != "apt" && text.contains("://") && !is_repository(manager, text))
        || (matches!(manager, "pip" | "pipx" | "uv") && text.contains('/') && !text.contains(['@', ':', '=', '<', '>']))
        || (manager == "go" && !text.contains('.'))
}

/// Whether a package compiles, or is compiled against.
pub(super) fn is_build_tool(name: &str) -> bool {
    const TOOLS: [&str; 34] = [
        "build-essential",
        "build-base",
        "gcc",
        "g++",
        "gcc-c++",
        "clang",
        "make",
        "cmake",
        "autoconf",
        "automake",
        "libtool",
        "bison",
        "flex",
        "ninja",
        "ninja-build",
        "meson",
        "nasm",
        "yasm",
        "rust",
        "rustc",
        "cargo",
        "golang",
        "golang-go",
        "maven",
        "gradle",
        "default-jdk",
        "alpine-sdk",
        "binutils",
        "cpp",
        "pkg-config",
        "pkgconfig",
        "linux-headers",
        "kernel-headers",
        "musl-dev",
    ];
    let headers = name.ends_with("-dev") || name.ends_with("-devel");
    headers || TOOLS.contains(&name) || is_numbered(name, &["gcc-", "g++-", "clang-", "golang-"])
}

fn is_numbered(name: &str, prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_where_each_manager_wants_them() {
        assert_eq!(split("curl=8.1", &["="]), ("curl", Some("8.1")));
        assert_eq!(split("a>=1", &["==", ">=", ">"]), ("a", Some("1")));
        assert_eq!(after_scope("@a/b@1"), ("@a/b", Some("1")));
        assert_eq!(after_scope("@a/b"), ("@a/b", None));
        assert_eq!(version_after_dash("gcc-c++-13.2"), ("gcc-c++", Some("13.2")));
        assert_eq!(version_after_dash("protobuf"), ("protobuf", None));
    }

    #[test]
    fn build_tools_by_name() {
        assert!(is_build_tool("gcc") && is_build_tool("gcc-12") && is_build_tool("build-essential"));
        assert!(!is_build_tool("gcc-base") && !is_build_tool("curl") && !is_build_tool("libgcc-s1"));
    }
}
