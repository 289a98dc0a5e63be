use std::collections::BTreeSet;

use super::files::{Found, look};
use super::{builds, evidence, said};
use crate::fact::Role;
use crate::inspect;
use crate::source::{Encoding, Inventory, Origin, Source, role_of_path};
use crate::span::SourceId;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let mut files = files.to_vec();
    files.sort_unstable();
    let source = |(id, (path, text)): (u32, &(&str, &str))| {
        let origin = Origin::File((*path).into());
        Source::new(SourceId(id), origin, Encoding::Utf8, role_of_path(path).0, *text)
    };
    (0..).zip(&files).map(source).collect()
}

fn inventory(files: &[(&str, &str)]) -> Inventory {
    Inventory::of_texts(files.iter().copied())
}

/// The contexts of each Dockerfile.
fn contexts(files: &[(&str, &str)]) -> Vec<(String, Vec<String>)> {
    let (sources, inventory) = (sources(files), inventory(files));
    let claims: Vec<_> = sources.iter().map(|one| inspect::claimants(one.path(), one.text())).collect();
    let facts = inspect::all(&sources, &claims).facts;
    let dockerfiles = said::dockerfiles(&sources, &facts);
    assert!(sources.iter().all(|source| source.role == Role::Production || !source.path().is_empty()));
    let builds = builds(&sources, dockerfiles, &inventory);
    builds.into_iter().map(|build| (build.said.source.path().to_owned(), build.contexts)).collect()
}

fn one(files: &[(&str, &str)]) -> Vec<String> {
    contexts(files).pop().expect("a Dockerfile").1
}

#[test]
fn the_folder_in_which_everything_lies() {
    let text = "FROM a:1\nCOPY src /src\nCOPY go.mod /\n";
    assert_eq!(one(&[("svc/Dockerfile", text), ("svc/src/a.go", ""), ("svc/go.mod", "")]), ["svc"]);
    assert_eq!(one(&[("docker/Dockerfile", text), ("src/a.go", ""), ("go.mod", "")]), [""]);
    assert_eq!(
        one(&[("Dockerfile", text), ("src/a.go", "")]),
        [""],
        "some of it is enough where nothing else has more"
    );
    assert!(one(&[("x/Dockerfile", text), ("src/a.go", ""), ("x/go.mod", "")]).is_empty(), "half here, half there");
    assert!(one(&[("Dockerfile", text)]).is_empty(), "nothing of it is here");
}

#[test]
fn a_folder_that_only_builds_is_no_context() {
    assert!(one(&[("docker/Dockerfile", "FROM a:1\nCOPY . .\n"), ("a.py", "")]).is_empty());
    assert_eq!(one(&[("app/Dockerfile", "FROM a:1\nCOPY . .\n"), ("app/package.json", "{}")]), ["app"]);
    assert_eq!(one(&[("Dockerfile", "FROM a:1\nCOPY . .\n")]), [""]);
}

#[test]
fn who_says_it_decides() {
    let dockerfile = ("build/Dockerfile", "FROM a:1\nCOPY . .\n");
    for (path, text) in [
        ("compose.yaml", "services:\n  a:\n    build:\n      context: svc\n      dockerfile: ../build/Dockerfile\n"),
        ("README.md", "```\ndocker build -t x \\\n  -f build/Dockerfile svc/\n```\n"),
        ("Makefile", "image:\n\tdocker buildx build --platform a,b --file=build/Dockerfile --push ./svc\n"),
        (
            ".github/workflows/a.yml",
            "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: svc, file: build/Dockerfile}\n",
        ),
    ] {
        assert_eq!(one(&[dockerfile, (path, text), ("svc/a", "")]), ["svc"], "{path}");
    }
    let files = [dockerfile, ("run.sh", "docker build -f build/Dockerfile $HERE\ndocker build .\n"), ("svc/a", "")];
    assert!(evidence::of(&sources(&files), &inventory(&files)).is_empty());
    let both = [
        dockerfile,
        ("a.sh", "docker build -f build/Dockerfile svc; docker build -f build/Dockerfile .\n"),
        ("svc/a", ""),
    ];
    let said = evidence::of(&sources(&both), &inventory(&both));
    assert_eq!(said.get("build/Dockerfile"), Some(&BTreeSet::from([String::new(), "svc".to_owned()])));
}

#[test]
fn where_a_command_stands_is_followed() {
    let files = [
        ("svc/Dockerfile", "FROM a:1\nCOPY . .\n"),
        ("Dockerfile", "FROM a:1\nCOPY . .\n"),
        ("run.sh", "(cd svc && docker build -t x .)\ncd $HERE && docker build .\n"),
    ];
    let said = evidence::of(&sources(&files), &inventory(&files));
    assert_eq!(said.keys().map(String::as_str).collect::<Vec<_>>(), ["svc/Dockerfile"]);
    assert_eq!(said.get("svc/Dockerfile"), Some(&BTreeSet::from(["svc".to_owned()])));
}

#[test]
fn bake_files_and_merged_services_say_it() {
    let dockerfile = ("svc/build/Dockerfile", "FROM a:1\nCOPY . .\n");
    for (path, text) in [
        ("docker-bake.hcl", "target \"a\" {\n  context = \"svc\"\n  dockerfile = \"build/Dockerfile\"\n}\n"),
        ("svc/docker-bake.hcl", "target \"a\" {\n  dockerfile = \"build/Dockerfile\"\n}\n"),
        ("docker-bake.json", r#"{"target": {"a": {"context": "./svc", "dockerfile": "build/Dockerfile"}}}"#),
        (
            "compose.yaml",
            "x-a: &a\n  build: {context: svc, dockerfile: build/Dockerfile}\nservices:\n  a:\n    <<: *a\n",
        ),
    ] {
        assert_eq!(one(&[dockerfile, (path, text)]), ["svc"], "{path}");
    }
}

#[test]
fn what_is_missing_and_what_may_be_made() {
    let files = [
        ("src/main.rs", ""),
        ("src/Config.yaml", ""),
        ("docker/entrypoint.sh", ""),
        (".gitignore", "*.generated.json\n"),
        ("package.json", ""),
    ];
    let inventory = inventory(&files);
    let look = |path| look("", path, &inventory);
    for there in ["src", "src/main.rs", "src/*.rs", "*.json", "docker", "pack*"] {
        assert_eq!(look(there), Found::There, "{there}");
    }
    for unseen in ["dist", "server", "target/app.jar", "*.jar", "x.generated.json", "app", "lib/a.py", "build/a.json"] {
        assert_eq!(look(unseen), Found::Unseen, "{unseen}");
    }
    assert_eq!(look("requirements.txt"), Found::Missing(None));
    assert_eq!(look("entrypoint.sh"), Found::Missing(Some("docker/entrypoint.sh".into())));
    assert_eq!(look("src/config.yaml"), Found::Missing(Some("src/Config.yaml".into())));
    assert_eq!(look("pacakge.json"), Found::Missing(Some("package.json".into())));
}
