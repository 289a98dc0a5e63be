//! COPY and ADD.

use std::borrow::Cow;

use super::instruction::{is_absolute, is_near};
use super::state::State;
use super::{Copied, Copy, Out, reference, word_value};
use crate::fact::{Data, Reason, Value};
use crate::inspect::dockerfile::document::{Base, Instruction, Keyword, Word};
use crate::inspect::dockerfile::read;
use crate::span::Span;

/// Images of Docker Hub that files are copied from without a slash, dot or colon in the name.
const BARE_IMAGES: [&str; 14] = [
    "alpine", "busybox", "composer", "debian", "docker", "golang", "httpd", "nginx", "node", "php", "python", "ruby",
    "rust", "ubuntu",
];

impl<'s> Out<'_, 's> {
    /// The instruction, and each of its sources.
    pub(super) fn copy(
        &mut self,
        index: usize,
        instruction: &Instruction<'s>,
        words: &[Word<'s>],
        now: &State<'s>,
        ends: &[State<'s>],
    ) {
        let Some((destination, sources)) = words.split_last() else { return };
        let span = instruction.keyword_span();
        let target = instruction.line.span(destination.place.clone());
        let from = instruction.flag("from").and_then(|flag| read::reference(instruction, flag));
        let from_span = from.as_ref().map_or(span, |(_, place)| instruction.line.span(place.clone()));
        let kind = from.as_ref().map(|(name, _)| self.kind_of_reference(instruction, name));
        let text = &*destination.value.text;
        let folder = text.ends_with(['/', '\\', super::GAP]) || matches!(text, "." | "..") || text.ends_with("/.");
        // BuildKit copies into a folder that is there, slash or not.
        let folder = folder || now.folders.contains(text);
        let is_root = |path: &str| matches!(path, "/" | "/." | "/*");
        let base = instruction.stage.and_then(|stage| self.document.stages.get(stage)).map(|stage| stage.base);
        let roots = from.is_some() && is_root(text) && sources.iter().any(|source| is_root(&source.value.text));
        let copy = Copy {
            keyword: Value::str(instruction.keyword.name(), span),
            from: super::optional(from.as_ref().map(|(name, _)| name.clone()), from_span),
            from_kind: super::optional(kind, from_span),
            destination: word_value(instruction, destination),
            sources: Value::int(sources.len() as i64, span),
            destination_is_folder: Value::bool(folder, target),
            as_folder: self.as_folder(instruction, destination),
            has_place: self.has_place(destination, now, target),
            from_empty: Value::bool(
                from.as_ref().is_some_and(|(name, _)| self.copies_from_empty(instruction, name, ends)),
                from_span,
            ),
            lacks_owner: Value::bool(self.lacks_owner(index, instruction, now), span),
            copies_root: Value::bool(roots && base != Some(Base::Scratch), span),
            needs_add: Value::bool(needs_add(instruction, sources), span),
            is_onbuild: Value::bool(instruction.onbuild.is_some(), span),
            stage: self.stage_of(instruction),
        };
        let record = copy.record();
        let path = self.path();
        for source in sources {
            self.source(index, instruction, source, kind, Value::bare(Data::Record(record.clone())));
        }
        self.facts.push(crate::fact::Fact { span, path, role: self.role, record });
    }

    fn has_place(&self, destination: &Word<'s>, now: &State<'s>, span: Span) -> Value<'s> {
        if now.has_workdir || is_absolute(destination) {
            return Value::bool(true, span);
        }
        if let Some(root) = self.base_workdir(now) {
            // There is nothing else in an empty image: its root folder is as good a place as any.
            return Value::bool(root == "scratch", span);
        }
        Value::unknown(Reason::Unresolved("it is not known whether the base image sets a WORKDIR".into()), span)
    }

    /// The image at the bottom, if it is one that leaves the working folder at `/`.
    pub(super) fn base_workdir(&self, now: &State<'s>) -> Option<&str> {
        const WITHOUT_WORKDIR: [&str; 14] = [
            "alpine",
            "almalinux",
            "amazonlinux",
            "busybox",
            "centos",
            "debian",
            "eclipse-temurin",
            "fedora",
            "nginx",
            "node",
            "python",
            "rockylinux",
            "ruby",
            "ubuntu",
        ];
        let root = now.root.and_then(|root| self.document.stages.get(root))?;
        if root.base == Base::Scratch {
            return Some("scratch");
        }
        let image = reference::short_name(reference::parts(&root.image.value.text).name);
        let windows = ["mcr.microsoft.com/windows/", "microsoft/windows", "microsoft/nanoserver"];
        if windows.iter().any(|start| image.starts_with(start)) {
            return Some("windows");
        }
        WITHOUT_WORKDIR.contains(&image).then_some(image)
    }

    /// What the name of a `--from` is.
    pub(super) fn kind_of_reference(&self, instruction: &Instruction<'s>, name: &str) -> &'static str {
        let here = instruction.stage.unwrap_or_default();
        let lower = name.to_lowercase();
        if name.contains('$') {
            return "variable";
        }
        if let Ok(number) = name.parse::<usize>() {
            return match number.cmp(&here) {
                std::cmp::Ordering::Less => "stage",
                std::cmp::Ordering::Equal => "self",
                std::cmp::Ordering::Greater if number >= self.document.stages.len() => "no-stage",
                std::cmp::Ordering::Greater => "later-stage",
            };
        }
        match self.first_of_name.get(&lower) {
            Some(first) if *first < here => return "stage",
            Some(first) if *first == here => return "self",
            Some(_) => return "later-stage",
            None => {}
        }
        if name.contains(['/', ':', '.', '@']) || BARE_IMAGES.contains(&&*lower) {
            return "image";
        }
        let near = |stage: &crate::inspect::dockerfile::document::Stage<'s>| {
            stage.name.as_deref().is_some_and(|known| known.len() > 3 && is_near(known, &lower))
        };
        let close = self.document.stages.iter().take(here.min(64)).any(near);
        if close { "misspelt" } else { "context" }
    }

    fn source(
        &mut self,
        index: usize,
        instruction: &Instruction<'s>,
        word: &Word<'s>,
        from: Option<&str>,
        copy: Value<'s>,
    ) {
        let path = &*word.value.text;
        let span = instruction.line.span(word.place.clone());
        if instruction.heredocs.iter().any(|heredoc| heredoc.word == word.place) {
            return;
        }
        let add = instruction.keyword == Keyword::Add;
        let remote = add && is_remote(path);
        let fact = Copied {
            path: word_value(instruction, word),
            is_remote: Value::bool(remote, span),
            is_verified: Value::bool(!remote || instruction.flag("checksum").is_some() || has_commit(path), span),
            is_plain_text: Value::bool(remote && (path.starts_with("http://") || path.starts_with("git://")), span),
            names_secret: Value::bool(from != Some("image") && names_secret_file(path), span),
            is_context: Value::bool(from.is_none() && matches!(path, "." | "./" | "/" | "./." | "*" | "./*"), span),
            is_unpacked_later: Value::bool(self.is_unpacked_later(index, instruction, word), span),
            copy,
        };
        let object = self.path();
        self.facts.push(fact.fact(span, object, self.role));
    }
}

