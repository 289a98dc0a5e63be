//! Text of a condition → tokens with their byte ranges.

use std::ops::Range;

use super::literal::{self, Quotes};
use super::value::Val;
use super::{MAX_TEXT, Mistake};

/// A token with its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone)]
pub(super) enum TokenKind {
    /// A name; `in`, `true`, `false` and `null` too.
    Name,
    /// A name in backquotes, which may hold `/`, `.` and `-`.
    Quoted,
    /// An integer without its sign.
    Int(u64),
    /// Any other literal.
    Literal(Val<'static>),
    /// Punctuation.
    Mark(Mark),
    /// The end of the text.
    End,
}

/// Punctuation of one byte or two, as one number: the parser compares little else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(u16);

impl Mark {
    /// The mark that is written so.
    pub(super) const fn of(text: &str) -> Mark {
        match text.as_bytes() {
            [one] => Mark(*one as u16),
            [one, two] => Mark(*one as u16 | (*two as u16) << 8),
            _ => panic!("a mark has one byte or two"),
        }
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.to_le_bytes().iter().filter(|byte| **byte != 0).try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

const PAIRS: [&[u8; 2]; 8] = [b"&&", b"||", b"==", b"!=", b"<=", b">=", b".?", b"[?"];
const SINGLES: &[u8] = b"()[]{}.,?:!<>+-*/%";

/// All tokens of `text`, the last one being [`TokenKind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    if text.len() > MAX_TEXT {
        return Err(Mistake::new(0..0, format!("the condition is longer than {MAX_TEXT} bytes")));
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::with_capacity(text.len() / 4 + 2);
    loop {
        let token = lexer.next()?;
        let end = matches!(token.kind, TokenKind::End);
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + offset).copied()
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.byte(0) {
                Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0c) => self.at += 1,
                Some(b'/') if self.byte(1) == Some(b'/') => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    fn next(&mut self) -> Result<Token, Mistake> {
        self.skip_blanks();
        let start = self.at;
        let kind = match self.byte(0) {
            None => TokenKind::End,
            Some(b'`') => self.quoted()?,
            Some(b'0'..=b'9') => self.number()?,
            Some(b'.') if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number()?,
            Some(_) => match Quotes::at(self.rest()) {
                Some(quotes) => self.string(quotes)?,
                None => self.name_or_mark()?,
            },
        };
        Ok(Token { kind, range: start..self.at })
    }

    fn name_or_mark(&mut self) -> Result<TokenKind, Mistake> {
        let start = self.at;
        self.digits(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if self.at > start {
            return Ok(TokenKind::Name);
        }
        let (one, two) = (self.byte(0).unwrap_or_default(), self.byte(1).unwrap_or_default());
        if PAIRS.contains(&&[one, two]) {
            self.at += 2;
            return Ok(TokenKind::Mark(Mark(u16::from(one) | u16::from(two) << 8)));
        }
        if SINGLES.contains(&one) {
            self.at += 1;
            return Ok(TokenKind::Mark(Mark(u16::from(one))));
        }
        let rest = self.rest();
        let c = rest.chars().next().unwrap_or(' ');
        let range = self.at..self.at + c.len_utf8();
        let help = match c {
            '=' => Some("use `==` to compare"),
            '&' => Some("use `&&` for and"),
            '|' => Some("use `||` for or"),
            _ => None,
        };
        Err(Mistake { help: help.map(str::to_owned), ..Mistake::new(range, format!("unexpected character {c:?}")) })
    }

    fn quoted(&mut self) -> Result<TokenKind, Mistake> {
        let start = self.at;
        let Some(end) = self.rest().get(1..).and_then(|rest| rest.find('`')) else {
            return Err(Mistake::new(start..self.text.len(), "this name has no closing backquote"));
        };
        self.at += end + 2;
        if end == 0 {
            return Err(Mistake::new(start..self.at, "a name in backquotes must not be empty"));
        }
        Ok(TokenKind::Quoted)
    }

    fn string(&mut self, quotes: Quotes) -> Result<TokenKind, Mistake> {
        let start = self.at;
        let (value, length) = literal::string(self.rest(), quotes)
            .map_err(|(range, message)| Mistake::new(start + range.start..start + range.end, message))?;
        self.at += length;
        Ok(TokenKind::Literal(value))
    }

    fn digits(&mut self, accept: fn(&u8) -> bool) {
        while self.byte(0).is_some_and(|byte| accept(&byte)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<TokenKind, Mistake> {
        let start = self.at;
        let hex = self.byte(0) == Some(b'0') && matches!(self.byte(1), Some(b'x' | b'X'));
        let mut double = false;
        if hex {
            self.at += 2;
            self.digits(u8::is_ascii_hexdigit);
        } else {
            self.digits(u8::is_ascii_digit);
            if self.byte(0) == Some(b'.') && self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) {
                double = true;
                self.at += 1;
                self.digits(u8::is_ascii_digit);
            }
            double |= self.exponent();
        }
        let text = &self.text[start..self.at];
        let unsigned = !double && matches!(self.byte(0), Some(b'u' | b'U'));
        self.at += usize::from(unsigned);
        let bad = || Mistake::new(start..self.at, "this number cannot be read; it may be too large");
        if self.byte(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Mistake::new(start..self.at + 1, "a number must not run into a name"));
        }
        if double {
            return Ok(TokenKind::Literal(Val::Double(text.parse().map_err(|_| bad())?)));
        }
        let number = match text.get(2..).filter(|_| hex) {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        let number = number.map_err(|_| bad())?;
        Ok(if unsigned { TokenKind::Literal(Val::Uint(number)) } else { TokenKind::Int(number) })
    }

    fn exponent(&mut self) -> bool {
        let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
        let is_exponent =
            matches!(self.byte(0), Some(b'e' | b'E')) && self.byte(1 + sign).is_some_and(|byte| byte.is_ascii_digit());
        if is_exponent {
            self.at += 1 + sign;
            self.digits(u8::is_ascii_digit);
        }
        is_exponent
    }
}
