//! seaworthy answers one question before a release: is this fit to ship?
//!
//! # The flow
//!
//! ```text
//! argv ─► Cli ─► Settings ─► Root ─► Loaded (sources, what was passed over)
//!                                       │ inspect: each source by the inspectors that claim it
//!                                       ▼
//!                                     facts ─► relate: facts that need several sources
//!                                       │
//!   rules (embedded, the user's) ─► check: rules × facts ─► findings, unknowns, counts
//!                                                              │ waive
//!                          ExitCode ◄─ render ◄─ Report ◄─ verdict ◄─ score
//! ```
//!
//! An item moves right and never back; [`run()`] reads like the picture. Code establishes facts, data passes judgement:
//! an inspector states what an artefact shows, each fact with the text that makes it true; a rule (one YAML file under
//! `rules/`) judges facts with a CEL condition.
//!
//! # Glossary
//!
//! - **source**: a text under examination · **document**: its typed form · **fact**: one thing that it shows, about a
//!   **subject** (`kubernetes.container`).
//! - **rule**: a condition on facts of one subject · **check**: a rule applied to a fact · **outcome**: pass, fail,
//!   unknown or not applicable · **finding**: a failure with its place.
//! - **waiver**: a finding that somebody accepted · **unknown**: what could not be checked, with the reason.
//! - **score**: what findings and unknowns cost · **verdict**: GO, NO-GO or INCOMPLETE, with reasons · **report**: all
//!   that a format may show.

pub mod check;
pub mod checklist;
pub mod cli;
pub mod command;
pub mod detect;
pub mod error;
pub mod exit;
pub mod explain;
pub mod fact;
pub mod finding;
pub mod fix;
pub mod inspect;
pub mod mask;
pub mod observe;
pub mod parallel;
pub mod path;
pub mod product;
pub mod relate;
pub mod report;
pub mod rule;
pub mod run;
pub mod score;
pub mod settings;
pub mod source;
pub mod span;
pub mod syntax;
pub mod waive;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use run::run;

/// The whole program: from the command line to the exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(told) => return command::tell_usage(&told),
    };
    match command::dispatch(&cli.command) {
        Ok(code) => code.into(),
        Err(error) => command::tell(error),
    }
}
