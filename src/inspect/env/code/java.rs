//! `System.getenv("X")` and Spring's `@Value("${X}")`.

use std::ops::Range;

use super::{Code, Need, around};

/// Reads what begins at `hit`.
pub(super) fn read<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    let rest = around::after(text, hit.end);
    if text.get(hit.clone()) == Some("@Value") {
        return injected(text, hit.end, code);
    }
    let all = ["().getOrDefault(", "().get(", "()["].iter().find(|call| rest.starts_with(**call));
    let at = hit.end + all.map_or(1, |call| call.len());
    if all.is_none() && !rest.starts_with('(') {
        return;
    }
    let Some((name, end)) = around::quoted(text, at) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    code.read(word, name, need(text, hit.start, end));
}

fn need(text: &str, start: usize, end: usize) -> Need {
    let before = around::before(text, start);
    let before = before.strip_suffix("System.").unwrap_or(before).trim_end();
    let rest = around::after(text, end).trim_start();
    let Some(rest) = rest.strip_prefix(')').or_else(|| rest.strip_prefix(']')) else { return Need::Optional };
    let rest = rest.trim_start_matches([' ', ')', '\n', '\t']);
    if before.ends_with("requireNonNull(") {
        return Need::Fails;
    }
    if let Some(other) = rest.strip_prefix("?:") {
        let other = other.trim_start();
        let fails = ["throw", "error(", "exitProcess"].iter().any(|word| other.starts_with(word));
        return if fails { Need::Fails } else { Need::Optional };
    }
    let asks = ["==", "!=", "?", ".let", "!!"].iter().any(|sign| rest.starts_with(sign));
    if asks || ["ofNullable(", "Option(", "!", "isBlank(", "isEmpty("].iter().any(|sign| before.ends_with(sign)) {
        return if rest.starts_with("!!") { Need::Fails } else { Need::Optional };
    }
    around::need(text, end, around::assigned(around::line_before(before, before.len())))
}

/// `@Value("${X}")`, `@Value("${X:default}")`: only names that a variable would have.
fn injected<'t>(text: &'t str, at: usize, code: &mut Code<'t>) {
    let rest = around::after(text, at);
    let line = rest.lines().next().unwrap_or_default();
    let Some(open) = line.find("${") else { return };
    let Some(name) = around::name(text, at + open + 2) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let is_variable = word.contains('_') && !word.bytes().any(|byte| byte.is_ascii_lowercase());
    match text.as_bytes().get(name.end) {
        Some(b'}') if is_variable => code.read(word, name, Need::Fails),
        Some(b':') if is_variable => code.read(word, name, Need::Optional),
        _ => {}
    }
}
