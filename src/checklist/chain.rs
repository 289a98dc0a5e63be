//! The chain that records form, so that an altered or missing one shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::{Broken, Filed, NONE, parse};
use crate::source::Loaded;
use crate::span::SourceId;

/// Where the chain leaves a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It vouches for it.
    Vouched,
    /// It was altered: its own digest is not that of its text.
    Altered,
    /// Another follows the same record; the path of that one.
    Forks(String),
    /// What it follows is not there; the path of the last record before the break, which may have been altered.
    Breaks(Option<String>),
    /// The chain ends before it.
    Behind,
}

/// A file that says nothing, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file's path from the root.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

/// All records, in the order of the chain, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Those that the chain vouches for come first, oldest first; then the others by path.
    pub records: Vec<Filed>,
    /// Files that hold no record.
    pub broken: Vec<Broken>,
    /// Files that are no text.
    pub unread: Vec<Fault>,
}

/// A file of the ledger: its path from the root, and its text, or why there is none.
pub type File = (String, Result<String, String>);

impl Ledger {
    /// Reads `files`.
    pub fn read(files: Vec<File>) -> Ledger {
        let mut ledger = Ledger::default();
        let mut signatures: BTreeMap<String, String> = BTreeMap::new();
        for (path, text) in files {
            match (path.strip_suffix(".sig"), text) {
                (_, Err(message)) => ledger.unread.push(Fault { path, message }),
                (Some(signed), Ok(text)) => drop(signatures.insert(signed.to_owned(), text)),
                (None, Ok(text)) => {
                    let text: Arc<str> = text.into();
                    match parse(&path, &text) {
                        Ok(filed) => ledger.records.push(filed),
                        Err(mistakes) => ledger.broken.push(Broken { path, text, mistakes }),
                    }
                }
            }
        }
        for filed in &mut ledger.records {
            filed.beside = signatures.remove(&filed.path);
        }
        ledger.chain();
        ledger
    }

    /// The digest that the next record names as `prev`; an error when nobody can say which record is the last.
    pub fn next_prev(&self) -> Result<String, Fault> {
        if let Some(fault) = self.unread.first() {
            return Err(fault.clone());
        }
        if let Some(broken) = self.broken.first() {
            let message = broken.mistakes.first().map_or("this is no attestation", |(message, _)| message).to_owned();
            return Err(Fault { path: broken.path.clone(), message });
        }
        if let Some(filed) = self.records.iter().find(|filed| filed.link != Link::Vouched) {
            let message = filed.link.fault().unwrap_or_else(|| "the chain of attestations ends before it".to_owned());
            return Err(Fault { path: filed.path.clone(), message });
        }
        Ok(self.records.last().map_or_else(|| NONE.to_owned(), |last| last.digest.clone()))
    }

    /// Adds the files to the sources, so that findings can stand in them: path → number.
    pub fn add_to(&self, loaded: &mut Loaded) -> BTreeMap<String, SourceId> {
        let mut places: BTreeMap<String, SourceId> =
            loaded.sources.iter().map(|source| (source.path().to_owned(), source.id)).collect();
        let records = self.records.iter().map(|filed| (&filed.path, &filed.text));
        let files = records.chain(self.broken.iter().map(|broken| (&broken.path, &broken.text)));
        let mut own = BTreeMap::new();
        for (path, text) in files {
            let id = *places.entry(path.clone()).or_insert_with(|| loaded.append_own(path, text));
            own.insert(path.clone(), id);
        }
        own
    }

