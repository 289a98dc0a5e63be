use super::*;
use crate::syntax::shared::SharedText;
use crate::syntax::tree::Dialect;

fn tree(text: &str) -> Tree {
    let tree = read(SourceId(0), text.into());
    for node in tree.documents(Dialect::Core) {
        well_formed(node, text);
    }
    tree
}

/// Spans nest, follow one another and are on character boundaries.
fn well_formed(node: Node<'_>, text: &str) {
    assert!(text.get(node.span().range()).is_some(), "{node:?}");
    let mut at = node.span().start;
    let entries = node.entries().flat_map(|entry| [entry.key, entry.value]);
    if node.tag().is_none() && text.get(node.span().range()).is_some_and(|text| text.starts_with('*')) {
        return;
    }
    for child in node.items().chain(entries) {
        assert!(at <= child.span().start && child.span().end <= node.span().end, "{child:?} in {node:?}");
        at = child.span().end;
        well_formed(child, text);
    }
}

fn only(tree: &Tree) -> Node<'_> {
    assert_eq!(tree.problems, []);
    let mut documents = tree.documents(Dialect::Core);
    let first = documents.next().expect("a document");
    assert!(documents.next().is_none());
    first
}

fn shown<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    &text[node.span().range()]
}

/// Every scalar as `span text|value`, one a line.
fn scalars(node: Node<'_>, text: &str, out: &mut Vec<String>) {
    let children: Vec<_> = node.items().chain(node.entries().flat_map(|entry| [entry.key, entry.value])).collect();
    if children.is_empty() {
        out.push(format!("{}|{}", shown(node, text), node.text()));
    }
    children.into_iter().for_each(|child| scalars(child, text, out));
}

#[track_caller]
fn assert_scalars(text: &str, expected: &[&str]) {
    let tree = tree(text);
    let mut found = Vec::new();
    scalars(only(&tree), text, &mut found);
    assert_eq!(found, expected);
}

#[test]
fn scalars_cover_their_text_without_anchor_and_tag() {
    assert_scalars(
        "a: &x !!str 1\nb: \"t\\tä\"\nc: 'it''s'\n\"d\": [e, 'f']\nmulti: one\n  two # c\n",
        &[
            "a|a",
            "1|1",
            "b|b",
            "\"t\\tä\"|t\tä",
            "c|c",
            "'it''s'|it's",
            "\"d\"|d",
            "e|e",
            "'f'|f",
            "multi|multi",
            "one\n  two|one two",
        ],
    );
}

#[test]
fn block_scalars_cover_their_content() {
    assert_scalars(
        "a: |\n  text\n   more\n\n# c\nb: >-  # why\n  folded\n  x\n\nc: |+\n\nd: |2\n   y\n",
        &["a|a", "text\n   more|text\n more\n", "b|b", "folded\n  x|folded x", "c|c", "|\n", "d|d", " y| y\n"],
    );
}

#[test]
fn missing_values_stand_behind_colon_and_dash() {
    let text = "a:\nb :   # c\nl:\n-\n- x:\n- # c\n- {y, z: }\n";
    let tree = tree(text);
    let root = only(&tree);
    let place = |path: &[&str]| root.at_path(path).map(|node| (node.kind(), node.span().range()));
    assert_eq!(place(&["a"]), Some((Kind::Null, 2..2)));
    assert_eq!(place(&["b"]), Some((Kind::Null, 6..6)));
    let items: Vec<_> = root.get("l").expect("l").items().collect();
    assert_eq!(items[0].span().start as usize, text.find("-\n").unwrap() + 1);
    assert_eq!(items[1].get("x").map(|x| x.span().start as usize), text.find("x:").map(|at| at + 2));
    assert_eq!(items[3].get("z").map(|z| z.span().start as usize), text.find("z:").map(|at| at + 2));
}

