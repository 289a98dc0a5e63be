//! All that a format may show, and the formats.
