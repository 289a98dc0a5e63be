use crate::fact::{Role, Value};
use crate::inspect;
use crate::relate::demand::Demands;
use crate::relate::{Around, Relation};
use crate::source::{Encoding, Inventory, Origin, Source, role_of_path};
use crate::span::SourceId;

/// `line role because` of every credential; nothing stands for one that somebody has to act on.
fn weighed(files: &[(&str, &str)]) -> Vec<String> {
    let mut files = files.to_vec();
    files.sort_unstable();
    let source = |(index, (path, text)): (usize, &(&str, &str))| {
        let id = SourceId(u32::try_from(index).expect("few files"));
        Source::new(id, Origin::File((*path).into()), Encoding::Utf8, role_of_path(path).0, *text)
    };
    let sources: Vec<Source> = files.iter().enumerate().map(source).collect();
    let claims: Vec<Vec<usize>> =
        sources.iter().map(|source| inspect::claimants(source.path(), source.text())).collect();
    let inspected = inspect::all(&sources, &claims);
    let inventory = Inventory::of_texts(files.iter().copied());
    let around = Around { inventory: &inventory, demands: &Demands::default() };
    let facts = super::Secrets.relate(&sources, &inspected.facts, around);
    let show = |fact: &crate::fact::Fact<'_>| {
        let because = fact.record.get("because").and_then(Value::as_str).unwrap_or_default();
        let weighty = fact.record.get("is_weighty").and_then(Value::as_bool) == Some(true);
        assert_eq!(weighty, because.is_empty());
        let role = if fact.role == Role::Production { "" } else { fact.role.name() };
        let said: Vec<&str> = [role, because].into_iter().filter(|text| !text.is_empty()).collect();
        format!("{}:{}", fact.path, said.join(" "))
    };
    facts.iter().map(show).collect()
}

const DATABASE: &str = "\
services:
  app: {image: registry.internal/app:1}
  db:
    image: postgres:17
    restart: always
    ports: [\"5432:5432\"]
    environment: {POSTGRES_PASSWORD: postgres}
";

#[test]
fn a_database_counts_when_the_network_reaches_it() {
    let path = "services.db.environment.POSTGRES_PASSWORD";
    assert_eq!(weighed(&[("compose.yaml", DATABASE)]), [format!("{path}:")]);
    let inside = DATABASE.replace("    ports: [\"5432:5432\"]\n", "");
    let because = "nothing beyond the services beside it reaches what it opens";
    assert_eq!(weighed(&[("compose.yaml", &inside)]), [format!("{path}:{because}")]);
}

#[test]
fn what_only_developers_run_is_theirs() {
    let because = "development what holds it does not ship";
    let expected = [format!("services.db.environment.POSTGRES_PASSWORD:{because}")];
    let mail = format!("{DATABASE}  mail: {{image: axllent/mailpit:v1}}\n");
    assert_eq!(weighed(&[("compose.yaml", &mail)]), expected);
    let watched = DATABASE.replace("app: {image: registry.internal/app:1}", "app: {build: ., command: npm run dev}");
    assert_eq!(weighed(&[("compose.yaml", &watched)]), expected);
    let mounted = DATABASE.replace("{image: registry.internal/app:1}", "{image: node:24, volumes: [\".:/app\"]}");
    assert_eq!(weighed(&[("compose.yaml", &mounted), ("package.json", "{}")]), expected);
    assert_eq!(weighed(&[("compose.yaml", DATABASE), ("Procfile", "web: run")]), expected);
}

#[test]
fn a_variable_is_weighed_where_it_arrives() {
    let passed = DATABASE.replace("{POSTGRES_PASSWORD: postgres}", "[POSTGRES_PASSWORD]");
    let named = DATABASE.replace("POSTGRES_PASSWORD: postgres", "POSTGRES_PASSWORD: \"${DB_PASS:?}\"");
    assert_eq!(weighed(&[(".env", "POSTGRES_PASSWORD=changeit\n"), ("compose.yaml", &passed)]), ["POSTGRES_PASSWORD:"]);
    assert_eq!(weighed(&[(".env", "DB_PASS=postgres\n"), ("compose.yaml", &named)]), ["DB_PASS:"]);
    let unread = "nothing that ships reads its file";
    assert_eq!(weighed(&[(".env", "DB_PASS=postgres\n")]), [format!("DB_PASS:{unread}")]);
}

#[test]
fn a_key_file_counts_when_something_that_ships_names_it() {
    let line = "MIIEpAIBAAKCAQEAy8Dbv8prpJk9Vt2rXq7Lp4Zw1sQe5TbN3mUa6";
    let key = format!("-----BEGIN PRIVATE KEY-----\n{line}\n{line}\n-----END PRIVATE KEY-----\n");
    let key = key.as_str();
    let image = "FROM nginx:1.29\nCOPY certs/server.key /etc/nginx/\n";
    assert_eq!(weighed(&[("certs/server.key", key), ("Dockerfile", image)]), ["private-key:"]);
    let test = [("certs/server.key", key), ("tests/tls_test.py", "open('certs/server.key')")];
    assert_eq!(weighed(&test), ["private-key:what holds it is for trying things out"]);
    assert_eq!(weighed(&[("certs/server.key", key)]), ["private-key:nothing that ships reads its file"]);
    assert_eq!(weighed(&[("deploy/server.key", key)]), ["private-key:"]);
}

#[test]
fn texts_that_tell_people_to_set_their_own() {
    let because = |text: &str| weighed(&[("k8s/secret.yaml", text)]).join(" ");
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n  password: {value}\n")
    };
    assert_eq!(because(&secret("mysqlpw")), "stringData.password:");
    assert_eq!(because(&secret("change-me")), "stringData.password:it asks to be replaced");
    assert_eq!(because(&secret("mysqlpw # replace in production")), "stringData.password:it asks to be replaced");
}

