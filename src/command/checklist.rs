//! `checklist`: judge, and write the checklist alone as Markdown, the evidence beside each box.

use camino::Utf8Path;

use crate::cli::{CheckArgs, ChecklistArgs, Cli, Command};
use crate::error::Error;
use crate::exit::ExitCode;
use crate::report;
use crate::settings::{self, Settings};

/// Writes the checklist.
///
/// # Errors
/// The run could not happen, or the page could not be written.
pub fn run(args: &ChecklistArgs) -> Result<ExitCode, Error> {
    let settings = settings(&args.path, args.environment.as_deref(), args.now.as_deref())?;
    let report = crate::run(&settings)?;
    let mut page = Vec::new();
    report::checklist(&report, &mut page).map_err(Error::output)?;
    match &args.output {
        None => super::put_bytes(&page).map_err(Error::output)?,
        Some(file) => super::check::replace(file, &page)
            .map_err(|error| Error::usage(format!("cannot write {file}: {error}"), None))?,
    }
    Ok(ExitCode::Ready)
}

/// The settings of a plain `check` of `path`.
pub(super) fn settings(path: &Utf8Path, environment: Option<&str>, now: Option<&str>) -> Result<Settings, Error> {
    let mut args = plain()?;
    args.paths = vec![path.to_owned()];
    args.environment = environment.map(str::to_owned).or(args.environment);
    args.now = now.map(str::to_owned).or(args.now);
    Settings::new(&args, settings::clock())
}

fn plain() -> Result<Box<CheckArgs>, Error> {
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
