//! `signature: commit`: records count by the signature of the commit that brought them.

use std::io::Write;
use std::process::Stdio;

use super::*;

const POLICY: &str = "allowed-signers: signers\nchecklist:\n  items:\n    - {id: rollback-tried, title: A rollback was tried, \
                      phase: pre, signature: commit, valid-for: 30d}\n";

/// A key of that kind; its public half. `None` where nobody can make one.
fn key(folder: &Path, name: &str, kind: &str) -> Option<String> {
    let path = folder.join(name);
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-N", "", "-C", "", "-t", kind, "-f"]).arg(&path);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?.success().then_some(())?;
    fs::read_to_string(path.with_extension("pub")).ok()
}

impl Repository {
    /// Everything, in a commit that Bo signs with the key at `key`.
    fn sign(&self, key: &Path) {
        self.git("Bo", &["add", "-A"]);
        let key = format!("user.signingkey={}", key.display());
        self.git("Bo", &["-c", "gpg.format=ssh", "-c", &key, "commit", "-q", "-S", "-m", "x"]);
    }

    /// State of the item, and the rules that say something of its record.
    fn stands(&self) -> (String, Vec<String>, String) {
        let report = self.report(&[], &[]);
        let told = report["findings"].as_array().expect("findings").iter();
        let rules = told.filter_map(|one| one["rule"].as_str()).filter(|rule| rule.contains("attestation"));
        let unknown = report["unknown"].as_array().expect("a list").iter().map(|one| one["reason"].to_string());
        (item(&report, "rollback-tried").0.to_owned(), rules.map(str::to_owned).collect(), unknown.collect())
    }
}

#[test]
fn a_record_counts_by_the_signature_of_its_commit() {
    let keys = tempfile::tempdir().expect("a folder");
    let kinds = ["ed25519", "ecdsa", "rsa"];
    let all: Option<Vec<String>> = kinds.iter().map(|kind| key(keys.path(), kind, kind)).collect();
    let (Some(all), Some(_)) = (all, key(keys.path(), "eve", "ed25519")) else { return };
    for (kind, public) in kinds.iter().zip(all) {
        let repository = Repository::new(POLICY);
        repository.write("signers", &format!("bo@x.example namespaces=\"git\" {public}"));
        repository.commit("Ana");
        repository.attest("rollback-tried", "bo").expect("a record");
        let missing = ("waiting".to_owned(), vec!["policy/attestation-signature-missing".to_owned()], String::new());
        assert_eq!(repository.stands(), missing, "{kind}: not committed");
        repository.commit("Bo");
        assert_eq!(repository.stands(), missing, "{kind}: not signed");

        repository.git("Bo", &["reset", "-q", "--soft", "HEAD~1"]);
        repository.sign(&keys.path().join("eve"));
        let wrong = ("waiting".to_owned(), vec!["policy/attestation-signature-wrong".to_owned()], String::new());
        assert_eq!(repository.stands(), wrong, "{kind}: another key");

        repository.git("Bo", &["reset", "-q", "--soft", "HEAD~1"]);
        repository.sign(&keys.path().join(kind));
        assert_eq!(repository.stands(), ("pass".into(), Vec::new(), String::new()), "{kind}");
        // What comes later need not be signed, nor what merges it.
        repository.write("notes.txt", "x\n");
        repository.commit("Ana");
        repository.git("Ana", &["checkout", "-q", "-b", "topic", "HEAD~1"]);
        repository.write("other.txt", "x\n");
        repository.commit("Ana");
        repository.git("Ana", &["merge", "-q", "--no-ff", "-m", "merge", "main"]);
        assert_eq!(repository.stands(), ("pass".into(), Vec::new(), String::new()), "{kind}");
    }
}

#[test]
fn what_cannot_be_checked_is_unknown() {
    let repository = Repository::new(POLICY);
    repository.write("signers", "");
    repository.attest("rollback-tried", "bo").expect("a record");
    repository.commit("Bo");
    let git = |args: &[&str]| Command::new("git").arg("-C").arg(repository.0.path()).args(args).output().expect("git");
    let raw = String::from_utf8(git(&["cat-file", "commit", "HEAD"]).stdout).expect("text");
    let signed =
        raw.replacen("\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n", 1);
    let mut made = Command::new("git")
        .arg("-C")
        .arg(repository.0.path())
        .args(["hash-object", "-t", "commit", "-w", "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git");
    made.stdin.take().expect("a pipe").write_all(signed.as_bytes()).expect("written");
    let id = String::from_utf8(made.wait_with_output().expect("git").stdout).expect("an id");
    repository.git("Bo", &["update-ref", "HEAD", id.trim()]);
    let (state, rules, unknown) = repository.stands();
    assert_eq!((state.as_str(), rules.is_empty()), ("waiting", true), "{rules:?}");
    assert!(unknown.contains("signed with GPG or X.509, which is not checked here"), "{unknown}");
}
