//! The one vocabulary between inspectors and rules: subjects, facts and their values.
//!
//! An inspector declares each subject once with [`subject!`](crate::subject), which makes a Rust struct (so that a
//! forgotten field does not compile) and the schema that conditions are type-checked against and `docs/facts.md` is
//! generated from. Every [`Value`] knows the text that makes it true.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::span::Span;
use crate::syntax::tree::Node;

pub mod format;
pub mod policy;
pub mod secret;
pub mod target;

/// The type of a field, as conditions see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A 64-bit integer.
    Int,
    /// A double.
    Float,
    /// Text.
    String,
    /// A list of one type.
    List(&'static Type),
    /// A record with named, typed fields; a misspelt field is an error at load.
    Record(&'static Subject),
    /// A part of the artefact's own tree; a selection that finds nothing is *unknown* at run time unless optional (`.?`).
    Dyn,
}

/// One field of a subject.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in Rust; conditions use the camelCase form ([`Field::name`]).
    pub rust_name: &'static str,
    /// Its type.
    pub ty: Type,
    /// What it means, and which text its value points to.
    pub doc: &'static str,
}

impl Field {
    /// The name that conditions use: `runs_as_root` is `runsAsRoot`.
    pub fn name(&self) -> String {
        let mut name = String::with_capacity(self.rust_name.len());
        let mut upper = false;
        for c in self.rust_name.chars() {
            match c {
                '_' => upper = true,
                c if std::mem::take(&mut upper) => name.extend(c.to_uppercase()),
                c => name.push(c),
            }
        }
        name
    }

    /// Whether conditions call it `name`; makes no text, because every word of every condition asks every field.
    pub fn is_called(&self, name: &str) -> bool {
        let mut given = name.bytes();
        let mut upper = false;
        for byte in self.rust_name.bytes() {
            let wanted = match byte {
                b'_' => {
                    upper = true;
                    continue;
                }
                byte if std::mem::take(&mut upper) => byte.to_ascii_uppercase(),
                byte => byte,
            };
            if given.next() != Some(wanted) {
                return false;
            }
        }
        given.next().is_none()
    }
}

/// A kind of thing that facts are stated about, with its fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Subject {
    /// `inspector.thing`, as rules name it in `subject:`; records that only occur inside others have a name too.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in declaration order.
    pub fields: &'static [Field],
}

impl Subject {
    /// The variable under which a condition sees it: the last part of its name (`container`).
    pub fn variable(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The inspector that states it: the first part of its name.
    pub fn inspector(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// The index of the field that conditions call `name`.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.is_called(name))
    }
}

/// Text that a value holds without copying where it can.
pub type Text<'s> = Cow<'s, str>;

/// A value with the place that makes it true.
#[derive(Debug, Clone)]
pub struct Value<'s> {
    /// What it is.
    pub data: Data<'s>,
    /// The text that makes it so: the value's own text, or the nearest text that shows why (the key of the parent for
    /// something missing). `None` means the place of the whole fact.
    pub span: Option<Span>,
}

/// What a [`Value`] is.
#[derive(Debug, Clone)]
pub enum Data<'s> {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// Text.
    Str(Text<'s>),
    /// A list.
    List(Arc<[Value<'s>]>),
    /// A record.
    Record(Arc<Record<'s>>),
    /// A part of the artefact's own tree.
    Node(Node<'s>),
    /// Not there: selecting it is an error, `.?field` is `optional.none()`, `has()` is false.
    Absent,
    /// It depends on something that was not seen; a rule that needs it comes out unknown. Boxed, so that the many values
    /// that are known take less room.
    Unknown(Box<Reason>),
}

impl Data<'_> {
    /// What depends on something that was not seen.
    pub fn unknown(reason: Reason) -> Self {
        Data::Unknown(Box::new(reason))
    }
}

/// The values of one subject's fields, in the order of its schema.
#[derive(Debug, Clone)]
pub struct Record<'s> {
    /// The schema.
    pub subject: &'static Subject,
    /// One value a field.
    pub values: Box<[Value<'s>]>,
}

/// Why something could not be decided. One record per cause in the report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The text is broken at a place; the message says how.
    Syntax(Arc<str>),
    /// The text is a template that only another tool can fill in.
    Template(Arc<str>),
    /// A value depends on a variable, an image, a file or a repository that was not seen.
    Unresolved(Arc<str>),
    /// It is not readable: permissions, size, encoding, binary content.
    Unreadable(Arc<str>),
    /// The artefact is nested or repeated beyond a limit.
    Limit(Arc<str>),
    /// A target on the network showed nothing; says why.
    Unreachable(Arc<str>),
    /// A condition could not be evaluated.
    Condition(Arc<str>),
    /// A defect of seaworthy itself; please report it.
    Bug(Arc<str>),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reason::Syntax(text)
            | Reason::Template(text)
            | Reason::Unresolved(text)
            | Reason::Unreadable(text)
            | Reason::Limit(text)
            | Reason::Unreachable(text)
            | Reason::Condition(text) => f.write_str(text),
            Reason::Bug(text) => write!(f, "a defect of seaworthy, please report it: {text}"),
        }
    }
}

