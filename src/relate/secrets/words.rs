//! What texts say for people: that a value asks to be replaced, that a file is for tries.

use crate::path;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Whether the value itself asks to be replaced.
pub(in crate::relate) fn asks_to_be_replaced(value: &str) -> bool {
    const WORDS: [&str; 38] = [
        "shouldbe",
        "should-be",
        "random",
        "alphanumeric",
        "unused",
        "not-used",
        "not_used",
        "notused",
        "precompile",
        "foobar",
        "local",
        "change",
        "replace",
        "your",
        "insert",
        "placeholder",
        "todo",
        "fixme",
        "example",
        "sample",
        "dummy",
        "insecure",
        "unsafe",
        "notsecure",
        "not-secure",
        "generate",
        "fill_me",
        "fillme",
        "fill-me",
        "strong_",
        "strong-",
        "set_me",
        "override",
        "development",
        "dev_only",
        "devonly",
        "dev-only",
        "testing",
    ];
    let lower = value.to_ascii_lowercase();
    // `PG_ROOT_PASSWORD`: a name that a script fills in.
    let is_name = value.contains('_') && value.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    is_name || WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a value is the name of something that holds a secret, not the secret: `letsencrypt-certs`.
pub(super) fn names_holder(value: &str) -> bool {
    const LAST: [&str; 9] =
        ["cert", "certs", "tls", "secret", "secrets", "credentials", "creds", "keypair", "certificate"];
    let is_name =
        value.contains('-') && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_name && value.rsplit('-').next().is_some_and(|last| LAST.contains(&last))
}

/// Whether a value is the way to a file: `space/2021/04/28/4c4be697`.
pub(super) fn is_way(value: &str) -> bool {
    let first = value.split('/').next().unwrap_or_default();
    value.matches('/').count() >= 2
        && first.len() >= 3
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && value.split('/').all(|piece| !piece.is_empty() && !piece.contains(['=', '+']))
}

/// Whether the whole value is a mark to be filled in: `{PASSWORD}`, `**None**`, `^_^token^_^`.
pub(super) fn is_mark(value: &str) -> bool {
    let is_sign = |c: &char| c.is_ascii_punctuation();
    let start: Vec<char> = value.chars().take_while(is_sign).collect();
    let end: Vec<char> = value.chars().rev().take_while(is_sign).collect();
    let inner = value.get(start.len()..value.len().saturating_sub(end.len())).unwrap_or_default();
    let is_name =
        !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b' '));
    let is_pair =
        |(a, b): (&char, &char)| a == b || matches!((a, b), ('[', ']') | ('(', ')') | ('<', '>') | ('{', '}'));
    let same = start.len() >= 2 && start.len() == end.len() && start.iter().zip(&end).all(is_pair);
    let braces = value.starts_with('{') && value.ends_with('}') || value.starts_with('<') && value.ends_with('>');
    braces || (is_name && same)
}

/// Whether a value is made of runs that people type: `abcdeABCDE123456`.
pub(super) fn is_runs(value: &str) -> bool {
    let bytes = value.as_bytes();
    let steps =
        bytes.windows(2).filter(|pair| pair.first().copied().map(|b| b.wrapping_add(1)) == pair.get(1).copied());
    bytes.len() >= 8 && steps.count() * 4 >= bytes.len() * 3
}

