//! From checks to a score.