/// A stretch of a source with the text that is to stand in its place; an empty span is a place to insert at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// What a source, an image stage or a workload is for. Severity falls one step for everything that is not
/// [`Role::Production`] or [`Role::Staging`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What users reach; assumed when nothing says otherwise.
    #[default]
    Production,
    /// A rehearsal of production.
    Staging,
    /// A developer's machine.
    Development,
    /// Only tests use it.
    Test,
    /// Shown to readers, or a demonstration.
    Example,
    /// Builds or maintains something else and is not shipped.
    Tool,
    /// To be filled in by another tool.
    Template,
    /// Part of an object, applied onto another.
    Patch,
    /// Written by a program.
    Generated,
    /// Somebody else's, copied in.
    Vendored,
}

impl Role {
    /// Its name in reports, policies and conditions.
    pub fn name(self) -> &'static str {
        match self {
            Role::Production => "production",
            Role::Staging => "staging",
            Role::Development => "development",
            Role::Test => "test",
            Role::Example => "example",
            Role::Tool => "tool",
            Role::Template => "template",
            Role::Patch => "patch",
            Role::Generated => "generated",
            Role::Vendored => "vendored",
        }
    }

    /// Whether users depend on it, so that severities stand as they are.
    pub fn is_shipped(self) -> bool {
        matches!(self, Role::Production | Role::Staging)
    }
}

/// One thing that an artefact shows, ready to be judged.
#[derive(Debug, Clone)]
pub struct Fact<'s> {
    /// The whole thing's place: where a finding stands that no narrower place explains. For a named thing its name,
    /// not its whole block.
    pub span: Span,
    /// The object path that names it in reports and fingerprints, stable under moves within the file:
    /// `Deployment/shop/api/containers/web`, `stage build/RUN 3`.
    pub path: Arc<str>,
    /// What it is for.
    pub role: Role,
    /// Its fields.
    pub record: Arc<Record<'s>>,
}

/// The names of the subjects that `facts` are stated about.
pub fn subjects(facts: &[Fact<'_>]) -> BTreeSet<&'static str> {
    let mut met: Vec<&'static Subject> = Vec::new();
    for fact in facts {
        if !met.iter().any(|one| std::ptr::eq(*one, fact.subject())) {
            met.push(fact.subject());
        }
    }
    met.iter().map(|subject| subject.name).collect()
}

impl Fact<'_> {
    /// The subject it is stated about.
    pub fn subject(&self) -> &'static Subject {
        self.record.subject
    }
}

impl<'s> Record<'s> {
    /// The value of the field that Rust calls `rust_name`.
    pub fn get(&self, rust_name: &str) -> Option<&Value<'s>> {
        let index = self.subject.fields.iter().position(|field| field.rust_name == rust_name)?;
        self.values.get(index)
    }
}

impl<'s> Value<'s> {
    /// A value whose place is `span`.
    pub fn new(data: Data<'s>, span: Span) -> Self {
        Self { data, span: Some(span) }
    }

    /// A value without a place of its own.
    pub fn bare(data: Data<'s>) -> Self {
        Self { data, span: None }
    }

    /// `data` if there is one, else [`Data::Absent`].
    pub fn option(data: Option<Data<'s>>, span: Span) -> Self {
        Self::new(data.unwrap_or(Data::Absent), span)
    }

