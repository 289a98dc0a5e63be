//! A text that several hold and nobody copies.

use std::ops::Deref;
use std::sync::Arc;

/// The text of a source, shared by what was read from it. Making one of what was read from a file copies nothing, which
/// `Arc<str>` could not promise: it keeps its counts before the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedText(Arc<Box<str>>);

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Box<str>>> From<T> for SharedText {
    fn from(text: T) -> Self {
        Self(Arc::new(text.into()))
    }
}
