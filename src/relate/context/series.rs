//! Dockerfiles of which there are several of one shape: older releases beside the newest, and one for each system or
//! release of a language that something is built or tried on.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::file_name;

/// The indices of `paths` that are older than another one of the same shape, or one of a series of systems.
pub(super) fn members(paths: &[&str]) -> BTreeSet<usize> {
    let mut releases: BTreeMap<String, Vec<(Vec<u64>, usize)>> = BTreeMap::new();
    let mut systems: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, path) in paths.iter().enumerate() {
        for (shape, part) in parts(path) {
            if let Some(version) = version(&part) {
                releases.entry(shape).or_default().push((version, index));
            } else if is_system(&part) {
                systems.entry(shape).or_default().push(index);
            }
        }
    }
    let mut found = BTreeSet::new();
    for all in releases.values() {
        let newest = all.iter().map(|(version, _)| version).max();
        found.extend(all.iter().filter(|(version, _)| Some(version) < newest).map(|(_, index)| *index));
    }
    found.extend(systems.into_values().filter(|all| all.len() > 1).flatten());
    found
}

/// The parts of a path that may tell it from others of its shape, with the shape: every folder, and what is added to the
/// name `Dockerfile`.
fn parts(path: &str) -> impl Iterator<Item = (String, String)> {
    let lower = path.to_ascii_lowercase();
    let name = file_name(&lower);
    let added = name.strip_prefix("dockerfile").or(name.strip_suffix("dockerfile")).unwrap_or_default();
    let added = added.trim_matches(['.', '-', '_']).to_owned();
    let own = (lower[..lower.len() - name.len()].to_owned(), added);
    let ends: Vec<(usize, usize)> =
        lower.match_indices('/').map(|(end, _)| (lower[..end].rfind('/').map_or(0, |start| start + 1), end)).collect();
    let folders = ends
        .into_iter()
        .map(move |(start, end)| (format!("{}*{}", &lower[..start], &lower[end..]), lower[start..end].to_owned()));
    folders.chain([own]).filter(|(_, part)| !part.is_empty())
}

/// `1.2.3`, `v2`.
fn version(part: &str) -> Option<Vec<u64>> {
    part.strip_prefix('v').unwrap_or(part).split('.').map(|number| number.parse().ok()).collect()
}

/// `centos7`, `ubuntu-18.04`, `py37`, `bionic`.
fn is_system(part: &str) -> bool {
    const NUMBERED: [&str; 31] = [
        "al",
        "alma",
        "almalinux",
        "alpine",
        "amazonlinux",
        "amzn",
        "centos",
        "debian",
        "el",
        "fedora",
        "go",
        "golang",
        "java",
        "jdk",
        "leap",
        "node",
        "nodejs",
        "ol",
        "openjdk",
        "opensuse",
        "oraclelinux",
        "php",
        "py",
        "python",
        "rhel",
        "rocky",
        "rockylinux",
        "ruby",
        "sles",
        "ubi",
        "ubuntu",
    ];
    const NAMED: [&str; 13] = [
        "bionic", "bookworm", "bullseye", "buster", "focal", "jammy", "jessie", "noble", "stretch", "trixie", "trusty",
        "wheezy", "xenial",
    ];
    let mut words = part.split(['-', '_', '.', ':']);
    let first = words.next().unwrap_or_default();
    let letters = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_next_number = || words.clone().next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    NUMBERED.contains(&letters) && (letters.len() < first.len() || is_next_number())
        || NAMED.contains(&first)
        || words.any(|word| NAMED.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::members;

    fn of<'p>(paths: &[&'p str]) -> Vec<&'p str> {
        members(paths).into_iter().map(|index| paths[index]).collect()
    }

    #[test]
    fn older_releases() {
        assert_eq!(
            of(&["0.4.29/Dockerfile", "0.3.0/Dockerfile", "0.10.1/Dockerfile"]),
            ["0.4.29/Dockerfile", "0.3.0/Dockerfile"]
        );
        assert_eq!(of(&["a/v1/web/Dockerfile", "a/v2/web/Dockerfile", "b/v1/web/Dockerfile"]), ["a/v1/web/Dockerfile"]);
        assert_eq!(of(&["web/Dockerfile", "api/Dockerfile", "1/Dockerfile"]), [""; 0]);
    }

    #[test]
    fn systems_and_languages() {
        let all = ["x/Dockerfile.py37", "x/Dockerfile.py38", "x/Dockerfile", "y/Dockerfile-node12"];
        assert_eq!(of(&all), all[..2]);
        let all = ["build/centos7/Dockerfile", "build/ubuntu-18.04/Dockerfile", "build/web/Dockerfile"];
        assert_eq!(of(&all), all[..2]);
        assert_eq!(of(&["Dockerfile.alpine", "Dockerfile.debian", "go/Dockerfile", "node/Dockerfile"]), [""; 0]);
    }
}
