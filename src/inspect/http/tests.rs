//! Transcripts → facts.
