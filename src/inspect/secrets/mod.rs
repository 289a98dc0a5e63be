//! Secrets: credentials that stand readable in any text. What they are is decided in `detect`; here they become facts,
//! without their values.

use super::{Inspection, Inspector, Problem};
use crate::fact::{Reason, Subject};
use crate::path;
use crate::source::Source;

pub mod document;
mod facts;
mod read;

pub use facts::Value;

/// The inspector.
#[derive(Debug)]
pub struct Secrets;

const NAME: &str = "secrets";

/// Endings of files that hold no text, or text that no person wrote: pictures, archives, locks, maps. Sorted.
#[rustfmt::skip]
const OTHERS: [&str; 55] = [
    "7z", "a", "avi", "bin", "bmp", "bz2", "class", "crl", "dat", "db", "der", "dll", "dylib", "eot", "exe", "gif",
    "gz", "ico", "idx", "jar", "jpeg", "jpg", "lock", "map", "mov", "mp3", "mp4", "o", "ogg", "otf", "pack",
    "parquet", "pdf", "png", "psd", "pyc", "rar", "snap", "so", "sqlite", "sum", "svg", "tgz", "tiff", "ttf", "war",
    "wasm", "wav", "webm", "webp", "woff", "woff2", "xz", "zip", "zst",
];

/// Files that list what was resolved, with a hash a line. Sorted.
#[rustfmt::skip]
const LOCKS: [&str; 10] = [
    "bun.lock", "conan.lock", "deno.lock", "go.work.sum", "gradle-wrapper.properties", "npm-shrinkwrap.json",
    "package-lock.json", "packages.lock.json", "pnpm-lock.yaml", "verification-metadata.xml",
];

impl Inspector for Secrets {
    fn name(&self) -> &'static str {
        NAME
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[Value::SUBJECT]
    }

    fn usual_name(&self) -> &'static str {
        ".env"
    }

    fn wants(&self, path: &str) -> bool {
        let name = path::file_name(path).to_ascii_lowercase();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_among = |list: &[&str], word: &str| list.binary_search(&word).is_ok();
        !is_among(&OTHERS, ending) && !is_among(&LOCKS, &name) && !name.contains(".min.")
    }

    fn takes_any(&self) -> bool {
        true
    }

    fn claims(&self, path: &str, _text: &str) -> bool {
        self.wants(path)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let document = read::read(source);
        let reason = || Reason::Limit("more credentials than one file is judged for".into());
        let problems = document.cut.map(|span| Problem { span, reason: reason(), inspector: NAME });
        Inspection { facts: facts::state(&document, source), problems: problems.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests;