    /// Follows the chain from its first record. Where it forks or breaks off, nothing after that counts, nor does the
    /// record before the break: nothing vouches for it any more. Nor does an altered record, or what follows it.
    fn chain(&mut self) {
        self.records.sort_by(|a, b| a.path.cmp(&b.path));
        let mut rest: Vec<Option<Filed>> = std::mem::take(&mut self.records).into_iter().map(Some).collect();
        let mut after: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, filed) in rest.iter().enumerate() {
            if let Some(filed) = filed {
                after.entry(filed.record.prev.value.clone()).or_default().push(index);
            }
        }
        let mut done: Vec<Filed> = Vec::new();
        let mut ends = false;
        while let Some(next) = after.remove(done.last().map_or(NONE, |last| last.digest.as_str())) {
            let one = if next.len() == 1 { next.first().and_then(|at| rest.get_mut(*at)?.take()) } else { None };
            let Some(mut filed) = one else {
                fork(&mut rest, &next);
                ends = true;
                break;
            };
            filed.link = if filed.is_whole() { Link::Vouched } else { Link::Altered };
            ends = filed.link == Link::Altered;
            done.push(filed);
            if ends {
                break;
            }
        }
        let mut rest: Vec<Filed> = rest.into_iter().flatten().collect();
        for filed in rest.iter_mut().filter(|filed| !filed.is_whole()) {
            filed.link = Link::Altered;
        }
        if !ends {
            breaks(&mut done, &mut rest);
        }
        done.extend(rest);
        self.records = done;
    }
}

impl Link {
    /// What is wrong, in words.
    pub fn fault(&self) -> Option<String> {
        match self {
            Link::Vouched | Link::Behind => None,
            Link::Altered => Some("it was altered: its `digest` is not that of its text".into()),
            Link::Forks(other) => Some(format!(
                "the chain of attestations forks: this and `{other}` follow the same record; neither they nor what \
                 follows count"
            )),
            Link::Breaks(last) => Some(format!(
                "the chain of attestations is broken: the record before this one is missing{}; what follows the break \
                 does not count",
                last.as_ref().map(|path| format!(", or `{path}` was altered")).unwrap_or_default()
            )),
        }
    }
}

/// The first of those that follow one record is named by the others.
fn fork(rest: &mut [Option<Filed>], next: &[usize]) {
    let mut first: Option<String> = None;
    for at in next {
        let Some(Some(filed)) = rest.get_mut(*at) else { continue };
        match &first {
            Some(path) => filed.link = Link::Forks(path.clone()),
            None => first = Some(filed.path.clone()),
        }
    }
}

