//! Integration tests: one binary, one module a subject.

#[cfg(unix)]
mod discovery;
