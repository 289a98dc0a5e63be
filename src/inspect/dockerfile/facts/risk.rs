//! Commands that turn checks off, open what should be closed, or show a secret.

use super::command::At;
use super::layer::{Arg, Command};
use super::{manager, pipe};
use crate::span::Span;

/// Short flags of curl that take a value.
const CURL_VALUED: &str = "oHduAeXTbcFmwxyYzCDEKPQrtU";

fn word(command: &Command<'_>, test: impl Fn(&str) -> bool) -> Option<Span> {
    command.args.iter().find(|word| test(&word.text)).map(|word| word.span)
}

fn is_local(text: &str) -> bool {
    let host = text.split("://").nth(1).unwrap_or(text);
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[" | "host.docker.internal")
        || host.ends_with(".localhost")
        || host.ends_with(".onion")
}

/// The flag that turns off the checking of certificates or signatures.
pub(super) fn checks_turned_off(command: &Command<'_>) -> Option<Span> {
    if let Some(span) = environment_turns_off(command).or_else(|| source_is_trusted(command)) {
        return Some(span);
    }
    let args = &command.args;
    let flag = |flags: &[&str]| flags.iter().find_map(|flag| command.flag(flag)).map(|word| word.span);
    match command.name.as_str() {
        "curl" => {
            let insecure = flag(&["--insecure", "--proxy-insecure"])
                .or_else(|| command.short('k', CURL_VALUED).map(|word| word.span));
            insecure.filter(|_| !args.iter().any(|word| is_local(&word.text) && word.text.contains("://")))
        }
        "wget" => flag(&["--no-check-certificate"]),
        "git" => {
            let key = word(command, |text| {
                let lower = text.to_ascii_lowercase();
                lower == "http.sslverify=false" || lower == "http.sslverify=0"
            });
            let set = args.windows(2).find(|pair| {
                pair[0].text.eq_ignore_ascii_case("http.sslverify") && matches!(&*pair[1].text, "false" | "0")
            });
            key.or(set.map(|pair| pair[1].span))
        }
        "npm" | "yarn" | "pnpm" => {
            let pair = args.windows(2).find(|pair| {
                pair[0].text.eq_ignore_ascii_case("strict-ssl") && matches!(&*pair[1].text, "false" | "0")
            });
            pair.map(|pair| pair[1].span).or_else(|| {
                word(command, |text| {
                    matches!(text.trim_start_matches("--"), "strict-ssl=false" | "strict-ssl=0" | "no-strict-ssl")
                })
            })
        }
        "apk" => flag(&["--allow-untrusted"]).filter(|_| !args.iter().any(|word| word.text.ends_with(".apk"))),
        "rpm" => flag(&["--nosignature", "--nodigest", "--noverify", "--nofiledigest"]),
        _ => match manager::manager(command)? {
            "apt" => flag(&["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"]).or_else(|| {
                word(command, |text| {
                    text.contains("AllowInsecureRepositories=true")
                        || text.contains("AllowUnauthenticated=true")
                        || text.contains("Verify-Peer=false")
                })
            }),
            "dnf" | "yum" => flag(&["--nogpgcheck"]).or_else(|| {
                word(command, |text| {
                    text.contains("gpgcheck=0") || text.contains("sslverify=0") || text.contains("sslverify=false")
                })
            }),
            "zypper" => flag(&["--no-gpg-checks"]),
            "pip" | "uv" => flag(&["--trusted-host", "--allow-insecure-host"])
                .or_else(|| word(command, |text| text.ends_with("trusted-host")).filter(|_| command.has("set"))),
            _ => None,
        },
    }
}

/// A variable before the command, or exported, that turns off the checking of certificates.
fn environment_turns_off(command: &Command<'_>) -> Option<Span> {
    let off = |name: &str, value: &str| match name {
        "NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY" => value == "0",
        "NPM_CONFIG_STRICT_SSL" | "npm_config_strict_ssl" => matches!(value, "false" | "0"),
        "GIT_SSL_NO_VERIFY" => matches!(value, "1" | "true"),
        "PIP_TRUSTED_HOST" => !value.is_empty(),
        _ => false,
    };
    let before = command.assignments.iter().find(|(name, word)| {
        let value = word.text.strip_prefix(&format!("{name}=")).unwrap_or(&word.text);
        off(name, value)
    });
    let exported = (command.name == "export").then(|| {
        command.args.iter().find(|word| word.text.split_once('=').is_some_and(|(name, value)| off(name, value)))
    });
    before.map(|(_, word)| word.span).or(exported.flatten().map(|word| word.span))
}

/// A source of packages that is written with its checks off.
fn source_is_trusted(command: &Command<'_>) -> Option<Span> {
    if !matches!(command.name.as_str(), "echo" | "printf") {
        return None;
    }
    word(command, |text| text.contains("[trusted=yes") || text.contains(" trusted=yes]") || text.contains("gpgcheck=0"))
}

/// An address of another machine without encryption, when nothing checks what comes from it.
pub(super) fn plain_text(at: &At<'_, '_>) -> Option<Span> {
    let fetches = pipe::downloads(&at.command.name)
        || (at.command.name == "git" && at.command.has("clone"))
        || matches!(manager::manager(at.command), Some("pip" | "uv"));
    // Only the headers, to see whether and where something is.
    let only_looks = at.command.name == "curl"
        && (at.command.has("--head")
            || at.command.short('I', CURL_VALUED).is_some()
            || at.command.args.windows(2).any(|pair| pair[0].text == "-D" && pair[1].text == "-"));
    if !fetches || only_looks || at.layer.checks {
        return None;
    }
    word(at.command, |text| {
        (text.starts_with("http://") || text.starts_with("git://")) && !is_local(text) && !text.starts_with("http://$")
    })
}

/// Whether curl would keep an error page: it is told to save or hand on what comes, and not to fail.
pub(super) fn saves_error_page(at: &At<'_, '_>) -> bool {
    let command = at.command;
    if command.name != "curl" {
        return false;
    }
    let fails = ["--fail", "--fail-with-body", "--fail-early"].iter().any(|flag| command.has(flag))
        || command.short('f', CURL_VALUED).is_some();
    let looks = ["--head", "--write-out", "--version"].iter().any(|flag| command.flag(flag).is_some())
        || command.short('I', CURL_VALUED).is_some()
        || command.short('w', CURL_VALUED).is_some()
        || command.short('V', CURL_VALUED).is_some();
    let local = command.args.iter().any(|word| is_local(&word.text) && word.text.contains("://"));
    if fails || looks || local || at.layer.checks {
        return false;
    }
    let to_null = command
        .args
        .iter()
        .chain(command.redirections.iter().map(|(_, word)| word))
        .any(|word| word.text == "/dev/null");
    let saves = command.short('o', CURL_VALUED.trim_start_matches('o')).is_some()
        || command.short('O', CURL_VALUED).is_some()
        || ["--output", "--remote-name", "--remote-name-all"].iter().any(|flag| command.flag(flag).is_some())
        || command.redirections.iter().any(|(operator, _)| operator.starts_with('>'));
    let archive = [".tar", ".tar.gz", ".tgz", ".zip", ".tar.xz", ".tar.bz2", ".deb", ".rpm", ".gz"];
    let is_archive = |word: &Arg<'_>| archive.iter().any(|ending| word.text.ends_with(ending));
    let unpacked_later = command.args.iter().chain(command.redirections.iter().map(|(_, word)| word)).any(is_archive);
    saves && !to_null && !unpacked_later && !is_unpacked(at)
}

/// Whether something in the layer would stumble over a page that is no archive or package.
fn is_unpacked(at: &At<'_, '_>) -> bool {
    const STRICT: [&str; 20] = [
        "tar", "unzip", "gunzip", "bsdtar", "xz", "unxz", "zstd", "7z", "dpkg", "rpm", "apk", "apt", "apt-get", "gpg",
        "bunzip2", "dnf", "yum", "pip", "pip3", "jar",
    ];
    at.layer.after(at.index).any(|it| STRICT.contains(&it.name.as_str()))
}

/// The mode that lets every user write.
pub(super) fn opens_to_all(command: &Command<'_>) -> Option<Span> {
    if command.name != "chmod" && !(command.name == "install" || command.name == "mkdir") {
        return None;
    }
    let mode: Option<&Arg<'_>> = match command.name.as_str() {
        "chmod" => command.args.iter().find(|word| {
            let is_flag = word.text.strip_prefix('-').is_some_and(|rest| rest.chars().all(|c| "Rvcf".contains(c)));
            !(is_flag || word.text.starts_with("--"))
        }),
        _ => command.args.windows(2).find(|pair| pair[0].text == "-m").map(|pair| &pair[1]),
    };
    let temporary = command.args.iter().any(|word| word.text.starts_with("/tmp") || word.text.starts_with("/var/tmp"));
    mode.filter(|word| is_open_mode(&word.text) && !temporary).map(|word| word.span)
}

