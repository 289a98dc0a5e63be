//! What must hold for whatever text: shared by the property tests and the fuzz targets (`fuzz/`).

#![allow(unreachable_pub, reason = "the fuzz targets include this file")]

use std::sync::{Arc, LazyLock};

use seaworthy::check::Judging;
use seaworthy::fact::{Reason, Role};
use seaworthy::finding::Severity;
use seaworthy::fix::{self, Choice, Wanted};
use seaworthy::rule::catalog::Catalog;
use seaworthy::rule::file::RuleFile;
use seaworthy::rule::{Rule, example};
use seaworthy::settings::layer::Layers;
use seaworthy::settings::merge;
use seaworthy::source::{Encoding, Origin, Source};
use seaworthy::span::{SourceId, Span};
use seaworthy::syntax::shell::{Command, Lines, Place};
use seaworthy::syntax::tree::{Dialect, Node, Tree};
use seaworthy::syntax::{read, shell};

/// Aliases make a tree larger than its text; a walk stops after this many nodes.
const MAX_WALKED: usize = 100_000;

/// Reads `text` under the name `path` twice and looks at every node.
pub fn data(path: &str, text: &str) {
    let tree = read(SourceId(7), path, text.into());
    let again = read(SourceId(7), path, text.into());
    let shown: Vec<String> = [&tree, &again].map(|tree| outline(tree, text)).into();
    assert_eq!(shown[0], shown[1], "two readings differ");
    for comment in &tree.comments {
        within(comment.span, text);
    }
    for duplicate in &tree.duplicates {
        within(duplicate.first, text);
        within(duplicate.second, text);
    }
    for problem in &tree.problems {
        within(problem.span, text);
        assert!(!problem.message.is_empty() && !problem.message.ends_with('.'), "{problem:?}");
    }
    if let Some(marker) = tree.template {
        within(marker, text);
    }
}

/// Everything that is read, and the checks on each node.
fn outline(tree: &Tree, text: &str) -> String {
    let mut out = format!("{tree:?} {:?} {:?} {:?}\n", tree.comments, tree.duplicates, tree.template);
    for dialect in [Dialect::Core, Dialect::Yaml11] {
        for root in tree.documents(dialect) {
            let mut waiting = vec![root];
            let mut walked = 0;
            while let Some(node) = waiting.pop() {
                walked += 1;
                if walked > MAX_WALKED {
                    break;
                }
                out.push_str(&format!("{node:?} {}\n", node.text()));
                look(node, text);
                waiting.extend(node.items());
                waiting.extend(node.entries().flat_map(|entry| [entry.key, entry.value]));
            }
        }
    }
    out
}

fn look(node: Node<'_>, text: &str) {
    within(node.span(), text);
    let _ = (node.as_bool(), node.as_int(), node.as_float(), node.as_str(), node.tag(), node.style());
    for entry in node.entries().take(20) {
        if entry.value.parent() == Some(node) {
            assert_eq!(entry.value.key(), Some(entry.key));
            assert!(entry.key.span().start <= entry.value.span().end, "a value before its key");
        }
        let _ = node.get(entry.key.text());
    }
}

fn within(span: Span, text: &str) {
    assert!(text.get(span.range()).is_some(), "{span:?} is no part of a text of {} bytes", text.len());
}

/// Reads `text` as a script, in each way of continuing lines.
pub fn script(text: &str) {
    let place = Place::At(SourceId(7), 0);
    for lines in [Lines::Shell, Lines::Dockerfile { escape: b'\\' }, Lines::Dockerfile { escape: b'`' }] {
        let script = shell::read(text, place, lines);
        for problem in &script.problems {
            within(problem.span, text);
        }
        for mark in &script.marks {
            within(mark.span, text);
            mark.words.iter().for_each(|word| parts(word, text));
        }
        for command in script.all() {
            one(command, text);
        }
    }
}

fn parts(word: &shell::Word<'_>, text: &str) {
    for part in &word.parts {
        within(part.span, text);
        assert!(word.span.contains(part.span), "{part:?} outside {word:?}");
    }
}

fn one(command: &Command<'_>, text: &str) {
    let span = command.span.expect("a command has a place");
    within(span, text);
    for word in &command.words {
        within(word.span, text);
        assert!(span.contains(word.span), "{word:?} outside its command");
        parts(word, text);
        for part in &word.parts {
            assert!(command.nested.get(part.commands.clone()).is_some(), "{part:?} runs what is not there");
        }
    }
    for assignment in &command.assignments {
        within(assignment.span, text);
        within(assignment.value.span, text);
    }
    for redirection in &command.redirections {
        within(redirection.span, text);
        within(redirection.target.span, text);
        redirection.body.into_iter().for_each(|body| within(body, text));
    }
    let _ = (command.program(), command.has_flag("-y"), command.flag_value("-o"), command.positional().count());
    if let Some(word) = command.without_wrappers().inner_script() {
        let _ = word.script().commands.len();
    }
}

