//! What `check` does with mended files: it writes them whole and renames them into place, or shows a patch.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::fix::diff::{self, Side};
use crate::mask;
use crate::run::{Kept, Mended, MendsFiles, Outcome};
use crate::source::{Encoding, Origin, Source, read_plain};

/// Who writes.
#[derive(Debug)]
pub(super) struct Writer {
    root: PathBuf,
    /// Only a patch is made.
    rehearses: bool,
    /// The patch of a rehearsal; without one, what standard input came to.
    pub(super) shown: String,
    /// Whether standard input was judged, so that standard output carries what it came to.
    pub(super) has_stdin: bool,
    /// What became of all fixes.
    pub(super) outcome: Outcome,
}

impl Writer {
    pub(super) fn new(root: &Path, rehearses: bool) -> Self {
        let (shown, outcome) = (String::new(), Outcome::default());
        Writer { root: root.to_owned(), rehearses, shown, has_stdin: false, outcome }
    }
}

impl MendsFiles for Writer {
    fn take(&mut self, mended: Mended<'_>) -> Result<Kept, String> {
        let Mended { before, after, .. } = mended;
        if self.rehearses {
            self.shown += &patch(before, after);
            return Ok(Kept::Shown);
        }
        if let Origin::Stdin(_) = before.origin {
            self.shown = String::from_utf8_lossy(&after.encoding.bytes(after.text())).into_owned();
            self.has_stdin = true;
            return Ok(Kept::Yes);
        }
        let new = after.encoding.bytes(after.text());
        replace(&self.root, before.path(), &before.encoding.bytes(before.text()), &new).map(|()| Kept::Yes)
    }

    fn end(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

/// Writes `new` into the plain file at `path` if it still holds `old`: beside it first, then renamed into place, with
/// its permissions.
fn replace(root: &Path, path: &str, old: &[u8], new: &[u8]) -> Result<(), String> {
    let is_same = || Ok::<bool, String>(read_plain(root, path)? == old);
    if !is_same()? {
        return Err("it has changed since it was read".to_owned());
    }
    let file = root.join(path);
    let told = |error: std::io::Error| error.to_string();
    let permissions = fs::symlink_metadata(&file).map_err(told)?.permissions();
    if permissions.readonly() {
        return Err("it is read-only".to_owned());
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = file.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let write = || -> Result<(), String> {
        let mut part = fs::OpenOptions::new().write(true).create_new(true).open(&beside).map_err(told)?;
        // First of all: nobody reads in the meantime what only the owner may.
        part.set_permissions(permissions).map_err(told)?;
        part.write_all(new).map_err(told)?;
        drop(part);
        if !is_same()? {
            return Err("it has changed since it was read".to_owned());
        }
        fs::rename(&beside, &file).map_err(told)
    };
    write().inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// What a fix changes in a file, without any secret.
fn patch(before: &Source, after: &Source) -> String {
    let mark = if before.encoding == Encoding::Utf8Bom { "\u{feff}" } else { "" };
    let (old, new) = ([mark, before.text()].concat(), [mark, after.text()].concat());
    let side = |source: &Source, text| -> Side<'_> {
        let mut shown = mask::lines(source.path(), source.text());
        shown.iter_mut().take(1).for_each(|first| first.insert_str(0, mark));
        Side { text, shown }
    };
    diff::unified(&mask::plain(before.path()), &side(before, &old), &side(after, &new))
}

/// A line on what was mended and what was left.
pub(super) fn tell(writer: &Writer, and_unsafe: bool) -> String {
    let outcome = &writer.outcome;
    let findings = |n: usize| if n == 1 { "1 finding".to_owned() } else { format!("{n} findings") };
    let files = if outcome.files == 1 { "1 file".to_owned() } else { format!("{} files", outcome.files) };
    let verb = if writer.rehearses { "would be mended" } else { "mended" };
    let mut line = match outcome.fixed {
        0 => format!("nothing {verb}"),
        n => format!("{} {verb} in {files}", findings(n)),
    };
    if outcome.held_back > 0 && !and_unsafe {
        line += &format!("; {} more with --unsafe-fixes", outcome.held_back);
    }
    if !outcome.dropped.is_empty() {
        line += &format!("; {} left out:", counted_fixes(outcome.dropped.len()));
        let mut causes: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for one in &outcome.dropped {
            causes
                .entry((&one.path, &one.why))
                .or_default()
                .extend([&*one.rule].iter().filter(|rule| !rule.is_empty()));
        }
        for ((path, why), rules) in causes {
            let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
            line += &format!("\n  {path}: {why}{}{rules}", if rules.is_empty() { "" } else { ": " });
        }
    }
    line + "\n"
}

fn counted_fixes(n: usize) -> String {
    if n == 1 { "1 fix".to_owned() } else { format!("{n} fixes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("seaworthy-fix-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("d")).expect("a folder");
        folder.canonicalize().expect("a folder")
    }

    #[test]
    fn a_file_is_replaced_with_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let root = folder("permissions");
        let file = root.join("d/F");
        fs::write(&file, "a").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o750)).expect("set");
        assert_eq!(replace(&root, "d/F", b"a", b"b"), Ok(()));
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o750);
        assert_eq!(fs::read_dir(root.join("d")).expect("a folder").count(), 1);
        assert_eq!(replace(&root, "d/F", b"a", b"c"), Err("it has changed since it was read".to_owned()));
        assert_eq!(read_plain(&root, "d/F"), Ok(b"b".to_vec()));
    }

    #[test]
    fn links_are_not_followed() {
        let root = folder("links");
        fs::write(root.join("d/F"), "a").expect("written");
        std::os::unix::fs::symlink("F", root.join("d/link")).expect("linked");
        std::os::unix::fs::symlink("d", root.join("e")).expect("linked");
        assert!(replace(&root, "d/link", b"a", b"b").is_err());
        assert!(replace(&root, "e/F", b"a", b"b").is_err());
        assert!(replace(&root, "../x", b"a", b"b").is_err());
        assert_eq!(read_plain(&root, "d/F"), Ok(b"a".to_vec()));
    }
}
