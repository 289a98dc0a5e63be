//! `process.env.X`, `process.env["X"]`, `const { X } = process.env`, `Deno.env.get("X")`, `Bun.env.X`.

use std::ops::Range;

use super::{Code, Need, around};

/// Prefixes of variables that build tools write into what browsers get.
const BUILT_IN: [&str; 8] =
    ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "GATSBY_", "VUE_APP_", "NG_APP_"];

/// Reads what begins at `hit`.
pub(super) fn read<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    let rest = around::from(text, hit.end);
    let found = if let Some(rest) = rest.strip_prefix(".get(") {
        around::quoted(text, text.len() - rest.len()).map(|(name, end)| (name, end + 1))
    } else if rest.starts_with('[') || rest.starts_with("?.[") {
        let at = hit.end + rest.find('[').unwrap_or(0) + 1;
        around::quoted(text, at).map(|(name, end)| (name, end + 1))
    } else if rest.starts_with('.') || rest.starts_with("?.") {
        let at = hit.end + rest.find('.').unwrap_or(0) + 1;
        around::name(text, at).map(|name| (name.clone(), name.end))
    } else {
        return pulled_apart(text, hit, code);
    };
    let Some((name, end)) = found else { return };
    let Some(word) = text.get(name.clone()) else { return };
    if word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    match need(text, hit.start, end) {
        Some(_) if BUILT_IN.iter().any(|start| word.starts_with(start)) => code.read(word, name, Need::Build),
        Some(need) => code.read(word, name, need),
        None => code.sets.push(word),
    }
}

/// What happens when the expression from `start` to `end` is undefined; `None` when it is set there.
fn need(text: &str, start: usize, end: usize) -> Option<Need> {
    let judged = |at| Some(if around::ends(text, at) { Need::Fails } else { Need::Optional });
    let before = around::before(text, start).trim_end();
    let before = before.strip_suffix("globalThis.").unwrap_or(before).trim_end();
    let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if before.ends_with("delete") {
        return None;
    }
    if before.ends_with('!') {
        return judged(end);
    }
    if before.ends_with("if (") || before.ends_with("if(") {
        let rest = around::after(text, end).trim_start();
        let misses = ["== null", "== undefined", "=== undefined", "=== null", "=== ''", "=== \"\""];
        return if misses.iter().any(|sign| rest.starts_with(sign)) { judged(end) } else { Some(Need::Optional) };
    }
    if matches!(word, "typeof" | "case" | "in")
        || ["||", "??", "&&", "Boolean(", "...", "switch ("].iter().any(|sign| before.ends_with(sign))
    {
        return Some(Need::Optional);
    }
    let mut at = end;
    let bytes = text.as_bytes();
    if bytes.get(at) == Some(&b'!') && bytes.get(at + 1) != Some(&b'=') {
        at += 1;
    }
    let mut closed = false;
    loop {
        at += around::blanks(text, at);
        let rest = around::after(text, at);
        if let Some(rest) = rest.strip_prefix(')').or_else(|| rest.strip_prefix(", 10)")) {
            at += around::after(text, at).len() - rest.len();
            closed = true;
        } else {
            break;
        }
    }
    let rest = around::after(text, at);
    if ["==", "!=", "in "].iter().any(|sign| rest.starts_with(sign)) {
        return Some(Need::Optional);
    }
    if rest.starts_with('=') && !rest.starts_with("=>") && !closed {
        return None;
    }
    if ["||", "??", "&&", "?"].iter().any(|sign| rest.starts_with(sign)) {
        return Some(if rest.starts_with("?? throw") { Need::Fails } else { Need::Optional });
    }
    Some(around::need(text, at, around::assigned(around::line_before(text, start))))
}

/// `const { A, B = "x", C: c } = process.env`
fn pulled_apart<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    const WIDEST: usize = 2000;
    let follows = around::after(text, hit.end).trim_start_matches([' ', '\t']);
    let start = text.ceil_char_boundary(hit.start.saturating_sub(WIDEST));
    let before = text.get(start..hit.start).unwrap_or_default();
    let Some(inner) = before.trim_end().strip_suffix('=').and_then(|before| before.trim_end().strip_suffix('}')) else {
        return;
    };
    let Some(open) = inner.rfind('{').filter(|_| !follows.starts_with('[')) else { return };
    let mut at = start + open + 1;
    for part in inner.get(open + 1..).unwrap_or_default().split(',') {
        let begins = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        let Some(name) = around::name(text, begins) else { continue };
        let Some(word) = text.get(name.clone()) else { continue };
        let bound = part.split(['=', '}']).next().and_then(|part| part.split(':').nth(1)).map_or(word, str::trim);
        let need = if part.contains('=') { Need::Optional } else { around::need(text, hit.end, Some(bound)) };
        if !word.bytes().any(|byte| byte.is_ascii_lowercase()) {
            code.read(word, name, need);
        }
    }
}