/// The time at which everything is judged here: 2026-11-21.
const NOW: i64 = 1_795_219_200;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let (catalog, subjects) = (Catalog::builtin(), seaworthy::relate::subjects());
    catalog.iter().map(|(id, file)| Rule::compile(id, file, &subjects, &|_| None).expect("it compiles")).collect()
});

/// The rules that can mend what they find.
static MENDING: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let (catalog, subjects) = (Catalog::builtin(), seaworthy::relate::subjects());
    let mending = catalog.iter().filter(|(_, file)| file.edit.is_some());
    mending.map(|(id, file)| Rule::compile(id, file, &subjects, &|_| None).expect("it compiles")).collect()
});

/// Rounds in which a text is mended.
const ROUNDS: usize = 4;

/// Reads `text` as each kind of artefact and lets every rule mend it: edits fit the text, lie apart, leave everything
/// between them as it was, and what they make can be read again.
pub fn edits(text: &str) {
    for path in ["Dockerfile", "compose.yaml", "k8s.yaml", ".env", ".dockerignore"] {
        let mut source = Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text);
        for _ in 0..ROUNDS {
            let Some(new) = mended_once(&source) else { break };
            source = new;
        }
    }
}

/// The text after one round; nothing when there is nothing to mend.
fn mended_once(source: &Source) -> Option<Source> {
    let sources = [fix::with_text(source, source.text().to_owned())];
    let inspected = example::facts(&sources);
    let severity = |_: &str, rule: &Rule| -> Option<Severity> { Some(rule.severity) };
    let judging = Judging { sources: &sources, rules: &MENDING, severity: &severity, now: NOW };
    let findings = judging.check(&inspected.facts).findings;
    let chosen = fix::choose(&findings, &sources, Wanted { and_unsafe: true }, &|_, _| false);
    let choices = chosen.get(&0)?;
    let whole = made(source, choices);
    // What is refused together may be possible alone.
    whole.or_else(|| choices.iter().find_map(|choice| made(source, std::slice::from_ref(choice))))
}

