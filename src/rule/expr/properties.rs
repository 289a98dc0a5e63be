//! Whatever the text of a condition: no panic, and every place lies within the artefact.

use proptest::prelude::*;

use super::*;
use crate::fact::{Data, Value};
use crate::span::SourceId;
use crate::syntax::tree::Dialect;

const ARTEFACT: &str = "\
a: [1, two, {b: 3.5, c: null}]
b: {a: yes, 'ü': x, 7: [y, z]}
merged: &m {x: 1, y: 2}
user: {<<: *m, y: 3}
t: 2027-01-31T00:00:00Z
";

/// Compiles `text`, with and without the check, and asks everything of the program.
fn exercise(text: &str) {
    let tree = crate::syntax::read(SourceId(0), "a.yaml", ARTEFACT.into());
    let root = tree.documents(Dialect::Yaml11).next().expect("a document");
    let span = root.span();
    let values = [
        Value::node(root),
        Value::bare_list(vec![Value::bare(Data::Int(3)), Value::bare_list(vec![Value::bare(Data::Str("x".into()))])]),
        Value::unknown(Reason::Template("later".into()), span),
        Value::absent(span),
        Value::bare(Data::Int(1_800_000_000)),
    ];
    let field = |name: &str| (name.to_owned(), VarType::Field(Type::Dyn));
    let params = vec![("n".to_owned(), ParamType::Int), ("l".to_owned(), ParamType::StringList)];
    let variables = Variables {
        list: vec![
            field("a"),
            ("params".to_owned(), VarType::Params(params)),
            field("unknown"),
            field("absent"),
            ("now".to_owned(), VarType::Timestamp),
        ],
    };
    let scope = Scope { values: &values };
    let inside = |place: &Place| {
        let range = place.span.range();
        assert!(ARTEFACT.get(range).is_some(), "{text}: {place:?}");
    };
    for compiled in [compile(text, &variables), compile_unchecked(text, &variables)] {
        match compiled {
            Ok(program) => {
                let verdict = program.test(scope);
                assert_eq!(verdict, program.test(scope), "{text}");
                for witness in program.blame(scope) {
                    inside(&witness.primary);
                    witness.related.iter().for_each(inside);
                }
                program.place(scope).iter().for_each(inside);
                assert_eq!(program.text(scope), program.text(scope), "{text}");
                let _ = (program.literal(scope), program.result_type(), program.is_condition());
            }
            Err(mistakes) => {
                assert!(!mistakes.is_empty(), "{text}");
                for mistake in mistakes {
                    assert!(text.get(mistake.range.clone()).is_some(), "{text:?}: {mistake:?}");
                }
            }
        }
    }
}

fn leaf() -> impl Strategy<Value = String> {
    let texts = [
        "1",
        "-9223372036854775808",
        "2.5",
        "3u",
        "true",
        "false",
        "null",
        "'x'",
        "'ü'",
        "r'[a-z]+'",
        "b'\\x00'",
        "[]",
        "{}",
        "a",
        "a.a",
        "a.b",
        "a.user",
        "a.t",
        "a.merged.x",
        "params.n",
        "params.l",
        "unknown",
        "absent",
        "now",
        "x",
        "string",
        "optional.none()",
        "duration('1h')",
        "a.nothing",
        "a[?'b']",
        "9223372036854775807",
    ];
    proptest::sample::select(texts.to_vec()).prop_map(str::to_owned)
}

/// Conditions that parse; most do not type-check.
fn condition() -> impl Strategy<Value = String> {
    let shapes = [
        "($1 && $2)",
        "($1 || $2 || $3)",
        "!($1)",
        "-($1)",
        "($1 == $2)",
        "($1 != $2)",
        "($1 < $2)",
        "($1 >= $2)",
        "($1 in $2)",
        "($1 + $2)",
        "($1 - $2)",
        "($1 * $2)",
        "($1 / $2)",
        "($1 % $2)",
        "($1 ? $2 : $3)",
        "[$1, ?$2, $3]",
        "{$1: $2, 'k': $3}",
        "{?$1: $2}",
        "$1.a",
        "$1.?b.orValue($2)",
        "$1[$2]",
        "$1[?$2].hasValue()",
        "has($1.c)",
        "$1.all(x, $2)",
        "$1.exists(x, $2)",
        "$1.exists_one(x, $2)",
        "$1.filter(x, $2)",
        "$1.map(x, $2)",
        "$1.map(x, $2, $3)",
        "$1.exists(k, x, $2)",
        "$1.transformList(k, x, $2)",
        "size($1)",
        "string($1)",
        "int($1)",
        "$1.split($2)",
        "$1.replace($2, $3)",
        "$1.substring($2, $3)",
        "$1.indexOf($2)",
        "$1.lastIndexOf($2, $3)",
        "[$1, $2].join($3)",
        "'%s %d %.3f'.format([$1, $2, $3])",
        "$1.matches('^[a-z]*$')",
        "quantity($1)",
        "glob($1, $2)",
        "versionAtLeast($1, $2)",
        "timestamp($1)",
        "$1.getHours('Europe/Berlin')",
        "duration($1)",
        "optional.of($1).or($2).value()",
        "$1.optMap(x, $2)",
        "type($1)",
        "$1.charAt($2)",
        "ipIsPrivate($1)",
        "dyn($1)",
    ];
    leaf().prop_recursive(5, 40, 3, move |inner| {
        (proptest::sample::select(shapes.to_vec()), inner.clone(), inner.clone(), inner)
            .prop_map(|(shape, one, two, three)| shape.replace("$1", &one).replace("$2", &two).replace("$3", &three))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn well_formed_conditions_are_total(text in condition()) {
        exercise(&text);
    }

    #[test]
    fn any_text_is_total(text in "\\PC{0,40}") {
        exercise(&text);
    }

    #[test]
    fn any_tokens_are_total(tokens in proptest::collection::vec(proptest::sample::select(vec![
        "a", ".", ".?", "[", "[?", "]", "(", ")", "{", "}", ",", ":", "?", "&&", "||", "!", "-", "1", "2.5", "'x'", "\"\"\"",
        "in", "==", "<", "+", "has", "all", "x", "null", "`a-b`", " ", "\\", "r'", "0x", "1e", "b'\\777'", "'\\u00'", "ü", "//",
    ]), 0..24)) {
        exercise(&tokens.concat());
    }
}
