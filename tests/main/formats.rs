//! Every format, byte for byte, and against its schema.

use seaworthy::finding::Severity;
use seaworthy::report::{Format, Report, Style, render};
use serde_json::Value;

use super::golden;

mod sample;

fn rendered(report: &Report, format: Format, style: &Style) -> String {
    let mut bytes = Vec::new();
    render(report, format, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn plain(report: &Report, format: Format) -> String {
    rendered(report, format, &Style::default())
}

fn json(report: &Report, format: Format) -> Value {
    serde_json::from_str(&plain(report, format)).unwrap()
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Table => "table.txt",
        Format::Json => "report.json",
        Format::Sarif => "report.sarif",
        Format::Markdown => "report.md",
        Format::Html => "report.html",
        Format::Junit => "junit.xml",
        Format::Github => "github.txt",
        Format::Gitlab => "gitlab.json",
    }
}

#[test]
fn every_format_byte_for_byte() {
    for format in Format::ALL {
        for (folder, report) in [("full", sample::report()), ("clean", sample::clean())] {
            let path = format!("tests/fixtures/golden/report/{folder}/{}", name(format));
            golden::check(&path, plain(&report, format).as_bytes());
        }
    }
}

#[test]
fn the_table_in_other_widths_and_colours() {
    let report = sample::report();
    let style = Style {
        width: 140,
        color: true,
        links: true,
        root: "/home/me/shop".into(),
        cwd: "/home/me/shop/deploy".into(),
        ..Style::default()
    };
    let cases = [
        ("table-color-140.txt", style.clone()),
        ("table-color-80.txt", Style { width: 80, ..style }),
        ("table-verbose.txt", Style { verbose: true, ..Style::default() }),
        ("table-50.txt", Style { width: 50, ..Style::default() }),
    ];
    for (name, style) in cases {
        let path = format!("tests/fixtures/golden/report/full/{name}");
        golden::check(&path, rendered(&report, Format::Table, &style).as_bytes());
    }
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    for width in [40, 50, 80, 120] {
        let table = rendered(&sample::report(), Format::Table, &Style { width, ..Style::default() });
        for line in table.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn json_follows_its_schema() {
    let schema = seaworthy::report::json_schema();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for report in [sample::report(), sample::clean(), sample::at_least(Severity::High)] {
        let value = json(&report, Format::Json);
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let mut broken = json(&sample::report(), Format::Json);
    broken["findings"][0]["location"]["line"] = 0.into();
    assert!(!validator.is_valid(&broken));
}

#[test]
fn every_lost_point_stands_in_json() {
    let value = json(&sample::report(), Format::Json);
    let points = |list: &str| value[list].as_array().unwrap().iter().map(|one| one["points"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(points("findings") + points("unknown"), 100 - value["score"]["value"].as_u64().unwrap());
}

#[test]
fn no_format_shows_the_secret() {
    let report = sample::report();
    let tail = &sample::TOKEN[6..];
    let verbose = Style { verbose: true, sarif_suppressions: true, ..Style::default() };
    for format in Format::ALL {
        let text = rendered(&report, format, &verbose);
        for at in 0..tail.len() - 6 {
            assert!(!text.contains(&tail[at..at + 6]), "{format:?} shows {}", &tail[at..at + 6]);
        }
    }
}

#[test]
fn a_minimum_severity_hides_and_says_so() {
    let report = sample::at_least(Severity::High);
    assert!(report.findings.iter().all(|entry| entry.severity >= Severity::High));
    assert_eq!(report.score, sample::report().score);
    assert!(plain(&report, Format::Table).contains("16 milder findings not shown"));
    assert!(!plain(&report, Format::Sarif).contains("memory-unlimited"));
}
