//! Whether a repository shows how something is done: a collection of samples, a demonstration, a course. Its README says
//! so in its heading or its first sentences. Its passwords are read by readers and run by whoever tries it out.

use crate::source::Source;

/// What is read of a README.
const HEAD: usize = 4_000;

/// Whether the README at the root says so.
pub(in crate::relate) fn is_collection(sources: &[Source]) -> bool {
    let is_readme = |source: &&Source| {
        let path = source.path();
        !path.contains('/') && path.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("readme"))
    };
    sources.iter().filter(is_readme).any(|source| says_so(source.text()))
}

fn says_so(text: &str) -> bool {
    const HEADINGS: &str = "\
        sample samples example examples quickstart quickstarts tutorial tutorials workshop workshops course courses demo demos \
        demonstration bootcamp playground exercise exercises kata katas poc boilerplate starter devstack devenv";
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or_default();
    let paragraphs = paragraphs(head);
    let heading = paragraphs.first().map(|first| first.text.as_str()).unwrap_or_default();
    let mut first =
        paragraphs.iter().skip(1).skip_while(|one| one.is_heading).take_while(|one| !one.is_heading).take(2);
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let is_told = |word: &String| HEADINGS.split_whitespace().any(|one| one == word);
    words(heading).iter().any(is_told) || first.any(|paragraph| shows(&words(&paragraph.text)))
}

/// `a sample application`, `contains quickstarts`, `code examples`, `for educational purposes`.
fn shows(words: &[String]) -> bool {
    const SHOWN: &str = "sample example demo demonstration reference training tutorial workshop toy dummy companion educational learning";
    const WHAT: &str = "\
        application applications app apps project projects code codes repository system microservice microservices \
        implementation implementations purposes";
    const MANY: &str = "samples examples quickstarts tutorials exercises demos";
    let among = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let pair = words.windows(2).any(|two| {
        let develops = two[0] == "development" && matches!(two[1].as_str(), "environment" | "environments" | "stack");
        develops || (among(SHOWN, &two[0]) && among(WHAT, &two[1]))
    });
    let contains = |word: &str| matches!(word, "contains" | "collection" | "set" | "code" | "holds" | "provides");
    let many = words.iter().enumerate().any(|(at, word)| {
        among(MANY, word)
            && words.get(at.saturating_sub(4)..at).is_some_and(|near| near.iter().any(|one| contains(one)))
    });
    pair || many
}

/// Some lines of a README.
#[derive(Debug, Default)]
struct Paragraph {
    text: String,
    is_heading: bool,
}

/// The heading and what follows, as text: without pictures, badges, the addresses of links and marks.
fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut is_open = false;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let plain = plain(line);
        if plain.chars().filter(|c| c.is_alphabetic()).count() < 3 {
            is_open = false;
            continue;
        }
        let is_underlined = lines.peek().is_some_and(|next| is_rule(next));
        let is_heading = found.is_empty() || is_underlined || line.starts_with(['#', '=']);
        match found.last_mut().filter(|last| is_open && !is_heading && !last.is_heading) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(&plain);
            }
            None => found.push(Paragraph { text: plain, is_heading }),
        }
        is_open = true;
    }
    found
}

/// `====`, `----`, `####`: what stands under a heading.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() > 3 && ['=', '-', '#', '*', '~', '^'].iter().any(|sign| line.chars().all(|c| c == *sign))
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
            "Devstack\n########\n\n|badge|\n\nNOTICE\n******\n\nText.\n",
            "# Compose\n\nThe development environment of the shop.\n",
        ] {
            assert!(says_so(text), "{text}");
        }
        for text in [
            "# shop\n\nA small web shop: an API, a worker and a database.\n\nIt is here to be checked.\n",
            "# Product\n\n[Live Demo](https://demo.example.com) | [Examples](examples/)\n\nSend invoices.\n",
            "# Product\n\nSend invoices.\n\n## Install\n\nText\n\n## Demo\n\nLog in as demo.\n",
            "",
            "# Library\n\nA parser. See the examples.\n",
            "# Service\n\n## Development environment\n\nStart it.\n",
            "# Service\n\nBooks rooms.\n\n## Set-up\n\nThe development environment needs Docker.\n",
        ] {
            assert!(!says_so(text), "{text}");
        }
    }
}
