//! The integration tests: one binary.

mod formats;
mod generated;
mod golden;
