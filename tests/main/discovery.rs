//! What a run looks at: every sentence of the manual's "what is looked at", in temporary folders.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use seaworthy::error::Error;
use seaworthy::fact::Role;
use seaworthy::source::{
    Claims, Encoding, Evidence, Globs, Inputs, Limits, Loaded, Origin, Presence, Root, Skip, load_from,
};

/// Two inspectors: one wants Dockerfiles and YAML by name, one takes any text that holds `secret`.
struct Two;

impl Claims for Two {
    fn wants(&self, path: &str) -> Vec<usize> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let named = name.contains("Dockerfile") || name.ends_with(".yaml") || name.ends_with(".yml");
        if path.ends_with(".none") { Vec::new() } else { (usize::from(!named)..2).collect() }
    }

    fn claims(&self, inspector: usize, _: &str, text: &str) -> bool {
        inspector == 0 || text.contains("secret")
    }

    fn name(&self, inspector: usize) -> &'static str {
        ["artefact", "words"][inspector]
    }

    fn takes_any(&self, inspector: usize) -> bool {
        inspector == 1
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    fn repository(files: &[(&str, &str)]) -> Self {
        let folder = Self::new(files);
        folder.git(&["init", "-q"]);
        folder
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, bytes).expect("written");
    }

    fn git(&self, args: &[&str]) {
        git(self.0.path(), args);
    }

    fn inputs(&self, paths: &[&str]) -> Inputs {
        Inputs { folder: self.0.path().into(), paths: paths.iter().map(PathBuf::from).collect(), ..Inputs::default() }
    }

    fn load(&self, paths: &[&str]) -> Loaded {
        run(&self.inputs(paths), b"")
    }
}

fn git(folder: &Path, args: &[&str]) {
    let status = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    assert!(status.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&status.stderr));
}

fn run(inputs: &Inputs, stdin: &[u8]) -> Loaded {
    load_from(Root::of(inputs).expect("a root"), inputs, &Two, stdin)
}

fn error(inputs: &Inputs) -> Error {
    Root::of(inputs).expect_err("no root")
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    for (index, source) in loaded.sources.iter().enumerate() {
        assert_eq!(source.id.0 as usize, index, "an id is an index");
        assert!(!loaded.claims[index].is_empty(), "{} is claimed by nobody", source.path());
    }
    assert_eq!(loaded.sources.len(), loaded.evidence.len());
    let paths: Vec<&str> = loaded.sources.iter().map(|source| source.path()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    paths
}

fn skipped(loaded: &Loaded) -> Vec<(&str, Skip)> {
    loaded.skipped.iter().map(|item| (item.path.as_str(), item.reason)).collect()
}

fn unread(loaded: &Loaded) -> Vec<(&str, String)> {
    loaded.unread.iter().map(|item| (item.path.as_str(), item.reason.to_string())).collect()
}

#[test]
fn what_git_tracks_is_looked_at_though_ignored_and_what_it_ignores_is_not() {
    let folder = Folder::repository(&[
        ("Dockerfile", "FROM a"),
        ("out/tracked.yaml", "a: 1"),
        ("out/untracked.yaml", "a: 1"),
        ("gone/a.yaml", "a: 1"),
        ("a/local.yaml", "a: 1"),
        ("a/keep.yaml", "a: 1"),
        ("x/new.yaml", "a: 1"),
        (".hidden/a.yaml", "a: 1"),
    ]);
    folder.git(&["add", "-f", "Dockerfile", "out/tracked.yaml"]);
    folder.write(".gitignore", b"Dockerfile\nout/\n/gone/\n*.yaml\n!new.yaml\n!.hidden/**\n");
    folder.write("a/.gitignore", b"!keep.yaml\n");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), [".hidden/a.yaml", "Dockerfile", "a/keep.yaml", "out/tracked.yaml", "x/new.yaml"]);
    let list = skipped(&loaded);
    for item in [("a/local.yaml", Skip::Ignored), ("gone/", Skip::Ignored), ("out/untracked.yaml", Skip::Ignored)] {
        assert!(list.contains(&item), "{item:?} in {list:?}");
    }
    assert!(loaded.unread.is_empty());
    assert_eq!(loaded.inventory.lookup("Dockerfile"), Presence::File { tracked: true });
    assert_eq!(loaded.inventory.lookup("x/new.yaml"), Presence::File { tracked: false });
    assert_eq!(loaded.inventory.lookup("gone/a.yaml"), Presence::Unseen);
    assert_eq!(loaded.inventory.lookup("made-later.yaml"), Presence::Unseen, "git ignores it: a program may make it");
    assert_eq!(loaded.inventory.lookup("nothing.txt"), Presence::Absent);
}

