//! What conditions compute with: borrowed facts and nodes, and the values that only expressions make.

use std::cmp::Ordering;
use std::sync::Arc;

use super::access;
use super::time::Time;
use super::{FUEL, MAX_DEPTH};
use crate::fact::{Data, Reason, Value};
use crate::syntax::tree::{Kind, Node};

/// A value during evaluation. Borrowed forms keep their place; [`Val::flat`] takes a scalar out of them.
#[derive(Debug, Clone)]
pub(super) enum Val<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    /// Text of a fact, a source or the program.
    Str(&'v str),
    /// Text that an expression made.
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    /// A fact's value with its place; what it depends on may be unknown.
    Value(&'v Value<'v>),
    /// A part of the artefact's tree.
    Node(Node<'v>),
    /// A key of a mapping in the artefact's tree: always text.
    Key(Node<'v>),
    List(Arc<[Val<'v>]>),
    /// Entries in the order written; keys differ from one another.
    Map(Arc<[(Val<'v>, Val<'v>)]>),
    Optional(Option<Arc<Val<'v>>>),
    Timestamp(Time),
    /// Nanoseconds.
    Duration(i64),
    /// The name of a type.
    Type(&'static str),
}

/// Why an evaluation came to nothing.
#[derive(Debug, Clone)]
pub(super) enum Fault<'v> {
    /// There is no such key or item.
    Missing(&'v str),
    /// A value depends on something not seen.
    Unknown(&'v Reason),
    /// Any other error.
    Static(&'static str),
    /// Any other error whose text is made up.
    Text(Box<str>),
    /// The condition takes too long.
    Fuel,
}

/// The result of an evaluation.
pub(super) type Res<'v, T = Val<'v>> = Result<T, Fault<'v>>;

impl Fault<'_> {
    /// As the rest of the program sees it.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Fault::Missing(key) => Reason::Condition(format!("there is no `{key}`").into()),
            Fault::Unknown(reason) => (*reason).clone(),
            Fault::Static(text) => Reason::Condition((*text).into()),
            Fault::Text(text) => Reason::Condition((&**text).into()),
            Fault::Fuel => Reason::Limit("the condition takes more steps than the limit allows".into()),
        }
    }
}

/// What an evaluation may still spend.
#[derive(Debug)]
pub(super) struct Fuel(u64);

impl Fuel {
    /// A full tank: every evaluation starts with one.
    pub(super) fn full() -> Self {
        Fuel(FUEL)
    }

    /// What finding the blame may spend: every level of the condition may be evaluated anew.
    pub(super) fn for_blame() -> Self {
        Fuel(FUEL * 8)
    }

    /// Takes `steps`, or fails for good.
    #[inline]
    pub(super) fn spend<'v>(&mut self, steps: usize) -> Res<'v, ()> {
        match self.0.checked_sub(steps as u64) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => {
                self.0 = 0;
                Err(Fault::Fuel)
            }
        }
    }
}

impl<'v> Val<'v> {
    /// A text that an expression made.
    pub(super) fn text(text: impl Into<Arc<str>>) -> Self {
        Val::Text(text.into())
    }

    /// The value itself where a fact or a node holds a scalar; lists, records and mappings stay as they are.
    #[inline]
    pub(super) fn flat(self) -> Res<'v> {
        Ok(match self {
            Val::Value(value) => match &value.data {
                Data::Null => Val::Null,
                Data::Bool(bool) => Val::Bool(*bool),
                Data::Int(int) => Val::Int(*int),
                Data::Float(float) => Val::Double(*float),
                Data::Str(text) => Val::Str(text),
                Data::Node(node) => flat_node(*node),
                Data::List(_) | Data::Record(_) => self,
                Data::Absent => return Err(Fault::Static("a value that is needed is not there")),
                Data::Unknown(reason) => return Err(Fault::Unknown(reason)),
            },
            Val::Node(node) => flat_node(node),
            Val::Key(node) => Val::Str(node.text()),
            other => other,
        })
    }

    /// The text of a flat value.
    pub(super) fn str(&self) -> Option<&str> {
        match self {
            Val::Str(text) => Some(text),
            Val::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The node that a value is, if it is a part of the artefact's tree.
    pub(super) fn node(&self) -> Option<Node<'v>> {
        match self {
            Val::Node(node) | Val::Key(node) => Some(*node),
            Val::Value(Value { data: Data::Node(node), .. }) => Some(*node),
            _ => None,
        }
    }

    /// Whether an artefact says `null` here, which for `has()` and `.?` is as good as nothing.
    pub(super) fn is_artefact_null(&self) -> bool {
        match self {
            Val::Value(Value { data: Data::Null, .. }) => true,
            _ => self.node().is_some_and(Node::is_null),
        }
    }

    /// The name of its type in CEL.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Val::Null => "null_type",
            Val::Bool(_) => "bool",
            Val::Int(_) => "int",
            Val::Uint(_) => "uint",
            Val::Double(_) => "double",
            Val::Str(_) | Val::Text(_) | Val::Key(_) => "string",
            Val::Bytes(_) => "bytes",
            Val::List(_) => "list",
            Val::Map(_) => "map",
            Val::Optional(_) => "optional_type",
            Val::Timestamp(_) => "google.protobuf.Timestamp",
            Val::Duration(_) => "google.protobuf.Duration",
            Val::Type(_) => "type",
            Val::Node(node) => match node.kind() {
                Kind::List => "list",
                Kind::Map => "map",
                _ => flat_node(*node).type_name(),
            },
            Val::Value(value) => match &value.data {
                Data::List(_) => "list",
                Data::Record(_) => "map",
                Data::Absent | Data::Unknown(_) => "dyn",
                _ => self.clone().flat().map_or("dyn", |flat| match flat {
                    Val::Value(_) => "dyn",
                    flat => flat.type_name(),
                }),
            },
        }
    }
}

#[inline]
fn flat_node(node: Node<'_>) -> Val<'_> {
    match node.kind() {
        Kind::Null => Val::Null,
        Kind::Bool => Val::Bool(node.as_bool().unwrap_or(false)),
        Kind::Int => Val::Int(node.as_int().unwrap_or(0)),
        Kind::Float => Val::Double(node.as_float().unwrap_or(f64::NAN)),
        Kind::Str => Val::Str(node.text()),
        Kind::List | Kind::Map => Val::Node(node),
    }
}

/// "no `+` for string and int": the wrong types for an operation.
pub(super) fn mismatch<'v>(operation: &str, values: &[&Val<'_>]) -> Fault<'v> {
    let types: Vec<&str> = values.iter().map(|value| value.type_name()).collect();
    Fault::Text(format!("there is no `{operation}` for {}", types.join(" and ")).into())
}

