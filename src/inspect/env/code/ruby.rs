//! `ENV["X"]`, `ENV.fetch("X")`, `ENV.key?("X")`.

use std::ops::Range;

use super::{Code, Need, around};

/// Reads what begins at `hit`.
pub(super) fn read<'t>(text: &'t str, hit: Range<usize>, code: &mut Code<'t>) {
    if around::in_word(text, hit.start) {
        return;
    }
    let is_index = text.get(hit.clone()) == Some("ENV[");
    let at = if is_index {
        hit.end
    } else {
        let rest = around::after(text, hit.end);
        let call =
            ["fetch(", "fetch ", "key?(", "has_key?(", "include?(", "[]("].iter().find(|call| rest.starts_with(**call));
        let Some(call) = call else { return };
        hit.end + call.len()
    };
    let Some((name, end)) = around::quoted(text, at) else { return };
    let Some(word) = text.get(name.clone()) else { return };
    let rest = around::after(text, end).trim_start_matches([' ', ']']);
    if is_index {
        if ["=", "||="].iter().any(|sign| rest.starts_with(sign)) && !rest.starts_with("==") && !rest.starts_with("=~")
        {
            return code.sets.push(word);
        }
        code.read(word, name, index(text, hit.start, rest));
    } else if around::from(text, hit.end).starts_with("fetch") {
        let after = rest.strip_prefix(')').unwrap_or(rest).trim_start();
        let falls_back =
            rest.starts_with(',') || after.starts_with('{') || after.starts_with("do") || after.starts_with("rescue");
        code.read(word, name, if falls_back { Need::Optional } else { Need::Fails });
    } else {
        code.read(word, name, Need::Optional);
    }
}

fn index(text: &str, start: usize, rest: &str) -> Need {
    let line = around::line_before(text, start).trim_end();
    let last = line.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let asked = matches!(last, "if" | "unless" | "elsif" | "not" | "and" | "or" | "while" | "case")
        || ["!", "&&", "||", "(!"].iter().any(|sign| line.ends_with(sign));
    let tested = ["||", "&&", "?", "&.", ".present", ".blank", ".nil", "==", "!=", "=~", ".to_i", "or "];
    if asked || tested.iter().any(|sign| rest.starts_with(sign)) {
        let misses = last == "unless" || line.ends_with('!');
        return if misses && around::ends(text, start) { Need::Fails } else { Need::Optional };
    }
    around::need(text, start, around::assigned(line))
}