#[test]
fn a_realm_counts_when_something_that_ships_imports_it() {
    let realm = "{\"realm\": \"shop\", \"clients\": [{\"clientId\": \"a\", \"secret\": \"c41b709a-a012-4c69-89d7-4f926dba0619\"}]}\n";
    let unread = "clients.0.secret:nothing that ships reads its file";
    assert_eq!(weighed(&[("config/shop-realm.json", realm)]), [unread]);
    let image = "FROM quay.io/keycloak/keycloak:26.0\nCOPY config/shop-realm.json /opt/keycloak/data/import/\n";
    assert_eq!(weighed(&[("Dockerfile", image), ("config/shop-realm.json", realm)]), ["clients.0.secret:"]);
}

#[test]
fn what_says_that_it_is_not_used_is_light() {
    let because = |path: &str, text: &str| weighed(&[(path, text)]).join(" ");
    let task = "env:\n  AUTH_API_KEY_PEPPER: \"dev-only-pepper-not-for-production-use-32b+\"\n";
    assert_eq!(because("Taskfile.yml", task), "env.AUTH_API_KEY_PEPPER:it asks to be replaced");
    let script = "#!/bin/sh\nexport SHOP_API_KEY=shop_669b576aaadc10ee1ae81d9193425705\ncurl http://localhost:80\n";
    assert_eq!(because("bin/send.sh", script), "SHOP_API_KEY:it is for the machine that it runs on");
}

#[test]
fn a_file_of_defaults_and_a_local_key_are_light() {
    let key = "APP_SECRET=630dc0d699fd37e720aff268f75583ed\n";
    let disclaimed = format!("# DO NOT DEFINE PRODUCTION SECRETS IN THIS FILE.\n{key}");
    assert_eq!(weighed(&[(".env", &disclaimed)]), ["APP_SECRET:its file is to be filled in"]);
    assert_eq!(weighed(&[(".env", key)]), ["APP_SECRET:"]);
    let chart = [(".env", key), ("charts/a/Chart.yaml", "name: a\n")];
    assert_eq!(weighed(&chart), ["APP_SECRET:nothing that ships reads its file"]);
    let token = [(".env", "SLACK_TOKEN=k9Vt2rXq7Lp4Zw1sQe5TbN3m\n"), ("charts/a/Chart.yaml", "name: a\n")];
    assert_eq!(weighed(&token), ["SLACK_TOKEN:"]);
}

#[test]
fn a_key_in_settings_counts_when_something_that_ships_names_them() {
    let line = "MIIEpAIBAAKCAQEAy8Dbv8prpJk9Vt2rXq7Lp4Zw1sQe5TbN3mUa6";
    let key = format!(
        "signing:\n  key: |\n    -----BEGIN PRIVATE KEY-----\n    {line}\n    {line}\n    -----END PRIVATE KEY-----\n"
    );
    let key = key.as_str();
    assert_eq!(weighed(&[("conf/accounts.yml", key)]), ["private-key:nothing that ships reads its file"]);
    let image = [("Dockerfile", "FROM tomcat:10\nADD accounts.yml /etc/\n"), ("accounts.yml", key)];
    assert_eq!(weighed(&image), ["private-key:"]);
}

#[test]
fn a_stage_that_only_builds_ships_nothing() {
    let builder =
        "FROM ruby:3.4 AS assets\nENV SECRET_KEY_BASE=TestKey\nRUN rake\nFROM ruby:3.4\nCOPY --from=assets /a /a\n";
    assert_eq!(weighed(&[("Dockerfile", builder)]), ["SECRET_KEY_BASE:it serves a run of a script or a pipeline"]);
    let base = "FROM ruby:3.4 AS base\nENV SECRET_KEY_BASE=TestKey\nFROM base\nRUN rake\n";
    assert_eq!(weighed(&[("Dockerfile", base)]), ["SECRET_KEY_BASE:"]);
}

#[test]
fn one_value_in_many_places_counts_once() {
    let value = "WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm";
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\nstringData:\n  JWT_SECRET: {value}\n  API_KEY: {value}\n"
    );
    let variable = format!("JWT_SECRET={value}\n");
    let elsewhere = "the same value is judged in `k8s/secret.yaml`";
    let found = weighed(&[(".env", &variable), ("k8s/secret.yaml", &secret)]);
    assert_eq!(
        found,
        [
            format!("JWT_SECRET:{elsewhere}"),
            "stringData.JWT_SECRET:".to_owned(),
            // In one file it is two mends.
            "stringData.API_KEY:".to_owned(),
        ]
    );
}

#[test]
fn what_everybody_guesses_was_chosen_apart() {
    let shop = DATABASE.replace("app:", "shop:");
    let path = "services.db.environment.POSTGRES_PASSWORD";
    let found = weighed(&[("blog/compose.yaml", DATABASE), ("shop/compose.yaml", &shop)]);
    assert_eq!(found, [format!("{path}:"), format!("{path}:")]);
}

#[test]
fn settings_count_where_they_are_deployed() {
    let text = "jwt:\n  secret: WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm\n";
    let profile = "jwt.secret:nothing tells that its profile is one that is deployed";
    assert_eq!(weighed(&[("src/main/resources/application-prod.yml", text)]), ["jwt.secret:"]);
    assert_eq!(weighed(&[("src/main/resources/application-og.yml", text)]), [profile]);
    let replaced = "jwt:\n  secret: ${JWT_SECRET:WcZ55YI5zAuTuTcimWCmw6GVoQHACQmm}\n";
    let stands_in = "jwt.secret:it only stands in where nothing is given";
    assert_eq!(weighed(&[("src/main/resources/application.yml", replaced)]), [stands_in]);
}