/// Whether two values are equal. Values of different types are not, except that numbers compare by what they are.
pub(super) fn equal<'v>(left: &Val<'v>, right: &Val<'v>, fuel: &mut Fuel, depth: usize) -> Res<'v, bool> {
    fuel.spend(1)?;
    if depth > MAX_DEPTH {
        return Err(Fault::Static("the values are nested too deeply to be compared"));
    }
    let (left, right) = (left.clone().flat()?, right.clone().flat()?);
    if let (Some(left), Some(right)) = (left.str(), right.str()) {
        fuel.spend(left.len().min(right.len()) / 32)?;
        return Ok(left == right);
    }
    Ok(match (&left, &right) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(left), Val::Bool(right)) => left == right,
        (Val::Bytes(left), Val::Bytes(right)) => left == right,
        (Val::Timestamp(left), Val::Timestamp(right)) => left == right,
        (Val::Duration(left), Val::Duration(right)) => left == right,
        (Val::Type(left), Val::Type(right)) => left == right,
        (Val::Optional(left), Val::Optional(right)) => match (left, right) {
            (None, None) => true,
            (Some(left), Some(right)) => return equal(left, right, fuel, depth + 1),
            _ => false,
        },
        _ => match number_order(&left, &right) {
            Some(order) => order == Some(Ordering::Equal),
            None => return collections_equal(&left, &right, fuel, depth),
        },
    })
}