#[test]
fn only_the_repository_s_own_ignore_files_count() {
    let outer =
        Folder::new(&[(".gitignore", "*"), ("r/.ignore", "*.yaml"), ("r/a.yaml", "a: 1"), ("r/excluded.yaml", "a: 1")]);
    git(&outer.at("r"), &["init", "-q"]);
    outer.write("r/.git/info/exclude", b"excluded.yaml\n");
    let loaded = outer.load(&["r"]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    assert!(skipped(&loaded).contains(&("excluded.yaml", Skip::Ignored)), "as git does");
}

#[test]
fn outside_a_repository_everything_is_looked_at() {
    let folder = Folder::new(&[(".gitignore", "*"), ("a.yaml", "a: 1"), (".b/c.yaml", "a: 1"), ("n.none", "")]);
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), [".b/c.yaml", "a.yaml"]);
    assert_eq!(skipped(&loaded), [(".gitignore", Skip::NoInspector), ("n.none", Skip::NoInspector)]);
    assert!(!loaded.root.is_repository());
}

#[test]
fn only_what_lies_below_the_paths_and_told_from_the_git_root() {
    let folder = Folder::repository(&[
        ("a/x.yaml", "a: 1"),
        ("b/deep/y.yaml", "a: 1"),
        ("b/z.yaml", "a: 1"),
        ("Dockerfile", "FROM a"),
        ("b/.gitignore", "z.yaml"),
    ]);
    folder.git(&["add", "Dockerfile"]);
    let loaded = folder.load(&["b", "a/x.yaml"]);
    assert_eq!(paths(&loaded), ["a/x.yaml", "b/deep/y.yaml"]);
    assert_eq!(loaded.root.path(), folder.0.path().canonicalize().expect("real"));
    assert_eq!(loaded.inventory.lookup("Dockerfile"), Presence::File { tracked: true }, "the index knows");
    assert_eq!(loaded.inventory.lookup("a/other"), Presence::Unseen, "nobody looked");
    assert_eq!(loaded.inventory.lookup("b/other"), Presence::Absent);
    let ignored_above = folder.load(&["b/deep"]);
    assert_eq!(paths(&ignored_above), ["b/deep/y.yaml"]);
    let twice = folder.load(&[".", "b", "b/z.yaml"]);
    assert_eq!(paths(&twice), ["Dockerfile", "a/x.yaml", "b/deep/y.yaml", "b/z.yaml"], "what is named is meant");
    assert!(!skipped(&twice).iter().any(|(path, _)| *path == "b/z.yaml"));
}

#[test]
fn the_root_outside_a_repository_is_the_deepest_common_folder() {
    let folder = Folder::new(&[("s/a/x.yaml", "a: 1"), ("s/ab/y.yaml", "a: 1")]);
    let loaded = folder.load(&["s/a/x.yaml", "s/ab"]);
    assert_eq!(paths(&loaded), ["a/x.yaml", "ab/y.yaml"]);
    assert_eq!(paths(&folder.load(&["s/a/x.yaml"])), ["x.yaml"]);
}

