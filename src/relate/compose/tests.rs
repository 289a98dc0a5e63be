//! What end states come of files, by the rules of the Compose specification.

use std::time::{Duration, Instant};

use super::*;
use crate::fact::{Data, Role, Value};
use crate::inspect::Inspector;
use crate::inspect::compose::Compose as Reader;
use crate::inspect::dockerfile::Dockerfile;
use crate::source::{Encoding, Inventory, Origin, role_of_path};
use crate::span::SourceId;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    (0u32..)
        .zip(files)
        .map(|(id, (path, text))| {
            let origin = Origin::File((*path).into());
            Source::new(SourceId(id), origin, Encoding::Utf8, role_of_path(path).0, *text)
        })
        .collect()
}

fn inspect(sources: &[Source]) -> Vec<Fact<'_>> {
    let mut facts = Vec::new();
    for source in sources {
        if Reader.wants(source.path()) && Reader.claims(source.path(), source.text()) {
            facts.extend(Reader.inspect(source).facts);
        }
        if Dockerfile.wants(source.path()) {
            facts.extend(Dockerfile.inspect(source).facts);
        }
    }
    facts
}

/// Hands the facts of the end states of some files on.
fn related<R>(files: &[(&str, &str)], look: impl FnOnce(&[Fact<'_>], &[Source]) -> R) -> R {
    let sources = sources(files);
    let facts = inspect(&sources);
    let inventory = Inventory::of_texts(files.iter().copied());
    let around = Around { inventory: &inventory, demands: &Default::default() };
    let found = Compose.relate(&sources, &facts, around);
    for fact in &found {
        let text = sources[fact.span.source.0 as usize].text();
        assert!(text.get(fact.span.range()).is_some(), "span out of bounds: {}", fact.path);
    }
    look(&found, &sources)
}

fn shown(value: &Value<'_>) -> String {
    match &value.data {
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Str(value) => value.to_string(),
        Data::List(values) => values.iter().map(shown).collect::<Vec<_>>().join(","),
        Data::Record(record) => record.get("reference").map(shown).unwrap_or_default(),
        Data::Absent => "-".to_owned(),
        Data::Unknown(reason) => format!("? {reason}"),
        other => format!("{other:?}"),
    }
}

/// The values of a field of all facts of a subject, with their paths and the file that they stand in.
fn values(files: &[(&str, &str)], subject: &str, field: &str) -> Vec<String> {
    related(files, |facts, sources| {
        let of = facts.iter().filter(|fact| fact.subject().name == subject);
        of.map(|fact| {
            let value = fact.record.get(field).unwrap();
            let at = value.span.unwrap_or(fact.span);
            let file = sources[at.source.0 as usize].path();
            format!("{}={} @{file}", fact.path.strip_prefix("services/").unwrap_or(&fact.path), shown(value))
        })
        .collect()
    })
}

const BASE: &str = "services:\n  web:\n    image: example.com/web:1\n    ports: ['80:80']\n    privileged: true\n    environment: {A: '1', B: '2'}\n    command: [a, b]\n    volumes: ['data:/data', './x:/x']\nvolumes:\n  data:\n";

#[test]
fn scalars_are_replaced_and_keep_their_place() {
    let over = "services:\n  web:\n    image: example.com/web:2\n";
    let files = [("compose.yaml", BASE), ("compose.override.yaml", over)];
    assert_eq!(values(&files, "compose.service", "image"), ["web=example.com/web:2 @compose.override.yaml"]);
    assert_eq!(values(&files, "compose.service", "is_privileged"), ["web=true @compose.yaml"]);
    assert_eq!(values(&files, "compose.service", "files"), ["web=compose.yaml + compose.override.yaml @compose.yaml"]);
}

#[test]
fn ports_are_added_and_the_same_one_is_not() {
    let over = "services:\n  web:\n    ports: ['80:80', '443:443']\n";
    let files = [("compose.yaml", BASE), ("compose.override.yaml", over)];
    let ports = values(&files, "compose.port", "published");
    assert_eq!(ports, ["web/ports/0=80 @compose.override.yaml", "web/ports/1=443 @compose.override.yaml"]);
}

#[test]
fn mounts_are_merged_by_their_target() {
    let over = "services:\n  web:\n    volumes: ['other:/data:ro']\nvolumes:\n  other:\n";
    let files = [("compose.yaml", BASE), ("compose.override.yaml", over)];
    let mounts = values(&files, "compose.mount", "source");
    assert_eq!(mounts, ["web/volumes//data=other @compose.override.yaml", "web/volumes//x=./x @compose.yaml"]);
}

#[test]
fn reset_and_override_are_obeyed() {
    let reset = "services:\n  web:\n    ports: !reset []\n    privileged: !reset null\n";
    let files = [("compose.yaml", BASE), ("compose.prod.yaml", reset)];
    assert!(values(&files, "compose.port", "published").is_empty());
    assert_eq!(values(&files, "compose.service", "is_privileged"), ["web=false @compose.yaml"]);
    let instead = "services:\n  web:\n    ports: !override ['8080:80']\n";
    let files = [("compose.yaml", BASE), ("compose.prod.yaml", instead)];
    assert_eq!(values(&files, "compose.port", "published"), ["web/ports/0=8080 @compose.prod.yaml"]);
}

#[test]
fn environments_are_merged_whatever_their_form() {
    let over = "services:\n  web:\n    environment:\n      - B=${NEW}\n      - C=${MORE}\n";
    let files = [("compose.yaml", BASE), ("compose.override.yaml", over)];
    let names = values(&files, "compose.variable", "name");
    assert_eq!(names, ["web/B/$NEW=NEW @compose.override.yaml", "web/C/$MORE=MORE @compose.override.yaml"]);
}

#[test]
fn a_layer_needs_its_base_and_a_whole_file_does_not() {
    let layer = "services:\n  web:\n    restart: always\n";
    let whole = "services:\n  other:\n    image: example.com/other:1\n";
    let files = [("compose.yaml", BASE), ("compose.full.yaml", layer), ("compose.tools.yaml", whole)];
    let files = values(&files, "compose.service", "files");
    assert_eq!(
        files,
        ["web=compose.yaml + compose.full.yaml @compose.yaml", "other=compose.tools.yaml @compose.tools.yaml"]
    );
}

#[test]
fn a_layer_brings_the_layers_that_it_needs() {
    let metrics = "services:\n  metrics:\n    image: example.com/m:1\n  web:\n    restart: always\n";
    let agent = "services:\n  agent:\n    image: example.com/a:1\n    depends_on: [metrics, web]\n";
    let files = [("compose.yaml", BASE), ("compose.metrics.yaml", metrics), ("compose.agent.yaml", agent)];
    let defined = values(&files, "compose.dependency", "is_defined");
    assert_eq!(
        defined,
        ["agent/depends_on/metrics=true @compose.agent.yaml", "agent/depends_on/web=true @compose.agent.yaml"]
    );
}

#[test]
fn what_dot_env_names_is_an_end_state() {
    let more = "services:\n  web:\n    restart: always\n";
    let files =
        [("compose.yaml", BASE), ("more.yaml", more), (".env", "COMPOSE_FILE=compose.yaml:more.compose.yaml\n")];
    assert_eq!(values(&files, "compose.service", "files").len(), 1);
    let files = [
        ("compose.yaml", BASE),
        ("more.compose.yaml", more),
        (".env", "COMPOSE_FILE=compose.yaml:more.compose.yaml\n"),
    ];
    assert_eq!(values(&files, "compose.service", "restart"), ["web=always @more.compose.yaml"]);
}

#[test]
fn what_is_extended_lies_beneath() {
    let common = "services:\n  base:\n    image: example.com/base:1\n    restart: always\n    environment: {A: '1'}\n";
    let text =
        "services:\n  web:\n    extends: {file: common/base.yaml, service: base}\n    image: example.com/web:2\n";
    let files = [("compose.yaml", text), ("common/base.yaml", common)];
    assert_eq!(values(&files, "compose.service", "restart"), ["web=always @common/base.yaml"]);
    assert_eq!(values(&files, "compose.service", "image"), ["web=example.com/web:2 @compose.yaml"]);
}

#[test]
fn included_files_belong_to_the_project() {
    let text = "include:\n  - path: infra/compose.yaml\nservices:\n  web:\n    image: example.com/web:1\n    depends_on: [db]\n";
    let infra = "services:\n  db:\n    image: postgres:${PG}\n    env_file: db.env\n";
    let files =
        [("compose.yaml", text), ("infra/compose.yaml", infra), ("infra/.env", "PG=17\n"), ("infra/db.env", "A=1\n")];
    assert_eq!(values(&files, "compose.service", "image")[0], "db=postgres:17 @infra/compose.yaml");
    assert_eq!(values(&files, "compose.dependency", "is_defined"), ["web/depends_on/db=true @compose.yaml"]);
    assert_eq!(values(&files, "compose.path", "exists"), ["db/env_file/db.env=true @infra/compose.yaml"]);
}

#[test]
fn circles_are_told_once() {
    let text = "services:\n  a:\n    extends: {service: b}\n  b:\n    extends: {service: a}\n";
    let circles = values(&[("compose.yaml", text)], "compose.reference", "circle");
    assert_eq!(circles, ["extends/b/a=a → b → a @compose.yaml"]);
    let one = "include: [two/compose.yaml]\nservices:\n  a: {image: 'x:1'}\n";
    let two = "include: [../compose.yaml]\nservices:\n  b: {image: 'x:1'}\n";
    let circles = values(&[("compose.yaml", one), ("two/compose.yaml", two)], "compose.reference", "circle");
    assert_eq!(circles.len(), 1, "{circles:?}");
    assert!(circles[0].contains("compose.yaml → compose.yaml → compose.yaml"), "{circles:?}");
}

#[test]
fn what_lies_outside_is_unknown() {
    let text = "include:\n  - ../../secret.yaml\n  - https://example.com/a.git\nservices:\n  a:\n    image: 'x:1'\n    depends_on: [b]\n    env_file: ../../.env\n";
    let files = [("compose.yaml", text)];
    for told in values(&files, "compose.reference", "is_defined") {
        assert!(told.contains("=? "), "{told}");
    }
    assert!(values(&files, "compose.dependency", "is_defined")[0].contains("=? "));
    assert!(values(&files, "compose.path", "exists")[0].contains("outside"));
}

#[test]
fn variables_are_filled_in_or_unknown() {
    let text = |image: &str| format!("services:\n  a:\n    image: \"{image}\"\n");
    let image = |said: &str| {
        let text = text(said);
        let files = [("compose.yaml", text.as_str()), (".env", "TAG=1.2\nNAME=a/${TAG}\nEMPTY=\nQ='$TAG'\n")];
        values(&files, "compose.service", "image").remove(0)
    };
    for (said, expected) in [
        ("x:${TAG}", "x:1.2"),
        ("x:$TAG", "x:1.2"),
        ("${NAME}:3", "a/1.2:3"),
        ("x:${EMPTY:-4}", "x:4"),
        ("x:${EMPTY-4}", "x:"),
        ("x:${NO:-${TAG}}", "x:1.2"),
        ("x:${TAG:?}", "x:1.2"),
        ("x${TAG:+:9}", "x:9"),
        ("x${NO:+:9}", "x"),
    ] {
        assert_eq!(image(said), format!("a={expected} @compose.yaml"), "{said}");
    }
    for said in ["x:${NO}", "x:${NO:?}", "x:${EMPTY:?}", "x:${NO:-${NEITHER}}"] {
        assert!(image(said).starts_with("a=? "), "{said}: {}", image(said));
    }
}

#[test]
fn exposure_is_who_can_reach_a_port() {
    let exposure = |entry: &str| {
        let text = format!("services:\n  a:\n    image: 'x:1'\n    ports:\n      - {entry}\n");
        let told = values(&[("compose.yaml", &text)], "compose.port", "exposure").remove(0);
        told.split(['=', ' ']).nth(1).unwrap_or_default().to_owned()
    };
    for (entry, expected) in [
        ("'80:80'", "all"),
        ("'80'", "all"),
        ("'0.0.0.0:80:80'", "all"),
        ("'[::]:80:80'", "all"),
        ("'127.0.0.1:80:80'", "loopback"),
        ("'[::1]:80:80'", "loopback"),
        ("'10.0.0.1:80:80'", "address"),
        ("'${IP:-127.0.0.1}:80:80'", "loopback"),
        ("'${IP}:80:80'", "?"),
        ("{target: 80, published: '80', host_ip: 127.0.0.1}", "loopback"),
        ("{target: 80, published: '80'}", "all"),
    ] {
        assert_eq!(exposure(entry), expected, "{entry}");
    }
}

#[test]
fn a_dockerfile_answers_for_what_is_built() {
    let text = "services:\n  web:\n    build: {context: ., target: prod, args: {A: '1', B: '1'}}\n    depends_on:\n      api: {condition: service_healthy}\n  api:\n    build: api\n";
    let files = [
        ("compose.yaml", text),
        ("Dockerfile", "FROM node:24 AS prod\nARG A\n"),
        ("api/Dockerfile", "FROM debian:13\nHEALTHCHECK CMD /check\n"),
    ];
    assert_eq!(values(&files, "compose.dependency", "is_checked"), ["web/depends_on/api=true @compose.yaml"]);
    assert_eq!(values(&files, "compose.build", "target_exists")[0], "web/build=true @compose.yaml");
    assert_eq!(values(&files, "compose.build", "unknown_arguments")[0], "web/build=B @compose.yaml");
}

#[test]
fn a_broken_file_takes_nothing_from_the_others() {
    let files =
        [("a/compose.yaml", "services:\n  a: [\n"), ("b/compose.yaml", BASE), ("c/compose.yaml", "services: 7\n")];
    assert_eq!(values(&files, "compose.service", "name"), ["web=web @b/compose.yaml"]);
}

#[test]
fn ten_thousand_services_take_no_square_of_the_time() {
    let time = |count: usize| {
        let mut text = String::from("services:\n");
        for number in 0..count {
            text.push_str(&format!(
                "  s{number}:\n    image: postgres:17\n    ports: ['{}:5432']\n    depends_on: [s{}]\n    extends: {{service: s0}}\n    environment: {{DB: 's{}', X: '${{Y}}'}}\n    volumes: ['v:/v']\n    container_name: n\n",
                number % 60000,
                (number + 1) % count,
                (number + 7) % count
            ));
        }
        let began = Instant::now();
        let services = related(&[("compose.yaml", &text)], |facts, _| {
            facts.iter().filter(|fact| fact.subject().name == "compose.service").count()
        });
        assert_eq!(services, count);
        began.elapsed()
    };
    let (few, many) = (time(1_000), time(10_000));
    assert!(many < few * 40 + Duration::from_secs(2), "{few:?} for a thousand, {many:?} for ten thousand");
}

#[test]
fn bombs_and_deep_nests_end() {
    let mut bomb = String::from("x0: &x0 {a: b}\n");
    for number in 1..40 {
        bomb.push_str(&format!("x{number}: &x{number} [*x{0}, *x{0}]\n", number - 1));
    }
    bomb.push_str("services:\n  a:\n    image: x\n    labels: *x39\n");
    let nest = format!("services:\n  a:\n    image: x\n    labels: {}{}\n", "[".repeat(5000), "]".repeat(5000));
    let chain: String = (0..2000).map(|n| format!("  s{n}:\n    extends: {{service: s{}}}\n", n + 1)).collect();
    let chain = format!("services:\n{chain}  s2000:\n    image: x\n");
    for text in [&bomb, &nest, &chain] {
        let began = Instant::now();
        related(&[("compose.yaml", text)], |_, _| ());
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

#[test]
fn what_is_copied_many_times_is_bounded_and_said() {
    let names: String = (0..3_000).map(|at| format!("      V{at}: x\n")).collect();
    let users: String = (0..600).map(|at| format!("  s{at}:\n    extends: base\n")).collect();
    let text = format!("services:\n  base:\n    image: x:1\n    environment:\n{names}{users}");
    let told = values(&[("compose.yaml", &text)], "compose.reference", "is_defined");
    let limited = told.iter().filter(|one| one.contains("take more than 1000000 values over")).count();
    assert!((200..300).contains(&limited), "{limited} of {}", told.len());
}

#[test]
fn a_machine_of_a_developer_is_recognised() {
    let role = |text: &str| {
        related(&[("compose.yaml", text)], |facts, _| {
            facts.iter().find(|fact| fact.subject().name == "compose.service").unwrap().role
        })
    };
    assert_eq!(role("services:\n  a:\n    build: .\n    volumes: ['.:/app']\n"), Role::Development);
    assert_eq!(role("services:\n  a:\n    build: .\n    environment: [NODE_ENV=development]\n"), Role::Development);
    assert_eq!(role("services:\n  db:\n    image: postgres:17\n  cache:\n    image: redis:8\n"), Role::Development);
    assert_eq!(role("services:\n  a:\n    build: .\n    volumes: ['./data:/data']\n"), Role::Production);
    assert_eq!(role("services:\n  a:\n    image: example.com/a:1\n  db:\n    image: postgres:17\n"), Role::Production);
}

#[test]
fn content_says_whom_a_set_serves() {
    let role = |text: &str| {
        let file = [("compose.yaml", text)];
        related(&file, |facts, _| facts.iter().find(|fact| fact.subject().name == "compose.set").unwrap().role)
    };
    let web = |more: &str| format!("services:\n  web:\n    image: example.com/web:1\n    ports: ['8080:80']\n{more}");
    for development in [
        web("    volumes: ['./hack/dev/nginx.conf:/etc/nginx/nginx.conf:ro']\n"),
        web("    build: {context: ., dockerfile: docker/Dockerfile.dev}\n"),
        web("    environment: {SELF: 'http://localhost:8080/api'}\n"),
        web("  api:\n    image: example.com/api:1\n    environment: ['FRONT=http://127.0.0.1:8080']\n"),
        web("    # this setup is intended for development purposes\n"),
    ] {
        assert_eq!(role(&development), Role::Development, "{development}");
    }
    for shipped in [
        web(""),
        web(
            "    volumes: ['./dev-portal/nginx.conf:/etc/nginx/nginx.conf:ro', '/usr/local/etc:/x', './local/data:/y']\n",
        ),
        web("    environment: {SELF: 'http://localhost:80'}\n"),
        web("    environment: {SELF: '${SELF:-http://localhost:8080}'}\n"),
        web("    environment: {CORS: 'http://localhost:8080,https://shop.example.com'}\n"),
        web("    # uncomment for local development\n"),
    ] {
        assert_eq!(role(&shipped), Role::Production, "{shipped}");
    }
}
