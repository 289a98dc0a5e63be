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

/// Lines of artefacts that rules mend, whole and broken.
const MENDED: [&str; 44] = [
    "FROM debian:13\n",
    "FROM debian:13 as build\n",
    "from alpine\n",
    "RUN apt-get update && apt-get install curl\n",
    "RUN apt install -y a b \\\n",
    "RUN pip install x",
    "RUN <<EOF\ncd /x\nEOF\n",
    "COPY a b /c\n",
    "ADD . /x\n",
    "ENV A B\n",
    "EXPOSE 80/TCP\n",
    "CMD app\n",
    "MAINTAINER x\n",
    "USER root\n",
    "\\\n",
    "services:\n",
    "  web:\n",
    "    image: nginx:1\n",
    "    ports: [22:22, 80:80]\n",
    "    security_opt:\n      - seccomp:unconfined\n",
    "    security_opt: [no-new-privileges, 'label=disable']\n",
    "    <<: *a\n",
    "x-a: &a {cap_add: [ALL]}\n",
    "version: '3'\n",
    "volumes:\n  data:\n  other: # why\n",
    "kind: Pod\n",
    "apiVersion: v1\n",
    "metadata: {name: a}\n",
    "spec:\n",
    "  containers:\n",
    "  - name: a\n",
    "    image: b:1\n",
    "    securityContext: {}\n",
    "  containers: [{name: a, image: 'b:1'}]\n",
    "---\n",
    "A=1\n",
    "A = 2 \n",
    "export B='x y'\r\n",
    "C=\"a\nb\"\n",
    "A=$A\n",
    "\r\n",
    "é: «\n",
    "# c\n",
    "node_modules\n",
];

fn artefact_soup() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(0..MENDED.len(), 0..24);
    lines.prop_map(|picked| picked.into_iter().map(|index| MENDED[index]).collect::<String>())
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
    fn edits(artefact in artefact_soup()) {
        invariants::edits(&artefact);
    }

    #[test]
    fn conditions(text in soup()) {
        invariants::condition(&text);
    }
}
