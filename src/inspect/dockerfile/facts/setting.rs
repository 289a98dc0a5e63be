//! ENV, ARG and LABEL, and which of their names and values speak of secrets.

use super::{Out, Setting, word_value};
use crate::fact::{Data, Value};
use crate::inspect::dockerfile::document::{Body, Instruction, Keyword, Pair};

impl<'s> Out<'_, 's> {
    /// One fact a pair.
    pub(super) fn settings(&mut self, instruction: &Instruction<'s>, pairs: &[Pair<'s>]) {
        let keys: std::collections::HashSet<&str> = pairs.iter().map(|pair| &*pair.key).collect();
        let mut seen = std::collections::HashSet::new();
        for pair in pairs {
            let key_span = instruction.line.span(pair.key_place.clone());
            let value = pair.value.as_ref();
            let place = value.map_or(key_span, |word| instruction.line.span(word.place.clone()));
            let text = value.map(|word| &*word.value.text).unwrap_or_default();
            let raw = value.map(|word| instruction.line.get(word.place.clone())).unwrap_or_default();
            let literal = value.is_some_and(|word| !word.has_variable);
            let own = value.into_iter().flat_map(|word| &word.undefined);
            let own = own.filter(|used| used.name != *pair.key && keys.contains(used.name.as_str()));
            let repeated = !seen.insert(&*pair.key);
            let own_name = repeated.then(|| own_use(raw, &pair.key)).flatten();
            let mut own: Vec<Value<'s>> =
                own.map(|used| Value::str(used.name.clone(), instruction.line.span(used.place.clone()))).collect();
            if let (Some(at), Some(word)) = (own_name, value) {
                let at = word.place.start + at;
                own.push(Value::str(pair.key.clone(), instruction.line.span(at..at + pair.key.len())));
            }
            let fact = Setting {
                keyword: Value::str(instruction.keyword.name(), key_span),
                key: Value::str(pair.key.clone(), key_span),
                value: value.map_or_else(|| Value::absent(key_span), |word| word_value(instruction, word)),
                has_value: Value::bool(!text.is_empty(), place),
                is_repeated: Value::bool(repeated || self.has_label(instruction, &pair.key), key_span),
                is_literal: Value::bool(literal, place),
                names_secret: Value::bool(names_secret(&pair.key) || names_half(&pair.key), key_span),
                may_be_secret: Value::bool(may_be_secret(text) && !text.eq_ignore_ascii_case(&pair.key), place),
                expects_shell: Value::bool(expects_shell(raw), place),
                as_arg: self.as_arg(instruction),
                uses_own_instruction: Value::new(Data::List(own.into()), place),
                is_passed_on: Value::bool(self.is_passed_on(instruction, &pair.key), key_span),
                is_onbuild: Value::bool(instruction.onbuild.is_some(), key_span),
                stage: self.stage_of(instruction),
            };
            let path = self.path();
            self.facts.push(fact.fact(key_span, path, self.role));
        }
    }
}

