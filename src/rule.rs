//! Rule files, the catalogue of all rules, and rules ready to judge.
//!
//! A rule is one file, `rules/<inspector>/<defect>.yaml`; its id is its path. The build embeds all of them
//! (`build.rs`); [`mod@file`] is the shape of a file, [`catalog`] what is known of all rules, [`Rule`] one that is compiled.

pub mod catalog;
pub mod compile;
pub mod edit;
pub mod example;
pub mod expr;
pub mod file;
pub mod load;
pub mod message;
pub mod selector;
mod telling;

pub use compile::Rule;
