//! Reports of other tools: SARIF without an error, JUnit without a failure. They count only for the commit that they
//! name.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Evidence;

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing against the item.
    Passes,
    /// Something against it.
    Fails,
}

/// A report of another tool that is to answer an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The item.
    pub item: String,
    /// The file, as it was named.
    pub path: String,
    /// What it says, or why nobody can tell.
    pub report: Result<Report, String>,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// `sarif` or `junit`.
    pub kind: &'static str,
    /// How many results or tests.
    pub total: usize,
    /// How many of them speak against the item.
    pub against: usize,
    /// The commits that it names.
    pub commits: Vec<String>,
}

impl Outside {
    /// Reads `text`, by what it looks like.
    pub fn read(item: &str, path: &str, text: &str) -> Outside {
        let report = if text.trim_start().starts_with('<') { junit(text) } else { sarif(text) };
        Outside { item: item.to_owned(), path: path.to_owned(), report }
    }

    /// What it says of the commit here, with what shows it.
    pub fn answer(&self, commit: Option<&str>) -> (Option<Told>, Evidence) {
        let (told, kind, message) = match &self.report {
            Err(reason) => (None, "report", format!("does not count: {reason}")),
            Ok(report) => {
                let (told, message) = report.about(commit);
                (told, report.kind, message)
            }
        };
        (told, Evidence { kind: kind.into(), reference: self.path.clone(), message })
    }
}

impl Report {
    fn about(&self, commit: Option<&str>) -> (Option<Told>, String) {
        let what = match (self.kind, self.against) {
            ("sarif", n) => format!("{n} errors in {} results", self.total),
            (_, n) => format!("{n} failures in {} tests", self.total),
        };
        let Some(commit) = commit else {
            return (None, format!("{what}; does not count: the commit here is not known"));
        };
        match &self.commits[..] {
            [] => (None, format!("{what}; does not count: it names no commit, so attest it with `--evidence`")),
            list if list.iter().any(|one| one != commit) => {
                (None, format!("{what}; does not count: it is about another commit"))
            }
            _ if self.kind == "junit" && self.total == 0 => (None, "does not count: it holds no test".into()),
            _ if self.against > 0 => (Some(Told::Fails), what),
            _ => (Some(Told::Passes), what),
        }
    }
}

fn sarif(text: &str) -> Result<Report, String> {
    let root: Value =
        serde_json::from_str(text).map_err(|_| "it is neither SARIF nor JUnit XML that can be read whole")?;
    let runs = root.get("runs").and_then(Value::as_array).ok_or("it is not SARIF: it has no `runs`")?;
    let mut report = Report { kind: "sarif", total: 0, against: 0, commits: Vec::new() };
    let mut ran = false;
    for run in runs {
        // `results: null` and no `results` at all both mean that the tool did not run.
        let Some(results) = run.get("results").and_then(Value::as_array) else { continue };
        ran = true;
        let levels = levels(run);
        report.total += results.len();
        report.against += results.iter().filter(|result| is_error(result, &levels)).count();
        let provenance = list(run.get("versionControlProvenance"));
        report.commits.extend(provenance.filter_map(|one| Some(one.get("revisionId")?.as_str()?.to_owned())));
    }
    if ran { Ok(report) } else { Err("no run of it has results: the tool did not finish".into()) }
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// The default level of each rule of a run, by id.
fn levels(run: &Value) -> BTreeMap<&str, &str> {
    list(run.pointer("/tool/driver/rules"))
        .filter_map(|rule| Some((rule.get("id")?.as_str()?, rule.pointer("/defaultConfiguration/level")?.as_str()?)))
        .collect()
}

fn is_error(result: &Value, levels: &BTreeMap<&str, &str>) -> bool {
    let text = |key: &str| result.get(key).and_then(Value::as_str);
    let suppressed = list(result.get("suppressions")).next().is_some();
    if suppressed || text("kind").is_some_and(|kind| kind != "fail") {
        return false;
    }
    let default = || levels.get(text("ruleId").unwrap_or_default()).copied();
    text("level").or_else(default) == Some("error")
}

fn junit(text: &str) -> Result<Report, String> {
    let mut report = Report { kind: "junit", total: 0, against: 0, commits: Vec::new() };
    let (mut open, mut is_junit) = (0_usize, false);
    for tag in tags(text) {
        let tag = tag?;
        match tag.name {
            "testsuites" | "testsuite" => is_junit = true,
            "testcase" if !tag.closes => report.total += 1,
            "failure" | "error" if !tag.closes => report.against += 1,
            "property" => {
                let name = tag.attribute("name").unwrap_or_default().to_ascii_lowercase();
                let is_commit = ["commit", "git.commit", "git.sha", "vcs.revision", "revision", "sha"];
                if is_commit.contains(&name.as_str()) {
                    report.commits.extend(tag.attribute("value").map(str::to_owned));
                }
            }
            _ => {}
        }
        open = if tag.closes { open.checked_sub(1).ok_or("it is broken XML")? } else { open + usize::from(!tag.empty) };
    }
    match (is_junit, open) {
        (true, 0) => Ok(report),
        (true, _) => Err("it is cut off".into()),
        (false, _) => Err("it is not JUnit XML: it has no `testsuite`".into()),
    }
}

struct Tag<'t> {
    name: &'t str,
    inside: &'t str,
    closes: bool,
    empty: bool,
}

