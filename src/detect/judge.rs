//! The judge of plain values: is this a credential worth reporting, given its name and where it stands?

use super::Certainty;
use super::key::{self, KeyKind, among};
use super::plausible;
use super::typed;

/// Where a value stands. Each place has its own habits: what is a sample in a document is a password in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// `ENV` of a Dockerfile.
    ImageEnv,
    /// The default of an `ARG` of a Dockerfile.
    BuildArg,
    /// `env` of a container in a manifest.
    ManifestEnv,
    /// `data` or `stringData` of a Secret.
    SecretObject,
    /// `data` of a ConfigMap.
    ConfigMap,
    /// `environment` of a compose service.
    ComposeEnv,
    /// A dotenv file.
    Dotenv,
    /// A line of a properties, ini or other `key = value` file.
    Properties,
    /// A variable or a setting of a pipeline.
    Pipeline,
    /// The values of a chart.
    ChartValues,
    /// A statement that makes an account.
    Sql,
    /// A JSON, TOML or YAML file of any other kind.
    Data,
    /// The user part of a URL.
    Url,
    /// A PEM block.
    PrivateKey,
    /// A quoted literal of a program.
    Code,
    /// An assignment or an option of a shell command.
    Shell,
    /// A page or a manual.
    Prose,
    /// Anywhere else.
    Text,
}

impl Place {
    /// Its name in conditions and messages.
    pub fn name(self) -> &'static str {
        match self {
            Place::ImageEnv => "image-env",
            Place::BuildArg => "build-arg",
            Place::ManifestEnv => "manifest-env",
            Place::SecretObject => "secret-object",
            Place::ConfigMap => "config-map",
            Place::ComposeEnv => "compose-env",
            Place::Dotenv => "dotenv",
            Place::Properties => "properties",
            Place::Pipeline => "pipeline",
            Place::ChartValues => "chart-values",
            Place::Sql => "sql",
            Place::Data => "data",
            Place::Url => "url",
            Place::PrivateKey => "private-key",
            Place::Code => "code",
            Place::Shell => "shell",
            Place::Prose => "prose",
            Place::Text => "text",
        }
    }

    /// Whether what stands there is what the program gets: a weak value there is a weak password, not a sample.
    pub fn is_deployed(self) -> bool {
        matches!(
            self,
            Place::ImageEnv
                | Place::ManifestEnv
                | Place::SecretObject
                | Place::ConfigMap
                | Place::ComposeEnv
                | Place::Dotenv
                | Place::ChartValues
                | Place::Sql
                | Place::Url
        )
    }
}

/// A value with what is known of it.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// The name of the variable or the last keys of the path: `DB_PASSWORD`, `spring.datasource.password`.
    pub key: &'a str,
    /// The value, quotes and escapes resolved.
    pub value: &'a str,
    /// Where it stands.
    pub place: Place,
}

/// What the judge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A credential.
    Secret(Certainty),
    /// A credential that everybody guesses: a product's default, a weak word, filler that is deployed as it stands.
    DefaultCredential,
    /// Not worth reporting.
    No(Why),
}

/// Why a value is not worth reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// The name promises no secret.
    Name,
    /// There is none.
    Empty,
    /// It names where the value comes from.
    Reference,
    /// It asks to be replaced.
    Placeholder,
    /// A file, a folder or an address.
    Path,
    /// A number, a boolean, a date, a duration.
    Scalar,
    /// A name of something.
    Identifier,
    /// It repeats its own key.
    Echo,
    /// Sentences.
    Prose,
    /// Encrypted, sealed or hashed.
    Sealed,
}

/// A longer value is a document, not a credential.
const LONGEST: usize = 2048;

/// Judges one value.
pub fn judge(candidate: Candidate<'_>) -> Verdict {
    let Some(kind) = key::kind(candidate.key) else { return Verdict::No(Why::Name) };
    judge_as(kind, candidate)
}

/// Judges one value whose place says that it is a secret of that kind.
pub fn judge_as(kind: KeyKind, candidate: Candidate<'_>) -> Verdict {
    let value = candidate.value.trim();
    if value.len() > LONGEST {
        return Verdict::No(Why::Prose);
    }
    if let Some(default) = fallback(value) {
        return match judge_as(kind, Candidate { value: default, ..candidate }) {
            Verdict::No(_) => Verdict::No(Why::Reference),
            found => found,
        };
    }
    let why = [
        (value.is_empty(), Why::Empty),
        (is_reference(value), Why::Reference),
        (is_sealed(value), Why::Sealed),
        (is_path(value), Why::Path),
        (is_public(value) || typed::is_rules(value) || is_pointer(value), Why::Identifier),
        (plausible::is_published(value), Why::Placeholder),
    ];
    if let Some((_, why)) = why.into_iter().find(|(yes, _)| *yes) {
        return Verdict::No(why);
    }
    let verdict = match kind {
        KeyKind::Password => password(candidate.key, value, candidate.place),
        KeyKind::Token => token(candidate.key, value, candidate.place),
    };
    match verdict {
        Verdict::DefaultCredential if is_shown(candidate.key) => Verdict::No(Why::Placeholder),
        verdict => verdict,
    }
}

