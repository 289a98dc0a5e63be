//! How what is looked at becomes text with a role, and what is left out or cannot be read.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use seaworthy::error::Error;
use seaworthy::fact::Role;
use seaworthy::source::{Encoding, Evidence, Globs, Inputs, Limits, Origin, Presence, Skip};

use crate::folder::{Folder, error, paths, run, skipped, unread};

#[test]
fn standard_input_is_read_under_its_name() {
    let folder = Folder::repository(&[("a/Dockerfile", "FROM disk"), ("a/b.yaml", "a: 1")]);
    assert!(matches!(error(&folder.inputs(&["-"])), Error::StdinUnnamed));
    let inputs = Inputs { stdin_name: Some("a/Dockerfile".into()), ..folder.inputs(&["-"]) };
    let loaded = run(&inputs, b"\xEF\xBB\xBFFROM stdin");
    assert_eq!(paths(&loaded), ["a/Dockerfile"]);
    assert_eq!(loaded.sources[0].text(), "FROM stdin");
    assert_eq!(loaded.sources[0].origin, Origin::Stdin("a/Dockerfile".into()));
    let both = Inputs { paths: vec!["-".into(), "a".into()], ..inputs.clone() };
    let loaded = run(&both, b"FROM stdin");
    assert_eq!(paths(&loaded), ["a/Dockerfile", "a/b.yaml"]);
    assert_eq!(loaded.sources[0].text(), "FROM stdin");
    assert_eq!(skipped(&loaded), [("a/Dockerfile", Skip::Stdin)]);
    let below = |folder_below: &str, name: &str| {
        let folder = folder.at(folder_below);
        run(&Inputs { folder, stdin_name: Some(name.into()), ..inputs.clone() }, b"x").sources[0].role
    };
    fs::create_dir_all(folder.at("test")).expect("a folder");
    assert_eq!((below("test", "Dockerfile"), below("", "test/Dockerfile")), (Role::Production, Role::Test));
    let large = Inputs { limits: Limits { file_bytes: 3, ..Limits::default() }, ..inputs };
    assert_eq!(unread(&run(&large, b"FROM")), [("a/Dockerfile", "it is larger than 3 bytes".into())]);
}

#[test]
fn texts_are_decoded_and_what_is_no_text_is_said() {
    let folder = Folder::new(&[]);
    folder.write("bom/Dockerfile", b"\xEF\xBB\xBFFROM a\r\n");
    folder.write("le.yaml", b"\xFF\xFEa\0:\0");
    folder.write("be.yaml", b"\xFE\xFF\0a\0:");
    folder.write("nul.yaml", b"a: b\0");
    folder.write("nul.txt", b"secret\0");
    folder.write("bad.yaml", b"a: \xC3\x28\n");
    folder.write("logo.png", b"secret");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["bad.yaml", "be.yaml", "bom/Dockerfile", "le.yaml"]);
    let read: Vec<(&str, Encoding)> = loaded.sources.iter().map(|source| (source.text(), source.encoding)).collect();
    assert_eq!(
        read,
        [
            ("a: \u{fffd}(\n", Encoding::Utf8),
            ("a:", Encoding::Utf16Be),
            ("FROM a\r\n", Encoding::Utf8Bom),
            ("a:", Encoding::Utf16Le),
        ]
    );
    assert_eq!(
        unread(&loaded),
        [("bad.yaml", "not valid UTF-8 at byte 3".into()), ("nul.yaml", "it is not text: NUL at byte 4".into()),]
    );
    let span = loaded.unread[0].span.expect("a place");
    assert_eq!((span.source.0, span.range()), (0, 3..6));
    assert_eq!(loaded.unread[1].inspectors, ["artefact", "words"]);
    assert_eq!(skipped(&loaded), [("logo.png", Skip::Binary), ("nul.txt", Skip::Binary)]);
}

#[test]
fn what_is_too_large_is_not_read() {
    let folder = Folder::new(&[("a.yaml", "a: 1"), ("long.txt", "")]);
    let sparse = |path: &str, size| fs::File::create(folder.at(path)).and_then(|file| file.set_len(size));
    sparse("big.yaml", 200 << 20).expect("a sparse file");
    sparse("big.txt", 200 << 20).expect("a sparse file");
    folder.write("long.txt", "secret ".repeat(5 << 20).as_bytes());
    let started = std::time::Instant::now();
    let loaded = folder.load(&["."]);
    assert!(started.elapsed().as_millis() < 1000, "it was read whole: {:?}", started.elapsed());
    assert_eq!(paths(&loaded), ["a.yaml"]);
    let why = || "it is larger than 32 MiB".to_owned();
    assert_eq!(unread(&loaded), [("big.yaml", why()), ("long.txt", why())]);
    assert_eq!(loaded.unread[1].inspectors, ["words"]);
    assert_eq!(skipped(&loaded), [("big.txt", Skip::Binary)], "no text, and nobody wants it by name");
}

