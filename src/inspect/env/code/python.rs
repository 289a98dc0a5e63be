//! `os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`, `"X" in os.environ`.

use std::ops::Range;

use super::{Code, Need, around};

/// Lines that are looked at for the statement around a place.
const ABOVE: usize = 40;

/// Reads what begins at `hit`.
pub(super) fn read<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    if around::in_word(text, hit.start) {
        return;
    }
    let before = around::before(text, hit.start);
    let of_system = before.ends_with("os.");
    // `request.environ["X"]`: what came with a request.
    if before.ends_with('.') && !of_system {
        return;
    }
    let start = hit.start - if of_system { 3 } else { 0 };
    let rest = around::from(text, hit.end);
    let calls = ["(", ".get(", ".pop("].iter().find(|call| rest.starts_with(**call));
    if rest.starts_with('[') {
        subscript(text, start, hit.end + 1, code);
    } else if let Some(call) = calls {
        let Some((name, end)) = around::quoted(text, hit.end + call.len()) else { return };
        let Some(word) = text.get(name.clone()) else { return };
        code.read(word, name, called(text, start, end));
    } else if rest.starts_with(".setdefault(") {
        let name = around::quoted(text, hit.end + ".setdefault(".len()).and_then(|(name, _)| text.get(name));
        code.sets.extend(name);
    } else {
        contained(text, start, code);
    }
}

fn subscript<'t>(text: &'t str, start: usize, at: usize, code: &mut Code<'t>) {
    let Some((name, end)) = around::quoted(text, at) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let rest = around::after(text, end).trim_start().strip_prefix(']').unwrap_or_default().trim_start();
    let sets = rest.starts_with('=') && !rest.starts_with("==");
    if sets || around::before(text, start).trim_end().ends_with("del") {
        return code.sets.push(word);
    }
    let need = if is_guarded(text, start, word) { Need::Optional } else { Need::Fails };
    code.read(word, name, need);
}

/// `os.getenv("X"‖`
fn called(text: &str, start: usize, end: usize) -> Need {
    let judged = |at| if around::ends(text, at) { Need::Fails } else { Need::Optional };
    let rest = around::after(text, end).trim_start();
    let Some(rest) = rest.strip_prefix(')') else { return Need::Optional };
    let line = around::line_before(text, start).trim_end();
    let last = line.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if is_guarded(text, start, "__main__") {
        return Need::Optional;
    }
    match last {
        "assert" => return Need::Fails,
        "not" => return judged(end),
        "if" | "elif" | "while" => return Need::Optional,
        _ => {}
    }
    let rest = rest.trim_start_matches([' ', ')']);
    let asks = ["or ", "is ", "==", "!=", "in ", "and ", "if "].iter().any(|word| rest.starts_with(word));
    if asks || matches!(last, "and" | "or") || line.ends_with("bool(") {
        return Need::Optional;
    }
    around::need(text, end, around::assigned(line))
}

/// `"X" in os.environ`
fn contained<'t>(text: &'t str, start: usize, code: &mut Code<'t>) {
    let line = around::line_before(text, start);
    let Some(before) = line.trim_end().strip_suffix("in") else { return };
    let before = before.trim_end();
    let misses = before.ends_with("not");
    let before = before.strip_suffix("not").map_or(before, str::trim_end);
    let Some(inner) = before.strip_suffix(['"', '\'']) else { return };
    let Some(open) = inner.rfind(['"', '\'']) else { return };
    let at = start - line.len() + open + 1;
    let Some(name) = around::name(text, at) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let need = if misses && around::ends(text, start) { Need::Fails } else { Need::Optional };
    code.read(word, name, need);
}

/// Whether a `try:`, or an `if` that asks for the variable, stands around.
fn is_guarded(text: &str, start: usize, name: &str) -> bool {
    let above = text.get(text.ceil_char_boundary(start.saturating_sub(4000))..start).unwrap_or_default();
    let mut lines = above.rsplit('\n');
    let own = lines.next().unwrap_or_default();
    let mut indent = own.len() - own.trim_start().len();
    for line in lines.take(ABOVE) {
        let content = line.trim_start();
        let depth = line.len() - content.len();
        if content.is_empty() || depth >= indent {
            continue;
        }
        indent = depth;
        // Of `if __name__ == "__main__":` nobody knows whether it runs.
        let asks = content.starts_with("if ") && (content.contains(name) || content.contains("__main__"));
        if content.starts_with("try:") || asks || content.starts_with("with suppress") {
            return true;
        }
        if depth == 0 {
            break;
        }
    }
    // `os.environ["X"] if "X" in os.environ else …`
    let rest = around::after(text, start);
    rest.lines().next().is_some_and(|line| line.contains(" if ") && line.contains(" else "))
}
