//! What the name of a variable or key says of its value.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What kind of secret a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Chosen by a person: may be any text.
    Password,
    /// Issued or generated: looks random.
    Token,
}

const PASSWORDS: &str = "\
    password passwd passwort pwd pass passphrase passcode pswd passw pw psk bindpw requirepass masterauth rootpw";

const TOKENS: &str = "\
    secret secrets token apikey credential credentials creds authkey secretkey accesskey privatekey authtoken \
    accesstoken clientsecret signingkey encryptionkey pat";

/// Endings of names that are written in one word.
const GLUED_PASSWORDS: &str = "\
    password passwd passphrase userpass dbpass rootpass adminpass";
const GLUED_TOKENS: &str = "\
    secret token apikey secretkey privatekey";

/// Words that make a secret of a `key` which follows them.
const KEYED: &str = "\
    api access auth private signing encryption secret master account shared service session app jwt hmac aes \
    deploy admin storage subscription crypto cipher server";

/// Last words after which the value is something about the secret, not the secret.
const ABOUT: &str = "\
    file files path paths dir directory folder url uri name names len length size count type policy prompt label \
    field min max expiry expires expiration expired expire ttl timeout hash hashes hashing algo algorithm alg id \
    ids keystore class port host hostname regex pattern format encoding encoder limit version enabled enable \
    disabled required header headers prefix suffix issuer audience endpoint scope scopes mode method methods kind \
    ref reference selector reset strength validation rotation mount volume location arn store manager provider env \
    var variable command cmd description title text message msg error hint help placeholder days seconds minutes \
    hours age lifetime duration interval date at on in to from by source target namespace role username user email \
    login index usage rate auth authentication based grant flow handler service factory filter validator generator \
    checker config options settings input column table schema salt iterations rounds cost charset chars template \
    link button page form view screen dialog icon backend engine extension attribute parameter param property \
    alias status state code complexity throttle scheme event changed updated created bytes bits review reviewer binding permission permissions \
    action through thru encryption retention stdin attempts retries retry history requirements lockout reuse";

/// Words anywhere in a name that make it harmless.
const HARMLESS: &str = "\
    public publishable bypass compass monkey keyboard tokenizer tokenize existing external forgot confirm invalid \
    incorrect missing wrong proxypass num limit validate verify check is has use uses allow allowed disable \
    require requires should generate automount mask hide show csrf xsrf pagination continuation next cancellation \
    cancel syntax lexer parser count total eos bos unk pad vocab sealed passed passing fastcgi uwsgi scgi grpc \
    proxy low high random shipped";

/// One of these stands in every name that promises a secret: what does not hold one is done with.
const STEMS: &str = "pass pwd psk pw secret token key cred auth cookie pat pswd";

/// Whether `word` stands in a list of words.
pub(super) fn among(list: &str, word: &str) -> bool {
    let (list, is_end) = (list.as_bytes(), |byte: Option<&u8>| byte.is_none_or(|byte| *byte == b' '));
    let whole = |at: usize| is_end(at.checked_sub(1).and_then(|at| list.get(at))) && is_end(list.get(at + word.len()));
    !word.is_empty() && memchr::memmem::find_iter(list, word).any(whole)
}

/// What the name says, if it promises a secret.
pub fn kind(name: &str) -> Option<KeyKind> {
    // Most names are harmless and told so in one pass.
    if !stems().is_some_and(|stems| stems.is_match(name)) {
        return None;
    }
    let words = words(name);
    let (last, before) = words.split_last()?;
    if words.iter().any(|word| among(HARMLESS, word)) || among(ABOUT, last) {
        return None;
    }
    if is_brand(&words) || (matches!(words[0].as_str(), "change" | "reset" | "forgot") && last.starts_with("passw")) {
        return None;
    }
    if matches!(last.as_str(), "key" | "keys") {
        let keyed = before.last().is_some_and(|word| among(KEYED, word));
        return keyed.then_some(KeyKind::Token);
    }
    if last == "cookie" {
        return before.last().is_some_and(|word| word == "erlang").then_some(KeyKind::Token);
    }
    let any = |list: &str| words.iter().any(|word| among(list, word));
    let glued = |list: &str| list.split(' ').any(|end| last.ends_with(end));
    // `access_key_prod`, `API_KEY_2`: the pair stands before a qualifier.
    let pair = words.windows(2).any(|two| two[1] == "key" && among(KEYED, &two[0]));
    if any(PASSWORDS) || glued(GLUED_PASSWORDS) {
        Some(KeyKind::Password)
    } else if any(TOKENS) || glued(GLUED_TOKENS) || pair {
        Some(KeyKind::Token)
    } else {
        None
    }
}

