//! Text → credentials.

use super::document::Document;
use crate::detect::{self, Certainty};
use crate::source::Source;
use crate::span::Span;

/// More than this in one file is a list of something else.
const MOST: usize = 1000;

/// The credentials of a source.
pub(super) fn read(source: &Source) -> Document {
    let mut credentials = detect::credentials(detect::formats(), source.path(), source.text(), || source.tree());
    credentials.retain(|credential| credential.certainty != Certainty::Doubtful);
    let cut = credentials.get(MOST).map(|first| Span::new(source.id, first.range.clone()).at_start());
    credentials.truncate(MOST);
    Document { credentials, cut }
}
