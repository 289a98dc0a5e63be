use proptest::prelude::*;

use super::*;
use crate::fact::Role;
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(text: &str) -> Source {
    Source::new(SourceId(0), Origin::File("f".into()), Encoding::Utf8, Role::Production, text)
}

fn hiding(secrets: &[Range<usize>]) -> Masker<'static> {
    let secrets = secrets.to_vec();
    Masker::new(1, move |_| secrets.clone())
}

#[test]
fn other_texts_repeat_no_secret_of_a_source() {
    let source = source("banner: hunter22hunter22\nshort: ab12\n");
    let masker = Masker::new(1, |source| {
        ["hunter22hunter22", "ab12"]
            .iter()
            .filter_map(|word| Some((source.text().find(word)?, word.len())))
            .map(|(at, n)| at..at + n)
            .collect()
    });
    let hidden = masker.hide(&source, "it says `hunter22hunter22` and cab12s\x1b[31m");
    assert_eq!(hidden, "it says `********` and cab12s\u{241b}[31m");
}

#[test]
fn secrets_are_masked_and_marks_move_with_them() {
    let text = "a: 1\nkey: hunter2 # no\n";
    let source = source(text);
    let masker = hiding(std::slice::from_ref(&(10..17)));
    assert_eq!(masker.quote(&source, source.whole()), "a: 1\nkey: ******** # no\n");
    let quoted = masker.line(&source, 2, &[10..17, 18..22, 5..8]).unwrap();
    assert_eq!(quoted.text, "key: ******** # no");
    assert_eq!(quoted.marks, [5..13, 14..18, 0..3]);
    assert!(!quoted.cut_before && !quoted.cut_after);
    assert_eq!(masker.line(&source, 9, &[]), None);
}

#[test]
fn a_part_of_a_secret_is_masked_too() {
    let source = source("hunter2");
    assert_eq!(hiding(std::slice::from_ref(&(0..7))).quote(&source, Span::new(SourceId(0), 3..5)), MASK);
}

#[test]
fn a_secret_over_several_lines_keeps_its_line_breaks() {
    let source = source("-----\nAAAA\nBBBB\n-----");
    let masker = hiding(std::slice::from_ref(&(6..15)));
    assert_eq!(masker.quote(&source, source.whole()), "-----\n********\n********\n-----");
    assert_eq!(masker.line(&source, 3, &[]).unwrap().text, MASK);
}

#[test]
fn what_acts_on_a_terminal_is_made_visible() {
    let source = source("a\x1b[31m\tb\u{202e}c");
    assert_eq!(hiding(&[]).line(&source, 1, &[]).unwrap().text, "a\u{241b}[31m\tb\u{fffd}c");
    assert_eq!(harmless("a\n\x07"), "a\u{240a}\u{2407}");
}

#[test]
fn a_long_line_is_cut_around_the_mark() {
    let text = format!("{}HERE{}", "ä".repeat(5000), "ö".repeat(5000));
    let source = source(&text);
    let at = 10_000;
    let quoted = hiding(&[]).line(&source, 1, std::slice::from_ref(&(at..at + 4))).unwrap();
    assert!(quoted.cut_before && quoted.cut_after);
    assert_eq!(quoted.text.chars().count(), WIDEST);
    let mark = quoted.marks[0].clone();
    assert_eq!(quoted.text.chars().skip(mark.start).take(mark.len()).collect::<String>(), "HERE");
}

proptest! {
    #[test]
    fn no_character_of_a_secret_is_shown(text in "[a-z\n ]{0,60}", parts in prop::collection::vec((0..60_usize, 0..20_usize), 0..4), from in 0..60_usize, len in 0..60_usize) {
        // A secret is written in capitals, so that it can be told from the rest.
        let mut bytes = text.into_bytes();
        let mut secrets = Vec::new();
        for (start, len) in parts {
            let end = (start + len).min(bytes.len());
            if start < end {
                bytes[start..end].make_ascii_uppercase();
                secrets.push(start..end);
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        let source = source(&text);
        let masker = hiding(&secrets);
        let shown = masker.quote(&source, Span::new(SourceId(0), from..from + len));
        prop_assert!(!shown.contains(char::is_uppercase), "{shown}");
        for line in 1..=source.lines().len() as u32 {
            let quoted = masker.line(&source, line, std::slice::from_ref(&(from..from + len))).unwrap();
            prop_assert!(!quoted.text.contains(char::is_uppercase));
            let points = quoted.text.chars().count();
            prop_assert!(quoted.marks.iter().all(|mark| mark.start <= mark.end && mark.end <= points));
        }
    }

    #[test]
    fn whatever_the_text_and_the_ranges_no_panic(text in any::<String>(), a in any::<u16>(), b in any::<u16>()) {
        let source = source(&text);
        let range = usize::from(a) % 40..usize::from(b) % 40;
        let masker = hiding(std::slice::from_ref(&range));
        masker.quote(&source, Span { source: SourceId(0), start: u32::from(a), end: u32::from(b) });
        for line in 0..=source.lines().len() as u32 {
            masker.line(&source, line, std::slice::from_ref(&range));
        }
        masker.line_hashes(&source, &(0..9).collect());
    }
}
