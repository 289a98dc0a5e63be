//! Why a condition is false: a second walk, made on failure only, that finds the nodes and missing keys behind it.
//!
//! `&&` false: the operand that decided. `||` false: all operands, the last one first, since guards are written first.
//! `!x`: the same question about `x`. Comparisons: where the operands come from. `has()` and `.?` without a value: the
//! missing key. `all` false, `exists` true: every witness. `exists` false, `all` true: what the items were compared
//! with, then the list.

use std::ops::ControlFlow;

use super::access::{self, Item};
use super::eval::Machine;
use super::function::Function;
use super::ir::{Fold, FoldKind, Ir, Key};
use super::macros::blamed;
use super::parse::Binary;
use super::value::{Fuel, Val, equal};
use super::{Place, Witness};
use crate::fact::{Data, Value};
use crate::span::Span;
use crate::syntax::tree::{Kind, Node};

/// The most places that one witness names.
const MAX_PLACES: usize = 16;

/// A place, and all the text that stands for it: a mapping is shown by its key but covers its block.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spot {
    place: Place,
    cover: Span,
}

/// The spots of one witness, the deciding one first.
type Group = Vec<Spot>;

/// One witness for each reason why `ir` is false.
pub(super) fn witnesses<'v>(machine: &mut Machine<'v>, ir: &'v Ir) -> Vec<Witness> {
    machine.fuel = Fuel::for_blame();
    let groups = Blame { machine }.why(ir, false);
    let mut witnesses: Vec<Witness> = Vec::new();
    for group in groups {
        let mut places = group.into_iter().map(|spot| spot.place);
        let Some(primary) = places.next() else { continue };
        witnesses.push(Witness { primary, related: places.collect() });
    }
    witnesses.sort_by(|one, two| order(&one.primary).cmp(&order(&two.primary)));
    witnesses.dedup_by(|next, kept| {
        let same = next.primary == kept.primary;
        if same {
            kept.related.append(&mut next.related);
        }
        same
    });
    for witness in &mut witnesses {
        let mut seen = vec![witness.primary.clone()];
        witness.related.retain(|place| {
            let new = seen.len() < MAX_PLACES && !seen.contains(place);
            if new {
                seen.push(place.clone());
            }
            new
        });
    }
    witnesses
}

fn order(place: &Place) -> (Span, Option<&str>) {
    (place.span, place.missing.as_deref())
}

/// Where the value of `ir` stands, or would.
pub(super) fn place<'v>(machine: &mut Machine<'v>, ir: &'v Ir) -> Option<Place> {
    machine.fuel = Fuel::for_blame();
    Blame { machine }.origin(ir).into_iter().next().map(|spot| spot.place)
}

struct Blame<'m, 'v> {
    machine: &'m mut Machine<'v>,
}

