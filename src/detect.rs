//! Secret values: known formats behind one prefilter, and the judge of plain values. Used by the inspector `secrets`
//! and by `mask`; nothing here prints.

mod assigned;
pub(crate) mod base;
mod checksum;
mod context;
mod credentials;
mod formats;
pub mod judge;
pub mod key;
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

pub use credentials::{Credential, Nature, credentials, secret_spans};
pub use formats::{Formats, Hit, validate};
pub use sample::{fill, sample, sample_text};

use std::sync::{Arc, OnceLock};

use crate::fact::format::FormatRecord;

/// Gives the formats of all rules, each with its rule's id.
pub type Loader = Box<dyn Fn() -> Vec<(Arc<str>, FormatRecord)> + Send + Sync>;

static LOADER: OnceLock<Loader> = OnceLock::new();
static BUILTIN: OnceLock<Formats> = OnceLock::new();

/// Says where the formats of this process come from. Called once, before any source is looked at; a second call
/// changes nothing. `load` runs when a text is searched for the first time.
pub fn install(load: Loader) {
    let _ = LOADER.set(load);
}

/// The formats of this process; `None` when nobody has said where they come from.
pub fn builtin() -> Option<&'static Formats> {
    if let Some(formats) = BUILTIN.get() {
        return Some(formats);
    }
    let load = LOADER.get()?;
    // A broken record is an error at load and a failing test; what is left here still works.
    Some(BUILTIN.get_or_init(|| Formats::new(load().into_iter()).0))
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
