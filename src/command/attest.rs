//! `attest`: write down what a person says of an item, as the next record of the chain.

use std::fs;
use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};

use super::checklist::{plain, settings};
use crate::checklist::question::{Bind, EvidenceDemand, Question, SignatureDemand, digest_of};
use crate::checklist::record::{Answer, ProofKind, SCHEMA};
use crate::checklist::signature::NAMESPACE;
use crate::cli::AttestArgs;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::inspect::Inspectors;
use crate::settings::Settings;
use crate::source::{self, History};
use crate::syntax::suggest::suggest;

/// Writes the next record.
///
/// # Errors
/// The item is not asked, the answer lacks something, or the chain of records is broken.
pub fn run(args: &AttestArgs) -> Result<ExitCode, Error> {
    let settings = settings(plain()?, &args.path, args.environment.as_deref(), args.now.as_deref())?;
    let question = question(&settings, &args.item)?;
    check(args, question, &settings)?;
    let prev = settings.ledger()?.next_prev().map_err(|fault| {
        let help = Some("mend the chain first: take the file from the history of the repository".to_owned());
        Error::usage(format!("{}: {}", fault.path, fault.message), help)
    })?;
    let text = record(args, &settings, question, &prev)?;
    let folder = settings.root.path().join(settings.attestations());
    let folder = Utf8PathBuf::from_path_buf(folder)
        .map_err(|path| Error::NotUtf8 { path: path.to_string_lossy().into_owned() })?;
    let file = folder.join(format!("{}-{}.yaml", stamp(&settings), question.id));
    create(&folder, &file, &text).map_err(|error| Error::usage(format!("cannot write {file}: {error}"), None))?;
    let below = file.strip_prefix(settings.root.path()).unwrap_or(&file);
    super::put_masked(&format!("{below}\n")).map_err(Error::output)?;
    match question.signature {
        SignatureDemand::Ssh => {
            super::say(&format!("It counts once it is signed: ssh-keygen -Y sign -n {NAMESPACE} -f KEY {below}\n"));
        }
        SignatureDemand::Commit => {
            super::say(
                "It counts once its author has committed it with a signature: git -c gpg.format=ssh commit -S\n",
            );
        }
        SignatureDemand::None => {}
    }
    Ok(ExitCode::Ready)
}

fn question<'s>(settings: &'s Settings, item: &str) -> Result<&'s Question, Error> {
    settings.questions.iter().find(|question| question.id == item).ok_or_else(|| {
        let close = suggest(item, settings.questions.iter().map(|question| question.id.as_str()));
        let help = close.map_or_else(
            || "`seaworthy checklist` shows all items".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        Error::usage(format!("the checklist has no item `{item}`"), Some(help))
    })
}

/// Everything that would keep the record from counting is told now, not later.
fn check(args: &AttestArgs, question: &Question, settings: &Settings) -> Result<(), Error> {
    let mut wrong = Vec::new();
    if args.result == Answer::NotApplicable {
        if !question.allow_not_applicable {
            wrong.push(format!("`{}` may not be answered with not-applicable", question.id));
        }
        if args.reason.is_none() || args.comment.as_deref().is_none_or(|comment| comment.trim().is_empty()) {
            wrong.push("not-applicable needs --reason and --comment".to_owned());
        }
    }
    if !question.roles.is_empty() && !question.roles.contains(&args.role) {
        wrong.push(format!("{} may attest `{}`, not {}", question.roles.join(", "), question.id, args.role));
    }
    let needs_evidence = question.evidence == EvidenceDemand::Required && args.result != Answer::NotApplicable;
    if needs_evidence && args.evidence.is_empty() {
        wrong.push(format!("`{}` needs --evidence", question.id));
    }
    if question.is_bound_to(Bind::Environment) && args.environment.is_none() {
        wrong.push(format!("`{}` is about an environment: say which with --env", question.id));
    }
    let people = settings.people();
    if let Some(holders) = question.holders.get(&args.role)
        && !holders.iter().any(|id| people.is_same(id, &args.by))
    {
        wrong.push(format!("the policy does not name {} as {}", args.by, args.role));
    }
    let authors = || History::open(&settings.root)?.authors(None, &settings.attestations());
    if question.independent
        && authors().is_ok_and(|authors| authors.iter().any(|author| people.is_person(&args.by, author)))
    {
        wrong.push(format!("{} made the change, and `{}` asks for somebody else", args.by, question.id));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::usage(wrong.join("\n"), None)) }
}

