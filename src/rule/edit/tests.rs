use super::lines::whole;
use super::mapping::{remove, set};
use crate::span::{SourceId, Span};
use crate::syntax::tree::{Dialect, Node, Tree};
use crate::syntax::yaml;

fn tree(text: &str) -> Tree {
    yaml::read(SourceId(0), text.into())
}

fn root(tree: &Tree) -> Node<'_> {
    tree.documents(Dialect::Core).next().expect("a document")
}

fn applied(text: &str, edit: Option<super::Edit>) -> String {
    let edit = edit.expect("an edit");
    let mut new = text.to_owned();
    new.replace_range(edit.span.range(), &edit.text);
    new
}

fn with_key(text: &str, at: &[&str], path: &[&str]) -> String {
    let tree = tree(text);
    let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
    applied(text, set(text, root(&tree).at_path(at).expect("a place"), &path, "false"))
}

#[test]
fn keys_are_set_in_block_style() {
    assert_eq!(
        with_key("a: 1\nb:\n  c: 2 # two\nd: 3\n", &["b"], &["e"]),
        "a: 1\nb:\n  c: 2 # two\n  e: false\nd: 3\n"
    );
    assert_eq!(with_key("b:\n    c: 2", &["b"], &["x", "y"]), "b:\n    c: 2\n    x:\n      y: false");
    assert_eq!(
        with_key("b:\r\n  c: |\r\n    t\r\n\r\nd: 1\r\n", &["b"], &["e"]),
        "b:\r\n  c: |\r\n    t\r\n  e: false\r\n\r\nd: 1\r\n"
    );
    assert_eq!(with_key("b:\n  c:\n", &[], &["b", "c", "x"]), "b:\n  c:\n    x: false\n");
    assert_eq!(with_key("b:\n  c: true # why\n", &[], &["b", "c"]), "b:\n  c: false # why\n");
    assert_eq!(with_key("b:\n  c: # why\n", &[], &["b", "c"]), "b:\n  c: false # why\n");
}

#[test]
fn keys_are_set_in_items_of_lists() {
    let text = "l:\n- name: x\n  y: 1\n- name: z\n";
    let tree = tree(text);
    let items: Vec<Node<'_>> = root(&tree).get("l").expect("l").items().collect();
    let path = ["a".to_owned(), "b".to_owned()];
    assert_eq!(applied(text, set(text, items[0], &path, "1")), "l:\n- name: x\n  y: 1\n  a:\n    b: 1\n- name: z\n");
    assert_eq!(applied(text, set(text, items[1], &path, "1")), "l:\n- name: x\n  y: 1\n- name: z\n  a:\n    b: 1\n");
}

#[test]
fn keys_are_set_in_flow_style_and_json() {
    assert_eq!(with_key("b: {c: 2}\n", &["b"], &["e"]), "b: {c: 2, e: false}\n");
    assert_eq!(with_key("b: {}\n", &["b"], &["e", "f"]), "b: {e: {f: false}}\n");
    assert_eq!(
        with_key("{\n  \"b\": {\n    \"c\": 1\n  }\n}\n", &["b"], &["e"]),
        "{\n  \"b\": {\n    \"c\": 1,\n    \"e\": false\n  }\n}\n"
    );
    assert_eq!(with_key("{\"b\": {}}\n", &["b"], &["e", "f"]), "{\"b\": {\"e\": {\"f\": false}}}\n");
}

#[test]
fn nothing_is_set_through_an_alias_or_in_text() {
    for text in ["a: &x {b: 1}\nc: *x\n", "a: &x\n  b: 1\nc: *x\n", "c: text\n", "c: [1]\n"] {
        let tree = tree(text);
        let path = ["c".to_owned(), "e".to_owned()];
        assert_eq!(set(text, root(&tree), &path, "1"), None, "{text}");
    }
}

#[test]
fn entries_are_taken_out_whole() {
    let gone = |text: &str, at: &[&str]| {
        let tree = tree(text);
        applied(text, remove(text, root(&tree).at_path(at).expect("a place")))
    };
    assert_eq!(gone("a: 1\nb:\n  c: 2\nd: 3\n", &["b"]), "a: 1\nd: 3\n");
    assert_eq!(gone("version: '3'\nb: 1\n", &["version"]), "b: 1\n");
    assert_eq!(gone("x: {a: 1, b: 2}\n", &["x", "a"]), "x: {b: 2}\n");
    assert_eq!(gone("x: {a: 1, b: 2}\n", &["x", "b"]), "x: {a: 1}\n");
    assert_eq!(gone("a: 1\nb: 2", &["b"]), "a: 1");
    let only = tree("a: 1\n");
    assert_eq!(remove("a: 1\n", root(&only).get("a").expect("a")), None);
}

#[test]
fn places_are_found_in_the_tree() {
    let text = "a:\n  b: 1\n  c: {d: 2}\n";
    let tree = tree(text);
    let place = |part: &str| {
        let start = text.find(part).expect("there");
        super::mapping::at(&tree, Span::new(SourceId(0), start..start + part.len()))
    };
    assert_eq!(place("d").map(|node| node.text()), Some("d"));
    assert_eq!(place("a").map(super::mapping::value_of).map(|node| node.entries().len()), Some(2));
    assert_eq!(place("b: 1\n  c"), None);
}

#[test]
fn whole_lines_go_with_their_break() {
    let text = "a\r\nb\r\nc";
    assert_eq!(whole(text, 3..4), Some(3..6));
    assert_eq!(whole(text, 6..7), Some(4..7));
    assert_eq!(whole("a", 0..1), Some(0..1));
}