#[test]
fn collections_end_with_their_last_child() {
    let text = "m:\n  a: 1  # c\n\n# d\nl:\n- x\n- y\n\nf: {g: [h] , }  \nn:\n  - - o\n  - p: |\n      q\n\n\n";
    let tree = tree(text);
    let root = only(&tree);
    let span = |key| root.get(key).map(|node| shown(node, text));
    assert_eq!(span("m"), Some("a: 1"));
    assert_eq!(span("l"), Some("- x\n- y"));
    assert_eq!(span("f"), Some("{g: [h] , }"));
    assert_eq!(span("n"), Some("- - o\n  - p: |\n      q"));
    assert_eq!(shown(root, text), text.trim_end());
}

#[test]
fn lists_not_indented_below_their_key_start_at_their_dash() {
    let text = "a:\n-   # c\n  - 1\nb:\n-\tc\nd:\n- -1\n- - e\nf:\n  - g\n";
    let tree = tree(text);
    let root = only(&tree);
    let starts: Vec<&str> = root.entries().map(|entry| &shown(entry.value, text)[..1]).collect();
    assert_eq!(starts, ["-", "-", "-", "-"]);
    assert_eq!(root.get("d").map(|node| shown(node, text)), Some("- -1\n- - e"));
}

#[test]
fn comments_with_their_place() {
    let text = "# one\na: 1 # two\n\t # three\nb: [ # four\n  1]\nc: '# no'\nd: |\n  # no\n#five";
    let tree = tree(text);
    let comments: Vec<_> = tree.comments.iter().map(|c| (&text[c.span.range()], c.own_line)).collect();
    let expected = [("# one", true), ("# two", false), ("# three", true), ("# four", false), ("#five", true)];
    assert_eq!(comments, expected);
}

#[test]
fn many_comments_in_a_row() {
    let text = format!("a:\n{}  b: 1\n", "  # x\n".repeat(50_000));
    let tree = tree(&text);
    assert_eq!(only(&tree).at_path(&["a", "b"]).and_then(Node::as_int), Some(1));
    assert_eq!(tree.comments.len(), 50_000);
}

#[test]
fn types_by_dialect() {
    let text = "a: yes\nb: 'yes'\nc: !!str yes\nd: 0644\ne: 1.10\nf: !!int '7'\ng: !Ref x\nh: off\n";
    let tree = tree(text);
    let core = only(&tree);
    let old = tree.documents(Dialect::Yaml11).next().expect("a document");
    let kinds = |root: Node<'_>| root.entries().map(|entry| entry.value.kind()).collect::<Vec<_>>();
    use Kind::{Bool, Float, Int, Str};
    assert_eq!(kinds(core), [Str, Str, Str, Int, Float, Int, Str, Str]);
    assert_eq!(kinds(old), [Bool, Str, Str, Int, Float, Int, Str, Bool]);
    assert_eq!(core.get("d").and_then(Node::as_int), Some(644));
    assert_eq!(old.get("d").and_then(Node::as_int), Some(0o644));
    assert_eq!(old.get("a").and_then(Node::as_bool), Some(true));
    assert_eq!(old.get("h").and_then(Node::as_bool), Some(false));
    assert_eq!(core.get("e").map(Node::text), Some("1.10"));
    assert_eq!(core.get("g").and_then(Node::tag), Some("!Ref"));
    assert_eq!(core.get("a").and_then(Node::tag), None);
}

#[test]
fn aliases_and_merge_keys() {
    let text = "base: &b {x: 1, y: 2}\nother: &o {y: 3, z: 4}\nm:\n  <<: [*b, *o]\n  x: 0\nn: {<<: *b}\ns: *b\n";
    let tree = tree(text);
    let root = only(&tree);
    let m = root.get("m").expect("m");
    let value = |key| m.get(key).and_then(Node::as_int);
    assert_eq!((value("x"), value("y"), value("z"), value("w")), (Some(0), Some(2), Some(4), None));
    let merged: Vec<_> = m.merged_entries().iter().map(|entry| (entry.key.text(), entry.value.text())).collect();
    assert_eq!(merged, [("x", "0"), ("y", "2"), ("z", "4")]);
    assert_eq!(root.at_path(&["n", "y"]).and_then(Node::as_int), Some(2));
    assert_eq!(root.get("s").map(|node| (node.kind(), shown(node, text))), Some((Kind::Map, "*b")));
    assert_eq!(tree.duplicates, []);
}

