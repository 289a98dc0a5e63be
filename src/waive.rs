//! One function decides waiving for everything.
