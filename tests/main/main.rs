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
mod folder;
mod formats;
mod generated;
mod golden;
#[cfg(unix)]
mod http;
mod governance;
mod kubernetes_traps;
#[cfg(unix)]
mod loading;
#[cfg(unix)]
mod network;
mod masks;
mod robustness;
mod rules;
mod tls;
mod tls_openssl;
mod seed_map;
mod waivers;
