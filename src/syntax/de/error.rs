//! Mistakes on their way out of serde, with the node they happened at.

use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Expected, Unexpected};

use super::DeError;
use crate::syntax::suggest::suggest;
use crate::syntax::tree::{Node, NodeId};

/// More candidates than this are not listed in a message.
const MAX_LISTED: usize = 12;

/// What kind of mistake it is, as far as others may follow from it.
#[derive(Debug)]
pub(super) enum Reason {
    /// The key is missing.
    Missing(&'static str),
    /// The key is unknown; perhaps this one was meant.
    Unknown(Option<&'static str>),
    Other,
}

/// serde's error; boxed, because it travels through every call.
#[derive(Debug)]
pub(super) struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    help: Option<String>,
    reason: Reason,
    /// The innermost node that was being read.
    node: Option<NodeId>,
}

impl Error {
    pub(super) fn new(message: String) -> Self {
        Self::with(message, None, Reason::Other)
    }

    fn with(message: String, help: Option<String>, reason: Reason) -> Self {
        Self(Box::new(Inner { message, help, reason, node: None }))
    }

    /// Blames `node`, unless something within it is blamed already.
    pub(super) fn at(mut self, node: Node<'_>) -> Self {
        self.0.node.get_or_insert(node.id());
        self
    }

    /// The blamed node.
    pub(super) fn node<'t>(&self, root: Node<'t>) -> Node<'t> {
        self.0.node.map_or(root, |id| root.with_id(id))
    }

    /// The names of missing keys that this mistake explains.
    pub(super) fn explains(&self) -> Option<String> {
        match self.0.reason {
            Reason::Unknown(Some(meant)) => Some(meant.to_owned()),
            _ => None,
        }
    }

    /// Whether it only follows from mistakes reported before.
    pub(super) fn is_explained(
        &self,
        blamed: Node<'_>,
        explained: &HashSet<(NodeId, String)>,
        skipped: &HashSet<NodeId>,
    ) -> bool {
        match self.0.reason {
            Reason::Missing(name) => explained.contains(&(blamed.target_id(), name.to_owned())),
            Reason::Unknown(_) => false,
            // Too few items, no choice made: that may be because something was left out.
            Reason::Other => {
                let entries = blamed.entries().flat_map(|entry| [entry.key, entry.value]);
                blamed.items().chain(entries).any(|node| skipped.contains(&node.id()))
            }
        }
    }

    pub(super) fn into_mistake(self, root: Node<'_>) -> DeError {
        let node = self.node(root);
        let span = match self.0.reason {
            Reason::Missing(_) => {
                let first = || node.entries().next().map(|entry| entry.key);
                node.key().or_else(first).map_or(node.span().at_start(), Node::span)
            }
            _ => node.span(),
        };
        DeError { span, message: self.0.message, help: self.0.help }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

fn did_you_mean(word: &str, candidates: &'static [&'static str]) -> (Option<&'static str>, Option<String>) {
    let meant = suggest(word, candidates.iter().copied());
    let help = match meant {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if candidates.is_empty() => None,
        None if candidates.len() <= MAX_LISTED => {
            let listed: Vec<String> = candidates.iter().map(|candidate| format!("`{candidate}`")).collect();
            Some(format!("known: {}", listed.join(", ")))
        }
        None => None,
    };
    (meant, help)
}

/// serde's words for what it expected, for people who do not write Rust.
fn expected(expected: &dyn Expected) -> String {
    let words = expected.to_string();
    match words.as_str() {
        "a string" | "str" | "a borrowed string" => "text".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        "unit" => "nothing".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number that is not negative".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        _ if words.starts_with("struct ") => "a mapping".to_owned(),
        _ if words.starts_with("enum ") => "a name".to_owned(),
        _ if words.starts_with("tuple ") || words.starts_with("a tuple ") => "a list".to_owned(),
        _ => words,
    }
}

fn found(unexpected: &Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("the number {value}"),
        Unexpected::Signed(value) => format!("the number {value}"),
        Unexpected::Float(value) => format!("the number {value}"),
        Unexpected::Str(_) => "text".to_owned(),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        other => other.to_string(),
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let wanted = expected(wanted);
        let is_plain = matches!(
            unexpected,
            Unexpected::Bool(_) | Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_)
        );
        let help = (wanted == "text" && is_plain).then(|| "put it in quotes".to_owned());
        Self::with(format!("expected {wanted}, found {}", found(&unexpected)), help, Reason::Other)
    }

    fn invalid_value(unexpected: Unexpected<'_>, wanted: &dyn Expected) -> Self {
        let found = match unexpected {
            Unexpected::Str(text) => format!("`{text}`"),
            other => found(&other),
        };
        Self::new(format!("expected {}, found {found}", expected(wanted)))
    }

    fn invalid_length(length: usize, wanted: &dyn Expected) -> Self {
        Self::new(format!("expected {}, found {length} items", expected(wanted)))
    }

    fn unknown_variant(variant: &str, candidates: &'static [&'static str]) -> Self {
        Self::with(format!("unknown value `{variant}`"), did_you_mean(variant, candidates).1, Reason::Other)
    }

    fn unknown_field(field: &str, candidates: &'static [&'static str]) -> Self {
        let (meant, help) = did_you_mean(field, candidates);
        Self::with(format!("unknown key `{field}`"), help, Reason::Unknown(meant))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::with(format!("the key `{field}` is missing"), None, Reason::Missing(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` is given twice"))
    }
}
