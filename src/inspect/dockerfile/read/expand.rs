//! Variables: what is in scope where, and words with their variables filled in.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::inspect::dockerfile::document::{Base, Resolved, Undefined, WhyUndefined, Word};

/// The longest value that is carried along; one that doubles at every line would fill the memory.
const LONGEST_VALUE: usize = 8 * 1024;
/// How many stages built on one another a variable is followed through.
const DEEPEST_CHAIN: usize = 64;
/// How deep `${A:-${B:-…}}` may be nested.
const DEEPEST_NESTING: usize = 16;

/// Given by BuildKit to FROM lines, and to stages that declare them.
pub(in crate::inspect::dockerfile) const PLATFORM: [&str; 8] = [
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

/// Given by the builder without a declaration.
const PREDEFINED: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/// The value of a variable.
#[derive(Debug, Clone)]
struct Variable {
    text: Arc<str>,
    unknown: Option<Arc<str>>,
}

/// The variables of one stage, or of the lines before the first FROM.
#[derive(Debug, Default)]
struct Scope {
    variables: HashMap<String, Variable>,
    base: Option<Base>,
}

/// The variables in scope at the current instruction.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    global: Scope,
    stages: Vec<Scope>,
}

enum Found<'a> {
    Set(&'a Variable),
    /// Not set in this file, but something outside may set it.
    Unsure(Option<WhyUndefined>),
    /// Surely not set, so empty.
    Unset(WhyUndefined),
}

impl Scopes {
    /// Begins a stage built on `base`.
    pub(super) fn begin_stage(&mut self, base: Base) {
        self.stages.push(Scope { variables: HashMap::new(), base: Some(base) });
    }

    fn current(&mut self) -> &mut Scope {
        self.stages.last_mut().unwrap_or(&mut self.global)
    }

    /// ENV, or ARG with a default.
    pub(super) fn set(&mut self, name: &str, value: &Resolved<'_>) {
        let too_long = value.text.len() > LONGEST_VALUE;
        let text = if too_long { String::from(Resolved::GAP).into() } else { Arc::from(&*value.text) };
        let unknown = if too_long { Some("a very long value is not followed".into()) } else { value.unknown.clone() };
        self.current().variables.insert(name.to_owned(), Variable { text, unknown });
    }

    /// ARG without a default: the one declared before the first FROM counts, else whoever builds gives it.
    pub(super) fn declare(&mut self, name: &str) {
        let inherited = if self.stages.is_empty() { None } else { self.global.variables.get(name).cloned() };
        let value = inherited.unwrap_or_else(|| Variable {
            text: String::from(Resolved::GAP).into(),
            unknown: Some(if PLATFORM.contains(&name) {
                format!("`{name}` is the platform that is built for").into()
            } else {
                format!("build argument `{name}` has no default").into()
            }),
        });
        let already = self.in_stages(name).is_some();
        // `ARG x` does not undo an earlier `ENV x=…` or `ARG x=…` of the stage.
        if !already {
            self.current().variables.insert(name.to_owned(), value);
        }
    }

    fn in_stages(&self, name: &str) -> Option<&Variable> {
        let mut index = self.stages.len().checked_sub(1)?;
        for _ in 0..DEEPEST_CHAIN {
            let scope = self.stages.get(index)?;
            if let Some(found) = scope.variables.get(name) {
                return Some(found);
            }
            match scope.base {
                Some(Base::Stage(next)) if next < index => index = next,
                _ => return None,
            }
        }
        None
    }

    /// What the chain of stages ends in.
    fn root(&self) -> Option<Base> {
        let mut base = self.stages.last()?.base?;
        for _ in 0..DEEPEST_CHAIN {
            match base {
                Base::Stage(index) => base = self.stages.get(index)?.base?,
                _ => return Some(base),
            }
        }
        None
    }