/// What `choices` make of a text, when they are taken.
fn made(source: &Source, choices: &[Choice<'_>]) -> Option<Source> {
    let (text, edits) = (source.text(), fix::edits(choices));
    let new = fix::apply(text, &edits).expect("edits fit");
    let (mut old_at, mut new_at) = (0, 0);
    for edit in &edits {
        within(edit.span, text);
        let range = edit.span.range();
        assert!(range.start >= old_at, "edits overlap: {edits:?}");
        let between = range.start - old_at;
        assert_eq!(new.get(new_at..new_at + between), text.get(old_at..range.start), "changed between edits");
        (old_at, new_at) = (range.end, new_at + between + edit.text.len());
    }
    assert_eq!(new.get(new_at..), text.get(old_at..), "changed behind the edits");
    let mended = fix::mended(source, choices).ok()?;
    assert_eq!(mended.text(), new);
    assert_ne!(new, text, "a fix that changes nothing");
    artefact(source.path(), &new);
    Some(mended)
}

/// Reads `text` as an artefact of the name `path`, states facts and judges them by every rule.
pub fn artefact(path: &str, text: &str) {
    judged(path, text, &RULES);
}

fn judged(path: &str, text: &str, rules: &[Rule]) {
    let sources = [Source::new(SourceId(0), Origin::File(path.into()), Encoding::Utf8, Role::Production, text)];
    let inspected = example::facts(&sources);
    for problem in &inspected.problems {
        within(problem.span, text);
        assert!(!matches!(problem.reason, Reason::Bug(_)), "{problem:?}");
    }
    let severity = |_: &str, rule: &Rule| -> Option<Severity> { Some(rule.severity) };
    let checked = Judging { sources: &sources, rules, severity: &severity, now: NOW }.check(&inspected.facts);
    for finding in &checked.findings {
        within(finding.primary, text);
        finding.related.iter().for_each(|related| within(related.span, text));
        assert!(!finding.message.is_empty());
    }
}

/// Reads `text` as the condition of a rule and, where it is one, judges by it.
pub fn condition(text: &str) {
    const ARTEFACT: &str = "A=1\nPASSWORD=x y\nexport B=\"${A:-2}\" # c\n";
    static SUBJECTS: LazyLock<Vec<&'static seaworthy::fact::Subject>> = LazyLock::new(seaworthy::relate::subjects);
    LazyLock::force(&RULES);
    let file: RuleFile = serde_json::from_value(serde_json::json!({
        "title": "t", "severity": "low", "category": "security", "subject": "env.variable", "message": "m {variable.key}",
        "assert": text,
    }))
    .expect("a rule file");
    if let Ok(rule) = Rule::compile("a/b", &file, &SUBJECTS, &|_| None) {
        judged(".env", ARTEFACT, std::slice::from_ref(&rule));
    }
}

/// Reads `text` as a policy; what is wrong with it is told, with its place.
pub fn policy(text: &str) {
    let mut layers = Layers::default();
    layers.add_virtual(&|_| None, "seaworthy.yaml".into(), Arc::from(text));
    let _ = merge::merge(&mut layers, Some("production"));
    for (_, mistake) in &layers.mistakes {
        assert!(text.get(mistake.span.clone()).is_some() && !mistake.message.is_empty(), "{mistake:?}");
    }
    let _ = layers.error().map(|error| error.to_string());
}

/// Reads `text` as a zone file and states its facts twice.
pub fn zone(text: &str) {
    use seaworthy::inspect::{Inspector, dns::Dns};
    let origin = Origin::File("example.com.zone".into());
    let source = Source::new(SourceId(7), origin, Encoding::Utf8, Role::Production, text);
    let inspection = Dns.inspect(&source);
    assert_eq!(format!("{:?}", Dns.inspect(&source).facts), format!("{:?}", inspection.facts));
    for fact in &inspection.facts {
        within(fact.span, text);
        fact.record.values.iter().filter_map(|value| value.span).for_each(|span| within(span, text));
    }
    for problem in &inspection.problems {
        within(problem.span, text);
    }
}

/// Reads `text` as an ignore file and holds paths against it.
pub fn ignores(text: &str) {
    use seaworthy::inspect::dockerignore::{document::Verdict, read};
    let document = read::read(text);
    for pattern in &document.patterns {
        assert_eq!(text.get(pattern.place.clone()), Some(pattern.text));
        assert!(pattern.text == pattern.text.trim() && !pattern.text.is_empty());
    }
    for path in ["", ".", "a", "a/b/c.log", "é/[x]", ".git/config"].into_iter().chain(text.lines().take(20)) {
        if let Verdict::Excluded(index) | Verdict::TakenBack(index) = document.verdict(path) {
            assert!(index < document.patterns.len());
        }
        document.may_take_back_below(path, 0);
    }
}

/// Reads `bytes` as a key or certificate, bare, in PEM and as what an endpoint sent, and states the facts twice.
pub fn certificates(bytes: &[u8]) {
    use seaworthy::inspect::{Inspector, tls::Tls};
    let role = Role::Production;
    let text = String::from_utf8_lossy(bytes);
    let transcript = format!(
        "seaworthy: transcript/1\nprotocol: tls\nendpoint: a:1\nobserved:\n  addresses:\n    - address: b\n      {text}\n"
    );
    let of = |path: &str, text: &str| Source::new(SourceId(7), Origin::File(path.into()), Encoding::Utf8, role, text);
    let binary = Source::binary(SourceId(7), Origin::File("a.der".into()), role, bytes);
    for source in [binary, of("a.pem", &text), of("a.yaml", &text), of("a.transcript", &transcript)] {
        let inspection = Tls.inspect(&source);
        assert_eq!(format!("{:?}", Tls.inspect(&source).facts), format!("{:?}", inspection.facts));
        for fact in &inspection.facts {
            within(fact.span, source.text());
            fact.record.values.iter().filter_map(|value| value.span).for_each(|span| within(span, source.text()));
        }
        inspection.problems.iter().for_each(|problem| within(problem.span, source.text()));
    }
}

/// Reads `text` as a dotenv file, and as a program of each language, twice; masks it.
pub fn env(text: &str) {
    let said: Vec<String> = (0..2).map(|_| dotenv(text) + &programs(text)).collect();
    assert_eq!(said[0], said[1], "two readings differ");
    let (stars, words) = seaworthy::mask::stars(".env", text);
    assert_eq!(stars.len(), text.len(), "stars move places");
    let _ = words.hide(text);
}

fn dotenv(text: &str) -> String {
    let document = seaworthy::inspect::env::read::read(text);
    let is_part = |place: &std::ops::Range<usize>| assert!(text.get(place.clone()).is_some(), "{place:?}");
    let mut last = 0;
    for one in document.assignments() {
        for place in [&one.key_place, &one.indent, &one.separator_place, &one.value_place, &one.trailing] {
            is_part(place);
        }
        [&one.export, &one.tail, &one.command, &one.broken].into_iter().flatten().for_each(is_part);
        one.references.iter().for_each(|reference| is_part(&reference.place));
        assert_eq!(text.get(one.key_place.clone()), Some(one.key));
        assert!(one.key_place.start >= last, "lines out of order");
        last = one.key_place.start;
    }
    let origin = seaworthy::source::Origin::File(".env".into());
    let (encoding, role) = (seaworthy::source::Encoding::Utf8, seaworthy::fact::Role::Production);
    let source = seaworthy::source::Source::new(SourceId(7), origin, encoding, role, text);
    let inspection = seaworthy::inspect::Inspector::inspect(&seaworthy::inspect::env::Env, &source);
    for fact in &inspection.facts {
        within(fact.span, text);
        fact.record.values.iter().filter_map(|value| value.span).for_each(|span| within(span, text));
    }
    format!("{document:?} {}", inspection.facts.len())
}

fn programs(text: &str) -> String {
    let mut said = String::new();
    for path in ["a.ts", "a.py", "a.go", "a.rb", "a.rs", "a.java", "a.sh"] {
        let code = seaworthy::inspect::env::code::read(path, text);
        for read in &code.reads {
            assert_eq!(text.get(read.place.clone()), Some(read.name), "{path}");
            assert!(!read.name.is_empty());
        }
        said.push_str(&format!("{code:?}"));
    }
    said
}
