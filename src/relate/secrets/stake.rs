//! What a credential opens, by its name.

use crate::detect::judge;
use crate::detect::key;

/// What is lost with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stake {
    /// The service's own key: whoever knows it signs sessions and tokens, or reads what was encrypted.
    OwnKey,
    /// A database, a cache, a broker: what reaches it decides.
    Store,
    /// The account of somebody who manages the service.
    Account,
    /// A file that lies beside it: a key store, a certificate.
    File,
    /// The service of somebody else: mail, messages, a cloud.
    Foreign,
    /// The name does not say.
    Unknown,
}

/// What the name says.
pub(super) fn of(name: &str) -> Stake {
    const STORES: &str = "\
        db database databases datasource datasources datastore postgres postgresql pg pgpassword mysql mariadb mongo mongodb mssql sql \
        sa jdbc redis valkey keydb cache memcached rabbit rabbitmq amqp mq kafka nats clickhouse elastic elasticsearch \
        opensearch minio s3 influx influxdb couchdb cassandra neo4j oracle percona replication repl scylla broker queue \
        celery storage zookeeper etcd timescale cockroach";
    const ACCOUNTS: &str = "\
        admin administrator root superuser superadmin sysadmin dashboard console ui web gui login vnc basic router initial \
        grafana gf portal owner operator manager bootstrap user";
    const FOREIGN: &str = "\
        smtp mail email mailer imap pop sms twilio sendgrid mailgun slack github gitlab bitbucket stripe paypal ftp sftp ldap \
        telegram discord google facebook twitter aws azure gcp openai api proxy webhook bot oauth gmail";
    const FILES: &str =
        "keystore truststore certificate certificates cert certs pfx p12 pkcs12 jks kestrel ssl tls pem";
    if judge::is_own_key(name) {
        return Stake::OwnKey;
    }
    let words = key::words(name);
    let has = |list: &str| words.iter().any(|word| list.split_whitespace().any(|one| one == word));
    let glued = words.iter().any(|word| {
        ["dbpass", "dbpassword", "rootpass", "rootpassword", "pgpass", "requirepass", "masterauth"].contains(&&**word)
    });
    let joined: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let of_file = ["keystore", "truststore"].iter().any(|store| joined.to_ascii_lowercase().contains(store));
    if has(FILES) || of_file {
        Stake::File
    } else if has(STORES) || glued {
        Stake::Store
    } else if has(ACCOUNTS) {
        Stake::Account
    } else if has(FOREIGN) {
        Stake::Foreign
    } else {
        Stake::Unknown
    }
}

/// What the name and the way to it say: the `secret-key` below `minio` is not the program's own.
pub(super) fn of_path(name: &str, path: &str) -> Stake {
    const OTHERS: &str =
        "minio s3 oss cos obs aws aliyun tencent qiniu huawei huaweicloud azure gcs storage sms wechat alipay";
    let of_others = |word: &String| OTHERS.split_whitespace().any(|one| one == word);
    match of(name) {
        Stake::OwnKey if key::words(path).iter().any(of_others) => Stake::Foreign,
        other => other,
    }
}

/// Whether the name says that a hash stands there: what is kept to check a password is not the password.
pub(super) fn is_hash(name: &str) -> bool {
    const WORDS: &str =
        "sha sha1 sha2 sha256 sha384 sha512 md5 hex hash hashed digest bcrypt argon2 pbkdf2 crypt checksum";
    let lower = name.to_ascii_lowercase();
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.split(' ').any(|one| one == word))
        || lower.ends_with("hashed")
}

/// Whether the name says that people are told the value: `defaultPassword` in what describes a program.
pub(super) fn is_told(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "defaultpassword" | "default_password" | "default-password")
}

/// Whether the name says that every visitor gets the value.
pub(super) fn is_public(name: &str) -> bool {
    const STARTS: [&str; 7] =
        ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "VUE_APP_", "PUBLIC_"];
    // Where a coin or a contract lies, everybody reads. What counts visitors, searches or shows maps for them carries a key that lies in every copy of the program.
    const PUBLIC: [&str; 17] = [
        "publishable",
        "publickey",
        "sitekey",
        "clienttoken",
        "instrumentationkey",
        "appinsights",
        "amplitude",
        "mixpanel",
        "posthog",
        "hotjar",
        "searchkey",
        "searchapikey",
        "searchonly",
        "sentrydsn",
        "pusherappkey",
        "segmentwrite",
        "measurementid",
    ];
    let joined: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let joined = joined.to_ascii_lowercase();
    let reports = |word: &String| matches!(word.as_str(), "telemetry" | "analytics" | "tracking" | "report");
    let lies = |word: &String| matches!(word.as_str(), "mint" | "address" | "contract");
    STARTS.iter().any(|start| name.starts_with(start))
        || PUBLIC.iter().any(|public| joined.contains(public))
        || key::words(name).iter().any(reports)
        || key::words(name).last().is_some_and(lies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_opened() {
        for (name, stake) in [
            ("SECRET_KEY_BASE", Stake::OwnKey),
            ("JWT_SECRET", Stake::OwnKey),
            ("POSTGRES_PASSWORD", Stake::Store),
            ("spring.datasource.password", Stake::Store),
            ("MYSQL_ROOT_PASSWORD", Stake::Store),
            ("DB_PASS", Stake::Store),
            ("GF_SECURITY_ADMIN_PASSWORD", Stake::Account),
            ("TRAGGO_DEFAULT_USER_PASS", Stake::Account),
            ("SMTP_PASSWORD", Stake::Foreign),
            ("ASPNETCORE_Kestrel__Certificates__Default__Password", Stake::File),
            ("keyStorePassword", Stake::File),
            ("password", Stake::Unknown),
        ] {
            assert_eq!(of(name), stake, "{name}");
        }
        assert!(
            is_hash("password_sha256_hex")
                && is_hash("multiPassHashed")
                && is_hash("root_password_sha2")
                && !is_hash("PASSWORD")
        );
        assert!(
            is_public("NEXT_PUBLIC_TOKEN")
                && is_public("reportToken")
                && is_public("clientToken")
                && !is_public("PUBLISHER_TOKEN")
        );
        assert!(
            is_public("GARI_TOKEN_MINT")
                && is_public("TOKEN_ADDRESS")
                && !is_public("CONTRACT_PRIVATE_KEY")
                && is_public("VITE_RECAPTCHA_SITE_KEY")
                && is_public("amplitudeApiKey")
                && !is_public("SEARCH_PASSWORD")
        );
    }
}
