//! Rule files and the catalogue of rules.

pub mod expr;
