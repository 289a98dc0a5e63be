//! Syntax tree → instructions, with the type check on the way.

use std::ops::Range;
use std::sync::Arc;

use super::function::TYPE_NAMES;
use super::ir::{Ir, Key, Pattern, Slot};
use super::parse::{Ast, AstKind, Binary, Name};
use super::types::{ANY, BOOL, BYTES, DOUBLE, DURATION, INT, LIST, Mask, NUMBER, STRING, TIMESTAMP, Ty, UINT};
use super::value::Val;
use super::{Checking, Mistake, VarType, Variables};
use crate::syntax::suggest::suggest;

/// Instructions with their type.
pub(super) struct Typed {
    pub(super) ir: Ir,
    pub(super) ty: Ty,
}

impl Typed {
    pub(super) fn new(ir: Ir, ty: Ty) -> Self {
        Typed { ir, ty }
    }
}

/// A name that a macro binds.
struct Binding {
    name: String,
    ty: Ty,
    blamed: bool,
}

/// The state of one lowering.
pub(super) struct Lowering<'a> {
    pub(super) variables: &'a Variables,
    checking: Checking,
    locals: Vec<Binding>,
    /// The most locals alive at once.
    pub(super) most_locals: usize,
    pub(super) mistakes: Vec<Mistake>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(variables: &'a Variables, checking: Checking) -> Self {
        Lowering { variables, checking, locals: Vec::new(), most_locals: 0, mistakes: Vec::new() }
    }

    /// The pattern of a `matches()`.
    pub(super) fn pattern(&self, text: &str) -> Result<Pattern, String> {
        match self.checking {
            Checking::Known => Ok(Pattern::known(text)),
            _ => Pattern::new(text),
        }
    }

    /// A part that cannot work whatever the values are.
    pub(super) fn fail(&mut self, range: &Range<usize>, message: impl Into<String>, help: Option<String>) -> Typed {
        let message = message.into();
        if self.checking != Checking::Syntax {
            self.mistakes.push(Mistake { range: range.clone(), message: message.clone(), help });
        }
        Typed::new(Ir::Fail(message.into()), Ty::Dyn)
    }

    /// Notes that types do not fit; evaluation would fail there.
    pub(super) fn wrong(&mut self, range: &Range<usize>, message: impl Into<String>, help: Option<String>) {
        if self.checking != Checking::Syntax {
            self.mistakes.push(Mistake { range: range.clone(), message: message.into(), help });
        }
    }

    /// Lowers `ast` and notes if its type cannot be one of `mask`.
    pub(super) fn expect(&mut self, ast: &Ast<'_>, mask: Mask, wanted: &str) -> Typed {
        let typed = self.lower(ast);
        if !typed.ty.fits(mask) {
            let help = matches!(typed.ty, Ty::Optional(_)).then(|| "open it with `.orValue(…)`".to_owned());
            self.wrong(&ast.range, format!("{wanted} is needed here, not {}", typed.ty), help);
        }
        typed
    }

    fn boolean(&mut self, ast: &Ast<'_>) -> Ir {
        self.expect(ast, BOOL, "a boolean").ir
    }

    /// Lowers `body` with `names` bound in fresh slots; the first slot comes back with it.
    pub(super) fn bind<T>(&mut self, names: Vec<(String, Ty, bool)>, body: impl FnOnce(&mut Self) -> T) -> (u16, T) {
        let first = self.locals.len();
        self.locals.extend(names.into_iter().map(|(name, ty, blamed)| Binding { name, ty, blamed }));
        self.most_locals = self.most_locals.max(self.locals.len());
        let done = body(self);
        self.locals.truncate(first);
        (u16::try_from(first).unwrap_or(u16::MAX), done)
    }

    /// Lowers one part.
    pub(super) fn lower(&mut self, ast: &Ast<'_>) -> Typed {
        match &ast.kind {
            AstKind::Literal(value) => Typed::new(Ir::Const(value.clone()), literal_type(value)),
            AstKind::Name(name) => self.name(name, &ast.range),
            AstKind::Select { base, name, optional } => {
                let base = self.lower(base);
                self.select(base, name, *optional)
            }
            AstKind::Index { base, index, optional } => self.index(base, index, *optional),
            AstKind::Call { target, name, args } => self.call(target.as_deref(), name, args, &ast.range),
            AstKind::And(operands) => {
                Typed::new(Ir::And(operands.iter().map(|operand| self.boolean(operand)).collect()), Ty::Bool)
            }
            AstKind::Or(operands) => {
                Typed::new(Ir::Or(operands.iter().map(|operand| self.boolean(operand)).collect()), Ty::Bool)
            }
            AstKind::Not(operand) => Typed::new(Ir::Not(Box::new(self.boolean(operand))), Ty::Bool),
            AstKind::Negate(operand) => {
                let operand = self.expect(operand, INT | DOUBLE, "a number with a sign");
                Typed::new(Ir::Negate(Box::new(operand.ir)), operand.ty)
            }
            AstKind::Binary(operator, operands) => self.binary(*operator, &operands.0, &operands.1, &ast.range),
            AstKind::Condition(parts) => self.condition(&parts.0, &parts.1, &parts.2),
            AstKind::List(items) => self.list(items),
            AstKind::Map(entries) => self.map(entries),
        }
    }

    fn condition(&mut self, test: &Ast<'_>, yes: &Ast<'_>, no: &Ast<'_>) -> Typed {
        let test = self.boolean(test);
        let (yes, other) = (self.lower(yes), self.lower(no));
        if !yes.ty.comparable(&other.ty) {
            let message = format!("both results of `? :` must have one type, not {} and {}", yes.ty, other.ty);
            self.wrong(&no.range, message, None);
        }
        let ty = yes.ty.join(&other.ty);
        Typed::new(Ir::Condition(Box::new((test, yes.ir, other.ir))), ty)
    }

    fn name(&mut self, name: &str, range: &Range<usize>) -> Typed {
        if let Some(index) = self.locals.iter().rposition(|local| local.name == name) {
            let local = &self.locals[index];
            let slot = Slot { index: u16::try_from(index).unwrap_or(u16::MAX), blamed: local.blamed };
            return Typed::new(Ir::Local(slot), local.ty.clone());
        }
        if let Some(index) = self.variables.list.iter().position(|(variable, _)| variable == name) {
            let slot = u16::try_from(index).unwrap_or(u16::MAX);
            return match &self.variables.list[index].1 {
                VarType::Field(ty) => Typed::new(Ir::Variable(Slot { index: slot, blamed: true }), (*ty).into()),
                VarType::Params(_) => Typed::new(Ir::Variable(Slot { index: slot, blamed: false }), Ty::Params(index)),
                VarType::Timestamp => Typed::new(Ir::Time(slot), Ty::Timestamp),
            };
        }
        if let Some((_, name)) = TYPE_NAMES.iter().find(|(known, _)| *known == name) {
            return Typed::new(Ir::Const(Val::Type(name)), Ty::Type);
        }
        let variables = self.variables.list.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = self.locals.iter().map(|local| local.name.as_str()).chain(variables).collect();
        let help = did_you_mean(name, names.iter().copied())
            .or_else(|| (!names.is_empty()).then(|| format!("there are `{}`", names.join("`, `"))));
        self.fail(range, format!("there is no variable `{name}`"), help)
    }

    /// The index and type of a field; `Err` with a mistake noted if the type has no such field.
    pub(super) fn field(&mut self, ty: &Ty, name: &Name<'_>) -> Result<(Option<u16>, Ty), Typed> {
        if let Ty::Record(subject) = ty
            && let Some(index) = subject.field(name.text)
        {
            let ty = subject.fields.get(index).map_or(Ty::Dyn, |field| field.ty.into());
            return Ok((u16::try_from(index).ok(), ty));
        }
        let known: Vec<(String, Ty)> = match ty {
            Ty::Dyn => return Ok((None, Ty::Dyn)),
            Ty::Map(_, value) => return Ok((None, (**value).clone())),
            Ty::Optional(inner) => return self.field(inner, name),
            Ty::Record(subject) => subject.fields.iter().map(|field| (field.name(), field.ty.into())).collect(),
            Ty::Params(index) => match &self.variables.list[*index].1 {
                VarType::Params(params) => params.iter().map(|(name, ty)| (name.clone(), (*ty).into())).collect(),
                _ => Vec::new(),
            },
            other => {
                let message = format!("`.{}` asks for a field, but this is {other}, which has none", name.text);
                return Err(self.fail(&name.range, message, None));
            }
        };
        if let Some(index) = known.iter().position(|(field, _)| field == name.text) {
            let ty = known.into_iter().nth(index).map_or(Ty::Dyn, |(_, ty)| ty);
            return Ok((u16::try_from(index).ok(), ty));
        }
        let names = || known.iter().map(|(field, _)| field.as_str());
        let help = did_you_mean(name.text, names()).or_else(|| {
            (!known.is_empty()).then(|| format!("there are `{}`", names().collect::<Vec<_>>().join("`, `")))
        });
        let what = if matches!(ty, Ty::Params(_)) { "parameter" } else { "field" };
        Err(self.fail(&name.range, format!("{ty} has no {what} `{}`", name.text), help))
    }

    fn select(&mut self, base: Typed, name: &Name<'_>, optional: bool) -> Typed {
        let (index, ty) = match self.field(&base.ty, name) {
            Ok(found) => found,
            Err(failed) => return failed,
        };
        let key = Key { name: name.text.into(), index };
        let ty = if optional || matches!(base.ty, Ty::Optional(_)) { wrapped(ty) } else { ty };
        Typed::new(Ir::Select { base: Box::new(base.ir), key, optional }, ty)
    }

    /// `has(base.key)`.
    pub(super) fn has(&mut self, base: &Ast<'_>, name: &Name<'_>) -> Typed {
        let base = self.lower(base);
        match self.field(&base.ty, name) {
            Ok((index, _)) => {
                let key = Key { name: name.text.into(), index };
                Typed::new(Ir::Has { base: Box::new(base.ir), key }, Ty::Bool)
            }
            Err(failed) => failed,
        }
    }

    fn index(&mut self, base: &Ast<'_>, index: &Ast<'_>, optional: bool) -> Typed {
        let target = self.lower(base);
        let inner = if let Ty::Optional(inner) = &target.ty { (**inner).clone() } else { target.ty.clone() };
        let literal = if let AstKind::Literal(Val::Text(text)) = &index.kind { Some(Arc::clone(text)) } else { None };
        if let (Ty::Record(_) | Ty::Params(_), Some(text)) = (&inner, &literal) {
            return self.select(target, &Name { text, range: index.range.clone() }, optional);
        }
        let (wanted, ty) = match &inner {
            Ty::List(item) => (NUMBER, (**item).clone()),
            Ty::Map(key, value) => (if key.fits(NUMBER) { key.mask() | NUMBER } else { key.mask() }, (**value).clone()),
            Ty::Record(_) => (STRING, Ty::Dyn),
            Ty::Dyn => (ANY, Ty::Dyn),
            other => return self.fail(&base.range, format!("{other} has neither items nor keys"), None),
        };
        let index = self.expect(index, wanted, "another type of index");
        let ty = if optional || matches!(target.ty, Ty::Optional(_)) { wrapped(ty) } else { ty };
        Typed::new(Ir::Index { base: Box::new(target.ir), index: Box::new(index.ir), optional }, ty)
    }

    fn binary(&mut self, operator: Binary, left: &Ast<'_>, right: &Ast<'_>, range: &Range<usize>) -> Typed {
        let (one, two) = (self.lower(left), self.lower(right));
        let (fits, ty) = match operator {
            Binary::Equal | Binary::NotEqual => (one.ty.comparable(&two.ty), Ty::Bool),
            Binary::In => (contained(&one.ty, &two.ty), Ty::Bool),
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                (ordered(&one.ty, &two.ty), Ty::Bool)
            }
            _ => match arithmetic(operator, &one.ty, &two.ty) {
                Some(ty) => (true, ty),
                None => (false, Ty::Dyn),
            },
        };
        if !fits {
            let message = format!("`{}` does not go with {} and {}", operator.text(), one.ty, two.ty);
            let optional = matches!(one.ty, Ty::Optional(_)) || matches!(two.ty, Ty::Optional(_));
            let help = if optional {
                Some("open the optional with `.orValue(…)`".to_owned())
            } else if one.ty.fits(NUMBER) && two.ty.fits(NUMBER) {
                Some("convert one with `double(…)` or `int(…)`".to_owned())
            } else {
                None
            };
            self.wrong(range, message, help);
        }
        Typed::new(Ir::Binary(operator, Box::new((one.ir, two.ir))), ty)
    }

    fn list(&mut self, items: &[(bool, Ast<'_>)]) -> Typed {
        let mut ty: Option<Ty> = None;
        let mut out = Vec::with_capacity(items.len());
        for (optional, item) in items {
            let lowered = self.lower(item);
            let item_type = if *optional { self.opened(&lowered.ty, &item.range) } else { lowered.ty };
            ty = Some(ty.map_or_else(|| item_type.clone(), |ty| ty.join(&item_type)));
            out.push((*optional, lowered.ir));
        }
        let ty = ty.unwrap_or(Ty::Dyn).list();
        let constants: Option<Vec<Val<'static>>> = out
            .iter()
            .map(|item| if let (false, Ir::Const(value)) = item { Some(value.clone()) } else { None })
            .collect();
        match constants {
            Some(values) => Typed::new(Ir::Const(Val::List(values.into())), ty),
            None => Typed::new(Ir::List(out.into()), ty),
        }
    }

    fn map(&mut self, entries: &[(bool, Ast<'_>, Ast<'_>)]) -> Typed {
        let mut types: Option<(Ty, Ty)> = None;
        let mut out = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            let lowered_key = self.expect(key, BOOL | INT | UINT | STRING, "a boolean, integer or text as a key");
            let lowered = self.lower(value);
            let value_type = if *optional { self.opened(&lowered.ty, &value.range) } else { lowered.ty };
            types = Some(match types {
                None => (lowered_key.ty, value_type),
                Some((keys, values)) => (keys.join(&lowered_key.ty), values.join(&value_type)),
            });
            out.push((*optional, lowered_key.ir, lowered.ir));
        }
        let (keys, values) = types.unwrap_or((Ty::Dyn, Ty::Dyn));
        Typed::new(Ir::Map(out.into()), Ty::Map(Box::new(keys), Box::new(values)))
    }

    /// What an optional holds; notes it if the type is not one.
    pub(super) fn opened(&mut self, ty: &Ty, range: &Range<usize>) -> Ty {
        match ty {
            Ty::Optional(inner) => (**inner).clone(),
            Ty::Dyn => Ty::Dyn,
            other => {
                self.wrong(range, format!("an optional is needed here, not {other}"), None);
                Ty::Dyn
            }
        }
    }
}

