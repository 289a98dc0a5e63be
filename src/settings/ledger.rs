//! The records and reports that answer the checklist, as the policy and the command line name them.

use camino::Utf8Path;

use super::{DEFAULT_ATTESTATIONS, Settings};
use crate::checklist::chain::Ledger;
use crate::checklist::identity::{Mailmap, OWNERS, Owners, People};
use crate::checklist::outside::Outside;
use crate::checklist::signature::Signers;
use crate::error::Error;
use crate::source::{read_each, read_own};

impl Settings {
    /// The folder of the repository's policy, relative to the root: where paths in records start.
    pub fn folder(&self) -> String {
        let own = self.layers.own().filter(|layer| !layer.is_operators);
        own.map_or_else(String::new, |layer| layer.folder.clone())
    }

    /// The folder with the attestations, relative to the root.
    pub fn attestations(&self) -> String {
        let said = self.policy.attestations.as_ref().map(|path| path.value.trim_end_matches('/').to_owned());
        said.unwrap_or_else(|| Utf8Path::new(&self.folder()).join(DEFAULT_ATTESTATIONS).into_string())
    }

    /// Every attestation.
    ///
    /// # Errors
    /// The folder lies outside of the repository.
    pub fn ledger(&self) -> Result<Ledger, Error> {
        let folder = self.attestations();
        let Ok(real) = self.root.path().join(&folder).canonicalize() else { return Ok(Ledger::default()) };
        if !real.starts_with(self.root.path()) {
            return Err(Error::usage(format!("`{folder}` lies outside of the repository"), None));
        }
        let files = read_each(&real, &[".yaml", ".yml", ".json", ".sig"]).into_iter();
        Ok(Ledger::read(files.map(|(path, text)| (format!("{folder}/{path}"), text)).collect()))
    }

    /// The text of a file that says who may do what: as it was at the commit of `--policy-from`, where one is given.
    fn trusted(&self, path: &str) -> Option<String> {
        if let Some(earlier) = &self.own.earlier {
            return earlier.text(path);
        }
        let real = self.root.path().join(path).canonicalize().ok()?;
        real.starts_with(self.root.path()).then(|| read_own(&real).ok())?
    }

    /// What is known of people: `CODEOWNERS` and `.mailmap`.
    pub fn people(&self) -> People {
        let owners = OWNERS.iter().find_map(|path| self.trusted(path));
        let mailmap = self.trusted(".mailmap").map(|text| Mailmap::read(&text)).unwrap_or_default();
        People { mailmap, owners: owners.map(|text| Owners::read(&text)) }
    }

    /// Whose signatures count. A file that is named and not there lets nobody sign.
    pub fn signers(&self) -> Signers {
        let Some(path) = &self.policy.allowed_signers else { return Signers::default() };
        let text = crate::path::tidy(path).and_then(|path| self.trusted(&path));
        Signers::read(&text.unwrap_or_default())
    }

    /// Every report of another tool: those that the policy names, and those of `--evidence`.
    ///
    /// # Errors
    /// A file that was named on the command line cannot be read.
    pub fn outside(&self) -> Result<Vec<Outside>, Error> {
        let mut all = Vec::new();
        for section in &self.policy.outside {
            let folder = self.layers.list.get(section.span.source.0 as usize).map_or("", |layer| &layer.folder);
            let path = Utf8Path::new(folder).join(section.path.as_str());
            let real = self.root.path().join(&path).canonicalize();
            let inside = real.ok().filter(|real| real.starts_with(self.root.path()));
            // A report that is not there yet is no mistake of the policy's: the item stays unanswered.
            let text = inside.ok_or_else(|| "it is not there".to_owned());
            let text = text.and_then(|real| read_own(&real).map_err(|error| error.to_string()));
            all.push(match text {
                Ok(text) => Outside::read(&section.item, path.as_str(), &text),
                Err(reason) => Outside { item: section.item.clone(), path: path.into_string(), report: Err(reason) },
            });
        }
        for (item, file) in &self.evidence {
            let text = read_own(self.inputs.folder.join(file).as_path())?;
            let item = match item {
                Some(item) => item.clone(),
                None if text.trim_start().starts_with('<') => "tests-pass".to_owned(),
                None => "security-scan-clean".to_owned(),
            };
            all.push(Outside::read(&item, file.as_str(), &text));
        }
        Ok(all)
    }
}
