//! Files and transcripts as they come, and as they must not hurt.