/// `did you mean …?`, if one of `names` is near enough.
pub(super) fn did_you_mean<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    suggest(wrong, names).map(|name| format!("did you mean `{name}`?"))
}

/// An optional of `ty`; an optional stays one.
pub(super) fn wrapped(ty: Ty) -> Ty {
    if matches!(ty, Ty::Optional(_)) { ty } else { ty.optional() }
}

fn literal_type(value: &Val<'_>) -> Ty {
    match value {
        Val::Null => Ty::Null,
        Val::Bool(_) => Ty::Bool,
        Val::Int(_) => Ty::Int,
        Val::Uint(_) => Ty::Uint,
        Val::Double(_) => Ty::Double,
        Val::Text(_) => Ty::String,
        Val::Bytes(_) => Ty::Bytes,
        _ => Ty::Dyn,
    }
}

fn contained(item: &Ty, container: &Ty) -> bool {
    match container {
        Ty::Dyn => true,
        Ty::List(items) => item.comparable(items),
        Ty::Map(keys, _) => item.comparable(keys),
        Ty::Record(_) => item.fits(STRING),
        _ => false,
    }
}

fn ordered(one: &Ty, two: &Ty) -> bool {
    const ORDERED: Mask = BOOL | NUMBER | STRING | BYTES | TIMESTAMP | DURATION;
    one.fits(ORDERED) && two.fits(ORDERED) && one.comparable(two)
}