#[test]
fn duplicate_keys() {
    let many: String = (0..40).map(|n| format!("k{n}: 1\n")).collect();
    for (text, keys) in [("a: 1\n\"a\": 2\nb: {c: 1, d: 2, c: 3}\n", 2), (&*format!("{many}k7: 2\n"), 1)] {
        let tree = tree(text);
        assert_eq!(tree.duplicates.len(), keys);
        assert!(tree.duplicates.iter().all(|d| d.first.start < d.second.start));
    }
    let text = "a: 1\na: 2\na: 3\n";
    let tree = tree(text);
    let places: Vec<_> = tree.duplicates.iter().map(|d| (d.first.start, d.second.start)).collect();
    assert_eq!(places, [(0, 5), (5, 10)]);
    assert_eq!(only(&tree).get("a").and_then(Node::as_int), Some(3));
}

#[test]
fn keys_of_values() {
    let tree = tree("a: {b: 1}\nc: [2]\n");
    let root = only(&tree);
    let b = root.at_path(&["a", "b"]).expect("b");
    assert_eq!(b.key().map(Node::text), Some("b"));
    assert_eq!(b.parent().and_then(Node::key).map(Node::text), Some("a"));
    assert_eq!(root.get("c").and_then(|list| list.items().next()).and_then(Node::key), None);
    assert_eq!(root.key(), None);
}

#[track_caller]
fn assert_documents(text: &str, kept: &[&str], problems: &[&str]) {
    let tree = tree(text);
    let documents: Vec<&str> = tree.documents(Dialect::Core).map(|node| shown(node, text)).collect();
    assert_eq!(documents, kept);
    let found: Vec<&str> = tree.problems.iter().map(|problem| &text[problem.span.range()]).collect();
    assert_eq!(found, problems, "{:?}", tree.problems);
}

#[test]
fn a_broken_document_loses_only_itself() {
    assert_documents("a: 1\n---\nb:\n  c: 1\n d: [\n---\ne: 2\n", &["a: 1", "e: 2"], &["d"]);
    assert_documents("a: [1, 2\n---\nb: 'x\n---\nc: 3", &["c: 3"], &["[", "-"]);
    assert_documents("a: *nope\n---\nb: 1", &["b: 1"], &["*"]);
    assert_documents("{a: 1} rest\n---\nb: 1", &["b: 1"], &["r"]);
    assert_documents("a: 1\n...\n%YAML 3.0\n---\nb: 1\n---\nc: 1", &["a: 1", "c: 1"], &["%"]);
    assert_documents("a: \"\\q\"\n---\n- x\n y: 1\n---\nb: 1", &["b: 1"], &["\"", ":"]);
    assert_documents("a:\n\tb: 1\n---\nc: 1", &["c: 1"], &["b"]);
}

#[test]
fn documents() {
    assert_documents("", &[], &[]);
    assert_documents("# only a comment\n", &[], &[]);
    assert_documents("--- 1\n--- 2\n...\n3\n", &["1", "2", "3"], &[]);
    assert_documents("a: 1\r\n---\r\nb: 2\r\n", &["a: 1", "b: 2"], &[]);
    assert_documents("a: 1\r---\rb: 2\r", &["a: 1", "b: 2"], &[]);
    assert_eq!(tree("---\n---\n").documents(Dialect::Core).filter(|node| node.is_null()).count(), 2);
}

#[test]
fn nul_bytes_hide_nothing() {
    for text in [
        "a: x\0\nb: 1",
        "a: 'x\0'\nb: 1",
        "a: \"x\0\"\nb: 1",
        "# c\0\nb: 1",
        "a: |\n  x\0\n  y\nb: 1",
        "[a\0, b]",
        "\0",
        "a: \0",
    ] {
        let tree = tree(text);
        assert!(!tree.problems.is_empty(), "{text:?}: {tree:?}");
        assert_eq!(tree.documents(Dialect::Core).count(), 0, "{text:?}");
    }
}

