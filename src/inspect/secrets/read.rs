//! Text → credentials.

use super::document::Document;
use crate::detect::{self, Certainty};
use crate::source::Source;
use crate::span::Span;

/// More than this in one file is a list of something else.
const MOST: usize = 1000;

/// The credentials of a source; `None` when the process has no secret formats.
pub(super) fn read(source: &Source) -> Option<Document> {
    let formats = detect::builtin()?;
    let mut credentials = detect::credentials(formats, source.path(), source.text(), || source.tree());
    credentials.retain(|credential| credential.certainty != Certainty::Doubtful);
    let cut = credentials.get(MOST).map(|first| Span::new(source.id, first.range.clone()).at_start());
    credentials.truncate(MOST);
    Some(Document { credentials, cut })
}
