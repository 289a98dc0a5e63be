//! `$INCLUDE`: which file of the examined tree is meant.

use std::collections::HashSet;

use super::{data, is_zone_name, read};
use crate::inspect::Among;
use crate::path;
use crate::path::tidy;
use crate::source::Source;
use crate::span::SourceId;

/// Ends of names of files that hold a part of a zone.
const ENDINGS: &[&str] = &[".inc", ".include", ".includes", ".records", ".rr"];
/// A longer text is no part of a zone that people write.
const MOST_BYTES: usize = 1 << 20;
/// Folders above a file that are looked through.
const MOST_FOLDERS: usize = 16;

/// A file that another one includes.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'s> {
    /// Its number.
    pub source: SourceId,
    /// Its path.
    pub path: &'s str,
    /// Its text.
    pub text: &'s str,
}

/// Whether a file of this name may be a part of a zone that another file includes; keys of DNSSEC among them.
pub(super) fn is_part_name(path: &str) -> bool {
    let name = path::file_name(path);
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || (name.starts_with('K') && name.ends_with(".key") && name.contains(".+"))
}

/// Whether a text is nothing but records and directives.
pub(super) fn is_part(path: &str, text: &str) -> bool {
    if text.len() > MOST_BYTES || !begins_as_one(text) || text.contains('\0') {
        return false;
    }
    let document = read::read(text, path);
    document.template.is_none() && document.faults.is_empty() && !document.records.is_empty()
}

/// Whether the first line that is no comment may be a record or a directive: many languages call files so.
fn begins_as_one(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.split(';').next().unwrap_or_default());
    let first = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
    let words = first.split_whitespace();
    let is_directive = |word: &str| matches!(word, "$ORIGIN" | "$TTL" | "$INCLUDE" | "$GENERATE");
    words.clone().next().is_some_and(is_directive) || words.take(5).any(|word| data::kind(word).is_some())
}

/// Whether another zone file takes this one in, which is then judged there.
pub(super) fn is_included(source: &Source, among: &Among<'_, '_>) -> bool {
    // What says who has authority is a zone of its own.
    !source.text().contains("SOA") && among.taken_in(|| included(among)).contains(&source.id)
}

/// Every file that a zone file, or a part of one, takes in; itself apart.
fn included(among: &Among<'_, '_>) -> HashSet<SourceId> {
    let may = |one: &&Source| one.bytes().is_none() && (is_zone_name(one.path()) || is_part_name(one.path()));
    let taken = |one: &Source| {
        let found = files(one.text()).filter_map(|file| find(among, one.path(), file).ok());
        found.map(|found| found.source).filter(|id| *id != one.id).collect::<Vec<_>>()
    };
    among.sources.iter().filter(may).flat_map(taken).collect()
}

/// The files that a text includes.
fn files(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| word.eq_ignore_ascii_case("$INCLUDE"))?;
        words.next().map(|file| file.trim_matches('"'))
    });
    lines.take(read::MOST_INCLUDES)
}

/// The file that `file` names in the zone file `from`: below its folder, or one of those above; of an absolute path, which
/// is that of the server, as much as lies there.
///
/// # Errors
/// In words: it lies outside, or is not among the files that are read.
pub(super) fn find<'s>(among: &Among<'s, '_>, from: &str, file: &str) -> Result<Opened<'s>, String> {
    let is_absolute = file.starts_with('/');
    let mut names = vec![file.trim_start_matches('/')];
    while let Some((_, rest)) =
        names.last().and_then(|name| name.split_once('/')).filter(|_| is_absolute && names.len() < MOST_FOLDERS)
    {
        names.push(rest);
    }
    let mut folder = path::folder(from);
    let mut is_within = false;
    for _ in 0..MOST_FOLDERS {
        for name in &names {
            let path = if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
            let Some(path) = tidy(&path) else { continue };
            is_within = true;
            if let Some(found) = among.file(&path) {
                return Ok(Opened { source: found.id, path: found.path(), text: found.text() });
            }
        }
        if folder.is_empty() {
            break;
        }
        folder = path::folder(folder);
    }
    Err(if is_within {
        "there is no such file among those that are read".into()
    } else {
        "it lies outside of what is examined".into()
    })
}