fn is_open_mode(mode: &str) -> bool {
    if mode.bytes().all(|byte| matches!(byte, b'0'..=b'7')) && matches!(mode.len(), 3 | 4) {
        let sticky = mode.len() == 4 && mode.as_bytes()[0] & 1 == 1;
        return mode.as_bytes()[mode.len() - 1] & 2 == 2 && !sticky;
    }
    mode.split(',').any(|part| {
        let Some(at) = part.find(['+', '=']) else { return false };
        part[at..].contains('w') && part[..at].contains(['a', 'o'])
    })
}

/// A password given to chpasswd, passwd, useradd or usermod.
pub(super) fn sets_password(at: &At<'_, '_>) -> Option<Span> {
    let command = at.command;
    match command.name.as_str() {
        "chpasswd" => {
            let hashed = command.has("-e") || command.has("--encrypted");
            let from = command.reads_from.and_then(|index| at.layer.commands.get(index))?;
            let said = from.args.iter().find(|word| word.text.contains(':') && !word.has_expansion)?;
            let password = said.text.split_once(':').map_or("", |(_, rest)| rest).trim();
            // Azure App Service wants this very password for its own tunnel, and lets nobody else in.
            let is_given = said.text.trim() == "root:Docker!";
            let locked = password.starts_with(['*', '!']) || password.is_empty() || is_given;
            (!hashed && !locked && matches!(from.name.as_str(), "echo" | "printf")).then_some(said.span)
        }
        "usermod" | "useradd" => {
            let pair = command.args.windows(2).find(|pair| matches!(&*pair[0].text, "-p" | "--password"))?;
            let said = &pair[1];
            (!said.has_expansion && !said.text.starts_with(['*', '!', '$']) && !said.text.is_empty())
                .then_some(said.span)
        }
        "passwd" => {
            let empties = command.has("-d") || command.has("--delete");
            (empties && command.has("root")).then_some(command.name_span)
        }
        _ => None,
    }
}