fn is_remote(path: &str) -> bool {
    ["http://", "https://", "git://", "ssh://", "git@"].iter().any(|scheme| path.starts_with(scheme))
}

/// A git address that names a commit or a version, or one with a checksum.
fn has_commit(path: &str) -> bool {
    let fragment = path.split_once('#').map_or("", |(_, fragment)| fragment);
    let reference = fragment.split(':').next().unwrap_or_default();
    // A commit, or a tag with a version in it; a branch has none.
    let version = reference.bytes().any(|byte| byte.is_ascii_digit());
    let commit = |part: &str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    path.split('/').any(commit) || version || path.contains("checksum=") || reference.contains(super::GAP)
}

/// Whether ADD does here what COPY cannot, or it cannot be told.
fn needs_add(instruction: &Instruction<'_>, sources: &[Word<'_>]) -> bool {
    const ARCHIVES: [&str; 12] =
        [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".gz", ".bz2", ".xz"];
    let flags = ["checksum", "unpack", "keep-git-dir"];
    instruction.keyword != Keyword::Add
        || !instruction.heredocs.is_empty()
        || flags.iter().any(|flag| instruction.flag(flag).is_some())
        || sources.iter().any(|source| {
            let path = source.value.text.trim_matches(['"', '\'']).to_ascii_lowercase();
            is_remote(&path)
                || source.has_variable
                || path.contains(".tar")
                || path.ends_with('*')
                || ARCHIVES.iter().any(|ending| path.ends_with(ending))
        })
}

