//! How dotenv files are read.

use super::document::Separator;
use super::read::read;
use super::*;
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

/// `name=value` of every variable.
fn pairs(text: &str) -> Vec<String> {
    read(text).assignments().map(|one| format!("{}={}", one.key, one.value)).collect()
}

#[test]
fn names_and_values() {
    assert_eq!(pairs("A=1\nexport B=2\r\nC = 3 \n"), ["A=1", "B=2", "C=3"]);
    assert_eq!(pairs("A=x # note\nB=x#y\nC=#z\nD= # only a note"), ["A=x", "B=x#y", "C=#z", "D="]);
    assert_eq!(pairs("A='x # y' # note\nB=\"a\\nb\"\nC=\"a\\\"b\""), ["A=x # y", "B=a\nb", "C=a\"b"]);
    assert_eq!(pairs("A: 1\nB\nC=\nURL=http://x:1"), ["A=1", "B=", "C=", "URL=http://x:1"]);
}

#[test]
fn quoted_values_go_on_and_open_quotes_do_not_eat_the_next_line() {
    assert_eq!(pairs("A=\"x\ny\"\nB=1"), ["A=x\ny", "B=1"]);
    assert_eq!(pairs("A=\"x\nB=\"y\"\nC=1"), ["A=\"x", "B=y", "C=1"]);
    let document = read("A='x\nB=1");
    let first = document.assignments().next().expect("a variable");
    assert!(!first.is_closed && first.value == "'x");
    assert_eq!(document.assignments().count(), 2);
}

#[test]
fn what_is_no_assignment_is_kept_apart() {
    let document = read("if [ x ]; then\nA=1\n=2\nA B=3\n# C=4\n");
    assert_eq!(document.lines.len(), 4);
    assert_eq!(document.assignments().count(), 1);
    assert_eq!(document.commented, ["C"]);
}

#[test]
fn references_commands_and_broken_braces() {
    let document = read("A=$B/${C:-${D}}/\\$E\nF=$(id)\nG=${H\nI='$J'\nK=a$$b\n");
    let all: Vec<_> = document.assignments().collect();
    let names: Vec<&str> = all[0].references.iter().map(|one| one.name).collect();
    assert_eq!(names[..2], ["B", "C"]);
    assert!(all[0].references[1].has_fallback && !all[0].references[0].has_fallback);
    assert!(!names.contains(&"E"));
    assert_eq!(all[1].command, Some(all[1].value_place.clone()));
    assert!(all[2].broken.is_some());
    assert!(all[3].references.is_empty() && all[4].references.is_empty());
}

#[test]
fn separators() {
    let document = read("A=1\nB: 2\nC\nD : 3");
    let found: Vec<Separator> = document.assignments().map(|one| one.separator).collect();
    assert_eq!(found, [Separator::Equals, Separator::Colon, Separator::None, Separator::Colon]);
}

/// Every place is in bounds and on character boundaries, whatever the text.
#[test]
fn total_on_broken_text() {
    let long = "A=\"".repeat(20_000) + &"${a:-".repeat(20_000) + "\n" + &"B=`$(\n".repeat(20_000);
    let texts = [
        "",
        "=",
        "\"",
        "A=\"",
        "A='\\",
        "\u{feff}A=1",
        "A=\u{a0}ä€😀\nÄ=\"ü\\",
        "\r\r\nA=\r",
        "A=\0\n\0=1",
        "export",
        "export ",
        "A=${",
        "A=$",
        "A=\\",
        "`",
        "A=`",
        "A=\"\\\n\"",
        "A:\n:",
        &long,
    ];
    for text in texts {
        let source = Source::new(SourceId(0), Origin::File(".env".into()), Encoding::Utf8, Role::Production, text);
        let inspection = Env.inspect(&source);
        for fact in &inspection.facts {
            let spans = fact.record.values.iter().filter_map(|value| value.span).chain([fact.span]);
            for span in spans {
                assert!(text.get(span.range()).is_some(), "{span:?} in {text:.20?}");
            }
        }
    }
}

#[test]
fn the_value_of_a_secret_is_in_no_fact() {
    let text = "API_TOKEN=k9Vt2rXq7Lp4WcZ55YI5\nDB=postgres://a:k9Vt2rXq7Lp4WcZ55YI5@db/x\nPORT=80\n";
    let source = Source::new(SourceId(0), Origin::File(".env".into()), Encoding::Utf8, Role::Production, text);
    let shown = format!("{:?}", Env.inspect(&source).facts);
    assert!(!shown.contains("k9Vt2rXq"), "a value is in a fact");
    assert!(shown.contains("\"80\""));
}
