use proptest::prelude::*;

use super::*;
use crate::fact::{Data, Fact, Role, Value};
use crate::source::{Encoding, Origin};
use crate::span::SourceId;

fn source(path: &str, text: &str) -> Source {
    Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text)
}

/// Calls `check` for every value of a fact, those in lists and records included.
fn walk(value: &Value<'_>, check: &mut impl FnMut(&Value<'_>)) {
    check(value);
    match &value.data {
        Data::List(items) => items.iter().for_each(|item| walk(item, check)),
        Data::Record(record) => record.values.iter().for_each(|item| walk(item, check)),
        _ => {}
    }
}

fn assert_sound(text: &str) {
    let source = source("Dockerfile", text);
    let inspection = Dockerfile.inspect(&source);
    let sound = |span: Span| assert!(text.get(span.range()).is_some(), "{:?} of {text:?}", span.range());
    for fact in &inspection.facts {
        sound(fact.span);
        for value in &fact.record.values {
            walk(value, &mut |value| value.span.into_iter().for_each(sound));
        }
    }
    inspection.problems.iter().for_each(|problem| sound(problem.span));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn facts_of_any_mixture_stand_in_the_text(tokens in proptest::collection::vec(prop::sample::select(vec![
        "FROM ", "debian", ":13", " AS ", "b\n", "\nRUN ", "\nCOPY ", "\nONBUILD ", "\nENV ", "\nARG ", "K=v", "\\\n", "\n", "\r\n",
        "# c\n", "\nFROM scratch\n", "<<EOF", "EOF\n", "\n", " ", "é", "\"", "'", "$K", "${K:-é$B}", "--from=b ", "--from=0 ",
        "--mount=type=cache,target=/var/cache/apt ", "[\"sh\",\"-c\",\"é | sh\"]", "apt-get install -y gcc", "apt-get update", "curl -k http://é", " | ", "sh",
        "sudo -u é x", "sh -c 'é && $(b)'", "$(", ")", "`", "chmod 777 /é", "npm install", "\nCMD ", "\nENTRYPOINT ", "\nEXPOSE ", "80-é", "\nUSER ", "0:é",
        "\nWORKDIR ", "\nHEALTHCHECK CMD ", "\nSHELL [\"bash\",\"-e\"]\n", "git clone é", "echo a:é | chpasswd", "\u{fffc}", "\0",
        "[[ é == a* ]]", "[ $K != b ]", "{é,b}", "$'é'", "echo -e 'é\\n' > f", "cd é; ", "export A=$(curl é)", "for é in $K; do ", "if a; then ", "; done", "; fi",
        "x+=(é)", "((", "))", "&> é", "<<< é", "set -o pipefail; ", "find é | xargs rm", "'$K é'", " *",
    ]), 0..40)) {
        assert_sound(&tokens.concat());
    }

    #[test]
    fn facts_of_any_text_stand_in_the_text(text in "(FROM|RUN|COPY|ENV|USER|EXPOSE|CMD)? ?.{0,120}") {
        assert_sound(&text);
    }
}

#[test]
fn file_names() {
    for path in [
        "Dockerfile",
        "dockerfile",
        "a/Containerfile",
        "Dockerfile.dev",
        "api.Dockerfile",
        "api.dockerfile",
        "Dockerfile-alpine",
        "Dockerfile_test",
        "Dockerfile.j2",
        "dev.Containerfile",
        "Dockerfile.dev.tmpl",
        "DOCKERFILE",
    ] {
        assert!(Dockerfile.wants(path), "{path}");
    }
    for path in [
        ".dockerignore",
        "Dockerfile.dockerignore",
        "Dockerfile.md",
        "dockerfiles/a.txt",
        "Dockerfile.yaml",
        "mydockerfile",
        "dockerfile-notes.txt",
        "Dockerfile/x",
    ] {
        assert!(!Dockerfile.wants(path), "{path}");
    }
}

#[test]
fn text_without_a_name_is_claimed_by_content() {
    assert!(Dockerfile.claims("stdin", "# syntax=docker/dockerfile:1\nFROM debian:13\nRUN true\n"));
    assert!(!Dockerfile.claims("stdin", "From the first day on, this is prose.\nIt goes on.\nAnd on.\n"));
    assert!(!Dockerfile.claims("stdin", "apiVersion: v1\nkind: Pod\n"));
    // The ending is that of a language: the text tells which of both it is.
    assert!(Dockerfile.claims("Dockerfile.go", "FROM golang:1.25\nRUN go build\n"));
    assert!(!Dockerfile.claims("dockerfile.go", "package dockerfile\n\nfunc main() {}\n"));
    assert!(!Dockerfile.claims("dockerfile-memo.vue", "<script setup>\nconst a = 1;\n</script>\n"));
    assert!(!Dockerfile.claims("lib/dockerfile_test.exs", "defmodule Test do\n  ENV A=1\nend\n"));
}

