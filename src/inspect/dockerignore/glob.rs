//! Patterns of ignore files: `*` and `?` stop at a slash, `**` does not, `[a-z]` is a class, `\` escapes.

/// A pattern, compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    tokens: Vec<Token>,
    /// All of the tokens are plain characters: this text.
    plain: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Char(char),
    /// Any character but a slash.
    One,
    /// Any number of characters but slashes.
    Many,
    /// `**/`: nothing, or anything that ends in a slash.
    Folders,
    /// `**` at an end: anything.
    Rest,
    /// One character of, or not of, these ranges.
    Class { not: bool, ranges: Vec<(char, char)> },
}

/// A longer pattern is refused: it takes too long to compare.
const LONGEST: usize = 4096;

impl Glob {
    /// Compiles `pattern`, which is tidy ([`super::read::tidy`]).
    ///
    /// # Errors
    /// Why the builder refuses it.
    pub fn new(pattern: &str) -> Result<Self, &'static str> {
        if pattern.len() > LONGEST {
            return Err("it is too long");
        }
        let mut tokens = Vec::new();
        let mut rest = pattern;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            rest = match c {
                '*' if after.starts_with('*') => {
                    let after = after.get(1..).unwrap_or_default();
                    let at_start = tokens.is_empty();
                    let (after, slash) = after.strip_prefix('/').map_or((after, false), |after| (after, true));
                    // At the start, without a slash and before plain text, it is any text before the rest.
                    let whole = after.is_empty() || (at_start && !slash && !after.contains(['*', '?', '[', '\\']));
                    tokens.push(if whole { Token::Rest } else { Token::Folders });
                    after
                }
                '*' => push(&mut tokens, Token::Many, after),
                '?' => push(&mut tokens, Token::One, after),
                '\\' => {
                    let escaped = after.chars().next().ok_or("a `\\` at the end escapes nothing")?;
                    push(&mut tokens, Token::Char(escaped), after.get(escaped.len_utf8()..).unwrap_or_default())
                }
                '[' => class(after, &mut tokens)?,
                c => push(&mut tokens, Token::Char(c), after),
            };
        }
        let plain = tokens.iter().map(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        });
        let plain = plain.collect();
        Ok(Self { tokens, plain })
    }

    /// Whether it matches all of `path`.
    pub fn matches(&self, path: &str) -> bool {
        match &self.plain {
            Some(plain) => plain == path,
            None => self.reach(path, |reached, _| reached.last() == Some(&true)),
        }
    }

    /// Whether it matches all of `path`, or a folder above it.
    pub fn matches_at_or_above(&self, path: &str) -> bool {
        match &self.plain {
            Some(plain) => {
                path.strip_prefix(plain.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            None => self.reach(path, |reached, text| {
                let ends = reached.iter().enumerate().filter(|(_, is)| **is);
                ends.into_iter().any(|(at, _)| at > 0 && matches!(text.get(at), None | Some('/')))
            }),
        }
    }

    /// Runs over `path`; `ends` is asked which of its beginnings match.
    fn reach(&self, path: &str, ends: impl Fn(&[bool], &[char]) -> bool) -> bool {
        let text: Vec<char> = path.chars().collect();
        // reached[i]: the tokens so far match the first i characters.
        let mut reached = vec![false; text.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for token in &self.tokens {
            reached = step(token, &text, &reached);
            if !reached.contains(&true) {
                return false;
            }
        }
        ends(&reached, &text)
    }
}

fn push<'p>(tokens: &mut Vec<Token>, token: Token, rest: &'p str) -> &'p str {
    tokens.push(token);
    rest
}

/// Reads the class after a `[`; what follows its `]`.
fn class<'p>(text: &'p str, tokens: &mut Vec<Token>) -> Result<&'p str, &'static str> {
    const OPEN: &str = "a `[` is not closed";
    const BAD: &str = "what stands between `[` and `]` is no class of characters";
    let (not, mut rest) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let mut ranges = Vec::new();
    loop {
        if let (Some(after), false) = (rest.strip_prefix(']'), ranges.is_empty()) {
            tokens.push(Token::Class { not, ranges });
            return Ok(after);
        }
        let low = member(&mut rest).ok_or(if rest.is_empty() { OPEN } else { BAD })?;
        let high = match rest.strip_prefix('-') {
            Some(after) => {
                rest = after;
                member(&mut rest).ok_or(if rest.is_empty() { OPEN } else { BAD })?
            }
            None => low,
        };
        if high < low {
            return Err(BAD);
        }
        ranges.push((low, high));
    }
}

/// One character of a class, escaped or not.
fn member(rest: &mut &str) -> Option<char> {
    let mut chars = rest.chars();
    let c = match chars.next()? {
        '-' | ']' => return None,
        '\\' => chars.next()?,
        c => c,
    };
    *rest = chars.as_str();
    Some(c)
}

fn step(token: &Token, text: &[char], reached: &[bool]) -> Vec<bool> {
    let mut next = vec![false; reached.len()];
    let mut put = |at: usize| {
        if let Some(slot) = next.get_mut(at) {
            *slot = true;
        }
    };
    let from = || reached.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at);
    match token {
        Token::Char(c) => from().filter(|at| text.get(*at) == Some(c)).for_each(|at| put(at + 1)),
        Token::One => from().filter(|at| text.get(*at).is_some_and(|c| *c != '/')).for_each(|at| put(at + 1)),
        Token::Class { not, ranges } => {
            let within = |c: &char| ranges.iter().any(|(low, high)| (*low..=*high).contains(c)) != *not;
            from().filter(|at| text.get(*at).is_some_and(within)).for_each(|at| put(at + 1));
        }
        Token::Rest => {
            if let Some(first) = from().next() {
                (first..reached.len()).for_each(put);
            }
        }
        Token::Many => {
            let mut open = false;
            for at in 0..reached.len() {
                open |= reached.get(at) == Some(&true);
                if open {
                    put(at);
                }
                open &= text.get(at) != Some(&'/');
            }
        }
        Token::Folders => {
            let first = from().next();
            for at in 0..reached.len() {
                let after_slash = at > 0 && text.get(at - 1) == Some(&'/') && first.is_some_and(|first| first < at);
                if after_slash || reached.get(at) == Some(&true) {
                    put(at);
                }
            }
        }
    }
    next
}