#[test]
fn deep_nesting_is_a_problem() {
    for text in ["[".repeat(20_000), "{a: ".repeat(20_000), "- ".repeat(20_000), "? ".repeat(20_000)] {
        let tree = tree(&format!("{text}\n---\nok: 1\n"));
        assert_eq!(tree.problems.len(), 1);
        assert!(tree.problems[0].message.contains("deeper"), "{:?}", tree.problems);
        assert_eq!(tree.documents(Dialect::Core).count(), 1);
    }
    let mixed = format!("{}{}{}", "- ".repeat(200), "[".repeat(200), "]".repeat(200));
    assert!(tree(&mixed).problems[0].message.contains("deeper"));
}

#[test]
fn alias_bombs_are_a_problem() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..10 {
        let items = format!("*a{}, ", n - 1).repeat(10);
        text += &format!("a{n}: &a{n} [{items}]\n");
    }
    text += "---\nok: 1\n";
    assert_documents(&text, &["ok: 1"], &["*a4"]);
    let recursive = "a: &a {b: [*a]}\n---\nok: 1";
    assert_documents(recursive, &["ok: 1"], &["*a"]);
}

#[test]
fn merge_bombs_are_a_problem() {
    let mut text = "m0: &m0 {x: 1}\n".to_owned();
    for n in 1..5 {
        let items = format!("*m{}, ", n - 1).repeat(10);
        text += &format!("m{n}: &m{n} {{<<: [{items}]}}\n");
    }
    assert!(tree(&text).problems[0].message.contains("merge keys"));
    let mut text = "m0: &m0 {x: 1}\n".to_owned();
    for n in 1..30 {
        text += &format!("m{n}: &m{n}\n  <<: *m{}\n", n - 1);
    }
    assert!(tree(&text).problems[0].message.contains("behind one another"));
}

#[test]
fn time_is_linear() {
    let texts = [
        "a: 'x\n---\n".repeat(10_000),
        "- &a x\n- *a\n".repeat(10_000),
        format!("[{}]", "a, ".repeat(50_000)),
        "\"".repeat(100_000),
        "#".repeat(100_000),
        "# x\n".repeat(30_000),
        "a:\n".repeat(20_000),
        format!("a: |\n{}", "  x\n".repeat(50_000)),
        format!("a: \"{}\"", "\\n".repeat(50_000)),
        " ".repeat(100_000),
        "\n".repeat(100_000),
        "- - - -\n".repeat(10_000),
        "}".repeat(50_000),
        ":".repeat(50_000),
        "? a\n".repeat(20_000),
        "&a ".repeat(30_000),
        "!a ".repeat(30_000),
        "%YAML 1.2\n".repeat(10_000),
        "...\n".repeat(20_000),
        "a: b: c\n---\n".repeat(10_000),
        format!("{}x: 1", " # c\n".repeat(20_000)),
        format!("[{}", "a: #\n".repeat(20_000)),
    ];
    for text in texts {
        let started = std::time::Instant::now();
        let tree = tree(&text);
        let spent = started.elapsed();
        assert!(spent.as_secs() < 30, "{:?}… took {spent:?}", &text[..30]);
        assert!(tree.problems.len() <= text.len());
    }
}

#[test]
fn alias_chains_are_no_deeper_than_text() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for n in 1..400 {
        text += &format!("a{n}: &a{n} [*a{}]\n", n - 1);
    }
    assert!(tree(&text).problems[0].message.contains("deeper"));
}

/// Everything of a tree that anybody can see.
fn whole(tree: &Tree) -> String {
    format!(
        "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
        tree.nodes,
        tree.children,
        tree.stored,
        tree.tags,
        tree.documents,
        tree.comments.iter().map(|comment| (comment.span, comment.own_line)).collect::<Vec<_>>(),
        tree.duplicates,
        tree.problems
    )
}

