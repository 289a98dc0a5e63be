//! What a user may type.
