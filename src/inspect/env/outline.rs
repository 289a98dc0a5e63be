//! [`Document`] → pieces: names and values, so that a fix can be told from damage.

use super::document::{Document, Line};
use crate::syntax::outline::Piece;

/// What the document consists of; `None` when any of it could not be read.
pub(super) fn of(document: &Document<'_>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for line in &document.lines {
        let Line::Assignment(one) = line else { return None };
        if !one.is_closed {
            return None;
        }
        let export = one.export.as_ref().map(|range| Piece::new(range.clone(), "export"));
        pieces.extend(export);
        pieces.push(Piece::new(one.key_place.clone(), format!("name {}", one.key)));
        pieces.push(Piece::new(one.value_place.clone(), format!("value {:?} {}", one.quote, one.value)));
        pieces.extend(one.tail.as_ref().map(|range| Piece::new(range.clone(), "tail")));
    }
    pieces.retain(|piece| !piece.range.is_empty());
    Some(pieces)
}
