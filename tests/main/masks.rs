//! No secret in any output: sixty of every kind, in every kind of file, looked for by any six characters of their tails
//! in everything that every command prints or writes. They are made at run time; none is stored here.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use aho_corasick::AhoCorasick;
use seaworthy::fact::format::FormatRecord;
use seaworthy::rule::catalog::Catalog;

use crate::folder::Folder;

const NOW: &str = "2026-11-21T00:00:00Z";
/// So many of the last characters are looked for.
const TAIL: usize = 16;
/// In pieces of so many.
const PIECE: usize = 6;

/// What the secret is.
#[derive(Clone, Copy)]
enum Make {
    /// Drawn letters and digits.
    Drawn,
    /// A value of the known format of that rule.
    Of(&'static str),
    /// Drawn, and written in base 64.
    Base64,
    /// The lines of a private key.
    Key(&'static str),
}

use Make::{Base64, Drawn, Key, Of};

/// Where: the file, its text with `§` for the secret, and what it is.
#[rustfmt::skip]
const PLANTS: &[(&str, &str, Make)] = &[
    ("a01/.env", "API_TOKEN=§\n", Drawn),
    ("a02/.env", "DB_PASSWORD=\"§\"\n", Drawn),
    ("a03/.env.production", "export SESSION_SECRET='§'\n", Drawn),
    ("a04/.env", "SIGNING_KEY=\"§\"\nPORT=80\n", Key("\n")),
    ("a05/.env", "# OLD_DB_PASSWORD=§\nPORT = 80\n", Drawn),
    ("a06/.env", "GH=§\n", Of("secrets/github")),
    ("a07/.env", "DB_URL=postgres://shop:§@db.corp.net/x\n", Drawn),
    ("a08/.env", "DB_PASSWORD=§ # the old one\n", Drawn),
    ("a09/.env", "DB PASSWORD=§\nDB_PASSWORD\n", Of("secrets/gitlab")),
    ("a10/.env", "API_SECRET = §\nAPI_SECRET=§\n", Drawn),
    ("b01/Dockerfile", "FROM nginx:1.27\nENV DB_PASSWORD=§ A=1\n", Drawn),
    ("b02/Dockerfile", "FROM nginx:1.27\nENV DB_PASSWORD §\n", Drawn),
    ("b03/Dockerfile", "FROM nginx:1.27\nARG NPM_TOKEN=§\nRUN npm ci\n", Drawn),
    ("b04/Dockerfile", "FROM nginx:1.27\n# login with §\nRUN sudo apt-get install curl\n", Of("secrets/slack")),
    ("b05/Dockerfile", "FROM nginx:1.27\nRUN curl -u bot:§ https://repo.corp.net/x.sh | sh\n", Of("secrets/npm")),
    ("b06/Dockerfile", "FROM nginx:1.27\n§ install\n", Of("secrets/sendgrid")),
    ("b07/Dockerfile", "FROM nginx:1.27\nRUN git clone https://bot:§@git.corp.net/x.git\n", Drawn),
    ("b08/Dockerfile", "FROM nginx:1.27\nLABEL token=§\nENV A=\"§\n", Of("secrets/stripe")),
    ("b09/Dockerfile", "FROM registry.corp.net/§:latest\nUSER §\nEXPOSE §\nWORKDIR §\n", Of("secrets/digitalocean")),
    ("c01/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: 'a:latest', env: [{name: DB_PASSWORD, value: \"§\"}]}]}\n", Drawn),
    ("c02/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  password: §\n", Drawn),
    ("c03/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  password: §\n", Base64),
    ("c04/m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  DB_PASSWORD: §\n", Drawn),
    ("c05/m.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  app.properties: |\n    db.user=shop\n    db.password=§\n", Drawn),
    ("c06/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: a, args: [\"--token=§\"]}]}\n", Of("secrets/github")),
    ("c07/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  annotations: {§: a}\n  labels: {a: §}\nspec: {containers: [{name: c, image: a}]}\n", Of("secrets/hashicorp")),
    ("c08/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: §}\nspec: {containers: [{name: §, image: 'a:§', ports: [{containerPort: §}]}]}\n", Of("secrets/shopify")),
    ("c09/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - name: c\n      image: a\n      env:\n        - {name: §, value: x}\n        - {name: §, value: y}\n", Of("secrets/linear")),
    ("c10/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: c\n    image: a\n     password: §\n  §: [\n", Of("secrets/doppler")),
    ("c11/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  tls.key: |\n§\n", Key("\n    ")),
    ("d01/compose.yaml", "services: {x: {image: a, environment: {POSTGRES_PASSWORD: §}}}\n", Drawn),
    ("d02/compose.yaml", "services:\n  x:\n    image: a\n    environment:\n      - MYSQL_ROOT_PASSWORD=§\n", Drawn),
    ("d03/compose.yaml", "services: {x: {image: a, environment: ['URL=amqp://shop:§@mq:5672/x']}}\n", Drawn),
    ("d04/compose.yaml", "services: {x: {image: redis, command: 'redis-server --masterauth §'}}\n", Of("secrets/pypi")),
    ("e01/application.properties", "spring.datasource.password=§\n", Drawn),
    ("e02/settings.json", "{\"db\": {\"password\": \"§\"}}\n", Drawn),
    ("e03/settings.json", "{\"db\": {\"password\": \"§\", }\n", Drawn),
    ("e04/settings.toml", "[db]\npassword = \"§\"\n", Drawn),
    ("e05/settings.toml", "[db\npassword = \"§\"\n", Drawn),
    ("e06/values.yaml", "auth:\n  rootPassword: §\n", Drawn),
    ("e07/values.yaml", "auth:\n  rootPassword: >-\n    §\n", Drawn),
    ("e08/settings.ini", "[db]\npassword = §\n", Drawn),
    ("e09/settings.xml", "<server><password>§</password></server>\n", Drawn),
    ("e10/prod.tfvars", "db_password = \"§\"\n", Drawn),
    ("e11/init.sql", "CREATE ROLE shop LOGIN PASSWORD '§';\n", Drawn),
    ("e12/.npmrc", "//registry.npmjs.org/:_authToken=§\n", Of("secrets/npm")),
    ("e13/key.json", "{\"private_key\": \"§\"}\n", Key("\\n")),
    ("e14/server.pem", "§\n", Key("\n")),
    ("e15/.netrc", "machine x login bot password §\n", Drawn),
    ("f01/main.py", "import os\nos.environ[\"A\"]\nAPI_TOKEN = \"§\"\n", Of("secrets/openai")),
    ("f02/main.go", "// §\nvar x = os.Getenv(\"§\")\n", Of("secrets/anthropic")),
    ("f03/main.js", "const password = \"§\"; process.env.§;\n", Of("secrets/telegram")),
    ("f04/deploy.sh", "export DB_PASSWORD=§\ncurl -H \"Authorization: Bearer ${X:?§}\"\n", Drawn),
    ("f05/README.md", "Use § to log in.\n", Of("secrets/google")),
    ("g01/§.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: c, image: a}]}\n", Of("secrets/github")),
    ("g02/§/Dockerfile", "FROM nginx\n", Of("secrets/npm")),
    ("g03/b/Dockerfile", "FROM nginx # hadolint ignore=§\n# seaworthy: ignore dockerfile/image-untagged until 2027-01-01: §\nRUN sudo ls\n", Of("secrets/github")),
    (".seaworthy/waivers.yaml", "waivers:\n  - id: w1\n    rule: dockerfile/image-untagged\n    scope: {paths: [\"**\"]}\n    owner: §\n    approved-by: ana\n    kind: accepted-risk\n    reason: the login is § as we said\n    ticket: §\n    created: \"2026-11-10\"\n    expires: \"2026-11-15\"\n", Of("secrets/github")),
    ("seaworthy.yaml", "# §\nschema: seaworthy/policy/1\nwaivers: .seaworthy/waivers.yaml\nattestations: .seaworthy/attestations\nchecklist:\n  extends: [builtin:pre-deployment]\nenvironments:\n  production:\n    variables:\n      PORT: {type: enum, values: [§]}\n", Of("secrets/github")),
    ("h01/.env", "PORT=§\n", Of("secrets/grafana")),
];

/// Policies that are wrong, with the secret beside or in the mistake.
#[rustfmt::skip]
const WRONG: &[(&str, &str, Make)] = &[
    ("seaworthy.yaml", "schema: seaworthy/policy/1\nprofile: §\n", Of("secrets/github")),
    ("seaworthy.yaml", "schema: seaworthy/policy/1\ngate: {fail-on: high, password: \"§\"}\n", Drawn),
    ("seaworthy.yaml", "schema: seaworthy/policy/1\n§: 1\n", Of("secrets/slack")),
    ("seaworthy.yaml", "schema: seaworthy/policy/1\ndb: {password: § }\nrules: [\n", Drawn),
    ("seaworthy.yaml", "schema: seaworthy/policy/1\nextends: [§]\nrules: {dockerfile/nothing-§: off}\n", Of("secrets/github")),
    ("seaworthy.toml", "schema = \"seaworthy/policy/1\"\npassword = \"§\"\n[gate\n", Drawn),
];

/// Draws from a seed, so that every run plants the same.
struct Random(u64);

impl Random {
    fn next(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn text(&mut self, letters: &[u8], length: usize) -> String {
        (0..length).map(|_| letters[self.next(letters.len())] as char).collect()
    }

    /// Letters and digits, no word in them.
    fn drawn(&mut self) -> String {
        let consonants = b"bcdfghjkmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZ";
        (0..12).map(|_| format!("{}{}", self.text(consonants, 1), self.text(b"23456789", 1))).collect()
    }
}

/// The secret as it is written, and what must not be shown of it.
fn make(kind: Make, random: &mut Random, catalog: &Catalog) -> (String, Vec<String>) {
    match kind {
        Drawn => {
            let secret = random.drawn();
            (secret.clone(), vec![secret])
        }
        Of(rule) => {
            // The format with the longest value that can be a file's name: a short one has no tail to look for.
            let length = |record: &&FormatRecord| seaworthy::detect::sample(record, 1).len();
            let formats = catalog.get(rule).unwrap().formats.iter();
            let record = formats.filter(|record| length(record) <= 180).max_by_key(length).unwrap();
            let secret = seaworthy::detect::sample(record, random.0);
            (secret.clone(), vec![secret])
        }
        Base64 => {
            let secret = random.drawn();
            let written = base64(secret.as_bytes());
            (written.clone(), vec![secret, written.trim_end_matches('=').to_owned()])
        }
        Key(end) => {
            let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let lines: Vec<String> = (0..6).map(|_| random.text(letters, 64)).collect();
            let frame = |word: &str| format!("-----{word} {} KEY-----", "PRIVATE");
            let all: Vec<String> =
                std::iter::once(frame("BEGIN")).chain(lines.iter().cloned()).chain([frame("END")]).collect();
            let indent = if end == "\n    " { "    " } else { "" };
            (format!("{indent}{}", all.join(end)), lines)
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let index = number >> (18 - 6 * place) & 63;
            text.push(if place <= three.len() { letters[index as usize] as char } else { '=' });
        }
    }
    text
}

/// Everything planted, and a search for it.
struct Planted {
    folder: Folder,
    finder: AhoCorasick,
    owners: Vec<String>,
}

impl Planted {
    fn new(plants: &[(&str, &str, Make)], seed: u64, more: &[(&str, &str)]) -> Self {
        let catalog = Catalog::builtin();
        let mut random = Random(seed);
        let folder = Folder::repository(more);
        let (mut pieces, mut owners) = (Vec::new(), Vec::new());
        for (path, text, kind) in plants {
            random.next(7);
            let (secret, hidden) = make(*kind, &mut random, &catalog);
            folder.write(&path.replace('§', &secret), text.replace('§', &secret).as_bytes());
            for text in hidden {
                assert!(text.len() >= 12, "{path}: too short to be looked for");
                let tail = &text.as_bytes()[text.len().saturating_sub(TAIL)..];
                for piece in tail.windows(PIECE) {
                    pieces.push(piece.to_vec());
                    owners.push((*path).to_owned());
                }
            }
        }
        folder.git(&["add", "-A", "-f"]);
        folder.git(&["commit", "-q", "-m", "first"]);
        Self { finder: AhoCorasick::new(&pieces).unwrap(), owners, folder }
    }

    /// Runs the program and looks at all that it says; the files that it wrote too.
    fn run(&self, args: &[&str], input: Option<&str>, leaks: &mut BTreeSet<String>) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command.args(args).current_dir(self.folder.0.path()).env("COLUMNS", "400").env("NO_COLOR", "1");
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            std::io::Write::write_all(&mut pipe, &std::fs::read(self.folder.at(input)).unwrap()).unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.is_empty() || args.contains(&"-q") || args.contains(&"-o"), "{args:?} says nothing");
        self.look(&said, &args.iter().map(|arg| arg.get(..24).unwrap_or(arg)).collect::<Vec<_>>().join(" "), leaks);
        said
    }

    fn look(&self, said: &[u8], wherefrom: &str, leaks: &mut BTreeSet<String>) {
        for hit in self.finder.find_overlapping_iter(said) {
            if std::env::var_os("SHOW_LEAKS").is_some() {
                let around = hit.start().saturating_sub(150)..(hit.end() + 60).min(said.len());
                eprintln!("{wherefrom}: {}", String::from_utf8_lossy(&said[around]));
            }
            leaks.insert(format!("{wherefrom}: {}", self.owners[hit.pattern().as_usize()]));
        }
    }

    fn look_at_file(&self, path: &Path, leaks: &mut BTreeSet<String>) {
        self.look(&std::fs::read(path).unwrap(), &path.display().to_string(), leaks);
    }
}

fn assert_none(leaks: &BTreeSet<String>) {
    let shown: Vec<&str> = leaks.iter().map(String::as_str).take(80).collect();
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), shown.join("\n"));
}

