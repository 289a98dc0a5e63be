//! A rule as prose: `explain`, `docs/rules/`, SARIF help and the HTML report all come from here.

pub mod facts;

use std::fmt::Write as _;

use crate::checklist::question::{Bind, EvidenceDemand, Lasting, Question, SignatureDemand};
use crate::finding::Safety;
use crate::rule::file::{Fixed, ParamValue, Prose, RuleFile, Switch};

/// The page of the rule in the published documentation; `None` while the package names no repository.
pub fn url(id: &str) -> Option<String> {
    let repository = env!("CARGO_PKG_REPOSITORY");
    (!repository.is_empty()).then(|| format!("{repository}/blob/main/docs/rules/{id}.md"))
}

/// The rule as a Markdown page. Examples are shown when the rule file holds them (rule pages, not `explain` of a
/// built-in rule, whose examples are not embedded).
pub fn page(id: &str, rule: &RuleFile, prose: &Prose) -> String {
    let mut page = format!(
        "# {}\n\n`{id}` · {} · {} · {}\n",
        rule.title,
        rule.severity.name(),
        rule.category.name(),
        switch(rule)
    );
    let _ = write!(page, "\n## Why it matters\n\n{}\n\n## What to do\n\n{}\n", prose.why.trim(), prose.fix.trim());
    if let Some(edit) = &rule.edit {
        let (how, what) = match edit.safety {
            Safety::Safe => ("`seaworthy check --fix` does it", ""),
            Safety::Unsafe => {
                ("`seaworthy check --fix --unsafe-fixes` does it", "; read what it changes before you keep it")
            }
        };
        let _ = write!(page, "\n{how}, where it can be done without a doubt{what}.\n");
    }
    let _ = write!(page, "\n## What it judges\n\nEvery `{}`", rule.subject);
    if let Some(when) = &rule.when {
        let _ = write!(page, " for which `{}`", one_line(when));
    }
    match &rule.assert {
        Some(assert) => drop(write!(page, "; it passes when\n\n```cel\n{}\n```\n", assert.trim())),
        None => page.push_str(".\n"),
    }
    parameters(&mut page, rule);
    formats(&mut page, rule);
    examples(&mut page, rule);
    names(&mut page, rule);
    if !prose.references.is_empty() {
        page.push_str("\n## References\n\n");
        for reference in &prose.references {
            let _ = writeln!(page, "- <{reference}>");
        }
    }
    let inspector = id.split('/').next().unwrap_or(id);
    let _ = write!(
        page,
        "\n## Accepting it\n\nIn the file: `seaworthy: ignore[{id}] reason=\"…\" until=YYYY-MM-DD` in a comment; for everyone, in `seaworthy.yaml`:\n\n```yaml\nrules:\n  {id}: off\n```\n\nAll rules for {inspector}: `seaworthy rules list --only '{inspector}/*'`.\n"
    );
    page
}

/// An item of the checklist as a Markdown page: who may answer it, and with what.
pub fn item(question: &Question) -> String {
    let section = question.section.as_ref().map(|section| format!(" · {section}")).unwrap_or_default();
    let mut page = format!("# {}\n\n`{}` · {}{section}\n", question.title, question.id, question.phase.title());
    let mut lines = Vec::new();
    let words = |list: &[String]| list.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    if !question.required.is_empty() {
        lines.push(format!("Required with {}.", words(&question.required)));
    }
    if let Some((when, _)) = &question.when {
        lines.push(format!("Asked only where `{when}`."));
    }
    if !question.rules.is_empty() {
        let rules: Vec<String> = question.rules.iter().map(|(word, _)| word.clone()).collect();
        let alone = if question.rules_suffice() { "answered" } else { "failed, but not answered," };
        lines.push(format!(
            "It is {alone} by the rules {}. An open finding of theirs fails it, whatever anybody says.",
            words(&rules)
        ));
    }
    if let Some(command) = &question.command {
        lines.push(format!("The policy's command `{command}` answers it, where `--allow-commands` is given."));
    }
    lines.push(people(question));
    page += "\n## What answers it\n\n";
    for line in lines {
        let _ = writeln!(page, "- {line}");
    }
    let mut command = format!(
        "seaworthy attest {} --by YOU --role {}",
        question.id,
        question.roles.first().map_or("ROLE", String::as_str)
    );
    command += " --result pass";
    if question.is_bound_to(Bind::Environment) {
        command += " --env NAME";
    }
    if question.evidence == EvidenceDemand::Required {
        command += " --evidence FILE";
    }
    let _ = write!(page, "\n## To attest it\n\n```sh\n{command}\n```\n");
    page
}

