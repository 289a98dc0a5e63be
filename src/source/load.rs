//! Candidates → texts, each read once, in parallel; only what some inspector wants is opened.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use camino::Utf8PathBuf;

use super::decode::{Binary, Decoded, Fault, decode, plain};
use super::discover::{Discovered, discover};
use super::walk::Candidate;
use super::{
    Claims, Commit, Encoding, Evidence, Inputs, Inventory, Loaded, Origin, Root, Skip, Skipped, Source, Unread, names,
};
use crate::fact::{Reason, Role};
use crate::parallel;
use crate::path;
use crate::span::{SourceId, Span};
use crate::syntax::shared::SharedText;

/// How much of a file that is too large is read to see whether it is text.
const SNIFF_BYTES: usize = 8 << 10;

/// Discovers and reads everything below the PATHs of `root` that an inspector claims.
pub fn load(root: Root, inputs: &Inputs, claims: &dyn Claims) -> Loaded {
    load_from(root, inputs, claims, io::stdin().lock())
}

/// [`load`] with another standard input.
pub fn load_from(root: Root, inputs: &Inputs, claims: &dyn Claims, stdin: impl Read) -> Loaded {
    let Discovered { mut candidates, mut skipped, mut unread, inventory } = discover(&root, inputs);
    if let Some(staged) = &inputs.staged {
        candidates.retain(|candidate| !staged.gone.contains(&candidate.path));
        let there: BTreeSet<String> = candidates.iter().map(|candidate| candidate.path.clone()).collect();
        let more = staged.texts.keys().filter(|path| !there.contains(*path) && root.covers(path));
        let more = more.filter(|path| is_open(&root, inputs, path));
        candidates.extend(more.map(|path| Candidate { path: path.clone(), target: None, named: false }));
        candidates.sort_unstable();
    }
    name_inspectors(&mut unread, claims);
    let given = root.stdin().cloned().map(|path| {
        if let Ok(index) = candidates.binary_search_by(|candidate| candidate.path.as_str().cmp(path.as_str())) {
            candidates.remove(index);
            skipped.push(Skipped { path: path.to_string(), reason: Skip::Stdin });
        }
        let loader = Loader { root: &root, inputs, claims };
        loader.stdin(path, stdin)
    });
    let loader = Loader { root: &root, inputs, claims };
    let mut outcomes: Vec<Outcome> = parallel::map(candidates, 0, |candidate| loader.candidate(candidate));
    if let Some(outcome) = given {
        let index = outcomes.partition_point(|other| other.path() <= outcome.path());
        outcomes.insert(index, outcome);
    }
    let mut loaded = Loaded {
        sources: Vec::new(),
        claims: Vec::new(),
        evidence: Vec::new(),
        skipped,
        unread,
        inventory,
        root: root.clone(),
    };
    for outcome in outcomes {
        loaded.take(outcome);
    }
    loaded.skipped.sort();
    loaded.unread.sort_by(|a, b| (&a.path, &a.reason).cmp(&(&b.path, &b.reason)));
    loaded
}

/// Reads everything below the PATHs of `root` as it was in `commit`.
///
/// # Errors
/// In words: the commit cannot be read.
pub fn load_commit(root: &Root, inputs: &Inputs, claims: &dyn Claims, commit: &Commit) -> Result<Loaded, String> {
    let loader = Loader { root, inputs, claims };
    let mut texts = Vec::new();
    let files = commit.files()?;
    let patterns = files.keys().filter(|path| path::file_name(path) == ".gitignore");
    let patterns: Vec<(String, String)> =
        patterns.filter_map(|path| Some((path.clone(), commit.text(path)?))).collect();
    let inventory = Inventory::of_commit(files.keys(), &patterns);
    for (path, blob) in files {
        let named = root.named().iter().any(|named| !named.is_folder && named.path == path);
        let wants = wants(claims, &path);
        let is_candidate = root.covers(&path) && !wants.is_empty() && (named || is_open(root, inputs, &path));
        if is_candidate && (named || !names::is_generated_file(path::file_name(&path))) {
            texts.push((path, wants, commit.bytes(blob), named));
        }
    }
    let read = |(path, wants, bytes, named): (String, Vec<usize>, Result<Vec<u8>, String>, bool)| {
        loader.judge(Origin::File(path.into()), wants, loader.bounded(bytes), named)
    };
    let outcomes: Vec<Outcome> = parallel::map(texts, 0, read);
    let mut loaded = Loaded {
        sources: Vec::new(),
        claims: Vec::new(),
        evidence: Vec::new(),
        skipped: Vec::new(),
        unread: Vec::new(),
        inventory,
        root: root.clone(),
    };
    outcomes.into_iter().for_each(|outcome| loaded.take(outcome));
    Ok(loaded)
}

/// Whether a walk would have come to a file that only git knows.
fn is_open(root: &Root, inputs: &Inputs, path: &str) -> bool {
    let below = root.below_named(path);
    let mut folders = path::folder(below).split('/');
    !inputs.leaves_out(path) && !folders.any(names::is_vendored)
}