#[test]
fn paths_in_two_repositories_or_missing_cannot_run() {
    let folder = Folder::new(&[("a/x.yaml", "a: 1"), ("b/x.yaml", "a: 1"), ("c/x.yaml", "a: 1")]);
    git(&folder.at("a"), &["init", "-q"]);
    git(&folder.at("b"), &["init", "-q"]);
    for pair in [["a", "b"], ["c", "a"], ["a/x.yaml", "c"]] {
        assert!(matches!(error(&folder.inputs(&pair)), Error::TwoRoots { .. }), "{pair:?}");
    }
    let missing = error(&folder.inputs(&["nowhere", "a", "x/y"]));
    assert!(matches!(&missing, Error::Several(list) if list.len() == 2), "{missing:?}");
    assert!(matches!(error(&folder.inputs(&["a/x.yaml/z"])), Error::Missing { .. }));
    assert!(matches!(error(&folder.inputs(&["/dev/null"])), Error::Special { .. }));
}

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
fn links_are_never_followed_out_of_the_root_nor_in_circles() {
    let folder = Folder::new(&[("r/Dockerfile", "FROM a"), ("r/d/a.yaml", "a: 1"), ("out/b.yaml", "a: 1")]);
    git(&folder.at("r"), &["init", "-q"]);
    for (target, link) in [
        (".", "r/loop"),
        ("../d", "r/d/self"),
        ("Dockerfile", "r/Dockerfile.link"),
        ("../out/b.yaml", "r/out.yaml"),
        ("../out", "r/outside"),
        ("/nonexistent", "r/gone.yaml"),
        ("turn-b", "r/turn-a"),
        ("turn-a", "r/turn-b"),
    ] {
        symlink(target, folder.at(link)).expect("a link");
    }
    let loaded = folder.load(&["r"]);
    assert_eq!(paths(&loaded), ["Dockerfile", "d/a.yaml"]);
    assert_eq!(
        skipped(&loaded),
        [
            ("Dockerfile.link", Skip::Link),
            ("d/self", Skip::Link),
            ("gone.yaml", Skip::LinkBroken),
            ("loop", Skip::Link),
            ("out.yaml", Skip::LinkOutside),
            ("outside", Skip::LinkOutside),
            ("turn-a", Skip::LinkBroken),
            ("turn-b", Skip::LinkBroken),
        ]
    );
    assert_eq!(loaded.inventory.lookup("outside/b.yaml"), Presence::Unseen);
    assert_eq!(loaded.inventory.lookup("Dockerfile.link"), Presence::File { tracked: false });
    symlink("../Dockerfile", folder.at("r/d/Dockerfile")).expect("a link");
    let narrow = folder.load(&["r/d"]);
    assert_eq!(paths(&narrow), ["d/Dockerfile", "d/a.yaml"], "its target is not looked at otherwise");
    let through = folder.load(&["r/loop/d"]);
    assert_eq!(paths(&through), ["d/Dockerfile", "d/a.yaml"], "a PATH may be a link");
}

#[test]
fn a_directory_named_dockerfile_is_a_directory() {
    let folder = Folder::new(&[("Dockerfile/Dockerfile", "FROM a"), ("a.yaml/b.txt", "")]);
    assert_eq!(paths(&folder.load(&["."])), ["Dockerfile/Dockerfile"]);
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

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_said() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new(&[("a.yaml", "a: 1")]);
    fs::write(folder.0.path().join(OsStr::from_bytes(b"caf\xe9.yaml")), "a: 1").expect("written");
    let odd = folder.0.path().join(OsStr::from_bytes(b"d\xe9"));
    fs::create_dir(&odd).expect("a folder");
    fs::write(odd.join("b.yaml"), "a: 1").expect("written");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    let why = || "its name is not UTF-8".to_owned();
    assert_eq!(unread(&loaded), [("caf\u{fffd}.yaml", why()), ("d\u{fffd}/", why())]);
    assert_eq!(loaded.unread[0].inspectors, ["artefact", "words"]);
}

