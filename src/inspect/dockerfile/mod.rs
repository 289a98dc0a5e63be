//! Dockerfiles (Containerfiles): what builds an image.

use crate::fact::{Reason, Subject};
use crate::inspect::{Inspection, Inspector, Problem};
use crate::path;
use crate::source::Source;
use crate::span::Span;
use crate::syntax::outline::Piece;

pub mod document;
pub mod facts;
mod outline;
pub mod read;

/// The inspector of Dockerfiles.
#[derive(Debug)]
pub struct Dockerfile;

/// Endings of files that another tool turns into a Dockerfile.
const TEMPLATES: [&str; 12] =
    ["j2", "jinja", "jinja2", "tmpl", "tpl", "gotmpl", "template", "erb", "ejs", "mustache", "hbs", "in"];

/// Endings of program text: `Dockerfile.go` builds a program in Go, `dockerfile.go` is one. Its text tells.
const PROGRAMS: [&str; 44] = [
    "astro", "bash", "c", "cc", "clj", "cpp", "cs", "css", "dart", "el", "elm", "erl", "ex", "exs", "go", "groovy",
    "h", "hcl", "hs", "java", "jl", "js", "jsx", "kt", "lua", "mjs", "nix", "php", "pl", "proto", "ps1", "py", "rb",
    "rs", "scala", "scss", "sh", "snap", "svelte", "svg", "swift", "ts", "tsx", "vue",
];

/// Endings of files that only speak of Dockerfiles.
const OTHERS: [&str; 14] =
    ["md", "txt", "rst", "adoc", "html", "json", "yml", "yaml", "toml", "xml", "dockerignore", "lock", "log", "patch"];

impl Inspector for Dockerfile {
    fn name(&self) -> &'static str {
        "dockerfile"
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            facts::schema::File::SUBJECT,
            facts::schema::Stage::SUBJECT,
            facts::schema::Image::SUBJECT,
            facts::schema::Instruction::SUBJECT,
            facts::schema::Directive::SUBJECT,
            facts::schema::Setting::SUBJECT,
            facts::schema::Reference::SUBJECT,
            facts::schema::Copy::SUBJECT,
            facts::schema::Copied::SUBJECT,
            facts::schema::Port::SUBJECT,
            facts::schema::Entry::SUBJECT,
            facts::run_schema::Run::SUBJECT,
            facts::run_schema::Command::SUBJECT,
            facts::shell_schema::ShellText::SUBJECT,
            facts::shell_schema::Expansion::SUBJECT,
            facts::shell_schema::Substitution::SUBJECT,
            facts::shell_schema::Feature::SUBJECT,
        ]
    }

    fn usual_name(&self) -> &'static str {
        "Dockerfile"
    }

    fn wants(&self, path: &str) -> bool {
        let name = path::file_name(path).to_ascii_lowercase();
        let ending = name.rsplit('.').next().unwrap_or_default();
        let named = |word: &str| {
            let prefixed =
                name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
            let suffixed = name.strip_suffix(word).is_some_and(|rest| rest.ends_with('.'));
            suffixed || (prefixed && !OTHERS.contains(&ending))
        };
        named("dockerfile") || named("containerfile")
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        (self.wants(path) && !is_program_text(path)) || looks_like_one(text)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let document = read::read(source.id, source.text());
        if let Some((span, why)) = template(&document, source) {
            let reason = Reason::Template(why.into());
            let problem = Problem { span, reason, inspector: self.name() };
            return Inspection { problems: vec![problem], ..Inspection::default() };
        }
        let facts::Stated { facts, cut } = facts::state(&document, source.role);
        let reason = format!("more than {} commands in one instruction", facts::MOST_COMMANDS);
        let problem = |span| Problem { span, reason: Reason::Limit(reason.as_str().into()), inspector: self.name() };
        Inspection { facts, problems: cut.into_iter().map(problem).collect() }
    }

    fn outline(&self, source: &Source) -> Option<Vec<Piece>> {
        outline::of(&read::read(source.id, source.text()))
    }
}

fn is_program_text(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| PROGRAMS.contains(&&*ending))
}

/// Whether a text without a telling name is a Dockerfile: its first instruction is FROM or ARG, and most others are
/// instructions too.
fn looks_like_one(text: &str) -> bool {
    let document = read::read(crate::span::SourceId(0), text);
    let mut keywords = document.instructions.iter().map(|instruction| instruction.keyword);
    let known = document.instructions.iter().filter(|it| it.keyword != document::Keyword::Unknown).count();
    let begins = matches!(keywords.next(), Some(document::Keyword::From | document::Keyword::Arg));
    begins && !document.stages.is_empty() && known * 2 > document.instructions.len()
}

/// Why the text has to be filled in by another tool first, with the place that shows it.
fn template(document: &document::Document<'_>, source: &Source) -> Option<(Span, &'static str)> {
    const MARKS: [&str; 4] = ["{{", "{%", "<%", "@@"];
    let ending = source.path().rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let mark = document.instructions.iter().find(|it| {
        let word = it.line.get(it.keyword_place.clone());
        let image = match &it.body {
            document::Body::From { image, .. } => it.line.get(image.place.clone()),
            _ if it.keyword == document::Keyword::From => it.line.text(),
            _ => "",
        };
        MARKS.iter().any(|mark| word.starts_with(mark) || image.contains(mark))
            || (!matches!(it.body, document::Body::Command(_)) && names_property(it.line.text()))
    });
    match mark {
        Some(it) => Some((it.keyword_span(), "another tool fills in this template first")),
        None if TEMPLATES.contains(&&*ending) && source.path().contains('.') => {
            Some((source.whole().at_start(), "the file's name says that another tool fills it in first"))
        }
        None => None,
    }
}

/// Whether `${project.version}` stands there: no builder knows such a name, Maven and Gradle fill it in.
fn names_property(text: &str) -> bool {
    let is_name = |name: &str| {
        let mut parts = name.split('.');
        let plain = parts.all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        });
        plain && name.contains('.')
    };
    text.split("${").skip(1).any(|rest| rest.split_once('}').is_some_and(|(name, _)| is_name(name)))
}

#[cfg(test)]
mod tests;
