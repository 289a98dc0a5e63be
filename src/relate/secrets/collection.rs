//! Whether a repository shows how something is done: a collection of samples, a demonstration, a course. Its README says
//! so in its heading or its first sentences. Its passwords are read by readers and run by whoever tries it out.

use crate::source::Source;

/// What is read of a README.
const HEAD: usize = 4_000;

/// Whether the README at the root says so.
pub(super) fn is_collection(sources: &[Source]) -> bool {
    let is_readme = |source: &&Source| {
        let path = source.path();
        !path.contains('/') && path.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("readme"))
    };
    sources.iter().filter(is_readme).any(|source| says_so(source.text()))
}

fn says_so(text: &str) -> bool {
    const HEADINGS: &str = "\
        sample samples example examples quickstart quickstarts tutorial tutorials workshop workshops course courses demo demos \
        demonstration bootcamp playground exercise exercises kata katas poc boilerplate starter";
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or_default();
    let mut paragraphs = paragraphs(head).into_iter();
    let heading = paragraphs.next().unwrap_or_default();
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let is_told = |word: &String| HEADINGS.split_whitespace().any(|one| one == word);
    words(&heading).iter().any(is_told) || paragraphs.take(2).any(|paragraph| shows(&words(&paragraph)))
}

/// `a sample application`, `contains quickstarts`, `code examples`, `for educational purposes`.
fn shows(words: &[String]) -> bool {
    const SHOWN: &str = "sample example demo demonstration reference training tutorial workshop toy dummy companion educational learning";
    const WHAT: &str = "\
        application applications app apps project projects code codes repository system microservice microservices \
        implementation implementations purposes";
    const MANY: &str = "samples examples quickstarts tutorials exercises demos";
    let among = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let pair = words.windows(2).any(|two| among(SHOWN, &two[0]) && among(WHAT, &two[1]));
    let contains = |word: &str| matches!(word, "contains" | "collection" | "set" | "code" | "holds" | "provides");
    let many = words.iter().enumerate().any(|(at, word)| {
        among(MANY, word)
            && words.get(at.saturating_sub(4)..at).is_some_and(|near| near.iter().any(|one| contains(one)))
    });
    pair || many
}

/// The heading and what follows, as text: without pictures, badges, the addresses of links and marks.
fn paragraphs(text: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![String::new()];
    let mut is_first = true;
    for line in text.lines() {
        let plain = plain(line);
        let is_rule = plain.chars().all(|c| matches!(c, '=' | '-' | '*' | ' '));
        let is_break = is_rule || line.starts_with(['#', '=']);
        if is_break && found.last().is_some_and(|last| !last.is_empty()) {
            found.push(String::new());
        }
        if is_rule {
            continue;
        }
        if let Some(last) = found.last_mut() {
            last.push(' ');
            last.push_str(&plain);
        }
        // A heading is one line.
        if is_first || line.starts_with(['#', '=']) {
            found.push(String::new());
            is_first = false;
        }
    }
    found.retain(|paragraph| paragraph.chars().filter(|c| c.is_alphabetic()).count() > 2);
    found
}

/// A line without tags, pictures and addresses; a link to something else says nothing of the repository.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '[', '(']) {
        let (before, from) = rest.split_at(at);
        plain.push_str(before.trim_end_matches('!'));
        let end = match from.as_bytes().first() {
            Some(b'<') => '>',
            Some(b'[') => ']',
            _ => ')',
        };
        let Some(close) = from.find(end) else {
            rest = from.get(1..).unwrap_or_default();
            continue;
        };
        rest = from.get(close + 1..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_that_show_how_something_is_done() {
        for text in [
            "# QuickStarts for Guides\n\nText.\n",
            "[![ci](x)](y)\n# Pet Clinic Sample Application [![b](c)](d)\n",
            "= Things\n\nThis repository contains sample applications used in tutorials.\n",
            "Shop\n====\n\nShop is a cloud-first microservices demo application. It sells.\n",
            "# Patterns\n\nThis repository contains a set of quickstarts for the framework.\n",
            "<h1 align=\"center\">Voting example</h1>\n",
            "# API\n\nBuilt for educational purposes.\n",
        ] {
            assert!(says_so(text), "{text}");
        }
        for text in [
            "# shop\n\nA small web shop: an API, a worker and a database.\n\nIt is here to be checked.\n",
            "# Product\n\n[Live Demo](https://demo.example.com) | [Examples](examples/)\n\nSend invoices.\n",
            "# Product\n\nSend invoices.\n\n## Install\n\nText\n\n## Demo\n\nLog in as demo.\n",
            "",
            "# Library\n\nA parser. See the examples.\n",
        ] {
            assert!(!says_so(text), "{text}");
        }
    }
}
