//! `rules list|test|new`: what rules there are, whether their examples hold, and how to start one.

mod list;
mod new;
mod test;

use crate::cli::RulesCommand;
use crate::error::Error;
use crate::exit::ExitCode;

/// The JSON Schema of what `rules list --format json` prints.
pub fn list_schema() -> serde_json::Value {
    list::json_schema()
}

/// Runs the subcommand.
///
/// # Errors
/// A selector that selects nothing, files that cannot be read or written.
pub fn run(command: &RulesCommand) -> Result<ExitCode, Error> {
    match command {
        RulesCommand::List { format, only } => list::run(*format, only),
        RulesCommand::Test { paths } => test::run(paths),
        RulesCommand::New { id, dir } => new::run(id, dir),
    }
}