#[test]
fn every_format_under_every_selection() {
    assert!(PLANTS.len() >= 60, "{} secrets", PLANTS.len());
    let planted = Planted::new(PLANTS, 11, &[]);
    let mut leaks = BTreeSet::new();
    let formats = ["table", "json", "sarif", "junit", "markdown", "github", "gitlab", "html"];
    let selections: [&[&str]; 6] = [
        &[],
        &["-v"],
        &["--only", "secrets/*"],
        &["--skip", "secrets/*", "-v"],
        &["--only", "env/*", "--only", "dockerfile/*", "--only", "kubernetes/*"],
        &["--env", "production", "--profile", "strict", "--sarif-suppressions"],
    ];
    for selection in selections {
        let files: Vec<String> = formats.iter().map(|format| format!("{format}=out.{format}")).collect();
        let mut args = vec!["check", ".", "--now", NOW];
        args.extend(selection);
        args.extend(files.iter().flat_map(|file| ["-f", file.as_str()]));
        planted.run(&[&args[..], &["-f", "table"]].concat(), None, &mut leaks);
        for format in formats {
            let file = planted.folder.at(&format!("out.{format}"));
            planted.look_at_file(&file, &mut leaks);
            std::fs::remove_file(file).unwrap();
        }
    }
    let json = planted.run(&["check", ".", "--now", NOW, "-f", "json"], None, &mut leaks);
    let report: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let found = report["findings"].as_array().unwrap();
    let secrets = found.iter().filter(|one| one["rule"].as_str().unwrap().starts_with("secrets/")).count();
    assert!(secrets >= 40, "only {secrets} of the secrets are found at all");
    assert_none(&leaks);
}