    /// A boolean shown by `span`.
    pub fn bool(value: bool, span: Span) -> Self {
        Self::new(Data::Bool(value), span)
    }

    /// An integer shown by `span`.
    pub fn int(value: i64, span: Span) -> Self {
        Self::new(Data::Int(value), span)
    }

    /// Text shown by `span`.
    pub fn str(value: impl Into<Text<'s>>, span: Span) -> Self {
        Self::new(Data::Str(value.into()), span)
    }

    /// A list shown by `span`.
    pub fn list(values: Vec<Value<'s>>, span: Span) -> Self {
        Self::new(Data::List(values.into()), span)
    }

    /// A list without a place of its own.
    pub fn bare_list(values: Vec<Value<'s>>) -> Self {
        Self::bare(Data::List(values.into()))
    }

    /// Not there; `span` is the nearest existing parent's key.
    pub fn absent(span: Span) -> Self {
        Self::new(Data::Absent, span)
    }

    /// Depends on something not seen; `span` is the text that refers to it.
    pub fn unknown(reason: Reason, span: Span) -> Self {
        Self::new(Data::unknown(reason), span)
    }

    /// A part of the artefact's tree, shown by its own text.
    pub fn node(node: Node<'s>) -> Self {
        Self::new(Data::Node(node), node.span())
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.data {
            Data::Bool(value) => Some(*value),
            Data::Node(node) => node.as_bool(),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            Data::Node(node) => node.as_str(),
            _ => None,
        }
    }
}

/// Declares subjects: a struct each with one public [`Value`](crate::fact::Value) a field, the schema
/// (`Struct::SUBJECT`), `record()` and `fact(span, path, role)`.
///
/// ```
/// use seaworthy::fact::{Fact, Role, Type, Value};
/// use seaworthy::span::{SourceId, Span};
///
/// seaworthy::subject! {
///     /// A box on the quay.
///     pub struct Crate: "harbour.crate" {
///         /// Whether it may be lifted; points to its label.
///         may_be_lifted: Type::Bool,
///     }
/// }
///
/// let span = Span::new(SourceId(0), 0..5);
/// let fact: Fact = Crate { may_be_lifted: Value::bool(true, span) }.fact(span, "crate 1", Role::Production);
/// assert_eq!(fact.subject().name, "harbour.crate");
/// assert_eq!(Crate::SUBJECT.field("mayBeLifted"), Some(0));
/// ```
#[macro_export]
macro_rules! subject {
    ($($(#[doc = $doc:expr])+ $vis:vis struct $name:ident: $subject:literal {
        $($(#[doc = $field_doc:expr])+ $field:ident: $ty:expr,)+
    })+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        #[allow(unreachable_pub, reason = "a subject may be private to its relation")]
        $vis struct $name<'s> {
            $($(#[doc = $field_doc])+ pub $field: $crate::fact::Value<'s>,)+
        }

        #[allow(unreachable_pub, reason = "a subject may be private to its relation")]
        impl<'s> $name<'s> {
            /// The schema.
            $vis const SUBJECT: &'static $crate::fact::Subject = &$crate::fact::Subject {
                name: $subject,
                doc: concat!($($doc, "\n"),+),
                fields: &[$($crate::fact::Field {
                    rust_name: stringify!($field),
                    ty: $ty,
                    doc: concat!($($field_doc, "\n"),+),
                },)+],
            };

            /// The values in the order of the schema.
            $vis fn record(self) -> std::sync::Arc<$crate::fact::Record<'s>> {
                std::sync::Arc::new($crate::fact::Record {
                    subject: Self::SUBJECT,
                    values: Box::new([$(self.$field,)+]),
                })
            }

            /// The fact that `self` states, at `span`, about the object that `path` names.
            #[allow(dead_code, reason = "records that only occur inside others are not facts")]
            $vis fn fact(
                self,
                span: $crate::span::Span,
                path: impl Into<std::sync::Arc<str>>,
                role: $crate::fact::Role,
            ) -> $crate::fact::Fact<'s> {
                $crate::fact::Fact { span, path: path.into(), role, record: self.record() }
            }
        }
    )+};
}
