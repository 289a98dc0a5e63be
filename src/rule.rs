//! Rule files and the catalogue of rules.
