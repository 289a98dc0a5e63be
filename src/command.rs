//! One file per subcommand, thin: settings in, text out, an exit code.

pub mod attest;
pub mod baseline;
pub mod check;
pub mod checklist;
pub mod explain;
mod fix;
pub mod init;
pub mod manual;
mod record;
pub mod rules;
pub mod run_allowed;
pub mod waive;

use std::io::{self, Write};

use crate::cli::Command;
use crate::error::Error;
use crate::exit::ExitCode;
use crate::mask;

/// Runs the subcommand.
///
/// # Errors
/// It could not run.
pub fn dispatch(command: &Command) -> Result<ExitCode, Error> {
    match command {
        Command::Check(args) => check::run(args),
        Command::Checklist(args) => checklist::run(args),
        Command::Attest(args) => attest::run(args),
        Command::Init(args) => init::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Rules(command) => rules::run(command),
        Command::Baseline(args) => baseline::run(args),
        Command::Waive(args) => waive::run(args),
        Command::Completions { shell } => manual::completions(*shell).map(|()| ExitCode::Ready).map_err(Error::output),
        Command::Man => manual::man().map(|()| ExitCode::Ready).map_err(Error::output),
    }
}

/// Tells on standard error why a run could not happen.
pub fn tell(error: Error) -> std::process::ExitCode {
    let error = error.masked(&|text| mask::plain(text).into_owned(), &|path, text| {
        let (text, words) = mask::stars(path, text);
        (text, Box::new(move |text: &str| words.hide(text).into_owned()))
    });
    let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(error));
    ExitCode::CouldNotRun.into()
}

/// Tells what the command line's parser has to say: help and version on standard output, mistakes on standard error.
pub fn tell_usage(told: &clap::Error) -> std::process::ExitCode {
    let text = told.render().to_string();
    match mask::plain(&text) {
        std::borrow::Cow::Owned(hidden) => drop(io::stderr().write_all(hidden.as_bytes())),
        std::borrow::Cow::Borrowed(_) => drop(told.print()),
    }
    if told.use_stderr() { ExitCode::CouldNotRun.into() } else { ExitCode::Ready.into() }
}

/// [`put`] for text that may hold words of the user or of a file: without the secrets in it.
pub(crate) fn put_masked(text: &str) -> io::Result<()> {
    put(&mask::plain(text))
}

/// Writes data to standard output; a closed pipe (`| head`) is not an error.
pub(crate) fn put(text: &str) -> io::Result<()> {
    put_bytes(text.as_bytes())
}

/// Talk, on standard error.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// [`put`] for what is already bytes.
pub(crate) fn put_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