fn password(key: &str, value: &str, place: Place) -> Verdict {
    let deployed = place.is_deployed();
    if is_flag(value) {
        return Verdict::No(Why::Scalar);
    }
    if is_marked(value) || !value.chars().any(char::is_alphanumeric) {
        return Verdict::No(Why::Placeholder);
    }
    if matches!(place, Place::Code | Place::Shell) && (typed::is_slug(value) || is_uuid(value)) {
        return Verdict::No(Why::Identifier);
    }
    let foreign = !deployed && value.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
    if foreign || value.split_whitespace().count() > 2 {
        return Verdict::No(Why::Prose);
    }
    if !deployed && is_tried(value) {
        return Verdict::No(Why::Placeholder);
    }
    if is_known_default(value) || (deployed && is_filler(value)) {
        return if deployed { Verdict::DefaultCredential } else { Verdict::No(Why::Placeholder) };
    }
    if is_filler(value) {
        return Verdict::No(Why::Placeholder);
    }
    if is_echo(key, value) {
        return if deployed { Verdict::DefaultCredential } else { Verdict::No(Why::Echo) };
    }
    if is_identifier(value) || (value.len() < 6 && !value.bytes().any(|byte| byte.is_ascii_digit())) {
        return if deployed { Verdict::DefaultCredential } else { Verdict::No(Why::Identifier) };
    }
    if value.contains(char::is_whitespace) || (is_number(value) && !deployed) {
        return Verdict::No(if is_number(value) { Why::Scalar } else { Why::Prose });
    }
    if value.len() < 6 || is_number(value) || is_lower_word(value) {
        return if deployed { Verdict::DefaultCredential } else { Verdict::No(Why::Identifier) };
    }
    Verdict::Secret(Certainty::Likely)
}

fn token(key: &str, value: &str, place: Place) -> Verdict {
    if is_flag(value) || is_number(value) {
        return Verdict::No(Why::Scalar);
    }
    if value.contains(char::is_whitespace) || !value.is_ascii() {
        return Verdict::No(Why::Prose);
    }
    if is_marked(value) || (!place.is_deployed() && is_tried(value)) {
        return Verdict::No(Why::Placeholder);
    }
    // A weak key that the service itself signs with works; a made-up token of somebody else's does not.
    if is_known_default(value) || is_filler(value) || typed::unwrapped(value).is_some_and(|text| is_filler(&text)) {
        let own = place.is_deployed() && is_own_key(key);
        return if own { Verdict::DefaultCredential } else { Verdict::No(Why::Placeholder) };
    }
    if is_echo(key, value) {
        return Verdict::No(Why::Echo);
    }
    let named = is_identifier(value) || typed::is_slug(value) || (place == Place::Code && typed::is_camel(value));
    if named || value.len() < 12 {
        let own = place.is_deployed() && is_own_key(key) && !matches!(place, Place::SecretObject | Place::ChartValues);
        return if own && value.len() >= 4 { Verdict::DefaultCredential } else { Verdict::No(Why::Identifier) };
    }
    if plausible::is_random(value) { Verdict::Secret(Certainty::Likely) } else { Verdict::No(Why::Identifier) }
}

/// The literal that a reference falls back to: `${NAME:-literal}`, `${NAME:literal}`.
fn fallback(value: &str) -> Option<&str> {
    let inner = value.strip_prefix("${")?.strip_suffix('}')?;
    let (name, rest) = inner.split_once([':', '-'])?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    if !is_name || rest.starts_with(['?', '+', '=']) || rest.contains(['{', '}']) {
        return None;
    }
    Some(rest.strip_prefix('-').unwrap_or(rest))
}

