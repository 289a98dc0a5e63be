//! What evaluation runs on: names resolved to slots, fields to indices, macros to folds, constants folded.

use std::sync::{Arc, OnceLock};

use regex::Regex;

use super::function::Function;
use super::parse::Binary;
use super::value::Val;

/// An instruction tree.
#[derive(Debug)]
pub(super) enum Ir {
    Const(Val<'static>),
    /// A variable of the scope.
    Variable(Slot),
    /// The scope's variable of that slot, read as a point in time.
    Time(u16),
    /// A variable of a macro.
    Local(Slot),
    Select {
        base: Box<Ir>,
        key: Key,
        optional: bool,
    },
    Has {
        base: Box<Ir>,
        key: Key,
    },
    Index {
        base: Box<Ir>,
        index: Box<Ir>,
        optional: bool,
    },
    And(Box<[Ir]>),
    Or(Box<[Ir]>),
    Not(Box<Ir>),
    Negate(Box<Ir>),
    Binary(Binary, Box<(Ir, Ir)>),
    Condition(Box<(Ir, Ir, Ir)>),
    List(Box<[(bool, Ir)]>),
    Map(Box<[(bool, Ir, Ir)]>),
    Fold(Box<Fold>),
    /// `optMap` (`flat`: `optFlatMap`).
    OptMap {
        target: Box<Ir>,
        slot: u16,
        body: Box<Ir>,
        flat: bool,
    },
    Matches(Box<Ir>, Arc<Pattern>),
    OrValue(Box<(Ir, Ir)>),
    /// `optional.or(other)`.
    OrElse(Box<(Ir, Ir)>),
    HasValue(Box<Ir>),
    Call(Function, Box<[Ir]>),
    /// What the type check would have refused, in a program compiled without it.
    Fail(Box<str>),
}

/// A variable, and whether what it holds can be to blame (a policy's parameters cannot).
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) index: u16,
    pub(super) blamed: bool,
}

/// The name of a field or key; its index where the type check knows the record.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: Arc<str>,
    pub(super) index: Option<u16>,
}

/// A macro over a list or a mapping.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) kind: FoldKind,
    pub(super) range: Ir,
    /// The variable; with two, the first one (index or key).
    pub(super) slot: u16,
    /// The second variable (item or value).
    pub(super) second: Option<u16>,
    /// The condition; for `map` with two arguments, `true`.
    pub(super) test: Option<Ir>,
    /// What `map` makes of an item.
    pub(super) make: Option<Ir>,
}

/// Which macro.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FoldKind {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// The pattern of a `matches()`, checked at load and compiled at first use.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) text: Box<str>,
    regex: OnceLock<Result<Regex, Box<str>>>,
}

impl Pattern {
    /// A pattern that is known to be right.
    pub(super) fn known(text: &str) -> Self {
        Pattern { text: text.into(), regex: OnceLock::new() }
    }

    /// A pattern, or what is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        match regex_syntax::parse(text) {
            Ok(_) => Ok(Pattern::known(text)),
            Err(regex_syntax::Error::Parse(error)) => Err(error.kind().to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The compiled pattern.
    pub(super) fn regex(&self) -> Result<&Regex, &str> {
        let compiled = self.regex.get_or_init(|| Regex::new(&self.text).map_err(|error| error.to_string().into()));
        compiled.as_ref().map_err(|message| &**message)
    }
}
