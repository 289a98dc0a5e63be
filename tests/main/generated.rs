//! Files that the program generates about itself are true.

use super::golden;

#[test]
fn the_schema_of_the_report_is_that_of_its_types() {
    let mut text = serde_json::to_string_pretty(&seaworthy::report::json_schema()).unwrap();
    text.push('\n');
    golden::check("schemas/report.schema.json", text.as_bytes());
}