fn arithmetic(operator: Binary, one: &Ty, two: &Ty) -> Option<Ty> {
    let allowed: Mask = match operator {
        Binary::Add => NUMBER | STRING | BYTES | LIST | TIMESTAMP | DURATION,
        Binary::Subtract => NUMBER | TIMESTAMP | DURATION,
        Binary::Remainder => INT | UINT,
        _ => NUMBER,
    };
    if !one.fits(allowed) || !two.fits(allowed) {
        return None;
    }
    let subtract = operator == Binary::Subtract;
    match (one, two) {
        (Ty::Timestamp, Ty::Timestamp) => subtract.then_some(Ty::Duration),
        (Ty::Timestamp, Ty::Duration) => Some(Ty::Timestamp),
        (Ty::Duration, Ty::Timestamp) => (!subtract).then_some(Ty::Timestamp),
        (Ty::List(one), Ty::List(two)) => Some((**one).clone().join(two).list()),
        (Ty::Dyn | Ty::Timestamp | Ty::Duration, Ty::Dyn) | (Ty::Dyn, Ty::Timestamp | Ty::Duration) => Some(Ty::Dyn),
        (Ty::List(_), Ty::Dyn) | (Ty::Dyn, Ty::List(_)) => Some(Ty::Dyn.list()),
        (known, Ty::Dyn) | (Ty::Dyn, known) => Some(known.clone()),
        (one, two) => (one == two).then(|| one.clone()),
    }
}
