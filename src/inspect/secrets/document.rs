//! What a text is to this inspector: the credentials that stand in it.

use crate::detect::Credential;
use crate::span::Span;

/// The credentials of one text, in order.
#[derive(Debug, Default)]
pub struct Document {
    /// Those that are sure enough to be judged.
    pub credentials: Vec<Credential>,
    /// Where reading stopped, when there were too many.
    pub cut: Option<Span>,
}