#[test]
fn other_repositories_are_left_out_and_said() {
    let folder = Folder::repository(&[("a.yaml", "a: 1"), ("nested/x.yaml", "a: 1"), ("empty/.git/x", "")]);
    let other = Folder::repository(&[("m.yaml", "a: 1")]);
    git(other.0.path(), &["add", "."]);
    git(other.0.path(), &["commit", "-qm", "one"]);
    git(&folder.at("nested"), &["init", "-q"]);
    folder.write("empty/y.yaml", b"a: 1");
    let url = other.0.path().to_string_lossy().into_owned();
    folder.git(&["submodule", "--quiet", "add", &url, "mods/sub"]);
    folder.git(&["submodule", "--quiet", "add", &url, "mods/gone"]);
    fs::remove_dir_all(folder.at("mods/gone")).expect("removed");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml", "empty/y.yaml"], "a folder called .git alone makes no repository");
    let list: Vec<_> = skipped(&loaded).into_iter().filter(|(_, why)| *why != Skip::NoInspector).collect();
    assert_eq!(list, [("mods/gone/", Skip::Submodule), ("mods/sub/", Skip::Submodule), ("nested/", Skip::Submodule)]);
    assert_eq!(loaded.inventory.lookup("mods/gone/m.yaml"), Presence::Unseen);
    assert_eq!(paths(&folder.load(&["mods/sub"])), ["m.yaml"], "named, it is the root");
}

#[test]
fn a_worktree_has_its_own_index() {
    let folder = Folder::repository(&[("main/x.yaml", "a: 1")]);
    folder.git(&["add", "."]);
    folder.git(&["commit", "-qm", "one"]);
    folder.git(&["worktree", "add", "-q", "../wt-of-test", "-b", "other"]);
    let other = folder.0.path().parent().expect("a parent").join("wt-of-test");
    let tree = Folder(tempfile::Builder::new().tempdir().expect("a folder"));
    fs::remove_dir(tree.0.path()).expect("removed");
    git(folder.0.path(), &["worktree", "move", &other.to_string_lossy(), &tree.0.path().to_string_lossy()]);
    tree.write(".gitignore", b"main\n");
    tree.write("main/new.yaml", b"a: 1");
    folder.write(".git/info/exclude", b"y.yaml\n");
    tree.write("y.yaml", b"a: 1");
    let loaded = tree.load(&["."]);
    assert_eq!(paths(&loaded), ["main/x.yaml"]);
    let list = skipped(&loaded);
    assert!(list.contains(&("y.yaml", Skip::Ignored)), "info/exclude is shared: {list:?}");
}

#[test]
fn indexes_of_every_kind_are_read() {
    let folder = Folder::repository(&[("a/x.yaml", "a: 1"), ("b/y.yaml", "a: 1"), ("c.yaml", "a: 1")]);
    folder.git(&["add", "."]);
    folder.git(&["commit", "-qm", "one"]);
    folder.write(".git/info/exclude", b"*.yaml\n");
    let all = ["a/x.yaml", "b/y.yaml", "c.yaml"];
    for version in ["2", "3", "4"] {
        folder.git(&["update-index", "--index-version", version]);
        assert_eq!(paths(&folder.load(&["."])), all, "version {version}");
    }
    folder.git(&["update-index", "--split-index"]);
    folder.write("d.yaml", b"a: 1");
    folder.git(&["add", "-f", "d.yaml"]);
    assert_eq!(paths(&folder.load(&["."])), ["a/x.yaml", "b/y.yaml", "c.yaml", "d.yaml"], "split");
    folder.git(&["update-index", "--no-split-index"]);
    folder.git(&["rm", "-q", "-f", "d.yaml"]);
    folder.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "a"]);
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a/x.yaml", "c.yaml"]);
    assert!(skipped(&loaded).contains(&("b/", Skip::NotCheckedOut)), "{:?}", skipped(&loaded));
    assert_eq!(loaded.inventory.lookup("b/y.yaml"), Presence::Unseen);
    folder.git(&["sparse-checkout", "set", "--cone", "--no-sparse-index", "a"]);
    let loaded = folder.load(&["."]);
    assert!(skipped(&loaded).contains(&("b/y.yaml", Skip::NotCheckedOut)), "{:?}", skipped(&loaded));
    assert_eq!(loaded.inventory.lookup("b/y.yaml"), Presence::File { tracked: true });
}

#[test]
fn a_broken_index_is_said_and_the_folder_walked() {
    let folder = Folder::repository(&[("a.yaml", "a: 1"), ("b.yaml", "a: 1"), (".gitignore", "b.yaml")]);
    folder.git(&["add", "-f", "."]);
    fs::write(folder.at(".git/index"), b"DIRC\0\0\0\x09 nonsense").expect("written");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    let list = unread(&loaded);
    assert_eq!(list.len(), 1);
    assert!(list[0].0 == ".git/index" && list[0].1.starts_with("the git index cannot be read"), "{list:?}");
}

