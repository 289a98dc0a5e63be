//! Which shell reads a text, and what that shell can.
//!
//! `/bin/sh` is dash on Debian and Ubuntu, busybox on Alpine, bash on the Red Hat family. What each of them makes of a
//! construct was tried out with dash 0.5.12, busybox 1.35 and bash 5.2 (docs/decisions/0010-shell.md).

use super::layer;
use super::reference;
use crate::span::Span;

/// A shell language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Bash,
    Dash,
    /// A dash that may be new enough for `pipefail`.
    NewDash,
    Busybox,
    Zsh,
    Ksh,
    /// `/bin/sh` of an image that is not known, or another POSIX shell.
    Unknown,
    /// PowerShell, cmd or an interpreter: nothing is said of its text.
    Foreign,
}

/// A shell with what shows that it is this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) dialect: Dialect,
    /// The SHELL, the FROM, the `#!` line or the command that shows it.
    pub(super) evidence: Option<Span>,
}

/// A construct that some shells do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    TestBrackets,
    TestPattern,
    TestDoubleEquals,
    TestVariable,
    Array,
    Append,
    RedirectBoth,
    PipeBoth,
    HereString,
    ProcessSubstitution,
    AnsiQuotes,
    Braces,
    Substring,
    Replacement,
    CaseChange,
    Indirect,
    Pipefail,
    Builtin,
    LetOrSource,
    BuiltinFlag,
    Trap,
    TrapPrefix,
    ArithmeticCommand,
    FunctionKeyword,
    Select,
    FallThrough,
    Variable,
    RandomOrHostname,
    EchoFlag,
    EchoEscape,
}

impl Feature {
    /// The name that rules use.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TestBrackets => "test-brackets",
            Self::TestPattern => "test-pattern",
            Self::TestDoubleEquals => "test-double-equals",
            Self::TestVariable => "test-variable",
            Self::Array => "array",
            Self::Append => "append",
            Self::RedirectBoth => "redirect-both",
            Self::PipeBoth => "pipe-both",
            Self::HereString => "here-string",
            Self::ProcessSubstitution => "process-substitution",
            Self::AnsiQuotes => "ansi-quotes",
            Self::Braces => "braces",
            Self::Substring => "substring",
            Self::Replacement => "replacement",
            Self::CaseChange => "case-change",
            Self::Indirect => "indirect",
            Self::Pipefail => "pipefail",
            Self::Builtin | Self::LetOrSource => "builtin",
            Self::BuiltinFlag => "builtin-flag",
            Self::Trap | Self::TrapPrefix => "trap",
            Self::ArithmeticCommand => "arithmetic-command",
            Self::FunctionKeyword => "function-keyword",
            Self::Select => "select",
            Self::FallThrough => "fall-through",
            Self::Variable | Self::RandomOrHostname => "variable",
            Self::EchoFlag => "echo-flag",
            Self::EchoEscape => "echo-escape",
        }
    }

    /// What Alpine's shell knows beyond dash.
    fn in_busybox(self) -> bool {
        matches!(
            self,
            Self::TestBrackets
                | Self::TestDoubleEquals
                | Self::RedirectBoth
                | Self::ProcessSubstitution
                | Self::AnsiQuotes
                | Self::Substring
                | Self::Replacement
                | Self::Pipefail
                | Self::LetOrSource
                | Self::Trap
                | Self::TrapPrefix
                | Self::FunctionKeyword
                | Self::RandomOrHostname
                | Self::EchoFlag
        )
    }
}

impl Dialect {
    /// The name for people; `None` when it is not known which shell it is.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Bash => Some("bash"),
            Self::Dash | Self::NewDash => Some("dash"),
            Self::Busybox => Some("busybox"),
            Self::Zsh => Some("zsh"),
            Self::Ksh => Some("ksh"),
            Self::Unknown | Self::Foreign => None,
        }
    }

    /// Whether it understands `feature`; `None` when that is not known.
    pub(super) fn knows(self, feature: Feature) -> Option<bool> {
        match (self, feature) {
            (Self::Bash, _) => Some(feature != Feature::EchoEscape),
            (Self::NewDash, Feature::Pipefail) => None,
            (Self::Dash | Self::NewDash, _) => Some(feature == Feature::EchoEscape),
            (Self::Busybox, _) => Some(feature.in_busybox()),
            _ => None,
        }
    }

    /// The language of a program; `sh` is what the image makes of it.
    pub(super) fn of_program(name: &str, sh: Dialect) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        match name.trim_end_matches(".exe") {
            "sh" => sh,
            "bash" => Self::Bash,
            "dash" => Self::Dash,
            "ash" => Self::Busybox,
            "zsh" => Self::Zsh,
            "ksh" | "mksh" => Self::Ksh,
            name if layer::is_shell(name) => Self::Unknown,
            _ => Self::Foreign,
        }
    }

    /// What `/bin/sh` is in an image.
    pub(super) fn of_image(image: &str) -> Self {
        let parts = reference::parts(image);
        let name = reference::short_name(parts.name).to_ascii_lowercase();
        let tag = parts.tag.unwrap_or_default().to_ascii_lowercase();
        let last = name.rsplit('/').next().unwrap_or_default();
        let named = |words: &[&str]| {
            let begins =
                |text: &str| text.split(['-', '_', '.']).any(|part| words.iter().any(|it| part.starts_with(it)));
            begins(&tag) || begins(last)
        };
        if name.contains("windows") || named(&["nanoserver", "windowsservercore", "servercore"]) {
            return Self::Foreign;
        }
        // What a tag says of the system below goes before what the name says: `python:3-alpine`, `mysql:8-debian`.
        if named(&["alpine"]) || ALPINE.contains(&&*name) {
            return Self::Busybox;
        }
        if named(&["ubi", "centos", "fedora", "rockylinux", "almalinux", "oracle", "amazonlinux", "al2", "amzn"])
            || RED_HAT.contains(&last)
            || name.starts_with("opensuse/")
            || name.starts_with("public.ecr.aws/lambda/")
        {
            return Self::Bash;
        }
        let newer = ["sid", "unstable", "testing", "forky", "rolling", "devel", "questing", "resolute"];
        let of_debian = matches!(last, "debian" | "ubuntu" | "buildpack-deps");
        if (of_debian && named(&newer))
            || (last == "ubuntu" && matches!(&*tag, "" | "latest" | "25.10" | "26.04" | "26.10"))
        {
            return Self::NewDash;
        }
        let releases = [
            "bookworm", "bullseye", "buster", "stretch", "jessie", "trixie", "jammy", "noble", "focal", "bionic",
            "xenial", "trusty", "debian", "ubuntu",
        ];
        if named(&releases) || DEBIAN.contains(&&*name) {
            return Self::Dash;
        }
        Self::Unknown
    }
}

