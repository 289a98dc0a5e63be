//! Lowering of calls: macros, methods of optionals, `matches`, and the functions of the table.

use std::ops::Range;
use std::sync::Arc;

use super::function::{Function, OVERLOADS, Overload};
use super::ir::{Fold, FoldKind, Ir};
use super::lower::{Lowering, Typed, did_you_mean, wrapped};
use super::parse::{Ast, AstKind, Name};
use super::types::{ANY, BOOL, STRING, Ty};
use super::value::Val;

/// What the lowering knows besides the table, for "did you mean".
const OTHER_METHODS: [&str; 16] = [
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "transformList",
    "matches",
    "optMap",
    "optFlatMap",
    "orValue",
    "or",
    "hasValue",
    "value",
    "size",
    "has",
];

impl Lowering<'_> {
    /// A call of any kind.
    pub(super) fn call(
        &mut self,
        target: Option<&Ast<'_>>,
        name: &Name<'_>,
        args: &[Ast<'_>],
        range: &Range<usize>,
    ) -> Typed {
        match (target, name.text, args) {
            (None, "has", [Ast { kind: AstKind::Select { base, name, .. }, .. }]) => self.has(base, name),
            (None, "has", _) => self.fail(range, "has() needs one field, like `has(container.image)`", None),
            (None, "matches", [text, pattern]) => self.matches(text, pattern),
            (None, _, _) => self.plain(name, None, args, range),
            (Some(target), "matches", [pattern]) => self.matches(target, pattern),
            (Some(target), "all", _) => self.fold(FoldKind::All, target, args, range),
            (Some(target), "exists", _) => self.fold(FoldKind::Exists, target, args, range),
            (Some(target), "exists_one" | "existsOne", _) => self.fold(FoldKind::ExistsOne, target, args, range),
            (Some(target), "filter", [_, _]) => self.fold(FoldKind::Filter, target, args, range),
            (Some(target), "map", [_, _] | [_, _, _]) => self.map_macro(target, args, range, false),
            (Some(target), "transformList", [_, _, _] | [_, _, _, _]) => self.map_macro(target, args, range, true),
            (Some(target), "optMap" | "optFlatMap", [variable, body]) => {
                self.opt_map(target, variable, body, name.text == "optFlatMap")
            }
            (Some(target), "orValue", [default]) => self.or_value(target, default),
            (Some(target), "or", [other]) => {
                let (one, two) = (self.lower(target), self.lower(other));
                let inner = self.opened(&one.ty, &target.range).join(&self.opened(&two.ty, &other.range));
                Typed::new(Ir::OrElse(Box::new((one.ir, two.ir))), inner.optional())
            }
            (Some(target), "hasValue", []) => {
                let optional = self.lower(target);
                self.opened(&optional.ty, &target.range);
                Typed::new(Ir::HasValue(Box::new(optional.ir)), Ty::Bool)
            }
            (Some(target), "value", []) => {
                let optional = self.lower(target);
                let ty = self.opened(&optional.ty, &target.range);
                Typed::new(Ir::Call(Function::OptionalValue, Box::new([optional.ir])), ty)
            }
            (Some(Ast { kind: AstKind::Name(space @ ("optional" | "strings")), .. }), _, _) => {
                self.spaced(space, name, args, range)
            }
            (Some(target), _, _) => self.plain(name, Some(target), args, range),
        }
    }

    fn spaced(&mut self, space: &str, name: &Name<'_>, args: &[Ast<'_>], range: &Range<usize>) -> Typed {
        match (space, name.text, args) {
            ("optional", "none", []) => Typed::new(Ir::Call(Function::OptionalNone, Box::new([])), Ty::Dyn.optional()),
            ("optional", "of", [value]) => {
                let value = self.lower(value);
                Typed::new(Ir::Call(Function::OptionalOf, Box::new([value.ir])), value.ty.optional())
            }
            ("optional", "ofNonZeroValue", [value]) => {
                let value = self.lower(value);
                Typed::new(Ir::Call(Function::OptionalOfNonZero, Box::new([value.ir])), value.ty.optional())
            }
            ("strings", "quote", _) => {
                let name = Name { text: "strings.quote", range: name.range.clone() };
                self.plain(&name, None, args, range)
            }
            _ => {
                let help = "there are `optional.of`, `optional.none`, `optional.ofNonZeroValue` and `strings.quote`";
                self.fail(range, format!("there is no function `{space}.{}`", name.text), Some(help.to_owned()))
            }
        }
    }

    fn matches(&mut self, text: &Ast<'_>, pattern: &Ast<'_>) -> Typed {
        let text = self.expect(text, STRING, "text");
        let AstKind::Literal(Val::Text(regex)) = &pattern.kind else {
            let help = "it is compiled once; `startsWith`, `contains` and `glob` take any text".to_owned();
            return self.fail(&pattern.range, "the pattern of matches() must be a literal", Some(help));
        };
        match self.pattern(regex) {
            Ok(pattern) => Typed::new(Ir::Matches(Box::new(text.ir), Arc::new(pattern)), Ty::Bool),
            Err(message) => {
                let help = "a raw literal (r'…') needs no double backslashes".to_owned();
                self.fail(&pattern.range, format!("this pattern cannot be read: {message}"), Some(help))
            }
        }
    }

    fn or_value(&mut self, target: &Ast<'_>, default: &Ast<'_>) -> Typed {
        let (optional, other) = (self.lower(target), self.lower(default));
        let inner = self.opened(&optional.ty, &target.range);
        if !inner.comparable(&other.ty) {
            let message = format!("this stands in for {inner}, so it must not be {}", other.ty);
            self.wrong(&default.range, message, None);
        }
        let ty = inner.join(&other.ty);
        Typed::new(Ir::OrValue(Box::new((optional.ir, other.ir))), ty)
    }

    fn opt_map(&mut self, target: &Ast<'_>, variable: &Ast<'_>, body: &Ast<'_>, flat: bool) -> Typed {
        let AstKind::Name(name) = variable.kind else { return self.no_variable(variable) };
        let optional = self.lower(target);
        let inner = self.opened(&optional.ty, &target.range);
        let blamed = blamed(&optional.ir);
        let (slot, made) = self.bind(vec![(name.to_owned(), inner, blamed)], |this| this.lower(body));
        let ty = if flat { self.opened(&made.ty, &body.range).optional() } else { wrapped(made.ty) };
        Typed::new(Ir::OptMap { target: Box::new(optional.ir), slot, body: Box::new(made.ir), flat }, ty)
    }

    fn no_variable(&mut self, ast: &Ast<'_>) -> Typed {
        self.fail(&ast.range, "a macro needs a plain name for its variable here", None)
    }

    /// The names that a macro binds, with their types; `None` (a mistake noted) if they are not names.
    fn macro_names(
        &mut self,
        range: &Typed,
        asts: &[Ast<'_>],
        place: &Range<usize>,
    ) -> Option<Vec<(String, Ty, bool)>> {
        let Some(item) = range.ty.item() else {
            self.wrong(
                place,
                format!("a list or a mapping is needed here, not {}", range.ty),
                optional_help(&range.ty),
            );
            return Some(asts.iter().filter_map(|ast| Some((plain_name(ast)?, Ty::Dyn, true))).collect());
        };
        let types = match (&range.ty, asts.len()) {
            (_, 1) => vec![item],
            (Ty::Map(key, value), _) => vec![(**key).clone(), (**value).clone()],
            (Ty::List(item), _) => vec![Ty::Int, (**item).clone()],
            _ => vec![Ty::Dyn, Ty::Dyn],
        };
        let blamed = blamed(&range.ir);
        let names: Vec<_> =
            asts.iter().zip(types).filter_map(|(ast, ty)| Some((plain_name(ast)?, ty, blamed))).collect();
        (names.len() == asts.len()).then_some(names)
    }

    fn fold(&mut self, kind: FoldKind, target: &Ast<'_>, args: &[Ast<'_>], place: &Range<usize>) -> Typed {
        let Some((test, variables)) = args.split_last().filter(|(_, names)| matches!(names.len(), 1 | 2)) else {
            return self.fail(place, "a macro needs one or two variables and a condition, like `all(x, x > 0)`", None);
        };
        let range = self.lower(target);
        let Some(names) = self.macro_names(&range, variables, &target.range) else {
            return self.no_variable(&variables[0]);
        };
        let two = names.len() == 2;
        let ty = match kind {
            FoldKind::Filter => names.first().map_or(Ty::Dyn, |(_, ty, _)| ty.clone()).list(),
            _ => Ty::Bool,
        };
        let (slot, test) = self.bind(names, |this| this.expect(test, BOOL, "a boolean").ir);
        let second = two.then_some(slot.saturating_add(1));
        Typed::new(Ir::Fold(Box::new(Fold { kind, range: range.ir, slot, second, test: Some(test), make: None })), ty)
    }

    /// `map(x, make)`, `map(x, test, make)` and `transformList(i, x, [test,] make)`.
    fn map_macro(&mut self, target: &Ast<'_>, args: &[Ast<'_>], place: &Range<usize>, two: bool) -> Typed {
        let (variables, rest) = args.split_at(if two { 2 } else { 1 });
        let (test, make) = match rest {
            [make] => (None, make),
            [test, make] => (Some(test), make),
            _ => return self.fail(place, "map() needs a variable and what to make of it", None),
        };
        let range = self.lower(target);
        let Some(names) = self.macro_names(&range, variables, &target.range) else {
            return self.no_variable(&variables[0]);
        };
        let (slot, (test, make)) =
            self.bind(names, |this| (test.map(|test| this.expect(test, BOOL, "a boolean").ir), this.lower(make)));
        let second = two.then_some(slot.saturating_add(1));
        let fold = Fold { kind: FoldKind::Map, range: range.ir, slot, second, test, make: Some(make.ir) };
        Typed::new(Ir::Fold(Box::new(fold)), make.ty.list())
    }

    /// A function of the table.
    fn plain(&mut self, name: &Name<'_>, target: Option<&Ast<'_>>, args: &[Ast<'_>], range: &Range<usize>) -> Typed {
        let method = target.is_some();
        let rows: Vec<&Overload> =
            OVERLOADS.iter().filter(|row| row.name == name.text && row.method == method).collect();
        if rows.is_empty() {
            return self.unknown_function(name, method);
        }
        let lowered: Vec<Typed> = target.into_iter().chain(args).map(|ast| self.lower(ast)).collect();
        let fitting: Vec<&&Overload> = rows.iter().filter(|row| row.params.len() == lowered.len()).collect();
        let fits = |row: &Overload| row.params.iter().zip(&lowered).all(|(mask, arg)| arg.ty.fits(*mask));
        let types = || lowered.iter().map(|arg| arg.ty.to_string()).collect::<Vec<_>>().join(", ");
        let Some(row) = fitting.iter().find(|row| fits(row)).or(fitting.first()) else {
            return self.fail(range, format!("`{}` does not take {} values", name.text, lowered.len()), None);
        };
        if !fits(row) {
            let help = lowered.iter().find_map(|arg| optional_help(&arg.ty));
            self.wrong(range, format!("`{}` does not take ({})", name.text, types()), help);
        }
        let ty = (row.result)();
        let function = row.function;
        Typed::new(Ir::Call(function, lowered.into_iter().map(|arg| arg.ir).collect()), ty)
    }

    fn unknown_function(&mut self, name: &Name<'_>, method: bool) -> Typed {
        let what = if method { "method" } else { "function" };
        let known = OVERLOADS.iter().filter(|row| row.method == method).map(|row| row.name);
        let other = OVERLOADS.iter().any(|row| row.name == name.text) || OTHER_METHODS.contains(&name.text);
        let help = match (other, method) {
            (true, true) => Some(format!("write `{}(…)`", name.text)),
            (true, false) => Some(format!("write `x.{}(…)`", name.text)),
            _ => did_you_mean(name.text, known.chain(OTHER_METHODS)),
        };
        self.fail(&name.range, format!("there is no {what} `{}` of this form", name.text), help)
    }
}