#[test]
fn every_command() {
    let planted = Planted::new(PLANTS, 23, &[]);
    let mut leaks = BTreeSet::new();
    let mut run = |args: &[&str]| planted.run(args, None, &mut leaks);
    run(&["check", ".", "--now", NOW, "--show-settings"]);
    run(&["check", ".", "--now", NOW, "--policy-from", "HEAD", "-v"]);
    run(&["check", ".", "--now", NOW, "--diff", "HEAD", "-v"]);
    run(&["check", ".", "--now", NOW, "--policy", "seaworthy.yaml", "-v"]);
    run(&["checklist", ".", "--now", NOW]);
    run(&["baseline", ".", "--now", NOW, "-o", "baseline.json"]);
    run(&["check", ".", "--now", NOW, "--baseline", "baseline.json", "-v"]);
    run(&["init", "a01"]);
    run(&["rules", "list"]);
    run(&["explain", "secrets/github"]);
    planted.look_at_file(&planted.folder.at("baseline.json"), &mut leaks);
    // What the user types.
    let secret = std::fs::read_to_string(planted.folder.at("a06/.env")).unwrap();
    let secret = secret.trim().trim_start_matches("GH=");
    for args in [
        vec!["check", secret],
        vec!["check", ".", "--only", secret],
        vec!["check", ".", "--policy-from", secret],
        vec!["check", ".", "-c", secret],
        vec!["check", ".", "--now", secret],
        vec!["check", ".", "-f", secret],
        vec!["check", ".", "--env", secret],
        vec!["explain", secret],
        vec!["rules", "test", secret],
        vec![secret],
        vec!["waive", secret, "--reason", "x", "--until", "2027-01-01", "--owner", "a", "--approved-by", "b"],
        vec!["attest", secret, ".", "--by", "a", "--role", "sre", "--result", "pass"],
    ] {
        planted.run(&args, None, &mut leaks);
    }
    let comment = format!("the login is {secret}");
    let attest =
        ["attest", "backup-exists", ".", "--by", "a@x.example", "--role", "sre", "--result", "pass", "--comment"];
    planted.run(&[&attest[..], &[&comment]].concat(), None, &mut leaks);
    planted.run(&["checklist", ".", "--now", NOW], None, &mut leaks);
    for path in ["a01/.env", "b01/Dockerfile", "c01/pod.yaml", "c10/pod.yaml"] {
        planted.run(&["check", "-", "--stdin-filename", path, "-v"], Some(path), &mut leaks);
    }
    assert_none(&leaks);
}