#[test]
fn whatever_the_bytes_of_the_index_nothing_breaks() {
    let folder = Folder::repository(&[("a.yaml", "a: 1"), ("b/c.yaml", "a: 1"), ("d.yaml", "a: 1")]);
    folder.git(&["add", "-f", "."]);
    folder.git(&["commit", "-qm", "one"]);
    let good = fs::read(folder.at(".git/index")).expect("an index");
    let mut said = 0;
    for at in 0..good.len() {
        for byte in [0xff, good[at] ^ 1] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            fs::write(folder.at(".git/index"), &bytes).expect("written");
            let loaded = folder.load(&["."]);
            assert_eq!(loaded.sources.len(), 3, "byte {at} = {byte}: {:?}", paths(&loaded));
            said += usize::from(!loaded.unread.is_empty());
        }
        fs::write(folder.at(".git/index"), &good[..at]).expect("written");
        assert_eq!(paths(&folder.load(&["."])), ["a.yaml", "b/c.yaml", "d.yaml"], "cut at {at}");
    }
    assert!(said > 0, "some of it must be noticed");
}

#[test]
fn a_file_removed_but_still_tracked_is_not_there() {
    let folder = Folder::repository(&[("a.yaml", "a: 1"), ("b.yaml", "a: 1")]);
    folder.git(&["add", "."]);
    fs::remove_file(folder.at("b.yaml")).expect("removed");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    assert!(loaded.unread.is_empty() && loaded.skipped.is_empty());
    assert_eq!(loaded.inventory.lookup("b.yaml"), Presence::Absent);
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

#[test]
fn limits_end_the_search_and_say_so() {
    let files: Vec<String> = (0..20).map(|n| format!("d{n:02}/a.yaml")).collect();
    let list: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "a: 1")).collect();
    let folder = Folder::new(&list);
    let limits = |files, depth| Limits { files, depth, ..Limits::default() };
    let few = Inputs { limits: limits(5, 9), ..folder.inputs(&["."]) };
    let loaded = run(&few, b"");
    assert_eq!(paths(&loaded), files[..5].iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(unread(&loaded), [(".", "there are more than 5 files; the others were not looked at".into())]);
    assert_eq!(loaded.inventory.lookup("x"), Presence::Unseen);
    folder.write("a/b/c/d.yaml", b"a: 1");
    folder.write("a/b/c.yaml", b"a: 1");
    let shallow = Inputs { limits: limits(99, 2), ..folder.inputs(&["a"]) };
    let loaded = run(&shallow, b"");
    assert_eq!(paths(&loaded), ["b/c.yaml", "b/c/d.yaml"]);
    let shallow = Inputs { limits: limits(99, 1), ..folder.inputs(&["a"]) };
    let loaded = run(&shallow, b"");
    assert_eq!(paths(&loaded), ["b/c.yaml"]);
    assert_eq!(unread(&loaded), [("b/c/", "folders are nested deeper than 1; it was not entered".into())]);
}

#[test]
fn pipes_are_not_opened() {
    let folder = Folder::new(&[("a.yaml", "a: 1")]);
    for name in ["pipe.yaml", ".gitignore"] {
        let made = Command::new("mkfifo").arg(folder.at(name)).status().expect("mkfifo runs");
        assert!(made.success());
    }
    folder.git(&["init", "-q"]);
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    assert_eq!(skipped(&loaded), [(".gitignore", Skip::NotAFile), ("pipe.yaml", Skip::NotAFile)]);
}

#[test]
fn a_folder_nested_a_thousand_times_is_no_trouble() {
    let folder = Folder::new(&[("a.yaml", "a: 1")]);
    fs::create_dir_all(folder.at(&"d/".repeat(1000))).expect("folders");
    let loaded = folder.load(&["."]);
    assert_eq!(paths(&loaded), ["a.yaml"]);
    assert_eq!(loaded.unread.len(), 1);
}
