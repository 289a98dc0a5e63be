use std::sync::OnceLock;

use super::super::{record_tests as records, sample, sample_text};
use super::*;

fn all() -> &'static [(Arc<str>, FormatRecord)] {
    static ALL: OnceLock<Vec<(Arc<str>, FormatRecord)>> = OnceLock::new();
    ALL.get_or_init(records::all)
}

fn record(name: &str) -> &'static FormatRecord {
    all().iter().map(|(_, record)| record).find(|record| record.name == name).expect("record")
}

fn formats() -> &'static Formats {
    static FORMATS: OnceLock<Formats> = OnceLock::new();
    FORMATS.get_or_init(|| {
        let (formats, errors) = Formats::new(all().iter().cloned());
        assert_eq!(errors, [] as [String; 0]);
        formats
    })
}

#[test]
fn every_record_is_valid_and_has_a_name_of_its_own() {
    assert!(all().len() >= 150, "{}", all().len());
    let mut names: Vec<&str> = all().iter().map(|(_, record)| record.name.as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    for (rule, record) in all() {
        assert_eq!(validate(record), Ok(()), "{rule} {}", record.name);
    }
}

#[test]
fn every_sample_is_found() {
    for (rule, record) in all() {
        for seed in 0..5 {
            let text = sample_text(record, seed);
            let hits = formats().find(&text);
            assert!(hits.iter().any(|hit| hit.rule == *rule), "{} seed {seed}: {text} gave {hits:?}", record.name);
            if record.shape.is_some() {
                let value = sample(record, seed);
                assert!(hits.iter().any(|hit| text[hit.range.clone()] == value), "{}: {text}", record.name);
            }
        }
    }
}

/// A value that is one character short or long, and one whose checksum is wrong, is not that format.
#[test]
fn no_broken_sample_is_found() {
    for (_, record) in all().iter().filter(|(_, record)| record.shape.is_some()) {
        let value = sample(record, 3);
        let text = sample_text(record, 3);
        let mut broken = Vec::new();
        let shape = Shape::parse(record.shape.as_deref().unwrap_or_default()).expect("shape");
        if shape.parts.iter().all(|part| !matches!(part, Part::Run { min, max, .. } if min != max)) {
            broken.push(value[..value.len() - 1].to_owned());
            broken.extend(shape.last_charset().map(|_| value.clone() + "9Za9Za"));
        }
        if record.checksum.is_some() {
            broken.push(with_a_misprint(&value));
        }
        for value_now in broken {
            let text = text.replace(&value, &value_now);
            let hits = formats().find(&text);
            let same = hits.iter().any(|hit| *hit.format == *record.name && text[hit.range.clone()] == value_now);
            assert!(!same, "{}: {text}", record.name);
        }
    }
}

/// One character in the middle exchanged: every checksum covers it.
fn with_a_misprint(value: &str) -> String {
    let at = value.len() / 2;
    let other = if &value[at..=at] == "2" { "3" } else { "2" };
    format!("{}{other}{}", &value[..at], &value[at + 1..])
}

#[test]
fn a_wrong_checksum_is_doubtful_and_masked() {
    let text = with_a_misprint(&sample(record("github-pat-classic"), 1));
    assert_eq!(formats().find(&text), []);
    let hits = formats().find_all(&text);
    assert_eq!(hits.iter().map(|hit| hit.certainty).collect::<Vec<_>>(), [Certainty::Doubtful]);
}

#[test]
fn published_examples_are_silent() {
    for text in [
        concat!("AKIA", "IOSFODNN7EXAMPLE"),
        concat!("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"),
        concat!("ghp_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        concat!("sk_live_", "abcdefghijklmnopqrstuvwx"),
        concat!("glpat-", "xxxxxxxxxxxxxxxxxxxx"),
        concat!("xoxb-", "123456789012-1234567890123-abcdefghijklmnopqrstuvwx"),
        concat!(
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/",
            "KBHBeksoGMGw=="
        ),
        concat!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5",
            "MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        ),
    ] {
        assert_eq!(formats().find(text), [], "{text}");
    }
}

#[test]
fn words_around_a_value() {
    let value = sample(record("github-pat-classic"), 9);
    for (before, after, found) in [
        ("", "", true),
        ("https://x:", "@github.com/a/b", true),
        ("\\n", "\\n", true),
        ("%22", "%22", true),
        ("a", "", false),
        ("", "a", false),
        ("_", "", false),
    ] {
        let text = format!("{before}{value}{after}");
        assert_eq!(!formats().find(&text).is_empty(), found, "{text}");
    }
}

#[test]
fn one_value_is_one_hit() {
    for (_, record) in all() {
        let text = sample_text(record, 11);
        let hits = formats().find_all(&text);
        assert!(hits.windows(2).all(|two| two[0].range.end <= two[1].range.start), "{text} {hits:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC{0,200}", seed in 0u64..100, cut in 0usize..300) {
        let (_, record) = &all()[(seed as usize * 7) % all().len()];
        let mixed = format!("{}{text}{}", sample_text(record, seed), sample(record, seed + 1));
        let cut = super::floor(&mixed, cut);
        for part in [&mixed[..cut], &mixed[cut..], &mixed] {
            for hit in formats().find_all(part) {
                proptest::prop_assert!(part.get(hit.range).is_some());
            }
        }
    }
}
