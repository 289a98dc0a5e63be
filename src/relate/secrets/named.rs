//! Who names a file, or sets a key: searched once for all that is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Stake, place, stake, words};
use crate::detect::{self, Keyword, Prefilter};
use crate::fact::Role;
use crate::inspect::compose::is_named;
use crate::inspect::env::name::{environment, is_dotenv};
use crate::parallel;
use crate::path::{file_name, folder};
use crate::source::{self, Source};

/// Names that are searched for at most.
const MOST: usize = 500;
/// Names shorter than this are not searched for.
const SHORTEST: usize = 4;
/// Texts longer than this name nothing on purpose.
const LONGEST: usize = 1 << 20;

/// Name → the paths of the texts, prose apart, that hold it.
pub(super) struct Named {
    by_name: BTreeMap<String, Vec<Holder>>,
}

/// A text that holds a name.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) path: String,
    pub(super) is_shipped: bool,
    pub(super) is_test: bool,
    /// Whether it is a script that works inside containers of the machine that it runs on.
    pub(super) enters: bool,
}

impl Holder {
    /// Whether it ships, and puts files where a program runs: a Dockerfile, a compose file, a manifest, a script.
    pub(super) fn deploys(&self) -> bool {
        let name = file_name(&self.path).to_ascii_lowercase();
        let is_such = ["yaml", "yml", "tpl", "sh", "tf"].iter().any(|ending| name.ends_with(ending));
        self.is_shipped && (is_such || name.contains("dockerfile"))
    }
}

impl Named {
    /// Who holds `name`, itself apart.
    pub(super) fn holders<'n>(&'n self, name: &str, own: &'n str) -> impl Iterator<Item = &'n Holder> {
        self.by_name.get(name).map_or(&[][..], Vec::as_slice).iter().filter(move |holder| holder.path != own)
    }

    /// Whether anything that ships names the file at `path`: by its folder and name, or by its name from beside or above.
    pub(super) fn ships(&self, path: &str) -> bool {
        self.files(path).any(|holder| holder.is_shipped)
    }

    /// The same without scripts that work inside containers of the machine that they run on.
    pub(super) fn ships_beyond(&self, path: &str) -> bool {
        self.files(path).any(|holder| holder.is_shipped && !holder.enters)
    }

    /// Who names the file at `path`.
    pub(super) fn files<'n>(&'n self, path: &'n str) -> impl Iterator<Item = &'n Holder> {
        let name = file_name(path);
        let beside = move |holder: &&Holder| path.starts_with(folder(&holder.path));
        let long = long_name(path);
        self.holders(name, path).filter(beside).chain(long.into_iter().flat_map(move |long| {
            self.by_name.get(&long).map_or(&[][..], Vec::as_slice).iter().filter(move |holder| holder.path != path)
        }))
    }
}

/// The last folder and the name.
fn long_name(path: &str) -> Option<String> {
    let parent = file_name(folder(path));
    (!parent.is_empty()).then(|| format!("{parent}/{}", file_name(path)))
}

/// Searches for what the credentials ask for.
pub(super) fn of(found: &[Found<'_, '_>], sources: &[Source]) -> Named {
    let mut names: BTreeSet<String> = BTreeSet::new();
    for one in found {
        if place::asks_for_names(one) {
            names.insert(file_name(one.path()).to_owned());
            names.extend(long_name(one.path()));
        }
        names.extend(place::variables_of(one));
        if one.place == "code" && one.is_drawn && stake::of(one.key) == Stake::OwnKey {
            names.insert(one.key.to_owned());
        }
    }
    let names: Vec<String> = names.into_iter().filter(|name| name.len() >= SHORTEST).take(MOST).collect();
    let mut named = Named { by_name: BTreeMap::new() };
    if names.is_empty() {
        return named;
    }
    let finder = Prefilter::new(names.iter().map(|name| Keyword { text: name.clone().into(), exact: true }).collect());
    let searched = sources.iter().filter(|source| source.text().len() <= LONGEST && !is_prose(source.path())).collect();
    let inside = |source: &Source| -> (u32, BTreeSet<usize>) {
        let (text, mut hits) = (source.text(), BTreeSet::new());
        finder.scan(text.as_bytes(), |name, start| {
            if !is_commented(text, start) {
                hits.insert(name);
            }
        });
        (source.id.0, hits)
    };
    for (id, hits) in parallel::map(searched, source::bytes(sources), inside) {
        let Some(source) = sources.get(id as usize).filter(|_| !hits.is_empty()) else { continue };
        for name in hits.into_iter().filter_map(|index| names.get(index)) {
            // Where a key is made (`openssl req -keyout server.key`), it is not given to anything.
            let makes = source.text().contains("-keyout ") && source.text().contains("openssl");
            let holder = Holder {
                path: source.path().to_owned(),
                is_shipped: ships(source) && !makes,
                is_test: source.role == Role::Test,
                enters: enters(source.text()),
            };
            named.by_name.entry(name.clone()).or_default().push(holder);
        }
    }
    named
}

/// Whether a comment begins the line of what stands at `at`: nothing is done with what it names.
fn is_commented(text: &str, at: usize) -> bool {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(200))..at).unwrap_or_default();
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line).trim_start();
    line.starts_with('#') || line.starts_with("//")
}

/// Whether what names something is more than a pipeline, or a try; what compose files make of it is asked of them.
fn ships(source: &Source) -> bool {
    // What the templates of a chart share is rendered with them.
    let is_of_chart = source.path().ends_with(".tpl") && source.path().contains("templates/");
    (source.role.is_shipped() || is_of_chart)
        && !is_named(source.path())
        && (!is_dotenv(source.path()) || environment(source.path()).as_deref() == Some("production"))
        && !words::is_of_pipeline(source.path())
        && !detect::is_for_tries(source.path())
}

/// Whether a script runs commands in containers: `docker compose exec -T db mysql < provision.sql`.
fn enters(text: &str) -> bool {
    ["docker compose exec", "docker-compose exec", "docker exec"].iter().any(|command| text.contains(command))
}

fn is_prose(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    ["md", "mdx", "rst", "adoc", "asciidoc", "html", "txt", "lock", "svg", "csv", "css"].contains(&ending.as_str())
}
