//! CEL, the language of conditions: text → checked [`Program`] → verdict, blame and message text.
//!
//! The language is [CEL](https://cel.dev) with optional selection (`.?f`, `[?k]`, `orValue`) and the string
//! extension. What differs from it, or goes beyond:
//!
//! * Names are checked at load against the schema of the subject: an unknown variable, field, parameter, function or a
//!   comparison of types that can never be equal is a [`Mistake`] with its place. Fields of type `Dyn` are unchecked.
//! * Numbers compare across types (`quantity(x) > 2`); arithmetic does not mix them.
//! * A fact that is absent is a missing key. One that is unknown is an error which carries its [`Reason`]; `&&`, `||`,
//!   `all` and `exists` still decide when something else decides them.
//! * A `null` in an artefact is as good as nothing, as it is to Kubernetes: `has(x.f)` is false and `x.?f` holds
//!   nothing. `x.f == null` and `'f' in x` can still tell it from a key that is not written.
//! * Keys of an artefact's mappings are text, also where YAML reads a number.
//! * The pattern of `matches` is a literal; it is checked at load and compiled at first use.
//! * Every evaluation has fuel ([`FUEL`]); recursion is bounded ([`MAX_DEPTH`]).
//! * `quantity`, `glob`, `versionAtLeast`, `isIP`, `ipIsLoopback` and `ipIsPrivate` are there beyond CEL.

use std::ops::Range;

use crate::fact::{Data, Reason, Type, Value};
use crate::span::Span;
use crate::syntax::tree::Node;

mod access;
mod arithmetic;
mod blame;
mod convert;
mod domain;
mod eval;
mod format;
mod function;
mod ir;
mod literal;
mod lower;
mod macros;
mod parse;
mod text;
mod time;
mod token;
mod types;
mod value;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

/// Steps that one evaluation may take; text counts by its length. Some 20 ms of work.
pub const FUEL: u64 = 2_000_000;

/// How deep a condition, and a value that it compares or shows, may be nested.
pub const MAX_DEPTH: usize = 128;

/// The longest condition in bytes.
pub const MAX_TEXT: usize = 64 * 1024;

/// The type of a parameter that a policy may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    /// `true` or `false`.
    Bool,
    /// A 64-bit integer.
    Int,
    /// A double.
    Float,
    /// Text.
    String,
    /// A list of text.
    StringList,
    /// A list of integers.
    IntList,
}

/// The type of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VarType {
    /// A value as facts hold it.
    Field(Type),
    /// The rule's parameters: their names and types, in the order in which the value (a [`Data::List`]) holds them.
    /// What comes from them is never to blame.
    ///
    /// [`Data::List`]: crate::fact::Data::List
    Params(Vec<(String, ParamType)>),
    /// A point in time: the value is RFC 3339 text or whole seconds since 1970.
    Timestamp,
}

/// The names in scope of a condition; a variable's slot is its index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    /// Names with their types; of two with one name the first counts.
    pub list: Vec<(String, VarType)>,
}

/// Something wrong with a condition's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the condition's text that it is about.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Mistake {
    fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Mistake { range, message: message.into(), help: None }
    }
}

/// The values of the variables, by slot.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'v, 's> {
    /// One value a variable.
    pub values: &'v [Value<'s>],
}

/// Where something is, or where it should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text; for something missing the key of the nearest existing parent, or the first key of a list's item.
    pub span: Span,
    /// The key that is not there.
    pub missing: Option<String>,
}

/// One reason why a condition is false, with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The place that decided it.
    pub primary: Place,
    /// Other places that took part.
    pub related: Vec<Place>,
}

/// A compiled condition. It holds no artefact and can be shared between threads.
#[derive(Debug)]
pub struct Program {
    ir: ir::Ir,
    ty: types::Ty,
    locals: usize,
}

/// Parses and checks `text`; every mistake that can be told from the others is reported.
pub fn compile(text: &str, variables: &Variables) -> Result<Program, Vec<Mistake>> {
    build(text, variables, Checking::Everything)
}

/// As [`compile`], for a text that is known to compile: its patterns are not looked at before they are used.
pub fn compile_known(text: &str, variables: &Variables) -> Result<Program, Vec<Mistake>> {
    build(text, variables, Checking::Known)
}

