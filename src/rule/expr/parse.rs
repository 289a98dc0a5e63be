//! Tokens → syntax tree. Precedence climbing; chains of `&&` and `||` are one node; nesting is limited.

use std::ops::Range;

use super::token::{Mark, Token, TokenKind, tokens};
use super::value::Val;
use super::{MAX_DEPTH, Mistake};

/// A part of a condition with its place.
#[derive(Debug)]
pub(super) struct Ast<'t> {
    pub(super) kind: AstKind<'t>,
    pub(super) range: Range<usize>,
    /// How deep the tree below is; later stages recurse, so it is limited.
    height: usize,
}

/// A name with its place.
#[derive(Debug, Clone)]
pub(super) struct Name<'t> {
    pub(super) text: &'t str,
    pub(super) range: Range<usize>,
}

/// What a part of a condition is.
#[derive(Debug)]
pub(super) enum AstKind<'t> {
    Literal(Val<'static>),
    Name(&'t str),
    Select {
        base: Box<Ast<'t>>,
        name: Name<'t>,
        optional: bool,
    },
    Index {
        base: Box<Ast<'t>>,
        index: Box<Ast<'t>>,
        optional: bool,
    },
    Call {
        target: Option<Box<Ast<'t>>>,
        name: Name<'t>,
        args: Vec<Ast<'t>>,
    },
    And(Vec<Ast<'t>>),
    Or(Vec<Ast<'t>>),
    Not(Box<Ast<'t>>),
    Negate(Box<Ast<'t>>),
    Binary(Binary, Box<(Ast<'t>, Ast<'t>)>),
    Condition(Box<(Ast<'t>, Ast<'t>, Ast<'t>)>),
    /// Items; the flag marks an optional one (`?x`).
    List(Vec<(bool, Ast<'t>)>),
    /// Entries; the flag marks an optional one (`?'k': x`).
    Map(Vec<(bool, Ast<'t>, Ast<'t>)>),
}

/// Operators with two operands that are always both needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Binary {
    /// How it is written.
    pub(super) fn text(self) -> &'static str {
        match self {
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::In => "in",
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Remainder => "%",
        }
    }

    fn of(mark: Mark) -> Option<(Binary, u8)> {
        OPERATORS.iter().find(|(known, ..)| *known == mark).map(|(_, operator, strength)| (*operator, *strength))
    }
}

const OPERATORS: [(Mark, Binary, u8); 11] = [
    (Mark::of("=="), Binary::Equal, RELATION),
    (Mark::of("!="), Binary::NotEqual, RELATION),
    (Mark::of("<"), Binary::Less, RELATION),
    (Mark::of("<="), Binary::LessEqual, RELATION),
    (Mark::of(">"), Binary::Greater, RELATION),
    (Mark::of(">="), Binary::GreaterEqual, RELATION),
    (Mark::of("+"), Binary::Add, SUM),
    (Mark::of("-"), Binary::Subtract, SUM),
    (Mark::of("*"), Binary::Multiply, PRODUCT),
    (Mark::of("/"), Binary::Divide, PRODUCT),
    (Mark::of("%"), Binary::Remainder, PRODUCT),
];

const OR: Mark = Mark::of("||");
const AND: Mark = Mark::of("&&");
const QUESTION: Mark = Mark::of("?");
const COLON: Mark = Mark::of(":");
const NOT: Mark = Mark::of("!");
const MINUS: Mark = Mark::of("-");
const DOT: Mark = Mark::of(".");
const OPTIONAL_DOT: Mark = Mark::of(".?");
const COMMA: Mark = Mark::of(",");
const ROUND: (Mark, Mark) = (Mark::of("("), Mark::of(")"));
const SQUARE: (Mark, Mark) = (Mark::of("["), Mark::of("]"));
const CURLY: (Mark, Mark) = (Mark::of("{"), Mark::of("}"));
const OPTIONAL_SQUARE: Mark = Mark::of("[?");

const RELATION: u8 = 1;
const SUM: u8 = 2;
const PRODUCT: u8 = 3;

/// Words that CEL keeps from being variables; after a dot they are fields like any other.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// The syntax tree of `text`.
pub(super) fn parse(text: &str) -> Result<Ast<'_>, Mistake> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, depth: 0 };
    let tree = parser.expression()?;
    if !matches!(parser.token().kind, TokenKind::End) {
        return Err(parser.unexpected("an operator or the end of the condition"));
    }
    Ok(tree)
}

struct Parser<'t> {
    text: &'t str,
    /// Never empty: the last one is [`TokenKind::End`] and is never passed.
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn token(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn slice(&self, range: &Range<usize>) -> &'t str {
        self.text.get(range.clone()).unwrap_or("")
    }

    fn end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |before| self.tokens[before].range.end)
    }

    fn is(&self, mark: Mark) -> bool {
        matches!(self.token().kind, TokenKind::Mark(found) if found == mark)
    }

    fn eat(&mut self, mark: Mark) -> bool {
        let found = self.is(mark);
        if found {
            self.advance();
        }
        found
    }

    fn want(&mut self, mark: Mark) -> Result<(), Mistake> {
        if self.eat(mark) { Ok(()) } else { Err(self.unexpected(&format!("`{mark}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> Mistake {
        let token = self.token();
        let found = match token.kind {
            TokenKind::End => "the end of the condition".to_owned(),
            _ => format!("`{}`", self.slice(&token.range)),
        };
        Mistake::new(token.range.clone(), format!("expected {wanted}, found {found}"))
    }

    fn node(&self, kind: AstKind<'t>, start: usize, below: usize) -> Result<Ast<'t>, Mistake> {
        let range = start..self.end();
        if below >= MAX_DEPTH {
            return Err(Mistake::new(range, "the condition is nested too deeply"));
        }
        Ok(Ast { kind, range, height: below + 1 })
    }

    fn expression(&mut self) -> Result<Ast<'t>, Mistake> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Mistake::new(self.token().range.clone(), "the condition is nested too deeply"));
        }
        let start = self.token().range.start;
        let condition = self.chain(true)?;
        let tree = if self.eat(QUESTION) {
            let yes = self.chain(true)?;
            self.want(COLON)?;
            let no = self.expression()?;
            let below = condition.height.max(yes.height).max(no.height);
            self.node(AstKind::Condition(Box::new((condition, yes, no))), start, below)?
        } else {
            condition
        };
        self.depth -= 1;
        Ok(tree)
    }

    /// A chain of `||` whose operands are chains of `&&`.
    fn chain(&mut self, or: bool) -> Result<Ast<'t>, Mistake> {
        let mark = if or { OR } else { AND };
        let start = self.token().range.start;
        let mut operands = Vec::new();
        let first = loop {
            let operand = if or { self.chain(false)? } else { self.binary(0)? };
            if !self.is(mark) && operands.is_empty() {
                break operand;
            }
            operands.push(operand);
            if !self.eat(mark) {
                let below = operands.iter().map(|operand| operand.height).max().unwrap_or(0);
                let kind = if or { AstKind::Or(operands) } else { AstKind::And(operands) };
                return self.node(kind, start, below);
            }
        };
        Ok(first)
    }

    fn binary(&mut self, least: u8) -> Result<Ast<'t>, Mistake> {
        let start = self.token().range.start;
        let mut left = self.unary()?;
        loop {
            let token = self.token();
            let operator = match token.kind {
                TokenKind::Mark(mark) => Binary::of(mark),
                TokenKind::Name if self.slice(&token.range) == "in" => Some((Binary::In, RELATION)),
                _ => None,
            };
            let Some((operator, strength)) = operator.filter(|(_, strength)| *strength > least) else {
                return Ok(left);
            };
            self.advance();
            let right = self.binary(strength)?;
            let below = left.height.max(right.height);
            left = self.node(AstKind::Binary(operator, Box::new((left, right))), start, below)?;
        }
    }

    fn unary(&mut self) -> Result<Ast<'t>, Mistake> {
        let start = self.token().range.start;
        let (not, minus) = (self.is(NOT), self.is(MINUS));
        if !not && !minus {
            return self.postfix();
        }
        self.advance();
        if let TokenKind::Int(number) = self.token().kind
            && minus
            && let Some(number) = 0i64.checked_sub_unsigned(number)
        {
            self.advance();
            let literal = self.node(AstKind::Literal(Val::Int(number)), start, 0)?;
            return self.postfix_of(literal, start);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Mistake::new(self.token().range.clone(), "the condition is nested too deeply"));
        }
        let operand = self.unary()?;
        self.depth -= 1;
        let below = operand.height;
        let kind = match operand.kind {
            AstKind::Literal(Val::Double(number)) if minus => AstKind::Literal(Val::Double(-number)),
            _ if minus => AstKind::Negate(Box::new(operand)),
            _ => AstKind::Not(Box::new(operand)),
        };
        self.node(kind, start, below)
    }

    fn postfix(&mut self) -> Result<Ast<'t>, Mistake> {
        let start = self.token().range.start;
        let base = self.primary()?;
        self.postfix_of(base, start)
    }

    fn postfix_of(&mut self, mut base: Ast<'t>, start: usize) -> Result<Ast<'t>, Mistake> {
        loop {
            let optional = self.is(OPTIONAL_DOT) || self.is(OPTIONAL_SQUARE);
            let mut below = base.height;
            let kind = if self.eat(OPTIONAL_DOT) || self.eat(DOT) {
                let name = self.name("a field or a method")?;
                if !optional && self.eat(ROUND.0) {
                    let args = self.arguments()?;
                    below = args.iter().map(|arg| arg.height).max().unwrap_or(0).max(below);
                    AstKind::Call { target: Some(Box::new(base)), name, args }
                } else {
                    AstKind::Select { base: Box::new(base), name, optional }
                }
            } else if self.eat(OPTIONAL_SQUARE) || self.eat(SQUARE.0) {
                let index = self.expression()?;
                self.want(SQUARE.1)?;
                below = below.max(index.height);
                AstKind::Index { base: Box::new(base), index: Box::new(index), optional }
            } else {
                return Ok(base);
            };
            base = self.node(kind, start, below)?;
        }
    }

    fn name(&mut self, wanted: &str) -> Result<Name<'t>, Mistake> {
        let range = self.token().range.clone();
        let text = match self.token().kind {
            TokenKind::Name => self.slice(&range),
            TokenKind::Quoted => self.slice(&(range.start + 1..range.end - 1)),
            _ => return Err(self.unexpected(wanted)),
        };
        self.advance();
        Ok(Name { text, range })
    }

    fn arguments(&mut self) -> Result<Vec<Ast<'t>>, Mistake> {
        let mut args = Vec::new();
        while !self.eat(ROUND.1) {
            args.push(self.expression()?);
            if !self.eat(COMMA) {
                self.want(ROUND.1)?;
                break;
            }
        }
        Ok(args)
    }

    fn primary(&mut self) -> Result<Ast<'t>, Mistake> {
        let range = self.token().range.clone();
        let start = range.start;
        let kind = match &mut self.tokens[self.at].kind {
            TokenKind::Literal(value) => AstKind::Literal(std::mem::replace(value, Val::Null)),
            TokenKind::Int(number) => match i64::try_from(*number) {
                Ok(number) => AstKind::Literal(Val::Int(number)),
                Err(_) => {
                    return Err(Mistake::new(range, "this integer does not fit in 64 bits; `u` makes it unsigned"));
                }
            },
            TokenKind::Mark(mark) if *mark == ROUND.0 => {
                self.advance();
                let inner = self.expression()?;
                self.want(ROUND.1)?;
                return Ok(Ast { range: start..self.end(), ..inner });
            }
            TokenKind::Mark(mark) if *mark == SQUARE.0 || *mark == OPTIONAL_SQUARE => {
                let optional = *mark == OPTIONAL_SQUARE;
                self.advance();
                return self.list(start, optional);
            }
            TokenKind::Mark(mark) if *mark == CURLY.0 => {
                self.advance();
                return self.map(start);
            }
            TokenKind::Name => {
                self.advance();
                return self.named(range);
            }
            TokenKind::Quoted => return Err(Mistake::new(range, "backquotes are for fields, after a `.`")),
            TokenKind::Mark(_) | TokenKind::End => return Err(self.unexpected("a value")),
        };
        self.advance();
        self.node(kind, start, 0)
    }

    fn named(&mut self, range: Range<usize>) -> Result<Ast<'t>, Mistake> {
        let start = range.start;
        let text = self.slice(&range);
        let kind = match text {
            "true" => AstKind::Literal(Val::Bool(true)),
            "false" => AstKind::Literal(Val::Bool(false)),
            "null" => AstKind::Literal(Val::Null),
            "in" => return Err(Mistake::new(range, "`in` needs a value before it")),
            _ if self.eat(ROUND.0) => {
                let args = self.arguments()?;
                let below = args.iter().map(|arg| arg.height).max().unwrap_or(0);
                let name = Name { text, range };
                return self.node(AstKind::Call { target: None, name, args }, start, below);
            }
            _ if RESERVED.contains(&text) => {
                return Err(Mistake::new(range, format!("`{text}` is a reserved word of CEL")));
            }
            _ => AstKind::Name(text),
        };
        self.node(kind, start, 0)
    }

    fn list(&mut self, start: usize, mut optional: bool) -> Result<Ast<'t>, Mistake> {
        let mut items: Vec<(bool, Ast<'t>)> = Vec::new();
        while optional || !self.eat(SQUARE.1) {
            let optional = std::mem::take(&mut optional) || self.eat(QUESTION);
            items.push((optional, self.expression()?));
            if !self.eat(COMMA) {
                self.want(SQUARE.1)?;
                break;
            }
        }
        let below = items.iter().map(|(_, item)| item.height).max().unwrap_or(0);
        self.node(AstKind::List(items), start, below)
    }

    fn map(&mut self, start: usize) -> Result<Ast<'t>, Mistake> {
        let mut entries: Vec<(bool, Ast<'t>, Ast<'t>)> = Vec::new();
        while !self.eat(CURLY.1) {
            let optional = self.eat(QUESTION);
            let key = self.expression()?;
            self.want(COLON)?;
            entries.push((optional, key, self.expression()?));
            if !self.eat(COMMA) {
                self.want(CURLY.1)?;
                break;
            }
        }
        let below = entries.iter().map(|(_, key, value)| key.height.max(value.height)).max().unwrap_or(0);
        self.node(AstKind::Map(entries), start, below)
    }
}
