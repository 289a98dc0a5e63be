//! Key file ↔ certificate file: by names that say that they belong together.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::Fact;
use crate::inspect::tls::pair_of_files;
use crate::source::Source;
use crate::span::SourceId;

/// What programs call a key, and what they call the certificate beside it.
const PARTNERS: &[(&str, &[&str])] = &[
    ("privkey.pem", &["fullchain.pem", "cert.pem"]),
    ("key.pem", &["cert.pem", "fullchain.pem"]),
    ("tls.key", &["tls.crt"]),
];
/// Ends of names of certificate files, in the order in which they are looked for.
const ENDINGS: &[&str] = &["crt", "cer", "pem", "cert"];

/// States the facts.
pub(super) fn relate<'s>(sources: &'s [Source], facts: &[Fact<'s>], found: &mut Vec<Fact<'s>>) {
    let of = |subject: &str| -> BTreeSet<SourceId> {
        facts.iter().filter(|fact| fact.subject().name == subject).map(|fact| fact.span.source).collect()
    };
    let (keys, certificates) = (of("tls.key"), of("tls.certificate"));
    let by_path: BTreeMap<&str, &'s Source> =
        certificates.iter().filter_map(|id| sources.get(id.0 as usize)).map(|one| (one.path(), one)).collect();
    // A key beside its certificate in one file needs no other.
    for key in keys.difference(&certificates).filter_map(|id| sources.get(id.0 as usize)) {
        if let Some(certificate) = partners(key.path()).iter().find_map(|path| by_path.get(path.as_str())) {
            found.extend(pair_of_files(key, certificate));
        }
    }
}

/// The paths where the certificate of the key at `path` may lie.
fn partners(path: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let place = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let mut paths: Vec<String> = Vec::new();
    if let Some((_, names)) = PARTNERS.iter().find(|(key, _)| *key == name) {
        paths.extend(names.iter().map(|name| place(name)));
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let bare =
        ["-key", ".key", "_key", "-private", ".private"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    paths.extend(ENDINGS.iter().map(|ending| place(&format!("{bare}.{ending}"))));
    paths.extend(["-cert", ".cert", "_cert"].iter().map(|end| place(&format!("{bare}{end}.pem"))));
    paths.retain(|one| one != path);
    paths
}
