//! A rule as prose.
