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

/// Endings of files that hold no text, or text that no person wrote: pictures, archives, locks, maps.
const OTHERS: &str = "\
    png jpg jpeg gif webp ico bmp tiff psd svg woff woff2 ttf otf eot mp3 mp4 mov avi wav ogg webm pdf zip gz tgz \
    bz2 xz zst 7z rar jar war class exe dll so dylib a o wasm pyc bin dat db sqlite parquet map lock sum snap pack \
    idx crl der";

/// Files that list what was resolved, with a hash a line.
const LOCKS: &str = "\
    package-lock.json npm-shrinkwrap.json pnpm-lock.yaml packages.lock.json go.work.sum deno.lock bun.lock \
    conan.lock gradle-wrapper.properties verification-metadata.xml";

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
        let packed = name.contains(".min.") || among(LOCKS, &name);
        !packed && !among(OTHERS, ending)
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

fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

#[cfg(test)]
mod tests;
