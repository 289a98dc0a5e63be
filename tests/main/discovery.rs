//! What a run looks at: every sentence of the manual's "what is looked at", in temporary folders.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use seaworthy::error::Error;
use seaworthy::source::{Inputs, Limits, Presence, Skip};

use crate::folder::{Folder, error, git, paths, run, skipped, unread};

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
