//! Evaluation: borrowed values in, a value or a fault out, every step paid from the fuel.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::access;
use super::arithmetic;
use super::function;
use super::ir::{Fold, FoldKind, Ir, Key};
use super::parse::Binary;
use super::time;
use super::value::{Fault, Fuel, Res, Val, equal, mismatch, order};
use crate::fact::{Data, Value};

/// The state of one evaluation.
pub(super) struct Machine<'v> {
    variables: &'v [Value<'v>],
    /// Made when the first of them is set: most evaluations are decided before.
    pub(super) locals: Vec<Val<'v>>,
    room: usize,
    pub(super) fuel: Fuel,
}

/// A value that may have come through an optional, without boxing it.
enum Lifted<'v> {
    Plain(Val<'v>),
    Some(Val<'v>),
    None,
}

impl<'v> Lifted<'v> {
    fn boxed(self) -> Val<'v> {
        match self {
            Lifted::Plain(value) => value,
            Lifted::Some(value) => Val::Optional(Some(Arc::new(value))),
            Lifted::None => Val::Optional(None),
        }
    }

    fn of(value: Val<'v>) -> Self {
        match value {
            Val::Optional(Some(inner)) => Lifted::Some(Arc::unwrap_or_clone(inner)),
            Val::Optional(None) => Lifted::None,
            other => Lifted::Plain(other),
        }
    }
}

