//! The core files of the conformance suite of cel-spec. The cases lie beside the project (`../shared`), not in it; when
//! they are not there, the test says so and passes.

use std::path::Path;

use seaworthy::fact::{Data, Type, Value};
use seaworthy::rule::expr::{Program, Scope, VarType, Variables, compile, compile_unchecked};
use serde_json::Value as Json;

/// Files of which every case must pass.
const CORE: [&str; 14] = [
    "basic",
    "comparisons",
    "conversions",
    "fields",
    "fp_math",
    "integer_math",
    "lists",
    "logic",
    "macros",
    "optionals",
    "parse",
    "plumbing",
    "string",
    "timestamps",
];

/// The extension functions are all offered, so all their cases must pass too.
const EXTENSIONS: &str = "string_ext";

#[test]
fn the_core_of_cel_conforms() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cel-spec/conformance.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("note: {} is not there, so conformance was not tested", path.display());
        return;
    };
    let (mut core, mut extensions, mut failures) = (0, 0, Vec::new());
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).expect("a case is JSON");
        match case["file"].as_str().unwrap_or("") {
            file if CORE.contains(&file) => core += 1,
            EXTENSIONS => extensions += 1,
            _ => continue,
        }
        if let Err(why) = run(&case) {
            failures.push(format!("{}/{} {}: {why}", case["file"], case["section"], case["expr"]));
        }
    }
    assert!(failures.is_empty(), "{} of {} cases fail:\n{}", failures.len(), core + extensions, failures.join("\n"));
    assert_eq!((core, extensions), (1106, 198), "the suite has changed");
}

/// Runs one case: what differs from the expectation, if anything does.
fn run(case: &Json) -> Result<(), String> {
    let text = case["expr"].as_str().unwrap_or("");
    let (variables, values) = bindings(&case["bindings"]);
    let unchecked = case["disableCheck"].as_bool() == Some(true);
    let compiled = if unchecked { compile_unchecked(text, &variables) } else { compile(text, &variables) };
    let scope = Scope { values: &values };
    let found = match compiled {
        Ok(program) => literal(&program, scope),
        Err(mistakes) if unchecked => Err(format!("{mistakes:?}")),
        Err(mistakes) => return Err(format!("does not compile: {mistakes:?}")),
    };
    // A case without a value is a predicate that must hold.
    let expected = case.get("value").map_or_else(|| "true".to_owned(), written);
    match (case.get("evalError").is_some(), found) {
        (true, Err(_)) => Ok(()),
        (true, Ok(found)) => Err(format!("is {found}, but must fail")),
        (false, Ok(found)) if found == expected => Ok(()),
        // The suite's own form tells the zeros apart; JSON has lost the sign.
        (false, Ok(found)) if found == "-0.0" && expected == "0.0" => Ok(()),
        (false, found) => Err(format!("is {found:?}, but must be {expected}")),
    }
}

fn literal(program: &Program, scope: Scope<'_, '_>) -> Result<String, String> {
    program.literal(scope).map_err(|reason| reason.to_string())
}

fn bindings(json: &Json) -> (Variables, Vec<Value<'static>>) {
    let (mut variables, mut values) = (Variables::default(), Vec::new());
    for (name, binding) in json.as_object().into_iter().flatten() {
        let value = &binding["value"];
        let data = match value["int64Value"].as_str() {
            Some(int) => Data::Int(int.parse().expect("an integer")),
            None if value.get("nullValue").is_some() => Data::Null,
            None => panic!("the suite binds something new: {value}"),
        };
        variables.list.push((name.clone(), VarType::Field(Type::Dyn)));
        values.push(Value::bare(data));
    }
    (variables, values)
}

/// A typed value of the suite as the literal that [`Program::literal`] writes.
fn written(json: &Json) -> String {
    let (kind, value) = json.as_object().and_then(|object| object.iter().next()).expect("a typed value");
    let items = |key: &str| value[key].as_array().cloned().unwrap_or_default();
    match kind.as_str() {
        "nullValue" => "null".to_owned(),
        "boolValue" => value.to_string(),
        "int64Value" | "typeValue" => value.as_str().unwrap_or("").to_owned(),
        "uint64Value" => format!("{}u", value.as_str().unwrap_or("")),
        "doubleValue" => match value.as_f64() {
            Some(double) => format!("{double:?}"),
            None => value.as_str().unwrap_or("").to_owned(),
        },
        "stringValue" => quoted(value.as_str().unwrap_or("")),
        "bytesValue" => {
            let escaped: String =
                base64(value.as_str().unwrap_or("")).iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b\"{escaped}\"")
        }
        "listValue" => format!("[{}]", items("values").iter().map(written).collect::<Vec<_>>().join(", ")),
        "mapValue" => {
            let entries = items("entries");
            let mut entries: Vec<String> = entries
                .iter()
                .map(|entry| format!("{}: {}", written(&entry["key"]), written(&entry["value"])))
                .collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        other => panic!("the suite has a new kind of value: {other}"),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out + "\""
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        let digit = DIGITS.iter().position(|digit| *digit == byte).expect("a digit of base64");
        buffer = buffer << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    out
}