/// A password or token on a command line.
pub(super) fn passes_secret(at: &At<'_, '_>) -> Option<Span> {
    let command = at.command;
    if at.layer.mounts_secret() {
        return None;
    }
    let after = |flags: &[&str]| {
        let pair = command.args.windows(2).find(|pair| flags.contains(&&*pair[0].text));
        let joined = command.args.iter().find(|word| {
            flags.iter().any(|flag| {
                flag.starts_with("--") && word.text.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='))
            })
        });
        pair.map(|pair| &pair[1])
            .or(joined)
            .filter(|word| !word.text.contains("$(cat") && !word.text.contains("/run/secrets"))
    };
    let said = match command.name.as_str() {
        "docker" | "podman" | "helm" | "buildah" | "skopeo" if command.has("login") => after(&["-p", "--password"]),
        "az" if command.has("login") => after(&["-p", "--password"]),
        "aws" if command.has("configure") => {
            command.args.windows(2).find(|pair| pair[0].text == "aws_secret_access_key").map(|pair| &pair[1])
        }
        "npm" | "pnpm" if command.has("config") || command.has("set") => {
            let word =
                command.args.iter().find(|word| word.text.contains("_authToken") || word.text.contains("_password"));
            word.filter(|word| !word.text.ends_with("=true"))
        }
        _ => None,
    };
    let address = command.args.iter().find(|word| has_password(&word.text));
    said.or(address).map(|word| word.span)
}

