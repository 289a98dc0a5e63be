//! `os.Getenv("X")`, `os.LookupEnv("X")`, and the tags `env:"X,required"` of structs that a library fills in.

use std::ops::Range;

use super::{Code, Need, around};

/// Reads what begins at `hit`.
pub(super) fn read<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    if text.get(hit.clone()) == Some("env:\"") {
        return tag(text, hit, code);
    }
    let Some((name, end)) = around::quoted(text, hit.end) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let before = around::before(text, hit.end);
    if before.ends_with("os.Getenv(") {
        let start = hit.end - "os.Getenv(".len();
        code.read(word, name, getenv(text, start, end + 1));
    } else if before.ends_with("os.LookupEnv(") {
        let need = match around::from(text, end).find('\n') {
            Some(line) if looked_up(around::after(text, end + line)) => Need::Fails,
            _ => Need::Optional,
        };
        code.read(word, name, need);
    } else if before.ends_with("Setenv(") {
        code.sets.push(word);
    }
}

/// Whether the lines after a look-up end the program when there is none.
fn looked_up(after: &str) -> bool {
    let condition = after.trim_start();
    (condition.starts_with("if !") || after.contains("; !ok")) && around::ends(after, 0)
}

fn getenv(text: &str, start: usize, end: usize) -> Need {
    let judged = |at| if around::ends(text, at) { Need::Fails } else { Need::Optional };
    let rest = around::after(text, end).trim_start();
    if rest.starts_with("==") || rest.starts_with("!=") {
        return if rest.starts_with("== \"\"") { judged(end) } else { Need::Optional };
    }
    let line = around::line_before(text, start);
    if line.contains("cmp.Or(") || line.contains("Default") || rest.starts_with(',') {
        return Need::Optional;
    }
    around::need(text, end, around::assigned(line))
}

/// `env:"X,required" envDefault:"y"`
fn tag<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    if around::in_word(text, hit.start) {
        return;
    }
    let Some(name) = around::name(text, hit.end) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let rest = around::after(text, name.end);
    let options = rest.split('"').next().unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    if !(options.is_empty() || options.starts_with(',')) || word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    let need = if line.contains("envDefault:") || line.contains("default:") {
        Need::Optional
    } else if options.split(',').any(|option| matches!(option, "required" | "notEmpty"))
        || line.contains("required:\"true\"")
    {
        Need::Fails
    } else {
        Need::Optional
    };
    code.read(word, name, need);
}