impl<'t> Tag<'t> {
    fn attribute(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.inside;
        loop {
            let (before, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, next) = after[1..].split_once(quote)?;
            if before.trim() == name {
                return Some(value);
            }
            rest = next;
        }
    }
}

/// The tags of an XML text; comments, CDATA, declarations and instructions are passed over.
fn tags(text: &str) -> impl Iterator<Item = Result<Tag<'_>, String>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, after) = rest.split_once('<')?;
            let special = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>"), ("!", ">")];
            if let Some((start, end)) = special.iter().find(|(start, _)| after.starts_with(start)) {
                match after[start.len()..].split_once(end) {
                    Some((_, next)) => rest = next,
                    None => {
                        rest = "";
                        return Some(Err("it is cut off".to_owned()));
                    }
                }
                continue;
            }
            let Some(end) = end_of_tag(after) else {
                rest = "";
                return Some(Err("it is cut off".to_owned()));
            };
            let (tag, next) = (&after[..end], &after[end + 1..]);
            rest = next;
            let closes = tag.starts_with('/');
            let empty = tag.ends_with('/');
            let inner = tag.trim_matches('/');
            let name = inner.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or("");
            return Some(Ok(Tag { name, inside: &inner[name.len()..], closes, empty }));
        }
    })
}

/// Where the `>` of a tag is; one in quotes is none.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<&str> = Some("c1");

    fn told(text: &str, commit: Option<&str>) -> Option<Told> {
        Outside::read("tests-pass", "report", text).answer(commit).0
    }

    fn xml(property: &str, inner: &str) -> String {
        format!(
            "<?xml version='1.0'?><!-- <testsuite> --><testsuites><testsuite name=\"a > b\"><properties>\
             <property name=\"git.commit\" value=\"{property}\"/></properties>{inner}</testsuite></testsuites>"
        )
    }

    #[test]
    fn junit_counts_for_the_commit_that_it_names() {
        let good = xml(
            "c1",
            "<testcase name='x'/><testcase name='y'><system-out><![CDATA[<failure>]]></system-out></testcase>",
        );
        assert_eq!(told(&good, HERE), Some(Told::Passes));
        assert_eq!(told(&good, Some("c2")), None);
        assert_eq!(told(&good, None), None);
        assert_eq!(told(&xml("c1", "<testcase name='x'><failure message='no'/></testcase>"), HERE), Some(Told::Fails));
        assert_eq!(told(&xml("c1", ""), HERE), None, "no test is no pass");
    }

    #[test]
    fn junit_that_is_cut_off_or_is_something_else_says_nothing() {
        let good = xml("c1", "<testcase name='x'/>");
        for end in 0..good.len() {
            assert_eq!(told(&good[..end], HERE), None, "{}", &good[..end]);
        }
        for text in ["<html></html>", "</a>", "<", "<!--", "<a b='"] {
            assert_eq!(told(text, HERE), None, "{text}");
        }
    }

    #[test]
    fn sarif_counts_when_its_tool_ran_and_names_the_commit() {
        let run = |results: &str| {
            format!(
                r#"{{"runs":[{{"tool":{{"driver":{{"rules":[{{"id":"r","defaultConfiguration":{{"level":"error"}}}}]}}}},
                "versionControlProvenance":[{{"revisionId":"c1"}}]{results}}}]}}"#
            )
        };
        assert_eq!(told(&run(r#","results":[]"#), HERE), Some(Told::Passes));
        assert_eq!(told(&run(r#","results":[{"level":"warning"}]"#), HERE), Some(Told::Passes));
        assert_eq!(told(&run(r#","results":[{"level":"error"}]"#), HERE), Some(Told::Fails));
        assert_eq!(told(&run(r#","results":[{"ruleId":"r"}]"#), HERE), Some(Told::Fails), "its rule's default counts");
        assert_eq!(told(&run(""), HERE), None, "the tool did not run");
        assert_eq!(told(&run(r#","results":null"#), HERE), None);
        assert_eq!(told(r#"{"runs":[{"results":[]}]}"#, HERE), None, "it names no commit");
        assert_eq!(told("{", HERE), None);
    }
}