/// Whether a file of that name holds secrets.
pub fn names_secret_file(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let name = lower.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default();
    let sample = ["example", "sample", "template", "dist", "test", "schema", "defaults"];
    if sample.iter().any(|word| name.split(['.', '-', '_']).any(|part| part == *word)) {
        return false;
    }
    const EXACT: [&str; 17] = [
        ".env",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".pypirc",
        ".netrc",
        "_netrc",
        ".git-credentials",
        ".dockercfg",
        ".aws",
        ".ssh",
        "kubeconfig",
        "privkey.pem",
        "credentials.json",
        "service-account.json",
        "serviceaccount.json",
    ];
    let env = name.starts_with(".env.");
    // `x.key` may be a public key of a package archive; the folder or the name has to say what it is for.
    let private =
        ["private", "privkey", "tls", "ssl", "cert", "server", "client"].iter().any(|word| lower.contains(word));
    let public = ["pub", "gpg", "pgp", "repo", "release", "archive", "apt"].iter().any(|word| name.contains(word));
    let key = (name.ends_with("key.pem") || (name.ends_with(".key") && private)) && !public;
    let store = [".p12", ".pfx"].iter().any(|ending| name.ends_with(ending));
    let folder = ["/.aws/credentials", "/.kube/config", "/.docker/config.json"];
    EXACT.contains(&name) || env || key || store || folder.iter().any(|end| format!("/{lower}").ends_with(end))
}

/// What a COPY that brings no shell along looks like: single files that are none.
pub(super) fn may_bring_shell(words: &[Word<'_>]) -> bool {
    const FOLDERS: [&str; 16] = [
        "", ".", "sh", "bash", "ash", "dash", "busybox", "bin", "sbin", "usr", "root", "rootfs", "fs", "image", "out",
        "install",
    ];
    let Some((_, sources)) = words.split_last() else { return true };
    sources.iter().any(|word| {
        let path: Cow<'_, str> = Cow::Borrowed(&word.value.text);
        let name = path.rsplit('/').next().unwrap_or_default();
        FOLDERS.contains(&name) || name.contains(['*', super::GAP]) || name.contains(".tar") || name.ends_with("gz")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_hold_secrets() {
        for path in [
            ".env",
            "config/.env.production",
            "id_rsa",
            "/root/.ssh/",
            "tls/server.key.pem",
            "my-key.pem",
            "~/.aws/credentials",
            "a.pfx",
        ] {
            assert!(names_secret_file(path), "{path}");
        }
        for path in [
            ".env.example",
            "ca.pem",
            "id_rsa.pub",
            "public-key.pem",
            "nodesource-repo.gpg.key",
            "jenkins.io-2026.key",
            "keyboard.map",
            ".npmrc",
            "environment",
            ".env-schema",
        ] {
            assert!(!names_secret_file(path), "{path}");
        }
    }

    #[test]
    fn a_commit_verifies_a_git_address() {
        assert!(has_commit("https://g.example/a.git#0123456789012345678901234567890123456789:sub"));
        assert!(!has_commit("https://g.example/a.git#main"));
    }
}
