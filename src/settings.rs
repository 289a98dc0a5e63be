//! Everything decided before work starts.
