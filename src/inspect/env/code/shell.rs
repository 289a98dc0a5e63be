//! `${X:?}`, `${X?message}`, `${X:-default}`; any other use may be of the script's own variable.

use std::ops::Range;

use super::{Code, Need, around};

/// Reads what begins at `hits`.
pub(super) fn read<'t>(text: &'t str, hits: impl Iterator<Item = Range<usize>>, code: &mut Code<'t>) {
    for line in text.lines() {
        let line = line.trim_start();
        let line = ["export ", "local ", "readonly ", "declare "]
            .iter()
            .find_map(|word| line.strip_prefix(word))
            .unwrap_or(line);
        if let Some(name) = around::name(line, 0)
            && line.as_bytes().get(name.end) == Some(&b'=')
            && !line.get(name.end..).is_some_and(|value| {
                value.contains("${") && line.get(name.clone()).is_some_and(|name| value.contains(&format!("${{{name}")))
            })
        {
            code.sets.extend(line.get(name));
        }
    }
    for hit in hits.filter(|hit| text.get(hit.clone()) == Some("${")) {
        let Some(name) = around::name(text, hit.end) else { continue };
        let Some(word) = text.get(name.clone()) else { continue };
        if word.len() < 2 || word.bytes().any(|byte| byte.is_ascii_lowercase()) {
            continue;
        }
        let rest = around::from(text, name.end);
        if rest.starts_with(":?") || rest.starts_with('?') {
            code.read(word, name, Need::Fails);
        } else if [":-", "-", ":=", "=", ":+", "+"].iter().any(|sign| rest.starts_with(sign)) {
            code.read(word, name, Need::Optional);
        }
    }
}