const SCHEMES: &str = "\
    vault: ssm: secretsmanager: arn: op:// file: env: env. sm:// awssm:// ref+ secret:// secrets. keyvault \
    @microsoft.keyvault process.env os.environ os.getenv getenv( env( env[ config. var. local. data. module. \
    secrets[ akv: gcp: aws: bws: azurekms: valuefrom !vault !ref !sub !env !getatt fn:: lookup( secretref: \
    resolve: doppler: settings. self. this. args. opts. options. params. req. request. input. values. .values \
    props. state. ctx. context. conf. cfg. id= type= src= source= env=";

fn is_reference(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let template = ["${", "$(", "{{", "}}", "<%", "%(", "#{", "@{", "$["].iter().any(|sign| value.contains(sign));
    // `$NAME`, `$env:NAME`, `$subject.of.a.message`.
    let variable = value.strip_prefix('$').is_some_and(|name| {
        let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.'));
        named && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    });
    let wrapped = |sign: char| value.len() > 2 && value.starts_with(sign) && value.ends_with(sign);
    let call = value.ends_with(')') && value.contains('(');
    template || variable || wrapped('%') || wrapped('@') || call || SCHEMES.split(' ').any(|s| lower.starts_with(s))
}

/// `NAME=path/in/a/store:field`: which secret a step is to fetch, and as what.
fn is_pointer(value: &str) -> bool {
    let Some((name, rest)) = value.split_once('=') else { return false };
    let is_name = name.len() > 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_name && is_identifier(rest) && rest.contains([':', '/'])
}

/// Keys that are made to be seen by every visitor.
fn is_public(value: &str) -> bool {
    ["phc_", "pk_live_", "pk_test_", "pk.eyJ"].iter().any(|start| value.starts_with(start))
}

/// Whether the name says that the value is there to be seen: the password of a demonstration.
fn is_shown(key: &str) -> bool {
    key::words(key).iter().any(|word| matches!(word.as_str(), "demo" | "dummy" | "sample" | "fake" | "seed"))
}

/// Encrypted or hashed: the right way to store it.
fn is_sealed(value: &str) -> bool {
    const STARTS: &str = "\
        ENC[ ENC( $ANSIBLE_VAULT {cipher} {AES {SHA {SSHA {bcrypt} {pbkdf2} {argon2} {MD5} {CRYPT} $2a$ $2b$ $2y$ \
        $argon2 $apr1$ $1$ $5$ $6$ $y$ $scrypt$ pbkdf2: pbkdf2_ scrypt: bcrypt sha256: sha512: sha256$ \
        SCRAM-SHA-256$ vault:v ssh-rsa ssh-ed25519 -----BEGIN";
    // `user:$2y$…` of a password file.
    let inside = ["$2a$", "$2b$", "$2y$", "$apr1$"].iter().any(|sign| value.contains(sign));
    inside || STARTS.split(' ').any(|start| value.starts_with(start))
}

fn is_path(value: &str) -> bool {
    const ENDS: &str = "\
        .txt .json .yml .yaml .pem .key .crt .sh .py .go .conf .properties .xml .js .ts .env .jks .p12 .pfx .toml \
        .ini .md .html .php";
    let lower = value.to_ascii_lowercase();
    let drive = value.as_bytes().get(1..3).is_some_and(|two| two == b":\\" || two == b":/");
    let relative = ["./", "../", "~/", "/"].iter().any(|start| value.starts_with(start));
    let folders = relative && !value.contains(['+', '=']) && value.len() < 200;
    folders || drive || value.contains("://") || ENDS.split(' ').any(|end| lower.ends_with(end))
}

fn is_flag(value: &str) -> bool {
    const WORDS: &str = "\
        true false yes no on off none null nil undefined ~ enabled disabled required optional string str boolean \
        bool int integer object any auto";
    WORDS.split(' ').any(|word| value.eq_ignore_ascii_case(word))
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_' | b':'))
}

/// Marks that only a text has which asks to be replaced.
fn is_marked(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bracketed =
        (value.starts_with('<') && value.ends_with('>')) || (value.starts_with('[') && value.ends_with(']'));
    // `_admin_password_` is filled in by a script.
    let wrapped = value.len() > 4 && value.starts_with('_') && value.ends_with('_');
    let filled = value.bytes().all(|b| matches!(b, b'x' | b'X' | b'*' | b'.' | b'-' | b'_' | b'?' | b'0' | b'#'));
    const WORDS: &str = "\
        your- your_ yourpass yourtoken yoursecret yourkey <your your< placeholder redacted xxxx **** ... todo \
        fixme insert fill-in fill_in fillme goes-here goeshere goes_here to-be- tobereplaced put- put_your enter- \
        enter_ _here -here generate-me set-me set_me setme set-in set_in provided-by managed-by override-me \
        override_me encrypted omitted hidden masked sanitized to_be_ \
        somerandom some-random some_random";
    bracketed || filled || wrapped || WORDS.split(' ').any(|word| lower.contains(word))
}

