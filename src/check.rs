//! Rules × facts → checks: the heart.
