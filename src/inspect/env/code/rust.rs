//! `env::var("X")`, `env::var_os("X")`; `env!("X")` and `option_env!("X")` are read by the compiler.

use std::ops::Range;

use super::{Code, Need, around};

/// Reads what begins at `hit`.
pub(super) fn read<'t>(path: &str, text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    let at_build = path == "build.rs" || path.ends_with("/build.rs");
    if text.get(hit.clone()) == Some("env!") {
        let Some((name, _)) = around::quoted(text, hit.end + 1) else { return };
        code.reads.extend(text.get(name.clone()).map(|word| super::Read {
            name: word,
            place: name,
            need: Need::Build,
        }));
        return;
    }
    let rest = around::after(text, hit.end);
    if rest.starts_with("set_var(") {
        let name = around::quoted(text, hit.end + "set_var(".len()).and_then(|(name, _)| text.get(name));
        return code.sets.extend(name);
    }
    let Some(call) = ["var(", "var_os("].iter().find(|call| rest.starts_with(**call)) else { return };
    let Some((name, end)) = around::quoted(text, hit.end + call.len()) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    code.read(word, name, if at_build { Need::Build } else { need(text, hit.start, end) });
}

fn need(text: &str, start: usize, end: usize) -> Need {
    let line = around::line_before(text, start);
    let asked =
        ["if let", "while let", "match ", "let Ok(", "let Some(", "else if"].iter().any(|word| line.contains(word));
    let mut rest = around::after(text, end).trim_start().strip_prefix(')').unwrap_or_default().trim_start();
    if asked {
        return Need::Optional;
    }
    // What only dresses the error up.
    for wrap in [".map_err(", ".context(", ".with_context(", ".wrap_err("] {
        if rest.starts_with(wrap) {
            let end = rest.find(")?").map(|at| at + 1).or_else(|| rest.find(").expect"));
            rest = end.and_then(|at| rest.get(at..)).unwrap_or_default();
        }
    }
    let fails = [".expect(", ".unwrap()", "?"].iter().any(|end| rest.starts_with(end));
    let panics = rest.starts_with(".unwrap_or_else(")
        && rest.lines().next().is_some_and(|line| line.contains("panic!") || line.contains("exit("));
    if fails || panics { Need::Fails } else { Need::Optional }
}
