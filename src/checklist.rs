//! Items, attestations and evidence; the verdict.
