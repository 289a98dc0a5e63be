//! Program text → the variables of the environment that it reads, by their literal names. No parser of any language:
//! a known call, its literal, and what stands directly around it. What cannot be seen so is not stated.

use crate::path;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

mod around;
mod comment;
mod go;
mod java;
mod javascript;
mod python;
mod ruby;
mod rust;
mod shell;

#[cfg(test)]
mod tests;

/// A longer file is no program that a person wrote.
const LONGEST: usize = 1 << 20;

/// What happens when the variable is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Something stands in for it, or the program asks first whether it is there.
    Optional,
    /// It counts when the program is built, not when it runs.
    Build,
    /// The program goes on without a value.
    Silent,
    /// The program fails there.
    Fails,
}

impl Need {
    /// Its name in facts.
    pub fn name(self) -> &'static str {
        match self {
            Need::Optional => "optional",
            Need::Build => "build",
            Need::Silent => "silent",
            Need::Fails => "fails",
        }
    }
}

/// A read of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<'t> {
    /// Its name.
    pub name: &'t str,
    /// Where the name stands.
    pub place: Range<usize>,
    /// What happens when it is not set.
    pub need: Need,
}

/// What a program does with variables.
#[derive(Debug, Default)]
pub struct Code<'t> {
    /// What it reads, in order.
    pub reads: Vec<Read<'t>>,
    /// What it sets itself.
    pub sets: Vec<&'t str>,
}

impl<'t> Code<'t> {
    fn read(&mut self, name: &'t str, place: Range<usize>, need: Need) {
        self.reads.push(Read { name, place, need });
    }
}

/// A language that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// JavaScript and TypeScript, on any runtime.
    JavaScript,
    /// Python.
    Python,
    /// Go.
    Go,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// A POSIX shell.
    Shell,
}

struct Row {
    language: Language,
    name: &'static str,
    endings: &'static [&'static str],
    /// A text without any of these reads nothing.
    needles: &'static [&'static str],
}

const ROWS: [Row; 7] = [
    Row {
        language: Language::JavaScript,
        name: "JavaScript",
        endings: &["js", "ts", "jsx", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"],
        needles: &["process.env", "Deno.env", "Bun.env"],
    },
    Row { language: Language::Python, name: "Python", endings: &["py"], needles: &["environ", "getenv"] },
    Row { language: Language::Go, name: "Go", endings: &["go"], needles: &["env(", "Env(", "env:\""] },
    Row { language: Language::Ruby, name: "Ruby", endings: &["rb", "ru", "rake"], needles: &["ENV[", "ENV."] },
    Row { language: Language::Rust, name: "Rust", endings: &["rs"], needles: &["env::", "env!"] },
    Row {
        language: Language::Java,
        name: "Java",
        endings: &["java", "kt", "kts", "scala", "groovy"],
        needles: &["getenv", "@Value"],
    },
    Row { language: Language::Shell, name: "Shell", endings: &["sh", "bash"], needles: &["${", "export "] },
];

impl Language {
    /// The language of a file of that name.
    pub fn of(path: &str) -> Option<Language> {
        let name = path::file_name(path);
        let (_, ending) = name.rsplit_once('.')?;
        ROWS.iter().find(|row| row.endings.contains(&ending)).map(|row| row.language)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        ROWS.iter().find(|row| row.language == self).map_or("", |row| row.name)
    }
}

/// What the program `text` does with variables; nothing when its name tells no language.
pub fn read<'t>(path: &str, text: &'t str) -> Code<'t> {
    static FILTERS: [OnceLock<Option<AhoCorasick>>; ROWS.len()] = [const { OnceLock::new() }; ROWS.len()];
    let Some(language) = Language::of(path).filter(|_| text.len() <= LONGEST) else { return Code::default() };
    let mut rows = ROWS.iter().zip(&FILTERS);
    let Some((row, filter)) = rows.find(|(row, _)| row.language == language) else { return Code::default() };
    let filter = filter.get_or_init(|| AhoCorasick::new(row.needles).ok());
    let Some(filter) = filter else { return Code::default() };
    if !filter.is_match(text) {
        return Code::default();
    }
    let hidden = comment::hidden(language, text);
    let open = |at: usize| !comment::holds(&hidden, at);
    let hits = filter.find_iter(text).map(|hit| hit.range()).filter(|hit| open(hit.start));
    let mut code = Code::default();
    match language {
        Language::JavaScript => hits.for_each(|hit| javascript::read(text, hit, &mut code)),
        Language::Python => hits.for_each(|hit| python::read(text, hit, &mut code)),
        Language::Go => hits.for_each(|hit| go::read(text, hit, &mut code)),
        Language::Ruby => hits.for_each(|hit| ruby::read(text, hit, &mut code)),
        Language::Rust => hits.for_each(|hit| rust::read(path, text, hit, &mut code)),
        Language::Java => hits.for_each(|hit| java::read(text, hit, &mut code)),
        Language::Shell => shell::read(text, hits, &mut code),
    }
    settle(&mut code);
    code
}

/// A file that sets a variable, or asks whether it is there, knows what to do without it.
fn settle(code: &mut Code<'_>) {
    let mut asked: HashSet<&str> = code.sets.iter().copied().collect();
    asked.extend(code.reads.iter().filter(|read| read.need == Need::Optional).map(|read| read.name));
    for read in &mut code.reads {
        if asked.contains(read.name) && read.need != Need::Build {
            read.need = Need::Optional;
        }
    }
}
