//! The targets of a run: probed, taken from stored transcripts, or not run; what they showed joins the sources.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::fact::target::Target;
use crate::inspect::{INSPECTORS, observe};
use crate::report::NotRun;
use crate::settings::{Settings, targets};
use crate::source::{Endpoint, Loaded, Transcripts};

/// Takes the transcripts of a run, one after the other: the name of its file, and its text.
pub type Keep<'k> = &'k mut dyn FnMut(&str, &str) -> Result<(), Error>;

/// What became of the targets.
#[derive(Debug, Default)]
pub(super) struct Probed {
    /// What was not run.
    pub(super) not_run: Vec<NotRun>,
    /// The inspectors of what was not run.
    pub(super) idle: BTreeSet<String>,
    /// How many transcripts there are.
    pub(super) transcripts: usize,
}

impl Probed {
    fn leave(&mut self, target: &Target, reason: &str) {
        let inspector = target.protocol().name().to_owned();
        self.idle.insert(inspector.clone());
        self.not_run.push(NotRun { inspector, target: target.endpoint().into_owned(), reason: reason.to_owned() });
    }
}

/// Asks the targets of the policy, where the flags allow it.
pub(super) fn targets(settings: &Settings, loaded: &mut Loaded, keep: Keep<'_>) -> Result<Probed, Error> {
    let mut probed = Probed::default();
    if let Some(reason) = targets::held_back(settings) {
        targets::all(&settings.policy).iter().for_each(|(target, _)| probed.leave(target, reason));
        return Ok(probed);
    }
    let (asked, over) = targets::of_run(&settings.policy, &settings.layers, loaded);
    let many = format!("more than {} targets", targets::MAX_TARGETS);
    over.iter().for_each(|target| probed.leave(target, &many));
    let seen = match &settings.network.replay {
        Some(folder) => {
            let stored = Transcripts::open(folder)?;
            observe::replay(asked, &|name| stored.read(name))
        }
        None if asked.is_empty() => Vec::new(),
        None => observe::all(asked, &settings.network.options),
    };
    for one in &seen {
        keep(&one.file, &one.text)?;
    }
    probed.transcripts = seen.len();
    for observe::Seen { asked, text, .. } in seen {
        let (protocol, place) = (asked.target.protocol(), asked.place);
        let claims: Vec<usize> =
            (0..INSPECTORS.len()).filter(|index| INSPECTORS[*index].name() == protocol.name()).collect();
        let endpoint = Endpoint::new(protocol, asked.target.endpoint(), place);
        loaded.add_transcript(endpoint, text, claims);
    }
    Ok(probed)
}
