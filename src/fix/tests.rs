use super::*;
use crate::span::{SourceId, Span};

fn edit(range: Range<usize>, text: &str) -> Edit {
    Edit { span: Span::new(SourceId(0), range), text: text.into() }
}

#[test]
fn edits_are_applied_in_their_order() {
    assert_eq!(apply("abcdef", &[edit(0..1, "x"), edit(2..2, "--"), edit(5..6, "")]).as_deref(), Some("xb--cde"));
    assert_eq!(apply("ä", &[edit(1..2, "")]), None);
    assert_eq!(apply("a", &[edit(0..3, "")]), None);
}

#[test]
fn places_move_with_the_edits() {
    let moved = Moved::by(&[edit(0..1, "xyz"), edit(4..6, ""), edit(8..8, "!")]);
    assert_eq!(moved.place(0..1), 0..3);
    assert_eq!(moved.place(2..3), 4..5);
    assert_eq!(moved.place(4..6), 6..6);
    assert_eq!(moved.place(7..9), 7..10);
    assert_eq!(moved.place(9..10), 10..11);
}

#[test]
fn what_is_not_touched_has_to_stay() {
    let piece = |range, what: &str| Piece::new(range, what);
    let before = [piece(0..4, "FROM"), piece(5..6, "a"), piece(7..10, "RUN")];
    let edits = [edit(5..6, "bb")];
    let good = [piece(0..4, "FROM"), piece(5..7, "bb"), piece(8..11, "RUN")];
    assert!(only_there(&before, &good, &edits));
    let other = [piece(0..4, "FROM"), piece(5..7, "bb"), piece(8..11, "COPY")];
    assert!(!only_there(&before, &other, &edits));
    assert!(!only_there(&before, &good[..2], &edits));
    let more = [piece(0..4, "FROM"), piece(5..7, "bb"), piece(8..11, "RUN"), piece(11..12, "x")];
    assert!(!only_there(&before, &more, &edits));
    let sealed = [piece(0..4, "FROM"), Piece::sealed(5..6, "a"), piece(7..10, "RUN")];
    assert!(!only_there(&sealed, &good, &edits));
}

fn side<'t>(text: &'t str, secret: &str) -> diff::Side<'t> {
    diff::Side { text, shown: text.split_inclusive('\n').map(|line| line.replace(secret, "********")).collect() }
}

fn diff(before: &str, after: &str) -> String {
    diff::unified("d/F", &side(before, "\0"), &side(after, "\0"))
}

#[test]
fn diffs_read_as_git_writes_them() {
    let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
    let after = before.replace("5\n", "five\n").replace("13\n", "");
    assert_eq!(
        diff(before, &after),
        "diff --git a/d/F b/d/F\n--- a/d/F\n+++ b/d/F\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -10,4 +10,3 @@\n 10\n 11\n 12\n-13\n"
    );
    assert_eq!(diff("a\n", "a\n"), "");
    assert!(
        diff("a", "b")
            .ends_with("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n")
    );
    assert!(diff("a\r\nb\r\n", "a\r\nc\r\n").contains("-b\r\n+c\r\n"));
}

#[test]
fn lines_that_may_not_be_shown_are_left_out_of_the_context() {
    let (before, after) = ("a\nhunter2\nb\nc\nd\n", "a\nhunter2\nb\nx\nd\n");
    let text = diff::unified("F", &side(before, "hunter2"), &side(after, "hunter2"));
    assert!(text.ends_with("@@ -3,3 +3,3 @@\n b\n-c\n+x\n d\n"), "{text}");
}

#[test]
fn a_change_of_a_line_that_may_not_be_shown_is_only_told() {
    let before = "K hunter2\n1\n2\n3\n4\n5\n6\n7\na\n";
    let after = "K=hunter2\nnew\n1\n2\n3\n4\n5\n6\n7\nb\n";
    let text = diff::unified("F", &side(before, "hunter2"), &side(after, "hunter2"));
    let (told, patch) = text.split_once('\n').expect("two parts");
    assert_eq!(told, "# F:1: not shown, because of a secret; --fix changes it");
    assert!(patch.ends_with("+++ b/F\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-a\n+b\n"), "{patch}");
}

#[test]
fn long_texts_are_compared_nearby() {
    let before: String = (0..6000).map(|n| format!("{n}\n")).collect();
    let after = before.replace("\n10\n", "\nten\nmore\n").replace("\n5990\n", "\n");
    let text = diff(&before, &after);
    assert!(text.ends_with("@@ -5988,7 +5989,6 @@\n 5987\n 5988\n 5989\n-5990\n 5991\n 5992\n 5993\n"), "{text}");
    assert_eq!(text.lines().count(), 3 + 10 + 8, "{text}");
}

#[test]
fn odd_paths_are_quoted() {
    let text = diff::unified("a b/ä\"", &side("a\n", "\0"), &side("b\n", "\0"));
    assert!(text.starts_with("diff --git \"a/a b/\\303\\244\\\"\" "), "{text}");
}