impl<'v> Blame<'_, 'v> {
    /// Why `ir` came out as `got`.
    fn why(&mut self, ir: &'v Ir, got: bool) -> Vec<Group> {
        match ir {
            Ir::And(operands) => self.junction(operands, true, got),
            Ir::Or(operands) => self.junction(operands, false, got),
            Ir::Not(operand) => self.why(operand, !got),
            Ir::Condition(parts) => {
                let test = self.machine.truth(&parts.0).unwrap_or(true);
                let groups = self.why(if test { &parts.1 } else { &parts.2 }, got);
                if groups.is_empty() { self.why(&parts.0, test) } else { groups }
            }
            Ir::Fold(fold) if fold.kind == FoldKind::All => self.quantified(fold, false, got),
            Ir::Fold(fold) if fold.kind == FoldKind::Exists => self.quantified(fold, true, got),
            _ => one(self.origin(ir)),
        }
    }

    fn junction(&mut self, operands: &'v [Ir], and: bool, got: bool) -> Vec<Group> {
        if and != got {
            let deciding = operands.iter().find(|operand| self.machine.truth(operand).ok() == Some(got));
            return deciding.map(|operand| self.why(operand, got)).unwrap_or_default();
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut others: Group = Vec::new();
        for operand in operands.iter().rev() {
            let more = self.why(operand, got);
            if groups.is_empty() {
                groups = more;
            } else {
                more.into_iter().flatten().for_each(|spot| add(&mut others, spot));
            }
        }
        for group in &mut groups {
            others.iter().for_each(|spot| add(group, spot.clone()));
            drop_ancestors(group);
        }
        groups
    }

    fn items(&mut self, range: &'v Ir) -> Vec<Item<'v>> {
        let mut items = Vec::new();
        if let Ok(range) = self.machine.eval(range) {
            let collected = access::each(&range, |item| {
                items.push(item);
                Ok(ControlFlow::Continue(()))
            });
            if collected.is_err() {
                items.clear();
            }
        }
        items
    }

    /// `all` (`decisive`: false) or `exists` (`decisive`: true): one item decides.
    fn quantified(&mut self, fold: &'v Fold, decisive: bool, got: bool) -> Vec<Group> {
        let Some(test) = &fold.test else { return Vec::new() };
        let mut groups = Vec::new();
        let mut compared: Group = Vec::new();
        for item in self.items(&fold.range) {
            let own = if blamed(&fold.range) { of_item(&item) } else { None };
            self.machine.bind(fold, item);
            if got != decisive {
                if compared.len() < MAX_PLACES {
                    let spots = self.why(test, got).into_iter().flatten();
                    let outside = |spot: &Spot| own.as_ref().is_none_or(|own| !own.cover.contains(spot.cover));
                    spots.filter(outside).for_each(|spot| add(&mut compared, spot));
                }
            } else if self.machine.truth(test).ok() == Some(decisive) {
                let why = self.why(test, decisive);
                groups.extend(if why.is_empty() { own.map(|own| vec![own]).into_iter().collect() } else { why });
            }
        }
        if !groups.is_empty() {
            return groups;
        }
        self.origin(&fold.range).into_iter().for_each(|spot| add(&mut compared, spot));
        one(compared)
    }

    /// Where the value of `ir` comes from.
    fn origin(&mut self, ir: &'v Ir) -> Group {
        match ir {
            Ir::Const(_) | Ir::Time(_) | Ir::Fail(_) => Vec::new(),
            Ir::Variable(slot) | Ir::Local(slot) if !slot.blamed => Vec::new(),
            Ir::Variable(_) | Ir::Local(_) => self.machine.eval(ir).ok().as_ref().and_then(spot).into_iter().collect(),
            Ir::Select { base, key, .. } | Ir::Has { base, key } => self.field(base, key),
            Ir::Index { base, index, .. } => self.item(base, index),
            Ir::Binary(Binary::In, pair) => self.membership(&pair.0, &pair.1),
            Ir::Binary(_, pair) => self.both(&pair.0, &pair.1),
            Ir::OrValue(pair) | Ir::OrElse(pair) => self.or_value(&pair.0, &pair.1),
            Ir::Condition(parts) => {
                let test = self.machine.truth(&parts.0).unwrap_or(true);
                let mut group = self.origin(if test { &parts.1 } else { &parts.2 });
                self.why(&parts.0, test).into_iter().flatten().for_each(|spot| add(&mut group, spot));
                group
            }
            Ir::Negate(inner) | Ir::HasValue(inner) | Ir::Matches(inner, _) => self.origin(inner),
            Ir::List(items) => self.union(items.iter().map(|(_, item)| item)),
            Ir::Map(entries) => self.union(entries.iter().map(|(_, _, value)| value)),
            Ir::OptMap { target, slot, body, .. } => self.mapped(target, *slot, body),
            Ir::Call(function, args) => self.call(*function, args),
            Ir::Fold(fold) => self.folded(ir, fold),
            Ir::And(_) | Ir::Or(_) | Ir::Not(_) => {
                let got = self.machine.truth(ir).unwrap_or(false);
                self.why(ir, got).into_iter().flatten().collect()
            }
        }
    }

    fn union(&mut self, parts: impl Iterator<Item = &'v Ir>) -> Group {
        let mut group = Vec::new();
        for part in parts {
            self.origin(part).into_iter().for_each(|spot| add(&mut group, spot));
        }
        group
    }

    fn both(&mut self, left: &'v Ir, right: &'v Ir) -> Group {
        self.union([left, right].into_iter())
    }

    fn call(&mut self, function: Function, args: &'v [Ir]) -> Group {
        match function {
            Function::StartsWith | Function::EndsWith | Function::Contains | Function::Glob => {
                let first = args.iter().map(|arg| self.origin(arg)).find(|group| !group.is_empty());
                first.unwrap_or_default()
            }
            _ => self.union(args.iter()),
        }
    }

    fn folded(&mut self, ir: &'v Ir, fold: &'v Fold) -> Group {
        match fold.kind {
            FoldKind::All | FoldKind::Exists => {
                let got = self.machine.truth(ir).unwrap_or(false);
                self.why(ir, got).into_iter().flatten().collect()
            }
            FoldKind::Map => self.origin(&fold.range),
            FoldKind::Filter | FoldKind::ExistsOne => {
                let mut kept = Vec::new();
                for item in self.items(&fold.range) {
                    let own = of_item(&item);
                    self.machine.bind(fold, item);
                    let passes = fold.test.as_ref().is_some_and(|test| self.machine.truth(test).unwrap_or(false));
                    if passes && kept.len() < MAX_PLACES {
                        own.into_iter().for_each(|spot| add(&mut kept, spot));
                    }
                }
                if kept.is_empty() || !blamed(&fold.range) { self.origin(&fold.range) } else { kept }
            }
        }
    }

    fn mapped(&mut self, target: &'v Ir, slot: u16, body: &'v Ir) -> Group {
        let mut group = match self.machine.eval(target) {
            Ok(Val::Optional(Some(value))) => {
                self.machine.set(slot, (*value).clone());
                self.origin(body)
            }
            _ => Vec::new(),
        };
        self.origin(target).into_iter().for_each(|spot| add(&mut group, spot));
        group
    }

    /// The value's place if there is one; else that of the default, if it has one, then the missing key.
    fn or_value(&mut self, optional: &'v Ir, default: &'v Ir) -> Group {
        let from = self.origin(optional);
        if !matches!(self.machine.eval(optional), Ok(Val::Optional(None))) {
            return from;
        }
        let other = self.origin(default);
        let there = other.iter().any(|spot| spot.place.missing.is_none());
        let (mut group, rest) = if there { (other, from) } else { (from, other) };
        rest.into_iter().for_each(|spot| add(&mut group, spot));
        group
    }

    /// What a selection reaches into, if it is there.
    fn base(&mut self, ir: &'v Ir) -> Option<Val<'v>> {
        match self.machine.eval(ir).ok()? {
            Val::Optional(inner) => inner.map(|inner| (*inner).clone()),
            value => Some(value),
        }
    }

    fn field(&mut self, base: &'v Ir, key: &'v Key) -> Group {
        if !blamed(base) {
            return Vec::new();
        }
        let Some(value) = self.base(base) else { return self.origin(base) };
        let found = match access::select(&value, key, &mut self.machine.fuel) {
            Ok(Some(found)) => spot(&found),
            Ok(None) => missing(&value, key),
            Err(_) => None,
        };
        found.map_or_else(|| self.origin(base), |spot| vec![spot])
    }

    fn item(&mut self, base: &'v Ir, index: &'v Ir) -> Group {
        if !blamed(base) {
            return self.origin(index);
        }
        let Some(value) = self.base(base) else { return self.origin(base) };
        let Ok(at) = self.machine.eval(index).and_then(Val::flat) else { return self.both(base, index) };
        let found = match access::index(&value, &at, &mut self.machine.fuel) {
            Ok(Some(found)) => spot(&found),
            Ok(None) => missing_key(&value, &at),
            Err(_) => None,
        };
        found.map_or_else(|| self.both(base, index), |spot| vec![spot])
    }

    fn membership(&mut self, item: &'v Ir, container: &'v Ir) -> Group {
        if !blamed(container) {
            return self.origin(item);
        }
        let (Ok(item_value), Some(value)) = (self.machine.eval(item).and_then(Val::flat), self.base(container)) else {
            return self.both(container, item);
        };
        if access::is_mapping(&value) {
            let found = match access::index(&value, &item_value, &mut self.machine.fuel) {
                Ok(Some(found)) => spot(&found),
                Ok(None) => missing_key(&value, &item_value),
                Err(_) => None,
            };
            return found.map_or_else(|| self.both(container, item), |spot| vec![spot]);
        }
        let fuel = &mut self.machine.fuel;
        let elements = access::elements(&value).unwrap_or_default();
        let equal = elements.iter().find(|element| equal(&item_value, element, fuel, 0).unwrap_or(false));
        match equal.and_then(spot) {
            Some(spot) => vec![spot],
            None => self.both(item, container),
        }
    }
}

/// One group, if it names anything.
fn one(group: Group) -> Vec<Group> {
    if group.is_empty() { Vec::new() } else { vec![group] }
}

fn add(group: &mut Group, spot: Spot) {
    if group.len() < 2 * MAX_PLACES && !group.contains(&spot) {
        group.push(spot);
    }
}

/// Drops every spot that contains a more specific one.
fn drop_ancestors(group: &mut Group) {
    let covers: Vec<Span> = group.iter().map(|spot| spot.cover).collect();
    let is_ancestor = |spot: &Spot| covers.iter().any(|cover| *cover != spot.cover && spot.cover.contains(*cover));
    group.retain(|spot| spot.place.missing.is_some() || !is_ancestor(spot));
}

/// Where a value stands.
fn spot(value: &Val<'_>) -> Option<Spot> {
    match value {
        Val::Key(key) => Some(whole(key.span())),
        Val::Node(node) => Some(of_node(*node)),
        // An inspector that gives a node another place has its reasons.
        Val::Value(Value { data: Data::Node(node), span }) if *span == Some(node.span()) => Some(of_node(*node)),
        Val::Value(value) => value.span.map(whole),
        Val::Optional(Some(inner)) => spot(inner),
        _ => None,
    }
}

/// What stands for one step of a macro: an entry of a mapping is shown by its key.
fn of_item(item: &Item<'_>) -> Option<Spot> {
    match item.entry() {
        Some(entry) => {
            let (key, value) = (entry.key.span(), entry.value.span());
            Some(Spot { place: Place { span: key, missing: None }, cover: key.to(value) })
        }
        None => spot(&item.value).or_else(|| spot(&item.key)),
    }
}

fn whole(span: Span) -> Spot {
    Spot { place: Place { span, missing: None }, cover: span }
}

fn of_node(node: Node<'_>) -> Spot {
    let span = match node.kind() {
        Kind::List | Kind::Map | Kind::Null => key_of(node),
        _ => node.span(),
    };
    Spot { place: Place { span, missing: None }, cover: node.span() }
}

/// What stands for a list or a mapping: its key, or the first key of a list's item.
fn key_of(node: Node<'_>) -> Span {
    let key = node.key().or_else(|| node.entries().next().map(|entry| entry.key));
    key.map_or(node.span(), Node::span)
}

fn missing(base: &Val<'_>, key: &Key) -> Option<Spot> {
    let name = key.name.to_string();
    if let Some(node) = base.node() {
        return Some(Spot { place: Place { span: key_of(node), missing: Some(name) }, cover: node.span() });
    }
    let Val::Value(value) = base else { return None };
    let absent = match &value.data {
        Data::Record(record) => {
            let index = key.index.map(usize::from).or_else(|| record.subject.field(&key.name));
            index.and_then(|index| record.values.get(index)).and_then(|absent| absent.span)
        }
        _ => None,
    };
    let span = absent.or(value.span)?;
    Some(Spot { place: Place { span, missing: Some(name) }, cover: span })
}

fn missing_key(base: &Val<'_>, key: &Val<'_>) -> Option<Spot> {
    let name = match key {
        Val::Int(index) if !access::is_mapping(base) => format!("[{index}]"),
        Val::Int(number) => number.to_string(),
        _ => key.str()?.to_owned(),
    };
    missing(base, &Key { name: name.into(), index: None })
}
