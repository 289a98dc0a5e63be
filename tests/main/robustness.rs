//! Readers are total: whatever the text, no panic, spans in bounds and on character boundaries, the same result twice.

use proptest::prelude::*;

mod invariants;

/// Pieces that mean something to one reader or another.
const PIECES: [&str; 88] = [
    "a",
    "b: ",
    "c:",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    " ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "&x ",
    "*x",
    "<<: ",
    "*x\n",
    "!!str ",
    "!t ",
    "|\n",
    ">-\n",
    "|2\n",
    "\"",
    "'",
    "\\",
    "\\n",
    "\\u00e4",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    " # c\n",
    "{{",
    "}}",
    "{% if %}",
    "<% ",
    "${{ x }}",
    "yes",
    "0644",
    "1.10",
    "null",
    "~",
    "true",
    "é",
    "😀",
    "\u{feff}",
    "\0",
    "\u{85}",
    "=",
    "a = 1\n",
    "[t]\n",
    "[[u]]\n",
    "\"\"\"",
    "'''",
    "//",
    "/* ",
    "*/",
    "1e999",
    "-0x",
    "$(",
    ")",
    "(",
    "`",
    "${",
    "$x",
    "$((",
    "))",
    "<<EOF\n",
    "EOF\n",
    "<<-E ",
    "&&",
    "||",
    "|",
    ";",
    "&",
    ">",
    "2>&1 ",
    "if ",
    "fi\n",
    "case x in ",
    ";;",
    "[[ ",
    "x=(",
];

fn soup() -> impl Strategy<Value = String> {
    let pieces = prop::collection::vec(0..PIECES.len(), 0..60)
        .prop_map(|picked| picked.into_iter().map(|index| PIECES[index]).collect::<String>());
    prop_oneof![4 => pieces, 1 => "\\PC{0,80}"]
}

/// Pieces that mean something to readers of variables.
const ENV_PIECES: [&str; 40] = [
    "A",
    "é",
    "_B1",
    "=",
    " = ",
    ": ",
    "\n",
    "\r\n",
    "\"",
    "'",
    "`",
    "\\",
    "#",
    " # ",
    "//",
    "/*",
    "*/",
    "\"\"\"",
    "${",
    "}",
    "$",
    "$(",
    "export ",
    "PASSWORD=",
    "process.env",
    "Deno.env.get(",
    ".",
    "[",
    "]",
    "(",
    ")",
    "os.environ",
    " in ",
    "os.Getenv(",
    "env:\"",
    "ENV[",
    "ENV.fetch(",
    "env::var(",
    "@Value(\"${",
    ":?",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml(text in soup()) {
        invariants::data("a.yaml", &text);
    }

    #[test]
    fn json(text in soup()) {
        invariants::data("a.json", &text);
        invariants::data("a.jsonc", &text);
    }

    #[test]
    fn toml(text in soup()) {
        invariants::data("a.toml", &text);
    }

    #[test]
    fn env(picked in prop::collection::vec(0..ENV_PIECES.len(), 0..40)) {
        invariants::env(&picked.into_iter().map(|index| ENV_PIECES[index]).collect::<String>());
    }

    #[test]
    fn shell(text in soup()) {
        invariants::script(&text);
    }

    #[test]
    fn ignores(text in soup()) {
        invariants::ignores(&text);
    }

    #[test]
    fn policy(text in soup()) {
        invariants::policy(&text);
    }

    #[test]
    fn zone(text in soup()) {
        invariants::zone(&text);
    }

    #[test]
    fn certificates(text in soup()) {
        invariants::certificates(text.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn artefacts(text in soup()) {
        for path in ["Dockerfile", ".dockerignore", "k8s.yaml", ".env", "app.conf", "example.com.zone"] {
            invariants::artefact(path, &text);
        }
    }

    #[test]
    fn conditions(text in soup()) {
        invariants::condition(&text);
    }
}