fn collections_equal<'v>(left: &Val<'v>, right: &Val<'v>, fuel: &mut Fuel, depth: usize) -> Res<'v, bool> {
    if let (Some(left), Some(right)) = (access::elements(left), access::elements(right)) {
        fuel.spend(left.len() + right.len())?;
        let mut verdict = Verdict::of(left.len() == right.len());
        for (left, right) in left.iter().zip(&right).take_while(|_| left.len() == right.len()) {
            verdict.and(equal(left, right, fuel, depth + 1));
        }
        return verdict.result();
    }
    let (Some(entries), Some(others)) = (access::entries(left), access::entries(right)) else { return Ok(false) };
    fuel.spend(entries.len() + others.len())?;
    let mut verdict = Verdict::of(entries.len() == others.len());
    for (key, value) in entries.iter().take_while(|_| entries.len() == others.len()) {
        verdict.and(match access::index(right, key, fuel)? {
            Some(other) => equal(value, &other, fuel, depth + 1),
            None => Ok(false),
        });
    }
    verdict.result()
}

/// One difference decides; else one fault makes the whole a fault.
struct Verdict<'v> {
    same: bool,
    fault: Option<Fault<'v>>,
}

impl<'v> Verdict<'v> {
    fn of(same: bool) -> Self {
        Verdict { same, fault: None }
    }

    fn and(&mut self, next: Res<'v, bool>) {
        match next {
            Ok(same) => self.same &= same,
            Err(fault) => self.fault = self.fault.take().or(Some(fault)),
        }
    }

    fn result(self) -> Res<'v, bool> {
        match self.fault {
            Some(fault) if self.same => Err(fault),
            _ => Ok(self.same),
        }
    }
}

/// The order of two numbers of any type; the outer `None`: they are not numbers; the inner one: NaN.
fn number_order(left: &Val<'_>, right: &Val<'_>) -> Option<Option<Ordering>> {
    let signed = |left: i64, right: u64| u64::try_from(left).map_or(Ordering::Less, |left| left.cmp(&right));
    Some(match (left, right) {
        (Val::Int(left), Val::Int(right)) => Some(left.cmp(right)),
        (Val::Uint(left), Val::Uint(right)) => Some(left.cmp(right)),
        (Val::Double(left), Val::Double(right)) => left.partial_cmp(right),
        (Val::Int(left), Val::Uint(right)) => Some(signed(*left, *right)),
        (Val::Uint(left), Val::Int(right)) => Some(signed(*right, *left).reverse()),
        (Val::Int(left), Val::Double(right)) => (*left as f64).partial_cmp(right),
        (Val::Double(left), Val::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Val::Uint(left), Val::Double(right)) => (*left as f64).partial_cmp(right),
        (Val::Double(left), Val::Uint(right)) => left.partial_cmp(&(*right as f64)),
        _ => return None,
    })
}

/// The order of two flat values; `None` for NaN.
pub(super) fn order<'v>(operation: &str, left: &Val<'v>, right: &Val<'v>) -> Res<'v, Option<Ordering>> {
    if let Some(order) = number_order(left, right) {
        return Ok(order);
    }
    if let (Some(left), Some(right)) = (left.str(), right.str()) {
        return Ok(Some(left.cmp(right)));
    }
    Ok(Some(match (left, right) {
        (Val::Bool(left), Val::Bool(right)) => left.cmp(right),
        (Val::Bytes(left), Val::Bytes(right)) => left.cmp(right),
        (Val::Timestamp(left), Val::Timestamp(right)) => left.cmp(right),
        (Val::Duration(left), Val::Duration(right)) => left.cmp(right),
        _ => return Err(mismatch(operation, &[left, right])),
    }))
}
