//! Integration tests: one binary, one module a subject, because each further binary links everything again.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod architecture;
mod cel_conformance;
mod cel_oracle;
mod contributing;
#[cfg(unix)]
mod discovery;
mod formats;
mod generated;
mod golden;
mod rules;
mod waivers;
