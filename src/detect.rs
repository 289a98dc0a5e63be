//! Secret values: known formats behind one prefilter, and the judge of plain values. Used by the inspector `secrets`
//! and by `mask`; nothing here prints.

mod assigned;
pub(crate) mod base;
mod checksum;
mod connection;
mod context;
mod credentials;
mod embedded;
mod formats;
pub mod judge;
pub mod key;
mod keyword;
mod pem;
mod plausible;
mod prefilter;
#[cfg(test)]
pub(crate) mod record_tests;
mod sample;
mod shape;
mod typed;
mod url;
mod values;

pub use context::is_for_tries;
pub use credentials::{Credential, Nature, credentials, secret_spans};
pub use formats::{Formats, Hit, validate};
pub(crate) use prefilter::{Keyword, Prefilter};
pub use sample::{fill, sample, sample_text};

use std::sync::{Arc, PoisonError, RwLock};

use crate::fact::format::FormatRecord;

static FORMATS: RwLock<Option<&'static Formats>> = RwLock::new(None);

/// The formats of this process: the built-in ones and those of [`add`].
pub fn formats() -> &'static Formats {
    if let Some(formats) = *FORMATS.read().unwrap_or_else(PoisonError::into_inner) {
        return formats;
    }
    // They are needed until the process ends.
    let builtin = || &*Box::leak(Box::new(Formats::builtin()));
    FORMATS.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(builtin)
}

/// Adds the formats of the user's rules; from then on they are searched for and masked like the others. A broken one is
/// an error where its rule is loaded.
pub fn add(own: Vec<(Arc<str>, FormatRecord)>) {
    if own.is_empty() {
        return;
    }
    let all = embedded::records().into_iter().chain(own);
    let formats = Box::leak(Box::new(Formats::new(all).0));
    *FORMATS.write().unwrap_or_else(PoisonError::into_inner) = Some(formats);
}

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
