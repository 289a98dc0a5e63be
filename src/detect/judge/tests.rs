use super::*;

fn verdict(place: Place, key: &str, value: &str) -> Verdict {
    judge(Candidate { key, value, place })
}

#[test]
fn credentials() {
    for (key, value) in [
        ("DB_PASSWORD", "k9Vt2rXq7Lp4"),
        ("DB_PASSWORD", "Tr0ub4dor&3"),
        ("DB_PASSWORD", "correct7horse$staple"),
        ("SMTP_PASS", "hunter2!x"),
        ("API_KEY", "WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm"),
        ("JWT_SECRET", "9f86d081884c7d659a2feaa0c55ad015"),
        ("SECRET_KEY_BASE", "yYrECKoc3/Rnrz1JoOB9Aavp8WyBm0HhPzPdhbSmGoFb"),
        ("DB_PASSWORD", "${DB_PASSWORD:-k9Vt2rXq7Lp4}"),
        ("spring.datasource.password", "${DB_PASS:k9Vt2rXq7Lp4}"),
    ] {
        assert_eq!(verdict(Place::ComposeEnv, key, value), Verdict::Secret(Certainty::Likely), "{key}={value}");
        assert_eq!(verdict(Place::Data, key, value), Verdict::Secret(Certainty::Likely), "{key}: {value}");
    }
}

#[test]
fn defaults_where_they_are_deployed() {
    for (key, value) in [
        ("POSTGRES_PASSWORD", "postgres"),
        ("POSTGRES_PASSWORD", "password"),
        ("POSTGRES_PASSWORD", "changeme"),
        ("MYSQL_ROOT_PASSWORD", "fake_password"),
        ("wordpressPassword", "foo"),
        ("MINIO_ROOT_PASSWORD", "minioadmin"),
        ("JWT_SECRET", "my-super-secret-jwt-key"),
        ("DB_PASSWORD", "${DB_PASSWORD:-postgres}"),
        ("SECRET_KEY", "change-me"),
        ("DB_PASSWORD", "12345"),
    ] {
        assert_eq!(verdict(Place::ManifestEnv, key, value), Verdict::DefaultCredential, "{key}={value}");
        assert!(matches!(verdict(Place::Data, key, value), Verdict::No(_)), "{key}: {value}");
    }
}

#[test]
fn silence() {
    for (key, value, why) in [
        ("DB_PASSWORD", "", Why::Empty),
        ("DB_PASSWORD", "${DB_PASSWORD}", Why::Reference),
        ("DB_PASSWORD", "${DB_PASSWORD:-}", Why::Reference),
        ("DB_PASSWORD", "${DB_PASSWORD:?must be set}", Why::Reference),
        ("DB_PASSWORD", "$DB_PASSWORD", Why::Reference),
        ("DB_PASSWORD", "$(DB_PASSWORD)", Why::Reference),
        ("DB_PASSWORD", "{{ .Values.password }}", Why::Reference),
        ("DB_PASSWORD", "%DB_PASSWORD%", Why::Reference),
        ("DB_PASSWORD", "vault:secret/data/db#password", Why::Reference),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:abc]", Why::Sealed),
        ("DB_PASSWORD", "$2b$12$abcdefghijklmnopqrstuv", Why::Sealed),
        ("DB_PASSWORD", "/run/secrets/db-password", Why::Path),
        ("DB_PASSWORD", "<your-password>", Why::Placeholder),
        ("DB_PASSWORD", "your-password", Why::Placeholder),
        ("DB_PASSWORD", "xxxxxxxx", Why::Placeholder),
        ("DB_PASSWORD", "true", Why::Scalar),
        ("API_TOKEN", "3600", Why::Scalar),
        ("API_TOKEN", "changeme", Why::Placeholder),
        ("OPENAI_API_KEY", "your-api-key-here", Why::Placeholder),
        ("API_KEY", "api-key", Why::Echo),
        ("GITHUB_TOKEN", "github-credentials", Why::Identifier),
        ("DB_PASSWORD_FILE", "k9Vt2rXq7Lp4", Why::Name),
        ("STRIPE_PUBLIC_KEY", "k9Vt2rXq7Lp4k9Vt2rXq7Lp4", Why::Name),
        ("TOKEN_URL", "https://login.example.com/token", Why::Name),
        ("clientSecret", "https://login.example.com/token", Why::Path),
        ("password", "The password of the first user", Why::Prose),
    ] {
        assert_eq!(verdict(Place::ManifestEnv, key, value), Verdict::No(why), "{key}={value}");
    }
}
