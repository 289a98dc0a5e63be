//! Every format, byte for byte, and against its schema.

use seaworthy::finding::{Safety, Severity};
use seaworthy::report::{EntryFix, Format, Report, Style, render};
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
        ("table-60.txt", Style { width: 60, ..Style::default() }),
    ];
    for (name, style) in cases {
        let path = format!("tests/fixtures/golden/report/full/{name}");
        golden::check(&path, rendered(&report, Format::Table, &style).as_bytes());
    }
}

#[test]
fn no_line_of_the_table_is_wider_than_the_terminal() {
    for width in [60, 80, 120] {
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

/// A report in which a finding has a fix.
fn mended() -> Report {
    let mut report = sample::report();
    let entry = report.findings.iter_mut().find(|entry| entry.is_open()).unwrap();
    let edits = vec![(entry.location.clone(), "text\n".to_owned()), (entry.location.clone(), String::new())];
    entry.fix = Some(EntryFix { description: "write it otherwise".into(), safety: Safety::Unsafe, edits });
    report
}

#[test]
fn fixes_are_in_reports() {
    let json = json(&mended(), Format::Json);
    let fixes: Vec<&Value> = json["findings"].as_array().unwrap().iter().map(|one| &one["fix"]).collect();
    let fix = fixes.into_iter().find(|fix| !fix.is_null()).unwrap();
    assert_eq!((&fix["safety"], &fix["edits"][0]["text"]), (&"unsafe".into(), &"text\n".into()));
    let validator = jsonschema::draft202012::new(&seaworthy::report::json_schema()).unwrap();
    assert!(validator.is_valid(&json));
    let table = rendered(&mended(), Format::Table, &Style::default());
    assert!(table.contains("1 finding can be mended with --fix --unsafe-fixes"), "{table}");
    assert!(!rendered(&sample::report(), Format::Table, &Style::default()).contains("--fix"));
}

#[test]
fn sarif_follows_its_schema() {
    let text = include_str!("../fixtures/sarif/sarif-2.1.0.schema.json");
    let mut schema: Value = serde_json::from_str(text).unwrap();
    // Two patterns of the schema are no regular expressions (a stray bracket).
    let definitions = &mut schema["definitions"];
    for (of, property) in [("run", "language"), ("toolComponent", "language")] {
        definitions[of]["properties"][property].as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let suppressed = Style { sarif_suppressions: true, ..Style::default() };
    for report in [sample::report(), sample::clean(), sample::at_least(Severity::High), mended()] {
        for style in [&Style::default(), &suppressed] {
            let value: Value = serde_json::from_str(&rendered(&report, Format::Sarif, style)).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new());
        }
    }
    let mut broken = json(&sample::report(), Format::Sarif);
    broken["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
    assert!(!validator.is_valid(&broken));
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let report = sample::report();
    let value = json(&report, Format::Sarif);
    assert_eq!(value["runs"].as_array().unwrap().len(), 1);
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), report.findings.iter().filter(|entry| entry.is_open()).count());
    for result in results {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[key].as_u64().unwrap() > 0);
        }
        assert!(result["partialFingerprints"]["seaworthy/v1"].is_string());
        assert!(result.get("suppressions").is_none());
    }
    for rule in rules {
        let security = rule["properties"]["tags"].as_array().unwrap().contains(&"security".into());
        assert_eq!(rule["properties"].get("security-severity").is_some(), security, "{}", rule["id"]);
        assert!(!rule["help"]["markdown"].as_str().unwrap().is_empty());
    }
    let hashed = |rule: &str| {
        let result = results.iter().find(|result| result["ruleId"] == rule).unwrap();
        result["partialFingerprints"].get("primaryLocationLineHash").is_some()
    };
    assert!(hashed("kubernetes/privileged"));
    assert!(!hashed("secrets/value-in-source") && !hashed("dockerfile/secret-in-env"));
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 2);
    let with = Style { sarif_suppressions: true, ..Style::default() };
    let with: Value = serde_json::from_str(&rendered(&report, Format::Sarif, &with)).unwrap();
    let suppressed = |result: &&Value| result.get("suppressions").is_some();
    assert_eq!(with["runs"][0]["results"].as_array().unwrap().iter().filter(suppressed).count(), 2);
}

#[test]
fn github_gets_no_more_annotations_than_it_shows() {
    let text = plain(&sample::report(), Format::Github);
    for command in ["::error ", "::warning ", "::notice "] {
        assert!(text.lines().filter(|line| line.starts_with(command)).count() <= 10);
    }
    assert!(text.lines().next().unwrap().contains("(critical)"));
    assert!(text.lines().last().unwrap().contains("findings not annotated here"));
}

#[test]
fn every_lost_point_stands_in_json() {
    let value = json(&sample::report(), Format::Json);
    let points =
        |list: &str| value[list].as_array().unwrap().iter().map(|one| one["points"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(points("findings") + points("unknown"), 100 - value["score"]["value"].as_u64().unwrap());
}

#[test]
fn a_format_shows_the_same_when_only_its_own_needs_are_met() {
    for format in Format::ALL {
        for verbose in [false, true] {
            let style = Style { verbose, ..Style::default() };
            let own = sample::needing(format.needs().verbosely(verbose));
            assert_eq!(rendered(&own, format, &style), rendered(&sample::report(), format, &style), "{format:?}");
        }
    }
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
fn quiet_is_the_verdict_alone() {
    let report = sample::report();
    let said = rendered(&report, Format::Table, &Style { quiet: true, ..Style::default() });
    assert!(said.contains("NO-GO") && plain(&report, Format::Table).ends_with(&said));
    assert!(
        report.findings.iter().all(|entry| !said.contains(&format!("{}:{}", entry.location.path, entry.location.line)))
    );
}

#[test]
fn a_minimum_severity_hides_and_says_so() {
    let report = sample::at_least(Severity::High);
    assert!(report.findings.iter().all(|entry| entry.severity >= Severity::High));
    assert_eq!(report.score, sample::report().score);
    assert_eq!(report.hidden, sample::report().findings.len() - report.findings.len());
    assert!(plain(&report, Format::Table).contains(&format!("{} milder findings not shown", report.hidden)));
    assert!(!plain(&report, Format::Sarif).contains("memory-unlimited"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_text_every_format_can_be_written(
        text in "(?s).{0,80}|([\\x00-\\x7f]{0,60}\n){0,6}|\\PC{0,400}",
        places in proptest::collection::vec((0..500_usize, 0..90_usize), 1..6),
        width in 0..200_usize,
    ) {
        let report = sample::of(&text, &places);
        let style = Style { width, color: width % 2 == 0, verbose: width % 3 == 0, ..Style::default() };
        for format in Format::ALL {
            let once = rendered(&report, format, &style);
            proptest::prop_assert_eq!(&once, &rendered(&report, format, &style));
            proptest::prop_assert!(format != Format::Table || style.color || !once.contains('\x1b'));
        }
        for line in rendered(&report, Format::Table, &Style { width, ..Style::default() }).lines() {
            proptest::prop_assert!(unicode_width::UnicodeWidthStr::width(line) <= width.max(60), "{}", line);
        }
    }
}
