//! What lies around a compose file: one for production, or one above that builds the very folder. Asked once for the whole
//! repository, so that thousands of compose files cost what they hold and not each what all the others hold.

use std::collections::{BTreeMap, BTreeSet};

use super::info::Ctx;
use crate::inspect::compose::is_named;
use crate::path::{below, file_name, folder};
use crate::source::{Inventory, role_of_path};

/// Where compose files for production lie, and what is built from above.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Folders with a compose file for production.
    production: BTreeSet<String>,
    /// The same by the folder above.
    children: BTreeMap<String, BTreeSet<String>>,
    /// Folders that an end state of a folder above builds.
    built: BTreeSet<String>,
}

impl Beside {
    /// Looks through the repository and its end states.
    pub(super) fn new(inventory: &Inventory, all: &[Ctx<'_, '_, '_>]) -> Self {
        let mut beside = Self::default();
        for entry in inventory.entries().iter().filter(|entry| is_for_production(&entry.path)) {
            let folder_of = folder(&entry.path);
            if !folder_of.is_empty() {
                beside.children.entry(folder(folder_of).to_owned()).or_default().insert(folder_of.to_owned());
            }
            beside.production.insert(folder_of.to_owned());
        }
        for ctx in all {
            let paths = ctx.all().filter_map(|info| info.dockerfile_path.as_deref()).map(folder);
            let lower = paths.filter(|path| *path != ctx.set.folder && below(path, ctx.set.folder).is_some());
            beside.built.extend(lower.map(str::to_owned));
        }
        beside
    }

    /// Whether a compose file for production lies in `own`, in a folder below such as `deploy`, or in a folder beside.
    pub(super) fn has_production(&self, own: &str) -> bool {
        let children = |parent: &str| self.children.get(parent).into_iter().flatten();
        let is_around = || self.production.contains(folder(own)) || children(folder(own)).any(|child| child != own);
        self.production.contains(own) || children(own).next().is_some() || !own.is_empty() && is_around()
    }

    /// Whether an end state of a folder above builds the very folder `own`: what is written there is for those who work on
    /// that one service.
    pub(super) fn is_built_from_above(&self, own: &str) -> bool {
        self.built.contains(own)
    }
}

fn is_for_production(path: &str) -> bool {
    let says = |word: &str| matches!(word, "prod" | "production");
    is_named(path)
        && (file_name(path).contains("prod") || path.split(|c: char| !c.is_ascii_alphanumeric()).any(says))
        && role_of_path(path).0.is_shipped()
}