/// The tree by the parser alone.
fn by_parser(text: &str) -> Tree {
    let text: SharedText = text.into();
    let mut reader = Reader::new(SourceId(0), &text);
    reader.parse_all(0);
    reader.builder.begin_document();
    reader.comments(text.len());
    reader.builder.finish()
}

#[track_caller]
fn assert_same(text: &str) {
    assert_eq!(whole(&read(SourceId(0), text.into())), whole(&by_parser(text)), "{text:?}");
}

#[test]
fn common_documents_are_read_as_the_parser_reads_them() {
    for text in [
        "",
        "# nothing\n",
        "a: 1\n",
        "a: 1",
        "---\na: b # c\n---\n# d\nb:\n- c\n-   d: e\n    f: g\n- - x\n  - y\n...\n---\nz: 1\n",
        "a:\n\n  b: x\n    y\n\n\n    z # e\nc:\nd: # f\n  # g\n  - 1\n",
        "a: |\n  x\n   y\n\n  z\nb: |-\n  x\n\n# c\nc: |+\n  x\n\n\nd: |\n  x  \n   \ne: 1\n",
        "a: \"b\\n\\\"c\" # d\n'e''f': 'g''h'\n\"i\" : j\n",
        "a: [b, \"c\", [1, 2], {d: e, f: 'g'}]\nh: {}\ni: []\nj: [ x y , z ] # c\n",
        "- a: b\n  c: d\n- e\n- f\n  g\n-\n  h: i\n",
        "a: 1\na: 2\n",
        "a: b: c\n",
        "a: 'b\n",
        "a: b\n c: d\n",
        "a: b\n  # c\n  d\n",
        "a: &x b\nc: *x\n---\nd: e\n",
        "a:\n  - b\n c: d\n",
        "a: é\u{a0}# x\n\u{2028}b: c\n",
        "a:\r\n  b: c\r\n",
        "a: |\n    x\n  y\n",
        "a: |\n",
        "- |\n x\n-  - y\n",
        "a : b\nc: http://x:80/y#z\nd: a #b\n",
        "? a\n: b\n",
        "a: [b: c]\nd: {e}\n",
        "a: [b,\n  c]\n",
        "%YAML 1.2\n---\na: 1\n",
        "a: 1\n...\n%YAML 1.2\n---\nb: 2\n",
        "---\n---\na: 1\n--- # x\n",
        "--- a\n",
        "  a: 1\n  b: 2\n",
        "x: y|\n----\n",
        "a: 1\n---\tb: 2\n",
    ] {
        assert_same(text);
    }
}

#[test]
fn common_documents_are_not_left_to_the_parser() {
    let text = "---\na: b\nc:\n  - d: [e, \"f\"]\n    g: |\n      x\n---\nh: 1\n";
    let mut builder = Builder::new(SourceId(0), text.into());
    builder.begin_document();
    assert_eq!(common::document(text, 0, document_end(text, 0), &mut builder), Some(true));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 6_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_the_text_both_ways_of_reading_agree(picked in proptest::collection::vec(0..PIECES.len(), 0..24)) {
        let text: String = picked.into_iter().map(|index| PIECES[index]).collect();
        proptest::prop_assert_eq!(whole(&read(SourceId(0), text.as_str().into())), whole(&by_parser(&text)), "{:?}", text);
    }
}

const PIECES: [&str; 64] = [
    "a", "b c", "key: ", "k:", "- ", "-", "\n", "\n", "\n", "\n  ", "\n  ", "\n    ", "\n      ", " ", "  ", "# c",
    " # c", "#", "---\n", "\n---\n", "\n--- ", "...\n", "[", "]", "{", "}", ", ", ",", ": ", ":", "\"", "'", "''",
    "\\n", "\\", "|\n", "|-\n  ", "|+\n    ", ">\n  ", "&x ", "*x", "!t ", "<<: ", "? ", "1", "1.5", "~", "null",
    "true", "é", "\t", "\r\n", "\u{a0}", "\u{2028}", "%", "@", "`", "{}", "[]", "x: y", "\nx: y", "\n- x: y",
    "\n  x: y", "\n  z",
];
