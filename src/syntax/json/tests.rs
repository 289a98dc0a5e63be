use super::*;
use crate::syntax::tree::{Dialect, Kind, Node};

fn plain(text: &str) -> Tree {
    read(SourceId(0), text.into(), Flavour::Json)
}

fn root(tree: &Tree) -> Node<'_> {
    tree.documents(Dialect::Core).next().expect("a document")
}

#[test]
fn values_with_their_places() {
    let text = " {\"a\": [1, -2.5e3, true, null, \"x\\n\\u00e4\\ud83d\\ude00\"], \"b\": {}, \"c\" : \"ä\"}\n";
    let tree = plain(text);
    assert_eq!(tree.problems, []);
    let node = root(&tree);
    assert_eq!(&text[node.span().range()], text.trim());
    let items: Vec<_> = node.get("a").expect("a").items().collect();
    let kinds: Vec<_> = items.iter().map(|item| item.kind()).collect();
    assert_eq!(kinds, [Kind::Int, Kind::Float, Kind::Bool, Kind::Null, Kind::Str]);
    assert_eq!(items[4].as_str(), Some("x\nä😀"));
    assert_eq!(&text[items[1].span().range()], "-2.5e3");
    assert_eq!(node.get("b").map(|b| (b.kind(), &text[b.span().range()])), Some((Kind::Map, "{}")));
    assert_eq!(node.entry("c").map(|c| &text[c.key.span().range()]), Some("\"c\""));
    assert_eq!(node.get("c").and_then(Node::as_str), Some("ä"));
}

#[test]
fn old_booleans_are_text_in_json() {
    let tree = plain("{\"a\": \"yes\", \"b\": 10}");
    let root = tree.documents(Dialect::Yaml11).next().expect("a document");
    assert_eq!(root.get("a").and_then(Node::as_str), Some("yes"));
    assert_eq!(root.get("b").and_then(Node::as_int), Some(10));
}

#[test]
fn comments_and_trailing_commas() {
    let text = "// one\n{\"a\": 1, /* two */ \"b\": [1,],\n}";
    let tree = plain(text);
    let problems: Vec<_> = tree.problems.iter().map(|problem| &text[problem.span.range()]).collect();
    assert_eq!(problems, ["// one", ",", ","]);
    assert_eq!(tree.comments.iter().map(|c| c.own_line).collect::<Vec<_>>(), [true, false]);
    assert_eq!(root(&tree).at_path(&["b"]).map(|b| b.items().len()), Some(1));
    let tree = read(SourceId(0), text.into(), Flavour::Commented);
    assert_eq!(tree.problems, []);
    assert_eq!(tree.comments.len(), 2);
}

#[test]
fn duplicates_and_lines() {
    let tree = plain("{\"a\": 1, \"a\": 2}\n{\"b\": 3}\n");
    assert_eq!(tree.duplicates.len(), 1);
    assert_eq!(tree.documents(Dialect::Core).count(), 2);
}

#[test]
fn small_mistakes_lose_nothing() {
    for (text, place, kept) in [
        ("{\"a\": 1 \"b\": 2}", "\"", 2),
        ("{\"a\" 1, \"b\": 2}", "1", 2),
        ("{\"a\": , \"b\": 2}", ",", 2),
        ("{\"a\": tru, \"b\": 01}", "tru", 2),
        ("{\"a\": \"\\q\\u12\", \"b\": 2}", "\\", 2),
        ("{\"a\": \"\\ud800\", \"b\": \"\t\"}", "\\ud800", 2),
    ] {
        let tree = plain(text);
        assert_eq!(root(&tree).entries().len(), kept, "{text}");
        assert_eq!(&text[tree.problems[0].span.range()], place, "{text}");
    }
}

#[test]
fn big_mistakes_lose_the_document() {
    for (text, place) in [
        ("{\"a\": [1, 2}", "}"),
        ("{\"a\": \"x\n}", "\""),
        ("{a: 1}", "a"),
        ("[1, 2", "["),
        ("[?]", "?"),
        ("/* x", "/"),
    ] {
        let tree = plain(text);
        assert_eq!(tree.documents(Dialect::Core).count(), 0, "{text}");
        assert_eq!(&text[tree.problems[0].span.range()], place, "{text}");
    }
    assert_eq!(plain("{\"a\": 1}\n{\"b\": [}\n").documents(Dialect::Core).count(), 1);
    assert_eq!(plain("").documents(Dialect::Core).count(), 0);
}

#[test]
fn total_and_linear() {
    let texts = [
        "[".repeat(200_000),
        "{\"a\":".repeat(100_000),
        "1 ".repeat(100_000),
        format!("[{}]", "1,".repeat(200_000)),
        format!("[{}]", "1 ".repeat(200_000)),
        format!("\"{}", "\\u00e4".repeat(100_000)),
        "/".repeat(200_000),
        "//\n".repeat(100_000),
        "/*".repeat(100_000),
        " ".repeat(500_000),
        "\"ä".repeat(100_000),
    ];
    for text in texts {
        let started = std::time::Instant::now();
        let tree = plain(&text);
        assert!(tree.problems.iter().all(|problem| text.get(problem.span.range()).is_some()));
        assert!(tree.problems.len() <= MAX_PROBLEMS + 1);
        assert!(started.elapsed().as_secs() < 30, "{:?}…", &text[..10]);
    }
}
