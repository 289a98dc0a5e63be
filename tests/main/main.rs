//! one
mod cel_conformance;
