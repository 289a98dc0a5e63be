//! Folders of versions of the same files: `releases/v1.2/compose.yaml`, `releases/v1.3/compose.yaml`. What stands in all of
//! them is to be mended in the newest.

use std::collections::HashMap;

/// Path without its numbers → the newest path that looks like it.
#[derive(Debug, Default)]
pub(super) struct Versions<'s> {
    newest: HashMap<String, (Vec<u64>, &'s str)>,
}

impl<'s> Versions<'s> {
    /// The newest of all paths.
    pub(super) fn of(paths: impl Iterator<Item = &'s str>) -> Self {
        let mut versions = Self::default();
        for path in paths {
            let Some((shape, numbers)) = shape(path) else { continue };
            let newest = versions.newest.entry(shape).or_insert((numbers.clone(), path));
            if numbers > newest.0 {
                *newest = (numbers, path);
            }
        }
        versions
    }

    /// Whether a newer version of the file is there.
    pub(super) fn is_old(&self, path: &str) -> bool {
        let newest = shape(path).and_then(|(shape, _)| self.newest.get(&shape));
        newest.is_some_and(|(_, newest)| *newest != path)
    }
}

/// A path with a version in a folder, without its numbers, and they.
fn shape(path: &str) -> Option<(String, Vec<u64>)> {
    let folders = path.rsplit_once('/').map(|(folders, _)| folders)?;
    if !folders.split('/').any(has_version) {
        return None;
    }
    let mut numbers = Vec::new();
    let mut shape = String::with_capacity(path.len());
    let mut number: Option<u64> = None;
    for c in path.chars() {
        match c.to_digit(10) {
            Some(digit) => number = Some(number.unwrap_or_default().saturating_mul(10).saturating_add(digit.into())),
            None => {
                if let Some(number) = number.take() {
                    numbers.push(number);
                    shape.push('#');
                }
                shape.push(c);
            }
        }
    }
    numbers.extend(number);
    Some((shape, numbers))
}

/// `v1.2`, `lake-v0.21.0`, `5.7`.
fn has_version(folder: &str) -> bool {
    let bytes = folder.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (1..bytes.len()).any(|at| bytes.get(at) == Some(&b'.') && is_digit(at - 1) && is_digit(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_versions_the_newest_counts() {
        let paths = ["a/v0.9.0/compose.yml", "a/v0.21.0/compose.yml", "a/v0.21.0/other.yml", "a/compose.yml"];
        let versions = Versions::of(paths.into_iter());
        let old: Vec<&str> = paths.into_iter().filter(|path| versions.is_old(path)).collect();
        assert_eq!(old, ["a/v0.9.0/compose.yml"]);
    }
}