#[test]
fn what_may_not_be_read_is_said_and_the_rest_judged() {
    let folder = Folder::new(&[("a.yaml", "a: 1"), ("no.yaml", "a: 1"), ("shut/b.yaml", "a: 1")]);
    let mode = |path, mode| fs::set_permissions(folder.at(path), fs::Permissions::from_mode(mode));
    mode("no.yaml", 0o000).expect("closed");
    mode("shut", 0o000).expect("closed");
    let loaded = folder.load(&["."]);
    let may_read_anything = fs::read(folder.at("no.yaml")).is_ok(); // root
    mode("shut", 0o755).expect("opened");
    if may_read_anything {
        assert_eq!(paths(&loaded), ["a.yaml", "no.yaml", "shut/b.yaml"]);
    } else {
        assert_eq!(paths(&loaded), ["a.yaml"]);
        let list = unread(&loaded);
        assert!(list.iter().all(|(_, why)| why.starts_with("Permission denied")), "{list:?}");
        assert_eq!(list.iter().map(|(path, _)| *path).collect::<Vec<_>>(), ["no.yaml", "shut/"]);
        assert_eq!(loaded.inventory.lookup("shut/b.yaml"), Presence::Unseen);
    }
}

#[test]
fn vendored_and_generated_files_are_left_out_and_said() {
    let folder = Folder::repository(&[
        ("node_modules/x/Dockerfile", "FROM a"),
        ("web/package.json", "{}"),
        ("web/dist/app.yaml", "a: 1"),
        ("dist/app.yaml", "a: 1"),
        ("vendor/v.yaml", "a: 1"),
        ("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55"),
        ("cache/a.yaml", "a: 1"),
        ("pnpm-lock.yaml", "a: 1"),
        ("gen.go", "// Code generated by x. DO NOT EDIT.\nvar secret = 1"),
        ("hand.go", "package x // secret"),
        ("release.yaml", "# WARNING: This file is autogenerated.\na: 1\n"),
    ]);
    folder.git(&["add", "-f", "vendor"]);
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["dist/app.yaml", "hand.go", "release.yaml"]);
    let list: Vec<_> = skipped(&loaded).into_iter().filter(|(_, why)| *why != Skip::NoInspector).collect();
    assert_eq!(
        list,
        [
            ("cache/", Skip::Generated),
            ("gen.go", Skip::Generated),
            ("node_modules/", Skip::Vendored),
            ("pnpm-lock.yaml", Skip::Generated),
            ("vendor/", Skip::Vendored),
            ("web/dist/", Skip::Generated),
        ]
    );
    assert_eq!(loaded.sources[2].role, Role::Generated, "it ships, so it is judged");
    assert_eq!(loaded.inventory.lookup("vendor/v.yaml"), Presence::File { tracked: true });
    assert_eq!(loaded.inventory.lookup("vendor/w.yaml"), Presence::Unseen);
    let meant = folder.load(&["node_modules/x", "pnpm-lock.yaml"]);
    assert_eq!(paths(&meant), ["node_modules/x/Dockerfile", "pnpm-lock.yaml"], "what is named is meant");
}

#[test]
fn globs_of_the_policy_include_exclude_and_give_roles() {
    let folder = Folder::new(&[
        ("deploy/dev/a.yaml", "a: 1"),
        ("deploy/test/b.yaml", "a: 1"),
        ("deploy/gen/c.yaml", "a: 1"),
        ("deploy/d.none", ""),
        ("other/e.yaml", "a: 1"),
    ]);
    let globs = |pattern: &str| Globs::new([pattern]).expect("a glob");
    let inputs = Inputs {
        include: globs("deploy/**"),
        exclude: globs("**/gen/**"),
        roles: vec![(globs("deploy/**"), Role::Staging), (globs("deploy/test/**"), Role::Production)],
        ..folder.inputs(&["."])
    };
    let loaded = run(&inputs, b"");
    assert_eq!(paths(&loaded), ["deploy/dev/a.yaml", "deploy/test/b.yaml"]);
    let roles: Vec<Role> = loaded.sources.iter().map(|source| source.role).collect();
    assert_eq!(roles, [Role::Staging, Role::Production], "the last that matches wins");
    assert_eq!(loaded.evidence[1], Some(Evidence::Policy("deploy/test/**".into())));
    assert_eq!(
        skipped(&loaded),
        [("deploy/d.none", Skip::NoInspector), ("deploy/gen/", Skip::Excluded), ("other/e.yaml", Skip::Excluded),]
    );
}

#[test]
fn the_role_comes_from_the_path_below_what_was_named() {
    let folder = Folder::repository(&[("examples/shop/Dockerfile", "FROM a"), ("examples/shop/e2e/a.yaml", "a: 1")]);
    let roles = |paths: &[&str]| -> Vec<Role> { folder.load(paths).sources.iter().map(|source| source.role).collect() };
    assert_eq!(roles(&["."]), [Role::Example, Role::Example]);
    assert_eq!(roles(&["examples/shop"]), [Role::Production, Role::Test]);
    assert_eq!(roles(&["examples/shop/e2e/a.yaml"]), [Role::Production]);
    let evidence = folder.load(&["."]).evidence[0].clone().expect("evidence");
    assert_eq!(evidence.to_string(), "it lies in `examples/`");
}
