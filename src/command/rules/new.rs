//! `rules new ID`: a rule file with every key, ready to fill in.

use std::fs;

use camino::Utf8Path;

use crate::error::Error;
use crate::exit::ExitCode;
use crate::relate;

pub(super) fn run(id: &str, dir: &Utf8Path) -> Result<ExitCode, Error> {
    let parts: Vec<&str> = id.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let [inspector, _] = parts[..] else {
        return Err(Error::usage(
            format!("`{id}` is not an id"),
            Some("write `inspector/defect`: dockerfile/image-untagged".into()),
        ));
    };
    if !parts.iter().all(plain) {
        return Err(Error::usage(
            format!("`{id}` is not an id"),
            Some("use lower-case letters, digits and `-`".into()),
        ));
    }
    let subjects: Vec<&str> = relate::subjects()
        .into_iter()
        .filter(|subject| subject.inspector() == inspector)
        .map(|subject| subject.name)
        .collect();
    let Some(subject) = subjects.first() else {
        let names: Vec<&str> = crate::inspect::INSPECTORS.iter().map(|inspector| inspector.name()).collect();
        return Err(Error::usage(
            format!("there is no inspector `{inspector}`"),
            Some(format!("there are {}", names.join(", "))),
        ));
    };
    let path = dir.join(format!("{id}.yaml"));
    if path.exists() {
        return Err(Error::usage(format!("{path} exists already"), None));
    }
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(dir.join(inspector))?;
        fs::write(&path, template(subject, &subjects))
    };
    write().map_err(|error| Error::usage(format!("cannot write {path}: {error}"), None))?;
    crate::command::put_masked(&format!("{path}\n")).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

fn template(subject: &str, subjects: &[&str]) -> String {
    let variable = subject.rsplit('.').next().unwrap_or(subject);
    format!(
        "title: What is wrong, in a headline
severity: medium # critical | high | medium | low | info
category: reliability # security | reliability | availability | correctness | efficiency | observability | operability
default: on # on | off | [profiles]
subject: {subject} # one of: {all}; docs/facts.md tells their fields
# when: true # a condition that narrows the subject
assert: {variable} != null # a condition that is true when all is well
message: \"what is wrong here; {{{{…}}}} holds expressions\"
why: |
  What goes wrong, for the person who has to act, and when it does not matter.
fix: |
  What to write instead.
references: []
tags: {{}}
aliases: {{}}
examples:
  fails:
    - name: the plain case
      text: |
        write « » around the place that the finding names
  passes:
    - name: the edge case that must stay silent
      text: |
        …
",
        all = subjects.join(", ")
    )
}
