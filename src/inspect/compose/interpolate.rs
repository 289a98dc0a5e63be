//! `${VAR:-default}` and its kin, as compose reads them.

use std::ops::Range;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// A use of a variable.
    Use(Use<'t>),
    /// A `${` that begins nothing that compose can read: it stops there. A `$` by itself stands for itself.
    Broken(Range<usize>),
}

/// A use of a variable.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) struct Use<'t> {
    /// Its name.
    pub(crate) name: &'t str,
    /// What happens when it is not set.
    pub(crate) otherwise: Otherwise<'t>,
    /// Where it stands in the text, `$` included.
    pub(crate) place: Range<usize>,
}

/// What happens when a variable is not set.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Otherwise<'t> {
    /// It is empty.
    Empty,
    /// Something stands in for it; `true` also when it is empty.
    Default(&'t str, bool),
    /// Compose stops with a message; `true` also when it is empty.
    Stop(bool),
    /// Something stands there only when it is set; `true`: and not empty.
    Alternative(&'t str, bool),
}

/// The pieces of `text`.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(dollar) = text.get(at..).and_then(|rest| memchr::memchr(b'$', rest.as_bytes())).map(|i| at + i) {
        let rest = text.get(dollar + 1..).unwrap_or_default();
        if rest.starts_with('$') {
            push(&mut found, text.get(from..=dollar));
            from = dollar + 2;
            at = from;
            continue;
        }
        push(&mut found, text.get(from..dollar));
        let piece = match rest.strip_prefix('{') {
            Some(inner) => braced(inner, dollar),
            None => plain(text, dollar),
        };
        at = match &piece {
            Piece::Use(found) => found.place.end,
            Piece::Broken(range) => range.end,
            Piece::Text(_) => dollar + 1,
        };
        from = at;
        found.push(piece);
    }
    push(&mut found, text.get(from..));
    found
}

fn push<'t>(found: &mut Vec<Piece<'t>>, text: Option<&'t str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        found.push(Piece::Text(text));
    }
}

fn name_length(text: &str) -> usize {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    match first {
        true => text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count(),
        false => 0,
    }
}

fn plain(text: &str, dollar: usize) -> Piece<'_> {
    let length = name_length(text.get(dollar + 1..).unwrap_or_default());
    let place = dollar..dollar + 1 + length;
    match text.get(dollar + 1..place.end).filter(|name| !name.is_empty()) {
        Some(name) => Piece::Use(Use { name, otherwise: Otherwise::Empty, place }),
        None => Piece::Text(text.get(place).unwrap_or_default()),
    }
}

fn braced(inner: &str, dollar: usize) -> Piece<'_> {
    let length = name_length(inner);
    let name = inner.get(..length).unwrap_or_default();
    let after = inner.get(length..).unwrap_or_default();
    let Some(end) = closing(after).filter(|_| !name.is_empty()) else {
        return Piece::Broken(dollar..dollar + 2);
    };
    let said = after.get(..end).unwrap_or_default();
    let colon = said.starts_with(':');
    let said = said.strip_prefix(':').unwrap_or(said);
    let mut chars = said.chars();
    let otherwise = match (chars.next(), chars.as_str()) {
        (None, _) if !colon => Otherwise::Empty,
        (Some('-'), rest) => Otherwise::Default(rest, colon),
        (Some('?'), _) => Otherwise::Stop(colon),
        (Some('+'), rest) => Otherwise::Alternative(rest, colon),
        _ => return Piece::Broken(dollar..dollar + 2),
    };
    Piece::Use(Use { name, otherwise, place: dollar..dollar + 2 + length + end + 1 })
}

/// Where the brace that is open closes, those within passed over.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Use<'_> {
        match pieces(text).into_iter().find(|piece| !matches!(piece, Piece::Text(_))) {
            Some(Piece::Use(found)) => found,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(one("a$B-c").otherwise, Otherwise::Empty);
        assert_eq!(one("a$B-c").place, 1..3);
        assert_eq!(one("${B}").place, 0..4);
        assert_eq!(one("${B:-x:y}").otherwise, Otherwise::Default("x:y", true));
        assert_eq!(one("${B-}").otherwise, Otherwise::Default("", false));
        assert_eq!(one("${B:?say}").otherwise, Otherwise::Stop(true));
        assert_eq!(one("${B?}").otherwise, Otherwise::Stop(false));
        assert_eq!(one("${B:+x}").otherwise, Otherwise::Alternative("x", true));
        assert_eq!(one("${B:-${C:-d}}e").otherwise, Otherwise::Default("${C:-d}", true));
    }

    #[test]
    fn two_dollars_are_one() {
        assert_eq!(pieces("a$$b"), [Piece::Text("a$"), Piece::Text("b")]);
        assert_eq!(pieces("$${A}"), [Piece::Text("$"), Piece::Text("{A}")]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for text in ["${", "${}", "${A", "${A!b}", "${A:}", "${1}"] {
            assert!(pieces(text).iter().any(|piece| matches!(piece, Piece::Broken(_))), "{text}");
        }
    }

    #[test]
    fn a_dollar_by_itself_stands_for_itself() {
        for text in ["a$", "$1", "^.+$`)", "a $ b", "$", "costs 5$, not 6$"] {
            let whole: String = pieces(text).into_iter().map(text_of).collect();
            assert_eq!(whole, text);
        }
        fn text_of(piece: Piece<'_>) -> &str {
            match piece {
                Piece::Text(text) => text,
                other => panic!("{other:?}"),
            }
        }
    }
}