/// Says who would have judged what discovery could not reach.
fn name_inspectors(unread: &mut [Unread], claims: &dyn Claims) {
    for item in unread.iter_mut().filter(|item| !item.path.ends_with('/')) {
        item.inspectors = wants(claims, &item.path).into_iter().map(|inspector| claims.name(inspector)).collect();
    }
}

/// The inspectors that could judge a file of this name. A file that calls itself a transcript is no evidence of what a
/// server shows; only those that take any text look at it.
fn wants(claims: &dyn Claims, path: &str) -> Vec<usize> {
    let mut wanting = claims.wants(path);
    if path.ends_with(super::TRANSCRIPT_ENDING) {
        wanting.retain(|inspector| claims.takes_any(*inspector));
    }
    wanting
}

/// What became of a candidate.
enum Outcome {
    Text(Text),
    Skipped(Skipped),
    Unread(Unread),
}

/// A claimed text on its way to becoming a source.
struct Text {
    origin: Origin,
    text: SharedText,
    /// The content, when it is no text.
    bytes: Option<Vec<u8>>,
    encoding: Encoding,
    fault: Option<Fault>,
    claims: Vec<usize>,
    inspectors: Vec<&'static str>,
    role: Role,
    evidence: Option<Evidence>,
}

impl Outcome {
    fn path(&self) -> &str {
        match self {
            Outcome::Text(text) => text.origin.path(),
            Outcome::Skipped(skipped) => &skipped.path,
            Outcome::Unread(unread) => &unread.path,
        }
    }
}

/// Why bytes could not be had.
enum Failure {
    Io(io::Error),
    TooLarge { text: bool },
}

struct Loader<'a> {
    root: &'a Root,
    inputs: &'a Inputs,
    claims: &'a dyn Claims,
}

