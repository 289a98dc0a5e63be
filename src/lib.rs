//! seaworthy: is this fit to ship?

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
pub mod product;
pub mod relate;
pub mod report;
pub mod rule;
pub mod score;
pub mod settings;
pub mod source;
pub mod span;
pub mod syntax;
pub mod waive;
