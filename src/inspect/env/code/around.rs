//! What stands around a place in a program: looked at a little way only, so that every place costs the same.

use std::ops::Range;

use super::Need;

/// How far is looked for what is done with a variable.
const FAR: usize = 300;
/// How far a name may be away from its first use in a condition.
const SCOPE: usize = 4000;

/// The text from `at` on; empty when that is no boundary.
pub(super) fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// At most `FAR` bytes after `at`.
pub(super) fn after(text: &str, at: usize) -> &str {
    let end = text.floor_char_boundary(at.saturating_add(FAR));
    text.get(at..end).unwrap_or_default()
}

/// At most `FAR` bytes before `at`.
pub(super) fn before(text: &str, at: usize) -> &str {
    text.get(text.ceil_char_boundary(at.saturating_sub(FAR))..at).unwrap_or_default()
}

/// The line before `at`.
pub(super) fn line_before(text: &str, at: usize) -> &str {
    let before = before(text, at);
    before.rsplit('\n').next().unwrap_or(before)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a name goes on there.
pub(super) fn in_word(text: &str, at: usize) -> bool {
    at.checked_sub(1).and_then(|at| text.as_bytes().get(at)).is_some_and(|byte| is_word(*byte) || *byte == b'$')
}

/// The name that begins at `at`.
pub(super) fn name(text: &str, at: usize) -> Option<Range<usize>> {
    let length = from(text, at).bytes().take(200).take_while(|byte| is_word(*byte)).count();
    let first = text.as_bytes().get(at)?;
    (length > 0 && !first.is_ascii_digit()).then(|| at..at + length)
}

/// The literal name at `at`, blanks before it allowed: its range, and where its closing quote ends.
pub(super) fn quoted(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let at = at + blanks(text, at);
    let quote = *text.as_bytes().get(at)?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let name = name(text, at + 1)?;
    let end = name.end;
    (text.as_bytes().get(end) == Some(&quote)).then_some((name, end + 1))
}

/// How many blanks and line breaks follow.
pub(super) fn blanks(text: &str, at: usize) -> usize {
    after(text, at).bytes().take_while(u8::is_ascii_whitespace).count()
}

/// The name that the value is given to: `name = ‖`, `const name: string = ‖`, `name := ‖`.
pub(super) fn assigned(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let line = line
        .strip_suffix(":=")
        .or_else(|| line.strip_suffix('=').filter(|line| !line.ends_with(['=', '!', '<', '>'])))?;
    let mut words = line.split_whitespace();
    let first = words.next()?;
    let name = match first {
        "const" | "let" | "var" | "val" | "final" | "export" | "static" | "private" | "public" => {
            line.split([':', '=']).next()?.split_whitespace().last()?
        }
        _ => line.split(':').next()?.split_whitespace().last()?,
    };
    (name.len() > 1 && name.bytes().all(is_word)).then_some(name)
}

/// How much a variable is needed whose value is assigned to `name` at `at`: a condition on the name decides.
pub(super) fn need(text: &str, at: usize, name: Option<&str>) -> Need {
    match name.and_then(|name| condition(text, at, name)) {
        Some(true) => Need::Fails,
        Some(false) => Need::Optional,
        None => Need::Silent,
    }
}

/// What a condition on `name` after `at` does: `Some(true)` when it ends the program, `Some(false)` for any other.
fn condition(text: &str, at: usize, name: &str) -> Option<bool> {
    let end = text.floor_char_boundary(at.saturating_add(SCOPE));
    let scope = text.get(at..end).unwrap_or_default();
    let mut found = None;
    for (start, _) in scope.match_indices(name).take(20) {
        let (left, right) = (scope.get(..start).unwrap_or_default(), from(scope, start + name.len()));
        if in_word(scope, start) || right.bytes().next().is_some_and(is_word) {
            continue;
        }
        let left = left.trim_end();
        let word = left.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let right = right.trim_start();
        let asks = left.ends_with('!')
            || matches!(word, "if" | "unless" | "not" | "elif" | "and" | "or" | "while")
            || left.ends_with("if (")
            || left.ends_with("if(")
            || left.ends_with("len(")
            || ["==", "!=", "||", "&&", "??", "? ", "?.", "is ", "or ", "and ", "if "]
                .iter()
                .any(|sign| right.starts_with(sign));
        if asks {
            let misses = left.ends_with('!')
                || matches!(word, "unless" | "not")
                || ["== \"\"", "== ''", "== null", "== undefined", "=== ", "is None", "== nil"]
                    .iter()
                    .any(|sign| right.starts_with(sign));
            if misses && ends(text, at + start + name.len()) {
                return Some(true);
            }
            found = Some(false);
        }
    }
    found
}

/// Whether the block that a condition before `at` opens ends the program.
pub(super) fn ends(text: &str, at: usize) -> bool {
    const ENDS: [&str; 14] = [
        "throw ",
        "process.exit",
        "panic(",
        "log.Fatal",
        "Fatalf(",
        "Fatal(",
        "os.Exit",
        "errors.New",
        "fmt.Errorf",
        "raise ",
        "sys.exit",
        "exit(",
        "abort ",
        "panic!",
    ];
    let after = after(text, at);
    // To the end of the block, or of the two lines below a condition without braces.
    let block = match (after.find('{'), after.find('\n')) {
        (Some(brace), Some(line)) if brace < line => after.split('}').next().unwrap_or(after),
        _ => {
            let lines: usize = after.split_inclusive('\n').take(3).map(str::len).sum();
            after.get(..lines).unwrap_or(after)
        }
    };
    ENDS.iter().any(|word| block.contains(word))
}
