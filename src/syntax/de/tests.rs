use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::span::SourceId;
use crate::syntax::tree::Dialect;
use crate::syntax::yaml;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    name: String,
    severity: Spanned<Severity>,
    min_score: Option<u8>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, String>,
    #[serde(default)]
    waivers: Vec<Waiver>,
    #[serde(default)]
    gate: Gate,
    pair: Option<(u8, u8)>,
    #[serde(default)]
    any: Option<Any>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    High,
    Low,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiver {
    rule: Spanned<String>,
    reason: String,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Gate {
    #[default]
    None,
    At(u8),
    Between {
        low: f64,
        high: f64,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Any {
    Flag(bool),
    Number(i64),
    Text(String),
    List(Vec<String>),
}

fn read<T: for<'t> Deserialize<'t>>(text: &str) -> Result<T, Vec<(String, String, Option<String>)>> {
    let tree = yaml::read(SourceId(3), text.into());
    let root = tree.documents(Dialect::Core).next().expect("a document");
    from_node(root).map_err(|mistakes: Vec<DeError>| {
        let shown = |mistake: DeError| (text[mistake.span.range()].to_owned(), mistake.message, mistake.help);
        mistakes.into_iter().map(shown).collect()
    })
}

#[track_caller]
fn assert_mistakes(text: &str, expected: &[(&str, &str, &str)]) {
    let found = read::<Policy>(text).expect_err("mistakes");
    let found: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|(place, message, help)| (place.as_str(), message.as_str(), help.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn plain_types_with_places() {
    let text = "name: x\nseverity: high\nmin-score: 80\nroles: {dev/**: development}\n\
                waivers:\n- &w {rule: a/b, reason: \"1\"}\n- {<<: *w, reason: \"2\"}\npair: [1, 2]\nany: 7\n";
    let policy: Policy = read(text).expect("a policy");
    assert_eq!(policy.severity.value, Severity::High);
    assert_eq!(policy.severity.span.source, SourceId(3));
    assert_eq!(&text[policy.severity.span.range()], "high");
    assert_eq!(policy.min_score, Some(80));
    let (key, role) = policy.roles.first_key_value().expect("a role");
    assert_eq!((&*key.value, &text[key.span.range()], &**role), ("dev/**", "dev/**", "development"));
    let waivers: Vec<_> = policy.waivers.iter().map(|w| (w.rule.as_str(), w.reason.as_str())).collect();
    assert_eq!(waivers, [("a/b", "1"), ("a/b", "2")]);
    assert_eq!((policy.gate, policy.pair, policy.any), (Gate::None, Some((1, 2)), Some(Any::Number(7))));
}

#[test]
fn choices() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Gates {
        gates: Vec<Gate>,
    }
    let gates: Gates = read("gates: [none, {none: }, {at: 3}, {between: {low: 1, high: 2.5}}]").expect("gates");
    let between = Gate::Between { low: 1.0, high: 2.5 };
    assert_eq!(gates.gates, [Gate::None, Gate::None, Gate::At(3), between]);
    let mistakes = read::<Gates>("gates: [att, at, {none: 1}, {at: x}, {at: 1, none: 2}, [], {between: {low: a}}]");
    let places: Vec<String> = mistakes.expect_err("mistakes").into_iter().map(|mistake| mistake.0).collect();
    assert_eq!(places, ["att", "at", "1", "x", "{at: 1, none: 2}", "[]", "a"]);
}

#[test]
fn all_mistakes_at_once() {
    assert_mistakes(
        "name: 1.10\nserverity: high\nmin-score: -1\nwaivers:\n- {rule: a, reason: b, until: c}\n- {rule: [], reason: 2}\n\
         - {rule: x}\nroles: [a]\ngate: {at: 300}\ncolour: red\npair: [1]\n",
        &[
            ("1.10", "expected text, found the number 1.1", "put it in quotes"),
            ("serverity", "unknown key `serverity`", "did you mean `severity`?"),
            ("-1", "expected a whole number that is not negative, found the number -1", ""),
            ("until", "unknown key `until`", "known: `rule`, `reason`"),
            ("[]", "expected text, found a list", ""),
            ("2", "expected text, found the number 2", "put it in quotes"),
            ("rule", "the key `reason` is missing", ""),
            ("[a]", "expected a mapping, found a list", ""),
            ("300", "expected a whole number that is not negative, found the number 300", ""),
            (
                "colour",
                "unknown key `colour`",
                "known: `name`, `severity`, `min-score`, `roles`, `waivers`, `gate`, `pair`, `any`",
            ),
            ("[1]", "expected a list, found 1 items", ""),
        ],
    );
}

#[test]
fn missing_and_duplicate_keys() {
    assert_mistakes("severity: low", &[("severity", "the key `name` is missing", "")]);
    assert_mistakes(
        "name: a\nname: b\nseverity: lo\n",
        &[
            ("name", "this key is given twice", "keep one of the two"),
            ("lo", "unknown value `lo`", "did you mean `low`?"),
        ],
    );
    assert_mistakes("name: a\nseverity: x\n", &[("x", "unknown value `x`", "known: `high`, `low`")]);
    assert_mistakes("- a\n", &[("- a", "expected a mapping, found a list", "")]);
    assert_mistakes("name:\nseverity: low", &[("", "expected text, found nothing", "")]);
}

#[test]
fn mistakes_end() {
    let many: String = (0..500).map(|n| format!("key{n}: 1\n")).collect();
    assert_eq!(read::<Policy>(&many).expect_err("mistakes").len(), MAX_MISTAKES);
    let deep = format!("any: {}", "[".repeat(200) + &"]".repeat(200));
    assert!(read::<Policy>(&format!("name: a\nseverity: low\n{deep}")).is_err());
}

#[test]
fn keys_that_are_no_text() {
    let found: BTreeMap<String, u8> = read("1.10: 1\ntrue: 2\n").expect("a map");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["1.10", "true"]);
    let found: BTreeMap<u16, bool> = read("80: true\n443: false\n").expect("a map");
    assert_eq!(found.keys().collect::<Vec<_>>(), [&80, &443]);
    assert!(read::<BTreeMap<String, u8>>("{[a]: 1}").is_err());
}

#[test]
fn spanned_needs_the_tree() {
    assert!(serde_json::from_str::<Spanned<u8>>("1").is_err());
    let span = Span::new(SourceId(0), 1..2);
    assert_eq!(serde_json::to_string(&Spanned::new("x", span).map(str::len)).expect("json"), "1");
}
