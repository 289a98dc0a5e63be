//! A rule as prose: `explain`, `docs/rules/`, SARIF help and the HTML report all come from here.

pub mod facts;

use std::fmt::Write as _;

use crate::rule::file::{ParamValue, Prose, RuleFile, Switch};

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