/// Values that products ship with and people type first.
const DEFAULTS: &str = "\
    password passwd pass passw0rd p@ssw0rd p@ssword p@$$w0rd password1 password12 password123 password1234 pass123 \
    pass1234 admin admin1 admin12 admin123 admin1234 admin@123 administrator root root123 rootpassword rootpass \
    toor postgres postgresql postgrespw postgrespassword mysql mariadb mongo mongodb redis rabbitmq elastic \
    grafana guest minio minioadmin minio123 changeme change-me change_me changeit changethis changeme123 secret \
    secret123 secretkey supersecret topsecret mysecret mysecretpassword my-secret-pw mypassword mypass test \
    test123 test1234 testing tester testpassword testpass demo default example examplepassword user username \
    userpassword 12345 123456 1234567 12345678 123456789 1234567890 1234 123 0000 111111 000000 qwerty qwerty123 \
    letmein welcome welcome1 abc123 abcd1234 iloveyou foobar foo bar baz sa oracle tiger scott vagrant docker \
    kibana logstash neo4j cassandra wordpress drupal joomla keycloak jenkins sonar nexus harbor12345 prom-operator \
    pgadmin dbpassword dbpass db_password insecure development dev local localhost app apppassword zabbix cisco \
    ubuntu raspberry pi alpine system manager master calvin fake_password fakepassword p4ssw0rd pa55word pa$$word hunter \
    passwort s3cret s3cr3t yourstrong(!)password yourstrong@passw0rd yourstrong!passw0rd";

/// Whether anybody would try it.
pub(super) fn is_known_default(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let bare = lower.trim_end_matches(['!', '.', '?']);
    let root = typed::root(value);
    let close = root.len() >= 4 && value.len() <= root.len() + 6;
    among(DEFAULTS, &lower) || among(DEFAULTS, bare) || (close && among(DEFAULTS, &root))
}

/// Words that nobody has in a real credential.
fn is_filler(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    const WORDS: &str = "\
        changeme change-me change_me changethis change-this change_this change-in change_in example dummy fake \
        sample replace foobar insecure not-secure notsecure unsafe supersecret super-secret super_secret mysecret \
        my-secret my_secret secret-key secret_key test-secret test_secret dev-secret dev_secret development \
        for-testing please default";
    WORDS.split(' ').any(|word| lower.contains(word))
}

/// Words of values that only tests use.
fn is_tried(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["test", "mock", "stub", "demo"].iter().any(|word| lower.contains(word))
}

/// Whether the service itself uses the key, so that any text works.
pub fn is_own_key(key: &str) -> bool {
    let words = key::words(key);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["jwt", "session", "cookie", "signing", "encryption", "hmac", "base", "django", "flask", "nextauth"])
        || words == ["secret", "key"]
        || words == ["app", "secret"]
        || words == ["secret"]
}

/// Whether the value only repeats its key: `password: Password`, `apiKey: api-key`.
fn is_echo(key: &str, value: &str) -> bool {
    let squeezed =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (key, value) = (squeezed(key), squeezed(value));
    let longer = key.len() >= 6 && value.ends_with(&key);
    !value.is_empty() && (key.ends_with(&value) || key.starts_with(&value) || longer)
}

/// Names of things: `CONST_NAME`, `camelCase`, `kebab-case`, `dotted.name`, with no digit in them.
fn is_identifier(value: &str) -> bool {
    let bytes = value.as_bytes();
    let plain = bytes.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':'));
    if !plain || bytes.is_empty() {
        return false;
    }
    let lower = bytes.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let upper = bytes.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let signs = bytes.len() - lower - upper;
    let humps = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    let constant = lower == 0 && (signs > 0 || upper < 12);
    let kebab = upper == 0 && signs > 0;
    let camel = signs == 0 && upper <= humps + 1 && humps * 3 <= bytes.len();
    let module = value.contains([':', '.']) && humps * 3 <= bytes.len();
    constant || kebab || camel || module
}

/// The name of one thing among all things of the world.
fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a program drew it: the value, or what a reference falls back to.
pub fn is_drawn(value: &str) -> bool {
    typed::is_drawn(fallback(value).unwrap_or(value))
}

/// One word in small letters: it may be a password, but not a drawn one.
fn is_lower_word(value: &str) -> bool {
    value.len() <= 12 && value.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests;
