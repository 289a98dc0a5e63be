//! Temporary folders and repositories, and a run over them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seaworthy::error::Error;
use seaworthy::source::{Claims, Inputs, Loaded, Root, Skip, load_from};

/// Two inspectors: one wants Dockerfiles and YAML by name, one takes any text that holds `secret`.
pub(crate) struct Two;

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

pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    pub(crate) fn repository(files: &[(&str, &str)]) -> Self {
        let folder = Self::new(files);
        folder.git(&["init", "-q"]);
        folder
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, bytes).expect("written");
    }

    pub(crate) fn git(&self, args: &[&str]) {
        git(self.0.path(), args);
    }

    pub(crate) fn inputs(&self, paths: &[&str]) -> Inputs {
        Inputs { folder: self.0.path().into(), paths: paths.iter().map(PathBuf::from).collect(), ..Inputs::default() }
    }

    pub(crate) fn load(&self, paths: &[&str]) -> Loaded {
        run(&self.inputs(paths), b"")
    }
}

pub(crate) fn git(folder: &Path, args: &[&str]) {
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

pub(crate) fn run(inputs: &Inputs, stdin: &[u8]) -> Loaded {
    load_from(Root::of(inputs).expect("a root"), inputs, &Two, stdin)
}

pub(crate) fn error(inputs: &Inputs) -> Error {
    Root::of(inputs).expect_err("no root")
}

pub(crate) fn paths(loaded: &Loaded) -> Vec<&str> {
    for (index, source) in loaded.sources.iter().enumerate() {
        assert_eq!(source.id.0 as usize, index, "an id is an index");
        assert!(!loaded.claims[index].is_empty(), "{} is claimed by nobody", source.path());
    }
    assert_eq!(loaded.sources.len(), loaded.evidence.len());
    let paths: Vec<&str> = loaded.sources.iter().map(|source| source.path()).collect();
    assert!(paths.is_sorted(), "{paths:?}");
    paths
}

pub(crate) fn skipped(loaded: &Loaded) -> Vec<(&str, Skip)> {
    loaded.skipped.iter().map(|item| (item.path.as_str(), item.reason)).collect()
}

pub(crate) fn unread(loaded: &Loaded) -> Vec<(&str, String)> {
    loaded.unread.iter().map(|item| (item.path.as_str(), item.reason.to_string())).collect()
}
