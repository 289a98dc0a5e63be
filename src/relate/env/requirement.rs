//! Policy ↔ variables: is what the application needs set, and is it what it has to be?

use super::check::{problem, problem_by_name};
use super::given::{self, File};
use crate::fact::{Fact, Role, Type, Value};
use crate::inspect::env::{name, value};
use crate::relate::demand::{Demand, Demands, VariableType};
use crate::source::Source;
use crate::span::Span;

crate::subject! {
    /// A variable that the policy names. Stands at its name in the policy.
    pub struct Requirement: "env.requirement" {
        /// Its name.
        name: Type::String,
        /// Whether the policy says that it must be set.
        is_required: Type::Bool,
        /// Whether a dotenv file, an image, a compose service or a manifest of this environment sets it; points to its
        /// name in the policy.
        is_set: Type::Bool,
        /// A variable that is set, is not known to the policy and is called almost the same; empty when there is none.
        similar: Type::String,
    }

    /// A variable that is set, and of which the policy or its own name says what it is. Stands at its name.
    pub struct Given: "env.given" {
        /// Its name.
        name: Type::String,
        /// What it is: `string`, `url`, `port`, `int`, `bool`, `host`, `email`, `enum`, `json` or `duration`.
        kind: Type::String,
        /// Whether the policy says so, not only its name.
        is_demanded: Type::Bool,
        /// Whether the policy says that it must be set.
        is_required: Type::Bool,
        /// Whether the policy says that it is a secret.
        is_secret: Type::Bool,
        /// Where it is set: `dotenv`, `image`, `compose`, `manifest`, `config-map` or `secret`.
        place: Type::String,
        /// Whether the value is written out, and is no placeholder; points to the value.
        is_written_out: Type::Bool,
        /// Whether the value is there and has nothing in it; points to it.
        is_empty: Type::Bool,
        /// What is wrong with the value: `url`, `scheme`, `port`, `integer`, `range`, `boolean`, `host`, `email`, `enum`,
        /// `json`, `duration`, `length` or `pattern`; empty when nothing is, or the value comes from elsewhere; points to
        /// the value.
        problem: Type::String,
        /// What it may be, as the policy says: for a number its limits, for an enum its values, for a URL its schemes.
        allowed: Type::String,
    }
}

/// States the facts.
pub(super) fn relate<'s>(
    files: &[File<'s>],
    sources: &'s [Source],
    facts: &[Fact<'s>],
    demands: &Demands,
    found: &mut Vec<Fact<'s>>,
) {
    let mut all = given::by_files(files);
    if demands.list.is_empty() {
        found.extend(all.iter().filter_map(by_name));
        return;
    }
    given::by_others(sources, facts, &mut all);
    let wanted = demands.environment.as_deref();
    let wanted = wanted.map(|word| name::canonical(word).unwrap_or(word));
    all.retain(|one| counts(one, wanted));
    for one in &all {
        match demands.list.binary_search_by(|demand| demand.name.as_str().cmp(&one.name)) {
            Ok(index) => found.extend(demands.list.get(index).map(|demand| by_demand(demand, one))),
            Err(_) => found.extend(by_name(one)),
        }
    }
    let mut names: Vec<&str> = all.iter().map(|one| &*one.name).collect();
    names.sort_unstable();
    names.dedup();
    let demanded = |name: &&&str| demands.list.iter().any(|demand| demand.name == **name);
    let others: Vec<&str> = names.iter().filter(|name| !demanded(name)).copied().collect();
    found.extend(demands.list.iter().map(|demand| requirement(demand, &names, &others)));
}

/// Whether what is set there is set in the environment that is judged.
fn counts(one: &given::Given<'_>, wanted: Option<&str>) -> bool {
    match (one.environment.as_deref(), wanted) {
        (Some(said), Some(wanted)) => said == wanted,
        _ => one.role.is_shipped(),
    }
}

fn requirement<'s>(demand: &Demand, names: &[&str], others: &[&str]) -> Fact<'s> {
    let span = demand.span;
    let is_set = names.binary_search(&demand.name.as_str()).is_ok();
    let similar = (!is_set).then(|| crate::syntax::suggest::suggest(&demand.name, others.iter().copied())).flatten();
    Requirement {
        name: Value::str(demand.name.clone(), span),
        is_required: Value::bool(demand.variable.required, span),
        is_set: Value::bool(is_set, span),
        similar: Value::str(similar.unwrap_or_default().to_owned(), span),
    }
    .fact(span, format!("variables/{}", demand.name), Role::Production)
}

fn by_demand<'s>(demand: &Demand, one: &given::Given<'s>) -> Fact<'s> {
    let text = one.value.as_deref();
    let wrong = text.filter(|text| !text.is_empty()).map_or("", |text| problem(&demand.variable, text));
    let variable = &demand.variable;
    let kind = match variable.ty {
        VariableType::String => "string",
        VariableType::Url => "url",
        VariableType::Port => "port",
        VariableType::Int => "int",
        VariableType::Bool => "bool",
        VariableType::Host => "host",
        VariableType::Email => "email",
        VariableType::Enum => "enum",
        VariableType::Json => "json",
        VariableType::Duration => "duration",
    };
    state(one, kind, wrong, Some(demand))
}

/// What the name alone says.
fn by_name<'s>(one: &given::Given<'s>) -> Option<Fact<'s>> {
    let name = one.name.to_ascii_uppercase();
    let kind = if name == "PORT" || name.ends_with("_PORT") {
        "port"
    } else if name == "URL" || name.ends_with("_URL") || name.ends_with("_URI") {
        "url"
    } else {
        return None;
    };
    let wrong = one.value.as_deref().map_or("", |text| problem_by_name(&one.name, text));
    Some(state(one, kind, wrong, None))
}

fn state<'s>(one: &given::Given<'s>, kind: &'static str, wrong: &'static str, demand: Option<&Demand>) -> Fact<'s> {
    let (key, held): (Span, Span) = (one.key_span, one.value_span);
    let text = one.value.as_deref();
    let asked = |ask: fn(&Demand) -> bool| Value::bool(demand.is_some_and(ask), key);
    let written = text.is_some_and(|text| !text.is_empty() && !value::is_placeholder(text));
    Given {
        name: Value::str(one.name.clone(), key),
        kind: Value::str(kind, key),
        is_demanded: Value::bool(demand.is_some(), key),
        is_required: asked(|demand| demand.variable.required),
        is_secret: asked(|demand| demand.variable.secret),
        place: Value::str(one.place, key),
        is_written_out: Value::bool(written, held),
        is_empty: Value::bool(text.is_some_and(|text| text.trim().is_empty()), held),
        problem: Value::str(wrong, held),
        allowed: Value::str(demand.map(allowed).unwrap_or_default(), key),
    }
    .fact(key, one.name.to_string(), one.role)
}

/// What the policy allows, in words.
fn allowed(demand: &Demand) -> String {
    let variable = &demand.variable;
    match variable.ty {
        VariableType::Enum => variable.values.join(", "),
        VariableType::Url => variable.schemes.join(", "),
        VariableType::Int => match (variable.min, variable.max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            (Some(min), None) => format!("{min} or more"),
            (None, Some(max)) => format!("{max} or less"),
            (None, None) => String::new(),
        },
        _ => variable.min_length.map(|least| format!("{least} characters or more")).unwrap_or_default(),
    }
}