#[test]
fn templates_are_said_once() {
    for (path, text) in [
        ("Dockerfile.j2", "FROM debian:13\n"),
        ("Dockerfile", "FROM {{ base }}\nRUN true\n"),
        ("Dockerfile", "FROM debian\n{% if x %}\nRUN true\n{% endif %}\n"),
        ("Dockerfile.erb", "<% x %>\nFROM debian\n"),
    ] {
        let source = source(path, text);
        let inspection = Dockerfile.inspect(&source);
        assert!(inspection.facts.is_empty(), "{path}");
        assert!(matches!(inspection.problems.as_slice(), [Problem { reason: Reason::Template(_), .. }]), "{path}");
    }
    let plain = source("Dockerfile", "FROM docker:28\nRUN docker inspect -f '{{.Id}}' x\n");
    assert!(Dockerfile.inspect(&plain).problems.is_empty());
}

fn facts_of<'s>(source: &'s Source, subject: &str) -> Vec<Fact<'s>> {
    let mut facts = Dockerfile.inspect(source).facts;
    facts.retain(|fact| fact.subject().name == subject);
    facts
}

#[test]
fn wrappers_are_seen_through() {
    let source = source(
        "Dockerfile",
        "FROM debian:13\nRUN sudo -E env A=1 apt-get install -y x && sh -c \"curl a | sh\" && x | xargs -0 rm\nRUN [\"/bin/sh\", \"-c\", \"make all\"]\nRUN <<EOF bash -e\napk add é\nEOF\n",
    );
    let commands = facts_of(&source, "dockerfile.command");
    let names: Vec<&str> = commands.iter().filter_map(|fact| fact.record.get("name")?.as_str()).collect();
    assert_eq!(names, ["sudo", "env", "apt-get", "sh", "curl", "sh", "x", "xargs", "rm", "sh", "make", "bash", "apk"]);
}

#[test]
fn a_stage_for_development_is_not_production() {
    let source = source("Dockerfile", "FROM debian:13 AS build\nFROM build AS dev-envs\nUSER x\n");
    let roles: Vec<Role> = facts_of(&source, "dockerfile.stage").iter().map(|fact| fact.role).collect();
    assert_eq!(roles, [Role::Production, Role::Development]);
}

#[test]
fn object_paths_do_not_depend_on_lines() {
    let one = source("Dockerfile", "FROM debian:13 AS b\nRUN a\nRUN b\n");
    let other = source("Dockerfile", "# moved\n\nFROM debian:13 AS b\n\nRUN a\n# x\nRUN b\n");
    let paths =
        |source| facts_of(source, "dockerfile.run").iter().map(|fact| fact.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(&one), ["stage b/RUN 1", "stage b/RUN 2"]);
    assert_eq!(paths(&one), paths(&other));
}

#[test]
fn large_files_take_linear_time() {
    let started = std::time::Instant::now();
    for unit in [
        "FROM a AS b\nCOPY --from=b x y\n",
        "RUN apt-get update && apt-get install -y a\n",
        "ENV A=$B C=$D\n",
        "RUN sudo sudo sudo sudo x | y | z\n",
        "FROM b AS b\nENV A=$A$A\nUSER $A\n",
        "RUN curl a | sh; apt-get update; echo $B $B; gcc=$(curl b | jq); apt-get install -y gcc \\\n",
        "RUN a; a; a; a; a; a; a; a; a; a; a; a; a; a; a; a \\\n",
    ] {
        let text = format!("FROM debian:13 AS b\n{}", unit.repeat(100_000 / unit.len()));
        let source = source("Dockerfile", &text);
        assert!(!Dockerfile.inspect(&source).facts.is_empty());
        assert!(started.elapsed().as_secs() < 60, "{unit:?}: {:?}", started.elapsed());
    }
}

#[test]
fn more_than_is_judged_is_said() {
    let commands = vec!["cd /a && apt-get install -y b"; 1_500].join(" && ");
    let text = format!("FROM debian:13\nRUN {commands}\nRUN apk add c\n");
    let source = source("Dockerfile", &text);
    let inspection = Dockerfile.inspect(&source);
    let told: Vec<(&str, String)> =
        inspection.problems.iter().map(|it| (&text[it.span.range()], it.reason.to_string())).collect();
    assert_eq!(told, [("RUN", "more than 2000 commands in one instruction".to_owned())]);
    let count = inspection.facts.iter().filter(|fact| fact.subject().name == "dockerfile.command").count();
    assert_eq!(count, 2_001, "the instruction after it is judged");
}

#[test]
fn stages_do_not_multiply_what_they_inherit() {
    let stage = |at: usize| format!("FROM s{} AS s{at}\nENV A{at}=1\nRUN apk add p{at}\n", at - 1);
    let stages: String = (1..1_500).map(stage).collect();
    let text = format!("FROM alpine:3.22 AS s0\n{stages}USER x\n");
    let started = std::time::Instant::now();
    let source = source("Dockerfile", &text);
    assert_eq!(facts_of(&source, "dockerfile.stage").len(), 1_500);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