/// Where a value uses the variable of that name.
fn own_use(value: &str, name: &str) -> Option<usize> {
    ["${", "$"].iter().find_map(|mark| {
        let at = value.find(&format!("{mark}{name}"))? + mark.len();
        let next = value.get(at + name.len()..)?.chars().next();
        (!next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(at)
    })
}

impl Out<'_, '_> {
    /// Whether an ENV of the stage takes the value of the ARG `name`, or, before the first FROM, a stage declares it.
    fn is_passed_on(&self, instruction: &Instruction<'_>, name: &str) -> bool {
        if instruction.keyword != Keyword::Arg || !names_secret(name) {
            return false;
        }
        // An argument is taken soon, or not at all; a file of thousands would take quadratic time.
        let all = self.document.instructions.get(..self.document.instructions.len().min(MOST_INSTRUCTIONS));
        let all = all.unwrap_or_default();
        let Some(stage) = instruction.stage else {
            let arguments = all.iter().filter(|it| it.keyword == Keyword::Arg && it.stage.is_some()).take(MOST_LABELS);
            return arguments.into_iter().any(|it| match &it.body {
                Body::Pairs { pairs, .. } => pairs.iter().any(|pair| pair.key == name),
                _ => false,
            });
        };
        let own = self.document.stages.get(stage).and_then(|stage| all.get(stage.instructions.clone()));
        let later = own.unwrap_or_default().iter().filter(|it| it.keyword == Keyword::Env);
        later.filter(|it| it.range.start > instruction.range.start).take(MOST_LABELS).any(|it| match &it.body {
            Body::Pairs { pairs, .. } => pairs.iter().filter(|pair| names_secret(&pair.key)).any(|pair| {
                let value = pair.value.as_ref().map(|word| it.line.get(word.place.clone()));
                value.is_some_and(|value| own_use(value, name).is_some())
            }),
            _ => false,
        })
    }

    /// Whether an earlier LABEL of the stage has the key.
    fn has_label(&self, instruction: &Instruction<'_>, key: &str) -> bool {
        let stage = instruction.stage.and_then(|stage| self.document.stages.get(stage));
        let (Some(stage), Keyword::Label, None) = (stage, instruction.keyword, &instruction.onbuild) else {
            return false;
        };
        let all = self.document.instructions.get(stage.instructions.clone()).unwrap_or_default();
        let labels = all.iter().filter(|it| it.keyword == Keyword::Label && it.onbuild.is_none()).take(MOST_LABELS);
        let before = labels.take_while(|it| it.range.start < instruction.range.start);
        before.into_iter().any(|it| match &it.body {
            Body::Pairs { pairs, .. } => pairs.iter().any(|pair| pair.key == key),
            _ => false,
        })
    }
}

/// Instructions among which a use of an argument is looked for.
const MOST_INSTRUCTIONS: usize = 1_000;
/// LABEL and ENV instructions that are compared.
const MOST_LABELS: usize = 100;

/// Whether the name of a variable says that its value is to be kept secret: by whole words.
pub(super) fn names_secret(name: &str) -> bool {
    const SECRET: [&str; 18] = [
        "password",
        "passwd",
        "pword",
        "passphrase",
        "secret",
        "secrets",
        "token",
        "auth",
        "apikey",
        "credential",
        "credentials",
        "privatekey",
        "authtoken",
        "accesskey",
        "secretkey",
        "dbpassword",
        "pat",
        "pwd",
    ];
    // A word that says that the value is about the secret, not the secret.
    const ABOUT: [&str; 52] = [
        "public",
        "pub",
        "file",
        "path",
        "dir",
        "url",
        "uri",
        "endpoint",
        "host",
        "port",
        "name",
        "version",
        "header",
        "expiry",
        "expires",
        "expiration",
        "ttl",
        "lifetime",
        "length",
        "size",
        "type",
        "prefix",
        "algorithm",
        "alg",
        "enabled",
        "enable",
        "disabled",
        "disable",
        "method",
        "mode",
        "fingerprint",
        "sha",
        "sha256",
        "checksum",
        "id",
        "keyring",
        "provider",
        "manager",
        "store",
        "scope",
        "issuer",
        "audience",
        "required",
        "min",
        "max",
        "timeout",
        "allow",
        "commit",
        "revision",
        "ref",
        "branch",
        "digest",
    ];
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| ABOUT.contains(word)) || (words.len() == 1 && matches!(words[0], "pwd" | "pat" | "auth"))
    {
        return false;
    }
    // `KEY` alone says little: `GPG_KEY` of an official image is a fingerprint.
    let pair = |one: &str, two: &str| words.windows(2).any(|pair| pair == [one, two]);
    let keys = [
        ("api", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("access", "key"),
        ("encryption", "key"),
        ("signing", "key"),
        ("master", "key"),
        ("client", "key"),
    ];
    // `DB_AUTH_USERNAME`: who, not the proof of it.
    if matches!(words.last(), Some(&("username" | "user"))) {
        return false;
    }
    let ends_in_pass = words.len() > 1 && matches!(words.last(), Some(&"pass"));
    ends_in_pass || words.iter().any(|word| SECRET.contains(word)) || keys.iter().any(|(one, two)| pair(one, two))
}

/// Whether a name is that of one half of a credential, which stands in an image only beside the other.
fn names_half(name: &str) -> bool {
    name.eq_ignore_ascii_case("aws_access_key_id")
}

/// Whether a value can be a secret at all. Words such as `changeme` are passwords that people leave; `dummy` is none.
pub(super) fn may_be_secret(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    const NONE: [&str; 24] = [
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "none",
        "null",
        "nil",
        "undefined",
        "dummy",
        "placeholder",
        "unused",
        "unset",
        "notused",
        "not-used",
        "not_used",
        "fake",
        "n/a",
        "na",
        "default",
        "disabled",
        "enabled",
        "build",
    ];
    let is_number = value.parse::<f64>().is_ok() && value.len() < 6;
    let is_path = value.starts_with(['/', '~']) || value.starts_with("./") || value.starts_with("../");
    let is_slot = value.starts_with('<') && value.ends_with('>')
        || lower.contains("dummy")
        || lower.contains("placeholder")
        || ["not_in_use", "not-in-use", "unused", "not_needed", "not-needed"].iter().any(|words| lower.contains(words))
        || lower.starts_with("your")
        || lower.starts_with("xxx")
        || value.contains("${{")
        || value.contains("{{");
    let is_address = value.contains("://")
        && !value.split("://").nth(1).is_some_and(|rest| rest.split('/').next().is_some_and(|host| host.contains('@')));
    !(value.is_empty() || is_number || is_path || is_slot || is_address || NONE.contains(&&*lower))
}

/// `$(…)` or backticks outside single quotes.
fn expects_shell(raw: &str) -> bool {
    let mut single = false;
    let mut previous = ' ';
    for (at, c) in raw.char_indices() {
        match c {
            '\'' => single = !single,
            '$' if !single && previous != '\\' && raw[at..].starts_with("$(") => return true,
            '`' if !single && previous != '\\' && raw[at + 1..].contains('`') => return true,
            _ => {}
        }
        previous = c;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_whole_words() {
        for name in [
            "DB_PASSWORD",
            "npm_token",
            "AWS_SECRET_ACCESS_KEY",
            "API_KEY",
            "apiKey",
            "MYSQL_ROOT_PASSWORD",
            "GH_PAT",
            "SECRET_KEY_BASE",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "MONKEY",
            "KEYBOARD",
            "GPG_KEY",
            "JENKINS_USERNAME",
            "PASSWORD_FILE",
            "TOKEN_URL",
            "PWD",
            "AWS_ACCESS_KEY_ID",
            "PUBLIC_API_KEY",
            "AUTH",
            "COMPOSER_AUTH_URL",
            "TOKENIZERS_PARALLELISM",
            "SECRET_NAME",
            "AUTH_MONITOR_COMMIT",
            "PATH",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn switches_paths_and_placeholders_are_no_secrets() {
        for value in ["", "true", "0", "/run/secrets/x", "dummy", "<token>", "https://example.org/x", "your-token-here"]
        {
            assert!(!may_be_secret(value), "{value}");
        }
        for value in ["hunter2", "changeme", "postgres", "https://me:pw@example.org/", "123456"] {
            assert!(may_be_secret(value), "{value}");
        }
    }

    #[test]
    fn only_a_shell_substitutes_commands() {
        assert!(expects_shell("$(date)") && expects_shell("\"x`id`\""));
        assert!(!expects_shell("'$(date)'") && !expects_shell("a`b") && !expects_shell("\\$(x)"));
    }
}
