//! `rules list`: every rule as a table, or as `seaworthy/rules/1`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::ListFormat;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::rule::catalog::Catalog;
use crate::rule::file::{Param, RuleFile, Switch, Words};
use crate::rule::selector::Selector;

#[derive(Serialize)]
struct List<'r> {
    schema: &'static str,
    rules: Vec<Row<'r>>,
}

#[derive(Serialize)]
struct Row<'r> {
    id: &'r str,
    inspector: &'r str,
    title: &'r str,
    severity: &'static str,
    category: &'static str,
    default: &'r Switch,
    subject: &'r str,
    tags: &'r BTreeMap<String, Words>,
    aliases: &'r BTreeMap<String, Words>,
    params: &'r BTreeMap<String, Param>,
    formats: Vec<&'r str>,
}

pub(super) fn run(format: ListFormat, only: &[String]) -> Result<ExitCode, Error> {
    let catalog = Catalog::builtin();
    let selectors: Vec<Selector> = only.iter().map(|word| Selector::parse(word)).collect();
    for (selector, word) in selectors.iter().zip(only) {
        if !selector.is_known(&catalog) {
            return Err(Error::usage(format!("`{word}` selects no rule"), None));
        }
    }
    let chosen = |id: &str, rule: &RuleFile| selectors.is_empty() || selectors.iter().any(|s| s.selects(id, rule));
    let rules: Vec<Row<'_>> =
        catalog.iter().filter(|(id, rule)| chosen(id, rule)).map(|(id, rule)| row(id, rule)).collect();
    let text = match format {
        ListFormat::Json => {
            let list = List { schema: "seaworthy/rules/1", rules };
            serde_json::to_string_pretty(&list).map_err(|error| Error::output(error.into()))? + "\n"
        }
        ListFormat::Table => table(&rules),
    };
    crate::command::put(&text).map_err(Error::output)?;
    Ok(ExitCode::Ready)
}

fn row<'r>(id: &'r str, rule: &'r RuleFile) -> Row<'r> {
    Row {
        id,
        inspector: id.split('/').next().unwrap_or(id),
        title: &rule.title,
        severity: rule.severity.name(),
        category: rule.category.name(),
        default: &rule.default,
        subject: &rule.subject,
        tags: &rule.tags,
        aliases: &rule.aliases,
        params: &rule.params,
        formats: rule.formats.iter().map(|format| format.name.as_str()).collect(),
    }
}

fn table(rules: &[Row<'_>]) -> String {
    let width = rules.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rules {
        let mark = if *row.default == Switch::On { ' ' } else { '-' };
        let _ = writeln!(text, "{mark} {:width$}  {:8}  {}", row.id, row.severity, row.title);
    }
    let off = rules.iter().filter(|row| *row.default != Switch::On).count();
    let _ =
        writeln!(text, "\n{} rules; {off} marked `-` are off unless a profile or a policy turns them on", rules.len());
    text
}