    fn find(&self, name: &str, in_from: bool) -> Found<'_> {
        let set = if in_from { self.global.variables.get(name) } else { self.in_stages(name) };
        if let Some(variable) =
            set.or_else(|| self.stages.is_empty().then(|| self.global.variables.get(name)).flatten())
        {
            return Found::Set(variable);
        }
        if PREDEFINED.iter().any(|known| known.eq_ignore_ascii_case(name)) || in_from && PLATFORM.contains(&name) {
            return Found::Unsure(None);
        }
        if in_from || self.stages.is_empty() {
            return Found::Unset(WhyUndefined::NotDeclared);
        }
        if self.global.variables.contains_key(name) || PLATFORM.contains(&name) {
            return Found::Unsure(Some(WhyUndefined::OnlyBeforeFrom));
        }
        match self.root() {
            // The builder gives it to an image that begins empty.
            Some(Base::Scratch) if name == "PATH" => Found::Unsure(None),
            Some(Base::Scratch) => Found::Unset(WhyUndefined::NotDeclared),
            _ => Found::Unsure(Some(WhyUndefined::BaseMaySetIt)),
        }
    }

    /// Why `name` is not set in the current stage; `None` when it is, or when the builder gives it.
    pub(super) fn undefined(&self, name: &str) -> Option<WhyUndefined> {
        match self.find(name, false) {
            Found::Set(_) => None,
            Found::Unsure(why) => why,
            Found::Unset(why) => Some(why),
        }
    }

    /// The word `raw`, which stands at `place` of its line, with quotes taken off and variables filled in.
    pub(super) fn word<'s>(&self, raw: Cow<'s, str>, place: Range<usize>, escape: u8, in_from: bool) -> Word<'s> {
        let plain = !raw.bytes().any(|byte| matches!(byte, b'$' | b'\'' | b'"') || byte == escape);
        if plain {
            let value = Resolved { text: raw, unknown: None };
            return Word { place, value, undefined: Vec::new(), has_variable: false };
        }
        let mut expander = Expander {
            scopes: self,
            in_from,
            escape,
            at: place.start,
            out: String::with_capacity(raw.len()),
            unknown: None,
            undefined: Vec::new(),
            has_variable: false,
        };
        expander.text(&raw, 0);
        let Expander { out, unknown, undefined, has_variable, .. } = expander;
        Word { place, value: Resolved { text: Cow::Owned(out), unknown }, undefined, has_variable }
    }
}

struct Expander<'a> {
    scopes: &'a Scopes,
    in_from: bool,
    escape: u8,
    /// Where the text at hand begins in the line.
    at: usize,
    out: String,
    unknown: Option<Arc<str>>,
    undefined: Vec<Undefined>,
    has_variable: bool,
}

