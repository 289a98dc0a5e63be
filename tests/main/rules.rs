//! Every built-in rule: its file loads, its examples hold, its names are its own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use seaworthy::detect;
use seaworthy::inspect;
use seaworthy::relate;
use seaworthy::rule::Rule;
use seaworthy::rule::example::{self, Bench};
use seaworthy::rule::load::{self, Loaded};

pub(crate) fn all() -> Vec<Loaded> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut rules = load::folder(&folder).unwrap_or_else(|error| panic!("{error}"));
    for rule in &mut rules {
        let examples = &mut rule.file.examples;
        for one in examples.fails.iter_mut().chain(&mut examples.passes) {
            one.text = one.text.as_deref().map(|text| detect::fill(text, &rule.file.formats));
        }
    }
    rules
}

#[test]
fn every_example_holds() {
    let subjects = relate::subjects();
    let mut wrong = Vec::new();
    for rule in all() {
        let inspector = rule.id.split('/').next().and_then(inspect::by_name);
        let usual = inspector.map_or("file", |inspector| inspector.usual_name());
        let bench = Bench { usual_name: usual, fill: &|text| detect::fill(text, &rule.file.formats) };
        let examples = &rule.file.examples;
        let both = examples.fails.iter().map(|one| (one, true)).chain(examples.passes.iter().map(|one| (one, false)));
        for (one, should_fail) in both {
            let compiled = Rule::compile(&rule.id, &rule.file, &subjects, &|name| one.params.get(name).cloned());
            let compiled = compiled.unwrap_or_else(|mistakes| panic!("{}", rule.error(mistakes)));
            let outcome = example::run(&compiled, one, should_fail, &bench);
            if !outcome.is_good() {
                wrong.push(format!("{}: {}: {}{}", rule.path, outcome.name(), one.name, outcome.details()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_shows_what_it_reports_and_what_it_does_not() {
    let bare: Vec<String> = all()
        .iter()
        .filter(|rule| rule.file.formats.is_empty())
        .filter(|rule| rule.file.examples.fails.is_empty() || rule.file.examples.passes.is_empty())
        .map(|rule| rule.id.clone())
        .collect();
    assert!(bare.is_empty(), "without a failing or without a passing example: {bare:?}");
}

#[test]
fn every_failing_example_marks_its_places() {
    let marked = |one: &seaworthy::rule::file::Example| {
        one.text
            .iter()
            .chain(one.files.values())
            .chain(&one.policy)
            .any(|text| text.contains('«') && text.contains('»'))
    };
    let bare: Vec<String> = all()
        .iter()
        .flat_map(|rule| {
            rule.file.examples.fails.iter().filter(|one| !marked(one)).map(|one| format!("{}: {}", rule.id, one.name))
        })
        .collect();
    assert!(bare.is_empty(), "without « »: {bare:#?}");
}

#[test]
fn every_rule_belongs_to_the_inspector_of_its_folder() {
    for rule in all() {
        let folder = rule.id.split('/').next().unwrap_or_default();
        let is_known = inspect::by_name(folder).is_some() || folder == "policy";
        assert!(is_known, "{}: there is no inspector `{folder}`", rule.id);
        assert!(rule.file.subject.starts_with(&format!("{folder}.")), "{}: judges {}", rule.id, rule.file.subject);
    }
}

#[test]
fn titles_are_told_apart() {
    let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for rule in all() {
        let inspector = rule.id.split('/').next().unwrap_or_default().to_owned();
        titles.entry(format!("{inspector}: {}", rule.file.title)).or_default().push(rule.id);
    }
    titles.retain(|_, ids| ids.len() > 1);
    assert!(titles.is_empty(), "{titles:#?}");
}
