use super::*;

fn script(text: &str) -> Script<'_> {
    read(text, Place::At(SourceId(0), 0), Lines::Shell)
}

fn dockerfile(text: &str) -> Script<'_> {
    read(text, Place::At(SourceId(0), 0), Lines::Dockerfile { escape: b'\\' })
}

/// Commands as `connector name arg…`, words joined by `·`, nested ones in brackets.
fn shown(commands: &[Command<'_>]) -> Vec<String> {
    commands.iter().map(one).collect()
}

fn one(command: &Command<'_>) -> String {
    let connector = match command.connector {
        Connector::Start => "",
        Connector::Sequence => "; ",
        Connector::And => "&& ",
        Connector::Or => "|| ",
        Connector::Pipe => "| ",
        Connector::Background => "& ",
    };
    let mut parts: Vec<String> =
        command.assignments.iter().map(|assignment| format!("{}={}", assignment.name, assignment.value.text)).collect();
    parts.extend(command.words.iter().map(|word| word.text.to_string()));
    parts.extend(command.redirections.iter().map(|redirection| {
        format!("{}{}{}", redirection.fd.unwrap_or_default(), redirection.operator, redirection.target.text)
    }));
    let nested = if command.nested.is_empty() { String::new() } else { format!(" {:?}", shown(&command.nested)) };
    format!("{connector}{}{nested}", parts.join("·"))
}

#[track_caller]
fn assert_commands(text: &str, expected: &[&str]) {
    let script = script(text);
    assert_eq!(shown(&script.commands), expected);
    assert_eq!(script.problems, []);
    in_bounds(&script, text);
}

fn in_bounds(script: &Script<'_>, text: &str) {
    for command in script.all() {
        let span = command.span.expect("a place");
        assert!(text.get(span.range()).is_some());
        for word in &command.words {
            assert!(text.get(word.span.range()).is_some() && span.contains(word.span), "{word:?} of {command:?}");
        }
    }
}

#[test]
fn lists() {
    assert_commands("a; b && c || d | e & f\ng |& h;", &["a", "; b", "&& c", "|| d", "| e", "& f", "; g", "| h"]);
    assert_commands("", &[]);
    assert_commands(" # only\n\n", &[]);
    assert_commands("a # b && c\nd#e", &["a", "; d#e"]);
}

#[test]
fn quotes_and_escapes() {
    assert_commands(
        r#"echo 'a b' "c $d \"e\" \n" f\ g h"i"'j' "" $'k\n\'l' \& "$(x "y z")""#,
        &[concat!("echo·a b·c $d \"e\" \\n·f g·hij··k\n'l·&·$(x \"y z\")", " [\"x·y z\"]")],
    );
}

#[test]
fn words_know_their_place_and_what_they_depend_on() {
    let text = "run \"$A\" 'b' c${D}e $ f";
    let script = script(text);
    let words: Vec<_> = script.commands[0]
        .words
        .iter()
        .map(|word| (&text[word.span.range()], word.has_expansion, word.quoted))
        .collect();
    let expected = [
        ("run", false, false),
        ("\"$A\"", true, true),
        ("'b'", false, true),
        ("c${D}e", true, false),
        ("$", false, false),
        ("f", false, false),
    ];
    assert_eq!(words, expected);
}

#[test]
fn assignments_and_redirections() {
    assert_commands(
        "A=1 B=\"x y\" run C=2 >out 2>&1 <in &>all 3>>log\nD=(a 'b c')\nE+=x",
        &["A=1·B=x y·run·C=2·>out·2>&1·<in·&>all·3>>log", "; D=(a 'b c')", "; E=x"],
    );
    assert_commands("> empty\nrun 12 >f a2>g", &[">empty", "; run·12·a2·>f·>g"]);
}

#[test]
fn groups_and_keywords() {
    assert_commands("(a; (b)) && { c; } | d", &["a", "; b", "&& c", "| d"]);
    assert_commands("if a; then b; elif ! c; then d; else e; fi && f", &["a", "; b", "; c", "; d", "; e", "&& f"]);
    assert_commands("for x in $(ls) b; do\n echo $x\ndone > out", &["ls", "; echo·$x", "; >out"]);
    assert_commands("a | while read -r l; do b; done", &["a", "| read·-r·l", "; b"]);
    assert_commands("case $x in\n a|b) c ;;\n (d) e;;\n *) f\nesac; g", &["c", "; e", "; f", "; g"]);
    assert_commands("f() { a; }\nfunction g { b; }\nf", &["a", "; b", "; f"]);
    assert_commands("[[ -n $a && b < c ]] || d", &["[[·-n·$a·&·&·b·<·c·]]", "|| d"]);
    assert_commands("((i++)); for ((i=0; i<3; i++)); do a $((1 + $(b))); done", &["a·$((1 + $(b))) [\"b\"]"]);
    assert_eq!(script("(a; { b; })").commands[1].depth, 2);
}

#[test]
fn nested_commands() {
    assert_commands(
        "a $(b | c $(d)) `e \\`f\\`` <(g) \"${h:-$(i)}\"",
        &["a·$(b | c $(d))·`e \\`f\\``·<(g)·${h:-$(i)} [\"b\", \"| c·$(d) [\\\"d\\\"]\", \"e·`f`\", \"g\", \"i\"]"],
    );
    let all = script("a $(b $(c)) && d");
    assert_eq!(all.all().map(Command::program).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
}

#[test]
fn here_documents() {
    let text = "cat <<A <<-'B' > f && x\none $(no)\nA\n\ttwo\n\tB\nnext <<<text";
    assert_commands(text, &["cat·<<A·<<-B·>f", "&& x", "; next·<<<text"]);
    let script = script(text);
    let bodies: Vec<_> =
        script.commands[0].redirections.iter().filter_map(|r| r.body).map(|span| &text[span.range()]).collect();
    assert_eq!(bodies, ["one $(no)\n", "\ttwo\n"]);
}

#[test]
fn continued_lines() {
    assert_commands("a \\\n  b\\\nc 'd\\\ne'", &["a·bc·d\\\ne"]);
    assert_commands("a \\\r\n  b", &["a·b"]);
    let text = "a && \\\n  # comment \\\n\n  b 'c\\\nd' \\  \n  # e\n  && f";
    let script = dockerfile(text);
    assert_eq!(shown(&script.commands), ["a", "&& b·cd", "&& f"]);
    in_bounds(&script, text);
    let windows = read("a `\n  b c\\d", Place::At(SourceId(0), 0), Lines::Dockerfile { escape: b'`' });
    assert_eq!(shown(&windows.commands), ["a·b·cd"]);
}

#[test]
fn questions() {
    let text = "sudo -u app env A=1 -- /usr/bin/apt-get -qy --option=x -o y install -- -z pkg";
    let script = script(text);
    let command = script.commands[0].without_wrappers();
    assert_eq!(command.program(), "--");
    let text = "sudo -u app env A=1 /usr/bin/apt-get -qy --option=x -oy install -- -z pkg";
    let script = self::script(text);
    let command = script.commands[0].without_wrappers();
    assert_eq!(command.program(), "apt-get");
    assert!(command.has_flag("-y") && command.has_flag("-q") && command.has_flag("--option"));
    assert!(!command.has_flag("-z") && !command.has_flag("--opt"));
    assert_eq!(command.flag_value("--option").map(|(value, _)| value), Some("x"));
    assert_eq!(command.flag_value("-o").map(|(value, _)| value), Some("y"));
    assert_eq!(command.positional().map(|word| &*word.text).collect::<Vec<_>>(), ["install", "-z", "pkg"]);
    let timeout = self::script("timeout -s KILL 5 tini -- node server.js");
    assert_eq!(timeout.commands[0].unwrapped().first().map(|word| &*word.text), Some("node"));
}

#[test]
fn scripts_within() {
    let outer = script("exec bash -euo pipefail -c 'a | b' name");
    let word = outer.commands[0].inner_script().expect("a script");
    assert_eq!(word.text, "a | b");
    assert_eq!(script("bash -ceo pipefail x").commands[0].inner_script().map(|word| &*word.text), Some("x"));
    let outer = script("/bin/sh -ec \"curl x | sh\"");
    let word = outer.commands[0].inner_script().expect("a script");
    let inner = word.script();
    assert_eq!(shown(&inner.commands), ["curl·x", "| sh"]);
    assert_eq!(inner.commands[1].span, Some(word.span));
    assert_eq!(script("sh script.sh -x").commands[0].inner_script(), None);
}

#[test]
fn problems_have_a_place() {
    for (text, place) in [
        ("a 'b", "'"),
        ("a \"b", "\""),
        ("a $(b", "$"),
        ("a `b", "`"),
        ("a ${b", "$"),
        ("a )", ")"),
        ("a >", ">"),
        ("a <<X\nb", "<"),
        ("[[ a", " "),
        ("a=(b", "("),
        ("$((1", "$"),
    ] {
        let script = script(text);
        assert_eq!(script.problems.len(), 1, "{text} {:?}", script.problems);
        assert_eq!(&text[script.problems[0].span.range()], place, "{text}");
    }
}

/// The parts of the first command's words as `kind text`, those in quotes with a `"` before.
fn parts(text: &str) -> Vec<String> {
    let script = script(text);
    let words = script.commands[0].words.iter().chain(script.commands[0].assignments.iter().map(|it| &it.value));
    let shown = |part: &Part<'_>| {
        let quote = if part.quoted { "\"" } else { "" };
        format!("{quote}{:?} {}", part.kind, &text[part.span.range()])
    };
    words.flat_map(|word| &word.parts).map(shown).collect()
}

#[test]
fn words_have_parts() {
    assert_eq!(
        parts(r#"a $b "${c:-$d}" 'e $f' $'g' $(h $i) "`j`" $((k + $l)) <(m) n*? {o,p} {q} {1..3} \* "*" $"#),
        [
            "Variable $b",
            "\"Variable ${c:-$d}",
            "\"Variable $d",
            "Single 'e $f'",
            "Ansi $'g'",
            "Substitution $(h $i)",
            "\"Backticks `j`",
            "\"Variable $l",
            "Arithmetic $((k + $l))",
            "Process <(m)",
            "Glob *",
            "Glob ?",
            "Braces {o,p}",
            "Braces {1..3}",
        ]
    );
    assert_eq!(parts("a=(b $c)"), ["Variable $c"]);
    let script = script("a ${#b} ${!c} ${d//e/f} ${g[1]} $1$?");
    let variables = script.commands[0].words.iter().flat_map(|word| &word.parts);
    let shown: Vec<_> = variables.map(|part| (part.prefix, part.name, part.operator)).collect();
    let expected = [("#", "b", ""), ("!", "c", ""), ("", "d", "//e/f"), ("", "g", "[1]"), ("", "1", ""), ("", "?", "")];
    assert_eq!(shown, expected);
}

#[test]
fn substitutions_know_what_they_run() {
    let script = script("a $(b; c) d$(e)");
    let command = &script.commands[0];
    let runs = |at: usize| {
        let part = &command.words[at].parts[0];
        command.nested[part.commands.clone()].iter().map(Command::program).collect::<Vec<_>>()
    };
    assert_eq!((runs(1), runs(2)), (vec!["b", "c"], vec!["e"]));
}

#[test]
fn constructs_are_marked() {
    let text = "for a in b $c; do d; done; select e in f; do g; done; h() { i; }; function j { k; }; case $l in m) n ;& *) o ;; \
                esac; ((p++)); for ((q = 0; q < 1; q++)); do r; done; s |& t; u=(v w); x+=y";
    let script = script(text);
    assert_eq!(script.problems, []);
    let shown: Vec<_> = script.marks.iter().map(|mark| (mark.kind, mark.name, mark.words.len())).collect();
    let expected = [
        (MarkKind::For, "a", 2),
        (MarkKind::Select, "e", 1),
        (MarkKind::Function, "h", 0),
        (MarkKind::FunctionKeyword, "j", 0),
        (MarkKind::Case, "", 1),
        (MarkKind::FallThrough, "", 0),
        (MarkKind::ArithmeticCommand, "", 0),
        (MarkKind::ArithmeticFor, "", 0),
        (MarkKind::PipeBoth, "", 0),
        (MarkKind::Array, "u", 0),
        (MarkKind::Append, "x", 0),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn conditions() {
    let script = script("if a && b; then c; elif d; then e; fi; while f; do g; done; until { h; }; do i; done; j");
    let conditions: Vec<_> = script.commands.iter().filter(|it| it.is_condition).map(Command::program).collect();
    assert_eq!(conditions, ["a", "b", "d", "f", "h"]);
}

#[test]
fn what_opens_is_closed() {
    for (text, shown) in [
        ("if a; then b", "if"),
        ("if a; b; fi", "fi"),
        ("while a; done", "done"),
        ("for a in b; do c; fi", "fi"),
        ("case a in b) c ;; ", "case"),
        ("{ a; ", "{"),
        ("(a; b", "("),
        ("a; }", "}"),
        ("then a", "then"),
        ("if a; then fi", "then"),
        ("a &&", "&&"),
        ("a && ; b", "&&"),
        ("&& a", "&&"),
        ("a; ; b", ";"),
        ("a ;; b", ";;"),
        ("a | | b", "|"),
        ("( )", "("),
        ("a & ; b", ";"),
    ] {
        let script = script(text);
        assert_eq!(script.problems.len(), 1, "{text} {:?}", script.problems);
        assert_eq!(&text[script.problems[0].span.range()], shown, "{text}");
    }
    for text in [
        "a &&\n# comment\n b",
        "{ a; } && (b) | { c; } > d &",
        "f() { a; }; f() ( b ); f()\n{ c; }",
        "if ! a; then :; fi | b; while :; do c; done < d && e",
        "case a in (b) ;; c|d) e ;; *) f; esac && g",
        "for a; do b; done; for a in b c\ndo d\ndone",
        "a; # b",
        "$(case a in b) c ;; esac) `if a; then b; fi`",
        "echo if then fi do done { } esac",
        "time { a; }; ! { b; }",
        "a &\nb & c",
    ] {
        assert_eq!(script(text).problems, [], "{text}");
    }
}

#[test]
fn total_and_linear() {
    let texts = [
        "$(".repeat(50_000),
        "`".repeat(100_001),
        "${".repeat(50_000),
        "\"$(".repeat(50_000),
        "<<a ".repeat(50_000),
        "<<a\n".repeat(50_000),
        "(".repeat(100_000),
        "((".repeat(50_000),
        "case a in ".repeat(30_000),
        "[[ ".repeat(50_000),
        "a=(".repeat(50_000),
        "\\\n".repeat(100_000),
        "# \\\n".repeat(100_000),
        "f()".repeat(50_000),
        "f( ".repeat(50_000),
        "$((".repeat(50_000),
        "ä\\ö'ü\"".repeat(30_000),
        "`$(".repeat(30_000),
        "\\".repeat(100_001),
        "a[".repeat(50_000),
        "for ((".repeat(30_000),
        "if a; then ".repeat(50_000),
        "a; fi; ".repeat(50_000),
        "{ ".repeat(50_000),
        "a && ".repeat(50_000),
        "{a,".repeat(50_000),
        "${a:-$b".repeat(50_000),
        "* ".repeat(50_000),
        "a".repeat(1_000_000),
        "$a".repeat(100_000),
        "a=(b ".repeat(50_000),
    ];
    for text in texts {
        let started = std::time::Instant::now();
        for script in [script(&text), dockerfile(&text)] {
            in_bounds(&script, &text);
            assert!(script.problems.iter().all(|problem| text.get(problem.span.range()).is_some()));
        }
        assert!(started.elapsed().as_secs() < 30, "{:?}… took {:?}", &text[..12], started.elapsed());
    }
}
