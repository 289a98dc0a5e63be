//! What a stage is for: what its file is for, unless its name, its environment or what it starts say that it is for less.

use crate::fact::Role;
use crate::inspect::dockerfile::document::{Body, Command, Document, Instruction, Keyword, Stage};
use crate::inspect::env::value::mode;

/// The purpose of each stage of a file that is for `file`.
pub(super) fn roles(document: &Document<'_>, file: Role) -> Vec<Role> {
    let role = |stage: &Stage<'_>| match file.is_shipped() {
        true => by_name(stage)
            .or_else(|| by_framework(document, stage))
            .or_else(|| by_requirements(document, stage))
            .or_else(|| by_environment(document, stage))
            .or_else(|| by_start(document, stage)),
        false => None,
    };
    document.stages.iter().map(|stage| role(stage).unwrap_or(file)).collect()
}

fn by_name(stage: &Stage<'_>) -> Option<Role> {
    let mut words = stage.name.as_deref().unwrap_or_default().split(['-', '_', '.']);
    words.find_map(|word| match word {
        "dev" | "devel" | "development" | "devcontainer" | "debug" | "local" => Some(Role::Development),
        "test" | "tests" | "testing" | "e2e" | "lint" | "ci" => Some(Role::Test),
        "docs" | "proto" | "protoc" => Some(Role::Tool),
        _ => None,
    })
}

/// What a framework writes for developers: Laravel's Sail, whose argument is the group of the person at the machine.
fn by_framework(document: &Document<'_>, stage: &Stage<'_>) -> Option<Role> {
    let own = document.instructions.get(stage.instructions.clone()).unwrap_or_default();
    let is_sail = |it: &Instruction<'_>| match &it.body {
        Body::Pairs { pairs, .. } => it.keyword == Keyword::Arg && pairs.iter().any(|pair| &*pair.key == "WWWGROUP"),
        _ => false,
    };
    own.iter().any(is_sail).then_some(Role::Development)
}

/// The packages of developers are installed in what ships: `pip install -r requirements/dev.txt`.
fn by_requirements(document: &Document<'_>, stage: &Stage<'_>) -> Option<Role> {
    const LISTS: [&str; 8] = [
        "requirements/dev.txt",
        "requirements/development.txt",
        "requirements/local.txt",
        "requirements-dev.txt",
        "requirements_dev.txt",
        "requirements.dev.txt",
        "dev-requirements.txt",
        "dev_requirements.txt",
    ];
    let own = document.instructions.get(stage.instructions.clone()).unwrap_or_default();
    let mut runs = own.iter().filter(|it| it.keyword == Keyword::Run && stage.is_shipped);
    let installs = |text: &str| {
        text.contains("install") && text.split_whitespace().any(|word| LISTS.iter().any(|list| word.ends_with(list)))
    };
    runs.any(|it| installs(it.line.text())).then_some(Role::Development)
}

/// `ENV NODE_ENV=development`: what is started there is not what customers get.
fn by_environment(document: &Document<'_>, stage: &Stage<'_>) -> Option<Role> {
    let own = document.instructions.get(stage.instructions.clone()).unwrap_or_default();
    let mut said = None;
    for instruction in own.iter().filter(|it| it.keyword == Keyword::Env && it.onbuild.is_none()) {
        let Body::Pairs { pairs, .. } = &instruction.body else { continue };
        let valued = pairs.iter().filter_map(|pair| Some((&pair.key, pair.value.as_ref()?)));
        for mode in valued.filter_map(|(key, value)| mode(key, &value.value.text)) {
            // The last one counts: a build may need another one than what it starts.
            said = match &*mode.to_ascii_lowercase() {
                "development" | "dev" | "local" => Some(Role::Development),
                "test" | "testing" | "ci" => Some(Role::Test),
                _ => None,
            };
        }
    }
    said
}

/// A server that watches the sources, or nothing but a place to work in.
fn by_start(document: &Document<'_>, stage: &Stage<'_>) -> Option<Role> {
    let own = document.instructions.get(stage.instructions.clone()).unwrap_or_default();
    let last = |keyword| own.iter().rfind(|it| it.keyword == keyword && it.onbuild.is_none());
    let texts = [last(Keyword::Entrypoint), last(Keyword::Cmd)].into_iter().flatten();
    let is_development = |words: &[&str]| {
        let base = |word: &&str| word.rsplit('/').next().unwrap_or_default().to_owned();
        let first = words.first().map(base).unwrap_or_default();
        let pair = |one: &str, two: &str| words.windows(2).any(|pair| pair == [one, two]);
        let managers = ["npm", "yarn", "pnpm", "bun", "make", "turbo"];
        let runs_dev = words.iter().any(|word| matches!(*word, "dev" | "start:dev" | "start-dev" | "dev:server"));
        matches!(&*first, "nodemon" | "vite" | "webpack-dev-server" | "air" | "ts-node-dev")
            || managers.contains(&&*first) && runs_dev
            || pair("sleep", "infinity")
            || pair("ng", "serve")
            || first == "symfony" && words.iter().any(|word| matches!(*word, "serve" | "server:start" | "server:run"))
            || pair("vite", "dev")
            || pair("next", "dev")
            || pair("tail", "-f") && words.contains(&"/dev/null")
            || words.contains(&"--reload")
    };
    let role = |words: &[&str]| match () {
        () if is_development(words) => Some(Role::Development),
        () if runs_tests(words) => Some(Role::Test),
        () => None,
    };
    let mut found = texts.filter_map(|it| match &it.body {
        Body::Command(Command::Exec { args, .. }) => {
            role(&args.iter().flat_map(|word| word.value.text.split_whitespace()).collect::<Vec<_>>())
        }
        Body::Command(Command::Shell { .. }) => {
            let text = it.line.text().split_whitespace().skip(1);
            role(&text.collect::<Vec<_>>())
        }
        _ => None,
    });
    found.next()
}

/// Whether a command runs tests.
fn runs_tests(words: &[&str]) -> bool {
    let first = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or_default());
    let pair = |one: &str, two: &str| words.windows(2).any(|pair| pair == [one, two]);
    matches!(first, "pytest" | "jest" | "vitest" | "mocha" | "tox" | "nox" | "rspec" | "phpunit" | "ctest" | "cypress")
        || [("go", "test"), ("cargo", "test"), ("npm", "test"), ("yarn", "test"), ("-m", "pytest"), ("mvn", "test")]
            .iter()
            .any(|(one, two)| pair(one, two))
}
