//! What the name of a dotenv file says.

use crate::path::file_name;

/// Words of names that show what to fill in.
const SAMPLES: &str = "example sample template dist tpl tmpl default defaults schema j2 erb skeleton";

/// Endings of files that only speak of dotenv files, or are something else altogether.
const OTHERS: &str = "\
    ts js mjs cjs tsx jsx py rb go rs java php sh bash zsh ps1 bat md txt rst html json yaml yml toml xml ini lock \
    vault keys swp bak~ enc gpg age sops map d css csv sql pem key crt log zip gz tar patch diff orig rej license";

const PRODUCTION: &str = "prod production live prd";
const STAGING: &str = "staging stage stg uat preprod preproduction qa";
const DEVELOPMENT: &str = "\
    dev development local test testing tests ci e2e debug devel docker-dev compose-dev sandbox demo travis circleci github gitlab jenkins drone";

/// Whether `path` is called like a dotenv file.
pub fn is_dotenv(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let ending = name.rsplit('.').next().unwrap_or_default();
    if name == ".env" || (name.ends_with(".env") && !name.starts_with('~')) {
        return true;
    }
    if let Some(rest) = name.strip_prefix(".env.").or_else(|| name.strip_prefix(".env-")) {
        return !rest.is_empty() && !among(OTHERS, ending);
    }
    if let Some(rest) = name.strip_prefix("env.").or_else(|| name.strip_prefix("dotenv.")) {
        return among(SAMPLES, rest);
    }
    // `prod.env.example`
    name.split('.').rev().nth(1) == Some("env") && among(SAMPLES, ending)
}

/// Whether the text is a shell script, whatever it is called: a shell reads it, no loader of variables.
pub fn is_script(text: &str) -> bool {
    let is_command = |line: &str| {
        let line = line.trim();
        let word = line.split(' ').next().unwrap_or_default();
        matches!(line, "fi" | "esac" | "done") || word == "declare" || line.contains("[((")
    };
    text.starts_with("#!") || text.lines().any(is_command)
}

/// Whether it shows what to fill in.
pub fn is_example(path: &str) -> bool {
    words(path).any(|word| among(SAMPLES, &word))
}

/// The name of the file that people make from the example at `path`: `.env` of `.env.example`, `shop.env` of
/// `shop-sample.env`.
pub fn real_name(path: &str) -> String {
    let is_sample = |word: &&str| !among(SAMPLES, &word.to_ascii_lowercase());
    let piece = |piece: &str| piece.split(['-', '_']).filter(is_sample).collect::<Vec<_>>().join("-");
    let pieces = file_name(path).split('.').map(piece).filter(|piece| !piece.is_empty());
    let name = pieces.collect::<Vec<_>>().join(".");
    let is_hidden = file_name(path).starts_with('.');
    match name.as_str() {
        "" | "env" => ".env".to_owned(),
        name if is_hidden => format!(".{name}"),
        name => name.to_owned(),
    }
}

/// The environment that the name says: `production`, `staging`, `development`; another word as it is written.
pub fn environment(path: &str) -> Option<String> {
    words(path)
        .filter(|word| !matches!(word.as_str(), "" | "env" | "dotenv") && !among(SAMPLES, word))
        .find_map(|word| canonical(&word).map(str::to_owned))
}

/// The usual word for an environment.
pub fn canonical(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    [(PRODUCTION, "production"), (STAGING, "staging"), (DEVELOPMENT, "development")]
        .into_iter()
        .find_map(|(list, name)| among(list, &word).then_some(name))
}

fn words(path: &str) -> impl Iterator<Item = String> {
    file_name(path).split(['.', '-', '_']).map(str::to_ascii_lowercase)
}

pub(super) fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_dotenv_files() {
        for yes in [".env", "a/.env.production", "docker.env", ".env.local", ".env.example", "env.sample", "x.env.dist"]
        {
            assert!(is_dotenv(yes), "{yes}");
        }
        for no in [".envrc", "env.ts", ".env.d.ts", "env.py", "environment", ".env.vault", "my.env.ts", "env", ".env."]
        {
            assert!(!is_dotenv(no), "{no}");
        }
    }

    #[test]
    fn names_say_examples_and_environments() {
        assert!(is_example(".env.example") && is_example("sample.env") && is_example("a/.env.production.dist"));
        assert!(!is_example(".env") && !is_example("example/.env"));
        assert_eq!(environment("a/.env.prod").as_deref(), Some("production"));
        assert_eq!(environment("stg.env").as_deref(), Some("staging"));
        assert_eq!(environment(".env.development.local").as_deref(), Some("development"));
        assert_eq!(environment(".env"), None);
    }
}