/// Whether a value that looks drawn says that it is none to be used.
pub(super) fn denies_itself(value: &str) -> bool {
    const WORDS: [&str; 16] = [
        "dev-only",
        "dev_only",
        "devonly",
        "not-for-prod",
        "not_for_prod",
        "notforprod",
        "local-dev",
        "local_dev",
        "shouldbe",
        "should-be",
        "insecure",
        "dummy",
        "for-testing",
        "for_testing",
        "development-only",
        "example",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a comment on the line of `range`, or right above it, tells people to set their own.
pub(super) fn is_to_be_set(text: &str, range: &std::ops::Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let above = text.get(..line_start).unwrap_or_default().lines().rev().take(4);
    let mut above = above.map(str::trim_start).take_while(|line| line.starts_with(['#', ';', '/']));
    let after = text.get(range.end..).unwrap_or_default();
    let after = after.lines().next().unwrap_or_default();
    let own = after.find(['#', ';']).and_then(|at| after.get(at..)).unwrap_or_default();
    says_so(own) || above.any(says_so)
}

/// What a file of defaults says of itself.
const DISCLAIMS: &str = "do not define production secrets";

/// Whether a file says that what is used in production stands elsewhere.
pub(super) fn disclaims(text: &str) -> bool {
    text.get(..text.floor_char_boundary(2_000)).unwrap_or_default().to_ascii_lowercase().contains(DISCLAIMS)
}

/// Whether a file of variables says that it is for developing: `APP_ENV=dev`, `NODE_ENV=development`.
pub(super) fn says_development(text: &str) -> bool {
    let text = text.get(..text.floor_char_boundary(50_000)).unwrap_or_default();
    text.lines().filter_map(|line| line.trim_start().trim_start_matches("export ").split_once('=')).any(
        |(key, value)| {
            let key = key.trim().to_ascii_uppercase();
            let value = value.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
            let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            is_name
                && (key == "ENV"
                    || key.ends_with("_ENV")
                    || key.ends_with("ENVIRONMENT")
                    || key.ends_with("PROFILES_ACTIVE"))
                && matches!(value.as_str(), "dev" | "develop" | "development" | "local" | "test")
        },
    )
}

/// Whether a file of settings is for a profile of which nothing tells that it is deployed: `application-og.yml`.
pub(super) fn is_of_profile(path: &str) -> bool {
    const DEPLOYED: &str = "\
        prod prd production live release master main staging stage stg uat preprod cloud aws gcp azure docker container k8s kubernetes \
        kube heroku railway render fly server remote online deploy secret secrets";
    let name = path::file_name(path).to_ascii_lowercase();
    let mut stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).splitn(2, ['-', '.', '_']);
    if !matches!(stem.next(), Some("application" | "bootstrap" | "appsettings")) {
        return false;
    }
    let is_deployed = |word: &str| DEPLOYED.split_whitespace().any(|one| one == word);
    stem.next().is_some_and(|profile| !profile.split(|c: char| !c.is_ascii_alphanumeric()).any(is_deployed))
}

/// Whether some value of a file asks to be replaced: then all of the file is a sample.
pub(in crate::relate) fn is_sample(text: &str) -> bool {
    const WORDS: [&str; 19] = [
        DISCLAIMS,
        "changeme",
        "change-me",
        "change_me",
        "changethis",
        "change-this",
        "change_this",
        "replaceme",
        "replace-me",
        "replace_me",
        "replace-with",
        "replace_with",
        "=your-",
        "=your_",
        ": your-",
        ": your_",
        "<your",
        "your-domain",
        "yourdomain",
    ];
    // Few files are asked: what counts is how soon it is built.
    const KIND: Option<AhoCorasickKind> = Some(AhoCorasickKind::NoncontiguousNFA);
    static FINDER: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().kind(KIND).ascii_case_insensitive(true).build(WORDS).ok());
    let end = text.floor_char_boundary(200_000);
    FINDER.as_ref().is_some_and(|finder| finder.is_match(text.get(..end).unwrap_or_default()))
}

/// Whether the name says that the file is to be filled in.
pub(super) fn is_template(path: &str) -> bool {
    let name = path::file_name(path).to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|piece| matches!(piece, "template" | "tmpl" | "tpl" | "dist" | "preview"))
}

fn says_so(comment: &str) -> bool {
    const WORDS: [&str; 18] = [
        "not a secret",
        "not secret",
        "remove this",
        "change",
        "replace",
        "generate",
        "in production",
        "for production",
        "your own",
        "random string",
        "random value",
        "openssl rand",
        "unique",
        "placeholder",
        "example",
        "dummy",
        "for development",
        "for testing",
    ];
    let end = comment.floor_char_boundary(300);
    let lower = comment.get(..end).unwrap_or_default().to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether the path says that it leads to what is deployed.
pub(super) fn is_deployed(path: &str) -> bool {
    const WORDS: &str = "\
        deploy deployment deployments prod production live k8s kubernetes kube helm chart charts infra infrastructure ansible \
        terraform argocd flux openshift";
    let lower = path.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.split_whitespace().any(|one| one == word))
}

/// Whether the path leads to what a pipeline reads.
pub(super) fn is_of_pipeline(path: &str) -> bool {
    const FOLDERS: &str =
        ".azure-pipelines .buildkite .circleci .drone .gitea .github .gitlab .semaphore .woodpecker .travis .ci";
    path.split('/').any(|folder| FOLDERS.split_whitespace().any(|one| one == folder))
}

/// Whether a pipeline only checks, as its name says: what it starts with ends with it.
pub(super) fn is_of_checks(path: &str) -> bool {
    const WORDS: &str = "ci test tests testing check checks lint build e2e integration pr coverage quality verify";
    let name = path::file_name(path).to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.split(' ').any(|one| one == word)) && !name.contains("deploy")
}

