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

/// What is built for the person at the machine: an argument without a default is their number or their group's, as in
/// Laravel's Sail.
fn by_framework(document: &Document<'_>, stage: &Stage<'_>) -> Option<Role> {
    let own = document.instructions.get(stage.instructions.clone()).unwrap_or_default();
    let is_own = |name: &str, has_default: bool| match name {
        "WWWGROUP" => true,
        "UID" | "GID" | "USER_ID" | "GROUP_ID" | "USER_UID" | "USER_GID" | "HOST_UID" | "HOST_GID" | "LOCAL_UID" => {
            !has_default
        }
        _ => false,
    };
    let asks = |it: &Instruction<'_>| match &it.body {
        Body::Pairs { pairs, .. } => {
            it.keyword == Keyword::Arg && pairs.iter().any(|pair| is_own(&pair.key, pair.value.is_some()))
        }
        _ => false,
    };
    own.iter().any(asks).then_some(Role::Development)
}

/// The packages of developers are installed in what ships: `pip install -r requirements/dev.txt`, PHP's debugger.
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
            || text.contains("pecl install") && text.contains("xdebug") && !text.contains("if [")
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
    let role = |text: &str| {
        let commands = text.split(['&', ';', '|', '\n']).map(|command| words(command));
        commands.into_iter().find_map(|words| match () {
            () if is_development(&words) => Some(Role::Development),
            () if runs_tests(&words) => Some(Role::Test),
            () => None,
        })
    };
    let mut found = texts.filter_map(|it| match &it.body {
        Body::Command(Command::Exec { args, .. }) => {
            let words: Vec<&str> = args.iter().map(|word| &*word.value.text).collect();
            role(&words.join(" "))
        }
        Body::Command(Command::Shell { .. }) => {
            role(it.line.text().trim_start().split_once(char::is_whitespace).map_or("", |(_, text)| text))
        }
        _ => None,
    });
    found.next()
}

/// The words of a command, from its program on: without the shell that is told to run it, and without assignments.
fn words(command: &str) -> Vec<&str> {
    let is_before = |word: &&str| {
        matches!(*word, "sh" | "bash" | "/bin/sh" | "/bin/bash" | "exec" | "npx" | "dumb-init" | "tini" | "--")
            || word.starts_with('-')
            || word.contains('=')
    };
    command.split_whitespace().map(|word| word.trim_matches(['"', '\'', '\\'])).skip_while(is_before).collect()
}

/// Whether a command serves the sources of whoever works on them.
fn is_development(words: &[&str]) -> bool {
    const PAIRS: [(&str, &str); 15] = [
        ("sleep", "infinity"),
        ("ng", "serve"),
        ("vite", "dev"),
        ("next", "dev"),
        ("expo", "start"),
        ("ionic", "serve"),
        ("gatsby", "develop"),
        ("hugo", "server"),
        ("jekyll", "serve"),
        ("mkdocs", "serve"),
        ("webpack", "serve"),
        ("react-scripts", "start"),
        ("vue-cli-service", "serve"),
        ("storybook", "dev"),
        ("migrate", "dev"),
    ];
    let first = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or_default());
    let pair = |one: &str, two: &str| words.windows(2).any(|pair| pair == [one, two]);
    let managers = ["npm", "yarn", "pnpm", "bun", "make", "turbo"];
    let runs_dev = words
        .iter()
        .any(|word| matches!(*word, "dev" | "start:dev" | "start-dev" | "dev:server" | "develop" | "watch"));
    matches!(first, "nodemon" | "vite" | "webpack-dev-server" | "air" | "ts-node-dev")
        || managers.contains(&first) && runs_dev
        || first == "symfony" && words.iter().any(|word| matches!(*word, "serve" | "server:start" | "server:run"))
        || PAIRS.iter().any(|(one, two)| pair(one, two))
        || pair("tail", "-f") && words.contains(&"/dev/null")
        || words.contains(&"--reload")
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