/// Like [`compile`] without the type check: what it would refuse fails at run time. Only syntax can be a mistake.
pub fn compile_unchecked(text: &str, variables: &Variables) -> Result<Program, Vec<Mistake>> {
    build(text, variables, Checking::Syntax)
}

/// What of a condition is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checking {
    Everything,
    /// Everything but the patterns.
    Known,
    /// No types: what does not fit fails only when evaluation gets there.
    Syntax,
}

fn build(text: &str, variables: &Variables, checking: Checking) -> Result<Program, Vec<Mistake>> {
    let ast = parse::parse(text).map_err(|mistake| vec![mistake])?;
    let mut lowering = lower::Lowering::new(variables, checking);
    let lower::Typed { ir, ty } = lowering.lower(&ast);
    if lowering.mistakes.is_empty() {
        Ok(Program { ir, ty, locals: lowering.most_locals })
    } else {
        let mut mistakes = lowering.mistakes;
        mistakes.sort_by_key(|mistake| (mistake.range.start, mistake.range.end));
        mistakes.dedup();
        Err(mistakes)
    }
}

impl Program {
    /// The type of its value, as CEL writes it: `bool`, `dyn`, `list(string)`.
    pub fn result_type(&self) -> String {
        self.ty.to_string()
    }

    /// Whether its value is, or may turn out to be, a boolean: what `when` and `assert` must be.
    pub fn is_condition(&self) -> bool {
        self.ty.fits(types::BOOL)
    }

    fn machine<'v>(&self, scope: Scope<'v, '_>) -> eval::Machine<'v> {
        eval::Machine::new(scope.values, self.locals)
    }

    /// Whether the condition holds. What it needs and is not known comes back as its reason.
    pub fn test(&self, scope: Scope<'_, '_>) -> Result<bool, Reason> {
        self.machine(scope).truth(&self.ir).map_err(|fault| fault.reason())
    }

    /// After [`Program::test`] came out false: what made it so, one witness each, in document order. Empty when no
    /// value that took part has a place; then the fact's own place is the best there is.
    pub fn blame(&self, scope: Scope<'_, '_>) -> Vec<Witness> {
        blame::witnesses(&mut self.machine(scope), &self.ir)
    }

    /// The value as text for a message: scalars as they are written in the artefact, lists with commas between.
    pub fn text(&self, scope: Scope<'_, '_>) -> Result<String, Reason> {
        let mut machine = self.machine(scope);
        let mut out = String::new();
        let value = machine.eval(&self.ir).map_err(|fault| fault.reason())?;
        format::write(&value, &mut out, &mut machine.fuel, format::Style::Prose, 0).map_err(|fault| fault.reason())?;
        Ok(out)
    }

    /// Where the value stands, or where it would: for `at:`.
    pub fn place(&self, scope: Scope<'_, '_>) -> Option<Place> {
        blame::place(&mut self.machine(scope), &self.ir)
    }

    /// The value, if it is a part of the artefact's tree.
    pub fn node<'v>(&'v self, scope: Scope<'v, 'v>) -> Option<Node<'v>> {
        match self.machine(scope).eval(&self.ir).ok()?.flat().ok()? {
            value::Val::Node(node) => Some(node),
            _ => None,
        }
    }

    /// Where the items of a list stand that a fact holds; nothing for any other value.
    pub fn places(&self, scope: Scope<'_, '_>) -> Option<Vec<Span>> {
        match self.machine(scope).eval(&self.ir).ok()?.flat().ok()? {
            value::Val::Value(Value { data: Data::List(items), .. }) => items.iter().map(|item| item.span).collect(),
            _ => None,
        }
    }

    /// The value as a literal of CEL, with its types told apart: for tests and for people who try conditions out.
    pub fn literal(&self, scope: Scope<'_, '_>) -> Result<String, Reason> {
        let mut machine = self.machine(scope);
        let mut out = String::new();
        let value = machine.eval(&self.ir).map_err(|fault| fault.reason())?;
        format::write(&value, &mut out, &mut machine.fuel, format::Style::Literal, 0)
            .map_err(|fault| fault.reason())?;
        Ok(out)
    }
}
