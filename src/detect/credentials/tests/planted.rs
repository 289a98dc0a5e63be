//! Secrets of every kind in every kind of file: each must be found at its place, and nothing else.

use super::super::super::{record_tests as records, sample};
use super::found;

/// A value of that format.
fn token(name: &str) -> String {
    let all = records::all();
    let (_, record) = all.iter().find(|(_, record)| record.name == name).expect("record");
    sample(record, 5)
}

/// A PEM block of that kind whose body nobody uses.
fn pem(kind: &str) -> String {
    let body = "MIIEpAIBAAKCAQEAy8Dbv8prpJ".to_owned() + "k9Vt2rXq7Lp4Zw1sQe5TbN3mUa6".repeat(3).as_str();
    format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----")
}

const PASSWORD: &str = "k9Vt2rXq7Lp4";
const KEY: &str = "WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm";

/// Path, text with `@` for the value (`§` for another sign), what it is.
const PLAIN: &[(&str, &str, &str, &str)] = &[
    ("Dockerfile", "FROM alpine:3\nENV DB_PASSWORD=@\n", PASSWORD, "plain image-env"),
    ("services/messages/Dockerfile", "FROM alpine:3\nENV DB_PASSWORD=@\n", PASSWORD, "plain image-env"),
    ("services/messages/.env", "DB_PASSWORD=@\n", PASSWORD, "plain dotenv"),
    ("Dockerfile", "FROM alpine:3\nENV DB_PASSWORD @\n", PASSWORD, "plain image-env"),
    ("Dockerfile", "FROM alpine:3\nENV A=1 \\\n    API_KEY=\"@\" \\\n    B=2\n", KEY, "plain image-env"),
    ("build/api.Dockerfile", "FROM a\nARG NPM_AUTH_TOKEN=@\n", KEY, "plain build-arg"),
    ("Dockerfile", "FROM a\nRUN mysql -u root --password=@ -h db\n", PASSWORD, "plain shell"),
    ("Dockerfile", "FROM a\nRUN PGPASSWORD=@ psql\n", PASSWORD, "plain shell"),
    (".env", "DB_PASSWORD=@\n", PASSWORD, "plain dotenv"),
    (".env.production", "export JWT_SECRET='@' # rotate\n", KEY, "plain dotenv"),
    (".env", "A=1\r\nDB_PASSWORD=\"@\"\r\n", PASSWORD, "plain dotenv"),
    (".env.example", "DB_PASSWORD=@\n", PASSWORD, "plain data"),
    (".env", "POSTGRES_PASSWORD=@\n", "postgres", "default dotenv"),
    (".env", "ADMIN_PASSWORD=@\n", "changeme", "default dotenv"),
    (".env", "DATABASE_URL=postgres://app:@§db.internal/app\n", PASSWORD, "url url"),
    (".env", "REDIS_URL=redis://:@§cache:6379/0\n", PASSWORD, "url url"),
    (".env", "DATABASE_URL=postgres://postgres:@§db/app\n", "postgres", "default url"),
    (
        "compose.yaml",
        "services:\n  db:\n    image: x\n    environment:\n      POSTGRES_PASSWORD: @\n",
        PASSWORD,
        "plain compose-env",
    ),
    (
        "docker-compose.yml",
        "services:\n  db:\n    environment:\n      - POSTGRES_PASSWORD=@\n",
        PASSWORD,
        "plain compose-env",
    ),
    (
        "compose.yaml",
        "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: @\n",
        "example",
        "default compose-env",
    ),
    ("compose.yaml", "services:\n  db:\n    environment:\n      SECRET_KEY_BASE: @\n", KEY, "plain compose-env"),
    (
        "k8s/api.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n        env:\n        - name: DB_PASSWORD\n          value: @\n",
        PASSWORD,
        "plain manifest-env",
    ),
    (
        "k8s/api.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - env:\n        - {name: MYSQL_ROOT_PASSWORD, value: @}\n",
        "fake_password",
        "default manifest-env",
    ),
    (
        "k8s/secret.yaml",
        "apiVersion: v1\nkind: Secret\ndata:\n  password: @\n",
        "azlWdDJyWHE3THA0",
        "plain secret-object",
    ),
    ("k8s/secret.yaml", "kind: Secret\napiVersion: v1\nstringData:\n  password: @\n", PASSWORD, "plain secret-object"),
    (
        "k8s/secret.yaml",
        "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Secret\ndata:\n  password: @\n",
        "cG9zdGdyZXM=",
        "default secret-object",
    ),
    ("k8s/cm.yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  DB_PASSWORD: @\n", PASSWORD, "plain config-map"),
    ("chart/values.yaml", "db:\n  auth:\n    password: @\n", PASSWORD, "plain chart-values"),
    ("chart/values.yaml", "wordpressPassword: @\n", "foo", "default chart-values"),
    ("k8s/job.yaml", "kind: Job\nspec:\n  containers:\n  - args:\n    - --db-password=@\n", PASSWORD, "plain shell"),
    ("config/app.json", "{\"db\": {\"password\": \"@\"}}", PASSWORD, "plain data"),
    ("config/app.toml", "[db]\npassword = \"@\"\n", PASSWORD, "plain data"),
    ("config/application.yml", "spring:\n  datasource:\n    password: @\n", PASSWORD, "plain data"),
    ("config/application.yml", "spring:\n  datasource:\n    password: ${DB_PASS:@}\n", PASSWORD, "plain data"),
    ("application.properties", "spring.datasource.password=@\n", PASSWORD, "plain properties"),
    ("app.ini", "[db]\npassword = @\n", PASSWORD, "plain properties"),
    ("redis.conf", "requirepass @\n", PASSWORD, "plain properties"),
    (".npmrc", "//registry.example.org/:_auth=@\n", "ZGVwbG95Oms5VnQyclhxN0xwNGloekNjRVVS", "plain properties"),
    (".netrc", "machine git.example.org login bot password @\n", PASSWORD, "plain properties"),
    (".pgpass", "db:5432:app:app:@\n", PASSWORD, "plain properties"),
    ("main.tf", "resource \"x\" \"y\" {\n  db_password = \"@\"\n}\n", PASSWORD, "plain properties"),
    ("settings.xml", "<server><username>u</username><password>@</password></server>", PASSWORD, "plain properties"),
    ("init.sql", "CREATE ROLE app LOGIN PASSWORD '@';\n", PASSWORD, "plain sql"),
    ("init.sql", "CREATE USER app IDENTIFIED BY '@';\n", "otelp", "default sql"),
    ("deploy.sh", "export DB_PASSWORD=@\n", PASSWORD, "plain shell"),
    ("deploy.sh", "docker run -e MYSQL_ROOT_PASSWORD=@ mysql\n", PASSWORD, "plain shell"),
    ("deploy.sh", "curl https://bot:@§git.corp.internal/a\n", PASSWORD, "url url"),
    ("app/settings.py", "SECRET_KEY = '@'\n", KEY, "plain code"),
    ("src/db.js", "const conn = { password: '@', host }\n", PASSWORD, "plain code"),
    ("src/Db.java", "String dbPassword = \"@\";\n", PASSWORD, "plain code"),
    (".git-credentials", "https://bot:@§github.com\n", "nNVDxUgWvvZWnPiz5Pfx1", "url url"),
];