/// `scheme://user:password@host`, with a password written out or from a variable.
fn has_password(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let Some((user, host)) = authority.rsplit_once('@') else { return false };
    let known =
        scheme.ends_with("http") || scheme.ends_with("https") || scheme.ends_with("ftp") || scheme.ends_with("git");
    let secret = user.split_once(':').map_or(user, |(_, password)| password);
    let placeholder = secret.is_empty() || secret == "x-oauth-basic" || user == "git" || secret.contains("$(cat");
    known
        && !host.is_empty()
        && !placeholder
        && !user.contains(char::is_whitespace)
        && (user.contains(':') || user.to_ascii_lowercase().contains("token"))
}

/// Whether `git clone` fetches what stays the same; true for every other command.
pub(super) fn is_fixed(at: &At<'_, '_>) -> bool {
    let command = at.command;
    if command.name != "git" || !command.has("clone") {
        return true;
    }
    let branch = ["--branch", "--revision"].iter().any(|flag| command.flag(flag).is_some())
        || command.short('b', "ocuj").is_some();
    let later = at.layer.after(at.index).any(|it| {
        it.name == "git" && ["checkout", "reset", "switch", "fetch", "submodule"].iter().any(|word| it.has(word))
    });
    branch || later
}

/// `useradd` with a number that makes the log of last logins a huge file.
pub(super) fn fills_log(command: &Command<'_>) -> bool {
    if command.name != "useradd" || command.short('l', "bcdefgGkKpsuZ").is_some() || command.has("--no-log-init") {
        return false;
    }
    let joined = command.args.iter().find_map(|word| {
        word.text.strip_prefix("--uid=").or_else(|| word.text.strip_prefix("-u").filter(|rest| !rest.is_empty()))
    });
    let next = command.args.windows(2).find(|pair| matches!(&*pair[0].text, "-u" | "--uid")).map(|pair| &*pair[1].text);
    joined.or(next).and_then(|number| number.parse::<u64>().ok()).is_some_and(|number| number > 99_999)
}

/// `sudo`, unless it is told to become somebody else.
pub(super) fn gains_root(command: &Command<'_>) -> bool {
    let user = command.args.windows(2).find(|pair| matches!(&*pair[0].text, "-u" | "--user" | "-g" | "--group"));
    let joined =
        command.args.iter().find_map(|word| word.text.strip_prefix("--user=").or_else(|| word.text.strip_prefix("-u")));
    let user = user.map(|pair| &*pair[1].text).or(joined.filter(|user| !user.is_empty()));
    matches!(command.name.as_str(), "sudo" | "doas") && user.is_none_or(|user| user == "root")
}

/// `ln -sf /bin/bash /bin/sh`.
pub(super) fn replaces_sh(command: &Command<'_>) -> bool {
    let target = command.args.iter().rfind(|word| !word.text.starts_with('-'));
    // A link to busybox where there was no shell before replaces nothing.
    let other = |text: &str| matches!(text.rsplit('/').next(), Some("bash" | "zsh" | "ksh" | "mksh" | "dash"));
    command.name == "ln"
        && command.args.iter().any(|word| other(&word.text))
        && target.is_some_and(|word| matches!(&*word.text, "/bin/sh" | "/usr/bin/sh"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_let_everybody_write() {
        for mode in ["777", "0777", "666", "a+w", "ugo=rwx", "o+rw", "u+x,o+w"] {
            assert!(is_open_mode(mode), "{mode}");
        }
        for mode in ["755", "1777", "+x", "a+x", "u+w", "g+w", "644", "-R"] {
            assert!(!is_open_mode(mode), "{mode}");
        }
    }

    #[test]
    fn passwords_in_addresses() {
        for text in ["https://me:pw@example.org/x", "https://$TOKEN@github.com/a/b", "git+https://u:$P@h/x"] {
            assert!(has_password(text), "{text}");
        }
        for text in [
            "https://example.org/a@1",
            "ssh://git@github.com/x",
            "git@github.com:a/b",
            "https://x/y?e=a@b",
            "https://example.org",
        ] {
            assert!(!has_password(text), "{text}");
        }
    }
}
