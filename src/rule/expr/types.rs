//! Types, as far as they are known before evaluation. What is not known is `dyn` and goes unchecked.

use std::fmt;

use crate::fact::{Subject, Type};

use super::ParamType;

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ty {
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Type,
    List(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Optional(Box<Ty>),
    Record(&'static Subject),
    /// A rule's parameters: the variable's index in the scope.
    Params(usize),
}

/// Sets of types that a function accepts, one bit each.
pub(super) type Mask = u16;

pub(super) const BOOL: Mask = 1;
pub(super) const INT: Mask = 1 << 1;
pub(super) const UINT: Mask = 1 << 2;
pub(super) const DOUBLE: Mask = 1 << 3;
pub(super) const STRING: Mask = 1 << 4;
pub(super) const BYTES: Mask = 1 << 5;
pub(super) const LIST: Mask = 1 << 6;
pub(super) const MAP: Mask = 1 << 7;
pub(super) const TIMESTAMP: Mask = 1 << 8;
pub(super) const DURATION: Mask = 1 << 9;
pub(super) const NULL: Mask = 1 << 10;
pub(super) const TYPE: Mask = 1 << 11;
pub(super) const OPTIONAL: Mask = 1 << 12;
pub(super) const NUMBER: Mask = INT | UINT | DOUBLE;
pub(super) const ANY: Mask = Mask::MAX;

impl Ty {
    /// The types it may turn out to be.
    pub(super) fn mask(&self) -> Mask {
        match self {
            Ty::Dyn => ANY,
            Ty::Null => NULL,
            Ty::Bool => BOOL,
            Ty::Int => INT,
            Ty::Uint => UINT,
            Ty::Double => DOUBLE,
            Ty::String => STRING,
            Ty::Bytes => BYTES,
            Ty::Timestamp => TIMESTAMP,
            Ty::Duration => DURATION,
            Ty::Type => TYPE,
            Ty::List(_) => LIST,
            Ty::Map(..) | Ty::Record(_) | Ty::Params(_) => MAP,
            Ty::Optional(_) => OPTIONAL,
        }
    }

    /// Whether a value of it could be one of `mask`.
    pub(super) fn fits(&self, mask: Mask) -> bool {
        self.mask() & mask != 0
    }

    /// Whether a value of one can equal a value of the other; numbers compare with numbers.
    pub(super) fn comparable(&self, other: &Ty) -> bool {
        match (self, other) {
            (Ty::Dyn, _) | (_, Ty::Dyn) => true,
            (Ty::List(one), Ty::List(two)) | (Ty::Optional(one), Ty::Optional(two)) => one.comparable(two),
            (Ty::Map(key, value), Ty::Map(key2, value2)) => key.comparable(key2) && value.comparable(value2),
            _ => self.mask() & other.mask() != 0 || (self.fits(NUMBER) && other.fits(NUMBER)),
        }
    }

    /// The type of something that may be either.
    pub(super) fn join(self, other: &Ty) -> Ty {
        match (self, other) {
            (one, two) if one == *two => one,
            (Ty::List(one), Ty::List(two)) => Ty::List(Box::new(one.join(two))),
            (Ty::Optional(one), Ty::Optional(two)) => Ty::Optional(Box::new(one.join(two))),
            (Ty::Map(key, value), Ty::Map(key2, value2)) => {
                Ty::Map(Box::new(key.join(key2)), Box::new(value.join(value2)))
            }
            _ => Ty::Dyn,
        }
    }

    /// A list of it.
    pub(super) fn list(self) -> Ty {
        Ty::List(Box::new(self))
    }

    /// It, or nothing.
    pub(super) fn optional(self) -> Ty {
        Ty::Optional(Box::new(self))
    }

    /// What macros with one variable bind; `None` if it cannot be gone through.
    pub(super) fn item(&self) -> Option<Ty> {
        match self {
            Ty::List(item) => Some((**item).clone()),
            Ty::Map(key, _) => Some((**key).clone()),
            Ty::Dyn => Some(Ty::Dyn),
            _ => None,
        }
    }
}

impl From<Type> for Ty {
    fn from(ty: Type) -> Self {
        match ty {
            Type::Bool => Ty::Bool,
            Type::Int => Ty::Int,
            Type::Float => Ty::Double,
            Type::String => Ty::String,
            Type::List(item) => Ty::from(*item).list(),
            Type::Record(subject) => Ty::Record(subject),
            Type::Dyn => Ty::Dyn,
        }
    }
}

impl From<ParamType> for Ty {
    fn from(ty: ParamType) -> Self {
        match ty {
            ParamType::Bool => Ty::Bool,
            ParamType::Int => Ty::Int,
            ParamType::Float => Ty::Double,
            ParamType::String => Ty::String,
            ParamType::StringList => Ty::String.list(),
            ParamType::IntList => Ty::Int.list(),
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Dyn => f.write_str("dyn"),
            Ty::Null => f.write_str("null"),
            Ty::Bool => f.write_str("bool"),
            Ty::Int => f.write_str("int"),
            Ty::Uint => f.write_str("uint"),
            Ty::Double => f.write_str("double"),
            Ty::String => f.write_str("string"),
            Ty::Bytes => f.write_str("bytes"),
            Ty::Timestamp => f.write_str("timestamp"),
            Ty::Duration => f.write_str("duration"),
            Ty::Type => f.write_str("type"),
            Ty::List(item) => write!(f, "list({item})"),
            Ty::Map(key, value) => write!(f, "map({key}, {value})"),
            Ty::Optional(inner) => write!(f, "optional({inner})"),
            Ty::Record(subject) => f.write_str(subject.name),
            Ty::Params(_) => f.write_str("params"),
        }
    }
}
