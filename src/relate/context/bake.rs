//! Targets of `docker buildx bake`: `docker-bake.hcl` and `docker-bake.json`. Only what is written out counts: a value
//! with a variable or a function leaves its target unknown.

use std::collections::BTreeMap;

use crate::source::Source;
use crate::syntax::tree::{Dialect, Kind, Node};

/// Targets behind one another that inherit.
const DEPTH: usize = 16;
/// Targets of one file.
const MOST: usize = 1_000;

/// What a target says of its build.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Target {
    context: Said,
    dockerfile: Said,
    inherits: Vec<String>,
}

/// What an attribute says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Said {
    /// It is not there.
    #[default]
    Nothing,
    Text(String),
    /// It is no plain text.
    Unclear,
}

/// Whether a file of that name holds targets.
pub(super) fn is_bake(name: &str) -> bool {
    let format = name.ends_with(".hcl") || name.ends_with(".json");
    format && (name.starts_with("docker-bake") || name.contains("bake."))
}

/// The context and the Dockerfile, from the context on, of every target that says them plainly.
pub(super) fn builds(source: &Source) -> Vec<(String, String)> {
    let targets = if source.path().ends_with(".json") { of_json(source) } else { of_hcl(source.text()) };
    let plain = |target: &Target| {
        let context = found(&targets, target, |one| &one.context, DEPTH, ".")?;
        let dockerfile = found(&targets, target, |one| &one.dockerfile, DEPTH, "Dockerfile")?;
        Some((context, dockerfile))
    };
    targets.values().filter_map(plain).collect()
}

/// An attribute of a target, or of the last one that it inherits it from.
fn found(
    targets: &BTreeMap<String, Target>,
    target: &Target,
    get: fn(&Target) -> &Said,
    depth: usize,
    otherwise: &str,
) -> Option<String> {
    match get(target) {
        Said::Text(text) => return Some(text.clone()),
        Said::Unclear => return None,
        Said::Nothing => {}
    }
    let depth = depth.checked_sub(1)?;
    for name in target.inherits.iter().rev() {
        let parent = targets.get(name)?;
        match found(targets, parent, get, depth, "") {
            Some(text) if text.is_empty() => {}
            other => return other,
        }
    }
    Some(otherwise.to_owned())
}

fn of_json(source: &Source) -> BTreeMap<String, Target> {
    let Some(root) = source.tree().documents(Dialect::Core).next() else { return BTreeMap::new() };
    let said = |node: Option<Node<'_>>| match node {
        None => Said::Nothing,
        Some(node) if node.kind() == Kind::Str && !node.text().contains("${") => Said::Text(node.text().to_owned()),
        Some(_) => Said::Unclear,
    };
    let entries = root.get("target").into_iter().flat_map(|targets| targets.entries().collect::<Vec<_>>());
    let target = |node: Node<'_>| Target {
        context: said(node.get("context")),
        dockerfile: match node.get("dockerfile-inline") {
            Some(_) => Said::Unclear,
            None => said(node.get("dockerfile")),
        },
        inherits: node
            .get("inherits")
            .map(|list| list.items().map(|one| one.text().to_owned()).collect())
            .unwrap_or_default(),
    };
    entries.into_iter().take(MOST).map(|entry| (entry.key.text().to_owned(), target(entry.value))).collect()
}

/// The `target "NAME" { … }` blocks of a file in HCL.
fn of_hcl(text: &str) -> BTreeMap<String, Target> {
    let tokens = tokens(text);
    let mut targets = BTreeMap::new();
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        match (token, tokens.get(at + 1), tokens.get(at + 2)) {
            (Token::Word("target"), Some(Token::Text(Some(name))), Some(Token::Mark('{'))) if depth == 0 => {
                let (target, end) = body(&tokens, at + 3);
                if targets.len() < MOST {
                    targets.insert(name.clone(), target);
                }
                at = end;
                continue;
            }
            (Token::Mark('{' | '[' | '('), ..) => depth += 1,
            (Token::Mark('}' | ']' | ')'), ..) => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    targets
}

/// A block from behind its `{`, and where it ends.
fn body(tokens: &[Token<'_>], from: usize) -> (Target, usize) {
    let mut target = Target::default();
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Mark('}') if depth == 0 => return (target, at + 1),
            Token::Mark('{' | '[' | '(') => depth += 1,
            Token::Mark('}' | ']' | ')') => depth = depth.saturating_sub(1),
            Token::Word(name) if depth == 0 && tokens.get(at + 1) == Some(&Token::Mark('=')) => {
                let value = tokens.get(at + 2..).unwrap_or_default();
                match *name {
                    "context" => target.context = plain(value),
                    "dockerfile" => target.dockerfile = plain(value),
                    "dockerfile-inline" => target.dockerfile = Said::Unclear,
                    "inherits" => target.inherits = list(value),
                    _ => {}
                }
            }
            _ => {}
        }
        at += 1;
    }
    (target, at)
}

