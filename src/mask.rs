//! The one door through which text of a source reaches a person; masks every secret in it.
