//! The waiver file: who accepted which findings, why, and until when. Every mistake is told with its place.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::error::Mistake;
use crate::rule::selector::Selector;
use crate::source::Globs;
use crate::span::{SourceId, Span};
use crate::syntax::de::{self, Spanned};
use crate::syntax::tree::Dialect;

/// The value of `schema:` in a waiver file.
pub const SCHEMA: &str = "seaworthy/waivers/1";

/// A reason shorter than this says nothing.
pub const MIN_REASON: usize = 15;

/// A waiver file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[schemars(title = "seaworthy waivers")]
pub struct WaiverFile {
    /// `seaworthy/waivers/1`.
    pub schema: Option<Spanned<String>>,
    /// The waivers.
    pub waivers: Vec<Spanned<Entry>>,
}

/// A waiver as it is written. Required: `id`, `rule`, `scope`, `owner`, `approved-by`, `reason`, `created`, `expires`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Entry {
    /// Its name, unique in the file: `w-drop-legacy-email`.
    pub id: Option<Spanned<String>>,
    /// The rule: an id, a peer's id, or `inspector/*`.
    pub rule: Option<Spanned<String>>,
    /// What it covers; a finding has to match every key that is given.
    pub scope: Option<Spanned<Scope>>,
    /// The most findings that it may cover; with more it covers none.
    #[schemars(range(min = 1))]
    pub max_findings: Option<Spanned<u32>>,
    /// Who answers for it.
    pub owner: Option<Spanned<String>>,
    /// Who accepted it.
    pub approved_by: Option<Spanned<String>>,
    /// What kind of decision it is.
    pub kind: Option<Kind>,
    /// Why, in fifteen characters or more.
    pub reason: Option<Spanned<String>>,
    /// Where it is discussed.
    pub ticket: Option<String>,
    /// What protects meanwhile.
    pub compensating: Option<String>,
    /// The day on which it was made: `2026-11-01`.
    pub created: Option<Spanned<String>>,
    /// The last day on which it holds.
    pub expires: Option<Spanned<String>>,
    /// Each time that `expires` was moved.
    pub renewals: Vec<Spanned<Renewal>>,
}

/// What a waiver covers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Scope {
    /// Globs in the manner of `.gitignore`, from the folder of the policy that names the waiver file.
    pub paths: Vec<Spanned<String>>,
    /// Fingerprints, whole or the first eight digits and more.
    pub fingerprints: Vec<Spanned<String>>,
    /// Objects as reports name them (`Deployment/shop/api`), with all below; globs.
    pub objects: Vec<Spanned<String>>,
    /// The environments in which it holds; none: all.
    pub environments: Vec<Spanned<String>>,
}

/// What kind of decision a waiver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It is true, and we live with it.
    AcceptedRisk,
    /// It is not true here.
    FalsePositive,
    /// It is mended somewhere else.
    RemediatedElsewhere,
    /// It cannot be done with what we have.
    NotSupported,
    /// It will be mended.
    Temporary,
}

/// A moved end.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Renewal {
    /// The day.
    pub at: String,
    /// Who moved it.
    pub by: String,
    /// Why it could not be mended by then.
    pub reason: String,
}

/// The waivers of a run.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    /// The file, relative to the root.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The folder that its globs start from, relative to the root.
    pub folder: String,
    /// The waivers, as they are written; places are bytes of `text`.
    pub list: Vec<Waiver>,
}

/// A waiver without mistakes.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Its name.
    pub id: Spanned<String>,
    /// The rule as it is written.
    pub rule: Spanned<String>,
    /// The rule.
    pub selector: Selector,
    /// The paths; none: every path.
    pub paths: Globs,
    /// The paths as they are written.
    pub patterns: Vec<String>,
    /// The fingerprints; none: every one.
    pub fingerprints: Vec<String>,
    /// The objects; none: every one.
    pub objects: Globs,
    /// The environments; none: every one.
    pub environments: Vec<String>,
    /// The most findings.
    pub max_findings: Option<Spanned<u32>>,
    /// Who answers for it.
    pub owner: Spanned<String>,
    /// Who accepted it.
    pub approved_by: Spanned<String>,
    /// Why.
    pub reason: Spanned<String>,
    /// When it was made.
    pub created: Spanned<Date>,
    /// The last day on which it holds.
    pub expires: Spanned<Date>,
    /// The moved ends: the number of them, and the first that does not say why.
    pub renewals: usize,
    /// The first renewal that does not say who, when and why.
    pub silent_renewal: Option<Span>,
}

/// Reads a waiver file shown as `path`; what is wrong is left out of it and told.
pub fn read(path: &str, text: Arc<str>, folder: &str) -> (Waivers, Vec<Mistake>) {
    let tree = crate::syntax::read(SourceId(0), path, (&*text).into());
    let mut mistakes: Vec<Mistake> =
        tree.problems.iter().map(|problem| Mistake::new(&*problem.message, problem.span.range())).collect();
    let mut waivers = Waivers { path: path.to_owned(), text, folder: folder.to_owned(), list: Vec::new() };
    let Some(root) = tree.documents(Dialect::Core).next().filter(|root| !root.is_null()) else {
        return (waivers, mistakes);
    };
    let (file, errors) = de::read_node::<WaiverFile>(root);
    let told = |error: de::DeError| Mistake { help: error.help, ..Mistake::new(error.message, error.span.range()) };
    mistakes.extend(errors.into_iter().map(told));
    let file = file.unwrap_or_default();
    if let Some(schema) = file.schema.filter(|schema| schema.value != SCHEMA) {
        mistakes.push(Mistake::new(format!("this is not a waiver file of the schema `{SCHEMA}`"), schema.span.range()));
    }
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for entry in &file.waivers {
        let Some(waiver) = waiver(entry, folder, &mut mistakes) else { continue };
        if super::is_in_place(&waiver.id.value) {
            let message = format!("`{}` is the name of a tool, not of a waiver", waiver.id.value);
            mistakes
                .push(Mistake::new(message, waiver.id.span.range()).help("say what is waived: w-drop-legacy-email"));
        }
        if !ids.insert(waiver.id.value.clone()) {
            mistakes.push(Mistake::new(format!("there are two waivers `{}`", waiver.id.value), waiver.id.span.range()));
        }
        waivers.list.push(waiver);
    }
    (waivers, mistakes)
}

