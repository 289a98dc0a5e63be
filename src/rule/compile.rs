//! From a rule file to a rule that can judge: names resolved against the fact schema, conditions compiled.

use std::sync::Arc;

use super::expr::{self, Mistake, ParamType, Program, VarType, Variables};
use super::file::{Once, ParamValue, RuleFile};
use super::telling::{Late, Telling};
use crate::fact::{Data, Record, Subject, Type, Value};
use crate::finding::{Category, Severity};
use crate::path;

crate::subject! {
    /// The source in which a fact stands; every condition sees it as `source`.
    pub struct SourceFact: "source" {
        /// Its path from the root, with `/`.
        path: Type::String,
        /// The last part of its path.
        name: Type::String,
        /// What it is for: `production`, `staging`, `development`, `test`, `example`, `tool`, `template`, `patch`, `generated` or `vendored`.
        role: Type::String,
    }
}

/// A rule that can judge.
#[derive(Debug)]
pub struct Rule {
    /// Its id.
    pub id: Arc<str>,
    /// The first id it ever had: what fingerprints are made from.
    pub first_id: Arc<str>,
    /// After the policy, before context.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// The facts it judges.
    pub subject: &'static Subject,
    pub(crate) when: Option<Program>,
    pub(crate) assert: Program,
    telling: Late,
    pub(crate) once: Option<Once>,
    pub(crate) params: Value<'static>,
}

/// A mistake in one key of a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleMistake {
    /// The key: `assert`, `subject`, `params.minimum` …
    pub key: String,
    /// The bytes of the key's value that are meant, where it is an expression.
    pub range: Option<std::ops::Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What may have been meant.
    pub help: Option<String>,
}

impl Rule {
    /// Compiles `file` against `subjects`; `params` override the defaults.
    ///
    /// # Errors
    /// Every mistake in the rule.
    pub fn compile(
        id: &str,
        file: &RuleFile,
        subjects: &[&'static Subject],
        params: &dyn Fn(&str) -> Option<ParamValue>,
    ) -> Result<Rule, Vec<RuleMistake>> {
        Rule::build(id, file, subjects, params, true)
    }

    /// As [`Rule::compile`], for a rule that is known to compile: what is said of a failure waits for one.
    ///
    /// # Errors
    /// Every mistake in its conditions.
    pub fn prepare(
        id: &str,
        file: &RuleFile,
        subjects: &[&'static Subject],
        params: &dyn Fn(&str) -> Option<ParamValue>,
    ) -> Result<Rule, Vec<RuleMistake>> {
        Rule::build(id, file, subjects, params, false)
    }

    /// What is said of its failures.
    pub(crate) fn telling(&self) -> &Telling {
        self.telling.get()
    }

    fn build(
        id: &str,
        file: &RuleFile,
        subjects: &[&'static Subject],
        params: &dyn Fn(&str) -> Option<ParamValue>,
        is_checked: bool,
    ) -> Result<Rule, Vec<RuleMistake>> {
        let Some(subject) = subjects.iter().copied().find(|subject| subject.name == file.subject) else {
            return Err(vec![unknown_subject(&file.subject, subjects)]);
        };
        let mut mistakes = Vec::new();
        let variables = variables(subject, file);
        let mut program = |key: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            let compile = if is_checked { expr::compile } else { expr::compile_known };
            compile(text, &variables).map_err(|found| mistakes.extend(found.into_iter().map(|m| within(key, m)))).ok()
        };
        let own_format = (!file.formats.is_empty()).then(|| format!("value.rule == \"{id}\" && !value.isSample"));
        let when = program("when", &file.when.clone().or(own_format));
        let assert = program("assert", &Some(file.assert.clone().unwrap_or_else(|| "false".to_owned())));
        let telling = Late::new(file, variables);
        if is_checked {
            mistakes.extend(telling.check().err().into_iter().flatten());
        }
        for (key, program) in [("when", &when), ("assert", &assert)] {
            if program.as_ref().is_some_and(|program| !program.is_condition()) {
                mistakes.push(RuleMistake {
                    key: key.into(),
                    range: None,
                    message: format!("`{key}` must be true or false"),
                    help: None,
                });
            }
        }
        match assert {
            Some(assert) if mistakes.is_empty() => Ok(Rule {
                id: id.into(),
                first_id: file.formerly.first().map_or(id, String::as_str).into(),
                severity: file.severity,
                category: file.category,
                subject,
                when,
                assert,
                telling,
                once: file.once,
                params: params_value(file, params),
            }),
            _ => Err(mistakes),
        }
    }
}

pub(super) fn within(key: &str, mistake: Mistake) -> RuleMistake {
    RuleMistake { key: key.into(), range: Some(mistake.range), message: mistake.message, help: mistake.help }
}

fn unknown_subject(name: &str, subjects: &[&'static Subject]) -> RuleMistake {
    let close = crate::syntax::suggest::suggest(name, subjects.iter().map(|subject| subject.name));
    RuleMistake {
        key: "subject".into(),
        range: None,
        message: format!("there is no subject `{name}`"),
        help: Some(match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => "docs/facts.md lists the subjects".into(),
        }),
    }
}

/// The names in scope of a rule's conditions; `check` gives their values in the same order.
pub fn variables(subject: &'static Subject, file: &RuleFile) -> Variables {
    let params = file.params.iter().map(|(name, param)| (name.clone(), param_type(&param.default))).collect();
    let list = [
        (subject.variable(), VarType::Field(Type::Record(subject))),
        ("source", VarType::Field(Type::Record(SourceFact::SUBJECT))),
        ("role", VarType::Field(Type::String)),
        ("now", VarType::Timestamp),
        ("params", VarType::Params(params)),
    ];
    Variables { list: list.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect() }
}

fn param_type(value: &ParamValue) -> ParamType {
    match value {
        ParamValue::Bool(_) => ParamType::Bool,
        ParamValue::Int(_) => ParamType::Int,
        ParamValue::Float(_) => ParamType::Float,
        ParamValue::String(_) => ParamType::String,
        ParamValue::Ints(list) if !list.is_empty() => ParamType::IntList,
        ParamValue::Ints(_) | ParamValue::Strings(_) => ParamType::StringList,
    }
}

/// The parameters as one record-like value: a list in the order of their names, as `Variables` lists them.
fn params_value(file: &RuleFile, given: &dyn Fn(&str) -> Option<ParamValue>) -> Value<'static> {
    let value = |(name, param): (&String, &super::file::Param)| {
        Value::bare(param_data(given(name).unwrap_or_else(|| param.default.clone())))
    };
    Value::bare_list(file.params.iter().map(value).collect())
}

fn param_data(value: ParamValue) -> Data<'static> {
    let list = |values: Vec<Data<'static>>| Data::List(values.into_iter().map(Value::bare).collect());
    match value {
        ParamValue::Bool(value) => Data::Bool(value),
        ParamValue::Int(value) => Data::Int(value),
        ParamValue::Float(value) => Data::Float(value),
        ParamValue::String(value) => Data::Str(value.into()),
        ParamValue::Ints(values) => list(values.into_iter().map(Data::Int).collect()),
        ParamValue::Strings(values) => list(values.into_iter().map(|text| Data::Str(text.into())).collect()),
    }
}

/// The record that `source` is in conditions about facts of `source`.
pub fn source_record(source: &crate::source::Source) -> Arc<Record<'_>> {
    let path = source.path();
    let text = |text| Value::bare(Data::Str(std::borrow::Cow::Borrowed(text)));
    SourceFact { path: text(path), name: text(path::file_name(path)), role: text(source.role.name()) }.record()
}