/// `LastPass`, `KeePassXC`, `OnePassword`: the name of a product.
fn is_brand(words: &[String]) -> bool {
    const BRANDS: &str = "one last nord samsung proton kee en robo sticky";
    let pass = |word: &String| matches!(word.as_str(), "pass" | "password");
    let name = match words {
        [rest @ .., last] if matches!(last.as_str(), "xc" | "dx") => rest,
        all => all,
    };
    matches!(name, [.., brand, last] if pass(last) && among(BRANDS, brand))
}

/// Finds the stems in any case.
fn stems() -> Option<&'static AhoCorasick> {
    static FINDER: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(STEMS.split(' ')).ok());
    FINDER.as_ref()
}

/// The words of a name in lower case: split at signs and humps; numbers at the end are left out.
pub fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let tail = name.len().saturating_sub(96);
    let name = (tail..=name.len()).find_map(|at| name.get(at..)).unwrap_or_default();
    let mut previous = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let next_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let hump = c.is_uppercase() && (previous.is_lowercase() || (previous.is_uppercase() && next_lower));
        if (!c.is_alphanumeric() || hump) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.extend((!word.is_empty()).then_some(word));
    while words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "DB_PASSWORD",
            "PGPASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "rootpassword",
            "ADMIN_PWD",
            "redis.requirepass",
            "POSTGRES_PASSWORD_2",
            "sshPassphrase",
            "smtp_pass",
            "MYSQL_ROOT_PASSWORD",
        ] {
            assert_eq!(kind(name), Some(KeyKind::Password), "{name}");
        }
        for name in [
            "API_KEY",
            "apiKey",
            "SECRET_KEY_BASE",
            "JWT_SECRET",
            "github-token",
            "AWS_SECRET_ACCESS_KEY",
            "authToken",
            "RABBITMQ_ERLANG_COOKIE",
            "clientSecret",
            "ENCRYPTION_KEY",
            "access_key_prod",
            "STRIPE_API_KEY",
        ] {
            assert_eq!(kind(name), Some(KeyKind::Token), "{name}");
        }
    }

    #[test]
    fn names_of_other_things() {
        for name in [
            "PASSWORD_FILE",
            "tokenUrl",
            "password_policy",
            "secretName",
            "SSH_PUBLIC_KEY",
            "existingSecret",
            "passwordKey",
            "max_tokens_limit",
            "TOKEN_TTL",
            "bypass",
            "compass",
            "proxy_pass",
            "token_type",
            "secretKeyRef",
            "primary_key",
            "key",
            "monkey",
            "password_hash",
            "automountServiceAccountToken",
            "",
            "SECRET_ID",
            "csrf_token",
            "LastPass",
            "PasskeyBrand.OnePassword",
            "KeePassXC",
            "ldapPasswordComplexityCode",
            "change_password",
            "MAILCOW_PASS_SCHEME",
            "_shipped_secret_key",
            "password-encoder",
            "password_encryption",
            "password_rotation_user_retention",
            "password-stdin",
            "next_token",
        ] {
            assert_eq!(kind(name), None, "{name}");
        }
    }

    #[test]
    fn words_are_split_at_signs_and_humps() {
        assert_eq!(words("myHTTPApiKey_2"), ["my", "http", "api", "key"]);
        assert_eq!(words("ÄPFEL.süß"), ["äpfel", "süß"]);
    }
}
