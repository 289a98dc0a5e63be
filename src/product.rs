//! What is known of the products that people deploy: one file each under `products/`, embedded at build time, asked by
//! image or port. An unknown product gives silence, not a guess.
//!
//! ```
//! use seaworthy::product::known;
//!
//! let known = known("docker.io/library/postgres:12-alpine").unwrap();
//! assert_eq!(known.product.title, "PostgreSQL");
//! assert_eq!(known.image.names, ["postgres"]);
//! assert!(known.line().unwrap().has_ended("2026-11-21".parse().unwrap()));
//! ```

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

mod model;
mod reference;
mod version;

#[cfg(test)]
mod tests;

pub use model::*;
pub use reference::Reference;
pub use version::{Line, Version};

/// All products, each read when it is first asked for.
#[derive(Debug)]
pub struct Products {
    entries: Vec<Entry>,
    by_image: HashMap<&'static str, usize>,
}

/// One file: its name without `.yaml` and its text as JSON.
#[derive(Debug)]
struct Entry {
    id: &'static str,
    json: &'static str,
    product: OnceLock<Option<Product>>,
}

impl Entry {
    fn product(&self) -> Option<&Product> {
        // A test reads every file, so that this cannot fail.
        let read = || Some(Product { id: self.id.to_owned(), ..serde_json::from_str(self.json).ok()? });
        self.product.get_or_init(read).as_ref()
    }
}

/// A file: its name, the names of its images, and its text as JSON.
type File = (&'static str, &'static [&'static str], &'static str);

/// `products/*.yaml`, by name.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/products.rs"));

/// The built-in products.
pub fn products() -> &'static Products {
    static PRODUCTS: LazyLock<Products> = LazyLock::new(|| Products::new(FILES));
    &PRODUCTS
}

/// What is known of the image that `reference` names (`postgres`, `docker.io/library/postgres:16@sha256:…`).
/// Repositories are compared whole.
pub fn known(reference: &str) -> Option<Known<'static>> {
    products().known(reference)
}

/// The product that the image `reference` carries.
pub fn by_image(reference: &str) -> Option<&'static Product> {
    known(reference).map(|known| known.product)
}

/// The products that listen on `port` by their usual settings, by name.
pub fn by_port(port: u16) -> impl Iterator<Item = (&'static Product, &'static Port)> {
    products().iter().filter_map(move |product| Some((product, product.ports.iter().find(|known| known.port == port)?)))
}

/// The version line that `tag` belongs to; `None` when that is not known.
pub fn line<'p>(product: &'p Product, tag: &str) -> Option<Line<'p>> {
    version::line(product, &Version::of(Some(tag), false))
        .or_else(|| tag.split('-').find_map(|word| version::line_of_codename(product, word)))
}

impl Products {
    /// The index of `files`.
    fn new(files: &[File]) -> Self {
        let mut by_image = HashMap::new();
        for (number, (_, names, _)) in files.iter().enumerate() {
            by_image.extend(names.iter().map(|name| (*name, number)));
        }
        let entries = files.iter().map(|(id, _, json)| Entry { id, json, product: OnceLock::new() }).collect();
        Self { entries, by_image }
    }

    /// Every product, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Product> {
        self.entries.iter().filter_map(Entry::product)
    }

    /// The product of `products/<id>.yaml`.
    pub fn get(&self, id: &str) -> Option<&Product> {
        self.entries.iter().find(|entry| entry.id == id)?.product()
    }

    /// What is known of the image that `reference` names.
    pub fn known(&self, reference: &str) -> Option<Known<'_>> {
        let reference = Reference::parse(reference)?;
        let product = self.entries.get(*self.by_image.get(reference.repository)?)?.product()?;
        let image = product.images.iter().find(|image| image.names.iter().any(|name| name == reference.repository))?;
        let version = match image.own_versions {
            true => Version::Unknown,
            false => Version::of(reference.tag, reference.digest.is_some()),
        };
        let [repository, tag] = [Some(reference.repository), reference.tag].map(|part| part.map(str::to_owned));
        Some(Known { product, image, version, repository: repository.unwrap_or_default(), tag })
    }
}