/// Nothing vouches any more for the record before a break.
fn breaks(done: &mut [Filed], rest: &mut [Filed]) {
    let Some(oldest) = rest.iter_mut().min_by(|a, b| (a.at, &a.path).cmp(&(b.at, &b.path))) else { return };
    let last = done.last_mut();
    if oldest.link != Link::Altered {
        oldest.link = Link::Breaks(last.as_ref().map(|last| last.path.clone()));
    }
    if let Some(last) = last {
        last.link = Link::Behind;
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::digest_of;
    use super::*;

    fn text(id: &str, prev: &str, more: &str) -> String {
        format!(
            "schema: seaworthy/attestation/1\nid: \"{id}\"\nitem: a\nitem-digest: \"sha256:0\"\nresult: pass\n\
             subject: {{environment: production}}\nby: {{id: x, role: y}}\nat: \"2026-11-20T00:00:00Z\"\n{more}prev: \"{prev}\"\n"
        )
    }

    fn chain(n: usize) -> Vec<(String, String)> {
        let mut files: Vec<(String, String)> = Vec::new();
        for nth in 0..n {
            let prev = files.last().map_or(NONE.to_owned(), |(_, text)| digest_of(text.as_bytes()));
            files.push((format!("{nth}.yaml"), text(&nth.to_string(), &prev, "")));
        }
        files
    }

    fn read(files: &[(String, String)]) -> Ledger {
        Ledger::read(files.iter().map(|(path, text)| (path.clone(), Ok(text.clone()))).collect())
    }

    fn vouched(files: &[(String, String)]) -> (Vec<String>, usize) {
        let ledger = read(files);
        let vouched = ledger.records.iter().filter(|filed| filed.link == Link::Vouched);
        let faults = ledger.records.iter().filter(|filed| filed.link.fault().is_some()).count();
        (vouched.map(|filed| filed.record.id.value.clone()).collect(), faults + ledger.broken.len())
    }

    fn sealed(text: String) -> String {
        format!("{text}digest: \"{}\"\n", digest_of(text.as_bytes()))
    }

    #[test]
    fn a_whole_chain_counts() {
        assert_eq!(vouched(&chain(3)), (vec!["0".into(), "1".into(), "2".into()], 0));
        assert_eq!(vouched(&[]), (vec![], 0));
        let last = chain(3).pop().expect("three records").1;
        assert_eq!(read(&chain(3)).next_prev(), Ok(digest_of(last.as_bytes())));
    }

    #[test]
    fn after_a_missing_or_altered_record_nothing_counts_nor_does_the_one_before() {
        let mut files = chain(4);
        files.remove(2);
        assert_eq!(vouched(&files), (vec!["0".into()], 1));
        assert!(read(&files).next_prev().is_err());
        for nth in 0..3 {
            let mut files = chain(4);
            files[nth].1.push(' ');
            let want: Vec<String> = (0..nth).map(|nth| nth.to_string()).collect();
            assert_eq!(vouched(&files), (want, 1), "{nth}");
        }
    }

    #[test]
    fn where_it_forks_neither_branch_counts() {
        let mut files = chain(2);
        let prev = digest_of(files[0].1.as_bytes());
        files.push(("z.yaml".into(), text("z", &prev, "")));
        assert_eq!(vouched(&files), (vec!["0".into()], 1));
        let two_first = [("a.yaml".to_owned(), text("a", NONE, "")), ("b.yaml".to_owned(), text("b", NONE, ""))];
        assert_eq!(vouched(&two_first), (vec![], 1));
    }

    #[test]
    fn what_is_no_record_is_a_fault_and_never_a_panic() {
        let good = text("a", NONE, "");
        for wrong in [
            String::new(),
            "[".into(),
            "\u{feff}a: 1".into(),
            good.replace("2026-11-20", "yesterday "),
            good.replace("attestation/1", "attestation/2"),
            good.replace("result: pass", "result: not-applicable"),
            good.replace("result: pass", "result: maybe"),
            text("a", NONE, "evidence: [{kind: log, path: x}]\n"),
            text("a", NONE, "extra: 1\n"),
            format!("{good}---\n{good}"),
        ] {
            let (vouched, faults) = vouched(&[("a.yaml".into(), wrong.clone())]);
            assert!(vouched.is_empty() && faults > 0, "{wrong}");
        }
    }

    #[test]
    fn an_altered_byte_shows_in_the_record_itself_the_last_one_too() {
        let first = sealed(text("0", NONE, ""));
        let second = sealed(text("1", &digest_of(first.as_bytes()), ""));
        let files = |first: &str, second: &str| {
            [("0.yaml".to_owned(), first.to_owned()), ("1.yaml".to_owned(), second.to_owned())]
        };
        assert_eq!(vouched(&files(&first, &second)), (vec!["0".into(), "1".into()], 0));
        let altered = |text: &str| text.replace("production", "productiom");
        assert_eq!(vouched(&files(&altered(&first), &second)), (vec![], 1), "one cause, told once");
        assert_eq!(vouched(&files(&first, &altered(&second))), (vec!["0".into()], 1));
        assert_eq!(read(&files(&first, &altered(&second))).records[1].link, Link::Altered);
        // Whoever alters a record and its digest still breaks the chain.
        let forged = sealed(text("0", NONE, "comment: forged\n"));
        assert_eq!(vouched(&files(&forged, &second)), (vec![], 1));
    }

    #[test]
    fn a_file_that_is_no_text_is_told_and_a_signature_lies_beside_its_record() {
        let files = vec![
            ("0.yaml".to_owned(), Ok(text("0", NONE, ""))),
            ("0.yaml.sig".to_owned(), Ok("signature".to_owned())),
            ("1.yaml".to_owned(), Err("invalid UTF-8".to_owned())),
        ];
        let ledger = Ledger::read(files);
        assert_eq!(ledger.records[0].beside.as_deref(), Some("signature"));
        assert_eq!(ledger.unread.len(), 1);
        assert!(ledger.next_prev().is_err());
    }
}