#[test]
fn plain_values_in_every_kind_of_file() {
    let mut wrong = Vec::new();
    for (path, text, value, expected) in PLAIN {
        let text = text.replace('@', value).replace('§', "@");
        let hits = found(path, &text);
        if hits.len() != 1 || !hits[0].starts_with(expected) || !hits[0].contains(value) {
            wrong.push(format!("{path}: {text} gave {hits:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn known_formats_in_every_kind_of_file() {
    let names = [
        "github-pat-classic",
        "gitlab-pat",
        "npm-access-token",
        "stripe-live-secret-key",
        "slack-bot-token",
        "digitalocean-pat",
        "sendgrid-api-key",
        "age-secret-key",
        "anthropic-api-key",
        "pulumi-access-token",
        "shopify-access-token",
        "terraform-cloud-token",
        "databricks-pat",
        "hubspot-private-app-token",
    ];
    for name in names {
        let value = token(name);
        for (path, text) in [
            (".env", format!("X={value}\n")),
            ("Dockerfile", format!("FROM a\nENV X={value}\n")),
            ("k8s/x.yaml", format!("env:\n- name: X\n  value: {value}\n")),
            ("README.md", format!("Run with `{value}`.\n")),
            ("src/a.go", format!("const x = \"{value}\"\n")),
            ("a.json", format!("{{\"x\": \"{value}\"}}")),
            ("notes.txt", format!("https://x:{value}@github.com/a/b\n")),
        ] {
            let hits = found(path, &text);
            assert!(
                hits.len() == 1 && hits[0].starts_with("format") && hits[0].ends_with(&value),
                "{path} {text} {hits:?}"
            );
        }
    }
}

#[test]
fn a_known_format_beats_the_plain_value_and_keeps_its_place() {
    let value = token("github-pat-classic");
    let hits = found("compose.yaml", &format!("services:\n  a:\n    environment:\n      GITHUB_TOKEN: {value}\n"));
    assert_eq!(hits, [format!("format compose-env {value}")]);
}

#[test]
fn a_format_inside_a_secret_object() {
    let coded = super::super::super::base::encode64(token("stripe-live-secret-key").as_bytes());
    let hits = found("s.yaml", &format!("kind: Secret\ndata:\n  stripe_api_key: {coded}\n"));
    assert_eq!(hits, [format!("format secret-object {coded}")]);
}

#[test]
fn private_keys() {
    for kind in [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
        "DSA PRIVATE KEY",
    ] {
        let block = pem(kind);
        assert_eq!(found("id_rsa", &block), [format!("private-key private-key {block}")]);
        let escaped = block.replace('\n', "\\n");
        assert_eq!(found("key.json", &format!("{{\"private_key\": \"{escaped}\"}}")).len(), 1, "{kind}");
    }
    let coded = super::super::super::base::encode64(pem("RSA PRIVATE KEY").as_bytes());
    let hits = found("kubeconfig.yaml", &format!("users:\n- user:\n    client-key-data: {coded}\n"));
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert!(hits[0].starts_with("private-key"), "{hits:?}");
    assert_eq!(found("id", &pem("ENCRYPTED PRIVATE KEY")), [] as [String; 0]);
}