/// Whether a value has the length and the characters of a digest, as a column of passwords has it.
pub(super) fn is_digest(value: &str) -> bool {
    matches!(value.len(), 32 | 40 | 64 | 96 | 128) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a value is what a package manager asks for: `^1.0.0`.
pub(super) fn is_version(value: &str) -> bool {
    let number = value.trim_start_matches(['^', '~', '>', '<', '=', 'v', ' ']);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && number.get(digits..).is_some_and(|rest| rest.starts_with('.')) && number.len() < 40
}

/// Whether a file holds the settings that a program starts with, as its whole name says: `application.yml`,
/// `server.properties`, not `app-ollama.yml` or `system_config.source.json`.
pub(super) fn is_settings(path: &str) -> bool {
    const FIRST: &str = "\
        appsettings application bootstrap config configuration conf settings parameters secrets secret credentials database \
        renovate properties env production prod";
    const LAST: &str = "config configuration conf cfg ini settings secrets credentials properties realm";
    let name = path::file_name(path).to_ascii_lowercase();
    let among = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let ending = |back: usize| words.len().checked_sub(back).and_then(|at| words.get(at));
    words.first().is_some_and(|word| among(FIRST, word))
        || ending(1).is_some_and(|word| among(LAST, word))
        || ending(2).is_some_and(|word| among(LAST, word))
}

/// Whether a text near a key says that it is for tries.
pub(super) fn speaks_of_tries(text: &str) -> bool {
    const WORDS: [&str; 9] = ["test", "fake", "dummy", "example", "sample", "mock", "demo", "do not use", "not a real"];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether the file describes or shows data of an interface, or is such data for people to look at.
pub(super) fn is_description(path: &str) -> bool {
    const WORDS: &str =
        "schema schemas swagger openapi apidoc apidocs docs doc postman insomnia collection story stories";
    let lower = path.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.split(' ').any(|one| one == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_to_set_their_own() {
        let says = |text: &str| {
            let start = text.find("K9").expect("a value");
            is_to_be_set(text, &(start..start + 2))
        };
        assert!(says("A=K9 # change this in production\n"));
        assert!(says("x: 1\n# generate one with openssl\nA: K9\n"));
        assert!(!says("# change the port above\nPORT=1\nA=K9\n"));
        assert!(!says("A=K9 # of the shop\n"));
        assert!(asks_to_be_replaced("changePassword") && asks_to_be_replaced("REPLACE_WITH_LONG_SECRET"));
        assert!(names_holder("letsencrypt-certs") && names_holder("db-secret") && !names_holder("my-secret-k9"));
        assert!(!asks_to_be_replaced("postgres") && !asks_to_be_replaced("accounts-pwd"));
    }

    #[test]
    fn files_say_for_whom_they_are() {
        assert!(says_development("A=1\nAPP_ENV=dev\n") && says_development("export NODE_ENV=\"development\"\n"));
        assert!(!says_development("NODE_ENV=production\n# APP_ENV=dev\n") && !says_development("ENVIRON=dev\n"));
        assert!(is_of_profile("src/main/resources/application-og.yml") && is_of_profile("appsettings.Local.json"));
        assert!(!is_of_profile("application.yml") && !is_of_profile("application-prod.yml"));
        assert!(!is_of_profile("config/settings-og.yml") && !is_of_profile("bootstrap-k8s.properties"));
    }

    #[test]
    fn marks_and_ways_are_no_values() {
        assert!(is_mark("**None**") && is_mark("^_^__sd_token__^_^") && is_mark("{PASSWORD}") && is_mark("[[token]]"));
        assert!(!is_mark("!Zauberwort") && !is_mark("*k9Vt2rXq7Lp4*") && !is_mark("**k9Vt2**") && !is_mark("***"));
        assert!(is_way("space/2021/04/28/4c4be697b9e94672a7c65d979b60ab95") && !is_way("k9Vt/2rXq/7Lp4"));
        assert!(is_settings("a/application-prod.yml") && is_settings("server.properties") && is_settings("redis.conf"));
        assert!(is_settings("appsettings.json") && is_settings("user-config.json") && is_settings("prod.config.json"));
        assert!(!is_settings("define/app-ollama.yml") && !is_settings("src/config/system_config.source.json"));
    }

    #[test]
    fn runs_are_typed() {
        assert!(is_runs("abcdeABCDE123456") && is_runs("12345678") && !is_runs("k9Vt2rXq7Lp4") && !is_runs("abc"));
    }

    #[test]
    fn digests_are_no_passwords() {
        assert!(is_digest("0cc175b9c0f1b6a831c399e269772661") && !is_digest("k9Vt2rXq7Lp4") && !is_digest("0cc175b9"));
    }

    #[test]
    fn files_that_describe_an_interface() {
        assert!(is_description("api/schema/paths/upload.json") && !is_description("deploy/values.json"));
    }
}