/// Who may attest an item, for how long it holds, and what ends it.
fn people(question: &Question) -> String {
    let mut text = match question.quorum {
        0 | 1 => "A person may attest it".to_owned(),
        n => format!("{n} different people may attest it"),
    };
    if !question.roles.is_empty() {
        text += &format!(" in the role {}", question.roles.join(" or "));
    }
    if question.independent {
        text += ", not the author of the change";
    }
    text += match question.evidence {
        EvidenceDemand::Required => ", with evidence",
        EvidenceDemand::Optional | EvidenceDemand::None => "",
    };
    text += match question.signature {
        SignatureDemand::Ssh => ", signed with ssh",
        SignatureDemand::Commit => ", in a commit signed with ssh",
        SignatureDemand::None => "",
    };
    let bound =
        [(Bind::Commit, "the commit"), (Bind::Environment, "the environment"), (Bind::Paths, "one of the files")];
    let bound: Vec<&str> =
        bound.iter().filter(|(what, _)| question.is_bound_to(*what)).map(|(_, name)| *name).collect();
    let bound = bound.join(" or ");
    text += &match (bound.is_empty(), question.lasting) {
        (true, Lasting::Hours(_)) => format!(". It holds for {}", question.valid_for),
        (true, _) => String::new(),
        (false, Lasting::Hours(_)) => {
            format!(". It holds for {}, and ends before that when {bound} changes", question.valid_for)
        }
        (false, _) => format!(". It holds until {bound} changes"),
    };
    text += ".";
    if !question.allow_not_applicable {
        text += " It may not be answered with `not-applicable`.";
    }
    text
}

fn switch(rule: &RuleFile) -> String {
    match &rule.default {
        Switch::On => "on by default".to_owned(),
        Switch::Off => "off by default".to_owned(),
        Switch::Profiles(names) => format!("on in the profiles {}", names.join(", ")),
    }
}

fn parameters(page: &mut String, rule: &RuleFile) {
    if rule.params.is_empty() {
        return;
    }
    page.push_str("\n## Parameters\n\n| name | default | meaning |\n|---|---|---|\n");
    for (name, param) in &rule.params {
        let _ = writeln!(
            page,
            "| `{name}` | `{}` | {} |",
            value(&param.default),
            param.doc.as_deref().unwrap_or("").trim()
        );
    }
}

fn formats(page: &mut String, rule: &RuleFile) {
    if rule.formats.is_empty() {
        return;
    }
    page.push_str("\n## Formats\n\n");
    for format in &rule.formats {
        let _ = writeln!(page, "- {}", format.name);
    }
}

fn examples(page: &mut String, rule: &RuleFile) {
    for (title, list) in [("Reported", &rule.examples.fails), ("Not reported", &rule.examples.passes)] {
        if list.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {title}\n");
        for example in list {
            let _ = write!(page, "\n{}:\n", upper_first(&example.name));
            let files = example.files.iter().map(|(path, text)| (Some(path.as_str()), text.as_str()));
            let text = example.text.iter().map(|text| (example.path.as_deref(), text.as_str()));
            for (path, text) in files.chain(text) {
                if let Some(path) = path {
                    let _ = write!(page, "\n`{path}`\n");
                }
                let _ = write!(page, "\n````text\n{}\n````\n", text.trim_end());
            }
            let fixed = match &example.fixed {
                None => Vec::new(),
                Some(Fixed::Text(text)) => vec![(None, text)],
                Some(Fixed::Files(files)) => files.iter().map(|(path, text)| (Some(path), text)).collect(),
            };
            for (path, text) in fixed {
                let of = path.map(|path| format!(" `{path}`")).unwrap_or_default();
                let _ = write!(page, "\nAfter the fix{of}:\n\n````text\n{}\n````\n", text.trim_end());
            }
        }
    }
}

fn names(page: &mut String, rule: &RuleFile) {
    if rule.aliases.is_empty() && rule.tags.is_empty() {
        return;
    }
    page.push_str("\n## Also known as\n\n");
    for (peer, ids) in &rule.aliases {
        let _ = writeln!(page, "- {peer}: {}", ids.0.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", "));
    }
    for (tag, values) in &rule.tags {
        let tags: Vec<String> = values.0.iter().map(|value| format!("`{tag}-{value}`")).collect();
        let _ = writeln!(page, "- tag: {}", tags.join(", "));
    }
}

fn value(value: &ParamValue) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}