fn plain_name(ast: &Ast<'_>) -> Option<String> {
    if let AstKind::Name(name) = ast.kind { Some(name.to_owned()) } else { None }
}

fn optional_help(ty: &Ty) -> Option<String> {
    let Ty::Optional(inner) = ty else { return None };
    let empty = if inner.fits(ANY) && matches!(**inner, Ty::List(_) | Ty::Dyn) { "[]" } else { "…" };
    Some(format!("open it with `.orValue({empty})`"))
}

/// Whether what `ir` yields can come from the artefact: a policy's parameters and literals are never to blame.
pub(super) fn blamed(ir: &Ir) -> bool {
    match ir {
        Ir::Const(_) | Ir::Time(_) => false,
        Ir::Variable(slot) | Ir::Local(slot) => slot.blamed,
        Ir::Select { base, .. } | Ir::Index { base, .. } | Ir::Has { base, .. } => blamed(base),
        Ir::OrValue(pair) | Ir::OrElse(pair) => blamed(&pair.0) || blamed(&pair.1),
        Ir::Fold(fold) => blamed(&fold.range),
        Ir::OptMap { target, .. } => blamed(target),
        Ir::List(items) => items.iter().any(|(_, item)| blamed(item)),
        Ir::Call(_, args) => args.iter().any(blamed),
        _ => true,
    }
}
