//! What a policy demands, and what a run is compared with, as far as relations ask for it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::inspect::observe::Asked;
use crate::span::Span;

/// Everything that is demanded in one run.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// The environment chosen.
    pub environment: Option<String>,
    /// Sorted by name.
    pub list: Vec<Demand>,
    /// The targets, each with the place that names it.
    pub targets: Vec<Asked>,
    /// Zone files as they were in the commit that the run is compared with, by path.
    pub earlier: BTreeMap<String, String>,
}

/// A variable with the place that demands it.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Its name.
    pub name: String,
    /// What it has to be.
    pub variable: Variable,
    /// Its name in the policy.
    pub span: Span,
}

/// A variable that the application needs.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Variable {
    /// What its value is.
    #[serde(rename = "type")]
    pub ty: VariableType,
    /// It must be set.
    pub required: bool,
    /// It is a secret: it must not stand in the repository.
    pub secret: bool,
    /// For `url`: the schemes allowed.
    pub schemes: Vec<String>,
    /// For `string`: the least length in characters.
    pub min_length: Option<u32>,
    /// For `enum`: what it may be.
    pub values: Vec<String>,
    /// For `int`: the least.
    pub min: Option<i64>,
    /// For `int`: the most.
    pub max: Option<i64>,
    /// For `string`: a regular expression that the whole value matches.
    pub pattern: Option<String>,
}

/// What the value of a variable is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VariableType {
    /// Any text.
    #[default]
    String,
    /// An absolute URL.
    Url,
    /// A TCP port: 1 to 65535.
    Port,
    /// A whole number.
    Int,
    /// `true`, `false`, `1`, `0`, `yes`, `no`, `on`, `off`.
    Bool,
    /// A host name or an address.
    Host,
    /// An address for mail.
    Email,
    /// One of `values`.
    Enum,
    /// JSON.
    Json,
    /// A time span such as `30s`.
    Duration,
}
