//! Integration tests: one binary, one module a subject, because each further binary links everything again.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod architecture;
mod cel_conformance;
mod cel_oracle;
#[cfg(unix)]
mod checklist;
mod contributing;
#[cfg(unix)]
mod discovery;
#[cfg(unix)]
mod folder;
mod formats;
mod generated;
mod golden;
mod kubernetes_traps;
#[cfg(unix)]
mod loading;
#[cfg(unix)]
mod masks;
mod robustness;
mod rules;
mod waivers;