impl Expander<'_> {
    fn text(&mut self, text: &str, depth: usize) {
        let base = self.at;
        let mut at = 0;
        let mut quote = None;
        while let Some(c) = text[at..].chars().next() {
            let length = c.len_utf8();
            match c {
                '\'' | '"' if quote == Some(c) => quote = None,
                _ if quote == Some('\'') => self.out.push(c),
                '\'' | '"' if quote.is_none() => quote = Some(c),
                _ if c == self.escape as char => {
                    at += length;
                    at += self.escaped(&text[at..], quote.is_some());
                    continue;
                }
                '$' => {
                    self.at = base + at;
                    at += self.variable(&text[at..], depth);
                    self.at = base;
                    continue;
                }
                _ => self.out.push(c),
            }
            at += length;
            if self.out.len() > LONGEST_VALUE * 2 {
                return self.gap("a very long value is not followed".into());
            }
        }
    }

    /// What follows an escape character; how many bytes were read.
    fn escaped(&mut self, rest: &str, in_quotes: bool) -> usize {
        let Some(next) = rest.chars().next() else {
            self.out.push(self.escape as char);
            return 0;
        };
        if in_quotes && !(matches!(next, '"' | '$') || next == self.escape as char) {
            self.out.push(self.escape as char);
        }
        self.out.push(next);
        next.len_utf8()
    }

    fn gap(&mut self, reason: Arc<str>) {
        self.out.push(Resolved::GAP);
        self.unknown.get_or_insert(reason);
    }

    /// Reads a variable at the beginning of `text`, which is a `$`; how many bytes it takes.
    fn variable(&mut self, text: &str, depth: usize) -> usize {
        let rest = &text[1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let Some(end) = closing(inner) else {
                self.out.push_str(text);
                return text.len();
            };
            self.braced(&inner[..end], end + 3, depth);
            return end + 3;
        }
        let name = name_length(rest);
        if name == 0 {
            self.out.push('$');
            return 1;
        }
        self.plain(&rest[..name], name + 1);
        name + 1
    }

    fn plain(&mut self, name: &str, length: usize) {
        self.has_variable = true;
        match self.scopes.find(name, self.in_from) {
            Found::Set(variable) => self.set(variable),
            Found::Unset(why) => self.note(name, length, why),
            Found::Unsure(why) => {
                if let Some(why) = why {
                    self.note(name, length, why);
                }
                self.gap(format!("`{name}` is not set in this file").into());
            }
        }
    }

    fn set(&mut self, variable: &Variable) {
        self.out.push_str(&variable.text);
        if let Some(reason) = &variable.unknown {
            self.unknown.get_or_insert_with(|| Arc::clone(reason));
        }
    }

    fn note(&mut self, name: &str, length: usize, why: WhyUndefined) {
        self.undefined.push(Undefined { name: name.to_owned(), place: self.at..self.at + length, why });
    }

    /// `${name}`, `${name:-word}` and the other forms; `length` is that of the whole.
    fn braced(&mut self, inner: &str, length: usize, depth: usize) {
        let name = name_length(inner);
        let (name, rest) = inner.split_at(name);
        let (colon, operator) = rest.strip_prefix(':').map_or((false, rest), |rest| (true, rest));
        let mut chars = operator.chars();
        match (chars.next(), colon) {
            _ if name.is_empty() => self.gap("it is not a variable that the builder knows".into()),
            (None, false) => self.plain(name, length),
            (Some(operator @ ('-' | '+' | '?')), _) => {
                self.has_variable = true;
                self.alternative(name, operator, colon, chars.as_str(), depth);
            }
            _ => {
                self.has_variable = true;
                self.gap(format!("a pattern is applied to `{name}`").into());
            }
        }
    }

    fn alternative(&mut self, name: &str, operator: char, colon: bool, word: &str, depth: usize) {
        let scopes = self.scopes;
        let (is_set, variable) = match scopes.find(name, self.in_from) {
            // An argument without a default that nobody gives is not set; a plain build takes the alternative.
            Found::Set(variable) if &*variable.text == "\u{fffc}" => (operator == '+', None),
            Found::Set(variable) => (!colon || !variable.text.is_empty(), Some(variable)),
            Found::Unset(_) => (false, None),
            Found::Unsure(_) => (operator == '+', None),
        };
        let outer = self.at;
        self.at += "${".len() + name.len() + usize::from(colon) + operator.len_utf8();
        match (operator, is_set, variable) {
            ('+', true, Some(_)) | ('-', false, _) if depth < DEEPEST_NESTING => self.text(word, depth + 1),
            ('+', false, _) => {}
            ('+' | '-', _, None) => self.gap(format!("`{name}` is not known").into()),
            (_, true, Some(variable)) => self.set(variable),
            _ => self.gap(format!("`{name}` has to be given to the build").into()),
        }
        self.at = outer;
    }
}

/// The length of the variable name that `text` begins with; a positional or special one is a single character.
fn name_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
            text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
        }
        Some(byte) if byte.is_ascii_digit() || matches!(byte, b'@' | b'*' | b'#' | b'?') => 1,
        _ => 0,
    }
}

/// Where the brace closes that stands before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Calls `found` with the name and place of every variable that the shell text `script` uses.
pub(in crate::inspect::dockerfile) fn shell_variables<'t>(
    script: &'t str,
    mut found: impl FnMut(&'t str, Range<usize>),
) {
    let mut single = false;
    let mut double = false;
    let mut at = 0;
    let bytes = script.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if !single => at += 1,
            b'\'' if !double => single = !single,
            b'"' if !single => double = !double,
            b'$' if !single => {
                let brace = usize::from(bytes.get(at + 1) == Some(&b'{'));
                let start = at + 1 + brace;
                let length = script.get(start..).map_or(0, name_length);
                let bare = brace == 0 || bytes.get(start + length) == Some(&b'}');
                if length > 0 && bare && !bytes[start].is_ascii_digit() {
                    found(&script[start..start + length], at..start + length + brace);
                    at = start + length - 1 + brace;
                }
            }
            _ => {}
        }
        at += 1;
    }
}