/// A value that is one text and nothing else.
fn plain(value: &[Token<'_>]) -> Said {
    let goes_on = match value.get(1) {
        None | Some(Token::Mark('}')) => false,
        // The next attribute, on its own line.
        Some(Token::Word(_)) => value.get(2) != Some(&Token::Mark('=')) && value.get(2) != Some(&Token::Mark('{')),
        Some(_) => true,
    };
    match value.first() {
        Some(Token::Text(Some(text))) if !goes_on => Said::Text(text.clone()),
        _ => Said::Unclear,
    }
}

fn list(value: &[Token<'_>]) -> Vec<String> {
    let inside = value.iter().skip(1).take_while(|token| **token != Token::Mark(']'));
    let text = |token: &Token<'_>| match token {
        // What cannot be read names no target, so that nothing is said of this one.
        Token::Text(text) => Some(text.clone().unwrap_or_default()),
        Token::Word(word) => Some((*word).to_owned()),
        Token::Mark(_) => None,
    };
    if value.first() == Some(&Token::Mark('[')) { inside.filter_map(text).collect() } else { vec![String::new()] }
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// A text between quotes; nothing for one with `${` or an escape, and for a heredoc.
    Text(Option<String>),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let line = || rest.find('\n').unwrap_or(rest.len());
        let length = match first {
            '#' => line(),
            '/' if rest.starts_with("//") => line(),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => {
                let (text, length) = quoted(rest);
                found.push(Token::Text(text));
                length
            }
            '<' if rest.starts_with("<<") => {
                found.push(Token::Text(None));
                heredoc(rest)
            }
            first if first.is_alphanumeric() || first == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
                let (word, _) = rest.split_at(end.unwrap_or(rest.len()));
                found.push(Token::Word(word));
                word.len()
            }
            first => {
                if !first.is_whitespace() {
                    found.push(Token::Mark(first));
                }
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

/// A text between quotes, and how long it is with them. Quotes within `${ }` do not end it.
fn quoted(text: &str) -> (Option<String>, usize) {
    let (mut escaped, mut depth, mut plain) = (false, 0_usize, true);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => (escaped, plain) = (true, false),
            '{' if depth > 0 || text.get(..at).is_some_and(|before| before.ends_with(['$', '%'])) => {
                (depth, plain) = (depth + 1, false);
            }
            '}' if depth > 0 => depth -= 1,
            '"' if depth == 0 => return (text.get(1..at).filter(|_| plain).map(str::to_owned), at + 1),
            '\n' if depth == 0 => return (None, at),
            _ => {}
        }
    }
    (None, text.len())
}

/// How long a heredoc is, its last line included.
fn heredoc(text: &str) -> usize {
    let first = text.find('\n').unwrap_or(text.len());
    let name = text.get(2..first).unwrap_or_default().trim_start_matches('-').trim();
    let mut at = first;
    for line in text.get(first..).unwrap_or_default().split_inclusive('\n') {
        at += line.len();
        if line.trim() == name && !name.is_empty() {
            return at;
        }
    }
    if name.is_empty() { 2 } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Role;
    use crate::source::{Encoding, Origin};
    use crate::span::SourceId;

    fn of(path: &str, text: &str) -> Vec<(String, String)> {
        builds(&Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text))
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(context, file)| ((*context).to_owned(), (*file).to_owned())).collect()
    }

    #[test]
    fn targets_in_hcl() {
        let text = "variable \"TAG\" { default = \"a\" }\n# target \"no\" { context = \"x\" }\ntarget \"a\" {\n  dockerfile = \"docker/a.Dockerfile\" // beside\n  args = { context = \"no\" }\n}\ntarget \"b\" { context = \"svc\" }\ntarget \"c\" {\n  context = \"${ROOT}/svc\"\n}\ntarget \"d\" {\n  context = join(\"/\", [\"a\"])\n}\ntarget \"e\" {\n  dockerfile-inline = <<EOT\ntarget \"x\" {\nEOT\n}\n";
        assert_eq!(of("docker-bake.hcl", text), pairs(&[(".", "docker/a.Dockerfile"), ("svc", "Dockerfile")]));
    }

    #[test]
    fn targets_inherit() {
        let text = "target \"_base\" {\n  context = \"base\"\n}\ntarget \"a\" {\n  inherits = [\"_base\"]\n  dockerfile = \"A\"\n}\ntarget \"b\" {\n  inherits = [\"gone\"]\n}\ntarget \"c\" { inherits = [\"c\"] }\n";
        assert_eq!(of("docker-bake.hcl", text), pairs(&[("base", "Dockerfile"), ("base", "A")]));
    }

    #[test]
    fn targets_in_json() {
        let text = r#"{"target": {"a": {"context": "svc", "dockerfile": "D"}, "b": {"inherits": ["a"]}, "c": {"context": 1}}}"#;
        assert_eq!(of("docker-bake.json", text), pairs(&[("svc", "D"), ("svc", "D")]));
    }

    #[test]
    fn whatever_comes() {
        for text in
            ["", "target", "target \"a\" {", "target \"a\" { context = \"", "<<", "<<A\n", "\"${\"", "/*", "é{{{}}}"]
        {
            assert!(of("docker-bake.hcl", text).len() < 2, "{text}");
        }
        let deep = "target \"a\" {".to_owned() + &"{".repeat(50_000);
        assert_eq!(of("docker-bake.hcl", &deep).len(), 1);
    }

    #[test]
    fn names_of_such_files() {
        assert!(is_bake("docker-bake.hcl") && is_bake("docker-bake.override.json") && is_bake("ci.bake.hcl"));
        assert!(!is_bake("main.hcl") && !is_bake("docker-bake.yaml") && !is_bake("package.json"));
    }
}