impl<'v> Machine<'v> {
    /// A machine with a full tank and room for `locals` variables of macros.
    pub(super) fn new(variables: &'v [Value<'v>], locals: usize) -> Self {
        Machine { variables, locals: Vec::new(), room: locals, fuel: Fuel::full() }
    }

    /// The value of `ir`.
    pub(super) fn eval(&mut self, ir: &'v Ir) -> Res<'v> {
        self.fuel.spend(1)?;
        Ok(match ir {
            Ir::Const(Val::Text(text)) => Val::Str(text),
            Ir::Const(value) => value.clone(),
            Ir::Variable(slot) => self.variable(slot.index)?,
            Ir::Time(slot) => time::timestamp(self.variable(*slot)?.flat()?)?,
            Ir::Local(slot) => self.locals.get(slot.index as usize).cloned().unwrap_or(Val::Null),
            Ir::Select { .. } | Ir::Index { .. } => self.lifted(ir)?.boxed(),
            Ir::Has { base, key } => Val::Bool(self.has(base, key)?),
            Ir::And(operands) => Val::Bool(self.junction(operands, false)?),
            Ir::Or(operands) => Val::Bool(self.junction(operands, true)?),
            Ir::Not(operand) => Val::Bool(!self.truth(operand)?),
            Ir::Negate(operand) => arithmetic::negate(self.eval(operand)?.flat()?)?,
            Ir::Binary(operator, pair) => self.binary(*operator, &pair.0, &pair.1)?,
            Ir::Condition(parts) => {
                let test = self.truth(&parts.0)?;
                self.eval(if test { &parts.1 } else { &parts.2 })?
            }
            Ir::List(items) => self.list(items)?,
            Ir::Map(entries) => self.map(entries)?,
            Ir::Fold(fold) => self.fold(fold)?,
            Ir::OptMap { target, slot, body, flat } => self.opt_map(target, *slot, body, *flat)?,
            Ir::Matches(text, pattern) => {
                let text = self.eval(text)?.flat()?;
                let Some(text) = text.str() else { return Err(mismatch("matches", &[&text])) };
                self.fuel.spend(text.len() / 8)?;
                Val::Bool(pattern.regex().map_err(|message| Fault::Text(message.into()))?.is_match(text))
            }
            Ir::OrValue(pair) => match self.optional(&pair.0)? {
                Some(value) => value,
                None => self.eval(&pair.1)?,
            },
            Ir::OrElse(pair) => match self.optional(&pair.0)? {
                Some(value) => Lifted::Some(value).boxed(),
                None => self.optional(&pair.1)?.map_or(Lifted::None, Lifted::Some).boxed(),
            },
            Ir::HasValue(optional) => Val::Bool(self.optional(optional)?.is_some()),
            Ir::Call(function, args) => self.call(*function, args)?,
            Ir::Fail(message) => return Err(Fault::Text(message.clone())),
        })
    }

    fn variable(&self, slot: u16) -> Res<'v> {
        match self.variables.get(slot as usize) {
            Some(Value { data: Data::Unknown(reason), .. }) => Err(Fault::Unknown(reason)),
            Some(Value { data: Data::Absent, .. }) | None => Err(Fault::Static("a variable has no value")),
            Some(value) => Ok(Val::Value(value)),
        }
    }

    /// The value that a chain of fields of records leads to; `None` when it takes more than looking them up.
    #[inline]
    fn reach(&self, ir: &'v Ir) -> Option<&'v Value<'v>> {
        match ir {
            Ir::Variable(slot) => self.variables.get(slot.index as usize),
            Ir::Select { base, key: Key { index: Some(index), .. }, optional: false } => {
                match &self.reach(base)?.data {
                    Data::Record(record) => record.values.get(*index as usize),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The value of a condition.
    pub(super) fn truth(&mut self, ir: &'v Ir) -> Res<'v, bool> {
        match ir {
            Ir::Not(operand) => return self.truth(operand).map(|truth| !truth),
            Ir::And(operands) => return self.junction(operands, false),
            Ir::Or(operands) => return self.junction(operands, true),
            Ir::Select { .. } => {
                if let Some(Value { data: Data::Bool(truth), .. }) = self.reach(ir) {
                    self.fuel.spend(1)?;
                    return Ok(*truth);
                }
            }
            _ => {}
        }
        match self.eval(ir)?.flat()? {
            Val::Bool(bool) => Ok(bool),
            other => Err(Fault::Text(format!("a boolean is needed, not {}", other.type_name()).into())),
        }
    }

    /// The value of an optional; anything else is a fault.
    fn optional(&mut self, ir: &'v Ir) -> Res<'v, Option<Val<'v>>> {
        match self.lifted(ir)? {
            Lifted::Some(value) => Ok(Some(value)),
            Lifted::None => Ok(None),
            Lifted::Plain(value) => {
                Err(Fault::Text(format!("an optional is needed, not {}", value.type_name()).into()))
            }
        }
    }

    fn lifted(&mut self, ir: &'v Ir) -> Res<'v, Lifted<'v>> {
        match ir {
            Ir::Select { base, key, optional } => {
                self.fuel.spend(1)?;
                match self.reach(ir) {
                    None | Some(Value { data: Data::Absent | Data::Unknown(_), .. }) => {}
                    Some(value) => return Ok(Lifted::Plain(Val::Value(value))),
                }
                let base = self.lifted(base)?;
                let (base, lifted) = match &base {
                    Lifted::None => return Ok(Lifted::None),
                    Lifted::Some(base) => (base, true),
                    Lifted::Plain(base) => (base, *optional),
                };
                let found = access::select(base, key, &mut self.fuel)?;
                reached(found, lifted, || Fault::Missing(&key.name))
            }
            Ir::Index { base, index, optional } => {
                self.fuel.spend(1)?;
                let base = self.lifted(base)?;
                let (base, lifted) = match &base {
                    Lifted::None => return Ok(Lifted::None),
                    Lifted::Some(base) => (base, true),
                    Lifted::Plain(base) => (base, *optional),
                };
                let index = self.eval(index)?;
                let found = access::index(base, &index, &mut self.fuel)?;
                reached(found, lifted, || Fault::Missing("item or key of this name"))
            }
            _ => Ok(Lifted::of(self.eval(ir)?)),
        }
    }

    fn has(&mut self, base: &'v Ir, key: &'v Key) -> Res<'v, bool> {
        let base = match self.lifted(base)? {
            Lifted::None => return Ok(false),
            Lifted::Some(base) | Lifted::Plain(base) => base,
        };
        Ok(access::select(&base, key, &mut self.fuel)?.is_some_and(|value| !value.is_artefact_null()))
    }

    /// `&&` (`decisive`: false) or `||` (`decisive`: true): one decisive operand decides, whatever fails beside it.
    fn junction(&mut self, operands: &'v [Ir], decisive: bool) -> Res<'v, bool> {
        let mut fault = None;
        for operand in operands {
            match self.truth(operand) {
                Ok(bool) if bool == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(!decisive), Err)
    }

    fn binary(&mut self, operator: Binary, left: &'v Ir, right: &'v Ir) -> Res<'v> {
        if operator == Binary::In {
            return self.contained(left, right).map(Val::Bool);
        }
        let (left, right) = (self.eval(left)?.flat()?, self.eval(right)?.flat()?);
        let compare = |test: fn(std::cmp::Ordering) -> bool| -> Res<'v> {
            Ok(Val::Bool(order(operator.text(), &left, &right)?.is_some_and(test)))
        };
        match operator {
            Binary::Equal => equal(&left, &right, &mut self.fuel, 0).map(Val::Bool),
            Binary::NotEqual => equal(&left, &right, &mut self.fuel, 0).map(|same| Val::Bool(!same)),
            Binary::Less => compare(std::cmp::Ordering::is_lt),
            Binary::LessEqual => compare(std::cmp::Ordering::is_le),
            Binary::Greater => compare(std::cmp::Ordering::is_gt),
            Binary::GreaterEqual => compare(std::cmp::Ordering::is_ge),
            _ => arithmetic::binary(operator, &left, &right, &mut self.fuel),
        }
    }

    fn contained(&mut self, item: &'v Ir, container: &'v Ir) -> Res<'v, bool> {
        let (item, container) = (self.eval(item)?.flat()?, self.eval(container)?.flat()?);
        if matches!(container, Val::Map(_)) || access::is_mapping(&container) {
            return Ok(access::index(&container, &item, &mut self.fuel)?.is_some());
        }
        let (mut found, mut fault) = (false, None);
        let fuel = &mut self.fuel;
        access::each(&container, |other| {
            match equal(&item, &other.single(), fuel, 0) {
                Ok(same) => found = same,
                Err(error) => fault = fault.take().or(Some(error)),
            }
            Ok(if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        fault.filter(|_| !found).map_or(Ok(found), Err)
    }

    fn list(&mut self, items: &'v [(bool, Ir)]) -> Res<'v> {
        let mut out = Vec::with_capacity(items.len());
        for (optional, item) in items {
            if *optional {
                out.extend(self.optional(item)?);
            } else {
                out.push(self.eval(item)?);
            }
        }
        Ok(Val::List(out.into()))
    }

    fn map(&mut self, entries: &'v [(bool, Ir, Ir)]) -> Res<'v> {
        let mut out: Vec<(Val<'v>, Val<'v>)> = Vec::with_capacity(entries.len());
        for (optional, key, value) in entries {
            let key = self.eval(key)?.flat()?;
            if !matches!(key.type_name(), "bool" | "int" | "uint" | "string") {
                return Err(Fault::Text(format!("{} cannot be a key", key.type_name()).into()));
            }
            for (other, _) in &out {
                if equal(other, &key, &mut self.fuel, 0)? {
                    return Err(Fault::Static("a key occurs twice"));
                }
            }
            let value = if *optional { self.optional(value)? } else { Some(self.eval(value)?) };
            out.extend(value.map(|value| (key, value)));
        }
        Ok(Val::Map(out.into()))
    }

    /// Binds the variables of `fold` to an item.
    pub(super) fn bind(&mut self, fold: &Fold, item: access::Item<'v>) {
        match fold.second {
            None => self.set(fold.slot, item.single()),
            Some(second) => {
                self.set(fold.slot, item.key);
                self.set(second, item.value);
            }
        }
    }

    /// Puts `value` into the slot of a macro's variable.
    pub(super) fn set(&mut self, slot: u16, value: Val<'v>) {
        if self.locals.is_empty() {
            self.locals.resize(self.room, Val::Null);
        }
        if let Some(local) = self.locals.get_mut(slot as usize) {
            *local = value;
        }
    }

    fn fold(&mut self, fold: &'v Fold) -> Res<'v> {
        let range = self.eval(&fold.range)?;
        self.fuel.spend(access::weight(&range))?;
        let (mut out, mut count, mut decided, mut fault) = (Vec::new(), 0usize, false, None);
        access::each(&range, |item| {
            self.bind(fold, item);
            let test = fold.test.as_ref().map_or(Ok(true), |test| self.truth(test));
            match (fold.kind, test) {
                (FoldKind::All, Ok(true)) | (FoldKind::Exists, Ok(false)) => {}
                (FoldKind::All | FoldKind::Exists, Ok(_)) => {
                    decided = true;
                    return Ok(ControlFlow::Break(()));
                }
                (FoldKind::All | FoldKind::Exists, Err(error)) => fault = fault.take().or(Some(error)),
                (_, Err(error)) => return Err(error),
                (_, Ok(false)) => {}
                (FoldKind::ExistsOne, Ok(true)) => count += 1,
                (FoldKind::Filter, Ok(true)) => {
                    out.push(self.locals.get(fold.slot as usize).cloned().unwrap_or(Val::Null))
                }
                (FoldKind::Map, Ok(true)) => {
                    out.push(fold.make.as_ref().map_or(Ok(Val::Null), |make| self.eval(make))?)
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        match (fold.kind, fault) {
            (FoldKind::All, _) if decided => Ok(Val::Bool(false)),
            (FoldKind::Exists, _) if decided => Ok(Val::Bool(true)),
            (_, Some(fault)) => Err(fault),
            (FoldKind::All, None) => Ok(Val::Bool(true)),
            (FoldKind::Exists, None) => Ok(Val::Bool(false)),
            (FoldKind::ExistsOne, None) => Ok(Val::Bool(count == 1)),
            (FoldKind::Filter | FoldKind::Map, None) => Ok(Val::List(out.into())),
        }
    }

    fn opt_map(&mut self, target: &'v Ir, slot: u16, body: &'v Ir, flat: bool) -> Res<'v> {
        let Some(value) = self.optional(target)? else { return Ok(Val::Optional(None)) };
        self.set(slot, value);
        let made = self.eval(body)?;
        Ok(if flat { made } else { Val::Optional(Some(Arc::new(made))) })
    }

    fn call(&mut self, function: function::Function, args: &'v [Ir]) -> Res<'v> {
        const MOST: usize = 4;
        let mut values = [const { Val::Null }; MOST];
        for (value, arg) in values.iter_mut().zip(args) {
            let evaluated = self.eval(arg)?;
            *value = if function::keeps_place(function) { evaluated } else { evaluated.flat()? };
        }
        function::call(function, &values[..args.len().min(MOST)], &mut self.fuel)
    }
}

/// What a selection comes to: inside an optional a missing part is nothing, and so is an artefact's `null`.
fn reached<'v>(found: Option<Val<'v>>, lifted: bool, fault: impl FnOnce() -> Fault<'v>) -> Res<'v, Lifted<'v>> {
    match found {
        Some(value) if lifted && value.is_artefact_null() => Ok(Lifted::None),
        Some(value) if lifted => Ok(Lifted::Some(value)),
        Some(value) => Ok(Lifted::of(value)),
        None if lifted => Ok(Lifted::None),
        None => Err(fault()),
    }
}
