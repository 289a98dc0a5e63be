//! A policy with all that belongs to it, read from anywhere: the working tree's, or that of an earlier commit.

use std::sync::Arc;

use super::layer::{self, Layers};
use super::merge::{self, Policy};
use super::{PROFILES, selection_of};
use crate::check::Selection;
use crate::error::{Error, Mistakes};
use crate::settings::items::Questions;
use crate::waive::{Terms, Waivers, file};

/// Where texts come from: a path from the root → its text; `None` when nothing is there.
pub type Read<'r> = &'r dyn Fn(&str) -> Option<String>;

/// A policy as it stood somewhere.
#[derive(Debug, Default)]
pub struct Side {
    /// Its files.
    pub layers: Layers,
    /// What they come to.
    pub policy: Policy,
    /// The built-in profile.
    pub profile: String,
    /// The waiver file that it names.
    pub waivers: Option<Waivers>,
    /// What its checklist asks.
    pub questions: Questions,
}

impl Side {
    /// The first policy found in `folders` (from the root, nearest first), with what it builds on and names.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(read: Read<'_>, folders: &[String], environment: Option<&str>) -> Result<Side, Error> {
        let mut layers = Layers::default();
        layers.add_builtin(PROFILES[0]);
        let below = |folder: &String, name: &str| {
            if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
        };
        let names = folders.iter().flat_map(|folder| layer::NAMES.map(|name| below(folder, name)));
        if let Some((path, text)) = names.into_iter().find_map(|path| Some((path.clone(), read(&path)?))) {
            layers.add_virtual(read, path, text.into());
        }
        let policy = merge::merge(&mut layers, environment);
        let waivers = waivers(&mut layers, &policy, read);
        let file = |path: &str| {
            let path = crate::path::tidy(path).ok_or("lies outside of the repository")?;
            let text = read(&path).ok_or("does not exist")?;
            Ok((path, text))
        };
        let questions = super::items::questions(&mut layers, &policy, &file);
        if let Some(error) = layers.error() {
            return Err(error);
        }
        let profile = layers.profile().to_owned();
        Ok(Side { layers, policy, profile, waivers, questions })
    }

    /// Which rules judge, without flags.
    pub fn selection(&self) -> Selection {
        selection_of(&self.policy, &self.profile)
    }

    /// Its policy for another environment.
    pub fn policy_for(&self, environment: Option<&str>) -> Policy {
        merge::merge(&mut self.layers.clone(), environment)
    }

    /// The name of its strongest file that is not built in.
    pub fn name(&self) -> Option<&str> {
        self.layers.own().map(|layer| layer.name.as_str())
    }
}

/// What the policy says about waiving; the waiver file and the commit compared with are the caller's.
pub fn terms<'a>(policy: &Policy, environment: Option<&'a str>, now: jiff::Timestamp) -> Terms<'a> {
    let said = &policy.suppressions;
    Terms {
        waivers: None,
        base: None,
        peers: said.peers.is_none_or(|one| one.value),
        in_place: said.in_place.is_none_or(|one| one.value),
        max_days: policy.gate.max_waiver_days.map(|days| days.value),
        environment,
        today: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
        is_whole: false,
    }
}

fn waivers(layers: &mut Layers, policy: &Policy, read: Read<'_>) -> Option<Waivers> {
    let named = policy.waivers.as_ref()?;
    let index = named.span.source.0 as usize;
    let folder = layers.list.get(index).map_or_else(String::new, |layer| layer.folder.clone());
    let text = crate::path::tidy(&named.value).and_then(|path| read(&path));
    let Some(text) = text else {
        let message = format!("`{}` does not exist", named.value);
        layers.mistakes.push((index, crate::error::Mistake::new(message, named.span.range())));
        return None;
    };
    let (waivers, mistakes) = file::read(&named.value, text.into(), &folder);
    layers.errors.extend(Mistakes::new(&waivers.path, Arc::clone(&waivers.text), mistakes).map(Error::from));
    Some(waivers)
}
