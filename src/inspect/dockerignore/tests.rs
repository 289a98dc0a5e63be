use super::document::Verdict;
use super::glob::Glob;
use super::read::{read, tidy};

fn excludes(lines: &[&str], path: &str) -> bool {
    let text = lines.join("\n");
    read(&text).excludes(path)
}

#[test]
fn wildcards_stop_at_slashes() {
    for (pattern, path) in [
        ("*", "a"),
        ("*.log", "x.log"),
        ("a/*", "a/b"),
        ("**", "a/b/c"),
        ("**/x", "x"),
        ("**/x", "a/b/x"),
        ("**x", "a/bx"),
        ("a/**", "a/b"),
        ("a/**/b", "a/b"),
        ("a/**/b", "a/x/y/b"),
        ("a**/b", "a/b"),
        ("?.md", "a.md"),
        ("[a-c]x", "bx"),
        ("[^a]x", "bx"),
        ("a\\*b", "a*b"),
        ("a.b", "a.b"),
        ("**/*.py[co]", "a/b/c.pyc"),
        ("é*", "éa"),
    ] {
        assert!(Glob::new(pattern).expect(pattern).matches(path), "{pattern} {path}");
    }
    for (pattern, path) in [
        ("*", "a/b"),
        ("*.log", "a/x.log"),
        ("?", "/"),
        ("**/x", "ax"),
        ("a/**", "a"),
        ("a/**/b", "axb"),
        ("[a-c]x", "dx"),
        ("a.b", "aXb"),
        ("node_modules", "a/node_modules"),
    ] {
        assert!(!Glob::new(pattern).expect(pattern).matches(path), "{pattern} {path}");
    }
}

#[test]
fn what_builders_refuse() {
    for pattern in ["[", "a[", "[]a]", "[a", "[-]", "a\\", "[z-a]"] {
        assert!(Glob::new(pattern).is_err(), "{pattern}");
    }
    assert!(read("!\n").patterns[0].glob.is_err());
    assert!(!read("a\n[\n").is_usable() && read("a\n!b\n").is_usable());
}

#[test]
fn paths_are_tidied() {
    for (path, tidied) in [
        ("/a", "a"),
        ("a/", "a"),
        ("./a", "a"),
        ("a//b/.", "a/b"),
        ("a/../b", "b"),
        ("../a", "../a"),
        ("/", "/"),
        (".", "."),
        ("/../a", "a"),
    ] {
        assert_eq!(tidy(path), tidied, "{path}");
    }
}

#[test]
fn the_last_pattern_decides() {
    assert!(excludes(&["*", "!src"], "README.md"));
    assert!(!excludes(&["*", "!src"], "src/a/b.rs"));
    assert!(excludes(&["*", "!src", "src/secret"], "src/secret/key"));
    assert!(!excludes(&["a", "!a/b"], "a/b"), "a file can be taken back from a folder that is excluded");
    assert!(excludes(&["!a", "a"], "a"));
    assert!(!excludes(&[""], "a"));
    assert!(!excludes(&["*"], "."), "the context itself");
    let document = read("*\n!a\n*.md\n");
    assert_eq!(document.verdict("a"), Verdict::TakenBack(1));
    assert_eq!(document.verdict("b"), Verdict::Excluded(0));
    assert!(document.may_take_back_below("a", 0) || document.verdict("a") == Verdict::TakenBack(1));
}

#[test]
fn comments_blanks_and_marks() {
    let text = "\u{feff}# words\r\n  a/ \r\n\n #b\n!  c\n";
    let document = read(text);
    let list: Vec<(&str, &str, bool)> =
        document.patterns.iter().map(|one| (one.text, &*one.path, one.is_exception)).collect();
    assert_eq!(list, [("a/", "a", false), ("#b", "#b", false), ("!  c", "c", true)]);
    for pattern in &document.patterns {
        assert_eq!(&text[pattern.place.clone()], pattern.text);
    }
    assert!(read("\u{feff}node_modules").excludes("node_modules"));
}

#[test]
fn long_lists_and_paths_take_no_time() {
    let text = "**/a*a*a*b\n".repeat(2000);
    let document = read(&text);
    assert!(!document.excludes(&"a/".repeat(60)));
    assert!(Glob::new(&"*".repeat(5000)).is_err());
}