impl Loader<'_> {
    fn candidate(&self, candidate: Candidate) -> Outcome {
        let Candidate { path, target, named } = candidate;
        let name = path::file_name(&path);
        if !named && names::is_generated_file(name) {
            return Outcome::Skipped(Skipped { path, reason: Skip::Generated });
        }
        let wants = wants(self.claims, &path);
        if wants.is_empty() {
            return Outcome::Skipped(Skipped { path, reason: Skip::NoInspector });
        }
        if !self.by_name(&wants) && names::is_binary(name) {
            return Outcome::Skipped(Skipped { path, reason: Skip::Binary });
        }
        let staged = self.inputs.staged.as_ref().and_then(|staged| staged.texts.get(&path));
        let bytes = match staged {
            Some(bytes) => self.bounded(bytes.clone()),
            None => {
                let real = target.unwrap_or_else(|| self.root.path().join(&path));
                read(&real, self.inputs.limits.file_bytes)
            }
        };
        self.judge(Origin::File(path.into()), wants, bytes, named)
    }

    /// Bytes that git gave, within the limit for files.
    fn bounded(&self, bytes: Result<Vec<u8>, String>) -> Result<Vec<u8>, Failure> {
        let bytes = bytes.map_err(|message| Failure::Io(io::Error::other(message)))?;
        if bytes.len() as u64 > self.inputs.limits.file_bytes {
            let text = memchr::memchr(0, bytes.get(..SNIFF_BYTES).unwrap_or(&bytes)).is_none();
            return Err(Failure::TooLarge { text });
        }
        Ok(bytes)
    }

    fn stdin(&self, path: Utf8PathBuf, stdin: impl Read) -> Outcome {
        let wants = wants(self.claims, path.as_str());
        if wants.is_empty() {
            return Outcome::Skipped(Skipped { path: path.into_string(), reason: Skip::NoInspector });
        }
        let bytes = read_all(stdin, self.inputs.limits.file_bytes, 0);
        self.judge(Origin::Stdin(path), wants, bytes, true)
    }

    /// Whether some inspector wants this very kind of file, not just any text.
    fn by_name(&self, wants: &[usize]) -> bool {
        wants.iter().any(|inspector| !self.claims.takes_any(*inspector))
    }

    fn names(&self, inspectors: &[usize]) -> Vec<&'static str> {
        inspectors.iter().map(|inspector| self.claims.name(*inspector)).collect()
    }

    fn judge(&self, origin: Origin, wants: Vec<usize>, bytes: Result<Vec<u8>, Failure>, named: bool) -> Outcome {
        let unread = |message: String| {
            let reason = Reason::Unreadable(message.into());
            let inspectors = self.names(&wants);
            Outcome::Unread(Unread { path: origin.path().to_owned(), reason, inspectors, span: None })
        };
        let skipped = |reason| Outcome::Skipped(Skipped { path: origin.path().to_owned(), reason });
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(Failure::TooLarge { text: false }) if !self.by_name(&wants) => return skipped(Skip::Binary),
            Err(Failure::TooLarge { .. }) => {
                return unread(format!("it is larger than {}", size(self.inputs.limits.file_bytes)));
            }
            Err(Failure::Io(error)) => return unread(error.to_string()),
        };
        let decoded = match plain(bytes) {
            Ok(decoded) => Ok(decoded),
            Err(bytes) => {
                let decoded = decode(&bytes);
                if !matches!(&decoded, Ok(Decoded { fault: None, .. })) {
                    let claims = self.readers_of_bytes(&wants, origin.path(), &bytes);
                    if !claims.is_empty() {
                        return self.binary(origin, claims, bytes);
                    }
                }
                decoded
            }
        };
        let Decoded { text, encoding, fault } = match decoded {
            Ok(decoded) => decoded,
            Err(Binary { .. }) if !self.by_name(&wants) => return skipped(Skip::Binary),
            Err(Binary { at }) => return unread(format!("it is not text: NUL at byte {at}")),
        };
        let marker = names::generated_marker(&text);
        if marker.is_some() && !named && names::is_code(origin.path()) {
            return skipped(Skip::Generated);
        }
        let claims: Vec<usize> =
            wants.iter().copied().filter(|one| self.claims.claims(*one, origin.path(), &text)).collect();
        if claims.is_empty() {
            return skipped(Skip::NoInspector);
        }
        let (role, evidence) = self.role(origin.path(), marker, &text);
        // Who only searches a text misses nothing in what is left of it.
        let fault = fault.filter(|_| self.by_name(&claims));
        let inspectors = if fault.is_some() { self.names(&claims) } else { Vec::new() };
        Outcome::Text(Text { origin, text, bytes: None, encoding, fault, claims, inspectors, role, evidence })
    }

    /// Those of `wants` that read this content, which is no text.
    fn readers_of_bytes(&self, wants: &[usize], path: &str, bytes: &[u8]) -> Vec<usize> {
        wants.iter().copied().filter(|one| self.claims.claims_bytes(*one, path, bytes)).collect()
    }

    fn binary(&self, origin: Origin, claims: Vec<usize>, bytes: Vec<u8>) -> Outcome {
        let (role, evidence) = self.role(origin.path(), None, "");
        let (bytes, encoding, fault) = (Some(bytes), Encoding::Utf8, None);
        let (text, inspectors) = ("".into(), Vec::new());
        Outcome::Text(Text { origin, text, bytes, encoding, fault, claims, inspectors, role, evidence })
    }

    /// The policy decides, then the path, then a marker in the first lines.
    fn role(&self, path: &str, marker: Option<&'static str>, text: &str) -> (Role, Option<Evidence>) {
        if let Some((globs, role)) = self.inputs.roles.iter().rev().find(|(globs, _)| globs.matches(path, false)) {
            return (*role, Some(Evidence::Policy(globs.patterns().join(" ").into())));
        }
        match (super::role_of_path(self.root.below_named(path)), marker) {
            ((role, None), Some(marker)) if role.is_shipped() => (Role::Generated, Some(Evidence::Marker(marker))),
            ((Role::Production, None), None) => match names::development_marker(path, text) {
                Some(marker) => (Role::Development, Some(Evidence::Marker(marker))),
                None => (Role::Production, None),
            },
            (found, _) => found,
        }
    }
}

impl Loaded {
    fn take(&mut self, outcome: Outcome) {
        let text = match outcome {
            Outcome::Skipped(skipped) => return self.skipped.push(skipped),
            Outcome::Unread(unread) => return self.unread.push(unread),
            Outcome::Text(text) => text,
        };
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        if let Some(fault) = text.fault {
            self.unread.push(Unread {
                path: text.origin.path().to_owned(),
                reason: Reason::Unreadable(fault.message.into()),
                inspectors: text.inspectors,
                span: Some(Span::new(id, fault.span)),
            });
        }
        self.sources.push(match text.bytes {
            Some(bytes) => Source::binary(id, text.origin, text.role, bytes),
            None => Source::new(id, text.origin, text.encoding, text.role, text.text),
        });
        self.claims.push(text.claims);
        self.evidence.push(text.evidence);
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut file = File::open(path).map_err(Failure::Io)?;
    let length = file.metadata().map_err(Failure::Io)?.len();
    if length > limit {
        let mut head = vec![0; SNIFF_BYTES];
        let count = file.read(&mut head).map_err(Failure::Io)?;
        let text = memchr::memchr(0, head.get(..count).unwrap_or_default()).is_none();
        return Err(Failure::TooLarge { text });
    }
    read_all(file, limit, length)
}

/// Reads to the end, and not past `limit` even when the file grows meanwhile.
fn read_all(reader: impl Read, limit: u64, length: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(usize::try_from(length.saturating_add(1)).unwrap_or(0));
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::Io)?;
    if bytes.len() as u64 > limit {
        let text = memchr::memchr(0, bytes.get(..SNIFF_BYTES).unwrap_or(&bytes)).is_none();
        return Err(Failure::TooLarge { text });
    }
    Ok(bytes)
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