fn record(args: &AttestArgs, settings: &Settings, question: &Question, prev: &str) -> Result<String, Error> {
    let at = settings.now.to_string();
    let seed = format!("{prev}\n{at}\n{}\n{}", question.id, args.by);
    let id = digest_of(seed.as_bytes()).get(7..27).unwrap_or_default().to_owned();
    let mut text = format!("schema: {SCHEMA}\nid: {id}\nitem: {}\n", question.id);
    text += &format!("item-digest: {}\nresult: {}\n", quoted(&question.digest()), args.result.name());
    if let Some(reason) = args.reason {
        text += &format!("reason: {}\n", reason.name());
    }
    if let Some(comment) = &args.comment {
        text += &format!("comment: {}\n", quoted(comment));
    }
    text += &subject(settings, question)?;
    text += &format!("by: {{id: {}, role: {}}}\nat: {}\n", quoted(&args.by), quoted(&args.role), quoted(&at));
    if !args.evidence.is_empty() {
        text += "evidence:\n";
    }
    for word in &args.evidence {
        text += &proof(word, settings, &at)?;
    }
    if let Some(revokes) = &args.revokes {
        text += &format!("revokes: {}\n", quoted(revokes));
    }
    text += &format!("prev: {}\n", quoted(prev));
    let digest = digest_of(text.as_bytes());
    text += &format!("digest: {}\n", quoted(&digest));
    Ok(text)
}

fn subject(settings: &Settings, question: &Question) -> Result<String, Error> {
    let mut pairs = Vec::new();
    match source::head(&settings.root) {
        Some(commit) => pairs.push(format!("commit: {}", quoted(&commit))),
        None if question.is_bound_to(Bind::Commit) => {
            return Err(Error::usage(format!("`{}` is about a commit, and there is none here", question.id), None));
        }
        None => {}
    }
    pairs.extend(settings.environment.as_ref().map(|name| format!("environment: {}", quoted(name))));
    if question.is_bound_to(Bind::Paths) {
        let loaded = source::load(settings.root.clone(), &settings.inputs, &Inspectors);
        let digest = source::files_digest(&settings.root, &loaded.inventory, &question.paths, &question.folder);
        let Some(digest) = digest else {
            return Err(Error::usage(format!("`paths` of `{}` match no file", question.id), None));
        };
        pairs.push(format!("paths-digest: {}", quoted(&digest)));
    }
    Ok(format!("subject: {{{}}}\n", pairs.join(", ")))
}

/// A file is named from the policy's folder, with the digest of what it holds now.
fn proof(word: &str, settings: &Settings, at: &str) -> Result<String, Error> {
    let kind = ProofKind::of(word).name();
    if word.contains("://") {
        return Ok(format!("  - {{kind: {kind}, uri: {}, produced-at: {}}}\n", quoted(word), quoted(at)));
    }
    let missing = || Error::Missing { path: word.to_owned() };
    let real = settings.inputs.folder.join(word).canonicalize().map_err(|_| missing())?;
    let base = settings.root.path().join(settings.folder());
    let below = real.strip_prefix(&base).ok().and_then(|path| Utf8Path::from_path(path));
    let Some(below) = below else {
        let help = "keep evidence in the repository, or give its address".to_owned();
        return Err(Error::usage(format!("`{word}` lies outside of the policy's folder"), Some(help)));
    };
    let below = below.as_str().replace('\\', "/");
    let from_root = Utf8Path::new(&settings.folder()).join(&below).into_string();
    let digest = source::file_digest(&settings.root, &from_root).ok_or_else(missing)?;
    let (path, digest, at) = (quoted(&below), quoted(&digest), quoted(at));
    Ok(format!("  - {{kind: {kind}, path: {path}, digest: {digest}, produced-at: {at}}}\n"))
}

/// Text as YAML and JSON both read it.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Sorts by time: `20261121T120000Z`.
fn stamp(settings: &Settings) -> String {
    settings.now.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Never over a file that is there.
fn create(folder: &Utf8Path, file: &Utf8Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut out = fs::OpenOptions::new().write(true).create_new(true).open(file)?;
    out.write_all(text.as_bytes())
}
