//! What stands around a value: whether it shows that nobody uses the value as it stands.

use std::ops::Range;

use super::credentials::{Credential, Nature};
use super::judge::{self, Place};
use super::key;
use super::values::Kind;

/// A longer line of a program was written by another program.
const LONGEST_LINE: usize = 500;

/// Whether the credential is a sample, by what stands around it. It is still masked.
pub(super) fn is_sample(kind: Kind, text: &str, one: &Credential) -> bool {
    let value = text.get(one.range.clone()).unwrap_or_default();
    let drawn = || judge::is_drawn(value);
    match one.nature {
        Nature::Format { .. } => is_shown_in_a_field(text, one.range.start),
        Nature::PrivateKey => false,
        Nature::Default | Nature::UrlPassword | Nature::ConnectionPassword
            if is_comment(kind, text, one.range.start) =>
        {
            one.nature == Nature::Default || !drawn()
        }
        Nature::UrlPassword | Nature::ConnectionPassword if kind == Kind::Prose => !drawn(),
        Nature::UrlPassword if is_shown_in_a_form(text, one.range.start) => true,
        Nature::Default | Nature::UrlPassword | Nature::ConnectionPassword => false,
        Nature::Plain if one.place == Place::Pipeline => !drawn() || judge::is_own_key(&one.key) || is_tried(&one.key),
        Nature::Plain if one.place == Place::Code => {
            is_long_line(text, &one.range)
                || is_printed_json(text, &one.range)
                || (is_comment(kind, text, one.range.start) && !(drawn() && value.len() >= 20 && !is_told(text, one)))
        }
        Nature::Plain => is_tried(&one.key) && !drawn(),
    }
}

/// Whether the name says that only tests use the value.
fn is_tried(key: &str) -> bool {
    key::words(key)
        .iter()
        .any(|word| matches!(word.as_str(), "test" | "tests" | "e2e" | "mock") || word.starts_with("testing"))
}

/// Whether a comment begins the line.
fn is_comment(kind: Kind, text: &str, at: usize) -> bool {
    let whole = before(text, at, 400).trim_start();
    let line = whole.trim_start_matches(['+', '-']).trim_start();
    let signs: &[&str] = match kind {
        Kind::Prose => &[],
        Kind::Code => &["//", "/*", "*", "#", "--", ";;", "<!--"],
        Kind::Sql => &["--", "/*", "#"],
        Kind::Xml => &["<!--"],
        _ => &["#", "//", ";"],
    };
    signs.iter().any(|sign| line.starts_with(sign) || whole.starts_with(sign))
}

/// Whether the line says that an example follows.
fn is_told(text: &str, one: &Credential) -> bool {
    let line = before(text, one.range.start, 200).to_ascii_lowercase();
    ["example", "e.g.", "eg:", "sample"].iter().any(|word| line.contains(word))
}

/// `placeholder: "…"`: what a form shows before anybody types.
fn is_shown_in_a_field(text: &str, at: usize) -> bool {
    let line = before(text, at, 40);
    let name = line.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let between = line.get(name.len()..).unwrap_or_default();
    between.contains([':', '=']) && name.to_ascii_lowercase().ends_with("placeholder")
}

/// The same for a URL that a password stands in, whose line may begin after the name.
fn is_shown_in_a_form(text: &str, at: usize) -> bool {
    let start = text.floor_char_boundary(at.saturating_sub(200));
    let part = text.get(start..at).unwrap_or_default();
    let Some(quote) = part.rfind(['"', '\'', '`']) else { return false };
    let before = part.get(..quote).unwrap_or_default().trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    before.to_ascii_lowercase().ends_with("placeholder")
}

/// JSON with line breaks inside a literal: a text to be read, such as the manual of an interface.
fn is_printed_json(text: &str, range: &Range<usize>) -> bool {
    let after = text.get(range.end..).unwrap_or_default();
    before(text, range.start, 4).ends_with("\\\"")
        && after.strip_prefix("\\\"").is_some_and(|rest| rest.trim_start_matches([',', '}', ' ']).starts_with("\\n"))
}

fn is_long_line(text: &str, range: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let left = bytes.get(..range.start).unwrap_or_default().iter().rev().take(LONGEST_LINE);
    let right = bytes.get(range.end..).unwrap_or_default().iter().take(LONGEST_LINE);
    let is_same = |byte: &&u8| **byte != b'\n';
    left.take_while(is_same).count() + right.take_while(is_same).count() >= LONGEST_LINE
}

/// What stands before `at` on its line, at most `most` bytes of it.
fn before(text: &str, at: usize, most: usize) -> &str {
    let start = text.floor_char_boundary(at.saturating_sub(most));
    let part = text.get(start..at).unwrap_or_default();
    part.rsplit(['\n', '\r']).next().unwrap_or_default()
}

/// Whether the file holds words for people: there `password` is followed by the word for it.
pub(super) fn is_translation(path: &str) -> bool {
    const FOLDERS: &str = "i18n intl locale locales lang langs languages translation translations messages l10n";
    let mut parts = path.split('/').rev();
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let named =
        ["locale_", "messages_", "messages.", "lang_", "translations."].iter().any(|start| name.starts_with(start));
    named || parts.any(|folder| key::among(FOLDERS, &folder.to_ascii_lowercase()))
}

/// Whether the file describes the work of a pipeline: what stands there serves a run, not a service.
pub(super) fn is_pipeline(path: &str) -> bool {
    const FOLDERS: &str = ".azure-pipelines .buildkite .circleci .drone .gitea .github .gitlab .semaphore .woodpecker";
    const NAMES: [&str; 6] =
        [".drone.", ".gitlab-ci", ".travis.", ".woodpecker.", "azure-pipelines", "bitbucket-pipelines"];
    let mut parts = path.split('/').rev();
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    NAMES.iter().any(|start| name.starts_with(start)) || parts.any(|folder| key::among(FOLDERS, folder))
}

/// Words of folders and file names of things that are tried out, shown or taught, and of what fills a database for that.
const TRIES: &str = "\
    acceptance bench benchmark benchmarks chaos conformance course courses crc cve demo demos demonstration dummy emulator emulators \
    example examples exercise exercises fake fakes federation fixture fixtures guide guides insecure integration it k3d lab labs laptop legacy microk8s minikube molecule \
    loadtest mailcatcher mailhog mailpit mailtrap mock mocks perf performance playground poc quickstart quickstarts sample samples scratch seed seeder seeders seeding seeds selfsigned \
    simulation simulator smoke snakeoil stress stub stubs tilt training tye okteto devspace tutorial vuln vulnerable workshop";

/// Whether a folder on the way, or the file, is called like something that is tried out.
pub fn is_for_tries(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        word.starts_with("test")
            || word.ends_with("testing")
            || word.ends_with("tests")
            || TRIES.split_whitespace().any(|one| one == word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_what_is_tried_out() {
        for path in [
            "docker/federation/compose.yml",
            "db/seeders/Users.php",
            "certs/benchmark-ca-key.pem",
            "skptesting/key.pem",
            "src/Shop.ApiIntegrationTests/appsettings.json",
        ] {
            assert!(is_for_tries(path), "{path}");
        }
        for path in ["latest/compose.yml", "deploy/api.yaml", "permit/a.yaml", "contest/x.yaml"] {
            assert!(!is_for_tries(path), "{path}");
        }
    }
}
