//! `rules list`: every rule as a table, or as `seaworthy/rules/1`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::ListFormat;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::finding::{Category, Severity};
use crate::rule::catalog::Catalog;
use crate::rule::file::{Param, RuleFile, Switch, Words};
use crate::rule::selector::Selector;

/// What `rules list --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "seaworthy rules")]
struct List<'r> {
    /// `seaworthy/rules/1`.
    schema: &'static str,
    /// Sorted by id.
    rules: Vec<Row<'r>>,
}

/// One rule.
#[derive(Serialize, JsonSchema)]
struct Row<'r> {
    /// Its id.
    id: &'r str,
    /// The first part of its id.
    inspector: &'r str,
    /// What is wrong, as a headline.
    title: &'r str,
    /// How bad it is in production, before policy and context.
    severity: Severity,
    /// What it endangers.
    category: Category,
    /// Whether it is on without a policy, or the built-in profiles in which it is.
    default: &'r Switch,
    /// Which facts it judges.
    subject: &'r str,
    /// Classifications.
    tags: &'r BTreeMap<String, Words>,
    /// What other tools call it.
    aliases: &'r BTreeMap<String, Words>,
    /// What a policy may set.
    params: &'r BTreeMap<String, Param>,
    /// The names of the secret formats that it knows.
    formats: Vec<&'r str>,
}

/// The JSON Schema of the list.
pub(super) fn json_schema() -> serde_json::Value {
    schemars::schema_for!(List<'static>).to_value()
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
        severity: rule.severity,
        category: rule.category,
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
        let _ = writeln!(text, "{mark} {:width$}  {:8}  {}", row.id, row.severity.name(), row.title);
    }
    let off = rules.iter().filter(|row| *row.default != Switch::On).count();
    let _ =
        writeln!(text, "\n{} rules; {off} marked `-` are off unless a profile or a policy turns them on", rules.len());
    text
}
