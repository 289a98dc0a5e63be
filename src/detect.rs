//! Secret values: known formats behind one prefilter, and the judge of plain values. Used by the inspector `secrets`
//! and by `mask`; nothing here prints.

mod assigned;
mod base;
mod checksum;
mod formats;
pub mod judge;
pub mod key;
mod plausible;
mod prefilter;
mod sample;
mod shape;

pub use formats::{Formats, Hit, validate};
pub use sample::{fill, sample, sample_text};

/// How sure it is that a value is a secret. Ordered: the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Its checksum is right, or nothing else can stand at its place.
    Certain,
    /// Shape and place fit.
    Likely,
    /// It looks like one, but something does not fit: a typed example, a misprint.
    Doubtful,
}

impl Certainty {
    /// Its name in conditions.
    pub fn name(self) -> &'static str {
        match self {
            Certainty::Certain => "certain",
            Certainty::Likely => "likely",
            Certainty::Doubtful => "doubtful",
        }
    }
}
