//! `checklist`: judge, and write the checklist alone: as Markdown, the evidence beside each box, as an in-toto statement
//! or as a verification summary.

use camino::Utf8Path;

use crate::cli::{CheckArgs, ChecklistArgs, ChecklistFormat, Cli, Command};
use crate::error::Error;
use crate::exit::ExitCode;
use crate::report::{self, Report, statement};
use crate::settings::{self, Settings};
use crate::source::{self, read_own};

/// Writes the checklist.
///
/// # Errors
/// The run could not happen, or the page could not be written.
pub fn run(args: &ChecklistArgs) -> Result<ExitCode, Error> {
    let mut check = plain()?;
    check.allow_commands = args.allow_commands;
    let settings = settings(check, &args.path, args.environment.as_deref(), args.now.as_deref())?;
    let report = super::check::judge(&settings)?;
    let mut page = Vec::new();
    match args.format {
        ChecklistFormat::Markdown if args.key.is_some() => {
            return Err(Error::usage("`--key` signs `-f in-toto` and `-f vsa`", None));
        }
        ChecklistFormat::Markdown => report::checklist(&report, &mut page).map_err(Error::output)?,
        ChecklistFormat::InToto => page = statement(args, &settings, &report, statement::checklist)?,
        ChecklistFormat::Vsa => page = statement(args, &settings, &report, statement::summary)?,
    }
    match &args.output {
        None => super::put_bytes(&page).map_err(Error::output)?,
        Some(file) => super::check::replace(file, &page)
            .map_err(|error| Error::usage(format!("cannot write {file}: {error}"), None))?,
    }
    Ok(ExitCode::Ready)
}

/// A statement about the commit that is checked out, in a signed envelope where a key is given.
fn statement(
    args: &ChecklistArgs,
    settings: &Settings,
    report: &Report,
    make: fn(&Report, statement::About<'_>) -> serde_json::Value,
) -> Result<Vec<u8>, Error> {
    let commit = source::head(&settings.root)
        .ok_or_else(|| Error::usage("a statement is about a commit, and there is none here", None))?;
    let (name, digest) = (settings.layers.strongest(), settings.layers.whole_digest());
    let ledger = settings.ledger()?;
    let made = make(report, statement::About { commit: &commit, policy: (name, &digest), ledger: &ledger });
    let made = match &args.key {
        None => made,
        Some(path) => {
            let key = read_own(settings.inputs.folder.join(path).as_path())?;
            let wrong = |why: String| Error::usage(format!("cannot sign with `{path}`: {why}"), None);
            statement::envelope(&made, &key).map_err(wrong)?
        }
    };
    let mut text = serde_json::to_vec_pretty(&made).map_err(|error| Error::usage(error.to_string(), None))?;
    text.push(b'\n');
    Ok(text)
}

/// The settings of `args` for `path`.
pub(super) fn settings(
    mut args: Box<CheckArgs>,
    path: &Utf8Path,
    environment: Option<&str>,
    now: Option<&str>,
) -> Result<Settings, Error> {
    args.paths = vec![path.to_owned()];
    args.environment = environment.map(str::to_owned).or(args.environment);
    args.now = now.map(str::to_owned).or(args.now);
    Settings::new(&args, settings::clock())
}

/// A plain `check`.
pub(super) fn plain() -> Result<Box<CheckArgs>, Error> {
    use clap::Parser;
    match Cli::try_parse_from(["seaworthy", "check"]) {
        Ok(Cli { command: Command::Check(mut args) }) => {
            // A selection of rules has no checklist.
            args.only = Vec::new();
            args.format = Vec::new();
            Ok(args)
        }
        Ok(_) => Err(Error::usage("`check` cannot be run", None)),
        Err(told) => Err(Error::usage(told.to_string(), None)),
    }
}