/// Images whose plain tags are built on Alpine or busybox.
const ALPINE: [&str; 12] = [
    "alpine",
    "busybox",
    "docker",
    "traefik",
    "caddy",
    "composer",
    "registry",
    "bash",
    "hashicorp/terraform",
    "alpine/git",
    "alpine/helm",
    "node-alpine",
];

/// Images whose `/bin/sh` is bash.
const RED_HAT: [&str; 9] = [
    "amazonlinux",
    "amazoncorretto",
    "photon",
    "archlinux",
    "rhel",
    "rhel7",
    "leap",
    "tumbleweed",
    "manylinux2014_x86_64",
];

/// Images whose plain tags are built on Debian or Ubuntu.
const DEBIAN: [&str; 46] = [
    "debian",
    "ubuntu",
    "node",
    "python",
    "ruby",
    "golang",
    "rust",
    "php",
    "perl",
    "gcc",
    "buildpack-deps",
    "nginx",
    "httpd",
    "postgres",
    "mariadb",
    "redis",
    "mongo",
    "tomcat",
    "eclipse-temurin",
    "maven",
    "gradle",
    "elixir",
    "erlang",
    "haproxy",
    "rabbitmq",
    "memcached",
    "wordpress",
    "drupal",
    "nextcloud",
    "jenkins/jenkins",
    "swift",
    "julia",
    "haskell",
    "clojure",
    "dart",
    "pypy",
    "r-base",
    "rocker/r-ver",
    "ros",
    "continuumio/miniconda3",
    "mambaorg/micromamba",
    "condaforge/miniforge3",
    "pytorch/pytorch",
    "tensorflow/tensorflow",
    "kalilinux/kali-rolling",
    "bitnami/minideb",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        for (image, dialect) in [
            ("debian:13", Dialect::Dash),
            ("debian:sid", Dialect::NewDash),
            ("ubuntu", Dialect::NewDash),
            ("ubuntu:24.04", Dialect::Dash),
            ("docker.io/library/python:3.14-slim", Dialect::Dash),
            ("python:3.14-alpine", Dialect::Busybox),
            ("oraclelinux:8-slim", Dialect::Bash),
            ("registry.access.redhat.com/ubi9/ubi-minimal", Dialect::Bash),
            ("nvidia/cuda:12.4.1-devel-ubuntu22.04", Dialect::Dash),
            ("nvidia/cuda:12.4.1-devel-rockylinux8", Dialect::Bash),
            ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", Dialect::Dash),
            ("mcr.microsoft.com/windows/servercore:ltsc2025", Dialect::Foreign),
            ("ghcr.io/acme/app:1", Dialect::Unknown),
            ("amazonlinux:2023", Dialect::Bash),
            ("mysql:8", Dialect::Unknown),
        ] {
            assert_eq!(Dialect::of_image(image), dialect, "{image}");
        }
    }

    #[test]
    fn what_shells_know() {
        assert_eq!(Dialect::Bash.knows(Feature::Array), Some(true));
        assert_eq!(Dialect::Busybox.knows(Feature::Array), Some(false));
        assert_eq!(Dialect::Busybox.knows(Feature::TestBrackets), Some(true));
        assert_eq!(Dialect::Dash.knows(Feature::Pipefail), Some(false));
        assert_eq!(Dialect::NewDash.knows(Feature::Pipefail), None);
        assert_eq!(Dialect::Unknown.knows(Feature::Array), None);
        assert_eq!(Dialect::of_program("/usr/bin/bash", Dialect::Dash), Dialect::Bash);
        assert_eq!(Dialect::of_program("/bin/sh", Dialect::Dash), Dialect::Dash);
        assert_eq!(Dialect::of_program("pwsh", Dialect::Dash), Dialect::Foreign);
    }
}
