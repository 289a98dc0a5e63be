use proptest::prelude::*;

use super::*;
use crate::inspect::dockerfile::document::{Command, PieceKind};

fn parse(text: &str) -> Document<'_> {
    read(SourceId(0), text)
}

fn source_of<'t>(document: &Document<'t>, instruction: &Instruction<'_>, place: Range<usize>) -> &'t str {
    &document.text[instruction.line.place(place)]
}

fn words<'d>(instruction: &'d Instruction<'_>) -> Vec<&'d str> {
    match &instruction.body {
        Body::Words { words, .. } => words.iter().map(|word| &*word.value.text).collect(),
        Body::Pairs { pairs, .. } => pairs.iter().filter_map(|pair| Some(&*pair.value.as_ref()?.value.text)).collect(),
        Body::Command(Command::Exec { args, .. }) => args.iter().map(|word| &*word.value.text).collect(),
        Body::Text(word) => vec![&word.value.text],
        _ => Vec::new(),
    }
}

fn shell<'d>(document: &Document<'d>, index: usize) -> Line<'d> {
    script(&document.instructions[index], document.text).map(|script| script.line).expect("shell form")
}

/// Every byte belongs to one piece, and every place that the document names lies in the text, on character boundaries.
fn check(text: &str) {
    let document = parse(text);
    assert_eq!(document.print(), text);
    let mut at = 0;
    for piece in &document.pieces {
        assert_eq!(piece.range.start, at);
        at = piece.range.end;
    }
    assert_eq!(at, text.len());
    let sound = |range: Range<usize>| assert!(text.get(range.clone()).is_some(), "{range:?} of {text:?}");
    for instruction in &document.instructions {
        sound(instruction.range.clone());
        let place = |place: &Range<usize>| sound(instruction.line.place(place.clone()));
        place(&instruction.keyword_place);
        instruction.mistake.iter().for_each(|mistake| place(&mistake.place));
        instruction.undefined.iter().for_each(|undefined| sound(undefined.place.clone()));
        instruction.flags.iter().filter_map(|flag| flag.value.as_ref()).for_each(|word| place(&word.place));
        instruction.flags.iter().filter_map(|flag| reference(instruction, flag)).for_each(|(_, range)| place(&range));
        if let Body::Words { words, .. } = &instruction.body {
            words.iter().for_each(|word| {
                place(&word.place);
                word.undefined.iter().for_each(|undefined| place(&undefined.place));
            });
        }
        if let Body::Pairs { pairs, .. } = &instruction.body {
            pairs.iter().for_each(|pair| place(&pair.key_place));
        }
        if let Some(script) = script(instruction, text) {
            for (at, c) in script.line.text().char_indices() {
                sound(script.line.place(at..at + c.len_utf8()));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_given_back(text in ".{0,200}") {
        check(&text);
    }

    #[test]
    fn any_mixture_of_tokens_is_given_back(tokens in proptest::collection::vec(prop::sample::select(vec![
        "FROM ", "a", " AS ", "b\n", "RUN ", "COPY ", "ONBUILD ", "ENV ", "ARG ", "K=v", "\\\n", "\\ \r\n", "`\n", "\n", "\r\n", "\r",
        "# c\n", "#escape=`\n", "# syntax=x\n", "<<EOF", "<<-\"E F\"", "EOF\n", "\tEOF\n", "E F\n", "EOF", " ", "\t", "é", "€", "\"", "'",
        "$", "${", "}", "${A:-é$B}", ":-", "--from=", "--mount=type=bind,from=é,x", "[", "]", ",", "[\"é$A\"]", "=", "HEALTHCHECK CMD ", "\u{a0}", "\0",
    ]), 0..40)) {
        check(&tokens.concat());
    }
}

#[test]
fn continuations_comments_and_blank_lines_map_back() {
    let text = "FROM a\r\nRUN one \\\r\n  # why\r\n\r\n  two \\  \r\n\tthree\r\nUSER x\r\n";
    let document = parse(text);
    check(text);
    let run = &document.instructions[1];
    assert_eq!(run.line.text(), "RUN one   two \tthree");
    let at = run.line.text().find("three").expect("there");
    assert_eq!(source_of(&document, run, at..at + 5), "three");
    assert_eq!(run.blank_lines.len(), 1);
    assert_eq!(document.comments().map(|span| &text[span.range()]).collect::<Vec<_>>(), ["# why"]);
    assert_eq!(document.instructions[2].keyword, Keyword::User);
}

#[test]
fn an_escaped_escape_does_not_continue() {
    let document = parse("RUN echo a\\\\\nRUN b");
    assert_eq!(document.instructions.len(), 2);
    let windows = parse("# escape=`\nRUN a `\n b\nCOPY a c:\\\nUSER x");
    assert_eq!(windows.instructions.iter().map(|i| i.keyword.name()).collect::<Vec<_>>(), ["RUN", "COPY", "USER"]);
    assert_eq!(words(&windows.instructions[1]), ["a", "c:\\"]);
}

#[test]
fn directives_count_only_at_the_top() {
    let document =
        parse("# syntax=docker/dockerfile:1\n# Escape = `\n#check=skip=all\n# x\n# escape=\\\nFROM a\n# syntax=late\n");
    assert_eq!(document.escape, b'`');
    let ignored: Vec<bool> = document.directives.iter().map(|directive| directive.ignored.is_some()).collect();
    assert_eq!(ignored, [false, false, false, true, true]);
    assert_eq!(parse("#!/usr/bin/env docker\n# escape=`\n").escape, b'`');
    assert!(parse("\n# escape=`\n").directives[0].ignored.is_some());
    assert!(parse("# escape=x\n").directives[0].ignored.is_some());
}

#[test]
fn heredocs_in_every_form() {
    let text = "FROM a\nRUN <<EOF\nset -e\nCMD is text\nEOF\n# after\nRUN cat <<'E O F' > /f\n$x\nE O F\nCOPY <<a <<-b /d/\n1\na\n\t2\n\tb\nUSER u\n";
    let document = parse(text);
    check(text);
    assert_eq!(
        document.instructions.iter().map(|i| i.keyword.name()).collect::<Vec<_>>(),
        ["FROM", "RUN", "RUN", "COPY", "USER"]
    );
    assert_eq!(shell(&document, 1).text(), "set -e\nCMD is text\n");
    assert_eq!(shell(&document, 2).text(), "cat <<'E O F' > /f\n$x\nE O F");
    let quoted = &document.instructions[2].heredocs[0];
    assert!(!quoted.expand && !quoted.chomp && quoted.name == "E O F");
    let copy = &document.instructions[3];
    assert_eq!(
        copy.heredocs.iter().map(|h| (h.chomp, &text[h.body.clone()])).collect::<Vec<_>>(),
        [(false, "1\n"), (true, "\t2\n")]
    );
    assert!(document.instructions.iter().all(|instruction| instruction.mistake.is_none()));
}

#[test]
fn what_is_no_heredoc() {
    for line in ["RUN cat <<<EOF", "RUN echo '<<EOF'", "RUN cat<<EOF", "ENV A=<<EOF", "RUN echo $((1 <<2))"] {
        let text = format!("{line}\nUSER x\n");
        let document = parse(&text);
        assert_eq!(document.instructions.len(), 2, "{line}");
        assert!(document.instructions[0].heredocs.is_empty(), "{line}");
    }
    let open = parse("RUN <<EOF\nUSER x\n");
    assert_eq!(open.instructions.len(), 2);
    assert!(open.instructions[0].mistake.is_some());
}

#[test]
fn a_chomped_heredoc_maps_every_line_back() {
    let text = "RUN <<-EOF\n\t\techo é\n\tls\n\tEOF\n";
    let document = parse(text);
    let script = shell(&document, 0);
    assert_eq!(script.text(), "echo é\nls\n");
    let at = script.text().find("ls").expect("there");
    assert_eq!(&text[script.place(at..at + 2)], "ls");
}

#[test]
fn broken_instructions_do_not_hide_the_others() {
    let document = parse(
        "FORM a\nFROM b\nfoo bar\nENV A\nONBUILD FROM x\nONBUILD\nHEALTHCHECK curl\nSHELL bash\nFROM a b\nUSER u",
    );
    let broken: Vec<bool> = document.instructions.iter().map(|instruction| instruction.mistake.is_some()).collect();
    assert_eq!(broken, [true, false, true, true, true, true, true, true, true, false]);
    assert_eq!(document.stages.len(), 2);
    assert_eq!(document.instructions[9].stage, Some(1));
}

#[test]
fn exec_form_falls_back_to_shell() {
    let document = parse("CMD [ \"a\", \\\n \"b c\" ]\nCMD ['a']\nRUN [ -f x ] && y\nONBUILD RUN [\"x\"]");
    assert_eq!(words(&document.instructions[0]), ["a", "b c"]);
    assert!(matches!(&document.instructions[1].body, Body::Command(Command::Shell { failed_json: Some(_), .. })));
    assert_eq!(shell(&document, 2).text(), "[ -f x ] && y");
    assert!(document.instructions[3].onbuild.is_some());
    assert_eq!(document.instructions[3].keyword, Keyword::Run);
}

#[test]
fn flags_and_references() {
    let text = "COPY --from=Build --chown=a:b /x /y\nRUN --mount=type=cache,target=/c --mount=type=bind,from=base,source=/a make --all";
    let document = parse(text);
    let copy = &document.instructions[0];
    assert_eq!(copy.flags.iter().map(|flag| &*flag.name).collect::<Vec<_>>(), ["from", "chown"]);
    assert_eq!(words(copy), ["/x", "/y"]);
    let run = &document.instructions[1];
    let (name, place) = reference(run, &run.flags[1]).expect("a reference");
    assert_eq!((name.as_str(), source_of(&document, run, place)), ("base", "base"));
    assert_eq!(shell(&document, 1).text(), "make --all");
}

#[test]
fn variables_are_filled_in() {
    let text = "ARG V=12\nARG EMPTY=\nARG NONE\nFROM debian:${V}-slim AS a\nARG V\nENV D=/x E=\"$D/y\" F='$D'\nWORKDIR ${D}/${V}\nCOPY . ${NONE:-/def}\nUSER ${D:+u}$UNSEEN\nCOPY $X\\$Y /\nFROM a\nWORKDIR $D\nFROM scratch\nWORKDIR /a$Q";
    let document = parse(text);
    let at = |index: usize| words(&document.instructions[index]).join("|");
    assert_eq!(document.stages[0].image.value.text, "debian:12-slim");
    assert_eq!(at(5), "/x|\u{fffc}/y|$D");
    assert_eq!(at(6), "/x/12");
    assert_eq!(at(7), ".|/def");
    assert_eq!(at(8), "u\u{fffc}");
    assert_eq!(at(9), "\u{fffc}$Y|/");
    assert_eq!(at(11), "/x");
    assert_eq!(at(13), "/a");
}

#[test]
fn stages_are_found_by_lower_case_name() {
    let document =
        parse("FROM x AS Base\nFROM base AS mid\nCOPY --from=0 / /\nFROM y AS lone\nFROM mid\nRUN --mount=from=x true");
    let bases: Vec<Base> = document.stages.iter().map(|stage| stage.base).collect();
    assert_eq!(bases, [Base::Image, Base::Stage(0), Base::Image, Base::Stage(1)]);
    let flags: Vec<(bool, bool)> = document.stages.iter().map(|stage| (stage.is_used, stage.is_shipped)).collect();
    assert_eq!(flags, [(true, true), (true, true), (false, false), (false, true)]);
    assert_eq!(document.stages[1].instructions, 1..3);
}

#[test]
fn arguments_before_from_are_not_seen_by_run() {
    let document = parse(
        "ARG A=1\nFROM x\nRUN echo $A ${TARGETARCH} $HOME '$A' $B\nARG A\nRUN echo $A\nRUN TARGETOS=x; echo $TARGETOS",
    );
    let names: Vec<Vec<&str>> =
        document.instructions.iter().map(|i| i.undefined.iter().map(|u| u.name.as_str()).collect()).collect();
    assert_eq!(names[2], ["A", "TARGETARCH"]);
    assert!(names[4].is_empty() && names[5].is_empty());
    let place = document.instructions[2].undefined[1].place.clone();
    assert_eq!(&document.text[place], "${TARGETARCH}");
}

#[test]
fn values_cannot_grow_without_end() {
    let mut text = String::from("FROM x\nENV A=aaaaaaaaaa\n");
    text.push_str(&"ENV A=$A$A$A$A\n".repeat(200));
    let document = parse(&text);
    let last = document.instructions.last().expect("there");
    assert!(words(last)[0].len() < 100_000);
}

#[test]
fn large_texts_take_linear_time() {
    let started = std::time::Instant::now();
    for unit in [
        "RUN <<EOF\n",
        "RUN a \\\n",
        "FROM a AS b\nENV A=$B\n",
        "RUN echo ${A:-${B:-\n",
        "COPY --from=b <<E x\nE\n",
        "ENV a=\"",
        "[",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        assert_eq!(parse(&text).print(), text, "printing gives the text back, byte for byte");
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_lost_blank_line_is_a_piece() {
    let document = parse("\u{a0} \nFROM a\n");
    assert_eq!(document.pieces[0].kind, PieceKind::Blank);
}

/// What the reader of another parser says of valid files: the same instructions at the same places.
#[test]
fn agrees_with_parse_dockerfile() {
    for text in [
        include_str!("../../../../tests/fixtures/dockerfile/differential/service.Dockerfile"),
        include_str!("../../../../tests/fixtures/dockerfile/differential/heredoc.Dockerfile"),
        include_str!("../../../../tests/fixtures/dockerfile/differential/windows.Dockerfile"),
        "FROM a\r\nRUN a \\\r\n  b\r\nCMD [\"x\", \"y\"]\r\n",
    ] {
        let theirs = parse_dockerfile::parse(text).expect("a valid sample");
        let ours = parse(text);
        let keywords: Vec<(String, Range<usize>)> = theirs.instructions.iter().map(keyword).collect();
        let found: Vec<(String, Range<usize>)> = ours
            .instructions
            .iter()
            .map(|i| {
                let place = i.line.place(i.onbuild.clone().unwrap_or(i.keyword_place.clone()));
                (text[place.clone()].to_ascii_uppercase(), place)
            })
            .collect();
        assert_eq!(found, keywords);
        compare_runs(&theirs, &ours);
    }
}

fn compare_runs(theirs: &parse_dockerfile::Dockerfile<'_>, ours: &Document<'_>) {
    for (their, our) in theirs.instructions.iter().zip(&ours.instructions) {
        let parse_dockerfile::Instruction::Run(run) = their else { continue };
        assert_eq!(run.here_docs.len(), our.heredocs.len());
        for (theirs, mine) in run.here_docs.iter().zip(&our.heredocs) {
            assert_eq!(theirs.expand, mine.expand);
            // Their place runs on into the tabs before the terminator.
            assert_eq!(ours.text[theirs.span.clone()].trim_end_matches('\t'), &ours.text[mine.body.clone()]);
        }
        assert_eq!(run.options.len(), our.flags.len());
        if let (parse_dockerfile::Command::Exec(list), Body::Command(Command::Exec { args, .. })) =
            (&run.arguments, &our.body)
        {
            let values: Vec<&str> = list.value.iter().map(|item| &*item.value).collect();
            assert_eq!(values, args.iter().map(|arg| &*arg.value.text).collect::<Vec<_>>());
        }
    }
}

fn keyword(instruction: &parse_dockerfile::Instruction<'_>) -> (String, Range<usize>) {
    use parse_dockerfile::Instruction as I;
    let (name, keyword) = match instruction {
        I::Add(i) => ("ADD", &i.add),
        I::Arg(i) => ("ARG", &i.arg),
        I::Cmd(i) => ("CMD", &i.cmd),
        I::Copy(i) => ("COPY", &i.copy),
        I::Entrypoint(i) => ("ENTRYPOINT", &i.entrypoint),
        I::Env(i) => ("ENV", &i.env),
        I::Expose(i) => ("EXPOSE", &i.expose),
        I::From(i) => ("FROM", &i.from),
        I::Healthcheck(i) => ("HEALTHCHECK", &i.healthcheck),
        I::Label(i) => ("LABEL", &i.label),
        I::Maintainer(i) => ("MAINTAINER", &i.maintainer),
        I::Onbuild(i) => ("ONBUILD", &i.onbuild),
        I::Run(i) => ("RUN", &i.run),
        I::Shell(i) => ("SHELL", &i.shell),
        I::Stopsignal(i) => ("STOPSIGNAL", &i.stopsignal),
        I::User(i) => ("USER", &i.user),
        I::Volume(i) => ("VOLUME", &i.volume),
        I::Workdir(i) => ("WORKDIR", &i.workdir),
        _ => panic!("an instruction that the oracle has learnt since"),
    };
    (name.to_owned(), keyword.span.clone())
}

#[test]
fn printing_gives_every_sample_back() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dockerfile/differential");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the samples") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a sample");
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.trim_end().to_owned()] {
            assert_eq!(parse(&text).print(), text);
        }
        seen += 1;
    }
    assert!(seen >= 3);
}

/// Where the oracle goes on at a doubled escape character, BuildKit does not: the line ends in a backslash.
#[test]
fn a_doubled_escape_ends_its_line() {
    let text = "FROM a\nENV A b\\\\\nENV C d\nENV E f\\\n\\\ng\n";
    let ours = parse(text);
    assert_eq!(ours.instructions.len(), 4);
    let theirs = parse_dockerfile::parse(text).expect("a valid sample");
    assert_eq!(theirs.instructions.len(), 3, "the oracle has learnt it: compare it with the others");
    assert_eq!(ours.print(), text);
}

/// Real files: each prints back, and has the instructions that the oracle sees, where that can read the file. Those of this
/// repository, and of the folder that SEAWORTHY_DOCKERFILES names.
#[test]
fn real_files_print_back_and_agree() {
    let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["examples", "tests"].map(|folder| home.join(folder)).into();
    folders.extend(std::env::var_os("SEAWORTHY_DOCKERFILES").map(Into::into));
    let (mut files, mut compared, mut differ) = (0, 0, Vec::new());
    for path in folders.iter().flat_map(|folder| walk(folder)) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // Sources come without the mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let ours = parse(text);
        assert_eq!(ours.print(), text, "{}", path.display());
        files += 1;
        let Ok(theirs) = parse_dockerfile::parse(text) else { continue };
        compared += 1;
        let keywords: Vec<String> = theirs.instructions.iter().map(|it| keyword(it).0).collect();
        let found: Vec<String> = ours
            .instructions
            .iter()
            .map(|it| {
                let place = it.onbuild.clone().unwrap_or(it.keyword_place.clone());
                text[it.line.place(place)].to_ascii_uppercase()
            })
            .collect();
        if found != keywords {
            differ.push(format!("{}: {} of ours, {} of theirs", path.display(), found.len(), keywords.len()));
        }
    }
    assert!(files >= 10 && compared >= 8, "{compared} of {files} compared");
    // The oracle is wrong about a doubled escape character, see above.
    assert!(differ.len() * 1_000 <= compared, "{compared} of {files} compared: {differ:#?}");
}

/// The Dockerfiles below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let is_dockerfile = |path: &std::path::Path| {
        path.is_file()
            && path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().contains("dockerfile"))
    };
    let below = |path: std::path::PathBuf| match path {
        path if path.is_dir() && !path.is_symlink() => walk(&path),
        path if is_dockerfile(&path) => vec![path],
        _ => Vec::new(),
    };
    paths.into_iter().flat_map(below).collect()
}