fn waiver(entry: &Spanned<Entry>, folder: &str, mistakes: &mut Vec<Mistake>) -> Option<Waiver> {
    let place = entry.id.as_ref().map_or(entry.span.range(), |id| id.span.range());
    let mut wrong = |mistake: Mistake| mistakes.push(mistake);
    let missing: Vec<&str> = [
        ("id", entry.id.is_none()),
        ("rule", entry.rule.is_none()),
        ("scope", entry.scope.is_none()),
        ("owner", is_blank(&entry.owner)),
        ("approved-by", is_blank(&entry.approved_by)),
        ("reason", entry.reason.is_none()),
        ("created", entry.created.is_none()),
        ("expires", entry.expires.is_none()),
    ]
    .into_iter()
    .filter_map(|(name, is_missing)| is_missing.then_some(name))
    .collect();
    if !missing.is_empty() {
        let list = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        wrong(Mistake::new(format!("the waiver lacks {list}"), first_line(&place)));
    }
    let reason = entry.reason.clone()?;
    if reason.trim().chars().count() < MIN_REASON {
        let message = format!("the reason has fewer than {MIN_REASON} characters");
        wrong(Mistake::new(message, reason.span.range()).help("say why it is safe, and what will change"));
    }
    let created = day(entry.created.as_ref(), &mut wrong);
    let expires = day(entry.expires.as_ref(), &mut wrong);
    if let (Some(created), Some(expires)) = (&created, &expires)
        && expires.value < created.value
    {
        wrong(Mistake::new("it ends before it begins", expires.span.range()));
    }
    let scope = entry.scope.as_ref()?;
    let scoped = scoped(scope, folder, &mut wrong);
    let rule = entry.rule.clone()?;
    let waiver = Waiver {
        id: entry.id.clone()?,
        selector: Selector::parse(&rule),
        rule,
        paths: scoped.0,
        patterns: scope.paths.iter().map(|pattern| pattern.value.clone()).collect(),
        fingerprints: scope.fingerprints.iter().map(|one| one.value.to_ascii_lowercase()).collect(),
        objects: scoped.1,
        environments: scope.environments.iter().map(|one| one.value.clone()).collect(),
        max_findings: entry.max_findings,
        owner: entry.owner.clone()?,
        approved_by: entry.approved_by.clone()?,
        reason,
        created: created?,
        expires: expires?,
        renewals: entry.renewals.len(),
        silent_renewal: entry.renewals.iter().find(|one| is_silent(one)).map(|one| one.span),
    };
    Some(waiver)
}

fn is_blank(text: &Option<Spanned<String>>) -> bool {
    text.as_ref().is_none_or(|text| text.trim().is_empty())
}

fn is_silent(renewal: &Renewal) -> bool {
    renewal.by.trim().is_empty()
        || renewal.at.parse::<Date>().is_err()
        || renewal.reason.trim().chars().count() < MIN_REASON
}

/// A place to point to instead of a block of many lines.
fn first_line(range: &Range<usize>) -> Range<usize> {
    range.start..range.end.min(range.start + 1).max(range.start)
}

fn day(text: Option<&Spanned<String>>, wrong: &mut impl FnMut(Mistake)) -> Option<Spanned<Date>> {
    let text = text?;
    match text.parse::<Date>() {
        Ok(date) => Some(Spanned::new(date, text.span)),
        Err(_) => {
            wrong(Mistake::new(format!("`{}` is not a day", text.value), text.span.range()).help("write 2027-01-31"));
            None
        }
    }
}

fn scoped(scope: &Spanned<Scope>, folder: &str, wrong: &mut impl FnMut(Mistake)) -> (Globs, Globs) {
    let Scope { paths, fingerprints, objects, environments } = &scope.value;
    if paths.is_empty() && fingerprints.is_empty() && objects.is_empty() && environments.is_empty() {
        let message = "the scope is empty: it says not what is covered";
        let help = "name `paths`, `fingerprints`, `objects` or `environments`";
        wrong(Mistake::new(message, scope.span.range()).help(help));
    }
    for one in fingerprints {
        let is_hex = one.chars().all(|c| c.is_ascii_hexdigit());
        if !is_hex || !(8..=32).contains(&one.len()) {
            let message = format!("`{}` is not a fingerprint: 8 to 32 hex digits", one.value);
            wrong(Mistake::new(message, one.span.range()));
        }
    }
    let mut globs = |list: &[Spanned<String>], folder: &str| {
        Globs::new(list.iter().map(|pattern| Globs::from_folder(folder, pattern))).unwrap_or_else(|errors| {
            for error in errors {
                let span = list.get(error.index).map_or(scope.span, |pattern| pattern.span);
                wrong(Mistake::new(error.to_string(), span.range()));
            }
            Globs::default()
        })
    };
    (globs(paths, folder), globs(objects, ""))
}

/// The JSON Schema of a waiver file, for editors.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(WaiverFile).to_value()
}
