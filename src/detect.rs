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

pub use context::is_for_tries;
pub use credentials::{Credential, Nature, credentials, secret_spans};
pub use formats::{Formats, Hit, validate};
pub use sample::{fill, sample, sample_text};

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::fact::format::FormatRecord;

/// Gives the formats of all rules, each with its rule's id.
pub type Loader = Box<dyn Fn() -> Vec<(Arc<str>, FormatRecord)> + Send + Sync>;

static LOADER: OnceLock<Loader> = OnceLock::new();
static FORMATS: RwLock<Option<&'static Formats>> = RwLock::new(None);

/// Says where the formats of this process come from. Called once, before any source is looked at; a second call
/// changes nothing. `load` runs when a text is searched for the first time.
pub fn install(load: Loader) {
    let _ = LOADER.set(load);
}

/// The formats of this process; `None` when nobody has said where they come from.
pub fn builtin() -> Option<&'static Formats> {
    if let Some(formats) = *FORMATS.read().unwrap_or_else(PoisonError::into_inner) {
        return Some(formats);
    }
    let load = LOADER.get()?;
    Some(FORMATS.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| compiled(load())))
}

/// Adds the formats of the user's rules; from then on they are searched for and masked like the others.
pub fn add(own: Vec<(Arc<str>, FormatRecord)>) {
    let Some(load) = LOADER.get().filter(|_| !own.is_empty()) else { return };
    let all = load().into_iter().chain(own).collect();
    *FORMATS.write().unwrap_or_else(PoisonError::into_inner) = Some(compiled(all));
}

/// They are needed until the process ends. A broken record is an error at load and a failing test; what is left here
/// still works.
fn compiled(records: Vec<(Arc<str>, FormatRecord)>) -> &'static Formats {
    Box::leak(Box::new(Formats::new(records.into_iter()).0))
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