#[test]
fn policies_with_mistakes() {
    let mut leaks = BTreeSet::new();
    for (index, plant) in WRONG.iter().enumerate() {
        let planted = Planted::new(std::slice::from_ref(plant), 31 + index as u64, &[("Dockerfile", "FROM a\n")]);
        for args in [&["check", "."][..], &["check", ".", "--show-settings"], &["checklist", "."], &["baseline", "."]] {
            planted.run(args, None, &mut leaks);
        }
        planted.run(&["check", ".", "--policy-from", "HEAD"], None, &mut leaks);
    }
    assert_none(&leaks);
}

#[test]
fn rules_with_mistakes() {
    let rule = |assert: &str, message: &str, example: &str| {
        format!(
            "title: x\nseverity: low\ncategory: security\nsubject: env.variable\nassert: '{assert}'\nmessage: '{message}'\n\
             why: x\nfix: x\nexamples:\n  fails:\n    - name: one §\n      text: |\n        {example}\n  passes: []\n"
        )
    };
    let plants: [(&str, String, Make); 4] = [
        ("rules/env/a.yaml", rule("variable.§", "x", "«A»=1"), Of("secrets/github")),
        ("rules/env/b.yaml", rule("variable.key == \"§\"", "x {variable.§}", "«A»=1"), Of("secrets/github")),
        ("rules/env/c.yaml", rule("variable.key != \"A\"", "x", "DB_PASSWORD=§"), Drawn),
        ("rules/env/d.yaml", rule("variable.key != \"A\"", "x §", "«A»=1") + "§: 1\n", Of("secrets/slack")),
    ];
    let mut leaks = BTreeSet::new();
    for (index, (path, text, kind)) in plants.iter().enumerate() {
        let planted = Planted::new(&[(path, text.as_str(), *kind)], 47 + index as u64, &[(".env", "A=1\n")]);
        planted.run(&["rules", "test", "rules"], None, &mut leaks);
        planted.run(&["check", ".", "--rule-dir", "rules", "-v"], None, &mut leaks);
    }
    assert_none(&leaks);
}
