//! The text that `sh -c TEXT` runs, at its own place in the file where nothing in it has to be unescaped.

use crate::span::Span;

/// The part of `file` between the quotes of the word at `span`, and where it begins; `text` is what the word means.
/// Nothing where quotes, escapes or substitutions of the shell outside stand between the file and the shell inside.
pub(super) fn literal<'s>(file: &'s str, span: Span, text: &str, escape: u8) -> Option<(&'s str, u32)> {
    let raw = file.get(span.range())?;
    let quoted = |quote: char| raw.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let (inner, shift) = match (quoted('\''), quoted('"')) {
        (Some(inner), _) => (inner, 1),
        (None, Some(inner)) => (inner, 1),
        (None, None) => (raw, 0),
    };
    let is_single = raw.starts_with('\'');
    let is_plain = match (is_single, shift) {
        (true, _) => !inner.contains('\''),
        (false, 0) => !inner.contains(['\'', '"']),
        (false, _) => !inner.contains(['"', '`']) && !inner.contains("$("),
    };
    // A text over several lines was joined; else what the file says is what the shell gets.
    let is_same = if inner.contains('\n') { is_single || !escapes(inner, escape) } else { inner == text };
    let start = span.start.checked_add(shift)?;
    (is_plain && is_same).then_some((inner, start))
}

/// Whether an escape character stands anywhere but at the end of a line.
fn escapes(text: &str, escape: u8) -> bool {
    let marks = [b'\\', escape];
    let in_line = |line: &str| {
        let line = line.trim_end();
        let body = line.strip_suffix(escape as char).unwrap_or(line);
        body.bytes().any(|byte| marks.contains(&byte))
    };
    text.lines().any(in_line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::SourceId;

    fn of(raw: &str, text: &str) -> Option<(String, u32)> {
        let file = format!("RUN sh -c {raw}\n");
        let span = Span::new(SourceId(0), 10..10 + raw.len());
        literal(&file, span, text, b'\\').map(|(inner, at)| (inner.to_owned(), at))
    }

    #[test]
    fn what_needs_no_unescaping_keeps_its_place() {
        assert_eq!(of("'make all'", "make all"), Some(("make all".into(), 11)));
        assert_eq!(of("\"make 'all'\"", "make 'all'"), Some(("make 'all'".into(), 11)));
        assert_eq!(of("make", "make"), Some(("make".into(), 10)));
        assert_eq!(of("'echo $(date) \"a\"'", "echo $(date) \"a\""), Some(("echo $(date) \"a\"".into(), 11)));
        assert_eq!(of("'a \\\n b'", "a  b"), Some(("a \\\n b".into(), 11)));
        assert_eq!(of("\"a \\\n b\"", "a  b"), Some(("a \\\n b".into(), 11)));
    }

    #[test]
    fn the_shell_outside_stands_between() {
        assert_eq!(of("\"echo \\\"a\\\"\"", "echo \"a\""), None);
        assert_eq!(of("\"echo $(date)\"", "echo $(date)"), None);
        assert_eq!(of("'a'\\''b'", "a'b"), None);
        assert_eq!(of("a\" b\"", "a b"), None);
        assert_eq!(of("\"a \\\n \\n b\"", "a  \\n b"), None);
    }
}