/// A product in the form in which one image carries it: ask this rather than the product where an image may differ.
#[derive(Debug, Clone)]
pub struct Known<'p> {
    /// The product.
    pub product: &'p Product,
    /// The repositories that the image belongs to.
    pub image: &'p Image,
    /// What its tag says of its version.
    pub version: Version,
    /// Its repository in short form.
    pub repository: String,
    /// Its tag.
    pub tag: Option<String>,
}

impl<'p> Known<'p> {
    /// The user it starts as, if that is sure.
    pub fn user(&self) -> Option<&'p User> {
        for user in &self.image.users {
            let tagged = user.tag.as_deref().is_none_or(|word| self.has_word(word));
            match self.version.within(user.from.as_deref(), user.before.as_deref()) {
                Some(true) if tagged => return Some(user),
                None if tagged => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether the process is not root as the image stands; `None` when that is not sure.
    pub fn runs_as_non_root(&self) -> Option<bool> {
        self.user().map(|user| user.user != "root" && user.user != "0")
    }

    /// The folders that may hold its data: of several versions, when the tag does not say which it is.
    pub fn data(&self) -> impl Iterator<Item = &'p Data> + use<'p> {
        let version = self.version.clone();
        self.image
            .data
            .iter()
            .filter(move |data| version.within(data.from.as_deref(), data.before.as_deref()) != Some(false))
    }

    /// The ports it listens on.
    pub fn ports(&self) -> &'p [Port] {
        self.image.ports.as_deref().unwrap_or(&self.product.ports)
    }

    /// The settings that turn a protection of it off.
    pub fn insecure(&self) -> impl Iterator<Item = &'p Setting> + use<'p, '_> {
        self.product.insecure.iter().filter(|setting| setting.is_known_to(&self.repository))
    }

    /// Whether it asks its clients who they are, if that is sure.
    pub fn authentication(&self) -> Option<&'p Authentication> {
        let authentication = self.product.authentication.as_ref()?;
        let sure = !self.image.own_accounts && self.version.within(authentication.from.as_deref(), None) == Some(true);
        sure.then_some(authentication)
    }

    /// The accounts that are surely there unless something replaces them.
    pub fn accounts(&self) -> impl Iterator<Item = &'p Account> + use<'p> {
        let version = self.version.clone();
        let own = self.image.own_accounts;
        self.product.accounts.iter().filter(move |account| {
            !own && version.within(account.from.as_deref(), account.before.as_deref()) == Some(true)
        })
    }

    /// Its version line; `None` when that is not known.
    pub fn line(&self) -> Option<Line<'p>> {
        match self.image.own_versions {
            true => None,
            false => line(self.product, self.tag.as_deref()?),
        }
    }

    /// The operating system that a word of the tag or the end of the repository's name says it is built on
    /// (`bookworm`, `alpine3.20`, `static-debian12`), and its version line.
    pub fn base_line(&self) -> Option<(&'static Product, Line<'static>)> {
        let tag = self.tag.iter().flat_map(|tag| tag.split('-'));
        let mut words = tag.chain(self.repository.rsplit('-').take(1));
        let (base, line) = words.find_map(version::base_line)?;
        (base.id != self.product.id).then_some((base, line))
    }

    fn has_word(&self, word: &str) -> bool {
        self.tag.as_deref().is_some_and(|tag| tag.split('-').any(|part| part == word))
    }
}

impl std::str::FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Day::try_from(text.to_owned())
    }
}

impl From<jiff::civil::Date> for Day {
    fn from(date: jiff::civil::Date) -> Self {
        Day { year: date.year(), month: date.month(), day: date.day() }
    }
}
