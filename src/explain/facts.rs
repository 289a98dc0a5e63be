//! `docs/facts.md`: every subject with its fields, for those who write rules. Made from the fact schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::fact::{Subject, Type};

const HEAD: &str = "\
# Facts

Generated from the fact schema (`UPDATE=1 cargo test generated`); do not edit.

A rule names a subject in `subject:` and judges each fact of it. The last part of the subject's name is the variable
that its condition sees; beside it stand `source` (the file), `role` (what the thing is for), `params` (the rule's
parameters) and `now` (the time of judgement). A field of type `tree` is a part of the artefact itself: select from it
optionally (`container.spec.?securityContext`), for a selection that finds nothing is *unknown*, never a pass. A field
that is not there (`absent`) is selected with `.?` as well. Every value knows the text that makes it true; that is where
a finding stands.
";

/// The whole page.
pub fn page(subjects: &[&'static Subject]) -> String {
    let mut page = HEAD.to_owned();
    let mut all: Vec<&'static Subject> = subjects.to_vec();
    let mut seen: BTreeSet<&str> = all.iter().map(|subject| subject.name).collect();
    let mut next = 0;
    while let Some(subject) = all.get(next).copied() {
        for inner in subject.fields.iter().filter_map(|field| record(field.ty)) {
            if seen.insert(inner.name) {
                all.push(inner);
            }
        }
        next += 1;
    }
    let judged: BTreeSet<&str> = subjects.iter().map(|subject| subject.name).collect();
    for (title, wanted) in [("Subjects", true), ("Records", false)] {
        let _ = write!(page, "\n## {title}\n");
        let mut part: Vec<_> = all.iter().filter(|subject| judged.contains(subject.name) == wanted).collect();
        part.sort_by_key(|subject| subject.name);
        for subject in part {
            section(&mut page, subject);
        }
    }
    page
}

fn section(page: &mut String, subject: &Subject) {
    let _ = write!(
        page,
        "\n### {}\n\n{}\n\n| field | type | meaning |\n|---|---|---|\n",
        subject.name,
        one_line(subject.doc)
    );
    for field in subject.fields {
        let _ = writeln!(
            page,
            "| `{}.{}` | {} | {} |",
            subject.variable(),
            field.name(),
            type_name(field.ty),
            one_line(field.doc).replace('|', "\\|")
        );
    }
}

fn record(ty: Type) -> Option<&'static Subject> {
    match ty {
        Type::Record(subject) => Some(subject),
        Type::List(inner) => record(*inner),
        _ => None,
    }
}

/// The type as the page shows it.
fn type_name(ty: Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Int => "int".into(),
        Type::Float => "double".into(),
        Type::String => "string".into(),
        Type::Dyn => "tree".into(),
        Type::List(inner) => format!("list of {}", type_name(*inner)),
        Type::Record(subject) => format!("[{}](#{})", subject.name, subject.name.replace('.', "").to_lowercase()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
