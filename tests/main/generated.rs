//! Files that the program generates about itself are true.

use super::golden;

#[test]
fn the_schema_of_the_report_is_that_of_its_types() {
    let mut text = serde_json::to_string_pretty(&seaworthy::report::json_schema()).unwrap();
    text.push('\n');
    golden::check("schemas/report.schema.json", text.as_bytes());
}

#[test]
fn the_page_of_facts_is_that_of_the_schema() {
    let page = seaworthy::explain::facts::page(&seaworthy::relate::subjects());
    golden::check("docs/facts.md", page.as_bytes());
}

#[test]
fn the_schema_of_a_rule_is_that_of_its_type() {
    let mut text = serde_json::to_string_pretty(&seaworthy::rule::file::json_schema()).unwrap();
    text.push('\n');
    golden::check("schemas/rule.schema.json", text.as_bytes());
}

#[test]
fn the_schemas_of_policy_checklist_and_attestation_are_those_of_their_types() {
    let schemas = [
        ("policy", schemars::schema_for!(seaworthy::settings::policy::PolicyFile)),
        ("checklist", schemars::schema_for!(seaworthy::settings::items::ChecklistFile)),
        ("attestation", schemars::schema_for!(seaworthy::checklist::record::Record)),
    ];
    for (name, schema) in schemas {
        let mut text = serde_json::to_string_pretty(&schema).unwrap();
        text.push('\n');
        golden::check(&format!("schemas/{name}.schema.json"), text.as_bytes());
    }
}

#[test]
fn the_schema_of_a_waiver_file_is_that_of_its_type() {
    let mut text = serde_json::to_string_pretty(&seaworthy::waive::file::json_schema()).unwrap();
    text.push('\n');
    golden::check("schemas/waivers.schema.json", text.as_bytes());
}

#[test]
fn the_list_of_rules_has_the_form_of_its_schema() {
    let schema = seaworthy::command::rules::list_schema();
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    golden::check("schemas/rules.schema.json", text.as_bytes());
    let list = ["rules", "list", "--format", "json"];
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_seaworthy")).args(list).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(list["rules"].as_array().is_some_and(|rules| rules.len() > 800));
    let mistakes: Vec<String> = jsonschema::draft202012::new(&schema)
        .unwrap()
        .iter_errors(&list)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn the_page_of_every_rule_is_that_of_its_file() {
    let root = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut index = String::from(
        "# Rules\n\nGenerated from `rules/`; do not edit.\n\n| rule | severity | category | what is wrong |\n|---|---|---|---|\n",
    );
    for rule in seaworthy::rule::load::folder(&root.join("rules")).unwrap() {
        let file = &rule.file;
        let prose = seaworthy::rule::file::Prose {
            why: file.why.clone(),
            fix: file.fix.clone(),
            references: file.references.clone(),
        };
        let page = seaworthy::explain::page(&rule.id, file, &prose);
        golden::check(&format!("docs/rules/{}.md", rule.id), page.as_bytes());
        index += &format!(
            "| [{0}]({0}.md) | {1} | {2} | {3} |\n",
            rule.id,
            file.severity.name(),
            file.category.name(),
            file.title
        );
    }
    golden::check("docs/rules/README.md", index.as_bytes());
}
