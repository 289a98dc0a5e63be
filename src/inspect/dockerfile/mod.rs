//! Dockerfiles (Containerfiles): what builds an image.

pub mod document;
pub mod read;
