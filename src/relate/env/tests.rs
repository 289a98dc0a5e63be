//! What the relations say of small sets.

use super::*;
use crate::fact::{Data, Value};
use crate::relate::demand::{Demand, Demands, Variable, VariableType};
use crate::source::{Encoding, Inventory, Origin, role_of_path};
use crate::span::{SourceId, Span};

/// Facts over some files, as `subject path field=value`.
fn facts(files: &[(&str, &str)], demands: &Demands, subject: &str, fields: &[&str]) -> Vec<String> {
    let sources: Vec<Source> = (0u32..)
        .zip(files)
        .map(|(id, (path, text))| {
            Source::new(SourceId(id), Origin::File((*path).into()), Encoding::Utf8, role_of_path(path).0, *text)
        })
        .collect();
    let claims: Vec<_> = sources.iter().map(|one| crate::inspect::claimants(one.path(), one.text())).collect();
    let inspected = crate::inspect::all(&sources, &claims);
    let inventory = Inventory::of_texts(files.iter().copied());
    let around = Around { inventory: &inventory, demands };
    let mut lines = Vec::new();
    for fact in Env.relate(&sources, &inspected.facts, around).iter().filter(|fact| fact.subject().name == subject) {
        let shown = |field: &&str| match fact.record.get(field).map(|value: &Value<'_>| &value.data) {
            Some(Data::Bool(value)) => value.to_string(),
            Some(Data::Str(value)) => value.to_string(),
            other => format!("{other:?}"),
        };
        lines.push(fields.iter().map(shown).collect::<Vec<_>>().join(" "));
    }
    lines
}

fn demand(name: &str, ty: VariableType) -> Demand {
    let span = Span::new(SourceId(0), 0..0);
    Demand { name: name.into(), variable: Variable { ty, required: true, ..Variable::default() }, span }
}

#[test]
fn variables_are_found_wherever_they_are_set() {
    let list = ["A", "B", "C", "D", "E", "F"].map(|name| demand(name, VariableType::String)).into();
    let demands = Demands { environment: Some("production".into()), list, ..Demands::default() };
    let files = [
        ("Dockerfile", "FROM a:1\nENV A=1\n"),
        ("compose.yaml", "services: {x: {image: a, environment: [B=1]}}\n"),
        ("pod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {C: y}\n"),
        (".env", "D=1\n"),
        (".env.staging", "E=1\n"),
        (".env.example", "F=1\n"),
    ];
    let found = facts(&files, &demands, "env.requirement", &["name", "is_set"]);
    assert_eq!(found, ["A true", "B true", "C true", "D true", "E false", "F false"]);
}

#[test]
fn values_are_judged_where_they_stand() {
    let demands = Demands { list: vec![demand("PORT", VariableType::Port)], ..Demands::default() };
    let files = [("a/.env", "PORT=0\nDB_PORT=70000\n"), ("b/.env", "PORT=${P}\n")];
    let found = facts(&files, &demands, "env.given", &["name", "problem", "is_demanded"]);
    assert_eq!(found, ["PORT port true", "DB_PORT port false", "PORT  true"]);
}

#[test]
fn an_example_and_its_file_are_compared_both_ways() {
    let files = [(".env", "A=1\nDATABSE_URL=x\nC=1\n"), (".env.example", "A=\nDATABASE_URL=\n# C=\n")];
    let found = facts(&files, &Demands::default(), "env.counterpart", &["key", "relation", "is_in_other", "similar"]);
    assert_eq!(
        found,
        [
            "A example true ",
            "DATABASE_URL example false DATABSE_URL",
            "A filled true ",
            "DATABSE_URL filled false DATABASE_URL",
            "C filled true ",
        ]
    );
}

#[test]
fn where_a_file_goes() {
    let files = [
        (".env", "API_TOKEN=k9Vt2rXq7Lp4\n"),
        (".gitignore", "x\n"),
        ("b/.env.example", "A=\n"),
        ("b/.gitignore", ".env\n"),
    ];
    let fields = ["name", "is_tracked", "holds_secrets", "is_ignored"];
    let found = facts(&files, &Demands::default(), "env.placement", &fields);
    assert_eq!(found, [".env true true false", ".env.example true false true"]);
    let image = |ignore| {
        let files = [(".dockerignore", ignore), (".env", "A=1\n"), ("Dockerfile", "FROM a:1\nCOPY . .\n")];
        facts(&files, &Demands::default(), "env.imageCopy", &["file", "is_left_out"])
    };
    assert_eq!(image("*.env\n"), [".env true"]);
    assert_eq!(image("node_modules\n"), [".env false"]);
}
