//! Integration tests: one binary, one module a subject, because each further binary links everything again.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod architecture;
mod bad_input;
mod cel_conformance;
mod cel_oracle;
#[cfg(unix)]
mod checklist;
mod contributing;
#[cfg(unix)]
mod discovery;
mod dns;
#[cfg(unix)]
mod fixes;
#[cfg(unix)]
mod folder;
mod formats;
mod generated;
mod golden;
mod governance;
#[cfg(unix)]
mod http;
mod kubernetes_traps;
#[cfg(unix)]
mod loading;
mod manual;
mod masks;
#[cfg(unix)]
mod network;
mod robustness;
mod rule_dirs;
mod rules;
mod seed_map;
mod tls;
mod tls_openssl;
mod waivers;
